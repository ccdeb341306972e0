/// Statistics of replications against tables and published examples.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios/compare/statistics.h"

static void close_to(double value, double expected, double tolerance)
{
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.6f is not within %g of %.6f", value, tolerance, expected);
}

/// Percentage points of Student's t, two-sided 95 %, as printed in tables.
static void t_quantiles_match_tables(void **state)
{
  (void)state;
  const struct {
    int64_t degrees;
    double value;
  } row[] = { { 1, 12.706 }, { 4, 2.776 },  { 9, 2.262 },   { 19, 2.093 },
              { 24, 2.064 }, { 29, 2.045 }, { 1000, 1.962 } };
  for (int i = 0; i < 7; ++i) close_to(art_stats_t(.95, row[i].degrees), row[i].value, 6e-4);
  close_to(art_stats_t(.99, 9), 3.250, 6e-4);
}

/// V68: s = 12, precision 5: 25 replications; half width with ten of them 8.5837.
static void replications_iterate_the_t_quantile(void **state)
{
  (void)state;
  assert_int_equal(art_stats_replications(12, 5, .95, 100000), 25);
  close_to(art_stats_t(.95, 9) * 12 / sqrt(10), 8.5837, 1e-3);
  for (double half = 0.3; half < 30; half *= 1.7) {
    const int64_t n = art_stats_replications(12, half, .95, 1000000);
    assert_true(art_stats_t(.95, n - 1) * 12 / sqrt((double)n) <= half);
    if (n > 2) assert_true(art_stats_t(.95, n - 2) * 12 / sqrt((double)(n - 1)) > half);
  }
  assert_int_equal(art_stats_replications(12, 0.001, .95, 1000), -1);
  assert_int_equal(art_stats_replications(0, 1, .95, 1000), 2);
}

/// V69: s = 10 and correlation .8: standard deviation of the difference 6.3246, unpaired 14.1421.
static void pairing_removes_common_variance(void **state)
{
  (void)state;
  // u and v are uncorrelated with unit sample variance: alt = .8 u + .6 v
  const double scale = sqrt(3.0) / 2.0;
  const double u[] = { 1, 1, -1, -1 }, v[] = { 1, -1, 1, -1 };
  double base[4], alt[4];
  for (int i = 0; i < 4; ++i) {
    base[i] = 100 + 10 * scale * u[i];
    alt[i] = 97 + 10 * scale * (.8 * u[i] + .6 * v[i]);
  }
  const art_paired r = art_stats_paired(4, base, alt, .95);
  close_to(r.base_sd, 10, 1e-9);
  close_to(r.alt_sd, 10, 1e-9);
  close_to(r.correlation, .8, 1e-9);
  close_to(r.difference_sd, 6.3246, 1e-4);
  close_to(sqrt(r.gain) * r.difference_sd, 14.1421, 1e-4);
  close_to(r.gain, 5, 1e-9);
  close_to(r.difference, -3, 1e-9);
  close_to(r.high - r.difference, 3.1824 * 6.3246 / 2, 1e-3);  // t(3) = 3.1824
}

/// Student's sleep data (1908): paired difference 1.58, t = 4.0621, p = .002833, interval .7001 to 2.4599.
static void paired_test_matches_student(void **state)
{
  (void)state;
  const double one[] = { 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0 };
  const double two[] = { 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 };
  const art_paired r = art_stats_paired(10, one, two, .95);
  close_to(r.difference, 1.58, 1e-9);
  close_to(r.low, 0.7001142, 1e-6);
  close_to(r.high, 2.4598858, 1e-6);
  close_to(r.p, 0.002833, 1e-6);
}

static void gaps_and_constants_are_handled(void **state)
{
  (void)state;
  const double base[] = { 1, NAN, 3 }, alt[] = { 2, 5, 4 };
  const art_paired r = art_stats_paired(3, base, alt, .95);
  assert_int_equal(r.count, 2);
  close_to(r.difference, 1, 1e-12);
  close_to(r.p, 0, 0);  // both pairs differ by exactly one
  const double same[] = { 1, 2, 3 };
  const art_paired none = art_stats_paired(3, same, same, .95);
  close_to(none.p, 1, 0);
  close_to(none.low, 0, 0);
  const art_paired single = art_stats_paired(1, base, alt, .95);
  close_to(single.difference, 1, 0);
  assert_true(isnan(single.low) && isnan(single.p));
  assert_int_equal(art_stats_paired(0, base, alt, .95).count, 0);
}

/// Worked by hand: .01, .04, .03, .005.
static void corrections_match_hand_worked_values(void **state)
{
  (void)state;
  const double p[] = { .01, .04, NAN, .03, .005 };
  const double holm[] = { .03, .06, NAN, .06, .02 }, bh[] = { .02, .04, NAN, .04, .02 };
  double adjusted[5];
  art_stats_holm(5, p, adjusted);
  for (int i = 0; i < 5; ++i) {
    if (i == 2)
      assert_true(isnan(adjusted[i]));
    else
      close_to(adjusted[i], holm[i], 1e-12);
  }
  art_stats_benjamini_hochberg(5, p, adjusted);
  for (int i = 0; i < 5; ++i) {
    if (i == 2)
      assert_true(isnan(adjusted[i]));
    else
      close_to(adjusted[i], bh[i], 1e-12);
  }
}

/// Benjamini and Hochberg (1995), their example of fifteen p values: four are rejected at 5 %.
static void false_discovery_rate_matches_its_paper(void **state)
{
  (void)state;
  const double p[] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                       .0459, .3240, .4262, .5719, .6528, .7590, 1.0 };
  double adjusted[15];
  int rejected = 0, family = 0;
  art_stats_benjamini_hochberg(15, p, adjusted);
  for (int i = 0; i < 15; ++i) rejected += adjusted[i] <= .05;
  assert_int_equal(rejected, 4);
  art_stats_holm(15, p, adjusted);
  for (int i = 0; i < 15; ++i) family += adjusted[i] <= .05;
  assert_int_equal(family, 3);
}

/// V70: a decaying start is cut off.
static void warm_up_is_found(void **state)
{
  (void)state;
  double x[500];
  for (int i = 0; i < 500; ++i) x[i] = 10 * exp(-i / 20.0) + (i % 2 ? -1 : 1);
  assert_int_equal(art_stats_mser5(500, x), 75);
  for (int i = 0; i < 500; ++i) x[i] = 10 * exp(-i / 20.0) - (i % 2 ? -1 : 1);
  assert_int_equal(art_stats_mser5(500, x), 80);
  assert_int_equal(art_stats_mser5(3, x), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(t_quantiles_match_tables),
    cmocka_unit_test(replications_iterate_the_t_quantile),
    cmocka_unit_test(pairing_removes_common_variance),
    cmocka_unit_test(paired_test_matches_student),
    cmocka_unit_test(gaps_and_constants_are_handled),
    cmocka_unit_test(corrections_match_hand_worked_values),
    cmocka_unit_test(false_discovery_rate_matches_its_paper),
    cmocka_unit_test(warm_up_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
