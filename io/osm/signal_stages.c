// Stages of guessed signals: out of conflicts, with a green of their own for left turns that have a lane where the road is
// busy by its class.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/rules_internal.h"
#include "io/osm/signals_internal.h"

#define BESIDE_COS 0.7

static int conflict_of(const art_signal_planner *p, int32_t a, int32_t b, int kind)
{
  const art_map_movement *m = art_signal_movement(p, a), *n = art_signal_movement(p, b);
  if (m->in == n->in || kind == ART_CONFLICT_DIVERGE) return 0;
  const art_map_link *in_a = &p->plan->link[m->in], *in_b = &p->plan->link[n->in];
  if (in_a->piece == in_b->piece && in_a->direction == in_b->direction) return 1;  // a copy of the same road
  const double cosine = art_vec_dot(in_a->end, in_b->end);
  const int opposite = cosine < ART_ONCOMING_COS;
  // Bicycles, and buses and trams on ways of their own, go along with the street beside them, whichever way round; who
  // turns yields.
  const uint32_t cars = 1u << ART_VCLASS_PASSENGER;
  if ((!(m->allowed & cars) || !(n->allowed & cars)) && fabs(cosine) > BESIDE_COS) return 1;
  // Left turns look for gaps in the oncoming stream, who turns back in all of them.
  if (opposite && (art_turn_is_left(m->turn) || art_turn_is_left(n->turn)) &&
      !(art_turn_is_left(m->turn) && art_turn_is_left(n->turn) && kind == ART_CONFLICT_CROSS))
    return 1;
  if (opposite && art_turn_is_left(m->turn) && art_turn_is_left(n->turn)) return 1;
  if (m->turn == ART_TURN_U || n->turn == ART_TURN_U) return 1;
  return 2;
}

void art_signal_conflicts(const art_signal_planner *p, art_signal_control *k)
{
  const art_net *net = p->net;
  int32_t *place = ART_NEW(int32_t, k->connector[k->count - 1] + 1);
  k->conflict = ART_NEW(uint8_t, (size_t)k->count * (size_t)k->count);
  for (int32_t i = 0; i < k->count; ++i) place[k->connector[i]] = i;
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t c = k->connector[i];
    for (int32_t r = net->conflict_first[c]; r < net->conflict_first[c + 1]; ++r)
      k->conflict[(size_t)i * (size_t)k->count + (size_t)place[net->conflict_other[r]]] =
          (uint8_t)conflict_of(p, c, net->conflict_other[r], net->conflict_kind[r]);
  }
  free(place);
}

static int worst_between(const art_signal_control *k, int32_t a, int32_t b)
{
  int worst = 0;
  for (int32_t i = 0; i < k->count; ++i)
    for (int32_t j = 0; j < k->count; ++j) {
      if (k->approach_of[i] != a || k->approach_of[j] != b) continue;
      const int here = k->conflict[(size_t)i * (size_t)k->count + (size_t)j];
      worst = here > worst ? here : worst;
    }
  return worst;
}

double art_signal_lane_load(const art_map *plan, int32_t link)
{
  const art_map_link *l = &plan->link[link];
  const int class = art_map_way_of(plan, l->piece, l->direction)->road_class;
  static const double by_pair[] = { 800.0, 700.0, 550.0, 420.0, 300.0 };
  if (class <= ART_OSM_CLASS_TERTIARY_LINK) return by_pair[class / 2];
  return class <= ART_OSM_CLASS_RESIDENTIAL ? 180.0 : 90.0;
}

void art_signal_approaches(const art_signal_planner *p, art_signal_control *k)
{
  k->approach_of = ART_NEW(int32_t, k->count);
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t link = art_signal_movement(p, k->connector[i])->in;
    int32_t a = 0;
    while (a < k->approach_count && k->approach[a] != link) ++a;
    if (a == k->approach_count && a < ART_SIGNAL_APPROACHES) k->approach[k->approach_count++] = link;
    k->approach_of[i] = a < ART_SIGNAL_APPROACHES ? a : ART_SIGNAL_APPROACHES - 1;
  }
}

/// Does a lane of its own lead to the left?
static int has_left_lane(const art_signal_planner *p, const art_signal_control *k, int32_t a)
{
  uint32_t left = 0, other = 0;
  for (int32_t i = 0; i < k->count; ++i) {
    if (k->approach_of[i] != a) continue;
    const uint32_t lane = 1u << p->plan->connector[k->connector[i]].from_lane;
    if (art_turn_is_left(art_signal_movement(p, k->connector[i])->turn))
      left |= lane;
    else
      other |= lane;
  }
  return (left & ~other) != 0;
}

static int lanes_straight(const art_signal_planner *p, const art_signal_control *k, int32_t a)
{
  uint32_t lanes = 0;
  for (int32_t i = 0; i < k->count; ++i)
    if (k->approach_of[i] == a && !art_turn_is_left(art_signal_movement(p, k->connector[i])->turn))
      lanes |= 1u << p->plan->connector[k->connector[i]].from_lane;
  return __builtin_popcount(lanes);
}

