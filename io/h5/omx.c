#include "io/h5/omx.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/h5/h5_internal.h"

enum { ROWS_AT_ONCE = 16, MOST_ZONES = 1000000 };

static art_status check_root(art_h5 *f, art_omx *omx)
{
  art_h5_attr *attrs = NULL;
  int32_t count = 0, has_shape = 0, has_version = 0;
  art_status status = art_h5_attrs(f, "/", &attrs, &count);
  for (int32_t i = 0; i < count && status == ART_OK; ++i) {
    if (strcmp(attrs[i].name, "OMX_VERSION") == 0) has_version = attrs[i].type == ART_H5_STRING;
    if (strcmp(attrs[i].name, "SHAPE") != 0 || attrs[i].count != 2) continue;
    double extent[2] = { 0.0, 0.0 };
    for (int k = 0; k < 2; ++k) {
      if (attrs[i].type == ART_H5_INT32) extent[k] = ((int32_t *)attrs[i].values)[k];
      if (attrs[i].type == ART_H5_INT64) extent[k] = (double)((int64_t *)attrs[i].values)[k];
      if (attrs[i].type == ART_H5_UINT32) extent[k] = ((uint32_t *)attrs[i].values)[k];
      if (attrs[i].type == ART_H5_UINT64) extent[k] = (double)((uint64_t *)attrs[i].values)[k];
    }
    has_shape = extent[0] >= 1.0 && extent[1] >= 1.0 && extent[0] <= MOST_ZONES && extent[1] <= MOST_ZONES;
    omx->rows = has_shape ? (int32_t)extent[0] : 0;
    omx->columns = has_shape ? (int32_t)extent[1] : 0;
  }
  art_h5_free_attrs(attrs, count);
  if (status == ART_OK && !has_version) status = art_h5_refuse(f, "/", "OMX_VERSION is missing: no OMX file");
  if (status == ART_OK && !has_shape)
    status = art_h5_refuse(f, "/", "SHAPE: accepted: two whole numbers from 1 to 1000000");
  if (status == ART_OK && art_h5_kind_of(f, "/data") != ART_H5_GROUP)
    status = art_h5_refuse(f, "/data", "is missing");
  return status;
}

static int is_number(art_h5_type type)
{
  return type != ART_H5_STRING;
}

static char *path_of(const char *group, const char *name)
{
  char *path = ART_NEW(char, strlen(group) + strlen(name) + 2);
  sprintf(path, "%s/%s", group, name);
  return path;
}

static art_status list_members(art_h5 *f, art_omx *omx)
{
  char **names = NULL;
  int32_t count = 0, capacity = 0;
  art_status status = art_h5_members(f, "/data", &names, &count);
  for (int32_t i = 0; i < count && status == ART_OK; ++i) {
    char *path = path_of("/data", names[i]);
    art_h5_type type;
    int rank;
    int64_t n0, n1;
    const int fits = art_h5_peek(f, path, &type, &rank, &n0, &n1) && rank == 2 && n0 == omx->rows &&
                     n1 == omx->columns && is_number(type);
    if (fits)
      ART_PUSH(omx->matrix, omx->matrix_count, capacity, art_strdup(names[i]));
    else
      ++omx->odd_count;
    free(path);
  }
  art_h5_free_strings(names, count);
  if (status != ART_OK || art_h5_kind_of(f, "/lookup") != ART_H5_GROUP) return status;
  return art_h5_members(f, "/lookup", &omx->lookup, &omx->lookup_count);
}

art_status art_omx_open(const char *path, art_omx **out, art_error *err)
{
  *out = NULL;
  art_omx *omx = ART_NEW(art_omx, 1);
  art_status status = art_h5_open(path, &omx->file, err);
  if (status == ART_OK) {
    status = check_root(omx->file, omx);
    if (status == ART_OK) status = list_members(omx->file, omx);
    if (status != ART_OK) art_h5_status(omx->file, err);
  }
  if (status == ART_OK)
    *out = omx;
  else
    art_omx_close(omx);
  return status;
}

void art_omx_close(art_omx *omx)
{
  if (!omx) return;
  if (omx->file) art_h5_discard(omx->file);
  for (int32_t i = 0; i < omx->matrix_count; ++i) free(omx->matrix[i]);
  free(omx->matrix);
  art_h5_free_strings(omx->lookup, omx->lookup_count);
  free(omx);
}

