#include "io/feed/counts_import.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_table.h"

enum { HOURS = 24 };

typedef struct row {
  int32_t station, date, begin_s;
  float flow_vph, quality;
  int64_t line;
} row;

typedef struct importer {
  const art_counts_map *map;
  const char *name;  // of the file being read
  art_idmap *links, *stations;
  art_feed *feed;
  int32_t station_capacity;
  art_reject_report *report;
  // columns of the station table; -1: none
  int32_t id, link, source, lanes;
  int32_t *distance;  // one per rank
  // columns of the counts table
  int32_t station, date, hour[HOURS], begin, value, quality;
  int64_t row_count, row_capacity;
  row *rows;
} importer;

void art_reject_report_clear(art_reject_report *report)
{
  for (int32_t i = 0; i < report->message_count; ++i) free(report->message[i]);
  *report = (art_reject_report){ 0 };
}

static void note(importer *im, int64_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void note(importer *im, int64_t line, const char *format, ...)
{
  art_reject_report *r = im->report;
  if (r->message_count == ART_REJECT_KEPT) {
    ++r->further;
    return;
  }
  char text[600];
  int used = snprintf(text, sizeof text, "%.200s:%" PRId64 ": ", im->name, line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
  va_end(arguments);
  r->message[r->message_count++] = art_strdup(text);
}

/// A whole number or decimal, nothing else around it.
static int parse_number(const char *text, double *value)
{
  char *end;
  if (!((*text >= '0' && *text <= '9') || *text == '-' || *text == '+' || *text == '.'))
    return 0;  // no "nan", "0x" below
  if (strpbrk(text, "xXpP")) return 0;
  *value = strtod(text, &end);
  return *end == '\0' && isfinite(*value);
}

static art_status find_column(int32_t count, char *const *fields, const char *name, int32_t *out,
                              art_error *err)
{
  *out = name ? art_csv_find(count, fields, name) : -1;
  if (name && *out < 0) return art_fail(err, ART_E_INPUT, "no column '%s', which the map names", name);
  return ART_OK;
}

// ---- stations

static art_status stations_header(void *user, int64_t line, int32_t count, char *const *fields,
                                  art_error *err)
{
  (void)line;
  importer *im = user;
  const art_counts_map *m = im->map;
  art_status status = find_column(count, fields, m->id_column, &im->id, err);
  if (status == ART_OK) status = find_column(count, fields, m->link_column, &im->link, err);
  if (status == ART_OK) status = find_column(count, fields, m->source_column, &im->source, err);
  if (status == ART_OK) status = find_column(count, fields, m->lanes_column, &im->lanes, err);
  for (int32_t i = 0; i < m->rank_count && status == ART_OK; ++i)
    status = find_column(count, fields, m->rank[i].distance_column, &im->distance[i], err);
  return status;
}

static int32_t count_words(const char *text)
{
  int32_t words = 0;
  for (const char *p = text; *p; ++p) words += *p != ' ' && (p == text || p[-1] == ' ');
  return words;
}

static void grow_stations(importer *im)
{
  art_feed *f = im->feed;
  if (f->station_count < im->station_capacity) return;
  im->station_capacity = im->station_capacity ? 2 * im->station_capacity : 64;
  const size_t n = (size_t)im->station_capacity;
  f->station_id = art_renew(f->station_id, n, sizeof *f->station_id);
  f->station_link = art_renew(f->station_link, n, sizeof *f->station_link);
  f->station_kind = art_renew(f->station_kind, n, sizeof *f->station_kind);
  f->station_source = art_renew(f->station_source, n, sizeof *f->station_source);
  f->station_rank = art_renew(f->station_rank, n, sizeof *f->station_rank);
  f->station_distance_m = art_renew(f->station_distance_m, n, sizeof *f->station_distance_m);
  f->station_lanes = art_renew(f->station_lanes, n, sizeof *f->station_lanes);
  f->station_exclude = art_renew(f->station_exclude, n, sizeof *f->station_exclude);
}

/// Why a station must not be used, or "".
static void exclusion(const importer *im, const char *id, const char *link, char text[256])
{
  text[0] = '\0';
  for (int32_t i = 0; i < im->map->exclude_count && !text[0]; ++i) {
    if (fnmatch(im->map->exclude[i].match, id, 0) == 0) snprintf(text, 256, "%s", im->map->exclude[i].reason);
  }
  if (text[0]) return;
  if (!link[0])
    snprintf(text, 256, "no link is known for it");
  else if (art_idmap_find(im->links, link) < 0)
    snprintf(text, 256, "link '%.100s' is not in the city", link);
}

static art_status stations_row(void *user, int64_t line, int32_t count, char *const *fields, art_error *err)
{
  (void)err;
  importer *im = user;
  const art_counts_map *m = im->map;
  const int32_t columns[] = { im->id, im->link, im->source, im->lanes };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i) {
    if (columns[i] < count) continue;
    note(im, line, "%" PRId32 " fields, expected at least %" PRId32, count, columns[i] + 1);
    ++im->report->rejected_stations;
    return ART_OK;
  }
  ++im->report->stations;
  const char *id = fields[im->id], *link = fields[im->link];
  if (!id[0] || art_idmap_find(im->stations, id) >= 0) {
    note(im, line, "station '%.100s' is %s", id, id[0] ? "listed twice; the first is kept" : "without an id");
    ++im->report->rejected_stations;
    return ART_OK;
  }
  art_idmap_put(im->stations, id);
  grow_stations(im);
  art_feed *f = im->feed;
  const int32_t s = f->station_count++;
  const char *source = im->source >= 0 ? fields[im->source] : "";
  int32_t rank = 0;
  while (rank < m->rank_count && strcmp(m->rank[rank].source, source) != 0) ++rank;
  double distance = NAN;
  if (rank < m->rank_count && im->distance[rank] >= 0 && im->distance[rank] < count &&
      !parse_number(fields[im->distance[rank]], &distance))
    distance = NAN;
  char reason[256];
  exclusion(im, id, link, reason);
  if (reason[0]) {
    note(im, line, "station '%.100s' is not used: %s", id, reason);
    ++im->report->rejected_stations;
  }
  f->station_id[s] = art_strdup(id);
  f->station_link[s] = art_strdup(link);
  f->station_kind[s] = ART_STATION_LOOP;
  f->station_source[s] = art_strdup(source);
  f->station_rank[s] = rank;
  f->station_distance_m[s] = (float)distance;
  f->station_lanes[s] = im->lanes >= 0 ? count_words(fields[im->lanes]) : 0;
  f->station_exclude[s] = art_strdup(reason);
  return ART_OK;
}

// ---- counts

/// The name of an hour's column: {hh} is two digits, {h} as many as needed.
static void hour_name(const char *pattern, int hour, char *out, size_t size)
{
  const char *two = strstr(pattern, "{hh}"), *place = two ? two : strstr(pattern, "{h}");
  snprintf(out, size, two ? "%.*s%02d%s" : "%.*s%d%s", (int)(place - pattern), pattern, hour,
           place + (two ? 4 : 3));
}

static art_status table_header(void *user, int64_t line, int32_t count, char *const *fields, art_error *err)
{
  (void)line;
  importer *im = user;
  const art_counts_map *m = im->map;
  art_status status = find_column(count, fields, m->station_column, &im->station, err);
  if (m->layout == ART_COUNTS_LONG) {
    if (status == ART_OK) status = find_column(count, fields, m->begin_column, &im->begin, err);
    if (status == ART_OK) status = find_column(count, fields, m->value_column, &im->value, err);
    if (status == ART_OK) status = find_column(count, fields, m->quality_column, &im->quality, err);
    return status;
  }
  if (status == ART_OK) status = find_column(count, fields, m->date_column, &im->date, err);
  for (int h = 0; h < HOURS && status == ART_OK; ++h) {
    char name[128];
    hour_name(m->values_pattern, h, name, sizeof name);
    status = find_column(count, fields, name, &im->hour[h], err);
  }
  return status;
}

static int is_missing(const art_counts_map *m, const char *text)
{
  if (!text[0]) return 1;
  for (int32_t i = 0; i < m->missing_count; ++i) {
    if (strcmp(text, m->missing[i]) == 0) return 1;
  }
  return 0;
}

/// Takes one value; says 0 if it was refused.
static int take_value(importer *im, int64_t line, const char *id, row r, const char *text)
{
  const art_counts_map *m = im->map;
  ++im->report->values;
  if (is_missing(m, text)) {
    ++im->report->missing_values;
    return 1;
  }
  double value;
  const double scale = m->unit == ART_COUNTS_VEH ? 3600.0 / m->interval_s : 1.0;
  if (!parse_number(text, &value) || value < 0.0 || value * scale > 1e6) {
    note(im, line, "station '%.100s': count '%.40s' at %02d:%02d, expected a number from 0 to %g", id, text,
         r.begin_s / 3600, r.begin_s / 60 % 60, 1e6 / scale);
    ++im->report->rejected_values;
    return 0;
  }
  r.flow_vph = (float)(value * scale);
  r.line = line;
  ART_PUSH(im->rows, im->row_count, im->row_capacity, r);
  return 1;
}

/// "YYYY-MM-DD HH:MM[:SS]", blank or T between; local time, so an offset or Z is refused.
static int parse_begin(const char *text, int32_t *date, int32_t *begin_s)
{
  char day[11];
  int h, m, s = 0, used = 0;
  if (strlen(text) < 16 || (text[10] != ' ' && text[10] != 'T')) return 0;
  memcpy(day, text, 10);
  day[10] = '\0';
  if (!art_date_parse(day, date)) return 0;
  if (sscanf(text + 11, "%2d:%2d%n", &h, &m, &used) != 2 || used != 5) return 0;
  const char *rest = text + 11 + used;
  if (*rest == ':') {
    if (sscanf(rest, ":%2d%n", &s, &used) != 1 || used != 3) return 0;
    rest += used;
  }
  if (*rest || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return 0;
  *begin_s = 3600 * h + 60 * m + s;
  return 1;
}

static int take_wide(importer *im, int64_t line, int32_t count, char *const *fields, const char *id, row r)
{
  if (im->date >= count || !art_date_parse(fields[im->date], &r.date)) {
    note(im, line, "station '%.100s': date '%.40s', expected YYYY-MM-DD", id,
         im->date < count ? fields[im->date] : "");
    return 0;
  }
  int good = 0;
  for (int h = 0; h < HOURS; ++h) {
    if (im->hour[h] >= count) {
      note(im, line, "station '%.100s': %" PRId32 " fields, expected hour %d in field %" PRId32, id, count, h,
           im->hour[h] + 1);
      ++im->report->rejected_values;
      continue;
    }
    r.begin_s = 3600 * h;
    good += take_value(im, line, id, r, fields[im->hour[h]]);
  }
  return good > 0;
}

static int take_long(importer *im, int64_t line, int32_t count, char *const *fields, const char *id, row r)
{
  if (im->begin >= count || im->value >= count || im->quality >= count) {
    note(im, line, "station '%.100s': %" PRId32 " fields, too few", id, count);
    return 0;
  }
  if (!parse_begin(fields[im->begin], &r.date, &r.begin_s)) {
    note(im, line, "station '%.100s': begin '%.40s', expected local time YYYY-MM-DD HH:MM[:SS]", id,
         fields[im->begin]);
    return 0;
  }
  if (im->quality >= 0 && !is_missing(im->map, fields[im->quality])) {
    double quality;
    if (!parse_number(fields[im->quality], &quality) || quality < 0.0 || quality > 1.0) {
      note(im, line, "station '%.100s': quality '%.40s', expected 0 to 1", id, fields[im->quality]);
      return 0;
    }
    r.quality = (float)quality;
  }
  return take_value(im, line, id, r, fields[im->value]);
}

static art_status table_row(void *user, int64_t line, int32_t count, char *const *fields, art_error *err)
{
  (void)err;
  importer *im = user;
  ++im->report->rows;
  int good = 0;
  if (im->station >= count) {
    note(im, line, "%" PRId32 " fields, expected the station in field %" PRId32, count, im->station + 1);
  } else {
    const char *id = fields[im->station];
    const row r = { .station = art_idmap_find(im->stations, id), .quality = 1.0f };
    if (r.station < 0)
      note(im, line, "station '%.100s' is not in the station table", id);
    else if (im->map->layout == ART_COUNTS_WIDE)
      good = take_wide(im, line, count, fields, id, r);
    else
      good = take_long(im, line, count, fields, id, r);
  }
  if (good)
    ++im->report->accepted;
  else
    ++im->report->rejected_rows;
  return ART_OK;
}

// ---- putting together

static int compare_rows(const void *pa, const void *pb)
{
  const row *a = pa, *b = pb;
  if (a->station != b->station) return a->station < b->station ? -1 : 1;
  if (a->date != b->date) return a->date < b->date ? -1 : 1;
  if (a->begin_s != b->begin_s) return a->begin_s < b->begin_s ? -1 : 1;
  return a->line < b->line ? -1 : a->line > b->line;
}

/// Sorted, of two values for one interval the first in the file.
static void build_observations(importer *im)
{
  art_feed *f = im->feed;
  art_sort(im->rows, (size_t)im->row_count, sizeof *im->rows, compare_rows);
  const size_t n = (size_t)im->row_count;
  f->observation_station = ART_NEW(int32_t, n);
  f->observation_date = ART_NEW(int32_t, n);
  f->observation_begin_s = ART_NEW(int32_t, n);
  f->observation_length_s = ART_NEW(int32_t, n);
  f->observation_flow_vph = ART_NEW(float, n);
  f->observation_quality = ART_NEW(float, n);
  int64_t kept = 0;
  for (int64_t k = 0; k < im->row_count; ++k) {
    const row *r = &im->rows[k], *before = k > 0 ? &im->rows[k - 1] : NULL;
    if (before && before->station == r->station && before->date == r->date && before->begin_s == r->begin_s) {
      char date[16];
      art_date_print(r->date, date);
      note(im, r->line, "station '%.100s': a second count for %s %02d:%02d; the first is kept",
           f->station_id[r->station], date, r->begin_s / 3600, r->begin_s / 60 % 60);
      ++im->report->rejected_values;
      continue;
    }
    f->observation_station[kept] = r->station;
    f->observation_date[kept] = r->date;
    f->observation_begin_s[kept] = r->begin_s;
    f->observation_length_s[kept] = im->map->interval_s;
    f->observation_flow_vph[kept] = r->flow_vph;
    f->observation_quality[kept++] = r->quality;
  }
  f->observation_count = kept;
}

static void start(importer *im, const art_counts_map *map, const art_net *net, art_reject_report *report)
{
  *im = (importer){ .map = map,
                    .report = report,
                    .links = art_idmap_new(),
                    .stations = art_idmap_new(),
                    .feed = art_feed_new(),
                    .begin = -1,
                    .value = -1,
                    .quality = -1,
                    .date = -1 };
  *report = (art_reject_report){ 0 };
  im->distance = ART_NEW(int32_t, map->rank_count);
  im->feed->timezone = art_strdup(map->timezone);
  for (int32_t l = 0; l < net->link_count; ++l) art_idmap_put(im->links, net->link_id[l]);
}

static art_status finish(importer *im, art_status status, const char *table, art_feed **out, art_error *err)
{
  if (status == ART_OK && im->report->accepted == 0)
    status = art_fail(err, ART_E_INPUT, "%s: none of its %" PRId64 " rows is usable%s%s", table,
                      im->report->rows, im->report->message_count ? "; the first problem: " : "",
                      im->report->message_count ? im->report->message[im->report->message_count - 1] : "");
  if (status == ART_OK) {
    im->name = table;
    build_observations(im);
    status = art_feed_check(im->feed, err);
  }
  *out = status == ART_OK ? im->feed : NULL;
  if (status != ART_OK) art_feed_free(im->feed);
  art_idmap_free(im->links);
  art_idmap_free(im->stations);
  free(im->distance);
  free(im->rows);
  return status;
}

art_status art_counts_import(const char *table_path, const char *stations_path, const art_counts_map *map,
                             const art_net *net, art_reject_report *report, art_feed **out, art_error *err)
{
  *out = NULL;
  if (!stations_path) stations_path = map->stations_path;
  if (!stations_path)
    return art_fail(err, ART_E_INPUT, "%s: names no station table (stations.table), and none is given",
                    map->path);
  importer im;
  start(&im, map, net, report);
  im.name = stations_path;
  art_status status =
      art_csv_walk(stations_path, map->stations_separator, stations_header, stations_row, &im, err);
  im.name = table_path;
  if (status == ART_OK) status = art_csv_walk(table_path, map->separator, table_header, table_row, &im, err);
  return finish(&im, status, table_path, out, err);
}

art_status art_counts_import_text(const char *table, size_t table_size, const char *stations,
                                  size_t stations_size, const art_counts_map *map, const art_net *net,
                                  art_reject_report *report, art_feed **out, art_error *err)
{
  *out = NULL;
  importer im;
  start(&im, map, net, report);
  im.name = "stations";
  art_status status = art_csv_walk_text(im.name, stations, stations_size, map->stations_separator,
                                        stations_header, stations_row, &im, err);
  im.name = "table";
  if (status == ART_OK)
    status = art_csv_walk_text(im.name, table, table_size, map->separator, table_header, table_row, &im, err);
  return finish(&im, status, im.name, out, err);
}
