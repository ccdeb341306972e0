/// \file spill.h
/// Snapshots on their way into trajectories: they come by instant and are wanted by trip. They are collected in memory;
/// when that is full they go, sorted, to a temporary file as a run. At the end the runs are read side by side, so that
/// memory stays bounded however long the simulation. Of several ranks each has one, its segment. Private to io/results.
#ifndef ART_IO_RESULTS_SPILL_H
#define ART_IO_RESULTS_SPILL_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/step/sim.h"

/// A vehicle at an instant.
typedef struct art_spill_row {
  int32_t instant;  ///< index into art_spill_instants
  int32_t lane;
  float pos_m, speed_mps;
} art_spill_row;

typedef struct art_spill art_spill;

/// The temporary file stands beside `beside` and has no name. `memory_rows` > 0: how many rows are kept in memory.
/// NULL on failure.
art_spill *art_spill_new(const char *beside, int32_t trip_count, int64_t memory_rows, art_error *err);
void art_spill_free(art_spill *spill);
/// Adds a snapshot; its order is free. Where instants do not ascend, rows of a trip come in the order in which they were added.
art_status art_spill_add(art_spill *spill, art_tick now_ms, const art_snapshot *snapshot, art_error *err);

/// Ends adding. Rows of trip t are count[t]; owned by the spill.
art_status art_spill_finish(art_spill *spill, const int64_t **count, art_error *err);
/// The same counts again.
const int64_t *art_spill_counts(const art_spill *spill);
const art_tick *art_spill_instants(const art_spill *spill);
/// The rows of all trips before `last_trip` that were not read yet, by (trip, instant); valid until the next call.
art_status art_spill_take(art_spill *spill, int32_t last_trip, const art_spill_row **rows, int64_t *count, art_error *err);
/// The next rows by (trip, instant), whole trips, about `rows_wanted` of them; valid until the next call. 0 rows: the end.
art_status art_spill_next(art_spill *spill, int64_t rows_wanted, const art_spill_row **rows, int64_t *count,
                          art_error *err);

#endif  // ART_IO_RESULTS_SPILL_H
