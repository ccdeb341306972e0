// The search for one driver's parameters: NLopt's MLSL over the whole box, then Sbplx from the best point.
#include <math.h>
#include <nlopt.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/num/real.h"
#include "scenarios/calibrate/drivers_internal.h"
#include "scenarios/run/kernels.h"

/// Rise of the error, as a share, below which a parameter counts as hardly determined.
#define ART_DRIVER_WEAK 0.005

enum { MOST = ART_DRIVER_PARAM_COUNT, DEFAULT_GLOBAL = 4000, DEFAULT_LOCAL = 3000 };

typedef struct search {
  const art_driver_study *study;
  const art_driver_model *model;
  int32_t member_count;
  const int32_t *members;
  double prior[MOST], prior_weight;
  double *gap_m;
  int64_t evaluations;
} search;

/// A type table of one row that lies in the type itself.
static void table_of(art_vtype *type, art_type_table *table)
{
  *table = (art_type_table){ .count = 1, .vclass = &type->vclass, .model = &type->model };
#define X(name, unit, initial, lowest, highest, sentence) table->name = &type->name;
  ART_TYPE_PARAM_LIST(X)
#undef X
}

void art_driver_drive(const art_driver_study *study, int32_t episode, const double *value, double *gap_m,
                      double *speed_mps)
{
  art_vtype type = art_driver_vtype(study->options.model, value);
  art_type_table table;
  table_of(&type, &table);
  const art_follower follower = { art_models_kernels()->accel[type.model], &table, 0, type.max_speed_mps,
                                  study->options.model->is_euler };
  const art_episode view = art_study_view(study, episode);
  art_follow_leader(&follower, &view, study->substeps, gap_m, speed_mps);
}

art_gap_sums art_driver_try(const art_driver_study *study, int32_t of, const double *value, double *gap_m)
{
  const art_driver_fit *fit = &study->fit[of];
  art_gap_sums sums = { 0 };
  for (int32_t e = fit->first_episode; e < fit->first_episode + fit->episode_count; ++e) {
    art_driver_drive(study, e, value, gap_m, NULL);
    const art_episode view = art_study_view(study, e);
    art_gap_sums_add(&sums, &view, gap_m);
  }
  return sums;
}

/// From the unit cube to parameters, evenly in their logarithms: a factor counts the same everywhere.
static void to_values(const art_driver_model *model, const double *x, double *value)
{
  for (int p = 0; p < model->count; ++p) {
    const art_driver_param *param = art_driver_param_of(model->param[p]);
    value[p] = param->lowest * art_exp(x[p] * art_log(param->highest / param->lowest));
  }
}

/// How far the parameters are from the prior: mean square of doublings.
static double distance(const search *s, const double *value)
{
  double sum = 0.0;
  for (int p = 0; p < s->model->count; ++p) {
    const double doublings = art_log(value[p] / s->prior[p]) / art_log(2.0);
    sum += doublings * doublings;
  }
  return sum / s->model->count;
}

static double objective(unsigned n, const double *x, double *gradient, void *data)
{
  (void)n;
  (void)gradient;
  search *s = data;
  double value[MOST], sum = 0.0;
  to_values(s->model, x, value);
  ++s->evaluations;
  for (int32_t m = 0; m < s->member_count; ++m) {
    const art_gap_sums sums = art_driver_try(s->study, s->members[m], value, s->gap_m);
    sum += art_gap_objective(&sums, s->study->options.error);
  }
  sum /= s->member_count;
  if (s->prior_weight > 0.0) sum += s->prior_weight * distance(s, value);
  return isfinite(sum) ? sum : 1e9;
}

static nlopt_opt new_search(search *s, nlopt_algorithm algorithm, int most)
{
  nlopt_opt opt = nlopt_create(algorithm, (unsigned)s->model->count);
  nlopt_set_min_objective(opt, objective, s);
  nlopt_set_lower_bounds1(opt, 0.0);
  nlopt_set_upper_bounds1(opt, 1.0);
  nlopt_set_maxeval(opt, most);
  return opt;
}

/// Runs `opt` from x and keeps the better of before and after. A search that stops by rounding has done what it can.
static void improve(search *s, nlopt_opt opt, double *x, double *best)
{
  double y[MOST], reached = INFINITY;
  memcpy(y, x, sizeof y);
  nlopt_optimize(opt, y, &reached);
  if (!(reached < *best)) return;
  *best = reached;
  for (int p = 0; p < s->model->count; ++p) x[p] = y[p] < 0.0 ? 0.0 : y[p] > 1.0 ? 1.0 : y[p];
}

