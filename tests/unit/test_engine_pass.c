/// Passing a bus that dwells in the only lane, through the lane of the opposite link: who may, and that nobody meets.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "tests/support/lane_road.h"

enum { EAST = 1, WEST = 4 };

/// Three links there (0, 1, 2) and three back (3, 4, 5), one lane each; link 4 is opposite to link 1. A bus dwells for two
/// minutes in the middle of link 1, which is 500 m long.
static art_net *make_road(void)
{
  const float v = 13.89f;
  const small_link links[] = { { 2, 0, 1, 200, v }, { 0, 1, 1, 500, v }, { 1, 3, 1, 200, v },
                               { 3, 1, 1, 200, v }, { 1, 0, 1, 505, v }, { 0, 2, 1, 200, v },
                               { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 1, 0, 1, v, 'M', 0, 0 },
                               { 1, 0, 2, 0, 1, v, 'M', 0, 0 },
                               { 3, 0, 4, 0, 1, v, 'M', 0, 0 },
                               { 4, 0, 5, 0, 1, v, 'M', 0, 0 },
                               { .length_m = 0 } };
  return small_net(4, links, paths, NULL);
}

typedef struct outcome {
  int32_t passed;  ///< cars that arrived before the bus had gone on
  int32_t beside;  ///< vehicle-steps in the lane of the opposite link
  int64_t bus_stop_ms;
  uint64_t hash;
  int64_t hard_brakings;
} outcome;

/// Bodies on the opposite lane, those that pass included, must not overlap; told are [pos - length, pos].
static void check_bodies(const art_sim *sim, const art_demand *demand, art_snapshot *shot, outcome *out)
{
  art_sim_snapshot(sim, shot);
  for (int64_t i = 0; i < shot->count; ++i) {
    const int32_t flow = lane_flow_of(demand, shot->trip[i]);
    out->beside += flow == 1 && shot->lane[i] == WEST;
    for (int64_t j = 0; j < i; ++j) {
      if (shot->lane[i] != shot->lane[j]) continue;
      const float len_i = demand->type[demand->trip_set[shot->trip[i]]].length_m,
                  len_j = demand->type[demand->trip_set[shot->trip[j]]].length_m;
      const float apart =
          fmaxf(shot->pos_m[i] - len_i - shot->pos_m[j], shot->pos_m[j] - len_j - shot->pos_m[i]);
      assert_true(apart > -0.01f);
    }
  }
}

static outcome run_road(float readiness, int64_t oncoming_ms, int32_t threads)
{
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[0].lc_opposite = readiness;
  types[1].vclass = ART_VCLASS_BUS;
  types[1].length_m = 12.0f;
  const lane_flow flows[] = {
    { .trips = 1, .headway_ms = 1000, .route = { 0, 1, 2 }, .route_links = 3, .type = 1 },
    { .trips = 12, .begin_ms = 5000, .headway_ms = 6000, .route = { 0, 1, 2 }, .route_links = 3 },
    { .trips = (int32_t)(400000 / oncoming_ms),
      .headway_ms = oncoming_ms,
      .route = { 3, 4, 5 },
      .route_links = 3 },
    { 0 }
  };
  art_net *net = make_road();
  art_demand *demand = lane_flows_demand(flows, 2, types);
  lane_flows_stop(demand, &(lane_stop){ 1, EAST, 220.0f, 250.0f, 120000, 0, -1 });
  art_error err = { 0 };
  art_sim *sim = NULL;
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  outcome out = { 0 };
  art_snapshot shot = { 0 };
  for (art_tick t = 500; t <= 300000; t += 500) {
    lane_road_advance(sim, t);
    check_bodies(sim, demand, &shot, &out);
    assert_int_equal(art_sim_ledger(sim).running, shot.count);
  }
  lane_road_advance(sim, 3600000);
  art_tick bus_ms = 0;
  for (int32_t trip = 0; trip < demand->trip_count; ++trip)
    if (lane_flow_of(demand, trip) == 0) {
      bus_ms = art_sim_trips(sim)[trip].arrival_ms;
      out.bus_stop_ms = art_sim_trips(sim)[trip].stop_ms;
    }
  for (int32_t trip = 0; trip < demand->trip_count; ++trip)
    out.passed += lane_flow_of(demand, trip) == 1 && art_sim_trips(sim)[trip].arrival_ms < bus_ms;
  assert_int_equal(art_sim_ledger(sim).arrived, demand->trip_count);
  out.hash = art_sim_hash(sim);
  out.hard_brakings = art_sim_ledger(sim).hard_brakings;
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return out;
}

