/// Decide pass: gathers what was published at a node, lets the model order it, hands the grants back.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/ranks.h"
#include "core/step/sim_internal.h"

#define SKIPPED_MS ((int32_t)(ART_SKIPPED_S * 1000.0f))

/// Who stands this long before a full exit takes its turn with the other approaches.
#define JAM_AFTER_S 5.0f

#define BLOCKED_MS 40000     // an exit onto which nobody drove for so long is blocked
#define DETOUR_AFTER_S 15.0f  // who has stood before it this long takes another way
#define FLOWS_MPS 0.5f
#define FOES_PER_LINE 3  // at least one of so many lies on each cache line

/// Free length behind connector track[slot] along the vehicle's own way, up to the first body.
static float room_behind(const art_sim *sim, const art_passage *p)
{
  const art_net *net = sim->net;
  const art_tail *next = &sim->tail[p->to_lane];
  if (next->rear_m < INFINITY && !next->leaving)  // most often: somebody on the next lane, who may stay there
    return art_maxf(next->rear_m, 0.0f) + art_going_on(next->speed_mps, next->free_m);
  const art_vehicle *vehicle = art_record(sim, p->vehicle);
  const uint64_t *overhang = sim->overhang[ART_BUFFER(sim)];
  const float wanted = p->length_m + p->min_gap_m;
  float room = 0.0f;
  for (int32_t e = p->turn_slot; e < vehicle->track_count; ++e) {
    const art_track *track = art_track_of(vehicle, e);
    if (e > p->turn_slot) {
      // Beyond the first link only what is granted counts, the box of the next node included.
      if (track->grant != ART_GRANT_FULL) return room;
      const int32_t path = art_net_lane_of_connector(net, track->connector);
      const art_tail *tail = &sim->tail[path];
      if (tail->rear_m < INFINITY && !tail->leaving)
        return room + art_maxf(tail->rear_m, 0.0f) + art_going_on(tail->speed_mps, tail->free_m);
      room += net->lane_length_m[path];
    }
    const int32_t lane = net->connector_to[track->connector];
    const art_tail *tail = &sim->tail[lane];
    if (tail->rear_m < INFINITY && !tail->leaving)
      return room + art_maxf(tail->rear_m, 0.0f) + art_going_on(tail->speed_mps, tail->free_m);
    const uint64_t over = overhang[lane];
    if (over != ART_OVERHANG_NONE && !(tail->rear_m < INFINITY)) {
      const float speed = art_overhang_speed(over);
      return room + art_maxf(art_overhang_rear_m(over), 0.0f) + art_going_on(speed, 0.0f);
    }
    room += net->lane_length_m[lane];
    if (track->ends) return room + wanted;  // leaves the network there
    if (room > 4.0f * wanted + 50.0f) break;
  }
  // Nobody is in the way, and from here no way is known: a link too short for the vehicle, in a lane that does not lead on.
  // To wait would not make it longer.
  return art_maxf(room, wanted);
}

static float room_of(const void *sim, const art_passage *p)
{
  return room_behind(sim, p);
}

/// Where nobody could drive on for so long that a light would have come round, the other ways on from p's lane with room.
static uint16_t detours_of(const art_sim *sim, const art_passage *p)
{
  const art_net *net = sim->net;
  const float wanted = 2.0f * (p->length_m + p->min_gap_m);
  uint16_t found = 0;
  if (sim->now_ms - sim->lane_flow_ms[p->to_lane] < BLOCKED_MS || p->waited_s < DETOUR_AFTER_S) return 0;
  for (int32_t c = net->lane_first_out[p->from_lane]; c < net->lane_first_out[p->from_lane + 1]; ++c) {
    const int32_t lane = net->connector_to[c];
    const uint64_t over = sim->overhang[ART_BUFFER(sim)][lane];
    if (net->lane_link[lane] == net->lane_link[p->to_lane] || c - net->lane_first_out[p->from_lane] > 15) continue;
    if (!art_lane_permits(sim, lane, sim->types.vclass[p->type]) || sim->tail[lane].rear_m < wanted) continue;
    if (net->lane_length_m[lane] < wanted || (over != ART_OVERHANG_NONE && art_overhang_rear_m(over) < wanted)) continue;
    found |= (uint16_t)(1u << (c - net->lane_first_out[p->from_lane]));
  }
  return found;
}

