// Resolves vehicles against types, routes and the network, expands flows, and sorts trips.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num/random.h"
#include "core/num/real.h"
#include "io/sumo/demand_internal.h"
#include "io/sumo/report_internal.h"

typedef struct trip_row {
  char *id;
  uint64_t key;
  int64_t depart_ms;
  int32_t set, route, depart_lane, first_stop, stop_count;
  float depart_pos_m, depart_speed_mps, arrival_pos_m;
} trip_row;

typedef struct stop_row {
  int32_t lane, place;
  float start_m, end_m;
  int64_t duration_ms, until_ms;
  uint8_t is_beside;
} stop_row;

typedef struct demand_builder {
  art_loader *l;
  const art_net *net;
  art_demand *demand;
  art_import_report *report;
  art_error *err;
  // by name: index or -1
  int32_t *type_of_name, *mix_of_name, *set_of_name, *route_of_name, *route_mix_of_name, *bus_stop_of_name;
  int32_t *first_type_member, *first_route_member;  // [mix + 1]; members of a mix stand together
  int32_t *first_stop;                              // [vehicle count + route count + 1] into stop_order
  int32_t *stop_order;
  art_idmap *route_keys, *trip_ids, *end_keys;
  int32_t *route_of_ends;  // by end_keys; -1: no way
  int32_t end_count, end_capacity;
  float *yield_s;                          // by connector: what routing takes for giving way
  uint32_t *class_checked, *class_passes;  // [final route], masks of classes
  int32_t set_capacity, member_count, member_capacity, probability_capacity, route_capacity, class_capacity;
  int64_t link_count, link_capacity;
  int32_t row_count, row_capacity, stop_count, stop_capacity;
  trip_row *row;
  stop_row *stop;
} demand_builder;

static int32_t *fill_minus_one(int32_t count)
{
  int32_t *array = ART_NEW(int32_t, count);
  for (int32_t i = 0; i < count; ++i) array[i] = -1;
  return array;
}

static int compare_members(const void *left, const void *right)
{
  const art_raw_member *a = left, *b = right;
  return a->mix != b->mix ? (a->mix < b->mix ? -1 : 1) : 0;
}

/// Groups members by their mix. Members of one mix are appended together, but for nested ones, so order is kept.
static int32_t *group_members(art_raw_member *member, int32_t count, int32_t mixes)
{
  int is_sorted = 1;
  for (int32_t i = 1; i < count; ++i) is_sorted &= member[i - 1].mix <= member[i].mix;
  if (!is_sorted) qsort(member, (size_t)count, sizeof *member, compare_members);
  int32_t *first = ART_NEW(int32_t, mixes + 1);
  for (int32_t i = 0; i < count; ++i) ++first[member[i].mix + 1];
  for (int32_t i = 0; i < mixes; ++i) first[i + 1] += first[i];
  return first;
}

static void add_implicit_type(art_loader *l, const char *id, int vclass)
{
  const int32_t name = art_idmap_find(l->type_names, id);
  if (name < 0) return;  // nobody asks for it
  for (int32_t i = 0; i < l->type_count; ++i)
    if (l->type[i].name == name) return;
  for (int32_t i = 0; i < l->type_mix_count; ++i)
    if (l->type_mix[i].name == name) return;
  const art_raw_type type = { .name = name, .type = art_sumo_type_default(vclass), .probability = 1.0 };
  ART_PUSH(l->type, l->type_count, l->type_capacity, type);
}

static void build_types(demand_builder *b)
{
  art_loader *l = b->l;
  add_implicit_type(l, "DEFAULT_VEHTYPE", ART_VCLASS_PASSENGER);
  add_implicit_type(l, "DEFAULT_BIKETYPE", ART_VCLASS_BICYCLE);
  add_implicit_type(l, "DEFAULT_TAXITYPE", ART_VCLASS_TAXI);
  add_implicit_type(l, "DEFAULT_RAILTYPE", ART_VCLASS_RAIL);
  add_implicit_type(l, "DEFAULT_PEDTYPE", ART_VCLASS_PEDESTRIAN);
  const int32_t names = art_idmap_count(l->type_names);
  b->type_of_name = fill_minus_one(names);
  b->mix_of_name = fill_minus_one(names);
  b->set_of_name = fill_minus_one(names);
  art_demand *d = b->demand;
  d->type_count = l->type_count;
  free(d->type_id);
  free(d->type);
  d->type_id = ART_NEW(char *, l->type_count);
  d->type = ART_NEW(art_vtype, l->type_count);
  for (int32_t i = 0; i < l->type_count; ++i) {
    d->type_id[i] = art_strdup(art_idmap_id(l->type_names, l->type[i].name));
    d->type[i] = l->type[i].type;
    b->type_of_name[l->type[i].name] = i;
  }
  for (int32_t i = 0; i < l->type_mix_count; ++i) b->mix_of_name[l->type_mix[i].name] = i;
  b->first_type_member = group_members(l->type_member, l->type_member_count, l->type_mix_count);
}

