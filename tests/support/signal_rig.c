#include "tests/support/signal_rig.h"

#include <stdlib.h>
#include <string.h>

#define LONG_AGO (INT64_MIN / 4)

static void connect(art_rig *rig)
{
  art_net *net = &rig->net;
  static char *signal_id[] = { (char *)"bench" };
  static int32_t signal_first_program[] = { 0, ART_RIG_PROGRAMS };
  net->signal_count = 1;
  net->signal_id = signal_id;
  net->signal_first_program = signal_first_program;
  net->signal_group_count = &rig->group_count;
  net->signal_first_group = rig->signal_first_group;
  net->program_first_phase = rig->program_first;
  net->program_offset_ms = rig->offset_ms;
  net->program_cycle_ms = rig->cycle_ms;
  net->program_control = rig->control_kind;
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) net->program_value[v] = rig->value[v];
  net->phase_duration_ms = rig->duration_ms;
  net->phase_min_ms = rig->min_ms;
  net->phase_max_ms = rig->max_ms;
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) net->phase_time_ms[t] = rig->time_ms[t];
  net->phase_first_state = rig->first_state;
  net->phase_state = rig->state;
  net->phase_flags = rig->flags;
  net->phase_number = rig->number;
  net->phase_ring = rig->ring;
  net->phase_barrier = rig->barrier;
  net->phase_first_next = rig->first_next;
  net->phase_next = rig->next;
  net->phase_first_sensor = rig->first_sensor;
  net->phase_sensor = rig->phase_sensor;
  net->group_min_green_ms = rig->group_min_green_ms;
  net->group_yellow_ms = rig->group_yellow_ms;
  net->group_red_yellow_ms = rig->group_red_yellow_ms;
  net->crossing_signal = rig->crossing_signal;
  net->crossing_signal_group = rig->crossing_group;
  net->detector_kind = rig->detector_kind;
  net->detector_count = ART_RIG_SENSORS;
}

art_rig *art_rig_new(int32_t groups, int32_t step_ms, art_rig_guard guard)
{
  art_rig *rig = calloc(1, sizeof *rig);
  if (!rig) abort();
  rig->guard = guard;
  rig->group_count = rig->signal_first_group[1] = groups;
  connect(rig);
  for (int32_t g = 0; g < ART_RIG_GROUPS; ++g) {
    rig->shown[g] = rig->wanted[g] = 'r';
    rig->since_ms[g] = rig->green_end_ms[g] = rig->green_begin_ms[g] = LONG_AGO;
    rig->group_min_green_ms[g] = 0;
    rig->group_yellow_ms[g] = 3000;
  }
  for (int32_t i = 0; i < ART_RIG_GROUPS * ART_RIG_GROUPS; ++i) rig->intergreen_ms[i] = -1;
  rig->rules = (art_guard_rules){ .group_count = groups,
                                  .min_green_ms = rig->group_min_green_ms,
                                  .yellow_ms = rig->group_yellow_ms,
                                  .red_yellow_ms = rig->group_red_yellow_ms,
                                  .intergreen_ms = rig->intergreen_ms };
  rig->view = (art_control_view){ .net = &rig->net,
                                  .step_ms = step_ms,
                                  .shown = rig->shown,
                                  .since_ms = rig->since_ms,
                                  .sensor = rig->sensor,
                                  .foot_waits = rig->foot_waits,
                                  .call = rig->call,
                                  .memory = rig->memory,
                                  .wanted = rig->wanted };
  return rig;
}

int32_t art_rig_foot(art_rig *rig, int32_t group)
{
  const int32_t x = rig->net.crossing_count++;
  rig->is_foot[group] = 1;
  rig->group_yellow_ms[group] = 0;
  rig->crossing_group[x] = group;
  return x;
}

void art_rig_conflict(art_rig *rig, int32_t a, int32_t b, int64_t intergreen_ms)
{
  rig->intergreen_ms[a * rig->group_count + b] = intergreen_ms;
  rig->intergreen_ms[b * rig->group_count + a] = intergreen_ms;
}

int32_t art_rig_program(art_rig *rig, int32_t kind, int64_t offset_ms, int64_t cycle_ms)
{
  const int32_t i = rig->net.program_count++;
  rig->control_kind[i] = (uint8_t)kind;
  rig->offset_ms[i] = offset_ms;
  rig->cycle_ms[i] = cycle_ms;
  rig->program_first[i] = rig->program_first[i + 1] = rig->net.phase_count;
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) rig->value[v][i] = art_control_value_initial(v);
  return i;
}

void art_rig_set(art_rig *rig, int value, float to)
{
  rig->value[value][rig->net.program_count - 1] = to;
}

