// Tools that all steps of the plan share.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define LONGEST_M 300000.0  // nothing between two junctions; its nodes are wrong

void art_map_clear(art_map *plan)
{
  void *const owned[] = { plan->lane,
                          plan->way,
                          plan->node,
                          plan->arm,
                          plan->piece,
                          plan->x,
                          plan->y,
                          plan->part_m,
                          plan->event,
                          plan->ban,
                          plan->ban_via,
                          plan->junction,
                          plan->member,
                          plan->link,
                          plan->first_in,
                          plan->in,
                          plan->first_out,
                          plan->out,
                          plan->movement,
                          plan->first_movement,
                          plan->connector };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  art_map_forget_store(plan);
}

int32_t art_map_add_node(art_map *plan, int64_t id, double x, double y)
{
  const art_map_node node = { .id = id, .x = x, .y = y, .junction = -1, .height_m = NAN };
  ART_PUSH(plan->node, plan->node_count, plan->node_capacity, node);
  return plan->node_count - 1;
}

int32_t art_map_add_store_node(art_map *plan, int64_t node)
{
  return art_map_add_node(plan, plan->store->node[node].id, plan->store_x[node], plan->store_y[node]);
}

art_osm_point art_map_point_of(const art_map *plan, int64_t node, art_osm_notes *notes)
{
  const art_osm_node_row *row = &plan->store->node[node];
  art_osm_point point;
  art_osm_node(art_osm_tags_of(plan->store, row->tag_first, row->tag_count), &point, notes);
  return point;
}

int32_t art_map_find_way(const art_map *plan, int64_t id)
{
  int32_t low = 0, high = plan->road_way_count;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (plan->way[middle].id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low < plan->road_way_count && plan->way[low].id == id ? low : -1;
}

int art_map_is_absurd(const art_map *plan, double length_m)
{
  if (length_m <= LONGEST_M) return 0;
  ++plan->report->absurd;
  return 1;
}

art_map_piece art_map_new_piece(const art_map *plan, int32_t way, int64_t first_point)
{
  const art_map_way *w = &plan->way[way];
  return (art_map_piece){ .first_point = first_point,
                          .way = { way, way },
                          .end_way = { way, way },
                          .way_side = { 0, 1 },
                          .lanes = { (uint8_t)w->side[0].lane_count, (uint8_t)w->side[1].lane_count },
                          .first_event = -1,
                          .link = { -1, -1 },
                          .in_ring = w->in_ring };
}

void art_map_forget_store(art_map *plan)
{
  free(plan->store_x);
  free(plan->store_y);
  free(plan->store_inside);
  plan->store_x = plan->store_y = NULL;
  plan->store_inside = NULL;
}

void art_map_add_point(art_map *plan, double x, double y)
{
  if (plan->point_count == plan->point_capacity) {
    plan->point_capacity = plan->point_capacity ? 2 * plan->point_capacity : 4096;
    plan->x = art_renew(plan->x, (size_t)plan->point_capacity, sizeof *plan->x);
    plan->y = art_renew(plan->y, (size_t)plan->point_capacity, sizeof *plan->y);
  }
  plan->x[plan->point_count] = x;
  plan->y[plan->point_count++] = y;
  free(plan->part_m);
  plan->part_m = NULL;
}

void art_map_measure(art_map *plan)
{
  free(plan->part_m);
  plan->part_m = ART_NEW(double, plan->point_count + 1);
  for (int64_t i = 0; i + 1 < plan->point_count; ++i)
    plan->part_m[i] = hypot(plan->x[i + 1] - plan->x[i], plan->y[i + 1] - plan->y[i]);
}

void art_map_index_arms(art_map *plan)
{
  free(plan->arm);
  plan->arm = ART_NEW(int32_t, 2 * (int64_t)plan->piece_count + 1);
  for (int32_t i = 0; i < plan->node_count; ++i) plan->node[i].arm_count = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int end = 0; end < 2; ++end)
      if (!plan->piece[p].is_gone) ++plan->node[plan->piece[p].node[end]].arm_count;
  int32_t sum = 0;
  for (int32_t i = 0; i < plan->node_count; ++i) {
    plan->node[i].first_arm = sum;
    sum += plan->node[i].arm_count;
    plan->node[i].arm_count = 0;
  }
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int end = 0; end < 2; ++end) {
      if (plan->piece[p].is_gone) continue;
      art_map_node *node = &plan->node[plan->piece[p].node[end]];
      plan->arm[node->first_arm + node->arm_count++] = 2 * p + end;
    }
}

