/// Passing a vehicle that dwells in the only lane of its direction, through the lane of the opposite link.
///
/// Two vehicles never take one gap, because the lane used belongs to the owner of the opposite link, and it alone gives a
/// stretch of it away. A step at a time:
///   settle, owner of the link      asks: who, the stretch, how long it takes
///   move, owner of the opposite    notes what is asked
///   settle, owner of the opposite  looks: nobody in the stretch, nobody who would reach it in that time with a margin
///   move, owner of the opposite    grants: from then on the stretch is a wall to its own vehicles, departures and changes
///   settle, owner of the link      takes the vehicle off its lane; later puts it back, ahead of the one that dwells
/// What either writes the other reads in the other pass, so no thread reads what another writes. On its own link the owner
/// keeps the place of return free, and the one that dwells stays until it has been passed.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define ASK_GAP_M 20.0f  // nearer than this behind the one that dwells ...
#define ASK_MPS 6.0f     // ... and not faster
#define MARGIN_S 2.0f    // longer than the pass is expected to take, nobody comes
#define SLACK 1.2f       // expected time over the ballistic one
#define RETURN_M 20.0f   // the place of return is somewhere on this length
#define STOP_DECEL_MPS2 2.5f
#define LEAST_SCALE 0.9f  // lengths of link and opposite agree within this
#define PAD 0.15f         // share of the stretch by which it is longer, for their difference

// --- set-up ---------------------------------------------------------------------------------------------------------

void art_pass_build(art_sim *sim)
{
  const art_net *net = sim->net;
  int is_used = 0;
  for (int32_t t = 0; t < sim->types.count; ++t) is_used |= sim->types.lc_opposite[t] > 0.0f;
  if (!is_used || sim->demand->stop_count == 0) return;
  int32_t *first = ART_NEW(int32_t, net->node_count), *next = ART_NEW(int32_t, net->link_count);
  for (int32_t node = 0; node < net->node_count; ++node) first[node] = -1;
  for (int32_t link = net->link_count - 1; link >= 0; --link) {
    next[link] = first[net->link_from[link]];
    first[net->link_from[link]] = link;
  }
  sim->pass = ART_NEW(art_pass, net->link_count);
  for (int32_t link = 0; link < net->link_count; ++link) {
    int32_t back = first[net->link_to[link]];
    while (back >= 0 && (net->link_to[back] != net->link_from[link] || back == link)) back = next[back];
    sim->pass[link] = (art_pass){ .opposite = back,
                                  .ask = { .trip = -1, .over = -1 },
                                  .give = { .noted_trip = -1, .wall_from_m = INFINITY } };
  }
  for (int32_t link = 0; link < net->link_count; ++link) {  // only where each is the other's
    const int32_t o = sim->pass[link].opposite;
    if (o >= 0 && sim->pass[o].opposite != link) sim->pass[link].opposite = -1;
  }
  free(first);
  free(next);
}

/// The place on the opposite lane of a place on a link.
static float across(const art_sim *sim, int32_t link, float pos)
{
  const art_net *net = sim->net;
  const float own = net->lane_length_m[net->link_first_lane[link]],
              other = net->lane_length_m[net->link_first_lane[sim->pass[link].opposite]];
  return other - pos * other / own;
}

int32_t art_pass_lane(const art_sim *sim, int32_t link)
{
  return sim->net->link_first_lane[sim->pass[link].opposite + 1] - 1;
}

float art_pass_rear_m(const art_sim *sim, int32_t link)
{
  const art_pass_ask *ask = &sim->pass[link].ask;
  return across(sim, link, ask->pos_m - sim->types.length_m[art_mover_of(sim, art_record(sim, ask->trip))->type]);
}

// --- owner of the link ----------------------------------------------------------------------------------------------

/// Time to drive a distance from speed v at full acceleration up to v0.
static float time_for(float distance, float v, float accel, float v0)
{
  const float v_end = art_maxf(v0, v), speeding_m = (v_end * v_end - v * v) / (2.0f * accel);
  if (distance <= speeding_m) return (sqrtf(v * v + 2.0f * accel * distance) - v) / accel;
  return (v_end - v) / accel + (distance - speeding_m) / v_end;
}

