/// Which blocks may tell other ranks something, and which nodes wait for what others tell. All else is worked on while messages
/// are under way. Too much costs a little; what is missing is noticed, and ends the run (art_ranks_hear_...).
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"

typedef struct search {
  art_sim *sim;
  art_ranks *ranks;
  uint8_t *is_seed, *is_border;  ///< by lane
  float *best;                   ///< by lane: shortest way found
  int32_t *queue, count, capacity;
} search;

static int is_shared(const art_ranks *ranks, int32_t node)
{
  return ranks->node_first[node] < ranks->node_first[node + 1];
}

static void reach(search *w, int32_t lane, float way_m, float within_m)
{
  if (!(way_m <= within_m) || way_m >= w->best[lane]) return;
  w->best[lane] = way_m;
  w->is_border[lane] = 1;
  ART_PUSH(w->queue, w->count, w->capacity, lane);
}

/// Seeds: lanes that somebody else wants to know of or may write to, and the connectors of nodes that several ranks look at.
static void find_seeds(search *w)
{
  const art_net *net = w->sim->net;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) w->is_seed[lane] = w->ranks->lane_first[lane] < w->ranks->lane_first[lane + 1];
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (is_shared(w->ranks, net->connector_node[c])) w->is_seed[art_net_lane_of_connector(net, c)] = 1;
}

static void begin(search *w)
{
  w->count = 0;
  for (int32_t lane = 0; lane < w->sim->net->lane_count; ++lane) w->best[lane] = INFINITY;
  for (int32_t lane = 0; lane < w->sim->net->lane_count; ++lane)
    if (w->is_seed[lane]) reach(w, lane, 0.0f, 0.0f);
}

/// Lanes with fronts whose bodies reach back onto a seed. best: from the seed's end to the end of the lane.
static void look_forward(search *w)
{
  const art_net *net = w->sim->net;
  const float within = w->ranks->longest_m;
  begin(w);
  for (int32_t at = 0; at < w->count; ++at) {
    const int32_t lane = w->queue[at];
    const float way = w->best[lane];
    const int is_connector = art_net_is_connector(net, lane);
    const int32_t first = is_connector ? 0 : net->lane_first_out[lane], end = is_connector ? 1 : net->lane_first_out[lane + 1];
    for (int32_t c = first; c < end; ++c) {
      const int32_t next = is_connector ? net->connector_to[art_net_connector_of_lane(net, lane)] : art_net_lane_of_connector(net, c);
      if (way > within) continue;
      w->is_border[next] = 1;
      reach(w, next, way + net->lane_length_m[next], within);
    }
  }
}

/// Lanes from which somebody may announce itself at a seed, come there in this step, or be told at a node to go there; `is_late`
/// are nodes on such ways. best: links that are long enough to wait on, between lane and seed; connectors and shorter links
/// may be looked over however many there are (publish_vehicle), so they count for nothing.
static void look_back(search *w, uint8_t *is_late)
{
  const art_net *net = w->sim->net;
  const art_ranks *ranks = w->ranks;
  const float within = ranks->announce_m + ranks->longest_m;  // who is past a node by its length looks as far, too
  begin(w);
  for (int32_t at = 0; at < w->count; ++at) {
    const int32_t lane = w->queue[at];
    const int is_connector = art_net_is_connector(net, lane);
    const int counts = !is_connector && !w->is_seed[lane] && net->lane_length_m[lane] >= ranks->chain_m;
    const float way = w->best[lane] + (counts ? net->lane_length_m[lane] : 0.0f);
    if (is_connector) {
      const int32_t c = art_net_connector_of_lane(net, lane);
      is_late[net->connector_node[c]] = 1;
      reach(w, net->connector_from[c], way, within);
      continue;
    }
    for (int32_t i = net->lane_first_in[lane]; i < net->lane_first_in[lane + 1]; ++i)
      reach(w, art_net_lane_of_connector(net, net->lane_in[i]), way, within);
  }
}

static int has_border(const art_block *block, const uint8_t *is_border)
{
  for (int32_t k = 0; k < block->lane_count; ++k)
    if (is_border[block->lane[k]]) return 1;
  return 0;
}

/// Border first; otherwise as they were.
static void order_blocks(art_sim *sim, const uint8_t *is_border)
{
  art_ranks *ranks = sim->ranks;
  ranks->block = ART_NEW(int32_t, sim->block_count);
  int32_t count = 0;
  for (int round = 1; round >= 0; --round) {
    for (int32_t b = 0; b < sim->block_count; ++b)
      if (has_border(&sim->block[b], is_border) == round) ranks->block[count++] = b;
    if (round) ranks->border_blocks = count;
  }
}

/// Nodes that are decided here; those first that need nothing of others.
static void order_nodes(art_sim *sim, const uint8_t *is_late)
{
  art_ranks *ranks = sim->ranks;
  ranks->node = ART_NEW(int32_t, sim->net->node_count);
  for (int round = 0; round < 2; ++round) {
    for (int32_t n = 0; n < sim->net->node_count; ++n) {
      const int decides = ranks->node_owner[n] == sim->rank || (ranks->node_what[n] & ART_DECIDES_NODE);
      if (decides && (is_late[n] || is_shared(ranks, n)) == round) ranks->node[ranks->decided_nodes++] = n;
    }
    if (round == 0) ranks->early_nodes = ranks->decided_nodes;
  }
}

void art_ranks_find_border(art_sim *sim)
{
  const int32_t lanes = sim->net->lane_count;
  search w = { .sim = sim,
               .ranks = sim->ranks,
               .is_seed = ART_NEW(uint8_t, lanes),
               .is_border = ART_NEW(uint8_t, lanes),
               .best = ART_NEW(float, lanes) };
  uint8_t *is_late = ART_NEW(uint8_t, sim->net->node_count);
  find_seeds(&w);
  look_forward(&w);
  look_back(&w, is_late);
  order_blocks(sim, w.is_border);
  order_nodes(sim, is_late);
  free(w.is_seed);
  free(w.is_border);
  free(w.best);
  free(w.queue);
  free(is_late);
}
