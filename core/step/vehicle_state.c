/// A vehicle as bytes: for checkpoints, and when another rank takes it over.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/vehicle_state.h"

enum { ROUTE_NONE, ROUTE_OF_DEMAND, ROUTE_OWN };

void art_vehicle_put(const art_sim *sim, int32_t trip, art_bytes *out)
{
  const art_vehicle *vehicle = &sim->vehicle[trip];
  const size_t head = offsetof(art_vehicle, track), tail = offsetof(art_vehicle, mover);
  const uint8_t route = vehicle->owns_links ? ROUTE_OWN : vehicle->links ? ROUTE_OF_DEMAND : ROUTE_NONE;
  ART_PUT(out, trip);
  ART_PUT(out, route);
  ART_PUT(out, sim->row[trip]);
  (void)art_bytes_put(out, vehicle, head);
  (void)art_bytes_put(out, vehicle->track, (size_t)vehicle->track_count * sizeof *vehicle->track);
  (void)art_bytes_put(out, (const char *)vehicle + tail, sizeof *vehicle - tail);
  if (vehicle->owns_links) (void)art_bytes_put(out, vehicle->links, (size_t)vehicle->link_count * sizeof *vehicle->links);
}

int32_t art_vehicle_get(art_sim *sim, art_byte_reader *in)
{
  const size_t head = offsetof(art_vehicle, track), tail = offsetof(art_vehicle, mover);
  int32_t trip;
  uint8_t route;
  ART_GET(in, trip);
  ART_GET(in, route);
  if (in->is_short || trip < 0 || trip >= sim->demand->trip_count) return -1;
  art_vehicle *vehicle = &sim->vehicle[trip];
  art_vehicle_forget(sim, trip);
  ART_GET(in, sim->row[trip]);
  art_bytes_get(in, vehicle, head);
  vehicle->links = NULL;  // those were addresses of another process
  vehicle->owns_links = 0;
  const int32_t links = vehicle->link_count, tracks = vehicle->track_count;
  if (tracks < 0 || tracks > ART_TRACK_MAX || links < 0 || vehicle->track_ahead < 0 || vehicle->track_ahead > tracks)
    return -1;
  art_bytes_get(in, vehicle->track, (size_t)tracks * sizeof *vehicle->track);
  art_bytes_get(in, (char *)vehicle + tail, sizeof *vehicle - tail);
  if (route == ROUTE_OF_DEMAND) {  // as when it departed
    vehicle->links = art_route_links(sim, trip, &vehicle->link_count);
    if (vehicle->link_count != links) return -1;
  } else if (route == ROUTE_OWN) {
    const void *way = art_bytes_take(in, (uint64_t)links, sizeof *vehicle->links);
    if (!way) return -1;
    int32_t *copy = ART_NEW(int32_t, links);
    memcpy(copy, way, (size_t)links * sizeof *copy);
    vehicle->links = copy;
    vehicle->owns_links = 1;
  }
  return in->is_short ? -1 : trip;
}

void art_vehicle_forget(art_sim *sim, int32_t trip)
{
  art_vehicle *vehicle = &sim->vehicle[trip];
  if (vehicle->owns_links) free((void *)(uintptr_t)vehicle->links);
  vehicle->links = NULL;
  vehicle->owns_links = 0;
  vehicle->link_count = 0;
  vehicle->lane = vehicle->next = -1;
}
