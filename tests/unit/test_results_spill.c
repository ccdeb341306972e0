/// Snapshots by instant become rows by trip, whether they fit into memory or not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "io/results/spill.h"
#include "tests/support/check.h"

enum { TRIPS = 300, INSTANTS = 200 };

/// Whether the trip is on the road at the instant: each has a time of its own, and some never come.
static int is_there(int32_t trip, int32_t instant)
{
  const int32_t begin = trip * 7 % INSTANTS, length = trip % 11 == 0 ? 0 : 1 + trip * 13 % 90;
  return instant >= begin && instant < begin + length;
}

static float position(int32_t trip, int32_t instant)
{
  return (float)trip + 0.25f * (float)instant;
}

static void add_all(art_spill *spill)
{
  int32_t trip[TRIPS], lane[TRIPS];
  float pos[TRIPS], speed[TRIPS];
  art_error err = { ART_OK, "" };
  for (int32_t instant = 0; instant < INSTANTS; ++instant) {
    art_snapshot s = { 0, TRIPS, trip, lane, pos, speed };
    for (int32_t k = 0; k < TRIPS; ++k) {
      const int32_t t = (k * 7 + instant * 31) % TRIPS;  // 7 and 300 have no common factor: each once, in another order
      if (!is_there(t, instant)) continue;
      trip[s.count] = t;
      lane[s.count] = t + instant;
      pos[s.count] = position(t, instant);
      speed[s.count++] = (float)t;
    }
    assert_ok(art_spill_add(spill, 1000 * instant + 500, &s, &err), err);
  }
}

/// Reads everything in passes of about `wanted` rows and compares it with what went in.
static void check_all(art_spill *spill, int64_t wanted)
{
  const int64_t *count;
  const art_spill_row *row;
  art_error err = { ART_OK, "" };
  assert_ok(art_spill_finish(spill, &count, &err), err);
  int32_t trip = 0, instant = 0;
  int64_t rows = 1, seen = 0, passes = 0;
  while (rows > 0) {
    assert_ok(art_spill_next(spill, wanted, &row, &rows, &err), err);
    passes += rows > 0;
    for (int64_t i = 0; i < rows; ++i, ++instant, ++seen) {
      while (trip < TRIPS && (instant == INSTANTS || !is_there(trip, instant)))
        if (++instant >= INSTANTS) {
          instant = 0;
          ++trip;
        }
      assert_in_range(trip, 0, TRIPS - 1);
      assert_int_equal(row[i].instant, instant);
      assert_int_equal(art_spill_instants(spill)[row[i].instant], 1000 * instant + 500);
      assert_int_equal(row[i].lane, trip + instant);
      assert_true(row[i].pos_m == position(trip, instant));
      assert_true(row[i].speed_mps == (float)trip);
    }
  }
  int64_t expected = 0;
  for (int32_t t = 0; t < TRIPS; ++t) {
    int64_t there = 0;
    for (int32_t k = 0; k < INSTANTS; ++k) there += is_there(t, k);
    assert_int_equal(count[t], there);
    expected += there;
  }
  assert_int_equal(seen, expected);
  assert_true(wanted > expected ? passes == 1 : passes > 1);
}

static void rows_come_by_trip_and_time(void **state)
{
  (void)state;
  static const int64_t memory[] = { 1, 400, 1000, 1 << 20 }, wanted[] = { 1, 500, 1 << 20 };
  for (size_t m = 0; m < sizeof memory / sizeof *memory; ++m)
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; ++w) {
      art_error err = { ART_OK, "" };
      char path[64];
      snprintf(path, sizeof path, "/tmp/test_spill_%ld", (long)getpid());
      art_spill *spill = art_spill_new(path, TRIPS, memory[m], &err);
      assert_non_null(spill);
      add_all(spill);
      check_all(spill, wanted[w]);
      art_spill_free(spill);
    }
}

static void nothing_gives_nothing(void **state)
{
  (void)state;
  const int64_t *count;
  const art_spill_row *row;
  int64_t rows = 1;
  art_error err = { ART_OK, "" };
  art_spill *spill = art_spill_new("/tmp/test_spill_none", 0, 100, &err);
  assert_non_null(spill);
  const art_snapshot none = { 0 };
  assert_ok(art_spill_add(spill, 0, &none, &err), err);
  assert_ok(art_spill_finish(spill, &count, &err), err);
  assert_ok(art_spill_next(spill, 10, &row, &rows, &err), err);
  assert_int_equal(rows, 0);
  art_spill_free(spill);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
  (void)state;
  art_error err = { ART_OK, "" };
  assert_null(art_spill_new("/nowhere/at/all.h5", 1, 100, &err));
  assert_refused(err.status, ART_E_OPEN, err, "/nowhere/at/all.h5");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_come_by_trip_and_time),
    cmocka_unit_test(nothing_gives_nothing),
    cmocka_unit_test(a_place_that_cannot_be_written_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
