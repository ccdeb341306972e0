// Right of way of the connectors of a sketched city, and with it conflicts and holding points.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/net/conflicts.h"
#include "io/sketch/sketch_internal.h"

#define OPPOSITE_COS (-0.7)

typedef struct judge {
  const art_sketch *s;
  const art_net *net;
  uint8_t *is_main;  // by link: of the main road of its end, where ranks alone do not tell which that is
} judge;

/// Rank of a link at its end: its priority, and among equals the main road.
static int64_t rank_at_end(const judge *g, int32_t link)
{
  return 2 * (int64_t)g->s->link[link].priority + g->is_main[link];
}

/// How well two links make a main road: wide and fast, then straight.
static double weight_of(const art_sketch *s, int32_t a, int32_t b)
{
  const art_sketch_direction d = art_sketch_direction_of(s, a, 1), e = art_sketch_direction_of(s, b, 1);
  const double cosine = d.x * e.x + d.y * e.y;
  if (cosine > OPPOSITE_COS) return 0.0;
  return s->link[a].lane_count * s->link[a].speed_mps + s->link[b].lane_count * s->link[b].speed_mps - cosine;
}

/// Where three or more streets of the highest rank meet, everybody would wait for somebody on the right, in a circle. There
/// the best pair of opposite streets is the main road.
static void choose_main_road(judge *g, const int32_t *in, int32_t count)
{
  const art_sketch *s = g->s;
  int32_t top = 0, best[2] = { -1, -1 };
  for (int32_t i = 1; i < count; ++i)
    if (s->link[in[i]].priority > s->link[in[top]].priority) top = i;
  const int32_t priority = count ? s->link[in[top]].priority : 0;
  int32_t equals = 0;
  double most = 0.0;
  for (int32_t i = 0; i < count; ++i) {
    if (s->link[in[i]].priority != priority) continue;
    ++equals;
    for (int32_t k = 0; k < i; ++k) {
      if (s->link[in[k]].priority != priority) continue;
      const double weight = weight_of(s, in[i], in[k]);
      if (weight <= most + 1e-9) continue;
      most = weight;
      best[0] = in[i];
      best[1] = in[k];
    }
  }
  if (equals < 3 || best[0] < 0) return;
  g->is_main[best[0]] = g->is_main[best[1]] = 1;
}

static void choose_main_roads(judge *g)
{
  const art_sketch *s = g->s;
  g->is_main = ART_NEW(uint8_t, s->link_count);
  art_sketch_ends ends = art_sketch_ends_new(s);
  for (int32_t node = 0; node < s->node_count; ++node) {
    const int kind = s->node[node].kind;
    if ((kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP) && !s->node[node].is_even)
      choose_main_road(g, ends.in + ends.first_in[node], ends.first_in[node + 1] - ends.first_in[node]);
  }
  art_sketch_ends_free(&ends);
}

/// Who goes first among those that neither signs nor sides tell apart: straight, right, left, back.
static int rank_of(int turn)
{
  switch (turn) {
  case ART_TURN_STRAIGHT: return 0;
  case ART_TURN_RIGHT:
  case ART_TURN_PART_RIGHT: return 1;
  case ART_TURN_U: return 3;
  default: return 2;
  }
}

/// Does connector i give way to j, which comes from another link? Of two exactly one does, all-way stops aside.
static int gives_way(const judge *g, int32_t i, int32_t j)
{
  const art_sketch *s = g->s;
  const art_sketch_path *p = &s->path[i], *q = &s->path[j];
  const int32_t node = s->link[p->from_link].to;
  const int kind = s->node[node].kind, rank_p = rank_of(p->turn), rank_q = rank_of(q->turn);
  if (kind == ART_NODE_ALLWAY_STOP) return 1;
  const int64_t priority_p = rank_at_end(g, p->from_link), priority_q = rank_at_end(g, q->from_link);
  const int has_signs =
      (kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP) && !s->node[node].is_even;
  // Turning back yields to everybody, on whatever street.
  if ((rank_p == 3) != (rank_q == 3)) return rank_p == 3;
  if (has_signs && priority_p != priority_q) return priority_p < priority_q;
  const art_sketch_direction a = art_sketch_direction_of(s, p->from_link, 1),
                             b = art_sketch_direction_of(s, q->from_link, 1);
  const double along = a.x * b.x + a.y * b.y, leftward = a.x * b.y - a.y * b.x;
  const int is_opposite = along < OPPOSITE_COS;
  // Opposite streets, and those that signals keep apart, settle it by turn.
  if (rank_p != rank_q && (is_opposite || kind == ART_NODE_TRAFFIC_LIGHT)) return rank_p > rank_q;
  // Who comes from the right drives towards the left.
  if (!is_opposite && fabs(leftward) > 1e-6) return leftward > 0.0;
  if (rank_p != rank_q) return rank_p > rank_q;
  return i > j;
}

