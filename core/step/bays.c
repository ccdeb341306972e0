/// Stops beside the road: who has a planned stop in a bay leaves the lane while it dwells, and comes back where there is a
/// gap. A bus stop has as many berths as fit into its extent; who finds none waits in the lane. Elsewhere there is room for
/// everybody. The owner of the block does all of it in settle, one after the other.
#include "core/step/sim_internal.h"

#define REENTRY_DECEL_MPS2 2.0f  // nobody on the road has to brake harder for one who comes back
#define ROOM_DECEL_MPS2 2.5f     // nor than this for one whom it lets in
#define ASK_AFTER_MS 10000       // who has waited this long is let in
#define UPSTREAM_M 80.0f

/// Is its dwell over, and has been for so long?
static int is_due_since(const art_sim *sim, const art_vehicle *vehicle, art_tick ms)
{
  return sim->now_ms >= art_rare_of(sim, vehicle)->dwell_until_ms + ms;
}

static int is_due(const art_sim *sim, int32_t trip)
{
  return is_due_since(sim, art_record(sim, trip), 0);
}

/// Place in the list of those beside a lane: by end of the dwell, then by key.
static int leaves_before(const art_sim *sim, int32_t a, int32_t b)
{
  const art_tick ta = art_rare_of(sim, art_record(sim, a))->dwell_until_ms, tb = art_rare_of(sim, art_record(sim, b))->dwell_until_ms;
  if (ta != tb) return ta < tb;
  return sim->demand->trip_key[a] < sim->demand->trip_key[b];
}

static int has_berth(const art_sim *sim, int32_t lane, int32_t at, float length_m)
{
  const art_demand *demand = sim->demand;
  if (demand->stop_place[at] < 0) return 1;
  float taken = 0.0f;
  for (int32_t trip = sim->beside[lane]; trip >= 0; trip = art_record(sim, trip)->next) {
    const int32_t other = art_trip_first_stop(demand, trip) + art_record(sim, trip)->next_stop;
    if (demand->stop_place[other] == demand->stop_place[at])
      taken += sim->types.length_m[art_mover_of(sim, art_record(sim, trip))->type];
  }
  return taken == 0.0f || taken + length_m <= demand->stop_end_m[at] - demand->stop_start_m[at];
}

/// Vehicle i stands in the lane where its stop `at` beside the lane is, with its whole body on the lane.
static int has_come_to(const art_sim *sim, const art_block *block, int32_t i, int32_t at)
{
  const int32_t lane = block->lane[block->lane8[i]], type = block->type[i];
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  if (block->speed_mps[i] >= 0.1f || !art_stop_is_beside(sim, at, type) || sim->demand->stop_lane[at] != lane)
    return 0;
  const float distance = sim->demand->stop_end_m[at] - block->pos_m[i];
  if (distance > ART_STOP_TOLERANCE_M || distance < -0.5f || block->pos_m[i] < sim->types.length_m[type])
    return 0;
  if (vehicle->track_ahead < vehicle->track_count) {  // not while it holds a place in the order of a node
    const art_track *next = art_track_of(vehicle, vehicle->track_ahead);
    if (next->new_committed && !sim->connector_free[next->connector]) return 0;
  }
  return 1;
}

static int may_pull_in(const art_sim *sim, const art_block *block, int32_t i, int32_t *at)
{
  if (!(block->flags[i] & ART_FLAG_STOP)) return 0;
  const int32_t trip = block->vehicle[i], lane = block->lane[block->lane8[i]];
  *at = art_trip_first_stop(sim->demand, trip) + art_record_at(sim, block, i)->next_stop;
  return has_come_to(sim, block, i, *at) && has_berth(sim, lane, *at, sim->types.length_m[block->type[i]]);
}

