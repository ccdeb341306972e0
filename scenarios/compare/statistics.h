/// \file statistics.h
/// Statistics of replications: paired differences with common random numbers, how many seeds a precision needs,
/// corrections for many comparisons, and where a warm-up ends. Pure functions over plain arrays.
#ifndef ART_SCENARIOS_COMPARE_STATISTICS_H
#define ART_SCENARIOS_COMPARE_STATISTICS_H
#include <stdint.h>

/// Two-sided quantile of Student's t: P(|T| <= result) = level, e.g. 2.262 for 0.95 and 9 degrees of freedom.
double art_stats_t(double level, int64_t degrees);

/// Base and alternative, run with the same seeds. Pairs in which either value is not a number are left out.
typedef struct art_paired {
  int64_t count;  ///< pairs used
  double base_mean, alt_mean;
  double difference;                      ///< mean of alt - base
  double base_sd, alt_sd, difference_sd;  ///< sample standard deviations; NAN below two pairs
  double low, high;                       ///< confidence interval of the difference; NAN below two pairs
  double p;                               ///< two-sided paired t test; NAN below two pairs
  double correlation;  ///< between base and alternative over seeds; NAN where one does not vary
  double gain;  ///< variance of an unpaired difference over that of the paired one: the factor by which
                ///< independent runs would need more seeds; NAN below two pairs
} art_paired;
art_paired art_stats_paired(int64_t count, const double *base, const double *alt, double level);

/// Smallest number of replications n >= 2 with half width t(n - 1) sd / sqrt(n) <= half_width. -1: more than `most`.
int64_t art_stats_replications(double sd, double half_width, double level, int64_t most);

/// Holm's step-down adjustment for the family-wise error. NAN stays NAN and is not counted.
void art_stats_holm(int64_t count, const double *p, double *adjusted);
/// Benjamini and Hochberg's step-up adjustment for the false discovery rate, likewise.
void art_stats_benjamini_hochberg(int64_t count, const double *p, double *adjusted);

/// Observations to cut off so that the rest is in a steady state: MSER-5 (White 1997), batches of five, at most half.
int64_t art_stats_mser5(int64_t count, const double *values);

#endif  // ART_SCENARIOS_COMPARE_STATISTICS_H