static art_right_of_way ask(void *context, int32_t i, int32_t j)
{
  const judge *g = context;
  const art_sketch_path *p = &g->s->path[i], *q = &g->s->path[j];
  if (p->from_link == q->from_link) {
    // Of lanes that become one, the one that ends, nearer to the middle, yields. Paths that cross, as over a lane for
    // bicycles beside the one for turns, go straight first.
    const int is_drop = p->to_link == q->to_link && p->to_lane == q->to_lane,
              is_other = p->from_lane != q->from_lane;
    const int order = is_drop || rank_of(p->turn) == rank_of(q->turn) ? p->from_lane - q->from_lane
                                                                      : rank_of(p->turn) - rank_of(q->turn);
    return (art_right_of_way){ .a_yields = (uint8_t)(is_other && order > 0),
                               .b_yields = (uint8_t)(is_other && order < 0),
                               .are_foes = (uint8_t)is_drop };
  }
  return (art_right_of_way){ .a_yields = (uint8_t)gives_way(g, i, j),
                             .b_yields = (uint8_t)gives_way(g, j, i),
                             .are_foes = 1 };
}

/// Left turns of the street that has the right of way, or green, wait inside the node for a gap in the oncoming stream.
static int waits_inside(const judge *g, int32_t c)
{
  const art_sketch *s = g->s;
  const art_sketch_path *path = &s->path[c];
  const art_sketch_link *in = &s->link[path->from_link];
  if (path->turn != ART_TURN_LEFT && path->turn != ART_TURN_U) return 0;
  const int kind = s->node[in->to].kind;
  if (kind == ART_NODE_TRAFFIC_LIGHT) return 1;
  if (kind != ART_NODE_PRIORITY && kind != ART_NODE_PRIORITY_STOP) return 0;
  const art_net *net = g->net;
  for (int32_t i = net->node_first_connector[in->to]; i < net->node_first_connector[in->to + 1]; ++i)
    if (rank_at_end(g, s->path[net->node_connector[i]].from_link) > rank_at_end(g, path->from_link)) return 0;
  return 1;
}

static char state_of(const art_net *net, int32_t c, int kind)
{
  int yields = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    yields |= net->conflict_yield[k];
  switch (kind) {
  case ART_NODE_ALLWAY_STOP: return 'w';
  case ART_NODE_RIGHT_BEFORE_LEFT: return yields ? '=' : 'M';
  // A stop sign stands at streets of lower rank only: left turns of the main street yield without stopping.
  case ART_NODE_PRIORITY_STOP: return !yields ? 'M' : net->connector_cont[c] ? 'm' : 's';
  case ART_NODE_TRAFFIC_LIGHT: return yields ? 'o' : 'O';
  default: return yields ? 'm' : 'M';
  }
}

void art_sketch_decide(const art_sketch *s, art_city *city)
{
  art_net *net = city->net;
  judge g = { s, net, NULL };
  choose_main_roads(&g);
  for (int32_t c = 0; c < net->connector_count; ++c) net->connector_cont[c] = (uint8_t)waits_inside(&g, c);
  const art_lane_shapes shapes = { city->lane_first_point, city->point_x, city->point_y };
  art_conflict_counts counts = { 0 };
  art_conflicts_find(net, &shapes, ask, &g, &counts);
  for (int32_t c = 0; c < net->connector_count; ++c)
    net->connector_state[c] = state_of(net, c, s->node[net->connector_node[c]].kind);
  free(g.is_main);
}
