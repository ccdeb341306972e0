// Where two lanes become one, a body in the common part is not driven into: neither by a driver who acts only every two
// seconds and holds on to the acceleration that was right two seconds ago, nor by one with a lower number.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

#define PATH_M 24.0f
#define ENTER_M 8.0f  // from here on both paths share their place
#define TRUCK_M 13.0f

/// Two links into one, right of way to the first of them.
static art_net *merge(void)
{
  const small_link links[] = {
    { 1, 0, 1, 100, 13.89f }, { 2, 0, 1, 100, 13.89f }, { 0, 3, 1, 100, 13.89f }, { .length_m = 0 }
  };
  const small_path paths[] = {
    { .from_link = 0, .to_link = 2, .length_m = PATH_M, .speed_mps = 13.89f, .state = 'M' },
    { .from_link = 1, .to_link = 2, .length_m = PATH_M, .speed_mps = 13.89f, .state = 'm' },
    { .length_m = 0 }
  };
  const small_conflict conflicts[] = {
    { 0, 1, ART_CONFLICT_MERGE, 0, 1, ENTER_M, PATH_M, ENTER_M, PATH_M }, { .a_exit_m = 0 }
  };
  return small_net(4, links, paths, conflicts);
}

/// A truck that crawls through the merge, and a nimble driver with two seconds between decisions, `head_start_ms` after it.
static art_demand *truck_and_sleeper(int64_t head_start_ms)
{
  art_vtype types[2] = { art_lab_car(), art_lab_car() };
  types[0].length_m = TRUCK_M;
  types[0].max_speed_mps = 1.5f;
  types[1].length_m = 1.5f;
  types[1].accel_mps2 = 5.0f;
  types[1].action_step_s = 2.0f;
  const art_lab_route routes[2] = { { { 0, 2, -1 } }, { { 1, 2, -1 } } };
  const art_lab_trip trips[2] = { { .pos_m = 90.0f, .route = 0, .type = 0 },
                                  { .depart_ms = head_start_ms, .pos_m = 60.0f, .route = 1, .type = 1 } };
  return art_lab_demand(2, types, 2, routes, 2, trips);
}

/// Distance of a front to the end of its path; NAN: not on one.
static float to_end(const art_net *net, const art_snapshot *shot, int32_t type, const art_sim *sim)
{
  for (int64_t i = 0; i < shot->count; ++i)
    if (sim->row[shot->trip[i]].type == type && art_net_is_connector(net, shot->lane[i]))
      return PATH_M - shot->pos_m[i];
  return NAN;
}

static void a_late_driver_does_not_reach_into_the_body_ahead(void **state)
{
  (void)state;
  int met = 0;
  for (int64_t head_start_ms = 0; head_start_ms <= 12000; head_start_ms += 500) {
    art_net *net = merge();
    art_demand *demand = truck_and_sleeper(head_start_ms);
    const art_sim_setup setup = small_setup(net, demand);
    art_snapshot shot = { 0 };
    art_sim *sim;
    art_error err = { 0 };
    assert_ok(art_sim_create(&setup, &sim, &err), err);
    while (!art_sim_is_finished(sim) && art_sim_now(sim) < 600000) {
      assert_ok(art_sim_advance(sim, art_sim_now(sim) + sim->step_ms, &err), err);
      art_sim_snapshot(sim, &shot);
      const float truck = to_end(net, &shot, 0, sim), late = to_end(net, &shot, 1, sim);
      if (isnan(truck) || isnan(late) || PATH_M - late < ENTER_M || PATH_M - truck < ENTER_M) continue;
      ++met;
      assert_true(late - truck >= TRUCK_M || truck - late >= 1.5f);  // one behind the other
    }
    assert_int_equal(art_sim_ledger(sim).arrived, 2);
    art_snapshot_free(&shot);
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
  assert_true(met > 0);
}

/// In the common part, 9.0 m and 10.5 m before its end. The one behind has the lower number: it was to go first, and the
/// other one has gone ahead all the same.
static void in_the_common_part_who_is_ahead_goes_first(void **state)
{
  (void)state;
  art_net *net = merge();
  art_demand *demand = truck_and_sleeper(0);
  const art_sim_setup setup = small_setup(net, demand);
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  art_passage passage[2];
  int32_t scratch[2 * ART_DECIDE_SCRATCH];
  for (int i = 0; i < 2; ++i)
    passage[i] = (art_passage){ .vehicle = i, .key = (uint64_t)i, .connector = i, .from_lane = i, .to_lane = 2,
                                .front_m = i ? PATH_M - 9.0f : PATH_M - 15.5f, .speed_mps = 3.0f, .desired_mps = 13.89f,
                                .length_m = 5.0f, .min_gap_m = 2.5f, .accel_mps2 = 2.0f,
                                .model = ART_MODEL_IIDM, .asks = 1, .prior = ART_PRIOR_OPEN,
                                .aspect = ART_ASPECT_MINOR, .grant = ART_GRANT_FULL, .committed = 2, .order = 14 + i,
                                .cap_mps2 = INFINITY, .stop_m = INFINITY };
  art_junction junction = { .net = net, .ways = &sim->ways, .types = &sim->types, .accel = sim->kernels->accel, .step_s = 0.5f,
                            .next_order = 20, .count = 2, .passage = passage, .scratch = scratch };
  sim->kernels->decide(&junction);
  assert_true(passage[0].cap_mps2 < 0.0f && passage[0].waits_for == 1);
  assert_true(passage[0].stop_m <= PATH_M - 9.0f - 5.0f + 0.001f);  // the other one's rear
  assert_true(passage[1].cap_mps2 == INFINITY && passage[1].stop_m == INFINITY);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_late_driver_does_not_reach_into_the_body_ahead),
                                      cmocka_unit_test(in_the_common_part_who_is_ahead_goes_first) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
