/// \file edit_h5.h
/// A sound HDF5 file and copies of it with edits that a buffer chooses: values of tables and attributes change, tables get
/// other lengths or kinds, or they go. The copies stay sound HDF5, so that our readers are tried and not the library.
#ifndef ART_TESTS_FUZZ_EDIT_H5_H
#define ART_TESTS_FUZZ_EDIT_H5_H
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { H5_MOST_OBJECTS = 256, H5_MOST_EDITS = 8, H5_EDIT_BYTES = 6, H5_NAME_BYTES = 128 };

/// A sound file in memory, the names of its tables and of all its objects, and where its edited copies are written.
typedef struct h5_sample {
  void *bytes;
  size_t size;
  int tables, objects;
  char table[H5_MOST_OBJECTS][H5_NAME_BYTES], object[H5_MOST_OBJECTS][H5_NAME_BYTES];
  char path[64];
} h5_sample;

/// Chooses a name: HDF5 makes no file of a name in /proc, so that it lies in memory that looks like a disk.
static void h5_sample_name(h5_sample *s)
{
  strcpy(s->path, "/dev/shm/fuzz_h5.XXXXXX");
  const int file = mkstemp(s->path);
  if (file < 0 || close(file) != 0) abort();
}

// ---- a smaller copy: files have chunks for large cities, which take most of the time of an input

typedef struct h5_copy {
  hid_t from, to;
} h5_copy;

