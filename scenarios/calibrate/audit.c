#include "scenarios/calibrate/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "models/estimation/fit_measures.h"
#include "scenarios/calibrate/conservation_internal.h"

const char *art_station_use_name(int use)
{
  static const char *const names[] = {
#define X(name, text) text,
    ART_STATION_USE_LIST(X)
#undef X
  };
  return use >= 0 && use < ART_STATION_USE_COUNT ? names[use] : "unknown";
}

// ---- observations to one number a station

static int is_left_out(const art_calibration *c, const int32_t *dates, int32_t date)
{
  if (c->weekdays_only && art_date_weekday(date) > 4) return 1;
  for (int32_t i = 0; i < c->exclude_date_count; ++i) {
    if (dates[i] == date) return 1;
  }
  return 0;
}

/// Flows of the days on which the whole window is observed, day by day. Observations stand together by (station, date).
static int32_t daily_flows(const art_feed *f, const art_calibration *c, const int32_t *dates, int64_t begin,
                           int64_t end, double *flow)
{
  const int32_t from_s = (int32_t)(c->from_ms / 1000), to_s = (int32_t)(c->to_ms / 1000);
  int32_t days = 0;
  for (int64_t k = begin; k < end;) {
    const int32_t date = f->observation_date[k];
    double vehicles = 0.0;
    int32_t covered_s = 0;
    for (; k < end && f->observation_date[k] == date; ++k) {
      const int32_t first = f->observation_begin_s[k], last = first + f->observation_length_s[k];
      if (first < from_s || last > to_s || f->observation_quality[k] <= 0.0f) continue;
      vehicles += (double)f->observation_flow_vph[k] * (last - first);
      covered_s += last - first;
    }
    if (covered_s == to_s - from_s && covered_s > 0 && !is_left_out(c, dates, date))
      flow[days++] = vehicles / covered_s;
  }
  return days;
}

