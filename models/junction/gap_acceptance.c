// Admissions by critical gap and follow-up time, as the Highway Capacity Manual counts them, in continuous time.
//
// A vehicle that has come to rest before its line starts at an instant s. In the streams that it yields to nobody may
// come to the conflict in [s, s + critical gap); the one before it in its lane has started by s - follow-up time. An
// approaching vehicle counts as having started when one at rest would have had to, to be at the line with it. The first
// admissible s may lie inside the step at hand: then the vehicle drives only the rest of the step.
//
// What lies behind a gap that was accepted is physics again: numbers and bodies, as for everybody.
#include "models/junction/grants_internal.h"

#include "core/net/vclass.h"

/// Who moves up in a queue, slower than this, and is so late at the line for its turn, counts as in time: a follow-up time
/// contains the moving up.
#define MOVE_UP_S 2.5f
#define MOVE_UP_MPS 9.0f
#define ROLL_UP_MPS 4.0f  // the same at a stop sign
/// Below this speed traffic is not a stream with gaps.
#define FLOW_MPS 3.0f
/// Waiting time after which an impatient driver accepts the shortest gaps, and how short these get at impatience 1.
#define IMPATIENT_AFTER_S 60.0f
#define IMPATIENT_SHARE 0.4f
/// Heavy vehicles (HCM 7, equations 20-30 and 20-31: per share of them; here for the vehicle itself).
#define HEAVY_GAP_S 1.0f
#define HEAVY_FOLLOW_UP_S 0.9f
#define HEAVY_ALLWAY_S 1.7f
/// From here on the first vehicle of an approach is present at an all-way stop.
#define PRESENT_M 15.0f

static int is_heavy(const view *w, const art_passage *p)
{
  static const uint32_t heavy = 1u << ART_VCLASS_BUS | 1u << ART_VCLASS_COACH | 1u << ART_VCLASS_TRUCK |
                                1u << ART_VCLASS_TRAILER | 1u << ART_VCLASS_TRAM;
  return w->j->types->vclass && (heavy >> w->j->types->vclass[p->type] & 1u);
}

static float critical_gap(const view *w, const art_passage *me)
{
  const float base = w->net->connector_critical_gap_s[me->connector];
  if (base <= 0.0f) return 0.0f;
  const float impatience = w->j->types->impatience ? w->j->types->impatience[me->type] : 0.0f;
  const float share =
      impatience > 0.0f ? impatience * art_minf(me->waited_s / IMPATIENT_AFTER_S, 1.0f) : impatience;
  const float least = art_minf(w->net->connector_follow_up_s[me->connector], base);
  const float gap = base + (is_heavy(w, me) ? HEAVY_GAP_S : 0.0f);
  return art_maxf(gap * (1.0f - IMPATIENT_SHARE * share), least);
}

// --- all-way stops -------------------------------------------------------------------------------------------------

static int32_t straight_of(const art_net *net, int32_t lane)
{
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_turn[c] == ART_TURN_STRAIGHT) return c;
  return -1;
}

/// Opposing approaches go straight on without meeting.
static int is_opposing(const view *w, int32_t lane, int32_t other_lane)
{
  const int32_t c = straight_of(w->net, lane), o = straight_of(w->net, other_lane);
  if (c < 0 || o < 0) return 0;
  for (const art_foe *k = w->foe + w->way[c].first_foe; k < w->foe + w->way[c].end_foe; ++k)
    if (k->other == w->way[o].index) return 0;
  return 1;
}

/// Departure headway of an approach by who is present on the others (HCM 7, chapter 21, group 1, beyond the base of
/// 3.9 s, adjusted for turns, which is the connector's follow-up time): nobody, opposite, one side, two of the others, all.
static float degree_of_conflict(const view *w, const art_passage *me)
{
  static const float more[] = { 0.0f, 0.8f, 1.9f, 3.1f, 5.7f };
  const art_net *net = w->net;
  int opposite = 0, sides = 0;
  for (int32_t o = 0; o < w->n; ++o) {
    const art_passage *p = &w->p[o];
    const int32_t link = net->lane_link[p->from_lane];
    if (link == net->lane_link[me->from_lane] || is_inside(p) || p->front_m < -PRESENT_M) continue;
    int is_first = 1;  // each approach counts once
    for (int32_t e = 0; e < o && is_first; ++e)
      is_first =
          is_inside(&w->p[e]) || w->p[e].front_m < -PRESENT_M || net->lane_link[w->p[e].from_lane] != link;
    if (!is_first) continue;
    if (is_opposing(w, me->from_lane, p->from_lane))
      opposite = 1;
    else
      ++sides;
  }
  if (opposite + sides >= 3) return more[4];
  if (opposite + sides == 2) return more[3];
  return sides ? more[2] : opposite ? more[1] : more[0];
}

static float allway_headway(const view *w, const art_passage *me)
{
  const float headway = w->net->connector_follow_up_s[me->connector];
  if (headway <= 0.0f) return 0.0f;
  return headway + degree_of_conflict(w, me) + (is_heavy(w, me) ? HEAVY_ALLWAY_S : 0.0f);
}

// --- admission -----------------------------------------------------------------------------------------------------

