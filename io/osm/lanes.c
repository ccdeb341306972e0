// From lane to lane. Ways out of a link stand from right to left, and so do the lanes that serve them: a way farther to the
// left never begins farther to the right, so paths of one link do not cross.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

enum { MOST_LANES = ART_OSM_MAX_LANES, MOST_WAYS = 64, ARROWS = 8, NO_LANE = 255 };
#define NO_CHANGE_M 25.0  // on links shorter than this one hardly changes lanes
#define MERGE_DEG 60.0

/// Arrows from right to left with the angle that they stand for.
static const struct {
  uint16_t mask;
  double angle_deg;
} arrow[ARROWS] = {
  { ART_OSM_TURN_SHARP_RIGHT, -135.0 },
  { ART_OSM_TURN_RIGHT, -85.0 },
  { ART_OSM_TURN_SLIGHT_RIGHT, -35.0 },
  { ART_OSM_TURN_THROUGH | ART_OSM_TURN_NONE | ART_OSM_TURN_MERGE_LEFT | ART_OSM_TURN_MERGE_RIGHT, 0.0 },
  { ART_OSM_TURN_SLIGHT_LEFT, 35.0 },
  { ART_OSM_TURN_LEFT, 85.0 },
  { ART_OSM_TURN_SHARP_LEFT, 135.0 },
  { ART_OSM_TURN_REVERSE, 180.0 }
};
enum { THROUGH = 3, REVERSE = 7 };

/// Lanes of a link that cars use, kerb first; all lanes where there are none.
typedef struct lane_list {
  int count;
  uint8_t lane[MOST_LANES];
  uint16_t turns[MOST_LANES];
  uint8_t has_turns;
} lane_list;

static void list_lanes(const art_map *plan, int32_t link, lane_list *out)
{
  const art_map_link *l = &plan->link[link];
  const art_map_lane *lane = art_map_lanes_of(plan, l->piece, l->direction);
  out->count = 0;
  out->has_turns = 0;
  for (int any = 0; any < 2 && !out->count; ++any)
    for (int i = 0; i < l->lane_count; ++i) {
      if (!any && !(lane[i].allowed >> ART_VCLASS_PASSENGER & 1u)) continue;
      out->turns[out->count] = lane[i].turns;
      out->has_turns |= lane[i].turns != 0 && lane[i].turns != ART_OSM_TURN_NONE;
      out->lane[out->count++] = (uint8_t)i;
    }
}

typedef struct span {
  int low, high;
} span;

// ---- which lanes serve which way out -----------------------------------------------------------------------------------

/// Without a way straight on all share the lanes; neighbours share one if need be.
static void share_evenly(int ways, int lanes, span *out)
{
  for (int k = 0; k < ways; ++k) {
    out[k].low = k * lanes / ways;
    out[k].high = ((k + 1) * lanes + ways - 1) / ways - 1;
  }
}

static int out_lanes(const art_map *plan, const art_map_movement *m)
{
  lane_list list;
  list_lanes(plan, m->out, &list);
  return list.count;
}

static int is_yard(const art_map *plan, int32_t link)
{
  const art_map_link *l = &plan->link[link];
  return art_map_way_of(plan, l->piece, l->direction)->road_class >= ART_OSM_CLASS_SERVICE;
}

/// Does a stream of cars come against a link at its end, for which those who turn left wait?
static int has_oncoming(const art_map *plan, int32_t link)
{
  const art_map_link *l = &plan->link[link];
  for (int32_t i = plan->first_in[l->to]; i < plan->first_in[l->to + 1]; ++i) {
    const int32_t other = plan->in[i];
    if (art_vec_dot(l->end, plan->link[other].end) > ART_ONCOMING_COS) continue;
    for (int32_t m = plan->first_movement[other]; m < plan->first_movement[other + 1]; ++m) {
      const art_map_movement *move = &plan->movement[m];
      if (!art_turn_is_left(move->turn) && (move->allowed >> ART_VCLASS_PASSENGER & 1u))
        return 1;
    }
  }
  return 0;
}

