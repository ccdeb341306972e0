/// Timed changes of single lanes and zones between an entry and an exit.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lane_flows.h"

static art_sim *create(const art_net *net, const art_demand *demand, int32_t changes,
                       const art_change *change)
{
  const art_sim_setup setup = { .net = net,
                                .demand = demand,
                                .kernels = art_models_kernels(),
                                .seed = 1,
                                .step_ms = 500,
                                .end_ms = 3600000,
                                .threads = 2,
                                .model = ART_MODEL_IIDM,
                                .change_count = changes,
                                .change = change };
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

static int32_t on_lane(const art_sim *sim, int32_t lane)
{
  art_snapshot shot = { 0 };
  int32_t count = 0;
  art_sim_snapshot(sim, &shot);
  for (int64_t i = 0; i < shot.count; ++i) count += shot.lane[i] == lane;
  art_snapshot_free(&shot);
  return count;
}

/// While a lane of the second link is closed, everybody passes by the other one; both are used before and after.
static void closed_lane_is_left_alone(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 2, 300.0f, 13.89f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 300, 0, 3000);
  const art_change close = {
    .kind = ART_CHANGE_CLOSE_LINK, .link = 1, .lane = 0, .from_ms = 200000, .to_ms = 600000
  };
  art_sim *sim = create(net, demand, 1, &close);
  art_error err = { 0 };
  const int32_t lane = net->link_first_lane[1];
  int32_t before = 0, during = 0, after = 0, beside = 0;
  for (art_tick t = 0; t <= 900000; t += 5000) {
    assert_ok(art_sim_advance(sim, t, &err), err);
    const int32_t count = on_lane(sim, lane);
    if (t < 200000)
      before += count;
    else if (t > 280000 && t < 600000)
      during += count;  // those on it when it closes get 80 s to leave
    else if (t > 620000)
      after += count;
    if (t > 280000 && t < 600000) beside += on_lane(sim, lane + 1);
  }
  assert_true(before > 0);
  assert_int_equal(during, 0);
  assert_true(beside > 0);
  assert_true(after > 0);
  assert_ok(art_sim_advance(sim, 3600000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 300);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Two closures of one link that overlap: it opens when the last one ends.
static void overlapping_closures_end_together(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 1, 300.0f, 13.89f);
  const int32_t route[] = { 0, 1, 2 };
  art_demand *demand = art_test_demand_flow(net, 3, route, 5, 20000, 1000);
  const art_change close[] = {
    { .kind = ART_CHANGE_CLOSE_LINK, .link = 1, .lane = -1, .from_ms = 0, .to_ms = 100000 },
    { .kind = ART_CHANGE_CLOSE_LINK, .link = 1, .lane = -1, .from_ms = 50000, .to_ms = 200000 },
  };
  art_sim *sim = create(net, demand, 2, close);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 190000, &err), err);
  assert_int_equal(art_sim_ledger(sim).inserted, 0);
  assert_int_equal(art_sim_ledger(sim).no_route, 5);
  assert_ok(art_sim_advance(sim, 3600000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 5);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A lane that is for buses for a while: cars leave it and come back, buses stay; nobody is lost.
static void bus_lane_at_certain_hours(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 2, 300.0f, 13.89f);
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[1].vclass = ART_VCLASS_BUS;
  types[1].length_m = 12.0f;
  const lane_flow flows[] = {
    { .trips = 270,
      .headway_ms = 3300,
      .route = { 0, 1, 2 },
      .route_links = 3,
      .depart_lane = ART_LANE_BEST },
    { .trips = 30, .headway_ms = 30000, .route = { 0, 1, 2 }, .route_links = 3, .type = 1, .depart_lane = 0 },
    { 0 }
  };
  art_demand *demand = lane_flows_demand(flows, 2, types);
  const art_change permit = { .kind = ART_CHANGE_PERMISSIONS,
                              .link = 1,
                              .lane = 0,
                              .from_ms = 200000,
                              .to_ms = 600000,
                              .classes = 1u << ART_VCLASS_BUS };
  art_sim *sim = create(net, demand, 1, &permit);
  art_error err = { 0 };
  art_snapshot shot = { 0 };
  int32_t cars_before = 0, cars_during = 0, buses_during = 0, cars_after = 0;
  for (art_tick t = 0; t <= 900000; t += 5000) {
    assert_ok(art_sim_advance(sim, t, &err), err);
    art_sim_snapshot(sim, &shot);
    for (int64_t i = 0; i < shot.count; ++i) {
      if (shot.lane[i] != net->link_first_lane[1]) continue;
      const int is_bus = lane_flow_of(demand, shot.trip[i]) == 1;
      if (t < 200000) cars_before += !is_bus;
      if (t > 280000 && t < 600000) {
        cars_during += !is_bus;
        buses_during += is_bus;
      }
      if (t > 620000) cars_after += !is_bus;
    }
  }
  assert_true(cars_before > 0);
  assert_int_equal(cars_during, 0);
  assert_true(buses_during > 0);
  assert_true(cars_after > 0);
  assert_ok(art_sim_advance(sim, 3600000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 300);
  assert_int_equal(art_sim_ledger(sim).missed_turns, 0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A link that is for buses only for a while is closed to cars: those that would begin behind it wait, buses pass. Changes
/// that overlap: the last one listed counts.
static void link_without_a_lane_for_a_class_is_closed_to_it(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 1, 300.0f, 13.89f);
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[1].vclass = ART_VCLASS_BUS;
  const lane_flow flows[] = {
    { .trips = 12, .begin_ms = 20000, .headway_ms = 1000, .route = { 0, 1, 2 }, .route_links = 3 },
    { .trips = 2, .begin_ms = 40000, .headway_ms = 1000, .route = { 0, 1, 2 }, .route_links = 3, .type = 1 },
    { 0 }
  };
  art_demand *demand = lane_flows_demand(flows, 2, types);
  const art_change change[] = {
    { .kind = ART_CHANGE_PERMISSIONS,
      .link = 1,
      .lane = -1,
      .from_ms = 0,
      .to_ms = 400000,
      .classes = ART_PERMIT_ALL },
    { .kind = ART_CHANGE_PERMISSIONS,
      .link = 1,
      .lane = 0,
      .from_ms = 0,
      .to_ms = 200000,
      .classes = 1u << ART_VCLASS_BUS },
  };
  art_sim *sim = create(net, demand, 2, change);
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, 190000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 2);
  assert_int_equal(art_sim_ledger(sim).no_route, 12);
  assert_ok(art_sim_advance(sim, 3600000, &err), err);
  assert_int_equal(art_sim_ledger(sim).arrived, 14);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Each limit holds while it is in force, whether the other one begins or ends meanwhile; of two the last one listed.
static void overlapping_limits_hold_for_their_time(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(3, 2, 300.0f, 13.89f);
  const lane_flow flows[] = { { .trips = 1, .begin_ms = 90000, .headway_ms = 1000, .route = { 0, 1, 2 }, .route_links = 3 }, { 0 } };
  const art_vtype type = art_vtype_default();
  art_demand *demand = lane_flows_demand(flows, 1, &type);
  const art_change change[] = {
    { .kind = ART_CHANGE_SPEED_LIMIT, .link = 1, .lane = -1, .from_ms = 10000, .to_ms = 40000, .value = 5.0f },
    { .kind = ART_CHANGE_SPEED_LIMIT, .link = 1, .lane = 0, .from_ms = 20000, .to_ms = 30000, .value = 3.0f },
    { .kind = ART_CHANGE_SPEED_LIMIT, .link = 1, .lane = 1, .from_ms = 5000, .to_ms = 15000, .value = 4.0f },
  };
  art_sim *sim = create(net, demand, 3, change);
  const int32_t kerb = net->link_first_lane[1];
  const struct {
    art_tick at_ms;
    float kerb_mps, other_mps;
  } wanted[] = { { 8000, 13.89f, 4.0f }, { 12000, 5.0f, 4.0f },  { 18000, 5.0f, 5.0f },
                 { 25000, 3.0f, 5.0f },  { 35000, 5.0f, 5.0f }, { 45000, 13.89f, 13.89f } };
  for (size_t n = 0; n < sizeof wanted / sizeof *wanted; ++n) {
    art_error err = { 0 };
    assert_ok(art_sim_advance(sim, wanted[n].at_ms, &err), err);
    assert_float_equal(sim->speed_limit_mps[kerb], wanted[n].kerb_mps, 1e-3f);
    assert_float_equal(sim->speed_limit_mps[kerb + 1], wanted[n].other_mps, 1e-3f);
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Free flow through a zone: its travel time is distance over speed, to a step at either end.
static void zone_measures_travel_time(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  int32_t gate = -1, from = -1, to = -1;
  for (int32_t d = 0; d < net->detector_count; ++d)
    if (net->detector_kind[d] == ART_DETECTOR_ENTRY_EXIT) gate = d;
  assert_true(gate >= 0);
  for (int32_t q = net->detector_first_point[gate]; q < net->detector_first_point[gate + 1]; ++q)
    *(net->detector_role[q] ? &to : &from) = q;
  const int32_t route[] = { net->lane_link[net->detector_lane[from]],
                            net->lane_link[net->detector_lane[to]] };
  art_demand *demand = art_test_demand_flow(net, 2, route, 1, 0, 1000);
  demand->type[0].speed_factor_dev = 0.0f;
  art_sim *sim = create(net, demand, 0, NULL);
  art_error err = { 0 };
  art_detector_sums sums = { 0 };
  assert_ok(art_sim_advance(sim, 3600000, &err), err);
  art_sim_take_detectors(sim, &sums);
  assert_int_equal(sums.count[gate], 1);
  const float length = net->lane_length_m[net->detector_lane[from]] - net->detector_pos_m[from] + 10.0f +
                       net->detector_pos_m[to];
  const float least_s = length / 13.89f;
  assert_true((float)sums.travel_ms[gate] * 1e-3f >= least_s - 0.5f);
  assert_true((float)sums.travel_ms[gate] * 1e-3f <= least_s + 40.0f);  // at most one red
  art_detector_sums_free(&sums);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(closed_lane_is_left_alone),
    cmocka_unit_test(overlapping_closures_end_together),
    cmocka_unit_test(bus_lane_at_certain_hours),
    cmocka_unit_test(link_without_a_lane_for_a_class_is_closed_to_it),
    cmocka_unit_test(overlapping_limits_hold_for_their_time),
    cmocka_unit_test(zone_measures_travel_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
