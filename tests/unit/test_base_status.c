#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/status.h"

static void exit_codes_are_the_documented_ones(void **state)
{
  (void)state;
  assert_int_equal(art_status_exit_code(ART_OK), 0);
  assert_int_equal(art_status_exit_code(ART_E_USAGE), 2);
  assert_int_equal(art_status_exit_code(ART_E_INPUT), 3);
  assert_int_equal(art_status_exit_code(ART_E_INTERNAL), 4);
  assert_int_equal(art_status_exit_code(ART_E_IO), 5);
  assert_int_equal(art_status_exit_code(ART_E_NOT_ACCEPTED), 6);
  assert_int_equal(art_status_exit_code(ART_E_STOPPED), 75);
  assert_int_equal(art_status_exit_code((art_status)999), 4);
  assert_string_equal(art_status_text(ART_OK), "no error");
  assert_string_equal(art_status_text((art_status)999), "unknown status");
}

static void messages_are_formatted_and_prefixed(void **state)
{
  (void)state;
  art_error err = { 0 };
  assert_int_equal(art_fail(&err, ART_E_INPUT, "speed is %d; it must be %d to %d", -1, 0, 50), ART_E_INPUT);
  assert_string_equal(err.message, "speed is -1; it must be 0 to 50");
  assert_int_equal(art_fail_prefix(&err, "%s:%d: ", "net.xml", 12), ART_E_INPUT);
  assert_string_equal(err.message, "net.xml:12: speed is -1; it must be 0 to 50");
  assert_int_equal(err.status, ART_E_INPUT);
  assert_int_equal(art_fail(NULL, ART_E_IO, "nobody listens"), ART_E_IO);
}

static void long_messages_are_cut_not_overrun(void **state)
{
  (void)state;
  char text[4000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  art_error err = { 0 };
  art_fail(&err, ART_E_INPUT, "%s", text);
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
  art_fail_prefix(&err, "file: ");
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
  assert_memory_equal(err.message, "file: xxx", 9);
  art_fail_prefix(&err, "%s", text);
  assert_int_equal(strlen(err.message), sizeof err.message - 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(exit_codes_are_the_documented_ones),
    cmocka_unit_test(messages_are_formatted_and_prefixed),
    cmocka_unit_test(long_messages_are_cut_not_overrun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
