// A city out of a raw network: nodes, links, lanes, connectors and their drawing.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/geo/projection.h"
#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

enum { MAX_PARTS = 64 };  // internal lanes of one connector; two is usual
#define SHORTEST_M 0.1    // SUMO's own lower bound of lengths
#define SLOWEST_MPS 0.1

typedef struct link_path {
  int32_t connection;  // of the raw net
  int32_t part_count;
  int32_t part[MAX_PARTS];  // internal lanes of the raw net
} link_path;

/// What is known of a connector before connectors are sorted.
typedef struct draft {
  int32_t from, to, node, connection, first_part, part_count, link_index;
} draft;

typedef struct builder {
  art_raw_net *raw;
  art_city *city;
  art_net *net;
  art_import_report *report;
  art_error *err;
  int32_t *node_of_junction, *junction_of_node, *link_of_edge, *first_lane_of_edge;
  int32_t *next_connection;   // of the raw lane's connections, in file order
  int32_t *first_connection;  // [raw lane]
  int32_t draft_count, draft_capacity, part_count, part_capacity;
  draft *drafts;
  int32_t *parts;
  int32_t *link_index;  // of the sorted connectors
} builder;

static const char *name_of(const builder *b, int32_t name)
{
  return art_idmap_id(b->raw->names, name);
}

static void build_nodes(builder *b)
{
  const art_raw_net *raw = b->raw;
  art_net *net = b->net;
  b->node_of_junction = ART_NEW(int32_t, raw->junction_count);
  b->junction_of_node = ART_NEW(int32_t, raw->junction_count);
  for (int32_t j = 0; j < raw->junction_count; ++j) {
    b->node_of_junction[j] = raw->junction[j].kind < 0 ? -1 : net->node_count;
    if (raw->junction[j].kind >= 0) b->junction_of_node[net->node_count++] = j;
  }
  const int32_t n = net->node_count;
  art_city *city = b->city;
  net->node_id = ART_NEW(char *, n);
  net->node_kind = ART_NEW(uint8_t, n);
  city->node_x = ART_NEW(double, n);
  city->node_y = ART_NEW(double, n);
  city->node_first_point = ART_NEW(int64_t, n + 1);
  for (int32_t i = 0; i < n; ++i) {
    const art_raw_junction *junction = &raw->junction[b->junction_of_node[i]];
    net->node_id[i] = art_strdup(name_of(b, junction->id));
    net->node_kind[i] = (uint8_t)junction->kind;
    city->node_x[i] = junction->x;
    city->node_y[i] = junction->y;
    city->node_first_point[i + 1] = city->node_first_point[i] + junction->point_count;
  }
  city->node_point_x = ART_NEW(double, city->node_first_point[n]);
  city->node_point_y = ART_NEW(double, city->node_first_point[n]);
  for (int32_t i = 0; i < n; ++i) {
    const art_raw_junction *junction = &raw->junction[b->junction_of_node[i]];
    const size_t bytes = (size_t)junction->point_count * sizeof(double);
    if (!bytes) continue;
    memcpy(city->node_point_x + city->node_first_point[i], raw->x + junction->first_point, bytes);
    memcpy(city->node_point_y + city->node_first_point[i], raw->y + junction->first_point, bytes);
  }
}

static art_status end_node(builder *b, const art_raw_edge *edge, int32_t name, const char *which,
                           int32_t *out)
{
  const int32_t junction = b->raw->junction_of_name[name];
  *out = junction < 0 ? -1 : b->node_of_junction[junction];
  if (*out >= 0) return ART_OK;
  return art_fail(b->err, ART_E_INPUT, "%s:%d: edge: %s=\"%.200s\": accepted: the id of a junction",
                  b->raw->file, edge->line, which, name_of(b, name));
}

