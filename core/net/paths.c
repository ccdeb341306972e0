// A stretch of a path within the clearance of another ends where a place a step on is clear; halving finds where. Most places
// on the way need no look: what a line has in common with the stadium round a segment is one stretch, whose end is a root.
#include "core/net/paths_internal.h"

#include <math.h>

#define STEP_M 0.2

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
static void point_at(const art_path *p, double s, int32_t *near, double *x, double *y)
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

static int is_outside_box(const art_path *p, double x, double y, double margin)
{
  return x < p->x_lo - margin || x > p->x_hi + margin || y < p->y_lo - margin || y > p->y_hi + margin;
}

/// At most the distance of a point to the box of a path.
static double box_distance(const art_path *p, double x, double y)
{
  return fmax(fmax(p->x_lo - x, x - p->x_hi), fmax(p->y_lo - y, y - p->y_hi));
}

/// The square of the distance of a point to segment `k` of a path, to QUICK_MARGIN.
static inline double segment_square(const art_path *p, int32_t k, double x, double y)
{
  const double dx = p->x[k + 1] - p->x[k], dy = p->y[k + 1] - p->y[k], fx = x - p->x[k], fy = y - p->y[k];
  double t = (fx * dx + fy * dy) * p->inverse[k];
  t = t > 0.0 ? t : 0.0;
  t = t < 1.0 ? t : 1.0;
  const double ex = fx - t * dx, ey = fy - t * dy;
  return ex * ex + ey * ey;
}

/// The square of the distance of a point to segments from `first` up to `end`, to QUICK_MARGIN, and the nearest one.
static double square_to(const art_path *p, int32_t first, int32_t end, double x, double y, int32_t *nearest)
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
static double distance_below(const art_path *p, int32_t first, int32_t end, double x, double y, double limit)
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
  const art_path *p, *other;
  double clearance, step;
  int32_t on;          // segment where the last place was
  int32_t nearest;     // segment of the other path: neighbours are near the same one
  int32_t first, end;  // segments of it that can be within the clearance a step from the last place that was not
} search;

/// The square of the distance of a point to the other path, to QUICK_MARGIN, and which segments are hardly farther than
/// the clearance.
static double look_at(search *q, double x, double y)
{
  const art_path *const o = q->other;
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
static stretch within_segment(const art_path *p, int32_t i, const art_path *other, int32_t k, double clearance)
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
static inline int step_along(const art_path *p, int32_t i, const art_path *o, int32_t k, int sign)
{
  const double along = (p->x[i + 1] - p->x[i]) * (o->x[k + 1] - o->x[k]) +
                       (p->y[i + 1] - p->y[i]) * (o->y[k + 1] - o->y[k]);
  return (along > 0.0) == (sign > 0) ? 1 : -1;
}

/// From `s` on, which was found within the clearance, all places up to the result, in direction `sign`, are.
static double sure_until(const search *q, double s, int sign)
{
  const art_path *const p = q->p, *const o = q->other;
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
  while (i >= 0 && i + 1 < p->count) {
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
    const double t = (s - p->s[i]) / part;
    if (k < 0 || k + 1 >= o->count ||
        !(segment_square(o, k, p->x[i] + t * (p->x[i + 1] - p->x[i]), p->y[i] + t * (p->y[i + 1] - p->y[i])) < square))
      return s;
  }
  return s;
}

/// All places between `near` and `far`, which is clear, that lie beyond the result, are clear.
static double clear_from(search *q, double near, double far, int sign)
{
  const art_path *p = q->p;
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

static double step_of(const art_path *p)
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

double art_path_leave(const art_path *p, double s, int sign, const art_path *other, double clearance, int32_t on, int32_t nearest)
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

static common_box common_of(const art_path *a, const art_path *b, double margin)
{
  return (common_box){ fmax(a->x_lo, b->x_lo) - margin, fmin(a->x_hi, b->x_hi) + margin,
                       fmax(a->y_lo, b->y_lo) - margin, fmin(a->y_hi, b->y_hi) + margin };
}

/// 1: segment `i` lies beside the box.
static inline int is_beside(const art_path *p, int32_t i, const common_box *box)
{
  const double *x = p->x + i, *y = p->y + i;
  return (x[0] < box->x_lo && x[1] < box->x_lo) || (x[0] > box->x_hi && x[1] > box->x_hi) ||
         (y[0] < box->y_lo && y[1] < box->y_lo) || (y[0] > box->y_hi && y[1] > box->y_hi);
}

/// The segments of a path that do not lie beside the box, *first up to the result, and perhaps others between them.
static int32_t segments_in(const art_path *p, const common_box *box, int32_t *first)
{
  int32_t end = p->count - 1;
  *first = 0;
  while (*first < end && is_beside(p, *first, box)) ++*first;
  while (*first < end && is_beside(p, end - 1, box)) --end;
  return end;
}

/// 1: the zone round a crossing at `s` lies within the shared stretch. To leave that, one would have to pass a place that is
/// farther away than the greater clearance, with places at least a step long on both sides of it that are farther away than the
/// lesser one: no step goes over them.
static int is_within_shared(const art_path *p, const art_zone *shared, int side, double s)
{
  return shared && step_of(p) < ART_SHARED_CLEARANCE_M - ART_CROSS_CLEARANCE_M + SURE_SLACK_M && s >= shared->enter[side] &&
         s <= shared->exit[side];
}

int art_paths_cross(const art_path *a, const art_path *b, const art_zone *shared, art_zone *z)
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
      const art_path *const on[2] = { a, b }, *const other[2] = { b, a };
      for (int side = 0; side < 2; ++side) {
        const double s = at[side];
        const int32_t own = side ? k : i, others = side ? i : k;
        if (is_within_shared(on[side], shared, side, s)) continue;
        if (z->enter[side] > 0.0)
          z->enter[side] = fmin(z->enter[side], art_path_leave(on[side], s, -1, other[side], ART_CROSS_CLEARANCE_M, own, others));
        if (z->exit[side] < on[side]->total)
          z->exit[side] = fmax(z->exit[side], art_path_leave(on[side], s, 1, other[side], ART_CROSS_CLEARANCE_M, own, others));
      }
    }
  }
  return count;
}

