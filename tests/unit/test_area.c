/// Areas to clip by: holes, parts that overlap, and what is no area.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/// Against a plain count of crossings over all edges, for places all over a star with a hole.
static void every_place_is_told_right(void **state)
{
  (void)state;
  enum { TEETH = 40, POINTS = 2 * TEETH };
  char text[16384], *end = text;
  double x[2][POINTS + 1], y[2][POINTS + 1];
  end += sprintf(end, "{\"type\":\"Polygon\",\"coordinates\":[");
  for (int ring = 0; ring < 2; ++ring) {
    end += sprintf(end, "%s[", ring ? "," : "");
    for (int i = 0; i <= POINTS; ++i) {
      const double turn = 6.283185307179586 * (i % POINTS) / POINTS, reach = (ring ? 1.0 : 3.0) * (i % 2 ? 1.0 : 2.0);
      x[ring][i] = floor(1024.0 * reach * cos(turn)) / 1024.0;
      y[ring][i] = floor(1024.0 * reach * sin(turn)) / 1024.0;
      end += sprintf(end, "%s[%.10f,%.10f]", i ? "," : "", x[ring][i], y[ring][i]);
    }
    end += sprintf(end, "]");
  }
  sprintf(end, "]}");
  art_area *area = NULL;
  art_error err;
  assert_ok(art_area_parse("star", text, &area, &err), err);
  int inside = 0;
  for (int px = -130; px <= 130; ++px)
    for (int py = -130; py <= 130; ++py) {
      const double lon = 0.05 * px + 1e-4, lat = 0.05 * py + 1e-4;  // on no corner and no edge
      int crossings = 0;
      for (int ring = 0; ring < 2; ++ring)
        for (int i = 0; i < POINTS; ++i) {
          const double *ax = &x[ring][i], *ay = &y[ring][i];
          if ((ay[0] > lat) != (ay[1] > lat) && ax[0] + (lat - ay[0]) / (ay[1] - ay[0]) * (ax[1] - ax[0]) > lon) ++crossings;
        }
      assert_int_equal(art_area_contains(area, lon, lat), crossings % 2);
      inside += crossings % 2;
    }
  assert_true(inside > 5000);
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
    cmocka_unit_test(every_place_is_told_right),
    cmocka_unit_test(what_is_no_area_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
