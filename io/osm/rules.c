// Right of way: kinds of junctions, ranks of approaches, who yields to whom.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"
#include "io/osm/rules_internal.h"

#define OPPOSITE_COS (-0.7)
#define STEM_RANK 1  // what a minor approach of equal class lacks
#define MERGE_ANGLE_DEG 45.0
#define ALONG_COS 0.85
#define BESIDE_M 15.0  // a track farther from a road is a way of its own

/// Higher goes first. Slip roads give way to all streets but yards.
static int class_rank(const art_map_way *way)
{
  if (way->road_class == ART_OSM_CLASS_BUSWAY || way->road_class == ART_OSM_CLASS_BUS_GUIDEWAY) return 40;
  if (way->road_class >= ART_OSM_CLASS_TRACK) return 2;
  if (way->road_class == ART_OSM_CLASS_SERVICE) return way->is_minor_service ? 4 : 6;
  if (way->road_class == ART_OSM_CLASS_LIVING_STREET) return 8;
  if (way->is_link) return 10;
  // Unclassified and residential streets are equals.
  if (way->road_class >= ART_OSM_CLASS_UNCLASSIFIED) return 20;
  return 100 - 10 * (way->road_class / 2);
}

static uint32_t classes_on(const art_map *plan, const art_map_link *l)
{
  uint32_t mask = 0;
  const art_map_lane *lane = art_map_lanes_of(plan, l->piece, l->direction);
  for (int i = 0; i < l->lane_count; ++i) mask |= lane[i].allowed;
  return mask;
}

static int is_on_rails(const art_map *plan, const art_map_link *l)
{
  return plan->piece[l->piece].is_byway && (classes_on(plan, l) & art_osm_rail_classes());
}

/// No motor traffic: such approaches say nothing of the kind of a junction.
static int is_apart(const art_map *plan, const art_map_link *l)
{
  return plan->piece[l->piece].is_byway || classes_on(plan, l) == 1u << ART_VCLASS_BICYCLE;
}

static int right_goes_first(const art_map *plan)
{
  // Where traffic keeps left nobody yields to a side street without a sign.
  return !plan->mirrored;
}

/// Of approaches of equal rank, the straightest pair is the main street; at a T the stem yields.
static void lower_stems(art_map *plan, int32_t junction, int rank)
{
  double best = -0.6;
  int32_t pair[2] = { -1, -1 };
  const int32_t first = plan->first_in[junction], end = plan->first_in[junction + 1];
  for (int32_t i = first; i < end; ++i)
    for (int32_t k = i + 1; k < end; ++k) {
      const art_map_link *a = &plan->link[plan->in[i]], *b = &plan->link[plan->in[k]];
      if (a->rank != rank || b->rank != rank || is_apart(plan, a) || is_apart(plan, b)) continue;
      const double cosine = art_vec_dot(a->end, b->end) - 0.02 * (a->lane_count + b->lane_count);
      if (cosine >= best) continue;
      best = cosine;
      pair[0] = plan->in[i];
      pair[1] = plan->in[k];
    }
  if (pair[0] < 0) return;
  for (int32_t i = first; i < end; ++i) {
    art_map_link *l = &plan->link[plan->in[i]];
    if (l->rank == rank && !is_apart(plan, l) && plan->in[i] != pair[0] && plan->in[i] != pair[1]) l->rank -= STEM_RANK;
  }
}

/// Bicycles beside a road go as it goes, others give way to all roads; rails go before everybody.
static int rank_apart(const art_map *plan, int32_t junction, const art_map_link *l)
{
  int rank = -200;
  if (is_on_rails(plan, l)) return 400;
  for (int32_t i = plan->first_in[junction]; i < plan->first_in[junction + 1]; ++i) {
    const art_map_link *road = &plan->link[plan->in[i]];
    if (is_apart(plan, road) || fabs(art_vec_dot(l->end, road->end)) < ALONG_COS) continue;
    const art_vec d = { l->end_at.x - road->end_at.x, l->end_at.y - road->end_at.y };
    if (fabs(art_vec_cross(road->end, d)) > BESIDE_M) continue;
    rank = road->rank > rank ? road->rank : rank;
  }
  return rank;
}

