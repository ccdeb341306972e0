// The model behind `arterial plan`: what a partition gives to each rank, and what the formulas make of it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenarios/plan/plan.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

enum { LINKS = 40, LANES = 2, TRIPS = 30 };

static void assert_near(double value, double expected)
{
  if (!(fabs(value - expected) <= 1e-9 * (1.0 + fabs(expected)))) fail_msg("%.12g, wanted %.12g", value, expected);
}

/// A road of 40 links of 100 m at 10 m/s: 10 s each at free speed. 30 trips over all of it, one a second.
static art_net *road(art_demand **demand)
{
  art_net *net = art_test_net_road(LINKS, LANES, 100.0f, 10.0f);
  int32_t route[LINKS];
  for (int32_t i = 0; i < LINKS; ++i) route[i] = i;
  *demand = art_test_demand_flow(net, LINKS, route, TRIPS, 0, 1000);
  return net;
}

static void loads_follow_trips_until_the_run_ends(void **state)
{
  (void)state;
  art_demand *demand;
  art_net *net = road(&demand);
  art_plan_load load;
  art_error err;
  // Twice the free time: 20 s a link, 800 s in all; the run is long enough for everybody.
  assert_ok(art_plan_load_make(net, demand, 0, 1000000, 2.0, &load, &err), err);
  assert_int_equal(load.trips, TRIPS);
  for (int32_t link = 0; link < LINKS; ++link) assert_near(load.link_vehicles[link], TRIPS * 20.0 / 1000.0);
  assert_near(load.vehicles, TRIPS * 800.0 / 1000.0);
  art_plan_load_clear(&load);
  // It ends 30 s after the begin: trip t is under way for 30 - t s of it, the last ten s of which of trip 0 on the second link.
  assert_ok(art_plan_load_make(net, demand, 0, 30000, 2.0, &load, &err), err);
  double all = 0.0;
  for (int t = 0; t < TRIPS; ++t) all += 30.0 - t;
  assert_near(load.vehicles, all / 30.0);
  double second = 0.0;
  for (int t = 0; t < 10; ++t) second += 10.0 - t;
  assert_near(load.link_vehicles[1], second / 30.0);
  assert_near(load.link_vehicles[2], 0.0);
  art_plan_load_clear(&load);
  assert_refused(art_plan_load_make(net, demand, 900000, 1000000, 2.0, &load, &err), ART_E_INPUT, err, "no trip departs");
  art_demand_free(demand);
  art_net_free(net);
}

/// Round numbers, so that results can be told by hand.
static art_machine round_numbers(void)
{
  art_machine m = art_machine_default();
  m.lane_ns = 100.0, m.vehicle_ns = 1000.0, m.step_us = 5.0, m.thread_us = 2.0, m.thread_gain = 0.5;
  m.halo_lane_ns = 500.0, m.halo_vehicle_ns = 2000.0, m.halo_m = 50.0;
  m.halo_lane_bytes = 100.0, m.halo_vehicle_bytes = 200.0;
  m.exchanges = 3.0, m.reductions = 2.0, m.latency_us = 1.0, m.bandwidth_gbps = 1.0;
  m.network_latency_us = 10.0, m.network_bandwidth_gbps = 0.5;
  m.process_mib = 8.0, m.city_lane_bytes = 1048576.0, m.lane_bytes = 2097152.0, m.vehicle_bytes = 0.0;
  m.trip_bytes = 1048576.0, m.whole_share = 1.0;
  return m;
}

static void formulas_are_as_told(void **state)
{
  (void)state;
  art_demand *demand;
  art_net *net = road(&demand);
  art_plan_load load;
  art_error err;
  assert_ok(art_plan_load_make(net, demand, 0, 1000000, 1.0, &load, &err), err);
  art_plan_setup setup = { .net = net, .load = &load, .machine = round_numbers(), .ranks = 1, .threads = 1, .nodes = 1,
                           .copies = 1, .step_ms = 500 };
  const double lanes = net->lane_count, vehicles = load.vehicles;
  const art_plan one = art_plan_make(&setup);
  assert_near(one.work_us, lanes * 0.1 + vehicles * 1.0 + 5.0);
  assert_near(one.step_us, one.work_us);
  assert_near(one.efficiency, 1.0);
  assert_near(one.imbalance, 1.0);
  assert_near(one.run_s, one.step_us * 2000 / 1e6);
  assert_near(one.memory_mib, 8.0 + lanes * 3.0 + TRIPS);
  setup.threads = 3;  // twice the speed of one, and two more to wake
  assert_near(art_plan_make(&setup).work_us, (lanes * 0.1 + vehicles) / 2.0 + 5.0 + 4.0);
  setup.threads = 1;

  setup.ranks = 2;  // cut once: a link of two lanes, of which 50 m of 100 are near
  const art_plan two = art_plan_make(&setup);
  assert_near(two.boundary_lanes, LANES);
  assert_near(two.neighbours, 1.0);
  assert_near(two.far_neighbours, 0.0);
  assert_near(two.halo_vehicles, 0.5 * load.link_vehicles[LINKS / 2]);
  assert_near(two.halo_us, LANES * 0.5 + two.halo_vehicles * 2.0);
  assert_near(two.message_us, 3.0 + (LANES * 100.0 + two.halo_vehicles * 200.0) / 1000.0 + 2.0);
  assert_true(two.lanes >= lanes / 2.0 && two.lanes < 0.6 * lanes);
  assert_near(two.efficiency, one.work_us / (2.0 * two.step_us));
  assert_near(two.memory_mib, one.memory_mib);  // each holds all of it
  setup.threads = 3;  // all of a rank's threads write and read
  assert_near(art_plan_make(&setup).halo_us, (LANES * 0.5 + two.halo_vehicles * 2.0) / 2.0);
  setup.threads = 1;
  setup.nodes = 2;  // the same over the network between computers
  const art_plan apart = art_plan_make(&setup);
  assert_near(apart.far_neighbours, 1.0);
  assert_near(apart.message_us, 30.0 + (LANES * 100.0 + two.halo_vehicles * 200.0) / 500.0 + 20.0);
  setup.machine.whole_share = 0.0;  // each holds its own part alone
  assert_near(art_plan_make(&setup).memory_mib, 8.0 + two.lanes * 3.0 + TRIPS * two.lanes / lanes);
  art_plan_load_clear(&load);
  art_demand_free(demand);
  art_net_free(net);
}