/// Instants of admission for the model, in seconds from now.
static void time_in(const art_sim *sim, art_passage *p)
{
  const art_track *track = art_track_of(art_record(sim, p->vehicle), p->turn_slot);
  const art_tick lane_start = sim->lane_start_ms[p->from_lane];
  p->start_s = track->has_start ? (float)(sim->begin_ms + track->start_ms - sim->now_ms) * 0.001f : -INFINITY;
  p->lane_start_s = lane_start == INT64_MIN ? -INFINITY : (float)(lane_start - sim->now_ms) * 0.001f;
}

/// And back. Who is inside leaves its instant with its lane, for the one behind it.
static void time_out(art_sim *sim, const art_passage *p, art_track *track)
{
  track->delay_s = p->delay_s;
  track->has_start = p->new_start_s > -INFINITY;
  if (!track->has_start) return;
  const float ms = p->new_start_s * 1000.0f;
  const art_tick start_ms = sim->now_ms + (art_tick)(ms < 0.0f ? ms - 0.5f : ms + 0.5f);
  track->start_ms = (int32_t)(start_ms - sim->begin_ms);
  art_tick *lane_start = &sim->lane_start_ms[p->from_lane];
  if (p->front_m > 0.0f && start_ms > *lane_start) *lane_start = start_ms;
}

/// Has somebody here stood for so long that others may have to leave room for it? Tells from the step before, so that
/// all blocks find the same: who has stood long enough now was nearly there then.
int art_is_long_waited(const art_sim *sim, int32_t node)
{
  return __atomic_load_n(&sim->node_waits_ms[node], __ATOMIC_RELAXED) >= sim->now_ms - sim->step_ms;
}

int art_lane_is_red(const art_sim *sim, int32_t lane)
{
  const int32_t end = sim->net->lane_first_out[lane + 1];
  for (int32_t c = sim->net->lane_first_out[lane]; c < end; ++c)
    if (sim->aspect[c] != ART_ASPECT_RED) return 0;
  return 1;
}

int art_red_answers(const art_sim *sim, art_track *track, int prior, int32_t standing_ms)
{
  const int32_t c = track->connector;
  const art_way *way = &sim->ways.way[c];
  if (standing_ms >= SKIPPED_MS - sim->step_ms)
    __atomic_store_n(&sim->node_waits_ms[way->node], sim->now_ms, __ATOMIC_RELAXED);
  if (sim->aspect[c] != ART_ASPECT_RED || !way->only_light || track->grant != ART_GRANT_NONE) return 0;
  if (!art_lane_is_red(sim, way->from_lane) || art_is_long_waited(sim, way->node)) return 0;
  track->refusal = prior == ART_PRIOR_CLOSED ? ART_REFUSED_PRIOR : ART_REFUSED_ASPECT;
  track->waits_for = -1;
  if (track->refusal > ART_REFUSED_ASPECT) track->last_waits_for = -1;
  track->detours = 0;
  return 1;
}

/// How many notices lie in the box of a node (-1: of none), from *first on. Another thread may be taking them.
static int32_t box_of(const art_sim *sim, int32_t node, const art_notice **first)
{
  const int32_t count = __atomic_load_n(&sim->node_notices[node], __ATOMIC_RELAXED);
  const int64_t begin = sim->node_first_notice[node], room = sim->node_first_notice[node + 1] - begin;
  *first = sim->notice + begin;
  return count < room ? count : (int32_t)room;
}

// Vehicles, connectors and conflicts lie anywhere. So that nobody waits for them, what the next nodes will read is fetched
// while one is decided, in three steps: the box, what its notices name, and what follows from that. Little at a time, since
// no more can be under way.

static void fetch_box(const art_sim *sim, int32_t node)
{
  const art_notice *notice;
  for (int32_t i = box_of(sim, node, &notice) - 1; i >= 0; --i) __builtin_prefetch(&notice[i]);
}

static void fetch_named(const art_sim *sim, int32_t node)
{
  const art_notice *notice;
  for (int32_t i = box_of(sim, node, &notice) - 1; i >= 0; --i) {
    __builtin_prefetch(&sim->ways.way[notice[i].connector]);
    const art_vehicle *vehicle = &sim->record[notice[i].record];
    const art_track *track = &vehicle->near[notice[i].turn_slot < ART_TRACK_NEAR ? notice[i].turn_slot : 0];
    __builtin_prefetch(track, 1);
    __builtin_prefetch((const char *)(track + 1) - 1, 1);
  }
}

