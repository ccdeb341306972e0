/// \file records_internal.h
/// What the engine keeps of a vehicle on the road beside its columns: its record, the connectors under its body and ahead, and
/// what only some vehicles need. Private to core/step; records.c hands them out.
#ifndef ART_CORE_STEP_RECORDS_INTERNAL_H
#define ART_CORE_STEP_RECORDS_INTERNAL_H
#include <stdint.h>
#include <stdlib.h>

#include "core/fleet/block.h"
#include "core/num/real.h"

/// Connectors that a vehicle can span and look ahead to.
#define ART_TRACK_MAX 16

/// One connector of a vehicle's way: under its body or ahead.
typedef struct art_track {
  int32_t connector;
  int32_t order;                     ///< number at its node
  int32_t new_order;
  int32_t waits_for;  ///< vehicle; -1: none
  int32_t last_waits_for;  ///< the same when it was last refused for another reason than the light
  float cap_mps2;     ///< written by the node's owner
  float stop_m;       ///< likewise; connector coordinates
  float delay_s;      ///< likewise: the grant counts from this part of the step on
  int32_t start_ms;   ///< likewise: since the begin of the run; only with has_start
  uint16_t detours;   ///< likewise: its exit is blocked; other connectors of its lane that have room, by their order
  uint16_t stay, leftward;  ///< with knows_lanes: of the link that it leads to, as block.stay and art_vehicle.leftward
  uint8_t grant : 2, committed : 2;  ///< as the step began; other nodes read it while the next ones are written, so they lie apart
  uint8_t ends : 1;                  ///< 1: leads into the last link of the route
  uint8_t knows_lanes : 1;  ///< 1: which lanes serve the route behind it was found with it, and nothing has changed since
  uint8_t : 0;
  uint8_t new_grant : 2, new_committed : 2;  ///< written by the node's owner in the decide pass
  uint8_t refusal : 3;    ///< art_refusal, likewise
  uint8_t has_start : 1;  ///< 1: admitted by gap acceptance, at start_ms; likewise
} art_track;

#define ART_NOT_SLOW INT64_MAX
#define ART_NOT_STANDING INT32_MAX

/// Where links are long, vehicles have no more connectors under their body and ahead than these; where they are short, most have
/// no more than so many besides.
#define ART_TRACK_NEAR 1
#define ART_TRACK_SOME 3

/// Record of a vehicle on the road. Written by the owner of the vehicle's block, except the marked part.
typedef struct art_vehicle {
  // what a step asks of those that come near a junction
  _Alignas(64) int16_t track_count;  ///< entries in use
  int16_t track_ahead;  ///< first entry that the front bumper has not entered
  int32_t lane;         ///< where the front is
  int32_t next;         ///< link of an inbox list
  int32_t blocked_ms;   ///< present standstill inside a node or with a grant
  int32_t standing_since_ms;  ///< below 0.1 m/s since (in the run), later by what of it was a planned stop; ART_NOT_STANDING: it moves
  int32_t mover;        ///< row of art_sim.mover while it travels between blocks; ART_MOVER_KEPT: art_rare.mover; 0: neither
  int32_t lead_connector;  ///< connector it was granted when it was handed over; -1: none
  float push_mps;          ///< of a member of a circle: its speed in this step; 0: it drives as others do
  float accel_mps2;        ///< of the last step, kept only where a model asks for it
  uint16_t leftward;       ///< lanes from which the needed change is to the left
  uint8_t at_stop : 1;     ///< 1 while dwelling
  uint8_t owns_links : 1;  ///< 1: `links` replaced the demand's and is freed with the record
  uint8_t has_rare : 1;    ///< 1: its art_rare is in use; all of it is as at first otherwise
  uint8_t has_many : 1;    ///< 1: `more` has room for all entries that there can be; 0: for ART_TRACK_SOME
  int8_t asked_side;       ///< side to which it could make room at asked_ms: 1 away from the kerb, -1 towards it
  art_track *more;         ///< entries from ART_TRACK_NEAR on, once it had so many; owned
  art_track near[ART_TRACK_NEAR];
  // seldom
  int32_t link_count;
  const int32_t *links;    ///< route, once it is on the road; NULL: that of the demand
  int16_t next_stop;       ///< stops made so far
  int32_t standing_booked_ms;  ///< part of the standstill that its row knows already
  int32_t changed_ms;          ///< time of the last change, since the begin of the run; ART_NEVER_YET: none
  int32_t asked_ms;            ///< last time that somebody asked it for a gap, likewise
  int32_t approach_stops;      ///< stops of its row when it came onto the approach of the next junction
  int32_t approach_base_ms;    ///< that time (in the run) less free_ms and stop_ms of its row then; ART_DEPARTED_ON_IT: it departed there
} art_vehicle;
_Static_assert(sizeof(art_vehicle) == 128, "two cache lines");
#define ART_NEVER_YET (INT32_MIN / 2)
#define ART_DEPARTED_ON_IT INT32_MIN
#define ART_IN_NODE (-1.0f)
#define ART_MOVER_KEPT (-1)

