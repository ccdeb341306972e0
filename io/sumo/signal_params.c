// Parameters of signal programs, and the order of NEMA phases.
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

/// Defaults of SUMO 1.15. A NEMA controller recalls every phase for its minimum unless it says which.
art_raw_settings art_raw_settings_initial(void)
{
  const art_raw_phases none = { .count = -1 };
  return (art_raw_settings){ .max_gap_s = 3.0,
                             .passing_s = 1.9,
                             .detector_gap_s = 2.0,
                             .area_m = 20.0,
                             .left_area_m = 20.0,
                             .inactive_ms = 180000,
                             .is_type170 = 1,
                             .cycle_ms = -1,
                             .ring = { none, none },
                             .barrier = none,
                             .coordinated = none,
                             .min_recall = none,
                             .max_recall = none,
                             .latching = none };
}

int art_raw_phases_has(const art_raw_phases *list, int number)
{
  for (int i = 0; i < list->count; ++i)
    if (list->number[i] == number) return 1;
  return 0;
}

/// "1,2,3,4", also with blanks, or digits with nothing else: each is a number then, as SUMO reads them.
static void read_phases(art_xml *xml, art_raw_phases *out)
{
  static const char accepted[] = "numbers of phases, 0 to 16, at most 16 of them, separated by commas";
  const char *text = art_xml_need(xml, "value");
  if (art_xml_failed(xml)) return;
  const size_t digits = strspn(text, "0123456789");
  const int is_dense = !text[digits];
  art_raw_phases list = { 0 };
  for (const char *at = text; *at;) {
    if (strchr(", \t", *at)) {
      ++at;
      continue;
    }
    int number = 0, length = 0;
    while (at[length] >= '0' && at[length] <= '9' && length < (is_dense ? 1 : 3))
      number = 10 * number + (at[length++] - '0');
    if (!length || number > 16 || list.count == ART_RAW_LIST) {
      art_xml_fail_value(xml, "value", text, accepted);
      return;
    }
    list.number[list.count++] = (uint8_t)number;
    at += length;
  }
  *out = list;
}

typedef enum rule_what { NUMBER, TIME, FLAG, PHASES, CYCLE, CONTROLLER, DRAWING } rule_what;

/// Lowest and highest also say in which unit: milliseconds for times. CYCLE: `lo` is its rank, a higher one wins.
typedef struct rule {
  const char *key;
  unsigned kinds;  ///< mask of art_raw_program_kind
  rule_what what;
  size_t at;
  double lo, hi;
} rule;

#define AT(field) offsetof(art_raw_settings, field)
enum {
  LOOPS = 1 << ART_RAW_ACTUATED | 1 << ART_RAW_DELAY_BASED,
  RINGS = 1 << ART_RAW_NEMA,
  ANY = LOOPS | RINGS | 1 << ART_RAW_STATIC | 1 << ART_RAW_OFF
};

