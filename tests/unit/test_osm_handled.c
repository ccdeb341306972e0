// Tags that bind some drivers, or at some time, followed through to the city: access, exceptions of turn restrictions,
// conditions, give-way signs against class, mini-roundabouts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/osm_map.h"

static const uint32_t car = 1u << ART_VCLASS_PASSENGER, bus = 1u << ART_VCLASS_BUS;

/// Arms 1 (west), 2 (east), 3 (south), 4 (north), drawn towards node 5, with the same tags but for the north.
static void four_arms(osm_map *map, const char *most, const char *north, const char *middle)
{
  map_node(map, 1, -150, 0, "");
  map_node(map, 2, 150, 0, "");
  map_node(map, 3, 0, -150, "");
  map_node(map, 4, 0, 150, "");
  map_node(map, 5, 0, 0, middle);
  map_way(map, 1, most, 1, 5, 0);
  map_way(map, 2, most, 2, 5, 0);
  map_way(map, 3, most, 3, 5, 0);
  map_way(map, 4, north, 4, 5, 0);
}

static uint32_t allowed_turn(const art_net *net, int from, int to)
{
  uint32_t mask = 0;
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (link_is(net, net->lane_link[net->connector_from[c]], from) &&
        link_is(net, net->lane_link[net->connector_to[c]], to))
      mask |= net->lane_allowed[net->link_lane_count + c];
  return mask;
}

static void closed_streets_are_no_way(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    int in, out;  // cars from there, and to there
  } cases[] = { { "highway=residential", 1, 1 },
                { "highway=residential access=no", 0, 0 },
                { "highway=residential access=private", 1, 1 },
                { "highway=residential motor_vehicle=no", 0, 0 },
                { "highway=residential access=no motor_vehicle=yes", 1, 1 },
                { "highway=residential vehicle=no motorcar=yes", 1, 1 },
                { "highway=residential motor_vehicle:forward=no", 0, 1 },
                { "highway=residential motor_vehicle=no bus=yes", 0, 0 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    osm_map map = { .size = 0 };
    four_arms(&map, "highway=residential", cases[i].tags, "");
    map_node(&map, 6, 150, 150, "");
    map_way(&map, 6, "highway=residential", 4, 6, 2, 0);  // so that a one-way leads on
    art_city *city = map_import(&map, NULL, NULL, NULL);
    const uint32_t out = allowed_turn(city->net, 1, -4), in = allowed_turn(city->net, 4, -1);
    if (((out & car) != 0) != cases[i].out || ((in & car) != 0) != cases[i].in)
      fail_msg("%s: out %x in %x", cases[i].tags, (unsigned)out, (unsigned)in);
    // Others on a street that cars may not use keep their way.
    if (strstr(cases[i].tags, "bus=yes")) assert_true((out & bus) && (in & bus));
    art_city_free(city);
  }
}

static void residents_streets_are_slow(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  four_arms(&map, "highway=residential", "highway=residential motor_vehicle=destination", "");
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  assert_float_equal(net->lane_speed_mps[net->link_first_lane[link_of(net, 4)]], 20.0 / 3.6, 1e-4);
  assert_true(net->lane_speed_mps[net->link_first_lane[link_of(net, 3)]] > 6.0f);
  art_city_free(city);
}

static void add_ban(osm_map *map, const char *tags)
{
  map_add(map,
          "<relation id='9'><member type='way' ref='1' role='from'/><member type='node' ref='5' role='via'/>"
          "<member type='way' ref='4' role='to'/><tag k='type' v='restriction'/>%s</relation>",
          tags);
}

static void exceptions_of_restrictions_hold(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    int cars, buses;
  } cases[] = {
    { "<tag k='restriction' v='no_left_turn'/>", 0, 0 },
    { "<tag k='restriction' v='no_left_turn'/><tag k='except' v='psv;bicycle'/>", 0, 1 },
    { "<tag k='restriction' v='no_left_turn'/><tag k='except' v='motorcar'/>", 1, 0 },
    { "<tag k='restriction:bus' v='no_left_turn'/>", 1, 0 },
    { "<tag k='restriction:hgv' v='no_left_turn'/>", 1, 1 },
    { "<tag k='restriction:conditional' v='no_left_turn @ (Mo-Fr 07:00-09:00)'/>", 1, 1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    osm_map map = { .size = 0 };
    four_arms(&map, "highway=residential", "highway=residential", "");
    add_ban(&map, cases[i].tags);
    art_city *city = map_import(&map, NULL, NULL, NULL);
    const uint32_t left = allowed_turn(city->net, 1, -4);
    if (((left & car) != 0) != cases[i].cars || ((left & bus) != 0) != cases[i].buses)
      fail_msg("%s: %x", cases[i].tags, (unsigned)left);
    assert_true(allowed_turn(city->net, 2, -4) & car);  // binds who comes by way 1 only
    art_city_free(city);
  }
}

