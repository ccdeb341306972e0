/// \file approach.h
/// Translates a signal of the network and the flows of its connectors into the lane groups and movements that the
/// timing model reads.
#ifndef ART_SCENARIOS_WHATIF_APPROACH_H
#define ART_SCENARIOS_WHATIF_APPROACH_H
#include <stdint.h>

#include "core/net/network.h"
#include "models/signal/timing_plan.h"
#include "scenarios/whatif/flows.h"

/// A timing problem and the arrays behind it. Free with art_approach_clear().
typedef struct art_approach {
  art_timing_signal timing;
  double *lanes;
  art_timing_movement *movement;
  int32_t *yield_first, *yield_to;
  double *yield_share;
  int32_t *link_of;  ///< [lane_group_count], for reports, like turns
  char (*turns)[8];  ///< letters of the directions of a lane group: s t l r L R
} art_approach;

/// Lanes of a link that serve the same links in the same phases form one lane group; its number of lanes is reduced to
/// what their uneven use leaves (HCM lane utilisation). Lanes closed to cars stand apart. Saturation flows are those
/// measured on the lanes of the group; without a measurement, `saturation_vph` straight on, 0.95 of it to the left, 0.85
/// to the right, 0.80 for U-turns (HCM 7, equations 19-13 and 19-14). `use_measured` 0: the latter everywhere.
void art_approach_build(const art_net *net, int32_t signal, const art_flows *flows, double saturation_vph,
                        int use_measured, art_approach *out);
void art_approach_clear(art_approach *approach);

#endif  // ART_SCENARIOS_WHATIF_APPROACH_H
