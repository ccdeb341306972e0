// Links, and which link leads to which: ways through junctions that the map and its turn restrictions leave open.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define LOOK_BACK_M 12.0  // directions at stop lines are those of the last metres
#define ORDER_M 20.0      // ways out stand in the order of places so far down the road
#define STRAIGHT_DEG 50.0
#define PART_DEG 25.0
#define BACK_DEG 150.0
enum { CHAIN_MOST = 6, DEEPEST = 10, MOST_STEPS = 4000, MOST_WAYS_OUT = 64 };

// ---- links -------------------------------------------------------------------------------------------------------------

void art_map_add_link(art_map *plan, int32_t p, int d)
{
  art_map_piece *piece = &plan->piece[p];
  const double begin = piece->trim_m[0], end = piece->length_m - piece->trim_m[1];
  const art_line line = art_map_line(plan, p);
  art_map_link link = { .piece = p,
                        .direction = d,
                        .from = plan->node[piece->node[d]].junction,
                        .to = plan->node[piece->node[1 - d]].junction,
                        .lane_count = piece->lanes[d],
                        .copy_of = -1,
                        .ban = -1 };
  const double reach = fmin(LOOK_BACK_M, end - begin);
  art_vec first = art_line_direction(line, begin, begin + reach),
          last = art_line_direction(line, end - reach, end);
  const art_vec at_first = art_line_at(line, begin), at_last = art_line_at(line, end);
  link.start = d ? (art_vec){ -last.x, -last.y } : first;
  link.end = d ? (art_vec){ -first.x, -first.y } : last;
  link.start_at = d ? at_last : at_first;
  link.end_at = d ? at_first : at_last;
  piece->link[d] = plan->link_count;
  ART_PUSH(plan->link, plan->link_count, plan->link_capacity, link);
}

void art_map_index_links(art_map *plan)
{
  int32_t **const firsts[2] = { &plan->first_in, &plan->first_out },
                  **const lists[2] = { &plan->in, &plan->out };
  for (int side = 0; side < 2; ++side) {
    free(*firsts[side]);
    free(*lists[side]);
    int32_t *first = ART_NEW(int32_t, plan->junction_count + 2), *list = ART_NEW(int32_t, plan->link_count);
    for (int32_t l = 0; l < plan->link_count; ++l)
      ++first[(side ? plan->link[l].from : plan->link[l].to) + 2];
    for (int32_t j = 0; j < plan->junction_count; ++j) first[j + 2] += first[j + 1];
    for (int32_t l = 0; l < plan->link_count; ++l)
      list[first[(side ? plan->link[l].from : plan->link[l].to) + 1]++] = l;
    *firsts[side] = first;
    *lists[side] = list;
  }
}

/// Junctions that lost all their links are none.
void art_map_drop_empty(art_map *plan)
{
  int32_t *to = ART_NEW(int32_t, plan->junction_count), kept = 0;
  for (int32_t l = 0; l < plan->link_count; ++l) to[plan->link[l].from] = to[plan->link[l].to] = 1;
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    const int stays = to[j];
    to[j] = stays ? kept : -1;
    if (stays) plan->junction[kept++] = plan->junction[j];
  }
  plan->junction_count = kept;
  for (int32_t i = 0; i < plan->node_count; ++i) plan->node[i].junction = to[plan->node[i].junction];
  for (int32_t l = 0; l < plan->link_count; ++l) {
    plan->link[l].from = to[plan->link[l].from];
    plan->link[l].to = to[plan->link[l].to];
  }
  free(to);
  art_map_index_links(plan);
}

// ---- copies of links: restrictions over a way between --------------------------------------------------------------------
//
// "Not from a over b to c" binds only those who come from a. A network of links and turns cannot say that, so b gets a copy:
// who comes from a drives on the copy, from which nothing leads to c; all others drive on b as before.

static int32_t way_of_end(const art_map *plan, int32_t link, int at_end)
{
  const art_map_link *l = &plan->link[link];
  return plan->piece[l->piece].end_way[at_end ? 1 - l->direction : l->direction];
}

