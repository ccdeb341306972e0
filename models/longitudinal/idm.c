#include "models/longitudinal/idm.h"

#include "models/longitudinal/idm_internal.h"

#define LOOP(formula, factor)                                                                              \
  _Pragma("omp simd") for (int32_t i = 0; i < n; ++i)                                                      \
  {                                                                                                        \
    const int32_t t = type[i];                                                                             \
    accel[i] = formula(speed[i], desired[i], gap[i], lead[i], min_gap[t], time_gap[t] factor, a[t], b[t]); \
  }

/// The time gap has a factor on few nets only; the plain loop is the common one.
#define FOLLOW(formula)                                                                     \
  const float *restrict speed = view->speed_mps, *restrict desired = view->desired_mps;     \
  const float *restrict gap = view->gap_m, *restrict lead = view->lead_speed_mps;           \
  const float *restrict min_gap = types->min_gap_m, *restrict time_gap = types->time_gap_s; \
  const float *restrict a = types->accel_mps2, *restrict b = types->decel_mps2;             \
  const float *restrict scale = view->time_gap_factor;                                      \
  const uint16_t *restrict type = view->type;                                               \
  float *restrict accel = view->accel_mps2;                                                 \
  const int32_t n = view->count;                                                            \
  if (scale)                                                                                \
    LOOP(formula, *scale[i])                                                                \
  else                                                                                      \
    LOOP(formula, )

void art_idm_follow(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_idm_one)
}
void art_iidm_follow(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_iidm_one)
}
void art_idm_plus_follow(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_idm_plus_one)
}

float art_idm_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap, float lead)
{
  return art_idm_one(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t],
                     types->accel_mps2[t], types->decel_mps2[t]);
}

float art_iidm_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                     float lead)
{
  return art_iidm_single(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t], types->accel_mps2[t],
                         types->decel_mps2[t]);
}

float art_idm_plus_accel(const art_type_table *types, int32_t t, float speed, float desired, float gap,
                         float lead)
{
  return art_idm_plus_one(speed, desired, gap, lead, types->min_gap_m[t], types->time_gap_s[t],
                          types->accel_mps2[t], types->decel_mps2[t]);
}
