// The engine on roads whose answers can be worked out by hand: two links in a row, a way around, a signal, a bus stop.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/unit/small_net.h"

static const float limit_mps = 13.89f;

static art_sim *create(const art_sim_setup *setup)
{
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_net_check(setup->net, &err), err);
  assert_ok(art_demand_check(setup->demand, setup->net, &err), err);
  assert_ok(art_sim_create(setup, &sim, &err), err);
  return sim;
}

static void advance(art_sim *sim, art_tick until_ms)
{
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, until_ms, &err), err);
}

/// Two links of 500 m with a connector of 1 m, and trips over both whose drivers keep exactly to the limit.
typedef struct corridor {
  art_net *net;
  art_demand *demand;
} corridor;

static corridor make_corridor(int32_t trips, int64_t headway_ms)
{
  corridor c = { .net = art_test_net_road(2, 1, 500.0f, limit_mps) };
  c.demand = art_test_demand_flow(c.net, 2, (const int32_t[]){ 0, 1 }, trips, 0, headway_ms);
  c.demand->type[0].speed_factor_dev = 0.0f;
  return c;
}

static void free_corridor(corridor *c)
{
  art_net_free(c->net);
  art_demand_free(c->demand);
}

static art_sim *run_out(const art_sim_setup *setup)
{
  art_sim *sim = create(setup);
  advance(sim, 3600000);
  assert_true(art_sim_is_finished(sim));
  const art_ledger l = art_sim_ledger(sim);
  assert_int_equal(l.loaded, setup->demand->trip_count);
  assert_int_equal(l.arrived, setup->demand->trip_count);
  assert_int_equal(l.waiting + l.running + l.removed + l.missed_turns, 0);
  return sim;
}

/// Free way from the departure at 5 m (the rear at the start) to the end: 495 + 1 + 500 m.
static const double way_m = 996.0;

static void lone_vehicle_takes_the_free_time(void **state)
{
  (void)state;
  corridor c = make_corridor(1, 0);
  const art_sim_setup setup = small_setup(c.net, c.demand);
  art_sim *sim = run_out(&setup);
  const art_trip_row *row = art_sim_trips(sim);
  const double free_ms = way_m / (double)limit_mps * 1000.0;
  assert_int_equal(row->insert_ms, 0);
  assert_int_equal(row->state, ART_TRIP_ARRIVED);
  // Arrivals fall on the end of a step; drivers at the desired speed do not lose any of it.
  assert_true((double)(row->arrival_ms - row->insert_ms) >= free_ms);
  assert_true((double)(row->arrival_ms - row->insert_ms) < free_ms + 2.0 * 500.0);
  assert_int_equal(row->route_mm, 996000);
  assert_in_range(row->free_ms, (int64_t)free_ms - 3, (int64_t)free_ms + 3);  // rounded once a lane
  assert_int_equal(row->stops, 0);
  assert_int_equal(row->waiting_ms, 0);
  assert_int_equal(row->depart_lane, 0);
  assert_int_equal(row->arrival_lane, 1);
  assert_float_equal(row->speed_factor, 1.0f, 0.0f);
  art_sim_free(sim);
  free_corridor(&c);
}

static void stream_arrives_with_every_count_of_threads(void **state)
{
  (void)state;
  corridor c = make_corridor(60, 2500);
  art_sim_setup setup = small_setup(c.net, c.demand);
  uint64_t hash[3];
  art_trip_row rows[60];
  for (int32_t threads = 1; threads <= 3; ++threads) {
    setup.threads = threads;
    art_sim *sim = run_out(&setup);
    hash[threads - 1] = art_sim_hash(sim);
    if (threads == 1) memcpy(rows, art_sim_trips(sim), sizeof rows);
    for (int i = 0; i < 60; ++i) {
      assert_int_equal(art_sim_trips(sim)[i].arrival_ms, rows[i].arrival_ms);
      assert_int_equal(art_sim_trips(sim)[i].route_mm, 996000);
    }
    art_sim_free(sim);
  }
  assert_int_equal(hash[0], hash[1]);
  assert_int_equal(hash[0], hash[2]);
  setup.threads = 1;
  setup.seed = 2;  // nothing is drawn for one type with no spread: the seed must not matter
  art_sim *other = run_out(&setup);
  assert_int_equal(hash[0], art_sim_hash(other));
  art_sim_free(other);
  c.demand->type[0].speed_factor_dev = 0.1f;
  art_sim *spread = run_out(&setup);
  assert_int_not_equal(hash[0], art_sim_hash(spread));
  art_sim_free(spread);
  free_corridor(&c);
}

