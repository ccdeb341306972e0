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
  free(net);
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

void art_net_index(art_net *net)
{
  const int32_t n = net->connector_count;
  complete_gaps(net);
  group_by_key(net->connector_from, n, net->link_lane_count, &net->lane_first_out, NULL);
  group_by_key(net->connector_to, n, net->link_lane_count, &net->lane_first_in, &net->lane_in);
  group_by_key(net->connector_node, n, net->node_count, &net->node_first_connector, &net->node_connector);
}

int32_t art_net_find(char *const *ids, int32_t count, const char *id)
{
  for (int32_t i = 0; i < count; ++i)
    if (strcmp(ids[i], id) == 0) return i;
  return -1;
}
