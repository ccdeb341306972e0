#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"

/// The 52 bits that art_normal() turns into this probability.
static uint64_t bits_of_probability(double p)
{
  return (uint64_t)(p * 0x1p52) << 12;
}

/// Published quantiles of the standard normal distribution.
static void normal_meets_published_quantiles(void **state)
{
  (void)state;
  static const struct {
    double p, z;
  } table[] = {
    { 0.50, 0.0 },
    { 0.75, 0.674489750196082 },
    { 0.90, 1.281551565544600 },
    { 0.95, 1.644853626951472 },
    { 0.975, 1.959963984540054 },
    { 0.99, 2.326347874040841 },
    { 0.995, 2.575829303548901 },
    { 0.999, 3.090232306167813 },
    { 0.999999, 4.753424308822899 },
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i) {
    const double tolerance = 2e-9 * fmax(table[i].z, 1.0);  // Acklam states a relative error of 1.15e-9
    const double upper = art_normal(bits_of_probability(table[i].p));
    const double lower = art_normal(bits_of_probability(1.0 - table[i].p));
    if (fabs(upper - table[i].z) > tolerance || fabs(lower + table[i].z) > tolerance)
      fail_msg("p = %g: %.12f and %.12f, wanted +-%.12f", table[i].p, upper, lower, table[i].z);
  }
  assert_true(isfinite(art_normal(0)) && isfinite(art_normal(UINT64_MAX)));
  assert_true(art_normal(0) < -8.0 && art_normal(UINT64_MAX) > 8.0);
}

/// Against the distribution function of libm over the whole range, both tails and the joints at 0.02425.
static void normal_inverts_the_distribution_function(void **state)
{
  (void)state;
  for (int i = 1; i < 4000; ++i) {
    const double p = (double)i / 4000.0, z = art_normal(bits_of_probability(p));
    const double back = 0.5 * erfc(-z / sqrt(2.0));
    if (fabs(back - p) > 2e-9) fail_msg("p = %g came back as %.12g", p, back);
  }
}

static void normal_has_mean_0_and_variance_1(void **state)
{
  (void)state;
  enum { COUNT = 200000 };
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < COUNT; ++i) {
    const double z = art_normal(art_rng(1, (uint64_t)i, 0, ART_FOR_SPEED_FACTOR));
    sum += z;
    squares += z * z;
  }
  assert_true(fabs(sum / COUNT) < 4.0 / sqrt(COUNT));                  // 4 standard errors
  assert_true(fabs(squares / COUNT - 1.0) < 4.0 * sqrt(2.0 / COUNT));  // variance of z^2 is 2
}

/// Pearson's statistic over 256 equal classes: with 255 degrees of freedom, 99.95 % lie below 335.
static void check_uniform(const char *what, uint64_t seed, uint64_t key_step, int64_t tick_step,
                          int purpose_step)
{
  enum { COUNT = 256000, CLASSES = 256 };
  int32_t seen[CLASSES] = { 0 };
  for (int64_t i = 0; i < COUNT; ++i) {
    const art_purpose purpose = (art_purpose)(1 + i * purpose_step);
    const double u = art_uniform(art_rng(seed, 17 + (uint64_t)i * key_step, i * tick_step, purpose));
    assert_true(u >= 0.0 && u < 1.0);
    ++seen[(int)(u * CLASSES)];
  }
  double statistic = 0.0;
  for (int k = 0; k < CLASSES; ++k) {
    const double excess = seen[k] - (double)COUNT / CLASSES;
    statistic += excess * excess / ((double)COUNT / CLASSES);
  }
  if (statistic < 185.0 || statistic > 335.0)
    fail_msg("%s, seed %d: chi-square %g", what, (int)seed, statistic);
}

static void uniform_passes_chi_square_in_every_argument(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    check_uniform("keys in sequence", seed, 1, 0, 0);
    check_uniform("ticks of 500 ms", seed, 0, 500, 0);
    check_uniform("both", seed, 3, 500, 0);
    check_uniform("purposes", seed, 0, 0, 1);
  }
}

/// Neighbouring draws of one agent must not be correlated (|r| of N independent pairs has standard error
/// 1/sqrt(N)).
static void successive_draws_are_uncorrelated(void **state)
{
  (void)state;
  enum { COUNT = 100000 };
  double same_agent = 0.0, same_tick = 0.0, other_seed = 0.0;
  for (int64_t i = 0; i < COUNT; ++i) {
    const double a = art_uniform(art_rng(5, 99, 500 * i, ART_FOR_LANE_CHANGE)) - 0.5;
    same_agent += a * (art_uniform(art_rng(5, 99, 500 * (i + 1), ART_FOR_LANE_CHANGE)) - 0.5);
    same_tick += a * (art_uniform(art_rng(5, 100, 500 * i, ART_FOR_LANE_CHANGE)) - 0.5);
    other_seed += a * (art_uniform(art_rng(6, 99, 500 * i, ART_FOR_LANE_CHANGE)) - 0.5);
  }
  const double bound = 4.0 / sqrt(COUNT);
  assert_true(fabs(12.0 * same_agent / COUNT) < bound);
  assert_true(fabs(12.0 * same_tick / COUNT) < bound);
  assert_true(fabs(12.0 * other_seed / COUNT) < bound);
}

/// A draw depends on its arguments only: forwards, backwards and interleaved give the same table.
static void draws_do_not_depend_on_order(void **state)
{
  (void)state;
  enum { AGENTS = 50, TICKS = 40 };
  static uint64_t forward[AGENTS][TICKS];
  for (int a = 0; a < AGENTS; ++a)
    for (int t = 0; t < TICKS; ++t) forward[a][t] = art_rng(42, (uint64_t)a, t, ART_FOR_FLOW);
  for (int t = TICKS - 1; t >= 0; --t)
    for (int a = AGENTS - 1; a >= 0; --a) {
      (void)art_rng(42, (uint64_t)(a * t), t, ART_FOR_TYPE);  // other draws in between change nothing
      assert_true(art_rng(42, (uint64_t)a, t, ART_FOR_FLOW) == forward[a][t]);
    }
}

static int ascending(const void *a, const void *b)
{
  const uint64_t p = *(const uint64_t *)a, q = *(const uint64_t *)b;
  return (p > q) - (p < q);
}

/// Small integers in all four arguments, in any place: a million draws, none twice (chance of one pair:
/// 3e-8).
static void draws_do_not_collide(void **state)
{
  (void)state;
  enum { SIDE = 32, COUNT = SIDE * SIDE * SIDE * SIDE };
  uint64_t *draws = malloc(COUNT * sizeof *draws);
  assert_non_null(draws);
  for (int i = 0; i < COUNT; ++i)
    draws[i] = art_rng((uint64_t)(i % SIDE), (uint64_t)(i / SIDE % SIDE), i / (SIDE * SIDE) % SIDE,
                       (art_purpose)(i / (SIDE * SIDE * SIDE)));
  qsort(draws, COUNT, sizeof *draws, ascending);
  for (int i = 1; i < COUNT; ++i) assert_true(draws[i] != draws[i - 1]);
  free(draws);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(normal_meets_published_quantiles),
    cmocka_unit_test(normal_inverts_the_distribution_function),
    cmocka_unit_test(normal_has_mean_0_and_variance_1),
    cmocka_unit_test(uniform_passes_chi_square_in_every_argument),
    cmocka_unit_test(successive_draws_are_uncorrelated),
    cmocka_unit_test(draws_do_not_depend_on_order),
    cmocka_unit_test(draws_do_not_collide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