art_status art_omx_rows(art_omx *omx, const char *matrix, int32_t first, int32_t count, double *values,
                        art_error *err)
{
  int is_known = 0;
  for (int32_t i = 0; i < omx->matrix_count; ++i) is_known |= strcmp(omx->matrix[i], matrix) == 0;
  if (!is_known)
    return art_fail(err, ART_E_INPUT,
                    "%s: matrix \"%.60s\" is not there: accepted: one of %d, the first is \"%.60s\"",
                    art_h5_path(omx->file), matrix, omx->matrix_count,
                    omx->matrix_count ? omx->matrix[0] : "");
  char *path = path_of("/data", matrix);
  art_h5_type type = ART_H5_DOUBLE;
  double missing = NAN;
  art_h5_type_of(omx->file, path, &type);
  const int64_t n = (int64_t)count * omx->columns;
  art_status status;
  if (type == ART_H5_INT64) {  // has no place in a double without loss, but flows are small
    int64_t *whole = ART_NEW(int64_t, n);
    status = art_h5_get_rows(omx->file, path, type, first, count, omx->columns, whole);
    for (int64_t i = 0; i < n && status == ART_OK; ++i) values[i] = (double)whole[i];
    free(whole);
  } else {
    status = art_h5_get_rows(omx->file, path, ART_H5_DOUBLE, first, count, omx->columns, values);
  }
  const int has_missing = art_h5_get_real(omx->file, path, "NA", &missing);
  for (int64_t i = 0; i < n && status == ART_OK; ++i)
    if (!isfinite(values[i]) || (has_missing && values[i] == missing)) values[i] = 0.0;
  if (status != ART_OK) art_h5_status(omx->file, err);
  free(path);
  return status;
}

art_status art_omx_zones(art_omx *omx, const char *lookup, char ***zones, int32_t *count, art_error *err)
{
  *zones = NULL;
  *count = 0;
  char text[64];
  if (!lookup) {
    *count = omx->rows;
    *zones = ART_NEW(char *, omx->rows);
    for (int32_t i = 0; i < omx->rows; ++i) {
      snprintf(text, sizeof text, "%d", i + 1);
      (*zones)[i] = art_strdup(text);
    }
    return ART_OK;
  }
  char *path = path_of("/lookup", lookup);
  art_h5_type type = ART_H5_DOUBLE;
  int rank = 0;
  int64_t n0 = 0, n1 = 0;
  art_h5 *f = omx->file;
  art_status status = ART_OK;
  if (!art_h5_peek(f, path, &type, &rank, &n0, &n1) || rank != 1 || (n0 != omx->rows && n0 != omx->columns))
    status =
        art_fail(err, ART_E_INPUT, "%s:%s: accepted: a lookup of %d values", art_h5_path(f), path, omx->rows);
  char **names = NULL;
  if (status == ART_OK) {
    names = ART_NEW(char *, n0);
    if (type == ART_H5_STRING) {
      status = art_h5_get(f, path, ART_H5_STRING, n0, 0, names);
    } else {
      const int is_real = type == ART_H5_FLOAT || type == ART_H5_DOUBLE;
      void *values = art_h5_get_new(f, path, is_real ? ART_H5_DOUBLE : ART_H5_INT64, n0, 0, NULL);
      status = values ? ART_OK : ART_E_INPUT;
      for (int64_t i = 0; i < n0 && values; ++i) {
        if (is_real)
          snprintf(text, sizeof text, "%.12g", ((double *)values)[i]);
        else
          snprintf(text, sizeof text, "%lld", (long long)((int64_t *)values)[i]);
        names[i] = art_strdup(text);
      }
      free(values);
    }
    if (status != ART_OK) status = art_h5_status(f, err);
  }
  if (status == ART_OK) {
    *zones = names;
    *count = (int32_t)n0;
  } else {
    free(names);
  }
  free(path);
  return status;
}

// ---- writing -----------------------------------------------------------------------------------------------------------

static int write_version(hid_t file)
{
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, 3);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const hid_t attribute = H5Acreate2(file, "OMX_VERSION", type, space, H5P_DEFAULT, H5P_DEFAULT);
  const int failed = attribute < 0 || H5Awrite(attribute, type, "0.2") < 0;
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
  return failed;
}

