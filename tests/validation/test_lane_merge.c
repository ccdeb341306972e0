// V16: lanes that come together - a lane drop, an on-ramp, a weaving section.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/known_answer.h"
#include "tests/support/lane_road.h"

/// What one lane discharges from a standing queue: the measure of a bottleneck. Red for 10 min, then green; the queue of
/// 1200 m lasts for more than the 150 s that count, after half a minute.
static double one_lane_flow(const art_vtype *car, float speed)
{
  const small_link links[] = { { 0, 1, 1, 1500, speed }, { 1, 2, 1, 400, speed }, { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 1, 0, 1, speed, 'M', 0, 0 }, { .length_m = 0 } };
  const lane_flow flows[] = { { .trips = 300, .headway_ms = 2000, .route = { 0, 1 }, .route_links = 2 },
                              { 0 } };
  art_net *net = small_net(3, links, paths, NULL);
  small_signal(net, 2, (const int64_t[]){ 600000, 1200000 }, "rG");
  art_demand *demand = lane_flows_demand(flows, 1, car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  const double flow = lane_road_flow(sim, net, 1u, 630000, 780000, NULL);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return flow;
}

/// Link 0 and 1 have two lanes, link 2 has one: the lane away from the kerb (or the kerbside one) has no continuation.
/// The floor of the discharge, not part of the case, is hard in town; at motorway speed a stationary merge is compared with
/// a queue whose vehicles pass the line at up to 100 km/h, so it is shown only.
static void drop_lane(float speed, int32_t kept, art_gate floor_gate, const char *where)
{
  const small_link links[] = {
    { 0, 1, 2, 800, speed }, { 1, 2, 2, 400, speed }, { 2, 3, 1, 400, speed }, { .length_m = 0 }
  };
  const small_path paths[] = { { 0, 0, 1, 0, 1, speed, 'M', 0, 0 },
                               { 0, 1, 1, 1, 1, speed, 'M', 0, 0 },
                               { 1, kept, 2, 0, 1, speed, 'M', 0, 0 },
                               { .length_m = 0 } };
  const lane_flow flows[] = {
    { .trips = 900, .headway_ms = 2000, .route = { 0, 1, 2 }, .route_links = 3, .depart_lane = 0 },
    { .trips = 900, .headway_ms = 2000, .route = { 0, 1, 2 }, .route_links = 3, .depart_lane = 1 },
    { 0 }
  };
  const art_vtype car = art_vtype_default();
  art_net *net = small_net(4, links, paths, NULL);
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  int32_t count[3];
  const double discharge = lane_road_flow(sim, net, 4u, 600000, 1800000, count);
  const double limit = lane_road_capacity(&car, (double)speed), single = one_lane_flow(&car, speed);
  const double share = 100.0 * count[0] / (count[0] + count[1]);
  lane_road_advance(sim, 7200000);
  const art_ledger ledger = art_sim_ledger(sim);
  print_message(
      "lane drop, %s: %.0f veh/h; one lane %.0f, in theory at most %.0f; kerbside share %.1f %%; longest "
      "standstill %.1f s; %d hard brakings\n",
      where, discharge, single, limit, share, (double)ledger.longest_standstill_ms * 1e-3,
      (int)ledger.hard_brakings);
  char what[96];
  snprintf(what, sizeof what, "discharge of a lane drop, %s", where);
  art_answer_within(ART_GATE_HARD, "V16", what, "veh/h", 0.0, limit, discharge);
  snprintf(what, sizeof what, "discharge of a lane drop over that of one lane, %s", where);
  art_answer_within(floor_gate, "V16", what, "%", 85.0, 100.0, 100.0 * discharge / single);
  snprintf(what, sizeof what, "share of the kerbside lane, %s", where);
  art_answer(ART_GATE_HARD, "V16", what, "%", 50.0, share, 10.0);
  snprintf(what, sizeof what, "vehicles that arrive, %s", where);
  art_answer(ART_GATE_HARD, "V16", what, "1", (double)demand->trip_count, (double)ledger.arrived, 0.0);
  snprintf(what, sizeof what, "capacity drop, %s", where);
  art_answer_within(ART_GATE_SOFT, "V16", what, "%", 5.0, 15.0, 100.0 * (1.0 - discharge / single));
  assert_int_equal(lane_road_missed(sim, demand), 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void v16_lane_drop(void **state)
{
  (void)state;
  drop_lane(13.89f, 0, ART_GATE_HARD, "50 km/h");
}
static void v16_lane_drop_at_the_kerb(void **state)
{
  (void)state;
  drop_lane(13.89f, 1, ART_GATE_HARD, "50 km/h, kerbside lane ends");
}
static void v16_lane_drop_motorway(void **state)
{
  (void)state;
  drop_lane(27.78f, 0, ART_GATE_SOFT, "100 km/h");
}

/// Two lanes (link 0) and a ramp (link 1) come together in link 2 of three lanes, 250 m, whose kerbside lane ends there.
static void ramp(int64_t main_headway_ms, int64_t ramp_headway_ms, const char *where)
{
  const float fast = 27.78f, slow = 19.44f;
  const small_link links[] = { { 0, 2, 2, 800, fast },
                               { 1, 2, 1, 300, slow },
                               { 2, 3, 3, 250, fast },
                               { 3, 4, 2, 400, fast },
                               { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 2, 1, 1, fast, 'M', 0, 0 }, { 0, 1, 2, 2, 1, fast, 'M', 0, 0 },
                               { 1, 0, 2, 0, 1, slow, 'M', 0, 0 }, { 2, 1, 3, 0, 1, fast, 'M', 0, 0 },
                               { 2, 2, 3, 1, 1, fast, 'M', 0, 0 }, { .length_m = 0 } };
  const lane_flow flows[] = { { .trips = (int32_t)(1800000 / main_headway_ms),
                                .headway_ms = main_headway_ms,
                                .route = { 0, 2, 3 },
                                .route_links = 3,
                                .depart_lane = ART_LANE_BEST },
                              { .trips = (int32_t)(1800000 / ramp_headway_ms),
                                .headway_ms = ramp_headway_ms,
                                .route = { 1, 2, 3 },
                                .route_links = 3 },
                              { 0 } };
  const art_vtype car = art_vtype_default();
  art_net *net = small_net(5, links, paths, NULL);
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  int32_t count[5];
  const double flow = lane_road_flow(sim, net, 0x18u, 600000, 1800000, count);
  lane_road_advance(sim, 7200000);
  const art_ledger ledger = art_sim_ledger(sim);
  char what[96];
  print_message(
      "on-ramp, %s: %.0f veh/h, of them %.0f from the ramp; longest standstill %.1f s; %d hard brakings\n",
      where, flow, (double)count[2] * 3.0, (double)ledger.longest_standstill_ms * 1e-3,
      (int)ledger.hard_brakings);
  snprintf(what, sizeof what, "longest standstill at an on-ramp, %s", where);
  art_answer_within(ART_GATE_HARD, "V16", what, "s", -INFINITY, 60.0,
                    (double)ledger.longest_standstill_ms * 1e-3);
  snprintf(what, sizeof what, "vehicles that arrive, on-ramp, %s", where);
  art_answer(ART_GATE_HARD, "V16", what, "1", (double)demand->trip_count, (double)ledger.arrived, 0.0);
  snprintf(what, sizeof what, "flow past an on-ramp, %s", where);
  art_answer_within(ART_GATE_HARD, "V16", what, "veh/h", 0.0, 2.0 * lane_road_capacity(&car, (double)fast),
                    flow);
  if (ramp_headway_ms >= 6000) {  // below capacity all of it comes through
    const double wanted = 3.6e6 / (double)main_headway_ms + 3.6e6 / (double)ramp_headway_ms;
    snprintf(what, sizeof what, "flow past an on-ramp that can be served, %s", where);
    art_answer(ART_GATE_HARD, "V16", what, "veh/h", wanted, flow, 0.03 * wanted);
  }
  assert_int_equal(lane_road_missed(sim, demand), 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void v16_on_ramp(void **state)
{
  (void)state;
  ramp(1300, 7200, "2769 + 500 veh/h");
}
static void v16_on_ramp_overloaded(void **state)
{
  (void)state;
  ramp(900, 3600, "4000 + 1000 veh/h");
}

/// Two lanes (link 0) and one (link 1) share link 2 of three lanes for 250 m; two lanes go on into link 3, the kerbside one
/// into link 4. Some of either side want the other.
static void weave(int64_t headway_ms, const char *where)
{
  const float speed = 22.22f;
  const small_link links[] = { { 0, 2, 2, 600, speed }, { 1, 2, 1, 600, speed }, { 2, 3, 3, 250, speed },
                               { 3, 4, 2, 300, speed }, { 3, 5, 1, 300, speed }, { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 2, 1, 1, speed, 'M', 0, 0 },
                               { 0, 1, 2, 2, 1, speed, 'M', 0, 0 },
                               { 1, 0, 2, 0, 1, speed, 'M', 0, 0 },
                               { 2, 0, 4, 0, 1, speed, 'M', 0, 0 },
                               { 2, 1, 3, 0, 1, speed, 'M', 0, 0 },
                               { 2, 2, 3, 1, 1, speed, 'M', 0, 0 },
                               { .length_m = 0 } };
  const int32_t trips = (int32_t)(1800000 / headway_ms / 4);
  const lane_flow flows[] = {
    { trips * 3, 0, headway_ms * 4 / 3, { 0, 2, 3 }, 3, 0, ART_LANE_BEST },
    { trips, 0, headway_ms * 4, { 0, 2, 4 }, 3, 0, ART_LANE_BEST },
    { trips, 0, headway_ms * 4, { 1, 2, 3 }, 3, 0, ART_LANE_BEST },
    { trips, 0, headway_ms * 4, { 1, 2, 4 }, 3, 0, ART_LANE_BEST },
    { 0 },
  };
  const art_vtype car = art_vtype_default();
  art_net *net = small_net(6, links, paths, NULL);
  art_demand *demand = lane_flows_demand(flows, 1, &car);
  art_sim *sim = lane_road_start(net, demand, 0, NULL);
  int32_t count[6];
  const double flow = lane_road_flow(sim, net, 0x38u, 600000, 1800000, count);
  lane_road_advance(sim, 7200000);
  const art_ledger ledger = art_sim_ledger(sim);
  char what[96];
  print_message(
      "weaving, %s: %.0f veh/h, of them %.0f by the kerbside exit; longest standstill %.1f s; %d hard "
      "brakings\n",
      where, flow, (double)count[3] * 3.0, (double)ledger.longest_standstill_ms * 1e-3,
      (int)ledger.hard_brakings);
  snprintf(what, sizeof what, "longest standstill in a weaving section, %s", where);
  art_answer_within(ART_GATE_HARD, "V16", what, "s", -INFINITY, 60.0,
                    (double)ledger.longest_standstill_ms * 1e-3);
  snprintf(what, sizeof what, "vehicles that arrive, weaving section, %s", where);
  art_answer(ART_GATE_HARD, "V16", what, "1", (double)demand->trip_count, (double)ledger.arrived, 0.0);
  assert_int_equal(lane_road_missed(sim, demand), 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void v16_weaving(void **state)
{
  (void)state;
  weave(1500, "3600 veh/h");
}
static void v16_weaving_overloaded(void **state)
{
  (void)state;
  weave(900, "6000 veh/h");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v16_lane_drop),          cmocka_unit_test(v16_lane_drop_at_the_kerb),
    cmocka_unit_test(v16_lane_drop_motorway), cmocka_unit_test(v16_on_ramp),
    cmocka_unit_test(v16_on_ramp_overloaded), cmocka_unit_test(v16_weaving),
    cmocka_unit_test(v16_weaving_overloaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
