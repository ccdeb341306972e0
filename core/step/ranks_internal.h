/// \file ranks_internal.h
/// What a rank knows of the others, and how it tells them. Private to core/step.
///
/// A rank has blocks only for the lanes that it owns. Of lanes and nodes of others it keeps what a step reads of them: tails and
/// overhangs ahead, first vehicles behind, notices of passages. So the passes do not know of ranks; twice a step, after settle
/// and after move, ranks tell one another what they have published (docs/decisions/ranks-exchange-what-is-published.md).
#ifndef ART_CORE_STEP_RANKS_INTERNAL_H
#define ART_CORE_STEP_RANKS_INTERNAL_H
#include "core/par/group.h"
#include "core/step/control.h"
#include "core/step/ranks.h"
#include "core/step/sim_internal.h"

/// What a rank wants to know of a lane of another, or may do to it.
enum {
  ART_WANTS_TAIL = 1,  ///< last body, and those that hang over
  ART_WANTS_LEAD = 2,  ///< first vehicle
  ART_WANTS_BODY = 4,  ///< who the last one is, where circles are looked for
  ART_MAY_TOUCH = 8,   ///< its own vehicles may come to the lane, or reach back onto it
  ART_OWNS = 128       ///< in the rows of others: the owner, which has to hear of everything
};
/// The same of nodes.
enum {
  ART_DECIDES_NODE = 1,  ///< its own vehicles may ask there: it decides all passages as the owner does
  ART_TELLS_NODE = 2     ///< its own vehicles may have their bodies there
};

/// One rank's interest in a lane or node; rows are sorted by what they are about.
typedef struct art_interest {
  int32_t peer;  ///< place in art_ranks.peer
  uint8_t what;
} art_interest;

/// A lane of one's own that a peer wants to know of, and what it was told last.
typedef struct art_told_tail {
  int32_t lane, peer;
  art_tail tail;
} art_told_tail;
typedef struct art_told_lead {
  int32_t lane, peer;
  art_lead lead;
} art_told_lead;

/// Somebody asks a signal for priority.
typedef struct art_rank_call {
  int32_t signal;
  art_priority_call call;
} art_rank_call;

typedef struct art_ranks {
  const art_group *group;
  int32_t *node_owner, *lane_owner;  ///< ranks
  uint8_t *holds;                    ///< by trip
  int64_t came;                      ///< vehicles taken over from others, less those given away
  uint8_t is_finished;
  art_tick end_ms;  ///< somebody is on the road until then, at least
  int32_t peer_count;
  int32_t *peer;             ///< ranks, ascending
  art_bytes *send, *receive;  ///< by peer
  art_bytes *part;            ///< [threads - 1][peers]: what the other threads have to say
  uint8_t *lane_what, *node_what;      ///< one's own interest
  int32_t *lane_first, *node_first;    ///< [count + 1] into the rows of others' interest, the owner's included
  art_interest *lane_row, *node_row;
  uint8_t *is_told;  ///< by lane: there are such rows
  int32_t told_tail_count, told_lead_count;
  art_told_tail *told_tail;
  art_told_lead *told_lead;
  int32_t shared_count;
  int32_t *shared;  ///< nodes at which own passages may be that others must hear of
  art_byte_reader *reader;  ///< by peer
  // what comes first in a step (ranks_border.c)
  int32_t *block;         ///< all blocks, those first that may tell others something
  int32_t border_blocks;  ///< how many do
  int32_t *node;          ///< nodes that are decided here, those first that need nothing of others
  int32_t early_nodes, decided_nodes;
  int32_t *words_told;    ///< by thread: written words (art_written) that others have been told, or need not be
  int32_t *notices_told;  ///< by place in `shared`: what the node had been told when others were
  float fastest_mps;  ///< of all vehicles, if they keep to what they want
  float announce_m, chain_m, longest_m;  ///< how far vehicles announce themselves, look over short links, reach back
  int32_t shown_count, shown_capacity;
  int32_t *shown;  ///< lanes of others whose last vehicle is shown in the inbox for the moment
  // what controllers of signals read (ranks_signals.c)
  uint8_t reads_road;  ///< some do
  uint8_t *runs;           ///< by signal: it runs on this rank, too (find_signals)
  int32_t run_count, *run;     ///< those, ascending
  int32_t speak_count, *speak;  ///< those of them whose control reads lanes or calls
  uint8_t *covers;     ///< by detector: bodies on own lanes are over it, as was said last
  int32_t *covered_by, *fronts;  ///< by detector: ranks that say so; passages of this step
  uint8_t *touched;              ///< by detector: something was said of it in this step
  uint8_t *foot_told;            ///< by crossing
  int32_t *passed, *passed_told;  ///< by connector: of all ranks; own, as was said last
  int32_t counted_count, *counted;  ///< connectors that own vehicles may pass
  int32_t heard_count, *heard;      ///< crossings of own nodes
  art_lane_reading *reading;      ///< by row of art_signals.lane_row
  art_rank_call *call;
  int32_t call_count, call_capacity;
  int64_t bytes;      ///< sent so far, in steps
  double busy_s;      ///< spent in the passes so far, without waiting for others
  const char *fault;  ///< something that cannot be; the run ends
} art_ranks;

