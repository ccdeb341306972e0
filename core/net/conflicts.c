// Where the paths of a node meet. Right of way comes from rules or from a file, places come from geometry.
//
// A zone on a path is where a body there can touch a body on the other path: where the centre lines are closer than the
// clearance (paths_internal.h). Distances are measured along the drawn shape and scaled to the driven length of the connector.
#include "core/net/conflicts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/paths_internal.h"
#include "core/par/each.h"
#include "core/par/par.h"

/// From the front bumper at the holding point to the zone that it waits for.
#define HOLD_MARGIN_M 0.75
/// A holding point nearer to the stop line than this gains nothing (measured on Bologna).
#define HOLD_LEAST_M 2.0
/// Below this many connectors one thread does it before others have started.
enum { LEAST_SHARED = 2000 };

typedef struct pair_row {
  int32_t a, b;
  uint8_t kind, a_yields, b_yields;
  float enter[2], exit[2];  // driven
} pair_row;

typedef struct finder {
  art_net *net;
  const art_lane_shapes *shapes;
  art_conflict_counts *counts;
  art_path *paths;  // of all connectors
  double *s, *inverse;  // theirs, one block each
  pair_row *row;
  int32_t row_count, row_capacity;
  int64_t foes_not_meeting, meeting_not_foes;
} finder;

static void make_paths(finder *f)
{
  const art_net *net = f->net;
  const art_lane_shapes *shapes = f->shapes;
  const int64_t begin = shapes->first_point[net->link_lane_count], end = shapes->first_point[net->lane_count];
  f->s = ART_NEW(double, end - begin);
  f->inverse = ART_NEW(double, end - begin);
  f->paths = ART_NEW(art_path, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t lane = net->link_lane_count + c;
    const int64_t first = shapes->first_point[lane];
    art_path *p = &f->paths[c];
    *p = (art_path){ .x = shapes->x + first,
                 .y = shapes->y + first,
                 .s = f->s + (first - begin),
                 .inverse = f->inverse + (first - begin),
                 .count = (int32_t)(shapes->first_point[lane + 1] - first) };
    p->x_lo = p->x_hi = p->x[0];
    p->y_lo = p->y_hi = p->y[0];
    for (int32_t i = 1; i < p->count; ++i) {
      const double dx = p->x[i] - p->x[i - 1], dy = p->y[i] - p->y[i - 1], square = dx * dx + dy * dy;
      p->s[i] = p->s[i - 1] + hypot(dx, dy);
      p->inverse[i - 1] = square > 0.0 ? 1.0 / square : 0.0;
      p->x_lo = fmin(p->x_lo, p->x[i]);
      p->x_hi = fmax(p->x_hi, p->x[i]);
      p->y_lo = fmin(p->y_lo, p->y[i]);
      p->y_hi = fmax(p->y_hi, p->y[i]);
    }
    p->total = p->s[p->count - 1];
    p->scale = p->total > 0.0 ? (double)net->lane_length_m[lane] / p->total : 0.0;
  }
}

static void add_row(finder *f, int32_t a, int32_t b, art_conflict_kind kind, int a_yields, int b_yields,
                    const art_zone *z)
{
  pair_row row = {
    .a = a, .b = b, .kind = (uint8_t)kind, .a_yields = (uint8_t)a_yields, .b_yields = (uint8_t)b_yields
  };
  for (int side = 0; side < 2; ++side) {
    const int32_t c = side ? b : a;
    const float length = f->net->lane_length_m[f->net->link_lane_count + c];
    const float enter = (float)(z->enter[side] * f->paths[c].scale),
                exit = (float)(z->exit[side] * f->paths[c].scale);
    row.exit[side] = fminf(fmaxf(exit, 0.0f), length);
    row.enter[side] = fminf(fmaxf(enter, 0.0f), row.exit[side]);
    // A path drawn as one point has no distances: all of it is the zone.
    if (f->paths[c].total <= 0.0) row.enter[side] = 0.0f, row.exit[side] = length;
  }
  ART_PUSH(f->row, f->row_count, f->row_capacity, row);
}

