/// Circles of vehicles that wait for one another. Where every road of a circle is full, nobody can move before somebody else
/// does; all moving alike can. So they do, at a crawl, step by step as long as every member is free to: each keeps its gap
/// to the next one, and nothing overlaps. Who moves is known before others change lanes, swap places or depart in the same
/// step: they keep out of its way (art_pushed_m), and it stays in its lane, for the one behind it counts on its moving on.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"

#define LOOK_EVERY_MS 60000
#define ROTATE_AFTER_MS 120000  // every member has stood this long
#define ROTATE_FOR_MS 60000     // time to get the grants, and to move
#define PUSH_MPS 1.0f
#define PUSH_FOR_M 12.0f  // each member has moved up by one then, buses included
#define KEEP_M 0.05f
#define COMMIT_DECEL_MPS2 \
  3.0f  // who could not stop with this half a metre before a line is under way, says its node
/// A member looks this much farther than it moves: nearer, it would go on although nobody pushes it.
#define AHEAD_M (0.5f + 0.5f * PUSH_MPS * PUSH_MPS / COMMIT_DECEL_MPS2)

/// Where a vehicle is, in its block or on its way into one.
typedef struct spot {
  int32_t lane, type, hop;
  float pos_m, length_m;
  int32_t leader;  ///< the one ahead in the block, -1: none
  float leader_rear_m;
} spot;

static spot spot_of(const art_sim *sim, int32_t trip)
{
  const art_block *block;
  const int32_t i = art_place_of(sim, trip, &block);
  const art_vehicle *vehicle = art_record(sim, trip);
  spot s = { .lane = vehicle->lane, .type = sim->row[trip].type, .leader = -1 };
  s.length_m = sim->types.length_m[s.type];
  if (i < 0) {  // enters its lane behind all who are there
    s.pos_m = art_mover_of(sim, vehicle)->pos_m;
    s.hop = art_mover_of(sim, vehicle)->hop;
    const int32_t k = sim->lane_slot[s.lane];
    s.leader = block->start[k] < block->start[k + 1] ? block->vehicle[block->start[k + 1] - 1] : -1;
    for (int32_t other = sim->inbox[s.lane]; other >= 0; other = art_record(sim, other)->next)
      if (art_mover_of(sim, art_record(sim, other))->pos_m > s.pos_m &&
          (s.leader < 0 || art_front_of(sim, other) < art_front_of(sim, s.leader)))
        s.leader = other;
    if (s.leader >= 0)
      s.leader_rear_m = art_front_of(sim, s.leader) - sim->types.length_m[sim->row[s.leader].type];
    return s;
  }
  s.pos_m = block->pos_m[i];
  s.hop = block->hop[i];
  if (i > block->start[block->lane8[i]]) {
    s.leader = block->vehicle[i - 1];
    s.leader_rear_m = block->pos_m[i - 1] - sim->types.length_m[block->type[i - 1]];
  }
  return s;
}

/// The body next ahead on a vehicle's planned way and the gap to it; -1 if there is none within `within_m`.
static int32_t body_ahead(const art_sim *sim, int32_t trip, const spot *s, float within_m, float *gap_m)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record(sim, trip);
  if (s->leader >= 0) {
    *gap_m = s->leader_rear_m - s->pos_m;
    return *gap_m <= within_m ? s->leader : -1;
  }
  float distance = net->lane_length_m[s->lane] - s->pos_m;  // to the end of the lane looked at
  int32_t at = s->lane, e = vehicle->track_ahead;
  for (;;) {
    float rear = 0.0f;
    const int32_t hanging =
        art_hanging_over(sim, at, -1, &rear);  // also its own end, where links make a small circle
    if (hanging >= 0 && distance + rear <= within_m) {
      *gap_m = distance + rear;
      return hanging;
    }
    if (distance > within_m) return -1;
    if (art_net_is_connector(net, at)) {
      at = net->connector_to[art_net_connector_of_lane(net, at)];
    } else {
      if (e >= vehicle->track_count) return -1;
      at = art_net_lane_of_connector(net, art_track_of(vehicle, e++)->connector);
    }
    const int32_t last = art_last_on(sim, at);
    if (last >= 0 && last != trip) {
      *gap_m = distance + art_front_of(sim, last) - sim->types.length_m[sim->row[last].type];
      return *gap_m <= within_m ? last : -1;
    }
    distance += net->lane_length_m[at];
  }
}