/// Left turns of an approach get a stage of their own against oncoming streams of two lanes on main roads.
static int wants_left_stage(const art_signal_planner *p, const art_signal_control *k, int32_t a, int32_t opposite)
{
  if (!has_left_lane(p, k, a)) return 0;
  const double load = art_signal_lane_load(p->plan, k->approach[opposite]);
  return lanes_straight(p, k, opposite) >= 2 ? load >= 300.0 : load >= 550.0;
}

static double load_of(const art_signal_planner *p, const art_signal_control *k, const uint8_t *green, int left)
{
  double most = 0.0;
  for (int32_t i = 0; i < k->count; ++i) {
    if (!green[i]) continue;
    const double load = art_signal_lane_load(p->plan, k->approach[k->approach_of[i]]) * (left ? 0.4 : 1.0);
    most = fmax(most, load);
  }
  return most;
}

static uint8_t *new_stage(art_signal_control *k)
{
  return k->stage_count < ART_SIGNAL_STAGES ? k->green + (size_t)k->stage_count * (size_t)k->count : NULL;
}

/// Does a connector meet a green one, or lie on an approach of the stage?
static int meets(const art_signal_control *k, const uint8_t *green, const uint8_t *is_of_stage, int32_t i)
{
  if (is_of_stage[k->approach_of[i]]) return 1;
  for (int32_t j = 0; j < k->count; ++j)
    if (green[j] && k->conflict[(size_t)i * (size_t)k->count + (size_t)j]) return 1;
  return 0;
}

/// Movements that meet nobody of a stage go along with it, with all their lanes: one light shows for them.
static void let_along(const art_signal_planner *p, art_signal_control *k, uint8_t *green)
{
  uint8_t is_of_stage[ART_SIGNAL_APPROACHES] = { 0 };
  for (int32_t i = 0; i < k->count; ++i) is_of_stage[k->approach_of[i]] |= green[i];
  for (int32_t i = 0; i < k->count; ++i) {
    const art_map_movement *move = art_signal_movement(p, k->connector[i]);
    int fits = !green[i];
    for (int32_t j = 0; j < k->count && fits; ++j)
      fits = art_signal_movement(p, k->connector[j]) != move || !meets(k, green, is_of_stage, j);
    for (int32_t j = 0; j < k->count && fits; ++j)
      if (art_signal_movement(p, k->connector[j]) == move) green[j] = 1;
  }
}

static void close_stage(const art_signal_planner *p, art_signal_control *k, uint8_t *green, int left)
{
  k->load[k->stage_count] = load_of(p, k, green, left);
  k->is_left[k->stage_count++] = (uint8_t)left;
  let_along(p, k, green);
}

static void add_stages(const art_signal_planner *p, art_signal_control *k, const int32_t *members, int32_t count)
{
  uint8_t lefts[ART_SIGNAL_APPROACHES] = { 0 };
  int any = 0;
  for (int32_t i = 0; i < count; ++i)
    for (int32_t j = 0; j < count; ++j)
      if (i != j && worst_between(k, members[i], members[j]) == 1 &&
          wants_left_stage(p, k, members[i], members[j]))
        any |= lefts[members[i]] = 1;
  uint8_t *green = any ? new_stage(k) : NULL;
  if (green) {
    for (int32_t i = 0; i < k->count; ++i)
      green[i] = lefts[k->approach_of[i]] && art_turn_is_left(art_signal_movement(p, k->connector[i])->turn) &&
                 art_signal_movement(p, k->connector[i])->turn != ART_TURN_U;
    close_stage(p, k, green, 1);
  }
  green = new_stage(k);
  if (!green) return;
  for (int32_t i = 0; i < k->count; ++i)
    for (int32_t m = 0; m < count; ++m)
      if (k->approach_of[i] == members[m]) green[i] = 1;
  close_stage(p, k, green, 0);
}

/// The heaviest approach first, with all that go along with it.
void art_signal_stages(const art_signal_planner *p, art_signal_control *k)
{
  uint8_t is_served[ART_SIGNAL_APPROACHES] = { 0 };
  k->green = ART_NEW(uint8_t, (size_t)k->count * ART_SIGNAL_STAGES);
  for (;;) {
    int32_t members[ART_SIGNAL_APPROACHES], count = 0;
    for (;;) {
      int32_t best = -1;
      double most = -1.0;
      for (int32_t a = 0; a < k->approach_count; ++a) {
        const double weight = art_signal_lane_load(p->plan, k->approach[a]) * p->plan->link[k->approach[a]].lane_count;
        int fits = !is_served[a];
        for (int32_t m = 0; m < count && fits; ++m) fits = worst_between(k, a, members[m]) < 2;
        if (!fits || weight <= most) continue;
        most = weight;
        best = a;
      }
      if (best < 0) break;
      members[count++] = best;
      is_served[best] = 1;
    }
    if (!count) break;
    add_stages(p, k, members, count);
  }
}
