/// Where the filling of a run ends: series of known shape.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenarios/compare/warmup.h"

enum { COUNT = 500 };

static double value[COUNT], instant_s[COUNT];

static void fill(double start, double decay)
{
  for (int i = 0; i < COUNT; ++i) {
    value[i] = start * exp(-i / decay) + (i % 2 ? -1.0 : 1.0);
    instant_s[i] = 10.0 * (i + 1);
  }
}

/// The series of the known answer (75 observations are cut), at one every ten seconds.
static void end_is_the_first_instant_that_is_kept(void **state)
{
  (void)state;
  fill(10.0, 20.0);
  const art_warmup_end end = art_warmup_judge(COUNT, value, instant_s);
  assert_float_equal(end.end_s, instant_s[75], 1e-9);
  assert_true(end.settles);
  fill(0.0, 20.0);
  assert_float_equal(art_warmup_judge(COUNT, value, instant_s).end_s, 0.0, 0.0);
}

static void a_series_that_keeps_growing_does_not_settle(void **state)
{
  (void)state;
  fill(0.0, 20.0);
  for (int i = 0; i < COUNT; ++i) value[i] += 0.5 * i;
  assert_false(art_warmup_judge(COUNT, value, instant_s).settles);
}

/// Nobody drives at first, so there is no mean speed; a gap later on is another matter.
static void gaps_count_at_the_begin_only(void **state)
{
  (void)state;
  fill(0.0, 20.0);
  value[0] = value[1] = value[2] = NAN;
  assert_float_equal(art_warmup_judge(COUNT, value, instant_s).end_s, instant_s[3], 1e-9);
  value[100] = NAN;
  assert_true(isnan(art_warmup_judge(COUNT, value, instant_s).end_s));
}

static void few_values_say_nothing(void **state)
{
  (void)state;
  fill(10.0, 20.0);
  const art_warmup_end end = art_warmup_judge(19, value, instant_s);
  assert_true(isnan(end.end_s) && !end.settles);
  assert_true(isnan(art_warmup_judge(0, value, instant_s).end_s));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(end_is_the_first_instant_that_is_kept),
    cmocka_unit_test(a_series_that_keeps_growing_does_not_settle),
    cmocka_unit_test(gaps_count_at_the_begin_only),
    cmocka_unit_test(few_values_say_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
