/// \file random_city.h
/// Random small cities for property tests: a net and a demand that pass art_net_check() and art_demand_check(), every
/// value of them a function of one seed.
///
/// Nodes lie at random places and are joined by roads of one to three lanes. Paths through a node are curves between
/// lane ends, and conflicts come from their geometry as in a real import; the length that vehicles drive on a link is
/// drawn on its own, down to 0.2 m, because that is what real nets are like.
#ifndef ART_TESTS_PROPERTY_RANDOM_CITY_H
#define ART_TESTS_PROPERTY_RANDOM_CITY_H
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/num/random.h"
#include "core/step/sim.h"

/// What a city may have. Tests that shrink a failure switch parts off.
typedef struct city_traits {
  int32_t nodes, trips;
  int most_lanes;
  float least_link_m;
  int with_signals, with_holds, with_crossings, with_stops, with_changes, with_permissions,
      with_odd_departures;
  float longest_m;
  int one_type;
} city_traits;

typedef struct random_city {
  art_net *net;
  art_demand *demand;
  art_change change[2];
  int32_t change_count;
} random_city;

// --- draws ------------------------------------------------------------------------------------------------------------

typedef struct dice {
  uint64_t state;
} dice;
static inline double roll(dice *d, double low, double high)
{
  d->state += 0x9e3779b97f4a7c15u;
  return low + (high - low) * art_uniform(art_mix64(d->state));
}
/// low .. high, both included.
static inline int32_t roll_int(dice *d, int32_t low, int32_t high)
{
  return (int32_t)floor(roll(d, low, (double)high + 1.0));
}
static inline int chance(dice *d, double p)
{
  return roll(d, 0.0, 1.0) < p;
}

// --- the plan before it becomes arrays ----------------------------------------------------------------------------------

enum { CITY_MOST_NODES = 24, CITY_MOST_LINKS = 96, CITY_MOST_PATHS = 1200, CITY_POINTS = 13 };
#define CITY_LANE_M 3.2
#define CITY_NEAR_M 2.1  ///< centre lines nearer than this: bodies can touch

typedef struct plan_link {
  int32_t from, to, lanes, priority, first_lane;
  double length_m, speed_mps, dx, dy;  // direction of travel
} plan_link;
typedef struct plan_path {
  int32_t from_lane, to_lane, from_link, to_link, node, turn;
  double x[CITY_POINTS], y[CITY_POINTS], length_m;
} plan_path;
typedef struct plan {
  int32_t nodes, links, lanes, paths;
  double x[CITY_MOST_NODES], y[CITY_MOST_NODES], radius[CITY_MOST_NODES];
  int is_gate[CITY_MOST_NODES], has_signal[CITY_MOST_NODES];
  plan_link link[CITY_MOST_LINKS];
  plan_path *path;
} plan;

static inline void plan_add_link(plan *p, dice *d, const city_traits *traits, int32_t from, int32_t to,
                                 int32_t lanes)
{
  if (p->links == CITY_MOST_LINKS) return;
  static const double speeds[] = { 5.56, 8.33, 13.89, 13.89, 13.89, 19.44, 27.78 };
  const double kind = roll(d, 0.0, 1.0);
  double length = kind < 0.04   ? 0.2
                  : kind < 0.12 ? roll(d, 0.2, 6.0) : kind < 0.3 ? roll(d, 6.0, 30.0) : roll(d, 30.0, 250.0);
  if (p->is_gate[from]) length = roll(d, 20.0, 150.0);
  const double dx = p->x[to] - p->x[from], dy = p->y[to] - p->y[from], norm = hypot(dx, dy);
  p->link[p->links++] = (plan_link){ .from = from,
                                     .to = to,
                                     .lanes = lanes,
                                     .priority = roll_int(d, 0, 2),
                                     .length_m = fmax(length, (double)traits->least_link_m),
                                     .speed_mps = speeds[roll_int(d, 0, 6)],
                                     .dx = dx / norm,
                                     .dy = dy / norm };
}

static inline void plan_streets(plan *p, dice *d, const city_traits *traits)
{
  const int32_t inner = traits->nodes;
  for (int32_t i = 0; i < inner; ++i) {
    p->x[i] = (i % 3) * 200.0 + roll(d, -60.0, 60.0);
    p->y[i] = (i / 3) * 200.0 + roll(d, -60.0, 60.0);
    p->radius[i] = chance(d, 0.15) ? roll(d, 1.5, 5.0) : roll(d, 6.0, 16.0);
  }
  p->nodes = inner;
  for (int32_t i = 1; i < inner; ++i) {  // a tree, then some more
    const int32_t other = roll_int(d, 0, i - 1);
    plan_add_link(p, d, traits, i, other, roll_int(d, 1, traits->most_lanes));
    plan_add_link(p, d, traits, other, i, roll_int(d, 1, traits->most_lanes));
  }
  for (int32_t extra = roll_int(d, 0, inner); extra > 0; --extra) {
    const int32_t a = roll_int(d, 0, inner - 1), b = roll_int(d, 0, inner - 1);
    if (a != b) plan_add_link(p, d, traits, a, b, roll_int(d, 1, traits->most_lanes));
  }
  for (int32_t i = 0; i < inner; ++i)  // ways in and out
    for (int32_t gates = i == 0 ? 2 : roll_int(d, 0, 2); gates > 0 && p->nodes < CITY_MOST_NODES; --gates) {
      const int32_t gate = p->nodes++;
      const double angle = roll(d, 0.0, 6.283185307179586);
      p->x[gate] = p->x[i] + 150.0 * cos(angle);
      p->y[gate] = p->y[i] + 150.0 * sin(angle);
      p->is_gate[gate] = 1;
      if (i == 0 || chance(d, 0.8)) plan_add_link(p, d, traits, gate, i, roll_int(d, 1, traits->most_lanes));
      if (i == 0 || chance(d, 0.8)) plan_add_link(p, d, traits, i, gate, roll_int(d, 1, traits->most_lanes));
    }
}

