// *.demand.h5. Links stand once in /link_ids; routes and stops point there, so the file fits every city with
// these links.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "io/city/city_file.h"
#include "io/city/demand_internal.h"
#include "io/city/table_internal.h"
#include "io/h5/h5.h"

enum { TABLE_COUNT = ART_DEMAND_TABLES };

static const char *const links_path = "/link_ids";
static const char *const route_link_path = ART_DEMAND_ROUTE_LINKS;

#define D(member, name, units, text) ART_COLUMN(0, art_demand, member, name, units, text)
#define D_INDEX(member, name, axis, text) ART_COLUMN_INDEX(0, art_demand, member, name, axis, 0, text)
#define D_ID(member, name, text) ART_COLUMN_TEXT(ART_COLUMN_ID, 0, art_demand, member, name, text)
#define D_COUNTS(member, name, target, text) ART_COLUMN_COUNTS(0, art_demand, member, name, target, text)

static const art_column type_columns[] = { D_ID(type_id, "type", "id of the vehicle type") };

static const art_column set_columns[] = {
  D_ID(set_id, "set", "id of the set of types that a trip draws from"),
  D_COUNTS(set_first, "member_count", "/sets/members/member", "types in the set"),
};

static const art_column member_columns[] = {
  D_INDEX(set_type, "type", "/types/type", "index of the type"),
  D(set_probability, "probability", "1", "probability of the type within its set"),
};

static const art_column route_columns[] = {
  D_COUNTS(route_first, "link_count", "/routes/links/place", "links of the route"),
};

static const art_column trip_columns[] = {
  { .name = "trip", .role = ART_COLUMN_ID, .type = ART_H5_STRING, .offset = offsetof(art_demand, trip_id),
    .pool_offset = offsetof(art_demand, trip_id_pool), .long_name = "id of the trip" },
  D_INDEX(trip_set, "set", "/sets/set", "index of the set of types"),
  D_INDEX(trip_route, "route", "/routes/route", "index of the route"),
  D(trip_depart_ms, "depart", "ms", "planned departure"),
  D(trip_depart_lane, "depart_lane", "1",
    "lane of departure; -1 best, -2 first allowed, -3 random, -4 emptiest, -5 any allowed"),
  D(trip_depart_pos_m, "depart_position", "m",
    "front bumper at departure, negative from the end; -2e6 base, -3e6 last, -4e6 random, -5e6 free"),
  D(trip_depart_speed_mps, "depart_speed", "m s-1",
    "speed at departure; -1 highest safe, -2 desired, -3 limit, -4 of the last vehicle, -5 mean, -6 random"),
  D(trip_arrival_pos_m, "arrival_position", "m",
    "where the trip ends, negative from the end; -1e6 the lane's end"),
  D_COUNTS(trip_first_stop, "stop_count", "/stops/stop", "planned stops"),
};

static const art_column stop_columns[] = {
  D(stop_start_m, "start", "m", "begin of the stopping place on the lane"),
  D(stop_end_m, "end", "m", "end of the stopping place on the lane"),
  D(stop_duration_ms, "duration", "ms", "dwell time"),
  D(stop_until_ms, "until", "ms", "leaves not before this time, -1 if free"),
  D(stop_beside, "beside", "1", "1: dwells in a bay beside the lane"),
};

static int64_t member_rows(void *const *owner)
{
  const art_demand *d = owner[0];
  return d->set_first ? d->set_first[d->set_count] : 0;
}

#define COLUMNS(columns) .column_count = (int)(sizeof columns / sizeof *columns), .column = columns
#define COUNTED(member) .count_offset = offsetof(art_demand, member)

