#include "models/lateral/kerb.h"

#include <math.h>

#include "core/num/real.h"
#include "models/lateral/mobil.h"

#define ACCEPT_S 7.0f           // times speed in m/s: how long the lane is to be free
#define TAKES_S 5.0f            // mean time to a change when it is
#define NO_WORSE_MPS2 0.1f      // drop of acceleration that counts as none
#define LEAST_SPEED_SHARE 0.5f  // slower than this share of the desired speed nobody returns
#define FAST_ROAD_MPS 22.3f     // limits above: passing on the kerb side is for queues only
#define QUEUE_MPS 16.7f         // and this is a queue
#define STAY_BEHIND_DECEL_MPS2 1.0f

static float accel_at(const art_change_view *view, float gap_m, float lead_mps)
{
  const art_peer *me = &view->self;
  return view->accel[view->types->model[me->type]](view->types, me->type, me->speed_mps, me->desired_mps,
                                                   art_maxf(gap_m, 0.05f), lead_mps);
}

/// The rate as far as it follows from the time for which the lane is free.
static float rate_of_free_lane(const art_change_view *view)
{
  const art_peer *me = &view->self;
  const float eagerness = view->types->lc_keep_right[me->type];
  if (eagerness <= 0.0f || me->speed_mps < LEAST_SPEED_SHARE * me->desired_mps) return 0.0f;
  // Time until one would have to follow the leader there, and not beyond what is known to be lane.
  float free_s = view->to_end_m / me->desired_mps;
  if (view->new_gap_m < INFINITY) {
    const float closing = art_maxf(me->desired_mps - view->new_lead_mps, 0.1f);
    const float wanted =
        view->types->min_gap_m[me->type] + me->desired_mps * view->types->time_gap_s[me->type];
    free_s = art_minf(free_s, art_maxf(view->new_gap_m - wanted, 0.0f) / closing);
  }
  return eagerness * art_minf(free_s / (ACCEPT_S * art_maxf(me->speed_mps, 1.0f)), 1.0f) / TAKES_S;
}

static int is_no_worse(const art_change_view *view)
{
  return accel_at(view, view->new_gap_m, view->new_lead_mps) >=
             accel_at(view, view->gap_m, view->lead_mps) - NO_WORSE_MPS2 &&
         art_mobil_safe(view, view->types->lc_safe_decel_mps2[view->self.type]);
}

float art_kerb_rate(const art_change_view *view)
{
  const float rate = rate_of_free_lane(view);
  return rate > 0.0f && is_no_worse(view) ? rate : 0.0f;
}

int art_kerb_change(const art_change_view *view)
{
  return view->draw < rate_of_free_lane(view) && is_no_worse(view);
}

float art_kerb_behind_faster_lane(const art_change_view *view)
{
  if (view->limit_mps <= FAST_ROAD_MPS || view->new_lead_mps <= QUEUE_MPS || !(view->new_gap_m > 0.0f))
    return INFINITY;
  return art_maxf(accel_at(view, view->new_gap_m, view->new_lead_mps), -STAY_BEHIND_DECEL_MPS2);
}
