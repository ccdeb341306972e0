/// \file h5_internal.h
/// What the sources of io/h5 share. Private to this folder.
#ifndef ART_IO_H5_H5_INTERNAL_H
#define ART_IO_H5_H5_INTERNAL_H
#include <hdf5.h>

#include "io/h5/h5.h"

/// A dataset of numbers in chunks. Of one dimension: one column.
typedef struct art_h5_grid {
  hid_t dataset;
  const char *path;  ///< for messages; borrowed
  size_t value_size;
  int64_t columns, chunk_rows, chunk_columns;
} art_h5_grid;
int64_t art_h5_across(const art_h5_grid *g);  ///< chunks side by side

/// A dataset made by art_h5_define. Numbers wait in memory until a band of chunks is full; texts go straight to HDF5.
typedef struct art_h5_growing {
  char *path;
  art_h5_type type;
  int64_t rows, columns;  ///< columns 0: 1-D; rows that wait are counted
  art_h5_grid grid;
  uint8_t *waiting;       ///< [grid.chunk_rows * grid.columns], made when the first row comes
  int64_t waiting_rows;
} art_h5_growing;

struct art_h5 {
  hid_t file;
  hid_t string_type;  ///< variable length, UTF-8, terminated
  char *path;         ///< final name
  char *temp;         ///< name while writing; NULL for a file that is read
  int force;
  art_error error;  ///< first failure; status ART_OK if none
  art_h5_growing *growing;
  int32_t growing_count, growing_capacity;
  struct art_h5_packer *packer;  ///< one a thread, made when needed
  int packer_count, threads;
  struct art_h5_axis *axis;  ///< of a file that is written, and who uses them
  int32_t axis_count, axis_capacity;
  hid_t link_list, attribute_list;  ///< properties of all links and attributes that are made; -1 in a file that is read
};

/// A handle without a file, and its end.
art_h5 *art_h5_new_handle(const char *path);
void art_h5_free_handle(art_h5 *f);

/// Writes all of a dataset.
void art_h5_write_chunks(art_h5 *f, const art_h5_grid *g, int64_t rows, const void *data);
/// Adds `rows` rows to each of several growing datasets of numbers.
void art_h5_take_rows(art_h5 *f, int count, art_h5_growing *const *to, int64_t rows, const void *const *data);
/// Writes what still waits.
void art_h5_finish_growing(art_h5 *f);
void art_h5_free_packers(art_h5 *f);

/// Types as stored (little endian) and as in memory. Owned by the library or by `f`: not to be closed.
hid_t art_h5_stored_type(const art_h5 *f, art_h5_type type);
hid_t art_h5_memory_type(const art_h5 *f, art_h5_type type);
/// The art_h5_type of an HDF5 type: 0 if none of ours fits. Fixed-length strings are reported as STRING.
int art_h5_type_from(hid_t type, art_h5_type *out);

/// Fails `f` with "file:object: text (HDF5's reason)". Call right after the HDF5 call that failed.
art_status art_h5_fail(art_h5 *f, art_status status, const char *object, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/// Adds an attribute to an open object, `object` in messages, that has none of that name. A NULL text is left out.
void art_h5_add_text(art_h5 *f, hid_t owner, const char *object, const char *name, const char *text);
/// The same: what the values (`are_bits`: the bits) of a dataset of that type mean.
void art_h5_add_flags(art_h5 *f, hid_t owner, const char *object, art_h5_type type, int are_bits, int count,
                      const char *const *meanings);

/// Makes an open dataset of one dimension an axis that datasets made later can have.
void art_h5_make_axis(art_h5 *f, hid_t dataset, const char *path);
/// Tells an open dataset its axes: names in its own group, absolute paths, or NULL for none.
void art_h5_attach_axes(art_h5 *f, hid_t dataset, const char *path, const char *const name[2], int rank);
/// Tells all axes who uses them; none can be used any more.
void art_h5_finish_axes(art_h5 *f);
void art_h5_free_axes(art_h5 *f);

/// Appends the seal to a closed file and forces it to the disk.
art_status art_h5_seal(const char *path, art_error *err);

/// 1 if an existing value of type `stored` fits into `wanted` without loss.
int art_h5_fits(art_h5_type stored, art_h5_type wanted);

/// Reads `count` strings of an HDF5 string type (either kind) through `read`, into owned terminated strings.
/// Shared by datasets and attributes. With a pool they lie in it.
typedef herr_t (*art_h5_read_function)(hid_t source, hid_t memory_type, hid_t memory_space, hid_t file_space,
                                       hid_t transfer, void *out);
int art_h5_read_strings(hid_t source, art_h5_read_function read, hid_t stored_type, hid_t memory_space,
                        hid_t file_space, int64_t count, char **out, struct art_pool *pool);

#endif  // ART_IO_H5_H5_INTERNAL_H
