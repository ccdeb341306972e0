// What a study writes: drivers.h5, with everything that a plot needs, and one CSV row a driver.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/h5/h5.h"
#include "scenarios/calibrate/drivers.h"

enum { DRIVERS_VERSION = 1 };

static const double fill = NAN;

static void put_reals(art_h5 *f, const char *path, const char *units, const char *sentence, const char *axis,
                      int64_t count, const double *value)
{
  art_h5_put(f,
             &(art_h5_var){ .path = path,
                            .type = ART_H5_DOUBLE,
                            .units = units,
                            .long_name = sentence,
                            .fill = &fill,
                            .axis = { axis } },
             count, 0, value);
}

static void put_texts(art_h5 *f, const char *path, const char *sentence, const char *axis, int64_t count,
                      char *const *text)
{
  art_h5_put(f,
             &(art_h5_var){ .path = path,
                            .type = ART_H5_STRING,
                            .long_name = sentence,
                            .is_scale = axis == NULL,
                            .axis = { axis } },
             count, 0, text);
}

static void put_ints(art_h5 *f, const char *path, const char *sentence, const char *axis, int64_t count,
                     const int32_t *value)
{
  art_h5_put(f,
             &(art_h5_var){
                 .path = path, .type = ART_H5_INT32, .units = "1", .long_name = sentence, .axis = { axis } },
             count, 0, value);
}

// ---- one row a driver

/// A number of a fit as a column.
typedef struct fit_column {
  const char *name, *units, *sentence;
  double (*get)(const art_driver_fit *fit);
} fit_column;

static double duration(const art_driver_fit *fit)
{
  return fit->duration_s;
}
static double mixed(const art_driver_fit *fit)
{
  return fit->error[ART_GAP_ERROR_MIXED];
}
static double relative(const art_driver_fit *fit)
{
  return fit->error[ART_GAP_ERROR_RELATIVE];
}
static double absolute(const art_driver_fit *fit)
{
  return fit->error[ART_GAP_ERROR_ABSOLUTE];
}
static double rmse(const art_driver_fit *fit)
{
  return fit->rmse_m;
}

static const fit_column fit_columns[] = {
  { "duration", "s", "Length of all episodes", duration },
  { "error_mixed", "1", "Error of the gap, mixed measure", mixed },
  { "error_relative", "1", "Error of the gap, relative measure", relative },
  { "error_absolute", "1", "Error of the gap, absolute measure", absolute },
  { "gap_rmse", "m", "Root of the mean square difference of the gap", rmse },
};
enum { FIT_COLUMNS = sizeof fit_columns / sizeof *fit_columns };

typedef struct count_column {
  const char *name, *sentence;
  int64_t (*get)(const art_driver_fit *fit);
} count_column;

static int64_t episodes(const art_driver_fit *fit)
{
  return fit->episode_count;
}
static int64_t rows_of(const art_driver_fit *fit)
{
  return fit->rows;
}
static int64_t collided(const art_driver_fit *fit)
{
  return fit->collided;
}
static int64_t agreeing(const art_driver_fit *fit)
{
  return fit->agreeing;
}
static int64_t evaluations(const art_driver_fit *fit)
{
  return fit->evaluations;
}

static const count_column count_columns[] = {
  { "episodes", "Episodes behind a leader", episodes },
  { "rows", "Recorded rows", rows_of },
  { "collided_rows", "Rows with a simulated gap at or below 0", collided },
  { "agreeing_restarts", "Searches that ended within 1 % of the best error", agreeing },
  { "evaluations", "Times that the driver was simulated", evaluations },
};
enum { COUNT_COLUMNS = sizeof count_columns / sizeof *count_columns };

/// How far data determine a parameter, by driver or by row of a table.
static void put_states(art_h5 *f, const char *path, const char *sentence, const char *axis, int32_t count,
                       const int8_t *state)
{
  static const char *const meanings[] = { "determined", "at_a_bound", "weak", "at_a_bound_and_weak" };
  art_h5_put(f, &(art_h5_var){ .path = path, .type = ART_H5_INT8, .long_name = sentence, .axis = { axis } },
             count, 0, state);
  art_h5_set_flags(f, path, 4, meanings);
}

