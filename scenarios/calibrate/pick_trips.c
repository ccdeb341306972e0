#include <stdlib.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "models/estimation/resample.h"
#include "scenarios/calibrate/trip_groups.h"

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
    const int64_t depart = d->trip_depart_ms[t], into = depart % ART_SLICE_MS;
    const int64_t slice = depart - into - (into < 0 ? ART_SLICE_MS : 0);
    if (g >= 0 && realised) realised[g] += copies;
    for (int32_t copy = 1; copy <= copies; ++copy) {
      art_trip_pick p = { t, depart, copy, NULL };
      if (copy > 1) {
        const double u = art_uniform(art_rng(seed, d->trip_key[t], copy, ART_FOR_CALIBRATION));
        p.depart_ms = slice + (int64_t)(u * ART_SLICE_MS);
      }
      ART_PUSH(pick, count, capacity, p);
    }
  }
  art_demand *out = art_demand_pick(d, count, pick, origin);
  free(pick);
  return out;
}