#define ART_ZONES 4  // even, so that nothing lies between the columns of art_rare

/// What only some vehicles of some cities need: those with planned stops, in zones and areas of detectors, where signals are
/// measured, with drivers of action points or start-up delays. By record; what nobody uses takes no memory.
typedef struct art_rare {
  int32_t zone[ART_ZONES];  ///< entry-exit detectors that it is inside of, + 1; 0: free
  art_tick zone_since_ms[ART_ZONES];
  int32_t zone_stops[ART_ZONES];  ///< halts before it entered
  art_tick slow_since_ms;      ///< on lanes with areas: since when below 5 km/h; ART_NOT_SLOW: it is not
  int32_t cross_slot;  ///< the cycle, until the delay of its crossing is known; -1: none
  float cross_fast_mps;  ///< highest speed since it came out of the node; ART_IN_NODE: it has not yet
  art_tick cross_ms;   ///< when it did ...
  int64_t cross_us, cross_link_us;  ///< ... and lost since, in the node and behind it
  float held_mps2;                  ///< acceleration decided on at the last action point; NaN: not yet
  int32_t counted_ms;               ///< of what it lost on this approach, what counts for the signal before
  art_tick dwell_until_ms;
  art_tick beside_since_ms;  ///< when it pulled into a bay
  art_tick go_ms;            ///< may move off from a stand at this time; 0: has no reason to yet
  art_mover mover;           ///< state while it is beside its lane, in a bay or passing another
} art_rare;

/// Entry e of a vehicle's way, which is in use.
static inline art_track *art_track_of(const art_vehicle *vehicle, int32_t e)
{
  return (art_track *)(uintptr_t)(e < ART_TRACK_NEAR ? &vehicle->near[e] : &vehicle->more[e - ART_TRACK_NEAR]);
}
/// Makes room for entry e, below ART_TRACK_MAX.
void art_track_reserve(art_vehicle *vehicle, int32_t e);  // publish.c
static inline void art_track_forget(art_vehicle *vehicle)
{
  free(vehicle->more);
  vehicle->more = NULL;
  vehicle->track_count = vehicle->track_ahead = 0;
  vehicle->has_many = 0;
}
/// Entries that `more` has room for.
static inline int32_t art_track_room(const art_vehicle *vehicle)
{
  return !vehicle->more ? 0 : vehicle->has_many ? ART_TRACK_MAX - ART_TRACK_NEAR : ART_TRACK_SOME;
}

/// What is known of lanes behind its connectors is to be found anew: its route changes, or lanes are closed or opened.
static inline void art_track_forget_lanes(art_vehicle *vehicle)
{
  for (int32_t e = 0; e < vehicle->track_count; ++e) art_track_of(vehicle, e)->knows_lanes = 0;
}

/// Every change of a route comes by here. Frees nothing.
static inline void art_route_set(art_vehicle *vehicle, const int32_t *links, int32_t count, int owns)
{
  art_track_forget_lanes(vehicle);
  vehicle->links = links;
  vehicle->link_count = count;
  vehicle->owns_links = owns != 0;
}
/// Its route is that of the demand, or it has none any more.
static inline void art_route_forget(art_vehicle *vehicle)
{
  if (vehicle->owns_links) free((void *)(uintptr_t)vehicle->links);
  art_route_set(vehicle, NULL, 0, 0);
}

#endif  // ART_CORE_STEP_RECORDS_INTERNAL_H
