// Groups and datasets: reading. A file is hostile until each type, shape and size has been compared with what
// is wanted.
#include <hdf5.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5.h"
#include "io/h5/h5_internal.h"

/// Deflate cannot shrink by more than 1032:1; a dataset that claims much more than it stores is damaged or
/// hostile. Small ones pass: other programs leave chunks of zeros unwritten.
enum { DEFLATE_LIMIT = 1100, TRUSTED_BYTES = 1 << 28, TEXT_BYTES_MAX = 1 << 26 };

art_h5_kind art_h5_kind_of(art_h5 *f, const char *path)
{
  if (!strcmp(path, "/")) return ART_H5_GROUP;
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  const herr_t found = H5Oget_info_by_name3(f->file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#else
  H5O_info_t info;
  const herr_t found = H5Oget_info_by_name2(f->file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT);
#endif
  if (found < 0) {  // no such link, or none that leads anywhere
    H5Eclear2(H5E_DEFAULT);
    return ART_H5_NOTHING;
  }
  return info.type == H5O_TYPE_GROUP ? ART_H5_GROUP : info.type == H5O_TYPE_DATASET ? ART_H5_DATASET : ART_H5_NOTHING;
}

/// An open dataset with what is known of it.
typedef struct view {
  hid_t dataset, stored_type, space;
  art_h5_type type;
  int rank;
  int64_t extent[2];
} view;

static void close_view(view *v)
{
  if (v->space >= 0) H5Sclose(v->space);
  if (v->stored_type >= 0) H5Tclose(v->stored_type);
  if (v->dataset >= 0) H5Dclose(v->dataset);
}

static int64_t total(const view *v)
{
  return v->rank == 0 ? 1 : v->rank == 1 ? v->extent[0] : v->extent[0] * v->extent[1];
}

/// Extents of ranks above 2 are checked by nobody here, and such data is never read.
static art_status measure(art_h5 *f, const char *path, view *v)
{
  hsize_t extent[H5S_MAX_RANK] = { 0 };
  v->rank = H5Sget_simple_extent_ndims(v->space);
  if (v->rank < 0 || v->rank > H5S_MAX_RANK) return art_h5_fail(f, ART_E_INPUT, path, "has no simple shape");
  H5Sget_simple_extent_dims(v->space, extent, NULL);
  uint64_t values = 1;
  for (int i = 0; i < v->rank; ++i) {
    if (extent[i] && values > ((uint64_t)INT64_MAX >> 8) / extent[i])
      return art_h5_refuse(f, path, "claims an impossible size");
    values *= extent[i];
  }
  v->extent[0] = v->rank > 0 ? (int64_t)extent[0] : 0;
  v->extent[1] = v->rank > 1 ? (int64_t)extent[1] : 0;
  const uint64_t bytes = values * H5Tget_size(v->stored_type), stored = H5Dget_storage_size(v->dataset);
  if (bytes > TRUSTED_BYTES && bytes / DEFLATE_LIMIT > stored)
    return art_h5_refuse(f, path, "claims %" PRIu64 " bytes but stores only %" PRIu64, bytes, stored);
  return ART_OK;
}

/// Opens and measures. On failure the view is closed and `f` says why.
static art_status open_view(art_h5 *f, const char *path, view *v)
{
  *v = (view){ .dataset = -1, .stored_type = -1, .space = -1 };
  if (f->error.status != ART_OK) return f->error.status;
  switch (art_h5_kind_of(f, path)) {
  case ART_H5_NOTHING: return art_h5_refuse(f, path, "is missing");
  case ART_H5_GROUP: return art_h5_refuse(f, path, "is a group, expected a dataset");
  case ART_H5_DATASET: break;
  }
  v->dataset = H5Dopen2(f->file, path, H5P_DEFAULT);
  if (v->dataset < 0) return art_h5_fail(f, ART_E_INPUT, path, "cannot be opened");
  v->stored_type = H5Dget_type(v->dataset);
  v->space = H5Dget_space(v->dataset);
  if (v->stored_type < 0 || v->space < 0)
    art_h5_fail(f, ART_E_INPUT, path, "has no readable type or shape");
  else if (!art_h5_type_from(v->stored_type, &v->type))
    art_h5_refuse(f, path, "holds a type that is neither integer, float nor string");
  else
    measure(f, path, v);
  if (f->error.status != ART_OK) close_view(v);
  return f->error.status;
}

art_status art_h5_shape(art_h5 *f, const char *path, int *rank, int64_t *n0, int64_t *n1)
{
  view v;
  if (open_view(f, path, &v) != ART_OK) return f->error.status;
  if (rank) *rank = v.rank;
  if (n0) *n0 = v.extent[0];
  if (n1) *n1 = v.extent[1];
  close_view(&v);
  return ART_OK;
}

art_status art_h5_type_of(art_h5 *f, const char *path, art_h5_type *type)
{
  view v;
  if (open_view(f, path, &v) != ART_OK) return f->error.status;
  *type = v.type;
  close_view(&v);
  return ART_OK;
}

int art_h5_peek(art_h5 *f, const char *path, art_h5_type *type, int *rank, int64_t *n0, int64_t *n1)
{
  view v;
  if (f->error.status != ART_OK) return 0;
  const int ok = open_view(f, path, &v) == ART_OK;
  f->error.status = ART_OK;
  if (!ok) return 0;
  *type = v.type;
  *rank = v.rank;
  *n0 = v.extent[0];
  *n1 = v.extent[1];
  close_view(&v);
  return 1;
}

int64_t art_h5_rows(art_h5 *f, const char *path)
{
  int64_t rows = 0;
  return art_h5_shape(f, path, NULL, &rows, NULL) == ART_OK ? rows : 0;
}

/// HDF5 allocates the strings that it reads through these, so that the caller may free() them.
static void *text_alloc(size_t size, void *pool)
{
  if (size > TEXT_BYTES_MAX) return NULL;
  return pool ? art_pool_take(pool, size ? size : 1) : malloc(size ? size : 1);
}
static void text_free(void *memory, void *pool)
{
  if (!pool) free(memory);
}

static char *empty_text(art_pool *pool)
{
  char *text = pool ? art_pool_take(pool, 1) : art_new(1, 1);
  text[0] = '\0';
  return text;
}

static int read_variable_strings(hid_t source, art_h5_read_function read, hid_t memory_space,
                                 hid_t file_space, int64_t count, char **out, hid_t stored_type, art_pool *pool)
{
  const hid_t type = H5Tcopy(H5T_C_S1), transfer = H5Pcreate(H5P_DATASET_XFER);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5Tget_cset(stored_type));  // HDF5 refuses to convert between ASCII and UTF-8
  H5Pset_vlen_mem_manager(transfer, text_alloc, pool, text_free, pool);
  const int ok = read(source, type, memory_space, file_space, transfer, out) >= 0;
  H5Pclose(transfer);
  H5Tclose(type);
  for (int64_t i = 0; i < count; ++i) {
    if (!ok) {
      text_free(out[i], pool);
      out[i] = NULL;
    } else if (!out[i]) {
      out[i] = empty_text(pool);
    }
  }
  return ok;
}

