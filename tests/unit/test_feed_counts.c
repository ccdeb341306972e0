// Counts tables into feeds: dates, map files, reject report, both layouts, the file round trip.
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

#include "core/net/network.h"
#include "io/feed/counts_import.h"
#include "io/feed/feed.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

static void dates(void **state)
{
  (void)state;
  const struct {
    const char *text;
    int32_t days;
    int weekday;
  } known[] = {
    { "1970-01-01", 0, 3 },  { "2000-02-29", 11016, 1 }, { "2024-02-13", 19766, 1 },
    { "1969-12-31", -1, 2 }, { "2024-12-31", 20088, 1 },
  };  // days as `date -u -d DATE +%s` / 86400
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
    int32_t days = 12345;
    char text[16];
    assert_true(art_date_parse(known[i].text, &days));
    assert_int_equal(days, known[i].days);
    assert_int_equal(art_date_weekday(days), known[i].weekday);
    art_date_print(days, text);
    assert_string_equal(text, known[i].text);
  }
  for (int32_t day = -25567; day < 83000; ++day) {  // 1900 to 2197
    int32_t back;
    char text[16];
    art_date_print(day, text);
    assert_true(art_date_parse(text, &back));
    assert_int_equal(back, day);
  }
  const char *const wrong[] = { "2023-02-29", "2024-13-01", "2024-00-10",  "2024-1-1",
                                "13/02/2024", "",           "2024-02-13 ", "2024-02-1x" };
  int32_t days;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) assert_false(art_date_parse(wrong[i], &days));
}

static const char wide_map[] =
    "arterial: 1\n"
    "timezone: Europe/Rome\n"
    "table: {layout: wide, station: loop, date: day, values: \"h{hh}\", missing: [\"n/a\"]}\n"
    "stations:\n"
    "  station: id\n"
    "  link: edge\n"
    "  source: how\n"
    "  lanes: lanes\n"
    "  ranking: [{source: sure, distance: dist}, {source: guess}]\n"
    "  exclude: [{match: \"* x *\", reason: \"half of the lanes\"}]\n";

static const char stations[] = "id,edge,how,lanes,dist\n"
                               "A 1 1,l0,sure,l0_0 l0_1,3.5\n"
                               "B 1 1,l1,guess,,\n"
                               "C x 1,l1,sure,,1\n"
                               "D 1 1,nowhere,sure,,1\n"
                               "E 1 1,,sure,,1\n"
                               "A 1 1,l2,sure,,1\n"
                               "short\n";

static art_counts_map *read_map(const char *text)
{
  art_counts_map *map;
  art_error err;
  assert_ok(art_counts_map_parse("dir/map.yaml", text, strlen(text), &map, &err), err);
  return map;
}

/// A wide row whose value at hour h is h + `first`, except that hour 8 is `eight`.
static void wide_row(char *out, size_t size, const char *day, const char *id, int first, const char *eight)
{
  size_t used = strlen(out);
  used += (size_t)snprintf(out + used, size - used, "%s,%s", day, id);
  for (int h = 0; h < 24; ++h) {
    if (h == 8)
      used += (size_t)snprintf(out + used, size - used, ",%s", eight);
    else
      used += (size_t)snprintf(out + used, size - used, ",%d", first + h);
  }
  snprintf(out + used, size - used, "\r\n");
}

static art_status import(const char *map_text, const char *table, const char *station_table,
                         art_reject_report *report, art_feed **feed, art_error *err)
{
  art_counts_map *map = read_map(map_text);
  art_net *net = art_test_net_road(3, 1, 100.0f, 13.9f);
  const art_status status = art_counts_import_text(table, strlen(table), station_table, strlen(station_table),
                                                   map, net, report, feed, err);
  art_net_free(net);
  art_counts_map_free(map);
  return status;
}

static void wide_table(char *out, size_t size)
{
  out[0] = '\0';
  strcat(out, "\xef\xbb\xbf"
              "day,loop");
  for (int h = 0; h < 24; ++h) sprintf(out + strlen(out), ",h%02d", h);
  strcat(out, "\r\n");
  wide_row(out, size, "2024-02-13", "B 1 1", 100, "777");
  wide_row(out, size, "2024-02-13", "A 1 1", 0, "n/a");
  wide_row(out, size, "2024-02-12", "A 1 1", 0, "");
  wide_row(out, size, "2024-02-30", "A 1 1", 0, "1");
  wide_row(out, size, "2024-02-13", "Z 1 1", 0, "1");
  wide_row(out, size, "2024-02-14", "A 1 1", 0, "-5");
  wide_row(out, size, "2024-02-12", "A 1 1", 50, "9");
  strcat(out, "2024-02-15,A 1 1,1,2\n");
}

