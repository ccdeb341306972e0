#include "core/net/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

static const char *const node_kinds[] = {
#define X(name, text) text,
  ART_NODE_KIND_LIST(X)
#undef X
};

int art_node_kind_find(const char *name)
{
  for (int i = 0; i < ART_NODE_KIND_COUNT; ++i)
    if (strcmp(name, node_kinds[i]) == 0) return i;
  return -1;
}

const char *art_node_kind_name(int kind)
{
  return kind >= 0 && kind < ART_NODE_KIND_COUNT ? node_kinds[kind] : "unknown";
}

art_net *art_net_new(void)
{
  return ART_NEW(art_net, 1);
}

static void free_ids(char **ids, int32_t count)
{
  if (!ids) return;
  for (int32_t i = 0; i < count; ++i) free(ids[i]);
  free(ids);
}

#define FORGET(column) (free(net->column), net->column = NULL)

static void free_control(art_net *net)
{
  FORGET(program_control);
  FORGET(program_cycle_ms);
  FORGET(phase_flags);
  FORGET(phase_number);
  FORGET(phase_ring);
  FORGET(phase_barrier);
  FORGET(phase_first_next);
  FORGET(phase_next);
  FORGET(phase_first_sensor);
  FORGET(phase_sensor);
  FORGET(signal_first_group);
  FORGET(group_min_green_ms);
  FORGET(group_yellow_ms);
  FORGET(group_red_yellow_ms);
  FORGET(signal_first_intergreen);
  FORGET(intergreen_from);
  FORGET(intergreen_to);
  FORGET(intergreen_ms);
  FORGET(signal_first_switch);
  FORGET(switch_at_ms);
  FORGET(switch_program);
  FORGET(signal_switch_period_ms);
  for (int i = 0; i < ART_CONTROL_VALUE_COUNT; ++i) FORGET(program_value[i]);
  for (int i = 0; i < ART_PHASE_TIME_COUNT; ++i) FORGET(phase_time_ms[i]);
}

void art_net_free(art_net *net)
{
  if (!net) return;
  free_ids(net->node_id, net->node_count);
  free_ids(net->link_id, net->link_count);
  free_ids(net->signal_id, net->signal_count);
  free_ids(net->program_id, net->program_count);
  free_ids(net->stop_id, net->stop_count);
  free_ids(net->detector_id, net->detector_count);
  free_ids(net->crossing_id, net->crossing_count);
  void *const arrays[] = {
    net->node_kind,
    net->link_from,
    net->link_to,
    net->link_first_lane,
    net->link_priority,
    net->link_in_roundabout,
    net->lane_link,
    net->lane_length_m,
    net->lane_speed_mps,
    net->lane_width_m,
    net->lane_allowed,
    net->lane_change_left,
    net->lane_change_right,
    net->lane_grade,
    net->lane_speed_factor,
    net->lane_gap_factor,
    net->connector_from,
    net->connector_to,
    net->connector_node,
    net->connector_turn,
    net->connector_state,
    net->connector_signal,
    net->connector_signal_group,
    net->connector_hold_m,
    net->connector_keep_clear,
    net->connector_cont,
    net->connector_critical_gap_s,
    net->connector_follow_up_s,
    net->connector_sight_m,
    net->lane_first_out,
    net->lane_first_in,
    net->lane_in,
    net->node_first_connector,
    net->node_connector,
    net->conflict_first,
    net->conflict_other,
    net->conflict_kind,
    net->conflict_yield,
    net->conflict_enter_m,
    net->conflict_exit_m,
    net->conflict_other_enter_m,
    net->conflict_other_exit_m,
    net->signal_group_count,
    net->signal_first_program,
    net->signal_active,
    net->program_offset_ms,
    net->program_first_phase,
    net->phase_duration_ms,
    net->phase_min_ms,
    net->phase_max_ms,
    net->phase_first_state,
    net->phase_state,
    net->stop_lane,
    net->stop_start_m,
    net->stop_end_m,
    net->crossing_node,
    net->crossing_signal,
    net->crossing_signal_group,
    net->crossing_walk_s,
    net->crossing_flow_per_h,
    net->crossing_first,
    net->crossing_connector,
    net->crossing_enter_m,
    net->crossing_exit_m,
    net->detector_kind,
    net->detector_first_point,
    net->detector_lane,
    net->detector_pos_m,
    net->detector_end_m,
    net->detector_role,
    net->detector_period_ms,
  };
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i) free(arrays[i]);
  free_control(net);
  free(net);
}

