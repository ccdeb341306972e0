// GeoJSON in and out, planes of metres, and the quality of cities.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/geo/geojson.h"
#include "io/geo/plane.h"
#include "io/sketch/sketch.h"
#include "scenarios/cli/check_quality.h"
#include "tests/support/check.h"

static art_status parse(const char *text, art_geojson_shapes *s, art_error *err)
{
  return art_geojson_parse("map", text, strlen(text), s, err);
}

static void shapes_are_read(void **state)
{
  (void)state;
  art_geojson_shapes s;
  art_error err = { 0 };
  assert_ok(parse("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":null,"
                  "\"geometry\":"
                  "{\"type\":\"Polygon\",\"coordinates\":[[[7,43],[8,43],[8,44],[7,43]],[[7.4,43.1],[7.5,43."
                  "1],[7.5,43.2],[7.4,43.1]]]}},"
                  "{\"type\":\"Feature\",\"geometry\":{\"type\":\"MultiLineString\",\"coordinates\":[[[1,2],["
                  "3,4]],[[5,6],[7,8],[9,10]]]}},"
                  "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}},"
                  "{\"type\":\"Feature\",\"geometry\":null}]}",
                  &s, &err),
            err);
  assert_int_equal(s.count, 4);
  const uint8_t rings[] = { 1, 2, 0, 0 };
  for (int i = 0; i < 4; ++i) assert_int_equal(s.is_ring[i], rings[i]);
  assert_int_equal(s.first[4], 4 + 4 + 2 + 3);
  assert_float_equal(s.lat[s.first[3] + 2], 10.0, 0.0);
  art_geojson_shapes_clear(&s);
}

static void refuse(const char *text, const char *place, const char *what)
{
  art_geojson_shapes s;
  art_error err = { 0 };
  assert_refused(parse(text, &s, &err), ART_E_INPUT, err, place, what);
  assert_int_equal(s.count, 0);
}

static void bad_maps(void **state)
{
  (void)state;
  refuse("{\"type\":\n\"Line", "map:2: ", "");
  refuse("{}", "shape 0", "type");
  refuse("{\"type\":\"Circle\"}", "type", "GeoJSON");
  refuse("{\"type\":\"LineString\",\"coordinates\":[[1,2]]}", "shape 0", "2 positions");
  refuse("{\"type\":\"LineString\",\"coordinates\":[[1,2],[500,2]]}", "shape 0", "-180 to 180");
  refuse("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}", "shape 0", "last position");
  refuse("{\"type\":\"FeatureCollection\"}", "collection", "array");
}

/// Degrees go to a UTM zone and feet to metres; metres stay as they are.
static void planes_of_metres(void **state)
{
  (void)state;
  art_error err = { 0 };
  char *wkt = NULL;
  // The central meridian of zone 32 is at 500 km; 1 degree of latitude there is about 110.9 km at 43 degrees, x 0.9996.
  double x[2] = { 9.0, 9.0 }, y[2] = { 43.0, 44.0 };
  assert_ok(art_plane_from("EPSG:4326", 2, x, y, &wkt, &err), err);
  assert_float_equal(x[0], 500000.0, 1e-6);
  assert_float_equal(y[1] - y[0], 111053.0, 100.0);
  free(wkt);
  double u[2] = { 1523373.0, 1523373.0 + 1000.0 }, v[2] = { 1003235.0, 1003235.0 };
  assert_ok(art_plane_from("3735", 2, u, v, &wkt, &err), err);  // Ohio South, US survey feet
  assert_float_equal(hypot(u[1] - u[0], v[1] - v[0]), 304.8, 0.2);
  free(wkt);
  double p[1] = { 322754.0 }, q[1] = { 4698346.0 };
  assert_ok(art_plane_from("32619", 1, p, q, &wkt, &err), err);
  assert_float_equal(p[0], 322754.0, 0.0);
  char *name = art_plane_name(wkt);
  assert_string_equal(name, "EPSG:32619");
  free(name);
  free(wkt);
  assert_refused(art_plane_from("EPSG:99999999", 1, p, q, &wkt, &err), ART_E_INPUT, err, "EPSG:99999999");
  assert_refused(art_plane_from("somewhere", 1, p, q, &wkt, &err), ART_E_INPUT, err, "somewhere");
}

// ---- quality -----------------------------------------------------------------------------------------------------------