/// Spans of `ways` movements over `lanes` lanes by geometry.
static void by_geometry(const art_map *plan, const art_map_movement *m, int ways, int lanes, span *out)
{
  int straight = -1;
  for (int k = 0; k < ways; ++k)
    if (m[k].turn == ART_TURN_STRAIGHT) straight = k;
  if (straight < 0) {
    share_evenly(ways, lanes, out);
    return;
  }
  const int on = out_lanes(plan, &m[straight]);
  int surplus = lanes > on ? lanes - on : 0, left_own = 0, right_own = 0;
  const int left = ways - 1 - straight, right = straight;
  const int left_most = left ? out_lanes(plan, &m[ways - 1]) : 0,
            right_most = right ? out_lanes(plan, &m[0]) : 0;
  // A lane that does not go on belongs to a turn: the one to the left first, as it waits longest.
  while (surplus > 0 && (left_own < left * left_most || right_own < right * right_most)) {
    const int to_left = left && left_own < left * left_most &&
                        (left_own <= right_own || !right || right_own >= right * right_most);
    left_own += to_left;
    right_own += !to_left;
    --surplus;
  }
  // Of three lanes that all go on, one is left to those who turn left if they have to wait for others.
  if (lanes >= 3 && left && !left_own && !is_yard(plan, m[ways - 1].out) && m[ways - 1].turn == ART_TURN_LEFT &&
      has_oncoming(plan, m[0].in))
    left_own = 1;
  out[straight] = (span){ right_own, lanes - 1 - left_own };
  for (int k = 0; k < right; ++k) {
    const int n = right_own ? right_own : 1;
    out[k] = (span){ k * n / right, ((k + 1) * n + right - 1) / right - 1 };
  }
  for (int k = 0; k < left; ++k) {
    const int n = left_own ? left_own : 1;
    out[straight + 1 + k] =
        (span){ lanes - n + k * n / left, lanes - n + ((k + 1) * n + left - 1) / left - 1 };
  }
}

static uint16_t arrows_of(const lane_list *list, int lane)
{
  return list->turns[lane] ? list->turns[lane] : (uint16_t)ART_OSM_TURN_THROUGH;
}

/// Arrows that are painted, right to left, into `used`; returns how many.
static int painted(const lane_list *list, int used[ARROWS])
{
  int count = 0;
  for (int a = 0; a < ARROWS; ++a) {
    int is_there = 0;
    for (int i = 0; i < list->count; ++i) is_there |= (arrows_of(list, i) & arrow[a].mask) != 0;
    if (is_there && a != REVERSE) used[count++] = a;
  }
  return count;
}

/// Assigns movements to arrows, both from right to left, with the least sum of differences (dynamic programming); arrows
/// that are left out cost as much as half a right angle.
static void match_arrows(const art_map_movement *m, int ways, const int *used, int arrows, int *arrow_of)
{
  const double skipped = 45.0;
  double cost[MOST_WAYS + 1][ARROWS];
  int from[MOST_WAYS + 1][ARROWS];
  for (int k = 0; k < ways; ++k)
    for (int a = 0; a < arrows; ++a) {
      double angle = m[k].turn == ART_TURN_STRAIGHT ? 0.5 * m[k].angle_deg : m[k].angle_deg;
      if (m[k].turn == ART_TURN_U) angle = 150.0;
      const double here = fabs(arrow[used[a]].angle_deg - angle);
      double best = k ? INFINITY : skipped * a;
      int source = -1;
      for (int b = 0; k && b <= a; ++b) {
        const double sum = cost[k - 1][b] + skipped * (b < a ? a - b - 1 : 0);
        if (sum >= best) continue;
        best = sum;
        source = b;
      }
      cost[k][a] = best + here;
      from[k][a] = source;
    }
  int last = 0;
  for (int a = 1; a < arrows; ++a)
    if (cost[ways - 1][a] + skipped * (arrows - 1 - a) < cost[ways - 1][last] + skipped * (arrows - 1 - last))
      last = a;
  for (int k = ways - 1; k >= 0; --k) {
    arrow_of[k] = last;
    last = from[k][last];
  }
}

