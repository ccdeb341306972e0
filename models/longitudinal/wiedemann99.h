/// \file wiedemann99.h
/// The psycho-physical model of Wiedemann in its form of 1999, after the published descriptions of its thresholds and
/// regimes (PTV Vissim manual; Aghabayk, Sarvi, Young 2013). CC0 is min_gap_m, CC1 time_gap_s, CC8 accel_mps2; the others
/// have parameters of their own. Left out: the random parts of thresholds (drivers have noise of their own) and the
/// memory of the free regime.
#ifndef ART_MODELS_LONGITUDINAL_WIEDEMANN99_H
#define ART_MODELS_LONGITUDINAL_WIEDEMANN99_H
#include "core/step/kernels.h"

/// Uses own_accel_mps2 (the oscillation in following keeps its sign) and lead_accel_mps2.
void art_w99_follow(const art_type_table *types, const art_follow_view *view);
/// One vehicle, without the following band: lines and stops are approached up to CC0, not to somewhere within CC2 of it.
float art_w99_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                    float gap_m, float lead_mps);

#endif  // ART_MODELS_LONGITUDINAL_WIEDEMANN99_H