static void add_set_member(demand_builder *b, int32_t type, double probability)
{
  art_demand *d = b->demand;
  if (b->member_count == b->member_capacity) {
    b->member_capacity = b->member_capacity ? 2 * b->member_capacity : 16;
    d->set_type = art_renew(d->set_type, (size_t)b->member_capacity, sizeof *d->set_type);
    d->set_probability =
        art_renew(d->set_probability, (size_t)b->member_capacity, sizeof *d->set_probability);
  }
  d->set_type[b->member_count] = type;
  d->set_probability[b->member_count++] = (float)probability;
}

/// The set of a type's or distribution's name, made on first use. *set is -1 if the name is not defined.
static art_status find_set(demand_builder *b, int32_t name, int32_t *set)
{
  art_loader *l = b->l;
  art_demand *d = b->demand;
  *set = b->set_of_name[name];
  if (*set >= 0) return ART_OK;
  const int32_t mix = b->mix_of_name[name], first_member = b->member_count;
  if (mix < 0 && b->type_of_name[name] < 0) return ART_OK;
  if (mix < 0)
    add_set_member(b, b->type_of_name[name], 1.0);
  else {
    const char *id = art_idmap_id(l->type_names, name);
    double sum = 0.0;
    for (int32_t i = b->first_type_member[mix]; i < b->first_type_member[mix + 1]; ++i) {
      const art_raw_member *member = &l->type_member[i];
      if (b->type_of_name[member->name] < 0)
        return art_fail(b->err, ART_E_INPUT,
                        "%s:%d: vTypeDistribution: id=\"%.200s\": vTypes names \"%.200s\": accepted: "
                        "the id of a vType",
                        l->type_mix[mix].place.file, l->type_mix[mix].place.line, id,
                        art_idmap_id(l->type_names, member->name));
      sum += member->probability;
    }
    if (!(sum > 0.0))
      return art_fail(b->err, ART_E_INPUT,
                      "%s:%d: vTypeDistribution: id=\"%.200s\": probabilities add up to %g: accepted: "
                      "more than 0",
                      l->type_mix[mix].place.file, l->type_mix[mix].place.line, id, sum);
    for (int32_t i = b->first_type_member[mix]; i < b->first_type_member[mix + 1]; ++i)
      if (l->type_member[i].probability > 0.0)
        add_set_member(b, b->type_of_name[l->type_member[i].name], l->type_member[i].probability / sum);
  }
  if (d->set_count + 1 >= b->set_capacity) {
    b->set_capacity = b->set_capacity ? 2 * b->set_capacity : 16;
    d->set_id = art_renew(d->set_id, (size_t)b->set_capacity, sizeof *d->set_id);
    d->set_first = art_renew(d->set_first, (size_t)b->set_capacity + 1, sizeof *d->set_first);
  }
  d->set_id[d->set_count] = art_strdup(art_idmap_id(l->type_names, name));
  d->set_first[d->set_count] = first_member;
  d->set_first[d->set_count + 1] = b->member_count;
  *set = b->set_of_name[name] = d->set_count++;
  return ART_OK;
}

static void index_routes(demand_builder *b)
{
  art_loader *l = b->l;
  const int32_t names = art_idmap_count(l->route_names);
  b->route_of_name = fill_minus_one(names);
  b->route_mix_of_name = fill_minus_one(names);
  for (int32_t i = 0; i < l->route_count; ++i) {
    const int32_t name = l->route[i].name;
    if (name < 0) continue;
    if (b->route_of_name[name] >= 0)
      art_tally(&b->report->notes, "route defined again under the same id; the last one counts");
    b->route_of_name[name] = i;
  }
  for (int32_t i = 0; i < l->route_mix_count; ++i)
    if (l->route_mix[i].name >= 0) b->route_mix_of_name[l->route_mix[i].name] = i;
  b->first_route_member = group_members(l->route_member, l->route_member_count, l->route_mix_count);
}

