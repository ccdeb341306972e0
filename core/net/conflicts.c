// Where the paths of a node meet. Right of way comes from rules or from a file, places come from geometry.
//
// A zone on a path is where a body there can touch a body on the other path: where the centre lines are closer than the
// clearance below. Distances are measured along the drawn shape and scaled to the driven length of the connector.
#include "core/net/conflicts.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Centre to centre; a car is 1.8 m wide, a bus 2.5 m.
#define CROSS_CLEARANCE_M 2.0
#define SHARED_CLEARANCE_M 2.2
/// Paths that come closer than this without crossing would touch with any two cars: opposing left turns, for example.
#define TOUCH_M 1.2
/// From the front bumper at the holding point to the zone that it waits for.
#define HOLD_MARGIN_M 0.75
/// A holding point nearer to the stop line than this gains nothing (measured on Bologna).
#define HOLD_LEAST_M 2.0
#define STEP_M 0.2
/// Below this many connectors one thread does it before others have started.
enum { LEAST_SHARED = 2000 };

typedef struct path {
  const double *x, *y;
  double *s;        // drawn distance of each point from the start
  double *inverse;  // of the square of the length from each point to the next; 0 where they are one
  int32_t count;
  double total, scale;  // scale: driven metres per drawn metre
  double x_lo, x_hi, y_lo, y_hi;
} path;

typedef struct zone {
  double enter[2], exit[2];  // drawn distances on path 0 and 1
} zone;

typedef struct pair_row {
  int32_t a, b;
  uint8_t kind, a_yields, b_yields;
  float enter[2], exit[2];  // driven
} pair_row;

