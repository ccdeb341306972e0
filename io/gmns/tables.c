// The tables of GMNS, row by row.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/num/real.h"
#include "io/feed/csv_columns.h"
#include "io/feed/csv_table.h"
#include "io/gmns/gmns_internal.h"

#define FOOT_M 0.3048
#define MILE_M 1609.344

typedef struct reader {
  art_gmns_net *net;
  art_csv_columns columns;
  const char *const *name;
  int32_t name_count, needed;
} reader;

static art_status take_header(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  return art_csv_bind(&r->columns, r->name, r->name_count, r->needed, count, field, err);
}

char *art_gmns_path(const char *folder, const char *table, int is_needed)
{
  char *path = ART_NEW(char, strlen(folder) + strlen(table) + 6);
  sprintf(path, "%s/%s.csv", folder, table);
  if (is_needed || access(path, F_OK) == 0) return path;
  free(path);
  return NULL;
}

static art_status walk(art_gmns_net *net, const char *table, int is_needed, const char *const *name,
                       int32_t name_count, int32_t needed, art_csv_row_fn *row, art_error *err)
{
  char *path = art_gmns_path(net->folder, table, is_needed);
  if (!path) return ART_OK;
  reader r = { .net = net, .name = name, .name_count = name_count, .needed = needed };
  const art_status status = art_csv_walk(path, ',', take_header, row, &r, err);
  free(path);
  return status;
}
#define WALK(table, is_needed, needed, row)                                                           \
  walk(net, table, is_needed, row##_columns, (int32_t)(sizeof row##_columns / sizeof *row##_columns), \
       needed, row, err)
#define TEXT(k) art_csv_text(&r->columns, k, count, field)
#define NUMBER(k, lowest, highest, initial, to)                                                     \
  (status == ART_OK                                                                                 \
       ? (status = art_csv_number(&r->columns, k, count, field, lowest, highest, initial, to, err)) \
       : status)

static int is_null(const char *text)
{
  return !*text || strcasecmp(text, "NULL") == 0;
}

/// A link, node ... by its id; ids of numbers may be written in different ways ("7", "7.0").
static int32_t find(const art_idmap *map, const char *id)
{
  return art_idmap_find(map, id);
}

static art_status refuse_id(art_error *err, const char *what, const char *id, const char *accepted)
{
  return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: %s", what, id, accepted);
}

// ---- config ------------------------------------------------------------------------------------------------------------

static art_status unit_of(const char *column, const char *text, double initial, double *unit, art_error *err)
{
  static const struct {
    const char *name;
    double si;
  } known[] = { { "m", 1.0 },
                { "meter", 1.0 },
                { "meters", 1.0 },
                { "metre", 1.0 },
                { "foot", FOOT_M },
                { "feet", FOOT_M },
                { "ft", FOOT_M },
                { "yard", 0.9144 },
                { "km", 1000.0 },
                { "kilometer", 1000.0 },
                { "kilometers", 1000.0 },
                { "kilometre", 1000.0 },
                { "mile", MILE_M },
                { "miles", MILE_M },
                { "mi", MILE_M } },
    speeds[] = { { "mph", MILE_M / 3600.0 }, { "kph", 1.0 / 3.6 },  { "kmh", 1.0 / 3.6 },
                 { "km/h", 1.0 / 3.6 },      { "kmph", 1.0 / 3.6 }, { "m/s", 1.0 } };
  *unit = initial;
  if (is_null(text)) return ART_OK;
  const int is_speed = strcmp(column, "speed") == 0;
  const size_t n = is_speed ? sizeof speeds / sizeof *speeds : sizeof known / sizeof *known;
  for (size_t i = 0; i < n; ++i) {
    if (strcasecmp(text, is_speed ? speeds[i].name : known[i].name) != 0) continue;
    *unit = is_speed ? speeds[i].si : known[i].si;
    return ART_OK;
  }
  return refuse_id(err, column, text,
                   is_speed ? "mph, kph, km/h, m/s" : "meter, foot, yard, kilometer, mile");
}

static const char *const config_columns[] = { "dataset_name", "short_length", "long_length",
                                              "speed",        "crs",          "geometry_field_format" };
