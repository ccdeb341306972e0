/// \file platoon.h
/// Dispersion of platoons on their way (Robertson 1969, TRANSYT): vehicles that leave a signal at instant t come at
/// t + 0.8 T at the earliest, and smoothed: q'(i) = F q(i - 0.8 T) + (1 - F) q'(i - 1), F = 1 / (1 + 0.35 * 0.8 T), with
/// T the mean travel time in steps. Pure.
#ifndef ART_MODELS_SIGNAL_PLATOON_H
#define ART_MODELS_SIGNAL_PLATOON_H
#include <stdint.h>

/// F for a travel time in steps; 1 (no dispersion) for 0.
float art_platoon_smoothing(float travel_steps);

/// Arrivals in a cycle of `count` steps from departures in the same cycle, both periodic. As many arrive as depart.
/// `arriving` must not overlap `leaving`.
void art_platoon_disperse(int32_t count, const float *leaving, float travel_steps, float *arriving);

#endif  // ART_MODELS_SIGNAL_PLATOON_H
