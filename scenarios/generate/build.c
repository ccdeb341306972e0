// From the plan to the city: lanes, connectors, shapes, right of way, conflicts, signals, detectors.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/conflicts.h"
#include "scenarios/generate/drawing_internal.h"

#define LATERAL_MPS2 3.0  // sideways acceleration that drivers accept in a turn
#define SLOWEST_TURN_MPS 3.0
#define DETECTOR_M 20.0  // before the stop line
#define DETECTOR_PERIOD_MS 300000
enum { CURVE_POINTS = 13 };

typedef struct builder {
  art_drawing *plan;
  art_city *city;
  art_net *net;
  art_drawing_path *path;  // sorted as connectors are
  int32_t path_count;
  int64_t point_capacity, point_count;
} builder;

static int32_t lane_of(const art_net *net, int32_t link, int32_t index)
{
  return net->link_first_lane[link] + index;
}

// --- nodes and links ----------------------------------------------------------------------------------------------------

static void build_nodes(builder *b)
{
  const art_drawing *plan = b->plan;
  art_net *net = b->net;
  const int32_t n = net->node_count = plan->node_count;
  net->node_id = ART_NEW(char *, n);
  net->node_kind = ART_NEW(uint8_t, n);
  b->city->node_x = ART_NEW(double, n);
  b->city->node_y = ART_NEW(double, n);
  for (int32_t i = 0; i < n; ++i) {
    const art_drawing_node *node = &plan->node[i];
    net->node_id[i] = art_strdup(node->id);
    net->node_kind[i] = node->role == ART_DRAWING_GATE    ? ART_NODE_DEAD_END
                        : node->role == ART_DRAWING_JOINT ? ART_NODE_PRIORITY
                        : node->wants_signal              ? ART_NODE_TRAFFIC_LIGHT
                                                          : (uint8_t)plan->options->unsignalised;
    b->city->node_x[i] = node->x;
    b->city->node_y[i] = node->y;
  }
}

static void build_links(builder *b)
{
  const art_drawing *plan = b->plan;
  art_net *net = b->net;
  const int32_t n = net->link_count = plan->link_count;
  net->link_id = ART_NEW(char *, n);
  net->link_from = ART_NEW(int32_t, n);
  net->link_to = ART_NEW(int32_t, n);
  net->link_first_lane = ART_NEW(int32_t, n + 1);
  net->link_priority = ART_NEW(int32_t, n);
  net->link_in_roundabout = ART_NEW(uint8_t, n);
  b->city->link_name = ART_NEW(char *, n);
  for (int32_t l = 0; l < n; ++l) {
    net->link_id[l] = art_strdup(plan->link[l].id);
    net->link_from[l] = plan->link[l].from;
    net->link_to[l] = plan->link[l].to;
    net->link_priority[l] = plan->link[l].priority;
    net->link_first_lane[l + 1] = net->link_first_lane[l] + plan->link[l].lanes;
  }
  net->link_lane_count = net->link_first_lane[n];
}

static void alloc_lanes(builder *b)
{
  art_net_new_lanes(b->net, b->path_count);
  b->city->lane_first_point = ART_NEW(int64_t, b->net->lane_count + 1);
}

static void add_point(builder *b, double x, double y)
{
  art_city *city = b->city;
  if (b->point_count == b->point_capacity) {
    b->point_capacity = b->point_capacity ? 2 * b->point_capacity : 1024;
    city->point_x = art_renew(city->point_x, (size_t)b->point_capacity, sizeof *city->point_x);
    city->point_y = art_renew(city->point_y, (size_t)b->point_capacity, sizeof *city->point_y);
  }
  city->point_x[b->point_count] = x;
  city->point_y[b->point_count++] = y;
}

static double drawn_length(const builder *b, int64_t first)
{
  double length = 0.0;
  for (int64_t i = first + 1; i < b->point_count; ++i)
    length +=
        hypot(b->city->point_x[i] - b->city->point_x[i - 1], b->city->point_y[i] - b->city->point_y[i - 1]);
  return length;
}

