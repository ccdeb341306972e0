/// Timers and the account of memory: what they add up to, and that nothing else depends on them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/step/memory.h"
#include "core/step/timing.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { CARS = 4 };

/// Cars that stand 40 m behind one another on the first of two links of 200 m.
static art_demand *cars(void)
{
  const art_vtype car = art_lab_car();
  const art_lab_route route = { { 0, 1, -1 } };
  art_lab_trip trips[CARS] = { 0 };
  for (int i = 0; i < CARS; ++i)
    trips[i] = (art_lab_trip){ .pos_m = 160.0f - 40.0f * (float)i, .speed_mps = 10.0f };
  return art_lab_demand(1, &car, 1, &route, CARS, trips);
}

typedef struct outcome {
  uint64_t hash;
  int64_t updates_before, updates;
  art_timing timing;
  art_memory memory;
} outcome;

/// 10 s without timers, then 60 s, or to the arrival of all, with or without.
static outcome drive_with(int threads, int32_t thread_vehicles, int is_timed)
{
  art_net *net = art_test_net_road(2, 1, 200.0f, 10.0f);
  art_demand *demand = cars();
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.thread_vehicles = thread_vehicles;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 10000, &err), err);
  outcome o = { .updates_before = art_sim_ledger(sim).updates, .memory = art_sim_memory(sim) };
  if (is_timed) art_sim_timing_start(sim);
  assert_ok(art_sim_advance(sim, 70000, &err), err);
  o.updates = art_sim_ledger(sim).updates;
  o.timing = art_sim_timing(sim);
  o.hash = art_sim_hash(sim);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return o;
}

static outcome drive(int threads, int is_timed)
{
  return drive_with(threads, 0, is_timed);
}

static void nothing_is_timed_unless_asked(void **state)
{
  (void)state;
  const art_timing t = drive(1, 0).timing;
  assert_true(t.step_seconds == 0.0);
  for (int p = 0; p < ART_PHASE_COUNT; ++p) assert_true(t.seconds[p] == 0.0);
  assert_int_equal(t.link_updates + t.connector_updates, 0);
}

/// The phases of the thread that calls, and the passes from barrier to barrier, fill the steps without a rest.
static void phases_add_up_to_the_steps(void **state)
{
  (void)state;
  for (int threads = 1; threads <= 3; threads += 2) {
    const outcome o = drive(threads, 1);
    const art_timing *t = &o.timing;
    double serial = 0.0, passes = 0.0, shared = 0.0;
    for (int p = 0; p < ART_PHASE_COUNT; ++p) {
      assert_true(t->seconds[p] >= 0.0);
      if (art_phase_part((art_phase)p) == 0)
        serial += t->seconds[p];
      else
        shared += t->seconds[p];
    }
    for (int k = 0; k < ART_PASS_COUNT; ++k) {
      assert_true(t->pass_seconds[k] > 0.0);
      passes += t->pass_seconds[k];
    }
    assert_true(t->step_seconds > 0.0);
    // Two readings of the clock a step lie between the callers' and the first worker's.
    assert_float_equal(serial + passes, t->step_seconds, 1e-3 * t->step_seconds + 1e-6 * (double)t->steps);
    if (threads == 1)
      assert_float_equal(shared, passes, 1e-9);
    else
      assert_true(shared > passes);
    assert_true(t->seconds[ART_PHASE_SETTLE_LINKS] > 0.0 && t->seconds[ART_PHASE_MOVE_NODES] > 0.0);
  }
}

/// Few vehicles wake few threads: with one at work the threads' time is that of the passes. Results are the same.
static void only_as_many_work_as_have_something_to_do(void **state)
{
  (void)state;
  const outcome all = drive_with(3, 0, 1), some = drive_with(3, 2, 1), one = drive_with(3, 100, 1);
  assert_true(some.hash == all.hash && one.hash == all.hash);
  double shared = 0.0, passes = 0.0;
  for (int p = 0; p < ART_PHASE_COUNT; ++p)
    if (art_phase_part((art_phase)p) != 0) shared += one.timing.seconds[p];
  for (int k = 0; k < ART_PASS_COUNT; ++k) passes += one.timing.pass_seconds[k];
  assert_float_equal(shared, passes, 1e-9);
}

static void updates_are_those_of_the_ledger(void **state)
{
  (void)state;
  const outcome o = drive(1, 1);
  assert_int_equal(o.timing.link_updates + o.timing.connector_updates, o.updates - o.updates_before);
  assert_true(o.timing.connector_updates > 0);  // 1 m long: somebody's front stood on it at the end of a step
  assert_in_range(o.timing.steps, 2, 120);
  assert_int_equal(o.timing.link_lanes, 2);
  assert_int_equal(o.timing.connectors, 1);
}

static void results_do_not_depend_on_timers(void **state)
{
  (void)state;
  assert_true(drive(1, 0).hash == drive(1, 1).hash);
  assert_true(drive(1, 0).hash == drive(3, 1).hash);
}

static void memory_is_told_by_kind(void **state)
{
  (void)state;
  const art_memory m = drive(1, 0).memory;
  assert_int_equal(m.trips, CARS);
  assert_int_equal(m.lanes, 3);
  assert_in_range(m.vehicles, 1, CARS);
  assert_true(m.hot_vehicle_bytes > 0 && m.hot_vehicle_bytes % m.vehicles == 0);
  assert_true(m.hot_spare_bytes > 0);  // two links of 200 m have room for more
#define X(name, sentence) assert_true(m.name##_bytes > 0);
  ART_MEMORY_LIST(X)
#undef X
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(nothing_is_timed_unless_asked),   cmocka_unit_test(phases_add_up_to_the_steps),
    cmocka_unit_test(only_as_many_work_as_have_something_to_do),
    cmocka_unit_test(updates_are_those_of_the_ledger), cmocka_unit_test(results_do_not_depend_on_timers),
    cmocka_unit_test(memory_is_told_by_kind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
