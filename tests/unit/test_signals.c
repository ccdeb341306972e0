// Programs, switches, sensors and calls on one crossing, whose timelines can be worked out by hand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/net/add_control.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"
#include "tests/support/build_net.h"
#include "tests/unit/small_net.h"

static art_sim *create(const art_sim_setup *setup)
{
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (art_sim_create(setup, &sim, &err) != ART_OK) fail_msg("%s", err.message);
  return sim;
}

static void advance(art_sim *sim, art_tick until)
{
  art_error err = { 0 };
  if (art_sim_advance(sim, until, &err) != ART_OK) fail_msg("%s", err.message);
}

/// A net, a demand that keeps the run alive, and kernels in which `stages` runs by the clock.
typedef struct stage_world {
  art_net *net;
  art_demand *demand;
  art_kernels kernels;
  art_sim_setup setup;
} stage_world;

static stage_world world(const int32_t *route, int32_t trips, int64_t begin_ms)
{
  stage_world w = { .net = art_test_net_crossing(), .kernels = *art_models_kernels() };
  w.demand = art_test_demand_flow(w.net, 2, route, trips, begin_ms, 2000);
  w.kernels.control[ART_CONTROL_STAGES] = art_control_by_clock;
  w.kernels.control_reads[ART_CONTROL_STAGES] = 0;
  return w;
}

static art_sim *start(stage_world *w)
{
  w->setup = small_setup(w->net, w->demand);
  w->setup.kernels = &w->kernels;
  w->setup.end_ms = 3600000;
  art_error err = { 0 };
  if (art_net_check(w->net, &err) != ART_OK) fail_msg("%s", err.message);
  return create(&w->setup);
}

static void end(stage_world *w, art_sim *sim)
{
  const art_ledger l = art_sim_ledger(sim);
  assert_int_equal(l.short_yellows + l.short_greens + l.short_intergreens + l.conflicting_greens, 0);
  art_sim_free(sim);
  art_demand_free(w->demand);
  art_net_free(w->net);
}

static void set_schedule(art_net *net, int32_t count, const int64_t *at_ms, const int32_t *program, int64_t period_ms)
{
  net->switch_count = net->signal_first_switch[1] = count;
  net->switch_at_ms = art_renew(net->switch_at_ms, (size_t)count, sizeof(int64_t));
  net->switch_program = art_renew(net->switch_program, (size_t)count, sizeof(int32_t));
  memcpy(net->switch_at_ms, at_ms, (size_t)count * sizeof(int64_t));
  memcpy(net->switch_program, program, (size_t)count * sizeof(int32_t));
  net->signal_switch_period_ms[0] = period_ms;
}

typedef struct moment {
  art_tick at_ms;
  const char *state;
} moment;

/// What drivers saw until `until_ms`; changes of the phase alone do not count.
static void expect_states(art_sim *sim, art_tick until_ms, int count, const moment *wanted)
{
  const art_signal_event *event;
  advance(sim, until_ms);
  const int64_t events = art_sim_take_signal_events(sim, &event);
  const char *letters = art_sim_signal_letters(sim);
  int seen = 0;
  char before[4] = "";
  for (int64_t i = 0; i < events; ++i) {
    char state[4] = "";
    memcpy(state, letters + event[i].letters, 3);
    if (strcmp(state, before) == 0) continue;
    memcpy(before, state, sizeof state);
    if (seen >= count) fail_msg("not expected: %s at %g s", state, (double)event[i].time_ms * 1e-3);
    if (event[i].time_ms != wanted[seen].at_ms || strcmp(state, wanted[seen].state) != 0)
      fail_msg("%s at %g s, expected %s at %g s", state, (double)event[i].time_ms * 1e-3, wanted[seen].state,
               (double)wanted[seen].at_ms * 1e-3);
    ++seen;
  }
  assert_int_equal(seen, count);
}
#define EXPECT(sim, until_ms, ...)                                                                          \
  expect_states(sim, until_ms, (int)(sizeof((moment[]){ __VA_ARGS__ }) / sizeof(moment)), (moment[]){ __VA_ARGS__ })

