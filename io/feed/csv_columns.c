#include "io/feed/csv_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

art_status art_csv_bind(art_csv_columns *columns, const char *const *name, int32_t count, int32_t needed,
                        int32_t field_count, char *const *fields, art_error *err)
{
  columns->name = name;
  columns->count = count;
  for (int32_t k = 0; k < count; ++k) {
    columns->at[k] = -1;
    for (int32_t i = 0; i < field_count && columns->at[k] < 0; ++i)
      if (strcasecmp(fields[i], name[k]) == 0) columns->at[k] = i;
    if (columns->at[k] < 0 && k < needed)
      return art_fail(err, ART_E_INPUT, "column \"%s\" is missing", name[k]);
  }
  return ART_OK;
}

const char *art_csv_text(const art_csv_columns *columns, int32_t k, int32_t field_count, char *const *fields)
{
  const int32_t at = columns->at[k];
  return at >= 0 && at < field_count ? fields[at] : "";
}

art_status art_csv_number(const art_csv_columns *columns, int32_t k, int32_t field_count, char *const *fields,
                          double lowest, double highest, double initial, double *value, art_error *err)
{
  const char *text = art_csv_text(columns, k, field_count, fields);
  char *end;
  *value = initial;
  if (!*text) return ART_OK;
  *value = strtod(text, &end);
  while (*end == ' ') ++end;
  if (*end == '\0' && *value >= lowest && *value <= highest) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s \"%.60s\": accepted: a number from %g to %g", columns->name[k], text,
                  lowest, highest);
}
