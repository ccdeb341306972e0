// Two passages at one conflict: who has the right of way, and what they can do in time.
#include "models/junction/grants_internal.h"

#define CROSS_MARGIN_S 0.3f    // error of the predictions that a grant behind another body forgives
#define PRECEDE_MARGIN_S 0.5f  // kept from a prioritised vehicle that one passes in front of
#define BLOCKED_S 2.0f         // a body inside that has stood this long is not about to clear
#define MERGE_DECEL_MPS2 \
  2.0f  // what a prioritised vehicle may have to slow down for one that merges before it

static int net_has_signal(const view *w, const art_passage *i)
{
  return way_of(w, i)->signal >= 0;
}

int art_grants_yields(const view *w, const art_passage *i, const art_passage *o, const art_foe *k)
{
  if (is_allway(w)) return 0;  // who stopped first goes first
  if (is_inside(i) && (i->aspect == ART_ASPECT_RED || i->aspect == ART_ASPECT_YELLOW)) return 0;
  if (i->aspect == ART_ASPECT_MAJOR && o->aspect != ART_ASPECT_MAJOR) return 0;
  if (i->aspect != ART_ASPECT_MAJOR && o->aspect == ART_ASPECT_MAJOR) return 1;
  // A turn on red comes after everybody with a green light.
  if (i->aspect == ART_ASPECT_STOP && o->aspect == ART_ASPECT_MINOR && net_has_signal(w, i)) return 1;
  if (o->aspect == ART_ASPECT_STOP && i->aspect == ART_ASPECT_MINOR && net_has_signal(w, o)) return 0;
  return k->yield;
}

int art_grants_may_follow(const view *w, const art_passage *i, const art_passage *o, const art_foe *k, float delay_s)
{
  const int stuck = is_inside(o) && o->speed_mps < STOPPED_MPS && o->blocked_s > BLOCKED_S;
  if (k->kind == ART_CONFLICT_MERGE) {
    const float to_end_i = way_of(w, i)->length_m - i->front_m;
    const float to_end_o = way_of(w, o)->length_m - o->front_m;
    const float gap = to_end_i - to_end_o - o->length_m;
    const float brake =
        (i->speed_mps * i->speed_mps - o->speed_mps * o->speed_mps) / (2.0f * COMMIT_DECEL_MPS2);
    if (gap >= i->min_gap_m + art_maxf(brake, 0.0f)) return 1;
    if (stuck) return 0;
    return time_to(i, k->enter_m) + delay_s + CROSS_MARGIN_S >=
               time_to_clear(o, k->other_enter_m) &&
           to_end_i > to_end_o;
  }
  if (stuck) return 0;
  return time_to(i, k->enter_m) + delay_s + CROSS_MARGIN_S >=
         time_to_clear(o, k->other_exit_m);
}

int art_grants_may_precede(const view *w, const art_passage *i, const art_passage *o, const art_foe *k)
{
  if (k->kind == ART_CONFLICT_MERGE) {
    const float end_i = way_of(w, i)->length_m;
    const float end_o = way_of(w, o)->length_m;
    const float mine = time_to(i, end_i), theirs = time_to(o, end_o);
    const float v2 = i->speed_mps * i->speed_mps + 2.0f * i->accel_mps2 * art_maxf(end_i - i->front_m, 0.0f);
    const float my_speed = art_minf(sqrtf(v2), art_maxf(i->desired_mps, 1.0f));
    const float slower = art_maxf(o->speed_mps - my_speed, 0.0f);
    const float body = i->length_m / art_maxf(my_speed, 1.0f);
    return mine + body + PRECEDE_MARGIN_S + slower / (2.0f * MERGE_DECEL_MPS2) <= theirs;
  }
  return time_to_clear(i, k->exit_m) + PRECEDE_MARGIN_S <=
         time_to(o, k->other_enter_m);
}
