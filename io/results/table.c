// From tables of variables to datasets, attributes and the reference document.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/results/table_internal.h"

static const art_result_group *const groups[] = { &art_group_network,      &art_group_links,
                                                  &art_group_movements,    &art_group_detectors,
                                                  &art_group_signals,      &art_group_approaches,
                                                  &art_group_cycles,       &art_group_passages,
                                                  &art_group_trips,
                                                  &art_group_trajectories, &art_group_totals };
enum { GROUP_COUNT = sizeof groups / sizeof *groups, PATH_MAX_LENGTH = 96, VARS_MAX = 64, PART_VALUES = 1 << 14 };

typedef struct dims {
  char axis[2][32];
  int rank;
} dims;

static dims split_dims(const char *text)
{
  dims d = { .rank = 0 };
  d.rank = sscanf(text, "%31s %31s", d.axis[0], d.axis[1]);
  return d;
}

static int is_axis(const art_result_var *var)
{
  return strcmp(var->name, var->dims) == 0;
}

static int grows(const art_result_view *v, const art_result_var *var)
{
  const dims d = split_dims(var->dims);
  return art_axis_length(v, d.axis[0]) < 0;
}

static int is_left_out(const art_result_view *v, const art_result_var *var)
{
  return (var->options & ART_VAR_NEEDS_CRS) && !v->city->crs_wkt;
}

static int is_real(const art_result_var *var)
{
  return var->type == ART_H5_FLOAT || var->type == ART_H5_DOUBLE;
}

/// The nearest value in a range; what is no number becomes the lowest. A damaged journal can hold any value.
static double within(double value, double low, double high)
{
  return value > low ? value < high ? value : high : low;
}

static void narrow(art_h5_type type, double from, void *out)
{
  static const double int64_most = 9223372036854774784.0;  // the largest double that is one
  switch (type) {
  case ART_H5_FLOAT: *(float *)out = (float)from; break;
  case ART_H5_DOUBLE: *(double *)out = from; break;
  case ART_H5_INT8: *(int8_t *)out = (int8_t)within(from, INT8_MIN, INT8_MAX); break;
  case ART_H5_INT32: *(int32_t *)out = (int32_t)within(from, INT32_MIN, INT32_MAX); break;
  case ART_H5_INT64: *(int64_t *)out = (int64_t)within(from, (double)INT64_MIN, int64_most); break;
  default: break;
  }
}

static void compute_part(const art_result_view *v, const art_result_var *var, int64_t first, int64_t count, void *out)
{
  const size_t size = art_h5_type_size(var->type);
  char *to = (char *)out + (size_t)first * size;
  if (var->text) {
    for (int64_t i = 0; i < count; ++i) ((const char **)out)[first + i] = var->text(v, first + i);
    return;
  }
  for (int64_t i = 0; !var->range && i < count; ++i) narrow(var->type, var->value(v, first + i), to + (size_t)i * size);
  if (!var->range) return;
  var->range(v, first, count, to);
#ifndef NDEBUG
  char one[8] = { 0 };
  narrow(var->type, var->value(v, first), one);
  assert(count == 0 || memcmp(one, to, size) == 0);
#endif
}

/// Variables of a group that grow.
typedef struct growing_vars {
  char path[VARS_MAX][PATH_MAX_LENGTH];
  const char *paths[VARS_MAX];
  const art_result_var *vars[VARS_MAX];
  int64_t values[VARS_MAX];
} growing_vars;

/// All values of some variables, each of counts[k]; by all threads that may work now.
static void compute(const art_results *r, int count, const art_result_var *const *var, const int64_t *values,
                    void **out)
{
  int64_t most = 0;
  for (int k = 0; k < count; ++k) {
    out[k] = malloc((size_t)(values[k] ? values[k] : 1) * art_h5_type_size(var[k]->type));
    if (!out[k]) out[k] = art_new((size_t)values[k], art_h5_type_size(var[k]->type));  // says so and ends
    if (values[k] > most) most = values[k];
  }
  const int64_t parts = (most + PART_VALUES - 1) / PART_VALUES;
  const int threads = parts < r->threads ? (int)parts : r->threads;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(dynamic)
  for (int64_t p = 0; p < parts; ++p)
    for (int k = 0; k < count; ++k) {
      const int64_t first = p * PART_VALUES, left = values[k] - first;
      if (left > 0) compute_part(&r->view, var[k], first, left < PART_VALUES ? left : PART_VALUES, out[k]);
    }
}

/// Names of the auxiliary coordinates of the group, separated by spaces; "" if there are none.
static void auxiliary_names(const art_results *r, const art_result_group *group, char *text, size_t size)
{
  text[0] = '\0';
  for (int k = 0; k < group->var_count; ++k) {
    const art_result_var *var = &group->var[k];
    if (!(var->options & ART_VAR_AUXILIARY) || is_left_out(&r->view, var)) continue;
    if (text[0]) strncat(text, " ", size - strlen(text) - 1);
    strncat(text, var->name, size - strlen(text) - 1);
  }
}

