// Parts of checkpointing. Private to scenarios/run.
#ifndef ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
#define ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
#include "scenarios/run/checkpoint.h"

struct art_checkpoints {
  art_checkpoints_setup setup;
  art_checkpoint run;    ///< identity of this run; strings are borrowed
  char *name;            ///< of the run's files in the folder
  char *journal_path;    ///< there; NULL: no folder
  art_journal *journal;  ///< NULL: no folder, or another rank has it
  art_journal *part;     ///< of this rank, where the first one has the journal and vehicles are noted; NULL: none
  art_journal_parts parts;  ///< of all ranks so far, as the checkpoint that was found says
  int is_saving;         ///< checkpoints are written
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
/// checkpoint_parts.c. Where every rank notes its own vehicles; collective. `parts_add` is for the first rank: adds to the journal
/// how far all parts have come, which art_checkpoints_parts_sync has told it.
int art_checkpoints_have_parts(const art_checkpoints *c);
art_status art_checkpoints_parts_begin(art_checkpoints *c, art_error *err);
art_status art_checkpoints_parts_replay(art_checkpoints *c, art_results *results, art_error *err);
art_status art_checkpoints_parts_sync(art_checkpoints *c, art_outputs *outputs, art_journal_parts *out, art_error *err);

/// Saves the state now.
art_status art_checkpoints_save(art_checkpoints *c, art_outputs *outputs, art_error *err);

#endif  // ART_SCENARIOS_RUN_CHECKPOINT_INTERNAL_H
