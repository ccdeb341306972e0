// Rules of right of way, one node each: turns on red, all-way stops, right before left, zips, uncontrolled nodes, trams.
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

typedef struct run {
  art_net *net;
  art_demand *demand;
  art_sim *sim;
  art_snapshot shot;
} run;

static run start(art_net *net, int32_t route_count, const art_lab_route *routes, int32_t trip_count,
                 const art_lab_trip *trips, float length_m)
{
  art_vtype type = art_lab_car();
  type.length_m = length_m;
  run r = { .net = net, .demand = art_lab_demand(1, &type, route_count, routes, trip_count, trips) };
  art_sim_setup setup = small_setup(net, r.demand);
  art_error err = { 0 };
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(r.demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &r.sim, &err), err);
  return r;
}

static void finish(run *r)
{
  art_sim_free(r->sim);
  art_snapshot_free(&r->shot);
  art_demand_free(r->demand);
  art_net_free(r->net);
}

static int step(run *r)
{
  art_error err = { 0 };
  if (art_sim_is_finished(r->sim) || art_sim_now(r->sim) > 3600000) return 0;
  assert_ok(art_sim_advance(r->sim, art_sim_now(r->sim) + r->sim->step_ms, &err), err);
  art_sim_snapshot(r->sim, &r->shot);
  return 1;
}

static art_lab_trip trip_at(int64_t depart_ms, int32_t route)
{
  return (art_lab_trip){
    .depart_ms = depart_ms, .pos_m = ART_POS_BASE, .speed_mps = ART_SPEED_MAX, .route = route
  };
}

/// Times at which the front of each trip first lies past its first link, and its lowest speed on the last 4 m before.
static void note(run *r, art_tick *entered, float *slowest)
{
  for (int32_t i = 0; i < r->demand->trip_count; ++i) {
    entered[i] = -1;
    slowest[i] = INFINITY;
  }
  while (step(r))
    for (int64_t i = 0; i < r->shot.count; ++i) {
      const int32_t trip = r->shot.trip[i], lane = r->shot.lane[i];
      const int32_t first = r->demand->route_link[r->demand->route_first[r->demand->trip_route[trip]]];
      const int on_first = !art_net_is_connector(r->net, lane) && r->net->lane_link[lane] == first;
      if (!on_first && entered[trip] < 0) entered[trip] = art_sim_now(r->sim);
      if (on_first && r->shot.pos_m[i] > r->net->lane_length_m[lane] - 4.0f)
        slowest[trip] = fminf(slowest[trip], r->shot.speed_mps[i]);
    }
}

/// Four arms of 200 m, straight on only, numbered counter-clockwise: arm i + 1 is to the right of arm i.
static art_net *four_arms(char state, art_node_kind kind, int right_before_left)
{
  small_link links[9] = { { .length_m = 0 } };
  small_path paths[5] = { { .length_m = 0 } };
  small_conflict conflicts[5] = { { .a_exit_m = 0 } };
  for (int i = 0; i < 4; ++i) {
    links[i] = (small_link){ 1 + i, 0, 1, 200, 13.89f };
    links[4 + i] = (small_link){ 0, 5 + i, 1, 200, 13.89f };
    paths[i] = (small_path){
      .from_link = i, .to_link = 4 + (i + 2) % 4, .length_m = 16, .speed_mps = 13.89f, .state = state
    };
    const int other = (i + 1) % 4;  // i yields to it where right goes before left
    conflicts[i] = i < other
                       ? (small_conflict){ i, other, ART_CONFLICT_CROSS, right_before_left, 0, 8, 12, 3, 7 }
                       : (small_conflict){ other, i, ART_CONFLICT_CROSS, 0, right_before_left, 3, 7, 8, 12 };
  }
  art_net *net = small_net(9, links, paths, conflicts);
  net->node_kind[0] = (uint8_t)kind;
  return net;
}

static const art_lab_route straight_on[4] = {
  { { 0, 6, -1 } }, { { 1, 7, -1 } }, { { 2, 4, -1 } }, { { 3, 5, -1 } }
};

static int32_t trip_of_route(const run *r, int32_t route)
{
  int32_t trip = 0;
  while (r->demand->trip_route[trip] != route) ++trip;
  return trip;
}

/// Signs of an all-way stop below lights that are out. Each of two that meet yields to the other, as files have it.
static art_net *dark_allway_stop(void)
{
  static const int64_t duration_ms[] = { 60000 };
  art_net *net = four_arms('w', ART_NODE_TRAFFIC_LIGHT, 0);
  small_signal(net, 1, duration_ms, "oooo");
  for (int32_t k = 0; k < net->conflict_count; ++k) net->conflict_yield[k] = 1;
  art_net_index(net);
  net->program_control[0] = ART_CONTROL_OFF;
  return net;
}

