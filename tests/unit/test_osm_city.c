// Situations of the map, drawn by hand, and the junctions that they become: who leads where, who yields, where signals stand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/net/route.h"
#include "tests/support/osm_map.h"

static void crossing_leads_everywhere_but_back(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=primary", "highway=residential", "", 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  for (int from = 1; from <= 4; ++from)
    for (int to = 1; to <= 4; ++to) assert_int_equal(turns(net, from, -to, NULL) > 0, from != to);
  // At the ends of the streets one turns back, so that nobody is trapped.
  for (int way = 1; way <= 4; ++way) assert_int_equal(turns(net, -way, way, NULL), 1);
  // The street of lower class yields; a left turn of the major one yields to who comes from opposite.
  int32_t major, minor, left, right;
  turns(net, 1, -2, &major);
  turns(net, 3, -4, &minor);
  turns(net, 1, -4, &left);
  turns(net, 2, -4, &right);
  assert_int_equal(yields(net, minor, major), 1);
  assert_int_equal(yields(net, major, minor), 0);
  turns(net, 2, -1, &major);
  assert_int_equal(yields(net, left, major), 1);
  assert_int_equal(yields(net, right, left), 0);
  assert_int_equal(net->connector_turn[left], ART_TURN_LEFT);
  assert_int_equal(net->connector_turn[right], ART_TURN_RIGHT);
  assert_true(net->connector_hold_m[left] > 0.0f);
  // Stop lines stand clear of the crossing street, and nobody flies over the junction either.
  assert_in_range((int)net->lane_length_m[net->link_lane_count + major], 8, 25);
  art_city_free(city);
}

static void equal_quiet_streets_give_way_to_the_right(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=residential maxspeed=30", "highway=residential maxspeed=30", "", 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  int32_t east, north;
  turns(net, 1, -2, &east);
  turns(net, 3, -4, &north);
  assert_int_equal(net->node_kind[net->connector_node[east]], ART_NODE_RIGHT_BEFORE_LEFT);
  assert_int_equal(yields(net, east, north),
                   1);  // who comes from the south comes from the right of who drives east
  assert_int_equal(yields(net, north, east), 0);
  art_city_free(city);
}

static void give_way_sign_outranks_the_class(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  // The stem of a T is of the higher class, but has the sign.
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 5, 0, 0, "");
  map_node(&map, 6, 0, -12, "highway=give_way");
  map_way(&map, 1, "highway=tertiary", 1, 5, 2, 0);
  map_way(&map, 3, "highway=secondary", 3, 6, 5, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  int32_t major, minor;
  turns(net, -1, -1, &major);
  turns(net, 3, -1, &minor);
  assert_int_equal(report.signs, 1);
  assert_int_equal(yields(net, minor, major), 1);
  assert_int_equal(net->connector_state[minor], 'm');
  assert_int_equal(net->connector_state[major], 'M');
  art_city_free(city);
}

static void stop_sign_makes_drivers_stop(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=tertiary", "highway=residential", "", 0);
  map.size = 0;
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 5, 0, 0, "");
  map_node(&map, 6, 0, -8, "highway=stop");
  map_way(&map, 1, "highway=tertiary", 1, 5, 2, 0);
  map_way(&map, 3, "highway=tertiary", 3, 6, 5, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  int32_t minor;
  turns(city->net, 3, 1, &minor);
  assert_int_equal(city->net->node_kind[city->net->connector_node[minor]], ART_NODE_PRIORITY_STOP);
  assert_int_equal(city->net->connector_state[minor], 's');
  art_city_free(city);
}

