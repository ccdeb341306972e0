/// Blocks and per-lane tables of a simulation.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define BLOCK_VEHICLES 1100
#define QUEUE_SPACING_M 6.0f    // how many vehicles a block may come to hold ...
#define SPACING_M 40.0f         // ... and the first guess of its capacity; blocks grow where it is too small

static int32_t expected_vehicles(const art_net *net, int32_t lane)
{
  return (int32_t)(net->lane_length_m[lane] / QUEUE_SPACING_M) + 2;
}

typedef struct builder {
  art_sim *sim;
  int32_t capacity;
  int32_t expected;  // vehicles in the open block
} builder;

static art_block *open_block(builder *b, int is_node)
{
  art_sim *sim = b->sim;
  if (sim->block_count == b->capacity) {
    b->capacity = b->capacity ? 2 * b->capacity : 64;
    sim->block = art_renew(sim->block, (size_t)b->capacity, sizeof *sim->block);
  }
  art_block *block = &sim->block[sim->block_count++];
  memset(block, 0, sizeof *block);
  block->is_node = is_node;
  b->expected = 0;
  return block;
}

static void add_lane(builder *b, art_block *block, int32_t lane)
{
  const art_net *net = b->sim->net;
  const int32_t k = block->lane_count++;
  block->lane[k] = lane;
  if (!block->is_node) {
    block->lane_index[k] = (uint8_t)art_net_lane_index(net, lane);
    if (art_net_link_lanes(net, net->lane_link[lane]) > 1) block->lane_kind[k] |= ART_LANE_HAS_OTHERS;
    if (net->lane_length_m[net->link_first_lane[net->lane_link[lane]]] < ART_SHORT_LINK_M) block->lane_kind[k] |= ART_LANE_SHORT;
  }
  b->expected += expected_vehicles(b->sim->net, lane);
}

static int is_owned(const art_sim *sim, int32_t lane)
{
  return !sim->lane_owner || sim->lane_owner[lane] == sim->rank;
}

static void build_link_blocks(builder *b)
{
  const art_net *net = b->sim->net;
  art_block *block = NULL;
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t lanes = art_net_link_lanes(net, link);
    if (!is_owned(b->sim, net->link_first_lane[link])) continue;
    if (!block || block->lane_count + lanes > ART_BLOCK_LANES || b->expected > BLOCK_VEHICLES)
      block = open_block(b, 0);
    for (int32_t k = 0; k < lanes; ++k) add_lane(b, block, net->link_first_lane[link] + k);
  }
}

static void build_node_blocks(builder *b)
{
  const art_net *net = b->sim->net;
  art_block *block = NULL;
  for (int32_t node = 0; node < net->node_count; ++node) {
    for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
      if (!is_owned(b->sim, art_net_lane_of_connector(net, net->node_connector[i]))) continue;
      if (!block || block->lane_count == ART_BLOCK_LANES) block = open_block(b, 1);
      add_lane(b, block, art_net_lane_of_connector(net, net->node_connector[i]));
    }
  }
}

static void see_farther(art_sim *sim, int32_t lane, float seconds)
{
  sim->lane_announce_s[lane] = art_maxf(sim->lane_announce_s[lane], seconds);
  sim->announce_s = art_maxf(sim->announce_s, seconds);
}

/// Where admissions are timed, and how far ahead others must be seen there: a critical gap lasts longer than the way from
/// which a passage is asked for.
static void build_gap_timing(art_sim *sim)
{
  const art_net *net = sim->net;
  sim->node_times_gaps = ART_NEW(uint8_t, net->node_count);
  sim->lane_start_ms = ART_NEW(art_tick, net->link_lane_count);
  sim->lane_flow_ms = ART_NEW(art_tick, net->link_lane_count);
  sim->lane_announce_s = ART_NEW(float, net->link_lane_count);
  sim->announce_s = ART_ANNOUNCE_S;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    sim->lane_start_ms[lane] = INT64_MIN;
    sim->lane_flow_ms[lane] = sim->begin_ms;
    sim->lane_announce_s[lane] = ART_ANNOUNCE_S;
  }
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const float gap = net->connector_critical_gap_s[c];
    const int is_allway = net->node_kind[net->connector_node[c]] == ART_NODE_ALLWAY_STOP ||
                          net->connector_state[c] == 'w';  // also where lights that may be dark stand over such signs
    if (gap > 0.0f || net->connector_follow_up_s[c] > 0.0f || net->connector_state[c] == 'Z' || is_allway)
      sim->node_times_gaps[net->connector_node[c]] = 1;
    if (is_allway) see_farther(sim, net->connector_from[c], ART_ANNOUNCE_S + ART_LONGER_GAP_S);
    if (gap <= 0.0f) continue;
    const art_way *way = &sim->ways.way[c];
    for (int32_t k = way->first_foe; k < way->end_foe; ++k) {
      const art_foe *foe = &sim->ways.foe[k];
      if (foe->kind == ART_CONFLICT_DIVERGE) continue;
      see_farther(sim, net->connector_from[art_foe_connector(net, way, foe)], gap + ART_LONGER_GAP_S);
    }
  }
}

/// One block that no pass visits stands for all lanes of other ranks: nobody is there.
static void build_foreign_block(builder *b)
{
  open_block(b, 0)->lane_count = 1;
  --b->sim->block_count;
  for (int32_t lane = 0; lane < b->sim->net->lane_count; ++lane) b->sim->lane_block[lane] = b->sim->block_count;
}

