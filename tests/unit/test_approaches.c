/// Measurements at signals against hand-computed cases: lane groups, one car on green and on red, a queue, what is left over,
/// queues over several lanes, and threads.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/approaches.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

static art_sim *start(const art_net *net, const art_demand *demand, int32_t threads)
{
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.approaches = 1;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

static void advance(art_sim *sim, art_tick until_ms)
{
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, until_ms, &err), err);
}

/// A link of 300 m to a signal, 10 m through the node, 900 m behind it; 10 m/s.
static art_net *one_signal(int32_t phases, const int64_t *duration_ms, const char *states)
{
  static const small_link links[] = { { 0, 1, 1, 300, 10 }, { 1, 2, 1, 900, 10 }, { .length_m = 0 } };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 10, .speed_mps = 10 },
                                      { .length_m = 0 } };
  art_net *net = small_net(3, links, paths, NULL);
  small_signal(net, phases, duration_ms, states);
  return net;
}

static art_demand *cars(int32_t count, int64_t first_ms, int64_t every_ms, float pos_m)
{
  art_vtype car = art_lab_car();
  car.length_m = 5.0f;
  const art_lab_route route = { { 0, 1, -1 } };
  art_lab_trip *trips = ART_NEW(art_lab_trip, count);
  for (int32_t i = 0; i < count; ++i)
    trips[i] = (art_lab_trip){ .depart_ms = first_ms + every_ms * i, .pos_m = pos_m, .speed_mps = 10.0f };
  art_demand *demand = art_lab_demand(1, &car, 1, &route, count, trips);
  free(trips);
  return demand;
}

/// Lanes: 0 right, 1 and 2 through, 3 left and through, of which 1 and 2 see the same; a link before them, without a signal
/// between.
static void lane_groups_see_the_same(void **state)
{
  (void)state;
  static const small_link links[] = { { 0, 1, 4, 80, 10 }, { 1, 2, 1, 80, 10 }, { 1, 3, 2, 80, 10 },
                                      { 1, 4, 1, 80, 10 }, { 5, 0, 1, 50, 10 }, { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .from_lane = 0, .to_link = 1, .length_m = 10, .speed_mps = 10 },
    { .from_link = 0, .from_lane = 1, .to_link = 2, .to_lane = 0, .length_m = 10, .speed_mps = 10 },
    { .from_link = 0, .from_lane = 2, .to_link = 2, .to_lane = 1, .length_m = 10, .speed_mps = 10 },
    { .from_link = 0, .from_lane = 3, .to_link = 2, .to_lane = 1, .length_m = 10, .speed_mps = 10 },
    { .from_link = 0, .from_lane = 3, .to_link = 3, .length_m = 10, .speed_mps = 10 },
    { .from_link = 4, .to_link = 0, .to_lane = 1, .length_m = 2, .speed_mps = 10 },
    { .length_m = 0 }
  };
  art_net *net = small_net(6, links, paths, NULL);
  small_signal(net, 2, (const int64_t[]){ 30000, 30000 }, "GGGGgGGrrrrG");
  net->connector_signal[5] = -1;
  net->connector_turn[0] = ART_TURN_RIGHT;
  net->connector_turn[4] = ART_TURN_LEFT;
  art_lane_groups g;
  art_lane_groups_build(net, &g);
  assert_int_equal(g.count, 3);
  assert_int_equal(g.of_lane[0], 0);
  assert_int_equal(g.of_lane[1], 1);
  assert_int_equal(g.of_lane[2], 1);
  assert_int_equal(g.of_lane[3], 2);
  assert_int_equal(g.of_lane[4], -1);
  assert_int_equal(g.first_lane[2] - g.first_lane[1], 2);
  assert_int_equal(g.link_before[0], 4);
  assert_int_equal(g.link_before[2], -1);  // a signal stands between
  char turns[8];
  art_lane_group_turns(net, &g, 2, turns);
  assert_string_equal(turns, "sl");
  assert_true(fabs(art_lane_group_length(net, &g, 1) - 130.0) < 1e-4);
  art_lane_groups_free(&g);
  art_net_free(net);
}

