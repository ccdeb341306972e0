#include "scenarios/whatif/flows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/kpi.h"

/// Sums per movement from link to link: a connector stands for all connectors between the same two links.
typedef struct tally {
  const art_case *c;
  const art_net *net;
  int32_t *first_of;  ///< [connector_count], the connector that stands for the movement
  double *count;      ///< [connector_count], at those
  art_snapshot snapshot;
} tally;

art_tick art_flows_last_departure(const art_demand *demand)
{
  return demand->trip_count > 0 ? demand->trip_depart_ms[demand->trip_count - 1] : -1;
}

/// The representative of movement (from link, to link), or -1 if the links do not meet.
static int32_t movement_of(const tally *t, int32_t from, int32_t to)
{
  const art_net *net = t->net;
  for (int32_t lane = net->link_first_lane[from]; lane < net->link_first_lane[from + 1]; ++lane) {
    for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) {
      if (net->lane_link[net->connector_to[k]] == to) return k;
    }
  }
  return -1;
}

static void tally_open(tally *t, const art_case *c)
{
  memset(t, 0, sizeof *t);
  t->c = c;
  t->net = c->city->net;
  t->first_of = ART_NEW(int32_t, t->net->connector_count + 1);
  t->count = ART_NEW(double, t->net->connector_count + 1);
  for (int32_t k = 0; k < t->net->connector_count; ++k) {
    t->first_of[k] = movement_of(t, t->net->lane_link[t->net->connector_from[k]],
                                 t->net->lane_link[t->net->connector_to[k]]);
  }
}

static void tally_close(tally *t)
{
  free(t->first_of);
  free(t->count);
  art_snapshot_free(&t->snapshot);
}

/// The movement that a trip on `link` takes next; -1 on its last link or off its route.
static int32_t next_movement(const tally *t, int32_t trip, int32_t link)
{
  const art_demand *demand = t->c->demand;
  const int32_t route = demand->trip_route[trip];
  for (int64_t k = demand->route_first[route]; k + 1 < demand->route_first[route + 1]; ++k) {
    if (demand->route_link[k] == link) return movement_of(t, link, demand->route_link[k + 1]);
  }
  return -1;
}

/// Adds `sign` for every vehicle that stands before a movement, on the road or still outside.
static void add_queues(tally *t, art_sim *sim, double sign)
{
  const art_demand *demand = t->c->demand;
  const art_trip_row *trips = art_sim_trips(sim);
  art_sim_snapshot(sim, &t->snapshot);
  for (int64_t i = 0; i < t->snapshot.count; ++i) {
    const int32_t lane = t->snapshot.lane[i];
    if (art_net_is_connector(t->net, lane)) continue;  // has passed already
    const int32_t movement = next_movement(t, t->snapshot.trip[i], t->net->lane_link[lane]);
    if (movement >= 0) t->count[movement] += sign;
  }
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    if (trips[trip].state != ART_TRIP_WAITING) continue;
    const int32_t movement =
        next_movement(t, trip, demand->route_link[demand->route_first[demand->trip_route[trip]]]);
    if (movement >= 0) t->count[movement] += sign;
  }
}

/// Free-flow seconds over a link, at the limit of its kerbside lane.
static double free_s(const art_net *net, int32_t link)
{
  const int32_t lane = net->link_first_lane[link];
  return (double)net->lane_length_m[lane] / fmax((double)net->lane_speed_mps[lane], 0.1);
}

/// Counts the trips that would come by in [from, to) if nobody hindered them.
static void add_routes(tally *t, art_tick from_ms, art_tick to_ms)
{
  const art_demand *demand = t->c->demand;
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    const int32_t route = demand->trip_route[trip];
    double time_ms = (double)demand->trip_depart_ms[trip];
    for (int64_t k = demand->route_first[route];
         k + 1 < demand->route_first[route + 1] && time_ms < (double)to_ms; ++k) {
      time_ms += 1000.0 * free_s(t->net, demand->route_link[k]);
      const int32_t movement = movement_of(t, demand->route_link[k], demand->route_link[k + 1]);
      if (movement >= 0 && time_ms >= (double)from_ms && time_ms < (double)to_ms) t->count[movement] += 1.0;
    }
  }
}

/// Spreads the count of each movement over its connectors as the vehicles chose their lanes; evenly where none passed.
static void spread(const tally *t, const int32_t *passed, double hours, double *vph)
{
  const int32_t n = t->net->connector_count;
  double *sum = ART_NEW(double, n + 1), *members = ART_NEW(double, n + 1);
  for (int32_t k = 0; k < n; ++k) {
    sum[t->first_of[k]] += passed[k];
    members[t->first_of[k]] += 1.0;
  }
  for (int32_t k = 0; k < n; ++k) {
    const int32_t m = t->first_of[k];
    const double share = sum[m] > 0.0 ? passed[k] / sum[m] : 1.0 / members[m];
    vph[k] = fmax(0.0, t->count[m]) * share / hours;
  }
  free(sum);
  free(members);
}

