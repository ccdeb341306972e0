// Scaling and repeating a demand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/fleet/demand_pick.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

enum { TRIPS = 400, HEADWAY_MS = 9000, HOUR_MS = 3600000 };

typedef struct fixture {
  art_net *net;
  art_demand *one, *out;
} fixture;

static fixture make(double scale, int64_t repeat_ms, int64_t end_ms)
{
  static const int32_t all[] = { 0, 1 };
  fixture f = { .net = art_test_net_road(2, 1, 200.0f, 13.9f) };
  f.one = art_test_demand_flow(f.net, 2, all, TRIPS, 0, HEADWAY_MS);
  art_error err;
  assert_ok(art_demand_multiply(f.one, scale, repeat_ms, end_ms, &f.out, &err), err);
  assert_ok(art_demand_check(f.out, f.net, &err), err);
  return f;
}

static void clear(fixture *f)
{
  art_demand_free(f->one);
  art_demand_free(f->out);
  art_net_free(f->net);
}

static int32_t departures(const art_demand *d, int64_t from, int64_t to)
{
  int32_t count = 0;
  for (int32_t t = 0; t < d->trip_count; ++t)
    count += d->trip_depart_ms[t] >= from && d->trip_depart_ms[t] < to;
  return count;
}

static void half_as_many_again(void **state)
{
  (void)state;
  fixture f = make(1.5, 0, HOUR_MS);
  assert_in_range(f.out->trip_count, 570, 630);  // 600, standard deviation 10
  for (int64_t slice = 0; slice < HOUR_MS; slice += ART_SLICE_MS) {
    const int32_t before = departures(f.one, slice, slice + ART_SLICE_MS),
                  after = departures(f.out, slice, slice + ART_SLICE_MS);
    assert_true(after >= before && after <= 2 * before);  // copies stay in their slice
  }
  clear(&f);
}

/// Whoever drives at a small scale does at a larger one, at the same time.
static void larger_scales_keep_trips(void **state)
{
  (void)state;
  fixture small = make(0.3, 0, HOUR_MS), large = make(0.8, 0, HOUR_MS);
  assert_in_range(small.out->trip_count, 90, 150);
  art_idmap *ids = art_idmap_new();
  for (int32_t t = 0; t < large.out->trip_count; ++t) art_idmap_put(ids, large.out->trip_id[t]);
  for (int32_t t = 0; t < small.out->trip_count; ++t) {
    const int32_t at = art_idmap_find(ids, small.out->trip_id[t]);
    assert_true(at >= 0);
    assert_int_equal(large.out->trip_depart_ms[at], small.out->trip_depart_ms[t]);
  }
  art_idmap_free(ids);
  clear(&small);
  clear(&large);
}

static void every_hour_the_same(void **state)
{
  (void)state;
  fixture f = make(1.0, HOUR_MS, 5 * HOUR_MS / 2);
  assert_int_equal(f.out->trip_count, 2 * TRIPS + TRIPS / 2);
  for (int32_t t = 0; t < f.out->trip_count; ++t) {
    assert_int_equal(f.out->trip_depart_ms[t], (int64_t)t * HEADWAY_MS);
    assert_int_equal(f.out->trip_route[t], 0);
  }
  assert_string_equal(f.out->trip_id[TRIPS], "t0@2");
  clear(&f);
}

static void refuses_what_cannot_be(void **state)
{
  (void)state;
  fixture f = make(1.0, 0, HOUR_MS);
  art_demand *out;
  art_error err;
  assert_refused(art_demand_multiply(f.one, 1000.0, HOUR_MS, 366 * INT64_C(24) * HOUR_MS, &out, &err),
                 ART_E_INPUT, err, "2^31");
  assert_null(out);
  clear(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(half_as_many_again),
                                      cmocka_unit_test(larger_scales_keep_trips),
                                      cmocka_unit_test(every_hour_the_same),
                                      cmocka_unit_test(refuses_what_cannot_be) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