static const int32_t from_west[] = { 0, 2 }, from_south[] = { 1, 3 };

// --- the rules ------------------------------------------------------------------------------------------------------

static art_guard_rules rules_of(art_net *net, art_sim **sim, art_demand **demand)
{
  *demand = art_test_demand_flow(net, 2, from_west, 1, 0, 2000);
  const art_sim_setup setup = small_setup(net, *demand);
  *sim = create(&setup);
  return (*sim)->signals->rules[0];
}

/// "Ggr" 30 s, "yyr" 3 s, "rrG" 30 s, "rry" 3 s: what the program shows is the rule.
static void rules_follow_the_program(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_sim *sim;
  art_demand *demand;
  const art_guard_rules r = rules_of(net, &sim, &demand);
  for (int g = 0; g < 3; ++g) {
    assert_int_equal(r.min_green_ms[g], 5000);
    assert_int_equal(r.yellow_ms[g], 3000);
    assert_int_equal(r.red_yellow_ms[g], 0);
  }
  assert_int_equal(r.intergreen_ms[0 * 3 + 2], 3000);
  assert_int_equal(r.intergreen_ms[2 * 3 + 0], 3000);
  assert_int_equal(r.intergreen_ms[1 * 3 + 2], 3000);
  assert_int_equal(r.intergreen_ms[0 * 3 + 1], -1);  // from one lane
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Stages without yellow: 3 s at 50 km/h, 4 s at 60, 5 s at 70. All-red at 50 km/h: the zone is left after its end
/// and 6 m more, and the other one comes to it at full speed.
static void rules_follow_speed_and_geometry(void **state)
{
  (void)state;
  static const struct {
    float kmh;
    int64_t yellow_ms;
  } cases[] = { { 30.0f, 3000 }, { 50.0f, 3000 }, { 60.0f, 4000 }, { 65.0f, 4500 }, { 70.0f, 5000 }, { 130.0f, 6000 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_net *net = art_test_net_crossing();
    net->program_control[0] = ART_CONTROL_STAGES;
    for (int64_t k = 0; k < 12; ++k)
      if (net->phase_state[k] == 'y') net->phase_state[k] = 'r';
    for (int32_t lane = 0; lane < net->link_lane_count; ++lane) net->lane_speed_mps[lane] = cases[i].kmh / 3.6f;
    for (int32_t p = 0; p < 4; ++p) net->phase_min_ms[p] = 4000;
    net->group_min_green_ms[1] = 8000;
    net->group_red_yellow_ms[2] = 1000;
    art_sim *sim;
    art_demand *demand;
    const art_guard_rules r = rules_of(net, &sim, &demand);
    assert_int_equal(r.yellow_ms[0], cases[i].yellow_ms);
    assert_int_equal(r.min_green_ms[0], 4000);
    assert_int_equal(r.min_green_ms[1], 8000);
    assert_int_equal(r.red_yellow_ms[2], 1000);
    for (int32_t k = net->conflict_first[0]; k < net->conflict_first[1]; ++k) {
      if (net->conflict_other[k] != 2) continue;
      const double turn = (double)net->lane_speed_mps[art_net_lane_of_connector(net, 0)];
      const double through = (double)cases[i].kmh / 3.6, clearing = turn < through ? turn : through;
      const double red_s = ((double)net->conflict_exit_m[k] + 6.0) / clearing -
                           (double)net->conflict_other_enter_m[k] / through;
      const int64_t between = r.intergreen_ms[2] - cases[i].yellow_ms;
      assert_true(between >= 1000 && between <= 4000);
      if (red_s > 1.0) assert_true((double)between >= 1000.0 * red_s && (double)between <= 1000.0 * red_s + 100.0);
    }
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
}

/// What somebody stated counts, and programs are held to it.
static void stated_times_count(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 100000);
  w.net->group_yellow_ms[0] = 4000;
  w.net->intergreen_count = w.net->signal_first_intergreen[1] = 1;
  w.net->intergreen_from = art_renew(w.net->intergreen_from, 1, sizeof(int32_t));
  w.net->intergreen_to = art_renew(w.net->intergreen_to, 1, sizeof(int32_t));
  w.net->intergreen_ms = art_renew(w.net->intergreen_ms, 1, sizeof(int64_t));
  w.net->intergreen_from[0] = 0;
  w.net->intergreen_to[0] = 2;
  w.net->intergreen_ms[0] = 6000;
  art_sim *sim = start(&w);
  EXPECT(sim, 62000, { 0, "Ggr" }, { 30000, "yyr" }, { 33000, "yrr" }, { 34000, "rrr" }, { 36000, "rrG" });
  end(&w, sim);
}

// --- switches -------------------------------------------------------------------------------------------------------

/// 10 s: program of stages; 34 s: back. Yellow and minimum green are made, and the fixed program joins its cycle.
static void a_schedule_switches_safely(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 200000);
  const int64_t duration[] = { 20000, 20000 };
  const int32_t b = art_net_add_program(w.net, 0, "b", 2, duration, "rrGGgr");
  w.net->program_control[b] = ART_CONTROL_STAGES;
  w.net->program_offset_ms[b] = 10000;
  set_schedule(w.net, 2, (const int64_t[]){ 10000, 34000 }, (const int32_t[]){ b, 0 }, 0);
  art_sim *sim = start(&w);
  EXPECT(sim, 80000, { 0, "Ggr" }, { 10000, "yyr" }, { 13000, "rrG" }, { 30000, "rry" }, { 33000, "Ggr" },
         { 38000, "yyr" }, { 41000, "rrG" }, { 63000, "rry" }, { 66000, "Ggr" });
  end(&w, sim);
}

/// A day that begins between two switches runs the last one of the day before.
static void a_schedule_comes_again(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 400000);
  const int64_t duration[] = { 60000 };
  const int32_t b = art_net_add_program(w.net, 0, "b", 1, duration, "rrG");
  w.net->program_control[b] = ART_CONTROL_STAGES;
  set_schedule(w.net, 2, (const int64_t[]){ 20000, 90000 }, (const int32_t[]){ 0, b }, 100000);
  art_sim *sim = start(&w);
  // 0 s: b; 20 s: program 0, at its 20th second; 90 s: b; 120 s: program 0, at its 54th second.
  EXPECT(sim, 130000, { 0, "rrG" }, { 20000, "rry" }, { 23000, "Ggr" }, { 30000, "yyr" }, { 33000, "rrG" },
         { 63000, "rry" }, { 66000, "Ggr" }, { 90000, "yyr" }, { 93000, "rrG" }, { 129000, "rry" });
  end(&w, sim);
}