static void pull_in(art_sim *sim, art_block *block, int32_t i, int32_t at)
{
  const int32_t trip = block->vehicle[i], lane = block->lane[block->lane8[i]];
  art_vehicle *vehicle = art_record_at(sim, block, i);
  art_mover *mover = art_mover_keep(sim, vehicle);
  *mover = art_block_get(block, i);
  art_block_remove(block, i);
  mover->speed_mps = 0.0f;
  art_standstill_end(sim, trip, &mover->flags, sim->now_ms);
  mover->flags = (uint16_t)(mover->flags & ~(ART_FLAG_STOP | ART_FLAG_PLANNED | ART_FLAG_DRAWN | ART_FLAG_QUIET));
  vehicle->track_count = vehicle->track_ahead = 0;
  vehicle->at_stop = 1;
  art_rare *rare = art_rare_make(sim, vehicle);
  rare->beside_since_ms = sim->now_ms;
  rare->dwell_until_ms = sim->now_ms + sim->demand->stop_duration_ms[at];
  if (sim->demand->stop_until_ms[at] > rare->dwell_until_ms) rare->dwell_until_ms = sim->demand->stop_until_ms[at];
  int32_t *link = &sim->beside[lane];
  while (*link >= 0 && leaves_before(sim, *link, trip)) link = &art_record(sim, *link)->next;
  vehicle->next = *link;
  *link = trip;
  ART_ATOMIC_ADD(sim->beside_count, 1);
}

/// Drivers of the lane let in one who has waited: the first who can stop behind it with even, gentle braking does, those
/// nearer pass.
static void ask_for_room(const art_sim *sim, art_block *block, int32_t k, int32_t follower, float rear)
{
  for (int32_t f = follower; f < block->start[k + 1]; ++f) {
    const int32_t type = block->type[f];
    const float v = block->speed_mps[f], way = rear - block->pos_m[f] - sim->types.min_gap_m[type];
    if (art_record_at(sim, block, f)->at_stop) return;
    if (sim->types.lc_cooperative[type] <= 0.0f || way < 0.0f || v * v > 2.0f * ROOM_DECEL_MPS2 * way)
      continue;
    const float braking = v * v / (2.0f * art_maxf(way, 0.1f));
    if (braking > 0.2f * ROOM_DECEL_MPS2 || v < 1.0f)
      block->accel_cap_mps2[f] = art_minf(block->accel_cap_mps2[f], -braking);
    return;
  }
}

/// 1 if the body fits into the lane at its place, at rest, without anybody behind having to brake hard.
static int may_pull_out(const art_sim *sim, art_block *block, int32_t k, int32_t trip)
{
  const art_vehicle *vehicle = art_record(sim, trip);
  const int32_t lane = block->lane[k], type = art_mover_of(sim, vehicle)->type;
  const float pos = art_mover_of(sim, vehicle)->pos_m, rear = pos - sim->types.length_m[type];
  int32_t follower = block->start[k];
  while (follower < block->start[k + 1] && block->pos_m[follower] >= pos) ++follower;
  float ahead = INFINITY;
  if (follower > block->start[k])
    ahead = block->pos_m[follower - 1] - sim->types.length_m[block->type[follower - 1]];
  const uint64_t over = art_overhang_known(sim, lane);
  if (over != ART_OVERHANG_NONE) ahead = art_minf(ahead, art_overhang_rear_m(over));
  if (sim->pass) ahead = art_minf(ahead, pos + art_wall_ahead_m(sim, lane, rear, pos));
  const int has_follower = follower < block->start[k + 1];
  float gap, speed;
  int32_t behind, behind_type;
  if (has_follower) {
    behind = block->vehicle[follower];
    behind_type = block->type[follower];
    gap = rear - block->pos_m[follower] - art_pushed_m(sim, behind);
    speed = block->speed_mps[follower];
  } else {
    gap = art_upstream_gap(sim, lane, rear, UPSTREAM_M, &speed, &behind);
    behind_type = behind >= 0 ? sim->row[behind].type : -1;
  }
  int fits = ahead - pos >= 0.5f * sim->types.min_gap_m[type];
  if (fits && behind_type >= 0)
    fits = gap >= sim->types.min_gap_m[behind_type] &&
           (speed < 0.1f ||
            art_accel_of(sim, behind_type, speed, art_maxf(speed, 1.0f), gap, 0.0f) > -REENTRY_DECEL_MPS2);
  if (!fits && has_follower && gap > 0.0f && is_due_since(sim, vehicle, ASK_AFTER_MS))
    ask_for_room(sim, block, k, follower, rear);
  return fits;
}

