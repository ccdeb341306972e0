#include "core/step/sim.h"

#include <assert.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/detect_internal.h"
#include "core/step/ranks_internal.h"
#include "core/step/shares.h"
#include "core/step/signals_internal.h"

#define MINUTE_MS 60000

// --- set-up ---------------------------------------------------------------------------------------------------------

static art_status check_setup(const art_sim_setup *setup, art_error *err)
{
  if (setup->step_ms < 50 || setup->step_ms > 1000 || 1000 % setup->step_ms != 0)
    return art_fail(err, ART_E_INPUT, "step: %d ms: accepted are divisors of 1 s from 50 ms to 1000 ms",
                    (int)setup->step_ms);
  if (!art_wide_find(setup->instructions))
    return art_fail(err, ART_E_INPUT, "instructions: this processor or program has no %s", setup->instructions);
  if (setup->end_ms < setup->begin_ms)
    return art_fail(err, ART_E_INPUT, "time: end %.3f s lies before begin %.3f s",
                    (double)setup->end_ms * 1e-3, (double)setup->begin_ms * 1e-3);
  if (setup->begin_ms % setup->step_ms != 0)
    return art_fail(err, ART_E_INPUT, "time: begin %.3f s is no multiple of the step",
                    (double)setup->begin_ms * 1e-3);
  const art_net *net = setup->net;
  for (int32_t l = 0; l < net->link_count; ++l)
    if (art_net_link_lanes(net, l) > ART_LINK_LANES)
      return art_fail(err, ART_E_INPUT, "link %s: %d lanes: accepted are 1 to %d", net->link_id[l],
                      (int)art_net_link_lanes(net, l), ART_LINK_LANES);
  for (int32_t n = 0; n < net->node_count; ++n)
    if (net->node_first_connector[n + 1] - net->node_first_connector[n] > ART_NODE_CONNECTORS)
      return art_fail(err, ART_E_INPUT, "node %s: %d connectors: accepted are up to %d", net->node_id[n],
                      (int)(net->node_first_connector[n + 1] - net->node_first_connector[n]), ART_NODE_CONNECTORS);
  if (!net->signal_first_group || net->control_signals != net->signal_count ||
      net->control_programs != net->program_count || net->control_phases != net->phase_count ||
      net->control_groups != net->signal_first_group[net->signal_count])
    return art_fail(err, ART_E_INTERNAL, "net: signals or programs were added after art_net_index");
  const art_demand *demand = setup->demand;
  for (int32_t r = 0; r < demand->route_count; ++r)
    if (demand->route_first[r + 1] - demand->route_first[r] > UINT16_MAX)
      return art_fail(err, ART_E_INPUT, "route %d: more than %d links", (int)r, UINT16_MAX);
  const int32_t most_types = UINT16_MAX / art_driver_variants(demand);
  if (demand->type_count > most_types)
    return art_fail(err, ART_E_INPUT, "demand: %d vehicle types: accepted are up to %d",
                    (int)demand->type_count, (int)most_types);
  return ART_OK;
}

static int32_t draw_type(const art_sim *sim, int32_t trip)
{
  const art_demand *demand = sim->demand;
  const int32_t set = art_trip_set(demand, trip), first = demand->set_first[set],
                end = demand->set_first[set + 1];
  double u = art_uniform(art_rng(sim->seed, demand->trip_key[trip], 0, ART_FOR_TYPE));
  for (int32_t m = first; m < end - 1; ++m) {
    if (u < (double)demand->set_probability[m]) return demand->set_type[m];
    u -= (double)demand->set_probability[m];
  }
  return demand->set_type[end - 1];
}

/// A driver's desired speed over the limit, on the grid of the block's 8-bit column.
static float draw_factor(const art_sim *sim, int32_t trip, int32_t type)
{
  const art_type_table *t = &sim->types;
  const double z = art_normal(art_rng(sim->seed, sim->demand->trip_key[trip], 0, ART_FOR_SPEED_FACTOR));
  float factor = t->speed_factor_mean[type] + t->speed_factor_dev[type] * (float)z;
  factor = art_minf(art_maxf(factor, t->speed_factor_min[type]), t->speed_factor_max[type]);
  const int32_t q = (int32_t)(factor * ART_SPEED_FACTOR_ONE + 0.5f);
  return (float)(q < 1 ? 1 : q > 255 ? 255 : q) / ART_SPEED_FACTOR_ONE;
}

