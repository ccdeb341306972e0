/// A state that is saved and restored by several ranks: each gives what it owns, and takes of all what it owns.
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/ranks_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/state_internal.h"
#include "core/step/stats_internal.h"

int art_ranks_is_first(const art_sim *sim)
{
  return sim->rank == 0;
}

int art_ranks_owns_lane(const art_sim *sim, int32_t lane)
{
  return !sim->ranks || sim->ranks->lane_owner[lane] == sim->rank;
}

int art_ranks_owns_node(const art_sim *sim, int32_t node)
{
  return !sim->ranks || sim->ranks->node_owner[node] == sim->rank;
}

void art_ranks_set_holds(art_sim *sim, int32_t trip, int holds)
{
  if (sim->ranks) sim->ranks->holds[trip] = (uint8_t)(holds != 0);
}

void art_ranks_account(const art_sim *sim, art_ledger *ledger, uint64_t *hash, uint64_t *standstill)
{
  *ledger = sim->ledger;
  *hash = art_sim_hash_all(sim);
  *standstill = sim->standstill;
  if (!sim->ranks) return;
  // Circles are counted alike everywhere.
  int64_t *const fields[] = { &ledger->loaded,
                              &ledger->waiting,
                              &ledger->running,
                              &ledger->arrived,
                              &ledger->removed,
                              &ledger->inserted,
                              &ledger->missed_turns,
                              &ledger->hard_brakings,
                              &ledger->updates,
                              &ledger->distance_mm,
                              &ledger->short_yellows,
                              &ledger->short_greens,
                              &ledger->short_intergreens,
                              &ledger->conflicting_greens,
                              &ledger->beside_steps };
  int64_t sums[sizeof fields / sizeof *fields],
      longest = (int64_t)sim->standstill;  // milliseconds have 31 bits
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) sums[i] = *fields[i];
  art_ranks_sum(sim, (int64_t)(sizeof fields / sizeof *fields), sums);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) *fields[i] = sums[i];
  art_ranks_largest(sim, 1, &longest);
  *standstill = (uint64_t)longest;
}

int32_t art_ranks_sensor_count(const art_sim *sim, int32_t detector)
{
  const art_signals *signals = sim->signals;
  int64_t fronts = signals->sensor[detector].count - signals->sensor_count_seen[detector];
  art_ranks_sum(sim, 1, &fronts);
  return signals->sensor_count_seen[detector] + (int32_t)fronts;
}

static void clear_sums(art_sim *sim)
{
  const size_t connectors = (size_t)sim->net->connector_count;
  art_link_sums *links = &sim->link_sums;
  art_detector_sums *detectors = &sim->detector_sums;
#define X(column, type) memset(links->column, 0, (size_t)links->link_count * sizeof(type));
  ART_LINK_SUM_LIST(X)
#undef X
#define X(column, type) memset(detectors->column, 0, (size_t)detectors->detector_count * sizeof(type));
  ART_DETECTOR_SUM_LIST(X)
#undef X
  memset(detectors->class_count, 0,
         (size_t)detectors->detector_count * ART_COUNT_CLASSES * sizeof *detectors->class_count);
  memset(sim->zone_inside, 0, (size_t)detectors->detector_count * sizeof *sim->zone_inside);
  memset(sim->movement_sums, 0, connectors * sizeof *sim->movement_sums);
  memset(sim->movement_taken, 0, connectors * sizeof *sim->movement_taken);
  memset(sim->movement_out, 0, connectors * sizeof *sim->movement_out);
  memset(sim->movement_delay_ms, 0, connectors * sizeof *sim->movement_delay_ms);
}

/// Fronts of the last step are told by the first rank alone, and whoever is over a sensor is told anew: where nobody is any
/// more, that shows only if it is looked at.
static void restore_sensors(art_sim *sim)
{
  art_signals *signals = sim->signals;
  for (int32_t i = 0; sim->ranks->reads_road && i < signals->used_count; ++i) {
    const int32_t d = signals->used[i];
    if (!art_ranks_is_first(sim)) signals->sensor[d].count = signals->sensor_count_seen[d];
    sim->ranks->touched[d] = signals->sensor[d].occupied;
  }
}