/// To off through yellow; back through yellow for all, red for all.
static void off_comes_and_goes(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 200000);
  const int64_t duration[] = { 60000 };
  const int32_t off = art_net_add_program(w.net, 0, "off", 1, duration, "OOO");
  w.net->program_control[off] = ART_CONTROL_OFF;
  set_schedule(w.net, 2, (const int64_t[]){ 10000, 30000 }, (const int32_t[]){ off, 0 }, 0);
  art_sim *sim = start(&w);
  EXPECT(sim, 12000, { 0, "Ggr" }, { 10000, "yyr" });
  assert_int_equal(sim->aspect[0], ART_ASPECT_YELLOW);
  EXPECT(sim, 20000, { 13000, "OOO" });
  w.net->connector_state[0] = 'M';
  for (int c = 0; c < 3; ++c) assert_true(sim->aspect[c] == ART_ASPECT_MAJOR || sim->aspect[c] == ART_ASPECT_MINOR);
  EXPECT(sim, 64000, { 30000, "yyy" }, { 33000, "rrr" }, { 36000, "rrG" }, { 63000, "rry" });
  end(&w, sim);
}

/// Yellow flashes for who has the right of way, red for the others, who stop.
static void flashing_makes_others_stop(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 200000);
  w.net->connector_state[0] = 'O';
  w.net->connector_state[1] = w.net->connector_state[2] = 'o';
  const int64_t duration[] = { 60000 };
  const int32_t p = art_net_add_program(w.net, 0, "flashing", 1, duration, "OOO");
  w.net->program_control[p] = ART_CONTROL_FLASHING;
  w.net->signal_active[0] = p;
  art_sim *sim = start(&w);
  EXPECT(sim, 10000, { 0, "oss" });
  assert_int_equal(sim->aspect[0], ART_ASPECT_MAJOR);
  assert_int_equal(sim->aspect[1], ART_ASPECT_STOP);
  assert_int_equal(sim->aspect[2], ART_ASPECT_STOP);
  end(&w, sim);
}

