// Parts of checkpointing. Private to scenarios/run.
#ifndef ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
#define ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
#include "scenarios/run/checkpoint.h"

struct art_checkpoints {
  art_checkpoints_setup setup;
  art_checkpoint run;    ///< identity of this run; strings are borrowed
  char *name;            ///< of the run's files in the folder
  char *journal_path;    ///< there; NULL: no folder
  art_journal *journal;  ///< NULL: no folder
  int is_found;
  art_checkpoint found;
  char *found_path, *found_journal;
  int continues;  ///< goes on in the folder that the checkpoint lies in
  art_sim *sim;
  double steps_base_s;             ///< the ledger's step_seconds when this session began
  art_tick next_ms;                ///< simulated time of the next checkpoint
  art_tick saved_ms;               ///< of the last one
  double next_wall_s, deadline_s;  ///< wall clock
  double save_s;                   ///< how long the last one took
};

/// Finds the checkpoint to go on from, by what the options say.
art_status art_checkpoints_find(art_checkpoints *c, art_error *err);
/// Saves the state now.
art_status art_checkpoints_save(art_checkpoints *c, art_outputs *outputs, art_error *err);

#endif  // ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
