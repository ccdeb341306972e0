// Reads signal tables. One CSV file of sections; each row is handed to the section that is open.
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_table.h"
#include "io/signals/table.h"
#include "io/signals/table_internal.h"

static const double DAY_S = 86400.0;

typedef enum section { NOWHERE, GROUPS, INTERGREENS, STAGES, PROGRAM, SCHEDULE } section;

/// Columns of the tables; a header names those that are there.
enum { COLUMN_MOST = 64 };

typedef struct named_group {
  char *name;
  int32_t count, *place;
} named_group;

typedef struct reader {
  art_net *net;
  art_signal_table_report *report;
  section open;
  int32_t signal;  // -1: none yet
  int has_header;
  int32_t column_count;
  char *column[COLUMN_MOST];
  // of the signal
  int32_t group_count, group_capacity, stage_count, stage_capacity, green_count, green_capacity;
  named_group *group;
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
} reader;

// ---- values ------------------------------------------------------------------------------------------------------------

static art_status read_seconds(const char *name, const char *text, double lo, double hi, int64_t *out_ms,
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

static art_status read_number(const char *name, const char *text, double lo, double hi, double *out,
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

/// Copies the next item of a list whose items are separated by one of `marks`; returns what follows or NULL.
static const char *next_item(const char *text, const char *marks, char *item, size_t size)
{
  text += strspn(text, marks);
  if (!*text) return NULL;
  const size_t length = strcspn(text, marks), kept = length < size ? length : size - 1;
  memcpy(item, text, kept);
  item[kept] = '\0';
  return text + length;
}

static const char *next_word(const char *text, char *word, size_t size)
{
  return next_item(text, " \t", word, size);
}

static int32_t find_text(char *const *texts, int32_t count, const char *text)
{
  for (int32_t i = 0; i < count; ++i)
    if (strcmp(texts[i], text) == 0) return i;
  return -1;
}

/// The field of a column in this row; "" where the column or the field is missing.
static const char *field_of(const reader *r, const char *column, int32_t count, char *const *field)
{
  const int32_t at = find_text(r->column, r->column_count, column);
  return at >= 0 && at < count ? field[at] : "";
}

static void forget_columns(reader *r)
{
  for (int32_t i = 0; i < r->column_count; ++i) free(r->column[i]);
  r->column_count = 0;
  r->has_header = 0;
}

/// A header names columns out of `known`, each once.
static art_status read_header(reader *r, const char *const *known, size_t known_count, int32_t count,
                              char *const *field, art_error *err)
{
  forget_columns(r);
  for (int32_t i = 0; i < count; ++i) {
    int is_known = 0;
    for (size_t k = 0; k < known_count; ++k) is_known |= strcmp(known[k], field[i]) == 0;
    if (!is_known) {
      char list[400] = "";
      for (size_t k = 0; k < known_count; ++k)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", k ? ", " : "", known[k]);
      return art_fail(err, ART_E_INPUT, "column \"%.60s\": accepted: %s", field[i], list);
    }
    if (i >= COLUMN_MOST || find_text(r->column, r->column_count, field[i]) >= 0)
      return art_fail(err, ART_E_INPUT, "column \"%.60s\" stands twice", field[i]);
    r->column[r->column_count++] = art_strdup(field[i]);
  }
  r->has_header = 1;
  return ART_OK;
}

// ---- groups and intergreens --------------------------------------------------------------------------------------------

static int32_t find_group(const reader *r, const char *name)
{
  for (int32_t i = 0; i < r->group_count; ++i)
    if (strcmp(r->group[i].name, name) == 0) return i;
  return -1;
}

static art_status group_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  static const char *const known[] = { "group", "places", "min_green", "yellow", "red_yellow" };
  if (!r->has_header) return read_header(r, known, sizeof known / sizeof *known, count, field, err);
  art_net *net = r->net;
  const int32_t groups = net->signal_group_count[r->signal], first = net->signal_first_group[r->signal];
  const char *name = field_of(r, "group", count, field), *places = field_of(r, "places", count, field);
  if (!*name || strpbrk(name, " \t") || find_group(r, name) >= 0)
    return art_fail(err, ART_E_INPUT,
                    "group \"%.60s\": accepted: a name without blanks that no other group has", name);
  named_group group = { .name = art_strdup(name) };
  char word[64];
  art_status status = ART_OK;
  int32_t capacity = 0;
  for (const char *rest = next_word(places, word, sizeof word); rest && status == ART_OK;
       rest = next_word(rest, word, sizeof word)) {
    double place = 0.0;
    status = read_number("place", word, 0.0, (double)groups - 1.0, &place, err);
    if (status == ART_OK && place != floor(place))
      status =
          art_fail(err, ART_E_INPUT, "place \"%s\": accepted: a whole number from 0 to %d", word, groups - 1);
    if (status == ART_OK) ART_PUSH(group.place, group.count, capacity, (int32_t)place);
  }
  if (status == ART_OK && !group.count)
    status = art_fail(err, ART_E_INPUT, "group \"%.60s\" has no places: accepted: some of 0 to %d", name,
                      groups - 1);
  const struct {
    const char *column;
    int64_t *to;
  } times[] = { { "min_green", net->group_min_green_ms },
                { "yellow", net->group_yellow_ms },
                { "red_yellow", net->group_red_yellow_ms } };
  for (size_t t = 0; t < 3 && status == ART_OK; ++t) {
    const char *text = field_of(r, times[t].column, count, field);
    int64_t ms = -1;
    if (*text) status = read_seconds(times[t].column, text, 0.0, 120.0, &ms, err);
    for (int32_t i = 0; i < group.count && status == ART_OK; ++i) times[t].to[first + group.place[i]] = ms;
  }
  ART_PUSH(r->group, r->group_count, r->group_capacity, group);
  return status;
}

static void add_intergreen(reader *r, int32_t from, int32_t to, int64_t ms)
{
  if (from == to) return;
  int32_t n = r->intergreen_count, again = n;
  ART_PUSH(r->from, n, r->from_capacity, from);
  ART_PUSH(r->to, again, r->to_capacity, to);
  ART_PUSH(r->intergreen_ms, r->intergreen_count, r->intergreen_capacity, ms);
}

/// A matrix: the groups that get green across, a row for each that loses it. Empty cells: the two may have it together.
static art_status intergreen_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  if (!r->has_header) {
    for (int32_t i = 1; i < count; ++i) {
      if (find_group(r, field[i]) < 0)
        return art_fail(err, ART_E_INPUT, "group \"%.60s\": accepted: a group of section [Groups]", field[i]);
      if (r->column_count == COLUMN_MOST)
        return art_fail(err, ART_E_INPUT, "a matrix of more than %d groups", COLUMN_MOST);
      r->column[r->column_count++] = art_strdup(field[i]);
    }
    r->has_header = 1;
    return ART_OK;
  }
  const int32_t from = find_group(r, field[0]);
  if (from < 0)
    return art_fail(err, ART_E_INPUT, "group \"%.60s\": accepted: a group of section [Groups]", field[0]);
  for (int32_t i = 1; i < count; ++i) {
    if (!*field[i]) continue;
    if (i > r->column_count)
      return art_fail(err, ART_E_INPUT, "a row of %d fields: accepted: at most %d", count,
                      r->column_count + 1);
    int64_t ms = 0;
    const art_status status = read_seconds("intergreen", field[i], 0.0, 120.0, &ms, err);
    if (status != ART_OK) return status;
    const named_group *a = &r->group[from], *b = &r->group[find_group(r, r->column[i - 1])];
    for (int32_t k = 0; k < a->count; ++k)
      for (int32_t m = 0; m < b->count; ++m) add_intergreen(r, a->place[k], b->place[m], ms);
  }
  return ART_OK;
}

