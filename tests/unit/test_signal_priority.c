// Buses and emergency vehicles at fixed, actuated, NEMA and stage programs: extension, early green, preemption, and the
// way back to the clock; stages on call.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/signal/actuated.h"
#include "models/signal/fixed.h"
#include "models/signal/guard.h"
#include "models/signal/nema.h"
#include "models/signal/stages.h"
#include "tests/unit/rig_times.h"

static void call(art_rig *rig, int32_t group, float distance_m, float speed_mps, int is_emergency)
{
  rig->view.call_count = 1;
  rig->call[0] = (art_priority_call){ 7, group, distance_m, speed_mps, (uint8_t)is_emergency };
}
static void hang_up(art_rig *rig)
{
  rig->view.call_count = 0;
}

/// Main 30 s, side 20 s, third 20 s, each with 3 s of yellow and 2 s of red: a cycle of 85 s.
static art_rig *fixed_program(void)
{
  art_rig *rig = art_rig_new(3, 100, art_signal_guard);
  for (int32_t a = 0; a < 3; ++a)
    for (int32_t b = a + 1; b < 3; ++b) art_rig_conflict(rig, a, b, 5000);
  art_rig_program(rig, ART_CONTROL_FIXED, 0, 0);
  art_rig_set(rig, ART_CONTROL_VALUE_priority_reach_m, 200.0f);
  art_rig_set(rig, ART_CONTROL_VALUE_preemption_reach_m, 300.0f);
  static const char *const states[] = { "Grr", "yrr", "rrr", "rGr", "ryr", "rrr", "rrG", "rry", "rrr" };
  static const int64_t lasts[] = { 30000, 3000, 2000, 20000, 3000, 2000, 20000, 3000, 2000 };
  for (int i = 0; i < 9; ++i) art_rig_phase(rig, states[i], lasts[i], lasts[i], lasts[i]);
  art_rig_run(rig, 0, art_fixed_control, 0);
  return rig;
}

static void expect_clock(art_rig *rig, int cycles)
{
  for (int k = 0; k < cycles; ++k) {
    const art_tick zero = (rig->view.now_ms / 85000 + 1) * 85000;
    art_rig_until(rig, zero - 1000);
    assert_int_equal(begins(rig, 0), zero);
    assert_int_equal(ends(rig, 0), zero + 30000);
    assert_int_equal(begins(rig, 1), zero + 35000);
    assert_int_equal(begins(rig, 2), zero + 60000);
  }
}

static void fixed_runs_by_the_clock_where_nobody_calls(void **state)
{
  (void)state;
  art_rig *rig = fixed_program();
  art_rig_until(rig, 10000);
  expect_clock(rig, 3);
  done(rig);
}

static void fixed_holds_a_green_for_a_bus_and_finds_back(void **state)
{
  (void)state;
  art_rig *rig = fixed_program();
  art_rig_until(rig, 85000 + 25000);
  for (int k = 0; k < 12; ++k) {  // 120 m at 10 m/s: arrives at 122 s, 7 s after the end
    call(rig, 0, 120.0f - 10.0f * (float)k, 10.0f, 0);
    art_rig_until(rig, rig->view.now_ms + 1000);
  }
  assert_true(art_rig_goes(rig, 0));
  art_rig_until(rig, 122000);
  call(rig, 0, 0.0f, 10.0f, 0);
  art_rig_step(rig);
  hang_up(rig);
  const art_tick end = ends(rig, 0);
  assert_true(end >= 122000 && end <= 123100);
  assert_int_equal(ends(rig, 1), 85000 + 55000);  // the side road gives the time back
  expect_clock(rig, 3);
  done(rig);
}

static void a_bus_that_comes_too_late_is_not_waited_for(void **state)
{
  (void)state;
  art_rig *rig = fixed_program();
  art_rig_until(rig, 85000 + 28000);
  call(rig, 0, 130.0f, 10.0f, 0);  // 13 s: 1 s more than the green can be held
  assert_int_equal(ends(rig, 0), 85000 + 30000);
  done(rig);
}

static void fixed_brings_the_green_of_a_bus_forward(void **state)
{
  (void)state;
  art_rig *rig = fixed_program();
  art_rig_until(rig, 85000 + 36000);
  call(rig, 0, 100.0f, 5.0f, 0);
  assert_int_equal(ends(rig, 1), 85000 + 45000);  // 10 s sooner
  assert_int_equal(begins(rig, 2), 85000 + 50000);
  assert_int_equal(ends(rig, 2), 85000 + 70000);  // begun 10 s early, ends 10 s before its place
  assert_int_equal(begins(rig, 0), 85000 + 75000);
  hang_up(rig);
  assert_int_equal(ends(rig, 0), 170000 + 30000);  // at its place
  expect_clock(rig, 2);
  done(rig);
}