void art_layout_build(art_sim *sim)
{
  const art_net *net = sim->net;
  builder b = { .sim = sim };
  build_link_blocks(&b);
  build_node_blocks(&b);
  sim->lane_block = ART_NEW(int32_t, net->lane_count);
  if (sim->ranks) build_foreign_block(&b);
  sim->block = art_renew(sim->block, (size_t)sim->block_count + 1, sizeof *sim->block);
  sim->lane_slot = ART_NEW(uint8_t, net->lane_count);
  size_t bytes = 0;
  int32_t *guess = ART_NEW(int32_t, sim->block_count);
  for (int32_t i = 0; i < sim->block_count; ++i) {
    art_block *block = &sim->block[i];
    int32_t vehicles = 0;
    for (int32_t k = 0; k < block->lane_count; ++k) {
      sim->lane_block[block->lane[k]] = i;
      sim->lane_slot[block->lane[k]] = (uint8_t)k;
      vehicles += (int32_t)(net->lane_length_m[block->lane[k]] / SPACING_M);
    }
    guess[i] = vehicles + 4;
    bytes += art_block_bytes(guess[i]);
  }
  // All blocks side by side: many small arrays would take many pages.
  char *at = sim->block_memory = art_new_aligned(bytes, 1);
  for (int32_t i = 0; i < sim->block_count; ++i) {
    art_block_place(&sim->block[i], guess[i], at);
    at += art_block_bytes(guess[i]);
  }
  free(guess);

  const size_t lanes = (size_t)net->lane_count;
  sim->tail = art_new_aligned(lanes, sizeof *sim->tail);
  sim->lead = art_new_aligned(lanes, sizeof *sim->lead);
  sim->inbox = ART_NEW(int32_t, lanes);
  for (int32_t s = 0; sim->demand->stop_beside && s < sim->demand->stop_count && !sim->beside; ++s)
    if (sim->demand->stop_beside[s]) sim->beside = ART_NEW(int32_t, lanes);
  for (size_t lane = 0; sim->beside && lane < lanes; ++lane) sim->beside[lane] = -1;
  sim->speed_limit_mps = ART_NEW(float, lanes);
  for (int buffer = 0; buffer < 2; ++buffer) {
    sim->overhang[buffer] = art_new_aligned(lanes, sizeof(uint64_t));
    sim->transit[buffer] = art_new_aligned(lanes, sizeof(uint64_t));
    sim->entering[buffer] = art_new_aligned(lanes, sizeof(uint64_t));
    memset(sim->overhang[buffer], 0xff, lanes * sizeof(uint64_t));
    memset(sim->transit[buffer], 0xff, lanes * sizeof(uint64_t));
    memset(sim->entering[buffer], 0xff, lanes * sizeof(uint64_t));
  }
  for (size_t lane = 0; lane < lanes; ++lane) {
    sim->tail[lane] = (art_tail){ .rear_m = INFINITY };
    sim->lead[lane] = (art_lead){ .distance_m = INFINITY, .vehicle = -1, .next_connector = -1 };
    sim->inbox[lane] = -1;
    sim->speed_limit_mps[lane] = art_limit_of(net, (int32_t)lane, net->lane_speed_mps[lane]);
  }

  sim->node_order = ART_NEW(int32_t, net->node_count);
  sim->connector_free = ART_NEW(uint8_t, net->connector_count);
  sim->aspect = ART_NEW(char, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c)
    sim->connector_free[c] =
        sim->ways.way[c].first_foe == sim->ways.way[c].end_foe && net->connector_signal[c] < 0;
  build_gap_timing(sim);
  art_walk_build(sim);
  art_decide_build(sim);
  art_quiet_build(sim);
  art_notices_build(sim);
  sim->link_closed = ART_NEW(uint8_t, net->link_count);
  sim->lane_closed = ART_NEW(uint8_t, net->lane_count);
  sim->lane_allowed = ART_NEW(uint32_t, net->lane_count);
  memcpy(sim->lane_allowed, net->lane_allowed, (size_t)net->lane_count * sizeof *net->lane_allowed);
}

void art_layout_free(art_sim *sim)
{
  for (int32_t i = 0; i < sim->block_count; ++i) art_block_clear(&sim->block[i]);
  free(sim->block);
  free(sim->block_memory);
  free(sim->lane_block);
  free(sim->lane_slot);
  free(sim->tail);
  free(sim->lead);
  free(sim->inbox);
  free(sim->beside);
  free(sim->pass);
  free(sim->speed_limit_mps);
  for (int buffer = 0; buffer < 2; ++buffer) {
    free(sim->overhang[buffer]);
    free(sim->transit[buffer]);
    free(sim->entering[buffer]);
  }
  free(sim->node_order);
  free(sim->connector_free);
  free(sim->node_times_gaps);
  art_walk_free(sim);
  art_decide_free(sim);
  art_quiet_free(sim);
  art_notices_free(sim);
  free(sim->lane_start_ms);
  free(sim->lane_flow_ms);
  free(sim->lane_announce_s);
  free(sim->aspect);
  free(sim->link_closed);
  free(sim->lane_closed);
  free(sim->lane_allowed);
}