/// The axis of a link moved to the right by `offset_m`, at corners along the bisector.
static void draw_lane(builder *b, const art_drawing_link *link, double offset_m)
{
  for (int32_t i = 0; i < link->point_count; ++i) {
    double nx = 0.0, ny = 0.0;
    for (int32_t k = i - 1; k <= i; ++k) {
      if (k < 0 || k + 1 >= link->point_count) continue;
      const double dx = link->x[k + 1] - link->x[k], dy = link->y[k + 1] - link->y[k], length = hypot(dx, dy);
      nx += dy / length;
      ny -= dx / length;
    }
    const double square = nx * nx + ny * ny, parts = i > 0 && i + 1 < link->point_count ? 2.0 : 1.0;
    add_point(b, link->x[i] + offset_m * parts * nx / square, link->y[i] + offset_m * parts * ny / square);
  }
}

static void build_link_lanes(builder *b)
{
  art_net *net = b->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_drawing_link *link = &b->plan->link[l];
    for (int32_t k = 0; k < link->lanes; ++k) {
      const int32_t lane = lane_of(net, l, k);
      const int64_t first = b->city->lane_first_point[lane] = b->point_count;
      draw_lane(b, link, link->left_edge_m + (link->lanes - k - 0.5) * ART_DRAWING_LANE_M);
      net->lane_link[lane] = l;
      net->lane_length_m[lane] = (float)(link->length_m > 0.0 ? link->length_m : drawn_length(b, first));
      net->lane_speed_mps[lane] = (float)link->speed_mps;
      net->lane_width_m[lane] = (float)ART_DRAWING_LANE_M;
      net->lane_allowed[lane] = ART_PERMIT_ALL;
      net->lane_change_left[lane] = k + 1 < link->lanes ? ART_PERMIT_ALL : 0;
      net->lane_change_right[lane] = k > 0 ? ART_PERMIT_ALL : 0;
    }
  }
}

// --- connectors ---------------------------------------------------------------------------------------------------------

static int compare_paths(const void *left, const void *right)
{
  const art_drawing_path *a = left, *b = right;
  const int32_t key[4] = { a->from_link - b->from_link, a->from_lane - b->from_lane, a->to_link - b->to_link,
                           a->to_lane - b->to_lane };
  for (int i = 0; i < 4; ++i)
    if (key[i]) return key[i] < 0 ? -1 : 1;
  return 0;
}

static void sort_paths(builder *b)
{
  art_sort(b->path, (size_t)b->path_count, sizeof *b->path, compare_paths);
  int32_t kept = 0;
  for (int32_t i = 0; i < b->path_count; ++i)
    if (!kept || compare_paths(&b->path[kept - 1], &b->path[i]) != 0) b->path[kept++] = b->path[i];
  b->path_count = kept;
}

/// A cubic curve between two lane ends, tangential to both; for ends of a circle's arc it is that arc to one part in a
/// thousand. Returns the radius of that circle.
static double draw_curve(builder *b, double x0, double y0, art_drawing_direction a, double x3, double y3,
                         art_drawing_direction c)
{
  const double chord = hypot(x3 - x0, y3 - y0), cosine = fmin(fmax(a.x * c.x + a.y * c.y, -1.0), 1.0);
  const double half_cos = sqrt(0.5 * (1.0 + cosine)), half_sin = sqrt(0.5 * (1.0 - cosine));
  const double reach = chord * (2.0 / 3.0) / (1.0 + half_cos);
  const double x1 = x0 + reach * a.x, y1 = y0 + reach * a.y, x2 = x3 - reach * c.x, y2 = y3 - reach * c.y;
  const int is_line = half_sin < 1e-6 && fabs((x3 - x0) * a.y - (y3 - y0) * a.x) < 1e-6;
  const int points = is_line ? 2 : CURVE_POINTS;
  for (int i = 0; i < points; ++i) {
    const double t = (double)i / (points - 1), s = 1.0 - t;
    add_point(b, s * s * s * x0 + 3.0 * s * s * t * x1 + 3.0 * s * t * t * x2 + t * t * t * x3,
              s * s * s * y0 + 3.0 * s * s * t * y1 + 3.0 * s * t * t * y2 + t * t * t * y3);
  }
  return half_sin < 1e-3 ? INFINITY : 0.5 * chord / half_sin;
}