int32_t art_rig_phase(art_rig *rig, const char *state, int64_t duration_ms, int64_t min_ms, int64_t max_ms)
{
  const int32_t i = rig->net.phase_count++;
  if (i >= ART_RIG_PHASES || (int32_t)strlen(state) != rig->group_count) abort();
  rig->duration_ms[i] = duration_ms;
  rig->min_ms[i] = min_ms;
  rig->max_ms[i] = max_ms;
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) rig->time_ms[t][i] = art_phase_time_initial(t);
  memcpy(rig->state + rig->first_state[i], state, (size_t)rig->group_count);
  rig->first_state[i + 1] = rig->first_state[i] + rig->group_count;
  rig->first_next[i + 1] = rig->first_next[i];
  rig->first_sensor[i + 1] = rig->first_sensor[i];
  rig->program_first[rig->net.program_count] = i + 1;
  return i - rig->program_first[rig->net.program_count - 1];
}

void art_rig_time(art_rig *rig, int time, int64_t ms)
{
  rig->time_ms[time][rig->net.phase_count - 1] = ms;
}
void art_rig_flag(art_rig *rig, uint32_t flags)
{
  rig->flags[rig->net.phase_count - 1] |= flags;
}
void art_rig_place(art_rig *rig, int32_t number, int32_t ring, int32_t barrier)
{
  const int32_t i = rig->net.phase_count - 1;
  rig->number[i] = number;
  rig->ring[i] = (uint8_t)ring;
  rig->barrier[i] = (uint8_t)barrier;
}
void art_rig_next(art_rig *rig, int32_t phase)
{
  rig->next[rig->first_next[rig->net.phase_count]++] = phase;
}
void art_rig_sensor(art_rig *rig, int32_t sensor)
{
  rig->phase_sensor[rig->first_sensor[rig->net.phase_count]++] = sensor;
}

void art_rig_run(art_rig *rig, int32_t program, art_rig_control control, art_tick now_ms)
{
  rig->control = control;
  memset(rig->memory, 0, sizeof rig->memory);
  rig->view.program = program;
  rig->view.now_ms = rig->view.begin_ms = rig->view.next_ms = now_ms;
  rig->view.phase = -1;
}

// --- the monitor ----------------------------------------------------------------------------------------------------

static int goes(char letter)
{
  return letter == 'G' || letter == 'g';
}

static void watch(art_rig *rig, const char *before, const art_tick *since_before)
{
  const art_tick now = rig->view.now_ms;
  const int32_t n = rig->group_count;
  for (int32_t g = 0; g < n; ++g) {
    const char was = before[g], is = rig->shown[g];
    if (goes(was) && !goes(is)) {
      if (!rig->is_foot[g] && is != 'y') ++rig->faults.short_yellows;
      if (now - rig->green_begin_ms[g] < rig->group_min_green_ms[g]) ++rig->faults.short_greens;
    }
    const int was_green = since_before[g] == rig->green_end_ms[g];  // programs may begin with yellow
    if (was == 'y' && is != 'y' && was_green && now - since_before[g] < rig->group_yellow_ms[g])
      ++rig->faults.short_yellows;
    if (!goes(is)) continue;
    for (int32_t f = 0; f < n; ++f) {
      const int64_t rule = rig->intergreen_ms[f * n + g];
      if (f == g || rule == -1) continue;
      if (goes(rig->shown[f])) ++rig->faults.conflicts;
      else if (!goes(was) && now - rig->green_end_ms[f] < rule) ++rig->faults.intergreens;
    }
  }
}

void art_rig_step(art_rig *rig)
{
  char before[ART_RIG_GROUPS];
  art_tick since[ART_RIG_GROUPS];
  memcpy(before, rig->shown, sizeof before);
  memcpy(since, rig->since_ms, sizeof since);
  if (rig->view.now_ms >= rig->view.next_ms) rig->control(&rig->view);
  art_guard_view guard = { .rules = &rig->rules,
                           .now_ms = rig->view.now_ms,
                           .wanted = rig->wanted,
                           .shown = rig->shown,
                           .since_ms = rig->since_ms,
                           .green_end_ms = rig->green_end_ms,
                           .green_begin_ms = rig->green_begin_ms };
  rig->guard(&guard);
  watch(rig, before, since);
  rig->view.now_ms += rig->view.step_ms;
}

void art_rig_until(art_rig *rig, art_tick ms)
{
  while (rig->view.now_ms < ms) art_rig_step(rig);
}

void art_rig_occupy(art_rig *rig, int32_t sensor, int is_there)
{
  art_sensor_reading *reading = &rig->sensor[sensor];
  if (reading->occupied == is_there) return;
  reading->occupied = (uint8_t)is_there;
  reading->since_ms = rig->view.now_ms;
  reading->count += is_there;
}

void art_rig_pulse(art_rig *rig, int32_t sensor)
{
  art_sensor_reading *reading = &rig->sensor[sensor];
  reading->since_ms = rig->view.now_ms;
  reading->occupied = 0;
  ++reading->count;
}

int art_rig_fault_count(const art_rig *rig)
{
  const art_rig_faults *f = &rig->faults;
  return f->conflicts + f->intergreens + f->short_greens + f->short_yellows;
}
