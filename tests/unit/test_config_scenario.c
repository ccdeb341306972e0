// Scenarios: values and defaults arrive, overrides win, and the resolved configuration reads back to itself.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/fleet/demand.h"
#include "core/net/gaps.h"
#include "io/config/scenario_internal.h"

static art_scenario *build(const char *name, const char *text)
{
  art_error err = { 0 };
  art_yaml *yaml = NULL;
  art_scenario *scenario = NULL;
  if (art_yaml_parse(name, text, strlen(text), &yaml, &err) != ART_OK) fail_msg("%s", err.message);
  yaml->skip_files = 1;
  if (art_scenario_build(yaml, &scenario, &err) != ART_OK) fail_msg("%s", err.message);
  art_yaml_free(yaml);
  return scenario;
}

static const char smallest[] = "arterial: 1\ncity: c.city.h5\ndemand: d.demand.h5\ntime: {end: 1 h}\n";

static void defaults_are_the_documented_ones(void **state)
{
  (void)state;
  art_scenario *s = build("runs/small.yaml", smallest);
  assert_string_equal(s->path, "runs/small.yaml");
  assert_string_equal(s->title, "small");
  assert_string_equal(s->city_path, "runs/c.city.h5");
  assert_int_equal(s->demand_count, 1);
  assert_string_equal(s->demand_paths[0], "runs/d.demand.h5");
  assert_null(s->date);
  assert_null(s->timezone);
  assert_int_equal(s->begin_ms, 0);
  assert_int_equal(s->end_ms, 3600000);
  assert_int_equal(s->demand_shift_ms, 0);
  assert_int_equal(s->warmup_ms, 0);
  assert_int_equal(s->step_ms, 500);
  assert_true(s->seed == 1);
  assert_int_equal(s->model, ART_MODEL_IIDM);
  assert_int_equal(s->gap_source, ART_GAPS_CITY);
  assert_int_equal(s->threads, 0);
  assert_int_equal(s->links_every_ms, 60000);
  assert_int_equal(s->movements_every_ms, 0);
  assert_int_equal(s->detectors_every_ms, 0);
  assert_int_equal(s->totals_every_ms, 10000);
  assert_int_equal(s->trajectories_every_ms, 0);
  assert_int_equal(s->trips, 1);
  assert_int_equal(s->signals, 1);
  assert_int_equal(s->detectors, 1);
  assert_int_equal(s->intervention_count, 0);
  assert_int_equal(s->plan_count, 0);
  art_scenario_free(s);
}

static const char full[] =
    "arterial: 1\n"
    "title: \"A: morning \\u2028 \\\"peak\\\" \\x07 è\"\n"
    "city: /data/bologna.city.h5\n"
    "demand: [a.demand.h5, sub/b.demand.h5]\n"
    "time: {date: 2024-02-13, timezone: UTC, begin: 08:00:00, end: 09:30, step: 250 ms, warmup: 20 min,\n"
    "       demand_start: 08:00}\n"
    "seed: 18446744073709551615\n"
    "models: {car_following: idm, gap_acceptance: hcm}\n"
    "people: {per_crossing: 250}\n"
    "threads: 3\n"
    "outputs:\n"
    "  links: false\n"
    "  movements: {every: 5 min}\n"
    "  detectors: {every: 30 s}\n"
    "  totals: {every: 1 s}\n"
    "  trips: no\n"
    "  signals: off\n"
    "  trajectories: true\n"
    "interventions:\n"
    "  - retime: {signal: 209, cycle: 80 s}\n"
    "  - close:\n"
    "      links: [a12, \"b 1\"]\n"
    "      lane: 1\n"
    "      from: 08:10:00\n"
    "  - speed: {links: c, limit: 30 km/h, to: 08:40:00}\n"
    "  - permit: {links: c, lane: 0, classes: [bus, taxi], from: 08:05:00}\n"
    "  - switch: {signal: 209, program: off, from: 08:20:00}\n"
    "controllers:\n"
    "  - {signals: [209, b], program: night, control: max_pressure, min_green: 6 s, recall: min, coordinated: 2,\n"
    "     sensor_line: 0, settings: {decide_every_s: 10, is_coordinated: 1}}\n"
    "  - {signals: all, control: user, library: lib/mine.so, options: fast}\n"
    "signals: [p.signals.yaml]\n";