static void build_connector(builder *b, int32_t c)
{
  art_net *net = b->net;
  const art_city *city = b->city;
  const art_drawing_path *path = &b->path[c];
  const art_drawing_link *in = &b->plan->link[path->from_link], *out = &b->plan->link[path->to_link];
  const int32_t lane = net->link_lane_count + c, from = lane_of(net, path->from_link, path->from_lane),
                to = lane_of(net, path->to_link, path->to_lane);
  const int64_t end = city->lane_first_point[from] + in->point_count - 1, start = city->lane_first_point[to];
  const int64_t first = b->city->lane_first_point[lane] = b->point_count;
  const double radius = draw_curve(b, city->point_x[end] + in->shift_x, city->point_y[end] + in->shift_y,
                                   art_drawing_direction_of(in, 1), city->point_x[start],
                                   city->point_y[start], art_drawing_direction_of(out, 0));
  const double limit = fmin(in->speed_mps, out->speed_mps);
  const double turning = isfinite(radius) ? fmax(sqrt(LATERAL_MPS2 * radius), SLOWEST_TURN_MPS) : limit;
  net->lane_link[lane] = -1;
  net->lane_length_m[lane] = (float)fmax(drawn_length(b, first), 0.1);
  net->lane_speed_mps[lane] = (float)fmin(turning, limit);
  net->lane_width_m[lane] = (float)ART_DRAWING_LANE_M;
  net->lane_allowed[lane] = ART_PERMIT_ALL;
  net->connector_from[c] = from;
  net->connector_to[c] = to;
  net->connector_node[c] = in->to;
  net->connector_turn[c] = (uint8_t)path->turn;
  net->connector_state[c] = 'M';
  net->connector_signal[c] = net->connector_signal_group[c] = -1;
  net->connector_hold_m[c] = -1.0f;
  net->connector_keep_clear[c] = 1;
}

// --- right of way -------------------------------------------------------------------------------------------------------

/// Who goes first among those that neither signs nor sides tell apart: straight, right, left, back.
static int rank_of(art_turn turn)
{
  return turn == ART_TURN_STRAIGHT ? 0 : turn == ART_TURN_RIGHT ? 1 : turn == ART_TURN_LEFT ? 2 : 3;
}

/// Does path a give way to b, which comes from another link of the node? Of two, exactly one does, all-way stops aside.
static int gives_way(const builder *b, int32_t i, int32_t j)
{
  const art_drawing_path *p = &b->path[i], *q = &b->path[j];
  const art_drawing_link *in_p = &b->plan->link[p->from_link], *in_q = &b->plan->link[q->from_link];
  const int kind = b->net->node_kind[in_p->to];
  if (kind == ART_NODE_ALLWAY_STOP) return 1;
  if ((kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP) && in_p->priority != in_q->priority)
    return in_p->priority < in_q->priority;
  const art_drawing_direction a = art_drawing_direction_of(in_p, 1), c = art_drawing_direction_of(in_q, 1);
  const double along = a.x * c.x + a.y * c.y, leftward = a.x * c.y - a.y * c.x;
  const int is_opposite = along < -0.7;
  // Those who turn back yield to everybody; opposite streets, and those that signals keep apart, settle it by turn.
  const int rank_p = rank_of(p->turn), rank_q = rank_of(q->turn);
  if (rank_p != rank_q && (is_opposite || kind == ART_NODE_TRAFFIC_LIGHT || rank_p == 3 || rank_q == 3))
    return rank_p > rank_q;
  // Who comes from the right drives towards the left.
  if (!is_opposite && fabs(leftward) > 1e-9) return leftward > 0.0;
  return i > j;
}

static art_right_of_way ask(void *context, int32_t i, int32_t j)
{
  const builder *b = context;
  const art_drawing_path *p = &b->path[i], *q = &b->path[j];
  if (p->from_link == q->from_link) {  // of lanes that become one, the lane that ends yields
    const int is_drop = p->to_link == q->to_link && p->to_lane == q->to_lane;
    return (art_right_of_way){ .a_yields = is_drop && p->from_lane > q->from_lane,
                               .b_yields = is_drop && q->from_lane > p->from_lane,
                               .are_foes = (uint8_t)is_drop };
  }
  return (art_right_of_way){ .a_yields = (uint8_t)gives_way(b, i, j),
                             .b_yields = (uint8_t)gives_way(b, j, i),
                             .are_foes = 1 };
}

