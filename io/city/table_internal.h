/// \file table_internal.h
/// Tables of columns: which member of which struct stands in which dataset. Writing, reading and hashing walk
/// the same tables, so that no dataset is typed twice. Private to io/city.
#ifndef ART_IO_CITY_TABLE_INTERNAL_H
#define ART_IO_CITY_TABLE_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

#include "io/city/city_file.h"
#include "io/h5/h5.h"

/// Stored type of an array member. Letters are stored as their ASCII code; masks keep their bits in a signed
/// 32-bit number, because R has no unsigned one and -1 then means "all" everywhere.
#define ART_COLUMN_TYPE(array) \
  _Generic((array),              \
      uint8_t *: ART_H5_UINT8,   \
      char *: ART_H5_UINT8,      \
      int32_t *: ART_H5_INT32,   \
      uint32_t *: ART_H5_INT32,  \
      int64_t *: ART_H5_INT64,   \
      float *: ART_H5_FLOAT,     \
      double *: ART_H5_DOUBLE,   \
      char **: ART_H5_STRING)

typedef enum art_column_role {
  ART_COLUMN_PLAIN,
  ART_COLUMN_ID,    ///< unique text, the axis of its table
  ART_COLUMN_NAME,  ///< text that may be NULL
  ART_COLUMN_EXTRA,  ///< numbers that a file may lack; the array is NULL then, and is not written or hashed
  ART_COLUMN_FIRST  ///< CSR offsets in memory (int32 or int64, rows + 1); stored as counts per row (int32)
} art_column_role;

typedef struct art_column {
  const char *name;  ///< in the table's group
  art_column_role role;
  art_h5_type type;
  int owner;      ///< index into the owners given to the functions below
  size_t offset;  ///< of the array pointer in the owner
  size_t pool_offset;  ///< of the pool (art_pool *) in the owner that the texts lie in when all rows are read; 0: none. The
                       ///< reader of such ids looks for two that are alike
  const char *units, *long_name;
  int flag_count;  ///< enumeration or mask: the words
  const char *const *flags;
  int is_mask;
  const char *target;    ///< FIRST: the axis whose length the counts add up to; NULL: not checked here
  const char *index_of;  ///< int32: the axis that the values are indices of; NULL: no indices
  int is_optional;       ///< of indices: -1 means none
  int may_be_absent;     ///< added after version 1 was in use: files without it hold zeros
  int is_setting;        ///< the same, but nothing is made of it: the array stays NULL, and is not written or hashed
  double initial;        ///< where it holds this (counts: 0) in every row
} art_column;

typedef struct art_table {
  const char *group;      ///< "/nodes"
  const char *axis;       ///< "node"; an index is written where no column is ART_COLUMN_ID
  const char *axis_name;  ///< long_name of an index axis
  int owner;
  size_t count_offset;  ///< of the int32_t row count in the owner; ART_NO_COUNT: `rows` tells
  int64_t (*rows)(void *const *owner);
  int column_count;
  const art_column *column;
  int may_be_absent;  ///< added after version 1 was in use: files without it have no rows
  int is_setting;     ///< likewise, and not written where it would have none, or nothing but initial values
} art_table;

#define ART_NO_COUNT ((size_t)-1)

/// Rows of columns, for initialisers: OWNER index, struct type, member.
#define ART_COLUMN(owner_, type_, member_, name_, units_, text_)                             \
  {                                                                                          \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((type_ *)0)->member_), \
    .owner = owner_, .offset = offsetof(type_, member_), .units = units_, .long_name = text_ \
  }
#define ART_COLUMN_INDEX(owner_, type_, member_, name_, axis_, is_optional_, text_)          \
  {                                                                                          \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((type_ *)0)->member_), \
    .owner = owner_, .offset = offsetof(type_, member_), .units = "1", .long_name = text_,   \
    .index_of = axis_, .is_optional = is_optional_                                           \
  }
#define ART_COLUMN_TEXT(role_, owner_, type_, member_, name_, text_)                               \
  {                                                                                                \
    .name = name_, .role = role_, .type = ART_COLUMN_TYPE(((type_ *)0)->member_), .owner = owner_, \
    .offset = offsetof(type_, member_), .long_name = text_                                         \
  }
#define ART_COLUMN_FLAGS(owner_, type_, member_, name_, words_, is_mask_, text_)              \
  {                                                                                           \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((type_ *)0)->member_),  \
    .owner = owner_, .offset = offsetof(type_, member_), .long_name = text_,                  \
    .flag_count = (int)(sizeof words_ / sizeof *words_), .flags = words_, .is_mask = is_mask_ \
  }
#define ART_COLUMN_MAYBE(owner_, type_, member_, name_, units_, text_)                        \
  {                                                                                           \
    .name = name_, .role = ART_COLUMN_EXTRA, .type = ART_COLUMN_TYPE(((type_ *)0)->member_),  \
    .owner = owner_, .offset = offsetof(type_, member_), .units = units_, .long_name = text_  \
  }
#define ART_COLUMN_COUNTS(owner_, type_, member_, name_, target_, text_)                                     \
  {                                                                                                          \
    .name = name_, .role = ART_COLUMN_FIRST, .type = ART_COLUMN_TYPE(((type_ *)0)->member_),                 \
    .owner = owner_, .offset = offsetof(type_, member_), .units = "1", .long_name = text_, .target = target_ \
  }

int64_t art_table_rows(const art_table *table, void *const *owner);
/// Creates the group and all its datasets.
art_status art_table_write(art_h5 *f, const art_table *table, void *const *owner);
/// Allocates and reads all columns, sets the row count. Ids must be unique and not empty. Values are not
/// checked.
art_status art_table_read(art_h5 *f, const art_table *table, void *const *owner);
/// The same for rows [first, first + count) of a table with a count of its own: ids are unique among these, counts become
/// offsets from 0.
art_status art_table_read_rows(art_h5 *f, const art_table *table, void *const *owner, int64_t first, int64_t count);
/// Looks at all indices of a table that was read. Without `report` the first one out of range makes `f` fail;
/// with it, each is reported as "/group/column: entity: value: bound". Returns how many were found.
int64_t art_table_check(art_h5 *f, const art_table *table, void *const *owner, art_on_problem report,
                        void *context);
/// Of all columns that are there, texts included, without the allocator's own share.
int64_t art_table_bytes(const art_table *table, void *const *owner);
/// Continues a hash over the contents of all columns, in order.
uint64_t art_table_hash(uint64_t hash, const art_table *table, void *const *owner);
/// Continues a hash over a text (NULL allowed) or over bytes.
uint64_t art_hash_text(uint64_t hash, const char *text);
uint64_t art_hash_bytes(uint64_t hash, const void *data, size_t size);

/// The list of inputs, group /provenance.
art_status art_sources_write(art_h5 *f, int32_t count, const art_source *source);
art_status art_sources_read(art_h5 *f, int32_t *count, art_source **source);

#endif  // ART_IO_CITY_TABLE_INTERNAL_H