static void by_arrows(const art_map *plan, const art_map_movement *m, int ways, const lane_list *list,
                      span *out)
{
  int used[ARROWS], arrow_of[MOST_WAYS];
  const int arrows = painted(list, used);
  if (!arrows) {
    by_geometry(plan, m, ways, list->count, out);
    return;
  }
  match_arrows(m, ways, used, arrows, arrow_of);
  for (int k = 0; k < ways;) {
    int end = k + 1;
    while (end < ways && arrow_of[end] == arrow_of[k]) ++end;
    const uint16_t mask = arrow[used[arrow_of[k]]].mask;
    int low = list->count, high = -1;
    for (int i = 0; i < list->count; ++i) {
      if (!(arrows_of(list, i) & mask)) continue;
      low = i < low ? i : low;
      high = i;
    }
    by_geometry(plan, m + k, end - k, high - low + 1, out + k);
    for (; k < end; ++k) {
      out[k].low += low;
      out[k].high += low;
    }
  }
}

/// Ways farther left begin no farther right, and every lane serves one.
static void tidy(span *out, int ways, int lanes)
{
  for (int k = 1; k < ways; ++k) {
    if (out[k].low < out[k - 1].low) out[k].low = out[k - 1].low;
    if (out[k].high < out[k].low) out[k].high = out[k].low;
    if (out[k - 1].high > out[k].low) out[k - 1].high = out[k].low;
    if (out[k - 1].high < out[k - 1].low) out[k - 1].high = out[k - 1].low;
  }
  if (out[0].low > 0) out[0].low = 0;
  for (int k = 1; k < ways; ++k)
    if (out[k].low > out[k - 1].high + 1) out[k].low = out[k - 1].high + 1;
  if (out[ways - 1].high < lanes - 1) out[ways - 1].high = lanes - 1;
}

// ---- where they lead ---------------------------------------------------------------------------------------------------

typedef struct linker {
  art_map *plan;
  uint8_t *is_reached;             // lanes by link, MOST_LANES each
  int32_t *first_by_out, *by_out;  // movements by the link they lead to
  uint8_t *source;                 // by movement and lane of its exit: the lane that leads there, or NO_LANE
} linker;

static void add_connector(linker *k, int32_t movement, int from_lane, int to_lane)
{
  art_map *plan = k->plan;
  const art_map_movement *m = &plan->movement[movement];
  const art_map_link *in = &plan->link[m->in], *out = &plan->link[m->out];
  const uint32_t allowed = m->allowed & art_map_lanes_of(plan, in->piece, in->direction)[from_lane].allowed &
                           art_map_lanes_of(plan, out->piece, out->direction)[to_lane].allowed;
  if (!(allowed & art_osm_motor_classes())) return;
  const art_map_connector c = { movement, (uint8_t)from_lane, (uint8_t)to_lane };
  ART_PUSH(plan->connector, plan->connector_count, plan->connector_capacity, c);
  k->is_reached[(int64_t)m->out * MOST_LANES + to_lane] = 1;
  k->source[(int64_t)movement * MOST_LANES + to_lane] = (uint8_t)from_lane;
}

