// Which lane leads to which lane through a node, where the source does not say.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/sketch/sketch_internal.h"

#define STRAIGHT_COS 0.64  // less than 50 degrees off is straight ahead, for the straightest way of all
#define BACK_COS (-0.94)   // less than 20 degrees from straight back is turning back
enum { MOST_LANES = 64 };  // of a link that are looked at

typedef struct finder {
  art_sketch *s;
  const art_sketch_ends *e;
} finder;

/// Lanes of a link that a kind of traffic may use, kerbside first.
typedef struct lane_list {
  int32_t count, lane[MOST_LANES];
} lane_list;

static uint32_t allowed_on(const art_sketch *s, int32_t link, int32_t lane)
{
  return s->lane[s->link[link].first_lane + lane].allowed;
}

static lane_list lanes_of(const art_sketch *s, int32_t link, int is_general)
{
  lane_list list = { 0 };
  for (int32_t k = 0; k < s->link[link].lane_count && list.count < MOST_LANES; ++k)
    if ((int)ART_PERMITS(allowed_on(s, link, k), ART_VCLASS_PASSENGER) == is_general)
      list.lane[list.count++] = k;
  return list;
}

static double bend(const art_sketch *s, int32_t in, int32_t out, double *cosine)
{
  const art_sketch_direction a = art_sketch_direction_of(s, in, 1), b = art_sketch_direction_of(s, out, 0);
  *cosine = a.x * b.x + a.y * b.y;
  return a.x * b.y - a.y * b.x;
}

static int turns_back(const art_sketch *s, int32_t in, int32_t out)
{
  double cosine;
  if (s->link[in].reverse == out) return 1;
  bend(s, in, out, &cosine);
  return s->link[out].to == s->link[in].from && cosine < BACK_COS;
}

/// Turns of all ways out of a link, in the order of its node's ends.
static void classify(const finder *f, int32_t in, art_turn *turn)
{
  const int32_t node = f->s->link[in].to, begin = f->e->first_out[node], end = f->e->first_out[node + 1];
  int32_t straightest = -1;
  double most = STRAIGHT_COS;
  for (int32_t i = begin; i < end; ++i) {
    double cosine;
    const double leftward = bend(f->s, in, f->e->out[i], &cosine);
    turn[i - begin] = turns_back(f->s, in, f->e->out[i]) ? ART_TURN_U
                      : leftward > 0.0                   ? ART_TURN_LEFT
                                                         : ART_TURN_RIGHT;
    if (turn[i - begin] == ART_TURN_U || cosine <= most) continue;
    most = cosine;
    straightest = i - begin;
  }
  if (straightest >= 0) turn[straightest] = ART_TURN_STRAIGHT;
}

/// How far to the left a way out leads: grows from sharp right to sharp left.
static double leftness(const art_sketch *s, int32_t in, int32_t out)
{
  double cosine;
  const double sine = bend(s, in, out, &cosine);
  return sine >= 0.0 ? 1.0 - cosine : cosine - 1.0;
}

/// Lanes first ... last of those that lead on serve one way out. Ways farther to the left never begin farther to the right,
/// so that paths of one link do not cross.
typedef struct lane_range {
  int32_t first, last;
} lane_range;

static lane_range lanes_for(int32_t lanes, art_turn turn, const int has[6], int32_t place, int32_t ways)
{
  const int32_t left_most = lanes - 1;
  if (turn == ART_TURN_U) return (lane_range){ ways ? left_most : 0, left_most };
  if (!has[ART_TURN_STRAIGHT])  // all share the lanes; neighbours share one if need be
    return (lane_range){ place * lanes / ways, ((place + 1) * lanes + ways - 1) / ways - 1 };
  if (turn == ART_TURN_RIGHT) return (lane_range){ 0, 0 };
  if (turn == ART_TURN_LEFT) return (lane_range){ left_most, left_most };
  return (lane_range){ 0, left_most - (has[ART_TURN_LEFT] && lanes >= 3) };
}

static void connect(finder *f, int32_t in, int32_t out, art_turn turn, lane_range range, const lane_list *a,
                    const lane_list *b)
{
  for (int32_t k = range.first; k <= range.last; ++k) {
    int32_t to = k < b->count ? k : b->count - 1;
    if (turn == ART_TURN_LEFT || turn == ART_TURN_U) {  // inner lane to inner lane
      to = b->count - (a->count - k);
      if (to < 0) to = 0;
    }
    art_sketch_add_path(f->s, in, a->lane[k], out, b->lane[to], turn);
  }
  if (turn != ART_TURN_STRAIGHT || range.last != a->count - 1) return;
  for (int32_t k = range.last + 1; k < b->count;
       ++k)  // lanes that begin here are reached from the one beside them
    art_sketch_add_path(f->s, in, a->lane[range.last], out, b->lane[k], turn);
}

