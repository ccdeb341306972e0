// Signal plans, batches, calibrations: values arrive, plans are written and read back, kinds of files are
// told apart.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/config/keys.h"
#include "io/config/scenario_internal.h"

static art_yaml *parse(const char *text)
{
  art_error err = { 0 };
  art_yaml *yaml = NULL;
  if (art_yaml_parse("d/f.yaml", text, strlen(text), &yaml, &err) != ART_OK) fail_msg("%s", err.message);
  yaml->skip_files = 1;
  return yaml;
}

static void plans_as_mapping_and_as_list(void **state)
{
  (void)state;
  const char *const texts[] = {
    "arterial: 1\nsignals:\n  A: {program: p1, offset: 12 s, durations: [34 s, 3 s, 500 ms]}\n  209: "
    "{offset: 0, durations: [60]}\n",
    "arterial: 1\nsignals:\n  - {signal: A, program: p1, offset: 12 s, durations: [34 s, 3 s, 500 ms]}\n  - "
    "{signal: 209, offset: 0, "
    "durations: [60]}\n",
  };
  for (int i = 0; i < 2; ++i) {
    art_yaml *yaml = parse(texts[i]);
    art_error err = { 0 };
    art_plan plan;
    if (art_plan_build(yaml, &plan, &err) != ART_OK) fail_msg("%s", err.message);
    art_yaml_free(yaml);
    assert_string_equal(plan.path, "d/f.yaml");
    assert_int_equal(plan.signal_count, 2);
    assert_string_equal(plan.signal[0].signal, "A");
    assert_string_equal(plan.signal[0].program, "p1");
    assert_int_equal(plan.signal[0].offset_ms, 12000);
    assert_int_equal(plan.signal[0].phase_count, 3);
    assert_int_equal(plan.signal[0].duration_ms[2], 500);
    assert_int_equal(plan.signal[0].line, 3);
    assert_string_equal(plan.signal[1].signal, "209");
    assert_null(plan.signal[1].program);
    assert_int_equal(plan.signal[1].line, 4);
    art_plan_clear(&plan);
  }
}

static void plans_are_written_and_read_back(void **state)
{
  (void)state;
  char dir[] = "/tmp/art-plan-XXXXXX", path[64], line[200];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/p.signals.yaml", dir);
  art_tick a[] = { 34000, 3000, 0 }, b[] = { 100001 };
  art_plan_signal signals[] = {
    { .signal = "true", .program = "week day", .offset_ms = 12500, .phase_count = 3, .duration_ms = a },
    { .signal = "x: \"y\"\n# z", .offset_ms = 0, .phase_count = 1, .duration_ms = b },
  };
  const art_plan plan = { .signal_count = 2, .signal = signals };
  art_plan back;
  art_error err = { 0 };
  if (art_plan_write(path, &plan, "made by a test\nsecond line", 0, &err) != ART_OK)
    fail_msg("%s", err.message);
  assert_int_equal(art_plan_write(path, &plan, NULL, 0, &err), ART_E_EXISTS);
  FILE *file = fopen(path, "r");
  assert_non_null(fgets(line, sizeof line, file));
  assert_string_equal(line, "# made by a test\n");
  fclose(file);
  for (int pass = 0; pass < 2; ++pass) {
    if (art_plan_read(path, &back, &err) != ART_OK) fail_msg("%s", err.message);
    assert_int_equal(back.signal_count, 2);
    for (int i = 0; i < 2; ++i) {
      assert_string_equal(back.signal[i].signal, signals[i].signal);
      assert_int_equal(back.signal[i].offset_ms, signals[i].offset_ms);
      assert_int_equal(back.signal[i].phase_count, signals[i].phase_count);
      assert_memory_equal(back.signal[i].duration_ms, signals[i].duration_ms,
                          (size_t)signals[i].phase_count * sizeof(art_tick));
    }
    assert_string_equal(back.signal[0].program, "week day");
    assert_null(back.signal[1].program);
    art_plan_clear(&back);
    assert_int_equal(art_plan_write(path, &plan, "again", 1, &err), ART_OK);
  }
  a[1] = -1;
  assert_int_equal(art_plan_write(path, &plan, NULL, 1, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "accepted: 0 s to 1 h"));
  const art_plan none = { 0 };
  assert_int_equal(art_plan_write(path, &none, NULL, 1, &err), ART_OK);
  assert_int_equal(art_plan_read(path, &back, &err), ART_OK);
  assert_int_equal(back.signal_count, 0);
  art_plan_clear(&back);
  unlink(path);
  rmdir(dir);
  assert_int_equal(art_plan_read(path, &back, &err), ART_E_OPEN);
  assert_int_equal(art_plan_write(path, &none, NULL, 1, &err), ART_E_OPEN);
}

static void batches(void **state)
{
  (void)state;
  static const struct {
    const char *seeds;
    int count;
    uint64_t first, last;
  } cases[] = { { "1..20", 20, 1, 20 },
                { "5 .. 5", 1, 5, 5 },
                { "7", 1, 7, 7 },
                { "[3, 1, 2]", 3, 3, 2 },
                { "18446744073709551614..18446744073709551615", 2, UINT64_MAX - 1, UINT64_MAX } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[200];
    snprintf(text, sizeof text, "arterial: 1\nscenarios: [base.yaml, /x/alt.yaml]\nseeds: %s\noutput: out/\n",
             cases[i].seeds);
    art_yaml *yaml = parse(text);
    art_batch *batch = NULL;
    art_error err = { 0 };
    if (art_batch_build(yaml, &batch, &err) != ART_OK) fail_msg("%s", err.message);
    art_yaml_free(yaml);
    assert_int_equal(batch->seed_count, cases[i].count);
    assert_true(batch->seeds[0] == cases[i].first);
    assert_true(batch->seeds[batch->seed_count - 1] == cases[i].last);
    assert_string_equal(batch->scenario_paths[0], "d/base.yaml");
    assert_string_equal(batch->scenario_paths[1], "/x/alt.yaml");
    assert_string_equal(batch->output_dir, "d/out/");
    art_batch_free(batch);
  }
}

