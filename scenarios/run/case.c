// A case: city and demand of a scenario in memory, with its plans and interventions applied.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/fleet/demand_pack.h"
#include "core/fleet/demand_pick.h"
#include "core/net/gaps.h"
#include "core/par/par.h"
#include "io/city/city_file.h"
#include "io/city/demand_rows.h"
#include "scenarios/run/case_internal.h"
#include "scenarios/run/kernels.h"
#include "scenarios/run/user_control.h"

#define THREAD_VEHICLES 200  // fewer on the road give a thread less to do than it costs to wait for it
#define LANES_PER_THREAD 4000  // with fewer, barriers cost more than a second thread brings

/// All trips of all files.
static art_status read_whole(art_case *c, art_error *err)
{
  const art_scenario *s = c->scenario;
  art_demand **parts = ART_NEW(art_demand *, s->demand_count);
  art_status status = ART_OK;
  int32_t count = 0;
  for (; count < s->demand_count && status == ART_OK; ++count)
    status = art_demand_read(s->demand_paths[count], c->city->net, &parts[count], err);
  if (status == ART_OK) {
    status = art_demand_merge(count, parts, s->demand_paths, &c->demand, err);
  } else {
    for (int32_t i = 0; i < count; ++i) art_demand_free(parts[i]);
  }
  free(parts);
  return status;
}

static art_status multiply(art_case *c, art_error *err)
{
  const art_scenario *s = c->scenario;
  art_demand *more;
  art_error why;
  const art_status status = art_demand_multiply(c->demand, s->demand_scale, s->demand_repeat_ms, s->end_ms, &more, &why);
  if (status != ART_OK) return art_fail(err, status, "%s: %s", s->path, why.message);
  art_demand_free(c->demand);
  c->demand = more;
  return ART_OK;
}

static art_status load_demand(art_case *c, art_case_trips trips, art_error *err)
{
  const art_scenario *s = c->scenario;
  const int is_as_in_file = s->demand_count == 1 && s->demand_scale == 1.0 && s->demand_repeat_ms == 0;
  int64_t outside[2] = { 0, 0 };
  art_status status = ART_OK;
  if (trips == ART_CASE_TRIPS_OF_RUN && is_as_in_file)
    status = art_demand_read_between(s->demand_paths[0], c->city->net, s->begin_ms - s->demand_shift_ms,
                                     s->end_ms - s->demand_shift_ms, &c->demand, outside, err);
  else
    status = read_whole(c, err);
  if (status != ART_OK) return status;
  art_demand_shift(c->demand, s->demand_shift_ms);
  if (!is_as_in_file) {
    if (s->demand_scale != 1.0 || s->demand_repeat_ms > 0) status = multiply(c, err);
    if (status == ART_OK && s->demand_count > 1) status = art_demand_check(c->demand, c->city->net, err);
    if (status != ART_OK) return status;
    if (trips == ART_CASE_TRIPS_OF_RUN) art_demand_pack(c->demand);
  }
  c->before_run = outside[0];
  c->after_run = outside[1];
  for (int32_t i = 0; i < c->demand->trip_count; ++i) {
    c->before_run += c->demand->trip_depart_ms[i] < s->begin_ms;
    c->after_run += c->demand->trip_depart_ms[i] >= s->end_ms;
  }
  return ART_OK;
}

static void send_people(art_net *net, double per_hour)
{
  for (int32_t x = 0; x < net->crossing_count; ++x)
    if (net->crossing_flow_per_h[x] <= 0.0f) net->crossing_flow_per_h[x] = (float)per_hour;
}

art_status art_case_load(const art_scenario *scenario, art_case_trips trips, art_case **out, art_error *err)
{
  *out = NULL;
  art_case *c = ART_NEW(art_case, 1);
  c->scenario = scenario;
  art_status status = art_city_read(scenario->city_path, &c->city, err);
  if (status == ART_OK && scenario->gap_source == ART_GAPS_HCM)
    art_net_prescribe_gaps(c->city->net, c->city->left_hand);
  if (status == ART_OK) send_people(c->city->net, scenario->people_per_h);
  if (status == ART_OK) status = art_case_apply_signals(scenario, c->city->net, err);
  if (status == ART_OK) status = art_case_apply_controllers(scenario, c->city->net, err);
  if (status == ART_OK) status = art_user_controls_open(scenario, c->city->net, &c->user, err);
  if (status == ART_OK)
    status = art_case_resolve_changes(scenario, c->city->net, &c->change_count, &c->change, err);
  if (status == ART_OK) status = load_demand(c, trips, err);
  if (status == ART_OK) {
    c->ways = art_ways_of(c->city->net);
    *out = c;
  } else {
    art_case_free(c);
  }
  return status;
}

void art_case_free(art_case *c)
{
  if (!c) return;
  art_ways_free(&c->ways);
  art_city_free(c->city);
  art_demand_free(c->demand);
  free(c->change);
  free(c->node_rank);
  art_user_controls_free(c->user);
  free(c);
}

int art_case_threads(const art_scenario *scenario, const art_net *net, int threads)
{
  if (threads > 0) return threads;
  if (scenario->threads > 0) return scenario->threads;
  const int most = art_par_default_threads();
  if (getenv("OMP_NUM_THREADS")) return most;
  const int useful = 1 + net->lane_count / LANES_PER_THREAD;
  return useful < most ? useful : most;
}

art_sim_setup art_case_setup(const art_case *c, uint64_t seed, int threads, const art_demand *demand)
{
  const art_scenario *s = c->scenario;
  return (art_sim_setup){ .net = c->city->net,
                          .ways = c->ways.way ? &c->ways : NULL,
                          .demand = demand ? demand : c->demand,
                          .kernels = art_models_kernels(),
                          .seed = seed,
                          .step_ms = s->step_ms,
                          .begin_ms = s->begin_ms,
                          .end_ms = s->end_ms,
                          .threads = art_case_threads(s, c->city->net, threads),
                          .thread_vehicles = THREAD_VEHICLES,
                          .model = s->model,
                          .reroute_share = s->reroute_share,
                          .reroute_period_ms = s->reroute_period_ms,
                          .change_count = c->change_count,
                          .change = c->change,
                          .user_control = c->user ? art_user_controls_run : NULL,
                          .user_context = c->user,
                          .approaches = s->approaches || s->passages,
                          .group = c->group,
                          .node_rank = c->node_rank };
}

art_status art_case_simulate(const art_case *c, uint64_t seed, int threads, const art_demand *demand,
                             art_sim **out, art_error *err)
{
  const art_sim_setup setup = art_case_setup(c, seed, threads, demand);
  return art_sim_create(&setup, out, err);
}
