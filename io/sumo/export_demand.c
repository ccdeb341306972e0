// A demand as a *.rou.xml, stops, detectors and signals as an additional file, and the configuration that runs all.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/sumo/export_internal.h"

static void put_lane_id(art_xml_out *out, const char *attribute, const art_net *net, int32_t lane)
{
  art_xml_out_begin(out, attribute);
  art_xml_out_add(out, "%s_%d", net->link_id[net->lane_link[lane]], art_net_lane_index(net, lane));
  art_xml_out_end(out);
}

// --- stops and detectors ------------------------------------------------------------------------------------------------

static void put_detector(art_xml_out *out, const art_net *net, int32_t d)
{
  const int32_t first = net->detector_first_point[d], end = net->detector_first_point[d + 1];
  static const char *const names[] = { "inductionLoop", "laneAreaDetector", "entryExitDetector" };
  const int kind = net->detector_kind[d];
  art_xml_out_open(out, names[kind]);
  art_xml_out_text(out, "id", net->detector_id[d]);
  if (kind == ART_DETECTOR_POINT) {
    put_lane_id(out, "lane", net, net->detector_lane[first]);
    art_xml_out_number(out, "pos", (double)net->detector_pos_m[first]);
  } else if (kind == ART_DETECTOR_AREA) {
    art_xml_out_begin(out, "lanes");
    for (int32_t p = first; p < end; ++p) {
      const int32_t lane = net->detector_lane[p];
      art_xml_out_add(out, "%s%s_%d", p > first ? " " : "", net->link_id[net->lane_link[lane]],
                      art_net_lane_index(net, lane));
    }
    art_xml_out_end(out);
    art_xml_out_number(out, "pos", (double)net->detector_pos_m[first]);
    art_xml_out_number(out, "endPos", (double)net->detector_end_m[end - 1]);
  }
  art_xml_out_time(out, "period", net->detector_period_ms[d]);
  art_xml_out_text(out, "file", "detectors.xml");
  for (int32_t p = first; kind == ART_DETECTOR_ENTRY_EXIT && p < end; ++p) {
    art_xml_out_open(out, net->detector_role[p] ? "detExit" : "detEntry");
    put_lane_id(out, "lane", net, net->detector_lane[p]);
    art_xml_out_number(out, "pos", (double)net->detector_pos_m[p]);
    art_xml_out_close(out);
  }
  art_xml_out_close(out);
}

/// SUMO's detectors lie on lanes of links.
static int can_export(const art_net *net, int32_t d)
{
  for (int32_t p = net->detector_first_point[d]; p < net->detector_first_point[d + 1]; ++p)
    if (art_net_is_connector(net, net->detector_lane[p])) return 0;
  return 1;
}

art_status art_sumo_export_additional(const art_city *city, const char *path, int32_t *count,
                                      art_sumo_signal_losses *losses, art_error *err)
{
  const art_net *net = city->net;
  *losses = (art_sumo_signal_losses){ 0 };
  *count = net->stop_count;
  for (int32_t i = 0; i < net->signal_count; ++i) *count += !art_sumo_signal_is_plain(net, i);
  for (int32_t d = 0; d < net->detector_count; ++d) *count += can_export(net, d);
  if (!*count) return ART_OK;
  art_xml_out *out = art_xml_out_new(path, err);
  if (!out) return err->status;
  art_xml_out_open(out, "additional");
  for (int32_t i = 0; i < net->stop_count; ++i) {
    art_xml_out_open(out, "busStop");
    art_xml_out_text(out, "id", net->stop_id[i]);
    put_lane_id(out, "lane", net, net->stop_lane[i]);
    art_xml_out_number(out, "startPos", (double)net->stop_start_m[i]);
    art_xml_out_number(out, "endPos", (double)net->stop_end_m[i]);
    art_xml_out_close(out);
  }
  for (int32_t d = 0; d < net->detector_count; ++d)
    if (can_export(net, d)) put_detector(out, net, d);
  art_sumo_put_other_signals(out, net, losses);
  return art_xml_out_finish(out, 1, err);
}

// --- types --------------------------------------------------------------------------------------------------------------

/// Models by their names here and there; those without a counterpart become the nearest one.
static const char *model_name(int32_t model, const char *otherwise)
{
  static const char *const names[][2] = { { "iidm", "IDM" },     { "idm", "IDM" },
                                          { "idm_plus", "IDM" }, { "krauss", "Krauss" },
                                          { "acc", "ACC" },      { "cacc", "CACC" },
                                          { "w99", "W99" },      { "wiedemann99", "W99" } };
  if (model == ART_MODEL_DEFAULT) return otherwise;
  const char *name = art_model_name(model);
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (strcmp(names[i][0], name) == 0) return names[i][1];
  return otherwise;
}

