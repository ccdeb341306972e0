// Crossings of people on foot: those with marks, where vehicles let them pass, and those at signals, which get a light. The map
// has them as nodes of roads. Where one stands alone on a road it is a node of the city; near a junction the stop line
// stands before it, so that it lies within.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define ALONE_LEAST_M 18.0  // a node of its own needs room on both sides
#define STOP_BEFORE_M 2.5   // from the middle of a crossing to the stop line
#define HALF_DEEP_M 1.5     // half of what people use along the road
#define KERB_M 0.5
#define WALK_MPS 1.2
#define STEP_M 0.25

static int is_used(const art_map *plan, int32_t junction, uint32_t what)
{
  if (!(what & ART_OSM_NODE_CROSSING)) return 0;
  return (what & ART_OSM_NODE_ZEBRA) || plan->junction[junction].has_signal;
}

/// A marked crossing far from both ends of a piece.
static int32_t find_alone(art_map *plan, int32_t p)
{
  const double length = plan->piece[p].length_m;
  int32_t found = -1;
  for (int32_t e = plan->piece[p].first_event; e >= 0; e = plan->event[e].next) {
    const art_map_event *event = &plan->event[e];
    if (!(event->what & ART_OSM_NODE_CROSSING) || event->at_m < ALONE_LEAST_M ||
        length - event->at_m < ALONE_LEAST_M)
      continue;
    if (!(event->what & ART_OSM_NODE_ZEBRA)) {
      plan->event[e].what &= ~(uint32_t)ART_OSM_NODE_CROSSING;
      ++plan->report->foot_unmarked;
      continue;
    }
    if (found < 0 || event->at_m < plan->event[found].at_m) found = e;
  }
  return found;
}

void art_map_split_at_zebras(art_map *plan)
{
  if (!(plan->options->people_per_h > 0.0)) return;
  const int32_t count = plan->piece_count;
  for (int32_t i = 0; i < count; ++i) {
    int32_t p = i, e;
    while ((e = find_alone(plan, p)) >= 0) {
      plan->event[e].what &= ~(uint32_t)ART_OSM_NODE_CROSSING;
      p = art_map_split(plan, p, plan->event[e].at_m, plan->event[e].node);
      plan->node[plan->node_count - 1].what |= ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA;
    }
  }
  art_map_index_arms(plan);
}

/// How far from its end the stop line of an arm has to be for the crossings near the junction; 0 if there is none.
double art_map_zebra_reach(const art_map *plan, int32_t arm)
{
  const art_map_piece *piece = &plan->piece[arm >> 1];
  const int32_t junction = plan->node[piece->node[arm & 1]].junction;
  double reach = 0.0;
  for (int32_t e = piece->first_event; e >= 0; e = plan->event[e].next) {
    const double at = (arm & 1) ? piece->length_m - plan->event[e].at_m : plan->event[e].at_m;
    if (at >= ALONE_LEAST_M || 2.0 * at > piece->length_m || !is_used(plan, junction, plan->event[e].what))
      continue;
    reach = fmax(reach, at + STOP_BEFORE_M);
  }
  return reach;
}

// ---- into the network ----------------------------------------------------------------------------------------------------

typedef struct maker {
  art_map *plan;
  art_city *city;
  art_idmap *seen;
  int32_t capacity, row_capacity;
  struct band *band;
  int32_t band_count, band_capacity;
} maker;

/// A crossing straight over a road.
typedef struct band {
  int64_t id;
  int32_t junction;
  art_vec at, across;
  double half_m;
} band;

static double distance_to(const band *b, double x, double y)
{
  const double dx = x - b->at.x, dy = y - b->at.y;
  const double t = fmin(fmax(dx * b->across.x + dy * b->across.y, -b->half_m), b->half_m);
  return hypot(dx - t * b->across.x, dy - t * b->across.y);
}

/// The stretch of a connector within the band, in driven metres. Returns 0 if there is none.
static int find_zone(const maker *m, const band *b, int32_t c, float *enter_m, float *exit_m)
{
  const art_city *city = m->city;
  const int32_t lane = art_net_lane_of_connector(city->net, c);
  const int64_t first = city->lane_first_point[lane];
  const art_line line = { .x = city->point_x + first,
                          .y = city->point_y + first,
                          .count = (int32_t)(city->lane_first_point[lane + 1] - first) };
  const double length = art_line_length(line);
  double enter = -1.0, leave = -1.0;
  for (int32_t i = 0; length > 0.0 && i <= (int32_t)(length / STEP_M); ++i) {
    const double s = (double)i * STEP_M;
    const art_vec at = art_line_at(line, s);
    if (distance_to(b, at.x, at.y) > HALF_DEEP_M) continue;
    if (enter < 0.0) enter = s;
    leave = s;
  }
  if (enter < 0.0) return 0;
  const double scale = (double)city->net->lane_length_m[lane] / length;
  *enter_m = (float)(enter * scale);
  *exit_m = (float)(leave * scale);
  return 1;
}

