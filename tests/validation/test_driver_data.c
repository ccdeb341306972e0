// V13 on real data: freeway car-following pairs of TGSIM (docs/driver-calibration.md tells where they come from), where
// ARTERIAL_DATA has them. Errors stand beside those published; hard is only what any data must give.
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scenarios/calibrate/drivers.h"
#include "tests/support/known_answer.h"

enum { SKIPPED = 77 };

/// Adds all tables of one folder; returns how many.
static size_t read_folder(const char *group, art_pairs *pairs)
{
  const char *data = getenv("ARTERIAL_DATA");
  char pattern[1000];
  glob_t found;
  snprintf(pattern, sizeof pattern, "%s/carfollowing/tgsim/%s/*.csv", data ? data : ".", group);
  if (glob(pattern, 0, NULL, &found) != 0) return 0;
  art_reject_report report = { 0 };
  art_error err = { 0 };
  for (size_t i = 0; pairs && i < found.gl_pathc; ++i) {
    if (art_pairs_read(found.gl_pathv[i], 5.0, pairs, &report, &err) != ART_OK) fail_msg("%s", err.message);
  }
  if (report.rejected_rows != 0) fail_msg("%s", report.message[0]);
  art_reject_report_clear(&report);
  const size_t count = found.gl_pathc;
  globfree(&found);
  return count;
}

static void fits(const char *model)
{
  art_pairs *pairs = art_pairs_new();
  art_error err = { 0 };
  assert_true(read_folder("HV", pairs) > 0 && read_folder("CAV", pairs) > 0);
  const art_driver_options options = { .model = art_driver_model_find(model),
                                       .error = ART_GAP_ERROR_MIXED,
                                       .min_duration_s = 10.0,
                                       .restarts = 2,
                                       .seed = 1 };
  art_driver_study *study;
  if (art_drivers_fit(pairs, &options, &study, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(study->group_count, 2);
  double rmse = 0.0;
  for (int32_t f = 0; f < study->fit_count; ++f) {
    const art_driver_fit *fit = &study->fit[f];
    assert_int_equal(fit->collided, 0);  // the published protocol: no fit may collide
    rmse += fit->rmse_m / study->fit_count;
    for (int32_t j = 0; j < study->fit_count; ++j) {
      // Nobody's parameters may fit a driver better than those found for it: the search would have missed them.
      const double other = study->cross[(size_t)j * (size_t)study->fit_count + (size_t)f];
      if (!study->cross_collided[(size_t)j * (size_t)study->fit_count + (size_t)f])
        assert_true(other >= 0.99 * fit->error[ART_GAP_ERROR_MIXED] - 1e-4);
    }
  }
  char what[200];
  snprintf(what, sizeof what,
           "%s on TGSIM, mean error of the gap in sample, %d drivers (published 0.11 to 0.29)", model,
           study->fit_count);
  const art_error_summary own = art_drivers_errors(study, study->group_count, ART_DRIVER_SCOPE_OWN);
  art_answer_within(ART_GATE_SOFT, "V13", what, "1", -INFINITY, 0.29, own.mean);
  snprintf(what, sizeof what, "%s on TGSIM, mean of the drivers' RMSE of the gap (typical 1 to 4 m)", model);
  art_answer_within(ART_GATE_SOFT, "V13", what, "m", -INFINITY, 4.0, rmse);
  for (int32_t g = 0; g < study->group_count; ++g) {
    const art_error_summary others = art_drivers_errors(study, g, ART_DRIVER_SCOPE_OTHERS);
    const art_error_summary pooled = art_drivers_errors(study, g, ART_DRIVER_SCOPE_POOLED);
    snprintf(what, sizeof what,
             "%s on TGSIM %s, parameters of one driver on another, median (bound is that in sample)", model,
             study->group[g]);
    art_answer_within(ART_GATE_SOFT, "V13", what, "1", -INFINITY, 0.29, others.median);
    snprintf(what, sizeof what,
             "%s on TGSIM %s, one set of parameters for all, median (bound is that in sample)", model,
             study->group[g]);
    art_answer_within(ART_GATE_SOFT, "V13", what, "1", -INFINITY, 0.29, pooled.median);
    assert_true(others.median > own.median);
  }
  art_drivers_free(study);
  art_pairs_free(pairs);
}

static void v13_idm_on_freeway_pairs(void **state)
{
  (void)state;
  fits("idm");
}

static void v13_iidm_on_freeway_pairs(void **state)
{
  (void)state;
  fits("iidm");
}

int main(void)
{
  if (read_folder("HV", NULL) == 0 || read_folder("CAV", NULL) == 0) {
    fprintf(stderr, "SKIPPED: no carfollowing/tgsim/{HV,CAV}/*.csv in ARTERIAL_DATA (%s)\n",
            getenv("ARTERIAL_DATA") ? getenv("ARTERIAL_DATA") : "not set");
    return SKIPPED;
  }
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v13_idm_on_freeway_pairs),
    cmocka_unit_test(v13_iidm_on_freeway_pairs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
