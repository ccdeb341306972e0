// Generated cities are valid, connected and of the size asked for, whatever the options; so are generated demands.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/net/route.h"
#include "io/city/city_file.h"
#include "scenarios/generate/generate.h"
#include "scenarios/generate/load.h"

static art_grid_options grid_options(int32_t columns, int32_t rows, int torus)
{
  return (art_grid_options){
    .street = art_street_defaults(), .columns = columns, .rows = rows, .block_m = 200.0, .torus = torus
  };
}

static art_city *made(art_status status, art_city *city, const art_error *err)
{
  if (status != ART_OK) fail_msg("%s", err->message);
  art_error again;
  if (art_net_check(city->net, &again) != ART_OK) fail_msg("%s", again.message);
  const art_net *net = city->net;
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    assert_true(city->lane_first_point[lane + 1] >= city->lane_first_point[lane] + 2);
  return city;
}

static art_city *grid(const art_grid_options *o)
{
  art_city *city = NULL;
  art_error err;
  const art_status status = art_generate_grid(o, &city, &err);
  return made(status, city, &err);
}

static int is_gate(const art_net *net, int32_t node)
{
  return net->node_kind[node] == ART_NODE_DEAD_END;
}

/// Does the link, or that whose bay it is, come from a gate?
static int comes_from_outside(const art_net *net, int32_t link)
{
  return is_gate(net, net->link_from[link]) || strstr(net->link_id[link], ".in#");
}

/// Every link that lies between crossings leads to every other one, and no lane ends in nothing.
static void assert_connected(const art_net *net)
{
  int32_t start = -1;
  for (int32_t l = 0; l < net->link_count && start < 0; ++l)
    if (!comes_from_outside(net, l) && !is_gate(net, net->link_to[l])) start = l;
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (is_gate(net, net->link_to[l])) continue;
    for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane)
      assert_true(net->lane_first_out[lane + 1] > net->lane_first_out[lane]);
    if (comes_from_outside(net, l) || start < 0) continue;
    int32_t *links = NULL, count = 0;
    for (int back = 0; back < 2; ++back) {
      if (!art_route_find(net, back ? l : start, back ? start : l, ART_VCLASS_PASSENGER, NULL, &links,
                          &count))
        fail_msg("no way from %s to %s", net->link_id[back ? l : start], net->link_id[back ? start : l]);
      free(links);
    }
  }
}

/// Two paths that cross, or come from different links into one lane, never both have protected green.
static void assert_safe_signals(const art_net *net)
{
  for (int32_t c = 0; c < net->connector_count; ++c)
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      const int32_t o = net->conflict_other[k], s = net->connector_signal[c];
      const int is_one_link =
          net->lane_link[net->connector_from[c]] == net->lane_link[net->connector_from[o]];
      if (s < 0 || (is_one_link && net->conflict_kind[k] != ART_CONFLICT_CROSS)) continue;
      assert_int_equal(net->connector_signal[o], s);
      for (int32_t f = net->program_first_phase[s]; f < net->program_first_phase[s + 1]; ++f) {
        const char *state = net->phase_state + net->phase_first_state[f];
        assert_false(state[net->connector_signal_group[c]] == 'G' &&
                     state[net->connector_signal_group[o]] == 'G');
      }
    }
}

