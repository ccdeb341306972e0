// Actuated control on hand-made views: gap-out, max-out, skipping, recalls, memory, broken sensors, lists of what may
// follow, volume-density, coordination, people, buses and emergency vehicles.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/signal/actuated.h"
#include "models/signal/guard.h"
#include "tests/unit/rig_times.h"

enum { MAIN, SIDE, THIRD };

static void green(art_rig *rig, const char *state, int64_t min_ms, int64_t max_ms, int32_t sensor,
                  uint32_t flags)
{
  art_rig_phase(rig, state, max_ms, min_ms, max_ms);
  art_rig_time(rig, ART_PHASE_TIME_extension_ms, 3000);
  if (sensor >= 0) art_rig_sensor(rig, sensor);
  art_rig_flag(rig, flags);
}

/// Three conflicting approaches with a sensor each; yellow 3 s and 2 s of red by the guard.
static art_rig *three(uint32_t flags)
{
  art_rig *rig = art_rig_new(3, 100, art_signal_guard);
  for (int32_t a = 0; a < 3; ++a)
    for (int32_t b = a + 1; b < 3; ++b) art_rig_conflict(rig, a, b, 5000);
  art_rig_program(rig, ART_CONTROL_ACTUATED, 0, 0);
  green(rig, "Grr", 5000, 30000, MAIN, flags);
  green(rig, "rGr", 5000, 20000, SIDE, flags);
  green(rig, "rrG", 5000, 20000, THIRD, flags);
  art_rig_run(rig, 0, art_actuated_control, 0);
  return rig;
}

static void gap_ends_the_green(void **state)
{
  (void)state;
  art_rig *rig = three(0);
  art_rig_until(rig, 4000);
  for (int k = 0; k < 5; ++k) {  // at 4, 6, 8, 10, 12 s
    art_rig_pulse(rig, MAIN);
    art_rig_until(rig, rig->view.now_ms + 2000);
  }
  assert_int_equal(ends(rig, MAIN), 15000);    // 3 s after the last one
  assert_int_equal(begins(rig, SIDE), 20000);  // yellow 3 s, red 2 s
  assert_int_equal(ends(rig, SIDE), 25000);    // nobody came: minimum
  done(rig);
}

static void standing_on_the_sensor_is_no_gap_and_the_maximum_is_exact(void **state)
{
  (void)state;
  art_rig *rig = three(0);
  art_rig_occupy(rig, MAIN, 1);
  assert_int_equal(ends(rig, MAIN), 30000);
  done(rig);
}

static void a_sensor_that_is_on_for_ever_is_broken_and_calls_but_does_not_extend(void **state)
{
  (void)state;
  art_rig *rig = three(ART_PHASE_MAY_SKIP);
  art_rig_set(rig, ART_CONTROL_VALUE_inactive_s, 60.0f);
  art_rig_occupy(rig, SIDE, 1);
  art_rig_until(rig, 100000);
  assert_true(art_rig_goes(rig, SIDE));  // nobody else
  for (int k = 0; k < 3; ++k) {
    art_rig_occupy(rig, MAIN, 1);
    begins(rig, MAIN);
    art_rig_occupy(rig, MAIN, 0);
    const art_tick begin = begins(rig, SIDE);
    art_rig_occupy(rig, THIRD, 1);
    assert_int_equal(ends(rig, SIDE) - begin, 5000);
    begins(rig, THIRD);
    art_rig_occupy(rig, THIRD, 0);
  }
  done(rig);
}

static void rests_where_nobody_calls_and_skips_who_does_not(void **state)
{
  (void)state;
  art_rig *rig = three(ART_PHASE_MAY_SKIP);
  art_rig_until(rig, 60000);
  assert_true(art_rig_goes(rig, MAIN));
  art_rig_occupy(rig, THIRD, 1);
  assert_true(ends(rig, MAIN) <= 61000);
  const art_tick begin = begins(rig, THIRD);
  assert_false(art_rig_goes(rig, SIDE));
  assert_true(begin <= 66000);
  assert_true(rig->green_begin_ms[SIDE] < 0);  // never had green
  done(rig);
}

static void the_maximum_counts_from_where_somebody_waits(void **state)
{
  (void)state;
  art_rig *rig = three(ART_PHASE_MAY_SKIP);
  art_rig_occupy(rig, MAIN, 1);
  art_rig_until(rig, 50000);
  art_rig_occupy(rig, SIDE, 1);
  const art_tick end = ends(rig, MAIN);
  assert_true(end >= 80000 && end <= 81000);
  done(rig);
}

