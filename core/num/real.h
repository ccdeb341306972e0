/// \file real.h
/// Elementary functions whose bits are the same on every processor and compiler: plain + - * / and integer bit
/// operations, no libm, no fused multiply-add. Header-only, so that kernels vectorise over them.
#ifndef ART_CORE_NUM_REAL_H
#define ART_CORE_NUM_REAL_H
#include <stdint.h>
#include <string.h>

/// Time in integer milliseconds.
typedef int64_t art_tick;

static inline uint32_t art_bits_of_float(float x)
{
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}
static inline float art_float_of_bits(uint32_t u)
{
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}
static inline float art_minf(float a, float b) { return a < b ? a : b; }
static inline float art_maxf(float a, float b) { return a > b ? a : b; }

/// Base-2 logarithm of a positive normal float; absolute error below 2e-6 for x within 2^+-16, relative below 2^-23
/// beyond.
static inline float art_log2f(float x)
{
  uint32_t u = art_bits_of_float(x);
  const int32_t e = (int32_t)(u - 0x3f3504f3u) >> 23;  // mantissa into [sqrt(1/2), sqrt(2))
  const float m = art_float_of_bits(u - ((uint32_t)e << 23));
  const float t = (m - 1.0f) / (m + 1.0f), t2 = t * t;  // log m = 2 atanh t
  const float p = 2.0f * t * (1.0f + t2 * (1.0f / 3.0f + t2 * (1.0f / 5.0f + t2 * (1.0f / 7.0f + t2 * (1.0f / 9.0f)))));
  return (float)e + p * 1.44269504f;
}

/// 2 to the power x for x in [-126, 126]; arguments outside are clipped. Relative error below 3e-7.
static inline float art_exp2f(float x)
{
  x = art_minf(art_maxf(x, -126.0f), 126.0f);
  const float shifted = x + 12582912.0f;  // round to nearest integer
  const float whole = shifted - 12582912.0f;
  const float f = (x - whole) * 0.693147181f;
  const float p = 1.0f + f * (1.0f + f * (0.5f + f * (1.66666667e-1f + f * (4.16666667e-2f + f * (8.33333333e-3f + f * 1.38888889e-3f)))));
  const uint32_t scale = (uint32_t)((int32_t)whole + 127) << 23;
  return p * art_float_of_bits(scale);
}

/// x to the power y, x >= 0 (0 gives 0 for y > 0).
static inline float art_powf(float x, float y)
{
  const float safe = art_maxf(x, 1e-30f);
  return art_exp2f(y * art_log2f(safe));
}

/// Natural logarithm of a positive normal double; relative error below 1e-14.
double art_log(double x);
/// e to the power x, clipped to [-700, 700]; relative error below 1e-14.
double art_exp(double x);

#endif  // ART_CORE_NUM_REAL_H