static void rejects_are_listed_and_the_rest_kept(void **state)
{
  (void)state;
  char table[8192];
  wide_table(table, sizeof table);
  art_reject_report report;
  art_feed *feed;
  art_error err;
  assert_ok(import(wide_map, table, stations, &report, &feed, &err), err);
  assert_int_equal(feed->station_count, 5);
  assert_string_equal(feed->station_exclude[0], "");
  assert_string_equal(feed->station_exclude[2], "half of the lanes");
  assert_non_null(strstr(feed->station_exclude[3], "'nowhere' is not in the city"));
  assert_non_null(strstr(feed->station_exclude[4], "no link"));
  assert_int_equal(feed->station_rank[0], 0);
  assert_int_equal(feed->station_rank[1], 1);
  assert_int_equal(feed->station_lanes[0], 2);
  assert_true(feed->station_distance_m[0] == 3.5f && isnan(feed->station_distance_m[1]));
  assert_int_equal(report.rows, 8);
  assert_int_equal(report.rejected_rows, 2);      // 30 February, unknown station
  assert_int_equal(report.missing_values, 2);     // n/a and empty
  assert_int_equal(report.rejected_stations, 5);  // C, D, E, second A, short row
  const char *const words[] = { "stations:8: 1 fields",
                                "stations:7: station 'A 1 1' is listed twice",
                                "table:5: station 'A 1 1': date '2024-02-30'",
                                "table:6: station 'Z 1 1' is not in the station table",
                                "table:7: station 'A 1 1': count '-5' at 08:00",
                                "table:8: station 'A 1 1': a second count for 2024-02-12 00:00" };
  for (size_t w = 0; w < sizeof words / sizeof *words; ++w) {
    int found = 0;
    for (int32_t i = 0; i < report.message_count; ++i) found |= strstr(report.message[i], words[w]) != NULL;
    if (!found) fail_msg("no message with: %s", words[w]);
  }
  // A has 23 hours of the 12th, then hour 8 from the second row for that day, 23 of the 13th and 14th, 2 of the 15th; B has 24.
  assert_int_equal(feed->observation_count, 24 + 23 + 23 + 2 + 24);
  for (int64_t k = 0; k < feed->observation_count; ++k) {
    if (feed->observation_station[k] != 1 || feed->observation_begin_s[k] != 8 * 3600) continue;
    assert_true(feed->observation_flow_vph[k] == 777.0f);
    assert_int_equal(feed->observation_date[k], 19766);
  }
  art_reject_report_clear(&report);
  art_feed_free(feed);
}

static void long_table_of_counts_per_interval(void **state)
{
  (void)state;
  const char *map = "arterial: 1\ntimezone: Asia/Shanghai\n"
                    "table: {layout: long, station: s, begin: t, value: n, quality: q, unit: veh, interval: "
                    "15 min, separator: \";\"}\n"
                    "stations: {station: id, link: edge}\n";
  const char *table =
      "s;t;n;q\nA 1 1;2024-02-13 08:15;30;1\nA 1 1;2024-02-13T08:00:00;25;0.5\n"
      "A 1 1;2024-02-13 08:30+01:00;1;1\nA 1 1;2024-02-13 08:45;12;7\nA 1 1;2024-02-13 09:00;nan;1\n";
  art_reject_report report;
  art_feed *feed;
  art_error err;
  assert_ok(import(map, table, stations, &report, &feed, &err), err);
  assert_int_equal(feed->observation_count, 2);
  assert_int_equal(feed->observation_begin_s[0], 8 * 3600);
  assert_int_equal(feed->observation_length_s[0], 900);
  assert_true(feed->observation_flow_vph[0] == 100.0f && feed->observation_flow_vph[1] == 120.0f);
  assert_true(feed->observation_quality[0] == 0.5f);
  assert_int_equal(report.rejected_rows, 3);  // offset, quality, not a number
  art_reject_report_clear(&report);
  art_feed_free(feed);
}

static void bad_files_fail(void **state)
{
  (void)state;
  art_reject_report report;
  art_feed *feed;
  art_error err;
  assert_refused(import(wide_map, "day,loop,h00\n", stations, &report, &feed, &err), ART_E_INPUT, err,
                 "table:1", "no column 'h01'");
  art_reject_report_clear(&report);
  assert_refused(import(wide_map, "", stations, &report, &feed, &err), ART_E_INPUT, err, "empty");
  art_reject_report_clear(&report);
  assert_refused(import(wide_map, "day,\"lo\"op\n", stations, &report, &feed, &err), ART_E_INPUT, err,
                 "table:", "a quote that is not closed");
  art_reject_report_clear(&report);
  char table[8192];
  wide_table(table, sizeof table);
  assert_refused(import(wide_map, table, "id,how,lanes,dist\n", &report, &feed, &err), ART_E_INPUT, err,
                 "stations:1", "'edge'");
  art_reject_report_clear(&report);
  assert_refused(import(wide_map, table, "id,edge,how,lanes,dist\n", &report, &feed, &err), ART_E_INPUT, err,
                 "none of its 8 rows");
  art_reject_report_clear(&report);
  assert_null(feed);
}

