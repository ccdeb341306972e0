// Trips between random places of any city.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/heap.h"
#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"
#include "scenarios/generate/load.h"
#include "scenarios/generate/rows_internal.h"

enum { MOST_TREES = 1000, MOST_DRAWS = 1000 };
// Trips to a load: a round chooses its ways by the volumes of the rounds before.
enum { LINKS_A_TRIP = 50, LEAST_TREE = 2, TREES_A_ROUND = 8, TRIES = 100, MOST_FULL = 3 };
#define FULL 0.9  // of a round's trips that find no room: the city is full
#define PERCENTILE 0.95

typedef struct maker {
  const art_net *net;
  const art_trips_options *o;
  art_hops hops;
  int32_t *first_before, *before;  // hops by the link they lead to
  int32_t *from;                   // link that a hop leaves
  double *until_m;                 // running sum of lane lengths, for draws
  double *cost;                    // to the present destination
  int32_t *next;                   // hop towards it, -1: none
  art_heap_item *heap;
  const double *delay_s;           // of hops, by the present volumes; NULL: none
  int32_t *way, *path;             // scratch: hops and connectors of a trip
  art_demand_draft draft;
} maker;

static maker maker_new(const art_net *net, const art_trips_options *o)
{
  maker m = {
    .net = net, .o = o, .hops = art_hops_new(net, o->vclass), .draft = art_demand_draft_new(o->vclass)
  };
  const int32_t n = net->link_count, hops = m.hops.count;
  m.first_before = ART_NEW(int32_t, n + 2);
  m.before = ART_NEW(int32_t, hops);
  m.from = ART_NEW(int32_t, hops);
  for (int32_t k = 0; k < hops; ++k) ++m.first_before[m.hops.to[k] + 2];
  for (int32_t l = 0; l < n; ++l) m.first_before[l + 2] += m.first_before[l + 1];
  for (int32_t l = 0; l < n; ++l)
    for (int32_t k = m.hops.first[l]; k < m.hops.first[l + 1]; ++k) {
      m.from[k] = l;
      m.before[m.first_before[m.hops.to[k] + 1]++] = k;
    }
  m.until_m = ART_NEW(double, n);
  for (int32_t l = 0; l < n; ++l) m.until_m[l] = (l ? m.until_m[l - 1] : 0.0) + m.hops.length_m[l];
  m.cost = ART_NEW(double, n);
  m.next = ART_NEW(int32_t, n);
  m.way = ART_NEW(int32_t, n);
  m.path = ART_NEW(int32_t, n);
  m.heap = ART_NEW(art_heap_item, hops + 1);
  return m;
}