static int read_fixed_strings(hid_t source, art_h5_read_function read, hid_t stored_type, hid_t memory_space,
                              hid_t file_space, int64_t count, char **out, art_pool *pool)
{
  const size_t size = H5Tget_size(stored_type);
  if (size == 0 || size > TEXT_BYTES_MAX || (count && size > (SIZE_MAX >> 8) / (size_t)count)) return 0;
  char *block = art_new((size_t)count, size);
  const int ok = read(source, stored_type, memory_space, file_space, H5P_DEFAULT, block) >= 0;
  const int is_space_padded = H5Tget_strpad(stored_type) == H5T_STR_SPACEPAD;
  for (int64_t i = 0; ok && i < count; ++i) {
    const char *text = block + (size_t)i * size;
    size_t length = strnlen(text, size);
    while (is_space_padded && length && text[length - 1] == ' ') --length;
    out[i] = pool ? art_pool_take(pool, length + 1) : ART_NEW(char, length + 1);
    memcpy(out[i], text, length);
    out[i][length] = '\0';
  }
  free(block);
  return ok;
}

int art_h5_read_strings(hid_t source, art_h5_read_function read, hid_t stored_type, hid_t memory_space,
                        hid_t file_space, int64_t count, char **out, art_pool *pool)
{
  for (int64_t i = 0; i < count; ++i) out[i] = NULL;
  if (H5Tis_variable_str(stored_type) > 0)
    return read_variable_strings(source, read, memory_space, file_space, count, out, stored_type, pool);
  return read_fixed_strings(source, read, stored_type, memory_space, file_space, count, out, pool);
}

static art_status read_values(art_h5 *f, const char *path, const view *v, art_h5_type type, int64_t count,
                              hid_t memory_space, hid_t file_space, void *out, art_pool *pool)
{
  if (count == 0) return ART_OK;
  int ok;
  if (type == ART_H5_STRING)
    ok = art_h5_read_strings(v->dataset, H5Dread, v->stored_type, memory_space, file_space, count, out, pool);
  else
    ok = H5Dread(v->dataset, art_h5_memory_type(f, type), memory_space, file_space, H5P_DEFAULT, out) >= 0;
  return ok ? ART_OK : art_h5_fail(f, ART_E_INPUT, path, "cannot be read");
}