static void copies_scale_the_parts_of_one_city(void **state)
{
  (void)state;
  art_demand *demand;
  art_net *net = road(&demand);
  art_plan_load load;
  art_error err;
  assert_ok(art_plan_load_make(net, demand, 0, 1000000, 1.0, &load, &err), err);
  art_plan_setup setup = { .net = net, .load = &load, .machine = round_numbers(), .ranks = 64, .threads = 1, .nodes = 4,
                           .copies = 64, .step_ms = 500 };
  const art_plan p = art_plan_make(&setup);
  // A rank holds about a city: sixteen times a sixteenth, give or take the balance of the parts. Each part of the road is cut
  // off at both ends; the rim grows by the square root of sixteen.
  assert_true(p.lanes > 0.9 * net->lane_count && p.lanes < 1.5 * net->lane_count);
  assert_near(p.neighbours, 2.0);
  assert_near(p.far_neighbours, 2.0 / sqrt(16.0));
  assert_near(p.boundary_lanes, 2 * LANES * sqrt(16.0));
  assert_true(p.efficiency > 0.0 && p.efficiency < 1.0);
  setup.copies = 128;  // twice as much on each: less of it is rim
  const art_plan larger = art_plan_make(&setup);
  assert_near(larger.lanes, 2.0 * p.lanes);
  assert_near(larger.boundary_lanes, sqrt(2.0) * p.boundary_lanes);
  assert_true(larger.efficiency > p.efficiency);
  setup.ranks = 1;
  const art_plan alone = art_plan_make(&setup);
  assert_near(alone.lanes, 128.0 * net->lane_count);
  assert_near(alone.efficiency, 1.0);
  art_plan_load_clear(&load);
  art_demand_free(demand);
  art_net_free(net);
}

static void machines_are_read_back_and_checked(void **state)
{
  (void)state;
  char path[] = "machine.XXXXXX";
  const int handle = mkstemp(path);
  assert_true(handle >= 0);
  art_machine wrote = round_numbers(), read = art_machine_default();
  art_error err;
  FILE *file = fdopen(handle, "w");
  art_machine_print(&wrote, file);
  fclose(file);
  assert_ok(art_machine_read(path, &read, &err), err);
#define X(name, unit, initial, lowest, highest, sentence) assert_near(read.name, wrote.name);
  ART_MACHINE_LIST(X)
#undef X
  static const struct {
    const char *text, *words[2];
  } bad[] = {
    { "# first\nlane_ns: 5\nlane_ms: 3\n", { ":3: ", "unknown constant 'lane_ms'" } },
    { "lane_ns: -1\n", { ":1: ", "lane_ns: -1 is out of range (0 to 1e+06 ns)" } },
    { "lane_ns: nan\n", { ":1: ", "lane_ns" } },
    { "lane_ns: \n", { ":1: ", "lane_ns: ''" } },
    { "lane_ns 5\n", { ":1: ", "'lane_ns 5' is not \"name: value\"" } },
    { "step_us: 1\n\nstep_us: 1 # again\n", { ":3: ", "step_us is given twice" } },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    file = fopen(path, "w");
    fputs(bad[i].text, file);
    fclose(file);
    assert_refused(art_machine_read(path, &read, &err), ART_E_INPUT, err, path, bad[i].words[0], bad[i].words[1]);
  }
  file = fopen(path, "w");
  fputs("exchanges: 2   # only this\n", file);
  fclose(file);
  assert_ok(art_machine_read(path, &read, &err), err);
  assert_near(read.exchanges, 2.0);
  assert_near(read.lane_ns, art_machine_default().lane_ns);
  unlink(path);
  assert_refused(art_machine_read(path, &read, &err), ART_E_OPEN, err, path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(loads_follow_trips_until_the_run_ends),
    cmocka_unit_test(formulas_are_as_told),
    cmocka_unit_test(copies_scale_the_parts_of_one_city),
    cmocka_unit_test(machines_are_read_back_and_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