/// An intervention overrules the schedule while it lasts.
static void an_intervention_overrules(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 200000);
  const int64_t duration[] = { 60000 };
  const int32_t b = art_net_add_program(w.net, 0, "b", 1, duration, "rrG");
  w.net->program_control[b] = ART_CONTROL_STAGES;
  set_schedule(w.net, 1, (const int64_t[]){ 12000 }, (const int32_t[]){ 0 }, 0);
  const art_change change = { .kind = ART_CHANGE_PROGRAM, .program = b, .from_ms = 10000, .to_ms = 25000 };
  w.setup = small_setup(w.net, w.demand);
  w.setup.kernels = &w.kernels;
  w.setup.end_ms = 3600000;
  w.setup.change_count = 1;
  w.setup.change = &change;
  art_sim *sim = create(&w.setup);
  EXPECT(sim, 60000, { 0, "Ggr" }, { 10000, "yyr" }, { 13000, "rrG" }, { 25000, "rry" }, { 28000, "Ggr" },
         { 33000, "yyr" }, { 36000, "rrG" });
  end(&w, sim);
}

// --- what controllers read ------------------------------------------------------------------------------------------

/// Filled at every call, for the test to compare with where vehicles are.
typedef struct readings {
  art_tick now_ms;
  art_sensor_reading loop, zone;
  art_lane_reading lane;
  int32_t calls;
  art_priority_call call;
} readings;

static readings last;

static void record(art_control_view *view)
{
  last = (readings){ .now_ms = view->now_ms, .loop = view->sensor[0], .zone = view->sensor[1], .calls = view->call_count };
  if (view->lane) last.lane = view->lane[1];
  if (view->call_count) last.call = view->call[0];
  memcpy(view->wanted, view->now_ms < 60000 ? "Ggr" : "rrG", 3);
  view->phase = -1;
  view->next_ms = view->now_ms + view->step_ms;
}

static void record_calls(art_control_view *view)
{
  last = (readings){ .now_ms = view->now_ms, .calls = view->call_count };
  if (view->call_count) last.call = view->call[0];
  memcpy(view->wanted, "GGG", 3);
  view->next_ms = view->now_ms + view->step_ms;
}

static stage_world recording(const int32_t *route, int32_t trips)
{
  stage_world w = world(route, trips, 0);
  w.kernels.control[ART_CONTROL_STAGES] = record;
  w.kernels.control_reads[ART_CONTROL_STAGES] = ART_READS_LANES | ART_READS_CALLS;
  w.net->program_control[0] = ART_CONTROL_STAGES;
  w.net->phase_sensor_count = 2;
  w.net->phase_sensor = art_renew(w.net->phase_sensor, 2, sizeof(int32_t));
  w.net->phase_sensor[0] = 0;  // a point at 190 m from the west
  w.net->phase_sensor[1] = 1;  // an area from 150 to 200 m from the south
  for (int p = 1; p <= 4; ++p) w.net->phase_first_sensor[p] = 2;
  return w;
}

/// Front of a vehicle measured on its first link, 200 m long, which it may have left.
static float front_of(const art_net *net, const art_snapshot *shot, int64_t i, int32_t lane, int32_t connector)
{
  if (shot->lane[i] == lane) return shot->pos_m[i];
  if (shot->lane[i] == art_net_lane_of_connector(net, connector)) return 200.0f + shot->pos_m[i];
  return 210.0f + shot->pos_m[i];
}

