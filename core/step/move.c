/// Move pass: lane fronts, car-following, new positions, crossings.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/approaches_internal.h"
#include "core/step/detect_internal.h"

#define BEHIND_LINE_M 1.0f  // where a vehicle comes to rest before a stop line
#define LIMIT_DECEL_MPS2 2.0f  // braking for a lower limit ahead

/// How far a driver looks for a leader, and for lines.
static float look_ahead(const art_sim *sim, float v, float desired_mps)
{
  return art_look_ahead(v, desired_mps, sim->step_s);
}

#define SAME_BODY_M 0.05f  // a rear read twice, once in millimetres

typedef struct leader {
  float gap_m, speed_mps, accel_mps2;
  uint8_t connected;
  uint8_t hangs_over;  ///< 1: known by its rear only, the front is on another lane
} leader;

/// Nodes are asked, and lines are braked for, within this distance (engine notes, grants rule 3).
static float ask_distance(float v)
{
  return v * v * 0.125f + 1.5f * v + 6.0f;
}

static void nearest_tail(leader *found, float distance, const art_tail *tail)
{
  const float gap = distance + tail->rear_m;
  if (gap < found->gap_m) *found = (leader){ gap, tail->speed_mps, tail->accel_mps2, tail->connected, 0 };
}

static void nearest_overhang(leader *found, float distance, uint64_t overhang)
{
  const float gap = distance + art_overhang_rear_m(overhang);
  if (gap < found->gap_m)
    *found = (leader){ .gap_m = gap, .speed_mps = art_overhang_speed(overhang), .hangs_over = 1 };
}

/// Walks along the granted way of a vehicle, from the lane it is on.
typedef struct walk {
  const art_vehicle *vehicle;
  int32_t at, entry;
  float distance_m;  ///< from the front to the start of the lane reached
} walk;  // `vehicle` is only looked at where there is a way


/// The next lane of the way; 0 where it is not granted.
static int walk_on(const art_sim *sim, walk *w)
{
  const art_net *net = sim->net;
  const float length = net->lane_length_m[w->at];
  if (art_net_is_connector(net, w->at)) {
    w->at = sim->ways.way[art_net_connector_of_lane(net, w->at)].to_lane;
  } else {
    if (w->entry >= w->vehicle->track_count || art_track_of(w->vehicle, w->entry)->new_grant == ART_GRANT_NONE)
      return 0;
    w->at = art_net_lane_of_connector(net, art_track_of(w->vehicle, w->entry++)->connector);
  }
  w->distance_m += length;
  return 1;
}

static int is_body(const art_tail *tail, float distance, leader *found)
{
  const float off = distance + tail->rear_m - found->gap_m;
  if (!(off < SAME_BODY_M && off > -SAME_BODY_M)) return 0;
  found->accel_mps2 = tail->accel_mps2;
  found->connected = tail->connected;
  return 1;
}

/// Looks up whose body hangs over: the last vehicle of a lane farther on with its rear in the same place. One who has no way
/// planned yet looks along all connectors of its lane.
static void know_body(const art_sim *sim, walk w, leader *found)
{
  const art_net *net = sim->net;
  const int32_t lane = w.at;
  const float end = w.distance_m + net->lane_length_m[lane];
  while (walk_on(sim, &w) && w.distance_m < found->gap_m + 50.0f)
    if (is_body(&sim->tail[w.at], w.distance_m, found)) return;
  if (w.at != lane || art_net_is_connector(net, lane)) return;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    const int32_t path = art_net_lane_of_connector(net, c);
    if (is_body(&sim->tail[path], end, found) ||
        is_body(&sim->tail[net->connector_to[c]], end + net->lane_length_m[path], found))
      return;
  }
}

/// The body ahead of a lane's first vehicle, along its granted way.
static leader find_leader(const art_sim *sim, const art_block *block, int32_t i, float reach)
{
  const uint64_t *overhang = sim->overhang[ART_BUFFER(sim)];
  const int32_t lane = block->lane[block->lane8[i]];
  const float pos = block->pos_m[i];
  leader found = { .gap_m = INFINITY };
  if (overhang[lane] != ART_OVERHANG_NONE && art_overhang_rear_m(overhang[lane]) > pos)
    nearest_overhang(&found, -pos, overhang[lane]);
  if (!art_has_grants(block->flags[i]) && !(found.hangs_over && (sim->needs & ART_NEEDS_LEAD_ACCEL))) return found;
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const walk start = { vehicle, lane, vehicle->track_ahead, -pos };
  walk w = start;
  while (found.gap_m == INFINITY && w.distance_m + sim->net->lane_length_m[w.at] < reach &&
         walk_on(sim, &w)) {
    if (sim->tail[w.at].rear_m < INFINITY) nearest_tail(&found, w.distance_m, &sim->tail[w.at]);
    if (overhang[w.at] != ART_OVERHANG_NONE) nearest_overhang(&found, w.distance_m, overhang[w.at]);
  }
  if (found.hangs_over && (sim->needs & ART_NEEDS_LEAD_ACCEL)) know_body(sim, start, &found);
  return found;
}