/// A cubic curve from the end of one lane to the start of another, as a chain of points.
static inline void plan_add_path(plan *p, int32_t in, int32_t out, int32_t from_m, int32_t to_m, int32_t turn)
{
  if (p->paths == CITY_MOST_PATHS) return;
  const plan_link *a = &p->link[in], *b = &p->link[out];
  const int32_t node = a->to, from_lane = a->first_lane + from_m, to_lane = b->first_lane + to_m;
  for (int32_t q = 0; q < p->paths; ++q)
    if (p->path[q].from_lane == from_lane && p->path[q].to_lane == to_lane) return;
  plan_path *path = &p->path[p->paths++];
  *path = (plan_path){
    .from_lane = from_lane, .to_lane = to_lane, .from_link = in, .to_link = out, .node = node, .turn = turn
  };
  const double r = p->radius[node], side_a = (a->lanes - from_m - 0.5) * CITY_LANE_M,
               side_b = (b->lanes - to_m - 0.5) * CITY_LANE_M;
  const double x0 = p->x[node] - r * a->dx + side_a * a->dy, y0 = p->y[node] - r * a->dy - side_a * a->dx;
  const double x3 = p->x[node] + r * b->dx + side_b * b->dy, y3 = p->y[node] + r * b->dy - side_b * b->dx;
  const double reach = 0.55 * r;
  const double x1 = x0 + reach * a->dx, y1 = y0 + reach * a->dy, x2 = x3 - reach * b->dx,
               y2 = y3 - reach * b->dy;
  double length = 0.0;
  for (int i = 0; i < CITY_POINTS; ++i) {
    const double t = (double)i / (CITY_POINTS - 1), s = 1.0 - t;
    path->x[i] = s * s * s * x0 + 3 * s * s * t * x1 + 3 * s * t * t * x2 + t * t * t * x3;
    path->y[i] = s * s * s * y0 + 3 * s * s * t * y1 + 3 * s * t * t * y2 + t * t * t * y3;
    if (i) length += hypot(path->x[i] - path->x[i - 1], path->y[i] - path->y[i - 1]);
  }
  path->length_m = fmax(length, 0.5);
}

static inline void plan_movements(plan *p, dice *d)
{
  for (int32_t in = 0; in < p->links; ++in) {
    const plan_link *a = &p->link[in];
    if (p->is_gate[a->to]) continue;
    const int32_t before = p->paths;
    for (int pass = 0; pass < 2 && p->paths == before; ++pass)
      for (int32_t out = 0; out < p->links; ++out) {
        const plan_link *b = &p->link[out];
        if (b->from != a->to) continue;
        const int is_back = b->to == a->from;
        if (pass == 0 && !chance(d, is_back ? 0.1 : 0.9)) continue;
        const double ahead = a->dx * b->dx + a->dy * b->dy, leftward = a->dx * b->dy - a->dy * b->dx;
        const int32_t turn = is_back          ? ART_TURN_U
                             : ahead > 0.7    ? ART_TURN_STRAIGHT
                             : leftward > 0.0 ? ART_TURN_LEFT
                                              : ART_TURN_RIGHT;
        if (chance(d, 0.1)) {  // any lane to any lane
          plan_add_path(p, in, out, roll_int(d, 0, a->lanes - 1), roll_int(d, 0, b->lanes - 1), turn);
          continue;
        }
        if (turn == ART_TURN_RIGHT || (turn == ART_TURN_STRAIGHT && chance(d, 0.3)))
          plan_add_path(p, in, out, 0, 0, turn);
        else if (turn != ART_TURN_STRAIGHT)
          plan_add_path(p, in, out, a->lanes - 1, b->lanes - 1, turn);
        else
          for (int32_t m = 0; m < a->lanes || m < b->lanes; ++m)
            plan_add_path(p, in, out, m < a->lanes ? m : a->lanes - 1, m < b->lanes ? m : b->lanes - 1, turn);
      }
  }
}

