#include "models/longitudinal/gipps.h"

#include "models/longitudinal/follow_internal.h"

float art_gipps_free_speed(float v, float v0, float a, float tau)
{
  const float share = v / v0;
  return v + 2.5f * a * tau * (1.0f - share) * sqrtf(0.025f + share);
}

float art_gipps_safe_speed(float v, float gap, float vl, float b, float b_lead, float tau)
{
  const float bt = b * tau;
  const float under_root = bt * bt + b * (2.0f * gap - v * tau + vl * vl / b_lead);
  return sqrtf(art_maxf(under_root, 0.0f)) - bt;
}

static inline float gipps(float v, float v0, float gap, float vl, float s0, float tau, float a, float b)
{
  const float b_lead = art_maxf(3.0f, 0.5f * (b + 3.0f));
  float target = art_gipps_free_speed(v, v0, a, tau);
  if (gap < INFINITY) target = art_minf(target, art_gipps_safe_speed(v, gap - s0, vl, b, b_lead, tau));
  return (art_maxf(target, 0.0f) - v) / tau;
}

#define REACTION_SHARE (2.0f / 3.0f)
#define LEAST_REACTION_S 0.05f

void art_gipps_follow(const art_type_table *types, const art_follow_view *view)
{
  for (int32_t i = 0; i < view->count; ++i) {
    const int32_t t = view->type[i];
    const float tau = art_maxf(REACTION_SHARE * art_time_gap_at(types, view, i), LEAST_REACTION_S);
    view->accel_mps2[i] =
        gipps(view->speed_mps[i], view->desired_mps[i], view->gap_m[i], view->lead_speed_mps[i],
              types->min_gap_m[t], tau, types->accel_mps2[t], types->decel_mps2[t]);
  }
}

float art_gipps_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                      float lead)
{
  const float tau = art_maxf(REACTION_SHARE * types->time_gap_s[t], LEAST_REACTION_S);
  return gipps(speed, desired, gap, lead, types->min_gap_m[t], tau, types->accel_mps2[t],
               types->decel_mps2[t]);
}
