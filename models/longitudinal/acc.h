/// \file acc.h
/// Adaptive cruise control after Kesting, Treiber, Helbing (2010): IIDM, softened by the constant-acceleration
/// heuristic (CAH) where it brakes harder than the situation asks for. CACC behind a leader that tells its acceleration by
/// radio: the same feedback with the time gap that drivers chose in the field tests of Milanes and Shladover (2014), 0.6
/// s, and a share of the leader's acceleration added to it (feedback plus feed-forward as Ploeg et al. 2011); without that
/// share so short a gap would let every disturbance grow. Behind anybody else it is an ACC.
#ifndef ART_MODELS_LONGITUDINAL_ACC_H
#define ART_MODELS_LONGITUDINAL_ACC_H
#include "core/step/kernels.h"

/// As those of idm.h. Uses the leader's acceleration (lead_accel_mps2); CACC also lead_is_connected.
void art_acc_follow(const art_type_table *types, const art_follow_view *view);
void art_cacc_follow(const art_type_table *types, const art_follow_view *view);

/// One vehicle behind a leader of constant speed that is not connected; for both models.
float art_acc_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                    float gap_m, float lead_mps);

#endif  // ART_MODELS_LONGITUDINAL_ACC_H
