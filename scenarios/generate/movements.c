// Which lane leads to which lane through a node.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define STRAIGHT_COS 0.64  // less than 50 degrees off is straight ahead, for the straightest way of all

typedef struct finder {
  art_drawing *plan;
  int32_t *first_in, *in, *first_out, *out;  // links by node
  art_drawing_path *path;
  int32_t count, capacity;
} finder;

static void index_links(finder *f, int at_end, int32_t **first_of, int32_t **list)
{
  const art_drawing *plan = f->plan;
  int32_t *first = ART_NEW(int32_t, plan->node_count + 2), *links = ART_NEW(int32_t, plan->link_count);
  for (int32_t l = 0; l < plan->link_count; ++l)
    ++first[(at_end ? plan->link[l].to : plan->link[l].from) + 2];
  for (int32_t i = 0; i < plan->node_count; ++i) first[i + 2] += first[i + 1];
  for (int32_t l = 0; l < plan->link_count; ++l)
    links[first[(at_end ? plan->link[l].to : plan->link[l].from) + 1]++] = l;
  *first_of = first;
  *list = links;
}

/// The link by which one turns back; a bay's own way back is that of its street.
static int turns_back(const art_drawing_link *in, int32_t out)
{
  return in->reverse == out;
}

/// Positive to the left, with the cosine of the angle.
static double bend(const art_drawing_link *in, const art_drawing_link *out, double *cosine)
{
  const art_drawing_direction a = art_drawing_direction_of(in, 1), b = art_drawing_direction_of(out, 0);
  *cosine = a.x * b.x + a.y * b.y;
  return a.x * b.y - a.y * b.x;
}

static void classify(const finder *f, int32_t in, art_turn *turn, int has[6])
{
  const art_drawing *plan = f->plan;
  const art_drawing_link *a = &plan->link[in];
  const int32_t begin = f->first_out[a->to], end = f->first_out[a->to + 1];
  int32_t straightest = -1;
  double most = STRAIGHT_COS;
  for (int32_t i = begin; i < end; ++i) {
    const int32_t out = f->out[i];
    double cosine;
    const double leftward = bend(a, &plan->link[out], &cosine);
    turn[i - begin] = turns_back(a, out) ? ART_TURN_U : leftward > 0.0 ? ART_TURN_LEFT : ART_TURN_RIGHT;
    if (turn[i - begin] == ART_TURN_U || cosine <= most) continue;
    most = cosine;
    straightest = i - begin;
  }
  if (straightest >= 0) turn[straightest] = ART_TURN_STRAIGHT;
  for (int32_t i = 0; i < end - begin; ++i) has[turn[i]] = 1;
}

static void add_path(finder *f, int32_t in, int32_t out, int32_t from_lane, int32_t to_lane, art_turn turn)
{
  const art_drawing_path path = {
    .from_link = in, .to_link = out, .from_lane = from_lane, .to_lane = to_lane, .turn = turn
  };
  ART_PUSH(f->path, f->count, f->capacity, path);
}

/// Lanes first .. last of a link serve one way out. Ways farther to the left never begin farther to the right, so that paths
/// of one link do not cross.
typedef struct lane_range {
  int32_t first, last;
} lane_range;

/// `place` counts ways out from the right, without turning back; `ways` is how many there are.
static lane_range lanes_for(const art_drawing_link *link, art_turn turn, const int has[6], int32_t place,
                            int32_t ways)
{
  const int32_t left_most = link->lanes - 1;
  if (turn == ART_TURN_U) return (lane_range){ ways ? left_most : 0, left_most };
  if (!has[ART_TURN_STRAIGHT])  // all share the lanes; neighbours share one if need be
    return (lane_range){ place * link->lanes / ways, ((place + 1) * link->lanes + ways - 1) / ways - 1 };
  if (turn == ART_TURN_RIGHT) return (lane_range){ 0, 0 };
  if (turn == ART_TURN_LEFT) return (lane_range){ left_most, left_most };
  // A bay, and the leftmost of three or more lanes, is for those who turn left only.
  return (lane_range){ 0, left_most - (has[ART_TURN_LEFT] && (link->bay_of >= 0 || link->lanes >= 3)) };
}

static void connect(finder *f, int32_t in, int32_t out, art_turn turn, lane_range range)
{
  const art_drawing_link *a = &f->plan->link[in], *b = &f->plan->link[out];
  for (int32_t k = range.first; k <= range.last; ++k) {
    int32_t to = k < b->lanes ? k : b->lanes - 1;
    if (turn == ART_TURN_LEFT || turn == ART_TURN_U) {  // inner lane to inner lane
      to = b->lanes - (a->lanes - k);
      if (to < 0) to = 0;
    }
    add_path(f, in, out, k, to, turn);
  }
  if (turn == ART_TURN_STRAIGHT)  // lanes that begin here are reached from the one beside them
    for (int32_t k = range.last + 1; k < b->lanes && range.last == a->lanes - 1; ++k)
      add_path(f, in, out, range.last, k, turn);
}

/// How far to the left a way out leads: grows from sharp right to sharp left.
static double leftness(const art_drawing_link *in, const art_drawing_link *out)
{
  double cosine;
  const double sine = bend(in, out, &cosine);
  return sine >= 0.0 ? 1.0 - cosine : cosine - 1.0;
}

