// From macroscopic links to roads with lanes.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/geo/plane.h"
#include "io/tntp/tntp.h"

#define DEFAULT_LENGTH_M 100.0  // of links whose file says 0, as connectors of zones
#define DEFAULT_SPEED_MPS (50.0 / 3.6)
#define SHORTEST_M 30.0
#define SLOWEST_MPS 3.0
#define FASTEST_MPS 40.0
#define LIGHT_SPEED_MPS (80.5 / 3.6)  // faster roads have no signals
#define LEAST_MEDIAN_MPS 2.5
#define MOST_MEDIAN_MPS 55.0

static int compare_doubles(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static double median(double *values, int32_t count)
{
  art_sort(values, (size_t)count, sizeof *values, compare_doubles);
  return count ? values[count / 2] : 0.0;
}

static int is_connector(const art_tntp_net *net, const art_tntp_link *link)
{
  return link->from < net->first_through || link->to < net->first_through;
}

/// Lengths and speeds in our units; the median of speeds tells whether the units are right.
static art_status scale(const art_tntp_net *net, const art_tntp_options *o, double *length, double *speed,
                        art_tntp_report *report, art_error *err)
{
  report->length_unit_m = o->length_unit_m > 0.0     ? o->length_unit_m
                          : net->length_unit_m > 0.0 ? net->length_unit_m
                                                     : 1000.0;
  report->time_unit_s = o->time_unit_s > 0.0     ? o->time_unit_s
                        : net->time_unit_s > 0.0 ? net->time_unit_s
                                                 : 60.0;
  double *known = ART_NEW(double, net->link_count);
  int32_t count = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_tntp_link *link = &net->link[l];
    length[l] = link->length * report->length_unit_m;
    const double time_s = link->time * report->time_unit_s;
    speed[l] = link->length > 0.0 && time_s > 1e-6 ? length[l] / time_s : 0.0;
    report->links_without_length += link->length <= 0.0;
    report->links_without_time += speed[l] <= 0.0;
    if (speed[l] > 0.0) known[count++] = speed[l];
    if (link->length <= 0.0) length[l] = DEFAULT_LENGTH_M;
    if (speed[l] <= 0.0) speed[l] = DEFAULT_SPEED_MPS;
    report->speeds_clipped += speed[l] < SLOWEST_MPS || speed[l] > FASTEST_MPS;
    speed[l] = fmin(fmax(speed[l], SLOWEST_MPS), FASTEST_MPS);
    length[l] = fmin(fmax(length[l], SHORTEST_M), 1e6);
  }
  report->speed_mps = median(known, count);
  free(known);
  if (!count || (report->speed_mps >= LEAST_MEDIAN_MPS && report->speed_mps <= MOST_MEDIAN_MPS))
    return ART_OK;
  return art_fail(err, ART_E_INPUT,
                  "half of the links are faster than %.4g m/s at %g m and %g s a unit of length and time: "
                  "accepted: units "
                  "that give %g to %g m/s",
                  report->speed_mps, report->length_unit_m, report->time_unit_s, LEAST_MEDIAN_MPS,
                  MOST_MEDIAN_MPS);
}

/// Coordinates: of a system, or drawn to the scale of the lengths.
static art_status place(const art_tntp_net *net, const double *xy, const art_tntp_options *o,
                        const double *length, double *out, char **wkt, art_tntp_report *report,
                        art_error *err)
{
  const int32_t n = net->nodes;
  *wkt = NULL;
  if (!xy) {
    report->is_drawn = 1;
    art_tntp_place(net, length, out);
    return ART_OK;
  }
  if (o->crs) {
    double *x = ART_NEW(double, n), *y = ART_NEW(double, n);
    for (int32_t i = 0; i < n; ++i) x[i] = xy[2 * i], y[i] = xy[2 * i + 1];
    const art_status status = art_plane_from(o->crs, n, x, y, wkt, err);
    for (int32_t i = 0; i < n; ++i) out[2 * i] = x[i], out[2 * i + 1] = y[i];
    free(x);
    free(y);
    return status;
  }
  double *ratio = ART_NEW(double, net->link_count);
  int32_t count = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t a = 2 * (net->link[l].from - 1), b = 2 * (net->link[l].to - 1);
    const double drawn = hypot(xy[b] - xy[a], xy[b + 1] - xy[a + 1]);
    if (drawn > 0.0 && net->link[l].length > 0.0) ratio[count++] = length[l] / drawn;
  }
  const double factor = count ? median(ratio, count) : 1.0;
  for (int32_t i = 0; i < 2 * n; ++i) out[i] = factor * xy[i];
  free(ratio);
  return ART_OK;
}

