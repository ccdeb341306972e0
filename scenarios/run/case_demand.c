// Several demand files become one demand.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/run/case_internal.h"

void art_demand_shift(art_demand *demand, art_tick shift_ms)
{
  for (int32_t i = 0; i < demand->trip_count; ++i) demand->trip_depart_ms[i] += shift_ms;
  for (int32_t i = 0; i < demand->stop_count; ++i)
    if (demand->stop_until_ms[i] >= 0) demand->stop_until_ms[i] += shift_ms;
}

/// A merge under way. Arrays of `out` grow by part.
typedef struct merge {
  art_demand *out;
  art_idmap *types, *sets, *trips;
  char *const *paths;
  // of the part being added
  const art_demand *part;
  int32_t part_index, *type_of, *set_of;
} merge;

static art_status add_types(merge *m, int32_t *type_part, art_error *err)
{
  const art_demand *part = m->part;
  art_demand *out = m->out;
  for (int32_t t = 0; t < part->type_count; ++t) {
    const int32_t known = art_idmap_find(m->types, part->type_id[t]);
    m->type_of[t] = art_idmap_put(m->types, part->type_id[t]);
    if (known < 0) {
      out->type_id[out->type_count] = art_strdup(part->type_id[t]);
      type_part[out->type_count] = m->part_index;
      out->type[out->type_count++] = part->type[t];
    } else if (memcmp(&out->type[known], &part->type[t], sizeof part->type[t]) != 0) {
      return art_fail(
          err, ART_E_INPUT,
          "%s: vehicle type '%.100s' has other parameters than in %s; give one of them another id",
          m->paths[m->part_index], part->type_id[t], m->paths[type_part[known]]);
    }
  }
  return ART_OK;
}

static int same_set(const art_demand *out, int32_t known, const art_demand *part, int32_t set,
                    const int32_t *type_of)
{
  const int32_t a = out->set_first[known], n = out->set_first[known + 1] - a, b = part->set_first[set];
  if (part->set_first[set + 1] - b != n) return 0;
  for (int32_t k = 0; k < n; ++k)
    if (out->set_type[a + k] != type_of[part->set_type[b + k]] ||
        out->set_probability[a + k] != part->set_probability[b + k])
      return 0;
  return 1;
}

static art_status add_sets(merge *m, int32_t *set_part, art_error *err)
{
  const art_demand *part = m->part;
  art_demand *out = m->out;
  for (int32_t s = 0; s < part->set_count; ++s) {
    const int32_t known = art_idmap_find(m->sets, part->set_id[s]);
    m->set_of[s] = art_idmap_put(m->sets, part->set_id[s]);
    if (known >= 0) {
      if (same_set(out, known, part, s, m->type_of)) continue;
      return art_fail(err, ART_E_INPUT,
                      "%s: distribution '%.100s' differs from that in %s; give one of them another id",
                      m->paths[m->part_index], part->set_id[s], m->paths[set_part[known]]);
    }
    const int32_t first = part->set_first[s], count = part->set_first[s + 1] - first,
                  at = out->set_first[out->set_count];
    for (int32_t k = 0; k < count; ++k) {
      out->set_type[at + k] = m->type_of[part->set_type[first + k]];
      out->set_probability[at + k] = part->set_probability[first + k];
    }
    out->set_id[out->set_count] = art_strdup(part->set_id[s]);
    set_part[out->set_count] = m->part_index;
    out->set_first[++out->set_count] = at + count;
  }
  return ART_OK;
}

static void add_routes(merge *m)
{
  const art_demand *part = m->part;
  art_demand *out = m->out;
  const int64_t at = out->route_first[out->route_count];
  memcpy(out->route_link + at, part->route_link,
         (size_t)part->route_first[part->route_count] * sizeof *part->route_link);
  for (int32_t r = 0; r < part->route_count; ++r)
    out->route_first[++out->route_count] = at + part->route_first[r + 1];
}

/// A trip on its way into order.
typedef struct place {
  art_tick depart_ms;
  uint64_t key;
  int32_t part, trip;
} place;

static int by_departure(const void *a, const void *b)
{
  const place *x = a, *y = b;
  if (x->depart_ms != y->depart_ms) return x->depart_ms < y->depart_ms ? -1 : 1;
  return (x->key > y->key) - (x->key < y->key);
}

static void add_trip(art_demand *out, const art_demand *part, int32_t i, int32_t set, int32_t route)
{
  const int32_t t = out->trip_count++, first = part->trip_first_stop[i],
                count = part->trip_first_stop[i + 1] - first;
  out->trip_id[t] = art_strdup(part->trip_id[i]);
  out->trip_key[t] = part->trip_key[i];
  out->trip_set[t] = set;
  out->trip_route[t] = route;
  out->trip_depart_ms[t] = part->trip_depart_ms[i];
  out->trip_depart_lane[t] = part->trip_depart_lane[i];
  out->trip_depart_pos_m[t] = part->trip_depart_pos_m[i];
  out->trip_depart_speed_mps[t] = part->trip_depart_speed_mps[i];
  out->trip_arrival_pos_m[t] = part->trip_arrival_pos_m[i];
  for (int32_t k = 0; k < count; ++k, ++out->stop_count) {
    out->stop_lane[out->stop_count] = part->stop_lane[first + k];
    out->stop_start_m[out->stop_count] = part->stop_start_m[first + k];
    out->stop_end_m[out->stop_count] = part->stop_end_m[first + k];
    out->stop_duration_ms[out->stop_count] = part->stop_duration_ms[first + k];
    out->stop_until_ms[out->stop_count] = part->stop_until_ms[first + k];
    out->stop_place[out->stop_count] = part->stop_place[first + k];
    out->stop_beside[out->stop_count] = part->stop_beside && part->stop_beside[first + k];
  }
  out->trip_first_stop[t + 1] = out->stop_count;
}