/// Steps of any size that divides a second tell nearly the same story.
static void step_size_hardly_matters(void **state)
{
  (void)state;
  static const int32_t steps[] = { 50, 100, 250, 500, 1000 };
  corridor c = make_corridor(20, 3000);
  double mean[5] = { 0 };
  for (int k = 0; k < 5; ++k) {
    art_sim_setup setup = small_setup(c.net, c.demand);
    setup.step_ms = steps[k];
    art_sim *sim = run_out(&setup);
    for (int i = 0; i < 20; ++i)
      mean[k] += (double)(art_sim_trips(sim)[i].arrival_ms - c.demand->trip_depart_ms[i]) / 20e3;
    art_sim_free(sim);
  }
  for (int k = 1; k < 5; ++k) assert_float_equal(mean[k], mean[0], 0.5 + 0.001 * (double)steps[k]);
  free_corridor(&c);
}

static void one_bit_of_one_speed_changes_the_hash(void **state)
{
  (void)state;
  corridor c = make_corridor(20, 3000);
  const art_sim_setup setup = small_setup(c.net, c.demand);
  uint64_t hash[2];
  for (int flips = 0; flips < 2; ++flips) {
    art_sim *sim = create(&setup);
    advance(sim, 59500);
    if (flips) {
      art_block *block = &sim->block[sim->lane_block[0]];
      assert_true(art_block_count(block) > 3);
      block->speed_mps[2] = art_float_of_bits(art_bits_of_float(block->speed_mps[2]) ^ 1u);
    }
    advance(sim, 60000);
    hash[flips] = art_sim_hash(sim);
    art_sim_free(sim);
  }
  assert_int_not_equal(hash[0], hash[1]);
  free_corridor(&c);
}

static float first_speed(float wanted)
{
  corridor c = make_corridor(1, 0);
  c.demand->trip_depart_speed_mps[0] = wanted;
  const art_sim_setup setup = small_setup(c.net, c.demand);
  art_sim *sim = create(&setup);
  advance(sim, 500);
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  assert_int_equal(shot.count, 1);
  const float speed = shot.speed_mps[0];
  art_snapshot_free(&shot);
  art_sim_free(sim);
  free_corridor(&c);
  return speed;
}

static void departure_speeds(void **state)
{
  (void)state;
  assert_float_equal(first_speed(ART_SPEED_MAX), limit_mps, 1e-3f);
  // From rest: one step of the full acceleration of the default driver, 1.7 m/s2.
  assert_float_equal(first_speed(0.0f), 0.85f, 1e-3f);
  assert_true(first_speed(7.0f) > 7.0f && first_speed(7.0f) < 7.86f);
}

static void departures_queue_for_room(void **state)
{
  (void)state;
  corridor c = make_corridor(10, 0);
  const art_sim_setup setup = small_setup(c.net, c.demand);
  art_sim *sim = create(&setup);
  advance(sim, 500);
  art_ledger l = art_sim_ledger(sim);
  assert_int_equal(l.loaded, 10);
  assert_int_equal(l.inserted, 1);
  assert_int_equal(l.waiting, 9);
  advance(sim, 600000);
  l = art_sim_ledger(sim);
  assert_int_equal(l.arrived, 10);
  const art_trip_row *row = art_sim_trips(sim);
  for (int i = 1; i < 10; ++i) {
    // In the order of the queue, and not before the one ahead has made room for body and gap.
    assert_true(row[i].insert_ms > row[i - 1].insert_ms);
    assert_true(row[i].insert_ms - row[i - 1].insert_ms < 10000);
    assert_int_equal(row[i].route_mm, 996000);
  }
  art_sim_free(sim);
  free_corridor(&c);
}

// --- closures and limits -----------------------------------------------------------------------------------------------

