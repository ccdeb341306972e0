/// \file csv_table.h
/// Walks a CSV file with a header line, row by row, with line numbers (libcsv inside). Streams; memory is one row.
#ifndef ART_IO_FEED_CSV_TABLE_H
#define ART_IO_FEED_CSV_TABLE_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/// Called once for the header (line 1) and once for every row. Texts are terminated, blanks at the ends removed, and
/// borrowed for the call. An error stops the walk.
typedef art_status art_csv_row_fn(void *user, int64_t line, int32_t field_count, char *const *fields,
                                  art_error *err);

/// `separator` as in the file (',' or ';' or '\t'). A byte order mark is skipped, empty lines too. Broken quoting, a NUL
/// byte or an empty file is ART_E_INPUT with "file:line: ".
art_status art_csv_walk(const char *path, char separator, art_csv_row_fn *header, art_csv_row_fn *row,
                        void *user, art_error *err);
/// The same from memory; `name` is for messages.
art_status art_csv_walk_text(const char *name, const char *text, size_t size, char separator,
                             art_csv_row_fn *header, art_csv_row_fn *row, void *user, art_error *err);

/// Place of a column in a header, or -1.
int32_t art_csv_find(int32_t field_count, char *const *fields, const char *name);

#endif  // ART_IO_FEED_CSV_TABLE_H
