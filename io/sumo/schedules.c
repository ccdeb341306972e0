// Programs by time of day: WAUT with its switches, and the junctions that follow it.
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

static const int64_t TIME_MAX_MS = (int64_t)1e12;
static const int64_t PERIOD_MAX_MS = INT64_C(366) * 86400000;  // what a network takes

static void read_waut(art_raw_signals *signals, art_xml *xml)
{
  if (signals->waut_is_open) {
    art_xml_fail(xml, "a WAUT stands inside another one");
    return;
  }
  const char *id = art_xml_need_id(xml, "id"), *start = art_xml_text(xml, "startProg");
  art_raw_waut waut = { .first_switch = signals->switch_count };
  waut.reference_ms = art_xml_time(xml, "refTime", 0, -TIME_MAX_MS, TIME_MAX_MS);
  waut.period_ms = art_xml_time(xml, "period", 0, 0, PERIOD_MAX_MS);
  if (art_xml_failed(xml)) return;
  waut.id = art_strdup(id);
  waut.start = art_strdup(start);
  signals->waut_is_open = 1;
  ART_PUSH(signals->waut, signals->waut_count, signals->waut_capacity, waut);
}

static void read_switch(art_raw_signals *signals, art_xml *xml)
{
  const char *to = art_xml_need_id(xml, "to");
  (void)art_xml_need(xml, "time");
  art_raw_waut_switch change = { .at_ms = art_xml_time(xml, "time", 0, 0, TIME_MAX_MS),
                                 .file = art_xml_file(xml),
                                 .line = art_xml_line(xml) };
  if (art_xml_failed(xml)) return;
  change.program = art_strdup(to);
  ++signals->waut[signals->waut_count - 1].switch_count;
  ART_PUSH(signals->change, signals->switch_count, signals->switch_capacity, change);
}

static void read_junction(art_raw_signals *signals, art_xml *xml)
{
  const char *waut = art_xml_need_id(xml, "wautID"), *signal = art_xml_need_id(xml, "junctionID");
  if (art_xml_failed(xml)) return;
  const art_raw_waut_junction junction = { .waut = art_strdup(waut),
                                           .signal = art_strdup(signal),
                                           .file = art_xml_file(xml),
                                           .line = art_xml_line(xml) };
  ART_PUSH(signals->junction, signals->junction_count, signals->junction_capacity, junction);
}

int art_raw_waut_start(art_raw_signals *signals, art_xml *xml, const char *element)
{
  if (strcmp(element, "WAUT") == 0)
    read_waut(signals, xml);
  else if (strcmp(element, "wautSwitch") == 0 && signals->waut_is_open)
    read_switch(signals, xml);
  else if (strcmp(element, "wautJunction") == 0)
    read_junction(signals, xml);
  else
    return 0;
  return 1;
}

void art_raw_waut_clear(art_raw_signals *signals)
{
  for (int32_t i = 0; i < signals->waut_count; ++i) {
    free(signals->waut[i].id);
    free(signals->waut[i].start);
  }
  for (int32_t i = 0; i < signals->switch_count; ++i) free(signals->change[i].program);
  for (int32_t i = 0; i < signals->junction_count; ++i) {
    free(signals->junction[i].waut);
    free(signals->junction[i].signal);
  }
  free(signals->waut);
  free(signals->change);
  free(signals->junction);
}

/// The last one of that name, as with programs.
static const art_raw_waut *find_waut(const art_raw_signals *raw, const char *id)
{
  for (int32_t i = raw->waut_count - 1; i >= 0; --i)
    if (strcmp(raw->waut[i].id, id) == 0) return &raw->waut[i];
  return NULL;
}

static int waut_names(const art_raw_signals *raw, const art_raw_waut *waut, const char *program)
{
  if (waut->start && strcmp(waut->start, program) == 0) return 1;
  for (int32_t i = 0; i < waut->switch_count; ++i)
    if (strcmp(raw->change[waut->first_switch + i].program, program) == 0) return 1;
  return 0;
}

uint8_t *art_sumo_schedules_need_off(const art_raw_signals *raw, const art_idmap *signal_ids,
                                     const int32_t *signal_of)
{
  const int32_t count = art_idmap_count(signal_ids);
  uint8_t *needs = ART_NEW(uint8_t, count);
  for (int32_t j = 0; j < raw->junction_count; ++j) {
    const int32_t s = art_idmap_find(signal_ids, raw->junction[j].signal);
    const art_raw_waut *waut = s < 0 ? NULL : find_waut(raw, raw->junction[j].waut);
    if (waut && waut_names(raw, waut, "off")) needs[s] = 1;
  }
  for (int32_t i = 0; i < raw->program_count; ++i)
    if (signal_of[i] >= 0 && strcmp(raw->program[i].program, "off") == 0) needs[signal_of[i]] = 0;
  return needs;
}

// ---- into the net ------------------------------------------------------------------------------------------------------

typedef struct change {
  int64_t at_ms;
  int32_t program, order;
} change;