static void rank_approaches(art_map *plan, int32_t junction, int *low, int *high, int *quiet, int *stops,
                            int *signs)
{
  *low = INT32_MAX;
  *high = INT32_MIN;
  *quiet = 1;
  *stops = *signs = 0;
  for (int32_t i = plan->first_in[junction]; i < plan->first_in[junction + 1]; ++i) {
    art_map_link *l = &plan->link[plan->in[i]];
    const art_map_piece *piece = &plan->piece[l->piece];
    const art_map_way *way = art_map_way_of(plan, l->piece, l->direction);
    const art_patch_way *patch = art_osm_patch_way(plan->patch, way->id);
    if (is_apart(plan, l)) continue;
    l->rank = class_rank(way) + (way->is_priority_road ? 5 : 0);
    if (piece->in_ring) l->rank = 200;
    if (piece->control[l->direction] & (ART_OSM_NODE_STOP | ART_OSM_NODE_GIVE_WAY)) {
      l->is_minor = (piece->control[l->direction] & ART_OSM_NODE_STOP) ? 2 : 1;
      l->rank -= 100;
    }
    if (patch && patch->priority != INT32_MIN) l->rank = patch->priority;
    *stops += l->is_minor == 2;
    *signs += l->is_minor > 0;
    *low = l->rank < *low ? l->rank : *low;
    *high = l->rank > *high ? l->rank : *high;
    *quiet &= way->road_class >= ART_OSM_CLASS_TERTIARY &&
              art_map_lanes_of(plan, l->piece, l->direction)[0].speed_mps < 15.0f && l->lane_count == 1;
  }
}

static void set_kind(art_map *plan, int32_t junction)
{
  art_map_junction *j = &plan->junction[junction];
  int low, high, quiet, stops, signs;
  rank_approaches(plan, junction, &low, &high, &quiet, &stops, &signs);
  int32_t approaches = 0, rails = 0, apart = 0;
  for (int32_t i = plan->first_in[junction]; i < plan->first_in[junction + 1]; ++i) {
    const art_map_link *l = &plan->link[plan->in[i]];
    const int is_road = !is_apart(plan, l);
    approaches += is_road;
    apart += !is_road;
    rails += is_on_rails(plan, l);
  }
  j->kind = ART_NODE_PRIORITY;
  // Streets of the top rank alone decide: two go on, more have to be told apart.
  int32_t top = 0;
  for (int32_t i = plan->first_in[junction]; i < plan->first_in[junction + 1]; ++i)
    top += plan->link[plan->in[i]].rank == high && !is_apart(plan, &plan->link[plan->in[i]]);
  if (j->is_mini)
    j->kind = ART_NODE_LEFT_BEFORE_RIGHT;
  else if (j->stops_all || (approaches >= 3 && stops == approaches))
    j->kind = ART_NODE_ALLWAY_STOP;
  else if (approaches >= 3 && low == high && quiet && !signs && right_goes_first(plan) && !j->has_signal)
    j->kind = ART_NODE_RIGHT_BEFORE_LEFT;
  else if (top >= 3)
    lower_stems(plan, junction, high);
  if (j->kind == ART_NODE_PRIORITY && stops) j->kind = ART_NODE_PRIORITY_STOP;
  if (j->has_signal && approaches) j->kind = ART_NODE_TRAFFIC_LIGHT;
  for (int32_t i = plan->first_in[junction]; apart && i < plan->first_in[junction + 1]; ++i) {
    art_map_link *l = &plan->link[plan->in[i]];
    if (is_apart(plan, l)) l->rank = rank_apart(plan, junction, l);
  }
  const int is_level = rails && approaches && j->kind == ART_NODE_PRIORITY && j->node_count == 1 && approaches <= 2;
  if (is_level) j->kind = ART_NODE_RAIL_CROSSING;
  plan->report->level_crossings += is_level;
  if (plan->first_out[junction + 1] == plan->first_out[junction] || approaches + apart == 0)
    j->kind = ART_NODE_DEAD_END;
}

