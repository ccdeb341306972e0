/// What may differ between a checkpoint and the run that goes on from it, and when the wall time ends.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "scenarios/run/identity.h"
#include "scenarios/run/walltime.h"
#include "tests/support/check.h"

static const char config[] = "title: \"grid\"\n"
                             "city: \"g.city.h5\"\n"
                             "demand: [\"g.demand.h5\"]\n"
                             "time:\n"
                             "  begin: 0 s\n"
                             "  end: 00:10:00\n"
                             "  step: 0.5 s\n"
                             "seed: 1\n"
                             "models:\n"
                             "  car_following: iidm\n"
                             "threads: auto\n"
                             "outputs:\n"
                             "  links: {every: 60 s}\n"
                             "interventions:\n"
                             "  - close:\n"
                             "      links: [\"a\"]\n"
                             "      from: 00:01:40\n"
                             "      to: 00:10:00\n"
                             "  - close:\n"
                             "      links: [\"b\"]\n"
                             "      to: 00:05:00\n";

/// The configuration with one text put for another.
static char *with(const char *old, const char *new)
{
  const char *at = strstr(config, old);
  assert_non_null(at);
  char *text = malloc(sizeof config + strlen(new) + 1);
  assert_non_null(text);
  sprintf(text, "%.*s%s%s", (int)(at - config), config, new, at + strlen(old));
  return text;
}

static void end_names_and_threads_may_differ(void **state)
{
  (void)state;
  static const char *const free_changes[][2] = { { "\"grid\"", "\"other\"" },
                                                 { "g.city.h5", "moved/g.city.h5" },
                                                 { "\"g.demand.h5\"", "\"x.h5\"" },
                                                 { "threads: auto", "threads: 2" },
                                                 { "seed: 1", "seed: 2" } };  // compared as a number elsewhere
  char difference[300];
  assert_true(art_identity_config(config, config, difference, sizeof difference));
  for (size_t i = 0; i < sizeof free_changes / sizeof *free_changes; ++i) {
    char *other = with(free_changes[i][0], free_changes[i][1]);
    if (!art_identity_config(config, other, difference, sizeof difference))
      fail_msg("%s: %s", free_changes[i][1], difference);
    free(other);
  }
}

/// A change that lasts until the end of the run goes on until the new end; one that ended before must end at the same time.
static void changes_until_the_end_move_with_it(void **state)
{
  (void)state;
  char difference[300];
  char *longer = with("end: 00:10:00", "end: 00:20:00");
  assert_false(art_identity_config(config, longer, difference, sizeof difference));
  assert_non_null(strstr(difference, "'to: end' at the checkpoint, 'to: 00:10:00' now"));
  char *at = strstr(longer, "to: 00:10:00");
  memcpy(at, "to: 00:20:00", 12);
  assert_true(art_identity_config(config, longer, difference, sizeof difference));
  memcpy(strstr(longer, "to: 00:05:00"), "to: 00:20:00", 12);
  assert_false(art_identity_config(config, longer, difference, sizeof difference));
  assert_non_null(strstr(difference, "interventions"));
  free(longer);
}

static void what_differs_is_named(void **state)
{
  (void)state;
  static const char *const changes[][4] = {
    { "step: 0.5 s", "step: 1 s", "'time'", "'step: 0.5 s' at the checkpoint, 'step: 1 s' now" },
    { "begin: 0 s", "begin: 10 s", "'time'", "begin: 10 s" },
    { "iidm", "idm", "'models'", "car_following: idm" },
    { "{every: 60 s}", "false", "'outputs'", "'links: false' now" },
    { "      to: 00:05:00\n", "", "'interventions'", "nothing now" },
    { "outputs:\n", "outputs:\n  x: 1\n", "'outputs'", "x: 1" },
  };
  char difference[300];
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    char *other = with(changes[i][0], changes[i][1]);
    assert_false(art_identity_config(config, other, difference, sizeof difference));
    for (int k = 2; k < 4; ++k)
      if (!strstr(difference, changes[i][k])) fail_msg("no %s in: %s", changes[i][k], difference);
    free(other);
  }
}

