#include "core/fleet/demand_pack.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/route_book.h"

static void share_routes(art_demand *d)
{
  if (d->route_count == 0) return;
  const int32_t before = d->route_count;
  int32_t *becomes = ART_NEW(int32_t, before);
  art_route_book book = { 0 };
  art_route_book_take(&book, d, d, becomes);
  art_route_book_clear(&book);
  if (d->route_count < before) {
    for (int32_t t = 0; t < d->trip_count; ++t) d->trip_route[t] = becomes[d->trip_route[t]];
    d->route_link = art_renew(d->route_link, (size_t)d->route_first[d->route_count], sizeof *d->route_link);
    d->route_first = art_renew(d->route_first, (size_t)d->route_count + 1, sizeof *d->route_first);
  }
  free(becomes);
}

/// Are all values of four bytes as the first one?
static int is_alike(const void *column, int32_t count)
{
  const uint32_t *value = column;
  int32_t i = 1;
  while (i < count && value[i] == value[0]) ++i;
  return count > 0 && i == count;
}

#define DROP_IF_ALIKE(column, same)                                     \
  do {                                                                  \
    if (d->column && is_alike(d->column, d->trip_count)) {              \
      d->same = d->column[0];                                           \
      free(d->column);                                                  \
      d->column = NULL;                                                 \
    }                                                                   \
  } while (0)

void art_demand_pack(art_demand *d)
{
  DROP_IF_ALIKE(trip_set, same.set);
  DROP_IF_ALIKE(trip_depart_lane, same.depart_lane);
  DROP_IF_ALIKE(trip_depart_pos_m, same.depart_pos_m);
  DROP_IF_ALIKE(trip_depart_speed_mps, same.depart_speed_mps);
  DROP_IF_ALIKE(trip_arrival_pos_m, same.arrival_pos_m);
  if (d->stop_count == 0) {
    free(d->trip_first_stop);
    d->trip_first_stop = NULL;
  }
  share_routes(d);  // last: it needs memory for a while
}

int64_t art_demand_bytes(const art_demand *d)
{
  const int64_t trips = d->trip_count, stops = d->stop_count;
  int64_t bytes = 0;
#define ADD(column, count) bytes += d->column ? (count) * (int64_t)sizeof *d->column : 0
  ADD(type, d->type_count), ADD(route_first, d->route_count + 1);
  if (d->route_first) ADD(route_link, d->route_first[d->route_count]);
  ADD(trip_id, trips), ADD(trip_key, trips), ADD(trip_set, trips), ADD(trip_route, trips), ADD(trip_depart_ms, trips);
  ADD(trip_depart_lane, trips), ADD(trip_depart_pos_m, trips), ADD(trip_depart_speed_mps, trips);
  ADD(trip_arrival_pos_m, trips), ADD(trip_first_stop, trips + 1);
  ADD(stop_lane, stops), ADD(stop_start_m, stops), ADD(stop_end_m, stops), ADD(stop_duration_ms, stops);
  ADD(stop_until_ms, stops), ADD(stop_place, stops), ADD(stop_beside, stops);
#undef ADD
  if (d->trip_id_pool) return bytes + art_pool_bytes(d->trip_id_pool);
  for (int32_t t = 0; d->trip_id && t < d->trip_count; ++t) bytes += d->trip_id[t] ? (int64_t)strlen(d->trip_id[t]) + 1 : 0;
  return bytes;
}