// ---- stages ------------------------------------------------------------------------------------------------------------

static art_status light(const reader *r, const char *names, char letter, char *letters, art_error *err)
{
  char word[256];
  for (const char *rest = next_word(names, word, sizeof word); rest;
       rest = next_word(rest, word, sizeof word)) {
    const int32_t g = find_group(r, word);
    if (g < 0)
      return art_fail(err, ART_E_INPUT, "group \"%.60s\": accepted: a group of section [Groups]", word);
    for (int32_t i = 0; i < r->group[g].count; ++i) letters[r->group[g].place[i]] = letter;
  }
  return ART_OK;
}

static art_status stage_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  static const char *const known[] = { "stage", "green", "permitted" };
  if (!r->has_header) return read_header(r, known, sizeof known / sizeof *known, count, field, err);
  const int32_t groups = r->net->signal_group_count[r->signal];
  const char *name = field_of(r, "stage", count, field);
  if (!*name || find_text(r->stage_id, r->stage_count, name) >= 0)
    return art_fail(err, ART_E_INPUT, "stage \"%.60s\": accepted: a name that no other stage has", name);
  r->stage_letters = art_renew(r->stage_letters, (size_t)(r->stage_count + 1) * (size_t)groups, 1);
  char *letters = r->stage_letters + (size_t)r->stage_count * (size_t)groups;
  memset(letters, 'r', (size_t)groups);
  ART_PUSH(r->stage_id, r->stage_count, r->stage_capacity, art_strdup(name));
  art_status status = light(r, field_of(r, "green", count, field), 'G', letters, err);
  if (status == ART_OK) status = light(r, field_of(r, "permitted", count, field), 'g', letters, err);
  return status;
}

