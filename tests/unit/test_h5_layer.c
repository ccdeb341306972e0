// The layer over HDF5: what is put is got, sizes and types are compared, failures stick and name their place.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include "io/h5/h5.h"

static const char *const path = "test_h5_layer.h5";

static art_h5 *create(void)
{
  art_h5 *f;
  art_error err = { 0 };
  if (art_h5_create(path, 1, &f, &err) != ART_OK) fail_msg("%s", err.message);
  return f;
}

static art_h5 *open_again(void)
{
  art_h5 *f;
  art_error err = { 0 };
  if (art_h5_open(path, &f, &err) != ART_OK) fail_msg("%s", err.message);
  return f;
}

static void commit(art_h5 *f)
{
  art_error err = { 0 };
  if (art_h5_commit(f, &err) != ART_OK) fail_msg("%s", err.message);
  assert_true(H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL) == 0);  // no handle is left open
}

static void expect_failure(art_h5 *f, art_status status, const char *message)
{
  art_error err = { 0 };
  assert_int_equal(art_h5_commit(f, &err), status);
  assert_string_equal(err.message, message);
}

/// X(type, C type, three values that show sign and width)
#define NUMBERS(X)                            \
  X(INT8, int8_t, -128, 0, 127)               \
  X(UINT8, uint8_t, 0, 1, 255)                \
  X(INT16, int16_t, INT16_MIN, 0, INT16_MAX)  \
  X(INT32, int32_t, INT32_MIN, -1, INT32_MAX) \
  X(UINT32, uint32_t, 0, 1, UINT32_MAX)       \
  X(INT64, int64_t, INT64_MIN, -1, INT64_MAX) \
  X(UINT64, uint64_t, 0, 1, UINT64_MAX)       \
  X(FLOAT, float, -0.0f, 1e-42f, 3.4e38f)     \
  X(DOUBLE, double, -0.0, 4.9e-324, 1.7e308)

