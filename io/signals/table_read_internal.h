/// \file table_read_internal.h
/// What the parts of the reader of signal tables share. Functions that return a status fill `err` with one sentence. Private
/// to io/signals.
#ifndef ART_IO_SIGNALS_TABLE_READ_INTERNAL_H
#define ART_IO_SIGNALS_TABLE_READ_INTERNAL_H
#include "io/signals/table.h"
#include "io/signals/table_internal.h"

#define ART_TABLE_DAY_S 86400.0

/// What the rows are of.
typedef enum art_table_section { ART_TABLE_NOWHERE, ART_TABLE_GROUPS, ART_TABLE_INTERGREENS, ART_TABLE_STAGES, ART_TABLE_PROGRAM, ART_TABLE_SCHEDULE } art_table_section;

/// Columns of the tables; a header names those that are there.
enum { ART_TABLE_COLUMN_MOST = 64 };

/// Groups of the signal under one name.
typedef struct art_table_group {
  char *name;
  int32_t count, *place;
} art_table_group;

/// How far a table is read; owned by the reader.
typedef struct art_table_reader {
  art_net *net;
  art_signal_table_report *report;
  art_table_section open;
  int32_t signal;  // -1: none yet
  int has_header;
  int32_t column_count;
  char *column[ART_TABLE_COLUMN_MOST];
  // of the signal
  int32_t group_count, group_capacity, stage_count, stage_capacity, green_count, green_capacity;
  art_table_group *group;
  char **stage_id;
  char *stage_letters;  // [stage * groups of the signal]
  int32_t intergreen_count, intergreen_capacity, from_capacity, to_capacity, *from, *to;
  int64_t *intergreen_ms;
  // of the program
  art_table_program program;
  int32_t clock_count, clock_capacity, begin_capacity, *clock_stage;  // stages by the clock
  int64_t *begin_ms;
  // of the schedule
  int32_t switch_count, switch_capacity, at_capacity, *switch_program;
  int64_t *switch_at_ms, period_ms;
} art_table_reader;

// table_fields.c
/// Seconds from lo to hi, or HH:MM[:SS], in milliseconds; `name` is for the message.
art_status art_table_seconds(const char *name, const char *text, double lo, double hi, int64_t *out_ms, art_error *err);
art_status art_table_number(const char *name, const char *text, double lo, double hi, double *out, art_error *err);
/// Copies the next item of a list whose items are separated by one of `marks`; returns what follows or NULL.
const char *art_table_next_item(const char *text, const char *marks, char *item, size_t size);
/// The same of words between blanks.
const char *art_table_next_word(const char *text, char *word, size_t size);
/// Index of a text, -1 if it is not there.
int32_t art_table_find_text(char *const *texts, int32_t count, const char *text);
/// The field of a column in this row; "" where the column or the field is missing.
const char *art_table_field(const art_table_reader *r, const char *column, int32_t count, char *const *field);
void art_table_forget_columns(art_table_reader *r);
/// A header names columns out of `known`, each once.
art_status art_table_header(art_table_reader *r, const char *const *known, size_t known_count, int32_t count,
                            char *const *field, art_error *err);

// table_program.c
/// A row of a program: a setting, the header of its phases, or one of them.
art_status art_table_program_row(art_table_reader *r, int32_t count, char *const *field, art_error *err);

#endif  // ART_IO_SIGNALS_TABLE_READ_INTERNAL_H