// ---- programs ----------------------------------------------------------------------------------------------------------

/// Columns of phases, those of ART_PHASE_TIME_LIST without their unit.
static const char *const time_columns[] = { "extension", "yellow",         "red",          "split",
                                            "walk",      "foot_clearance", "reduce_after", "reduce_for",
                                            "least_gap", "earliest_end",   "latest_end",   "max_red" };
_Static_assert(sizeof time_columns / sizeof *time_columns == ART_PHASE_TIME_COUNT,
               "a column for each time of a phase");

const char *art_table_time_column(int time)
{
  return time_columns[time];
}

static art_status setting_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  const char *key = field[0], *value = count > 1 ? field[1] : "";
  if (strcmp(key, "cycle") == 0) return read_seconds(key, value, 0.0, DAY_S, &r->program.cycle_ms, err);
  if (strcmp(key, "offset") == 0) return read_seconds(key, value, -DAY_S, DAY_S, &r->program.offset_ms, err);
  if (strcmp(key, "control") == 0) {
    r->program.control = art_control_find(value);
    if (r->program.control >= 0) return ART_OK;
    char list[300] = "";
    for (int i = 0; i < ART_CONTROL_COUNT; ++i)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", art_control_name(i));
    return art_fail(err, ART_E_INPUT, "control \"%.60s\": accepted: %s", value, list);
  }
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) {
    if (strcmp(key, art_control_value_name(v)) != 0) continue;
    double number = 0.0;
    const art_status status = read_number(key, value, art_control_value_lowest(v), art_control_value_highest(v), &number, err);
    r->program.value[v] = (float)number;
    return status;
  }
  return art_fail(err, ART_E_INPUT,
                  "\"%.60s\": accepted: control, cycle, offset, a setting of programs, or the header of "
                  "phases (stage or state first)",
                  key);
}

static art_status read_lists(reader *r, int32_t count, char *const *field, art_table_phase *phase,
                             art_error *err)
{
  static const char *const flags[] = {
#define X(suffix, bit, name) [bit] = name,
    ART_PHASE_FLAG_LIST(X)
#undef X
  };
  char word[300];
  for (const char *rest = next_word(field_of(r, "flags", count, field), word, sizeof word); rest;
       rest = next_word(rest, word, sizeof word)) {
    int found = -1;
    for (int i = 0; i < (int)(sizeof flags / sizeof *flags); ++i)
      if (strcmp(flags[i], word) == 0) found = i;
    if (found < 0) return art_fail(err, ART_E_INPUT, "flag \"%.60s\" is unknown", word);
    phase->flags |= 1u << found;
  }
  int32_t capacity = 0;
  for (const char *rest = next_word(field_of(r, "next", count, field), word, sizeof word); rest;
       rest = next_word(rest, word, sizeof word)) {
    double number = 0.0;
    const art_status status = read_number("next", word, 1.0, 1000.0, &number, err);
    if (status != ART_OK) return status;
    ART_PUSH(phase->next, phase->next_count, capacity, (int32_t)number - 1);
    phase->flags |= ART_PHASE_MANUAL_NEXT;
  }
  capacity = 0;
  char id[1400];  // may have blanks
  for (const char *rest = next_item(field_of(r, "detectors", count, field), ";", id, sizeof id); rest;
       rest = next_item(rest, ";", id, sizeof id)) {
    const int32_t d = art_net_find(r->net->detector_id, r->net->detector_count, id);
    if (d < 0)
      return art_fail(err, ART_E_INPUT, "detector \"%.60s\": accepted: the id of a detector of the city", id);
    ART_PUSH(phase->sensor, phase->sensor_count, capacity, d);
  }
  return ART_OK;
}

