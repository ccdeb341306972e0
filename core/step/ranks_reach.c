/// How far the rank looks: lanes and nodes of others that a step of its own vehicles may read or write. Every bound is that of
/// the code that reads; what is too much costs a little, what is missing would change results, and is noticed.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/step/ranks_internal.h"

#define CLOSE_LINK_M 30.0f      // publish.c: next node asked together below this
#define UPSTREAM_LINKS 4        // lanes.c: links that followers are looked for over ...
#define UPSTREAM_M 80.0f        // ... as far as this ...
#define UPSTREAM_S 4.5f         // ... or this at the speed limit (gaps.c, bays.c, depart.c)
#define LONGEST_BODY_M 40.0f
#define FACTOR_MOST (255.0f / ART_SPEED_FACTOR_ONE)
#define SLACK 1.02f  // sums of lengths are rounded in another order
#define OVERSHOOT 1.15f  // noise, and models that swing about the speed that they want, bring some above it

typedef struct lookout {
  art_sim *sim;
  art_ranks *ranks;
  float announce_m, chain_m, longest_m, upstream_m;
  float *best;  ///< by lane: shortest way found
  int32_t *queue, count, capacity;
} lookout;

static int is_mine(const lookout *w, int32_t lane)
{
  return w->ranks->lane_owner[lane] == w->ranks->group->rank;
}

/// The greatest of the standard normal draws by which drivers of the demand differ (draw_factor in sim.c), rounded up.
static float greatest_draw(const art_sim *sim)
{
  uint64_t most = 0;
  for (int32_t trip = 0; trip < sim->demand->trip_count; ++trip) {
    const uint64_t bits = art_rng(sim->seed, sim->demand->trip_key[trip], 0, ART_FOR_SPEED_FACTOR);
    if (bits > most) most = bits;
  }
  return (float)art_normal(most) + 0.01f;  // the quantile rises with the bits
}

/// Speed of the fastest driver on the fastest road, at most.
static float fastest(const art_sim *sim)
{
  const art_net *net = sim->net;
  float limit = 0.0f, most = 0.0f, factor = 0.0f;
  const float draw = greatest_draw(sim);
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    limit = art_maxf(limit, art_limit_of(net, lane, net->lane_speed_mps[lane]));
  for (int32_t n = 0; n < sim->change_count; ++n)
    if (sim->change[n].kind == ART_CHANGE_SPEED_LIMIT) limit = art_maxf(limit, sim->change[n].value);
  for (int32_t t = 0; t < sim->types.count; ++t) {
    const float drawn = sim->types.speed_factor_mean[t] + sim->types.speed_factor_dev[t] * draw;
    const float clipped = art_minf(art_maxf(drawn, sim->types.speed_factor_min[t]), sim->types.speed_factor_max[t]);
    most = art_maxf(most, sim->types.max_speed_mps[t]);
    factor = art_maxf(factor, clipped + 1.0f / ART_SPEED_FACTOR_ONE);
  }
  return OVERSHOOT * art_minf(limit * art_minf(factor, FACTOR_MOST), most);
}

static void begin_search(lookout *w)
{
  for (int32_t lane = 0; lane < w->sim->net->lane_count; ++lane) w->best[lane] = INFINITY;
  w->count = 0;
}

static void reach_lane(lookout *w, int32_t lane, float way_m)
{
  if (way_m >= w->best[lane]) return;
  w->best[lane] = way_m;
  ART_PUSH(w->queue, w->count, w->capacity, lane);
}

static void mark_lane(lookout *w, int32_t lane, uint8_t what)
{
  w->ranks->lane_what[lane] |= what;
}

/// Puts a connector onto the way of somebody `before_m` from its start.
static void take_connector(lookout *w, int32_t c, float before_m, int asks)
{
  const art_net *net = w->sim->net;
  const int32_t path = art_net_lane_of_connector(net, c), to = net->connector_to[c];
  mark_lane(w, path, ART_WANTS_TAIL | ART_MAY_TOUCH);
  if (asks) w->ranks->node_what[net->connector_node[c]] |= ART_DECIDES_NODE;
  reach_lane(w, to, before_m + net->lane_length_m[to]);
}

/// Follows all ways that vehicles may plan (publish_vehicle): as far as they announce themselves, and over links that are
/// too short to wait on. best: from a front to the end of a lane, at least.
static void follow_ways(lookout *w, int asks)
{
  const art_net *net = w->sim->net;
  for (int32_t at = 0; at < w->count; ++at) {
    const int32_t lane = w->queue[at];
    const float start = w->best[lane];
    mark_lane(w, lane, ART_WANTS_TAIL | ART_MAY_TOUCH);
    if (start > w->announce_m && net->lane_length_m[lane] >= w->chain_m) continue;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
      take_connector(w, c, start + net->lane_length_m[art_net_lane_of_connector(net, c)], asks);
  }
}

