// Ways: class, one-way, lanes, arrows, speeds, from their tags.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/osm_tags.h"

#define assert_near(a, b) assert_float_equal(a, b, 1e-3)

static void keys_come_apart_into_words_and_modifiers(void **state)
{
  (void)state;
#define KEY(text) art_osm_key_parse(text, sizeof(text) - 1)
  assert_int_equal(KEY("highway"), ART_OSM_HIGHWAY);
  assert_int_equal(KEY("maxspeed:hgv:conditional"), ART_OSM_MAXSPEED_HGV | ART_OSM_OF_CONDITIONAL);
  assert_int_equal(KEY("access:lanes:forward:conditional"),
                   ART_OSM_ACCESS | ART_OSM_OF_LANES | ART_OSM_OF_FORWARD | ART_OSM_OF_CONDITIONAL);
  assert_int_equal(KEY("lanes:backward"), ART_OSM_LANES | ART_OSM_OF_BACKWARD);
  assert_int_equal(KEY("oneway:bicycle"), ART_OSM_ONEWAY_BICYCLE);
  assert_int_equal(KEY("cycleway:left:oneway"), ART_OSM_CYCLEWAY_LEFT_ONEWAY);
  assert_int_equal(KEY("name:en"), ART_OSM_NO_KEY);
  assert_int_equal(KEY("highways"), ART_OSM_NO_KEY);
  assert_int_equal(KEY("lanes:forward:forward"), ART_OSM_NO_KEY);
  assert_int_equal(KEY(""), ART_OSM_NO_KEY);
  assert_string_equal(art_osm_key_text(KEY("maxspeed:hgv:forward")), "maxspeed:hgv");
}

static void kinds_and_classes(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    art_osm_kind kind;
    int road_class;
  } cases[] = {
    { "highway=motorway_link", ART_OSM_KIND_ROAD, ART_OSM_CLASS_MOTORWAY_LINK },
    { "highway=road", ART_OSM_KIND_ROAD, ART_OSM_CLASS_UNCLASSIFIED },
    { "highway=busway", ART_OSM_KIND_BUSWAY, ART_OSM_CLASS_BUSWAY },
    { "highway=steps", ART_OSM_KIND_PATH, ART_OSM_CLASS_STEPS },
    { "highway=platform", ART_OSM_KIND_NONE, -1 },
    { "building=yes", ART_OSM_KIND_NONE, -1 },
    { "highway=proposed, proposed=tertiary", ART_OSM_KIND_ROAD, ART_OSM_CLASS_TERTIARY },
    { "highway=construction", ART_OSM_KIND_NONE, -1 },
    { "railway=tram", ART_OSM_KIND_TRAM, -1 },
    { "railway=subway", ART_OSM_KIND_SUBWAY, -1 },
    { "railway=abandoned", ART_OSM_KIND_NONE, -1 },
    { "route=ferry", ART_OSM_KIND_FERRY, -1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_road road = road_of(cases[i].tags);
    if (road.kind != cases[i].kind || road.road_class != cases[i].road_class)
      fail_msg("%s: kind %d, class %d", cases[i].tags, (int)road.kind, road.road_class);
  }
  assert_true(road_of("highway=construction, construction=primary").is_closed);
  assert_false(road_of("highway=primary").is_closed);
  art_osm_notes notes = { 0 };
  road_in("DE", "highway=autobahn", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_CLASS], 1);
  assert_string_equal(notes.example[ART_OSM_NOTE_CLASS][0].text, "highway=autobahn");
}