static void sensors_see_bodies(void **state)
{
  (void)state;
  stage_world w = recording(from_west, 5);
  art_sim *sim = start(&w);
  art_snapshot shot = { 0 };
  int compared = 0, occupied = 0, changes = 0;
  art_tick since = 0;
  uint8_t before = 0;
  while (!art_sim_is_finished(sim)) {
    art_sim_snapshot(sim, &shot);
    int covers = 0, doubtful = 0, passed = 0;
    for (int32_t trip = 0; trip < 5; ++trip) passed += art_sim_trips(sim)[trip].arrival_ms >= 0;
    for (int64_t i = 0; i < shot.count; ++i) {
      const float front = front_of(w.net, &shot, i, 0, 0), rear = front - w.demand->type[0].length_m;
      covers |= front >= 190.0f && rear < 190.0f;
      doubtful |= fabsf(rear - 190.0f) < 1.0f;  // the rear of one that has left the lane is extrapolated
      passed += front >= 190.0f;
    }
    const art_tick now = art_sim_now(sim);
    before = last.loop.occupied;
    advance(sim, now + 500);
    assert_int_equal(last.now_ms, now);
    assert_int_equal(last.loop.count, passed);
    if (!doubtful) assert_int_equal(last.loop.occupied, covers);
    assert_true(last.loop.since_ms >= since && last.loop.since_ms <= now);
    if (last.loop.occupied != before) assert_int_equal(last.loop.since_ms, now);
    changes += last.loop.occupied != before;
    since = last.loop.since_ms;
    compared += !doubtful;
    occupied += last.loop.occupied;
  }
  assert_true(art_sim_now(sim) > 30000);
  assert_int_equal(last.loop.count, 5);
  assert_int_equal(last.loop.occupied, 0);
  assert_true(compared > 60 && occupied >= 4 && changes >= 8);
  art_snapshot_free(&shot);
  end(&w, sim);
}

/// Red until 60 s: the queue before it, and the bus that asks for green.
static void lanes_and_calls_are_read(void **state)
{
  (void)state;
  stage_world w = recording(from_south, 5);
  w.demand->type[0].vclass = ART_VCLASS_BUS;
  w.net->program_value[ART_CONTROL_VALUE_priority_reach_m][0] = 120.0f;
  w.net->program_value[ART_CONTROL_VALUE_sotl_reach_m][0] = 50.0f;
  art_sim *sim = start(&w);
  art_snapshot shot = { 0 };
  int called = 0;
  advance(sim, 500);
  while (art_sim_now(sim) < 100000 && !art_sim_is_finished(sim)) {
    art_sim_snapshot(sim, &shot);
    const art_tick now = art_sim_now(sim);
    art_lane_reading lane = { 0 };
    int calls = 0, nearest = -1;
    for (int64_t i = 0; i < shot.count; ++i) {
      if (shot.lane[i] != 1) continue;
      const float to_line = 200.0f - shot.pos_m[i];
      ++lane.vehicles;
      if (shot.speed_mps[i] < 5.0f / 3.6f) {
        ++lane.standing;
        lane.queue_m = fmaxf(lane.queue_m, to_line + w.demand->type[0].length_m);
      }
      if (to_line <= 50.0f) {
        ++lane.near;
        lane.tail_m = fmaxf(lane.tail_m, to_line);
      }
      if (to_line <= 120.0f) {
        ++calls;
        if (nearest < 0 || shot.pos_m[i] > shot.pos_m[nearest]) nearest = (int)i;
      }
    }
    advance(sim, now + 500);
    assert_int_equal(last.now_ms, now);
    assert_int_equal(last.lane.vehicles, lane.vehicles);
    assert_int_equal(last.lane.standing, lane.standing);
    assert_float_equal(last.lane.queue_m, lane.queue_m, 1e-3f);
    assert_int_equal(last.lane.near, lane.near);
    assert_float_equal(last.lane.tail_m, lane.tail_m, 1e-3f);
    assert_int_equal(last.calls, calls);
    if (calls) {
      assert_int_equal(last.call.vehicle, shot.trip[nearest]);
      assert_int_equal(last.call.group, 2);
      assert_int_equal(last.call.is_emergency, 0);
      assert_float_equal(last.call.distance_m, 200.0f - shot.pos_m[nearest], 1e-3f);
      assert_float_equal(last.call.speed_mps, shot.speed_mps[nearest], 1e-6f);
    }
    called += calls > 0;
    if (now == 50000) {  // all stand: the area is covered by those within 50 m
      assert_int_equal(last.lane.standing, 5);
      assert_int_equal(last.zone.occupied, 1);
      assert_int_equal(last.calls, 5);
    }
  }
  assert_true(called > 80);
  assert_int_equal(last.zone.count, 5);
  assert_int_equal(last.zone.occupied, 0);
  art_snapshot_free(&shot);
  end(&w, sim);
}

