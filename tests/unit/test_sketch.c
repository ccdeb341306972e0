// Sketches into cities: lanes, lengths, stop lines, turns, right of way, signals.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "io/sketch/sketch.h"
#include "tests/support/check.h"

/// A cross of four streets of 200 m with one lane each way round node "x"; links "w_in", "w_out" ...
static art_sketch *cross(int kind)
{
  static const struct {
    const char *name;
    double x, y;
  } arm[4] = { { "w", -200, 0 }, { "e", 200, 0 }, { "n", 0, 200 }, { "s", 0, -200 } };
  art_sketch *s = art_sketch_new();
  art_sketch_add_node(s, "x", 0.0, 0.0);
  s->node[0].kind = (uint8_t)kind;
  for (int i = 0; i < 4; ++i) {
    char id[16];
    const int32_t node = art_sketch_add_node(s, arm[i].name, arm[i].x, arm[i].y);
    s->node[node].kind = ART_NODE_DEAD_END;
    for (int back = 0; back < 2; ++back) {
      snprintf(id, sizeof id, back ? "%s_out" : "%s_in", arm[i].name);
      const int32_t l = art_sketch_add_link(s, id, NULL, back ? 0 : node, back ? node : 0);
      art_sketch_add_lanes(s, 1, ART_PERMIT_ALL, ART_SKETCH_LANE_M);
      s->link[l].priority = i < 2 ? 2 : 1;  // west-east is the main road
    }
  }
  art_sketch_pair_links(s);
  return s;
}

static art_city *built(art_sketch *s)
{
  art_city *city = NULL;
  art_sketch_report report;
  art_error err = { 0 };
  assert_ok(art_sketch_build(s, &city, &report, &err), err);
  art_sketch_free(s);
  return city;
}

static int32_t link_of(const art_net *net, const char *id)
{
  const int32_t l = art_net_find(net->link_id, net->link_count, id);
  if (l < 0) fail_msg("no link %s", id);
  return l;
}

/// The connector between two links; -1: none.
static int32_t way(const art_net *net, const char *from, const char *to)
{
  const int32_t a = link_of(net, from), b = link_of(net, to);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->lane_link[net->connector_from[c]] == a && net->lane_link[net->connector_to[c]] == b) return c;
  return -1;
}

static int yields(const art_net *net, int32_t a, int32_t b)
{
  for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k)
    if (net->conflict_other[k] == b) return net->conflict_yield[k];
  return -1;  // they do not meet
}

static void a_cross_has_its_turns_and_rights(void **state)
{
  (void)state;
  art_city *city = built(cross(ART_NODE_PRIORITY));
  const art_net *net = city->net;
  assert_int_equal(net->connector_count, 12);  // three ways out of four streets, nobody turns back
  assert_int_equal(way(net, "w_in", "w_out"), -1);
  assert_int_equal(net->connector_turn[way(net, "w_in", "e_out")], ART_TURN_STRAIGHT);
  assert_int_equal(net->connector_turn[way(net, "w_in", "n_out")], ART_TURN_LEFT);
  assert_int_equal(net->connector_turn[way(net, "w_in", "s_out")], ART_TURN_RIGHT);
  assert_int_equal(yields(net, way(net, "s_in", "n_out"), way(net, "w_in", "e_out")), 1);
  assert_int_equal(yields(net, way(net, "w_in", "e_out"), way(net, "s_in", "n_out")), 0);
  assert_int_equal(yields(net, way(net, "w_in", "n_out"), way(net, "e_in", "w_out")), 1);
  assert_int_equal(net->connector_state[way(net, "w_in", "e_out")], 'M');
  assert_int_equal(net->connector_state[way(net, "s_in", "n_out")], 'm');
  assert_int_equal(net->connector_cont[way(net, "w_in", "n_out")], 1);
  // Lanes keep to the right of the axis, half a lane off it, and end one lane and 4 m before the centre.
  const int32_t lane = net->link_first_lane[link_of(net, "w_in")];
  const int64_t last = city->lane_first_point[lane + 1] - 1;
  assert_float_equal(city->point_y[last], -0.5 * ART_SKETCH_LANE_M, 1e-9);
  assert_float_equal(city->point_x[last], -(ART_SKETCH_LANE_M + 4.0), 1e-9);
  assert_float_equal(net->lane_length_m[lane], 200.0 - (ART_SKETCH_LANE_M + 4.0) - (ART_SKETCH_LANE_M + 1.0),
                     1e-4);
  art_city_free(city);
}

