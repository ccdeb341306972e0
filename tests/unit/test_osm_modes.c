// Bicycles, rails, people on foot and heights: what an import adds for them to the roads of motor traffic.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/net/route.h"
#include "io/osm/terrain.h"
#include "tests/support/osm_map.h"

static const uint32_t bicycle = 1u << ART_VCLASS_BICYCLE;
static const uint32_t car = 1u << ART_VCLASS_PASSENGER;

static art_city *with_bicycles(osm_map *map)
{
  const art_osm_import_options options = { .with_bicycles = 1 };
  return map_import(map, &options, NULL, NULL);
}

/// Lanes of a link that only bicycles use.
static int cycle_lanes(const art_net *net, int32_t link)
{
  int count = 0;
  for (int32_t i = net->link_first_lane[link]; i < net->link_first_lane[link + 1]; ++i)
    count += net->lane_allowed[i] == bicycle;
  return count;
}

static int joined(const art_net *net, int from, int to, uint32_t class)
{
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (link_is(net, net->lane_link[net->connector_from[c]], from) &&
        link_is(net, net->lane_link[net->connector_to[c]], to) &&
        (net->lane_allowed[net->link_lane_count + c] & class))
      return 1;
  return 0;
}

static void lanes_lie_at_the_kerb_and_lead_on(void **state)
{
  (void)state;
  for (int track = 0; track < 2; ++track) {
    osm_map map = { .size = 0 };
    map_four_arms(&map, track ? "highway=secondary cycleway:both=track" : "highway=secondary cycleway=lane",
                  "highway=residential", "", 1);
    art_city *city = with_bicycles(&map);
    const art_net *net = city->net;
    for (int way = 1; way <= 2; ++way)
      for (int sign = -1; sign <= 1; sign += 2) {
        const int32_t link = link_of(net, sign * way), first = net->link_first_lane[link];
        assert_int_equal(net->link_first_lane[link + 1] - first, 2);
        assert_int_equal(net->lane_allowed[first], bicycle);
        assert_int_equal(net->lane_allowed[first + 1] & bicycle, 0);
        assert_true(net->lane_allowed[first + 1] & car);
      }
    // From a lane of their own they go all ways; elsewhere they share the lanes of others.
    assert_true(joined(net, 1, 2, bicycle) && joined(net, 1, 4, bicycle) && joined(net, 1, -3, bicycle));
    assert_true(joined(net, 3, 2, bicycle) && joined(net, 3, -1, bicycle) && joined(net, 3, 4, bicycle));
    assert_true(joined(net, 1, 2, car) && joined(net, 3, 2, car));
    art_city_free(city);
  }
}

/// The path from lane `from` of one link to a lane of another.
static int32_t path(const art_net *net, int from, int lane, int to)
{
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t l = net->lane_link[net->connector_from[c]];
    if (link_is(net, l, from) && net->connector_from[c] == net->link_first_lane[l] + lane &&
        link_is(net, net->lane_link[net->connector_to[c]], to))
      return c;
  }
  return -1;
}

static void who_turns_right_lets_bicycles_pass(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=secondary cycleway=lane", "highway=residential", "", 1);
  art_city *city = with_bicycles(&map);
  const art_net *net = city->net;
  const int32_t straight = path(net, 1, 0, 2), right = path(net, 1, 1, -3), left = path(net, 1, 0, 4),
                car_straight = path(net, 1, 1, 2);
  assert_true(straight >= 0 && right >= 0 && left >= 0 && car_straight >= 0);
  assert_int_equal(yields(net, right, straight), 1);
  assert_int_equal(yields(net, straight, right), 0);
  assert_int_equal(yields(net, left, car_straight), 1);
  assert_int_equal(yields(net, car_straight, left), 0);
  art_city_free(city);
}

static void shared_lanes_add_none(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=secondary cycleway=shared_lane", "highway=residential bicycle_road=yes", "",
                1);
  art_city *city = with_bicycles(&map);
  for (int32_t l = 0; l < city->net->link_count; ++l) assert_int_equal(cycle_lanes(city->net, l), 0);
  assert_true(joined(city->net, 1, 2, bicycle));
  art_city_free(city);
}