static void load_trips(art_sim *sim)
{
  const art_demand *demand = sim->demand;
  art_records_create(sim);
  sim->row = art_new_untouched((size_t)demand->trip_count, sizeof *sim->row);
  sim->no_route = ART_NEW(uint8_t, demand->trip_count);
  sim->first_trip = 0;
  while (sim->first_trip < demand->trip_count && demand->trip_depart_ms[sim->first_trip] < sim->begin_ms)
    ++sim->first_trip;
  sim->last_trip = sim->first_trip;
  while (sim->last_trip < demand->trip_count && demand->trip_depart_ms[sim->last_trip] < sim->end_ms)
    ++sim->last_trip;
  sim->next_trip = sim->first_trip;
}

art_trip_row *art_row_make(art_sim *sim, int32_t trip)
{
  art_trip_row *row = &sim->row[trip];
  if (row->is_made) return row;
  row->is_made = 1;
  row->insert_ms = row->arrival_ms = -1;
  row->type = draw_type(sim, trip);
  row->speed_factor = draw_factor(sim, trip, row->type);
  row->depart_lane = row->arrival_lane = -1;
  return row;
}

void art_rows_make(art_sim *sim, int32_t first, int32_t end)
{
  for (int32_t trip = first; trip < end; ++trip) (void)art_row_make(sim, trip);
}

art_status art_sim_create(const art_sim_setup *setup, art_sim **out, art_error *err)
{
  *out = NULL;
  art_status status = check_setup(setup, err);
  if (status != ART_OK) return status;
  art_sim *sim = ART_NEW(art_sim, 1);
  sim->net = setup->net;
  sim->demand = setup->demand;
  sim->kernels = setup->kernels;
  sim->seed = setup->seed;
  sim->step_ms = setup->step_ms;
  sim->step_s = (float)setup->step_ms / 1000.0f;
  sim->begin_ms = sim->now_ms = setup->begin_ms;
  sim->end_ms = setup->end_ms;
  sim->threads = setup->threads > 0 ? setup->threads : 1;
  sim->model = setup->model >= 0 ? setup->model : ART_MODEL_IIDM;
  sim->wide = art_wide_find(setup->instructions);
  art_types_build(sim);
  status = art_ranks_begin(sim, setup, err);
  if (status != ART_OK) {
    art_ranks_free(sim);
    art_types_free(sim);
    free(sim);
    return status;
  }
  sim->owns_ways = !setup->ways;
  sim->ways = setup->ways ? *setup->ways : art_ways_of(setup->net);
  art_layout_build(sim);
  load_trips(sim);
  art_pass_build(sim);
  art_stats_create(sim);
  art_approaches_create(sim, setup->approaches);
  art_reroute_build(sim, setup->reroute_share, setup->reroute_period_ms);
  sim->queue = ART_NEW(art_queue, sim->net->link_count);
  sim->change_count = setup->change_count;
  sim->change = ART_NEW(art_change, setup->change_count);
  if (setup->change_count)
    memcpy(sim->change, setup->change, (size_t)setup->change_count * sizeof *sim->change);
  sim->user_control = setup->user_control;
  sim->user_context = setup->user_context;
  art_signals_create(sim);
  sim->worker = ART_NEW(art_worker, sim->threads);
  sim->shares = art_shares_new(sim->threads);
  sim->team = 1;
  sim->thread_vehicles = setup->thread_vehicles;
  art_ranks_connect(sim);
  *out = sim;
  return ART_OK;
}

void art_sim_free(art_sim *sim)
{
  if (!sim) return;
  for (int32_t t = 0; t < sim->threads; ++t) {
    free(sim->worker[t].pool.item);
    free(sim->worker[t].sorted);
    free(sim->worker[t].gathered);
    free(sim->worker[t].scratch);
    art_follow_free(&sim->worker[t].follow);
    art_move_scratch_free(&sim->worker[t].move);
    for (int b = 0; b < 2; ++b) free(sim->worker[t].written[b].word);
    free(sim->worker[t].foot);
    free(sim->worker[t].left);
    free(sim->worker[t].over);
    free(sim->worker[t].borrowed);
    free(sim->worker[t].answer);
  }
  free(sim->worker);
  for (int32_t l = 0; l < sim->net->link_count; ++l) free(sim->queue[l].trip);
  free(sim->queue);
  art_records_free(sim);
  art_free_untouched(sim->row, (size_t)sim->demand->trip_count, sizeof *sim->row);
  free(sim->no_route);
  art_signals_free(sim);
  free(sim->change);
  art_barriers_forget(sim);
  art_rotation_free(sim);
  art_reroute_free(sim);
  art_types_free(sim);
  art_stats_free(sim);
  art_approaches_free(sim);
  art_layout_free(sim);
  if (sim->owns_ways) art_ways_free(&sim->ways);
  art_shares_free(sim->shares);
  art_ranks_free(sim);
  free(sim);
}

