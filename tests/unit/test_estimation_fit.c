// The bounded fit against posterior means, hand-made non-negative problems and its own optimality conditions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "models/estimation/bounded_fit.h"
#include "tests/support/check.h"

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof *(array)))

/// V47: prior (100, 50, 80) of variance 400, counts A = x13 + x12 = 180, B = x13 + x23 = 160 of variance 25.
static void posterior_mean_of_two_counts(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 2, 3, 4 };
  const int32_t row[] = { 0, 1, 0, 1 };
  const double value[] = { 1, 1, 1, 1 }, target[] = { 180, 160 }, weight[] = { 1.0 / 25, 1.0 / 25 };
  const double prior[] = { 100, 50, 80 }, prior_weight[] = { 1.0 / 400, 1.0 / 400, 1.0 / 400 };
  const art_bounded_fit p = { .a = { 2, 3, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .prior = prior,
                              .prior_weight = prior_weight,
                              .tolerance = 1e-13,
                              .max_sweeps = 100000 };
  double x[3], fitted[2];
  art_fit_outcome o;
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, fitted, &o, &err), err);
  assert_true(o.converged);
  const double wanted[] = { 103.265306, 75.162065, 58.103241 };
  for (int i = 0; i < 3; ++i) assert_true(fabs(x[i] - wanted[i]) < 1e-6);  // the digits given
  assert_true(fabs(fitted[0] - x[0] - x[1]) < 1e-9);
}

/// min (x1 + x2 - 2)^2 + (x1 - 3)^2 with x >= 0: free minimum (3, -1), bounded one (2.5, 0).
static void bound_is_active(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 2, 3 };
  const int32_t row[] = { 0, 1, 0 };
  const double value[] = { 1, 1, 1 }, target[] = { 2, 3 }, weight[] = { 1, 1 }, zero[] = { 0, 0 };
  const art_bounded_fit p = { .a = { 2, 2, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .prior = zero,
                              .prior_weight = zero,
                              .lowest = zero,
                              .tolerance = 1e-13 };
  double x[2];
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, NULL, &err), err);
  assert_true(fabs(x[0] - 2.5) < 1e-9 && x[1] == 0.0);
}

/// V48's limits: a count without noise is met, one without weight changes nothing; a base flow counts too.
static void limits_of_the_count_weight(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 1 };
  const int32_t row[] = { 0 };
  const double value[] = { 1 }, target[] = { 130 }, prior[] = { 100 }, prior_weight[] = { 1 },
               base[] = { 10 };
  double weight[] = { 1e12 }, x[1];
  const art_bounded_fit p = { .a = { 1, 1, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .prior = prior,
                              .prior_weight = prior_weight,
                              .base = base };
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, NULL, &err), err);
  assert_true(fabs(x[0] - 120.0) < 1e-6);
  weight[0] = 0.0;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, NULL, &err), err);
  assert_true(x[0] == 100.0);
}

/// A wrong count among three of one unknown pulls the mean, but hardly the robust estimate.
static void robust_loss_resists_an_outlier(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 3 };
  const int32_t row[] = { 0, 1, 2 };
  const double value[] = { 1, 1, 1 }, target[] = { 10, 11, 100 }, weight[] = { 1, 1, 1 }, prior[] = { 0 },
               none[] = { 0 };
  art_bounded_fit p = { .a = { 3, 1, first, row, value },
                        .target = target,
                        .row_weight = weight,
                        .prior = prior,
                        .prior_weight = none };
  double x[1];
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, NULL, &err), err);
  assert_true(fabs(x[0] - 121.0 / 3.0) < 1e-6);
  p.robust_limit = 1.0;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, NULL, &err), err);
  assert_true(fabs(x[0] - 11.0) < 1e-4);  // Huber: 2x - 21 = limit
}