static void bus_lanes_are_shared_where_told(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=secondary lanes=4 busway=lane cycleway=share_busway", "highway=residential",
                "", 1);
  art_city *city = with_bicycles(&map);
  const art_net *net = city->net;
  const int32_t lane = net->link_first_lane[link_of(net, 1)];
  assert_true((net->lane_allowed[lane] & bicycle) && !(net->lane_allowed[lane] & car));
  assert_int_equal(cycle_lanes(net, link_of(net, 1)), 0);
  assert_true(joined(net, 1, 2, bicycle));
  art_city_free(city);
}

static void bicycles_go_against_one_ways(void **state)
{
  (void)state;
  static const char *const tags[] = { "highway=residential oneway=yes oneway:bicycle=no",
                                      "highway=residential oneway=yes cycleway=opposite",
                                      "highway=residential oneway=yes cycleway=opposite_lane",
                                      "highway=residential oneway=yes cycleway:left=opposite_track" };
  for (size_t i = 0; i < sizeof tags / sizeof *tags; ++i) {
    osm_map map = { .size = 0 };
    map_four_arms(&map, tags[i], "highway=residential", "", 1);
    art_city *city = with_bicycles(&map);
    const art_net *net = city->net;
    const int32_t against = link_of(net, -1);
    assert_true(against >= 0);
    assert_int_equal(net->lane_allowed[net->link_first_lane[against]], bicycle);
    assert_true(joined(net, -2, -1, bicycle) && joined(net, 3, -1, bicycle) && joined(net, -2, 4, bicycle));
    assert_false(joined(net, -2, -1, car));
    assert_true(joined(net, 1, 2, car));
    art_city_free(city);
  }
  osm_map map = { .size = 0 };
  map_four_arms(&map, "highway=residential oneway=yes", "highway=residential", "", 1);
  art_city *city = with_bicycles(&map);
  assert_int_equal(link_of(city->net, -1), -1);
  art_city_free(city);
}

/// A cycleway from the south to the north that crosses a street between two junctions, and ends in another street.
static void cycleways_are_links_of_their_own(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 200, 0, "");
  map_node(&map, 4, 0, -120, "");
  map_node(&map, 5, 0, 100, "");
  map_node(&map, 6, -200, 100, "");
  map_node(&map, 7, 200, 100, "");
  for (int i = 0; i < 4; ++i) map_node(&map, 11 + i, i % 2 ? 350 : -350, i < 2 ? -40 : 140, "");
  map_way(&map, 1, "highway=tertiary", 1, 2, 3, 0);
  map_way(&map, 2, "highway=residential", 6, 5, 7, 0);
  map_way(&map, 3, "highway=residential", 1, 6, 0);
  map_way(&map, 4, "highway=residential", 3, 7, 0);
  map_way(&map, 11, "highway=residential", 1, 11, 0);
  map_way(&map, 12, "highway=residential", 3, 12, 0);
  map_way(&map, 13, "highway=residential", 6, 13, 0);
  map_way(&map, 14, "highway=residential", 7, 14, 0);
  map_way(&map, 5, "highway=cycleway", 4, 2, 0);
  map_way(&map, 6, "highway=path bicycle=designated", 2, 5, 0);
  map_way(&map, 7, "highway=footway", 4, 1, 0);
  osm_map same = map;
  art_osm_report report = { 0 };
  const art_osm_import_options options = { .with_bicycles = 1 };
  art_city *city = map_import(&map, &options, NULL, &report), *plain = map_import(&same, NULL, NULL, NULL);
  const art_net *net = city->net;
  assert_int_equal(report.cycle_ways, 2);
  assert_int_equal(report.paths, 1);
  assert_int_equal(plain->net->link_count, 16);  // nothing else meets the streets
  assert_true(link_of(net, 5) >= 0 && link_of(net, -5) >= 0 && link_of(net, 6) >= 0);
  assert_int_equal(link_of(net, 7), -1);
  assert_int_equal(net->lane_allowed[net->link_first_lane[link_of(net, 5)]], bicycle);
  assert_true(joined(net, 5, 6, bicycle) && joined(net, 5, 1, bicycle) && joined(net, 1, -5, bicycle));
  assert_true(joined(net, 6, 2, bicycle) && joined(net, 2, -6, bicycle) && joined(net, -5, 5, bicycle));
  assert_false(joined(net, 5, 6, car));
  // They give way to the street that they cross.
  int32_t ride = -1, drive = -1;
  turns(net, 5, 6, &ride);
  turns(net, 1, 1, &drive);
  assert_int_equal(yields(net, ride, drive), 1);
  assert_int_equal(yields(net, drive, ride), 0);
  art_city_free(city);
  art_city_free(plain);
}

