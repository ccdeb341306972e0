/// \file outputs.h
/// What a run writes while it steps. Sums and snapshots are taken between two steps, by the thread that steps, into
/// buffers; a thread of its own writes them, so that stepping goes on meanwhile. That thread makes every HDF5 call from
/// art_outputs_start to art_outputs_finish.
#ifndef ART_SCENARIOS_RUN_OUTPUTS_H
#define ART_SCENARIOS_RUN_OUTPUTS_H
#include "core/base/bytes.h"
#include "core/step/sim.h"
#include "io/config/scenario.h"
#include "io/results/results.h"

typedef struct art_outputs art_outputs;

/// Begins to write into `results`, which belongs to the writing thread until art_outputs_finish or art_outputs_free.
/// NULL: no thread and no file, but the rows that the simulation keeps until somebody asks are taken away all the same.
/// `has_file`: some rank writes one, so that all have to take part in its sums; `results` is that of this rank: the file on
/// the first one (`is_first`), a part for its own vehicles on the others.
/// `sim`, `scenario` and `results` are borrowed.
art_status art_outputs_start(art_sim *sim, const art_scenario *scenario, const art_net *net, art_results *results,
                             int has_file, int is_first, art_outputs **out, art_error *err);
/// When the next interval of any output ends; INT64_MAX if there is none.
art_tick art_outputs_next(const art_outputs *o);
/// Hands over the intervals that end now; waits if the writer is behind. Failures of earlier writing show here.
/// `is_last`: the run ends here. Its last intervals are shorter, unless nobody is left: then nothing would have changed
/// until their planned end, and they keep their length.
art_status art_outputs_take(art_outputs *o, int is_last, art_error *err);
/// Waits until everything handed over is written; the writing thread is idle until the next art_outputs_take.
art_status art_outputs_settle(art_outputs *o, art_error *err);
/// Appends where the outputs are in their intervals. Not what was handed over: that is in the results.
void art_outputs_save(const art_outputs *o, art_bytes *out);
/// Brings outputs that were just started to a saved state. ART_E_INPUT: they are not those that were saved.
art_status art_outputs_restore(art_outputs *o, const void *data, size_t count, art_error *err);
/// Waits until everything is written and ends the thread; the caller may use `results` again.
art_status art_outputs_finish(art_outputs *o, art_error *err);
/// Ends the thread if it runs, and frees. NULL is fine.
/// Another simulation in the same state takes the place of the one that outputs are taken from.
void art_outputs_follow(art_outputs *o, art_sim *sim);
void art_outputs_free(art_outputs *o);

#endif  // ART_SCENARIOS_RUN_OUTPUTS_H
