// Own elementary functions against libm, whose errors are below one unit in the last place.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "core/num/real.h"

static double relative_error(double got, double wanted)
{
  return fabs(got - wanted) / fabs(wanted);
}

static void log_is_within_1e14_of_libm(void **state)
{
  (void)state;
  double worst = 0.0;
  for (int i = 0; i < 200000; ++i) {
    // Exponents over the whole normal range, mantissas at random.
    const double u = art_uniform(art_mix64((uint64_t)i + 1));
    const double x = ldexp(1.0 + u, i % 2040 - 1021);
    const double wanted = log(x);
    if (wanted != 0.0) worst = fmax(worst, relative_error(art_log(x), wanted));
  }
  for (int k = 1; k <= 52; ++k) {  // close to 1 the logarithm itself is tiny
    worst = fmax(worst, relative_error(art_log(1.0 + ldexp(1.0, -k)), log(1.0 + ldexp(1.0, -k))));
    worst = fmax(worst, relative_error(art_log(1.0 - ldexp(1.0, -k)), log(1.0 - ldexp(1.0, -k))));
  }
  if (worst > 1e-14) fail_msg("worst relative error %g", worst);
  assert_true(art_log(1.0) == 0.0);
  assert_true(art_log(0.0) == -(double)INFINITY);
  assert_true(isnan(art_log(-1.0)) && isnan(art_log((double)NAN)));
  assert_true(isinf(art_log((double)INFINITY)));
  assert_true(relative_error(art_log(5e-324), log(5e-324)) < 1e-14);
}

static void exp_is_within_1e14_of_libm(void **state)
{
  (void)state;
  double worst = 0.0;
  for (int i = 0; i < 200000; ++i) {
    const double x = 1400.0 * (art_uniform(art_mix64((uint64_t)i + 7)) - 0.5);
    worst = fmax(worst, relative_error(art_exp(x), exp(x)));
  }
  for (int k = -60; k <= 9; ++k)
    worst = fmax(worst, relative_error(art_exp(ldexp(1.0, k)), exp(ldexp(1.0, k))));
  if (worst > 1e-14) fail_msg("worst relative error %g", worst);
  assert_true(art_exp(0.0) == 1.0);
  assert_true(art_exp(-1e9) == art_exp(-700.0) && art_exp(1e9) == art_exp(700.0));  // clipped, as documented
  assert_true(isnan(art_exp((double)NAN)));
}

static void float_functions_keep_their_bounds(void **state)
{
  (void)state;
  double worst_log2 = 0.0, worst_exp2 = 0.0, worst_pow = 0.0;
  for (int i = 0; i < 200000; ++i) {
    const double u = art_uniform(art_mix64((uint64_t)i)), v = art_uniform(art_mix64((uint64_t)i + 1000000));
    const float x = (float)ldexp(1.0 + u, i % 200 - 100);
    // Beyond 2^+-16 a unit in the last place of the result is more than the bound.
    const double log2_error = fabs((double)art_log2f(x) - log2((double)x));
    if (fabs(log2((double)x)) <= 16.0)
      worst_log2 = fmax(worst_log2, log2_error);
    else if (log2_error > fabs(log2((double)x)) * 0x1p-23)
      fail_msg("log2 of %g: error %g", (double)x, log2_error);
    const float y = (float)(250.0 * (u - 0.5));
    worst_exp2 = fmax(worst_exp2, relative_error((double)art_exp2f(y), exp2((double)y)));
    const float base = (float)(0.01 + 2.0 * u), power = (float)(0.5 + 8.0 * v);
    worst_pow =
        fmax(worst_pow, relative_error((double)art_powf(base, power), pow((double)base, (double)power)));
  }
  if (worst_log2 > 2e-6) fail_msg("log2: worst error %g", worst_log2);
  if (worst_exp2 > 3e-7) fail_msg("exp2: worst relative error %g", worst_exp2);
  // The error of the logarithm (2e-6) is multiplied by exponent and ln 2: 8.5 x 2e-6 x 0.7.
  if (worst_pow > 1.2e-5) fail_msg("pow: worst relative error %g", worst_pow);
  assert_true(art_powf(0.0f, 4.0f) < 1e-30f);
  assert_true(art_powf(1.0f, 17.0f) == 1.0f);
}

/// These bits are the same on every machine; a change of any of them changes simulations.
static void golden_bits(void **state)
{
  (void)state;
  uint64_t hash = 0;
  for (int i = 1; i <= 10000; ++i) {
    const double x = (double)i * 0.01;
    const double values[3] = { art_log(x), art_exp(x), art_normal(art_mix64((uint64_t)i)) };
    for (int k = 0; k < 3; ++k) {
      uint64_t bits;
      memcpy(&bits, &values[k], sizeof bits);
      hash = art_hash2(hash, bits);
    }
    hash = art_hash2(hash, art_bits_of_float(art_powf((float)x, 0.7f)));
  }
  if (hash != 0x04ae97bd7b68d2f2u) fail_msg("hash is 0x%016llx", (unsigned long long)hash);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(log_is_within_1e14_of_libm),
    cmocka_unit_test(exp_is_within_1e14_of_libm),
    cmocka_unit_test(float_functions_keep_their_bounds),
    cmocka_unit_test(golden_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