/// Will another member, of whatever circle, enter connector c in this step?
static int is_claimed(const art_sim *sim, int32_t c, int32_t trip)
{
  for (int32_t n = 0; n < sim->claim_count; ++n)
    if (sim->claim[n].connector == c && sim->claim[n].trip != trip) return 1;
  return 0;
}

/// How far somebody else may come in this step.
static float reach_of(const art_sim *sim, int32_t trip)
{
  const art_block *block;
  const int32_t i = art_place_of(sim, trip, &block);
  const float v = i >= 0 ? block->speed_mps[i] : art_mover_of(sim, art_record(sim, trip))->speed_mps, dt = sim->step_s;
  return v * dt + 0.5f * sim->types.accel_mps2[sim->row[trip].type] * dt * dt;
}

/// May the first vehicle before connector c, which is granted it, get so near to `enter_m` in this step that it could not stop
/// before? A member with a later number than `order` will follow; the next one counts, too, as long as it has not gone in.
static int comes_too(const art_sim *sim, int32_t c, float enter_m, int32_t order)
{
  const int32_t lane = sim->net->connector_from[c], k = sim->lane_slot[lane];
  const art_block *block = &sim->block[sim->lane_block[lane]];
  int32_t at = sim->inbox[lane], i = block->start[k], is_member = 0;
  if (i < block->start[k + 1]) {
    at = block->vehicle[i];
    is_member = block->flags[i] & ART_FLAG_ROTATE;
  }
  if (at < 0) return 0;
  const art_vehicle *vehicle = art_record(sim, at);
  if (vehicle->track_ahead >= vehicle->track_count) return 0;
  const art_track *next = art_track_of(vehicle, vehicle->track_ahead);
  if (next->connector != c || next->new_grant == ART_GRANT_NONE || (is_member && next->new_order > order))
    return 0;
  const float distance = sim->net->lane_length_m[lane] - art_front_of(sim, at) + enter_m;
  return distance <= reach_of(sim, at) + AHEAD_M;
}

/// Would the front come onto a crossing that people use? They would not see it coming.
static int meets_people(const art_sim *sim, int32_t c, float front_m, float move_m)
{
  const art_net *net = sim->net;
  const int32_t node = net->connector_node[c];
  if (!sim->node_first_foot) return 0;
  for (int32_t f = sim->node_first_foot[node]; f < sim->node_first_foot[node + 1]; ++f) {
    const int32_t x = sim->node_foot[f];
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r)
      if (net->crossing_connector[r] == c && front_m <= net->crossing_enter_m[r] &&
          front_m + move_m + KEEP_M > net->crossing_enter_m[r])
        return 1;
  }
  return 0;
}

/// Would the front come onto a zone of the connector of track entry `e` in which somebody else is? `front_m` is where it is
/// now. Sets *alike if the next member is in the way unless it moves, too.
static int zones_are_free(const art_sim *sim, int32_t e, float front_m, float move_m, int32_t trip,
                          int32_t next, int *alike)
{
  const art_net *net = sim->net;
  const art_track *track = art_track_of(art_record(sim, trip), e);
  const int32_t c = track->connector;
  const float to_m = front_m + move_m + AHEAD_M;
  if (meets_people(sim, c, front_m, move_m)) return 0;
  const art_way *way = &sim->ways.way[c];
  for (const art_foe *foe = sim->ways.foe + way->first_foe; foe < sim->ways.foe + way->end_foe; ++foe) {
    const int32_t other_connector = art_foe_connector(net, way, foe), lane = art_net_lane_of_connector(net, other_connector);
    const int kind = foe->kind;
    // Merging and parting bodies are side by side in the zone; crossing ones matter until one is on it.
    const float from = kind == ART_CONFLICT_CROSS ? foe->enter_m : -INFINITY;
    const float until = kind == ART_CONFLICT_CROSS ? foe->enter_m : foe->exit_m;
    if (front_m > until || to_m < from) continue;
    if (kind == ART_CONFLICT_MERGE && to_m < foe->enter_m) continue;
    if (kind != ART_CONFLICT_DIVERGE &&
        (is_claimed(sim, other_connector, trip) ||
         comes_too(sim, other_connector, foe->other_enter_m, track->new_order)))
      return 0;
    const int32_t except = kind == ART_CONFLICT_CROSS ? -1 : next;  // in one stream they keep their distance
    const float shift_m = kind == ART_CONFLICT_MERGE ? net->lane_length_m[art_net_lane_of_connector(net, c)] -
                                                           net->lane_length_m[lane]
                                                     : 0.0f;
    const art_block *block = &sim->block[sim->lane_block[lane]];
    const int32_t slot = sim->lane_slot[lane];
    int32_t i = block->start[slot], other = sim->inbox[lane];
    while (i < block->start[slot + 1] || other >= 0) {  // all with their front on the lane
      const int32_t at = other >= 0 ? other : block->vehicle[i];
      if (other >= 0)
        other = art_record(sim, other)->next;
      else
        ++i;
      if (at == trip) continue;
      const float front = art_front_of(sim, at), rear = front - sim->types.length_m[sim->row[at].type];
      if (at == except && rear + shift_m >= front_m) {
        *alike |= rear + shift_m < to_m;
        continue;
      }
      const float reach = art_maxf(move_m, reach_of(sim, at));
      if (front + reach > foe->other_enter_m && rear < foe->other_exit_m) return 0;
    }
    float rear = 0.0f;
    const int32_t hanging = art_hanging_over(sim, lane, trip, &rear);
    rear += net->lane_length_m[lane];
    if (hanging < 0 || rear >= foe->other_exit_m) continue;
    if (hanging != except || rear + shift_m < front_m) return 0;
    *alike |= rear + shift_m < to_m;
  }
  return 1;
}