static art_status build_links(builder *b)
{
  const art_raw_net *raw = b->raw;
  art_net *net = b->net;
  b->link_of_edge = ART_NEW(int32_t, raw->edge_count);
  b->first_lane_of_edge = ART_NEW(int32_t, raw->edge_count);
  for (int32_t e = 0; e < raw->edge_count; ++e) {
    const int is_link = raw->edge[e].function == ART_RAW_NORMAL;
    b->link_of_edge[e] = is_link ? net->link_count : -1;
    b->first_lane_of_edge[e] = is_link ? net->link_lane_count : -1;
    net->link_count += is_link;
    if (is_link) net->link_lane_count += raw->edge[e].lane_count;
    if (raw->edge[e].function == ART_RAW_WALKING)
      art_tally(&b->report->skipped_elements, "edge (walkingarea)");
    if (raw->edge[e].function == ART_RAW_CONNECTOR)
      art_tally(&b->report->skipped_elements, "edge (connector)");
  }
  if (!net->link_count)
    return art_fail(b->err, ART_E_INPUT, "%s: the network has no edges to drive on", raw->file);
  const int32_t n = net->link_count;
  net->link_id = ART_NEW(char *, n);
  net->link_from = ART_NEW(int32_t, n);
  net->link_to = ART_NEW(int32_t, n);
  net->link_first_lane = ART_NEW(int32_t, n + 1);
  net->link_priority = ART_NEW(int32_t, n);
  net->link_in_roundabout = ART_NEW(uint8_t, n);
  b->city->link_name = ART_NEW(char *, n);
  for (int32_t e = 0; e < raw->edge_count; ++e) {
    const int32_t link = b->link_of_edge[e];
    if (link < 0) continue;
    const art_raw_edge *edge = &raw->edge[e];
    net->link_id[link] = art_strdup(name_of(b, edge->id));
    b->city->link_name[link] = art_strdup(edge->name);
    net->link_priority[link] = edge->priority;
    net->link_first_lane[link + 1] = b->first_lane_of_edge[e] + edge->lane_count;
    art_status status = end_node(b, edge, edge->from, "from", &net->link_from[link]);
    if (status == ART_OK) status = end_node(b, edge, edge->to, "to", &net->link_to[link]);
    if (status != ART_OK) return status;
  }
  for (int32_t i = 0; i < raw->ring_count; ++i) {
    const int32_t edge = raw->edge_of_name[raw->ring[i]];
    if (edge >= 0 && b->link_of_edge[edge] >= 0) net->link_in_roundabout[b->link_of_edge[edge]] = 1;
  }
  return ART_OK;
}

/// Links raw connections to the raw lanes they leave; the order of the file stays.
static art_status index_connections(builder *b)
{
  const art_raw_net *raw = b->raw;
  b->first_connection = ART_NEW(int32_t, raw->lane_count);
  b->next_connection = ART_NEW(int32_t, raw->connection_count);
  for (int32_t i = 0; i < raw->lane_count; ++i) b->first_connection[i] = -1;
  for (int32_t i = raw->connection_count - 1; i >= 0; --i) {
    const art_raw_connection *c = &raw->connection[i];
    const int32_t ends[2] = { raw->edge_of_name[c->from], raw->edge_of_name[c->to] };
    const int32_t lanes[2] = { c->from_lane, c->to_lane };
    static const char *const names[2][2] = { { "from", "fromLane" }, { "to", "toLane" } };
    for (int k = 0; k < 2; ++k) {
      if (ends[k] < 0)
        return art_fail(b->err, ART_E_INPUT, "%s:%d: connection: %s=\"%.200s\": accepted: the id of an edge",
                        raw->file, c->line, names[k][0], name_of(b, k ? c->to : c->from));
      if (lanes[k] >= raw->edge[ends[k]].lane_count)
        return art_fail(b->err, ART_E_INPUT,
                        "%s:%d: connection: %s=\"%d\": accepted: 0 to %d, lanes of edge \"%.200s\"",
                        raw->file, c->line, names[k][1], lanes[k], raw->edge[ends[k]].lane_count - 1,
                        name_of(b, k ? c->to : c->from));
    }
    const int32_t lane = raw->edge[ends[0]].first_lane + c->from_lane;
    b->next_connection[i] = b->first_connection[lane];
    b->first_connection[lane] = i;
  }
  return ART_OK;
}