static float free_to(const art_sim *sim, const art_block *block, int32_t k, int32_t at)
{
  float ahead = sim->net->lane_length_m[block->lane[k]];
  if (at > block->start[k]) ahead = block->pos_m[at - 1] - sim->types.length_m[block->type[at - 1]];
  const uint64_t over = art_overhang_known(sim, block->lane[k]);
  return over == ART_OVERHANG_NONE ? ahead : art_minf(ahead, art_overhang_rear_m(over));
}

/// Vehicle i wants to pass i - 1: fills in what it asks for. 0 if it does not, or cannot.
static int wants_to_pass(const art_sim *sim, const art_block *block, int32_t k, int32_t i, art_pass_ask *ask)
{
  const int32_t lane = block->lane[k], type = block->type[i], s = i - 1;
  const art_vehicle *dwelling = art_record_at(sim, block, s), *vehicle = art_record_at(sim, block, i);
  if (sim->types.lc_opposite[type] <= 0.0f || !dwelling->at_stop || vehicle->at_stop ||
      (block->flags[i] & ART_FLAG_STOP) || block->speed_mps[i] > ASK_MPS)
    return 0;
  const float length = sim->types.length_m[type], pos = block->pos_m[i];
  const float gap = block->pos_m[s] - sim->types.length_m[block->type[s]] - pos;
  if (gap > ASK_GAP_M || pos < length) return 0;
  if (vehicle->track_ahead < vehicle->track_count && art_track_of(vehicle, vehicle->track_ahead)->new_committed)
    return 0;
  ask->trip = block->vehicle[i];
  ask->over = block->vehicle[s];
  ask->from_m = pos - length;
  ask->return_m = block->pos_m[s] + length + sim->types.min_gap_m[block->type[s]];
  ask->to_m = ask->return_m + RETURN_M;
  if (ask->to_m + sim->types.min_gap_m[type] > free_to(sim, block, k, s)) return 0;
  const float desired = art_desired(sim, lane, type, art_factor(block->speed_factor[i]));
  ask->time_s =
      SLACK *
      time_for(ask->to_m - pos, block->speed_mps[i], sim->types.accel_mps2[type], art_maxf(desired, 1.0f)) /
      art_minf(sim->types.lc_opposite[type], 1.0f);
  return art_rare_of(sim, dwelling)->dwell_until_ms >= sim->now_ms + (art_tick)((ask->time_s + MARGIN_S) * 1000.0f);
}

static int32_t place_of(const art_block *block, int32_t k, int32_t trip)
{
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i)
    if (block->vehicle[i] == trip) return i;
  return -1;
}

static void set_out(art_sim *sim, art_block *block, int32_t i, art_pass_ask *pass)
{
  art_vehicle *vehicle = art_record(sim, pass->trip);
  art_mover *mover = art_mover_keep(sim, vehicle);
  *mover = art_block_get(block, i);
  vehicle->track_count = vehicle->track_ahead = 0;
  art_standstill_end(sim, pass->trip, &mover->flags, sim->now_ms);
  pass->pos_m = mover->pos_m;
  pass->speed_mps = mover->speed_mps;
  pass->state = ART_PASS_BESIDE;
  art_block_remove(block, i);
}

/// Back onto its lane, ahead of the one that it has passed.
static void try_return(art_sim *sim, art_block *block, int32_t k, art_pass_ask *pass)
{
  art_vehicle *vehicle = art_record(sim, pass->trip);
  if (pass->pos_m < pass->return_m) return;
  const int32_t s = place_of(block, k, pass->over);
  if (s >= 0 && free_to(sim, block, k, s) - pass->pos_m < 0.5f) return;
  art_mover *mover = art_mover_of(sim, vehicle);
  mover->pos_m = pass->pos_m;
  mover->speed_mps = pass->speed_mps;
  mover->accel_cap_mps2 = INFINITY;
  mover->flags = (uint16_t)(mover->flags & ~(ART_FLAG_PLANNED | ART_FLAG_DRAWN | ART_FLAG_QUIET));
  vehicle->lane = block->lane[k];
  (void)art_take_in(sim, block, k, mover);
  vehicle->mover = 0;
  pass->state = ART_PASS_NONE;
  pass->trip = -1;
}