static art_status read_times(reader *r, int32_t count, char *const *field, art_table_phase *phase,
                             art_error *err)
{
  const char *text = field_of(r, "duration", count, field);
  art_status status = ART_OK;
  phase->min_ms = phase->max_ms = -1;
  if (*text) status = read_seconds("duration", text, 0.001, DAY_S, &phase->duration_ms, err);
  text = field_of(r, "min", count, field);
  if (status == ART_OK && *text) status = read_seconds("min", text, 0.0, DAY_S, &phase->min_ms, err);
  text = field_of(r, "max", count, field);
  if (status == ART_OK && *text) status = read_seconds("max", text, 0.0, 1e10, &phase->max_ms, err);
  for (int t = 0; t < ART_PHASE_TIME_COUNT && status == ART_OK; ++t) {
    phase->time_ms[t] = art_phase_time_initial(t);
    text = field_of(r, time_columns[t], count, field);
    if (*text) status = read_seconds(time_columns[t], text, -0.001, DAY_S, &phase->time_ms[t], err);
  }
  if (status != ART_OK) return status;
  if (!phase->duration_ms) phase->duration_ms = phase->max_ms > 0 ? phase->max_ms : phase->min_ms;
  if (phase->duration_ms <= 0) return art_fail(err, ART_E_INPUT, "a phase needs a duration, or a maximum");
  if (phase->duration_ms > (int64_t)DAY_S * 1000) phase->duration_ms = (int64_t)DAY_S * 1000;
  if (phase->min_ms < 0)
    phase->min_ms =
        phase->max_ms >= 0 && phase->max_ms < phase->duration_ms ? phase->max_ms : phase->duration_ms;
  if (phase->max_ms < 0)
    phase->max_ms = phase->min_ms > phase->duration_ms ? phase->min_ms : phase->duration_ms;
  if (phase->min_ms > phase->max_ms)
    return art_fail(err, ART_E_INPUT, "min %.3f s is more than max %.3f s", (double)phase->min_ms / 1000.0,
                    (double)phase->max_ms / 1000.0);
  return ART_OK;
}

/// Letters by stage or by state.
static art_status read_letters(reader *r, int32_t count, char *const *field, art_table_phase *phase,
                               int32_t *stage, art_error *err)
{
  const int32_t groups = r->net->signal_group_count[r->signal];
  const char *state = field_of(r, "state", count, field), *name = field_of(r, "stage", count, field);
  phase->letters = ART_NEW(char, groups + 1);
  *stage = -1;
  if (*state) {
    if (strlen(state) != (size_t)groups || state[strspn(state, "rygGsuoO")])
      return art_fail(err, ART_E_INPUT, "state \"%.200s\": accepted: %d letters of r y g G s u o O", state,
                      groups);
    memcpy(phase->letters, state, (size_t)groups);
    return ART_OK;
  }
  *stage = find_text(r->stage_id, r->stage_count, name);
  if (*stage < 0)
    return art_fail(err, ART_E_INPUT, "stage \"%.60s\": accepted: a stage of section [Stages]", name);
  memcpy(phase->letters, r->stage_letters + (size_t)*stage * (size_t)groups, (size_t)groups);
  return ART_OK;
}