/// Internal lanes that a connection passes: its `via` has a connection entry of its own to the same end, with the next.
static art_status trace_parts(builder *b, int32_t connection, link_path *path)
{
  const art_raw_net *raw = b->raw;
  const art_raw_connection *start = &raw->connection[connection];
  path->connection = connection;
  path->part_count = 0;
  for (int32_t via = start->via; via >= 0;) {
    const int32_t lane = raw->lane_of_name[via];
    if (lane < 0 || raw->edge[raw->lane[lane].edge].function != ART_RAW_INTERNAL)
      return art_fail(b->err, ART_E_INPUT,
                      "%s:%d: connection: via=\"%.200s\": accepted: the id of an internal lane", raw->file,
                      start->line, name_of(b, via));
    if (path->part_count == MAX_PARTS)
      return art_fail(b->err, ART_E_INPUT,
                      "%s:%d: connection: via=\"%.200s\": passes more than %d internal lanes (a loop?)",
                      raw->file, start->line, name_of(b, start->via), (int)MAX_PARTS);
    path->part[path->part_count++] = lane;
    via = -1;
    for (int32_t i = b->first_connection[lane]; i >= 0; i = b->next_connection[i])
      if (raw->connection[i].to == start->to && raw->connection[i].to_lane == start->to_lane) {
        via = raw->connection[i].via;
        break;
      }
  }
  return ART_OK;
}

/// The row of a connector in its node's requests: the number in the first via id (":node_7_1": 7) plus its lane (1).
static int32_t index_from_via(const builder *b, int32_t lane)
{
  const art_raw_lane *first = &b->raw->lane[lane];
  const char *edge = name_of(b, b->raw->edge[first->edge].id);
  const char *mark = strrchr(edge, '_');
  double number = 0.0;
  if (!mark || !art_parse_number(mark + 1, &number) || number < 0.0 || number > 1e6) return -1;
  return (int32_t)number + (lane - b->raw->edge[first->edge].first_lane);
}

/// Without internal lanes, rows follow the junction's incoming lanes and their connections as the file has them.
static void index_by_order(builder *b)
{
  const art_raw_net *raw = b->raw;
  int32_t *draft_of = ART_NEW(int32_t, raw->connection_count);
  for (int32_t i = 0; i < raw->connection_count; ++i) draft_of[i] = -1;
  for (int32_t i = 0; i < b->draft_count; ++i)
    if (!b->drafts[i].part_count) draft_of[b->drafts[i].connection] = i;
  char *word = NULL;
  size_t size = 0;
  for (int32_t j = 0; j < raw->junction_count; ++j) {
    const char *incoming = raw->junction[j].incoming;
    if (!incoming) continue;
    if (strlen(incoming) + 1 > size) {
      size = strlen(incoming) + 1;
      word = art_renew(word, size, 1);
    }
    int32_t row = 0;
    for (const char *rest = art_next_word(incoming, word, size); rest;
         rest = art_next_word(rest, word, size)) {
      const int32_t name = art_idmap_find(raw->names, word);
      const int32_t lane = name < 0 ? -1 : raw->lane_of_name[name];
      if (lane < 0) continue;
      for (int32_t i = b->first_connection[lane]; i >= 0; i = b->next_connection[i], ++row)
        if (draft_of[i] >= 0) b->drafts[draft_of[i]].link_index = row;
    }
  }
  free(word);
  free(draft_of);
}

