/// \file rows_internal.h
/// Trips under construction, and the network as links that follow one another.
#ifndef ART_SCENARIOS_GENERATE_ROWS_INTERNAL_H
#define ART_SCENARIOS_GENERATE_ROWS_INTERNAL_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"

typedef struct art_trip_draft {
  char *id;
  uint64_t key;
  int64_t depart_ms;
  int32_t route, lane;
  float pos_m, speed_mps;
} art_trip_draft;

/// A demand that grows trip by trip.
typedef struct art_demand_draft {
  art_demand *demand;
  int64_t link_count, link_capacity;
  int32_t route_capacity, trip_count, trip_capacity;
  art_trip_draft *trip;
} art_demand_draft;

/// One type and one set, named after the class.
art_demand_draft art_demand_draft_new(int32_t vclass);
void art_demand_draft_add_link(art_demand_draft *draft, int32_t link);
/// Ends the route that was being added; returns its index.
int32_t art_demand_draft_end_route(art_demand_draft *draft);
/// Takes the id, which must come from malloc.
void art_demand_draft_add_trip(art_demand_draft *draft, art_trip_draft trip);
/// Sorts trips and hands the demand over, checked against the net; on failure *out is NULL. The draft is spent.
art_status art_demand_draft_finish(art_demand_draft *draft, const art_net *net, art_demand **out,
                                   art_error *err);

/// Throws everything away.
void art_demand_draft_clear(art_demand_draft *draft);

/// What a class can do: hop k of link l for first[l] <= k < first[l + 1] leads to link to[k] over `connector`,
/// the first of those that do.
typedef struct art_hops {
  int32_t vclass, count;
  int32_t *first, *to, *connector;
  double *time_s;    ///< through the node at free flow
  double *link_s;    ///< along a link at free flow; 0 where the class may not drive
  double *length_m;  ///< of all lanes of a link that the class may use
} art_hops;
art_hops art_hops_new(const art_net *net, int32_t vclass);
void art_hops_free(art_hops *hops);

#endif  // ART_SCENARIOS_GENERATE_ROWS_INTERNAL_H
