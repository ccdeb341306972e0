#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/quantity.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/compare/compare.h"
#include "scenarios/compare/plot.h"

enum { KEY_LEVEL = 256, KEY_PRECISION, KEY_LINKS, KEY_KPI, KEY_NO_PLOT };

typedef struct arguments {
  char **inputs;
  int32_t count, capacity;
  const char *folder;
  const char **kpi;
  int32_t kpi_count, kpi_capacity;
  int force, no_plot, links;
  art_compare_options options;
} arguments;

static const struct argp_option option_list[] = {
  { "output", 'o', "DIR", 0,
    "write kpi.csv, runs.csv, links.csv, movements.csv, links.geojson and PNG maps there", 0 },
  { "force", 'f', NULL, 0, "overwrite them", 0 },
  { "level", KEY_LEVEL, "P", 0, "confidence level (0.95)", 0 },
  { "precision", KEY_PRECISION, "P", 0,
    "say how many seeds a half width of this share of the base needs (1 %)", 0 },
  { "kpi", KEY_KPI, "NAME", 0,
    "judge this indicator instead of the usual headlines; may be given several times", 0 },
  { "links", KEY_LINKS, "N", 0, "links and movements to print (10)", 0 },
  { "no-plot", KEY_NO_PLOT, NULL, 0, "no PNG", 0 },
  { 0 }
};

static const char doc[] =
    "Compare scenarios seed by seed: each argument is a result or a folder with the runs of one scenario.\v"
    "Indicators leave the warm-up out and count insertion delay and unfinished trips. Intervals are those of "
    "the paired t "
    "test. The headlines are judged, after Holm's correction over them; the other indicators are shown for "
    "explanation. Links "
    "and movements are judged after Benjamini and Hochberg's.\n\n"
    "Example:\n  arterial compare batch/base batch/retimed -o comparison";

