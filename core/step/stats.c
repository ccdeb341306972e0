/// Sums for results: integers only, so that their totals do not depend on order.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

/// X(column, type): what the sums of links and of detectors hold.
// The layout of these lists is by hand.
// clang-format off
#define LINK_COLUMNS(X)                                                                                     \
  X(vehicle_ms, int64_t) X(distance_mm, int64_t) X(waiting_ms, int64_t) X(loss_ms, int64_t)                 \
  X(occupied_mm_ms, int64_t)                                                                                \
  X(entered, int32_t) X(left, int32_t) X(departed, int32_t) X(arrived, int32_t) X(queue_max_m, int32_t)
#define DETECTOR_COLUMNS(X)                                                                                 \
  X(count, int64_t) X(speed_sum_mmps, int64_t) X(occupied_ms, int64_t) X(travel_ms, int64_t) X(jam_max_m, int32_t)
// clang-format on

#define MAKE(column, type) sums->column = ART_NEW(type, n);
#define FREE(column, type) free(sums->column);
#define CLEAR(column, type) memset(sums->column, 0, (size_t)n * sizeof(type));

static void allocate_links(art_link_sums *sums, int32_t n)
{
  sums->link_count = n;
  LINK_COLUMNS(MAKE)
}

static void allocate_detectors(art_detector_sums *sums, int32_t n)
{
  sums->detector_count = n;
  DETECTOR_COLUMNS(MAKE)
}

void art_link_sums_free(art_link_sums *sums)
{
  LINK_COLUMNS(FREE)
  memset(sums, 0, sizeof *sums);
}

void art_detector_sums_free(art_detector_sums *sums)
{
  DETECTOR_COLUMNS(FREE)
  memset(sums, 0, sizeof *sums);
}

void art_stats_create(art_sim *sim)
{
  const art_net *net = sim->net;
  allocate_links(&sim->link_sums, net->link_count);
  allocate_detectors(&sim->detector_sums, net->detector_count);
  sim->link_sums.begin_ms = sim->detector_sums.begin_ms = sim->begin_ms;
  sim->movement_sums = ART_NEW(int32_t, net->connector_count);
  // Detector points by lane, so that only lanes that have one look.
  sim->detector_first = ART_NEW(int32_t, net->lane_count + 1);
  sim->detector_point = ART_NEW(art_detector_point, net->detector_point_count);
  for (int32_t q = 0; q < net->detector_point_count; ++q) ++sim->detector_first[net->detector_lane[q] + 1];
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    sim->detector_first[lane + 1] += sim->detector_first[lane];
  int32_t *fill = ART_NEW(int32_t, net->lane_count);
  for (int32_t d = 0; d < net->detector_count; ++d)
    for (int32_t q = net->detector_first_point[d]; q < net->detector_first_point[d + 1]; ++q) {
      const int32_t lane = net->detector_lane[q];
      sim->detector_point[sim->detector_first[lane] + fill[lane]++] =
          (art_detector_point){ .detector = d,
                                .pos_m = net->detector_pos_m[q],
                                .end_m = net->detector_end_m[q],
                                .kind = net->detector_kind[d],
                                .role = net->detector_role[q] };
    }
  free(fill);
}

void art_stats_free(art_sim *sim)
{
  art_link_sums_free(&sim->link_sums);
  art_detector_sums_free(&sim->detector_sums);
  free(sim->movement_sums);
  free(sim->detector_first);
  free(sim->detector_point);
}

