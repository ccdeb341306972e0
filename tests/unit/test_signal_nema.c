// NEMA control on hand-made views: rings and barriers, gap-out, skipping, dual entry, recalls, coordination with fixed and
// floating force-offs, permissive periods, walks, a real program of Nashville.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/signal/guard.h"
#include "models/signal/nema.h"
#include "tests/support/signal_rig.h"

typedef struct row {
  int number, ring, barrier;
  int64_t min_ms, max_ms, extension_ms, yellow_ms, red_ms;
  uint32_t flags;
} row;

/// Group n - 1 and sensor n - 1 belong to phase n.
static art_rig *signal_of(const row *rows, int count, int groups, int64_t offset_ms, int64_t cycle_ms, int is_coordinated)
{
  art_rig *rig = art_rig_new(groups, 100, art_signal_guard);
  art_rig_program(rig, ART_CONTROL_NEMA, offset_ms, cycle_ms);
  art_rig_set(rig, ART_CONTROL_VALUE_is_coordinated, (float)is_coordinated);
  for (int i = 0; i < count; ++i) {
    char state[ART_RIG_GROUPS + 1] = "";
    memset(state, 'r', (size_t)groups);
    state[rows[i].number - 1] = 'G';
    art_rig_phase(rig, state, 90000, rows[i].min_ms, rows[i].max_ms);
    art_rig_time(rig, ART_PHASE_TIME_extension_ms, rows[i].extension_ms);
    art_rig_time(rig, ART_PHASE_TIME_yellow_ms, rows[i].yellow_ms);
    art_rig_time(rig, ART_PHASE_TIME_red_ms, rows[i].red_ms);
    art_rig_flag(rig, rows[i].flags);
    art_rig_place(rig, rows[i].number, rows[i].ring, rows[i].barrier);
    art_rig_sensor(rig, rows[i].number - 1);
    rig->detector_kind[rows[i].number - 1] = ART_DETECTOR_AREA;
    rig->group_yellow_ms[rows[i].number - 1] = rows[i].yellow_ms;
    for (int k = 0; k < i; ++k)
      if (rows[k].ring == rows[i].ring || rows[k].barrier != rows[i].barrier)
        art_rig_conflict(rig, rows[k].number - 1, rows[i].number - 1,
                         rows[k].yellow_ms < rows[i].yellow_ms ? rows[k].yellow_ms : rows[i].yellow_ms);
  }
  art_rig_run(rig, 0, art_nema_control, 0);
  return rig;
}

/// Eight phases: lefts 1 3 5 7 at least 4 s, at most 10 s, throughs 8 s to 30 s, yellow 3 s, red 2 s.
static art_rig *standard(uint32_t through_flags)
{
  row rows[8];
  for (int i = 0; i < 8; ++i) {
    const int is_left = i % 2 == 0;
    rows[i] = (row){ i + 1, i / 4, i / 2 % 2, is_left ? 4000 : 8000, is_left ? 10000 : 30000, 2000, 3000, 2000,
                     is_left ? 0 : ART_PHASE_DUAL_ENTRY | through_flags };
  }
  return signal_of(rows, 8, 8, 0, 0, 0);
}

static int shows(const art_rig *rig, int phase)
{
  return art_rig_goes(rig, phase - 1);
}

static void wait_for(art_rig *rig, int phase, int is_green)
{
  for (int k = 0; k < 20000; ++k) {
    if (shows(rig, phase) == is_green) return;
    art_rig_step(rig);
  }
  fail_msg("phase %d never %s", phase, is_green ? "got green" : "ended");
}
static art_tick begins(art_rig *rig, int phase)
{
  wait_for(rig, phase, 1);
  return rig->green_begin_ms[phase - 1];
}
static art_tick ends(art_rig *rig, int phase)
{
  wait_for(rig, phase, 1);
  wait_for(rig, phase, 0);
  return rig->green_end_ms[phase - 1];
}
static void call(art_rig *rig, int phase, int is_there)
{
  art_rig_occupy(rig, phase - 1, is_there);
}
static void done(art_rig *rig)
{
  assert_int_equal(art_rig_fault_count(rig), 0);
  free(rig);
}

/// From 0 s the clock has 1 and 5; nobody calls them again.
static art_rig *resting_in_2_and_6(void)
{
  art_rig *rig = standard(0);
  call(rig, 2, 1);
  call(rig, 6, 1);
  art_rig_until(rig, 30000);
  call(rig, 2, 0);
  call(rig, 6, 0);
  art_rig_until(rig, 40000);
  assert_true(shows(rig, 2) && shows(rig, 6));
  return rig;
}

