/// Loading a case: retimings, plans, closures, several demand files, and the summary line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "scenarios/run/case_internal.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

static int64_t sum(const int64_t *values, int count)
{
  int64_t total = 0;
  for (int i = 0; i < count; ++i) total += values[i];
  return total;
}

/// 40 G, 4 y, 2 all-red, 20 G, 4 y: 70 s. Fixed are 10 s; greens share the rest 2 : 1.
static const int64_t program[5] = { 40000, 4000, 2000, 20000, 4000 };
static const uint8_t greens[5] = { 1, 0, 0, 1, 0 };

static void retime_shares_green(void **state)
{
  (void)state;
  static const struct {
    art_tick cycle;
    int64_t first, second;
  } cases[] = { { 70000, 40000, 20000 },
                { 100000, 60000, 30000 },
                { 80000, 47000, 23000 },
                // a third of 14 s would be 4.7 s: the minimum of 5 s holds
                { 130000, 80000, 40000 },
                { 24000, 9000, 5000 },
                { 20000, 5000, 5000 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    int64_t fresh[5];
    art_tick lowest;
    assert_int_equal(art_retime_durations(5, program, NULL, greens, cases[i].cycle, fresh, &lowest), ART_OK);
    assert_int_equal(sum(fresh, 5), cases[i].cycle);
    assert_int_equal(fresh[0], cases[i].first);
    assert_int_equal(fresh[3], cases[i].second);
    assert_int_equal(fresh[1], 4000);  // yellow and all-red stay
    assert_int_equal(fresh[2], 2000);
    assert_int_equal(fresh[4], 4000);
    assert_int_equal(lowest, 20000);
  }
}

static void retime_keeps_stated_minima_and_short_greens(void **state)
{
  (void)state;
  const int64_t least[5] = { 10000, 0, 0, 15000, 0 }, brief[5] = { 40000, 4000, 2000, 3000, 4000 };
  int64_t fresh[5];
  art_tick lowest;
  assert_int_equal(art_retime_durations(5, program, least, greens, 40000, fresh, &lowest), ART_OK);
  assert_int_equal(fresh[0], 15000);
  assert_int_equal(fresh[3], 15000);
  assert_int_equal(lowest, 35000);
  assert_int_equal(art_retime_durations(5, program, least, greens, 34500, fresh, &lowest), ART_E_INPUT);
  assert_int_equal(fresh[0], 40000);  // untouched
  // A green of 3 s is below the general minimum of 5 s, and stays possible.
  assert_int_equal(art_retime_durations(5, brief, NULL, greens, 18000, fresh, &lowest), ART_OK);
  assert_int_equal(lowest, 18000);
  assert_int_equal(fresh[3], 3000);
}

/// Any cycle is met to the millisecond, with odd durations too.
static void retime_sums_exactly(void **state)
{
  (void)state;
  const int64_t odd[6] = { 33333, 3000, 12001, 3000, 7100, 2500 };
  const uint8_t is_green[6] = { 1, 0, 1, 0, 1, 0 };
  for (art_tick cycle = 23500; cycle < 200000; cycle += 777) {
    int64_t fresh[6];
    art_tick lowest;
    assert_int_equal(art_retime_durations(6, odd, NULL, is_green, cycle, fresh, &lowest), ART_OK);
    assert_int_equal(sum(fresh, 6), cycle);
    for (int k = 0; k < 6; k += 2) assert_true(fresh[k] >= 5000);
  }
  const uint8_t none[6] = { 0 };
  int64_t fresh[6];
  art_tick lowest;
  assert_int_equal(art_retime_durations(6, odd, NULL, none, 60000, fresh, &lowest), ART_E_INPUT);
  assert_int_equal(lowest, -1);
}

static art_scenario scenario_with(art_intervention *change)
{
  const art_scenario s = { .path = (char *)"s.yaml",
                           .intervention_count = change ? 1 : 0,
                           .intervention = change };
  return s;
}

static void retime_intervention(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();  // 30 G, 3 y, 30 G, 3 y
  art_error err = { 0 };
  art_intervention change = {
    .kind = ART_INTERVENTION_RETIME, .line = 12, .signal = (char *)"mid", .cycle_ms = 86000, .offset_ms = 7000
  };
  art_scenario s = scenario_with(&change);
  assert_ok(art_case_apply_signals(&s, net, &err), err);
  assert_int_equal(net->phase_duration_ms[0], 40000);
  assert_int_equal(net->phase_duration_ms[1], 3000);
  assert_int_equal(net->phase_min_ms[0], 40000);  // a fixed program stays a fixed program
  assert_int_equal(net->program_offset_ms[0], 7000);
  assert_ok(art_net_check(net, &err), err);
  change.cycle_ms = 15000;
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "s.yaml:12", "mid", "15 s", "16 s");
  change.signal = (char *)"nowhere";
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "s.yaml:12", "nowhere");
  art_net_free(net);
}

