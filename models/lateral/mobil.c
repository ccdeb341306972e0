#include "models/lateral/mobil.h"

#include <math.h>

#include "core/num/real.h"

#define SAFE_DECEL_MPS2 2.5f    // a new follower brakes no harder for a change that only gains speed
#define URGENT_DECEL_MPS2 4.5f  // the same at the end of the lane
#define THRESHOLD_MPS2 0.3f     // advantage below which nobody bothers
#define POLITENESS 0.3f
#define LEAST_GAP_M 0.5f  // bumper to bumper, at any speed

int art_mobil_change(const art_change_view *view)
{
  const art_type_table *types = view->types;
  const art_peer *me = &view->self, *they = &view->follower;
  if (view->new_gap_m < LEAST_GAP_M || view->follower_gap_m < LEAST_GAP_M) return 0;

  const float limit = SAFE_DECEL_MPS2 + (URGENT_DECEL_MPS2 - SAFE_DECEL_MPS2) * view->need;
  const float mine_after =
      view->accel(types, me->type, me->speed_mps, me->desired_mps, view->new_gap_m, view->new_lead_mps);
  // Gaps smaller than the wanted standstill gap are fine at a crawl when the route needs the lane.
  const int i_crawl = view->need > 0.0f && me->speed_mps < 1.0f;
  if (mine_after < -limit && !i_crawl) return 0;
  float theirs_after = 0.0f;
  const int has_follower = view->follower_gap_m < INFINITY;
  if (has_follower) {
    theirs_after = view->accel(types, they->type, they->speed_mps, they->desired_mps, view->follower_gap_m,
                               me->speed_mps);
    const int they_crawl = view->need > 0.0f && they->speed_mps < 1.0f;
    if (theirs_after < -limit && !they_crawl) return 0;
  }
  if (view->need > 0.0f) return 1;

  const float mine_now =
      view->accel(types, me->type, me->speed_mps, me->desired_mps, view->gap_m, view->lead_mps);
  float cost = 0.0f;
  if (has_follower) {
    const float theirs_now = view->accel(types, they->type, they->speed_mps, they->desired_mps,
                                         view->follower_lead_gap_m, view->follower_lead_mps);
    cost = POLITENESS * (art_minf(theirs_now, types->accel_mps2[they->type]) - theirs_after);
  }
  return mine_after - mine_now > THRESHOLD_MPS2 + art_maxf(cost, 0.0f);
}