static void rests_where_nobody_calls(void **state)
{
  (void)state;
  art_rig *rig = resting_in_2_and_6();
  art_rig_until(rig, 300000);
  assert_true(shows(rig, 2) && shows(rig, 6));
  done(rig);
}

static void rings_cross_the_barrier_together(void **state)
{
  (void)state;
  art_rig *rig = resting_in_2_and_6();
  call(rig, 6, 1);
  call(rig, 4, 1);
  // Phase 2 could end at once, but waits for 6, which is extended to its maximum of 30 s from now.
  art_rig_until(rig, 65000);
  assert_true(shows(rig, 2) && shows(rig, 6));
  const art_tick end = ends(rig, 2);
  assert_int_equal(end, rig->green_end_ms[5]);
  assert_true(end >= 70000 && end <= 71000);
  assert_int_equal(begins(rig, 4), end + 5000);
  assert_int_equal(rig->green_begin_ms[7], end + 5000);  // 8 comes along: dual entry
  call(rig, 4, 0);
  done(rig);
}

static void a_gap_counts_once_or_has_to_be_everywhere_at_once(void **state)
{
  (void)state;
  for (int is_simultaneous = 0; is_simultaneous < 2; ++is_simultaneous) {
    art_rig *rig = resting_in_2_and_6();
    art_rig_set(rig, ART_CONTROL_VALUE_is_simultaneous_gap, (float)is_simultaneous);
    call(rig, 6, 1);
    call(rig, 4, 1);
    art_rig_until(rig, 50000);  // phase 2 has had its gap
    call(rig, 6, 0);
    call(rig, 2, 1);
    // 6 is ready 2 s later.
    const art_tick end = ends(rig, 2);
    if (is_simultaneous)
      assert_true(end >= 70000 && end <= 71000);
    else
      assert_int_equal(end, 52000);
    call(rig, 4, 0);
    done(rig);
  }
}

static void gaps_end_lefts_one_after_the_other(void **state)
{
  (void)state;
  art_rig *rig = resting_in_2_and_6();
  for (int phase = 1; phase <= 8; ++phase) call(rig, phase, 1);
  const art_tick begin3 = begins(rig, 3);
  assert_int_equal(rig->green_begin_ms[6], begin3);
  art_rig_until(rig, begin3 + 6000);
  call(rig, 3, 0);
  assert_int_equal(ends(rig, 3), begin3 + 8000);   // gap of 2 s
  assert_int_equal(begins(rig, 4), begin3 + 13000);
  assert_int_equal(rig->green_end_ms[6], begin3 + 10000);  // maximum
  assert_int_equal(begins(rig, 8), begin3 + 15000);
  done(rig);
}

static void a_left_turn_alone_runs_beside_the_through_phase(void **state)
{
  (void)state;
  art_rig *rig = resting_in_2_and_6();
  call(rig, 5, 1);
  wait_for(rig, 5, 1);
  assert_true(shows(rig, 2) && !shows(rig, 6));
  call(rig, 5, 0);
  call(rig, 6, 1);
  wait_for(rig, 6, 1);
  assert_true(shows(rig, 2));
  assert_int_equal(rig->green_end_ms[1], INT64_MIN / 4);  // never ended
  done(rig);
}

static void without_dual_entry_the_other_ring_is_dark(void **state)
{
  (void)state;
  art_rig *rig = resting_in_2_and_6();
  for (int i = 0; i < 8; ++i) rig->flags[i] &= ~(uint32_t)ART_PHASE_DUAL_ENTRY;
  call(rig, 3, 1);
  wait_for(rig, 3, 1);
  art_rig_until(rig, rig->view.now_ms + 3000);
  assert_true(shows(rig, 3) && !shows(rig, 7) && !shows(rig, 8) && !shows(rig, 6));
  call(rig, 8, 1);  // may begin beside it
  wait_for(rig, 8, 1);
  assert_true(shows(rig, 3));
  done(rig);
}

static void recalls_and_omits(void **state)
{
  (void)state;
  art_rig *rig = standard(ART_PHASE_RECALL_MIN);
  rig->flags[7] |= ART_PHASE_RECALL_MAX;  // phase 8
  rig->flags[6] |= ART_PHASE_OMIT;        // phase 7
  call(rig, 7, 1);
  art_tick last = begins(rig, 8);
  for (int k = 0; k < 5; ++k) {
    assert_int_equal(ends(rig, 8), last + 30000);
    assert_int_equal(rig->green_end_ms[3], last + 30000);  // 4 waits for it
    const art_tick begin2 = begins(rig, 2);
    assert_int_equal(begin2, last + 35000);
    assert_int_equal(ends(rig, 2), begin2 + 8000);
    assert_int_equal(begins(rig, 8), begin2 + 13000);
    last = rig->green_begin_ms[7];
    assert_false(shows(rig, 7));
  }
  assert_true(rig->green_begin_ms[6] < 0);
  done(rig);
}