static art_status add_phase(reader *r, int32_t count, char *const *field, art_table_phase *phase,
                            art_error *err)
{
  int32_t stage = -1;
  art_status status = read_letters(r, count, field, phase, &stage, err);
  const char *begin = field_of(r, "begin", count, field);
  if (status == ART_OK && *begin) {
    int64_t begin_ms = 0;
    status = read_seconds("begin", begin, 0.0, DAY_S, &begin_ms, err);
    if (status == ART_OK && stage < 0) status = art_fail(err, ART_E_INPUT, "\"begin\" goes with a stage");
    if (status == ART_OK && r->clock_count && begin_ms <= r->begin_ms[r->clock_count - 1])
      status = art_fail(err, ART_E_INPUT, "begin \"%.30s\": accepted: later than the stage before", begin);
    int32_t n = r->clock_count;
    if (status == ART_OK) {
      ART_PUSH(r->clock_stage, n, r->clock_capacity, stage);
      ART_PUSH(r->begin_ms, r->clock_count, r->begin_capacity, begin_ms);
    }
    art_table_phase_clear(phase);
    return status;
  }
  double number = 0.0, ring = 0.0, barrier = 0.0;
  const char *text = field_of(r, "number", count, field);
  if (status == ART_OK && *text) status = read_number("number", text, 0.0, 16.0, &number, err);
  text = field_of(r, "ring", count, field);
  if (status == ART_OK && *text) status = read_number("ring", text, 0.0, 3.0, &ring, err);
  text = field_of(r, "barrier", count, field);
  if (status == ART_OK && *text) status = read_number("barrier", text, 0.0, 15.0, &barrier, err);
  phase->number = (int32_t)number;
  phase->ring = (uint8_t)ring;
  phase->barrier = (uint8_t)barrier;
  if (status == ART_OK) status = read_times(r, count, field, phase, err);
  if (status == ART_OK) status = read_lists(r, count, field, phase, err);
  if (status != ART_OK) return status;
  ART_PUSH(r->program.phase, r->program.phase_count, r->program.phase_capacity, *phase);
  return ART_OK;
}

static art_status phase_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  static const char *const own[] = { "stage",  "state", "begin",   "duration", "min",  "max",
                                     "number", "ring",  "barrier", "flags",    "next", "detectors" };
  enum { OWN = sizeof own / sizeof *own };
  if (!r->has_header && strcmp(field[0], "stage") != 0 && strcmp(field[0], "state") != 0)
    return setting_row(r, count, field, err);
  if (!r->has_header) {
    const char *known[OWN + ART_PHASE_TIME_COUNT];
    memcpy(known, own, sizeof own);
    memcpy(known + OWN, time_columns, sizeof time_columns);
    return read_header(r, known, OWN + ART_PHASE_TIME_COUNT, count, field, err);
  }
  art_table_phase phase = { 0 };
  const art_status status = add_phase(r, count, field, &phase, err);
  if (status != ART_OK) art_table_phase_clear(&phase);
  return status;
}

// ---- schedules ---------------------------------------------------------------------------------------------------------

static art_status find_program(const reader *r, const char *id, int32_t *out, art_error *err)
{
  const int32_t first = r->net->signal_first_program[r->signal],
                end = r->net->signal_first_program[r->signal + 1];
  const int32_t found = art_net_find(r->net->program_id + first, end - first, id);
  *out = first + found;
  if (found >= 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "program \"%.60s\": accepted: a program of signal \"%.60s\"", id,
                  r->net->signal_id[r->signal]);
}

