// V15: three lanes of 600 m, 30 % leave by the kerbside lane at 60 % of capacity. Everybody gets where the route goes, and
// nobody stands long for it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/known_answer.h"
#include "tests/support/lane_road.h"

/// Link 0 feeds link 1 of 600 m; its kerbside lane alone leads into link 3, and all three lanes into link 2 (or, if the
/// exit has a lane of its own, the other two only).
static art_net *exit_net(float speed, int own_lane)
{
  const small_link links[] = { { 0, 1, 3, 200, speed },
                               { 1, 2, 3, 600, speed },
                               { 2, 3, 3, 200, speed },
                               { 2, 4, 1, 200, speed },
                               { .length_m = 0 } };
  const small_path shared[] = { { 0, 0, 1, 0, 1, speed, 'M', 0, 0 }, { 0, 1, 1, 1, 1, speed, 'M', 0, 0 },
                                { 0, 2, 1, 2, 1, speed, 'M', 0, 0 }, { 1, 0, 2, 0, 1, speed, 'M', 0, 0 },
                                { 1, 0, 3, 0, 1, speed, 'M', 0, 0 }, { 1, 1, 2, 1, 1, speed, 'M', 0, 0 },
                                { 1, 2, 2, 2, 1, speed, 'M', 0, 0 }, { .length_m = 0 } };
  const small_path own[] = { { 0, 0, 1, 0, 1, speed, 'M', 0, 0 },
                             { 0, 1, 1, 1, 1, speed, 'M', 0, 0 },
                             { 0, 2, 1, 2, 1, speed, 'M', 0, 0 },
                             { 1, 0, 3, 0, 1, speed, 'M', 0, 0 },
                             { 1, 1, 2, 1, 1, speed, 'M', 0, 0 },
                             { 1, 2, 2, 2, 1, speed, 'M', 0, 0 },
                             { .length_m = 0 } };
  return small_net(5, links, own_lane ? own : shared, NULL);
}

/// The same 600 m as five links of 120 m: links 1 and 4 to 7, in this order. Links 2 and 3 as above.
static art_net *chain_net(float speed)
{
  const small_link links[] = { { 0, 1, 3, 200, speed }, { 1, 5, 3, 120, speed }, { 2, 3, 3, 200, speed },
                               { 2, 4, 1, 200, speed }, { 5, 6, 3, 120, speed }, { 6, 7, 3, 120, speed },
                               { 7, 8, 3, 120, speed }, { 8, 2, 3, 120, speed }, { .length_m = 0 } };
  static const int32_t next[] = { 1, 4, -1, -1, 5, 6, 7, 2 };
  small_path paths[32] = { { 0 } };
  int32_t n = 0;
  for (int32_t link = 0; link < 8; ++link)
    for (int32_t lane = 0; lane < 3 && next[link] >= 0; ++lane) {
      paths[n++] = (small_path){ link, lane, next[link], lane, 1, speed, 'M', 0, 0 };
      if (link == 7 && lane == 0) paths[n++] = (small_path){ link, lane, 3, 0, 1, speed, 'M', 0, 0 };
    }
  return small_net(9, links, paths, NULL);
}

/// `how`: 0 the kerbside lane also goes on, 1 it only leaves, 2 five links instead of one.
static void leave_by_the_kerbside_lane(float speed, int how, const char *where)
{
  const art_vtype car = art_vtype_default();
  const double flow = 0.6 * 3.0 * lane_road_capacity(&car, (double)speed);
  const int64_t every = (int64_t)(3.6e6 / flow * 10.0);  // ten vehicles, three of them leave
  const int32_t hundreds = (int32_t)(1.8e6 / (double)every);
  lane_flow flows[11] = { 0 };
  for (int32_t f = 0; f < 10; ++f)
    flows[f] = (lane_flow){ .trips = hundreds,
                            .begin_ms = every * f / 10,
                            .headway_ms = every,
                            .route = { 0, 1, f % 3 == 1 ? 3 : 2 },
                            .route_links = 3,
                            .depart_lane = f % 3 };
  for (int32_t f = 0; f < 10 && how == 2; ++f) {
    const int32_t route[] = { 0, 1, 4, 5, 6, 7, f % 3 == 1 ? 3 : 2 };
    memcpy(flows[f].route, route, sizeof route);
    flows[f].route_links = 7;
  }
  art_net *net = how == 2 ? chain_net(speed) : exit_net(speed, how);
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  lane_road_advance(sim, 7200000);
  const art_ledger ledger = art_sim_ledger(sim);
  int32_t leave = 0, left = 0;
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    if (lane_flow_of(demand, trip) % 3 != 1) continue;
    const art_trip_row *row = &art_sim_trips(sim)[trip];
    ++leave;
    left += row->state == ART_TRIP_ARRIVED && row->missed_turns == 0 && row->reroutes == 0 &&
            net->lane_link[row->arrival_lane] == 3;
  }
  char what[96];
  snprintf(what, sizeof what, "share that leaves correctly, %s", where);
  art_answer_within(ART_GATE_HARD, "V15", what, "%", 99.5, 100.0, 100.0 * left / leave);
  snprintf(what, sizeof what, "longest standstill, %s", where);
  art_answer_within(ART_GATE_HARD, "V15", what, "s", -INFINITY, 30.0,
                    (double)ledger.longest_standstill_ms * 1e-3);
  snprintf(what, sizeof what, "vehicles taken off the road, %s", where);
  art_answer(ART_GATE_HARD, "V15", what, "1", 0.0, (double)ledger.removed, 0.0);
  assert_int_equal(ledger.arrived, demand->trip_count);
  print_message("%s: %.0f veh/h, %d of %d leave, longest standstill %.1f s, hard brakings %d\n", where, flow,
                (int)left, (int)leave, (double)ledger.longest_standstill_ms * 1e-3,
                (int)ledger.hard_brakings);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void v15_urban_shared_lane(void **state)
{
  (void)state;
  leave_by_the_kerbside_lane(13.89f, 0, "50 km/h, lane shared");
}
static void v15_urban_own_lane(void **state)
{
  (void)state;
  leave_by_the_kerbside_lane(13.89f, 1, "50 km/h, lane of its own");
}
static void v15_urban_links(void **state)
{
  (void)state;
  leave_by_the_kerbside_lane(13.89f, 2, "50 km/h, five links of 120 m");
}
static void v15_motorway_shared_lane(void **state)
{
  (void)state;
  leave_by_the_kerbside_lane(27.78f, 0, "100 km/h, lane shared");
}
static void v15_motorway_own_lane(void **state)
{
  (void)state;
  leave_by_the_kerbside_lane(27.78f, 1, "100 km/h, lane of its own");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v15_urban_shared_lane), cmocka_unit_test(v15_urban_own_lane),
    cmocka_unit_test(v15_urban_links),       cmocka_unit_test(v15_motorway_shared_lane),
    cmocka_unit_test(v15_motorway_own_lane),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
