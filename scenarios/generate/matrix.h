/// \file matrix.h
/// Trips out of a matrix between zones.
#ifndef ART_SCENARIOS_GENERATE_MATRIX_H
#define ART_SCENARIOS_GENERATE_MATRIX_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"
#include "core/net/network.h"

/// Zones and the nodes of the city that are theirs: those of zone z are node[first[z]] ... node[first[z + 1] - 1].
typedef struct art_zone_nodes {
  int32_t count;
  int32_t *first, *node;
} art_zone_nodes;

typedef struct art_matrix_options {
  double begin_s, duration_s;  ///< departures spread evenly at random
  double scale;                ///< trips for each of the matrix
  int32_t vclass;
  uint64_t seed;
} art_matrix_options;

typedef struct art_matrix_report {
  double wanted;        ///< trips of the matrix, scaled, between different zones
  int64_t trips;        ///< made
  int64_t pairs_lost;   ///< pairs of zones that no way joins
  double trips_lost;    ///< wanted between these
  double trips_inside;  ///< wanted inside zones: nobody drives
} art_matrix_report;

/// Fills the flows from zone `row` to all zones.
typedef art_status art_matrix_row(void *context, int32_t row, double *flow, art_error *err);

/// Trips from links that leave the nodes of a zone to links that lead to the nodes of another, by the fastest of these ways
/// at free flow. Of a flow that is no whole number the rest is a chance. A function of its arguments.
art_status art_matrix_trips(const art_net *net, const art_zone_nodes *zones,
                            const art_matrix_options *options, art_matrix_row *row, void *context,
                            art_demand **out, art_matrix_report *report, art_error *err);

#endif  // ART_SCENARIOS_GENERATE_MATRIX_H
