/// \file timing_lp.h
/// A small dense linear program: maximise c x subject to A x <= b, x >= 0. For signal splits: some dozens of rows.
#ifndef ART_MODELS_SIGNAL_TIMING_LP_H
#define ART_MODELS_SIGNAL_TIMING_LP_H
#include <stdint.h>

typedef enum art_lp_state { ART_LP_OPTIMAL, ART_LP_INFEASIBLE, ART_LP_UNBOUNDED } art_lp_state;

/// `a` is row-major [rows * columns]. Fills x[columns] and the dual prices price[rows] (>= 0) when optimal.
/// Two-phase simplex with Bland's rule, so that it ends and always takes the same path. Allocates scratch.
art_lp_state art_lp_maximise(int32_t rows, int32_t columns, const double *a, const double *b, const double *c,
                             double *x, double *price);

#endif  // ART_MODELS_SIGNAL_TIMING_LP_H