/// Stops grouped by owner, vehicles first, then routes, each in the order of the file.
static void index_stops(demand_builder *b)
{
  const art_loader *l = b->l;
  const int32_t owners = l->vehicle_count + l->route_count;
  b->first_stop = ART_NEW(int32_t, owners + 1);
  b->stop_order = ART_NEW(int32_t, l->stop_count);
  int32_t *at = ART_NEW(int32_t, owners);
  for (int pass = 0; pass < 2; ++pass) {
    for (int32_t i = 0; i < l->stop_count; ++i) {
      const int32_t owner = l->stop[i].owner >= 0 ? l->stop[i].owner : l->vehicle_count + ~l->stop[i].owner;
      if (pass == 0)
        ++b->first_stop[owner + 1];
      else
        b->stop_order[b->first_stop[owner] + at[owner]++] = i;
    }
    for (int32_t i = 0; pass == 0 && i < owners; ++i) b->first_stop[i + 1] += b->first_stop[i];
  }
  free(at);
  b->bus_stop_of_name = fill_minus_one(art_idmap_count(l->stop_names));
  for (int32_t i = 0; i < l->bus_stop_count; ++i) b->bus_stop_of_name[l->bus_stop[i].name] = i;
}

/// Index of a list of links among the routes of the demand; equal lists are one route.
static int32_t intern_route(demand_builder *b, const int32_t *link, int32_t count)
{
  art_demand *d = b->demand;
  char *key = ART_NEW(char, 8 * (size_t)count + 1);
  for (int32_t i = 0; i < count; ++i)
    for (int k = 0; k < 8; ++k) key[8 * i + k] = (char)('a' + ((link[i] >> (4 * k)) & 15));
  const int32_t before = art_idmap_count(b->route_keys), route = art_idmap_put(b->route_keys, key);
  free(key);
  if (route < before) return route;
  if (d->route_count + 1 >= b->route_capacity) {
    b->route_capacity = b->route_capacity ? 2 * b->route_capacity : 64;
    d->route_first = art_renew(d->route_first, (size_t)b->route_capacity + 1, sizeof *d->route_first);
    b->class_checked = art_renew(b->class_checked, (size_t)b->route_capacity + 1, sizeof *b->class_checked);
    b->class_passes = art_renew(b->class_passes, (size_t)b->route_capacity + 1, sizeof *b->class_passes);
  }
  d->route_first[d->route_count] = b->link_count;
  for (int32_t i = 0; i < count; ++i) ART_PUSH(d->route_link, b->link_count, b->link_capacity, link[i]);
  b->class_checked[d->route_count] = b->class_passes[d->route_count] = 0;
  d->route_first[++d->route_count] = b->link_count;
  return route;
}

static int links_are_joined(const art_net *net, int32_t from, int32_t to, int vclass)
{
  for (int32_t lane = net->link_first_lane[from]; lane < net->link_first_lane[from + 1]; ++lane) {
    if (vclass >= 0 && !ART_PERMITS(net->lane_allowed[lane], vclass)) continue;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      const int32_t end = net->connector_to[c];
      if (net->lane_link[end] != to) continue;
      if (vclass < 0) return 1;
      if (ART_PERMITS(net->lane_allowed[end], vclass) &&
          ART_PERMITS(net->lane_allowed[art_net_lane_of_connector(net, c)], vclass))
        return 1;
    }
  }
  return 0;
}

static int link_permits(const art_net *net, int32_t link, int vclass)
{
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (ART_PERMITS(net->lane_allowed[lane], vclass)) return 1;
  return 0;
}

/// Why a class cannot drive the route; NULL if it can. `detail` names the place.
static const char *route_problem(demand_builder *b, int32_t route, int vclass, char *detail, size_t size)
{
  const art_net *net = b->net;
  const art_demand *d = b->demand;
  const int32_t *link = d->route_link + d->route_first[route];
  const int64_t count = d->route_first[route + 1] - d->route_first[route];
  for (int64_t i = 0; i < count; ++i)
    if (!link_permits(net, link[i], vclass)) {
      snprintf(detail, size, "%s on %.100s", art_vclass_name(vclass), net->link_id[link[i]]);
      return "no lane of the route permits its class";
    }
  for (int64_t i = 0; i + 1 < count; ++i)
    if (!links_are_joined(net, link[i], link[i + 1], vclass)) {
      snprintf(detail, size, "%.100s to %.100s", net->link_id[link[i]], net->link_id[link[i + 1]]);
      return links_are_joined(net, link[i], link[i + 1], -1) ? "the route is not connected for its class"
                                                             : "the route is not connected";
    }
  return NULL;
}