static void put_type(art_xml_out *out, const char *id, const art_vtype *t, const char *model)
{
  art_xml_out_open(out, "vType");
  art_xml_out_text(out, "id", id);
  art_xml_out_text(out, "vClass", art_vclass_name(t->vclass));
  art_xml_out_text(out, "carFollowModel", model_name(t->model, model));
  const struct {
    const char *name;
    float value;
  } numbers[] = {
    { "length", t->length_m },
    { "width", t->width_m },
    { "minGap", t->min_gap_m },
    { "tau", t->time_gap_s },
    { "accel", t->accel_mps2 },
    { "decel", t->decel_mps2 },
    { "emergencyDecel", t->emergency_decel_mps2 },
    { "maxSpeed", t->max_speed_mps },
    { "sigma", t->sigma },
    { "startupDelay", t->startup_delay_s },
    { "lcStrategic", t->lc_strategic },
    { "lcCooperative", t->lc_cooperative },
    { "lcSpeedGain", t->lc_speed_gain },
    { "lcKeepRight", t->lc_keep_right },
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i)
    art_xml_out_number(out, numbers[i].name, (double)numbers[i].value);
  if (t->impatience <= -1.0f)
    art_xml_out_text(out, "impatience", "off");
  else
    art_xml_out_number(out, "impatience", (double)t->impatience);
  art_xml_out_begin(out, "speedFactor");
  art_xml_out_add(out, "normc(%.6g,%.6g,%.6g,%.6g)", (double)t->speed_factor_mean,
                  (double)t->speed_factor_dev, (double)t->speed_factor_min, (double)t->speed_factor_max);
  art_xml_out_end(out);
  art_xml_out_close(out);
}

/// A set of one type of the same name is that type.
static int is_plain_set(const art_demand *d, int32_t s)
{
  return d->set_first[s + 1] == d->set_first[s] + 1 &&
         strcmp(d->set_id[s], d->type_id[d->set_type[d->set_first[s]]]) == 0;
}

static void put_sets(art_xml_out *out, const art_demand *d)
{
  for (int32_t s = 0; s < d->set_count; ++s) {
    if (is_plain_set(d, s)) continue;
    art_xml_out_open(out, "vTypeDistribution");
    art_xml_out_text(out, "id", d->set_id[s]);
    for (int pass = 0; pass < 2; ++pass) {
      art_xml_out_begin(out, pass ? "probabilities" : "vTypes");
      for (int32_t i = d->set_first[s]; i < d->set_first[s + 1]; ++i) {
        const char *space = i > d->set_first[s] ? " " : "";
        if (pass)
          art_xml_out_add(out, "%s%.9g", space, (double)d->set_probability[i]);
        else
          art_xml_out_add(out, "%s%s", space, d->type_id[d->set_type[i]]);
      }
      art_xml_out_end(out);
    }
    art_xml_out_close(out);
  }
}

// --- vehicles -----------------------------------------------------------------------------------------------------------

static void put_route(art_xml_out *out, const art_net *net, const art_demand *d, int32_t route, int has_id)
{
  art_xml_out_open(out, "route");
  if (has_id) {
    art_xml_out_begin(out, "id");
    art_xml_out_add(out, "r%d", route);
    art_xml_out_end(out);
  }
  art_xml_out_begin(out, "edges");
  for (int64_t i = d->route_first[route]; i < d->route_first[route + 1]; ++i)
    art_xml_out_add(out, "%s%s", i > d->route_first[route] ? " " : "", net->link_id[d->route_link[i]]);
  art_xml_out_end(out);
  art_xml_out_close(out);
}

static void put_departure(art_xml_out *out, const art_demand *d, int32_t trip)
{
  static const char *const lanes[] = { "best", "first", "random", "free", "allowed" };  // -1, -2, ...
  static const char *const speeds[] = { "max", "desired", "speedLimit", "last", "avg", "random" };
  const int32_t lane = d->trip_depart_lane[trip];
  const float pos = d->trip_depart_pos_m[trip], speed = d->trip_depart_speed_mps[trip];
  if (lane >= 0)
    art_xml_out_integer(out, "departLane", lane);
  else
    art_xml_out_text(out, "departLane", lanes[-1 - lane]);
  if (pos == ART_POS_BASE || pos == ART_POS_LAST || pos == ART_POS_RANDOM || pos == ART_POS_FREE)
    art_xml_out_text(out, "departPos",
                     pos == ART_POS_BASE   ? "base"
                     : pos == ART_POS_LAST ? "last"
                     : pos == ART_POS_FREE ? "free"
                                           : "random");
  else
    art_xml_out_number(out, "departPos", (double)pos);
  if (speed < 0.0f)
    art_xml_out_text(out, "departSpeed", speeds[(int)(-1.0f - speed)]);
  else
    art_xml_out_number(out, "departSpeed", (double)speed);
}

