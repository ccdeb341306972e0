// Clearance times that the guard takes from a program by the clock: what lies between two greens counts as their clearance
// only where no stage of others does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/net/add_control.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"
#include "tests/support/build_net.h"
#include "tests/unit/small_net.h"

/// The crossing's program goes off, another one takes its place.
static art_sim *run_program(art_net *net, art_demand *demand, int32_t count, const int64_t *duration_ms,
                            const char *letters)
{
  const int32_t p = art_net_add_program(net, 0, "other", count, duration_ms, letters);
  net->program_control[0] = ART_CONTROL_OFF;
  net->signal_active[0] = p;
  const art_sim_setup setup = small_setup(net, demand);
  art_sim *sim = NULL;
  art_error err = { 0 };
  if (art_sim_create(&setup, &sim, &err) != ART_OK) fail_msg("%s", err.message);
  return sim;
}

static const int32_t route[] = { 0, 2 };

/// Straight on and left from one lane (0 and 1) one after the other, then the other road (2).
static void a_stage_between_is_no_clearance(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *demand = art_test_demand_flow(net, 2, route, 1, 0, 2000);
  const int64_t duration_ms[] = { 10000, 3000, 20000, 3500, 30000, 3000 };
  art_sim *sim = run_program(net, demand, 6, duration_ms,
                             "Grryrr"
                             "rGrryr"
                             "rrGrry");
  const art_guard_rules *r = &sim->signals->rules[0];
  // 26.5 s lie between 0 and 2, but yellow and at most 4 s of red are needed.
  assert_true(r->intergreen_ms[0 * 3 + 2] >= 4000 && r->intergreen_ms[0 * 3 + 2] <= 7000);
  assert_int_equal(r->intergreen_ms[1 * 3 + 2], 3500);  // as shown
  assert_int_equal(r->intergreen_ms[2 * 3 + 0], 3000);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Left turns that yield are green beside those that they yield to: they wait for each other's last green no longer than
/// for its clearance.
static void groups_of_one_stage_do_not_wait_for_their_last_greens(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *demand = art_test_demand_flow(net, 2, route, 1, 0, 2000);
  const int64_t duration_ms[] = { 10000, 3000, 40000, 3000 };
  art_sim *sim = run_program(net, demand, 4, duration_ms,
                             "rGrryr"
                             "grGyry");
  const int64_t rule = sim->signals->rules[0].intergreen_ms[0 * 3 + 2];
  assert_true(rule <= -2 - 4000 && rule >= -2 - 7000);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Programs that listen remember calls by phase, 64 at most; those by the clock may have more.
static void programs_that_listen_have_64_phases_at_most(void **state)
{
  (void)state;
  enum { PHASES = 65 };
  art_net *net = art_test_net_crossing();
  int64_t duration_ms[PHASES];
  char letters[3 * PHASES];
  for (int i = 0; i < PHASES; ++i) {
    duration_ms[i] = 10000;
    for (int g = 0; g < 3; ++g) letters[3 * i + g] = i % 2 ? 'y' : 'G';
  }
  const int32_t p = art_net_add_program(net, 0, "long", PHASES, duration_ms, letters);
  art_error err = { 0 };
  assert_int_equal(art_net_check(net, &err), ART_OK);
  net->program_control[p] = ART_CONTROL_ACTUATED;
  assert_int_not_equal(art_net_check(net, &err), ART_OK);
  assert_non_null(strstr(err.message, "program 'long': has 65 phases"));
  net->program_control[p] = ART_CONTROL_FIXED;
  net->program_value[ART_CONTROL_VALUE_priority_reach_m][p] = 100.0f;
  assert_int_not_equal(art_net_check(net, &err), ART_OK);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_stage_between_is_no_clearance),
    cmocka_unit_test(programs_that_listen_have_64_phases_at_most),
    cmocka_unit_test(groups_of_one_stage_do_not_wait_for_their_last_greens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