static void pull_out(art_sim *sim, art_block *block, int32_t k, int32_t *link)
{
  const int32_t trip = *link;
  art_vehicle *vehicle = art_record(sim, trip);
  art_trip_row *row = &sim->row[trip];
  const art_rare *rare = art_rare_of(sim, vehicle);
  const art_tick left = rare->dwell_until_ms > rare->beside_since_ms ? rare->dwell_until_ms : rare->beside_since_ms;
  *link = vehicle->next;
  vehicle->next = -1;
  row->stop_ms += left - rare->beside_since_ms;
  row->waiting_ms += sim->now_ms - left;
  vehicle->at_stop = 0;
  ++vehicle->next_stop;
  art_mover *mover = art_mover_of(sim, vehicle);
  mover->change_after_ms = art_now_in_run(sim);
  mover->accel_cap_mps2 = INFINITY;
  (void)art_take_in(sim, block, k, mover);
  vehicle->mover = 0;
  ART_ATOMIC_ADD(sim->beside_count, -1);
}

/// Who waits in the lane for a berth that only the waiting one can free: they change places. 1 if they did.
static int exchange(art_sim *sim, art_block *block, int32_t k, int32_t *link)
{
  const int32_t trip = *link, type = art_mover_of(sim, art_record(sim, trip))->type, lane = block->lane[k];
  const int32_t mine = art_trip_first_stop(sim->demand, trip) + art_record(sim, trip)->next_stop;
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
    const int32_t other = block->vehicle[i];
    if (!(block->flags[i] & ART_FLAG_STOP)) continue;
    const int32_t at = art_trip_first_stop(sim->demand, other) + art_record(sim, other)->next_stop;
    if (!has_come_to(sim, block, i, at) || sim->demand->stop_place[at] != sim->demand->stop_place[mine])
      continue;
    const float rear = block->pos_m[i] - sim->types.length_m[type];
    const float behind = art_front_behind(sim, block, i);
    if (rear < 0.0f || behind > rear - 0.3f) continue;
    if (sim->types.length_m[block->type[i]] > sim->types.length_m[type] &&
        !has_berth(sim, lane, at, sim->types.length_m[block->type[i]] - sim->types.length_m[type]))
      continue;
    art_mover_of(sim, art_record(sim, trip))->pos_m = block->pos_m[i];
    pull_in(sim, block, i, at);
    // The list may have a new element before the one that leaves.
    for (link = &sim->beside[lane]; *link != trip;) link = &art_record(sim, *link)->next;
    pull_out(sim, block, k, link);
    return 1;
  }
  return 0;
}

void art_bays_pull_out(art_sim *sim, art_block *block)
{
  for (int32_t k = 0; k < block->lane_count; ++k)
    for (int32_t *link = &sim->beside[block->lane[k]]; *link >= 0 && is_due(sim, *link);) {  // sorted
      if (may_pull_out(sim, block, k, *link))
        pull_out(sim, block, k, link);
      else if (exchange(sim, block, k, link))
        break;
      else
        link = &art_record(sim, *link)->next;
    }
}

void art_bays_pull_in(art_sim *sim, art_block *block)
{
  int32_t at;
  for (int32_t k = 0; k < block->lane_count; ++k)
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i)
      if (may_pull_in(sim, block, i, &at)) pull_in(sim, block, i--, at);
}