static void allway_stop_serves_by_arrival(void **state)
{
  (void)state;
  for (int n = 0; n < 8; ++n) {
    // Arms in turn, 1 s apart: everybody stops, and goes in this order where paths meet.
    const int first = n % 4;
    art_lab_trip trips[4];
    for (int i = 0; i < 4; ++i) trips[i] = trip_at(1000 * i, (first + i) % 4);
    run r = start(n < 4 ? four_arms('w', ART_NODE_ALLWAY_STOP, 0) : dark_allway_stop(), 4, straight_on, 4, trips, 5.0f);
    art_tick entered[4];
    float slowest[4];
    note(&r, entered, slowest);
    assert_int_equal(art_sim_ledger(r.sim).arrived, 4);
    for (int i = 0; i < 4; ++i) {
      const int32_t me = trip_of_route(&r, (first + i) % 4);
      assert_true(slowest[me] < 0.31f);
      for (int k = i + 1; k < 4; k += 2)
        assert_true(entered[me] < entered[trip_of_route(&r, (first + k) % 4)]);
    }
    finish(&r);
  }
}

static void right_goes_before_left(void **state)
{
  (void)state;
  // At the same time from arms 0 and 1: 0 yields. Mirrored, 1 does.
  const art_lab_trip trips[2] = { trip_at(0, 0), trip_at(0, 1) };
  for (int left = 0; left < 2; ++left) {
    art_net *net = four_arms('=', left ? ART_NODE_LEFT_BEFORE_RIGHT : ART_NODE_RIGHT_BEFORE_LEFT, 1);
    if (left)
      for (int32_t k = 0; k < net->conflict_count; ++k) net->conflict_yield[k] = !net->conflict_yield[k];
    run r = start(net, 4, straight_on, 2, trips, 5.0f);
    art_tick entered[2];
    float slowest[2];
    note(&r, entered, slowest);
    assert_int_equal(art_sim_ledger(r.sim).arrived, 2);
    const int32_t zero = trip_of_route(&r, 0), one = trip_of_route(&r, 1);
    if (left)
      assert_true(entered[zero] < entered[one]);
    else
      assert_true(entered[one] < entered[zero]);
    finish(&r);
  }
}

/// Four at once, each yielding to its right: somebody goes first, and all get through within half a minute.
static void right_before_left_does_not_lock(void **state)
{
  (void)state;
  const art_lab_trip trips[4] = { trip_at(0, 0), trip_at(0, 1), trip_at(0, 2), trip_at(0, 3) };
  run r = start(four_arms('=', ART_NODE_RIGHT_BEFORE_LEFT, 1), 4, straight_on, 4, trips, 5.0f);
  art_tick entered[4];
  float slowest[4];
  note(&r, entered, slowest);
  assert_int_equal(art_sim_ledger(r.sim).arrived, 4);
  for (int i = 0; i < 4; ++i) assert_true(entered[i] < 45000);
  finish(&r);
}

/// A small roundabout as one node: arm i lets those of arm i + 1 pass, whom it meets so late on its own path that it cannot get
/// through before them. Queues reach back over links of 18 m into the nodes before, from where drivers ask already.
static void equal_arms_do_not_wait_in_a_circle(void **state)
{
  (void)state;
  enum { ARMS = 3, EACH = 12 };
  small_link links[3 * ARMS + 1] = { { .length_m = 0 } };
  small_path paths[2 * ARMS + 1] = { { .length_m = 0 } };
  for (int i = 0; i < ARMS; ++i) {
    links[i] = (small_link){ 1 + i, 4 + i, 1, 200, 13.89f };
    links[ARMS + i] = (small_link){ 4 + i, 0, 1, 18, 13.89f };
    links[2 * ARMS + i] = (small_link){ 0, 7 + i, 1, 200, 13.89f };
    paths[i] = (small_path){
      .from_link = i, .to_link = ARMS + i, .length_m = 24, .speed_mps = 13.89f, .state = 'M', .no_keep_clear = 1
    };
    paths[ARMS + i] = (small_path){
      .from_link = ARMS + i, .to_link = 2 * ARMS + i, .length_m = 24, .speed_mps = 6.0f, .state = '='
    };
  }
  const small_conflict conflicts[] = { { 3, 4, ART_CONFLICT_CROSS, 1, 0, 16, 21, 8, 13 },
                                       { 3, 5, ART_CONFLICT_CROSS, 0, 1, 8, 13, 16, 21 },
                                       { 4, 5, ART_CONFLICT_CROSS, 1, 0, 16, 21, 8, 13 },
                                       { .a_exit_m = 0 } };
  static const art_lab_route routes[] = { { { 0, 3, 6, -1 } }, { { 1, 4, 7, -1 } }, { { 2, 5, 8, -1 } } };
  art_lab_trip trips[ARMS * EACH];
  for (int i = 0; i < ARMS * EACH; ++i) trips[i] = trip_at(2000 * (i / ARMS), i % ARMS);
  art_net *net = small_net(10, links, paths, conflicts);
  net->node_kind[0] = ART_NODE_LEFT_BEFORE_RIGHT;
  run r = start(net, ARMS, routes, ARMS * EACH, trips, 5.0f);
  while (step(&r)) continue;
  assert_int_equal(art_sim_ledger(r.sim).arrived, ARMS * EACH);
  assert_int_equal(art_sim_ledger(r.sim).rotations, 0);
  // circles are looked for from 120 s on
  for (int i = 0; i < ARMS * EACH; ++i) assert_true(art_sim_trips(r.sim)[i].longest_standstill_ms < 100000);
  finish(&r);
}