static int is_via(const art_map *plan, const art_map_ban *ban, int32_t way)
{
  for (int32_t v = 0; v < ban->via_count; ++v)
    if (plan->ban_via[ban->first_via + v] == way) return 1;
  return 0;
}

static int has_end(const art_map *plan, const int32_t *list, int32_t begin, int32_t end, int at_end,
                   int32_t way)
{
  for (int32_t i = begin; i < end; ++i)
    if (way_of_end(plan, list[i], at_end) == way) return 1;
  return 0;
}

/// Links from `link` on along the ways of a ban to where its last way begins; returns how many, 0 if they do not lead there.
static int find_chain(const art_map *plan, const art_map_ban *ban, int32_t link, int32_t chain[CHAIN_MOST])
{
  int count = 0;
  while (link >= 0 && count < CHAIN_MOST) {
    const art_map_link *l = &plan->link[link];
    if (!is_via(plan, ban, way_of_end(plan, link, 0)) || !is_via(plan, ban, way_of_end(plan, link, 1)))
      return 0;
    chain[count++] = link;
    if (has_end(plan, plan->out, plan->first_out[l->to], plan->first_out[l->to + 1], 0, ban->to))
      return count;
    int32_t next = -1;
    for (int32_t i = plan->first_out[l->to]; i < plan->first_out[l->to + 1]; ++i)
      if (plan->link[plan->out[i]].piece != l->piece && is_via(plan, ban, way_of_end(plan, plan->out[i], 0)))
        next = plan->out[i];
    link = next;
  }
  return 0;
}

static void copy_links(art_map *plan)
{
  const int32_t count = plan->link_count;
  plan->report->bans_over_ways = 0;
  for (int32_t b = 0; b < plan->ban_count; ++b) {
    art_map_ban *ban = &plan->ban[b];
    int32_t chain[CHAIN_MOST];
    int length = 0;
    for (int32_t l = 0; ban->via_count && l < count && !length; ++l) {
      const int32_t from = plan->link[l].from;
      if (!is_via(plan, ban, way_of_end(plan, l, 0))) continue;
      if (!has_end(plan, plan->in, plan->first_in[from], plan->first_in[from + 1], 1, ban->from)) continue;
      length = find_chain(plan, ban, l, chain);
    }
    for (int k = 0; k < length; ++k) {
      art_map_link copy = plan->link[chain[k]];
      copy.copy_of = chain[k];
      copy.ban = b;
      copy.after = k ? plan->link_count - 1 : -1;
      copy.is_last = k + 1 == length;
      ART_PUSH(plan->link, plan->link_count, plan->link_capacity, copy);
    }
    ban->is_met |= length > 0;
    plan->report->bans_over_ways += length > 0;
  }
}

void art_map_links(art_map *plan)
{
  plan->link_count = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p) plan->piece[p].link[0] = plan->piece[p].link[1] = -1;
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int d = 0; d < 2; ++d)
      if (!plan->piece[p].is_inside && plan->piece[p].lanes[d]) art_map_add_link(plan, p, d);
  const int32_t count = plan->link_count;
  art_map_index_links(plan);
  copy_links(plan);
  plan->first_copy = count;
  if (plan->link_count > count) art_map_index_links(plan);
}

// ---- turn restrictions -------------------------------------------------------------------------------------------------

typedef struct step {
  int32_t piece;
  int direction;
} step;

typedef struct walker {
  art_map *plan;
  int32_t *first_ban, *ban;  // by via node
  int32_t *way_ban, way_ban_count;
  int32_t in;
  step path[DEEPEST + 2];
  int depth, steps;
  int overrule;
  uint8_t *is_led_to;  // links
  // found
  int32_t found_count;
  art_map_movement found[MOST_WAYS_OUT];
} walker;

