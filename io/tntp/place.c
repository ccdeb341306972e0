// Places for nodes without coordinates: classical scaling of the distances to a few pivots.
#include <math.h>
#include <stdlib.h>

#include "core/base/heap.h"
#include "core/base/memory.h"
#include "io/tntp/tntp.h"

enum { MOST_PIVOTS = 40, ROUNDS = 200, MOST_COMPARED = 6000 };
#define APART 0.15  // nodes nearer than this share of the median link are moved apart

typedef struct graph {
  int32_t nodes, *first, *to;
  double *length;
  art_heap_item *heap;
} graph;

/// Links both ways.
static graph graph_of(const art_tntp_net *net, const double *length_m)
{
  graph g = { .nodes = net->nodes,
              .first = ART_NEW(int32_t, net->nodes + 2),
              .to = ART_NEW(int32_t, 2 * net->link_count) };
  g.length = ART_NEW(double, 2 * net->link_count);
  g.heap = ART_NEW(art_heap_item, 2 * net->link_count + 2);
  for (int32_t l = 0; l < net->link_count; ++l) {
    ++g.first[net->link[l].from + 1];
    ++g.first[net->link[l].to + 1];
  }
  for (int32_t i = 0; i < g.nodes; ++i) g.first[i + 2] += g.first[i + 1];
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t a = net->link[l].from - 1, b = net->link[l].to - 1;
    const int32_t p = g.first[a + 1]++, q = g.first[b + 1]++;
    g.to[p] = b, g.to[q] = a;
    g.length[p] = g.length[q] = length_m[l];
  }
  return g;
}

static void graph_free(graph *g)
{
  free(g->first);
  free(g->to);
  free(g->length);
  free(g->heap);
}

/// Distances from one node (Dijkstra 1959); what cannot be reached is as far as the farthest.
static void distances(graph *g, int32_t from, double *d)
{
  int32_t count = 0;
  double farthest = 0.0;
  for (int32_t i = 0; i < g->nodes; ++i) d[i] = INFINITY;
  d[from] = 0.0;
  art_heap_push(g->heap, &count, (art_heap_item){ 0.0, from });
  while (count) {
    const art_heap_item top = art_heap_pop(g->heap, &count);
    if (top.cost > d[top.index]) continue;
    farthest = top.cost;
    for (int32_t k = g->first[top.index]; k < g->first[top.index + 1]; ++k) {
      const double cost = top.cost + g->length[k];
      if (cost >= d[g->to[k]]) continue;
      d[g->to[k]] = cost;
      art_heap_push(g->heap, &count, (art_heap_item){ cost, g->to[k] });
    }
  }
  for (int32_t i = 0; i < g->nodes; ++i)
    if (!isfinite(d[i])) d[i] = farthest;
}

/// Squared distances to pivots, each the farthest from those before, centred in rows and columns.
static double *centred(graph *g, int32_t pivots)
{
  const int32_t n = g->nodes;
  double *c = ART_NEW(double, (size_t)n *(size_t)pivots), *d = ART_NEW(double, n),
         *nearest = ART_NEW(double, n);
  int32_t pivot = 0;
  for (int32_t k = 0; k < pivots; ++k) {
    distances(g, pivot, d);
    for (int32_t i = 0; i < n; ++i) {
      c[(size_t)i * (size_t)pivots + (size_t)k] = d[i] * d[i];
      nearest[i] = k ? fmin(nearest[i], d[i]) : d[i];
    }
    pivot = 0;
    for (int32_t i = 1; i < n; ++i)
      if (nearest[i] > nearest[pivot]) pivot = i;
  }
  double *column = ART_NEW(double, pivots), all = 0.0;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t k = 0; k < pivots; ++k) column[k] += c[(size_t)i * (size_t)pivots + (size_t)k] / n;
  for (int32_t k = 0; k < pivots; ++k) all += column[k] / pivots;
  for (int32_t i = 0; i < n; ++i) {
    double row = 0.0, *own = c + (size_t)i * (size_t)pivots;
    for (int32_t k = 0; k < pivots; ++k) row += own[k] / pivots;
    for (int32_t k = 0; k < pivots; ++k) own[k] = -0.5 * (own[k] - row - column[k] + all);
  }
  free(column);
  free(nearest);
  free(d);
  return c;
}

