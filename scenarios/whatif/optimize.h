/// \file optimize.h
/// A signal plan for a scenario: simulate, plan, simulate the plan, as often as asked; the best simulated plan wins.
#ifndef ART_SCENARIOS_WHATIF_OPTIMIZE_H
#define ART_SCENARIOS_WHATIF_OPTIMIZE_H
#include "io/config/scenario.h"
#include "scenarios/run/run.h"
#include "scenarios/whatif/flows.h"
#include "scenarios/whatif/webster.h"

typedef struct art_optimize_options {
  art_webster_options webster;
  art_flow_source source;
  int has_window;  ///< 0: from the end of the warm-up (10 min if there is none) to the last departure
  art_tick from_ms, to_ms;
  int has_seed;  ///< 0: the scenario's
  uint64_t seed;
  int threads;
  int iterations;  ///< plans tried, >= 1; each is made from the flows under the one before
  int verify;      ///< 1: simulate the last plan too; needed for ART_CYCLE_BEST
  void (*progress)(void *context, const char *line);  ///< may be NULL
  void *context;
} art_optimize_options;

/// What the simulation says about one plan.
typedef struct art_optimize_trial {
  int is_simulated;
  double mean_delay_s, total_delay_s;
  int64_t trips, unfinished;
} art_optimize_trial;

/// Owned; free with art_optimize_clear().
typedef struct art_optimize_result {
  art_case *base;       ///< the scenario as it is
  art_webster webster;  ///< the plan chosen
  art_optimize_trial before, after;
  int32_t chosen;           ///< which iteration, from 1
  art_cycle_rule cycle;     ///< of the plan chosen
  art_tick from_ms, to_ms;  ///< window of the flows
  uint64_t seed;
} art_optimize_result;

/// `scenario` is used and given back as it was; it must outlive `out`.
art_status art_optimize(art_scenario *scenario, const art_optimize_options *options, art_optimize_result *out,
                        art_error *err);
void art_optimize_clear(art_optimize_result *result);

/// A scenario in memory: the whole demand on the city, two hours to finish. Free with art_scenario_free().
art_status art_optimize_scenario(const char *city_path, int demand_count, char *const *demand_paths,
                                 art_scenario **out, art_error *err);

#endif  // ART_SCENARIOS_WHATIF_OPTIMIZE_H
