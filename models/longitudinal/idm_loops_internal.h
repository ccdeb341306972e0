/// \file idm_loops_internal.h
/// Block kernels of the IDM family. Compiled once for every instruction set, by idm.c, idm_avx2.c and idm_avx512.c, which name
/// it in ART_IDM_NAME; all give the same bits.
#ifndef ART_MODELS_LONGITUDINAL_IDM_LOOPS_INTERNAL_H
#define ART_MODELS_LONGITUDINAL_IDM_LOOPS_INTERNAL_H
#include "core/step/kernels.h"
#include "models/longitudinal/idm_internal.h"

#define DECLARE(set)                                                                                \
  void art_idm_follow_##set(const art_type_table *types, const art_follow_view *view);              \
  void art_iidm_follow_##set(const art_type_table *types, const art_follow_view *view);             \
  void art_idm_plus_follow_##set(const art_type_table *types, const art_follow_view *view);
DECLARE(baseline)
DECLARE(avx2)
DECLARE(avx512)

#ifndef ART_IDM_NAME
#define ART_IDM_NAME baseline
#endif
#define ART_IDM_JOIN_(a, b) a##b
#define ART_IDM_JOIN(a, b) ART_IDM_JOIN_(a, b)

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

void ART_IDM_JOIN(art_idm_follow_, ART_IDM_NAME)(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_idm_one)
}
void ART_IDM_JOIN(art_iidm_follow_, ART_IDM_NAME)(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_iidm_one)
}
void ART_IDM_JOIN(art_idm_plus_follow_, ART_IDM_NAME)(const art_type_table *types, const art_follow_view *view)
{
  FOLLOW(art_idm_plus_one)
}

#endif  // ART_MODELS_LONGITUDINAL_IDM_LOOPS_INTERNAL_H
