/// Timed changes: closed links, permissions and speed limits, and the new routes that they force.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/route.h"
#include "core/step/ranks.h"
#include "core/step/sim_internal.h"

/// Links that a class cannot use now, by class; made where first asked for, and forgotten where a change begins or ends.
typedef struct art_barriers {
  uint8_t *closed[ART_VCLASS_COUNT];
} art_barriers;

/// Barred are closed links, and those that have lost their last lane for the class to a timed change. What the net itself
/// forbids is not looked at: no route goes there.
static const uint8_t *closed_for(art_sim *sim, int32_t vclass)
{
  if (!sim->barriers) sim->barriers = ART_NEW(art_barriers, 1);
  art_barriers *barred = sim->barriers;
  if (barred->closed[vclass]) return barred->closed[vclass];
  const art_net *net = sim->net;
  uint8_t *closed = barred->closed[vclass] = ART_NEW(uint8_t, net->link_count);
  for (int32_t link = 0; link < net->link_count; ++link) {
    int permits = 0, permitted = 0;
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
      permits |= ART_PERMITS(sim->lane_allowed[lane], vclass);
      permitted |= ART_PERMITS(net->lane_allowed[lane], vclass);
    }
    closed[link] = sim->link_closed[link] || (permitted && !permits);
  }
  return closed;
}

void art_barriers_forget(art_sim *sim)
{
  if (!sim->barriers) return;
  for (int c = 0; c < ART_VCLASS_COUNT; ++c) free(sim->barriers->closed[c]);
  free(sim->barriers);
  sim->barriers = NULL;
}

static int uses_closed(const art_sim *sim, const uint8_t *closed, int32_t trip, int32_t from_hop)
{
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  for (int32_t h = from_hop; h < count; ++h)
    if (closed[links[h]]) return 1;
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
      const int32_t vclass = sim->types.vclass[block->type[i]];
      const uint8_t *closed = closed_for(sim, vclass);
      if (!uses_closed(sim, closed, trip, block->hop[i] + 1)) continue;
      art_vehicle *vehicle = art_record(sim, trip);
      // Committed to the next link already: the new way starts there.
      int32_t links_count, hop = block->hop[i];
      const int32_t *links = art_route_links(sim, trip, &links_count);
      if (!art_net_is_connector(net, lane) && vehicle->track_ahead < vehicle->track_count &&
          art_track_of(vehicle, vehicle->track_ahead)->new_committed)
        hop = hop + 1 < links_count ? hop + 1 : hop;
      int32_t *way, way_count;
      if (!art_route_find(net, links[hop], links[links_count - 1], vclass, closed, &way, &way_count))
        continue;
      art_replace_route(sim, trip, hop, way, way_count);
      block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_PLANNED | ART_FLAG_QUIET));
      if (hop == block->hop[i])
        vehicle->track_count = vehicle->track_ahead;
      else if (vehicle->track_count > vehicle->track_ahead + 1)
        vehicle->track_count = vehicle->track_ahead + 1;
    }
  }
}

/// The same for one that is beside its lane for the moment, and comes back onto its link.
static void reroute_mover(art_sim *sim, int32_t trip)
{
  const art_mover *mover = art_mover_of(sim, art_record(sim, trip));
  const int32_t vclass = sim->types.vclass[mover->type];
  const uint8_t *closed = closed_for(sim, vclass);
  if (!uses_closed(sim, closed, trip, mover->hop + 1)) return;
  int32_t count, *way, way_count;
  const int32_t *links = art_route_links(sim, trip, &count);
  if (art_route_find(sim->net, links[mover->hop], links[count - 1], vclass, closed, &way, &way_count))
    art_replace_route(sim, trip, mover->hop, way, way_count);
}

static void reroute_beside(art_sim *sim)
{
  for (int32_t link = 0; sim->pass && link < sim->net->link_count; ++link)
    if (sim->pass[link].ask.state == ART_PASS_BESIDE) reroute_mover(sim, sim->pass[link].ask.trip);
  for (int32_t lane = 0; sim->beside && lane < sim->net->link_lane_count; ++lane)
    for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next)
      reroute_mover(sim, trip);
}

void art_closures_guide(art_sim *sim, int32_t trip)
{
  if (sim->change_count == 0) return;
  const int32_t vclass = sim->types.vclass[sim->row[trip].type];
  const uint8_t *closed = closed_for(sim, vclass);
  if (!uses_closed(sim, closed, trip, 0)) return;
  int32_t count, *way, way_count;
  const int32_t *links = art_route_links(sim, trip, &count);
  if (!closed[links[0]] && art_route_find(sim->net, links[0], links[count - 1], vclass, closed, &way, &way_count))
    art_replace_route(sim, trip, 0, way, way_count);
  else
    sim->no_route[trip] = 1;
}