/// Four streets of one rank: the wider pair is the main road, so that nobody waits in a circle.
static void equal_ranks_do_not_wait_in_a_circle(void **state)
{
  (void)state;
  art_sketch *s = cross(ART_NODE_PRIORITY);
  for (int32_t l = 0; l < s->link_count; ++l) {
    s->link[l].priority = 1;
    s->link[l].speed_mps = l < 4 ? 10.0 : 15.0;  // north-south is faster
  }
  art_city *city = built(s);
  const art_net *net = city->net;
  static const char *const main_road[] = { "n_in", "s_in" }, *const side[] = { "w_in", "e_in" };
  for (int i = 0; i < 2; ++i)
    for (int k = 0; k < 2; ++k) {
      const int32_t a = way(net, main_road[i], i ? "n_out" : "s_out"),
                    b = way(net, side[k], k ? "w_out" : "e_out");
      assert_int_equal(yields(net, a, b), 0);
      assert_int_equal(yields(net, b, a), 1);
    }
  art_city_free(city);
}

static void lengths_stretch_the_drawing(void **state)
{
  (void)state;
  art_sketch *s = cross(ART_NODE_PRIORITY);
  for (int32_t l = 0; l < s->link_count; ++l) s->link[l].length_m = 400.0;  // drawn as 200 m
  art_city *city = built(s);
  assert_float_equal(city->net->lane_length_m[0], 2.0 * (200.0 - 2.0 * ART_SKETCH_LANE_M - 5.0), 1e-3);
  art_city_free(city);
}

static void right_before_left_and_left_hand(void **state)
{
  (void)state;
  art_city *city = built(cross(ART_NODE_RIGHT_BEFORE_LEFT));
  const art_net *net = city->net;
  // Who comes from the south has the eastern street on the right.
  assert_int_equal(yields(net, way(net, "s_in", "n_out"), way(net, "e_in", "w_out")), 1);
  assert_int_equal(yields(net, way(net, "s_in", "n_out"), way(net, "w_in", "e_out")), 0);
  art_city_free(city);
  art_sketch *s = cross(ART_NODE_RIGHT_BEFORE_LEFT);
  s->left_hand = 1;
  city = built(s);
  net = city->net;
  assert_int_equal(city->left_hand, 1);
  assert_int_equal(net->node_kind[0], ART_NODE_LEFT_BEFORE_RIGHT);
  assert_int_equal(net->connector_turn[way(net, "w_in", "n_out")], ART_TURN_LEFT);
  assert_int_equal(yields(net, way(net, "s_in", "n_out"), way(net, "w_in", "e_out")), 1);
  const int64_t last = city->lane_first_point[net->link_first_lane[link_of(net, "w_in")] + 1] - 1;
  assert_float_equal(city->point_y[last], 0.5 * ART_SKETCH_LANE_M, 1e-9);
  art_city_free(city);
}

/// The guess for a cross of single lanes: two stages with yellow and red between, conflicting greens never both protected.
static void signals_are_guessed(void **state)
{
  (void)state;
  art_city *city = built(cross(ART_NODE_TRAFFIC_LIGHT));
  const art_net *net = city->net;
  assert_int_equal(net->signal_count, 1);
  assert_int_equal(net->phase_count, 6);
  const int32_t group_w = net->connector_signal_group[way(net, "w_in", "e_out")],
                group_s = net->connector_signal_group[way(net, "s_in", "n_out")],
                group_left = net->connector_signal_group[way(net, "w_in", "n_out")];
  int seen_w = 0, seen_s = 0;
  for (int32_t f = 0; f < net->phase_count; ++f) {
    const char *letters = net->phase_state + net->phase_first_state[f];
    seen_w |= letters[group_w] == 'G';
    seen_s |= letters[group_s] == 'G';
    assert_false(letters[group_w] == 'G' && letters[group_s] == 'G');
    if (letters[group_w] == 'G') assert_int_equal(letters[group_left], 'g');
  }
  assert_true(seen_w && seen_s);
  art_city_free(city);
}