static void every_type_comes_back(void **state)
{
  (void)state;
  art_h5 *f = create();
  char *const texts[3] = { "",
                           "Stra\xc3\x9f"
                           "e",
                           NULL };
  art_h5_group(f, "/g");
  art_h5_put_index(f, "/g/i", 3, "index");
#define X(name, ctype, a, b, c)                                                                       \
  {                                                                                                   \
    const ctype values[3] = { a, b, c };                                                              \
    art_h5_put(f, &(art_h5_var){ .path = "/g/" #name, .type = ART_H5_##name, .axis = { "i" } }, 3, 0, \
               values);                                                                               \
    art_h5_set_array(f, "/g", #name, ART_H5_##name, 3, values);                                       \
  }
  NUMBERS(X)
#undef X
  art_h5_put(f, &(art_h5_var){ .path = "/g/text", .type = ART_H5_STRING, .axis = { "i" } }, 3, 0, texts);
  commit(f);

  f = open_again();
#define X(name, ctype, a, b, c)                                                     \
  {                                                                                 \
    const ctype values[3] = { a, b, c };                                            \
    ctype got[3];                                                                   \
    assert_int_equal(art_h5_get(f, "/g/" #name, ART_H5_##name, 3, 0, got), ART_OK); \
    assert_memory_equal(values, got, sizeof got);                                   \
    art_h5_type stored = ART_H5_STRING;                                             \
    art_h5_type_of(f, "/g/" #name, &stored);                                        \
    assert_int_equal(stored, ART_H5_##name);                                        \
  }
  NUMBERS(X)
#undef X
  int64_t count;
  char **got = art_h5_get_new(f, "/g/text", ART_H5_STRING, -1, 0, &count);
  assert_non_null(got);
  assert_int_equal(count, 3);
  assert_string_equal(got[0], "");
  assert_string_equal(got[1], texts[1]);
  assert_string_equal(got[2], "");
  art_h5_free_strings(got, 3);

  art_h5_attr *attrs;
  int32_t attr_count;
  assert_int_equal(art_h5_attrs(f, "/g", &attrs, &attr_count), ART_OK);
  assert_int_equal(attr_count, 9);
  assert_string_equal(attrs[0].name, "INT8");  // in order of creation
  assert_string_equal(attrs[8].name, "DOUBLE");
  assert_int_equal(attrs[3].count, 3);
  assert_int_equal(((int32_t *)attrs[3].values)[0], INT32_MIN);
  art_h5_free_attrs(attrs, attr_count);
  commit(f);
}

static void matrices_grow_row_by_row(void **state)
{
  (void)state;
  enum { COLUMNS = 700, ROWS = 1000 };  // about three chunks
  art_h5 *f = create();
  const double fill = -1;
  int32_t *row = malloc(COLUMNS * sizeof *row);
  art_h5_group(f, "/links");
  art_h5_put_index(f, "/links/link", COLUMNS, "link");
  art_h5_define(f, &(art_h5_var){ .path = "/links/time", .type = ART_H5_DOUBLE, .is_scale = 1, .units = "s" },
                0);
  art_h5_define(f,
                &(art_h5_var){ .path = "/links/flow",
                               .type = ART_H5_INT32,
                               .axis = { "time", "link" },
                               .units = "1",
                               .fill = &fill },
                COLUMNS);
  art_h5_define(f, &(art_h5_var){ .path = "/links/note", .type = ART_H5_STRING, .axis = { "time" } }, 0);
  for (int t = 0; t < ROWS; ++t) {
    const double seconds = 0.5 * t;
    char note[20], *notes = note;
    snprintf(note, sizeof note, "row %d", t);
    for (int i = 0; i < COLUMNS; ++i) row[i] = t * 1000 + i;
    art_h5_append(f, "/links/time", 1, &seconds);
    art_h5_append(f, "/links/flow", 1, row);
    art_h5_append(f, "/links/note", 1, &notes);
  }
  commit(f);

  f = open_again();
  int rank;
  int64_t n0, n1;
  art_h5_shape(f, "/links/flow", &rank, &n0, &n1);
  assert_int_equal(rank, 2);
  assert_int_equal(n0, ROWS);
  assert_int_equal(n1, COLUMNS);
  assert_int_equal(art_h5_get_rows(f, "/links/flow", ART_H5_INT32, 777, 1, COLUMNS, row), ART_OK);
  for (int i = 0; i < COLUMNS; ++i) assert_int_equal(row[i], 777000 + i);
  double last;
  assert_int_equal(art_h5_get_rows(f, "/links/time", ART_H5_DOUBLE, ROWS - 1, 1, 0, &last), ART_OK);
  assert_true(last == 0.5 * (ROWS - 1));
  char *note;
  assert_int_equal(art_h5_get_rows(f, "/links/note", ART_H5_STRING, 42, 1, 0, &note), ART_OK);
  assert_string_equal(note, "row 42");
  free(note);
  int64_t missing = 0;
  assert_int_equal(art_h5_get_int(f, "/links/flow", "_FillValue", &missing), 1);
  assert_int_equal(missing, -1);
  commit(f);

  const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT),
              flow = H5Dopen2(file, "/links/flow", H5P_DEFAULT);
  const hid_t time = H5Dopen2(file, "/links/time", H5P_DEFAULT),
              link = H5Dopen2(file, "/links/link", H5P_DEFAULT);
  assert_true(H5DSis_scale(time) > 0 && H5DSis_attached(flow, time, 0) > 0 &&
              H5DSis_attached(flow, link, 1) > 0);
  H5Dclose(link);
  H5Dclose(time);
  H5Dclose(flow);
  H5Fclose(file);
  free(row);
}

static herr_t count_axis(hid_t dataset, unsigned dimension, hid_t axis, void *count)
{
  (void)dataset, (void)dimension;
  *(int *)count += H5DSis_scale(axis) > 0;
  return 0;
}

/// HDF5's own functions for axes find what is written here: who is an axis, of whom, and the way back; and can undo it.
static void axes_are_those_of_the_library(void **state)
{
  (void)state;
  art_h5 *f = create();
  const double values[6] = { 1, 2, 3, 4, 5, 6 };
  art_h5_group(f, "/g/deep");
  art_h5_put_index(f, "/g/i", 2, NULL);
  art_h5_put_index(f, "/g/k", 3, NULL);
  art_h5_put_index(f, "/g/unused", 3, NULL);
  art_h5_put(f, &(art_h5_var){ .path = "/g/both", .type = ART_H5_DOUBLE, .axis = { "i", "k" } }, 2, 3, values);
  art_h5_put(f, &(art_h5_var){ .path = "/g/deep/second", .type = ART_H5_DOUBLE, .axis = { NULL, "/g/k" } }, 2, 3, values);
  art_h5_put(f, &(art_h5_var){ .path = "/g/deep/k", .type = ART_H5_DOUBLE, .axis = { "/g/k" } }, 3, 0, values);
  commit(f);

  enum { AXES = 3, USERS = 3 };
  static const char *const axis_name[AXES] = { "/g/i", "/g/k", "/g/unused" },
                           *const user_name[USERS] = { "/g/both", "/g/deep/second", "/g/deep/k" };
  static const int attached[USERS][2][AXES] = { { { 1, 0, 0 }, { 0, 1, 0 } }, { { 0, 0, 0 }, { 0, 1, 0 } }, { { 0, 1, 0 } } },
                   rank[USERS] = { 2, 2, 1 };
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t axis[AXES], user[USERS];
  for (int a = 0; a < AXES; ++a) {
    char name[16] = "";
    axis[a] = H5Dopen2(file, axis_name[a], H5P_DEFAULT);
    assert_true(H5DSis_scale(axis[a]) > 0);
    assert_true(H5DSget_scale_name(axis[a], name, sizeof name) > 0);
    assert_string_equal(name, strrchr(axis_name[a], '/') + 1);
  }
  for (int u = 0; u < USERS; ++u) {
    user[u] = H5Dopen2(file, user_name[u], H5P_DEFAULT);
    assert_false(H5DSis_scale(user[u]) > 0);
    for (int d = 0; d < rank[u]; ++d) {
      int found = 0, wanted = 0;
      for (int a = 0; a < AXES; ++a) {
        assert_int_equal(H5DSis_attached(user[u], axis[a], (unsigned)d), attached[u][d][a]);
        wanted += attached[u][d][a];
      }
      assert_int_equal(H5DSget_num_scales(user[u], (unsigned)d), wanted);
      if (wanted) assert_true(H5DSiterate_scales(user[u], (unsigned)d, NULL, count_axis, &found) >= 0);
      assert_int_equal(found, wanted);
    }
  }
  assert_true(H5DSdetach_scale(user[1], axis[1], 1) >= 0);
  assert_int_equal(H5DSis_attached(user[1], axis[1], 1), 0);
  assert_int_equal(H5DSis_attached(user[0], axis[1], 1), 1);
  assert_int_equal(H5Aexists(axis[2], "REFERENCE_LIST"), 0);
  for (int a = 0; a < AXES; ++a) H5Dclose(axis[a]);
  for (int u = 0; u < USERS; ++u) H5Dclose(user[u]);
  H5Fclose(file);
}

/// Rows wider than a chunk, in portions that fit no chunk, several datasets at once, by several threads: every value is
/// where it belongs.
static void wide_and_uneven_rows_come_back(void **state)
{
  (void)state;
  enum { WIDE = 300001, NARROW = 90001, ROWS = 7, LONG = 200003 };  // chunks have 2^18 or 2^17 values
  art_h5 *f = create();
  float *wide = malloc((size_t)ROWS * WIDE * sizeof *wide);
  double *narrow = malloc((size_t)ROWS * NARROW * sizeof *narrow);
  int8_t *fixed = malloc((size_t)3 * 1200001);
  int64_t *line = malloc((size_t)LONG * sizeof *line);
  for (int i = 0; i < ROWS * WIDE; ++i) wide[i] = (float)(i % 8191) * 0.5f;
  for (int i = 0; i < ROWS * NARROW; ++i) narrow[i] = (double)i / 3.0;
  for (int i = 0; i < 3 * 1200001; ++i) fixed[i] = (int8_t)(i % 251 - 100);
  for (int i = 0; i < LONG; ++i) line[i] = (int64_t)i * i * 1000003;
  art_h5_set_threads(f, 3);
  art_h5_group(f, "/g");
  art_h5_define(f, &(art_h5_var){ .path = "/g/t", .type = ART_H5_INT64, .is_scale = 1 }, 0);
  art_h5_define(f, &(art_h5_var){ .path = "/g/wide", .type = ART_H5_FLOAT }, WIDE);
  art_h5_define(f, &(art_h5_var){ .path = "/g/narrow", .type = ART_H5_DOUBLE }, NARROW);
  art_h5_put(f, &(art_h5_var){ .path = "/g/fixed", .type = ART_H5_INT8, .is_quick = 1 }, 3, 1200001, fixed);
  static const char *const paths[2] = { "/g/wide", "/g/narrow" };
  for (int first = 0, count = 1; first < ROWS; first += count, count = first + 3 > ROWS ? ROWS - first : 3)
    art_h5_append_many(f, 2, paths, count,
                       (const void *const[2]){ wide + (size_t)first * WIDE, narrow + (size_t)first * NARROW });
  for (int first = 0, count = 1; first < LONG; first += count, count = LONG - first < 99991 ? LONG - first : 99991)
    art_h5_append(f, "/g/t", count, line + first);
  commit(f);

  f = open_again();
  float *wide_back = art_h5_get_new(f, "/g/wide", ART_H5_FLOAT, ROWS, WIDE, NULL);
  double *narrow_back = art_h5_get_new(f, "/g/narrow", ART_H5_DOUBLE, ROWS, NARROW, NULL);
  int8_t *fixed_back = art_h5_get_new(f, "/g/fixed", ART_H5_INT8, 3, 1200001, NULL);
  int64_t *line_back = art_h5_get_new(f, "/g/t", ART_H5_INT64, LONG, 0, NULL);
  assert_non_null(wide_back);
  assert_non_null(narrow_back);
  assert_non_null(fixed_back);
  assert_non_null(line_back);
  assert_memory_equal(wide_back, wide, (size_t)ROWS * WIDE * sizeof *wide);
  assert_memory_equal(narrow_back, narrow, (size_t)ROWS * NARROW * sizeof *narrow);
  assert_memory_equal(fixed_back, fixed, (size_t)3 * 1200001);
  assert_memory_equal(line_back, line, (size_t)LONG * sizeof *line);
  commit(f);
  free(wide_back);
  free(narrow_back);
  free(fixed_back);
  free(line_back);
  free(wide);
  free(narrow);
  free(fixed);
  free(line);
}

static void attributes_and_members(void **state)
{
  (void)state;
  art_h5 *f = create();
  art_h5_group(f, "/z/a/b");
  art_h5_group(f, "/a");
  art_h5_set_text(f, "/z", "title", "first");
  art_h5_set_text(f, "/z", "title", "second");
  art_h5_set_real(f, "/z", "pi", 3.25);
  art_h5_set_int(f, "/z", "small", -5);
  art_h5_set_int(f, "/z", "large", INT64_C(1) << 40);
  const uint8_t kinds[2] = { 1, 0 };
  art_h5_put_index(f, "/a/i", 2, NULL);
  art_h5_put(f, &(art_h5_var){ .path = "/a/kind", .type = ART_H5_UINT8, .axis = { "i" } }, 2, 0, kinds);
  art_h5_set_flags(f, "/a/kind", 2, (const char *const[]){ "cross", "merge" });
  const int32_t masks[2] = { 3, 4 };
  const char *const bits[] = { "one", "two", "three" };
  art_h5_put(f,
             &(art_h5_var){ .path = "/a/mask",
                            .type = ART_H5_INT32,
                            .axis = { "i" },
                            .index_of = "/a/i",
                            .sample_dimension = "i",
                            .flags = bits,
                            .flag_count = 3,
                            .flags_are_bits = 1 },
             2, 0, masks);
  const double half = 0.5;
  art_h5_put_scalar(f, "/a/half", ART_H5_DOUBLE, &half);
  commit(f);

  f = open_again();
  double scalar = 0;
  assert_int_equal(art_h5_get(f, "/a/half", ART_H5_DOUBLE, 1, 0, &scalar), ART_OK);
  assert_true(scalar == 0.5);
  char *text = art_h5_get_text(f, "/z", "title");
  assert_string_equal(text, "second");
  free(text);
  assert_null(art_h5_get_text(f, "/z", "pi"));
  assert_null(art_h5_get_text(f, "/z", "absent"));
  assert_null(art_h5_get_text(f, "/absent/group", "title"));
  double real;
  int64_t whole;
  assert_int_equal(art_h5_get_real(f, "/z", "pi", &real), 1);
  assert_true(real == 3.25);
  assert_int_equal(art_h5_get_int(f, "/z", "small", &whole), 1);
  assert_int_equal(whole, -5);
  assert_int_equal(art_h5_get_int(f, "/z", "large", &whole), 1);
  assert_true(whole == INT64_C(1) << 40);
  assert_int_equal(art_h5_get_int(f, "/z", "pi", &whole), 0);
  text = art_h5_get_text(f, "/a/kind", "flag_meanings");
  assert_string_equal(text, "cross merge");
  free(text);
  text = art_h5_get_text(f, "/a/mask", "flag_meanings");
  assert_string_equal(text, "one two three");
  free(text);
  text = art_h5_get_text(f, "/a/mask", "index_of");
  assert_string_equal(text, "/a/i");
  free(text);
  text = art_h5_get_text(f, "/a/mask", "sample_dimension");
  assert_string_equal(text, "i");
  free(text);
  art_h5_attr *attrs;
  int32_t attr_count, found_masks = 0;
  assert_int_equal(art_h5_attrs(f, "/a/mask", &attrs, &attr_count), ART_OK);
  for (int32_t i = 0; i < attr_count; ++i) {
    if (strcmp(attrs[i].name, "flag_masks") != 0) continue;
    assert_int_equal(attrs[i].type, ART_H5_INT32);
    assert_int_equal(attrs[i].count, 3);
    for (int b = 0; b < 3; ++b) assert_int_equal(((const int32_t *)attrs[i].values)[b], 1 << b);
    ++found_masks;
  }
  assert_int_equal(found_masks, 1);
  art_h5_free_attrs(attrs, attr_count);
  char **names;
  int32_t count;
  assert_int_equal(art_h5_members(f, "/", &names, &count), ART_OK);
  assert_int_equal(count, 2);
  assert_string_equal(names[0], "z");
  assert_string_equal(names[1], "a");
  art_h5_free_strings(names, count);
  assert_int_equal(art_h5_kind_of(f, "/z/a/b"), ART_H5_GROUP);
  assert_int_equal(art_h5_kind_of(f, "/a/kind"), ART_H5_DATASET);
  assert_int_equal(art_h5_kind_of(f, "/a/kind/below"), ART_H5_NOTHING);
  commit(f);
}

static void a_file_with_values(void)
{
  art_h5 *f = create();
  const int64_t wide[3] = { 1, 2, 3 };
  const float real[3] = { 1, 2, 3 };
  art_h5_group(f, "/g");
  art_h5_put_index(f, "/g/i", 3, NULL);
  art_h5_put(f, &(art_h5_var){ .path = "/g/wide", .type = ART_H5_INT64, .axis = { "i" } }, 3, 0, wide);
  art_h5_put(f, &(art_h5_var){ .path = "/g/real", .type = ART_H5_FLOAT, .axis = { "i" } }, 3, 0, real);
  commit(f);
}

static void wrong_shapes_and_types_are_named(void **state)
{
  (void)state;
  int64_t values[9];
  a_file_with_values();
  art_h5 *f = open_again();
  assert_int_equal(art_h5_get(f, "/g/wide", ART_H5_INT64, 4, 0, values), ART_E_INPUT);
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/wide: has 3 values, expected 4");
  f = open_again();
  art_h5_get(f, "/g/wide", ART_H5_INT32, 3, 0, values);
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/wide: holds int64, expected int32");
  f = open_again();
  art_h5_get(f, "/g/real", ART_H5_STRING, 3, 0, values);
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/real: holds float32, expected string");
  f = open_again();
  art_h5_get(f, "/g/real", ART_H5_FLOAT, 3, 2, values);
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/real: has 1 dimensions, expected 2");
  f = open_again();
  art_h5_get(f, "/g/none/at/all", ART_H5_FLOAT, 3, 0, values);
  art_h5_get(f, "/g/wide", ART_H5_FLOAT, 3, 0, values);  // the first failure stays
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/none/at/all: is missing");
  f = open_again();
  assert_null(art_h5_get_new(f, "/g", ART_H5_FLOAT, -1, 0, NULL));
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g: is a group, expected a dataset");
  f = open_again();
  art_h5_get_rows(f, "/g/wide", ART_H5_INT64, 2, 2, 0, values);
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/g/wide: has 3 rows, expected 2 from row 2");
  // Lossless conversions are welcome.
  f = open_again();
  double real[3];
  assert_int_equal(art_h5_get(f, "/g/real", ART_H5_DOUBLE, 3, 0, real), ART_OK);
  assert_int_equal(art_h5_get(f, "/g/i", ART_H5_INT64, 3, 0, values), ART_OK);
  assert_true(real[2] == 3.0 && values[2] == 2);
  commit(f);
}

/// 10^12 values that no byte stands behind must not be allocated.
static void impossible_sizes_are_refused(void **state)
{
  (void)state;
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t size = 1000000000000, chunk = 1024;
  const hid_t space = H5Screate_simple(1, &size, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &chunk);
  H5Dclose(H5Dcreate2(file, "big", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Pclose(creation);
  H5Sclose(space);
  H5Fclose(file);
  art_h5 *f = open_again();
  assert_null(art_h5_get_new(f, "/big", ART_H5_DOUBLE, -1, 0, NULL));
  expect_failure(f, ART_E_INPUT, "test_h5_layer.h5:/big: claims 8000000000000 bytes but stores only 0");
}

static void nothing_is_left_of_a_failed_file(void **state)
{
  (void)state;
  struct stat info;
  char temp[64];
  snprintf(temp, sizeof temp, "%s.tmp-%ld", path, (long)getpid());
  unlink(path);
  art_h5 *f = create();
  assert_int_equal(stat(temp, &info), 0);
  const float value = 1;
  art_h5_put(f, &(art_h5_var){ .path = "/v", .type = ART_H5_FLOAT, .axis = { "nowhere" } }, 1, 0, &value);
  assert_int_equal(art_h5_group(f, "/later"), ART_E_INTERNAL);
  art_error err = { 0 };
  assert_int_equal(art_h5_commit(f, &err), ART_E_INTERNAL);
  assert_non_null(strstr(err.message, "/v: its axis /nowhere does not exist"));
  assert_int_equal(stat(temp, &info), -1);
  assert_int_equal(stat(path, &info), -1);
  art_h5_discard(create());
  assert_int_equal(stat(temp, &info), -1);
  assert_int_equal(stat(path, &info), -1);
}

/// Equal contents give equal bytes: no times, no addresses of this process.
static void files_are_reproducible(void **state)
{
  (void)state;
  char first[65], second[65];
  a_file_with_values();
  assert_int_equal(art_h5_sha256(path, first, NULL), ART_OK);
  a_file_with_values();
  assert_int_equal(art_h5_sha256(path, second, NULL), ART_OK);
  assert_string_equal(first, second);
}

static void flip(long place)
{
  FILE *file = fopen(path, "r+b");
  fseek(file, place, place < 0 ? SEEK_END : SEEK_SET);
  const int byte = fgetc(file);
  fseek(file, -1, SEEK_CUR);
  fputc(byte ^ 0x10, file);
  fclose(file);
}

/// The seal notices a wrong byte; a file that another program changed has none and is read all the same.
static void the_seal_notices_damage(void **state)
{
  (void)state;
  art_h5 *f;
  art_error err = { 0 };
  a_file_with_values();
  flip(2000);
  assert_int_equal(art_h5_open(path, &f, &err), ART_E_INPUT);
  assert_string_equal(err.message, "test_h5_layer.h5: is damaged: its bytes do not match their checksum");
  flip(2000);
  assert_int_equal(art_h5_verify(path, UINT64_MAX, &err), ART_OK);
  flip(-16);  // the length in the seal
  assert_int_equal(art_h5_open(path, &f, &err), ART_E_INPUT);

  a_file_with_values();
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "/g/real", H5P_DEFAULT);
  H5Fclose(file);
  f = open_again();
  assert_int_equal(art_h5_kind_of(f, "/g/real"), ART_H5_NOTHING);
  commit(f);
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_type_comes_back),        cmocka_unit_test(matrices_grow_row_by_row),
    cmocka_unit_test(axes_are_those_of_the_library),
    cmocka_unit_test(wide_and_uneven_rows_come_back),
    cmocka_unit_test(attributes_and_members),       cmocka_unit_test(wrong_shapes_and_types_are_named),
    cmocka_unit_test(impossible_sizes_are_refused), cmocka_unit_test(nothing_is_left_of_a_failed_file),
    cmocka_unit_test(files_are_reproducible),       cmocka_unit_test(the_seal_notices_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
