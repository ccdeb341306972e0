/// \file sim_internal.h
/// Inside of a simulation. Private to core/step.
///
/// A step has three passes with a barrier after each (docs/engine.md tells why):
///   settle  (by block)  arrivals from inboxes, departures, lane changes; publish tails, overhangs and passages
///   decide  (by node)   junctions order and grant the passages that were published
///   move    (by block)  lane fronts, car-following, crossings into inboxes, statistics
/// Rule of ownership: a pass writes only to its own block or node, to records of vehicles in it, and - atomically and
/// independent of order - to inboxes, passage lists, overhangs and integer sums.
#ifndef ART_CORE_STEP_SIM_INTERNAL_H
#define ART_CORE_STEP_SIM_INTERNAL_H
#include <math.h>
#include <stdlib.h>

#include "core/fleet/block.h"
#include "core/net/lane_choice.h"
#include "core/num/random.h"
#include "core/step/kernels.h"
#include "core/step/records_internal.h"
#include "core/step/sim.h"
#include "core/step/team.h"
#include "core/step/timing_internal.h"
#include "core/step/wide.h"

#define ART_NOT_RED INT64_MAX

/// The last body on a lane, published in settle.
typedef struct art_tail {
  float rear_m;  ///< negative while it still lies upstream; INFINITY: lane is empty
  float speed_mps;
  float decel_mps2;
  float free_m;  ///< to the body ahead of it or to the lane's end; 0 if it is to stop on the way
  float accel_mps2;  ///< of the last step; 0 where no model asks for it
  uint8_t connected;  ///< 1: tells its acceleration by radio
  uint8_t leaving;  ///< 1: it may drive on through the next node for certain
} art_tail;

/// The first vehicle of a lane, published at the end of move for the next step.
typedef struct art_lead {
  float distance_m;  ///< to the lane's end; INFINITY: none
  float speed_mps;
  int32_t vehicle;         ///< -1: none
  int32_t next_connector;  ///< the connector that it is granted; -1: none
} art_lead;

/// A vehicle at a node, as its block publishes it: what the decide pass cannot look up more cheaply. One cache line.
typedef struct art_notice {
  _Alignas(64) uint64_t next;  ///< where it did not fit into its node's box: thread << 32 | index of the next one at the
                               ///< same node; all ones: none
  uint64_t key;
  int32_t vehicle, connector, order;
  float front_m, speed_mps, desired_mps;  ///< these and those below: as in art_passage
  int32_t standing_ms, blocked_ms;
  int32_t waits_for;  ///< answer of the step before
  uint16_t type;
  uint8_t turn_slot, grant, committed, prior;
  uint8_t asks : 1, onward : 1, rotates : 2;
  uint8_t entered : 1;   ///< its front is on the connector or past it
  uint8_t refusal : 3;   ///< answer of the step before
  uint8_t has_detours;   ///< 1: likewise
  int32_t record;        ///< of the vehicle, as record_of
} art_notice;

/// What one thread published in one step beyond the boxes of the nodes; lists by node run through it.
typedef struct art_notice_pool {
  art_notice *item;
  int32_t count, capacity;
} art_notice_pool;

/// Trips of one link that wait outside, in (departure, key) order.
typedef struct art_queue {
  int32_t *trip;
  int32_t first, count, capacity;
} art_queue;

/// A circle of vehicles that wait for one another, each for the next, being resolved.
typedef struct art_cycle {
  int32_t *member;  ///< owned
  uint8_t *moves;   ///< by member, of this step; owned
  int32_t count;
  art_tick until_ms;
  float moved_m;
} art_cycle;

/// A connector that a member of a circle enters in this step.
typedef struct art_claim {
  int32_t connector, trip;
} art_claim;

/// Working memory of car-following for one block: indices and columns of a group, optional columns of the view.
typedef struct art_follow_scratch {
  int32_t capacity;
  int32_t *index;
  uint16_t *type;
  uint8_t *connected, *group_connected;
  float *column;  ///< all columns one after the other, each of `capacity`
} art_follow_scratch;

/// One that is admitted inside the step.
typedef struct art_late {
  int32_t at;  ///< place in its block
  float delay_s, held_mps2;
} art_late;

/// Working memory of the move pass for one block.
typedef struct art_move_scratch {
  int32_t capacity;
  float *lent;  ///< columns that the block has while it moves
  float *way_m, *speed_mps, *moved_m;
  float first_lead_accel_mps2[ART_BLOCK_LANES];  ///< by lane, of the leader of its first vehicle; 0: unknown
  uint8_t first_lead_connected[ART_BLOCK_LANES];
  uint8_t *mark;
  art_late *late;
  uint64_t *sum;  ///< two a vehicle
  int32_t *index;
} art_move_scratch;
void art_move_scratch_reserve(art_move_scratch *scratch, int32_t count);  // move.c
void art_move_scratch_free(art_move_scratch *scratch);