static void plan_replaces_durations(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_error err = { 0 };
  art_tick durations[4] = { 20000, 3000, 50000, 3000 };
  art_plan_signal row = {
    .signal = (char *)"mid", .offset_ms = 4000, .phase_count = 4, .duration_ms = durations, .line = 3
  };
  art_plan plan = { .path = (char *)"p.signals.yaml", .signal_count = 1, .signal = &row };
  art_intervention change = {
    .kind = ART_INTERVENTION_RETIME, .line = 9, .signal = (char *)"mid", .cycle_ms = 41000, .offset_ms = -1
  };
  art_scenario s = scenario_with(&change);
  s.plan_count = 1;
  s.plan = &plan;
  assert_ok(art_case_apply_signals(&s, net, &err), err);  // the plan, then the retiming: 35 s of green 2 : 5
  assert_int_equal(net->phase_duration_ms[0], 10000);
  assert_int_equal(net->phase_duration_ms[2], 25000);
  assert_int_equal(net->program_offset_ms[0], 4000);
  s.intervention_count = 0;
  row.phase_count = 3;
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "p.signals.yaml:3", "3 durations",
                 "4 phases");
  row.phase_count = 4;
  row.program = (char *)"night";
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "night", "'0'");
  row.program = NULL;
  row.signal = (char *)"x";
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "p.signals.yaml:3", "'x'");
  art_net_free(net);
}

