#include "models/longitudinal/idm.h"

#define ART_IDM_NAME baseline
#include "models/longitudinal/idm_loops_internal.h"

/// The loops for the widest instructions that the run may use.
#if defined(__x86_64__)
#define CHOOSE(name)                                                            \
  if (types->width == ART_WIDTH_AVX512)                                         \
    art_##name##_follow_avx512(types, view);                                    \
  else if (types->width == ART_WIDTH_AVX2)                                      \
    art_##name##_follow_avx2(types, view);                                      \
  else                                                                          \
    art_##name##_follow_baseline(types, view);
#else
#define CHOOSE(name) art_##name##_follow_baseline(types, view);
#endif

void art_idm_follow(const art_type_table *types, const art_follow_view *view)
{
  CHOOSE(idm)
}
void art_iidm_follow(const art_type_table *types, const art_follow_view *view)
{
  CHOOSE(iidm)
}
void art_idm_plus_follow(const art_type_table *types, const art_follow_view *view)
{
  CHOOSE(idm_plus)
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
