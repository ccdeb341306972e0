/// \file block.h
/// A block: up to 16 lanes whose vehicles share packed columns. Vehicles of a lane are contiguous, front vehicle first;
/// lanes follow one another without gaps. Lanes of one link always share a block; connectors of a node come together.
#ifndef ART_CORE_FLEET_BLOCK_H
#define ART_CORE_FLEET_BLOCK_H
#include <stdint.h>

#define ART_BLOCK_LANES 16

/// Bits of the flag column.
enum {
  ART_FLAG_STOP = 1,   ///< a planned stop is still to be made on this link
  ART_FLAG_ROTATE = 2,  ///< member of a circle of waiting vehicles that is being resolved
  ART_FLAG_REGAINS = 4,  ///< drives up to its speed behind a signal where delays are measured
  ART_FLAG_QUEUED = 8    ///< has been slow on this link, where queues before a signal are measured
};

/// Desired speed over limit, in steps of 1/128: 8 bits hold 0 .. 1.99.
#define ART_SPEED_FACTOR_ONE 128.0f

typedef struct art_block {
  int32_t lane_count;
  int32_t capacity;                    ///< vehicles the columns can hold
  int32_t lane[ART_BLOCK_LANES];       ///< lanes of the net
  int32_t start[ART_BLOCK_LANES + 1];  ///< vehicles of lane k: start[k] <= i < start[k + 1]
  uint32_t inbox;                      ///< bit k: lane k has arrivals waiting (set by any thread, atomically)
  int32_t is_node;                     ///< 1: connectors, 0: lanes of links

  // state
  float *pos_m;  ///< front bumper from the lane's start
  float *speed_mps;
  int32_t *vehicle;  ///< cold record
  uint32_t *key;     ///< low bits of the agent's key
  uint16_t *type;
  uint16_t *hop;          ///< place in the route: the link it is on, or heads for on a connector
  uint8_t *lane8;         ///< lane within the block
  uint8_t *speed_factor;  ///< see ART_SPEED_FACTOR_ONE
  uint8_t *flags;

  // scratch of one step
  float *gap_m, *lead_speed_mps, *desired_mps, *accel_mps2;
  // by lane, of the leader of its first vehicle; 0: unknown
  float first_lead_accel_mps2[ART_BLOCK_LANES];
  uint8_t first_lead_connected[ART_BLOCK_LANES];
  float *accel_cap_mps2;  ///< set before vehicles move by whoever asks them to hold back; INFINITY: nobody
} art_block;

static inline int32_t art_block_count(const art_block *block)
{
  return block->start[block->lane_count];
}

/// Gives the block columns for `capacity` vehicles; state and start are kept. Set-up and the checked growth path.
void art_block_reserve(art_block *block, int32_t capacity);
void art_block_clear(art_block *block);
/// Of all columns, by vehicle.
int64_t art_block_row_bytes(void);

/// One vehicle's state, for moving it between lanes and blocks.
typedef struct art_mover {
  float pos_m, speed_mps;
  int32_t vehicle;
  uint32_t key;
  uint16_t type, hop;
  uint8_t speed_factor, flags;
  float accel_cap_mps2;
} art_mover;

art_mover art_block_get(const art_block *block, int32_t at);
/// Takes vehicle `at` out; those behind move up.
void art_block_remove(art_block *block, int32_t at);
/// Puts a vehicle into lane `k` so that the lane stays sorted (front first); returns its place. Grows if full.
int32_t art_block_insert(art_block *block, int32_t k, const art_mover *mover);

#endif  // ART_CORE_FLEET_BLOCK_H
