// Demands under construction.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/generate/rows_internal.h"

art_demand_draft art_demand_draft_new(int32_t vclass)
{
  art_demand_draft draft = { .demand = art_demand_new() };
  art_demand *d = draft.demand;
  const char *name = vclass == ART_VCLASS_PASSENGER ? "car" : art_vclass_name(vclass);
  d->type_count = d->set_count = 1;
  d->type_id = ART_NEW(char *, 1);
  d->type = ART_NEW(art_vtype, 1);
  d->set_id = ART_NEW(char *, 1);
  d->set_first = ART_NEW(int32_t, 2);
  d->set_type = ART_NEW(int32_t, 1);
  d->set_probability = ART_NEW(float, 1);
  d->type_id[0] = art_strdup(name);
  d->set_id[0] = art_strdup(name);
  d->type[0] = art_vtype_of_class(vclass);
  d->set_first[1] = 1;
  d->set_probability[0] = 1.0f;
  draft.route_capacity = 64;
  d->route_first = ART_NEW(int64_t, draft.route_capacity + 1);
  return draft;
}

void art_demand_draft_add_link(art_demand_draft *draft, int32_t link)
{
  ART_PUSH(draft->demand->route_link, draft->link_count, draft->link_capacity, link);
}

int32_t art_demand_draft_end_route(art_demand_draft *draft)
{
  art_demand *d = draft->demand;
  if (d->route_count == draft->route_capacity) {
    draft->route_capacity *= 2;
    d->route_first = art_renew(d->route_first, (size_t)draft->route_capacity + 1, sizeof *d->route_first);
  }
  d->route_first[++d->route_count] = draft->link_count;
  return d->route_count - 1;
}

void art_demand_draft_add_trip(art_demand_draft *draft, art_trip_draft trip)
{
  trip.key = art_trip_key(trip.id);
  ART_PUSH(draft->trip, draft->trip_count, draft->trip_capacity, trip);
}

static int compare_trips(const void *left, const void *right)
{
  const art_trip_draft *a = left, *b = right;
  if (a->depart_ms != b->depart_ms) return a->depart_ms < b->depart_ms ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

/// Routes in the order of the trips that take them first, so that trips of one time have routes that lie together in a
/// file. Every route has a trip.
static void order_routes(art_demand *d)
{
  const int32_t n = d->route_count;
  const int64_t links = d->route_first[n];
  int32_t *place = ART_NEW(int32_t, n), *link = ART_NEW(int32_t, links), count = 0;
  int64_t *first = ART_NEW(int64_t, n + 1);
  memset(place, -1, (size_t)n * sizeof *place);
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int32_t r = d->trip_route[t];
    if (place[r] < 0) {
      const int64_t length = d->route_first[r + 1] - d->route_first[r];
      memcpy(link + first[count], d->route_link + d->route_first[r], (size_t)length * sizeof *link);
      first[count + 1] = first[count] + length;
      place[r] = count++;
    }
    d->trip_route[t] = place[r];
  }
  d->route_count = count;
  free(place);
  free(d->route_first);
  free(d->route_link);
  d->route_first = first;
  d->route_link = link;
}

art_status art_demand_draft_finish(art_demand_draft *draft, const art_net *net, art_demand **out,
                                   art_error *err)
{
  art_demand *d = draft->demand;
  const int32_t n = draft->trip_count;
  art_sort(draft->trip, (size_t)n, sizeof *draft->trip, compare_trips);
  art_demand_new_trips(d, n, 0);
  for (int32_t i = 0; i < n; ++i) {
    const art_trip_draft *t = &draft->trip[i];
    d->trip_id[i] = t->id;
    d->trip_key[i] = t->key;
    d->trip_route[i] = t->route;
    d->trip_depart_ms[i] = t->depart_ms;
    d->trip_depart_lane[i] = t->lane;
    d->trip_depart_pos_m[i] = t->pos_m;
    d->trip_depart_speed_mps[i] = t->speed_mps;
    d->trip_arrival_pos_m[i] = ART_POS_END;
  }
  free(draft->trip);
  *draft = (art_demand_draft){ 0 };
  order_routes(d);
  const art_status status = art_demand_check(d, net, err);
  *out = status == ART_OK ? d : NULL;
  if (status != ART_OK) art_demand_free(d);
  return status;
}

void art_demand_draft_clear(art_demand_draft *draft)
{
  for (int32_t i = 0; i < draft->trip_count; ++i) free(draft->trip[i].id);
  free(draft->trip);
  art_demand_free(draft->demand);
  *draft = (art_demand_draft){ 0 };
}

static void add_hops_of(const art_net *net, int32_t link, int32_t vclass, art_hops *h, int32_t *capacity)
{
  const int32_t first = h->count;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
    if (!ART_PERMITS(net->lane_allowed[lane], vclass)) continue;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      const int32_t to = net->connector_to[c], next = net->lane_link[to],
                    path = art_net_lane_of_connector(net, c);
      int32_t k = first;
      while (k < h->count && h->to[k] != next) ++k;
      if (k < h->count || !ART_PERMITS(net->lane_allowed[to], vclass) ||
          !ART_PERMITS(net->lane_allowed[path], vclass))
        continue;
      if (h->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 1024;
        h->to = art_renew(h->to, (size_t)*capacity, sizeof *h->to);
        h->connector = art_renew(h->connector, (size_t)*capacity, sizeof *h->connector);
        h->time_s = art_renew(h->time_s, (size_t)*capacity, sizeof *h->time_s);
      }
      h->to[h->count] = next;
      h->connector[h->count] = c;
      h->time_s[h->count++] = (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path];
    }
  }
}

art_hops art_hops_new(const art_net *net, int32_t vclass)
{
  art_hops h = { .vclass = vclass,
                 .first = ART_NEW(int32_t, net->link_count + 1),
                 .link_s = ART_NEW(double, net->link_count),
                 .length_m = ART_NEW(double, net->link_count) };
  int32_t capacity = 0;
  for (int32_t link = 0; link < net->link_count; ++link) {
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
      if (!ART_PERMITS(net->lane_allowed[lane], vclass)) continue;
      h.length_m[link] += (double)net->lane_length_m[lane];
      h.link_s[link] = (double)net->lane_length_m[lane] / (double)net->lane_speed_mps[lane];
    }
    add_hops_of(net, link, vclass, &h, &capacity);
    h.first[link + 1] = h.count;
  }
  return h;
}

void art_hops_free(art_hops *h)
{
  void *const owned[] = { h->first, h->to, h->connector, h->time_s, h->link_s, h->length_m };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}
