/// Lane changes, one link at a time: what the route needs comes first, then what gains speed. The owner of the block makes
/// all changes of a link one after the other, so two vehicles never take one gap.
#include "core/step/sim_internal.h"

#define LEAST_LINK_M 12.0f     // no change on shorter links ...
#define PATIENCE_MS 60000      // ... but for those who have stood this long
#define ALIGN_DECEL_MPS2 2.0f  // while waiting for a gap
#define YIELD_DECEL_MPS2 2.0f  // what one who is asked for a gap will brake
#define CREEP_MPS 3.0f         // nobody slows below this to find a gap, but at the lane's end
#define ASK_AFTER_M 150.0f     // a gap is asked for within this distance of the lane's end
#define LEAST_GAP_M 0.5f       // who is nearer to one's rear than this counts as alongside
#define UPSTREAM_M 60.0f
#define SWAP_SHIFT_M 6.0f  // what one may move up while changing places
#define SETTLE_MS 3000     // after a change, before the next one for speed

/// Neighbours of a place on a lane of the block: indices or -1, gaps bumper to bumper.
typedef struct place {
  int32_t k;
  int32_t leader, follower;
  float lead_gap_m, lead_mps;
  float follow_gap_m, follow_mps;
  int32_t upstream;  ///< follower on another link: its trip, -1 none
} place;

static int32_t first_behind(const art_block *block, int32_t k, float pos)
{
  int32_t low = block->start[k], high = block->start[k + 1];
  while (low < high) {
    const int32_t mid = low + (high - low) / 2;
    if (block->pos_m[mid] >= pos)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

static place look_beside(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  const int32_t lane = block->lane[k];
  const float pos = block->pos_m[i], rear = pos - sim->types.length_m[block->type[i]];
  const int32_t at = first_behind(block, k, pos);
  place p = {
    .k = k, .leader = -1, .follower = -1, .lead_gap_m = INFINITY, .follow_gap_m = INFINITY, .upstream = -1
  };
  if (at > block->start[k]) {
    p.leader = at - 1;
    p.lead_gap_m = block->pos_m[at - 1] - sim->types.length_m[block->type[at - 1]] - pos;
    p.lead_mps = block->speed_mps[at - 1];
  } else {
    const uint64_t over = art_overhang_known(sim, lane);
    if (over != ART_OVERHANG_NONE) {
      p.lead_gap_m = art_overhang_rear_m(over) - pos;
      p.lead_mps = art_overhang_speed(over);
    }
  }
  if (at < block->start[k + 1]) {
    p.follower = at;
    p.follow_gap_m = rear - block->pos_m[at];
    p.follow_mps = block->speed_mps[at];
  } else {
    p.follow_gap_m = art_upstream_gap(sim, lane, rear, UPSTREAM_M, &p.follow_mps, &p.upstream);
  }
  return p;
}

static float desired_at(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  return art_maxf(art_desired(sim, block->lane[k], block->type[i], art_factor(block->speed_factor[i])), 0.1f);
}

static art_change_view make_view(const art_sim *sim, const art_block *block, int32_t i, int32_t k,
                                 const place *p, float need)
{
  const int32_t own = block->lane8[i], type = block->type[i];
  art_change_view view = { .types = &sim->types,
                           .accel = sim->kernels->accel[sim->types.model[type]],
                           .self = { block->type[i], block->speed_mps[i], desired_at(sim, block, i, k) },
                           .gap_m = INFINITY,
                           .new_gap_m = p->lead_gap_m,
                           .new_lead_mps = p->lead_mps,
                           .follower_gap_m = p->follow_gap_m,
                           .follower_lead_gap_m = INFINITY,
                           .need = need };
  if (i > block->start[own]) {
    view.gap_m =
        art_maxf(block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]] - block->pos_m[i], 0.05f);
    view.lead_mps = block->speed_mps[i - 1];
  }
  if (p->follower >= 0) {
    view.follower =
        (art_peer){ block->type[p->follower], p->follow_mps, desired_at(sim, block, p->follower, k) };
    if (p->leader >= 0) {
      view.follower_lead_gap_m =
          art_maxf(block->pos_m[p->leader] - sim->types.length_m[block->type[p->leader]] -
                       block->pos_m[p->follower],
                   0.05f);
      view.follower_lead_mps = p->lead_mps;
    }
  } else if (p->upstream >= 0) {
    view.follower =
        (art_peer){ (uint16_t)sim->row[p->upstream].type, p->follow_mps, art_maxf(p->follow_mps, 1.0f) };
  }
  return view;
}

