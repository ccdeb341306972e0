#include "scenarios/calibrate/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/estimation/fit_measures.h"

art_weight_settings art_weight_settings_default(void)
{
  return (art_weight_settings){ .prior_weight = 0.05,
                                .distance = ART_PRIOR_ENTROPY,
                                .highest = 4.0,
                                .robust_geh = 2.5,
                                .level_sd = 0.05,
                                .length_sd = 0.02 };
}

/// A variance that makes squared misfits squared GEH (exact where model and count are close); small counts are not
/// known better than to a few vehicles.
static double variance_of(double observed)
{
  return observed > 20.0 ? observed : 20.0;
}

/// Rows of the matrix: counts, their floors, ceilings, mean trip length.
static int32_t floor_row(const art_weight_problem *p, int32_t row)
{
  return p->incidence->row_count + row;
}
static int32_t ceiling_row(const art_weight_problem *p, int32_t ceiling)
{
  return 2 * p->incidence->row_count + ceiling;
}
static int32_t length_row(const art_weight_problem *p)
{
  return ceiling_row(p, p->ceiling_count);
}

typedef struct matrix {
  art_columns a;
  int64_t *first;
  int32_t *row;
  double *value;
} matrix;

static matrix build_matrix(const art_weight_problem *p)
{
  const art_trip_groups *g = p->groups;
  const int64_t most = 2 * p->incidence->first[g->count] + 2 * (int64_t)g->count;
  matrix m = { .first = ART_NEW(int64_t, g->count + 1),
               .row = ART_NEW(int32_t, most),
               .value = ART_NEW(double, most) };
  double vehicles = 0.0, kilometres = 0.0;
  for (int32_t j = 0; j < g->count; ++j) {
    vehicles += g->main_trips[j];
    kilometres += g->main_trips[j] * g->length_m[j] / 1000.0;
  }
  int64_t n = 0;
  for (int32_t j = 0; j < g->count; ++j) {
    for (int64_t k = p->incidence->first[j]; k < p->incidence->first[j + 1]; ++k) {
      const int32_t row = p->incidence->row[k];
      if (p->share[k] != 0.0) m.row[n] = row, m.value[n++] = p->share[k] * g->trips[j];
      if (p->floor_share && p->floor_share[k] != 0.0)
        m.row[n] = floor_row(p, row), m.value[n++] = p->floor_share[k] * g->trips[j];
    }
    if (p->ceiling_count && p->ceiling_row[j] >= 0)  // rows bind from below, hence the sign
      m.row[n] = ceiling_row(p, p->ceiling_row[j]), m.value[n++] = -(double)g->trips[j];
    // Linear: kilometres over the prior's less vehicles over the prior's, which is 0 at the prior's mean length.
    m.row[n] = length_row(p);
    m.value[n++] =
        kilometres > 0.0 ? g->main_trips[j] * (g->length_m[j] / 1000.0 / kilometres - 1.0 / vehicles) : 0.0;
    m.first[j + 1] = n;
  }
  m.a = (art_columns){ length_row(p) + 1, g->count, m.first, m.row, m.value };
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
  uint8_t *from_below;
} columns;

static void fill_rows(const art_weight_problem *p, const art_weight_settings *s, columns *c)
{
  for (int32_t i = 0; i < p->incidence->row_count; ++i) {
    c->target[i] = p->observed[i];
    c->base[i] = p->base[i];
    c->row_weight[i] = p->is_fitted[i] ? 1.0 / variance_of(p->observed[i]) : 0.0;
    const int32_t f = floor_row(p, i);
    c->from_below[f] = 1;
    if (!p->floor || !(p->floor[i] > 0.0)) continue;
    c->target[f] = p->floor[i];
    c->row_weight[f] = p->is_fitted[i] ? 1.0 / variance_of(p->floor[i]) : 0.0;
  }
  for (int32_t k = 0; k < p->ceiling_count; ++k) {
    const int32_t row = ceiling_row(p, k);
    c->from_below[row] = 1;
    c->target[row] = -p->ceiling[k];
    c->row_weight[row] = 1.0 / variance_of(p->ceiling[k]);
  }
  c->row_weight[length_row(p)] = s->length_sd > 0.0 ? 1.0 / (s->length_sd * s->length_sd) : 0.0;
}

static columns new_columns(const art_weight_problem *p, const art_weight_settings *s)
{
  const int32_t rows = length_row(p) + 1, groups = p->groups->count;
  columns c = { ART_NEW(double, rows),   ART_NEW(double, rows),   ART_NEW(double, rows),
                ART_NEW(double, rows),   ART_NEW(double, groups), ART_NEW(double, groups),
                ART_NEW(double, groups), ART_NEW(double, groups), ART_NEW(uint8_t, rows) };
  fill_rows(p, s, &c);
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
  free(c->from_below);
}

static art_bounded_fit problem_of(const matrix *m, const columns *c, const art_weight_settings *s)
{
  return (art_bounded_fit){ .a = m->a,
                            .target = c->target,
                            .base = c->base,
                            .row_weight = c->row_weight,
                            .distance = s->distance,
                            .prior = c->prior,
                            .prior_weight = c->prior_weight,
                            .lowest = c->low,
                            .highest = c->high,
                            .from_below = c->from_below,
                            .level_weight = s->level_sd > 0.0 ? 1.0 / (s->level_sd * s->level_sd) : 0.0,
                            .robust_limit = s->robust_geh,
                            .max_sweeps = 5000,
                            .tolerance = 1e-7 };
}

art_status art_weights_solve(const art_weight_problem *problem, const art_weight_settings *settings,
                             double *weight, double *fitted, art_error *err)
{
  matrix m = build_matrix(problem);
  columns c = new_columns(problem, settings);
  const art_bounded_fit p = problem_of(&m, &c, settings);
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
  const art_weight_settings free_hand = { .prior_weight = 1e-6, .highest = 1e6 };
  matrix m = build_matrix(problem);
  columns c = new_columns(problem, &free_hand);
  double *weight = ART_NEW(double, problem->groups->count);
  art_status status = ART_OK;
  *share = 0.0;
  *median_geh = NAN;
  for (int round = 0; round < 12 && status == ART_OK; ++round) {
    const art_bounded_fit p = problem_of(&m, &c, &free_hand);
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