/// The strongest direction of c'c across `other` (NULL: any), by repeated multiplication.
static void strongest(const double *square, int32_t m, const double *other, double *v)
{
  for (int32_t i = 0; i < m; ++i) v[i] = 1.0 + 0.1 * i * (i % 2 ? 1.0 : -1.0);
  double *w = ART_NEW(double, m);
  for (int round = 0; round < ROUNDS; ++round) {
    double along = 0.0, length = 0.0;
    for (int32_t i = 0; i < m && other; ++i) along += v[i] * other[i];
    for (int32_t i = 0; i < m && other; ++i) v[i] -= along * other[i];
    for (int32_t i = 0; i < m; ++i) {
      w[i] = 0.0;
      for (int32_t k = 0; k < m; ++k) w[i] += square[i * m + k] * v[k];
      length += w[i] * w[i];
    }
    if (length <= 0.0) break;
    for (int32_t i = 0; i < m; ++i) v[i] = w[i] / sqrt(length);
  }
  free(w);
}

/// Nodes on top of each other move apart along a spiral, so that every link has a direction of its own.
static void spread(int32_t n, double apart_m, double *xy)
{
  for (int32_t i = 0; i < n && n <= MOST_COMPARED; ++i)
    for (int32_t k = 0; k < i; ++k) {
      if (hypot(xy[2 * i] - xy[2 * k], xy[2 * i + 1] - xy[2 * k + 1]) >= apart_m) continue;
      const double angle = 2.399963 * i, reach = apart_m * (1.0 + (i % 7) / 7.0);  // the golden angle
      xy[2 * i] += reach * cos(angle);
      xy[2 * i + 1] += reach * sin(angle);
    }
}

static int compare_doubles(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

void art_tntp_place(const art_tntp_net *net, const double *length_m, double *xy)
{
  const int32_t n = net->nodes, m = n < MOST_PIVOTS ? n : MOST_PIVOTS;
  graph g = graph_of(net, length_m);
  double *c = centred(&g, m);
  double *square = ART_NEW(double, m *m), *v = ART_NEW(double, 2 * m);
  for (int32_t i = 0; i < n; ++i)
    for (int32_t a = 0; a < m; ++a)
      for (int32_t b = 0; b < m; ++b)
        square[a * m + b] += c[(size_t)i * (size_t)m + (size_t)a] * c[(size_t)i * (size_t)m + (size_t)b];
  strongest(square, m, NULL, v);
  strongest(square, m, v, v + m);
  for (int32_t i = 0; i < n; ++i)
    for (int axis = 0; axis < 2; ++axis) {
      double sum = 0.0;
      for (int32_t k = 0; k < m; ++k) sum += c[(size_t)i * (size_t)m + (size_t)k] * v[axis * m + k];
      xy[2 * i + axis] = sum;
    }
  // To the scale of the links.
  double *ratio = ART_NEW(double, net->link_count), *length = ART_NEW(double, net->link_count);
  int32_t count = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t a = 2 * (net->link[l].from - 1), b = 2 * (net->link[l].to - 1);
    const double drawn = hypot(xy[b] - xy[a], xy[b + 1] - xy[a + 1]);
    length[l] = length_m[l];
    if (drawn > 0.0) ratio[count++] = length_m[l] / drawn;
  }
  art_sort(ratio, (size_t)count, sizeof *ratio, compare_doubles);
  art_sort(length, (size_t)net->link_count, sizeof *length, compare_doubles);
  const double scale = count ? ratio[count / 2] : 1.0;
  for (int32_t i = 0; i < 2 * n; ++i) xy[i] *= scale;
  spread(n, fmax(APART * length[net->link_count / 2], 1.0), xy);
  free(length);
  free(ratio);
  free(v);
  free(square);
  free(c);
  graph_free(&g);
}