/// Words of one buffer that a thread was the first to write.
typedef struct art_written {
  uint64_t **word;
  int32_t count, capacity;
} art_written;

/// An answer of a node to a vehicle of another rank.
typedef struct art_late_answer {
  int32_t trip, slot, node;
} art_late_answer;

/// Per-thread working memory.
typedef struct art_worker {
  int32_t over_count, over_capacity, *over;  ///< trips that arrived in this step
  int32_t borrowed_count, borrowed_capacity, *borrowed;  ///< trips whose records tell of vehicles of other ranks
  int32_t left_count, left_capacity, *left;  ///< with several ranks: trips that went to lanes of others in this step
  int32_t answer_count, answer_capacity;
  art_late_answer *answer;                        ///< likewise: answers to vehicles of others
  art_follow_scratch follow;
  art_move_scratch move;
  int32_t mover, mover_end;  ///< rows of art_sim.mover that it may give to those who travel, mover <= row < mover_end
  art_written written[2];
  art_notice_pool pool;
  const art_notice **sorted;
  art_passage *gathered;
  int32_t *scratch;
  int32_t gathered_capacity;
  art_foot *foot;
  int32_t foot_capacity;
  int64_t updates, hard_brakings, arrived, inserted, missed_turns, distance_mm;
  uint64_t hash;
  art_timer timer;
} art_worker;

typedef struct art_detector_point {
  int32_t detector;
  int32_t place;  ///< row of the net
  float pos_m, end_m;
  uint8_t kind, role;
} art_detector_point;

/// Vehicles that halt close behind one another, front and rear of them.
typedef struct art_jam {
  float front_m, rear_m;
  int32_t vehicles;
} art_jam;
/// Jams on one lane of an area after a step. Written by the owner of the lane.
typedef struct art_jams {
  art_tick at_ms;  ///< the step; others: nobody was on the lane
  int32_t count, halting;
  art_jam first, last;  ///< farthest ahead, farthest behind
  float longest_m;
  int32_t most_vehicles;
} art_jams;

/// One vehicle that passes another through the lane of the opposite link (pass.c). By link of the vehicle.
enum { ART_PASS_NONE, ART_PASS_ASKS, ART_PASS_BESIDE };
/// Written by the owner of the link: in settle, place and speed also in move.
typedef struct art_pass_ask {
  int32_t trip, over;            ///< who (-1: nobody), and whom it passes
  int32_t state;                 ///< ART_PASS_...
  float from_m, to_m, return_m;  ///< stretch that it needs, on its own link; where it may return from
  float time_s;                  ///< that it will take
  float pos_m, speed_mps;        ///< while it is beside its lane
} art_pass_ask;
/// Written by the owner of the opposite link: in move, is_clear in settle.
typedef struct art_pass_give {
  int32_t granted, is_clear;
  int32_t noted_trip;                            ///< -1: nobody asks
  float noted_from_m, noted_to_m, noted_time_s;  ///< the stretch on the opposite lane
  float wall_from_m, wall_to_m;                  ///< granted; from INFINITY: none
} art_pass_give;
typedef struct art_pass {
  int32_t opposite;  ///< link; -1: none. Constant.
  art_pass_ask ask;
  art_pass_give give;
} art_pass;

struct art_sim {
  const art_net *net;
  const art_demand *demand;
  const art_kernels *kernels;
  uint64_t seed;
  int32_t step_ms, threads, model;
  int32_t is_over;  ///< 1: its rows have been completed, so it must not go on (art_sim_trips_at_end_all)
  float step_s;
  art_tick begin_ms, end_ms, now_ms;
  art_type_table types;
  uint32_t models_used;  ///< bit per art_model
  int32_t variants;      ///< rows of a demand's type in `types`; row t + v * type_count is variant v of type t
  uint8_t needs;         ///< ART_NEEDS_... of all models used
  uint8_t any_euler, any_noise, any_startup, any_action, any_grade;  ///< 1: some type uses it

  const art_wide *wide;     ///< loops for this processor
  art_wide_step wide_step;  ///< constants of the step at hand

  int32_t block_count;
  art_block *block;
  void *block_memory;  ///< of the first columns of all blocks
  int32_t *lane_block;   ///< block of a lane
  uint8_t *lane_slot;    ///< place of the lane in its block
  art_vehicle *record;  ///< of vehicles (records.c); the first one is that of trips which have none, and is never written
  art_rare *rare;       ///< by record, with has_rare; the first one is that of all others
  art_mover *mover;     ///< states of those who travel between blocks, from a move pass to the next; the first row is nobody's
  int32_t mover_end, mover_most;  ///< rows given out in this step; most that ever were
  int32_t *record_of;   ///< by trip: index into it
  int32_t record_end;   ///< so many have been in use at once
  int32_t free_records, free_record_capacity;  ///< below 0 within a step: none is left
  int32_t *free_record;

