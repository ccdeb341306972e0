/// \file folder.h
/// The folder that holds the checkpoints of a run. Of a run called NAME it holds NAME.<instant>.checkpoint, the instant in
/// milliseconds with 12 digits, NAME.journal, and its parts of other ranks, NAME.journal.<number>. Serial: rank 0 calls these.
#ifndef ART_IO_CHECKPOINT_FOLDER_H
#define ART_IO_CHECKPOINT_FOLDER_H
#include "core/base/status.h"
#include "core/num/real.h"

/// ART_E_OPEN: not a folder, or files cannot be made in it.
art_status art_folder_check(const char *folder, art_error *err);

/// Owned by the caller.
char *art_folder_checkpoint_path(const char *folder, const char *name, art_tick now_ms);
char *art_folder_journal_path(const char *folder, const char *name);
/// The name under which this process writes what shall become `path`.
char *art_folder_temporary(const char *path);
/// "a/b" of "a/b/c", "." of "c".
char *art_folder_of(const char *path);

/// Checkpoints of a run, the latest first.
typedef struct art_checkpoint_list {
  int32_t count, capacity;
  char **path;
  art_tick *now_ms;
} art_checkpoint_list;
art_status art_folder_list(const char *folder, const char *name, art_checkpoint_list *out, art_error *err);
void art_checkpoint_list_clear(art_checkpoint_list *list);

/// Removes what processes that were killed left under temporary names. Of this run only, which nobody else may be writing.
void art_folder_clean(const char *folder, const char *name);
/// Removes all but the `count` latest.
art_status art_folder_keep(const char *folder, const char *name, int32_t count, art_error *err);
/// Removes those later than `now_ms`; -1: all.
art_status art_folder_forget_after(const char *folder, const char *name, art_tick now_ms, art_error *err);

/// Removes the parts of the journal.
void art_folder_forget_parts(const char *folder, const char *name);

/// Forces the entry of a file in its folder to the disk.
art_status art_folder_sync(const char *path, art_error *err);

#endif  // ART_IO_CHECKPOINT_FOLDER_H