/// A controller of the scenario on the fixed program: stages, times, sensors; the schedule is put aside.
static void controllers_are_set(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();  // "Ggr" 30 s, "yyr" 3 s, "rrG" 30 s, "rry" 3 s
  art_error err = { 0 };
  net->switch_count = net->signal_first_switch[1] = 1;
  net->switch_at_ms = art_renew(net->switch_at_ms, 1, sizeof(int64_t));
  net->switch_program = art_renew(net->switch_program, 1, sizeof(int32_t));
  net->switch_at_ms[0] = 3600000;
  net->switch_program[0] = 0;
  char *signals[1] = { (char *)"all" };
  art_controller c = { .line = 21,
                       .signal_count = 1,
                       .signals = signals,
                       .control = ART_CONTROL_ACTUATED + 1,
                       .cycle_ms = 70000,
                       .offset_ms = -1,
                       .min_green_ms = -1,
                       .max_green_ms = 45000,
                       .passage_ms = 2000,
                       .yellow_ms = -1,
                       .all_red_ms = 1500,
                       .coordinated = 1,
                       .recall = ART_RECALL_MOST,
                       .sensor_line_m = 2.0,
                       .sensor_upstream_m = 0.0 };
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) c.setting[v] = -1.0;
  c.setting[ART_CONTROL_VALUE_inactive_s] = 60.0;
  art_intervention change = {
    .kind = ART_INTERVENTION_SWITCH, .line = 8, .signal = (char *)"mid", .program = (char *)"off", .from_ms = 5000,
    .to_ms = 9000
  };
  art_scenario s = scenario_with(&change);
  s.controller_count = 1;
  s.controller = &c;
  assert_ok(art_case_apply_controllers(&s, net, &err), err);
  assert_ok(art_net_check(net, &err), err);
  assert_int_equal(net->program_count, 3);
  assert_string_equal(net->program_id[1], "0 actuated");
  assert_int_equal(net->signal_active[0], 1);
  assert_int_equal(net->switch_count, 0);
  assert_int_equal(net->program_control[0], ART_CONTROL_FIXED);
  assert_int_equal(net->program_control[1], ART_CONTROL_ACTUATED);
  assert_int_equal(net->program_control[2], ART_CONTROL_OFF);
  assert_int_equal(net->program_cycle_ms[1], 70000);
  assert_true(net->program_value[ART_CONTROL_VALUE_inactive_s][1] == 60.0f);
  assert_true(net->program_value[ART_CONTROL_VALUE_is_coordinated][1] == 1.0f);
  const int32_t f = net->program_first_phase[1];
  assert_int_equal(net->program_first_phase[2] - f, 2);
  assert_memory_equal(net->phase_state + net->phase_first_state[f], "GgrrrG", 6);
  for (int32_t k = f; k < f + 2; ++k) {
    assert_int_equal(net->phase_duration_ms[k], 33000);  // with what follows: the cycle stays
    assert_int_equal(net->phase_min_ms[k], 5000);
    assert_int_equal(net->phase_max_ms[k], 45000);
    assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_extension_ms][k], 2000);
    assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_red_ms][k], 1500);
    assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][k], -1);
    assert_int_equal(net->phase_first_sensor[k + 1] - net->phase_first_sensor[k], 1);
    const int32_t d = net->phase_sensor[net->phase_first_sensor[k]];
    assert_float_equal(net->detector_pos_m[net->detector_first_point[d]], 198.0f, 1e-4f);
  }
  assert_int_equal(net->phase_flags[f] & (ART_PHASE_RECALL_MAX | ART_PHASE_COORDINATED), ART_PHASE_RECALL_MAX);
  assert_true((net->phase_flags[f + 1] & ART_PHASE_COORDINATED) != 0);
  art_change *out = NULL;
  int32_t count = 0;
  assert_ok(art_case_resolve_changes(&s, net, &count, &out, &err), err);
  assert_int_equal(count, 1);
  assert_int_equal(out[0].kind, ART_CHANGE_PROGRAM);
  assert_int_equal(out[0].link, 0);
  assert_int_equal(out[0].program, 2);
  assert_int_equal(out[0].from_ms, 5000);
  free(out);

  // Set again: no second program of that name. Cycles and plans are for programs by the clock.
  assert_ok(art_case_apply_controllers(&s, net, &err), err);
  assert_int_equal(net->program_count, 3);
  art_intervention retime = {
    .kind = ART_INTERVENTION_RETIME, .line = 9, .signal = (char *)"mid", .cycle_ms = 80000, .offset_ms = -1
  };
  s = scenario_with(&retime);
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "s.yaml:9", "'0 actuated'", "is actuated");
  art_tick durations[2] = { 20000, 20000 };
  art_plan_signal row = { .signal = (char *)"mid", .phase_count = 2, .duration_ms = durations, .line = 3 };
  art_plan plan = { .path = (char *)"p.signals.yaml", .signal_count = 1, .signal = &row };
  s.intervention_count = 0;
  s.plan_count = 1;
  s.plan = &plan;
  assert_refused(art_case_apply_signals(&s, net, &err), ART_E_INPUT, err, "p.signals.yaml:3", "is actuated");
  art_net_free(net);
}

static void closures_are_resolved(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_error err = { 0 };
  char *links[2] = { (char *)"e_out", (char *)"s_in" };
  art_intervention change = { .kind = ART_INTERVENTION_SPEED,
                              .line = 5,
                              .link_count = 2,
                              .links = links,
                              .lane = -1,
                              .from_ms = 1000,
                              .to_ms = 2000,
                              .speed_mps = 5.0f };
  art_scenario s = scenario_with(&change);
  art_change *out = NULL;
  int32_t count = 0;
  assert_ok(art_case_resolve_changes(&s, net, &count, &out, &err), err);
  assert_int_equal(count, 2);
  assert_int_equal(out[0].link, 2);
  assert_int_equal(out[1].kind, ART_CHANGE_SPEED_LIMIT);
  assert_int_equal(out[1].to_ms, 2000);
  free(out);
  change.kind = ART_INTERVENTION_PERMIT;
  change.permitted = 1u << ART_VCLASS_BUS;
  assert_ok(art_case_resolve_changes(&s, net, &count, &out, &err), err);
  assert_int_equal(out[1].kind, ART_CHANGE_PERMISSIONS);
  assert_int_equal(out[1].classes, 1u << ART_VCLASS_BUS);
  free(out);
  change.lane = 1;
  assert_refused(art_case_resolve_changes(&s, net, &count, &out, &err), ART_E_INPUT, err, "s.yaml:5", "e_out",
                 "lane 1");
  assert_null(out);
  change.lane = -1;
  links[1] = (char *)"e_uot";
  assert_refused(art_case_resolve_changes(&s, net, &count, &out, &err), ART_E_INPUT, err, "s.yaml:5",
                 "e_uot");
  art_net_free(net);
}

