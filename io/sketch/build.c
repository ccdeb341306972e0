// From the sketch to the city: lanes and their shapes, connectors, outlines of nodes.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/sketch/sketch_internal.h"

#define LATERAL_MPS2 3.0  // sideways acceleration that drivers accept in a turn
#define SLOWEST_TURN_MPS 3.0
#define SHORTEST_M 0.1
#define MOST_MITRE 2.0  // how much farther than its offset a corner of a lane may lie
enum { CURVE_POINTS = 13 };

typedef struct builder {
  art_sketch *s;
  art_city *city;
  art_net *net;
  int64_t point_capacity, point_count;
} builder;

static void build_nodes(builder *b)
{
  const art_sketch *s = b->s;
  art_net *net = b->net;
  const int32_t n = net->node_count = s->node_count;
  net->node_id = ART_NEW(char *, n);
  net->node_kind = ART_NEW(uint8_t, n);
  b->city->node_x = ART_NEW(double, n);
  b->city->node_y = ART_NEW(double, n);
  for (int32_t i = 0; i < n; ++i) {
    net->node_id[i] = art_strdup(s->node[i].id);
    net->node_kind[i] = s->node[i].kind;
    b->city->node_x[i] = s->node[i].x;
    b->city->node_y[i] = s->node[i].y;
  }
}

static void build_links(builder *b)
{
  const art_sketch *s = b->s;
  art_net *net = b->net;
  const int32_t n = net->link_count = s->link_count;
  net->link_id = ART_NEW(char *, n);
  net->link_from = ART_NEW(int32_t, n);
  net->link_to = ART_NEW(int32_t, n);
  net->link_first_lane = ART_NEW(int32_t, n + 1);
  net->link_priority = ART_NEW(int32_t, n);
  net->link_in_roundabout = ART_NEW(uint8_t, n);
  b->city->link_name = ART_NEW(char *, n);
  for (int32_t l = 0; l < n; ++l) {
    net->link_id[l] = art_strdup(s->link[l].id);
    b->city->link_name[l] = art_strdup(s->link[l].name);
    net->link_from[l] = s->link[l].from;
    net->link_to[l] = s->link[l].to;
    net->link_priority[l] = s->link[l].priority;
    net->link_first_lane[l + 1] = net->link_first_lane[l] + s->link[l].lane_count;
  }
  net->link_lane_count = net->link_first_lane[n];
}

static void alloc_lanes(builder *b)
{
  art_net_new_lanes(b->net, b->s->path_count);
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

static double drawn_m(const builder *b, int64_t first)
{
  const art_city *city = b->city;
  double length = 0.0;
  for (int64_t i = first + 1; i < b->point_count; ++i)
    length += hypot(city->point_x[i] - city->point_x[i - 1], city->point_y[i] - city->point_y[i - 1]);
  return length;
}

/// The axis of a link moved to the right by `offset_m`, at corners along the bisector.
static void draw_lane(builder *b, const art_sketch_link *link, double offset_m)
{
  const double *x = b->s->point_x + link->first_point, *y = b->s->point_y + link->first_point;
  for (int32_t i = 0; i < link->point_count; ++i) {
    double nx = 0.0, ny = 0.0;
    for (int32_t k = i - 1; k <= i; ++k) {
      if (k < 0 || k + 1 >= link->point_count) continue;
      const double dx = x[k + 1] - x[k], dy = y[k + 1] - y[k], length = hypot(dx, dy);
      nx += dy / length;
      ny -= dx / length;
    }
    const double square = nx * nx + ny * ny, parts = i > 0 && i + 1 < link->point_count ? 2.0 : 1.0;
    const double reach =
        fmin(parts / fmax(square, 1e-9), parts * MOST_MITRE / fmax(sqrt(square), 1e-9) / 2.0);
    add_point(b, x[i] + offset_m * reach * nx, y[i] + offset_m * reach * ny);
  }
}

/// Metres that a link is driven for each metre of its drawing.
static double stretch_of(const art_sketch *s, const art_sketch_link *link)
{
  const double drawn = art_sketch_axis_m(s, link) + link->trim_from_m + link->trim_to_m;
  return link->length_m > 0.0 ? link->length_m / drawn : 1.0;
}

static void build_link_lanes(builder *b)
{
  const art_sketch *s = b->s;
  art_net *net = b->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_sketch_link *link = &s->link[l];
    const double width = art_sketch_link_width_m(link, s->lane);
    const double length = fmax(stretch_of(s, link) * art_sketch_axis_m(s, link), SHORTEST_M);
    double right = link->is_side ? width : 0.5 * width;  // edge, to the right of the axis
    for (int32_t k = 0; k < link->lane_count; ++k) {
      const art_sketch_lane *lane = &s->lane[link->first_lane + k];
      const int32_t i = net->link_first_lane[l] + k;
      b->city->lane_first_point[i] = b->point_count;
      draw_lane(b, link, right - 0.5 * lane->width_m);
      right -= lane->width_m;
      net->lane_link[i] = l;
      net->lane_length_m[i] = (float)length;
      net->lane_speed_mps[i] = (float)link->speed_mps;
      net->lane_width_m[i] = (float)lane->width_m;
      net->lane_allowed[i] = lane->allowed;
      net->lane_change_left[i] = k + 1 < link->lane_count ? ART_PERMIT_ALL : 0;
      net->lane_change_right[i] = k > 0 ? ART_PERMIT_ALL : 0;
    }
  }
}

