// Reads result files.
#include "io/results/read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5.h"

enum { SCHEMA_VERSION = 1, PATH_LENGTH = 192 };

struct art_result_file {
  art_h5 *h5;
};

int art_result_is(const char *path)
{
  char *schema = art_h5_schema_of(path);
  const int is = schema && strcmp(schema, "result") == 0;
  free(schema);
  return is;
}

/// A text attribute that must be there; "" and a failure of the file if it is not.
static char *text_of(art_h5 *f, const char *object, const char *name)
{
  char *text = art_h5_get_text(f, object, name);
  if (text) return text;
  art_h5_refuse(f, object, "the attribute %s is missing", name);
  return art_strdup("");
}

static double real_of(art_h5 *f, const char *name)
{
  double value = NAN;
  if (!art_h5_get_real(f, "/", name, &value)) art_h5_refuse(f, "/", "the attribute %s is missing", name);
  return value;
}

static uint64_t seed_of(art_h5 *f)
{
  char *text = text_of(f, "/", "seed"), *end = NULL;
  const uint64_t seed = strtoull(text, &end, 10);
  if (end == text || *end)
    art_h5_refuse(f, "/", "the attribute seed is '%.40s', expected a whole number", text);
  free(text);
  return seed;
}

static void read_attributes(art_result *r)
{
  art_h5 *f = r->file->h5;
  int64_t complete = 0, has_date = 0;
  r->title = art_h5_get_text(f, "/", "title");
  if (!r->title) r->title = art_strdup("");
  r->scenario = text_of(f, "/", "scenario");
  r->scenario_id = text_of(f, "/", "scenario_id");
  r->city_sha256 = text_of(f, "/", "city_sha256");
  r->hash = text_of(f, "/", "result_hash");
  r->summary = text_of(f, "/provenance", "summary");
  r->config = text_of(f, "/", "config");
  r->time_units = text_of(f, "/", "time_units");
  r->crs_wkt = art_h5_get_text(f, "/", "crs_wkt");
  if (r->crs_wkt && !r->crs_wkt[0]) {
    free(r->crs_wkt);
    r->crs_wkt = NULL;
  }
  r->seed = seed_of(f);
  if (!art_h5_get_int(f, "/", "complete", &complete))
    art_h5_refuse(f, "/", "the attribute complete is missing");
  art_h5_get_int(f, "/", "has_date", &has_date);
  r->complete = complete != 0;
  r->has_date = has_date != 0;
  r->begin_s = real_of(f, "begin_s");
  r->end_s = real_of(f, "end_s");
  r->now_s = real_of(f, "now_s");
}

static void read_kpis(art_result *r)
{
  art_h5 *f = r->file->h5;
  char **names = NULL;
  int32_t count = 0;
  if (art_h5_kind_of(f, "/kpi") != ART_H5_GROUP) {
    art_h5_refuse(f, "/kpi", "the group is missing");
    return;
  }
  if (art_h5_members(f, "/kpi", &names, &count) != ART_OK) return;
  r->kpi_name = names;
  r->kpi_count = count;
  r->kpi_unit = ART_NEW(char *, count);
  r->kpi_value = ART_NEW(double, count);
  for (int32_t i = 0; i < count; ++i) {
    char path[PATH_LENGTH];
    snprintf(path, sizeof path, "/kpi/%s", names[i]);
    // A scalar is read as a dataset of one value.
    double *value = art_h5_get_new(f, path, ART_H5_DOUBLE, 1, 0, NULL);
    r->kpi_value[i] = value ? *value : NAN;
    free(value);
    r->kpi_unit[i] = art_h5_get_text(f, path, "units");
    if (!r->kpi_unit[i]) r->kpi_unit[i] = art_strdup("1");
  }
}

static void read_links(art_result *r)
{
  art_h5 *f = r->file->h5;
  int64_t count = 0;
  r->link_id = art_h5_get_new(f, "/network/link", ART_H5_STRING, -1, 0, &count);
  r->link_count = r->link_id ? (int32_t)count : 0;
  if (art_h5_kind_of(f, "/trips/trip") == ART_H5_DATASET) r->trip_count = art_h5_rows(f, "/trips/trip");
}

art_status art_result_open(const char *path, art_result **out, art_error *err)
{
  *out = NULL;
  art_h5 *h5;
  art_status status = art_h5_open(path, &h5, err);
  if (status != ART_OK) return status;
  art_result *r = ART_NEW(art_result, 1);
  r->path = art_strdup(path);
  r->file = ART_NEW(struct art_result_file, 1);
  r->file->h5 = h5;
  if (art_h5_check_schema(h5, "result", SCHEMA_VERSION) == ART_OK) {
    read_attributes(r);
    if (art_h5_status(h5, NULL) == ART_OK) read_kpis(r);
    if (art_h5_status(h5, NULL) == ART_OK) read_links(r);
  }
  status = art_h5_status(h5, err);
  if (status == ART_OK)
    *out = r;
  else
    art_result_close(r);
  return status;
}

