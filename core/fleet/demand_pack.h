/// \file demand_pack.h
/// A demand for a run, in less memory.
#ifndef ART_CORE_FLEET_DEMAND_PACK_H
#define ART_CORE_FLEET_DEMAND_PACK_H
#include "core/fleet/demand.h"

/// Routes of the same links become one, in the order of their first one; trips follow. Columns of trips that hold one value are
/// freed: art_trip_set and its like tell it from then on. No trip drives otherwise than before. To be called once the demand is
/// checked and nobody reads these columns but by those functions.
void art_demand_pack(art_demand *demand);
/// Bytes of all its arrays, without the allocator's own share.
int64_t art_demand_bytes(const art_demand *demand);

#endif  // ART_CORE_FLEET_DEMAND_PACK_H
