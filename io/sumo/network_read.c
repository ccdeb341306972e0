#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

/// Coordinates are metres from the net's origin; a planet is 4e7 m around.
#define COORDINATE_MAX 1e9

typedef struct reader {
  art_raw_net *raw;
  art_import_report *report;
  int32_t edge, junction;  // the one that is open, or -1
  int has_root;
} reader;

art_raw_net *art_raw_net_new(void)
{
  art_raw_net *raw = ART_NEW(art_raw_net, 1);
  raw->names = art_idmap_new();
  return raw;
}

void art_raw_net_free(art_raw_net *raw)
{
  if (!raw) return;
  art_idmap_free(raw->names);
  for (int32_t i = 0; i < raw->edge_count; ++i) free(raw->edge[i].name);
  for (int32_t i = 0; i < raw->junction_count; ++i) free(raw->junction[i].incoming);
  for (int32_t i = 0; i < raw->request_count; ++i) {
    free(raw->request[i].response);
    free(raw->request[i].foes);
  }
  art_raw_signals_clear(&raw->signals);
  void *const owned[] = {
    raw->edge, raw->lane, raw->junction,   raw->request,      raw->connection,   raw->ring,
    raw->x,    raw->y,    raw->projection, raw->edge_of_name, raw->lane_of_name, raw->junction_of_name
  };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  free(raw);
}

int art_sumo_vclass(const char *name)
{
  // What SUMO 1.15 takes the names of older versions for.
  static const struct {
    const char *old, *now;
  } renamed[] = {
    { "public_emergency", "emergency" },
    { "public_authority", "authority" },
    { "public_army", "army" },
    { "public_transport", "bus" },
    { "transport", "truck" },
    { "lightrail", "tram" },
    { "cityrail", "rail_urban" },
    { "rail_slow", "rail" },
  };
  for (size_t i = 0; i < sizeof renamed / sizeof *renamed; ++i)
    if (strcmp(name, renamed[i].old) == 0) return art_vclass_find(renamed[i].now);
  return art_vclass_find(name);
}