static void dual_carriageway_crossing_is_one_junction(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  // Eastbound 8 m south of the middle, westbound 8 m north of it; a street crosses both.
  map_node(&map, 1, -200, -8, "");
  map_node(&map, 2, 0, -8, "");
  map_node(&map, 3, 200, -8, "");
  map_node(&map, 4, 200, 8, "");
  map_node(&map, 5, 0, 8, "");
  map_node(&map, 6, -200, 8, "");
  map_node(&map, 7, 0, -150, "");
  map_node(&map, 8, 0, 150, "");
  map_way(&map, 11, "highway=primary oneway=yes lanes=2 name=Ring", 1, 2, 3, 0);
  map_way(&map, 12, "highway=primary oneway=yes lanes=2 name=Ring", 4, 5, 6, 0);
  map_way(&map, 13, "highway=secondary name=Cross", 7, 2, 5, 8, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.joined_nodes, 2);
  assert_int_equal(report.absorbed_links, 1);
  int32_t left, straight, across;
  assert_true(turns(net, 11, 13, &left) > 0);
  assert_int_equal(net->connector_turn[left], ART_TURN_LEFT);
  assert_true(turns(net, 11, 11, &straight) >= 2);
  assert_true(turns(net, 13, 13, &across) > 0);
  assert_int_equal(net->connector_node[left], net->connector_node[straight]);
  assert_int_equal(net->connector_node[across], net->connector_node[straight]);
  assert_int_equal(turns(net, 11, 12, NULL), 0);  // nobody turns back there
  assert_int_equal(yields(net, across, straight), 1);
  art_city_free(city);
}

static void restrictions_at_a_node(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=secondary", "highway=secondary", "", 0);
  map_ban(&map, 1, "no_left_turn", 1, "node", 5, 4);
  map_ban(&map, 2, "only_straight_on", 3, "node", 5, 4);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.bans, 2);
  assert_int_equal(turns(net, 1, -4, NULL), 0);
  assert_true(turns(net, 1, -2, NULL) && turns(net, 1, -3, NULL) && turns(net, 2, -4, NULL));
  assert_true(turns(net, 3, -4, NULL));
  assert_int_equal(turns(net, 3, -1, NULL) + turns(net, 3, -2, NULL), 0);
  art_city_free(city);
}

/// A restriction over a way binds those who come from its `from` alone.
static void restriction_over_a_way(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 40, "");
  map_node(&map, 2, -150, -40, "");
  map_node(&map, 3, 0, 0, "");
  map_node(&map, 4, 120, 0, "");
  map_node(&map, 5, 250, 60, "");
  map_node(&map, 6, 250, -60, "");
  map_way(&map, 1, "highway=secondary oneway=yes", 1, 3, 0);
  map_way(&map, 2, "highway=secondary oneway=yes", 2, 3, 0);
  map_way(&map, 3, "highway=secondary oneway=yes", 3, 4, 0);
  map_way(&map, 4, "highway=secondary oneway=yes", 4, 5, 0);
  map_way(&map, 5, "highway=secondary oneway=yes", 4, 6, 0);
  map_ban(&map, 1, "no_left_turn", 1, "way", 3, 4);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.bans_over_ways, 1);
  const struct {
    int from, to, is_open;
  } cases[] = { { 1, 4, 0 }, { 1, 5, 1 }, { 2, 4, 1 }, { 2, 5, 1 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    int32_t *links, count;
    const int found = art_route_find(net, link_of(net, cases[i].from), link_of(net, cases[i].to),
                                     ART_VCLASS_PASSENGER, NULL, &links, &count);
    assert_int_equal(found, cases[i].is_open);
    free(links);
  }
  art_city_free(city);
}

/// Programs let every connector go in some phase, and no two that cross at once without one yielding.
static void assert_sound_programs(const art_net *net)
{
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    int goes = 0;
    if (s < 0) continue;
    for (int32_t k = net->program_first_phase[s]; k < net->program_first_phase[s + 1]; ++k) {
      const char *state = net->phase_state + net->phase_first_state[k];
      const char own = state[net->connector_signal_group[c]];
      goes |= art_letter_is_green(own);
      for (int32_t r = net->conflict_first[c]; r < net->conflict_first[c + 1]; ++r) {
        const int32_t other = net->conflict_other[r];
        if (net->conflict_kind[r] == ART_CONFLICT_CROSS && own == 'G')
          assert_int_not_equal(state[net->connector_signal_group[other]], 'G');
      }
    }
    assert_true(goes);
  }
}

