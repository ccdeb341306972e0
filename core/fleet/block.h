/// \file block.h
/// A block: up to 64 lanes whose vehicles share packed columns. Vehicles of a lane are contiguous, front vehicle first;
/// lanes follow one another without gaps. Lanes of one link always share a block; connectors of a node come together, several nodes in a block.
#ifndef ART_CORE_FLEET_BLOCK_H
#define ART_CORE_FLEET_BLOCK_H
#include <stddef.h>
#include <stdint.h>

#define ART_BLOCK_LANES 64  ///< at most
typedef uint64_t art_lane_mask;  ///< bit k: lane k of a block
#define ART_LANE_BIT(k) ((art_lane_mask)1 << (k))
#define ART_LINK_LANES 16  ///< most lanes of a link: masks of lanes have 16 bits

/// Bits of the flag column. Most vehicles need nothing but their columns in most steps: the flags tell who has something
/// in its cold record that the step must look at.
enum {
  ART_FLAG_STOP = 1,         ///< a planned stop is still to be made on this link
  ART_FLAG_ROTATE = 2,       ///< member of a circle of waiting vehicles that is being resolved
  ART_FLAG_REGAINS = 4,      ///< drives up to its speed behind a signal where delays are measured
  ART_FLAG_QUEUED = 8,       ///< has been slow on this link, where queues before a signal are measured
  ART_FLAG_PLANNED = 16,     ///< `stay` and ART_FLAG_LAST are made for this link
  ART_FLAG_LAST = 32,        ///< this link is the last one of the route
  ART_FLAG_WAY = 64,         ///< may have connectors under its body or ahead (its track); cleared: has none
  ART_FLAG_STANDS = 128,     ///< below 0.1 m/s since a time that its cold record knows
  ART_FLAG_FAST = 256,       ///< has been above 15 km/h since its last stop
  ART_FLAG_CHANGED = 512,    ///< has changed lanes in this step
  ART_FLAG_ASKED = 1024,     ///< may have been asked for a gap lately
  ART_FLAG_DRAWN = 2048,     ///< its `noise` is drawn; cleared: it was not in a block in the last step
  ART_FLAG_QUIET = 4096,     ///< has a way, is granted none of it, and is too far away to ask, or ...
  ART_FLAG_SEES_RED = 8192,  ///< ... was refused by a red light
  ART_FLAG_BOUND = 16384,    ///< may no longer change lanes: its next passage is final
  ART_FLAG_DETOUR = 32768    ///< its exit is blocked and other turns have room
};

/// Kinds of link lanes: what lane changes ask.
enum {
  ART_LANE_HAS_OTHERS = 1,  ///< its link has several lanes
  ART_LANE_SHORT = 2,       ///< too short a link to plan changes on
};

/// Desired speed over limit, in steps of 1/128: 8 bits hold 0 .. 1.99.
#define ART_SPEED_FACTOR_ONE 128.0f

typedef struct art_block {
  // what every pass asks of every block comes first: one cache line says whether there is anything to do
  int32_t lane_count;
  int32_t capacity;   ///< vehicles the columns can hold
  art_lane_mask occupied;  ///< there are vehicles
  art_lane_mask tailed;    ///< the last vehicle is published
  art_lane_mask led;       ///< the first vehicle is published
  int32_t waits;      ///< trips that wait outside, on links of this block
  int32_t is_node;    ///< 1: connectors, 0: lanes of links
  int32_t lane[ART_BLOCK_LANES];        ///< lanes of the net
  uint8_t lane_index[ART_BLOCK_LANES];  ///< place of a link's lane in its link
  uint8_t lane_kind[ART_BLOCK_LANES];   ///< mask of ART_LANE_...
  int32_t start[ART_BLOCK_LANES + 1];   ///< vehicles of lane k: start[k] <= i < start[k + 1]
  art_lane_mask inbox;  ///< arrivals are waiting (set by any thread, atomically)
  void *memory;     ///< of all columns, once they have grown; owned

  // state
  float *pos_m;  ///< front bumper from the lane's start
  float *speed_mps;
  int32_t *vehicle;  ///< trip
  int32_t *record;   ///< where its cold record lies
  uint64_t *key;     ///< of the agent; its low 32 bits give the instants of thinking and of noise
  uint16_t *type;
  uint16_t *hop;             ///< place in the route: the link it is on, or heads for on a connector
  uint16_t *stay;            ///< lanes of the present link where the route needs no change
  uint16_t *flags;           ///< ART_FLAG_...
  float *noise;              ///< a driver's draw for its random acceleration: mean 0, variance 1
  int32_t *stands_since_ms;  ///< only with ART_FLAG_STANDS; since the begin of the run
  int32_t *change_after_ms;  ///< no change for speed before this; since the begin of the run
  uint8_t *lane8;            ///< lane within the block
  uint8_t *speed_factor;     ///< see ART_SPEED_FACTOR_ONE
  float *accel_cap_mps2;  ///< set before vehicles move by whoever asks them to hold back; INFINITY: nobody

  // only while its vehicles move, in memory of the thread that moves them (art_block_lend); NULL otherwise
  float *gap_m;  ///< to the leader; once vehicles have moved, the place before the step (also while some are handed over)
  float *lead_speed_mps, *desired_mps, *accel_mps2;
} art_block;

/// Runs through the set bits of a mask of lanes, lowest first: for (art_lane_mask left = mask; left; left &= left - 1).
static inline int32_t art_lowest_lane(art_lane_mask mask)
{
  return __builtin_ctzll(mask);
}

static inline int32_t art_block_count(const art_block *block)
{
  return block->start[block->lane_count];
}

/// Gives the block columns for `capacity` vehicles; state and start are kept. Set-up and the checked growth path.
void art_block_reserve(art_block *block, int32_t capacity);
/// The first columns of a new block, in memory of the caller: art_block_bytes(capacity) zeroed bytes, 64-byte aligned.
void art_block_place(art_block *block, int32_t capacity, void *memory);
size_t art_block_bytes(int32_t capacity);
/// Lends the columns that it has only while it moves: ART_BLOCK_LENT * capacity floats, 64-byte aligned, a multiple of 16 each.
/// NULL takes them back.
#define ART_BLOCK_LENT 4
void art_block_lend(art_block *block, float *memory, int32_t capacity);
void art_block_clear(art_block *block);
/// Of all columns, by vehicle.
int64_t art_block_row_bytes(void);

/// One vehicle's state, for moving it between lanes and blocks.
typedef struct art_mover {
  float pos_m, speed_mps;
  int32_t vehicle;
  uint64_t key;
  uint16_t type, hop, stay, flags;
  float noise;
  int32_t stands_since_ms, change_after_ms;
  uint8_t speed_factor;
  float accel_cap_mps2;
} art_mover;

art_mover art_block_get(const art_block *block, int32_t at);
/// Takes vehicle `at` out; those behind move up.
void art_block_remove(art_block *block, int32_t at);
/// Puts a vehicle, and where its cold record lies, into lane `k` so that the lane stays sorted (front first); returns its
/// place. Grows if full. Not while columns are lent.
int32_t art_block_insert(art_block *block, int32_t k, const art_mover *mover, int32_t record);

#endif  // ART_CORE_FLEET_BLOCK_H