static const rule rules[] = {
  { "max-gap", LOOPS, NUMBER, AT(max_gap_s), 0.0, 3600.0 },
  { "passing-time", LOOPS, NUMBER, AT(passing_s), 0.1, 3600.0 },
  { "detector-gap", LOOPS, NUMBER, AT(detector_gap_s), 0.0, 3600.0 },
  { "detector-length", LOOPS, NUMBER, AT(loop_m), 0.0, 1e4 },
  { "inactive-threshold", LOOPS, TIME, AT(inactive_ms), 0.0, 86400000.0 },
  { "coordinated", LOOPS, FLAG, AT(is_coordinated), 0.0, 0.0 },
  { "coordinatedPhases", LOOPS, PHASES, AT(coordinated), 0.0, 0.0 },  // an export of this project says so
  { "cycleTime", LOOPS | RINGS, CYCLE, 0, 1.0, 0.0 },
  { "cycle-length", RINGS, CYCLE, 0, 2.0, 0.0 },
  { "total-cycle-length", RINGS, CYCLE, 0, 3.0, 0.0 },
  { "detector-length", RINGS, NUMBER, AT(area_m), 0.1, 1e4 },
  { "detector-length-leftTurnLane", RINGS, NUMBER, AT(left_area_m), 0.1, 1e4 },
  { "ring1", RINGS, PHASES, AT(ring[0]), 0.0, 0.0 },
  { "ring2", RINGS, PHASES, AT(ring[1]), 0.0, 0.0 },
  { "barrierPhases", RINGS, PHASES, AT(barrier), 0.0, 0.0 },
  { "barrier2Phases", RINGS, PHASES, AT(coordinated), 0.0, 0.0 },
  { "coordinatePhases", RINGS, PHASES, AT(coordinated), 0.0, 0.0 },
  { "minRecall", RINGS, PHASES, AT(min_recall), 0.0, 0.0 },
  { "maxRecall", RINGS, PHASES, AT(max_recall), 0.0, 0.0 },
  { "latchingDetectors", RINGS, PHASES, AT(latching), 0.0, 0.0 },
  { "coordinate-mode", RINGS, FLAG, AT(is_coordinated), 0.0, 0.0 },
  { "fixForceOff", LOOPS | RINGS, FLAG, AT(is_fixed_force_off), 0.0, 0.0 },
  { "controllerType", RINGS, CONTROLLER, AT(is_type170), 0.0, 0.0 },
  { "cabinetType", RINGS, CONTROLLER, AT(is_type170), 0.0, 0.0 },
  // What is only drawn or written
  { "show-detectors", ANY, DRAWING, 0, 0.0, 0.0 },
  { "show-conditions", ANY, DRAWING, 0, 0.0, 0.0 },
  { "hide-conditions", ANY, DRAWING, 0, 0.0, 0.0 },
  { "file", ANY, DRAWING, 0, 0.0, 0.0 },
  { "freq", ANY, DRAWING, 0, 0.0, 0.0 },
  { "whetherOutputState", ANY, DRAWING, 0, 0.0, 0.0 },
  { "ignore-errors", ANY, DRAWING, 0, 0.0, 0.0 },
};

static void read_cycle(art_raw_settings *settings, art_xml *xml, int32_t rank)
{
  const int64_t cycle = art_xml_time(xml, "value", 0, 1000, 86400000);
  if (rank < settings->cycle_rank) return;
  settings->cycle_rank = rank;
  settings->cycle_ms = cycle;
}

static void read_controller(int32_t *is_type170, art_xml *xml)
{
  const char *text = art_xml_need(xml, "value");
  if (strcmp(text, "TS2") == 0 || strcmp(text, "ts2") == 0)
    *is_type170 = 0;
  else if (strcmp(text, "Type170") == 0 || strcmp(text, "type170") == 0 || strcmp(text, "Type 170") == 0)
    *is_type170 = 1;
  else
    art_xml_fail_value(xml, "value", text, "TS2 or Type170");
}

static void follow_rule(const rule *r, art_raw_settings *settings, art_xml *xml)
{
  char *field = (char *)settings + r->at;
  switch (r->what) {
  case NUMBER: *(double *)(void *)field = art_xml_number(xml, "value", 0.0, r->lo, r->hi); return;
  case TIME: *(int64_t *)(void *)field = art_xml_time(xml, "value", 0, (int64_t)r->lo, (int64_t)r->hi); return;
  case FLAG: *(int32_t *)(void *)field = art_xml_flag(xml, "value", 0); return;
  case PHASES: read_phases(xml, (art_raw_phases *)(void *)field); return;
  case CYCLE: read_cycle(settings, xml, (int32_t)r->lo); return;
  case CONTROLLER: read_controller((int32_t *)(void *)field, xml); return;
  case DRAWING: return;
  }
}

void art_raw_param_read(art_raw_signals *signals, art_xml *xml, art_import_report *report)
{
  art_raw_program *program = &signals->program[signals->program_count - 1];
  const char *key = art_xml_need(xml, "key"), *value = art_xml_need(xml, "value");
  if (art_xml_failed(xml)) return;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; ++i) {
    if (strcmp(key, rules[i].key) != 0 || !(rules[i].kinds >> program->kind & 1u)) continue;
    // barrier2Phases names the coordinated phases only where coordinatePhases does not
    if (strcmp(key, "barrier2Phases") == 0 && program->settings.coordinated.count > 0) {
      art_raw_phases checked;
      read_phases(xml, &checked);
    } else {
      follow_rule(&rules[i], &program->settings, xml);
    }
    return;
  }
  if (program->kind == ART_RAW_STATIC || program->kind == ART_RAW_OFF) {
    art_tally(&report->notes, "parameter \"%.80s\" of a signal program is not used", key);
    return;
  }
  const art_raw_param param = { .key = art_strdup(key), .value = art_strdup(value), .line = art_xml_line(xml) };
  ART_PUSH(signals->param, signals->param_count, signals->param_capacity, param);
  ++program->param_count;
}