static void recalls(void **state)
{
  (void)state;
  art_rig *rig = three(ART_PHASE_MAY_SKIP);
  rig->flags[1] |= ART_PHASE_RECALL_MIN;
  rig->flags[2] |= ART_PHASE_RECALL_MAX;
  assert_int_equal(ends(rig, MAIN), 5000);
  assert_int_equal(begins(rig, SIDE), 10000);
  assert_int_equal(ends(rig, SIDE), 15000);
  assert_int_equal(begins(rig, THIRD), 20000);
  assert_int_equal(ends(rig, THIRD), 40000);
  done(rig);
}

static void memory_keeps_a_call_until_it_is_served(void **state)
{
  (void)state;
  for (int remembers = 0; remembers < 2; ++remembers) {
    art_rig *rig = three(ART_PHASE_MAY_SKIP | (remembers ? ART_PHASE_MEMORY : 0));
    art_rig_occupy(rig, MAIN, 1);
    art_rig_until(rig, 3000);
    art_rig_pulse(rig, SIDE);  // turned right on red, or was counted by the wrong lane
    art_rig_until(rig, 60000);
    assert_int_equal(rig->green_begin_ms[SIDE] > 0, remembers);
    const art_tick begin = rig->green_begin_ms[SIDE];
    art_rig_until(rig, 160000);
    assert_int_equal(rig->green_begin_ms[SIDE], begin);  // once
    done(rig);
  }
}

static void the_gap_shrinks_with_volume_density(void **state)
{
  (void)state;
  art_rig *rig = three(0);
  rig->time_ms[ART_PHASE_TIME_reduce_after_ms][0] = 10000;
  rig->time_ms[ART_PHASE_TIME_reduce_for_ms][0] = 10000;
  rig->time_ms[ART_PHASE_TIME_least_gap_ms][0] = 1000;
  art_tick t = 0;
  for (; t < 60000 && art_rig_goes(rig, MAIN) == (t > 0); t += 2000) {  // somebody every 2 s
    art_rig_until(rig, t);
    art_rig_pulse(rig, MAIN);
    art_rig_step(rig);
  }
  // 3 s - 2 s * (t - 10) / 10 falls below the time since the last one, at 14 s, where t = 10 + (3 + 14 - 10) * 10 / 12.
  assert_true(rig->green_end_ms[MAIN] >= 15800 && rig->green_end_ms[MAIN] <= 15900);
  done(rig);
}

/// A protected left turn that goes over yellow into a permitted one: as written. If that phase is skipped, and the left
/// turn is green in the one that comes, it keeps its green.
static void yellow_between_two_greens_is_shown_where_it_is_written(void **state)
{
  (void)state;
  for (int skips = 0; skips < 2; ++skips) {
    art_rig *rig = art_rig_new(2, 100, art_signal_guard);
    art_rig_program(rig, ART_CONTROL_ACTUATED, 0, 0);
    green(rig, "Gr", 5000, 30000, -1, 0);
    art_rig_phase(rig, "yr", 3000, 0, 0);
    green(rig, "gG", 5000, 20000, -1, skips ? ART_PHASE_MAY_SKIP : 0);
    art_rig_phase(rig, "yy", 3000, 0, 0);
    green(rig, "GG", 5000, 20000, -1, 0);
    art_rig_phase(rig, "yy", 3000, 0, 0);
    art_rig_run(rig, 0, art_actuated_control, 0);
    art_rig_until(rig, 6500);
    assert_int_equal(rig->shown[0], skips ? 'G' : 'y');
    art_rig_until(rig, 8500);
    assert_int_equal(rig->shown[0], skips ? 'G' : 'g');
    assert_int_equal(rig->shown[1], 'G');
    done(rig);
  }
}

