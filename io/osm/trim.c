// Where links end: far enough from their junction that nobody who waits there is in the way of others.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/par/each.h"
#include "core/par/par.h"
#include "io/osm/map_internal.h"

#define STEP_M 0.5
#define LOOK_M 10.0   // how far off an obstacle is measured
#define SLACK_M 1e-6  // far above the rounding of coordinates
#define MOST_M 32.0
#define MARGIN_M 0.8        // between a waiting vehicle's lane and the lanes of others
#define CORNER_M 2.0        // room to turn
#define PARALLEL_SINE 0.45  // roads at a lesser angle merge or part: no stop line can be clear of them
#define PART_MOST_M 26.0
#define MERGE_M 8.0
#define JOINT_M 4.0
#define END_M 2.0
#define LEAST_TRIM_M 2.0
#define LEAST_LINK_M 7.5  // holds a vehicle
#define FIT_LINK_M 11.0   // the least between two junctions (cluster.c)
#define GOOD_LINK_M 16.0  // holds two: behind shorter links junctions lose much of their capacity
enum { BEYOND_STEPS = 12 };  // how far it is looked for a road that comes near again
enum { MOST_OBSTACLES = 64, LEAST_SHARED = 500 };

typedef struct obstacle {
  int32_t piece, arm;
  uint8_t is_arm;  // not a piece inside the junction
  double half_m;   // half of its width
  double clear_from, clear_to;  // between these distances along the arm that is looked at, nothing there can touch it
} obstacle;

typedef struct site {
  int32_t arm_count, obstacle_count;
  int32_t arm[MOST_OBSTACLES];
  obstacle list[MOST_OBSTACLES];
} site;

static void find_site(const art_map *plan, int32_t junction, site *s)
{
  const art_map_junction *j = &plan->junction[junction];
  s->arm_count = s->obstacle_count = 0;
  for (int32_t i = 0; i < j->node_count; ++i) {
    const art_map_node *node = &plan->node[plan->member[j->first_node + i]];
    for (int32_t k = 0; k < node->arm_count; ++k) {
      const int32_t arm = plan->arm[node->first_arm + k];
      const art_map_piece *piece = &plan->piece[arm >> 1];
      if (piece->is_inside && (arm & 1)) continue;  // once
      if (!piece->is_inside && s->arm_count < MOST_OBSTACLES) s->arm[s->arm_count++] = arm;
      if (s->obstacle_count < MOST_OBSTACLES)
        s->list[s->obstacle_count++] =
            (obstacle){ arm >> 1, arm, !piece->is_inside, 0.5 * art_map_width(plan, arm >> 1), 0.0, 0.0 };
    }
  }
}

/// Where a point lies towards an obstacle: clear of it, beside a road that crosses, or within one that parts from here
/// under a small angle.
enum { CLEAR, CROSSES, PARTS };

/// `d` and `at`: the distance to the obstacle and where along it the nearest place is, if that is near enough to matter.
static int how_blocked(const art_map *plan, const obstacle *o, art_vec along, double d, double at)
{
  if (d > o->half_m + MARGIN_M) return CLEAR;
  const double length = plan->piece[o->piece].length_m;
  const art_vec there = art_line_direction(art_map_line(plan, o->piece), fmax(at - 3.0, 0.0), fmin(at + 3.0, length));
  if (fabs(art_vec_cross(along, there)) > PARALLEL_SINE) return CROSSES;
  const double away = (o->arm & 1) ? -art_vec_dot(along, there) : art_vec_dot(along, there);
  return o->is_arm && away > 0.0 && d < o->half_m - 0.2 ? PARTS : CLEAR;
}

/// An arm on its way from its junction.
typedef struct looker {
  const art_map *plan;
  site *s;
  int32_t arm;
  art_line line;
  double length, half;
} looker;

/// How the place at distance `d` is blocked, at its middle or at its sides.
static int how_blocked_at(const looker *l, double d)
{
  const int end = l->arm & 1;
  const double at = end ? l->length - d : d;
  const art_vec q = art_line_at(l->line, at);
  art_vec along = { 0.0, 0.0 };  // not yet known
  int how = CLEAR;
  for (int32_t i = 0; i < l->s->obstacle_count; ++i) {
    obstacle *o = &l->s->list[i];
    if (o->piece == l->arm >> 1 || (d > o->clear_from && d < o->clear_to)) continue;
    // Nobody gets nearer to anything faster than he goes.
    const art_line other = art_map_line(l->plan, o->piece);
    const double near = o->half_m + MARGIN_M, touch = near + l->half;
    const double away = art_line_distance_roughly(other, touch + LOOK_M, q.x, q.y);
    const double sure = fmin(away - touch, LOOK_M) - SLACK_M;
    o->clear_from = d - sure;
    o->clear_to = d + sure;
    if (sure > 0.0) continue;
    if (along.x == 0.0 && along.y == 0.0) {
      along = art_line_direction(l->line, fmax(at - 2.0, 0.0), fmin(at + 2.0, l->length));
      if (end) along = (art_vec){ -along.x, -along.y };  // away from the junction
    }
    for (int side = -1; side <= 1; ++side) {
      if (side == 0 && away > near + SLACK_M) continue;
      double there = 0.0;
      const double x = q.x + side * l->half * along.y, y = q.y - side * l->half * along.x;
      const double distance = art_line_distance_within(other, near, x, y, &there);
      const int here = how_blocked(l->plan, o, along, distance, there);
      if (here == CROSSES) return CROSSES;
      if (here == PARTS) how = PARTS;
    }
  }
  return how;
}