static inline int path_order(const void *a, const void *b)
{
  const plan_path *p = a, *q = b;
  if (p->from_lane != q->from_lane) return p->from_lane < q->from_lane ? -1 : 1;
  return (p->to_lane > q->to_lane) - (p->to_lane < q->to_lane);
}

// --- arrays of the net -----------------------------------------------------------------------------------------------

static inline char *city_name(const char *prefix, int32_t number)
{
  char text[32];
  snprintf(text, sizeof text, "%s%d", prefix, number);
  return art_strdup(text);
}

static inline void city_links(const plan *p, art_net *net, dice *d, const city_traits *traits)
{
  net->node_count = p->nodes;
  net->node_id = ART_NEW(char *, p->nodes);
  net->node_kind = ART_NEW(uint8_t, p->nodes);
  for (int32_t i = 0; i < p->nodes; ++i) {
    net->node_id[i] = city_name("n", i);
    net->node_kind[i] = p->is_gate[i]      ? ART_NODE_DEAD_END
                        : p->has_signal[i] ? ART_NODE_TRAFFIC_LIGHT
                                           : ART_NODE_PRIORITY;
  }
  net->link_count = p->links;
  net->link_id = ART_NEW(char *, p->links);
  net->link_from = ART_NEW(int32_t, p->links);
  net->link_to = ART_NEW(int32_t, p->links);
  net->link_first_lane = ART_NEW(int32_t, p->links + 1);
  net->link_priority = ART_NEW(int32_t, p->links);
  net->link_in_roundabout = ART_NEW(uint8_t, p->links);
  net->link_lane_count = p->lanes;
  art_net_new_lanes(net, p->paths);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    net->lane_link[lane] = -1;
    net->lane_width_m[lane] = (float)CITY_LANE_M;
    net->lane_allowed[lane] = net->lane_change_left[lane] = net->lane_change_right[lane] = ART_PERMIT_ALL;
  }
  for (int32_t l = 0; l < p->links; ++l) {
    const plan_link *link = &p->link[l];
    net->link_id[l] = city_name("l", l);
    net->link_from[l] = link->from;
    net->link_to[l] = link->to;
    net->link_priority[l] = link->priority;
    net->link_first_lane[l + 1] = link->first_lane + link->lanes;
    for (int32_t m = 0; m < link->lanes; ++m) {
      net->lane_link[link->first_lane + m] = l;
      net->lane_length_m[link->first_lane + m] = (float)link->length_m;
      net->lane_speed_mps[link->first_lane + m] = (float)link->speed_mps;
    }
    if (traits->with_permissions && link->lanes > 1 && chance(d, 0.1))
      net->lane_allowed[link->first_lane] = 1u << ART_VCLASS_BUS;
  }
}

static inline void city_paths(const plan *p, art_net *net, dice *d)
{
  const int32_t n = p->paths;
  for (int32_t c = 0; c < n; ++c) {
    const plan_path *path = &p->path[c];
    net->connector_from[c] = path->from_lane;
    net->connector_to[c] = path->to_lane;
    net->connector_node[c] = path->node;
    net->connector_turn[c] = (uint8_t)path->turn;
    net->connector_signal[c] = -1;
    net->connector_hold_m[c] = -1.0f;
    net->connector_keep_clear[c] = (uint8_t)chance(d, 0.9);
    net->lane_length_m[net->link_lane_count + c] = (float)path->length_m;
    net->lane_speed_mps[net->link_lane_count + c] = path->turn == ART_TURN_STRAIGHT ? 13.89f : 6.5f;
  }
}

/// Does path a give way to b? Exactly one of two does: lower priority, then turns, then order.
static inline int city_yields(const plan *p, int32_t a, int32_t b)
{
  const plan_path *pa = &p->path[a], *pb = &p->path[b];
  const int32_t qa = p->link[pa->from_link].priority, qb = p->link[pb->from_link].priority;
  static const int32_t rank[] = { 0, 3, 2, 1, 2, 1 };  // by art_turn
  if (!p->has_signal[pa->node] && qa != qb) return qa < qb;
  if (rank[pa->turn] != rank[pb->turn]) return rank[pa->turn] > rank[pb->turn];
  return a > b;
}

static inline double gap_to_path(const plan_path *other, double x, double y)
{
  double least = INFINITY;
  for (int i = 0; i + 1 < CITY_POINTS; ++i) {
    const double dx = other->x[i + 1] - other->x[i], dy = other->y[i + 1] - other->y[i],
                 square = dx * dx + dy * dy;
    const double t =
        square > 0.0 ? fmin(fmax(((x - other->x[i]) * dx + (y - other->y[i]) * dy) / square, 0.0), 1.0) : 0.0;
    least = fmin(least, hypot(x - other->x[i] - t * dx, y - other->y[i] - t * dy));
  }
  return least;
}

