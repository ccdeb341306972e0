/// What is beside a vehicle, and how a gap comes about that is not there yet.
#include "core/step/change_internal.h"

#define CREEP_MPS 3.0f      // nobody slows below this to find a gap, but at the lane's end
#define NEAR_END_M 20.0f    // which is this near
#define ASK_AFTER_M 150.0f  // a gap is asked for within this distance of the lane's end
#define QUEUE_MPS 5.0f      // or, by one who drives no faster than this and holds others up, anywhere
#define FAST_ROAD_MPS 20.0f // but on roads with a higher limit
#define ZIP_PATIENCE_MS 10000  // who has stood so long in a lane that ends for all does not wait for its end
#define LEAST_GAP_M 0.5f    // who is nearer to one's rear than this counts as alongside
#define UPSTREAM_M 60.0f    // followers on the links before this one are looked for as far as this,
#define UPSTREAM_S 4.5f     // or as they come at the speed limit in this time

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

/// Who is ahead in lane k; `at`: the first one behind the front of i there.
static art_beside look_ahead(const art_sim *sim, const art_block *block, int32_t i, int32_t k, int32_t at)
{
  const int32_t lane = block->lane[k];
  const float pos = block->pos_m[i], rear = pos - sim->types.length_m[block->type[i]];
  art_beside p = {
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
  if (sim->pass) {
    const float wall = art_wall_ahead_m(sim, lane, rear, pos);
    if (wall < p.lead_gap_m) {
      p.lead_gap_m = wall;
      p.lead_mps = 0.0f;
    }
  }
  return p;
}

static void look_back(const art_sim *sim, const art_block *block, int32_t i, int32_t at, art_beside *p)
{
  const int32_t lane = block->lane[p->k];
  const float rear = block->pos_m[i] - sim->types.length_m[block->type[i]];
  if (at < block->start[p->k + 1]) {
    p->follower = at;
    p->follow_gap_m = rear - block->pos_m[at] - art_pushed_m(sim, block->vehicle[at]);
    p->follow_mps = block->speed_mps[at];
  } else {
    p->follow_gap_m =
        art_upstream_gap(sim, lane, rear, art_maxf(UPSTREAM_M, UPSTREAM_S * sim->speed_limit_mps[lane]),
                         &p->follow_mps, &p->upstream);
  }
}

art_beside art_look_beside(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  const int32_t at = first_behind(block, k, block->pos_m[i]);
  art_beside p = look_ahead(sim, block, i, k, at);
  look_back(sim, block, i, at, &p);
  return p;
}

art_beside art_look_for_room(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  const int32_t at = first_behind(block, k, block->pos_m[i]);
  art_beside p = look_ahead(sim, block, i, k, at);
  if (p.lead_gap_m <= 0.0f)
    p.follow_gap_m = 0.0f;
  else
    look_back(sim, block, i, at, &p);
  return p;
}

static float desired_at(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  return art_maxf(art_desired(sim, block->lane[k], block->type[i], art_factor(block->speed_factor[i])), 0.1f);
}

static art_peer peer_of(const art_sim *sim, const art_block *block, int32_t i, int32_t k)
{
  return (art_peer){ block->type[i], block->speed_mps[i], desired_at(sim, block, i, k) };
}

art_change_view art_view_beside(const art_sim *sim, const art_block *block, int32_t i,
                                const art_beside *beside)
{
  const int32_t own = block->lane8[i], k = beside->k, lane = block->lane[k];
  const float length = sim->types.length_m[block->type[i]];
  art_change_view view = { .types = &sim->types,
                           .accel = sim->kernels->accel,
                           .self = peer_of(sim, block, i, k),
                           .gap_m = INFINITY,
                           .back_gap_m = INFINITY,
                           .length_m = length,
                           .new_gap_m = beside->lead_gap_m,
                           .new_lead_mps = beside->lead_mps,
                           .follower_gap_m = beside->follow_gap_m,
                           .follower_lead_gap_m = INFINITY,
                           .limit_mps = sim->speed_limit_mps[lane],
                           .to_end_m = sim->net->lane_length_m[lane] - block->pos_m[i],
                           .side = k > own ? 1 : -1 };
  if (i > block->start[own]) {
    view.gap_m =
        art_maxf(block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]] - block->pos_m[i], 0.05f);
    view.lead_mps = block->speed_mps[i - 1];
  }
  if (i + 1 < block->start[own + 1]) {
    view.back = peer_of(sim, block, i + 1, own);
    view.back_gap_m = block->pos_m[i] - length - block->pos_m[i + 1];
  }
  if (beside->follower >= 0) {
    view.follower = peer_of(sim, block, beside->follower, k);
    if (beside->leader >= 0) {
      view.follower_lead_gap_m = block->pos_m[beside->leader] -
                                 sim->types.length_m[block->type[beside->leader]] -
                                 block->pos_m[beside->follower];
      view.follower_lead_mps = beside->lead_mps;
    }
  } else if (beside->upstream >= 0) {
    view.follower = (art_peer){ (uint16_t)sim->row[beside->upstream].type, beside->follow_mps,
                                art_maxf(beside->follow_mps, 1.0f) };
  }
  return view;
}