static art_status config(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  free(net->title);
  net->title = is_null(TEXT(0)) ? NULL : art_strdup(TEXT(0));
  art_status status = unit_of("short_length", TEXT(1), net->short_m, &net->short_m, err);
  if (status == ART_OK) status = unit_of("long_length", TEXT(2), net->long_m, &net->long_m, err);
  if (status == ART_OK) status = unit_of("speed", TEXT(3), net->speed_mps, &net->speed_mps, err);
  free(net->crs);
  net->crs = is_null(TEXT(4)) ? NULL : art_strdup(TEXT(4));
  if (status == ART_OK && !is_null(TEXT(5)) && strcasecmp(TEXT(5), "wkt") != 0)
    status = refuse_id(err, "geometry_field_format", TEXT(5), "wkt");
  return status;
}

static const char *const use_group_columns[] = { "use_group", "uses" };
static art_status use_group(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  (void)err;
  reader *r = user;
  // Groups of this name with a meaning of their own keep it: files define "all" and "auto" less completely.
  static const char *const fixed[] = { "all", "auto", "car" };
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; ++i)
    if (strcasecmp(TEXT(0), fixed[i]) == 0) return ART_OK;
  art_gmns_define_use(r->net, TEXT(0), art_gmns_uses(r->net, TEXT(1)));
  return ART_OK;
}

// ---- nodes and geometry ------------------------------------------------------------------------------------------------

static uint8_t kind_of(const char *control)
{
  if (strcasestr(control, "signal")) return ART_NODE_TRAFFIC_LIGHT;
  if (strcasestr(control, "all") || strcasestr(control, "4")) return ART_NODE_ALLWAY_STOP;
  return strcasestr(control, "stop") ? ART_NODE_PRIORITY_STOP : ART_NODE_PRIORITY;
}

static const char *const node_columns[] = { "node_id", "x_coord", "y_coord", "node_type", "ctrl_type" };
static art_status node(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  if (is_null(TEXT(0))) return refuse_id(err, "node_id", TEXT(0), "an id");
  if (art_idmap_put(net->node_map, TEXT(0)) != net->node_count)
    return refuse_id(err, "node_id", TEXT(0), "an id that no other node has");
  art_gmns_node n = { .kind = kind_of(TEXT(4)) };
  n.is_external = strcasestr(TEXT(3), "external") || strcasestr(TEXT(3), "centroid");
  n.is_joint = strcmp(TEXT(3), "joint") == 0;  // as art_gmns_write() calls where only the lanes change
  if (!*TEXT(1) || !*TEXT(2)) return refuse_id(err, "node_id", TEXT(0), "a node with x_coord and y_coord");
  art_status status = ART_OK;
  NUMBER(1, -1e9, 1e9, 0.0, &n.x);
  NUMBER(2, -1e9, 1e9, 0.0, &n.y);
  ART_PUSH(net->node, net->node_count, net->node_capacity, n);
  return status;
}

/// Adds the points of a WKT line string.
static art_status read_line(art_gmns_net *net, const char *text, int *first, int *count, art_error *err)
{
  *first = net->point_count;
  *count = 0;
  const char *at = text + strspn(text, " ");
  if (strncasecmp(at, "LINESTRING", 10) != 0) return refuse_id(err, "geometry", text, "a WKT LINESTRING");
  at = strchr(at, '(');
  const char *close = at ? strchr(at, ')') : NULL;
  if (!close) return refuse_id(err, "geometry", text, "a WKT LINESTRING with its points in brackets");
  for (++at; at < close; at = strchr(at, ',') && strchr(at, ',') < close ? strchr(at, ',') + 1 : close) {
    char *middle, *end;
    const double x = strtod(at, &middle), y = strtod(middle, &end);
    if (middle == at || end == middle || !(fabs(x) <= 1e9) || !(fabs(y) <= 1e9))
      return refuse_id(err, "geometry", text, "points of two numbers from -1e9 to 1e9");
    ART_PUSH(net->point_x, net->point_count, net->point_capacity, x);
    ART_PUSH(net->point_y, net->point_y_count, net->point_y_capacity, y);
    ++*count;
  }
  return *count >= 2 ? ART_OK : refuse_id(err, "geometry", text, "a WKT LINESTRING of at least two points");
}

static const char *const geometry_columns[] = { "geometry_id", "geometry" };
static art_status geometry(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  if (art_idmap_put(net->geometry_map, TEXT(0)) != net->geometry_count)
    return refuse_id(err, "geometry_id", TEXT(0), "an id that no other geometry has");
  int first, points;
  const art_status status = read_line(net, TEXT(1), &first, &points, err);
  if (status != ART_OK) return status;
  if (net->geometry_count == net->geometry_capacity) {
    net->geometry_capacity = net->geometry_capacity ? 2 * net->geometry_capacity : 64;
    net->geometry = art_renew(net->geometry, (size_t)net->geometry_capacity, sizeof *net->geometry);
  }
  net->geometry[net->geometry_count][0] = first;
  net->geometry[net->geometry_count++][1] = points;
  return ART_OK;
}