/// Lanes for some classes only lead to the lane of the way out that serves them best: one of their own kind, else the
/// kerbside lane that admits them.
static void connect_special(finder *f, int32_t in, int32_t out, art_turn turn)
{
  const lane_list a = lanes_of(f->s, in, 0);
  for (int32_t k = 0; k < a.count; ++k) {
    const uint32_t wanted = allowed_on(f->s, in, a.lane[k]);
    int32_t best = -1;
    for (int32_t to = 0; to < f->s->link[out].lane_count; ++to) {
      const uint32_t there = allowed_on(f->s, out, to);
      if (!(there & wanted)) continue;
      if (best < 0 || (there == wanted && allowed_on(f->s, out, best) != wanted)) best = to;
    }
    if (best >= 0) art_sketch_add_path(f->s, in, a.lane[k], out, best, turn);
  }
}

/// Whether one turns back at a node although it does not say so: where a single street ends.
static int is_end_of_street(const finder *f, int32_t in)
{
  const int32_t node = f->s->link[in].to, begin = f->e->first_out[node], end = f->e->first_out[node + 1];
  for (int32_t i = begin; i < end; ++i)
    if (!turns_back(f->s, in, f->e->out[i])) return 0;
  return 1;
}

static void find_of_link(finder *f, int32_t in, art_turn *turn)
{
  const art_sketch *s = f->s;
  const int32_t node = s->link[in].to, begin = f->e->first_out[node], n = f->e->first_out[node + 1] - begin;
  const int may_turn_back = s->node[node].allows_u || is_end_of_street(f, in);
  const lane_list a = lanes_of(s, in, 1);
  classify(f, in, turn);
  int has[6] = { 0 };
  int32_t ways = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int32_t out = f->e->out[begin + i];
    if (turn[i] == ART_TURN_U && !may_turn_back) continue;
    connect_special(f, in, out, turn[i]);
    if (!lanes_of(s, out, 1).count) continue;
    has[turn[i]] = 1;
    ways += turn[i] != ART_TURN_U;
  }
  for (int32_t i = 0; i < n && a.count; ++i) {
    const int32_t out = f->e->out[begin + i];
    const lane_list b = lanes_of(s, out, 1);
    if (!b.count || (turn[i] == ART_TURN_U && !may_turn_back)) continue;
    int32_t place = 0;
    for (int32_t k = 0; k < n; ++k) {
      const int32_t other = f->e->out[begin + k];
      const double here = leftness(s, in, out), there = leftness(s, in, other);
      place +=
          turn[k] != ART_TURN_U && lanes_of(s, other, 1).count && (there < here || (there == here && k < i));
    }
    connect(f, in, out, turn[i], lanes_for(a.count, turn[i], has, place, ways), &a, &b);
  }
}

/// Lanes of a link that lead nowhere although others lead on do as their neighbour: the outermost of its ways, on the side
/// of the lane.
static int32_t complete_lanes(finder *f, int32_t link, const int32_t *own, int32_t own_count)
{
  art_sketch *s = f->s;
  int32_t completed = 0;
  for (int32_t k = 0; k < s->link[link].lane_count; ++k) {
    int32_t best = -1;
    int is_used = 0;
    for (int32_t i = 0; i < own_count; ++i) {
      const art_sketch_path *path = &s->path[own[i]];
      is_used |= path->from_lane == k;
      if (!(allowed_on(s, link, k) & allowed_on(s, path->to_link, path->to_lane))) continue;
      if (best < 0) best = own[i];
      const art_sketch_path *old = &s->path[best];
      const int32_t nearer = abs(old->from_lane - k) - abs(path->from_lane - k);
      const double outer = (leftness(s, link, old->to_link) - leftness(s, link, path->to_link)) *
                           (k < path->from_lane ? 1.0 : -1.0);
      if (nearer > 0 || (nearer == 0 && outer > 0.0)) best = own[i];
    }
    if (is_used || best < 0) continue;
    const art_sketch_path path = s->path[best];
    art_sketch_add_path(s, link, k, path.to_link, path.to_lane, path.turn);
    ++completed;
  }
  return completed;
}

