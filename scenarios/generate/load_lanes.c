// Lanes that trips take: those that cost the fewest lane changes over what lies ahead, as drivers of the engine choose them
// (core/step/lanes.c); among equals the emptiest that one reaches.
#include <math.h>
#include <stdlib.h>

#include "core/net/lane_choice.h"
#include "scenarios/generate/load.h"

#define CHANGE_M 30.0  // of a link, for one change in traffic

static int32_t link_of(const art_load *load, int32_t hop)
{
  return load->net->lane_link[load->net->connector_from[load->hops->connector[hop]]];
}

static double length_of(const art_net *net, int32_t link)
{
  return (double)net->lane_length_m[net->link_first_lane[link]];
}

static int32_t lanes_of(const art_net *net, int32_t link)
{
  const int32_t lanes = art_net_link_lanes(net, link);
  return lanes < ART_LINK_LANES ? lanes : ART_LINK_LANES;
}

/// Changes to lanes beside that the class may use and that lines allow.
static int leads_to(const void *of, int32_t lane, int32_t side)
{
  const art_load *load = of;
  const art_net *net = load->net;
  const uint32_t lines = side > 0 ? net->lane_change_left[lane] : net->lane_change_right[lane];
  return ART_PERMITS(lines, load->hops->vclass) && ART_PERMITS(net->lane_allowed[lane + side], load->hops->vclass);
}

/// Least cost of leaving a link from lane m, and by which lane.
static float over_lanes(const art_load *load, int32_t link, int32_t m, const float *direct, int32_t *best)
{
  const art_net *net = load->net;
  const int32_t first = net->link_first_lane[link];
  const float each = art_lane_change_cost(net->lane_length_m[first]);
  return art_least_over_lanes(first, lanes_of(net, link), m, each, direct, leads_to, load, best);
}

/// By lane of a link: what it costs to leave it by a hop without a change there, given the costs of the next link's lanes.
static void leave_directly(const art_load *load, int32_t link, int32_t hop, const float *next, float *direct)
{
  const art_net *net = load->net;
  const int32_t first = net->link_first_lane[link];
  for (int32_t m = 0; m < lanes_of(net, link); ++m) {
    direct[m] = ART_LANE_IMPOSSIBLE;
    for (int32_t c = net->lane_first_out[first + m]; c < net->lane_first_out[first + m + 1]; ++c) {
      const int32_t to = art_net_lane_index(net, net->connector_to[c]);
      if (load->hop_of[c] == hop && to < ART_LINK_LANES) direct[m] = fminf(direct[m], next[to]);
    }
  }
}

/// The link before which a driver on that of `hop[i]` stops looking: as a place among the hops, whose link is the last.
static int32_t looks_to(const art_load *load, const int32_t *hop, int32_t count, int32_t i)
{
  int32_t last = i;
  for (float covered = 0.0f; last < count && last - i < ART_LOOK_LINKS; ++last) {
    covered += load->net->lane_length_m[load->net->link_first_lane[link_of(load, hop[last])]];
    if (covered > ART_LOOK_M && last - i >= ART_LOOK_LEAST) break;
  }
  return last;
}

/// Costs of the lanes of link i of the way, from what a driver on it sees: without a change there, and with the best one.
static void find_costs(const art_load *load, const int32_t *hop, int32_t count, int32_t i, float *direct, float *total)
{
  float next[ART_LINK_LANES] = { 0 };
  for (int32_t m = 0; m < ART_LINK_LANES; ++m) direct[m] = total[m] = 0.0f;
  for (int32_t h = looks_to(load, hop, count, i) - 1; h >= i; --h) {
    const int32_t link = link_of(load, hop[h]);
    leave_directly(load, link, hop[h], next, direct);
    for (int32_t m = 0, best; m < lanes_of(load->net, link); ++m) total[m] = over_lanes(load, link, m, direct, &best);
    for (int32_t m = 0; m < ART_LINK_LANES; ++m) next[m] = total[m];
  }
}

/// The emptiest of the lanes `from`, by the connector of the hop that leads into the cheapest lane; -1: none leads there.
static int32_t emptiest(const art_load *load, int32_t link, int32_t hop, uint32_t from, const float *next, double trip_vph)
{
  const art_net *net = load->net;
  int32_t best = -1;
  double least = INFINITY;
  for (int32_t m = 0; m < lanes_of(net, link); ++m) {
    const int32_t lane = net->link_first_lane[link] + m;
    int32_t way = -1;
    float cost = INFINITY;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      const int32_t to = art_net_lane_index(net, net->connector_to[c]);
      if (!(from >> m & 1u) || load->hop_of[c] != hop || to >= ART_LINK_LANES || next[to] > cost) continue;
      if (next[to] == cost && load->vph[c] >= load->vph[way]) continue;
      cost = next[to];
      way = c;
    }
    if (way < 0) continue;
    const double share = load->lane_share[lane] + trip_vph / load->capacity_vph[way];
    if (share >= least) continue;
    least = share;
    best = way;
  }
  return best;
}

/// Lanes by which those who come in on lane `at` (-1: on any) leave a link: the one that costs least from there, and those
/// just as good that they reach.
static uint32_t lanes_from(const art_load *load, int32_t link, int32_t at, const float *direct)
{
  const int32_t lanes = lanes_of(load->net, link), reach = (int32_t)(length_of(load->net, link) / CHANGE_M);
  uint32_t good = 0;
  int32_t best;
  for (int32_t m = 0; m < lanes; ++m) {
    (void)over_lanes(load, link, m, direct, &best);
    if (best == m && direct[m] < ART_LANE_IMPOSSIBLE) good |= 1u << m;
  }
  if (at < 0 || at >= lanes) return good;
  (void)over_lanes(load, link, at, direct, &best);
  uint32_t reached = 1u << best;
  for (int32_t m = 0; m < lanes; ++m)
    if (abs(m - at) <= reach) reached |= good & 1u << m;
  return reached;
}

void art_load_choose(art_load *load, const int32_t *hop, int32_t count, double trip_vph, int32_t *connector)
{
  for (int32_t i = 0; i < count; ++i) {
    float *const here = load->lane_cost + (size_t)i * 2 * ART_LINK_LANES;
    find_costs(load, hop, count, i, here, here + ART_LINK_LANES);
  }
  float *const last = load->lane_cost + (size_t)count * 2 * ART_LINK_LANES;
  for (int32_t m = 0; m < 2 * ART_LINK_LANES; ++m) last[m] = 0.0f;
  int32_t at = -1;
  for (int32_t i = 0; i < count; ++i) {
    const float *direct = load->lane_cost + (size_t)i * 2 * ART_LINK_LANES, *next = direct + 3 * ART_LINK_LANES;
    const int32_t link = link_of(load, hop[i]);
    connector[i] = emptiest(load, link, hop[i], lanes_from(load, link, at, direct), next, trip_vph);
    if (connector[i] < 0) connector[i] = load->hops->connector[hop[i]];  // not to be reached, or a link of more lanes
    at = art_net_lane_index(load->net, load->net->connector_to[connector[i]]);
  }
}