  art_tail *tail;         ///< by lane
  art_lead *lead;         ///< by lane
  uint64_t *overhang[2];  ///< by lane, packed; this step's and the last one's
  uint64_t *transit[2];   ///< the same for bodies handed over in move: seen by the next settle
  uint64_t *entering
      [2];         ///< by lane: the foremost vehicle handed over to it, distance to the lane's end above trip
  int32_t *inbox;  ///< by lane: first vehicle of a list, -1 none

  int32_t *beside;       ///< by lane: first vehicle in a bay beside it, -1 none; NULL: no stop of the demand is in a bay
  int32_t beside_count;  ///< vehicles in bays
  art_pass *pass;        ///< by link; NULL: nobody passes through the opposite lane
  art_notice *notice;          ///< boxes of the nodes, one after the other
  int64_t *node_first_notice;  ///< [node_count + 1], into notice
  int32_t *node_notices;       ///< by node: published in this step; those beyond its box are in its list
  uint64_t *node_list;         ///< head of that list, as art_notice.next
  int32_t *node_order;         ///< next number by node
  uint8_t *connector_free;     ///< 1: no conflict and no signal, always open
  art_ways ways;               ///< connectors and conflicts as nodes read them
  uint8_t owns_ways;           ///< 0: somebody else frees them
  art_tick *node_waits_ms;     ///< by node: when somebody last asked who had stood for nearly as long as a skipped one
  uint8_t *node_times_gaps;    ///< 1: admissions are timed at this node
  art_tick *lane_start_ms;     ///< by link lane: admission of the last one that went in; INT64_MIN none
  art_tick *lane_flow_ms;      ///< by link lane: when somebody last drove onto it through its node; written in decide
  float *lane_announce_s;      ///< by link lane: seconds beyond the asking distance that those on it are seen
  float announce_s;            ///< the longest of them
  uint8_t *lane_stops_all;     ///< by link lane: red lights of all its turns are all that a junction looks at (quiet.c)
  art_tick *lane_red_ms;       ///< by link lane: all its turns have shown red since; ART_NOT_RED: they do not
  float *lane_onward_m;        ///< by link lane: shortest way from its end to the end of a next link
  float *lane_exit_m;          ///< by link lane: shortest next link

  int32_t *node_first_foot;  ///< [node_count + 1] into node_foot; NULL: no crossing has people
  int32_t *node_foot;        ///< crossings by node
  double *foot_chance;       ///< by crossing: that somebody comes in a step
  art_tick *foot_seen_ms, *foot_until_ms;  ///< drawn so far; occupied until
  uint8_t *foot_waits;       ///< somebody waits at the kerb
  uint8_t *node_listens;     ///< 1: a signal there listens to people; NULL: none does
  char *aspect;                ///< by connector, this step's art_aspect

  float *speed_limit_mps;  ///< by lane, with timed changes and the lane's factor applied
  uint8_t *link_closed;    ///< closures in force on a link; may overlap
  uint8_t *lane_closed;    ///< the same for single lanes
  uint32_t *lane_allowed;  ///< by lane, mask of art_vclass, with timed changes applied
  int32_t change_count;
  art_change *change;
  struct art_barriers *barriers;  ///< closures.c; NULL: nobody has asked since the last change

  struct art_signals *signals;  ///< core/step/signals_internal.h
  void (*user_control)(void *context, art_control_view *view);
  void *user_context;

  int32_t first_trip;  ///< first trip of this run
  uint8_t *no_route;   ///< by trip: 1 while closures leave it no way
  int32_t next_trip;   ///< first trip that has not come yet
  int32_t last_trip;   ///< one past the last trip of this run
  art_queue *queue;    ///< by link
  art_trip_row *row;   ///< by trip; those not made (art_row_make) take no memory

  int32_t *detector_first;  ///< [lane_count + 1] into detector_point; NULL: there is none
  art_detector_point *detector_point;
  float *detector_behind_m;  ///< by lane: from its start back to the nearest point that a body may cover; INFINITY: none; NULL: there is no detector
  float longest_m;           ///< of all types
  int32_t *zone_inside;      ///< by detector: vehicles between entry and exit
  int32_t area_count;
  int32_t *area;             ///< detectors
  art_jams *area_jams;       ///< by detector row of the net
  float *area_gap_m;         ///< likewise: to the next row's part of the area; negative: it does not follow