/// 1: of two segments that do not cross, no end of one is nearer to the other than ART_TOUCH_M.
static int are_apart(const art_path *a, int32_t i, const art_path *b, int32_t k)
{
  const double square = ART_TOUCH_M * ART_TOUCH_M * (1.0 + QUICK_MARGIN);
  return segment_square(b, k, a->x[i], a->y[i]) > square && segment_square(b, k, a->x[i + 1], a->y[i + 1]) > square &&
         segment_square(a, i, b->x[k], b->y[k]) > square && segment_square(a, i, b->x[k + 1], b->y[k + 1]) > square;
}

/// 0: paths that do not cross are nowhere nearer to each other than ART_TOUCH_M.
static int may_touch(const art_path *a, const art_path *b)
{
  const common_box box = common_of(a, b, ART_TOUCH_M + CORNER_M);
  int32_t a_first, b_first;
  const int32_t a_end = segments_in(a, &box, &a_first), b_end = segments_in(b, &box, &b_first);
  for (int32_t i = a_first; i < a_end; ++i) {
    const double margin = ART_TOUCH_M + CORNER_M;
    const common_box own = { lesser(a->x[i], a->x[i + 1]) - margin, greater(a->x[i], a->x[i + 1]) + margin,
                             lesser(a->y[i], a->y[i + 1]) - margin, greater(a->y[i], a->y[i + 1]) + margin };
    for (int32_t k = b_first; k < b_end; ++k)
      if (!is_beside(b, k, &own) && !are_apart(a, i, b, k)) return 1;
  }
  return 0;
}

/// Where the paths come closest, if that is closer than ART_TOUCH_M; else -1.
static double closest_touch(const art_path *a, const art_path *b)
{
  double least = ART_TOUCH_M, at = -1.0, far_until = 0.0;
  int32_t nearest = 0, on = 0, first;
  // Segments out of this box are at least so far from all of `a`.
  const double margin = ART_TOUCH_M + 3.0;
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

int art_paths_touch(const art_path *a, const art_path *b, art_zone *z)
{
  double at[2];
  if (!may_touch(a, b)) return 0;
  if ((at[0] = closest_touch(a, b)) < 0.0 || (at[1] = closest_touch(b, a)) < 0.0) return 0;
  const art_path *const on[2] = { a, b }, *const other[2] = { b, a };
  for (int side = 0; side < 2; ++side) {
    z->enter[side] = art_path_leave(on[side], at[side], -1, other[side], ART_CROSS_CLEARANCE_M, 0, 0);
    z->exit[side] = art_path_leave(on[side], at[side], 1, other[side], ART_CROSS_CLEARANCE_M, 0, 0);
  }
  return 1;
}

int art_paths_are_apart(const art_path *a, const art_path *b, double clearance)
{
  return a->x_lo > b->x_hi + clearance || b->x_lo > a->x_hi + clearance || a->y_lo > b->y_hi + clearance ||
         b->y_lo > a->y_hi + clearance;
}