const art_table art_demand_tables[TABLE_COUNT] = {
  { "/types", "type", NULL, COUNTED(type_count), COLUMNS(type_columns) },
  { "/sets", "set", NULL, COUNTED(set_count), COLUMNS(set_columns) },
  { "/sets/members", "member", "index of a type within a set", .count_offset = ART_NO_COUNT,
    .rows = member_rows, COLUMNS(member_columns) },
  { "/routes", "route", "index of a route", COUNTED(route_count), COLUMNS(route_columns) },
  { "/trips", "trip", NULL, COUNTED(trip_count), COLUMNS(trip_columns) },
  { "/stops", "stop", "index of a planned stop", COUNTED(stop_count), COLUMNS(stop_columns) },
};

static int64_t route_links(const art_demand *d)
{
  return d->route_first ? d->route_first[d->route_count] : 0;
}

// ---- parameters of types, from their list

typedef struct type_param {
  const char *name, *units, *sentence;
  size_t offset;
  float initial;
} type_param;

static const type_param type_params[] = {
#define X(name, unit, initial, lowest, highest, sentence) \
  { #name, unit, sentence, offsetof(art_vtype, name), initial },
  ART_TYPE_PARAM_LIST(X)
#undef X
};
enum { TYPE_PARAM_COUNT = sizeof type_params / sizeof *type_params };

static void write_types(art_h5 *f, const art_demand *d)
{
  const int32_t n = d->type_count;
  float *value = ART_NEW(float, n);
  for (int p = 0; p < TYPE_PARAM_COUNT; ++p) {
    char path[128];
    snprintf(path, sizeof path, "/types/%s", type_params[p].name);
    for (int32_t i = 0; i < n; ++i)
      memcpy(&value[i], (const char *)&d->type[i] + type_params[p].offset, sizeof *value);
    art_h5_put(f,
               &(art_h5_var){ .path = path,
                              .type = ART_H5_FLOAT,
                              .units = type_params[p].units,
                              .long_name = type_params[p].sentence,
                              .axis = { "type" } },
               n, 0, value);
  }
  free(value);
  const char **text = ART_NEW(const char *, n);
  for (int32_t i = 0; i < n; ++i) text[i] = art_vclass_name(d->type[i].vclass);
  art_h5_put(f,
             &(art_h5_var){ .path = "/types/vclass",
                            .type = ART_H5_STRING,
                            .axis = { "type" },
                            .long_name = "vehicle class" },
             n, 0, text);
  for (int32_t i = 0; i < n; ++i) text[i] = d->type[i].model < 0 ? "" : art_model_name(d->type[i].model);
  art_h5_put(f,
             &(art_h5_var){ .path = "/types/model",
                            .type = ART_H5_STRING,
                            .axis = { "type" },
                            .long_name = "car-following model, empty for the scenario's default" },
             n, 0, text);
  free(text);
}

static void read_type_names(art_h5 *f, art_demand *d)
{
  const int32_t n = d->type_count;
  char **vclass = art_h5_get_new(f, "/types/vclass", ART_H5_STRING, n, 0, NULL);
  char **model = art_h5_get_new(f, "/types/model", ART_H5_STRING, n, 0, NULL);
  for (int32_t i = 0; vclass && model && i < n; ++i) {
    d->type[i].vclass = art_vclass_find(vclass[i]);
    d->type[i].model = model[i][0] ? art_model_find(model[i]) : ART_MODEL_DEFAULT;
    if (d->type[i].vclass < 0)
      art_h5_refuse(f, "/types/vclass", "type '%s': unknown vehicle class '%.100s'", d->type_id[i],
                    vclass[i]);
    if (model[i][0] && d->type[i].model < 0)
      art_h5_refuse(f, "/types/model", "type '%s': unknown car-following model '%.100s'", d->type_id[i],
                    model[i]);
  }
  art_h5_free_strings(vclass, n);
  art_h5_free_strings(model, n);
}

/// What a type of a file means that was written before there was such a parameter: as then, its drivers are alike.
static float value_when_absent(const type_param *param)
{
  const int is_spread =
      param->offset == offsetof(art_vtype, time_gap_dev) || param->offset == offsetof(art_vtype, noise_mps2);
  return is_spread ? 0.0f : param->initial;
}

/// A parameter that the file lacks (it was written before the parameter existed) keeps its default.
void art_demand_read_types(art_h5 *f, art_demand *d)
{
  const int32_t n = d->type_count;
  d->type = ART_NEW(art_vtype, n);
  for (int p = 0; p < TYPE_PARAM_COUNT && art_h5_status(f, NULL) == ART_OK; ++p) {
    char path[128];
    snprintf(path, sizeof path, "/types/%s", type_params[p].name);
    const int is_there = art_h5_kind_of(f, path) == ART_H5_DATASET;
    float *value = is_there ? art_h5_get_new(f, path, ART_H5_FLOAT, n, 0, NULL) : ART_NEW(float, n);
    for (int32_t i = 0; value && i < n; ++i) {
      const float v = is_there ? value[i] : value_when_absent(&type_params[p]);
      memcpy((char *)&d->type[i] + type_params[p].offset, &v, sizeof v);
    }
    free(value);
  }
  read_type_names(f, d);
}

// ---- links by id

/// Index in /link_ids of every link of the city that the demand uses, in the city's order; -1 for the others.
static int32_t *used_links(const art_demand *d, const art_net *net, int32_t *count, char ***ids)
{
  int32_t *place = ART_NEW(int32_t, net->link_count);
  for (int64_t k = 0; k < route_links(d); ++k) place[d->route_link[k]] = 1;
  for (int32_t s = 0; s < d->stop_count; ++s) place[net->lane_link[d->stop_lane[s]]] = 1;
  *ids = ART_NEW(char *, net->link_count);
  *count = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int is_used = place[l];
    place[l] = is_used ? *count : -1;
    if (is_used) (*ids)[(*count)++] = net->link_id[l];
  }
  return place;
}

