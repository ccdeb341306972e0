/// \file h5.h
/// A thin layer over HDF5 that all files of this project go through, so that every one of them obeys the same
/// rules: netCDF-4 compatible (every axis a dimension scale, creation order tracked), variable-length UTF-8
/// strings, chunks of about 1 MiB with shuffle and deflate, no object times (equal content gives equal bytes
/// wherever HDF5 lets it), written under a temporary name and renamed.
///
/// Errors are sticky: the first failure is kept in the handle, later calls do nothing and return it again. So
/// a writer may call on without testing each step and look once, at art_h5_commit(); a reader tests before it
/// uses what it read. Messages have the form "file:/group/dataset: has N values, expected M".
///
///     art_h5 *f;
///     art_status status = art_h5_create(path, force, &f, err);
///     if (status != ART_OK) return status;
///     art_h5_group(f, "/links");
///     art_h5_put(f, &(art_h5_var){ .path = "/links/link", .type = ART_H5_STRING, .is_scale = 1 }, n, 0, ids);
///     art_h5_define(f, &(art_h5_var){ .path = "/links/time", .type = ART_H5_DOUBLE, .is_scale = 1 }, 0);
///     art_h5_define(f, &(art_h5_var){ .path = "/links/flow", .type = ART_H5_FLOAT, .units = "s-1",
///                                     .long_name = "...", .axis = { "time", "link" } }, n);
///     art_h5_append(f, "/links/time", 1, &t);  art_h5_append(f, "/links/flow", 1, flow);
///     return art_h5_commit(f, err);            // or art_h5_discard(f)
///
/// Thread rule: HDF5 is not thread-safe here; one thread at a time in the whole process. Serial driver, not
/// collective.
#ifndef ART_IO_H5_H5_H
#define ART_IO_H5_H5_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/// An open file. Owns every HDF5 handle behind it.
struct art_pool;  // core/base/memory.h
typedef struct art_h5 art_h5;

/// X(enumerator suffix, C type in memory, name in messages). STRING is `char *` per value, UTF-8, terminated.
#define ART_H5_TYPE_LIST(X)     \
  X(INT8, int8_t, "int8")       \
  X(UINT8, uint8_t, "uint8")    \
  X(INT16, int16_t, "int16")    \
  X(INT32, int32_t, "int32")    \
  X(UINT32, uint32_t, "uint32") \
  X(INT64, int64_t, "int64")    \
  X(UINT64, uint64_t, "uint64") \
  X(FLOAT, float, "float32")    \
  X(DOUBLE, double, "float64")  \
  X(STRING, char *, "string")

/// R has no native int64: prefer INT32 for ids and counts that fit.
typedef enum art_h5_type {
#define X(name, ctype, text) ART_H5_##name,
  ART_H5_TYPE_LIST(X)
#undef X
      ART_H5_TYPE_COUNT
} art_h5_type;
/// Bytes per value in memory.
size_t art_h5_type_size(art_h5_type type);
const char *art_h5_type_name(art_h5_type type);

/// A dataset to be written. Zero-initialise what is not needed; strings are borrowed for the call.
typedef struct art_h5_var {
  const char *path;           ///< absolute, "/links/flow"; its group must exist
  art_h5_type type;           ///< in memory and in the file
  const char *units;          ///< UDUNITS text, "1" for pure numbers; NULL: no attribute
  const char *long_name;      ///< NULL: no attribute
  const char *standard_name;  ///< CF; NULL: no attribute
  const char *cell_methods;   ///< CF, "time: mean"; NULL: no attribute
  const char *sample_dimension;  ///< CF, of counts of a ragged array: the axis that they add up to; NULL: no attribute
  const char *index_of;       ///< the axis that the values are indices of; NULL: no attribute
  const char *axis[2];  ///< dimension scales: names in the same group, or absolute paths; unused for a scale
  const char *const *flags;  ///< what values 0, 1 .. flag_count-1 mean, or bits; CF's flag_values or flag_masks
  int flag_count, flags_are_bits;
  const double *fill;   ///< _FillValue (stored in the variable's own type); NULL: none. Numbers only
  int is_scale;         ///< 1: this 1-D dataset is itself an axis
  int is_quick;         ///< 1: compressed several times faster, regular data less well (deflate.h); growing ones always are
} art_h5_var;

// ---- files

