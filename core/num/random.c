#include "core/num/random.h"

#include <math.h>

#include "core/num/real.h"

/// Quantile of the standard normal for 0 < p < 1: P. J. Acklam's rational approximations (2003), one for the
/// centre and one for the tails, split at p = 0.02425.
static double normal_quantile(double p)
{
  static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                              1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00 };
  static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                              6.680131188771972e+01, -1.328068155288572e+01 };
  static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                              -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00 };
  static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                              3.754408661907416e+00 };
  const double low = 0.02425;
  if (p >= low && p <= 1.0 - low) {
    const double q = p - 0.5, r = q * q;
    const double above = ((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5];
    const double below = ((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0;
    return above * q / below;
  }
  const double tail = p < low ? p : 1.0 - p;
  const double q = sqrt(-2.0 * art_log(tail));  // IEEE rounds the square root exactly
  const double above = ((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5];
  const double below = (((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0;
  return p < low ? above / below : -above / below;
}

double art_normal(uint64_t bits)
{
  // The middle of one of 2^52 cells: never 0 or 1, and exact in a double on either side of 1/2.
  return normal_quantile(((double)(bits >> 12) + 0.5) * 0x1p-52);
}