static void add_links(const art_tntp_net *net, const art_tntp_options *o, const double *length,
                      const double *speed, art_sketch *sketch, art_tntp_report *report)
{
  art_idmap *ids = art_idmap_new();
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_tntp_link *link = &net->link[l];
    char id[64];
    snprintf(id, sizeof id, "%d_%d", link->from, link->to);
    for (int k = 2; art_idmap_put(ids, id) != l; ++k)
      snprintf(id, sizeof id, "%d_%d.%d", link->from, link->to, k);
    const int32_t i = art_sketch_add_link(sketch, id, NULL, link->from - 1, link->to - 1);
    const double wanted = ceil(link->capacity / o->lane_capacity - 0.1),
                 lanes = fmin(fmax(wanted, 1.0), o->lanes_most);
    report->lanes_clipped += wanted > lanes;
    art_sketch_add_lanes(sketch, (int32_t)lanes, ART_PERMIT_ALL, ART_SKETCH_LANE_M);
    art_sketch_link *made = &sketch->link[i];
    made->length_m = length[l];
    made->speed_mps = speed[l];
    made->priority = is_connector(net, link) ? 1 : 10 * (int32_t)(speed[l] + 0.5) + (int32_t)lanes;
  }
  art_idmap_free(ids);
}

/// Gates, and signals where slow streets meet.
static void set_kinds(const art_tntp_net *net, const art_tntp_options *o, const double *speed,
                      art_sketch *sketch)
{
  int32_t *in = ART_NEW(int32_t, net->nodes);
  double *fastest = ART_NEW(double, net->nodes);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t to = net->link[l].to - 1;
    in[to] += !is_connector(net, &net->link[l]);
    fastest[to] = fmax(fastest[to], speed[l]);
  }
  for (int32_t i = 0; i < net->nodes; ++i) {
    if (i + 1 < net->first_through)
      sketch->node[i].kind = ART_NODE_DEAD_END;
    else if (o->signals && in[i] >= 3 && fastest[i] <= LIGHT_SPEED_MPS)
      sketch->node[i].kind = ART_NODE_TRAFFIC_LIGHT;
  }
  free(in);
  free(fastest);
}

art_status art_tntp_build(const art_tntp_net *net, const double *xy, const art_tntp_options *o,
                          art_city **city, art_tntp_report *report, art_error *err)
{
  *city = NULL;
  *report = (art_tntp_report){ 0 };
  double *length = ART_NEW(double, net->link_count), *speed = ART_NEW(double, net->link_count);
  double *at = ART_NEW(double, 2 * (size_t)net->nodes);
  art_sketch *sketch = art_sketch_new();
  art_status status = scale(net, o, length, speed, report, err);
  if (status == ART_OK) status = place(net, xy, o, length, at, &sketch->crs_wkt, report, err);
  if (status == ART_OK) {
    sketch->title = art_strdup(o->title);
    sketch->left_hand = o->left_hand;
    for (int32_t i = 0; i < net->nodes; ++i) {
      char id[32];
      snprintf(id, sizeof id, "%d", i + 1);
      art_sketch_add_node(sketch, id, at[2 * i], at[2 * i + 1]);
    }
    add_links(net, o, length, speed, sketch, report);
    set_kinds(net, o, speed, sketch);
    art_sketch_pair_links(sketch);
    art_sketch_move_origin(sketch);
    status = art_sketch_build(sketch, city, &report->sketch, err);
  }
  art_sketch_free(sketch);
  free(at);
  free(speed);
  free(length);
  return status;
}