static void set_flags(art_h5 *f, const char *path, const art_result_var *var)
{
  char *copy = art_strdup(var->flags), *save = NULL;
  const char *meaning[16];
  int count = 0;
  for (char *word = strtok_r(copy, " ", &save); word && count < 16; word = strtok_r(NULL, " ", &save))
    meaning[count++] = word;
  art_h5_set_flags(f, path, count, meaning);
  free(copy);
}

static void set_more(art_results *r, const char *path, const art_result_var *var, const char *auxiliary)
{
  art_h5 *f = r->file;
  if (var->unit && strcmp(var->unit, ART_UNIT_TIME) == 0) {
    art_h5_set_text(f, path, "calendar", "standard");
    if (is_axis(var) && strcmp(var->name, "time") == 0) {
      art_h5_set_text(f, path, "bounds", "time_bnds");
      art_h5_set_text(f, path, "axis", "T");
    }
  }
  if (var->how) art_h5_set_text(f, path, "comment", var->how);
  if (var->flags) set_flags(f, path, var);
  if (var->cf_role) art_h5_set_text(f, path, "cf_role", var->cf_role);
  const int is_data =
      !is_axis(var) && !(var->options & ART_VAR_AUXILIARY) && strcmp(var->name, "time_bnds") != 0;
  const dims d = split_dims(var->dims);
  if (is_data && auxiliary[0] && d.rank == 2) art_h5_set_text(f, path, "coordinates", auxiliary);
  if ((var->options & ART_VAR_MAPPED) && r->view.city->crs_wkt)
    art_h5_set_text(f, path, "grid_mapping", "crs");
}

static art_h5_var described(const art_results *r, const char *path, const art_result_var *var, const dims *d)
{
  static const double not_a_number = NAN;
  const int is_time = var->unit && strcmp(var->unit, ART_UNIT_TIME) == 0;
  const int bounds = strcmp(var->name, "time_bnds") == 0;
  art_h5_var out = { .path = path, .type = var->type, .long_name = var->long_name, .is_quick = 1 };
  out.units = is_time ? r->time_units : var->unit;
  out.standard_name = var->standard_name;
  out.cell_methods = var->cell_methods;
  out.is_scale = is_axis(var);
  for (int k = 0; k < d->rank && !out.is_scale; ++k) out.axis[k] = d->axis[k];
  if (is_real(var) && !out.is_scale && !bounds) out.fill = &not_a_number;
  return out;
}

void art_group_create(art_results *r, const art_result_group *group)
{
  char path[PATH_MAX_LENGTH], auxiliary[256];
  snprintf(path, sizeof path, "/%s", group->name);
  art_h5_group(r->file, path);
  art_h5_set_text(r->file, path, "title", group->title);
  if (group->feature_type) art_h5_set_text(r->file, path, "featureType", group->feature_type);
  auxiliary_names(r, group, auxiliary, sizeof auxiliary);
  for (int k = 0; k < group->var_count; ++k) {
    const art_result_var *var = &group->var[k];
    if (is_left_out(&r->view, var)) continue;
    snprintf(path, sizeof path, "/%s/%s", group->name, var->name);
    const dims d = split_dims(var->dims);
    const art_h5_var h5 = described(r, path, var, &d);
    const int64_t n0 = art_axis_length(&r->view, d.axis[0]);
    const int64_t n1 = d.rank == 2 ? art_axis_length(&r->view, d.axis[1]) : 0;
    if (n0 < 0) {
      art_h5_define(r->file, &h5, n1);
    } else {
      const int64_t values = n0 * (n1 ? n1 : 1);
      void *data;
      compute(r, 1, &var, &values, &data);
      art_h5_put(r->file, &h5, n0, n1, data);
      free(data);
    }
    set_more(r, path, var, auxiliary);
  }
}

/// Paths, variables and values of `rows` rows of all variables that grow in the group; returns how many they are.
static int list_growing(const art_results *r, const art_result_group *group, int64_t rows, growing_vars *list)
{
  int count = 0;
  for (int k = 0; k < group->var_count; ++k) {
    const art_result_var *var = &group->var[k];
    if (is_left_out(&r->view, var) || !grows(&r->view, var)) continue;
    const dims d = split_dims(var->dims);
    assert(count < VARS_MAX);
    snprintf(list->path[count], PATH_MAX_LENGTH, "/%s/%s", group->name, var->name);
    list->paths[count] = list->path[count];
    list->vars[count] = var;
    list->values[count++] = rows * (d.rank == 2 ? art_axis_length(&r->view, d.axis[1]) : 1);
  }
  return count;
}

void art_group_append(art_results *r, const art_result_group *group, int64_t rows)
{
  growing_vars list;
  void *data[VARS_MAX];
  const int count = list_growing(r, group, rows, &list);
  compute(r, count, list.vars, list.values, data);
  art_h5_append_many(r->file, count, list.paths, rows, (const void *const *)data);
  for (int k = 0; k < count; ++k) free(data[k]);
}

