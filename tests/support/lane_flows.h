/// \file lane_flows.h
/// Demands of several flows for tests of lanes and stops. Free with art_demand_free().
#ifndef ART_TESTS_SUPPORT_LANE_FLOWS_H
#define ART_TESTS_SUPPORT_LANE_FLOWS_H
#include <stdint.h>

#include "core/fleet/demand.h"

/// Vehicles at even headways, rear bumper at the start of the lane, as fast as safe. The table ends with trips == 0.
typedef struct lane_flow {
  int32_t trips;
  int64_t begin_ms, headway_ms;
  int32_t route[8];  ///< links
  int32_t route_links;
  int32_t type;         ///< of the table of types
  int32_t depart_lane;  ///< index, or ART_LANE_...
} lane_flow;

/// Trips "f<flow>_<number>". `types` is a table of `type_count`.
art_demand *lane_flows_demand(const lane_flow *flows, int32_t type_count, const art_vtype *types);
/// The flow of a trip, from its id.
int32_t lane_flow_of(const art_demand *demand, int32_t trip);
/// A planned stop for every trip of a type.
typedef struct lane_stop {
  int32_t type, lane;
  float start_m, end_m;
  int64_t duration_ms;
  int is_beside;
  int32_t place;  ///< bus stop of the net, -1 none
} lane_stop;
/// Once per demand.
void lane_flows_stop(art_demand *demand, const lane_stop *stop);

#endif  // ART_TESTS_SUPPORT_LANE_FLOWS_H