static const char *check_classes(demand_builder *b, int32_t route, int32_t set, char *detail, size_t size)
{
  const art_demand *d = b->demand;
  for (int32_t i = d->set_first[set]; i < d->set_first[set + 1]; ++i) {
    const int vclass = d->type[d->set_type[i]].vclass;
    const uint32_t bit = 1u << vclass;
    if (b->class_passes[route] & bit) continue;
    const char *problem = route_problem(b, route, vclass, detail, size);
    if (problem) return problem;
    b->class_passes[route] |= bit;
  }
  return NULL;
}

/// The raw route of a trip: its own, the one it names, or a draw from a distribution. The draw is a function of the trip's
/// key alone, so that a trip keeps its route whatever else is in the demand. -1 with *problem set if there is none.
static int32_t choose_route(demand_builder *b, const art_raw_vehicle *v, uint64_t key, const char **problem)
{
  const art_loader *l = b->l;
  if (v->route >= 0) return v->route;
  int32_t mix = v->mix;
  if (v->route_name >= 0) {
    if (b->route_of_name[v->route_name] >= 0) return b->route_of_name[v->route_name];
    mix = b->route_mix_of_name[v->route_name];
  }
  if (mix < 0) {
    *problem = v->route_name >= 0 ? "its route is not defined" : "it has no route";
    return -1;
  }
  double sum = 0.0;
  const int32_t begin = b->first_route_member[mix], end = b->first_route_member[mix + 1];
  for (int32_t i = begin; i < end; ++i) sum += l->route_member[i].probability;
  double left = art_uniform(art_rng(0, key, 0, ART_FOR_FLOW)) * sum;
  int32_t chosen = -1;
  for (int32_t i = begin; i < end; ++i) {
    if (!(l->route_member[i].probability > 0.0)) continue;
    chosen = i;
    left -= l->route_member[i].probability;
    if (left < 0.0) break;
  }
  const art_raw_member *member = chosen < 0 ? NULL : &l->route_member[chosen];
  const int32_t route = !member ? -1 : member->route >= 0 ? member->route : b->route_of_name[member->name];
  if (route < 0) *problem = "its route distribution has no route to draw";
  return route;
}

/// Links that a trip without a route has to pass, in order and without repetitions: from, via, to; where there is no via,
/// its stops. The caller frees them.
static int32_t *links_to_pass(const demand_builder *b, int32_t vehicle, int32_t *count)
{
  const art_loader *l = b->l;
  const art_raw_vehicle *v = &l->vehicle[vehicle];
  const int32_t stops = v->link_count == 2 ? b->first_stop[vehicle + 1] - b->first_stop[vehicle] : 0;
  int32_t *pass = ART_NEW(int32_t, v->link_count + stops);
  *count = 0;
  for (int32_t i = 0; i < v->link_count + stops; ++i) {
    int32_t link;
    if (i == 0 || i > stops)
      link = l->link[v->first_link + (i == 0 ? 0 : i - stops)];
    else {
      const art_raw_stop *stop = &l->stop[b->stop_order[b->first_stop[vehicle] + i - 1]];
      const int32_t place = stop->bus_stop >= 0 ? b->bus_stop_of_name[stop->bus_stop] : -1;
      const int32_t lane = place >= 0 ? l->bus_stop[place].lane : stop->lane;
      link = stop->link >= 0 ? stop->link : lane >= 0 ? b->net->lane_link[lane] : -1;
    }
    if (link >= 0 && (!*count || pass[*count - 1] != link)) pass[(*count)++] = link;
  }
  return pass;
}

