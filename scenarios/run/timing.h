/// \file timing.h
/// Where the time of a run went, from opening the city to the closed result file, and what it held in memory.
#ifndef ART_SCENARIOS_RUN_TIMING_H
#define ART_SCENARIOS_RUN_TIMING_H
#include <stdio.h>

#include "core/step/memory.h"
#include "core/step/ranks.h"
#include "core/step/timing.h"

typedef struct art_run_timing {
  double load_s;           ///< city, demand, plans
  double setup_s;          ///< the simulation's own tables; the result file opened
  art_tick from_ms;        ///< steps and outputs before are not timed
  double output_s;         ///< between steps
  double close_s;          ///< last rows and the result file closed
  double wall_s;           ///< all of the run
  int64_t steps, updates;  ///< since from_ms; updates of this rank
  int64_t all_updates;     ///< of all ranks
  double step_s;           ///< wall clock of these steps
  int with_phases;         ///< set by the caller; 1: measure by phase of a step, too
  art_timing phase;        ///< of the same steps, if so
  art_memory memory;       ///< at the end of the run
  int64_t city_bytes, demand_bytes;  ///< likewise, without the allocator's own share
  int64_t all_steps;       ///< of the whole run
  int32_t ranks;           ///< all figures above are those of the first one
  art_ranks_share part;    ///< its part of the city
  double work_mean_s, work_most_s;  ///< with several ranks and with_phases: step_s without waiting for others, by rank
  int64_t peak_kib;        ///< of the process, VmHWM; 0: the system does not tell
} art_run_timing;

/// Reads the peak of this process.
int64_t art_peak_kib(void);
/// A table for people, then two lines for programs: "timings: key=value ..." and "memory: key=value ...".
void art_run_timing_print(const art_run_timing *timing, FILE *file);

#endif  // ART_SCENARIOS_RUN_TIMING_H
