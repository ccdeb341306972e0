#include "models/longitudinal/idm.h"

#include <math.h>

#include "core/num/real.h"

/// Wanted gap s* over the gap. Speeds differ by v - vl; the root of 4ab comes from the type.
static inline float crowding(float v, float vl, float gap, float s0, float T, float a, float b)
{
  const float dynamic = v * T + v * (v - vl) / (2.0f * sqrtf(a * b));
  return (s0 + art_maxf(dynamic, 0.0f)) / gap;  // 0 where the gap is INFINITY
}

static inline float power4(float x)
{
  const float square = x * x;
  return square * square;
}

static inline float idm(float v, float v0, float gap, float vl, float s0, float T, float a, float b)
{
  const float z = crowding(v, vl, gap, s0, T, a, b);
  return a * (1.0f - power4(v / v0) - z * z);
}

/// Both branches of the published definition (exponent 4) are computed and selected, so that the loop vectorises.
static inline float iidm(float v, float v0, float gap, float vl, float s0, float T, float a, float b)
{
  const float z = crowding(v, vl, gap, s0, T, a, b);
  const float pressed = a * (1.0f - z * z);
  const float free_slow = art_maxf(a * (1.0f - power4(v / v0)), 1e-6f);
  const float slow = z >= 1.0f ? pressed : free_slow * (1.0f - art_powf(z, 2.0f * a / free_slow));
  const float free_fast = -b * (1.0f - art_powf(v0 / art_maxf(v, v0), 4.0f * a / b));
  const float fast = z >= 1.0f ? free_fast + pressed : free_fast;
  return v <= v0 ? slow : fast;
}

#define FOLLOW(formula)                                                                             \
  const float *restrict speed = view->speed_mps, *restrict desired = view->desired_mps;             \
  const float *restrict gap = view->gap_m, *restrict lead = view->lead_speed_mps;                   \
  const float *restrict min_gap = types->min_gap_m, *restrict time_gap = types->time_gap_s;         \
  const float *restrict a = types->accel_mps2, *restrict b = types->decel_mps2;                     \
  const uint16_t *restrict type = view->type;                                                       \
  float *restrict accel = view->accel_mps2;                                                         \
  const int32_t n = view->count;                                                                    \
  _Pragma("omp simd") for (int32_t i = 0; i < n; ++i)                                               \
  {                                                                                                 \
    const int32_t t = type[i];                                                                      \
    accel[i] = formula(speed[i], desired[i], gap[i], lead[i], min_gap[t], time_gap[t], a[t], b[t]); \
  }

void art_idm_follow(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(idm)
}
void art_iidm_follow(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(iidm)
}

float art_idm_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap, float lead)
{
  return idm(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t], types->accel_mps2[t],
             types->decel_mps2[t]);
}

float art_iidm_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                     float lead)
{
  return iidm(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t], types->accel_mps2[t],
              types->decel_mps2[t]);
}
