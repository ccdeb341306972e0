/// \file idm.h
/// Intelligent Driver Model (Treiber, Hennecke, Helbing 2000), its improved form IIDM (Treiber, Kesting: Traffic Flow
/// Dynamics, 2nd ed., section 12.3) and IDM+ (Schakel, van Arem, Netten 2010), which takes the smaller of the two terms.
/// All work on columns of a block and, bit-identically, on one vehicle.
#ifndef ART_MODELS_LONGITUDINAL_IDM_H
#define ART_MODELS_LONGITUDINAL_IDM_H
#include "core/step/kernels.h"

/// Pure; writes accel_mps2[0 .. count). Thread-safe on disjoint blocks. Unlimited downward: the caller clips.
void art_idm_follow(const art_type_table *types, const art_follow_view *view);
void art_iidm_follow(const art_type_table *types, const art_follow_view *view);
void art_idm_plus_follow(const art_type_table *types, const art_follow_view *view);

/// One vehicle. gap_m > 0, INFINITY for no leader (lead_mps then any value); desired_mps > 0. m/s2.
float art_idm_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                    float gap_m, float lead_mps);
float art_iidm_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                     float gap_m, float lead_mps);
float art_idm_plus_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                         float gap_m, float lead_mps);

#endif  // ART_MODELS_LONGITUDINAL_IDM_H