static void a_grid_has_the_size_asked_for(void **state)
{
  (void)state;
  art_grid_options o = grid_options(7, 5, 0);
  art_city *city = grid(&o);
  assert_int_equal(city->net->node_count, 35);
  assert_int_equal(city->net->link_count, 2 * (6 * 5 + 7 * 4));
  assert_int_equal(city->net->link_lane_count, 2 * city->net->link_count);
  assert_int_equal(city->net->signal_count, 35 - 4);  // corners have two streets only
  assert_connected(city->net);
  assert_safe_signals(city->net);
  // From centre to centre is one block.
  for (int32_t c = 0; c < city->net->connector_count; ++c)
    if (city->net->connector_turn[c] == ART_TURN_STRAIGHT)
      assert_float_equal(city->net->lane_length_m[city->net->link_lane_count + c] +
                             city->net->lane_length_m[city->net->connector_from[c]],
                         200.0f, 1e-3f);
  art_city_free(city);

  o = grid_options(6, 4, 1);
  city = grid(&o);
  assert_int_equal(city->net->link_count, 4 * 24);
  assert_int_equal(city->net->connector_count,
                   24 * 4 * 4);  // two straight, one left, one right, per approach
  assert_int_equal(city->net->signal_count, 24);
  assert_connected(city->net);
  assert_safe_signals(city->net);
  art_city_free(city);
}

static void every_combination_of_options_makes_a_valid_city(void **state)
{
  (void)state;
  static const int32_t sizes[] = { 1, 2, 3, 4 }, lanes[] = { 1, 2, 3, 16 };
  static const double shares[] = { 0.0, 0.5, 1.0 };
  static const art_node_kind kinds[] = { ART_NODE_PRIORITY, ART_NODE_PRIORITY_STOP, ART_NODE_ALLWAY_STOP,
                                         ART_NODE_RIGHT_BEFORE_LEFT };
  int number = 0;
  for (size_t s = 0; s < 4; ++s)
    for (size_t l = 0; l < 4; ++l)
      for (int torus = 0; torus < 2; ++torus)
        for (size_t p = 0; p < 3; ++p, ++number) {
          art_grid_options o = grid_options(sizes[s], sizes[s], torus);
          o.street.lanes = lanes[l];
          o.street.signals = shares[p];
          o.street.unsignalised = kinds[number % 4];
          o.street.turn_bays = number % 3 == 0 && lanes[l] < 16;
          o.street.left_hand = number % 5 == 0;
          o.street.detectors = number % 2;
          o.arm_m = number % 7 == 0 ? 150.0 : 0.0;
          o.street.seed = (uint64_t)number;
          art_city *city = grid(&o);
          assert_connected(city->net);
          assert_safe_signals(city->net);
          assert_int_equal(city->left_hand, o.street.left_hand);
          art_city_free(city);
        }
}

static void bays_are_for_left_turns_and_have_a_stage(void **state)
{
  (void)state;
  art_grid_options o = grid_options(3, 3, 1);
  o.street.turn_bays = 1;
  art_city *city = grid(&o);
  const art_net *net = city->net;
  assert_int_equal(net->node_count, 9 + 36);
  int32_t lefts = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_signal[c] < 0) continue;
    const int32_t from = net->connector_from[c], link = net->lane_link[from];
    const int in_bay = from == net->link_first_lane[link + 1] - 1;
    assert_int_equal(in_bay, net->connector_turn[c] == ART_TURN_LEFT);
    lefts += in_bay;
    for (int32_t f = 0; f < net->phase_count; ++f)
      assert_int_not_equal(net->phase_state[net->phase_first_state[f]], 'g');
  }
  assert_int_equal(lefts, 36);
  assert_int_equal(net->phase_count, 9 * 12);  // four stages of green, yellow and all-red
  art_city_free(city);
}

static void a_ring_is_as_long_as_asked_for(void **state)
{
  (void)state;
  for (int32_t links = 2; links < 8; ++links) {
    art_ring_options o = { .street = art_street_defaults(), .length_m = 230.0, .links = links };
    o.street.lanes = 1 + links % 3;
    art_city *city = NULL;
    art_error err;
    const art_status status = art_generate_ring(&o, &city, &err);
    made(status, city, &err);
    double length = 0.0;
    for (int32_t lane = 0; lane < city->net->lane_count; ++lane)
      length += (double)city->net->lane_length_m[lane];
    assert_float_equal(length, 230.0 * o.street.lanes, 1e-3);
    assert_int_equal(city->net->connector_count, links * o.street.lanes);
    assert_int_equal(city->net->conflict_count, 0);
    assert_connected(city->net);
    art_city_free(city);
  }
}

