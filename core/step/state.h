/// \file state.h
/// The state of a simulation as bytes: what a run needs to go on as if it had never stopped. Between steps.
///
/// What is in it: everything that a later step, sum or result depends on and that is not made from the set-up (net, demand,
/// seed, models, times). What is not: threads, ranks, blocks, instruction sets; so any layout continues what any other saved.
#ifndef ART_CORE_STEP_STATE_H
#define ART_CORE_STEP_STATE_H
#include "core/base/bytes.h"
#include "core/step/sim.h"

/// Appends the state. With several ranks each gives what it owns, by global numbers, that of the first comes first; collective. Nothing is changed: signal events,
/// cycles, passages and sums that nobody has taken stay, and are part of the state.
/// A controller of a user is saved by its memory (core/step/user_control.h), which is all that it may keep.
void art_sim_save(art_sim *sim, art_bytes *out);

/// Brings a simulation that was just made by art_sim_create to a saved state. Net, demand, seed, step, begin, models, timed
/// changes, rerouting and whether there are controllers of users must be those of the one that was saved. Threads,
/// instructions and `end_ms` may differ (no trip that has departed may lie behind the new end), and measurements at signals
/// may begin or end here.
/// With several ranks all read all contributions, on any number of ranks; collective.
/// ART_E_INPUT: the bytes are not a state of such a simulation, with the reason. The simulation is of no use then but to be
/// freed. ART_E_INTERNAL: it is not a new one.
art_status art_sim_restore(art_sim *sim, const void *data, size_t count, art_error *err);

#endif  // ART_CORE_STEP_STATE_H
