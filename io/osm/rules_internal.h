/// \file rules_internal.h
/// Right of way between movements of a junction.
#ifndef ART_IO_OSM_RULES_INTERNAL_H
#define ART_IO_OSM_RULES_INTERNAL_H
#include "io/osm/map_internal.h"

/// 1 if movement p gives way to q, which comes from another link of the same junction.
int art_map_gives_way(const art_map *plan, int32_t p, int32_t q);
int art_map_passes(const art_map *plan, int32_t p, int32_t q);
/// 1 if vehicles of the movement may wait within the junction.
int art_map_waits_inside(const art_map *plan, int32_t movement);

#endif  // ART_IO_OSM_RULES_INTERNAL_H