/// The route of a trip that names links to pass. The class is that of the set's first type. Trips with the same ends share it.
static int32_t route_of_ends(demand_builder *b, int32_t vehicle, int32_t set, const char **problem,
                             char *detail, size_t size)
{
  const art_demand *d = b->demand;
  const int vclass = d->type[d->set_type[d->set_first[set]]].vclass;
  int32_t count, way_count;
  int32_t *pass = links_to_pass(b, vehicle, &count), *way;
  char *key = ART_NEW(char, 12 * ((size_t)count + 1));
  size_t length = (size_t)sprintf(key, "%d", vclass);
  for (int32_t i = 0; i < count; ++i) length += (size_t)sprintf(key + length, ",%d", pass[i]);
  const int32_t before = art_idmap_count(b->end_keys), known = art_idmap_put(b->end_keys, key);
  free(key);
  int32_t route = known < before ? b->route_of_ends[known] : -1;
  if (route < 0) {
    way = art_way_past(b->net, b->yield_s, pass, count, vclass, &way_count, detail, size);
    if (way)
      route = intern_route(b, way, way_count);
    else
      *problem = "there is no way between its edges";
    free(way);
  }
  if (known == before) ART_PUSH(b->route_of_ends, b->end_count, b->end_capacity, route);
  free(pass);
  return route;
}

static int32_t first_lane_for(const demand_builder *b, int32_t link, int32_t set)
{
  const art_demand *d = b->demand;
  const int vclass = d->type[d->set_type[d->set_first[set]]].vclass;
  const art_net *net = b->net;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (ART_PERMITS(net->lane_allowed[lane], vclass)) return lane;
  return net->link_first_lane[link];
}

/// Lane and extent of a stop. NULL or the reason why it cannot be served.
static const char *place_stop(const demand_builder *b, const art_raw_stop *raw, int32_t set, stop_row *out)
{
  const art_loader *l = b->l;
  *out = (stop_row){
    .place = -1, .duration_ms = raw->duration_ms, .until_ms = raw->until_ms, .is_beside = raw->is_beside
  };
  if (raw->bus_stop >= 0) {
    out->place = b->bus_stop_of_name[raw->bus_stop];
    if (out->place < 0) return "it stops at a bus stop that is not defined";
    const art_raw_bus_stop *stop = &l->bus_stop[out->place];
    out->lane = stop->lane;
    out->start_m = (float)stop->start_m;
    out->end_m = (float)stop->end_m;
    return NULL;
  }
  out->lane = raw->lane >= 0 ? raw->lane : first_lane_for(b, raw->link, set);
  double end = (double)b->net->lane_length_m[out->lane], start = 0.0;
  if (isfinite(raw->end_m) && !art_lane_position(b->net, out->lane, raw->end_m, 0, &end))
    return "a stop lies outside its lane";
  start = fmax(0.0, end - 0.2);  // SUMO's shortest stop
  if (isfinite(raw->start_m) && !art_lane_position(b->net, out->lane, raw->start_m, 0, &start))
    return "a stop lies outside its lane";
  if (end < start) return "a stop ends before it starts";
  out->start_m = (float)start;
  out->end_m = (float)end;
  return NULL;
}

/// Appends the stops of one owner, each at or after the one before along the route. *hop and *pos_m are where that was.
static const char *add_stops(demand_builder *b, int32_t owner, int32_t route, int32_t set, int64_t *hop,
                             float *pos_m)
{
  const art_demand *d = b->demand;
  for (int32_t i = b->first_stop[owner]; i < b->first_stop[owner + 1]; ++i) {
    const art_raw_stop *raw = &b->l->stop[b->stop_order[i]];
    if (raw->problem) return raw->problem;
    stop_row stop;
    const char *problem = place_stop(b, raw, set, &stop);
    if (problem) return problem;
    const int32_t link = b->net->lane_link[stop.lane];
    int64_t at = *hop;
    if (at < d->route_first[route + 1] && d->route_link[at] == link && stop.end_m < *pos_m) ++at;
    while (at < d->route_first[route + 1] && d->route_link[at] != link) ++at;
    if (at == d->route_first[route + 1]) return "a stop is not on its route, or not in order";
    *hop = at;
    *pos_m = stop.end_m;
    ART_PUSH(b->stop, b->stop_count, b->stop_capacity, stop);
  }
  return NULL;
}