static void the_list_of_what_may_follow_goes_by_calls(void **state)
{
  (void)state;
  art_rig *rig = art_rig_new(3, 100, art_signal_guard);
  for (int32_t a = 0; a < 3; ++a)
    for (int32_t b = a + 1; b < 3; ++b) art_rig_conflict(rig, a, b, 3000);
  art_rig_program(rig, ART_CONTROL_ACTUATED, 0, 0);
  green(rig, "Grr", 5000, 30000, MAIN, ART_PHASE_MANUAL_NEXT);
  art_rig_next(rig, 1);
  art_rig_next(rig, 2);
  art_rig_phase(rig, "yrr", 3000, 0, 0);  // 1, towards 3
  art_rig_next(rig, 3);
  art_rig_phase(rig, "yrr", 4000, 0, 0);  // 2, towards 5
  art_rig_next(rig, 5);
  green(rig, "rGr", 5000, 20000, SIDE, 0);  // 3
  art_rig_phase(rig, "ryr", 3000, 0, 0);
  art_rig_next(rig, 0);
  green(rig, "rrG", 5000, 20000, THIRD, 0);  // 5
  art_rig_phase(rig, "rry", 3000, 0, 0);
  art_rig_next(rig, 0);
  art_rig_run(rig, 0, art_actuated_control, 0);
  art_rig_until(rig, 1000);
  art_rig_occupy(rig, THIRD, 1);
  assert_int_equal(begins(rig, THIRD), 9000);  // by its own yellow of 4 s
  art_rig_occupy(rig, THIRD, 0);
  assert_int_equal(begins(rig, MAIN), 17000);
  assert_int_equal(begins(rig, SIDE), 25000);  // nobody calls: the first of the list
  done(rig);
}

/// Cycle 60 s as in a file: main 30 s, yellow 5 s, side 20 s, yellow 5 s; main coordinated.
static art_rig *coordinated(uint32_t side_flags, float is_fixed)
{
  art_rig *rig = art_rig_new(2, 100, art_signal_guard);
  art_rig_conflict(rig, 0, 1, 5000);
  art_rig_program(rig, ART_CONTROL_ACTUATED, 10000, 60000);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, 1.0f);
  art_rig_set(rig, ART_CONTROL_VALUE_is_fixed_force_off, is_fixed);
  green(rig, "Gr", 5000, 40000, MAIN, ART_PHASE_COORDINATED);
  rig->duration_ms[0] = 30000;
  art_rig_phase(rig, "yr", 5000, 0, 0);
  green(rig, "rG", 5000, 10000, SIDE, side_flags);
  rig->duration_ms[2] = 20000;
  art_rig_phase(rig, "ry", 5000, 0, 0);
  art_rig_run(rig, 0, art_actuated_control, 0);
  return rig;
}

static void coordinated_greens_end_at_their_place_in_the_cycle(void **state)
{
  (void)state;
  art_rig *rig = coordinated(0, 0.0f);
  art_rig_until(rig, 60000);
  for (int k = 1; k < 5; ++k) {
    begins(rig, MAIN);
    assert_int_equal(ends(rig, MAIN), 40000 + 60000 * k);  // offset + 30 s
    assert_int_equal(ends(rig, SIDE), 50000 + 60000 * k);  // minimum; main begins early
    assert_int_equal(begins(rig, MAIN), 55000 + 60000 * k);
  }
  done(rig);
}

static void force_off_is_fixed_or_floats(void **state)
{
  (void)state;
  for (int is_fixed = 0; is_fixed < 2; ++is_fixed) {
    art_rig *rig = coordinated(0, (float)is_fixed);
    art_rig_until(rig, 60000);
    art_rig_occupy(rig, SIDE, 1);
    begins(rig, MAIN);
    assert_int_equal(ends(rig, MAIN), 100000);
    assert_int_equal(begins(rig, SIDE), 105000);
    assert_int_equal(ends(rig, SIDE), is_fixed ? 125000 : 115000);  // place 55 s, or maximum 10 s
    done(rig);
  }
}

static void coordination_serves_late_calls_only_while_they_fit(void **state)
{
  (void)state;
  art_rig *rig = coordinated(ART_PHASE_MAY_SKIP, 1.0f);
  art_rig_until(rig, 112000);  // green rests: the coordinated green was due at 100 s
  assert_true(art_rig_goes(rig, MAIN));
  art_rig_occupy(rig, SIDE, 1);  // 5 s of yellow and 5 s of green end before 125 s
  assert_true(ends(rig, MAIN) <= 113000);
  assert_int_equal(ends(rig, SIDE), 125000);
  art_rig_occupy(rig, SIDE, 0);
  art_rig_until(rig, 177000);
  assert_true(art_rig_goes(rig, MAIN));
  art_rig_occupy(rig, SIDE, 1);  // would have to end at 185 s: too late, held until 220 s
  assert_int_equal(ends(rig, MAIN), 220000);
  done(rig);
}

