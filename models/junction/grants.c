#include "models/junction/grants.h"

#include <math.h>
#include <stdlib.h>

#include "core/num/real.h"

#define COMMIT_DECEL_MPS2 3.0f  // who cannot stop with this has passed the point of no return
#define LINE_MARGIN_M 0.5f
#define CROSS_MARGIN_S 0.3f    // error of the predictions that a grant behind another body forgives
#define PRECEDE_MARGIN_S 0.5f  // kept from a prioritised vehicle that one passes in front of
#define STOPPED_MPS 0.3f
#define CHAINED_CLASS 4096
#define BLOCKED_S 2.0f  // a body inside that has stood this long is not about to clear
#define MERGE_DECEL_MPS2 \
  2.0f                      // what a prioritised vehicle may have to slow down for one that merges before it
#define BEHIND_LINE_M 1.0f  // where a vehicle comes to rest before a line or zone

/// What has been decided of a passage; scratch holds one per passage.
enum { WAITS, ACTIVE, GRANTED, REFUSED };

typedef struct view {
  art_junction *j;
  const art_net *net;
  art_passage *p;
  int32_t n;
  int32_t *state;   // by passage
  int32_t *sorted;  // order of evaluation
  int32_t *class_of;
  int32_t *rank;  // of those granted now, finer than whole numbers: 1024 per place
} view;

/// Earliest time to cover a distance, accelerating up to the desired speed.
static float travel_time(float distance, float v, float accel, float v_max)
{
  if (distance <= 0.0f) return 0.0f;
  v_max = art_maxf(v_max, 1.0f);
  if (v >= v_max) return distance / v;
  const float t1 = (v_max - v) / accel, d1 = 0.5f * (v + v_max) * t1;
  if (d1 >= distance) return (sqrtf(v * v + 2.0f * accel * distance) - v) / accel;
  return t1 + (distance - d1) / v_max;
}

static float time_to(const art_passage *p, float at_m)
{
  return travel_time(at_m - p->front_m, p->speed_mps, p->accel_mps2, p->desired_mps);
}

/// Time until the rear has passed a point: somewhat slower than possible.
static float time_to_clear(const art_passage *p, float at_m)
{
  const float start_up = p->speed_mps < STOPPED_MPS ? 0.5f : 0.0f;
  return start_up +
         travel_time(at_m + p->length_m - p->front_m, p->speed_mps, 0.8f * p->accel_mps2, p->desired_mps);
}

static float hold_of(const view *w, const art_passage *p)
{
  return w->net->connector_hold_m[p->connector];
}

/// The line that it must not pass without a (further) grant, connector coordinates.
static float line_of(const view *w, const art_passage *p)
{
  const float hold = hold_of(w, p);
  return p->front_m > 0.0f && hold > 0.0f && p->front_m <= hold + LINE_MARGIN_M ? hold : 0.0f;
}

static int cannot_stop(const art_passage *p, float line_m)
{
  return p->speed_mps >= 0.1f &&
         p->speed_mps * p->speed_mps >
             2.0f * COMMIT_DECEL_MPS2 * art_maxf(line_m - p->front_m - LINE_MARGIN_M, 0.0f);
}

static int is_inside(const art_passage *p)
{
  return p->front_m > 0.0f;
}
/// Waits inside at its holding point, or is on the way there.
static int holds(const view *w, int32_t i)
{
  return w->state[i] == ACTIVE && w->p[i].new_grant == ART_GRANT_HOLD;
}

/// An active passage claims all zones ahead, a holding one only those that begin before its holding point.
static int claims(const view *w, int32_t i, float enter_m)
{
  return !holds(w, i) || enter_m < hold_of(w, &w->p[i]);
}

