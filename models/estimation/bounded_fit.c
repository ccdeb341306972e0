#include "models/estimation/bounded_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/real.h"

static art_status check(const art_bounded_fit *p, art_error *err)
{
  const art_columns *a = &p->a;
  for (int32_t i = 0; i < a->row_count; ++i) {
    if (!(p->row_weight[i] >= 0.0) || !isfinite(p->row_weight[i]) || !isfinite(p->target[i]))
      return art_fail(err, ART_E_INPUT, "fit: row %d has target %g and weight %g, expected finite and >= 0",
                      i, p->target[i], p->row_weight[i]);
  }
  for (int32_t j = 0; j < a->column_count; ++j) {
    if (!(p->prior_weight[j] >= 0.0) || !isfinite(p->prior[j]))
      return art_fail(err, ART_E_INPUT, "fit: column %d has prior %g and weight %g, expected finite and >= 0",
                      j, p->prior[j], p->prior_weight[j]);
    if (p->distance == ART_PRIOR_ENTROPY && !(p->prior[j] > 0.0))
      return art_fail(err, ART_E_INPUT, "fit: column %d has prior %g, expected more than 0", j, p->prior[j]);
    if (p->lowest && p->highest && p->lowest[j] > p->highest[j])
      return art_fail(err, ART_E_INPUT, "fit: column %d has bounds %g > %g", j, p->lowest[j], p->highest[j]);
    for (int64_t k = a->first[j]; k < a->first[j + 1]; ++k) {
      if (a->row[k] < 0 || a->row[k] >= a->row_count || !isfinite(a->value[k]))
        return art_fail(err, ART_E_INPUT, "fit: column %d has an entry in row %d of %d", j, a->row[k],
                        a->row_count);
    }
  }
  return ART_OK;
}

double art_prior_distance_of(art_prior_distance distance, double x, double target, double scale)
{
  if (distance == ART_PRIOR_SQUARE) return (x - target) * (x - target);
  return 2.0 * scale * (x > 0.0 ? x * art_log(x / target) - x + target : target);
}

static double clip(const art_bounded_fit *p, int32_t j, double x)
{
  if (p->lowest && x < p->lowest[j]) x = p->lowest[j];
  if (p->highest && x > p->highest[j]) x = p->highest[j];
  return x;
}

/// residual[i] = b_i + (A x)_i - t_i, from scratch, so that rounding of updates does not build up.
static void residuals(const art_bounded_fit *p, const double *x, double *residual)
{
  const art_columns *a = &p->a;
  for (int32_t i = 0; i < a->row_count; ++i) residual[i] = (p->base ? p->base[i] : 0.0) - p->target[i];
  for (int32_t j = 0; j < a->column_count; ++j) {
    for (int64_t k = a->first[j]; k < a->first[j + 1]; ++k) residual[a->row[k]] += a->value[k] * x[j];
  }
}

/// A row that is exceeded and binds from below only.
static int is_idle(const art_bounded_fit *p, int32_t row, const double *residual)
{
  return p->from_below && p->from_below[row] && residual[row] > 0.0;
}

/// Where p ln(x / target) + slope + curvature (x - at) is 0, in u = ln x, where that is convex and rises: from the right
/// Newton's steps come down to it.
static double entropy_minimum(double p, double target, double slope, double curvature, double at)
{
  const double log_target = art_log(target);
  double u = at > 0.0 ? art_log(at) : log_target;
  if (!(at > 0.0) || p * (u - log_target) + slope <
                         0.0) {  // from the left: begin where one of the two terms is no longer below 0
    const double beyond = curvature > 0.0 ? at - slope / curvature : 0.0;
    u = beyond > target ? art_log(beyond) : log_target;
  }
  for (int k = 0; k < 100; ++k) {
    const double x = art_exp(u);
    const double step = (p * (u - log_target) + slope + curvature * (x - at)) / (p + curvature * x);
    u -= step;
    if (fabs(step) < 1e-14) break;
  }
  return art_exp(u);
}

/// The best x of one column with all others held, before its bounds. `curvature` and `slope` are those of the rows.
static double best_of_column(const art_bounded_fit *p, int32_t j, double level, double x, double slope,
                             double curvature)
{
  const double weight = p->prior_weight[j], target = level * p->prior[j];
  if (p->distance == ART_PRIOR_ENTROPY && weight > 0.0)
    return entropy_minimum(weight * p->prior[j], target, slope, curvature, x);
  const double whole = curvature + weight;
  return whole > 0.0 ? x - (slope + weight * (x - target)) / whole : x;
}

