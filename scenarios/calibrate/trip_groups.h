/// \file trip_groups.h
/// Trips of a demand grouped by what calibration weighs: same links driven by the same set of types. And the way back:
/// from a weight per group to a demand of whole trips.
#ifndef ART_SCENARIOS_CALIBRATE_TRIP_GROUPS_H
#define ART_SCENARIOS_CALIBRATE_TRIP_GROUPS_H
#include <stdint.h>

#include "core/fleet/demand_pick.h"
#include "core/net/network.h"

/// Owned; free with art_trip_groups_clear(). Groups are numbered by their first trip.
typedef struct art_trip_groups {
  int32_t count;
  int32_t
      *trip_group;  ///< [trips of the demand]; -1: fixed, never reweighted (public transport, planned stops)
  int32_t *trip_rank;   ///< place in its group by departure; 0 for fixed trips
  int32_t *route;       ///< a route of the demand with the group's links
  int32_t *trips;       ///< trips in the group
  int32_t *main_trips;  ///< those that are not lead copies
  double *length_m;     ///< from the start of the first link to the end of the last, connectors included
  uint64_t *phase;      ///< start of the group's resampling sequence
  float *crossing_m;    ///< [links] mean length of the connectors that leave a link
} art_trip_groups;

/// Trips that depart before `main_from_ms` count as lead.
void art_trip_groups_build(const art_demand *demand, const art_net *net, int64_t main_from_ms, uint64_t seed,
                           art_trip_groups *out);
void art_trip_groups_clear(art_trip_groups *groups);

/// The demand and, before it, copies of what departs in [from, from + lead) shifted back by `lead` (ids "id@lead"), so
/// that streets are full at `from`. If the demand has trips in [from - lead, from) already, nothing is added (*added 0).
art_demand *art_demand_extend_back(const art_demand *demand, int64_t from_ms, int64_t lead_ms,
                                   int32_t *added);

/// Whole trips for weights, one per group: art_resample_copies() of every trip; copies beyond the first depart at a keyed
/// time in the same slice of 5 minutes. origin as above; realised[group] (NULL: not wanted) counts the trips made.
art_demand *art_demand_realise(const art_demand *demand, const art_trip_groups *groups, const double *weight,
                               uint64_t seed, int32_t **origin, int32_t *realised);

#endif  // ART_SCENARIOS_CALIBRATE_TRIP_GROUPS_H
