/// Drivers who know how the traffic is look for a faster way from time to time.
///
/// What they know are delays by movement (link to link): those who drive slowly on their way to it, by those who get through
/// it, after Little: the time that a queue takes is its vehicles over its outflow. So a blocked turn costs the more, the
/// longer it stays blocked, and does not hide behind a lane beside it that flows.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/route.h"
#include "core/step/ranks_internal.h"
#include "core/step/state_internal.h"

#define SAMPLE_MS 10000  // how often vehicles are looked at
#define UPDATE_MS 60000  // how often delays are made of that
#define WEIGHT 0.25f     // of the last minute; older ones fade
#define SLOW_MPS 5.0f    // who drives slower than that queues
#define LEAST_FLOW 0.2f  // vehicles in a minute: nobody expects a queue to stand for ever
#define GAIN 0.9         // another way is taken if it costs less than this share of the present one
#define CHANGE_M 100.0f  // nearer to a node nobody looks for ways from other lanes than the own one

struct art_reroute {
  double share;
  int32_t period_steps;
  int32_t *movement;    ///< by connector: the first one with the same links before and behind it
  int32_t *queued;      ///< by movement: vehicles in queues, summed over the samples since the last update
  int32_t *passed;      ///< by connector: sums of movements at the last update
  float *queue, *flow;  ///< by movement: smoothed; vehicles, vehicles in a minute
  float *delay_s;       ///< by connector
  int32_t samples;
};

static int32_t first_movement(const art_net *net, int32_t link, int32_t next)
{
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
      if (net->lane_link[net->connector_to[c]] == next) return c;
  return -1;
}

void art_reroute_build(art_sim *sim, double share, art_tick period_ms)
{
  if (share <= 0.0) return;
  const art_net *net = sim->net;
  struct art_reroute *r = sim->reroute = ART_NEW(struct art_reroute, 1);
  r->share = share;
  r->period_steps = (int32_t)(period_ms / sim->step_ms);
  if (r->period_steps < 1) r->period_steps = 1;
  r->movement = ART_NEW(int32_t, net->connector_count);
  r->queued = ART_NEW(int32_t, net->connector_count);
  r->passed = ART_NEW(int32_t, net->connector_count);
  r->queue = ART_NEW(float, net->connector_count);
  r->flow = ART_NEW(float, net->connector_count);
  r->delay_s = ART_NEW(float, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c)
    r->movement[c] =
        first_movement(net, net->lane_link[net->connector_from[c]], net->lane_link[net->connector_to[c]]);
}

void art_reroute_free(art_sim *sim)
{
  struct art_reroute *r = sim->reroute;
  if (!r) return;
  void *const owned[] = { r->movement, r->queued, r->passed, r->queue, r->flow, r->delay_s, r };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

static void sample(art_sim *sim)
{
  struct art_reroute *r = sim->reroute;
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    if (block->is_node) continue;
    const int32_t count = art_block_count(block);
    for (int32_t i = 0; i < count; ++i) {
      const int32_t trip = block->vehicle[i];
      if (block->speed_mps[i] >= SLOW_MPS || art_record(sim, trip)->at_stop) continue;
      int32_t hops;
      const int32_t *links = art_route_links(sim, trip, &hops), hop = block->hop[i];
      if (hop + 1 >= hops) continue;
      const int32_t c = first_movement(sim->net, links[hop], links[hop + 1]);
      if (c >= 0) ++r->queued[c];
    }
  }
  ++r->samples;
}

/// What the last minute brought, over all ranks: by connector, who passed it; behind that, who queued before it.
static int64_t *take_counts(art_sim *sim)
{
  struct art_reroute *r = sim->reroute;
  const int32_t n = sim->net->connector_count;
  int64_t *counts = ART_NEW(int64_t, 2 * n);
  for (int32_t c = 0; c < n; ++c) {
    counts[c] = sim->movement_sums[c] - r->passed[c];
    counts[n + c] = r->queued[c];
    r->passed[c] = sim->movement_sums[c];
    r->queued[c] = 0;
  }
  art_ranks_sum(sim, 2 * (int64_t)n, counts);
  return counts;
}

static void update(art_sim *sim)
{
  struct art_reroute *r = sim->reroute;
  const int32_t n = sim->net->connector_count;
  int64_t *counts = take_counts(sim);
  for (int32_t c = 0; c < n; ++c) {
    const int32_t m = r->movement[c], out = (int32_t)counts[c];
    if (m == c) {
      const float standing = r->samples ? (float)counts[n + c] / (float)r->samples : 0.0f;
      r->queue[c] += WEIGHT * (standing - r->queue[c]);
      r->flow[c] -= WEIGHT * r->flow[c];
    }
    r->flow[m] += WEIGHT * (float)out;  // m <= c: it has faded already
  }
  for (int32_t c = 0; c < n; ++c) {
    const int32_t m = r->movement[c];
    r->delay_s[c] = r->queue[m] * ((float)UPDATE_MS * 1e-3f) / art_maxf(r->flow[m], LEAST_FLOW);
  }
  r->samples = 0;
  free(counts);
}