static void connect_all(finder *f, int32_t in, const art_turn *turn, const int has[6])
{
  const art_drawing *plan = f->plan;
  const art_drawing_link *a = &plan->link[in];
  const int32_t begin = f->first_out[a->to], n = f->first_out[a->to + 1] - begin;
  int32_t ways = 0;
  for (int32_t i = 0; i < n; ++i) ways += turn[i] != ART_TURN_U;
  for (int32_t i = 0; i < n; ++i) {
    const int32_t out = f->out[begin + i];
    if (turn[i] == ART_TURN_U && !plan->node[a->to].allows_u) continue;
    int32_t place = 0;
    for (int32_t k = 0; k < n; ++k) {
      const double here = leftness(a, &plan->link[out]), there = leftness(a, &plan->link[f->out[begin + k]]);
      place += turn[k] != ART_TURN_U && (there < here || (there == here && k < i));
    }
    connect(f, in, out, turn[i], lanes_for(a, turn[i], has, place, ways));
  }
}

static void find_all(finder *f)
{
  const art_drawing *plan = f->plan;
  f->count = 0;
  int32_t most = 1;
  for (int32_t i = 0; i < plan->node_count; ++i)
    if (f->first_out[i + 1] - f->first_out[i] > most) most = f->first_out[i + 1] - f->first_out[i];
  art_turn *turn = ART_NEW(art_turn, most);
  for (int32_t in = 0; in < plan->link_count; ++in) {
    const art_drawing_node *node = &plan->node[plan->link[in].to];
    if (node->role == ART_DRAWING_GATE) continue;
    int has[6] = { 0 };
    classify(f, in, turn, has);
    connect_all(f, in, turn, has);
  }
  free(turn);
}

void art_drawing_add_bays(art_drawing *plan)
{
  finder f = { .plan = plan };
  index_links(&f, 1, &f.first_in, &f.in);
  index_links(&f, 0, &f.first_out, &f.out);
  const int32_t links = plan->link_count;
  uint8_t *wants = ART_NEW(uint8_t, links);
  for (int32_t l = 0; l < links; ++l) {
    const int32_t node = plan->link[l].to;
    if (plan->node[node].role != ART_DRAWING_CROSSING || f.first_in[node + 1] - f.first_in[node] < 3)
      continue;
    art_turn *turn = ART_NEW(art_turn, f.first_out[node + 1] - f.first_out[node]);
    int has[6] = { 0 };
    classify(&f, l, turn, has);
    wants[l] = (uint8_t)(has[ART_TURN_LEFT] && (has[ART_TURN_STRAIGHT] || has[ART_TURN_RIGHT]));
    free(turn);
  }
  for (int32_t l = 0; l < links; ++l)
    if (wants[l]) art_drawing_add_bay(plan, l);
  free(wants);
  free(f.first_in);
  free(f.in);
  free(f.first_out);
  free(f.out);
}

void art_drawing_choose_signals(art_drawing *plan)
{
  int32_t *streets = ART_NEW(int32_t, plan->node_count);
  for (int32_t l = 0; l < plan->link_count; ++l) ++streets[plan->link[l].to];
  for (int32_t i = 0; i < plan->node_count; ++i)
    plan->node[i].wants_signal =
        plan->node[i].role == ART_DRAWING_CROSSING && streets[i] >= 3 &&
        art_drawing_draw(plan->options->seed, art_trip_key(plan->node[i].id), 0) < plan->options->signals;
  free(streets);
}

/// Links from which one can drive on for ever and that can be reached from each other, gates aside.
static int is_connected(const finder *f)
{
  const art_drawing *plan = f->plan;
  const int32_t n = plan->link_count;
  int32_t *first = ART_NEW(int32_t, n + 1), *to = ART_NEW(int32_t, f->count),
          *component = ART_NEW(int32_t, n);
  for (int32_t i = 0; i < f->count; ++i) {
    ++first[f->path[i].from_link + 1];
    to[i] = f->path[i].to_link;
  }
  for (int32_t i = 0; i < n; ++i) first[i + 1] += first[i];
  art_components(n, first, to, component);
  int32_t the_one = -1;
  int is_one = 1;
  for (int32_t l = 0; l < n; ++l) {
    const art_drawing_link *link = &plan->link[l],
                           *whole = link->bay_of >= 0 ? &plan->link[link->bay_of] : link;
    if (plan->node[whole->from].role == ART_DRAWING_GATE || plan->node[link->to].role == ART_DRAWING_GATE)
      continue;
    if (the_one < 0) the_one = component[l];
    is_one &= component[l] == the_one;
  }
  free(first);
  free(to);
  free(component);
  return is_one;
}

void art_drawing_find_paths(art_drawing *plan, art_drawing_path **paths, int32_t *count)
{
  finder f = { .plan = plan };
  index_links(&f, 1, &f.first_in, &f.in);
  index_links(&f, 0, &f.first_out, &f.out);
  // One may turn back at the end of a street; then where a street only bends; then wherever streets meet. Of one-way
  // streets nobody can.
  static const int32_t most_streets[] = { 1, 2, INT32_MAX };
  if (plan->never_turns_back) find_all(&f);
  for (size_t k = 0; !plan->never_turns_back && k < sizeof most_streets / sizeof *most_streets; ++k) {
    for (int32_t i = 0; i < plan->node_count; ++i)
      if (plan->node[i].role == ART_DRAWING_CROSSING && f.first_in[i + 1] - f.first_in[i] <= most_streets[k])
        plan->node[i].allows_u = 1;
    find_all(&f);
    if (is_connected(&f)) break;
  }
  free(f.first_in);
  free(f.in);
  free(f.first_out);
  free(f.out);
  *paths = f.path;
  *count = f.count;
}