typedef struct finder {
  art_net *net;
  const art_lane_shapes *shapes;
  art_conflict_counts *counts;
  path *paths;  // of all connectors
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
  f->paths = ART_NEW(path, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t lane = net->link_lane_count + c;
    const int64_t first = shapes->first_point[lane];
    path *p = &f->paths[c];
    *p = (path){ .x = shapes->x + first,
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

/// From the nearest point of a segment to a point.
static void offset_from(double x, double y, double x0, double y0, double x1, double y1, double *ex, double *ey)
{
  const double dx = x1 - x0, dy = y1 - y0, square = dx * dx + dy * dy;
  double t = square > 0.0 ? ((x - x0) * dx + (y - y0) * dy) / square : 0.0;
  t = t > 0.0 ? t : 0.0;
  t = t < 1.0 ? t : 1.0;
  *ex = x - x0 - t * dx;
  *ey = y - y0 - t * dy;
}

/// What squares tell is not worth hypot(); this margin is far above their rounding, so that results are the same bits.
#define SQUARE_MARGIN 1e-12

/// What multiplying by an inverse gives is not what dividing gives; this margin is far above the difference.
#define QUICK_MARGIN 1e-9

/// The place at `s`. The search begins at segment *near and leaves there the one that it found.
static void point_at(const path *p, double s, int32_t *near, double *x, double *y)
{
  int32_t i = *near;
  while (i > 0 && p->s[i] >= s) --i;
  while (i + 2 < p->count && p->s[i + 1] < s) ++i;
  *near = i;
  const double part = p->s[i + 1] - p->s[i];
  double t = part > 0.0 ? (s - p->s[i]) / part : 0.0;
  t = t > 0.0 ? t : 0.0;
  t = t < 1.0 ? t : 1.0;
  *x = p->x[i] + t * (p->x[i + 1] - p->x[i]);
  *y = p->y[i] + t * (p->y[i + 1] - p->y[i]);
}

static int is_outside_box(const path *p, double x, double y, double margin)
{
  return x < p->x_lo - margin || x > p->x_hi + margin || y < p->y_lo - margin || y > p->y_hi + margin;
}

/// At most the distance of a point to the box of a path.
static double box_distance(const path *p, double x, double y)
{
  return fmax(fmax(p->x_lo - x, x - p->x_hi), fmax(p->y_lo - y, y - p->y_hi));
}

/// The square of the distance of a point to segment `k` of a path, to QUICK_MARGIN.
static inline double segment_square(const path *p, int32_t k, double x, double y)
{
  const double dx = p->x[k + 1] - p->x[k], dy = p->y[k + 1] - p->y[k], fx = x - p->x[k], fy = y - p->y[k];
  double t = (fx * dx + fy * dy) * p->inverse[k];
  t = t > 0.0 ? t : 0.0;
  t = t < 1.0 ? t : 1.0;
  const double ex = fx - t * dx, ey = fy - t * dy;
  return ex * ex + ey * ey;
}

/// The square of the distance of a point to segments from `first` up to `end`, to QUICK_MARGIN, and the nearest one.
static double square_to(const path *p, int32_t first, int32_t end, double x, double y, int32_t *nearest)
{
  double least = INFINITY;
  for (int32_t k = first; k < end; ++k) {
    const double square = segment_square(p, k, x, y);
    if (!(square < least)) continue;
    least = square;
    *nearest = k;
  }
  return least;
}

/// The lesser of `limit` and the distance of a point to a path, as hypot() has it.
static double distance_below(const path *p, double x, double y, double limit)
{
  double ex, ey;
  for (int32_t k = 0; k + 1 < p->count; ++k) {
    offset_from(x, y, p->x[k], p->y[k], p->x[k + 1], p->y[k + 1], &ex, &ey);
    if (ex * ex + ey * ey > limit * limit * (1.0 + SQUARE_MARGIN)) continue;
    const double d = hypot(ex, ey);
    limit = d < limit ? d : limit;
  }
  return limit;
}

/// What is told of a place on a path holds for its surroundings, too: nothing changes faster than one goes.
/// The slack is far above the rounding of coordinates.
#define SURE_SLACK_M 1e-6

/// Stretches of a path that are known to be clear of another path, or to be within the clearance of it.
typedef struct search {
  const path *p, *other;
  double clearance;
  double at[2], reach[2];  // of the last place that was not clear, and of the last that was
  int32_t on;              // segment where the last place was
  int32_t nearest;         // segment of the other path
  int32_t first, end;      // segments of it that can be near enough
} search;

/// Leaves out what cannot be within the clearance of any place closer than `span` to the one at `s`.
static void narrow(search *q, double s, double span)
{
  const double most = q->clearance + span + SURE_SLACK_M;
  const int32_t end = q->end;
  double x, y;
  point_at(q->p, s, &q->on, &x, &y);
  q->first = q->end;
  for (int32_t k = 0; k < end; ++k) {
    if (segment_square(q->other, k, x, y) > most * most) continue;
    if (q->first == end) q->first = k;
    q->end = k + 1;
  }
  if (q->first == end) q->first = 0;  // none: nothing to gain
}

/// 1: the point at `s` is farther from the other path than the clearance.
static int is_clear_at(search *q, double s)
{
  for (int clear = 0; clear < 2; ++clear)
    if (fabs(s - q->at[clear]) < q->reach[clear]) return clear;
  const double square = q->clearance * q->clearance;
  double x, y, least = INFINITY, reach;
  int clear = 1;
  point_at(q->p, s, &q->on, &x, &y);
  if (is_outside_box(q->other, x, y, q->clearance * (1.0 + SQUARE_MARGIN))) {
    reach = box_distance(q->other, x, y) - q->clearance;
  } else {
    // Neighbours are near the same segment, and one that is near enough settles it.
    if (q->other->count > 1) least = segment_square(q->other, q->nearest, x, y);
    if (!(least < square * (1.0 - QUICK_MARGIN)))
      least = square_to(q->other, q->first, q->end, x, y, &q->nearest);
    if (least < square * (1.0 - QUICK_MARGIN))
      clear = 0;
    else if (least <= square * (1.0 + QUICK_MARGIN))
      clear = distance_below(q->other, x, y, INFINITY) > q->clearance;
    reach = fabs(sqrt(least) - q->clearance);
  }
  q->at[clear] = s;
  q->reach[clear] = reach - SURE_SLACK_M;
  return clear;
}

static double step_of(const path *p)
{
  return fmax(STEP_M, p->total / 2000.0);
}

/// From `s` on, in direction `sign`, the end of the stretch within `clearance` of the other path.
static double stretch_end(const path *p, double s, int sign, const path *other, double clearance)
{
  search q = { .p = p, .other = other, .clearance = clearance, .end = other->count - 1 };
  const double step = sign * step_of(p), limit = sign > 0 ? p->total : 0.0;
  double near = s;
  for (;;) {
    double far = near + step;
    // What the last look tells needs no other; the places are reached step by step all the same.
    const double at = q.at[0], reach = q.reach[0];
    while (fabs(far - at) < reach && sign * (far - limit) < 0.0) {
      near = far;
      far = near + step;
    }
    if (sign * (far - limit) >= 0.0) far = limit;
    if (is_clear_at(&q, far)) {
      narrow(&q, far, fabs(far - near));
      for (int i = 0; i < 8; ++i) {
        const double middle = 0.5 * (near + far);
        if (is_clear_at(&q, middle))
          far = middle;
        else
          near = middle;
      }
      return near;
    }
    if (far == limit) return limit;
    near = far;
  }
}

static double turn_area(double ax, double ay, double bx, double by, double cx, double cy)
{
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/// Widens `z` by the zone around every proper crossing of the two centre lines. Returns how many there are.
static int crossings(const path *a, const path *b, zone *z)
{
  int count = 0;
  for (int32_t i = 0; i + 1 < a->count; ++i) {
    double p, q = turn_area(a->x[i], a->y[i], a->x[i + 1], a->y[i + 1], b->x[0], b->y[0]);
    for (int32_t k = 0; k + 1 < b->count; ++k) {
      p = q;
      q = turn_area(a->x[i], a->y[i], a->x[i + 1], a->y[i + 1], b->x[k + 1], b->y[k + 1]);
      if ((p > 0.0) == (q > 0.0)) continue;
      const double u = turn_area(b->x[k], b->y[k], b->x[k + 1], b->y[k + 1], a->x[i], a->y[i]);
      const double v = turn_area(b->x[k], b->y[k], b->x[k + 1], b->y[k + 1], a->x[i + 1], a->y[i + 1]);
      // A point on the other line counts to one side, so that crossings at corners of a shape are not missed.
      if ((u > 0.0) == (v > 0.0)) continue;
      const double at[2] = { a->s[i] + u / (u - v) * (a->s[i + 1] - a->s[i]),
                             b->s[k] + p / (p - q) * (b->s[k + 1] - b->s[k]) };
      const path *const on[2] = { a, b }, *const other[2] = { b, a };
      for (int side = 0; side < 2; ++side) {
        const double enter = stretch_end(on[side], at[side], -1, other[side], CROSS_CLEARANCE_M);
        const double exit = stretch_end(on[side], at[side], 1, other[side], CROSS_CLEARANCE_M);
        z->enter[side] = fmin(z->enter[side], enter);
        z->exit[side] = fmax(z->exit[side], exit);
      }
      ++count;
    }
  }
  return count;
}

/// Where the paths come closest, if that is closer than TOUCH_M; else -1.
static double closest_touch(const path *a, const path *b)
{
  double least = TOUCH_M, at = -1.0, far_until = 0.0;
  int32_t nearest = 0, on = 0;
  const double step = step_of(a);
  for (double s = 0.0; s <= a->total; s += step) {
    if (s < far_until) continue;
    double x, y, far, d = least;
    point_at(a, s, &on, &x, &y);
    if (is_outside_box(b, x, y, least * (1.0 + SQUARE_MARGIN))) {
      far = box_distance(b, x, y);
    } else {
      far = sqrt(square_to(b, 0, b->count - 1, x, y, &nearest));
      if (far < least * (1.0 + QUICK_MARGIN)) d = distance_below(b, x, y, least);
    }
    far_until = s + far - d - SURE_SLACK_M;
    if (d >= least) continue;
    least = d;
    at = s;
  }
  return at;
}

/// Zone of two paths that touch without crossing. Returns 0 if they do not.
static int touching(const path *a, const path *b, zone *z)
{
  const double at[2] = { closest_touch(a, b), closest_touch(b, a) };
  if (at[0] < 0.0 || at[1] < 0.0) return 0;
  const path *const on[2] = { a, b }, *const other[2] = { b, a };
  for (int side = 0; side < 2; ++side) {
    z->enter[side] = stretch_end(on[side], at[side], -1, other[side], CROSS_CLEARANCE_M);
    z->exit[side] = stretch_end(on[side], at[side], 1, other[side], CROSS_CLEARANCE_M);
  }
  return 1;
}

static int boxes_are_apart(const path *a, const path *b, double clearance)
{
  return a->x_lo > b->x_hi + clearance || b->x_lo > a->x_hi + clearance || a->y_lo > b->y_hi + clearance ||
         b->y_lo > a->y_hi + clearance;
}

static void add_row(finder *f, int32_t a, int32_t b, art_conflict_kind kind, int a_yields, int b_yields,
                    const zone *z)
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
  const path *const on[2] = { &f->paths[a], &f->paths[b] };
  zone z;
  for (int side = 0; side < 2; ++side) {
    const path *p = on[side], *other = on[1 - side];
    z.enter[side] =
        kind == ART_CONFLICT_DIVERGE ? 0.0 : stretch_end(p, p->total, -1, other, SHARED_CLEARANCE_M);
    z.exit[side] =
        kind == ART_CONFLICT_DIVERGE ? stretch_end(p, 0.0, 1, other, SHARED_CLEARANCE_M) : p->total;
  }
  // Paths may also cross before they join or after they part; then the zone reaches that far.
  crossings(on[0], on[1], &z);
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
  const path *p = &f->paths[a], *q = &f->paths[b];
  zone z = { .enter = { INFINITY, INFINITY }, .exit = { -INFINITY, -INFINITY } };
  int meet = !boxes_are_apart(p, q, CROSS_CLEARANCE_M) && crossings(p, q, &z) > 0;
  // Side by side from or into one link is parallel running, not a conflict.
  const int share_link = net->lane_link[net->connector_from[a]] == net->lane_link[net->connector_from[b]] ||
                         net->lane_link[net->connector_to[a]] == net->lane_link[net->connector_to[b]];
  if (!meet && rule.are_foes && !share_link && !boxes_are_apart(p, q, TOUCH_M)) meet = touching(p, q, &z);
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

/// Nodes do not depend on each other; threads take them as they come.
static void find_rows(finder *f, art_ask_right_of_way ask, void *context)
{
  const art_net *net = f->net;
  const int32_t threads = net->connector_count < LEAST_SHARED ? 1 : omp_get_max_threads();
  node_rows *of_node = ART_NEW(node_rows, net->node_count);
  finder *part = ART_NEW(finder, threads);
#pragma omp parallel num_threads(threads)
  {
    finder mine = *f;
    const int32_t thread = omp_get_thread_num();
#pragma omp for schedule(dynamic, 16)
    for (int32_t node = 0; node < net->node_count; ++node) {
      of_node[node] = (node_rows){ .thread = thread, .first = mine.row_count };
      for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i)
        for (int32_t k = i + 1; k < net->node_first_connector[node + 1]; ++k) {
          const int32_t a = net->node_connector[i], b = net->node_connector[k];
          find_pair(&mine, a, b, ask(context, a, b));
        }
      of_node[node].count = mine.row_count - of_node[node].first;
    }
    part[thread] = mine;
  }
  gather_rows(f, of_node, part, threads);
  free(part);
  free(of_node);
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
