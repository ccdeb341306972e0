// What the static load of a city takes for its capacities and lanes: against the engine's lane choice and known answers.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"
#include "scenarios/generate/generate.h"
#include "scenarios/generate/load.h"
#include "scenarios/run/kernels.h"
#include "tests/support/check.h"

static art_city *grid(int32_t columns, int32_t lanes, int32_t bays, double block_m)
{
  art_grid_options o = { .street = art_street_defaults(), .columns = columns, .rows = columns > 2 ? columns : 1,
                         .block_m = block_m, .arm_m = 200.0 };
  o.street.lanes = lanes;
  o.street.turn_bays = bays;
  art_city *city = NULL;
  art_error err = { 0 };
  assert_ok(art_generate_grid(&o, &city, &err), err);
  return city;
}

static int32_t hop_between(const art_hops *hops, int32_t from, int32_t to)
{
  for (int32_t k = hops->first[from]; k < hops->first[from + 1]; ++k)
    if (hops->to[k] == to) return k;
  fail_msg("link %d does not lead to link %d", from, to);
  return -1;
}

/// Short and long blocks, three lanes that lead to different ways: where the load has trips leave a link, the engine's drivers
/// stay on their lane.
static void trips_take_the_lanes_that_drivers_take(void **state)
{
  (void)state;
  int32_t compared = 0, bound = 0;
  for (int k = 0; k < 2; ++k) {
    art_city *city = grid(4, 3, 1, k ? 160.0 : 70.0);
    const art_net *net = city->net;
    art_error err = { 0 };
    const art_trips_options o = { .trips = 200, .duration_s = 600.0, .vclass = ART_VCLASS_PASSENGER, .seed = 5 };
    art_demand *demand = NULL;
    assert_ok(art_generate_trips(city, &o, &demand, NULL, &err), err);
    const art_sim_setup setup = { .net = net, .demand = demand, .kernels = art_models_kernels(), .step_ms = 500, .end_ms = 60000,
                                  .threads = 1, .model = ART_MODEL_IIDM, .seed = 1 };
    art_sim *sim = NULL;
    assert_ok(art_sim_create(&setup, &sim, &err), err);
    art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
    art_load load = art_load_new(net, &hops, 1.0);
    art_load_update(&load);
    int32_t *hop = ART_NEW(int32_t, net->link_count), *path = ART_NEW(int32_t, net->link_count);
    for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
      int32_t count;
      const int32_t *links = art_route_links(sim, trip, &count);
      for (int32_t i = 0; i + 1 < count; ++i) hop[i] = hop_between(&hops, links[i], links[i + 1]);
      art_load_choose(&load, hop, count - 1, 1.0, path);
      for (int32_t i = 0; i + 1 < count; ++i) {
        uint16_t stay, leftward;
        art_lanes_plan(sim, trip, i, ART_VCLASS_PASSENGER, &stay, &leftward);
        const int32_t lane = net->connector_from[path[i]];
        assert_int_equal(net->lane_link[lane], links[i]);
        assert_true(stay >> art_net_lane_index(net, lane) & 1u);
        bound += (stay & (stay - 1)) == 0;
        ++compared;
      }
    }
    free(hop);
    free(path);
    art_load_free(&load);
    art_hops_free(&hops);
    art_sim_free(sim);
    art_demand_free(demand);
    art_city_free(city);
  }
  assert_true(compared > 1000 && bound > 100);
}

/// Two signals 50 m apart: of those who drive on to the second one, as many get through as meet the green of their turn there.
static void short_exits_let_through_who_meets_green_for_his_turn(void **state)
{
  (void)state;
  art_city *city = grid(2, 1, 0, 70.0);
  const art_net *net = city->net;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  int32_t tried = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (load.first_meet[c] == load.first_meet[c + 1] || net->connector_turn[c] != ART_TURN_STRAIGHT) continue;
    const int32_t first = net->lane_first_out[net->connector_to[c]], rows = load.first_meet[c + 1] - load.first_meet[c];
    assert_int_equal(rows, net->lane_first_out[net->connector_to[c] + 1] - first);
    double wait_s, least = INFINITY, most = 0.0;
    for (int32_t n = 0; n < rows; ++n) {
      load.meets_s[load.first_meet[c] + n] = 4.0 * (n + 1);  // seconds of the green
      load.vph[first + n] = 100.0;
      const double vph = art_load_capacity(&load, c, &wait_s);
      // 1,800 an hour in those seconds, and the room of the exit.
      const double room = (double)net->lane_length_m[net->connector_to[c]] / 7.5 / load.feeders[net->connector_to[c]];
      assert_float_equal(vph * load.cycle_s[c] / 3600.0, fmin(4.0 * (n + 1) / 2.0 + room, load.green_s[c] / 2.0), 1e-9);
      least = fmin(least, vph);
      most = fmax(most, vph);
      load.vph[first + n] = 0.0;
    }
    assert_true(rows < 2 || most > least);
    ++tried;
  }
  assert_true(tried >= 2);
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

/// Two single lanes that face each other at a signal, full of vehicles of which four in ten turn left: they hold each other up,
/// but do not shut each other out.
static void left_turns_that_face_each_other_take_turns(void **state)
{
  (void)state;
  art_city *city = grid(1, 1, 0, 200.0);
  const art_net *net = city->net;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_signal[c] < 0) continue;
    if (net->connector_turn[c] == ART_TURN_STRAIGHT) load.vph[c] = 300.0;
    if (net->connector_turn[c] == ART_TURN_LEFT) load.vph[c] = 200.0;
  }
  for (int i = 0; i < 60; ++i) art_load_update(&load);
  int32_t lanes = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_signal[c] < 0 || net->connector_turn[c] != ART_TURN_STRAIGHT) continue;
    const double alone = 1800.0 * load.green_s[c] / load.cycle_s[c], share = load.lane_share[net->connector_from[c]];
    // 500 vehicles an hour at a third of the full flow, with those who go at the end of green on top.
    assert_true(share > 500.0 / alone && share < 500.0 / (0.33 * alone));
    ++lanes;
  }
  assert_true(lanes >= 4);
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

/// Before a stop sign everybody stands and starts anew, even where nobody comes.
static void stop_signs_let_through_600_an_hour(void **state)
{
  (void)state;
  art_city *city = grid(1, 1, 0, 200.0);
  art_net *net = city->net;
  for (int32_t c = 0; c < net->connector_count; ++c) net->connector_signal[c] = -1;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_turn[c] != ART_TURN_STRAIGHT) continue;
    double wait_s;
    net->connector_state[c] = 'M';
    assert_float_equal(art_load_capacity(&load, c, &wait_s), 1800.0, 1e-9);
    net->connector_state[c] = 's';
    assert_float_equal(art_load_capacity(&load, c, &wait_s), 600.0, 1e-9);
  }
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(trips_take_the_lanes_that_drivers_take),
                                      cmocka_unit_test(short_exits_let_through_who_meets_green_for_his_turn),
                                      cmocka_unit_test(left_turns_that_face_each_other_take_turns),
                                      cmocka_unit_test(stop_signs_let_through_600_an_hour) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