void art_group_reserve(art_results *r, const art_result_group *group, int64_t rows)
{
  growing_vars list;
  const int count = list_growing(r, group, rows, &list);
  for (int k = 0; k < count; ++k) art_h5_reserve(r->file, list.paths[k], rows);
}

art_status art_group_write_shared(art_results *r, const art_result_group *group, art_h5_shared *file, int64_t first,
                                  int64_t rows, art_error *err)
{
  growing_vars list;
  void *data[VARS_MAX];
  art_status status = ART_OK;
  const int count = list_growing(r, group, rows, &list);
  compute(r, count, list.vars, list.values, data);
  for (int k = 0; k < count && status == ART_OK; ++k)
    status = art_h5_shared_write(file, list.paths[k], list.vars[k]->type, first, rows, data[k], err);
  for (int k = 0; k < count; ++k) free(data[k]);
  return status;
}

int64_t art_axis_length(const art_result_view *v, const char *axis)
{
  const art_net *net = v->net;
  const struct {
    const char *name;
    int64_t length;
  } known[] = {
    { "time", -1 },
    { "event", -1 },
    { "obs", -1 },
    { "cycle", -1 },
    { "passage", -1 },
    { "approach", v->groups.count },
    { "node", net->node_count },
    { "link", net->link_count },
    { "lane", net->lane_count },
    { "movement", net->connector_count },
    { "detector", net->detector_count },
    { "signal", net->signal_count },
    { "vehicle_type", v->demand->type_count },
    { "trip", v->trip_count },
    { "trajectory", v->trajectory_count },
    { "lane_point", v->city->lane_first_point[net->lane_count] },
    { "nv", 2 },
    { "two", 2 },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (strcmp(known[i].name, axis) == 0) return known[i].length;
  return 0;
}

/// Text of a table cell: '|' would end it.
static void print_cell(FILE *file, const char *text)
{
  for (; *text; ++text) {
    if (*text == '|') fputc('\\', file);
    fputc(*text, file);
  }
}

static void print_group(FILE *file, const art_result_group *group)
{
  fprintf(file, "\n## /%s\n\n%s", group->name, group->title);
  if (group->feature_type) fprintf(file, " CF featureType `%s`.", group->feature_type);
  fprintf(file, "\n\n| variable | axes | type | unit | what it is |\n|---|---|---|---|---|\n");
  for (int k = 0; k < group->var_count; ++k) {
    const art_result_var *var = &group->var[k];
    const char *unit = !var->unit                              ? ""
                       : strcmp(var->unit, ART_UNIT_TIME) == 0 ? "seconds since midnight of the date"
                                                               : var->unit;
    const dims d = split_dims(var->dims);
    fprintf(file, "| `%s` | %s%s%s | %s | %s | ", var->name, d.axis[0], d.rank == 2 ? ", " : "", d.axis[1],
            art_h5_type_name(var->type), unit);
    print_cell(file, var->long_name);
    if (var->how) {
      fputs(": ", file);
      print_cell(file, var->how);
    }
    if (var->cell_methods) fprintf(file, " (`%s`)", var->cell_methods);
    fputc('.', file);
    if (var->flags) fprintf(file, " Values 0, 1, ...: %s.", var->flags);
    if (var->options & ART_VAR_NEEDS_CRS) fputs(" Only where the city has a reference system.", file);
    fputs(" |\n", file);
  }
}

static void print_kpis(FILE *file)
{
  fputs("\n## /kpi\n\nIndicators of the whole run, one number each. *Counted trips* are those whose planned "
        "departure lies "
        "in the run without its warm-up; trips that are not over are counted up to the end of the run.\n\n"
        "| indicator | unit | what it is |\n|---|---|---|\n",
        file);
  for (int i = 0; i < art_kpi_count(); ++i) {
    const art_kpi_info *row = art_kpi_row(i);
    fprintf(file, "| `%s` | %s | ", row->name, row->unit);
    print_cell(file, row->long_name);
    if (row->how[0]) {
      fputs(": ", file);
      print_cell(file, row->how);
    }
    fputs(" |\n", file);
  }
}

void art_results_print_reference(FILE *file)
{
  fputs("# Result files\n\n"
        "A run writes one HDF5 file in the subset that is also netCDF-4, with CF-1.11 metadata: "
        "`xarray.open_dataset(file, "
        "group=\"links\")`, netCDF4, h5py, R and MATLAB read it as it is. Axes are in C order (R and MATLAB "
        "show them "
        "reversed). Intervals are labelled by their begin, states by their instant; `time_bnds` has both "
        "ends. Missing real "
        "numbers are NaN, counts are never missing. Indices count from 0. The attributes of the root say "
        "what was run "
        "(configuration, seed, SHA-256 of every input, result hash); the group `/provenance` says where, "
        "when and by which "
        "program: equal runs differ there only. `complete = 0` marks a run that was interrupted.\n",
        file);
  for (int g = 0; g < GROUP_COUNT; ++g) print_group(file, groups[g]);
  print_kpis(file);
}
