/// Sums for results: integers only, so that their totals do not depend on order.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/detect_internal.h"
#include "core/step/stats_internal.h"

#define MAKE(column, type) sums->column = ART_NEW(type, n);
#define FREE(column, type) free(sums->column);
#define CLEAR(column, type) memset(sums->column, 0, (size_t)n * sizeof(type));

static void allocate_links(art_link_sums *sums, int32_t n)
{
  sums->link_count = n;
  ART_LINK_SUM_LIST(MAKE)
}

static void allocate_detectors(art_detector_sums *sums, int32_t n)
{
  sums->detector_count = n;
  ART_DETECTOR_SUM_LIST(MAKE)
  sums->class_count = ART_NEW(int32_t, n * ART_COUNT_CLASSES);
}

void art_link_sums_free(art_link_sums *sums)
{
  ART_LINK_SUM_LIST(FREE)
  memset(sums, 0, sizeof *sums);
}

void art_detector_sums_free(art_detector_sums *sums)
{
  ART_DETECTOR_SUM_LIST(FREE)
  free(sums->class_count);
  memset(sums, 0, sizeof *sums);
}

void art_stats_create(art_sim *sim)
{
  const art_net *net = sim->net;
  allocate_links(&sim->link_sums, net->link_count);
  allocate_detectors(&sim->detector_sums, net->detector_count);
  sim->link_sums.begin_ms = sim->detector_sums.begin_ms = sim->begin_ms;
  sim->movement_sums = ART_NEW(int32_t, net->connector_count);
  sim->movement_taken = ART_NEW(int32_t, net->connector_count);
  sim->movement_out = ART_NEW(int32_t, net->connector_count);
  sim->movement_delay_ms = ART_NEW(int64_t, net->connector_count);
  art_detect_create(sim);
}

void art_stats_free(art_sim *sim)
{
  art_link_sums_free(&sim->link_sums);
  art_detector_sums_free(&sim->detector_sums);
  free(sim->movement_sums);
  free(sim->movement_taken);
  free(sim->movement_out);
  free(sim->movement_delay_ms);
  art_detect_free(sim);
}

static void sum_lane(art_sim *sim, const art_block *block, int32_t k, int32_t link, const art_wide_sums *of)
{
  const art_tick dt = sim->step_ms;
  art_link_sums *sums = &sim->link_sums;
  sums->vehicle_ms[link] += dt * (block->start[k + 1] - block->start[k]);
  sums->distance_mm[link] += of->lane_distance_mm[k];
  sums->loss_ms[link] += of->lane_loss_ms[k];
  sums->occupied_mm_ms[link] += of->lane_body_mm[k] * dt;
  if (of->lane_waiting[k] == 0) return;
  sums->waiting_ms[link] += of->lane_waiting[k] * dt;
  int32_t last = block->start[k + 1] - 1;  // who stands farthest back
  while (!(block->speed_mps[last] < ART_STANDS_MPS)) --last;
  const float lane_m = sim->net->lane_length_m[block->lane[k]];
  const int32_t queue = (int32_t)(lane_m - block->pos_m[last] + sim->types.length_m[block->type[last]] + 0.5f);
  if (queue > sums->queue_max_m[link]) sums->queue_max_m[link] = queue;
}

static void measure_approaches(art_sim *sim, art_block *block)
{
  const int32_t count = art_block_count(block);
  for (int32_t i = 0; i < count; ++i)
    if ((block->flags[i] & ART_FLAG_REGAINS) &&
        !art_approach_recover(sim, block->vehicle[i], block->pos_m[i] - block->gap_m[i], block->speed_mps[i],
                              block->desired_mps[i]))
      block->flags[i] = (uint16_t)(block->flags[i] & ~ART_FLAG_REGAINS);
  if (block->is_node) return;
  for (int32_t k = 0; k < block->lane_count; ++k)
    if (block->start[k] < block->start[k + 1]) art_approach_lane(sim, block, k);
}

void art_stats_block(art_sim *sim, art_block *block, art_worker *worker)
{
  const art_net *net = sim->net;
  const int32_t count = art_block_count(block);
  worker->updates += count;
  art_wide_sums sums;
  sim->wide->sum(&sim->wide_step, &sim->types, block, worker->move.sum, &sums);
  worker->distance_mm += sums.distance_mm;
  if (sim->measures_approaches) measure_approaches(sim, block);
  const int detects = net->detector_count > 0;
  if (block->is_node && !detects) return;
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left), lane = block->lane[k];
    if (detects && sim->detector_first[lane] != sim->detector_first[lane + 1]) art_detect_lane(sim, block, k);
    if (detects && sim->detector_behind_m[lane] < sim->longest_m) art_detect_behind(sim, block, k);
    if (!block->is_node) sum_lane(sim, block, k, net->lane_link[lane], &sums);
  }
}

void art_stats_take_back(art_sim *sim, int32_t lane, float beyond_m, float desired_mps, art_worker *worker)
{
  const int64_t beyond_mm = (int64_t)(beyond_m * 1000.0f + 0.5f);
  worker->distance_mm -= beyond_mm;
  if (art_net_is_connector(sim->net, lane)) return;
  const int32_t link = sim->net->lane_link[lane];
  sim->link_sums.distance_mm[link] -= beyond_mm;
  sim->link_sums.loss_ms[link] += art_free_time_ms(beyond_m, desired_mps);
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
  ART_LINK_SUM_LIST(CLEAR)
  sums->begin_ms = sim->now_ms;
}

void art_sim_take_movements(art_sim *sim, int32_t *count)
{
  const int32_t n = sim->net->connector_count;
  for (int32_t c = 0; c < n; ++c) {
    count[c] = sim->movement_sums[c] - sim->movement_taken[c];
    sim->movement_taken[c] = sim->movement_sums[c];
  }
}

void art_sim_take_movement_delays(art_sim *sim, int32_t *count, int64_t *delay_ms)
{
  const size_t n = (size_t)sim->net->connector_count;
  memcpy(count, sim->movement_out, n * sizeof *count);
  memcpy(delay_ms, sim->movement_delay_ms, n * sizeof *delay_ms);
  memset(sim->movement_out, 0, n * sizeof *count);
  memset(sim->movement_delay_ms, 0, n * sizeof *delay_ms);
}

void art_sim_take_detectors(art_sim *sim, art_detector_sums *out)
{
  const int32_t n = sim->net->detector_count;
  if (out->detector_count != n || !out->count) {
    art_detector_sums_free(out);
    allocate_detectors(out, n);
  }
  art_detect_close(sim);
  const art_detector_sums other = *out;
  *out = sim->detector_sums;
  out->end_ms = sim->now_ms;
  sim->detector_sums = other;
  art_detector_sums *sums = &sim->detector_sums;
  ART_DETECTOR_SUM_LIST(CLEAR)
  memset(sums->class_count, 0, (size_t)n * ART_COUNT_CLASSES * sizeof *sums->class_count);
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
