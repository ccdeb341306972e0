// Resolves vehicles against types, routes and the network, expands flows, and sorts trips.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num/random.h"
#include "core/num/real.h"
#include "io/sumo/demand_build_internal.h"

/// Stops grouped by owner, vehicles first, then routes, each in the order of the file.
static void index_stops(art_demand_builder *b)
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
  b->bus_stop_of_name = art_demand_unset(art_idmap_count(l->stop_names));
  for (int32_t i = 0; i < l->bus_stop_count; ++i) b->bus_stop_of_name[l->bus_stop[i].name] = i;
}

static int32_t first_lane_for(const art_demand_builder *b, int32_t link, int32_t set)
{
  const art_demand *d = b->demand;
  const int vclass = d->type[d->set_type[d->set_first[set]]].vclass;
  const art_net *net = b->net;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    if (ART_PERMITS(net->lane_allowed[lane], vclass)) return lane;
  return net->link_first_lane[link];
}

/// Lane and extent of a stop. NULL or the reason why it cannot be served.
static const char *place_stop(const art_demand_builder *b, const art_raw_stop *raw, int32_t set, art_demand_stop *out)
{
  const art_loader *l = b->l;
  *out = (art_demand_stop){
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
static const char *add_stops(art_demand_builder *b, int32_t owner, int32_t route, int32_t set, int64_t *hop,
                             float *pos_m)
{
  const art_demand *d = b->demand;
  for (int32_t i = b->first_stop[owner]; i < b->first_stop[owner + 1]; ++i) {
    const art_raw_stop *raw = &b->l->stop[b->stop_order[i]];
    if (raw->problem) return raw->problem;
    art_demand_stop stop;
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
static const char *place_trip(art_demand_builder *b, const art_raw_vehicle *v, art_demand_trip *row)
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

static void reject(art_demand_builder *b, const art_raw_vehicle *v, const char *id, const char *reason,
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
static art_status add_trip(art_demand_builder *b, int32_t vehicle, const char *id, int64_t depart_ms)
{
  art_loader *l = b->l;
  const art_raw_vehicle *v = &l->vehicle[vehicle];
  art_demand_trip row = { .key = art_trip_key(id), .depart_ms = depart_ms, .first_stop = b->stop_count };
  art_status status = art_demand_find_set(b, v->type, &row.set);
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
    raw_route = art_demand_choose_route(b, v, row.key, &problem);
  else if (!problem)
    row.route = art_demand_route_of_ends(b, vehicle, row.set, &problem, detail, sizeof detail);
  if (raw_route >= 0) {
    art_raw_route *route = &l->route[raw_route];
    problem = route->problem;
    if (!problem && route->final < 0)
      route->final = art_demand_intern_route(b, l->link + route->first_link, route->link_count);
    row.route = route->final;
  }
  if (!problem) problem = art_demand_route_problem(b, row.route, row.set, detail, sizeof detail);
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

static art_status add_flow_trip(art_demand_builder *b, int32_t vehicle, int64_t number, double depart_s)
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
static art_status expand_flow(art_demand_builder *b, int32_t vehicle)
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
static int reject_whole_flow(art_demand_builder *b, int32_t vehicle)
{
  const art_raw_vehicle *v = &b->l->vehicle[vehicle];
  const char *problem = v->problem;
  char detail[300] = "";
  int32_t set = -1;
  if (!problem && v->route < 0 && v->route_name < 0 && v->mix < 0) {
    if (!v->link_count)
      problem = "it has no route";
    else if (art_demand_find_set(b, v->type, &set) == ART_OK && set >= 0)
      (void)art_demand_route_of_ends(b, vehicle, set, &problem, detail, sizeof detail);
  }
  if (problem) reject(b, v, v->id, problem, detail);
  return problem != NULL;
}

static int compare_rows(const void *left, const void *right)
{
  const art_demand_trip *a = left, *b = right;
  if (a->depart_ms != b->depart_ms) return a->depart_ms < b->depart_ms ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

static void fill_trips(art_demand_builder *b)
{
  art_demand *d = b->demand;
  if (b->row_count) qsort(b->row, (size_t)b->row_count, sizeof *b->row, compare_rows);
  const int32_t n = b->row_count;
  art_demand_new_trips(d, n, b->stop_count);
  int32_t at = 0;
  for (int32_t i = 0; i < n; ++i) {
    art_demand_trip *row = &b->row[i];
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
      const art_demand_stop *stop = &b->stop[row->first_stop + k];
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

static void finish_empty(art_demand *d)
{
  // CSR arrays exist even where nothing is in them.
  if (!d->set_count && !d->set_first) d->set_first = ART_NEW(int32_t, 1);
  if (!d->route_count && !d->route_first) d->route_first = ART_NEW(int64_t, 1);
}

art_status art_demand_build(art_loader *l, art_demand **out, art_error *err)
{
  art_demand_builder b = { .l = l, .net = l->net, .report = l->report, .err = err };
  b.demand = art_demand_new();
  b.route_keys = art_idmap_new();
  b.trip_ids = art_idmap_new();
  b.end_keys = art_idmap_new();
  art_demand_types(&b);
  art_demand_index_routes(&b);
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
    art_demand_drop_routes(&b);
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