void art_reroute_update(art_sim *sim)
{
  if (!sim->reroute || sim->now_ms == sim->begin_ms) return;
  if (sim->now_ms % SAMPLE_MS == 0) sample(sim);
  if (sim->now_ms % UPDATE_MS == 0) update(sim);
}

/// What a way costs behind its first link.
static double way_cost(const art_sim *sim, const int32_t *links, int32_t count, int32_t vclass)
{
  const art_net *net = sim->net;
  double cost = 0.0;
  for (int32_t n = 1; n < count; ++n) {
    double least = INFINITY;
    for (int32_t lane = net->link_first_lane[links[n - 1]]; lane < net->link_first_lane[links[n - 1] + 1];
         ++lane) {
      if (!ART_PERMITS(net->lane_allowed[lane], vclass)) continue;
      for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
        const int32_t path = art_net_lane_of_connector(net, c), to = net->connector_to[c];
        if (net->lane_link[to] != links[n] || !ART_PERMITS(net->lane_allowed[to], vclass) ||
            !ART_PERMITS(net->lane_allowed[path], vclass))
          continue;
        const double through = (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path] +
                               (double)sim->reroute->delay_s[c];
        if (through < least) least = through;
      }
    }
    const int32_t first = net->link_first_lane[links[n]];
    cost += least + (double)net->lane_length_m[first] / (double)net->lane_speed_mps[first];
  }
  return cost;
}

/// Links that must not be used: closed ones, and those behind this link that need another lane than this one.
static uint8_t *forbidden(const art_sim *sim, int32_t lane, int is_near, int32_t vclass)
{
  const art_net *net = sim->net;
  uint8_t *closed = ART_NEW(uint8_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) closed[l] = sim->link_closed[l] > 0;
  if (!is_near) return closed;
  const int32_t link = net->lane_link[lane];
  for (int32_t other = net->link_first_lane[link]; other < net->link_first_lane[link + 1]; ++other) {
    for (int32_t c = net->lane_first_out[other]; c < net->lane_first_out[other + 1]; ++c) {
      const int32_t next = net->lane_link[net->connector_to[c]];
      int leads = 0;
      for (int32_t d = net->lane_first_out[lane]; d < net->lane_first_out[lane + 1]; ++d)
        leads |= net->lane_link[net->connector_to[d]] == next &&
                 art_lane_permits(sim, net->connector_to[d], vclass);
      if (!leads) closed[next] = 1;
    }
  }
  return closed;
}

/// Puts `way` in the place of route[hop] and what follows, unless it needs another lane than `lane` at once. Takes over `way`.
static int take_way(art_sim *sim, int32_t trip, int32_t hop, int32_t *way, int32_t way_count, int32_t lane,
                    int is_near)
{
  art_vehicle *vehicle = art_record(sim, trip);
  int32_t count;
  const int32_t *links = art_route_links(sim, trip, &count);
  const art_vehicle before = { .links = vehicle->links,
                               .link_count = vehicle->link_count,
                               .owns_links = vehicle->owns_links };
  int32_t *whole = ART_NEW(int32_t, hop + way_count);
  for (int32_t i = 0; i < hop; ++i) whole[i] = links[i];
  for (int32_t i = 0; i < way_count; ++i) whole[hop + i] = way[i];
  free(way);
  art_route_set(vehicle, whole, hop + way_count, 1);
  uint16_t stay = 0, leftward;
  if (is_near) art_lanes_plan(sim, trip, hop, sim->types.vclass[sim->row[trip].type], &stay, &leftward);
  if (is_near && !(stay >> (lane - sim->net->link_first_lane[sim->net->lane_link[lane]]) & 1u)) {
    art_route_set(vehicle, before.links, before.link_count, before.owns_links);
    free(whole);
    return 0;
  }
  if (before.owns_links) free((void *)(uintptr_t)before.links);
  ++sim->row[trip].reroutes;
  return 1;
}

