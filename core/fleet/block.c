#include "core/fleet/block.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// X(column, type): every column that moves with a vehicle.
#define STATE_COLUMNS(X)      \
  X(pos_m, float)             \
  X(speed_mps, float)         \
  X(vehicle, int32_t)         \
  X(record, int32_t)          \
  X(key, uint64_t)            \
  X(type, uint16_t)           \
  X(hop, uint16_t)            \
  X(stay, uint16_t)           \
  X(flags, uint16_t)          \
  X(noise, float)             \
  X(stands_since_ms, int32_t) \
  X(change_after_ms, int32_t) \
  X(lane8, uint8_t)           \
  X(speed_factor, uint8_t)    \
  X(accel_cap_mps2, float)

/// Bytes of a column, rounded up so that each begins on a line of its own.
static size_t column_bytes(int32_t capacity, size_t size)
{
  return ((size_t)capacity * size + 63) / 64 * 64;
}

size_t art_block_bytes(int32_t capacity)
{
  capacity = (capacity + 15) / 16 * 16;
  size_t bytes = 0;
#define X(column, type) bytes += column_bytes(capacity, sizeof(type));
  STATE_COLUMNS(X)
#undef X
  return bytes;
}

static void lay_out(art_block *block, int32_t capacity, char *at)
{
  capacity = (capacity + 15) / 16 * 16;
  const size_t used = block->capacity ? (size_t)art_block_count(block) : 0;
#define X(column, type)                                     \
  if (used) memcpy(at, block->column, used * sizeof(type)); \
  block->column = (type *)(void *)at;                       \
  at += column_bytes(capacity, sizeof(type));
  STATE_COLUMNS(X)
#undef X
  block->capacity = capacity;
}

void art_block_place(art_block *block, int32_t capacity, void *memory)
{
  lay_out(block, capacity, memory);
}

void art_block_reserve(art_block *block, int32_t capacity)
{
  if (capacity <= block->capacity) return;
  char *memory = art_new_aligned(art_block_bytes(capacity), 1);
  lay_out(block, capacity, memory);
  free(block->memory);
  block->memory = memory;
}

void art_block_lend(art_block *block, float *memory, int32_t capacity)
{
  block->gap_m = memory;
  block->lead_speed_mps = memory ? memory + capacity : NULL;
  block->desired_mps = memory ? memory + 2 * (size_t)capacity : NULL;
  block->accel_mps2 = memory ? memory + 3 * (size_t)capacity : NULL;
}

void art_block_clear(art_block *block)
{
  free(block->memory);
  memset(block, 0, sizeof *block);
}

art_mover art_block_get(const art_block *block, int32_t at)
{
  return (art_mover){ .pos_m = block->pos_m[at],
                      .speed_mps = block->speed_mps[at],
                      .vehicle = block->vehicle[at],
                      .key = block->key[at],
                      .type = block->type[at],
                      .hop = block->hop[at],
                      .stay = block->stay[at],
                      .flags = block->flags[at],
                      .noise = block->noise[at],
                      .stands_since_ms = block->stands_since_ms[at],
                      .change_after_ms = block->change_after_ms[at],
                      .speed_factor = block->speed_factor[at],
                      .accel_cap_mps2 = block->accel_cap_mps2[at] };
}

void art_block_remove(art_block *block, int32_t at)
{
  const size_t behind = (size_t)(art_block_count(block) - at - 1);
  const int32_t k = block->lane8[at];
#define X(column, type) memmove(block->column + at, block->column + at + 1, behind * sizeof(type));
  STATE_COLUMNS(X)
#undef X
  if (block->gap_m) memmove(block->gap_m + at, block->gap_m + at + 1, behind * sizeof *block->gap_m);
  for (int32_t j = k + 1; j <= block->lane_count; ++j) --block->start[j];
  if (block->start[k] == block->start[k + 1]) block->occupied &= ~ART_LANE_BIT(k);
}

int32_t art_block_insert(art_block *block, int32_t k, const art_mover *mover, int32_t record)
{
  assert(!block->gap_m);  // nobody comes in while the others move
  const int32_t count = art_block_count(block);
  if (count == block->capacity) art_block_reserve(block, block->capacity + block->capacity / 2 + 16);
  int32_t at = block->start[k + 1];
  while (at > block->start[k] && block->pos_m[at - 1] < mover->pos_m) --at;
  const size_t behind = (size_t)(count - at);
#define X(column, type) memmove(block->column + at + 1, block->column + at, behind * sizeof(type));
  STATE_COLUMNS(X)
#undef X
  for (int32_t j = k + 1; j <= block->lane_count; ++j) ++block->start[j];
  block->occupied |= ART_LANE_BIT(k);
  block->pos_m[at] = mover->pos_m;
  block->speed_mps[at] = mover->speed_mps;
  block->vehicle[at] = mover->vehicle;
  block->record[at] = record;
  block->key[at] = mover->key;
  block->type[at] = mover->type;
  block->hop[at] = mover->hop;
  block->stay[at] = mover->stay;
  block->flags[at] = mover->flags;
  block->noise[at] = mover->noise;
  block->stands_since_ms[at] = mover->stands_since_ms;
  block->change_after_ms[at] = mover->change_after_ms;
  block->lane8[at] = (uint8_t)k;
  block->speed_factor[at] = mover->speed_factor;
  block->accel_cap_mps2[at] = mover->accel_cap_mps2;
  return at;
}

int64_t art_block_row_bytes(void)
{
  size_t bytes = 0;
#define X(column, type) bytes += sizeof(type);
  STATE_COLUMNS(X)
#undef X
  return (int64_t)bytes;
}
