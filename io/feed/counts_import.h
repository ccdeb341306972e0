/// \file counts_import.h
/// From a table of counts, a map and a city to a feed. Bad rows are rejected with a reason and counted; a bad file fails.
#ifndef ART_IO_FEED_COUNTS_IMPORT_H
#define ART_IO_FEED_COUNTS_IMPORT_H
#include <stdint.h>

#include "core/net/network.h"
#include "io/feed/counts_map.h"
#include "io/feed/feed.h"

enum { ART_REJECT_KEPT = 200 };  ///< messages that a report keeps; the rest are only counted

/// What was refused. Owned by the caller; free with art_reject_report_clear().
typedef struct art_reject_report {
  int64_t rows, accepted;  ///< rows of the counts table; a row with one bad value of 24 is still accepted
  int64_t rejected_rows;
  int64_t values, missing_values, rejected_values;
  int32_t stations,
      rejected_stations;  ///< stations of the station table; rejected: stated reason not to use it
  int32_t message_count;
  char *message[ART_REJECT_KEPT];  ///< "file:line: what, value, expected"
  int64_t further;                 ///< messages not kept
} art_reject_report;
void art_reject_report_clear(art_reject_report *report);

/// `stations_path` NULL: the one that the map names. Links are looked up in `net`; a station whose link is unknown stays
/// in the feed with that as its reason for exclusion. ART_E_INPUT if a column is missing or no row at all is usable.
art_status art_counts_import(const char *table_path, const char *stations_path, const art_counts_map *map,
                             const art_net *net, art_reject_report *report, art_feed **out, art_error *err);
/// The same from memory, for tests and fuzzing.
art_status art_counts_import_text(const char *table, size_t table_size, const char *stations,
                                  size_t stations_size, const art_counts_map *map, const art_net *net,
                                  art_reject_report *report, art_feed **out, art_error *err);

#endif  // ART_IO_FEED_COUNTS_IMPORT_H