/// Acceleration at which speed never exceeds what still allows limit_mps after distance_m.
static float accel_for_limit(const art_sim *sim, float v, float distance_m, float limit_mps)
{
  const float dt = sim->step_s;
  const float left = art_maxf(distance_m - v * dt, 0.0f);
  const float allowed = sqrtf(limit_mps * limit_mps + 2.0f * LIMIT_DECEL_MPS2 * left);
  return (allowed - v) / dt;
}

/// Distance the vehicle may still drive, and the acceleration that nodes, lines and limits ahead ask for.
typedef struct restraint {
  float accel_mps2;
  float distance_m;
  float delay_s;         ///< a grant counts from here on in the step; until then held_mps2 holds
  float held_mps2;
} restraint;

static float stop_accel(const art_sim *sim, const art_block *block, int32_t i, float distance)
{
  const int32_t type = block->type[i];
  const float gap = art_maxf(distance + sim->types.min_gap_m[type] - BEHIND_LINE_M, 0.05f);
  return art_accel_of(sim, type, block->speed_mps[i], block->desired_mps[i], gap, 0.0f);
}

/// Who could stop at yellow when it began stops: some models brake later than drivers who have decided to, and would then
/// find that they no longer can.
static float accel_for_signal(const art_sim *sim, int32_t type, float v, float distance)
{
  const float dt = sim->step_s, left = art_maxf(distance - BEHIND_LINE_M - v * dt, 0.0f);
  return (sqrtf(2.0f * sim->types.yellow_decel_mps2[type] * left) - v) / dt;
}

static int shows_stop(const art_sim *sim, int32_t connector)
{
  return sim->aspect[connector] == ART_ASPECT_RED || sim->aspect[connector] == ART_ASPECT_YELLOW;
}

/// One that has no way on from its lane: the lane ends, unless the route does. Farther away it is not planned yet.
static restraint restrain_at_end(const art_sim *sim, const art_block *block, int32_t i)
{
  const float v = block->speed_mps[i], to_end = sim->net->lane_length_m[block->lane[block->lane8[i]]] - block->pos_m[i];
  restraint r = { INFINITY, INFINITY, 0.0f, INFINITY };
  if ((block->flags[i] & ART_FLAG_LAST) || to_end >= look_ahead(sim, v, block->desired_mps[i])) return r;
  r.distance_m = to_end - ART_LINE_CLEAR_M;
  if (to_end <= ask_distance(v)) r.accel_mps2 = stop_accel(sim, block, i, to_end);
  return r;
}

static restraint restrain_ahead(const art_sim *sim, const art_block *block, int32_t i,
                                const art_vehicle *vehicle)
{
  const art_net *net = sim->net;
  const int32_t lane = block->lane[block->lane8[i]], type = block->type[i];
  const float v = block->speed_mps[i], pos = block->pos_m[i], factor = art_factor(block->speed_factor[i]);
  restraint r = { INFINITY, INFINITY, 0.0f, INFINITY };
  const float ask = ask_distance(v);
  float start = -pos;  // distance to the start of entry e's connector; negative if the front is past it
  int32_t e = vehicle->track_ahead;
  if (art_net_is_connector(net, lane)) {
    --e;
  } else {
    start = net->lane_length_m[lane] - pos;
    if (e >= vehicle->track_count) return restrain_at_end(sim, block, i);
  }
  for (; e < vehicle->track_count; ++e) {
    const art_track *track = art_track_of(vehicle, e);
    const art_way *way = &sim->ways.way[track->connector];
    const int32_t path = art_net_lane_of_connector(net, track->connector), to = way->to_lane;
    if (start > 0.0f && track->new_grant == ART_GRANT_NONE) {
      if (start <= ask) {
        r.accel_mps2 = art_minf(r.accel_mps2, stop_accel(sim, block, i, start));
        if (way->signal >= 0 && shows_stop(sim, track->connector))
          r.accel_mps2 = art_minf(r.accel_mps2, accel_for_signal(sim, type, v, start));
      }
      r.distance_m = art_minf(r.distance_m, start - ART_LINE_CLEAR_M);
      return r;
    }
    if (track->delay_s > 0.0f && r.delay_s == 0.0f) {
      const float line = start > 0.0f ? start : start + art_maxf(way->hold_m, 0.0f);
      r.delay_s = track->delay_s;
      r.held_mps2 = art_minf(r.accel_mps2, stop_accel(sim, block, i, art_maxf(line, 0.0f)));
      if (sim->aspect[track->connector] == ART_ASPECT_STOP) r.held_mps2 = art_minf(r.held_mps2, -v / r.delay_s);
    }
    r.accel_mps2 = art_minf(r.accel_mps2, track->cap_mps2);
    if (track->stop_m < INFINITY) r.distance_m = art_minf(r.distance_m, start + track->stop_m - ART_LINE_CLEAR_M);
    if (start > 0.0f)
      r.accel_mps2 =
          art_minf(r.accel_mps2, accel_for_limit(sim, v, start, art_desired(sim, path, type, factor)));
    const float next = start + way->length_m;
    r.accel_mps2 = art_minf(r.accel_mps2, accel_for_limit(sim, v, next, art_desired(sim, to, type, factor)));
    start = next + way->exit_m;
    if (track->new_grant == ART_GRANT_HOLD) return r;
  }
  if (e > 0 && !art_track_of(vehicle, e - 1)->ends) {
    // Granted so far; what comes behind has no way on, or is not planned yet.
    r.distance_m = art_minf(r.distance_m, start - ART_LINE_CLEAR_M);
    if (start <= ask) r.accel_mps2 = art_minf(r.accel_mps2, stop_accel(sim, block, i, start));
  }
  return r;
}