/// The name under which process `pid` writes what shall become `path`. Owned by the caller.
char *art_h5_temporary(const char *path, long pid);
/// New file under that name, beside `path`. `force` 0: an existing `path` is ART_E_EXISTS. *out NULL on
/// failure.
art_status art_h5_create(const char *path, int force, art_h5 **out, art_error *err);
/// Opens an existing file for reading. Files up to 256 MiB are compared with their seal first (see
/// art_h5_verify).
art_status art_h5_open(const char *path, art_h5 **out, art_error *err);
/// Closes everything; if nothing failed so far, syncs and renames to the final name. If anything failed,
/// removes the temporary file and returns the first failure. For a file opened for reading: closes it and
/// returns the first failure. `f` is gone afterwards in every case.
art_status art_h5_commit(art_h5 *f, art_error *err);
/// Closes; a file being written is removed. NULL is fine.
void art_h5_discard(art_h5 *f);
/// The first failure so far; ART_OK if none. `err` (NULL allowed) receives its message.
art_status art_h5_status(const art_h5 *f, art_error *err);
/// Makes `f` fail with a message that begins with "file:object: ", for checks made by the caller on what it
/// read.
art_status art_h5_refuse(art_h5 *f, const char *object, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/// The name that the user gave; borrowed.
const char *art_h5_path(const art_h5 *f);
/// "1.10.8"; static storage.
const char *art_h5_library(void);
/// 1 once HDF5 failed to close a file: its clean-up at the end of the process would crash. Then leave by
/// _exit().
int art_h5_is_broken(void);

/// Compares a file's bytes with the checksum that was written behind them; files without one, and those above
/// `size_max` bytes, are taken as they are. ART_E_INPUT if the file is damaged.
art_status art_h5_verify(const char *path, uint64_t size_max, art_error *err);

/// Every file names its kind and the version of its layout in the root attributes arterial_schema and
/// arterial_schema_version; these also write Conventions, title, source (program and version) and history
/// (`command`). A NULL title or command is left out.
art_status art_h5_set_schema(art_h5 *f, const char *schema, int version, const char *title,
                             const char *command);
/// ART_E_INPUT unless the file is of this kind and version.
art_status art_h5_check_schema(art_h5 *f, const char *schema, int version);
/// Kind of a file ("city", "demand", ...), owned by the caller; NULL if it is no HDF5 file or names none.
char *art_h5_schema_of(const char *path);
/// SHA-256 of a file's bytes, 64 hex digits and a terminator.
art_status art_h5_sha256(const char *path, char hex[65], art_error *err);

// ---- writing

/// Creates a group, "/links" or "/a/b"; parents are made as needed; fine if it exists.
art_status art_h5_group(art_h5 *f, const char *path);
/// Creates and fills a dataset of n0 values (n1 == 0) or n0 x n1 values in C order.
/// Strings: `data` is `char *const *`; NULL entries are written as "".
art_status art_h5_put(art_h5 *f, const art_h5_var *var, int64_t n0, int64_t n1, const void *data);
/// Creates an axis 0, 1 .. count-1 (int32) called `path`.
art_status art_h5_put_index(art_h5 *f, const char *path, int64_t count, const char *long_name);
/// Creates a dataset without an axis that holds one number, such as a CF grid mapping or mesh variable.
art_status art_h5_put_scalar(art_h5 *f, const char *path, art_h5_type type, const void *value);
/// Creates an empty dataset that grows along its first axis; n1 columns (0: 1-D). Also for scales (is_scale =
/// 1). An axis that grows must be defined, as a scale, before the variables on it. Of a matrix without
/// columns make none.
art_status art_h5_define(art_h5 *f, const art_h5_var *var, int64_t n1);
/// Adds `rows` rows at the end of a dataset made by art_h5_define. They reach the file when a chunk is full, the last
/// ones with art_h5_commit.
art_status art_h5_append(art_h5 *f, const char *path, int64_t rows, const void *data);
/// The same for several datasets of numbers at once.
art_status art_h5_append_many(art_h5 *f, int count, const char *const *paths, int64_t rows, const void *const *data);
/// Makes room for `rows` rows in a dataset made by art_h5_define that has none yet, without writing any.
art_status art_h5_reserve(art_h5 *f, const char *path, int64_t rows);
/// Writes what waits and closes the HDF5 side of a file being written, so that several ranks can open it together
/// (h5_shared.h) under the name that is returned; only art_h5_commit and art_h5_discard may follow. NULL after a failure.
/// Borrowed.
const char *art_h5_hand_over(art_h5 *f);
/// How many threads compress from now on (1). HDF5 itself is called by the caller's only.
void art_h5_set_threads(art_h5 *f, int threads);

/// Attributes of a group or dataset ("/" for the file). An existing attribute is replaced.
art_status art_h5_set_text(art_h5 *f, const char *object, const char *name, const char *text);
art_status art_h5_set_real(art_h5 *f, const char *object, const char *name, double value);
/// Stored as int32 if it fits, else as int64.
art_status art_h5_set_int(art_h5 *f, const char *object, const char *name, int64_t value);
/// A 1-D attribute; strings as `char *const *`.
art_status art_h5_set_array(art_h5 *f, const char *object, const char *name, art_h5_type type, int64_t count,
                            const void *values);
/// flag_values 0, 1 .. count-1 and flag_meanings, CF's way to write an enumeration, of a dataset that has neither.
art_status art_h5_set_flags(art_h5 *f, const char *object, int count, const char *const *meanings);

// ---- reading

/// What stands at `path`.
typedef enum art_h5_kind { ART_H5_NOTHING, ART_H5_GROUP, ART_H5_DATASET } art_h5_kind;
art_h5_kind art_h5_kind_of(art_h5 *f, const char *path);
/// Rank (0, 1, 2 ...) and the first two extents of a dataset; unused extents are 0. Pointers may be NULL.
art_status art_h5_shape(art_h5 *f, const char *path, int *rank, int64_t *n0, int64_t *n1);
/// Type of a dataset as stored.
art_status art_h5_type_of(art_h5 *f, const char *path, art_h5_type *type);
/// Type and shape at once, without failing: 0 if there is no dataset or its type is none of ours.
int art_h5_peek(art_h5 *f, const char *path, art_h5_type *type, int *rank, int64_t *n0, int64_t *n1);
/// First extent of a dataset; 0 after a failure (then the handle carries it).
int64_t art_h5_rows(art_h5 *f, const char *path);
/// Reads all of a dataset of exactly this shape (n1 == 0: 1-D, or a scalar if n0 == 1) into the caller's
/// array. The stored type must fit into `type` without loss (int32 from int16 is fine, int32 from int64 or
/// float is refused). Strings: `char **`, each owned by the caller afterwards (art_h5_free_strings, or free()
/// one by one).
art_status art_h5_get(art_h5 *f, const char *path, art_h5_type type, int64_t n0, int64_t n1, void *out);
/// The same for rows [first, first + count).
art_status art_h5_get_rows(art_h5 *f, const char *path, art_h5_type type, int64_t first, int64_t count,
                           int64_t n1, void *out);
/// Allocates (art_new) and reads; n0 < 0: any length, then *count (may be NULL) tells it. NULL after a
/// failure; never NULL on success, even for 0 values. Sizes that the file cannot really hold are refused, not
/// allocated.
void *art_h5_get_new(art_h5 *f, const char *path, art_h5_type type, int64_t n0, int64_t n1, int64_t *count);
/// The same for strings, which lie in the pool and are freed with it; the array is the caller's.
char **art_h5_get_texts(art_h5 *f, const char *path, int64_t n0, struct art_pool *pool);
/// Frees strings and the array; NULL is fine.
void art_h5_free_strings(char **strings, int64_t count);

/// Text of a string attribute, owned by the caller; NULL if there is none (no failure).
char *art_h5_get_text(art_h5 *f, const char *object, const char *name);
/// 1 and *value if `name` is a number (or a 1-element array of numbers); else 0 (no failure).
int art_h5_get_real(art_h5 *f, const char *object, const char *name, double *value);
int art_h5_get_int(art_h5 *f, const char *object, const char *name, int64_t *value);

/// An attribute of any supported type.
typedef struct art_h5_attr {
  char *name;
  art_h5_type type;
  int64_t count;  ///< values; 1 for a scalar
  void *values;   ///< char ** for strings
} art_h5_attr;
/// All attributes of an object in order of creation; the bookkeeping of dimension scales is left out.
art_status art_h5_attrs(art_h5 *f, const char *object, art_h5_attr **out, int32_t *count);
void art_h5_free_attrs(art_h5_attr *attrs, int32_t count);
/// Names of the members of a group in order of creation (by name where the file does not track it).
art_status art_h5_members(art_h5 *f, const char *group, char ***names, int32_t *count);

#endif  // ART_IO_H5_H5_H
