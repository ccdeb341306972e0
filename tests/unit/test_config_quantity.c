// Quantities: exact times, units, refusals, and formats that read back.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/config/quantity.h"

static void times_are_exact_milliseconds(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    art_tick ms;
  } cases[] = {
    { "0.5 s", 500 },         { "500 ms", 500 },        { "20 min", 1200000 },
    { "1 h", 3600000 },       { "2 d", 172800000 },     { "08:00:00", 28800000 },
    { "08:00", 28800000 },    { "8:05", 29100000 },     { "90", 90000 },
    { "0.001", 1 },           { "-30 s", -30000 },      { "08:00:00.25", 28800250 },
    { "25:30:00", 91800000 }, { "0.1 s", 100 },         { "1.5min", 90000 },
    { "0.0000125 h", 45 },    { "12.000000 s", 12000 }, { ".5", 500 },
    { "5.", 5000 },           { "00:00:00.0010", 1 },   { "0.00001 min", -1 },
    { "0.0005 s", -1 },       { "08:00:00.0001", -1 },  { "0.3333333333 h", -1 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_tick ms = -7;
    const char *problem = art_quantity_time(cases[i].text, &ms);
    if (cases[i].ms == -1) {
      assert_non_null(problem);
      assert_string_equal(problem, "is finer than 1 ms");
    } else {
      if (problem) fail_msg("%s: %s", cases[i].text, problem);
      assert_int_equal(ms, cases[i].ms);
    }
  }
}

static void what_is_not_a_time_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = { "",
                                     "s",
                                     "abc",
                                     "1 km",
                                     "30 km/h",
                                     "1 S",
                                     "1e3",
                                     "1 2",
                                     "1..2",
                                     "08:60",
                                     "08:00:61",
                                     "8:0",
                                     ":30",
                                     "08:00:",
                                     "1:2:3",
                                     "08:00:00:00",
                                     "--1 s",
                                     "1 s s",
                                     "08:00:00.x",
                                     "123456:00",
                                     "1 msec",
                                     "99999999999999999999 s",
                                     "9999999999999 h",
                                     "-08:00",
                                     "08:00 h",
                                     "08:00:00 s" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    art_tick ms;
    if (!art_quantity_time(bad[i], &ms)) fail_msg("'%s' was taken for %lld ms", bad[i], (long long)ms);
  }
}

static void speeds_convert(void **state)
{
  (void)state;
  double v = 0;
  assert_null(art_quantity_speed("36 km/h", &v));
  assert_float_equal(v, 10.0, 1e-15);
  assert_null(art_quantity_speed("13.9", &v));
  assert_float_equal(v, 13.9, 0);
  assert_null(art_quantity_speed("13.9 m/s", &v));
  assert_float_equal(v, 13.9, 0);
  assert_null(art_quantity_speed("30mph", &v));
  assert_float_equal(v, 13.4112, 1e-12);  // 1609.344 m x 30 / 3600 s
  assert_non_null(art_quantity_speed("30 s", &v));
  assert_non_null(art_quantity_speed("fast", &v));
  assert_non_null(art_quantity_speed("nan", &v));
  assert_non_null(art_quantity_speed("1e999", &v));
}

static void numbers_and_dates(void **state)
{
  (void)state;
  double x;
  int64_t n;
  uint64_t seed;
  int flag;
  assert_null(art_quantity_real("20 %", &x));
  assert_float_equal(x, 0.2, 0);
  assert_null(art_quantity_real("1e-3", &x));
  assert_float_equal(x, 1e-3, 0);
  assert_non_null(art_quantity_real("0x10", &x));
  assert_non_null(art_quantity_real("inf", &x));
  assert_null(art_quantity_integer("-12", &n));
  assert_int_equal(n, -12);
  assert_non_null(art_quantity_integer("1.0", &n));
  assert_non_null(art_quantity_integer("", &n));
  assert_non_null(art_quantity_integer("99999999999999999999", &n));
  assert_null(art_quantity_seed("18446744073709551615", &seed));
  assert_true(seed == UINT64_MAX);
  assert_non_null(art_quantity_seed("18446744073709551616", &seed));
  assert_non_null(art_quantity_seed("-1", &seed));
  assert_null(art_quantity_bool("off", &flag));
  assert_int_equal(flag, 0);
  assert_non_null(art_quantity_bool("1", &flag));
  assert_null(art_quantity_date("2024-02-29"));
  assert_null(art_quantity_date("2000-02-29"));
  assert_non_null(art_quantity_date("2023-02-29"));
  assert_non_null(art_quantity_date("2100-02-29"));
  assert_non_null(art_quantity_date("2024-13-01"));
  assert_non_null(art_quantity_date("2024-04-31"));
  assert_non_null(art_quantity_date("2024-4-1"));
  assert_non_null(art_quantity_date("20240401"));
}

/// What is printed reads back to the same bits, over magnitudes.
static void formats_read_back(void **state)
{
  (void)state;
  uint64_t x = 88172645463325252u;  // xorshift64
  for (int i = 0; i < 20000; ++i) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    const art_tick ms = (art_tick)(x >> (20 + x % 40)) * (x & 1 ? 1 : -1);
    char text[ART_QUANTITY_TEXT];
    art_tick back = 0;
    art_quantity_print_duration(ms, text);
    assert_null(art_quantity_time(text, &back));
    assert_int_equal(back, ms);
    art_quantity_print_clock(ms, text);
    assert_null(art_quantity_time(text, &back));
    assert_int_equal(back, ms);
    art_quantity_print_pretty(ms, text);
    assert_null(art_quantity_time(text, &back));
    assert_int_equal(back, ms);
    const double real = (double)x / (double)(1u << (x % 31)) * 1e-9;
    double real_back = 0;
    art_quantity_print_double(real, text);
    assert_null(art_quantity_real(text, &real_back));
    assert_true(real_back == real);
    art_quantity_print_float((float)real, text);
    assert_null(art_quantity_real(text, &real_back));
    assert_true((float)real_back == (float)real);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(times_are_exact_milliseconds),
    cmocka_unit_test(what_is_not_a_time_is_refused),
    cmocka_unit_test(speeds_convert),
    cmocka_unit_test(numbers_and_dates),
    cmocka_unit_test(formats_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