static double share(struct argp_state *state, const char *option, const char *text, double lowest,
                    double highest)
{
  double value = 0.0;
  if (art_quantity_real(text, &value) || !(value >= lowest && value <= highest)) {
    argp_error(state, "--%s: '%s' is not a number from %g to %g", option, text, lowest, highest);
  }
  return value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  int64_t value = 0;
  switch (key) {
  case 'o': a->folder = arg; return 0;
  case 'f': a->force = 1; return 0;
  case KEY_LEVEL: a->options.level = share(state, "level", arg, 0.5, 0.9999); return 0;
  case KEY_PRECISION: a->options.precision = share(state, "precision", arg, 1e-6, 1.0); return 0;
  case KEY_LINKS:
    if (art_quantity_integer(arg, &value) || value < 0 || value > 100000) {
      argp_error(state, "--links: '%s' is not a whole number from 0 to 100000", arg);
    }
    a->links = (int)value;
    return 0;
  case KEY_KPI: ART_PUSH(a->kpi, a->kpi_count, a->kpi_capacity, arg); return 0;
  case KEY_NO_PLOT: a->no_plot = 1; return 0;
  case ARGP_KEY_ARG: ART_PUSH(a->inputs, a->count, a->capacity, arg); return 0;
  case ARGP_KEY_END:
    if (a->count < 2) argp_error(state, "give a base and at least one alternative");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

// ---- printing --------------------------------------------------------------------------------------------------------

/// A number in at most ten characters, "-" where there is none.
static const char *number(double value, char text[32])
{
  if (isnan(value)) return "-";
  const double size = fabs(value);
  if (size != 0.0 && size < 0.01)
    snprintf(text, 32, "%.2g", value);
  else if (size < 100.0)
    snprintf(text, 32, "%.2f", value);
  else if (size < 1e7)
    snprintf(text, 32, "%.1f", value);
  else
    snprintf(text, 32, "%.3g", value);
  return text;
}

static void print_kpi(const art_comparison *c, const art_compare_kpi *row)
{
  char base[32], alt[32], difference[32], low[32], high[32], relative[32] = "-", gain[32], seeds[32] = "-",
                                                             p[32];
  const art_paired *d = &row->paired;
  char interval[80] = "-";
  if (!isnan(d->low))
    snprintf(interval, sizeof interval, "%s .. %s", number(d->low, low), number(d->high, high));
  if (d->base_mean != 0.0)
    snprintf(relative, sizeof relative, "%+.1f %%", 100.0 * d->difference / fabs(d->base_mean));
  if (row->seeds_needed > 0)
    snprintf(seeds, sizeof seeds, "%" PRId64, row->seeds_needed);
  else if (row->seeds_needed < 0)
    snprintf(seeds, sizeof seeds, "many");
  printf("%-24s %-6s %10s %10s %10s  %-22s %9s %9s %8s %6s  %s\n", c->base->kpi_name[row->base_index],
         strcmp(row->unit, "1") == 0 ? "" : row->unit, number(d->base_mean, base), number(d->alt_mean, alt),
         number(d->difference, difference), interval, relative, number(row->p_adjusted, p),
         isinf(d->gain) ? "exact" : number(d->gain, gain), seeds, art_compare_verdict(row));
}

static void print_kpis(const art_comparison *c, const art_compare_options *options)
{
  char interval[32], seeds[32];
  snprintf(interval, sizeof interval, "%g %% interval", 100.0 * options->level);
  snprintf(seeds, sizeof seeds, "n(%g%%)", 100.0 * options->precision);
  printf("%-24s %-6s %10s %10s %10s  %-22s %9s %9s %8s %6s\n", "indicator", "unit", "base", "alt",
         "difference", interval, "relative", "p (Holm)", "gain", seeds);
  int32_t equal = 0, headlines = 0;
  for (int32_t i = 0; i < c->kpi_count; ++i) {
    const art_paired *d = &c->kpi[i].paired;
    const int is_dull = d->difference == 0.0 && !(d->difference_sd > 0.0);
    if (headlines > 0 && !c->kpi[i].is_headline) {
      printf("for explanation, not judged:\n");
      headlines = 0;
    }
    headlines += c->kpi[i].is_headline;
    equal += is_dull;
    if (!is_dull || c->kpi[i].is_headline) print_kpi(c, &c->kpi[i]);
  }
  if (equal > 0) printf("(%d indicators are equal in every pair)\n", equal);
}

static void print_place(const char *id, const char *unit, const art_compare_place *place)
{
  char base[32], alt[32], difference[32], low[32], high[32], interval[80] = "-";
  const art_paired *d = &place->paired;
  if (!isnan(d->low))
    snprintf(interval, sizeof interval, "%s .. %s", number(d->low, low), number(d->high, high));
  printf("  %-28s %10s -> %10s  %10s %-6s %-22s %s\n", id, number(d->base_mean, base),
         number(d->alt_mean, alt), number(d->difference, difference), unit, interval,
         place->is_significant ? "significant" : "");
}

static void print_places(const art_comparison *c, int limit)
{
  if (c->link_count > 0 && limit > 0) printf("\nlinks whose total delay changed most:\n");
  for (int32_t i = 0; i < c->link_count && i < limit; ++i) {
    const int32_t link = c->link_order[i];
    if (!(fabs(c->link[ART_LINK_DELAY][link].paired.difference) > 0.0)) break;
    print_place(c->base->link_id[link], "veh h", &c->link[ART_LINK_DELAY][link]);
  }
  if (c->movement_count > 0 && limit > 0) printf("\nmovements whose flow changed most:\n");
  for (int64_t i = 0; i < c->movement_count && i < limit; ++i) {
    const int64_t m = c->movement_order[i];
    if (!(fabs(c->movement[m].paired.difference) > 0.0)) break;
    print_place(c->base->movement_id[m], "veh/h", &c->movement[m]);
  }
}

static void print_comparison(const art_comparison *c, const arguments *a)
{
  printf("%s (base) and %s, %d seed%s", c->base->name, c->alt->name, c->base->count,
         c->base->count == 1 ? "" : "s");
  if (c->base->warmup_s > 0.0) printf(", first %.0f s left out", c->base->warmup_s);
  printf("\n");
  if (c->warning[0]) {
    char *copy = art_strdup(c->warning), *save = NULL;
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
      fprintf(stderr, "arterial compare: warning: %s\n", line);
    }
    free(copy);
  }
  print_kpis(c, &a->options);
  print_places(c, a->links);
  printf("\n");
}

// ---- work ------------------------------------------------------------------------------------------------------------

static art_status write_all(const arguments *a, art_comparison *const *comparisons, art_error *err)
{
  char reason[512];
  const art_status status =
      art_compare_write(a->folder, a->count - 1, comparisons, &a->options, a->force, err);
  if (status != ART_OK) return status;
  printf("written: %s\n", a->folder);
  fflush(stdout);
  if (comparisons[0]->link_count == 0)
    fprintf(stderr, "arterial compare: no map: the results have no /links in common\n");
  if (!a->no_plot && !art_compare_plot(a->folder, reason, sizeof reason)) {
    fprintf(stderr, "arterial compare: no PNG was drawn: %s. The tables and links.geojson are complete.\n",
            reason);
  }
  return ART_OK;
}

static art_status compare(const arguments *a, art_error *err)
{
  art_runs **runs = ART_NEW(art_runs *, a->count);
  art_comparison **comparisons = ART_NEW(art_comparison *, a->count);
  art_status status = ART_OK;
  for (int32_t i = 0; i < a->count && status == ART_OK; ++i)
    status = art_runs_read(a->inputs[i], &runs[i], err);
  for (int32_t i = 1; i < a->count && status == ART_OK; ++i) {
    status = art_compare(runs[0], runs[i], &a->options, &comparisons[i - 1], err);
    if (status == ART_OK) print_comparison(comparisons[i - 1], a);
  }
  if (status == ART_OK && a->folder) status = write_all(a, comparisons, err);
  for (int32_t i = 0; i < a->count; ++i) {
    art_comparison_free(comparisons[i]);
    art_runs_free(runs[i]);
  }
  free(comparisons);
  free(runs);
  return status;
}

int art_verb_compare(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "BASE ALT...", doc, NULL, NULL, NULL };
  arguments a = { .links = 10, .options = art_compare_options_default() };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  if (a.kpi_count > 0) {
    a.options.headline = a.kpi;
    a.options.headline_count = a.kpi_count;
  }
  art_error err = { 0 };
  const art_status status = compare(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial compare: %s\n", err.message);
  free(a.kpi);
  free(a.inputs);
  return art_status_exit_code(status);
}