static void put_stops(art_xml_out *out, const art_net *net, const art_demand *d, int32_t trip)
{
  for (int32_t i = d->trip_first_stop[trip]; i < d->trip_first_stop[trip + 1]; ++i) {
    art_xml_out_open(out, "stop");
    if (d->stop_place[i] >= 0)
      art_xml_out_text(out, "busStop", net->stop_id[d->stop_place[i]]);
    else {
      put_lane_id(out, "lane", net, d->stop_lane[i]);
      art_xml_out_number(out, "startPos", (double)d->stop_start_m[i]);
      art_xml_out_number(out, "endPos", (double)d->stop_end_m[i]);
    }
    art_xml_out_time(out, "duration", d->stop_duration_ms[i]);
    if (d->stop_until_ms[i] >= 0) art_xml_out_time(out, "until", d->stop_until_ms[i]);
    art_xml_out_close(out);
  }
}

art_status art_sumo_export_routes(const art_city *city, const art_demand *d, const char *model,
                                  const char *path, art_error *err)
{
  const art_net *net = city->net;
  art_xml_out *out = art_xml_out_new(path, err);
  if (!out) return err->status;
  art_xml_out_open(out, "routes");
  for (int32_t i = 0; i < d->type_count; ++i) put_type(out, d->type_id[i], &d->type[i], model);
  put_sets(out, d);
  int32_t *uses = ART_NEW(int32_t, d->route_count);
  for (int32_t i = 0; i < d->trip_count; ++i) ++uses[d->trip_route[i]];
  for (int32_t r = 0; r < d->route_count; ++r)
    if (uses[r] > 1) put_route(out, net, d, r, 1);
  for (int32_t i = 0; i < d->trip_count; ++i) {
    const int32_t route = d->trip_route[i];
    art_xml_out_open(out, "vehicle");
    art_xml_out_text(out, "id", d->trip_id[i]);
    art_xml_out_text(out, "type", d->set_id[d->trip_set[i]]);
    art_xml_out_time(out, "depart", d->trip_depart_ms[i]);
    put_departure(out, d, i);
    if (d->trip_arrival_pos_m[i] != ART_POS_END)
      art_xml_out_number(out, "arrivalPos", (double)d->trip_arrival_pos_m[i]);
    if (uses[route] > 1) {
      art_xml_out_begin(out, "route");
      art_xml_out_add(out, "r%d", route);
      art_xml_out_end(out);
    } else
      put_route(out, net, d, route, 0);
    put_stops(out, net, d, i);
    art_xml_out_close(out);
  }
  free(uses);
  return art_xml_out_finish(out, 1, err);
}

static void put_option(art_xml_out *out, const char *name, const char *value)
{
  if (!value) return;
  art_xml_out_open(out, name);
  art_xml_out_text(out, "value", value);
  art_xml_out_close(out);
}

art_status art_sumo_export_config(const char *net, const char *additional, const char *routes,
                                  int64_t begin_ms, int64_t step_ms, const char *path, art_error *err)
{
  art_xml_out *out = art_xml_out_new(path, err);
  if (!out) return err->status;
  art_xml_out_open(out, "configuration");
  art_xml_out_open(out, "input");
  put_option(out, "net-file", net);
  put_option(out, "additional-files", additional);
  put_option(out, "route-files", routes);
  art_xml_out_close(out);
  art_xml_out_open(out, "time");
  art_xml_out_open(out, "begin");
  art_xml_out_time(out, "value", begin_ms);
  art_xml_out_close(out);
  art_xml_out_open(out, "step-length");
  art_xml_out_time(out, "value", step_ms);
  art_xml_out_close(out);
  art_xml_out_close(out);
  art_xml_out_open(out, "processing");  // nobody is taken off the road
  put_option(out, "time-to-teleport", "-1");
  art_xml_out_close(out);
  return art_xml_out_finish(out, 1, err);
}
