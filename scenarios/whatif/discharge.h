/// \file discharge.h
/// Saturation flow and start-up lost time as the simulated drivers have them, measured the way engineers measure them at
/// the kerb (HCM 7, chapter 31, field technique): in every green, from the fourth to the last vehicle of the queue that
/// stood when the green began.
#ifndef ART_SCENARIOS_WHATIF_DISCHARGE_H
#define ART_SCENARIOS_WHATIF_DISCHARGE_H
#include <stdint.h>

#include "core/net/network.h"
#include "core/step/sim.h"

/// A measurement under way. Owned by the caller.
typedef struct art_discharge {
  const art_net *net;
  int32_t *lane_queue;   ///< [link_lane_count], vehicles standing when its green began; 0: not measuring
  int32_t *lane_passed;  ///< since then
  art_tick *lane_start_ms, *lane_fourth_ms, *lane_last_ms;
  char *is_protected;      ///< [link_lane_count], all its connectors show G now
  int64_t *headway_count;  ///< [link_lane_count]
  int64_t *headway_ms;
  int64_t *fourth_count;  ///< [link_lane_count], queues whose fourth vehicle was seen
  int64_t *fourth_ms;
  int32_t *phase;  ///< [signal_count], running phase, of the net; -1: not known yet, or between two
  art_snapshot snapshot;
} art_discharge;

void art_discharge_open(art_discharge *d, const art_net *net);
void art_discharge_close(art_discharge *d);
/// Looks at the simulation after a step that ended now. `passed`: vehicles that entered each connector in the step.
void art_discharge_step(art_discharge *d, art_sim *sim, const int32_t *passed);

/// What was measured. Free lane_vph with free().
typedef struct art_discharge_result {
  double *lane_vph;       ///< [link_lane_count]; 0: too few queues to tell
  double straight_vph;    ///< mean over lanes that go straight on only; 0: too few
  double startup_lost_s;  ///< mean over queues; NAN: too few
  int64_t headways;
  int32_t lanes;  ///< lanes with a value
} art_discharge_result;
art_discharge_result art_discharge_finish(const art_discharge *d);

#endif  // ART_SCENARIOS_WHATIF_DISCHARGE_H