static void write_links(art_h5 *f, const art_demand *d, const art_net *net)
{
  int32_t count;
  char **ids;
  int32_t *place = used_links(d, net, &count, &ids);
  art_h5_put(f,
             &(art_h5_var){ .path = links_path,
                            .type = ART_H5_STRING,
                            .is_scale = 1,
                            .long_name = "ids of the links that routes and stops use" },
             count, 0, ids);
  free(ids);

  const int64_t n = route_links(d);
  int32_t *link = ART_NEW(int32_t, n);
  for (int64_t k = 0; k < n; ++k) link[k] = place[d->route_link[k]];
  art_h5_group(f, "/routes/links");
  art_h5_put_index(f, "/routes/links/place", n, "index of a link within a route");
  art_h5_put(f,
             &(art_h5_var){ .path = route_link_path,
                            .type = ART_H5_INT32,
                            .units = "1",
                            .axis = { "place" },
                            .long_name = "index into /link_ids" },
             n, 0, link);
  free(link);

  link = ART_NEW(int32_t, d->stop_count);
  int32_t *lane = ART_NEW(int32_t, d->stop_count);
  char **stop = ART_NEW(char *, d->stop_count);
  for (int32_t s = 0; s < d->stop_count; ++s) {
    link[s] = place[net->lane_link[d->stop_lane[s]]];
    lane[s] = art_net_lane_index(net, d->stop_lane[s]);
    stop[s] = d->stop_place[s] < 0 ? NULL : net->stop_id[d->stop_place[s]];
  }
  art_h5_put(f,
             &(art_h5_var){ .path = "/stops/link",
                            .type = ART_H5_INT32,
                            .units = "1",
                            .axis = { "stop" },
                            .long_name = "index into /link_ids" },
             d->stop_count, 0, link);
  art_h5_put(f,
             &(art_h5_var){ .path = "/stops/lane",
                            .type = ART_H5_INT32,
                            .units = "1",
                            .axis = { "stop" },
                            .long_name = "lane of the link, 0 at the kerb" },
             d->stop_count, 0, lane);
  art_h5_put(f,
             &(art_h5_var){ .path = "/stops/place",
                            .type = ART_H5_STRING,
                            .axis = { "stop" },
                            .long_name = "id of the bus stop of the city, empty if there is none" },
             d->stop_count, 0, stop);
  free(stop);
  free(lane);
  free(link);
  free(place);
}