void art_map_compact(art_map *plan)
{
  int32_t *to = ART_NEW(int32_t, plan->node_count), kept = 0, nodes = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    if (plan->piece[p].is_gone) continue;
    to[plan->piece[p].node[0]] = to[plan->piece[p].node[1]] = 1;
    plan->piece[kept++] = plan->piece[p];
  }
  plan->piece_count = kept;
  for (int32_t i = 0; i < plan->node_count; ++i) {
    const int stays = to[i];
    to[i] = stays ? nodes : -1;
    if (stays) plan->node[nodes++] = plan->node[i];
  }
  plan->node_count = nodes;
  for (int32_t p = 0; p < kept; ++p)
    for (int end = 0; end < 2; ++end) plan->piece[p].node[end] = to[plan->piece[p].node[end]];
  for (int32_t b = 0; b < plan->ban_count; ++b)
    if (plan->ban[b].via_node >= 0) {
      plan->ban[b].via_node = to[plan->ban[b].via_node];
      if (plan->ban[b].via_node < 0) plan->ban[b].via_node = -2;  // its node is gone: it forbids nothing
    }
  free(to);
  art_map_index_arms(plan);
}

int32_t art_map_split(art_map *plan, int32_t piece, double at_m, int64_t node_id)
{
  const art_vec at = art_line_at(art_map_line(plan, piece), at_m);
  const int32_t node = art_map_add_node(plan, node_id, at.x, at.y);
  const int32_t n = plan->piece[piece].point_count;
  double *x = ART_NEW(double, 2 * (int64_t)(n + 2)), *y = x + n + 2;
  const double length = plan->piece[piece].length_m;
  art_map_piece parts[2] = { plan->piece[piece], plan->piece[piece] };
  for (int k = 0; k < 2; ++k) {
    const int32_t count = art_line_cut(art_map_line(plan, piece), k ? at_m : 0.0, k ? length : at_m, x, y);
    parts[k].first_point = plan->point_count;
    parts[k].point_count = count;
    parts[k].first_event = -1;
    for (int32_t i = 0; i < count; ++i) art_map_add_point(plan, x[i], y[i]);
    parts[k].node[1 - k] = node;
    parts[k].length_m = k ? length - at_m : at_m;
    // What stands at the end of a direction belongs to the part that reaches it.
    parts[k].control[k] = 0;
  }
  free(x);
  for (int32_t e = plan->piece[piece].first_event; e >= 0;) {
    art_map_event *event = &plan->event[e];
    const int32_t next = event->next;
    const int k = event->at_m > at_m;
    if (k) event->at_m -= at_m;
    event->next = parts[k].first_event;
    parts[k].first_event = e;
    e = next;
  }
  plan->piece[piece] = parts[0];
  ART_PUSH(plan->piece, plan->piece_count, plan->piece_capacity, parts[1]);
  return plan->piece_count - 1;
}

double art_map_width(const art_map *plan, int32_t piece)
{
  double width = 0.0;
  for (int d = 0; d < 2; ++d)
    if (plan->piece[piece].lanes[d]) width += (double)art_map_side_of(plan, piece, d)->width_m;
  const double middle = (double)art_map_way_of(plan, piece, 0)->middle_m;
  return width + middle;
}

double art_map_left_edge(const art_map *plan, int32_t piece, int direction)
{
  const art_map_piece *p = &plan->piece[piece];
  const double own = p->lanes[direction] ? (double)art_map_side_of(plan, piece, direction)->width_m : 0.0;
  const double other =
      p->lanes[1 - direction] ? (double)art_map_side_of(plan, piece, 1 - direction)->width_m : 0.0;
  const double middle = other > 0.0 ? (double)art_map_way_of(plan, piece, 0)->middle_m : 0.0;
  return 0.5 * (other + middle - own);
}

art_vec art_map_leaving(const art_map *plan, int32_t piece, int end, double over_m)
{
  const double length = plan->piece[piece].length_m, reach = fmin(over_m, length);
  if (end == 0) return art_line_direction(art_map_line(plan, piece), 0.0, reach);
  const art_vec d = art_line_direction(art_map_line(plan, piece), length - reach, length);
  return (art_vec){ -d.x, -d.y };
}

int art_map_patch_turn(const art_map *plan, int32_t from_way, int64_t via, int32_t to_way)
{
  for (int32_t i = 0; plan->patch && i < plan->patch->turn_count; ++i) {
    art_patch_turn *turn = &plan->patch->turn[i];
    if (turn->via != via || turn->from != plan->way[from_way].id || turn->to != plan->way[to_way].id)
      continue;
    turn->is_used = 1;
    return turn->is_allowed;
  }
  return -1;
}

const art_patch_signal *art_map_patch_signal(const art_map *plan, int32_t junction)
{
  const art_map_junction *j = &plan->junction[junction];
  for (int32_t i = 0; plan->patch && i < j->node_count; ++i) {
    art_patch_signal *signal =
        art_osm_patch_signal(plan->patch, plan->node[plan->member[j->first_node + i]].id);
    if (!signal) continue;
    signal->is_used = 1;
    return signal;
  }
  return NULL;
}
