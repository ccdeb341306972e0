/// People at crossings. They come as Poisson streams, wait for vehicles that cannot stop any more, and then all who wait
/// cross together; vehicles that can stop let them. At a light they start on green.
///
/// A node without vehicles is not visited: whoever came meanwhile crossed at once. So arrivals are drawn, step by step
/// and without a state, when the node is next looked at, and only as far back as somebody could still be on the way.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

#define STOP_DECEL_MPS2 3.0f  // who can stop with this does
#define KERB_MARGIN_M 0.5f
#define STANDING_MPS 0.1f

/// Signals that listen to people have to hear them where no vehicle is near.
static void build_listening(art_sim *sim)
{
  const art_net *net = sim->net;
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    const int32_t s = net->crossing_signal[x];
    if (s < 0 || net->crossing_flow_per_h[x] <= 0.0f) continue;
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) {
      if (net->program_control[p] == ART_CONTROL_FIXED) continue;
      if (!sim->node_listens) sim->node_listens = ART_NEW(uint8_t, net->node_count);
      sim->node_listens[net->crossing_node[x]] = 1;
    }
  }
}

void art_walk_build(art_sim *sim)
{
  const art_net *net = sim->net;
  int has_people = 0;
  for (int32_t x = 0; x < net->crossing_count; ++x) has_people |= net->crossing_flow_per_h[x] > 0.0f;
  if (!has_people) return;
  sim->node_first_foot = ART_NEW(int32_t, net->node_count + 1);
  sim->node_foot = ART_NEW(int32_t, net->crossing_count);
  sim->foot_chance = ART_NEW(double, net->crossing_count);
  sim->foot_seen_ms = ART_NEW(art_tick, net->crossing_count);
  sim->foot_until_ms = ART_NEW(art_tick, net->crossing_count);
  sim->foot_waits = ART_NEW(uint8_t, net->crossing_count);
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    sim->foot_chance[x] = 1.0 - art_exp(-(double)net->crossing_flow_per_h[x] * (double)sim->step_ms / 3600e3);
    sim->foot_seen_ms[x] = sim->begin_ms - sim->step_ms;
    sim->foot_until_ms[x] = sim->begin_ms;
    if (net->crossing_flow_per_h[x] <= 0.0f) continue;
    ++sim->node_first_foot[net->crossing_node[x] + 1];
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r)
      sim->connector_free[net->crossing_connector[r]] = 0;
  }
  for (int32_t n = 0; n < net->node_count; ++n) sim->node_first_foot[n + 1] += sim->node_first_foot[n];
  int32_t *at = ART_NEW(int32_t, net->node_count);
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    const int32_t node = net->crossing_node[x];
    if (net->crossing_flow_per_h[x] > 0.0f) sim->node_foot[sim->node_first_foot[node] + at[node]++] = x;
  }
  free(at);
  build_listening(sim);
}

void art_walk_free(art_sim *sim)
{
  free(sim->node_first_foot);
  free(sim->node_foot);
  free(sim->foot_chance);
  free(sim->foot_seen_ms);
  free(sim->foot_until_ms);
  free(sim->foot_waits);
  free(sim->node_listens);
}

static int may_walk(const art_sim *sim, int32_t x)
{
  const art_net *net = sim->net;
  const int32_t s = net->crossing_signal[x];
  if (s < 0) return 1;
  if (sim->signals->state[s].mode == ART_SIGNAL_DARK) return 1;
  const char state = art_signals_letter(net, sim->signals, s, net->crossing_signal_group[x]);
  return state == 'G' || state == 'g';
}

enum { WAY_FREE, WAY_TAKEN, WAY_BLOCKED };

/// Does a vehicle stand or drive on the crossing, or come to it and cannot stop? BLOCKED: one stands on it, perhaps behind
/// others that have to move before it, and then people, can.
static int is_in_the_way(const art_sim *sim, int32_t x, const art_worker *worker, int32_t passages)
{
  const art_net *net = sim->net;
  int found = WAY_FREE;
  for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r)
    for (int32_t i = 0; i < passages; ++i) {
      const art_passage *p = &worker->gathered[i];
      if (p->connector != net->crossing_connector[r] || p->front_m - p->length_m >= net->crossing_exit_m[r])
        continue;
      if (p->front_m > net->crossing_enter_m[r]) {
        if (p->speed_mps <= STANDING_MPS) return WAY_BLOCKED;
        found = WAY_TAKEN;
        continue;
      }
      const float left = art_maxf(net->crossing_enter_m[r] - KERB_MARGIN_M - p->front_m, 0.0f);
      if (p->speed_mps > STANDING_MPS && p->speed_mps * p->speed_mps > 2.0f * STOP_DECEL_MPS2 * left) found = WAY_TAKEN;
    }
  return found;
}

int32_t art_walk_node(art_sim *sim, int32_t node, art_worker *worker, int32_t passages)
{
  const art_net *net = sim->net;
  int32_t rows = 0;
  for (int32_t f = sim->node_first_foot[node]; f < sim->node_first_foot[node + 1]; ++f) {
    const int32_t x = sim->node_foot[f];
    const art_tick walk_ms = (art_tick)(net->crossing_walk_s[x] * 1000.0f), step = sim->step_ms;
    const uint64_t key = art_trip_key(net->crossing_id[x]);
    art_tick t = sim->foot_seen_ms[x] + step;
    const art_tick oldest = sim->now_ms - (walk_ms / step + 1) * step;
    if (net->crossing_signal[x] < 0 && t < oldest && !sim->foot_waits[x]) t = oldest;
    for (; t <= sim->now_ms; t += step) {
      if (art_uniform(art_rng(sim->seed, key, t, ART_FOR_CROSSING)) >= sim->foot_chance[x]) continue;
      if (t < sim->now_ms && net->crossing_signal[x] < 0)
        sim->foot_until_ms[x] = t + walk_ms;  // nobody was there
      else
        sim->foot_waits[x] = 1;
    }
    sim->foot_seen_ms[x] = sim->now_ms;
    const int wants = sim->foot_waits[x] && may_walk(sim, x);
    const int way = wants ? is_in_the_way(sim, x, worker, passages) : WAY_FREE;
    if (wants && way == WAY_FREE) {
      sim->foot_until_ms[x] = sim->now_ms + walk_ms;
      sim->foot_waits[x] = 0;
    }
    const float taken_s = (float)(sim->foot_until_ms[x] - sim->now_ms) * 0.001f;
    const int stops = wants && sim->foot_waits[x] && way != WAY_BLOCKED;
    const float closed_s = stops ? net->crossing_walk_s[x] : art_maxf(taken_s, 0.0f);
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r) {
      const art_foot foot = { .connector = net->crossing_connector[r],
                              .enter_m = net->crossing_enter_m[r],
                              .exit_m = net->crossing_exit_m[r],
                              .closed_s = closed_s,
                              .taken = taken_s > 0.0f };
      ART_PUSH(worker->foot, rows, worker->foot_capacity, foot);
    }
  }
  return rows;
}
