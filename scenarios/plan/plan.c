#include "scenarios/plan/plan.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/par/partition.h"

/// Parts that stand for the ranks of a city laid out many times.
#define TYPICAL_PARTS 16

// ---- what the demand puts on the road --------------------------------------------------------------------------------

/// Adds the seconds of one trip to its links, until it arrives or the run ends.
static void drive(const art_net *net, const art_demand *d, int32_t trip, art_tick end_ms, double slowdown, double *seconds)
{
  const int32_t r = d->trip_route[trip];
  double left_s = (double)(end_ms - d->trip_depart_ms[trip]) / 1000.0;
  for (int64_t k = d->route_first[r]; k < d->route_first[r + 1] && left_s > 0.0; ++k) {
    const int32_t link = d->route_link[k], lane = net->link_first_lane[link];
    const double takes_s = slowdown * (double)net->lane_length_m[lane] / (double)net->lane_speed_mps[lane];
    seconds[link] += takes_s < left_s ? takes_s : left_s;
    left_s -= takes_s;
  }
}

art_status art_plan_load_make(const art_net *net, const art_demand *demand, art_tick begin_ms, art_tick end_ms,
                              double slowdown, art_plan_load *out, art_error *err)
{
  *out = (art_plan_load){ .span_ms = end_ms - begin_ms };
  double *seconds = ART_NEW(double, net->link_count);
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    if (demand->trip_depart_ms[trip] < begin_ms || demand->trip_depart_ms[trip] >= end_ms) continue;
    drive(net, demand, trip, end_ms, slowdown, seconds);
    ++out->trips;
  }
  if (out->trips == 0) {
    free(seconds);
    return art_fail(err, ART_E_INPUT, "no trip departs from %.0f to %.0f s", (double)begin_ms / 1000.0,
                    (double)end_ms / 1000.0);
  }
  for (int32_t link = 0; link < net->link_count; ++link) {
    seconds[link] /= (double)out->span_ms / 1000.0;
    out->vehicles += seconds[link];
  }
  out->link_vehicles = seconds;
  return ART_OK;
}

void art_plan_load_clear(art_plan_load *load)
{
  free(load->link_vehicles);
  *load = (art_plan_load){ 0 };
}

// ---- what the partition gives to each part ---------------------------------------------------------------------------

typedef struct share {
  double lanes, vehicles, boundary_lanes, halo_vehicles;
  double neighbours, far_neighbours;
} share;

typedef struct pair {
  int32_t a, b;
} pair;

static int by_ends(const void *x, const void *y)
{
  const pair *p = x, *q = y;
  if (p->a != q->a) return p->a < q->a ? -1 : 1;
  return (p->b > q->b) - (p->b < q->b);
}

static int32_t node_of(int64_t rank, int64_t ranks, int64_t nodes)
{
  return (int32_t)(rank * nodes / ranks);
}

/// Links between different parts: both ends have their lanes and those near the line in the halo.
static void look_at_cut(const art_plan_setup *s, int32_t parts, const int32_t *part, share *shares)
{
  const art_net *net = s->net;
  pair *pairs = ART_NEW(pair, 2 * (size_t)net->link_count);
  size_t count = 0;
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t end[2] = { part[net->link_from[link]], part[net->link_to[link]] };
    if (end[0] == end[1]) continue;
    const double length_m = (double)net->lane_length_m[net->link_first_lane[link]];
    const double near = length_m > s->machine.halo_m ? s->machine.halo_m / length_m : 1.0;
    for (int i = 0; i < 2; ++i) {
      shares[end[i]].boundary_lanes += art_net_link_lanes(net, link);
      shares[end[i]].halo_vehicles += near * s->load->link_vehicles[link];
      pairs[count++] = (pair){ end[i], end[1 - i] };
    }
  }
  art_sort(pairs, count, sizeof *pairs, by_ends);
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && by_ends(&pairs[i - 1], &pairs[i]) == 0) continue;
    shares[pairs[i].a].neighbours += 1.0;
    if (node_of(pairs[i].a, parts, s->nodes) != node_of(pairs[i].b, parts, s->nodes))
      shares[pairs[i].a].far_neighbours += 1.0;
  }
  free(pairs);
}

static void deal_out(const art_plan_setup *s, int32_t parts, share *shares)
{
  const art_net *net = s->net;
  int32_t *part = ART_NEW(int32_t, net->node_count);
  int64_t *load = ART_NEW(int64_t, net->node_count);
  art_par_load_of(net, s->load->link_vehicles, load);
  art_par_partition_bound(net, parts, 0, NULL, load, part);
  free(load);
  for (int32_t link = 0; link < net->link_count; ++link) {
    share *owner = &shares[part[net->link_to[link]]];  // as a run deals them out
    owner->lanes += art_net_link_lanes(net, link);
    owner->vehicles += s->load->link_vehicles[link];
  }
  for (int32_t c = 0; c < net->connector_count; ++c) shares[part[net->connector_node[c]]].lanes += 1.0;
  look_at_cut(s, parts, part, shares);
  free(part);
}

/// Inside a large city every part has neighbours all around: all get the longest rim and the most neighbours.
static void surround(const art_plan_setup *s, int32_t parts, share *shares)
{
  share most = { 0 };
  for (int32_t p = 0; p < parts; ++p) {
    most.boundary_lanes = fmax(most.boundary_lanes, shares[p].boundary_lanes);
    most.halo_vehicles = fmax(most.halo_vehicles, shares[p].halo_vehicles);
    most.neighbours = fmax(most.neighbours, shares[p].neighbours);
  }
  for (int32_t p = 0; p < parts; ++p) {
    shares[p].boundary_lanes = most.boundary_lanes;
    shares[p].halo_vehicles = most.halo_vehicles;
    shares[p].neighbours = fmin(most.neighbours, s->ranks - 1);
  }
}