static void build_grades(builder *b)
{
  const art_sketch *s = b->s;
  int any = 0;
  for (int32_t l = 0; l < s->link_count; ++l) any |= s->link[l].grade != 0.0;
  if (!any) return;
  b->net->lane_grade = ART_NEW(float, b->net->lane_count);
  for (int32_t i = 0; i < b->net->link_lane_count; ++i)
    b->net->lane_grade[i] = (float)s->link[b->net->lane_link[i]].grade;
}

/// A cubic curve between two lane ends, tangential to both; of ends of a circle's arc it is that arc to one part in a
/// thousand. Returns the radius of that circle.
static double draw_curve(builder *b, double x0, double y0, art_sketch_direction a, double x3, double y3,
                         art_sketch_direction c)
{
  const double chord = hypot(x3 - x0, y3 - y0), cosine = fmin(fmax(a.x * c.x + a.y * c.y, -1.0), 1.0);
  const double half_cos = sqrt(0.5 * (1.0 + cosine)), half_sin = sqrt(0.5 * (1.0 - cosine));
  const double reach = chord * (2.0 / 3.0) / (1.0 + half_cos);
  const double x1 = x0 + reach * a.x, y1 = y0 + reach * a.y, x2 = x3 - reach * c.x, y2 = y3 - reach * c.y;
  const int is_line = half_sin < 1e-6 && fabs((x3 - x0) * a.y - (y3 - y0) * a.x) < 1e-6;
  const int points = is_line ? 2 : CURVE_POINTS;
  for (int i = 0; i < points; ++i) {
    const double t = (double)i / (points - 1), r = 1.0 - t;
    add_point(b, r * r * r * x0 + 3.0 * r * r * t * x1 + 3.0 * r * t * t * x2 + t * t * t * x3,
              r * r * r * y0 + 3.0 * r * r * t * y1 + 3.0 * r * t * t * y2 + t * t * t * y3);
  }
  return half_sin < 1e-3 ? INFINITY : 0.5 * chord / half_sin;
}

static void build_connector(builder *b, int32_t c)
{
  art_net *net = b->net;
  const art_city *city = b->city;
  const art_sketch *s = b->s;
  const art_sketch_path *path = &s->path[c];
  const art_sketch_link *in = &s->link[path->from_link], *out = &s->link[path->to_link];
  const int32_t lane = net->link_lane_count + c,
                from = net->link_first_lane[path->from_link] + path->from_lane,
                to = net->link_first_lane[path->to_link] + path->to_lane;
  const int64_t end = city->lane_first_point[from + 1] - 1, start = city->lane_first_point[to];
  const int64_t first = b->city->lane_first_point[lane] = b->point_count;
  const double radius =
      draw_curve(b, city->point_x[end], city->point_y[end], art_sketch_direction_of(s, path->from_link, 1),
                 city->point_x[start], city->point_y[start], art_sketch_direction_of(s, path->to_link, 0));
  const double limit = fmin(in->speed_mps, out->speed_mps);
  const double turning = isfinite(radius) ? fmax(sqrt(LATERAL_MPS2 * radius), SLOWEST_TURN_MPS) : limit;
  net->lane_link[lane] = -1;
  net->lane_length_m[lane] = (float)fmax(drawn_m(b, first), SHORTEST_M);
  net->lane_speed_mps[lane] = (float)fmin(turning, limit);
  net->lane_width_m[lane] = fminf(net->lane_width_m[from], net->lane_width_m[to]);
  net->lane_allowed[lane] = net->lane_allowed[from] & net->lane_allowed[to];
  net->connector_from[c] = from;
  net->connector_to[c] = to;
  net->connector_node[c] = in->to;
  net->connector_turn[c] = (uint8_t)path->turn;
  net->connector_state[c] = 'M';
  net->connector_signal[c] = net->connector_signal_group[c] = -1;
  net->connector_hold_m[c] = -1.0f;
  net->connector_keep_clear[c] = !s->node[in->to].is_joint;
}

// ---- outlines ----------------------------------------------------------------------------------------------------------

typedef struct corner {
  double angle, x, y;
} corner;

static int compare_corners(const void *left, const void *right)
{
  const corner *a = left, *b = right;
  return a->angle < b->angle ? -1 : a->angle > b->angle;
}

