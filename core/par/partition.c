#include "core/par/partition.h"

#include <metis.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Nodes under contraction: disjoint sets with path halving, and the load of each set at its root.
typedef struct groups {
  int32_t *parent;
  int64_t *load;
} groups;

static int32_t root_of(const groups *g, int32_t node)
{
  while (g->parent[node] != node) {
    g->parent[node] = g->parent[g->parent[node]];
    node = g->parent[node];
  }
  return node;
}

/// The lower index becomes the root, so that the result does not depend on the order of unions.
static void unite(groups *g, int32_t a, int32_t b)
{
  a = root_of(g, a);
  b = root_of(g, b);
  if (a == b) return;
  const int32_t low = a < b ? a : b, high = a < b ? b : a;
  g->parent[high] = low;
  g->load[low] += g->load[high];
}

/// Load of a node: metres of its incoming lanes (vehicles live there) and a share per lane and connector for
/// visiting.
static int64_t load_nodes(const art_net *net, int64_t *load)
{
  int64_t total = 0;
  for (int32_t node = 0; node < net->node_count; ++node) load[node] = 1;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane)
    load[net->link_to[net->lane_link[lane]]] += 10 + (int64_t)net->lane_length_m[lane];
  for (int32_t c = 0; c < net->connector_count; ++c) load[net->connector_node[c]] += 5;
  for (int32_t node = 0; node < net->node_count; ++node) total += load[node];
  return total;
}

void art_par_load_of(const art_net *net, const double *link_vehicles, int64_t *load)
{
  for (int32_t node = 0; node < net->node_count; ++node) load[node] = ART_LOAD_NODE;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) load[net->link_to[net->lane_link[lane]]] += ART_LOAD_LANE;
  for (int32_t c = 0; c < net->connector_count; ++c) load[net->connector_node[c]] += ART_LOAD_LANE;
  for (int32_t link = 0; link_vehicles && link < net->link_count; ++link)
    load[net->link_to[link]] += (int64_t)(ART_LOAD_VEHICLE * link_vehicles[link] + 0.5);
}

/// Distance before the line at which a vehicle at the speed limit asks for its grant.
static float request_distance_m(float speed_mps)
{
  return speed_mps * speed_mps / 8.0f + 1.5f * speed_mps + 6.0f;
}

static void unite_signals(const art_net *net, groups *g)
{
  int32_t *first_node = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) first_node[s] = -1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s < 0) continue;
    if (first_node[s] < 0) first_node[s] = net->connector_node[c];
    unite(g, first_node[s], net->connector_node[c]);
  }
  free(first_node);
}

typedef struct short_link {
  float length_m;
  int32_t link;
} short_link;

static int by_length(const void *a, const void *b)
{
  const short_link *p = a, *q = b;
  if (p->length_m != q->length_m) return p->length_m < q->length_m ? -1 : 1;
  return (p->link > q->link) - (p->link < q->link);
}

/// Shortest first, as long as a group stays small against a part.
static void unite_short_links(const art_net *net, groups *g, int64_t limit)
{
  short_link *list = ART_NEW(short_link, net->link_count);
  int32_t count = 0;
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t lane = net->link_first_lane[link];
    if (net->lane_length_m[lane] < request_distance_m(net->lane_speed_mps[lane]))
      list[count++] = (short_link){ net->lane_length_m[lane], link };
  }
  art_sort(list, (size_t)count, sizeof *list, by_length);
  for (int32_t i = 0; i < count; ++i) {
    const int32_t a = root_of(g, net->link_from[list[i].link]), b = root_of(g, net->link_to[list[i].link]);
    if (a != b && g->load[a] + g->load[b] <= limit) unite(g, a, b);
  }
  free(list);
}

/// Two entries per link between different groups, as METIS wants them: rows by vertex, neighbours ascending,
/// parallel links added up (lanes as weight).
typedef struct graph {
  idx_t vertices;
  idx_t *first, *neighbour, *edge_weight, *vertex_weight;
} graph;

typedef struct arc {
  int32_t from, to, lanes;
} arc;

static int by_ends(const void *a, const void *b)
{
  const arc *p = a, *q = b;
  if (p->from != q->from) return p->from < q->from ? -1 : 1;
  return (p->to > q->to) - (p->to < q->to);
}

static graph build_graph(const art_net *net, const int32_t *vertex_of, int32_t vertices, const int64_t *load,
                         int64_t total)
{
  graph g = { .vertices = vertices };
  g.first = ART_NEW(idx_t, vertices + 1);
  g.vertex_weight = ART_NEW(idx_t, vertices);
  const int64_t unit = total / 1000000000 + 1;  // METIS adds weights up in 32 bits
  int64_t *sum = ART_NEW(int64_t, vertices);
  for (int32_t node = 0; node < net->node_count; ++node) sum[vertex_of[node]] += load[node];
  for (int32_t v = 0; v < vertices; ++v) g.vertex_weight[v] = (idx_t)(sum[v] / unit + 1);
  free(sum);

  arc *arcs = ART_NEW(arc, 2 * (size_t)net->link_count);
  size_t count = 0;
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t a = vertex_of[net->link_from[link]], b = vertex_of[net->link_to[link]];
    if (a == b) continue;
    arcs[count++] = (arc){ a, b, art_net_link_lanes(net, link) };
    arcs[count++] = (arc){ b, a, art_net_link_lanes(net, link) };
  }
  art_sort(arcs, count, sizeof *arcs, by_ends);
  g.neighbour = ART_NEW(idx_t, count);
  g.edge_weight = ART_NEW(idx_t, count);
  idx_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && by_ends(&arcs[i - 1], &arcs[i]) == 0) {
      g.edge_weight[used - 1] += arcs[i].lanes;
      continue;
    }
    g.neighbour[used] = arcs[i].to;
    g.edge_weight[used++] = arcs[i].lanes;
    g.first[arcs[i].from + 1] = used;
  }
  for (int32_t v = 0; v < vertices; ++v)
    if (g.first[v + 1] == 0) g.first[v + 1] = g.first[v];  // no arcs: the row is empty
  free(arcs);
  return g;
}