static void corridors_are_crossed_from_end_to_end(void **state)
{
  (void)state;
  for (int k = 0; k < 8; ++k) {
    art_corridor_options o = { .street = art_street_defaults(),
                               .links = 1 + k,
                               .block_m = 300.0,
                               .cross_lanes = k % 2,
                               .arm_m = 100.0,
                               .one_way = k / 2 % 2 };
    o.street.turn_bays = k / 4;
    art_city *city = NULL;
    art_error err;
    const art_status status = art_generate_corridor(&o, &city, &err);
    made(status, city, &err);
    const art_net *net = city->net;
    char last[16];
    snprintf(last, sizeof last, "east%d", k);
    int32_t *links = NULL, count = 0;
    assert_true(art_route_find(net, art_net_find(net->link_id, net->link_count, "east0"),
                               art_net_find(net->link_id, net->link_count, last), ART_VCLASS_PASSENGER, NULL,
                               &links, &count));
    free(links);
    assert_int_equal(net->signal_count, o.cross_lanes ? k : 0);
    assert_safe_signals(net);
    for (int32_t c = 0; c < net->connector_count; ++c)
      assert_int_not_equal(net->connector_turn[c], ART_TURN_U);
    art_city_free(city);
  }
}

static double side(const art_city *city, int32_t a, int32_t b, int32_t c)
{
  return (city->node_x[b] - city->node_x[a]) * (city->node_y[c] - city->node_y[a]) -
         (city->node_y[b] - city->node_y[a]) * (city->node_x[c] - city->node_x[a]);
}

static void random_networks_are_planar_and_connected(void **state)
{
  (void)state;
  static const int32_t nodes[] = { 2, 3, 10, 60 };
  for (uint64_t seed = 0; seed < 24; ++seed) {
    art_random_options o = { .street = art_street_defaults(), .nodes = nodes[seed % 4], .block_m = 250.0 };
    o.street.seed = seed;
    o.street.lanes = 1 + (int32_t)(seed % 4);
    o.street.turn_bays = seed % 5 == 0;
    o.street.signals = 0.5;
    art_city *city = NULL;
    art_error err;
    const art_status status = art_generate_random(&o, &city, &err);
    made(status, city, &err);
    const art_net *net = city->net;
    assert_connected(net);
    assert_safe_signals(net);
    for (int32_t l = 0; l < net->link_count && !o.street.turn_bays; ++l)
      for (int32_t m = 0; m < l; ++m) {
        const int32_t a = net->link_from[l], b = net->link_to[l], c = net->link_from[m], d = net->link_to[m];
        if (a == c || a == d || b == c || b == d) continue;
        assert_false(side(city, a, b, c) * side(city, a, b, d) < 0.0 &&
                     side(city, c, d, a) * side(city, c, d, b) < 0.0);
      }
    art_city_free(city);
  }
}

static art_demand *fleet(const art_city *city, int64_t vehicles, double duration_s, uint64_t seed)
{
  const art_fleet_options o = {
    .vehicles = vehicles, .duration_s = duration_s, .vclass = ART_VCLASS_PASSENGER, .seed = seed
  };
  art_demand *demand = NULL;
  art_error err;
  if (art_generate_fleet(city, &o, &demand, &err) != ART_OK) fail_msg("%s", err.message);
  return demand;
}

