// From the plan to the city: nodes, links, lanes, connectors, their drawing, conflicts.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/conflicts.h"
#include "io/osm/map_internal.h"
#include "io/osm/rules_internal.h"

// Sideways acceleration that drivers accept in a turn, and how much wider than the drawn path they drive: with a radius of
// 10 m they turn at 23 km/h. Queues in tight turns would otherwise discharge far below what Kimber, McDonald and Hounsell
// (1986) measured, 1 / (1 + 1.5 m / radius) of the flow straight on.
#define LATERAL_MPS2 3.5
#define WIDER_M 2.0
#define SLOWEST_TURN_MPS 3.5
#define CAR_AND_GAP_M 7.0
#define BARRIER_S 12.0f

typedef struct builder {
  art_map *plan;
  art_city *city;
  art_net *net;
  int64_t point_count, point_capacity;
  double *x, *y;  // scratch of one shape
  int32_t scratch;
  art_vec *heading;  // of the begin and the end of each lane of a link
} builder;

static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *text_of(const char *format, ...)
{
  char text[96];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return art_strdup(text);
}

// ---- nodes and links ---------------------------------------------------------------------------------------------------

static void build_nodes(builder *b)
{
  const art_map *plan = b->plan;
  art_net *net = b->net;
  const int32_t n = net->node_count = plan->junction_count;
  net->node_id = ART_NEW(char *, n);
  net->node_kind = ART_NEW(uint8_t, n);
  b->city->node_x = ART_NEW(double, n);
  b->city->node_y = ART_NEW(double, n);
  art_idmap *seen = art_idmap_new();
  for (int32_t i = 0; i < n; ++i) {
    const art_map_junction *j = &plan->junction[i];
    char id[96];
    // Places that are no node of the map: where it is cut, and halves of loops.
    if (j->id > 0)
      snprintf(id, sizeof id, "%lld", (long long)j->id);
    else if (j->id > -1000000)
      snprintf(id, sizeof id, "rim%lld", (long long)-j->id);
    else
      snprintf(id, sizeof id, "loop%lld", (long long)(-j->id - 1000000));
    for (int k = 2; art_idmap_find(seen, id) >= 0; ++k) {
      char *mark = strchr(id, '.');
      if (mark) *mark = '\0';
      snprintf(id + strlen(id), sizeof id - strlen(id), ".%d", k);
    }
    art_idmap_put(seen, id);
    net->node_id[i] = art_strdup(id);
    net->node_kind[i] = j->kind;
    b->city->node_x[i] = j->x;
    b->city->node_y[i] = j->y;
  }
  art_idmap_free(seen);
}

/// "way#part", with "-" in front against the direction of the way; parts count along the way as they are cut.
static void name_links(builder *b)
{
  const art_map *plan = b->plan;
  art_net *net = b->net;
  int32_t *part = ART_NEW(int32_t, plan->way_count);
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    if (piece->is_inside) continue;
    const int32_t way = piece->way[piece->lanes[0] ? 0 : 1];
    const int32_t number = part[way]++;
    for (int d = 0; d < 2; ++d)
      if (piece->link[d] >= 0) {
        const int against = piece->way_side[piece->lanes[0] ? 0 : 1] != (piece->lanes[0] ? d : 1 - d);
        // Editors give ways that are not in the map yet negative numbers.
        const long long id = (long long)plan->way[way].id;
        net->link_id[piece->link[d]] =
            text_of("%s%s%lld#%d", against ? "-" : "", id < 0 ? "new" : "", llabs(id), number);
      }
  }
  int32_t copies = 0;
  for (int32_t l = 0; l < plan->link_count; ++l)
    if (plan->link[l].copy_of >= 0)
      net->link_id[l] = text_of("%s.ban%d", net->link_id[plan->link[l].copy_of], ++copies);
  free(part);
}

