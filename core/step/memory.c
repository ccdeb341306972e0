/// What a simulation holds in memory.
#include "core/step/memory.h"

#include "core/step/detect_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

#define ROW(array) ((int64_t)sizeof *(array))
#define ROW_IF(array) ((array) ? (int64_t)sizeof *(array) : 0)

static int64_t by_lane(const art_sim *s)
{
  return ROW(s->lane_block) + ROW(s->lane_slot) + ROW(s->tail) + ROW(s->lead) + ROW(s->inbox) +
         2 * (ROW(s->overhang[0]) + ROW(s->transit[0]) + ROW(s->entering[0])) + ROW_IF(s->beside) +
         ROW(s->speed_limit_mps) + ROW(s->lane_closed) + ROW(s->lane_allowed) + ROW_IF(s->detector_first) +
         ROW_IF(s->detector_behind_m);
}

static int64_t by_link_lane(const art_sim *s)
{
  return ROW(s->lane_start_ms) + ROW(s->lane_flow_ms) + ROW(s->lane_announce_s) + ROW(s->lane_stops_all) +
         ROW(s->lane_red_ms) + ROW(s->lane_onward_m) + ROW(s->lane_exit_m);
}

static int64_t by_node(const art_sim *s)
{
  return ROW(s->node_list) + ROW(s->node_order) + ROW(s->node_times_gaps) + ROW(s->node_waits_ms) +
         ROW(s->node_first_notice) + ROW(s->node_notices) + ROW_IF(s->node_first_foot);
}

static int64_t by_connector(const art_sim *s)
{
  return ROW(s->connector_free) + ROW(s->ways.way) + ROW(s->aspect);
}

static int is_zero(const int64_t *memory)
{
  int32_t used = 0;
  while (used < ART_CONTROL_WORDS && memory[used] == 0) ++used;
  return used == ART_CONTROL_WORDS;
}

/// States, limits, and times of what was shown.
static int64_t by_signal(const art_signals *s, const art_net *net)
{
  const int64_t groups = net->signal_first_group[net->signal_count];
  int64_t bytes = net->signal_count * (ROW(s->state) + ROW(s->wake_ms) + ROW(s->rules)) +
                  groups * (ROW(s->shown) + ROW(s->wanted) + ROW(s->before) + ROW(s->since_ms) + ROW(s->green_end_ms) +
                            ROW(s->green_begin_ms) + ROW(s->seen_since_ms) + ROW(s->seen_green_end_ms) +
                            ROW(s->seen_green_begin_ms)) +
                  net->connector_count * ROW(s->connector);
  for (int32_t i = 0; i < net->signal_count; ++i) {
    bytes += is_zero(art_signals_memory(s, i)) ? 0 : ART_CONTROL_WORDS * ROW(s->memory);
  }
  return bytes + s->rules_bytes;
}

/// Columns of art_link_sums.
static int64_t by_link_sums(const art_link_sums *l)
{
  return ROW(l->vehicle_ms) + ROW(l->distance_mm) + ROW(l->waiting_ms) + ROW(l->loss_ms) +
         ROW(l->occupied_mm_ms) + ROW(l->entered) + ROW(l->left) + ROW(l->departed) + ROW(l->arrived) +
         ROW(l->queue_max_m);
}

static int64_t by_detector(const art_detector_sums *d)
{
  return ROW(d->count) + ART_COUNT_CLASSES * ROW(d->class_count) + ROW(d->speed_sum_mmps) +
         ROW(d->slowness_sum_us) + ROW(d->occupied_ms) + ROW(d->distance_mm) + ROW(d->travel_ms) +
         ROW(d->halts) + ROW(d->entered) + ROW(d->inside) + ROW(d->halting_ms) + ROW(d->jam_mm_ms) +
         ROW(d->jam_vehicles_ms) + ROW(d->jam_max_mm) + ROW(d->jam_vehicles_max);
}

/// What it publishes in a step; the rest is as small as a block or a node.
static int64_t of_worker(const art_worker *w)
{
  return (int64_t)sizeof *w + w->pool.capacity * ROW(w->pool.item);
}

art_memory art_sim_memory(const art_sim *sim)
{
  const art_net *net = sim->net;
  art_memory m = { .lanes = net->lane_count, .trips = sim->demand->trip_count };
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    const int64_t count = art_block_count(block), row = art_block_row_bytes();
    m.vehicles += count;
    m.hot_vehicle_bytes += count * row;
    m.hot_spare_bytes += (block->capacity - count) * row;
  }
  m.hot_lane_bytes = sim->block_count * ROW(sim->block) + net->lane_count * by_lane(sim) +
                     net->link_lane_count * by_link_lane(sim) + net->link_count * ROW_IF(sim->pass);
  m.hot_node_bytes = net->node_count * by_node(sim) + net->connector_count * by_connector(sim) +
                     sim->ways.foe_count * (ROW(sim->ways.foe) + ROW(sim->ways.foe_place)) +
                     sim->node_first_notice[net->node_count] * ROW(sim->notice);
  m.cold_trip_bytes = sim->record_end * ROW(sim->record) + sim->mover_most * ROW(sim->mover) + m.trips * ROW(sim->record_of);
  for (int32_t r = 0; r < sim->record_end; ++r) {
    const art_vehicle *vehicle = &sim->record[r];
    if (vehicle->has_rare) m.cold_trip_bytes += ROW(sim->rare);
    m.cold_trip_bytes += art_track_room(vehicle) * ROW(vehicle->more);
    if (vehicle->owns_links) m.cold_trip_bytes += vehicle->link_count * ROW(vehicle->links);
  }
  int64_t rows = 0;
  for (int32_t trip = sim->first_trip; trip < sim->last_trip; ++trip) rows += sim->row[trip].is_made;
  m.result_trip_bytes = rows * ROW(sim->row) + m.trips * ROW(sim->no_route);
  m.sums_bytes = net->link_count * by_link_sums(&sim->link_sums) +
                 net->connector_count * (ROW(sim->movement_sums) + ROW(sim->movement_taken) +
                                         ROW(sim->movement_out) + ROW(sim->movement_delay_ms)) +
                 net->detector_count * by_detector(&sim->detector_sums);
  m.signals_bytes = by_signal(sim->signals, net);
  m.queues_bytes = net->link_count * ROW(sim->queue);
  for (int32_t l = 0; l < net->link_count; ++l)
    m.queues_bytes += sim->queue[l].capacity * ROW(sim->queue[l].trip);
  for (int32_t t = 0; t < sim->threads; ++t) m.threads_bytes += of_worker(&sim->worker[t]);
  return m;
}
