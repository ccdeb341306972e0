// Routes of a demand: those that vehicles name, draw or need found.
#include "io/sumo/demand_build_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/num/random.h"

void art_demand_index_routes(art_demand_builder *b)
{
  art_loader *l = b->l;
  const int32_t names = art_idmap_count(l->route_names);
  b->route_of_name = art_demand_unset(names);
  b->route_mix_of_name = art_demand_unset(names);
  for (int32_t i = 0; i < l->route_count; ++i) {
    const int32_t name = l->route[i].name;
    if (name < 0) continue;
    if (b->route_of_name[name] >= 0)
      art_tally(&b->report->notes, "route defined again under the same id; the last one counts");
    b->route_of_name[name] = i;
  }
  for (int32_t i = 0; i < l->route_mix_count; ++i)
    if (l->route_mix[i].name >= 0) b->route_mix_of_name[l->route_mix[i].name] = i;
  b->first_route_member = art_demand_group_members(l->route_member, l->route_member_count, l->route_mix_count);
}

int32_t art_demand_intern_route(art_demand_builder *b, const int32_t *link, int32_t count)
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
static const char *class_problem(art_demand_builder *b, int32_t route, int vclass, char *detail, size_t size)
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

const char *art_demand_route_problem(art_demand_builder *b, int32_t route, int32_t set, char *detail, size_t size)
{
  const art_demand *d = b->demand;
  for (int32_t i = d->set_first[set]; i < d->set_first[set + 1]; ++i) {
    const int vclass = d->type[d->set_type[i]].vclass;
    const uint32_t bit = 1u << vclass;
    if (b->class_passes[route] & bit) continue;
    const char *problem = class_problem(b, route, vclass, detail, size);
    if (problem) return problem;
    b->class_passes[route] |= bit;
  }
  return NULL;
}

int32_t art_demand_choose_route(art_demand_builder *b, const art_raw_vehicle *v, uint64_t key, const char **problem)
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
static int32_t *links_to_pass(const art_demand_builder *b, int32_t vehicle, int32_t *count)
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

int32_t art_demand_route_of_ends(art_demand_builder *b, int32_t vehicle, int32_t set, const char **problem,
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
      route = art_demand_intern_route(b, way, way_count);
    else
      *problem = "there is no way between its edges";
    free(way);
  }
  if (known == before) ART_PUSH(b->route_of_ends, b->end_count, b->end_capacity, route);
  free(pass);
  return route;
}

void art_demand_drop_routes(art_demand_builder *b)
{
  art_demand *d = b->demand;
  int32_t *kept = art_demand_unset(d->route_count);
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
