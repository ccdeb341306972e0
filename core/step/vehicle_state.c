/// A vehicle as bytes: for checkpoints, and when another rank takes it over.
#include "core/step/vehicle_state.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/state_internal.h"

enum { ROUTE_NONE, ROUTE_OF_DEMAND, ROUTE_OWN };

void art_tracks_put(const art_vehicle *vehicle, art_bytes *out)
{
  for (int32_t e = 0; e < vehicle->track_count; ++e) {
    art_track track = *art_track_of(vehicle, e);
    track.knows_lanes = 0;  // who reads finds that anew
    track.stay = track.leftward = 0;
    ART_PUT_RECORD(out, art_track, track);
  }
}

void art_tracks_get(art_vehicle *vehicle, int32_t count, art_byte_reader *in)
{
  if (count > 0) art_track_reserve(vehicle, count - 1);
  for (int32_t e = 0; e < count; ++e) {
    art_bytes_get(in, art_track_of(vehicle, e), sizeof(art_track));
    art_track_of(vehicle, e)->knows_lanes = 0;
  }
}

void art_vehicle_put(const art_sim *sim, int32_t trip, int travels, art_bytes *out)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  const size_t head = offsetof(art_vehicle, near), tail = offsetof(art_vehicle, link_count);
  const uint8_t route = vehicle->owns_links ? ROUTE_OWN : vehicle->links ? ROUTE_OF_DEMAND : ROUTE_NONE;
  art_vehicle copy;
  memcpy(&copy, vehicle, head);
  memcpy((char *)&copy + tail, (const char *)vehicle + tail, sizeof copy - tail);
  copy.links = NULL;
  copy.more = NULL;  // addresses and places in lists are of this process only
  copy.next = -1;
  copy.has_many = 0;
  if (copy.mover != ART_MOVER_KEPT) copy.mover = 0;
  const uint8_t has_mover = travels && vehicle->mover > 0;
  ART_PUT(out, trip);
  ART_PUT(out, route);
  ART_PUT(out, has_mover);
  ART_PUT_RECORD(out, art_trip_row, sim->row[trip]);
  (void)art_bytes_put(out, &copy, head);
  art_tracks_put(vehicle, out);
  (void)art_bytes_put(out, (const char *)&copy + tail, sizeof copy - tail);
  if (copy.has_rare) ART_PUT_RECORD(out, art_rare, *art_rare_of(sim, vehicle));
  if (has_mover) ART_PUT_RECORD(out, art_mover, *art_mover_of(sim, vehicle));
  if (vehicle->owns_links)
    (void)art_bytes_put(out, vehicle->links, (size_t)vehicle->link_count * sizeof *vehicle->links);
}

static int all_below(const int32_t *value, int32_t count, int32_t end)
{
  for (int32_t i = 0; i < count; ++i)
    if (value[i] < 0 || value[i] >= end) return 0;
  return 1;
}

/// Are what was read of a row and what was drawn of it when the simulation was made the same?
static int is_own_row(const art_trip_row *row, const art_trip_row *drawn, int32_t lanes)
{
  return row->is_made == 1 && row->type == drawn->type &&
         art_bits_of_float(row->speed_factor) == art_bits_of_float(drawn->speed_factor) &&
         row->depart_lane >= -1 && row->depart_lane < lanes && row->arrival_lane >= -1 &&
         row->arrival_lane < lanes;
}

int art_trip_row_get(art_sim *sim, int32_t trip, art_byte_reader *in)
{
  art_trip_row row;
  ART_GET(in, row);
  if (in->is_short || !is_own_row(&row, art_row_make(sim, trip), sim->net->lane_count)) return 0;
  sim->row[trip] = row;
  return 1;
}

int art_route_get(art_sim *sim, int32_t trip, int32_t links, art_byte_reader *in)
{
  art_vehicle *vehicle = art_record_make(sim, trip);
  const void *way = links > 0 ? art_bytes_take(in, (uint64_t)links, sizeof *vehicle->links) : NULL;
  if (!way) return 0;
  int32_t *copy = ART_NEW(int32_t, links);
  memcpy(copy, way, (size_t)links * sizeof *copy);
  art_route_set(vehicle, copy, links, 1);
  return all_below(copy, links, sim->net->link_count);
}

int art_track_is_sound(const art_sim *sim, const art_track *track)
{
  const int32_t connectors = sim->net->connector_count, trips = sim->demand->trip_count;
  return track->connector >= 0 && track->connector < connectors && track->grant <= ART_GRANT_FULL &&
         track->new_grant <= ART_GRANT_FULL && track->refusal <= ART_REFUSED_CONFLICT && track->waits_for >= -1 &&
         track->waits_for < trips && track->last_waits_for >= -1 && track->last_waits_for < trips;
}

int art_tracks_hear(const art_sim *sim, art_vehicle *vehicle, int32_t count, int32_t ahead, art_byte_reader *in)
{
  int ok = 1;
  if (count > 0) art_track_reserve(vehicle, count - 1);
  for (int32_t e = 0; e < count && ok; ++e) {
    art_track track;  // the message is at hand, the record is far away: it is only written
    ART_GET(in, track);
    ok = !in->is_short && art_track_is_sound(sim, &track);
    if (ok) *art_track_of(vehicle, e) = track;
  }
  vehicle->track_count = ok ? (int16_t)count : 0;
  vehicle->track_ahead = ok ? (int16_t)ahead : 0;
  return ok;
}

