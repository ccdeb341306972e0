#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/feed.h"
#include "io/h5/h5.h"

#define FEED_SCHEMA "feed"
enum { FEED_VERSION = 1 };

static const char *const kind_names[] = {
#define X(name, text) text,
  ART_STATION_KIND_LIST(X)
#undef X
};

/// One column of a group: name, type, unit, sentence, where its pointer stands in the struct.
typedef struct column {
  const char *name;
  art_h5_type type;
  const char *units, *sentence;
  size_t offset;
} column;
#define COLUMN(member, name, type, units, sentence)                  \
  {                                                                  \
    name, ART_H5_##type, units, sentence, offsetof(art_feed, member) \
  }

static const column station_columns[] = {
  COLUMN(station_link, "link", STRING, NULL, "Link whose traffic is counted; empty: none"),
  COLUMN(station_kind, "kind", UINT8, NULL, "Kind of station"),
  COLUMN(station_source, "source", STRING, NULL, "How the link was found"),
  COLUMN(station_rank, "rank", INT32, "1", "Trust in that source, 0 is best"),
  COLUMN(station_distance_m, "distance", FLOAT, "m", "From the station's position to the link"),
  COLUMN(station_lanes, "lanes", INT32, "1", "Lanes of the link that are covered; 0: not stated"),
  COLUMN(station_exclude, "exclude", STRING, NULL, "Why it must not be used; empty: it may be used"),
};
static const column observation_columns[] = {
  COLUMN(observation_station, "station_index", INT32, "1", "Row of the station in /stations"),
  COLUMN(observation_date, "date", INT32, "days since 1970-01-01", "Local date"),
  COLUMN(observation_begin_s, "begin", INT32, "s", "Begin of the interval, seconds after local midnight"),
  COLUMN(observation_length_s, "length", INT32, "s", "Length of the interval"),
  COLUMN(observation_flow_vph, "flow", FLOAT, "h-1", "Vehicles per hour"),
  COLUMN(observation_quality, "quality", FLOAT, "1", "Quality, 0 worthless to 1"),
};
enum {
  STATION_COLUMNS = sizeof station_columns / sizeof *station_columns,
  OBSERVATION_COLUMNS = sizeof observation_columns / sizeof *observation_columns
};

static void *column_of(const art_feed *feed, const column *c)
{
  void *pointer;
  memcpy(&pointer, (const char *)feed + c->offset, sizeof pointer);
  return pointer;
}

static void put_columns(art_h5 *f, const char *group, const char *axis, int count, const column *columns,
                        int64_t rows, const art_feed *feed)
{
  for (int i = 0; i < count; ++i) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", group, columns[i].name);
    art_h5_put(f,
               &(art_h5_var){ .path = path,
                              .type = columns[i].type,
                              .units = columns[i].units,
                              .long_name = columns[i].sentence,
                              .axis = { axis } },
               rows, 0, column_of(feed, &columns[i]));
  }
}

art_status art_feed_write(const char *path, const art_feed *feed, const char *command, int source_count,
                          const art_feed_source *source, int force, art_error *err)
{
  art_status status = art_feed_check(feed, err);
  if (status != ART_OK) return status;
  art_h5 *f;
  status = art_h5_create(path, force, &f, err);
  if (status != ART_OK) return status;
  art_h5_set_schema(f, FEED_SCHEMA, FEED_VERSION, "Traffic counts", command);
  art_h5_set_text(f, "/", "timezone", feed->timezone);
  const char **texts = ART_NEW(const char *, source_count);
  for (int i = 0; i < source_count; ++i) texts[i] = source[i].path;
  if (source_count) art_h5_set_array(f, "/", "input_path", ART_H5_STRING, source_count, texts);
  for (int i = 0; i < source_count; ++i) texts[i] = source[i].sha256;
  if (source_count) art_h5_set_array(f, "/", "input_sha256", ART_H5_STRING, source_count, texts);
  free(texts);

  art_h5_group(f, "/stations");
  art_h5_put(f,
             &(art_h5_var){
                 .path = "/stations/station", .type = ART_H5_STRING, .long_name = "Station", .is_scale = 1 },
             feed->station_count, 0, feed->station_id);
  put_columns(f, "/stations", "station", STATION_COLUMNS, station_columns, feed->station_count, feed);
  art_h5_set_flags(f, "/stations/kind", ART_STATION_KIND_COUNT, kind_names);
  art_h5_group(f, "/observations");
  art_h5_put_index(f, "/observations/observation", feed->observation_count, "Observation");
  put_columns(f, "/observations", "observation", OBSERVATION_COLUMNS, observation_columns,
              feed->observation_count, feed);
  return art_h5_commit(f, err);
}

static void get_columns(art_h5 *f, const char *group, int count, const column *columns, int64_t rows,
                        art_feed *feed)
{
  for (int i = 0; i < count; ++i) {
    char path[64];
    snprintf(path, sizeof path, "%s/%s", group, columns[i].name);
    void *pointer = art_h5_get_new(f, path, columns[i].type, rows, 0, NULL);
    memcpy((char *)feed + columns[i].offset, &pointer, sizeof pointer);
  }
}

static void read_feed(art_h5 *f, art_feed *feed)
{
  if (art_h5_check_schema(f, FEED_SCHEMA, FEED_VERSION) != ART_OK) return;
  feed->timezone = art_h5_get_text(f, "/", "timezone");
  if (!feed->timezone) art_h5_refuse(f, "/", "has no attribute 'timezone'");
  int64_t stations = art_h5_rows(f, "/stations/station"),
          rows = art_h5_rows(f, "/observations/station_index");
  if (stations > INT32_MAX)
    art_h5_refuse(f, "/stations", "has %" PRId64 " rows, expected at most %d", stations, INT32_MAX);
  if (art_h5_status(f, NULL) != ART_OK) return;
  feed->station_id = art_h5_get_new(f, "/stations/station", ART_H5_STRING, stations, 0, NULL);
  if (feed->station_id) feed->station_count = (int32_t)stations;
  get_columns(f, "/stations", STATION_COLUMNS, station_columns, stations, feed);
  get_columns(f, "/observations", OBSERVATION_COLUMNS, observation_columns, rows, feed);
  feed->observation_count = rows;
}

art_status art_feed_read(const char *path, art_feed **out, art_error *err)
{
  *out = NULL;
  art_h5 *f;
  art_status status = art_h5_open(path, &f, err);
  if (status != ART_OK) return status;
  art_feed *feed = art_feed_new();
  read_feed(f, feed);
  status = art_h5_commit(f, err);
  if (status == ART_OK) {
    status = art_feed_check(feed, err);
    if (status != ART_OK) art_fail_prefix(err, "%s: ", path);
  }
  if (status == ART_OK)
    *out = feed;
  else
    art_feed_free(feed);
  return status;
}
