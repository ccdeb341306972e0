/// \file bounded_fit.h
/// Penalised least squares with bounds: the estimation problem behind demand calibration.
///
///     minimise  sum_i  w_i (b_i + sum_j A_ij x_j - t_i)^2  +  sum_j  p_j D(x_j, s m_j)  +  q (s - 1)^2,
///     lowest_j <= x_j <= highest_j
///
/// The distance from the prior is (x - m)^2, or the relative entropy 2 m (x ln(x / m) - x + m), which is the same where x is
/// near m, but takes a rise by a factor as easily as a fall by it, and never reaches 0 (Van Zuylen and Willumsen 1980).
///
/// s is the common level of the prior: a prior that is known up to a factor only (sd 1 / sqrt(q)) has it estimated from
/// the columns that rows speak of, and the others follow. Without q, s = 1. Rows may bind from below only: they cost
/// nothing where the model exceeds the target.
///
/// With squares, w = 1 / count variance and p = 1 / prior variance the minimum is the posterior mean of generalised least
/// squares (Cascetta 1984), kept inside the bounds. Solved by cyclic coordinate descent, which converges for this
/// strictly convex, smooth function (Tseng 2001); plain loops in a fixed order, so results are the same on every machine.
#ifndef ART_MODELS_ESTIMATION_BOUNDED_FIT_H
#define ART_MODELS_ESTIMATION_BOUNDED_FIT_H
#include <stdint.h>

#include "core/base/status.h"

/// Sparse matrix by columns: entries of column j are [first[j], first[j + 1]). Borrowed.
typedef struct art_columns {
  int32_t row_count, column_count;
  const int64_t *first;
  const int32_t *row;
  const double *value;
} art_columns;

typedef enum art_prior_distance { ART_PRIOR_SQUARE, ART_PRIOR_ENTROPY } art_prior_distance;

typedef struct art_bounded_fit {
  art_columns a;
  const double *target;      ///< [rows] t
  const double *base;        ///< [rows] b, the part that no x changes; NULL: zero
  const double *row_weight;  ///< [rows] w, >= 0
  art_prior_distance distance;
  const double *prior;             ///< [columns] m, where the descent starts too; entropy: > 0
  const double *prior_weight;      ///< [columns] p, >= 0; an x with p = 0 and no rows stays at m
  const double *lowest, *highest;  ///< [columns]; NULL: unbounded on that side
  const uint8_t *from_below;       ///< [rows] 1: b + A x > t costs nothing; NULL: none is so
  double level_weight;             ///< q; 0: the level stays 1
  /// Robust loss: a residual of more than `robust_limit` standard deviations (1 / sqrt(w)) counts linearly, not
  /// squared (Huber 1964), by reweighting. 0: plain squares.
  double robust_limit;
  int32_t max_sweeps;  ///< over all columns and reweightings; 0: 2000
  double tolerance;    ///< stop when no x moved by more than this times (1 + |x|); 0: 1e-9
} art_bounded_fit;

typedef struct art_fit_outcome {
  int32_t sweeps;
  int converged;
  double data_term, prior_term;  ///< the two sums at the end, with the plain (not robust) weights
  double level;                  ///< s
} art_fit_outcome;

/// D(x, target); `scale` is the prior that the entropy is measured in, m (the target is s m).
double art_prior_distance_of(art_prior_distance distance, double x, double target, double scale);

/// Fills x[columns] and, unless NULL, fitted[rows] = b + A x. Checks indices, weights and bounds. Not collective;
/// thread-safe.
art_status art_bounded_fit_solve(const art_bounded_fit *problem, double *x, double *fitted,
                                 art_fit_outcome *outcome, art_error *err);

#endif  // ART_MODELS_ESTIMATION_BOUNDED_FIT_H
