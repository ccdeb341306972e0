// Lane-change decisions: V14 with its typical parameters, and the motives beside it.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/lateral/cooperative.h"
#include "models/lateral/kerb.h"
#include "models/lateral/mobil.h"
#include "models/lateral/strategic.h"
#include "models/longitudinal/idm.h"
#include "scenarios/run/kernels.h"
#include "tests/support/known_answer.h"

static float s0 = 2.0f, T = 1.5f, a = 1.0f, b = 1.5f;  // set "common"; constant
static float politeness = 0.2f, threshold = 0.2f, safe_decel = 4.0f, eager = 1.0f;
static int32_t model = ART_MODEL_IDM;
static const float v0 = 120.0f / 3.6f;

static const art_kernels *kernels(void)
{
  return art_models_kernels();
}

static art_type_table types_of(void)
{
  return (art_type_table){ .count = 1,
                           .min_gap_m = &s0,
                           .time_gap_s = &T,
                           .accel_mps2 = &a,
                           .decel_mps2 = &b,
                           .lc_politeness = &politeness,
                           .lc_threshold_mps2 = &threshold,
                           .lc_safe_decel_mps2 = &safe_decel,
                           .lc_speed_gain = &eager,
                           .lc_keep_right = &eager,
                           .lc_strategic = &eager,
                           .lc_cooperative = &eager,
                           .model = &model };
}

static float idm(const art_type_table *types, float v, float gap, float lead)
{
  return art_idm_accel(types, 0, v, v0, gap, lead);
}

static art_change_view view_of(const art_type_table *types)
{
  return (art_change_view){ .types = types,
                            .accel = kernels()->accel,
                            .self = { 0, 25.0f, v0 },
                            .gap_m = INFINITY,
                            .new_gap_m = INFINITY,
                            .length_m = 5.0f,
                            .back = { 0, 25.0f, v0 },
                            .back_gap_m = INFINITY,
                            .follower = { 0, 25.0f, v0 },
                            .follower_gap_m = INFINITY,
                            .follower_lead_gap_m = INFINITY,
                            .to_end_m = 1000.0f,
                            .limit_mps = v0,
                            .changes = 1,
                            .side = 1 };
}

/// Own leader gap 40 at 22; new leader gap 80 at 27; new follower gap 60 at 25; old follower gap 50 at 25; vehicles of 5 m,
/// so that the new follower's present leader is 60 + 5 + 80 m ahead of it.
static art_change_view worthwhile(const art_type_table *types)
{
  art_change_view view = view_of(types);
  view.gap_m = 40.0f;
  view.lead_mps = 22.0f;
  view.new_gap_m = 80.0f;
  view.new_lead_mps = 27.0f;
  view.follower_gap_m = 60.0f;
  view.follower_lead_gap_m = 145.0f;
  view.follower_lead_mps = 27.0f;
  view.back_gap_m = 50.0f;
  return view;
}

/// Ego 25, leader gap 30 at 20, new leader gap 60 at 28, new follower gap 25 at 27, old follower gap 30 at 24.
static art_change_view unsafe(const art_type_table *types)
{
  art_change_view view = view_of(types);
  view.gap_m = 30.0f;
  view.lead_mps = 20.0f;
  view.new_gap_m = 60.0f;
  view.new_lead_mps = 28.0f;
  view.follower = (art_peer){ 0, 27.0f, v0 };
  view.follower_gap_m = 25.0f;
  view.follower_lead_gap_m = 90.0f;
  view.follower_lead_mps = 28.0f;
  view.back = (art_peer){ 0, 24.0f, v0 };
  view.back_gap_m = 30.0f;
  return view;
}