/// The stretch of `path` near `other`: from the first near point to the last one, half a spacing wider. 0 if there is none.
static inline int near_stretch(const plan_path *path, const plan_path *other, double *enter, double *leave)
{
  int first = -1, last = -1;
  for (int i = 0; i < CITY_POINTS; ++i)
    if (gap_to_path(other, path->x[i], path->y[i]) < CITY_NEAR_M) {
      if (first < 0) first = i;
      last = i;
    }
  if (first < 0) return 0;
  const double spacing = path->length_m / (CITY_POINTS - 1);
  *enter = fmax((first - 0.5) * spacing, 0.0);
  *leave = fmin((last + 0.5) * spacing, path->length_m);
  return 1;
}

typedef struct city_row {
  int32_t a, b;
  uint8_t kind, a_yields;
  float enter[2], leave[2];
} city_row;

static inline void city_conflicts(const plan *p, art_net *net, const city_traits *traits)
{
  city_row *row = NULL;
  int32_t rows = 0, capacity = 0;
  for (int32_t a = 0; a < p->paths; ++a)
    for (int32_t b = a + 1; b < p->paths; ++b) {
      const plan_path *pa = &p->path[a], *pb = &p->path[b];
      if (pa->node != pb->node) continue;
      double enter[2], leave[2];
      const int is_diverge = pa->from_lane == pb->from_lane, is_merge = pa->to_lane == pb->to_lane;
      if (!near_stretch(pa, pb, &enter[0], &leave[0]) || !near_stretch(pb, pa, &enter[1], &leave[1]))
        continue;
      if (!is_diverge && !is_merge && (pa->from_link == pb->from_link || pa->to_link == pb->to_link)) {
        // Side by side is no conflict, unless the paths change sides.
        const int from_side = pa->from_link == pb->from_link
                                  ? (pa->from_lane > pb->from_lane) - (pa->from_lane < pb->from_lane)
                                  : 0;
        const int to_side =
            pa->to_link == pb->to_link ? (pa->to_lane > pb->to_lane) - (pa->to_lane < pb->to_lane) : 0;
        if (from_side * to_side > 0) continue;
      }
      if (is_diverge) enter[0] = enter[1] = 0.0;
      if (is_merge) leave[0] = pa->length_m, leave[1] = pb->length_m;
      if (!is_diverge && !is_merge && !traits->with_crossings) continue;
      city_row r = { .a = a,
                     .b = b,
                     .kind = is_diverge ? ART_CONFLICT_DIVERGE
                             : is_merge ? ART_CONFLICT_MERGE
                                        : ART_CONFLICT_CROSS };
      r.a_yields = (uint8_t)city_yields(p, a, b);
      for (int side = 0; side < 2; ++side) {
        r.enter[side] = (float)enter[side];
        r.leave[side] = fminf((float)leave[side], net->lane_length_m[net->link_lane_count + (side ? b : a)]);
      }
      ART_PUSH(row, rows, capacity, r);
    }
  const int32_t n = net->conflict_count = 2 * rows;
  net->conflict_first = ART_NEW(int32_t, p->paths + 1);
  net->conflict_other = ART_NEW(int32_t, n);
  net->conflict_kind = ART_NEW(uint8_t, n);
  net->conflict_yield = ART_NEW(uint8_t, n);
  net->conflict_enter_m = ART_NEW(float, n);
  net->conflict_exit_m = ART_NEW(float, n);
  net->conflict_other_enter_m = ART_NEW(float, n);
  net->conflict_other_exit_m = ART_NEW(float, n);
  for (int32_t i = 0; i < rows; ++i) {
    ++net->conflict_first[row[i].a + 1];
    ++net->conflict_first[row[i].b + 1];
  }
  for (int32_t c = 0; c < p->paths; ++c) net->conflict_first[c + 1] += net->conflict_first[c];
  int32_t *used = ART_NEW(int32_t, p->paths + 1);
  for (int32_t i = 0; i < rows; ++i)
    for (int side = 0; side < 2; ++side) {
      const city_row *r = &row[i];
      const int32_t c = side ? r->b : r->a, k = net->conflict_first[c] + used[c]++;
      net->conflict_other[k] = side ? r->a : r->b;
      net->conflict_kind[k] = r->kind;
      net->conflict_yield[k] = r->kind != ART_CONFLICT_DIVERGE && (side ? !r->a_yields : r->a_yields);
      net->conflict_enter_m[k] = r->enter[side];
      net->conflict_exit_m[k] = r->leave[side];
      net->conflict_other_enter_m[k] = r->enter[1 - side];
      net->conflict_other_exit_m[k] = r->leave[1 - side];
    }
  free(used);
  free(row);
}

static inline void city_right_of_way(const plan *p, art_net *net, dice *d, const city_traits *traits)
{
  for (int32_t c = 0; c < net->connector_count; ++c) {
    int yields = 0;
    float first = INFINITY;
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      yields |= net->conflict_yield[k];
      if (net->conflict_kind[k] == ART_CONFLICT_CROSS && net->conflict_yield[k])
        first = fminf(first, net->conflict_enter_m[k]);
    }
    const int has_signal = p->has_signal[p->path[c].node];
    net->connector_state[c] = has_signal ? (yields ? 'o' : 'O') : !yields ? 'M' : chance(d, 0.15) ? 's' : 'm';
    net->connector_cont[c] = has_signal || chance(d, 0.5);
    const float hold = first - 0.75f;
    if (traits->with_holds && net->connector_cont[c] && isfinite(hold) && hold >= 2.0f)
      net->connector_hold_m[c] = hold;
  }
}