/// Entry or exit of a zone. The record belongs to whoever moves the vehicle; only complete passages count.
static void pass_zone(art_sim *sim, const art_detector_point *point, int32_t trip, float speed_mps)
{
  art_vehicle *vehicle = &sim->vehicle[trip];
  for (int z = 0; z < 2; ++z) {
    if (point->role == 0 && vehicle->zone[z] == 0) {
      vehicle->zone[z] = point->detector + 1;
      vehicle->zone_since_ms[z] = sim->now_ms;
      return;
    }
    if (point->role == 1 && vehicle->zone[z] == point->detector + 1) {
      vehicle->zone[z] = 0;
      ART_ATOMIC_ADD(sim->detector_sums.count[point->detector], 1);
      ART_ATOMIC_ADD(sim->detector_sums.speed_sum_mmps[point->detector],
                     (int64_t)(speed_mps * 1000.0f + 0.5f));
      ART_ATOMIC_ADD(sim->detector_sums.travel_ms[point->detector], sim->now_ms - vehicle->zone_since_ms[z]);
      return;
    }
  }
}

void art_detectors_pass(art_sim *sim, int32_t lane, float from_m, float to_m, float speed_mps, int32_t trip)
{
  for (int32_t q = sim->detector_first[lane]; q < sim->detector_first[lane + 1]; ++q) {
    const art_detector_point *point = &sim->detector_point[q];
    if (!(from_m < point->pos_m && point->pos_m <= to_m)) continue;
    if (point->kind == ART_DETECTOR_ENTRY_EXIT) {
      pass_zone(sim, point, trip, speed_mps);
      continue;
    }
    if (sim->signals->sensor) ART_ATOMIC_ADD(sim->signals->sensor[point->detector].count, 1);
    ART_ATOMIC_ADD(sim->detector_sums.count[point->detector], 1);
    ART_ATOMIC_ADD(sim->detector_sums.speed_sum_mmps[point->detector], (int64_t)(speed_mps * 1000.0f + 0.5f));
  }
}

/// Passages, occupancy and jams of the detectors of one lane; block->gap_m holds the places before the step.
static void detect(art_sim *sim, const art_block *block, int32_t k)
{
  const int32_t lane = block->lane[k];
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i)
    art_detectors_pass(sim, lane, block->gap_m[i], block->pos_m[i], block->speed_mps[i], block->vehicle[i]);
  for (int32_t q = sim->detector_first[lane]; q < sim->detector_first[lane + 1]; ++q) {
    const art_detector_point *point = &sim->detector_point[q];
    if (point->kind == ART_DETECTOR_ENTRY_EXIT) continue;
    int covered = 0;
    float jam_m = 0.0f;
    const uint64_t over = sim->overhang[ART_BUFFER(sim)][lane];
    if (over != ART_OVERHANG_NONE && art_overhang_rear_m(over) < point->pos_m) covered = 1;
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      const float front = block->pos_m[i], rear = front - sim->types.length_m[block->type[i]];
      if (point->kind == ART_DETECTOR_POINT) {
        covered |= rear < point->pos_m && front >= point->pos_m;
      } else if (front >= point->pos_m && rear < point->end_m) {
        ++covered;
        if (block->speed_mps[i] < 5.0f / 3.6f)
          jam_m = art_maxf(jam_m, point->end_m - art_maxf(rear, point->pos_m));
      }
    }
    if (covered)
      ART_ATOMIC_ADD(sim->detector_sums.occupied_ms[point->detector], (int64_t)covered * sim->step_ms);
    if (jam_m > 0.0f) {
      const int32_t jam = (int32_t)(jam_m + 0.5f);
      int32_t *most = &sim->detector_sums.jam_max_m[point->detector];
      int32_t seen = __atomic_load_n(most, __ATOMIC_RELAXED);
      while (jam > seen &&
             !__atomic_compare_exchange_n(most, &seen, jam, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
    }
  }
}

