/// \file checkpoint.h
/// A checkpoint file: the state of a run, and what identifies the run. Written under a temporary name in the same folder,
/// synced and renamed, so that a file with its final name is whole whenever the process ends. Everything in it is under one
/// SHA-256, which stands at its end.
///
/// Layout: magic, version, mark of the byte order, size of the file; then the values of art_checkpoint in the byte order of the
/// machine; 32 bytes of SHA-256 over all before. Serial: rank 0 calls these.
#ifndef ART_IO_CHECKPOINT_CHECKPOINT_H
#define ART_IO_CHECKPOINT_CHECKPOINT_H
#include "core/base/bytes.h"
#include "core/num/real.h"
#include "io/city/city.h"
#include "io/results/journal.h"

/// What is needed to go on. Pointers of one that is written are borrowed for the call; of one that was read they are owned
/// (art_checkpoint_clear).
typedef struct art_checkpoint {
  // Identity: has to be equal at a restart.
  char *version;  ///< of the program
  char *config;   ///< resolved configuration
  uint64_t seed;
  int32_t input_count;
  art_source *input;    ///< city, demands, plans, libraries of controllers, in the order of the scenario
  uint8_t has_results;  ///< whether the run writes a result file
  // Information.
  char *commit, *scenario, *result_path, *host;
  int32_t ranks, threads;
  int32_t restarts;       ///< of the run so far
  int64_t written_at;     ///< seconds since 1970, UTC
  double wall_s, step_s;  ///< wall clock so far: of the run, and of its steps
  // State.
  art_tick begin_ms, end_ms, now_ms;
  uint64_t hash;          ///< art_sim_hash at now_ms
  char *journal;          ///< name of the journal, in the folder of this file
  art_journal_mark mark;  ///< how much of the journal belongs to it
  art_bytes outputs;      ///< where the outputs are in their intervals
  art_bytes state;        ///< art_sim_save
} art_checkpoint;

/// On failure (ART_E_IO, ART_E_OPEN) nothing new is left behind, and a file that had the name is as it was.
art_status art_checkpoint_write(const char *path, const art_checkpoint *checkpoint, art_error *err);
/// ART_E_INPUT with the reason: not a checkpoint, of another layout, truncated, damaged. On failure *out is empty.
art_status art_checkpoint_read(const char *path, art_checkpoint *out, art_error *err);
void art_checkpoint_clear(art_checkpoint *checkpoint);
/// Where the journal of a checkpoint is; owned by the caller.
char *art_checkpoint_journal_path(const char *path, const art_checkpoint *checkpoint);
/// art_journal_check of it. Without its journal a checkpoint is of no use.
art_status art_checkpoint_check_journal(const char *path, const art_checkpoint *checkpoint, art_error *err);
/// 1 if the file begins as a checkpoint does.
int art_checkpoint_is_one(const char *path);

#endif  // ART_IO_CHECKPOINT_CHECKPOINT_H
