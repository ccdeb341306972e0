#include "core/net/add_control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Room for `more` zeroed items before item `at`; returns the new array.
static void *widen(void *array, int64_t count, int64_t at, int64_t more, size_t size)
{
  char *wide = art_renew(array, (size_t)(count + more), size);
  memmove(wide + (size_t)(at + more) * size, wide + (size_t)at * size, (size_t)(count - at) * size);
  memset(wide + (size_t)at * size, 0, (size_t)more * size);
  return wide;
}
#define WIDEN(column, count, at, more) (net->column = widen(net->column, count, at, more, sizeof *net->column))

static void widen_programs(art_net *net, int32_t p)
{
  const int32_t n = net->program_count;
  WIDEN(program_id, n, p, 1);
  WIDEN(program_offset_ms, n, p, 1);
  WIDEN(program_first_phase, n + 1, p + 1, 1);
  WIDEN(program_control, n, p, 1);
  WIDEN(program_cycle_ms, n, p, 1);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) {
    WIDEN(program_value[v], n, p, 1);
    net->program_value[v][p] = art_control_value_initial(v);
  }
}

/// Rows for phases from `f` on, none of which has a row of its own yet.
static int32_t *widen_first(int32_t *first, int32_t count, int32_t f, int32_t more)
{
  first = widen(first, count + 1, f, more, sizeof *first);
  for (int32_t k = f; k < f + more; ++k) first[k] = first[f + more];
  return first;
}

static void widen_phases(art_net *net, int32_t f, int32_t more)
{
  const int32_t n = net->phase_count;
  WIDEN(phase_duration_ms, n, f, more);
  WIDEN(phase_min_ms, n, f, more);
  WIDEN(phase_max_ms, n, f, more);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) {
    WIDEN(phase_time_ms[t], n, f, more);
    for (int32_t k = f; k < f + more; ++k) net->phase_time_ms[t][k] = art_phase_time_initial(t);
  }
  WIDEN(phase_flags, n, f, more);
  WIDEN(phase_number, n, f, more);
  WIDEN(phase_ring, n, f, more);
  WIDEN(phase_barrier, n, f, more);
  net->phase_first_next = widen_first(net->phase_first_next, n, f, more);
  net->phase_first_sensor = widen_first(net->phase_first_sensor, n, f, more);
}

int32_t art_net_add_program(art_net *net, int32_t signal, const char *id, int32_t phase_count,
                            const int64_t *duration_ms, const char *letters)
{
  const int32_t p = net->signal_first_program[signal + 1], f = net->program_first_phase[p];
  const int32_t groups = net->signal_group_count[signal];
  const int64_t at = net->phase_first_state[f], all = net->phase_first_state[net->phase_count];
  const int64_t more = (int64_t)phase_count * groups;
  widen_programs(net, p);
  net->program_id[p] = art_strdup(id);
  widen_phases(net, f, phase_count);
  WIDEN(phase_first_state, net->phase_count + 1, f, phase_count);
  WIDEN(phase_state, all, at, more);
  memcpy(net->phase_state + at, letters, (size_t)more);
  for (int32_t k = 0; k < phase_count; ++k) {
    net->phase_first_state[f + k] = at + (int64_t)k * groups;
    net->phase_duration_ms[f + k] = net->phase_min_ms[f + k] = net->phase_max_ms[f + k] = duration_ms[k];
  }
  net->phase_count += phase_count;
  ++net->program_count;
  for (int32_t k = f + phase_count; k <= net->phase_count; ++k) net->phase_first_state[k] += more;
  net->program_first_phase[p + 1] = f + phase_count;
  for (int32_t q = p + 2; q <= net->program_count; ++q) net->program_first_phase[q] += phase_count;
  for (int32_t s = signal + 1; s <= net->signal_count; ++s) ++net->signal_first_program[s];
  for (int32_t s = 0; s < net->signal_count; ++s) net->signal_active[s] += net->signal_active[s] >= p;
  for (int32_t r = 0; r < net->switch_count; ++r) net->switch_program[r] += net->switch_program[r] >= p;
  net->control_programs = net->program_count;
  net->control_phases = net->phase_count;
  return p;
}

// --- sensors --------------------------------------------------------------------------------------------------------

#define GROW(column, count) (net->column = art_renew(net->column, (size_t)(count), sizeof *net->column))

static int32_t add_point_detector(art_net *net, const char *id, int64_t period_ms)
{
  const int32_t d = net->detector_count++;
  GROW(detector_id, d + 1);
  GROW(detector_kind, d + 1);
  GROW(detector_first_point, d + 2);
  GROW(detector_period_ms, d + 1);
  net->detector_id[d] = art_strdup(id);
  net->detector_kind[d] = ART_DETECTOR_POINT;
  net->detector_first_point[0] = 0;
  net->detector_first_point[d + 1] = net->detector_point_count;
  net->detector_period_ms[d] = period_ms;
  return d;
}

