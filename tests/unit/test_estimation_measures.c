// GEH and other fit measures; resampling of trips by weight.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "models/estimation/fit_measures.h"
#include "models/estimation/resample.h"

static void geh_is_symmetric(void **state)
{
  (void)state;
  assert_true(art_geh(500, 600) == art_geh(600, 500));
  assert_true(art_geh(0, 0) == 0.0);
}

static void measures_by_hand(void **state)
{
  (void)state;
  const double m[] = { 100, 500, 1000, 9999 }, c[] = { 120, 600, 1160, 1 };
  const uint8_t use[] = { 1, 1, 1, 0 };
  const art_fit_measures f = art_fit_measures_of(4, m, c, use);
  assert_int_equal(f.count, 3);
  assert_true(f.geh5_share == 1.0);
  assert_true(fabs(f.geh_median - 4.2640) < 5e-5 && fabs(f.geh_max - 4.8686) < 5e-5);
  assert_true(fabs(f.bias + 280.0 / 3.0) < 1e-9);
  assert_true(fabs(f.rmse - sqrt((400.0 + 10000.0 + 25600.0) / 3.0)) < 1e-9);
  const double mean = 1880.0 / 3.0;
  const double total =
      (120 - mean) * (120 - mean) + (600 - mean) * (600 - mean) + (1160 - mean) * (1160 - mean);
  assert_true(fabs(f.r2 - (1.0 - 36000.0 / total)) < 1e-12);
  const art_fit_measures none = art_fit_measures_of(0, m, c, NULL);
  assert_int_equal(none.count, 0);
  assert_true(isnan(none.geh5_share));
}

static void medians(void **state)
{
  (void)state;
  double odd[] = { 3, 1, 2 }, even[] = { 4, 1, 3, 2 };
  assert_true(art_median(3, odd) == 2.0 && art_median(4, even) == 2.5 && isnan(art_median(0, NULL)));
}

static void distance_of_weightings(void **state)
{
  (void)state;
  const double v[] = { 3, 1, 2, 2 }, a[] = { 1, 1, 1, 1 }, b[] = { 2, 0, 1, 1 };
  assert_true(fabs(art_weighted_ks(4, v, a, b) - 0.25) < 1e-12);  // at 1: 1/4 against 0
  assert_true(art_weighted_ks(4, v, a, a) == 0.0);
}

/// Weight 1 is the identity; more weight never removes a trip; counts are close to weight x trips on any stretch.
static void resampling_is_nested_and_even(void **state)
{
  (void)state;
  for (uint64_t group = 0; group < 50; ++group) {
    const uint64_t phase = art_rng(7, group, 0, ART_FOR_CALIBRATION);
    int32_t before[400] = { 0 };
    for (int step = 0; step <= 60; ++step) {
      const double weight = 0.05 * step;
      int64_t sum = 0, half = 0;
      for (int64_t k = 0; k < 400; ++k) {
        const int32_t copies = art_resample_copies(weight, phase, k);
        assert_true(copies >= before[k]);
        if (step == 20) assert_int_equal(copies, 1);
        if (step == 0) assert_int_equal(copies, 0);
        before[k] = copies;
        sum += copies;
        if (k >= 100 && k < 300) half += copies;
      }
      assert_true(fabs((double)sum - 400 * weight) <
                  4.0);  // discrepancy of the golden sequence: below 1.5 ln n
      assert_true(fabs((double)half - 200 * weight) < 4.0);
    }
  }
  assert_int_equal(art_resample_copies(NAN, 0, 0), 0);
  assert_int_equal(art_resample_copies(-1, 0, 0), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(geh_is_symmetric),
    cmocka_unit_test(measures_by_hand),
    cmocka_unit_test(medians),
    cmocka_unit_test(distance_of_weightings),
    cmocka_unit_test(resampling_is_nested_and_even),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