static int is_all(const int64_t *column, int32_t count, int64_t value)
{
  int32_t i = 0;
  while (i < count && column[i] == value) ++i;
  return i == count;
}

void art_net_forget_conflicts(art_net *net)
{
  FORGET(conflict_first);
  FORGET(conflict_other);
  FORGET(conflict_kind);
  FORGET(conflict_yield);
  FORGET(conflict_enter_m);
  FORGET(conflict_exit_m);
  FORGET(conflict_other_enter_m);
  FORGET(conflict_other_exit_m);
}

void art_net_forget_unread_control(art_net *net)
{
  FORGET(group_min_green_ms);  // who controls asks for the yellow
  FORGET(group_red_yellow_ms);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t)
    if (net->phase_time_ms[t] && is_all(net->phase_time_ms[t], net->phase_count, art_phase_time_initial(t)))
      FORGET(phase_time_ms[t]);
}

/// Counting sort: items[first[k] .. first[k + 1]) become the connectors whose key is k, in ascending order.
static void group_by_key(const int32_t *key, int32_t item_count, int32_t key_count, int32_t **first,
                         int32_t **items)
{
  free(*first);
  *first = ART_NEW(int32_t, key_count + 1);
  for (int32_t i = 0; i < item_count; ++i) ++(*first)[key[i] + 1];
  for (int32_t k = 0; k < key_count; ++k) (*first)[k + 1] += (*first)[k];
  if (!items) return;
  free(*items);
  *items = ART_NEW(int32_t, item_count);
  int32_t *next = ART_NEW(int32_t, key_count);
  for (int32_t i = 0; i < item_count; ++i) (*items)[(*first)[key[i]] + next[key[i]]++] = i;
  free(next);
}

/// Columns of gap acceptance may be left out by whoever builds a net: zeros say "nothing prescribed".
static void complete_gaps(art_net *net)
{
  float **const columns[] = { &net->connector_critical_gap_s, &net->connector_follow_up_s,
                              &net->connector_sight_m };
  for (size_t i = 0; i < sizeof columns / sizeof *columns; ++i)
    if (!*columns[i]) *columns[i] = ART_NEW(float, net->connector_count);
}

static void complete_ms(int64_t **column, int32_t count, int64_t initial)
{
  if (*column) return;
  *column = ART_NEW(int64_t, count);
  for (int32_t i = 0; i < count; ++i) (*column)[i] = initial;
}

static void find_groups(art_net *net)
{
  free(net->signal_first_group);
  net->signal_first_group = ART_NEW(int32_t, net->signal_count + 1);
  for (int32_t s = 0; s < net->signal_count; ++s)
    net->signal_first_group[s + 1] = net->signal_first_group[s] + net->signal_group_count[s];
}

static void complete_groups(art_net *net)
{
  const int32_t groups = net->signal_first_group[net->signal_count];
  complete_ms(&net->group_min_green_ms, groups, -1);
  complete_ms(&net->group_yellow_ms, groups, -1);
  complete_ms(&net->group_red_yellow_ms, groups, -1);
}

#define COMPLETE(column, count) \
  if (!net->column) net->column = art_new((size_t)(count), sizeof *net->column)

static int32_t count_groups(const art_net *net)
{
  int32_t groups = 0;
  for (int32_t s = 0; s < net->signal_count; ++s) groups += net->signal_group_count[s];
  return groups;
}

/// Columns that an earlier call made may be too short by now.
static void forget_old_control(art_net *net)
{
  const int32_t groups = count_groups(net);
  const int is_same = net->control_signals == net->signal_count && net->control_programs == net->program_count &&
                      net->control_phases == net->phase_count && net->control_groups == groups;
  if (net->control_signals > 0 && !is_same) {
    free_control(net);
    net->phase_next_count = net->phase_sensor_count = net->intergreen_count = net->switch_count = 0;
  }
  net->control_signals = net->signal_count;
  net->control_programs = net->program_count;
  net->control_phases = net->phase_count;
  net->control_groups = groups;
}

