/// Time axes: the offset of a time zone on a date. Known from the law: Central European Time is UTC+1, in
/// summer (last Sunday of
/// March, 01:00 UTC, to last Sunday of October) UTC+2.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "io/results/results.h"
#include "tests/support/check.h"

static void offsets_are_right(void **state)
{
  (void)state;
  static const struct {
    const char *date, *zone;
    art_tick begin_ms;
    const char *expected;
  } cases[] = {
    { "2024-02-13", "Europe/Rome", 28800000, "seconds since 2024-02-13T00:00:00+01:00" },
    { "2024-07-13", "Europe/Rome", 28800000, "seconds since 2024-07-13T00:00:00+02:00" },
    { "2024-03-31", "Europe/Rome", 3600000,
      "seconds since 2024-03-31T00:00:00+01:00" },  // before the change of 02:00
    { "2024-03-31", "Europe/Rome", 28800000, "seconds since 2024-03-31T00:00:00+02:00" },  // after it
    { "2024-03-30", "Europe/Rome", 115200000,
      "seconds since 2024-03-30T00:00:00+02:00" },  // 32:00, the next day
    { "2026-03-02", "Asia/Shanghai", 0, "seconds since 2026-03-02T00:00:00+08:00" },
    { "2024-01-15", "America/St_Johns", 43200000, "seconds since 2024-01-15T00:00:00-03:30" },
    { "2024-01-15", "UTC", 0, "seconds since 2024-01-15T00:00:00+00:00" },
    { "2024-01-15", NULL, 0, "seconds since 2024-01-15T00:00:00+00:00" },
    { "2024-01-15", "-04:30", 0, "seconds since 2024-01-15T00:00:00-04:30" },
    { "2024-02-29", "+0545", 0, "seconds since 2024-02-29T00:00:00+05:45" },
    { NULL, "Europe/Rome", 0, "seconds since 1970-01-01T00:00:00+00:00" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[64];
    art_error err = { 0 };
    assert_ok(art_time_units(cases[i].date, cases[i].zone, cases[i].begin_ms, text, sizeof text, &err), err);
    assert_string_equal(text, cases[i].expected);
  }
}

static void nonsense_is_refused(void **state)
{
  (void)state;
  char text[64];
  art_error err = { 0 };
  static const char *const dates[] = {
    "2023-02-29", "2024-13-01", "2024-2-3", "13.02.2024", "2024-02-13x", ""
  };
  for (size_t i = 0; i < sizeof dates / sizeof *dates; ++i)
    assert_refused(art_time_units(dates[i], NULL, 0, text, sizeof text, &err), ART_E_INPUT, err,
                   "2024-02-13");
  static const char *const zones[] = { "Mars/Olympus",    "",       "/etc/localtime",
                                       "../zoneinfo/UTC", "+25:00", "CET-1CEST" };
  for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i)
    assert_refused(art_time_units("2024-02-13", zones[i], 0, text, sizeof text, &err), ART_E_INPUT, err,
                   zones[i]);
}

/// The zone of the process stays what it was.
static void environment_is_left_alone(void **state)
{
  (void)state;
  char text[64];
  art_error err = { 0 };
  setenv("TZ", "Asia/Tokyo", 1);
  assert_ok(art_time_units("2024-02-13", "Europe/Rome", 0, text, sizeof text, &err), err);
  assert_string_equal(getenv("TZ"), "Asia/Tokyo");
  unsetenv("TZ");
  assert_ok(art_time_units("2024-02-13", "Europe/Rome", 0, text, sizeof text, &err), err);
  assert_null(getenv("TZ"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(offsets_are_right),
    cmocka_unit_test(nonsense_is_refused),
    cmocka_unit_test(environment_is_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