enum { STAYS, MOVES_ALIKE, MOVES };

/// May a member move by `move_m`: no, only if the next member of the circle does too, or in any case?
static int may_move(const art_sim *sim, int32_t trip, int32_t next, float move_m)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record(sim, trip);
  if (sim->row[trip].state != ART_TRIP_RUNNING || vehicle->at_stop) return STAYS;
  const spot s = spot_of(sim, trip);
  float gap;
  const int32_t body = body_ahead(sim, trip, &s, move_m + KEEP_M, &gap);
  int alike = body >= 0;
  if (body >= 0 && (body != next || gap < 0.0f)) return STAYS;
  float start = -s.pos_m;  // distance to the start of the connector looked at
  int32_t e = vehicle->track_ahead;
  if (art_net_is_connector(net, s.lane)) {
    if (art_track_of(vehicle, e - 1)->new_grant != ART_GRANT_FULL) return STAYS;
    if (!zones_are_free(sim, e - 1, s.pos_m, move_m, trip, next, &alike)) return STAYS;
    start += net->lane_length_m[s.lane] +
             net->lane_length_m[net->connector_to[art_net_connector_of_lane(net, s.lane)]];
  } else {
    start += net->lane_length_m[s.lane];
  }
  for (; start <= move_m + AHEAD_M; ++e) {
    if (e >= vehicle->track_count || art_track_of(vehicle, e)->new_grant != ART_GRANT_FULL) return STAYS;
    const int32_t c = art_track_of(vehicle, e)->connector;
    if (sim->aspect[c] == ART_ASPECT_RED || sim->aspect[c] == ART_ASPECT_YELLOW) return STAYS;
    if (!zones_are_free(sim, e, -start, move_m, trip, next, &alike)) return STAYS;
    start += net->lane_length_m[art_net_lane_of_connector(net, c)] + net->lane_length_m[net->connector_to[c]];
  }
  return alike ? MOVES_ALIKE : MOVES;
}

/// Notes the connectors that begin within `ahead_m` of a member. Two whose paths cross may come to the same node in one step,
/// over links shorter than the move as well: the first to be looked at goes.
static void claim_connectors(art_sim *sim, int32_t trip, float ahead_m)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = art_record(sim, trip);
  const spot s = spot_of(sim, trip);
  float start = net->lane_length_m[s.lane] - s.pos_m;
  if (art_net_is_connector(net, s.lane))
    start += net->lane_length_m[net->connector_to[art_net_connector_of_lane(net, s.lane)]];
  for (int32_t e = vehicle->track_ahead; e < vehicle->track_count && start <= ahead_m; ++e) {
    const int32_t c = art_track_of(vehicle, e)->connector;
    const art_claim claim = { c, trip };
    ART_PUSH(sim->claim, sim->claim_count, sim->claim_capacity, claim);
    start += net->lane_length_m[art_net_lane_of_connector(net, c)] + net->lane_length_m[net->connector_to[c]];
  }
}