static void a_fleet_has_room_and_walks_for_the_duration(void **state)
{
  (void)state;
  const art_grid_options o = grid_options(5, 5, 1);
  art_city *city = grid(&o);
  const art_net *net = city->net;
  static const int64_t sizes[] = { 0, 1, 500, 3500 };
  for (int k = 0; k < 4; ++k) {
    art_demand *demand = fleet(city, sizes[k], 600.0, 3);
    assert_int_equal(demand->trip_count, sizes[k]);
    float *last = ART_NEW(float, net->lane_count);
    for (int32_t lane = 0; lane < net->lane_count; ++lane) last[lane] = INFINITY;
    for (int32_t i = 0; i < demand->trip_count; ++i) {  // by departure: each lane from its end
      const int32_t route = demand->trip_route[i], link = demand->route_link[demand->route_first[route]];
      const int32_t lane = net->link_first_lane[link] + demand->trip_depart_lane[i];
      const float at = demand->trip_depart_pos_m[i];
      assert_true(at >= 6.0f - 1e-3f && at <= net->lane_length_m[lane]);
      assert_true(at <= last[lane] - 8.0f + 1e-2f);
      last[lane] = at;
      double time = -(double)at / (double)net->lane_speed_mps[lane];
      for (int64_t h = demand->route_first[route]; h < demand->route_first[route + 1]; ++h)
        time += 200.0 / (50.0 / 3.6);
      assert_true(time > 250.0);  // on top of that come waits at signals
    }
    free(last);
    art_demand_free(demand);
  }
  const art_fleet_options too_many = {
    .vehicles = 1000000, .duration_s = 600.0, .vclass = ART_VCLASS_PASSENGER, .seed = 1
  };
  art_demand *demand = NULL;
  art_error err;
  assert_int_equal(art_generate_fleet(city, &too_many, &demand, &err), ART_E_INPUT);
  assert_null(demand);
  assert_non_null(strstr(err.message, "accepted: 0 to "));
  art_city_free(city);
}

static void equal_seeds_give_equal_data(void **state)
{
  (void)state;
  uint64_t city_hash[3], fleet_hash[3], trips_hash[3];
  for (int k = 0; k < 3; ++k) {
    art_random_options o = { .street = art_street_defaults(), .nodes = 30, .block_m = 200.0 };
    o.street.seed = k == 2 ? 6 : 5;
    art_city *city = NULL;
    art_error err;
    const art_status status = art_generate_random(&o, &city, &err);
    made(status, city, &err);
    art_demand *walks = fleet(city, 100, 300.0, o.street.seed), *trips = NULL;
    const art_trips_options t = {
      .trips = 50, .duration_s = 100.0, .vclass = ART_VCLASS_PASSENGER, .noise = 0.3, .seed = o.street.seed
    };
    if (art_generate_trips(city, &t, &trips, NULL, &err) != ART_OK) fail_msg("%s", err.message);
    city_hash[k] = art_city_hash(city);
    fleet_hash[k] = art_demand_hash(walks, city->net);
    trips_hash[k] = art_demand_hash(trips, city->net);
    art_demand_free(walks);
    art_demand_free(trips);
    art_city_free(city);
  }
  assert_true(city_hash[0] == city_hash[1] && city_hash[0] != city_hash[2]);
  assert_true(fleet_hash[0] == fleet_hash[1] && fleet_hash[0] != fleet_hash[2]);
  assert_true(trips_hash[0] == trips_hash[1] && trips_hash[0] != trips_hash[2]);
}