static int8_t state_of(const art_driver_fit *fit, int p)
{
  return (int8_t)(fit->at_bound[p] + 2 * fit->is_weak[p]);
}

static void put_param(art_h5 *f, const art_driver_study *s, int p)
{
  const art_driver_param *param = art_driver_param_of(s->options.model->param[p]);
  const int32_t n = s->fit_count;
  double *value = ART_NEW(double, n);
  int8_t *state = ART_NEW(int8_t, n);
  for (int32_t i = 0; i < n; ++i) {
    value[i] = s->fit[i].value[p];
    state[i] = state_of(&s->fit[i], p);
  }
  char path[96], sentence[160];
  snprintf(path, sizeof path, "/drivers/%s", param->name);
  put_reals(f, path, param->units, param->sentence, "driver", n, value);
  art_h5_set_real(f, path, "lower_bound", param->lowest);
  art_h5_set_real(f, path, "upper_bound", param->highest);
  snprintf(path, sizeof path, "/drivers/%s_state", param->name);
  snprintf(sentence, sizeof sentence, "How far the data determine %s", param->name);
  put_states(f, path, sentence, "driver", n, state);
  free(state);
  free(value);
}

static void put_drivers(art_h5 *f, const art_driver_study *s)
{
  const int32_t n = s->fit_count;
  char **text = ART_NEW(char *, n), path[96];
  double *value = ART_NEW(double, n);
  int32_t *whole = ART_NEW(int32_t, n);
  art_h5_group(f, "/drivers");
  for (int32_t i = 0; i < n; ++i) text[i] = s->fit[i].id;
  put_texts(f, "/drivers/driver", "Driver, as group:run/follower", NULL, n, text);
  for (int32_t i = 0; i < n; ++i) text[i] = s->fit[i].group;
  put_texts(f, "/drivers/group", "Folder of the data", "driver", n, text);
  for (int32_t i = 0; i < n; ++i) text[i] = s->fit[i].driver;
  put_texts(f, "/drivers/follower", "Run and follower", "driver", n, text);
  for (int c = 0; c < COUNT_COLUMNS; ++c) {
    snprintf(path, sizeof path, "/drivers/%s", count_columns[c].name);
    for (int32_t i = 0; i < n; ++i) whole[i] = (int32_t)count_columns[c].get(&s->fit[i]);
    put_ints(f, path, count_columns[c].sentence, "driver", n, whole);
  }
  for (int c = 0; c < FIT_COLUMNS; ++c) {
    snprintf(path, sizeof path, "/drivers/%s", fit_columns[c].name);
    for (int32_t i = 0; i < n; ++i) value[i] = fit_columns[c].get(&s->fit[i]);
    put_reals(f, path, fit_columns[c].units, fit_columns[c].sentence, "driver", n, value);
  }
  for (int p = 0; p < s->options.model->count; ++p) put_param(f, s, p);
  free(whole);
  free(value);
  free(text);
}

// ---- errors between drivers, distributions

static void put_cross(art_h5 *f, const art_driver_study *s)
{
  const int32_t n = s->fit_count;
  char **text = ART_NEW(char *, n);
  for (int32_t i = 0; i < n; ++i) text[i] = s->fit[i].id;
  art_h5_group(f, "/cross");
  put_texts(f, "/cross/parameters_of", "Driver whose parameters are used", NULL, n, text);
  put_texts(f, "/cross/data_of", "Driver whose gaps are compared", NULL, n, text);
  free(text);
  art_h5_put(f,
             &(art_h5_var){ .path = "/cross/error",
                            .type = ART_H5_DOUBLE,
                            .units = "1",
                            .long_name = "Error of the gap, in the measure that was minimised",
                            .axis = { "parameters_of", "data_of" } },
             n, n, s->cross);
  art_h5_put(f,
             &(art_h5_var){ .path = "/cross/collided",
                            .type = ART_H5_UINT8,
                            .units = "1",
                            .long_name = "1 where the simulated driver ran into the leader",
                            .axis = { "parameters_of", "data_of" } },
             n, n, s->cross_collided);
}