int art_grants_is_timed(const view *w, int32_t i)
{
  const art_passage *me = &w->p[i];
  if (!w->j->times_gaps || (me->aspect != ART_ASPECT_MINOR && me->aspect != ART_ASPECT_STOP)) return 0;
  return is_allway(w) || w->net->connector_critical_gap_s[me->connector] > 0.0f ||
         w->net->connector_follow_up_s[me->connector] > 0.0f;
}

int art_grants_flows(const art_passage *o)
{
  return o->speed_mps >= FLOW_MPS;
}

/// When the one before me in its lane started: as the step before left it, or as this one has decided so far.
static float start_before(const view *w, const art_passage *me, int as_decided)
{
  float last = me->lane_start_s;
  for (int32_t o = first_at(&w->from, way_of(w, me)->from_place); o >= 0; o = w->from.next[o]) {
    const art_passage *p = &w->p[o];
    if (p->from_lane != me->from_lane || p->front_m <= me->front_m || p->vehicle == me->vehicle) continue;
    if (as_decided ? w->state[o] == ACTIVE || w->state[o] == GRANTED : p->grant != ART_GRANT_NONE)
      last = art_maxf(last, as_decided ? p->new_start_s : p->start_s);
  }
  return last;
}

/// Earliest instant for me after that.
static float turn_of(const view *w, const art_passage *me, int as_decided)
{
  const float last = start_before(w, me, as_decided);
  if (is_allway(w)) return last + allway_headway(w, me);
  return last + w->net->connector_follow_up_s[me->connector] + (is_heavy(w, me) ? HEAVY_FOLLOW_UP_S : 0.0f);
}

static float from_rest(const art_passage *me)
{
  return sqrtf(2.0f * BEHIND_LINE_M / me->accel_mps2);
}

int art_grants_rolls_up(const view *w, const art_passage *p)
{
  if (!w->j->times_gaps || w->net->connector_critical_gap_s[p->connector] <= 0.0f ||
      p->speed_mps > ROLL_UP_MPS)
    return 0;
  return turn_of(w, p, 0) >= time_to(p, 0.0f) - from_rest(p) - MOVE_UP_S;
}

/// Is o, at conflict k of i, one whose arrival there ends a gap for i?
static int ends_gap(const view *w, const art_passage *me, int32_t o, const art_foe *k)
{
  const art_passage *p = &w->p[o];
  const float to_zone = k->other_enter_m - p->front_m,
              sight = w->net->connector_sight_m[me->connector];
  if (!is_on_foe(w, p, k) || p->vehicle == me->vehicle || to_zone <= 0.0f) return 0;
  if (!art_grants_flows(p) || (sight > 0.0f && to_zone > sight) || !art_grants_yields(w, me, p, k)) return 0;
  if (w->state[o] == ACTIVE) return claims(w, o, k->other_enter_m);
  if (w->state[o] == GRANTED)
    return p->new_grant == ART_GRANT_FULL || k->other_enter_m < hold_of(w, p);
  // Those that only come near: if nothing but distance keeps them from coming.
  return p->prior == ART_PRIOR_OPEN && p->aspect != ART_ASPECT_RED && p->aspect != ART_ASPECT_YELLOW;
}

/// Time to the line for one that comes to rest first, `stop_s` from now.
static float time_from_stop(const view *w, const art_passage *me, float stop_s)
{
  const float left = art_maxf(line_of(w, me) - me->front_m - 0.5f * me->speed_mps * stop_s, 0.0f);
  return stop_s + sqrtf(2.0f * left / me->accel_mps2);
}

int art_grants_admit(const view *w, int32_t i, float from_m, float to_m, int32_t *waits_for)
{
  art_passage *me = &w->p[i];
  const art_way *way = way_of(w, me);
  const float gap = critical_gap(w, me), turn = turn_of(w, me, 1);
  const int stops =
      me->aspect == ART_ASPECT_STOP && me->grant == ART_GRANT_NONE && !art_grants_rolls_up(w, me);
  const float stop_s = stops ? me->speed_mps / STOPPING_MPS2 : 0.0f;
  const float to_line = stops ? time_from_stop(w, me, stop_s) : time_to(me, line_of(w, me));
  const float ready = to_line - from_rest(me), latest = ready + w->j->step_s - stop_s;
  const int is_moving_up = me->speed_mps < MOVE_UP_MPS && turn >= ready - MOVE_UP_S;
  float start = is_moving_up ? turn : art_maxf(turn, ready);
  int moved = 1;
  *waits_for = -1;
  while (moved && start < latest) {
    moved = 0;
    for (int32_t row = way->first_foe; gap > 0.0f && row < way->end_foe; ++row) {
      const art_foe *k = &w->foe[row];
      if (k->kind == ART_CONFLICT_DIVERGE || k->enter_m < from_m || k->enter_m >= to_m) continue;
      for (int32_t o = first_at(&w->on, k->other_place); o >= 0; o = w->on.next[o]) {
        if (!ends_gap(w, me, o, k)) continue;
        const float at = arrival_at(&w->p[o], k);
        if (at <= start || at >= start + gap) continue;
        start = at;  // right behind it
        *waits_for = w->p[o].vehicle;
        moved = 1;
      }
    }
  }
  if (start >= latest) return 0;
  me->new_start_s = start;
  me->delay_s = art_maxf(start - ready, 0.0f) + stop_s;
  return 1;
}
