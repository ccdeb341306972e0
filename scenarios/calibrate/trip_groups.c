#include "scenarios/calibrate/trip_groups.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

/// Classes that run to a timetable.
static int is_public_transport(int32_t vclass)
{
  return vclass == ART_VCLASS_BUS || vclass == ART_VCLASS_COACH || vclass == ART_VCLASS_TRAM ||
         vclass == ART_VCLASS_RAIL_URBAN || vclass == ART_VCLASS_RAIL || vclass == ART_VCLASS_RAIL_ELECTRIC ||
         vclass == ART_VCLASS_RAIL_FAST || vclass == ART_VCLASS_SHIP;
}

static int is_fixed(const art_demand *d, int32_t trip)
{
  if (d->trip_first_stop && d->trip_first_stop[trip + 1] > d->trip_first_stop[trip]) return 1;
  const int32_t set = d->trip_set[trip];
  for (int32_t m = d->set_first[set]; m < d->set_first[set + 1]; ++m) {
    if (!is_public_transport(d->type[d->set_type[m]].vclass)) return 0;
  }
  return 1;
}

/// Number of the route among routes with different links: routes that drive the same links share one.
static int32_t *unique_routes(const art_demand *d)
{
  int32_t *unique = ART_NEW(int32_t, d->route_count);
  uint32_t slots = 16;
  while (slots < 2u * (uint32_t)d->route_count + 2u) slots *= 2;
  int32_t *slot = ART_NEW(int32_t, slots);  // route + 1
  for (int32_t r = 0; r < d->route_count; ++r) {
    const int32_t *link = d->route_link + d->route_first[r];
    const int64_t n = d->route_first[r + 1] - d->route_first[r];
    uint64_t hash = (uint64_t)n;
    for (int64_t k = 0; k < n; ++k) hash = art_hash2(hash, (uint64_t)link[k]);
    uint32_t s = (uint32_t)hash & (slots - 1);
    for (; slot[s]; s = (s + 1) & (slots - 1)) {
      const int32_t other = slot[s] - 1;
      if (d->route_first[other + 1] - d->route_first[other] == n &&
          memcmp(d->route_link + d->route_first[other], link, (size_t)n * sizeof *link) == 0)
        break;
    }
    if (!slot[s]) slot[s] = r + 1;
    unique[r] = slot[s] - 1;
  }
  free(slot);
  return unique;
}

static double route_length(const art_demand *d, const art_net *net, const float *crossing_m, int32_t route)
{
  double length = 0.0;
  for (int64_t k = d->route_first[route]; k < d->route_first[route + 1]; ++k) {
    const int32_t link = d->route_link[k];
    length += (double)net->lane_length_m[net->link_first_lane[link]];
    if (k + 1 < d->route_first[route + 1]) length += (double)crossing_m[link];
  }
  return length;
}

/// Mean length of the connectors that leave a link.
static float *crossing_lengths(const art_net *net)
{
  float *sum = ART_NEW(float, net->link_count);
  int32_t *count = ART_NEW(int32_t, net->link_count);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t link = net->lane_link[net->connector_from[c]];
    sum[link] += net->lane_length_m[art_net_lane_of_connector(net, c)];
    ++count[link];
  }
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (count[l]) sum[l] /= (float)count[l];
  }
  free(count);
  return sum;
}

void art_trip_groups_build(const art_demand *demand, const art_net *net, int64_t main_from_ms, uint64_t seed,
                           art_trip_groups *out)
{
  const art_demand *d = demand;
  *out = (art_trip_groups){ 0 };
  out->trip_group = ART_NEW(int32_t, d->trip_count);
  out->trip_rank = ART_NEW(int32_t, d->trip_count);
  int32_t *unique = unique_routes(d);
  out->crossing_m = crossing_lengths(net);
  art_idmap *ids = art_idmap_new();
  int32_t capacity = 0;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    out->trip_group[t] = -1;
    if (is_fixed(d, t)) continue;
    char name[64];
    snprintf(name, sizeof name, "%" PRId32 " %" PRId32, unique[d->trip_route[t]], d->trip_set[t]);
    const int32_t g = art_idmap_put(ids, name);
    if (g == out->count) {
      if (g == capacity) {
        capacity = capacity ? 2 * capacity : 64;
        out->route = art_renew(out->route, (size_t)capacity, sizeof *out->route);
        out->trips = art_renew(out->trips, (size_t)capacity, sizeof *out->trips);
        out->main_trips = art_renew(out->main_trips, (size_t)capacity, sizeof *out->main_trips);
        out->length_m = art_renew(out->length_m, (size_t)capacity, sizeof *out->length_m);
        out->phase = art_renew(out->phase, (size_t)capacity, sizeof *out->phase);
      }
      ++out->count;
      out->route[g] = unique[d->trip_route[t]];
      out->trips[g] = out->main_trips[g] = 0;
      out->length_m[g] = route_length(d, net, out->crossing_m, out->route[g]);
      out->phase[g] = art_rng(seed, d->trip_key[t], 0, ART_FOR_CALIBRATION);
    }
    out->trip_group[t] = g;
    out->trip_rank[t] = out->trips[g]++;
    out->main_trips[g] += d->trip_depart_ms[t] >= main_from_ms;
  }
  art_idmap_free(ids);
  free(unique);
}

void art_trip_groups_clear(art_trip_groups *groups)
{
  free(groups->trip_group);
  free(groups->trip_rank);
  free(groups->route);
  free(groups->trips);
  free(groups->main_trips);
  free(groups->length_m);
  free(groups->phase);
  free(groups->crossing_m);
  *groups = (art_trip_groups){ 0 };
}