void art_result_close(art_result *r)
{
  if (!r) return;
  char *const texts[] = { r->path, r->title,   r->scenario, r->scenario_id, r->city_sha256,
                          r->hash, r->summary, r->config,   r->crs_wkt,     r->time_units };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) free(texts[i]);
  art_h5_free_strings(r->kpi_name, r->kpi_name ? r->kpi_count : 0);
  art_h5_free_strings(r->kpi_unit, r->kpi_unit ? r->kpi_count : 0);
  art_h5_free_strings(r->link_id, r->link_id ? r->link_count : 0);
  free(r->kpi_value);
  art_h5_discard(r->file->h5);
  free(r->file);
  free(r);
}

art_status art_result_kpi(const art_result *r, const char *name, double *value, art_error *err)
{
  for (int32_t i = 0; i < r->kpi_count; ++i) {
    if (strcmp(r->kpi_name[i], name) != 0) continue;
    *value = r->kpi_value[i];
    return ART_OK;
  }
  *value = NAN;
  return art_fail(err, ART_E_INPUT, "%s: /kpi has no indicator '%s'", r->path, name);
}

int art_result_has(const art_result *r, const char *group)
{
  char path[PATH_LENGTH];
  snprintf(path, sizeof path, "/%s", group);
  return art_h5_kind_of(r->file->h5, path) == ART_H5_GROUP;
}

/// 1 if the dataset is there; else the error says what is missing, without spoiling the file for later calls.
static int is_there(const art_result *r, const char *group, const char *name, char path[PATH_LENGTH],
                    art_error *err)
{
  snprintf(path, PATH_LENGTH, "/%s/%s", group, name);
  if (art_h5_kind_of(r->file->h5, path) == ART_H5_DATASET) return 1;
  art_fail(err, ART_E_INPUT, "%s: has no variable %s", r->path, path);
  return 0;
}

/// Numbers of any stored type as doubles. NULL after a failure, which the file then carries.
static double *read_doubles(art_h5 *f, const char *path, int64_t n0, int64_t n1)
{
  art_h5_type type;
  if (art_h5_type_of(f, path, &type) != ART_OK) return NULL;
  if (type == ART_H5_FLOAT || type == ART_H5_DOUBLE)
    return art_h5_get_new(f, path, ART_H5_DOUBLE, n0, n1, NULL);
  int64_t *whole = art_h5_get_new(f, path, ART_H5_INT64, n0, n1, NULL);
  if (!whole) return NULL;
  const int64_t count = n0 * (n1 ? n1 : 1);
  double *values = ART_NEW(double, count);
  for (int64_t i = 0; i < count; ++i) values[i] = (double)whole[i];
  free(whole);
  return values;
}

art_status art_result_times(const art_result *r, const char *group, int64_t *count, double **begin_s,
                            double **end_s, art_error *err)
{
  char path[PATH_LENGTH];
  *count = 0;
  *begin_s = *end_s = NULL;
  if (!is_there(r, group, "time_bnds", path, err)) return ART_E_INPUT;
  double *bounds = art_h5_get_new(r->file->h5, path, ART_H5_DOUBLE, -1, 2, count);
  if (!bounds) return art_h5_status(r->file->h5, err);
  *begin_s = ART_NEW(double, *count);
  *end_s = ART_NEW(double, *count);
  for (int64_t k = 0; k < *count; ++k) {
    (*begin_s)[k] = bounds[2 * k];
    (*end_s)[k] = bounds[2 * k + 1];
  }
  free(bounds);
  return ART_OK;
}

art_status art_result_read(const art_result *r, const char *group, const char *name, int64_t shape[2],
                           double **values, art_error *err)
{
  char path[PATH_LENGTH];
  int rank = 0;
  *values = NULL;
  shape[0] = shape[1] = 1;
  if (!is_there(r, group, name, path, err)) return ART_E_INPUT;
  art_h5 *f = r->file->h5;
  int64_t n0 = 0, n1 = 0;
  if (art_h5_shape(f, path, &rank, &n0, &n1) != ART_OK) return art_h5_status(f, err);
  if (rank > 2)
    return art_fail(err, ART_E_INPUT, "%s:%s: has %d axes, expected at most 2", r->path, path, rank);
  if (rank > 0) shape[0] = n0;
  if (rank > 1) shape[1] = n1;
  *values = read_doubles(f, path, rank > 0 ? n0 : 1, rank > 1 ? n1 : 0);
  if (!*values) return art_h5_status(f, err);
  return ART_OK;
}

art_status art_result_read_texts(const art_result *r, const char *group, const char *name, int64_t *count,
                                 char ***texts, art_error *err)
{
  char path[PATH_LENGTH];
  *count = 0;
  *texts = NULL;
  if (!is_there(r, group, name, path, err)) return ART_E_INPUT;
  *texts = art_h5_get_new(r->file->h5, path, ART_H5_STRING, -1, 0, count);
  return *texts ? ART_OK : art_h5_status(r->file->h5, err);
}