static void fetch_conflicts(const art_sim *sim, int32_t node)
{
  const art_notice *notice;
  for (int32_t i = box_of(sim, node, &notice) - 1; i >= 0; --i) {
    const art_way *way = &sim->ways.way[notice[i].connector];
    __builtin_prefetch(&sim->tail[way->to_lane]);
    __builtin_prefetch(&sim->ways.foe_place[way->first_foe]);
    for (int32_t k = way->first_foe; k < way->end_foe; k += FOES_PER_LINE) __builtin_prefetch(&sim->ways.foe[k]);
  }
}

/// Insertion sort by key: notices arrive in the order of the threads; from here on nothing may depend on it.
static void insert(const art_notice **sorted, int32_t count, const art_notice *notice)
{
  int32_t at = count;
  for (; at > 0; --at) {
    const art_notice *before = sorted[at - 1];
    if (before->key < notice->key || (before->key == notice->key && before->turn_slot < notice->turn_slot)) break;
    sorted[at] = before;
  }
  sorted[at] = notice;
}

/// Lists the node's notices in worker->sorted, and empties its box and list.
static int32_t gather(art_sim *sim, int32_t node, art_worker *worker)
{
  const int32_t count = sim->node_notices[node];
  if (count > worker->gathered_capacity) {
    worker->gathered_capacity = 2 * count + 64;
    const size_t capacity = (size_t)worker->gathered_capacity;
    worker->sorted = art_renew(worker->sorted, capacity, sizeof *worker->sorted);
    worker->gathered = art_renew(worker->gathered, capacity, sizeof *worker->gathered);
    worker->scratch = art_renew(worker->scratch, capacity * ART_DECIDE_SCRATCH, sizeof *worker->scratch);
  }
  const art_notice *notice;
  const int32_t boxed = box_of(sim, node, &notice);
  for (int32_t i = 0; i < boxed; ++i) insert(worker->sorted, i, &notice[i]);
  for (int32_t i = boxed; i < count; ++i) {
    const uint64_t link = sim->node_list[node];
    notice = &sim->worker[link >> 32].pool.item[(uint32_t)link];
    insert(worker->sorted, i, notice);
    sim->node_list[node] = notice->next;
  }
  __atomic_store_n(&sim->node_notices[node], 0, __ATOMIC_RELAXED);
  return count;
}

/// Fills in what a notice leaves out. The room is looked at only where it is asked for.
static void expand(const art_sim *sim, const art_notice *notice, uint8_t times_gaps, art_passage *p)
{
  const art_way *way = &sim->ways.way[notice->connector];
  const art_type_table *types = &sim->types;
  const int32_t type = notice->type;
  p->key = notice->key;
  p->vehicle = notice->vehicle;
  p->connector = notice->connector;
  p->from_lane = way->from_lane;
  p->to_lane = way->to_lane;
  p->front_m = notice->front_m;
  p->speed_mps = notice->speed_mps;
  p->desired_mps = notice->desired_mps;
  p->length_m = types->length_m[type];
  p->min_gap_m = types->min_gap_m[type];
  p->accel_mps2 = types->accel_mps2[type];
  p->type = type;
  p->model = types->model[type];
  p->waited_s = (float)notice->standing_ms * 0.001f;
  p->blocked_s = (float)notice->blocked_ms * 0.001f;
  p->order = notice->order;
  p->grant = notice->grant;
  p->committed = notice->committed;
  p->asks = notice->asks;
  p->aspect = (uint8_t)sim->aspect[notice->connector];
  p->turn_slot = notice->turn_slot;
  p->prior = notice->prior;
  p->rotates = notice->rotates;
  p->onward = notice->onward;
  p->needs_room = way->needs_room;
  p->room_m = -1.0f;
  p->cap_mps2 = INFINITY;
  p->stop_m = INFINITY;
  p->jammed = 0;
  if (p->asks && (p->front_m <= 0.0f || p->grant == ART_GRANT_HOLD) && p->waited_s >= JAM_AFTER_S) {
    p->room_m = room_behind(sim, p);
    p->jammed = notice->refusal == ART_REFUSED_ROOM || p->room_m < p->length_m + p->min_gap_m;
  }
  if (times_gaps) time_in(sim, p);
}