static void index_bans(walker *w)
{
  const art_map *plan = w->plan;
  w->first_ban = ART_NEW(int32_t, plan->node_count + 2);
  w->ban = ART_NEW(int32_t, plan->ban_count);
  w->way_ban = ART_NEW(int32_t, plan->ban_count);
  for (int32_t b = 0; b < plan->ban_count; ++b) {
    if (plan->ban[b].via_node >= 0) ++w->first_ban[plan->ban[b].via_node + 2];
    if (plan->ban[b].via_count > 0) w->way_ban[w->way_ban_count++] = b;
  }
  for (int32_t i = 0; i < plan->node_count; ++i) w->first_ban[i + 2] += w->first_ban[i + 1];
  for (int32_t b = 0; b < plan->ban_count; ++b)
    if (plan->ban[b].via_node >= 0) w->ban[w->first_ban[plan->ban[b].via_node + 1]++] = b;
}

/// The way of a piece where a step begins or ends.
static int32_t way_at(const art_map *plan, step s, int at_end)
{
  return plan->piece[s.piece].end_way[at_end ? 1 - s.direction : s.direction];
}

/// Classes that may not go from step a to step b over the node between.
static uint32_t banned_at_node(const walker *w, int32_t node, step a, step b)
{
  art_map *plan = w->plan;
  const int32_t from = way_at(plan, a, 1), to = way_at(plan, b, 0);
  const int patched = art_map_patch_turn(plan, from, plan->node[node].id, to);
  if (patched >= 0) return patched ? 0 : ART_PERMIT_ALL;
  uint32_t banned = 0, only = 0, only_this = 0;
  for (int32_t i = w->first_ban[node]; i < w->first_ban[node + 1]; ++i) {
    art_map_ban *ban = &plan->ban[w->ban[i]];
    if (ban->from != from) continue;
    // "no U-turn" on one way means the piece one came by, not the one that goes on.
    const int is_this =
        ban->to == to &&
        (ban->from != ban->to || (ban->is_u_turn && !ban->is_only ? a.piece == b.piece : a.piece != b.piece));
    if (ban->is_only) {
      only |= ban->classes;
      if (is_this) only_this |= ban->classes;
      ban->is_met = 1;
    } else if (is_this) {
      banned |= ban->classes;
      ban->is_met = 1;
    }
  }
  return banned | (only & ~only_this);
}

/// Classes that a restriction over ways keeps from a path inside one junction.
static uint32_t banned_over_ways(const walker *w)
{
  art_map *plan = w->plan;
  uint32_t banned = 0;
  for (int32_t i = 0; i < w->way_ban_count; ++i) {
    art_map_ban *ban = &plan->ban[w->way_ban[i]];
    if (ban->is_only) continue;
    for (int k = 0; k + 2 < w->depth; ++k) {
      if (way_at(plan, w->path[k], 1) != ban->from) continue;
      int m = k + 1;
      for (; m + 1 < w->depth; ++m) {
        int is_via = 0;
        for (int32_t v = 0; v < ban->via_count; ++v)
          is_via |= plan->ban_via[ban->first_via + v] == way_at(plan, w->path[m], 0);
        if (!is_via) break;
        if (way_at(plan, w->path[m + 1], 0) != ban->to) continue;
        banned |= ban->classes;
        ban->is_met = 1;
      }
    }
  }
  return banned;
}

// ---- ways through a junction ---------------------------------------------------------------------------------------------

static uint32_t classes_of(const art_map *plan, int32_t piece, int direction)
{
  uint32_t mask = 0;
  const art_map_lane *lane = art_map_lanes_of(plan, piece, direction);
  for (int i = 0; i < plan->piece[piece].lanes[direction]; ++i) mask |= lane[i].allowed;
  return mask;
}