static void sum_lane(art_sim *sim, const art_block *block, int32_t k, int32_t link)
{
  const art_tick dt = sim->step_ms;
  art_link_sums *sums = &sim->link_sums;
  int64_t distance = 0, waiting = 0, loss = 0, body = 0;
  float farthest = 0.0f;
  const float lane_m = sim->net->lane_length_m[block->lane[k]];
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
    const float v = block->speed_mps[i];
    distance += (int64_t)((block->pos_m[i] - block->gap_m[i]) * 1000.0f + 0.5f);
    loss += (int64_t)(art_maxf(1.0f - v / block->desired_mps[i], 0.0f) * (float)dt + 0.5f);
    body += (int64_t)(sim->types.length_m[block->type[i]] * 1000.0f);
    if (v < 0.1f) {
      waiting += dt;
      farthest = art_maxf(farthest, lane_m - block->pos_m[i] + sim->types.length_m[block->type[i]]);
    }
  }
  sums->vehicle_ms[link] += dt * (block->start[k + 1] - block->start[k]);
  sums->distance_mm[link] += distance;
  sums->waiting_ms[link] += waiting;
  sums->loss_ms[link] += loss;
  sums->occupied_mm_ms[link] += body * dt;
  const int32_t queue = (int32_t)(farthest + 0.5f);
  if (queue > sums->queue_max_m[link]) sums->queue_max_m[link] = queue;
}

void art_stats_block(art_sim *sim, art_block *block, art_worker *worker)
{
  const art_net *net = sim->net;
  const int32_t count = art_block_count(block);
  worker->updates += count;
  int64_t distance = 0;
  for (int32_t i = 0; i < count; ++i)
    distance += (int64_t)((block->pos_m[i] - block->gap_m[i]) * 1000.0f + 0.5f);
  worker->distance_mm += distance;
  for (int32_t k = 0; k < block->lane_count; ++k) {
    if (block->start[k] == block->start[k + 1]) continue;
    const int32_t lane = block->lane[k];
    if (sim->detector_first[lane] != sim->detector_first[lane + 1]) detect(sim, block, k);
    if (!block->is_node) sum_lane(sim, block, k, net->lane_link[lane]);
  }
}

/// Hands over the sums of an interval and starts the next one in the arrays that come back.
void art_sim_take_links(art_sim *sim, art_link_sums *out)
{
  const int32_t n = sim->net->link_count;
  if (out->link_count != n || !out->vehicle_ms) {
    art_link_sums_free(out);
    allocate_links(out, n);
  }
  const art_link_sums other = *out;
  *out = sim->link_sums;
  out->end_ms = sim->now_ms;
  sim->link_sums = other;
  art_link_sums *sums = &sim->link_sums;
  LINK_COLUMNS(CLEAR)
  sums->begin_ms = sim->now_ms;
}

void art_sim_take_movements(art_sim *sim, int32_t *count)
{
  const size_t bytes = (size_t)sim->net->connector_count * sizeof *count;
  memcpy(count, sim->movement_sums, bytes);
  memset(sim->movement_sums, 0, bytes);
}

void art_sim_take_detectors(art_sim *sim, art_detector_sums *out)
{
  const int32_t n = sim->net->detector_count;
  if (out->detector_count != n || !out->count) {
    art_detector_sums_free(out);
    allocate_detectors(out, n);
  }
  const art_detector_sums other = *out;
  *out = sim->detector_sums;
  out->end_ms = sim->now_ms;
  sim->detector_sums = other;
  art_detector_sums *sums = &sim->detector_sums;
  DETECTOR_COLUMNS(CLEAR)
  sums->begin_ms = sim->now_ms;
}

uint64_t art_hash_vehicle(uint64_t key, art_tick tick, int32_t lane, float pos_m, float speed_mps)
{
  const uint64_t state = (uint64_t)art_bits_of_float(pos_m) << 32 | art_bits_of_float(speed_mps);
  return art_hash2(art_hash2(key, (uint64_t)tick), art_hash2((uint64_t)(uint32_t)lane, state));
}

uint64_t art_hash_trip(uint64_t key, const art_trip_row *row)
{
  uint64_t h = art_hash2(key, (uint64_t)row->insert_ms);
  h = art_hash2(h, (uint64_t)row->arrival_ms);
  h = art_hash2(h, (uint64_t)row->route_mm);
  return art_hash2(h, (uint64_t)row->waiting_ms);
}
