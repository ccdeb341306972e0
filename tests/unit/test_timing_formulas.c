/// Formulas of signal timing at their limits; tests/validation/test_signal_formulas.c has the values.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/signal/timing.h"

static void close_to(double value, double expected, double tolerance)
{
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.6f is not within %g of %.6f", value, tolerance, expected);
}

static void no_cycle_serves_more_than_all_of_the_time(void **state)
{
  (void)state;
  assert_true(isinf(art_timing_webster_cycle(16, 1.0)));
  assert_true(isinf(art_timing_min_cycle(8, .95, .92)));
}

static void gap_capacity_is_continuous_at_no_stream(void **state)
{
  (void)state;
  close_to(art_timing_gap_capacity(0, 4.5, 2.5), 1440, 1e-9);
  close_to(art_timing_gap_capacity(1e-3, 4.5, 2.5), 1440, 1e-2);
}

static void level_of_service_follows_hcm_bounds(void **state)
{
  (void)state;
  assert_int_equal(art_timing_level_of_service(10, .5), 'A');
  assert_int_equal(art_timing_level_of_service(10.1, .5), 'B');
  assert_int_equal(art_timing_level_of_service(35, .5), 'C');
  assert_int_equal(art_timing_level_of_service(54, .5), 'D');
  assert_int_equal(art_timing_level_of_service(80, .5), 'E');
  assert_int_equal(art_timing_level_of_service(81, .5), 'F');
  assert_int_equal(art_timing_level_of_service(5, 1.01), 'F');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_cycle_serves_more_than_all_of_the_time),
    cmocka_unit_test(gap_capacity_is_continuous_at_no_stream),
    cmocka_unit_test(level_of_service_follows_hcm_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