/// Two nodes before the light: the way is followed over links and connectors, by the route.
static void calls_come_from_afar(void **state)
{
  (void)state;
  const small_link links[] = { { 0, 1, 1, 60.0f, 13.89f }, { 1, 2, 1, 80.0f, 13.89f },  { 2, 3, 1, 100.0f, 13.89f },
                               { 1, 4, 1, 90.0f, 13.89f }, { 0, 0, 0, 0.0f, 0.0f } };
  const small_path paths[] = { { 0, 0, 1, 0, 8.0f, 13.89f, 'M', 0, 0 },
                               { 0, 0, 3, 0, 8.0f, 13.89f, 'M', 0, 0 },
                               { 1, 0, 2, 0, 5.0f, 13.89f, 'M', 0, 0 },
                               { 0, 0, 0, 0, 0.0f, 0.0f, 0, 0, 0 } };
  const small_conflict conflicts[] = { { 0, 1, ART_CONFLICT_DIVERGE, 0, 0, 0.0f, 4.0f, 0.0f, 4.0f },
                                       { 0, 0, 0, 0, 0, 0.0f, 0.0f, 0.0f, 0.0f } };
  stage_world w = { .net = small_net(5, links, paths, conflicts), .kernels = *art_models_kernels() };
  small_signal(w.net, 1, (const int64_t[]){ 60000 }, "GGG");
  w.net->connector_signal[0] = w.net->connector_signal[1] = -1;
  w.net->program_control[0] = ART_CONTROL_STAGES;
  w.net->program_value[ART_CONTROL_VALUE_preemption_reach_m][0] = 130.0f;
  w.kernels.control_reads[ART_CONTROL_STAGES] = ART_READS_CALLS;
  w.demand = art_test_demand_flow(w.net, 3, (const int32_t[]){ 0, 1, 2 }, 1, 0, 1000);
  w.demand->type[0].vclass = ART_VCLASS_EMERGENCY;
  w.kernels.control[ART_CONTROL_STAGES] = record_calls;
  art_sim *sim = start(&w);
  art_snapshot shot = { 0 };
  int on_link[4] = { 0 }, on_connector = 0;
  advance(sim, 500);
  while (!art_sim_is_finished(sim)) {
    art_sim_snapshot(sim, &shot);
    const art_tick now = art_sim_now(sim);
    float left = -1.0f;
    if (shot.count) {
      const int32_t lane = shot.lane[0];
      const float pos = shot.pos_m[0];
      if (lane == 0) left = 60.0f - pos + 8.0f + 80.0f;
      if (lane == 1) left = 80.0f - pos;
      if (lane == art_net_lane_of_connector(w.net, 0)) left = 8.0f - pos + 80.0f;
      on_connector += lane >= w.net->link_lane_count && left >= 0.0f;
      if (lane < 4) on_link[lane] += left >= 0.0f && left <= 130.0f;
    }
    advance(sim, now + 500);
    assert_int_equal(last.calls, left >= 0.0f && left <= 130.0f);
    if (!last.calls) continue;
    assert_float_equal(last.call.distance_m, left, 1e-3f);
    assert_int_equal(last.call.group, 2);
    assert_int_equal(last.call.is_emergency, 1);
  }
  assert_true(on_link[0] >= 2 && on_link[1] >= 8 && on_connector >= 1);
  art_snapshot_free(&shot);
  end(&w, sim);
}

