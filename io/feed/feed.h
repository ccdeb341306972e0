/// \file feed.h
/// A feed: counting stations on links of a city and what they observed, interval by interval. `*.feed.h5` holds exactly
/// these arrays. Times are local civil time of `timezone`: a date and seconds since its midnight.
#ifndef ART_IO_FEED_FEED_H
#define ART_IO_FEED_FEED_H
#include <stdint.h>

#include "core/base/status.h"

/// What a station is. X(suffix, name in files)
#define ART_STATION_KIND_LIST(X) \
  X(LOOP, "loop")                \
  X(AREA, "area")                \
  X(TURN, "turn")
typedef enum art_station_kind {
#define X(name, text) ART_STATION_##name,
  ART_STATION_KIND_LIST(X)
#undef X
      ART_STATION_KIND_COUNT
} art_station_kind;

/// Owned; art_feed_free() frees all of it. Observations are sorted by (station, date, begin), at most one each.
typedef struct art_feed {
  char *timezone;  ///< "Europe/Rome"
  int32_t station_count;
  char **station_id;          ///< unique
  char **station_link;        ///< id of the link whose traffic it counts; "": none
  uint8_t *station_kind;      ///< art_station_kind
  char **station_source;      ///< how the link was found, in the words of the table that came with the counts
  int32_t *station_rank;      ///< trust in that source, 0 is best
  float *station_distance_m;  ///< from the station's position to the link; NAN: unknown
  int32_t *station_lanes;     ///< lanes of the link that it covers; 0: not stated
  char **station_exclude;     ///< why it must not be used, known beforehand; "": it may be used

  int64_t observation_count;
  int32_t *observation_station;
  int32_t *observation_date;     ///< days since 1970-01-01
  int32_t *observation_begin_s;  ///< since midnight
  int32_t *observation_length_s;
  float *observation_flow_vph;  ///< vehicles per hour over the interval
  float *observation_quality;   ///< 0 (worthless) to 1
} art_feed;

art_feed *art_feed_new(void);
void art_feed_free(art_feed *feed);  ///< NULL is fine
/// Checks unique ids, indices, ranges, order. On failure `err` names the station or the observation.
art_status art_feed_check(const art_feed *feed, art_error *err);

/// Name and hash of a file that a feed was made from, for provenance.
typedef struct art_feed_source {
  const char *path, *sha256;
} art_feed_source;
/// Writes to a temporary name and renames; `force` 0: an existing file is ART_E_EXISTS.
art_status art_feed_write(const char *path, const art_feed *feed, const char *command, int source_count,
                          const art_feed_source *source, int force, art_error *err);
/// *out is owned by the caller; everything is checked.
art_status art_feed_read(const char *path, art_feed **out, art_error *err);

/// Days since 1970-01-01 of "YYYY-MM-DD" (exactly ten characters, a day that exists, years 1900 to 2199).
/// Returns 0 if it is not one.
int art_date_parse(const char *text, int32_t *days);
void art_date_print(int32_t days, char text[16]);
/// 0 Monday ... 6 Sunday.
int art_date_weekday(int32_t days);

#endif  // ART_IO_FEED_FEED_H