/// Some nodes get critical gaps, follow-up times and limits of sight, become all-way stops, or let merging lanes zip.
static inline void city_gaps(const plan *p, art_net *net, dice *d)
{
  for (int32_t node = 0; node < p->nodes; ++node) {
    const int timed = chance(d, 0.35), allway = !p->has_signal[node] && chance(d, 0.1), zips = chance(d, 0.1);
    if (allway) net->node_kind[node] = ART_NODE_ALLWAY_STOP;
    for (int32_t c = 0; c < net->connector_count; ++c) {
      if (p->path[c].node != node) continue;
      const char state = net->connector_state[c];
      const float gap = (float)roll(d, 2.0, 8.0), follow = (float)roll(d, 1.5, 5.0), sight = (float)roll(d, 10.0, 80.0);
      if (allway) {
        net->connector_state[c] = 'w';
        net->connector_follow_up_s[c] = timed ? 3.9f : 0.0f;
      } else if (timed && state != 'M' && state != 'O') {
        net->connector_critical_gap_s[c] = gap;
        net->connector_follow_up_s[c] = follow < gap ? follow : gap;
        net->connector_sight_m[c] = chance(d, 0.2) ? sight : 0.0f;
      } else if (zips && !p->has_signal[node]) {
        net->connector_state[c] = 'Z';
      }
    }
  }
}

/// Some approaches have a pedestrian crossing over all their paths, with or without people; seldom one behind a light.
static inline void city_people(const plan *p, art_net *net, dice *d)
{
  const int32_t n = p->links;
  net->crossing_id = ART_NEW(char *, n);
  net->crossing_node = ART_NEW(int32_t, n);
  net->crossing_signal = ART_NEW(int32_t, n);
  net->crossing_signal_group = ART_NEW(int32_t, n);
  net->crossing_walk_s = ART_NEW(float, n);
  net->crossing_flow_per_h = ART_NEW(float, n);
  net->crossing_first = ART_NEW(int32_t, n + 1);
  net->crossing_connector = ART_NEW(int32_t, net->connector_count);
  net->crossing_enter_m = ART_NEW(float, net->connector_count);
  net->crossing_exit_m = ART_NEW(float, net->connector_count);
  for (int32_t link = 0; link < n; ++link) {
    const float place = (float)roll(d, 0.0, 0.9), wide = (float)roll(d, 0.5, 4.0), flow = (float)roll(d, 10.0, 400.0);
    const float walk_s = (float)roll(d, 2.0, 15.0);
    if (!chance(d, 0.15)) continue;
    const int32_t first = net->crossing_row_count;
    int32_t signalised = -1;
    for (int32_t c = 0; c < net->connector_count; ++c) {
      const float length = net->lane_length_m[art_net_lane_of_connector(net, c)];
      if (p->path[c].from_link != link || length < 0.5f) continue;
      const int32_t row = net->crossing_row_count++;
      net->crossing_connector[row] = c;
      net->crossing_enter_m[row] = place * length;
      net->crossing_exit_m[row] = fminf(place * length + wide, length);
      signalised = net->connector_signal[c] >= 0 ? c : -1;
    }
    if (net->crossing_row_count == first) continue;
    const int32_t x = net->crossing_count++;
    net->crossing_id[x] = city_name("x", x);
    net->crossing_node[x] = net->connector_node[net->crossing_connector[first]];
    const int has_light = signalised >= 0 && chance(d, 0.5);  // together with its own vehicles: the hardest case
    net->crossing_signal[x] = has_light ? net->connector_signal[signalised] : -1;
    net->crossing_signal_group[x] = has_light ? net->connector_signal_group[signalised] : -1;
    net->crossing_walk_s[x] = walk_s;
    net->crossing_flow_per_h[x] = chance(d, 0.2) ? 0.0f : flow;
    net->crossing_first[x + 1] = net->crossing_row_count;
  }
}