static void build_links(builder *b)
{
  art_map *plan = b->plan;
  art_net *net = b->net;
  const int32_t n = net->link_count = plan->link_count;
  net->link_id = ART_NEW(char *, n);
  net->link_from = ART_NEW(int32_t, n);
  net->link_to = ART_NEW(int32_t, n);
  net->link_first_lane = ART_NEW(int32_t, n + 1);
  net->link_priority = ART_NEW(int32_t, n);
  net->link_in_roundabout = ART_NEW(uint8_t, n);
  b->city->link_name = ART_NEW(char *, n);
  name_links(b);
  for (int32_t l = 0; l < n; ++l) {
    art_map_link *link = &plan->link[l];
    net->link_from[l] = link->from;
    net->link_to[l] = link->to;
    net->link_priority[l] = link->rank;
    net->link_in_roundabout[l] = plan->piece[link->piece].in_ring;
    link->first_lane = net->link_first_lane[l];
    net->link_first_lane[l + 1] = net->link_first_lane[l] + link->lane_count;
    b->city->link_name[l] = art_strdup(art_map_way_of(plan, link->piece, link->direction)->name);
    plan->report->ring_links += net->link_in_roundabout[l];
  }
  net->link_lane_count = net->link_first_lane[n];
}

static void alloc_lanes(builder *b)
{
  art_net_new_lanes(b->net, b->plan->connector_count);
  b->city->lane_first_point = ART_NEW(int64_t, b->net->lane_count + 1);
}

static void add_points(builder *b, const double *x, const double *y, int32_t count)
{
  art_city *city = b->city;
  if (b->point_count + count > b->point_capacity) {
    b->point_capacity = 2 * (b->point_count + count) + 4096;
    city->point_x = art_renew(city->point_x, (size_t)b->point_capacity, sizeof *city->point_x);
    city->point_y = art_renew(city->point_y, (size_t)b->point_capacity, sizeof *city->point_y);
  }
  if (count) {
    memcpy(city->point_x + b->point_count, x, (size_t)count * sizeof *x);
    memcpy(city->point_y + b->point_count, y, (size_t)count * sizeof *y);
  }
  b->point_count += count;
}

static void need_scratch(builder *b, int32_t count)
{
  if (4 * count <= b->scratch) return;
  b->scratch = 8 * count;
  b->x = art_renew(b->x, (size_t)b->scratch, sizeof *b->x);
  b->y = art_renew(b->y, (size_t)b->scratch, sizeof *b->y);
}

static void reverse(double *x, int32_t count)
{
  for (int32_t i = 0; i < count / 2; ++i) {
    const double swap = x[i];
    x[i] = x[count - 1 - i];
    x[count - 1 - i] = swap;
  }
}

static void build_link_lanes(builder *b, int32_t l)
{
  art_map *plan = b->plan;
  art_net *net = b->net;
  const art_map_link *link = &plan->link[l];
  const art_map_piece *piece = &plan->piece[link->piece];
  const art_map_lane *lane = art_map_lanes_of(plan, link->piece, link->direction);
  const int32_t room = piece->point_count + 2;
  need_scratch(b, room);
  const int32_t n = art_line_cut(art_map_line(plan, link->piece), piece->trim_m[0],
                                 piece->length_m - piece->trim_m[1], b->x, b->y);
  if (link->direction) {
    reverse(b->x, n);
    reverse(b->y, n);
  }
  const art_line axis = { b->x, b->y, n, NULL };
  const double length = art_line_length(axis);
  plan->report->short_links += length < CAR_AND_GAP_M;
  double *x = b->x + 2 * room, *y = b->y + 2 * room;
  double right = art_map_left_edge(plan, link->piece, link->direction) +
                 (double)art_map_side_of(plan, link->piece, link->direction)->width_m;
  for (int i = 0; i < link->lane_count; ++i) {
    const int32_t at = link->first_lane + i;
    b->city->lane_first_point[at] = b->point_count;
    art_line_parallel(axis, right - 0.5 * (double)lane[i].width_m, x, y);
    right -= (double)lane[i].width_m;
    add_points(b, x, y, n);
    net->lane_link[at] = l;
    net->lane_length_m[at] = (float)fmax(length, 0.5);
    net->lane_speed_mps[at] = lane[i].speed_mps;
    net->lane_width_m[at] = lane[i].width_m;
    net->lane_allowed[at] = lane[i].allowed;
    // Lanes count from the kerb under either rule of the road.
    if (i + 1 < link->lane_count && (lane[i].change & ART_OSM_CHANGE_LEFT))
      net->lane_change_left[at] = ART_PERMIT_ALL;
    if (i > 0 && (lane[i].change & ART_OSM_CHANGE_RIGHT)) net->lane_change_right[at] = ART_PERMIT_ALL;
    plan->report->length_km += length / 1000.0;
  }
}

