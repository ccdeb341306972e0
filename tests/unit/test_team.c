/// How many threads a step gets: as many as have something to do, and one where the others only hold it up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/step/team.h"

/// Steps of a team that may have `fair` threads and whose first waits for such a share of its time; how many had fewer.
static int rested(art_team *team, int32_t *size, int32_t fair, int steps, double waits)
{
  int fewer = 0;
  for (int i = 0; i < steps; ++i) {
    *size = art_team_choose(team, *size, fair, 0);
    if (*size > 1) art_team_note(team, waits * 1e-4, (1.0 - waits) * 1e-4);
    fewer += *size < fair;
  }
  return fewer;
}

static void a_team_grows_at_once_and_shrinks_when_it_may(void **state)
{
  (void)state;
  art_team team = { 0 };
  int32_t size = 1;
  size = art_team_choose(&team, size, 3, 0);
  assert_int_equal(size, 3);
  size = art_team_choose(&team, size, 2, 0);
  assert_int_equal(size, 3);
  size = art_team_choose(&team, size, 2, 1);
  assert_int_equal(size, 2);
}

static void who_waits_less_than_it_works_never_rests(void **state)
{
  (void)state;
  art_team team = { 0 };
  int32_t size = 1;
  assert_int_equal(rested(&team, &size, 2, 100000, 0.49), 0);
}

/// Where the first thread waits for the most part, nearly all steps are its own, and trials become rarer.
static void who_waits_for_the_most_part_steps_alone(void **state)
{
  (void)state;
  art_team team = { 0 };
  int32_t size = 1;
  assert_true(rested(&team, &size, 2, 10000, 0.9) > 9000);
  assert_true(rested(&team, &size, 2, 100000, 0.9) > 99000);
}

/// The team comes back once threads can be had, after the pause under way, and does not leave for one disturbance.
static void the_team_comes_back(void **state)
{
  (void)state;
  art_team team = { 0 };
  int32_t size = 1;
  assert_true(rested(&team, &size, 2, 100000, 0.9) > 0);
  (void)rested(&team, &size, 2, 20000, 0.1);
  assert_int_equal(rested(&team, &size, 2, 10000, 0.1), 0);
  team.waited_s += 1.0;
  assert_int_equal(rested(&team, &size, 2, 10000, 0.1), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_team_grows_at_once_and_shrinks_when_it_may),
    cmocka_unit_test(who_waits_less_than_it_works_never_rests),
    cmocka_unit_test(who_waits_for_the_most_part_steps_alone),
    cmocka_unit_test(the_team_comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