static void maker_free(maker *m)
{
  art_hops_free(&m->hops);
  void *const owned[] = { m->first_before, m->before, m->from, m->until_m, m->cost, m->next, m->heap,
                          m->way, m->path };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

/// A link by the length of its lanes.
static int32_t draw_link(const maker *m, uint64_t key, int64_t number)
{
  const int32_t n = m->net->link_count;
  const double wanted = art_drawing_draw(m->o->seed, key, number) * m->until_m[n - 1];
  int32_t low = 0, high = n - 1;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (m->until_m[middle] > wanted)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Fastest ways from everywhere to one link (Dijkstra 1959, backwards), over times that are disturbed by the number of the
/// tree.
static void grow_tree(maker *m, int32_t destination, int64_t tree)
{
  for (int32_t l = 0; l < m->net->link_count; ++l) {
    m->cost[l] = INFINITY;
    m->next[l] = -1;
  }
  int32_t count = 0;
  m->cost[destination] = 0.0;
  art_heap_push(m->heap, &count, (art_heap_item){ 0.0, destination });
  while (count) {
    const art_heap_item item = art_heap_pop(m->heap, &count);
    if (item.cost > m->cost[item.index]) continue;
    const double here =
        item.cost + m->hops.link_s[item.index] *
                        (1.0 + m->o->noise * art_drawing_draw(m->o->seed, (uint64_t)item.index, tree));
    for (int32_t i = m->first_before[item.index]; i < m->first_before[item.index + 1]; ++i) {
      const int32_t hop = m->before[i], link = m->from[hop];
      const double cost = here + m->hops.time_s[hop] + (m->delay_s ? m->delay_s[hop] : 0.0);
      if (cost >= m->cost[link]) continue;
      m->cost[link] = cost;
      m->next[link] = hop;
      art_heap_push(m->heap, &count, (art_heap_item){ cost, link });
    }
  }
}

static void add_trip(maker *m, int64_t number, int32_t origin, double depart_s)
{
  for (int32_t link = origin;; link = m->hops.to[m->next[link]]) {
    art_demand_draft_add_link(&m->draft, link);
    if (m->next[link] < 0) break;
  }
  const art_trip_draft trip = { .id = art_drawing_text("t%lld", (long long)number),
                                .route = art_demand_draft_end_route(&m->draft),
                                .depart_ms = (int64_t)(depart_s * 1000.0),
                                .lane = ART_LANE_BEST,
                                .pos_m = ART_POS_BASE,
                                .speed_mps = ART_SPEED_MAX };
  art_demand_draft_add_trip(&m->draft, trip);
}

/// Trip i of n departs at random within the i-th n-th of the time.
static double departure_s(const maker *m, int64_t number)
{
  char id[32];
  snprintf(id, sizeof id, "t%lld", (long long)number);
  const double u = art_drawing_draw(m->o->seed, art_trip_key(id), 0);
  return m->o->begin_s + ((double)number + u) * m->o->duration_s / (double)m->o->trips;
}

/// Destinations are drawn first, as many as are affordable; trips take them in turn.
static art_status add_trips(maker *m, art_error *err)
{
  const art_trips_options *o = m->o;
  const int64_t trees = o->trips < MOST_TREES ? o->trips : MOST_TREES;
  if (!(m->until_m[m->net->link_count - 1] > 0.0))
    return art_fail(err, ART_E_INPUT, "no lane of the city permits class %s", art_vclass_name(o->vclass));
  for (int64_t tree = 0; tree < trees; ++tree) {
    int64_t draw = 0;
    grow_tree(m, draw_link(m, 5, tree * MOST_DRAWS), tree);
    for (int64_t trip = tree; trip < o->trips; trip += trees) {
      int32_t origin = draw_link(m, 6, trip * MOST_DRAWS);
      for (int64_t again = 1; m->next[origin] < 0; ++again) {
        if (again < MOST_DRAWS / 10)
          origin = draw_link(m, 6, trip * MOST_DRAWS + again);
        else if (++draw < MOST_DRAWS) {  // hardly anything leads there
          grow_tree(m, draw_link(m, 5, tree * MOST_DRAWS + draw), tree);
          again = 0;
        } else
          return art_fail(err, ART_E_INPUT, "no two links of the city are connected for class %s",
                          art_vclass_name(o->vclass));
      }
      add_trip(m, trip, origin, departure_s(m, trip));
    }
  }
  return ART_OK;
}

// ---- as many trips as load the city to a share of its capacity -----------------------------------------------------------

/// The way of a trip, and the lanes that it takes.
static int32_t find_way(maker *m, art_load *load, int32_t origin, double trip_vph)
{
  int32_t count = 0;
  for (int32_t link = origin; m->next[link] >= 0; link = m->hops.to[m->next[link]]) m->way[count++] = m->next[link];
  art_load_choose(load, m->way, count, trip_vph, m->path);
  return count;
}

/// Does a trip more, of `trip_vph`, leave all that it drives on at `most` or below, and disturb nobody who is there already?
static int fits(const maker *m, const art_load *load, int32_t destination, int32_t count, double trip_vph, double most)
{
  for (int32_t i = 0; i < count; ++i) {
    const int32_t c = m->path[i];
    if (load->lane_share[m->net->connector_from[c]] + trip_vph / load->capacity_vph[c] > most ||
        load->pressure[c] > m->o->load)
      return 0;
  }
  const double lanes = (double)art_net_link_lanes(m->net, destination);
  return (load->link_vph[destination] + trip_vph) / (ART_LOAD_SATURATION_VPH * lanes) <= most;
}

static void put_on(const maker *m, art_load *load, int32_t destination, int32_t count, double trip_vph)
{
  for (int32_t i = 0; i < count; ++i) {
    const int32_t c = m->path[i], lane = m->net->connector_from[c];
    load->link_vph[m->net->lane_link[lane]] += trip_vph;
    load->vph[c] += trip_vph;
    load->lane_share[lane] += trip_vph / load->capacity_vph[c];
  }
  load->link_vph[destination] += trip_vph;
}

/// Trips to a random destination. Returns how many of `wanted` found their way within the bound.
static int64_t load_tree(maker *m, art_load *load, int64_t tree, int64_t wanted, int64_t number)
{
  const double trip_vph = 3600.0 / m->o->duration_s;
  int64_t added = 0;
  const int32_t destination = draw_link(m, 5, tree * MOST_DRAWS);
  grow_tree(m, destination, tree);
  for (int64_t trip = 0; trip < wanted; ++trip)
    for (int64_t attempt = 0; attempt < TRIES; ++attempt) {
      const int32_t origin = draw_link(m, 6, (tree * wanted + trip) * MOST_DRAWS + attempt);
      if (m->next[origin] < 0) continue;
      const int32_t count = find_way(m, load, origin, trip_vph);
      if (!fits(m, load, destination, count, trip_vph, m->o->most_load)) break;
      put_on(m, load, destination, count, trip_vph);
      const int64_t key = number + added++;
      add_trip(m, key, origin, m->o->begin_s + m->o->duration_s * art_drawing_draw(m->o->seed, 7, key));
      break;
    }
  return added;
}

/// One round: some destinations. What trips to one leave of the capacities is known to those to the next.
static int64_t load_round(maker *m, art_load *load, int64_t round, int64_t each, int64_t number)
{
  int64_t added = 0;
  for (int64_t tree = round * TREES_A_ROUND; tree < (round + 1) * TREES_A_ROUND; ++tree) {
    added += load_tree(m, load, tree, each, number + added);
    art_load_update(load);
  }
  return added;
}

static void tell_paths(const art_load *load, art_trips_report *report)
{
  const int32_t n = load->net->connector_count;
  report->vph = ART_NEW(double, n);
  report->capacity_vph = ART_NEW(double, n);
  report->lane_share = ART_NEW(double, n);
  for (int32_t c = 0; c < n; ++c) {
    report->vph[c] = load->vph[c];
    report->capacity_vph[c] = load->capacity_vph[c];
    report->lane_share[c] = load->lane_share[load->net->connector_from[c]];
  }
}

static art_status add_load(maker *m, art_trips_report *report, art_error *err)
{
  if (!(m->until_m[m->net->link_count - 1] > 0.0))
    return art_fail(err, ART_E_INPUT, "no lane of the city permits class %s", art_vclass_name(m->o->vclass));
  art_load load = art_load_new(m->net, &m->hops, m->o->duration_s / 3600.0);
  const int64_t each = m->net->link_count / LINKS_A_TRIP / TREES_A_ROUND + LEAST_TREE, wanted = TREES_A_ROUND * each;
  int64_t number = 0;
  art_load_update(&load);
  for (int64_t round = 0, full = 0; full < MOST_FULL && report->load < m->o->load; ++round) {
    m->delay_s = load.delay_s;
    const int64_t added = load_round(m, &load, round, each, number);
    number += added;
    report->left_out += wanted - added;
    full = (double)(wanted - added) > FULL * (double)wanted ? full + 1 : 0;
    report->load = art_load_percentile(&load, PERCENTILE, ART_LOAD_OF_JUNCTIONS);
  }
  report->link_load = art_load_percentile(&load, PERCENTILE, ART_LOAD_OF_LINKS);
  report->most_load = art_load_percentile(&load, 1.0, ART_LOAD_OF_LINKS);
  report->trips = number;
  tell_paths(&load, report);
  art_load_free(&load);
  m->delay_s = NULL;
  return ART_OK;
}

void art_trips_report_clear(art_trips_report *report)
{
  free(report->vph);
  free(report->capacity_vph);
  free(report->lane_share);
  *report = (art_trips_report){ 0 };
}

art_status art_generate_trips(const art_city *city, const art_trips_options *o, art_demand **out,
                              art_trips_report *report, art_error *err)
{
  art_trips_report unasked;
  const int is_asked = report != NULL;
  if (!is_asked) report = &unasked;
  *report = (art_trips_report){ .trips = o->trips };
  *out = NULL;
  art_status status = art_generate_range("trips", (double)o->trips, 0, 1e8, err);
  if (status == ART_OK) status = art_generate_range("duration (s)", o->duration_s, 1.0, 1e7, err);
  if (status == ART_OK) status = art_generate_range("begin (s)", o->begin_s, 0.0, 1e7, err);
  if (status == ART_OK) status = art_generate_range("noise", o->noise, 0.0, 10.0, err);
  if (status == ART_OK) status = art_generate_range("load", o->load, 0.0, 10.0, err);
  if (status == ART_OK && o->load > 0.0) status = art_generate_range("most load", o->most_load, o->load, 100.0, err);
  if (status != ART_OK) return status;
  maker m = maker_new(city->net, o);
  if (o->load > 0.0)
    status = add_load(&m, report, err);
  else if (o->trips)
    status = add_trips(&m, err);
  if (status == ART_OK)
    status = art_demand_draft_finish(&m.draft, city->net, out, err);
  else
    art_demand_draft_clear(&m.draft);
  maker_free(&m);
  if (!is_asked) art_trips_report_clear(&unasked);
  return status;
}
