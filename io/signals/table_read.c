// Reads signal tables. One CSV file of sections; each row is handed to the section that is open.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/feed/csv_table.h"
#include "io/signals/table_read_internal.h"

// ---- groups and intergreens --------------------------------------------------------------------------------------------

static int32_t find_group(const art_table_reader *r, const char *name)
{
  for (int32_t i = 0; i < r->group_count; ++i)
    if (strcmp(r->group[i].name, name) == 0) return i;
  return -1;
}

static art_status group_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
{
  static const char *const known[] = { "group", "places", "min_green", "yellow", "red_yellow" };
  if (!r->has_header) return art_table_header(r, known, sizeof known / sizeof *known, count, field, err);
  art_net *net = r->net;
  const int32_t groups = net->signal_group_count[r->signal], first = net->signal_first_group[r->signal];
  const char *name = art_table_field(r, "group", count, field), *places = art_table_field(r, "places", count, field);
  if (!*name || strpbrk(name, " \t") || find_group(r, name) >= 0)
    return art_fail(err, ART_E_INPUT,
                    "group \"%.60s\": accepted: a name without blanks that no other group has", name);
  art_table_group group = { .name = art_strdup(name) };
  char word[64];
  art_status status = ART_OK;
  int32_t capacity = 0;
  for (const char *rest = art_table_next_word(places, word, sizeof word); rest && status == ART_OK;
       rest = art_table_next_word(rest, word, sizeof word)) {
    double place = 0.0;
    status = art_table_number("place", word, 0.0, (double)groups - 1.0, &place, err);
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
    const char *text = art_table_field(r, times[t].column, count, field);
    int64_t ms = -1;
    if (*text) status = art_table_seconds(times[t].column, text, 0.0, 120.0, &ms, err);
    for (int32_t i = 0; i < group.count && status == ART_OK; ++i) times[t].to[first + group.place[i]] = ms;
  }
  ART_PUSH(r->group, r->group_count, r->group_capacity, group);
  return status;
}

static void add_intergreen(art_table_reader *r, int32_t from, int32_t to, int64_t ms)
{
  if (from == to) return;
  int32_t n = r->intergreen_count, again = n;
  ART_PUSH(r->from, n, r->from_capacity, from);
  ART_PUSH(r->to, again, r->to_capacity, to);
  ART_PUSH(r->intergreen_ms, r->intergreen_count, r->intergreen_capacity, ms);
}

