#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "scenarios/calibrate/drivers.h"
#include "scenarios/cli/calibrate_drivers.h"
#include "scenarios/cli/verbs.h"

typedef struct options {
  int32_t count, capacity;
  char **files;
  const char *output, *csv, *model, *minimise;
  double step_s, min_duration_s, length_m, prior;
  int64_t restarts, seed, threads;
  int by_pair, force, quiet;
} options;

enum { KEY_CSV = 256, KEY_RESTARTS, KEY_SEED, KEY_LENGTH, KEY_BY_PAIR, KEY_PRIOR };

static const struct argp_option option_table[] = {
  { "model", 'm', "MODEL", 0, "Car-following model to fit (default: iidm)", 0 },
  { "output", 'o', "DRIVERS.h5", 0, "Parameters, errors and simulated rows", 0 },
  { "csv", KEY_CSV, "DRIVERS.csv", 0, "Also one line a driver", 0 },
  { "minimise", 'e', "ERROR", 0, "Error of the gap: mixed (default), relative or absolute", 0 },
  { "step", 's', "S", 0,
    "Step of the simulation, s: a whole part or multiple of the data's (default: the data's)", 0 },
  { "min-duration", 'd', "S", 0, "Leave out episodes that are shorter, s (default: 10)", 0 },
  { "by-pair", KEY_BY_PAIR, NULL, 0,
    "Fit every episode alone; default: all of a driver in one folder together", 0 },
  { "prior", KEY_PRIOR, "W", 0,
    "Pull parameters to those fitted to the whole group, where the driver's data say little: W is what a "
    "doubling of "
    "all of them adds to the squared error (default: 0, none; 0.001 is mild)",
    0 },
  { "leader-length", KEY_LENGTH, "M", 0, "Length of leaders, m, where the data have none (default: 5)", 0 },
  { "restarts", KEY_RESTARTS, "N", 0, "Global searches per driver (default: 3)", 0 },
  { "seed", KEY_SEED, "N", 0, "Chooses the draws of the search (default: 1)", 0 },
  { "threads", 't', "N", 0, "Threads; default: OMP_NUM_THREADS, else the cores allowed", 0 },
  { "force", 'f', NULL, 0, "Overwrite outputs", 0 },
  { "quiet", 'q', NULL, 0, "No progress lines", 0 },
  { 0 },
};

static int64_t whole(struct argp_state *state, const char *name, const char *text, int64_t lowest,
                     int64_t highest)
{
  char *end;
  errno = 0;
  const int64_t value = strtoll(text, &end, 10);
  if (end == text || *end || errno || value < lowest || value > highest)
    argp_error(state, "--%s '%s', expected %" PRId64 " to %" PRId64, name, text, lowest, highest);
  return value;
}

