/// \file csv_columns.h
/// Columns of a CSV table by name, and numbers out of their fields.
#ifndef ART_IO_FEED_CSV_COLUMNS_H
#define ART_IO_FEED_CSV_COLUMNS_H
#include <stdint.h>

#include "core/base/status.h"

enum { ART_CSV_COLUMNS_MOST = 32 };

/// Places of known columns in a table; column k is called name[k]. The names are borrowed.
typedef struct art_csv_columns {
  const char *const *name;
  int32_t count, at[ART_CSV_COLUMNS_MOST];  ///< -1: the table has no such column
} art_csv_columns;

/// Takes the header. The first `needed` columns must be there. Names are compared without regard to case.
art_status art_csv_bind(art_csv_columns *columns, const char *const *name, int32_t count, int32_t needed,
                        int32_t field_count, char *const *fields, art_error *err);
/// The field of column k in a row; "" where the column or the field is missing.
const char *art_csv_text(const art_csv_columns *columns, int32_t k, int32_t field_count, char *const *fields);
/// The same as a number within bounds; `initial` where it is empty. `err` names column, value and bounds.
art_status art_csv_number(const art_csv_columns *columns, int32_t k, int32_t field_count, char *const *fields,
                          double lowest, double highest, double initial, double *value, art_error *err);

#endif  // ART_IO_FEED_CSV_COLUMNS_H