/// Beside a main street a cycleway has its right of way over side streets.
static void cycleways_beside_a_street_go_with_it(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 150, 0, "");
  map_node(&map, 4, 0, -150, "");
  map_node(&map, 5, -150, -8, "");
  map_node(&map, 6, 0, -8, "");
  map_node(&map, 7, 150, -8, "");
  map_way(&map, 1, "highway=secondary", 1, 2, 3, 0);
  map_way(&map, 2, "highway=residential", 4, 6, 2, 0);
  map_way(&map, 3, "highway=cycleway", 5, 6, 7, 0);
  art_city *city = with_bicycles(&map);
  const art_net *net = city->net;
  int32_t ride = -1, drive = -1;
  assert_true(turns(net, 3, 3, &ride) > 0);
  assert_true(turns(net, 2, 1, &drive) > 0);
  assert_int_equal(yields(net, drive, ride), 1);
  assert_int_equal(yields(net, ride, drive), 0);
  assert_true(joined(net, 3, 1, bicycle) || joined(net, 3, -1, bicycle));
  art_city_free(city);
}

static void motor_traffic_stays_as_it_is(void **state)
{
  (void)state;
  osm_map map = { .size = 0 }, same = { .size = 0 };
  map_four_arms(&map, "highway=secondary lanes=4 cycleway=lane",
                "highway=residential oneway=yes oneway:bicycle=no", "highway=traffic_signals", 1);
  map_four_arms(&same, "highway=secondary lanes=4 cycleway=lane",
                "highway=residential oneway=yes oneway:bicycle=no", "highway=traffic_signals", 1);
  art_city *city = with_bicycles(&map), *plain = map_import(&same, NULL, NULL, NULL);
  int32_t paths[2] = { 0, 0 };
  const art_net *const nets[2] = { city->net, plain->net };
  for (int k = 0; k < 2; ++k)
    for (int32_t c = 0; c < nets[k]->connector_count; ++c)
      paths[k] += (nets[k]->lane_allowed[nets[k]->link_lane_count + c] & car) != 0;
  assert_int_equal(paths[0], paths[1]);
  assert_int_equal(city->net->node_count, plain->net->node_count);
  assert_int_equal(city->net->signal_count, 1);
  assert_int_equal(city->net->phase_count, plain->net->phase_count);
  art_city_free(city);
  art_city_free(plain);
}

// ---- rails -----------------------------------------------------------------------------------------------------------------

static void rails_cross_roads_first(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, 0, 0, "railway=level_crossing");
  map_node(&map, 3, 200, 0, "");
  map_node(&map, 4, 20, -300, "");
  map_node(&map, 5, 20, 300, "");
  map_node(&map, 6, 4, -300, "");
  map_node(&map, 7, 4, 0, "railway=level_crossing");
  map_node(&map, 8, 4, 300, "");
  map_way(&map, 1, "highway=tertiary", 1, 2, 7, 3, 0);
  map_way(&map, 2, "railway=rail maxspeed=100", 4, 2, 5, 0);
  map_way(&map, 3, "railway=rail", 6, 7, 8, 0);
  map_way(&map, 4, "railway=rail service=siding", 4, 6, 0);
  const art_osm_import_options options = { .with_rails = 1 };
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, &options, NULL, &report);
  const art_net *net = city->net;
  const uint32_t rail = 1u << ART_VCLASS_RAIL;
  assert_int_equal(report.rail_ways, 2);
  assert_int_equal(report.level_crossings, 1);  // both tracks belong to it
  assert_true(joined(net, 2, 2, rail) && joined(net, -2, -2, rail) && joined(net, 3, 3, rail));
  assert_false(joined(net, 2, 3, rail));  // there is no switch
  assert_false(joined(net, 2, 1, rail));
  assert_int_equal(link_of(net, 4), -1);
  int32_t train = -1, drive = -1;
  turns(net, 2, 2, &train);
  turns(net, 1, 1, &drive);
  assert_int_equal(yields(net, drive, train), 1);
  assert_int_equal(yields(net, train, drive), 0);
  assert_int_equal(net->node_kind[net->connector_node[train]], ART_NODE_RAIL_CROSSING);
  assert_float_equal(net->lane_speed_mps[net->connector_from[train]], 100.0 / 3.6, 0.01);
  art_city_free(city);
}