/// Trips that wait outside look for a way anew. Those to come do when they come.
static void reroute_waiting(art_sim *sim)
{
  for (int32_t link = 0; link < sim->net->link_count; ++link)
    for (int32_t i = sim->queue[link].first; i < sim->queue[link].count; ++i) {
      sim->no_route[sim->queue[link].trip[i]] = 0;
      art_closures_guide(sim, sim->queue[link].trip[i]);
    }
}

/// Everybody on a link chooses lanes anew now, everybody else on the next one; what is granted irrevocably stays.
static void plan_again(art_sim *sim)
{
  for (int32_t r = 0; r < sim->record_end; ++r) art_track_forget_lanes(&sim->record[r]);
  for (int32_t b = 0; b < sim->block_count; ++b) {
    art_block *block = &sim->block[b];
    if (block->is_node) continue;
    for (int32_t i = 0; i < art_block_count(block); ++i) {
      art_vehicle *vehicle = art_record_at(sim, block, i);
      block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_PLANNED | ART_FLAG_QUIET));
      int32_t keep = vehicle->track_ahead;
      while (keep < vehicle->track_count && art_track_of(vehicle, keep)->new_committed) ++keep;
      vehicle->track_count = keep;
    }
  }
}

/// What a change of permissions or of the limit sets on a lane; NULL: what the net says.
static void set_rule(art_sim *sim, art_change_kind kind, int32_t lane, const art_change *change)
{
  if (kind == ART_CHANGE_PERMISSIONS)
    sim->lane_allowed[lane] = change ? change->classes : sim->net->lane_allowed[lane];
  else
    sim->speed_limit_mps[lane] = art_limit_of(sim->net, lane, change ? change->value : sim->net->lane_speed_mps[lane]);
}

/// The rule of lanes whose permissions or limit change now: what the net says, then the changes in force in their order.
static void set_rules(art_sim *sim, const art_change *change)
{
  const int32_t first = sim->net->link_first_lane[change->link],
                end = sim->net->link_first_lane[change->link + 1];
  for (int32_t lane = first; lane < end; ++lane) {
    if (change->lane >= 0 && lane - first != change->lane) continue;
    const art_change *last = NULL;
    for (int32_t n = 0; n < sim->change_count; ++n) {
      const art_change *other = &sim->change[n];
      if (other->kind == change->kind && other->link == change->link && (other->lane < 0 || lane - first == other->lane) &&
          other->from_ms <= sim->now_ms && sim->now_ms < other->to_ms)
        last = other;
    }
    set_rule(sim, change->kind, lane, last);
  }
}

typedef struct free_ways {
  art_sim *sim;
  int sign;
} free_ways;

static void count_free_way(void *context, int32_t trip, int32_t lane, float pos_m, float speed_mps)
{
  (void)speed_mps;
  const free_ways *f = context;
  art_trip_row *row = &f->sim->row[trip];
  row->free_ms +=
      f->sign * (int32_t)art_free_time_ms(pos_m, art_desired(f->sim, lane, row->type, row->speed_factor));
}

/// Free times are added up when a lane is left, at the limit that holds then. Before limits change, what has been driven of a
/// lane is added, and after that taken off again.
static void count_free_ways(art_sim *sim, int sign)
{
  free_ways f = { sim, sign };
  art_for_each_vehicle(sim, count_free_way, &f);
  for (int32_t lane = 0; sim->beside && lane < sim->net->link_lane_count; ++lane)
    for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next)
      count_free_way(&f, trip, lane, art_mover_of(sim, art_record(sim, trip))->pos_m, 0.0f);
}

/// Does the change begin at this instant? Those that began before the run begin with it.
static int starts_now(const art_sim *sim, const art_change *change)
{
  return change->from_ms == sim->now_ms ||
         (sim->now_ms == sim->begin_ms && change->from_ms < sim->now_ms && change->to_ms > sim->now_ms);
}

static int any_limit_changes(const art_sim *sim)
{
  for (int32_t n = 0; n < sim->change_count; ++n)
    if (sim->change[n].kind == ART_CHANGE_SPEED_LIMIT &&
        (starts_now(sim, &sim->change[n]) || sim->change[n].to_ms == sim->now_ms))
      return 1;
  return 0;
}

void art_changes_apply(art_sim *sim)
{
  int closed = 0, opened = 0, lanes_changed = 0;
  const int limits_change = any_limit_changes(sim);
  if (limits_change) count_free_ways(sim, 1);
  for (int32_t n = 0; n < sim->change_count; ++n) {
    const art_change *change = &sim->change[n];
    if (change->kind == ART_CHANGE_PROGRAM) continue;  // signals.c
    const int starts = starts_now(sim, change);
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
      set_rules(sim, change);
      if (change->kind == ART_CHANGE_PERMISSIONS) lanes_changed = closed = opened = 1;
    }
  }
  if (limits_change) count_free_ways(sim, -1);
  if (lanes_changed) plan_again(sim);
  if (closed || opened) {
    art_barriers_forget(sim);
    reroute_running(sim);
    reroute_beside(sim);
    reroute_waiting(sim);
  }
}