// --- stepping -------------------------------------------------------------------------------------------------------

/// Adds up what the threads counted; all integers.
static void gather_workers(art_sim *sim)
{
  art_ledger *ledger = &sim->ledger;
  for (int32_t t = 0; t < sim->threads; ++t) {
    art_worker *w = &sim->worker[t];
    ledger->updates += w->updates;
    ledger->hard_brakings += w->hard_brakings;
    ledger->arrived += w->arrived;
    ledger->inserted += w->inserted;
    ledger->missed_turns += w->missed_turns;
    ledger->distance_mm += w->distance_mm;
    sim->hash += w->hash;
    w->updates = w->hard_brakings = w->arrived = w->inserted = w->missed_turns = w->distance_mm = 0;
    w->hash = 0;
  }
  ledger->beside_steps += sim->beside_count;
  ledger->waiting = ledger->loaded - ledger->inserted;
  ledger->running = ledger->inserted - ledger->arrived + (sim->ranks ? sim->ranks->came : 0);
}

void art_for_each_vehicle(const art_sim *sim, void (*visit)(void *, int32_t, int32_t, float, float),
                             void *context)
{
  for (int32_t link = 0; sim->pass && link < sim->net->link_count; ++link)
    if (sim->pass[link].ask.state == ART_PASS_BESIDE)
      visit(context, sim->pass[link].ask.trip, art_pass_lane(sim, link), art_pass_rear_m(sim, link),
            sim->pass[link].ask.speed_mps);
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    const int32_t count = art_block_count(block);
    for (int32_t i = 0; i < count; ++i)
      visit(context, block->vehicle[i], block->lane[block->lane8[i]], block->pos_m[i], block->speed_mps[i]);
    if (!block->inbox) continue;
    for (int32_t k = 0; k < block->lane_count; ++k)
      for (int32_t trip = sim->inbox[block->lane[k]]; trip >= 0; trip = art_record(sim, trip)->next) {
        const art_mover *mover = art_mover_of(sim, art_record(sim, trip));
        visit(context, trip, block->lane[k], mover->pos_m, mover->speed_mps);
      }
  }
}

typedef struct census {
  const art_sim *sim;
  int64_t count;
  uint64_t hash;
} census;

static void count_and_hash(void *context, int32_t trip, int32_t lane, float pos, float speed)
{
  census *c = context;
  ++c->count;
  c->hash += art_hash_vehicle(c->sim->demand->trip_key[trip], c->sim->now_ms, lane, pos, speed);
}

/// Blocks keep where records lie; nobody gets another one on the road.
static art_status check_records(const art_sim *sim, art_error *err)
{
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    const int32_t count = art_block_count(block);
    for (int32_t i = 0; i < count; ++i)
      if (block->record[i] != sim->record_of[block->vehicle[i]])
        return art_fail(err, ART_E_INTERNAL, "trip %s on lane %d at t=%.1f s: its record is not where its block says",
                        sim->demand->trip_id[block->vehicle[i]], (int)block->lane[block->lane8[i]],
                        (double)sim->now_ms * 1e-3);
  }
  return ART_OK;
}

/// Bodies of one lane must not overlap; between lanes the numbers of the nodes see to it.
static art_status check_overlap(const art_sim *sim, art_error *err)
{
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    for (int32_t k = 0; k < block->lane_count; ++k)
      for (int32_t i = block->start[k] + 1; i < block->start[k + 1]; ++i) {
        const float gap = block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]] - block->pos_m[i];
        if (gap < 0.0f)
          return art_fail(err, ART_E_INTERNAL, "overlap of %.2f m on lane %d at t=%.1f s: trips %s and %s",
                          (double)-gap, (int)block->lane[k], (double)sim->now_ms * 1e-3,
                          sim->demand->trip_id[block->vehicle[i - 1]],
                          sim->demand->trip_id[block->vehicle[i]]);
      }
  }
  return ART_OK;
}

