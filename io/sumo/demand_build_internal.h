/// \file demand_build_internal.h
/// Types and routes of a demand while its trips are made. Private to io/sumo.
#ifndef ART_IO_SUMO_DEMAND_BUILD_INTERNAL_H
#define ART_IO_SUMO_DEMAND_BUILD_INTERNAL_H
#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

/// A trip that is taken, in the order of the files; they are sorted at the end.
typedef struct art_demand_trip {
  char *id;
  uint64_t key;
  int64_t depart_ms;
  int32_t set, route, depart_lane, first_stop, stop_count;
  float depart_pos_m, depart_speed_mps, arrival_pos_m;
} art_demand_trip;

/// A stop of such a trip.
typedef struct art_demand_stop {
  int32_t lane, place;
  float start_m, end_m;
  int64_t duration_ms, until_ms;
  uint8_t is_beside;
} art_demand_stop;

/// What is known while a demand is made; owned by art_demand_build().
typedef struct art_demand_builder {
  art_loader *l;
  const art_net *net;
  art_demand *demand;
  art_import_report *report;
  art_error *err;
  // by name: index or -1
  int32_t *type_of_name, *mix_of_name, *set_of_name, *route_of_name, *route_mix_of_name, *bus_stop_of_name;
  int32_t *first_type_member, *first_route_member;  // [mix + 1]; members of a mix stand together
  int32_t *first_stop;                              // [vehicle count + route count + 1] into stop_order
  int32_t *stop_order;
  art_idmap *route_keys, *trip_ids, *end_keys;
  int32_t *route_of_ends;  // by end_keys; -1: no way
  int32_t end_count, end_capacity;
  float *yield_s;                          // by connector: what routing takes for giving way
  uint32_t *class_checked, *class_passes;  // [final route], masks of classes
  int32_t set_capacity, member_count, member_capacity, probability_capacity, route_capacity, class_capacity;
  int64_t link_count, link_capacity;
  int32_t row_count, row_capacity, stop_count, stop_capacity;
  art_demand_trip *row;
  art_demand_stop *stop;
} art_demand_builder;

/// -1 in all places; the caller frees it.
int32_t *art_demand_unset(int32_t count);
/// Groups members by their mix. Members of one mix are appended together, but for nested ones, so order is kept. Returns the
/// first of each mix, [mixes + 1], which the caller frees.
int32_t *art_demand_group_members(art_raw_member *member, int32_t count, int32_t mixes);

/// Types of the demand, those included that SUMO has without being told.
void art_demand_types(art_demand_builder *b);
/// The set of a type's or distribution's name, made on first use. *set is -1 if the name is not defined.
art_status art_demand_find_set(art_demand_builder *b, int32_t name, int32_t *set);

/// Raw routes by name, before the functions below.
void art_demand_index_routes(art_demand_builder *b);
/// The raw route of a trip: its own, the one it names, or a draw from a distribution. The draw is a function of the trip's
/// key alone, so that a trip keeps its route whatever else is in the demand. -1 with *problem set if there is none.
int32_t art_demand_choose_route(art_demand_builder *b, const art_raw_vehicle *v, uint64_t key, const char **problem);
/// Index of a list of links among the routes of the demand; equal lists are one route.
int32_t art_demand_intern_route(art_demand_builder *b, const int32_t *link, int32_t count);
/// The route of a trip that names links to pass. The class is that of the set's first type. Trips with the same ends share it.
int32_t art_demand_route_of_ends(art_demand_builder *b, int32_t vehicle, int32_t set, const char **problem, char *detail,
                                 size_t size);
/// Why a class of the set cannot drive a route of the demand; NULL if all can. `detail` names the place.
const char *art_demand_route_problem(art_demand_builder *b, int32_t route, int32_t set, char *detail, size_t size);
/// Routes that only rejected vehicles would have driven do not stay.
void art_demand_drop_routes(art_demand_builder *b);

#endif  // ART_IO_SUMO_DEMAND_BUILD_INTERNAL_H