static int by_time(const void *a, const void *b)
{
  const change *x = a, *y = b;
  if (x->at_ms != y->at_ms) return x->at_ms < y->at_ms ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static int32_t find_program(const art_net *net, int32_t s, const char *id)
{
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    if (strcmp(net->program_id[p], id) == 0) return p;
  return -1;
}

/// Within the period, so that each time is that of a day.
static int64_t time_of_day(int64_t at_ms, int64_t period_ms)
{
  if (period_ms <= 0) return at_ms;
  const int64_t rest = at_ms % period_ms;
  return rest < 0 ? rest + period_ms : rest;
}

/// Appends the switches of one signal, in the order of time; of several at one time the last counts.
static art_status add_switches(const art_raw_signals *raw, const art_raw_waut *waut, int32_t s, art_net *net,
                               int32_t *capacity, art_error *err)
{
  change *list = ART_NEW(change, waut->switch_count);
  for (int32_t i = 0; i < waut->switch_count; ++i) {
    const art_raw_waut_switch *row = &raw->change[waut->first_switch + i];
    list[i] = (change){ .at_ms = time_of_day(waut->reference_ms + row->at_ms, waut->period_ms),
                        .program = find_program(net, s, row->program),
                        .order = i };
    if (list[i].program >= 0) continue;
    free(list);
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: wautSwitch: to=\"%.60s\": accepted: \"off\" or a program of signal \"%.60s\"",
                    row->file, row->line, row->program, net->signal_id[s]);
  }
  art_sort(list, (size_t)waut->switch_count, sizeof *list, by_time);
  for (int32_t i = 0; i < waut->switch_count; ++i) {
    if (i + 1 < waut->switch_count && list[i + 1].at_ms == list[i].at_ms) continue;
    if (net->switch_count == *capacity) {
      *capacity = *capacity ? 2 * *capacity : 16;
      net->switch_at_ms = art_renew(net->switch_at_ms, (size_t)*capacity, sizeof *net->switch_at_ms);
      net->switch_program = art_renew(net->switch_program, (size_t)*capacity, sizeof *net->switch_program);
    }
    net->switch_at_ms[net->switch_count] = list[i].at_ms;
    net->switch_program[net->switch_count++] = list[i].program;
  }
  free(list);
  return ART_OK;
}

/// The schedule that a signal follows, or NULL. A signal that two of them name follows the last.
static art_status waut_of_signals(const art_raw_signals *raw, const art_net *net, const art_raw_waut **of,
                                  const art_raw_waut_junction **by, art_import_report *report, art_error *err)
{
  art_idmap *ids = art_idmap_new();
  for (int32_t s = 0; s < net->signal_count; ++s) art_idmap_put(ids, net->signal_id[s]);
  art_status status = ART_OK;
  for (int32_t j = 0; j < raw->junction_count && status == ART_OK; ++j) {
    const art_raw_waut_junction *row = &raw->junction[j];
    const int32_t s = art_idmap_find(ids, row->signal);
    const art_raw_waut *waut = find_waut(raw, row->waut);
    if (!waut)
      status =
          art_fail(err, ART_E_INPUT, "%s:%d: wautJunction: wautID=\"%.60s\": accepted: a WAUT of these files",
                   row->file, row->line, row->waut);
    else if (s < 0)
      art_tally(&report->notes, "schedule for a signal that controls no connection is left out");
    else {
      if (of[s]) art_tally(&report->notes, "signal that two schedules name follows the last");
      of[s] = waut;
      by[s] = row;
    }
  }
  art_idmap_free(ids);
  return status;
}

static art_status set_start(const art_raw_waut *waut, const art_raw_waut_junction *by, int32_t s,
                            art_net *net, art_error *err)
{
  if (!waut->start) return ART_OK;
  const int32_t start = find_program(net, s, waut->start);
  if (start < 0)
    return art_fail(
        err, ART_E_INPUT,
        "%s:%d: wautJunction: startProg=\"%.60s\" of WAUT \"%.60s\": accepted: \"off\" or a program of "
        "signal \"%.60s\"",
        by->file, by->line, waut->start, waut->id, net->signal_id[s]);
  net->signal_active[s] = start;
  return ART_OK;
}

art_status art_sumo_schedules_build(const art_raw_signals *raw, art_net *net, art_import_report *report,
                                    art_error *err)
{
  const art_raw_waut **of = art_new((size_t)net->signal_count, sizeof *of);
  const art_raw_waut_junction **by = art_new((size_t)net->signal_count, sizeof *by);
  art_status status = waut_of_signals(raw, net, of, by, report, err);
  int32_t capacity = 0, followed = 0;
  net->switch_count = 0;
  for (int32_t s = 0; s < net->signal_count && status == ART_OK; ++s) {
    if (of[s]) {
      status = set_start(of[s], by[s], s, net, err);
      if (status == ART_OK) status = add_switches(raw, of[s], s, net, &capacity, err);
      net->signal_switch_period_ms[s] = of[s]->period_ms;
      ++followed;
    }
    net->signal_first_switch[s + 1] = net->switch_count;
  }
  for (int32_t i = 0; i < raw->waut_count && status == ART_OK; ++i) {
    int is_followed = 0;
    for (int32_t s = 0; s < net->signal_count && !is_followed && followed; ++s)
      is_followed = of[s] == &raw->waut[i];
    if (!is_followed) art_tally(&report->notes, "schedule (WAUT) that no signal follows is left out");
  }
  free(of);
  free(by);
  return status;
}