static void keep(walker *w, int32_t out, uint32_t allowed, double length)
{
  const art_map *plan = w->plan;
  allowed &= ~(w->overrule ? 0 : banned_over_ways(w));
  const art_map_link *in = &plan->link[w->in];
  if (in->ban >= 0 && in->is_last && !w->overrule) {
    const art_map_ban *ban = &plan->ban[in->ban];
    if ((way_of_end(plan, out, 0) == ban->to) != ban->is_only) allowed &= ~ban->classes;
  }
  for (int32_t c = plan->first_copy; c < plan->link_count; ++c)
    if (plan->link[c].copy_of == out &&
        (plan->link[c].after < 0 ? way_of_end(plan, w->in, 1) == plan->ban[plan->link[c].ban].from
                                 : plan->link[c].after == w->in)) {
      out = c;
      break;
    }
  if (!(allowed & art_osm_motor_classes())) return;
  art_map_movement m = { .in = w->in, .out = out, .allowed = allowed, .length_m = length };
  m.angle_deg = art_vec_angle_deg(in->end, plan->link[out].start);
  const art_vec target = { plan->link[out].start_at.x + ORDER_M * plan->link[out].start.x - in->end_at.x,
                           plan->link[out].start_at.y + ORDER_M * plan->link[out].start.y - in->end_at.y };
  m.bearing_deg = art_vec_angle_deg(in->end, target);
  for (int32_t i = 0; i < w->found_count; ++i) {
    if (w->found[i].out != out) continue;
    const uint32_t both = w->found[i].allowed | allowed;
    if (length < w->found[i].length_m) w->found[i] = m;
    w->found[i].allowed = both;
    return;
  }
  if (w->found_count < MOST_WAYS_OUT) w->found[w->found_count++] = m;
}

static void walk(walker *w, uint32_t allowed, double length)
{
  const art_map *plan = w->plan;
  if (w->depth > DEEPEST || ++w->steps > MOST_STEPS) return;
  const step here = w->path[w->depth - 1];
  const int32_t at = plan->piece[here.piece].node[1 - here.direction];
  const art_map_node *node = &plan->node[at];
  const uint32_t passing = allowed & ~node->closed;  // one may turn back before a gate
  for (int32_t i = 0; i < node->arm_count; ++i) {
    const int32_t arm = plan->arm[node->first_arm + i];
    const step next = { arm >> 1, arm & 1 };
    const art_map_piece *piece = &plan->piece[next.piece];
    if (!piece->lanes[next.direction]) continue;
    if (next.piece == here.piece && piece->is_inside) continue;
    uint32_t left =
        (next.piece == here.piece ? allowed : passing) & classes_of(plan, next.piece, next.direction);
    if (!w->overrule) left &= ~banned_at_node(w, at, here, next);
    if (!left) continue;
    w->path[w->depth++] = next;
    if (!piece->is_inside)
      keep(w, piece->link[next.direction], left, length);
    else {
      int is_new = 1;
      for (int k = 0; k + 1 < w->depth; ++k) is_new &= w->path[k].piece != next.piece;
      if (is_new) walk(w, left, length + piece->length_m);
    }
    --w->depth;
  }
}

// ---- which of them are turns -----------------------------------------------------------------------------------------------

/// Back the way one came: the other direction of the same road.
static int turns_back(const art_map *plan, const art_map_movement *m)
{
  const art_map_link *in = &plan->link[m->in], *out = &plan->link[m->out];
  if (in->piece == out->piece) return 1;
  if (plan->piece[in->piece].in_ring && plan->piece[out->piece].in_ring) return 0;  // however much of the ring lies between
  if (fabs(m->angle_deg) < BACK_DEG) return 0;
  const art_map_way *a = art_map_way_of(plan, in->piece, in->direction),
                    *b = art_map_way_of(plan, out->piece, out->direction);
  const int same_road = a->name && b->name ? strcmp(a->name, b->name) == 0 : a->road_class == b->road_class;
  return same_road && !plan->piece[in->piece].lanes[1 - in->direction] &&
         !plan->piece[out->piece].lanes[1 - out->direction];
}

