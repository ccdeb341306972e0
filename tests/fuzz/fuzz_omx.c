// Open Matrix files whose parts a buffer chooses: kinds and extents of the attributes, groups, matrices and lookups. They are
// sound HDF5, so that our reader is tried and not the library. Oracle: a file is refused with a message, or its matrices and
// zones read without fault and without infinities.
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/h5/omx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct dice {
  const uint8_t *at, *end;
} dice;

static char path[] = "/dev/shm/fuzz_omx.XXXXXX";  // HDF5 makes no file of a name in /proc
static int started;

static void remove_file(void)
{
  unlink(path);
}

static unsigned roll(dice *d, unsigned sides)
{
  return d->at < d->end ? *d->at++ % sides : 0;
}

static double number(dice *d)
{
  static const double odd[] = { 0.0, 1.0, -1.0, 3.0, 2.5, 1e300, -1e300, 1e9, 4294967296.0, 9e18, NAN, INFINITY };
  return roll(d, 2) ? (double)roll(d, 8) : odd[roll(d, sizeof odd / sizeof *odd)];
}

static hid_t kind(dice *d)
{
  const hid_t kinds[] = { H5T_NATIVE_DOUBLE, H5T_NATIVE_FLOAT,  H5T_NATIVE_INT32,  H5T_NATIVE_INT64, H5T_NATIVE_UINT8,
                          H5T_NATIVE_INT16,  H5T_NATIVE_UINT64, H5T_NATIVE_UINT32, H5T_IEEE_F32BE,   H5T_STD_I32BE };
  return kinds[roll(d, sizeof kinds / sizeof *kinds)];
}

static hid_t text_kind(dice *d)
{
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, roll(d, 2) ? H5T_VARIABLE : 1 + roll(d, 5));
  if (roll(d, 2)) H5Tset_cset(type, H5T_CSET_UTF8);
  if (roll(d, 4) == 0) H5Tset_strpad(type, H5T_STR_SPACEPAD);
  return type;
}

static hid_t space_of(dice *d, int usual_rank)
{
  const hsize_t extent[3] = { roll(d, 2) ? 3 : roll(d, 6), roll(d, 2) ? 3 : roll(d, 6), roll(d, 3) };
  const int rank = roll(d, 4) ? usual_rank : (int)roll(d, 4);
  return rank ? H5Screate_simple(rank, extent, NULL) : H5Screate(roll(d, 2) ? H5S_SCALAR : H5S_NULL);
}

/// Texts or numbers into an attribute (`write` is H5Awrite) or a dataset.
static void fill(dice *d, hid_t object, int is_attribute, hid_t type, hid_t space)
{
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 1 || count > 64) return;
  static char *texts[64];
  static char fixed[64 * 8];
  double values[64];
  for (int i = 0; i < 64; ++i) {
    values[i] = number(d);
    texts[i] = roll(d, 2) ? "zone" : "\xff\x01";
  }
  memset(fixed, 'x', sizeof fixed);
  const int is_text = H5Tget_class(type) == H5T_STRING;
  const void *from = !is_text ? (const void *)values : H5Tis_variable_str(type) > 0 ? (const void *)texts : fixed;
  const hid_t memory = is_text ? type : H5T_NATIVE_DOUBLE;
  if (is_attribute)
    H5Awrite(object, memory, from);
  else
    H5Dwrite(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, from);
}

static void attribute(dice *d, hid_t object, const char *name, int is_text, int rank)
{
  if (roll(d, 8) == 7) return;
  if (roll(d, 8) == 7) is_text = !is_text;
  const hid_t type = is_text ? text_kind(d) : H5Tcopy(kind(d));
  hsize_t two = 2;
  const hid_t space = roll(d, 8) == 7 ? space_of(d, rank) : rank ? H5Screate_simple(1, &two, NULL) : H5Screate(H5S_SCALAR);
  const hid_t a = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const double three[2] = { 3.0, 3.0 };
  if (a >= 0 && !is_text && rank && roll(d, 4) && H5Sget_simple_extent_npoints(space) == 2)
    H5Awrite(a, H5T_NATIVE_DOUBLE, three);
  else if (a >= 0)
    fill(d, a, 1, type, space);
  if (a >= 0) H5Aclose(a);
  H5Sclose(space);
  H5Tclose(type);
}

static void member(dice *d, hid_t file, const char *name, int rank)
{
  if (roll(d, 8) == 7) {
    const hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group >= 0) H5Gclose(group);
    return;
  }
  const hid_t type = roll(d, 4) == 3 ? text_kind(d) : H5Tcopy(kind(d)), space = space_of(d, rank);
  const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (set >= 0) {
    fill(d, set, 0, type, space);
    if (roll(d, 2)) attribute(d, set, "NA", 0, 0);
    H5Dclose(set);
  }
  H5Sclose(space);
  H5Tclose(type);
}

static void make(dice *d)
{
  static const char *const names[2][3] = { { "/data/a", "/data/b", "/data/\xc3\xa4 b" }, { "/lookup/z", "/lookup/y", "/lookup/x" } };
  static const char *const groups[] = { "/data", "/lookup" };
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  if (file < 0) abort();
  attribute(d, file, "OMX_VERSION", 1, 0);
  attribute(d, file, "SHAPE", 0, 1);
  for (int k = 0; k < 2; ++k) {
    if (roll(d, 8) == 7) {
      member(d, file, groups[k], 2);
      continue;
    }
    const hid_t group = H5Gcreate2(file, groups[k], H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (unsigned i = roll(d, 4); i-- > 0;) member(d, file, names[k][i], 2 - k);
    H5Gclose(group);
  }
  H5Fclose(file);
}

static void read_all(art_omx *omx)
{
  art_error err = { 0 };
  double *values = malloc(3 * sizeof *values * (size_t)omx->columns);
  for (int32_t m = 0; m < omx->matrix_count; ++m) {
    const int32_t rows = omx->rows < 3 ? omx->rows : 3;
    const art_status status = art_omx_rows(omx, omx->matrix[m], 0, rows, values, &err);
    if (status != ART_OK && !err.message[0]) abort();
    for (int64_t i = 0; status == ART_OK && i < (int64_t)rows * omx->columns; ++i)
      if (!isfinite(values[i])) abort();
  }
  free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!started) {
    const int file = mkstemp(path);
    if (file < 0) abort();
    close(file);
    atexit(remove_file);
    started = 1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  }
  if (size > 2048) return 0;
  make(&(dice){ data, data + size });
  art_omx *omx = NULL;
  art_error err = { 0 };
  const art_status status = art_omx_open(path, &omx, &err);
  if ((status == ART_OK) != (omx != NULL) || (status != ART_OK && !err.message[0])) abort();
  if (status != ART_OK) return 0;
  for (int32_t i = -1; i < omx->lookup_count; ++i) {
    char **zones = NULL;
    int32_t count = 0;
    if (i < 0 && omx->rows > 1000) continue;
    if (art_omx_zones(omx, i < 0 ? NULL : omx->lookup[i], &zones, &count, &err) != ART_OK) continue;
    for (int32_t k = 0; k < count; ++k) free(zones[k]);
    free(zones);
  }
  read_all(omx);
  art_omx_close(omx);
  return 0;
}