art_status art_demand_write(const char *path, const art_demand *demand, const art_net *net,
                            const char *command, int source_count, const art_source *source, int force,
                            art_error *err)
{
  art_h5 *f;
  const art_status status = art_h5_create(path, force, &f, err);
  if (status != ART_OK) return status;
  void *const owner[1] = { (void *)demand };  // only read
  art_h5_set_schema(f, "demand", ART_DEMAND_VERSION, NULL, command);
  for (int i = 0; i < TABLE_COUNT; ++i) art_table_write(f, &art_demand_tables[i], owner);
  write_types(f, demand);
  write_links(f, demand, net);
  art_sources_write(f, source_count, source);
  return art_h5_commit(f, err);
}

// ---- reading

/// Links of /link_ids in the city; -1 where the city has none of that id, which matters only if a trip uses
/// it.
int32_t *art_demand_find_links(art_h5 *f, const art_net *net, char ***ids, int64_t *count)
{
  *ids = art_h5_get_new(f, links_path, ART_H5_STRING, -1, 0, count);
  if (!*ids) return NULL;
  art_idmap *map = art_idmap_new();
  for (int32_t l = 0; l < net->link_count; ++l) art_idmap_put(map, net->link_id[l]);
  int32_t *link = ART_NEW(int32_t, *count);
  for (int64_t i = 0; i < *count; ++i) link[i] = art_idmap_find(map, (*ids)[i]);
  art_idmap_free(map);
  return link;
}

/// Fails with the first trip that uses the route, because that is what the user knows.
static void refuse_route(art_h5 *f, const art_demand *d, int64_t route, const char *link)
{
  for (int32_t t = 0; t < d->trip_count; ++t)
    if (d->trip_route[t] == route) {
      art_h5_refuse(f, NULL, "trip '%.200s': link '%.200s' is not in the city", d->trip_id[t], link);
      return;
    }
  art_h5_refuse(f, NULL, "route %" PRId64 ": link '%.200s' is not in the city", route, link);
}

void art_demand_resolve_routes(art_h5 *f, art_demand *d, const int32_t *link, char **ids, int64_t count)
{
  int32_t *place = d->route_link;
  for (int64_t r = 0; r < d->route_count; ++r)
    for (int64_t k = d->route_first[r]; k < d->route_first[r + 1]; ++k) {
      const int32_t p = place[k];
      if (p < 0 || p >= count) {
        art_h5_refuse(f, route_link_path, "route %" PRId64 ": index %" PRId32 ", accepted 0 .. %" PRId64, r,
                      p, count - 1);
        return;
      }
      if (link[p] < 0) {
        refuse_route(f, d, r, ids[p]);
        return;
      }
      place[k] = link[p];
    }
}

static const char *trip_of_stop(const art_demand *d, int32_t stop)
{
  for (int32_t t = 0; t < d->trip_count; ++t)
    if (d->trip_first_stop[t + 1] > stop) return d->trip_id[t];
  return "?";
}

/// Turns link, lane and place of one stop into indices of the city.
static void resolve_stop(art_h5 *f, art_demand *d, const art_net *net, const art_idmap *places, int32_t s,
                         const char *id, int32_t link, int32_t lane, const char *place)
{
  if (link < 0) {
    art_h5_refuse(f, "/stops", "trip '%.200s': link '%.200s' is not in the city", trip_of_stop(d, s), id);
    return;
  }
  if (lane < 0 || lane >= art_net_link_lanes(net, link)) {
    art_h5_refuse(f, "/stops", "trip '%.200s': lane %" PRId32 " of link '%.200s', accepted 0 .. %" PRId32,
                  trip_of_stop(d, s), lane, id, art_net_link_lanes(net, link) - 1);
    return;
  }
  d->stop_lane[s] = net->link_first_lane[link] + lane;
  d->stop_place[s] = place[0] ? art_idmap_find(places, place) : -1;
  if (place[0] && d->stop_place[s] < 0)
    art_h5_refuse(f, "/stops", "trip '%.200s': bus stop '%.200s' is not in the city", trip_of_stop(d, s),
                  place);
}

