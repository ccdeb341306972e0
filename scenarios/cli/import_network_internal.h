/// \file import_network_internal.h
/// What the imports of network formats share: their options, and the writing of what they make.
#ifndef ART_SCENARIOS_CLI_IMPORT_NETWORK_INTERNAL_H
#define ART_SCENARIOS_CLI_IMPORT_NETWORK_INTERNAL_H
#include "io/city/city_file.h"
#include "io/sketch/sketch.h"

typedef struct art_import_arguments {
  const char *input[3];
  int input_count;
  const char *output, *demand_output, *matrix_output, *counts_output, *city, *crs, *zones, *nodes, *table,
      *matrix, *lookup, *command, *date, *timezone;
  const char *length_unit, *time_unit, *junctions, *control_points;
  double lane_capacity, lanes_most, begin_s, hours, scale, seed;
  int left_hand, force;
} art_import_arguments;

/// Hashes the inputs into the city's list of sources and writes it.
art_status art_import_write_city(const art_import_arguments *a, art_city *city, int file_count,
                                 char *const *file, art_error *err);
/// Writes a demand to a->demand_output, or beside the city.
art_status art_import_write_demand(const art_import_arguments *a, const art_demand *demand,
                                   const art_city *city, int file_count, char *const *file, art_error *err);
/// What a sketch had to do without.
void art_import_print_sketch(const art_sketch_report *report);
/// "note: TEXT: COUNT" where there is something to tell.
void art_import_note(int64_t count, const char *text);
/// The path of the city with another ending instead of .city.h5; the caller frees it.
char *art_import_beside(const char *city, const char *ending);
/// Before the work, so that nothing is half written for a file that stands in the way, and no input is lost. NULL is fine.
art_status art_import_check_free(const art_import_arguments *a, const char *path, art_error *err);

art_status art_import_cityflow(const art_import_arguments *a, art_error *err);
art_status art_import_tntp(const art_import_arguments *a, art_error *err);
art_status art_import_omx(const art_import_arguments *a, art_error *err);
art_status art_import_utdf(const art_import_arguments *a, art_error *err);
art_status art_import_gmns(const art_import_arguments *a, art_error *err);

#endif  // ART_SCENARIOS_CLI_IMPORT_NETWORK_INTERNAL_H