/// By right of way and signals: does i yield to o at conflict row k? Whoever still waits inside when its own green is over
/// clears the node first.
static int yields(const view *w, const art_passage *i, const art_passage *o, int32_t k)
{
  if (is_inside(i) && (i->aspect == ART_ASPECT_RED || i->aspect == ART_ASPECT_YELLOW)) return 0;
  if (i->aspect == ART_ASPECT_MAJOR && o->aspect != ART_ASPECT_MAJOR) return 0;
  if (i->aspect != ART_ASPECT_MAJOR && o->aspect == ART_ASPECT_MAJOR) return 1;
  return w->net->conflict_yield[k];
}

// --- pairs -------------------------------------------------------------------------------------------------------

/// May i pass conflict row k after o, which is ahead of it in the order?
static int may_follow(const view *w, const art_passage *i, const art_passage *o, int32_t k)
{
  const art_net *net = w->net;
  const int stuck = is_inside(o) && o->speed_mps < STOPPED_MPS && o->blocked_s > BLOCKED_S;
  if (net->conflict_kind[k] == ART_CONFLICT_MERGE) {
    const float to_end_i = net->lane_length_m[art_net_lane_of_connector(net, i->connector)] - i->front_m;
    const float to_end_o = net->lane_length_m[art_net_lane_of_connector(net, o->connector)] - o->front_m;
    const float gap = to_end_i - to_end_o - o->length_m;
    const float brake =
        (i->speed_mps * i->speed_mps - o->speed_mps * o->speed_mps) / (2.0f * COMMIT_DECEL_MPS2);
    if (gap >= i->min_gap_m + art_maxf(brake, 0.0f)) return 1;
    if (stuck) return 0;
    return time_to(i, net->conflict_enter_m[k]) + CROSS_MARGIN_S >=
               time_to_clear(o, net->conflict_other_enter_m[k]) &&
           to_end_i > to_end_o;
  }
  if (stuck) return 0;
  return time_to(i, net->conflict_enter_m[k]) + CROSS_MARGIN_S >=
         time_to_clear(o, net->conflict_other_exit_m[k]);
}

/// May i pass conflict row k in front of o, which is on its way but can still stop?
static int may_precede(const view *w, const art_passage *i, const art_passage *o, int32_t k)
{
  const art_net *net = w->net;
  if (net->conflict_kind[k] == ART_CONFLICT_MERGE) {
    const float end_i = net->lane_length_m[art_net_lane_of_connector(net, i->connector)];
    const float end_o = net->lane_length_m[art_net_lane_of_connector(net, o->connector)];
    const float mine = time_to(i, end_i), theirs = time_to(o, end_o);
    const float v2 = i->speed_mps * i->speed_mps + 2.0f * i->accel_mps2 * art_maxf(end_i - i->front_m, 0.0f);
    const float my_speed = art_minf(sqrtf(v2), art_maxf(i->desired_mps, 1.0f));
    const float slower = art_maxf(o->speed_mps - my_speed, 0.0f);
    const float body = i->length_m / art_maxf(my_speed, 1.0f);
    return mine + body + PRECEDE_MARGIN_S + slower / (2.0f * MERGE_DECEL_MPS2) <= theirs;
  }
  return time_to_clear(i, net->conflict_exit_m[k]) + PRECEDE_MARGIN_S <=
         time_to(o, net->conflict_other_enter_m[k]);
}

// --- order of evaluation -------------------------------------------------------------------------------------------

static int32_t count_yields(const art_net *net, int32_t c)
{
  int32_t count = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    count += net->conflict_yield[k];
  return count;
}

static float arrival(const art_passage *p)
{
  return art_maxf(-p->front_m, 0.0f) / art_maxf(p->speed_mps, 1.0f);
}

/// Total order of requests: class first, then time to the line, then key.
static int request_before(const view *w, int32_t a, int32_t b)
{
  if (w->class_of[a] != w->class_of[b]) return w->class_of[a] < w->class_of[b];
  const float wa = w->p[a].jammed ? w->p[a].waited_s : 0.0f, wb = w->p[b].jammed ? w->p[b].waited_s : 0.0f;
  if (wa != wb) return wa > wb;
  const float ta = arrival(&w->p[a]), tb = arrival(&w->p[b]);
  if (ta != tb) return ta < tb;
  if (w->p[a].key != w->p[b].key) return w->p[a].key < w->p[b].key;
  return w->p[a].turn_slot < w->p[b].turn_slot;
}

