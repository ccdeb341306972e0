// A city out of UTDF tables.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/geo/plane.h"
#include "io/utdf/utdf_internal.h"

#define FOOT_M 0.3048
#define MPH_MPS 0.44704
#define DEFAULT_MPS (50.0 / 3.6)
#define SHORTEST_BAY_M 20.0
/// Vehicles an hour that pass a lane of the best freeway (Highway Capacity Manual): more, no lane passes.
#define MOST_VPH_A_LANE 2400.0
enum { SIGNAL = 0, EXTERNAL = 1, BEND = 2, ROUNDABOUT = 4, MOST_LANES = 16 };
static const int turn_kind[ART_UTDF_TURNS] = { ART_TURN_U,        ART_TURN_LEFT,  ART_TURN_LEFT,
                                               ART_TURN_STRAIGHT, ART_TURN_RIGHT, ART_TURN_RIGHT };

/// Lanes of an approach at its stop line, from the left: which movements leave from each, as bits of turns.
typedef struct stop_line {
  int32_t count, bay_left, bay_right;  // so many at either side are bays
  double bay_m;
  uint32_t turns[MOST_LANES];
} stop_line;

typedef struct builder {
  const art_utdf *u;
  art_sketch *sketch;
  art_utdf_report *report;
  int32_t *in_link, *first_link, *out_link;  // [node * directions]; [.. * turns]
} builder;

static int32_t slot(int32_t node, int32_t d)
{
  return node * ART_UTDF_DIRECTIONS + d;
}

static double to_m(const art_utdf *u, double length)
{
  return u->is_metric ? length : length * FOOT_M;
}

// ---- coordinates -------------------------------------------------------------------------------------------------------

/// The similarity that brings (x, y) onto (p, q) with the least squares, into both arrays of all nodes; returns the largest
/// distance of a control point.
static double fit(int32_t n, const double *x, const double *y, const double *p, const double *q, int32_t all,
                  double *ax, double *ay)
{
  double mx = 0, my = 0, mp = 0, mq = 0, a = 0, b = 0, square = 0, worst = 0;
  for (int32_t i = 0; i < n; ++i) mx += x[i] / n, my += y[i] / n, mp += p[i] / n, mq += q[i] / n;
  for (int32_t i = 0; i < n; ++i) {
    const double dx = x[i] - mx, dy = y[i] - my, dp = p[i] - mp, dq = q[i] - mq;
    a += dx * dp + dy * dq;
    b += dx * dq - dy * dp;
    square += dx * dx + dy * dy;
  }
  a /= square, b /= square;
  for (int32_t i = 0; i < n; ++i)
    worst = fmax(worst, hypot(mp + a * (x[i] - mx) - b * (y[i] - my) - p[i],
                              mq + b * (x[i] - mx) + a * (y[i] - my) - q[i]));
  for (int32_t i = 0; i < all; ++i) {
    const double dx = ax[i] - mx, dy = ay[i] - my;
    ax[i] = mp + a * dx - b * dy;
    ay[i] = mq + b * dx + a * dy;
  }
  return worst;
}

static art_status place(const builder *b, const art_utdf_options *o, double *x, double *y, art_error *err)
{
  const art_utdf *u = b->u;
  for (int32_t i = 0; i < u->node_count; ++i) {
    x[i] = to_m(u, u->node[i].x);
    y[i] = to_m(u, u->node[i].y);
  }
  if (!o->control_count) return ART_OK;
  const int32_t n = o->control_count;
  double *own_x = ART_NEW(double, n), *own_y = ART_NEW(double, n), *p = ART_NEW(double, n),
         *q = ART_NEW(double, n);
  art_status status = n < 2 ? art_fail(err, ART_E_INPUT, "1 control point: accepted: 2 or more") : ART_OK;
  double reach = 0.0;
  for (int32_t i = 0; i < n && status == ART_OK; ++i) {
    const int32_t node = art_idmap_find(u->ids, o->control_id[i]);
    if (node < 0) {
      status = art_fail(err, ART_E_INPUT, "control point \"%.60s\": accepted: the INTID of a node",
                        o->control_id[i]);
      break;
    }
    own_x[i] = x[node], own_y[i] = y[node];
    p[i] = o->control_lon[i], q[i] = o->control_lat[i];
    reach = fmax(reach, hypot(own_x[i] - own_x[0], own_y[i] - own_y[0]));
  }
  if (status == ART_OK && reach < 1.0)
    status =
        art_fail(err, ART_E_INPUT, "control points lie within %.3g m: accepted: 1 m or more apart", reach);
  if (status == ART_OK) status = art_plane_from("EPSG:4326", n, p, q, &b->sketch->crs_wkt, err);
  if (status == ART_OK) b->report->control_error_m = fit(n, own_x, own_y, p, q, u->node_count, x, y);
  free(own_x), free(own_y), free(p), free(q);
  return status;
}

