// A driver behind a recorded leader: the update, collisions, substeps, and the measures of the gap.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/estimation/following.h"

/// A constant acceleration, kept in the time gap of the type.
static float constant(const art_type_table *types, int32_t type, float v, float v0, float gap, float lead)
{
  (void)v, (void)v0, (void)gap, (void)lead;
  return types->time_gap_s[type];
}

/// Reports what it is shown: acceleration = gap / 1000 + lead.
static float shown(const art_type_table *types, int32_t type, float v, float v0, float gap, float lead)
{
  (void)types, (void)type, (void)v, (void)v0;
  return gap / 1000.0f + lead;
}

static float no_number(const art_type_table *types, int32_t type, float v, float v0, float gap, float lead)
{
  (void)types, (void)type, (void)v, (void)v0, (void)gap, (void)lead;
  return NAN;
}

enum { ROWS = 6 };
typedef struct fixture {
  float accel[2], hardest[2];
  art_type_table types;
  art_follower follower;
  double rear[ROWS], lead[ROWS], gap[ROWS], speed[ROWS];
  art_episode episode;
} fixture;

/// The leader at 10 m/s, 20 m ahead; rows of 1 s; the recorded follower keeps the gap.
static void set_up(fixture *f, float accel)
{
  memset(f, 0, sizeof *f);
  f->accel[1] = accel;
  f->hardest[1] = 9.0f;
  f->types.count = 2;
  f->types.time_gap_s = f->accel;
  f->types.emergency_decel_mps2 = f->hardest;
  f->follower = (art_follower){ .accel = constant, .types = &f->types, .type = 1, .desired_mps = 30.0f };
  for (int k = 0; k < ROWS; ++k) {
    f->rear[k] = 100.0 + 10.0 * k;
    f->lead[k] = f->speed[k] = 10.0;
    f->gap[k] = 20.0;
  }
  f->episode = (art_episode){ ROWS, 1.0, f->rear, f->lead, f->gap, f->speed };
}

static void speeds_follow_the_ballistic_rule(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, -2.0f);
  double gap[ROWS], speed[ROWS];
  for (int32_t substeps = 1; substeps <= 4; ++substeps) {  // constant acceleration: exact with any step
    art_follow_leader(&f.follower, &f.episode, substeps, gap, speed);
    for (int k = 0; k < ROWS; ++k) {
      assert_float_equal(speed[k], 10.0 - 2.0 * k, 1e-12);
      assert_float_equal(gap[k], 20.0 + 1.0 * k * k, 1e-10);  // the follower falls back by t^2
    }
  }
  set_up(&f, -4.0f);  // stops after 2.5 s and 12.5 m, inside a step
  art_follow_leader(&f.follower, &f.episode, 1, gap, speed);
  assert_float_equal(speed[3], 0.0, 0.0);
  assert_float_equal(gap[5], 20.0 + 50.0 - 12.5, 1e-12);
  art_follow_leader(&f.follower, &f.episode, 1, gap, NULL);  // speeds are not needed
  assert_float_equal(gap[5], 57.5, 1e-12);
}

static void euler_moves_with_the_new_speed(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, -4.0f);
  f.follower.is_euler = 1;
  double gap[ROWS], speed[ROWS];
  art_follow_leader(&f.follower, &f.episode, 1, gap, speed);
  // new speeds 6, 2, 0: 8 m, then at rest
  assert_float_equal(gap[1], 20.0 + 10.0 - 6.0, 1e-12);
  assert_float_equal(gap[5], 20.0 + 50.0 - 8.0, 1e-12);
  assert_float_equal(speed[3], 0.0, 0.0);
}

static void brakes_at_most_as_hard_as_its_type(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, -100.0f);
  f.hardest[1] = 3.0f;
  double gap[ROWS], speed[ROWS];
  art_follow_leader(&f.follower, &f.episode, 1, gap, speed);
  assert_float_equal(speed[1], 7.0, 1e-12);
  f.follower.accel = no_number;  // a model that fails brakes, and the error stays a number
  art_follow_leader(&f.follower, &f.episode, 1, gap, speed);
  assert_float_equal(speed[1], 7.0, 1e-12);
  assert_true(isfinite(gap[ROWS - 1]));
}

