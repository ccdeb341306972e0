/// Retiming of signal programs: splits by Webster's rule, overlaps by the critical path, minimum greens, opposed turns.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/signal/timing.h"
#include "models/signal/timing_lp.h"
#include "models/signal/timing_plan.h"

static void close_to(double value, double expected, double tolerance)
{
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.6f is not within %g of %.6f", value, tolerance, expected);
}

// A program under construction; every movement has a lane group of its own.
typedef struct scene {
  int64_t duration_ms[16], min_ms[16], max_ms[16];
  char state[256];
  double lanes[8];
  int32_t yield_first[9], yield_to[8];
  art_timing_movement movement[8];
  art_timing_signal signal;
} scene;

static void scene_open(scene *s, int32_t groups, const double *flow_vph, double saturation_vph)
{
  memset(s, 0, sizeof *s);
  for (int32_t m = 0; m < groups; ++m) {
    s->lanes[m] = 1;
    s->movement[m] = (art_timing_movement){
      .group = m, .lane_group = m, .flow_vph = flow_vph[m], .saturation_vph = saturation_vph
    };
  }
  s->signal = (art_timing_signal){ .group_count = groups,
                                   .duration_ms = s->duration_ms,
                                   .min_ms = s->min_ms,
                                   .max_ms = s->max_ms,
                                   .state = s->state,
                                   .lane_group_count = groups,
                                   .lanes = s->lanes,
                                   .movement_count = groups,
                                   .movement = s->movement,
                                   .yield_first = s->yield_first,
                                   .yield_to = s->yield_to };
}

static void scene_phase(scene *s, double duration_s, double min_s, double max_s, const char *state)
{
  const int32_t p = s->signal.phase_count++;
  s->duration_ms[p] = (int64_t)(duration_s * 1000);
  s->min_ms[p] = (int64_t)(min_s * 1000);
  s->max_ms[p] = (int64_t)(max_s * 1000);
  memcpy(s->state + (size_t)p * (size_t)s->signal.group_count, state, (size_t)s->signal.group_count);
}

static int64_t sum_ms(const scene *s, const int64_t *duration_ms)
{
  int64_t sum = 0;
  for (int32_t p = 0; p < s->signal.phase_count; ++p) sum += duration_ms[p];
  return sum;
}

/// Two streets, intergreen 5 s each: L = 10 with 2 s lost at the start and 2 s of yellow used.
static void two_streets(scene *s, double first_vph, double second_vph, double saturation_vph)
{
  scene_open(s, 2, (double[]){ first_vph, second_vph }, saturation_vph);
  scene_phase(s, 30, 5, 90, "Gr");
  scene_phase(s, 3, 3, 3, "yr");
  scene_phase(s, 2, 2, 2, "rr");
  scene_phase(s, 30, 5, 90, "rG");
  scene_phase(s, 3, 3, 3, "ry");
  scene_phase(s, 2, 2, 2, "rr");
}

static void simplex_finds_vertex_and_prices(void **state)
{
  (void)state;
  // maximise 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18: (2, 6), value 36, prices 0, 3/2, 1
  const double a[] = { 1, 0, 0, 2, 3, 2 }, b[] = { 4, 12, 18 }, c[] = { 3, 5 };
  double x[2], price[3];
  assert_int_equal(art_lp_maximise(3, 2, a, b, c, x, price), ART_LP_OPTIMAL);
  close_to(x[0], 2, 1e-9);
  close_to(x[1], 6, 1e-9);
  close_to(price[0], 0, 1e-9);
  close_to(price[1], 1.5, 1e-9);
  close_to(price[2], 1, 1e-9);
  // minimise x + y with x + 2y >= 4, 3x + y >= 6: (8/5, 6/5); needs the first phase
  const double a2[] = { -1, -2, -3, -1 }, b2[] = { -4, -6 }, c2[] = { -1, -1 };
  assert_int_equal(art_lp_maximise(2, 2, a2, b2, c2, x, price), ART_LP_OPTIMAL);
  close_to(x[0], 1.6, 1e-9);
  close_to(x[1], 1.2, 1e-9);
  close_to(price[0], 0.4, 1e-9);
  close_to(price[1], 0.2, 1e-9);
  const double a3[] = { 1, -1 }, b3[] = { 1, -2 }, c3[] = { 1 };
  assert_int_equal(art_lp_maximise(2, 1, a3, b3, c3, x, price), ART_LP_INFEASIBLE);
  const double a4[] = { -1 }, b4[] = { 1 };
  assert_int_equal(art_lp_maximise(1, 1, a4, b4, c3, x, price), ART_LP_UNBOUNDED);
}