/// A place more for the last detector.
static void add_place(art_net *net, int32_t lane, float pos_m)
{
  const int32_t q = net->detector_point_count++;
  GROW(detector_lane, q + 1);
  GROW(detector_pos_m, q + 1);
  GROW(detector_end_m, q + 1);
  GROW(detector_role, q + 1);
  net->detector_lane[q] = lane;
  net->detector_pos_m[q] = net->detector_end_m[q] = pos_m;
  net->detector_role[q] = 0;
  net->detector_first_point[net->detector_count] = q + 1;
}
#undef GROW

/// So far before the line, or where the lane begins. Who waits for a line behind a very short lane stands on the way into
/// that lane: there the places are, on every connector that leads to it.
static void add_places(art_net *net, int32_t lane, float before_m)
{
  const float length = net->lane_length_m[lane], beyond = before_m - length;
  const int32_t first = net->lane_first_in[lane], end = net->lane_first_in[lane + 1];
  if (beyond <= 0.0f || length >= ART_SENSOR_LANE_M || first == end) {
    add_place(net, lane, beyond < 0.0f ? -beyond : 0.0f);
    return;
  }
  for (int32_t i = first; i < end; ++i) {
    const int32_t way = art_net_lane_of_connector(net, net->lane_in[i]);
    const float pos = net->lane_length_m[way] - beyond;
    add_place(net, way, pos > 0.0f ? pos : 0.0f);
  }
}

/// Detectors of one phase.
typedef struct sensor_list {
  int32_t *item, count, capacity;
} sensor_list;

/// The detector of that id among the sensors of a signal and those from `first_new` on; -1: there is none.
static int32_t find_sensor(const art_net *net, int32_t signal, int32_t first_new, const char *id)
{
  const int32_t begin = net->phase_first_sensor[net->program_first_phase[net->signal_first_program[signal]]],
                end = net->phase_first_sensor[net->program_first_phase[net->signal_first_program[signal + 1]]];
  for (int32_t i = begin; i < end; ++i)
    if (strcmp(net->detector_id[net->phase_sensor[i]], id) == 0) return net->phase_sensor[i];
  for (int32_t d = first_new; d < net->detector_count; ++d)
    if (strcmp(net->detector_id[d], id) == 0) return d;
  return -1;
}

static int32_t put_sensor(art_net *net, sensor_list *list, int32_t signal, int32_t first_new, int32_t lane,
                          float before_m, const char *place, int64_t period_ms)
{
  if (before_m <= 0.0f) return 0;
  char id[512];
  const int32_t link = net->lane_link[lane];
  snprintf(id, sizeof id, "%.200s_%d %.200s %s", net->link_id[link], (int)(lane - net->link_first_lane[link]),
           net->signal_id[signal], place);
  int32_t d = find_sensor(net, signal, first_new, id), added = 0;
  if (d < 0) {
    d = add_point_detector(net, id, period_ms);
    add_places(net, lane, before_m);
    added = 1;
  }
  for (int32_t i = 0; i < list->count; ++i)
    if (list->item[i] == d) return added;
  ART_PUSH(list->item, list->count, list->capacity, d);
  return added;
}

int32_t art_net_add_sensors(art_net *net, int32_t program, const art_sensor_places *places)
{
  const int32_t first_new = net->detector_count;
  int32_t signal = 0, added = 0, own_count = 0;
  while (net->signal_first_program[signal + 1] <= program) ++signal;
  int32_t *own = ART_NEW(int32_t, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_signal[c] == signal) own[own_count++] = c;
  for (int32_t phase = net->program_first_phase[program]; phase < net->program_first_phase[program + 1]; ++phase) {
    sensor_list list = { 0 };
    const char *state = net->phase_state + net->phase_first_state[phase];
    for (int32_t i = 0; i < own_count; ++i) {
      if (!art_letter_is_green(state[net->connector_signal_group[own[i]]])) continue;
      const int32_t lane = net->connector_from[own[i]];
      added += put_sensor(net, &list, signal, first_new, lane, places->line_m, "line", places->period_ms);
      added += put_sensor(net, &list, signal, first_new, lane, places->upstream_m, "upstream", places->period_ms);
    }
    // Those that the phase has already stay before them.
    const int32_t at = net->phase_first_sensor[phase + 1];
    if (list.count) {
      WIDEN(phase_sensor, net->phase_sensor_count, at, list.count);
      memcpy(net->phase_sensor + at, list.item, (size_t)list.count * sizeof *list.item);
      net->phase_sensor_count += list.count;
      for (int32_t k = phase + 1; k <= net->phase_count; ++k) net->phase_first_sensor[k] += list.count;
    }
    free(list.item);
  }
  free(own);
  return added;
}
