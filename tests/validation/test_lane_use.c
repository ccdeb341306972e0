// Who uses which lane: keeping to the kerb, no passing on the kerb side on fast roads, bus lanes, a short turn bay.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/lane_road.h"

/// Vehicle-steps of a flow on a lane, summed over snapshots every 5 s.
static int64_t seen_on(const art_sim *sim, const art_demand *demand, art_snapshot *shot, int32_t flow,
                       int32_t lane)
{
  int64_t count = 0;
  art_sim_snapshot(sim, shot);
  for (int64_t i = 0; i < shot->count; ++i)
    count += shot->lane[i] == lane && lane_flow_of(demand, shot->trip[i]) == flow;
  return count;
}

/// Share of vehicles in the kerbside lane of two over a link of 3 km in light traffic, all departing in the other lane.
static double kerb_share(float speed, float keep)
{
  const small_link links[] = { { 0, 1, 2, 3000, speed }, { .length_m = 0 } };
  const small_path none[] = { { .length_m = 0 } };
  const lane_flow flows[] = {
    { .trips = 60, .headway_ms = 10000, .route = { 0 }, .route_links = 1, .depart_lane = 1 }, { 0 }
  };
  art_vtype car = art_vtype_default();
  car.lc_keep_right = keep;
  art_net *net = small_net(2, links, none, NULL);
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  art_snapshot shot = { 0 };
  int64_t kerb = 0, other = 0;
  for (art_tick t = 200000; t <= 600000; t += 5000) {
    lane_road_advance(sim, t);
    kerb += seen_on(sim, demand, &shot, 0, 0);
    other += seen_on(sim, demand, &shot, 0, 1);
  }
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return (double)kerb / (double)(kerb + other);
}

static void kerbside_lane_is_kept_in_light_traffic(void **state)
{
  (void)state;
  const double usual = kerb_share(27.78f, 1.0f), never = kerb_share(27.78f, 0.0f);
  print_message("share of the kerbside lane: %.2f; without eagerness %.2f\n", usual, never);
  assert_true(usual > 0.6);  // departures in the other lane, and drivers that overtake, are the rest
  assert_true(never < 0.3);
}

/// A slow vehicle in the lane away from the kerb, faster ones beside it: they stay behind on a motorway, unless they are of
/// a kind that passes anywhere; in town they pass.
static double latest_arrival_s(float limit, float slow_share, float passes)
{
  const small_link links[] = { { 0, 1, 2, 2500, limit }, { .length_m = 0 } };
  const small_path none[] = { { .length_m = 0 } };
  const lane_flow flows[] = {
    { .trips = 1, .headway_ms = 1000, .route = { 0 }, .route_links = 1, .type = 1, .depart_lane = 1 },
    { .trips = 1, .begin_ms = 4000, .headway_ms = 1000, .route = { 0 }, .route_links = 1, .depart_lane = 0 },
    { 0 }
  };
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  for (int t = 0; t < 2; ++t) {
    types[t].speed_factor_dev = 0.0f;
    types[t].lc_keep_right = types[t].lc_speed_gain = 0.0f;  // everybody stays in his lane
    types[t].lc_pass_kerbside = passes;
  }
  types[1].max_speed_mps = slow_share * limit;
  art_net *net = small_net(2, links, none, NULL);
  art_demand *demand = lane_flows_demand(flows, 2, types);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  lane_road_advance(sim, 600000);
  double fast_s = -1.0;
  for (int32_t trip = 0; trip < 2; ++trip)
    if (lane_flow_of(demand, trip) == 1)
      fast_s = (double)(art_sim_trips(sim)[trip].arrival_ms - art_sim_trips(sim)[trip].insert_ms) * 1e-3;
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return fast_s;
}