/// Where the lanes of a movement begin among those of its exit: by the side of the turn; where several roads flow into
/// one, side by side from right to left; else by the least shift sideways.
static int first_target(const linker *k, const art_map_movement *m, int lanes, int on)
{
  const art_map *plan = k->plan;
  const art_map_link *in = &plan->link[m->in], *out = &plan->link[m->out];
  if (m->turn == ART_TURN_RIGHT) return 0;
  if (art_turn_is_left(m->turn)) return on - lanes;
  int merging = 0, place = 0, before = 0, sum = 0;
  for (int32_t i = k->first_by_out[m->out]; i < k->first_by_out[m->out + 1]; ++i) {
    const art_map_movement *o = &plan->movement[k->by_out[i]];
    if (fabs(o->angle_deg) > MERGE_DEG || o->turn == ART_TURN_U) continue;
    const int own = o->high - o->low + 1;
    ++merging;
    sum += own;
    // Who comes from the right of the exit turns right into it.
    if (o != m && o->angle_deg < m->angle_deg) {
      ++place;
      before += own;
    }
  }
  if (merging > 1) {
    if (sum <= on) return before + (place + 1 == merging ? on - sum : 0);
    if (place == 0) return 0;
    return place + 1 == merging ? on - lanes : (before < on - lanes ? before : on - lanes);
  }
  // Sideways position of the rightmost lanes, seen along the way out.
  const art_map_lane *a = art_map_lanes_of(plan, in->piece, in->direction),
                     *b = art_map_lanes_of(plan, out->piece, out->direction);
  const art_vec across = { out->start.y, -out->start.x };
  double width_in = 0.0, width_out = 0.0;
  for (int i = 0; i < in->lane_count; ++i) width_in += (double)a[i].width_m;
  for (int i = 0; i < out->lane_count; ++i) width_out += (double)b[i].width_m;
  const double axis =
      (in->end_at.x - out->start_at.x) * across.x + (in->end_at.y - out->start_at.y) * across.y;
  const double right_in = axis + art_map_left_edge(plan, in->piece, in->direction) + width_in,
               right_out = art_map_left_edge(plan, out->piece, out->direction) + width_out;
  const double each = width_out / out->lane_count;
  double shift = (right_out - right_in) / each + m->low;  // lanes of the exit to the right of the first lane
  int offset = (int)floor(shift + 0.5);
  const int least = on < lanes ? on - lanes : 0, most = on < lanes ? 0 : on - lanes;
  return offset < least ? least : offset > most ? most : offset;
}

/// Lanes as the patch has them; 0 if it says nothing of this movement.
static int connect_by_patch(linker *k, int32_t movement)
{
  const art_map *plan = k->plan;
  const art_map_movement *m = &plan->movement[movement];
  const art_map_link *in = &plan->link[m->in], *out = &plan->link[m->out];
  const int64_t from = plan->way[plan->piece[in->piece].end_way[1 - in->direction]].id,
                to = plan->way[plan->piece[out->piece].end_way[out->direction]].id;
  const art_map_junction *j = &plan->junction[in->to];
  int found = 0;
  for (int32_t i = 0; plan->patch && i < plan->patch->turn_count; ++i) {
    art_patch_turn *turn = &plan->patch->turn[i];
    if (turn->from_lane < 0 || turn->from != from || turn->to != to) continue;
    for (int32_t n = 0; n < j->node_count; ++n) {
      if (plan->node[plan->member[j->first_node + n]].id != turn->via) continue;
      if (turn->from_lane >= in->lane_count || turn->to_lane >= out->lane_count) continue;
      add_connector(k, movement, turn->from_lane, turn->to_lane);
      turn->is_used = 1;
      found = 1;
    }
  }
  return found;
}

static void connect(linker *k, int32_t movement, const lane_list *from)
{
  const art_map_movement *m = &k->plan->movement[movement];
  if (connect_by_patch(k, movement)) return;
  lane_list to;
  list_lanes(k->plan, m->out, &to);
  const int lanes = m->high - m->low + 1, first = first_target(k, m, lanes, to.count);
  for (int i = 0; i < lanes; ++i) {
    int target = first + i;
    target = target < 0 ? 0 : target >= to.count ? to.count - 1 : target;
    add_connector(k, movement, from->lane[m->low + i], to.lane[target]);
  }
}

