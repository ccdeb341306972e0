#include "scenarios/generate/load.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/gaps.h"
#include "models/junction/gap_capacity.h"

#define LEAST_VPH 20.0         // somebody is always let in
#define TURN_LATERAL_MPS2 3.5  // and with these two the radius of a turn from its speed, as imports choose it
#define TURN_WIDER_M 2.0
#define TIGHTEST_M 1.5
#define KIMBER_M \
  1.5  // Kimber, McDonald and Hounsell (1986): 1 / (1 + 1.5 m / radius) of the flow straight on
#define SNEAKERS 2.0           // a cycle, of those who wait inside for their left turn
#define ALLWAY_VPH 450.0       // a lane at an all-way stop, everybody taking turns
#define LONGEST_DELAY_S 600.0  // of one movement, in the choice of ways

static int yields(const art_net *net, int32_t c)
{
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    if (net->conflict_yield[k] && net->conflict_kind[k] != ART_CONFLICT_DIVERGE) return 1;
  return 0;
}

art_load art_load_new(const art_net *net, const art_hops *hops, double hours)
{
  art_load load = { .net = net,
                    .hops = hops,
                    .hours = hours,
                    .volume_vph = ART_NEW(double, hops->count),
                    .link_vph = ART_NEW(double, net->link_count),
                    .capacity_vph = ART_NEW(double, hops->count),
                    .share = ART_NEW(double, net->link_count),
                    .delay_s = ART_NEW(double, hops->count),
                    .pressure = ART_NEW(double, hops->count),
                    .hop_of = ART_NEW(int32_t, net->connector_count),
                    .connectors = ART_NEW(int32_t, hops->count),
                    .lanes = ART_NEW(int32_t, hops->count),
                    .is_junction = ART_NEW(uint8_t, net->node_count),
                    .sorted = ART_NEW(art_load_place, net->link_count > net->node_count ? net->link_count
                                                                                        : net->node_count) };
  for (int32_t c = 0; c < net->connector_count; ++c) {
    load.is_junction[net->connector_node[c]] |= (uint8_t)(net->connector_signal[c] >= 0 || yields(net, c));
    const int32_t from = net->lane_link[net->connector_from[c]], to = net->lane_link[net->connector_to[c]];
    load.hop_of[c] = -1;
    for (int32_t k = hops->first[from]; k < hops->first[from + 1]; ++k)
      if (hops->to[k] == to) load.hop_of[c] = k;
    const int32_t hop = load.hop_of[c];
    if (hop < 0) continue;
    ++load.connectors[hop];
    // Sorted by the lanes that they leave.
    load.lanes[hop] +=
        !c || load.hop_of[c - 1] != hop || net->connector_from[c - 1] != net->connector_from[c];
  }
  return load;
}

void art_load_free(art_load *load)
{
  void *const owned[] = { load->volume_vph, load->link_vph,    load->capacity_vph, load->share,
                          load->delay_s,    load->pressure,    load->hop_of,       load->connectors,
                          load->lanes,      load->is_junction, load->sorted };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  *load = (art_load){ 0 };
}

/// Volumes of hops lie evenly on their connectors.
static double volume_of(const art_load *load, int32_t c)
{
  const int32_t hop = load->hop_of[c];
  return hop < 0 ? 0.0 : load->volume_vph[hop] / (double)load->connectors[hop];
}

static art_gap_headways headways_of(const art_net *net, int32_t c, art_gap_pair fallback)
{
  const art_gap_pair own = art_net_gaps_of(net, c, 0);
  const double critical = (double)net->connector_critical_gap_s[c],
               follow_up = (double)net->connector_follow_up_s[c];
  return (art_gap_headways){
    .critical_s = critical > 0.0 ? critical : (double)(own.critical_s > 0.0f ? own : fallback).critical_s,
    .follow_up_s = follow_up > 0.0 ? follow_up : (double)(own.follow_up_s > 0.0f ? own : fallback).follow_up_s
  };
}

/// What a connector yields to, of those whose letter in a phase is green; state NULL: of all.
static double stream_of(const art_load *load, int32_t c, const char *state)
{
  const art_net *net = load->net;
  double stream_vph = 0.0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
    const int32_t other = net->conflict_other[k];
    if (!net->conflict_yield[k] || net->conflict_kind[k] == ART_CONFLICT_DIVERGE) continue;
    if (state) {
      const char letter = state[net->connector_signal_group[other]];
      if (net->connector_signal[other] != net->connector_signal[c] || (letter != 'G' && letter != 'g'))
        continue;
    }
    stream_vph += volume_of(load, other);
  }
  return stream_vph;
}

/// What a path through a node lets through that yields to nobody: turns are slower.
static double saturation_of(const art_load *load, int32_t c)
{
  const art_net *net = load->net;
  const double speed = (double)net->lane_speed_mps[net->link_lane_count + c];
  if (speed >=
      (double)fminf(net->lane_speed_mps[net->connector_from[c]], net->lane_speed_mps[net->connector_to[c]]))
    return ART_LOAD_SATURATION_VPH;
  const double radius_m = fmax(speed * speed / TURN_LATERAL_MPS2 - TURN_WIDER_M, TIGHTEST_M);
  return ART_LOAD_SATURATION_VPH / (1.0 + KIMBER_M / radius_m);
}

