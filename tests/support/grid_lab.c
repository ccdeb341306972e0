#include "tests/support/grid_lab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/step/sim.h"
#include "io/city/city_file.h"
#include "scenarios/generate/generate.h"
#include "scenarios/run/kernels.h"
#include "scenarios/whatif/optimize.h"
#include "tests/support/lab.h"

art_grid_lab art_grid_lab_default(void)
{
  return (art_grid_lab){ .size = 5,
                         .lanes = 2,
                         .turn_bays = 0,
                         .block_m = 200.0,
                         .flow_vph = 800.0,
                         .column_part = 1.0,
                         .turn_part = 0.3,
                         .hours = 0.5,
                         .model = ART_MODEL_IIDM };
}

art_status art_grid_lab_city(const art_grid_lab *lab, art_city **out, art_error *err)
{
  art_grid_options o = { .street = art_street_defaults(),
                         .columns = lab->size,
                         .rows = lab->size,
                         .block_m = lab->block_m,
                         .arm_m = 300.0 };
  o.street.lanes = lab->lanes;
  o.street.signals = 1.0;
  o.street.turn_bays = lab->turn_bays;
  const art_status status = art_generate_grid(&o, out, err);
  if (status == ART_OK) art_net_index((*out)->net);
  return status;
}

// --- demand -----------------------------------------------------------------------------------------------------------

enum { EAST, NORTH, WEST, SOUTH };
static const int step_x[] = { 1, 0, -1, 0 }, step_y[] = { 0, 1, 0, -1 };
static const char letter[] = "enws";

static void add_link(const art_net *net, art_lab_route *route, int32_t *count, const char *id)
{
  const int32_t link = art_net_find(net->link_id, net->link_count, id);
  char part[48];
  snprintf(part, sizeof part, "%s#1", id);
  const int32_t bay = art_net_find(net->link_id, net->link_count, part);
  if (link >= 0 && *count < ART_LAB_LINKS) route->link[(*count)++] = link;
  if (bay >= 0 && *count < ART_LAB_LINKS) route->link[(*count)++] = bay;
}

/// From outside against side `from` of the grid into street `street`, turning by `turn` (0: never, 1: left, 3: right) at
/// its node number `where`.
static art_lab_route make_route(const art_grid_lab *lab, const art_net *net, int from, int32_t street, int turn,
                                int32_t where)
{
  art_lab_route route;
  memset(&route, -1, sizeof route);
  const int32_t n = lab->size;
  int way = (from + 2) % 4;
  int32_t count = 0, x = from == WEST ? 0 : from == EAST ? n - 1 : street;
  int32_t y = from == SOUTH ? 0 : from == NORTH ? n - 1 : street;
  char id[32];
  snprintf(id, sizeof id, "x%dy%d%c.in", x, y, letter[from]);
  add_link(net, &route, &count, id);
  for (int32_t passed = 0; x >= 0 && x < n && y >= 0 && y < n; ++passed) {
    if (turn && passed == where) way = (way + turn) % 4;
    snprintf(id, sizeof id, "x%dy%d%c", x, y, letter[way]);
    add_link(net, &route, &count, id);
    x += step_x[way];
    y += step_y[way];
  }
  return route;
}

art_demand *art_grid_lab_demand(const art_grid_lab *lab, const art_net *net, uint64_t seed)
{
  const int32_t n = lab->size, per_street = 1 + 2 * n, routes = 4 * n * per_street;
  art_lab_route *route = ART_NEW(art_lab_route, routes);
  for (int32_t street = 0; street < 4 * n; ++street)
    for (int32_t k = 0; k < per_street; ++k)
      route[street * per_street + k] =
          make_route(lab, net, street / n, street % n, k == 0 ? 0 : k <= n ? 1 : 3, (k - 1) % n);
  art_lab_trip *trip = NULL;
  int32_t count = 0, capacity = 0;
  for (int32_t street = 0; street < 4 * n; ++street) {
    const int is_column = street / n == NORTH || street / n == SOUTH;
    const double vph = lab->flow_vph * (is_column ? lab->column_part : 1.0);
    const int32_t trips = (int32_t)(vph * lab->hours + 0.5);
    double *headway_s = ART_NEW(double, trips + 1), at_s = 0.0;
    art_lab_exponential(3600.0 / vph, trips, seed * 1000 + (uint64_t)street, headway_s);
    for (int32_t i = 0; i < trips; ++i) {
      at_s += headway_s[i];
      const double u = art_uniform(art_rng(seed, (uint64_t)street, i, ART_FOR_GENERATOR));
      const int32_t k = u >= lab->turn_part ? 0 : 1 + (int32_t)(u / lab->turn_part * 2.0 * n);
      const art_lab_trip t = { .depart_ms = (int64_t)(at_s * 1000.0),
                               .pos_m = ART_POS_BASE,
                               .speed_mps = ART_SPEED_MAX,
                               .route = street * per_street + k };
      ART_PUSH(trip, count, capacity, t);
    }
    free(headway_s);
  }
  const art_vtype car = art_vtype_default();
  art_demand *demand = art_lab_demand(1, &car, routes, route, count, trip);
  free(route);
  free(trip);
  return demand;
}

// --- the fixed plan ---------------------------------------------------------------------------------------------------

