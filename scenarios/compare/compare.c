#include "scenarios/compare/compare.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/kpi.h"

art_compare_options art_compare_options_default(void)
{
  static const char *const headline[] = { "total_delay_h",          "mean_travel_time_s", "p95_travel_time_s",
                                          "mean_insertion_delay_s", "trips_unfinished",   "network_speed_mps",
                                          "stops_per_vehicle" };
  return (art_compare_options){ .level = 0.95,
                                .precision = 0.01,
                                .headline_count = sizeof headline / sizeof *headline,
                                .headline = headline };
}

static void warn(art_comparison *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void warn(art_comparison *c, const char *format, ...)
{
  const size_t used = strlen(c->warning);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->warning + used, sizeof c->warning - used, format, arguments);
  va_end(arguments);
}

static int32_t find_text(char *const *texts, int32_t count, const char *text)
{
  for (int32_t i = 0; i < count; ++i) {
    if (strcmp(texts[i], text) == 0) return i;
  }
  return -1;
}

// ---- indicators ------------------------------------------------------------------------------------------------------

static int better_of(const char *name)
{
  const int row = art_kpi_find(name);
  return row >= 0 ? art_kpi_row(row)->better : 0;
}

static art_paired pair_kpi(const art_comparison *c, int32_t base_index, int32_t alt_index, double level)
{
  const int32_t n = c->base->count;
  double *base = ART_NEW(double, n), *alt = ART_NEW(double, n);
  for (int32_t i = 0; i < n; ++i) {
    base[i] = c->base->run[i].kpi[base_index];
    alt[i] = c->alt->run[i].kpi[alt_index];
  }
  const art_paired paired = art_stats_paired(n, base, alt, level);
  free(base);
  free(alt);
  return paired;
}

static int64_t seeds_for(const art_paired *paired, const art_compare_options *options)
{
  if (isnan(paired->difference_sd)) return 0;
  return art_stats_replications(paired->difference_sd, options->precision * fabs(paired->base_mean),
                                options->level, 1000000);
}

static void add_kpi(art_comparison *c, const art_compare_options *options, int32_t b, int32_t a,
                    int is_headline)
{
  art_compare_kpi *row = &c->kpi[c->kpi_count++];
  *row = (art_compare_kpi){ .base_index = b,
                            .alt_index = a,
                            .unit = c->base->kpi_unit[b],
                            .is_headline = is_headline,
                            .better = better_of(c->base->kpi_name[b]) };
  row->paired = pair_kpi(c, b, a, options->level);
  row->seeds_needed = seeds_for(&row->paired, options);
}

static int is_headline(const art_compare_options *options, const char *name)
{
  for (int32_t i = 0; i < options->headline_count; ++i) {
    if (strcmp(options->headline[i], name) == 0) return 1;
  }
  return 0;
}

static art_status list_kpis(art_comparison *c, const art_compare_options *options, art_error *err)
{
  const art_runs *base = c->base, *alt = c->alt;
  c->kpi = ART_NEW(art_compare_kpi, base->kpi_count + options->headline_count + 1);
  for (int32_t i = 0; i < options->headline_count; ++i) {
    const int32_t b = find_text(base->kpi_name, base->kpi_count, options->headline[i]);
    const int32_t a = find_text(alt->kpi_name, alt->kpi_count, options->headline[i]);
    if (a < 0 || b < 0) {
      return art_fail(err, ART_E_INPUT, "%s: has no indicator '%s'", (b < 0 ? base : alt)->argument,
                      options->headline[i]);
    }
    add_kpi(c, options, b, a, 1);
  }
  for (int32_t b = 0; b < base->kpi_count; ++b) {
    const int32_t a = find_text(alt->kpi_name, alt->kpi_count, base->kpi_name[b]);
    if (a >= 0 && !is_headline(options, base->kpi_name[b])) add_kpi(c, options, b, a, 0);
  }
  return ART_OK;
}

