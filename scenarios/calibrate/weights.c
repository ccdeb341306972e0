#include "scenarios/calibrate/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/estimation/fit_measures.h"

art_weight_settings art_weight_settings_default(void)
{
  return (art_weight_settings){ .prior_weight = 0.1, .highest = 2.0, .robust_geh = 1.5, .totals_sd = 0.01 };
}

/// A variance that makes squared misfits squared GEH (exact where model and count are close); small counts are not
/// known better than to a few vehicles.
static double variance_of(double observed)
{
  return observed > 20.0 ? observed : 20.0;
}

/// The sparse matrix with two more rows, vehicles and vehicle-kilometres, per thousand of the prior's.
typedef struct matrix {
  art_columns a;
  int64_t *first;
  int32_t *row;
  double *value;
} matrix;

static matrix build_matrix(const art_weight_problem *p, double *vehicles, double *kilometres)
{
  const art_trip_groups *g = p->groups;
  const int64_t entries = p->incidence->first[g->count];
  matrix m = { .first = ART_NEW(int64_t, g->count + 1),
               .row = ART_NEW(int32_t, entries + 2 * (int64_t)g->count),
               .value = ART_NEW(double, entries + 2 * (int64_t)g->count) };
  const int32_t rows = p->incidence->row_count;
  *vehicles = *kilometres = 0.0;
  for (int32_t j = 0; j < g->count; ++j) {
    *vehicles += g->main_trips[j];
    *kilometres += g->main_trips[j] * g->length_m[j] / 1000.0;
  }
  int64_t n = 0;
  for (int32_t j = 0; j < g->count; ++j) {
    for (int64_t k = p->incidence->first[j]; k < p->incidence->first[j + 1]; ++k) {
      if (p->share[k] == 0.0) continue;
      m.row[n] = p->incidence->row[k];
      m.value[n++] = p->share[k] * g->trips[j];
    }
    m.row[n] = rows;
    m.value[n++] = *vehicles > 0.0 ? g->main_trips[j] / *vehicles : 0.0;
    m.row[n] = rows + 1;
    m.value[n++] = *kilometres > 0.0 ? g->main_trips[j] * g->length_m[j] / 1000.0 / *kilometres : 0.0;
    m.first[j + 1] = n;
  }
  m.a = (art_columns){ rows + 2, g->count, m.first, m.row, m.value };
  return m;
}

static void free_matrix(matrix *m)
{
  free(m->first);
  free(m->row);
  free(m->value);
}

/// Columns of the problem beside the matrix.
typedef struct columns {
  double *target, *base, *row_weight, *fitted, *prior, *prior_weight, *low, *high;
} columns;

static columns new_columns(const art_weight_problem *p, const art_weight_settings *s)
{
  const int32_t rows = p->incidence->row_count, groups = p->groups->count;
  columns c = { ART_NEW(double, rows + 2), ART_NEW(double, rows + 2), ART_NEW(double, rows + 2),
                ART_NEW(double, rows + 2), ART_NEW(double, groups),   ART_NEW(double, groups),
                ART_NEW(double, groups),   ART_NEW(double, groups) };
  for (int32_t i = 0; i < rows; ++i) {
    c.target[i] = p->observed[i];
    c.base[i] = p->base[i];
    c.row_weight[i] = p->is_fitted[i] ? 1.0 / variance_of(p->observed[i]) : 0.0;
  }
  c.target[rows] = c.target[rows + 1] = 1.0;
  c.row_weight[rows] = c.row_weight[rows + 1] =
      s->totals_sd > 0.0 ? 1.0 / (s->totals_sd * s->totals_sd) : 0.0;
  for (int32_t j = 0; j < groups; ++j) {
    const double trips = p->groups->main_trips[j] > 0 ? p->groups->main_trips[j] : p->groups->trips[j];
    c.prior[j] = 1.0;
    c.prior_weight[j] = s->prior_weight * trips + 1e-9;  // never quite zero: the answer stays unique
    c.high[j] = s->highest;
  }
  return c;
}

static void free_columns(columns *c)
{
  free(c->target);
  free(c->base);
  free(c->row_weight);
  free(c->fitted);
  free(c->prior);
  free(c->prior_weight);
  free(c->low);
  free(c->high);
}

static art_bounded_fit problem_of(const matrix *m, const columns *c, double robust)
{
  return (art_bounded_fit){ .a = m->a,
                            .target = c->target,
                            .base = c->base,
                            .row_weight = c->row_weight,
                            .prior = c->prior,
                            .prior_weight = c->prior_weight,
                            .lowest = c->low,
                            .highest = c->high,
                            .robust_limit = robust,
                            .max_sweeps = 5000,
                            .tolerance = 1e-7 };
}

art_status art_weights_solve(const art_weight_problem *problem, const art_weight_settings *settings,
                             double *weight, double *fitted, art_error *err)
{
  double vehicles, kilometres;
  matrix m = build_matrix(problem, &vehicles, &kilometres);
  columns c = new_columns(problem, settings);
  const art_bounded_fit p = problem_of(&m, &c, settings->robust_geh);
  const art_status status = art_bounded_fit_solve(&p, weight, c.fitted, NULL, err);
  if (status == ART_OK && fitted)
    memcpy(fitted, c.fitted, (size_t)problem->incidence->row_count * sizeof *fitted);
  free_columns(&c);
  free_matrix(&m);
  return status;
}

art_status art_weights_best_share(const art_weight_problem *problem, double *share, double *median_geh,
                                  art_error *err)
{
  const int32_t rows = problem->incidence->row_count;
  const art_weight_settings free_hand = {
    .prior_weight = 1e-6, .highest = 1e6, .robust_geh = 0.0, .totals_sd = 0.0
  };
  double vehicles, kilometres;
  matrix m = build_matrix(problem, &vehicles, &kilometres);
  columns c = new_columns(problem, &free_hand);
  double *weight = ART_NEW(double, problem->groups->count);
  art_status status = ART_OK;
  *share = 0.0;
  *median_geh = NAN;
  for (int round = 0; round < 12 && status == ART_OK; ++round) {
    const art_bounded_fit p = problem_of(&m, &c, 0.0);
    status = art_bounded_fit_solve(&p, weight, c.fitted, NULL, err);
    if (status != ART_OK) break;
    const art_fit_measures f = art_fit_measures_of(rows, c.fitted, problem->observed, problem->is_fitted);
    if (f.count == 0) break;
    if (f.geh5_share > *share || round == 0) {
      *share = f.geh5_share;
      *median_geh = f.geh_median;
    }
    for (int32_t i = 0; i < rows; ++i) {  // what cannot be met must not pull the others off
      if (problem->is_fitted[i] && art_geh(c.fitted[i], problem->observed[i]) >= 5.0) c.row_weight[i] *= 0.3;
    }
  }
  free(weight);
  free_columns(&c);
  free_matrix(&m);
  return status;
}