static void signals_on_the_approaches_are_one_controller(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 4, 0, 150, "");
  map_node(&map, 5, 0, 0, "");
  map_node(&map, 6, -15, 0, "highway=traffic_signals");
  map_node(&map, 7, 15, 0, "highway=traffic_signals");
  map_node(&map, 8, 0, -15, "highway=traffic_signals traffic_signals:direction=forward");
  map_node(&map, 9, 0, 15, "highway=traffic_signals");
  map_way(&map, 1, "highway=primary lanes=4", 1, 6, 5, 0);
  map_way(&map, 2, "highway=primary lanes=4", 2, 7, 5, 0);
  map_way(&map, 3, "highway=secondary", 3, 8, 5, 0);
  map_way(&map, 4, "highway=secondary", 4, 9, 5, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.signals_used, 4);
  assert_int_equal(net->signal_count, 1);
  assert_string_equal(net->program_id[0], "guessed");
  int32_t c;
  turns(net, 1, -2, &c);
  assert_int_equal(net->connector_signal[c], 0);
  assert_sound_programs(net);
  art_city_free(city);
}

/// A side street turns into the right one of three lanes of a one-way street; those of the other two meet nobody from
/// there, and have red with the first all the same.
static void lanes_of_a_movement_have_one_light(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 5, 0, 0, "highway=traffic_signals");
  map_way(&map, 1, "highway=primary oneway=yes lanes=3", 1, 5, 2, 0);
  map_way(&map, 3, "highway=secondary oneway=yes lanes=1", 3, 5, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  assert_int_equal(net->signal_count, 1);
  int compared = 0;
  for (int32_t c = 0; c < net->connector_count; ++c)
    for (int32_t o = 0; o < c; ++o) {
      if (net->lane_link[net->connector_from[c]] != net->lane_link[net->connector_from[o]] ||
          net->lane_link[net->connector_to[c]] != net->lane_link[net->connector_to[o]])
        continue;
      for (int32_t k = net->program_first_phase[0]; k < net->program_first_phase[1]; ++k, ++compared) {
        const char *letters = net->phase_state + net->phase_first_state[k];
        assert_int_equal(art_letter_is_green(letters[net->connector_signal_group[c]]),
                         art_letter_is_green(letters[net->connector_signal_group[o]]));
      }
    }
  assert_true(compared >= 3 * 4);
  art_city_free(city);
}

static void pedestrian_signal_alone_stops_the_road(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 0, 0, "highway=crossing crossing=traffic_signals");
  map_node(&map, 3, 150, 0, "");
  map_way(&map, 1, "highway=secondary", 1, 2, 3, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.foot_signals, 1);
  assert_int_equal(net->signal_count, 1);
  int is_all_red = 0;
  for (int32_t k = 0; k < net->phase_count; ++k) {
    const char *letters = net->phase_state + net->phase_first_state[k];
    is_all_red |= letters[0] == 'r' && letters[1] == 'r' && net->phase_duration_ms[k] >= 10000;
  }
  assert_true(is_all_red);
  assert_sound_programs(net);
  art_city_free(city);
}

