/// Settle pass: takes in what arrived, sets up lane choice, lets vehicles change lanes and trips depart.
#include <assert.h>

#include "core/step/sim_internal.h"

/// Farther ahead first; at the same place (two connectors meeting) by key, which is unique.
static int enters_before(const art_sim *sim, int32_t a, int32_t b)
{
  const float pa = art_mover_of(sim, art_record(sim, a))->pos_m, pb = art_mover_of(sim, art_record(sim, b))->pos_m;
  if (pa != pb) return pa > pb;
  return sim->demand->trip_key[a] < sim->demand->trip_key[b];
}

static void take_in(art_sim *sim, art_block *block, int32_t k)
{
  const int32_t lane = block->lane[k];
  for (int32_t trip = sim->inbox[lane]; trip >= 0;) {
    const int32_t next = art_record(sim, trip)->next;
    // Usually one, rarely two: selection of the first of what is left.
    int32_t best = trip;
    for (int32_t other = next; other >= 0; other = art_record(sim, other)->next)
      if (enters_before(sim, other, best)) best = other;
    if (best != trip) {  // unlink best
      int32_t *link = &art_record(sim, trip)->next;
      while (*link != best) link = &art_record(sim, *link)->next;
      *link = art_record(sim, best)->next;
      art_take_in(sim, block, k, art_mover_of(sim, art_record(sim, best)));
    } else {
      art_take_in(sim, block, k, art_mover_of(sim, art_record(sim, trip)));
      trip = next;
    }
  }
  sim->inbox[lane] = -1;
}

/// The connector over which a vehicle has come onto its link, if the lanes that serve its route there are known from that.
static const art_track *came_over(const art_sim *sim, const art_vehicle *vehicle, int32_t link)
{
  if (vehicle->track_ahead == 0) return NULL;
  const art_track *last = art_track_of(vehicle, vehicle->track_ahead - 1);
  return last->knows_lanes && sim->net->lane_link[sim->net->connector_to[last->connector]] == link ? last : NULL;
}

#ifndef NDEBUG
/// Are the lanes that are known those that would be found now?
static int is_still_so(const art_sim *sim, const art_track *known, int32_t trip, int32_t hop, int32_t vclass)
{
  uint16_t stay, leftward;
  art_lanes_plan(sim, trip, hop, vclass, &stay, &leftward);
  return stay == known->stay && leftward == known->leftward;
}
#endif

/// Makes the lane masks of vehicles that are new on a link.
static void plan_lanes(art_sim *sim, art_block *block)
{
  const int32_t count = art_block_count(block);
  for (int32_t i = 0; i < count; ++i) {
    if (block->flags[i] & ART_FLAG_PLANNED) continue;
    const int32_t trip = block->vehicle[i], hop = block->hop[i];
    art_vehicle *vehicle = art_record_at(sim, block, i);
    const art_track *known = came_over(sim, vehicle, sim->net->lane_link[block->lane[block->lane8[i]]]);
    if (known) {
      assert(is_still_so(sim, known, trip, hop, sim->types.vclass[block->type[i]]));
      block->stay[i] = known->stay;
      vehicle->leftward = known->leftward;
    } else {
      art_lanes_plan(sim, trip, hop, sim->types.vclass[block->type[i]], &block->stay[i], &vehicle->leftward);
    }
    block->flags[i] = art_lanes_planned(sim, trip, hop, block->flags[i]);
  }
}

static void depart(art_sim *sim, art_block *block, art_worker *worker)
{
  int32_t link = -1;
  for (int32_t k = 0; k < block->lane_count; ++k) {
    const int32_t of = sim->net->lane_link[block->lane[k]];
    if (of != link) art_depart_link(sim, block, of, worker);
    link = of;
  }
}

void art_settle_block(art_sim *sim, art_block *block, art_worker *worker, int thread)
{
  if (block->inbox) {
    for (art_lane_mask left = block->inbox; left; left &= left - 1) take_in(sim, block, art_lowest_lane(left));
    block->inbox = 0;
  }
  if (block->waits > 0) depart(sim, block, worker);
  if (!block->is_node && sim->beside) art_bays_pull_in(sim, block);
  const int is_unplanned = sim->wide->begin(block);
  if (!block->is_node && sim->beside) art_bays_pull_out(sim, block);
  const int is_used = block->occupied != 0;  // whoever else shares the block must not matter
  if (!block->is_node) {
    if (sim->reroute) art_reroute_block(sim, block);
    if (is_unplanned || sim->beside || sim->reroute) plan_lanes(sim, block);
    if (is_used) art_change_lanes(sim, block, worker);
  }
  if (is_used) art_missed_turns(sim, block, worker);
  if (sim->pass && !block->is_node) art_pass_settle(sim, block);
  if (block->occupied | block->tailed) art_publish_block(sim, block, worker, thread);
}