static void bus_is_passed_when_nobody_comes(void **state)
{
  (void)state;
  const outcome light = run_road(1.0f, 50000, 1), never = run_road(0.0f, 50000, 1),
                dense = run_road(1.0f, 3000, 1);
  print_message(
      "passed: %d with light oncoming traffic (%d steps beside), %d in dense; the bus stood for %.1f s\n",
      (int)light.passed, (int)light.beside, (int)dense.passed, (double)light.bus_stop_ms * 1e-3);
  assert_true(light.passed >= 4);
  assert_true(light.beside > 0);
  assert_int_equal(never.passed, 0);
  assert_int_equal(never.beside, 0);
  assert_int_equal(dense.passed, 0);
  assert_true(light.bus_stop_ms >= 120000 && light.bus_stop_ms < 125000);
  assert_int_equal(light.hard_brakings, 0);
}

/// Random traffic both ways, several buses, departures in the middle of the opposite link: bodies never meet, everybody
/// arrives.
static void bodies_never_meet(void **state)
{
  (void)state;
  int32_t beside = 0, cities = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed, ++cities) {
    const uint64_t a = art_mix64(seed), b = art_mix64(seed + 1000), c = art_mix64(seed + 2000);
    art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
    types[0].lc_opposite = 1.0f;
    types[0].length_m = 4.0f + (float)(a % 12);
    types[0].accel_mps2 = 1.0f + (float)(b % 20) * 0.1f;
    types[1].vclass = ART_VCLASS_BUS;
    types[1].length_m = 12.0f;
    const int64_t there = 2000 + (int64_t)(a >> 8) % 15000, back = 4000 + (int64_t)(b >> 8) % 40000,
                  middle = 8000 + (int64_t)(c >> 8) % 60000;
    const lane_flow flows[] = {
      { 6, 0, 70000, { 0, 1, 2 }, 3, 1, 0 },
      { (int32_t)(450000 / there), 3000, there, { 0, 1, 2 }, 3, 0, 0 },
      { (int32_t)(450000 / back), 0, back, { 3, 4, 5 }, 3, 0, 0 },
      { (int32_t)(450000 / middle), 0, middle, { 4, 5 }, 2, 0, 0 },
      { (int32_t)(450000 / middle), 500, middle, { 1, 2 }, 2, 0, 0 },
      { 0 },
    };
    art_net *net = make_road();
    art_demand *demand = lane_flows_demand(flows, 2, types);
    for (int32_t trip = 0; trip < demand->trip_count; ++trip)
      if (lane_flow_of(demand, trip) >= 3) demand->trip_depart_pos_m[trip] = ART_POS_RANDOM;
    const float at = 150.0f + (float)(c % 200);
    lane_flows_stop(demand,
                    &(lane_stop){ 1, EAST, at - 30.0f, at, 20000 + (int64_t)(c >> 16) % 60000, 0, -1 });
    art_sim *sim = lane_road_start(net, demand, 0, NULL);
    outcome out = { 0 };
    art_snapshot shot = { 0 };
    for (art_tick t = 500; t <= 600000; t += 500) {
      lane_road_advance(sim, t);
      check_bodies(sim, demand, &shot, &out);
    }
    lane_road_advance(sim, 3600000);
    assert_int_equal(art_sim_ledger(sim).arrived, demand->trip_count);
    beside += out.beside;
    art_snapshot_free(&shot);
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
  print_message("%d roads, %d vehicle-steps in the lane of the opposite link\n", (int)cities, (int)beside);
  assert_true(beside > 500);
}

static void threads_do_not_matter(void **state)
{
  (void)state;
  const uint64_t one = run_road(1.0f, 20000, 1).hash;
  assert_int_equal(run_road(1.0f, 20000, 2).hash, one);
  assert_int_equal(run_road(1.0f, 20000, 3).hash, one);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bus_is_passed_when_nobody_comes),
    cmocka_unit_test(bodies_never_meet),
    cmocka_unit_test(threads_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
