// How programs decide: kind of control, settings, times and flags of phases, out of what SUMO says.
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

static int is_green(const art_raw_phase *phase)
{
  return strpbrk(phase->state, "Gg") && !strchr(phase->state, 'y');
}

static int64_t ms_of(double seconds)
{
  return (int64_t)(seconds * 1000.0 + 0.5);
}

/// Holds a program to its cycle although no phase says where it ends: the longest phase ends at its place.
static void hold_cycle(const art_raw_program *program, const art_raw_phase *phase, int32_t p, art_net *net,
                       art_import_report *report)
{
  int32_t longest = -1;
  int64_t sum_ms = 0;
  for (int32_t k = 0; k < program->phase_count; ++k) {
    sum_ms += phase[k].duration_ms;
    if (is_green(&phase[k]) && (longest < 0 || phase[k].duration_ms > phase[longest].duration_ms)) longest = k;
  }
  if (longest < 0) return;
  net->phase_flags[net->program_first_phase[p] + longest] |= ART_PHASE_COORDINATED;
  net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = 1.0f;
  net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] = 0.0f;
  if (program->settings.cycle_ms > 0 && sum_ms != program->settings.cycle_ms)
    art_tally(&report->notes, "phases of a coordinated actuated program do not add up to its cycle");
}

/// The same where the file names the phases.
static void hold_named(const art_raw_program *program, int32_t p, art_net *net)
{
  const art_raw_settings *settings = &program->settings;
  net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = 1.0f;
  net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] = (float)(settings->is_fixed_force_off != 0);
  for (int i = 0; i < settings->coordinated.count; ++i)
    if (settings->coordinated.number[i] < program->phase_count)
      net->phase_flags[net->program_first_phase[p] + settings->coordinated.number[i]] |= ART_PHASE_COORDINATED;
}

/// SUMO holds a program to its cycle only by the places at which phases may end.
static void coordinate_loops(const art_raw_program *program, const art_raw_phase *phase, int32_t p, int holds,
                             art_net *net, art_import_report *report)
{
  const art_raw_settings *settings = &program->settings;
  int has_places = 0;
  if (settings->cycle_ms > 0) net->program_cycle_ms[p] = settings->cycle_ms;
  for (int32_t k = 0; k < program->phase_count; ++k) {
    const int32_t f = net->program_first_phase[p] + k;
    net->phase_time_ms[ART_PHASE_TIME_earliest_end_ms][f] = phase[k].earliest_end_ms;
    net->phase_time_ms[ART_PHASE_TIME_latest_end_ms][f] = phase[k].latest_end_ms;
    has_places |= phase[k].earliest_end_ms >= 0 || phase[k].latest_end_ms >= 0;
  }
  if (!settings->is_coordinated) return;
  if (settings->coordinated.count > 0)
    hold_named(program, p, net);
  else if (has_places)
    net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = 1.0f;
  else if (holds)
    hold_cycle(program, phase, p, net, report);
  else
    art_tally(&report->notes, "actuated program says coordinated, but no phase has earliestEnd or latestEnd: it runs "
                              "free, as in SUMO, unless --hold-cycle is given");
}

/// Phases in order; green ones last between their bounds, until a gap.
static void build_loops(const art_raw_program *program, const art_raw_phase *phase, int32_t p, int holds,
                        art_net *net, art_import_report *report)
{
  net->program_control[p] = ART_CONTROL_ACTUATED;
  net->program_value[ART_CONTROL_VALUE_inactive_s][p] = (float)((double)program->settings.inactive_ms / 1000.0);
  for (int32_t k = 0; k < program->phase_count; ++k) {
    const int32_t f = net->program_first_phase[p] + k;
    if (is_green(&phase[k]) && phase[k].min_ms < phase[k].max_ms)
      net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] = ms_of(program->settings.max_gap_s);
    if (phase[k].next_count) net->phase_flags[f] |= ART_PHASE_MANUAL_NEXT;
  }
  coordinate_loops(program, phase, p, holds, net, report);
}

static uint32_t ring_flags(const art_raw_settings *settings, int number)
{
  uint32_t flags = 0;
  const int is_coordinated = art_raw_phases_has(&settings->coordinated, number);
  if (settings->min_recall.count < 0 || art_raw_phases_has(&settings->min_recall, number))
    flags |= ART_PHASE_RECALL_MIN;
  if (art_raw_phases_has(&settings->max_recall, number)) flags |= ART_PHASE_RECALL_MAX;
  if (art_raw_phases_has(&settings->latching, number)) flags |= ART_PHASE_MEMORY;
  if (is_coordinated && settings->is_coordinated) flags |= ART_PHASE_COORDINATED;
  // Where one ring alone is called, SUMO takes the other one into its phase before the barrier.
  if (is_coordinated || art_raw_phases_has(&settings->barrier, number)) flags |= ART_PHASE_DUAL_ENTRY;
  return flags;
}

static void check_cycle(const art_raw_program *program, const art_raw_phase *phase, art_import_report *report)
{
  const int64_t cycle = program->settings.cycle_ms > 0 ? program->settings.cycle_ms : 60000;
  int64_t sum[2] = { 0, 0 };
  for (int32_t k = 0; k < program->phase_count; ++k)
    sum[phase[k].ring] += phase[k].max_ms + phase[k].yellow_ms + phase[k].red_ms;
  for (int r = 0; r < 2; ++r)
    if (sum[r] && sum[r] != cycle)
      art_tally(&report->notes, "ring of a coordinated NEMA program does not add up to its cycle");
}

