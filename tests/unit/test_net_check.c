// Every kind of corruption of a network must be refused, and the message must name the entity.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

static void good_nets_pass(void **state)
{
  (void)state;
  art_net *nets[] = { art_test_net_road(1, 1, 100.0f, 13.9f), art_test_net_road(5, 3, 250.0f, 20.0f),
                      art_test_net_ring(2, 2, 50.0f, 10.0f), art_test_net_crossing(), art_net_new() };
  for (size_t i = 0; i < sizeof nets / sizeof *nets; ++i) {
    art_error err = { 0 };
    assert_ok(art_net_check(nets[i], &err), err);
    art_net_free(nets[i]);
  }
  art_net_free(NULL);
}

// One corruption each: applied to a fresh crossing, which must then be refused with all the words in the
// message.
static void missing_array(art_net *n)
{
  free(n->lane_speed_mps), n->lane_speed_mps = NULL;
}
static void negative_count(art_net *n)
{
  n->stop_count = -1;
}
static void lane_sum(art_net *n)
{
  n->link_lane_count = 5;
}
static void node_twice(art_net *n)
{
  strcpy(n->node_id[2], n->node_id[1]);
}
static void node_empty(art_net *n)
{
  n->node_id[3][0] = '\0';
}
static void node_kind(art_net *n)
{
  n->node_kind[0] = ART_NODE_KIND_COUNT;
}
static void link_twice(art_net *n)
{
  free(n->link_id[3]), n->link_id[3] = art_strdup("w_in");
}
static void link_start(art_net *n)
{
  n->link_from[1] = 5;
}
static void link_end(art_net *n)
{
  n->link_to[2] = -1;
}
static void link_laneless(art_net *n)
{
  n->link_first_lane[2] = n->link_first_lane[1];
}
static void link_lanes_begin(art_net *n)
{
  n->link_first_lane[0] = 1;
}
static void link_lanes_end(art_net *n)
{
  n->link_first_lane[4] = 3;
}
static void link_roundabout(art_net *n)
{
  n->link_in_roundabout[0] = 2;
}
static void lane_owner(art_net *n)
{
  n->lane_link[1] = 0;
}
static void lane_short(art_net *n)
{
  n->lane_length_m[1] = 0.0f;
}
static void lane_nan(art_net *n)
{
  n->lane_length_m[5] = NAN;
}
static void lane_slow(art_net *n)
{
  n->lane_speed_mps[2] = -3.0f;
}
static void lane_narrow(art_net *n)
{
  n->lane_width_m[3] = INFINITY;
}
static void connector_start(art_net *n)
{
  n->connector_from[1] = 4;
}
static void connector_end(art_net *n)
{
  n->connector_to[2] = -1;
}
static void connector_node(art_net *n)
{
  n->connector_node[0] = 9;
}
static void connector_place(art_net *n)
{
  n->connector_node[1] = 3;
}
static void connector_elsewhere(art_net *n)
{
  n->connector_to[2] = 0;
}
static void connector_link(art_net *n)
{
  n->lane_link[4] = 0;
}
static void connector_order(art_net *n)
{
  n->connector_to[0] = 3, n->connector_to[1] = 2;
}
static void connector_twin(art_net *n)
{
  n->connector_to[0] = 3;
}
static void connector_turn(art_net *n)
{
  n->connector_turn[2] = 6;
}
static void connector_state(art_net *n)
{
  n->connector_state[1] = 'q';
}
static void connector_stateless(art_net *n)
{
  n->connector_state[1] = '\0';
}
static void connector_signal(art_net *n)
{
  n->connector_signal[0] = 1;
}
static void connector_group(art_net *n)
{
  n->connector_signal_group[2] = 3;
}
static void connector_hold(art_net *n)
{
  n->connector_hold_m[1] = 11.0f;
}
static void connector_hold_nan(art_net *n)
{
  n->connector_hold_m[1] = NAN;
}
static void connector_cont(art_net *n)
{
  n->connector_cont[0] = 2;
}
static void index_out(art_net *n)
{
  n->lane_first_out[1] = 1;
}
static void index_in(art_net *n)
{
  n->lane_in[1] = 2, n->lane_in[2] = 1;
}
static void index_node(art_net *n)
{
  n->node_first_connector[1] = 0;
}
static void conflict_rows(art_net *n)
{
  n->conflict_first[3] = 5;
}
static void conflict_self(art_net *n)
{
  n->conflict_other[0] = 0;
}
static void conflict_range(art_net *n)
{
  n->conflict_other[5] = 3;
}
static void conflict_kind(art_net *n)
{
  n->conflict_kind[1] = 3;
}
static void conflict_merge(art_net *n)
{
  n->conflict_kind[1] = n->conflict_kind[4] = ART_CONFLICT_MERGE;
}
static void conflict_diverge(art_net *n)
{
  n->conflict_kind[1] = n->conflict_kind[4] = ART_CONFLICT_DIVERGE;
}
static void conflict_zone(art_net *n)
{
  n->conflict_enter_m[1] = n->conflict_other_enter_m[4] = 8.0f;
}
static void conflict_far(art_net *n)
{
  n->conflict_exit_m[1] = n->conflict_other_exit_m[4] = 20.0f;
}
static void conflict_mirror(art_net *n)
{
  n->conflict_other_exit_m[4] = 6.5f;
}
static void signal_groupless(art_net *n)
{
  n->signal_group_count[0] = 0;
}
static void signal_programless(art_net *n)
{
  n->signal_first_program[1] = 0;
}
static void signal_active(art_net *n)
{
  n->signal_active[0] = 1;
}
static void phase_length(art_net *n)
{
  n->phase_duration_ms[2] = 0;
}
static void phase_range(art_net *n)
{
  n->phase_min_ms[1] = 9000;
}
static void phase_state(art_net *n)
{
  n->phase_state[4] = 'x';
}
static void phase_letters(art_net *n)
{
  n->phase_first_state[2] = 5;
}
static void stop_lane(art_net *n)
{
  n->stop_lane[0] = 4;
}
static void stop_order(art_net *n)
{
  n->stop_start_m[0] = 130.0f;
}
static void stop_far(art_net *n)
{
  n->stop_end_m[0] = 201.0f;
}
static void detector_kind(art_net *n)
{
  n->detector_kind[1] = 3;
}
static void detector_lane(art_net *n)
{
  n->detector_lane[1] = 7;
}
static void detector_far(art_net *n)
{
  n->detector_pos_m[0] = n->detector_end_m[0] = 250.0f;
}
static void detector_point(art_net *n)
{
  n->detector_end_m[0] = 195.0f;
}
static void detector_role(art_net *n)
{
  n->detector_role[0] = 1;
}
static void detector_period(art_net *n)
{
  n->detector_period_ms[2] = 0;
}
static void detector_pointless(art_net *n)
{
  n->detector_first_point[1] = 0;
}