/// One that is granted nothing, before a red light or far from the line.
static restraint restrain_quiet(const art_sim *sim, const art_block *block, int32_t i)
{
  const float v = block->speed_mps[i], start = sim->net->lane_length_m[block->lane[block->lane8[i]]] - block->pos_m[i];
  restraint r = { INFINITY, start - ART_LINE_CLEAR_M, 0.0f, INFINITY };
  if (start <= ask_distance(v))
    r.accel_mps2 = art_minf(stop_accel(sim, block, i, start), accel_for_signal(sim, block->type[i], v, start));
  return r;
}

/// Acceleration and way that junctions and the lane's end leave to vehicle i.
static restraint restrain(const art_sim *sim, const art_block *block, int32_t i)
{
  if (!(block->flags[i] & ART_FLAG_WAY)) return restrain_at_end(sim, block, i);
  if (block->flags[i] & ART_FLAG_QUIET) return restrain_quiet(sim, block, i);
  return restrain_ahead(sim, block, i, art_record_at(sim, block, i));
}

static void next_stop(art_sim *sim, art_block *block, int32_t i)
{
  art_vehicle *vehicle = art_record_at(sim, block, i);
  vehicle->at_stop = 0;
  ++vehicle->next_stop;
  block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_STOP | ART_FLAG_PLANNED));  // the lanes that serve the rest of the route may be others
}

static int waits_behind_dwelling(const art_sim *sim, const art_block *block, int32_t i)
{
  return i > block->start[block->lane8[i]] && art_record_at(sim, block, i - 1)->at_stop &&
         block->gap_m[i] <= sim->types.min_gap_m[block->type[i]] + ART_STOP_TOLERANCE_M;
}

/// A planned stop on this link: brake for it (in whatever lane, so that it is not passed), dwell, go on. Returns the acceleration it asks for.
static float serve_stop(art_sim *sim, art_block *block, int32_t i, float *distance_m)
{
  const art_demand *demand = sim->demand;
  const int32_t trip = block->vehicle[i], lane = block->lane[block->lane8[i]];
  art_vehicle *vehicle = art_record_at(sim, block, i);
  const int32_t at = art_trip_first_stop(demand, trip) + vehicle->next_stop;
  const int in_lane = demand->stop_lane[at] == lane;
  const float distance = demand->stop_end_m[at] - block->pos_m[i], v = block->speed_mps[i];
  if (!vehicle->at_stop &&
      v * v > 2.0f * sim->types.emergency_decel_mps2[block->type[i]] * (distance + 0.5f)) {
    next_stop(sim, block, i);  // it came up too late, or never found a way into the lane: goes on without
    ++sim->row[trip].missed_stops;
    return INFINITY;
  }
  if (vehicle->at_stop) {
    if (sim->now_ms < art_rare_of(sim, vehicle)->dwell_until_ms) {
      *distance_m = 0.0f;
      return -block->speed_mps[i] / sim->step_s;
    }
    next_stop(sim, block, i);
    return INFINITY;
  }
  const int inside = block->pos_m[i] >= demand->stop_start_m[at] && distance >= -0.5f;
  // Berths: behind one that dwells it may dwell too, anywhere in the extent of the stop.
  const int is_near = distance <= ART_STOP_TOLERANCE_M || (inside && waits_behind_dwelling(sim, block, i));
  if (in_lane && v < 0.1f && is_near && (inside || distance <= 0.5f) &&
      !art_stop_is_beside(sim, at, block->type[i])) {  // bays.c takes it off the lane
    vehicle->at_stop = 1;
    const art_tick until = demand->stop_until_ms[at];
    art_rare *rare = art_rare_make(sim, vehicle);
    rare->dwell_until_ms = sim->now_ms + demand->stop_duration_ms[at];
    if (until > rare->dwell_until_ms) rare->dwell_until_ms = until;
    *distance_m = 0.0f;
    return -block->speed_mps[i] / sim->step_s;
  }
  *distance_m = art_minf(*distance_m, art_maxf(distance, 0.0f));
  if (distance > look_ahead(sim, v, block->desired_mps[i])) return INFINITY;
  return stop_accel(sim, block, i, art_maxf(distance + BEHIND_LINE_M, 0.05f));
}

