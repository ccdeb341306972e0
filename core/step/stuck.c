/// Vehicles that have missed their turn. Nothing is ever taken off the road.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/route.h"
#include "core/step/sim_internal.h"

#define MISSED_TURN_MS 180000

void art_replace_route(art_sim *sim, int32_t trip, int32_t hop, int32_t *way, int32_t way_count)
{
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  int32_t *whole = ART_NEW(int32_t, hop + way_count);
  for (int32_t i = 0; i < hop; ++i) whole[i] = links[i];
  for (int32_t i = 0; i < way_count; ++i) whole[hop + i] = way[i];
  free(way);
  art_vehicle *vehicle = art_record_make(sim, trip);  // it may be outside still
  if (vehicle->owns_links) free((void *)(uintptr_t)vehicle->links);
  art_route_set(vehicle, whole, hop + way_count, 1);
  ++sim->row[trip].reroutes;
}

#define SHORT_LINKS 10  // so many in a row are looked through

typedef struct goal {
  int32_t link, vclass;
} goal;

/// A way from a lane to the destination that needs no change on a link too short for it: links, the lane's own first.
/// Where several turns lead there, the lowest connector is taken. 0: there is none.
static int way_from_lane(const art_sim *sim, int32_t lane, goal to, int depth, int32_t **way, int32_t *way_count)
{
  const art_net *net = sim->net;
  const int32_t link = net->lane_link[lane];
  *way = NULL;
  if (!art_lane_permits(sim, lane, to.vclass) || sim->link_closed[link]) return 0;
  if (link == to.link || net->lane_length_m[lane] >= ART_SHORT_LINK_M)
    return art_route_find(net, link, to.link, to.vclass, sim->link_closed, way, way_count);
  if (depth == 0) return 0;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    int32_t *rest, count;
    if (!way_from_lane(sim, net->connector_to[c], to, depth - 1, &rest, &count)) continue;
    *way = ART_NEW(int32_t, count + 1);
    *way_count = count + 1;
    (*way)[0] = link;
    for (int32_t n = 0; n < count; ++n) (*way)[n + 1] = rest[n];
    free(rest);
    return 1;
  }
  return 0;
}

int art_lane_leads_on(const art_sim *sim, int32_t lane, int32_t destination, int32_t vclass)
{
  const art_net *net = sim->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    int32_t *way, count;
    const int found = way_from_lane(sim, net->connector_to[c], (goal){ destination, vclass }, SHORT_LINKS, &way, &count);
    free(way);
    if (found) return 1;
  }
  return 0;
}

/// A legal turn of this lane that still leads to the destination, or -1: the one with the lowest connector index.
static int32_t other_turn(art_sim *sim, int32_t trip, int32_t hop, int32_t lane)
{
  const art_net *net = sim->net;
  const int32_t vclass = sim->types.vclass[sim->row[trip].type];
  int32_t count, *way, way_count;
  const int32_t *links = art_route_links(sim, trip, &count);
  const goal to = { links[count - 1], vclass };
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    if (!way_from_lane(sim, net->connector_to[c], to, SHORT_LINKS, &way, &way_count)) continue;
    art_replace_route(sim, trip, hop + 1, way, way_count);
    return c;
  }
  return -1;
}

/// Follows the planned way over links that are too short to wait on, to a lane that has no way on for the route. Returns that
/// lane and the place of its link in the route, or -1: the way goes on, or there is room to change lanes on it.
static int32_t dead_end(const art_sim *sim, int32_t trip, int32_t hop, int32_t lane, int32_t *end_hop)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record(sim, trip);
  const int32_t type = sim->row[trip].type;
  int32_t count, at = lane, e = vehicle->track_ahead;
  (void)art_route_links(sim, trip, &count);
  if (art_net_is_connector(net, at)) at = net->connector_to[art_net_connector_of_lane(net, at)];
  for (;; ++hop, ++e) {
    if (hop + 1 >= count) return -1;
    const int32_t c = e < vehicle->track_count
                          ? art_track_of(vehicle, e)->connector
                          : art_lanes_connector(sim, trip, hop, at, sim->types.vclass[type]);
    if (c < 0) {
      *end_hop = hop;
      return at;
    }
    at = net->connector_to[c];
    if (net->lane_length_m[at] >= sim->types.length_m[type] + sim->types.min_gap_m[type]) return -1;
  }
}

/// The head of a lane whose exit is blocked takes another turn that has room, if the destination can be reached from there
/// without the blocked link. Those who have stops to make keep to their route.
static int take_detour(art_sim *sim, art_block *block, int32_t i)
{
  const art_net *net = sim->net;
  const int32_t trip = block->vehicle[i], hop = block->hop[i], lane = block->lane[block->lane8[i]];
  art_vehicle *vehicle = art_record_at(sim, block, i);
  const art_track *next = art_track_of(vehicle, vehicle->track_ahead);
  const int32_t vclass = sim->types.vclass[sim->row[trip].type], stops = art_trip_first_stop(sim->demand, trip + 1);
  if (art_trip_first_stop(sim->demand, trip) + vehicle->next_stop < stops) return 0;
  int32_t count, *best = NULL, best_count = 0;
  const int32_t *links = art_route_links(sim, trip, &count);
  const int32_t blocked = links[hop + 1], destination = links[count - 1];
  if (blocked == destination) return 0;
  uint8_t *closed = ART_NEW(uint8_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) closed[l] = sim->link_closed[l] > 0;
  closed[blocked] = 1;
  for (int32_t c = net->lane_first_out[lane], m = 0; c < net->lane_first_out[lane + 1] && m < 16; ++c, ++m) {
    int32_t *way, way_count;
    if (!(next->detours >> m & 1u)) continue;
    if (!art_route_find(net, net->lane_link[net->connector_to[c]], destination, vclass, closed, &way, &way_count)) continue;
    if (best && way_count >= best_count) {
      free(way);
      continue;
    }
    free(best);
    best = way;
    best_count = way_count;
  }
  free(closed);
  if (!best) return 0;
  art_replace_route(sim, trip, hop + 1, best, best_count);
  vehicle->track_count = vehicle->track_ahead;
  block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_PLANNED | ART_FLAG_QUIET));
  return 1;
}

void art_missed_turns(art_sim *sim, art_block *block, art_worker *worker)
{
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left), i = block->start[k];
    const uint16_t flags = block->flags[i];
    if (!(flags & (ART_FLAG_STANDS | ART_FLAG_DETOUR))) continue;
    const int32_t stood_ms = art_stood_ms(sim, block, i);
    const int is_due = stood_ms >= MISSED_TURN_MS && stood_ms % MISSED_TURN_MS < sim->step_ms;
    if (!is_due && !(flags & ART_FLAG_DETOUR)) continue;
    const int32_t trip = block->vehicle[i], lane = block->lane[k];
    const art_vehicle *vehicle = art_record(sim, trip);
    if (!block->is_node && vehicle->track_ahead < vehicle->track_count &&
        art_track_of(vehicle, vehicle->track_ahead)->detours && take_detour(sim, block, i))
      continue;
    if (!is_due) continue;
    if (vehicle->at_stop) continue;
    int32_t hop;
    const int32_t end = dead_end(sim, trip, block->hop[i], lane, &hop);
    if (end < 0 || other_turn(sim, trip, hop, end) < 0) continue;
    block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_PLANNED | ART_FLAG_QUIET));
    ++sim->row[trip].missed_turns;
    ++worker->missed_turns;
  }
}