static void add_nodes(builder *b, const double *x, const double *y)
{
  const art_utdf *u = b->u;
  for (int32_t i = 0; i < u->node_count; ++i) {
    const int32_t type = u->node[i].type;
    art_sketch_add_node(b->sketch, art_idmap_id(u->ids, i), x[i], y[i]);
    b->sketch->node[i].kind = type == SIGNAL     ? ART_NODE_TRAFFIC_LIGHT
                              : type == EXTERNAL ? ART_NODE_DEAD_END
                                                 : ART_NODE_PRIORITY;
    b->report->roundabouts += type == ROUNDABOUT;
  }
}

// ---- lanes -------------------------------------------------------------------------------------------------------------

/// The next movement of an approach that exists, to the left (-1) or right (1) of a turn; -1: none.
static int32_t neighbour(const art_utdf_group *g, int32_t turn, int32_t side)
{
  for (int32_t t = turn + side; t >= 0 && t < ART_UTDF_TURNS; t += side)
    if (g[t].to >= 0) return t;
  return -1;
}

static stop_line stop_line_of(const builder *b, int32_t node, int32_t d)
{
  const art_utdf_group *g = b->u->node[node].group[d];
  stop_line line = { 0 };
  int32_t first[ART_UTDF_TURNS], bays = 0;
  for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) {
    first[t] = line.count;
    if (g[t].to < 0) continue;
    for (int32_t k = 0; k < g[t].lanes && line.count < MOST_LANES; ++k) line.turns[line.count++] |= 1u << t;
    if (g[t].storage <= 0.0 || !g[t].lanes || turn_kind[t] == ART_TURN_STRAIGHT) continue;
    const int is_left = turn_kind[t] != ART_TURN_RIGHT;
    if (is_left && first[t] != line.bay_left) continue;  // not at the edge
    *(is_left ? &line.bay_left : &line.bay_right) += line.count - first[t];
    line.bay_m = fmax(line.bay_m, to_m(b->u, g[t].storage));
    bays += line.count - first[t];
  }
  for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) {
    if (g[t].to < 0 || !g[t].lanes || first[t] >= line.count) continue;
    const int32_t last = first[t] + g[t].lanes - 1 < line.count ? first[t] + g[t].lanes - 1 : line.count - 1;
    const int32_t left = g[t].shared & 1 ? neighbour(g, t, -1) : -1,
                  right = g[t].shared & 2 ? neighbour(g, t, 1) : -1;
    if (left >= 0) line.turns[first[t]] |= 1u << left;
    if (right >= 0) line.turns[last] |= 1u << right;
  }
  uint32_t served = 0;
  for (int32_t k = 0; k < line.count; ++k) served |= line.turns[k];
  for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) {  // nobody serves it although somebody wants it
    if (g[t].to < 0 || served >> t & 1u || g[t].volume <= 0.0) continue;
    if (!line.count) line.count = 1;
    line.turns[turn_kind[t] == ART_TURN_RIGHT ? line.count - 1 : 0] |= 1u << t;
    ++b->report->groups_attached;
  }
  if (bays >= line.count) line.bay_left = line.bay_right = 0;
  return line;
}

static int32_t kerb_index(const art_sketch *s, int32_t from_the_left, int32_t count)
{
  return s->left_hand ? from_the_left : count - 1 - from_the_left;
}

/// Priority: by speed and width, so that the main road of an unsignalised junction goes first.
static void set_link(const builder *b, int32_t link, const art_utdf_approach *a, double length_m)
{
  art_sketch_link *l = &b->sketch->link[link];
  const double speed = a->speed * (b->u->is_metric ? 1.0 / 3.6 : MPH_MPS);
  l->speed_mps = speed > 1.0 ? speed : DEFAULT_MPS;
  l->length_m = length_m;
  l->priority = 10 * (int32_t)(l->speed_mps + 0.5) + l->lane_count;
}