/// The light is green from 30 s to 60 s of a cycle of 65 s (red 30 s, green 30 s, yellow 5 s). A car that comes to the line at
/// 39.5 s is neither slowed nor stopped.
static void car_on_green(void **state)
{
  (void)state;
  art_net *net = one_signal(3, (const int64_t[]){ 30000, 30000, 5000 }, "rGy");
  art_demand *demand = cars(1, 10000, 1000, 5.0f);
  art_sim *sim = start(net, demand, 1);
  advance(sim, 70000);
  const art_signal_cycle *cycle;
  assert_int_equal(art_sim_take_cycles(sim, 0, &cycle), 1);
  assert_int_equal(cycle->begin_ms, 0);
  assert_int_equal(cycle->green_ms, 30000);
  assert_int_equal(cycle->yellow_ms, 60000);
  assert_int_equal(cycle->end_ms, 65000);
  assert_int_equal(cycle->is_complete, 0);  // its red may have begun before
  assert_int_equal(cycle->volume, 1);
  assert_int_equal(cycle->on_green, 1);
  assert_int_equal(cycle->stopped, 0);
  assert_int_equal(cycle->stops, 0);
  assert_true(llabs(cycle->delay_ms) <= 2);
  assert_int_equal(cycle->queue_mm, 0);
  assert_int_equal(cycle->left_over, 0);
  assert_int_equal(cycle->used_ms, 3000);
  const art_line_passage *passage;
  assert_int_equal(art_sim_take_passages(sim, &passage), 1);
  assert_in_range(passage->time_ms, 39499, 39501);
  assert_in_range(passage->arrival_ms, 39498, 39502);
  int32_t out;
  int64_t delay_ms;
  art_sim_take_movement_delays(sim, &out, &delay_ms);
  assert_int_equal(out, 1);
  assert_true(llabs(delay_ms) <= 2);
  advance(sim, 140000);
  assert_int_equal(art_sim_take_cycles(sim, 0, &cycle), 1);  // nobody came
  assert_int_equal(cycle->is_complete, 1);
  assert_int_equal(cycle->begin_ms, 65000);
  assert_int_equal(cycle->end_ms, 130000);
  assert_int_equal(cycle->volume, 0);
  assert_int_equal(art_sim_take_cycles(sim, 1, &cycle), 1);  // what is left at the end
  assert_int_equal(cycle->is_complete, 0);
  assert_int_equal(cycle->begin_ms, 130000);
  assert_int_equal(cycle->end_ms, 130500);  // when it had arrived
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A car that comes on red. It has no reason to lose time but the signal: its control delay is all that its trip lost.
static void car_on_red(void **state)
{
  (void)state;
  art_net *net = one_signal(3, (const int64_t[]){ 60000, 30000, 5000 }, "rGy");
  art_demand *demand = cars(1, 0, 1000, 5.0f);
  art_sim *sim = start(net, demand, 1);
  advance(sim, 59500);
  advance(sim, 110000);
  const art_signal_cycle *cycle;
  assert_int_equal(art_sim_take_cycles(sim, 0, &cycle), 1);
  assert_int_equal(cycle->volume, 1);
  assert_int_equal(cycle->on_green, 0);
  assert_int_equal(cycle->stopped, 1);
  assert_int_equal(cycle->stops, 1);
  assert_int_equal(cycle->queue_vehicles, 1);
  assert_in_range(cycle->queue_mm, 6000, 8000);  // its length, and where it got slow before the line
  assert_int_equal(cycle->headways, 0);
  const int64_t delay_ms = cycle->delay_ms;
  const art_line_passage *passage;
  assert_int_equal(art_sim_take_passages(sim, &passage), 1);
  assert_in_range(passage->arrival_ms, 29498, 29502);
  advance(sim, 300000);
  const art_trip_row *row = art_sim_trips(sim);
  assert_int_equal(row->state, ART_TRIP_ARRIVED);
  const int64_t lost_ms = row->arrival_ms - row->insert_ms - row->free_ms;
  assert_in_range(lost_ms, 30000, 40000);
  // Up to half a step because arrivals count by steps, and what the last few percent of its speed cost.
  assert_true(llabs(delay_ms - lost_ms) <= 700);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Thirty cars at once, of which a green of 30 s lets about half through: back of queue, saturation flow, what is left over.
static void queue_is_left_over(void **state)
{
  (void)state;
  art_net *net = one_signal(3, (const int64_t[]){ 120000, 30000, 5000 }, "rGy");
  net->lane_length_m[0] = 300.0f;
  art_demand *demand = cars(30, 0, 2500, 5.0f);
  art_sim *sim = start(net, demand, 1);
  advance(sim, 119500);
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  float rear = 300.0f;
  for (int64_t i = 0; i < shot.count; ++i) rear = fminf(rear, shot.pos_m[i] - 5.0f);
  assert_int_equal(shot.count, 30);
  advance(sim, 330000);
  const art_signal_cycle *cycle;
  assert_int_equal(art_sim_take_cycles(sim, 0, &cycle), 2);
  const art_signal_cycle first = cycle[0], second = cycle[1];
  assert_int_equal(first.volume + first.left_over, 30);
  assert_in_range(first.volume, 12, 18);
  assert_int_equal(first.queue_vehicles, 30);
  // It counts from when it got slow on, a little before it stood.
  assert_true((double)first.queue_mm * 1e-3 >= 300.0 - (double)rear);
  assert_true((double)first.queue_mm * 1e-3 <= 300.0 - (double)rear + 3.0);
  assert_int_equal(first.stopped, first.volume);
  assert_int_equal(first.fourths, 1);
  assert_true(first.headways >= first.volume - 6 && first.headways <= first.volume - 4);
  const double headway_s = (double)first.headway_ms * 1e-3 / first.headways;
  assert_true(headway_s > 1.6 && headway_s < 2.4);
  const double lost_s = (double)first.fourth_ms * 1e-3 - 4.0 * headway_s;
  assert_true(lost_s > 0.5 && lost_s < 3.0);
  assert_in_range(first.used_ms, 27000, 30000);
  assert_int_equal(second.left_over, 30 - first.volume - second.volume);
  assert_int_equal(second.on_green, 0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// The last link is 30 m long; the queue goes on in the link before it, and so does the approach.
static void queue_over_two_links(void **state)
{
  (void)state;
  static const small_link links[] = {
    { 0, 1, 1, 300, 10 }, { 1, 2, 1, 30, 10 }, { 2, 3, 1, 300, 10 }, { .length_m = 0 }
  };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 2, .speed_mps = 10 },
                                      { .from_link = 1, .to_link = 2, .length_m = 5, .speed_mps = 10 },
                                      { .length_m = 0 } };
  art_net *net = small_net(4, links, paths, NULL);
  small_signal(net, 3, (const int64_t[]){ 90000, 60000, 5000 }, "GrGGGy");
  net->connector_signal[0] = -1;
  art_vtype car = art_lab_car();
  car.length_m = 5.0f;
  const art_lab_route route = { { 0, 1, 2, -1 } };
  art_lab_trip trips[12];
  for (int i = 0; i < 12; ++i)
    trips[i] = (art_lab_trip){ .depart_ms = 3000 * i, .pos_m = 5.0f, .speed_mps = 10.0f };
  art_demand *demand = art_lab_demand(1, &car, 1, &route, 12, trips);
  art_sim *sim = start(net, demand, 1);
  advance(sim, 89500);
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  double farthest = 0.0;
  for (int64_t i = 0; i < shot.count; ++i)
    if (shot.lane[i] == 0) farthest = fmax(farthest, 300.0 - (double)shot.pos_m[i] + 5.0 + 32.0);
  assert_true(farthest > 50.0);
  advance(sim, 400000);
  const art_signal_cycle *cycle;
  assert_true(art_sim_take_cycles(sim, 1, &cycle) >= 1);
  assert_int_equal(cycle->volume, 12);
  assert_true((double)cycle->queue_mm * 1e-3 >= farthest - 1e-3);
  assert_true((double)cycle->queue_mm * 1e-3 <= farthest + 3.0);
  assert_true(cycle->queue_vehicles >= 11);  // one may stand in the joint
  int64_t lost_ms = 0;
  for (int i = 0; i < 12; ++i) {
    const art_trip_row *row = &art_sim_trips(sim)[i];
    lost_ms += row->arrival_ms - row->insert_ms - row->free_ms;
  }
  assert_true(llabs(cycle->delay_ms - lost_ms) <= lost_ms / 50 + 12 * 250);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Two roads that have nothing to do with one another: a link of 10 m before a signal, over which queues go on, and a light that
/// stays red and lets a queue fill its last link and more. How long the first one's queues are does not depend on whether
/// anybody drives on the second.
static void queues_elsewhere_do_not_count(void **state)
{
  (void)state;
  static const small_link links[] = { { 0, 1, 1, 300, 10 }, { 1, 2, 1, 10, 10 },  { 2, 3, 1, 300, 10 }, { 4, 5, 1, 300, 10 },
                                      { 5, 6, 1, 40, 10 },  { 6, 7, 1, 300, 10 }, { .length_m = 0 } };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 2, .speed_mps = 10 },
                                      { .from_link = 1, .to_link = 2, .length_m = 5, .speed_mps = 10 },
                                      { .from_link = 3, .to_link = 4, .length_m = 2, .speed_mps = 10 },
                                      { .from_link = 4, .to_link = 5, .length_m = 5, .speed_mps = 10 },
                                      { .length_m = 0 } };
  int32_t queue_mm[2] = { 0, 0 };
  for (int elsewhere = 0; elsewhere < 2; ++elsewhere) {
    art_net *net = small_net(8, links, paths, NULL);
    small_signal(net, 3, (const int64_t[]){ 60000, 60000, 5000 }, "GrGrGGGrGyGr");
    net->connector_signal[0] = net->connector_signal[2] = -1;
    art_vtype car = art_lab_car();
    car.length_m = 5.0f;
    const art_lab_route routes[] = { { { 0, 1, 2, -1 } }, { { 3, 4, 5, -1 } } };
    art_lab_trip trips[60];
    for (int i = 0; i < 60; ++i)
      trips[i] = (art_lab_trip){ .depart_ms = 2000 * i + (i % 2 && !elsewhere ? 3000000 : 0),  // after what is looked at
                                 .pos_m = 5.0f,
                                 .speed_mps = 10.0f,
                                 .route = i % 2 };
    art_demand *demand = art_lab_demand(1, &car, 2, routes, 60, trips);
    art_sim *sim = start(net, demand, 1);
    advance(sim, 126000);
    const art_signal_cycle *cycle;
    const int64_t cycles = art_sim_take_cycles(sim, 1, &cycle);
    const art_lane_groups *groups = art_sim_lane_groups(sim);
    for (int64_t i = 0; i < cycles; ++i)
      if (groups->link[cycle[i].group] == 1 && cycle[i].queue_mm > queue_mm[elsewhere]) queue_mm[elsewhere] = cycle[i].queue_mm;
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
  assert_true(queue_mm[0] > 50000);
  assert_int_equal(queue_mm[0], queue_mm[1]);
}

/// Differing drivers through the signal of the test crossing: the same cycles and passages with every number of threads, and
/// as many vehicles as the movements count.
static void threads_do_not_change_cycles(void **state)
{
  (void)state;
  art_signal_cycle *first = NULL;
  art_line_passage *first_passage = NULL;
  int64_t cycles = 0, passages = 0;
  uint64_t hash = 0;
  for (int k = 0; k < 4; ++k) {
    art_net *net = art_test_net_crossing();
    art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 2 }, 80, 0, 3000);
    art_sim_setup setup = small_setup(net, demand);
    setup.threads = k < 3 ? k + 1 : 1;
    setup.approaches = k < 3;
    art_error err = { 0 };
    art_sim *sim = NULL;
    assert_ok(art_sim_create(&setup, &sim, &err), err);
    advance(sim, 400000);
    if (k == 0) hash = art_sim_hash(sim);
    assert_true(art_sim_hash(sim) == hash);  // measuring changes nothing
    const art_signal_cycle *cycle;
    const art_line_passage *passage;
    const int64_t n = art_sim_take_cycles(sim, 1, &cycle), p = art_sim_take_passages(sim, &passage);
    if (k == 3) {
      assert_int_equal(n + p, 0);
      assert_null(art_sim_lane_groups(sim));
    } else if (k == 0) {
      int32_t moved[3];
      int64_t volume = 0;
      art_sim_take_movements(sim, moved);
      for (int64_t i = 0; i < n; ++i) volume += cycle[i].volume;
      assert_int_equal(volume, moved[0] + moved[1] + moved[2]);
      assert_int_equal(volume, 80);
      assert_int_equal(p, 80);
      cycles = n;
      passages = p;
      first = ART_NEW(art_signal_cycle, n);
      first_passage = ART_NEW(art_line_passage, p);
      memcpy(first, cycle, (size_t)n * sizeof *cycle);
      memcpy(first_passage, passage, (size_t)p * sizeof *passage);
    } else {
      assert_int_equal(n, cycles);
      assert_int_equal(p, passages);
      assert_memory_equal(first, cycle, (size_t)n * sizeof *cycle);
      for (int64_t i = 0; i < p; ++i) {
        assert_int_equal(first_passage[i].time_ms, passage[i].time_ms);
        assert_int_equal(first_passage[i].arrival_ms, passage[i].arrival_ms);
        assert_int_equal(first_passage[i].lane, passage[i].lane);
        assert_int_equal(first_passage[i].trip, passage[i].trip);
      }
    }
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
  free(first);
  free(first_passage);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lane_groups_see_the_same),
    cmocka_unit_test(car_on_green),
    cmocka_unit_test(car_on_red),
    cmocka_unit_test(queue_is_left_over),
    cmocka_unit_test(queue_over_two_links),
    cmocka_unit_test(queues_elsewhere_do_not_count),
    cmocka_unit_test(threads_do_not_change_cycles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
