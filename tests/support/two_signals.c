#include "tests/support/two_signals.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "tests/unit/small_net.h"

enum { GROUPS = 3, PHASES = 6 };

static void make_programs(art_net *net, const art_two_signals *o)
{
  static const char states[] = "GGryyrrrrrrGrryrrr";
  const art_tick duration[PHASES] = { o->green_ms[0], o->yellow_ms, o->red_ms,
                                      o->green_ms[1], o->yellow_ms, o->red_ms };
  net->signal_count = net->program_count = 2;
  net->phase_count = 2 * PHASES;
  net->signal_id = ART_NEW(char *, 2);
  net->program_id = ART_NEW(char *, 2);
  net->signal_group_count = ART_NEW(int32_t, 2);
  net->signal_active = ART_NEW(int32_t, 2);
  net->program_offset_ms = ART_NEW(int64_t, 2);
  net->signal_first_program = art_renew(net->signal_first_program, 3, sizeof(int32_t));
  net->program_first_phase = art_renew(net->program_first_phase, 3, sizeof(int32_t));
  net->phase_duration_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_min_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_max_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_first_state = art_renew(net->phase_first_state, 2 * PHASES + 1, sizeof(int64_t));
  net->phase_state = ART_NEW(char, net->phase_count *GROUPS);
  for (int32_t s = 0; s < 2; ++s) {
    net->signal_id[s] = small_id('s', s);
    net->program_id[s] = small_id('p', s);
    net->signal_group_count[s] = GROUPS;
    net->signal_active[s] = s;
    net->program_offset_ms[s] = o->offset_ms[s];
    net->signal_first_program[s + 1] = s + 1;
    net->program_first_phase[s + 1] = PHASES * (s + 1);
    memcpy(net->phase_state + PHASES * GROUPS * s, states, PHASES * GROUPS);
    for (int32_t p = 0; p < PHASES; ++p) {
      const int32_t i = PHASES * s + p;
      net->phase_duration_ms[i] = net->phase_min_ms[i] = net->phase_max_ms[i] = duration[p];
      net->phase_first_state[i + 1] = GROUPS * (i + 1);
    }
  }
}

art_net *art_test_two_signals(const art_two_signals *o)
{
  const float v = o->speed_mps, arm = o->arm_m;
  const small_link links[] = { { 0, 1, 1, arm, v }, { 1, 2, 1, o->between_m - 12.0f, v }, { 2, 3, 1, arm, v },
                               { 3, 2, 1, arm, v }, { 2, 1, 1, o->between_m - 12.0f, v }, { 1, 0, 1, arm, v },
                               { 4, 1, 1, arm, v }, { 1, 5, 1, arm, v },
                               { 6, 2, 1, arm, v }, { 2, 7, 1, arm, v }, { .length_m = 0 } };
  const small_path paths[] = { { 0, 0, 1, 0, 12, v, 'O', 0, 0 }, { 1, 0, 2, 0, 12, v, 'O', 0, 0 },
                               { 3, 0, 4, 0, 12, v, 'O', 0, 0 }, { 4, 0, 5, 0, 12, v, 'O', 0, 0 },
                               { 6, 0, 7, 0, 12, v, 'O', 0, 0 }, { 8, 0, 9, 0, 12, v, 'O', 0, 0 }, { .length_m = 0 } };
  const small_conflict conflicts[] = { { 0, 4, ART_CONFLICT_CROSS, 0, 1, 2, 11, 2, 11 },
                                       { 1, 5, ART_CONFLICT_CROSS, 0, 1, 2, 11, 2, 11 },
                                       { 2, 5, ART_CONFLICT_CROSS, 0, 1, 2, 11, 2, 11 },
                                       { 3, 4, ART_CONFLICT_CROSS, 0, 1, 2, 11, 2, 11 }, { .a_exit_m = 0 } };
  static const int32_t signal[] = { 0, 1, 1, 0, 0, 1 }, group[] = { 0, 0, 1, 1, 2, 2 };
  art_net *net = small_net(8, links, paths, conflicts);
  make_programs(net, o);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    net->connector_signal[c] = signal[c];
    net->connector_signal_group[c] = group[c];
  }
  net->node_kind[1] = net->node_kind[2] = ART_NODE_TRAFFIC_LIGHT;
  art_net_index(net);  // columns of control for the signals that there are now
  net->program_control[0] = net->program_control[1] = (uint8_t)o->control;
  return net;
}

void art_test_signal_open(art_test_signal *s, const art_net *net, int32_t signal)
{
  const int32_t groups = net->signal_group_count[signal];
  *s = (art_test_signal){ .connector = ART_NEW(int32_t, net->connector_count),
                          .shown = ART_NEW(char, groups),
                          .since_ms = ART_NEW(art_tick, groups),
                          .lane = ART_NEW(art_lane_reading, net->link_lane_count),
                          .passed = ART_NEW(int32_t, net->connector_count),
                          .aspect = ART_NEW(char, net->connector_count) };
  s->view = (art_control_view){ .net = net,
                                .signal = signal,
                                .program = net->signal_active[signal],
                                .step_ms = 500,
                                .shown = s->shown,
                                .since_ms = s->since_ms,
                                .lane = s->lane,
                                .connector = s->connector,
                                .passed = s->passed,
                                .aspect = s->aspect,
                                .memory = ART_NEW(int64_t, ART_CONTROL_WORDS),
                                .wanted = ART_NEW(char, groups) };
  memset(s->shown, 'r', (size_t)groups);
  memset(s->view.wanted, 'r', (size_t)groups);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_signal[c] == signal) s->connector[s->view.connector_count++] = c;
}

void art_test_signal_close(art_test_signal *s)
{
  free(s->connector);
  free(s->shown);
  free(s->since_ms);
  free(s->lane);
  free(s->passed);
  free(s->aspect);
  free(s->view.memory);
  free(s->view.wanted);
}

void art_test_signal_obey(art_test_signal *s)
{
  for (int32_t g = 0; g < s->view.net->signal_group_count[s->view.signal]; ++g) {
    if (s->shown[g] == s->view.wanted[g]) continue;
    s->shown[g] = s->view.wanted[g];
    s->since_ms[g] = s->view.now_ms;
  }
}