float art_rear_ahead(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t k = block->lane8[i];
  if (sim->pass && art_wall_of(sim, block->lane[k]) >= block->pos_m[i] &&
      art_wall_of(sim, block->lane[k]) < INFINITY)
    return block->pos_m[i];  // nobody moves up towards a stretch given away
  if (i > block->start[k]) return block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]];
  const uint64_t over = art_overhang_known(sim, block->lane[k]);
  return over == ART_OVERHANG_NONE ? INFINITY : art_overhang_rear_m(over);
}

/// Vehicle f lets somebody in whose rear is gap_m ahead of its front, on its side `side`.
static void leave_room(const art_sim *sim, art_block *block, int32_t f, float gap_m,
                       const art_change_view *view)
{
  art_vehicle *driver = art_record_at(sim, block, f);
  if (driver->at_stop) return;
  block->flags[f] |= ART_FLAG_ASKED;
  const art_peer peer = peer_of(sim, block, f, block->lane8[f]);
  const float accel = sim->kernels->let_in(view, &peer, gap_m, view->self.speed_mps);
  block->accel_cap_mps2[f] = art_minf(block->accel_cap_mps2[f], accel);
  driver->asked_ms = art_now_in_run(sim);
  driver->asked_side = (int8_t)-view->side;
}

/// In a queue that fills the link one takes the lane that one needs as soon as there is a chance: whoever waits for the lane's
/// end stands in the way of those behind who can go on from there. Where a lane ends for all, they zip at its end as long as
/// that moves; on fast roads queues leave space enough.
static int stands_in_the_way(const art_sim *sim, const art_block *block, int32_t i)
{
  const int32_t lane = block->lane[block->lane8[i]];
  return block->speed_mps[i] <= QUEUE_MPS && sim->speed_limit_mps[lane] <= FAST_ROAD_MPS &&
         (sim->net->lane_first_out[lane + 1] > sim->net->lane_first_out[lane] ||
          art_stood_ms(sim, block, i) >= ZIP_PATIENCE_MS);
}

void art_seek_gap(const art_sim *sim, art_block *block, int32_t i, const art_beside *beside,
                  const art_change_view *view)
{
  const float v = block->speed_mps[i];
  if (beside->leader >= 0 && (v > CREEP_MPS || view->to_end_m < NEAR_END_M))
    block->accel_cap_mps2[i] = art_minf(block->accel_cap_mps2[i], sim->kernels->align(view));
  if (beside->follower < 0 || (view->to_end_m > ASK_AFTER_M && !stands_in_the_way(sim, block, i))) return;
  // Those alongside cannot fall back unless they are slower already; the first one behind the rear can.
  const float rear = block->pos_m[i] - view->length_m;
  for (int32_t f = beside->follower; f < block->start[beside->k + 1]; ++f) {
    const float gap = rear - block->pos_m[f];
    if (gap >= LEAST_GAP_M || block->speed_mps[f] < v - 1.0f) leave_room(sim, block, f, gap, view);
    if (gap >= LEAST_GAP_M) return;
  }
}