static void control_kind(art_net *n)
{
  n->program_control[0] = ART_CONTROL_COUNT;
}
static void control_value(art_net *n)
{
  n->program_value[ART_CONTROL_VALUE_decide_every_s][0] = 0.0f;
}
static void control_time(art_net *n)
{
  n->phase_time_ms[ART_PHASE_TIME_yellow_ms][1] = -2;
}
static void control_flags(art_net *n)
{
  n->phase_flags[3] = 1u << 20;
}
static void control_ring(art_net *n)
{
  n->phase_ring[2] = 4;
}
static void control_yellow(art_net *n)
{
  n->group_yellow_ms[2] = -3;
}
static void control_next(art_net *n)
{
  n->phase_next_count = 1;
  n->phase_next = art_renew(n->phase_next, 1, sizeof *n->phase_next);
  n->phase_next[0] = 4;
  for (int p = 3; p <= 4; ++p) n->phase_first_next[p] = 1;
}
static void control_sensor(art_net *n)
{
  n->phase_sensor_count = 1;
  n->phase_sensor = art_renew(n->phase_sensor, 1, sizeof *n->phase_sensor);
  n->phase_sensor[0] = 2;
  for (int p = 1; p <= 4; ++p) n->phase_first_sensor[p] = 1;
}
static void control_intergreen(art_net *n)
{
  n->intergreen_count = n->signal_first_intergreen[1] = 1;
  n->intergreen_from = art_renew(n->intergreen_from, 1, sizeof(int32_t));
  n->intergreen_to = art_renew(n->intergreen_to, 1, sizeof(int32_t));
  n->intergreen_ms = art_renew(n->intergreen_ms, 1, sizeof(int64_t));
  n->intergreen_from[0] = n->intergreen_to[0] = 1;
  n->intergreen_ms[0] = 4000;
}
static void control_schedule(art_net *n)
{
  n->switch_count = n->signal_first_switch[1] = 2;
  n->switch_at_ms = art_renew(n->switch_at_ms, 2, sizeof(int64_t));
  n->switch_program = art_renew(n->switch_program, 2, sizeof(int32_t));
  n->switch_program[0] = n->switch_program[1] = 0;
  n->switch_at_ms[0] = n->switch_at_ms[1] = 3600000;
}
static void control_period(art_net *n)
{
  control_schedule(n);
  n->switch_at_ms[1] = 90000000;
  n->signal_switch_period_ms[0] = 86400000;
}
static void control_rows(art_net *n)
{
  n->phase_next_count = 2;
}