/// What a source with paths forgot.
static void complete_paths(finder *f, art_turn *turn, art_sketch_report *report)
{
  art_sketch *s = f->s;
  const int32_t given = s->path_count;
  int32_t *first = ART_NEW(int32_t, s->link_count + 2), *own = ART_NEW(int32_t, given);
  for (int32_t i = 0; i < given; ++i) ++first[s->path[i].from_link + 2];
  for (int32_t l = 0; l < s->link_count; ++l) first[l + 2] += first[l + 1];
  for (int32_t i = 0; i < given; ++i) own[first[s->path[i].from_link + 1]++] = i;
  for (int32_t l = 0; l < s->link_count; ++l) {
    const int32_t node = s->link[l].to, before = s->path_count, count = first[l + 1] - first[l];
    if (!s->node[node].has_paths || s->node[node].kind == ART_NODE_DEAD_END) continue;
    if (count) {
      report->lanes_completed += complete_lanes(f, l, own + first[l], count);
      continue;
    }
    find_of_link(f, l, turn);
    report->links_completed += s->path_count > before;
  }
  free(first);
  free(own);
}

/// The turn of a path whose source did not name it.
static art_turn turn_of(const art_sketch *s, const art_sketch_path *path)
{
  double cosine;
  const double leftward = bend(s, path->from_link, path->to_link, &cosine);
  if (turns_back(s, path->from_link, path->to_link)) return ART_TURN_U;
  if (cosine > STRAIGHT_COS) return ART_TURN_STRAIGHT;
  return leftward > 0.0 ? ART_TURN_LEFT : ART_TURN_RIGHT;
}

static int compare_paths(const void *left, const void *right)
{
  const art_sketch_path *a = left, *b = right;
  const int32_t key[4][2] = { { a->from_link, b->from_link },
                              { a->from_lane, b->from_lane },
                              { a->to_link, b->to_link },
                              { a->to_lane, b->to_lane } };
  for (int i = 0; i < 4; ++i)
    if (key[i][0] != key[i][1]) return key[i][0] < key[i][1] ? -1 : 1;
  return 0;
}

static void count_stuck(const finder *f, art_sketch_report *report)
{
  const art_sketch *s = f->s;
  uint8_t *leads_on = ART_NEW(uint8_t, s->link_count);
  for (int32_t i = 0; i < s->path_count; ++i) leads_on[s->path[i].from_link] = 1;
  for (int32_t l = 0; l < s->link_count; ++l) {
    const int32_t node = s->link[l].to;
    report->links_stuck += !leads_on[l] && s->node[node].kind != ART_NODE_DEAD_END &&
                           f->e->first_out[node + 1] > f->e->first_out[node] && !is_end_of_street(f, l);
  }
  free(leads_on);
}

void art_sketch_find_paths(art_sketch *s, const art_sketch_ends *e, art_sketch_report *report)
{
  finder f = { s, e };
  int32_t most = 1;
  for (int32_t i = 0; i < s->node_count; ++i)
    if (e->first_out[i + 1] - e->first_out[i] > most) most = e->first_out[i + 1] - e->first_out[i];
  art_turn *turn = ART_NEW(art_turn, most);
  for (int32_t l = 0; l < s->link_count; ++l) {
    const art_sketch_node *node = &s->node[s->link[l].to];
    if (!node->has_paths && node->kind != ART_NODE_DEAD_END) find_of_link(&f, l, turn);
  }
  if (s->completes_paths) complete_paths(&f, turn, report);
  free(turn);
  for (int32_t i = 0; i < s->path_count; ++i)
    if (s->path[i].turn < 0) s->path[i].turn = (int8_t)turn_of(s, &s->path[i]);
  art_sort(s->path, (size_t)s->path_count, sizeof *s->path, compare_paths);
  int32_t kept = 0;
  for (int32_t i = 0; i < s->path_count; ++i) {
    const art_sketch_path path = s->path[i];
    const uint32_t allowed =
        allowed_on(s, path.from_link, path.from_lane) & allowed_on(s, path.to_link, path.to_lane);
    const int is_new = !kept || compare_paths(&s->path[kept - 1], &path) != 0;
    if (is_new && allowed)
      s->path[kept++] = path;
    else
      ++report->paths_dropped;
  }
  s->path_count = kept;
  count_stuck(&f, report);
}