/// Whoever builds a net of fixed-time programs leaves all this out.
static void complete_control(art_net *net)
{
  const int32_t programs = net->program_count, phases = net->phase_count, signals = net->signal_count;
  forget_old_control(net);
  find_groups(net);
  if (signals == 0) return;  // they may be added yet
  COMPLETE(program_control, programs);
  COMPLETE(program_cycle_ms, programs);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) {
    if (net->program_value[v]) continue;
    net->program_value[v] = ART_NEW(float, programs);
    for (int32_t p = 0; p < programs; ++p) net->program_value[v][p] = art_control_value_initial(v);
  }
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t)
    complete_ms(&net->phase_time_ms[t], phases, art_phase_time_initial(t));
  COMPLETE(phase_flags, phases);
  COMPLETE(phase_number, phases);
  COMPLETE(phase_ring, phases);
  COMPLETE(phase_barrier, phases);
  COMPLETE(phase_first_next, phases + 1);
  COMPLETE(phase_next, net->phase_next_count);
  COMPLETE(phase_first_sensor, phases + 1);
  COMPLETE(phase_sensor, net->phase_sensor_count);
  complete_groups(net);
  COMPLETE(signal_first_intergreen, signals + 1);
  COMPLETE(intergreen_from, net->intergreen_count);
  COMPLETE(intergreen_to, net->intergreen_count);
  COMPLETE(intergreen_ms, net->intergreen_count);
  COMPLETE(signal_first_switch, signals + 1);
  COMPLETE(switch_at_ms, net->switch_count);
  COMPLETE(switch_program, net->switch_count);
  COMPLETE(signal_switch_period_ms, signals);
}

void art_net_new_lanes(art_net *net, int32_t connectors)
{
  const int32_t n = net->connector_count = connectors, lanes = net->lane_count = net->link_lane_count + n;
  net->lane_link = ART_NEW(int32_t, lanes);
  net->lane_length_m = ART_NEW(float, lanes);
  net->lane_speed_mps = ART_NEW(float, lanes);
  net->lane_width_m = ART_NEW(float, lanes);
  net->lane_allowed = ART_NEW(uint32_t, lanes);
  net->lane_change_left = ART_NEW(uint32_t, lanes);
  net->lane_change_right = ART_NEW(uint32_t, lanes);
  net->connector_from = ART_NEW(int32_t, n);
  net->connector_to = ART_NEW(int32_t, n);
  net->connector_node = ART_NEW(int32_t, n);
  net->connector_turn = ART_NEW(uint8_t, n);
  net->connector_state = ART_NEW(char, n);
  net->connector_signal = ART_NEW(int32_t, n);
  net->connector_signal_group = ART_NEW(int32_t, n);
  net->connector_hold_m = ART_NEW(float, n);
  net->connector_keep_clear = ART_NEW(uint8_t, n);
  net->connector_cont = ART_NEW(uint8_t, n);
}

void art_net_index(art_net *net)
{
  const int32_t n = net->connector_count;
  complete_gaps(net);
  complete_control(net);
  group_by_key(net->connector_from, n, net->link_lane_count, &net->lane_first_out, NULL);
  group_by_key(net->connector_to, n, net->link_lane_count, &net->lane_first_in, &net->lane_in);
  group_by_key(net->connector_node, n, net->node_count, &net->node_first_connector, &net->node_connector);
}

int32_t art_net_link_before(const art_net *net, int32_t link)
{
  int32_t from = -1;
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l)
    for (int32_t i = net->lane_first_in[l]; i < net->lane_first_in[l + 1]; ++i) {
      const int32_t c = net->lane_in[i], other = net->lane_link[net->connector_from[c]];
      if (net->connector_signal[c] >= 0 || (from >= 0 && other != from)) return -1;
      from = other;
    }
  return from;
}

int art_net_phase_is_stage(const art_net *net, int32_t phase)
{
  int some = 0;
  for (int64_t i = net->phase_first_state[phase]; i < net->phase_first_state[phase + 1]; ++i) {
    const char letter = net->phase_state[i];
    if (letter == 'y' || letter == 'u') return 0;
    some |= art_letter_goes(letter);
  }
  return some;
}

int32_t art_net_find(char *const *ids, int32_t count, const char *id)
{
  for (int32_t i = 0; i < count; ++i)
    if (strcmp(ids[i], id) == 0) return i;
  return -1;
}