  art_link_sums link_sums;
  art_detector_sums detector_sums;
  int32_t *movement_sums, *movement_taken;  ///< by connector, since the run began; the same when last handed over
  int32_t *movement_out;       ///< by connector: vehicles that came to its end ...
  int64_t *movement_delay_ms;  ///< ... and the time that they lost on the approach and in the node

  struct art_approaches *approaches;
  uint8_t measures_approaches;
  struct art_reroute *reroute;  ///< NULL: nobody looks for another way

  art_cycle *cycle;
  int32_t cycle_count, cycle_capacity;
  art_claim *claim;  ///< [claim_count], of this step
  int32_t claim_count, claim_capacity;

  struct art_ranks *ranks;     ///< core/step/ranks_internal.h; NULL: there is one rank
  const int32_t *lane_owner;   ///< by lane: rank; NULL: there is one rank
  int32_t rank;
  uint64_t standstill;  ///< longest one that is over: milliseconds above the complement of the trip
  art_ledger ledger;
  uint64_t hash;
  art_timer timer;  ///< of the thread that calls
  art_worker *worker;
  struct art_shares *shares;  ///< of blocks and nodes among threads
  int32_t team, thread_vehicles;  ///< threads that work on a step, of `threads`, and vehicles that each is to have
  art_team team_trial;
};

// --- packed words -------------------------------------------------------------------------------------------------

/// Overhang: the rear's place (millimetres, smaller first) above its speed bits, so that the smallest word is the
/// rearmost body, whatever the order of writing.
#define ART_OVERHANG_NONE UINT64_MAX
static inline uint64_t art_overhang_pack(float rear_m, float speed_mps)
{
  const int64_t mm = (int64_t)(rear_m * 1000.0f) + (INT64_C(1) << 31);
  return ((uint64_t)mm << 32) | art_bits_of_float(speed_mps);
}
static inline float art_overhang_rear_m(uint64_t word)
{
  return (float)((int64_t)(word >> 32) - (INT64_C(1) << 31)) * 0.001f;
}
static inline float art_overhang_speed(uint64_t word)
{
  return art_float_of_bits((uint32_t)word);
}
/// Lowers a word of overhang, transit or entering, whoever else does; remembers the first who did, to clear it.
void art_note_least(const art_sim *sim, uint64_t *word, uint64_t value, art_worker *worker);  // publish.c
/// Clears the words that this thread wrote first in the last step. Each thread, in move: nobody looks at them then.
void art_forget_written(art_worker *worker, int64_t buffer);
static inline uint64_t art_entering_pack(float distance_m, int32_t trip)
{
  return (uint64_t)art_bits_of_float(distance_m) << 32 |
         (uint32_t)trip;  // bits of floats >= 0 sort as they do
}
static inline float art_entering_distance_m(uint64_t word)
{
  return art_float_of_bits((uint32_t)(word >> 32));
}
static inline int32_t art_entering_trip(uint64_t word)
{
  return (int32_t)(uint32_t)word;
}
/// Which of the two buffers the step at hand writes; the other one holds what the last step wrote.
#define ART_BUFFER(sim) (((sim)->now_ms / (sim)->step_ms) & 1)

// --- small views --------------------------------------------------------------------------------------------------