static void uncontrolled_serves_by_arrival(void **state)
{
  (void)state;
  const art_lab_trip trips[2] = { trip_at(0, 1), trip_at(1000, 0) };
  run r = start(four_arms('-', ART_NODE_UNREGULATED, 0), 4, straight_on, 2, trips, 5.0f);
  art_tick entered[2];
  float slowest[2];
  note(&r, entered, slowest);
  assert_true(entered[trip_of_route(&r, 1)] < entered[trip_of_route(&r, 0)]);
  assert_int_equal(art_sim_trips(r.sim)[trip_of_route(&r, 1)].waiting_ms, 0);
  finish(&r);
}

// --- zip -------------------------------------------------------------------------------------------------------------

static void lanes_zip_one_by_one(void **state)
{
  (void)state;
  static const small_link links[] = {
    { 1, 0, 1, 300, 13.89f }, { 2, 0, 1, 300, 13.89f }, { 0, 3, 1, 300, 13.89f }, { .length_m = 0 }
  };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 12, .speed_mps = 13.89f, .state = 'Z' },
    { .from_link = 1, .to_link = 2, .length_m = 12, .speed_mps = 13.89f, .state = 'Z' },
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_MERGE, 0, 0, 5, 12, 5, 12 },
                                              { .a_exit_m = 0 } };
  static const art_lab_route routes[] = { { { 0, 2, -1 } }, { { 1, 2, -1 } } };
  art_lab_trip trips[200];
  for (int i = 0; i < 200; ++i) trips[i] = trip_at(2500 * (i / 2), i % 2);
  art_net *net = small_net(4, links, paths, conflicts);
  net->node_kind[0] = ART_NODE_ZIPPER;
  run r = start(net, 2, routes, 200, trips, 5.0f);
  int32_t order[200], count = 0, turns = 0, share = 0;
  uint8_t seen[200] = { 0 };
  while (step(&r))
    for (int64_t i = r.shot.count - 1; i >= 0; --i) {
      const int32_t trip = r.shot.trip[i];
      if (seen[trip] || r.shot.lane[i] != 2) continue;
      seen[trip] = 1;
      order[count++] = r.demand->trip_route[trip];
    }
  assert_int_equal(count, 200);
  // While both queues last, after the first arrivals: lanes take turns.
  for (int i = 21; i < 161; ++i) {
    turns += order[i] != order[i - 1];
    share += order[i];
  }
  assert_in_range(share, 68, 72);
  assert_true(turns >= 130);
  finish(&r);
}

// --- turn on red -------------------------------------------------------------------------------------------------------

