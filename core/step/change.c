/// Lane changes, one link at a time. The owner of the block makes all changes of a link one after the other, so two vehicles
/// never take one gap. Order of motives: what the route needs, room for others and speed, the kerbside lane; the models
/// weigh them (kernels.h), this is the walk over the vehicles.
#include "core/step/change_internal.h"

#define PATIENCE_MS 3000     // no change on short links but for those who have stood this long
#define SETTLE_MS 3000       // after a change, before the next one that the route does not need
#define ASKED_MS 1000        // who was asked for a gap this recently may make room sideways
#define MAKE_ROOM_MPS2 0.5f  // and that is worth this much to a cooperative driver
#define FAST_ROAD_MPS 20.0f  // below this limit nobody is asked about passing on the kerb side

int32_t art_change_to(art_sim *sim, art_block *block, int32_t i, int32_t k)
{
  art_mover mover = art_block_get(block, i);
  art_vehicle *vehicle = art_record_at(sim, block, i);
  art_block_remove(block, i);
  vehicle->lane = block->lane[k];
  vehicle->track_count = vehicle->track_ahead = 0;
  mover.change_after_ms = (int32_t)(sim->now_ms - sim->begin_ms) + SETTLE_MS;
  mover.flags = (uint16_t)((mover.flags | ART_FLAG_CHANGED) &
                           ~(ART_FLAG_WAY | ART_FLAG_QUIET | ART_FLAG_BOUND | ART_FLAG_DETOUR));
  vehicle->changed_ms = art_now_in_run(sim);
  return art_take_in(sim, block, k, &mover);
}

static int may_leave_lane(const art_sim *sim, const art_block *block, int32_t i)
{
  const uint16_t flags = block->flags[i];
  if (flags & ART_FLAG_CHANGED) return 0;
  if (flags & ART_FLAG_BOUND) return 0;
  if ((flags & ART_FLAG_STOP) && art_record_at(sim, block, i)->at_stop) return 0;
  if (art_pushed_m(sim, block->vehicle[i]) > 0.0f) return 0;  // the one behind it in its circle is moved as well
  const int may_reach_back = art_has_grants(flags) && block->pos_m[i] < sim->types.length_m[block->type[i]];
  return !may_reach_back || art_record_at(sim, block, i)->track_ahead == 0;  // else the rear is still on the way in
}

/// Number of changes from lane m to the first lane that serves the route.
static int32_t changes_from(uint16_t stay, int32_t m, int32_t side, int32_t lanes)
{
  int32_t n = 1;
  while (m + side * n > 0 && m + side * n < lanes - 1 && !(stay >> (m + side * n) & 1)) ++n;
  return n;
}

/// A change that the route needs. 1 if vehicle i is no longer where it was.
static int change_for_route(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t lanes)
{
  const art_vehicle *vehicle = art_record_at(sim, block, i);
  const int32_t m = block->lane8[i] - first_k, side = (vehicle->leftward >> m & 1) ? 1 : -1, to = m + side;
  const int32_t lane = block->lane[first_k + m], vclass = sim->types.vclass[block->type[i]];
  if (to < 0 || to >= lanes) return 0;
  // A line in the way of a planned stop is crossed all the same; the stop would never be made.
  if (!art_lane_leads_to(sim, lane, side, vclass) &&
      !((block->flags[i] & ART_FLAG_STOP) && art_lane_permits(sim, lane + side, vclass)))
    return 0;
  const art_beside p = art_look_beside(sim, block, i, first_k + to);
  art_change_view view = art_view_beside(sim, block, i, &p);
  if (block->flags[i] & ART_FLAG_STOP) {
    const int32_t trip = block->vehicle[i];
    view.to_end_m =
        sim->demand->stop_end_m[art_trip_first_stop(sim->demand, trip) + vehicle->next_stop] - block->pos_m[i];
  }
  view.changes = changes_from(block->stay[i], m, side, lanes);
  view.need = sim->kernels->need(&view);
  if (sim->kernels->change(&view)) {
    (void)art_change_to(sim, block, i, first_k + to);
    return 1;
  }
  if (art_swap_lanes(sim, block, i, first_k, &p)) return 1;
  if (art_swap_across(sim, block, i, first_k, side, view.changes)) return 1;
  art_seek_gap(sim, block, i, &p, &view);
  return 0;
}

/// Drivers think once a second, each at an instant of its own, about changes that the route does not need.
static int thinks_now(const art_sim *sim, const art_block *block, int32_t i)
{
  const uint32_t every = sim->wide_step.think_every;
  return (sim->wide_step.think_now + (uint32_t)block->key[i] % every) % every == 0 &&
         sim->now_ms - sim->begin_ms >= block->change_after_ms[i] && !(block->flags[i] & ART_FLAG_STOP);
}