static void find_shared(finder *f, int32_t a, int32_t b, art_conflict_kind kind, int a_yields, int b_yields)
{
  const art_path *const on[2] = { &f->paths[a], &f->paths[b] };
  art_zone z;
  for (int side = 0; side < 2; ++side) {
    const art_path *p = on[side], *other = on[1 - side];
    const int32_t last = p->count > 1 ? p->count - 2 : 0, others_last = other->count > 1 ? other->count - 2 : 0;
    z.enter[side] = kind == ART_CONFLICT_DIVERGE
                        ? 0.0
                        : art_path_leave(p, p->total, -1, other, ART_SHARED_CLEARANCE_M, last, others_last);
    z.exit[side] =
        kind == ART_CONFLICT_DIVERGE ? art_path_leave(p, 0.0, 1, other, ART_SHARED_CLEARANCE_M, 0, 0) : p->total;
  }
  // Paths may also cross before they join or after they part; then the zone reaches that far.
  const art_zone shared = z;
  art_paths_cross(on[0], on[1], &shared, &z);
  add_row(f, a, b, kind, a_yields, b_yields, &z);
}

static void find_pair(finder *f, int32_t a, int32_t b, art_right_of_way rule)
{
  const art_net *net = f->net;
  if (net->connector_from[a] == net->connector_from[b]) {
    find_shared(f, a, b, ART_CONFLICT_DIVERGE, 0, 0);
    return;
  }
  if (net->connector_to[a] == net->connector_to[b]) {
    find_shared(f, a, b, ART_CONFLICT_MERGE, rule.a_yields, rule.b_yields);
    return;
  }
  const art_path *p = &f->paths[a], *q = &f->paths[b];
  art_zone z = { .enter = { INFINITY, INFINITY }, .exit = { -INFINITY, -INFINITY } };
  int meet = !art_paths_are_apart(p, q, ART_CROSS_CLEARANCE_M) && art_paths_cross(p, q, NULL, &z) > 0;
  // Side by side from or into one link is parallel running, not a conflict.
  const int share_link = net->lane_link[net->connector_from[a]] == net->lane_link[net->connector_from[b]] ||
                         net->lane_link[net->connector_to[a]] == net->lane_link[net->connector_to[b]];
  if (!meet && rule.are_foes && !share_link && !art_paths_are_apart(p, q, ART_TOUCH_M)) meet = art_paths_touch(p, q, &z);
  if (meet) add_row(f, a, b, ART_CONFLICT_CROSS, rule.a_yields, rule.b_yields, &z);
  f->foes_not_meeting += !meet && rule.are_foes;
  f->meeting_not_foes += meet && !rule.are_foes;
}

/// Two rows for each pair, grouped by connector. Pairs come in ascending order of `a`, then `b`, within a node.
static void fill_rows(finder *f)
{
  art_net *net = f->net;
  const int32_t n = net->conflict_count = 2 * f->row_count;
  net->conflict_first = ART_NEW(int32_t, net->connector_count + 1);
  net->conflict_other = ART_NEW(int32_t, n);
  net->conflict_kind = ART_NEW(uint8_t, n);
  net->conflict_yield = ART_NEW(uint8_t, n);
  net->conflict_enter_m = ART_NEW(float, n);
  net->conflict_exit_m = ART_NEW(float, n);
  net->conflict_other_enter_m = ART_NEW(float, n);
  net->conflict_other_exit_m = ART_NEW(float, n);
  int32_t *at = ART_NEW(int32_t, net->connector_count);
  for (int32_t i = 0; i < f->row_count; ++i) {
    ++net->conflict_first[f->row[i].a + 1];
    ++net->conflict_first[f->row[i].b + 1];
  }
  for (int32_t c = 0; c < net->connector_count; ++c) net->conflict_first[c + 1] += net->conflict_first[c];
  for (int32_t i = 0; i < f->row_count; ++i) {
    const pair_row *r = &f->row[i];
    for (int side = 0; side < 2; ++side) {
      const int32_t c = side ? r->b : r->a, k = net->conflict_first[c] + at[c]++;
      net->conflict_other[k] = side ? r->a : r->b;
      net->conflict_kind[k] = r->kind;
      net->conflict_yield[k] = side ? r->b_yields : r->a_yields;
      net->conflict_enter_m[k] = r->enter[side];
      net->conflict_exit_m[k] = r->exit[side];
      net->conflict_other_enter_m[k] = r->enter[1 - side];
      net->conflict_other_exit_m[k] = r->exit[1 - side];
    }
    f->counts->crossings += r->kind == ART_CONFLICT_CROSS;
    f->counts->merges += r->kind == ART_CONFLICT_MERGE;
    f->counts->diverges += r->kind == ART_CONFLICT_DIVERGE;
  }
  free(at);
}