static int active_before(const view *w, int32_t a, int32_t b)
{
  const art_passage *pa = &w->p[a], *pb = &w->p[b];
  if (pa->new_committed != pb->new_committed) return pa->new_committed > pb->new_committed;
  if (pa->order != pb->order) return pa->order < pb->order;
  if (pa->key != pb->key) return pa->key < pb->key;
  return pa->turn_slot < pb->turn_slot;
}

/// Insertion sort: lists are short and often nearly sorted.
static void sort_by(const view *w, int32_t *list, int32_t count,
                    int (*before)(const view *, int32_t, int32_t))
{
  for (int32_t i = 1; i < count; ++i) {
    const int32_t moved = list[i];
    int32_t at = i;
    for (; at > 0 && before(w, moved, list[at - 1]); --at) list[at] = list[at - 1];
    list[at] = moved;
  }
}

static int is_open(const art_passage *p)
{
  switch (p->aspect) {
  case ART_ASPECT_RED: return 0;
  case ART_ASPECT_YELLOW: return cannot_stop(p, 0.0f);
  case ART_ASPECT_STOP:
    return p->waited_s > 0.0f || p->grant != ART_GRANT_NONE ||
           (p->speed_mps < STOPPED_MPS && p->front_m > -3.0f);
  default: return 1;
  }
}

/// Splits passages into those under way and those that ask, and numbers the ones that have just become irrevocable.
static void find_active(view *w)
{
  int32_t fresh = 0;
  for (int32_t i = 0; i < w->n; ++i) {
    art_passage *p = &w->p[i];
    p->new_grant = ART_GRANT_NONE;
    p->new_committed = 0;
    p->waits_for = -1;
    p->refusal = p->prior == ART_PRIOR_CLOSED ? ART_REFUSED_PRIOR
                 : !is_open(p)                ? ART_REFUSED_ASPECT
                                              : ART_REFUSED_NOT;
    p->new_order = p->order;
    w->state[i] = WAITS;
    const float line = line_of(w, p), hold = hold_of(w, p);
    if (is_inside(p)) {
      // Irrevocable once past the point of no return, even if it had to halt short of the line after all.
      const int waits_at_hold = hold > 0.0f && line > 0.0f && p->committed != 2 &&
                                !(p->grant == ART_GRANT_FULL && cannot_stop(p, hold));
      w->state[i] = ACTIVE;
      p->new_grant = waits_at_hold ? ART_GRANT_HOLD : ART_GRANT_FULL;
      p->new_committed = p->committed == 2 ? 2 : 1;
      // Beyond its holding point it needs a number later than all that passed before it.
      // Who went in from a stand before it had one gets its first number here.
      if ((!waits_at_hold && line > 0.0f && p->committed != 2) || !p->committed) w->sorted[fresh++] = i;
    } else if (p->grant != ART_GRANT_NONE && cannot_stop(p, 0.0f)) {
      w->state[i] = ACTIVE;
      p->new_grant = p->grant;
      p->new_committed = p->committed;
      if (!p->committed) w->sorted[fresh++] = i;
    }
  }
  sort_by(w, w->sorted, fresh, active_before);
  for (int32_t r = 0; r < fresh; ++r) {
    art_passage *p = &w->p[w->sorted[r]];
    p->new_order = w->j->next_order++;
    p->new_committed = p->new_grant == ART_GRANT_FULL ? 2 : 1;  // 2: all the way, 1: to the holding point
  }
}