/// Departure and arrival places. NULL or the reason for rejection.
static const char *place_trip(demand_builder *b, const art_raw_vehicle *v, trip_row *row)
{
  const art_net *net = b->net;
  const art_demand *d = b->demand;
  const int32_t first = d->route_link[d->route_first[row->route]],
                last = d->route_link[d->route_first[row->route + 1] - 1];
  const int32_t lane = net->link_first_lane[first], end_lane = net->link_first_lane[last];
  row->depart_lane = v->depart_lane;
  row->depart_pos_m = v->depart_pos_m;
  row->depart_speed_mps = v->depart_speed_mps;
  row->arrival_pos_m = ART_POS_END;
  if (v->depart_lane >= art_net_link_lanes(net, first))
    return "its departLane is not a lane of its first edge";
  double at = 0.0;
  if (v->departs_at_stop) {
    if (!row->stop_count || net->lane_link[b->stop[row->first_stop].lane] != first)
      return "it departs at a stop that is not on its first edge";
    row->depart_pos_m = b->stop[row->first_stop].end_m;
  } else if (v->depart_pos_m > ART_POS_BASE + 1.0f) {
    if (!art_lane_position(net, lane, (double)v->depart_pos_m, 0, &at))
      return "its departPos is not on its first edge";
    row->depart_pos_m = (float)at;
  }
  const double length = (double)net->lane_length_m[end_lane];
  if (v->arrives_anywhere)
    row->arrival_pos_m = (float)(art_uniform(art_rng(0, row->key, 1, ART_FOR_FLOW)) * length);
  else if (isfinite(v->arrival_pos_m)) {
    if (!art_lane_position(net, end_lane, v->arrival_pos_m, 0, &at)) {
      art_tally(&b->report->notes, "arrivalPos outside the last edge is taken for its nearer end");
      (void)art_lane_position(net, end_lane, v->arrival_pos_m, 1, &at);
    }
    row->arrival_pos_m = (float)at;
  }
  return NULL;
}

static void reject(demand_builder *b, const art_raw_vehicle *v, const char *id, const char *reason,
                   const char *detail)
{
  // A stored problem is "reason: detail"; the tally counts by reason.
  char head[300];
  const char *colon = strstr(reason, ": ");
  snprintf(head, sizeof head, "%.*s", colon ? (int)(colon - reason) : 250, reason);
  art_reject(b->report, v->place.file, v->place.line, v->flow_kind == ART_RAW_SINGLE ? "vehicle" : "flow", id,
             head, colon ? colon + 2 : detail);
}

/// One trip, or a rejection. Errors are those of the whole file: a type that is not defined.
static art_status add_trip(demand_builder *b, int32_t vehicle, const char *id, int64_t depart_ms)
{
  art_loader *l = b->l;
  const art_raw_vehicle *v = &l->vehicle[vehicle];
  trip_row row = { .key = art_trip_key(id), .depart_ms = depart_ms, .first_stop = b->stop_count };
  art_status status = find_set(b, v->type, &row.set);
  if (status != ART_OK) return status;
  if (row.set < 0)
    return art_fail(b->err, ART_E_INPUT,
                    "%s:%d: vehicle \"%.200s\": type=\"%.200s\": accepted: the id of a vType or "
                    "vTypeDistribution",
                    v->place.file, v->place.line, id, art_idmap_id(l->type_names, v->type));
  char detail[300] = "";
  const char *problem = v->problem;
  const int has_route = v->route >= 0 || v->route_name >= 0 || v->mix >= 0;
  int32_t raw_route = -1;
  if (!problem && (has_route || !v->link_count))
    raw_route = choose_route(b, v, row.key, &problem);
  else if (!problem)
    row.route = route_of_ends(b, vehicle, row.set, &problem, detail, sizeof detail);
  if (raw_route >= 0) {
    art_raw_route *route = &l->route[raw_route];
    problem = route->problem;
    if (!problem && route->final < 0)
      route->final = intern_route(b, l->link + route->first_link, route->link_count);
    row.route = route->final;
  }
  if (!problem) problem = check_classes(b, row.route, row.set, detail, sizeof detail);
  if (!problem) {
    int64_t hop = b->demand->route_first[row.route];
    float pos_m = -1.0f;
    if (raw_route >= 0)
      problem = add_stops(b, l->vehicle_count + raw_route, row.route, row.set, &hop, &pos_m);
    if (!problem) problem = add_stops(b, vehicle, row.route, row.set, &hop, &pos_m);
    row.stop_count = b->stop_count - row.first_stop;
  }
  if (!problem) problem = place_trip(b, v, &row);
  if (!problem && art_idmap_put(b->trip_ids, id) < b->row_count) problem = "another vehicle has this id";
  if (problem) {
    b->stop_count = row.first_stop;
    reject(b, v, id, problem, detail);
    return ART_OK;
  }
  row.id = art_strdup(id);
  ART_PUSH(b->row, b->row_count, b->row_capacity, row);
  return ART_OK;
}