static art_status check_ledger(const art_sim *sim, int64_t on_road, art_error *err)
{
  const art_ledger *l = &sim->ledger;
  const int64_t came = sim->ranks ? sim->ranks->came : 0;
  if (on_road == l->running && l->loaded + came == l->waiting + l->running + l->arrived + l->removed) return ART_OK;
  return art_fail(err, ART_E_INTERNAL,
                  "ledger at t=%.1f s: loaded %lld, waiting %lld, running %lld (on the road %lld), arrived "
                  "%lld, removed %lld",
                  (double)sim->now_ms * 1e-3, (long long)l->loaded, (long long)l->waiting,
                  (long long)l->running, (long long)on_road, (long long)l->arrived, (long long)l->removed);
}

#ifndef NDEBUG
static art_status check_signals(const art_sim *sim, art_error *err)
{
  const art_ledger *l = &sim->ledger;
  if (l->short_yellows + l->short_greens + l->short_intergreens + l->conflicting_greens == 0) return ART_OK;
  return art_fail(err, ART_E_INTERNAL,
                  "signals at t=%.1f s: %lld short yellows, %lld short greens, %lld short intergreens, %lld conflicting "
                  "greens",
                  (double)sim->now_ms * 1e-3, (long long)l->short_yellows, (long long)l->short_greens,
                  (long long)l->short_intergreens, (long long)l->conflicting_greens);
}
#endif

static art_status check_step(art_sim *sim, art_error *err)
{
  const int is_minute = sim->now_ms % MINUTE_MS == 0;
#ifdef NDEBUG
  if (!is_minute) return ART_OK;
#else
  const art_status lights = check_signals(sim, err);
  if (lights != ART_OK) return lights;
#endif
  census c = { .sim = sim };
  art_for_each_vehicle(sim, count_and_hash, &c);
  if (is_minute) sim->hash += c.hash;
  art_status status = check_ledger(sim, c.count + sim->beside_count, err);
  if (status == ART_OK) status = check_overlap(sim, err);
  if (status == ART_OK) status = check_records(sim, err);
  return status;
}

int art_sim_is_finished(const art_sim *sim)
{
  if (sim->ranks) return sim->ranks->is_finished;
  return sim->next_trip == sim->last_trip && sim->ledger.running == 0 && sim->ledger.waiting == 0;
}

art_status art_sim_advance(art_sim *sim, art_tick until_ms, art_error *err)
{
  assert(!sim->is_over);
  const double start = omp_get_wtime();
  art_status status = ART_OK;
  while (status == ART_OK && sim->now_ms < until_ms && !(art_sim_is_finished(sim))) {
    art_timer_to(&sim->timer, ART_PHASE_CHANGES);
    art_changes_apply(sim);
    art_timer_to(&sim->timer, ART_PHASE_SIGNALS);
    art_signals_update(sim);
    if (sim->measures_approaches) art_approaches_update(sim);
    art_timer_to(&sim->timer, ART_PHASE_DEPARTURES);
    art_depart_collect(sim);
    art_timer_to(&sim->timer, ART_PHASE_ROTATION);
    art_rotate(sim);
    art_reroute_update(sim);
    art_timer_to(&sim->timer, ART_PHASE_FORK);
    art_passes_run(sim);
    art_timer_to(&sim->timer, ART_PHASE_DETECTORS);
    art_detect_step(sim);
    art_timer_to(&sim->timer, ART_PHASE_ACCOUNTS);
    sim->now_ms += sim->step_ms;
    gather_workers(sim);
    art_records_drop_arrived(sim);
    status = check_step(sim, err);
    if (sim->ranks) status = art_ranks_agree(sim, status, err);
    ++sim->timer.steps;
  }
  if (status == ART_OK) status = art_ranks_fault(sim, err);
  art_timer_to(&sim->timer, ART_PHASE_NONE);
  sim->ledger.step_seconds += omp_get_wtime() - start;
  return status;
}

art_tick art_sim_now(const art_sim *sim)
{
  return sim->now_ms;
}
uint64_t art_sim_hash(const art_sim *sim)
{
  return sim->hash;
}

art_ledger art_sim_ledger(const art_sim *sim)
{
  art_ledger ledger = sim->ledger;
  ledger.beside = sim->beside_count;
  art_standstill_longest(sim, &ledger.longest_standstill_ms, &ledger.longest_standstill_trip);
  for (int32_t link = 0; ledger.waiting > 0 && link < sim->net->link_count; ++link)
    for (int32_t i = sim->queue[link].first; i < sim->queue[link].count; ++i)
      ledger.no_route += sim->no_route[sim->queue[link].trip[i]];
  return ledger;
}

const art_trip_row *art_sim_trips(art_sim *sim)
{
  art_standstill_book_all(sim);
  art_rows_make(sim, 0, sim->demand->trip_count);
  return sim->row;
}
