// Bicycles and rails upon the plan of motor traffic, whose lanes and paths are known by now: lanes for bicycles alone beside
// them, directions against one-ways, and the paths through junctions that both need.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define CYCLE_WIDTH_M 1.5f
#define CYCLE_MPS (25.0f / 3.6f)
#define STRAIGHT_DEG 40.0
#define BACK_DEG 150.0
#define FAR_M 25.0
#define RAIL_DEG 60.0     // no rail bends more in a junction
#define RAIL_ASIDE_M 4.0  // where a tram leaves the street, its track begins about where the lane ends

static const uint32_t bicycle = 1u << ART_VCLASS_BICYCLE;

void art_map_note_cycle_lane(art_map_side *side, const art_osm_lane *lane, float speed_mps)
{
  if (side->lane_count)
    side->cycle_inner = 1;
  else
    side->cycle_kerb = 1;
  const float limit = speed_mps > 0.0f ? speed_mps : lane->speed_mps;
  side->cycle_speed_mps = limit > 1.0f && limit < CYCLE_MPS ? limit : CYCLE_MPS;
  side->cycle_width_m = lane->width_m > 0.5f ? lane->width_m : CYCLE_WIDTH_M;
}

// ---- lanes ---------------------------------------------------------------------------------------------------------------

/// The lanes of a side with those for bicycles, as new rows; others are closed to bicycles then, since theirs is at hand.
static void widen_side(art_map *plan, art_map_side *side)
{
  const art_map_lane own = { .allowed = bicycle,
                             .speed_mps = side->cycle_speed_mps,
                             .width_m = side->cycle_width_m };
  const int32_t old = side->first_lane, count = side->lane_count;
  if (count + side->cycle_kerb + side->cycle_inner > ART_OSM_MAX_LANES) {
    side->cycle_kerb = side->cycle_inner = 0;
    return;
  }
  side->first_lane = plan->lane_count;
  if (side->cycle_kerb) ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, own);
  for (int32_t i = 0; i < count; ++i) {
    art_map_lane lane = plan->lane[old + i];
    if (lane.allowed & ~bicycle) lane.allowed &= ~bicycle;
    ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, lane);
  }
  if (side->cycle_inner) ART_PUSH(plan->lane, plan->lane_count, plan->lane_capacity, own);
  side->lane_count = plan->lane_count - side->first_lane;
  side->width_m += (float)(side->cycle_kerb + side->cycle_inner) * side->cycle_width_m;
}

static void widen_ways(art_map *plan)
{
  for (int32_t w = 0; w < plan->road_way_count; ++w)
    for (int d = 0; d < 2; ++d)
      if (plan->way[w].side[d].cycle_kerb || plan->way[w].side[d].cycle_inner)
        widen_side(plan, &plan->way[w].side[d]);
}

static const art_map_side *side_of_link(const art_map *plan, int32_t link)
{
  const art_map_link *l = &plan->link[link];
  return art_map_side_of(plan, l->piece, l->direction);
}

/// Paths of motor traffic keep their lanes, which stand one place farther from the kerb beside a lane for bicycles.
static void widen_links(art_map *plan)
{
  const int32_t links = plan->link_count;
  for (int32_t c = 0; c < plan->connector_count; ++c) {
    art_map_connector *connector = &plan->connector[c];
    const art_map_movement *m = &plan->movement[connector->movement];
    connector->from_lane = (uint8_t)(connector->from_lane + side_of_link(plan, m->in)->cycle_kerb);
    connector->to_lane = (uint8_t)(connector->to_lane + side_of_link(plan, m->out)->cycle_kerb);
  }
  for (int32_t l = 0; l < links; ++l) plan->link[l].lane_count = side_of_link(plan, l)->lane_count;
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int d = 0; d < 2; ++d) {
      art_map_piece *piece = &plan->piece[p];
      const art_map_side *side = art_map_side_of(plan, p, d);
      if (piece->is_byway || !(side->cycle_kerb || side->cycle_inner)) continue;
      const int is_new = !piece->lanes[d] && side->lane_count == side->cycle_kerb + side->cycle_inner;
      if (!piece->lanes[d] && !is_new) continue;  // closed for other reasons
      piece->lanes[d] = (uint8_t)side->lane_count;
      plan->report->cycle_lanes += side->cycle_kerb + side->cycle_inner;
      if (is_new && !piece->is_inside && (piece->link[1 - d] >= 0)) art_map_add_link(plan, p, d);
    }
}

// ---- paths ---------------------------------------------------------------------------------------------------------------

typedef struct layer {
  art_map *plan;
  int32_t old_links;  // of motor traffic, byways among them
  uint32_t classes;
} layer;

/// The lane of a link that a vehicle of the layer takes: its own, else the one nearest to the kerb that is open to it. -1: none.
static int lane_for(const layer *l, int32_t link)
{
  const art_map_link *k = &l->plan->link[link];
  const art_map_lane *lane = art_map_lanes_of(l->plan, k->piece, k->direction);
  for (int any = 0; any < 2; ++any)
    for (int i = 0; i < k->lane_count; ++i)
      if ((lane[i].allowed & l->classes) && (any || !(lane[i].allowed & ~l->classes))) return i;
  return -1;
}

static uint32_t classes_of_lane(const art_map *plan, int32_t link, int lane)
{
  const art_map_link *k = &plan->link[link];
  return art_map_lanes_of(plan, k->piece, k->direction)[lane].allowed;
}

