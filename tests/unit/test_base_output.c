// Outputs looked at before the work: what may be written, and what would destroy an input.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/output.h"

static char folder[64];

static char *in_folder(const char *name)
{
  static char text[16][160];
  static int next;
  char *const path = text[next++ % 16];
  snprintf(path, sizeof text[0], "%s/%s", folder, name);
  return path;
}

static void make_file(const char *path)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
}

static int start(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/art_output_XXXXXX");
  if (!mkdtemp(folder)) return 1;
  make_file(in_folder("there"));
  return 0;
}

static int stop(void **state)
{
  (void)state;
  unlink(in_folder("linked"));
  unlink(in_folder("hard"));
  unlink(in_folder("there"));
  return rmdir(folder);
}

static void new_and_forced_files_may_be_written(void **state)
{
  (void)state;
  art_error err = { 0 };
  assert_int_equal(art_output_check(NULL, 0, &err), ART_OK);
  assert_int_equal(art_output_check(in_folder("new"), 0, &err), ART_OK);
  assert_int_equal(art_output_check(in_folder("there"), 1, &err), ART_OK);
}

static void others_are_refused_with_a_reason(void **state)
{
  (void)state;
  art_error err = { 0 };
  assert_int_equal(art_output_check(in_folder("there"), 0, &err), ART_E_EXISTS);
  assert_non_null(strstr(err.message, "there: exists already; --force overwrites it"));
  assert_int_equal(art_output_check(folder, 1, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "a folder, not a file"));
  assert_int_equal(art_output_check(in_folder("missing/new"), 1, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "No such file or directory"));
  assert_int_equal(art_output_check(in_folder("there/new"), 1, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "is not a folder"));
}

static void an_input_is_known_by_any_name(void **state)
{
  (void)state;
  art_error err = { 0 };
  const char *const inputs[] = { NULL, in_folder("gone"), in_folder("there") };
  assert_int_equal(symlink("there", in_folder("linked")), 0);
  assert_int_equal(link(inputs[2], in_folder("hard")), 0);
  assert_int_equal(art_output_check_apart(inputs[2], 3, inputs, &err), ART_E_USAGE);
  assert_int_equal(art_output_check_apart(in_folder("./there"), 3, inputs, &err), ART_E_USAGE);
  assert_int_equal(art_output_check_apart(in_folder("linked"), 3, inputs, &err), ART_E_USAGE);
  assert_int_equal(art_output_check_apart(in_folder("hard"), 3, inputs, &err), ART_E_USAGE);
  assert_int_equal(art_output_check_apart(inputs[2], 2, inputs, &err), ART_OK);
  assert_int_equal(art_output_check_apart(in_folder("gone"), 3, inputs, &err), ART_OK);
  assert_int_equal(art_output_check_apart(NULL, 3, inputs, &err), ART_OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(new_and_forced_files_may_be_written),
    cmocka_unit_test(others_are_refused_with_a_reason),
    cmocka_unit_test(an_input_is_known_by_any_name),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
