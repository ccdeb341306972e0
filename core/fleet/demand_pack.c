#include "core/fleet/demand_pack.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

// ---- routes

static uint64_t hash_links(const int32_t *link, int64_t count)
{
  uint64_t h = (uint64_t)count;
  for (int64_t i = 0; i < count; ++i) h = (h ^ (uint32_t)link[i]) * UINT64_C(0x9e3779b97f4a7c15);
  return art_mix64(h);
}

static int64_t links_of(const art_demand *d, int32_t route)
{
  return d->route_first[route + 1] - d->route_first[route];
}

/// Hashes of the routes to come, made ahead: with millions of routes the slot, the route in it and its links are a cache miss
/// each, and are fetched one after the other meanwhile.
typedef struct ahead {
  const art_demand *d;
  const int32_t *slot;
  uint32_t mask, hash[64];
  int32_t count;  ///< routes of the input
} ahead;

enum { TO_SLOT = 32, TO_ROUTE = 20, TO_LINKS = 8 };

static void look_ahead(ahead *a, int32_t r)
{
  const art_demand *d = a->d;
  if (r + TO_SLOT < a->count) {
    const int64_t from = d->route_first[r + TO_SLOT];
    a->hash[(r + TO_SLOT) % 64] = (uint32_t)hash_links(d->route_link + from, links_of(d, r + TO_SLOT)) & a->mask;
    __builtin_prefetch(&a->slot[a->hash[(r + TO_SLOT) % 64]], 1);
  }
  if (r < 0) return;  // what lies between has not been hashed yet
  const int32_t next = r + TO_ROUTE < a->count ? a->slot[a->hash[(r + TO_ROUTE) % 64]] : 0;
  if (next) __builtin_prefetch(&d->route_first[next - 1]);
  const int32_t soon = r + TO_LINKS < a->count ? a->slot[a->hash[(r + TO_LINKS) % 64]] : 0;
  if (soon) __builtin_prefetch(&d->route_link[d->route_first[soon - 1]]);
}

/// Moves every route that none before it is like to the front. Returns by route which one it has become.
static int32_t *merge_routes(art_demand *d)
{
  uint32_t slots = 64;
  while (slots < (uint64_t)d->route_count + (uint64_t)d->route_count / 2) slots *= 2;
  int32_t *slot = ART_NEW(int32_t, slots);  // route + 1; 0: nobody
  int32_t *becomes = ART_NEW(int32_t, d->route_count);
  int32_t kept = 0;
  int64_t to = 0;
  ahead next = { .d = d, .slot = slot, .mask = slots - 1, .count = d->route_count };
  for (int32_t r = -TO_SLOT; r < d->route_count; ++r) {
    look_ahead(&next, r);
    if (r < 0) continue;
    const int64_t from = d->route_first[r], count = links_of(d, r);  // places behind `kept` are still those of the input
    uint32_t at = next.hash[r % 64];
    for (; slot[at]; at = (at + 1) & (slots - 1)) {
      const int32_t k = slot[at] - 1;
      if (links_of(d, k) == count &&
          memcmp(d->route_link + d->route_first[k], d->route_link + from, (size_t)count * sizeof *d->route_link) == 0)
        break;
    }
    if (!slot[at]) {
      memmove(d->route_link + to, d->route_link + from, (size_t)count * sizeof *d->route_link);
      // The end of the last route kept is the begin of this one; where route r + 1 begins is read from its own entry.
      d->route_first[kept] = to;
      slot[at] = ++kept;
      to += count;
      if (kept <= r) d->route_first[kept] = to;
    }
    becomes[r] = slot[at] - 1;
  }
  d->route_first[kept] = to;
  d->route_count = kept;
  free(slot);
  return becomes;
}

static void share_routes(art_demand *d)
{
  if (d->route_count == 0) return;
  const int32_t before = d->route_count;
  int32_t *becomes = merge_routes(d);
  if (d->route_count < before) {
    for (int32_t t = 0; t < d->trip_count; ++t) d->trip_route[t] = becomes[d->trip_route[t]];
    d->route_link = art_renew(d->route_link, (size_t)d->route_first[d->route_count], sizeof *d->route_link);
    d->route_first = art_renew(d->route_first, (size_t)d->route_count + 1, sizeof *d->route_first);
  }
  free(becomes);
}

// ---- columns

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