static void slip_road_is_kept_and_yields(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, -60, 0, "");
  map_node(&map, 3, 0, 0, "");
  map_node(&map, 4, 200, 0, "");
  map_node(&map, 5, 0, 200, "");
  map_node(&map, 6, 0, -60, "");
  map_node(&map, 7, 0, -200, "");
  map_way(&map, 1, "highway=secondary", 1, 2, 3, 4, 0);
  map_way(&map, 2, "highway=secondary", 5, 3, 6, 7, 0);
  map_way(&map, 3, "highway=secondary_link oneway=yes", 2, 6, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  int32_t slip = link_of(net, 3), off, on, main_road = -1;
  assert_true(slip >= 0);
  assert_true(net->lane_length_m[net->link_first_lane[slip]] > 20.0f);
  assert_int_equal(turns(net, 1, 3, &off), 1);
  assert_int_equal(turns(net, 3, 2, &on), 1);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (c != on && net->connector_to[c] == net->connector_to[on]) main_road = c;
  assert_int_equal(yields(net, on, main_road), 1);
  assert_int_equal(yields(net, main_road, on), 0);
  art_city_free(city);
}

/// A street of one lane each way that parts round an island for 60 m; `tags` of its halves.
static art_city *island_city(const char *tags)
{
  osm_map map = { .size = 0 };
  char text[80];
  snprintf(text, sizeof text, "highway=primary oneway=yes%s", tags);
  map_node(&map, 1, -300, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 30, 6, "");
  map_node(&map, 4, 30, -6, "");
  map_node(&map, 5, 60, 0, "");
  map_node(&map, 6, 360, 0, "");
  map_way(&map, 1, "highway=primary oneway=no", 1, 2, 0);
  map_way(&map, 2, text, 2, 4, 5, 0);
  map_way(&map, 3, text, 5, 3, 2, 0);
  map_way(&map, 4, "highway=primary oneway=no", 5, 6, 0);
  return map_import(&map, NULL, NULL, NULL);
}

static void halves_round_an_island_have_the_lanes_of_the_street(void **state)
{
  (void)state;
  for (int told = 0; told < 2; ++told) {
    art_city *city = island_city(told ? " lanes=2" : "");
    for (int way = 2; way <= 3; ++way) {
      const int32_t link = link_of(city->net, way);
      assert_true(link >= 0);
      assert_int_equal(art_net_link_lanes(city->net, link), told ? 2 : 1);
    }
    art_city_free(city);
  }
}

/// Motorway and ramp, side by side where there is a lane for both, merging where there is none.
static art_city *merge_city(int lanes_after)
{
  osm_map map = { .size = 0 };
  char after[80];
  snprintf(after, sizeof after, "highway=motorway lanes=%d", lanes_after);
  map_node(&map, 1, -400, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 400, 0, "");
  map_node(&map, 4, -300, -60, "");
  map_way(&map, 1, "highway=motorway lanes=2", 1, 2, 0);
  map_way(&map, 2, after, 2, 3, 0);
  map_way(&map, 3, "highway=motorway_link lanes=1", 4, 2, 0);
  return map_import(&map, NULL, NULL, NULL);
}

/// A slip road that leaves under a small angle takes most of the way to the signals: nobody could wait there.
static void place_without_room_belongs_to_the_signals(void **state)
{
  (void)state;
  for (int signals = 0; signals < 2; ++signals) {
    osm_map map = { .size = 0 };
    map_node(&map, 1, -150, 0, "");
    map_node(&map, 2, 150, 0, "");
    map_node(&map, 3, 0, -150, "");
    map_node(&map, 4, 0, 150, "");
    map_node(&map, 5, 0, 0, signals ? "highway=traffic_signals" : "");
    map_node(&map, 6, 38, 0, "");
    map_node(&map, 7, 12, 7, "");
    map_node(&map, 8, 0, 23, "");
    map_way(&map, 1, "highway=secondary", 1, 5, 6, 2, 0);
    map_way(&map, 2, "highway=secondary", 3, 5, 8, 4, 0);
    map_way(&map, 3, "highway=secondary", 6, 7, 8, 0);
    art_city *city = map_import(&map, NULL, NULL, NULL);
    // Who comes from the east meets the street from the south in one junction, or drives a link in between.
    const art_net *net = city->net;
    int shared = 0;
    for (int32_t a = 0; a < net->connector_count; ++a)
      for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k) {
        const int32_t b = net->conflict_other[k];
        shared |= (int)net->lane_length_m[net->connector_from[a]] > 100 &&
                  link_is(net, net->lane_link[net->connector_from[a]], -1) &&
                  link_is(net, net->lane_link[net->connector_from[b]], 2) &&
                  (int)net->lane_length_m[net->connector_from[b]] > 100;
      }
    assert_int_equal(shared, signals);
    art_city_free(city);
  }
}

