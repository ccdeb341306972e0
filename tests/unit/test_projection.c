/// What is said of UTM without PROJ's database is what PROJ says with it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <proj.h>

#include "io/geo/projection.h"
#include "tests/support/check.h"

static void every_utm_zone_is_that_of_proj(void **state)
{
  (void)state;
  art_error err;
  PJ_CONTEXT *context = proj_context_create();
  for (int zone = 1; zone <= 60; ++zone) {
    for (int is_south = 0; is_south < 2; ++is_south) {
      char code[16], *wkt = NULL;
      snprintf(code, sizeof code, "EPSG:32%d%02d", is_south ? 7 : 6, zone);
      assert_ok(art_crs_wkt(code, &wkt, &err), err);
      PJ *theirs = proj_create(context, code), *ours = proj_create(context, wkt);
      assert_non_null(ours);
      if (!proj_is_equivalent_to_with_ctx(context, ours, theirs, PJ_COMP_EQUIVALENT))
        fail_msg("%s: another system", code);
      assert_string_equal(proj_get_name(ours), proj_get_name(theirs));
      assert_string_equal(proj_get_id_code(ours, 0), proj_get_id_code(theirs, 0));
      proj_destroy(theirs);
      proj_destroy(ours);
      free(wkt);
    }
  }
  proj_context_destroy(context);
}

/// Places of all zones, up to 20 degrees from their middle, by the way that PROJ finds itself. Both do the same steps.
static void places_in_utm_are_those_of_proj(void **state)
{
  (void)state;
  art_error err;
  PJ_CONTEXT *context = proj_context_create();
  for (int code = 32601; code <= 32760; code = code == 32660 ? 32701 : code + 1) {
    char name[16], *wkt = NULL;
    snprintf(name, sizeof name, "EPSG:%d", code);
    PJ *raw = proj_create_crs_to_crs(context, "EPSG:4326", name, NULL);
    PJ *way = proj_normalize_for_visualization(context, raw);
    assert_ok(art_crs_wkt(name, &wkt, &err), err);
    for (int k = 0; k < 9; ++k) {
      const double lon = 6.0 * (code % 100) - 183.0 + 10.0 * (k % 3 - 1),
                   lat = (code < 32700 ? 25.0 : -25.0) * (k / 3) + 3.0;
      const PJ_COORD to = proj_trans(way, PJ_FWD, proj_coord(lon, lat, 0.0, HUGE_VAL));
      double x = NAN, y = NAN;
      assert_ok(art_crs_project(wkt, 1, &lon, &lat, &x, &y, &err), err);
      assert_true(fabs(x - to.xy.x) < 1e-6 && fabs(y - to.xy.y) < 1e-6);
    }
    proj_destroy(way);
    proj_destroy(raw);
    free(wkt);
  }
  proj_context_destroy(context);
}

/// What looks like a zone of UTM and is none goes to PROJ.
static void other_systems_are_left_to_proj(void **state)
{
  (void)state;
  art_error err;
  char *wkt = NULL, *other = NULL;
  const char *const refused[] = { "EPSG:32661x", "EPSG:4326", "EPSG:99999", "EPSG:326320" };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; ++i) {
    assert_refused(art_crs_wkt(refused[i], &wkt, &err), ART_E_INPUT, err, refused[i]);
    assert_null(wkt);
  }
  // polar stereographic: the north pole lies at 2,000 km in both axes
  const double lon = 15.0, lat = 90.0;
  double x = NAN, y = NAN;
  assert_ok(art_crs_wkt("EPSG:32661", &wkt, &err), err);
  assert_ok(art_crs_project(wkt, 1, &lon, &lat, &x, &y, &err), err);
  assert_true(fabs(x - 2e6) < 1e-3 && fabs(y - 2e6) < 1e-3);
  free(wkt);
  // the name of a zone upon another datum, and a WKT that PROJ wrote itself
  assert_ok(art_crs_wkt("EPSG:25832", &wkt, &err), err);
  assert_non_null(strstr(wkt, "ETRS89"));
  free(wkt);
  assert_ok(art_crs_wkt("+proj=utm +zone=32 +datum=WGS84", &wkt, &err), err);
  assert_ok(art_crs_wkt("EPSG:32632", &other, &err), err);
  const double east = 9.5, north = 50.0;
  double x2 = NAN, y2 = NAN;
  assert_ok(art_crs_project(wkt, 1, &east, &north, &x, &y, &err), err);
  assert_ok(art_crs_project(other, 1, &east, &north, &x2, &y2, &err), err);
  assert_true(fabs(x - x2) < 1e-6 && fabs(y - y2) < 1e-6);
  free(wkt);
  free(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_utm_zone_is_that_of_proj),
    cmocka_unit_test(places_in_utm_are_those_of_proj),
    cmocka_unit_test(other_systems_are_left_to_proj),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
