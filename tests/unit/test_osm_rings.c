// Roundabouts, drawn by hand: what is one, who goes first, how its arms are joined.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/net/route.h"
#include "tests/support/osm_map.h"

static void roundabout_ring_goes_first(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  // Eight points of a ring of 25 m, arms at four of them.
  for (int i = 0; i < 8; ++i) {
    const double angle = 0.78539816 * i;
    map_node(&map, 10 + i, 25.0 * cos(angle), 25.0 * sin(angle), "");
    if (i % 2 == 0) map_node(&map, 20 + i, 150.0 * cos(angle), 150.0 * sin(angle), "");
  }
  map_way(&map, 1, "highway=secondary junction=roundabout", 10, 11, 12, 13, 14, 15, 16, 17, 10, 0);
  for (int i = 0; i < 8; i += 2) map_way(&map, 30 + i, "highway=secondary", 20 + i, 10 + i, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  assert_int_equal(report.ring_links, 4);
  int32_t entry, ring = -1;
  assert_int_equal(turns(net, 30, 1, &entry), 1);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_node[c] == net->connector_node[entry] &&
        link_is(net, net->lane_link[net->connector_from[c]], 1) &&
        net->connector_to[c] == net->connector_to[entry])
      ring = c;
  assert_true(ring >= 0);
  assert_int_equal(yields(net, entry, ring), 1);
  assert_int_equal(yields(net, ring, entry), 0);
  // From every arm to every arm, itself included, with no way against the ring.
  for (int a = 0; a < 8; a += 2)
    for (int b = 0; b < 8; b += 2) {
      int32_t *links, count;
      assert_true(art_route_find(net, link_of(net, 30 + a), link_of(net, -(30 + b)), ART_VCLASS_PASSENGER,
                                 NULL, &links, &count));
      free(links);
    }
  art_city_free(city);
}