/// Those that were moved in the last step and cannot stop any more come first.
static void claim_of_movers(art_sim *sim)
{
  sim->claim_count = 0;
  for (int32_t c = 0; c < sim->cycle_count; ++c)
    for (int32_t m = 0; m < sim->cycle[c].count; ++m) {
      const int32_t trip = sim->cycle[c].member[m];
      if (!art_sim_holds(sim, trip)) continue;  // nodes that it comes near are those of its own rank
      if (sim->row[trip].state == ART_TRIP_RUNNING && art_record(sim, trip)->push_mps > 0.0f)
        claim_connectors(sim, trip, AHEAD_M);
    }
}

/// Tells a member to move with its circle (0: not in this step), or that it is no member any more.
static void push(art_sim *sim, int32_t trip, int is_member, float speed_mps)
{
  const art_block *seen;
  const int32_t i = art_place_of(sim, trip, &seen);
  art_vehicle *vehicle = art_record(sim, trip);
  art_block *block = &sim->block[sim->lane_block[vehicle->lane]];
  vehicle->push_mps = speed_mps;
  if (i < 0 && sim->row[trip].state != ART_TRIP_RUNNING) return;  // has arrived: nobody asks any more
  uint16_t *flags = i >= 0 ? &block->flags[i] : &art_mover_of(sim, vehicle)->flags;
  *flags = (uint16_t)(is_member ? *flags | ART_FLAG_ROTATE : *flags & ~ART_FLAG_ROTATE);
}

static void begin_cycle(art_sim *sim, art_cycle cycle)
{
  cycle.until_ms = sim->now_ms + ROTATE_FOR_MS;
  cycle.moves = ART_NEW(uint8_t, cycle.count);
  for (int32_t m = 0; m < cycle.count; ++m) {
    if (!art_sim_holds(sim, cycle.member[m])) continue;
    push(sim, cycle.member[m], 1, 0.0f);
    ++sim->row[cycle.member[m]].rotations;
  }
  ART_PUSH(sim->cycle, sim->cycle_count, sim->cycle_capacity, cycle);
  ++sim->ledger.rotations;
}

static void begin_found(void *context, int32_t start)
{
  art_cycle cycle = { 0 };
  int32_t capacity = 0, member = start;
  const char *why;
  do {
    ART_PUSH(cycle.member, cycle.count, capacity, member);
    member = art_waits_for(context, member, &why);
  } while (member != start);
  begin_cycle(context, cycle);
}

static art_waiting *find_waiting(art_waiting *list, int64_t count, int32_t trip)
{
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t mid = low + (high - low) / 2;
    if (list[mid].trip < trip)
      low = mid + 1;
    else
      high = mid;
  }
  return low < count && list[low].trip == trip ? &list[low] : NULL;
}

/// art_for_each_cycle over what all ranks have told: each walks the same way and finds the same circles.
static void begin_all_over_ranks(art_sim *sim)
{
  art_waiting *list;
  const int64_t count = art_ranks_list_waiting(sim, ROTATE_AFTER_MS, &list);
  for (int64_t i = 0; i < count; ++i) list[i].seen = 0;
  int32_t walk = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (list[i].seen) continue;
    ++walk;
    art_waiting *at = &list[i];
    while (at && !at->seen) {
      at->seen = walk;
      at = find_waiting(list, count, at->next);
    }
    if (!at || at->seen != walk) continue;
    art_cycle cycle = { 0 };
    int32_t capacity = 0;
    const art_waiting *start = at;
    do {
      ART_PUSH(cycle.member, cycle.count, capacity, at->trip);
      at = find_waiting(list, count, at->next);
    } while (at != start);
    begin_cycle(sim, cycle);
  }
  free(list);
}

/// May its members move? Each rank knows it of its own.
static void ask_members(art_sim *sim, art_cycle *cycle, float move_m)
{
  const int n = cycle->count;
  for (int32_t m = 0; m < n; ++m) {
    cycle->moves[m] = STAYS;
    if (!art_sim_holds(sim, cycle->member[m])) continue;
    cycle->moves[m] = (uint8_t)may_move(sim, cycle->member[m], cycle->member[(m + 1) % n], move_m);
    if (cycle->moves[m] != STAYS) claim_connectors(sim, cycle->member[m], move_m + AHEAD_M);
  }
  if (!sim->ranks) return;
  int64_t *all = ART_NEW(int64_t, n);
  for (int32_t m = 0; m < n; ++m) all[m] = cycle->moves[m];
  art_ranks_largest(sim, n, all);
  for (int32_t m = 0; m < n; ++m) cycle->moves[m] = (uint8_t)all[m];
  free(all);
}

