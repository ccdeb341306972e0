/// \file patch.h
/// Corrections by hand, in terms of OpenStreetMap's ids, so that they hold for a later extract too.
#ifndef ART_IO_OSM_PATCH_H
#define ART_IO_OSM_PATCH_H
#include <stdint.h>

/// What a way is like instead: -1 stays as tagged.
typedef struct art_patch_way {
  int64_t id;
  int32_t lanes[2];  ///< along and against
  double speed_mps;
  int32_t priority;  ///< rank among the approaches of a junction; INT32_MIN: by class
  int8_t is_dropped;
  uint8_t is_used;
} art_patch_way;

/// A turn that is there, or is not, whatever tags and geometry say.
typedef struct art_patch_turn {
  int64_t from, via, to;       ///< way, node, way
  int32_t from_lane, to_lane;  ///< -1: all
  uint8_t is_allowed, is_used;
} art_patch_turn;

/// Nodes that are one junction (join) or never of one (separate).
typedef struct art_patch_join {
  int32_t count;
  int64_t *node;
  uint8_t is_join, is_used;
} art_patch_join;

typedef struct art_patch_signal {
  int64_t node;
  int8_t has_signal;  ///< 0 none, 1 one
  double cycle_s;     ///< 0: guessed
  uint8_t is_used;
} art_patch_signal;

typedef struct art_osm_patch {
  int32_t way_count, turn_count, join_count, signal_count;
  int32_t way_capacity, turn_capacity, join_capacity, signal_capacity;
  art_patch_way *way;
  art_patch_turn *turn;
  art_patch_join *join;
  art_patch_signal *signal;
} art_osm_patch;

void art_osm_patch_free(art_osm_patch *patch);
/// NULL where the patch (may be NULL) says nothing.
art_patch_way *art_osm_patch_way(const art_osm_patch *patch, int64_t id);
art_patch_signal *art_osm_patch_signal(const art_osm_patch *patch, int64_t node);

#endif  // ART_IO_OSM_PATCH_H
