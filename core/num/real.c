#include "core/num/real.h"

#include <math.h>

static const double ln2_high = 0x1.62e42feep-1;  // 33 bits: times any exponent it is exact
static const double ln2_low = 0x1.a39ef35793c76p-33;
static const double inv_ln2 = 0x1.71547652b82fep+0;

static uint64_t bits_of_double(double x)
{
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static double double_of_bits(uint64_t u)
{
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

double art_log(double x)
{
  if (!(x > 0.0)) return x == 0.0 ? -(double)INFINITY : (double)NAN;
  if (x > 0x1.fffffffffffffp1023) return x;
  int64_t e = 0;
  if (x < 0x1p-1022) {  // subnormal
    x *= 0x1p54;
    e = -54;
  }
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)); then log m = 2 atanh t, |t| < 0.172.
  const uint64_t u = bits_of_double(x);
  const int64_t exponent = (int64_t)(u - 0x3fe6a09e667f3bcdu) >> 52;
  e += exponent;
  const double m = double_of_bits(u - ((uint64_t)exponent << 52));
  const double t = (m - 1.0) / (m + 1.0), s = t * t;
  static const double odd[] = { 1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11,
                                1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21 };
  double tail = 0.0;  // the first term left out is below 2e-17 of the sum
  for (int i = 9; i >= 0; --i) tail = s * (odd[i] + tail);
  const double log_m = 2.0 * t + 2.0 * t * tail;
  return (double)e * ln2_high + ((double)e * ln2_low + log_m);
}

double art_exp(double x)
{
  if (x != x) return x;
  x = x < -700.0 ? -700.0 : x > 700.0 ? 700.0 : x;
  const double shift = 0x1.8p52;  // adding and taking it away rounds to an integer
  const double k = (x * inv_ln2 + shift) - shift;
  const double r = (x - k * ln2_high) - k * ln2_low;  // |r| <= 0.347
  static const double inv_factorial[] = {
    1.0,         1.0 / 2,      1.0 / 6,       1.0 / 24,       1.0 / 120,       1.0 / 720,       1.0 / 5040,
    1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800
  };
  double p = 0.0;
  for (int i = 12; i >= 0; --i) p = r * (inv_factorial[i] + p);
  return (1.0 + p) * double_of_bits((uint64_t)((int64_t)k + 1023) << 52);
}
