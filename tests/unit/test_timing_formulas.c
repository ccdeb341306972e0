/// Formulas of signal timing against published and independently computed values.
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

/// V27: Webster's cycle.
static void webster_cycle_matches_published_values(void **state)
{
  (void)state;
  close_to(art_timing_webster_cycle(10, .7), 66.6667, 1e-4);
  close_to(art_timing_webster_cycle(12, .75), 92.0, 1e-9);
  close_to(art_timing_webster_cycle(8, .6), 42.5, 1e-9);
  close_to(art_timing_webster_cycle(16, .8), 145.0, 1e-9);
  assert_true(isinf(art_timing_webster_cycle(16, 1.0)));
}

/// V27: HCM 7 pretimed example, y = .45 and .35, L = 8.
static void shortest_cycle_and_critical_saturation_match_hcm(void **state)
{
  (void)state;
  close_to(art_timing_min_cycle(8, .8, 1.0), 40.0, 1e-9);
  close_to(art_timing_min_cycle(8, .8, .92), 61.0, 0.5);  // published as whole seconds
  close_to(art_timing_critical_saturation(8, .8, 60), .923, 5e-4);
  assert_true(isinf(art_timing_min_cycle(8, .95, .92)));
}

/// V19: control delay of four lane groups.
static void control_delay_matches_hcm(void **state)
{
  (void)state;
  const struct {
    double cycle, green, saturation, flow, capacity, x, d1, d2, d;
  } row[] = { { 90, 40, 1800, 600, 800, .75, 20.8333, 6.3873, 27.2207 },
              { 90, 40, 1800, 760, 800, .95, 24.0385, 21.7415, 45.7799 },
              { 60, 27, 1900, 800, 855, .935673, 15.6750, 18.6309, 34.3059 },
              { 120, 50, 1900, 900, 791.667, 1.136842, 35.0, 76.7368, 111.7368 } };
  for (int i = 0; i < 4; ++i) {
    const art_timing_approach a = { row[i].cycle, row[i].green, row[i].saturation, row[i].flow };
    const double x = art_timing_saturation_degree(&a), c = art_timing_capacity(&a);
    close_to(c, row[i].capacity, 5e-4);
    close_to(x, row[i].x, 1e-6);
    close_to(art_timing_uniform_delay(a.cycle_s, a.green_s, x), row[i].d1, 1e-4);
    close_to(art_timing_incremental_delay(c, x, .25, 1), row[i].d2, 1e-4);
    close_to(art_timing_control_delay(&a, .25), row[i].d, 1e-4);
  }
}

/// V19: HCM 7 chapter 31 example, recomputed with s = 1900.
static void control_delay_matches_hcm_example(void **state)
{
  (void)state;
  const art_timing_approach eb = { 60, 29.3, 1900, 855 }, nb = { 60, 22.7, 1900, 665 };
  close_to(art_timing_control_delay(&eb, .25), 30.0309, 1e-3);
  close_to(art_timing_control_delay(&nb, .25), 37.4062, 1e-3);
}

/// V20: the deterministic queue, and Webster's three terms.
static void uniform_queue_matches_known_values(void **state)
{
  (void)state;
  const art_timing_approach a = { 90, 40, 1800, 600 }, b = { 60, 27, 1800, 600 };
  const art_timing_queue queue = art_timing_uniform_queue(&a);
  close_to(queue.at_red_end, 8.3333, 1e-4);
  close_to(queue.clears_after_s, 25.0, 1e-9);
  close_to(queue.back, 12.5, 1e-9);
  close_to(queue.stopped_share, .83333, 1e-5);
  close_to(queue.delay_s, 20.8333, 1e-4);
  close_to(art_timing_overflow_queue(900, 800, .25), 25.0, 1e-9);
  close_to(art_timing_overflow_delay(900, 800, .25), 56.25, 1e-9);
  close_to(art_timing_webster_delay(&a), 24.7285, 1e-4);
  close_to(art_timing_webster_delay(&b), 17.6149, 1e-4);
}

/// V22: gap acceptance capacity.
static void gap_capacity_matches_hcm(void **state)
{
  (void)state;
  const double flow[] = { 300, 500, 800, 1200 };
  const double left[] = { 1272.62, 1074.57, 831.83, 588.70 };
  const double right[] = { 744.31, 574.84, 388.13, 227.73 };
  for (int i = 0; i < 4; ++i) {
    close_to(art_timing_gap_capacity(flow[i], 4.1, 2.2), left[i], 5e-3);
    close_to(art_timing_gap_capacity(flow[i], 6.2, 3.3), right[i], 5e-3);
  }
  close_to(art_timing_gap_capacity(0, 4.5, 2.5), 1440, 1e-9);
  close_to(art_timing_gap_capacity(1e-3, 4.5, 2.5), 1440, 1e-2);  // continuous at no stream
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
    cmocka_unit_test(webster_cycle_matches_published_values),
    cmocka_unit_test(shortest_cycle_and_critical_saturation_match_hcm),
    cmocka_unit_test(control_delay_matches_hcm),
    cmocka_unit_test(control_delay_matches_hcm_example),
    cmocka_unit_test(uniform_queue_matches_known_values),
    cmocka_unit_test(gap_capacity_matches_hcm),
    cmocka_unit_test(level_of_service_follows_hcm_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
