/// \file condition.h
/// Conditions of conditional tags, "value @ (condition)": hours, weekdays, limits of weight and size.
#ifndef ART_IO_OSM_CONDITION_H
#define ART_IO_OSM_CONDITION_H
#include <stddef.h>
#include <stdint.h>

enum { ART_OSM_MAX_WINDOWS = 8 };
enum { ART_OSM_MINUTES_OF_DAY = 1440 };

#define ART_OSM_WORKDAYS 0x1fu      ///< bit 0 is Monday
#define ART_OSM_ALL_DAYS 0x7fu      ///< Monday to Sunday
#define ART_OSM_PUBLIC_HOLIDAY 0x80u

/// A part of the week. A window over midnight ends beyond ART_OSM_MINUTES_OF_DAY and belongs to the day it
/// begins on.
typedef struct art_osm_window {
  uint8_t days;  ///< mask of weekdays
  uint16_t begin_min, end_min;
} art_osm_window;

/// What one condition asks for: any of the windows (none: at all times) and all of the limits.
typedef struct art_osm_condition {
  int32_t window_count;
  art_osm_window window[ART_OSM_MAX_WINDOWS];
  float min_weight_t, max_weight_t;  ///< the condition holds for heavier / lighter vehicles only; 0: no limit
  float min_length_m, max_length_m;
  float min_height_m, min_width_m;
  int needs_weather;     ///< wet, snow, ice, fog: holds in such weather only
  int is_by_permission;  ///< destination, delivery, residents: holds for those only
  int is_understood;     ///< 0: a part of it is unknown; then the condition counts as not fulfilled
} art_osm_condition;

/// Reads the text of one condition. Returns is_understood.
int art_osm_condition_parse(const char *text, size_t length, art_osm_condition *out);

/// What art_osm_condition_holds() compares with.
typedef struct art_osm_moment {
  int day;         ///< 0 Monday .. 6 Sunday, 7 public holiday, -1: at no particular time (windows never hold)
  int minute;      ///< of the day
  float weight_t;  ///< of the vehicle; 0: light enough for every limit
  float length_m, height_m, width_m;
} art_osm_moment;
int art_osm_condition_holds(const art_osm_condition *condition, const art_osm_moment *moment);

/// Splits "a @ (x; y); b @ z": the next clause begins at *at. Sets value and condition (borrowed pieces of
/// the text) and moves *at behind. Returns 0 at the end. A clause without '@' has an empty condition.
typedef struct art_osm_piece {
  const char *text;
  size_t length;
} art_osm_piece;
int art_osm_condition_next(const char **at, art_osm_piece *value, art_osm_piece *condition);

#endif  // ART_IO_OSM_CONDITION_H