static void trips_are_fastest_ways_without_noise(void **state)
{
  (void)state;
  art_random_options o = { .street = art_street_defaults(), .nodes = 40, .block_m = 200.0 };
  art_city *city = NULL;
  art_error err;
  const art_status status = art_generate_random(&o, &city, &err);
  made(status, city, &err);
  const art_net *net = city->net;
  art_trips_options t = {
    .trips = 3000, .begin_s = 100.0, .duration_s = 900.0, .vclass = ART_VCLASS_PASSENGER, .seed = 2
  };
  art_demand *demand = NULL;
  if (art_generate_trips(city, &t, &demand, NULL, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(demand->trip_count, 3000);
  assert_true(demand->trip_depart_ms[0] >= 100000 && demand->trip_depart_ms[2999] < 1000000);
  for (int32_t i = 0; i < 3000; i += 10) {
    const int64_t first = demand->route_first[demand->trip_route[i]],
                  end = demand->route_first[demand->trip_route[i] + 1];
    int32_t *links = NULL, count = 0;
    assert_true(end > first + 1);
    assert_true(art_route_find(net, demand->route_link[first], demand->route_link[end - 1],
                               ART_VCLASS_PASSENGER, NULL, &links, &count));
    double own = 0.0, best = 0.0;
    for (int64_t h = first + 1; h < end; ++h)
      own += (double)net->lane_length_m[net->link_first_lane[demand->route_link[h]]];
    for (int32_t h = 1; h < count; ++h) best += (double)net->lane_length_m[net->link_first_lane[links[h]]];
    assert_true(own < best + 50.0);  // paths through nodes differ between lanes
    free(links);
  }
  art_demand_free(demand);
  t.vclass = ART_VCLASS_TRAM;
  for (int32_t lane = 0; lane < city->net->lane_count; ++lane)
    city->net->lane_allowed[lane] = 1u << ART_VCLASS_BUS;
  assert_int_equal(art_generate_trips(city, &t, &demand, NULL, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "tram"));
  art_city_free(city);
}

/// Streets of one lane without turn bays.
static art_city *row_of_junctions(int32_t columns)
{
  art_grid_options o = {
    .street = art_street_defaults(), .columns = columns, .rows = 1, .block_m = 200.0, .arm_m = 200.0
  };
  o.street.lanes = 1;
  o.street.turn_bays = 0;
  art_city *city = NULL;
  art_error err;
  const art_status status = art_generate_grid(&o, &city, &err);
  made(status, city, &err);
  return city;
}

static void load_is_volume_over_what_green_and_lanes_let_through(void **state)
{
  (void)state;
  art_city *city = row_of_junctions(1);
  const art_net *net = city->net;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  art_load_update(&load);
  assert_true(art_load_percentile(&load, 0.95, ART_LOAD_OF_JUNCTIONS) == 0.0);
  assert_true(art_load_percentile(&load, 0.95, ART_LOAD_OF_LINKS) == 0.0);
  int32_t tried = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_turn[c] != ART_TURN_STRAIGHT || net->connector_signal[c] < 0) continue;
    double green_s = 0.0, cycle_s = 0.0;
    const int32_t program = net->signal_active[net->connector_signal[c]];
    for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p) {
      const char letter = net->phase_state[net->phase_first_state[p] + net->connector_signal_group[c]];
      cycle_s += (double)net->phase_duration_ms[p];
      green_s += letter == 'G' ? (double)net->phase_duration_ms[p] : 0.0;
    }
    const int32_t link = net->lane_link[net->connector_from[c]];
    assert_true(load.hop_of[c] >= 0);
    load.vph[c] = load.link_vph[link] = 400.0;
    art_load_update(&load);
    // The only traffic there is: it goes with its green alone.
    assert_float_equal(load.share[link], 400.0 / (1800.0 * green_s / cycle_s), 1e-9);
    assert_float_equal(art_load_percentile(&load, 1.0, ART_LOAD_OF_LINKS), load.share[link], 1e-9);
    assert_float_equal(art_load_percentile(&load, 0.0, ART_LOAD_OF_JUNCTIONS), load.share[link], 1e-9);
    load.vph[c] = load.link_vph[link] = 0.0;
    ++tried;
  }
  assert_int_equal(tried, 4);
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

/// The connector of a turn from the lane of another.
static int32_t beside(const art_net *net, int32_t c, int turn)
{
  const int32_t lane = net->connector_from[c];
  for (int32_t o = net->lane_first_out[lane]; o < net->lane_first_out[lane + 1]; ++o)
    if (net->connector_turn[o] == turn) return o;
  fail_msg("no turn %d beside connector %d", turn, c);
  return -1;
}