/// Delay of the whole run as the indicators define it: all trips, time outside and trips under way included.
static void sum_delay(const art_case *c, art_sim *sim, art_flows *out)
{
  const art_kpi_input input = { .demand = c->demand,
                                .trips = art_sim_trips(sim),
                                .ledger = art_sim_ledger(sim),
                                .begin_ms = c->scenario->begin_ms,
                                .from_ms = c->scenario->begin_ms,
                                .to_ms = c->scenario->end_ms,
                                .now_ms = art_sim_now(sim) };
  double *value = ART_NEW(double, art_kpi_count());
  art_kpi_compute(&input, value);
  out->trips = (int64_t)value[art_kpi_find("trips")];
  out->unfinished = (int64_t)value[art_kpi_find("trips_unfinished")];
  out->total_delay_s = 3600.0 * value[art_kpi_find("total_delay_h")];
  out->mean_delay_s = out->trips > 0 ? out->total_delay_s / (double)out->trips : 0.0;
  free(value);
}

/// Steps through the window, adding up passages and watching queues discharge.
static art_status watch(const art_case *c, art_sim *sim, art_tick to_ms, int32_t *passed,
                        art_discharge_result *discharge, art_error *err)
{
  const int32_t n = c->city->net->connector_count;
  int32_t *step = ART_NEW(int32_t, n + 1);
  art_discharge d;
  art_discharge_open(&d, c->city->net);
  art_status status = ART_OK;
  while (status == ART_OK && art_sim_now(sim) < to_ms && !art_sim_is_finished(sim)) {
    status = art_sim_advance(sim, art_sim_now(sim) + c->scenario->step_ms, err);
    art_sim_take_movements(sim, step);
    for (int32_t k = 0; k < n; ++k) passed[k] += step[k];
    art_discharge_step(&d, sim, step);
  }
  *discharge = art_discharge_finish(&d);
  art_discharge_close(&d);
  free(step);
  return status;
}

/// What wanted to pass in the window: what passed and what was added to the queues, or what the routes say.
static void conclude(tally *t, art_sim *sim, const art_flow_options *options, const int32_t *passed,
                     art_flows *out)
{
  const int32_t n = t->net->connector_count;
  out->connector_count = n;
  out->hours = (double)(options->to_ms - options->from_ms) / 3.6e6;
  out->wanted_vph = ART_NEW(double, n + 1);
  out->passed_vph = ART_NEW(double, n + 1);
  for (int32_t k = 0; k < n; ++k) out->passed_vph[k] = (double)passed[k] / out->hours;
  if (options->source == ART_FLOWS_ROUTES) {
    add_routes(t, options->from_ms, options->to_ms);
  } else {
    add_queues(t, sim, 1.0);  // the queues at the start were taken off
    for (int32_t k = 0; k < n; ++k) t->count[k] = fmax(0.0, t->count[k]);
    for (int32_t k = 0; k < n; ++k) t->count[t->first_of[k]] += passed[k];
  }
  spread(t, passed, out->hours, out->wanted_vph);
}

art_status art_flows_measure(const art_case *c, const art_flow_options *options, art_flows *out,
                             art_error *err)
{
  memset(out, 0, sizeof *out);
  art_sim *sim = NULL;
  art_status status = art_case_simulate(c, options->seed, options->threads, NULL, &sim, err);
  if (status != ART_OK) return status;
  tally t;
  tally_open(&t, c);
  int32_t *passed = ART_NEW(int32_t, c->city->net->connector_count + 1);

  status = art_sim_advance(sim, options->from_ms, err);
  art_sim_take_movements(sim, passed);
  memset(passed, 0, (size_t)c->city->net->connector_count * sizeof *passed);
  if (options->source == ART_FLOWS_SIMULATED) add_queues(&t, sim, -1.0);
  if (status == ART_OK) status = watch(c, sim, options->to_ms, passed, &out->discharge, err);
  if (status == ART_OK) conclude(&t, sim, options, passed, out);
  if (status == ART_OK) status = art_sim_advance(sim, c->scenario->end_ms, err);
  if (status == ART_OK) sum_delay(c, sim, out);
  if (status != ART_OK) art_flows_clear(out);
  free(passed);
  tally_close(&t);
  art_sim_free(sim);
  return status;
}

void art_flows_clear(art_flows *flows)
{
  free(flows->wanted_vph);
  free(flows->passed_vph);
  free(flows->discharge.lane_vph);
  memset(flows, 0, sizeof *flows);
}