/// Moves a circle on by one step; 0 when it is over. Where somebody must wait for the next one to get out of a merge, those
/// ahead of it close up meanwhile.
static int move_cycle(art_sim *sim, art_cycle *cycle)
{
  const float move_m = PUSH_MPS * sim->step_s;
  const int n = cycle->count, is_over = sim->now_ms >= cycle->until_ms || cycle->moved_m >= PUSH_FOR_M;
  int moving = 0, waits = !is_over;
  if (is_over)
    memset(cycle->moves, STAYS, (size_t)n);
  else
    ask_members(sim, cycle, move_m);
  for (int round = 0; waits && round < 2;
       ++round)  // backwards: a second round brings what the last one waits for
    for (int32_t m = n - 1; m >= 0; --m)
      if (cycle->moves[m] == MOVES_ALIKE && cycle->moves[(m + 1) % n] == STAYS) cycle->moves[m] = STAYS;
  for (int32_t m = 0; m < n; ++m) moving += cycle->moves[m] != STAYS;
  const int is_broken =
      !moving && cycle->moved_m > 0.0f;  // somebody got free, or stands before something else
  for (int32_t m = 0; m < n; ++m)
    if (art_sim_holds(sim, cycle->member[m]) && sim->row[cycle->member[m]].state == ART_TRIP_RUNNING)
      push(sim, cycle->member[m], !is_over && !is_broken, cycle->moves[m] != STAYS ? PUSH_MPS : 0.0f);
  if (moving) cycle->moved_m += move_m * (float)moving / (float)n;
  return !is_over && !is_broken;
}

float art_pushed_m(const art_sim *sim, int32_t trip)
{
  if (sim->cycle_count == 0) return 0.0f;
  if (art_sim_holds(sim, trip)) return art_record(sim, trip)->push_mps * sim->step_s;
  for (int32_t c = 0; c < sim->cycle_count; ++c)  // its record is scratch here, but all ranks know who moves
    for (int32_t m = 0; m < sim->cycle[c].count; ++m)
      if (sim->cycle[c].member[m] == trip)
        return sim->cycle[c].moves[m] != STAYS ? PUSH_MPS * sim->step_s : 0.0f;
  return 0.0f;
}

/// Nobody looks at members any more that have arrived meanwhile.
static void end_cycle(art_sim *sim, art_cycle *cycle)
{
  art_worker *worker = &sim->worker[0];
  for (int32_t m = 0; m < cycle->count; ++m)
    if (sim->row[cycle->member[m]].state == ART_TRIP_ARRIVED)
      ART_PUSH(worker->over, worker->over_count, worker->over_capacity, cycle->member[m]);
  free(cycle->member);
  free(cycle->moves);
}

void art_rotate(art_sim *sim)
{
  int32_t kept = 0;
  const int is_time = sim->now_ms % LOOK_EVERY_MS == 0;
  const int looks = is_time && (!sim->ranks || art_ranks_anybody_stands(sim, ROTATE_AFTER_MS));
  const int shows = sim->ranks && (looks || sim->cycle_count > 0);
  if (shows) art_ranks_show_bodies(sim);
  claim_of_movers(sim);
  for (int32_t c = 0; c < sim->cycle_count; ++c) {
    if (move_cycle(sim, &sim->cycle[c]))
      sim->cycle[kept++] = sim->cycle[c];
    else
      end_cycle(sim, &sim->cycle[c]);
  }
  sim->cycle_count = kept;
  if (looks && sim->ranks)
    begin_all_over_ranks(sim);
  else if (looks)
    art_for_each_cycle(sim, ROTATE_AFTER_MS, begin_found, sim);
  if (shows) art_ranks_hide_bodies(sim);
}

void art_rotation_free(art_sim *sim)
{
  for (int32_t c = 0; c < sim->cycle_count; ++c) {
    free(sim->cycle[c].member);
    free(sim->cycle[c].moves);
  }
  free(sim->cycle);
  free(sim->claim);
}