/// Evaluation class: clearing vehicles first, then major before minor before stop, then by streams to yield to.
static int32_t request_class(const view *w, int32_t i)
{
  static const int32_t base[] = { [ART_ASPECT_RED] = 0,
                                  [ART_ASPECT_YELLOW] = 0,
                                  [ART_ASPECT_MAJOR] = 1,
                                  [ART_ASPECT_MINOR] = 2,
                                  [ART_ASPECT_STOP] = 3 };
  const art_passage *p = &w->p[i];
  const int32_t streams = count_yields(w->net, p->connector);
  const int32_t late = p->prior == ART_PRIOR_CHAINED ? CHAINED_CLASS : 0;  // after all who can really come
  if (p->jammed && p->aspect != ART_ASPECT_RED) return late + 1;
  return late + base[p->aspect] * 256 + (is_inside(p) ? 0 : 1 + (streams < 254 ? streams : 254));
}

/// Lists who asks, in order of evaluation. Nobody is evaluated before the one ahead of it on its lane.
static int32_t list_requests(view *w)
{
  int32_t count = 0;
  for (int32_t i = 0; i < w->n; ++i) {
    const art_passage *p = &w->p[i];
    w->class_of[i] = request_class(w, i);
    const int inside_asking = holds(w, i) && is_inside(p);
    const int outside_asking = w->state[i] == WAITS && p->asks && p->prior != ART_PRIOR_CLOSED && is_open(p);
    if (inside_asking || outside_asking) w->sorted[count++] = i;
  }
  for (int pass = 0; pass < 2; ++pass)  // lanes are short: two passes settle chains of the usual length
    for (int32_t a = 0; a < count; ++a)
      for (int32_t b = 0; b < count; ++b) {
        const art_passage *pa = &w->p[w->sorted[a]], *pb = &w->p[w->sorted[b]];
        if (pa->from_lane == pb->from_lane && pb->front_m > pa->front_m && pb->prior == ART_PRIOR_OPEN &&
            w->class_of[w->sorted[b]] > w->class_of[w->sorted[a]])
          w->class_of[w->sorted[a]] = w->class_of[w->sorted[b]];
      }
  sort_by(w, w->sorted, count, request_before);
  return count;
}

// --- one request -----------------------------------------------------------------------------------------------------

/// Does o wait at its holding point, or may it still have to? There even a full grant can be taken back until the vehicle
/// has passed its point of no return.
static int may_end_at_hold(const view *w, int32_t o)
{
  if (w->state[o] != ACTIVE && w->state[o] != GRANTED) return 0;
  return w->p[o].new_grant == ART_GRANT_HOLD || (is_inside(&w->p[o]) && w->state[o] == GRANTED);
}

/// Will or may o come to stand with its body on the zone of conflict row k?
static int may_stay_on(const view *w, int32_t o, int32_t k)
{
  const art_passage *p = &w->p[o];
  const float hold = hold_of(w, p);
  if (hold <= 0.0f || w->net->conflict_other_enter_m[k] >= hold || !may_end_at_hold(w, o)) return 0;
  return hold - BEHIND_LINE_M - LINE_MARGIN_M - p->length_m <= w->net->conflict_other_exit_m[k];
}

/// Nobody goes past a leader of its own lane that is not granted, or that waits inside with its rear at the fork.
static int lane_is_clear(const view *w, int32_t i)
{
  art_passage *me = &w->p[i];
  me->refusal = ART_REFUSED_LANE;
  for (int32_t o = 0; o < w->n; ++o) {
    const art_passage *p = &w->p[o];
    if (o == i || p->from_lane != me->from_lane || p->front_m <= me->front_m || p->vehicle == me->vehicle)
      continue;
    if (me->rotates && p->rotates) continue;   // they move up together
    if (p->prior != ART_PRIOR_OPEN) continue;  // may come from another branch, later
    me->waits_for = p->vehicle;
    if (!is_inside(p) && w->state[o] != GRANTED && w->state[o] != ACTIVE) return 0;
    if (!may_end_at_hold(w, o)) continue;
    if (p->connector == me->connector) return 0;
    for (int32_t k = w->net->conflict_first[me->connector]; k < w->net->conflict_first[me->connector + 1];
         ++k)
      if (w->net->conflict_other[k] == p->connector &&
          p->front_m - p->length_m <= w->net->conflict_other_exit_m[k])
        return 0;
    if (p->front_m - p->length_m <= 0.0f) return 0;
  }
  me->refusal = ART_REFUSED_NOT;
  me->waits_for = -1;
  return 1;
}

