// Roundabouts that no tag tells: one-way roads that lead round in a small, smooth circle with all other roads outside. Drivers
// there hardly know that the map is silent: who drives round goes first, else the circle locks.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define LONGEST_M 320.0  // once round
#define SHORTEST_M 40.0
#define ROUND 0.5          // 4 pi area / length^2, of a circle 1
#define SHARPEST_COS 0.42  // corners of more than 65 degrees are those of a block of houses
#define LOOK_M 8.0         // directions at nodes
enum { MOST_PIECES = 24, LEAST_ARMS = 3 };

typedef struct circle {
  int32_t arm[MOST_PIECES];  // by which one drives into each piece
  int32_t count;
} circle;

/// May one drive into a piece by this arm, and nobody out of it?
static int is_one_way(const art_map *plan, int32_t arm)
{
  const art_map_piece *piece = &plan->piece[arm >> 1];
  return piece->lanes[arm & 1] > 0 && piece->lanes[1 - (arm & 1)] == 0;
}

static int may_be_ring(const art_map *plan, int32_t arm)
{
  const art_map_piece *piece = &plan->piece[arm >> 1];
  return is_one_way(plan, arm) && !piece->in_ring && piece->length_m < LONGEST_M &&
         piece->node[0] != piece->node[1] &&
         art_map_way_of(plan, arm >> 1, arm & 1)->road_class < ART_OSM_CLASS_SERVICE;
}

/// The way on round the circle: the arm farthest to the left of all, if one may drive into it; -1: there is none.
static int32_t next_round(const art_map *plan, int32_t arm)
{
  const int32_t piece = arm >> 1;
  const int end = 1 - (arm & 1);
  const art_map_node *node = &plan->node[plan->piece[piece].node[end]];
  if (node->has_signal || node->arm_count < 2) return -1;
  const art_vec back = art_map_leaving(plan, piece, end, LOOK_M);
  const art_vec on = { -back.x, -back.y };
  int32_t best = -1;
  double most = -INFINITY, cosine = 1.0;
  for (int32_t i = 0; i < node->arm_count; ++i) {
    const int32_t other = plan->arm[node->first_arm + i];
    if (other >> 1 == piece) continue;
    const art_vec d = art_map_leaving(plan, other >> 1, other & 1, LOOK_M);
    const double left = atan2(art_vec_cross(on, d), art_vec_dot(on, d));
    if (left <= most) continue;
    most = left;
    cosine = art_vec_dot(on, d);
    best = other;
  }
  return best >= 0 && may_be_ring(plan, best) && cosine > SHARPEST_COS ? best : -1;
}

static int find_circle(const art_map *plan, int32_t arm, circle *c)
{
  double length = 0.0;
  c->count = 0;
  for (int32_t at = arm; c->count < MOST_PIECES; at = next_round(plan, at)) {
    if (at < 0) return 0;
    if (c->count && at == arm) return length >= SHORTEST_M;
    length += plan->piece[at >> 1].length_m;
    if (length > LONGEST_M) return 0;
    c->arm[c->count++] = at;
  }
  return 0;
}

/// Counter-clockwise, as round as an island, and with roads that lead in and out.
static int is_roundabout(const art_map *plan, const circle *c)
{
  double twice_area = 0.0, length = 0.0;
  int32_t arms = 0;
  art_vec before = { 0 };
  for (int pass = 0; pass < 2; ++pass)  // the first one finds the last point
    for (int32_t i = 0; i < c->count; ++i) {
      const art_line line = art_map_line(plan, c->arm[i] >> 1);
      for (int32_t k = 0; k < line.count; ++k) {
        const int32_t at = c->arm[i] & 1 ? line.count - 1 - k : k;
        const art_vec here = { line.x[at], line.y[at] };
        if (pass) {
          twice_area += before.x * here.y - before.y * here.x;
          length += hypot(here.x - before.x, here.y - before.y);
        }
        before = here;
      }
    }
  for (int32_t i = 0; i < c->count; ++i) arms += plan->node[art_map_node_of(plan, c->arm[i])].arm_count - 2;
  return arms >= LEAST_ARMS && length > 0.0 &&
         2.0 * 3.14159265358979 * twice_area / (length * length) >= ROUND;
}

void art_map_guess_rings(art_map *plan)
{
  uint8_t *seen = ART_NEW(uint8_t, plan->piece_count);
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int end = 0; end < 2; ++end) {
      circle c;
      if (seen[p] || !may_be_ring(plan, 2 * p + end) || !find_circle(plan, 2 * p + end, &c)) continue;
      for (int32_t i = 0; i < c.count; ++i) seen[c.arm[i] >> 1] = 1;
      if (!is_roundabout(plan, &c)) continue;
      for (int32_t i = 0; i < c.count; ++i) plan->piece[c.arm[i] >> 1].in_ring = 1;
      ++plan->report->guessed_rings;
    }
  free(seen);
}
