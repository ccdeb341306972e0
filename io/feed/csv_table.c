#include <csv.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_table.h"

enum { MAX_FIELDS = 10000, MAX_LINE = 1 << 20 };

typedef struct walker {
  const char *name;
  struct csv_parser parser;
  art_csv_row_fn *header, *row;
  void *user;
  int64_t line;
  int has_header;
  int32_t count, capacity;
  char **field;
  int64_t bytes;  // of the row so far
  art_status status;
  art_error *err;
} walker;

static void refuse(walker *w, const char *what)
{
  if (w->status == ART_OK)
    w->status = art_fail(w->err, ART_E_INPUT, "%s:%" PRId64 ": %s", w->name, w->line, what);
}

static void clear_row(walker *w)
{
  for (int32_t i = 0; i < w->count; ++i) free(w->field[i]);
  w->count = 0;
  w->bytes = 0;
}

/// libcsv hands over one field.
static void on_field(void *text, size_t size, void *data)
{
  walker *w = data;
  if (w->status != ART_OK) return;
  w->bytes += (int64_t)size;
  if (memchr(text, '\0', size)) {
    refuse(w, "a NUL byte inside a field");
  } else if (w->count >= MAX_FIELDS || w->bytes > MAX_LINE) {
    refuse(w, "a row of more than 10000 fields or 1 MiB; is a quote missing?");
  } else {
    char *copy = ART_NEW(char, size + 1);
    memcpy(copy, text, size);
    ART_PUSH(w->field, w->count, w->capacity, copy);
  }
}

static void on_row(int terminator, void *data)
{
  (void)terminator;
  walker *w = data;
  if (w->status == ART_OK) {
    art_csv_row_fn *fn = w->has_header ? w->row : w->header;
    w->has_header = 1;
    w->status = fn(w->user, w->line, w->count, w->field, w->err);
    if (w->status != ART_OK) art_fail_prefix(w->err, "%s:%" PRId64 ": ", w->name, w->line);
  }
  clear_row(w);
}

/// What libcsv has to complain of; strict quotes are all that can be wrong in a text.
static void refuse_text(walker *w)
{
  const int code = csv_error(&w->parser);
  refuse(w, code == CSV_EPARSE ? "a quote that is not closed, or that stands within a field" : csv_strerror(code));
}

/// Parses line by line, so that messages can tell the line.
static void feed_text(walker *w, const char *text, size_t size)
{
  while (size > 0 && w->status == ART_OK) {
    const char *end = memchr(text, '\n', size);
    const size_t part = end ? (size_t)(end - text) + 1 : size;
    if (csv_parse(&w->parser, text, part, on_field, on_row, w) != part)
      refuse_text(w);
    if (end) ++w->line;
    text += part;
    size -= part;
  }
}

static art_status start(walker *w, const char *name, char separator)
{
  w->name = name;
  w->line = 1;
  if (csv_init(&w->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
    return art_fail(w->err, ART_E_MEMORY, "%s: out of memory", name);
  csv_set_delim(&w->parser, (unsigned char)separator);
  return ART_OK;
}

static art_status finish(walker *w)
{
  if (w->status == ART_OK && csv_fini(&w->parser, on_field, on_row, w) != 0)
    refuse_text(w);
  if (w->status == ART_OK && !w->has_header) refuse(w, "the file is empty, expected a header line");
  clear_row(w);
  free(w->field);
  csv_free(&w->parser);
  return w->status;
}

/// Bytes of a UTF-8 byte order mark at the start.
static size_t mark_size(const char *text, size_t size)
{
  return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

art_status art_csv_walk_text(const char *name, const char *text, size_t size, char separator,
                             art_csv_row_fn *header, art_csv_row_fn *row, void *user, art_error *err)
{
  walker w = { .header = header, .row = row, .user = user, .err = err };
  const art_status status = start(&w, name, separator);
  if (status != ART_OK) return status;
  const size_t skip = mark_size(text, size);
  feed_text(&w, text + skip, size - skip);
  return finish(&w);
}

art_status art_csv_walk(const char *path, char separator, art_csv_row_fn *header, art_csv_row_fn *row,
                        void *user, art_error *err)
{
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  walker w = { .header = header, .row = row, .user = user, .err = err };
  art_status status = start(&w, path, separator);
  if (status != ART_OK) {
    fclose(file);
    return status;
  }
  char buffer[65536];
  int is_first = 1;
  for (;;) {
    const size_t size = fread(buffer, 1, sizeof buffer, file);
    if (size == 0) break;
    const size_t skip = is_first ? mark_size(buffer, size) : 0;
    is_first = 0;
    feed_text(&w, buffer + skip, size - skip);
    if (w.status != ART_OK) break;
  }
  if (ferror(file) && w.status == ART_OK) w.status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
  fclose(file);
  return finish(&w);
}

int32_t art_csv_find(int32_t field_count, char *const *fields, const char *name)
{
  for (int32_t i = 0; i < field_count; ++i) {
    if (strcmp(fields[i], name) == 0) return i;
  }
  return -1;
}