/// By the running program, as if by the clock: full flow at G, gaps in the oncoming queue-free stream at g.
static double at_signal_vph(const art_load *load, int32_t c, double most_vph, double *red_s2)
{
  const art_net *net = load->net;
  const int32_t program = net->signal_active[net->connector_signal[c]],
                group = net->connector_signal_group[c];
  const art_gap_headways headways = headways_of(net, c, ART_GAP_PERMITTED_LEFT);
  double cycle_s = 0.0, vehicles = 0.0, green_s = 0.0;
  int yields = 0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p)
    cycle_s += (double)net->phase_duration_ms[p] / 1000.0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p) {
    const char *state = net->phase_state + net->phase_first_state[p];
    const double lasts_s = (double)net->phase_duration_ms[p] / 1000.0;
    const char letter = state[group];
    if (letter != 'G' && letter != 'g') continue;
    green_s += lasts_s;
    if (letter == 'G') {
      vehicles += lasts_s * most_vph / 3600.0;
      continue;
    }
    // The others come within their green: thicker than over the hour.
    const double stream = stream_of(load, c, state) * cycle_s / lasts_s;
    const double vph = art_gap_capacity_siegloch(fmin(stream, ART_LOAD_SATURATION_VPH), headways);
    vehicles += lasts_s * fmin(vph, most_vph) / 3600.0;
    yields |= stream > 0.0;
  }
  if (yields && net->connector_cont[c]) vehicles += SNEAKERS;
  *red_s2 = cycle_s > 0.0 ? (cycle_s - green_s) * (cycle_s - green_s) / (2.0 * cycle_s) : 0.0;
  return cycle_s > 0.0 ? 3600.0 * vehicles / cycle_s : most_vph;
}

static double capacity_of(const art_load *load, int32_t c, double *wait_s)
{
  const art_net *net = load->net;
  static const art_gap_pair usual = { 5.5f, 3.2f };  // where the manual is silent, as at right before left
  *wait_s = 0.0;
  const double most_vph = saturation_of(load, c);
  double vph = most_vph;
  if (net->connector_signal[c] >= 0)
    vph = at_signal_vph(load, c, most_vph, wait_s);
  else if (net->node_kind[net->connector_node[c]] == ART_NODE_ALLWAY_STOP)
    vph = ALLWAY_VPH;
  else {
    const double stream = stream_of(load, c, NULL);
    if (stream > 0.0) vph = art_gap_capacity_siegloch(stream, headways_of(net, c, usual));
  }
  return fmax(LEAST_VPH, fmin(vph, most_vph));
}

/// Of a link: its fullest movement, or all movements together over its lanes.
static double share_of_link(const art_load *load, int32_t link)
{
  const art_hops *h = load->hops;
  const double lanes = (double)art_net_link_lanes(load->net, link);
  double most = load->link_vph[link] / (ART_LOAD_SATURATION_VPH * lanes), all = 0.0;
  for (int32_t k = h->first[link]; k < h->first[link + 1]; ++k) {
    const double share = load->volume_vph[k] / load->capacity_vph[k];
    most = fmax(most, share);
    all += share * (double)load->lanes[k];
  }
  return fmax(most, all / lanes);
}

static void press(art_load *load)
{
  const art_net *net = load->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t hop = load->hop_of[c];
    if (hop < 0 || !(load->volume_vph[hop] > 0.0)) continue;
    const double share = load->volume_vph[hop] / load->capacity_vph[hop];
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
      const int32_t other = load->hop_of[net->conflict_other[k]];
      if (net->conflict_yield[k] && other >= 0) load->pressure[other] = fmax(load->pressure[other], share);
    }
  }
}

void art_load_update(art_load *load)
{
  const art_hops *h = load->hops;
  for (int32_t k = 0; k < h->count; ++k) load->capacity_vph[k] = load->delay_s[k] = load->pressure[k] = 0.0;
  for (int32_t c = 0; c < load->net->connector_count; ++c) {
    const int32_t hop = load->hop_of[c];
    if (hop < 0) continue;
    double wait_s;
    load->capacity_vph[hop] += capacity_of(load, c, &wait_s) * load->lanes[hop] / load->connectors[hop];
    load->delay_s[hop] = fmax(load->delay_s[hop], wait_s);
  }
  press(load);
  for (int32_t l = 0; l < load->net->link_count; ++l) load->share[l] = share_of_link(load, l);
  for (int32_t l = 0; l < load->net->link_count; ++l)
    for (int32_t k = h->first[l]; k < h->first[l + 1]; ++k) {
      // Those who share lanes wait for each other.
      const double capacity = load->capacity_vph[k],
                   flow = fmax(load->volume_vph[k], load->share[l] * capacity);
      const double queue_s = art_gap_queue_delay(flow, capacity, load->hours);
      load->delay_s[k] = fmin(load->delay_s[k] + queue_s, LONGEST_DELAY_S);
    }
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
    const int32_t hop = load->hop_of[c];
    if (hop < 0) continue;
    art_load_place *place = &load->sorted[net->connector_node[c]];
    place->share = fmax(place->share,
                        load->share[net->lane_link[net->connector_from[c]]] * (load->volume_vph[hop] > 0.0));
    place->weight += volume_of(load, c);
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