/// A node far away is a wrong one: what leads there is left out, tracks as well as roads.
static void tracks_without_end_are_left_out(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 200, 0, "");
  map_node(&map, 4, 1.5e6, 60, "");
  map_node(&map, 5, -200, 80, "");
  map_way(&map, 1, "highway=secondary", 1, 2, 3, 0);
  map_way(&map, 2, "railway=tram", 2, 5, 0);
  map_way(&map, 3, "railway=tram", 2, 4, 0);
  const art_osm_import_options options = { .with_rails = 1 };
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, &options, NULL, &report);
  assert_int_equal(report.absurd, 1);
  assert_int_equal(link_of(city->net, 3), -1);
  assert_true(link_of(city->net, 2) >= 0);
  art_city_free(city);
}

static void trams_leave_the_street(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, 0, 0, "");
  map_node(&map, 3, 200, 60, "");
  map_node(&map, 4, 200, 0, "");
  map_node(&map, 5, -200, 80, "");
  map_way(&map, 1, "highway=secondary railway=tram", 1, 2, 0);
  map_way(&map, 2, "highway=secondary", 2, 4, 0);
  map_way(&map, 3, "railway=tram", 2, 3, 0);
  const art_osm_import_options options = { .with_rails = 1 };
  art_city *city = map_import(&map, &options, NULL, NULL);
  const art_net *net = city->net;
  const uint32_t tram = 1u << ART_VCLASS_TRAM;
  assert_true(joined(net, 1, 3, tram) && joined(net, -3, -1, tram));
  assert_false(joined(net, 1, 2, tram));
  assert_true(joined(net, 1, 2, car));
  assert_false(joined(net, 1, 3, car));
  art_city_free(city);
}

// ---- people on foot --------------------------------------------------------------------------------------------------------

static art_city *with_people(osm_map *map, art_osm_report *report)
{
  const art_osm_import_options options = { .people_per_h = 120.0 };
  return map_import(map, &options, NULL, report);
}

static void zebras_stop_the_road(void **state)
{
  (void)state;
  static const char *const tags[] = {
    "highway=crossing crossing=zebra",    "highway=crossing crossing=uncontrolled",
    "highway=crossing crossing=marked",   "highway=crossing crossing:markings=zebra",
    "highway=crossing crossing=unmarked", "highway=crossing crossing=no"
  };
  for (int i = 0; i < 6; ++i) {
    osm_map map = { .size = 0 };
    map_node(&map, 1, -100, 0, "");
    map_node(&map, 2, 0, 0, tags[i]);
    map_node(&map, 3, 100, 0, "");
    map_way(&map, 1, "highway=tertiary", 1, 2, 3, 0);
    art_osm_report report = { 0 };
    art_city *city = with_people(&map, &report);
    const art_net *net = city->net;
    assert_int_equal(net->crossing_count, i < 4);
    assert_int_equal(report.foot_crossings, i < 4);
    assert_int_equal(report.foot_unmarked, i == 4);
    if (i < 4) {
      assert_string_equal(net->crossing_id[0], "foot2");
      assert_int_equal(net->crossing_signal[0], -1);
      assert_int_equal(net->crossing_row_count, 2);
      assert_float_equal(net->crossing_flow_per_h[0], 120.0, 1e-6);
      assert_true(net->crossing_enter_m[0] > 0.5f &&
                  net->crossing_exit_m[0] - net->crossing_enter_m[0] > 2.0f);
    }
    art_city_free(city);
  }
}

