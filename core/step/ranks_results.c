/// Results of all ranks together: sums, rows of trips, vehicles.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"

art_status art_sim_agree(const art_sim *sim, art_status status, art_error *err)
{
  return art_group_agree(sim->ranks ? sim->ranks->group : NULL, status, err);
}

void art_ranks_sum(const art_sim *sim, int64_t count, int64_t *values)
{
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_SUM, count, values);
}

void art_ranks_largest(const art_sim *sim, int64_t count, int64_t *values)
{
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_MAX, count, values);
}

art_ledger art_sim_ledger_all(const art_sim *sim)
{
  art_ledger ledger = art_sim_ledger(sim);
  const art_ranks *ranks = sim->ranks;
  if (!ranks) return ledger;
  int64_t *const fields[] = {
    &ledger.loaded,        &ledger.waiting,       &ledger.running,           &ledger.beside,
    &ledger.arrived,       &ledger.removed,       &ledger.inserted,          &ledger.no_route,
    &ledger.missed_turns,  &ledger.hard_brakings, &ledger.updates,           &ledger.distance_mm,
    &ledger.short_yellows, &ledger.short_greens,  &ledger.short_intergreens, &ledger.conflicting_greens,
    &ledger.beside_steps
  };
  int64_t sums[sizeof fields / sizeof *fields];
  for (size_t i = 0; i < sizeof sums / sizeof *sums; ++i) sums[i] = *fields[i];
  ranks->group->reduce(ranks->group, ART_REDUCE_SUM, (int64_t)(sizeof sums / sizeof *sums), sums);
  for (size_t i = 0; i < sizeof sums / sizeof *sums; ++i) *fields[i] = sums[i];
  // Of equal ones the lowest trip, as on one rank. Circles are the same everywhere.
  int64_t word = ledger.longest_standstill_trip < 0
                     ? 0
                     : ledger.longest_standstill_ms << 32 | (uint32_t)~(uint32_t)ledger.longest_standstill_trip;
  ranks->group->reduce(ranks->group, ART_REDUCE_MAX, 1, &word);
  ledger.longest_standstill_ms = word >> 32;
  ledger.longest_standstill_trip = word ? (int64_t)(uint32_t) ~(uint32_t)word : -1;
  return ledger;
}

uint64_t art_sim_hash_all(const art_sim *sim)
{
  int64_t hash = (int64_t)art_sim_hash(sim);
  if (sim->ranks) sim->ranks->group->reduce(sim->ranks->group, ART_REDUCE_SUM, 1, &hash);
  return (uint64_t)hash;
}

/// A column on its way through a reduction, which works in 64 bits.
static void combine_narrow(const art_sim *sim, int64_t count, int32_t *values, void (*combine)(const art_sim *, int64_t, int64_t *))
{
  int64_t *wide = ART_NEW(int64_t, count);
  for (int64_t i = 0; i < count; ++i) wide[i] = values[i];
  combine(sim, count, wide);
  for (int64_t i = 0; i < count; ++i) values[i] = (int32_t)wide[i];
  free(wide);
}

static void sum_narrow(const art_sim *sim, int64_t count, int32_t *values)
{
  combine_narrow(sim, count, values, art_ranks_sum);
}

static void largest_narrow(const art_sim *sim, int64_t count, int32_t *values)
{
  combine_narrow(sim, count, values, art_ranks_largest);
}

void art_ranks_sum_links(const art_sim *sim, art_link_sums *sums)
{
  if (!sim->ranks) return;
  int64_t *const wide[] = { sums->vehicle_ms, sums->distance_mm, sums->waiting_ms, sums->loss_ms, sums->occupied_mm_ms };
  int32_t *const narrow[] = { sums->entered, sums->left, sums->departed, sums->arrived };
  for (size_t i = 0; i < sizeof wide / sizeof *wide; ++i) art_ranks_sum(sim, sums->link_count, wide[i]);
  for (size_t i = 0; i < sizeof narrow / sizeof *narrow; ++i) sum_narrow(sim, sums->link_count, narrow[i]);
  largest_narrow(sim, sums->link_count, sums->queue_max_m);
}

void art_ranks_sum_movements(const art_sim *sim, int32_t *count, int32_t *out, int64_t *delay_ms)
{
  if (!sim->ranks) return;
  sum_narrow(sim, sim->net->connector_count, count);
  sum_narrow(sim, sim->net->connector_count, out);
  art_ranks_sum(sim, sim->net->connector_count, delay_ms);
}

void art_ranks_sum_detectors(const art_sim *sim, art_detector_sums *sums)
{
  if (!sim->ranks) return;
  const int64_t n = sums->detector_count;
  int64_t *const wide[] = { sums->count,     sums->speed_sum_mmps, sums->slowness_sum_us, sums->occupied_ms, sums->distance_mm,
                            sums->travel_ms, sums->halts,          sums->halting_ms,      sums->jam_mm_ms,   sums->jam_vehicles_ms };
  int32_t *const narrow[] = { sums->entered, sums->inside };
  for (size_t i = 0; i < sizeof wide / sizeof *wide; ++i) art_ranks_sum(sim, n, wide[i]);
  for (size_t i = 0; i < sizeof narrow / sizeof *narrow; ++i) sum_narrow(sim, n, narrow[i]);
  sum_narrow(sim, n * ART_COUNT_CLASSES, sums->class_count);
  largest_narrow(sim, n, sums->jam_max_mm);
  largest_narrow(sim, n, sums->jam_vehicles_max);
}