/// Attributes but for those that hold references to other objects.
static herr_t h5_copy_attribute(hid_t owner, const char *name, const H5A_info_t *info, void *context)
{
  const hid_t made_for = *(const hid_t *)context, a = H5Aopen(owner, name, H5P_DEFAULT);
  (void)info;
  const hid_t type = H5Aget_type(a), space = H5Aget_space(a);
  const H5T_class_t class = H5Tget_class(type);
  if (class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_STRING) {
    const size_t count = (size_t)H5Sget_simple_extent_npoints(space);
    void *values = calloc(count + 1, H5Tget_size(type) + 1);
    const hid_t b = H5Acreate2(made_for, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (!values || b < 0 || H5Aread(a, type, values) < 0 || H5Awrite(b, type, values) < 0) abort();
    if (H5Tis_variable_str(type) > 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
    free(values);
    H5Aclose(b);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(a);
  return 0;
}

static hid_t h5_copy_table(hid_t table, hid_t to, const char *name)
{
  hsize_t extent[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
  const hid_t type = H5Dget_type(table), space = H5Dget_space(table), made_as = H5Dget_create_plist(table);
  const int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  for (int i = 0; i < rank; ++i) chunk[i] = extent[i] > 0 ? extent[i] : 1;
  if (H5Pget_layout(made_as) == H5D_CHUNKED) H5Pset_chunk(made_as, rank, chunk);
  const hid_t made = H5Dcreate2(to, name, type, space, H5P_DEFAULT, made_as, H5P_DEFAULT);
  const size_t count = (size_t)H5Sget_simple_extent_npoints(space);
  void *values = calloc(count + 1, H5Tget_size(type) + 1);
  if (!values || made < 0 || H5Dread(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0 ||
      H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
    abort();
  if (H5Tis_variable_str(type) > 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
  free(values);
  H5Pclose(made_as);
  H5Sclose(space);
  H5Tclose(type);
  return made;
}

static herr_t h5_copy_object(hid_t group, const char *name, const H5O_info_t *info, void *context)
{
  const h5_copy *c = context;
  const hid_t object = H5Oopen(c->from, name, H5P_DEFAULT);
  (void)group;
  const hid_t made = strcmp(name, ".") == 0 ? H5Gopen2(c->to, "/", H5P_DEFAULT)
                     : info->type == H5O_TYPE_DATASET
                         ? h5_copy_table(object, c->to, name)
                         : H5Gcreate2(c->to, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, h5_copy_attribute, (hid_t[]){ made }) < 0)
    abort();
  H5Oclose(made);
  H5Oclose(object);
  return 0;
}

/// The file again, with each table in one chunk no larger than it is.
static void h5_sample_shrink(const char *path)
{
  char small[80];
  snprintf(small, sizeof small, "%s.small", path);
  const h5_copy c = { H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT),
                      H5Fcreate(small, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT) };
  if (c.from < 0 || c.to < 0 || H5Ovisit(c.from, H5_INDEX_NAME, H5_ITER_INC, h5_copy_object, (void *)&c) < 0)
    abort();
  H5Fclose(c.from);
  H5Fclose(c.to);
  if (rename(small, path) != 0) abort();
}

static herr_t h5_sample_note(hid_t group, const char *name, const H5O_info_t *info, void *context)
{
  h5_sample *s = context;
  (void)group;
  if (strlen(name) >= H5_NAME_BYTES) return 0;
  if (s->objects < H5_MOST_OBJECTS) strcpy(s->object[s->objects++], name);
  if (info->type == H5O_TYPE_DATASET && s->tables < H5_MOST_OBJECTS) strcpy(s->table[s->tables++], name);
  return 0;
}

/// Reads the file that stands at the name by now.
static void h5_sample_take(h5_sample *s)
{
  h5_sample_shrink(s->path);
  FILE *f = fopen(s->path, "rb");
  if (!f || fseek(f, 0, SEEK_END) != 0) abort();
  s->size = (size_t)ftell(f);
  s->bytes = malloc(s->size);
  rewind(f);
  if (!s->bytes || fread(s->bytes, 1, s->size, f) != s->size) abort();
  fclose(f);
  const hid_t file = H5Fopen(s->path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0 || H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, h5_sample_note, s) < 0 || !s->tables) abort();
  H5Fclose(file);
}

static void h5_sample_clear(h5_sample *s)
{
  unlink(s->path);
  free(s->bytes);
}

static double h5_edit_number(unsigned kind, unsigned value)
{
  static const double odd[] = { 0.0,    1.0,     -1.0,         2.0,           255.0,
                                256.0,  65535.0, 2147483647.0, -2147483648.0, 4294967295.0,
                                1e-30,  1e30,    9e18,         -9e18,         0.5,
                                -0.001, NAN,     INFINITY,     -INFINITY,     3600000.0 };
  return kind & 1 ? odd[value % (sizeof odd / sizeof *odd)] : (double)(int8_t)value;
}

static const char *h5_edit_text(unsigned value)
{
  static const char *const odd[] = {
    "",  "a", "b",        "nan",         "-1",  "18446744073709551616", "1e400", "\xff\xfe", "warmup: 1e300",
    "%", "/", "2024-2-3", "a b c d e f", "city"
  };
  return odd[value % (sizeof odd / sizeof *odd)];
}

/// One table again, with rows of another kind; its attributes go.
static void h5_edit_replace(hid_t file, const char *name, unsigned kind, unsigned value)
{
  const hid_t kinds[] = { H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32, H5T_NATIVE_UINT8, H5T_NATIVE_INT64,
                          H5T_NATIVE_FLOAT };
  const hsize_t extent[2] = { value % 9, 1 + value / 9 % 3 };
  const int rank = kind & 8 ? 2 : 1;
  double numbers[64];
  for (int i = 0; i < 64; ++i) numbers[i] = h5_edit_number(kind, value + (unsigned)i);
  if (H5Ldelete(file, name, H5P_DEFAULT) < 0) return;
  const hid_t space = H5Screate_simple(rank, extent, NULL);
  const hid_t made = H5Dcreate2(file, name, kinds[kind % 5], space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (made >= 0) {
    H5Dwrite(made, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    H5Dclose(made);
  }
  H5Sclose(space);
}

static void h5_edit_change_text(hid_t table, hid_t type, hid_t space, size_t count, unsigned row,
                                unsigned value)
{
  char **texts = calloc(count, sizeof *texts), *before = NULL;
  if (!texts) abort();
  H5Dread(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
  before = texts[row % count];
  union {
    const char *from;
    char *to;
  } text = { h5_edit_text(value) };
  texts[row % count] = text.to;
  H5Dwrite(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
  texts[row % count] = before;
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
  free(texts);
}

/// One number or text of a table gets another value.
static void h5_edit_change(hid_t file, const char *name, unsigned row, unsigned kind, unsigned value)
{
  const hid_t table = H5Dopen2(file, name, H5P_DEFAULT);
  if (table < 0) return;
  const hid_t type = H5Dget_type(table), space = H5Dget_space(table);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count > 0 && (H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT)) {
    double *numbers = malloc((size_t)count * sizeof *numbers);
    if (!numbers) abort();
    H5Dread(table, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    numbers[row % (size_t)count] = h5_edit_number(kind, value);
    H5Dwrite(table, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers);
    free(numbers);
  } else if (count > 0 && H5Tis_variable_str(type) > 0) {
    h5_edit_change_text(table, type, space, (size_t)count, row, value);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(table);
}

/// An attribute goes, or comes back as a number, a text, or several numbers.
static void h5_edit_attribute(hid_t file, const char *object, unsigned index, unsigned kind, unsigned value)
{
  char name[H5_NAME_BYTES];
  const hid_t owner = H5Oopen(file, object, H5P_DEFAULT);
  if (owner < 0) return;
  H5O_info_t info;
  if (H5Oget_info(owner, &info) >= 0 && info.num_attrs > 0 &&
      H5Aget_name_by_idx(owner, ".", H5_INDEX_NAME, H5_ITER_INC, index % info.num_attrs, name, sizeof name,
                         H5P_DEFAULT) > 0) {
    H5Adelete(owner, name);
    const int is_text = kind % 4 == 1, is_list = kind % 4 == 2;
    const hsize_t two = 2;
    const hid_t type = H5Tcopy(is_text ? H5T_C_S1 : H5T_NATIVE_DOUBLE);
    if (is_text) H5Tset_size(type, H5T_VARIABLE);
    const hid_t space = is_list ? H5Screate_simple(1, &two, NULL) : H5Screate(H5S_SCALAR);
    const hid_t made = kind % 4 ? H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
    const char *text = h5_edit_text(value);
    const double numbers[2] = { h5_edit_number(kind >> 2, value), h5_edit_number(kind >> 3, value + 1) };
    if (made >= 0) {
      H5Awrite(made, type, is_text ? (const void *)&text : numbers);
      H5Aclose(made);
    }
    H5Sclose(space);
    H5Tclose(type);
  }
  H5Oclose(owner);
}

/// Writes a copy of the sample with edits of six bytes each.
static void h5_sample_write(const h5_sample *s, const uint8_t *edits, size_t count)
{
  FILE *f = fopen(s->path, "wb");
  if (!f || fwrite(s->bytes, 1, s->size, f) != s->size || fclose(f) != 0) abort();
  const hid_t file = H5Fopen(s->path, H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) abort();
  for (size_t n = 0; n < H5_MOST_EDITS && (n + 1) * H5_EDIT_BYTES <= count; ++n) {
    const uint8_t *e = edits + n * H5_EDIT_BYTES;
    const char *name = s->table[e[1] % s->tables];
    const unsigned row = (unsigned)e[2] << 8 | e[3];
    switch (e[0] % 16) {
    case 0: H5Ldelete(file, name, H5P_DEFAULT); break;
    case 1: h5_edit_replace(file, name, e[4], e[5]); break;
    case 2:
    case 3: h5_edit_attribute(file, s->object[e[1] % s->objects], row, e[4], e[5]); break;
    case 4: h5_edit_attribute(file, ".", row, e[4], e[5]); break;
    default: h5_edit_change(file, name, row, e[4], e[5]);
    }
  }
  H5Fclose(file);
}

#endif  // ART_TESTS_FUZZ_EDIT_H5_H