static const struct corruption {
  void (*apply)(art_net *net);
  const char *words[3];
} corruptions[] = {
  { missing_array, { "lane_speed_mps", "missing", "7" } },
  { negative_count, { "stop_count", "-1", "at least 0" } },
  { lane_sum, { "lane_count", "7", "8" } },
  { node_twice, { "node 'w'", "twice", "" } },
  { node_empty, { "node 3", "no id", "" } },
  { node_kind, { "node 'mid'", "14", "0 to 13" } },
  { link_twice, { "link 'w_in'", "twice", "" } },
  { link_start, { "link 's_in'", "from node is 5", "0 to 4" } },
  { link_end, { "link 'e_out'", "to node is -1", "0 to 4" } },
  { link_laneless, { "link 's_in'", "0 lanes", "at least 1" } },
  { link_lanes_begin, { "lane of link 0", "1", "must be 0" } },
  { link_lanes_end, { "link 'n_out'", "0 lanes", "at least 1" } },
  { link_roundabout, { "link 'w_in'", "roundabout", "2" } },
  { lane_owner, { "lane 1", "link 's_in'", "" } },
  { lane_short, { "lane s_in_0", "length", "is 0;" } },
  { lane_nan, { "connector 1 (w_in_0 -> n_out_0)", "length", "nan" } },
  { lane_slow, { "lane e_out_0", "speed", "-3" } },
  { lane_narrow, { "lane n_out_0", "width", "inf" } },
  { connector_start, { "connector 1", "lane 4", "0 to 3" } },
  { connector_end, { "connector 2", "lane -1", "0 to 3" } },
  { connector_node, { "connector 0 (w_in_0 -> e_out_0)", "9", "0 to 4" } },
  { connector_place, { "connector 1 (w_in_0 -> n_out_0)", "node 'e'", "'mid'" } },
  { connector_elsewhere, { "connector 2 (s_in_0 -> w_in_0)", "node 'mid'", "'w'" } },
  { connector_link, { "connector 0", "names link 0", "-1" } },
  { connector_order, { "connector 1", "come after", "ascend" } },
  { connector_twin, { "connector 1", "come after", "differ" } },
  { connector_turn, { "connector 2", "turn is 6", "0 to 5" } },
  { connector_state, { "connector 1", "'q'", "M m O o" } },
  { connector_stateless, { "connector 1", "right of way", "(0)" } },
  { connector_signal, { "connector 0", "signal is 1", "-1 to 0" } },
  { connector_group, { "connector 2", "signal 'mid' is 3", "0 to 2" } },
  { connector_hold, { "connector 1", "11 m", "0 to 10" } },
  { connector_hold_nan, { "connector 1", "nan", "0 to 10" } },
  { connector_cont, { "connector 0", "cont is 2", "0 or 1" } },
  { index_out, { "lane_first_out", "art_net_index", "" } },
  { index_in, { "lane_first_in", "connector", "art_net_index" } },
  { index_node, { "node_first_connector", "art_net_index", "" } },
  { conflict_rows, { "connector", "end at 5", "6" } },
  { conflict_self, { "connector 0 (w_in_0 -> e_out_0)", "connector 0;", "another" } },
  { conflict_range, { "connector 2", "connector 3", "0 to 2" } },
  { conflict_kind, { "connector 0", "kind 3", "0 to 2" } },
  { conflict_merge, { "connector 0", "merge", "same lane" } },
  { conflict_diverge, { "connector 0", "diverge", "same lane" } },
  { conflict_zone, { "connector 0", "8 to 7 m", "0 to 10" } },
  { conflict_far, { "connector 0", "4 to 20 m", "0 to 10" } },
  { conflict_mirror, { "connector 0", "connector 2", "no matching row" } },
  { signal_groupless, { "signal 'mid'", "0 groups", "at least 1" } },
  { signal_programless, { "signal 'mid'", "0 programs", "at least 1" } },
  { signal_active, { "signal 'mid'", "program 1 runs", "0 to 0" } },
  { phase_length, { "signal 'mid' program '0' phase 2", "0 ms", "1 to" } },
  { phase_range, { "signal 'mid' program '0' phase 1", "9000 to 3000", "ascend" } },
  { phase_state, { "signal 'mid' program '0' phase 1", "letter 1 is 'x'", "rygGsuoO" } },
  { phase_letters, { "signal 'mid' program '0' phase 1", "2 letters", "must have 3" } },
  { stop_lane, { "stop 'halt'", "lane 4", "0 to 3" } },
  { stop_order, { "stop 'halt'", "130 to 120", "lane e_out_0" } },
  { stop_far, { "stop 'halt'", "100 to 201", "0 to 200" } },
  { detector_kind, { "detector 'zone'", "kind is 3", "0 to 2" } },
  { detector_lane, { "detector 'zone'", "lane 7", "0 to 6" } },
  { detector_far, { "detector 'loop'", "250", "0 to 200" } },
  { detector_point, { "detector 'loop'", "point", "190 to 195" } },
  { detector_role, { "detector 'loop'", "role is 1", "" } },
  { detector_period, { "detector 'gate'", "0 ms", "at least 1" } },
  { detector_pointless, { "detector 'loop'", "0 points", "at least 1" } },
  { control_kind, { "signal 'mid' program '0'", "control is 10", "0 to 9" } },
  { control_value, { "signal 'mid' program '0'", "decide_every_s is 0", "0.05 to 600" } },
  { control_time, { "phase 1", "yellow_ms is -2", "-1 to" } },
  { control_flags, { "phase 3", "flags are 0x100000", "0x1ff" } },
  { control_ring, { "phase 2", "ring 4", "0 to 3" } },
  { control_yellow, { "group 2", "yellow is -3", "-1 for none" } },
  { control_next, { "phase 2", "phase 4 follows", "0 to 3" } },
  { control_sensor, { "phase 0", "entry-exit", "point or an area" } },
  { control_intergreen, { "from group 1 to 1", "differ", "0 to 2" } },
  { control_schedule, { "switches at 3600000 ms after 3600000", "ascend", "" } },
  { control_period, { "lasts 86400000 ms", "less than its period", "" } },
  { control_rows, { "phase_next", "from 0 to 0", "0 to 2" } },
};

