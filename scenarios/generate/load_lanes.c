// Lanes that trips take, by what comes after.
#include <math.h>

#include "scenarios/generate/load.h"

#define CHANGE_M 30.0  // of links, for one change in traffic

static int32_t link_of(const art_load *load, int32_t hop)
{
  return load->net->lane_link[load->net->connector_from[load->hops->connector[hop]]];
}

/// Lanes to either side that one reaches along a link, with what is left of the room on those behind it.
static int32_t reach_along(const art_load *load, int32_t link, double *room_m)
{
  const art_net *net = load->net;
  *room_m += (double)net->lane_length_m[net->link_first_lane[link]];
  const int32_t reach = (int32_t)(*room_m / CHANGE_M);
  *room_m -= reach * CHANGE_M;
  return reach;
}

static uint64_t widened(uint64_t lanes, int32_t by)
{
  for (int32_t i = 0; i < by && i < 8; ++i) lanes |= lanes << 1 | lanes >> 1;
  return lanes;
}

static uint64_t bit_of(const art_net *net, int32_t lane)
{
  const int32_t index = art_net_lane_index(net, lane);
  return index < 64 ? 1ull << index : 0;
}

/// Lanes of a link from which a hop leads into one of `into`.
static uint64_t lanes_into(const art_load *load, int32_t link, int32_t hop, uint64_t into)
{
  const art_net *net = load->net;
  uint64_t lanes = 0;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
      if (load->hop_of[c] == hop && (bit_of(net, net->connector_to[c]) & into)) lanes |= bit_of(net, lane);
  return lanes;
}

static int32_t emptiest(const art_load *load, int32_t link, int32_t hop, uint64_t from, uint64_t into,
                        double trip_vph)
{
  const art_net *net = load->net;
  int32_t best = -1;
  double least = INFINITY;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      if (load->hop_of[c] != hop || !(bit_of(net, lane) & from) ||
          !(bit_of(net, net->connector_to[c]) & into))
        continue;
      const double share = load->lane_share[lane] + trip_vph / load->capacity_vph[c];
      if (share >= least) continue;
      least = share;
      best = c;
    }
  return best;
}

void art_load_choose(art_load *load, const int32_t *hop, int32_t count, double trip_vph, int32_t *connector)
{
  uint64_t into = UINT64_MAX;
  double room_m = 0.0;
  for (int32_t i = count - 1; i >= 0; --i) {
    const int32_t link = link_of(load, hop[i]);
    load->enter[i] = into;
    load->leave[i] = lanes_into(load, link, hop[i], into);
    if (!load->leave[i]) {  // one will have to change where there is no room
      load->enter[i] = UINT64_MAX;
      load->leave[i] = lanes_into(load, link, hop[i], UINT64_MAX);
    }
    load->reach[i] = reach_along(load, link, &room_m);
    into = widened(load->leave[i], load->reach[i]);
  }
  uint64_t at = UINT64_MAX;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t link = link_of(load, hop[i]);
    const uint64_t here = load->leave[i] & widened(at, load->reach[i]);
    connector[i] = emptiest(load, link, hop[i], here ? here : load->leave[i], load->enter[i], trip_vph);
    if (connector[i] < 0) connector[i] = load->hops->connector[hop[i]];  // more than 64 lanes
    at = bit_of(load->net, load->net->connector_to[connector[i]]);
  }
}