/// The gap between two carriageways that is there for turning back: nothing else meets.
static int is_turning_place(const art_map *plan, int32_t junction)
{
  int32_t roads = 0;
  if (plan->junction[junction].node_count < 2) return 0;
  for (int32_t i = plan->first_in[junction]; i < plan->first_in[junction + 1]; ++i) {
    const art_map_link *in = &plan->link[plan->in[i]];
    if (plan->piece[in->piece].lanes[1 - in->direction]) return 0;
    ++roads;
  }
  return roads == 2 && plan->first_out[junction + 1] - plan->first_out[junction] == 2;
}

static int compare_angles(const void *left, const void *right)
{
  const art_map_movement *a = left, *b = right;
  if (a->bearing_deg != b->bearing_deg) return a->bearing_deg < b->bearing_deg ? -1 : 1;
  return a->out < b->out ? -1 : a->out > b->out;
}

/// How little a way out looks like the road going on: angle, less for the same name and class.
static double strangeness(const art_map *plan, const art_map_movement *m)
{
  const art_map_link *in = &plan->link[m->in], *out = &plan->link[m->out];
  const art_map_way *a = art_map_way_of(plan, in->piece, in->direction),
                    *b = art_map_way_of(plan, out->piece, out->direction);
  double value = fabs(m->angle_deg);
  if (a->name && b->name && strcmp(a->name, b->name) == 0) value -= 12.0;
  if (a->road_class == b->road_class) value -= 8.0;
  if (plan->piece[in->piece].in_ring && plan->piece[out->piece].in_ring) value -= 40.0;
  return value;
}

static void classify(const art_map *plan, art_map_movement *list, int32_t count)
{
  int32_t straight = -1;
  double least = INFINITY;
  for (int32_t i = 0; i < count; ++i) {
    art_map_movement *m = &list[i];
    m->turn = turns_back(plan, m) ? ART_TURN_U : m->angle_deg > 0.0 ? ART_TURN_LEFT : ART_TURN_RIGHT;
    const int both_ring =
        plan->piece[plan->link[m->in].piece].in_ring && plan->piece[plan->link[m->out].piece].in_ring;
    if (m->turn == ART_TURN_U || (fabs(m->angle_deg) > STRAIGHT_DEG && !both_ring)) continue;
    const double value = strangeness(plan, m);
    if (value >= least) continue;
    least = value;
    straight = i;
  }
  if (straight < 0) return;
  list[straight].turn = ART_TURN_STRAIGHT;
  for (int32_t i = 0; i < count; ++i) {
    art_map_movement *m = &list[i];
    if (i == straight || m->turn == ART_TURN_U || fabs(m->angle_deg) > PART_DEG + 10.0) continue;
    // Beside the straight one it parts to one side, whatever the sign of its own angle.
    m->turn = i > straight ? ART_TURN_PART_LEFT : ART_TURN_PART_RIGHT;  // they stand from right to left
  }
}

/// Turns back are dropped where there is another way on, unless the place is there for them.
static int32_t drop_turns_back(walker *w, int32_t junction)
{
  const art_map *plan = w->plan;
  int32_t others = 0, kept = 0;
  for (int32_t i = 0; i < w->found_count; ++i)
    others += !turns_back(plan, &w->found[i]) && (w->found[i].allowed >> ART_VCLASS_PASSENGER & 1u);
  const int is_place = is_turning_place(plan, junction);
  for (int32_t i = 0; i < w->found_count; ++i) {
    const int is_back = turns_back(plan, &w->found[i]);
    const int same_piece = plan->link[w->found[i].in].piece == plan->link[w->found[i].out].piece;
    int patched = -1;
    for (int32_t k = 0; is_back && k < plan->junction[junction].node_count; ++k) {
      const int64_t via = plan->node[plan->member[plan->junction[junction].first_node + k]].id;
      const int said = art_map_patch_turn(plan, way_of_end(plan, w->found[i].in, 1), via,
                                          way_of_end(plan, w->found[i].out, 0));
      patched = said >= 0 ? said : patched;
    }
    if (is_back && others && patched != 1 && (same_piece || !is_place)) continue;
    if (is_back) w->found[i].bearing_deg = 360.0 - fabs(w->found[i].angle_deg);  // farthest to the left
    w->found[kept++] = w->found[i];
  }
  return kept;
}

