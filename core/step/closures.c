/// Timed changes: closed links and speed limits, and the new routes that closures force.
#include "core/net/route.h"
#include "core/step/sim_internal.h"

static int uses_closed(const art_sim *sim, int32_t trip, int32_t from_hop)
{
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  for (int32_t h = from_hop; h < count; ++h)
    if (sim->link_closed[links[h]]) return 1;
  return 0;
}

/// A vehicle on the road whose way is closed takes the next best one; without any it keeps its route and waits before
/// the closure.
static void reroute_running(art_sim *sim)
{
  const art_net *net = sim->net;
  for (int32_t b = 0; b < sim->block_count; ++b) {
    art_block *block = &sim->block[b];
    const int32_t count = art_block_count(block);
    for (int32_t i = 0; i < count; ++i) {
      const int32_t trip = block->vehicle[i], lane = block->lane[block->lane8[i]];
      if (!uses_closed(sim, trip, block->hop[i] + 1)) continue;
      art_vehicle *vehicle = &sim->vehicle[trip];
      // Committed to the next link already: the new way starts there.
      int32_t links_count, hop = block->hop[i];
      const int32_t *links = art_route_links(sim, trip, &links_count);
      if (!art_net_is_connector(net, lane) && vehicle->track_ahead < vehicle->track_count &&
          vehicle->track[vehicle->track_ahead].new_committed)
        hop = hop + 1 < links_count ? hop + 1 : hop;
      int32_t *way, way_count;
      if (!art_route_find(net, links[hop], links[links_count - 1], sim->types.vclass[block->type[i]],
                          sim->link_closed, &way, &way_count))
        continue;
      art_replace_route(sim, trip, hop, way, way_count);
      vehicle->plan_lane = 255;
      if (hop == block->hop[i])
        vehicle->track_count = vehicle->track_ahead;
      else if (vehicle->track_count > vehicle->track_ahead + 1)
        vehicle->track_count = vehicle->track_ahead + 1;
    }
  }
}

/// Trips that wait outside or are still to come. Those left without a way wait with reason no_route.
static void reroute_outside(art_sim *sim)
{
  for (int32_t trip = sim->first_trip; trip < sim->last_trip; ++trip) {
    art_trip_row *row = &sim->row[trip];
    if (row->state != ART_TRIP_TO_COME && row->state != ART_TRIP_WAITING) continue;
    if (!uses_closed(sim, trip, 0)) continue;
    int32_t count, *way, way_count;
    const int32_t *links = art_route_links(sim, trip, &count);
    if (!sim->link_closed[links[0]] &&
        art_route_find(sim->net, links[0], links[count - 1], sim->types.vclass[row->type], sim->link_closed,
                       &way, &way_count))
      art_replace_route(sim, trip, 0, way, way_count);
    else
      sim->no_route[trip] = 1;
  }
}

/// Everybody on a link chooses lanes anew; what is granted irrevocably stays.
static void plan_again(art_sim *sim)
{
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    if (block->is_node) continue;
    for (int32_t i = 0; i < art_block_count(block); ++i) {
      art_vehicle *vehicle = &sim->vehicle[block->vehicle[i]];
      vehicle->plan_lane = 255;
      int32_t keep = vehicle->track_ahead;
      while (keep < vehicle->track_count && vehicle->track[keep].new_committed) ++keep;
      vehicle->track_count = keep;
    }
  }
}

void art_changes_apply(art_sim *sim)
{
  int closed = 0, opened = 0, lanes_changed = 0;
  for (int32_t n = 0; n < sim->change_count; ++n) {
    const art_change *change = &sim->change[n];
    const int starts =
        change->from_ms == sim->now_ms ||
        (sim->now_ms == sim->begin_ms && change->from_ms < sim->now_ms && change->to_ms > sim->now_ms);
    const int ends = change->to_ms == sim->now_ms;
    if (!starts && !ends) continue;
    const int32_t first = sim->net->link_first_lane[change->link],
                  end = sim->net->link_first_lane[change->link + 1];
    if (change->kind == ART_CHANGE_CLOSE_LINK && change->lane >= 0) {
      const int32_t lane = first + change->lane;
      if (lane < end) sim->lane_closed[lane] = (uint8_t)(sim->lane_closed[lane] + (starts ? 1 : -1));
      lanes_changed = 1;
    } else if (change->kind == ART_CHANGE_CLOSE_LINK) {
      sim->link_closed[change->link] = (uint8_t)(sim->link_closed[change->link] + (starts ? 1 : -1));
      closed |= starts;
      opened |= ends;
    } else {
      for (int32_t lane = first; lane < end; ++lane)
        if (change->lane < 0 || lane - first == change->lane)
          sim->speed_limit_mps[lane] =
              art_limit_of(sim->net, lane, starts ? change->value : sim->net->lane_speed_mps[lane]);
    }
  }
  if (lanes_changed) plan_again(sim);
  if (opened)
    for (int32_t trip = sim->first_trip; trip < sim->last_trip; ++trip) sim->no_route[trip] = 0;
  if (closed || opened) {
    reroute_running(sim);
    reroute_outside(sim);
  }
}