static const int32_t eastward[2] = { 0, 2 }, northward[2] = { 1, 3 };

static void rename_trips(art_demand *d, char first)
{
  for (int32_t i = 0; i < d->trip_count; ++i) {
    d->trip_id[i][0] = first;
    d->trip_key[i] = art_trip_key(d->trip_id[i]);
  }
}

static void demands_merge_in_order(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_error err = { 0 };
  art_demand *parts[2] = { art_test_demand_flow(net, 2, eastward, 3, 0, 60000),
                           art_test_demand_flow(net, 2, northward, 3, 30000, 60000) };
  rename_trips(parts[1], 'n');
  char *paths[2] = { (char *)"a.h5", (char *)"b.h5" };
  art_demand *all = NULL;
  assert_ok(art_demand_merge(2, parts, paths, &all, &err), err);
  assert_ok(art_demand_check(all, net, &err), err);
  assert_int_equal(all->trip_count, 6);
  assert_int_equal(all->type_count, 1);  // the same type in both files
  assert_int_equal(all->set_count, 1);
  assert_int_equal(all->route_count, 2);
  static const char *const order[6] = { "t0", "n0", "t1", "n1", "t2", "n2" };
  for (int i = 0; i < 6; ++i) {
    assert_string_equal(all->trip_id[i], order[i]);
    assert_int_equal(all->trip_depart_ms[i], 30000 * i);
    assert_int_equal(all->route_link[all->route_first[all->trip_route[i]]], i % 2 ? 1 : 0);
  }
  art_demand_shift(all, 28800000);
  assert_int_equal(all->trip_depart_ms[1], 28830000);
  art_demand_free(all);
  art_net_free(net);
}

static void contradicting_demands_are_refused(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_error err = { 0 };
  char *paths[2] = { (char *)"a.h5", (char *)"b.h5" };
  art_demand *all = NULL;
  art_demand *twice[2] = { art_test_demand_flow(net, 2, eastward, 2, 0, 60000),
                           art_test_demand_flow(net, 2, eastward, 1, 0, 60000) };
  assert_refused(art_demand_merge(2, twice, paths, &all, &err), ART_E_INPUT, err, "b.h5", "'t0'", "a.h5");
  assert_null(all);
  art_demand *types[2] = { art_test_demand_flow(net, 2, eastward, 2, 0, 60000),
                           art_test_demand_flow(net, 2, eastward, 1, 0, 60000) };
  rename_trips(types[1], 'n');
  types[1]->type[0].time_gap_s += 0.1f;
  assert_refused(art_demand_merge(2, types, paths, &all, &err), ART_E_INPUT, err, "'car'",
                 "other parameters");
  art_net_free(net);
}

/// The line is part of the interface: scripts split it at blanks and '='.
static void summary_line_is_stable(void **state)
{
  (void)state;
  const art_summary s = {
    .ledger = { .inserted = 11176, .arrived = 11170, .running = 4, .waiting = 2, .updates = 5934829 },
    .mean_travel_time_s = 276.125,
    .mean_time_loss_s = 120.5,
    .mean_route_length_m = 1778.256,
    .mean_speed_mps = 6.44,
    .mean_insertion_delay_s = 3.0,
    .updates_per_s = 23456789.0,
    .real_time_factor = 12345.67,
    .wall_s = 0.4375,
    .hash = 0x00ff00000000abcdu
  };
  char line[512];
  art_summary_line(&s, line, sizeof line);
  assert_string_equal(
      line,
      "summary: inserted=11176 arrived=11170 running=4 waiting=2 removed=0 mean_travel_time_s=276.12 "
      "mean_time_loss_s=120.50 mean_route_length_m=1778.26 mean_speed_mps=6.440 mean_insertion_delay_s=3.00 "
      "updates=5934829 updates_per_s=2.346e+07 real_time_factor=12345.7 wall_s=0.44 hash=00ff00000000abcd");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(retime_shares_green),     cmocka_unit_test(retime_keeps_stated_minima_and_short_greens),
    cmocka_unit_test(retime_sums_exactly),     cmocka_unit_test(retime_intervention),
    cmocka_unit_test(plan_replaces_durations), cmocka_unit_test(closures_are_resolved),
    cmocka_unit_test(controllers_are_set),
    cmocka_unit_test(demands_merge_in_order),  cmocka_unit_test(contradicting_demands_are_refused),
    cmocka_unit_test(summary_line_is_stable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