static void every_key_arrives(void **state)
{
  (void)state;
  art_scenario *s = build("x/full.yaml", full);
  assert_string_equal(s->city_path, "/data/bologna.city.h5");
  assert_string_equal(s->demand_paths[1], "x/sub/b.demand.h5");
  assert_string_equal(s->date, "2024-02-13");
  assert_string_equal(s->timezone, "UTC");
  assert_int_equal(s->begin_ms, 28800000);
  assert_int_equal(s->end_ms, 34200000);
  assert_int_equal(s->demand_shift_ms, 28800000);
  assert_int_equal(s->warmup_ms, 1200000);
  assert_int_equal(s->step_ms, 250);
  assert_true(s->seed == UINT64_MAX);
  assert_int_equal(s->model, ART_MODEL_IDM);
  assert_int_equal(s->gap_source, ART_GAPS_HCM);
  assert_float_equal(s->people_per_h, 250, 0);
  assert_int_equal(s->threads, 3);
  assert_int_equal(s->links_every_ms, 0);
  assert_int_equal(s->movements_every_ms, 300000);
  assert_int_equal(s->detectors_every_ms, 30000);
  assert_int_equal(s->totals_every_ms, 1000);
  assert_int_equal(s->trajectories_every_ms, 1000);
  assert_int_equal(s->trips + s->signals, 0);
  assert_int_equal(s->detectors, 1);
  assert_int_equal(s->intervention_count, 5);
  assert_int_equal(s->intervention[4].kind, ART_INTERVENTION_SWITCH);
  assert_string_equal(s->intervention[4].signal, "209");
  assert_string_equal(s->intervention[4].program, "off");
  assert_int_equal(s->intervention[4].from_ms, 30000000);
  assert_int_equal(s->intervention[4].to_ms, s->end_ms);
  assert_int_equal(s->controller_count, 2);
  const art_controller *first = &s->controller[0], *second = &s->controller[1];
  assert_int_equal(first->signal_count, 2);
  assert_string_equal(first->signals[1], "b");
  assert_string_equal(first->program, "night");
  assert_int_equal(first->control, ART_CONTROL_MAX_PRESSURE + 1);
  assert_int_equal(first->min_green_ms, 6000);
  assert_int_equal(first->max_green_ms, -1);
  assert_int_equal(first->recall, ART_RECALL_LEAST);
  assert_int_equal(first->coordinated, 2);
  assert_true(first->sensor_line_m == 0.0 && first->sensor_upstream_m == 40.0);
  assert_true(first->setting[ART_CONTROL_VALUE_decide_every_s] == 10.0);
  assert_true(first->setting[ART_CONTROL_VALUE_is_coordinated] == 1.0);
  assert_true(first->setting[ART_CONTROL_VALUE_sotl_reach_m] == -1.0);
  assert_null(first->library);
  assert_string_equal(second->signals[0], "all");
  assert_int_equal(second->control, ART_CONTROL_USER + 1);
  assert_string_equal(second->library, "x/lib/mine.so");
  assert_string_equal(second->options, "fast");
  assert_int_equal(s->intervention[3].kind, ART_INTERVENTION_PERMIT);
  assert_int_equal(s->intervention[3].permitted, 1u << ART_VCLASS_BUS | 1u << ART_VCLASS_TAXI);
  assert_int_equal(s->intervention[3].lane, 0);
  assert_int_equal(s->intervention[3].from_ms, 29100000);
  const art_intervention *retime = &s->intervention[0], *close = &s->intervention[1],
                         *speed = &s->intervention[2];
  assert_int_equal(retime->kind, ART_INTERVENTION_RETIME);
  assert_int_equal(retime->line, 20);
  assert_string_equal(retime->signal, "209");
  assert_int_equal(retime->cycle_ms, 80000);
  assert_int_equal(retime->offset_ms, -1);
  assert_int_equal(close->kind, ART_INTERVENTION_CLOSE);
  assert_int_equal(close->line, 21);
  assert_int_equal(close->link_count, 2);
  assert_string_equal(close->links[1], "b 1");
  assert_int_equal(close->lane, 1);
  assert_int_equal(close->from_ms, 29400000);
  assert_int_equal(close->to_ms, 34200000);
  assert_int_equal(speed->kind, ART_INTERVENTION_SPEED);
  assert_int_equal(speed->line, 25);
  assert_int_equal(speed->lane, -1);
  assert_float_equal(speed->speed_mps, 30 / 3.6, 1e-6);
  assert_int_equal(speed->from_ms, 28800000);
  assert_int_equal(speed->to_ms, 31200000);
  assert_int_equal(s->plan_count, 1);
  assert_string_equal(s->plan[0].path, "x/p.signals.yaml");
  art_scenario_free(s);
}