static void add_crossing(maker *m, const band *b)
{
  art_net *net = m->city->net;
  const int32_t x = net->crossing_count, before = net->crossing_row_count;
  if (x == m->capacity) {
    m->capacity = 2 * m->capacity + 64;
    const size_t n = (size_t)m->capacity;
    net->crossing_id = art_renew(net->crossing_id, n, sizeof *net->crossing_id);
    net->crossing_node = art_renew(net->crossing_node, n, sizeof *net->crossing_node);
    net->crossing_signal = art_renew(net->crossing_signal, n, sizeof *net->crossing_signal);
    net->crossing_signal_group = art_renew(net->crossing_signal_group, n, sizeof *net->crossing_signal_group);
    net->crossing_walk_s = art_renew(net->crossing_walk_s, n, sizeof *net->crossing_walk_s);
    net->crossing_flow_per_h = art_renew(net->crossing_flow_per_h, n, sizeof *net->crossing_flow_per_h);
    net->crossing_first = art_renew(net->crossing_first, n + 1, sizeof *net->crossing_first);
    net->crossing_first[x] = before;
  }
  for (int32_t i = net->node_first_connector[b->junction]; i < net->node_first_connector[b->junction + 1];
       ++i) {
    float enter, leave;
    if (!find_zone(m, b, net->node_connector[i], &enter, &leave)) continue;
    const int32_t row = net->crossing_row_count++;
    if (row == m->row_capacity) {
      m->row_capacity = 2 * m->row_capacity + 256;
      const size_t n = (size_t)m->row_capacity;
      net->crossing_connector = art_renew(net->crossing_connector, n, sizeof *net->crossing_connector);
      net->crossing_enter_m = art_renew(net->crossing_enter_m, n, sizeof *net->crossing_enter_m);
      net->crossing_exit_m = art_renew(net->crossing_exit_m, n, sizeof *net->crossing_exit_m);
    }
    net->crossing_connector[row] = net->node_connector[i];
    net->crossing_enter_m[row] = enter;
    net->crossing_exit_m[row] = leave;
  }
  if (net->crossing_row_count == before) return;
  char id[40];
  snprintf(id, sizeof id, "foot%lld", (long long)b->id);
  for (int k = 2; art_idmap_find(m->seen, id) >= 0; ++k)
    snprintf(id, sizeof id, "foot%lld.%d", (long long)b->id, k);
  art_idmap_put(m->seen, id);
  net->crossing_id[x] = art_strdup(id);
  net->crossing_node[x] = b->junction;
  net->crossing_signal[x] = net->crossing_signal_group[x] = -1;  // signals.c gives lights
  net->crossing_walk_s[x] = (float)fmax(2.0 * b->half_m / WALK_MPS, 1.0);
  net->crossing_flow_per_h[x] = (float)m->plan->options->people_per_h;
  net->crossing_first[++net->crossing_count] = net->crossing_row_count;
  if (m->plan->junction[b->junction].kind == ART_NODE_TRAFFIC_LIGHT)
    ++m->plan->report->foot_lights;
  else
    ++m->plan->report->foot_crossings;
}

static void add_at(maker *m, int64_t id, int32_t junction, uint32_t what, int32_t piece, double at_m)
{
  const art_map *plan = m->plan;
  const int is_lit = plan->junction[junction].kind == ART_NODE_TRAFFIC_LIGHT;
  if (!is_lit && !(what & ART_OSM_NODE_ZEBRA)) {
    ++plan->report->foot_unmarked;
    return;
  }
  const art_line line = art_map_line(plan, piece);
  const double length = plan->piece[piece].length_m;
  const art_vec along = art_line_direction(line, fmax(at_m - 3.0, 0.0), fmin(at_m + 3.0, length));
  const band b = { .id = id,
                   .junction = junction,
                   .at = art_line_at(line, at_m),
                   .across = { along.y, -along.x },
                   .half_m = 0.5 * art_map_width(plan, piece) + KERB_M };
  ART_PUSH(m->band, m->band_count, m->band_capacity, b);
}

static int compare_bands(const void *left, const void *right)
{
  const band *a = left, *b = right;
  if (a->junction != b->junction) return a->junction < b->junction ? -1 : 1;
  if (a->id != b->id) return a->id < b->id ? -1 : 1;
  return a->at.x < b->at.x ? -1 : a->at.x > b->at.x;
}

static void add_of_nodes(maker *m)
{
  const art_map *plan = m->plan;
  for (int32_t i = 0; i < plan->node_count; ++i) {
    const art_map_node *node = &plan->node[i];
    int32_t roads = 0, road = -1;
    if (!(node->what & ART_OSM_NODE_CROSSING) || node->junction < 0) continue;
    for (int32_t k = 0; k < node->arm_count; ++k) {
      const int32_t arm = plan->arm[node->first_arm + k];
      if (plan->piece[arm >> 1].is_byway) continue;
      road = arm;
      ++roads;
    }
    if (roads != 2) continue;
    add_at(m, node->id, node->junction, node->what, road >> 1,
           (road & 1) ? plan->piece[road >> 1].length_m : 0.0);
  }
}

void art_map_crossings(art_map *plan, art_city *city)
{
  maker m = { .plan = plan, .city = city };
  if (!(plan->options->people_per_h > 0.0)) return;
  m.seen = art_idmap_new();
  add_of_nodes(&m);
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    for (int32_t e = piece->first_event; e >= 0; e = plan->event[e].next) {
      const art_map_event *event = &plan->event[e];
      if (!(event->what & ART_OSM_NODE_CROSSING)) continue;
      const int end = 2.0 * event->at_m > piece->length_m;
      const int32_t junction = plan->node[piece->node[end]].junction;
      if (junction >= 0) add_at(&m, event->node, junction, event->what, p, event->at_m);
    }
  }
  // Those of one junction follow each other, as its signal wants them.
  art_sort(m.band, (size_t)m.band_count, sizeof *m.band, compare_bands);
  for (int32_t i = 0; i < m.band_count; ++i) add_crossing(&m, &m.band[i]);
  free(m.band);
  art_idmap_free(m.seen);
}