/// Models see the gap, and within a row the leader on the straight line between rows.
static void sees_the_leader_between_rows(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, 0.0f);
  f.follower.accel = shown;
  f.lead[1] = 0.0;  // brakes to rest within the first second
  double gap[ROWS], speed[ROWS];
  art_follow_leader(&f.follower, &f.episode, 2, gap, speed);
  // first half: gap 20, lead 10; second half: lead 5
  const double a1 = 0.02 + 10.0, v1 = 10.0 + 0.5 * a1, x1 = 0.5 * (10.0 + v1) * 0.5;
  const double a2 = (105.0 - 80.0 - x1) / 1000.0 + 5.0;
  assert_float_equal(speed[1], v1 + 0.5 * a2, 1e-5);
}

static void collisions_are_counted_and_cost(void **state)
{
  (void)state;
  fixture f;
  set_up(&f, 2.0f);  // gains t^2: 20 m are used up after 4.47 s
  double gap[ROWS];
  art_follow_leader(&f.follower, &f.episode, 1, gap, NULL);
  art_gap_sums sums = { 0 };
  art_gap_sums_add(&sums, &f.episode, gap);
  assert_int_equal(sums.rows, ROWS - 1);
  assert_int_equal(sums.collided, 1);
  assert_float_equal(sums.overlap_m, 5.0, 1e-10);
  const double error = art_gap_error_of(&sums, ART_GAP_ERROR_MIXED);
  assert_float_equal(art_gap_objective(&sums, ART_GAP_ERROR_MIXED), error * error + 1.0 + 5.0 / 5.0, 1e-10);
}

/// Two rows with observed gaps 10 and 40 m, simulated 12 and 36 m, worked by hand.
static void measures_are_those_of_the_paper(void **state)
{
  (void)state;
  const double observed[] = { 5.0, 10.0, 40.0 }, simulated[] = { 5.0, 12.0, 36.0 },
               zero[] = { 0.0, 0.0, 0.0 };
  const art_episode episode = { 3, 0.1, zero, zero, observed, zero };
  art_gap_sums sums = { 0 };
  art_gap_sums_add(&sums, &episode, simulated);
  assert_int_equal(sums.rows, 2);
  assert_float_equal(art_gap_error_of(&sums, ART_GAP_ERROR_RELATIVE), sqrt((0.04 + 0.01) / 2.0), 1e-12);
  assert_float_equal(art_gap_error_of(&sums, ART_GAP_ERROR_ABSOLUTE), sqrt(10.0) / 25.0, 1e-12);
  assert_float_equal(art_gap_error_of(&sums, ART_GAP_ERROR_MIXED), sqrt(0.4 / 25.0), 1e-12);
  assert_float_equal(art_gap_rmse(&sums), sqrt(10.0), 1e-12);
  for (int m = 0; m < ART_GAP_ERROR_COUNT; ++m) {
    const double error = art_gap_error_of(&sums, m);
    assert_float_equal(art_gap_objective(&sums, m), error * error, 1e-12);
    assert_int_equal(art_gap_error_find(art_gap_error_name(m)), m);
  }
  assert_int_equal(art_gap_error_find("best"), -1);

  // A second episode adds rows: all of it twice gives the same errors.
  art_gap_sums_add(&sums, &episode, simulated);
  assert_int_equal(sums.rows, 4);
  assert_float_equal(art_gap_error_of(&sums, ART_GAP_ERROR_MIXED), sqrt(0.4 / 25.0), 1e-12);
  assert_float_equal(art_gap_error_of(&sums, ART_GAP_ERROR_ABSOLUTE), sqrt(10.0) / 25.0, 1e-12);
  const art_gap_sums none = { 0 };
  for (int m = 0; m < ART_GAP_ERROR_COUNT; ++m) assert_true(isnan(art_gap_error_of(&none, m)));
  assert_true(isnan(art_gap_rmse(&none)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(speeds_follow_the_ballistic_rule),   cmocka_unit_test(euler_moves_with_the_new_speed),
    cmocka_unit_test(brakes_at_most_as_hard_as_its_type), cmocka_unit_test(sees_the_leader_between_rows),
    cmocka_unit_test(collisions_are_counted_and_cost),    cmocka_unit_test(measures_are_those_of_the_paper),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
