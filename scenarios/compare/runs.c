#include "scenarios/compare/runs.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "io/config/quantity.h"
#include "scenarios/compare/warmup.h"

static void free_texts(char **texts, int64_t count)
{
  for (int64_t i = 0; texts && i < count; ++i) free(texts[i]);
  free(texts);
}

static void clear_run(art_replication *run)
{
  free(run->path);
  free(run->hash);
  free(run->kpi);
  free(run->movement_vph);
  for (int m = 0; m < ART_LINK_MEASURES; ++m) free(run->link[m]);
}

void art_runs_free(art_runs *runs)
{
  if (!runs) return;
  for (int32_t i = 0; i < runs->count; ++i) clear_run(&runs->run[i]);
  free(runs->run);
  free_texts(runs->kpi_name, runs->kpi_count);
  free_texts(runs->kpi_unit, runs->kpi_count);
  free_texts(runs->link_id, runs->link_count);
  free_texts(runs->movement_id, runs->movement_count);
  free(runs->name);
  free(runs->argument);
  free(runs->title);
  free(runs->scenario_id);
  free(runs->city_sha256);
  free(runs->scenario);
  free(runs);
}

static char **copy_texts(char *const *texts, int64_t count)
{
  char **copy = ART_NEW(char *, count + 1);
  for (int64_t i = 0; i < count; ++i) copy[i] = art_strdup(texts[i]);
  return copy;
}

static int same_texts(char *const *a, int64_t na, char *const *b, int64_t nb)
{
  if (na != nb) return 0;
  for (int64_t i = 0; i < na; ++i) {
    if (strcmp(a[i], b[i]) != 0) return 0;
  }
  return 1;
}

