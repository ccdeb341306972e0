/// \file small_net.h
/// Nets of a few links written down as tables, for tests of the engine. Ids are "n0", "l0", ...; the arrays end with a
/// row of zero length.
#ifndef ART_TESTS_UNIT_SMALL_NET_H
#define ART_TESTS_UNIT_SMALL_NET_H
#include <stdio.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "core/step/sim.h"
#include "scenarios/run/kernels.h"

typedef struct small_link {
  int32_t from, to, lanes;
  float length_m, speed_mps;
} small_link;

/// Lane indices count within their links. Rows ascend by (from lane, to lane). State as connector_state.
typedef struct small_path {
  int32_t from_link, from_lane, to_link, to_lane;
  float length_m, speed_mps;
  char state;
  float hold_m;  ///< 0: none
  int no_keep_clear;
} small_path;

/// One conflict; the mirror row is made from it. `a` and `b` are rows of the paths, 0 <= a < b.
typedef struct small_conflict {
  int32_t a, b;
  art_conflict_kind kind;
  int a_yields, b_yields;
  float a_enter_m, a_exit_m, b_enter_m, b_exit_m;
} small_conflict;

static inline char *small_id(char prefix, int32_t number)
{
  char text[16];
  snprintf(text, sizeof text, "%c%d", prefix, number);
  return art_strdup(text);
}

static inline void small_conflicts(art_net *net, const small_conflict *conflicts)
{
  int32_t rows = 0;
  while (conflicts && conflicts[rows].a_exit_m > 0.0f) ++rows;
  const int32_t n = net->conflict_count = 2 * rows;
  net->conflict_first = ART_NEW(int32_t, net->connector_count + 1);
  net->conflict_other = ART_NEW(int32_t, n);
  net->conflict_kind = ART_NEW(uint8_t, n);
  net->conflict_yield = ART_NEW(uint8_t, n);
  net->conflict_enter_m = ART_NEW(float, n);
  net->conflict_exit_m = ART_NEW(float, n);
  net->conflict_other_enter_m = ART_NEW(float, n);
  net->conflict_other_exit_m = ART_NEW(float, n);
  int32_t k = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    for (int32_t i = 0; i < rows; ++i) {
      const small_conflict *r = &conflicts[i];
      if (r->a != c && r->b != c) continue;
      const int is_a = r->a == c;
      net->conflict_other[k] = is_a ? r->b : r->a;
      net->conflict_kind[k] = (uint8_t)r->kind;
      net->conflict_yield[k] = (uint8_t)(is_a ? r->a_yields : r->b_yields);
      net->conflict_enter_m[k] = is_a ? r->a_enter_m : r->b_enter_m;
      net->conflict_exit_m[k] = is_a ? r->a_exit_m : r->b_exit_m;
      net->conflict_other_enter_m[k] = is_a ? r->b_enter_m : r->a_enter_m;
      net->conflict_other_exit_m[k] = is_a ? r->b_exit_m : r->a_exit_m;
      ++k;
    }
    net->conflict_first[c + 1] = k;
  }
}

