/// \file vehicle_state.h
/// A vehicle's records as bytes. Private to core/step.
#ifndef ART_CORE_STEP_VEHICLE_STATE_H
#define ART_CORE_STEP_VEHICLE_STATE_H
#include "core/base/bytes.h"
#include "core/step/sim_internal.h"

/// Appends trip, art_trip_row and art_vehicle with its track, its rare part and, where it has one of its own, its route. What its
/// block holds of it is not among them: art_block_get gives that. `travels`: it is between blocks, and its art_mover comes along.
void art_vehicle_put(const art_sim *sim, int32_t trip, int travels, art_bytes *out);
/// Takes over what art_vehicle_put wrote; returns the trip, -1 if the bytes make no vehicle of this simulation.
int32_t art_vehicle_get(art_sim *sim, art_byte_reader *in);
/// Parts of it. The entries of its way; those who read must know how many, ART_TRACK_MAX at most, and set track_count.
void art_tracks_put(const art_vehicle *vehicle, art_bytes *out);
void art_tracks_get(art_vehicle *vehicle, int32_t count, art_byte_reader *in);
/// Do they name connectors and vehicles that there are?
int art_track_is_sound(const art_sim *sim, const art_track *track);
/// art_tracks_get of a message: 0 if they do not, or are not there; then the vehicle has none. `ahead` <= `count` <=
/// ART_TRACK_MAX.
int art_tracks_hear(const art_sim *sim, art_vehicle *vehicle, int32_t count, int32_t ahead, art_byte_reader *in);
/// The row of a trip: 0 if it is of another one. A route of its own, of so many links: 0 if it is none.
int art_trip_row_get(art_sim *sim, int32_t trip, art_byte_reader *in);
int art_route_get(art_sim *sim, int32_t trip, int32_t links, art_byte_reader *in);
/// Does what a block holds of a vehicle fit to its record and to the lane?
int art_mover_is_sound(const art_sim *sim, int32_t trip, int32_t lane, const art_mover *mover);
/// The vehicle is somewhere else now: frees its route and way.
void art_vehicle_forget(art_sim *sim, int32_t trip);

#endif  // ART_CORE_STEP_VEHICLE_STATE_H
