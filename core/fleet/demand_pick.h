/// \file demand_pick.h
/// Demands made from trips of another one: chosen, copied, repeated.
#ifndef ART_CORE_FLEET_DEMAND_PICK_H
#define ART_CORE_FLEET_DEMAND_PICK_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/fleet/demand.h"

/// Copies of a trip depart somewhere in its slice, so that the profile of departures stays.
#define ART_SLICE_MS 300000

/// A demand with chosen trips of another: trip `from[k]` departing at `depart_ms[k]`. A trip taken once keeps its id;
/// further copies are "id#2", "id#3" ...; with a `tag`, the first copy is "id" + tag. Ids that exist already are skipped.
/// Trips come out sorted by (departure, key); origin[k'] (caller frees) is the trip each came from. Everything is copied.
typedef struct art_trip_pick {
  int32_t from;
  int64_t depart_ms;
  int32_t copy;     ///< 1: the trip itself
  const char *tag;  ///< NULL: none
} art_trip_pick;
art_demand *art_demand_pick(const art_demand *demand, int32_t count, const art_trip_pick *pick,
                            int32_t **origin);

/// `scale` times the trips: each one `scale` times, where that is no whole number one more with the probability of the rest;
/// copies depart at a drawn time of the same slice of 5 minutes. With repeat_ms > 0 all of it again every repeat_ms, as
/// long as departures lie before end_ms (ids "id@2", "id@3" ...); 0: once. Draws go by the trip's key alone, so that every
/// seed has the same demand, and a larger scale keeps the trips of a smaller one. *out is the caller's. ART_E_INPUT:
/// there would be too many trips.
art_status art_demand_multiply(const art_demand *demand, double scale, int64_t repeat_ms, int64_t end_ms,
                               art_demand **out, art_error *err);

#endif  // ART_CORE_FLEET_DEMAND_PICK_H