/// Storage behind the node, less what is promised to others.
static int room_for(const view *w, int32_t i)
{
  const art_passage *me = &w->p[i];
  if (!me->needs_room || me->rotates) return 1;
  float promised = 0.0f;
  for (int32_t o = 0; o < w->n; ++o) {
    const art_passage *p = &w->p[o];
    if (o == i || p->to_lane != me->to_lane || (w->state[o] != ACTIVE && w->state[o] != GRANTED)) continue;
    if (p->front_m > w->net->lane_length_m[art_net_lane_of_connector(w->net, p->connector)]) continue;
    if (p->new_grant == ART_GRANT_FULL && !p->onward) promised += p->length_m + p->min_gap_m;
  }
  return me->room_m >= promised + me->length_m + me->min_gap_m;
}

static int has_room(const view *w, int32_t i)
{
  if (room_for(w, i)) return 1;
  w->p[i].refusal = ART_REFUSED_ROOM;
  return 0;
}

static int refuse(art_passage *me, const art_passage *other)
{
  me->refusal = ART_REFUSED_CONFLICT;
  me->waits_for = other->vehicle;
  return 0;
}

/// Refused only for one that goes into the same lane: its turn comes as soon as that one has moved on.
static int waits_for_exit(const view *w, const art_passage *p)
{
  for (int32_t o = 0; o < w->n; ++o)
    if (w->p[o].vehicle == p->waits_for) return w->p[o].to_lane == p->to_lane;
  return 0;
}

/// Checks the conflicts between from_m and to_m along i's connector. On success *after and *before_rank bound its place
/// in the order: behind the rank *after, in front of *before_rank.
static int conflicts_allow(const view *w, int32_t i, float from_m, float to_m, int32_t *after,
                           int32_t *before_rank)
{
  const art_net *net = w->net;
  art_passage *me = &w->p[i];
  *after = 0;
  *before_rank = INT32_MAX;
  for (int32_t k = net->conflict_first[me->connector]; k < net->conflict_first[me->connector + 1]; ++k) {
    if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE) continue;
    if (net->conflict_enter_m[k] < from_m || net->conflict_enter_m[k] >= to_m) continue;
    for (int32_t o = 0; o < w->n; ++o) {
      const art_passage *p = &w->p[o];
      if (p->connector != net->conflict_other[k] || p->vehicle == me->vehicle) continue;
      if (p->front_m - p->length_m > net->conflict_other_exit_m[k]) continue;
      const int is_active = w->state[o] == ACTIVE && claims(w, o, net->conflict_other_enter_m[k]);
      if (me->rotates && p->rotates)
        continue;  // granted together; the one that is there first still goes first
      if (may_stay_on(w, o, k)) return refuse(me, p);
      if (is_active) {
        if (!may_follow(w, me, p, k)) return refuse(me, p);
      } else if (w->state[o] == GRANTED &&
                 (p->new_grant == ART_GRANT_FULL || net->conflict_other_enter_m[k] < hold_of(w, p))) {
        if (may_follow(w, me, p, k)) {
          if (w->rank[o] > *after) *after = w->rank[o];
        } else if (may_precede(w, me, p, k)) {
          if (w->rank[o] < *before_rank) *before_rank = w->rank[o];
        } else {
          return refuse(me, p);
        }
      } else if (w->state[o] == REFUSED && p->refusal == ART_REFUSED_ROOM &&
                 net->conflict_kind[k] == ART_CONFLICT_MERGE) {
        // Whoever has the right of way and waits for room gets it first: else rings fill from their entries.
        if (yields(w, me, p, k)) return refuse(me, p);
      } else if (w->state[o] == REFUSED && p->jammed && net->conflict_kind[k] == ART_CONFLICT_MERGE &&
                 request_before(w, o, i) && waits_for_exit(w, p)) {
        return refuse(me, p);
      } else if (w->state[o] == WAITS || holds(w, o)) {
        // Not decided yet, or only announced: matters if it has the right of way and is free to come.
        if (!yields(w, me, p, k) || p->aspect == ART_ASPECT_RED || p->aspect == ART_ASPECT_YELLOW) continue;
        const int stands = p->speed_mps < STOPPED_MPS;
        // Who stands and has nowhere to go is not waited for, or rings that are full never drain.
        if (stands && net->conflict_kind[k] == ART_CONFLICT_CROSS && !room_for(w, o)) continue;
        if (stands && (!p->asks || me->waited_s > p->waited_s + 5.0f)) continue;
        if (!may_precede(w, me, p, k)) return refuse(me, p);
      }
    }
  }
  return *after < *before_rank;
}

