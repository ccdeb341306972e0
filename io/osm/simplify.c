// Joins pieces where nothing changes, so that nodes are junctions, changes of the road, or its ends.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define SHORT_M 14.0        // pieces shorter than this take over the lanes of what they join
#define STUB_M 9.0          // dead ends shorter than this are dropped
#define SHORT_SPEED_M 40.0  // and those shorter than this a different speed

/// Lanes of `piece` for those who leave node end `end` (away) or come to it.
static int side_direction(int end, int away)
{
  return away ? end : 1 - end;
}

static int same_lanes(const art_map *plan, int32_t a, int da, int32_t b, int db, int *same_speed)
{
  const int n = plan->piece[a].lanes[da];
  if (n != plan->piece[b].lanes[db]) return 0;
  const art_map_side *side_a = art_map_side_of(plan, a, da), *side_b = art_map_side_of(plan, b, db);
  if (side_a->cycle_kerb != side_b->cycle_kerb || side_a->cycle_inner != side_b->cycle_inner) return 0;
  const art_map_lane *p = n ? art_map_lanes_of(plan, a, da) : NULL,
                     *q = n ? art_map_lanes_of(plan, b, db) : NULL;
  for (int i = 0; i < n; ++i) {
    if (p[i].allowed != q[i].allowed) return 0;
    *same_speed &= fabsf(p[i].speed_mps - q[i].speed_mps) < 0.3f;
  }
  return 1;
}

static void append(art_map *plan, int32_t piece, int forward, int skip_first)
{
  const art_map_piece p = plan->piece[piece];
  for (int32_t i = skip_first; i < p.point_count; ++i) {
    const int64_t at = p.first_point + (forward ? i : p.point_count - 1 - i);
    art_map_add_point(plan, plan->x[at], plan->y[at]);
  }
}

/// Events of a piece into the chain of a joined one. `offset_m` is where the piece begins there.
static int32_t move_events(art_map *plan, int32_t piece, int forward, double offset_m, int32_t chain)
{
  const double length = plan->piece[piece].length_m;
  for (int32_t e = plan->piece[piece].first_event; e >= 0;) {
    art_map_event *event = &plan->event[e];
    const int32_t next = event->next;
    event->at_m = offset_m + (forward ? event->at_m : length - event->at_m);
    if (!forward) {
      const uint8_t direction = event->direction[0];
      event->direction[0] = event->direction[1];
      event->direction[1] = direction;
    }
    event->next = chain;
    chain = e;
    e = next;
  }
  return chain;
}

/// What stands at the dissolved node becomes an event of the joined piece.
static int32_t keep_node_event(art_map *plan, const art_map_node *node, int told_along, double at_m,
                               int32_t chain)
{
  const uint32_t what = node->what & (ART_OSM_NODE_SIGNAL | ART_OSM_NODE_CROSSING_SIGNAL | ART_OSM_NODE_STOP |
                                      ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY |
                                      (plan->options->people_per_h > 0.0 ? ART_OSM_NODE_CROSSING | ART_OSM_NODE_ZEBRA : 0));
  if (!what) return chain;
  const uint32_t signs = ART_OSM_NODE_STOP | ART_OSM_NODE_STOP_ALL | ART_OSM_NODE_GIVE_WAY;
  const int told = (what & signs) ? node->sign_direction : node->signal_direction;
  const int known = told_along && (told == ART_OSM_DIRECTION_FORWARD || told == ART_OSM_DIRECTION_BACKWARD);
  const int along = known && (told == ART_OSM_DIRECTION_FORWARD) == (told_along > 0);
  const art_map_event event = { .at_m = at_m,
                                .node = node->id,
                                .what = what,
                                .direction = { (uint8_t)(!known || along), (uint8_t)(!known || !along) },
                                .is_told = (uint8_t)(known || told == ART_OSM_DIRECTION_BOTH),
                                .next = chain };
  ART_PUSH(plan->event, plan->event_count, plan->event_capacity, event);
  return plan->event_count - 1;
}

