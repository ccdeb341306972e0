// Estimation from counts: V44 measure of fit, V47 posterior mean of a demand given counts.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/estimation/bounded_fit.h"
#include "models/estimation/fit_measures.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"

static void v44_geh(void **state)
{
  (void)state;
  static const double known[][3] = {
    { 100, 120, 1.9069 }, { 500, 600, 4.2640 }, { 1000, 1160, 4.8686 }, { 2000, 2230, 5.0012 }
  };
  for (int i = 0; i < 4; ++i) {
    char what[64];
    snprintf(what, sizeof what, "GEH of %g and %g veh/h", known[i][0], known[i][1]);
    art_answer(ART_GATE_HARD, "V44", what, "(veh/h)^0.5", known[i][2], art_geh(known[i][0], known[i][1]),
               5e-5);
  }
}

/// Three relations 1-3, 1-2, 2-3 over two links: A carries the first two, B the first and the last.
static void v47_posterior_mean(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 2, 3, 4 };
  const int32_t row[] = { 0, 1, 0, 1 };
  const double value[] = { 1, 1, 1, 1 }, target[] = { 180, 160 }, weight[] = { 1.0 / 25, 1.0 / 25 };
  const double prior[] = { 100, 50, 80 }, prior_weight[] = { 1.0 / 400, 1.0 / 400, 1.0 / 400 };
  const art_bounded_fit problem = { .a = { 2, 3, first, row, value },
                                    .target = target,
                                    .row_weight = weight,
                                    .prior = prior,
                                    .prior_weight = prior_weight,
                                    .tolerance = 1e-13,
                                    .max_sweeps = 100000 };
  double x[3];
  art_fit_outcome outcome;
  art_error err;
  assert_ok(art_bounded_fit_solve(&problem, x, NULL, &outcome, &err), err);
  assert_true(outcome.converged);
  static const char *const name[] = { "1-3", "1-2", "2-3" };
  static const double expected[] = { 103.265306, 75.162065, 58.103241 };
  for (int i = 0; i < 3; ++i) {
    char what[64];
    snprintf(what, sizeof what, "least squares, posterior mean of %s", name[i]);
    art_answer(ART_GATE_HARD, "V47", what, "trips", expected[i], x[i], 5e-7);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(v44_geh), cmocka_unit_test(v47_posterior_mean) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