static void nobody_passes_on_the_kerb_side_of_a_motorway(void **state)
{
  (void)state;
  const double free_s = 2495.0 / 27.78, slow_s = 2495.0 / (0.7 * 27.78);
  const double held = latest_arrival_s(27.78f, 0.7f, 0.0f), passed = latest_arrival_s(27.78f, 0.7f, 1.0f);
  const double queue = latest_arrival_s(27.78f, 0.5f, 0.0f), town = latest_arrival_s(13.89f, 0.7f, 0.0f);
  print_message("beside one at 70 km/h: %.1f s, free %.1f s, behind it %.1f s; allowed to pass %.1f s\n",
                held, free_s, slow_s, passed);
  assert_true(held > slow_s - 6.0 && held < slow_s + 3.0);
  assert_true(fabs(passed - free_s) < 2.0);
  assert_true(fabs(queue - free_s) < 2.0);  // one at 50 km/h is a queue
  assert_true(fabs(town - 2495.0 / 13.89) < 2.0);
}

/// The kerbside lane of links 0 to 2 is for buses. Buses turn off at the end from the other lane: they use their lane, leave
/// it in time, and are faster than cars in the queue beside them. Cars never use it.
static void buses_use_their_lane_and_leave_it_in_time(void **state)
{
  (void)state;
  const float v = 13.89f;
  const small_link links[] = { { 0, 1, 2, 300, v }, { 1, 2, 2, 300, v }, { 2, 3, 2, 200, v },
                               { 3, 4, 1, 200, v }, { 3, 5, 1, 200, v }, { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 1, 0, 1, v, 'M', 0, 0 },  { 0, 1, 1, 1, 1, v, 'M', 0, 0 },
                               { 1, 0, 2, 0, 1, v, 'M', 0, 0 },  { 1, 1, 2, 1, 1, v, 'M', 0, 0 },
                               { 2, 0, 3, 0, 10, v, 'M', 0, 0 }, { 2, 1, 3, 0, 10, v, 'M', 0, 0 },
                               { 2, 1, 4, 0, 10, v, 'M', 0, 0 }, { .length_m = 0 } };
  static const small_conflict conflicts[] = { { 4, 5, ART_CONFLICT_MERGE, 0, 1, 5, 10, 5, 10 },
                                              { 5, 6, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 },
                                              { .a_exit_m = 0 } };
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[1].vclass = ART_VCLASS_BUS;
  types[1].length_m = 12.0f;
  const lane_flow flows[] = {
    { .trips = 300, .headway_ms = 3000, .route = { 0, 1, 2, 3 }, .route_links = 4, .depart_lane = 1 },
    { .trips = 20,
      .begin_ms = 100000,
      .headway_ms = 40000,
      .route = { 0, 1, 2, 4 },
      .route_links = 4,
      .type = 1,
      .depart_lane = 0 },
    { 0 }
  };
  art_net *net = small_net(6, links, paths, conflicts);
  for (int32_t link = 0; link < 3; ++link)
    net->lane_allowed[net->link_first_lane[link]] = 1u << ART_VCLASS_BUS;
  // Green for a third of the time: the cars queue back over the links.
  small_signal(net, 2, (const int64_t[]){ 20000, 40000 }, "GGGGGGGGGGGGrrr");
  art_demand *demand = lane_flows_demand(flows, 2, types);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  art_snapshot shot = { 0 };
  int64_t cars = 0, buses = 0;
  for (art_tick t = 0; t <= 1000000; t += 5000) {
    lane_road_advance(sim, t);
    for (int32_t link = 0; link < 3; ++link) {
      cars += seen_on(sim, demand, &shot, 0, net->link_first_lane[link]);
      buses += seen_on(sim, demand, &shot, 1, net->link_first_lane[link]);
    }
  }
  lane_road_advance(sim, 7200000);
  double time_s[2] = { 0 };
  for (int32_t trip = 0; trip < demand->trip_count; ++trip)
    time_s[lane_flow_of(demand, trip)] +=
        (double)(art_sim_trips(sim)[trip].arrival_ms - art_sim_trips(sim)[trip].insert_ms) * 1e-3;
  print_message("mean time: cars %.0f s, buses %.0f s; buses seen on their lane %d times\n",
                time_s[0] / 300.0, time_s[1] / 20.0, (int)buses);
  assert_int_equal(cars, 0);
  assert_true(buses > 40);
  assert_int_equal(art_sim_ledger(sim).arrived, 320);
  assert_int_equal(lane_road_missed(sim, demand), 0);
  assert_true(time_s[1] / 20.0 < 0.8 * time_s[0] / 300.0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A line that must not be crossed on the link before the exit: who leaves changes lanes before it, nobody crosses it, and
/// classes that may cross it do.
static void lines_are_not_crossed(void **state)
{
  (void)state;
  const float v = 13.89f;
  const small_link links[] = {
    { 0, 1, 2, 300, v }, { 1, 2, 2, 200, v }, { 2, 3, 1, 200, v }, { 2, 4, 1, 200, v }, { .length_m = 0 }
  };
  const small_path paths[] = { { 0, 0, 1, 0, 1, v, 'M', 0, 0 },
                               { 0, 1, 1, 1, 1, v, 'M', 0, 0 },
                               { 1, 0, 2, 0, 10, v, 'M', 0, 0 },
                               { 1, 1, 3, 0, 10, v, 'M', 0, 0 },
                               { .length_m = 0 } };
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[1].vclass = ART_VCLASS_BUS;
  const lane_flow flows[] = {
    { .trips = 100, .headway_ms = 5000, .route = { 0, 1, 2 }, .route_links = 3, .depart_lane = 1 },
    { .trips = 100,
      .begin_ms = 1700,
      .headway_ms = 5000,
      .route = { 0, 1, 3 },
      .route_links = 3,
      .depart_lane = 0 },
    { .trips = 20,
      .begin_ms = 20000,
      .headway_ms = 20000,
      .route = { 1, 2 },
      .route_links = 2,
      .type = 1,
      .depart_lane = 1 },
    { 0 }
  };
  art_net *net = small_net(5, links, paths, NULL);
  const int32_t kerb = net->link_first_lane[1];
  net->lane_change_left[kerb] = net->lane_change_right[kerb + 1] = 1u << ART_VCLASS_BUS;
  art_demand *demand = lane_flows_demand(flows, 2, types);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  art_snapshot shot = { 0 };
  int64_t cars_wrong = 0, buses_wrong = 0;
  for (art_tick t = 0; t <= 700000; t += 1000) {
    lane_road_advance(sim, t);
    cars_wrong += seen_on(sim, demand, &shot, 0, kerb + 1) + seen_on(sim, demand, &shot, 1, kerb);
    buses_wrong += seen_on(sim, demand, &shot, 2, kerb + 1);
  }
  lane_road_advance(sim, 7200000);
  assert_int_equal(cars_wrong, 0);
  assert_true(buses_wrong > 0);  // they depart there, and cross the line
  assert_int_equal(art_sim_ledger(sim).arrived, demand->trip_count);
  assert_int_equal(lane_road_missed(sim, demand), 0);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Slow bicycles in a lane of their own hold nobody up; without it, cars have to pass them one by one or stay behind.
static double mean_car_time_s(int has_lane)
{
  const float v = 13.89f;
  const small_link links[] = { { 0, 1, 2, 1000, v }, { .length_m = 0 } };
  const small_path none[] = { { .length_m = 0 } };
  art_vtype types[2] = { art_vtype_default(), art_vtype_default() };
  types[1].vclass = ART_VCLASS_BICYCLE;
  types[1].length_m = 1.8f;
  types[1].max_speed_mps = 5.0f;
  const lane_flow flows[] = {
    { .trips = 200, .headway_ms = 4000, .route = { 0 }, .route_links = 1, .depart_lane = 1 },
    { .trips = 80,
      .begin_ms = 1000,
      .headway_ms = 10000,
      .route = { 0 },
      .route_links = 1,
      .type = 1,
      .depart_lane = has_lane ? 0 : 1 },
    { 0 }
  };
  art_net *net = small_net(2, links, none, NULL);
  net->lane_allowed[0] = has_lane ? 1u << ART_VCLASS_BICYCLE : 1u << ART_VCLASS_PEDESTRIAN;
  art_demand *demand = lane_flows_demand(flows, 2, types);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  lane_road_advance(sim, 7200000);
  double sum = 0.0;
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    const art_trip_row *row = &art_sim_trips(sim)[trip];
    assert_int_equal(row->state, ART_TRIP_ARRIVED);
    if (lane_flow_of(demand, trip) == 0) sum += (double)(row->arrival_ms - row->insert_ms) * 1e-3;
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return sum / 200.0;
}

static void bicycles_have_their_lane(void **state)
{
  (void)state;
  const double with = mean_car_time_s(1), without = mean_car_time_s(0);
  print_message("cars take %.0f s beside bicycles, %.0f s behind them\n", with, without);
  assert_true(with < 85.0);
  assert_true(without > 150.0);
}

/// A turn bay of 40 m (the lane away from the kerb of link 1) behind a link of one lane; turners get a short green. When
/// the bay is full they stand in the through lane and block it; when their flow ends, the through lane recovers.
static void full_turn_bay_blocks_and_recovers(void **state)
{
  (void)state;
  const float v = 13.89f;
  const small_link links[] = {
    { 0, 1, 1, 600, v }, { 1, 2, 2, 40, v }, { 2, 3, 1, 200, v }, { 2, 4, 1, 200, v }, { .length_m = 0 }
  };
  const small_path paths[] = { { 0, 0, 1, 0, 1, v, 'M', 0, 0 },
                               { 0, 0, 1, 1, 1, v, 'M', 0, 0 },
                               { 1, 0, 2, 0, 10, v, 'M', 0, 0 },
                               { 1, 1, 3, 0, 10, 9, 'M', 0, 0 },
                               { .length_m = 0 } };
  static const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 1, 0, 1 },
                                              { .a_exit_m = 0 } };
  const art_vtype car = art_vtype_default();
  const lane_flow flows[] = {
    { .trips = 650, .headway_ms = 6000, .route = { 0, 1, 2 }, .route_links = 3 },
    // turners for ten minutes only, more than their green serves
    { .trips = 40, .begin_ms = 600000, .headway_ms = 15000, .route = { 0, 1, 3 }, .route_links = 3 },
    { 0 }
  };
  art_net *net = small_net(5, links, paths, conflicts);
  small_signal(net, 2, (const int64_t[]){ 81000, 9000 }, "GGGrGGGG");
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  const double before = lane_road_flow(sim, net, 4u, 120000, 600000, NULL);
  const double during = lane_road_flow(sim, net, 4u, 720000, 1260000, NULL);
  const double after = lane_road_flow(sim, net, 4u, 1440000, 1980000, NULL);
  const double calm = lane_road_flow(sim, net, 4u, 3000000, 3720000, NULL);
  lane_road_advance(sim, 7200000);
  print_message("through flow: %.0f veh/h before, %.0f with a full bay, %.0f when it empties, %.0f later\n",
                before, during, after, calm);
  assert_true(fabs(before - 600.0) < 25.0);
  assert_true(during < 0.75 * before);  // the through lane is blocked
  assert_true(after > before);          // its queue dissolves
  assert_true(fabs(calm - 600.0) < 25.0);
  assert_int_equal(art_sim_ledger(sim).arrived, demand->trip_count);
  assert_int_equal(lane_road_missed(sim, demand), 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(kerbside_lane_is_kept_in_light_traffic),
    cmocka_unit_test(nobody_passes_on_the_kerb_side_of_a_motorway),
    cmocka_unit_test(buses_use_their_lane_and_leave_it_in_time),
    cmocka_unit_test(lines_are_not_crossed),
    cmocka_unit_test(bicycles_have_their_lane),
    cmocka_unit_test(full_turn_bay_blocks_and_recovers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
