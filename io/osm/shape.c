#include "io/osm/shape_internal.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"

double art_vec_angle_deg(art_vec a, art_vec b)
{
  return atan2(art_vec_cross(a, b), art_vec_dot(a, b)) * (180.0 / 3.14159265358979323846);
}

static double part(art_line line, int32_t i)
{
  return line.part_m ? line.part_m[i] : hypot(line.x[i + 1] - line.x[i], line.y[i + 1] - line.y[i]);
}

double art_line_length(art_line line)
{
  double sum = 0.0;
  for (int32_t i = 0; i + 1 < line.count; ++i) sum += part(line, i);
  return sum;
}

art_vec art_line_at(art_line line, double s)
{
  for (int32_t i = 0; i + 1 < line.count; ++i) {
    const double length = part(line, i);
    if (s <= length || i + 2 == line.count) {
      const double t = length > 0.0 ? fmin(fmax(s / length, 0.0), 1.0) : 0.0;
      return (art_vec){ line.x[i] + t * (line.x[i + 1] - line.x[i]),
                        line.y[i] + t * (line.y[i + 1] - line.y[i]) };
    }
    s -= length;
  }
  return (art_vec){ line.x[0], line.y[0] };
}

art_vec art_line_direction(art_line line, double from, double to)
{
  const art_vec p = art_line_at(line, from), q = art_line_at(line, to);
  const double length = hypot(q.x - p.x, q.y - p.y);
  if (length > 1e-6) return (art_vec){ (q.x - p.x) / length, (q.y - p.y) / length };
  for (int32_t i = 0; i + 1 < line.count; ++i)
    if (part(line, i) > 1e-6)
      return (art_vec){ (line.x[i + 1] - line.x[i]) / part(line, i),
                        (line.y[i + 1] - line.y[i]) / part(line, i) };
  return (art_vec){ 1.0, 0.0 };
}

int32_t art_line_cut(art_line line, double from, double to, double *x, double *y)
{
  int32_t n = 0;
  const art_vec p = art_line_at(line, from), q = art_line_at(line, to);
  x[n] = p.x;
  y[n++] = p.y;
  double s = 0.0;
  for (int32_t i = 0; i + 1 < line.count; ++i) {
    s += part(line, i);
    if (s <= from + 0.01 || s >= to - 0.01) continue;
    x[n] = line.x[i + 1];
    y[n++] = line.y[i + 1];
  }
  x[n] = q.x;
  y[n++] = q.y;
  return n;
}

void art_line_parallel(art_line line, double offset_m, double *x, double *y)
{
  for (int32_t i = 0; i < line.count; ++i) {
    double nx = 0.0, ny = 0.0, parts = 0.0;
    for (int32_t k = i - 1; k <= i; ++k) {
      if (k < 0 || k + 1 >= line.count) continue;
      const double length = part(line, k);
      if (length < 1e-9) continue;
      nx += (line.y[k + 1] - line.y[k]) / length;
      ny -= (line.x[k + 1] - line.x[k]) / length;
      parts += 1.0;
    }
    const double square = nx * nx + ny * ny;
    // Along the bisector; at hairpins the exact point would lie far off.
    const double reach = square > 1e-9 ? fmin(parts / square, 2.0 / sqrt(square)) : 0.0;
    x[i] = line.x[i] + offset_m * reach * nx;
    y[i] = line.y[i] + offset_m * reach * ny;
  }
}

/// 1: segment `i` is farther than `near` from a point, as boxes tell.
static inline int is_beyond(const art_line *line, int32_t i, double x, double y, double near)
{
  const double x0 = line->x[i], y0 = line->y[i], x1 = line->x[i + 1], y1 = line->y[i + 1];
  return (x0 < x1 ? x0 : x1) > x + near || (x0 < x1 ? x1 : x0) < x - near || (y0 < y1 ? y0 : y1) > y + near ||
         (y0 < y1 ? y1 : y0) < y - near;
}

/// From the nearest point of segment `i` to a point; returns where that lies, from 0 at the segment's begin to 1 at its end.
static inline double offset_from(const art_line *line, int32_t i, double x, double y, double *square, art_vec *offset)
{
  const double x0 = line->x[i], y0 = line->y[i], dx = line->x[i + 1] - x0, dy = line->y[i + 1] - y0;
  *square = dx * dx + dy * dy;
  double t = *square > 0.0 ? ((x - x0) * dx + (y - y0) * dy) / *square : 0.0;
  t = t > 0.0 ? t : 0.0;
  t = t < 1.0 ? t : 1.0;
  *offset = (art_vec){ x - x0 - t * dx, y - y0 - t * dy };
  return t;
}

double art_line_distance_within(art_line line, double limit, double x, double y, double *along)
{
  double least = INFINITY, where = 0.0;
  int32_t nearest = -1;
  // What boxes and squares tell is not worth hypot(); the margin is far above their rounding.
  double near = limit * (1.0 + 1e-9), near_square = near * near;
  for (int32_t i = 0; i + 1 < line.count; ++i) {
    double square;
    art_vec e;
    if (is_beyond(&line, i, x, y, near)) continue;
    const double t = offset_from(&line, i, x, y, &square, &e);
    if (e.x * e.x + e.y * e.y > near_square) continue;
    const double d = hypot(e.x, e.y);
    if (!(d < least)) continue;
    least = d;
    near = d * (1.0 + 1e-9);
    near_square = near * near;
    nearest = i;
    where = t * sqrt(square);
  }
  if (along && nearest >= 0) {
    double s = 0.0;
    for (int32_t i = 0; i < nearest; ++i) {
      const double dx = line.x[i + 1] - line.x[i], dy = line.y[i + 1] - line.y[i];
      s += sqrt(dx * dx + dy * dy);
    }
    *along = s + where;
  }
  return least <= limit ? least : INFINITY;
}

