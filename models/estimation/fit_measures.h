/// \file fit_measures.h
/// How well modelled flows meet observed ones. Flows are vehicles per hour; plain loops in a fixed order.
#ifndef ART_MODELS_ESTIMATION_FIT_MEASURES_H
#define ART_MODELS_ESTIMATION_FIT_MEASURES_H
#include <stdint.h>

/// GEH = sqrt(2 (m - c)^2 / (m + c)) of hourly flows; 0 if both are 0.
double art_geh(double modelled, double observed);

typedef struct art_fit_measures {
  int32_t count;
  double geh5_share;  ///< of points with GEH below 5
  double geh_median;  ///< of an even number: mean of the middle two
  double geh_max;
  double rmse;  ///< veh/h
  double bias;  ///< mean of modelled - observed, veh/h
  double r2;    ///< coefficient of determination 1 - SS_residual / SS_total; NAN if all observed are equal
  double correlation;  ///< Pearson; NAN if either side does not vary
} art_fit_measures;

/// Over the points with use[i] != 0 (NULL: all). All NAN and count 0 if there are none.
art_fit_measures art_fit_measures_of(int32_t count, const double *modelled, const double *observed,
                                     const uint8_t *use);

/// Median; sorts `values` in place. NAN for count 0.
double art_median(int32_t count, double *values);

/// Kolmogorov-Smirnov distance of two weightings of the same sample: largest difference of the two shares at or below
/// a value. 0 to 1; 0 if a weighting is all zero.
double art_weighted_ks(int32_t count, const double *values, const double *weight_a, const double *weight_b);

#endif  // ART_MODELS_ESTIMATION_FIT_MEASURES_H
