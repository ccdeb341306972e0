// Signal programs: what stands in tlLogic, and its way into the net.
#include <stdlib.h>
#include <string.h>

#include "io/sumo/export_internal.h"
#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

static const int64_t DURATION_MAX_MS = (int64_t)1e13;
/// Longer phases (files write 1e6 s for "for ever") are cut: nothing changes within a day.
static const int64_t PHASE_MAX_MS = 86400000;

static art_raw_program_kind read_kind(art_xml *xml, art_import_report *report)
{
  static const struct {
    const char *name;
    art_raw_program_kind kind;
  } kinds[] = { { "static", ART_RAW_STATIC },
                { "actuated", ART_RAW_ACTUATED },
                { "NEMA", ART_RAW_NEMA },
                { "delay_based", ART_RAW_DELAY_BASED },
                { "off", ART_RAW_OFF } };
  const char *type = art_xml_text(xml, "type");
  for (size_t i = 0; type && i < sizeof kinds / sizeof *kinds; ++i) {
    if (strcmp(type, kinds[i].name) != 0) continue;
    if (kinds[i].kind == ART_RAW_DELAY_BASED)
      art_tally(&report->notes, "signal program of type \"delay_based\" runs as actuated");
    return kinds[i].kind;
  }
  if (type) art_tally(&report->notes, "signal program of type \"%.40s\" runs with fixed times", type);
  return ART_RAW_STATIC;
}

static void read_program(art_raw_signals *signals, art_xml *xml, art_import_report *report)
{
  const char *id = art_xml_need_id(xml, "id");
  const char *program = art_xml_text(xml, "programID");
  art_raw_program p = { .first_phase = signals->phase_count,
                        .first_param = signals->param_count,
                        .settings = art_raw_settings_initial(),
                        .file = art_xml_file(xml),
                        .line = art_xml_line(xml) };
  p.offset_ms = art_xml_time(xml, "offset", 0, -DURATION_MAX_MS, DURATION_MAX_MS);
  if (art_xml_failed(xml)) return;
  p.kind = (uint8_t)read_kind(xml, report);
  p.signal = art_strdup(id);
  p.program = art_strdup(program && *program ? program : "0");
  signals->is_open = 1;
  ART_PUSH(signals->program, signals->program_count, signals->program_capacity, p);
}

/// Indices of phases that may follow, "1 3"; art_raw_signals_end() checks that they exist.
static void read_next(art_raw_signals *signals, art_xml *xml, art_raw_phase *phase)
{
  const char *text = art_xml_text(xml, "next");
  char word[32];
  phase->first_next = signals->next_count;
  for (const char *rest = text ? art_next_word(text, word, sizeof word) : NULL; rest;
       rest = art_next_word(rest, word, sizeof word)) {
    double value = -1.0;
    if (!art_parse_number(word, &value) || value < 0.0 || value > 1e6 || value != (double)(int32_t)value) {
      art_xml_fail_value(xml, "next", text, "numbers of phases from 0, separated by blanks");
      return;
    }
    ART_PUSH(signals->next, signals->next_count, signals->next_capacity, (int32_t)value);
    ++phase->next_count;
  }
}

/// NEMA phases are called by their numbers.
static void read_nema(art_xml *xml, art_raw_phase *phase)
{
  phase->number = (uint8_t)art_xml_need_integer(xml, "name", 1, 16);
  phase->extension_ms = art_xml_time(xml, "vehext", 2000, 0, PHASE_MAX_MS);
  phase->yellow_ms = art_xml_time(xml, "yellow", 3000, 0, PHASE_MAX_MS);
  phase->red_ms = art_xml_time(xml, "red", 2000, 0, PHASE_MAX_MS);
}