/// Every signal serves its approaches in two or three groups of links, with yellow and perhaps all-red in between.
static inline void city_signals(const plan *p, art_net *net, dice *d)
{
  int32_t count = 0;
  for (int32_t i = 0; i < p->nodes; ++i) count += p->has_signal[i];
  net->signal_count = net->program_count = count;
  net->signal_id = ART_NEW(char *, count);
  net->signal_group_count = ART_NEW(int32_t, count);
  net->signal_first_program = ART_NEW(int32_t, count + 1);
  net->signal_active = ART_NEW(int32_t, count);
  net->program_id = ART_NEW(char *, count);
  net->program_offset_ms = ART_NEW(int64_t, count);
  net->program_first_phase = ART_NEW(int32_t, count + 1);
  const int32_t most = 9 * count;
  net->phase_duration_ms = ART_NEW(int64_t, most);
  net->phase_min_ms = ART_NEW(int64_t, most);
  net->phase_max_ms = ART_NEW(int64_t, most);
  net->phase_first_state = ART_NEW(int64_t, most + 1);
  net->phase_state = ART_NEW(char, (size_t)most *(size_t)(p->paths + 1));
  int32_t s = 0;
  int64_t letters = 0;
  for (int32_t node = 0; node < p->nodes; ++node) {
    if (!p->has_signal[node]) continue;
    const int32_t groups = net->node_first_connector[node + 1] - net->node_first_connector[node];
    const int32_t stages = roll_int(d, 2, 3);
    int32_t stage_of[CITY_MOST_LINKS];
    for (int32_t l = 0; l < p->links; ++l) stage_of[l] = roll_int(d, 0, stages - 1);
    for (int32_t g = 0; g < groups; ++g) {
      const int32_t c = net->node_connector[net->node_first_connector[node] + g];
      net->connector_signal[c] = s;
      net->connector_signal_group[c] = g;
    }
    for (int32_t stage = 0; stage < stages; ++stage)
      for (int part = 0; part < 3; ++part) {  // green, yellow, all red
        if (part == 2 && chance(d, 0.4)) continue;
        const int32_t phase = net->phase_count++;
        net->phase_duration_ms[phase] = part == 0   ? 1000 * roll_int(d, 4, 35)
                                        : part == 1 ? 500 * roll_int(d, 4, 8)
                                                    : 500 * roll_int(d, 1, 5);
        net->phase_min_ms[phase] = net->phase_max_ms[phase] = net->phase_duration_ms[phase];
        for (int32_t g = 0; g < groups; ++g) {
          const int32_t c = net->node_connector[net->node_first_connector[node] + g];
          char letter = 'r';
          if (stage_of[p->path[c].from_link] == stage && part < 2) {
            letter = part == 1 ? 'y' : 'G';
            for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1] && part == 0; ++k)
              if (net->conflict_yield[k] && stage_of[p->path[net->conflict_other[k]].from_link] == stage)
                letter = 'g';
          }
          net->phase_state[letters++] = letter;
        }
        net->phase_first_state[phase + 1] = letters;
      }
    net->signal_id[s] = city_name("s", node);
    net->signal_group_count[s] = groups;
    net->signal_active[s] = s;
    net->program_id[s] = art_strdup("0");
    net->program_offset_ms[s] = 500 * roll_int(d, 0, 60);
    net->signal_first_program[s + 1] = s + 1;
    net->program_first_phase[s + 1] = net->phase_count;
    ++s;
  }
}

static inline art_net *city_net(plan *p, dice *d, const city_traits *traits)
{
  plan_streets(p, d, traits);
  for (int32_t l = 0; l < p->links; ++l) {
    p->link[l].first_lane = p->lanes;
    p->lanes += p->link[l].lanes;
  }
  plan_movements(p, d);
  qsort(p->path, (size_t)p->paths, sizeof *p->path, path_order);
  for (int32_t node = 0; node < p->nodes; ++node) {
    int32_t paths = 0;
    for (int32_t c = 0; c < p->paths; ++c) paths += p->path[c].node == node;
    p->has_signal[node] = paths > 1 && traits->with_signals && chance(d, 0.45);
  }
  art_net *net = art_net_new();
  city_links(p, net, d, traits);
  city_paths(p, net, d);
  art_net_index(net);
  city_conflicts(p, net, traits);
  city_right_of_way(p, net, d, traits);
  city_signals(p, net, d);
  dice gap_dice = { art_hash2(d->state, 29) };  // of their own, so that the rest of a seed's city stays what it is
  city_gaps(p, net, &gap_dice);
  city_people(p, net, &gap_dice);
  net->detector_first_point = ART_NEW(int32_t, 1);
  art_net_index(net);  // now with signals
  return net;
}

// --- demand -------------------------------------------------------------------------------------------------------------