static void given_paths_are_all_there_are(void **state)
{
  (void)state;
  art_sketch *s = cross(ART_NODE_PRIORITY);
  s->node[0].has_paths = 1;
  art_sketch_add_path(s, 0, 0, 3, 0, -1);  // w_in to e_out, turn from the geometry
  art_sketch_add_path(s, 0, 0, 3, 0, -1);  // twice
  art_city *city = NULL;
  art_sketch_report report;
  art_error err = { 0 };
  assert_ok(art_sketch_build(s, &city, &report, &err), err);
  assert_int_equal(city->net->connector_count, 1);
  assert_int_equal(city->net->connector_turn[0], ART_TURN_STRAIGHT);
  assert_int_equal(report.paths_dropped, 1);
  assert_int_equal(report.links_stuck, 3);
  art_sketch_free(s);
  art_city_free(city);
  // Completed: the links without any find theirs, as if nothing was given.
  s = cross(ART_NODE_PRIORITY);
  s->node[0].has_paths = s->completes_paths = 1;
  art_sketch_add_path(s, 0, 0, 3, 0, -1);
  assert_ok(art_sketch_build(s, &city, &report, &err), err);
  assert_int_equal(report.links_completed, 3);
  assert_int_equal(city->net->connector_count, 1 + 9);
  art_sketch_free(s);
  art_city_free(city);
}

/// Streets that meet at 30 degrees have their stop lines where the kerbs meet, not closer.
static void acute_angles_need_room(void **state)
{
  (void)state;
  art_sketch *s = art_sketch_new();
  art_sketch_add_node(s, "x", 0.0, 0.0);
  const double angle[3] = { 0.0, 30.0, 180.0 };
  for (int i = 0; i < 3; ++i) {
    char id[8];
    snprintf(id, sizeof id, "%d", i);
    art_sketch_add_node(s, id, 300.0 * cos(angle[i] * 0.017453292519943295),
                        300.0 * sin(angle[i] * 0.017453292519943295));
    art_sketch_add_link(s, id, NULL, i + 1, 0);
    art_sketch_add_lanes(s, 1, ART_PERMIT_ALL, 4.0);
    snprintf(id, sizeof id, "-%d", i);
    art_sketch_add_link(s, id, NULL, 0, i + 1);
    art_sketch_add_lanes(s, 1, ART_PERMIT_ALL, 4.0);
  }
  art_sketch_pair_links(s);
  art_city *city = built(s);
  const int64_t last = city->lane_first_point[1] - 1;
  // (4 + 4 cos 30) / sin 30 + 2 m between the kerbs
  assert_float_equal(city->point_x[last], (4.0 + 4.0 * 0.8660254) / 0.5 + 2.0, 1e-4);
  art_city_free(city);
}

static void nothing_to_drive_on(void **state)
{
  (void)state;
  art_sketch *s = art_sketch_new();
  art_city *city = NULL;
  art_sketch_report report;
  art_error err = { 0 };
  assert_refused(art_sketch_build(s, &city, &report, &err), ART_E_INPUT, err, "no links");
  assert_null(city);
  art_sketch_free(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_cross_has_its_turns_and_rights),
    cmocka_unit_test(equal_ranks_do_not_wait_in_a_circle),
    cmocka_unit_test(lengths_stretch_the_drawing),
    cmocka_unit_test(right_before_left_and_left_hand),
    cmocka_unit_test(signals_are_guessed),
    cmocka_unit_test(given_paths_are_all_there_are),
    cmocka_unit_test(acute_angles_need_room),
    cmocka_unit_test(nothing_to_drive_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