static void read_phase(art_raw_signals *signals, art_xml *xml)
{
  art_raw_program *program = &signals->program[signals->program_count - 1];
  (void)art_xml_need(xml, "duration");
  art_raw_phase phase = { .duration_ms = art_xml_time(xml, "duration", 0, 1, DURATION_MAX_MS),
                          .line = art_xml_line(xml) };
  phase.min_ms = art_xml_time(xml, "minDur", phase.duration_ms, 0, DURATION_MAX_MS);
  phase.max_ms = art_xml_time(xml, "maxDur", phase.duration_ms, 0, DURATION_MAX_MS);
  phase.earliest_end_ms = art_xml_time(xml, "earliestEnd", -1, 0, PHASE_MAX_MS);
  phase.latest_end_ms = art_xml_time(xml, "latestEnd", -1, 0, PHASE_MAX_MS);
  if (phase.duration_ms > PHASE_MAX_MS) phase.duration_ms = PHASE_MAX_MS;
  if (program->kind == ART_RAW_NEMA)
    read_nema(xml, &phase);
  else
    art_xml_ignore(xml, "name");
  read_next(signals, xml, &phase);
  const char *state = art_xml_need(xml, "state");
  if (art_xml_failed(xml)) return;
  const size_t length = strlen(state);
  if (!length || length > 100000 || state[strspn(state, "rygGsuoO")]) {
    art_xml_fail_value(xml, "state", state, "characters of r y g G s u o O");
    return;
  }
  if (program->phase_count && (int32_t)length != program->group_count) {
    art_xml_fail(xml, "state=\"%.200s\": accepted: %d characters as in the phases before", state,
                 program->group_count);
    return;
  }
  if (phase.min_ms > phase.max_ms) phase.min_ms = phase.max_ms;
  program->group_count = (int32_t)length;
  phase.state = art_strdup(state);
  ++program->phase_count;
  ART_PUSH(signals->phase, signals->phase_count, signals->phase_capacity, phase);
}

int art_raw_signals_start(art_raw_signals *signals, art_xml *xml, const char *element,
                          art_import_report *report)
{
  if (strcmp(element, "tlLogic") == 0) {
    if (signals->is_open)
      art_xml_fail(xml, "a tlLogic stands inside another one");
    else
      read_program(signals, xml, report);
    return 1;
  }
  if (strcmp(element, "phase") == 0 && signals->is_open) {
    read_phase(signals, xml);
    return 1;
  }
  if (strcmp(element, "param") == 0 && signals->is_open) {
    art_raw_param_read(signals, xml, report);
    return 1;
  }
  return !signals->is_open && art_raw_waut_start(signals, xml, element);
}

/// Phases that may follow exist. NEMA phases follow from the rings instead.
static void check_next(art_raw_signals *signals, art_xml *xml, art_import_report *report)
{
  const art_raw_program *program = &signals->program[signals->program_count - 1];
  for (int32_t k = 0; k < program->phase_count; ++k) {
    art_raw_phase *phase = &signals->phase[program->first_phase + k];
    if (phase->next_count && (program->kind == ART_RAW_NEMA || program->kind == ART_RAW_STATIC)) {
      phase->next_count = 0;
      art_tally(&report->notes, "\"next\" of a phase is used in actuated programs only");
    }
    for (int32_t i = 0; i < phase->next_count; ++i) {
      const int32_t next = signals->next[phase->first_next + i];
      if (next < program->phase_count) continue;
      art_xml_fail(xml, "next=%d of phase %d (line %d): accepted: 0 to %d, the phases of the program", next, k,
                   phase->line, program->phase_count - 1);
      return;
    }
  }
}

void art_raw_signals_end(art_raw_signals *signals, art_xml *xml, const char *element,
                         art_import_report *report)
{
  if (strcmp(element, "WAUT") == 0) signals->waut_is_open = 0;
  if (!signals->is_open || strcmp(element, "tlLogic") != 0) return;
  signals->is_open = 0;
  const art_raw_program *program = &signals->program[signals->program_count - 1];
  if (!program->phase_count && program->kind != ART_RAW_OFF)
    art_xml_fail(xml, "program \"%.60s\" of signal \"%.60s\" has no phases: accepted: at least one",
                 program->program, program->signal);
  if (!art_xml_failed(xml)) check_next(signals, xml, report);
  if (!art_xml_failed(xml) && program->kind == ART_RAW_NEMA) art_raw_rings_order(signals, xml, report);
}

