// Right of way of the connectors of a sketched city, and with it conflicts and holding points.
#include <math.h>
#include <stdlib.h>

#include "core/net/conflicts.h"
#include "io/sketch/sketch_internal.h"

typedef struct judge {
  const art_sketch *s;
  const art_net *net;
} judge;

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
  const int32_t priority_p = s->link[p->from_link].priority, priority_q = s->link[q->from_link].priority;
  const int has_signs = (kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP) && !s->node[node].is_even;
  // Turning back yields to everybody, on whatever street.
  if ((rank_p == 3) != (rank_q == 3)) return rank_p == 3;
  if (has_signs && priority_p != priority_q) return priority_p < priority_q;
  const art_sketch_direction a = art_sketch_direction_of(s, p->from_link, 1),
                             b = art_sketch_direction_of(s, q->from_link, 1);
  const double along = a.x * b.x + a.y * b.y, leftward = a.x * b.y - a.y * b.x;
  const int is_opposite = along < -0.7;
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
    const int is_drop = p->to_link == q->to_link && p->to_lane == q->to_lane, is_other = p->from_lane != q->from_lane;
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
    if (s->link[s->path[net->node_connector[i]].from_link].priority > in->priority) return 0;
  return 1;
}

static char state_of(const art_net *net, int32_t c, int kind)
{
  int yields = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) yields |= net->conflict_yield[k];
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
  judge g = { s, net };
  for (int32_t c = 0; c < net->connector_count; ++c) net->connector_cont[c] = (uint8_t)waits_inside(&g, c);
  const art_lane_shapes shapes = { city->lane_first_point, city->point_x, city->point_y };
  art_conflict_counts counts = { 0 };
  art_conflicts_find(net, &shapes, ask, &g, &counts);
  for (int32_t c = 0; c < net->connector_count; ++c)
    net->connector_state[c] = state_of(net, c, s->node[net->connector_node[c]].kind);
}
