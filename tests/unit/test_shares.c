/// Every block and node is worked on once in a pass, whoever takes it.
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/step/shares.h"

/// Takes all of a list with `team` of `threads`; counts how often each place came up.
static void take_all(art_shares *shares, int team, int32_t begin, int32_t count, int32_t *taken)
{
  art_shares_deal(shares, NULL, ART_SHARE_DECIDE_LATE, (art_stretch){ .begin = begin, .end = begin + count });
#pragma omp parallel num_threads(team)
  {
    art_take take = { 0 };
    for (int32_t i, end, until; art_shares_take(shares, ART_SHARE_DECIDE_LATE, omp_get_thread_num(), &take, &i, &end, &until);)
      for (; i < end && end <= until; ++i) __atomic_fetch_add(&taken[i - begin], 1, __ATOMIC_RELAXED);
  }
}

static void each_is_taken_once(void **state)
{
  (void)state;
  const int32_t counts[] = { 0, 1, 2, 7, 300, 5000 };
  for (int threads = 1; threads <= 8; threads += threads) {
    for (size_t n = 0; n < sizeof counts / sizeof *counts; ++n) {
      art_shares *shares = art_shares_new(threads);
      for (int team = 1; team <= threads; ++team) {  // those that do not work leave their parts to the others
        int32_t *taken = ART_NEW(int32_t, counts[n]);
        take_all(shares, team, 11, counts[n], taken);
        for (int32_t i = 0; i < counts[n]; ++i) assert_int_equal(taken[i], 1);
        free(taken);
      }
      art_shares_free(shares);
    }
  }
}

/// A thread begins where it began in the step before, and reaches the end of its own part before it takes from others.
static void parts_stay_with_their_threads(void **state)
{
  (void)state;
  enum { THREADS = 4, COUNT = 1000 };
  art_shares *shares = art_shares_new(THREADS);
  int32_t first[THREADS], last[THREADS];
  for (int step = 0; step < 3; ++step) {
    art_shares_deal(shares, NULL, ART_SHARE_DECIDE_LATE, (art_stretch){ .end = COUNT });
    for (int t = 0; t < THREADS; ++t) {
      art_take take = { 0 };
      int32_t i, end, until, runs = 0;
      do {
        assert_true(art_shares_take(shares, ART_SHARE_DECIDE_LATE, t, &take, &i, &end, &until));
        if (step == 0 && runs == 0) first[t] = i;
        if (runs++ == 0) assert_int_equal(i, first[t]);
      } while (end < until);
      if (step == 0) last[t] = end;
      assert_int_equal(end, last[t]);
      assert_in_range(last[t] - first[t], COUNT / THREADS - 1, COUNT / THREADS + 1);
    }
  }
  art_shares_free(shares);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_is_taken_once),
    cmocka_unit_test(parts_stay_with_their_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