static art_status compare_kpis(art_comparison *c, const art_compare_options *options, art_error *err)
{
  const art_status status = list_kpis(c, options, err);
  if (status != ART_OK) return status;
  double *p = ART_NEW(double, c->kpi_count + 1), *adjusted = ART_NEW(double, c->kpi_count + 1);
  for (int32_t i = 0; i < c->kpi_count; ++i) {
    const art_paired *d = &c->kpi[i].paired;
    const int is_constant =
        d->difference == 0.0 && !(d->difference_sd > 0.0);  // equal in every pair: no test
    p[i] = c->kpi[i].is_headline && !is_constant ? d->p : NAN;
  }
  art_stats_holm(c->kpi_count, p, adjusted);
  for (int32_t i = 0; i < c->kpi_count; ++i) {
    c->kpi[i].p_adjusted = adjusted[i];
    c->kpi[i].is_significant = adjusted[i] <= 1.0 - options->level;
  }
  free(p);
  free(adjusted);
  return ART_OK;
}

const char *art_compare_verdict(const art_compare_kpi *kpi)
{
  if (!kpi->is_significant || kpi->paired.difference == 0.0) return "";
  if (kpi->better == 0) return "changed";
  return (kpi->paired.difference > 0.0) == (kpi->better > 0) ? "better" : "worse";
}

// ---- links and movements ---------------------------------------------------------------------------------------------

/// values[run][place] of both sides, one test per place.
static art_compare_place *compare_places(int64_t places, int32_t runs, const double *const *base,
                                         const double *const *alt, double level)
{
  art_compare_place *out = ART_NEW(art_compare_place, places + 1);
  double *b = ART_NEW(double, runs), *a = ART_NEW(double, runs);
  double *p = ART_NEW(double, places + 1), *adjusted = ART_NEW(double, places + 1);
  for (int64_t k = 0; k < places; ++k) {
    int used = 0;
    for (int32_t i = 0; i < runs; ++i) {
      b[i] = base[i][k];
      a[i] = alt[i][k];
      used |= b[i] != 0.0 || a[i] != 0.0;
    }
    out[k].paired = art_stats_paired(runs, b, a, level);
    p[k] = used ? out[k].paired.p : NAN;  // nobody ever came by: nothing to test
  }
  art_stats_benjamini_hochberg(places, p, adjusted);
  for (int64_t k = 0; k < places; ++k) {
    out[k].p_adjusted = adjusted[k];
    out[k].is_significant = adjusted[k] <= 1.0 - level;
  }
  free(a);
  free(b);
  free(p);
  free(adjusted);
  return out;
}

typedef struct ranked {
  int64_t index;
  double change;
  int is_significant;
} ranked;

static int by_change(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->is_significant != y->is_significant) return y->is_significant - x->is_significant;
  if (x->change != y->change) return x->change > y->change ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/// By size of the change; significant ones first, unless they are below a hundredth of the largest.
static int64_t *order_places(int64_t count, const art_compare_place *place)
{
  ranked *rows = ART_NEW(ranked, count + 1);
  int64_t *order = ART_NEW(int64_t, count + 1);
  double largest = 0.0;
  for (int64_t i = 0; i < count; ++i) {
    const double change = fabs(place[i].paired.difference);
    rows[i] = (ranked){ i, isnan(change) ? -1.0 : change, place[i].is_significant };
    largest = fmax(largest, rows[i].change);
  }
  for (int64_t i = 0; i < count; ++i) rows[i].is_significant &= rows[i].change >= 0.01 * largest;
  art_sort(rows, (size_t)count, sizeof *rows, by_change);
  for (int64_t i = 0; i < count; ++i) order[i] = rows[i].index;
  free(rows);
  return order;
}

static void compare_links(art_comparison *c, const art_compare_options *options)
{
  const art_runs *base = c->base, *alt = c->alt;
  const int32_t n = base->count, links = base->link_count;
  int same = links == alt->link_count;
  for (int32_t i = 0; i < links && same; ++i) same = strcmp(base->link_id[i], alt->link_id[i]) == 0;
  for (int32_t i = 0; i < n && same; ++i) same = base->run[i].link[0] && alt->run[i].link[0];
  if (!same) return;
  const double **b = ART_NEW(const double *, n), **a = ART_NEW(const double *, n);
  c->link_count = links;
  for (int m = 0; m < ART_LINK_MEASURES; ++m) {
    for (int32_t i = 0; i < n; ++i) {
      b[i] = base->run[i].link[m];
      a[i] = alt->run[i].link[m];
    }
    c->link[m] = compare_places(links, n, b, a, options->level);
  }
  int64_t *order = order_places(links, c->link[ART_LINK_DELAY]);
  c->link_order = ART_NEW(int32_t, links + 1);
  for (int32_t i = 0; i < links; ++i) c->link_order[i] = (int32_t)order[i];
  free(order);
  free(b);
  free(a);
}