/// Left turns of the street that has the right of way, or green, wait inside the node for a gap in the oncoming stream.
static int waits_inside(const builder *b, int32_t c)
{
  const art_drawing_path *path = &b->path[c];
  const art_drawing_link *in = &b->plan->link[path->from_link];
  if (path->turn != ART_TURN_LEFT && path->turn != ART_TURN_U) return 0;
  const int kind = b->net->node_kind[in->to];
  if (kind == ART_NODE_TRAFFIC_LIGHT) return 1;
  if (kind != ART_NODE_PRIORITY && kind != ART_NODE_PRIORITY_STOP) return 0;
  for (int32_t i = b->net->node_first_connector[in->to]; i < b->net->node_first_connector[in->to + 1]; ++i)
    if (b->plan->link[b->path[b->net->node_connector[i]].from_link].priority > in->priority) return 0;
  return 1;
}

static char state_of(const art_net *net, int32_t c)
{
  int yields = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    yields |= net->conflict_yield[k];
  switch (net->node_kind[net->connector_node[c]]) {
  case ART_NODE_ALLWAY_STOP: return 'w';
  case ART_NODE_RIGHT_BEFORE_LEFT: return yields ? '=' : 'M';
  case ART_NODE_PRIORITY_STOP: return yields ? 's' : 'M';
  case ART_NODE_TRAFFIC_LIGHT: return yields ? 'o' : 'O';
  default: return yields ? 'm' : 'M';
  }
}

/// A stop sign stands at streets of lower priority only: left turns of the main street yield without stopping.
static void set_states(builder *b)
{
  art_net *net = b->net;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    net->connector_state[c] = state_of(net, c);
    if (net->connector_state[c] == 's' && net->connector_cont[c]) net->connector_state[c] = 'm';
  }
}

// --- the rest -----------------------------------------------------------------------------------------------------------

typedef struct corner {
  double angle, x, y;
} corner;

static int compare_corners(const void *left, const void *right)
{
  const corner *a = left, *b = right;
  return a->angle < b->angle ? -1 : a->angle > b->angle;
}

/// Outlines of nodes: the kerbs and middles of all streets at their stop lines, in order round the centre.
static void build_outlines(builder *b)
{
  const art_drawing *plan = b->plan;
  art_city *city = b->city;
  const int32_t n = plan->node_count;
  int64_t *at = ART_NEW(int64_t, n + 1);
  city->node_first_point = ART_NEW(int64_t, n + 1);
  for (int32_t l = 0; l < plan->link_count; ++l) {
    city->node_first_point[plan->link[l].from + 1] += 2;
    city->node_first_point[plan->link[l].to + 1] += 2;
  }
  for (int32_t i = 0; i < n; ++i) city->node_first_point[i + 1] += city->node_first_point[i];
  corner *corners = ART_NEW(corner, city->node_first_point[n]);
  for (int32_t l = 0; l < plan->link_count; ++l)
    for (int end = 0; end < 2; ++end)
      for (int side = 0; side < 2; ++side) {
        const art_drawing_link *link = &plan->link[l];
        const int32_t node = end ? link->to : link->from, p = end ? link->point_count - 1 : 0;
        const art_drawing_direction d = art_drawing_direction_of(link, end);
        const double offset = link->left_edge_m + (side ? link->lanes * ART_DRAWING_LANE_M : 0.0);
        const double x = link->x[p] + (end ? link->shift_x : 0.0) + offset * d.y,
                     y = link->y[p] + (end ? link->shift_y : 0.0) - offset * d.x;
        corners[city->node_first_point[node] + at[node]++] =
            (corner){ atan2(y - plan->node[node].y, x - plan->node[node].x), x, y };
      }
  city->node_point_x = ART_NEW(double, city->node_first_point[n]);
  city->node_point_y = ART_NEW(double, city->node_first_point[n]);
  for (int32_t i = 0; i < n; ++i)
    art_sort(corners + city->node_first_point[i], (size_t)at[i], sizeof *corners, compare_corners);
  for (int64_t i = 0; i < city->node_first_point[n]; ++i) {
    city->node_point_x[i] = corners[i].x;
    city->node_point_y[i] = corners[i].y;
  }
  free(corners);
  free(at);
}

