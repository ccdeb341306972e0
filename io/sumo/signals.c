#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

static const int64_t DURATION_MAX_MS = (int64_t)1e13;
/// Longer phases (files write 1e6 s for "for ever") are cut: nothing changes within a day.
static const int64_t PHASE_MAX_MS = 86400000;

static void read_program(art_raw_signals *signals, art_xml *xml, art_import_report *report)
{
  const char *id = art_xml_need_id(xml, "id");
  const char *program = art_xml_text(xml, "programID");
  const char *type = art_xml_text(xml, "type");
  art_raw_program p = { .first_phase = signals->phase_count,
                        .file = art_xml_file(xml),
                        .line = art_xml_line(xml) };
  p.offset_ms = art_xml_time(xml, "offset", 0, -DURATION_MAX_MS, DURATION_MAX_MS);
  if (art_xml_failed(xml)) return;
  if (type && strcmp(type, "static") != 0)
    art_tally(&report->notes, "signal program of type \"%.40s\" runs with fixed times", type);
  p.signal = art_strdup(id);
  p.program = art_strdup(program && *program ? program : "0");
  signals->is_open = 1;
  ART_PUSH(signals->program, signals->program_count, signals->program_capacity, p);
}

static void read_phase(art_raw_signals *signals, art_xml *xml)
{
  art_raw_program *program = &signals->program[signals->program_count - 1];
  (void)art_xml_need(xml, "duration");
  art_raw_phase phase = { .duration_ms = art_xml_time(xml, "duration", 0, 1, DURATION_MAX_MS) };
  phase.min_ms = art_xml_time(xml, "minDur", phase.duration_ms, 0, DURATION_MAX_MS);
  phase.max_ms = art_xml_time(xml, "maxDur", phase.duration_ms, 0, DURATION_MAX_MS);
  if (phase.duration_ms > PHASE_MAX_MS) phase.duration_ms = PHASE_MAX_MS;
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
  return 0;
}

void art_raw_signals_end(art_raw_signals *signals, art_xml *xml, const char *element)
{
  if (!signals->is_open || strcmp(element, "tlLogic") != 0) return;
  signals->is_open = 0;
  const art_raw_program *program = &signals->program[signals->program_count - 1];
  if (!program->phase_count)
    art_xml_fail(xml, "program \"%.60s\" of signal \"%.60s\" has no phases: accepted: at least one",
                 program->program, program->signal);
}

void art_raw_signals_clear(art_raw_signals *signals)
{
  for (int32_t i = 0; i < signals->program_count; ++i) {
    free(signals->program[i].signal);
    free(signals->program[i].program);
  }
  for (int32_t i = 0; i < signals->phase_count; ++i) free(signals->phase[i].state);
  free(signals->program);
  free(signals->phase);
  *signals = (art_raw_signals){ 0 };
}

/// For each raw program the signal it belongs to, or -1 if it is not used: its signal controls nothing, or a later
/// program of the same name replaces it.
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
  return signal;
}

/// Every program must cover the groups that connectors use.
static art_status check_groups(const art_raw_signals *raw, const int32_t *signal_of, const int32_t *needed,
                               art_error *err)
{
  for (int32_t i = 0; i < raw->program_count; ++i) {
    const art_raw_program *program = &raw->program[i];
    const int32_t s = signal_of[i];
    if (s < 0 || program->group_count >= needed[s]) continue;
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
/// one is the one that runs. Returns the raw program behind each program.
static int32_t *order_programs(const art_raw_signals *raw, const int32_t *signal_of,
                               const int32_t *programs_of, const int32_t *final, const art_idmap *signal_ids,
                               art_net *net)
{
  const int32_t ids = art_idmap_count(signal_ids);
  net->signal_id = ART_NEW(char *, net->signal_count);
  net->signal_group_count = ART_NEW(int32_t, net->signal_count);
  net->signal_first_program = ART_NEW(int32_t, net->signal_count + 1);
  net->signal_active = ART_NEW(int32_t, net->signal_count);
  for (int32_t s = 0; s < ids; ++s)
    if (final[s] >= 0) {
      net->signal_id[final[s]] = art_strdup(art_idmap_id(signal_ids, s));
      net->signal_first_program[final[s] + 1] = programs_of[s];
    }
  for (int32_t s = 0; s < net->signal_count; ++s) {
    net->signal_first_program[s + 1] += net->signal_first_program[s];
    net->signal_active[s] = net->signal_first_program[s + 1] - 1;
  }
  int32_t *next = ART_NEW(int32_t, net->signal_count);
  int32_t *raw_of = ART_NEW(int32_t, net->signal_first_program[net->signal_count]);
  for (int32_t i = 0; i < raw->program_count; ++i) {
    if (signal_of[i] < 0) continue;
    const int32_t s = final[signal_of[i]], groups = raw->program[i].group_count;
    raw_of[net->signal_first_program[s] + next[s]++] = i;
    if (groups > net->signal_group_count[s]) net->signal_group_count[s] = groups;
  }
  free(next);
  return raw_of;
}

static void alloc_programs(const art_raw_signals *raw, const int32_t *raw_of, art_net *net)
{
  const int32_t programs = net->program_count = net->signal_first_program[net->signal_count];
  int64_t letters = 0;
  for (int32_t s = 0; s < net->signal_count; ++s)
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) {
      net->phase_count += raw->program[raw_of[p]].phase_count;
      letters += (int64_t)raw->program[raw_of[p]].phase_count * net->signal_group_count[s];
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

static void fill_programs(const art_raw_signals *raw, const int32_t *raw_of, art_net *net)
{
  int32_t f = 0;
  int64_t state = 0;
  for (int32_t s = 0; s < net->signal_count; ++s)
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p) {
      const art_raw_program *program = &raw->program[raw_of[p]];
      net->program_id[p] = art_strdup(program->program);
      net->program_offset_ms[p] = program->offset_ms;
      for (int32_t k = 0; k < program->phase_count; ++k, ++f) {
        const art_raw_phase *phase = &raw->phase[program->first_phase + k];
        net->phase_duration_ms[f] = phase->duration_ms;
        net->phase_min_ms[f] = phase->min_ms;
        net->phase_max_ms[f] = phase->max_ms;
        // A group that a shorter program does not know is off and yields by the signs.
        memset(net->phase_state + state, 'o', (size_t)net->signal_group_count[s]);
        memcpy(net->phase_state + state, phase->state, (size_t)program->group_count);
        state += net->signal_group_count[s];
        net->phase_first_state[f + 1] = state;
      }
      net->program_first_phase[p + 1] = f;
    }
}

art_status art_signals_build(const art_raw_signals *raw, const art_idmap *signal_ids, art_net *net,
                             art_import_report *report, art_error *err)
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
  const art_status status = check_groups(raw, signal_of, needed, err);
  if (status == ART_OK) {
    int32_t *final = renumber(signal_ids, programs_of, net, report);
    int32_t *raw_of = order_programs(raw, signal_of, programs_of, final, signal_ids, net);
    alloc_programs(raw, raw_of, net);
    fill_programs(raw, raw_of, net);
    report->signals = net->signal_count;
    report->programs = net->program_count;
    free(raw_of);
    free(final);
  }
  free(needed);
  free(programs_of);
  free(signal_of);
  return status;
}
