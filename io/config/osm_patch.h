/// \file osm_patch.h
/// Corrections of an OpenStreetMap import from a YAML file:
///
///     ways:
///       23772585: { lanes: 2, lanes_backward: 1, speed: 50 km/h, priority: 80, drop: false }
///     turns:
///       - { from: 23772585, via: 286944637, to: 37335807, allow: no }
///       - { from: 23772585, via: 286944637, to: 37335811, from_lane: 1, to_lane: 0 }   # kerbside lane is 0
///     joins:
///       - join: [286944637, 286944640]
///       - separate: [25177174]
///     signals:
///       286944637: { signal: yes, cycle: 90 s }
#ifndef ART_IO_CONFIG_OSM_PATCH_H
#define ART_IO_CONFIG_OSM_PATCH_H
#include "core/base/status.h"
#include "io/osm/patch.h"

/// From a file, or from text where it is not NULL (`path` is then for messages). Unknown keys and values out of range are
/// errors with line and column. On failure *out is NULL.
art_status art_osm_patch_read(const char *path, const char *text, art_osm_patch **out, art_error *err);

#endif  // ART_IO_CONFIG_OSM_PATCH_H