static void conditions_hold_at_their_time(void **state)
{
  (void)state;
  static const struct {
    const char *moment;
    int left, north;
  } cases[] = { { "We 08:00", 0, 0 }, { "We 12:00", 1, 1 }, { "Su 08:00", 1, 1 }, { NULL, 1, 1 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    for (int by_way = 0; by_way < 2; ++by_way) {
      osm_map map = { .size = 0 };
      const art_osm_import_options options = { .moment = cases[i].moment };
      four_arms(&map, "highway=residential", "highway=residential", "");
      if (by_way) {
        char *tag = strstr(map.text, "<way id='4'>");
        assert_non_null(tag);
        tag += strlen("<way id='4'><nd ref='4'/><nd ref='5'/>");
        static const char text[] = "<tag k='motor_vehicle:conditional' v='no @ (Mo-Fr 07:00-09:00)'/>";
        memmove(tag + strlen(text), tag, strlen(tag) + 1);
        memcpy(tag, text, strlen(text));
        map.size += strlen(text);
      } else
        add_ban(&map, "<tag k='restriction:conditional' v='no_left_turn @ (Mo-Fr 07:00-09:00)'/>");
      art_city *city = map_import(&map, &options, NULL, NULL);
      assert_int_equal((allowed_turn(city->net, 1, -4) & car) != 0, by_way ? cases[i].north : cases[i].left);
      assert_true(allowed_turn(city->net, 1, -2) & car);
      art_city_free(city);
    }
}

static void mini_roundabouts_let_the_circle_go_first(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  art_osm_report report = { 0 };
  four_arms(&map, "highway=secondary", "highway=residential", "highway=mini_roundabout");
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.mini_roundabouts, 1);
  // Who comes from the left is in the circle already, whatever the class: from the south all yield to the west.
  int32_t west, south, north;
  turns(net, 1, -2, &west);
  turns(net, 3, -4, &south);
  turns(net, 4, -3, &north);
  assert_int_equal(net->node_kind[net->connector_node[west]], ART_NODE_LEFT_BEFORE_RIGHT);
  assert_int_equal(yields(net, south, west), 1);
  assert_int_equal(yields(net, west, south), 0);
  assert_int_equal(yields(net, west, north), 1);
  assert_int_equal(yields(net, north, west), 0);
  art_city_free(city);
}

static void signs_bind_who_they_stand_for(void **state)
{
  (void)state;
  static const char *const signs[] = { "highway=give_way", "highway=stop" };
  for (int i = 0; i < 2; ++i) {
    osm_map map = { .size = 0 };
    map_node(&map, 6, -12, 0, signs[i]);
    map_node(&map, 1, -150, 0, "");
    map_node(&map, 2, 150, 0, "");
    map_node(&map, 3, 0, -150, "");
    map_node(&map, 4, 0, 150, "");
    map_node(&map, 5, 0, 0, "");
    map_way(&map, 1, "highway=primary", 1, 6, 5, 0);
    map_way(&map, 2, "highway=primary", 2, 5, 0);
    map_way(&map, 3, "highway=residential", 3, 5, 0);
    map_way(&map, 4, "highway=residential", 4, 5, 0);
    art_city *city = map_import(&map, NULL, NULL, NULL);
    const art_net *net = city->net;
    int32_t signed_way, other, south;
    turns(net, 1, -2, &signed_way);
    turns(net, 2, -1, &other);
    turns(net, 3, -4, &south);
    assert_int_equal(yields(net, signed_way, south), 1);
    assert_int_equal(yields(net, south, other), 1);
    assert_int_equal(net->connector_state[signed_way], i ? 's' : 'm');
    art_city_free(city);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(closed_streets_are_no_way),
    cmocka_unit_test(residents_streets_are_slow),
    cmocka_unit_test(exceptions_of_restrictions_hold),
    cmocka_unit_test(conditions_hold_at_their_time),
    cmocka_unit_test(mini_roundabouts_let_the_circle_go_first),
    cmocka_unit_test(signs_bind_who_they_stand_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