/// Vehicles that this rank has on the road.
static void count_one(void *context, int32_t trip, int32_t lane, float pos_m, float speed_mps)
{
  (void)trip, (void)lane, (void)pos_m, (void)speed_mps;
  ++*(int64_t *)context;
}

/// Passages and counts of cycles stay with the first rank, lanes with their owners. Where nobody measures any more, vehicles
/// forget the cycles in which they were let through.
static void restore_approaches(art_sim *sim)
{
  art_approaches *a = sim->approaches;
  for (int32_t trip = sim->first_trip; !sim->measures_approaches && trip < sim->next_trip; ++trip)
    if (art_sim_holds(sim, trip) && sim->row[trip].state == ART_TRIP_RUNNING && art_record(sim, trip)->has_rare)
      art_rare_make(sim, art_record(sim, trip))->cross_slot = -1;
  if (!sim->measures_approaches || art_ranks_is_first(sim)) return;
  art_state_drop_cycle_shares(sim);
  for (int32_t t = 0; t < sim->threads; ++t) a->log[t].count = 0;
}

static void forget_foreign_lanes(art_sim *sim)
{
  art_approaches *a = sim->approaches;
  for (int32_t i = 0; sim->measures_approaches && i < a->line_count; ++i)
    if (!art_ranks_owns_lane(sim, a->line[i].lane))
      a->line[i] = (art_line){ .group = a->line[i].group, .lane = a->line[i].lane, .at_ms = -1, .full_mm = a->line[i].full_mm };
}

/// Those who wait outside count as loaded where they wait, everybody else with the first rank. Collective.
static void share_ledger(art_sim *sim)
{
  int64_t waiting = 0;
  for (int32_t link = 0; link < sim->net->link_count; ++link) waiting += sim->queue[link].count - sim->queue[link].first;
  int64_t elsewhere = art_ranks_is_first(sim) ? 0 : waiting;
  art_ranks_sum(sim, 1, &elsewhere);
  sim->ledger.waiting = waiting;
  sim->ledger.loaded = art_ranks_is_first(sim) ? sim->ledger.loaded - elsewhere : waiting;
}

void art_ranks_restored(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  if (!ranks) return;
  const int32_t connectors = sim->net->connector_count;
  for (int32_t c = 0; ranks->passed && c < connectors; ++c) ranks->passed[c] = sim->movement_sums[c];
  if (!art_ranks_is_first(sim)) {  // what there is once, the first one has
    clear_sums(sim);
    sim->hash = sim->standstill = 0;
    sim->ledger.loaded = sim->ledger.waiting = sim->ledger.running = sim->ledger.arrived =
        sim->ledger.removed = 0;
    sim->ledger.inserted = sim->ledger.missed_turns = sim->ledger.hard_brakings = sim->ledger.updates = 0;
    sim->ledger.distance_mm = sim->ledger.beside_steps = 0;
    sim->ledger.short_yellows = sim->ledger.short_greens = sim->ledger.short_intergreens = sim->ledger.conflicting_greens = 0;
    sim->signals->event_count = sim->signals->letter_count = 0;
  }
  for (int32_t c = 0; ranks->passed && c < connectors; ++c) ranks->passed_told[c] = sim->movement_sums[c];
  share_ledger(sim);
  restore_sensors(sim);
  restore_approaches(sim);
  forget_foreign_lanes(sim);
  int64_t here = sim->beside_count;
  art_for_each_vehicle(sim, count_one, &here);
  ranks->came = here - (sim->ledger.inserted - sim->ledger.arrived);
  sim->ledger.running = here;
  int64_t left = sim->ledger.running + sim->ledger.waiting;
  art_ranks_sum(sim, 1, &left);
  ranks->is_finished = sim->next_trip == sim->last_trip && left == 0;
  // All have read the same first vehicles.
  for (int32_t i = 0; i < ranks->told_lead_count; ++i)
    ranks->told_lead[i].lead = sim->lead[ranks->told_lead[i].lane];
}