static uint8_t someone_waits;

static void record_people(art_control_view *view)
{
  someone_waits = view->foot_waits[0];
  memcpy(view->wanted, view->now_ms < 60000 ? "rGG" : "rrG", 3);
  view->next_ms = view->now_ms + view->step_ms;
}

/// People are heard where no vehicle is near, and go when they get green. They cross the connector of group 0 by a light of
/// group 2, whose green would be a conflict with green for 0.
static void people_are_heard_on_empty_roads(void **state)
{
  (void)state;
  stage_world w = world(from_west, 1, 200000);
  art_net *net = w.net;
  net->crossing_count = net->crossing_row_count = 1;
  net->crossing_id = ART_NEW(char *, 1);
  net->crossing_id[0] = art_strdup("x");
  net->crossing_node = ART_NEW(int32_t, 1);
  net->crossing_node[0] = net->connector_node[0];
  net->crossing_signal = ART_NEW(int32_t, 1);
  net->crossing_signal_group = ART_NEW(int32_t, 1);
  net->crossing_signal_group[0] = 2;
  net->crossing_walk_s = ART_NEW(float, 1);
  net->crossing_walk_s[0] = 7.0f;
  net->crossing_flow_per_h = ART_NEW(float, 1);
  net->crossing_flow_per_h[0] = 900.0f;
  net->crossing_first = ART_NEW(int32_t, 2);
  net->crossing_first[1] = 1;
  net->crossing_connector = ART_NEW(int32_t, 1);
  net->crossing_enter_m = ART_NEW(float, 1);
  net->crossing_exit_m = ART_NEW(float, 1);
  net->crossing_exit_m[0] = 3.0f;
  net->program_control[0] = ART_CONTROL_STAGES;
  w.kernels.control[ART_CONTROL_STAGES] = record_people;
  art_sim *sim = start(&w);
  art_tick heard_ms = -1;
  for (art_tick now = 0; now < 60000; now += 500) {
    advance(sim, now + 500);
    if (someone_waits && heard_ms < 0) heard_ms = now;
    if (now > 5000) assert_true(heard_ms < 0 || someone_waits);  // red: nobody goes
  }
  assert_true(heard_ms >= 0);
  advance(sim, 64000);  // group 1 has to clear for 2 first
  assert_int_equal(someone_waits, 0);
  end(&w, sim);
}

// --- programs and sensors added -------------------------------------------------------------------------------------

static void added_programs_and_sensors_are_in_order(void **state)
{
  (void)state;
  art_error err = { 0 };
  art_net *net = art_test_net_crossing();
  const int64_t duration[] = { 10000, 20000 };
  const int32_t p = art_net_add_program(net, 0, "more", 2, duration, "GGrrrG");
  assert_int_equal(p, 1);
  assert_int_equal(net->phase_count, 6);
  assert_memory_equal(net->phase_state, "GgryyrrrGrryGGrrrG", 18);
  assert_int_equal(art_net_add_sensors(net, p, &ART_SENSOR_PLACES), 4);  // line and upstream, two lanes
  if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(net->phase_first_sensor[4], 0);
  assert_int_equal(net->phase_first_sensor[5], 2);
  assert_int_equal(net->phase_first_sensor[6], 4);
  const int32_t d = net->phase_sensor[0], q = net->detector_first_point[d];
  assert_int_equal(net->detector_lane[q], 0);
  assert_float_equal(net->detector_pos_m[q], 197.0f, 1e-4f);
  assert_float_equal(net->detector_pos_m[net->detector_first_point[net->phase_sensor[1]]], 160.0f, 1e-4f);
  // Another program of the same lanes uses the same detectors.
  const int32_t third = art_net_add_program(net, 0, "third", 1, duration, "GGr");
  assert_int_equal(art_net_add_sensors(net, third, &ART_SENSOR_PLACES), 0);
  assert_int_equal(net->phase_sensor[net->phase_first_sensor[6]], d);
  if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
  art_net_free(net);
}

