// Values and columns of signal tables.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/signals/table_read_internal.h"

art_status art_table_seconds(const char *name, const char *text, double lo, double hi, int64_t *out_ms,
                               art_error *err)
{
  char *end;
  errno = 0;
  double value = strtod(text, &end);
  int hours = 0, minutes = 0, seconds = 0, used = 0;
  if (sscanf(text, "%2d:%2d%n:%2d%n", &hours, &minutes, &used, &seconds, &used) >= 2 && !text[used] &&
      hours >= 0 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60) {
    value = hours * 3600.0 + minutes * 60.0 + seconds;
    end = (char *)"";
  }
  if (end == text || *end || errno || !isfinite(value) || value < lo || value > hi)
    return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: seconds from %g to %g, or HH:MM:SS", name,
                    text, lo, hi);
  *out_ms = (int64_t)floor(value * 1000.0 + 0.5);
  return ART_OK;
}

art_status art_table_number(const char *name, const char *text, double lo, double hi, double *out,
                              art_error *err)
{
  char *end;
  errno = 0;
  const double value = strtod(text, &end);
  if (end == text || *end || errno || !isfinite(value) || value < lo || value > hi)
    return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: a number from %g to %g", name, text, lo, hi);
  *out = value;
  return ART_OK;
}

const char *art_table_next_item(const char *text, const char *marks, char *item, size_t size)
{
  text += strspn(text, marks);
  if (!*text) return NULL;
  const size_t length = strcspn(text, marks), kept = length < size ? length : size - 1;
  memcpy(item, text, kept);
  item[kept] = '\0';
  return text + length;
}

const char *art_table_next_word(const char *text, char *word, size_t size)
{
  return art_table_next_item(text, " \t", word, size);
}

int32_t art_table_find_text(char *const *texts, int32_t count, const char *text)
{
  for (int32_t i = 0; i < count; ++i)
    if (strcmp(texts[i], text) == 0) return i;
  return -1;
}

const char *art_table_field(const art_table_reader *r, const char *column, int32_t count, char *const *field)
{
  const int32_t at = art_table_find_text(r->column, r->column_count, column);
  return at >= 0 && at < count ? field[at] : "";
}

void art_table_forget_columns(art_table_reader *r)
{
  for (int32_t i = 0; i < r->column_count; ++i) free(r->column[i]);
  r->column_count = 0;
  r->has_header = 0;
}

art_status art_table_header(art_table_reader *r, const char *const *known, size_t known_count, int32_t count,
                              char *const *field, art_error *err)
{
  art_table_forget_columns(r);
  for (int32_t i = 0; i < count; ++i) {
    int is_known = 0;
    for (size_t k = 0; k < known_count; ++k) is_known |= strcmp(known[k], field[i]) == 0;
    if (!is_known) {
      char list[400] = "";
      for (size_t k = 0; k < known_count; ++k)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", k ? ", " : "", known[k]);
      return art_fail(err, ART_E_INPUT, "column \"%.60s\": accepted: %s", field[i], list);
    }
    if (i >= ART_TABLE_COLUMN_MOST || art_table_find_text(r->column, r->column_count, field[i]) >= 0)
      return art_fail(err, ART_E_INPUT, "column \"%.60s\" stands twice", field[i]);
    r->column[r->column_count++] = art_strdup(field[i]);
  }
  r->has_header = 1;
  return ART_OK;
}