/// Owners of nodes and lanes, who holds which trip. Collective.
art_status art_ranks_begin(art_sim *sim, const art_sim_setup *setup, art_error *err);
/// Who wants to know what of whom; needs the tables of lanes. Collective.
void art_ranks_connect(art_sim *sim);
void art_ranks_free(art_sim *sim);

/// Once the blocks at the border have settled: tells tails, overhangs and notices. Hear: once all have. Collective.
void art_ranks_tell_settled(art_sim *sim);
void art_ranks_hear_settled(art_sim *sim);
/// Once the blocks at the border have moved: tells who comes over, what the next settle reads, answers of nodes. Hear: once all
/// have. Collective.
void art_ranks_tell_moved(art_sim *sim);
void art_ranks_hear_moved(art_sim *sim);
/// The end of a step: is anybody left anywhere? Have all come so far? Collective where it has to be.
art_status art_ranks_agree(art_sim *sim, art_status status, art_error *err);
/// Something that cannot be, of this rank alone: to be looked at where all ranks stop.
art_status art_ranks_fault(const art_sim *sim, art_error *err);
/// An instant up to which somebody of this rank is on its way for certain (ranks_end.c).
art_tick art_ranks_no_end_before(const art_sim *sim);

// ranks_state.c: for saving and restoring; alone they say that all is one's own.
int art_ranks_is_first(const art_sim *sim);
int art_ranks_owns_lane(const art_sim *sim, int32_t lane);
int art_ranks_owns_node(const art_sim *sim, int32_t node);
void art_ranks_set_holds(art_sim *sim, int32_t trip, int holds);
/// Account, hash and longest standstill of all ranks. Collective.
void art_ranks_account(const art_sim *sim, art_ledger *ledger, uint64_t *hash, uint64_t *standstill);
/// Fronts over a sensor so far. Collective.
int32_t art_ranks_sensor_count(const art_sim *sim, int32_t detector);
/// After a state was read, of which only own lanes, links and passes were put in place: what there is once goes to the first
/// rank, and what others were told is noted. Collective.
void art_ranks_restored(art_sim *sim);

// ranks_signals.c
/// Does this rank answer for a signal: for what it did against its rules, for its log and its saved state? One rank does.
int art_ranks_owns_signal(const art_sim *sim, int32_t signal);
/// Puts the log of all ranks in the place of the first one's own, and empties those of others. Collective.
void art_ranks_collect_events(art_sim *sim);
void art_ranks_signals_build(art_sim *sim);
void art_ranks_signals_free(art_ranks *ranks);
/// In the place of art_sensors_look, and of all that the control of single signals reads in this step. Collective.
void art_ranks_read_road(art_sim *sim);
/// In the place of art_sensors_read_lanes and art_sensors_read_calls.
void art_ranks_take_lanes(art_sim *sim, int32_t signal);
void art_ranks_take_calls(art_sim *sim, int32_t signal);

// ranks_rotate.c
/// Puts the last vehicle of each lane of others that matters for circles into the lane's inbox, and takes them out again.
/// Collective.
void art_ranks_show_bodies(art_sim *sim);
void art_ranks_hide_bodies(art_sim *sim);
/// Does anybody on any rank stand for so long? Collective.
int art_ranks_anybody_stands(const art_sim *sim, int32_t least_ms);
/// One that stands, and whom it waits for (-1: nobody).
typedef struct art_waiting {
  int32_t trip, next;
  int32_t seen;  ///< for whoever walks along
} art_waiting;
/// All that stand for so long, on all ranks, by trip. Collective, while bodies are shown. Free *list.
int64_t art_ranks_list_waiting(art_sim *sim, int32_t least_ms, art_waiting **list);

// ranks_reach.c
/// Fills lane_what and node_what, and how far vehicles look.
void art_ranks_look_out(art_sim *sim);

/// ranks_border.c: orders blocks and nodes; needs the rows of interest.
void art_ranks_find_border(art_sim *sim);

#endif  // ART_CORE_STEP_RANKS_INTERNAL_H
