#include "scenarios/generate/matrix.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/heap.h"
#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"
#include "scenarios/generate/rows_internal.h"

#define MOST_TRIPS 20000000.0

typedef struct maker {
  const art_net *net;
  const art_zone_nodes *zones;
  const art_matrix_options *o;
  art_hops hops;
  int32_t *first_out, *out, *first_in, *in;  // links by node
  double *cost;
  int32_t *before;  // link before on the fastest way; -1: the first
  art_heap_item *heap;
  art_demand_draft draft;
  art_matrix_report *report;
} maker;

static void index_links(const art_net *net, const int32_t *end, int32_t **first_of, int32_t **list)
{
  int32_t *first = ART_NEW(int32_t, net->node_count + 2), *links = ART_NEW(int32_t, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) ++first[end[l] + 2];
  for (int32_t i = 0; i < net->node_count; ++i) first[i + 2] += first[i + 1];
  for (int32_t l = 0; l < net->link_count; ++l) links[first[end[l] + 1]++] = l;
  *first_of = first;
  *list = links;
}

/// Fastest ways from the links that leave a zone to all links (Dijkstra 1959).
static void grow_tree(maker *m, int32_t zone)
{
  int32_t count = 0;
  for (int32_t l = 0; l < m->net->link_count; ++l) {
    m->cost[l] = INFINITY;
    m->before[l] = -1;
  }
  for (int32_t z = m->zones->first[zone]; z < m->zones->first[zone + 1]; ++z)
    for (int32_t k = m->first_out[m->zones->node[z]]; k < m->first_out[m->zones->node[z] + 1]; ++k) {
      const int32_t link = m->out[k];
      if (m->hops.link_s[link] <= 0.0 || m->cost[link] <= m->hops.link_s[link]) continue;
      m->cost[link] = m->hops.link_s[link];
      art_heap_push(m->heap, &count, (art_heap_item){ m->cost[link], link });
    }
  while (count) {
    const art_heap_item top = art_heap_pop(m->heap, &count);
    if (top.cost > m->cost[top.index]) continue;
    for (int32_t h = m->hops.first[top.index]; h < m->hops.first[top.index + 1]; ++h) {
      const int32_t to = m->hops.to[h];
      const double cost = top.cost + m->hops.time_s[h] + m->hops.link_s[to];
      if (cost >= m->cost[to]) continue;
      m->cost[to] = cost;
      m->before[to] = top.index;
      art_heap_push(m->heap, &count, (art_heap_item){ cost, to });
    }
  }
}

/// The route to a zone; -1: there is no way.
static int32_t route_to(maker *m, int32_t zone)
{
  int32_t best = -1, length = 0;
  for (int32_t z = m->zones->first[zone]; z < m->zones->first[zone + 1]; ++z)
    for (int32_t k = m->first_in[m->zones->node[z]]; k < m->first_in[m->zones->node[z] + 1]; ++k) {
      const int32_t link = m->in[k];
      if (isfinite(m->cost[link]) && (best < 0 || m->cost[link] < m->cost[best])) best = link;
    }
  if (best < 0) return -1;
  for (int32_t l = best; l >= 0; l = m->before[l]) ++length;
  int32_t *way = ART_NEW(int32_t, length);
  for (int32_t l = best, i = length; l >= 0; l = m->before[l]) way[--i] = l;
  for (int32_t i = 0; i < length; ++i) art_demand_draft_add_link(&m->draft, way[i]);
  free(way);
  return art_demand_draft_end_route(&m->draft);
}

static void add_pair(maker *m, int32_t from, int32_t to, double flow)
{
  const uint64_t key = (uint64_t)from * (uint64_t)m->zones->count + (uint64_t)to;
  const int64_t trips = (int64_t)floor(flow + art_drawing_draw(m->o->seed, key, 0));
  m->report->wanted += flow;
  if (!trips) return;
  const int32_t route = route_to(m, to);
  if (route < 0) {
    ++m->report->pairs_lost;
    m->report->trips_lost += flow;
    return;
  }
  for (int64_t i = 0; i < trips; ++i) {
    char id[80];
    snprintf(id, sizeof id, "z%" PRId32 "_%" PRId32 "_%" PRId64, from, to, i);
    const double at = m->o->begin_s + m->o->duration_s * art_drawing_draw(m->o->seed, key, i + 1);
    art_demand_draft_add_trip(&m->draft, (art_trip_draft){ .id = art_strdup(id),
                                                           .depart_ms = (int64_t)floor(1000.0 * at),
                                                           .route = route,
                                                           .lane = ART_LANE_BEST,
                                                           .pos_m = ART_POS_BASE,
                                                           .speed_mps = ART_SPEED_MAX });
    ++m->report->trips;
  }
}

static art_status add_row(maker *m, int32_t from, double *flow, art_matrix_row *row, void *context,
                          art_error *err)
{
  const art_status status = row(context, from, flow, err);
  if (status != ART_OK) return status;
  int has_tree = 0;
  for (int32_t to = 0; to < m->zones->count; ++to) {
    const double wanted = flow[to] * m->o->scale;
    if (wanted < 0.0 || (double)m->report->trips + wanted > MOST_TRIPS)
      return art_fail(err, ART_E_INPUT, "%g trips from zone %d to zone %d: accepted: 0 to %g in all", wanted,
                      from + 1, to + 1, MOST_TRIPS);
    if (wanted <= 0.0) continue;
    if (from == to) {
      m->report->trips_inside += wanted;
      continue;
    }
    if (!has_tree) grow_tree(m, from);
    has_tree = 1;
    add_pair(m, from, to, wanted);
  }
  return ART_OK;
}

art_status art_matrix_trips(const art_net *net, const art_zone_nodes *zones,
                            const art_matrix_options *options, art_matrix_row *row, void *context,
                            art_demand **out, art_matrix_report *report, art_error *err)
{
  *report = (art_matrix_report){ 0 };
  *out = NULL;
  maker m = { .net = net,
              .zones = zones,
              .o = options,
              .hops = art_hops_new(net, options->vclass),
              .cost = ART_NEW(double, net->link_count),
              .before = ART_NEW(int32_t, net->link_count),
              .draft = art_demand_draft_new(options->vclass),
              .report = report };
  m.heap = ART_NEW(art_heap_item, m.hops.count + net->link_count + 2);
  index_links(net, net->link_from, &m.first_out, &m.out);
  index_links(net, net->link_to, &m.first_in, &m.in);
  double *flow = ART_NEW(double, zones->count);
  art_status status = ART_OK;
  for (int32_t from = 0; from < zones->count && status == ART_OK; ++from)
    status = add_row(&m, from, flow, row, context, err);
  if (status == ART_OK)
    status = art_demand_draft_finish(&m.draft, net, out, err);
  else
    art_demand_draft_clear(&m.draft);
  art_hops_free(&m.hops);
  void *const owned[] = { m.first_out, m.out, m.first_in, m.in, m.cost, m.before, m.heap, flow };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