/// Random problems, every other one with rows that bind from below and a free level, half of them with squares and half
/// with entropy: at the minimum every free variable has slope 0 and every bound one points outward.
static void optimality_of_random_problems(void **state)
{
  (void)state;
  enum { ROWS = 12, COLUMNS = 30 };
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const art_prior_distance distance = seed > 20 ? ART_PRIOR_ENTROPY : ART_PRIOR_SQUARE;
    int64_t first[COLUMNS + 1] = { 0 };
    int32_t row[ROWS * COLUMNS];
    double value[ROWS * COLUMNS], target[ROWS], weight[ROWS], prior[COLUMNS], prior_weight[COLUMNS],
        low[COLUMNS], high[COLUMNS];
    uint8_t from_below[ROWS];
    const double level_weight = seed % 2 ? 0.0 : 3.0;
    int64_t n = 0;
    uint64_t draw = 0;
#define U() art_uniform(art_rng(seed, ++draw, 0, ART_FOR_CALIBRATION))
    for (int32_t i = 0; i < ROWS; ++i) {
      target[i] = 500 * U(), weight[i] = 1 / (1 + target[i]);
      from_below[i] = seed % 2 == 0 && i % 3 == 0;
    }
    for (int32_t j = 0; j < COLUMNS; ++j) {
      for (int32_t i = 0; i < ROWS; ++i) {
        if (U() < 0.3) row[n] = i, value[n++] = 100 * U();
      }
      first[j + 1] = n;
      prior[j] = 1, prior_weight[j] = 0.1 + U(), low[j] = 0, high[j] = 3;
    }
#undef U
    const art_bounded_fit p = { .a = { ROWS, COLUMNS, first, row, value },
                                .target = target,
                                .row_weight = weight,
                                .distance = distance,
                                .prior = prior,
                                .prior_weight = prior_weight,
                                .lowest = low,
                                .highest = high,
                                .from_below = from_below,
                                .level_weight = level_weight,
                                .tolerance = 1e-13,
                                .max_sweeps = 100000 };
    double x[COLUMNS], fitted[ROWS];
    art_fit_outcome o;
    art_error err;
    assert_ok(art_bounded_fit_solve(&p, x, fitted, &o, &err), err);
    assert_true(o.converged);
    double level_slope = level_weight * (o.level - 1);
    for (int32_t j = 0; j < COLUMNS; ++j) {
      const double pull = distance == ART_PRIOR_SQUARE ? x[j] - o.level : log(x[j] / o.level);
      const double push = distance == ART_PRIOR_SQUARE ? x[j] - o.level : x[j] / o.level - 1.0;
      double slope = prior_weight[j] * pull;
      if (first[j + 1] > first[j]) level_slope -= prior_weight[j] * push;
      for (int64_t k = first[j]; k < first[j + 1]; ++k) {
        const double off = fitted[row[k]] - target[row[k]];
        if (!from_below[row[k]] || off < 0.0) slope += weight[row[k]] * value[k] * off;
      }
      if (x[j] < 1e-100)  // by entropy as near to 0 as numbers go
        assert_true(distance == ART_PRIOR_ENTROPY || slope > -1e-6);
      else if (x[j] == 3.0)
        assert_true(slope < 1e-6);
      else
        assert_true(fabs(slope) < 1e-6);
    }
    if (level_weight > 0.0) assert_true(fabs(level_slope) < 1e-6);
  }
}

/// One count t against one prior m of equal weight: m ln(x / m) = t - x. So t = m e + m leads to x = m e, and
/// t = m / e - m to x = m / e.
static void entropy_takes_rises_and_falls_alike(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 1, 2, 2 };
  const int32_t row[] = { 0, 1 };
  const double e = 2.718281828459045, m = 10.0;
  const double value[] = { 1, 1 }, target[] = { m * e + m, m / e - m }, weight[] = { 7, 7 },
               prior[] = { m, m, m }, prior_weight[] = { 7, 7, 7 };
  const art_bounded_fit p = { .a = { 2, 3, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .distance = ART_PRIOR_ENTROPY,
                              .prior = prior,
                              .prior_weight = prior_weight,
                              .tolerance = 1e-13 };
  double x[3];
  art_fit_outcome o;
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, &o, &err), err);
  assert_true(o.converged);
  assert_true(fabs(x[0] - m * e) < 1e-9);
  assert_true(fabs(x[1] - m / e) < 1e-9);  // and a target below 0 leaves it above 0
  assert_true(fabs(x[2] - m) < 1e-12);
  // D near the prior is the square; D(m e) = 2 m (m e - m e + m).
  assert_true(fabs(art_prior_distance_of(ART_PRIOR_ENTROPY, m * e, m, m) - 2.0 * m * m) < 1e-9);
  assert_true(fabs(art_prior_distance_of(ART_PRIOR_ENTROPY, 10.01, m, m) / 1e-4 - 1.0) < 1e-3);
  assert_true(art_prior_distance_of(ART_PRIOR_ENTROPY, 0.0, m, m) == 2.0 * m * m);
  const double none[] = { m, 0, m };
  art_bounded_fit bad = p;
  bad.prior = none;
  assert_refused(art_bounded_fit_solve(&bad, x, NULL, NULL, &err), ART_E_INPUT, err, "column 1 has prior 0");
}