// ---- connectors --------------------------------------------------------------------------------------------------------

typedef struct ends {
  int32_t from, to;
} ends;

static ends ends_of(const art_map *plan, const art_map_connector *c)
{
  const art_map_movement *m = &plan->movement[c->movement];
  return (ends){ plan->link[m->in].first_lane + c->from_lane, plan->link[m->out].first_lane + c->to_lane };
}

typedef struct keyed {
  int32_t from, to, index;
} keyed;

static int compare_keyed(const void *left, const void *right)
{
  const keyed *a = left, *b = right;
  if (a->from != b->from) return a->from < b->from ? -1 : 1;
  return a->to < b->to ? -1 : a->to > b->to;
}

static void sort_connectors(art_map *plan)
{
  const int32_t n = plan->connector_count;
  keyed *keys = ART_NEW(keyed, n);
  art_map_connector *sorted = ART_NEW(art_map_connector, n);
  for (int32_t i = 0; i < n; ++i) {
    const ends e = ends_of(plan, &plan->connector[i]);
    keys[i] = (keyed){ e.from, e.to, i };
  }
  art_sort(keys, (size_t)n, sizeof *keys, compare_keyed);
  int32_t kept = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (i && keys[i].from == keys[i - 1].from && keys[i].to == keys[i - 1].to) continue;
    sorted[kept++] = plan->connector[keys[i].index];
  }
  free(plan->connector);
  free(keys);
  plan->connector = sorted;
  plan->connector_count = plan->connector_capacity = kept;
}

static art_vec point_of(const art_city *city, int32_t lane, int at_end)
{
  const int64_t i = at_end ? city->lane_first_point[lane + 1] - 1 : city->lane_first_point[lane];
  return (art_vec){ city->point_x[i], city->point_y[i] };
}

/// Directions of the first and the last piece of the drawing of every lane of a link.
static void find_headings(builder *b)
{
  const art_city *city = b->city;
  const int32_t n = b->net->link_lane_count;
  b->heading = ART_NEW(art_vec, 2 * (int64_t)n);
  double *part = NULL;
  int64_t room = 0;
  for (int32_t lane = 0; lane < n; ++lane) {
    const int64_t first = city->lane_first_point[lane], count = city->lane_first_point[lane + 1] - first;
    if (count > room) part = art_renew(part, (size_t)(room = 2 * count), sizeof *part);
    const double *x = city->point_x + first, *y = city->point_y + first;
    for (int64_t i = 0; i + 1 < count; ++i) part[i] = hypot(x[i + 1] - x[i], y[i + 1] - y[i]);
    const art_line line = { x, y, (int32_t)count, part };
    const double length = art_line_length(line), over = fmin(3.0, length);
    b->heading[2 * lane] = art_line_direction(line, 0.0, over);
    b->heading[2 * lane + 1] = art_line_direction(line, length - over, length);
  }
  free(part);
}

static void build_connector(builder *b, int32_t c)
{
  const art_map *plan = b->plan;
  art_net *net = b->net;
  const art_map_connector *connector = &plan->connector[c];
  const art_map_movement *m = &plan->movement[connector->movement];
  const ends e = ends_of(plan, connector);
  const int32_t lane = net->link_lane_count + c;
  double radius;
  const int32_t n =
      art_curve_draw(point_of(b->city, e.from, 1), b->heading[2 * e.from + 1], point_of(b->city, e.to, 0),
                     b->heading[2 * e.to], b->x, b->y, &radius);
  b->city->lane_first_point[lane] = b->point_count;
  add_points(b, b->x, b->y, n);
  const double limit = fmin((double)net->lane_speed_mps[e.from], (double)net->lane_speed_mps[e.to]);
  const double turning = isfinite(radius) ? fmax(sqrt(LATERAL_MPS2 * (radius + WIDER_M)), SLOWEST_TURN_MPS) : limit;
  net->lane_link[lane] = -1;
  net->lane_length_m[lane] = (float)fmax(art_line_length((art_line){ b->x, b->y, n, NULL }), 0.1);
  net->lane_speed_mps[lane] = (float)fmin(turning, limit);
  net->lane_width_m[lane] = fminf(net->lane_width_m[e.from], net->lane_width_m[e.to]);
  net->lane_allowed[lane] = m->allowed & net->lane_allowed[e.from] & net->lane_allowed[e.to];
  net->connector_from[c] = e.from;
  net->connector_to[c] = e.to;
  net->connector_node[c] = plan->link[m->in].to;
  net->connector_turn[c] = m->turn;
  net->connector_state[c] = 'M';
  net->connector_signal[c] = net->connector_signal_group[c] = -1;
  net->connector_hold_m[c] = -1.0f;
  net->connector_keep_clear[c] = 1;
  net->connector_cont[c] = (uint8_t)art_map_waits_inside(plan, connector->movement);
}