void art_raw_signals_clear(art_raw_signals *signals)
{
  for (int32_t i = 0; i < signals->program_count; ++i) {
    free(signals->program[i].signal);
    free(signals->program[i].program);
  }
  for (int32_t i = 0; i < signals->phase_count; ++i) free(signals->phase[i].state);
  for (int32_t i = 0; i < signals->param_count; ++i) {
    free(signals->param[i].key);
    free(signals->param[i].value);
  }
  free(signals->program);
  free(signals->phase);
  free(signals->param);
  free(signals->next);
  art_raw_waut_clear(signals);
  *signals = (art_raw_signals){ 0 };
}

/// What an export puts into the network for programs that stand in its additional file goes once these are there.
static void drop_stand_ins(const art_raw_signals *raw, int32_t *signal, int32_t signal_count)
{
  uint8_t *has_other = ART_NEW(uint8_t, signal_count);
  for (int32_t i = 0; i < raw->program_count; ++i)
    if (signal[i] >= 0 && strcmp(raw->program[i].program, ART_SUMO_STAND_IN) != 0) has_other[signal[i]] = 1;
  for (int32_t i = 0; i < raw->program_count; ++i)
    if (signal[i] >= 0 && has_other[signal[i]] && strcmp(raw->program[i].program, ART_SUMO_STAND_IN) == 0)
      signal[i] = -1;
  free(has_other);
}

/// For each raw program the signal it belongs to, or -1 if it is not used: its signal controls nothing, or a later
/// program of the same name replaces it, or it only held the place of others.
static int32_t *assign_programs(const art_raw_signals *raw, const art_idmap *signal_ids,
                                art_import_report *report)
{
  int32_t *signal = ART_NEW(int32_t, raw->program_count);
  art_idmap *pairs = art_idmap_new();
  for (int32_t i = raw->program_count - 1; i >= 0; --i) {
    const art_raw_program *p = &raw->program[i];
    signal[i] = art_idmap_find(signal_ids, p->signal);
    if (signal[i] < 0) {
      art_tally(&report->notes, "signal program for a signal that controls no connection is left out");
      continue;
    }
    const size_t size = strlen(p->signal) + strlen(p->program) + 2;
    char *pair = ART_NEW(char, size);
    strcpy(pair, p->signal);
    strcat(pair, "\n");
    strcat(pair, p->program);
    const int32_t before = art_idmap_count(pairs);
    if (art_idmap_put(pairs, pair) < before) signal[i] = -1;
    free(pair);
  }
  art_idmap_free(pairs);
  drop_stand_ins(raw, signal, art_idmap_count(signal_ids));
  return signal;
}

/// Every program must cover the groups that connectors use.
static art_status check_groups(const art_raw_signals *raw, const int32_t *signal_of, const int32_t *needed,
                               art_error *err)
{
  for (int32_t i = 0; i < raw->program_count; ++i) {
    const art_raw_program *program = &raw->program[i];
    const int32_t s = signal_of[i];
    if (s < 0 || program->group_count >= needed[s] || !program->phase_count) continue;  // one that is off may be empty
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: tlLogic: id=\"%s\" programID=\"%s\": state has %d characters: accepted: at "
                    "least %d, as the connections need",
                    program->file, program->line, program->signal, program->program, program->group_count,
                    needed[s]);
  }
  return ART_OK;
}