/// What is known of a vehicle besides its columns. To be written only while it is on the road (art_record_make).
static inline art_vehicle *art_record(const art_sim *sim, int32_t trip)
{
  return &sim->record[sim->record_of[trip]];
}
/// The same of vehicle i of a block.
static inline art_vehicle *art_record_at(const art_sim *sim, const art_block *block, int32_t i)
{
  return &sim->record[block->record[i]];
}
/// Puts one who has a record into lane k of a block; returns its place.
static inline int32_t art_take_in(const art_sim *sim, art_block *block, int32_t k, const art_mover *mover)
{
  return art_block_insert(block, k, mover, sim->record_of[mover->vehicle]);
}
/// The rare part of a vehicle, to look at.
static inline const art_rare *art_rare_of(const art_sim *sim, const art_vehicle *vehicle)
{
  return &sim->rare[vehicle->has_rare ? vehicle - sim->record : 0];
}
/// The state of one who is in no block.
static inline art_mover *art_mover_of(const art_sim *sim, const art_vehicle *vehicle)
{
  return vehicle->mover == ART_MOVER_KEPT ? &sim->rare[vehicle - sim->record].mover : &sim->mover[vehicle->mover];
}
/// A row for one who leaves its block, or is told of by another rank: its own until the next move pass. `worker`: of the
/// calling thread; NULL: any. NULL if there is none left, which takes more trips than there are.
art_mover *art_mover_take(art_sim *sim, art_worker *worker, art_vehicle *vehicle);  // records.c
/// The state of one who leaves its lane and stays beside it, in its rare part, by its owner. Ends where mover is set to 0.
art_mover *art_mover_keep(const art_sim *sim, art_vehicle *vehicle);  // records.c
/// Before anybody moves: all have come into their blocks. First the one by one thread, then the other by each.
void art_movers_forget(art_sim *sim);        // records.c
void art_worker_movers_forget(art_worker *worker);  // records.c
/// The same to write, by the owner of the vehicle. From now on it is in use.
art_rare *art_rare_make(const art_sim *sim, art_vehicle *vehicle);  // records.c
static inline const int32_t *art_route_links(const art_sim *sim, int32_t trip, int32_t *count)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  if (vehicle->links) {
    *count = vehicle->link_count;
    return vehicle->links;
  }
  const int32_t r = sim->demand->trip_route[trip];
  *count = (int32_t)(sim->demand->route_first[r + 1] - sim->demand->route_first[r]);
  return sim->demand->route_link + sim->demand->route_first[r];
}
/// Of this step, as records and columns count it.
static inline int32_t art_now_in_run(const art_sim *sim)
{
  return (int32_t)(sim->now_ms - sim->begin_ms);
}
static inline int art_lane_permits(const art_sim *sim, int32_t lane, int32_t vclass)
{
  return !sim->lane_closed[lane] && ART_PERMITS(sim->lane_allowed[lane], vclass);
}
/// May this class change from a link lane to the one beside it, on the side given (1 away from the kerb, -1 towards it)?
static inline int art_lane_leads_to(const art_sim *sim, int32_t lane, int32_t side, int32_t vclass)
{
  const uint32_t lines = side > 0 ? sim->net->lane_change_left[lane] : sim->net->lane_change_right[lane];
  return ART_PERMITS(lines, vclass) && art_lane_permits(sim, lane + side, vclass);
}
static inline float art_limit_of(const art_net *net, int32_t lane, float limit_mps)
{
  return net->lane_speed_factor ? limit_mps * net->lane_speed_factor[lane] : limit_mps;
}
static inline float art_desired(const art_sim *sim, int32_t lane, int32_t type, float factor)
{
  return art_minf(sim->speed_limit_mps[lane] * factor, sim->types.max_speed_mps[type]);
}
static inline float art_factor(uint8_t q)
{
  return (float)q * (1.0f / ART_SPEED_FACTOR_ONE);
}
static inline int64_t art_free_time_ms(float distance_m, float desired_mps)
{
  return (int64_t)(distance_m / art_maxf(desired_mps, 0.1f) * 1000.0f + 0.5f);
}
static inline float art_accel_of(const art_sim *sim, int32_t type, float v, float v0, float gap, float vl)
{
  return sim->kernels->accel[sim->types.model[type]](&sim->types, type, v, v0, gap, vl);
}

static inline uint8_t art_is_connected(const art_sim *sim, int32_t type)
{
  return (sim->kernels->needs[sim->types.model[type]] & ART_NEEDS_CONNECTED) != 0;
}

/// Rearmost body over a lane from ahead, as settle may know it: of the last step, those handed over since included.
static inline uint64_t art_overhang_known(const art_sim *sim, int32_t lane)
{
  const int64_t last = ART_BUFFER(sim) ^ 1;
  return sim->overhang[last][lane] < sim->transit[last][lane] ? sim->overhang[last][lane]
                                                              : sim->transit[last][lane];
}

/// A bus at rest this near to its stop's end is at the stop.
#define ART_STOP_TOLERANCE_M 3.0f
/// Is a planned stop of the demand made beside the lane? The body must fit onto the lane behind the stop's end.
static inline int art_stop_is_beside(const art_sim *sim, int32_t stop, int32_t type)
{
  return sim->beside && sim->demand->stop_beside[stop] &&
         sim->demand->stop_end_m[stop] >= sim->types.length_m[type] + ART_STOP_TOLERANCE_M;
}
/// Vehicles announce themselves this long before they ask, so that gap acceptance sees who is coming.
#define ART_ANNOUNCE_S 2.0f
/// What a heavy vehicle's critical gap may exceed the column by.
#define ART_LONGER_GAP_S 1.0f


/// A body that moves will at least go on for its stopping distance at this deceleration ...
#define ART_GOES_ON_DECEL_MPS2 4.5f
/// ... and with free road before it, this much more than that way, for so long.
#define ART_GOES_ON_S 2.0f
#define ART_GOES_ON_FREE_M 15.0f
/// How far a body will make room that drives at this speed with so much free road before it.
static inline float art_going_on(float speed_mps, float free_m)
{
  const float stopping = speed_mps * speed_mps / (2.0f * ART_GOES_ON_DECEL_MPS2), driving = speed_mps * ART_GOES_ON_S;
  return free_m >= driving + ART_GOES_ON_FREE_M ? art_maxf(stopping, driving) : stopping;
}