static double quantile(int32_t count, const double *sorted, double share)
{
  const double place = share * (count - 1);
  const int32_t low = (int32_t)place, high = low + 1 < count ? low + 1 : low;
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

static void observe(const art_feed *f, const art_calibration *c, art_audit *audit)
{
  int32_t *dates = ART_NEW(int32_t, c->exclude_date_count);
  for (int32_t i = 0; i < c->exclude_date_count; ++i) {
    if (!art_date_parse(c->exclude_dates[i], &dates[i])) dates[i] = INT32_MIN;
  }
  double *flow = ART_NEW(double, f->observation_count);
  int64_t begin = 0;
  for (int32_t s = 0; s < f->station_count; ++s) {
    int64_t end = begin;
    while (end < f->observation_count && f->observation_station[end] == s) ++end;
    art_audit_row *r = &audit->row[s];
    r->days = daily_flows(f, c, dates, begin, end, flow);
    r->observed_vph = art_median(r->days, flow);
    r->spread_vph =
        r->days >= 4 ? 0.5 * (quantile(r->days, flow, 0.84) - quantile(r->days, flow, 0.16)) : NAN;
    begin = end;
  }
  free(flow);
  free(dates);
}

// ---- rules

static void exclude(art_audit_row *r, const char *reason)
{
  r->use = ART_STATION_USE_EXCLUDED;
  snprintf(r->reason, sizeof r->reason, "%s", reason);
}

static void apply_own_rules(const art_feed *f, const art_calibration *c, art_audit_row *r)
{
  char text[256];
  const char *id = f->station_id[r->station];
  r->use = ART_STATION_USE_FITTED;
  if (f->station_exclude[r->station][0]) {
    exclude(r, f->station_exclude[r->station]);
    return;
  }
  for (int32_t i = 0; i < c->exclude_station_count; ++i) {
    if (strcmp(c->exclude_stations[i], id) == 0) {
      exclude(r, "named in the calibration file");
      return;
    }
  }
  if (r->link < 0) {
    snprintf(text, sizeof text, "link '%.100s' is not in the city", f->station_link[r->station]);
    exclude(r, text);
  } else if (r->days < c->min_days) {
    snprintf(text, sizeof text, "%" PRId32 " days of data, at least %" PRId32 " wanted", r->days,
             c->min_days);
    exclude(r, text);
  } else if (!(r->observed_vph > 0.0)) {
    exclude(r, "counted no traffic");
  }
}

/// Whether station a is to be preferred to b on the same link.
static int is_preferred(const art_feed *f, const art_audit_row *a, const art_audit_row *b)
{
  const int32_t ra = f->station_rank[a->station], rb = f->station_rank[b->station];
  if (ra != rb) return ra < rb;
  if (a->days != b->days) return a->days > b->days;
  return strcmp(f->station_id[a->station], f->station_id[b->station]) < 0;
}

static void add_note(art_audit_row *r, const char *text)
{
  const size_t used = strlen(r->reason);
  snprintf(r->reason + used, sizeof r->reason - used, "%s%s", used ? "; " : "", text);
}

static void keep_one_per_link(const art_feed *f, int32_t link_count, art_audit *audit)
{
  int32_t *best = ART_NEW(int32_t, link_count);  // row + 1
  for (int32_t i = 0; i < audit->count; ++i) {
    const art_audit_row *r = &audit->row[i];
    if (r->use == ART_STATION_USE_EXCLUDED) continue;
    if (!best[r->link] || is_preferred(f, r, &audit->row[best[r->link] - 1])) best[r->link] = i + 1;
  }
  for (int32_t i = 0; i < audit->count; ++i) {
    art_audit_row *r = &audit->row[i];
    if (r->use == ART_STATION_USE_EXCLUDED || best[r->link] == i + 1) continue;
    art_audit_row *kept = &audit->row[best[r->link] - 1];
    const double geh = art_geh(r->observed_vph, kept->observed_vph);
    const int by_rank = f->station_rank[r->station] != f->station_rank[kept->station];
    char text[200];
    snprintf(text, sizeof text, "station '%.60s' on the same link is preferred (%s)%s",
             f->station_id[kept->station], by_rank ? "better source" : "as many days or more",
             geh >= 5.0 ? "; the two contradict each other" : "");
    exclude(r, text);
    if (geh < 5.0) continue;
    snprintf(text, sizeof text, "contradicts '%.60s' on the same link, which counts %.0f",
             f->station_id[r->station], r->observed_vph);
    add_note(kept, text);
  }
  free(best);
}

static void drop_links_without_route(const art_demand *d, int32_t link_count, art_audit *audit)
{
  uint8_t *is_used = ART_NEW(uint8_t, link_count);
  for (int32_t t = 0; t < d->trip_count; ++t) {
    const int32_t route = d->trip_route[t];
    for (int64_t k = d->route_first[route]; k < d->route_first[route + 1]; ++k) is_used[d->route_link[k]] = 1;
  }
  for (int32_t i = 0; i < audit->count; ++i) {
    art_audit_row *r = &audit->row[i];
    if (r->use != ART_STATION_USE_EXCLUDED && !is_used[r->link])
      exclude(r, "no route of the prior demand uses the link");
  }
  free(is_used);
}

void art_audit_stations(const art_feed *feed, const art_calibration *calibration, const art_net *net,
                        const art_demand *demand, art_audit *out)
{
  *out = (art_audit){ .count = feed->station_count, .row = ART_NEW(art_audit_row, feed->station_count) };
  art_idmap *links = art_idmap_new();
  for (int32_t l = 0; l < net->link_count; ++l) art_idmap_put(links, net->link_id[l]);
  for (int32_t s = 0; s < feed->station_count; ++s) {
    out->row[s].station = s;
    out->row[s].link = feed->station_link[s][0] ? art_idmap_find(links, feed->station_link[s]) : -1;
  }
  art_idmap_free(links);
  observe(feed, calibration, out);
  for (int32_t s = 0; s < out->count; ++s) apply_own_rules(feed, calibration, &out->row[s]);
  keep_one_per_link(feed, net->link_count, out);
  drop_links_without_route(demand, net->link_count, out);
  for (int32_t s = 0; s < out->count; ++s) out->used += out->row[s].use != ART_STATION_USE_EXCLUDED;
  art_note_contradictions(feed, net, out);
}

// ---- holding out

typedef struct keyed {
  uint64_t key;
  int32_t row;
} keyed;

static int compare_keyed(const void *pa, const void *pb)
{
  const keyed *a = pa, *b = pb;
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

void art_audit_hold_out(art_audit *audit, const art_net *net, uint64_t seed, double share, int folds,
                        int fold)
{
  keyed *order = ART_NEW(keyed, audit->used);
  int32_t count = 0;
  for (int32_t i = 0; i < audit->count; ++i) {
    art_audit_row *r = &audit->row[i];
    if (r->use == ART_STATION_USE_EXCLUDED) continue;
    r->use = ART_STATION_USE_FITTED;
    order[count++] = (keyed){ art_rng(seed, art_trip_key(net->link_id[r->link]), 0, ART_FOR_HOLDOUT), i };
  }
  art_sort(order, (size_t)count, sizeof *order, compare_keyed);
  const int32_t first = (int32_t)(share * count + 0.5);
  for (int32_t k = 0; k < count; ++k) {
    if (folds > 1 ? k % folds == fold : k < first) audit->row[order[k].row].use = ART_STATION_USE_HELD_OUT;
  }
  free(order);
}

void art_audit_clear(art_audit *audit)
{
  free(audit->row);
  *audit = (art_audit){ 0 };
}