double art_line_distance_roughly(art_line line, double limit, double x, double y)
{
  double least = limit * limit, length_square;
  int is_within = 0;
  for (int32_t i = 0; i + 1 < line.count; ++i) {
    art_vec e;
    if (is_beyond(&line, i, x, y, limit)) continue;
    (void)offset_from(&line, i, x, y, &length_square, &e);
    const double square = e.x * e.x + e.y * e.y;
    if (!(square <= least)) continue;
    least = square;
    is_within = 1;
  }
  return is_within ? sqrt(least) : INFINITY;
}

double art_line_distance(art_line line, double x, double y, double *along)
{
  return art_line_distance_within(line, INFINITY, x, y, along);
}

/// Douglas and Peucker 1973, with a stack instead of recursion.
int32_t art_line_simplify(double *x, double *y, int32_t count, double tolerance_m)
{
  if (count <= 2) return count;
  uint8_t *keep = ART_NEW(uint8_t, count);
  int32_t *stack = ART_NEW(int32_t, 2 * count), height = 0;
  keep[0] = keep[count - 1] = 1;
  stack[height++] = 0;
  stack[height++] = count - 1;
  while (height) {
    const int32_t last = stack[--height], first = stack[--height];
    const double px[2] = { x[first], x[last] }, py[2] = { y[first], y[last] };
    const art_line chord = { px, py, 2, NULL };
    int32_t far = -1;
    double most = tolerance_m;
    for (int32_t i = first + 1; i < last; ++i) {
      const double d = art_line_distance(chord, x[i], y[i], NULL);
      if (d <= most) continue;
      most = d;
      far = i;
    }
    if (far < 0) continue;
    keep[far] = 1;
    stack[height++] = first;
    stack[height++] = far;
    stack[height++] = far;
    stack[height++] = last;
  }
  int32_t n = 0;
  for (int32_t i = 0; i < count; ++i) {
    if (!keep[i]) continue;
    x[n] = x[i];
    y[n++] = y[i];
  }
  free(stack);
  free(keep);
  return n;
}

/// The square of the radius of the circle through three points, to a few roundings.
static double square_of_radius(double ax, double ay, double bx, double by, double cx, double cy)
{
  const double area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  const double ab = (bx - ax) * (bx - ax) + (by - ay) * (by - ay), bc = (cx - bx) * (cx - bx) + (cy - by) * (cy - by),
               ca = (cx - ax) * (cx - ax) + (cy - ay) * (cy - ay);
  return fabs(area) < 1e-9 ? INFINITY : ab * bc * ca / (4.0 * area * area);
}

/// Radius of the circle through three points.
static double radius_of(double ax, double ay, double bx, double by, double cx, double cy)
{
  const double area = fabs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
  if (area < 1e-9) return INFINITY;
  return hypot(bx - ax, by - ay) * hypot(cx - bx, cy - by) * hypot(cx - ax, cy - ay) / (2.0 * area);
}

int32_t art_curve_draw(art_vec p, art_vec a, art_vec q, art_vec b, double *x, double *y, double *radius_m)
{
  const art_vec chord = { q.x - p.x, q.y - p.y };
  const double length = hypot(chord.x, chord.y), cosine = fmin(fmax(art_vec_dot(a, b), -1.0), 1.0);
  const double aside = length > 0.0 ? fabs(art_vec_cross(a, chord)) : 0.0;
  *radius_m = INFINITY;
  if ((cosine > 0.9999 && aside < 0.05) || length < 0.5) {
    x[0] = p.x, y[0] = p.y;
    x[1] = q.x, y[1] = q.y;
    return 2;
  }
  // For ends of one circle's arc this reach gives that arc to one part in a thousand.
  const double half_cos = sqrt(0.5 * (1.0 + cosine));
  double reach = length * (2.0 / 3.0) / (1.0 + half_cos);
  if (cosine < -0.8 && length < 8.0) reach = fmax(reach, 4.0);  // to turn back, one swings out
  const art_vec c1 = { p.x + reach * a.x, p.y + reach * a.y }, c2 = { q.x - reach * b.x, q.y - reach * b.y };
  for (int i = 0; i < ART_CURVE_POINTS; ++i) {
    const double t = (double)i / (ART_CURVE_POINTS - 1), s = 1.0 - t;
    x[i] = s * s * s * p.x + 3.0 * s * s * t * c1.x + 3.0 * s * t * t * c2.x + t * t * t * q.x;
    y[i] = s * s * s * p.y + 3.0 * s * s * t * c1.y + 3.0 * s * t * t * c2.y + t * t * t * q.y;
  }
  double square[ART_CURVE_POINTS], least = INFINITY;
  for (int i = 0; i + 4 < ART_CURVE_POINTS; ++i) {
    square[i] = square_of_radius(x[i], y[i], x[i + 2], y[i + 2], x[i + 4], y[i + 4]);
    if (square[i] < least) least = square[i];
  }
  for (int i = 0; i + 4 < ART_CURVE_POINTS; ++i)  // with roots only those that can be the tightest
    if (square[i] <= least * (1.0 + 1e-9))
      *radius_m = fmin(*radius_m, radius_of(x[i], y[i], x[i + 2], y[i + 2], x[i + 4], y[i + 4]));
  return ART_CURVE_POINTS;
}
