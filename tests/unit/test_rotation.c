// A ring of links that is full to the last place, every head wanting the next link: it must go on moving, without overlap,
// and alike on any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { LINKS = 4, EACH = 4, TRIPS = LINKS * EACH, WAY = 7 };
#define PITCH_M 7.75f  // 31 m of link and connector hold four cars of 5 m and their gaps, and nothing else

/// Cars at rest, one behind the other all around the ring; each wants nearly two rounds.
static art_demand *full_ring(void)
{
  art_vtype type = art_lab_car();
  type.length_m = 5.0f;
  type.startup_delay_s = 5.0f;  // nobody leaves before all are there
  type.min_gap_m = PITCH_M - type.length_m - 0.01f;
  art_lab_route routes[LINKS];
  art_lab_trip trips[TRIPS];
  for (int r = 0; r < LINKS; ++r) {
    for (int i = 0; i < WAY; ++i) routes[r].link[i] = (r + i) % LINKS;
    routes[r].link[WAY] = -1;
    for (int k = 0; k < EACH; ++k)
      trips[r * EACH + k] = (art_lab_trip){ .pos_m = 6.0f + PITCH_M * (float)k, .route = r };
  }
  return art_lab_demand(1, &type, LINKS, routes, TRIPS, trips);
}

static art_ledger run(int threads, uint64_t *hash, int32_t *most_running)
{
  art_net *net = art_test_net_ring(LINKS, 1, 30.0f, 13.89f);
  art_demand *demand = full_ring();
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.end_ms = 4 * 3600000;
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  art_snapshot shot = { 0 };
  *most_running = 0;
  for (art_tick t = 20000; t <= setup.end_ms && !art_sim_is_finished(sim); t += 20000) {
    assert_ok(art_sim_advance(sim, t, &err), err);  // checks ledger and overlaps at every full minute
    art_sim_snapshot(sim, &shot);
    if (shot.count > *most_running) *most_running = (int32_t)shot.count;
  }
  const art_ledger ledger = art_sim_ledger(sim);
  *hash = art_sim_hash(sim);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return ledger;
}

static void a_full_ring_goes_on(void **state)
{
  (void)state;
  uint64_t hash, other;
  int32_t most, same;
  const art_ledger ledger = run(1, &hash, &most);
  print_message("at most %d at once, %d rotations, longest standstill %d s\n", (int)most, (int)ledger.rotations,
                (int)(ledger.longest_standstill_ms / 1000));
  assert_int_equal(most, TRIPS);
  assert_true(ledger.rotations > 0);  // nobody can start before somebody else does
  assert_int_equal(ledger.arrived, TRIPS);
  assert_int_equal(ledger.removed, 0);
  for (int threads = 2; threads <= 3; ++threads) {
    assert_int_equal(run(threads, &other, &same).arrived, TRIPS);
    assert_true(other == hash && same == most);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(a_full_ring_goes_on) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