/// A row that binds from below: met if the prior falls short of it, silent if the prior exceeds it.
static void floors_bind_from_below(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 1, 2 };
  const int32_t row[] = { 0, 1 };
  const uint8_t from_below[] = { 1, 1 };
  const double value[] = { 1, 1 }, target[] = { 5, 5 }, weight[] = { 3, 3 }, prior[] = { 1, 9 },
               prior_weight[] = { 1, 1 };
  const art_bounded_fit p = { .a = { 2, 2, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .prior = prior,
                              .prior_weight = prior_weight,
                              .from_below = from_below,
                              .tolerance = 1e-13 };
  double x[2];
  art_fit_outcome o;
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, &o, &err), err);
  assert_true(o.converged && o.level == 1.0);
  assert_true(fabs(x[0] - 4.0) < 1e-9);  // (1 * 1 + 3 * 5) / 4
  assert_true(x[1] == 9.0);
  assert_true(fabs(o.data_term - 3.0) < 1e-9);
}

/// Two seen columns at 0.8 of their prior and an unseen one. With p = 1 each and q: s minimises
/// 2 p (0.8 m - s m)^2 + q (s - 1)^2, so s = (2 p m^2 0.8 + q) / (2 p m^2 + q).
static void level_is_estimated_from_seen_columns(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 1, 2, 2 };
  const int32_t row[] = { 0, 1 };
  const double value[] = { 1, 1 }, target[] = { 80, 80 }, weight[] = { 1e9, 1e9 }, prior[] = { 100, 100, 50 },
               prior_weight[] = { 1, 1, 1 }, q = 5000;
  const art_bounded_fit p = { .a = { 2, 3, first, row, value },
                              .target = target,
                              .row_weight = weight,
                              .prior = prior,
                              .prior_weight = prior_weight,
                              .level_weight = q,
                              .tolerance = 1e-13,
                              .max_sweeps = 100000 };
  double x[3];
  art_fit_outcome o;
  art_error err;
  assert_ok(art_bounded_fit_solve(&p, x, NULL, &o, &err), err);
  const double level = (2e4 * 0.8 + q) / (2e4 + q);
  assert_true(o.converged && fabs(o.level - level) < 1e-6);
  assert_true(fabs(x[2] - 50 * level) < 1e-4);
  assert_true(fabs(x[0] - 80) < 1e-4);
}

static void bad_problems_are_refused(void **state)
{
  (void)state;
  const int64_t first[] = { 0, 1 };
  const int32_t row[] = { 1 };
  const double one[] = { 1 }, minus[] = { -1 };
  art_bounded_fit p = {
    .a = { 1, 1, first, row, one }, .target = one, .row_weight = one, .prior = one, .prior_weight = one
  };
  double x[1];
  art_error err;
  assert_refused(art_bounded_fit_solve(&p, x, NULL, NULL, &err), ART_E_INPUT, err, "row 1 of 1");
  p.row_weight = minus;
  assert_refused(art_bounded_fit_solve(&p, x, NULL, NULL, &err), ART_E_INPUT, err, "weight -1");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(posterior_mean_of_two_counts),         cmocka_unit_test(bound_is_active),
    cmocka_unit_test(limits_of_the_count_weight),           cmocka_unit_test(robust_loss_resists_an_outlier),
    cmocka_unit_test(optimality_of_random_problems),        cmocka_unit_test(bad_problems_are_refused),
    cmocka_unit_test(entropy_takes_rises_and_falls_alike),  cmocka_unit_test(floors_bind_from_below),
    cmocka_unit_test(level_is_estimated_from_seen_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