static void left_turns_close_the_lane_that_they_share_while_others_come(void **state)
{
  (void)state;
  art_city *city = row_of_junctions(1);
  const art_net *net = city->net;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  int32_t on = 0;
  while (net->connector_turn[on] != ART_TURN_STRAIGHT || net->connector_signal[on] < 0) ++on;
  const int32_t left = beside(net, on, ART_TURN_LEFT), lane = net->connector_from[on];
  int32_t oncoming = -1;
  const int32_t program = net->signal_active[net->connector_signal[on]];
  for (int32_t k = net->conflict_first[left]; k < net->conflict_first[left + 1]; ++k)
    for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p) {
      const int32_t other = net->conflict_other[k];
      const char *letter = net->phase_state + net->phase_first_state[p];
      if (net->conflict_yield[k] && net->connector_turn[other] == ART_TURN_STRAIGHT &&
          letter[net->connector_signal_group[left]] == 'g' &&
          letter[net->connector_signal_group[other]] == 'G')
        oncoming = other;
    }
  assert_true(oncoming >= 0);
  load.vph[on] = 240.0;
  load.vph[left] = 60.0;
  for (int i = 0; i < 20; ++i) art_load_update(&load);
  const double alone = load.lane_share[lane], straight_vph = load.capacity_vph[on],
               left_vph = load.capacity_vph[left];
  assert_float_equal(alone, 240.0 / straight_vph + 60.0 / left_vph, 1e-9);
  load.vph[oncoming] = 400.0;
  for (int i = 0; i < 20; ++i) art_load_update(&load);
  // Left turns have gaps only after the oncoming queue; until then the fifth or so of the lane shuts it for who drives on.
  assert_true(load.capacity_vph[left] < 0.6 * left_vph);
  assert_true(load.capacity_vph[on] < 0.95 * straight_vph);
  assert_true(load.lane_share[lane] > 1.25 * alone);
  // Without left turns nobody is in the way.
  load.vph[left] = 0.0;
  for (int i = 0; i < 40; ++i) art_load_update(&load);
  assert_float_equal(load.capacity_vph[on], straight_vph, 0.1);
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

static void junctions_count_as_often_as_somebody_passes(void **state)
{
  (void)state;
  art_city *city = row_of_junctions(2);
  const art_net *net = city->net;
  art_hops hops = art_hops_new(net, ART_VCLASS_PASSENGER);
  art_load load = art_load_new(net, &hops, 1.0);
  // One junction gets 540 of 600 vehicles, 450 and 90 on two approaches, the other 60 on one.
  const double vph[3] = { 450.0, 90.0, 60.0 };
  int32_t link[3] = { -1, -1, -1 }, busy = -1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_signal[c] < 0 || net->connector_turn[c] != ART_TURN_STRAIGHT) continue;
    if (busy < 0) busy = net->connector_node[c];
    const int place = net->connector_node[c] != busy ? 2 : link[0] < 0 ? 0 : 1;
    if (link[place] >= 0) continue;
    link[place] = net->lane_link[net->connector_from[c]];
    load.vph[c] = load.link_vph[link[place]] = vph[place];
  }
  assert_true(link[0] >= 0 && link[1] >= 0 && link[2] >= 0 && link[0] != link[1]);
  const int32_t full = link[0], empty = link[2];
  art_load_update(&load);
  assert_true(load.share[full] > 4.0 * load.share[empty] && load.share[empty] > 0.0);
  // Nine in ten pass the busy one, whose other approach does not make it any emptier.
  assert_float_equal(art_load_percentile(&load, 0.05, ART_LOAD_OF_JUNCTIONS), load.share[empty], 1e-9);
  assert_float_equal(art_load_percentile(&load, 0.15, ART_LOAD_OF_JUNCTIONS), load.share[full], 1e-9);
  // Of three links, two are below.
  assert_true(art_load_percentile(&load, 0.5, ART_LOAD_OF_LINKS) < load.share[full]);
  art_load_free(&load);
  art_hops_free(&hops);
  art_city_free(city);
}

