/// \file state.h
/// The state of a simulation as bytes: what a run needs to go on as if it had never stopped. Between steps.
///
/// What is in it: everything that a later step, sum or result depends on and that is not made from the set-up (net, demand,
/// seed, models, times). What is not: threads, ranks, blocks, instruction sets; so any layout continues what any other saved.
#ifndef ART_CORE_STEP_STATE_H
#define ART_CORE_STEP_STATE_H
#include "core/base/bytes.h"
#include "core/step/sim.h"

/// Appends the state. With several ranks each gives what it owns, by global numbers.
void art_sim_save(art_sim *sim, art_bytes *out);

/// Brings a simulation that was just made by art_sim_create to a saved state. Net, demand, seed, step, begin and models must
/// be those of the one that was saved, threads and `end_ms` may differ.
/// ART_E_INPUT: the bytes are not a state of such a simulation, with the reason. The simulation is of no use then.
art_status art_sim_restore(art_sim *sim, const void *data, size_t count, art_error *err);

#endif  // ART_CORE_STEP_STATE_H
