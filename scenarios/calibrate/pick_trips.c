#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "models/estimation/resample.h"
#include "scenarios/calibrate/trip_groups.h"

enum { SLICE_MS = 300000 };

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

static void copy_stops(const art_demand *d, art_demand *to, const chosen *c)
{
  to->trip_first_stop = ART_NEW(int32_t, to->trip_count + 1);
  for (int32_t t = 0; t < to->trip_count; ++t) {
    const int32_t from = c[t].from,
                  stops = d->trip_first_stop ? d->trip_first_stop[from + 1] - d->trip_first_stop[from] : 0;
    to->trip_first_stop[t + 1] = to->trip_first_stop[t] + stops;
  }
  to->stop_count = to->trip_first_stop[to->trip_count];
  to->stop_lane = ART_NEW(int32_t, to->stop_count);
  to->stop_start_m = ART_NEW(float, to->stop_count);
  to->stop_end_m = ART_NEW(float, to->stop_count);
  to->stop_duration_ms = ART_NEW(int64_t, to->stop_count);
  to->stop_until_ms = ART_NEW(int64_t, to->stop_count);
  to->stop_place = ART_NEW(int32_t, to->stop_count);
  to->stop_beside = ART_NEW(uint8_t, to->stop_count);
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

  to->trip_count = count;
  to->trip_id = ART_NEW(char *, count);
  to->trip_key = ART_NEW(uint64_t, count);
  to->trip_set = ART_NEW(int32_t, count);
  to->trip_route = ART_NEW(int32_t, count);
  to->trip_depart_ms = ART_NEW(int64_t, count);
  to->trip_depart_lane = ART_NEW(int32_t, count);
  to->trip_depart_pos_m = ART_NEW(float, count);
  to->trip_depart_speed_mps = ART_NEW(float, count);
  to->trip_arrival_pos_m = ART_NEW(float, count);
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

art_demand *art_demand_extend_back(const art_demand *demand, int64_t from_ms, int64_t lead_ms, int32_t *added)
{
  const art_demand *d = demand;
  int is_there = lead_ms <= 0;
  for (int32_t t = 0; t < d->trip_count; ++t)
    is_there |= d->trip_depart_ms[t] >= from_ms - lead_ms && d->trip_depart_ms[t] < from_ms;
  art_trip_pick *pick = ART_NEW(art_trip_pick, 2 * (size_t)d->trip_count);
  int32_t count = 0;
  *added = 0;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int64_t depart = d->trip_depart_ms[t];
    pick[count++] = (art_trip_pick){ t, depart, 1, NULL };
    if (is_there || depart < from_ms || depart >= from_ms + lead_ms) continue;
    pick[count++] = (art_trip_pick){ t, depart - lead_ms, 1, "@lead" };
    ++*added;
  }
  art_demand *out = art_demand_pick(d, count, pick, NULL);
  free(pick);
  return out;
}

art_demand *art_demand_realise(const art_demand *demand, const art_trip_groups *groups, const double *weight,
                               uint64_t seed, int32_t **origin, int32_t *realised)
{
  const art_demand *d = demand;
  art_trip_pick *pick = NULL;
  int32_t count = 0, capacity = 0;
  for (int32_t g = 0; realised && g < groups->count; ++g) realised[g] = 0;
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int32_t g = groups->trip_group[t];
    const int32_t copies = g < 0 ? 1 : art_resample_copies(weight[g], groups->phase[g], groups->trip_rank[t]);
    const int64_t depart = d->trip_depart_ms[t], into = depart % SLICE_MS;
    const int64_t slice = depart - into - (into < 0 ? SLICE_MS : 0);
    if (g >= 0 && realised) realised[g] += copies;
    for (int32_t copy = 1; copy <= copies; ++copy) {
      art_trip_pick p = { t, depart, copy, NULL };
      if (copy > 1) {
        const double u = art_uniform(art_rng(seed, d->trip_key[t], copy, ART_FOR_CALIBRATION));
        p.depart_ms = slice + (int64_t)(u * SLICE_MS);
      }
      ART_PUSH(pick, count, capacity, p);
    }
  }
  art_demand *out = art_demand_pick(d, count, pick, origin);
  free(pick);
  return out;
}
