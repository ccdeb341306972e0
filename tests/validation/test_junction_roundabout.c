// V23: the symmetric roundabout of one lane and four legs. All entries are saturated and everybody goes straight on, so each
// entry merges into a circulating stream as large as its own; 1380 exp(-0.00102 v) = v gives 685.694 pc/h per entry, if
// that stream comes at random. test_junction_priority.c measures that. Here the stream comes out of another entry:
// nobody in it follows closer than a follow-up time D = 2.6 s, and long gaps are rarer than in a random one. Cowan's M3
// headways with a share 1 - D q of free vehicles (Tanner's formula), (1 - D q) q exp(-q (tc - D)) / (1 - exp(-q tf)) = q,
// expect 624 pc/h; the random case is the soft comparison.
//
// With constant critical gaps and nobody impatient, two opposite entries would shut the other two out: a stream of headways
// between tf and tc never opens.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { LEGS = 4, HOURS = 1 };

/// Links: entry i, exit LEGS + i, ring 2 LEGS + i from leg i to leg i + 1. Paths of leg i, in the order of links: entry to
/// ring, ring (i - 1) to exit, ring (i - 1) to ring i.
static art_net *roundabout(void)
{
  small_link links[3 * LEGS + 1] = { { 0 } };
  small_path paths[3 * LEGS + 1] = { { 0 } };
  small_conflict conflicts[2 * LEGS + 1] = { { .a_exit_m = 0 } };
  for (int i = 0; i < LEGS; ++i) {
    links[i] = (small_link){ LEGS + i, i, 1, 200, 13.89f };
    links[LEGS + i] = (small_link){ i, 2 * LEGS + i, 1, 100, 13.89f };
    links[2 * LEGS + i] = (small_link){ i, (i + 1) % LEGS, 1, 12, 8.0f };
    paths[i] = (small_path){
      .from_link = i, .to_link = 2 * LEGS + i, .length_m = 10, .speed_mps = 7.0f, .state = 'm'
    };
  }
  // Connectors ascend by (from, to): those out of ring link r lead to leg r + 1.
  for (int r = 0; r < LEGS; ++r) {
    const int leg = (r + 1) % LEGS;
    paths[LEGS + 2 * r] = (small_path){
      .from_link = 2 * LEGS + r, .to_link = LEGS + leg, .length_m = 10, .speed_mps = 8.0f, .state = 'M'
    };
    paths[LEGS + 2 * r + 1] = (small_path){
      .from_link = 2 * LEGS + r, .to_link = 2 * LEGS + leg, .length_m = 12, .speed_mps = 8.0f, .state = 'M'
    };
    conflicts[2 * r] =
        (small_conflict){ LEGS + 2 * r, LEGS + 2 * r + 1, ART_CONFLICT_DIVERGE, 0, 0, 0, 4, 0, 4 };
    conflicts[2 * r + 1] = (small_conflict){ leg, LEGS + 2 * r + 1, ART_CONFLICT_MERGE, 1, 0, 4, 10, 6, 12 };
  }
  art_net *net = small_net(3 * LEGS, links, paths, conflicts);
  for (int i = 0; i < LEGS; ++i) {
    net->connector_critical_gap_s[i] = 4.9763f;
    net->connector_follow_up_s[i] = 2.6087f;
    net->link_in_roundabout[2 * LEGS + i] = 1;
  }
  return net;
}

static art_demand *straight_on(void)
{
  art_vtype type = art_lab_car();
  type.speed_factor_dev = 0.1f;
  type.impatience = 1.0f;
  art_lab_route routes[LEGS];
  const int32_t per_leg = HOURS * 1400;
  art_lab_trip *trips = ART_NEW(art_lab_trip, LEGS * per_leg);
  int32_t count = 0;
  for (int i = 0; i < LEGS; ++i) {
    const int next = (i + 1) % LEGS, opposite = (i + 2) % LEGS;
    routes[i] = (art_lab_route){ { i, 2 * LEGS + i, 2 * LEGS + next, LEGS + opposite, -1 } };
    for (int32_t n = 0; n < per_leg; ++n)
      trips[count++] = (art_lab_trip){ .depart_ms = (int64_t)n * (HOURS * 3600000 / per_leg) + 130 * i,
                                       .pos_m = 10.0f + 40.0f * (float)(n % 3),
                                       .speed_mps = ART_SPEED_MAX,
                                       .route = i };
  }
  art_demand *d = art_lab_demand(1, &type, LEGS, routes, count, trips);
  free(trips);
  return d;
}

static void saturated_entries_balance(void **state)
{
  (void)state;
  art_net *net = roundabout();
  art_demand *demand = straight_on();
  art_sim_setup setup = small_setup(net, demand);
  setup.end_ms = HOURS * 3600000;
  setup.threads = 2;
  art_sim *sim;
  art_error err;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  int32_t count[3 * LEGS];
  const art_tick warm_ms = 600000;
  assert_ok(art_sim_advance(sim, warm_ms, &err), err);
  art_sim_take_movements(sim, count);
  assert_ok(art_sim_advance(sim, setup.end_ms, &err), err);
  art_sim_take_movements(sim, count);
  const double hours = (double)(art_sim_now(sim) - warm_ms) / 3600e3;
  double sum = 0.0;
  for (int i = 0; i < LEGS; ++i) sum += (double)count[i] / hours;
  const double mean = sum / LEGS;
  art_answer(ART_GATE_HARD, "V23", "saturated entry of a symmetric roundabout (streams from entries)", "pc/h",
             624.0, mean, 0.05 * 624.0);
  art_answer(ART_GATE_SOFT, "V23", "saturated entry of a symmetric roundabout (as if streams were random)",
             "pc/h", 685.694, mean, 0.05 * 685.694);
  for (int i = 0; i < LEGS; ++i) assert_true(fabs((double)count[i] / hours - mean) < 0.06 * mean);
  assert_int_equal(art_sim_ledger(sim).rotations, 0);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(saturated_entries_balance) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
