// A model that reaches the speed it wants within one step gets farther in it than a standing driver usually looks: it must
// still see lines and bodies there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

#define FIRST_M 60.0f
#define SHORT_M 12.0f

/// Stands 25 m before the end of its link, could be 30 m farther after a step of 1 s; on the short link behind the node
/// somebody crawls.
static void a_leap_ends_behind_the_body_on_the_next_link(void **state)
{
  (void)state;
  const small_link links[] = { { 1, 0, 1, FIRST_M, 30.0f }, { 0, 2, 1, SHORT_M, 30.0f }, { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .to_link = 1, .length_m = 1.0f, .speed_mps = 30.0f, .state = 'M' }, { .length_m = 0 }
  };
  art_net *net = small_net(3, links, paths, NULL);
  art_vtype types[2] = { art_lab_car(), art_lab_car() };
  types[0].length_m = types[1].length_m = 5.0f;
  types[0].max_speed_mps = 0.1f;
  types[1].model = ART_MODEL_NEWELL;
  const art_lab_route routes[2] = { { { 1, -1 } }, { { 0, 1, -1 } } };
  const art_lab_trip trips[2] = { { .pos_m = 6.0f, .route = 0, .type = 0 },
                                  { .pos_m = FIRST_M - 25.0f, .route = 1, .type = 1 } };
  art_demand *demand = art_lab_demand(2, types, 2, routes, 2, trips);
  art_sim_setup setup = small_setup(net, demand);
  setup.step_ms = 1000;
  art_snapshot shot = { 0 };
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  int seen = 0;
  while (!art_sim_is_finished(sim) && art_sim_now(sim) < 600000) {
    assert_ok(art_sim_advance(sim, art_sim_now(sim) + sim->step_ms, &err), err);
    art_sim_snapshot(sim, &shot);
    float slow = -1.0f, leaps = -1.0f;  // fronts from the start of the way
    for (int64_t i = 0; i < shot.count; ++i) {
      const float from = shot.lane[i] == 0 ? 0.0f : shot.lane[i] == 1 ? FIRST_M + 1.0f : FIRST_M;
      *(sim->row[shot.trip[i]].depart_lane == 1 ? &slow : &leaps) = from + shot.pos_m[i];
    }
    if (slow < 0.0f || leaps < 0.0f) continue;
    ++seen;
    assert_true(leaps <= slow - 5.0f + 0.001f);
  }
  assert_true(seen > 0);
  assert_int_equal(art_sim_ledger(sim).arrived, 2);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_leap_ends_behind_the_body_on_the_next_link) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