static void corruptions_are_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof corruptions / sizeof *corruptions; ++i) {
    const struct corruption *k = &corruptions[i];
    art_net *net = art_test_net_crossing();
    k->apply(net);
    art_error err = { 0 };
    const art_status status = art_net_check(net, &err);
    if (status != ART_E_INPUT) fail_msg("corruption %zu (%s, %s) was accepted", i, k->words[0], k->words[1]);
    assert_refused(status, ART_E_INPUT, err, k->words[0], k->words[1], k->words[2]);
    assert_int_equal(art_net_check(net, NULL), ART_E_INPUT);  // err is optional
    net->stop_count = net->stop_count < 0 ? 1 : net->stop_count;
    art_net_free(net);
  }
}

static void index_follows_from_connectors(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  assert_int_equal(net->lane_first_out[0], 0);
  assert_int_equal(net->lane_first_out[1], 2);  // w_in has two ways out, s_in one
  assert_int_equal(net->lane_first_out[2], 3);
  assert_int_equal(net->lane_first_in[3] - net->lane_first_in[2], 1);
  assert_int_equal(net->lane_first_in[4] - net->lane_first_in[3], 2);
  assert_int_equal(net->lane_in[1], 1);
  assert_int_equal(net->lane_in[2], 2);
  assert_int_equal(net->node_first_connector[1], 3);
  art_net_index(net);  // replaces what exists
  art_error err = { 0 };
  assert_ok(art_net_check(net, &err), err);
  assert_int_equal(art_net_find(net->link_id, net->link_count, "e_out"), 2);
  assert_int_equal(art_net_find(net->link_id, net->link_count, "x"), -1);
  art_net_free(net);
}