/// Lanes for buses and the like go straight on where they can, and turn off where they lie at the edge.
static void connect_special(linker *k, int32_t in)
{
  art_map *plan = k->plan;
  const art_map_link *l = &plan->link[in];
  lane_list general;
  list_lanes(plan, in, &general);
  if (general.count == l->lane_count) return;
  const int32_t first = plan->first_movement[in], end = plan->first_movement[in + 1];
  for (int lane = 0; lane < l->lane_count; ++lane) {
    int is_general = 0;
    for (int i = 0; i < general.count; ++i) is_general |= general.lane[i] == lane;
    if (is_general) continue;
    const uint32_t own =
        art_map_lanes_of(plan, l->piece, l->direction)[lane].allowed & art_osm_motor_classes();
    for (int32_t m = first; m < end; ++m) {
      const art_map_movement *move = &plan->movement[m];
      const int at_edge = (lane == 0 && m == first) || (lane + 1 == l->lane_count && m + 1 == end);
      if (move->turn != ART_TURN_STRAIGHT && !at_edge) continue;
      const art_map_link *out = &plan->link[move->out];
      const art_map_lane *to = art_map_lanes_of(plan, out->piece, out->direction);
      const int from_right = lane < l->lane_count - lane;
      int best = -1;
      for (int i = 0; i < out->lane_count; ++i) {
        const int t = from_right ? i : out->lane_count - 1 - i;
        if (!(to[t].allowed & own & move->allowed)) continue;
        const int is_special = !(to[t].allowed >> ART_VCLASS_PASSENGER & 1u);
        if (best < 0 || (is_special && (to[best].allowed >> ART_VCLASS_PASSENGER & 1u))) best = t;
      }
      if (best >= 0) add_connector(k, m, lane, best);
    }
  }
}

/// A lane that leads into lane `to` by this movement, -1 if none.
static int source_of(const linker *k, int32_t movement, int to)
{
  const int lane = k->source[(int64_t)movement * MOST_LANES + to];
  return lane == NO_LANE ? -1 : lane;
}

/// The straightest movement with a lane into `beside` is given one into `lane` too.
static void reach_lane(linker *k, int32_t out, int lane, const int beside[2])
{
  const art_map *plan = k->plan;
  int32_t best = -1;
  double least = INFINITY;
  int best_source = -1;
  for (int32_t i = k->first_by_out[out]; i < k->first_by_out[out + 1]; ++i)
    for (int side = 0; side < 2; ++side) {
      const int32_t m = k->by_out[i];
      const art_map_movement *move = &plan->movement[m];
      const double angle = fabs(move->angle_deg) + (move->turn == ART_TURN_STRAIGHT ? 0.0 : 30.0);
      const int source = beside[side] < 0 ? -1 : source_of(k, m, beside[side]);
      if (source < 0 || angle >= least || move->turn == ART_TURN_U) continue;
      least = angle;
      best = m;
      best_source = source;
    }
  if (best >= 0) add_connector(k, best, best_source, lane);
}

/// Exits' lanes that nobody reaches are reached from the lane beside.
static void reach_rest(linker *k, int32_t out)
{
  const int lanes = k->plan->link[out].lane_count;
  const uint8_t *reached = k->is_reached + (int64_t)out * MOST_LANES;
  for (int lane = 0; lane < lanes; ++lane) {
    int below = lane - 1, above = lane + 1;
    while (below >= 0 && !reached[below]) --below;
    while (above < lanes && !reached[above]) ++above;
    if (reached[lane] || (below < 0 && above >= lanes)) continue;
    const int beside[2] = { below, above < lanes ? above : -1 };
    reach_lane(k, out, lane, beside);
  }
}

/// Where the exit is too short to change lanes, every way on from there has to be open to whoever comes in: the nearest
/// lane that serves it is reached too.
static void reach_all_ways(linker *k, int32_t movement)
{
  const art_map *plan = k->plan;
  const art_map_movement *m = &plan->movement[movement];
  const art_map_piece *piece = &plan->piece[plan->link[m->out].piece];
  lane_list list;
  list_lanes(plan, m->out, &list);
  if (list.count < 2 || m->turn == ART_TURN_U ||
      piece->length_m - piece->trim_m[0] - piece->trim_m[1] > NO_CHANGE_M)
    return;
  for (int32_t n = plan->first_movement[m->out]; n < plan->first_movement[m->out + 1]; ++n) {
    const art_map_movement *next = &plan->movement[n];
    int best = -1, best_source = -1, least = MOST_LANES;
    if (next->turn == ART_TURN_U) continue;
    for (int i = next->low; i <= next->high; ++i)
      for (int to = 0; to < plan->link[m->out].lane_count; ++to) {
        const int source = source_of(k, movement, to), apart = abs(list.lane[i] - to);
        if (source < 0 || apart >= least) continue;
        least = apart;
        best = list.lane[i];
        best_source = source;
      }
    if (best >= 0 && least > 0) add_connector(k, movement, best_source, best);
  }
}