/// V27: y = .45 and .25, L = 10: C0 = 66.67 s, greens 36.43 and 20.24 s; the plan is that in whole seconds.
static void two_streets_follow_webster(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 810, 450, 1800);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  art_error err;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, &err), ART_OK);
  close_to(r.critical_flow_ratio, .7, 1e-6);
  close_to(r.lost_s, 10, 1e-6);
  close_to(r.wanted_cycle_s, 66.6667, 1e-3);
  assert_int_equal(sum_ms(&s, d), 67000);
  // 57 s of green in proportion .45 : .25 is 36.64 and 20.36
  assert_int_equal(d[0], 37000);
  assert_int_equal(d[3], 20000);
  assert_int_equal(d[1], 3000);
  assert_int_equal(d[2], 2000);
  close_to(r.critical_x, .7 * 67 / 57, 1e-6);
  assert_int_equal(r.stage_count, 2);
}

/// V27: HCM 7 example: y = .45 and .35, L = 8, C = 60: greens 29.3 and 22.7 s, X_c = .923.
static void hcm_example_splits_in_proportion(void **state)
{
  (void)state;
  scene s;
  scene_open(&s, 2, (double[]){ 855, 665 }, 1900);
  scene_phase(&s, 20, 5, 90, "Gr");
  scene_phase(&s, 4, 4, 4, "yr");
  scene_phase(&s, 20, 5, 90, "rG");
  scene_phase(&s, 4, 4, 4, "ry");
  art_timing_options o = art_timing_options_default();
  o.fixed_cycle_s = 60;
  int64_t d[16];
  art_timing_result r;
  art_timing_lane_report after[2];
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, after, &r, NULL), ART_OK);
  close_to(r.critical_x, .923, 5e-4);
  assert_int_equal(d[0], 29000);  // 29.25 and 22.75
  assert_int_equal(d[2], 23000);
  assert_true(after[0].is_critical && after[1].is_critical);
}

static void unbalanced_plan_is_reported_worse(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 810, 450, 1800);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  art_timing_lane_report before[2], after[2];
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, before, after, &r, NULL), ART_OK);
  // before: C = 70, g = 30 each, s = 1800: capacity 771.43, X = 1.05 and .583
  close_to(before[0].capacity_vph, 771.4286, 1e-3);
  close_to(before[0].x, 1.05, 1e-6);
  const art_timing_approach one = { 70, 30, 1800, 810 }, two = { 70, 30, 1800, 450 };
  const double delay =
      (810 * art_timing_control_delay(&one, .25) + 450 * art_timing_control_delay(&two, .25)) / 1260;
  close_to(r.before.delay_s, delay, 1e-6);
  assert_true(r.after.delay_s < r.before.delay_s);
  close_to(r.after.max_x, fmax(after[0].x, after[1].x), 1e-12);
}

/// A lead left turn overlapping a through movement: critical is whichever path through the cycle needs more.
static void overlap_scene(scene *s, double through_vph)
{
  // groups: left turn, through beside it, opposing through, cross street
  scene_open(s, 4, (double[]){ 180, through_vph, 540, 360 }, 1800);
  scene_phase(s, 10, 5, 90, "GGrr");
  scene_phase(s, 3, 3, 3, "yGrr");
  scene_phase(s, 30, 5, 90, "rGGr");
  scene_phase(s, 3, 3, 3, "ryyr");
  scene_phase(s, 2, 2, 2, "rrrr");
  scene_phase(s, 20, 5, 90, "rrrG");
  scene_phase(s, 3, 3, 3, "rrry");
  scene_phase(s, 2, 2, 2, "rrrr");
}

static void critical_path_goes_through_the_stages(void **state)
{
  (void)state;
  scene s;
  overlap_scene(&s, 540);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  art_timing_lane_report after[4];
  // left .1 + opposing .3 + cross .2; all three intergreens are lost: 13 s; C0 = 24.5 / .4
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, after, &r, NULL), ART_OK);
  close_to(r.critical_flow_ratio, .6, 1e-6);
  close_to(r.lost_s, 13, 1e-6);
  close_to(r.wanted_cycle_s, 61.25, 1e-3);
  assert_int_equal(sum_ms(&s, d), 62000);
  assert_int_equal(d[0], 8000);  // 49 s as 8.17, 24.5, 16.33
  assert_int_equal(d[2], 25000);
  assert_int_equal(d[5], 16000);
  assert_true(after[0].is_critical && !after[1].is_critical && after[2].is_critical && after[3].is_critical);
}