static double real(struct argp_state *state, const char *name, const char *text, double lowest,
                   double highest)
{
  char *end;
  const double value = strtod(text, &end);
  if (end == text || *end || !(value >= lowest && value <= highest))
    argp_error(state, "--%s '%s', expected a number from %g to %g", name, text, lowest, highest);
  return value;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
  options *o = state->input;
  switch (key) {
  case 'm': o->model = value; return 0;
  case 'o': o->output = value; return 0;
  case 'e': o->minimise = value; return 0;
  case 's': o->step_s = real(state, "step", value, 0.001, 10.0); return 0;
  case 'd': o->min_duration_s = real(state, "min-duration", value, 0.0, 1e6); return 0;
  case 't': o->threads = whole(state, "threads", value, 1, 4096); return 0;
  case 'f': o->force = 1; return 0;
  case 'q': o->quiet = 1; return 0;
  case KEY_CSV: o->csv = value; return 0;
  case KEY_BY_PAIR: o->by_pair = 1; return 0;
  case KEY_PRIOR: o->prior = real(state, "prior", value, 0.0, 1000.0); return 0;
  case KEY_LENGTH: o->length_m = real(state, "leader-length", value, 0.2, 100.0); return 0;
  case KEY_RESTARTS: o->restarts = whole(state, "restarts", value, 1, 1000); return 0;
  case KEY_SEED: o->seed = whole(state, "seed", value, 0, INT64_MAX); return 0;
  case ARGP_KEY_ARG: ART_PUSH(o->files, o->count, o->capacity, value); return 0;
  case ARGP_KEY_END:
    if (!o->count || !o->output) argp_error(state, "needs FILE.csv and -o");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static art_status read_all(const options *o, art_pairs *pairs, art_error *err)
{
  art_reject_report report = { 0 };
  art_status status = ART_OK;
  for (int32_t i = 0; i < o->count && status == ART_OK; ++i)
    status = art_pairs_read(o->files[i], o->length_m, pairs, &report, err);
  for (int32_t i = 0; i < report.message_count; ++i) fprintf(stderr, "rejected: %s\n", report.message[i]);
  if (report.further) fprintf(stderr, "rejected: and %" PRId64 " more\n", report.further);
  if (status == ART_OK)
    printf("files=%" PRId32 " rows=%" PRId64 " accepted=%" PRId64 " rejected=%" PRId64 " episodes=%" PRId32
           " step=%g s\n",
           o->count, report.rows, report.accepted, report.rejected_rows, pairs->episode_count, pairs->step_s);
  art_reject_report_clear(&report);
  return status;
}

static void print_errors(const art_driver_study *s)
{
  printf("error of the gap (%s measure), %%:\n", art_gap_error_name(s->options.error));
  printf("  %-10s %-15s %7s %6s %6s %6s %6s %9s\n", "group", "parameters", "count", "mean", "median", "p10",
         "p90", "collided");
  for (int32_t g = 0; g <= s->group_count; ++g) {
    if (g == s->group_count && s->group_count == 1) break;
    for (int scope = 0; scope < ART_DRIVER_SCOPE_COUNT; ++scope) {
      const art_error_summary e = art_drivers_errors(s, g, scope);
      if (e.count == 0) continue;
      printf("  %-10s %-15s %7" PRId32 " %6.1f %6.1f %6.1f %6.1f %9.1f\n", s->pooled[g].group,
             art_driver_scope_name(scope), e.count, 100.0 * e.mean, 100.0 * e.median, 100.0 * e.low,
             100.0 * e.high, 100.0 * e.collided_share);
    }
  }
}

static void print_params(const art_driver_study *s)
{
  printf("parameters (pooled: one set for all drivers of the group; median and quartiles: over drivers whose "
         "data "
         "determine it; ~: data of the whole group hardly do):\n");
  printf("  %-10s %-18s %-6s %9s %8s %8s %8s %10s\n", "group", "parameter", "unit", "pooled", "median", "p25",
         "p75", "determined");
  for (int32_t g = 0; g <= s->group_count; ++g) {
    if (g == s->group_count && s->group_count == 1) break;
    const art_driver_fit *pooled = &s->pooled[g];
    for (int p = 0; p < s->options.model->count; ++p) {
      const art_driver_param *param = art_driver_param_of(s->options.model->param[p]);
      const art_param_summary d = art_drivers_param(s, g, p, 1), all = art_drivers_param(s, g, p, 0);
      printf("  %-10s %-18s %-6s %c%8.3f %8.3f %8.3f %8.3f %6" PRId32 "/%-3" PRId32 "\n", pooled->group,
             param->name, param->units, pooled->at_bound[p] || pooled->is_weak[p] ? '~' : ' ',
             pooled->value[p], d.median, d.lower, d.upper, d.count, all.count);
    }
  }
}

static void print_study(const art_driver_study *s)
{
  int64_t agreed = 0, collided = 0, evaluations = 0;
  for (int32_t f = 0; f < s->fit_count; ++f) {
    agreed += s->fit[f].agreeing;
    collided += s->fit[f].collided > 0;
    evaluations += s->fit[f].evaluations;
  }
  printf("model=%s fits=%" PRId32 " left_out=%" PRId32 " rows=%" PRId64 " step=%g s collided=%" PRId64
         " restarts_that_agree=%.0f%% simulations=%" PRId64 "\n",
         art_model_name(s->options.model->model), s->fit_count, s->left_out, s->row_count, s->step_s,
         collided, 100.0 * (double)agreed / ((double)s->fit_count * s->options.restarts), evaluations);
  print_errors(s);
  print_params(s);
}

/// Said before minutes are spent, not after.
static art_status check_outputs(const options *o, art_error *err)
{
  const char *const path[] = { o->output, o->csv };
  for (int i = 0; i < 2; ++i) {
    art_status status = art_output_check_apart(path[i], o->count, (const char *const *)o->files, err);
    if (status == ART_OK) status = art_output_check(path[i], o->force, err);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status calibrate(const options *o, const art_driver_options *run, art_error *err)
{
  art_status status = check_outputs(o, err);
  if (status != ART_OK) return status;
  art_pairs *pairs = art_pairs_new();
  art_driver_study *study = NULL;
  status = read_all(o, pairs, err);
  if (status == ART_OK) status = art_drivers_fit(pairs, run, &study, err);
  art_pairs_free(pairs);
  if (status == ART_OK)
    status = art_drivers_write_h5(o->output, study, art_command_line(), o->count,
                                  (const char *const *)o->files, o->force, err);
  if (status == ART_OK && o->csv) status = art_drivers_write_csv(o->csv, study, o->force, err);
  if (status == ART_OK) {
    print_study(study);
    printf("%s: written\n", o->output);
    if (o->csv) printf("%s: written\n", o->csv);
  }
  art_drivers_free(study);
  return status;
}

int art_verb_calibrate_drivers(int argc, char **argv)
{
  static const struct argp argp = {
    option_table,
    parse,
    "FILE.csv... -o DRIVERS.h5",
    "Fits the parameters of a car-following model to recorded leader-follower pairs, driver by driver: the "
    "error of the "
    "simulated gap is minimised. Says how well they fit, and how well the parameters of one driver fit the "
    "others.\v"
    "Example: arterial calibrate drivers HV/*.csv CAV/*.csv --model iidm -o drivers.h5 --csv drivers.csv",
    NULL,
    NULL,
    NULL
  };
  options o = {
    .model = "iidm", .minimise = "mixed", .min_duration_s = 10.0, .length_m = 5.0, .restarts = 3, .seed = 1
  };
  argp_err_exit_status = 2;
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0) return 2;
  art_error err = { 0 };
  art_status status = ART_OK;
  char names[256];
  art_driver_model_names(names, sizeof names);
  const art_driver_options run = { .model = art_driver_model_find(o.model),
                                   .error = art_gap_error_find(o.minimise),
                                   .step_s = o.step_s,
                                   .min_duration_s = o.min_duration_s,
                                   .by_pair = o.by_pair,
                                   .prior = o.prior,
                                   .restarts = (int)o.restarts,
                                   .seed = (uint64_t)o.seed,
                                   .threads = (int)o.threads,
                                   .progress = o.quiet ? NULL : stderr };
  if (!run.model)
    status = art_fail(&err, ART_E_USAGE, "--model '%s': accepted are %s", o.model, names);
  else if (run.error < 0)
    status =
        art_fail(&err, ART_E_USAGE, "--minimise '%s': accepted are mixed, relative, absolute", o.minimise);
  if (status == ART_OK) status = calibrate(&o, &run, &err);
  if (status != ART_OK) fprintf(stderr, "arterial calibrate drivers: %s\n", err.message);
  free(o.files);
  return art_status_exit_code(status);
}
