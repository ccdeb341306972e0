/// \file idm_internal.h
/// Formulas of the IDM family for one vehicle, shared by its block kernels. Private to models/longitudinal.
#ifndef ART_MODELS_LONGITUDINAL_IDM_INTERNAL_H
#define ART_MODELS_LONGITUDINAL_IDM_INTERNAL_H
#include <math.h>

#include "core/num/real.h"

/// Wanted gap s* over the gap. Speeds differ by v - vl; the root of 4ab comes from the type.
static inline float art_idm_crowding(float v, float vl, float gap, float s0, float T, float a, float b)
{
  const float dynamic = v * T + v * (v - vl) / (2.0f * sqrtf(a * b));
  return (s0 + art_maxf(dynamic, 0.0f)) / gap;  // 0 where the gap is INFINITY
}

static inline float art_power4(float x)
{
  const float square = x * x;
  return square * square;
}

static inline float art_idm_one(float v, float v0, float gap, float vl, float s0, float T, float a, float b)
{
  const float z = art_idm_crowding(v, vl, gap, s0, T, a, b);
  return a * (1.0f - art_power4(v / v0) - z * z);
}

static inline float art_idm_plus_one(float v, float v0, float gap, float vl, float s0, float T, float a,
                                     float b)
{
  const float z = art_idm_crowding(v, vl, gap, s0, T, a, b);
  return a * art_minf(1.0f - art_power4(v / v0), 1.0f - z * z);
}

/// Both branches of the published definition (exponent 4) are computed and selected, so that the loop vectorises.
static inline float art_iidm_one(float v, float v0, float gap, float vl, float s0, float T, float a, float b)
{
  const float z = art_idm_crowding(v, vl, gap, s0, T, a, b);
  const float pressed = a * (1.0f - z * z);
  const float free_slow = art_maxf(a * (1.0f - art_power4(v / v0)), 1e-6f);
  const float slow = z >= 1.0f ? pressed : free_slow * (1.0f - art_powf(z, 2.0f * a / free_slow));
  const float free_fast = -b * (1.0f - art_powf(v0 / art_maxf(v, v0), 4.0f * a / b));
  const float fast = z >= 1.0f ? free_fast + pressed : free_fast;
  return v <= v0 ? slow : fast;
}

/// The same, bit by bit, for one vehicle: only the branch that it takes, since powers are what costs.
static inline float art_iidm_single(float v, float v0, float gap, float vl, float s0, float T, float a, float b)
{
  const float z = art_idm_crowding(v, vl, gap, s0, T, a, b);
  const float pressed = a * (1.0f - z * z);
  if (v <= v0) {
    if (z >= 1.0f) return pressed;
    const float free_slow = art_maxf(a * (1.0f - art_power4(v / v0)), 1e-6f);
    return free_slow * (1.0f - art_powf(z, 2.0f * a / free_slow));
  }
  const float free_fast = -b * (1.0f - art_powf(v0 / v, 4.0f * a / b));
  return z >= 1.0f ? free_fast + pressed : free_fast;
}

#endif  // ART_MODELS_LONGITUDINAL_IDM_INTERNAL_H