static void apply(const art_webster *webster, art_net *net, art_grid_plan *out)
{
  for (int32_t i = 0; i < webster->count; ++i) {
    const art_webster_row *row = &webster->row[i];
    const int32_t program = net->signal_active[row->signal], first = net->program_first_phase[program];
    for (int32_t p = 0; p < row->phase_count; ++p)
      net->phase_duration_ms[first + p] = net->phase_min_ms[first + p] = net->phase_max_ms[first + p] =
          row->duration_ms[p];
    net->program_offset_ms[program] = row->offset_ms;
    out->load = fmax(out->load, row->result.critical_flow_ratio / (1.0 - row->result.lost_s / 120.0));
    out->cycle_s = fmax(out->cycle_s, row->result.after.cycle_s);
  }
}

art_status art_grid_lab_optimise(const art_grid_lab *lab, art_city *city, uint64_t seed, int rule, art_grid_plan *out,
                                 art_error *err)
{
  static const char *const names[] = { "own cycles", "cycles kept", "one cycle for all" };
  memset(out, 0, sizeof *out);
  char folder[] = "/tmp/art-grid-XXXXXX", city_path[64], demand_path[64], *paths[] = { demand_path };
  if (!mkdtemp(folder)) return art_fail(err, ART_E_OPEN, "no temporary folder");
  snprintf(city_path, sizeof city_path, "%s/grid.city.h5", folder);
  snprintf(demand_path, sizeof demand_path, "%s/grid.demand.h5", folder);
  art_demand *demand = art_grid_lab_demand(lab, city->net, seed);
  art_status status = art_city_write(city_path, city, "grid_lab", 1, err);
  if (status == ART_OK) status = art_demand_write(demand_path, demand, city->net, "grid_lab", 0, NULL, 1, err);
  art_demand_free(demand);
  art_scenario *scenario = NULL;
  if (status == ART_OK) status = art_optimize_scenario(city_path, 1, paths, &scenario, err);
  if (status == ART_OK) {
    scenario->model = lab->model;
    art_optimize_options options = { .webster = art_webster_options_default(),
                                     .has_seed = 1,
                                     .seed = seed,
                                     .threads = 1,
                                     .iterations = 1,
                                     .verify = 1 };
    options.webster.cycle = (art_cycle_rule)rule;
    art_optimize_result result;
    status = art_optimize(scenario, &options, &result, err);
    if (status == ART_OK) {
      apply(&result.webster, city->net, out);
      out->rule = names[result.cycle];
      out->delay_s = result.after.mean_delay_s;
      art_optimize_clear(&result);
    }
    art_scenario_free(scenario);
  }
  unlink(city_path);
  unlink(demand_path);
  rmdir(folder);
  return status;
}

void art_grid_lab_control(art_net *net, art_control control)
{
  for (int32_t p = 0; p < net->program_count; ++p) net->program_control[p] = (uint8_t)control;
}

// --- a run ------------------------------------------------------------------------------------------------------------

static void sum_up(const art_grid_lab *lab, const art_demand *demand, art_sim *sim, art_grid_result *out)
{
  const art_trip_row *row = art_sim_trips(sim);
  const art_tick last = (art_tick)(lab->hours * 3.6e6), first = last / 6;
  for (int32_t t = 0; t < demand->trip_count; ++t) {
    if (demand->trip_depart_ms[t] < first || demand->trip_depart_ms[t] >= last) continue;
    ++out->trips;
    const int is_over = row[t].state == ART_TRIP_ARRIVED;
    out->unfinished += !is_over;
    const art_tick end = is_over ? row[t].arrival_ms : art_sim_now(sim);
    out->delay_s += (double)(end - demand->trip_depart_ms[t] - row[t].free_ms) * 1e-3;
    out->stops += row[t].stops;
  }
  out->delay_s /= (double)out->trips;
  out->stops /= (double)out->trips;
}

static double switches(art_sim *sim, const art_net *net)
{
  const art_signal_event *event;
  const int64_t count = art_sim_take_signal_events(sim, &event);
  int32_t *last = ART_NEW(int32_t, net->signal_count);
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t s = event[i].signal, phase = event[i].phase;
    if (phase < 0) continue;
    const int64_t at = net->phase_first_state[net->program_first_phase[event[i].program] + phase];
    const int is_green = memchr(net->phase_state + at, 'G', (size_t)net->signal_group_count[s]) != NULL;
    if (is_green && phase + 1 != last[s]) ++sum;
    if (is_green) last[s] = phase + 1;
  }
  free(last);
  return (double)sum / ((double)net->signal_count * (double)art_sim_now(sim) / 3.6e6);
}

art_status art_grid_lab_run(const art_grid_lab *lab, const art_net *net, uint64_t seed, int threads,
                            art_grid_result *out, art_error *err)
{
  memset(out, 0, sizeof *out);
  art_demand *demand = art_grid_lab_demand(lab, net, seed);
  const art_sim_setup setup = { .net = net,
                                .demand = demand,
                                .kernels = art_models_kernels(),
                                .seed = seed,
                                .step_ms = 500,
                                .end_ms = (art_tick)(lab->hours * 3.6e6) + 1200000,
                                .threads = threads,
                                .model = lab->model };
  art_sim *sim = NULL;
  art_status status = art_sim_create(&setup, &sim, err);
  if (status == ART_OK) status = art_sim_advance(sim, setup.end_ms, err);
  if (status == ART_OK) {
    sum_up(lab, demand, sim, out);
    out->switches_per_h = switches(sim, net);
    out->hash = art_sim_hash(sim);
    const art_ledger ledger = art_sim_ledger(sim);
    out->broken =
        ledger.short_yellows + ledger.short_greens + ledger.short_intergreens + ledger.conflicting_greens;
  }
  art_sim_free(sim);
  art_demand_free(demand);
  return status;
}
