#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/h5/h5.h"
#include "scenarios/calibrate/calibrate.h"

/// One line of the table: every station of the feed, used or not.
typedef struct line {
  const char *station, *link, *note;
  int use, days;
  double observed, spread, before, after, fresh, geh_before, geh_after, queue;
  char text[400];
} line;

/// Lines in the feed's order; `lines` has one a station.
static void collect(const art_calibrator *k, const art_fit *fit, line *lines)
{
  for (int32_t i = 0; i < k->audit.count; ++i) {
    const art_audit_row *r = &k->audit.row[i];
    lines[i] = (line){ .station = k->feed->station_id[r->station],
                       .link = k->feed->station_link[r->station],
                       .use = r->use,
                       .days = r->days,
                       .observed = r->observed_vph,
                       .spread = r->spread_vph,
                       .before = NAN,
                       .after = NAN,
                       .fresh = NAN,
                       .geh_before = NAN,
                       .geh_after = NAN,
                       .queue = NAN };
    snprintf(lines[i].text, sizeof lines[i].text, "%s", r->reason);
  }
  for (int32_t j = 0; j < fit->count; ++j) {
    const art_fit_row *r = &fit->row[j];
    line *l = &lines[r->audit_row];
    l->before = r->before_vph;
    l->after = r->after_vph;
    l->fresh = r->fresh_vph;
    l->geh_before = art_geh(r->before_vph, r->observed_vph);
    l->geh_after = art_geh(r->after_vph, r->observed_vph);
    l->queue = r->queue_share;
    const size_t used = strlen(l->text);
    if (r->queue_share >= ART_FULL_LINK_SHARE)
      snprintf(l->text + used, sizeof l->text - used,
               "%squeue over the link in %.0f %% of the window: the flow is capacity, not demand",
               used ? "; " : "", 100.0 * r->queue_share);
  }
  for (int32_t i = 0; i < k->audit.count; ++i) lines[i].note = lines[i].text;
}

