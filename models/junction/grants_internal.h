/// \file grants_internal.h
/// What the sources of the junction model share. Private to models/junction.
#ifndef ART_MODELS_JUNCTION_GRANTS_INTERNAL_H
#define ART_MODELS_JUNCTION_GRANTS_INTERNAL_H
#include <math.h>

#include "core/num/real.h"
#include "models/junction/grants.h"

#define COMMIT_DECEL_MPS2 3.0f  // who cannot stop with this has passed the point of no return
#define LINE_MARGIN_M 0.5f
#define BEHIND_LINE_M 1.0f  // where a vehicle comes to rest before a line or zone
#define STOPPED_MPS 0.3f
#define STOPPING_MPS2 2.0f  // the last of braking for a stop sign

/// What has been decided of a passage; scratch holds one per passage.
enum { WAITS, ACTIVE, GRANTED, REFUSED };

/// Bits of art_passage.jammed: it stands before a full exit; a stream that crawls past lets it in.
enum { ART_JAMMED_BEFORE = 1, ART_JAMMED_BESIDE = 2 };

/// Chains of passages by a place that they have (core/step/ways.h), each in the order of the passages.
typedef struct chains {
  uint64_t used;  // places with somebody
  int32_t first[ART_PLACES];
  int32_t *next;  // by passage; -1: the last one
} chains;

typedef struct view {
  art_junction *j;
  const art_net *net;
  const art_way *way;
  const art_foe *foe;
  const uint8_t *foe_place;
  art_passage *p;
  int32_t n;
  int32_t *state;     // by passage
  int32_t *sorted;    // order of evaluation
  int32_t *class_of;  // of those that ask; -1: does not
  int32_t *rank;      // of those granted now, finer than whole numbers: 1024 per place
  chains on, from, to;  // by connector, by entry lane, by exit lane
  uint64_t moving;    // places of connectors with somebody active or granted
  int all_stop;       // all-way stop: by its kind, or lights that are dark over signs that say so
  int shares_places;  // connectors may share a place
  int any_skipped;    // somebody may have got no room in its last green
} view;

/// First of a chain, or -1. Connectors and lanes may share places, so whoever walks along compares them.
static inline int32_t first_at(const chains *of, uint8_t place)
{
  return of->used >> place & 1u ? of->first[place] : -1;
}

static inline const art_way *way_of(const view *w, const art_passage *p)
{
  return &w->way[p->connector];
}

/// Earliest time to cover a distance, accelerating up to the desired speed.
static inline float travel_time(float distance, float v, float accel, float v_max)
{
  if (distance <= 0.0f) return 0.0f;
  v_max = art_maxf(v_max, 1.0f);
  if (v >= v_max) return distance / v;
  const float t1 = (v_max - v) / accel, d1 = 0.5f * (v + v_max) * t1;
  if (d1 >= distance) return (sqrtf(v * v + 2.0f * accel * distance) - v) / accel;
  return t1 + (distance - d1) / v_max;
}

static inline float time_to(const art_passage *p, float at_m)
{
  return travel_time(at_m - p->front_m, p->speed_mps, p->accel_mps2, p->desired_mps);
}

/// Time until the rear has passed a point: somewhat slower than possible.
static inline float time_to_clear(const art_passage *p, float at_m)
{
  const float start_up = p->speed_mps < STOPPED_MPS ? 0.5f : 0.0f;
  return start_up +
         travel_time(at_m + p->length_m - p->front_m, p->speed_mps, 0.8f * p->accel_mps2, p->desired_mps);
}

/// Is p, which is at other_place of a conflict, on its other connector?
static inline int is_on_foe(const view *w, const art_passage *p, const art_foe *k)
{
  return !w->shares_places || way_of(w, p)->index == k->other;
}

static inline float hold_of(const view *w, const art_passage *p)
{
  return way_of(w, p)->hold_m;
}