static art_status add_flow_trip(demand_builder *b, int32_t vehicle, int64_t number, double depart_s)
{
  const art_raw_vehicle *v = &b->l->vehicle[vehicle];
  if (number >= b->l->trip_limit || b->row_count >= b->l->trip_limit)
    return art_fail(b->err, ART_E_INPUT,
                    "%s:%d: flow \"%.200s\": expands to more than %lld trips: accepted: fewer", v->place.file,
                    v->place.line, v->id, (long long)b->l->trip_limit);
  char id[600];
  snprintf(id, sizeof id, "%.500s.%lld", v->id, (long long)number);
  return add_trip(b, vehicle, id, (int64_t)floor(depart_s * 1000.0 + 0.5));
}

/// Random flows draw with the flow's own key and the number of the draw, so that they never depend on other demand.
static art_status expand_flow(demand_builder *b, int32_t vehicle)
{
  const art_raw_vehicle *v = &b->l->vehicle[vehicle];
  const double begin = (double)v->depart_ms / 1000.0, end = (double)v->end_ms / 1000.0;
  const uint64_t key = art_trip_key(v->id);
  art_status status = ART_OK;
  int64_t number = 0;
  if (v->flow_kind == ART_RAW_CHANCE) {
    // One Bernoulli draw each second, as SUMO with its default step.
    if (end - begin > 1e8)
      return art_fail(b->err, ART_E_INPUT, "%s:%d: flow \"%.200s\": lasts %g s: accepted: at most 1e8 s",
                      v->place.file, v->place.line, v->id, end - begin);
    for (int64_t second = 0; status == ART_OK && begin + (double)second < end; ++second)
      if (art_uniform(art_rng(0, key, second, ART_FOR_FLOW)) < v->chance)
        status = add_flow_trip(b, vehicle, number++, begin + (double)second);
    return status;
  }
  if (v->flow_kind == ART_RAW_EXPONENTIAL) {
    double at = begin;
    for (int64_t draw = 0; status == ART_OK && (v->number < 0 || number < v->number); ++draw) {
      at -= art_log(1.0 - art_uniform(art_rng(0, key, draw, ART_FOR_FLOW))) / v->period_s;
      if (at >= end) break;
      status = add_flow_trip(b, vehicle, number++, at);
    }
    return status;
  }
  const double period =
      v->flow_kind == ART_RAW_NUMBER ? (end - begin) / (double)(v->number > 0 ? v->number : 1) : v->period_s;
  for (; status == ART_OK && (v->number < 0 || number < v->number); ++number) {
    const double at = begin + (double)number * period;
    if (v->flow_kind == ART_RAW_PERIOD && at >= end) break;
    status = add_flow_trip(b, vehicle, number, at);
  }
  return status;
}

/// A flow that cannot be driven is rejected once, not for each of its vehicles.
static int reject_whole_flow(demand_builder *b, int32_t vehicle)
{
  const art_raw_vehicle *v = &b->l->vehicle[vehicle];
  const char *problem = v->problem;
  char detail[300] = "";
  int32_t set = -1;
  if (!problem && v->route < 0 && v->route_name < 0 && v->mix < 0) {
    if (!v->link_count)
      problem = "it has no route";
    else if (find_set(b, v->type, &set) == ART_OK && set >= 0)
      (void)route_of_ends(b, vehicle, set, &problem, detail, sizeof detail);
  }
  if (problem) reject(b, v, v->id, problem, detail);
  return problem != NULL;
}

