/// \file kerb.h
/// The kerbside lane: who returns to it, and who must not pass there.
#ifndef ART_MODELS_LATERAL_KERB_H
#define ART_MODELS_LATERAL_KERB_H
#include "core/step/kernels.h"

/// Chance per second of a change towards the kerb by one who would drive there no slower than now. It grows with the time
/// for which the lane beside is free, so it is strong on long free roads and weak between urban nodes, as keeping right is
/// in SUMO's LC2013: with lc_keep_right 1 a change comes after 5 s on a lane that stays free for 7 s per m/s of speed. 0 in
/// dense or slow traffic, where lanes are used evenly. Pure, thread-safe.
float art_kerb_rate(const art_change_view *view);
/// 1 if the view's draw, one for each second, falls below that rate. Pure, thread-safe.
int art_kerb_change(const art_change_view *view);

/// On roads with a limit above 80 km/h nobody passes on the kerb side one that drives faster than 60 km/h: acceleration
/// that keeps behind it (new_gap_m, new_lead_mps in the lane away from the kerb), braking gently; INFINITY where passing is
/// allowed (Kesting, Treiber, Helbing 2007, the rule for asymmetric traffic). Pure, thread-safe.
float art_kerb_behind_faster_lane(const art_change_view *view);

#endif  // ART_MODELS_LATERAL_KERB_H