// --- the passes and their parts (one source each) -------------------------------------------------------------------

/// Writes the rear of a body (front at pos on `lane`) into word[] of every lane behind that it still covers.
void art_cover_behind(const art_sim *sim, const art_vehicle *vehicle, int32_t lane, float pos_m,
                      float speed_mps, float length_m, uint64_t *word, art_worker *worker);  // publish.c

/// Vehicles announce themselves to nodes within this distance of the line.
float art_announce_distance(float speed_mps, float announce_s);  // publish.c
/// May there be something under its body or ahead that it is granted? Cleared: its track need not be looked at.
static inline int art_has_grants(uint16_t flags)
{
  return (flags & (ART_FLAG_WAY | ART_FLAG_QUIET)) == ART_FLAG_WAY;
}
/// Vehicles that nothing can happen to at a junction in this step (quiet.c): they are passed over by publish and decide, and
/// their cold record is not looked at.
void art_quiet_build(art_sim *sim);
void art_quiet_free(art_sim *sim);
/// Notes the lights of a signal whose aspects have changed.
void art_quiet_lights(art_sim *sim, int32_t signal);
/// Is vehicle i, which has ART_FLAG_QUIET, quiet in this step too?
int art_stays_quiet(const art_sim *sim, const art_block *block, int32_t i, int is_far);
/// Sets or clears the flags of one that has just been published.
void art_quiet_mark(const art_sim *sim, art_block *block, int32_t i, int is_far);

void art_layout_build(art_sim *sim);  // layout.c
void art_layout_free(art_sim *sim);

// fetch.c: what the thread will look at soon. Header first, then lanes and columns, then the records of those near a junction.
void art_fetch_header(const art_block *block);
void art_fetch_columns(const art_block *block);
/// Records of those that settle takes in. In settle.
void art_fetch_inbox(const art_sim *sim, const art_block *block);
void art_fetch_record(const art_sim *sim, const art_block *block, int32_t i);
void art_fetch_ways(const art_sim *sim, const art_block *block, int32_t i);  ///< once the record is there

void art_settle_block(art_sim *sim, art_block *block, art_worker *worker, int thread);   // settle.c
void art_bays_pull_out(art_sim *sim, art_block *block);                                  // bays.c
void art_bays_pull_in(art_sim *sim, art_block *block);                                   // bays.c
void art_pass_build(art_sim *sim);                                                       // pass.c
void art_pass_settle(art_sim *sim, art_block *block);                                    // pass.c, last in settle
void art_pass_move(art_sim *sim, art_block *block);                                      // pass.c, first in move
int32_t art_pass_lane(const art_sim *sim, int32_t link);    ///< the lane that one who passes on this link uses
float art_pass_rear_m(const art_sim *sim, int32_t link);    ///< its rear there, against the direction of travel
/// Room ahead of a body that is to come to a link lane, up to a stretch given away; negative: it would reach into one.
float art_wall_ahead_m(const art_sim *sim, int32_t lane, float rear, float pos);
float art_wall_of(const art_sim *sim, int32_t lane);  ///< start of a stretch of this lane given away; INFINITY: none
void art_change_lanes(art_sim *sim, art_block *block, art_worker *worker);               // change.c
void art_publish_block(art_sim *sim, art_block *block, art_worker *worker, int thread);  // publish.c
void art_notices_build(art_sim *sim);  // notices.c
void art_notices_free(art_sim *sim);
/// A notice for the node of a connector; all but `next` and `connector` is left to fill in. Valid until the next one.
art_notice *art_new_notice(art_sim *sim, art_worker *worker, int thread, int32_t connector);
/// Decides node list[at]; those behind it, of `listed` in all, are fetched meanwhile.
void art_decide_node(art_sim *sim, const int32_t *list, int32_t at, int32_t listed, art_worker *worker);  // junction.c
void art_passes_run(art_sim *sim);  // passes.c: settle, decide and move of one step, and what ranks tell one another
void art_decide_build(art_sim *sim);                                                     // junction.c
void art_decide_free(art_sim *sim);
/// Has somebody stood before this node for so long that others may have to leave room for it?
int art_is_long_waited(const art_sim *sim, int32_t node);  // junction.c
/// Do all turns of a link lane show red?
int art_lane_is_red(const art_sim *sim, int32_t lane);  // junction.c
/// Answers at once for a vehicle before the line of `track` to which a node would say no more than that the light is red.
/// Returns 0 if the node has to be asked.
int art_red_answers(const art_sim *sim, art_track *track, int prior, int32_t standing_ms);  // junction.c
void art_move_block(art_sim *sim, art_block *block, art_worker *worker);                 // move.c
/// Accelerations of a block from its gaps, leaders and desired speeds; driver noise and grades included.
void art_follow_block(art_sim *sim, art_block *block, art_worker *worker);  // follow.c
void art_follow_free(art_follow_scratch *scratch);
/// What a driver makes of an acceleration that would be right: start-up delay and action points.
float art_react(art_sim *sim, const art_block *block, int32_t i, float accel_mps2);  // follow.c
void art_types_build(art_sim *sim);  // drivers.c
int32_t art_driver_variants(const art_demand *demand);  // drivers.c: rows that a type needs
void art_types_free(art_sim *sim);
/// Row of the type table for a trip: one of the variants of its type.
uint16_t art_driver_of(const art_sim *sim, int32_t trip);  // drivers.c
void art_signals_update(art_sim *sim);                                                   // signals.c
void art_changes_apply(art_sim *sim);                                                    // closures.c
/// A trip whose time has come, or that waits outside, gets another way around what is closed; without any it has no_route.
void art_closures_guide(art_sim *sim, int32_t trip);  // closures.c
void art_barriers_forget(art_sim *sim);               // closures.c