/// Takes signals that have no program at all out of the connectors, and gives the others their final index.
static int32_t *renumber(const art_idmap *signal_ids, const int32_t *programs_of, art_net *net,
                         art_import_report *report)
{
  const int32_t count = art_idmap_count(signal_ids);
  int32_t *final = ART_NEW(int32_t, count);
  int32_t used = 0;
  for (int32_t s = 0; s < count; ++s) final[s] = programs_of[s] ? used++ : -1;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s < 0) continue;
    net->connector_signal[c] = final[s];
    if (final[s] >= 0) continue;
    net->connector_signal_group[c] = -1;
    art_tally(&report->notes,
              "connection names a signal without a program (rail signals have none); it is not signalised");
  }
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    if (net->crossing_signal[x] >= 0) net->crossing_signal[x] = final[net->crossing_signal[x]];
    if (net->crossing_signal[x] < 0) net->crossing_signal_group[x] = -1;
  }
  net->signal_count = used;
  return final;
}

/// Allocates signals and fills what stands per signal. Programs of a signal keep their loading order, so that the last
/// one is the one that runs, unless a schedule says another one; a program `off` that only a schedule knows comes after
/// them. Returns the raw program behind each program, -1 for `off`.
static int32_t *order_programs(const art_raw_signals *raw, const int32_t *signal_of,
                               const int32_t *programs_of, const uint8_t *needs_off, const int32_t *needed,
                               const int32_t *final, const art_idmap *signal_ids, art_net *net)
{
  const int32_t ids = art_idmap_count(signal_ids);
  net->signal_id = ART_NEW(char *, net->signal_count);
  net->signal_group_count = ART_NEW(int32_t, net->signal_count);
  net->signal_first_program = ART_NEW(int32_t, net->signal_count + 1);
  net->signal_active = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < ids; ++s)
    if (final[s] >= 0) {
      net->signal_id[final[s]] = art_strdup(art_idmap_id(signal_ids, s));
      net->signal_group_count[final[s]] = needed[s];  // programs that are off may have none
      net->signal_first_program[final[s] + 1] = programs_of[s] + needs_off[s];
    }
  for (int32_t s = 0; s < net->signal_count; ++s)
    net->signal_first_program[s + 1] += net->signal_first_program[s];
  int32_t *next = ART_NEW(int32_t, net->signal_count);
  int32_t *raw_of = ART_NEW(int32_t, net->signal_first_program[net->signal_count]);
  for (int32_t i = 0; i < raw->program_count; ++i) {
    if (signal_of[i] < 0) continue;
    const int32_t s = final[signal_of[i]], groups = raw->program[i].group_count;
    raw_of[net->signal_first_program[s] + next[s]++] = i;
    net->signal_active[s] = net->signal_first_program[s] + next[s] - 1;
    if (groups > net->signal_group_count[s]) net->signal_group_count[s] = groups;
  }
  for (int32_t s = 0; s < ids; ++s)
    if (final[s] >= 0 && needs_off[s]) raw_of[net->signal_first_program[final[s] + 1] - 1] = -1;
  free(next);
  return raw_of;
}

/// A program that is off has one phase, whatever the file says.
static int32_t phases_of(const art_raw_signals *raw, int32_t i)
{
  return i < 0 || raw->program[i].kind == ART_RAW_OFF ? 1 : raw->program[i].phase_count;
}

static void alloc_programs(const art_raw_signals *raw, const int32_t *raw_of, art_net *net)
{
  const int32_t programs = net->program_count = net->signal_first_program[net->signal_count];
  int64_t letters = 0;
  for (int32_t s = 0; s < net->signal_count; ++s)
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) {
      const int32_t phases = phases_of(raw, raw_of[p]);
      net->phase_count += phases;
      letters += (int64_t)phases * net->signal_group_count[s];
    }
  net->program_id = ART_NEW(char *, programs);
  net->program_offset_ms = ART_NEW(int64_t, programs);
  net->program_first_phase = ART_NEW(int32_t, programs + 1);
  net->phase_duration_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_min_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_max_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_first_state = ART_NEW(int64_t, net->phase_count + 1);
  net->phase_state = ART_NEW(char, letters);
}