static void grant(view *w, int32_t i, uint8_t kind, int32_t place, int32_t after, int32_t before_rank)
{
  int32_t rank = place * 1024;
  if (before_rank < rank) rank = after + (before_rank - after) / 2;
  w->state[i] = GRANTED;
  w->rank[i] = rank;
  w->p[i].new_grant = kind;
  if (kind == ART_GRANT_FULL) {
    w->p[i].refusal = ART_REFUSED_NOT;
    w->p[i].waits_for = -1;
  }
}

static void evaluate(view *w, int32_t i, int32_t place)
{
  art_passage *me = &w->p[i];
  const float hold = hold_of(w, me);
  int32_t after, before_rank;
  const int from_hold = holds(w, i);
  if (!lane_is_clear(w, i)) {
    if (!from_hold) w->state[i] = REFUSED;
    return;
  }
  if (has_room(w, i) && conflicts_allow(w, i, from_hold ? hold : -1.0f, INFINITY, &after, &before_rank)) {
    grant(w, i, ART_GRANT_FULL, place, after, before_rank);
    return;
  }
  if (from_hold) return;
  if (hold > 0.0f && conflicts_allow(w, i, -1.0f, hold, &after, &before_rank))
    grant(w, i, ART_GRANT_HOLD, place, after, before_rank);
  else
    w->state[i] = REFUSED;
}

// --- keeping behind ------------------------------------------------------------------------------------------------

static float accel_behind(const view *w, const art_passage *i, float gap, float lead)
{
  return w->j->accel[i->model](w->j->types, i->type, i->speed_mps, art_maxf(i->desired_mps, 0.1f),
                               art_maxf(gap, 0.05f), lead);
}

/// Takes over an acceleration if it is the strongest wish so far; remembers whose it is.
static void cap(art_passage *me, float accel, const art_passage *because)
{
  if (accel >= me->cap_mps2) return;
  me->cap_mps2 = accel;
  if (because) me->waits_for = because->vehicle;
}

static void stop_before(const view *w, art_passage *me, float at_m, const art_passage *because)
{
  const float distance = at_m - me->front_m;
  if (distance <= 0.0f) return;
  cap(me, accel_behind(w, me, distance + me->min_gap_m - BEHIND_LINE_M, 0.0f), because);
  me->stop_m = art_minf(me->stop_m, at_m);
}

/// Holds i back behind o, which has the lower number, at conflict row k.
static void keep_behind(const view *w, art_passage *me, const art_passage *o, int32_t k)
{
  const art_net *net = w->net;
  const float enter = net->conflict_enter_m[k];
  if (net->conflict_kind[k] == ART_CONFLICT_MERGE) {
    const float gap = (net->lane_length_m[art_net_lane_of_connector(net, me->connector)] - me->front_m) -
                      (net->lane_length_m[art_net_lane_of_connector(net, o->connector)] - o->front_m) -
                      o->length_m;
    if (gap > 0.1f)
      cap(me, accel_behind(w, me, gap, o->speed_mps), o);
    else
      stop_before(w, me, enter, o);
    return;
  }
  const float distance = enter - me->front_m;
  if (distance <= 0.0f) return;
  const int clears_first = time_to(me, enter) > time_to_clear(o, net->conflict_other_exit_m[k]) &&
                           me->speed_mps * me->speed_mps < 2.0f * COMMIT_DECEL_MPS2 * distance;
  if (clears_first)
    me->stop_m = art_minf(me->stop_m, enter);
  else
    stop_before(w, me, enter, o);
}