static void everything_else_has_to_be_equal(void **state)
{
  (void)state;
  art_error err = { ART_OK, "" };
  art_source first[2] = { { .path = (char *)"a.city.h5" }, { .path = (char *)"a.demand.h5" } }, second[2];
  memset(first[0].sha256, 'a', 64);
  memset(first[1].sha256, 'b', 64);
  memcpy(second, first, sizeof second);
  const art_checkpoint saved = { .version = (char *)"1",
                                 .config = (char *)config,
                                 .seed = 7,
                                 .input_count = 2,
                                 .input = first,
                                 .has_results = 1,
                                 .threads = 1,
                                 .ranks = 1,
                                 .now_ms = 300000,
                                 .end_ms = 600000 };
  art_checkpoint run = saved;
  run.input = second;
  run.now_ms = 0;
  run.threads = 8;
  run.ranks = 4;
  second[0].path = (char *)"elsewhere/a.city.h5";
  run.end_ms = 300000;
  assert_ok(art_identity_check("f", &saved, &run, &err), err);
  run.end_ms = 299500;
  assert_refused(art_identity_check("f", &saved, &run, &err), ART_E_INPUT, err, "f: ", "00:05:00", "time.end");
  run.end_ms = 900000;
  run.seed = 8;
  second[1].sha256[0] = 'c';
  run.has_results = 0;
  assert_refused(art_identity_check("f", &saved, &run, &err), ART_E_INPUT, err, "the seed (7 at the checkpoint, 8 now)",
                 "the contents of a.demand.h5", "writes no results", "may differ");
  if (strstr(err.message, "city")) fail_msg("the city is the same: %s", err.message);
  run = saved;
  run.input_count = 1;
  assert_refused(art_identity_check("f", &saved, &run, &err), ART_E_INPUT, err, "number of input files (2");
  run = saved;
  run.version = (char *)"2";
  assert_refused(art_identity_check("f", &saved, &run, &err), ART_E_INPUT, err, "arterial 1, this is 2");
}

static double left(const char *text, double since_s)
{
  art_error err = { ART_OK, "" };
  double left_s = -1.0;
  assert_ok(art_walltime_left(text, since_s, &left_s, &err), err);
  return left_s;
}

static void wall_times_are_read(void **state)
{
  (void)state;
  art_error err = { ART_OK, "" };
  double left_s;
  char text[32];
  unsetenv("SLURM_JOB_END_TIME");
  unsetenv("PBS_WALLTIME");
  assert_true(isinf(left(NULL, 0.0)) && isinf(left("auto", 5.0)));
  assert_float_equal(left("01:30:00", 10.0), 5390.0, 1e-9);
  assert_float_equal(left("1-00:00:10", 0.0), 86410.0, 1e-9);
  assert_float_equal(left("2-00:00:00", 0.0), 172800.0, 1e-9);
  assert_float_equal(left("90 min", 0.0), 5400.0, 1e-9);
  assert_refused(art_walltime_left("soon", 0.0, &left_s, &err), ART_E_USAGE, err, "--walltime: 'soon'");
  assert_refused(art_walltime_left("0", 0.0, &left_s, &err), ART_E_USAGE, err, "leaves no time");
  setenv("PBS_WALLTIME", "3600", 1);
  assert_float_equal(left("auto", 100.0), 3500.0, 1e-9);
  snprintf(text, sizeof text, "%lld", (long long)time(NULL) + 500);
  setenv("SLURM_JOB_END_TIME", text, 1);
  assert_float_equal(left("auto", 100.0), 500.0, 2.0);  // an instant; when the run began does not matter
  assert_float_equal(left("00:00:30", 0.0), 30.0, 1e-9);
  setenv("SLURM_JOB_END_TIME", "tomorrow", 1);
  assert_refused(art_walltime_left("auto", 0.0, &left_s, &err), ART_E_INPUT, err, "SLURM_JOB_END_TIME is 'tomorrow'");
  unsetenv("SLURM_JOB_END_TIME");
  setenv("PBS_WALLTIME", "-", 1);
  assert_refused(art_walltime_left("auto", 0.0, &left_s, &err), ART_E_INPUT, err, "PBS_WALLTIME is '-'");
  unsetenv("PBS_WALLTIME");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(end_names_and_threads_may_differ),
    cmocka_unit_test(changes_until_the_end_move_with_it),
    cmocka_unit_test(what_differs_is_named),
    cmocka_unit_test(everything_else_has_to_be_equal),
    cmocka_unit_test(wall_times_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