/// From the south right (0) with a red light that allows it, from the west straight on (1) with green, into one lane.
static void turns_right_on_red_after_a_stop(void **state)
{
  (void)state;
  static const small_link links[] = {
    { 1, 0, 1, 200, 13.89f }, { 2, 0, 1, 200, 13.89f }, { 0, 3, 1, 200, 13.89f }, { .length_m = 0 }
  };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 9, .speed_mps = 6, .state = 'o' },
    { .from_link = 1, .to_link = 2, .length_m = 16, .speed_mps = 13.89f, .state = 'O' },
    { .length_m = 0 }
  };
  // By right of way the turner would go first; on red it yields to everybody with green, major or minor.
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_MERGE, 0, 1, 4, 9, 10, 16 },
                                              { .a_exit_m = 0 } };
  static const art_lab_route routes[] = { { { 0, 2, -1 } }, { { 1, 2, -1 } } };
  static const char *const lights[] = { "sG", "sg", "rG" };
  for (int light = 0; light < 3; ++light) {
    // Cars on the main road every 2.2 s for 50 s: too dense to turn into.
    art_lab_trip trips[24];
    trips[0] = trip_at(0, 0);
    for (int i = 0; i < 23; ++i) trips[1 + i] = trip_at(2200 * i, 1);
    art_net *net = small_net(4, links, paths, conflicts);
    net->node_kind[0] = ART_NODE_TRAFFIC_LIGHT_RIGHT_ON_RED;
    small_signal(net, 1, (const int64_t[]){ 600000 }, lights[light]);
    run r = start(net, 2, routes, 24, trips, 5.0f);
    art_tick entered[24];
    float slowest[24];
    note(&r, entered, slowest);
    const int32_t me = trip_of_route(&r, 0);
    if (light == 2) {
      assert_true(entered[me] < 0);  // a plain red is red
      assert_int_equal(art_sim_ledger(r.sim).arrived, 23);
    } else {
      art_tick last = 0;
      for (int i = 0; i < 24; ++i)
        if (i != me && entered[i] > last) last = entered[i];
      assert_true(slowest[me] < 0.31f);
      assert_true(entered[me] > last - 3000 && entered[me] < last + 8000);
      for (int i = 0; i < 24; ++i)
        if (i != me) assert_int_equal(art_sim_trips(r.sim)[i].waiting_ms, 0);
    }
    finish(&r);
  }
}

// --- trams --------------------------------------------------------------------------------------------------------------

/// A tram of 40 m on its own track goes straight on; cars that turn left across it wait for all of it.
static void turning_cars_wait_for_a_tram(void **state)
{
  (void)state;
  static const small_link links[] = { { 1, 0, 1, 300, 13.89f },
                                      { 2, 0, 1, 300, 13.89f },
                                      { 0, 3, 1, 200, 13.89f },
                                      { 0, 4, 1, 200, 13.89f },
                                      { .length_m = 0 } };
  static const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = 18, .speed_mps = 13.89f, .state = 'M' },
    { .from_link = 1, .to_link = 3, .length_m = 14, .speed_mps = 7, .state = 'm' },
    { .length_m = 0 }
  };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_CROSS, 0, 1, 8, 11, 5, 8 },
                                              { .a_exit_m = 0 } };
  static const art_lab_route routes[] = { { { 0, 2, -1 } }, { { 1, 3, -1 } } };
  art_vtype types[2] = { art_lab_car(), art_lab_car() };
  types[0].length_m = 40.0f;
  types[0].vclass = ART_VCLASS_TRAM;
  for (int32_t late = 0; late < 12; ++late) {
    art_lab_trip trips[2] = { trip_at(0, 0), trip_at(500 * late, 1) };
    trips[1].type = 1;
    run r = { .net = small_net(5, links, paths, conflicts) };
    r.demand = art_lab_demand(2, types, 2, routes, 2, trips);
    art_sim_setup setup = small_setup(r.net, r.demand);
    art_error err = { 0 };
    assert_ok(art_sim_create(&setup, &r.sim, &err), err);
    const int32_t tram = trip_of_route(&r, 0), car = trip_of_route(&r, 1);
    float tram_m = -1.0f, car_m = -1.0f;  // fronts along their paths
    while (step(&r)) {
      for (int64_t i = 0; i < r.shot.count; ++i) {
        const int is_tram = r.shot.trip[i] == tram;
        const float path_m = is_tram ? 18.0f : 14.0f, at = r.shot.pos_m[i];
        const float front = art_net_is_connector(r.net, r.shot.lane[i]) ? at
                            : r.shot.lane[i] >= 2                       ? at + path_m
                                                                        : -1.0f;
        *(is_tram ? &tram_m : &car_m) = front;
      }
      const int tram_there = tram_m > 8.0f && tram_m - 40.0f < 11.0f;
      const int car_there = car_m > 5.0f && car_m - 5.0f < 8.0f;
      assert_false(tram_there && car_there);
    }
    assert_int_equal(art_sim_trips(r.sim)[tram].waiting_ms, 0);
    assert_true(art_sim_trips(r.sim)[car].arrival_ms > 0);
    finish(&r);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(allway_stop_serves_by_arrival),
    cmocka_unit_test(right_goes_before_left),
    cmocka_unit_test(right_before_left_does_not_lock),
    cmocka_unit_test(equal_arms_do_not_wait_in_a_circle),
    cmocka_unit_test(uncontrolled_serves_by_arrival),
    cmocka_unit_test(lanes_zip_one_by_one),
    cmocka_unit_test(turns_right_on_red_after_a_stop),
    cmocka_unit_test(turning_cars_wait_for_a_tram),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
