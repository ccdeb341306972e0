/// \file counts_map.h
/// The map file of `arterial import counts`: how a table of counts is laid out, in which unit and time zone, and which
/// station counts which link. So the knowledge about a table stands in a file beside it, not in the program.
///
///     arterial: 1
///     timezone: Europe/Rome
///     table:
///       layout: wide                # one row a day and station, one column an hour
///       station: loop_id            # column names
///       date: date                  # YYYY-MM-DD
///       values: "h{hh}"             # {hh} is 00 .. 23, {h} is 0 .. 23
///     stations:
///       table: loops.csv            # beside the map; --stations overrides
///       station: loop_id
///       link: edge
///
/// A long table has `layout: long`, `begin:` (column with local "YYYY-MM-DD HH:MM[:SS]", a T is fine too), `value:`,
/// optionally `quality:` (0 to 1), and `interval:`.
#ifndef ART_IO_FEED_COUNTS_MAP_H
#define ART_IO_FEED_COUNTS_MAP_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

typedef enum art_counts_layout { ART_COUNTS_WIDE, ART_COUNTS_LONG } art_counts_layout;
typedef enum art_counts_unit { ART_COUNTS_VEH_PER_HOUR, ART_COUNTS_VEH } art_counts_unit;

/// A source of station-to-link matches, best first in the list.
typedef struct art_counts_rank {
  char *source;           ///< as in the source column
  char *distance_column;  ///< NULL: none
} art_counts_rank;

/// Stations whose id matches the shell pattern are not used, for this reason.
typedef struct art_counts_exclude {
  char *match, *reason;
} art_counts_exclude;

typedef struct art_counts_map {
  char *path;
  char *timezone;
  // table:
  int layout, unit;
  char separator;
  int32_t interval_s;
  char *station_column, *date_column, *values_pattern;  ///< wide
  char *begin_column, *value_column, *quality_column;   ///< long; quality may be NULL
  int32_t missing_count;
  char **missing;  ///< texts that stand for "no value"; "" always does
  // stations:
  char *stations_path;  ///< NULL: to be given by option
  char stations_separator;
  char *id_column, *link_column, *source_column, *lanes_column;  ///< the last two may be NULL
  int32_t rank_count;
  art_counts_rank *rank;
  int32_t exclude_count;
  art_counts_exclude *exclude;
} art_counts_map;

/// Unknown keys, missing ones and wrong values are ART_E_INPUT with "file:line:column: ".
art_status art_counts_map_read(const char *path, art_counts_map **out, art_error *err);
/// The same from memory. `name` is the path that messages and relative paths go by.
art_status art_counts_map_parse(const char *name, const char *text, size_t size, art_counts_map **out,
                                art_error *err);
void art_counts_map_free(art_counts_map *map);

#endif  // ART_IO_FEED_COUNTS_MAP_H
