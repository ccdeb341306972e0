/// Equal strings of bytes are kept once (core/base/alike.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/alike.h"
#include "core/num/random.h"

enum { STRINGS = 5000, LONGEST = 40, LETTERS = 3 };

typedef struct text {
  unsigned char bytes[LONGEST];
  size_t count, at;
} text;

/// Few letters, short and long: many come again, many begin alike.
static text draw(int i)
{
  text t = { .count = (size_t)(art_uniform(art_rng(1, (uint64_t)i, 0, ART_FOR_GENERATOR)) * 11.0) };
  if (i % 7 == 0) t.count += LONGEST - 11;
  for (size_t k = 0; k < t.count; ++k)
    t.bytes[k] = (unsigned char)(art_uniform(art_rng(2, (uint64_t)i, (int64_t)k, ART_FOR_GENERATOR)) * LETTERS);
  return t;
}

static int is_alike(const text *a, const text *b)
{
  return a->count == b->count && memcmp(a->bytes, b->bytes, a->count) == 0;
}

/// Against a look at all pairs: the same place for equal ones, room of their own for others, in the order of their first.
static void equal_ones_lie_at_one_place(void **state)
{
  (void)state;
  static text all[STRINGS];
  art_alike *of = art_alike_new();
  size_t bytes = 0;
  int again = 0;
  for (int i = 0; i < STRINGS; ++i) {
    all[i] = draw(i);
    all[i].at = art_alike_put(of, all[i].bytes, all[i].count);
    if (all[i].count == 0) continue;
    int before = 0;
    while (before < i && !is_alike(&all[before], &all[i])) ++before;
    assert_int_equal(all[i].at, before < i ? all[before].at : bytes);
    again += before < i;
    if (before == i) bytes += all[i].count;
    assert_int_equal(art_alike_bytes(of), bytes);
  }
  assert_true(again > STRINGS / 10 && again < STRINGS - 500);
  const unsigned char *data = art_alike_data(of);
  for (int i = 0; i < STRINGS; ++i) assert_memory_equal(data + all[i].at, all[i].bytes, all[i].count);
  art_alike_free(of);
}

static void nothing_is_no_matter(void **state)
{
  (void)state;
  art_alike *of = art_alike_new();
  assert_int_equal(art_alike_put(of, "", 0), 0);
  assert_int_equal(art_alike_bytes(of), 0);
  art_alike_free(of);
  art_alike_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(equal_ones_lie_at_one_place), cmocka_unit_test(nothing_is_no_matter) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