// ---- links and lanes ---------------------------------------------------------------------------------------------------

enum {
  L_ID,
  L_FROM,
  L_TO,
  L_DIRECTED,
  L_NAME,
  L_GEOMETRY_ID,
  L_GEOMETRY,
  L_DIR,
  L_LENGTH,
  L_GRADE,
  L_FACILITY,
  L_SPEED,
  L_LANES,
  L_USES,
  L_USE
};
static const char *const link_columns[] = { "link_id", "from_node_id", "to_node_id",    "directed",
                                            "name",    "geometry_id",  "geometry",      "dir_flag",
                                            "length",  "grade",        "facility_type", "free_speed",
                                            "lanes",   "allowed_uses", "allowed_use" };

/// A link for walking only needs no id of its own: nothing here refers to it.
static int is_walked(art_gmns_net *net, const reader *r, int32_t count, char *const *field)
{
  const char *uses = *TEXT(L_USES) ? TEXT(L_USES) : TEXT(L_USE);
  const uint32_t allowed = art_gmns_uses(net, uses);
  return !(allowed & ~(1u << ART_VCLASS_PEDESTRIAN));
}

static art_status link_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  ++net->report->links;
  if (is_null(TEXT(L_ID))) return refuse_id(err, "link_id", TEXT(L_ID), "an id");
  if (is_walked(net, r, count, field)) {
    ++net->report->walk_links;
    return ART_OK;
  }
  art_gmns_link l = { .from = find(net->node_map, TEXT(L_FROM)),
                      .to = find(net->node_map, TEXT(L_TO)),
                      .geometry = -1,
                      .first_lane = -1,
                      .last_segment = -1,
                      .lanes = -1,
                      .piece = { -1, -1 },
                      .back = { -1, -1 } };
  if (l.from < 0) return refuse_id(err, "from_node_id", TEXT(L_FROM), "the id of a node");
  if (l.to < 0) return refuse_id(err, "to_node_id", TEXT(L_TO), "the id of a node");
  double dir = 0.0, lanes = -1.0;
  art_status status = ART_OK;
  NUMBER(L_DIR, -1.0, 1.0, 0.0, &dir);
  NUMBER(L_LENGTH, 0.0, 1e7, 0.0, &l.length);
  NUMBER(L_GRADE, -100.0, 100.0, 0.0, &l.grade);
  NUMBER(L_SPEED, 0.0, 500.0, 0.0, &l.speed);
  NUMBER(L_LANES, 0.0, ART_GMNS_SLOTS / 2, -1.0, &lanes);
  if (status != ART_OK) return status;
  l.dir_flag = (int8_t)dir;
  l.lanes = (int32_t)lanes;
  const char *directed = TEXT(L_DIRECTED);
  l.is_undirected = strcmp(directed, "0") == 0 || strcasecmp(directed, "false") == 0;
  l.allowed = art_gmns_uses(net, *TEXT(L_USES) ? TEXT(L_USES) : TEXT(L_USE));
  l.priority = art_gmns_priority(TEXT(L_FACILITY), l.speed * net->speed_mps);
  l.is_cut = art_gmns_is_own_facility(TEXT(L_FACILITY)) && !is_null(TEXT(L_GEOMETRY));
  if (!is_null(TEXT(L_GEOMETRY_ID))) {
    l.geometry = find(net->geometry_map, TEXT(L_GEOMETRY_ID));
    if (l.geometry < 0 && is_null(TEXT(L_GEOMETRY)))
      return refuse_id(err, "geometry_id", TEXT(L_GEOMETRY_ID), "the id of a geometry");
  }
  if (l.geometry < 0 && !is_null(TEXT(L_GEOMETRY)))
    status = read_line(net, TEXT(L_GEOMETRY), &l.first_point, &l.point_count, err);
  if (status == ART_OK && art_idmap_put(net->link_map, TEXT(L_ID)) != net->link_count)
    status = refuse_id(err, "link_id", TEXT(L_ID), "an id that no other link has");
  if (status != ART_OK) return status;
  l.name = *TEXT(L_NAME) ? art_strdup(TEXT(L_NAME)) : NULL;
  ART_PUSH(net->link, net->link_count, net->link_capacity, l);
  return ART_OK;
}
#define link_row_columns link_columns