static void trips_load_a_city_as_far_as_wanted_and_no_place_beyond(void **state)
{
  (void)state;
  art_random_options o = { .street = art_street_defaults(), .nodes = 60, .block_m = 200.0 };
  art_city *city = NULL;
  art_error err;
  const art_status status = art_generate_random(&o, &city, &err);
  made(status, city, &err);
  art_trips_options t = { .duration_s = 3600.0,
                          .begin_s = 60.0,
                          .vclass = ART_VCLASS_PASSENGER,
                          .noise = 0.2,
                          .seed = 4,
                          .load = 0.3 };
  t.most_load = 0.6;
  uint64_t hash[2];
  art_trips_report report[3];
  for (int k = 0; k < 3; ++k) {
    art_demand *demand = NULL;
    if (k == 2) t.load = t.most_load;
    if (art_generate_trips(city, &t, &demand, &report[k], &err) != ART_OK) fail_msg("%s", err.message);
    assert_int_equal(demand->trip_count, report[k].trips);
    assert_true(demand->trip_depart_ms[0] >= 60000 && demand->trip_depart_ms[report[k].trips - 1] < 3660000);
    if (k < 2) hash[k] = art_demand_hash(demand, city->net);
    art_demand_free(demand);
  }
  assert_true(hash[0] == hash[1]);
  assert_true(report[0].load >= 0.3 && report[0].load < 0.4 && report[0].most_load < 0.75);
  // As long as there is room, more load is more trips; the bound holds but for the last round's doings.
  assert_true(report[2].trips > report[0].trips && report[2].left_out > 0 && report[2].most_load < 0.75);
  for (int k = 0; k < 3; ++k) art_trips_report_clear(&report[k]);
  t.most_load = 0.5;
  assert_int_equal(art_generate_trips(city, &t, &(art_demand *){ NULL }, NULL, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "most load"));
  art_city_free(city);
}

static void options_out_of_range_are_named(void **state)
{
  (void)state;
  art_city *city = NULL;
  art_error err;
  art_grid_options o = grid_options(3, 3, 0);
  o.block_m = 30.0;
  assert_int_equal(art_generate_grid(&o, &city, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "block (m) is 30"));
  o = grid_options(3, 3, 0);
  o.street.lanes = 17;
  assert_int_equal(art_generate_grid(&o, &city, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "lanes is 17: accepted: 1 to 16"));
  o = grid_options(0, 3, 0);
  assert_int_equal(art_generate_grid(&o, &city, &err), ART_E_INPUT);
  o = grid_options(3, 3, 0);
  o.street.cycle_s = 20.0;
  o.street.turn_bays = 1;
  assert_int_equal(art_generate_grid(&o, &city, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "cycle (s) is 20"));
  assert_null(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_grid_has_the_size_asked_for),
    cmocka_unit_test(every_combination_of_options_makes_a_valid_city),
    cmocka_unit_test(bays_are_for_left_turns_and_have_a_stage),
    cmocka_unit_test(a_ring_is_as_long_as_asked_for),
    cmocka_unit_test(corridors_are_crossed_from_end_to_end),
    cmocka_unit_test(random_networks_are_planar_and_connected),
    cmocka_unit_test(a_fleet_has_room_and_walks_for_the_duration),
    cmocka_unit_test(equal_seeds_give_equal_data),
    cmocka_unit_test(trips_are_fastest_ways_without_noise),
    cmocka_unit_test(load_is_volume_over_what_green_and_lanes_let_through),
    cmocka_unit_test(left_turns_close_the_lane_that_they_share_while_others_come),
    cmocka_unit_test(junctions_count_as_often_as_somebody_passes),
    cmocka_unit_test(trips_load_a_city_as_far_as_wanted_and_no_place_beyond),
    cmocka_unit_test(options_out_of_range_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
