/// \file cityflow.h
/// CityFlow's two files in JSON: road networks with signals (roadnet), and vehicles with routes (flow).
#ifndef ART_IO_CITYFLOW_CITYFLOW_H
#define ART_IO_CITYFLOW_CITYFLOW_H
#include <stdint.h>
#include <stdio.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/sketch/sketch.h"

typedef struct art_cityflow_report {
  int64_t intersections, roads, lane_links;
  int64_t signals;           ///< with phases of their own
  int64_t idle_phases;       ///< phases in which nobody may go, or of no time, left out
  int64_t vehicles, routes;  ///< of the flow
  int64_t completed;  ///< routes that name roads that do not follow each other; the fastest way lies between
  int64_t lost;       ///< vehicles whose roads no way joins, left out
  art_sketch_report sketch;
} art_cityflow_report;

/// Reads a roadnet. CityFlow counts lanes from the middle, and switches from phase to phase at once; here each change shows
/// yellow and red out of the time of the phase that ends. Coordinates are metres of no known system.
art_status art_cityflow_read_net(const char *path, int left_hand, art_city **city,
                                 art_cityflow_report *report, art_error *err);
/// The same from memory; `name` is for messages.
art_status art_cityflow_parse_net(const char *name, const char *text, size_t size, int left_hand,
                                  art_city **city, art_cityflow_report *report, art_error *err);

/// Reads a flow, vehicle by vehicle, for the city of its roadnet. Flows without an end run to `until_s`.
art_status art_cityflow_read_flow(const char *path, const art_net *net, double until_s, art_demand **demand,
                                  art_cityflow_report *report, art_error *err);
/// The same from a stream.
art_status art_cityflow_parse_flow(const char *name, FILE *file, const art_net *net, double until_s,
                                   art_demand **demand, art_cityflow_report *report, art_error *err);

#endif  // ART_IO_CITYFLOW_CITYFLOW_H
