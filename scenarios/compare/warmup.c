#include "scenarios/compare/warmup.h"

#include <math.h>
#include <stdlib.h>

#include "scenarios/compare/statistics.h"

enum { BATCH = 5, LEAST_BATCHES = 4 };

art_warmup_end art_warmup_judge(int64_t count, const double *value, const double *instant_s)
{
  const art_warmup_end unknown = { NAN, 0 };
  int64_t first = 0;
  while (first < count && isnan(value[first])) ++first;
  const int64_t batches = (count - first) / BATCH;
  if (batches < LEAST_BATCHES) return unknown;
  for (int64_t i = first; i < count; ++i)
    if (!isfinite(value[i])) return unknown;
  const int64_t cut = art_stats_mser5(count - first, value + first);
  const int64_t most = BATCH * ((batches - 1) / 2);  // the method tries less than half of the batches
  return (art_warmup_end){ first + cut > 0 ? instant_s[first + cut] : 0.0, cut < most };
}

typedef struct series {
  double *running, *loaded, *speed, *begin_s, *end_s;
  int64_t rows;
} series;

static art_status read_series(const art_result *r, series *s, art_error *err)
{
  int64_t shape[3][2] = { { 0, 0 } };
  art_status status = art_result_read(r, "totals", "running", shape[0], &s->running, err);
  if (status == ART_OK) status = art_result_read(r, "totals", "loaded", shape[1], &s->loaded, err);
  if (status == ART_OK) status = art_result_read(r, "totals", "mean_speed", shape[2], &s->speed, err);
  if (status == ART_OK) status = art_result_times(r, "totals", &s->rows, &s->begin_s, &s->end_s, err);
  for (int k = 0; k < 3 && status == ART_OK; ++k)
    if (shape[k][0] != s->rows)
      status = art_fail(err, ART_E_INPUT, "%s: /totals: a variable has %lld values, the axis time has %lld",
                        r->path, (long long)shape[k][0], (long long)s->rows);
  return status;
}

art_status art_warmup_read(const art_result *r, art_warmup *out, art_error *err)
{
  *out = (art_warmup){ 0.0, { NAN, 0 }, { NAN, 0 } };
  if (!art_result_has(r, "totals")) return ART_OK;
  series s = { 0 };
  const art_status status = read_series(r, &s, err);
  if (status == ART_OK && s.rows > 1) {
    int64_t used = 0;
    while (used < s.rows && s.loaded[used] < s.loaded[s.rows - 1]) ++used;
    for (int64_t i = 0; i < s.rows; ++i) s.end_s[i] -= r->begin_s;
    out->judged_s = used > 0 ? s.end_s[used - 1] : 0.0;
    out->running = art_warmup_judge(used, s.running, s.end_s);
    out->speed = art_warmup_judge(used, s.speed, s.end_s);
  }
  free(s.running);
  free(s.loaded);
  free(s.speed);
  free(s.begin_s);
  free(s.end_s);
  return status;
}
