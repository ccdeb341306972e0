/// Insertion: trips whose time has come wait outside, by link, until there is room for them.
#include "core/base/memory.h"
#include "core/step/ranks.h"
#include "core/step/sim_internal.h"

#define TRIES_PER_STEP 8        // waiting trips of a link looked at in one step
#define INSERT_DECEL_MPS2 3.0f  // nobody on the road has to brake harder for one who enters
#define FIRST_CHANGE_MS 2000    // who has come in changes lanes for speed not before this
#define KEEP_DECEL_MPS2 0.1f    // who enters at a speed given by number keeps it
#define KERB_DECEL_MPS2 1.0f    // who comes from the kerb holds nobody up ...
#define KERB_QUEUE_MPS 5.0f     // ... and waits for a queue to pass: for the one behind that is slower ...
#define KERB_QUEUE_M 25.0f      // ... and nearer

void art_depart_collect(art_sim *sim)
{
  const art_demand *demand = sim->demand;
  while (sim->next_trip < sim->last_trip && demand->trip_depart_ms[sim->next_trip] <= sim->now_ms) {
    const int32_t trip = sim->next_trip++;
    art_trip_row *row = art_row_make(sim, trip);
    if (sim->ranks && !art_sim_holds(sim, trip)) continue;
    ++sim->ledger.loaded;
    row->state = ART_TRIP_WAITING;
    art_closures_guide(sim, trip);
    int32_t count;
    const int32_t link = art_route_links(sim, trip, &count)[0];
    art_queue *queue = &sim->queue[link];
    ART_PUSH(queue->trip, queue->count, queue->capacity, trip);
    ++sim->block[sim->lane_block[sim->net->link_first_lane[link]]].waits;
  }
}

/// Place and speed of a vehicle that is about to enter, and the lane that it enters.
typedef struct entry {
  int32_t k;
  float pos_m, speed_mps;
} entry;

static float wanted_pos(const art_sim *sim, int32_t trip, int32_t lane, float length)
{
  const float wanted = art_trip_depart_pos_m(sim->demand, trip), lane_m = sim->net->lane_length_m[lane];
  if (wanted == ART_POS_BASE || wanted == ART_POS_LAST) return art_minf(length, lane_m);
  if (wanted == ART_POS_RANDOM || wanted == ART_POS_FREE) {
    const double u = art_uniform(art_rng(sim->seed, sim->demand->trip_key[trip], 0, ART_FOR_DEPART_POS));
    return (float)u * lane_m;
  }
  return wanted < 0.0f ? art_maxf(lane_m + wanted, 0.0f) : art_minf(wanted, lane_m);
}

/// Never at the lane's very end: from there it would have to go on without having asked.
static float entry_pos(const art_sim *sim, int32_t trip, int32_t lane, float length)
{
  const float lane_m = sim->net->lane_length_m[lane];
  return art_minf(wanted_pos(sim, trip, lane, length), lane_m - art_minf(0.1f, 0.5f * lane_m));
}

static float entry_speed(const art_sim *sim, int32_t trip, float desired, const art_block *block,
                         int32_t leader)
{
  const float wanted = art_trip_depart_speed_mps(sim->demand, trip);
  if (wanted >= 0.0f) return art_minf(wanted, desired);
  if (wanted == ART_SPEED_LAST || wanted == ART_SPEED_AVG)
    return leader >= 0 ? art_minf(block->speed_mps[leader], desired) : desired;
  if (wanted == ART_SPEED_RANDOM)
    return desired *
           (float)art_uniform(art_rng(sim->seed, sim->demand->trip_key[trip], 1, ART_FOR_DEPART_POS));
  return desired;
}

