/// \file demand_gather.h
/// A demand in less memory, gathered from parts, so that the whole is never held as it was: routes of the same links are one,
/// columns of trips that hold one value are none (as art_demand_pack leaves them), and ids lie in a pool.
///
///     art_demand_gather_new -> art_demand_gather_add * -> art_demand_gather_end
#ifndef ART_CORE_FLEET_DEMAND_GATHER_H
#define ART_CORE_FLEET_DEMAND_GATHER_H
#include "core/fleet/demand.h"

typedef struct art_demand_gather art_demand_gather;

/// For `trips` in all parts together.
art_demand_gather *art_demand_gather_new(int32_t trips);
/// Adds the trips of a checked part, which is taken apart and freed: as many as there is room for at most. Types and sets are
/// those of the first part; those of the others are the same.
void art_demand_gather_add(art_demand_gather *gather, art_demand *part);
/// Trips must ascend by (departure, key), keys must differ: ART_E_INPUT names those that do not. *out is owned by the caller.
/// Frees the gather, whatever comes of it; `out` NULL: only that.
art_status art_demand_gather_end(art_demand_gather *gather, art_demand **out, art_error *err);

#endif  // ART_CORE_FLEET_DEMAND_GATHER_H