void art_map_rules(art_map *plan)
{
  for (int32_t j = 0; j < plan->junction_count; ++j) set_kind(plan, j);
}

// ---- who yields --------------------------------------------------------------------------------------------------------

static int turn_rank(int turn)
{
  switch (turn) {
  case ART_TURN_STRAIGHT: return 0;
  case ART_TURN_RIGHT:
  case ART_TURN_PART_RIGHT: return 1;
  case ART_TURN_LEFT:
  case ART_TURN_PART_LEFT: return 2;
  default: return 3;
  }
}

/// Does the first of two movements from different links give way? Of two, exactly one does, all-way stops aside.
int art_map_gives_way(const art_map *plan, int32_t p, int32_t q)
{
  const art_map_movement *a = &plan->movement[p], *b = &plan->movement[q];
  const art_map_link *in_a = &plan->link[a->in], *in_b = &plan->link[b->in];
  const int kind = plan->junction[in_a->to].kind;
  if (kind == ART_NODE_ALLWAY_STOP) return 1;
  const int rails = is_on_rails(plan, in_a) - is_on_rails(plan, in_b);
  if (rails) return rails < 0;
  const int signal = kind == ART_NODE_TRAFFIC_LIGHT || kind == ART_NODE_RAIL_CROSSING;
  const double leftward = art_vec_cross(in_a->end, in_b->end);
  if (kind == ART_NODE_LEFT_BEFORE_RIGHT && fabs(leftward) > 1e-9) return leftward < 0.0;
  const int is_opposite = art_vec_dot(in_a->end, in_b->end) < OPPOSITE_COS;
  const int rank_a = turn_rank(a->turn), rank_b = turn_rank(b->turn);
  if (!(signal && is_opposite) && (kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP || signal) &&
      in_a->rank != in_b->rank && rank_a != 3 && rank_b != 3)
    return in_a->rank < in_b->rank;
  // Those who turn back yield to everybody; opposite streets settle it by turn.
  if (rank_a != rank_b && (is_opposite || rank_a == 3 || rank_b == 3)) return rank_a > rank_b;
  // Who comes from the right drives towards the left.
  if (!is_opposite && fabs(leftward) > 1e-9) return leftward > 0.0;
  return p > q;
}

/// Does one leave by the street that the other comes from, so that they pass each other as anywhere on it? Around islands
/// they come close, but do not cross.
int art_map_passes(const art_map *plan, int32_t p, int32_t q)
{
  const art_map_movement *a = &plan->movement[p], *b = &plan->movement[q];
  const art_map_link *in_a = &plan->link[a->in], *in_b = &plan->link[b->in], *out_a = &plan->link[a->out],
                     *out_b = &plan->link[b->out];
  const int same = (in_a->piece == out_b->piece && in_a->direction != out_b->direction) ||
                   (in_b->piece == out_a->piece && in_b->direction != out_a->direction);
  return same && !art_turn_is_left(a->turn) && !art_turn_is_left(b->turn);
}

/// Left turns of the street that has the right of way, or green, wait inside for a gap in the oncoming stream.
int art_map_waits_inside(const art_map *plan, int32_t movement)
{
  const art_map_movement *m = &plan->movement[movement];
  if (!art_turn_is_left(m->turn)) return 0;
  const art_map_link *in = &plan->link[m->in];
  const int kind = plan->junction[in->to].kind;
  if (kind == ART_NODE_TRAFFIC_LIGHT) return 1;
  if (kind != ART_NODE_PRIORITY && kind != ART_NODE_PRIORITY_STOP) return 0;
  for (int32_t i = plan->first_in[in->to]; i < plan->first_in[in->to + 1]; ++i)
    if (plan->link[plan->in[i]].rank > in->rank) return 0;
  return 1;
}