/// 1: the path begins on a lane for bicycles alone.
static int is_for_cycles(const art_map *plan, int32_t connector)
{
  const art_map_link *in = &plan->link[plan->movement[plan->connector[connector].movement].in];
  const uint32_t allowed =
      art_map_lanes_of(plan, in->piece, in->direction)[plan->connector[connector].from_lane].allowed;
  return allowed == 1u << ART_VCLASS_BICYCLE;
}

static art_right_of_way ask(void *context, int32_t i, int32_t j)
{
  const art_map *plan = context;
  const int32_t p = plan->connector[i].movement, q = plan->connector[j].movement;
  const art_map_movement *a = &plan->movement[p], *b = &plan->movement[q];
  if (a->in == b->in) {  // of lanes that become one, the one nearer to the middle yields
    const int is_drop = a->out == b->out && plan->connector[i].to_lane == plan->connector[j].to_lane;
    const int left = plan->connector[i].from_lane > plan->connector[j].from_lane;
    const int cycle_a = is_for_cycles(plan, i), cycle_b = is_for_cycles(plan, j);
    // Who turns across the lane for bicycles lets them pass; bicycles that turn left from it let others pass.
    if (cycle_a != cycle_b && !is_drop) {
      const int turns = (cycle_a ? a->turn : b->turn) == ART_TURN_LEFT;
      return (art_right_of_way){
        .a_yields = (uint8_t)(cycle_a ? turns : !turns), .b_yields = (uint8_t)(cycle_b ? turns : !turns), .are_foes = 1
      };
    }
    return (art_right_of_way){ .a_yields = (uint8_t)left,
                               .b_yields = (uint8_t)!left,
                               .are_foes = (uint8_t)is_drop };
  }
  return (art_right_of_way){ .a_yields = (uint8_t)art_map_gives_way(plan, p, q),
                             .b_yields = (uint8_t)art_map_gives_way(plan, q, p),
                             .are_foes = (uint8_t)!art_map_passes(plan, p, q) };
}

static char state_of(const art_map *plan, const art_net *net, int32_t c)
{
  int yields = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    yields |= net->conflict_yield[k];
  switch (net->node_kind[net->connector_node[c]]) {
  case ART_NODE_ALLWAY_STOP: return 'w';
  case ART_NODE_RIGHT_BEFORE_LEFT:
  case ART_NODE_LEFT_BEFORE_RIGHT: return yields ? '=' : 'M';
  case ART_NODE_PRIORITY_STOP:
    return !yields                                                                    ? 'M'
           : plan->link[plan->movement[plan->connector[c].movement].in].is_minor == 2 ? 's'
                                                                                      : 'm';
  case ART_NODE_TRAFFIC_LIGHT: return yields ? 'o' : 'O';
  default: return yields ? 'm' : 'M';
  }
}

static void build_conflicts(builder *b)
{
  art_net *net = b->net;
  const art_lane_shapes shapes = { b->city->lane_first_point, b->city->point_x, b->city->point_y };
  art_conflict_counts counts = { 0 };
  art_conflicts_find(net, &shapes, ask, b->plan, &counts);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    net->connector_state[c] = state_of(b->plan, net, c);
    // Barriers close long before a train comes.
    if (net->node_kind[net->connector_node[c]] == ART_NODE_RAIL_CROSSING && net->connector_state[c] == 'm')
      net->connector_critical_gap_s[c] = BARRIER_S;
  }
  art_osm_report *report = b->plan->report;
  report->crossings = counts.crossings;
  report->merges = counts.merges;
  report->diverges = counts.diverges;
  report->holding_points = counts.holding_points;
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