/// Room for everything that the parts hold.
static void allocate(art_demand *out, int32_t count, art_demand *const *parts)
{
  int64_t types = 0, sets = 0, members = 0, routes = 0, links = 0, trips = 0, stops = 0;
  for (int32_t p = 0; p < count; ++p) {
    types += parts[p]->type_count;
    sets += parts[p]->set_count;
    members += parts[p]->set_count ? parts[p]->set_first[parts[p]->set_count] : 0;
    routes += parts[p]->route_count;
    links += parts[p]->route_count ? parts[p]->route_first[parts[p]->route_count] : 0;
    trips += parts[p]->trip_count;
    stops += parts[p]->stop_count;
  }
  out->type_id = ART_NEW(char *, types);
  out->type = ART_NEW(art_vtype, types);
  out->set_id = ART_NEW(char *, sets);
  out->set_first = ART_NEW(int32_t, sets + 1);
  out->set_type = ART_NEW(int32_t, members);
  out->set_probability = ART_NEW(float, members);
  out->route_first = ART_NEW(int64_t, routes + 1);
  out->route_link = ART_NEW(int32_t, links);
  art_demand_new_trips(out, (int32_t)trips, (int32_t)stops);
  out->trip_count = out->stop_count = 0;  // they grow part by part
}

/// Index maps of one part into the merged demand.
typedef struct maps {
  int32_t *type_of, *set_of;
  int32_t first_route;
} maps;

static art_status add_parts(merge *m, int32_t count, art_demand *const *parts, maps *map, art_error *err)
{
  int64_t types = 0, sets = 0;
  for (int32_t p = 0; p < count; ++p) {
    types += parts[p]->type_count;
    sets += parts[p]->set_count;
  }
  int32_t *type_part = ART_NEW(int32_t, types), *set_part = ART_NEW(int32_t, sets);
  art_status status = ART_OK;
  for (int32_t p = 0; p < count && status == ART_OK; ++p) {
    m->part = parts[p];
    m->part_index = p;
    m->type_of = map[p].type_of = ART_NEW(int32_t, parts[p]->type_count);
    m->set_of = map[p].set_of = ART_NEW(int32_t, parts[p]->set_count);
    status = add_types(m, type_part, err);
    if (status == ART_OK) status = add_sets(m, set_part, err);
    if (status == ART_OK && parts[p]->route_count) add_routes(m);
    map[p].first_route = m->out->route_count - parts[p]->route_count;
  }
  free(type_part);
  free(set_part);
  return status;
}

static art_status add_trips(merge *m, int32_t count, art_demand *const *parts, const maps *map,
                            art_error *err)
{
  int64_t trips = 0, at = 0;
  for (int32_t p = 0; p < count; ++p) trips += parts[p]->trip_count;
  place *order = ART_NEW(place, trips);
  int32_t *part_of = ART_NEW(int32_t, trips);
  art_status status = ART_OK;
  for (int32_t p = 0; p < count && status == ART_OK; ++p) {
    for (int32_t i = 0; i < parts[p]->trip_count && status == ART_OK; ++i) {
      const int32_t known = art_idmap_find(m->trips, parts[p]->trip_id[i]);
      if (known >= 0) {
        status =
            art_fail(err, ART_E_INPUT, "%s: trip '%.100s' is also in %s; every trip needs an id of its own",
                     m->paths[p], parts[p]->trip_id[i], m->paths[part_of[known]]);
        break;
      }
      part_of[art_idmap_put(m->trips, parts[p]->trip_id[i])] = p;
      order[at++] = (place){ parts[p]->trip_depart_ms[i], parts[p]->trip_key[i], p, i };
    }
  }
  if (status == ART_OK) {
    if (trips) qsort(order, (size_t)trips, sizeof *order, by_departure);
    for (int64_t k = 0; k < trips; ++k) {
      const art_demand *part = parts[order[k].part];
      const maps *of = &map[order[k].part];
      const int32_t i = order[k].trip;
      add_trip(m->out, part, i, of->set_of[part->trip_set[i]], of->first_route + part->trip_route[i]);
    }
  }
  free(order);
  free(part_of);
  return status;
}

static art_status merge_many(int32_t count, art_demand *const *parts, char *const *paths, art_demand **out,
                             art_error *err)
{
  merge m = { .out = art_demand_new(),
              .types = art_idmap_new(),
              .sets = art_idmap_new(),
              .trips = art_idmap_new(),
              .paths = paths };
  maps *map = ART_NEW(maps, count);
  allocate(m.out, count, parts);
  art_status status = add_parts(&m, count, parts, map, err);
  if (status == ART_OK) status = add_trips(&m, count, parts, map, err);
  for (int32_t p = 0; p < count; ++p) {
    free(map[p].type_of);
    free(map[p].set_of);
  }
  free(map);
  art_idmap_free(m.types);
  art_idmap_free(m.sets);
  art_idmap_free(m.trips);
  if (status == ART_OK)
    *out = m.out;
  else
    art_demand_free(m.out);
  return status;
}

art_status art_demand_merge(int32_t count, art_demand **parts, char *const *paths, art_demand **out,
                            art_error *err)
{
  *out = NULL;
  if (count == 1) {
    *out = parts[0];
    parts[0] = NULL;
    return ART_OK;
  }
  const art_status status = merge_many(count, parts, paths, out, err);
  for (int32_t p = 0; p < count; ++p) {
    art_demand_free(parts[p]);
    parts[p] = NULL;
  }
  return status;
}
