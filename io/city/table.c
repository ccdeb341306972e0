#include "io/city/table_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "io/city/city.h"

enum { PATH_BYTES = 256 };

static void *get_array(const art_column *column, void *const *owner)
{
  void *array;
  memcpy(&array, (const char *)owner[column->owner] + column->offset, sizeof array);
  return array;
}

static void set_array(const art_column *column, void *const *owner, void *array)
{
  memcpy((char *)owner[column->owner] + column->offset, &array, sizeof array);
}

int64_t art_table_rows(const art_table *table, void *const *owner)
{
  if (table->count_offset == ART_NO_COUNT) return table->rows(owner);
  int32_t count;
  memcpy(&count, (const char *)owner[table->owner] + table->count_offset, sizeof count);
  return count;
}

static void join(char path[PATH_BYTES], const char *group, const char *name)
{
  snprintf(path, PATH_BYTES, "%s/%s", group, name);
}

// ---- writing

static int64_t first_at(const art_column *column, const void *array, int64_t i)
{
  if (!array) return 0;  // nothing anywhere
  return column->type == ART_H5_INT64 ? ((const int64_t *)array)[i] : ((const int32_t *)array)[i];
}

static double value_at(const art_column *column, const void *array, int64_t i)
{
  switch (column->type) {
  case ART_H5_UINT8: return ((const uint8_t *)array)[i];
  case ART_H5_INT32: return ((const int32_t *)array)[i];
  case ART_H5_INT64: return (double)((const int64_t *)array)[i];
  case ART_H5_FLOAT: return (double)((const float *)array)[i];
  default: return ((const double *)array)[i];
  }
}

/// A setting that says nothing: it need not stand in the file.
static int is_silent(const art_column *column, int64_t rows, const void *array)
{
  if (!column->is_setting) return 0;
  if (!array) return 1;
  if (column->role == ART_COLUMN_FIRST) return first_at(column, array, rows) == 0;
  for (int64_t i = 0; i < rows; ++i)
    if (value_at(column, array, i) != column->initial) return 0;
  return 1;
}

static int is_silent_table(const art_table *table, int64_t rows, void *const *owner)
{
  if (!table->is_setting) return 0;
  for (int i = 0; i < table->column_count && rows > 0; ++i)
    if (!is_silent(&table->column[i], rows, get_array(&table->column[i], owner))) return 0;
  return 1;
}

static void write_counts(art_h5 *f, const art_column *column, const art_h5_var *var, int64_t rows,
                         const void *array)
{
  int32_t *counts = ART_NEW(int32_t, rows);
  for (int64_t i = 0; i < rows; ++i)
    counts[i] = (int32_t)(first_at(column, array, i + 1) - first_at(column, array, i));
  art_h5_put(f, var, rows, 0, counts);
  free(counts);
}

static void write_column(art_h5 *f, const art_table *table, const art_column *column, int64_t rows,
                         const void *array)
{
  char path[PATH_BYTES];
  if ((column->role == ART_COLUMN_EXTRA && !array) || is_silent(column, rows, array)) return;
  join(path, table->group, column->name);
  art_h5_var var = {
    .path = path, .type = column->type, .units = column->units, .long_name = column->long_name, .is_quick = 1
  };
  if (column->role == ART_COLUMN_ID)
    var.is_scale = 1;
  else
    var.axis[0] = table->axis;
  if (column->role == ART_COLUMN_FIRST) {
    var.type = ART_H5_INT32;
    var.sample_dimension = column->target;
    write_counts(f, column, &var, rows, array);
    return;
  }
  void *none = NULL;  // an array that was never made holds zeros or empty texts
  if (!array) array = none = art_new((size_t)rows, art_h5_type_size(column->type));
  var.index_of = column->index_of;
  var.flags = column->flags;
  var.flag_count = column->flag_count;
  var.flags_are_bits = column->is_mask;
  art_h5_put(f, &var, rows, 0, array);
  free(none);
}

static int has_ids(const art_table *table)
{
  for (int i = 0; i < table->column_count; ++i)
    if (table->column[i].role == ART_COLUMN_ID) return 1;
  return 0;
}

art_status art_table_write(art_h5 *f, const art_table *table, void *const *owner)
{
  const int64_t rows = art_table_rows(table, owner);
  if (is_silent_table(table, rows, owner)) return art_h5_status(f, NULL);
  art_h5_group(f, table->group);
  if (!has_ids(table)) {
    char path[PATH_BYTES];
    join(path, table->group, table->axis);
    art_h5_put_index(f, path, rows, table->axis_name);
  }
  for (int i = 0; i < table->column_count; ++i)
    write_column(f, table, &table->column[i], rows, get_array(&table->column[i], owner));
  return art_h5_status(f, NULL);
}

