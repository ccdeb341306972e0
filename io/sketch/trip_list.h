/// \file trip_list.h
/// A demand that grows trip by trip, for readers of formats.
#ifndef ART_IO_SKETCH_TRIP_LIST_H
#define ART_IO_SKETCH_TRIP_LIST_H
#include <stdint.h>

#include "core/fleet/demand.h"

typedef struct art_trip_row {
  char *id;
  int64_t depart_ms;
  int32_t route, set, lane;
  float pos_m, speed_mps;
} art_trip_row;

/// Start from { 0 }; art_trip_list_finish() or art_trip_list_clear() ends it.
typedef struct art_trip_list {
  art_demand *demand;
  int64_t link_count, link_capacity;
  int32_t type_capacity, route_capacity, trip_count, trip_capacity;
  art_trip_row *trip;
} art_trip_list;

/// Adds a type and a set of it alone; returns the set.
int32_t art_trip_list_add_type(art_trip_list *list, const char *id, const art_vtype *type);
/// Adds links to the route that is being added; end_route() returns its index.
void art_trip_list_add_links(art_trip_list *list, int32_t count, const int32_t *links);
int32_t art_trip_list_end_route(art_trip_list *list);
/// Links of the route that is being added, so far; forget_route() drops them.
int64_t art_trip_list_open_links(const art_trip_list *list);
void art_trip_list_forget_route(art_trip_list *list);
/// A trip on the best lane, from the begin of its first link to the end of the last, as fast as is safe. Copies the id.
void art_trip_list_add_trip(art_trip_list *list, const char *id, int64_t depart_ms, int32_t route,
                            int32_t set);
/// Sorts the trips and hands the demand over, checked against the net; on failure *out is NULL. The list is spent.
art_status art_trip_list_finish(art_trip_list *list, const art_net *net, art_demand **out, art_error *err);
void art_trip_list_clear(art_trip_list *list);

#endif  // ART_IO_SKETCH_TRIP_LIST_H
