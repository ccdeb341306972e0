#include "core/fleet/demand_gather.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/route_book.h"

struct art_demand_gather {
  art_demand *d;
  int32_t trips;  ///< that there is room for
  int64_t route_room, link_room;
  art_route_book book;
};

art_demand_gather *art_demand_gather_new(int32_t trips)
{
  art_demand_gather *g = ART_NEW(art_demand_gather, 1);
  art_demand *d = g->d = art_demand_new();
  g->trips = trips;
  d->trip_id = ART_NEW(char *, trips);
  d->trip_id_pool = art_pool_new();
  d->trip_key = ART_NEW(uint64_t, trips);
  d->trip_route = ART_NEW(int32_t, trips);
  d->trip_depart_ms = ART_NEW(int64_t, trips);
  d->route_first = ART_NEW(int64_t, 1);
  return g;
}

static void take_types(art_demand *d, art_demand *part)
{
  d->type_count = part->type_count;
  d->type_id = part->type_id;
  d->type = part->type;
  d->set_count = part->set_count;
  d->set_id = part->set_id;
  d->set_first = part->set_first;
  d->set_type = part->set_type;
  d->set_probability = part->set_probability;
  part->type_count = part->set_count = 0;
  part->type_id = part->set_id = NULL;
  part->type = NULL;
  part->set_first = part->set_type = NULL;
  part->set_probability = NULL;
}

/// Half as much again where it is too small; what nobody writes takes no memory.
static int64_t grown(int64_t room, int64_t wanted)
{
  return wanted <= room ? room : wanted > room + room / 2 ? wanted : room + room / 2;
}

static void add_routes(art_demand_gather *g, art_demand *part)
{
  art_demand *d = g->d;
  const int64_t links = d->route_first[d->route_count] + (part->route_count ? part->route_first[part->route_count] : 0);
  const int64_t routes = (int64_t)d->route_count + part->route_count;
  if (links > g->link_room || !d->route_link) {
    g->link_room = grown(g->link_room, links);
    d->route_link = art_renew(d->route_link, (size_t)(g->link_room > 0 ? g->link_room : 1), sizeof *d->route_link);
  }
  if (routes > g->route_room) {
    g->route_room = grown(g->route_room, routes);
    d->route_first = art_renew(d->route_first, (size_t)g->route_room + 1, sizeof *d->route_first);
  }
  int32_t *becomes = ART_NEW(int32_t, part->route_count);
  art_route_book_take(&g->book, d, part, becomes);
  for (int32_t t = 0; t < part->trip_count; ++t) d->trip_route[d->trip_count + t] = becomes[part->trip_route[t]];
  free(becomes);
}

static void add_ids(art_demand *d, const art_demand *part)
{
  for (int32_t t = 0; t < part->trip_count; ++t) {
    const size_t size = strlen(part->trip_id[t]) + 1;
    d->trip_id[d->trip_count + t] = memcpy(art_pool_take(d->trip_id_pool, size), part->trip_id[t], size);
  }
}

/// Values of four bytes each behind the `before` that are there; a column is made once two differ. `room`: of the column.
static void *add_column(void *column, void *same, const void *values, int32_t before, int32_t count, int32_t room)
{
  const uint32_t *value = values;
  if (count == 0) return column;
  if (!column) {
    if (before == 0) memcpy(same, value, sizeof *value);
    uint32_t all;
    memcpy(&all, same, sizeof all);
    int32_t i = 0;
    while (i < count && value[i] == all) ++i;
    if (i == count) return NULL;
    column = ART_NEW(uint32_t, room);
    for (i = 0; i < before; ++i) ((uint32_t *)column)[i] = all;
  }
  memcpy((uint32_t *)column + before, value, (size_t)count * sizeof *value);
  return column;
}

static void add_stops(art_demand_gather *g, const art_demand *part)
{
  art_demand *d = g->d;
  const int32_t before = d->stop_count;
  if (part->stop_count > 0 && !d->trip_first_stop) d->trip_first_stop = ART_NEW(int32_t, g->trips + 1);
  for (int32_t t = 0; d->trip_first_stop && t < part->trip_count; ++t)
    d->trip_first_stop[d->trip_count + t + 1] = before + art_trip_first_stop(part, t + 1);
  if (part->stop_count == 0) return;
  const size_t stops = (size_t)before + (size_t)part->stop_count;
#define ADD(column)                                                \
  d->column = art_renew(d->column, stops, sizeof *d->column);      \
  memcpy(d->column + before, part->column, (size_t)part->stop_count * sizeof *d->column)
  ADD(stop_lane);
  ADD(stop_start_m);
  ADD(stop_end_m);
  ADD(stop_duration_ms);
  ADD(stop_until_ms);
  ADD(stop_place);
  ADD(stop_beside);
#undef ADD
  d->stop_count = (int32_t)stops;
}

void art_demand_gather_add(art_demand_gather *g, art_demand *part)
{
  art_demand *d = g->d;
  const int32_t before = d->trip_count, count = part->trip_count;
  if (!d->type) take_types(d, part);
  memcpy(d->trip_key + before, part->trip_key, (size_t)count * sizeof *d->trip_key);
  memcpy(d->trip_depart_ms + before, part->trip_depart_ms, (size_t)count * sizeof *d->trip_depart_ms);
  add_ids(d, part);
  add_routes(g, part);
#define ADD(column, same) d->column = add_column(d->column, &d->same, part->column, before, count, g->trips)
  ADD(trip_set, same.set);
  ADD(trip_depart_lane, same.depart_lane);
  ADD(trip_depart_pos_m, same.depart_pos_m);
  ADD(trip_depart_speed_mps, same.depart_speed_mps);
  ADD(trip_arrival_pos_m, same.arrival_pos_m);
#undef ADD
  add_stops(g, part);
  d->trip_count += count;
  art_demand_free(part);
}

art_status art_demand_gather_end(art_demand_gather *g, art_demand **out, art_error *err)
{
  art_demand *d = g->d;
  art_status status = ART_OK;
  art_route_book_clear(&g->book);
  free(g);
  if (out) {
    if (d->route_link)
      d->route_link = art_renew(d->route_link, (size_t)d->route_first[d->route_count] + 1, sizeof *d->route_link);
    d->route_first = art_renew(d->route_first, (size_t)d->route_count + 1, sizeof *d->route_first);
    for (int32_t t = 0; t < d->trip_count && status == ART_OK; ++t) status = art_demand_check_order(d, t, err);
    if (status == ART_OK) status = art_demand_check_keys(d, err);
  }
  if (out && status == ART_OK)
    *out = d;
  else
    art_demand_free(d);
  return status;
}