/// Multi-level single linkage: local searches by BOBYQA from random points that are no neighbours of better ones.
static void search_box(search *s, int most, double *x, double *best)
{
  nlopt_opt local = new_search(s, NLOPT_LN_BOBYQA, most / 10);
  nlopt_set_xtol_abs1(local, 1e-4);
  nlopt_set_ftol_rel(local, 1e-5);
  nlopt_opt opt = new_search(s, NLOPT_GN_MLSL, most);
  nlopt_set_local_optimizer(opt, local);
  improve(s, opt, x, best);
  nlopt_destroy(opt);
  nlopt_destroy(local);
}

/// The last digits, by Sbplx, which kinks of the models do not stop.
static void polish(search *s, int most, double *x, double *best)
{
  double step[MOST];
  // A first step that leads out of the cube would be cut to nothing.
  for (int p = 0; p < s->model->count; ++p) step[p] = x[p] < 0.5 ? 0.02 : -0.02;
  nlopt_opt opt = new_search(s, NLOPT_LN_SBPLX, most);
  nlopt_set_initial_step(opt, step);
  nlopt_set_xtol_abs1(opt, 1e-7);
  nlopt_set_ftol_rel(opt, 1e-9);
  improve(s, opt, x, best);
  nlopt_destroy(opt);
}

/// FNV-1a of the id: draws belong to a driver, not to its place in a list.
static uint64_t key_of(const char *id)
{
  uint64_t key = 0xcbf29ce484222325u;
  for (; *id; ++id) key = (key ^ (unsigned char)*id) * 0x100000001b3u;
  return key;
}

/// Marks parameters that ended at a bound, and those that the data hardly determine.
static void judge(search *s, const double *x, double best, art_driver_fit *fit)
{
  for (int p = 0; p < s->model->count; ++p) {
    const art_driver_param *param = art_driver_param_of(s->model->param[p]);
    const double range = art_log(param->highest / param->lowest), move = art_log(1.2) / range;
    fit->at_bound[p] = fit->value[p] < 1.01 * param->lowest || fit->value[p] > 0.99 * param->highest;
    double worst = best;
    for (int side = -1; side <= 1; side += 2) {
      double y[MOST];
      memcpy(y, x, sizeof y);
      y[p] += side * move;
      if (y[p] < 0.0 || y[p] > 1.0) continue;
      const double there = objective((unsigned)s->model->count, y, NULL, s);
      if (there > worst) worst = there;
    }
    fit->is_weak[p] = sqrt(worst) - sqrt(best) < ART_DRIVER_WEAK;
  }
}

void art_driver_search(const art_driver_study *study, int32_t member_count, const int32_t *members,
                       int restarts, const double *prior, art_driver_fit *fit)
{
  const art_driver_options *o = &study->options;
  search s = { .study = study,
               .model = o->model,
               .member_count = member_count,
               .members = members,
               .prior_weight = prior ? o->prior : 0.0,
               .gap_m = ART_NEW(double, art_study_longest(study)) };
  if (prior) memcpy(s.prior, prior, (size_t)o->model->count * sizeof *prior);
  const int global = o->global_evaluations > 0 ? o->global_evaluations : DEFAULT_GLOBAL;
  const int local = o->local_evaluations > 0 ? o->local_evaluations : DEFAULT_LOCAL;
  double best = INFINITY, best_x[MOST] = { 0 }, *reached = ART_NEW(double, restarts);
  for (int r = 0; r < restarts; ++r) {
    double x[MOST] = { 0 };
    const uint64_t key = key_of(fit->id);
    for (int p = 0; p < o->model->count; ++p)
      x[p] = art_uniform(art_rng(o->seed, key, (int64_t)r * MOST + p, ART_FOR_CALIBRATION));
    // NLopt keeps a generator in each thread: seeded here, its draws belong to this search only.
    nlopt_srand((unsigned long)(art_rng(o->seed, key, -1 - r, ART_FOR_CALIBRATION) & 0x7fffffff));
    reached[r] = INFINITY;
    search_box(&s, global, x, &reached[r]);
    polish(&s, local, x, &reached[r]);
    if (!(reached[r] < best)) continue;
    best = reached[r];
    memcpy(best_x, x, sizeof x);
  }
  fit->agreeing = 0;
  for (int r = 0; r < restarts; ++r) fit->agreeing += sqrt(reached[r]) <= 1.01 * sqrt(best) + 1e-5;
  to_values(o->model, best_x, fit->value);
  judge(&s, best_x, best, fit);
  fit->evaluations = s.evaluations;
  free(reached);
  free(s.gap_m);
}