void art_demand_resolve_stops(art_h5 *f, art_demand *d, const art_net *net, const int32_t *link, char **ids,
                              int64_t count, int64_t first)
{
  const int32_t n = d->stop_count;
  int32_t *place = ART_NEW(int32_t, n), *lane = ART_NEW(int32_t, n);
  char **stop = ART_NEW(char *, n);
  d->stop_lane = ART_NEW(int32_t, n);
  d->stop_place = ART_NEW(int32_t, n);
  art_idmap *places = art_idmap_new();
  for (int32_t p = 0; p < net->stop_count && n > 0; ++p) art_idmap_put(places, net->stop_id[p]);
  art_h5_get_rows(f, "/stops/link", ART_H5_INT32, first, n, 0, place);
  art_h5_get_rows(f, "/stops/lane", ART_H5_INT32, first, n, 0, lane);
  art_h5_get_rows(f, "/stops/place", ART_H5_STRING, first, n, 0, stop);
  for (int32_t s = 0; s < n && art_h5_status(f, NULL) == ART_OK; ++s) {
    if (place[s] < 0 || place[s] >= count)
      art_h5_refuse(f, "/stops/link", "row %" PRId64 ": index %" PRId32 ", accepted 0 .. %" PRId64, first + s,
                    place[s], count - 1);
    else
      resolve_stop(f, d, net, places, s, ids[place[s]], link[place[s]], lane[s], stop[s]);
  }
  art_idmap_free(places);
  art_h5_free_strings(stop, n);
  free(lane);
  free(place);
}

/// All but links and lanes.
static art_status read_tables(art_h5 *f, art_demand *d)
{
  void *const owner[1] = { d };
  art_h5_check_schema(f, "demand", ART_DEMAND_VERSION);
  for (int i = 0; i < TABLE_COUNT && art_h5_status(f, NULL) == ART_OK; ++i)
    art_table_read(f, &art_demand_tables[i], owner);
  if (art_h5_status(f, NULL) == ART_OK) art_demand_read_types(f, d);
  return art_h5_status(f, NULL);
}

static int64_t check_indices(art_h5 *f, art_demand *d, art_on_problem report, void *context)
{
  void *const owner[1] = { d };
  int64_t found = 0;
  for (int i = 0; i < TABLE_COUNT; ++i) found += art_table_check(f, &art_demand_tables[i], owner, report, context);
  return found;
}

static void read_demand(art_h5 *f, art_demand *d, const art_net *net)
{
  if (read_tables(f, d) != ART_OK || check_indices(f, d, NULL, NULL) > 0) return;
  d->trip_key = ART_NEW(uint64_t, d->trip_count);
  for (int32_t t = 0; t < d->trip_count; ++t) d->trip_key[t] = art_trip_key(d->trip_id[t]);
  char **ids = NULL;
  int64_t count = 0;
  int32_t *link = art_demand_find_links(f, net, &ids, &count);
  if (link) d->route_link = art_h5_get_new(f, route_link_path, ART_H5_INT32, route_links(d), 0, NULL);
  if (link && d->route_link) {
    art_demand_resolve_routes(f, d, link, ids, count);
    // All rows, no more and no fewer.
    static const char *const stop_columns_by_id[] = { "/stops/link", "/stops/lane", "/stops/place" };
    for (int i = 0; i < 3; ++i)
      if (art_h5_rows(f, stop_columns_by_id[i]) != d->stop_count && art_h5_status(f, NULL) == ART_OK)
        art_h5_refuse(f, stop_columns_by_id[i], "has %" PRId64 " values, expected %" PRId32,
                      art_h5_rows(f, stop_columns_by_id[i]), d->stop_count);
    art_demand_resolve_stops(f, d, net, link, ids, count, 0);
  }
  free(link);
  art_h5_free_strings(ids, count);
}

