// Section [Program ...] of signal tables: settings, and phases.
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/signals/table_read_internal.h"

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

static art_status setting_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
{
  const char *key = field[0], *value = count > 1 ? field[1] : "";
  if (strcmp(key, "cycle") == 0) return art_table_seconds(key, value, 0.0, ART_TABLE_DAY_S, &r->program.cycle_ms, err);
  if (strcmp(key, "offset") == 0) return art_table_seconds(key, value, -ART_TABLE_DAY_S, ART_TABLE_DAY_S, &r->program.offset_ms, err);
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
    const art_status status = art_table_number(key, value, art_control_value_lowest(v), art_control_value_highest(v), &number, err);
    r->program.value[v] = (float)number;
    return status;
  }
  return art_fail(err, ART_E_INPUT,
                  "\"%.60s\": accepted: control, cycle, offset, a setting of programs, or the header of "
                  "phases (stage or state first)",
                  key);
}

static art_status read_lists(art_table_reader *r, int32_t count, char *const *field, art_table_phase *phase,
                             art_error *err)
{
  static const char *const flags[] = {
#define X(suffix, bit, name) [bit] = name,
    ART_PHASE_FLAG_LIST(X)
#undef X
  };
  char word[300];
  for (const char *rest = art_table_next_word(art_table_field(r, "flags", count, field), word, sizeof word); rest;
       rest = art_table_next_word(rest, word, sizeof word)) {
    int found = -1;
    for (int i = 0; i < (int)(sizeof flags / sizeof *flags); ++i)
      if (strcmp(flags[i], word) == 0) found = i;
    if (found < 0) return art_fail(err, ART_E_INPUT, "flag \"%.60s\" is unknown", word);
    phase->flags |= 1u << found;
  }
  int32_t capacity = 0;
  for (const char *rest = art_table_next_word(art_table_field(r, "next", count, field), word, sizeof word); rest;
       rest = art_table_next_word(rest, word, sizeof word)) {
    double number = 0.0;
    const art_status status = art_table_number("next", word, 1.0, 1000.0, &number, err);
    if (status != ART_OK) return status;
    ART_PUSH(phase->next, phase->next_count, capacity, (int32_t)number - 1);
    phase->flags |= ART_PHASE_MANUAL_NEXT;
  }
  capacity = 0;
  char id[1400];  // may have blanks
  for (const char *rest = art_table_next_item(art_table_field(r, "detectors", count, field), ";", id, sizeof id); rest;
       rest = art_table_next_item(rest, ";", id, sizeof id)) {
    const int32_t d = art_net_find(r->net->detector_id, r->net->detector_count, id);
    if (d < 0)
      return art_fail(err, ART_E_INPUT, "detector \"%.60s\": accepted: the id of a detector of the city", id);
    ART_PUSH(phase->sensor, phase->sensor_count, capacity, d);
  }
  return ART_OK;
}

static art_status read_times(art_table_reader *r, int32_t count, char *const *field, art_table_phase *phase,
                             art_error *err)
{
  const char *text = art_table_field(r, "duration", count, field);
  art_status status = ART_OK;
  phase->min_ms = phase->max_ms = -1;
  if (*text) status = art_table_seconds("duration", text, 0.001, ART_TABLE_DAY_S, &phase->duration_ms, err);
  text = art_table_field(r, "min", count, field);
  if (status == ART_OK && *text) status = art_table_seconds("min", text, 0.0, ART_TABLE_DAY_S, &phase->min_ms, err);
  text = art_table_field(r, "max", count, field);
  if (status == ART_OK && *text) status = art_table_seconds("max", text, 0.0, 1e10, &phase->max_ms, err);
  for (int t = 0; t < ART_PHASE_TIME_COUNT && status == ART_OK; ++t) {
    phase->time_ms[t] = art_phase_time_initial(t);
    text = art_table_field(r, time_columns[t], count, field);
    if (*text) status = art_table_seconds(time_columns[t], text, -0.001, ART_TABLE_DAY_S, &phase->time_ms[t], err);
  }
  if (status != ART_OK) return status;
  if (!phase->duration_ms) phase->duration_ms = phase->max_ms > 0 ? phase->max_ms : phase->min_ms;
  if (phase->duration_ms <= 0) return art_fail(err, ART_E_INPUT, "a phase needs a duration, or a maximum");
  if (phase->duration_ms > (int64_t)ART_TABLE_DAY_S * 1000) phase->duration_ms = (int64_t)ART_TABLE_DAY_S * 1000;
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
static art_status read_letters(art_table_reader *r, int32_t count, char *const *field, art_table_phase *phase,
                               int32_t *stage, art_error *err)
{
  const int32_t groups = r->net->signal_group_count[r->signal];
  const char *state = art_table_field(r, "state", count, field), *name = art_table_field(r, "stage", count, field);
  phase->letters = ART_NEW(char, groups + 1);
  *stage = -1;
  if (*state) {
    if (strlen(state) != (size_t)groups || state[strspn(state, "rygGsuoO")])
      return art_fail(err, ART_E_INPUT, "state \"%.200s\": accepted: %d letters of r y g G s u o O", state,
                      groups);
    memcpy(phase->letters, state, (size_t)groups);
    return ART_OK;
  }
  *stage = art_table_find_text(r->stage_id, r->stage_count, name);
  if (*stage < 0)
    return art_fail(err, ART_E_INPUT, "stage \"%.60s\": accepted: a stage of section [Stages]", name);
  memcpy(phase->letters, r->stage_letters + (size_t)*stage * (size_t)groups, (size_t)groups);
  return ART_OK;
}

static art_status add_phase(art_table_reader *r, int32_t count, char *const *field, art_table_phase *phase,
                            art_error *err)
{
  int32_t stage = -1;
  art_status status = read_letters(r, count, field, phase, &stage, err);
  const char *begin = art_table_field(r, "begin", count, field);
  if (status == ART_OK && *begin) {
    int64_t begin_ms = 0;
    status = art_table_seconds("begin", begin, 0.0, ART_TABLE_DAY_S, &begin_ms, err);
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
  const char *text = art_table_field(r, "number", count, field);
  if (status == ART_OK && *text) status = art_table_number("number", text, 0.0, 16.0, &number, err);
  text = art_table_field(r, "ring", count, field);
  if (status == ART_OK && *text) status = art_table_number("ring", text, 0.0, 3.0, &ring, err);
  text = art_table_field(r, "barrier", count, field);
  if (status == ART_OK && *text) status = art_table_number("barrier", text, 0.0, 15.0, &barrier, err);
  phase->number = (int32_t)number;
  phase->ring = (uint8_t)ring;
  phase->barrier = (uint8_t)barrier;
  if (status == ART_OK) status = read_times(r, count, field, phase, err);
  if (status == ART_OK) status = read_lists(r, count, field, phase, err);
  if (status != ART_OK) return status;
  ART_PUSH(r->program.phase, r->program.phase_count, r->program.phase_capacity, *phase);
  return ART_OK;
}

art_status art_table_program_row(art_table_reader *r, int32_t count, char *const *field, art_error *err)
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
    return art_table_header(r, known, OWN + ART_PHASE_TIME_COUNT, count, field, err);
  }
  art_table_phase phase = { 0 };
  const art_status status = add_phase(r, count, field, &phase, err);
  if (status != ART_OK) art_table_phase_clear(&phase);
  return status;
}
