#include "models/longitudinal/krauss.h"

#include "models/longitudinal/follow_internal.h"

static inline float safe_speed(float gap, float vl, float b, float tau)
{
  const float bt = b * tau;
  const float under_root = bt * bt + vl * vl + 2.0f * b * gap;
  return sqrtf(art_maxf(under_root, 0.0f)) - bt;
}

float art_krauss_safe_speed(float gap_m, float lead_mps, float decel_mps2, float reaction_s)
{
  return safe_speed(gap_m, lead_mps, decel_mps2, reaction_s);
}

static inline float krauss(float v, float v0, float gap, float vl, float s0, float tau, float a, float b,
                           float sigma, float draw, float dt)
{
  const float safe = gap < INFINITY ? safe_speed(gap - s0, vl, b, tau) : v0;
  const float wanted = art_maxf(art_minf(art_minf(v + a * dt, safe), v0), 0.0f);
  // Dawdling takes up to sigma a dt; as SUMO, less from those slower than a times 1 s, so that nobody fails to start.
  const float dawdled = art_maxf(wanted - sigma * art_minf(a, wanted) * dt * draw, 0.0f);
  return (dawdled - v) / dt;
}

void art_krauss_follow(const art_type_table *types, const art_follow_view *view)
{
  const float dt = types->step_s;
  for (int32_t i = 0; i < view->count; ++i) {
    const int32_t t = view->type[i];
    view->accel_mps2[i] =
        krauss(view->speed_mps[i], view->desired_mps[i], view->gap_m[i], view->lead_speed_mps[i],
               types->min_gap_m[t], art_time_gap_at(types, view, i), types->accel_mps2[t],
               types->decel_mps2[t], types->sigma[t], art_column_at(view->draw, i, 0.0f), dt);
  }
}

float art_krauss_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                       float lead)
{
  return krauss(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t], types->accel_mps2[t],
                types->decel_mps2[t], 0.0f, 0.0f, types->step_s);
}