/// Joins the piece of arm b to that of arm a; both end in `node`. The result takes the place of a's piece.
static void join(art_map *plan, int32_t node, int32_t arm_a, int32_t arm_b, int lanes_of_longer)
{
  const int32_t a = arm_a >> 1, b = arm_b >> 1;
  const int end_a = arm_a & 1, end_b = arm_b & 1;
  const int forward_a = end_a == 1,
            forward_b = end_b == 0;  // along the joined piece: a's far node, node, b's far node
  const art_map_piece pa = plan->piece[a], pb = plan->piece[b];
  art_map_piece out = pa;
  out.first_point = plan->point_count;
  append(plan, a, forward_a, 0);
  append(plan, b, forward_b, 1);
  out.point_count = (int32_t)(plan->point_count - out.first_point);
  out.node[0] = pa.node[1 - end_a];
  out.node[1] = pb.node[1 - end_b];
  out.end_way[0] = pa.end_way[1 - end_a];
  out.end_way[1] = pb.end_way[1 - end_b];
  out.length_m = pa.length_m + pb.length_m;
  for (int d = 0; d < 2; ++d) {
    // Arrows before the next junction count, so lanes are those of the piece downstream, unless it is a stub.
    const int from_b = lanes_of_longer ? pb.length_m > pa.length_m : d == 0;
    const art_map_piece *source = from_b ? &pb : &pa;
    const int along = from_b ? forward_b : forward_a, direction = along ? d : 1 - d;
    out.way[d] = source->way[direction];
    out.way_side[d] = source->way_side[direction];
    out.lanes[d] = source->lanes[direction];
  }
  // Ways tell directions of what stands on them; at a node between two ways both must run alike.
  const int along_a = pa.way_side[forward_a ? 0 : 1] == 0, along_b = pb.way_side[forward_b ? 0 : 1] == 0;
  const int told_along = along_a == along_b ? (along_a ? 1 : -1) : 0;
  int32_t chain = move_events(plan, a, forward_a, 0.0, -1);
  chain = move_events(plan, b, forward_b, pa.length_m, chain);
  out.first_event = keep_node_event(plan, &plan->node[node], told_along, pa.length_m, chain);
  plan->piece[a] = out;
  plan->piece[b].is_gone = 1;
  // The far node of b now has an arm of a.
  art_map_node *far = &plan->node[out.node[1]];
  for (int32_t i = 0; i < far->arm_count; ++i)
    if (plan->arm[far->first_arm + i] == 2 * b + 1 - end_b) plan->arm[far->first_arm + i] = 2 * a + 1;
  art_map_node *near = &plan->node[out.node[0]];
  for (int32_t i = 0; i < near->arm_count; ++i)
    if (plan->arm[near->first_arm + i] == 2 * a + 1 - end_a) plan->arm[near->first_arm + i] = 2 * a;
}

/// 0: the two arms of a node stay apart; 1: they are alike; 2: alike but for a stub.
static int may_join(const art_map *plan, int32_t node, int32_t arm_a, int32_t arm_b)
{
  const art_map_node *n = &plan->node[node];
  const int32_t a = arm_a >> 1, b = arm_b >> 1;
  const art_map_piece *pa = &plan->piece[a], *pb = &plan->piece[b];
  if (n->is_rim || n->closed || (n->what & ART_OSM_NODE_MINI_ROUNDABOUT)) return 0;
  if (a == b || pa->in_ring != pb->in_ring) return 0;
  if (art_map_far_node(plan, arm_a) == art_map_far_node(plan, arm_b)) return 0;
  const int end_a = arm_a & 1, end_b = arm_b & 1;
  int alike = 1, same_speed = 1;
  for (int away = 0; away < 2; ++away) {  // of a; b the other way round
    const int da = side_direction(end_a, away), db = side_direction(end_b, !away);
    if ((pa->lanes[da] > 0) != (pb->lanes[db] > 0)) return 0;
    alike &= same_lanes(plan, a, da, b, db, &same_speed);
  }
  const double shorter = fmin(pa->length_m, pb->length_m);
  if (alike && (same_speed || shorter < SHORT_SPEED_M)) return same_speed ? 1 : 2;
  return shorter < SHORT_M ? 2 : 0;
}

/// Ends of streets too short to drive into.
static void drop_stubs(art_map *plan)
{
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    art_map_piece *piece = &plan->piece[p];
    for (int end = 0; end < 2; ++end) {
      const art_map_node *node = &plan->node[piece->node[end]], *other = &plan->node[piece->node[1 - end]];
      if (piece->is_gone || piece->length_m > STUB_M || node->arm_count != 1 || other->arm_count < 2)
        continue;
      piece->is_gone = 1;
      ++plan->report->stubs;
    }
  }
  art_map_compact(plan);
}

void art_map_simplify(art_map *plan)
{
  drop_stubs(plan);
  // Alike first, stubs after: what is left of a stub's neighbours is then as long as it gets.
  for (int round = 1; round <= 2; ++round)
    for (int32_t i = 0; i < plan->node_count; ++i) {
      const art_map_node *node = &plan->node[i];
      if (node->arm_count != 2) continue;
      const int32_t a = plan->arm[node->first_arm], b = plan->arm[node->first_arm + 1];
      const int kind = may_join(plan, i, a, b);
      if (kind == 0 || kind > round) continue;
      join(plan, i, a, b, kind == 2);
      plan->node[i].arm_count = 0;
      ++plan->report->joined_pieces;
    }
  art_map_compact(plan);
}
