/// \file paths_internal.h
/// The drawn paths of two connectors: where they cross, touch, and how far they stay near each other. Results are the same
/// bits whatever is left out on the way because it is known.
#ifndef ART_CORE_NET_PATHS_INTERNAL_H
#define ART_CORE_NET_PATHS_INTERNAL_H
#include <stdint.h>

/// Centre to centre; a car is 1.8 m wide, a bus 2.5 m.
#define ART_CROSS_CLEARANCE_M 2.0
#define ART_SHARED_CLEARANCE_M 2.2
/// Paths that come closer than this without crossing would touch with any two cars: opposing left turns, for example.
#define ART_TOUCH_M 1.2

/// Borrows its points, two or more.
typedef struct art_path {
  const double *x, *y;
  double *s;        ///< drawn distance of each point from the start
  double *inverse;  ///< of the square of the length from each point to the next; 0 where they are one
  int32_t count;
  double total, scale;  ///< scale: driven metres per drawn metre
  double x_lo, x_hi, y_lo, y_hi;
} art_path;

typedef struct art_zone {
  double enter[2], exit[2];  ///< drawn distances on path 0 and 1
} art_zone;

/// 1: the boxes round two paths are farther from each other than the clearance.
int art_paths_are_apart(const art_path *a, const art_path *b, double clearance);
/// Widens `z` by the zone around every proper crossing of the two centre lines. Returns how many there are. `shared`, if not
/// NULL, is on each path a stretch within ART_SHARED_CLEARANCE_M of the other that is in `z` already, found by art_path_leave().
int art_paths_cross(const art_path *a, const art_path *b, const art_zone *shared, art_zone *z);
/// Zone of two paths that touch without crossing. Returns 0 if they do not.
int art_paths_touch(const art_path *a, const art_path *b, art_zone *z);
/// From `s` on, in direction `sign`, the end of the stretch within `clearance` of the other path: the last place within,
/// of those a step apart, and of 256ths of a step from there. `on` is about the segment where `s` is, `nearest` that of
/// the other path: they save looking, no more.
double art_path_leave(const art_path *p, double s, int sign, const art_path *other, double clearance, int32_t on,
                      int32_t nearest);

#endif  // ART_CORE_NET_PATHS_INTERNAL_H