// What a block needs of others is asked for in three steps with other work between them, since one cannot be found without the
// other: the records of those that may be granted something, the connectors there, and what lies behind the lanes.

/// Lists those that may be granted something; returns how many.
static int32_t fetch_granted(const art_sim *sim, const art_block *block, int32_t *list)
{
  const int32_t n = art_block_count(block);
  int32_t count = 0;
  for (int32_t i = 0; i < n; ++i) {
    list[count] = i;
    count += art_has_grants(block->flags[i]);
  }
  for (int32_t at = 0; at < count; ++at) art_fetch_record(sim, block, list[at]);
  return count;
}

static void fetch_tails(const art_sim *sim, const art_block *block)
{
  const uint64_t *overhang = sim->overhang[ART_BUFFER(sim)];
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left), first = block->start[k];
    __builtin_prefetch(&overhang[block->lane[k]]);
    if (block->is_node) {
      const int32_t exit = sim->ways.way[art_net_connector_of_lane(sim->net, block->lane[k])].to_lane;
      __builtin_prefetch(&sim->tail[exit]);
      __builtin_prefetch(&overhang[exit]);
    }
    if (!art_has_grants(block->flags[first])) continue;
    const art_vehicle *vehicle = art_record_at(sim, block, first);
    if (vehicle->track_count == 0) continue;
    const int32_t e = vehicle->track_ahead < vehicle->track_count ? vehicle->track_ahead : vehicle->track_ahead - 1;
    const int32_t c = art_track_of(vehicle, e)->connector, path = art_net_lane_of_connector(sim->net, c);
    const int32_t to = sim->ways.way[c].to_lane;
    __builtin_prefetch(&sim->tail[path]);
    __builtin_prefetch(&overhang[path]);
    __builtin_prefetch(&sim->tail[to]);
    __builtin_prefetch(&overhang[to]);
  }
}

/// Fills gap, leader speed and desired speed of all vehicles of the block.
static void look(art_sim *sim, art_block *block, const art_wide_lanes *lanes, art_move_scratch *s)
{
  int32_t *list = s->index;
  const int32_t granted = fetch_granted(sim, block, list);
  sim->wide->look(&sim->types, lanes, block);
  for (int32_t at = 0; at < granted; ++at) art_fetch_ways(sim, block, list[at]);
  fetch_tails(sim, block);
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left), first = block->start[k];
    const leader ahead =
        find_leader(sim, block, first, look_ahead(sim, block->speed_mps[first], block->desired_mps[first]));
    block->gap_m[first] = art_maxf(ahead.gap_m, 0.05f);
    block->lead_speed_mps[first] = ahead.speed_mps;
    s->first_lead_accel_mps2[k] = ahead.accel_mps2;
    s->first_lead_connected[k] = ahead.connected;
  }
}

static void finish_trip(art_sim *sim, int32_t trip, int32_t lane, art_worker *worker)
{
  if (sim->net->detector_count > 0) art_detect_arrived(sim, trip, sim->now_ms + sim->step_ms);
  art_approach_settle(sim, trip);
  art_trip_row *row = &sim->row[trip];
  row->state = ART_TRIP_ARRIVED;
  row->arrival_ms = sim->now_ms + sim->step_ms;
  row->arrival_lane = lane;
  ++worker->arrived;
  worker->hash += art_hash_trip(sim->demand->trip_key[trip], row);
  ART_PUSH(worker->over, worker->over_count, worker->over_capacity, trip);
}

