#include "scenarios/plan/machine.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "io/config/quantity.h"

static const struct {
  const char *name, *unit, *sentence;
  double initial, lowest, highest;
  size_t offset;
} rows[] = {
#define X(name, unit, initial, lowest, highest, sentence) \
  { #name, unit, sentence, initial, lowest, highest, offsetof(art_machine, name) },
  ART_MACHINE_LIST(X)
#undef X
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static double *value_of(art_machine *machine, int row)
{
  return (double *)((char *)machine + rows[row].offset);
}

art_machine art_machine_default(void)
{
  art_machine machine;
  for (int row = 0; row < ROW_COUNT; ++row) *value_of(&machine, row) = rows[row].initial;
  return machine;
}

/// Cuts comment and blanks off both ends; the text may become empty.
static char *trim(char *text)
{
  text[strcspn(text, "#\r\n")] = '\0';
  text += strspn(text, " \t");
  for (size_t length = strlen(text); length > 0 && strchr(" \t", text[length - 1]); --length) text[length - 1] = '\0';
  return text;
}

static art_status read_line(char *text, art_machine *out, int *is_set, art_error *err)
{
  char *colon = strchr(text, ':');
  if (!colon) return art_fail(err, ART_E_INPUT, "'%s' is not \"name: value\"", text);
  *colon = '\0';
  const char *name = trim(text), *number = trim(colon + 1);
  int row = 0;
  while (row < ROW_COUNT && strcmp(rows[row].name, name) != 0) ++row;
  if (row == ROW_COUNT)
    return art_fail(err, ART_E_INPUT, "unknown constant '%s' ('arterial plan --print-machine' lists them)", name);
  if (is_set[row]) return art_fail(err, ART_E_INPUT, "%s is given twice", name);
  is_set[row] = 1;
  double value = 0.0;
  const char *problem = art_quantity_real(number, &value);
  if (problem) return art_fail(err, ART_E_INPUT, "%s: '%s' %s", name, number, problem);
  if (!(value >= rows[row].lowest && value <= rows[row].highest))
    return art_fail(err, ART_E_INPUT, "%s: %s is out of range (%g to %g %s)", name, number, rows[row].lowest,
                    rows[row].highest, rows[row].unit);
  *value_of(out, row) = value;
  return ART_OK;
}

art_status art_machine_read(const char *path, art_machine *out, art_error *err)
{
  FILE *file = fopen(path, "r");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  char line[512];
  int is_set[ROW_COUNT] = { 0 };
  art_status status = ART_OK;
  *out = art_machine_default();
  for (int number = 1; status == ART_OK && fgets(line, sizeof line, file); ++number) {
    if (!strchr(line, '\n') && strlen(line) == sizeof line - 1)
      status = art_fail(err, ART_E_INPUT, "the line is longer than %zu characters", sizeof line - 2);
    char *text = trim(line);
    if (status == ART_OK && *text) status = read_line(text, out, is_set, err);
    if (status != ART_OK) art_fail_prefix(err, "%s:%d: ", path, number);
  }
  if (status == ART_OK && ferror(file)) status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
  fclose(file);
  return status;
}

void art_machine_print(const art_machine *machine, FILE *file)
{
  art_machine copy = *machine;
  for (int row = 0; row < ROW_COUNT; ++row) {
    char text[ART_QUANTITY_TEXT];
    art_quantity_print_double(*value_of(&copy, row), text);
    fprintf(file, "%s: %s  # %s; %s\n", rows[row].name, text, rows[row].unit, rows[row].sentence);
  }
}
