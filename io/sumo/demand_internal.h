/// \file demand_internal.h
/// What additional and route files hold, before it is resolved against the city. Elements may refer to what follows
/// later or stands in another file, so names are interned and resolved at the end.
#ifndef ART_IO_SUMO_DEMAND_INTERNAL_H
#define ART_IO_SUMO_DEMAND_INTERNAL_H
#include <stdint.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"
#include "io/city/city.h"
#include "io/sumo/raw_internal.h"
#include "io/sumo/xml_internal.h"

/// Where something stands, for messages.
typedef struct art_raw_place {
  const char *file;  ///< borrowed
  int line;
} art_raw_place;

typedef struct art_raw_type {
  int32_t name;
  art_vtype type;
  double probability;  ///< within the distribution that it stands in
} art_raw_type;

/// A distribution of types or of routes. Its members are rows of the list below with this index.
typedef struct art_raw_mix {
  int32_t name;  ///< -1: the child of one vehicle
  art_raw_place place;
} art_raw_mix;
typedef struct art_raw_member {
  int32_t mix, name;  ///< name of a type or route; -1: `route` instead
  int32_t route;
  double probability;
} art_raw_member;

typedef struct art_raw_route {
  int32_t name;  ///< -1: the child of one vehicle
  int32_t first_link, link_count, first_stop, stop_count;
  int32_t final;  ///< index in the demand, -1 until first used
  char *problem;  ///< reason why it cannot be driven, or NULL
  art_raw_place place;
} art_raw_route;

typedef struct art_raw_stop {
  int32_t owner;          ///< art_raw_stop_owner coded: vehicle index, or ~route index
  int32_t bus_stop;       ///< name or -1
  int32_t lane;           ///< link lane; -1 where bus_stop or link is given
  int32_t link;           ///< -1 where lane or bus_stop is given
  double start_m, end_m;  ///< NAN: not given
  int64_t duration_ms, until_ms;
  uint8_t is_beside;  ///< parking="true"
  char *problem;
} art_raw_stop;

typedef enum art_raw_flow_kind {
  ART_RAW_SINGLE,
  ART_RAW_PERIOD,
  ART_RAW_NUMBER,
  ART_RAW_CHANCE,
  ART_RAW_EXPONENTIAL
} art_raw_flow_kind;

typedef struct art_raw_vehicle {
  char *id;
  int32_t type;                    ///< name
  int32_t route_name, route, mix;  ///< one of them is >= 0, or none
  int32_t first_link, link_count;  ///< from, via, to of a trip without route
  int64_t depart_ms;
  int32_t depart_lane;
  float depart_pos_m, depart_speed_mps;
  uint8_t departs_at_stop, arrives_anywhere;
  double arrival_pos_m;  ///< NAN: end of the lane
  uint8_t flow_kind;
  int64_t end_ms, number;   ///< of a flow
  double period_s, chance;  ///< period of a flow, or its rate for ART_RAW_EXPONENTIAL
  char *problem;
  art_raw_place place;
} art_raw_vehicle;

typedef struct art_raw_detector {
  char *id;
  uint8_t kind;
  int64_t period_ms;
  int32_t first_point, point_count;
} art_raw_detector;
typedef struct art_raw_point {
  int32_t lane;
  double pos_m, end_m;
  uint8_t role;
} art_raw_point;
typedef struct art_raw_bus_stop {
  int32_t name, lane;
  double start_m, end_m;
} art_raw_bus_stop;

typedef struct art_loader {
  art_city *city;
  const art_net *net;
  art_import_report *report;
  int64_t trip_limit;
  int skip_demand;
  art_idmap *link_ids, *lane_ids;
  // additional
  art_raw_signals *signals;
  art_idmap *stop_names, *detector_names;
  int32_t bus_stop_count, bus_stop_capacity, detector_count, detector_capacity, point_count, point_capacity;
  art_raw_bus_stop *bus_stop;
  art_raw_detector *detector;
  art_raw_point *point;
  // demand
  art_idmap *type_names, *route_names;
  int32_t type_count, type_capacity, type_mix_count, type_mix_capacity, type_member_count,
      type_member_capacity;
  art_raw_type *type;
  art_raw_mix *type_mix;
  art_raw_member *type_member;
  int32_t route_count, route_capacity, route_mix_count, route_mix_capacity, route_member_count,
      route_member_capacity;
  art_raw_route *route;
  art_raw_mix *route_mix;
  art_raw_member *route_member;
  int32_t link_count, link_capacity, stop_count, stop_capacity, vehicle_count, vehicle_capacity;
  int32_t *link;  ///< of raw routes
  art_raw_stop *stop;
  art_raw_vehicle *vehicle;
  // the element that is open, -1: none
  int32_t open_type, open_type_mix, open_route, open_route_mix, open_vehicle, open_detector;
  int has_root;
} art_loader;

art_loader *art_loader_new(art_city *city, art_raw_signals *signals, art_import_report *report);
void art_loader_free(art_loader *loader);
/// Reads one additional or route file; SUMO allows nearly everything in both.
art_status art_loader_read(art_loader *loader, const char *path, const art_sumo_text *text, art_error *err);

// additional.c: 1 if the element is one of theirs
int art_additional_start(art_loader *loader, art_xml *xml, const char *element);
void art_additional_end(art_loader *loader, art_xml *xml, const char *element);
/// Moves stops and detectors into the city's network.
void art_additional_build(art_loader *loader, art_net *net);
/// A position on a lane as SUMO means it: negative counts from the end. Returns 0 if it lies outside.
int art_lane_position(const art_net *net, int32_t lane, double value, int be_friendly, double *out);

// types.c
int art_types_start(art_loader *loader, art_xml *xml, const char *element);
void art_types_end(art_loader *loader, const char *element);
art_vtype art_sumo_type_default(int vclass);

// vehicles.c
int art_vehicles_start(art_loader *loader, art_xml *xml, const char *element);
void art_vehicles_end(art_loader *loader, const char *element);

// ways.c
/// What routing takes for giving way, by connector; the caller frees it.
float *art_yield_times(const art_net *net);
/// The fastest way at free flow past all links of `pass` in order, as SUMO finds it on the empty network; NULL if there is
/// none, and `detail` says between which. The caller frees it.
int32_t *art_way_past(const art_net *net, const float *yield_s, const int32_t *pass, int32_t pass_count,
                      int vclass, int32_t *count, char *detail, size_t size);

// demand_build.c
art_status art_demand_build(art_loader *loader, art_demand **out, art_error *err);

#endif  // ART_IO_SUMO_DEMAND_INTERNAL_H