static void build_detectors(builder *b)
{
  const art_drawing *plan = b->plan;
  art_net *net = b->net;
  int32_t n = 0;
  for (int32_t l = 0; plan->options->detectors && l < net->link_count; ++l)
    n += plan->node[plan->link[l].to].role == ART_DRAWING_CROSSING ? plan->link[l].lanes : 0;
  net->detector_count = net->detector_point_count = n;
  net->detector_id = ART_NEW(char *, n);
  net->detector_kind = ART_NEW(uint8_t, n);
  net->detector_first_point = ART_NEW(int32_t, n + 1);
  net->detector_lane = ART_NEW(int32_t, n);
  net->detector_pos_m = ART_NEW(float, n);
  net->detector_end_m = ART_NEW(float, n);
  net->detector_role = ART_NEW(uint8_t, n);
  net->detector_period_ms = ART_NEW(int64_t, n);
  int32_t d = 0;
  for (int32_t l = 0; n && l < net->link_count; ++l)
    for (int32_t k = 0; plan->node[plan->link[l].to].role == ART_DRAWING_CROSSING && k < plan->link[l].lanes;
         ++k, ++d) {
      const int32_t lane = lane_of(net, l, k);
      net->detector_id[d] = art_drawing_text("%s_%d.loop", plan->link[l].id, k);
      net->detector_kind[d] = ART_DETECTOR_POINT;
      net->detector_first_point[d + 1] = d + 1;
      net->detector_lane[d] = lane;
      net->detector_pos_m[d] = net->detector_end_m[d] =
          fmaxf(net->lane_length_m[lane] - (float)DETECTOR_M, 0.5f * net->lane_length_m[lane]);
      net->detector_period_ms[d] = DETECTOR_PERIOD_MS;
    }
}

/// The mirror image: what was right is left. Kerbside lanes stay first, so left and right of lane changes, which count
/// from the kerb, stay as they are.
static void mirror(builder *b)
{
  art_city *city = b->city;
  art_net *net = b->net;
  city->left_hand = 1;
  for (int32_t i = 0; i < net->node_count; ++i) {
    city->node_y[i] = -city->node_y[i];
    if (net->node_kind[i] == ART_NODE_RIGHT_BEFORE_LEFT) net->node_kind[i] = ART_NODE_LEFT_BEFORE_RIGHT;
  }
  for (int64_t i = 0; i < city->lane_first_point[net->lane_count]; ++i) city->point_y[i] = -city->point_y[i];
  for (int64_t i = 0; i < city->node_first_point[net->node_count]; ++i)
    city->node_point_y[i] = -city->node_point_y[i];
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_turn[c] == ART_TURN_LEFT)
      net->connector_turn[c] = ART_TURN_RIGHT;
    else if (net->connector_turn[c] == ART_TURN_RIGHT)
      net->connector_turn[c] = ART_TURN_LEFT;
  }
}

art_status art_drawing_build(art_drawing *plan, art_city **out, art_error *err)
{
  builder b = { .plan = plan, .city = art_city_new() };
  b.net = b.city->net;
  b.city->title = art_strdup(plan->title);
  art_drawing_find_paths(plan, &b.path, &b.path_count);
  sort_paths(&b);
  build_nodes(&b);
  build_links(&b);
  alloc_lanes(&b);
  build_link_lanes(&b);
  for (int32_t c = 0; c < b.path_count; ++c) build_connector(&b, c);
  b.city->lane_first_point[b.net->lane_count] = b.point_count;
  art_net_index(b.net);
  for (int32_t c = 0; c < b.path_count; ++c) b.net->connector_cont[c] = (uint8_t)waits_inside(&b, c);
  const art_lane_shapes shapes = { b.city->lane_first_point, b.city->point_x, b.city->point_y };
  art_conflict_counts counts = { 0 };
  art_conflicts_find(b.net, &shapes, ask, &b, &counts);
  set_states(&b);
  art_status status = art_drawing_signals(plan, b.path, b.net, err);
  if (status == ART_OK) art_net_index(b.net);  // now with signals
  build_outlines(&b);
  build_detectors(&b);
  if (plan->options->left_hand) mirror(&b);
  free(b.path);
  if (status == ART_OK && (status = art_net_check(b.net, err)) != ART_OK)
    status = art_fail_prefix(err, "the generated city is not valid: ");
  *out = status == ART_OK ? b.city : NULL;
  if (status != ART_OK) art_city_free(b.city);
  return status;
}
