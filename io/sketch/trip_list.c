#include "io/sketch/trip_list.h"

#include <stdlib.h>

#include "core/base/memory.h"

static art_demand *demand_of(art_trip_list *list)
{
  if (list->demand) return list->demand;
  list->demand = art_demand_new();
  list->route_capacity = 64;
  list->demand->route_first = ART_NEW(int64_t, list->route_capacity + 1);
  list->demand->set_first = ART_NEW(int32_t, 1);
  return list->demand;
}

#define GROW(column, size) (d->column = art_renew(d->column, (size_t)(size), sizeof *d->column))

int32_t art_trip_list_add_type(art_trip_list *list, const char *id, const art_vtype *type)
{
  art_demand *d = demand_of(list);
  const int32_t n = d->type_count++;
  d->set_count = d->type_count;
  GROW(type_id, n + 1), GROW(type, n + 1), GROW(set_id, n + 1);
  GROW(set_first, n + 2), GROW(set_type, n + 1), GROW(set_probability, n + 1);
  d->type_id[n] = art_strdup(id);
  d->set_id[n] = art_strdup(id);
  d->type[n] = *type;
  d->set_first[n + 1] = n + 1;
  d->set_type[n] = n;
  d->set_probability[n] = 1.0f;
  return n;
}

void art_trip_list_add_links(art_trip_list *list, int32_t count, const int32_t *links)
{
  art_demand *d = demand_of(list);
  for (int32_t i = 0; i < count; ++i)
    ART_PUSH(d->route_link, list->link_count, list->link_capacity, links[i]);
}

int64_t art_trip_list_open_links(const art_trip_list *list)
{
  return list->demand ? list->link_count - list->demand->route_first[list->demand->route_count] : 0;
}

void art_trip_list_forget_route(art_trip_list *list)
{
  if (list->demand) list->link_count = list->demand->route_first[list->demand->route_count];
}

int32_t art_trip_list_end_route(art_trip_list *list)
{
  art_demand *d = demand_of(list);
  if (d->route_count == list->route_capacity) {
    list->route_capacity *= 2;
    GROW(route_first, list->route_capacity + 1);
  }
  d->route_first[++d->route_count] = list->link_count;
  return d->route_count - 1;
}

void art_trip_list_add_trip(art_trip_list *list, const char *id, int64_t depart_ms, int32_t route,
                            int32_t set)
{
  const art_trip_row row = { .id = art_strdup(id),
                             .depart_ms = depart_ms,
                             .route = route,
                             .set = set,
                             .lane = ART_LANE_BEST,
                             .pos_m = ART_POS_BASE,
                             .speed_mps = ART_SPEED_MAX };
  ART_PUSH(list->trip, list->trip_count, list->trip_capacity, row);
}

static int compare_trips(const void *left, const void *right)
{
  const art_trip_row *a = left, *b = right;
  if (a->depart_ms != b->depart_ms) return a->depart_ms < b->depart_ms ? -1 : 1;
  const uint64_t p = art_trip_key(a->id), q = art_trip_key(b->id);
  return p < q ? -1 : p > q;
}

art_status art_trip_list_finish(art_trip_list *list, const art_net *net, art_demand **out, art_error *err)
{
  art_demand *d = demand_of(list);
  const int32_t n = list->trip_count;
  art_trip_list_forget_route(list);
  art_sort(list->trip, (size_t)n, sizeof *list->trip, compare_trips);
  art_demand_new_trips(d, n, 0);
  for (int32_t i = 0; i < n; ++i) {
    const art_trip_row *t = &list->trip[i];
    d->trip_id[i] = t->id;
    d->trip_key[i] = art_trip_key(t->id);
    d->trip_set[i] = t->set;
    d->trip_route[i] = t->route;
    d->trip_depart_ms[i] = t->depart_ms;
    d->trip_depart_lane[i] = t->lane;
    d->trip_depart_pos_m[i] = t->pos_m;
    d->trip_depart_speed_mps[i] = t->speed_mps;
    d->trip_arrival_pos_m[i] = ART_POS_END;
  }
  free(list->trip);
  *list = (art_trip_list){ 0 };
  const art_status status = art_demand_check(d, net, err);
  *out = status == ART_OK ? d : NULL;
  if (status != ART_OK) art_demand_free(d);
  return status;
}

void art_trip_list_clear(art_trip_list *list)
{
  for (int32_t i = 0; i < list->trip_count; ++i) free(list->trip[i].id);
  free(list->trip);
  art_demand_free(list->demand);
  *list = (art_trip_list){ 0 };
}
