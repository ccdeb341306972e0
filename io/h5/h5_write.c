// Groups and datasets: writing.
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/h5.h"
#include "io/h5/h5_internal.h"

enum {
  CHUNK_BYTES = 1 << 20,
  SMALL_BYTES = 4 << 10,     // below this a chunk and its index cost more than they save
  CHUNK_ROWS_MAX = 1 << 16,  // of growing datasets, whose final length is unknown
  DEFLATE_FIXED = 4,  // by zlib
  DEFLATE_QUICK = 1,  // what the file says of what deflate.h made
  ORDER = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IS_LITTLE 1  // numbers stand in memory as in the file
#else
#define IS_LITTLE 0
#endif

/// Makes one group whose parent exists. Intermediate groups made by HDF5 itself would not track creation
/// order.
static art_status make_group(art_h5 *f, const char *path)
{
  if (art_h5_kind_of(f, path) == ART_H5_GROUP) return ART_OK;
  const hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_link_creation_order(creation, ORDER);
  H5Pset_attr_creation_order(creation, ORDER);
  H5Pset_obj_track_times(creation, 0);
  const hid_t group = H5Gcreate2(f->file, path, f->link_list, creation, H5P_DEFAULT);
  if (group < 0)
    art_h5_fail(f, ART_E_IO, path, "the group cannot be created");
  else
    H5Gclose(group);
  H5Pclose(creation);
  return f->error.status;
}

art_status art_h5_group(art_h5 *f, const char *path)
{
  char *part = art_strdup(path);
  for (char *slash = part; f->error.status == ART_OK && (slash = strchr(slash + 1, '/'));) {
    *slash = '\0';
    make_group(f, part);
    *slash = '/';
  }
  if (f->error.status == ART_OK && path[1]) make_group(f, part);
  free(part);
  return f->error.status;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
  return value < low ? low : value > high ? high : value;
}

/// Chunk of about CHUNK_BYTES: whole rows if a row fits, else a part of one row.
static void choose_chunk(int64_t rows_max, int64_t columns, size_t value_size, hsize_t chunk[2])
{
  const int64_t width = columns ? columns : 1, values = CHUNK_BYTES / (int64_t)value_size;
  chunk[1] = (hsize_t)clamp(width, 1, values);
  chunk[0] = (hsize_t)clamp(values / (int64_t)chunk[1], 1, rows_max < 1 ? 1 : rows_max);
}

static size_t stored_size(art_h5_type type)
{
  return type == ART_H5_STRING ? 16 : art_h5_type_size(type);  // of strings, the references into the heap
}

/// Creation list. A dataset that grows or is large is chunked; numbers in chunks are shuffled and deflated.
static hid_t creation_list(const art_h5 *f, const art_h5_var *var, int64_t n0, int64_t n1, int grows,
                           hsize_t chunk[2])
{
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(list, 0);
  H5Pset_attr_creation_order(list, ORDER);
  if (var->fill && var->type != ART_H5_STRING) {
    double value = *var->fill;  // H5Tconvert works in place; 8 bytes hold every type
    H5Tconvert(H5T_NATIVE_DOUBLE, art_h5_memory_type(f, var->type), 1, &value, NULL, H5P_DEFAULT);
    H5Pset_fill_value(list, art_h5_memory_type(f, var->type), &value);
  }
  const size_t size = stored_size(var->type);
  const int64_t bytes = n0 * (n1 ? n1 : 1) * (int64_t)size;
  const int is_string = var->type == ART_H5_STRING;
  if (!grows && (bytes <= SMALL_BYTES || is_string)) return list;
  choose_chunk(grows ? CHUNK_ROWS_MAX : n0, n1, size, chunk);
  H5Pset_chunk(list, n1 ? 2 : 1, chunk);
  if (!is_string) {
    H5Pset_shuffle(list);
    H5Pset_deflate(list, grows || var->is_quick ? DEFLATE_QUICK : DEFLATE_FIXED);
  }
  return list;
}

static void describe(art_h5 *f, hid_t dataset, const art_h5_var *var, int rank)
{
  if (var->is_scale)
    art_h5_make_axis(f, dataset, var->path);
  else
    art_h5_attach_axes(f, dataset, var->path, var->axis, rank);
  art_h5_add_text(f, dataset, var->path, "long_name", var->long_name);
  art_h5_add_text(f, dataset, var->path, "standard_name", var->standard_name);
  art_h5_add_text(f, dataset, var->path, "units", var->units);
  art_h5_add_text(f, dataset, var->path, "cell_methods", var->cell_methods);
  art_h5_add_text(f, dataset, var->path, "sample_dimension", var->sample_dimension);
  art_h5_add_text(f, dataset, var->path, "index_of", var->index_of);
  if (var->flag_count)
    art_h5_add_flags(f, dataset, var->path, var->type, var->flags_are_bits, var->flag_count, var->flags);
  if (var->fill && var->type != ART_H5_STRING) {
    double value = *var->fill;
    H5Tconvert(H5T_NATIVE_DOUBLE, art_h5_memory_type(f, var->type), 1, &value, NULL, H5P_DEFAULT);
    art_h5_set_array(f, var->path, "_FillValue", var->type, 1, &value);
  }
}

/// Creates a dataset with all that belongs to it. Returns it open; its id is negative after a failure. chunk_rows is 0 if
/// it is not in chunks of numbers.
static art_h5_grid create_dataset(art_h5 *f, const art_h5_var *var, int64_t n0, int64_t n1, int grows)
{
  hsize_t chunk[2] = { 0, 1 };
  const hsize_t now[2] = { (hsize_t)n0, (hsize_t)n1 };
  const hsize_t most[2] = { grows ? H5S_UNLIMITED : (hsize_t)n0, (hsize_t)n1 };
  const hid_t space = H5Screate_simple(n1 ? 2 : 1, now, most);
  const hid_t creation = creation_list(f, var, n0, n1, grows, chunk);
  const hid_t dataset =
      H5Dcreate2(f->file, var->path, art_h5_stored_type(f, var->type), space, f->link_list, creation, H5P_DEFAULT);
  if (dataset < 0)
    art_h5_fail(f, ART_E_IO, var->path, "the dataset cannot be created");
  else
    describe(f, dataset, var, n1 ? 2 : 1);
  H5Pclose(creation);
  H5Sclose(space);
  const int is_packed = IS_LITTLE && var->type != ART_H5_STRING && (grows || var->is_quick);
  return (art_h5_grid){ .dataset = dataset,
                        .path = var->path,
                        .value_size = art_h5_type_size(var->type),
                        .columns = n1 ? n1 : 1,
                        .chunk_rows = is_packed ? (int64_t)chunk[0] : 0,
                        .chunk_columns = n1 ? (int64_t)chunk[1] : 1 };
}

/// NULL entries become "", which is what HDF5 gives back for both.
static void write_values(art_h5 *f, const char *path, hid_t dataset, art_h5_type type, int64_t count,
                         hid_t memory_space, hid_t file_space, const void *data)
{
  const char **texts = NULL;
  hid_t transfer = H5P_DEFAULT;
  if (count == 0) return;
  if (type == ART_H5_STRING) {
    char *const *given = data;
    texts = ART_NEW(const char *, count);
    for (int64_t i = 0; i < count; ++i) texts[i] = given[i] ? given[i] : "";
    data = texts;
    // HDF5 clears a buffer of 1 MiB for the references of each dataset of texts, however short it is.
    transfer = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_buffer(transfer, (size_t)clamp(count * (int64_t)stored_size(type), 256, CHUNK_BYTES), NULL, NULL);
  }
  if (H5Dwrite(dataset, art_h5_memory_type(f, type), memory_space, file_space, transfer, data) < 0)
    art_h5_fail(f, ART_E_IO, path, "cannot be written");
  if (transfer != H5P_DEFAULT) H5Pclose(transfer);
  free(texts);
}

art_status art_h5_put(art_h5 *f, const art_h5_var *var, int64_t n0, int64_t n1, const void *data)
{
  if (f->error.status != ART_OK) return f->error.status;
  const art_h5_grid grid = create_dataset(f, var, n0, n1, 0);
  if (grid.dataset < 0) return f->error.status;
  const int64_t count = n0 * (n1 ? n1 : 1);
  if (f->error.status == ART_OK && grid.chunk_rows > 0)
    art_h5_write_chunks(f, &grid, n0, data);
  else if (f->error.status == ART_OK)
    write_values(f, var->path, grid.dataset, var->type, count, H5S_ALL, H5S_ALL, data);
  if (H5Dclose(grid.dataset) < 0) art_h5_fail(f, ART_E_IO, var->path, "cannot be written");
  return f->error.status;
}

art_status art_h5_put_index(art_h5 *f, const char *path, int64_t count, const char *long_name)
{
  if (f->error.status != ART_OK) return f->error.status;
  int32_t *index = ART_NEW(int32_t, count);
  for (int64_t i = 0; i < count; ++i) index[i] = (int32_t)i;
  const art_h5_var var = {
    .path = path, .type = ART_H5_INT32, .long_name = long_name, .units = "1", .is_scale = 1, .is_quick = 1
  };
  art_h5_put(f, &var, count, 0, index);
  free(index);
  return f->error.status;
}

art_status art_h5_put_scalar(art_h5 *f, const char *path, art_h5_type type, const void *value)
{
  if (f->error.status != ART_OK) return f->error.status;
  const hid_t space = H5Screate(H5S_SCALAR), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(creation, 0);
  H5Pset_attr_creation_order(creation, ORDER);
  const hid_t dataset =
      H5Dcreate2(f->file, path, art_h5_stored_type(f, type), space, f->link_list, creation, H5P_DEFAULT);
  if (dataset < 0)
    art_h5_fail(f, ART_E_IO, path, "the dataset cannot be created");
  else
    write_values(f, path, dataset, type, 1, H5S_ALL, H5S_ALL, value);
  if (dataset >= 0) H5Dclose(dataset);
  H5Pclose(creation);
  H5Sclose(space);
  return f->error.status;
}

art_status art_h5_define(art_h5 *f, const art_h5_var *var, int64_t n1)
{
  if (f->error.status != ART_OK) return f->error.status;
  const art_h5_grid grid = create_dataset(f, var, 0, n1, 1);
  if (grid.dataset < 0) return f->error.status;
  art_h5_growing entry = { .path = art_strdup(var->path), .type = var->type, .columns = n1, .grid = grid };
  entry.grid.path = entry.path;
  ART_PUSH(f->growing, f->growing_count, f->growing_capacity, entry);
  return f->error.status;
}

static art_h5_growing *find_growing(art_h5 *f, const char *path)
{
  for (int32_t i = 0; i < f->growing_count; ++i)
    if (!strcmp(f->growing[i].path, path)) return &f->growing[i];
  art_h5_fail(f, ART_E_INTERNAL, path, "was not defined as a growing dataset");
  return NULL;
}

/// Through HDF5, for what is not packed here.
static void append_plain(art_h5 *f, art_h5_growing *g, int64_t rows, const void *data)
{
  const int64_t width = g->grid.columns;
  const hsize_t size[2] = { (hsize_t)(g->rows + rows), (hsize_t)width };
  const hsize_t start[2] = { (hsize_t)g->rows, 0 }, count[2] = { (hsize_t)rows, (hsize_t)width };
  if (H5Dset_extent(g->grid.dataset, size) < 0) {
    art_h5_fail(f, ART_E_IO, g->path, "cannot grow");
    return;
  }
  const hid_t file_space = H5Dget_space(g->grid.dataset);
  const hid_t memory_space = H5Screate_simple(g->columns ? 2 : 1, count, NULL);
  H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL, count, NULL);
  write_values(f, g->path, g->grid.dataset, g->type, rows * width, memory_space, file_space, data);
  H5Sclose(memory_space);
  H5Sclose(file_space);
  g->rows += rows;
}

