/// \file run.h
/// Assembles a run: reads city and demand, applies plans and interventions, steps, writes results.
#ifndef ART_SCENARIOS_RUN_RUN_H
#define ART_SCENARIOS_RUN_RUN_H
#include <stdint.h>
#include <stdio.h>

#include "core/step/sim.h"
#include "core/step/ways.h"
#include "io/city/city.h"
#include "io/config/scenario.h"
#include "io/results/kpi.h"

/// All that a run needs in memory, ready for art_sim_create. Owned; free with art_case_free.
/// One case may serve many runs (other seeds, other weights); the city is read once.
typedef struct art_case {
  const art_scenario *scenario;  ///< borrowed
  art_city *city;                ///< plans and retimings applied to its signals
  art_ways ways;                 ///< of its network, for all simulations
  art_demand *demand;            ///< of all demand files, shifted to the scenario's clock, sorted
  int64_t before_run, after_run; ///< trips of the files that depart before the run, and after it
  int32_t change_count;
  art_change *change;  ///< closures, speed limits and switches, resolved
  struct art_user_controls *user;  ///< controllers in shared libraries; NULL: none
  const struct art_group *group;   ///< ranks that simulate it together; NULL: this one alone
  int32_t *node_rank;              ///< who owns what; NULL: the engine decides
} art_case;
/// Which trips of the demand files a case needs.
typedef enum art_case_trips {
  ART_CASE_TRIPS_OF_RUN,  ///< those that depart while it runs, held packed (core/fleet/demand_pack.h); others may be there, too
  ART_CASE_ALL_TRIPS      ///< all, with all columns
} art_case_trips;
art_status art_case_load(const art_scenario *scenario, art_case_trips trips, art_case **out, art_error *err);
void art_case_free(art_case *c);

/// What a simulation of the case with this seed is made with; it borrows from the case.
art_sim_setup art_case_setup(const art_case *c, uint64_t seed, int threads, const art_demand *demand);
/// A simulation of the case with this seed. `threads` 0: default. `demand` NULL: the case's own.
art_status art_case_simulate(const art_case *c, uint64_t seed, int threads, const art_demand *demand,
                             art_sim **out, art_error *err);

/// The figures of the summary line.
typedef struct art_summary {
  art_ledger ledger;
  double mean_travel_time_s, mean_time_loss_s, mean_route_length_m, mean_speed_mps, mean_insertion_delay_s;
  double updates_per_s, real_time_factor, wall_s;
  uint64_t hash;
  int stopped_by;  ///< signal that ended the run early (SIGINT, SIGTERM); 0: it ran to its end
  int is_torn;     ///< of several ranks this one failed where nothing can be agreed on any more: it has to end all
} art_summary;
/// The means are the indicators of the same names (io/results/kpi.h), NAN where there is nothing to average. Collective.
art_summary art_summary_of(art_sim *sim, const art_kpi_input *input, double wall_s);

/// Saving the state of a run while it steps, and going on from one that was saved. See scenarios/run/checkpoint.h.
typedef struct art_checkpoint_options {
  const char *folder;    ///< where they are; NULL: none are written
  art_tick every_ms;     ///< simulated time between two; 0: not by that
  double every_wall_s;   ///< wall clock between two; 0: not by that
  const char *restart;   ///< a checkpoint; "auto": the latest good one of the folder, if any; NULL: from the begin
  const char *walltime;  ///< when the run has to be over (scenarios/run/walltime.h); NULL: never
  double margin_s;       ///< kept of it for saving
} art_checkpoint_options;

typedef struct art_run_options {
  const char *output_path;  ///< NULL: no file
  const char *command;      ///< command line, for provenance
  int threads;              ///< 0: default
  int writers;              ///< ranks that write trajectories; 0: one a node
  const char *partition_path;  ///< file with the rank of each node; NULL: the engine decides
  double rebalance;  ///< with several ranks: cut anew where one takes so many times the mean; 0: never
  int force;                ///< overwrite
  int quiet;                ///< no progress
  const uint64_t *seed;     ///< NULL: the scenario's
  /// 0: a signal that ended the run is raised again once results are written, so that callers stop too
  int keep_signal;
  struct art_run_timing *timing;  ///< scenarios/run/timing.h; filled if not NULL
  art_tick timing_after_ms;  ///< steps before are not timed
  const art_checkpoint_options *checkpoint;  ///< NULL: none
} art_run_options;
/// Loads, simulates, writes results, fills the summary. Prints progress to stderr, nothing to stdout.
/// ART_E_STOPPED: a signal or the wall time ended it; a checkpoint was saved, results are made by the run that goes on.
art_status art_run(const art_scenario *scenario, const art_run_options *options, art_summary *summary,
                   art_error *err);
/// Loads everything as a run would and prints what it needs (memory, output, time; roughly) to `file`; runs
/// nothing.
art_status art_run_estimate(const art_scenario *scenario, int threads, FILE *file, art_error *err);
/// The summary line of design.md ("summary: inserted=... hash=..."), without newline, into `text`.
void art_summary_line(const art_summary *summary, char *text, int size);

#endif  // ART_SCENARIOS_RUN_RUN_H
