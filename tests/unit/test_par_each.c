// Pieces of work shared among threads: each done once, numbers of threads that are of one thread at a time, no threads left.
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/par/each.h"

enum { PIECES = 1000, THREADS = 5 };

typedef struct record {
  int done[PIECES];
  int64_t sum[THREADS];
  atomic_int inside[THREADS];
  atomic_int clashes;
} record;

static void note(void *context, int thread, int32_t index)
{
  record *r = context;
  if (thread < 0 || thread >= THREADS || atomic_fetch_add(&r->inside[thread], 1) != 0) atomic_fetch_add(&r->clashes, 1);
  ++r->done[index];
  r->sum[thread] += index;
  atomic_fetch_sub(&r->inside[thread], 1);
}

static void every_piece_is_done_once(void **state)
{
  (void)state;
  const int threads[] = { 0, 1, 2, THREADS }, counts[] = { 0, 1, 2, 7, PIECES }, batches[] = { 0, 1, 3, PIECES, INT32_MAX };
  for (size_t t = 0; t < 4; ++t)
    for (size_t c = 0; c < 5; ++c)
      for (size_t b = 0; b < 5; ++b) {
        record *r = ART_NEW(record, 1);
        art_each(threads[t], counts[c], batches[b], note, r);
        int64_t sum = 0;
        for (int i = 0; i < THREADS; ++i) sum += r->sum[i];
        for (int i = 0; i < PIECES; ++i) assert_int_equal(r->done[i], i < counts[c]);
        assert_int_equal(sum, (int64_t)counts[c] * (counts[c] - 1) / 2);
        assert_int_equal(atomic_load(&r->clashes), 0);
        free(r);
      }
}

static void pair_up(void *context, int thread, int32_t index)
{
  atomic_int *arrived = context;
  (void)thread;
  (void)index;
  atomic_fetch_add(arrived, 1);
  while (atomic_load(arrived) < 2) continue;  // ends only if another thread does the other piece meanwhile
}

static void threads_work_at_once(void **state)
{
  (void)state;
  atomic_int arrived = 0;
  art_each(2, 2, 1, pair_up, &arrived);
  assert_int_equal(atomic_load(&arrived), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_piece_is_done_once),
    cmocka_unit_test(threads_work_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
