// Records of vehicles: who has one, that nobody shares one, and that all are given back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/ranks.h"
#include "core/step/sim_internal.h"
#include "scenarios/run/kernels.h"
#include "tests/property/random_city.h"
#include "tests/support/check.h"

enum { STEP_MS = 500, TRIPS = 400 };

typedef struct rig {
  random_city city;
  art_change change;
  art_sim *sim;
} rig;

/// Trips that look for other ways, and a closure that gives some of those that wait outside one, too.
static rig rig_make(int32_t threads)
{
  const city_traits traits = { .nodes = 4, .trips = TRIPS, .most_lanes = 2, .least_link_m = 5.0f, .with_signals = 1,
                               .with_stops = 1, .longest_m = 12.0f };
  rig r = { .city = city_build(8, &traits) };
  r.change = (art_change){ .kind = ART_CHANGE_CLOSE_LINK, .link = 0, .lane = -1, .from_ms = 20000, .to_ms = 60000 };
  const art_sim_setup setup = { .net = r.city.net, .demand = r.city.demand, .kernels = art_models_kernels(), .seed = 5,
                                .step_ms = STEP_MS, .end_ms = 3600000, .threads = threads, .model = ART_MODEL_IIDM,
                                .change_count = 1, .change = &r.change, .reroute_share = 0.5, .reroute_period_ms = 10000 };
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &r.sim, &err), err);
  return r;
}

static void rig_free(rig *r)
{
  art_sim_free(r->sim);
  city_free(&r->city);
}

/// Those on the road have one each, of their own; others only where closures gave them another way.
static int32_t check_records(const art_sim *sim, int32_t *others)
{
  uint8_t *taken = calloc((size_t)sim->record_end, 1);
  int32_t count = 0, outside = 0;
  for (int32_t trip = 0; trip < sim->demand->trip_count; ++trip) {
    const int32_t own = sim->record_of[trip], state = sim->row[trip].state;
    assert_in_range(own, 0, sim->record_end - 1);
    if (own == 0) {
      assert_int_not_equal(state, ART_TRIP_RUNNING);
      continue;
    }
    assert_int_equal(taken[own], 0);
    taken[own] = 1;
    ++count;
    if (state == ART_TRIP_RUNNING) continue;
    assert_int_not_equal(state, ART_TRIP_ARRIVED);
    assert_true(sim->record[own].owns_links);
    ++outside;
  }
  for (int32_t n = 0; n < sim->free_records; ++n) {
    const art_vehicle *vehicle = &sim->record[sim->free_record[n]];
    assert_int_equal(taken[sim->free_record[n]], 0);
    assert_true(!vehicle->owns_links && !vehicle->links && !vehicle->more);
    taken[sim->free_record[n]] = 1;
  }
  for (int32_t own = 1; own < sim->record_end; ++own) assert_int_equal(taken[own], 1);
  free(taken);
  *others += outside;
  assert_int_equal(count - outside, art_sim_ledger(sim).running);
  return count;
}

static void records_are_those_of_the_road(void **unused)
{
  (void)unused;
  for (int32_t threads = 1; threads <= 3; ++threads) {
    rig r = rig_make(threads);
    art_error err = { 0 };
    int32_t most = 0, others = 0;
    for (art_tick at = STEP_MS; at <= 3600000 && !art_sim_is_finished(r.sim); at += STEP_MS) {
      assert_ok(art_sim_advance(r.sim, at, &err), err);
      const int32_t count = check_records(r.sim, &others);
      most = count > most ? count : most;
    }
    assert_true(art_sim_ledger(r.sim).arrived == TRIPS);
    assert_int_equal(check_records(r.sim, &others), 0);
    assert_in_range(r.sim->record_end - 1, most, TRIPS / 2);  // given back and taken again
    assert_true(others > 0);
    rig_free(&r);
  }
}

static void borrowed_records_go_back(void **unused)
{
  (void)unused;
  rig r = rig_make(1);
  const int32_t before = r.sim->record_end;
  art_record_borrow(r.sim, &r.sim->worker[0], 7)->lane = 3;
  art_record_borrow(r.sim, &r.sim->worker[0], 9)->lane = 4;
  assert_ptr_equal(art_record_borrow(r.sim, &r.sim->worker[0], 7), art_record(r.sim, 7));  // told twice of the same one
  assert_int_equal(art_record(r.sim, 7)->lane, 3);
  assert_int_equal(r.sim->record_end, before + 2);
  art_record_drop(r.sim, 9);
  art_record_drop(r.sim, 9);
  assert_int_equal(r.sim->free_records, 1);
  art_record_make(r.sim, 11);
  assert_int_equal(r.sim->record_end, before + 2);
  assert_int_equal(art_record(r.sim, 11)->lane, -1);  // nothing is left of who had it before
  assert_int_equal(art_record(r.sim, 9)->lane, -1);
  rig_free(&r);
}

static void members_of_circles_keep_theirs(void **unused)
{
  (void)unused;
  rig r = rig_make(1);
  int32_t member[] = { 5 };
  art_cycle cycle = { .member = member, .count = 1 };
  art_record_make(r.sim, 5)->lane = 2;
  r.sim->cycle = &cycle;
  r.sim->cycle_count = 1;
  art_record_drop(r.sim, 5);
  assert_int_equal(art_record(r.sim, 5)->lane, 2);
  r.sim->cycle = NULL;
  r.sim->cycle_count = 0;
  art_record_drop(r.sim, 5);
  assert_int_equal(r.sim->record_of[5], 0);
  rig_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(records_are_those_of_the_road),
    cmocka_unit_test(borrowed_records_go_back),
    cmocka_unit_test(members_of_circles_keep_theirs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