static void ramp_with_a_lane_of_its_own(void **state)
{
  (void)state;
  art_city *city = merge_city(3);
  const art_net *net = city->net;
  const int32_t first = net->link_first_lane[link_of(net, 2)];
  int32_t ramp, major;
  assert_int_equal(turns(net, 3, 2, &ramp), 1);
  assert_int_equal(turns(net, 1, 2, &major), 2);
  assert_int_equal(net->connector_to[ramp], first);
  assert_int_equal(net->connector_to[major], first + 1);
  assert_int_equal(net->connector_to[major + 1], first + 2);
  art_city_free(city);
}

static void ramp_without_a_lane_yields(void **state)
{
  (void)state;
  art_city *city = merge_city(2);
  const art_net *net = city->net;
  int32_t ramp, major;
  assert_int_equal(turns(net, 3, 2, &ramp), 1);
  assert_int_equal(turns(net, 1, 2, &major), 2);
  assert_int_equal(net->connector_to[ramp], net->connector_to[major]);
  assert_int_equal(yields(net, ramp, major), 1);
  art_city_free(city);
}

static void arrows_say_which_lane_turns(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=primary lanes=4", "highway=secondary", "", 0);
  // The same again, with arrows on the way from the west: left, straight on, straight on and right.
  map.size = 0;
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 4, 0, 150, "");
  map_node(&map, 5, 0, 0, "");
  map_way(&map, 1, "highway=primary oneway=yes lanes=3 turn:lanes=left|through|through;right", 1, 5, 0);
  map_way(&map, 2, "highway=primary lanes=4", 2, 5, 0);
  map_way(&map, 3, "highway=secondary", 3, 5, 0);
  map_way(&map, 4, "highway=secondary", 4, 5, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  const int32_t first = net->link_first_lane[link_of(net, 1)];
  int32_t left, straight, right;
  assert_int_equal(turns(net, 1, -4, &left), 1);
  assert_int_equal(turns(net, 1, -2, &straight), 2);
  assert_int_equal(turns(net, 1, -3, &right), 1);
  assert_int_equal(net->connector_from[left], first + 2);
  assert_int_equal(net->connector_from[straight], first);
  assert_int_equal(net->connector_from[right], first);
  int32_t beside = -1;  // the other one, from the lane in the middle
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_from[c] == first + 1) beside = c;
  assert_int_equal(net->connector_to[beside] - net->connector_to[straight], 1);
  art_city_free(city);
}

/// Of three lanes that go on, the left one is for left turns alone where these wait for oncoming traffic, and only there.
static void left_turns_have_a_lane_alone_where_they_wait(void **state)
{
  (void)state;
  for (int is_oneway = 0; is_oneway < 2; ++is_oneway) {
    osm_map map = { .size = 0 };
    map_node(&map, 1, -150, 0, "");
    map_node(&map, 2, 150, 0, "");
    map_node(&map, 3, 0, -150, "");
    map_node(&map, 4, 0, 150, "");
    map_node(&map, 5, 0, 0, "");
    const char *tags = is_oneway ? "highway=primary oneway=yes lanes=3" : "highway=primary lanes=6";
    map_way(&map, 1, tags, 1, 5, 0);
    map_way(&map, 2, tags, 5, 2, 0);
    map_way(&map, 3, "highway=tertiary", 3, 5, 0);
    map_way(&map, 4, "highway=tertiary", 4, 5, 0);
    art_city *city = map_import(&map, NULL, NULL, NULL);
    int32_t left, straight;
    assert_int_equal(turns(city->net, 1, -4, &left), 1);
    assert_int_equal(city->net->connector_from[left], city->net->link_first_lane[link_of(city->net, 1)] + 2);
    assert_int_equal(turns(city->net, 1, 2, &straight), is_oneway ? 3 : 2);
    art_city_free(city);
  }
}