/// Kerbs and middles of all links at their stop lines, in order round the centre.
static void build_outlines(builder *b)
{
  const art_map *plan = b->plan;
  art_city *city = b->city;
  const int32_t n = plan->junction_count;
  city->node_first_point = ART_NEW(int64_t, n + 1);
  for (int32_t l = 0; l < plan->link_count; ++l) {
    city->node_first_point[plan->link[l].from + 1] += 2;
    city->node_first_point[plan->link[l].to + 1] += 2;
  }
  for (int32_t i = 0; i < n; ++i) city->node_first_point[i + 1] += city->node_first_point[i];
  int64_t *at = ART_NEW(int64_t, n);
  corner *corners = ART_NEW(corner, city->node_first_point[n]);
  for (int32_t l = 0; l < plan->link_count; ++l)
    for (int end = 0; end < 2; ++end)
      for (int side = 0; side < 2; ++side) {
        const art_map_link *link = &plan->link[l];
        const int32_t node = end ? link->to : link->from;
        const art_vec d = end ? link->end : link->start, p = end ? link->end_at : link->start_at;
        const double offset =
            art_map_left_edge(plan, link->piece, link->direction) +
            (side ? (double)art_map_side_of(plan, link->piece, link->direction)->width_m : 0.0);
        const double x = p.x + offset * d.y, y = p.y - offset * d.x;
        corners[city->node_first_point[node] + at[node]++] =
            (corner){ atan2(y - city->node_y[node], x - city->node_x[node]), x, y };
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

/// What was planned as the mirror image for left-hand traffic is turned back. Lanes still count from the kerb.
static void mirror(builder *b)
{
  art_city *city = b->city;
  art_net *net = b->net;
  city->left_hand = 1;
  for (int32_t i = 0; i < net->node_count; ++i) {
    city->node_y[i] = -city->node_y[i];
    if (net->node_kind[i] == ART_NODE_RIGHT_BEFORE_LEFT)
      net->node_kind[i] = ART_NODE_LEFT_BEFORE_RIGHT;
    else if (net->node_kind[i] == ART_NODE_LEFT_BEFORE_RIGHT)
      net->node_kind[i] = ART_NODE_RIGHT_BEFORE_LEFT;
  }
  for (int64_t i = 0; i < city->lane_first_point[net->lane_count]; ++i) city->point_y[i] = -city->point_y[i];
  for (int64_t i = 0; i < city->node_first_point[net->node_count]; ++i)
    city->node_point_y[i] = -city->node_point_y[i];
  static const uint8_t other[] = {
    [ART_TURN_STRAIGHT] = ART_TURN_STRAIGHT,    [ART_TURN_U] = ART_TURN_U,
    [ART_TURN_LEFT] = ART_TURN_RIGHT,           [ART_TURN_RIGHT] = ART_TURN_LEFT,
    [ART_TURN_PART_LEFT] = ART_TURN_PART_RIGHT, [ART_TURN_PART_RIGHT] = ART_TURN_PART_LEFT
  };
  for (int32_t c = 0; c < net->connector_count; ++c) net->connector_turn[c] = other[net->connector_turn[c]];
}

void art_map_build(art_map *plan, art_city *city)
{
  if (!city->net) city->net = art_net_new();
  builder b = { .plan = plan, .city = city, .net = city->net };
  need_scratch(&b, ART_CURVE_POINTS);
  build_nodes(&b);
  build_links(&b);
  sort_connectors(plan);
  alloc_lanes(&b);
  for (int32_t l = 0; l < plan->link_count; ++l) build_link_lanes(&b, l);
  city->lane_first_point[b.net->link_lane_count] = b.point_count;
  find_headings(&b);
  for (int32_t c = 0; c < plan->connector_count; ++c) build_connector(&b, c);
  city->lane_first_point[b.net->lane_count] = b.point_count;
  art_net_index(b.net);
  build_conflicts(&b);
  art_map_crossings(plan, city);
  art_map_signals(plan, city);
  art_net_index(b.net);  // now with signals
  build_outlines(&b);
  if (plan->mirrored) mirror(&b);
  plan->report->nodes = b.net->node_count;
  plan->report->links = b.net->link_count;
  plan->report->lanes = b.net->link_lane_count;
  plan->report->connectors = b.net->connector_count;
  free(b.x);
  free(b.y);
  free(b.heading);
}