// ---- reading

/// Rows of a table that are read; of all of them, `is_part` 0, more can be checked.
typedef struct extent {
  int64_t first, count;
  int is_part;
} extent;

/// Counts back into offsets. Sums stay within int32, as everything that is counted has at most that many
/// rows.
static void *offsets_from(art_h5 *f, const char *path, const art_column *column, extent part, const int32_t *counts)
{
  const int64_t rows = part.count;
  int64_t *wide = ART_NEW(int64_t, rows + 1);
  for (int64_t i = 0; i < rows && art_h5_status(f, NULL) == ART_OK; ++i) {
    wide[i + 1] = wide[i] + counts[i];
    if (counts[i] < 0 || wide[i + 1] > INT32_MAX)
      art_h5_refuse(f, path, "row %" PRId64 ": count %" PRId32 " is out of range", i, counts[i]);
  }
  const int64_t sum = wide[rows];
  if (art_h5_status(f, NULL) == ART_OK && column->target && !part.is_part) {
    const int64_t length = art_h5_rows(f, column->target);
    if (art_h5_status(f, NULL) == ART_OK && length != sum)
      art_h5_refuse(f, path, "counts add up to %" PRId64 ", but %s has %" PRId64 " rows", sum, column->target,
                    length);
  }
  if (column->type == ART_H5_INT64) return wide;
  int32_t *narrow = ART_NEW(int32_t, rows + 1);
  for (int64_t i = 0; i <= rows; ++i) narrow[i] = (int32_t)wide[i];
  free(wide);
  return narrow;
}

/// `may_repeat`: whoever reads them finds out by keys of their own whether two are alike.
static void check_ids(art_h5 *f, const char *path, int64_t rows, char **ids, int may_repeat)
{
  int32_t earlier;
  const int32_t twice = may_repeat ? -1 : art_ids_find_twice(ids, (int32_t)rows, &earlier);
  for (int64_t i = 0; i < rows && (twice < 0 || i < twice); ++i)
    if (!ids[i][0]) {
      art_h5_refuse(f, path, "row %" PRId64 " is empty, expected an id", i);
      return;
    }
  if (twice >= 0) art_h5_refuse(f, path, "'%.100s' occurs twice", ids[twice]);
}

/// Flag values are an enumeration: anything else would be an index out of range somewhere later.
static void check_flags(art_h5 *f, const char *path, const art_column *column, int64_t rows,
                        const void *array)
{
  if (column->is_mask || !column->flag_count || column->type != ART_H5_UINT8) return;
  const uint8_t *value = array;
  for (int64_t i = 0; i < rows; ++i)
    if (value[i] >= column->flag_count) {
      art_h5_refuse(f, path, "row %" PRId64 ": value %d, accepted 0 .. %d", i, value[i],
                    column->flag_count - 1);
      return;
    }
}

/// Index of rows whose empty text means "none".
static void empty_to_null(int64_t rows, char **texts)
{
  for (int64_t i = 0; i < rows; ++i)
    if (!texts[i][0]) {
      free(texts[i]);
      texts[i] = NULL;
    }
}

/// Texts of many rows, in a pool of the owner.
static void *read_texts(art_h5 *f, const char *path, const art_column *column, extent part, void *const *owner)
{
  art_pool *pool = art_pool_new();
  char **texts = art_h5_get_texts(f, path, part.count, pool);
  if (texts)
    memcpy((char *)owner[column->owner] + column->pool_offset, &pool, sizeof pool);
  else
    art_pool_free(pool);
  return texts;
}

static void *read_values(art_h5 *f, const char *path, art_h5_type type, extent part)
{
  if (!part.is_part) return art_h5_get_new(f, path, type, part.count, 0, NULL);
  void *array = art_new((size_t)part.count, art_h5_type_size(type));
  if (art_h5_get_rows(f, path, type, part.first, part.count, 0, array) == ART_OK) return array;
  free(array);
  return NULL;
}