static art_status add_approach(builder *b, int32_t node, int32_t d, art_error *err)
{
  const art_utdf *u = b->u;
  const art_utdf_approach *a = &u->node[node].approach[d];
  art_sketch *s = b->sketch;
  if (a->up < 0) return ART_OK;
  if (a->up == node)
    return art_fail(err, ART_E_INPUT, "node \"%.60s\": Up ID is the node itself", art_idmap_id(u->ids, node));
  const stop_line line = stop_line_of(b, node, d);
  const int32_t wanted = line.count     ? line.count - line.bay_left - line.bay_right
                         : a->lanes > 0 ? a->lanes
                                        : 1;
  const double drawn = hypot(s->node[a->up].x - s->node[node].x, s->node[a->up].y - s->node[node].y);
  const double length = a->distance > 0.0 ? to_m(u, a->distance) : fmax(drawn, 1.0);
  const int32_t bays = line.bay_left + line.bay_right;
  const double bay_m = bays ? fmin(fmax(line.bay_m, SHORTEST_BAY_M), 0.6 * length) : 0.0;
  char id[200];
  snprintf(id, sizeof id, "%.90s_%.90s", art_idmap_id(u->ids, a->up), art_idmap_id(u->ids, node));
  int32_t to = node;
  if (bays) {
    const double share = 1.0 - bay_m / length;
    char joint[210];
    snprintf(joint, sizeof joint, "%s#bay", id);
    to = art_sketch_add_node(s, joint, s->node[a->up].x + share * (s->node[node].x - s->node[a->up].x),
                             s->node[a->up].y + share * (s->node[node].y - s->node[a->up].y));
    s->node[to].is_joint = s->node[to].has_paths = 1;
    b->report->bays += bays;
  }
  const int32_t link = art_sketch_add_link(s, id, a->name, a->up, to);
  art_sketch_add_lanes(s, wanted, ART_PERMIT_ALL, ART_SKETCH_LANE_M);
  set_link(b, link, a, length - bay_m);
  b->first_link[slot(node, d)] = b->in_link[slot(node, d)] = link;
  ++b->report->links;
  if (!bays) return ART_OK;
  snprintf(id + strlen(id), sizeof id - strlen(id), "#1");
  const int32_t bay = art_sketch_add_link(s, id, a->name, to, node);
  art_sketch_add_lanes(s, line.count, ART_PERMIT_ALL, ART_SKETCH_LANE_M);
  set_link(b, bay, a, bay_m);
  b->in_link[slot(node, d)] = bay;
  for (int32_t k = 0; k < line.count; ++k) {  // bays are reached from the lane beside them
    int32_t from = k - line.bay_left;
    from = from < 0 ? 0 : from >= wanted ? wanted - 1 : from;
    art_sketch_add_path(s, link, kerb_index(s, from, wanted), bay, kerb_index(s, k, line.count),
                        ART_TURN_STRAIGHT);
  }
  return ART_OK;
}

/// The link that leaves a node towards another; -1: none.
static int32_t link_towards(const builder *b, int32_t node, int32_t to)
{
  for (int32_t d = 0; d < ART_UTDF_DIRECTIONS; ++d)
    if (b->u->node[to].approach[d].up == node) return b->first_link[slot(to, d)];
  return -1;
}

/// Volumes that no road passes point at a mistake in the file; trips made of them would wait outside for hours.
static void note_overfull(builder *b, int32_t node, int32_t d, double volume, int32_t lanes)
{
  if (volume <= MOST_VPH_A_LANE * lanes) return;
  if (b->report->overfull++ > 0) return;
  snprintf(b->report->overfull_first, sizeof b->report->overfull_first,
           "from %.40s to %.40s: %.0f vehicles/h on %d lanes", art_idmap_id(b->u->ids, b->u->node[node].approach[d].up),
           art_idmap_id(b->u->ids, node), volume, (int)lanes);
}

static void add_movements(builder *b, int32_t node, int32_t d)
{
  art_sketch *s = b->sketch;
  const int32_t in = b->in_link[slot(node, d)];
  if (in < 0) return;
  const art_utdf_group *g = b->u->node[node].group[d];
  const stop_line line = stop_line_of(b, node, d);
  const int32_t lanes = s->link[in].lane_count;
  double volume = 0.0;
  for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) {
    const int32_t out = g[t].to >= 0 ? link_towards(b, node, g[t].to) : -1;
    b->out_link[slot(node, d) * ART_UTDF_TURNS + t] = out;
    if (out < 0) continue;
    ++b->report->lane_groups;
    b->report->volume += g[t].volume;
    volume += g[t].volume;
    int32_t from[MOST_LANES], count = 0;
    for (int32_t k = 0; k < line.count; ++k)
      if (line.turns[k] >> t & 1u) from[count++] = k;
    const int32_t room = s->link[out].lane_count;
    for (int32_t k = 0; k < count; ++k) {
      // Left turns into the left lanes, others into those counted from the right.
      int32_t to = turn_kind[t] == ART_TURN_LEFT || turn_kind[t] == ART_TURN_U ? k : room - (count - k);
      to = to < 0 ? 0 : to >= room ? room - 1 : to;
      art_sketch_add_path(s, in, kerb_index(s, from[k], lanes), out, kerb_index(s, to, room), turn_kind[t]);
      s->node[node].has_paths = 1;
    }
  }
  note_overfull(b, node, d, volume, lanes);
}