static void find_ways_out(walker *w, int32_t in)
{
  const art_map_link *link = &w->plan->link[in];
  w->in = in;
  w->found_count = 0;
  w->steps = 0;
  w->path[0] = (step){ link->piece, link->direction };
  w->depth = 1;
  walk(w, classes_of(w->plan, link->piece, link->direction), 0.0);
}

/// A link is not left without a way on by restrictions, nor by a ban to turn back at a dead end.
static void find_movements(walker *w, int32_t in)
{
  art_map *plan = w->plan;
  w->overrule = 0;
  find_ways_out(w, in);
  if (!w->found_count) {
    w->overrule = 1;
    find_ways_out(w, in);
    plan->report->bans_overruled += w->found_count > 0;
  }
  w->found_count = drop_turns_back(w, plan->link[in].to);
  art_sort(w->found, (size_t)w->found_count, sizeof *w->found, compare_angles);
  classify(plan, w->found, w->found_count);
  for (int32_t i = 0; i < w->found_count; ++i) {
    w->is_led_to[w->found[i].out] = 1;
    plan->report->u_turns += w->found[i].turn == ART_TURN_U;
    ART_PUSH(plan->movement, plan->movement_count, plan->movement_capacity, w->found[i]);
  }
}

/// A direction that nothing leads to is reached by turning back from the other one: the end of two-way traffic.
static void lead_back(walker *w)
{
  art_map *plan = w->plan;
  art_map_movement *old = plan->movement;
  const int32_t *first = plan->first_movement;
  int32_t *new_first = ART_NEW(int32_t, plan->link_count + 1);
  plan->movement = NULL;
  plan->movement_count = plan->movement_capacity = 0;
  for (int32_t l = 0; l < plan->link_count; ++l) {
    for (int32_t m = first[l]; m < first[l + 1]; ++m)
      ART_PUSH(plan->movement, plan->movement_count, plan->movement_capacity, old[m]);
    const art_map_link *link = &plan->link[l];
    const int32_t back = plan->piece[link->piece].link[1 - link->direction];
    if (back >= 0 && !w->is_led_to[back] && link->copy_of < 0 &&
        plan->first_in[link->to] < plan->first_in[link->to + 1]) {
      const art_map_movement m = { .in = l,
                                   .out = back,
                                   .allowed = classes_of(plan, link->piece, link->direction) &
                                              classes_of(plan, link->piece, 1 - link->direction),
                                   .angle_deg = 180.0,
                                   .bearing_deg = 180.0,
                                   .turn = ART_TURN_U };
      if (m.allowed & art_osm_motor_classes()) {
        ++plan->report->u_turns;
        ART_PUSH(plan->movement, plan->movement_count, plan->movement_capacity, m);
      }
    }
    new_first[l + 1] = plan->movement_count;
  }
  free(old);
  free(plan->first_movement);
  plan->first_movement = new_first;
}

void art_map_movements(art_map *plan)
{
  walker w = { .plan = plan, .is_led_to = ART_NEW(uint8_t, plan->link_count) };
  index_bans(&w);
  plan->movement_count = 0;
  plan->report->u_turns = plan->report->bans = plan->report->bans_unmet = plan->report->bans_overruled = 0;
  free(plan->first_movement);
  plan->first_movement = ART_NEW(int32_t, plan->link_count + 1);
  for (int32_t l = 0; l < plan->link_count; ++l) {
    find_movements(&w, l);
    plan->first_movement[l + 1] = plan->movement_count;
  }
  lead_back(&w);
  free(w.is_led_to);
  for (int32_t b = 0; b < plan->ban_count; ++b) {
    plan->report->bans += plan->ban[b].is_met;
    plan->report->bans_unmet += !plan->ban[b].is_met;
  }
  free(w.first_ban);
  free(w.ban);
  free(w.way_ban);
}