// ---- which files -----------------------------------------------------------------------------------------------------

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static art_status list_folder(const char *folder, char ***paths, int32_t *count, art_error *err)
{
  DIR *dir = opendir(folder);
  int32_t capacity = 0;
  if (!dir) return art_fail(err, ART_E_OPEN, "%s: %s", folder, strerror(errno));
  for (struct dirent *entry; (entry = readdir(dir));) {
    const size_t length = strlen(entry->d_name);
    if (length < 4 || entry->d_name[0] == '.' || strcmp(entry->d_name + length - 3, ".h5") != 0) continue;
    const size_t size = strlen(folder) + length + 2;
    char *path = ART_NEW(char, size);
    snprintf(path, size, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", entry->d_name);
    if (art_result_is(path))
      ART_PUSH(*paths, *count, capacity, path);
    else
      free(path);
  }
  closedir(dir);
  if (*count == 0) return art_fail(err, ART_E_INPUT, "%s: the folder has no result of a run (*.h5)", folder);
  art_sort(*paths, (size_t)*count, sizeof **paths, by_name);
  return ART_OK;
}

static art_status list_files(const char *argument, char ***paths, int32_t *count, art_error *err)
{
  struct stat info;
  *paths = NULL;
  *count = 0;
  if (stat(argument, &info) != 0) return art_fail(err, ART_E_OPEN, "%s: %s", argument, strerror(errno));
  if (S_ISDIR(info.st_mode)) return list_folder(argument, paths, count, err);
  *paths = ART_NEW(char *, 1);
  (*paths)[(*count)++] = art_strdup(argument);
  return ART_OK;
}

// ---- one run ---------------------------------------------------------------------------------------------------------

/// Length of the warm-up, from the resolved configuration.
static double warmup_s(const art_result *r)
{
  const char *at = r->config ? strstr(r->config, "warmup:") : NULL;
  char text[ART_QUANTITY_TEXT] = "";
  art_tick value = 0;
  if (!at || sscanf(at, "warmup: %39[^\n#]", text) != 1) return 0.0;
  for (size_t n = strlen(text); n > 0 && (text[n - 1] == ' ' || text[n - 1] == '"'); --n) text[n - 1] = '\0';
  return art_quantity_time(text[0] == '"' ? text + 1 : text, &value) ? 0.0 : (double)value * 1e-3;
}

/// Rows of a group with a time axis that count, and their hours.
typedef struct window {
  int64_t first, last;  // [first, last)
  double hours;
} window;

static art_status read_window(const art_result *r, const char *group, double from_s, window *out,
                              art_error *err)
{
  double *begin_s, *end_s;
  int64_t count;
  *out = (window){ 0, 0, 0.0 };
  const art_status status = art_result_times(r, group, &count, &begin_s, &end_s, err);
  if (status != ART_OK) return status;
  while (out->first < count && begin_s[out->first] < from_s - 1e-6) ++out->first;
  out->last = count;
  if (out->last > out->first) out->hours = (end_s[out->last - 1] - begin_s[out->first]) / 3600.0;
  free(begin_s);
  free(end_s);
  return ART_OK;
}

/// Adds a matrix over the window's rows: sum[columns]. What is missing counts nothing.
static art_status sum_rows(const art_result *r, const char *group, const char *name, const window *w,
                           int64_t columns, double *sum, art_error *err)
{
  double *values;
  int64_t shape[2];
  const art_status status = art_result_read(r, group, name, shape, &values, err);
  if (status != ART_OK) return status;
  if (shape[1] != columns || shape[0] < w->last) {
    free(values);
    return art_fail(err, ART_E_INPUT, "%s:/%s/%s: has another shape than its axes", r->path, group, name);
  }
  for (int64_t row = w->first; row < w->last; ++row) {
    for (int64_t i = 0; i < columns; ++i) {
      const double value = values[row * columns + i];
      if (!isnan(value)) sum[i] += value;
    }
  }
  free(values);
  return ART_OK;
}

static art_status read_links(const art_result *r, double from_s, art_replication *run, art_error *err)
{
  if (!art_result_has(r, "links")) return ART_OK;
  const int64_t n = r->link_count;
  window w;
  double *sum[6];
  static const char *const names[6] = { "delay", "left", "arrived", "distance", "vehicle_time", "queue_max" };
  art_status status = read_window(r, "links", from_s, &w, err);
  if (status != ART_OK || w.last <= w.first) return status;
  for (int k = 0; k < 6; ++k) sum[k] = ART_NEW(double, n + 1);
  for (int k = 0; k < 6 && status == ART_OK; ++k) status = sum_rows(r, "links", names[k], &w, n, sum[k], err);
  for (int m = 0; m < ART_LINK_MEASURES && status == ART_OK; ++m) run->link[m] = ART_NEW(double, n + 1);
  for (int64_t i = 0; i < n && status == ART_OK; ++i) {
    run->link[ART_LINK_DELAY][i] = sum[0][i] / 3600.0;
    run->link[ART_LINK_FLOW][i] = (sum[1][i] + sum[2][i]) / w.hours;
    run->link[ART_LINK_SPEED][i] = sum[4][i] > 0.0 ? sum[3][i] / sum[4][i] : NAN;
    run->link[ART_LINK_QUEUE][i] = sum[5][i] / (double)(w.last - w.first);
  }
  for (int k = 0; k < 6; ++k) free(sum[k]);
  return status;
}

/// Index of every connector's movement, link to link, in runs->movement_id; the first run names them.
static art_status read_movement_names(const art_result *r, art_runs *runs, int64_t *connectors,
                                      int32_t **index, art_error *err)
{
  double *from = NULL, *to = NULL;
  int64_t shape[2] = { 0, 0 }, shape_to[2] = { 0, 0 };
  art_status status = art_result_read(r, "movements", "from_link", shape, &from, err);
  if (status == ART_OK) status = art_result_read(r, "movements", "to_link", shape_to, &to, err);
  if (status == ART_OK && shape[0] != shape_to[0])
    status = art_fail(err, ART_E_INPUT, "%s:/movements: from_link and to_link differ in length", r->path);
  *connectors = shape[0];
  *index = ART_NEW(int32_t, shape[0] + 1);
  art_idmap *names = art_idmap_new();
  for (int64_t i = 0; status == ART_OK && i < shape[0]; ++i) {
    if (!(from[i] >= 0 && from[i] < r->link_count && to[i] >= 0 && to[i] < r->link_count)) {
      status = art_fail(err, ART_E_INPUT, "%s:/movements: a link index is out of range (accepted: 0 to %d)",
                        r->path, r->link_count - 1);
      break;
    }
    const int64_t a = (int64_t)from[i], b = (int64_t)to[i];
    const size_t size = strlen(r->link_id[a]) + strlen(r->link_id[b]) + 3;
    char *name = ART_NEW(char, size);
    snprintf(name, size, "%s>%s", r->link_id[a], r->link_id[b]);
    (*index)[i] = art_idmap_put(names, name);
    free(name);
  }
  const int32_t count = art_idmap_count(names);
  if (status == ART_OK && !runs->movement_id) {
    runs->movement_id = ART_NEW(char *, count + 1);
    runs->movement_count = count;
    for (int32_t i = 0; i < count; ++i) runs->movement_id[i] = art_strdup(art_idmap_id(names, i));
  } else if (status == ART_OK && count != runs->movement_count) {
    status = art_fail(err, ART_E_INPUT, "%s: has other movements than %s; another city?", r->path,
                      runs->run[0].path);
  }
  art_idmap_free(names);
  free(from);
  free(to);
  return status;
}

static art_status read_movements(const art_result *r, double from_s, art_runs *runs, art_replication *run,
                                 art_error *err)
{
  if (!art_result_has(r, "movements")) return ART_OK;
  window w;
  int32_t *index = NULL;
  int64_t connectors = 0;
  art_status status = read_window(r, "movements", from_s, &w, err);
  if (status != ART_OK || w.last <= w.first) return status;
  status = read_movement_names(r, runs, &connectors, &index, err);
  double *sum = ART_NEW(double, connectors + 1);
  if (status == ART_OK) status = sum_rows(r, "movements", "count", &w, connectors, sum, err);
  if (status == ART_OK) {
    run->movement_vph = ART_NEW(double, runs->movement_count + 1);
    for (int64_t i = 0; i < connectors; ++i) run->movement_vph[index[i]] += sum[i] / w.hours;
  }
  free(sum);
  free(index);
  return status;
}

/// Seconds until the number of running vehicles is steady.
static art_status read_filling(const art_result *r, double *filling_s, art_error *err)
{
  art_warmup warmup;
  const art_status status = art_warmup_read(r, &warmup, err);
  if (status == ART_OK && !isnan(warmup.running.end_s)) *filling_s = fmax(*filling_s, warmup.running.end_s);
  return status;
}

static void describe(art_runs *runs, const art_result *r)
{
  runs->title = art_strdup(r->title ? r->title : "");
  runs->scenario = art_strdup(r->scenario ? r->scenario : "");
  runs->scenario_id = art_strdup(r->scenario_id ? r->scenario_id : "");
  runs->city_sha256 = art_strdup(r->city_sha256 ? r->city_sha256 : "");
  runs->begin_s = r->begin_s;
  runs->end_s = r->end_s;
  runs->warmup_s = warmup_s(r);
  runs->kpi_count = r->kpi_count;
  runs->kpi_name = copy_texts(r->kpi_name, r->kpi_count);
  runs->kpi_unit = copy_texts(r->kpi_unit, r->kpi_count);
  runs->link_count = r->link_count;
  runs->link_id = copy_texts(r->link_id, r->link_count);
}

static art_status check_sibling(const art_runs *runs, const art_result *r, art_error *err)
{
  if (strcmp(runs->scenario_id, r->scenario_id ? r->scenario_id : "") != 0) {
    return art_fail(err, ART_E_INPUT,
                    "%s: is a run of another scenario (%s) than %s (%s); a folder holds one scenario's runs",
                    r->path, r->title ? r->title : "no title", runs->run[0].path, runs->title);
  }
  if (!same_texts(runs->kpi_name, runs->kpi_count, r->kpi_name, r->kpi_count) ||
      !same_texts(runs->link_id, runs->link_count, r->link_id, r->link_count)) {
    return art_fail(err, ART_E_INPUT,
                    "%s: has other links or indicators than %s; another city or program version?", r->path,
                    runs->run[0].path);
  }
  return ART_OK;
}

static art_status read_run(art_runs *runs, const char *path, art_error *err)
{
  art_result *r = NULL;
  art_status status = art_result_open(path, &r, err);
  if (status != ART_OK) return status;
  if (runs->count == 0)
    describe(runs, r);
  else
    status = check_sibling(runs, r, err);
  if (status == ART_OK) {
    art_replication *run = &runs->run[runs->count++];
    run->path = art_strdup(path);
    run->seed = r->seed;
    run->hash = art_strdup(r->hash ? r->hash : "");
    run->kpi = ART_NEW(double, r->kpi_count + 1);
    if (r->kpi_count > 0) memcpy(run->kpi, r->kpi_value, (size_t)r->kpi_count * sizeof *run->kpi);
    runs->incomplete += !r->complete;
    const double from_s = r->begin_s + runs->warmup_s;
    status = read_links(r, from_s, run, err);
    if (status == ART_OK) status = read_movements(r, from_s, runs, run, err);
    if (status == ART_OK) status = read_filling(r, &runs->filling_s, err);
  }
  art_result_close(r);
  return status;
}

// ---- all runs --------------------------------------------------------------------------------------------------------

static int by_seed(const void *a, const void *b)
{
  const art_replication *x = a, *y = b;
  return x->seed < y->seed ? -1 : x->seed > y->seed;
}

/// The folder's name; of a file its own, after that of the folder that it is in: "base/seed_1".
static char *name_of(const char *argument)
{
  char *copy = art_strdup(argument);
  size_t length = strlen(copy);
  while (length > 1 && copy[length - 1] == '/') copy[--length] = '\0';
  const int is_file = length > 3 && strcmp(copy + length - 3, ".h5") == 0;
  if (is_file) copy[length - 3] = '\0';
  const char *start = strrchr(copy, '/');
  if (is_file && start && start > copy) {
    while (start > copy && start[-1] != '/') --start;
  } else if (start && start[1]) {
    ++start;
  }
  char *name = art_strdup(start ? start : copy);
  free(copy);
  return name;
}

art_status art_runs_read(const char *argument, art_runs **out, art_error *err)
{
  char **paths;
  int32_t count;
  *out = NULL;
  art_status status = list_files(argument, &paths, &count, err);
  if (status != ART_OK) return status;
  art_runs *runs = ART_NEW(art_runs, 1);
  runs->argument = art_strdup(argument);
  runs->name = name_of(argument);
  runs->run = ART_NEW(art_replication, count);
  for (int32_t i = 0; i < count && status == ART_OK; ++i) status = read_run(runs, paths[i], err);
  free_texts(paths, count);
  if (status == ART_OK) qsort(runs->run, (size_t)runs->count, sizeof *runs->run, by_seed);
  for (int32_t i = 1; i < runs->count && status == ART_OK; ++i) {
    if (runs->run[i].seed != runs->run[i - 1].seed) continue;
    status = art_fail(err, ART_E_INPUT, "%s: seed %" PRIu64 " is there twice: %s, %s", argument,
                      runs->run[i].seed, runs->run[i - 1].path, runs->run[i].path);
  }
  if (status == ART_OK)
    *out = runs;
  else
    art_runs_free(runs);
  return status;
}

/// Appends up to a dozen seeds of `a` that `b` lacks; returns how many there are.
static int32_t list_lonely(const art_runs *a, const art_runs *b, char *text, size_t size)
{
  int32_t lonely = 0;
  for (int32_t i = 0, j = 0; i < a->count; ++i) {
    while (j < b->count && b->run[j].seed < a->run[i].seed) ++j;
    if (j < b->count && b->run[j].seed == a->run[i].seed) continue;
    const size_t used = strlen(text);
    if (lonely < 12)
      snprintf(text + used, size - used, "%s%" PRIu64, lonely ? ", " : "", a->run[i].seed);
    else if (lonely == 12)
      snprintf(text + used, size - used, ", ...");
    ++lonely;
  }
  return lonely;
}

art_status art_runs_check_pairs(const art_runs *base, const art_runs *alt, art_error *err)
{
  char only_base[320] = "", only_alt[320] = "";
  const int32_t b = list_lonely(base, alt, only_base, sizeof only_base);
  const int32_t a = list_lonely(alt, base, only_alt, sizeof only_alt);
  if (b == 0 && a == 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "runs are compared seed by seed;%s%.100s%s%s%s%s%.100s%s%s",
                  b ? " only in " : "", b ? base->argument : "", b ? ": seed " : "", only_base,
                  b && a ? ";" : "", a ? " only in " : "", a ? alt->argument : "", a ? ": seed " : "",
                  only_alt);
}