static int32_t add_lane(art_gmns_net *net, double num, uint32_t allowed, double width)
{
  const art_gmns_lane lane = { .num = (int32_t)num, .next = -1, .allowed = allowed, .width = width };
  ART_PUSH(net->lane, net->lane_count, net->lane_capacity, lane);
  return net->lane_count - 1;
}

static const char *const lane_columns[] = { "lane_id",      "link_id", "lane_num",
                                            "allowed_uses", "width",   "allowed_use" };
static art_status lane(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  ++net->report->lanes;
  const int32_t link = find(net->link_map, TEXT(1));
  if (link < 0) return ART_OK;  // of a link for walking
  double num = 0.0, width = 0.0;
  art_status status = ART_OK;
  NUMBER(2, -16.0, 32.0, 1.0, &num);
  NUMBER(4, 0.0, 100.0, 0.0, &width);
  if (status == ART_OK && num != floor(num)) status = refuse_id(err, "lane_num", TEXT(2), "a whole number");
  if (status != ART_OK || num == 0.0) return status;
  const int32_t i = add_lane(net, num, art_gmns_uses(net, *TEXT(3) ? TEXT(3) : TEXT(5)), width);
  net->lane[i].next = net->link[link].first_lane;
  net->link[link].first_lane = i;
  return ART_OK;
}

enum { S_ID, S_LINK, S_REF, S_START, S_END, S_LEFT, S_RIGHT };
static const char *const segment_columns[] = { "segment_id", "link_id",       "ref_node_id",  "start_lr",
                                               "end_lr",     "l_lanes_added", "r_lanes_added" };
static art_status segment(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  ++net->report->segments;
  art_gmns_segment s = {
    .link = find(net->link_map, TEXT(S_LINK)), .next = -1, .first_lane = -1, .last_lane = -1
  };
  double left = 0.0, right = 0.0;
  art_status status = ART_OK;
  NUMBER(S_START, -1e7, 1e7, 0.0, &s.start);
  NUMBER(S_END, -1e7, 1e7, 0.0, &s.end);
  NUMBER(S_LEFT, -16.0, 16.0, 0.0, &left);
  NUMBER(S_RIGHT, -16.0, 16.0, 0.0, &right);
  if (status != ART_OK) return status;
  s.left = (int32_t)left;
  s.right = (int32_t)right;
  if (art_idmap_put(net->segment_map, TEXT(S_ID)) != net->segment_count)
    return refuse_id(err, "segment_id", TEXT(S_ID), "an id that no other segment has");
  if (s.link >= 0) {
    art_gmns_link *l = &net->link[s.link];
    const int32_t ref = find(net->node_map, TEXT(S_REF));
    if (*TEXT(S_REF) && ref != l->from && ref != l->to)
      return refuse_id(err, "ref_node_id", TEXT(S_REF), "an end of the link");
    s.from_the_end = ref >= 0 && ref == l->to && ref != l->from;
    s.next = l->last_segment;
    l->last_segment = net->segment_count;
  }
  ART_PUSH(net->segment, net->segment_count, net->segment_capacity, s);
  return ART_OK;
}

static const char *const segment_lane_columns[] = { "segment_lane_id", "segment_id", "lane_num",
                                                    "allowed_uses", "width" };
static art_status segment_lane(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  const int32_t s = find(net->segment_map, TEXT(1));
  if (s < 0) return refuse_id(err, "segment_id", TEXT(1), "the id of a segment");
  double num = 0.0, width = 0.0;
  art_status status = ART_OK;
  NUMBER(2, -16.0, 32.0, 1.0, &num);
  NUMBER(4, 0.0, 100.0, 0.0, &width);
  if (status == ART_OK && num != floor(num)) status = refuse_id(err, "lane_num", TEXT(2), "a whole number");
  if (status != ART_OK || num == 0.0) return status;
  const int32_t i = add_lane(net, num, art_gmns_uses(net, TEXT(3)), width);
  net->lane[i].next = net->segment[s].first_lane;
  net->segment[s].first_lane = i;
  return ART_OK;
}

// ---- movements ---------------------------------------------------------------------------------------------------------

static int8_t turn_of(const char *type)
{
  static const struct {
    const char *name;
    int8_t turn;
  } known[] = { { "left", ART_TURN_LEFT },
                { "right", ART_TURN_RIGHT },
                { "thru", ART_TURN_STRAIGHT },
                { "through", ART_TURN_STRAIGHT },
                { "uturn", ART_TURN_U },
                { "part_left", ART_TURN_PART_LEFT },
                { "part_right", ART_TURN_PART_RIGHT } };
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (strcasecmp(type, known[i].name) == 0) return known[i].turn;
  return -1;
}

