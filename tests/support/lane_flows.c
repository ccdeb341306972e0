#include "tests/support/lane_flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

typedef struct planned {
  int64_t depart_ms;
  uint64_t key;
  int32_t flow, number;
} planned;

static int by_departure(const void *a, const void *b)
{
  const planned *p = a, *q = b;
  if (p->depart_ms != q->depart_ms) return p->depart_ms < q->depart_ms ? -1 : 1;
  return (p->key > q->key) - (p->key < q->key);
}

static void size_demand(art_demand *d, int32_t flows, int32_t trips, int32_t types)
{
  d->type_count = d->set_count = types;
  d->route_count = flows;
  d->trip_count = trips;
  d->type_id = ART_NEW(char *, types);
  d->type = ART_NEW(art_vtype, types);
  d->set_id = ART_NEW(char *, types);
  d->set_first = ART_NEW(int32_t, types + 1);
  d->set_type = ART_NEW(int32_t, types);
  d->set_probability = ART_NEW(float, types);
  d->route_first = ART_NEW(int64_t, flows + 1);
  d->route_link = ART_NEW(int32_t, 8 * flows);
  d->trip_id = ART_NEW(char *, trips);
  d->trip_key = ART_NEW(uint64_t, trips);
  d->trip_set = ART_NEW(int32_t, trips);
  d->trip_route = ART_NEW(int32_t, trips);
  d->trip_depart_ms = ART_NEW(int64_t, trips);
  d->trip_depart_lane = ART_NEW(int32_t, trips);
  d->trip_depart_pos_m = ART_NEW(float, trips);
  d->trip_depart_speed_mps = ART_NEW(float, trips);
  d->trip_arrival_pos_m = ART_NEW(float, trips);
  d->trip_first_stop = ART_NEW(int32_t, trips + 1);
}

static char *id_of(int32_t flow, int32_t number)
{
  char text[32];
  snprintf(text, sizeof text, "f%d_%d", (int)flow, (int)number);
  return art_strdup(text);
}

art_demand *lane_flows_demand(const lane_flow *flows, int32_t type_count, const art_vtype *types)
{
  int32_t flow_count = 0, trips = 0;
  while (flows[flow_count].trips > 0) trips += flows[flow_count++].trips;
  art_demand *d = art_demand_new();
  size_demand(d, flow_count, trips, type_count);
  for (int32_t t = 0; t < type_count; ++t) {
    char text[16];
    snprintf(text, sizeof text, "type%d", (int)t);
    d->type_id[t] = art_strdup(text);
    d->set_id[t] = art_strdup(text);
    d->type[t] = types[t];
    d->set_type[t] = t;
    d->set_first[t + 1] = t + 1;
    d->set_probability[t] = 1.0f;
  }
  planned *order = ART_NEW(planned, trips);
  int32_t n = 0;
  for (int32_t f = 0; f < flow_count; ++f) {
    const int64_t at = d->route_first[f];
    memcpy(d->route_link + at, flows[f].route, (size_t)flows[f].route_links * sizeof(int32_t));
    d->route_first[f + 1] = at + flows[f].route_links;
    for (int32_t i = 0; i < flows[f].trips; ++i) {
      char *id = id_of(f, i);
      order[n++] = (planned){ flows[f].begin_ms + flows[f].headway_ms * i, art_trip_key(id), f, i };
      free(id);
    }
  }
  qsort(order, (size_t)trips, sizeof *order, by_departure);
  for (int32_t i = 0; i < trips; ++i) {
    const lane_flow *flow = &flows[order[i].flow];
    d->trip_id[i] = id_of(order[i].flow, order[i].number);
    d->trip_key[i] = order[i].key;
    d->trip_set[i] = flow->type;
    d->trip_route[i] = order[i].flow;
    d->trip_depart_ms[i] = order[i].depart_ms;
    d->trip_depart_lane[i] = flow->depart_lane;
    d->trip_depart_pos_m[i] = ART_POS_BASE;
    d->trip_depart_speed_mps[i] = ART_SPEED_MAX;
    d->trip_arrival_pos_m[i] = ART_POS_END;
  }
  free(order);
  return d;
}

int32_t lane_flow_of(const art_demand *demand, int32_t trip)
{
  return demand->trip_route[trip];
}

void lane_flows_stop(art_demand *demand, const lane_stop *stop)
{
  demand->stop_lane = ART_NEW(int32_t, demand->trip_count);
  demand->stop_start_m = ART_NEW(float, demand->trip_count);
  demand->stop_end_m = ART_NEW(float, demand->trip_count);
  demand->stop_duration_ms = ART_NEW(int64_t, demand->trip_count);
  demand->stop_until_ms = ART_NEW(int64_t, demand->trip_count);
  demand->stop_place = ART_NEW(int32_t, demand->trip_count);
  demand->stop_beside = ART_NEW(uint8_t, demand->trip_count);
  for (int32_t trip = 0; trip < demand->trip_count; ++trip) {
    if (demand->trip_set[trip] == stop->type) {
      const int32_t at = demand->stop_count++;
      demand->stop_lane[at] = stop->lane;
      demand->stop_start_m[at] = stop->start_m;
      demand->stop_end_m[at] = stop->end_m;
      demand->stop_duration_ms[at] = stop->duration_ms;
      demand->stop_until_ms[at] = -1;
      demand->stop_place[at] = stop->place;
      demand->stop_beside[at] = stop->is_beside != 0;
    }
    demand->trip_first_stop[trip + 1] = demand->stop_count;
  }
}
