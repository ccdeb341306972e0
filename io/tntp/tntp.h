/// \file tntp.h
/// TNTP, the format of the assignment networks of bstabler/TransportationNetworks: net, trips and node files.
#ifndef ART_IO_TNTP_TNTP_H
#define ART_IO_TNTP_TNTP_H
#include <stdint.h>
#include <stdio.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/sketch/sketch.h"

typedef struct art_tntp_link {
  int32_t from, to;  ///< from 1
  double capacity, length, time;
} art_tntp_link;

typedef struct art_tntp_net {
  int32_t zones, nodes, first_through;  ///< nodes below first_through carry no through traffic
  int32_t link_count, link_capacity;
  art_tntp_link *link;
  double length_unit_m, time_unit_s;  ///< by the header of the file; 0: it does not say
} art_tntp_net;

/// Trips between zones; `flow` has zones x zones values, from by to.
typedef struct art_tntp_trips {
  int32_t zones;
  double *flow, total;
} art_tntp_trips;

/// Read a file from a stream; `name` is for messages, which tell the line. The result is owned by the caller.
art_status art_tntp_read_net(const char *name, FILE *file, art_tntp_net *net, art_error *err);
art_status art_tntp_read_trips(const char *name, FILE *file, art_tntp_trips *trips, art_error *err);
/// Coordinates of all nodes, x and y one after the other; a node that the file lacks is an error.
art_status art_tntp_read_nodes(const char *name, FILE *file, int32_t nodes, double **xy, art_error *err);
void art_tntp_net_clear(art_tntp_net *net);
void art_tntp_trips_clear(art_tntp_trips *trips);

typedef struct art_tntp_options {
  double length_unit_m, time_unit_s;  ///< 0: what the file says, else kilometres and minutes
  double lane_capacity;               ///< vehicles per hour and lane, for the number of lanes
  int32_t lanes_most;
  int signals;      ///< 1: where three or more streets of at most 80 km/h meet; 0: nowhere
  const char *crs;  ///< of the node file; NULL: a drawing without scale
  const char *title;
  int left_hand;
} art_tntp_options;

typedef struct art_tntp_report {
  double length_unit_m, time_unit_s, speed_mps;  ///< units used, and the median of free speeds
  int64_t links_without_time, links_without_length, lanes_clipped, speeds_clipped;
  int is_drawn;  ///< 1: no node file; nodes were placed by their distances
  art_sketch_report sketch;
} art_tntp_report;

/// The city of a net: macroscopic links become roads with lanes by their capacity and a speed by their time. `xy` from
/// art_tntp_read_nodes(), or NULL. Node ids are the numbers, links "from_to". ART_E_INPUT where the units give speeds that
/// nobody drives.
art_status art_tntp_build(const art_tntp_net *net, const double *xy, const art_tntp_options *options,
                          art_city **city, art_tntp_report *report, art_error *err);

/// Places of nodes in a plane whose distances are about those along the links (Brandes and Pich 2007, pivot scaling).
void art_tntp_place(const art_tntp_net *net, const double *length_m, double *xy);

#endif  // ART_IO_TNTP_TNTP_H