static void build_rings(const art_raw_program *program, const art_raw_phase *phase, int32_t p, art_net *net,
                        art_import_report *report)
{
  const art_raw_settings *settings = &program->settings;
  net->program_control[p] = ART_CONTROL_NEMA;
  net->program_cycle_ms[p] = settings->cycle_ms > 0 ? settings->cycle_ms : 60000;
  net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = (float)(settings->is_coordinated != 0);
  net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] = (float)(settings->is_fixed_force_off != 0);
  net->program_value[ART_CONTROL_VALUE_is_type_170][p] = (float)(settings->is_type170 != 0);
  for (int32_t k = 0; k < program->phase_count; ++k) {
    const int32_t f = net->program_first_phase[p] + k;
    net->phase_number[f] = phase[k].number;
    net->phase_ring[f] = phase[k].ring;
    net->phase_barrier[f] = phase[k].barrier;
    net->phase_flags[f] = ring_flags(settings, phase[k].number);
    net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] = phase[k].extension_ms;
    net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f] = phase[k].yellow_ms;
    net->phase_time_ms[ART_PHASE_TIME_red_ms][f] = phase[k].red_ms;
  }
  if (settings->is_coordinated) check_cycle(program, phase, report);
}

static void build_next(const art_raw_signals *raw, const int32_t *raw_of, art_net *net)
{
  int32_t capacity = 0;
  net->phase_next_count = 0;
  for (int32_t p = 0; p < net->program_count; ++p)
    for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
      if (raw_of[p] >= 0 && net->program_control[p] == ART_CONTROL_ACTUATED) {
        const art_raw_phase *phase =
            &raw->phase[raw->program[raw_of[p]].first_phase + f - net->program_first_phase[p]];
        for (int32_t i = 0; i < phase->next_count; ++i) {
          if (net->phase_next_count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            net->phase_next = art_renew(net->phase_next, (size_t)capacity, sizeof *net->phase_next);
          }
          net->phase_next[net->phase_next_count++] = raw->next[phase->first_next + i];
        }
      }
      net->phase_first_next[f + 1] = net->phase_next_count;
    }
}

/// The shortest yellow that a group gets, where NEMA phases alone make it: then no phase writes it out.
static void build_yellow(art_net *net)
{
  for (int32_t s = 0; s < net->signal_count; ++s) {
    int has_other = 0;
    for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
      has_other |= net->program_control[p] != ART_CONTROL_NEMA && net->program_control[p] != ART_CONTROL_OFF;
    if (has_other) continue;
    const int32_t first = net->program_first_phase[net->signal_first_program[s]],
                  end = net->program_first_phase[net->signal_first_program[s + 1]];
    for (int32_t f = first; f < end; ++f)
      for (int32_t g = 0; g < net->signal_group_count[s]; ++g) {
        const char letter = net->phase_state[net->phase_first_state[f] + g];
        const int64_t yellow = net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f];
        int64_t *own = &net->group_yellow_ms[net->signal_first_group[s] + g];
        if ((letter == 'G' || letter == 'g') && yellow >= 0 && (*own < 0 || yellow < *own)) *own = yellow;
      }
  }
}

/// Columns that stand from before there were programs make room for new ones, with their initial values.
static void renew_columns(art_net *net)
{
  void **const columns[] = { (void **)&net->program_control,     (void **)&net->program_cycle_ms,
                             (void **)&net->phase_flags,         (void **)&net->phase_number,
                             (void **)&net->phase_ring,          (void **)&net->phase_barrier,
                             (void **)&net->phase_first_next,    (void **)&net->phase_next,
                             (void **)&net->phase_first_sensor,  (void **)&net->phase_sensor,
                             (void **)&net->group_min_green_ms,  (void **)&net->group_yellow_ms,
                             (void **)&net->group_red_yellow_ms, (void **)&net->signal_first_intergreen,
                             (void **)&net->signal_first_switch, (void **)&net->signal_switch_period_ms };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i) {
    free(*columns[i]);
    *columns[i] = NULL;
  }
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) {
    free(net->program_value[v]);
    net->program_value[v] = NULL;
  }
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) {
    free(net->phase_time_ms[t]);
    net->phase_time_ms[t] = NULL;
  }
  art_net_index(net);
}

void art_sumo_control_build(const art_raw_signals *raw, const int32_t *raw_of, art_net *net,
                       art_import_report *report)
{
  renew_columns(net);
  for (int32_t p = 0; p < net->program_count; ++p) {
    const art_raw_program *program = raw_of[p] < 0 ? NULL : &raw->program[raw_of[p]];
    const art_raw_phase *phase = program ? &raw->phase[program->first_phase] : NULL;
    if (!program || program->kind == ART_RAW_OFF)
      net->program_control[p] = ART_CONTROL_OFF;
    else if (program->kind == ART_RAW_NEMA)
      build_rings(program, phase, p, net, report);
    else if (program->kind == ART_RAW_ACTUATED || program->kind == ART_RAW_DELAY_BASED)
      build_loops(program, phase, p, raw->holds_cycle, net, report);
  }
  build_next(raw, raw_of, net);
  build_yellow(net);
}
