/// \file h5_shared.h
/// A file that several ranks have open together, to write rows of datasets that are there already. All calls are collective
/// over them.
///
///     rank 0: art_h5_reserve, name = art_h5_hand_over(f)
///     all:    art_h5_shared_open(name) -> art_h5_shared_write* -> art_h5_shared_close
///     rank 0: art_h5_commit(f)
///
/// Once a call has failed on one rank, the others may wait in theirs for ever: whoever it fails for has to end all ranks, and
/// must not close.
#ifndef ART_IO_H5_H5_SHARED_H
#define ART_IO_H5_H5_SHARED_H
#include <stdint.h>

#include "io/h5/h5.h"

typedef struct art_h5_shared art_h5_shared;

/// 1 if this build can. Else there has to be one writer.
int art_h5_can_share(void);
/// `handle`: of art_writers.
art_status art_h5_shared_open(const char *path, int handle, art_h5_shared **out, art_error *err);
/// Rows [first, first + rows) of a 1-D dataset of numbers; `rows` 0: nothing from this rank. No two ranks write to one chunk.
art_status art_h5_shared_write(art_h5_shared *f, const char *path, art_h5_type type, int64_t first,
                               int64_t rows, const void *data, art_error *err);
/// Frees `f` whatever happens.
art_status art_h5_shared_close(art_h5_shared *f, art_error *err);

#endif  // ART_IO_H5_H5_SHARED_H