static float arrival_pos(const art_sim *sim, int32_t trip, int32_t lane)
{
  const float wanted = art_trip_arrival_pos_m(sim->demand, trip), length = sim->net->lane_length_m[lane];
  if (wanted <= ART_POS_END) return length;
  return wanted < 0.0f ? art_maxf(length + wanted, 0.0f) : art_minf(wanted, length);
}

/// The connector that a vehicle on a link lane is granted, or -1.
static int32_t granted_next(const art_sim *sim, int32_t record, uint16_t flags, int32_t lane)
{
  if (art_net_is_connector(sim->net, lane) || !art_has_grants(flags)) return -1;
  const art_vehicle *vehicle = &sim->record[record];
  if (vehicle->track_ahead >= vehicle->track_count) return -1;
  const art_track *track = art_track_of(vehicle, vehicle->track_ahead);
  return track->new_grant != ART_GRANT_NONE ? track->connector : -1;
}

static uint16_t with_bonds(const art_sim *sim, const art_vehicle *vehicle, uint16_t flags)
{
  uint32_t bonds = flags & ~(uint32_t)(ART_FLAG_BOUND | ART_FLAG_DETOUR);
  if (vehicle->track_ahead < vehicle->track_count) {
    const art_track *next = art_track_of(vehicle, vehicle->track_ahead);
    if (next->new_committed && !sim->ways.way[next->connector].is_free) bonds |= ART_FLAG_BOUND;
    if (next->detours) bonds |= ART_FLAG_DETOUR;
  }
  return (uint16_t)bonds;
}

/// Takes the first vehicle of lane k off the block and walks it over all lanes that it crosses in this step.
static void hand_over(art_sim *sim, art_block *block, int32_t k, art_worker *worker)
{
  const art_net *net = sim->net;
  const int32_t at = block->start[k];
  art_mover mover = art_block_get(block, at);
  const int32_t trip = mover.vehicle, record = block->record[at];
  art_vehicle *vehicle = &sim->record[record];
  art_trip_row *row = &sim->row[trip];
  const float factor = art_factor(mover.speed_factor), length = sim->types.length_m[mover.type];
  int32_t lane = block->lane[k], count;
  float from = block->gap_m[at];  // before the step, along the lane that it came to
  const art_stride stride = art_stride_of(from, mover.pos_m, mover.speed_mps, sim->step_s);
  (void)art_route_links(sim, trip, &count);
  art_block_remove(block, at);
  for (;;) {
    const float lane_m = net->lane_length_m[lane];
    const int is_connector = art_net_is_connector(net, lane);
    const int is_last = !is_connector && mover.hop + 1 >= count;
    const float end = is_last ? arrival_pos(sim, trip, lane) : lane_m;
    if (mover.pos_m < end) break;
    row->route_mm += (int64_t)(end * 1000.0f + 0.5f);
    row->free_ms += art_free_time_ms(end, art_desired(sim, lane, mover.type, factor));
    if (is_last) {
      art_stats_take_back(sim, block->lane[k], mover.pos_m - end, art_desired(sim, lane, mover.type, factor),
                          worker);
      ART_ATOMIC_ADD(sim->link_sums.arrived[net->lane_link[lane]], 1);
      ART_ATOMIC_ADD(sim->link_sums.left[net->lane_link[lane]], 1);
      art_standstill_end(sim, trip, &mover.flags, sim->now_ms + sim->step_ms);
      finish_trip(sim, trip, lane, worker);
      return;
    }
    const art_tick at_ms = sim->now_ms + art_stride_ms(&stride, lane_m - from, sim->step_ms);
    mover.pos_m -= lane_m;
    from -= lane_m;
    if (vehicle->has_rare) art_rare_make(sim, vehicle)->slow_since_ms = ART_NOT_SLOW;
    if (is_connector) {
      const int32_t c = art_net_connector_of_lane(net, lane);
      lane = net->connector_to[c];
      ++sim->movement_out[c];  // one block owns the connector
      sim->movement_delay_ms[c] += art_approach_delay(sim, trip, at_ms);
      if (art_approach_enter(sim, trip, c, at_ms)) mover.flags = (uint16_t)(mover.flags & ~ART_FLAG_QUEUED);
      if (art_approach_leave(sim, trip, c, at_ms, mover.pos_m, mover.speed_mps,
                             art_desired(sim, lane, mover.type, factor)))
        mover.flags |= ART_FLAG_REGAINS;
      ART_ATOMIC_ADD(sim->link_sums.entered[net->lane_link[lane]], 1);
      mover.flags = (uint16_t)(mover.flags & ~ART_FLAG_PLANNED);
    } else {
      ART_ATOMIC_ADD(sim->link_sums.left[net->lane_link[lane]], 1);
      const int32_t c = art_track_of(vehicle, vehicle->track_ahead)->connector;
      if (sim->measures_approaches && art_approach_cross(sim, lane, trip, (mover.flags & ART_FLAG_QUEUED) != 0, at_ms,
                                                         (int32_t)(worker - sim->worker)))
        mover.flags = (uint16_t)(mover.flags & ~(ART_FLAG_QUEUED | ART_FLAG_REGAINS));
      lane = art_net_lane_of_connector(net, c);
      mover.flags |= ART_FLAG_WAY;
      ART_ATOMIC_ADD(sim->movement_sums[c], 1);
      ++vehicle->track_ahead;
      ++mover.hop;
    }
    art_detect_front(sim, lane, from, mover.pos_m, mover.speed_mps, trip, mover.type);
  }
  // For the next settle pass, which cannot know of it otherwise.
  art_cover_behind(sim, vehicle, lane, mover.pos_m, mover.speed_mps, length, sim->transit[ART_BUFFER(sim)], worker);
  art_note_least(sim, &sim->entering[ART_BUFFER(sim)][lane],
                 art_entering_pack(art_maxf(net->lane_length_m[lane] - mover.pos_m, 0.0f), trip), worker);
  vehicle->lead_connector = granted_next(sim, record, mover.flags, lane);
  mover.flags = with_bonds(sim, vehicle, mover.flags);
  vehicle->lane = lane;
  mover.accel_cap_mps2 = INFINITY;
  *art_mover_take(sim, worker, vehicle) = mover;
  if (sim->lane_owner && sim->lane_owner[lane] != sim->rank) {
    ART_PUSH(worker->left, worker->left_count, worker->left_capacity, trip);
    return;
  }
  // Any thread may deliver; the receiver sorts, so the order of delivery does not matter.
  vehicle->next = __atomic_exchange_n(&sim->inbox[lane], trip, __ATOMIC_RELAXED);
  __atomic_fetch_or(&sim->block[sim->lane_block[lane]].inbox, ART_LANE_BIT(sim->lane_slot[lane]), __ATOMIC_RELAXED);
}