/// Four lanes end at two roads, to the right and to the left, and at two ways of buses between them: each road has two lanes.
static void ways_of_buses_take_no_lane_from_cars(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 4, -100, 110, "");
  map_node(&map, 5, 0, 0, "");
  map_node(&map, 6, 100, 110, "");
  map_way(&map, 1, "highway=primary oneway=yes lanes=2", 5, 1, 0);
  map_way(&map, 2, "highway=primary oneway=yes lanes=2", 5, 2, 0);
  map_way(&map, 3, "highway=primary oneway=yes lanes=4", 3, 5, 0);
  map_way(&map, 4, "highway=service service=busway access=no bus=yes oneway=yes", 5, 4, 0);
  map_way(&map, 6, "highway=service service=busway access=no bus=yes oneway=yes", 5, 6, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  const int32_t first = net->link_first_lane[link_of(net, 3)];
  int32_t left, right, bus;
  assert_int_equal(turns(net, 3, 2, &right), 2);
  assert_int_equal(turns(net, 3, 1, &left), 2);
  assert_int_equal(net->connector_from[right], first);
  assert_int_equal(net->connector_from[left], first + 2);
  assert_int_equal(turns(net, 3, 4, &bus), 1);
  assert_int_equal(turns(net, 3, 6, &bus), 1);
  art_city_free(city);
}

static void bridges_meet_nobody(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 150, 0, "");
  map_node(&map, 3, 0, -150, "");
  map_node(&map, 4, 0, 150, "");
  map_node(&map, 5, 0, -20, "");
  map_node(&map, 6, 0, 20, "");
  map_node(&map, 7, 150, 150, "");
  map_way(&map, 1, "highway=secondary", 1, 2, 0);
  map_way(&map, 2, "highway=secondary", 3, 5, 0);
  map_way(&map, 3, "highway=secondary bridge=yes layer=1", 5, 6, 0);
  map_way(&map, 4, "highway=secondary", 6, 4, 0);
  map_way(&map, 5, "highway=secondary", 2, 7, 4, 0);  // so that both belong to one network
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  assert_int_equal(turns(net, 1, 3, NULL) + turns(net, 1, 2, NULL) + turns(net, 1, 4, NULL), 0);
  for (int32_t i = 0; i < net->node_count; ++i)  // and nothing but bends and ends
    assert_true(net->node_first_connector[i + 1] - net->node_first_connector[i] <= 2);
  art_city_free(city);
}

static void gates_stop_cars_which_turn_back(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 0, 0, "barrier=bollard");
  map_node(&map, 3, 150, 0, "");
  map_node(&map, 4, 0, 150, "");
  map_way(&map, 1, "highway=residential", 1, 2, 3, 0);
  map_way(&map, 2, "highway=residential", 1, 4, 3, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const char *node = net->node_id[net->connector_node[c]];
    const uint32_t allowed = net->lane_allowed[net->link_lane_count + c];
    if (strcmp(node, "2") == 0 && (allowed >> ART_VCLASS_PASSENGER & 1u))
      assert_int_equal(net->connector_turn[c], ART_TURN_U);
  }
  art_city_free(city);
}