/// The line that it must not pass without a (further) grant, connector coordinates.
static inline float line_of(const view *w, const art_passage *p)
{
  const float hold = hold_of(w, p);
  return p->front_m > 0.0f && hold > 0.0f && p->front_m <= hold + LINE_MARGIN_M ? hold : 0.0f;
}

static inline int cannot_stop(const art_passage *p, float line_m)
{
  return p->speed_mps >= 0.1f &&
         p->speed_mps * p->speed_mps >
             2.0f * COMMIT_DECEL_MPS2 * art_maxf(line_m - p->front_m - LINE_MARGIN_M, 0.0f);
}

static inline int is_inside(const art_passage *p)
{
  return p->front_m > 0.0f;
}
/// Waits inside at its holding point, or is on the way there.
static inline int holds(const view *w, int32_t i)
{
  return w->state[i] == ACTIVE && w->p[i].new_grant == ART_GRANT_HOLD;
}

/// An active passage claims all zones ahead, a holding one only those that begin before its holding point.
static inline int claims(const view *w, int32_t i, float enter_m)
{
  return !holds(w, i) || enter_m < hold_of(w, &w->p[i]);
}

static inline int is_allway(const view *w)
{
  return w->all_stop;
}

/// At an all-way stop: when a vehicle without a grant stopped; now, if it has only just.
static inline float stop_instant(const art_passage *p)
{
  return p->grant == ART_GRANT_NONE && p->start_s > -INFINITY ? p->start_s : 0.0f;
}

// --- order.c

/// Splits passages into those under way and those that ask, and numbers the ones that have just become irrevocable.
void art_grants_find_active(view *w);
/// Lists who asks in w->sorted, in order of evaluation. Nobody is evaluated before the one ahead of it on its lane.
int32_t art_grants_list_requests(view *w);
/// Total order of requests: class first, then among those before a full exit who has stood longer, then time to the line,
/// then key. At an all-way stop who has stood longer comes first.
int art_grants_request_before(const view *w, int32_t a, int32_t b);

// --- gap_acceptance.c

/// By right of way and signals: does i yield to o at its conflict k? Whoever still waits inside when its own green is
/// over clears the node first.
int art_grants_yields(const view *w, const art_passage *i, const art_passage *o, const art_foe *k);
/// May i pass conflict row k after o, which is ahead of it in the order? It starts `delay_s` from now.
int art_grants_may_follow(const view *w, const art_passage *i, const art_passage *o, const art_foe *k,
                          float delay_s);
/// May i pass conflict row k in front of o, which is on its way but can still stop?
int art_grants_may_precede(const view *w, const art_passage *i, const art_passage *o, const art_foe *k);
/// Is i admitted by a critical gap or a follow-up time instead of kinematics?
int art_grants_is_timed(const view *w, int32_t i);
/// Does p, at a stop sign, move up behind one that was admitted just now? Then it need not stop once more: the follow-up
/// times that are observed at stop signs are too short for that.
int art_grants_rolls_up(const view *w, const art_passage *p);
/// Is o a vehicle in flowing traffic, to which a critical gap applies? Those that crawl are judged by room.
int art_grants_flows(const art_passage *o);
/// Sets new_start_s and delay_s of i: the instant, from now, at which it is admitted between from_m and to_m of its
/// connector. Returns 0, and whom it waits for (-1: nobody, only for its turn), if that is not in this step.
int art_grants_admit(const view *w, int32_t i, float from_m, float to_m, int32_t *waits_for);
/// When o comes to conflict row k of another connector, from now.
static inline float arrival_at(const art_passage *o, const art_foe *k)
{
  return time_to(o, k->other_enter_m);
}

// --- keep_behind.c

/// Holds i back behind those with lower numbers, and at its holding point.
void art_grants_restrain(view *w, int32_t i);

#endif  // ART_MODELS_JUNCTION_GRANTS_INTERNAL_H