/// The resolved text, read again, gives the same text and values: nothing is lost, nothing is left to
/// defaults.
static void resolved_text_reads_back_to_itself(void **state)
{
  (void)state;
  const char *const texts[] = { smallest, full };
  for (int i = 0; i < 2; ++i) {
    art_scenario *first = build("x/y/case.yaml", texts[i]);
    art_scenario *second = build("x/y/case.yaml", first->config_text);
    assert_string_equal(first->config_text, second->config_text);
    assert_string_equal(first->title, second->title);
    assert_string_equal(first->city_path, second->city_path);
    assert_int_equal(first->warmup_ms, second->warmup_ms);
    assert_true(first->seed == second->seed);
    assert_int_equal(first->detectors, second->detectors);
    assert_int_equal(first->detectors_every_ms, second->detectors_every_ms);
    for (int32_t k = 0; k < first->intervention_count; ++k) {
      assert_true(first->intervention[k].speed_mps == second->intervention[k].speed_mps);
      assert_int_equal(first->intervention[k].to_ms, second->intervention[k].to_ms);
    }
    art_scenario_free(first);
    art_scenario_free(second);
  }
}

static void anchors_and_json_are_yaml_too(void **state)
{
  (void)state;
  art_scenario *s = build(
      "j.yaml",
      "{\"arterial\": 1, \"city\": \"c\", \"demand\": [&d \"x\", *d], \"time\": {\"end\": \"5400 s\"}}");
  assert_string_equal(s->city_path, "c");
  assert_string_equal(s->demand_paths[1], "x");
  assert_int_equal(s->end_ms, 5400000);
  art_scenario_free(s);
}

static void write_text(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

/// On disk: inputs exist, plans are read at once, overrides win.
static void files_and_overrides(void **state)
{
  (void)state;
  char dir[] = "/tmp/art-config-XXXXXX", path[64], city[64], demand[64], plan[64];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/s.yaml", dir);
  snprintf(city, sizeof city, "%s/c.city.h5", dir);
  snprintf(demand, sizeof demand, "%s/d.demand.h5", dir);
  snprintf(plan, sizeof plan, "%s/p.signals.yaml", dir);
  write_text(path, smallest);
  art_error err = { 0 };
  art_scenario *s = NULL;
  assert_int_equal(art_scenario_read(path, 0, NULL, &s, &err), ART_E_INPUT);
  assert_null(s);
  assert_non_null(strstr(err.message, "s.yaml:2:7: city: "));
  assert_non_null(strstr(err.message, "No such file"));
  write_text(city, "");
  assert_int_equal(art_scenario_read(path, 0, NULL, &s, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "s.yaml:3:9: demand: "));
  write_text(demand, "");
  assert_int_equal(art_scenario_read(path, 0, NULL, &s, &err), ART_OK);
  art_scenario_free(s);

  char *sets[] = { "time.step=0.1",
                   "title=A: b",
                   "outputs.links=false",
                   "outputs.trajectories.every=2 s",
                   "time.begin=30 min",
                   "demand=[d.demand.h5, d.demand.h5]",
                   "signals=p.signals.yaml",
                   "interventions=[{close: {links: a}}]",
                   "interventions.0.close.lane=2",
                   "seed=7" };
  const int count = sizeof sets / sizeof *sets;
  assert_int_equal(art_scenario_read(path, count, sets, &s, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "--set signals=p.signals.yaml: signals: "));
  write_text(plan, "arterial: 1\nsignals: {A: {offset: 3 s, durations: [30 s, 3]}}\n");
  if (art_scenario_read(path, count, sets, &s, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(s->step_ms, 100);
  assert_string_equal(s->title, "A: b");
  assert_int_equal(s->links_every_ms, 0);
  assert_int_equal(s->trajectories_every_ms, 2000);
  assert_int_equal(s->begin_ms, 1800000);
  assert_int_equal(s->demand_count, 2);
  assert_int_equal(s->intervention_count, 1);
  assert_int_equal(s->intervention[0].lane, 2);
  assert_true(s->seed == 7);
  assert_int_equal(s->plan_count, 1);
  assert_int_equal(s->plan[0].signal[0].duration_ms[1], 3000);

  char again[64];
  art_scenario *second = NULL;
  snprintf(again, sizeof again, "%s/again.yaml", dir);
  write_text(again, s->config_text);
  if (art_scenario_read(again, 0, NULL, &second, &err) != ART_OK) fail_msg("%s", err.message);
  assert_string_equal(s->config_text, second->config_text);
  art_scenario_free(second);
  art_scenario_free(s);
  assert_int_equal(art_config_kind(path), ART_CONFIG_SCENARIO);
  assert_int_equal(art_config_kind(plan), ART_CONFIG_PLAN);
  assert_int_equal(art_config_kind(dir), ART_CONFIG_UNKNOWN);
  assert_int_equal(art_scenario_read(dir, 0, NULL, &s, &err), ART_E_OPEN);
  unlink(path), unlink(city), unlink(demand), unlink(plan), unlink(again);
  rmdir(dir);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(defaults_are_the_documented_ones),
    cmocka_unit_test(every_key_arrives),
    cmocka_unit_test(resolved_text_reads_back_to_itself),
    cmocka_unit_test(anchors_and_json_are_yaml_too),
    cmocka_unit_test(files_and_overrides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