/// Errors by group and scope, as a flat table.
static void put_errors(art_h5 *f, const art_driver_study *s)
{
  static const struct {
    const char *name, *sentence;
    size_t offset;
  } columns[] = {
    { "mean", "Mean error", offsetof(art_error_summary, mean) },
    { "median", "Median error", offsetof(art_error_summary, median) },
    { "p10", "10th percentile", offsetof(art_error_summary, low) },
    { "p90", "90th percentile", offsetof(art_error_summary, high) },
    { "collided_share", "Share of those that ran into the leader",
      offsetof(art_error_summary, collided_share) },
  };
  const int32_t n = (s->group_count + 1) * ART_DRIVER_SCOPE_COUNT;
  art_error_summary *row = ART_NEW(art_error_summary, n);
  char **group = ART_NEW(char *, n);
  const char **scope = ART_NEW(const char *, n);
  int32_t *count = ART_NEW(int32_t, n);
  double *value = ART_NEW(double, n);
  for (int32_t i = 0; i < n; ++i) {
    row[i] = art_drivers_errors(s, i / ART_DRIVER_SCOPE_COUNT, i % ART_DRIVER_SCOPE_COUNT);
    group[i] = s->pooled[i / ART_DRIVER_SCOPE_COUNT].group;
    scope[i] = art_driver_scope_name(i % ART_DRIVER_SCOPE_COUNT);
    count[i] = row[i].count;
  }
  art_h5_group(f, "/errors");
  art_h5_put_index(f, "/errors/row", n, "Row");
  put_texts(f, "/errors/group", "Drivers whose data are meant", "row", n, group);
  put_texts(f, "/errors/scope", "Whose parameters they drive with", "row", n, (char *const *)scope);
  put_ints(f, "/errors/count", "Errors", "row", n, count);
  for (size_t c = 0; c < sizeof columns / sizeof *columns; ++c) {
    char path[64];
    snprintf(path, sizeof path, "/errors/%s", columns[c].name);
    for (int32_t i = 0; i < n; ++i)
      memcpy(&value[i], (const char *)&row[i] + columns[c].offset, sizeof *value);
    put_reals(f, path, "1", columns[c].sentence, "row", n, value);
  }
  free(value);
  free(count);
  free(scope);
  free(group);
  free(row);
}

/// Distribution of each parameter by group: all drivers, and those where the data determine it.
static void put_distribution(art_h5 *f, const art_driver_study *s)
{
  static const struct {
    const char *name, *sentence;
    size_t offset;
  } columns[] = {
    { "median", "Median", offsetof(art_param_summary, median) },
    { "p05", "5th percentile", offsetof(art_param_summary, low) },
    { "p25", "25th percentile", offsetof(art_param_summary, lower) },
    { "p75", "75th percentile", offsetof(art_param_summary, upper) },
    { "p95", "95th percentile", offsetof(art_param_summary, high) },
  };
  const int params = s->options.model->count;
  const int32_t n = (s->group_count + 1) * params * 2;
  art_param_summary *row = ART_NEW(art_param_summary, n);
  char **group = ART_NEW(char *, n);
  const char **param = ART_NEW(const char *, n), **units = ART_NEW(const char *, n),
             **which = ART_NEW(const char *, n);
  int32_t *count = ART_NEW(int32_t, n);
  double *value = ART_NEW(double, n), *pooled = ART_NEW(double, n);
  int8_t *state = ART_NEW(int8_t, n);
  for (int32_t i = 0; i < n; ++i) {
    const int32_t g = i / (2 * params), p = i / 2 % params;
    row[i] = art_drivers_param(s, g, p, i % 2);
    group[i] = s->pooled[g].group;
    param[i] = art_driver_param_of(s->options.model->param[p])->name;
    units[i] = art_driver_param_of(s->options.model->param[p])->units;
    which[i] = i % 2 ? "determined" : "all";
    count[i] = row[i].count;
    pooled[i] = s->pooled[g].value[p];
    state[i] = state_of(&s->pooled[g], p);
  }
  art_h5_group(f, "/distribution");
  art_h5_put_index(f, "/distribution/row", n, "Row");
  put_texts(f, "/distribution/group", "Group of drivers", "row", n, group);
  put_texts(f, "/distribution/parameter", "Parameter", "row", n, (char *const *)param);
  put_texts(f, "/distribution/parameter_units", "Unit of the parameter", "row", n, (char *const *)units);
  put_texts(f, "/distribution/drivers", "All, or those where the data determine the parameter", "row", n,
            (char *const *)which);
  put_ints(f, "/distribution/count", "Drivers", "row", n, count);
  for (size_t c = 0; c < sizeof columns / sizeof *columns; ++c) {
    char path[64];
    snprintf(path, sizeof path, "/distribution/%s", columns[c].name);
    for (int32_t i = 0; i < n; ++i)
      memcpy(&value[i], (const char *)&row[i] + columns[c].offset, sizeof *value);
    put_reals(f, path, NULL, columns[c].sentence, "row", n, value);
  }
  put_reals(f, "/distribution/pooled", NULL, "Of the one set that is fitted to all drivers of the group",
            "row", n, pooled);
  put_states(f, "/distribution/pooled_state", "How far all data of the group determine the pooled value",
             "row", n, state);
  free(state);
  free(pooled);
  free(value);
  free(count);
  free(which);
  free(units);
  free(param);
  free(group);
  free(row);
}

