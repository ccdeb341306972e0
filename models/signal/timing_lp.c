#include "models/signal/timing_lp.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"

/// Columns of the tableau: the variables, one slack per row, one artificial per row, the right-hand side.
typedef struct tableau {
  int32_t rows, columns, width;
  double *cell;    ///< [(rows + 1) * width]; the last row holds reduced costs, its last cell the objective
  int32_t *basis;  ///< [rows]
} tableau;

static const double tolerance = 1e-10;

static double *row_of(const tableau *t, int32_t row)
{
  return t->cell + (size_t)row * (size_t)t->width;
}

static void pivot(tableau *t, int32_t row, int32_t column)
{
  double *source = row_of(t, row);
  const double inverse = 1.0 / source[column];
  for (int32_t j = 0; j < t->width; ++j) source[j] *= inverse;
  source[column] = 1.0;
  for (int32_t i = 0; i <= t->rows; ++i) {
    if (i == row) continue;
    double *target = row_of(t, i);
    const double factor = target[column];
    if (factor == 0.0) continue;
    for (int32_t j = 0; j < t->width; ++j) target[j] -= factor * source[j];
    target[column] = 0.0;
  }
  t->basis[row] = column;
}

/// Minimises by the reduced costs in the last row over columns [0, last).
static art_lp_state iterate(tableau *t, int32_t last)
{
  const double *cost = row_of(t, t->rows);
  for (;;) {
    int32_t column = -1;
    for (int32_t j = 0; j < last && column < 0; ++j) {
      if (cost[j] < -tolerance) column = j;
    }
    if (column < 0) return ART_LP_OPTIMAL;
    int32_t leaving = -1;
    double best = INFINITY;
    for (int32_t i = 0; i < t->rows; ++i) {
      const double *row = row_of(t, i);
      if (row[column] <= tolerance) continue;
      const double ratio = row[t->width - 1] / row[column];
      const int better = ratio < best - tolerance;
      const int tied =
          !better && ratio <= best + tolerance && leaving >= 0 && t->basis[i] < t->basis[leaving];
      if (better || tied) {
        best = better ? ratio : best;
        leaving = i;
      }
    }
    if (leaving < 0) return ART_LP_UNBOUNDED;
    pivot(t, leaving, column);
  }
}

static void fill(tableau *t, const double *a, const double *b)
{
  for (int32_t i = 0; i < t->rows; ++i) {
    double *row = row_of(t, i);
    const double sign = b[i] < 0.0 ? -1.0 : 1.0;  // right-hand sides must not be negative
    for (int32_t j = 0; j < t->columns; ++j) row[j] = sign * a[(size_t)i * (size_t)t->columns + (size_t)j];
    row[t->columns + i] = sign;
    row[t->columns + t->rows + i] = 1.0;
    row[t->width - 1] = sign * b[i];
    t->basis[i] = sign > 0.0 ? t->columns + i : t->columns + t->rows + i;
  }
}

/// Reduced costs of "minimise the artificials that stand in the basis".
static void price_artificials(tableau *t)
{
  double *cost = row_of(t, t->rows);
  const int32_t artificial = t->columns + t->rows;
  for (int32_t j = artificial; j < t->width - 1; ++j) cost[j] = 1.0;
  for (int32_t i = 0; i < t->rows; ++i) {
    if (t->basis[i] < artificial) continue;
    const double *row = row_of(t, i);
    for (int32_t j = 0; j < t->width; ++j) cost[j] -= row[j];
  }
}

/// Reduced costs of the true objective, given the basis.
static void price_objective(tableau *t, const double *c)
{
  double *cost = row_of(t, t->rows);
  for (int32_t j = 0; j < t->width; ++j) cost[j] = j < t->columns ? -c[j] : 0.0;
  for (int32_t i = 0; i < t->rows; ++i) {
    const double factor = cost[t->basis[i]];
    if (factor == 0.0) continue;
    const double *row = row_of(t, i);
    for (int32_t j = 0; j < t->width; ++j) cost[j] -= factor * row[j];
  }
}

/// Artificials that stay in the basis at zero are swapped for any other column of their row.
static void drive_out_artificials(tableau *t)
{
  const int32_t artificial = t->columns + t->rows;
  for (int32_t i = 0; i < t->rows; ++i) {
    if (t->basis[i] < artificial) continue;
    const double *row = row_of(t, i);
    for (int32_t j = 0; j < artificial; ++j) {
      if (fabs(row[j]) <= tolerance) continue;
      pivot(t, i, j);
      break;
    }
  }
}

static art_lp_state solve(tableau *t, const double *c)
{
  const int32_t artificial = t->columns + t->rows;
  price_artificials(t);
  iterate(t, artificial);
  if (-row_of(t, t->rows)[t->width - 1] > 1e-7) return ART_LP_INFEASIBLE;
  drive_out_artificials(t);
  price_objective(t, c);
  return iterate(t, artificial);
}

art_lp_state art_lp_maximise(int32_t rows, int32_t columns, const double *a, const double *b, const double *c,
                             double *x, double *price)
{
  tableau t = { rows, columns, columns + 2 * rows + 1, NULL, NULL };
  t.cell = ART_NEW(double, (size_t)(rows + 1) * (size_t)t.width);
  t.basis = ART_NEW(int32_t, rows > 0 ? rows : 1);
  fill(&t, a, b);
  const art_lp_state state = solve(&t, c);
  if (state == ART_LP_OPTIMAL) {
    for (int32_t j = 0; j < columns; ++j) x[j] = 0.0;
    for (int32_t i = 0; i < rows; ++i) {
      if (t.basis[i] < columns) x[t.basis[i]] = row_of(&t, i)[t.width - 1];
    }
    const double *cost = row_of(&t, rows);
    for (int32_t i = 0; i < rows; ++i) {
      price[i] = fmax(0.0, cost[columns + i]);  // the reduced cost of the slack
    }
  }
  free(t.basis);
  free(t.cell);
  return state;
}
