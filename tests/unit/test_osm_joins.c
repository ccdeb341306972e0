// Situations of the map where it takes a rule to tell what belongs to a junction: roads that join and part again, signals
// beside slip roads, crossings of people on the way out, busways.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/osm_map.h"

/// Two roads join and part again after 16 m: too little for two stop lines, but nobody has to stop there.
static void roads_that_join_and_part_again_do_not_cross(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -100, 100, "");
  map_node(&map, 2, -100, -100, "");
  map_node(&map, 3, 0, 0, "");
  map_node(&map, 4, 16, 0, "");
  map_node(&map, 5, 116, 100, "");
  map_node(&map, 6, 116, -100, "");
  map_way(&map, 1, "highway=tertiary oneway=yes", 1, 3, 4, 5, 0);
  map_way(&map, 2, "highway=tertiary oneway=yes", 2, 3, 0);
  map_way(&map, 3, "highway=tertiary oneway=yes", 4, 6, 0);
  art_osm_report report = { 0 };
  art_city *city = map_import(&map, NULL, NULL, &report);
  assert_int_equal(report.joined_nodes, 0);
  for (int32_t k = 0; k < city->net->conflict_count; ++k)
    assert_int_not_equal(city->net->conflict_kind[k], ART_CONFLICT_CROSS);
  art_city_free(city);
}

/// A junction of three arms at node 3, with a slip road from the west to the south (2 to 6); signals as nodes 8 and 9. The
/// arm to the south is two-way, or one-way away from the junction.
static art_city *slip_city(const char *west_signal, const char *south_signal, int one_way)
{
  osm_map map = { .size = 0 };
  map_node(&map, 1, -200, 0, "");
  map_node(&map, 2, -32, 0, "");
  map_node(&map, 3, 0, 0, "");
  map_node(&map, 4, 200, 0, "");
  map_node(&map, 6, 0, -32, "");
  map_node(&map, 7, 0, -200, "");
  map_node(&map, 8, -20, 0, west_signal);
  map_node(&map, 9, 0, -20, south_signal);
  map_node(&map, 10, 12, 0, "highway=traffic_signals traffic_signals:direction=backward");
  map_way(&map, 1, "highway=secondary", 1, 2, 8, 3, 10, 4, 0);
  map_way(&map, 2, one_way ? "highway=secondary oneway=yes" : "highway=secondary", 3, 9, 6, 7, 0);
  map_way(&map, 3, "highway=secondary_link oneway=yes", 2, 6, 0);
  return map_import(&map, NULL, NULL, NULL);
}

/// All signals are those of node 3: streams do not cross where slip roads part or join.
static void assert_signals_of_the_junction_only(const art_city *city)
{
  const art_net *net = city->net;
  assert_int_equal(net->signal_count, 1);
  assert_string_equal(net->signal_id[0], "3");
  for (int32_t c = 0; c < net->connector_count; ++c)
    assert_int_equal(net->connector_signal[c] >= 0, strcmp(net->node_id[net->connector_node[c]], "3") == 0);
}

static void signal_between_slip_road_and_junction_is_the_junctions(void **state)
{
  (void)state;
  art_city *city = slip_city("highway=traffic_signals crossing=traffic_signals", "", 0);
  assert_signals_of_the_junction_only(city);
  art_city_free(city);
}

static void signal_on_the_way_out_is_the_junctions_behind(void **state)
{
  (void)state;
  art_city *city = slip_city("", "highway=traffic_signals crossing=traffic_signals", 1);
  assert_signals_of_the_junction_only(city);
  art_city_free(city);
}

/// A busway beside a main street, across the same side street: it has green when the street has.
static void busway_goes_with_the_street_beside_it(void **state)
{
  (void)state;
  osm_map map = { .size = 0 };
  map_node(&map, 1, -150, 0, "");
  map_node(&map, 2, 0, 0, "highway=traffic_signals");
  map_node(&map, 3, 150, 0, "");
  map_node(&map, 4, -150, 12, "");
  map_node(&map, 5, 0, 12, "highway=traffic_signals");
  map_node(&map, 6, 150, 12, "");
  map_node(&map, 7, 0, -150, "");
  map_node(&map, 8, 0, 150, "");
  map_way(&map, 1, "highway=primary", 1, 2, 3, 0);
  map_way(&map, 2, "highway=service access=no bus=designated oneway=yes", 4, 5, 6, 0);
  map_way(&map, 3, "highway=secondary", 7, 2, 5, 8, 0);
  art_city *city = map_import(&map, NULL, NULL, NULL);
  const art_net *net = city->net;
  int32_t street, bus;
  assert_true(turns(net, 1, 1, &street) > 0);
  assert_true(turns(net, 2, 2, &bus) > 0);
  const int32_t s = net->connector_signal[bus];
  assert_true(s >= 0);
  assert_int_equal(net->connector_signal[street], s);
  int together = 0;
  for (int32_t k = net->program_first_phase[s]; k < net->program_first_phase[s + 1]; ++k) {
    const char *letters = net->phase_state + net->phase_first_state[k];
    together |= art_letter_is_green(letters[net->connector_signal_group[street]]) &&
                art_letter_is_green(letters[net->connector_signal_group[bus]]);
  }
  assert_true(together);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(roads_that_join_and_part_again_do_not_cross),
    cmocka_unit_test(signal_between_slip_road_and_junction_is_the_junctions),
    cmocka_unit_test(signal_on_the_way_out_is_the_junctions_behind),
    cmocka_unit_test(busway_goes_with_the_street_beside_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