static void put_correlation(art_h5 *f, const art_driver_study *s)
{
  const int params = s->options.model->count;
  const char **name = ART_NEW(const char *, params);
  double *value = ART_NEW(double, params *params);
  for (int p = 0; p < params; ++p) name[p] = art_driver_param_of(s->options.model->param[p])->name;
  for (int p = 0; p < params * params; ++p)
    value[p] = art_drivers_correlation(s, s->group_count, p / params, p % params, NULL);
  art_h5_group(f, "/correlation");
  put_texts(f, "/correlation/first", "Parameter", NULL, params, (char *const *)name);
  put_texts(f, "/correlation/second", "Parameter", NULL, params, (char *const *)name);
  art_h5_put(f,
             &(art_h5_var){ .path = "/correlation/correlation",
                            .type = ART_H5_DOUBLE,
                            .units = "1",
                            .fill = &fill,
                            .long_name =
                                "Correlation of logarithms over all drivers where both are determined",
                            .axis = { "first", "second" } },
             params, params, value);
  free(value);
  free(name);
}

/// Observed and simulated rows, so that a fit can be looked at.
static void put_rows(art_h5 *f, const art_driver_study *s)
{
  art_h5_group(f, "/episodes");
  art_h5_put_index(f, "/episodes/episode", s->episode_count, "Episode");
  int32_t *whole = ART_NEW(int32_t, s->episode_count);
  char **leader = ART_NEW(char *, s->episode_count);
  for (int32_t e = 0; e < s->episode_count; ++e) whole[e] = s->episode[e].fit;
  put_ints(f, "/episodes/driver_index", "Row of the driver in /drivers", "episode", s->episode_count, whole);
  for (int32_t e = 0; e < s->episode_count; ++e) whole[e] = s->episode[e].count;
  put_ints(f, "/episodes/row_count", "Rows of the episode in /rows, one after the other", "episode",
           s->episode_count, whole);
  for (int32_t e = 0; e < s->episode_count; ++e) leader[e] = s->episode[e].leader;
  put_texts(f, "/episodes/leader", "Leader", "episode", s->episode_count, leader);
  free(leader);
  free(whole);
  const struct {
    const char *path, *units, *sentence;
    const double *value;
  } columns[] = {
    { "/rows/time", "s", "Time of the data", s->time_s },
    { "/rows/leader_speed", "m s-1", "Observed speed of the leader", s->leader_speed_mps },
    { "/rows/gap", "m", "Observed gap, bumper to bumper", s->gap_m },
    { "/rows/speed", "m s-1", "Observed speed of the follower", s->speed_mps },
    { "/rows/simulated_gap", "m", "Gap of the simulated driver", s->simulated_gap_m },
    { "/rows/simulated_speed", "m s-1", "Speed of the simulated driver", s->simulated_speed_mps },
  };
  art_h5_group(f, "/rows");
  art_h5_put_index(f, "/rows/row", s->row_count, "Row");
  for (size_t c = 0; c < sizeof columns / sizeof *columns; ++c)
    put_reals(f, columns[c].path, columns[c].units, columns[c].sentence, "row", s->row_count,
              columns[c].value);
}