/// Lanes forward and backward; -1 for reversible.
static void directions(void **state)
{
  (void)state;
  static const struct {
    const char *tags;
    int forward, backward;
  } cases[] = {
    { "highway=residential", 1, 1 },
    { "highway=residential, oneway=yes", 1, 0 },
    { "highway=residential, oneway=1", 1, 0 },
    { "highway=residential, oneway=-1", 0, 1 },
    { "highway=residential, oneway=reverse", 0, 1 },
    { "highway=residential, oneway=no", 1, 1 },
    { "highway=motorway", 2, 0 },
    { "highway=motorway, oneway=no", 2, 2 },
    { "highway=motorway_link", 1, 0 },
    { "highway=tertiary, junction=roundabout", 1, 0 },
    { "highway=tertiary, junction=circular, lanes=2", 2, 0 },
    { "highway=tertiary, oneway=reversible", 1, 1 },
    { "highway=tertiary, oneway=sideways", 1, 1 },
    // lanes
    { "highway=primary, lanes=4", 2, 2 },
    { "highway=primary, lanes=3", 2, 1 },
    { "highway=primary, lanes=1", 1, 1 },
    { "highway=primary, lanes=3, lanes:backward=2", 1, 2 },
    { "highway=primary, lanes:forward=3, lanes:backward=1", 3, 1 },
    { "highway=primary, lanes=5, lanes:both_ways=1", 2, 2 },
    { "highway=primary, lanes=3, turn:lanes:backward=left|through", 1, 2 },
    { "highway=primary, lanes=1.5", 1, 1 },
    { "highway=primary, lanes=2;3, oneway=yes", 2, 0 },
    { "highway=primary, lanes=many, oneway=yes", 2, 0 },
    { "highway=primary, lanes=40, oneway=yes", 2, 0 },
    { "highway=primary, lanes=2, turn:lanes=left|through|right, oneway=yes", 3, 0 },
    { "highway=primary, lanes=2, oneway=yes, bicycle:lanes=no|no|designated, vehicle:lanes=yes|yes|no", 3,
      0 },
    { "highway=primary, oneway=yes, turn:lanes=left|through|through|right", 4, 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_road road = road_of(cases[i].tags);
    if (road.forward.lane_count != cases[i].forward || road.backward.lane_count != cases[i].backward)
      fail_msg("%s: %d and %d lanes", cases[i].tags, (int)road.forward.lane_count,
               (int)road.backward.lane_count);
  }
  art_osm_notes notes = { 0 };
  road_in("DE", "highway=primary, lanes=1.5", &notes);
  road_in("DE", "highway=primary, lanes=many", &notes);
  road_in("DE", "highway=primary, oneway=sideways", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_LANES_FRACTION], 1);
  assert_int_equal(notes.count[ART_OSM_NOTE_LANES], 1);
  assert_int_equal(notes.count[ART_OSM_NOTE_ONEWAY], 1);
  assert_true(road_of("highway=tertiary, oneway=reversible").varies);
  assert_int_equal(
      road_of("highway=primary, lanes=5, lanes:both_ways=1, turn:lanes:both_ways=left").middle_turns,
      ART_OSM_TURN_LEFT);
}

static void arrows_run_from_the_kerb(void **state)
{
  (void)state;
  static const char tags[] =
      "highway=primary, oneway=yes, lanes=3, turn:lanes=left;reverse||slight_right;right";
  art_osm_road road = road_of(tags);
  assert_int_equal(road.forward.lane[0].turns, ART_OSM_TURN_SLIGHT_RIGHT | ART_OSM_TURN_RIGHT);
  assert_int_equal(road.forward.lane[1].turns, 0);
  assert_int_equal(road.forward.lane[2].turns, ART_OSM_TURN_LEFT | ART_OSM_TURN_REVERSE);
  assert_true(road.forward.has_turns);
  road = road_in("GB", tags, NULL);  // keeps left: the kerb is on the left
  assert_int_equal(road.forward.lane[0].turns, ART_OSM_TURN_LEFT | ART_OSM_TURN_REVERSE);
  assert_int_equal(road.forward.lane[2].turns, ART_OSM_TURN_SLIGHT_RIGHT | ART_OSM_TURN_RIGHT);
  road = road_of("highway=primary, oneway=-1, turn:lanes=left|merge_to_left");
  assert_int_equal(road.backward.lane[0].turns, ART_OSM_TURN_MERGE_LEFT);
  road = road_of("highway=primary, turn:lanes:backward=none|through;none");
  assert_int_equal(road.backward.lane[0].turns, ART_OSM_TURN_THROUGH);
  assert_int_equal(road.backward.lane[1].turns, ART_OSM_TURN_NONE);
  assert_int_equal(road.forward.lane[0].turns, 0);
  art_osm_notes notes = { 0 };
  road = road_in("DE", "highway=primary, oneway=yes, turn:lanes=left|thorugh", &notes);
  assert_int_equal(road.forward.lane[0].turns, 0);
  assert_int_equal(notes.count[ART_OSM_NOTE_TURN], 1);
  road = road_of("highway=primary, oneway=yes, lanes=2, turn=right");
  assert_int_equal(road.forward.lane[1].turns, ART_OSM_TURN_RIGHT);
  road = road_of("highway=primary, oneway=yes, lanes=3, change:lanes=no|not_right|only_left");
  assert_int_equal(road.forward.lane[0].change, ART_OSM_CHANGE_LEFT);
  assert_int_equal(road.forward.lane[1].change, ART_OSM_CHANGE_LEFT);
  assert_int_equal(road.forward.lane[2].change, 0);
}

