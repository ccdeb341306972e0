// Files: gzip, configurations, coordinates against real loop positions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "io/geo/projection.h"
#include "tests/support/check.h"
#include "tests/unit/sumo_texts.h"

static char folder[64];

static int make_folder(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/art_sumo_XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static const char *path_of(const char *name)
{
  static char path[2][256];
  static int turn;
  turn = 1 - turn;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static int remove_folder(void **state)
{
  (void)state;
  static const char *const names[] = { "a.net.xml", "a.net.xml.gz", "cut.net.xml.gz", "run.sumocfg" };
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) unlink(path_of(names[i]));
  return rmdir(folder);
}

static void write_text(const char *name, const char *text)
{
  FILE *file = fopen(path_of(name), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static art_status import_net(const char *path, const char *crs, art_city **city, art_error *err)
{
  char *copy = strdup(path);
  const art_sumo_files files = { .net = copy };
  art_import_report report = { 0 };
  const art_status status = art_sumo_import_files(&files, crs, city, NULL, &report, err);
  art_import_report_clear(&report);
  free(copy);
  return status;
}

static void gzip_is_read_as_plain(void **state)
{
  (void)state;
  write_text("a.net.xml", sumo_crossing);
  const gzFile gz = gzopen(path_of("a.net.xml.gz"), "wb");
  gzwrite(gz, sumo_crossing, sizeof sumo_crossing - 1);
  gzclose(gz);
  art_error err;
  art_city *plain, *packed;
  assert_ok(import_net(path_of("a.net.xml"), NULL, &plain, &err), err);
  assert_ok(import_net(path_of("a.net.xml.gz"), NULL, &packed, &err), err);
  assert_int_equal(plain->net->connector_count, packed->net->connector_count);
  assert_string_equal(plain->title, "a");
  assert_string_equal(packed->title, "a");
  assert_int_equal(plain->source_count, 1);
  assert_int_equal(strlen(plain->source[0].sha256), 64);
  assert_string_not_equal(plain->source[0].path, packed->source[0].path);
  art_city_free(plain);
  art_city_free(packed);

  FILE *whole = fopen(path_of("a.net.xml.gz"), "rb"), *cut = fopen(path_of("cut.net.xml.gz"), "wb");
  char bytes[300];
  const size_t count = fread(bytes, 1, sizeof bytes, whole);
  fwrite(bytes, 1, count, cut);
  fclose(whole);
  fclose(cut);
  assert_int_equal(import_net(path_of("cut.net.xml.gz"), NULL, &packed, &err), ART_E_INPUT);
  assert_int_equal(import_net(path_of("missing.net.xml"), NULL, &packed, &err), ART_E_OPEN);
  assert_refused(ART_E_OPEN, ART_E_OPEN, err, "missing.net.xml");
}

static void configurations_name_their_files(void **state)
{
  (void)state;
  write_text("a.net.xml", sumo_crossing);
  write_text("run.sumocfg",
             "<configuration><input><net-file value='a.net.xml'/><route-files value='a.net.xml, "
             "/etc/passwd'/></input>"
             "<time><begin value='1:00:00'/><end value='7200'/><step-length value='0.25'/></time>"
             "<random><seed value='7'/></random><report><verbose value='true'/></report></configuration>");
  art_sumo_config config;
  art_error err;
  assert_ok(art_sumo_read_config(path_of("run.sumocfg"), &config, &err), err);
  assert_string_equal(config.files.net, path_of("a.net.xml"));
  assert_int_equal(config.files.route_count, 2);
  assert_string_equal(config.files.route[1], "/etc/passwd");
  assert_int_equal(config.begin_ms, 3600000);
  assert_int_equal(config.end_ms, 7200000);
  assert_int_equal(config.step_ms, 250);
  assert_int_equal(config.seed, 7);
  assert_int_equal(sumo_times(&config.skipped, "verbose"), 1);
  art_sumo_config_clear(&config);

  write_text("run.sumocfg", "<configuration><net-file value='gone.net.xml'/><additional-files "
                            "value='one.xml,a.net.xml,two.xml'/></configuration>");
  assert_refused(art_sumo_read_config(path_of("run.sumocfg"), &config, &err), ART_E_INPUT, err, "3 files",
                 "gone.net.xml", "one.xml", "two.xml");
  write_text("run.sumocfg", "<configuration><end value='tomorrow'/></configuration>");
  assert_refused(art_sumo_read_config(path_of("run.sumocfg"), &config, &err), ART_E_INPUT, err,
                 "run.sumocfg:1", "tomorrow");
}

static void the_user_may_give_the_coordinate_system(void **state)
{
  (void)state;
  write_text("a.net.xml", sumo_crossing);
  art_city *city;
  art_error err;
  assert_ok(import_net(path_of("a.net.xml"), "EPSG:32632", &city, &err), err);
  assert_non_null(strstr(city->crs_wkt, "UTM zone 32N"));
  // On the central meridian of zone 32, easting 500 km is 9 degrees east exactly; northing 4,900 km is near 44.25 N.
  const double x = 0, y = 0;
  double lon, lat;
  assert_ok(art_city_lonlat(city, 1, &x, &y, &lon, &lat, &err), err);
  assert_float_equal(lon, 9, 1e-9);
  assert_float_equal(lat, 44.2535, 0.001);
  art_city_free(city);
  assert_refused(import_net(path_of("a.net.xml"), "EPSG:4326", &city, &err), ART_E_INPUT, err, "EPSG:4326",
                 "accepted");
  assert_refused(import_net(path_of("a.net.xml"), "EPSG:0", &city, &err), ART_E_INPUT, err, "EPSG:0",
                 "accepted");
  art_city *none = art_city_new();
  assert_refused(art_city_lonlat(none, 1, &x, &y, &lon, &lat, &err), ART_E_INPUT, err, "--crs");
  art_city_free(none);
}

/// The k-th field of a line of CSV without quoted commas before it.
static double field_of(const char *line, int k)
{
  while (k-- && line) line = strchr(line, ',') ? strchr(line, ',') + 1 : NULL;
  return line ? strtod(line, NULL) : NAN;
}

static int column_of(const char *header, const char *name)
{
  int k = 0;
  for (const char *at = header; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL, ++k)
    if (strncmp(at, name, strlen(name)) == 0 && strchr(",\r\n", at[strlen(name)])) return k;
  return -1;
}

/// Loops of Bologna have WGS 84 positions and positions in the network, made by others: they must agree within a metre.
static void loops_of_bologna_lie_where_they_are(void **state)
{
  (void)state;
  const char *data = getenv("ARTERIAL_DATA");
  char path[1024];
  snprintf(path, sizeof path, "%s/sumo/bologna/counts/loops.csv", data ? data : "");
  FILE *file = data ? fopen(path, "r") : NULL;
  if (!file) {
    print_message("SKIP: no data in ARTERIAL_DATA\n");
    skip();
  }
  snprintf(path, sizeof path, "%s/sumo/bologna/joined/joined_buslanes.net.xml", data);
  art_city *city;
  art_error err;
  assert_ok(import_net(path, NULL, &city, &err), err);
  char line[4096];
  assert_non_null(fgets(line, sizeof line, file));
  const int x_at = column_of(line, "net_x"), y_at = column_of(line, "net_y"), lat_at = column_of(line, "lat"),
            lon_at = column_of(line, "lon");
  assert_true(x_at >= 0 && y_at >= 0 && lat_at >= 0 && lon_at >= 0);
  int count = 0;
  while (fgets(line, sizeof line, file)) {
    const double x = field_of(line, x_at), y = field_of(line, y_at);
    double lon, lat;
    assert_ok(art_city_lonlat(city, 1, &x, &y, &lon, &lat, &err), err);
    const double north = (lat - field_of(line, lat_at)) * 111132.0,
                 east = (lon - field_of(line, lon_at)) * 79300.0;
    assert_true(hypot(north, east) < 1.0);
    ++count;
  }
  assert_true(count > 50);
  fclose(file);
  art_city_free(city);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(gzip_is_read_as_plain),
    cmocka_unit_test(configurations_name_their_files),
    cmocka_unit_test(the_user_may_give_the_coordinate_system),
    cmocka_unit_test(loops_of_bologna_lie_where_they_are),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
