/// \file shape_internal.h
/// Polylines in the plane: lengths, pieces, parallels, curves. Points are pairs of arrays; directions are unit vectors.
#ifndef ART_IO_OSM_SHAPE_INTERNAL_H
#define ART_IO_OSM_SHAPE_INTERNAL_H
#include <stdint.h>

typedef struct art_vec {
  double x, y;
} art_vec;

/// Borrowed points.
typedef struct art_line {
  const double *x, *y;
  int32_t count;
  const double *part_m;  ///< lengths between points, or NULL: measured when they are needed
} art_line;

static inline double art_vec_dot(art_vec a, art_vec b)
{
  return a.x * b.x + a.y * b.y;
}
/// Positive if b points to the left of a.
static inline double art_vec_cross(art_vec a, art_vec b)
{
  return a.x * b.y - a.y * b.x;
}
/// Signed angle from a to b in degrees, left positive, -180 to 180.
double art_vec_angle_deg(art_vec a, art_vec b);

double art_line_length(art_line line);
art_vec art_line_at(art_line line, double s);
/// Mean direction between two distances (from < to), from chord; (1, 0) where the line is one point.
art_vec art_line_direction(art_line line, double from, double to);
/// The piece between two distances into x, y (room for count + 2). Returns the number of points, at least 2.
int32_t art_line_cut(art_line line, double from, double to, double *x, double *y);
/// The parallel `offset_m` to the right; count points. Sharp corners are rounded off by at most twice the offset.
void art_line_parallel(art_line line, double offset_m, double *x, double *y);
/// Distance of a point to the line; *along (may be NULL) where the nearest point lies.
double art_line_distance(art_line line, double x, double y, double *along);
/// The same if it is at most `limit`, else INFINITY, much faster: of lines and limits without infinities.
double art_line_distance_within(art_line line, double limit, double x, double y, double *along);
/// Nearly the same, to a few roundings, much faster again: to tell what is out of reach.
double art_line_distance_roughly(art_line line, double limit, double x, double y);
/// Points that can go without moving the line by more than `tolerance_m` are dropped in place; returns the new count.
int32_t art_line_simplify(double *x, double *y, int32_t count, double tolerance_m);

enum { ART_CURVE_POINTS = 11 };
/// Curve from p (direction a) to q (direction b) into x, y; 2 points if straight, else ART_CURVE_POINTS. Returns their
/// number and the tightest radius (INFINITY if straight).
int32_t art_curve_draw(art_vec p, art_vec a, art_vec q, art_vec b, double *x, double *y, double *radius_m);

#endif  // ART_IO_OSM_SHAPE_INTERNAL_H