static uint32_t class_mask(const char *list, art_import_report *report)
{
  uint32_t mask = 0;
  char word[64];
  for (const char *rest = art_next_word(list, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    if (strcmp(word, "all") == 0) return ART_PERMIT_ALL;
    const int vclass = art_sumo_vclass(word);
    if (vclass >= 0)
      mask |= 1u << vclass;
    else
      art_tally(&report->notes, "vehicle class \"%s\" in a list of permissions is unknown and skipped", word);
  }
  return mask;
}

uint32_t art_sumo_permissions(const char *allow, const char *disallow, art_import_report *report)
{
  // With both given SUMO takes `allow`. An empty list restricts nothing.
  if (allow && allow[strspn(allow, " ")]) return class_mask(allow, report);
  if (disallow && disallow[strspn(disallow, " ")]) return ~class_mask(disallow, report);
  return ART_PERMIT_ALL;
}

/// Appends the points of "x,y x,y,z ..." and returns how many. *rise_m (may be NULL) is the height of the last one over the
/// first.
static int32_t read_shape(reader *r, art_xml *xml, const char *attribute, double *rise_m)
{
  const char *text = art_xml_text(xml, attribute);
  if (!text) return 0;
  art_raw_net *raw = r->raw;
  int32_t count = 0;
  double first_z = 0.0, z = 0.0;
  char word[128];
  for (const char *rest = art_next_word(text, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    char *comma = strchr(word, ',');
    double x = 0.0, y = 0.0;
    int good = comma != NULL;
    if (good) {
      *comma = '\0';
      char *second = strchr(comma + 1, ',');
      if (second) *second = '\0';
      z = 0.0;
      good = art_parse_number(word, &x) && art_parse_number(comma + 1, &y) &&
             (!second || art_parse_number(second + 1, &z)) && x >= -COORDINATE_MAX && x <= COORDINATE_MAX &&
             y >= -COORDINATE_MAX && y <= COORDINATE_MAX && z >= -COORDINATE_MAX && z <= COORDINATE_MAX;
      *comma = ',';
      if (second) *second = ',';
      if (count == 0) first_z = z;
    }
    if (!good) {
      art_xml_fail_value(xml, attribute, word, "points as x,y or x,y,z within 1e9 m, separated by blanks");
      return count;
    }
    if (raw->point_count == raw->point_capacity) {
      raw->point_capacity = raw->point_capacity ? 2 * raw->point_capacity : 1024;
      raw->x = art_renew(raw->x, (size_t)raw->point_capacity, sizeof *raw->x);
      raw->y = art_renew(raw->y, (size_t)raw->point_capacity, sizeof *raw->y);
    }
    raw->x[raw->point_count] = x;
    raw->y[raw->point_count++] = y;
    ++count;
  }
  if (rise_m) *rise_m = z - first_z;
  return count;
}

static int32_t need_name(reader *r, art_xml *xml, const char *attribute)
{
  return art_idmap_put(r->raw->names, art_xml_need_id(xml, attribute));
}

static int32_t name_or_none(reader *r, art_xml *xml, const char *attribute)
{
  const char *text = art_xml_text(xml, attribute);
  return text && *text ? art_idmap_put(r->raw->names, text) : -1;
}

static void read_location(reader *r, art_xml *xml)
{
  const char *offset = art_xml_need(xml, "netOffset");
  const char *comma = strchr(offset, ',');
  char first[64];
  if (!comma || (size_t)(comma - offset) >= sizeof first) {
    art_xml_fail_value(xml, "netOffset", offset, "x,y");
    return;
  }
  memcpy(first, offset, (size_t)(comma - offset));
  first[comma - offset] = '\0';
  if (!art_parse_number(first, &r->raw->offset_x) || !art_parse_number(comma + 1, &r->raw->offset_y))
    art_xml_fail_value(xml, "netOffset", offset, "x,y");
  const char *projection = art_xml_text(xml, "projParameter");
  free(r->raw->projection);
  r->raw->projection = art_strdup(projection);
  art_xml_ignore(xml, "convBoundary");  // follows from the shapes
  art_xml_ignore(xml, "origBoundary");
}

static void read_edge(reader *r, art_xml *xml)
{
  static const char *const functions[] = { "normal", "internal", "connector", "crossing", "walkingarea" };
  art_raw_net *raw = r->raw;
  if (r->edge >= 0) {
    art_xml_fail(xml, "an edge stands inside another one");
    return;
  }
  art_raw_edge edge = { .line = art_xml_line(xml), .first_lane = raw->lane_count };
  edge.id = need_name(r, xml, "id");
  edge.from = name_or_none(r, xml, "from");
  edge.to = name_or_none(r, xml, "to");
  edge.priority = (int32_t)art_xml_integer(xml, "priority", -1, INT32_MIN, INT32_MAX);
  const char *function = art_xml_text(xml, "function");
  int found = -1;
  for (int i = 0; i < 5; ++i)
    if (strcmp(function ? function : "normal", functions[i]) == 0) found = i;
  if (found < 0) {
    art_xml_fail_value(xml, "function", function, "normal, internal, connector, crossing or walkingarea");
    return;
  }
  edge.function = (uint8_t)found;
  if (found == ART_RAW_NORMAL && (edge.from < 0 || edge.to < 0)) {
    art_xml_fail(xml, "edge \"%.100s\": attribute from or to is missing", art_idmap_id(raw->names, edge.id));
    return;
  }
  edge.name = art_strdup(art_xml_text(xml, "name"));
  art_xml_ignore(xml, "shape");  // the lanes have their own
  art_xml_ignore(xml, "spreadType");
  r->edge = raw->edge_count;
  ART_PUSH(raw->edge, raw->edge_count, raw->edge_capacity, edge);
}

static void read_lane(reader *r, art_xml *xml)
{
  art_raw_net *raw = r->raw;
  art_raw_edge *edge = &raw->edge[r->edge];
  art_raw_lane lane = { .edge = r->edge, .first_point = raw->point_count };
  lane.id = need_name(r, xml, "id");
  const int64_t index = art_xml_need_integer(xml, "index", 0, 1000);
  // netconvert numbers the lanes behind an internal junction 0, 0, ...: for internal edges the place in the file counts.
  if (!art_xml_failed(xml) && index != edge->lane_count && edge->function == ART_RAW_NORMAL) {
    art_xml_fail(xml, "index=\"%lld\": accepted: %d (lanes of an edge are numbered 0, 1, 2 ... in order)",
                 (long long)index, edge->lane_count);
    return;
  }
  lane.length_m = art_xml_need_number(xml, "length", 0.0, 1e6);
  lane.speed_mps = art_xml_need_number(xml, "speed", 0.0, 1000.0);
  lane.width_m = art_xml_number(xml, "width", 3.2, 0.0, 1000.0);
  const char *allow = art_xml_text(xml, "allow"), *disallow = art_xml_text(xml, "disallow");
  lane.allowed = art_sumo_permissions(allow, disallow, r->report);
  lane.change_left = art_sumo_permissions(art_xml_text(xml, "changeLeft"), NULL, r->report);
  lane.change_right = art_sumo_permissions(art_xml_text(xml, "changeRight"), NULL, r->report);
  (void)art_xml_need(xml, "shape");
  lane.point_count = read_shape(r, xml, "shape", &lane.rise_m);
  if (art_xml_failed(xml)) return;
  if (!lane.point_count) {
    art_xml_fail_value(xml, "shape", "", "at least one point");
    return;
  }
  ++edge->lane_count;
  ART_PUSH(raw->lane, raw->lane_count, raw->lane_capacity, lane);
}

static void read_junction(reader *r, art_xml *xml)
{
  art_raw_net *raw = r->raw;
  if (r->junction >= 0) {
    art_xml_fail(xml, "a junction stands inside another one");
    return;
  }
  art_raw_junction junction = { .first_request = raw->request_count, .first_point = raw->point_count };
  junction.id = need_name(r, xml, "id");
  const char *type = art_xml_need(xml, "type");
  junction.kind = -1;
  if (strcmp(type, "internal") != 0) {
    junction.kind = art_node_kind_find(type);
    if (junction.kind < 0 && !art_xml_failed(xml)) {
      art_tally(&r->report->notes, "junction type \"%.60s\" is unknown and taken for priority", type);
      junction.kind = ART_NODE_PRIORITY;
    }
  }
  junction.x = art_xml_need_number(xml, "x", -COORDINATE_MAX, COORDINATE_MAX);
  junction.y = art_xml_need_number(xml, "y", -COORDINATE_MAX, COORDINATE_MAX);
  art_xml_ignore(xml, "z");
  art_xml_ignore(xml, "intLanes");  // follow from the connections
  junction.point_count = read_shape(r, xml, "shape", NULL);
  if (art_xml_failed(xml)) return;
  junction.incoming = art_strdup(art_xml_text(xml, "incLanes"));
  r->junction = raw->junction_count;
  ART_PUSH(raw->junction, raw->junction_count, raw->junction_capacity, junction);
}

static void read_request(reader *r, art_xml *xml)
{
  art_raw_request request = { .index = (int32_t)art_xml_need_integer(xml, "index", 0, 100000) };
  const char *response = art_xml_need(xml, "response"), *foes = art_xml_need(xml, "foes");
  request.cont = (uint8_t)art_xml_flag(xml, "cont", 0);
  if (art_xml_failed(xml)) return;
  if (response[strspn(response, "01")]) art_xml_fail_value(xml, "response", response, "zeros and ones");
  if (foes[strspn(foes, "01")]) art_xml_fail_value(xml, "foes", foes, "zeros and ones");
  if (art_xml_failed(xml)) return;
  request.response = art_strdup(response);
  request.foes = art_strdup(foes);
  ++r->raw->junction[r->junction].request_count;
  ART_PUSH(r->raw->request, r->raw->request_count, r->raw->request_capacity, request);
}

static void read_connection(reader *r, art_xml *xml)
{
  static const char turns[] = "stTlrLR", states[] = "MmOo=-swZ";
  art_raw_net *raw = r->raw;
  art_raw_connection c = { .line = art_xml_line(xml) };
  c.from = need_name(r, xml, "from");
  c.to = need_name(r, xml, "to");
  c.from_lane = (int32_t)art_xml_need_integer(xml, "fromLane", 0, 1000);
  c.to_lane = (int32_t)art_xml_need_integer(xml, "toLane", 0, 1000);
  c.via = name_or_none(r, xml, "via");
  c.signal = name_or_none(r, xml, "tl");
  c.group = (int32_t)art_xml_integer(xml, "linkIndex", -1, -1, 100000);
  if (c.signal >= 0 && c.group < 0) {
    art_tally(&r->report->notes,
              "connection names a signal without linkIndex (rail signals have none); it is not signalised");
    c.signal = -1;
  }
  c.keep_clear = (uint8_t)art_xml_flag(xml, "keepClear", 1);
  const char *allow = art_xml_text(xml, "allow"), *disallow = art_xml_text(xml, "disallow");
  c.allowed = art_sumo_permissions(allow, disallow, r->report);
  const char *turn = art_xml_text(xml, "dir"), *state = art_xml_text(xml, "state");
  c.turn = turn && *turn ? *turn : 's';
  c.state = state && *state ? *state : 'M';
  if (!strchr(turns, c.turn)) art_xml_fail_value(xml, "dir", turn, "one of s t T l r L R");
  if (!strchr(states, c.state)) art_xml_fail_value(xml, "state", state, "one of M m O o = - s w Z");
  if (!art_xml_failed(xml)) ART_PUSH(raw->connection, raw->connection_count, raw->connection_capacity, c);
}

static void read_roundabout(reader *r, art_xml *xml)
{
  const char *edges = art_xml_need(xml, "edges");
  art_xml_ignore(xml, "nodes");  // follow from the edges
  char word[1024];
  for (const char *rest = art_next_word(edges, word, sizeof word); rest;
       rest = art_next_word(rest, word, sizeof word)) {
    const int32_t name = art_idmap_put(r->raw->names, word);
    ART_PUSH(r->raw->ring, r->raw->ring_count, r->raw->ring_capacity, name);
  }
}

static int on_start(void *context, art_xml *xml, const char *element)
{
  reader *r = context;
  if (!r->has_root) {
    r->has_root = 1;
    if (strcmp(element, "net") != 0) {
      art_xml_fail(xml, "not a SUMO network: accepted: a file that starts with <net>");
      return 1;
    }
    r->raw->left_hand = art_xml_flag(xml, "lefthand", 0);
    art_xml_ignore_all(xml);  // how it was built and drawn
    return 1;
  }
  if (strcmp(element, "edge") == 0)
    read_edge(r, xml);
  else if (strcmp(element, "lane") == 0 && r->edge >= 0)
    read_lane(r, xml);
  else if (strcmp(element, "junction") == 0)
    read_junction(r, xml);
  else if (strcmp(element, "request") == 0 && r->junction >= 0)
    read_request(r, xml);
  else if (strcmp(element, "connection") == 0)
    read_connection(r, xml);
  else if (strcmp(element, "location") == 0)
    read_location(r, xml);
  else if (strcmp(element, "roundabout") == 0)
    read_roundabout(r, xml);
  else
    return art_raw_signals_start(&r->raw->signals, xml, element, r->report);
  return 1;
}

static void on_end(void *context, art_xml *xml, const char *element)
{
  reader *r = context;
  if (strcmp(element, "edge") == 0) {
    if (r->edge >= 0 && !r->raw->edge[r->edge].lane_count)
      art_xml_fail(xml, "edge \"%.100s\" has no lanes: accepted: at least one",
                   art_idmap_id(r->raw->names, r->raw->edge[r->edge].id));
    r->edge = -1;
  }
  if (strcmp(element, "junction") == 0) r->junction = -1;
  art_raw_signals_end(&r->raw->signals, xml, element, r->report);
}

/// Tables from name to entity; a name that is defined twice is an error.
static art_status resolve(art_raw_net *raw, art_error *err)
{
  const int32_t count = art_idmap_count(raw->names);
  int32_t **table[3] = { &raw->edge_of_name, &raw->lane_of_name, &raw->junction_of_name };
  for (int k = 0; k < 3; ++k) {
    *table[k] = ART_NEW(int32_t, count);
    for (int32_t i = 0; i < count; ++i) (*table[k])[i] = -1;
  }
  for (int32_t i = 0; i < raw->edge_count; ++i) {
    int32_t *at = &raw->edge_of_name[raw->edge[i].id];
    if (*at >= 0)
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: edge: id=\"%s\": accepted: an id that no other edge has (line %d)", raw->file,
                      raw->edge[i].line, art_idmap_id(raw->names, raw->edge[i].id), raw->edge[*at].line);
    *at = i;
  }
  for (int32_t i = 0; i < raw->lane_count; ++i) raw->lane_of_name[raw->lane[i].id] = i;
  for (int32_t i = 0; i < raw->junction_count; ++i) {
    int32_t *at = &raw->junction_of_name[raw->junction[i].id];
    if (*at >= 0)
      return art_fail(err, ART_E_INPUT, "%s: junction: id=\"%s\": accepted: an id that no other junction has",
                      raw->file, art_idmap_id(raw->names, raw->junction[i].id));
    *at = i;
  }
  return ART_OK;
}

art_status art_raw_net_read(const char *path, const art_sumo_text *text, art_raw_net *raw,
                            art_import_report *report, art_error *err)
{
  reader r = { .raw = raw, .report = report, .edge = -1, .junction = -1 };
  const art_xml_handler handler = { .context = &r, .start = on_start, .end = on_end };
  raw->file = text ? text->name : path;
  const art_status status =
      text ? art_xml_read_text(text, &handler, report, err) : art_xml_read_file(path, &handler, report, err);
  if (status != ART_OK) return status;
  if (!raw->edge_count) return art_fail(err, ART_E_INPUT, "%s: the network has no edges", raw->file);
  return resolve(raw, err);
}
