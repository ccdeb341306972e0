// From numbers to motion: nobody comes to a conflict before those with lower numbers have left it.
#include "models/junction/grants_internal.h"

/// A body inside that is faster is driving off, and as good as gone.
#define DRIVING_MPS 2.0f

static float to_end(const view *w, const art_passage *p)
{
  return way_of(w, p)->length_m - p->front_m;
}

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

/// Drives behind o, whose rear is gap ahead, in a zone that begins at `enter`. What the model asks for may come too late,
/// where drivers decide only now and then: into the body nobody drives in any case.
static void follow(const view *w, art_passage *me, float gap, float enter, const art_passage *o)
{
  cap(me, accel_behind(w, me, gap, o->speed_mps), o);
  me->stop_m = art_minf(me->stop_m, art_maxf(me->front_m + gap, enter));
}

static void stop_before(const view *w, art_passage *me, float at_m, const art_passage *because)
{
  const float distance = at_m - me->front_m;
  if (distance <= 0.0f) return;
  cap(me, accel_behind(w, me, distance + me->min_gap_m - BEHIND_LINE_M, 0.0f), because);
  me->stop_m = art_minf(me->stop_m, at_m);
}

/// Slows me just enough to come to at_m when o has cleared it, `clear_s` from now: d = v t - b t^2 / 2.
static void arrive_after(art_passage *me, float clear_s, float at_m, const art_passage *o)
{
  const float distance = at_m - me->front_m, early = me->speed_mps * clear_s - distance;
  me->stop_m = art_minf(me->stop_m, at_m);
  if (early > 0.0f && clear_s > 0.0f)
    cap(me, -art_minf(2.0f * early / (clear_s * clear_s), 0.5f * me->speed_mps * me->speed_mps / distance),
        o);
}

/// Holds i back behind o, which has the lower number, at its conflict k.
static void keep_behind(const view *w, art_passage *me, const art_passage *o, const art_foe *k)
{
  const float enter = k->enter_m;
  if (k->kind == ART_CONFLICT_MERGE) {
    const float gap = to_end(w, me) - to_end(w, o) - o->length_m;
    if (gap > 0.1f || me->front_m > enter)
      follow(w, me, art_maxf(gap, 0.0f), enter, o);
    else
      stop_before(w, me, enter, o);
    return;
  }
  const float distance = enter - me->front_m;
  if (distance <= 0.0f) return;
  const float clear = time_to_clear(o, k->other_exit_m);
  if (is_inside(o) && o->speed_mps > DRIVING_MPS) {
    arrive_after(me, clear, enter, o);
    return;
  }
  // One that has still to come may be held up: count on it only while there is room to stop.
  const int clears_first =
      time_to(me, enter) > clear && me->speed_mps * me->speed_mps < 2.0f * COMMIT_DECEL_MPS2 * distance;
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

/// Has o the lower number at conflict k of i?
static int goes_before(const view *w, int32_t o, int32_t i, const art_foe *k)
{
  const int in_i = w->p[i].front_m > k->enter_m,
            in_o = w->p[o].front_m > k->other_enter_m;
  if (in_i != in_o) return in_o;  // whoever is there already
  if (in_i && k->kind == ART_CONFLICT_MERGE) {  // in one lane by now: whoever is ahead
    const float left_i = to_end(w, &w->p[i]), left_o = to_end(w, &w->p[o]);
    if (left_i != left_o) return left_o < left_i;
  }
  const int fixed_i = is_fixed_at(w, i, k->enter_m);
  const int fixed_o = is_fixed_at(w, o, k->other_enter_m);
  if (fixed_o != fixed_i) return fixed_o;
  if (fixed_o && w->p[o].new_order != w->p[i].new_order) return w->p[o].new_order < w->p[i].new_order;
  if (w->rank[o] != w->rank[i]) return w->rank[o] < w->rank[i];
  return w->p[o].key < w->p[i].key;
}

/// Stops before people who cross, and before those who want to if it still can.
static void let_cross(const view *w, art_passage *me, const art_foot *foot)
{
  const float distance = foot->enter_m - me->front_m;
  if (foot->closed_s <= 0.0f || distance < 0.0f) return;
  if (foot->taken) me->stop_m = art_minf(me->stop_m, foot->enter_m);
  if (time_to(me, foot->enter_m) >= foot->closed_s) return;
  if (foot->taken || !cannot_stop(me, foot->enter_m)) stop_before(w, me, foot->enter_m, NULL);
}

void art_grants_restrain(view *w, int32_t i)
{
  art_passage *me = &w->p[i];
  const art_way *way = way_of(w, me);
  const uint64_t near = (way->foes | way->forks) & w->moving;
  for (int32_t row = way->first_foe; near && row < way->end_foe; ++row) {
    if (!(w->moving >> w->foe_place[row] & 1u)) continue;
    const art_foe *k = &w->foe[row];
    for (int32_t o = w->on.first[k->other_place]; o >= 0; o = w->on.next[o]) {
      const art_passage *p = &w->p[o];
      if (!is_on_foe(w, p, k) || p->vehicle == me->vehicle) continue;
      if (w->state[o] != ACTIVE && w->state[o] != GRANTED) continue;
      const float rear = p->front_m - p->length_m;
      if (rear > k->other_exit_m) continue;
      if (k->kind == ART_CONFLICT_DIVERGE) {
        const float gap = rear - me->front_m;
        if (p->front_m > me->front_m && gap > 0.0f && p->prior == ART_PRIOR_OPEN) follow(w, me, gap, 0.0f, p);
        continue;
      }
      if (!goes_before(w, o, i, k)) continue;
      if (p->new_grant == ART_GRANT_HOLD && k->other_enter_m >= hold_of(w, p)) continue;
      keep_behind(w, me, p, k);
    }
  }
  for (int32_t f = 0; f < w->j->foot_count; ++f)
    if (w->j->foot[f].connector == me->connector) let_cross(w, me, &w->j->foot[f]);
  if (me->new_grant == ART_GRANT_HOLD) stop_before(w, me, hold_of(w, me), NULL);
}
