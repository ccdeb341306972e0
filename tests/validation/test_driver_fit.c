// V13, twin test: drivers whose parameters are known drive noise-free behind a leader that leaves them free, leads them
// and stops them; the fit must find the parameters within 2 %. The drivers are simulated here, in double precision and
// with formulas of this file, and go through the text reader, so that nothing is shared with what is tested.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "scenarios/calibrate/drivers.h"
#include "tests/support/known_answer.h"

/// In the order of the models' parameter lists.
typedef struct twin {
  const char *name;
  double v0, T, s0, a, b;
} twin;

static const twin twins[] = {
  { "common", 120.0 / 3.6, 1.5, 2.0, 1.0, 1.5 },
  { "city", 54.0 / 3.6, 1.0, 2.0, 1.0, 1.5 },
  { "city50", 50.0 / 3.6, 1.2, 2.0, 1.5, 2.0 },
  { "hasty", 25.0, 0.7, 1.2, 2.4, 3.0 },
};
enum { TWINS = sizeof twins / sizeof *twins };
#define STEP_S 0.1
#define LENGTH_M 4.6

typedef double acceleration(const twin *p, double v, double gap, double lead);

static double crowding(const twin *p, double v, double gap, double lead)
{
  return (p->s0 + fmax(0.0, v * p->T + v * (v - lead) / (2.0 * sqrt(p->a * p->b)))) / gap;
}

static double idm(const twin *p, double v, double gap, double lead)
{
  const double z = crowding(p, v, gap, lead);
  return p->a * (1.0 - pow(v / p->v0, 4.0) - z * z);
}

static double iidm(const twin *p, double v, double gap, double lead)
{
  const double z = crowding(p, v, gap, lead);
  if (v <= p->v0) {
    const double vf = p->a * (1.0 - pow(v / p->v0, 4.0));
    if (z >= 1.0) return p->a * (1.0 - z * z);
    return vf > 0.0 ? vf * (1.0 - pow(z, 2.0 * p->a / vf)) : 0.0;
  }
  const double vf = -p->b * (1.0 - pow(p->v0 / v, 4.0 * p->a / p->b));
  return z >= 1.0 ? vf + p->a * (1.0 - z * z) : vf;
}

/// The leader's speed is piecewise linear through these points: away faster than the twin wants (free), back to where it
/// catches up and follows through waves, a stop, a start, and a sharper stop.
static double leader_speed(double t, double v0)
{
  static const double at[][2] = { { 0, 0.0 },   { 12, 1.25 },  { 55, 1.25 }, { 70, 0.35 },
                                  { 120, 0.5 }, { 135, 0.25 }, { 150, 0.6 }, { 160, 0.45 },
                                  { 172, 0.0 }, { 190, 0.0 },  { 202, 0.7 }, { 225, 0.7 },
                                  { 232, 0.3 }, { 245, 0.55 }, { 252, 0.0 }, { 275, 0.0 } };
  for (size_t i = 1; i < sizeof at / sizeof *at; ++i) {
    if (t <= at[i][0]) {
      const double w = (t - at[i - 1][0]) / (at[i][0] - at[i - 1][0]);
      return v0 * (at[i - 1][1] + w * (at[i][1] - at[i - 1][1]));
    }
  }
  return 0.0;
}

/// Regimes that the trajectory has passed, in rows.
typedef struct regimes {
  int free, following, standing;
} regimes;

/// Appends the twin's trajectory as CSV rows.
static regimes drive(FILE *file, const twin *p, int id, acceleration *accel)
{
  regimes seen = { 0, 0, 0 };
  double xl = p->s0 + 1.0 + LENGTH_M, x = 0.0, v = 0.0;
  for (int k = 0; k <= 2750; ++k) {
    const double t = k * STEP_S, lead = leader_speed(t, p->v0), gap = xl - LENGTH_M - x;
    assert_true(gap > 0.0);
    fprintf(file, "%.1f,1,%d,%d,%.9f,%.9f,%.9f,%.9f,%.2f\n", t, id, 100 + id, xl, lead, x, v, LENGTH_M);
    seen.free += v > 0.97 * p->v0 && gap > 3.0 * v * p->T;
    seen.following += v > 2.0 && gap < 2.0 * (p->s0 + v * p->T);
    seen.standing += v < 0.05 && lead < 0.05;
    xl += 0.5 * (lead + leader_speed(t + STEP_S, p->v0)) * STEP_S;
    const double a = accel(p, v, gap, lead), next = v + a * STEP_S;
    x += next >= 0.0 ? 0.5 * (v + next) * STEP_S : -0.5 * v * v / a;
    v = fmax(next, 0.0);
  }
  return seen;
}

static void recovers(const char *model, acceleration *accel)
{
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  fputs("time_s,run,follower_id,leader_id,leader_position_m,leader_speed_mps,follower_position_m,follower_"
        "speed_mps,"
        "leader_length_m\n",
        file);
  for (int i = 0; i < TWINS; ++i) {
    const regimes seen = drive(file, &twins[i], i, accel);
    assert_true(seen.free > 50 && seen.following > 300 && seen.standing > 50);
  }
  fclose(file);

  art_error err = { 0 };
  art_reject_report report = { 0 };
  art_pairs *pairs = art_pairs_new();
  assert_int_equal(art_pairs_read_text("twins/pairs.csv", text, size, 5.0, pairs, &report, &err), ART_OK);
  assert_int_equal(report.rejected_rows, 0);
  assert_int_equal(pairs->episode_count, TWINS);

  const art_driver_options options = { .model = art_driver_model_find(model),
                                       .error = ART_GAP_ERROR_MIXED,
                                       .min_duration_s = 10.0,
                                       .restarts = 2,
                                       .seed = 1,
                                       .threads = 2 };
  assert_non_null(options.model);
  art_driver_study *study;
  assert_int_equal(art_drivers_fit(pairs, &options, &study, &err), ART_OK);
  assert_int_equal(study->fit_count, TWINS);
  for (int i = 0; i < TWINS; ++i) {
    const art_driver_fit *fit = &study->fit[i];
    const double truth[] = { twins[i].v0, twins[i].T, twins[i].s0, twins[i].a, twins[i].b };
    char what[160];
    for (int p = 0; p < options.model->count; ++p) {
      const art_driver_param *param = art_driver_param_of(options.model->param[p]);
      snprintf(what, sizeof what, "%s twin \"%s\", %s from its trajectory", model, twins[i].name,
               param->name);
      art_answer(ART_GATE_HARD, "V13", what, param->units, truth[p], fit->value[p], 0.02 * truth[p]);
      assert_false(fit->at_bound[p]);
      assert_false(fit->is_weak[p]);
    }
    snprintf(what, sizeof what, "%s twin \"%s\", error of the gap", model, twins[i].name);
    art_answer_within(ART_GATE_HARD, "V13", what, "1", 0.0, 0.001, fit->error[ART_GAP_ERROR_MIXED]);
    assert_int_equal(fit->collided, 0);
    // Another driver's parameters are worse, and by more than rounding.
    for (int j = 0; j < TWINS; ++j) {
      if (j != i) assert_true(study->cross[j * TWINS + i] > 0.02);
    }
  }
  art_drivers_free(study);
  art_pairs_free(pairs);
  art_reject_report_clear(&report);
  free(text);
}

static void v13_idm_twins_are_recovered(void **state)
{
  (void)state;
  recovers("idm", idm);
}

static void v13_iidm_twins_are_recovered(void **state)
{
  (void)state;
  recovers("iidm", iidm);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v13_idm_twins_are_recovered),
    cmocka_unit_test(v13_iidm_twins_are_recovered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
