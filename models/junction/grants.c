#include "models/junction/grants.h"

#include "models/junction/grants_internal.h"

#define TOGETHER_S 0.7f   // nobody can tell who of two has stopped first

/// Does o wait at its holding point, or may it still have to? There even a full grant can be taken back until the vehicle
/// has passed its point of no return.
static int may_end_at_hold(const view *w, int32_t o)
{
  if (w->state[o] != ACTIVE && w->state[o] != GRANTED) return 0;
  return w->p[o].new_grant == ART_GRANT_HOLD || (is_inside(&w->p[o]) && w->state[o] == GRANTED);
}

/// Will or may o come to stand with its body on the zone of conflict k?
static int may_stay_on(const view *w, int32_t o, const art_foe *k)
{
  const art_passage *p = &w->p[o];
  const float hold = hold_of(w, p);
  if (hold <= 0.0f || k->other_enter_m >= hold || !may_end_at_hold(w, o)) return 0;
  return hold - BEHIND_LINE_M - LINE_MARGIN_M - p->length_m <= k->other_exit_m;
}

/// Nobody goes past a leader of its own lane that is not granted, or that waits inside with its rear at the fork.
static int lane_is_clear(const view *w, int32_t i)
{
  art_passage *me = &w->p[i];
  const art_way *way = way_of(w, me);
  me->refusal = ART_REFUSED_LANE;
  for (int32_t o = first_at(&w->from, way->from_place); o >= 0; o = w->from.next[o]) {
    const art_passage *p = &w->p[o];
    if (o == i || p->from_lane != me->from_lane || p->front_m <= me->front_m || p->vehicle == me->vehicle)
      continue;
    if (me->rotates && p->rotates) continue;   // they move up together
    if (p->prior != ART_PRIOR_OPEN) continue;  // may come from another branch, later
    me->waits_for = p->vehicle;
    if (!is_inside(p) && w->state[o] != GRANTED && w->state[o] != ACTIVE) return 0;
    if (!may_end_at_hold(w, o)) continue;
    if (p->connector == me->connector) return 0;
    for (const art_foe *k = w->foe + way->first_foe; k < w->foe + way->end_foe; ++k)
      if (k->other == way_of(w, p)->index && p->front_m - p->length_m <= k->other_exit_m) return 0;
    if (p->front_m - p->length_m <= 0.0f) return 0;
  }
  me->refusal = ART_REFUSED_NOT;
  me->waits_for = -1;
  return 1;
}

/// Is o the first of its lane, before a red light for longer than any cycle lasts? Then it had a green light and no room.
static int was_skipped(const view *w, int32_t o)
{
  const art_passage *p = &w->p[o];
  if (p->aspect != ART_ASPECT_RED || !p->asks || is_inside(p) || p->waited_s < ART_SKIPPED_S) return 0;
  for (int32_t q = first_at(&w->from, way_of(w, p)->from_place); q >= 0; q = w->from.next[q])
    if (w->p[q].from_lane == p->from_lane && w->p[q].front_m > p->front_m && !is_inside(&w->p[q])) return 0;
  return 1;
}

static float room_of(const view *w, art_passage *p)
{
  if (p->room_m < 0.0f && w->j->room) p->room_m = w->j->room(w->j->of, p);
  return p->room_m;
}

/// Storage behind the node, less what is promised to others. An exit that is full whenever a stream has green would never
/// let that stream in: so who has not stood as long leaves room for those that were skipped, too.
static int room_for(const view *w, int32_t i)
{
  art_passage *me = &w->p[i];
  if (!me->needs_room || me->rotates) return 1;
  const int32_t first = first_at(&w->to, way_of(w, me)->to_place);
  float promised = 0.0f;
  if (w->any_skipped && me->waited_s < ART_SKIPPED_S && !is_inside(me))
    for (int32_t o = first; o >= 0; o = w->to.next[o])
      if (w->p[o].to_lane == me->to_lane && w->p[o].from_lane != me->from_lane && was_skipped(w, o))
        promised += w->p[o].length_m + w->p[o].min_gap_m;
  for (int32_t o = first; o >= 0; o = w->to.next[o]) {
    const art_passage *p = &w->p[o];
    if (o == i || p->to_lane != me->to_lane || (w->state[o] != ACTIVE && w->state[o] != GRANTED)) continue;
    if (p->front_m > way_of(w, p)->length_m) continue;
    if ((p->new_grant == ART_GRANT_FULL || p->new_grant == ART_GRANT_HOLD) && !p->onward) promised += p->length_m + p->min_gap_m;
  }
  return room_of(w, me) >= promised + me->length_m + me->min_gap_m;
}