/// The array of a text column is put into its owner only while the owner's row count is right, because the
/// owner's destructor walks it.
static void read_column(art_h5 *f, const art_table *table, const art_column *column, extent part, void *const *owner)
{
  char path[PATH_BYTES];
  const int64_t rows = part.count;
  join(path, table->group, column->name);
  if ((column->role == ART_COLUMN_EXTRA || column->is_setting) && art_h5_kind_of(f, path) != ART_H5_DATASET) return;
  const art_h5_type stored = column->role == ART_COLUMN_FIRST ? ART_H5_INT32 : column->type;
  void *array =
      column->may_be_absent && art_h5_status(f, NULL) == ART_OK && art_h5_kind_of(f, path) != ART_H5_DATASET
          ? art_new((size_t)rows, art_h5_type_size(stored))
      : column->pool_offset && !part.is_part ? read_texts(f, path, column, part, owner)
                                             : read_values(f, path, stored, part);
  if (!array) return;
  if (column->role == ART_COLUMN_FIRST) {
    void *offsets = offsets_from(f, path, column, part, array);
    free(array);
    array = offsets;
  }
  if (column->role == ART_COLUMN_ID) check_ids(f, path, rows, array, column->pool_offset && !part.is_part);
  if (column->role == ART_COLUMN_NAME) empty_to_null(rows, array);
  check_flags(f, path, column, rows, array);
  set_array(column, owner, array);
}

static void set_rows(const art_table *table, void *const *owner, int64_t rows)
{
  const int32_t count = (int32_t)rows;
  memcpy((char *)owner[table->owner] + table->count_offset, &count, sizeof count);
}

art_status art_table_read(art_h5 *f, const art_table *table, void *const *owner)
{
  char path[PATH_BYTES];
  join(path, table->group, table->axis);
  if ((table->may_be_absent || table->is_setting) && art_h5_status(f, NULL) == ART_OK && art_h5_kind_of(f, path) != ART_H5_DATASET)
    return ART_OK;
  const int64_t rows = art_h5_rows(f, path);
  if (rows > INT32_MAX - 1)
    art_h5_refuse(f, path, "has %" PRId64 " rows, at most %d are possible", rows, INT32_MAX - 1);
  if (art_h5_status(f, NULL) != ART_OK) return art_h5_status(f, NULL);
  if (table->count_offset != ART_NO_COUNT) {
    set_rows(table, owner, rows);
  } else if (table->is_setting && rows != art_table_rows(table, owner)) {
    art_h5_refuse(f, path, "has %" PRId64 " rows, expected %" PRId64, rows, art_table_rows(table, owner));
  }
  for (int i = 0; i < table->column_count; ++i)
    read_column(f, table, &table->column[i], (extent){ 0, rows, 0 }, owner);
  return art_h5_status(f, NULL);
}

art_status art_table_read_rows(art_h5 *f, const art_table *table, void *const *owner, int64_t first, int64_t count)
{
  if (art_h5_status(f, NULL) != ART_OK) return art_h5_status(f, NULL);
  set_rows(table, owner, count);
  for (int i = 0; i < table->column_count; ++i)
    read_column(f, table, &table->column[i], (extent){ first, count, 1 }, owner);
  return art_h5_status(f, NULL);
}

// ---- size

int64_t art_table_bytes(const art_table *table, void *const *owner)
{
  const int64_t rows = art_table_rows(table, owner);
  int64_t bytes = 0;
  for (int i = 0; i < table->column_count; ++i) {
    const art_column *column = &table->column[i];
    const void *array = get_array(column, owner);
    if (!array) continue;
    bytes += (rows + (column->role == ART_COLUMN_FIRST)) * (int64_t)art_h5_type_size(column->type);
    for (int64_t k = 0; column->type == ART_H5_STRING && k < rows; ++k)
      bytes += ((char *const *)array)[k] ? (int64_t)strlen(((char *const *)array)[k]) + 1 : 0;
  }
  return bytes;
}

// ---- checking

/// "link 'a12'" or "connector 7".
static void name_row(char *text, size_t size, const art_table *table, void *const *owner, int64_t row)
{
  for (int i = 0; i < table->column_count; ++i)
    if (table->column[i].role == ART_COLUMN_ID) {
      char *const *ids = get_array(&table->column[i], owner);
      snprintf(text, size, "%s '%.200s'", table->axis, ids[row]);
      return;
    }
  snprintf(text, size, "%s %" PRId64, table->axis, row);
}

static int64_t check_indices(art_h5 *f, const art_table *table, const art_column *column, void *const *owner,
                             art_on_problem report, void *context)
{
  const int64_t rows = art_table_rows(table, owner), bound = rows ? art_h5_rows(f, column->index_of) : 0;
  const int32_t *value = get_array(column, owner), low = column->is_optional ? -1 : 0;
  char path[PATH_BYTES], entity[256], message[900];
  int64_t found = 0;
  if (rows == 0 || (column->is_setting && !value)) return 0;
  join(path, table->group, column->name);
  for (int64_t i = 0; i < rows && art_h5_status(f, NULL) == ART_OK; ++i) {
    if (value[i] >= low && value[i] < bound) continue;
    ++found;
    name_row(entity, sizeof entity, table, owner, i);
    snprintf(message, sizeof message, "%s: %" PRId32 ": accepted %d .. %" PRId64 ", an index of %s", entity,
             value[i], low, bound - 1, column->index_of);
    if (!report) {
      art_h5_refuse(f, path, "%s", message);
    } else {
      char line[1600];
      snprintf(line, sizeof line, "%.400s:%s: %s", art_h5_path(f), path, message);
      report(context, line);
    }
  }
  return found;
}