/// Ways ahead of the own vehicles, and from there those of all who pass a node that is decided here.
static void look_ahead(lookout *w)
{
  const art_net *net = w->sim->net;
  const int32_t rank = w->ranks->group->rank;
  begin_search(w);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (w->ranks->node_owner[net->connector_node[c]] == rank) take_connector(w, c, 0.0f, 1);
  follow_ways(w, 1);
  begin_search(w);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (w->ranks->node_what[net->connector_node[c]] & ART_DECIDES_NODE) take_connector(w, c, 0.0f, 0);
  follow_ways(w, 0);
}

/// Lanes that bodies reach back onto, with their front on an own lane.
static void look_under(lookout *w)
{
  const art_net *net = w->sim->net;
  begin_search(w);
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane)
    if (is_mine(w, lane)) reach_lane(w, lane, 0.0f);
  for (int32_t at = 0; at < w->count; ++at) {
    const int32_t lane = w->queue[at];
    const float begin = w->best[lane];  // from the front's lane back to the start of this one
    for (int32_t i = net->lane_first_in[lane]; i < net->lane_first_in[lane + 1]; ++i) {
      const int32_t c = net->lane_in[i], path = art_net_lane_of_connector(net, c), from = net->connector_from[c];
      if (begin > w->longest_m) continue;
      mark_lane(w, path, ART_MAY_TOUCH);
      w->ranks->node_what[net->connector_node[c]] |= ART_TELLS_NODE;
      if (begin + net->lane_length_m[path] > w->longest_m) continue;
      mark_lane(w, from, ART_MAY_TOUCH);
      reach_lane(w, from, begin + net->lane_length_m[path] + net->lane_length_m[from]);
    }
  }
}

/// First vehicles that art_upstream_gap looks at.
static void look_upstream(lookout *w, int32_t lane, float way_m, int links)
{
  const art_net *net = w->sim->net;
  if (way_m > w->upstream_m || links == 0) return;
  for (int32_t i = net->lane_first_in[lane]; i < net->lane_first_in[lane + 1]; ++i) {
    const int32_t c = net->lane_in[i], path = art_net_lane_of_connector(net, c), from = net->connector_from[c];
    mark_lane(w, path, ART_WANTS_LEAD);
    mark_lane(w, from, ART_WANTS_LEAD);
    look_upstream(w, from, way_m + net->lane_length_m[path] + net->lane_length_m[from], links - 1);
  }
}

static void look_for_bodies(lookout *w, int32_t lane, float ahead_m, int depth);

static void look_for_body_on(lookout *w, int32_t lane, float ahead_m, int depth)
{
  mark_lane(w, lane, ART_WANTS_BODY);
  const float way = ahead_m + w->sim->net->lane_length_m[lane];
  if (depth > 1 && way < LONGEST_BODY_M * SLACK) look_for_bodies(w, lane, way, depth - 1);
}

/// Last vehicles that the search for circles looks at (find_hanging).
static void look_for_bodies(lookout *w, int32_t lane, float ahead_m, int depth)
{
  const art_net *net = w->sim->net;
  if (art_net_is_connector(net, lane)) {
    look_for_body_on(w, net->connector_to[art_net_connector_of_lane(net, lane)], ahead_m, depth);
    return;
  }
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    look_for_body_on(w, art_net_lane_of_connector(net, c), ahead_m, depth);
}

void art_ranks_look_out(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  const art_net *net = sim->net;
  lookout w = { .sim = sim, .ranks = ranks, .best = ART_NEW(float, net->lane_count) };
  float gap = 0.0f, limit = 0.0f;
  for (int32_t t = 0; t < sim->types.count; ++t) {
    w.longest_m = art_maxf(w.longest_m, sim->types.length_m[t]);
    gap = art_maxf(gap, sim->types.min_gap_m[t]);
  }
  for (int32_t lane = 0; lane < net->lane_count; ++lane)
    limit = art_maxf(limit, art_limit_of(net, lane, net->lane_speed_mps[lane]));
  for (int32_t n = 0; n < sim->change_count; ++n)
    if (sim->change[n].kind == ART_CHANGE_SPEED_LIMIT) limit = art_maxf(limit, sim->change[n].value);
  ranks->fastest_mps = fastest(sim);
  w.announce_m = SLACK * art_announce_distance(ranks->fastest_mps, sim->announce_s);
  w.chain_m = art_maxf(CLOSE_LINK_M, w.longest_m + gap) * SLACK;
  // Who gives a stretch of its lane away asks for a time that has no bound; then only the number of links is one.
  w.upstream_m = sim->pass ? INFINITY : SLACK * art_maxf(UPSTREAM_M, UPSTREAM_S * limit) + w.longest_m;
  w.longest_m *= SLACK;
  ranks->announce_m = w.announce_m;
  ranks->chain_m = w.chain_m;
  ranks->longest_m = w.longest_m;
  look_ahead(&w);
  look_under(&w);
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane)
    if (is_mine(&w, lane)) look_upstream(&w, lane, -w.longest_m, UPSTREAM_LINKS);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    if (!is_mine(&w, lane) && !(ranks->lane_what[lane] & ART_WANTS_TAIL)) continue;
    mark_lane(&w, lane, ART_WANTS_BODY);
    look_for_bodies(&w, lane, 0.0f, ART_HANGING_LANES);
  }
  free(w.best);
  free(w.queue);
}