/// l0 n0-n1, then straight on by l1 n1-n2 or around by l2 n1-n3 and l3 n3-n2, then l4 n2-n4.
static art_net *net_with_way_around(void)
{
  static const small_link links[] = { { 0, 1, 1, 300, 13.89f }, { 1, 2, 1, 100, 13.89f },
                                      { 1, 3, 1, 200, 13.89f }, { 3, 2, 1, 200, 13.89f },
                                      { 2, 4, 1, 300, 13.89f }, { 0, 0, 0, 0, 0 } };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 5, .speed_mps = 13.89f },
                                      { .from_link = 0, .to_link = 2, .length_m = 5, .speed_mps = 13.89f },
                                      { .from_link = 1, .to_link = 4, .length_m = 5, .speed_mps = 13.89f },
                                      { .from_link = 2, .to_link = 3, .length_m = 5, .speed_mps = 13.89f },
                                      { .from_link = 3, .to_link = 4, .length_m = 5, .speed_mps = 13.89f },
                                      { .length_m = 0 } };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 2, 0, 2 },
                                              { 2, 4, ART_CONFLICT_MERGE, 0, 1, 2, 5, 2, 5 },
                                              { .a_exit_m = 0 } };
  return small_net(5, links, paths, conflicts);
}

static const int32_t straight[] = { 0, 1, 4 };