static void fixed_gives_way_to_an_emergency_and_finds_back(void **state)
{
  (void)state;
  art_rig *rig = fixed_program();
  rig->group_min_green_ms[1] = 5000;
  art_rig_until(rig, 85000 + 36000);
  call(rig, 2, 250.0f, 15.0f, 1);
  assert_int_equal(ends(rig, 1), 85000 + 40000);  // minimum green of the head
  assert_int_equal(begins(rig, 2), 85000 + 45000);
  art_rig_until(rig, 85000 + 120000);
  assert_true(art_rig_goes(rig, 2));  // as long as it calls
  hang_up(rig);
  art_rig_until(rig, 85000 * 4);
  expect_clock(rig, 3);
  done(rig);
}

// --- the same for those that listen -----------------------------------------------------------------------------------

/// Three phases that everybody calls all the time, greens of 8 s to 20 s.
static art_rig *busy(int32_t kind)
{
  art_rig *rig = art_rig_new(3, 100, art_signal_guard);
  for (int32_t a = 0; a < 3; ++a)
    for (int32_t b = a + 1; b < 3; ++b) art_rig_conflict(rig, a, b, 5000);
  art_rig_program(rig, kind, 0, 0);
  art_rig_set(rig, ART_CONTROL_VALUE_priority_reach_m, 200.0f);
  art_rig_set(rig, ART_CONTROL_VALUE_preemption_reach_m, 300.0f);
  static const char *const states[] = { "Grr", "rGr", "rrG" };
  for (int i = 0; i < 3; ++i) {
    art_rig_phase(rig, states[i], 20000, 8000, 20000);
    art_rig_time(rig, ART_PHASE_TIME_extension_ms, 3000);
    art_rig_time(rig, ART_PHASE_TIME_yellow_ms, 3000);
    art_rig_time(rig, ART_PHASE_TIME_red_ms, 2000);
    art_rig_place(rig, i + 1, 0, i == 2);
    art_rig_sensor(rig, i);
    rig->detector_kind[i] = ART_DETECTOR_AREA;
    art_rig_occupy(rig, i, 1);
  }
  art_rig_run(rig, 0,
              kind == ART_CONTROL_NEMA     ? art_nema_control
              : kind == ART_CONTROL_STAGES ? art_stages_control
                                           : art_actuated_control,
              0);
  return rig;
}

static const int32_t kinds[] = { ART_CONTROL_ACTUATED, ART_CONTROL_NEMA, ART_CONTROL_STAGES };

static void a_green_is_held_for_a_bus(void **state)
{
  (void)state;
  for (int k = 0; k < 3; ++k) {
    art_rig *rig = busy(kinds[k]);
    assert_int_equal(begins(rig, 0), 0);
    art_rig_until(rig, 15000);
    call(rig, 0, 0.0f, 0.0f, 0);  // stands at the line, and never goes
    assert_int_equal(ends(rig, 0), 30000);
    assert_int_equal(ends(rig, 1), 35000 + 10000);  // 20 s less 10 s
    hang_up(rig);
    // The others keep their order; stages go to the bus first.
    const int32_t next = kinds[k] == ART_CONTROL_STAGES ? 0 : 2;
    assert_int_equal(begins(rig, next), 50000);
    assert_int_equal(ends(rig, next), 50000 + 20000);
    done(rig);
  }
}

static void an_emergency_gets_its_green_at_once(void **state)
{
  (void)state;
  for (int k = 0; k < 3; ++k) {
    art_rig *rig = busy(kinds[k]);
    for (int g = 0; g < 3; ++g) rig->group_min_green_ms[g] = 5000;
    art_rig_until(rig, 2000);
    call(rig, 2, 300.0f, 15.0f, 1);
    assert_true(ends(rig, 0) <= 5100);
    assert_true(begins(rig, 2) <= 10200);
    art_rig_until(rig, 90000);
    assert_true(art_rig_goes(rig, 2));
    hang_up(rig);
    assert_true(begins(rig, 0) <= 97000);
    done(rig);
  }
}

