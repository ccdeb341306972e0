/// \file cooperative.h
/// Gaps for others: how drivers let somebody in, and how one without a gap falls in beside one.
#ifndef ART_MODELS_LATERAL_COOPERATIVE_H
#define ART_MODELS_LATERAL_COOPERATIVE_H
#include "core/step/kernels.h"

/// Acceleration at which `driver` (anybody near the view's own vehicle) lets in somebody with its rear gap_m ahead at speed
/// mps: car-following on it, braking 2 m/s2 at most. INFINITY for those who never do. Pure, thread-safe.
float art_cooperative_let_in(const art_change_view *view, const art_peer *driver, float gap_m, float mps);
/// Acceleration at which one falls in behind the leader in the other lane; brakes 2 m/s2 at most. Pure, thread-safe.
float art_cooperative_align(const art_change_view *view);

#endif  // ART_MODELS_LATERAL_COOPERATIVE_H
