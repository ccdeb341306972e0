/// \file checkpoint.h
/// Checkpoints of a run: where it goes on from, when the next one is due, saving.
///
///     art_checkpoints_open -> (found: art_sim_restore) -> art_checkpoints_begin -> open results -> art_checkpoints_replay
///     -> art_outputs_start, restore -> (art_checkpoints_step between slices)* -> art_checkpoints_free
#ifndef ART_SCENARIOS_RUN_CHECKPOINT_H
#define ART_SCENARIOS_RUN_CHECKPOINT_H
#include "core/par/group.h"
#include "io/checkpoint/checkpoint.h"
#include "scenarios/run/outputs.h"
#include "scenarios/run/run.h"

typedef struct art_checkpoints art_checkpoints;

/// With several ranks all of them make all calls, but for art_checkpoints_replay, which is for those with results, and go on alike;
/// the first one has the folder, the others journals of their own in it.

/// The run. Borrowed.
typedef struct art_checkpoints_setup {
  const art_group *group;   ///< NULL: one rank
  const art_checkpoint_options *options;
  const art_scenario *scenario;
  uint64_t seed;
  int32_t input_count;
  const art_source *input;  ///< as in art_checkpoint
  const char *result_path;  ///< NULL: none
  int threads, force, quiet;
  double start_s;  ///< wall clock when the run began
} art_checkpoints_setup;

/// Takes the folder (nobody else may write this run's checkpoints from here on) and looks for a checkpoint to go on from.
/// Nothing is changed on the disk. ART_E_INPUT: what was found is damaged or belongs to another run. ART_E_EXISTS: the folder
/// holds checkpoints of this run, and neither to go on nor to overwrite was asked for.
art_status art_checkpoints_open(const art_checkpoints_setup *setup, art_checkpoints **out, art_error *err);
/// The one to go on from; NULL: the run begins at its begin. Its state is freed by art_checkpoints_begin.
const art_checkpoint *art_checkpoints_found(const art_checkpoints *c);
/// Once the state was restored, before results are opened: removes what earlier processes left and what lies after the
/// checkpoint, and makes journals ready. `sim` is at its begin or restored; borrowed.
art_status art_checkpoints_begin(art_checkpoints *c, art_sim *sim, art_error *err);
/// Gives results, which are new, what they had at the checkpoint, and has the journal note what is added from now on.
art_status art_checkpoints_replay(art_checkpoints *c, art_results *results, art_error *err);

/// Another simulation in the same state takes the place of the one that is saved.
void art_checkpoints_follow(art_checkpoints *c, art_sim *sim);

/// When the next one is due by simulated time; INT64_MAX: never.
art_tick art_checkpoints_next(const art_checkpoints *c);
/// Between two slices: saves if one is due, or asked for by a signal. ART_E_STOPPED: a signal or the wall time asked for the end;
/// the state is saved. Other failures: it could not be; earlier checkpoints are as they were.
art_status art_checkpoints_step(art_checkpoints *c, art_outputs *outputs, art_error *err);

/// Wall clock of the sessions before this one, up to the checkpoint.
double art_checkpoints_wall_before(const art_checkpoints *c);
/// What to add to the ledger's step_seconds of this session for the whole run.
double art_checkpoints_steps_before(const art_checkpoints *c);
/// How often the run went on from a checkpoint.
int32_t art_checkpoints_restarts(const art_checkpoints *c);
void art_checkpoints_free(art_checkpoints *c);

#endif  // ART_SCENARIOS_RUN_CHECKPOINT_H