/// Will everybody ahead from the same lane who turns off elsewhere get out of the fork? A full exit needs no room of those who
/// only merge there, but whoever comes to stand behind them stands in the way of all.
static int fork_clears(const view *w, int32_t i)
{
  art_passage *me = &w->p[i];
  const art_way *way = way_of(w, me);
  if (!me->needs_room || me->rotates || !(way->forks & w->on.used)) return 1;
  for (const art_foe *k = w->foe + way->first_foe; k < w->foe + way->end_foe; ++k) {
    if (k->kind != ART_CONFLICT_DIVERGE) continue;
    for (int32_t o = first_at(&w->on, k->other_place); o >= 0; o = w->on.next[o]) {
      art_passage *p = &w->p[o];
      if (!is_on_foe(w, p, k) || p->vehicle == me->vehicle || p->front_m <= me->front_m) continue;
      if (p->front_m - p->length_m > k->other_exit_m) continue;
      const float left = way_of(w, p)->length_m + room_of(w, p);
      if (k->other_exit_m + p->length_m <= left) continue;
      me->waits_for = p->vehicle;
      return 0;
    }
  }
  return 1;
}

static int has_room(const view *w, int32_t i)
{
  if (room_for(w, i) && fork_clears(w, i)) return 1;
  w->p[i].refusal = ART_REFUSED_ROOM;
  return 0;
}

static int refuse(art_passage *me, const art_passage *other)
{
  me->refusal = ART_REFUSED_CONFLICT;
  me->waits_for = other->vehicle;
  return 0;
}

/// Has i an admission by gap acceptance, from now or from before? One that has started goes on as long as bodies let it.
static int admitted(const view *w, int32_t i, float from_m, float to_m)
{
  art_passage *me = &w->p[i];
  int32_t waits_for;
  if (me->grant == ART_GRANT_FULL && me->start_s > -INFINITY && me->start_s <= 0.0f) {
    me->new_start_s = me->start_s;
    return 1;
  }
  if (art_grants_admit(w, i, from_m, to_m, &waits_for)) return 1;
  me->refusal = ART_REFUSED_CONFLICT;
  me->waits_for = waits_for;
  return 0;
}

/// Did i accept a gap in front of o, which has a grant but can still stop?
static int lets_in(const view *w, int32_t i, int32_t o, const art_foe *k)
{
  const art_passage *me = &w->p[i], *p = &w->p[o];
  return art_grants_is_timed(w, i) && art_grants_flows(p) && art_grants_yields(w, me, p, k) &&
         arrival_at(p, k) > art_maxf(me->new_start_s, 0.0f) + time_to(me, k->enter_m);
}

/// At an all-way stop: has o stopped clearly before me? Those that stop at about the same time go together where they can.
static int comes_first(const view *w, const art_passage *o, const art_passage *me)
{
  return is_allway(w) && !is_inside(o) && stop_instant(o) < stop_instant(me) - TOGETHER_S &&
         o->refusal != ART_REFUSED_ROOM;
}

/// Is somebody ahead of o on its lane who does not go in this step? Then o does not come either.
static int is_held_up(const view *w, int32_t o)
{
  const art_passage *p = &w->p[o];
  for (int32_t q = first_at(&w->from, way_of(w, p)->from_place); q >= 0; q = w->from.next[q])
    if (w->p[q].from_lane == p->from_lane && w->p[q].front_m > p->front_m && w->state[q] == REFUSED) return 1;
  return 0;
}

/// Refused only for one that goes into the same lane: its turn comes as soon as that one has moved on.
static int waits_for_exit(const view *w, const art_passage *p)
{
  for (int32_t o = 0; o < w->n; ++o)
    if (w->p[o].vehicle == p->waits_for) return w->p[o].to_lane == p->to_lane;
  return 0;
}

/// Will people have crossed when i comes to their crossings between from_m and to_m?
static int people_allow(const view *w, int32_t i, float from_m, float to_m)
{
  art_passage *me = &w->p[i];
  for (int32_t f = 0; f < w->j->foot_count; ++f) {
    const art_foot *foot = &w->j->foot[f];
    if (foot->connector != me->connector || foot->closed_s <= 0.0f || me->front_m > foot->enter_m) continue;
    if (foot->enter_m < from_m || foot->enter_m >= to_m) continue;
    if (time_to(me, foot->enter_m) >= foot->closed_s) continue;
    me->refusal = ART_REFUSED_CONFLICT;
    me->waits_for = -1;
    return 0;
  }
  return 1;
}