/// Signal S1 of Nashville SR-1 (Murfreesboro Road), morning program: cycle 140 s, offset 107 s, 2 and 6 coordinated.
static art_rig *nashville(float is_fixed)
{
  static const row rows[] = {
    { 1, 0, 0, 8000, 8500, 3000, 4000, 2500, 0 },
    { 2, 0, 0, 10000, 76500, 5000, 3500, 2000,
      ART_PHASE_COORDINATED | ART_PHASE_RECALL_MAX | ART_PHASE_DUAL_ENTRY },
    { 3, 0, 1, 8000, 10500, 3000, 3000, 3500, 0 },
    { 4, 0, 1, 8000, 19000, 3000, 3500, 3500, ART_PHASE_DUAL_ENTRY },
    { 5, 1, 0, 8000, 8000, 3000, 4000, 3000, 0 },
    { 6, 1, 0, 10000, 76500, 5000, 3500, 2000,
      ART_PHASE_COORDINATED | ART_PHASE_RECALL_MAX | ART_PHASE_DUAL_ENTRY },
    { 7, 1, 1, 8000, 19000, 3000, 3000, 3000, 0 },
    { 8, 1, 1, 8000, 11000, 3000, 3500, 3500, ART_PHASE_DUAL_ENTRY },
  };
  art_rig *rig = signal_of(rows, 8, 8, 107000, 140000, 1);
  art_rig_set(rig, ART_CONTROL_VALUE_is_fixed_force_off, is_fixed);
  return rig;
}

static void full_demand_takes_every_split(void **state)
{
  (void)state;
  art_rig *rig = nashville(0.0f);
  for (int phase = 1; phase <= 8; ++phase) call(rig, phase, 1);
  art_rig_until(rig, 400000);
  // Place 0 is the begin of phases 2 and 6.
  static const struct {
    int phase;
    art_tick begin;
  } want[] = { { 2, 0 }, { 6, 0 }, { 3, 82000 }, { 7, 82000 }, { 4, 99000 }, { 8, 107000 }, { 1, 125000 }, { 5, 125000 } };
  for (int cycle = 3; cycle < 6; ++cycle)
    for (int i = 0; i < 8; ++i) {
      const art_tick zero = 107000 + 140000 * cycle;
      art_rig_until(rig, zero + want[i].begin - 1000);
      assert_int_equal(begins(rig, want[i].phase), zero + want[i].begin);
    }
  done(rig);
}

static void greens_end_at_their_force_offs(void **state)
{
  (void)state;
  art_rig *rig = nashville(0.0f);
  for (int phase = 1; phase <= 8; ++phase) call(rig, phase, 1);
  art_rig_until(rig, 107000 + 140000 * 3 - 20000);
  const art_tick zero = 107000 + 140000 * 3;
  assert_int_equal(ends(rig, 2), zero + 76500);
  assert_int_equal(rig->green_end_ms[5], zero + 76500);
  assert_int_equal(ends(rig, 3), zero + 92500);
  assert_int_equal(ends(rig, 7), zero + 101000);
  assert_int_equal(ends(rig, 4), zero + 118000);
  assert_int_equal(rig->green_end_ms[7], zero + 118000);
  assert_int_equal(ends(rig, 5), zero + 133000);
  assert_int_equal(ends(rig, 1), zero + 133500);
  done(rig);
}

static void unused_time_goes_back_to_the_coordinated_phases_or_on_to_the_next(void **state)
{
  (void)state;
  for (int is_fixed = 0; is_fixed < 2; ++is_fixed) {
    art_rig *rig = nashville((float)is_fixed);
    const art_tick zero = 107000 + 140000 * 3;
    art_rig_until(rig, zero + 10000);
    assert_true(shows(rig, 2) && shows(rig, 6));
    call(rig, 3, 1);
    call(rig, 7, 1);
    call(rig, 8, 1);
    assert_int_equal(ends(rig, 2), zero + 76500);
    wait_for(rig, 7, 1);
    call(rig, 7, 0);  // minimum only: 8 begins 11 s early
    call(rig, 3, 0);
    assert_int_equal(ends(rig, 7), zero + 90000);
    assert_int_equal(begins(rig, 8), zero + 96000);
    // Floating: 11 s of green as if on time. Fixed: until its place.
    assert_int_equal(ends(rig, 8), is_fixed ? zero + 118000 : zero + 107000);
    const art_tick back = rig->green_end_ms[7] + 7000;
    call(rig, 8, 0);
    assert_int_equal(begins(rig, 6), back);
    call(rig, 4, 1);
    assert_true(ends(rig, 6) > zero + 140000 + 76500);  // early, but held until its place
    done(rig);
  }
}

