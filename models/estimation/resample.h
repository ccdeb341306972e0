/// \file resample.h
/// From fractional weights to whole trips.
#ifndef ART_MODELS_ESTIMATION_RESAMPLE_H
#define ART_MODELS_ESTIMATION_RESAMPLE_H
#include <stdint.h>

/// Copies of the trip with place `rank` (0, 1 ...) in its group: floor(weight + u), where u in [0, 1) is the rank's place
/// on a golden-ratio sequence that starts at the group's `phase` (any bits).
/// - weight 1 gives every trip once, exactly; weight 0 none;
/// - a larger weight never removes a trip, so neighbouring solutions share almost all of theirs;
/// - over any run of ranks the number of copies is within a few of weight x ranks, evenly spread in time.
/// Weights are cut to [0, 1000].
int32_t art_resample_copies(double weight, uint64_t phase, int64_t rank);

#endif  // ART_MODELS_ESTIMATION_RESAMPLE_H