/// Type and rank as wanted; n0 and n1 below 0 are not compared. A scalar passes for one value.
static art_status check_view(art_h5 *f, const char *path, const view *v, art_h5_type type, int64_t n0,
                             int64_t n1)
{
  const int rank = n1 ? 2 : 1;
  const int64_t rows = v->rank == 0 ? 1 : v->extent[0];
  if (!art_h5_fits(v->type, type))
    return art_h5_refuse(f, path, "holds %s, expected %s", art_h5_type_name(v->type), art_h5_type_name(type));
  if (v->rank != rank && (v->rank != 0 || rank == 2))
    return art_h5_refuse(f, path, "has %d dimensions, expected %d", v->rank, rank);
  if (n0 >= 0 && rank == 1 && rows != n0)
    return art_h5_refuse(f, path, "has %" PRId64 " values, expected %" PRId64, rows, n0);
  if (rank == 2 && ((n0 >= 0 && v->extent[0] != n0) || (n1 >= 0 && v->extent[1] != n1)))
    return art_h5_refuse(f, path, "has %" PRId64 " x %" PRId64 " values, expected %" PRId64 " x %" PRId64,
                         v->extent[0], v->extent[1], n0 < 0 ? v->extent[0] : n0, n1 < 0 ? v->extent[1] : n1);
  return ART_OK;
}

art_status art_h5_get(art_h5 *f, const char *path, art_h5_type type, int64_t n0, int64_t n1, void *out)
{
  view v;
  if (open_view(f, path, &v) != ART_OK) return f->error.status;
  if (check_view(f, path, &v, type, n0, n1) == ART_OK)
    read_values(f, path, &v, type, total(&v), H5S_ALL, H5S_ALL, out, NULL);
  close_view(&v);
  return f->error.status;
}

art_status art_h5_get_rows(art_h5 *f, const char *path, art_h5_type type, int64_t first, int64_t count,
                           int64_t n1, void *out)
{
  view v;
  if (open_view(f, path, &v) != ART_OK) return f->error.status;
  if (check_view(f, path, &v, type, -1, n1) == ART_OK &&
      (first < 0 || count < 0 || first > v.extent[0] - count))
    art_h5_refuse(f, path, "has %" PRId64 " rows, expected %" PRId64 " from row %" PRId64, v.extent[0], count,
                  first);
  if (f->error.status == ART_OK && count > 0) {
    const hsize_t start[2] = { (hsize_t)first, 0 };
    const hsize_t block[2] = { (hsize_t)count, (hsize_t)(n1 ? v.extent[1] : 1) };
    const hid_t memory_space = H5Screate_simple(v.rank, block, NULL);
    H5Sselect_hyperslab(v.space, H5S_SELECT_SET, start, NULL, block, NULL);
    read_values(f, path, &v, type, (int64_t)(block[0] * block[1]), memory_space, v.space, out, NULL);
    H5Sclose(memory_space);
  }
  close_view(&v);
  return f->error.status;
}

static void *get_new(art_h5 *f, const char *path, art_h5_type type, int64_t n0, int64_t n1, int64_t *count, art_pool *pool)
{
  view v;
  if (count) *count = 0;
  if (open_view(f, path, &v) != ART_OK) return NULL;
  void *out = NULL;
  if (check_view(f, path, &v, type, n0, n1) == ART_OK) {
    out = art_new((size_t)total(&v), art_h5_type_size(type));
    if (read_values(f, path, &v, type, total(&v), H5S_ALL, H5S_ALL, out, pool) != ART_OK) {
      free(out);
      out = NULL;
    } else if (count) {
      *count = v.rank == 0 ? 1 : v.extent[0];
    }
  }
  close_view(&v);
  return out;
}

void *art_h5_get_new(art_h5 *f, const char *path, art_h5_type type, int64_t n0, int64_t n1, int64_t *count)
{
  return get_new(f, path, type, n0, n1, count, NULL);
}

char **art_h5_get_texts(art_h5 *f, const char *path, int64_t n0, art_pool *pool)
{
  return get_new(f, path, ART_H5_STRING, n0, 0, NULL, pool);
}

void art_h5_free_strings(char **strings, int64_t count)
{
  if (!strings) return;
  for (int64_t i = 0; i < count; ++i) free(strings[i]);
  free(strings);
}

art_status art_h5_members(art_h5 *f, const char *group, char ***names, int32_t *count)
{
  *names = NULL;
  *count = 0;
  if (f->error.status != ART_OK) return f->error.status;
  if (art_h5_kind_of(f, group) != ART_H5_GROUP) return art_h5_refuse(f, group, "the group is missing");
  const hid_t id = H5Gopen2(f->file, group, H5P_DEFAULT);
  if (id < 0) return art_h5_fail(f, ART_E_INPUT, group, "the group cannot be opened");
  H5G_info_t info = { .nlinks = 0 };
  unsigned order = 0;
  const hid_t creation = H5Gget_create_plist(id);
  H5Pget_link_creation_order(creation, &order);
  H5Pclose(creation);
  H5Gget_info(id, &info);
  const H5_index_t index = order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  int32_t capacity = 0;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    char name[1024];
    if (H5Lget_name_by_idx(id, ".", index, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT) < 0) {
      art_h5_fail(f, ART_E_INPUT, group, "member %d cannot be read", (int)i);
      break;
    }
    char *copy = art_strdup(name);
    ART_PUSH(*names, *count, capacity, copy);
  }
  H5Gclose(id);
  return f->error.status;
}
