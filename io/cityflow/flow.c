// Flows of CityFlow: one JSON array of vehicles, read value by value.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/memory.h"
#include "core/net/route.h"
#include "io/cityflow/cityflow.h"
#include "io/sketch/trip_list.h"

enum { MOST_ROADS = 10000, MOST_BYTES = 1 << 24 };
#define MOST_VEHICLES 50000000.0

typedef struct reader {
  const char *name;
  FILE *file;
  int line;
  int64_t number;  // of the vehicle, from 0
  const art_net *net;
  art_idmap *roads;
  int32_t *link_of_road;
  art_idmap *types, *routes;  // texts of what was read already
  int32_t set_count, set_capacity, *set_of_type, route_count, route_capacity, *route_of_text;
  double until_s;
  char *text;  // of the present vehicle
  int32_t size, capacity;
  art_trip_list list;
  art_cityflow_report *report;
  art_error *err;
} reader;

static art_status refuse(reader *r, const char *problem, const char *value)
{
  return art_fail(r->err, ART_E_INPUT, "%s:%d: vehicle %" PRId64 ": %s%s%.60s%s", r->name, r->line, r->number,
                  problem, value ? " \"" : "", value ? value : "", value ? "\"" : "");
}

/// The next character that is no blank; counts lines.
static int next_char(reader *r)
{
  int c;
  while ((c = getc(r->file)) != EOF && isspace(c)) r->line += c == '\n';
  return c;
}

// ---- one vehicle -------------------------------------------------------------------------------------------------------

static art_status number_of(reader *r, const json_t *object, const char *key, double lowest, double highest,
                            double initial, double *value)
{
  const json_t *number = json_object_get(object, key);
  *value = number ? json_number_value(number) : initial;
  if ((!number || json_is_number(number)) && *value >= lowest && *value <= highest) return ART_OK;
  return art_fail(r->err, ART_E_INPUT, "%s:%d: vehicle %" PRId64 ": %s: accepted: a number from %g to %g",
                  r->name, r->line, r->number, key, lowest, highest);
}

static art_status read_type(reader *r, const json_t *object, int32_t *set)
{
  char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
  if (!text) return refuse(r, "vehicle: accepted: an object", NULL);
  const int32_t known = art_idmap_find(r->types, text);
  if (known < 0) art_idmap_put(r->types, text);
  free(text);
  if (known >= 0) {
    *set = r->set_of_type[known];
    return ART_OK;
  }
  art_vtype type = art_vtype_default();
  const struct {
    const char *key;
    float *to;
    double lowest, highest;
  } fields[] = {
    { "length", &type.length_m, 0.2, 200.0 },         { "width", &type.width_m, 0.2, 10.0 },
    { "minGap", &type.min_gap_m, 0.0, 50.0 },         { "headwayTime", &type.time_gap_s, 0.0, 20.0 },
    { "usualPosAcc", &type.accel_mps2, 0.01, 100.0 }, { "usualNegAcc", &type.decel_mps2, 0.01, 100.0 },
    { "maxSpeed", &type.max_speed_mps, 0.01, 500.0 }, { "maxNegAcc", &type.emergency_decel_mps2, 0.01, 100.0 }
  };
  art_status status = ART_OK;
  for (size_t i = 0; i < sizeof fields / sizeof *fields && status == ART_OK; ++i) {
    double value = 0.0;
    status = number_of(r, object, fields[i].key, fields[i].lowest, fields[i].highest, (double)*fields[i].to,
                       &value);
    *fields[i].to = (float)value;
  }
  if (status != ART_OK) return status;
  type.emergency_decel_mps2 = fmaxf(type.emergency_decel_mps2, type.decel_mps2);
  type.speed_factor_dev = type.time_gap_dev = 0.0f;  // drivers of CityFlow are all alike
  char id[32];
  snprintf(id, sizeof id, "cityflow%d", known < 0 ? art_idmap_count(r->types) - 1 : known);
  *set = art_trip_list_add_type(&r->list, id, &type);
  ART_PUSH(r->set_of_type, r->set_count, r->set_capacity, *set);
  return ART_OK;
}

static int is_joined(const art_net *net, int32_t a, int32_t b)
{
  for (int32_t lane = net->link_first_lane[a]; lane < net->link_first_lane[a + 1]; ++lane)
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
      if (net->lane_link[net->connector_to[c]] == b) return 1;
  return 0;
}

/// Adds the links of a route; -1: there is no way.
static int32_t add_route(reader *r, const int32_t *link, size_t count)
{
  int is_completed = 0;
  art_trip_list_add_links(&r->list, 1, link);
  for (size_t i = 1; i < count; ++i) {
    if (is_joined(r->net, link[i - 1], link[i])) {
      art_trip_list_add_links(&r->list, 1, &link[i]);
      continue;
    }
    int32_t *way = NULL, n = 0;
    if (!art_route_find(r->net, link[i - 1], link[i], ART_VCLASS_PASSENGER, NULL, &way, &n)) {
      art_trip_list_forget_route(&r->list);
      return -1;
    }
    art_trip_list_add_links(&r->list, n - 1, way + 1);
    free(way);
    is_completed = 1;
  }
  r->report->completed += is_completed;
  ++r->report->routes;
  return art_trip_list_end_route(&r->list);
}