static void zebras_near_junctions_lie_before_the_stop_line(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 6, 12, 0, "highway=crossing crossing=zebra");
  map_four_arms(&map, "highway=secondary", "highway=residential", "", 1);
  map_way(&map, 9, "highway=footway footway=crossing", 6, 6, 0);
  // The way to the east leads over node 6.
  char *way = strstr(map.text, "<way id='2'><nd ref='5'/>");
  assert_non_null(way);
  way += strlen("<way id='2'><nd ref='5'/>");
  static const char node[] = "<nd ref='6'/>";
  memmove(way + strlen(node), way, strlen(way) + 1);
  memcpy(way, node, strlen(node));
  map.size += strlen(node);
  art_city *city = with_people(&map, NULL);
  const art_net *net = city->net;
  assert_int_equal(net->crossing_count, 1);
  assert_int_equal(net->crossing_row_count, 6);  // three ways in from there, three ways out to it
  assert_true(net->lane_length_m[net->link_first_lane[link_of(net, 2)]] < 150.0f - 13.0f);
  art_city_free(city);
}

static void lights_of_people_follow_the_signal(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -100, 0, "");
  map_node(&map, 2, 0, 0, "highway=crossing crossing=traffic_signals");
  map_node(&map, 3, 100, 0, "");
  map_way(&map, 1, "highway=tertiary", 1, 2, 3, 0);
  art_osm_report report = { 0 };
  art_city *city = with_people(&map, &report);
  const art_net *net = city->net;
  assert_int_equal(net->crossing_count, 1);
  assert_int_equal(report.foot_lights, 1);
  assert_int_equal(net->crossing_signal[0], 0);
  assert_int_equal(net->signal_group_count[0], 3);
  assert_int_equal(net->crossing_signal_group[0], 2);
  int walks = 0, drives = 0;
  for (int32_t p = 0; p < net->phase_count; ++p) {
    const char *letters = net->phase_state + net->phase_first_state[p];
    assert_false(letters[2] == 'G' && (letters[0] != 'r' || letters[1] != 'r'));
    walks += letters[2] == 'G';
    drives += letters[0] == 'G' && letters[1] == 'G' && letters[2] == 'r';
  }
  assert_int_equal(walks, 1);
  assert_int_equal(drives, 1);
  art_city_free(city);
}

static void nobody_walks_unless_asked_for(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -100, 0, "");
  map_node(&map, 2, 0, 0, "highway=crossing crossing=zebra");
  map_node(&map, 3, 100, 0, "");
  map_way(&map, 1, "highway=tertiary", 1, 2, 3, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  assert_int_equal(city->net->crossing_count, 0);
  assert_int_equal(city->net->node_count, 2);
  art_city_free(city);
}

// ---- heights ---------------------------------------------------------------------------------------------------------------

static float grade_of(const art_net *net, int way)
{
  return net->lane_grade ? net->lane_grade[net->link_first_lane[link_of(net, way)]] : 0.0f;
}

static void inclines_tell_slopes(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    double grade;
  } cases[] = { { "highway=tertiary incline=8%", 0.08 },   { "highway=tertiary incline=-4.5%", -0.045 },
                { "highway=tertiary incline=up", 0.0 },    { "highway=tertiary incline=10°", 0.1763 },
                { "highway=tertiary incline=0.06%", 0.0 }, { "highway=tertiary incline=900%", 0.0 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    osm_map map = { .size = 0 };
    map_node(&map, 1, -100, 0, "");
    map_node(&map, 3, 100, 0, "");
    map_way(&map, 1, cases[i].tags, 1, 3, 0);
    art_city *city = map_import(&map, NULL, NULL, NULL);
    assert_float_equal(grade_of(city->net, 1), cases[i].grade, 1e-4);
    assert_float_equal(grade_of(city->net, -1), -cases[i].grade, 1e-4);
    art_city_free(city);
  }
}

static void heights_of_nodes_tell_slopes(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -100, 0, "ele=410");
  map_node(&map, 3, 100, 0, "ele=400");
  map_way(&map, 1, "highway=tertiary", 1, 3, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  assert_float_equal(grade_of(city->net, 1), -0.05, 1e-3);
  assert_float_equal(grade_of(city->net, -1), 0.05, 1e-3);
  art_city_free(city);
}

static const char *write_grid(char path[64], const char *text)
{
  snprintf(path, 64, P_tmpdir "/art_grid_XXXXXX");
  const int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  close(fd);
  return path;
}

