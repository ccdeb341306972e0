#include "core/fleet/demand_pick.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

static void *copy_of(const void *from, size_t count, size_t size)
{
  void *to = art_new(count, size);
  if (from && count) memcpy(to, from, count * size);
  return to;
}
#define COPY(member, count) to->member = copy_of(d->member, (size_t)(count), sizeof *d->member)

/// Types, sets and routes.
static void copy_tables(const art_demand *d, art_demand *to)
{
  to->type_count = d->type_count;
  to->set_count = d->set_count;
  to->route_count = d->route_count;
  COPY(type, d->type_count);
  to->type_id = ART_NEW(char *, d->type_count);
  for (int32_t i = 0; i < d->type_count; ++i) to->type_id[i] = art_strdup(d->type_id[i]);
  to->set_id = ART_NEW(char *, d->set_count);
  for (int32_t i = 0; i < d->set_count; ++i) to->set_id[i] = art_strdup(d->set_id[i]);
  COPY(set_first, d->set_count + 1);
  COPY(set_type, d->set_first[d->set_count]);
  COPY(set_probability, d->set_first[d->set_count]);
  COPY(route_first, d->route_count + 1);
  COPY(route_link, d->route_first[d->route_count]);
}

typedef struct chosen {
  int64_t depart_ms;
  uint64_t key;
  int32_t from;
  char *id;
} chosen;