/// A corner of a link at one of its ends, on the right (side 1) or left edge.
static corner corner_at(const builder *b, int32_t l, int end, int side)
{
  const art_sketch_link *link = &b->s->link[l];
  const int32_t p = link->first_point + (end ? link->point_count - 1 : 0), node = end ? link->to : link->from;
  const art_sketch_direction d = art_sketch_direction_of(b->s, l, end);
  const double width = art_sketch_link_width_m(link, b->s->lane);
  const double right = link->is_side ? width : 0.5 * width;
  const double offset = side ? right : right - width;
  const double x = b->s->point_x[p] + offset * d.y, y = b->s->point_y[p] - offset * d.x;
  return (corner){ atan2(y - b->s->node[node].y, x - b->s->node[node].x), x, y };
}

/// Outlines of nodes: the kerbs and middles of all streets at their stop lines, in order round the centre.
static void build_outlines(builder *b)
{
  const art_sketch *s = b->s;
  art_city *city = b->city;
  const int32_t n = s->node_count;
  int64_t *at = ART_NEW(int64_t, n + 1);
  city->node_first_point = ART_NEW(int64_t, n + 1);
  for (int32_t l = 0; l < s->link_count; ++l) {
    city->node_first_point[s->link[l].from + 1] += 2;
    city->node_first_point[s->link[l].to + 1] += 2;
  }
  for (int32_t i = 0; i < n; ++i) city->node_first_point[i + 1] += city->node_first_point[i];
  corner *corners = ART_NEW(corner, city->node_first_point[n]);
  for (int32_t l = 0; l < s->link_count; ++l)
    for (int i = 0; i < 4; ++i) {
      const int32_t node = i / 2 ? s->link[l].to : s->link[l].from;
      corners[city->node_first_point[node] + at[node]++] = corner_at(b, l, i / 2, i % 2);
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

/// Back from the mirror. Kerbside lanes stay first, so left and right of lane changes, which count from the kerb, stay.
static void unmirror(builder *b)
{
  art_city *city = b->city;
  art_net *net = b->net;
  city->left_hand = 1;
  for (int32_t i = 0; i < net->node_count; ++i) {
    city->node_y[i] = -city->node_y[i];
    if (net->node_kind[i] == ART_NODE_RIGHT_BEFORE_LEFT) net->node_kind[i] = ART_NODE_LEFT_BEFORE_RIGHT;
  }
  for (int64_t i = 0; i < b->point_count; ++i) city->point_y[i] = -city->point_y[i];
  for (int64_t i = 0; i < city->node_first_point[net->node_count]; ++i)
    city->node_point_y[i] = -city->node_point_y[i];
  for (int32_t c = 0; c < net->connector_count; ++c) {
    uint8_t *turn = &net->connector_turn[c];
    if (*turn == ART_TURN_LEFT || *turn == ART_TURN_RIGHT) *turn ^= ART_TURN_LEFT ^ ART_TURN_RIGHT;
    if (*turn == ART_TURN_PART_LEFT || *turn == ART_TURN_PART_RIGHT)
      *turn ^= ART_TURN_PART_LEFT ^ ART_TURN_PART_RIGHT;
  }
}

art_status art_sketch_build(art_sketch *s, art_city **out, art_sketch_report *report, art_error *err)
{
  *report = (art_sketch_report){ 0 };
  *out = NULL;
  if (!s->link_count) return art_fail(err, ART_E_INPUT, "there are no links that vehicles may drive on");
  builder b = { .s = s, .city = art_city_new() };
  b.net = b.city->net;
  b.city->title = art_strdup(s->title);
  b.city->crs_wkt = art_strdup(s->crs_wkt);
  b.city->offset_x = s->offset_x;
  b.city->offset_y = s->offset_y;
  if (s->left_hand) art_sketch_mirror(s);
  art_sketch_ends ends = art_sketch_ends_new(s);
  report->short_links = art_sketch_cut_axes(s, &ends);
  art_sketch_find_paths(s, &ends, report);
  art_sketch_ends_free(&ends);
  build_nodes(&b);
  build_links(&b);
  alloc_lanes(&b);
  build_link_lanes(&b);
  b.city->lane_first_point[b.net->link_lane_count] = b.point_count;
  build_grades(&b);
  for (int32_t c = 0; c < s->path_count; ++c) build_connector(&b, c);
  b.city->lane_first_point[b.net->lane_count] = b.point_count;
  art_net_index(b.net);
  art_sketch_decide(s, b.city);
  report->signals = art_sketch_add_signals(s, b.net);
  art_net_index(b.net);  // now with signals
  build_outlines(&b);
  if (s->left_hand) unmirror(&b);
  const art_status status = art_net_check(b.net, err);
  if (status == ART_OK)
    *out = b.city;
  else
    art_city_free(b.city);
  return status;
}