int64_t art_table_check(art_h5 *f, const art_table *table, void *const *owner, art_on_problem report,
                        void *context)
{
  int64_t found = 0;
  for (int i = 0; i < table->column_count && art_h5_status(f, NULL) == ART_OK; ++i)
    if (table->column[i].index_of)
      found += check_indices(f, table, &table->column[i], owner, report, context);
  return found;
}

// ---- hashing

uint64_t art_hash_bytes(uint64_t hash, const void *data, size_t size)
{
  const unsigned char *byte = data;
  hash = art_hash2(hash, size);
  for (size_t i = 0; i < size; i += 8) {
    uint64_t word = 0;
    memcpy(&word, byte + i, size - i < 8 ? size - i : 8);
    hash = art_hash2(hash, word);
  }
  return hash;
}

uint64_t art_hash_text(uint64_t hash, const char *text)
{
  return art_hash_bytes(hash, text ? text : "", text ? strlen(text) : 0);
}

uint64_t art_table_hash(uint64_t hash, const art_table *table, void *const *owner)
{
  const int64_t rows = art_table_rows(table, owner);
  if (is_silent_table(table, rows, owner)) return hash;
  hash = art_hash_text(hash, table->group);
  hash = art_hash2(hash, (uint64_t)rows);
  for (int i = 0; i < table->column_count; ++i) {
    const art_column *column = &table->column[i];
    const void *array = get_array(column, owner);
    // Files that never had it keep their hash.
    if ((column->role == ART_COLUMN_EXTRA && !array) || is_silent(column, rows, array)) continue;
    hash = art_hash_text(hash, column->name);
    if (column->type == ART_H5_STRING)
      for (int64_t k = 0; k < rows; ++k) hash = art_hash_text(hash, array ? ((char *const *)array)[k] : NULL);
    else if (column->role == ART_COLUMN_FIRST)
      for (int64_t k = 0; k < rows; ++k) hash = art_hash2(hash, (uint64_t)first_at(column, array, k + 1));
    else if (array && rows > 0)
      hash = art_hash_bytes(hash, array, (size_t)rows * art_h5_type_size(column->type));
  }
  return hash;
}

// ---- inputs

art_status art_sources_write(art_h5 *f, int32_t count, const art_source *source)
{
  char **paths = ART_NEW(char *, count), **sums = ART_NEW(char *, count);
  for (int32_t i = 0; i < count; ++i) {
    paths[i] = source[i].path;
    sums[i] = (char *)source[i].sha256;
  }
  art_h5_group(f, "/provenance");
  art_h5_put_index(f, "/provenance/input", count, "index of an input file");
  art_h5_put(f,
             &(art_h5_var){ .path = "/provenance/input_path",
                            .type = ART_H5_STRING,
                            .axis = { "input" },
                            .long_name = "input file as it was named on the command line" },
             count, 0, paths);
  art_h5_put(f,
             &(art_h5_var){ .path = "/provenance/input_sha256",
                            .type = ART_H5_STRING,
                            .axis = { "input" },
                            .long_name = "SHA-256 of the input file" },
             count, 0, sums);
  free(paths);
  free(sums);
  return art_h5_status(f, NULL);
}

art_status art_sources_read(art_h5 *f, int32_t *count, art_source **source)
{
  *count = 0;
  *source = NULL;
  if (art_h5_status(f, NULL) != ART_OK || art_h5_kind_of(f, "/provenance/input_path") != ART_H5_DATASET)
    return art_h5_status(f, NULL);
  int64_t rows = 0;
  char **paths = art_h5_get_new(f, "/provenance/input_path", ART_H5_STRING, -1, 0, &rows);
  char **sums = paths ? art_h5_get_new(f, "/provenance/input_sha256", ART_H5_STRING, rows, 0, NULL) : NULL;
  if (sums && rows <= INT32_MAX) {
    *count = (int32_t)rows;
    *source = ART_NEW(art_source, rows);
    for (int64_t i = 0; i < rows; ++i) {
      (*source)[i].path = art_strdup(paths[i]);
      snprintf((*source)[i].sha256, sizeof(*source)[i].sha256, "%s", sums[i]);
    }
  }
  art_h5_free_strings(paths, rows);
  art_h5_free_strings(sums, rows);
  return art_h5_status(f, NULL);
}