static void look_around(art_sim *sim, art_block *block, int32_t i)
{
  const art_net *net = sim->net;
  const int32_t trip = block->vehicle[i], vclass = sim->types.vclass[block->type[i]];
  art_vehicle *vehicle = art_record(sim, trip);
  if (art_trip_first_stop(sim->demand, trip) + vehicle->next_stop < art_trip_first_stop(sim->demand, trip + 1))
    return;
  // What a node has granted is kept.
  int32_t kept = vehicle->track_ahead;
  for (int32_t e = vehicle->track_ahead; e < vehicle->track_count; ++e)
    if (art_track_of(vehicle, e)->new_grant != ART_GRANT_NONE || art_track_of(vehicle, e)->grant != ART_GRANT_NONE ||
        art_track_of(vehicle, e)->new_committed)
      kept = e + 1;
  const int32_t hop = block->hop[i] + kept - vehicle->track_ahead;
  const int32_t lane = kept > vehicle->track_ahead ? net->connector_to[art_track_of(vehicle, kept - 1)->connector]
                                                   : block->lane[block->lane8[i]];
  const float before_m = net->lane_length_m[lane] - (kept > vehicle->track_ahead ? 0.0f : block->pos_m[i]);
  int32_t count, *way, way_count;
  const int32_t *links = art_route_links(sim, trip, &count);
  if (hop + 2 >= count || links[hop] != net->lane_link[lane]) return;
  const int is_near = before_m < CHANGE_M || block->speed_mps[i] < SLOW_MPS;
  uint8_t *closed = forbidden(sim, lane, is_near, vclass);
  const int found = art_route_find_with(net, links[hop], links[count - 1], vclass, closed,
                                        sim->reroute->delay_s, &way, &way_count);
  free(closed);
  if (!found) return;
  if (way_cost(sim, way, way_count, vclass) >= GAIN * way_cost(sim, links + hop, count - hop, vclass)) {
    free(way);
    return;
  }
  if (!take_way(sim, trip, hop, way, way_count, lane, is_near)) return;
  vehicle->track_count = (int16_t)kept;
  block->flags[i] = (uint16_t)(block->flags[i] & ~(ART_FLAG_PLANNED | ART_FLAG_QUIET));
}

void art_reroute_block(art_sim *sim, art_block *block)
{
  const struct art_reroute *r = sim->reroute;
  const int64_t step = (sim->now_ms - sim->begin_ms) / sim->step_ms;
  const uint64_t turn = (uint64_t)(step % r->period_steps);
  const int32_t count = art_block_count(block);
  for (int32_t i = 0; i < count; ++i) {
    const int32_t trip = block->vehicle[i];
    const uint64_t key = block->key[i];
    if (art_mix64(key) % (uint64_t)r->period_steps != turn && sim->row[trip].insert_ms != sim->now_ms)
      continue;
    if (art_uniform(art_rng(sim->seed, key, 0, ART_FOR_REROUTING)) < r->share) look_around(sim, block, i);
  }
}

// --- as bytes (state_internal.h) ------------------------------------------------------------------------------------

void art_reroute_put(const art_sim *sim, art_bytes *out)
{
  const struct art_reroute *r = sim->reroute;
  const int32_t n = sim->net->connector_count;
  int64_t *counts = ART_NEW(int64_t, 2 * n);  // of all ranks
  for (int32_t c = 0; c < n; ++c) {
    counts[c] = r->queued[c];
    counts[n + c] = r->passed[c];
  }
  art_ranks_sum(sim, 2 * (int64_t)n, counts);
  ART_PUT(out, r->samples);
  for (int32_t c = 0; c < n; ++c) {
    const int32_t queued = (int32_t)counts[c], passed = (int32_t)counts[n + c];
    ART_PUT(out, queued);
    ART_PUT(out, passed);
    ART_PUT(out, r->queue[c]);
    ART_PUT(out, r->flow[c]);
    ART_PUT(out, r->delay_s[c]);
  }
  free(counts);
}

art_status art_reroute_get(art_sim *sim, art_byte_reader *in, art_error *err)
{
  struct art_reroute *r = sim->reroute;
  if (!r) return art_fail(err, ART_E_INPUT, "saved state: drivers look for other ways, here they do not");
  ART_GET(in, r->samples);
  int ok = r->samples >= 0;
  for (int32_t c = 0; c < sim->net->connector_count; ++c) {
    ART_GET(in, r->queued[c]);
    ART_GET(in, r->passed[c]);
    ART_GET(in, r->queue[c]);
    ART_GET(in, r->flow[c]);
    ART_GET(in, r->delay_s[c]);
    if (!art_ranks_is_first(sim)) r->queued[c] = r->passed[c] = 0;  // of several ranks one counts for all so far
    ok &= r->delay_s[c] >= 0.0f && r->delay_s[c] < INFINITY;
  }
  if (ok && !in->is_short) return ART_OK;
  return art_fail(err, ART_E_INPUT, "saved state: delays that drivers know: a value is none, or some are missing");
}

uint64_t art_reroute_identity(const art_sim *sim)
{
  const struct art_reroute *r = sim->reroute;
  return r ? art_hash2((uint64_t)(r->share * 0x1p52), (uint64_t)r->period_steps) : 0;
}