static art_status draft_connectors(builder *b)
{
  const art_raw_net *raw = b->raw;
  link_path path;
  for (int32_t i = 0; i < raw->connection_count; ++i) {
    const art_raw_connection *c = &raw->connection[i];
    const int32_t from = raw->edge_of_name[c->from], to = raw->edge_of_name[c->to];
    if (b->link_of_edge[from] < 0 || b->link_of_edge[to] < 0) {
      const int on_foot =
          raw->edge[from].function >= ART_RAW_CROSSING || raw->edge[to].function >= ART_RAW_CROSSING;
      if (on_foot) art_tally(&b->report->skipped_elements, "connection (of crossings and walking areas)");
      continue;
    }
    const int32_t node = b->net->link_to[b->link_of_edge[from]];
    if (node != b->net->link_from[b->link_of_edge[to]])
      return art_fail(b->err, ART_E_INPUT,
                      "%s:%d: connection: from=\"%.200s\" to=\"%.200s\": accepted: edges that meet in "
                      "one junction",
                      raw->file, c->line, name_of(b, c->from), name_of(b, c->to));
    const art_status status = trace_parts(b, i, &path);
    if (status != ART_OK) return status;
    draft d = { .from = b->first_lane_of_edge[from] + c->from_lane,
                .to = b->first_lane_of_edge[to] + c->to_lane,
                .node = node,
                .connection = i,
                .first_part = b->part_count,
                .part_count = path.part_count };
    d.link_index = path.part_count ? index_from_via(b, path.part[0]) : -1;
    for (int32_t k = 0; k < path.part_count; ++k)
      ART_PUSH(b->parts, b->part_count, b->part_capacity, path.part[k]);
    ART_PUSH(b->drafts, b->draft_count, b->draft_capacity, d);
  }
  index_by_order(b);
  return ART_OK;
}

static int compare_drafts(const void *left, const void *right)
{
  const draft *a = left, *b = right;
  if (a->from != b->from) return a->from < b->from ? -1 : 1;
  if (a->to != b->to) return a->to < b->to ? -1 : 1;
  return a->connection < b->connection ? -1 : a->connection > b->connection;
}

static void sort_drafts(builder *b)
{
  if (b->draft_count) qsort(b->drafts, (size_t)b->draft_count, sizeof *b->drafts, compare_drafts);
  int32_t kept = 0;
  for (int32_t i = 0; i < b->draft_count; ++i) {
    if (kept && b->drafts[kept - 1].from == b->drafts[i].from && b->drafts[kept - 1].to == b->drafts[i].to) {
      art_tally(&b->report->notes, "second connection between the same two lanes is left out");
      continue;
    }
    b->drafts[kept++] = b->drafts[i];
  }
  b->draft_count = kept;
}

static art_turn turn_of(char letter)
{
  switch (letter) {
  case 't':
  case 'T': return ART_TURN_U;
  case 'l': return ART_TURN_LEFT;
  case 'r': return ART_TURN_RIGHT;
  case 'L': return ART_TURN_PART_LEFT;
  case 'R': return ART_TURN_PART_RIGHT;
  default: return ART_TURN_STRAIGHT;
  }
}

static void alloc_lanes(builder *b)
{
  art_net_new_lanes(b->net, b->draft_count);
}

static void set_lane(builder *b, int32_t lane, int32_t link, double length_m, double speed_mps,
                     double width_m, uint32_t allowed)
{
  art_net *net = b->net;
  if (link >= 0 && length_m < SHORTEST_M)
    art_tally(&b->report->notes, "lane shorter than %g m is taken for that long", SHORTEST_M);
  if (link >= 0 && speed_mps < SLOWEST_MPS)
    art_tally(&b->report->notes, "speed limit below %g m/s is taken for that", SLOWEST_MPS);
  net->lane_link[lane] = link;
  net->lane_length_m[lane] = (float)fmax(length_m, SHORTEST_M);
  net->lane_speed_mps[lane] = (float)fmin(fmax(speed_mps, SLOWEST_MPS), 500.0);
  net->lane_width_m[lane] = (float)fmin(fmax(width_m, 0.1), 200.0);
  net->lane_allowed[lane] = allowed;
}

#define STEEPEST 0.3  // more is an error in the heights

/// Networks with heights give their lanes grades; connectors stay level.
static void set_grade(builder *b, int32_t lane, const art_raw_lane *raw)
{
  if (raw->rise_m == 0.0) return;
  if (!b->net->lane_grade) b->net->lane_grade = ART_NEW(float, b->net->lane_count);
  const double grade = raw->rise_m / fmax(raw->length_m, SHORTEST_M);
  if (fabs(grade) > STEEPEST) art_tally(&b->report->notes, "grade beyond %g is taken for that", STEEPEST);
  b->net->lane_grade[lane] = (float)fmin(fmax(grade, -STEEPEST), STEEPEST);
}