/// A change that the route allows. 1 if vehicle i is no longer where it was.
static int change_freely(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t lanes)
{
  const int32_t type = block->type[i], m = block->lane8[i] - first_k;
  const art_vehicle *vehicle = block->flags[i] & ART_FLAG_ASKED ? art_record_at(sim, block, i) : NULL;
  const int asked = vehicle && art_now_in_run(sim) - vehicle->asked_ms <= ASKED_MS;
  if (!asked) block->flags[i] = (uint16_t)(block->flags[i] & ~ART_FLAG_ASKED);
  for (int32_t side = 1; side >= -1; side -= 2) {
    const int32_t to = m + side;
    if (to < 0 || to >= lanes || !(block->stay[i] >> to & 1)) continue;
    if (!art_lane_leads_to(sim, block->lane[first_k + m], side, sim->types.vclass[type])) continue;
    const art_beside p = art_look_for_room(sim, block, i, first_k + to);
    if (p.lead_gap_m <= 0.0f || p.follow_gap_m <= 0.0f) continue;  // somebody is alongside
    art_change_view view = art_view_beside(sim, block, i, &p);
    if (asked && side == vehicle->asked_side)
      view.bonus_mps2 = MAKE_ROOM_MPS2 * sim->types.lc_cooperative[type];
    if (sim->kernels->change(&view)) {
      (void)art_change_to(sim, block, i, first_k + to);
      return 1;
    }
    if (side > 0 || asked) continue;
    const uint64_t key = block->key[i];
    view.draw = (float)art_uniform(art_rng(sim->seed, key, sim->now_ms, ART_FOR_LANE_CHANGE));
    if (!sim->kernels->to_kerb(&view)) continue;
    (void)art_change_to(sim, block, i, first_k + to);
    return 1;
  }
  return 0;
}

/// On fast roads: keeps vehicle i behind the one ahead of it in the lane away from the kerb, unless it may pass, or is about
/// to leave by a lane of its own.
static void keep_behind_faster_lane(const art_sim *sim, art_block *block, int32_t i, int32_t k, uint16_t stay)
{
  if (!(stay & 1) || !(stay & 2)) return;
  const uint64_t key = block->key[i];
  const float passes = sim->types.lc_pass_kerbside[block->type[i]];
  if (passes > 0.0f && art_uniform(art_rng(sim->seed, key, -1, ART_FOR_LANE_CHANGE)) < (double)passes) return;
  const art_beside p = art_look_beside(sim, block, i, k + 1);
  if (p.lead_gap_m == INFINITY) return;
  const art_change_view view = art_view_beside(sim, block, i, &p);
  block->accel_cap_mps2[i] = art_minf(block->accel_cap_mps2[i], sim->kernels->behind_faster_lane(&view));
}

/// What marks said of vehicle i, if it has come to its place since: is there anything for it to decide?
static int has_to_think(const art_sim *sim, const art_block *block, int32_t i, int32_t place)
{
  const uint16_t stay = block->stay[i];
  return stay && (!(stay >> place & 1) || thinks_now(sim, block, i));
}

/// Lets those who are marked decide. Once somebody has changed, the marks of this link no longer fit the places.
static void change_on_link(art_sim *sim, art_block *block, int32_t first_k, int32_t lanes,
                           const uint8_t *marked)
{
  const int32_t first_lane = block->lane[first_k];
  const int short_link = (block->lane_kind[first_k] & ART_LANE_SHORT) != 0;
  const int is_fast = sim->speed_limit_mps[first_lane] > FAST_ROAD_MPS;
  int anybody_moved = 0;
  for (int32_t k = first_k; k < first_k + lanes; ++k) {
    for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
      if (!anybody_moved && !is_fast) {
        while (i < block->start[k + 1] && !marked[i]) ++i;
        if (i == block->start[k + 1]) break;
      }
      const int32_t first = block->start[k];
      if (short_link && art_stood_ms(sim, block, i) < PATIENCE_MS) continue;
      const uint16_t stay = block->stay[i];
      if (is_fast && k + 1 < first_k + lanes)
        keep_behind_faster_lane(sim, block, i, k, (uint16_t)(stay >> (k - first_k)));
      if (anybody_moved ? !has_to_think(sim, block, i, k - first_k) : !marked[i]) continue;
      if (!may_leave_lane(sim, block, i)) continue;
      const int moved = stay >> (k - first_k) & 1 ? change_freely(sim, block, i, first_k, lanes)
                                                  : change_for_route(sim, block, i, first_k, lanes);
      anybody_moved |= moved;
      // Its place is taken by the next one; but if it has gone to the lane before, those of that lane have moved up to here.
      if (moved && block->start[k] == first) --i;
    }
  }
}

void art_change_lanes(art_sim *sim, art_block *block, art_worker *worker)
{
  const int32_t count = art_block_count(block);
  if (count == 0) return;
  art_move_scratch_reserve(&worker->move, count);
  uint8_t *marked = worker->move.mark;
  const int anybody = sim->wide->thinkers(&sim->wide_step, block, marked);
  for (art_lane_mask left = block->occupied; left;) {
    const int32_t k = art_lowest_lane(left);
    left &= left - 1;
    if (!(block->lane_kind[k] & ART_LANE_HAS_OTHERS)) continue;
    const int32_t first_k = k - block->lane_index[k];
    const int32_t lanes = art_net_link_lanes(sim->net, sim->net->lane_link[block->lane[k]]);
    const int is_fast = sim->speed_limit_mps[block->lane[first_k]] > FAST_ROAD_MPS;
    if (anybody || is_fast) change_on_link(sim, block, first_k, lanes, marked);
    left &= ~((ART_LANE_BIT(lanes) - 1) << first_k);  // the others of this link
  }
}