/// A trip that enters at a given speed and has waited would have come in as soon as there was room, which may have been
/// within the last step: it stands as far ahead as it would have got, but no nearer to its leader than it likes.
static float moved_meanwhile(const art_sim *sim, const art_mover *mover, const entry *e, float desired,
                             float gap, float lead_speed)
{
  const int32_t trip = mover->vehicle;
  const float wanted = art_trip_depart_pos_m(sim->demand, trip);
  if (wanted != ART_POS_BASE && wanted != ART_POS_LAST) return 0.0f;
  const art_tick late_ms = sim->now_ms - sim->demand->trip_depart_ms[trip];
  float most = e->speed_mps * (late_ms < sim->step_ms ? (float)late_ms * 1e-3f : sim->step_s);
  float least = 0.0f;
  if (!(most > 0.0f)) return 0.0f;
  if (gap > most && art_accel_of(sim, mover->type, e->speed_mps, desired, gap - most, lead_speed) >= 0.0f)
    return most;
  for (int n = 0; n < 12; ++n) {
    const float mid = 0.5f * (least + most);
    if (gap > mid && art_accel_of(sim, mover->type, e->speed_mps, desired, gap - mid, lead_speed) >= 0.0f)
      least = mid;
    else
      most = mid;
  }
  return least;
}

/// Does it enter where the road is free? Then it comes from the kerb or a drive, and those on the road have the right of way.
static int comes_from_kerb(const art_sim *sim, int32_t trip)
{
  return art_trip_depart_pos_m(sim->demand, trip) == ART_POS_FREE;
}

/// Is there room for the body at this place, and can everybody live with it?
static int fits(const art_sim *sim, const art_block *block, int32_t k, const art_mover *mover, entry *e)
{
  const int32_t lane = block->lane[k], type = mover->type;
  const float length = sim->types.length_m[type], min_gap = sim->types.min_gap_m[type];
  const float desired = art_maxf(art_desired(sim, lane, type, art_factor(mover->speed_factor)), 0.1f);
  e->k = k;
  e->pos_m = entry_pos(sim, mover->vehicle, lane, length);
  int32_t behind_at = block->start[k + 1];  // most enter at the lane's start, behind all others
  while (behind_at > block->start[k] && block->pos_m[behind_at - 1] < e->pos_m) --behind_at;
  const int32_t leader = behind_at > block->start[k] ? behind_at - 1 : -1;
  const int32_t follower = behind_at < block->start[k + 1] ? behind_at : -1;
  e->speed_mps = entry_speed(sim, mover->vehicle, desired, block, leader);
  float gap = INFINITY, lead_speed = 0.0f;
  if (leader >= 0) {
    gap = block->pos_m[leader] - sim->types.length_m[block->type[leader]] - e->pos_m;
    lead_speed = block->speed_mps[leader];
  }
  const uint64_t over = art_overhang_known(sim, lane);
  if (over != ART_OVERHANG_NONE && art_overhang_rear_m(over) - e->pos_m < gap) {
    gap = art_overhang_rear_m(over) - e->pos_m;
    lead_speed = art_overhang_speed(over);
  }
  if (sim->pass) {
    const float wall = art_wall_ahead_m(sim, lane, e->pos_m - length, e->pos_m);
    if (wall < gap) {
      gap = wall;
      lead_speed = 0.0f;
    }
  }
  if (gap < min_gap) return 0;
  if (art_trip_depart_speed_mps(sim->demand, mover->vehicle) < 0.0f) {  // as fast as safe
    while (e->speed_mps > 0.5f &&
           art_accel_of(sim, type, e->speed_mps, desired, gap, lead_speed) < -INSERT_DECEL_MPS2)
      e->speed_mps *= 0.8f;
  }
  const float to_end = sim->net->lane_length_m[lane] - e->pos_m;
  if (e->speed_mps * e->speed_mps > 2.0f * INSERT_DECEL_MPS2 * art_maxf(to_end - 1.0f, 0.0f))
    e->speed_mps = 0.0f;
  const int is_given = art_trip_depart_speed_mps(sim->demand, mover->vehicle) >= 0.0f;
  if (e->speed_mps > 0.0f && art_accel_of(sim, type, e->speed_mps, desired, gap, lead_speed) <
                                 -(is_given ? KEEP_DECEL_MPS2 : INSERT_DECEL_MPS2))
    return 0;
  if (is_given && e->speed_mps > 0.0f) {
    const float meanwhile = moved_meanwhile(sim, mover, e, desired, gap, lead_speed);
    e->pos_m += art_minf(meanwhile, art_maxf(to_end - 1.0f, 0.0f) * 0.5f);
  }

  const float rear = e->pos_m - length;
  float behind = INFINITY, behind_speed = 0.0f;
  int32_t behind_type = -1;
  float behind_desired = 1.0f;
  if (follower >= 0) {
    behind = rear - block->pos_m[follower] - art_pushed_m(sim, block->vehicle[follower]);
    behind_speed = block->speed_mps[follower];
    behind_type = block->type[follower];
    behind_desired = art_desired(sim, lane, behind_type, art_factor(block->speed_factor[follower]));
  } else {
    int32_t vehicle;
    behind = art_upstream_gap(sim, lane, rear, 80.0f, &behind_speed, &vehicle);
    if (vehicle >= 0) {
      behind_type = sim->row[vehicle].type;
      behind_desired = art_maxf(behind_speed, 1.0f);
    }
  }
  if (behind_type < 0 || behind == INFINITY) return 1;
  if (behind < sim->types.min_gap_m[behind_type]) return 0;
  if (comes_from_kerb(sim, mover->vehicle)) {
    if (behind_speed < KERB_QUEUE_MPS && behind < KERB_QUEUE_M) return 0;
    return art_accel_of(sim, behind_type, behind_speed, art_maxf(behind_desired, 0.1f), behind,
                        e->speed_mps) > -KERB_DECEL_MPS2;
  }
  return art_accel_of(sim, behind_type, behind_speed, art_maxf(behind_desired, 0.1f), behind, e->speed_mps) >
         -INSERT_DECEL_MPS2;
}

