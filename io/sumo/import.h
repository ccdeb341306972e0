/// \file import.h
/// Reads SUMO networks, additional files, demand and configurations into a city and a demand. Streaming; plain or gzip.
/// Broken files are errors with file and line. What is not understood is skipped and counted by name; rows that cannot
/// be used (a vehicle whose route is broken, a detector on an unknown lane) are rejected, counted by reason and listed.
#ifndef ART_IO_SUMO_IMPORT_H
#define ART_IO_SUMO_IMPORT_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "io/city/city.h"

/// Names with a count, sorted by first appearance.
typedef struct art_import_tally {
  int32_t count, capacity;
  char **name;
  int64_t *times;
} art_import_tally;

/// What an import met. Zero-initialise, free with art_import_report_clear().
typedef struct art_import_report {
  // what came in
  int64_t nodes, links, lanes, connectors, crossings, merges, diverges, holding_points;
  int64_t signals, programs, stops, point_detectors, area_detectors, entry_exit_detectors;
  int64_t foot_crossings;
  int64_t types, type_sets, routes, trips, trip_stops;
  // right of way against geometry
  int64_t foes_not_meeting;    ///< pairs that SUMO calls foes and whose paths do not meet: no conflict
  int64_t meeting_not_foes;    ///< pairs that meet although SUMO does not call them foes: kept, nobody yields
  int64_t lanes_without_exit;  ///< lanes that lead nowhere although their link goes on
  // what did not
  art_import_tally skipped_elements;    ///< unknown elements, subtree included
  art_import_tally skipped_attributes;  ///< "element@attribute"
  art_import_tally notes;               ///< read, but not exactly as written; the name is a sentence
  art_import_tally rejected;            ///< rows left out, by reason
  int32_t example_count, example_capacity;
  char **example;  ///< the first ten rejected rows of each reason: "file:line: id: reason, detail"
} art_import_report;

void art_import_report_clear(art_import_report *report);
/// Short lines, one fact each.
void art_import_report_print(const art_import_report *report, FILE *file);

typedef struct art_sumo_files {
  char *net;
  int32_t additional_count;
  char **additional;
  int32_t route_count;
  char **route;
  int holds_cycle;  ///< 1: actuated programs that say coordinated keep their cycle even where SUMO lets them run free
} art_sumo_files;
void art_sumo_files_clear(art_sumo_files *files);

/// What a *.sumocfg names, paths resolved against the configuration. Zero-initialise, art_sumo_config_clear().
typedef struct art_sumo_config {
  art_sumo_files files;
  int64_t begin_ms, end_ms;  ///< -1: not given
  int64_t step_ms;           ///< -1: not given
  int64_t seed;              ///< -1: not given
  art_import_tally skipped;  ///< options that mean nothing here
} art_sumo_config;
void art_sumo_config_clear(art_sumo_config *config);
/// Files that do not exist are listed together in one error.
art_status art_sumo_read_config(const char *path, art_sumo_config *out, art_error *err);

/// Reads everything. `crs` (such as "EPSG:32632", NULL: what the net says) overrides the projection of the net.
/// On success *city and *demand are owned by the caller; on failure both are NULL. `demand` may be NULL, then vehicles
/// and types are skipped. Sources with their SHA-256 stand in the city, in the order net, additional, routes.
art_status art_sumo_import_files(const art_sumo_files *files, const char *crs, art_city **city,
                                 art_demand **demand, art_import_report *report, art_error *err);

/// A file that stands in memory, for tests and fuzzing.
typedef struct art_sumo_text {
  const char *name;  ///< for messages
  const char *text;
  size_t size;
} art_sumo_text;
/// The same from memory: `text[0]` is the network, the rest additional and route files in loading order. No sources.
/// Flows expand to at most `trip_limit` trips, more is an error.
art_status art_sumo_import_texts(const art_sumo_text *text, int count, const char *crs, int64_t trip_limit,
                                 art_city **city, art_demand **demand, art_import_report *report,
                                 art_error *err);

#endif  // ART_IO_SUMO_IMPORT_H