static void places_of_sumo_bound_the_end(void **state)
{
  (void)state;
  art_rig *rig = coordinated(0, 1.0f);
  rig->flags[0] = 0;  // no coordinated phase: bounds alone
  rig->time_ms[ART_PHASE_TIME_earliest_end_ms][0] = 25000;
  rig->time_ms[ART_PHASE_TIME_latest_end_ms][0] = 35000;
  art_rig_until(rig, 71000);
  begins(rig, MAIN);
  rig->max_ms[2] = 30000;
  art_rig_occupy(rig, SIDE, 1);
  assert_int_equal(ends(rig, MAIN), 95000);  // nobody comes: at the earliest
  assert_int_equal(begins(rig, MAIN), 135000);
  art_rig_occupy(rig, MAIN, 1);
  assert_int_equal(ends(rig, MAIN), 165000);  // the maximum would be at 175 s
  done(rig);
}

/// A bus on the side road ends the coordinated green early; that was its turn, the next one is held until its place.
static void coordination_is_regained_after_a_bus(void **state)
{
  (void)state;
  art_rig *rig = coordinated(0, 1.0f);
  art_rig_set(rig, ART_CONTROL_VALUE_priority_reach_m, 200.0f);
  art_rig_until(rig, 80000);
  rig->view.call_count = 1;
  rig->call[0] = (art_priority_call){ 7, 1, 100.0f, 5.0f, 0 };
  assert_int_equal(ends(rig, MAIN), 90000);  // 10 s before its place
  begins(rig, SIDE);
  rig->view.call_count = 0;
  assert_int_equal(ends(rig, SIDE), 100000);
  assert_int_equal(begins(rig, MAIN), 105000);
  assert_int_equal(ends(rig, MAIN), 160000);
  done(rig);
}

/// A push button beside the coordinated green: walk as long as it can, and again where time is left.
static void people_walk_while_the_coordinated_green_lasts(void **state)
{
  (void)state;
  art_rig *rig = art_rig_new(3, 100, art_signal_guard);
  art_rig_conflict(rig, 0, 1, 5000);
  art_rig_conflict(rig, 1, 2, 0);
  art_rig_foot(rig, 2);
  art_rig_program(rig, ART_CONTROL_ACTUATED, 0, 60000);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, 1.0f);
  green(rig, "GrG", 5000, 40000, MAIN, ART_PHASE_COORDINATED);
  rig->duration_ms[0] = 40000;
  art_rig_time(rig, ART_PHASE_TIME_walk_ms, 6000);
  art_rig_time(rig, ART_PHASE_TIME_foot_clearance_ms, 8000);
  art_rig_phase(rig, "yrr", 5000, 0, 0);
  green(rig, "rGr", 5000, 10000, SIDE, 0);
  art_rig_phase(rig, "ryr", 5000, 0, 0);
  art_rig_run(rig, 0, art_actuated_control, 0);
  art_rig_until(rig, 10000);
  assert_false(art_rig_goes(rig, 2));
  rig->foot_waits[0] = 1;  // in time: 10 s and 14 s are before 40 s
  assert_true(begins(rig, 2) <= 11000);
  rig->foot_waits[0] = 0;
  assert_int_equal(ends(rig, 2), 32000);  // 8 s before its end
  assert_int_equal(ends(rig, 0), 40000);
  begins(rig, 0);
  art_rig_until(rig, 60000 + 30000);
  rig->foot_waits[0] = 1;  // too late: walk and clearance need 14 s
  assert_int_equal(ends(rig, 0), 100000);
  assert_true(rig->green_begin_ms[2] < 60000);
  assert_int_equal(begins(rig, 2), begins(rig, 0));  // with the next green
  done(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(gap_ends_the_green),
    cmocka_unit_test(standing_on_the_sensor_is_no_gap_and_the_maximum_is_exact),
    cmocka_unit_test(a_sensor_that_is_on_for_ever_is_broken_and_calls_but_does_not_extend),
    cmocka_unit_test(rests_where_nobody_calls_and_skips_who_does_not),
    cmocka_unit_test(the_maximum_counts_from_where_somebody_waits),
    cmocka_unit_test(recalls),
    cmocka_unit_test(memory_keeps_a_call_until_it_is_served),
    cmocka_unit_test(the_gap_shrinks_with_volume_density),
    cmocka_unit_test(yellow_between_two_greens_is_shown_where_it_is_written),
    cmocka_unit_test(the_list_of_what_may_follow_goes_by_calls),
    cmocka_unit_test(coordinated_greens_end_at_their_place_in_the_cycle),
    cmocka_unit_test(force_off_is_fixed_or_floats),
    cmocka_unit_test(coordination_serves_late_calls_only_while_they_fit),
    cmocka_unit_test(places_of_sumo_bound_the_end),
    cmocka_unit_test(coordination_is_regained_after_a_bus),
    cmocka_unit_test(people_walk_while_the_coordinated_green_lasts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