/// Lanes of a link that its class may enter.
static uint32_t lanes_permitted(const art_sim *sim, const art_block *block, int32_t first_k, int32_t lanes, int32_t type)
{
  uint32_t allowed = 0;
  for (int32_t m = 0; m < lanes; ++m)
    if (art_lane_permits(sim, block->lane[first_k + m], sim->types.vclass[type])) allowed |= 1u << m;
  return allowed;
}

/// Is there room in any lane, whether it serves the route or not? What waits before a full road asks this in each step, and needs
/// to know no more.
static int fits_anywhere(const art_sim *sim, const art_block *block, int32_t first_k, uint32_t candidates, const art_mover *mover)
{
  entry e;
  for (uint32_t left = candidates; left; left &= left - 1)
    if (fits(sim, block, first_k + art_lowest_lane(left), mover, &e)) return 1;
  return 0;
}

static float lane_room(const art_block *block, int32_t k)
{
  return block->start[k] == block->start[k + 1] ? INFINITY : block->pos_m[block->start[k + 1] - 1];
}

/// Tries the lanes that the trip may enter, best first. `used` marks lanes that took somebody in this step.
static int find_entry(const art_sim *sim, const art_block *block, int32_t first_k, int32_t lanes,
                      const art_mover *mover, uint32_t allowed, uint16_t stay, uint32_t *used, entry *e)
{
  const int32_t trip = mover->vehicle, wanted = art_trip_depart_lane(sim->demand, trip);
  uint32_t candidates = allowed;
  if (wanted >= 0)
    candidates = wanted < lanes ? allowed & (1u << wanted) : 0;
  else if (wanted == ART_LANE_FIRST)
    candidates = allowed & (~allowed + 1);
  else if (wanted == ART_LANE_BEST && (stay & allowed))
    candidates = stay & allowed;
  else if (wanted == ART_LANE_RANDOM && allowed) {
    int32_t pick = (int32_t)(art_rng(sim->seed, sim->demand->trip_key[trip], 0, ART_FOR_DEPART_LANE) %
                             (uint64_t)__builtin_popcount(allowed));
    candidates = allowed;
    while (pick-- > 0) candidates &= candidates - 1;
    candidates &= ~candidates + 1;
  }
  candidates &= ~*used;
  while (candidates) {  // the emptiest first
    int32_t best = -1;
    for (int32_t m = 0; m < lanes; ++m)
      if ((candidates >> m & 1u) &&
          (best < 0 || lane_room(block, first_k + m) > lane_room(block, first_k + best)))
        best = m;
    candidates &= ~(1u << best);
    if (fits(sim, block, first_k + best, mover, e)) {
      *used |= 1u << best;
      return 1;
    }
  }
  return 0;
}

