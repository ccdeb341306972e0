// Where the paths of a node meet. Right of way comes from rules or from a file, places come from geometry.
//
// A zone on a path is where a body there can touch a body on the other path: where the centre lines are closer than the
// clearance below. Distances are measured along the drawn shape and scaled to the driven length of the connector.
#include "core/net/conflicts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/each.h"
#include "core/par/par.h"

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

/// The lesser of `limit` and the distance of a point to segments from `first` up to `end`, as hypot() has it.
static double distance_below(const path *p, int32_t first, int32_t end, double x, double y, double limit)
{
  double ex, ey;
  for (int32_t k = first; k < end; ++k) {
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

/// A walk along a path within the clearance of another.
typedef struct search {
  const path *p, *other;
  double clearance, step;
  int32_t on;          // segment where the last place was
  int32_t nearest;     // segment of the other path: neighbours are near the same one
  int32_t first, end;  // segments of it that can be within the clearance a step from the last place that was not
} search;

/// The square of the distance of a point to the other path, to QUICK_MARGIN, and which segments are hardly farther than
/// the clearance.
static double look_at(search *q, double x, double y)
{
  const path *const o = q->other;
  const double most = q->clearance + q->step + SURE_SLACK_M, near = most * most;
  double least = INFINITY;
  q->first = o->count;
  q->end = 0;
  for (int32_t k = 0; k + 1 < o->count; ++k) {
    const double square = segment_square(o, k, x, y);
    if (square > near) continue;
    if (q->first > k) q->first = k;
    q->end = k + 1;
    if (!(square < least)) continue;
    least = square;
    q->nearest = k;
  }
  return least;
}

/// 1: a point whose square of a distance is this is farther from the other path than the clearance.
static int is_clear(const search *q, double square, double x, double y)
{
  const double limit = q->clearance * q->clearance;
  if (square < limit * (1.0 - QUICK_MARGIN)) return 0;
  if (square > limit * (1.0 + QUICK_MARGIN)) return 1;
  return distance_below(q->other, 0, q->other->count - 1, x, y, INFINITY) > q->clearance;
}

/// 1: the place at `s` is farther from the other path than the clearance.
static int is_clear_at(search *q, double s)
{
  const double sure = q->clearance * q->clearance * (1.0 - QUICK_MARGIN);
  double x, y;
  point_at(q->p, s, &q->on, &x, &y);
  // Neighbours are near the same segment, and one that is near enough settles it.
  if (q->other->count > 1 && segment_square(q->other, q->nearest, x, y) < sure) return 0;
  return is_clear(q, look_at(q, x, y), x, y);
}

/// Parts of a segment, from 0 at its begin to 1 at its end.
typedef struct stretch {
  double lo, hi;
} stretch;

static inline double lesser(double a, double b)
{
  return a < b ? a : b;
}
static inline double greater(double a, double b)
{
  return a > b ? a : b;
}

/// The parts of the line from (x, y) on by (dx, dy) that lie in the circle round (0, 0) of that square of a radius: its
/// begin (sign -1) or its end (1), or `none` if there are none.
static inline double edge_of_disc(double x, double y, double dx, double dy, double inverse, double square, int sign, double none)
{
  const double half = -(x * dx + y * dy) * inverse, root = half * half - (x * x + y * y - square) * inverse;
  return root >= 0.0 ? half + sign * sqrt(root) : none;
}

/// The parts of segment `i` of a path, and of the line through it, within `clearance` of segment `k` of another: what a
/// line has in common with two discs and the strip between them, a figure without dents, is one stretch. An end of it lies
/// on a side of the strip if the foot there is on the segment, else on the disc round the end that the foot is beyond.
static stretch within_segment(const path *p, int32_t i, const path *other, int32_t k, double clearance)
{
  const double dx = p->x[i + 1] - p->x[i], dy = p->y[i + 1] - p->y[i], ex = other->x[k + 1] - other->x[k],
               ey = other->y[k + 1] - other->y[k], x = p->x[i] - other->x[k], y = p->y[i] - other->y[k],
               square = clearance * clearance, length_square = ex * ex + ey * ey, inverse = p->inverse[i],
               length = other->s[k + 1] - other->s[k];
  const double across = x * ey - y * ex, across_by = dx * ey - dy * ex, foot = x * ex + y * ey, foot_by = dx * ex + dy * ey;
  stretch in = { -INFINITY, INFINITY };  // where the line through the other segment is within the clearance
  if (length_square == 0.0 || across_by == 0.0) {
    if (fabs(across) > clearance * length) return (stretch){ INFINITY, -INFINITY };
  } else {
    const double per = 1.0 / across_by, middle = -across * per, half = fabs(clearance * length * per);
    in = (stretch){ middle - half, middle + half };
  }
  for (int sign = -1; sign <= 1; sign += 2) {
    const double at = sign < 0 ? in.lo : in.hi;
    // Along the other segment the foot is infinitely far away, to the side that one goes to.
    const double there = length_square == 0.0 ? -1.0 : isinf(at) ? sign * foot_by : foot + at * foot_by;
    double edge = at;
    if (there < 0.0)
      edge = edge_of_disc(x, y, dx, dy, inverse, square, sign, -sign * INFINITY);
    else if (there > length_square || isinf(at))
      edge = edge_of_disc(x - ex, y - ey, dx, dy, inverse, square, sign, -sign * INFINITY);
    *(sign < 0 ? &in.lo : &in.hi) = edge;
  }
  return in;
}

/// 1 or -1: to which of its neighbours segment `k` of the other path gives way, if one goes along segment `i`.
static inline int step_along(const path *p, int32_t i, const path *o, int32_t k, int sign)
{
  const double along = (p->x[i + 1] - p->x[i]) * (o->x[k + 1] - o->x[k]) +
                       (p->y[i + 1] - p->y[i]) * (o->y[k + 1] - o->y[k]);
  return (along > 0.0) == (sign > 0) ? 1 : -1;
}

/// From `s` on, which was found within the clearance, all places up to the result, in direction `sign`, are.
static double sure_until(const search *q, double s, int sign)
{
  const path *const p = q->p, *const o = q->other;
  const double near = q->clearance - SURE_SLACK_M, square = near * near;
  int32_t i = q->on, k = q->nearest;
  // Of a figure without dents, both ends of a segment in it are enough.
  double x, y;
  point_at(p, s, &i, &x, &y);
  while (i >= 0 && i + 1 < p->count) {
    const int32_t corner = sign > 0 ? i + 1 : i;
    const double corner_x = p->x[corner], corner_y = p->y[corner];
    if (!(segment_square(o, k, corner_x, corner_y) < square)) {
      const int32_t next = k + step_along(p, i, o, k, sign);
      if (next < 0 || next + 1 >= o->count || !(segment_square(o, next, x, y) < square) ||
          !(segment_square(o, next, corner_x, corner_y) < square))
        break;
      k = next;
    }
    s = p->s[corner];
    x = corner_x;
    y = corner_y;
    i += sign;
  }
  while (i >= 0 && i + 1 < p->count && k >= 0 && k + 1 < o->count) {
    const double part = p->s[i + 1] - p->s[i];
    if (p->inverse[i] == 0.0 || part <= 0.0) return s;
    const stretch in = within_segment(p, i, o, k, q->clearance - SURE_SLACK_M);
    const double at = (s - p->s[i]) / part;
    if (!(at >= in.lo && at <= in.hi)) return s;
    if (sign > 0 ? in.hi >= 1.0 : in.lo <= 0.0) {
      s = p->s[sign > 0 ? i + 1 : i];
      i += sign;
      continue;
    }
    const double end = p->s[i] + (sign > 0 ? in.hi : in.lo) * part - sign * SURE_SLACK_M;
    if (!(sign * (end - s) > 0.0)) return s;
    s = end;
    // Where one segment of the other path is left, the next is often near.
    k += step_along(p, i, o, k, sign);
  }
  return s;
}

/// All places between `near` and `far`, which is clear, that lie beyond the result, are clear.
static double clear_from(search *q, double near, double far, int sign)
{
  const path *p = q->p;
  const int32_t i = q->on;
  const double part = p->s[i + 1] - p->s[i];
  // Only where both are on one segment.
  if (p->inverse[i] == 0.0 || (sign > 0 ? near < p->s[i] : near > p->s[i + 1])) return far;
  double from = near;
  for (int32_t k = q->first; k < q->end; ++k) {
    const stretch in = within_segment(p, i, q->other, k, q->clearance + SURE_SLACK_M);
    if (in.lo > in.hi) continue;
    const double end = p->s[i] + (sign > 0 ? in.hi : in.lo) * part + sign * SURE_SLACK_M;
    const double begin = p->s[i] + (sign > 0 ? in.lo : in.hi) * part - sign * SURE_SLACK_M;
    if (sign * (begin - far) < 0.0 && sign * (end - from) > 0.0) from = end;
  }
  return from;
}

/// The end of the stretch within the clearance, between `near`, which is within, and `far`, the last that was looked at and
/// clear. All up to `until` is within.
static double halve(search *q, double near, double far, double until, int sign)
{
  const double from = clear_from(q, near, far, sign);
  const int32_t first = q->first, end = q->end;
  for (int i = 0; i < 8; ++i) {
    const double middle = 0.5 * (near + far);
    int clear;
    if (sign * (until - middle) >= 0.0) {
      clear = 0;
    } else if (sign * (middle - from) >= 0.0) {
      clear = 1;
    } else {
      double x, y;
      point_at(q->p, middle, &q->on, &x, &y);
      clear = is_clear(q, square_to(q->other, first, end, x, y, &q->nearest), x, y);
    }
    if (clear)
      far = middle;
    else
      near = middle;
  }
  return near;
}

static double step_of(const path *p)
{
  return fmax(STEP_M, p->total / 2000.0);
}

/// What is known up to there needs no look; the places are reached step by step all the same.
static void skip_known(double *near, double *far, double step, double known)
{
  while (step > 0.0 ? *far < known : *far > known) {
    *near = *far;
    *far = *near + step;
  }
}

/// From `s` on, in direction `sign`, the end of the stretch within `clearance` of the other path: the last place within,
/// of those a step apart, and of 256ths of a step from there.
/// `on` is about the segment where `s` is, `nearest` that of the other path: they save looking, no more.
static double stretch_end(const path *p, double s, int sign, const path *other, double clearance, int32_t on, int32_t nearest)
{
  search q = { .p = p, .other = other, .clearance = clearance, .step = step_of(p), .on = on, .nearest = nearest };
  const double step = sign * q.step, limit = sign > 0 ? p->total : 0.0;
  double near = s, far = s + step, until = s, x, y;
  point_at(p, s, &q.on, &x, &y);
  if (other->count > 1 && segment_square(other, q.nearest, x, y) < clearance * clearance * (1.0 - QUICK_MARGIN)) {
    until = sure_until(&q, s, sign);
    skip_known(&near, &far, step, sign > 0 ? lesser(until, limit) : greater(until, limit));
  }
  for (;;) {
    if (sign * (far - limit) >= 0.0) far = limit;
    if (is_clear_at(&q, far)) return halve(&q, near, far, until, sign);
    if (far == limit) return limit;
    until = sure_until(&q, far, sign);
    near = far;
    far = near + step;
    skip_known(&near, &far, step, sign > 0 ? lesser(until, limit) : greater(until, limit));
  }
}

static double turn_area(double ax, double ay, double bx, double by, double cx, double cy)
{
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

/// Far above the rounding of coordinates.
#define CORNER_M 1e-3

/// What two boxes have in common, and a margin.
typedef struct common_box {
  double x_lo, x_hi, y_lo, y_hi;
} common_box;

static common_box common_of(const path *a, const path *b, double margin)
{
  return (common_box){ fmax(a->x_lo, b->x_lo) - margin, fmin(a->x_hi, b->x_hi) + margin,
                       fmax(a->y_lo, b->y_lo) - margin, fmin(a->y_hi, b->y_hi) + margin };
}

/// 1: segment `i` lies beside the box.
static inline int is_beside(const path *p, int32_t i, const common_box *box)
{
  const double *x = p->x + i, *y = p->y + i;
  return (x[0] < box->x_lo && x[1] < box->x_lo) || (x[0] > box->x_hi && x[1] > box->x_hi) ||
         (y[0] < box->y_lo && y[1] < box->y_lo) || (y[0] > box->y_hi && y[1] > box->y_hi);
}

/// The segments of a path that do not lie beside the box, *first up to the result, and perhaps others between them.
static int32_t segments_in(const path *p, const common_box *box, int32_t *first)
{
  int32_t end = p->count - 1;
  *first = 0;
  while (*first < end && is_beside(p, *first, box)) ++*first;
  while (*first < end && is_beside(p, end - 1, box)) --end;
  return end;
}

/// Widens `z` by the zone around every proper crossing of the two centre lines. Returns how many there are.
static int crossings(const path *a, const path *b, zone *z)
{
  const common_box box = common_of(a, b, CORNER_M);
  if (box.x_lo > box.x_hi || box.y_lo > box.y_hi) return 0;
  int32_t a_first, b_first;
  const int32_t a_end = segments_in(a, &box, &a_first), b_end = segments_in(b, &box, &b_first);
  int count = 0;
  for (int32_t i = a_first; i < a_end; ++i) {
    double p, q = turn_area(a->x[i], a->y[i], a->x[i + 1], a->y[i + 1], b->x[b_first], b->y[b_first]);
    for (int32_t k = b_first; k < b_end; ++k) {
      p = q;
      q = turn_area(a->x[i], a->y[i], a->x[i + 1], a->y[i + 1], b->x[k + 1], b->y[k + 1]);
      if ((p > 0.0) == (q > 0.0)) continue;
      const double u = turn_area(b->x[k], b->y[k], b->x[k + 1], b->y[k + 1], a->x[i], a->y[i]);
      const double v = turn_area(b->x[k], b->y[k], b->x[k + 1], b->y[k + 1], a->x[i + 1], a->y[i + 1]);
      // A point on the other line counts to one side, so that crossings at corners of a shape are not missed.
      if ((u > 0.0) == (v > 0.0)) continue;
      const double at[2] = { a->s[i] + u / (u - v) * (a->s[i + 1] - a->s[i]),
                             b->s[k] + p / (p - q) * (b->s[k + 1] - b->s[k]) };
      ++count;
      const path *const on[2] = { a, b }, *const other[2] = { b, a };
      for (int side = 0; side < 2; ++side) {
        const double s = at[side];
        const int32_t own = side ? k : i, others = side ? i : k;
        const double enter = stretch_end(on[side], s, -1, other[side], CROSS_CLEARANCE_M, own, others);
        const double exit = stretch_end(on[side], s, 1, other[side], CROSS_CLEARANCE_M, own, others);
        z->enter[side] = fmin(z->enter[side], enter);
        z->exit[side] = fmax(z->exit[side], exit);
      }
    }
  }
  return count;
}

/// 1: of two segments that do not cross, no end of one is nearer to the other than TOUCH_M.
static int are_apart(const path *a, int32_t i, const path *b, int32_t k)
{
  const double square = TOUCH_M * TOUCH_M * (1.0 + QUICK_MARGIN);
  return segment_square(b, k, a->x[i], a->y[i]) > square && segment_square(b, k, a->x[i + 1], a->y[i + 1]) > square &&
         segment_square(a, i, b->x[k], b->y[k]) > square && segment_square(a, i, b->x[k + 1], b->y[k + 1]) > square;
}

/// 0: paths that do not cross are nowhere nearer to each other than TOUCH_M.
static int may_touch(const path *a, const path *b)
{
  const common_box box = common_of(a, b, TOUCH_M + CORNER_M);
  int32_t a_first, b_first;
  const int32_t a_end = segments_in(a, &box, &a_first), b_end = segments_in(b, &box, &b_first);
  for (int32_t i = a_first; i < a_end; ++i) {
    const double margin = TOUCH_M + CORNER_M;
    const common_box own = { lesser(a->x[i], a->x[i + 1]) - margin, greater(a->x[i], a->x[i + 1]) + margin,
                             lesser(a->y[i], a->y[i + 1]) - margin, greater(a->y[i], a->y[i + 1]) + margin };
    for (int32_t k = b_first; k < b_end; ++k)
      if (!is_beside(b, k, &own) && !are_apart(a, i, b, k)) return 1;
  }
  return 0;
}

/// Where the paths come closest, if that is closer than TOUCH_M; else -1.
static double closest_touch(const path *a, const path *b)
{
  double least = TOUCH_M, at = -1.0, far_until = 0.0;
  int32_t nearest = 0, on = 0, first;
  // Segments out of this box are at least so far from all of `a`.
  const double margin = TOUCH_M + 3.0;
  const common_box box = common_of(a, b, margin + CORNER_M);
  const int32_t end = segments_in(b, &box, &first);
  const double step = step_of(a);
  for (double s = 0.0; s <= a->total; s += step) {
    if (s < far_until) continue;
    double x, y, far, d = least;
    point_at(a, s, &on, &x, &y);
    if (is_outside_box(b, x, y, least * (1.0 + SQUARE_MARGIN))) {
      far = box_distance(b, x, y);
    } else {
      far = lesser(sqrt(square_to(b, first, end, x, y, &nearest)), margin);
      if (far < least * (1.0 + QUICK_MARGIN)) d = distance_below(b, first, end, x, y, least);
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
  double at[2];
  if (!may_touch(a, b)) return 0;
  if ((at[0] = closest_touch(a, b)) < 0.0 || (at[1] = closest_touch(b, a)) < 0.0) return 0;
  const path *const on[2] = { a, b }, *const other[2] = { b, a };
  for (int side = 0; side < 2; ++side) {
    z->enter[side] = stretch_end(on[side], at[side], -1, other[side], CROSS_CLEARANCE_M, 0, 0);
    z->exit[side] = stretch_end(on[side], at[side], 1, other[side], CROSS_CLEARANCE_M, 0, 0);
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
    const int32_t last = p->count > 1 ? p->count - 2 : 0, others_last = other->count > 1 ? other->count - 2 : 0;
    z.enter[side] = kind == ART_CONFLICT_DIVERGE
                        ? 0.0
                        : stretch_end(p, p->total, -1, other, SHARED_CLEARANCE_M, last, others_last);
    z.exit[side] =
        kind == ART_CONFLICT_DIVERGE ? stretch_end(p, 0.0, 1, other, SHARED_CLEARANCE_M, 0, 0) : p->total;
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
