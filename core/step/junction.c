/// Decide pass: gathers what was published at a node, lets the model order it, hands the grants back.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

/// Who stands this long before a full exit takes its turn with the other approaches.
#define JAM_AFTER_S 5.0f

#define BLOCKED_MS 40000     // an exit onto which nobody drove for so long is blocked
#define DETOUR_AFTER_S 15.0f  // who has stood before it this long takes another way
#define FLOWS_MPS 0.5f

/// Free length behind connector track[slot] along the vehicle's own way, up to the first body.
static float room_behind(const art_sim *sim, const art_passage *p)
{
  const art_net *net = sim->net;
  const art_vehicle *vehicle = &sim->vehicle[p->vehicle];
  const uint64_t *overhang = sim->overhang[ART_BUFFER(sim)];
  const float wanted = p->length_m + p->min_gap_m;
  float room = 0.0f;
  for (int32_t e = p->turn_slot; e < vehicle->track_count; ++e) {
    const art_track *track = &vehicle->track[e];
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

/// Lists arrive in the order of the threads; from here on nothing may depend on it.
static int by_key(const void *a, const void *b)
{
  const art_passage *x = a, *y = b;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return (x->turn_slot > y->turn_slot) - (x->turn_slot < y->turn_slot);
}

/// Instants of admission for the model, in seconds from now.
static void time_in(const art_sim *sim, art_passage *p)
{
  const art_track *track = &sim->vehicle[p->vehicle].track[p->turn_slot];
  const art_tick lane_start = sim->lane_start_ms[p->from_lane];
  p->start_s = track->has_start ? (float)(track->start_ms - sim->now_ms) * 0.001f : -INFINITY;
  p->lane_start_s = lane_start == INT64_MIN ? -INFINITY : (float)(lane_start - sim->now_ms) * 0.001f;
}

/// And back. Who is inside leaves its instant with its lane, for the one behind it.
static void time_out(art_sim *sim, const art_passage *p, art_track *track)
{
  track->delay_s = p->delay_s;
  track->has_start = p->new_start_s > -INFINITY;
  if (!track->has_start) return;
  const float ms = p->new_start_s * 1000.0f;
  track->start_ms = sim->now_ms + (art_tick)(ms < 0.0f ? ms - 0.5f : ms + 0.5f);
  art_tick *lane_start = &sim->lane_start_ms[p->from_lane];
  if (p->front_m > 0.0f && track->start_ms > *lane_start) *lane_start = track->start_ms;
}

void art_decide_node(art_sim *sim, int32_t node, art_worker *worker)
{
  uint64_t link = sim->node_list[node];
  if (link == UINT64_MAX) {
    if (sim->node_listens && sim->node_listens[node]) art_walk_node(sim, node, worker, 0);
    return;
  }
  sim->node_list[node] = UINT64_MAX;
  int32_t count = 0;
  while (link != UINT64_MAX) {
    const art_passage_pool *pool = &sim->worker[link >> 32].pool;
    const int32_t at = (int32_t)(uint32_t)link;
    if (count == worker->gathered_capacity) {
      worker->gathered_capacity = worker->gathered_capacity ? 2 * worker->gathered_capacity : 64;
      worker->gathered =
          art_renew(worker->gathered, (size_t)worker->gathered_capacity, sizeof *worker->gathered);
      worker->scratch =
          art_renew(worker->scratch, (size_t)worker->gathered_capacity * 4, sizeof *worker->scratch);
    }
    worker->gathered[count++] = pool->item[at];
    link = pool->next[at];
  }
  const uint8_t times_gaps = sim->node_times_gaps[node];
  if (count > 1) qsort(worker->gathered, (size_t)count, sizeof *worker->gathered, by_key);
  for (int32_t i = 0; i < count; ++i) {
    art_passage *p = &worker->gathered[i];
    p->aspect = (uint8_t)sim->aspect[p->connector];
    p->needs_room = sim->connector_crosses[p->connector] && sim->net->connector_keep_clear[p->connector];
    const int stands = p->asks && p->front_m <= 0.0f && p->waited_s >= JAM_AFTER_S;
    p->room_m = room_behind(sim, p);
    const int had_none = sim->vehicle[p->vehicle].track[p->turn_slot].refusal == ART_REFUSED_ROOM;
    p->jammed = stands && (had_none || p->room_m < p->length_m + p->min_gap_m);
    p->cap_mps2 = INFINITY;
    p->stop_m = INFINITY;
    if (times_gaps) time_in(sim, p);
  }
  art_junction junction = { .net = sim->net,
                            .types = &sim->types,
                            .accel = sim->kernels->accel,
                            .node = node,
                            .step_s = sim->step_s,
                            .times_gaps = times_gaps,
                            .next_order = sim->node_order[node],
                            .count = count,
                            .passage = worker->gathered,
                            .scratch = worker->scratch };
  if (sim->node_first_foot && sim->node_first_foot[node] < sim->node_first_foot[node + 1]) {
    junction.foot_count = art_walk_node(sim, node, worker, count);
    junction.foot = worker->foot;
  }
  sim->kernels->decide(&junction);
  sim->node_order[node] = junction.next_order;
  for (int32_t i = 0; i < count; ++i) {
    const art_passage *p = &worker->gathered[i];
    art_track *track = &sim->vehicle[p->vehicle].track[p->turn_slot];
    track->new_grant = p->new_grant;
    track->new_committed = p->new_committed;
    track->new_order = p->new_order;
    track->refusal = p->refusal;
    track->waits_for = p->waits_for;
    track->cap_mps2 = p->cap_mps2;
    track->stop_m = p->stop_m;
    if (p->refusal > ART_REFUSED_ASPECT) track->last_waits_for = p->waits_for;
    if (p->front_m > 0.0f && p->speed_mps > FLOWS_MPS) sim->lane_flow_ms[p->to_lane] = sim->now_ms;
    track->detours = 0;
    if (p->jammed && p->refusal == ART_REFUSED_ROOM) track->detours = detours_of(sim, p);
    if (times_gaps) time_out(sim, p, track);
  }
}