static int write_shape(hid_t file, int32_t zones)
{
  const hsize_t two = 2;
  const int32_t shape[2] = { zones, zones };
  const hid_t space = H5Screate_simple(1, &two, NULL);
  const hid_t attribute = H5Acreate2(file, "SHAPE", H5T_STD_I32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  const int failed = attribute < 0 || H5Awrite(attribute, H5T_NATIVE_INT32, shape) < 0;
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  return failed;
}

static int write_matrix(hid_t file, const char *name, int32_t zones, int32_t index, art_omx_source *source,
                        void *context)
{
  const hsize_t n = (hsize_t)zones, extent[2] = { n, n },
                chunk[2] = { n < ROWS_AT_ONCE ? n : ROWS_AT_ONCE, n };
  const hid_t space = H5Screate_simple(2, extent, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(list, 2, chunk);
  H5Pset_shuffle(list);
  H5Pset_deflate(list, 1);
  H5Pset_obj_track_times(list, 0);
  char *path = path_of("/data", name);
  const hid_t data = H5Dcreate2(file, path, H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  int failed = data < 0;
  double *values = ART_NEW(double, chunk[0] * n);
  for (hsize_t first = 0; first < n && !failed; first += chunk[0]) {
    const hsize_t count[2] = { n - first < chunk[0] ? n - first : chunk[0], n }, start[2] = { first, 0 };
    source(context, index, (int32_t)first, (int32_t)count[0], values);
    const hid_t memory = H5Screate_simple(2, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    failed = H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) < 0;
    H5Sclose(memory);
  }
  free(values);
  if (data >= 0) failed |= H5Dclose(data) < 0;
  free(path);
  H5Pclose(list);
  H5Sclose(space);
  return failed;
}

static int whole_number(const char *text, int32_t *number)
{
  char *end;
  const long value = strtol(text, &end, 10);
  *number = (int32_t)value;
  char back[32];
  snprintf(back, sizeof back, "%ld", value);
  return *text && !*end && value >= INT32_MIN && value <= INT32_MAX && strcmp(back, text) == 0;
}

static int write_lookup(hid_t file, int32_t zones, char *const *names)
{
  const hsize_t n = (hsize_t)zones;
  int32_t *number = ART_NEW(int32_t, zones);
  size_t longest = 1;
  int are_numbers = 1;
  for (int32_t i = 0; i < zones; ++i) {
    are_numbers &= whole_number(names[i], &number[i]);
    longest = strlen(names[i]) > longest ? strlen(names[i]) : longest;
  }
  char *text = are_numbers ? NULL : ART_NEW(char, n *longest);
  for (int32_t i = 0; i < zones && text; ++i) memcpy(text + (size_t)i * longest, names[i], strlen(names[i]));
  const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &n, NULL);
  H5Tset_size(type, longest);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  const hid_t data = H5Dcreate2(file, "/lookup/zone_number", are_numbers ? H5T_STD_I32LE : type, space,
                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  int failed = data < 0;
  if (!failed)
    failed = H5Dwrite(data, are_numbers ? H5T_NATIVE_INT32 : type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                      are_numbers ? (const void *)number : (const void *)text) < 0;
  if (data >= 0) H5Dclose(data);
  H5Sclose(space);
  H5Tclose(type);
  free(text);
  free(number);
  return failed;
}

static int write_group(hid_t file, const char *path)
{
  const hid_t group = H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (group >= 0) H5Gclose(group);
  return group < 0;
}

art_status art_omx_write(const char *path, int32_t zone_count, char *const *zones, int32_t matrix_count,
                         const char *const *names, art_omx_source *source, void *context, int force,
                         art_error *err)
{
  if (!force && access(path, F_OK) == 0)
    return art_fail(err, ART_E_EXISTS, "%s: exists already; --force overwrites it", path);
  if (zone_count < 1) return art_fail(err, ART_E_INPUT, "%s: a matrix needs at least one zone", path);
  for (int32_t i = 0; i < matrix_count; ++i)
    if (!*names[i] || strchr(names[i], '/'))
      return art_fail(err, ART_E_INPUT, "matrix \"%.60s\": accepted: a name without \"/\"", names[i]);
  char *temporary = ART_NEW(char, strlen(path) + 8);
  sprintf(temporary, "%s.part", path);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  const hid_t file = H5Fcreate(temporary, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  int failed = file < 0;
  failed = failed || write_version(file) || write_shape(file, zone_count) || write_group(file, "/data") ||
           write_group(file, "/lookup");
  for (int32_t i = 0; i < matrix_count && !failed; ++i)
    failed = write_matrix(file, names[i], zone_count, i, source, context);
  failed = failed || write_lookup(file, zone_count, zones);
  if (file >= 0) failed |= H5Fclose(file) < 0;
  art_status status = ART_OK;
  if (failed || rename(temporary, path) != 0) {
    unlink(temporary);
    status = art_fail(err, ART_E_IO, "%s: cannot be written", path);
  }
  free(temporary);
  return status;
}