void art_result_free_texts(char **texts, int64_t count)
{
  art_h5_free_strings(texts, texts ? count : 0);
}

char *art_result_unit(const art_result *r, const char *group, const char *name)
{
  char path[PATH_LENGTH];
  snprintf(path, sizeof path, "/%s/%s", group, name);
  char *unit = art_h5_kind_of(r->file->h5, path) == ART_H5_DATASET
                   ? art_h5_get_text(r->file->h5, path, "units")
                   : NULL;
  return unit ? unit : art_strdup("");
}

/// A column of /network of `expected` values (-1: any number, told by *count).
static double *network_column(const art_result *r, const char *name, int64_t expected, int64_t *count,
                              art_status *status, art_error *err)
{
  int64_t shape[2];
  double *values = NULL;
  if (*status != ART_OK) return NULL;
  *status = art_result_read(r, "network", name, shape, &values, err);
  if (*status == ART_OK && expected >= 0 && shape[0] != expected)
    *status = art_fail(err, ART_E_INPUT, "%s: /network/%s has %" PRId64 " values, expected %" PRId64, r->path,
                       name, shape[0], expected);
  if (count) *count = shape[0];
  return values;
}

/// Copies the points of each link's drawn lane.
static art_status draw_links(const art_result *r, art_result_map *map, const double *drawn_lane,
                             const double *lane_points, int64_t lane_count, const double *x, const double *y,
                             int64_t point_count, art_error *err)
{
  int64_t *first = ART_NEW(int64_t, lane_count + 1), total = 0;
  art_status status = ART_OK;
  for (int64_t k = 0; k < lane_count; ++k) {  // no sum goes beyond one more than there are
    const double left = (double)(point_count + 1 - first[k]);
    first[k + 1] = first[k] + (lane_points[k] > 0.0 ? (int64_t)fmin(lane_points[k], left) : 0);
  }
  if (first[lane_count] != point_count) {
    status =
        art_fail(err, ART_E_INPUT,
                 "%s: /network/lane_points add up to %" PRId64 ", expected the %" PRId64 " of lane_point",
                 r->path, first[lane_count], point_count);
  }
  for (int32_t l = 0; l < map->link_count && status == ART_OK; ++l) {
    const double lane = drawn_lane[l];
    if (!(lane >= 0.0 && lane < (double)lane_count)) {
      status =
          art_fail(err, ART_E_INPUT, "%s: /network/link_drawn_lane of link %s is %g, expected 0 to %" PRId64,
                   r->path, r->link_id[l], lane, lane_count - 1);
      break;
    }
    total += first[(int64_t)lane + 1] - first[(int64_t)lane];
    map->first_point[l + 1] = total;
  }
  if (status == ART_OK) {
    map->x = ART_NEW(double, total);
    map->y = ART_NEW(double, total);
    for (int32_t l = 0; l < map->link_count; ++l) {
      const int64_t from = first[(int64_t)drawn_lane[l]],
                    count = map->first_point[l + 1] - map->first_point[l];
      memcpy(map->x + map->first_point[l], x + from, (size_t)count * sizeof *x);
      memcpy(map->y + map->first_point[l], y + from, (size_t)count * sizeof *y);
    }
  }
  free(first);
  return status;
}

art_status art_result_read_map(const art_result *r, art_result_map *out, art_error *err)
{
  art_status status = ART_OK;
  int64_t lane_count = 0, point_count = 0;
  memset(out, 0, sizeof *out);
  out->link_count = r->link_count;
  out->first_point = ART_NEW(int64_t, r->link_count + 1);
  out->length_m = network_column(r, "link_length", r->link_count, NULL, &status, err);
  out->lanes = network_column(r, "link_lanes", r->link_count, NULL, &status, err);
  out->speed_mps = network_column(r, "link_speed", r->link_count, NULL, &status, err);
  double *drawn_lane = network_column(r, "link_drawn_lane", r->link_count, NULL, &status, err);
  double *lane_points = network_column(r, "lane_points", -1, &lane_count, &status, err);
  double *x = network_column(r, "lane_point_x", -1, &point_count, &status, err);
  double *y = network_column(r, "lane_point_y", point_count, NULL, &status, err);
  if (status == ART_OK)
    status = draw_links(r, out, drawn_lane, lane_points, lane_count, x, y, point_count, err);
  free(drawn_lane);
  free(lane_points);
  free(x);
  free(y);
  if (status != ART_OK) art_result_map_clear(out);
  return status;
}

void art_result_map_clear(art_result_map *map)
{
  free(map->first_point);
  free(map->x);
  free(map->y);
  free(map->length_m);
  free(map->lanes);
  free(map->speed_mps);
  memset(map, 0, sizeof *map);
}