static void calibrations(void **state)
{
  (void)state;
  art_yaml *yaml = parse("arterial: 1\nscenario: base.yaml\nfeed: loops.feed.h5\nselect: {days: weekdays, "
                         "hours: [\"08:00-09:00\"]}\n"
                         "holdout: {share: 0.2, seed: 1}\naccept: {geh5_fitted: 0.85}\n"
                         "output: {demand: calibrated.demand.h5, fit: fit.csv}\n");
  art_calibration *c = NULL;
  art_error err = { 0 };
  if (art_calibration_build(yaml, &c, &err) != ART_OK) fail_msg("%s", err.message);
  art_yaml_free(yaml);
  assert_string_equal(c->scenario_path, "d/base.yaml");
  assert_string_equal(c->feed_path, "d/loops.feed.h5");
  assert_int_equal(c->weekdays_only, 1);
  assert_int_equal(c->from_ms, 8 * 3600000);
  assert_int_equal(c->to_ms, 9 * 3600000);
  assert_int_equal(c->lead_ms, 30 * 60000);
  assert_int_equal(c->min_days, 10);
  assert_float_equal(c->holdout_share, 0.2, 0);
  assert_true(c->holdout_seed == 1);
  assert_int_equal(c->iterations, 12);
  assert_int_equal(c->replications, 1);
  assert_float_equal(c->prior_weight, 0.05, 0);
  assert_float_equal(c->accept_geh5_fitted, 0.85, 0);
  assert_true(c->accept_geh5_heldout < 0);
  assert_true(c->accept_median_geh < 0);
  assert_string_equal(c->demand_out, "d/calibrated.demand.h5");
  assert_string_equal(c->fit_csv_out, "d/fit.csv");
  assert_null(c->fit_h5_out);
  art_calibration_free(c);

  yaml = parse(
      "arterial: 1\nscenario: s\nfeed: f\nselect: {days: all, hours: 07:30-24:00, exclude: [2024-01-01, "
      "2024-01-02],\n"
      " min_days: 3, stations_exclude: [\"2.9 2.10 8 1\"]}\nholdout: {share: 30 %, seed: 9}\nlead: 0 s\n"
      "iterations: 5\nreplications: 2\nprior_weight: 0\naccept: {geh5_heldout: 50 %, median_geh: 2.5}\n"
      "output: {demand: d, fit_h5: e}\n");
  if (art_calibration_build(yaml, &c, &err) != ART_OK) fail_msg("%s", err.message);
  art_yaml_free(yaml);
  assert_int_equal(c->weekdays_only, 0);
  assert_int_equal(c->to_ms, 24 * 3600000);
  assert_int_equal(c->exclude_date_count, 2);
  assert_string_equal(c->exclude_dates[1], "2024-01-02");
  assert_int_equal(c->exclude_station_count, 1);
  assert_string_equal(c->exclude_stations[0], "2.9 2.10 8 1");
  assert_float_equal(c->holdout_share, 0.3, 1e-15);
  assert_float_equal(c->accept_geh5_heldout, 0.5, 0);
  assert_float_equal(c->accept_median_geh, 2.5, 0);
  assert_null(c->fit_csv_out);
  assert_string_equal(c->fit_h5_out, "d/e");
  art_calibration_free(c);
}

static void kinds_are_told_apart(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    art_config_file kind;
  } cases[] = {
    { "{arterial: 1, city: c, demand: d, signals: [p]}", ART_CONFIG_SCENARIO },
    { "{arterial: 1, scenarios: [a], seeds: 1..2}", ART_CONFIG_BATCH },
    { "{arterial: 1, scenario: a, feed: b}", ART_CONFIG_CALIBRATION },
    { "{arterial: 1, signals: {}}", ART_CONFIG_PLAN },
    { "{arterial: 1, other: x}", ART_CONFIG_UNKNOWN },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_yaml *yaml = parse(cases[i].text);
    assert_int_equal(art_config_kind_of(yaml), cases[i].kind);
    art_yaml_free(yaml);
  }
}

/// The tables keep their own rules: at most 64 rows, sentences that end, defaults inside the range of their
/// row.
static void tables_are_sound(void **state)
{
  (void)state;
  static const art_key_table *const tables[] = {
#define X(name, type) &art_keys_##name,
    ART_KEY_TABLE_LIST(X)
#undef X
  };
  for (size_t t = 0; t < sizeof tables / sizeof *tables; ++t) {
    assert_in_range(tables[t]->count, 1, 64);
    for (int i = 0; i < tables[t]->count; ++i) {
      const art_key *key = &tables[t]->key[i];
      const size_t length = strlen(key->sentence);
      assert_true(length > 5 && key->sentence[length - 1] == '.');
      assert_null(strchr(key->sentence, '|'));
      assert_false(key->is_required && key->initial);
      assert_true(key->lowest <= key->highest);
      if (key->type == ART_KEY_SAMPLING) assert_non_null(strstr(key[1].path, ".every"));
      for (int k = 0; k < i; ++k) assert_string_not_equal(key->path, tables[t]->key[k].path);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(plans_as_mapping_and_as_list),
    cmocka_unit_test(plans_are_written_and_read_back),
    cmocka_unit_test(batches),
    cmocka_unit_test(calibrations),
    cmocka_unit_test(kinds_are_told_apart),
    cmocka_unit_test(tables_are_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
