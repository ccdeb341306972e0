#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/city/city_file.h"
#include "scenarios/calibrate/calibrate.h"
#include "scenarios/cli/calibrate_drivers.h"
#include "scenarios/cli/verbs.h"

typedef struct options {
  const char *path;
  int threads, folds, force, quiet, has_seed;
  uint64_t seed;
} options;

/// Runs that judge the result with seeds of their own.
enum { FRESH_SEEDS = 3 };

static const struct argp_option option_table[] = {
  { "threads", 't', "N", 0, "Threads; default: OMP_NUM_THREADS, else the cores allowed", 0 },
  { "folds", 'k', "N", 0,
    "Also hold out each of N parts of the links once, in N more calibrations, and pool the result", 0 },
  { "holdout-seed", 'S', "N", 0, "Hold out other links than the file says", 0 },
  { "force", 'f', NULL, 0, "Overwrite outputs", 0 },
  { "quiet", 'q', NULL, 0, "No progress lines", 0 },
  { 0 },
};

static int parse_count(struct argp_state *state, const char *name, const char *text, int64_t lowest,
                       int64_t highest, int64_t *out)
{
  char *end;
  *out = strtoll(text, &end, 10);
  if (end == text || *end || *out < lowest || *out > highest)
    argp_error(state, "--%s '%s', expected %" PRId64 " to %" PRId64, name, text, lowest, highest);
  return 0;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
  options *o = state->input;
  int64_t number;
  switch (key) {
  case 't': parse_count(state, "threads", value, 1, 4096, &number), o->threads = (int)number; return 0;
  case 'k': parse_count(state, "folds", value, 2, 1000, &number), o->folds = (int)number; return 0;
  case 'S':
    parse_count(state, "holdout-seed", value, 0, INT64_MAX, &number), o->seed = (uint64_t)number,
                                                                      o->has_seed = 1;
    return 0;
  case 'f': o->force = 1; return 0;
  case 'q': o->quiet = 1; return 0;
  case ARGP_KEY_ARG:
    if (o->path) argp_error(state, "one calibration at a time, not also '%s'", value);
    o->path = value;
    return 0;
  case ARGP_KEY_END:
    if (!o->path) argp_error(state, "needs a calibration file");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static void print_audit(const art_calibrator *k)
{
  printf("audit: %" PRId32 " stations, %" PRId32 " used\n", k->audit.count, k->audit.used);
  for (int pass = 0; pass < 2; ++pass) {
    for (int32_t i = 0; i < k->audit.count; ++i) {
      const art_audit_row *r = &k->audit.row[i];
      const int is_excluded = r->use == ART_STATION_USE_EXCLUDED;
      if (is_excluded != (pass == 0) || !r->reason[0]) continue;
      printf("  %s '%s' on %s: %s\n", is_excluded ? "excluded" : "note    ", k->feed->station_id[r->station],
             k->feed->station_link[r->station][0] ? k->feed->station_link[r->station] : "no link", r->reason);
    }
  }
}

static void print_measures(const char *what, const art_fit_measures *m)
{
  if (m->count == 0) return;
  printf("  %-16s n=%" PRId32 " geh5=%.3f median_geh=%.2f max_geh=%.1f rmse=%.0f bias=%+.0f r2=%.3f\n", what,
         m->count, m->geh5_share, m->geh_median, m->geh_max, m->rmse, m->bias, m->r2);
}

static void print_fit(const art_fit *fit)
{
  printf("fit: %" PRId32 " route groups, %" PRId32 " fixed trips, best of %" PRId32 " iterations: %" PRId32
         "\n",
         fit->group_count, fit->fixed_trips, fit->iterations, fit->best_iteration);
  static const char *const part[2] = { "fitted", "held out" };
  for (int u = 0; u < 2; ++u) {
    if (fit->before[u].count == 0) continue;
    printf(" %s\n", part[u]);
    print_measures("before", &fit->before[u]);
    print_measures("after", &fit->after[u]);
    print_measures("after, new seeds", &fit->fresh[u]);
  }
  printf(" any non-negative route weights, static, reach geh5=%.3f on the fitted stations (median %.2f)\n",
         fit->best_static_share, fit->best_static_geh);
  printf(" vehicles %.0f -> %.0f (%+.1f %%), mean trip length %.0f m -> %.0f m (%+.1f %%), vehicle-km %+.1f "
         "%%\n",
         fit->prior.vehicles, fit->posterior.vehicles,
         100.0 * (fit->posterior.vehicles / fit->prior.vehicles - 1.0), fit->prior.mean_length_m,
         fit->posterior.mean_length_m,
         100.0 * (fit->posterior.mean_length_m / fit->prior.mean_length_m - 1.0),
         100.0 * (fit->posterior.kilometres / fit->prior.kilometres - 1.0));
  printf(" trips moved between routes %.1f %%, distance of trip-length distributions (Kolmogorov-Smirnov) "
         "%.3f\n",
         100.0 * fit->moved_share, fit->length_distance);
  printf(" waiting outside at the end %.0f -> %.0f, mean insertion delay %.1f s -> %.1f s\n",
         fit->prior.waiting, fit->posterior.waiting, fit->prior.mean_delay_s, fit->posterior.mean_delay_s);
}

/// Every fold held out once: pooled, each station is judged by the one fit that did not see it.
static art_status cross_validate(art_calibrator *k, const art_calibrate_options *asked, art_error *err)
{
  art_calibrate_options run = *asked;
  run.fresh_seeds = 0;
  const int32_t rows = k->incidence.row_count;
  double *before = ART_NEW(double, rows), *after = ART_NEW(double, rows), *observed = ART_NEW(double, rows);
  double fitted = 0.0;
  art_status status = ART_OK;
  for (int fold = 0; fold < run.folds && status == ART_OK; ++fold) {
    art_audit_hold_out(&k->audit, k->c->city->net, k->calibration->holdout_seed, 0.0, run.folds, fold);
    art_fit fit;
    status = art_calibrator_fit(k, &run, &fit, err);
    if (status != ART_OK) break;
    for (int32_t i = 0; i < rows; ++i) {
      observed[i] = fit.row[i].observed_vph;
      if (k->audit.row[fit.row[i].audit_row].use != ART_STATION_USE_HELD_OUT) continue;
      before[i] = fit.row[i].before_vph;
      after[i] = fit.row[i].after_vph;
    }
    fitted += fit.after[0].geh5_share / run.folds;
    art_fit_clear(&fit);
  }
  if (status == ART_OK) {
    const art_fit_measures b = art_fit_measures_of(rows, before, observed, NULL);
    const art_fit_measures a = art_fit_measures_of(rows, after, observed, NULL);
    printf("cross-validation: %d folds, every link held out once, fitted geh5=%.3f on average\n", run.folds,
           fitted);
    print_measures("before", &b);
    print_measures("after", &a);
  }
  free(before);
  free(after);
  free(observed);
  return status;
}

/// Says what was missed; 1 if all that was asked for is met.
static int check_acceptance(const art_calibration *cal, const art_fit *fit)
{
  const struct {
    const char *name;
    double wanted, got;
    int at_most;
  } check[] = {
    { "geh5_fitted", cal->accept_geh5_fitted, fit->after[0].geh5_share, 0 },
    { "geh5_heldout", cal->accept_geh5_heldout, fit->after[1].geh5_share, 0 },
    { "median_geh", cal->accept_median_geh, fit->after[0].geh_median, 1 },
  };
  int is_met = 1;
  for (size_t i = 0; i < sizeof check / sizeof *check; ++i) {
    if (check[i].wanted < 0.0) continue;
    const int good = check[i].at_most ? check[i].got <= check[i].wanted : check[i].got >= check[i].wanted;
    printf("accept: %s=%.3f, wanted %s %.3f: %s\n", check[i].name, check[i].got,
           check[i].at_most ? "<=" : ">=", check[i].wanted, good ? "met" : "MISSED");
    is_met &= good;
  }
  return is_met;
}

static art_status write_outputs(const art_calibrator *k, const art_fit *fit, int force, art_error *err)
{
  const art_calibration *cal = k->calibration;
  const char *const inputs[] = { cal->path, cal->scenario_path, cal->feed_path };
  enum { COUNT = sizeof inputs / sizeof *inputs };
  art_source source[COUNT] = { 0 };
  art_status status = ART_OK;
  for (int i = 0; i < COUNT && status == ART_OK; ++i) {
    source[i].path = art_strdup(inputs[i]);
    status = art_file_sha256(inputs[i], source[i].sha256, err);
  }
  if (status == ART_OK) {
    art_demand *demand = art_calibrator_demand(k, fit);
    status = art_demand_write(cal->demand_out, demand, k->c->city->net, art_command_line(), COUNT, source,
                              force, err);
    art_demand_free(demand);
  }
  if (status == ART_OK) status = art_fit_write_csv(cal->fit_csv_out, k, fit, force, err);
  if (status == ART_OK) status = art_fit_write_h5(cal->fit_h5_out, k, fit, art_command_line(), force, err);
  for (int i = 0; i < COUNT; ++i) free(source[i].path);
  if (status != ART_OK) return status;
  printf("%s: written\n", cal->demand_out);
  if (cal->fit_csv_out) printf("%s: written\n", cal->fit_csv_out);
  if (cal->fit_h5_out) printf("%s: written\n", cal->fit_h5_out);
  return ART_OK;
}

/// Said before minutes are spent, not after.
static art_status check_outputs(const art_calibration *cal, int force, art_error *err)
{
  const char *const inputs[] = { cal->path, cal->scenario_path, cal->feed_path };
  const char *const outputs[] = { cal->demand_out, cal->fit_csv_out, cal->fit_h5_out };
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; ++i) {
    art_status status = art_output_check_apart(outputs[i], sizeof inputs / sizeof *inputs, inputs, err);
    if (status == ART_OK) status = art_output_check(outputs[i], force, err);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status calibrate(const options *o, art_calibration *cal, art_error *err)
{
  if (o->has_seed) cal->holdout_seed = o->seed;
  art_calibrator *k;
  art_status status = check_outputs(cal, o->force, err);
  if (status == ART_OK) status = art_calibrator_load(cal, &k, err);
  if (status != ART_OK) return status;
  status = art_scenario_check_output(k->scenario, cal->demand_out, err);
  if (status != ART_OK) {
    art_calibrator_free(k);
    return status;
  }
  art_calibrate_options run = {
    .threads = o->threads, .folds = o->folds, .fresh_seeds = FRESH_SEEDS, .progress = o->quiet ? NULL : stderr
  };
  print_audit(k);
  printf("prior: %" PRId32 " trips and %" PRId32 " copied before them\n",
         k->prior->trip_count - k->lead_trips, k->lead_trips);
  if (run.folds > 1) status = cross_validate(k, &run, err);
  art_audit_hold_out(&k->audit, k->c->city->net, cal->holdout_seed, cal->holdout_share, 0, 0);
  art_fit fit = { 0 };
  if (status == ART_OK) status = art_calibrator_fit(k, &run, &fit, err);
  if (status == ART_OK) {
    print_fit(&fit);
    status = write_outputs(k, &fit, o->force, err);
  }
  if (status == ART_OK && !check_acceptance(cal, &fit))
    status = art_fail(err, ART_E_NOT_ACCEPTED, "the wanted acceptance was missed; all outputs are written");
  art_fit_clear(&fit);
  art_calibrator_free(k);
  return status;
}

int art_verb_calibrate(int argc, char **argv)
{
  static const struct argp argp = { option_table,
                                    parse,
                                    "CALIBRATION.yaml\ndrivers FILE.csv... -o DRIVERS.h5",
                                    "Reweights the routes of a scenario's demand so that simulated hourly "
                                    "flows meet counts. Exit code 6 if the wanted "
                                    "fit is not reached; outputs are complete then too. `arterial calibrate "
                                    "drivers --help` tells of fitting drivers to trajectories.\v"
                                    "Example: arterial calibrate bologna.calibration.yaml --folds 10",
                                    NULL,
                                    NULL,
                                    NULL };
  if (argc > 1 && strcmp(argv[1], "drivers") == 0) {
    char name[] = "arterial calibrate drivers";
    argv[1] = name;
    return art_verb_calibrate_drivers(argc - 1, argv + 1);
  }
  options o = { 0 };
  argp_err_exit_status = 2;
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
  art_error err = { 0 };
  art_calibration *cal;
  art_status status = art_calibration_read(o.path, &cal, &err);
  if (status == ART_OK) {
    status = calibrate(&o, cal, &err);
    art_calibration_free(cal);
  }
  if (status != ART_OK) fprintf(stderr, "arterial calibrate: %s\n", err.message);
  return art_status_exit_code(status);
}
