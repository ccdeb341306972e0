// Parts of a run. Private to scenarios/run.
#ifndef ART_SCENARIOS_RUN_RUN_INTERNAL_H
#define ART_SCENARIOS_RUN_RUN_INTERNAL_H
#include "scenarios/run/run.h"

/// Progress on stderr: a bar on a terminal, key=value lines elsewhere.
typedef struct art_progress {
  int is_quiet, is_terminal, is_shown;  ///< is_shown: a bar stands on the line
  art_tick begin_ms, end_ms;
  art_tick last_ms;        ///< simulated time of the last report
  double start_s, last_s;  ///< wall clock of begin and of the last report
  art_tick start_ms;       ///< simulated time at start_s: later than begin_ms where it goes on from a checkpoint
  double output_s, last_output_s;
  int64_t last_updates;
  int32_t step_ms;
  int has_all;      ///< with several ranks: what all of them had come to when they last talked
  art_ledger all;
  uint64_t hash;
} art_progress;
void art_progress_begin(art_progress *p, const art_scenario *scenario, const art_sim *sim, int is_quiet);
/// Reports if 5 s or 10 simulated minutes have passed (bar: a fifth of a second). `output_s`: wall clock that outputs and
/// checkpoints took from stepping since the last call.
void art_progress_step(art_progress *p, const art_sim *sim, double output_s);
/// With several ranks, before art_progress_step: what it says of all of them. Collective.
void art_progress_gather(art_progress *p, const art_sim *sim);
void art_progress_end(art_progress *p, const art_sim *sim);

/// One line on stderr between two reports; a bar is drawn again by the next.
void art_progress_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Wall clock in seconds, monotonic.
double art_wall_s(void);

#endif  // ART_SCENARIOS_RUN_RUN_INTERNAL_H