static inline void city_types(art_demand *demand, dice *d, const city_traits *traits)
{
  const int32_t n = demand->type_count = traits->one_type ? 1 : 5;
  demand->type_id = ART_NEW(char *, n);
  demand->type = ART_NEW(art_vtype, n);
  demand->set_count = 1;
  demand->set_id = ART_NEW(char *, 1);
  demand->set_id[0] = art_strdup("all");
  demand->set_first = ART_NEW(int32_t, 2);
  demand->set_first[1] = n;
  demand->set_type = ART_NEW(int32_t, n);
  demand->set_probability = ART_NEW(float, n);
  for (int32_t t = 0; t < n; ++t) {
    demand->type_id[t] = city_name("type", t);
    art_vtype type = art_vtype_default();
    if (t > 0) {
      type.length_m = (float)roll(d, 1.0, (double)traits->longest_m);
      if (t == 1 && traits->longest_m >= 40.0f && chance(d, 0.4)) type.length_m = 40.0f;  // a tram
      type.width_m = (float)roll(d, 0.6, 2.5);
      type.min_gap_m = (float)roll(d, 0.5, 3.0);
      type.time_gap_s = (float)roll(d, 0.8, 2.0);
      type.accel_mps2 = (float)roll(d, 0.5, 3.0);
      type.decel_mps2 = (float)roll(d, 1.2, 4.5);
      type.emergency_decel_mps2 = fmaxf((float)roll(d, 6.0, 9.0), type.decel_mps2);
      type.max_speed_mps = (float)roll(d, 4.0, 40.0);
      type.model = chance(d, 0.4) ? (int32_t)roll_int(d, 0, ART_MODEL_COUNT - 1) : ART_MODEL_IIDM;
      type.startup_delay_s = chance(d, 0.3) ? (float)roll(d, 0.0, 2.0) : 0.0f;
      type.action_step_s = chance(d, 0.2) ? (float)roll(d, 0.0, 1.5) : 0.0f;
      type.noise_mps2 = chance(d, 0.5) ? (float)roll(d, 0.0, 0.5) : 0.0f;
    }
    type.lc_opposite = t % 2 == 0 ? 1.0f : 0.0f;
    demand->type[t] = type;
    demand->set_type[t] = t;
    demand->set_probability[t] = 1.0f / (float)n;
  }
}

/// A walk along movements that passenger cars may use, until a gate or `most` links. Returns the number of links.
static inline int32_t city_walk(const art_net *net, dice *d, int32_t start, int32_t most, int32_t *links)
{
  int32_t count = 0;
  for (int32_t link = start; count < most;) {
    links[count++] = link;
    int32_t choice[64], choices = 0;
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
      if (!ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_PASSENGER)) continue;
      for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1] && choices < 64; ++c)
        if (ART_PERMITS(net->lane_allowed[net->connector_to[c]], ART_VCLASS_PASSENGER))
          choice[choices++] = net->lane_link[net->connector_to[c]];
    }
    if (choices == 0) break;
    link = choice[roll_int(d, 0, choices - 1)];
  }
  return count;
}

typedef struct city_trip {
  int64_t depart_ms;
  uint64_t key;
  int32_t number, route;
} city_trip;
static inline int trip_order(const void *a, const void *b)
{
  const city_trip *p = a, *q = b;
  if (p->depart_ms != q->depart_ms) return p->depart_ms < q->depart_ms ? -1 : 1;
  return (p->key > q->key) - (p->key < q->key);
}

static inline void city_stop(const art_net *net, art_demand *demand, dice *d, int32_t trip)
{
  const int64_t first = demand->route_first[demand->trip_route[trip]],
                end = demand->route_first[demand->trip_route[trip] + 1];
  const int32_t link = demand->route_link[first + roll_int(d, 0, (int32_t)(end - first) - 1)];
  const int32_t lane = net->link_first_lane[link];
  const float length = net->lane_length_m[lane];
  if (length < 30.0f || !ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_PASSENGER)) return;
  const int32_t at = demand->stop_count++;
  demand->stop_lane[at] = lane;
  demand->stop_end_m[at] = (float)roll(d, 20.0, (double)length);
  demand->stop_start_m[at] = demand->stop_end_m[at] - 15.0f;
  demand->stop_duration_ms[at] = 1000 * roll_int(d, 0, 30);
  demand->stop_until_ms[at] = -1;
  demand->stop_place[at] = -1;
  demand->stop_beside[at] = art_mix64((uint64_t)at + d->state) % 3 == 0;  // no draw: other cities stay as they were
}

