// Parts of loading a case. Private to scenarios/run; tests may look.
#ifndef ART_SCENARIOS_RUN_CASE_INTERNAL_H
#define ART_SCENARIOS_RUN_CASE_INTERNAL_H
#include <stdio.h>

#include "scenarios/run/run.h"

/// Shortest green where a program states no range of its own.
#define ART_MIN_GREEN_MS 5000

/// Threads of a run: what was asked for, else the scenario's, else OMP_NUM_THREADS, else one for every few thousand lanes up to
/// the cores allowed: a small network only loses by waiting at barriers, most of all on a busy machine.
int art_case_threads(const art_scenario *scenario, const art_net *net, int threads);

/// Moves departures, and times of day of stops, by `shift_ms`.
void art_demand_shift(art_demand *demand, art_tick shift_ms);

/// One demand from `count` parts, which are taken apart and freed; `paths` name them in errors. Types and
/// sets of one id must be
/// equal and are kept once; a trip id that occurs twice is ART_E_INPUT. On failure the parts are freed too.
art_status art_demand_merge(int32_t count, art_demand **parts, char *const *paths, art_demand **out,
                            art_error *err);

/// New durations of a program for another cycle. Phases with yellow or without green keep their length;
/// greens share the rest
/// in proportion, none below its minimum. `min_ms` NULL: ART_MIN_GREEN_MS, or the green itself where it is
/// shorter. Whole seconds
/// if cycle and durations are. The sum is the cycle exactly. ART_E_INPUT: the cycle is out of reach;
/// *lowest_ms tells the
/// shortest one (-1: no green phase, nothing to scale).
art_status art_retime_durations(int32_t phase_count, const int64_t *duration_ms, const int64_t *min_ms,
                                const uint8_t *is_green, art_tick cycle_ms, int64_t *new_ms,
                                art_tick *lowest_ms);

/// Applies plans, then retimings, in the order of the scenario; errors name file and line.
art_status art_case_apply_signals(const art_scenario *scenario, art_net *net, art_error *err);
/// Controllers, and the programs that switches name; moves the schedules of signals onto the scenario's clock. Errors name
/// file and line.
art_status art_case_apply_controllers(const art_scenario *scenario, art_net *net, art_error *err);
/// A switch as a change of the simulation; its signal and program are known to be there.
void art_case_resolve_switch(const art_intervention *change, const art_net *net, art_change *out);
/// Closures and speed limits as changes of the simulation. *out is owned by the caller.
art_status art_case_resolve_changes(const art_scenario *scenario, const art_net *net, int32_t *count,
                                    art_change **out, art_error *err);

#endif  // ART_SCENARIOS_RUN_CASE_INTERNAL_H