art_status art_h5_reserve(art_h5 *f, const char *path, int64_t rows)
{
  if (f->error.status != ART_OK) return f->error.status;
  art_h5_growing *g = find_growing(f, path);
  if (!g) return f->error.status;
  const hsize_t size[2] = { (hsize_t)rows, (hsize_t)g->grid.columns };
  if (g->rows > 0 || H5Dset_extent(g->grid.dataset, size) < 0) art_h5_fail(f, ART_E_IO, path, "cannot grow");
  return f->error.status;
}

art_status art_h5_append(art_h5 *f, const char *path, int64_t rows, const void *data)
{
  return art_h5_append_many(f, 1, &path, rows, &data);
}

art_status art_h5_append_many(art_h5 *f, int count, const char *const *paths, int64_t rows, const void *const *data)
{
  if (f->error.status != ART_OK || rows == 0) return f->error.status;
  art_h5_growing **to = ART_NEW(art_h5_growing *, count);
  const void **from = ART_NEW(const void *, count);
  int packed = 0;
  for (int i = 0; i < count && f->error.status == ART_OK; ++i) {
    art_h5_growing *g = find_growing(f, paths[i]);
    if (g && g->grid.chunk_rows == 0) {
      append_plain(f, g, rows, data[i]);
    } else if (g) {
      to[packed] = g;
      from[packed++] = data[i];
    }
  }
  if (f->error.status == ART_OK) art_h5_take_rows(f, packed, to, rows, from);
  free(to);
  free(from);
  return f->error.status;
}
