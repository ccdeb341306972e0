/// \file matrix_trips.h
/// Between demands and matrices in Open Matrix format.
#ifndef ART_SCENARIOS_CLI_MATRIX_TRIPS_H
#define ART_SCENARIOS_CLI_MATRIX_TRIPS_H
#include "core/base/status.h"

/// Counts the trips of a demand between zones of a table, or nodes (zones NULL), into an OMX file.
art_status art_matrix_from_trips(const char *demand, const char *city, const char *zones, const char *output,
                                 int force, art_error *err);

#endif  // ART_SCENARIOS_CLI_MATRIX_TRIPS_H