static void settle_link(art_sim *sim, art_block *block, int32_t k, int32_t link)
{
  art_pass_ask *pass = &sim->pass[link].ask;
  const int is_granted = sim->pass[link].give.granted;  // by move
  art_pass_ask now = *pass;
  if (pass->state == ART_PASS_BESIDE) {
    art_rare *dwelling = art_rare_make(sim, art_record(sim, pass->over));
    const art_tick least = sim->now_ms + 2 * sim->step_ms;
    if (dwelling->dwell_until_ms < least) dwelling->dwell_until_ms = least;
    try_return(sim, block, k, pass);
    return;
  }
  if (pass->state == ART_PASS_ASKS) {
    const int32_t i = place_of(block, k, pass->trip);
    if (i <= block->start[k] || block->vehicle[i - 1] != pass->over ||
        !wants_to_pass(sim, block, k, i, &now)) {
      pass->state = ART_PASS_NONE;
      pass->trip = -1;
    } else if (is_granted) {
      set_out(sim, block, i, pass);
    }
    return;
  }
  if (is_granted) return;  // the last one is not given back yet
  for (int32_t i = block->start[k] + 1; i < block->start[k + 1]; ++i)
    if (art_record_at(sim, block, i - 1)->at_stop && wants_to_pass(sim, block, k, i, &now)) {
      now.state = ART_PASS_ASKS;
      *pass = now;
      return;
    }
}

// --- owner of the opposite link -------------------------------------------------------------------------------------

/// Is the stretch that was noted free, and nobody on the way to it in that time?
static int is_clear(const art_sim *sim, const art_block *block, int32_t k, const art_pass_give *pass)
{
  const int32_t lane = block->lane[k];
  const float limit = sim->speed_limit_mps[lane], from = pass->noted_from_m, to = pass->noted_to_m;
  const float time = pass->noted_time_s + MARGIN_S;
  // Who enters the link later must be able to stop.
  if (from < limit * limit / (2.0f * STOP_DECEL_MPS2) + 2.0f * limit || to > sim->net->lane_length_m[lane])
    return 0;
  const uint64_t over = art_overhang_known(sim, lane);
  if (over != ART_OVERHANG_NONE && art_overhang_rear_m(over) < to) return 0;
  for (int32_t i = block->start[k]; i < block->start[k + 1]; ++i) {
    if (block->pos_m[i] - sim->types.length_m[block->type[i]] >= to) continue;
    if (block->pos_m[i] > from) return 0;
    const float desired = art_desired(sim, lane, block->type[i], art_factor(block->speed_factor[i]));
    return from - block->pos_m[i] >= time * art_maxf(desired, block->speed_mps[i]);
  }
  float speed;
  int32_t vehicle;
  const float near = time * 1.2f * limit;
  return art_upstream_gap(sim, lane, from, near, &speed, &vehicle) == INFINITY;
}

static void survey_link(art_sim *sim, art_block *block, int32_t k, int32_t link)
{
  art_pass_give *pass = &sim->pass[sim->pass[link].opposite].give;  // to the link across, which asks
  if (pass->noted_trip >= 0 && !pass->granted) pass->is_clear = is_clear(sim, block, k, pass);
}

static void grant_link(art_sim *sim, int32_t link)
{
  const int32_t asking = sim->pass[link].opposite;
  const art_pass_ask *ask = &sim->pass[asking].ask;
  art_pass_give *give = &sim->pass[asking].give;
  if (ask->state == ART_PASS_NONE) {
    *give = (art_pass_give){ .noted_trip = -1, .wall_from_m = INFINITY };
    return;
  }
  if (give->granted) return;
  if (give->is_clear && give->noted_trip == ask->trip) {
    give->granted = 1;
    give->wall_from_m = give->noted_from_m;
    give->wall_to_m = give->noted_to_m;
    return;
  }
  const float pad = PAD * (ask->to_m - ask->from_m);
  give->noted_trip = ask->trip;
  give->noted_from_m = across(sim, asking, ask->to_m) - pad;
  give->noted_to_m = across(sim, asking, ask->from_m) + pad;
  give->noted_time_s = ask->time_s;
  give->is_clear = 0;
}