art_status art_demand_read(const char *path, const art_net *net, art_demand **out, art_error *err)
{
  *out = NULL;
  art_h5 *f;
  art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  art_demand *demand = art_demand_new();
  read_demand(f, demand, net);
  status = art_h5_commit(f, err);
  if (status == ART_OK) {
    status = art_demand_check(demand, net, err);
    if (status != ART_OK) art_fail_prefix(err, "%s: ", path);
  }
  if (status == ART_OK)
    *out = demand;
  else
    art_demand_free(demand);
  return status;
}

// ---- every problem

static int64_t list_missing_links(art_h5 *f, const art_net *net, art_on_problem report, void *context)
{
  char **ids = NULL;
  int64_t count = 0, found = 0;
  int32_t *link = art_demand_find_links(f, net, &ids, &count);
  for (int64_t i = 0; link && i < count; ++i) {
    if (link[i] >= 0) continue;
    char line[900];
    snprintf(line, sizeof line, "%.400s:%s: link '%.300s': is not in the city", art_h5_path(f), links_path,
             ids[i]);
    report(context, line);
    ++found;
  }
  free(link);
  art_h5_free_strings(ids, count);
  return found;
}

int64_t art_demand_problems(const char *path, const art_net *net, art_on_problem report, void *context)
{
  art_h5 *f;
  art_error err = { ART_OK, "" };
  art_demand *demand = NULL;
  int64_t found = 0;
  if (art_h5_open(path, &f, &err) == ART_OK) {
    demand = art_demand_new();
    if (read_tables(f, demand) == ART_OK) {
      found = check_indices(f, demand, report, context);
      found += list_missing_links(f, net, report, context);
    }
    art_demand_free(demand);
    art_h5_discard(f);
    if (found > 0) return found;
  }
  if (art_demand_read(path, net, &demand, &err) == ART_OK) {
    art_demand_free(demand);
    return 0;
  }
  report(context, err.message);
  return 1;
}

// ---- hash

/// Where routes and stops lead, by id: what a city and a file can both tell.
typedef struct named {
  const char **route_link;  ///< [links of all routes]
  const char **stop_link, **stop_place;
  int32_t *stop_lane;  ///< within the link
} named;

static named named_new(const art_demand *d)
{
  return (named){ ART_NEW(const char *, route_links(d)), ART_NEW(const char *, d->stop_count),
                  ART_NEW(const char *, d->stop_count), ART_NEW(int32_t, d->stop_count) };
}

static void named_clear(named *n)
{
  free(n->route_link);
  free(n->stop_link);
  free(n->stop_place);
  free(n->stop_lane);
}

static uint64_t hash_demand(const art_demand *d, const named *n)
{
  void *const owner[1] = { (void *)d };
  uint64_t hash = ART_DEMAND_VERSION;
  for (int i = 0; i < TABLE_COUNT; ++i) hash = art_table_hash(hash, &art_demand_tables[i], owner);
  for (int32_t t = 0; t < d->type_count; ++t) {
    for (int p = 0; p < TYPE_PARAM_COUNT; ++p)
      hash = art_hash_bytes(hash, (const char *)&d->type[t] + type_params[p].offset, sizeof(float));
    hash = art_hash_text(hash, art_vclass_name(d->type[t].vclass));
    hash = art_hash_text(hash, d->type[t].model < 0 ? "" : art_model_name(d->type[t].model));
  }
  for (int64_t k = 0; k < route_links(d); ++k) hash = art_hash_text(hash, n->route_link[k]);
  for (int32_t s = 0; s < d->stop_count; ++s) {
    hash = art_hash_text(hash, n->stop_link[s]);
    hash = art_hash2(hash, (uint64_t)n->stop_lane[s]);
    hash = art_hash_text(hash, n->stop_place[s]);
  }
  return hash;
}

