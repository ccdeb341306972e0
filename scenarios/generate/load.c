#include "scenarios/generate/load.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "models/junction/gap_capacity.h"

#define LONGEST_DELAY_S 600.0  // of one movement, in the choice of ways
enum { PASSES = 2 };           // capacities depend on each other: each pass goes half of the way

static int yields(const art_net *net, int32_t c)
{
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    if (net->conflict_yield[k] && net->conflict_kind[k] != ART_CONFLICT_DIVERGE) return 1;
  return 0;
}

/// The class may drive from lane to lane over it.
static int32_t hop_over(const art_net *net, const art_hops *hops, int32_t c)
{
  const int32_t from = net->connector_from[c], to = net->connector_to[c],
                path = art_net_lane_of_connector(net, c);
  if (!ART_PERMITS(net->lane_allowed[from], hops->vclass) ||
      !ART_PERMITS(net->lane_allowed[to], hops->vclass) ||
      !ART_PERMITS(net->lane_allowed[path], hops->vclass))
    return -1;
  const int32_t link = net->lane_link[from];
  for (int32_t k = hops->first[link]; k < hops->first[link + 1]; ++k)
    if (hops->to[k] == net->lane_link[to]) return k;
  return -1;
}

static void find_meets(art_load *load)
{
  const art_net *net = load->net;
  int32_t count = 0, capacity = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t exit = net->connector_to[c];
    load->first_meet[c] = count;
    if (!art_load_has_short_exit(net, c)) continue;
    for (int32_t next = net->lane_first_out[exit]; next < net->lane_first_out[exit + 1]; ++next)
      ART_PUSH(load->meets_s, count, capacity, art_load_meets_green(net, c, next));
  }
  load->first_meet[net->connector_count] = count;
}

art_load art_load_new(const art_net *net, const art_hops *hops, double hours)
{
  const int32_t paths = net->connector_count,
                places = net->link_count > net->node_count ? net->link_count : net->node_count;
  art_load load = { .net = net,
                    .hops = hops,
                    .hours = hours,
                    .vph = ART_NEW(double, paths),
                    .link_vph = ART_NEW(double, net->link_count),
                    .capacity_vph = ART_NEW(double, paths),
                    .lane_share = ART_NEW(double, net->link_lane_count),
                    .share = ART_NEW(double, net->link_count),
                    .delay_s = ART_NEW(double, hops->count),
                    .pressure = ART_NEW(double, paths),
                    .hop_of = ART_NEW(int32_t, paths),
                    .first_meet = ART_NEW(int32_t, paths + 1),
                    .cycle_s = ART_NEW(double, paths),
                    .green_s = ART_NEW(double, paths),
                    .feeders = ART_NEW(int32_t, net->link_lane_count),
                    .yields = ART_NEW(uint8_t, paths),
                    .is_junction = ART_NEW(uint8_t, net->node_count),
                    .wait_s = ART_NEW(double, paths),
                    .lane_cost = ART_NEW(float, ((size_t)net->link_count + 1) * 2 * ART_LINK_LANES),
                    .sorted = ART_NEW(art_load_place, places) };
  for (int32_t c = 0; c < paths; ++c) {
    load.yields[c] = (uint8_t)yields(net, c);
    load.is_junction[net->connector_node[c]] |= (uint8_t)(net->connector_signal[c] >= 0 || load.yields[c]);
    load.hop_of[c] = hop_over(net, hops, c);
    load.cycle_s[c] = art_load_cycle(net, c);
    load.green_s[c] = art_load_green(net, c);
    ++load.feeders[net->connector_to[c]];
  }
  find_meets(&load);
  return load;
}

void art_load_free(art_load *load)
{
  void *const owned[] = { load->vph,     load->link_vph, load->capacity_vph, load->lane_share, load->share,
                          load->delay_s, load->pressure, load->hop_of,       load->meets_s,    load->first_meet, load->feeders,
                          load->yields,  load->wait_s,   load->is_junction,  load->lane_cost,
                          load->cycle_s,  load->green_s,      load->sorted };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  *load = (art_load){ 0 };
}