/// A matrix: the groups that get green across, a row for each that loses it. Empty cells: the two may have it together.
static art_status intergreen_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
{
  if (!r->has_header) {
    for (int32_t i = 1; i < count; ++i) {
      if (find_group(r, field[i]) < 0)
        return art_fail(err, ART_E_INPUT, "group \"%.60s\": accepted: a group of section [Groups]", field[i]);
      if (r->column_count == ART_TABLE_COLUMN_MOST)
        return art_fail(err, ART_E_INPUT, "a matrix of more than %d groups", ART_TABLE_COLUMN_MOST);
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
    const art_status status = art_table_seconds("intergreen", field[i], 0.0, 120.0, &ms, err);
    if (status != ART_OK) return status;
    const art_table_group *a = &r->group[from], *b = &r->group[find_group(r, r->column[i - 1])];
    for (int32_t k = 0; k < a->count; ++k)
      for (int32_t m = 0; m < b->count; ++m) add_intergreen(r, a->place[k], b->place[m], ms);
  }
  return ART_OK;
}

// ---- stages ------------------------------------------------------------------------------------------------------------

static art_status light(const art_table_reader *r, const char *names, char letter, char *letters, art_error *err)
{
  char word[256];
  for (const char *rest = art_table_next_word(names, word, sizeof word); rest;
       rest = art_table_next_word(rest, word, sizeof word)) {
    const int32_t g = find_group(r, word);
    if (g < 0)
      return art_fail(err, ART_E_INPUT, "group \"%.60s\": accepted: a group of section [Groups]", word);
    for (int32_t i = 0; i < r->group[g].count; ++i) letters[r->group[g].place[i]] = letter;
  }
  return ART_OK;
}

static art_status stage_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
{
  static const char *const known[] = { "stage", "green", "permitted" };
  if (!r->has_header) return art_table_header(r, known, sizeof known / sizeof *known, count, field, err);
  const int32_t groups = r->net->signal_group_count[r->signal];
  const char *name = art_table_field(r, "stage", count, field);
  if (!*name || art_table_find_text(r->stage_id, r->stage_count, name) >= 0)
    return art_fail(err, ART_E_INPUT, "stage \"%.60s\": accepted: a name that no other stage has", name);
  r->stage_letters = art_renew(r->stage_letters, (size_t)(r->stage_count + 1) * (size_t)groups, 1);
  char *letters = r->stage_letters + (size_t)r->stage_count * (size_t)groups;
  memset(letters, 'r', (size_t)groups);
  ART_PUSH(r->stage_id, r->stage_count, r->stage_capacity, art_strdup(name));
  art_status status = light(r, art_table_field(r, "green", count, field), 'G', letters, err);
  if (status == ART_OK) status = light(r, art_table_field(r, "permitted", count, field), 'g', letters, err);
  return status;
}

// ---- schedules ---------------------------------------------------------------------------------------------------------

static art_status find_program(const art_table_reader *r, const char *id, int32_t *out, art_error *err)
{
  const int32_t first = r->net->signal_first_program[r->signal],
                end = r->net->signal_first_program[r->signal + 1];
  const int32_t found = art_net_find(r->net->program_id + first, end - first, id);
  *out = first + found;
  if (found >= 0) return ART_OK;
  return art_fail(err, ART_E_INPUT, "program \"%.60s\": accepted: a program of signal \"%.60s\"", id,
                  r->net->signal_id[r->signal]);
}

static art_status schedule_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
{
  int32_t program = 0;
  if (strcmp(field[0], "period") == 0)
    return art_table_seconds("period", count > 1 ? field[1] : "", 0.0, 366.0 * ART_TABLE_DAY_S, &r->period_ms, err);
  if (strcmp(field[0], "first") == 0) {
    const art_status status = find_program(r, count > 1 ? field[1] : "", &program, err);
    if (status == ART_OK) r->net->signal_active[r->signal] = program;
    return status;
  }
  static const char *const known[] = { "time", "program" };
  if (!r->has_header) return art_table_header(r, known, 2, count, field, err);
  int64_t at_ms = 0;
  art_status status =
      art_table_seconds("time", art_table_field(r, "time", count, field), 0.0, 366.0 * ART_TABLE_DAY_S, &at_ms, err);
  if (status == ART_OK) status = find_program(r, art_table_field(r, "program", count, field), &program, err);
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
static art_status finish_program(art_table_reader *r, art_error *err)
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

static art_status finish_section(art_table_reader *r, art_error *err)
{
  art_status status = ART_OK;
  if (r->open == ART_TABLE_INTERGREENS)
    art_table_put_intergreens(r->net, r->signal, r->intergreen_count, r->from, r->to, r->intergreen_ms);
  if (r->open == ART_TABLE_SCHEDULE)
    art_table_put_schedule(r->net, r->signal, r->switch_count, r->switch_at_ms, r->switch_program,
                           r->period_ms);
  if (r->open == ART_TABLE_PROGRAM) status = finish_program(r, err);
  art_table_program_clear(&r->program);
  art_table_forget_columns(r);
  r->clock_count = r->switch_count = r->intergreen_count = 0;
  r->period_ms = 0;
  r->open = ART_TABLE_NOWHERE;
  return status;
}

static void forget_signal(art_table_reader *r)
{
  for (int32_t i = 0; i < r->group_count; ++i) {
    free(r->group[i].name);
    free(r->group[i].place);
  }
  for (int32_t i = 0; i < r->stage_count; ++i) free(r->stage_id[i]);
  r->group_count = r->stage_count = 0;
}

static art_status open_section(art_table_reader *r, const char *title, art_error *err)
{
  static const struct {
    const char *name;
    art_table_section which;
  } sections[] = {
    { "Groups]", ART_TABLE_GROUPS }, { "Intergreens]", ART_TABLE_INTERGREENS }, { "Stages]", ART_TABLE_STAGES }, { "Schedule]", ART_TABLE_SCHEDULE }
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
    r->open = ART_TABLE_PROGRAM;
    r->program =
        (art_table_program){ .signal = r->signal, .id = art_strdup(name + 8), .control = ART_CONTROL_FIXED };
    for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) r->program.value[v] = art_control_value_initial(v);
  }
  if (r->open == ART_TABLE_NOWHERE)
    return art_fail(err, ART_E_INPUT,
                    "section \"%.60s\": accepted: [Signal ID], [Groups], [Intergreens], [Stages], [Program "
                    "ID], [Schedule]",
                    title);
  return ART_OK;
}

static art_status on_row(void *user, int64_t line, int32_t count, char *const *field, art_error *err)
{
  (void)line;
  art_table_reader *r = user;
  while (count > 1 && !*field[count - 1]) --count;  // spreadsheets fill rows up
  if (!count || (count == 1 && !*field[0]) || field[0][0] == '#') return ART_OK;
  if (field[0][0] == '[') {
    const art_status status = finish_section(r, err);
    return status == ART_OK ? open_section(r, field[0], err) : status;
  }
  switch (r->open) {
  case ART_TABLE_GROUPS: return group_row(r, count, field, err);
  case ART_TABLE_INTERGREENS: return intergreen_row(r, count, field, err);
  case ART_TABLE_STAGES: return stage_row(r, count, field, err);
  case ART_TABLE_PROGRAM: return art_table_program_row(r, count, field, err);
  case ART_TABLE_SCHEDULE: return schedule_row(r, count, field, err);
  case ART_TABLE_NOWHERE: break;
  }
  return art_fail(err, ART_E_INPUT, "a row before any section: accepted: [Signal ID] first");
}

static void reader_clear(art_table_reader *r)
{
  art_table_program_clear(&r->program);
  art_table_forget_columns(r);
  forget_signal(r);
  void *const owned[] = { r->group,       r->stage_id, r->stage_letters,
                          r->from,        r->to,       r->intergreen_ms,
                          r->clock_stage, r->begin_ms, r->switch_program,
                          r->switch_at_ms };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

static art_status finish(art_table_reader *r, const char *name, art_status status, art_error *err)
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
  art_table_reader r = { .net = net, .report = report, .signal = -1 };
  return finish(&r, path, art_csv_walk(path, ',', on_row, on_row, &r, err), err);
}

art_status art_signal_table_read_text(const char *name, const char *text, size_t size, art_net *net,
                                      art_signal_table_report *report, art_error *err)
{
  *report = (art_signal_table_report){ 0 };
  art_table_reader r = { .net = net, .report = report, .signal = -1 };
  return finish(&r, name, art_csv_walk_text(name, text, size, ',', on_row, on_row, &r, err), err);
}