/// Moves vehicle i to lane k of the block; its way ahead is planned anew. Returns its new index.
static int32_t change_to(art_sim *sim, art_block *block, int32_t i, int32_t k)
{
  art_mover mover = art_block_get(block, i);
  art_vehicle *vehicle = &sim->vehicle[mover.vehicle];
  art_block_remove(block, i);
  vehicle->lane = block->lane[k];
  vehicle->track_count = vehicle->track_ahead = 0;
  vehicle->change_after_ms = sim->now_ms + SETTLE_MS;
  vehicle->changed_ms = sim->now_ms;
  return art_block_insert(block, k, &mover);
}

/// Rear of the body ahead of vehicle i on its lane, one that hangs over from the next lane included; INFINITY: none.
static float rear_ahead(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t k = block->lane8[i];
  if (i > block->start[k]) return block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]];
  const uint64_t over = art_overhang_known(sim, block->lane[k]);
  return over == ART_OVERHANG_NONE ? INFINITY : art_overhang_rear_m(over);
}

/// Two that stand side by side and each need the other's lane change places, moving up a little where it takes that to fit
/// between the neighbours that stay. Nobody rolls backward.
static int swap_lanes(art_sim *sim, art_block *block, int32_t i, int32_t first_k, const place *p)
{
  const int32_t own = block->lane8[i];
  const int32_t sides[] = { p->leader, p->follower };
  for (int s = 0; s < 2; ++s) {
    const int32_t o = sides[s];
    if (o < 0 || block->speed_mps[o] > 0.5f || block->speed_mps[i] > 0.5f) continue;
    const art_vehicle *other = &sim->vehicle[block->vehicle[o]];
    if (other->at_stop || other->changed_ms == sim->now_ms) continue;
    const int32_t m = p->k - first_k;
    const int wants_back = !(other->stay >> m & 1) && ((other->leftward >> m & 1) ? own > p->k : own < p->k);
    if (!wants_back || block->pos_m[o] < sim->types.length_m[block->type[o]]) continue;
    if (!art_lane_permits(sim, block->lane[own], sim->types.vclass[block->type[o]])) continue;
    const float len_i = sim->types.length_m[block->type[i]], len_o = sim->types.length_m[block->type[o]];
    const float ahead_i = rear_ahead(sim, block, o);
    const float behind_i = o + 1 < block->start[p->k + 1] ? block->pos_m[o + 1] : -INFINITY;
    const float ahead_o = rear_ahead(sim, block, i);
    const float behind_o = i + 1 < block->start[own + 1] ? block->pos_m[i + 1] : -INFINITY;
    const float pos_i = art_maxf(block->pos_m[i], behind_i + len_i + 0.3f);
    const float pos_o = art_maxf(block->pos_m[o], behind_o + len_o + 0.3f);
    const float end = sim->net->lane_length_m[block->lane[own]] - 0.5f;
    if (pos_i > art_minf(ahead_i - 0.3f, end) || pos_o > art_minf(ahead_o - 0.3f, end)) continue;
    if (pos_i > block->pos_m[i] + SWAP_SHIFT_M || pos_o > block->pos_m[o] + SWAP_SHIFT_M) continue;
    block->pos_m[i] = pos_i;
    block->pos_m[o] = pos_o;
    const int32_t trip_o = block->vehicle[o];
    (void)change_to(sim, block, i, p->k);
    for (int32_t q = block->start[p->k]; q < block->start[p->k + 1]; ++q)
      if (block->vehicle[q] == trip_o) {
        (void)change_to(sim, block, q, own);
        break;
      }
    return 1;
  }
  return 0;
}

/// Vehicle f lets somebody in whose rear is gap_m ahead of its front.
static void leave_room(const art_sim *sim, art_block *block, int32_t f, float gap_m, float lead_mps)
{
  if (sim->types.lc_cooperative[block->type[f]] <= 0.0f || sim->vehicle[block->vehicle[f]].at_stop) return;
  const float wish =
      art_accel_of(sim, block->type[f], block->speed_mps[f], desired_at(sim, block, f, block->lane8[f]),
                   art_maxf(gap_m, 0.05f), lead_mps);
  block->accel_cap_mps2[f] = art_minf(block->accel_cap_mps2[f], art_maxf(wish, -YIELD_DECEL_MPS2));
}

/// No gap yet: slow down towards one, and ask the first vehicle behind one's front to leave room.
static void seek_gap(art_sim *sim, art_block *block, int32_t i, const place *p, float to_end)
{
  const float v = block->speed_mps[i];
  if (p->leader >= 0 && (v > CREEP_MPS || to_end < 20.0f)) {
    const float gap = art_maxf(p->lead_gap_m, 0.05f);
    const float accel =
        art_maxf(art_accel_of(sim, block->type[i], v, desired_at(sim, block, i, p->k), gap, p->lead_mps),
                 -ALIGN_DECEL_MPS2);
    block->accel_cap_mps2[i] = art_minf(block->accel_cap_mps2[i], accel);
  }
  if (p->follower < 0 || to_end > ASK_AFTER_M) return;
  // Those alongside cannot fall back unless they are slower already; the first one behind the rear can.
  const float rear = block->pos_m[i] - sim->types.length_m[block->type[i]];
  for (int32_t f = p->follower; f < block->start[p->k + 1]; ++f) {
    const float gap = rear - block->pos_m[f];
    if (gap >= LEAST_GAP_M || block->speed_mps[f] < v - 1.0f) leave_room(sim, block, f, gap, v);
    if (gap >= LEAST_GAP_M) return;
  }
}