/// 1: no path of motor traffic can be there, since the link is a byway or a direction against a one-way.
static int is_apart(const layer *l, int32_t link)
{
  return link >= l->old_links || l->plan->piece[l->plan->link[link].piece].is_byway;
}

/// The movement of motor traffic between two links, -1 if there is none.
static int32_t movement_between(const layer *l, int32_t in, int32_t out)
{
  if (in >= l->old_links) return -1;
  for (int32_t m = l->plan->first_movement[in]; m < l->plan->first_movement[in + 1]; ++m)
    if (l->plan->movement[m].out == out) return m;
  return -1;
}

static void add_path(layer *l, int32_t movement, int from, int to)
{
  const art_map_connector c = { movement, (uint8_t)from, (uint8_t)to };
  ART_PUSH(l->plan->connector, l->plan->connector_count, l->plan->connector_capacity, c);
}

/// Rails lead on over the node that they share; between a track and a street, where one begins as the other ends.
static int rails_meet(const art_map *plan, const art_map_link *in, const art_map_link *out)
{
  const art_map_piece *a = &plan->piece[in->piece], *b = &plan->piece[out->piece];
  if (a->is_byway && b->is_byway) return a->vertex[1 - in->direction] == b->vertex[out->direction];
  const art_vec d = { out->start_at.x - in->end_at.x, out->start_at.y - in->end_at.y };
  const double along = art_vec_dot(in->end, d), aside = fabs(art_vec_cross(in->end, d));
  return along > -2.0 && aside < RAIL_ASIDE_M + 0.6 * fmax(along, 0.0);
}

/// A path of the layer from a link to another one, where it may be; returns 1 if there is one, of motor traffic or new. As a
/// last resort it may turn back, or nearly so.
static int join(layer *l, int32_t in, int32_t out, int last_resort)
{
  art_map *plan = l->plan;
  const art_map_link *a = &plan->link[in], *b = &plan->link[out];
  const int from = lane_for(l, in), to = lane_for(l, out);
  const int turning_back = a->piece == b->piece;
  if (from < 0 || to < 0 || (turning_back && !last_resort)) return 0;
  const uint32_t both = classes_of_lane(plan, in, from) & classes_of_lane(plan, out, to) & l->classes;
  if (!both) return 0;
  const int32_t m = movement_between(l, in, out);
  if (m >= 0) {
    // Paths of motor traffic serve bicycles too, but those from or to a lane of their own.
    const int own =
        !(classes_of_lane(plan, in, from) & ~l->classes) || !(classes_of_lane(plan, out, to) & ~l->classes);
    if (!(plan->movement[m].allowed & both)) return 0;
    if (own) add_path(l, m, from, to);
    return 1;
  }
  if (!is_apart(l, in) && !is_apart(l, out)) return 0;
  art_map_movement new = { .in = in, .out = out, .allowed = both };
  new.angle_deg = turning_back ? 180.0 : art_vec_angle_deg(a->end, b->start);
  const double angle = fabs(new.angle_deg);
  const int on_rails = (l->classes & bicycle) == 0;
  if (!turning_back && on_rails && (angle > RAIL_DEG || !rails_meet(plan, a, b))) return 0;
  if (!last_resort && angle > BACK_DEG) return 0;
  // Turns across a large junction are made in steps, over what crosses its arms.
  if (!last_resort && !on_rails && angle > STRAIGHT_DEG &&
      hypot(b->start_at.x - a->end_at.x, b->start_at.y - a->end_at.y) > FAR_M)
    return 0;
  new.length_m = hypot(b->start_at.x - a->end_at.x, b->start_at.y - a->end_at.y);
  new.bearing_deg = new.angle_deg;
  new.turn = turning_back                       ? ART_TURN_U
             : angle < STRAIGHT_DEG || on_rails ? ART_TURN_STRAIGHT
             : new.angle_deg > 0.0              ? ART_TURN_LEFT
                                                : ART_TURN_RIGHT;
  ART_PUSH(plan->movement, plan->movement_count, plan->movement_capacity, new);
  add_path(l, plan->movement_count - 1, from, to);
  return 1;
}

/// Paths of one kind through all junctions. Where there is no other way on one turns back.
static void join_all(art_map *plan, int32_t old_links, uint32_t classes)
{
  layer l = { .plan = plan, .old_links = old_links, .classes = classes };
  for (int32_t j = 0; j < plan->junction_count; ++j)
    for (int32_t i = plan->first_in[j]; i < plan->first_in[j + 1]; ++i) {
      int ways = 0;
      for (int32_t k = plan->first_out[j]; k < plan->first_out[j + 1]; ++k)
        ways += join(&l, plan->in[i], plan->out[k], 0);
      if (ways) continue;
      for (int32_t k = plan->first_out[j]; k < plan->first_out[j + 1]; ++k)
        (void)join(&l, plan->in[i], plan->out[k], 1);
    }
}

void art_map_overlay(art_map *plan)
{
  const int32_t links = plan->link_count;
  if (plan->options->with_bicycles) {
    widen_ways(plan);
    widen_links(plan);
    art_map_index_links(plan);
    // Links that are new have no movement of motor traffic.
    plan->first_movement =
        art_renew(plan->first_movement, (size_t)plan->link_count + 1, sizeof *plan->first_movement);
    for (int32_t l = links; l < plan->link_count; ++l) plan->first_movement[l + 1] = plan->first_movement[l];
    join_all(plan, links, bicycle);
  }
  if (plan->options->with_rails) join_all(plan, links, art_osm_rail_classes());
}