/// Four streets round "x", three lanes each way.
static art_city *cross(double kmh, int leave_out)
{
  static const double at[4][2] = { { -200, 0 }, { 200, 0 }, { 0, 200 }, { 0, -200 } };
  art_sketch *s = art_sketch_new();
  art_sketch_add_node(s, "x", 0.0, 0.0);
  for (int i = 0; i < 4; ++i) {
    char id[8];
    snprintf(id, sizeof id, "n%d", i);
    art_sketch_add_node(s, id, at[i][0], at[i][1]);
    for (int back = 0; back < 2; ++back) {
      snprintf(id, sizeof id, "%s%d", back ? "out" : "in", i);
      const int32_t l = art_sketch_add_link(s, id, NULL, back ? 0 : i + 1, back ? i + 1 : 0);
      art_sketch_add_lanes(s, 3, ART_PERMIT_ALL, 3.0);
      s->link[l].speed_mps = kmh / 3.6;
    }
  }
  if (leave_out) {  // from in0 only back; nobody enters out2; in1 leads into one lane
    s->node[0].has_paths = 1;
    art_sketch_add_path(s, 0, 0, 1, 0, ART_TURN_U);
    for (int32_t k = 0; k < 3; ++k) art_sketch_add_path(s, 2, k, 1, 0, ART_TURN_STRAIGHT);
    for (int32_t k = 0; k < 3; ++k) art_sketch_add_path(s, 4, k, 7, k, ART_TURN_STRAIGHT);
    for (int32_t k = 0; k < 3; ++k) art_sketch_add_path(s, 6, k, 3, k, ART_TURN_RIGHT);
  }
  art_sketch_pair_links(s);
  art_city *city = NULL;
  art_sketch_report report;
  art_error err = { 0 };
  assert_ok(art_sketch_build(s, &city, &report, &err), err);
  art_sketch_free(s);
  return city;
}

typedef struct kept {
  int count;
  char text[32][700];
} kept;

static void keep(void *context, const char *message)
{
  kept *k = context;
  if (k->count < 32) snprintf(k->text[k->count], sizeof k->text[0], "%s", message);
  ++k->count;
}

static int has(const kept *k, const char *words)
{
  for (int i = 0; i < k->count && i < 32; ++i)
    if (strstr(k->text[i], words)) return 1;
  return 0;
}

static void a_good_city_scores_full(void **state)
{
  (void)state;
  art_city *city = cross(50.0, 0);
  kept k = { 0 };
  const art_quality q = art_check_quality(city->net, keep, &k);
  assert_int_equal(k.count, 0);
  assert_int_equal(q.junctions, 1);
  assert_float_equal(q.score[0], 100.0, 0.0);
  assert_float_equal(q.mean_score, 100.0, 0.0);
  assert_true(q.score[1] < 0.0f);  // the end of a street is no junction
  assert_int_equal(q.core_links, 8);
  assert_int_equal(q.parts, 1);
  free(q.score);
  art_city_free(city);
}

static void mistakes_are_listed_and_cost(void **state)
{
  (void)state;
  art_city *city = cross(200.0, 1);
  kept k = { 0 };
  const art_quality q = art_check_quality(city->net, keep, &k);
  assert_true(has(&k, "link 'in0': speed limit 200 km/h"));
  assert_true(has(&k, "link 'in0': one can only turn back at node 'x'"));
  assert_true(has(&k, "link 'out2': no connection leads into it at node 'x'"));
  assert_true(has(&k, "link 'in1': its 3 lanes all lead into lane 'out0_0'"));
  assert_true(q.score[0] < 40.0f);
  assert_true(q.parts > 1);
  free(q.score);
  art_city_free(city);
}

static void findings_become_a_map(void **state)
{
  (void)state;
  art_city *city = cross(200.0, 1);
  char path[] = P_tmpdir "/art_map_XXXXXX",
       *messages[] = { "link 'in0': x", "junction 'x': \"quoted\"", "nothing that one finds" };
  close(mkstemp(path));
  const art_quality q = art_check_quality(city->net, NULL, NULL);
  art_error err = { 0 };
  assert_refused(art_quality_map(city, &q, 3, messages, path, &err), ART_E_INPUT, err, "coordinate system");
  double x = 9.0, y = 43.0;
  assert_ok(art_plane_from("EPSG:4326", 1, &x, &y, &city->crs_wkt, &err), err);
  city->offset_x = -x;
  city->offset_y = -y;
  assert_ok(art_quality_map(city, &q, 3, messages, path, &err), err);
  art_geojson_shapes s;
  assert_ok(art_geojson_read(path, &s, &err), err);
  assert_int_equal(s.count, 1);  // the link; junctions are points
  assert_float_equal(s.lat[0], 43.0, 1e-3);
  art_geojson_shapes_clear(&s);
  assert_ok(art_geojson_write_city(city, path, &err), err);
  assert_ok(art_geojson_read(path, &s, &err), err);
  assert_int_equal(s.count, city->net->link_count + city->net->lane_count + city->net->node_count);
  art_geojson_shapes_clear(&s);
  unlink(path);
  free(q.score);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(shapes_are_read),
    cmocka_unit_test(bad_maps),
    cmocka_unit_test(planes_of_metres),
    cmocka_unit_test(a_good_city_scores_full),
    cmocka_unit_test(mistakes_are_listed_and_cost),
    cmocka_unit_test(findings_become_a_map),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
