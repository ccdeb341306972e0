/// \file drivers_internal.h
/// Between the sources of the driver fit.
#ifndef ART_SCENARIOS_CALIBRATE_DRIVERS_INTERNAL_H
#define ART_SCENARIOS_CALIBRATE_DRIVERS_INTERNAL_H
#include "scenarios/calibrate/drivers.h"

/// Fits one set of parameters to the drivers `members` (indices into study->fit), each of them weighing the same. Fills
/// value, at_bound, is_weak, agreeing and evaluations of `fit`; reads its id, which with the seed chooses all draws.
/// `prior` (NULL: none) is what options.prior pulls the parameters to.
void art_driver_search(const art_driver_study *study, int32_t member_count, const int32_t *members,
                       int restarts, const double *prior, art_driver_fit *fit);
/// Drives one episode with the model's parameters `value`; arrays of its length, speed_mps may be NULL.
void art_driver_drive(const art_driver_study *study, int32_t episode, const double *value, double *gap_m,
                      double *speed_mps);
/// Sums of gaps of the driver `of` over all its episodes. `gap_m` is scratch for the longest of them.
art_gap_sums art_driver_try(const art_driver_study *study, int32_t of, const double *value, double *gap_m);
/// An episode's columns.
art_episode art_study_view(const art_driver_study *study, int32_t episode);
int32_t art_study_longest(const art_driver_study *study);

#endif  // ART_SCENARIOS_CALIBRATE_DRIVERS_INTERNAL_H