enum { M_ID, M_NODE, M_IN, M_OUT, M_IN_START, M_IN_END, M_OUT_START, M_OUT_END, M_TYPE, M_CTRL };
static const char *const movement_columns[] = { "mvmt_id",       "node_id",       "ib_link_id",
                                                "ob_link_id",    "start_ib_lane", "end_ib_lane",
                                                "start_ob_lane", "end_ob_lane",   "type",
                                                "ctrl_type" };
static art_status movement(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  art_gmns_net *net = r->net;
  ++net->report->movements;
  if (art_idmap_put(net->movement_map, TEXT(M_ID)) != net->movement_count)
    return refuse_id(err, "mvmt_id", TEXT(M_ID), "an id that no other movement has");
  art_gmns_movement m = { .node = find(net->node_map, TEXT(M_NODE)),
                          .in = find(net->link_map, TEXT(M_IN)),
                          .out = find(net->link_map, TEXT(M_OUT)),
                          .turn = turn_of(TEXT(M_TYPE)),
                          .is_signal = strcasestr(TEXT(M_CTRL), "signal") != NULL };
  if (m.node < 0) return refuse_id(err, "node_id", TEXT(M_NODE), "the id of a node");
  double lane_of[4];
  art_status status = ART_OK;
  NUMBER(M_IN_START, -16.0, 32.0, 0.0, &lane_of[0]);
  NUMBER(M_IN_END, -16.0, 32.0, lane_of[0], &lane_of[1]);
  NUMBER(M_OUT_START, -16.0, 32.0, 0.0, &lane_of[2]);
  NUMBER(M_OUT_END, -16.0, 32.0, lane_of[2], &lane_of[3]);
  if (status != ART_OK) return status;
  for (int i = 0; i < 2; ++i) {
    m.in_lane[i] = (int32_t)lane_of[i];
    m.out_lane[i] = (int32_t)lane_of[2 + i];
    if (m.in >= 0 && net->link[m.in].most_lane_named < m.in_lane[i])
      net->link[m.in].most_lane_named = m.in_lane[i];
    if (m.out >= 0 && net->link[m.out].most_lane_named < m.out_lane[i])
      net->link[m.out].most_lane_named = m.out_lane[i];
  }
  ART_PUSH(net->movement, net->movement_count, net->movement_capacity, m);
  return ART_OK;
}

art_status art_gmns_read_tables(art_gmns_net *net, art_error *err)
{
  net->short_m = 1.0;
  net->long_m = 1000.0;
  net->speed_mps = 1.0 / 3.6;
  art_idmap **const map[] = { &net->node_map, &net->link_map, &net->segment_map, &net->movement_map,
                              &net->geometry_map };
  for (size_t i = 0; i < sizeof map / sizeof *map; ++i) *map[i] = art_idmap_new();
  art_status status = WALK("config", 0, 0, config);
  if (status == ART_OK) status = WALK("use_group", 0, 2, use_group);
  if (status == ART_OK) status = WALK("node", 1, 3, node);
  if (status == ART_OK) status = WALK("geometry", 0, 2, geometry);
  if (status == ART_OK) status = WALK("link", 1, 3, link_row);
  if (status == ART_OK) status = WALK("lane", 0, 3, lane);
  if (status == ART_OK) status = WALK("segment", 0, 5, segment);
  if (status == ART_OK) status = WALK("segment_lane", 0, 3, segment_lane);
  if (status == ART_OK) status = WALK("movement", 0, 4, movement);
  net->report->nodes = net->node_count;
  return status;
}

void art_gmns_net_clear(art_gmns_net *net)
{
  for (int32_t i = 0; i < net->link_count; ++i) free(net->link[i].name);
  for (int32_t i = 0; i < net->use_count; ++i) free(net->use_name[i]);
  art_idmap *const map[] = { net->node_map, net->link_map, net->segment_map, net->movement_map,
                             net->geometry_map };
  for (size_t i = 0; i < sizeof map / sizeof *map; ++i)
    if (map[i]) art_idmap_free(map[i]);
  void *const owned[] = {
    net->title, net->crs,     net->use_name, net->use_mask, net->node,    net->link,
    net->lane,  net->segment, net->movement, net->geometry, net->point_x, net->point_y
  };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}
