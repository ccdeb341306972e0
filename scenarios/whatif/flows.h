/// \file flows.h
/// What wants to pass each connector of a city: from a simulation (passages, plus the growth of the queues that could
/// not pass) or from the routes alone.
#ifndef ART_SCENARIOS_WHATIF_FLOWS_H
#define ART_SCENARIOS_WHATIF_FLOWS_H
#include <stdint.h>

#include "scenarios/run/run.h"
#include "scenarios/whatif/discharge.h"

typedef enum art_flow_source {
  ART_FLOWS_SIMULATED,  ///< passages in the window + growth of the queues in front, waiting outside included
  ART_FLOWS_ROUTES      ///< trips whose route would take the movement in the window at free speed
} art_flow_source;

typedef struct art_flow_options {
  art_flow_source source;
  art_tick from_ms, to_ms;  ///< window; the simulation runs to its end if `kpi` is wanted
  uint64_t seed;
  int threads;  ///< 0: default
} art_flow_options;

/// Owned; art_flows_clear() frees the arrays.
typedef struct art_flows {
  int32_t connector_count;
  double *wanted_vph;              ///< [connector_count]
  double *passed_vph;              ///< [connector_count], simulated, whatever the source
  double hours;                    ///< length of the window
  art_discharge_result discharge;  ///< saturation flows of the simulated drivers
  double total_delay_s;  ///< of the whole run: all trips, time waiting outside and trips under way included
  double mean_delay_s;   ///< the same per trip
  int64_t trips, unfinished;
} art_flows;

/// Runs the case once with `options->seed`, to its end.
art_status art_flows_measure(const art_case *c, const art_flow_options *options, art_flows *out,
                             art_error *err);
void art_flows_clear(art_flows *flows);

/// Last departure of a demand, -1 if it has no trip.
art_tick art_flows_last_departure(const art_demand *demand);

#endif  // ART_SCENARIOS_WHATIF_FLOWS_H