static void index_by_exit(linker *k)
{
  const art_map *plan = k->plan;
  k->first_by_out = ART_NEW(int32_t, plan->link_count + 2);
  k->by_out = ART_NEW(int32_t, plan->movement_count);
  for (int32_t m = 0; m < plan->movement_count; ++m) ++k->first_by_out[plan->movement[m].out + 2];
  for (int32_t l = 0; l < plan->link_count; ++l) k->first_by_out[l + 2] += k->first_by_out[l + 1];
  for (int32_t m = 0; m < plan->movement_count; ++m)
    k->by_out[k->first_by_out[plan->movement[m].out + 1]++] = m;
}

/// The ways out that cars may take, from right to left; all where there are none. Returns how many.
static int ways_of_cars(const art_map_movement *m, int ways, art_map_movement *out)
{
  int count = 0;
  for (int any = 0; any < 2 && !count; ++any)
    for (int k = 0; k < ways; ++k)
      if (any || (m[k].allowed >> ART_VCLASS_PASSENGER & 1u)) out[count++] = m[k];
  return count;
}

/// Lanes are shared out among the ways of cars. Buses that turn into a way of their own do so from the lane beside it.
static void assign_lanes(art_map *plan, int32_t in)
{
  lane_list list;
  span spans[MOST_WAYS];
  art_map_movement of_cars[MOST_WAYS];
  int ways = plan->first_movement[in + 1] - plan->first_movement[in];
  if (!ways) return;
  list_lanes(plan, in, &list);
  art_map_movement *m = plan->movement + plan->first_movement[in];
  const int all = ways;
  while (ways > 1 && m[ways - 1].turn == ART_TURN_U) --ways;  // they are last, and take the leftmost lane
  if (ways > MOST_WAYS) ways = MOST_WAYS;
  const int count = ways_of_cars(m, ways, of_cars);
  if (list.has_turns)
    by_arrows(plan, of_cars, count, &list, spans);
  else
    by_geometry(plan, of_cars, count, list.count, spans);
  tidy(spans, count, list.count);
  for (int k = 0, next = 0; k < all; ++k) {
    const int is_next = k < ways && next < count && of_cars[next].out == m[k].out;
    const int beside = next ? spans[next - 1].high : spans[0].low;
    m[k].low = (uint8_t)(is_next ? spans[next].low : k < ways ? beside : list.count - 1);
    m[k].high = (uint8_t)(is_next ? spans[next].high : k < ways ? beside : list.count - 1);
    next += is_next;
  }
}

void art_map_lanes(art_map *plan)
{
  linker k = { .plan = plan,
               .is_reached = ART_NEW(uint8_t, (int64_t)plan->link_count * MOST_LANES),
               .source = ART_NEW(uint8_t, (int64_t)plan->movement_count * MOST_LANES) };
  memset(k.source, NO_LANE, (size_t)plan->movement_count * MOST_LANES);
  plan->connector_count = 0;
  for (int32_t l = 0; l < plan->link_count; ++l) assign_lanes(plan, l);
  index_by_exit(&k);
  for (int32_t l = 0; l < plan->link_count; ++l) {
    lane_list list;
    list_lanes(plan, l, &list);
    for (int32_t m = plan->first_movement[l]; m < plan->first_movement[l + 1]; ++m) connect(&k, m, &list);
    connect_special(&k, l);
  }
  for (int32_t l = 0; l < plan->link_count; ++l) reach_rest(&k, l);
  for (int32_t m = 0; m < plan->movement_count; ++m) reach_all_ways(&k, m);
  void *const owned[] = { k.is_reached, k.first_by_out, k.by_out, k.source };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}