static float lane_goal(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t lane = block->lane[block->lane8[i]];
  if (!block->is_node && (block->flags[i] & ART_FLAG_LAST)) return arrival_pos(sim, block->vehicle[i], lane);
  return sim->net->lane_length_m[lane];
}

/// Lanes whose first vehicle has come to its goal. What it takes along is fetched.
static art_lane_mask lanes_crossed(const art_sim *sim, const art_block *block)
{
  art_lane_mask crossed = 0;
  for (art_lane_mask left = block->occupied; left; left &= left - 1) {
    const int32_t k = art_lowest_lane(left), first = block->start[k];
    if (!(block->pos_m[first] >= lane_goal(sim, block, first))) continue;
    crossed |= ART_LANE_BIT(k);
    const char *row = (const char *)&sim->row[block->vehicle[first]];
    const char *vehicle = (const char *)art_record_at(sim, block, first);
    __builtin_prefetch(row, 1);
    __builtin_prefetch(row + 64, 1);
    __builtin_prefetch(vehicle, 1);
    __builtin_prefetch(vehicle + offsetof(art_vehicle, links), 1);
    __builtin_prefetch(&sim->transit[ART_BUFFER(sim)][block->lane[k]], 1);
    if (!block->is_node) continue;
    const art_way *way = &sim->ways.way[art_net_connector_of_lane(sim->net, block->lane[k])];
    __builtin_prefetch(&sim->transit[ART_BUFFER(sim)][way->from_lane], 1);
    __builtin_prefetch(&sim->entering[ART_BUFFER(sim)][way->to_lane], 1);
    __builtin_prefetch(&sim->inbox[way->to_lane], 1);
  }
  return crossed;
}

/// The first vehicle left on a lane, as the next step's settle pass of other blocks may know it.
static void publish_lead(art_sim *sim, const art_block *block, int32_t k)
{
  const int32_t lane = block->lane[k], i = block->start[k];
  art_lead *lead = &sim->lead[lane];
  if (i == block->start[k + 1]) {
    *lead = (art_lead){ .distance_m = INFINITY, .vehicle = -1, .next_connector = -1 };
    return;
  }
  *lead = (art_lead){ .distance_m = sim->net->lane_length_m[lane] - block->pos_m[i],
                      .speed_mps = block->speed_mps[i],
                      .vehicle = block->vehicle[i],
                      .next_connector = granted_next(sim, block->record[i], block->flags[i], lane) };
}

/// Notes in the flags what the next step asks of the next passage.
static void note_bonds(const art_sim *sim, art_block *block, int32_t i)
{
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  block->flags[i] = with_bonds(sim, vehicle, block->flags[i]);
}