/// One pass over all columns; each x goes to the minimum of its parabola, cut at its bounds. Rows that are idle keep
/// their curvature: the parabola lies above the function, so that every step descends, also where a row begins to bind.
/// Returns the largest relative move.
static double sweep(const art_bounded_fit *p, const double *weight, double level, double *x, double *residual)
{
  const art_columns *a = &p->a;
  double largest = 0.0;
  for (int32_t j = 0; j < a->column_count; ++j) {
    double curvature = 0.0, slope = 0.0;
    for (int64_t k = a->first[j]; k < a->first[j + 1]; ++k) {
      const double wa = weight[a->row[k]] * a->value[k];
      curvature += wa * a->value[k];
      if (!is_idle(p, a->row[k], residual)) slope += wa * residual[a->row[k]];
    }
    const double moved = clip(p, j, best_of_column(p, j, level, x[j], slope, curvature)) - x[j];
    if (moved == 0.0) continue;
    x[j] += moved;
    for (int64_t k = a->first[j]; k < a->first[j + 1]; ++k) residual[a->row[k]] += a->value[k] * moved;
    const double size = fabs(moved) / (1.0 + fabs(x[j]));
    if (size > largest) largest = size;
  }
  return largest;
}

/// The level that is best for these x. Columns that no row speaks of follow it, so they say nothing about it.
static double best_level(const art_bounded_fit *p, const double *weight, const double *x)
{
  const art_columns *a = &p->a;
  const double q = p->level_weight;
  double curvature = 0.0, slope = 0.0;
  if (!(q > 0.0)) return 1.0;
  for (int32_t j = 0; j < a->column_count; ++j) {
    int is_seen = 0;
    for (int64_t k = a->first[j]; k < a->first[j + 1] && !is_seen; ++k)
      is_seen = weight[a->row[k]] > 0.0 && a->value[k] != 0.0;
    if (!is_seen) continue;
    curvature += p->prior_weight[j] * p->prior[j] * p->prior[j];
    slope += p->prior_weight[j] * p->prior[j] * x[j];
  }
  if (p->distance == ART_PRIOR_SQUARE) return (slope + q) / (curvature + q);
  return (q - curvature + sqrt((q - curvature) * (q - curvature) + 4.0 * q * slope)) / (2.0 * q);
}

/// Huber's weights: a row further off than the limit pulls with constant force.
static void reweight(const art_bounded_fit *p, const double *residual, double *weight)
{
  for (int32_t i = 0; i < p->a.row_count; ++i) {
    weight[i] = p->row_weight[i];
    const double off = fabs(residual[i]) * sqrt(p->row_weight[i]);
    if (p->robust_limit > 0.0 && off > p->robust_limit && !is_idle(p, i, residual))
      weight[i] *= p->robust_limit / off;
  }
}

art_status art_bounded_fit_solve(const art_bounded_fit *problem, double *x, double *fitted,
                                 art_fit_outcome *outcome, art_error *err)
{
  const art_status status = check(problem, err);
  if (status != ART_OK) return status;
  const art_bounded_fit *p = problem;
  const int32_t rows = p->a.row_count, columns = p->a.column_count;
  const int32_t max_sweeps = p->max_sweeps > 0 ? p->max_sweeps : 2000;
  const double tolerance = p->tolerance > 0.0 ? p->tolerance : 1e-9;
  double *residual = ART_NEW(double, rows), *weight = ART_NEW(double, rows);
  art_fit_outcome o = { .level = 1.0 };

  for (int32_t j = 0; j < columns; ++j) x[j] = clip(p, j, p->prior[j]);
  while (o.sweeps < max_sweeps && !o.converged) {
    residuals(p, x, residual);
    reweight(p, residual, weight);
    // Weights are renewed every few sweeps; without a robust loss they never change and this is plain descent.
    for (int k = 0; k < 8 && o.sweeps < max_sweeps; ++k, ++o.sweeps) {
      const double moved = sweep(p, weight, o.level, x, residual), level = best_level(p, weight, x);
      const double raised = fabs(level - o.level);
      o.level = level;
      if (moved > tolerance || raised > tolerance) continue;
      o.converged = k == 0;  // still at rest after the weights were renewed
      break;
    }
  }
  residuals(p, x, residual);
  for (int32_t i = 0; i < rows; ++i) {
    if (fitted) fitted[i] = residual[i] + p->target[i];
    if (!is_idle(p, i, residual)) o.data_term += p->row_weight[i] * residual[i] * residual[i];
  }
  for (int32_t j = 0; j < columns; ++j)
    o.prior_term +=
        p->prior_weight[j] * art_prior_distance_of(p->distance, x[j], o.level * p->prior[j], p->prior[j]);
  o.prior_term += p->level_weight * (o.level - 1.0) * (o.level - 1.0);
  if (outcome) *outcome = o;
  free(residual);
  free(weight);
  return ART_OK;
}
