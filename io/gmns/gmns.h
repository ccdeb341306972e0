/// \file gmns.h
/// General Modeling Network Specification 0.96 (zephyr-data-specs/GMNS): a folder of CSV tables, read and written.
#ifndef ART_IO_GMNS_GMNS_H
#define ART_IO_GMNS_GMNS_H
#include <stdint.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/sketch/sketch.h"

typedef struct art_gmns_options {
  const char *crs;  ///< NULL: what config.csv says
  int left_hand;
} art_gmns_options;

typedef struct art_gmns_report {
  int64_t nodes, links, lanes, segments, movements;  ///< rows read
  int64_t walk_links;                                ///< links on which nobody drives, left out
  int64_t side_lanes;                                ///< lanes for walking or parking, left out
  int64_t pockets;                                   ///< links divided where lanes begin or end
  int64_t lanes_guessed;                             ///< links that say nothing of their lanes
  int64_t speeds_guessed;                            ///< links without a speed, taken as 50 km/h
  int64_t lanes_moved;     ///< lanes of movements that are not there; the nearest were taken
  int64_t lost_movements;  ///< of links that are not there, or on which nobody drives
  int64_t unknown_uses;    ///< names of uses that nobody defines
  int64_t programs;        ///< of signals
  int64_t plans_refused;   ///< timing plans whose phases would let crossing streams go together
  int64_t phases_without_movement;
  char refused_plan[256];  ///< the first of them, and why
  double length_unit_m;    ///< of the column length: what config.csv says, or what the geometry shows
  int lengths_are_short;   ///< 1: lengths are in the short unit, against config.csv
  int crs_guessed;         ///< 1: no system was named; coordinates look like longitudes and latitudes
  art_sketch_report sketch;
} art_gmns_report;

/// Reads a folder: node.csv and link.csv, and as many of config, geometry, lane, segment, segment_lane, movement,
/// use_group and signal_* as there are. ART_E_INPUT with file and line where a table is wrong. The city is checked and has
/// no sources yet. Not collective.
art_status art_gmns_read(const char *folder, const art_gmns_options *options, art_city **city,
                         art_gmns_report *report, art_error *err);

typedef struct art_gmns_losses {
  int64_t
      programs;  ///< signal programs that the tables cannot hold (neither by the clock nor NEMA), left out
} art_gmns_losses;

/// Writes config, node, link, lane, movement, use_definition, use_group and, where there are signals, signal_* tables into a
/// folder that exists. Reading them again gives the same city, but for what GMNS does not know (docs/import-formats.md).
art_status art_gmns_write(const art_city *city, const char *folder, art_gmns_losses *losses, art_error *err);

/// The tables that art_gmns_write() may write, NULL-terminated.
extern const char *const art_gmns_tables[];

#endif  // ART_IO_GMNS_GMNS_H
