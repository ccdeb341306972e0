/// Planned stops beside the road: the lane stays free, there are so many berths, and who comes back waits for a gap.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/lane_road.h"

/// One lane of 600 m, a bus stop from 270 to 300 m (or as long as asked for).
typedef struct halt {
  art_net *net;
  art_demand *demand;
  art_sim *sim;
} halt;

static halt make_halt(const lane_flow *flows, int is_beside, float extent_m, int64_t dwell_ms)
{
  const small_link links[] = { { 0, 1, 1, 600, 13.89f }, { 1, 2, 1, 200, 13.89f }, { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 1, 0, 1, 13.89f, 'M', 0, 0 }, { .length_m = 0 } };
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[0].speed_factor_dev = types[1].speed_factor_dev = 0.0f;
  types[1].vclass = ART_VCLASS_BUS;
  types[1].length_m = 12.0f;
  halt h = { .net = small_net(3, links, paths, NULL), .demand = lane_flows_demand(flows, 2, types) };
  h.net->stop_count = 1;
  h.net->stop_id = ART_NEW(char *, 1);
  h.net->stop_id[0] = art_strdup("halt");
  h.net->stop_lane = ART_NEW(int32_t, 1);
  h.net->stop_start_m = ART_NEW(float, 1);
  h.net->stop_end_m = ART_NEW(float, 1);
  h.net->stop_start_m[0] = 300.0f - extent_m;
  h.net->stop_end_m[0] = 300.0f;
  lane_flows_stop(h.demand, &(lane_stop){ 1, 0, 300.0f - extent_m, 300.0f, dwell_ms, is_beside, 0 });
  h.sim = lane_road_start(h.net, h.demand, 0, NULL);
  return h;
}

static void free_halt(halt *h)
{
  art_sim_free(h->sim);
  art_demand_free(h->demand);
  art_net_free(h->net);
}

static double mean_time_s(const halt *h, int32_t flow)
{
  double sum = 0.0;
  int32_t count = 0;
  for (int32_t trip = 0; trip < h->demand->trip_count; ++trip) {
    if (lane_flow_of(h->demand, trip) != flow) continue;
    const art_trip_row *row = &art_sim_trips(h->sim)[trip];
    assert_int_equal(row->state, ART_TRIP_ARRIVED);
    sum += (double)(row->arrival_ms - row->insert_ms) * 1e-3;
    ++count;
  }
  return sum / count;
}

static const art_trip_row *first_of(const halt *h, int32_t flow)
{
  int32_t trip = 0;
  while (lane_flow_of(h->demand, trip) != flow) ++trip;
  return &art_sim_trips(h->sim)[trip];
}

static const lane_flow bus_and_car[] = {
  { .trips = 1, .headway_ms = 1000, .route = { 0, 1 }, .route_links = 2, .type = 1 },
  { .trips = 1, .begin_ms = 10000, .headway_ms = 1000, .route = { 0, 1 }, .route_links = 2 },
  { 0 }
};

static void bay_keeps_the_lane_free(void **state)
{
  (void)state;
  const double free_s = 796.0 / 13.89;
  halt bay = make_halt(bus_and_car, 1, 30.0f, 60000), lane = make_halt(bus_and_car, 0, 30.0f, 60000);
  lane_road_advance(bay.sim, 45000);
  assert_int_equal(art_sim_ledger(bay.sim).beside, 1);
  assert_int_equal(art_sim_ledger(bay.sim).running, 2);
  lane_road_advance(bay.sim, 600000);
  lane_road_advance(lane.sim, 600000);
  assert_int_equal(art_sim_ledger(bay.sim).beside, 0);
  assert_true(mean_time_s(&bay, 1) < free_s + 5.0);    // the car passes, but for the bus slowing before it
  assert_true(mean_time_s(&lane, 1) > free_s + 30.0);  // or waits behind the bus
  assert_int_equal(first_of(&bay, 0)->stop_ms, 60000);
  assert_int_equal(first_of(&lane, 0)->stop_ms, 60000);
  assert_true(fabs(mean_time_s(&bay, 0) - mean_time_s(&lane, 0)) < 3.0);
  free_halt(&bay);
  free_halt(&lane);
}

/// In a stream of a vehicle every 2.4 s the bus waits for its gap, but not for ever, and nobody brakes hard for it.
static void bus_comes_back_into_dense_traffic(void **state)
{
  (void)state;
  const lane_flow flows[] = {
    { .trips = 20, .headway_ms = 45000, .route = { 0, 1 }, .route_links = 2, .type = 1 },
    { .trips = 375, .begin_ms = 1000, .headway_ms = 2400, .route = { 0, 1 }, .route_links = 2 },
    { 0 }
  };
  halt h = make_halt(flows, 1, 30.0f, 20000);
  lane_road_advance(h.sim, 3600000);
  int64_t longest = 0, waited = 0;
  for (int32_t trip = 0; trip < h.demand->trip_count; ++trip)
    if (lane_flow_of(h.demand, trip) == 0) {
      const int64_t wait = art_sim_trips(h.sim)[trip].waiting_ms;
      longest = wait > longest ? wait : longest;
      waited += wait;
      assert_int_equal(art_sim_trips(h.sim)[trip].stop_ms, 20000);
      assert_int_equal(art_sim_trips(h.sim)[trip].missed_stops, 0);
    }
  print_message("buses wait %.1f s on average for a gap, %.1f s at most\n", (double)waited / 20e3,
                (double)longest * 1e-3);
  assert_int_equal(art_sim_ledger(h.sim).arrived, h.demand->trip_count);
  assert_true(longest > 2000 && longest < 60000);
  assert_int_equal(art_sim_ledger(h.sim).hard_brakings, 0);
  free_halt(&h);
}

/// Three buses at once at a stop with two berths: the third begins its dwell when the first has gone. With and without bay.
static double third_bus_s(int is_beside, float extent_m)
{
  const lane_flow flows[] = {
    { .trips = 3, .headway_ms = 3000, .route = { 0, 1 }, .route_links = 2, .type = 1 }, { 0 }
  };
  halt h = make_halt(flows, is_beside, extent_m, 100000);
  lane_road_advance(h.sim, 3600000);
  art_tick last = 0;
  for (int32_t trip = 0; trip < 3; ++trip) {
    const art_trip_row *row = &art_sim_trips(h.sim)[trip];
    assert_int_equal(row->stop_ms, 100000);
    if (row->arrival_ms > last) last = row->arrival_ms;
  }
  free_halt(&h);
  return (double)last * 1e-3;
}

static void buses_queue_for_berths(void **state)
{
  (void)state;
  const double free_s = 796.0 / 13.89, bay_of_three = third_bus_s(1, 40.0f),
               bay_of_two = third_bus_s(1, 30.0f), bay_of_one = third_bus_s(1, 15.0f),
               lane_of_three = third_bus_s(0, 48.0f), lane_of_one = third_bus_s(0, 10.0f);
  print_message("last of three buses: %.0f %.0f %.0f s in bays of 3, 2, 1; %.0f %.0f s in the lane\n",
                bay_of_three, bay_of_two, bay_of_one, lane_of_three, lane_of_one);
  assert_true(bay_of_three < free_s + 130.0);
  assert_true(bay_of_two > free_s + 195.0 && bay_of_two < free_s + 240.0);
  assert_true(bay_of_one > free_s + 295.0);
  assert_true(lane_of_three < free_s + 150.0);
  assert_true(lane_of_one > free_s + 295.0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(bay_keeps_the_lane_free),
    cmocka_unit_test(bus_comes_back_into_dense_traffic),
    cmocka_unit_test(buses_queue_for_berths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