/// People who walk beside the first road get the time to clear it, but no more walk.
static void an_emergency_waits_for_people_on_the_road(void **state)
{
  (void)state;
  for (int k = 0; k < 3; ++k) {
    art_rig *rig = busy(kinds[k]);
    rig->is_foot[0] = 0;
    art_rig_foot(rig, 1);  // the second group are people now, green in the first phase
    rig->state[rig->first_state[0] + 1] = 'G';
    rig->state[rig->first_state[1] + 1] = 'r';
    rig->flags[1] = ART_PHASE_OMIT;
    art_rig_conflict(rig, 0, 1, -1);
    rig->time_ms[ART_PHASE_TIME_walk_ms][0] = 9000;
    rig->time_ms[ART_PHASE_TIME_foot_clearance_ms][0] = 6000;
    rig->flags[0] = ART_PHASE_RECALL_FOOT;
    art_rig_until(rig, 3000);
    assert_true(art_rig_goes(rig, 0) && art_rig_goes(rig, 1));
    call(rig, 2, 300.0f, 15.0f, 1);
    const art_tick walk_end = ends(rig, 1);
    assert_true(walk_end >= 3000 && walk_end <= 4000);
    assert_int_equal(ends(rig, 0), walk_end + 6000);
    assert_int_equal(begins(rig, 2), walk_end + 11000);
    done(rig);
  }
}

static void nobody_beyond_the_reach_counts(void **state)
{
  (void)state;
  for (int k = 0; k < 3; ++k) {
    art_rig *rig = busy(kinds[k]);
    call(rig, 2, 300.1f, 15.0f, 1);
    assert_int_equal(ends(rig, 0), 20000);
    done(rig);
  }
}

// --- stages -----------------------------------------------------------------------------------------------------------

static art_rig *stages(uint32_t flags)
{
  art_rig *rig = busy(ART_CONTROL_STAGES);
  for (int i = 0; i < 3; ++i) {
    rig->flags[i] |= flags;
    art_rig_occupy(rig, i, 0);
  }
  return rig;
}

static void stages_rest_and_come_on_call(void **state)
{
  (void)state;
  art_rig *rig = stages(0);
  art_rig_until(rig, 100000);
  assert_true(art_rig_goes(rig, 0));
  art_rig_occupy(rig, 2, 1);
  assert_true(begins(rig, 2) <= 106100);
  art_rig_occupy(rig, 2, 0);
  art_rig_until(rig, 200000);
  assert_true(art_rig_goes(rig, 2));  // nobody calls another one
  assert_true(rig->green_begin_ms[1] < 0);
  done(rig);
}

static void stages_take_the_way_through_others(void **state)
{
  (void)state;
  art_rig *rig = stages(ART_PHASE_MANUAL_NEXT);
  // 0 -> 1 -> 2 -> 0 only
  for (int i = 0; i < 3; ++i) {
    rig->next[i] = (i + 1) % 3;
    rig->first_next[i + 1] = i + 1;
  }
  art_rig_until(rig, 20000);
  art_rig_occupy(rig, 2, 1);
  const art_tick first = begins(rig, 1);
  assert_int_equal(ends(rig, 1), first + 8000);
  begins(rig, 2);
  done(rig);
}

static void a_red_of_too_long_goes_first(void **state)
{
  (void)state;
  for (int has_limit = 0; has_limit < 2; ++has_limit) {
    art_rig *rig = stages(ART_PHASE_MANUAL_NEXT);
    // Everybody prefers 0 and 1; 2 comes last.
    static const int32_t lists[] = { 1, 2, 0, 2, 0, 1 };
    for (int i = 0; i < 3; ++i) {
      rig->next[2 * i] = lists[2 * i];
      rig->next[2 * i + 1] = lists[2 * i + 1];
      rig->first_next[i + 1] = 2 * i + 2;
    }
    if (has_limit) rig->time_ms[ART_PHASE_TIME_max_red_ms][2] = 60000;
    for (int i = 0; i < 3; ++i) art_rig_occupy(rig, i, 1);
    art_rig_until(rig, 300000);
    assert_int_equal(rig->green_begin_ms[2] > 0, has_limit);
    done(rig);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fixed_runs_by_the_clock_where_nobody_calls),
    cmocka_unit_test(fixed_holds_a_green_for_a_bus_and_finds_back),
    cmocka_unit_test(a_bus_that_comes_too_late_is_not_waited_for),
    cmocka_unit_test(fixed_brings_the_green_of_a_bus_forward),
    cmocka_unit_test(fixed_gives_way_to_an_emergency_and_finds_back),
    cmocka_unit_test(a_green_is_held_for_a_bus),
    cmocka_unit_test(an_emergency_gets_its_green_at_once),
    cmocka_unit_test(an_emergency_waits_for_people_on_the_road),
    cmocka_unit_test(nobody_beyond_the_reach_counts),
    cmocka_unit_test(stages_rest_and_come_on_call),
    cmocka_unit_test(stages_take_the_way_through_others),
    cmocka_unit_test(a_red_of_too_long_goes_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