/// What holds vehicle i back beside the one ahead of it: junctions, lines, stops. Lowers its acceleration and the way that
/// it may drive; returns the delay of an admission inside the step, and in *held_mps2 the acceleration until then.
static float hold_back(art_sim *sim, art_block *block, int32_t i, float *way_m, float *held_mps2)
{
  float accel = block->accel_mps2[i];
  const restraint r = restrain(sim, block, i);
  if (art_has_grants(block->flags[i])) note_bonds(sim, block, i);
  *held_mps2 = art_minf(accel, r.held_mps2);
  *way_m = r.distance_m;
  accel = art_minf(accel, r.accel_mps2);
  if (block->flags[i] & ART_FLAG_STOP) accel = art_minf(accel, serve_stop(sim, block, i, way_m));
  if (sim->pass && !block->is_node) {
    const float wall = art_wall_of(sim, block->lane[block->lane8[i]]) - block->pos_m[i];
    if (wall >= 0.0f && wall < INFINITY) {
      accel = art_minf(accel, stop_accel(sim, block, i, wall));
      *way_m = art_minf(*way_m, wall - ART_LINE_CLEAR_M);
    }
  }
  if (sim->any_startup | sim->any_action) accel = art_react(sim, block, i, accel);
  block->accel_mps2[i] = accel;
  return r.delay_s;
}

/// Ballistic update (validation V07): constant acceleration over the step, a stop inside the step ends at rest.
/// Euler's, for models whose equations give the speed of a whole step: the new speed all along.
static float advance(float *speed, float accel, float dt, art_integration rule)
{
  const float v = *speed, v_new = art_maxf(v + accel * dt, 0.0f);
  *speed = v_new;
  if (rule == ART_EULER) return v_new * dt;
  if (v_new > 0.0f) return v * dt + 0.5f * accel * dt * dt;
  return accel < 0.0f ? -0.5f * v * v / accel : 0.0f;
}

/// Way and speed of vehicle i after the step, as the loop over all of them has it, for those that are admitted inside the
/// step (they drive the rest of it) or have another rule of integration.
static void advance_one(const art_sim *sim, const art_block *block, int32_t i, float delay_s, float held_mps2, float way_m,
                        float *speed_mps, float *moved_m)
{
  const float dt = sim->step_s, hardest = -sim->types.emergency_decel_mps2[block->type[i]];
  const art_integration rule = (art_integration)sim->kernels->integration[sim->types.model[block->type[i]]];
  float speed = block->speed_mps[i], moved = 0.0f;
  if (delay_s > 0.0f) moved = advance(&speed, art_maxf(held_mps2, hardest), delay_s, rule);
  moved += advance(&speed, art_maxf(block->accel_mps2[i], hardest), dt - delay_s, rule);
  if (moved > way_m) {
    moved = art_maxf(way_m, 0.0f);
    speed = art_minf(speed, moved / dt);
  }
  *speed_mps = speed;
  *moved_m = moved;
}

/// Nobody reaches into the body ahead, whatever the models ask for; that one has moved already. Members of a circle all move
/// alike.
static void cut_off(const art_sim *sim, const art_block *block, int32_t i, float *speed_mps, float *moved_m)
{
  float room = block->gap_m[i] - ART_LINE_CLEAR_M;
  if (i > block->start[block->lane8[i]]) {
    const float before = block->pos_m[i - 1], after = before + moved_m[i - 1];
    room += after - before;
  }
  room = art_maxf(room, 0.0f);
  if (moved_m[i] > room) {
    moved_m[i] = room;
    speed_mps[i] = art_minf(speed_mps[i], room / sim->step_s);
  }
  if ((block->flags[i] & ART_FLAG_ROTATE) && art_record_at(sim, block, i)->push_mps > 0.0f) {
    speed_mps[i] = art_record_at(sim, block, i)->push_mps;
    moved_m[i] = speed_mps[i] * sim->step_s;
  }
}