static art_mover new_mover(const art_sim *sim, int32_t trip)
{
  const art_trip_row *row = &sim->row[trip];
  return (art_mover){ .vehicle = trip,
                      .key = sim->demand->trip_key[trip],
                      .type = art_driver_of(sim, trip),
                      .speed_factor = (uint8_t)(row->speed_factor * ART_SPEED_FACTOR_ONE + 0.5f),
                      .change_after_ms = (int32_t)(sim->now_ms - sim->begin_ms) + FIRST_CHANGE_MS,
                      .accel_cap_mps2 = INFINITY };
}

void art_depart_link(art_sim *sim, art_block *block, int32_t link, art_worker *worker)
{
  art_queue *queue = &sim->queue[link];
  if (queue->first == queue->count || sim->link_closed[link]) return;
  const int32_t first_lane = sim->net->link_first_lane[link], lanes = art_net_link_lanes(sim->net, link);
  const int32_t first_k = sim->lane_slot[first_lane];
  uint32_t used = 0;
  int32_t kept = queue->first, i = queue->first;
  // Those that enter leave a hole that is closed at the end, so that the order of the others stays.
  for (int32_t tries = 0; i < queue->count && tries < TRIES_PER_STEP; ++i, ++tries) {
    const int32_t trip = queue->trip[i];
    if (sim->no_route[trip]) {
      queue->trip[kept++] = trip;
      --tries;
      continue;
    }
    art_mover mover = new_mover(sim, trip);
    art_trip_row *row = &sim->row[trip];
    const uint32_t allowed = lanes_permitted(sim, block, first_k, lanes, mover.type);
    entry e;
    uint16_t stay, leftward;
    int enters = fits_anywhere(sim, block, first_k, allowed & ~used, &mover);
    if (enters) {
      art_lanes_plan(sim, trip, 0, sim->types.vclass[mover.type], &stay, &leftward);
      enters = find_entry(sim, block, first_k, lanes, &mover, allowed, stay, &used, &e);
    }
    if (!enters) {
      queue->trip[kept++] = trip;
      if (used == (1u << lanes) - 1u) tries = TRIES_PER_STEP;
      continue;
    }
    art_vehicle *vehicle = art_record_make(sim, trip);
    mover.pos_m = e.pos_m;
    mover.speed_mps = e.speed_mps;
    if (!vehicle->links) vehicle->links = art_route_links(sim, trip, &vehicle->link_count);
    vehicle->lane = block->lane[e.k];
    vehicle->leftward = leftward;
    mover.stay = stay;
    mover.flags = art_lanes_planned(sim, trip, 0, mover.flags);
    art_take_in(sim, block, e.k, &mover);
    row->insert_ms = sim->now_ms;
    row->depart_lane = vehicle->lane;
    row->route_mm = -(int64_t)(e.pos_m * 1000.0f + 0.5f);  // whole lanes are added when they are left
    row->free_ms = -art_free_time_ms(e.pos_m, art_desired(sim, vehicle->lane, mover.type,
                                                          art_factor(mover.speed_factor)));
    row->state = ART_TRIP_RUNNING;
    ART_ATOMIC_ADD(sim->link_sums.departed[link], 1);
    ++worker->inserted;
    --block->waits;
  }
  if (kept != i) {
    for (; i < queue->count; ++i) queue->trip[kept++] = queue->trip[i];
    queue->count = kept;
  }
  if (queue->first == queue->count) queue->first = queue->count = 0;
}