static inline art_net *small_net(int32_t nodes, const small_link *links, const small_path *paths,
                                 const small_conflict *conflicts)
{
  art_net *net = art_net_new();
  int32_t link_count = 0, path_count = 0, lanes = 0;
  while (links[link_count].length_m > 0.0f) lanes += links[link_count++].lanes;
  while (paths[path_count].length_m > 0.0f) ++path_count;
  net->node_count = nodes;
  net->node_id = ART_NEW(char *, nodes);
  net->node_kind = ART_NEW(uint8_t, nodes);
  for (int32_t i = 0; i < nodes; ++i) net->node_id[i] = small_id('n', i);
  net->link_count = link_count;
  net->link_id = ART_NEW(char *, link_count);
  net->link_from = ART_NEW(int32_t, link_count);
  net->link_to = ART_NEW(int32_t, link_count);
  net->link_first_lane = ART_NEW(int32_t, link_count + 1);
  net->link_priority = ART_NEW(int32_t, link_count);
  net->link_in_roundabout = ART_NEW(uint8_t, link_count);
  net->link_lane_count = lanes;
  net->lane_count = lanes + path_count;
  net->lane_link = ART_NEW(int32_t, net->lane_count);
  net->lane_length_m = ART_NEW(float, net->lane_count);
  net->lane_speed_mps = ART_NEW(float, net->lane_count);
  net->lane_width_m = ART_NEW(float, net->lane_count);
  net->lane_allowed = ART_NEW(uint32_t, net->lane_count);
  net->lane_change_left = ART_NEW(uint32_t, net->lane_count);
  net->lane_change_right = ART_NEW(uint32_t, net->lane_count);
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    net->lane_link[lane] = -1;
    net->lane_width_m[lane] = 3.2f;
    net->lane_allowed[lane] = net->lane_change_left[lane] = net->lane_change_right[lane] = ART_PERMIT_ALL;
  }
  for (int32_t l = 0, lane = 0; l < link_count; ++l) {
    net->link_id[l] = small_id('l', l);
    net->link_from[l] = links[l].from;
    net->link_to[l] = links[l].to;
    for (int32_t m = 0; m < links[l].lanes; ++m, ++lane) {
      net->lane_link[lane] = l;
      net->lane_length_m[lane] = links[l].length_m;
      net->lane_speed_mps[lane] = links[l].speed_mps;
    }
    net->link_first_lane[l + 1] = lane;
  }
  net->connector_count = path_count;
  net->connector_from = ART_NEW(int32_t, path_count);
  net->connector_to = ART_NEW(int32_t, path_count);
  net->connector_node = ART_NEW(int32_t, path_count);
  net->connector_turn = ART_NEW(uint8_t, path_count);
  net->connector_state = ART_NEW(char, path_count);
  net->connector_signal = ART_NEW(int32_t, path_count);
  net->connector_signal_group = ART_NEW(int32_t, path_count);
  net->connector_hold_m = ART_NEW(float, path_count);
  net->connector_keep_clear = ART_NEW(uint8_t, path_count);
  net->connector_cont = ART_NEW(uint8_t, path_count);
  for (int32_t c = 0; c < path_count; ++c) {
    const small_path *p = &paths[c];
    net->connector_from[c] = net->link_first_lane[p->from_link] + p->from_lane;
    net->connector_to[c] = net->link_first_lane[p->to_link] + p->to_lane;
    net->connector_node[c] = links[p->from_link].to;
    net->connector_state[c] = p->state ? p->state : 'M';
    net->connector_signal[c] = -1;
    net->connector_hold_m[c] = p->hold_m > 0.0f ? p->hold_m : -1.0f;
    net->connector_cont[c] = p->hold_m > 0.0f;
    net->connector_keep_clear[c] = !p->no_keep_clear;
    net->lane_length_m[lanes + c] = p->length_m;
    net->lane_speed_mps[lanes + c] = p->speed_mps;
  }
  small_conflicts(net, conflicts);
  net->signal_first_program = ART_NEW(int32_t, 1);
  net->program_first_phase = ART_NEW(int32_t, 1);
  net->phase_first_state = ART_NEW(int64_t, 1);
  net->detector_first_point = ART_NEW(int32_t, 1);
  art_net_index(net);
  return net;
}

/// One signal over all connectors, group = connector. `states` has one letter a connector, phase after phase.
static inline void small_signal(art_net *net, int32_t phases, const int64_t *duration_ms, const char *states)
{
  const int32_t groups = net->connector_count;
  net->signal_count = net->program_count = 1;
  net->phase_count = phases;
  net->signal_id = ART_NEW(char *, 1);
  net->signal_id[0] = small_id('s', 0);
  net->program_id = ART_NEW(char *, 1);
  net->program_id[0] = small_id('p', 0);
  net->signal_group_count = ART_NEW(int32_t, 1);
  net->signal_group_count[0] = groups;
  net->signal_active = ART_NEW(int32_t, 1);
  net->program_offset_ms = ART_NEW(int64_t, 1);
  net->signal_first_program = art_renew(net->signal_first_program, 2, sizeof(int32_t));
  net->signal_first_program[1] = 1;
  net->program_first_phase = art_renew(net->program_first_phase, 2, sizeof(int32_t));
  net->program_first_phase[1] = phases;
  net->phase_duration_ms = ART_NEW(int64_t, phases);
  net->phase_min_ms = ART_NEW(int64_t, phases);
  net->phase_max_ms = ART_NEW(int64_t, phases);
  net->phase_first_state = art_renew(net->phase_first_state, (size_t)phases + 1, sizeof(int64_t));
  net->phase_state = ART_NEW(char, phases *groups);
  memcpy(net->phase_state, states, (size_t)(phases * groups));
  for (int32_t p = 0; p < phases; ++p) {
    net->phase_duration_ms[p] = net->phase_min_ms[p] = net->phase_max_ms[p] = duration_ms[p];
    net->phase_first_state[p + 1] = (int64_t)groups * (p + 1);
  }
  for (int32_t c = 0; c < groups; ++c) {
    net->connector_signal[c] = 0;
    net->connector_signal_group[c] = c;
  }
  art_net_index(net);
}

static inline art_sim_setup small_setup(const art_net *net, const art_demand *demand)
{
  return (art_sim_setup){ .net = net,
                          .demand = demand,
                          .kernels = art_models_kernels(),
                          .seed = 1,
                          .step_ms = 500,
                          .end_ms = 3600000,
                          .threads = 1,
                          .model = ART_MODEL_IIDM };
}

#endif  // ART_TESTS_UNIT_SMALL_NET_H