static void compare_movements(art_comparison *c, const art_compare_options *options)
{
  const art_runs *base = c->base, *alt = c->alt;
  const int32_t n = base->count;
  int same = base->movement_count > 0 && base->movement_count == alt->movement_count;
  for (int64_t i = 0; i < base->movement_count && same; ++i)
    same = strcmp(base->movement_id[i], alt->movement_id[i]) == 0;
  for (int32_t i = 0; i < n && same; ++i) same = base->run[i].movement_vph && alt->run[i].movement_vph;
  if (!same) return;
  const double **b = ART_NEW(const double *, n), **a = ART_NEW(const double *, n);
  for (int32_t i = 0; i < n; ++i) {
    b[i] = base->run[i].movement_vph;
    a[i] = alt->run[i].movement_vph;
  }
  c->movement_count = base->movement_count;
  c->movement = compare_places(c->movement_count, n, b, a, options->level);
  c->movement_order = order_places(c->movement_count, c->movement);
  free(b);
  free(a);
}

// ---- the whole -------------------------------------------------------------------------------------------------------

/// Differences between the two that the user may not have meant.
static void look_for_traps(art_comparison *c)
{
  const art_runs *base = c->base, *alt = c->alt;
  if (strcmp(base->city_sha256, alt->city_sha256) != 0) warn(c, "the city files differ\n");
  if (base->begin_s != alt->begin_s || base->end_s != alt->end_s) {
    warn(c, "the time spans differ: %g to %g s and %g to %g s\n", base->begin_s, base->end_s, alt->begin_s,
         alt->end_s);
  }
  if (base->warmup_s != alt->warmup_s)
    warn(c, "the warm-ups differ: %g s and %g s\n", base->warmup_s, alt->warmup_s);
  if (base->filling_s > base->warmup_s + 0.5) {
    warn(
        c,
        "the network was filling up to second %.0f (MSER-5 on the running vehicles), the warm-up is %.0f s\n",
        base->filling_s, base->warmup_s);
  }
  if (base->incomplete || alt->incomplete)
    warn(c, "%d of the runs were interrupted\n", base->incomplete + alt->incomplete);
  const int32_t b = find_text(base->kpi_name, base->kpi_count, "trips"),
                a = find_text(alt->kpi_name, alt->kpi_count, "trips");
  for (int32_t i = 0; b >= 0 && a >= 0 && i < base->count; ++i) {
    if (base->run[i].kpi[b] == alt->run[i].kpi[a]) continue;
    warn(c, "the demands differ: %.0f and %.0f trips with seed %llu\n", base->run[i].kpi[b],
         alt->run[i].kpi[a], (unsigned long long)base->run[i].seed);
    break;
  }
  if (strcmp(base->scenario_id, alt->scenario_id) == 0) warn(c, "both are runs of the same scenario\n");
  if (base->count < 2) warn(c, "one pair of runs: differences have no interval; run more seeds\n");
}

art_status art_compare(const art_runs *base, const art_runs *alt, const art_compare_options *options,
                       art_comparison **out, art_error *err)
{
  *out = NULL;
  art_status status = art_runs_check_pairs(base, alt, err);
  if (status != ART_OK) return status;
  art_comparison *c = ART_NEW(art_comparison, 1);
  c->base = base;
  c->alt = alt;
  status = compare_kpis(c, options, err);
  if (status != ART_OK) {
    art_comparison_free(c);
    return status;
  }
  compare_links(c, options);
  compare_movements(c, options);
  look_for_traps(c);
  *out = c;
  return ART_OK;
}

void art_comparison_free(art_comparison *comparison)
{
  if (!comparison) return;
  for (int m = 0; m < ART_LINK_MEASURES; ++m) free(comparison->link[m]);
  free(comparison->kpi);
  free(comparison->link_order);
  free(comparison->movement);
  free(comparison->movement_order);
  free(comparison);
}