static void grids_tell_slopes(void **state)
{
  (void)state;
  char path[64];
  // Degrees round 9 E 48 N: ten metres higher for each 0.001 degrees to the east, which are 74.6 m.
  write_grid(path, "ncols 5\nnrows 2\nxllcenter 8.998\nyllcenter 47.99\ncellsize 0.001\nNODATA_value -9999\n"
                   "-9999 -9999 -9999 -9999 -9999\n0 10 20 30 40\n");
  art_terrain *terrain = NULL;
  art_error err = { ART_OK, "" };
  assert_int_equal(art_terrain_read(path, &terrain, &err), ART_OK);
  assert_int_equal(art_terrain_is_in_degrees(terrain), 1);
  assert_float_equal(art_terrain_at(terrain, 8.9995, 47.99), 15.0, 1e-6);
  assert_true(isnan(art_terrain_at(terrain, 8.9995, 47.991)));
  assert_true(isnan(art_terrain_at(terrain, 8.9, 47.99)));
  art_terrain_free(terrain);
  unlink(path);
  write_grid(path, "NCOLS 5\nNROWS 3\nXLLCORNER 8.9975\nYLLCORNER 47.9985\nCELLSIZE 0.001\n"
                   "0 10 20 30 40\n0 10 20 30 40\n0 10 20 30 40\n");
  osm_map map = { .size = 0 };
  map_node(&map, 1, -100, 0, "");
  map_node(&map, 3, 100, 0, "");
  map_way(&map, 1, "highway=tertiary incline=20%", 1, 3, 0);
  const art_osm_import_options options = { .elevation = path };
  art_city *city = map_import(&map, &options, NULL, NULL);
  assert_float_equal(grade_of(city->net, 1), 10.0 / 74.6, 2e-3);
  art_city_free(city);
  unlink(path);
}

static void bad_grids_are_told(void **state)
{
  (void)state;
  static const struct {
    const char *text, *told;
  } cases[] = { { "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2\n3\n", "ends after 3 of 4" },
                { "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 x\n", ":6: height \"x\"" },
                { "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2 3\n", "more than the 2" },
                { "ncols 2\nnrows 1\nxllcorner 0\ncellsize 10\n1 2\n", "not complete" },
                { "ncols two\n", "accepted: a number" },
                { "columns 2\n", "accepted in the head" },
                { "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize -1\n1 2\n", "cells larger than 0" },
                { "", "not complete" } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char path[64];
    write_grid(path, cases[i].text);
    art_terrain *terrain = NULL;
    art_error err = { ART_OK, "" };
    assert_int_equal(art_terrain_read(path, &terrain, &err), ART_E_INPUT);
    if (!strstr(err.message, cases[i].told)) fail_msg("%s: %s", cases[i].told, err.message);
    unlink(path);
  }
  art_terrain *terrain = NULL;
  art_error err = { ART_OK, "" };
  assert_int_equal(art_terrain_read("/nonexistent/grid.asc", &terrain, &err), ART_E_INPUT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lanes_lie_at_the_kerb_and_lead_on),
    cmocka_unit_test(who_turns_right_lets_bicycles_pass),
    cmocka_unit_test(shared_lanes_add_none),
    cmocka_unit_test(bus_lanes_are_shared_where_told),
    cmocka_unit_test(bicycles_go_against_one_ways),
    cmocka_unit_test(cycleways_are_links_of_their_own),
    cmocka_unit_test(cycleways_beside_a_street_go_with_it),
    cmocka_unit_test(motor_traffic_stays_as_it_is),
    cmocka_unit_test(rails_cross_roads_first),
    cmocka_unit_test(tracks_without_end_are_left_out),
    cmocka_unit_test(trams_leave_the_street),
    cmocka_unit_test(zebras_stop_the_road),
    cmocka_unit_test(zebras_near_junctions_lie_before_the_stop_line),
    cmocka_unit_test(lights_of_people_follow_the_signal),
    cmocka_unit_test(nobody_walks_unless_asked_for),
    cmocka_unit_test(inclines_tell_slopes),
    cmocka_unit_test(heights_of_nodes_tell_slopes),
    cmocka_unit_test(grids_tell_slopes),
    cmocka_unit_test(bad_grids_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