/// Lights that are off: `O` where nobody of the group yields by the signs, else `o`.
static void fill_off(art_net *net, int32_t s, int32_t f, char *state)
{
  memset(state, 'O', (size_t)net->signal_group_count[s]);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_signal[c] == s && !strchr("MOZ-", net->connector_state[c]))
      state[net->connector_signal_group[c]] = 'o';
  net->phase_duration_ms[f] = net->phase_min_ms[f] = net->phase_max_ms[f] = PHASE_MAX_MS;
}

static void fill_phase(const art_raw_program *program, const art_raw_phase *phase, art_net *net, int32_t s,
                       int32_t f, char *state)
{
  net->phase_duration_ms[f] = phase->duration_ms;
  net->phase_min_ms[f] = phase->min_ms;
  net->phase_max_ms[f] = phase->max_ms;
  // A group that a shorter program does not know is off and yields by the signs.
  memset(state, 'o', (size_t)net->signal_group_count[s]);
  memcpy(state, phase->state, (size_t)program->group_count);
}

static void fill_programs(const art_raw_signals *raw, const int32_t *raw_of, art_net *net)
{
  int32_t f = 0;
  int64_t state = 0;
  for (int32_t s = 0; s < net->signal_count; ++s)
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) {
      const art_raw_program *program = raw_of[p] < 0 ? NULL : &raw->program[raw_of[p]];
      const int is_off = !program || program->kind == ART_RAW_OFF;
      net->program_id[p] = art_strdup(program ? program->program : "off");
      net->program_offset_ms[p] = program ? program->offset_ms : 0;
      for (int32_t k = 0; k < phases_of(raw, raw_of[p]); ++k, ++f) {
        if (is_off)
          fill_off(net, s, f, net->phase_state + state);
        else
          fill_phase(program, &raw->phase[program->first_phase + k], net, s, f, net->phase_state + state);
        state += net->signal_group_count[s];
        net->phase_first_state[f + 1] = state;
      }
      net->program_first_phase[p + 1] = f;
    }
}

art_status art_signals_build(const art_raw_signals *raw, const art_idmap *signal_ids,
                             const art_idmap *lane_ids, art_net *net, art_import_report *report,
                             art_error *err)
{
  const int32_t ids = art_idmap_count(signal_ids);
  int32_t *needed = ART_NEW(int32_t, ids), *programs_of = ART_NEW(int32_t, ids);
  int32_t *signal_of = assign_programs(raw, signal_ids, report);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s >= 0 && net->connector_signal_group[c] >= needed[s]) needed[s] = net->connector_signal_group[c] + 1;
  }
  for (int32_t x = 0; x < net->crossing_count; ++x) {
    const int32_t s = net->crossing_signal[x];
    if (s >= 0 && net->crossing_signal_group[x] >= needed[s]) needed[s] = net->crossing_signal_group[x] + 1;
  }
  for (int32_t i = 0; i < raw->program_count; ++i)
    if (signal_of[i] >= 0) ++programs_of[signal_of[i]];
  art_status status = check_groups(raw, signal_of, needed, err);
  if (status == ART_OK) {
    uint8_t *needs_off = art_sumo_schedules_need_off(raw, signal_ids, signal_of);
    int32_t *final = renumber(signal_ids, programs_of, net, report);
    int32_t *raw_of = order_programs(raw, signal_of, programs_of, needs_off, needed, final, signal_ids, net);
    alloc_programs(raw, raw_of, net);
    fill_programs(raw, raw_of, net);
    art_sumo_control_build(raw, raw_of, net, report);
    status = art_sumo_sensors_build(raw, raw_of, lane_ids, net, report, err);
    if (status == ART_OK) status = art_sumo_schedules_build(raw, net, report, err);
    report->signals = net->signal_count;
    report->programs = net->program_count;
    free(raw_of);
    free(final);
    free(needs_off);
  }
  free(needed);
  free(programs_of);
  free(signal_of);
  return status;
}
