/// \file timing.h
/// Where the wall clock of a run goes: seconds by phase of a step. Off unless asked for; results do not depend on it.
///
/// A thread reads the clock where it goes from one phase to the next, not by block or node: some twenty readings a step.
#ifndef ART_CORE_STEP_TIMING_H
#define ART_CORE_STEP_TIMING_H
#include <stdint.h>

#include "core/step/sim.h"

/// X(suffix, name, part, sentence). Parts: 0 the thread that calls, alone; 1, 2, 3 one of the passes, where threads share
/// the work. The waits of a pass are what its threads spend at the barrier behind it.
#define ART_PHASE_LIST(X)                                                                              \
  X(CHANGES, "changes", 0, "timed changes of the city")                                                \
  X(SIGNALS, "signals", 0, "programs, controllers, measuring at signals")                              \
  X(DEPARTURES, "departures", 0, "trips whose time has come join their queues")                        \
  X(ROTATION, "rotation", 0, "circles of vehicles that wait for one another")                          \
  X(FORK, "fork", 0, "waking the threads and leaving them")                                            \
  X(TELL, "tell", 0, "messages to other ranks and from them: written and read")                        \
  X(EXCHANGE, "exchange", 0, "waiting for other ranks")                                                \
  X(DETECTORS, "detectors", 0, "areas, jams over several lanes")                                       \
  X(ACCOUNTS, "accounts", 0, "sums of the threads, ledger, hash and checks at full minutes")           \
  X(SETTLE_LINKS, "settle_links", 1, "arrivals, departures, lane changes, publishing: lanes of links") \
  X(SETTLE_NODES, "settle_nodes", 1, "the same of connectors")                                         \
  X(SETTLE_WAIT, "settle_wait", 1, "at the barrier")                                                   \
  X(DECIDE, "decide", 2, "nodes order and grant passages")                                             \
  X(DECIDE_WAIT, "decide_wait", 2, "at the barrier")                                                   \
  X(MOVE_LINKS, "move_links", 3, "gaps, car-following, crossings, statistics: lanes of links")         \
  X(MOVE_NODES, "move_nodes", 3, "the same of connectors")                                             \
  X(MOVE_WAIT, "move_wait", 3, "at the barrier")

typedef enum art_phase {
#define X(suffix, name, part, sentence) ART_PHASE_##suffix,
  ART_PHASE_LIST(X)
#undef X
      ART_PHASE_COUNT,
  ART_PHASE_NONE = ART_PHASE_COUNT  ///< the clock stands
} art_phase;
#define ART_PASS_COUNT 3
const char *art_phase_name(art_phase phase);
int art_phase_part(art_phase phase);  ///< 0: serial; 1 .. ART_PASS_COUNT: of that pass
const char *art_phase_sentence(art_phase phase);

typedef struct art_timing {
  int64_t steps;
  int32_t threads;
  double step_seconds;                  ///< wall clock of all these steps
  double seconds[ART_PHASE_COUNT];      ///< wall clock, summed over threads
  double cpu_seconds[ART_PHASE_COUNT];  ///< processor time, likewise; that of `fork` includes nothing of the passes
  double pass_seconds[ART_PASS_COUNT];  ///< wall clock of each pass, its barrier included
  int32_t link_lanes, connectors, nodes;
  int64_t link_updates, connector_updates;  ///< vehicles x steps, by where the front bumper was
} art_timing;

/// Measures from now on; what was measured before is forgotten.
void art_sim_timing_start(art_sim *sim);
/// Since art_sim_timing_start; zeros if that was never called.
art_timing art_sim_timing(const art_sim *sim);

#endif  // ART_CORE_STEP_TIMING_H