int64_t art_sim_halting_all(const art_sim *sim)
{
  int64_t halting = art_sim_halting(sim);
  art_ranks_sum(sim, 1, &halting);
  return halting;
}

/// A trip and what is known of it.
typedef struct row_record {
  int32_t trip;
  art_trip_row row;
} row_record;

/// Brings the rows of all ranks together in those of each.
static void share_rows(art_sim *sim)
{
  art_trip_row *rows = sim->row;
  const art_ranks *ranks = sim->ranks;
  if (!ranks) return;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  for (int32_t trip = 0; trip < sim->demand->trip_count; ++trip) {
    if (!ranks->holds[trip] || !rows[trip].is_made) continue;
    row_record record;
    memset(&record, 0, sizeof record);
    record.trip = trip;
    record.row = rows[trip];
    ART_PUT(&mine, record);
  }
  ranks->group->gather(ranks->group, &mine, &all, first);
  art_byte_reader in = { .data = all.data, .count = all.count };
  while (in.at < in.count) {
    row_record record;
    ART_GET(&in, record);
    if (in.is_short || record.trip < 0 || record.trip >= sim->demand->trip_count) {
      sim->ranks->fault = "another rank has rows of trips that there are not";
      break;
    }
    rows[record.trip] = record.row;  // of trips that others hold nothing else is known here
  }
  free(first);
  free(mine.data);
  free(all.data);
}

/// Adds the way of one that is on the road along the lane that it has not left yet.
static void add_way(void *context, int32_t trip, int32_t lane, float pos_m, float speed_mps)
{
  (void)speed_mps;
  const art_sim *sim = context;
  art_trip_row *row = &sim->row[trip];
  if (row->state != ART_TRIP_RUNNING) return;
  row->route_mm += (int64_t)(pos_m * 1000.0f + 0.5f);
  if (row->route_mm < 0) row->route_mm = 0;
  row->free_ms += (int32_t)art_free_time_ms(pos_m, art_desired(sim, lane, row->type, row->speed_factor));
}

/// The same for those in bays, and the time that they have been there.
static void add_beside(art_sim *sim)
{
  for (int32_t lane = 0; sim->beside && lane < sim->net->link_lane_count; ++lane)
    for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next) {
      const art_rare *rare = art_rare_of(sim, art_record(sim, trip));
      const art_tick until = rare->dwell_until_ms < sim->now_ms ? rare->dwell_until_ms : sim->now_ms;
      const art_tick over = until > rare->beside_since_ms ? until : rare->beside_since_ms;
      add_way(sim, trip, lane, art_mover_of(sim, art_record(sim, trip))->pos_m, 0.0f);
      sim->row[trip].stop_ms += (int32_t)(over - rare->beside_since_ms);
      sim->row[trip].waiting_ms += (int32_t)(sim->now_ms - over);
    }
}

const art_trip_row *art_sim_trips_at_end_all(art_sim *sim)
{
  assert(!sim->is_over);
  sim->is_over = 1;
  art_standstill_book_all(sim);
  art_rows_make(sim, sim->first_trip, sim->last_trip);
  art_for_each_vehicle(sim, add_way, sim);
  add_beside(sim);
  share_rows(sim);
  return sim->row;
}

void art_sim_gather_all(const art_sim *sim, art_snapshot *out)
{
  art_sim_gather(sim, out);
  const art_ranks *ranks = sim->ranks;
  if (!ranks) return;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1), count = out->count;
  const size_t n = (size_t)count;
  (void)art_bytes_put(&mine, &count, sizeof count);
  (void)art_bytes_put(&mine, out->trip, n * sizeof *out->trip);
  (void)art_bytes_put(&mine, out->lane, n * sizeof *out->lane);
  (void)art_bytes_put(&mine, out->pos_m, n * sizeof *out->pos_m);
  (void)art_bytes_put(&mine, out->speed_mps, n * sizeof *out->speed_mps);
  ranks->group->gather(ranks->group, &mine, &all, first);
  art_byte_reader in = { .data = all.data, .count = all.count };
  out->count = 0;
  while (!in.is_short && in.at < in.count) {
    ART_GET(&in, count);
    const int64_t at = out->count;
    art_snapshot_reserve(out, at + count);
    art_bytes_get(&in, out->trip + at, (size_t)count * sizeof *out->trip);
    art_bytes_get(&in, out->lane + at, (size_t)count * sizeof *out->lane);
    art_bytes_get(&in, out->pos_m + at, (size_t)count * sizeof *out->pos_m);
    art_bytes_get(&in, out->speed_mps + at, (size_t)count * sizeof *out->speed_mps);
    out->count = at + count;
  }
  free(first);
  free(mine.data);
  free(all.data);
}