static void map_files_are_checked(void **state)
{
  (void)state;
  const struct {
    const char *text, *words;
  } wrong[] = {
    { "arterial: 2\n", "1:11: arterial '2', expected 1" },
    { "timezone: UTC\ntabel: {}\n", "2:1: unknown key 'tabel'" },
    { "timezone: UTC\ntable:\n  layout: tall\n", "3:11: layout 'tall', expected wide or long" },
    { "timezone: UTC\ntable: {interval: 7}\n", "interval '7'" },
    { "timezone: UTC\ntimezone: UTC\n", "second key 'timezone'" },
    { "timezone: UTC\n", "'table.station' is missing" },
    { "timezone: UTC\ntable: {station: s, date: d, values: hour}\nstations: {station: i, link: e}\n",
      "expected {hh} or {h}" },
    { "stations: {exclude: [{match: x}]}\n", "element without 'reason'" },
    { "stations: {ranking: {}}\n", "expected a list" },
    { "a: [\n", "not YAML" },
    { "", "empty" },
    { "- 1\n", "expected key: value lines" },
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    art_counts_map *map;
    art_error err;
    assert_refused(art_counts_map_parse("map.yaml", wrong[i].text, strlen(wrong[i].text), &map, &err),
                   ART_E_INPUT, err, "map.yaml", wrong[i].words);
    assert_null(map);
  }
}

static void relative_station_table(void **state)
{
  (void)state;
  art_counts_map *map = read_map("timezone: UTC\ntable: {station: s, date: d, values: \"{h}\"}\n"
                                 "stations: {table: loops.csv, station: i, link: e}\n");
  assert_string_equal(map->stations_path, "dir/loops.csv");
  art_counts_map_free(map);
}

static void feed_file_round_trip(void **state)
{
  (void)state;
  char table[8192], path[] = "test_feed_counts_XXXXXX.feed.h5";
  wide_table(table, sizeof table);
  art_reject_report report;
  art_feed *a, *b;
  art_error err;
  assert_ok(import(wide_map, table, stations, &report, &a, &err), err);
  art_reject_report_clear(&report);
  snprintf(path, sizeof path, "test_feed_%ld.feed.h5", (long)getpid());
  const art_feed_source source = { "table.csv", "00ff" };
  assert_ok(art_feed_write(path, a, "test", 1, &source, 0, &err), err);
  assert_refused(art_feed_write(path, a, "test", 1, &source, 0, &err), ART_E_EXISTS, err, path);
  assert_ok(art_feed_read(path, &b, &err), err);
  assert_string_equal(b->timezone, "Europe/Rome");
  assert_int_equal(a->station_count, b->station_count);
  assert_int_equal(a->observation_count, b->observation_count);
  for (int32_t s = 0; s < a->station_count; ++s) {
    assert_string_equal(a->station_id[s], b->station_id[s]);
    assert_string_equal(a->station_link[s], b->station_link[s]);
    assert_string_equal(a->station_source[s], b->station_source[s]);
    assert_string_equal(a->station_exclude[s], b->station_exclude[s]);
    assert_int_equal(a->station_rank[s], b->station_rank[s]);
    assert_int_equal(a->station_lanes[s], b->station_lanes[s]);
    assert_memory_equal(&a->station_distance_m[s], &b->station_distance_m[s], sizeof(float));
  }
  const size_t n = (size_t)a->observation_count;
  assert_memory_equal(a->observation_station, b->observation_station, n * sizeof(int32_t));
  assert_memory_equal(a->observation_date, b->observation_date, n * sizeof(int32_t));
  assert_memory_equal(a->observation_begin_s, b->observation_begin_s, n * sizeof(int32_t));
  assert_memory_equal(a->observation_length_s, b->observation_length_s, n * sizeof(int32_t));
  assert_memory_equal(a->observation_flow_vph, b->observation_flow_vph, n * sizeof(float));
  assert_memory_equal(a->observation_quality, b->observation_quality, n * sizeof(float));
  b->observation_date[n - 1] = 84006;  // 2199-12-31 is the last
  assert_refused(art_feed_check(b, &err), ART_E_INPUT, err, "date 84006", "expected -25567 to 84005");
  art_feed_free(a);
  art_feed_free(b);
  remove(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(dates),
    cmocka_unit_test(rejects_are_listed_and_the_rest_kept),
    cmocka_unit_test(long_table_of_counts_per_interval),
    cmocka_unit_test(bad_files_fail),
    cmocka_unit_test(map_files_are_checked),
    cmocka_unit_test(relative_station_table),
    cmocka_unit_test(feed_file_round_trip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
