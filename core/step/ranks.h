/// \file ranks.h
/// One simulation on several ranks: who owns what, and sums over all of them.
#ifndef ART_CORE_STEP_RANKS_H
#define ART_CORE_STEP_RANKS_H
#include "core/par/partition.h"
#include "core/step/sim.h"

/// Nodes that must share a rank: what a step decides together. One signal, links too short to stop on, places where the
/// opposite lane is used for passing, areas whose queues are measured as one, approaches of signals where these are measured.
/// Free *bond.
int64_t art_ranks_bonds(const art_sim_setup *setup, art_bond **bond);
/// Owner of every node for `size` ranks; owner[node_count]. Not collective.
void art_ranks_partition(const art_sim_setup *setup, int32_t size, int32_t *owner);
/// Makes a partition keep the bonds: nodes that must share a rank go to that of the lowest of them.
void art_ranks_mend(const art_sim_setup *setup, int32_t *owner);

/// What the rank's own part of the city is; alone it is all of it.
typedef struct art_ranks_share {
  int32_t nodes, lanes, peers;
  int32_t watched_lanes;  ///< of others, of which something is known here
  int32_t shared_nodes;   ///< of others, that are decided here, too
  int64_t sent_bytes;     ///< by the steps so far
} art_ranks_share;
art_ranks_share art_sim_share(const art_sim *sim);

/// The same for each of `size` ranks, from a simulation that was made alone, if owner[node_count] said who owns what; of[size].
void art_ranks_shares(art_sim *sim, int32_t size, const int32_t *owner, art_ranks_share *of);

/// Goes on with other owners: *sim, which was made with `setup`, becomes another simulation in the same state, in which node n
/// belongs to rank node_rank[n]. Nothing that a step or a result depends on changes; clocks begin anew. Collective. On failure
/// *sim is what it was.
art_status art_sim_move_parts(art_sim **sim, const art_sim_setup *setup, const int32_t *node_rank, art_error *err);
/// The same with the owners that suit the traffic as it is, if time was shared worse than `bound` (largest part over the mean)
/// and they share it better. *moved tells. Collective.
art_status art_sim_rebalance(art_sim **sim, const art_sim_setup *setup, double bound, int *moved, art_error *err);

/// How well work is shared, as the largest part over the mean: time in the passes so far; what the vehicles let expect where they
/// are now; and with the parts that would suit them, which owner[node_count] gets.
typedef struct art_balance {
  double measured, expected, possible;
} art_balance;
/// Collective; alone all are 1 and owner is left as it is.
art_balance art_sim_balance(const art_sim *sim, const art_sim_setup *setup, int32_t *owner);

/// Does this rank know the truth about a trip: has it departed here, is it here, or has it arrived here? Each trip is held by
/// one rank.
int art_sim_holds(const art_sim *sim, int32_t trip);

/// art_group_agree among the ranks of the simulation.
art_status art_sim_agree(const art_sim *sim, art_status status, art_error *err);
/// Adds values up over all ranks; collective. Alone: nothing to do.
void art_ranks_sum(const art_sim *sim, int64_t count, int64_t *values);
/// Largest of each value over all ranks; the same.
void art_ranks_largest(const art_sim *sim, int64_t count, int64_t *values);

/// Over all ranks; collective. Alone they are what the functions without `_all` say.
art_ledger art_sim_ledger_all(const art_sim *sim);
uint64_t art_sim_hash_all(const art_sim *sim);
int64_t art_sim_halting_all(const art_sim *sim);
/// art_sim_trips of those that depart in the run, wherever they are; all other rows may be 0. With ways and free times of those on
/// the road up to where they are (otherwise whole lanes are added when they are left), and with stops and waits in bays that are
/// not over. The last look at a simulation: its rows are completed where they are, so it can neither go on nor be saved.
const art_trip_row *art_sim_trips_at_end_all(art_sim *sim);
/// art_sim_gather with the vehicles of all ranks.
void art_sim_gather_all(const art_sim *sim, art_snapshot *out);
/// Adds up what each rank has taken from its simulation.
void art_ranks_sum_links(const art_sim *sim, art_link_sums *sums);
void art_ranks_sum_movements(const art_sim *sim, int32_t *count, int32_t *out, int64_t *delay_ms);
void art_ranks_sum_detectors(const art_sim *sim, art_detector_sums *sums);

#endif  // ART_CORE_STEP_RANKS_H