static inline art_demand *city_demand(const plan *p, const art_net *net, dice *d, const city_traits *traits)
{
  art_demand *demand = art_demand_new();
  city_types(demand, d, traits);
  const int32_t trips = traits->trips, most_links = 25;
  demand->route_count = demand->trip_count = trips;
  demand->route_first = ART_NEW(int64_t, trips + 1);
  demand->route_link = ART_NEW(int32_t, trips * most_links);
  demand->trip_id = ART_NEW(char *, trips);
  demand->trip_key = ART_NEW(uint64_t, trips);
  demand->trip_set = ART_NEW(int32_t, trips);
  demand->trip_route = ART_NEW(int32_t, trips);
  demand->trip_depart_ms = ART_NEW(int64_t, trips);
  demand->trip_depart_lane = ART_NEW(int32_t, trips);
  demand->trip_depart_pos_m = ART_NEW(float, trips);
  demand->trip_depart_speed_mps = ART_NEW(float, trips);
  demand->trip_arrival_pos_m = ART_NEW(float, trips);
  demand->trip_first_stop = ART_NEW(int32_t, trips + 1);
  demand->stop_lane = ART_NEW(int32_t, trips);
  demand->stop_start_m = ART_NEW(float, trips);
  demand->stop_end_m = ART_NEW(float, trips);
  demand->stop_duration_ms = ART_NEW(int64_t, trips);
  demand->stop_until_ms = ART_NEW(int64_t, trips);
  demand->stop_place = ART_NEW(int32_t, trips);
  demand->stop_beside = ART_NEW(uint8_t, trips);

  int32_t gate_link[CITY_MOST_LINKS], gate_links = 0;
  for (int32_t l = 0; l < p->links; ++l)
    if (p->is_gate[p->link[l].from]) gate_link[gate_links++] = l;
  city_trip *order = art_new((size_t)trips, sizeof *order);
  const double period_ms = roll(d, 200e3, 600e3);
  for (int32_t i = 0; i < trips; ++i) {
    int32_t start = gate_link[roll_int(d, 0, gate_links - 1)];
    if (traits->with_odd_departures && chance(d, 0.15)) start = roll_int(d, 0, p->links - 1);
    const int32_t first = net->link_first_lane[start], last = net->link_first_lane[start + 1] - 1;
    if (!ART_PERMITS(net->lane_allowed[first], ART_VCLASS_PASSENGER) && first == last) start = gate_link[0];
    const int64_t at = demand->route_first[i];
    demand->route_first[i + 1] = at + city_walk(net, d, start, most_links, demand->route_link + at);
    char *id = city_name("t", i);
    order[i] = (city_trip){ (int64_t)roll(d, 0.0, period_ms), art_trip_key(id), i, i };
    free(id);
  }
  qsort(order, (size_t)trips, sizeof *order, trip_order);
  for (int32_t i = 0; i < trips; ++i) {
    demand->trip_id[i] = city_name("t", order[i].number);
    demand->trip_key[i] = order[i].key;
    demand->trip_route[i] = order[i].route;
    demand->trip_depart_ms[i] = order[i].depart_ms;
    demand->trip_depart_lane[i] = ART_LANE_BEST;
    demand->trip_depart_pos_m[i] = ART_POS_BASE;
    demand->trip_depart_speed_mps[i] = ART_SPEED_MAX;
    demand->trip_arrival_pos_m[i] = ART_POS_END;
    if (traits->with_odd_departures) {
      static const int32_t lanes[] = { ART_LANE_BEST,   ART_LANE_BEST, ART_LANE_FIRST,
                                       ART_LANE_RANDOM, ART_LANE_FREE, ART_LANE_ALLOWED };
      static const float places[] = { ART_POS_BASE, ART_POS_BASE, ART_POS_LAST, ART_POS_RANDOM };
      static const float speeds[] = { ART_SPEED_MAX,    ART_SPEED_MAX, ART_SPEED_DESIRED,
                                      ART_SPEED_RANDOM, 0.0f,          ART_SPEED_LAST };
      demand->trip_depart_lane[i] = lanes[roll_int(d, 0, 5)];
      demand->trip_depart_pos_m[i] = places[roll_int(d, 0, 3)];
      demand->trip_depart_speed_mps[i] = speeds[roll_int(d, 0, 5)];
    }
    if (traits->with_stops && chance(d, 0.1)) city_stop(net, demand, d, i);
    demand->trip_first_stop[i + 1] = demand->stop_count;
  }
  free(order);
  return demand;
}

/// A city with all that can go on, of a size that suits thousands of steps a millisecond.
static inline city_traits city_traits_of(uint64_t seed)
{
  dice d = { art_hash2(seed, 17) };
  return (city_traits){ .nodes = roll_int(&d, 1, 6),
                        .trips = roll_int(&d, 20, 140),
                        .most_lanes = roll_int(&d, 1, 3),
                        .least_link_m = 0.2f,
                        .with_signals = chance(&d, 0.6),
                        .with_holds = chance(&d, 0.7),
                        .with_crossings = 1,
                        .with_stops = chance(&d, 0.4),
                        .with_changes = chance(&d, 0.3),
                        .with_permissions = chance(&d, 0.3),
                        .with_odd_departures = chance(&d, 0.4),
                        .longest_m = seed % 5 < 2 ? 40.0f : 18.0f,  // with trams, or without
                        .one_type = chance(&d, 0.3) };
}

static inline random_city city_build(uint64_t seed, const city_traits *traits)
{
  dice d = { seed };
  plan p = { 0 };
  p.path = art_new(CITY_MOST_PATHS, sizeof *p.path);
  random_city city = { .net = city_net(&p, &d, traits) };
  city.demand = city_demand(&p, city.net, &d, traits);
  if (traits->with_changes) {
    for (int n = 0; n < 2; ++n)
      city.change[n] = (art_change){ .kind = n == 0 ? ART_CHANGE_CLOSE_LINK : ART_CHANGE_SPEED_LIMIT,
                                     .link = roll_int(&d, 0, p.links - 1),
                                     .lane = -1,
                                     .from_ms = 60000 * roll_int(&d, 0, 4),
                                     .to_ms = 60000 * roll_int(&d, 5, 12),
                                     .value = (float)roll(&d, 2.0, 20.0) };
    city.change_count = 2;
  }
  free(p.path);
  return city;
}

static inline void city_free(random_city *city)
{
  art_net_free(city->net);
  art_demand_free(city->demand);
}

#endif  // ART_TESTS_PROPERTY_RANDOM_CITY_H