static int compare_chosen(const void *pa, const void *pb)
{
  const chosen *a = pa, *b = pb;
  if (a->depart_ms != b->depart_ms) return a->depart_ms < b->depart_ms ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

/// The id of a copy: numbers count on until the id is new.
static char *new_id(const art_demand *d, const art_trip_pick *p, art_idmap *taken)
{
  const char *id = d->trip_id[p->from];
  if (p->copy == 1 && !p->tag) return art_strdup(id);
  const size_t size = strlen(id) + (p->tag ? strlen(p->tag) : 0) + 32;
  char *text = ART_NEW(char, size);
  for (int32_t number = p->copy;; ++number) {
    if (number == 1)
      snprintf(text, size, "%s%s", id, p->tag);
    else
      snprintf(text, size, "%s%s#%" PRId32, id, p->tag ? p->tag : "", number);
    if (art_idmap_find(taken, text) < 0) break;
  }
  art_idmap_put(taken, text);
  return text;
}

static int32_t stops_of(const art_demand *d, int32_t trip)
{
  return d->trip_first_stop ? d->trip_first_stop[trip + 1] - d->trip_first_stop[trip] : 0;
}

static void copy_stops(const art_demand *d, art_demand *to, const chosen *c)
{
  for (int32_t t = 0; t < to->trip_count; ++t)
    to->trip_first_stop[t + 1] = to->trip_first_stop[t] + stops_of(d, c[t].from);
  for (int32_t t = 0; t < to->trip_count; ++t) {
    const int64_t shift_ms = c[t].depart_ms - d->trip_depart_ms[c[t].from];
    for (int32_t k = to->trip_first_stop[t],
                 j = k < to->trip_first_stop[t + 1] ? d->trip_first_stop[c[t].from] : 0;
         k < to->trip_first_stop[t + 1]; ++k, ++j) {
      to->stop_lane[k] = d->stop_lane[j];
      to->stop_start_m[k] = d->stop_start_m[j];
      to->stop_end_m[k] = d->stop_end_m[j];
      to->stop_duration_ms[k] = d->stop_duration_ms[j];
      to->stop_until_ms[k] = d->stop_until_ms[j] < 0 ? -1 : d->stop_until_ms[j] + shift_ms;
      if (to->stop_until_ms[k] < -1) to->stop_until_ms[k] = -1;
      to->stop_place[k] = d->stop_place[j];
      to->stop_beside[k] = d->stop_beside && d->stop_beside[j];
    }
  }
}

art_demand *art_demand_pick(const art_demand *demand, int32_t count, const art_trip_pick *pick,
                            int32_t **origin)
{
  const art_demand *d = demand;
  art_demand *to = art_demand_new();
  copy_tables(d, to);
  art_idmap *taken = art_idmap_new();
  for (int32_t t = 0; t < d->trip_count; ++t) art_idmap_put(taken, d->trip_id[t]);
  chosen *c = ART_NEW(chosen, count);
  for (int32_t k = 0; k < count; ++k) {
    c[k] = (chosen){ .depart_ms = pick[k].depart_ms, .from = pick[k].from, .id = new_id(d, &pick[k], taken) };
    c[k].key = pick[k].copy == 1 && !pick[k].tag ? d->trip_key[pick[k].from] : art_trip_key(c[k].id);
  }
  art_idmap_free(taken);
  art_sort(c, (size_t)count, sizeof *c, compare_chosen);

  int32_t stops = 0;
  for (int32_t t = 0; t < count; ++t) stops += stops_of(d, c[t].from);
  art_demand_new_trips(to, count, stops);
  if (origin) *origin = ART_NEW(int32_t, count);
  for (int32_t t = 0; t < count; ++t) {
    const int32_t from = c[t].from;
    to->trip_id[t] = c[t].id;
    to->trip_key[t] = c[t].key;
    to->trip_set[t] = d->trip_set[from];
    to->trip_route[t] = d->trip_route[from];
    to->trip_depart_ms[t] = c[t].depart_ms;
    to->trip_depart_lane[t] = d->trip_depart_lane[from];
    to->trip_depart_pos_m[t] = d->trip_depart_pos_m[from];
    to->trip_depart_speed_mps[t] = d->trip_depart_speed_mps[from];
    to->trip_arrival_pos_m[t] = d->trip_arrival_pos_m[from];
    if (origin) (*origin)[t] = from;
  }
  copy_stops(d, to, c);
  free(c);
  return to;
}

/// Copies of trip t: the whole part of `scale`, and one more with the probability of the rest.
static int32_t copies_of(const art_demand *d, int32_t t, double scale)
{
  const int32_t whole = (int32_t)scale;
  return whole + (art_uniform(art_rng(0, d->trip_key[t], 0, ART_FOR_SCALE)) < scale - whole);
}

/// The trip itself departs as planned, copies at a drawn time of the same slice.
static int64_t departure(const art_demand *d, int32_t t, int32_t copy)
{
  const int64_t depart = d->trip_depart_ms[t], into = depart % ART_SLICE_MS;
  if (copy == 1) return depart;
  const int64_t slice = depart - into - (into < 0 ? ART_SLICE_MS : 0);
  return slice + (int64_t)(art_uniform(art_rng(0, d->trip_key[t], copy, ART_FOR_SCALE)) * ART_SLICE_MS);
}

art_status art_demand_multiply(const art_demand *demand, double scale, int64_t repeat_ms, int64_t end_ms,
                               art_demand **out, art_error *err)
{
  const art_demand *d = demand;
  *out = NULL;
  if (d->trip_count == 0) repeat_ms = 0;
  const int64_t first = d->trip_count ? d->trip_depart_ms[0] : 0;
  const int64_t rounds = repeat_ms > 0 && end_ms > first ? 1 + (end_ms - 1 - first) / repeat_ms : 1;
  if ((double)rounds * (scale + 1.0) * d->trip_count >= INT32_MAX)
    return art_fail(err, ART_E_INPUT,
                    "%d trips times %g, %lld times over, are too many (accepted: below 2^31 in all)",
                    d->trip_count, scale, (long long)rounds);
  typedef char tag_text[24];
  tag_text *tag = ART_NEW(tag_text, rounds);
  art_trip_pick *pick = NULL;
  int32_t count = 0, capacity = 0;
  for (int64_t r = 0; r < rounds; ++r) {
    snprintf(tag[r], sizeof tag[r], "@%lld", (long long)r + 1);
    for (int32_t t = 0; t < d->trip_count; ++t) {
      const int32_t copies = copies_of(d, t, scale);
      for (int32_t copy = 1; copy <= copies; ++copy) {
        const art_trip_pick p = { t, departure(d, t, copy) + r * repeat_ms, copy, r ? tag[r] : NULL };
        if (r == 0 || p.depart_ms < end_ms) ART_PUSH(pick, count, capacity, p);
      }
    }
  }
  *out = art_demand_pick(d, count, pick, NULL);
  free(pick);
  free(tag);
  return ART_OK;
}