static int may_leave_lane(const art_sim *sim, const art_block *block, int32_t i, const art_vehicle *vehicle)
{
  if (vehicle->at_stop || vehicle->changed_ms == sim->now_ms) return 0;
  if (block->pos_m[i] < sim->types.length_m[block->type[i]]) return 0;  // the rear is still on the way in
  if (vehicle->track_ahead >= vehicle->track_count) return 1;
  const art_track *next = &vehicle->track[vehicle->track_ahead];
  return !next->new_committed || sim->connector_free[next->connector];
}

/// A change that the route needs. 1 if vehicle i is no longer where it was.
static int change_for_route(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t lanes)
{
  const art_vehicle *vehicle = &sim->vehicle[block->vehicle[i]];
  const int32_t m = block->lane8[i] - first_k;
  const int32_t to = m + ((vehicle->leftward >> m & 1) ? 1 : -1);
  if (to < 0 || to >= lanes ||
      !art_lane_permits(sim, block->lane[first_k + to], sim->types.vclass[block->type[i]]))
    return 0;
  const place p = look_beside(sim, block, i, first_k + to);
  float to_end = sim->net->lane_length_m[block->lane[first_k + m]] - block->pos_m[i];
  if (block->flags[i] & ART_FLAG_STOP) {
    const int32_t trip = block->vehicle[i];
    to_end =
        sim->demand->stop_end_m[sim->demand->trip_first_stop[trip] + vehicle->next_stop] - block->pos_m[i];
  }
  const float need = art_minf(art_maxf(1.0f - to_end / ASK_AFTER_M, 0.1f), 1.0f);
  const art_change_view view = make_view(sim, block, i, first_k + to, &p, need);
  if (sim->kernels->change(&view)) {
    (void)change_to(sim, block, i, first_k + to);
    return 1;
  }
  if (swap_lanes(sim, block, i, first_k, &p)) return 1;
  seek_gap(sim, block, i, &p, to_end);
  return 0;
}

static int change_for_speed(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t lanes)
{
  const art_vehicle *vehicle = &sim->vehicle[block->vehicle[i]];
  const int32_t every = 1000 / sim->step_ms;
  if ((sim->now_ms / sim->step_ms + block->key[i]) % every != 0 || sim->now_ms < vehicle->change_after_ms)
    return 0;
  if (sim->types.lc_speed_gain[block->type[i]] <= 0.0f || (block->flags[i] & ART_FLAG_STOP)) return 0;
  const int32_t m = block->lane8[i] - first_k;
  for (int side = 0; side < 2; ++side) {
    const int32_t to = side == 0 ? m + 1 : m - 1;
    if (to < 0 || to >= lanes || !(vehicle->stay >> to & 1)) continue;
    if (!art_lane_permits(sim, block->lane[first_k + to], sim->types.vclass[block->type[i]])) continue;
    const place p = look_beside(sim, block, i, first_k + to);
    const art_change_view view = make_view(sim, block, i, first_k + to, &p, 0.0f);
    if (!sim->kernels->change(&view)) continue;
    (void)change_to(sim, block, i, first_k + to);
    return 1;
  }
  return 0;
}

static void change_on_link(art_sim *sim, art_block *block, int32_t first_k, int32_t lanes)
{
  const int short_link = sim->net->lane_length_m[block->lane[first_k]] < LEAST_LINK_M;
  for (int32_t k = first_k; k < first_k + lanes; ++k) {
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      const art_vehicle *vehicle = &sim->vehicle[block->vehicle[i]];
      if (short_link && vehicle->standing_ms < PATIENCE_MS) continue;
      if (!vehicle->stay || !may_leave_lane(sim, block, i, vehicle)) continue;
      const int stays = vehicle->stay >> (k - first_k) & 1;
      const int moved = stays ? change_for_speed(sim, block, i, first_k, lanes)
                              : change_for_route(sim, block, i, first_k, lanes);
      if (moved) --i;
    }
  }
}

void art_change_lanes(art_sim *sim, art_block *block, art_worker *worker)
{
  (void)worker;
  for (int32_t k = 0; k < block->lane_count;) {
    const int32_t link = sim->net->lane_link[block->lane[k]], lanes = art_net_link_lanes(sim->net, link);
    if (lanes > 1 && block->start[k] < block->start[k + lanes]) change_on_link(sim, block, k, lanes);
    k += lanes;
  }
}