/// Lanes that serve the route: masks for the link `route[hop]`; 0 in *stay if no lane does.
void art_lanes_plan(const art_sim *sim, int32_t trip, int32_t hop, int32_t vclass, uint16_t *stay,
                    uint16_t *leftward);  // lanes.c
/// Flags of one whose lanes on route[hop] are planned, from those that it had.
uint16_t art_lanes_planned(const art_sim *sim, int32_t trip, int32_t hop, uint16_t flags);
/// Connector from a link lane towards route[hop + 1], or -1. Draws by key among equals.
int32_t art_lanes_connector(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t vclass);
/// The same, written to a new entry of a way; with it the lanes of route[hop + 1] that serve the route, if no stop is still to be
/// made. 0: there is none, and the entry is as before.
int art_lanes_track(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t vclass, art_track *track);
/// Stop lane if a stop is to be made on link route[hop], else -1.
int32_t art_lanes_stop(const art_sim *sim, int32_t trip, int32_t hop);
/// First vehicle that comes up from behind to position pos_m of a link lane and is not on that lane: its distance (front to
/// pos_m) and speed; INFINITY if nobody within `within_m`. Uses what was published at the end of the last step.
float art_upstream_gap(const art_sim *sim, int32_t lane, float pos_m, float within_m, float *speed_mps,
                       int32_t *vehicle);

void art_snapshot_reserve(art_snapshot *out, int64_t count);  // snapshot.c
void art_stats_block(art_sim *sim, art_block *block, art_worker *worker);
/// Takes the way behind its destination back from one that arrives; art_stats_block has counted the whole step. `lane`: where
/// the step began, of the block that is being moved.
void art_stats_take_back(art_sim *sim, int32_t lane, float beyond_m, float desired_mps, art_worker *worker);
/// Calls visit (trip, lane, place, speed) for every vehicle on the road, those between blocks included.
void art_for_each_vehicle(const art_sim *sim, void (*visit)(void *, int32_t, int32_t, float, float), void *context);
/// Begins and ends standstills of a block whose vehicles have moved.
void art_standstills(art_sim *sim, art_block *block, uint8_t *mark);  // standing.c
/// Ends the standstill of one, if it has one, at an instant.
void art_standstill_end(art_sim *sim, int32_t trip, uint16_t *flags, art_tick at_ms);
/// Longest standstill of all trips so far, those that last included; trip -1: none.
void art_standstill_longest(const art_sim *sim, int64_t *ms, int64_t *trip);
/// Writes those that last to their rows, up to now.
void art_standstill_book_all(art_sim *sim);
/// The same of one in a block, without a look at its cold record.
static inline int32_t art_stood_ms(const art_sim *sim, const art_block *block, int32_t i)
{
  return block->flags[i] & ART_FLAG_STANDS ? (int32_t)(sim->now_ms - sim->begin_ms) - block->stands_since_ms[i] : 0;
}
/// Time that a vehicle has stood for, planned stops excluded; 0: it moves. Between steps, and in settle and decide.
static inline int32_t art_standing_ms(const art_sim *sim, const art_vehicle *vehicle)
{
  return vehicle->standing_since_ms == ART_NOT_STANDING ? 0 : art_now_in_run(sim) - vehicle->standing_since_ms;
}
// records.c
void art_records_create(art_sim *sim);
void art_records_free(art_sim *sim);
/// The record of a trip, made if there is none. By any thread, each for trips of its own, while none is dropped.
art_vehicle *art_record_make(art_sim *sim, int32_t trip);
/// Gives the record back, unless a circle looks at it; then it stays until that is over. Serial; twice is harmless.
void art_record_drop(art_sim *sim, int32_t trip);
/// Those of trips that arrived in this step. Serial.
void art_records_drop_arrived(art_sim *sim);
/// One of a vehicle of another rank: stays until the next art_records_give_back, unless it comes over. `worker`: of
/// the thread that calls; others may do so at the same time for other trips.
art_vehicle *art_record_borrow(art_sim *sim, art_worker *worker, int32_t trip);
void art_records_give_back(art_sim *sim);
void art_stats_create(art_sim *sim);
void art_stats_free(art_sim *sim);
uint64_t art_hash_vehicle(uint64_t key, art_tick tick, int32_t lane, float pos_m, float speed_mps);
uint64_t art_hash_trip(uint64_t key, const art_trip_row *row);