static void critical_path_follows_the_overlapping_movement(void **state)
{
  (void)state;
  scene s;
  overlap_scene(&s, 900);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  art_timing_lane_report after[4];
  // through .5 + cross .2; the through movement keeps green in the left turn's yellow: L = 10; C0 = 20 / .3
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, after, &r, NULL), ART_OK);
  close_to(r.critical_flow_ratio, .7, 1e-6);
  close_to(r.lost_s, 10, 1e-6);
  assert_int_equal(sum_ms(&s, d), 67000);
  // X = .7 * 67 / 57; through 40.71 s of which 3 s are the left turn's yellow, shared 1 : 3; cross 16.29
  assert_int_equal(d[5], 16000);
  assert_int_equal(d[0] + d[2], 38000);
  assert_int_equal(d[0], 10000);  // 9.43 and 28.29 of 37.71: the odd second goes to the larger remainder
  assert_true(!after[0].is_critical && after[1].is_critical && !after[2].is_critical && after[3].is_critical);
}

static void minimum_greens_hold(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 810, 90, 1800);
  s.min_ms[3] = 14000;
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, NULL), ART_OK);
  assert_int_equal(d[3], 14000);
  // the bound green is lost time: Y = .45, L = 24, C0 = 41 / .55
  close_to(r.critical_flow_ratio, .45, 1e-6);
  close_to(r.lost_s, 24, 1e-6);
  close_to(r.wanted_cycle_s, 41.0 / .55, 1e-3);
  assert_int_equal(sum_ms(&s, d), 75000);
}

static void program_without_range_gets_general_minimum(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 810, 20, 1800);
  s.min_ms[0] = s.max_ms[0] = s.min_ms[3] = s.max_ms[3] = 30000;  // as read from a program that states none
  art_timing_options o = art_timing_options_default();
  o.min_green_s = 7;
  int64_t d[16];
  art_timing_result r;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, NULL), ART_OK);
  assert_int_equal(d[3], 7000);
}

static void oversaturation_takes_the_longest_cycle(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 1000, 900, 1800);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, NULL), ART_OK);
  assert_true(r.is_oversaturated);
  assert_int_equal(sum_ms(&s, d), 120000);
  assert_true(isinf(r.wanted_cycle_s));
  assert_true(r.after.max_x > 1.0);
}

static void no_flow_keeps_the_plan(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 0, 0, 1800);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, NULL), ART_OK);
  assert_true(r.is_unchanged);
  assert_memory_equal(d, s.duration_ms, 6 * sizeof d[0]);
}

/// Parts of a stage and a stage that runs over the end of the cycle count as one green.
static void split_stages_are_merged(void **state)
{
  (void)state;
  scene s;
  scene_open(&s, 2, (double[]){ 810, 450 }, 1800);
  scene_phase(&s, 10, 2, 90, "Gr");
  scene_phase(&s, 5, 5, 5, "Gr");
  scene_phase(&s, 3, 3, 3, "yr");
  scene_phase(&s, 2, 2, 2, "rr");
  scene_phase(&s, 30, 5, 90, "rG");
  scene_phase(&s, 3, 3, 3, "ry");
  scene_phase(&s, 2, 2, 2, "rr");
  scene_phase(&s, 15, 3, 90, "Gr");
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, NULL), ART_OK);
  assert_int_equal(r.stage_count, 2);
  assert_int_equal(sum_ms(&s, d), 67000);
  assert_int_equal(d[0] + d[1] + d[7], 37000);
  assert_int_equal(d[4], 20000);
  assert_int_equal(d[1], 5000);  // a part with no range keeps its length
  close_to(r.lost_s, 10, 1e-6);
}