/// Runs of vertices of about equal weight.
static void split_in_order(const graph *g, int32_t parts, idx_t *part)
{
  int64_t total = 0, before = 0;
  for (idx_t v = 0; v < g->vertices; ++v) total += g->vertex_weight[v];
  for (idx_t v = 0; v < g->vertices; ++v) {
    part[v] = (idx_t)((before + g->vertex_weight[v] / 2) * parts / (total ? total : 1));
    before += g->vertex_weight[v];
  }
}

/// Weight of the edges between parts, each counted from both ends.
static int64_t cut_of(const graph *g, const idx_t *part)
{
  int64_t cut = 0;
  for (idx_t v = 0; v < g->vertices; ++v)
    for (idx_t e = g->first[v]; e < g->first[v + 1]; ++e)
      if (part[g->neighbour[e]] != part[v]) cut += g->edge_weight[e];
  return cut;
}

/// Weight of the heaviest part.
static int64_t heaviest(const graph *g, int32_t parts, const idx_t *part)
{
  int64_t *weight = ART_NEW(int64_t, parts), most = 0;
  for (idx_t v = 0; v < g->vertices; ++v) weight[part[v]] += g->vertex_weight[v];
  for (int32_t p = 0; p < parts; ++p)
    if (weight[p] > most) most = weight[p];
  free(weight);
  return most;
}

static int split_by_metis(graph *g, int32_t parts, idx_t *part)
{
  if (g->vertices <= parts) return 0;
  idx_t constraints = 1, wanted = parts, cut = 0, options[METIS_NOPTIONS];
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = 1;
  options[METIS_OPTION_NUMBERING] = 0;
  // Recursive bisection balances better when there are few parts; k-way is faster for many.
  const int done =
      parts <= 8 ? METIS_PartGraphRecursive(&g->vertices, &constraints, g->first, g->neighbour, g->vertex_weight, NULL,
                                            g->edge_weight, &wanted, NULL, NULL, options, &cut, part)
                 : METIS_PartGraphKway(&g->vertices, &constraints, g->first, g->neighbour, g->vertex_weight, NULL,
                                       g->edge_weight, &wanted, NULL, NULL, options, &cut, part);
  return done == METIS_OK;
}

/// METIS cuts, unless runs of numbers do as well, by cut and by balance: cities are often numbered from one end to the other, and
/// parts that lie together in number do so in memory, too.
static void split(graph *g, int32_t parts, idx_t *part)
{
  idx_t *in_order = ART_NEW(idx_t, g->vertices);
  split_in_order(g, parts, in_order);
  if (!split_by_metis(g, parts, part) ||
      (cut_of(g, in_order) <= cut_of(g, part) && heaviest(g, parts, in_order) <= 1.01 * (double)heaviest(g, parts, part)))
    memcpy(part, in_order, (size_t)g->vertices * sizeof *part);
  free(in_order);
}

void art_par_partition_bound(const art_net *net, int32_t parts, int64_t bond_count, const art_bond *bond, const int64_t *measured,
                             int32_t *part)
{
  memset(part, 0, (size_t)net->node_count * sizeof *part);
  if (parts <= 1 || net->node_count == 0) return;  // METIS refuses a single part
  groups g = { ART_NEW(int32_t, net->node_count), ART_NEW(int64_t, net->node_count) };
  int64_t *load = ART_NEW(int64_t, net->node_count);
  int64_t total = load_nodes(net, load);
  if (measured) {
    memcpy(load, measured, (size_t)net->node_count * sizeof *load);
    total = 0;
    for (int32_t node = 0; node < net->node_count; ++node) total += load[node];
  }
  memcpy(g.load, load, (size_t)net->node_count * sizeof *load);
  for (int32_t node = 0; node < net->node_count; ++node) g.parent[node] = node;
  unite_signals(net, &g);
  for (int64_t i = 0; i < bond_count; ++i) unite(&g, bond[i].a, bond[i].b);
  unite_short_links(net, &g, total / (4 * (int64_t)parts));

  int32_t *vertex_of = ART_NEW(int32_t, net->node_count);
  int32_t vertices = 0;
  for (int32_t node = 0; node < net->node_count; ++node)  // a root comes before its members
    vertex_of[node] = root_of(&g, node) == node ? vertices++ : vertex_of[root_of(&g, node)];
  graph contracted = build_graph(net, vertex_of, vertices, load, total);
  idx_t *vertex_part = ART_NEW(idx_t, vertices);
  split(&contracted, parts, vertex_part);
  for (int32_t node = 0; node < net->node_count; ++node) part[node] = (int32_t)vertex_part[vertex_of[node]];

  free(vertex_part);
  free(contracted.first);
  free(contracted.neighbour);
  free(contracted.edge_weight);
  free(contracted.vertex_weight);
  free(vertex_of);
  free(load);
  free(g.parent);
  free(g.load);
}