/// Streets in both directions share their axis; of links with bays too.
static void pair_links(builder *b)
{
  const art_utdf *u = b->u;
  for (int32_t node = 0; node < u->node_count; ++node)
    for (int32_t d = 0; d < ART_UTDF_DIRECTIONS; ++d) {
      const int32_t up = u->node[node].approach[d].up, first = b->first_link[slot(node, d)];
      const int32_t back = up >= 0 ? link_towards(b, node, up) : -1;
      if (first < 0 || back < 0) continue;
      for (int32_t l = first; l <= b->in_link[slot(node, d)]; ++l) b->sketch->link[l].is_side = 1;
      b->sketch->link[b->in_link[slot(node, d)]].reverse = back;
    }
}

static void list_turns(const builder *b, art_utdf_turn **turns, int32_t *count)
{
  int32_t capacity = 0;
  for (int32_t i = 0; i < b->u->node_count * ART_UTDF_DIRECTIONS; ++i)
    for (int32_t t = 0; t < ART_UTDF_TURNS; ++t) {
      const int32_t out = b->out_link[i * ART_UTDF_TURNS + t];
      if (out < 0 || b->in_link[i] < 0) continue;
      const art_utdf_turn turn = {
        b->in_link[i], out, b->u->node[i / ART_UTDF_DIRECTIONS].group[i % ART_UTDF_DIRECTIONS][t].volume
      };
      ART_PUSH(*turns, *count, capacity, turn);
    }
}

art_status art_utdf_build(const art_utdf *u, const art_utdf_options *options, art_city **city,
                          art_utdf_turn **turns, int32_t *turn_count, art_utdf_report *report, art_error *err)
{
  const int32_t n = u->node_count, slots = n * ART_UTDF_DIRECTIONS;
  builder b = { .u = u, .sketch = art_sketch_new(), .report = report };
  b.in_link = ART_NEW(int32_t, slots);
  b.first_link = ART_NEW(int32_t, slots);
  b.out_link = ART_NEW(int32_t, slots * ART_UTDF_TURNS);
  for (int32_t i = 0; i < slots; ++i) b.in_link[i] = b.first_link[i] = -1;
  for (int32_t i = 0; i < slots * ART_UTDF_TURNS; ++i) b.out_link[i] = -1;
  double *x = ART_NEW(double, n), *y = ART_NEW(double, n);
  report->nodes = n;
  b.sketch->title = art_strdup("UTDF");
  b.sketch->left_hand = options->left_hand;
  b.sketch->completes_paths = 1;
  art_status status = place(&b, options, x, y, err);
  if (status == ART_OK) add_nodes(&b, x, y);
  for (int32_t i = 0; i < slots && status == ART_OK; ++i)
    status = add_approach(&b, i / ART_UTDF_DIRECTIONS, i % ART_UTDF_DIRECTIONS, err);
  if (status == ART_OK) {
    for (int32_t i = 0; i < slots; ++i) add_movements(&b, i / ART_UTDF_DIRECTIONS, i % ART_UTDF_DIRECTIONS);
    pair_links(&b);
    art_sketch_move_origin(b.sketch);
    status = art_sketch_build(b.sketch, city, &report->sketch, err);
  }
  if (status == ART_OK) {
    report->signals = (*city)->net->signal_count;
    art_utdf_add_plans(u, (*city)->net, b.in_link, b.out_link, report);
    art_net_index((*city)->net);
    status = art_net_check((*city)->net, err);
  }
  if (status == ART_OK) list_turns(&b, turns, turn_count);
  if (status != ART_OK) {
    art_city_free(*city);
    *city = NULL;
  }
  art_sketch_free(b.sketch);
  void *const owned[] = { b.in_link, b.first_link, b.out_link, x, y };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
