// Road networks of CityFlow.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/memory.h"
#include "io/cityflow/cityflow.h"

#define YELLOW_S 3.0
#define RED_S 1.0
#define SHORTEST_CHANGE_S 5.0  // a phase has to be so long to end with yellow and red of its own
enum { MOST_LANES = 32, MOST_PHASES = 256 };

typedef struct reader {
  const char *name;
  art_sketch *sketch;
  art_cityflow_report *report;
  art_idmap *nodes, *roads;
  int32_t *road_lanes;
  art_error *err;
} reader;

/// "FILE: road "a": " before what is wrong.
static art_status refuse(reader *r, const char *what, const char *id, const char *problem)
{
  return art_fail(r->err, ART_E_INPUT, "%s: %s \"%.60s\": %s", r->name, what, id, problem);
}

static const char *text_of(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

static art_status number_of(reader *r, const char *what, const char *id, const json_t *object,
                            const char *key, double lowest, double highest, double *value)
{
  const json_t *number = json_object_get(object, key);
  *value = json_number_value(number);
  if (json_is_number(number) && *value >= lowest && *value <= highest) return ART_OK;
  return art_fail(r->err, ART_E_INPUT, "%s: %s \"%.60s\": %s: accepted: a number from %g to %g", r->name,
                  what, id, key, lowest, highest);
}

static art_status point_of(reader *r, const char *what, const char *id, const json_t *point, double *x,
                           double *y)
{
  const art_status status = number_of(r, what, id, point, "x", -1e8, 1e8, x);
  return status == ART_OK ? number_of(r, what, id, point, "y", -1e8, 1e8, y) : status;
}

// ---- intersections and roads -------------------------------------------------------------------------------------------

static art_status read_intersection(reader *r, const json_t *object)
{
  const char *id = text_of(object, "id");
  if (!*id || art_idmap_put(r->nodes, id) != r->sketch->node_count)
    return refuse(r, "intersection", id, "accepted: an id that no other intersection has");
  double x, y, width = 0.0;
  art_status status = point_of(r, "intersection", id, json_object_get(object, "point"), &x, &y);
  if (status == ART_OK && json_object_get(object, "width"))
    status = number_of(r, "intersection", id, object, "width", 0.0, 1000.0, &width);
  if (status != ART_OK) return status;
  const json_t *light = json_object_get(object, "trafficLight");
  const int has_phases = json_array_size(json_object_get(light, "lightphases")) > 0;
  const int32_t added = art_sketch_add_node(r->sketch, id, x, y);
  art_sketch_node *node = &r->sketch->node[added];
  const int is_virtual = json_is_true(json_object_get(object, "virtual"));
  const int has_links = json_array_size(json_object_get(object, "roadLinks")) > 0;
  node->radius_m = width;
  node->has_paths = 1;
  node->kind = is_virtual || !has_links ? ART_NODE_DEAD_END
               : has_phases             ? ART_NODE_TRAFFIC_LIGHT
                                        : ART_NODE_PRIORITY;
  ++r->report->intersections;
  return ART_OK;
}

/// Lanes stand from the middle to the kerb in the file.
static art_status read_lanes(reader *r, const char *id, const json_t *lanes, double *speed)
{
  const size_t n = json_array_size(lanes);
  if (!n || n > MOST_LANES) return refuse(r, "road", id, "lanes: accepted: an array of 1 to 32 lanes");
  *speed = 0.0;
  for (size_t i = n; i-- > 0;) {
    double width = 0.0, limit = 0.0;
    art_status status = number_of(r, "road", id, json_array_get(lanes, i), "width", 1.0, 20.0, &width);
    if (status == ART_OK)
      status = number_of(r, "road", id, json_array_get(lanes, i), "maxSpeed", 0.1, 100.0, &limit);
    if (status != ART_OK) return status;
    art_sketch_add_lanes(r->sketch, 1, ART_PERMIT_ALL, width);
    *speed = fmax(*speed, limit);
  }
  return ART_OK;
}

static art_status read_road(reader *r, const json_t *object)
{
  const char *id = text_of(object, "id");
  if (!*id || art_idmap_put(r->roads, id) != r->sketch->link_count)
    return refuse(r, "road", id, "accepted: an id that no other road has");
  const int32_t from = art_idmap_find(r->nodes, text_of(object, "startIntersection")),
                to = art_idmap_find(r->nodes, text_of(object, "endIntersection"));
  if (from < 0) return refuse(r, "road", id, "startIntersection: accepted: the id of an intersection");
  if (to < 0 || to == from)
    return refuse(r, "road", id, "endIntersection: accepted: the id of another intersection");
  const int32_t link = art_sketch_add_link(r->sketch, id, NULL, from, to);
  double speed = 0.0;
  art_status status = read_lanes(r, id, json_object_get(object, "lanes"), &speed);
  const json_t *points = json_object_get(object, "points");
  for (size_t i = 0; i < json_array_size(points) && status == ART_OK; ++i) {
    double x, y;
    status = point_of(r, "road", id, json_array_get(points, i), &x, &y);
    if (status == ART_OK) art_sketch_add_point(r->sketch, x, y);
  }
  art_sketch_link *made = &r->sketch->link[link];
  if (status == ART_OK && made->point_count < 2)
    status = refuse(r, "road", id, "points: accepted: an array of at least two points");
  made->speed_mps = speed;
  made->is_side = 1;  // lanes lie to the right of a road's points, one-way or not
  made->priority = made->lane_count;
  ++r->report->roads;
  return status;
}

// ---- road links --------------------------------------------------------------------------------------------------------

static int turn_of(const char *type)
{
  return strcmp(type, "turn_left") == 0     ? ART_TURN_LEFT
         : strcmp(type, "turn_right") == 0  ? ART_TURN_RIGHT
         : strcmp(type, "go_straight") == 0 ? ART_TURN_STRAIGHT
         : strcmp(type, "turn_u") == 0      ? ART_TURN_U
                                            : -1;
}

static art_status read_lane_link(reader *r, const char *id, const json_t *object, int32_t from, int32_t to,
                                 int turn)
{
  double start, end;
  const int32_t a = r->sketch->link[from].lane_count, b = r->sketch->link[to].lane_count;
  art_status status = number_of(r, "intersection", id, object, "startLaneIndex", 0.0, a - 1, &start);
  if (status == ART_OK) status = number_of(r, "intersection", id, object, "endLaneIndex", 0.0, b - 1, &end);
  if (status != ART_OK) return status;
  art_sketch_add_path(r->sketch, from, a - 1 - (int32_t)start, to, b - 1 - (int32_t)end, turn);
  ++r->report->lane_links;
  return ART_OK;
}

static art_status read_road_link(reader *r, const char *id, int32_t node, const json_t *object)
{
  const int32_t from = art_idmap_find(r->roads, text_of(object, "startRoad")),
                to = art_idmap_find(r->roads, text_of(object, "endRoad"));
  if (from < 0 || r->sketch->link[from].to != node)
    return refuse(r, "intersection", id, "startRoad: accepted: a road that ends here");
  if (to < 0 || r->sketch->link[to].from != node)
    return refuse(r, "intersection", id, "endRoad: accepted: a road that starts here");
  const json_t *lane_links = json_object_get(object, "laneLinks");
  const int turn = turn_of(text_of(object, "type"));
  art_status status = ART_OK;
  for (size_t i = 0; i < json_array_size(lane_links) && status == ART_OK; ++i)
    status = read_lane_link(r, id, json_array_get(lane_links, i), from, to, turn);
  return status;
}

static art_status read_road_links(reader *r, const json_t *intersections)
{
  art_status status = ART_OK;
  for (size_t i = 0; i < json_array_size(intersections) && status == ART_OK; ++i) {
    const json_t *object = json_array_get(intersections, i), *links = json_object_get(object, "roadLinks");
    for (size_t k = 0; k < json_array_size(links) && status == ART_OK; ++k)
      status = read_road_link(r, text_of(object, "id"), (int32_t)i, json_array_get(links, k));
  }
  return status;
}

// ---- signals -----------------------------------------------------------------------------------------------------------

/// Lights the connectors of one road link.
static void light(const art_net *net, int32_t node, int32_t from, int32_t to, uint8_t *green)
{
  const int32_t first = net->node_first_connector[node];
  for (int32_t i = first; i < net->node_first_connector[node + 1]; ++i) {
    const int32_t c = net->node_connector[i];
    if (net->lane_link[net->connector_from[c]] == from && net->lane_link[net->connector_to[c]] == to)
      green[i - first] = 1;
  }
}

static art_status read_stage(reader *r, const json_t *object, const json_t *phase, const art_net *net,
                             int32_t node, art_sketch_stage *stage)
{
  const char *id = text_of(object, "id");
  double time = 0.0;
  art_status status = number_of(r, "intersection", id, phase, "time", 0.0, 3600.0, &time);
  if (status != ART_OK) return status;
  const int can_change = time >= SHORTEST_CHANGE_S;
  stage->yellow_s = can_change ? YELLOW_S : 0.0;
  stage->red_s = can_change ? RED_S : 0.0;
  stage->green_s = time - stage->yellow_s - stage->red_s;
  const json_t *open = json_object_get(phase, "availableRoadLinks"),
               *links = json_object_get(object, "roadLinks");
  for (size_t i = 0; i < json_array_size(open); ++i) {
    const json_t *number = json_array_get(open, i);
    const json_int_t at = json_integer_value(number);
    if (!json_is_integer(number) || at < 0 || (size_t)at >= json_array_size(links))
      return refuse(r, "intersection", id, "availableRoadLinks: accepted: places in roadLinks, from 0");
    const json_t *link = json_array_get(links, (size_t)at);
    light(net, node, art_idmap_find(r->roads, text_of(link, "startRoad")),
          art_idmap_find(r->roads, text_of(link, "endRoad")), stage->green);
  }
  return ART_OK;
}

static art_status read_light(reader *r, const json_t *object, art_net *net, int32_t node)
{
  const json_t *phases = json_object_get(json_object_get(object, "trafficLight"), "lightphases");
  const int32_t signal = art_sketch_signal_of(net, node);
  const size_t n = json_array_size(phases);
  if (signal < 0 || !n) return ART_OK;
  if (n > MOST_PHASES)
    return refuse(r, "intersection", text_of(object, "id"), "lightphases: accepted: at most 256");
  const int32_t groups = net->signal_group_count[signal];
  art_sketch_stage *stage = ART_NEW(art_sketch_stage, n);
  int32_t count = 0;
  art_status status = ART_OK;
  for (size_t i = 0; i < n && status == ART_OK; ++i) {
    stage[count].green = ART_NEW(uint8_t, groups);
    status = read_stage(r, object, json_array_get(phases, i), net, node, &stage[count]);
    const int is_idle = stage[count].green_s <= 0.0;
    r->report->idle_phases += is_idle;
    if (is_idle) free(stage[count].green);
    count += !is_idle;
  }
  if (status == ART_OK && count) {
    art_sketch_add_program(net, signal, "0", 0.0, count, stage);
    ++r->report->signals;
  }
  for (int32_t i = 0; i < count; ++i) free(stage[i].green);
  free(stage);
  return status;
}

static art_status read_all(reader *r, const json_t *root, art_city **city)
{
  const json_t *intersections = json_object_get(root, "intersections"),
               *roads = json_object_get(root, "roads");
  if (!json_is_array(intersections) || !json_is_array(roads))
    return art_fail(r->err, ART_E_INPUT,
                    "%s: accepted: an object with arrays \"intersections\" and \"roads\"", r->name);
  art_status status = ART_OK;
  for (size_t i = 0; i < json_array_size(intersections) && status == ART_OK; ++i)
    status = read_intersection(r, json_array_get(intersections, i));
  for (size_t i = 0; i < json_array_size(roads) && status == ART_OK; ++i)
    status = read_road(r, json_array_get(roads, i));
  if (status == ART_OK) status = read_road_links(r, intersections);
  if (status != ART_OK) return status;
  status = art_sketch_build(r->sketch, city, &r->report->sketch, r->err);
  if (status != ART_OK) return art_fail_prefix(r->err, "%s: ", r->name);
  for (size_t i = 0; i < json_array_size(intersections) && status == ART_OK; ++i)
    status = read_light(r, json_array_get(intersections, i), (*city)->net, (int32_t)i);
  if (status != ART_OK) return status;
  art_net_index((*city)->net);
  status = art_net_check((*city)->net, r->err);
  return status == ART_OK ? ART_OK : art_fail_prefix(r->err, "%s: ", r->name);
}

static art_status read_root(const char *name, json_t *root, const json_error_t *problem, int left_hand,
                            art_city **city, art_cityflow_report *report, art_error *err)
{
  *report = (art_cityflow_report){ 0 };
  *city = NULL;
  if (!root) return art_fail(err, ART_E_INPUT, "%s:%d: %s", name, problem->line, problem->text);
  reader r = { .name = name,
               .sketch = art_sketch_new(),
               .report = report,
               .nodes = art_idmap_new(),
               .roads = art_idmap_new(),
               .err = err };
  r.sketch->title = art_strdup("CityFlow");
  r.sketch->left_hand = left_hand;
  const art_status status = read_all(&r, root, city);
  if (status != ART_OK) {
    art_city_free(*city);
    *city = NULL;
  }
  art_sketch_free(r.sketch);
  art_idmap_free(r.nodes);
  art_idmap_free(r.roads);
  json_decref(root);
  return status;
}

art_status art_cityflow_read_net(const char *path, int left_hand, art_city **city,
                                 art_cityflow_report *report, art_error *err)
{
  json_error_t problem;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
  if (!root && problem.line < 0) {
    *city = NULL;
    return art_fail(err, ART_E_OPEN, "%s: %s", path, problem.text);
  }
  return read_root(path, root, &problem, left_hand, city, report, err);
}

art_status art_cityflow_parse_net(const char *name, const char *text, size_t size, int left_hand,
                                  art_city **city, art_cityflow_report *report, art_error *err)
{
  json_error_t problem;
  json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &problem);
  return read_root(name, root, &problem, left_hand, city, report, err);
}