static void build_link_lanes(builder *b)
{
  const art_raw_net *raw = b->raw;
  for (int32_t i = 0; i < raw->lane_count; ++i) {
    const art_raw_lane *lane = &raw->lane[i];
    const int32_t link = b->link_of_edge[lane->edge];
    if (link < 0) continue;
    const int32_t index = i - raw->edge[lane->edge].first_lane,
                  at = b->first_lane_of_edge[lane->edge] + index;
    set_lane(b, at, link, lane->length_m, lane->speed_mps, lane->width_m, lane->allowed);
    set_grade(b, at, lane);
    if (index + 1 < raw->edge[lane->edge].lane_count) b->net->lane_change_left[at] = lane->change_left;
    if (index > 0) b->net->lane_change_right[at] = lane->change_right;
  }
}

/// The raw lane behind a link lane.
static const art_raw_lane *raw_lane_of(const builder *b, const int32_t *edge_of_link, int32_t lane)
{
  const int32_t link = b->net->lane_link[lane];
  return &b->raw->lane[b->raw->edge[edge_of_link[link]].first_lane + lane - b->net->link_first_lane[link]];
}

static void build_connectors(builder *b, const int32_t *edge_of_link, art_idmap *signal_ids)
{
  const art_raw_net *raw = b->raw;
  art_net *net = b->net;
  b->link_index = ART_NEW(int32_t, b->draft_count);
  for (int32_t c = 0; c < b->draft_count; ++c) {
    const draft *d = &b->drafts[c];
    const art_raw_connection *connection = &raw->connection[d->connection];
    const art_raw_lane *from = raw_lane_of(b, edge_of_link, d->from),
                       *to = raw_lane_of(b, edge_of_link, d->to);
    double length = 0.0, speed = fmin(from->speed_mps, to->speed_mps),
           width = fmin(from->width_m, to->width_m);
    uint32_t allowed = from->allowed & to->allowed & connection->allowed;
    for (int32_t k = 0; k < d->part_count; ++k) {
      const art_raw_lane *part = &raw->lane[b->parts[d->first_part + k]];
      length += part->length_m;
      speed = k ? fmin(speed, part->speed_mps) : part->speed_mps;
      width = k ? fmin(width, part->width_m) : part->width_m;
      allowed &= part->allowed;
    }
    if (!d->part_count) {
      const int64_t end = from->first_point + from->point_count - 1, start = to->first_point;
      length = hypot(raw->x[start] - raw->x[end], raw->y[start] - raw->y[end]);
    }
    set_lane(b, net->link_lane_count + c, -1, length, speed, width, allowed);
    net->connector_from[c] = d->from;
    net->connector_to[c] = d->to;
    net->connector_node[c] = d->node;
    net->connector_turn[c] = (uint8_t)turn_of(connection->turn);
    net->connector_state[c] = connection->state;
    net->connector_signal[c] =
        connection->signal < 0 ? -1 : art_idmap_put(signal_ids, name_of(b, connection->signal));
    net->connector_signal_group[c] = connection->signal < 0 ? -1 : connection->group;
    net->connector_hold_m[c] = -1.0f;
    net->connector_keep_clear[c] = connection->keep_clear;
    b->link_index[c] = d->link_index;
  }
}

/// Appends the points of a raw lane, without repeating the point that is already last.
static void append_points(builder *b, const art_raw_lane *lane, int64_t first, int64_t *at)
{
  art_city *city = b->city;
  for (int32_t i = 0; i < lane->point_count; ++i) {
    const double x = b->raw->x[lane->first_point + i], y = b->raw->y[lane->first_point + i];
    if (*at > first && hypot(city->point_x[*at - 1] - x, city->point_y[*at - 1] - y) < 1e-3) continue;
    city->point_x[*at] = x;
    city->point_y[(*at)++] = y;
  }
}