static void v14_worthwhile_change(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  const art_change_view view = worthwhile(&types);
  const double tolerance = 1e-5;  // float32 around 3
  art_answer(ART_GATE_HARD, "V14", "own acceleration before", "m/s2", -2.38929445,
             (double)idm(&types, 25, 40, 22), tolerance);
  art_answer(ART_GATE_HARD, "V14", "own acceleration after", "m/s2", 0.62666626,
             (double)idm(&types, 25, 80, 27), tolerance);
  art_answer(ART_GATE_HARD, "V14", "new follower before", "m/s2", 0.66626505,
             (double)idm(&types, 25, 145, 27), tolerance);
  art_answer(ART_GATE_HARD, "V14", "new follower after", "m/s2", 0.25019097, (double)idm(&types, 25, 60, 25),
             tolerance);
  art_answer(ART_GATE_HARD, "V14", "old follower before", "m/s2", 0.05949375, (double)idm(&types, 25, 50, 25),
             tolerance);
  art_answer(ART_GATE_HARD, "V14", "old follower after", "m/s2", 0.13881579, (double)idm(&types, 25, 95, 22),
             tolerance);
  static const struct {
    float politeness;
    double incentive;
    const char *what;
  } rows[] = { { 0.0f, 3.01596071, "incentive, p = 0" },
               { 0.2f, 2.94861030, "incentive, p = 0.2" },
               { 0.5f, 2.84758469, "incentive, p = 0.5" },
               { 1.0f, 2.67920867, "incentive, p = 1" } };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r)
    art_answer(ART_GATE_HARD, "V14", rows[r].what, "m/s2", rows[r].incentive,
               (double)art_mobil_incentive(&view, rows[r].politeness), tolerance);
  art_answer(ART_GATE_HARD, "V14", "the worthwhile change is made", "1", 1.0, art_mobil_change(&view), 0.0);
}

static void v14_unsafe_change_is_vetoed(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  art_change_view view = unsafe(&types);
  art_answer(ART_GATE_HARD, "V14", "unsafe: new follower after", "m/s2", -6.096243,
             (double)idm(&types, 27, 25, 25), 2e-5);
  art_answer(ART_GATE_HARD, "V14", "unsafe: incentive, p = 0.2", "m/s2", 7.67060205,
             (double)art_mobil_incentive(&view, 0.2f), 2e-5);
  art_answer(ART_GATE_HARD, "V14", "the unsafe change is made", "1", 0.0, art_mobil_change(&view), 0.0);
  view.back_gap_m = INFINITY;
  art_answer(ART_GATE_HARD, "V14", "unsafe: incentive, p = 0.2, no old follower", "m/s2", 7.77591940,
             (double)art_mobil_incentive(&view, 0.2f), 2e-5);
  view.need = 1.0f;  // not even where the route needs it
  assert_int_equal(art_mobil_change(&view), 0);
  view.follower_gap_m = INFINITY;  // with nobody there the same change is wanted
  view.need = 0.0f;
  assert_int_equal(art_mobil_change(&view), 1);
}

/// Exactly at the threshold nobody moves, just above everybody does; politeness alone can make the difference.
static void parameters_decide(void **state)
{
  (void)state;
  art_type_table types = types_of();
  const art_change_view view = worthwhile(&types);
  float limit = 2.94f;
  types.lc_threshold_mps2 = &limit;
  assert_int_equal(art_mobil_change(&view), 1);
  limit = 2.96f;
  assert_int_equal(art_mobil_change(&view), 0);
  float selfish = 0.0f;
  types.lc_politeness = &selfish;
  assert_int_equal(art_mobil_change(&view), 1);
  float lazy = 0.5f;  // half as eager: twice the advantage
  types.lc_speed_gain = &lazy;
  assert_int_equal(art_mobil_change(&view), 0);
}