/// Roads of one direction round a place, `round` of them; arms lead out of every second corner. Returns how many are guessed
/// to be roundabouts.
static int64_t guessed_of(int round, double radius_m, double sign, const char *arms_at)
{
  osm_map map = { .size = 0 };
  for (int i = 0; i < round; ++i) {
    const double angle = sign * 6.28318531 * i / round;
    map_node(&map, 10 + i, radius_m * cos(angle), radius_m * sin(angle), "");
    if (i % 2 == 0) map_node(&map, 30 + i, 150.0 * cos(angle), 150.0 * sin(angle), "");
  }
  for (int i = 0; i < round; ++i)
    map_way(&map, 1 + i, "highway=secondary oneway=yes", 10 + i, 10 + (i + 1) % round, 0);
  for (int i = 0; i < round; i += 2) map_way(&map, 50 + i, arms_at, 30 + i, 10 + i, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  if (report.guessed_rings) {
    const art_net *net = city->net;
    int32_t entry = -1, ring = -1;
    for (int32_t c = 0; c < net->connector_count; ++c)
      if (net->lane_link[net->connector_from[c]] == link_of(net, 50)) entry = c;
    assert_true(entry >= 0);
    for (int32_t c = 0; c < net->connector_count; ++c)
      if (c != entry && net->connector_to[c] == net->connector_to[entry]) ring = c;
    assert_true(ring >= 0);
    assert_int_equal(yields(net, entry, ring), 1);
    assert_int_equal(yields(net, ring, entry), 0);
  }
  art_city_free(city);
  return report.guessed_rings;
}

static void smooth_circles_of_one_way_roads_are_roundabouts(void **state)
{
  (void)state;
  assert_int_equal(guessed_of(8, 25.0, 1.0, "highway=secondary"), 1);
  assert_int_equal(guessed_of(8, 25.0, -1.0, "highway=secondary"), 0);  // one drives round on the left there
  assert_int_equal(guessed_of(8, 80.0, 1.0, "highway=secondary"), 0);   // too far round
  assert_int_equal(guessed_of(4, 25.0, 1.0, "highway=secondary"), 0);   // corners: a block of houses
}

static void small_ring_is_one_junction(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  for (int i = 0; i < 4; ++i) {
    const double angle = 1.57079633 * i;
    map_node(&map, 10 + i, 7.0 * cos(angle), 7.0 * sin(angle), "");
    map_node(&map, 20 + i, 120.0 * cos(angle), 120.0 * sin(angle), "");
  }
  map_way(&map, 1, "highway=residential junction=roundabout", 10, 11, 12, 13, 10, 0);
  for (int i = 0; i < 4; ++i) map_way(&map, 30 + i, "highway=residential", 20 + i, 10 + i, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  int32_t east, north;
  assert_int_equal(turns(net, 32, -30, &east), 1);
  assert_int_equal(turns(net, 33, -31, &north), 1);
  assert_int_equal(net->connector_node[east], net->connector_node[north]);
  // Who is in the ring comes from the left.
  assert_int_equal(yields(net, east, north), 0);
  assert_int_equal(yields(net, north, east), 1);
  art_city_free(city);
}

/// A roundabout of 63 m round; of two streets that meet it side by side, one has an exit and an entry of its own. One may
/// drive on past both.
static void rings_lead_on_past_all_arms(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  const double radius = 10.1;
  for (int i = 0; i < 16; ++i)
    map_node(&map, 10 + i, radius * cos(i * M_PI / 8), radius * sin(i * M_PI / 8), "");
  map_node(&map, 1, 200, 0, "");
  map_node(&map, 2, 0, 40, "");
  map_node(&map, 3, 0, 200, "");
  map_node(&map, 4, 0, -200, "");
  map_way(&map, 1, "highway=secondary", 1, 10, 0);
  map_way(&map, 2, "highway=secondary oneway=yes lanes=1", 11, 2, 0);
  map_way(&map, 3, "highway=secondary oneway=yes lanes=1", 2, 15, 0);
  map_way(&map, 4, "highway=secondary", 2, 3, 0);
  map_way(&map, 5, "highway=secondary", 4, 22, 0);
  map_way(&map, 6, "highway=secondary junction=roundabout", 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
          22, 23, 24, 25, 10, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  int32_t rings = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (!net->link_in_roundabout[l]) continue;
    int32_t goes_on = 0;
    ++rings;
    for (int32_t c = 0; c < net->connector_count; ++c)
      goes_on += net->lane_link[net->connector_from[c]] == l &&
                 net->link_in_roundabout[net->lane_link[net->connector_to[c]]];
    assert_true(goes_on > 0);
  }
  assert_true(rings >= 2);
  art_city_free(city);
}

/// What a ring's junction took of an arm, entry and exit would cross each other in.
static void side_street_near_a_ring_stays_a_junction_of_its_own(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  for (int i = 0; i < 8; ++i) map_node(&map, 10 + i, 16.0 * cos(i * 0.785398), 16.0 * sin(i * 0.785398), "");
  map_node(&map, 1, 31, 0, "");
  map_node(&map, 2, 200, 0, "");
  map_node(&map, 3, 31, -150, "");
  map_node(&map, 4, -200, 0, "");
  map_way(&map, 1, "highway=secondary junction=roundabout", 10, 11, 12, 13, 14, 15, 16, 17, 10, 0);
  map_way(&map, 2, "highway=secondary", 10, 1, 2, 0);
  map_way(&map, 3, "highway=residential", 3, 1, 0);
  map_way(&map, 4, "highway=secondary", 4, 14, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  const art_net *net = city->net;
  int32_t out, aside;
  assert_int_equal(report.joined_nodes, 0);
  assert_int_equal(turns(net, 3, 1, NULL), 0);
  assert_true(turns(net, 1, 2, &out) > 0 && turns(net, 2, -3, &aside) > 0);
  assert_int_not_equal(net->connector_node[out], net->connector_node[aside]);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(roundabout_ring_goes_first),
    cmocka_unit_test(smooth_circles_of_one_way_roads_are_roundabouts),
    cmocka_unit_test(small_ring_is_one_junction),
    cmocka_unit_test(rings_lead_on_past_all_arms),
    cmocka_unit_test(side_street_near_a_ring_stays_a_junction_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
