// People at crossings: vehicles let them pass, nobody walks into a vehicle, lights hold them back, and the flow that vehicles
// lose is what the time that people take says.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

#define ENTER_M 3.0f
#define EXIT_M 6.0f
#define WALK_S 6.0f

/// A road of two links with a crossing in the node between them.
static art_net *road(float per_hour)
{
  static const small_link links[] = { { 1, 0, 1, 200, 13.89f }, { 0, 2, 1, 200, 13.89f }, { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 1, .length_m = 12, .speed_mps = 13.89f, .state = 'M' }, { .length_m = 0 }
  };
  art_net *net = small_net(3, links, paths, NULL);
  net->crossing_count = net->crossing_row_count = 1;
  net->crossing_id = ART_NEW(char *, 1);
  net->crossing_id[0] = small_id('x', 0);
  net->crossing_node = ART_NEW(int32_t, 1);
  net->crossing_signal = ART_NEW(int32_t, 1);
  net->crossing_signal[0] = -1;
  net->crossing_signal_group = ART_NEW(int32_t, 1);
  net->crossing_walk_s = ART_NEW(float, 1);
  net->crossing_walk_s[0] = WALK_S;
  net->crossing_flow_per_h = ART_NEW(float, 1);
  net->crossing_flow_per_h[0] = per_hour;
  net->crossing_first = ART_NEW(int32_t, 2);
  net->crossing_first[1] = 1;
  net->crossing_connector = ART_NEW(int32_t, 1);
  net->crossing_enter_m = ART_NEW(float, 1);
  net->crossing_enter_m[0] = ENTER_M;
  net->crossing_exit_m = ART_NEW(float, 1);
  net->crossing_exit_m[0] = EXIT_M;
  return net;
}

typedef struct run {
  art_net *net;
  art_demand *demand;
  art_sim *sim;
} run;

static run start(art_net *net, int32_t trips, int64_t headway_ms, int32_t threads)
{
  art_vtype type = art_lab_car();
  type.speed_factor_dev = 0.1f;
  art_lab_trip *trip = ART_NEW(art_lab_trip, trips);
  static const art_lab_route route[] = { { { 0, 1, -1 } } };
  for (int32_t i = 0; i < trips; ++i)
    trip[i] = (art_lab_trip){ .depart_ms = headway_ms * i,
                              .pos_m = 10.0f + 50.0f * (float)(i % 3),
                              .speed_mps = ART_SPEED_MAX };
  run r = { .net = net, .demand = art_lab_demand(1, &type, 1, route, trips, trip) };
  free(trip);
  art_sim_setup setup = small_setup(net, r.demand);
  setup.threads = threads;
  setup.end_ms = 36000000;
  art_error err = { 0 };
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(r.demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &r.sim, &err), err);
  return r;
}

static void finish(run *r)
{
  art_sim_free(r->sim);
  art_demand_free(r->demand);
  art_net_free(r->net);
}

/// Steps to `until_ms`; no body comes onto the crossing while people are on it. Returns vehicles through per hour after
/// 10 minutes; *taken_share: time that people were on it.
static double watch(run *r, art_tick until_ms, double *taken_share)
{
  art_error err = { 0 };
  art_snapshot shot = { 0 };
  int32_t count = 0, taken_steps = 0, steps = 0;
  while (art_sim_now(r->sim) < until_ms) {
    const art_tick now = art_sim_now(r->sim);
    assert_ok(art_sim_advance(r->sim, now + r->sim->step_ms, &err), err);
    if (now == 600000) art_sim_take_movements(r->sim, &count);
    const int taken =
        r->sim->foot_until_ms && r->sim->foot_until_ms[0] > now;  // as the step's decisions knew it
    taken_steps += taken;
    ++steps;
    art_sim_snapshot(r->sim, &shot);
    for (int64_t i = 0; i < shot.count; ++i) {
      const float at = shot.pos_m[i];
      const float front = shot.lane[i] == 2 ? at : shot.lane[i] == 1 ? at + 12.0f : -1.0f;
      if (taken) assert_false(front > ENTER_M && front - 5.0f < EXIT_M);
    }
  }
  art_sim_take_movements(r->sim, &count);
  art_snapshot_free(&shot);
  *taken_share = (double)taken_steps / steps;
  return (double)count * 3600e3 / (double)(until_ms - 600000);
}

static void people_cost_what_they_take(void **state)
{
  (void)state;
  double last = 1e9, free_flow = 0.0;
  static const float flows[] = { 0.0f, 60.0f, 180.0f, 360.0f };
  for (int i = 0; i < 4; ++i) {
    run r = start(road(flows[i]), 14000, 1500, 1);
    double taken = 0.0;
    const double through = watch(&r, 3 * 3600000, &taken);
    // Somebody is on it with probability 1 - exp(-flow x time), less where people wait for vehicles and go together. In the
    // rest of the time the queue discharges, with 1 to 3 s lost at each stop.
    const double share = 1.0 - exp(-(double)flows[i] * (double)WALK_S / 3600.0);
    assert_true(taken <= share * 1.02 && taken >= share * 0.85);
    assert_true(through < last);
    if (i == 0) free_flow = through;
    const double stops = (double)flows[i] * (1.0 - taken);  // somebody comes while nobody is on it
    if (i > 0) assert_true(free_flow * (1.0 - taken) - through > stops * 1.0 * free_flow / 3600.0);
    if (i > 0) assert_true(free_flow * (1.0 - taken) - through < stops * 3.0 * free_flow / 3600.0);
    last = through;
    finish(&r);
  }
}

static void threads_do_not_matter(void **state)
{
  (void)state;
  uint64_t hash[2];
  for (int i = 0; i < 2; ++i) {
    run r = start(road(240.0f), 400, 2500, 1 + 2 * i);
    art_error err = { 0 };
    assert_ok(art_sim_advance(r.sim, 1200000, &err), err);
    hash[i] = art_sim_hash(r.sim);
    finish(&r);
  }
  assert_true(hash[0] == hash[1]);
}

/// People with a light cross in their green only, which here never is.
static void people_wait_for_their_light(void **state)
{
  (void)state;
  for (int green = 0; green < 2; ++green) {
    art_net *net = road(3600.0f);
    small_signal(net, 1, (const int64_t[]){ 600000 }, "G");
    net->connector_signal[0] = -1;
    net->connector_signal_group[0] = -1;
    net->crossing_signal[0] = 0;
    net->phase_state[0] = green ? 'G' : 'r';
    run r = start(net, 20, 4000, 1);
    art_error err = { 0 };
    assert_ok(art_sim_advance(r.sim, 300000, &err), err);
    int64_t waited = 0;
    for (int i = 0; i < 20; ++i) waited += art_sim_trips(r.sim)[i].waiting_ms;
    if (green)
      assert_true(waited > 100000);
    else
      assert_int_equal(waited, 0);
    finish(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(people_cost_what_they_take),
                                      cmocka_unit_test(threads_do_not_matter),
                                      cmocka_unit_test(people_wait_for_their_light) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