uint64_t art_demand_hash(const art_demand *d, const art_net *net)
{
  named n = named_new(d);
  for (int64_t k = 0; k < route_links(d); ++k) n.route_link[k] = net->link_id[d->route_link[k]];
  for (int32_t s = 0; s < d->stop_count; ++s) {
    n.stop_link[s] = net->link_id[net->lane_link[d->stop_lane[s]]];
    n.stop_lane[s] = art_net_lane_index(net, d->stop_lane[s]);
    n.stop_place[s] = d->stop_place[s] < 0 ? NULL : net->stop_id[d->stop_place[s]];
  }
  const uint64_t hash = hash_demand(d, &n);
  named_clear(&n);
  return hash;
}

// ---- without a city

static const char *id_at(art_h5 *f, char **ids, int64_t count, int32_t place)
{
  if (place >= 0 && place < count) return ids[place];
  art_h5_refuse(f, NULL, "index %" PRId32 " into /link_ids, accepted 0 .. %" PRId64, place, count - 1);
  return "";
}

/// The hash from what stands in the file; the links need not exist anywhere.
static void hash_file(art_h5 *f, const art_demand *d, art_demand_summary *out)
{
  named n = named_new(d);
  int64_t count = 0;
  char **ids = art_h5_get_new(f, links_path, ART_H5_STRING, -1, 0, &count);
  int32_t *route = art_h5_get_new(f, route_link_path, ART_H5_INT32, route_links(d), 0, NULL);
  int32_t *link = art_h5_get_new(f, "/stops/link", ART_H5_INT32, d->stop_count, 0, NULL);
  char **place = art_h5_get_new(f, "/stops/place", ART_H5_STRING, d->stop_count, 0, NULL);
  if (art_h5_get(f, "/stops/lane", ART_H5_INT32, d->stop_count, 0, n.stop_lane) == ART_OK) {
    for (int64_t k = 0; k < route_links(d); ++k) n.route_link[k] = id_at(f, ids, count, route[k]);
    for (int32_t s = 0; s < d->stop_count; ++s) {
      n.stop_link[s] = id_at(f, ids, count, link[s]);
      n.stop_place[s] = place[s];
    }
    out->hash = hash_demand(d, &n);
  }
  art_h5_free_strings(place, d->stop_count);
  free(link);
  free(route);
  art_h5_free_strings(ids, count);
  named_clear(&n);
  out->links = count;
}

static void summarize(art_h5 *f, art_demand *d, art_demand_summary *out)
{
  if (read_tables(f, d) != ART_OK) return;
  hash_file(f, d, out);
  out->title = art_h5_get_text(f, "/", "title");
  out->types = d->type_count;
  out->sets = d->set_count;
  out->routes = d->route_count;
  out->trips = d->trip_count;
  out->stops = d->stop_count;
  out->first_depart_ms = d->trip_count ? d->trip_depart_ms[0] : -1;
  out->last_depart_ms = d->trip_count ? d->trip_depart_ms[d->trip_count - 1] : -1;  // they ascend
  art_sources_read(f, &out->source_count, &out->source);
}

art_status art_demand_summarize(const char *path, art_demand_summary *out, art_error *err)
{
  *out = (art_demand_summary){ 0 };
  art_h5 *f;
  art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  art_demand *demand = art_demand_new();
  summarize(f, demand, out);
  art_demand_free(demand);
  status = art_h5_commit(f, err);
  if (status != ART_OK) art_demand_summary_clear(out);
  return status;
}

void art_demand_summary_clear(art_demand_summary *summary)
{
  free(summary->title);
  for (int32_t i = 0; i < summary->source_count; ++i) free(summary->source[i].path);
  free(summary->source);
  *summary = (art_demand_summary){ 0 };
}
