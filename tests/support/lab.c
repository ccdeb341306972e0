#include "tests/support/lab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "core/num/real.h"

static char *numbered(const char *prefix, int32_t number)
{
  char text[32];
  snprintf(text, sizeof text, "%s%d", prefix, number);
  return art_strdup(text);
}

static void fill_types(art_demand *d, int32_t count, const art_vtype *types)
{
  d->type_count = d->set_count = count;
  d->type_id = ART_NEW(char *, count);
  d->type = ART_NEW(art_vtype, count);
  d->set_id = ART_NEW(char *, count);
  d->set_first = ART_NEW(int32_t, count + 1);
  d->set_type = ART_NEW(int32_t, count);
  d->set_probability = ART_NEW(float, count);
  for (int32_t t = 0; t < count; ++t) {
    d->type_id[t] = numbered("type", t);
    d->set_id[t] = numbered("type", t);
    d->type[t] = types[t];
    d->set_first[t + 1] = t + 1;
    d->set_type[t] = t;
    d->set_probability[t] = 1.0f;
  }
}

static void fill_routes(art_demand *d, int32_t count, const art_lab_route *routes)
{
  d->route_count = count;
  d->route_first = ART_NEW(int64_t, count + 1);
  d->route_link = ART_NEW(int32_t, ART_LAB_LINKS *count);
  for (int32_t r = 0, at = 0; r < count; ++r) {
    for (int32_t i = 0; i < ART_LAB_LINKS && routes[r].link[i] >= 0; ++i) d->route_link[at++] = routes[r].link[i];
    d->route_first[r + 1] = at;
  }
}

typedef struct ordered {
  const art_lab_trip *trip;
  char *id;
  uint64_t key;
} ordered;

static int by_depart_and_key(const void *a, const void *b)
{
  const ordered *p = a, *q = b;
  if (p->trip->depart_ms != q->trip->depart_ms) return p->trip->depart_ms < q->trip->depart_ms ? -1 : 1;
  return (p->key > q->key) - (p->key < q->key);
}

art_vtype art_lab_car(void)
{
  art_vtype type = art_vtype_default();
  type.time_gap_s = 1.2f;
  type.time_gap_dev = type.noise_mps2 = type.speed_factor_dev = 0.0f;
  return type;
}

art_demand *art_lab_demand(int32_t type_count, const art_vtype *types, int32_t route_count,
                           const art_lab_route *routes, int32_t trip_count, const art_lab_trip *trips)
{
  art_demand *d = art_demand_new();
  fill_types(d, type_count, types);
  fill_routes(d, route_count, routes);
  d->trip_count = trip_count;
  d->trip_id = ART_NEW(char *, trip_count);
  d->trip_key = ART_NEW(uint64_t, trip_count);
  d->trip_set = ART_NEW(int32_t, trip_count);
  d->trip_route = ART_NEW(int32_t, trip_count);
  d->trip_depart_ms = ART_NEW(int64_t, trip_count);
  d->trip_depart_lane = ART_NEW(int32_t, trip_count);
  d->trip_depart_pos_m = ART_NEW(float, trip_count);
  d->trip_depart_speed_mps = ART_NEW(float, trip_count);
  d->trip_arrival_pos_m = ART_NEW(float, trip_count);
  d->trip_first_stop = ART_NEW(int32_t, trip_count + 1);
  ordered *order = ART_NEW(ordered, trip_count);
  for (int32_t i = 0; i < trip_count; ++i) {
    order[i] = (ordered){ .trip = &trips[i], .id = numbered("t", i) };
    order[i].key = art_trip_key(order[i].id);
  }
  art_sort(order, (size_t)trip_count, sizeof *order, by_depart_and_key);
  for (int32_t i = 0; i < trip_count; ++i) {
    const art_lab_trip *trip = order[i].trip;
    d->trip_id[i] = order[i].id;
    d->trip_key[i] = order[i].key;
    d->trip_set[i] = trip->type;
    d->trip_route[i] = trip->route;
    d->trip_depart_ms[i] = trip->depart_ms;
    d->trip_depart_lane[i] = ART_LANE_BEST;
    d->trip_depart_pos_m[i] = trip->pos_m;
    d->trip_depart_speed_mps[i] = trip->speed_mps;
    d->trip_arrival_pos_m[i] = ART_POS_END;
  }
  free(order);
  return d;
}

void art_lab_exponential(double mean_s, int32_t count, uint64_t seed, double *headway_s)
{
  for (int32_t i = 0; i < count; ++i) headway_s[i] = -mean_s * art_log(((double)i + 0.5) / (double)count);
  for (int32_t i = count - 1; i > 0; --i) {
    const int32_t other =
        (int32_t)(art_uniform(art_rng(seed, (uint64_t)i, 0, ART_FOR_FLOW)) * (double)(i + 1));
    const double swap = headway_s[i];
    headway_s[i] = headway_s[other];
    headway_s[other] = swap;
  }
}

art_lab_trip art_lab_arrival(double at_s, float pos_m, float speed_mps, int32_t step_ms, int32_t route,
                             int32_t type)
{
  const int64_t steps = (int64_t)ceil(at_s * 1000.0 / (double)step_ms);
  const double late_s = (double)(steps * step_ms) * 1e-3 - at_s;
  return (art_lab_trip){ .depart_ms = steps * step_ms,
                         .pos_m = pos_m + (float)(late_s * (double)speed_mps),
                         .speed_mps = speed_mps,
                         .route = route,
                         .type = type };
}