static art_status put_sources(art_h5 *f, int count, const char *const *path, art_error *err)
{
  if (count == 0) return ART_OK;
  char(*hash)[65] = art_new((size_t)count, sizeof *hash);
  const char **text = ART_NEW(const char *, count);
  art_status status = ART_OK;
  for (int i = 0; i < count && status == ART_OK; ++i) status = art_file_sha256(path[i], hash[i], err);
  if (status == ART_OK) {
    art_h5_group(f, "/inputs");
    art_h5_put_index(f, "/inputs/input", count, "Input file");
    put_texts(f, "/inputs/path", "Path as it was given", "input", count, (char *const *)path);
    for (int i = 0; i < count; ++i) text[i] = hash[i];
    put_texts(f, "/inputs/sha256", "SHA-256 of the file", "input", count, (char *const *)text);
  }
  free(text);
  free(hash);
  return status;
}

art_status art_drivers_write_h5(const char *path, const art_driver_study *s, const char *command,
                                int source_count, const char *const *source, int force, art_error *err)
{
  art_h5 *f;
  art_status status = art_h5_create(path, force, &f, err);
  if (status != ART_OK) return status;
  art_h5_set_schema(f, "drivers", DRIVERS_VERSION, "Car-following parameters of recorded drivers", command);
  art_h5_set_text(f, "/", "model", art_model_name(s->options.model->model));
  art_h5_set_text(f, "/", "minimised", art_gap_error_name(s->options.error));
  art_h5_set_real(f, "/", "row_step_s", s->row_step_s);
  art_h5_set_real(f, "/", "step_s", s->step_s);
  art_h5_set_real(f, "/", "min_duration_s", s->options.min_duration_s);
  art_h5_set_int(f, "/", "by_pair", s->options.by_pair);
  art_h5_set_real(f, "/", "prior", s->options.prior);
  art_h5_set_int(f, "/", "restarts", s->options.restarts);
  art_h5_set_int(f, "/", "seed", (int64_t)s->options.seed);
  art_h5_set_int(f, "/", "episodes_left_out", s->left_out);
  put_drivers(f, s);
  put_cross(f, s);
  put_errors(f, s);
  put_distribution(f, s);
  put_correlation(f, s);
  put_rows(f, s);
  status = put_sources(f, source_count, source, err);
  if (status != ART_OK) {
    art_h5_discard(f);
    return status;
  }
  return art_h5_commit(f, err);
}

// ---- CSV

static void put_csv(FILE *file, const art_driver_study *s)
{
  const int params = s->options.model->count;
  fputs("driver,group,model", file);
  for (int c = 0; c < COUNT_COLUMNS; ++c) fprintf(file, ",%s", count_columns[c].name);
  fputs(",duration_s,error_mixed,error_relative,error_absolute,gap_rmse_m", file);
  for (int p = 0; p < params; ++p)
    fprintf(file, ",%s", art_driver_param_of(s->options.model->param[p])->name);
  fputs(",not_determined\n", file);
  for (int32_t i = 0; i < s->fit_count; ++i) {
    const art_driver_fit *fit = &s->fit[i];
    fprintf(file, "\"%s\",\"%s\",%s", fit->id, fit->group, art_model_name(s->options.model->model));
    for (int c = 0; c < COUNT_COLUMNS; ++c) fprintf(file, ",%" PRId64, count_columns[c].get(fit));
    for (int c = 0; c < FIT_COLUMNS; ++c) fprintf(file, ",%.6g", fit_columns[c].get(fit));
    for (int p = 0; p < params; ++p) fprintf(file, ",%.6g", fit->value[p]);
    fputs(",\"", file);
    for (int p = 0, any = 0; p < params; ++p) {
      if (!fit->at_bound[p] && !fit->is_weak[p]) continue;
      fprintf(file, "%s%s", any ? " " : "", art_driver_param_of(s->options.model->param[p])->name);
      any = 1;
    }
    fputs("\"\n", file);
  }
}

art_status art_drivers_write_csv(const char *path, const art_driver_study *study, int force, art_error *err)
{
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
    put_csv(file, study);
    const int failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed || rename(temporary, path) != 0) {
      status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
      remove(temporary);
    }
  }
  free(temporary);
  return status;
}