float art_wall_ahead_m(const art_sim *sim, int32_t lane, float rear, float pos)
{
  const int32_t link = sim->net->lane_link[lane];
  const art_pass_ask *own = &sim->pass[link].ask;
  const int32_t opposite = sim->pass[link].opposite;
  float ahead = INFINITY;
  // The place of return on one's own link is kept free by its owner.
  if (own->state != ART_PASS_NONE && pos > own->from_m && rear < own->to_m) return -1.0f;
  if (opposite >= 0 && lane == sim->net->link_first_lane[link + 1] - 1) {
    const art_pass_give *other = &sim->pass[opposite].give;
    if (other->wall_from_m < INFINITY && rear < other->wall_to_m) ahead = other->wall_from_m - pos;
  }
  return ahead;
}

float art_wall_of(const art_sim *sim, int32_t lane)
{
  const int32_t link = sim->net->lane_link[lane], opposite = sim->pass[link].opposite;
  if (opposite < 0 || lane != sim->net->link_first_lane[link + 1] - 1) return INFINITY;
  return sim->pass[opposite].give.wall_from_m;
}

// --- both -----------------------------------------------------------------------------------------------------------

void art_pass_settle(art_sim *sim, art_block *block)
{
  for (int32_t k = 0; k < block->lane_count; ++k) {
    const int32_t link = sim->net->lane_link[block->lane[k]];
    if (sim->pass[link].opposite < 0) continue;
    const float own = sim->net->lane_length_m[block->lane[k]],
                other = sim->net->lane_length_m[sim->net->link_first_lane[sim->pass[link].opposite]];
    if (own < LEAST_SCALE * other || other < LEAST_SCALE * own) continue;
    if (art_net_link_lanes(sim->net, link) == 1) settle_link(sim, block, k, link);
    if (block->lane[k] == sim->net->link_first_lane[link + 1] - 1) survey_link(sim, block, k, link);
  }
}

static void drive_past(art_sim *sim, const art_block *block, int32_t k, art_pass_ask *pass)
{
  const art_mover *mover = art_mover_of(sim, art_record(sim, pass->trip));
  const int32_t lane = block->lane[k], type = mover->type, s = place_of(block, k, pass->over);
  const float dt = sim->step_s, v = pass->speed_mps;
  const float desired = art_maxf(art_desired(sim, lane, type, art_factor(mover->speed_factor)), 0.1f);
  float gap = INFINITY, lead = 0.0f;
  if (s > block->start[k]) {
    gap = art_maxf(block->pos_m[s - 1] - sim->types.length_m[block->type[s - 1]] - pass->pos_m, 0.05f);
    lead = block->speed_mps[s - 1];
  }
  float accel = art_accel_of(sim, type, v, desired, gap, lead);
  accel = art_maxf(accel, -sim->types.emergency_decel_mps2[type]);
  const float end = art_maxf(pass->to_m - pass->pos_m, 0.0f);
  float moved = v * dt + 0.5f * accel * dt * dt, speed = v + accel * dt;
  if (speed < 0.0f) {
    moved = accel < 0.0f ? -0.5f * v * v / accel : 0.0f;
    speed = 0.0f;
  }
  const float most = art_minf(end, art_maxf(gap - 0.05f, 0.0f));
  if (moved > most) {
    moved = most;
    speed = art_minf(speed, moved / dt);
  }
  pass->pos_m += moved;
  pass->speed_mps = speed;
}

void art_pass_move(art_sim *sim, art_block *block)
{
  for (int32_t k = 0; k < block->lane_count; ++k) {
    const int32_t link = sim->net->lane_link[block->lane[k]];
    art_pass_ask *pass = &sim->pass[link].ask;
    if (sim->pass[link].opposite < 0) continue;
    if (pass->state == ART_PASS_BESIDE) drive_past(sim, block, k, pass);
    if (block->lane[k] == sim->net->link_first_lane[link + 1] - 1) grant_link(sim, link);
  }
}
