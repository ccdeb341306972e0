/// \file utdf.h
/// Synchro's UTDF in one CSV file: nodes, links, lane groups with volumes, timing plans and phases.
#ifndef ART_IO_UTDF_UTDF_H
#define ART_IO_UTDF_UTDF_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/sketch/sketch.h"

typedef struct art_utdf_options {
  int left_hand;
  /// Two or more nodes whose place is known: node ids, longitudes, latitudes. The file's own coordinates are turned, scaled
  /// and moved onto them. 0: they stay a drawing.
  int32_t control_count;
  char *const *control_id;
  const double *control_lon, *control_lat;
} art_utdf_options;

typedef struct art_utdf_report {
  int32_t nodes, links, lane_groups, signals;
  int32_t plans;            ///< of signals, by their phases
  int32_t plans_refused;    ///< whose phases would let crossing streams go together; a guess stands in
  int32_t bays;             ///< turn lanes with a storage length
  int32_t groups_attached;  ///< movements with volume but no lane of their own or of a neighbour
  int32_t roundabouts;      ///< taken as priority junctions
  int32_t overfull;         ///< approaches whose volumes are more than the lanes at the stop line could pass with green always
  double volume;            ///< vehicles per hour of all lane groups
  double control_error_m;   ///< largest distance of a control point after the fit
  char refused_plan[256];
  char overfull_first[128];  ///< one of them, with figures
  art_sketch_report sketch;
} art_utdf_report;

/// One movement with its volume, in links of the city.
typedef struct art_utdf_turn {
  int32_t from, to;
  double volume_vph;
} art_utdf_turn;

/// Reads a file. *turns (malloc, caller frees) has a row for each movement. Links are called "from_to". ART_E_INPUT with
/// file and line where the file is wrong.
art_status art_utdf_read(const char *path, const art_utdf_options *options, art_city **city,
                         art_utdf_turn **turns, int32_t *turn_count, art_utdf_report *report, art_error *err);
/// The same from memory; `name` is for messages.
art_status art_utdf_read_text(const char *name, const char *text, size_t size,
                              const art_utdf_options *options, art_city **city, art_utdf_turn **turns,
                              int32_t *turn_count, art_utdf_report *report, art_error *err);

/// Trips of one hour from the volumes: they enter at external nodes at the volumes of their first junction, and turn at each
/// junction in proportion to the volumes there, until they leave. `scale` times as many.
art_status art_utdf_trips(const art_net *net, int32_t turn_count, const art_utdf_turn *turns, double scale,
                          uint64_t seed, art_demand **out, art_error *err);

#endif  // ART_IO_UTDF_UTDF_H
