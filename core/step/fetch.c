/// Fetching ahead. Columns and records of a block lie far away when its turn comes; asked for while the block before it is
/// worked on, they are near by then. Reads of a block belong to the thread whose turn it is: blocks are handed out in runs.
#include "core/step/sim_internal.h"

#define LINE_BYTES 64

static void fetch(const void *column, int32_t count, size_t size)
{
  const char *at = column, *end = at + (size_t)count * size;
  for (; at < end; at += LINE_BYTES) __builtin_prefetch(at, 1);
}

/// Its own part, in two steps, since many blocks have nobody: what tells whether there is anything to do and where, and ...
void art_fetch_header(const art_block *block)
{
  const size_t first = offsetof(art_block, inbox) - sizeof block->start[0];  // the last of `start`: how many vehicles
  fetch(block, 1, 1);
  fetch((const char *)block + first, 1, offsetof(art_block, gap_m) - first);
}

/// ... the rest.
static void fetch_lanes(const art_block *block)
{
  const size_t end = offsetof(art_block, inbox), behind = offsetof(art_block, gap_m);
  fetch((const char *)block + LINE_BYTES, 1, end - LINE_BYTES);
  fetch((const char *)block + behind, 1, sizeof *block - behind);
}

void art_fetch_columns(const art_block *block)
{
  if (!block->occupied) return;
  fetch_lanes(block);
  const int32_t n = art_block_count(block);
  fetch(block->flags, n, sizeof *block->flags);
  fetch(block->vehicle, n, sizeof *block->vehicle);
  fetch(block->pos_m, n, sizeof *block->pos_m);
  fetch(block->speed_mps, n, sizeof *block->speed_mps);
  fetch(block->key, n, sizeof *block->key);
  fetch(block->type, n, sizeof *block->type);
  fetch(block->stay, n, sizeof *block->stay);
  fetch(block->lane8, n, sizeof *block->lane8);
  fetch(block->speed_factor, n, sizeof *block->speed_factor);
  fetch(block->accel_cap_mps2, n, sizeof *block->accel_cap_mps2);
}

void art_fetch_record(const art_sim *sim, const art_block *block, int32_t i)
{
  const char *vehicle = (const char *)art_record_at(sim, block, i);
  __builtin_prefetch(vehicle, 1);
  __builtin_prefetch(vehicle + LINE_BYTES, 1);
}

void art_fetch_inbox(const art_sim *sim, const art_block *block)
{
  for (art_lane_mask left = block->inbox; left; left &= left - 1) {
    __builtin_prefetch(art_record(sim, sim->inbox[block->lane[art_lowest_lane(left)]]), 1);
  }
}

void art_fetch_ways(const art_sim *sim, const art_block *block, int32_t i)
{
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const int32_t first = vehicle->track_ahead > 0 ? vehicle->track_ahead - 1 : 0;
  for (int32_t e = first; e < vehicle->track_count && e < first + 2; ++e)
    __builtin_prefetch(&sim->ways.way[art_track_of(vehicle, e)->connector]);
}