static void box_cuts_roads(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=primary", "highway=primary", "", 0);
  const art_osm_import_options options = { .with_box = 1,
                                           .min_lon = 9.0 - 100.0 / 74610.0,
                                           .max_lon = 9.0 + 100.0 / 74610.0,
                                           .min_lat = 48.0 - 200.0 / 111200.0,
                                           .max_lat = 48.0 + 200.0 / 111200.0 };
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, &options, NULL, &report);
  assert_int_equal(report.rim, 2);
  const art_net *net = city->net;
  const float cut = net->lane_length_m[net->link_first_lane[link_of(net, 1)]],
              whole = net->lane_length_m[net->link_first_lane[link_of(net, 3)]];
  assert_in_range((int)lroundf(whole - cut), 49, 51);
  art_city_free(city);
}

static void patch_corrects_what_the_map_says(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=primary", "highway=secondary", "highway=traffic_signals", 0);
  art_osm_report report = { 0 };
  art_city *city =
      map_import(&map, NULL,
                 "ways:\n  1: {lanes_forward: 3, speed: 30 km/h}\n  4: {drop: true}\n"
                 "turns:\n  - {from: 1, via: 5, to: 3, allow: no}\n  - {from: 7, via: 5, to: 3}\n"
                 "signals:\n  5: {signal: no}\n",
                 &report);
  const art_net *net = city->net;
  const int32_t west = link_of(net, 1);
  assert_int_equal(art_net_link_lanes(net, west), 3);
  assert_true(fabsf(net->lane_speed_mps[net->link_first_lane[west]] - 30.0f / 3.6f) < 1e-3f);
  assert_int_equal(link_of(net, 4), -1);
  assert_int_equal(turns(net, 1, -3, NULL), 0);
  assert_true(turns(net, 2, -3, NULL) > 0);
  assert_int_equal(net->signal_count, 0);
  assert_int_equal(report.patched, 4);
  assert_int_equal(report.notes.count[ART_OSM_NOTE_PATCH], 1);
  assert_int_equal(report.notes.example[ART_OSM_NOTE_PATCH][0].entity, 'w');
  assert_int_equal(report.notes.example[ART_OSM_NOTE_PATCH][0].id, 7);
  assert_string_equal(report.notes.example[ART_OSM_NOTE_PATCH][0].text, "patch=turns, via 5 to 3");
  art_city_free(city);
}

static void patch_keeps_nodes_apart(void **state)
{
  (void)state;
  const char *const patches[] = { NULL, "joins:\n  - separate: [2]\n" };
  for (int i = 0; i < 2; ++i) {
    osm_map map = { .size = 0 };
    map_node(&map, 1, -150, 0, "");
    map_node(&map, 2, 0, 0, "");
    map_node(&map, 3, 14, 0, "");
    map_node(&map, 4, 150, 0, "");
    map_node(&map, 5, 0, 120, "");
    map_node(&map, 6, 14, -120, "");
    map_way(&map, 1, "highway=secondary", 1, 2, 3, 4, 0);
    map_way(&map, 2, "highway=residential", 5, 2, 0);
    map_way(&map, 3, "highway=residential", 6, 3, 0);
    art_osm_report report = { 0 };
    art_city *city = map_import(&map, NULL, patches[i], &report);
    assert_int_equal(report.joined_nodes, i ? 0 : 2);
    art_city_free(city);
  }
}

static void left_hand_traffic_is_the_mirror_image(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=primary", "highway=residential", "", 0);
  const art_osm_import_options options = { .left_hand = 1 };
  art_city *city = map_import(&map, &options, NULL, NULL);
  const art_net *net = city->net;
  assert_true(city->left_hand);
  // Who drives east from the west keeps north of the axis.
  const int64_t in = city->lane_first_point[net->link_first_lane[link_of(net, 1)]],
                out = city->lane_first_point[net->link_first_lane[link_of(net, -1)]];
  assert_true(city->point_y[in] > city->point_y[out] + 2.0);
  int32_t left, right, oncoming;
  turns(net, 1, -4, &left);
  turns(net, 1, -3, &right);
  turns(net, 2, -1, &oncoming);
  assert_int_equal(net->connector_turn[left], ART_TURN_LEFT);
  assert_int_equal(net->connector_turn[right], ART_TURN_RIGHT);
  assert_int_equal(yields(net, right, oncoming), 1);
  assert_int_equal(yields(net, left, oncoming), -1);
  art_city_free(city);
}