static art_status schedule_row(reader *r, int32_t count, char *const *field, art_error *err)
{
  int32_t program = 0;
  if (strcmp(field[0], "period") == 0)
    return read_seconds("period", count > 1 ? field[1] : "", 0.0, 366.0 * DAY_S, &r->period_ms, err);
  if (strcmp(field[0], "first") == 0) {
    const art_status status = find_program(r, count > 1 ? field[1] : "", &program, err);
    if (status == ART_OK) r->net->signal_active[r->signal] = program;
    return status;
  }
  static const char *const known[] = { "time", "program" };
  if (!r->has_header) return read_header(r, known, 2, count, field, err);
  int64_t at_ms = 0;
  art_status status =
      read_seconds("time", field_of(r, "time", count, field), 0.0, 366.0 * DAY_S, &at_ms, err);
  if (status == ART_OK) status = find_program(r, field_of(r, "program", count, field), &program, err);
  if (status == ART_OK && r->switch_count && at_ms <= r->switch_at_ms[r->switch_count - 1])
    status = art_fail(err, ART_E_INPUT, "times of a schedule must ascend");
  if (status != ART_OK) return status;
  int32_t n = r->switch_count;
  ART_PUSH(r->switch_program, n, r->switch_capacity, program);
  ART_PUSH(r->switch_at_ms, r->switch_count, r->at_capacity, at_ms);
  return ART_OK;
}

// ---- sections ----------------------------------------------------------------------------------------------------------

/// The order of programs follows the file, so a program goes into the net when its section ends.
static art_status finish_program(reader *r, art_error *err)
{
  art_table_program *program = &r->program;
  if (r->clock_count && program->phase_count)
    return art_fail(err, ART_E_INPUT, "program \"%.60s\": all stages have a begin, or none has", program->id);
  if (r->clock_count) {
    const int32_t groups = r->net->signal_group_count[r->signal];
    const int64_t last_ms = r->begin_ms[r->clock_count - 1];
    if (program->control != ART_CONTROL_FIXED || program->cycle_ms <= last_ms - r->begin_ms[0])
      return art_fail(
          err, ART_E_INPUT,
          "program \"%.60s\": stages with a begin need control static and a cycle longer than they last",
          program->id);
    char *letters = ART_NEW(char, r->clock_count *groups);
    for (int32_t k = 0; k < r->clock_count; ++k)
      memcpy(letters + (size_t)k * (size_t)groups,
             r->stage_letters + (size_t)r->clock_stage[k] * (size_t)groups, (size_t)groups);
    const art_status status =
        art_table_write_out(r->net, r->clock_count, letters, r->begin_ms, program->cycle_ms, program, err);
    free(letters);
    if (status != ART_OK) return status;
    program->offset_ms += r->begin_ms[0];
    program->cycle_ms = 0;  // what the phases add up to
  }
  if (!program->phase_count)
    return art_fail(err, ART_E_INPUT, "program \"%.60s\" has no phases: accepted: at least one", program->id);
  for (int32_t k = 0; k < program->phase_count; ++k)
    for (int32_t i = 0; i < program->phase[k].next_count; ++i)
      if (program->phase[k].next[i] >= program->phase_count)
        return art_fail(err, ART_E_INPUT,
                        "program \"%.60s\": phase %d may be followed by phase %d: accepted: 1 to %d",
                        program->id, k + 1, program->phase[k].next[i] + 1, program->phase_count);
  r->report->replaced += art_table_put_program(r->net, program);
  ++r->report->programs;
  return ART_OK;
}

static art_status finish_section(reader *r, art_error *err)
{
  art_status status = ART_OK;
  if (r->open == INTERGREENS)
    art_table_put_intergreens(r->net, r->signal, r->intergreen_count, r->from, r->to, r->intergreen_ms);
  if (r->open == SCHEDULE)
    art_table_put_schedule(r->net, r->signal, r->switch_count, r->switch_at_ms, r->switch_program,
                           r->period_ms);
  if (r->open == PROGRAM) status = finish_program(r, err);
  art_table_program_clear(&r->program);
  forget_columns(r);
  r->clock_count = r->switch_count = r->intergreen_count = 0;
  r->period_ms = 0;
  r->open = NOWHERE;
  return status;
}

static void forget_signal(reader *r)
{
  for (int32_t i = 0; i < r->group_count; ++i) {
    free(r->group[i].name);
    free(r->group[i].place);
  }
  for (int32_t i = 0; i < r->stage_count; ++i) free(r->stage_id[i]);
  r->group_count = r->stage_count = 0;
}