/// Turns waiting trips into vehicles where there is room. Called by settle for the links of a block.
void art_depart_link(art_sim *sim, art_block *block, int32_t link, art_worker *worker);  // depart.c
void art_depart_collect(art_sim *sim);  // depart.c, before settle
/// The row of a trip, with what is drawn for it; made when its time comes, or when somebody asks before. Serial. (sim.c)
art_trip_row *art_row_make(art_sim *sim, int32_t trip);
void art_rows_make(art_sim *sim, int32_t first, int32_t end);
/// Vehicles that have stood too long at a lane end without their turn take the legal one and a new route.
/// Lets people cross at a node, given its passages; fills worker->foot and returns how many rows.
int32_t art_walk_node(art_sim *sim, int32_t node, art_worker *worker, int32_t passages);  // walk.c
void art_walk_build(art_sim *sim);
void art_walk_free(art_sim *sim);
void art_missed_turns(art_sim *sim, art_block *block, art_worker *worker);  // stuck.c
/// Is there a way to a destination over some turn of this lane, without a change on a link too short for it? (stuck.c)
int art_lane_leads_on(const art_sim *sim, int32_t lane, int32_t destination, int32_t vclass);

// waiting.c. Serial, between steps.
/// Where a running vehicle is: place in its block, or -1 while it travels between blocks.
int32_t art_place_of(const art_sim *sim, int32_t trip, const art_block **block);
/// Its front, wherever it is; from the start of vehicle.lane.
float art_front_of(const art_sim *sim, int32_t trip);
/// Last vehicle on a lane, those on their way into its block included; -1: none.
int32_t art_last_on(const art_sim *sim, int32_t lane);
/// A body of 40 m lies over so many lanes and connectors at most, where links are as short as in real networks.
#define ART_HANGING_LANES 12
/// The vehicle, other than `except`, whose front is farther on and whose rear lies farthest back over a lane; -1: none.
/// *rear_m: in, what counts as that; out, its rear measured from the lane's end.
int32_t art_hanging_over(const art_sim *sim, int32_t lane, int32_t except, float *rear_m);
/// The vehicle that a standing one waits for, or -1: a signal, a gap, nobody. *why says how.
int32_t art_waits_for(const art_sim *sim, int32_t trip, const char **why);
/// Visits every circle of vehicles that wait for one another once, by its first member found in trip order. Each vehicle
/// waits for at most one other, so walks never branch. `least_ms`: shortest standstill of its members.
void art_for_each_cycle(const art_sim *sim, int32_t least_ms, void (*visit)(void *, int32_t), void *context);

/// reroute.c: ways by the delays of the last minutes. Build and update: serial; block: by the owner, in settle before plans.
void art_reroute_build(art_sim *sim, double share, art_tick period_ms);
void art_reroute_free(art_sim *sim);
void art_reroute_update(art_sim *sim);
void art_reroute_block(art_sim *sim, art_block *block);

/// rotation.c: each step; once a minute it looks for circles.
void art_rotate(art_sim *sim);
/// How far a trip will be moved with its circle in this step, whatever is ahead of it by then; 0: it drives as others do. From
/// art_rotate on, for vehicles of other ranks, too: who takes a place before it in settle must leave it so much room.
float art_pushed_m(const art_sim *sim, int32_t trip);
/// swap.c: how far the front behind vehicle i on its lane may be taken to come in this step by those who exchange places at
/// rest: where it is, or where its circle moves it; -INFINITY: nobody there.
float art_front_behind(const art_sim *sim, const art_block *block, int32_t i);
void art_rotation_free(art_sim *sim);
/// Replaces route[hop] and what follows by `way`, which it takes over (and frees).
void art_replace_route(art_sim *sim, int32_t trip, int32_t hop, int32_t *way, int32_t way_count);  // stuck.c

#define ART_ATOMIC_ADD(target, value) __atomic_fetch_add(&(target), (value), __ATOMIC_RELAXED)

#endif  // ART_CORE_STEP_SIM_INTERNAL_H