/// A permitted left turn discharges through the gaps of the opposing stream after its queue: HCM gap capacity.
static void permitted_turn_waits_for_gaps(void **state)
{
  (void)state;
  scene s;
  scene_open(&s, 3, (double[]){ 100, 600, 300 }, 1800);  // left turn, opposing through, cross street
  scene_phase(&s, 40, 5, 90, "gGr");
  scene_phase(&s, 3, 3, 3, "yyr");
  scene_phase(&s, 2, 2, 2, "rrr");
  scene_phase(&s, 40, 5, 90, "rrG");
  scene_phase(&s, 3, 3, 3, "rry");
  scene_phase(&s, 2, 2, 2, "rrr");
  s.yield_first[1] = s.yield_first[2] = s.yield_first[3] = 1;  // the left turn yields to the opposing through
  s.yield_to[0] = 1;
  art_timing_options o = art_timing_options_default();
  art_timing_lane_report lanes[3];
  art_timing_evaluate(&s.signal, &o, s.duration_ms, lanes);
  // opposing queue of 50 s red at 600 veh/h leaves after 25 s (V20); 15 s of gaps and 2 vehicles at the end of green
  const double gaps = art_timing_gap_capacity(600, 4.5, 2.5);
  const double rate = gaps / 3600 * 15 / 40 + 2.0 / 40;
  close_to(lanes[0].capacity_vph, rate * 40 * 3600 / 90, 1e-6);
  close_to(lanes[1].capacity_vph, 800, 1e-6);
  // only a third of the opposing stream is met (one of three lanes)
  const double share = 1.0 / 3;
  s.signal.yield_share = &share;
  art_timing_evaluate(&s.signal, &o, s.duration_ms, lanes);
  const double third = art_timing_gap_capacity(200, 4.5, 2.5) / 3600 * 15 / 40 + 2.0 / 40;
  close_to(lanes[0].capacity_vph, third * 40 * 3600 / 90, 1e-6);
  // more was seen to pass than the formula allows
  s.movement[0].passed_vph = 700;
  art_timing_evaluate(&s.signal, &o, s.duration_ms, lanes);
  close_to(lanes[0].capacity_vph, 700, 1e-6);
  s.movement[0].passed_vph = 50;
  art_timing_evaluate(&s.signal, &o, s.duration_ms, lanes);
  close_to(lanes[0].capacity_vph, third * 40 * 3600 / 90, 1e-6);
  // unopposed it runs at full rate
  s.movement[1].flow_vph = 0;
  art_timing_evaluate(&s.signal, &o, s.duration_ms, lanes);
  close_to(lanes[0].capacity_vph, 800, 1e-6);
}

/// A lane shared by two movements is blocked while one of them is red.
static void shared_lane_needs_all_its_movements(void **state)
{
  (void)state;
  scene s;
  scene_open(&s, 2, (double[]){ 300, 100 }, 1800);
  s.movement[1].lane_group = 0;
  s.signal.lane_group_count = 1;
  s.movement[1].saturation_vph = 900;
  scene_phase(&s, 20, 5, 90, "Gr");
  scene_phase(&s, 20, 5, 90, "GG");
  scene_phase(&s, 3, 3, 3, "yy");
  scene_phase(&s, 17, 5, 90, "rr");
  art_timing_options o = art_timing_options_default();
  art_timing_lane_report lane;
  art_timing_evaluate(&s.signal, &o, s.duration_ms, &lane);
  close_to(lane.capacity_vph, 400.0 / (300.0 / 1800 + 100.0 / 900) * 20 / 60, 1e-6);
  close_to(lane.green_s, 20, 1e-9);
}

static void nonsense_is_refused(void **state)
{
  (void)state;
  scene s;
  two_streets(&s, 810, 450, 1800);
  art_timing_options o = art_timing_options_default();
  int64_t d[16];
  art_timing_result r;
  art_error err;
  o.cycle_max_s = 20;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "cycle_m"));
  o = art_timing_options_default();
  s.duration_ms[0] = -1;
  assert_int_equal(art_timing_optimise(&s.signal, &o, d, NULL, NULL, &r, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "phase 0"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(simplex_finds_vertex_and_prices),
    cmocka_unit_test(two_streets_follow_webster),
    cmocka_unit_test(hcm_example_splits_in_proportion),
    cmocka_unit_test(unbalanced_plan_is_reported_worse),
    cmocka_unit_test(critical_path_goes_through_the_stages),
    cmocka_unit_test(critical_path_follows_the_overlapping_movement),
    cmocka_unit_test(minimum_greens_hold),
    cmocka_unit_test(program_without_range_gets_general_minimum),
    cmocka_unit_test(oversaturation_takes_the_longest_cycle),
    cmocka_unit_test(no_flow_keeps_the_plan),
    cmocka_unit_test(split_stages_are_merged),
    cmocka_unit_test(permitted_turn_waits_for_gaps),
    cmocka_unit_test(shared_lane_needs_all_its_movements),
    cmocka_unit_test(nonsense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