static void closed_link_is_driven_around(void **state)
{
  (void)state;
  art_net *net = net_with_way_around();
  art_demand *demand = art_test_demand_flow(net, 3, straight, 6, 0, 20000);
  demand->type[0].speed_factor_dev = 0.0f;
  art_sim_setup setup = small_setup(net, demand);
  // At 30 s: the first two are on l0 or past it (the first at about 417 m: past l1), the others still to come.
  const art_change change = {
    .kind = ART_CHANGE_CLOSE_LINK, .link = 1, .lane = -1, .from_ms = 30000, .to_ms = 3600000
  };
  setup.change_count = 1;
  setup.change = &change;
  art_sim *sim = run_out(&setup);
  const art_trip_row *row = art_sim_trips(sim);
  assert_int_equal(row[0].reroutes, 0);
  assert_int_equal(row[0].route_mm, 295000 + 5000 + 100000 + 5000 + 300000);
  for (int i = 1; i < 6; ++i) {
    assert_int_equal(row[i].reroutes, 1);
    assert_int_equal(row[i].route_mm, 295000 + 5000 + 200000 + 5000 + 200000 + 5000 + 300000);
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void trips_without_a_way_wait_outside(void **state)
{
  (void)state;
  art_net *net = net_with_way_around();
  art_demand *demand = art_test_demand_flow(net, 3, straight, 3, 10000, 5000);
  art_sim_setup setup = small_setup(net, demand);
  const art_change change = {
    .kind = ART_CHANGE_CLOSE_LINK, .link = 4, .lane = -1, .from_ms = 0, .to_ms = 120000
  };
  setup.change_count = 1;
  setup.change = &change;
  art_sim *sim = create(&setup);
  advance(sim, 100000);
  art_ledger l = art_sim_ledger(sim);
  assert_int_equal(l.loaded, 3);
  assert_int_equal(l.waiting, 3);
  assert_int_equal(l.no_route, 3);
  assert_int_equal(l.inserted + l.removed, 0);
  assert_false(art_sim_is_finished(sim));
  advance(sim, 600000);
  l = art_sim_ledger(sim);
  assert_int_equal(l.arrived, 3);
  assert_int_equal(l.no_route, 0);
  assert_int_equal(art_sim_trips(sim)[0].insert_ms, 120000);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void lower_limit_costs_its_time(void **state)
{
  (void)state;
  corridor c = make_corridor(1, 0);
  art_sim_setup setup = small_setup(c.net, c.demand);
  const art_change change = {
    .kind = ART_CHANGE_SPEED_LIMIT, .link = 1, .lane = -1, .from_ms = 0, .to_ms = 3600000, .value = 5.0f
  };
  setup.change_count = 1;
  setup.change = &change;
  art_sim *sim = create(&setup);
  art_snapshot shot = { 0 };
  float fastest = 0.0f;
  while (!art_sim_is_finished(sim)) {
    advance(sim, art_sim_now(sim) + 500);
    art_sim_snapshot(sim, &shot);
    if (shot.count && shot.lane[0] == 1 && shot.speed_mps[0] > fastest) fastest = shot.speed_mps[0];
  }
  assert_true(fastest <=
              5.0f * 1.02f);  // who enters is down to the limit but for the rounding of the last step
  const double expected = 496.0 / (double)limit_mps + 500.0 / 5.0;
  const double taken = (double)art_sim_trips(sim)->arrival_ms * 1e-3;
  // Braking at about 2 m/s2 from 13.89 to 5 m/s loses 8.89^2 / (2 * 2 * 13.89) = 1.4 s before the lower limit.
  assert_true(taken > expected && taken < expected + 4.0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  free_corridor(&c);
}

// --- signals and stops -------------------------------------------------------------------------------------------------

static void red_light_is_waited_for(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  // From the south: red until 33 s; the line is 195 m away, reached after 14 s.
  art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 1, 3 }, 3, 0, 2000);
  art_sim_setup setup = small_setup(net, demand);
  setup.step_ms = 250;
  art_sim *sim = create(&setup);
  art_snapshot shot = { 0 };
  art_tick entered_ms = -1;
  while (!art_sim_is_finished(sim)) {
    advance(sim, art_sim_now(sim) + 250);
    art_sim_snapshot(sim, &shot);
    for (int64_t i = 0; i < shot.count && entered_ms < 0; ++i)
      if (shot.lane[i] != 1) entered_ms = art_sim_now(sim);
  }
  assert_true(entered_ms > 33000 && entered_ms < 36000);
  const art_trip_row *row = art_sim_trips(sim);
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(row[i].stops, 1);
    assert_true(row[i].waiting_ms > 5000);
  }
  assert_in_range(row[0].longest_standstill_ms, 10000, 25000);
  const art_signal_event *event;
  const int64_t events = art_sim_take_signal_events(sim, &event);
  assert_true(events >= 3);
  assert_int_equal(event[0].time_ms, 0);
  assert_int_equal(event[1].time_ms, 30000);
  assert_int_equal(event[2].time_ms, 33000);
  assert_int_equal(event[2].phase, 2);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void bus_dwells_at_its_stop(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 2 }, 1, 0, 0);
  demand->type[0].speed_factor_dev = 0.0f;
  demand->stop_count = 1;
  demand->stop_lane = ART_NEW(int32_t, 1);
  demand->stop_lane[0] = 2;
  demand->stop_start_m = ART_NEW(float, 1);
  demand->stop_start_m[0] = 100.0f;
  demand->stop_end_m = ART_NEW(float, 1);
  demand->stop_end_m[0] = 120.0f;
  demand->stop_duration_ms = ART_NEW(int64_t, 1);
  demand->stop_duration_ms[0] = 20000;
  demand->stop_until_ms = ART_NEW(int64_t, 1);
  demand->stop_until_ms[0] = -1;
  demand->stop_place = ART_NEW(int32_t, 1);
  demand->trip_first_stop[1] = 1;
  const art_sim_setup setup = small_setup(net, demand);
  art_sim *sim = create(&setup);
  art_snapshot shot = { 0 };
  art_tick stood_ms = 0;
  while (!art_sim_is_finished(sim)) {
    advance(sim, art_sim_now(sim) + 500);
    art_sim_snapshot(sim, &shot);
    if (shot.count == 0 || shot.speed_mps[0] >= 0.1f) continue;
    stood_ms += 500;
    assert_int_equal(shot.lane[0], 2);
    assert_true(shot.pos_m[0] >= 100.0f && shot.pos_m[0] <= 120.5f);
  }
  const art_trip_row *row = art_sim_trips(sim);
  assert_int_equal(row->missed_stops, 0);
  assert_in_range(row->stop_ms, 20000, 20500);
  assert_in_range(stood_ms, row->stop_ms, row->stop_ms + 2000);
  assert_int_equal(row->stops, 1);
  // Besides the dwelling: stopping at 2 and starting at 1.7 m/s2 costs 13.89 / 2 (1 / 2 + 1 / 1.7) = 7.6 s; models are smoother.
  const double free_s = 405.0 / 13.89;
  const double taken = (double)row->arrival_ms * 1e-3;
  assert_true(taken > free_s + 20.0 + 7.0 && taken < free_s + 20.0 + 18.0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lone_vehicle_takes_the_free_time),
    cmocka_unit_test(stream_arrives_with_every_count_of_threads),
    cmocka_unit_test(step_size_hardly_matters),
    cmocka_unit_test(one_bit_of_one_speed_changes_the_hash),
    cmocka_unit_test(departure_speeds),
    cmocka_unit_test(departures_queue_for_room),
    cmocka_unit_test(closed_link_is_driven_around),
    cmocka_unit_test(trips_without_a_way_wait_outside),
    cmocka_unit_test(lower_limit_costs_its_time),
    cmocka_unit_test(red_light_is_waited_for),
    cmocka_unit_test(bus_dwells_at_its_stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
