/// \file gipps.h
/// The model of Gipps (1981): the smaller of a free speed and of the speed from which one stops behind the leader, one
/// reaction time later. Its equilibrium gap is 1.5 reaction times, so the reaction time is two thirds of time_gap_s and
/// the time gap means what it means elsewhere: with 1.0 s it is his 2/3 s. The deceleration expected of the leader is his
/// min(-3, (b - 3) / 2) m/s2.
#ifndef ART_MODELS_LONGITUDINAL_GIPPS_H
#define ART_MODELS_LONGITUDINAL_GIPPS_H
#include "core/step/kernels.h"

void art_gipps_follow(const art_type_table *types, const art_follow_view *view);
float art_gipps_accel(const art_type_table *types, int32_t type, float speed_mps, float desired_mps,
                      float gap_m, float lead_mps);
/// The two speeds; decelerations are positive, gap_m is beyond the standstill gap.
float art_gipps_free_speed(float speed_mps, float desired_mps, float accel_mps2, float reaction_s);
float art_gipps_safe_speed(float speed_mps, float gap_m, float lead_mps, float decel_mps2,
                           float lead_decel_mps2, float reaction_s);

#endif  // ART_MODELS_LONGITUDINAL_GIPPS_H
