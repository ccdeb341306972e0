// V31 on a grid: max pressure and self-organising lights lose no more time than the fixed plan that is optimised for the same
// steady flows; and all kinds of control give the same results with any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scenarios/whatif/webster.h"
#include "tests/support/check.h"
#include "tests/support/grid_lab.h"
#include "tests/support/known_answer.h"

enum { SEEDS = 3 };

/// Flows for which the optimised plan has a load of 0.85: critical flow ratios over what a cycle of 120 s has room for.
static art_grid_lab loaded_grid(void)
{
  art_grid_lab lab = art_grid_lab_default();
  lab.flow_vph = 1050.0;
  lab.hours = 0.25;
  return lab;
}

static void v31_grid_at_85_percent(void **state)
{
  (void)state;
  static const art_control kinds[] = { ART_CONTROL_FIXED, ART_CONTROL_MAX_PRESSURE, ART_CONTROL_SOTL };
  const art_grid_lab lab = loaded_grid();
  art_error err = { 0 };
  art_city *city = NULL;
  art_grid_plan plan;
  double mean[3] = { 0 };
  assert_ok(art_grid_lab_city(&lab, &city, &err), err);
  assert_ok(art_grid_lab_optimise(&lab, city, 1, ART_CYCLE_KEEP, &plan, &err), err);
  art_answer_within(ART_GATE_HARD, "V31", "5 x 5 grid, load of the busiest signal under the optimised fixed plan", "1",
                    0.82, 0.88, plan.load);
  for (int k = 0; k < 3; ++k) {
    art_grid_lab_control(city->net, kinds[k]);
    for (uint64_t seed = 1; seed <= SEEDS; ++seed) {
      art_grid_result r;
      assert_ok(art_grid_lab_run(&lab, city->net, seed, 1, &r, &err), err);
      printf("%s seed %d: %.1f s, %.2f stops, %.1f greens/h, %d unfinished\n", art_control_name((int)kinds[k]), (int)seed,
             r.delay_s, r.stops, r.switches_per_h, (int)r.unfinished);
      assert_int_equal(r.unfinished, 0);
      assert_int_equal(r.broken, 0);
      mean[k] += r.delay_s / SEEDS;
    }
  }
  for (int k = 1; k < 3; ++k) {
    char what[128];
    snprintf(what, sizeof what, "5 x 5 grid, mean delay under %s, at most optimised fixed time + 5 %% (%.1f s), 3 seeds",
             art_control_name((int)kinds[k]), mean[0]);
    art_answer_within(ART_GATE_HARD, "V31", what, "s", 0.0, 1.05 * mean[0], mean[k]);
  }
  art_city_free(city);
}

static void threads_do_not_matter(void **state)
{
  (void)state;
  static const art_control kinds[] = { ART_CONTROL_MAX_PRESSURE, ART_CONTROL_SOTL, ART_CONTROL_ADAPTIVE };
  art_grid_lab lab = art_grid_lab_default();
  lab.size = 3;
  lab.hours = 0.2;
  lab.flow_vph = 700;
  lab.turn_bays = 1;  // four stages
  art_error err = { 0 };
  art_city *city = NULL;
  assert_ok(art_grid_lab_city(&lab, &city, &err), err);
  uint64_t first[3];
  for (int k = 0; k < 3; ++k) {
    art_grid_lab_control(city->net, kinds[k]);
    for (int threads = 1; threads <= 3; ++threads) {
      art_grid_result r;
      assert_ok(art_grid_lab_run(&lab, city->net, 1, threads, &r, &err), err);
      if (threads == 1) first[k] = r.hash;
      assert_true(r.hash == first[k]);
      assert_int_equal(r.unfinished, 0);
      assert_int_equal(r.broken, 0);
    }
  }
  assert_true(first[0] != first[1] && first[1] != first[2]);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(v31_grid_at_85_percent),
                                      cmocka_unit_test(threads_do_not_matter) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