// ---- rings -------------------------------------------------------------------------------------------------------------

/// Phases in the order of the rings, with ring and barrier; a phase that stands in both rings comes twice.
typedef struct ring_order {
  int32_t count;
  art_raw_phase phase[2 * ART_RAW_LIST];
  uint8_t is_used[2 * ART_RAW_LIST + 1];
} ring_order;

static int32_t find_phase(const art_raw_signals *signals, const art_raw_program *program, int number)
{
  for (int32_t i = 0; i < program->phase_count; ++i)
    if (signals->phase[program->first_phase + i].number == number) return i;
  return -1;
}

/// A ring of four places has its barrier in the middle; others have them after the phases that the file names.
static void order_ring(const art_raw_signals *signals, art_xml *xml, int r, uint8_t *is_used, ring_order *out)
{
  const art_raw_program *program = &signals->program[signals->program_count - 1];
  const art_raw_settings *settings = &program->settings;
  const art_raw_phases *ring = &settings->ring[r];
  int barrier = 0;
  for (int i = 0; i < ring->count; ++i) {
    const int number = ring->number[i];
    if (!number) continue;
    const int32_t found = find_phase(signals, program, number);
    if (found < 0) {
      art_xml_fail(xml, "program \"%.60s\" of signal \"%.60s\": ring%d names phase %d, which the program does not have",
                   program->program, program->signal, r + 1, number);
      return;
    }
    art_raw_phase phase = signals->phase[program->first_phase + found];
    phase.ring = (uint8_t)r;
    phase.barrier = (uint8_t)(ring->count == 4 ? i / 2 : barrier);
    phase.state = art_strdup(phase.state);
    out->phase[out->count++] = phase;
    is_used[found] = 1;
    if (art_raw_phases_has(&settings->barrier, number) || art_raw_phases_has(&settings->coordinated, number))
      ++barrier;
  }
}

static int names_rings(const art_raw_program *program, art_xml *xml)
{
  const art_raw_settings *s = &program->settings;
  const struct {
    const art_raw_phases *list;
    const char *key;
  } needed[] = { { &s->ring[0], "ring1" },
                 { &s->ring[1], "ring2" },
                 { &s->barrier, "barrierPhases" },
                 { &s->coordinated, "barrier2Phases" } };
  for (size_t i = 0; i < sizeof needed / sizeof *needed; ++i)
    if (needed[i].list->count < 1) {
      art_xml_fail(xml, "NEMA program \"%.60s\" of signal \"%.60s\" has no parameter %s: accepted: numbers of phases",
                   program->program, program->signal, needed[i].key);
      return 0;
    }
  return 1;
}

void art_raw_rings_order(art_raw_signals *signals, art_xml *xml, art_import_report *report)
{
  art_raw_program *program = &signals->program[signals->program_count - 1];
  if (!names_rings(program, xml)) return;
  ring_order order = { 0 };
  uint8_t *is_used = ART_NEW(uint8_t, program->phase_count);
  for (int r = 0; r < 2 && !art_xml_failed(xml); ++r) order_ring(signals, xml, r, is_used, &order);
  if (art_xml_failed(xml)) {
    for (int32_t i = 0; i < order.count; ++i) free(order.phase[i].state);
    free(is_used);
    return;
  }
  for (int32_t i = 0; i < program->phase_count; ++i) {
    if (!is_used[i]) art_tally(&report->notes, "NEMA phase that stands in no ring is left out");
    free(signals->phase[program->first_phase + i].state);
  }
  free(is_used);
  signals->phase_count = program->first_phase;
  program->phase_count = order.count;
  for (int32_t i = 0; i < order.count; ++i)
    ART_PUSH(signals->phase, signals->phase_count, signals->phase_capacity, order.phase[i]);
  if (!program->phase_count)
    art_xml_fail(xml, "NEMA program \"%.60s\" of signal \"%.60s\" has empty rings: accepted: at least one phase",
                 program->program, program->signal);
}
