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
#include "tests/unit/small_net.h"

enum { LINKS = 4, LAPS = 3, TRIPS = 60 };

/// Everybody drives LAPS rounds, more than the ring can hold at once.
static art_demand *rounds(const art_net *net)
{
  int32_t route[LINKS * LAPS + 1];
  for (int i = 0; i <= LINKS * LAPS; ++i) route[i] = i % LINKS;
  return art_test_demand_flow(net, LINKS * LAPS + 1, route, TRIPS, 0, 1000);
}

static art_ledger run(int threads, uint64_t *hash, int32_t *most_running)
{
  art_net *net = art_test_net_ring(LINKS, 1, 30.0f, 13.89f);
  art_demand *demand = rounds(net);
  art_sim_setup setup = small_setup(net, demand);
  setup.threads = threads;
  setup.end_ms = 4 * 3600000;
  art_sim *sim;
  art_error err = { 0 };
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  art_snapshot shot = { 0 };
  *most_running = 0;
  for (art_tick t = 60000; t <= setup.end_ms && !art_sim_is_finished(sim); t += 60000) {
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
  assert_true(most >= 12);  // 124 m, 7 m each and more
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