static art_status open_section(reader *r, const char *title, art_error *err)
{
  static const struct {
    const char *name;
    section which;
  } sections[] = {
    { "Groups]", GROUPS }, { "Intergreens]", INTERGREENS }, { "Stages]", STAGES }, { "Schedule]", SCHEDULE }
  };
  const size_t length = strlen(title);
  char name[600];
  if (length < 3 || length >= sizeof name || title[length - 1] != ']')
    return art_fail(err, ART_E_INPUT, "section \"%.60s\": accepted: a name in brackets", title);
  memcpy(name, title + 1, length - 2);
  name[length - 2] = '\0';
  if (strncmp(name, "Signal ", 7) == 0) {
    forget_signal(r);
    r->signal = art_net_find(r->net->signal_id, r->net->signal_count, name + 7);
    if (r->signal < 0)
      return art_fail(err, ART_E_INPUT, "signal \"%.60s\": accepted: a signal of the city", name + 7);
    ++r->report->signals;
    return ART_OK;
  }
  if (r->signal < 0)
    return art_fail(err, ART_E_INPUT, "section \"%.60s\" stands before any [Signal ID]", title);
  for (size_t i = 0; i < sizeof sections / sizeof *sections; ++i)
    if (strcmp(title + 1, sections[i].name) == 0) r->open = sections[i].which;
  if (strncmp(name, "Program ", 8) == 0 && name[8]) {
    r->open = PROGRAM;
    r->program =
        (art_table_program){ .signal = r->signal, .id = art_strdup(name + 8), .control = ART_CONTROL_FIXED };
    for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) r->program.value[v] = art_control_value_initial(v);
  }
  if (r->open == NOWHERE)
    return art_fail(err, ART_E_INPUT,
                    "section \"%.60s\": accepted: [Signal ID], [Groups], [Intergreens], [Stages], [Program "
                    "ID], [Schedule]",
                    title);
  return ART_OK;
}

static art_status on_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  reader *r = user;
  while (count > 1 && !*field[count - 1]) --count;  // spreadsheets fill rows up
  if (!count || (count == 1 && !*field[0]) || field[0][0] == '#') return ART_OK;
  if (field[0][0] == '[') {
    const art_status status = finish_section(r, err);
    return status == ART_OK ? open_section(r, field[0], err) : status;
  }
  switch (r->open) {
  case GROUPS: return group_row(r, count, field, err);
  case INTERGREENS: return intergreen_row(r, count, field, err);
  case STAGES: return stage_row(r, count, field, err);
  case PROGRAM: return phase_row(r, count, field, err);
  case SCHEDULE: return schedule_row(r, count, field, err);
  case NOWHERE: break;
  }
  return art_fail(err, ART_E_INPUT, "a row before any section: accepted: [Signal ID] first");
}

static void reader_clear(reader *r)
{
  art_table_program_clear(&r->program);
  forget_columns(r);
  forget_signal(r);
  void *const owned[] = { r->group,       r->stage_id, r->stage_letters,
                          r->from,        r->to,       r->intergreen_ms,
                          r->clock_stage, r->begin_ms, r->switch_program,
                          r->switch_at_ms };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

static art_status finish(reader *r, const char *name, art_status status, art_error *err)
{
  if (status == ART_OK && (status = finish_section(r, err)) != ART_OK) art_fail_prefix(err, "%s: ", name);
  if (status == ART_OK && !r->report->signals)
    status = art_fail(err, ART_E_INPUT, "%s: no section [Signal ID]: accepted: at least one", name);
  reader_clear(r);
  return status;
}

art_status art_signal_table_read(const char *path, art_net *net, art_signal_table_report *report,
                                 art_error *err)
{
  *report = (art_signal_table_report){ 0 };
  reader r = { .net = net, .report = report, .signal = -1 };
  return finish(&r, path, art_csv_walk(path, ',', on_row, on_row, &r, err), err);
}

art_status art_signal_table_read_text(const char *name, const char *text, size_t size, art_net *net,
                                      art_signal_table_report *report, art_error *err)
{
  *report = (art_signal_table_report){ 0 };
  reader r = { .net = net, .report = report, .signal = -1 };
  return finish(&r, name, art_csv_walk_text(name, text, size, ',', on_row, on_row, &r, err), err);
}