static void bad_input_is_told(void **state)
{
  (void)state;
  const struct {
    art_osm_import_options options;
    const char *patch, *told;
  } cases[] = {
    { { .defaults = "XX" }, NULL, "XX" },
    { { .with_box = 1, .min_lon = 2, .max_lon = 1 }, NULL, "west" },
    { { .moment = "noon" }, NULL, "We 08:00" },
    { { .crs = "EPSG:4326" }, NULL, "metres" },
    { { .left_hand = 0 }, "ways: 3\n", "mapping" },
    { { .left_hand = 0 }, "ways:\n  1: {lanes: 99}\n", "1 to 12" },
    { { .left_hand = 0 }, "ways:\n  x: {lanes: 2}\n", "id" },
    { { .left_hand = 0 }, "turns:\n  - {from: 1}\n", "needed" },
    { { .left_hand = 0 }, "holes: 1\n", "holes" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    osm_map map = { .size = 0 };
    map_four_arms(&map, "highway=primary", "highway=primary", "", 0);
    map_add(&map, "</osm>");
    art_city *city = NULL;
    art_error err = { ART_OK, "" };
    art_osm_report report = { 0 };
    const art_status status = art_osm_import_text("map.osm", map.text, map.size, cases[i].patch,
                                                  &cases[i].options, &city, &report, &err);
    assert_int_equal(art_status_exit_code(status), 3);
    assert_null(city);
    if (!strstr(err.message, cases[i].told))
      fail_msg("case %zu: \"%s\" does not tell \"%s\"", i, err.message, cases[i].told);
  }
  osm_map map = { .size = 0 };
  map_node(&map, 1, 0, 0, "");
  map_add(&map, "</osm>");
  art_city *city = NULL;
  art_error err = { ART_OK, "" };
  art_osm_report report = { 0 };
  const art_osm_import_options none = { 0 };
  assert_int_equal(art_osm_import_text("map.osm", map.text, map.size, NULL, &none, &city, &report, &err),
                   ART_E_INPUT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(crossing_leads_everywhere_but_back),
    cmocka_unit_test(equal_quiet_streets_give_way_to_the_right),
    cmocka_unit_test(give_way_sign_outranks_the_class),
    cmocka_unit_test(stop_sign_makes_drivers_stop),
    cmocka_unit_test(dual_carriageway_crossing_is_one_junction),
    cmocka_unit_test(restrictions_at_a_node),
    cmocka_unit_test(restriction_over_a_way),
    cmocka_unit_test(signals_on_the_approaches_are_one_controller),
    cmocka_unit_test(lanes_of_a_movement_have_one_light),
    cmocka_unit_test(pedestrian_signal_alone_stops_the_road),
    cmocka_unit_test(slip_road_is_kept_and_yields),
    cmocka_unit_test(halves_round_an_island_have_the_lanes_of_the_street),
    cmocka_unit_test(place_without_room_belongs_to_the_signals),
    cmocka_unit_test(ramp_with_a_lane_of_its_own),
    cmocka_unit_test(ramp_without_a_lane_yields),
    cmocka_unit_test(arrows_say_which_lane_turns),
    cmocka_unit_test(left_turns_have_a_lane_alone_where_they_wait),
    cmocka_unit_test(ways_of_buses_take_no_lane_from_cars),
    cmocka_unit_test(bridges_meet_nobody),
    cmocka_unit_test(gates_stop_cars_which_turn_back),
    cmocka_unit_test(box_cuts_roads),
    cmocka_unit_test(patch_corrects_what_the_map_says),
    cmocka_unit_test(patch_keeps_nodes_apart),
    cmocka_unit_test(left_hand_traffic_is_the_mirror_image),
    cmocka_unit_test(bad_input_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