/// Speeds and places after the step; gap_m holds the places before it from here on.
static void drive(art_sim *sim, art_block *block, const art_wide_lanes *lanes, art_worker *worker)
{
  const int32_t count = art_block_count(block);
  art_move_scratch *s = &worker->move;
  const int all = sim->pass || (sim->any_startup | sim->any_action);  // rare features concern everybody
  int32_t delayed = 0, hard = 0;
  if (sim->wide->sort_out(&sim->wide_step, lanes, block, s->way_m, s->mark) || all)
    for (int32_t i = 0; i < count; ++i) {
      if (!s->mark[i] && !all) continue;
      float held;
      const float delay = hold_back(sim, block, i, &s->way_m[i], &held);
      if (delay > 0.0f || sim->any_euler)
        s->late[delayed++] = (art_late){ .at = i, .delay_s = delay, .held_mps2 = held };
    }
  int cuts = sim->wide->advance(&sim->wide_step, &sim->types, block, s->way_m, s->speed_mps, s->moved_m, s->mark, &hard);
  worker->hard_brakings += hard;
  if (sim->any_euler) {
    for (int32_t i = 0, d = 0; i < count; ++i) {
      const int is_late = d < delayed && s->late[d].at == i;
      advance_one(sim, block, i, is_late ? s->late[d].delay_s : 0.0f, is_late ? s->late[d].held_mps2 : 0.0f, s->way_m[i],
                  &s->speed_mps[i], &s->moved_m[i]);
      d += is_late;
    }
  } else {
    for (int32_t d = 0; d < delayed; ++d) {
      const int32_t i = s->late[d].at;
      advance_one(sim, block, i, s->late[d].delay_s, s->late[d].held_mps2, s->way_m[i], &s->speed_mps[i], &s->moved_m[i]);
    }
  }
  cuts |= delayed > 0 || sim->any_euler || sim->cycle_count > 0;
  if (cuts)
    for (int32_t i = 0; i < count; ++i)
      if (s->mark[i] || delayed > 0 || sim->any_euler || sim->cycle_count > 0)
        cut_off(sim, block, i, s->speed_mps, s->moved_m);
  if (sim->needs & (ART_NEEDS_LEAD_ACCEL | ART_NEEDS_OWN_ACCEL))
    for (int32_t i = 0; i < count; ++i)
      art_record_at(sim, block, i)->accel_mps2 = (s->speed_mps[i] - block->speed_mps[i]) / sim->step_s;
  sim->wide->take_over(block, s->speed_mps, s->moved_m);
}

void art_move_scratch_reserve(art_move_scratch *s, int32_t count)
{
  if (count <= s->capacity) return;
  art_move_scratch_free(s);
  s->capacity = (count + 63) / 64 * 64;
  const size_t n = (size_t)s->capacity;
  s->lent = art_new_aligned(ART_BLOCK_LENT * n, sizeof *s->lent);
  s->way_m = art_new_aligned(n, sizeof *s->way_m);
  s->speed_mps = art_new_aligned(n, sizeof *s->speed_mps);
  s->moved_m = art_new_aligned(n, sizeof *s->moved_m);
  s->mark = art_new_aligned(n, 1);
  s->late = art_new_aligned(n, sizeof *s->late);
  s->sum = art_new_aligned(2 * n, sizeof *s->sum);
  s->index = art_new_aligned(n, sizeof *s->index);
}

void art_move_scratch_free(art_move_scratch *s)
{
  free(s->lent);
  free(s->way_m);
  free(s->speed_mps);
  free(s->moved_m);
  free(s->mark);
  free(s->late);
  free(s->sum);
  free(s->index);
  memset(s, 0, sizeof *s);
}

/// Lanes whose first vehicle has been published, or that have one.
static void publish_leads(art_sim *sim, art_block *block)
{
  for (art_lane_mask left = block->occupied | block->led; left; left &= left - 1) publish_lead(sim, block, art_lowest_lane(left));
  block->led = block->occupied;
}

void art_move_block(art_sim *sim, art_block *block, art_worker *worker)
{
  if (sim->pass && !block->is_node) art_pass_move(sim, block);
  if (block->occupied) {
    art_wide_lanes lanes;  // of lanes that nobody is on nothing is asked
    for (art_lane_mask left = block->occupied; left; left &= left - 1) {
      const int32_t k = art_lowest_lane(left);
      lanes.length_m[k] = sim->net->lane_length_m[block->lane[k]];
      lanes.limit_mps[k] = sim->speed_limit_mps[block->lane[k]];
    }
    art_move_scratch *s = &worker->move;
    art_move_scratch_reserve(s, art_block_count(block));
    art_block_lend(block, s->lent, s->capacity);
    look(sim, block, &lanes, s);
    art_follow_block(sim, block, worker);
    drive(sim, block, &lanes, worker);
    art_standstills(sim, block, s->mark);
    art_stats_block(sim, block, worker);
    const art_lane_mask crossed = lanes_crossed(sim, block);
    for (art_lane_mask left = crossed; left; left &= left - 1) {
      const int32_t k = art_lowest_lane(left);
      while (block->start[k] < block->start[k + 1] &&
             block->pos_m[block->start[k]] >= lane_goal(sim, block, block->start[k]))
        hand_over(sim, block, k, worker);
    }
    art_block_lend(block, NULL, 0);
  }
  if (block->occupied | block->led) publish_leads(sim, block);
}