static void permissive_periods_open_one_after_the_other(void **state)
{
  (void)state;
  for (int is_170 = 0; is_170 < 2; ++is_170) {
    art_rig *rig = nashville(0.0f);
    art_rig_set(rig, ART_CONTROL_VALUE_is_type_170, (float)is_170);
    // Type 170 counts from the coordinated yellow, 76.5 s later.
    const art_tick zero = 107000 + 140000 * 3 - (is_170 ? 76500 : 0);
    art_rig_until(rig, zero + 10000);
    call(rig, 4, 1);
    const art_tick end = ends(rig, 2);
    // 3 is not called, but could still be served until 5.5 s of clearance and 8 s of green no longer fit before 92.5 s.
    if (is_170)
      assert_int_equal(end, zero + 76500);
    else
      assert_true(end > zero + 79000 && end <= zero + 80100);
    done(rig);
  }
}

static void calls_that_come_too_late_wait_for_the_next_cycle(void **state)
{
  (void)state;
  art_rig *rig = nashville(0.0f);
  const art_tick zero = 107000 + 140000 * 3;
  art_rig_until(rig, zero + 106000);  // 5.5 s and 8 s do not fit before 118 s
  call(rig, 4, 1);
  assert_int_equal(ends(rig, 2) / 1000, (zero + 140000 + 79000) / 1000);
  done(rig);
}

static void people_walk_beside_the_vehicles(void **state)
{
  (void)state;
  art_rig *rig = art_rig_new(4, 100, art_signal_guard);
  art_rig_conflict(rig, 0, 1, 3000);
  art_rig_conflict(rig, 0, 3, 3000);
  art_rig_conflict(rig, 1, 2, 3000);
  art_rig_conflict(rig, 2, 3, 0);
  const int32_t along_main = art_rig_foot(rig, 2), along_side = art_rig_foot(rig, 3);
  art_rig_program(rig, ART_CONTROL_NEMA, 0, 0);
  for (int i = 0; i < 2; ++i) {
    art_rig_phase(rig, i ? "rGrG" : "GrGr", 20000, 5000, 12000);
    art_rig_time(rig, ART_PHASE_TIME_walk_ms, 7000);
    art_rig_time(rig, ART_PHASE_TIME_foot_clearance_ms, 10000);
    art_rig_time(rig, ART_PHASE_TIME_yellow_ms, 3000);
    art_rig_place(rig, 2 + 2 * i, 0, i);
    art_rig_sensor(rig, i);
  }
  art_rig_run(rig, 0, art_nema_control, 0);
  art_rig_until(rig, 20000);
  assert_true(art_rig_goes(rig, 0) && !art_rig_goes(rig, 2));
  rig->foot_waits[along_side] = 1;  // alone calls the side road
  wait_for(rig, 4, 1);
  assert_int_equal(rig->green_begin_ms[3], rig->green_begin_ms[1]);
  rig->foot_waits[along_side] = 0;
  const art_tick begin = rig->green_begin_ms[1];
  art_rig_occupy(rig, 0, 1);  // the main road waits, maximum 12 s, but people need 17 s
  assert_int_equal(ends(rig, 4), begin + 7000);
  assert_int_equal(ends(rig, 2), begin + 17000);
  (void)along_main;
  done(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rests_where_nobody_calls),
    cmocka_unit_test(rings_cross_the_barrier_together),
    cmocka_unit_test(a_gap_counts_once_or_has_to_be_everywhere_at_once),
    cmocka_unit_test(gaps_end_lefts_one_after_the_other),
    cmocka_unit_test(a_left_turn_alone_runs_beside_the_through_phase),
    cmocka_unit_test(without_dual_entry_the_other_ring_is_dark),
    cmocka_unit_test(recalls_and_omits),
    cmocka_unit_test(full_demand_takes_every_split),
    cmocka_unit_test(greens_end_at_their_force_offs),
    cmocka_unit_test(unused_time_goes_back_to_the_coordinated_phases_or_on_to_the_next),
    cmocka_unit_test(permissive_periods_open_one_after_the_other),
    cmocka_unit_test(calls_that_come_too_late_wait_for_the_next_cycle),
    cmocka_unit_test(people_walk_beside_the_vehicles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