/// A part of one city becomes a rank of many cities, which holds `scale` times as much.
static void grow(const art_plan_setup *s, share *one, double scale)
{
  one->lanes *= scale;
  one->vehicles *= scale;
  one->boundary_lanes *= sqrt(scale);
  one->halo_vehicles *= sqrt(scale);
  // Of a square of R ranks on a computer, 1 / sqrt(R) of all sides lie on the rim.
  const double on_node = (double)s->ranks / s->nodes;
  one->far_neighbours = s->nodes == 1 ? 0.0 : one->neighbours / sqrt(on_node > 1.0 ? on_node : 1.0);
}

// ---- time and memory -------------------------------------------------------------------------------------------------

static double work_us(const art_plan_setup *s, const share *one)
{
  const art_machine *m = &s->machine;
  const double speed = 1.0 + m->thread_gain * (s->threads - 1);
  return (one->lanes * m->lane_ns + one->vehicles * m->vehicle_ns) / 1000.0 / speed + m->step_us +
         m->thread_us * (s->threads - 1);
}

static double halo_us(const art_plan_setup *s, const share *one)
{
  // Threads share lists and peers.
  const double speed = 1.0 + s->machine.thread_gain * (s->threads - 1);
  return (one->boundary_lanes * s->machine.halo_lane_ns + one->halo_vehicles * s->machine.halo_vehicle_ns) / (1000.0 * speed);
}

/// A reduction climbs a tree of the computers' ranks, then one of the computers.
static double reduction_us(const art_plan_setup *s)
{
  int near_levels = 0, far_levels = 0;
  const int32_t on_node = (s->ranks + s->nodes - 1) / s->nodes;
  while (1 << near_levels < on_node) ++near_levels;
  while (1 << far_levels < s->nodes) ++far_levels;
  return s->machine.reductions *
         (near_levels * s->machine.latency_us + far_levels * s->machine.network_latency_us);
}

static double message_us(const art_plan_setup *s, const share *one)
{
  const art_machine *m = &s->machine;
  if (s->ranks == 1) return 0.0;
  const double near = one->neighbours - one->far_neighbours, far = one->far_neighbours;
  const double bytes = one->boundary_lanes * m->halo_lane_bytes + one->halo_vehicles * m->halo_vehicle_bytes;
  const double far_share = one->neighbours > 0.0 ? far / one->neighbours : 0.0;
  return m->exchanges * (near * m->latency_us + far * m->network_latency_us) +
         bytes / 1000.0 * ((1.0 - far_share) / m->bandwidth_gbps + far_share / m->network_bandwidth_gbps) +
         reduction_us(s);
}

static double memory_mib(const art_plan_setup *s, const share *one, double all_lanes, double all_trips)
{
  const art_machine *m = &s->machine;
  const double part = one->lanes / all_lanes;
  const double held = part + m->whole_share * (1.0 - part);
  const double bytes = held * (all_lanes * (m->city_lane_bytes + m->lane_bytes) + all_trips * m->trip_bytes) +
                       one->vehicles * m->vehicle_bytes;
  return m->process_mib + bytes / 1048576.0;
}

/// The result of one rank, without what compares it with others.
static art_plan plan_of(const art_plan_setup *s, const share *one)
{
  art_plan p = { .lanes = one->lanes,
                 .vehicles = one->vehicles,
                 .boundary_lanes = one->boundary_lanes,
                 .halo_vehicles = one->halo_vehicles,
                 .neighbours = one->neighbours,
                 .far_neighbours = one->far_neighbours,
                 .work_us = work_us(s, one),
                 .halo_us = halo_us(s, one),
                 .message_us = message_us(s, one) };
  p.step_us = p.work_us + p.halo_us + p.message_us;
  return p;
}

art_plan art_plan_make(const art_plan_setup *setup)
{
  const art_plan_setup *s = setup;
  const int is_many = s->copies > 1 && s->ranks > 1;
  const int32_t parts = is_many ? TYPICAL_PARTS : s->ranks;
  share *shares = ART_NEW(share, parts);
  deal_out(s, parts, shares);
  const share all = { .lanes = (double)s->net->lane_count * s->copies, .vehicles = s->load->vehicles * s->copies };
  const double all_trips = (double)s->load->trips * s->copies;
  art_plan slowest = { 0 };
  double work_sum = 0.0, memory = 0.0;
  if (is_many) surround(s, parts, shares);
  for (int32_t p = 0; p < parts; ++p) {
    if (s->copies > 1) grow(s, &shares[p], (double)parts * s->copies / s->ranks);
    const art_plan plan = plan_of(s, &shares[p]);
    const double needs = memory_mib(s, &shares[p], all.lanes, all_trips);
    if (needs > memory) memory = needs;
    work_sum += plan.work_us;
    if (plan.step_us > slowest.step_us) slowest = plan;
  }
  slowest.imbalance = slowest.work_us / (work_sum / parts);
  slowest.efficiency = work_us(s, &all) / (s->ranks * slowest.step_us);
  slowest.run_s = slowest.step_us * 1e-6 * (double)(s->load->span_ms / s->step_ms);
  slowest.memory_mib = memory;
  free(shares);
  return slowest;
}