static int compare_rows(const void *left, const void *right)
{
  const trip_row *a = left, *b = right;
  if (a->depart_ms != b->depart_ms) return a->depart_ms < b->depart_ms ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

static void fill_trips(demand_builder *b)
{
  art_demand *d = b->demand;
  if (b->row_count) qsort(b->row, (size_t)b->row_count, sizeof *b->row, compare_rows);
  const int32_t n = b->row_count;
  art_demand_new_trips(d, n, b->stop_count);
  int32_t at = 0;
  for (int32_t i = 0; i < n; ++i) {
    trip_row *row = &b->row[i];
    d->trip_id[i] = row->id;
    row->id = NULL;
    d->trip_key[i] = row->key;
    d->trip_set[i] = row->set;
    d->trip_route[i] = row->route;
    d->trip_depart_ms[i] = row->depart_ms;
    d->trip_depart_lane[i] = row->depart_lane;
    d->trip_depart_pos_m[i] = row->depart_pos_m;
    d->trip_depart_speed_mps[i] = row->depart_speed_mps;
    d->trip_arrival_pos_m[i] = row->arrival_pos_m;
    d->trip_first_stop[i] = at;
    for (int32_t k = 0; k < row->stop_count; ++k, ++at) {
      const stop_row *stop = &b->stop[row->first_stop + k];
      d->stop_lane[at] = stop->lane;
      d->stop_start_m[at] = stop->start_m;
      d->stop_end_m[at] = stop->end_m;
      d->stop_duration_ms[at] = stop->duration_ms;
      d->stop_until_ms[at] = stop->until_ms;
      d->stop_place[at] = stop->place;
      d->stop_beside[at] = stop->is_beside;
    }
  }
  d->trip_first_stop[n] = at;
}

/// Routes that only rejected vehicles would have driven do not stay.
static void drop_unused_routes(demand_builder *b)
{
  art_demand *d = b->demand;
  int32_t *kept = fill_minus_one(d->route_count);
  for (int32_t i = 0; i < d->trip_count; ++i) kept[d->trip_route[i]] = 0;
  int32_t count = 0;
  int64_t at = 0;
  for (int32_t r = 0; r < d->route_count; ++r) {
    if (kept[r] < 0) continue;
    const int64_t begin = d->route_first[r], end = d->route_first[r + 1];  // read before they are overwritten
    kept[r] = count;
    d->route_first[count++] = at;
    for (int64_t i = begin; i < end; ++i) d->route_link[at++] = d->route_link[i];
  }
  if (d->route_count) d->route_first[count] = at;
  d->route_count = count;
  for (int32_t i = 0; i < d->trip_count; ++i) d->trip_route[i] = kept[d->trip_route[i]];
  free(kept);
}

static void finish_empty(art_demand *d)
{
  // CSR arrays exist even where nothing is in them.
  if (!d->set_count && !d->set_first) d->set_first = ART_NEW(int32_t, 1);
  if (!d->route_count && !d->route_first) d->route_first = ART_NEW(int64_t, 1);
}

art_status art_demand_build(art_loader *l, art_demand **out, art_error *err)
{
  demand_builder b = { .l = l, .net = l->net, .report = l->report, .err = err };
  b.demand = art_demand_new();
  b.route_keys = art_idmap_new();
  b.trip_ids = art_idmap_new();
  b.end_keys = art_idmap_new();
  build_types(&b);
  index_routes(&b);
  index_stops(&b);
  b.yield_s = art_yield_times(l->net);
  art_status status = ART_OK;
  for (int32_t i = 0; status == ART_OK && i < l->vehicle_count; ++i) {
    if (l->vehicle[i].flow_kind == ART_RAW_SINGLE)
      status = add_trip(&b, i, l->vehicle[i].id, l->vehicle[i].depart_ms);
    else if (!reject_whole_flow(&b, i))
      status = expand_flow(&b, i);
  }
  if (status == ART_OK) {
    fill_trips(&b);
    drop_unused_routes(&b);
    finish_empty(b.demand);
    l->report->types = b.demand->type_count;
    l->report->type_sets = b.demand->set_count;
    l->report->routes = b.demand->route_count;
    l->report->trips = b.demand->trip_count;
    l->report->trip_stops = b.demand->stop_count;
  }
  for (int32_t i = 0; i < b.row_count; ++i) free(b.row[i].id);
  art_idmap_free(b.route_keys);
  art_idmap_free(b.trip_ids);
  art_idmap_free(b.end_keys);
  void *const owned[] = { b.type_of_name,
                          b.mix_of_name,
                          b.set_of_name,
                          b.route_of_name,
                          b.route_mix_of_name,
                          b.bus_stop_of_name,
                          b.first_type_member,
                          b.first_route_member,
                          b.first_stop,
                          b.stop_order,
                          b.class_checked,
                          b.class_passes,
                          b.row,
                          b.stop,
                          b.route_of_ends,
                          b.yield_s };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  *out = status == ART_OK ? b.demand : NULL;
  if (status != ART_OK) art_demand_free(b.demand);
  return status;
}
