// Roads that part round an island before a crossing, or for a short while: defaults give one-way roads two lanes, but a street
// of one lane does not become two because its halves are drawn apart, and two pairs of lanes would lie upon each other.
// And roads between a place where others only join and one where they only part.
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define LONGEST_M 120.0  // of a way; what is longer is a road of its own
#define ALONG_COS 0.5    // of the angle between the street and its halves

static int is_one_way(const art_map_piece *piece)
{
  return (piece->lanes[0] > 0) != (piece->lanes[1] > 0);
}

/// 1: the three arms of a node are a street of one lane each way, and its halves, which go on in its direction.
static int is_fork(const art_map *plan, const art_map_node *node, int32_t half[2])
{
  int32_t street = -1, count = 0, leads_off = 0;
  if (node->arm_count != 3) return 0;
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t arm = plan->arm[node->first_arm + i];
    const art_map_piece *piece = &plan->piece[arm >> 1];
    if (!is_one_way(piece)) {
      street = arm;
      continue;
    }
    if (count == 2 || piece->in_ring) return 0;
    leads_off += piece->lanes[arm & 1] > 0;
    half[count++] = arm;
  }
  if (count != 2 || leads_off != 1 || street < 0) return 0;
  const art_map_piece *whole = &plan->piece[street >> 1];
  if (whole->lanes[0] != 1 || whole->lanes[1] != 1) return 0;
  const art_vec back = art_map_leaving(plan, street >> 1, street & 1, 15.0);
  for (int i = 0; i < 2; ++i)
    if (-art_vec_dot(back, art_map_leaving(plan, half[i] >> 1, half[i] & 1, 15.0)) < ALONG_COS) return 0;
  return 1;
}

static void narrow(art_map *plan, int32_t w)
{
  art_map_way *way = &plan->way[w];
  for (int d = 0; d < 2; ++d) {
    if (way->side[d].lane_count < 2) continue;
    way->side[d].lane_count = 1;
    way->side[d].width_m = plan->lane[way->side[d].first_lane].width_m;
  }
}

/// Do all arms of a node but one lead away from it (1), or to it (0)?
static int is_on_one_side(const art_map *plan, int32_t n, int32_t but, int away)
{
  const art_map_node *node = &plan->node[n];
  if (node->arm_count < 3) return 0;
  for (int32_t i = 0; i < node->arm_count; ++i) {
    const int32_t arm = plan->arm[node->first_arm + i];
    const art_map_piece *piece = &plan->piece[arm >> 1];
    if (arm >> 1 == but) continue;
    if (!is_one_way(piece) || (piece->lanes[arm & 1] > 0) != away) return 0;
  }
  return 1;
}

int art_map_is_weave(const art_map *plan, int32_t p)
{
  const art_map_piece *piece = &plan->piece[p];
  const int from = piece->lanes[0] ? 0 : 1;
  return is_one_way(piece) && !piece->in_ring && piece->node[0] != piece->node[1] &&
         is_on_one_side(plan, piece->node[from], p, 0) && is_on_one_side(plan, piece->node[1 - from], p, 1);
}

void art_map_narrow_forks(art_map *plan)
{
  double *length_m = ART_NEW(double, plan->way_count);
  uint8_t *is_half = ART_NEW(uint8_t, plan->way_count);
  for (int32_t p = 0; p < plan->piece_count; ++p) length_m[plan->piece[p].way[0]] += plan->piece[p].length_m;
  for (int32_t i = 0; i < plan->node_count; ++i) {
    int32_t half[2];
    if (!is_fork(plan, &plan->node[i], half)) continue;
    for (int k = 0; k < 2; ++k) {
      const int32_t w = plan->piece[half[k] >> 1].way[0];
      if (!plan->way[w].is_lanes_told && length_m[w] <= LONGEST_M) is_half[w] = 1;
    }
  }
  for (int32_t w = 0; w < plan->way_count; ++w)
    if (is_half[w]) narrow(plan, w);
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    art_map_piece *piece = &plan->piece[p];
    for (int d = 0; d < 2; ++d)
      if (is_half[piece->way[d]] && piece->lanes[d] > 1) piece->lanes[d] = 1;
  }
  free(length_m);
  free(is_half);
}
