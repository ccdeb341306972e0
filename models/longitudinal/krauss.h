/// \file krauss.h
/// The safe-speed model of Krauss (1998) with the parameters and the dawdling of SUMO, whose default it is. Its equation
/// gives the speed of the next step; the step moves by that speed (Euler), and the acceleration is what leads to it.
#ifndef ART_MODELS_LONGITUDINAL_KRAUSS_H
#define ART_MODELS_LONGITUDINAL_KRAUSS_H
#include "core/step/kernels.h"

/// Uses draw. time_gap_s is SUMO's tau, the driver's reaction time; it must not be shorter than the step.
void art_krauss_follow(const art_type_table *types, const art_follow_view *view);
/// One vehicle, without dawdling.
float art_krauss_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                       float gap_m, float lead_mps);
/// Speed from which one still stops behind a leader that brakes as hard as oneself; gap_m beyond the standstill gap.
float art_krauss_safe_speed(float gap_m, float lead_mps, float decel_mps2, float reaction_s);

#endif  // ART_MODELS_LONGITUDINAL_KRAUSS_H