/// Checks the conflicts between from_m and to_m along i's connector. On success *after and *before_rank bound its place
/// in the order: behind the rank *after, in front of *before_rank.
static int conflicts_allow(const view *w, int32_t i, float from_m, float to_m, int32_t *after,
                           int32_t *before_rank)
{
  art_passage *me = &w->p[i];
  const art_way *way = way_of(w, me);
  const int is_timed =
      to_m == INFINITY && art_grants_is_timed(w, i);  // up to a holding point nothing is at stake
  float delay = 0.0f;
  *after = 0;
  *before_rank = INT32_MAX;
  if (is_timed && !admitted(w, i, from_m, to_m)) return 0;
  if (is_timed) delay = me->delay_s;
  if (!(way->foes & w->on.used)) return 1;
  for (int32_t row = way->first_foe; row < way->end_foe; ++row) {
    if (!(w->on.used >> w->foe_place[row] & 1u)) continue;
    const art_foe *k = &w->foe[row];
    if (k->kind == ART_CONFLICT_DIVERGE || k->enter_m < from_m || k->enter_m >= to_m) continue;
    for (int32_t o = w->on.first[k->other_place]; o >= 0; o = w->on.next[o]) {
      const art_passage *p = &w->p[o];
      if (!is_on_foe(w, p, k) || p->vehicle == me->vehicle) continue;
      if (p->front_m - p->length_m > k->other_exit_m) continue;
      const int is_active = w->state[o] == ACTIVE && claims(w, o, k->other_enter_m);
      // Members are granted together, and past others that only stand before the zone; who is there first still goes first.
      if (me->rotates && (p->rotates || (p->speed_mps < STOPPED_MPS && p->front_m <= k->other_enter_m)))
        continue;
      if (w->state[o] == REFUSED && comes_first(w, p, me)) return refuse(me, p);
      if (may_stay_on(w, o, k)) return refuse(me, p);
      if (is_active) {
        if (!art_grants_may_follow(w, me, p, k, delay)) return refuse(me, p);
      } else if (w->state[o] == GRANTED &&
                 (p->new_grant == ART_GRANT_FULL || k->other_enter_m < hold_of(w, p))) {
        if (art_grants_may_follow(w, me, p, k, delay)) {
          if (w->rank[o] > *after) *after = w->rank[o];
        } else if (lets_in(w, i, o, k) || art_grants_may_precede(w, me, p, k)) {
          if (w->rank[o] < *before_rank) *before_rank = w->rank[o];
        } else {
          return refuse(me, p);
        }
      } else if (w->state[o] == REFUSED && p->refusal == ART_REFUSED_ROOM &&
                 k->kind == ART_CONFLICT_MERGE) {
        // Whoever has the right of way and waits for room gets it first: else rings fill from their entries.
        // And who has stood for it longer, right of way or not: else one stream takes every place. Who waits inside has
        // its room already, and may be what the other finds no room for.
        if (is_inside(me)) continue;
        if (art_grants_yields(w, me, p, k)) return refuse(me, p);
        if (p->jammed && art_grants_request_before(w, o, i)) return refuse(me, p);
      } else if (w->state[o] == REFUSED && (p->jammed & ART_JAMMED_BEFORE) && me->speed_mps < STOPPED_MPS &&
                 k->kind == ART_CONFLICT_MERGE && art_grants_request_before(w, o, i) &&
                 waits_for_exit(w, p)) {
        return refuse(me, p);
      } else if (holds(w, o) && p->refusal == ART_REFUSED_ROOM && p->jammed && !is_inside(me) &&
                 k->kind == ART_CONFLICT_MERGE && art_grants_request_before(w, o, i)) {
        return refuse(me, p);  // the same for who waits inside: those who need no room would take it bit by bit
      } else if (w->state[o] == WAITS || holds(w, o)) {
        // Not decided yet, or only announced: matters if it has the right of way and is free to come.
        if (!art_grants_yields(w, me, p, k) || p->aspect == ART_ASPECT_RED || p->aspect == ART_ASPECT_YELLOW)
          continue;
        if (is_timed && art_grants_flows(p)) continue;  // its gap has been judged
        if ((me->jammed & ART_JAMMED_BESIDE) && k->kind == ART_CONFLICT_MERGE && w->state[o] == WAITS) continue;
        const int stands = p->speed_mps < STOPPED_MPS;
        // Who stands and has nowhere to go is not waited for, or rings that are full never drain.
        if (stands && k->kind == ART_CONFLICT_CROSS && !room_for(w, o)) continue;
        if (stands && (!p->asks || me->waited_s > p->waited_s + 5.0f || is_held_up(w, o))) continue;
        if (!art_grants_may_precede(w, me, p, k)) return refuse(me, p);
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
  if (has_room(w, i) && people_allow(w, i, from_hold ? hold : -1.0f, INFINITY) &&
      conflicts_allow(w, i, from_hold ? hold : -1.0f, INFINITY, &after, &before_rank)) {
    grant(w, i, ART_GRANT_FULL, place, after, before_rank);
    return;
  }
  me->new_start_s = from_hold ? me->start_s : -INFINITY;
  me->delay_s = 0.0f;
  if (from_hold) return;
  if (hold > 0.0f && room_for(w, i) && people_allow(w, i, -1.0f, hold) &&
      conflicts_allow(w, i, -1.0f, hold, &after, &before_rank))
    grant(w, i, ART_GRANT_HOLD, place, after, before_rank);
  else
    w->state[i] = REFUSED;
}

/// Where lights are dark signs rule, and these may make everybody stop.
static int finds_all_stop(const view *w)
{
  if (w->net->node_kind[w->j->node] == ART_NODE_ALLWAY_STOP) return 1;
  for (int32_t i = 0; i < w->n; ++i)
    if (way_of(w, &w->p[i])->state != 'w' || w->p[i].aspect != ART_ASPECT_STOP) return 0;
  return w->n > 0;
}

static void put_in_front(chains *of, uint8_t place, int32_t i)
{
  of->next[i] = first_at(of, place);
  of->first[place] = i;
  of->used |= ART_PLACE_BIT(place);
}

static void chain_up(view *w)
{
  w->on.used = w->from.used = w->to.used = 0;
  w->any_skipped = w->shares_places = 0;
  for (int32_t i = w->n - 1; i >= 0; --i) {
    const art_passage *p = &w->p[i];
    const art_way *way = way_of(w, p);
    put_in_front(&w->on, way->place, i);
    put_in_front(&w->from, way->from_place, i);
    put_in_front(&w->to, way->to_place, i);
    w->any_skipped |= p->waited_s >= ART_SKIPPED_S;
    w->shares_places |= way->is_one_of_many;
  }
}

void art_grants_decide(art_junction *junction)
{
  const int32_t n = junction->count;
  view w;  // its chains need no initial value
  w.j = junction;
  w.net = junction->net;
  w.way = junction->ways->way;
  w.foe = junction->ways->foe;
  w.foe_place = junction->ways->foe_place;
  w.p = junction->passage;
  w.n = n;
  w.state = junction->scratch;
  w.sorted = junction->scratch + n;
  w.class_of = junction->scratch + 2 * n;
  w.rank = junction->scratch + 3 * n;
  w.on.next = junction->scratch + 4 * n;
  w.from.next = junction->scratch + 5 * n;
  w.to.next = junction->scratch + 6 * n;
  w.all_stop = finds_all_stop(&w);
  chain_up(&w);
  art_grants_find_active(&w);
  const int32_t requests = art_grants_list_requests(&w);
  for (int32_t r = 0; r < requests; ++r) evaluate(&w, w.sorted[r], r + 1);
  w.moving = 0;
  for (int32_t i = 0; i < n; ++i)
    if (w.state[i] == ACTIVE || w.state[i] == GRANTED) w.moving |= ART_PLACE_BIT(way_of(&w, &w.p[i])->place);
  for (int32_t i = 0; i < n; ++i)
    if (w.state[i] == ACTIVE || w.state[i] == GRANTED) art_grants_restrain(&w, i);
  for (int32_t i = 0; i < n; ++i) {
    art_passage *p = &w.p[i];
    if (is_inside(p) && p->new_start_s == -INFINITY && way_of(&w, p)->state == 'Z')
      p->new_start_s = -p->front_m / art_maxf(p->speed_mps, 1.0f);  // went in
    if (w.state[i] == REFUSED && is_allway(&w)) p->new_start_s = stop_instant(p);
    if (w.state[i] == GRANTED) {
      // Provisional numbers follow all irrevocable ones; a vehicle inside keeps being irrevocable.
      p->new_order = is_inside(p) ? p->new_order : junction->next_order + w.rank[i];
      if (is_inside(p) && !p->new_committed) p->new_committed = 1;
    }
  }
}
