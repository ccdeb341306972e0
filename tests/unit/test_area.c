/// Areas to clip by: holes, parts that overlap, and what is no area.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/geo/area.h"
#include "tests/support/check.h"

static void holes_and_parts_are_kept_apart(void **state)
{
  (void)state;
  static const char text[] =
      "{\"type\":\"FeatureCollection\",\"features\":["
      "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[20,20],[21,21]]}},"
      "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":["
      "[[0,0],[6,0],[6,6],[0,6],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]],[[4,4],[5,4],[5,5],[4,5],[4,4]]]}},"
      "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":["
      "[[[3,3],[8,3],[8,4.5],[3,4.5],[3,3]]],[[[10,0],[11,0],[11,1],[10,0]]]]}}]}";
  art_area *area = NULL;
  art_error err;
  assert_ok(art_area_parse("clip", text, &area, &err), err);
  double west, south, east, north;
  art_area_box(area, &west, &south, &east, &north);
  assert_true(west == 0.0 && south == 0.0 && east == 11.0 && north == 6.0);
  assert_true(art_area_contains(area, 3.0, 1.0));
  assert_false(art_area_contains(area, 1.5, 1.5));  // a hole
  assert_true(art_area_contains(area, 4.5, 4.2));   // the other one, where another part covers it
  assert_false(art_area_contains(area, 4.5, 4.8));
  assert_true(art_area_contains(area, 10.8, 0.2));
  assert_false(art_area_contains(area, 20.5, 20.5));  // on the line
  art_area_free(area);
}

static void what_is_no_area_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *told;
  } cases[] = {
    { "<osm/>", "polygon" },
    { "{\"type\":\"LineString\",\"coordinates\":[[0,0],[1,1]]}", "it has no polygon" },
    { "{\"type\":\"Polygon\",\"coordinates\":[[[3,3],[6,3],[6,6],[]]]}", "positions [longitude, latitude]" },
    { "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[3,3],[6,3],[6,6],[]]]]}", "positions [longitude, latitude]" },
    { "{\"type\":\"Polygon\",\"coordinates\":[[[3,3],[6,3],[6,6],[4,4]]]}", "whose last position is its first" },
    { "{\"type\":\"Polygon\",\"coordinates\":[[[3,3],[600,3],[6,6],[3,3]]]}", "-180 to 180" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_area *area = NULL;
    art_error err;
    assert_refused(art_area_parse("clip", cases[i].text, &area, &err), ART_E_INPUT, err, cases[i].told);
    assert_null(area);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(holes_and_parts_are_kept_apart),
    cmocka_unit_test(what_is_no_area_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