/// Of a lane: those who share it take turns, so that their shares add up.
static void add_up(art_load *load)
{
  const art_net *net = load->net;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) load->lane_share[lane] = 0.0;
  for (int32_t c = 0; c < net->connector_count; ++c)
    load->lane_share[net->connector_from[c]] += load->vph[c] / load->capacity_vph[c];
  for (int32_t l = 0; l < net->link_count; ++l) {
    load->share[l] = load->link_vph[l] / (ART_LOAD_SATURATION_VPH * (double)art_net_link_lanes(net, l));
    for (int32_t lane = net->link_first_lane[l]; lane < net->link_first_lane[l + 1]; ++lane)
      load->share[l] = fmax(load->share[l], load->lane_share[lane]);
  }
}

static void press(art_load *load)
{
  const art_net *net = load->net;
  for (int32_t c = 0; c < net->connector_count; ++c) load->pressure[c] = 0.0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (!(load->vph[c] > 0.0)) continue;
    const double share = load->lane_share[net->connector_from[c]];
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
      if (net->conflict_yield[k])
        load->pressure[net->conflict_other[k]] = fmax(load->pressure[net->conflict_other[k]], share);
  }
}

/// Of a hop: that of its connectors by who takes them, of the emptiest if nobody does.
static void find_delays(art_load *load)
{
  const art_net *net = load->net;
  for (int32_t l = 0; l < net->link_count; ++l)
    for (int32_t k = load->hops->first[l]; k < load->hops->first[l + 1]; ++k) {
      double sum_s = 0.0, vph = 0.0, least_s = LONGEST_DELAY_S;
      for (int32_t c = net->lane_first_out[net->link_first_lane[l]];
           c < net->lane_first_out[net->link_first_lane[l + 1]]; ++c) {
        if (load->hop_of[c] != k) continue;
        const double capacity = load->capacity_vph[c],
                     flow = load->lane_share[net->connector_from[c]] *
                            capacity;  // those who share lanes wait for each other
        const double delay_s =
            fmin(load->wait_s[c] + art_gap_queue_delay(flow, capacity, load->hours), LONGEST_DELAY_S);
        least_s = fmin(least_s, delay_s);
        sum_s += load->vph[c] * delay_s;
        vph += load->vph[c];
      }
      load->delay_s[k] = vph > 0.0 ? sum_s / vph : least_s;
    }
}

void art_load_update(art_load *load)
{
  for (int pass = 0; pass < PASSES; ++pass) {
    for (int32_t c = 0; c < load->net->connector_count; ++c) {
      const double capacity = art_load_capacity(load, c, &load->wait_s[c]), before = load->capacity_vph[c];
      load->capacity_vph[c] = before > 0.0 ? 0.5 * (before + capacity) : capacity;
    }
    add_up(load);
  }
  press(load);
  find_delays(load);
}

static int by_share(const void *a, const void *b)
{
  const art_load_place *x = a, *y = b;
  return (x->share > y->share) - (x->share < y->share);
}

/// Junctions: each as full as its fullest approach, with all that pass it. Returns how many anybody passes.
static int32_t list_junctions(art_load *load)
{
  const art_net *net = load->net;
  for (int32_t n = 0; n < net->node_count; ++n) load->sorted[n] = (art_load_place){ 0 };
  for (int32_t c = 0; c < net->connector_count; ++c) {
    art_load_place *place = &load->sorted[net->connector_node[c]];
    if (!(load->vph[c] > 0.0)) continue;
    place->share = fmax(place->share, load->share[net->lane_link[net->connector_from[c]]]);
    place->weight += load->vph[c];
  }
  int32_t count = 0;
  for (int32_t n = 0; n < net->node_count; ++n)
    if (load->is_junction[n] && load->sorted[n].weight > 0.0) load->sorted[count++] = load->sorted[n];
  return count;
}

static int32_t list_links(art_load *load)
{
  int32_t count = 0;
  for (int32_t l = 0; l < load->net->link_count; ++l)
    if (load->link_vph[l] > 0.0) load->sorted[count++] = (art_load_place){ load->share[l], 1.0 };
  return count;
}

double art_load_percentile(art_load *load, double part, art_load_population population)
{
  const int32_t count = population == ART_LOAD_OF_JUNCTIONS ? list_junctions(load) : list_links(load);
  if (!count) return 0.0;
  qsort(load->sorted, (size_t)count, sizeof *load->sorted, by_share);
  double all = 0.0, below = 0.0;
  for (int32_t i = 0; i < count; ++i) all += load->sorted[i].weight;
  int32_t i = 0;
  while (i < count - 1 && (below += load->sorted[i].weight) < part * all) ++i;
  return load->sorted[i].share;
}
