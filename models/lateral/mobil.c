#include "models/lateral/mobil.h"

#include <math.h>

#include "core/num/real.h"

#define URGENT_DECEL_MPS2 4.5f  // imposed on others at the end of the lane
#define LEAST_GAP_M 0.5f        // bumper to bumper, at any speed
#define CRAWL_MPS 1.0f

static float accel_of(const art_change_view *view, const art_peer *who, float gap_m, float lead_mps)
{
  return view->accel[view->types->model[who->type]](view->types, who->type, who->speed_mps, who->desired_mps,
                                                    art_maxf(gap_m, 0.05f), lead_mps);
}

/// Signed gain of one follower when the body ahead of it changes.
static float gain_of(const art_change_view *view, const art_peer *who, float gap_m, float lead_mps,
                     float new_gap_m, float new_lead_mps)
{
  return accel_of(view, who, new_gap_m, new_lead_mps) - accel_of(view, who, gap_m, lead_mps);
}

float art_mobil_incentive(const art_change_view *view, float politeness)
{
  const float mine =
      gain_of(view, &view->self, view->gap_m, view->lead_mps, view->new_gap_m, view->new_lead_mps);
  if (politeness <= 0.0f) return mine;
  float others = 0.0f;
  if (view->follower_gap_m < INFINITY)
    others += gain_of(view, &view->follower, view->follower_lead_gap_m, view->follower_lead_mps,
                      view->follower_gap_m, view->self.speed_mps);
  if (view->back_gap_m < INFINITY)
    others += gain_of(view, &view->back, view->back_gap_m, view->self.speed_mps,
                      view->back_gap_m + view->length_m + view->gap_m, view->lead_mps);
  return mine + politeness * others;
}

int art_mobil_safe(const art_change_view *view, float limit_mps2)
{
  if (view->new_gap_m < LEAST_GAP_M || view->follower_gap_m < LEAST_GAP_M) return 0;
  // Gaps smaller than the wanted standstill gap are fine at a crawl when the route needs the lane.
  const int needed = view->need > 0.0f;
  if (!(needed && view->self.speed_mps < CRAWL_MPS) &&
      accel_of(view, &view->self, view->new_gap_m, view->new_lead_mps) < -limit_mps2)
    return 0;
  if (!(view->follower_gap_m < INFINITY) || (needed && view->follower.speed_mps < CRAWL_MPS)) return 1;
  return accel_of(view, &view->follower, view->follower_gap_m, view->self.speed_mps) >= -limit_mps2;
}

int art_mobil_change(const art_change_view *view)
{
  const art_type_table *types = view->types;
  const int32_t type = view->self.type;
  const float safe = types->lc_safe_decel_mps2[type];
  if (view->need > 0.0f)
    return art_mobil_safe(view, safe + (art_maxf(URGENT_DECEL_MPS2, safe) - safe) * view->need);
  // Most looks end here, so the incentive comes before safety.
  const float eagerness = types->lc_speed_gain[type];
  return eagerness > 0.0f && view->new_gap_m >= LEAST_GAP_M && view->follower_gap_m >= LEAST_GAP_M &&
         art_mobil_incentive(view, types->lc_politeness[type]) + view->bonus_mps2 >
             types->lc_threshold_mps2[type] / eagerness &&
         art_mobil_safe(view, safe);
}