/// From which distance on nothing is in the way: *must of roads that cross, which is a must; the result of roads that
/// part under a small angle too, up to PART_MOST_M (those that stay side by side for longer do not count).
static double clear_distance(const art_map *plan, site *s, int32_t arm, double *must)
{
  const int32_t p = arm >> 1;
  const looker l = { plan, s, arm, art_map_line(plan, p), plan->piece[p].length_m,
                     fmax(0.5 * art_map_width(plan, p) - 0.3, 0.3) };
  for (int32_t i = 0; i < s->obstacle_count; ++i) s->list[i].clear_from = s->list[i].clear_to = -1.0;
  // The last blocked place counts: a road may bend towards another again, so the search goes a little beyond. It comes
  // back from there: what parts, or crosses, before the last place that is crossed does not matter.
  const int32_t last = (int32_t)(fmin(MOST_M, l.length) / STEP_M);
  int32_t crossing = -1, parting = -1;
  for (int32_t done = -1, top = 0;; done = top) {
    const int32_t blocked = crossing > parting ? crossing : parting;
    top = blocked + 1 + BEYOND_STEPS < last ? blocked + 1 + BEYOND_STEPS : last;
    if (top <= done) break;
    for (int32_t k = top; k > done; --k) {
      const int how = how_blocked_at(&l, STEP_M * k);
      if (how == PARTS && k > parting) parting = k;
      if (how != CROSSES) continue;
      crossing = k;
      break;
    }
  }
  const double crossed = STEP_M * (crossing + 1), parted = STEP_M * (parting + 1);
  *must = crossed;
  return parted < fmin(PART_MOST_M, 0.5 * l.length) ? fmax(crossed, parted) : crossed;
}

/// Fewer than three roads, or all of them along one line.
static double least_trim(const art_map *plan, const site *s, int32_t arm, double clear)
{
  if (s->arm_count == 1) return END_M;
  if (s->arm_count == 2) return JOINT_M;
  if (plan->piece[arm >> 1].in_ring) return fmax(clear + 0.5, 3.0);
  return clear > 0.0 ? clear + CORNER_M : MERGE_M;
}

/// What is wished for gives way first, so that two vehicles find room; then also what must be, so that one does.
static void fit(art_map *plan, int32_t p)
{
  art_map_piece *piece = &plan->piece[p];
  for (int end = 0; end < 2; ++end) piece->trim_m[end] = piece->wish_m[end];
  const double *must = piece->must_m, wanted = piece->trim_m[0] + piece->trim_m[1],
               least = fmin(must[0], piece->trim_m[0]) + fmin(must[1], piece->trim_m[1]);
  double room = fmax(piece->length_m - GOOD_LINK_M, least);
  const double most =
      piece->length_m > LEAST_LINK_M / 0.75 ? piece->length_m - LEAST_LINK_M : 0.25 * piece->length_m;
  room = fmin(room, most);
  piece->is_cramped = piece->length_m - least < FIT_LINK_M;
  if (wanted <= room) return;
  for (int end = 0; end < 2; ++end) {
    const double hard = fmin(must[end], piece->trim_m[end]), soft = piece->trim_m[end] - hard;
    piece->trim_m[end] = room >= least
                             ? hard + soft * (wanted > least ? (room - least) / (wanted - least) : 0.0)
                             : hard * room / least;
  }
}

/// A junction's arms; each end of a piece is in one junction.
static void trim_junction(void *context, int thread, int32_t junction)
{
  art_map *plan = context;
  (void)thread;
  if (plan->junction[junction].is_trimmed) return;
  plan->junction[junction].is_trimmed = 1;
  site s;
  find_site(plan, junction, &s);
  for (int32_t i = 0; i < s.arm_count; ++i) {
    const int32_t arm = s.arm[i];
    art_map_piece *piece = &plan->piece[arm >> 1];
    const double clear = clear_distance(plan, &s, arm, &piece->must_m[arm & 1]);
    const double zebra = art_map_zebra_reach(plan, arm);
    piece->wish_m[arm & 1] = fmax(least_trim(plan, &s, arm, clear), zebra);
    piece->must_m[arm & 1] = fmax(fmax(piece->must_m[arm & 1], zebra), LEAST_TRIM_M);
  }
}

void art_map_trim(art_map *plan)
{
  art_map_measure(plan);
  art_each(plan->junction_count > LEAST_SHARED ? art_par_default_threads() : 1, plan->junction_count, 32, trim_junction, plan);
  for (int32_t p = 0; p < plan->piece_count; ++p)
    if (!plan->piece[p].is_inside) fit(plan, p);
}