static int tracks_are_sound(const art_sim *sim, const art_vehicle *vehicle)
{
  for (int32_t e = 0; e < vehicle->track_count; ++e)
    if (!art_track_is_sound(sim, art_track_of(vehicle, e))) return 0;
  return 1;
}

static int is_sound(const art_sim *sim, int32_t trip, const art_vehicle *vehicle)
{
  const int32_t connectors = sim->net->connector_count;
  const int32_t stops = art_trip_first_stop(sim->demand, trip + 1) - art_trip_first_stop(sim->demand, trip);
  if (vehicle->next_stop < 0 || vehicle->next_stop > stops ||
      (vehicle->at_stop && vehicle->next_stop == stops))
    return 0;
  if (vehicle->lead_connector < -1 || vehicle->lead_connector >= connectors) return 0;
  if (vehicle->lane < -1 || vehicle->lane >= sim->net->lane_count) return 0;
  const art_rare *rare = art_rare_of(sim, vehicle);
  for (int z = 0; z < ART_ZONES; ++z)
    if (rare->zone[z] < 0 || rare->zone[z] > sim->net->detector_count) return 0;
  return tracks_are_sound(sim, vehicle);
}

int32_t art_vehicle_get(art_sim *sim, art_byte_reader *in)
{
  const size_t head = offsetof(art_vehicle, near), tail = offsetof(art_vehicle, link_count);
  int32_t trip;
  uint8_t route, has_mover;
  ART_GET(in, trip);
  ART_GET(in, route);
  ART_GET(in, has_mover);
  if (in->is_short || trip < 0 || trip >= sim->demand->trip_count || route > ROUTE_OWN || has_mover > 1) return -1;
  art_vehicle *vehicle = art_record_make(sim, trip);
  art_vehicle_forget(sim, trip);
  if (!art_trip_row_get(sim, trip, in)) return -1;
  art_bytes_get(in, vehicle, head);
  vehicle->more = NULL;  // that was an address of another process
  vehicle->next = -1;
  const int has_rare = vehicle->has_rare, is_kept = vehicle->mover == ART_MOVER_KEPT;
  vehicle->owns_links = vehicle->has_rare = vehicle->has_many = 0;
  vehicle->mover = 0;
  const int32_t tracks = vehicle->track_count;
  if (tracks < 0 || tracks > ART_TRACK_MAX || vehicle->track_ahead < 0 || vehicle->track_ahead > tracks) {
    vehicle->track_count = vehicle->track_ahead = 0;
    return -1;
  }
  art_tracks_get(vehicle, tracks, in);
  art_bytes_get(in, (char *)vehicle + tail, sizeof *vehicle - tail);
  vehicle->links = NULL;  // likewise
  if (has_rare) ART_GET(in, *art_rare_make(sim, vehicle));
  if (is_kept) (void)art_mover_keep(sim, vehicle);
  if (has_mover) {
    art_mover *mover = art_mover_take(sim, NULL, vehicle);
    if (!mover) return -1;
    ART_GET(in, *mover);
  }
  const int32_t links = vehicle->link_count;
  vehicle->link_count = 0;
  if (route == ROUTE_OF_DEMAND) {  // as when it departed
    vehicle->links = art_route_links(sim, trip, &vehicle->link_count);
    if (vehicle->link_count != links) return -1;
  } else if (route == ROUTE_OWN && !art_route_get(sim, trip, links, in)) {
    return -1;
  }
  return in->is_short || !is_sound(sim, trip, vehicle) ? -1 : trip;
}

int art_mover_is_sound(const art_sim *sim, int32_t trip, int32_t lane, const art_mover *mover)
{
  const art_net *net = sim->net;
  if (mover->vehicle != trip || mover->key != sim->demand->trip_key[trip] || mover->type >= sim->types.count)
    return 0;
  if (!(mover->pos_m > -1e6f && mover->pos_m < 1e6f) ||
      !(mover->speed_mps >= 0.0f && mover->speed_mps < 1e4f))
    return 0;
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  const int is_connector = art_net_is_connector(net, lane);
  const int32_t at = is_connector ? net->connector_to[art_net_connector_of_lane(net, lane)] : lane;
  if (mover->hop >= count || links[mover->hop] != net->lane_link[at]) return 0;
  const art_vehicle *vehicle = art_record(sim, trip);
  if (vehicle->lane != lane) return 0;
  const int32_t stop = art_trip_first_stop(sim->demand, trip) + vehicle->next_stop;
  if ((mover->flags & ART_FLAG_STOP) && stop >= art_trip_first_stop(sim->demand, trip + 1)) return 0;
  // On a connector the last entry behind the front is that connector.
  return !is_connector || (vehicle->track_ahead > 0 && art_track_of(vehicle, vehicle->track_ahead - 1)->connector ==
                                                           art_net_connector_of_lane(net, lane));
}

void art_vehicle_forget(art_sim *sim, int32_t trip)
{
  art_vehicle *vehicle = art_record(sim, trip);
  art_route_forget(vehicle);
  art_track_forget(vehicle);
  vehicle->lane = vehicle->next = -1;
}
