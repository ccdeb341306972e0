/// Vehicles on the road as columns, for results and tests.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

void art_snapshot_reserve(art_snapshot *out, int64_t count)
{
  if (count <= out->capacity) return;
  // Some more than needed, because a filling network would reach a new maximum with every snapshot.
  out->capacity = count + count / 4;
  out->trip = art_renew(out->trip, (size_t)out->capacity, sizeof *out->trip);
  out->lane = art_renew(out->lane, (size_t)out->capacity, sizeof *out->lane);
  out->pos_m = art_renew(out->pos_m, (size_t)out->capacity, sizeof *out->pos_m);
  out->speed_mps = art_renew(out->speed_mps, (size_t)out->capacity, sizeof *out->speed_mps);
}

static void put(art_snapshot *out, int64_t at, int32_t trip, int32_t lane, float pos_m, float speed_mps)
{
  out->trip[at] = trip;
  out->lane[at] = lane;
  out->pos_m[at] = pos_m;
  out->speed_mps[at] = speed_mps;
}

/// Those that have crossed into a lane of the block in this step and are not in its columns yet.
static int64_t count_arriving(const art_sim *sim, const art_block *block)
{
  int64_t count = 0;
  for (int32_t k = 0; block->inbox && k < block->lane_count; ++k)
    for (int32_t trip = sim->inbox[block->lane[k]]; trip >= 0; trip = art_record(sim, trip)->next) ++count;
  return count;
}

static void copy_block(const art_sim *sim, const art_block *block, art_snapshot *out, int64_t at)
{
  const size_t count = (size_t)art_block_count(block);
  if (count > 0) {
    memcpy(out->trip + at, block->vehicle, count * sizeof *out->trip);
    memcpy(out->pos_m + at, block->pos_m, count * sizeof *out->pos_m);
    memcpy(out->speed_mps + at, block->speed_mps, count * sizeof *out->speed_mps);
  }
  for (int32_t k = 0; k < block->lane_count; ++k)
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) out->lane[at + i] = block->lane[k];
  at += (int64_t)count;
  for (int32_t k = 0; block->inbox && k < block->lane_count; ++k)
    for (int32_t trip = sim->inbox[block->lane[k]]; trip >= 0; trip = art_record(sim, trip)->next)
      put(out, at++, trip, block->lane[k], art_mover_of(sim, art_record(sim, trip))->pos_m,
          art_mover_of(sim, art_record(sim, trip))->speed_mps);
}

void art_sim_gather(const art_sim *sim, art_snapshot *out)
{
  int64_t *first = ART_NEW(int64_t, sim->block_count + 1);
#pragma omp parallel for num_threads(sim->threads) schedule(static)
  for (int32_t b = 0; b < sim->block_count; ++b)
    first[b + 1] = art_block_count(&sim->block[b]) + count_arriving(sim, &sim->block[b]);
  for (int32_t b = 0; b < sim->block_count; ++b) first[b + 1] += first[b];
  const int32_t links = sim->pass ? sim->net->link_count : 0;
  int64_t passing = 0;
  for (int32_t link = 0; link < links; ++link) passing += sim->pass[link].ask.state == ART_PASS_BESIDE;
  art_snapshot_reserve(out, first[sim->block_count] + passing);
#pragma omp parallel for num_threads(sim->threads) schedule(static)
  for (int32_t b = 0; b < sim->block_count; ++b) copy_block(sim, &sim->block[b], out, first[b]);
  out->count = first[sim->block_count];
  free(first);
  for (int32_t link = 0; passing > 0 && link < links; ++link)
    if (sim->pass[link].ask.state == ART_PASS_BESIDE)
      put(out, out->count++, sim->pass[link].ask.trip, art_pass_lane(sim, link), art_pass_rear_m(sim, link),
          sim->pass[link].ask.speed_mps);
}

int64_t art_sim_halting(const art_sim *sim)
{
  int64_t halting = 0;
#pragma omp parallel for num_threads(sim->threads) schedule(static) reduction(+ : halting)
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    const int32_t count = art_block_count(block);
    int32_t slow = 0;
    for (int32_t i = 0; i < count; ++i) slow += block->speed_mps[i] < ART_HALTING_MPS;
    for (int32_t k = 0; block->inbox && k < block->lane_count; ++k)
      for (int32_t trip = sim->inbox[block->lane[k]]; trip >= 0; trip = art_record(sim, trip)->next)
        slow += art_mover_of(sim, art_record(sim, trip))->speed_mps < ART_HALTING_MPS;
    halting += slow;
  }
  for (int32_t link = 0; sim->pass && link < sim->net->link_count; ++link)
    halting += sim->pass[link].ask.state == ART_PASS_BESIDE && sim->pass[link].ask.speed_mps < ART_HALTING_MPS;
  return halting;
}

// --- sorted ---------------------------------------------------------------------------------------------------------

typedef struct shot {
  int32_t trip, lane;
  float pos_m, speed_mps;
} shot;

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/// One pass of a radix sort: stable, by DIGIT_BITS bits of the trip.
static void sort_digit(int64_t count, const shot *from, shot *to, int shift)
{
  int64_t at[DIGITS + 1] = { 0 };
  for (int64_t i = 0; i < count; ++i) ++at[((uint32_t)from[i].trip >> shift) % DIGITS + 1];
  for (int d = 0; d < DIGITS; ++d) at[d + 1] += at[d];
  for (int64_t i = 0; i < count; ++i) to[at[((uint32_t)from[i].trip >> shift) % DIGITS]++] = from[i];
}

void art_sim_snapshot(const art_sim *sim, art_snapshot *out)
{
  art_sim_gather(sim, out);
  const int64_t count = out->count;
  shot *a = ART_NEW(shot, count), *b = ART_NEW(shot, count);
  for (int64_t i = 0; i < count; ++i)
    a[i] = (shot){ out->trip[i], out->lane[i], out->pos_m[i], out->speed_mps[i] };
  for (int shift = 0; shift < 31 && sim->demand->trip_count >> shift > 0; shift += DIGIT_BITS) {
    sort_digit(count, a, b, shift);
    shot *swap = a;
    a = b;
    b = swap;
  }
  for (int64_t i = 0; i < count; ++i) put(out, i, a[i].trip, a[i].lane, a[i].pos_m, a[i].speed_mps);
  free(a);
  free(b);
}

void art_snapshot_free(art_snapshot *snapshot)
{
  free(snapshot->trip);
  free(snapshot->lane);
  free(snapshot->pos_m);
  free(snapshot->speed_mps);
  memset(snapshot, 0, sizeof *snapshot);
}