static void speeds_have_units_symbols_and_defaults(void **state)
{
  (void)state;
  static const struct {
    const char *country, *tags;
    double kmh;
  } cases[] = {
    { "DE", "highway=residential", 50 },
    { "DE", "highway=primary, maxspeed=70", 70 },
    { "DE", "highway=primary, maxspeed=30 mph", 48.28 },
    { "DE", "highway=primary, maxspeed=30mph", 48.28 },
    { "DE", "highway=primary, maxspeed=10 knots", 18.52 },
    { "DE", "highway=primary, maxspeed=60 km/h", 60 },
    { "DE", "highway=motorway, maxspeed=none", 140 },
    { "DE", "highway=living_street, maxspeed=walk", 5 },
    { "DE", "highway=living_street", 7 },
    { "DE", "highway=primary, maxspeed=signals", 50 },
    { "DE", "highway=primary, maxspeed=fast", 50 },
    { "DE", "highway=primary, maxspeed=1000", 50 },
    { "DE", "highway=primary, maxspeed=50;30", 30 },
    { "DE", "highway=primary, maxspeed=DE:urban", 50 },
    { "DE", "highway=primary, maxspeed=DE:rural", 100 },
    { "DE", "highway=primary, maxspeed=DE:zone30", 30 },
    { "DE", "highway=primary, maxspeed=DE:zone:20", 20 },
    { "DE", "highway=primary, zone:maxspeed=DE:30", 30 },
    { "DE", "highway=primary, source:maxspeed=DE:rural", 100 },
    { "DE", "highway=primary, maxspeed=70, source:maxspeed=DE:rural", 70 },
    { "DE", "highway=primary, maxspeed:type=RO:urban", 50 },
    { "GB", "highway=primary, maxspeed:type=GB:nsl_single", 96.56 },
    { "GB", "highway=primary, maxspeed:type=GB:nsl_dual", 112.65 },
    { "GB", "highway=residential, maxspeed=GB:zone20", 32.19 },
    { "US", "highway=residential", 40.23 },
    { "US", "highway=primary, maxspeed=US:urban", 40.23 },
    { "FR", "highway=secondary, maxspeed=FR:rural", 80 },
    { "FR", "highway=motorway, maxspeed=FR:motorway", 130 },
    { "RU", "highway=primary, maxspeed=RU:urban", 60 },
    { "BE", "highway=primary, maxspeed=BE-WAL:rural", 90 },
    { "BE", "highway=primary, maxspeed=BE-VLG:rural", 70 },
    { "CN", "highway=primary, maxspeed=CN:urban", 50 },
    // urban China has speeds of its own
    { "CN", "highway=trunk", 80 },
    { "CN", "highway=primary", 60 },
    { "CN", "highway=secondary", 50 },
    { "CN", "highway=tertiary", 40 },
    { "CN", "highway=residential", 30 },
    { "DE", "highway=primary, maxspeed=XY:urban", 50 },
    { "DE", "railway=tram", 50 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    const art_osm_road road = road_in(cases[i].country, cases[i].tags, NULL);
    const double kmh = (double)road.forward.speed_mps * 3.6;
    if (kmh < cases[i].kmh - 0.01 || kmh > cases[i].kmh + 0.01 ||
        road.forward.lane[0].speed_mps != road.forward.speed_mps)
      fail_msg("%s: %s: %g km/h", cases[i].country, cases[i].tags, kmh);
  }
  art_osm_notes notes = { 0 };
  road_in("DE", "highway=primary, maxspeed=fast", &notes);
  road_in("DE", "highway=primary, maxspeed=XY:urban", &notes);
  road_in("DE", "highway=primary, maxspeed=1000", &notes);
  road_in("DE", "highway=primary, maxspeed=signals", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_SPEED], 1);
  assert_int_equal(notes.count[ART_OSM_NOTE_SPEED_ZONE], 1);
  assert_int_equal(notes.count[ART_OSM_NOTE_SPEED_ODD], 1);
}