/// Text in double quotes, quotes inside doubled.
static void put_text(FILE *file, const char *text)
{
  fputc('"', file);
  for (; *text; ++text) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

static void put_number(FILE *file, const char *format, double value)
{
  fputc(',', file);
  if (isfinite(value)) fprintf(file, format, value);
}

static void put_lines(FILE *file, int32_t count, const line *lines)
{
  fputs("station,link,use,days,observed_vph,spread_vph,before_vph,after_vph,after_fresh_vph,geh_before,geh_"
        "after,queue_share,note\n",
        file);
  for (int32_t i = 0; i < count; ++i) {
    const line *l = &lines[i];
    put_text(file, l->station);
    fputc(',', file);
    put_text(file, l->link);
    fprintf(file, ",%s,%d", art_station_use_name(l->use), l->days);
    put_number(file, "%.1f", l->observed);
    put_number(file, "%.1f", l->spread);
    put_number(file, "%.1f", l->before);
    put_number(file, "%.1f", l->after);
    put_number(file, "%.1f", l->fresh);
    put_number(file, "%.3f", l->geh_before);
    put_number(file, "%.3f", l->geh_after);
    put_number(file, "%.2f", l->queue);
    fputc(',', file);
    put_text(file, l->note);
    fputc('\n', file);
  }
}

art_status art_fit_write_csv(const char *path, const art_calibrator *calibrator, const art_fit *fit,
                             int force, art_error *err)
{
  if (!path) return ART_OK;
  if (!force && access(path, F_OK) == 0)
    return art_fail(err, ART_E_EXISTS, "%s: exists already (--force overwrites)", path);
  const size_t size = strlen(path) + 32;
  char *temporary = ART_NEW(char, size);
  snprintf(temporary, size, "%s.tmp%ld", path, (long)getpid());
  art_status status = ART_OK;
  FILE *file = fopen(temporary, "w");
  if (!file) {
    status = art_fail(err, ART_E_OPEN, "%s: %s", temporary, strerror(errno));
  } else {
    line *lines = ART_NEW(line, calibrator->audit.count);
    collect(calibrator, fit, lines);
    put_lines(file, calibrator->audit.count, lines);
    free(lines);
    const int failed = ferror(file) != 0;
    if ((fclose(file) != 0 || failed || rename(temporary, path) != 0)) {
      status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
      remove(temporary);
    }
  }
  free(temporary);
  return status;
}

/// A column of numbers, or of texts, out of the lines.
typedef struct numbers {
  const char *name, *units, *sentence;
  size_t offset;
} numbers;

static void put_columns(art_h5 *f, int32_t count, const line *lines)
{
  static const numbers columns[] = {
    { "observed", "h-1", "Observed flow, median over days", offsetof(line, observed) },
    { "spread", "h-1", "Half of the range of the middle 68 % of days", offsetof(line, spread) },
    { "before", "h-1", "Simulated flow with the prior demand", offsetof(line, before) },
    { "after", "h-1", "Simulated flow with the calibrated demand", offsetof(line, after) },
    { "after_fresh", "h-1", "The same with seeds that the fit never used", offsetof(line, fresh) },
    { "geh_before", "1", "GEH of the prior demand", offsetof(line, geh_before) },
    { "geh_after", "1", "GEH of the calibrated demand", offsetof(line, geh_after) },
    { "queue_share", "1", "Share of the window with a queue over the link", offsetof(line, queue) },
  };
  double *value = ART_NEW(double, count);
  const double fill = NAN;
  for (size_t c = 0; c < sizeof columns / sizeof *columns; ++c) {
    char path[64];
    snprintf(path, sizeof path, "/fit/%s", columns[c].name);
    for (int32_t i = 0; i < count; ++i)
      memcpy(&value[i], (const char *)&lines[i] + columns[c].offset, sizeof value[i]);
    art_h5_put(f,
               &(art_h5_var){ .path = path,
                              .type = ART_H5_DOUBLE,
                              .units = columns[c].units,
                              .fill = &fill,
                              .long_name = columns[c].sentence,
                              .axis = { "station" } },
               count, 0, value);
  }
  free(value);
}

static void put_fit(art_h5 *f, const art_calibrator *k, const art_fit *fit)
{
  const int32_t n = k->audit.count;
  line *lines = ART_NEW(line, n);
  collect(k, fit, lines);
  const char **text = ART_NEW(const char *, n);
  int32_t *days = ART_NEW(int32_t, n);
  int8_t *use = ART_NEW(int8_t, n);
  art_h5_group(f, "/fit");
  for (int32_t i = 0; i < n; ++i)
    text[i] = lines[i].station, days[i] = lines[i].days, use[i] = (int8_t)lines[i].use;
  art_h5_put(f,
             &(art_h5_var){
                 .path = "/fit/station", .type = ART_H5_STRING, .long_name = "Station", .is_scale = 1 },
             n, 0, text);
  for (int32_t i = 0; i < n; ++i) text[i] = lines[i].link;
  art_h5_put(f,
             &(art_h5_var){
                 .path = "/fit/link", .type = ART_H5_STRING, .long_name = "Link", .axis = { "station" } },
             n, 0, text);
  art_h5_put(f,
             &(art_h5_var){ .path = "/fit/use",
                            .type = ART_H5_INT8,
                            .long_name = "What became of the station",
                            .axis = { "station" } },
             n, 0, use);
  static const char *const meanings[] = {
#define X(name, word) word,
    ART_STATION_USE_LIST(X)
#undef X
  };
  art_h5_set_flags(f, "/fit/use", ART_STATION_USE_COUNT, meanings);
  art_h5_put(f,
             &(art_h5_var){ .path = "/fit/days",
                            .type = ART_H5_INT32,
                            .units = "1",
                            .long_name = "Days of data",
                            .axis = { "station" } },
             n, 0, days);
  put_columns(f, n, lines);
  for (int32_t i = 0; i < n; ++i) text[i] = lines[i].note;
  art_h5_put(f,
             &(art_h5_var){ .path = "/fit/note",
                            .type = ART_H5_STRING,
                            .long_name = "Why excluded, or what to know",
                            .axis = { "station" } },
             n, 0, text);
  free(text);
  free(days);
  free(use);
  free(lines);
}

/// The weights, so that a fit can be looked into: by first and last link of the route.
static void put_routes(art_h5 *f, const art_calibrator *k, const art_fit *fit)
{
  const int32_t n = k->groups.count;
  const art_net *net = k->c->city->net;
  char **first = ART_NEW(char *, n), **last = ART_NEW(char *, n);
  for (int32_t g = 0; g < n; ++g) {
    const int32_t route = k->groups.route[g];
    first[g] = net->link_id[k->prior->route_link[k->prior->route_first[route]]];
    last[g] = net->link_id[k->prior->route_link[k->prior->route_first[route + 1] - 1]];
  }
  art_h5_group(f, "/routes");
  art_h5_put_index(f, "/routes/route", n, "Route of a set of vehicle types");
  art_h5_put(f,
             &(art_h5_var){ .path = "/routes/first_link",
                            .type = ART_H5_STRING,
                            .long_name = "First link",
                            .axis = { "route" } },
             n, 0, first);
  art_h5_put(f,
             &(art_h5_var){ .path = "/routes/last_link",
                            .type = ART_H5_STRING,
                            .long_name = "Last link",
                            .axis = { "route" } },
             n, 0, last);
  art_h5_put(f,
             &(art_h5_var){ .path = "/routes/length",
                            .type = ART_H5_DOUBLE,
                            .units = "m",
                            .long_name = "Length",
                            .axis = { "route" } },
             n, 0, k->groups.length_m);
  art_h5_put(f,
             &(art_h5_var){ .path = "/routes/prior_trips",
                            .type = ART_H5_INT32,
                            .units = "1",
                            .long_name = "Trips of the prior demand, lead excluded",
                            .axis = { "route" } },
             n, 0, k->groups.main_trips);
  art_h5_put(f,
             &(art_h5_var){ .path = "/routes/weight",
                            .type = ART_H5_DOUBLE,
                            .units = "1",
                            .long_name = "Calibrated trips over prior trips",
                            .axis = { "route" } },
             n, 0, fit->weight);
  free(first);
  free(last);
}

static void put_measures(art_h5 *f, const char *when, const art_fit_measures measures[2])
{
  static const char *const part[2] = { "fitted", "held_out" };
  for (int u = 0; u < 2; ++u) {
    const art_fit_measures *m = &measures[u];
    const struct {
      const char *name;
      double value;
    } value[] = {
      { "count", m->count },     { "geh5_share", m->geh5_share },   { "geh_median", m->geh_median },
      { "geh_max", m->geh_max }, { "rmse_vph", m->rmse },           { "bias_vph", m->bias },
      { "r2", m->r2 },           { "correlation", m->correlation },
    };
    for (size_t i = 0; i < sizeof value / sizeof *value; ++i) {
      char name[80];
      snprintf(name, sizeof name, "%s_%s_%s", part[u], when, value[i].name);
      art_h5_set_real(f, "/fit", name, value[i].value);
    }
  }
}

art_status art_fit_write_h5(const char *path, const art_calibrator *calibrator, const art_fit *fit,
                            const char *command, int force, art_error *err)
{
  if (!path) return ART_OK;
  art_h5 *f;
  const art_status status = art_h5_create(path, force, &f, err);
  if (status != ART_OK) return status;
  art_h5_set_schema(f, "fit", 1, "Fit of a calibrated demand", command);
  put_fit(f, calibrator, fit);
  put_measures(f, "before", fit->before);
  put_measures(f, "after", fit->after);
  put_measures(f, "fresh", fit->fresh);
  art_h5_set_real(f, "/fit", "best_static_geh5_share", fit->best_static_share);
  art_h5_set_real(f, "/fit", "prior_vehicles", fit->prior.vehicles);
  art_h5_set_real(f, "/fit", "calibrated_vehicles", fit->posterior.vehicles);
  art_h5_set_real(f, "/fit", "prior_mean_length_m", fit->prior.mean_length_m);
  art_h5_set_real(f, "/fit", "calibrated_mean_length_m", fit->posterior.mean_length_m);
  art_h5_set_real(f, "/fit", "trip_length_ks_distance", fit->length_distance);
  art_h5_set_real(f, "/fit", "moved_share", fit->moved_share);
  put_routes(f, calibrator, fit);
  return art_h5_commit(f, err);
}