static art_status read_route(reader *r, const json_t *roads, int32_t *route)
{
  const size_t n = json_array_size(roads);
  if (!n || n > MOST_ROADS) return refuse(r, "route: accepted: an array of 1 to 10000 ids of roads", NULL);
  char *text = json_dumps(roads, JSON_COMPACT);
  const int32_t known = text ? art_idmap_find(r->routes, text) : -1;
  if (text && known < 0) art_idmap_put(r->routes, text);
  free(text);
  if (known >= 0) {
    *route = r->route_of_text[known];
    return ART_OK;
  }
  int32_t *link = ART_NEW(int32_t, n);
  art_status status = ART_OK;
  for (size_t i = 0; i < n && status == ART_OK; ++i) {
    const char *id = json_string_value(json_array_get(roads, i));
    link[i] = id ? art_idmap_find(r->roads, id) : -1;
    if (link[i] < 0) status = refuse(r, "route: accepted: ids of roads, not", id ? id : "?");
  }
  if (status == ART_OK) {
    *route = add_route(r, link, n);
    ART_PUSH(r->route_of_text, r->route_count, r->route_capacity, *route);
  }
  free(link);
  return status;
}

static art_status read_vehicle(reader *r, const json_t *object)
{
  int32_t set = 0, route = -1;
  double interval, start, end;
  art_status status = read_type(r, json_object_get(object, "vehicle"), &set);
  if (status == ART_OK) status = read_route(r, json_object_get(object, "route"), &route);
  if (status == ART_OK) status = number_of(r, object, "interval", 0.0, 1e6, 1.0, &interval);
  if (status == ART_OK) status = number_of(r, object, "startTime", 0.0, 1e6, 0.0, &start);
  if (status == ART_OK) status = number_of(r, object, "endTime", -1.0, 1e6, -1.0, &end);
  if (status != ART_OK) return status;
  if (end < 0.0) end = r->until_s;
  if (interval <= 0.0 && end > start) return refuse(r, "interval: accepted: more than 0", NULL);
  const double count = end > start ? floor((end - start) / interval + 1e-9) + 1.0 : end == start;
  if (count + (double)r->report->vehicles > MOST_VEHICLES) return refuse(r, "too many vehicles", NULL);
  for (int64_t i = 0; i < (int64_t)count; ++i) {
    if (route < 0) {
      ++r->report->lost;
      continue;
    }
    char id[64];
    snprintf(id, sizeof id, count > 1.0 ? "flow_%" PRId64 "_%" PRId64 : "flow_%" PRId64, r->number, i);
    art_trip_list_add_trip(&r->list, id, (int64_t)floor(1000.0 * (start + (double)i * interval) + 0.5), route,
                           set);
    ++r->report->vehicles;
  }
  return ART_OK;
}

// ---- the array ---------------------------------------------------------------------------------------------------------

/// Takes the text of one object into the buffer: from "{" to the "}" that belongs to it. Lines are counted on.
static art_status take_object(reader *r)
{
  int depth = 0, in_text = 0, c;
  r->size = 0;
  while ((c = getc(r->file)) != EOF) {
    if (r->size == MOST_BYTES) return refuse(r, "accepted: at most 16 MiB for one", NULL);
    ART_PUSH(r->text, r->size, r->capacity, (char)c);
    r->line += c == '\n';
    if (in_text && c == '\\' && (c = getc(r->file)) != EOF) {
      ART_PUSH(r->text, r->size, r->capacity, (char)c);
      continue;
    }
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    depth += (c == '{') - (c == '}');
    if (depth == 0) return c == '}' ? ART_OK : refuse(r, "accepted: an object", NULL);
  }
  return refuse(r, "the file ends inside it", NULL);
}

static art_status read_array(reader *r)
{
  if (next_char(r) != '[') return refuse(r, "accepted: an array of vehicles", NULL);
  int c = next_char(r);
  if (c == ']') return ART_OK;
  for (;; ++r->number) {
    ungetc(c, r->file);
    const int line = r->line;
    art_status status = take_object(r);
    if (status != ART_OK) return status;
    json_error_t problem;
    json_t *object = json_loadb(r->text, (size_t)r->size, JSON_REJECT_DUPLICATES, &problem);
    if (!object)
      return art_fail(r->err, ART_E_INPUT, "%s:%d: vehicle %" PRId64 ": %s", r->name, line + problem.line - 1,
                      r->number, problem.text);
    status = read_vehicle(r, object);
    json_decref(object);
    if (status != ART_OK) return status;
    c = next_char(r);
    if (c == ']') return ART_OK;
    if (c != ',') return refuse(r, "accepted: \",\" or \"]\" after it", NULL);
    c = next_char(r);
  }
}

art_status art_cityflow_parse_flow(const char *name, FILE *file, const art_net *net, double until_s,
                                   art_demand **demand, art_cityflow_report *report, art_error *err)
{
  reader r = { .name = name,
               .file = file,
               .line = 1,
               .net = net,
               .roads = art_idmap_new(),
               .types = art_idmap_new(),
               .routes = art_idmap_new(),
               .until_s = until_s,
               .report = report,
               .err = err };
  *demand = NULL;
  for (int32_t l = 0; l < net->link_count; ++l) art_idmap_put(r.roads, net->link_id[l]);
  art_status status = read_array(&r);
  if (status == ART_OK && (status = art_trip_list_finish(&r.list, net, demand, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", name);
  art_trip_list_clear(&r.list);
  art_idmap_free(r.roads);
  art_idmap_free(r.types);
  art_idmap_free(r.routes);
  free(r.text);
  free(r.set_of_type);
  free(r.route_of_text);
  return status;
}

art_status art_cityflow_read_flow(const char *path, const art_net *net, double until_s, art_demand **demand,
                                  art_cityflow_report *report, art_error *err)
{
  FILE *file = fopen(path, "r");
  *demand = NULL;
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  const art_status status = art_cityflow_parse_flow(path, file, net, until_s, demand, report, err);
  fclose(file);
  return status;
}
