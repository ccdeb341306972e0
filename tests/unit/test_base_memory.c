#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/build.h"
#include "core/base/memory.h"

static void allocations_are_zeroed_and_aligned(void **state)
{
  (void)state;
  for (size_t count = 0; count < 70; count += 7) {
    unsigned char *plain = art_new(count, 3), *aligned = art_new_aligned(count, 3);
    assert_non_null(plain);
    assert_int_equal((uintptr_t)aligned % 64, 0);
    for (size_t i = 0; i < 3 * count; ++i) assert_int_equal(plain[i] | aligned[i], 0);
    free(plain);
    free(aligned);
  }
}

static void pushed_values_stay_in_order(void **state)
{
  (void)state;
  int64_t *array = NULL;
  int32_t count = 0, capacity = 0;
  for (int64_t i = 0; i < 1000; ++i) ART_PUSH(array, count, capacity, i * i);
  assert_int_equal(count, 1000);
  assert_true(capacity >= count);
  for (int64_t i = 0; i < 1000; ++i) assert_int_equal(array[i], i * i);
  array = art_renew(array, 10, sizeof *array);
  assert_int_equal(array[9], 81);
  free(array);
}

static void strings_are_copied(void **state)
{
  (void)state;
  char text[] = "abc";
  char *copy = art_strdup(text);
  text[0] = 'x';
  assert_string_equal(copy, "abc");
  free(copy);
  assert_null(art_strdup(NULL));
}

/// 100,000 ids that share long prefixes: each gets the index of its first insertion and finds itself again.
static void idmap_keeps_a_hundred_thousand_ids(void **state)
{
  (void)state;
  enum { COUNT = 100000 };
  art_idmap *map = art_idmap_new();
  char id[64];
  assert_int_equal(art_idmap_find(map, "edge"), -1);
  for (int32_t i = 0; i < COUNT; ++i) {
    snprintf(id, sizeof id, "edge-with-a-long-prefix_%d#%d", i % 317, i);
    assert_int_equal(art_idmap_put(map, id), i);
  }
  assert_int_equal(art_idmap_count(map), COUNT);
  for (int32_t i = COUNT - 1; i >= 0; --i) {
    snprintf(id, sizeof id, "edge-with-a-long-prefix_%d#%d", i % 317, i);
    assert_int_equal(art_idmap_find(map, id), i);
    if (i % 1000 == 0) {
      assert_int_equal(art_idmap_put(map, id), i);  // again: no new index
      assert_string_equal(art_idmap_id(map, i), id);
    }
  }
  assert_int_equal(art_idmap_count(map), COUNT);
  assert_int_equal(art_idmap_find(map, "edge-with-a-long-prefix_0#1"), -1);
  assert_int_equal(art_idmap_put(map, ""), COUNT);  // the empty string is an id like any other
  assert_int_equal(art_idmap_find(map, ""), COUNT);
  art_idmap_free(map);
  art_idmap_free(NULL);
}

static long resident_pages(void)
{
  long all = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%ld %ld", &all, &resident), 2);
  fclose(file);
  return resident;
}

static void untouched_records_take_no_memory(void **state)
{
  (void)state;
  enum { COUNT = 1 << 22, SIZE = 64 };
  const long before = resident_pages();
  char *record = art_new_untouched(COUNT, SIZE);
  assert_int_equal((uintptr_t)record % 64, 0);
  for (int i = 0; i < SIZE; ++i) assert_int_equal(record[(size_t)(COUNT - 1) * SIZE + (size_t)i], 0);
  record[0] = record[(size_t)(COUNT - 1) * SIZE] = 1;
  assert_true(resident_pages() - before < (8 << 20) / 4096);  // of 256 MiB, two large pages and some
  art_free_untouched(record, COUNT, SIZE);
  art_free_untouched(art_new_untouched(0, SIZE), 0, SIZE);
  art_free_untouched(NULL, COUNT, SIZE);
}

static void build_record_is_filled(void **state)
{
  (void)state;
  int major = -1, minor = -1;
  assert_int_equal(sscanf(art_build_version(), "%d.%d", &major, &minor), 2);
  assert_true(strlen(art_build_commit()) >= 7);
  assert_non_null(strstr(art_build_flags(), "-ffp-contract=off"));
  assert_null(strstr(art_build_flags(), "-ffast-math"));
  assert_null(strstr(art_build_flags(), "-march=native"));
  assert_true(strlen(art_build_compiler()) > 3);
  assert_true(strlen(art_build_type()) > 3);
}

static void the_first_repetition_is_found(void **state)
{
  (void)state;
  enum { COUNT = 5000 };
  char *ids[COUNT];
  uint64_t keys[COUNT];
  int32_t earlier = -1;
  for (int32_t i = 0; i < COUNT; ++i) {
    ids[i] = art_new(16, 1);
    snprintf(ids[i], 16, "v%d", i);
    keys[i] = (uint64_t)i << 40;
  }
  assert_int_equal(art_ids_find_twice(ids, COUNT, &earlier), -1);
  assert_int_equal(art_keys_find_twice(keys, COUNT, &earlier), -1);
  assert_int_equal(art_ids_find_twice(ids, 0, &earlier), -1);
  strcpy(ids[4321], "v17");
  strcpy(ids[4400], "v16");
  keys[4000] = keys[3];
  assert_int_equal(art_ids_find_twice(ids, COUNT, &earlier), 4321);
  assert_int_equal(earlier, 17);
  assert_int_equal(art_keys_find_twice(keys, COUNT, &earlier), 4000);
  assert_int_equal(earlier, 3);
  char *gone = ids[17];
  ids[17] = NULL;  // nobody's id
  assert_int_equal(art_ids_find_twice(ids, COUNT, &earlier), 4400);
  ids[17] = gone;
  for (int32_t i = 0; i < COUNT; ++i) free(ids[i]);
}

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void reals_are_sorted_as_by_comparison(void **state)
{
  (void)state;
  enum { COUNT = 4000 };
  double values[COUNT], expected[COUNT];
  uint64_t u = 1;
  for (int count = 0; count <= COUNT; count = count < 20 ? count + 1 : count * 2) {
    for (int i = 0; i < count; ++i) {
      u = u * 6364136223846793005u + 1442695040888963407u;
      const double magnitude = (double)(u >> 40) * (i % 3 ? 1e-3 : 1e12);
      values[i] = expected[i] = i % 17 == 0 ? 42.0 : i % 19 == 0 ? INFINITY : u >> 63 ? -magnitude : magnitude;
    }
    qsort(expected, (size_t)count, sizeof *expected, by_value);
    art_sort_reals(values, count);
    assert_memory_equal(values, expected, (size_t)count * sizeof *values);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_first_repetition_is_found),
    cmocka_unit_test(reals_are_sorted_as_by_comparison),
    cmocka_unit_test(allocations_are_zeroed_and_aligned),
    cmocka_unit_test(pushed_values_stay_in_order),
    cmocka_unit_test(strings_are_copied),
    cmocka_unit_test(idmap_keeps_a_hundred_thousand_ids),
    cmocka_unit_test(untouched_records_take_no_memory),
    cmocka_unit_test(build_record_is_filled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