static void node_kinds_have_names(void **state)
{
  (void)state;
  for (int k = 0; k < ART_NODE_KIND_COUNT; ++k)
    assert_int_equal(art_node_kind_find(art_node_kind_name(k)), k);
  assert_int_equal(art_node_kind_find("roundabout"), -1);
  assert_string_equal(art_node_kind_name(-1), "unknown");
  for (int v = 0; v < ART_VCLASS_COUNT; ++v) assert_int_equal(art_vclass_find(art_vclass_name(v)), v);
}

typedef struct told {
  int count;
  char text[8][200];
} told;

static void remember(void *context, const char *message)
{
  told *t = context;
  assert_true(t->count < 8);
  snprintf(t->text[t->count++], sizeof t->text[0], "%s", message);
}

/// Values of different entities and kinds are wrong: all are told, up to the limit, and counted beyond it.
static void every_problem_is_told(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  net->node_kind[1] = ART_NODE_KIND_COUNT;
  net->lane_speed_mps[0] = -1.0f;
  net->lane_length_m[2] = NAN;
  net->stop_start_m[0] = -5.0f;
  net->detector_period_ms[0] = net->detector_period_ms[2] = 0;
  static const char *const words[] = { "node '", "speed limit", "length", "stop 'halt'", "'loop'", "'gate'" };
  told t = { 0 };
  assert_int_equal(art_net_problems(net, 8, remember, &t), 6);
  assert_int_equal(t.count, 6);
  for (int i = 0; i < 6; ++i)
    if (!strstr(t.text[i], words[i])) fail_msg("'%s' is not in: %s", words[i], t.text[i]);
  told few = { 0 };
  assert_int_equal(art_net_problems(net, 2, remember, &few), 6);
  assert_int_equal(few.count, 2);

  // An end that leads nowhere: what relies on it is left out, the rest of its kind is not.
  net->link_from[0] = 99;
  net->link_to[1] = -1;
  told ends = { 0 };
  assert_int_equal(art_net_problems(net, 8, remember, &ends), 3);
  assert_non_null(strstr(ends.text[1], "from node is 99"));
  assert_non_null(strstr(ends.text[2], "to node is -1"));
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_nets_pass),        cmocka_unit_test(corruptions_are_refused),
    cmocka_unit_test(every_problem_is_told), cmocka_unit_test(index_follows_from_connectors),
    cmocka_unit_test(node_kinds_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