static void need_rises_towards_the_end(void **state)
{
  (void)state;
  art_type_table types = types_of();
  art_change_view view = view_of(&types);
  const float far = art_strategic_need(&view);
  view.to_end_m = 75.0f;
  const float near = art_strategic_need(&view);
  view.changes = 2;
  const float two = art_strategic_need(&view);
  float lazy = 0.5f;
  types.lc_strategic = &lazy;
  const float unhurried = art_strategic_need(&view);
  view.to_end_m = 0.0f;
  assert_float_equal(far, 0.1f, 1e-6f);
  assert_float_equal(near, 0.5f, 1e-6f);
  assert_float_equal(two, 0.75f, 1e-6f);
  assert_float_equal(unhurried, 0.5f, 1e-6f);
  assert_float_equal(art_strategic_need(&view), 1.0f, 1e-6f);
}

/// The kerbside lane is taken on a long free road within seconds, and hardly ever before a node or behind a slower leader.
static void kerb_is_kept_where_it_is_free(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  art_change_view view = view_of(&types);
  view.side = -1;
  view.to_end_m = 10000.0f;
  assert_float_equal(art_kerb_rate(&view), 0.2f, 1e-6f);
  view.draw = 0.19f;
  assert_int_equal(art_kerb_change(&view), 1);
  view.draw = 0.21f;
  assert_int_equal(art_kerb_change(&view), 0);
  view.to_end_m = 100.0f;
  assert_true(art_kerb_rate(&view) > 0.0f && art_kerb_rate(&view) < 0.01f);
  view.to_end_m = 10000.0f;
  view.new_gap_m = 60.0f;
  view.new_lead_mps = 20.0f;
  assert_float_equal(art_kerb_rate(&view), 0.0f, 0.0f);
  view.new_gap_m = INFINITY;
  view.self.speed_mps = 10.0f;  // a queue
  assert_float_equal(art_kerb_rate(&view), 0.0f, 0.0f);
  view.self.speed_mps = 25.0f;
  view.follower_gap_m = 2.0f;  // somebody is there
  assert_float_equal(art_kerb_rate(&view), 0.0f, 0.0f);
}

static void fast_lane_is_not_passed_on_the_kerb_side(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  art_change_view view = view_of(&types);
  view.new_gap_m = 30.0f;
  view.new_lead_mps = 22.0f;
  assert_true(art_kerb_behind_faster_lane(&view) < 0.0f);
  view.new_lead_mps = 15.0f;  // a queue: both lanes flow as they can
  assert_true(isinf(art_kerb_behind_faster_lane(&view)));
  view.new_lead_mps = 22.0f;
  view.limit_mps = 50.0f / 3.6f;  // in town lanes are chosen freely
  assert_true(isinf(art_kerb_behind_faster_lane(&view)));
}

static void cooperative_drivers_brake_gently(void **state)
{
  (void)state;
  art_type_table types = types_of();
  const art_change_view view = view_of(&types);
  const art_peer driver = { 0, 20.0f, v0 };
  assert_float_equal(art_cooperative_let_in(&view, &driver, 1.0f, 15.0f), -2.0f, 1e-6f);
  assert_true(art_cooperative_let_in(&view, &driver, 80.0f, 20.0f) > -0.5f);
  float never = 0.0f;
  types.lc_cooperative = &never;
  assert_true(isinf(art_cooperative_let_in(&view, &driver, 1.0f, 15.0f)));
}

static void nobody_changes_for_nothing(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  art_change_view view = view_of(&types);  // free road on both sides
  assert_int_equal(art_mobil_change(&view), 0);
  view.need = 0.1f;  // unless the route needs it
  assert_int_equal(art_mobil_change(&view), 1);
  view.new_gap_m = 0.3f;  // bodies side by side: never
  view.need = 1.0f;
  assert_int_equal(art_mobil_change(&view), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v14_worthwhile_change),
    cmocka_unit_test(v14_unsafe_change_is_vetoed),
    cmocka_unit_test(parameters_decide),
    cmocka_unit_test(need_rises_towards_the_end),
    cmocka_unit_test(kerb_is_kept_where_it_is_free),
    cmocka_unit_test(fast_lane_is_not_passed_on_the_kerb_side),
    cmocka_unit_test(cooperative_drivers_brake_gently),
    cmocka_unit_test(nobody_changes_for_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