/// Hands an answer to the vehicle, if it says anything that its track does not say already.
static void answer(art_sim *sim, const art_notice *notice, const art_passage *p, uint8_t times_gaps, int32_t node, art_worker *worker)
{
  const int is_jammed = p->jammed && p->refusal == ART_REFUSED_ROOM && p->front_m <= 0.0f;
  const uint8_t grant = notice->entered ? notice->grant : ART_GRANT_NONE,
                committed = notice->entered ? notice->committed : 0;
  if (p->front_m > 0.0f && p->speed_mps > FLOWS_MPS) sim->lane_flow_ms[p->to_lane] = sim->now_ms;
  if (p->new_grant == grant && p->new_committed == committed && p->new_order == notice->order &&
      p->refusal == notice->refusal && p->waits_for == notice->waits_for && p->cap_mps2 == INFINITY &&
      p->stop_m == INFINITY && !is_jammed && !notice->has_detours && !times_gaps)
    return;
  art_track *track = art_track_of(&sim->record[notice->record], p->turn_slot);
  track->new_grant = p->new_grant;
  track->new_committed = p->new_committed;
  track->new_order = p->new_order;
  track->refusal = p->refusal;
  track->waits_for = p->waits_for;
  track->cap_mps2 = p->cap_mps2;
  track->stop_m = p->stop_m;
  if (p->refusal > ART_REFUSED_ASPECT) track->last_waits_for = p->waits_for;
  track->detours = is_jammed ? detours_of(sim, p) : 0;
  if (times_gaps) time_out(sim, p, track);
  if (sim->ranks && !art_sim_holds(sim, p->vehicle)) {
    const art_late_answer to_other = { p->vehicle, p->turn_slot, node };
    ART_PUSH(worker->answer, worker->answer_count, worker->answer_capacity, to_other);
  }
}

void art_decide_node(art_sim *sim, const int32_t *list, int32_t at, int32_t listed, art_worker *worker)
{
  const int32_t node = list[at];
  if (at + 3 < listed) fetch_box(sim, list[at + 3]);
  if (sim->node_notices[node] == 0) {
    if (sim->node_listens && sim->node_listens[node]) art_walk_node(sim, node, worker, 0);
    return;
  }
  const int32_t count = gather(sim, node, worker);
  const uint8_t times_gaps = sim->node_times_gaps[node];
  for (int32_t i = 0; i < count; ++i) expand(sim, worker->sorted[i], times_gaps, &worker->gathered[i]);
  if (at + 2 < listed) fetch_named(sim, list[at + 2]);
  art_junction junction = { .net = sim->net,
                            .ways = &sim->ways,
                            .types = &sim->types,
                            .accel = sim->kernels->accel,
                            .node = node,
                            .step_s = sim->step_s,
                            .times_gaps = times_gaps,
                            .next_order = sim->node_order[node],
                            .count = count,
                            .passage = worker->gathered,
                            .scratch = worker->scratch,
                            .room = room_of,
                            .of = sim };
  if (sim->node_first_foot && sim->node_first_foot[node] < sim->node_first_foot[node + 1]) {
    junction.foot_count = art_walk_node(sim, node, worker, count);
    junction.foot = worker->foot;
  }
  sim->kernels->decide(&junction);
  if (at + 1 < listed) fetch_conflicts(sim, list[at + 1]);
  sim->node_order[node] = junction.next_order;
  for (int32_t i = 0; i < count; ++i) answer(sim, worker->sorted[i], &worker->gathered[i], times_gaps, node, worker);
}

void art_decide_build(art_sim *sim)
{
  const art_net *net = sim->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t node = net->connector_node[c];
    const int has_people = sim->node_first_foot && sim->node_first_foot[node] < sim->node_first_foot[node + 1];
    sim->ways.way[c].only_light = net->connector_signal[c] >= 0 && !has_people && !sim->node_times_gaps[node];
    sim->ways.way[c].is_free = sim->connector_free[c];
  }
  sim->node_waits_ms = ART_NEW(art_tick, net->node_count);
  for (int32_t node = 0; node < net->node_count; ++node) sim->node_waits_ms[node] = INT64_MIN / 2;
}

void art_decide_free(art_sim *sim)
{
  free(sim->node_waits_ms);
}