static void speeds_by_direction_lane_and_vehicle(void **state)
{
  (void)state;
  art_osm_road road =
      road_of("highway=primary, maxspeed=70, maxspeed:backward=50, maxspeed:hgv=60, maxspeed:bus=65");
  assert_near(road.forward.speed_mps, KMH(70));
  assert_near(road.backward.speed_mps, KMH(50));
  assert_near(road.backward.hgv_speed_mps, KMH(60));
  assert_near(road.forward.bus_speed_mps, KMH(65));
  assert_int_equal(road.speed_source, ART_OSM_SPEED_TAGGED);
  road = road_of("highway=motorway, lanes=3, maxspeed:lanes=130|100|80");
  assert_near(road.forward.lane[0].speed_mps, KMH(80));
  assert_near(road.forward.lane[2].speed_mps, KMH(130));
  assert_int_equal(road_of("highway=primary, maxspeed=DE:urban").built_up, 1);
  assert_int_equal(road_of("highway=primary, source:maxspeed=DE:rural").built_up, 0);
  assert_int_equal(road_of("highway=primary, maxspeed=50").built_up, -1);
}

static void heights_and_facts(void **state)
{
  (void)state;
  assert_int_equal(road_of("highway=primary, bridge=yes").layer, 1);
  assert_int_equal(road_of("highway=primary, tunnel=building_passage").layer, -1);
  assert_int_equal(road_of("highway=primary, bridge=yes, layer=3").layer, 3);
  assert_int_equal(road_of("highway=primary, bridge=no").layer, 0);
  art_osm_notes notes = { 0 };
  road_in("DE", "highway=primary, layer=high", &notes);
  assert_int_equal(notes.count[ART_OSM_NOTE_LAYER], 1);
  assert_near(road_of("highway=primary, maxweight=7.5 t").max_weight_t, 7.5);
  assert_near(road_of("highway=primary, maxweight=16000 lbs").max_weight_t, 7.257);
  assert_near(road_of("highway=primary, maxheight=12'6\"").max_height_m, 3.81);
  assert_true(road_of("highway=service, service=parking_aisle").is_service_minor);
  assert_true(road_of("highway=trunk_link").is_link);
  assert_true(road_of("highway=footway, footway=sidewalk").is_sidewalk);
}

static void tables_of_countries_are_sane(void **state)
{
  (void)state;
  art_osm_defaults defaults;
  art_error err;
  int count = 0;
  for (; art_osm_defaults_name(count); ++count) {
    assert_true(art_osm_defaults_find(art_osm_defaults_name(count), &defaults));
    if (art_osm_defaults_check(&defaults, &err) != ART_OK) fail_msg("%s", err.message);
  }
  assert_int_equal(count, 10);
  assert_true(art_osm_defaults_find("gb", &defaults));
  assert_true(defaults.left_hand);
  assert_false(art_osm_defaults_find("Atlantis", &defaults));
  assert_string_equal(defaults.country, "generic");
  defaults.by_class[ART_OSM_CLASS_PRIMARY].urban_mps = 400.0f;
  assert_int_equal(art_osm_defaults_check(&defaults, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "primary"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(keys_come_apart_into_words_and_modifiers),
    cmocka_unit_test(kinds_and_classes),
    cmocka_unit_test(directions),
    cmocka_unit_test(arrows_run_from_the_kerb),
    cmocka_unit_test(speeds_have_units_symbols_and_defaults),
    cmocka_unit_test(speeds_by_direction_lane_and_vehicle),
    cmocka_unit_test(heights_and_facts),
    cmocka_unit_test(tables_of_countries_are_sane),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