/// A line behind a lane of 0.5 m: who waits for it stands on the connector before that lane, and is seen there.
static void short_lanes_are_seen_from_behind(void **state)
{
  (void)state;
  static const small_link links[] = {
    { 0, 1, 1, 200, 14 }, { 1, 2, 1, 0.5f, 14 }, { 3, 2, 1, 200, 14 }, { 2, 4, 1, 200, 14 }, { 0 }
  };
  static const small_path paths[] = {
    { 0, 0, 1, 0, 16, 14, 0, 0, 0 }, { 1, 0, 3, 0, 10, 14, 0, 0, 0 }, { 2, 0, 3, 0, 10, 14, 0, 0, 0 }, { 0 }
  };
  static const small_conflict merge[] = { { 1, 2, ART_CONFLICT_MERGE, 0, 0, 2, 10, 2, 10 }, { 0 } };
  static const int64_t duration[] = { 20000, 3000, 20000, 3000 };
  static const int32_t route[] = { 0, 1, 3 };
  static const art_control kinds[] = { ART_CONTROL_ACTUATED, ART_CONTROL_SOTL, ART_CONTROL_MAX_PRESSURE,
                                       ART_CONTROL_STAGES };
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
    art_net *net = small_net(5, links, paths, merge);
    small_signal(net, 4, duration, "GrGGryGGrGyr");
    net->program_control[0] = (uint8_t)kinds[k];
    for (int32_t phase = 0; phase < 4; phase += 2) {  // stages on call; the first rests
      net->phase_min_ms[phase] = 5000;
      net->phase_flags[phase] = phase ? ART_PHASE_MAY_SKIP | ART_PHASE_MEMORY : ART_PHASE_RECALL_MIN;
      net->phase_time_ms[ART_PHASE_TIME_extension_ms][phase] = 3000;
    }
    (void)art_net_add_sensors(net, 0, &ART_SENSOR_PLACES);
    const int32_t d = art_net_find(net->detector_id, net->detector_count, "l1_0 s0 line");
    assert_true(d >= 0);
    const int32_t q = net->detector_first_point[d];
    assert_int_equal(net->detector_first_point[d + 1], q + 1);
    assert_int_equal(net->detector_lane[q], art_net_lane_of_connector(net, 0));
    assert_float_equal(net->detector_pos_m[q], 13.5f, 1e-4f);  // 16 + 0.5 - 3
    art_demand *demand = art_test_demand_flow(net, 3, route, 1, 0, 1000);
    art_sim_setup setup = small_setup(net, demand);
    art_error err = { 0 };
    if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
    art_sim *sim = create(&setup);
    advance(sim, 150000);
    if (art_sim_ledger(sim).arrived != 1) fail_msg("%s never sees who waits", art_control_name((int)kinds[k]));
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(short_lanes_are_seen_from_behind),
    cmocka_unit_test(rules_follow_the_program),
    cmocka_unit_test(rules_follow_speed_and_geometry),
    cmocka_unit_test(stated_times_count),
    cmocka_unit_test(a_schedule_switches_safely),
    cmocka_unit_test(a_schedule_comes_again),
    cmocka_unit_test(off_comes_and_goes),
    cmocka_unit_test(flashing_makes_others_stop),
    cmocka_unit_test(an_intervention_overrules),
    cmocka_unit_test(sensors_see_bodies),
    cmocka_unit_test(lanes_and_calls_are_read),
    cmocka_unit_test(calls_come_from_afar),
    cmocka_unit_test(people_are_heard_on_empty_roads),
    cmocka_unit_test(added_programs_and_sensors_are_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
