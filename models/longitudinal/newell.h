/// \file newell.h
/// Newell's simplified model (2002): speed is the free one or (gap - s0) / tau, whichever is less. With the step equal to
/// tau the follower is where the leader was one step before, less the jam spacing; with shorter steps it approaches
/// that, and waves have the speed -(l + s0) / tau all the same. Speeds change at once: no other limit than the type's
/// emergency deceleration, which the caller applies.
#ifndef ART_MODELS_LONGITUDINAL_NEWELL_H
#define ART_MODELS_LONGITUDINAL_NEWELL_H
#include "core/step/kernels.h"

/// time_gap_s is tau; steps longer than tau are clipped to it.
void art_newell_follow(const art_type_table *types, const art_follow_view *view);
float art_newell_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                       float gap_m, float lead_mps);

#endif  // ART_MODELS_LONGITUDINAL_NEWELL_H