/// Holding points lie before the first crossing with a stream that is yielded to: SUMO's own positions follow from other
/// needs and are often beyond or far before it.
static void place_holds(finder *f)
{
  art_net *net = f->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (!net->connector_cont[c]) continue;
    float first = INFINITY;
    for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
      if (net->conflict_kind[k] == ART_CONFLICT_CROSS && net->conflict_yield[k])
        first = fminf(first, net->conflict_enter_m[k]);
    const float hold = first - (float)HOLD_MARGIN_M;
    if (!isfinite(hold) || hold < (float)HOLD_LEAST_M) continue;
    net->connector_hold_m[c] = hold;
    ++f->counts->holding_points;
  }
}

/// Rows of one node among those of the thread that found them.
typedef struct node_rows {
  int32_t thread, first, count;
} node_rows;

/// Rows in order of nodes out of the rows of threads, which are freed.
static void gather_rows(finder *f, const node_rows *of_node, finder *part, int32_t parts)
{
  for (int32_t i = 0; i < parts; ++i) f->row_count += part[i].row_count;
  f->row = ART_NEW(pair_row, f->row_count);
  int32_t filled = 0;
  for (int32_t node = 0; node < f->net->node_count; ++node) {
    const node_rows *n = &of_node[node];
    if (n->count) memcpy(f->row + filled, part[n->thread].row + n->first, (size_t)n->count * sizeof *f->row);
    filled += n->count;
  }
  for (int32_t i = 0; i < parts; ++i) {
    f->counts->foes_not_meeting += part[i].foes_not_meeting;
    f->counts->meeting_not_foes += part[i].meeting_not_foes;
    free(part[i].row);
  }
}

/// The work on one node: rows of a thread's own.
typedef struct node_work {
  finder *part;  // of threads
  node_rows *of_node;
  art_ask_right_of_way ask;
  void *context;
} node_work;

static void find_rows_of(void *context, int thread, int32_t node)
{
  const node_work *w = context;
  finder *mine = &w->part[thread];
  const art_net *net = mine->net;
  const int32_t before = mine->row_count;
  for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i)
    for (int32_t k = i + 1; k < net->node_first_connector[node + 1]; ++k) {
      const int32_t a = net->node_connector[i], b = net->node_connector[k];
      find_pair(mine, a, b, w->ask(w->context, a, b));
    }
  w->of_node[node] = (node_rows){ .thread = thread, .first = before, .count = mine->row_count - before };
}

/// Nodes do not depend on each other; threads take them as they come.
static void find_rows(finder *f, art_ask_right_of_way ask, void *context)
{
  const art_net *net = f->net;
  const int threads = net->connector_count < LEAST_SHARED ? 1 : art_par_default_threads();
  node_work w = { ART_NEW(finder, threads), ART_NEW(node_rows, net->node_count), ask, context };
  for (int i = 0; i < threads; ++i) w.part[i] = *f;
  art_each(threads, net->node_count, 16, find_rows_of, &w);
  gather_rows(f, w.of_node, w.part, threads);
  free(w.part);
  free(w.of_node);
}

void art_conflicts_find(art_net *net, const art_lane_shapes *shapes, art_ask_right_of_way ask, void *context,
                        art_conflict_counts *counts)
{
  finder f = { .net = net, .shapes = shapes, .counts = counts };
  make_paths(&f);
  find_rows(&f, ask, context);
  fill_rows(&f);
  place_holds(&f);
  free(f.paths);
  free(f.s);
  free(f.inverse);
  free(f.row);
}