static void build_shapes(builder *b, const int32_t *edge_of_link)
{
  const art_raw_net *raw = b->raw;
  art_net *net = b->net;
  art_city *city = b->city;
  int64_t most = 0;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane)
    most += raw_lane_of(b, edge_of_link, lane)->point_count + 1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    most += 2;
    for (int32_t k = 0; k < b->drafts[c].part_count; ++k)
      most += raw->lane[b->parts[b->drafts[c].first_part + k]].point_count;
  }
  city->lane_first_point = ART_NEW(int64_t, net->lane_count + 1);
  city->point_x = ART_NEW(double, most);
  city->point_y = ART_NEW(double, most);
  int64_t at = 0;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    const int64_t first = city->lane_first_point[lane] = at;
    if (lane < net->link_lane_count)
      append_points(b, raw_lane_of(b, edge_of_link, lane), first, &at);
    else {
      const draft *d = &b->drafts[lane - net->link_lane_count];
      for (int32_t k = 0; k < d->part_count; ++k)
        append_points(b, &raw->lane[b->parts[d->first_part + k]], first, &at);
      if (!d->part_count) {
        const art_raw_lane *from = raw_lane_of(b, edge_of_link, d->from),
                           *to = raw_lane_of(b, edge_of_link, d->to);
        const art_raw_lane end = { .first_point = from->first_point + from->point_count - 1,
                                   .point_count = 1 };
        const art_raw_lane start = { .first_point = to->first_point, .point_count = 1 };
        append_points(b, &end, first, &at);
        append_points(b, &start, first, &at);
      }
    }
    if (at == first + 1) {  // a lane has two points at least, even where it is drawn as one
      city->point_x[at] = city->point_x[first];
      city->point_y[at++] = city->point_y[first];
    }
  }
  city->lane_first_point[net->lane_count] = at;
}

static void count_dead_lanes(builder *b)
{
  const art_net *net = b->net;
  for (int32_t link = 0; link < net->link_count; ++link) {
    const int32_t first = net->link_first_lane[link], end = net->link_first_lane[link + 1];
    if (net->lane_first_out[first] == net->lane_first_out[end]) continue;
    for (int32_t lane = first; lane < end; ++lane)
      b->report->lanes_without_exit += net->lane_first_out[lane] == net->lane_first_out[lane + 1];
  }
}

static art_status build_all(builder *b, art_idmap *signal_ids)
{
  build_nodes(b);
  art_status status = build_links(b);
  if (status == ART_OK) status = index_connections(b);
  if (status == ART_OK) status = draft_connectors(b);
  if (status != ART_OK) return status;
  sort_drafts(b);
  alloc_lanes(b);
  build_link_lanes(b);
  int32_t *edge_of_link = ART_NEW(int32_t, b->net->link_count);
  for (int32_t e = 0; e < b->raw->edge_count; ++e)
    if (b->link_of_edge[e] >= 0) edge_of_link[b->link_of_edge[e]] = e;
  build_connectors(b, edge_of_link, signal_ids);
  build_shapes(b, edge_of_link);
  free(edge_of_link);
  art_net_index(b->net);
  b->city->offset_x = b->raw->offset_x;
  b->city->offset_y = b->raw->offset_y;
  b->city->left_hand = b->raw->left_hand;
  art_conflicts_build(b->raw, b->junction_of_node, b->link_index, b->city, b->report);
  art_crossings_build(b->raw, b->node_of_junction, signal_ids, b->city, b->report);
  count_dead_lanes(b);
  b->report->nodes = b->net->node_count;
  b->report->links = b->net->link_count;
  b->report->lanes = b->net->link_lane_count;
  b->report->connectors = b->net->connector_count;
  return ART_OK;
}

art_status art_city_build(art_raw_net *raw, art_idmap *signal_ids, art_city **out, art_import_report *report,
                          art_error *err)
{
  builder b = { .raw = raw, .report = report, .err = err };
  b.city = art_city_new();
  if (!b.city->net) b.city->net = art_net_new();
  b.net = b.city->net;
  const art_status status = build_all(&b, signal_ids);
  void *const owned[] = { b.node_of_junction, b.junction_of_node, b.link_of_edge, b.first_lane_of_edge,
                          b.next_connection,  b.first_connection, b.drafts,       b.parts,
                          b.link_index };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  *out = status == ART_OK ? b.city : NULL;
  if (status != ART_OK) art_city_free(b.city);
  return status;
}
