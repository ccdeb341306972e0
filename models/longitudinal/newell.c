#include "models/longitudinal/newell.h"

#include "models/longitudinal/follow_internal.h"

static inline float newell(float v, float v0, float gap, float s0, float tau, float dt)
{
  const float congested = art_maxf(gap - s0, 0.0f) / art_maxf(tau, dt);
  return (art_minf(v0, congested) - v) / dt;
}

void art_newell_follow(const art_type_table *types, const art_follow_view *view)
{
  for (int32_t i = 0; i < view->count; ++i)
    view->accel_mps2[i] =
        newell(view->speed_mps[i], view->desired_mps[i], view->gap_m[i], types->min_gap_m[view->type[i]],
               art_time_gap_at(types, view, i), types->step_s);
}

float art_newell_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                       float lead)
{
  (void)lead;  // the leader's speed has no part in it
  return newell(speed, desired, gap, types->min_gap_m[t], types->time_gap_s[t], types->step_s);
}
