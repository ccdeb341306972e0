/// \file osm_defaults.h
/// A country's defaults for the OpenStreetMap importer from a YAML file:
///
///     country: CN            # a name; `like` or this chooses the built-in table to start from
///     like: generic
///     left_hand: false
///     mph: false
///     unlimited: 130 km/h
///     walk: 5 km/h
///     bus_lanes_serve_taxis: true
///     symbols: { urban: 50 km/h, motorway: 120 km/h }
///     classes:
///       primary: { urban: 60 km/h, rural: 80 km/h, lanes_oneway: 3, lanes_per_direction: 2, lane_width: 3.5, oneway: false }
#ifndef ART_IO_CONFIG_OSM_DEFAULTS_H
#define ART_IO_CONFIG_OSM_DEFAULTS_H
#include <stddef.h>

#include "core/base/status.h"
#include "io/osm/defaults.h"

/// What the file does not say stays as in the built-in table. Unknown keys and values out of range are errors
/// with line and column.
art_status art_osm_defaults_read(const char *path, art_osm_defaults *out, art_error *err);
art_status art_osm_defaults_read_text(const char *name, const char *text, size_t size, art_osm_defaults *out,
                                      art_error *err);

#endif  // ART_IO_CONFIG_OSM_DEFAULTS_H
