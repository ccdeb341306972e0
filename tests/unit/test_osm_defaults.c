// Defaults of a country from a file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "io/config/osm_defaults.h"
#include "tests/support/check.h"
#include "tests/unit/osm_tags.h"

static art_status read_text(const char *text, art_osm_defaults *out, art_error *err)
{
  return art_osm_defaults_read_text("x.yaml", text, strlen(text), out, err);
}

static void what_is_written_replaces_the_table(void **state)
{
  (void)state;
  static const char text[] =
      "country: XX\n"
      "like: CN\n"
      "left_hand: true\n"
      "symbols: { urban: 45 km/h }\n"
      "classes:\n"
      "  primary: { urban: 55 km/h, lanes_oneway: 4, oneway: true, lane_width: 3.1 }\n";
  art_osm_defaults d, china;
  art_error err;
  assert_ok(read_text(text, &d, &err), err);
  art_osm_defaults_find("CN", &china);
  assert_string_equal(d.country, "XX");
  assert_true(d.left_hand);
  assert_float_equal(d.by_class[ART_OSM_CLASS_PRIMARY].urban_mps, KMH(55), 1e-4);
  assert_int_equal(d.by_class[ART_OSM_CLASS_PRIMARY].lanes_oneway, 4);
  assert_float_equal(d.by_class[ART_OSM_CLASS_SECONDARY].urban_mps,
                     china.by_class[ART_OSM_CLASS_SECONDARY].urban_mps, 0);
  test_tags tags;
  art_osm_road road;
  const art_osm_options options = { .defaults = &d };
  art_osm_way(tags_of_text(&tags, "highway=primary"), &options, &road, NULL);
  assert_int_equal(road.forward.lane_count, 4);
  assert_int_equal(road.backward.lane_count, 0);
  art_osm_way(tags_of_text(&tags, "highway=service, maxspeed=XX:urban"), &options, &road, NULL);
  assert_float_equal(road.forward.speed_mps, KMH(45), 1e-4);
  assert_ok(read_text("country: US\n", &d, &err), err);
  assert_true(d.mph);
}

static void mistakes_are_named_with_their_place(void **state)
{
  (void)state;
  static const struct {
    const char *text, *words[2];
  } cases[] = {
    { "colour: red\n", { "x.yaml:1", "unknown key 'colour'" } },
    { "like: Atlantis\n", { "x.yaml:1", "accepted: generic" } },
    { "walk: 5 km/h\nunlimited: 900 km/h\n", { "x.yaml:2", "0.5 to 60" } },
    { "classes: { autobahn: { urban: 50 km/h } }\n", { "unknown class 'autobahn'", "motorway" } },
    { "classes: { primary: { lanes_oneway: 12 } }\n", { "'12'", "1 to 8" } },
    { "classes: { primary: { speed: 12 } }\n", { "unknown key 'speed'", "urban" } },
    { "classes: [1]\n", { "classes is a list", "mapping" } },
    { "symbols: { city: 50 km/h }\n", { "unknown key 'city'", "urban" } },
    { "left_hand: perhaps\n", { "x.yaml:1", "'perhaps'" } },
    { "country: much_too_long\n", { "x.yaml:1", "7 letters" } },
    { "walk: [1]\n", { "walk is a list", "scalar" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    art_osm_defaults d;
    art_error err = { 0 };
    assert_refused(read_text(cases[i].text, &d, &err), ART_E_INPUT, err, cases[i].words[0],
                   cases[i].words[1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_written_replaces_the_table),
    cmocka_unit_test(mistakes_are_named_with_their_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
