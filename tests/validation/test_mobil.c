// Lane-change decisions: V14. The accelerations of both cases come from the IDM kernel and meet the published ones; the
// decisions follow with the model's own politeness and limits.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/lateral/mobil.h"
#include "models/longitudinal/idm.h"

static float s0 = 2.0f, T = 1.5f, a = 1.0f, b = 1.5f;  // set "common"; constant
static const float v0 = 120.0f / 3.6f;

static art_type_table types_of(void)
{
  return (
      art_type_table){ .count = 1, .min_gap_m = &s0, .time_gap_s = &T, .accel_mps2 = &a, .decel_mps2 = &b };
}

static float idm(const art_type_table *types, float v, float gap, float lead)
{
  return art_idm_accel(types, 0, v, v0, gap, lead);
}

static art_change_view view_of(const art_type_table *types)
{
  return (art_change_view){ .types = types,
                            .accel = art_idm_accel,
                            .self = { 0, 25.0f, v0 },
                            .gap_m = INFINITY,
                            .new_gap_m = INFINITY,
                            .follower = { 0, 25.0f, v0 },
                            .follower_gap_m = INFINITY,
                            .follower_lead_gap_m = INFINITY };
}

static void v14_worthwhile_change(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  // Own leader gap 40 at 22; new leader gap 80 at 27; new follower gap 60 at 25; vehicles of 5 m, so that the new follower's
  // present leader is 60 + 5 + 80 m ahead of it.
  assert_float_equal(idm(&types, 25.0f, 40.0f, 22.0f), -2.38929445f, 1e-5f);
  assert_float_equal(idm(&types, 25.0f, 80.0f, 27.0f), 0.62666626f, 1e-5f);
  assert_float_equal(idm(&types, 25.0f, 145.0f, 27.0f), 0.66626505f, 1e-5f);
  assert_float_equal(idm(&types, 25.0f, 60.0f, 25.0f), 0.25019097f, 1e-5f);
  art_change_view view = view_of(&types);
  view.gap_m = 40.0f;
  view.lead_mps = 22.0f;
  view.new_gap_m = 80.0f;
  view.new_lead_mps = 27.0f;
  view.follower_gap_m = 60.0f;
  view.follower_lead_gap_m = 145.0f;
  view.follower_lead_mps = 27.0f;
  assert_int_equal(art_mobil_change(&view), 1);
}

static void v14_unsafe_change_is_vetoed(void **state)
{
  (void)state;
  const art_type_table types = types_of();
  // The new follower, 25 m behind at 27 m/s, would have to brake at 6.1 m/s2.
  assert_float_equal(idm(&types, 27.0f, 25.0f, 25.0f), -6.096243f, 2e-5f);
  art_change_view view = view_of(&types);
  view.gap_m = 30.0f;
  view.lead_mps = 20.0f;
  view.new_gap_m = 60.0f;
  view.new_lead_mps = 28.0f;
  view.follower = (art_peer){ 0, 27.0f, v0 };
  view.follower_gap_m = 25.0f;
  view.follower_lead_gap_m = 90.0f;
  view.follower_lead_mps = 28.0f;
  assert_int_equal(art_mobil_change(&view), 0);
  view.need = 1.0f;  // not even where the route needs it
  assert_int_equal(art_mobil_change(&view), 0);
  view.follower_gap_m = INFINITY;  // with nobody there the same change is wanted
  view.need = 0.0f;
  assert_int_equal(art_mobil_change(&view), 1);
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
    cmocka_unit_test(nobody_changes_for_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