/// Irrevocable as far as this zone goes: under way, or inside and the zone begins before the holding point.
static int is_fixed_at(const view *w, int32_t i, float enter_m)
{
  return w->state[i] == ACTIVE || (is_inside(&w->p[i]) && enter_m < hold_of(w, &w->p[i]));
}

/// Has o the lower number at conflict row k of i?
static int goes_before(const view *w, int32_t o, int32_t i, int32_t k)
{
  const int in_i = w->p[i].front_m > w->net->conflict_enter_m[k],
            in_o = w->p[o].front_m > w->net->conflict_other_enter_m[k];
  if (in_i != in_o) return in_o;  // whoever is there already
  const int fixed_i = is_fixed_at(w, i, w->net->conflict_enter_m[k]);
  const int fixed_o = is_fixed_at(w, o, w->net->conflict_other_enter_m[k]);
  if (fixed_o != fixed_i) return fixed_o;
  if (fixed_o && w->p[o].new_order != w->p[i].new_order) return w->p[o].new_order < w->p[i].new_order;
  if (w->rank[o] != w->rank[i]) return w->rank[o] < w->rank[i];
  return w->p[o].key < w->p[i].key;
}

static void restrain(view *w, int32_t i)
{
  const art_net *net = w->net;
  art_passage *me = &w->p[i];
  for (int32_t k = net->conflict_first[me->connector]; k < net->conflict_first[me->connector + 1]; ++k) {
    for (int32_t o = 0; o < w->n; ++o) {
      const art_passage *p = &w->p[o];
      if (p->connector != net->conflict_other[k] || p->vehicle == me->vehicle) continue;
      if (w->state[o] != ACTIVE && w->state[o] != GRANTED) continue;
      const float rear = p->front_m - p->length_m;
      if (rear > net->conflict_other_exit_m[k]) continue;
      if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE) {
        const float gap = rear - me->front_m;
        if (p->front_m > me->front_m && gap > 0.0f && p->prior == ART_PRIOR_OPEN)
          cap(me, accel_behind(w, me, gap, p->speed_mps), p);
        continue;
      }
      if (!goes_before(w, o, i, k)) continue;
      if (p->new_grant == ART_GRANT_HOLD && net->conflict_other_enter_m[k] >= hold_of(w, p)) continue;
      keep_behind(w, me, p, k);
    }
  }
  if (me->new_grant == ART_GRANT_HOLD) stop_before(w, me, hold_of(w, me), NULL);
}

void art_grants_decide(art_junction *junction)
{
  const int32_t n = junction->count;
  view w = { .j = junction,
             .net = junction->net,
             .p = junction->passage,
             .n = n,
             .state = junction->scratch,
             .sorted = junction->scratch + n,
             .class_of = junction->scratch + 2 * n,
             .rank = junction->scratch + 3 * n };
  for (int32_t i = 0; i < n; ++i) w.rank[i] = 0;
  find_active(&w);
  const int32_t requests = list_requests(&w);
  for (int32_t r = 0; r < requests; ++r) evaluate(&w, w.sorted[r], r + 1);
  for (int32_t i = 0; i < n; ++i)
    if (w.state[i] == ACTIVE || w.state[i] == GRANTED) restrain(&w, i);
  for (int32_t i = 0; i < n; ++i) {
    art_passage *p = &w.p[i];
    if (w.state[i] == GRANTED) {
      // Provisional numbers follow all irrevocable ones; a vehicle inside keeps being irrevocable.
      p->new_order = is_inside(p) ? p->new_order : junction->next_order + w.rank[i];
      if (is_inside(p) && !p->new_committed) p->new_committed = 1;
    }
  }
}
