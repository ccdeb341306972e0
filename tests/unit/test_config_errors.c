// Bad configuration files: every class of error, with its exact line and column and what is accepted.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "io/config/scenario_internal.h"

/// Checks one kind of file; the message must begin with `begins` and contain `contains`.
static void expect(art_config_file kind, const char *text, const char *begins, const char *contains)
{
  art_error err = { 0 };
  art_yaml *yaml = NULL;
  art_scenario *scenario = NULL;
  art_batch *batch = NULL;
  art_calibration *calibration = NULL;
  art_plan plan;
  art_status status = art_yaml_parse("f.yaml", text, strlen(text), &yaml, &err);
  if (status == ART_OK) {
    yaml->skip_files = 1;
    if (kind == ART_CONFIG_SCENARIO) status = art_scenario_build(yaml, &scenario, &err);
    if (kind == ART_CONFIG_PLAN) status = art_plan_build(yaml, &plan, &err);
    if (kind == ART_CONFIG_BATCH) status = art_batch_build(yaml, &batch, &err);
    if (kind == ART_CONFIG_CALIBRATION) status = art_calibration_build(yaml, &calibration, &err);
  }
  art_yaml_free(yaml);
  if (status != ART_E_INPUT) fail_msg("accepted, but should fail with '%s':\n%s", begins, text);
  if (strncmp(err.message, begins, strlen(begins)) != 0)
    fail_msg("'%s' does not begin with '%s'", err.message, begins);
  if (!strstr(err.message, contains)) fail_msg("'%s' does not contain '%s'", err.message, contains);
}

#define HEAD "arterial: 1\ncity: c\ndemand: [d]\n"  // three lines
#define GOOD HEAD "time: {end: 1 h}\n"              // four lines

static void syntax(void **state)
{
  (void)state;
  const art_config_file S = ART_CONFIG_SCENARIO;
  expect(S, "", "f.yaml: ", "empty");
  expect(S, "# nothing\n", "f.yaml: ", "empty");
  expect(S, "- a\n", "f.yaml:1:1: ", "must be a mapping of keys to values, it is a list");
  expect(S, "text\n", "f.yaml:1:1: ", "a single value");
  expect(S, GOOD "title: [a\nseed: 1\n", "f.yaml:6:", "not valid YAML");
  expect(S, GOOD "\ttitle: a\n", "f.yaml:5:1: ", "not valid YAML");
  expect(S, GOOD "title: \x80\n", "f.yaml:", "not valid YAML");
  expect(S, GOOD "title: *nobody\n", "f.yaml:5:8: ", "undefined alias");
  expect(S, GOOD "---\narterial: 1\n", "f.yaml:6:1: ", "second document");
  expect(S, GOOD "seed: 1\nseed: 2\n",
         "f.yaml:6:1: ", "the key 'seed' stands here a second time; first in line 5");
  expect(S, HEAD "time: {end: 1 h, end: 2 h}\n", "f.yaml:4:18: ", "'end' stands here a second time");
  expect(S, GOOD "? [a]\n: b\n", "f.yaml:5:3: ", "a key must be a single value, this is a list");
  expect(S, GOOD "title: \"a\\0b\"\n", "f.yaml:5:8: ", "NUL");
}

static void structure(void **state)
{
  (void)state;
  const art_config_file S = ART_CONFIG_SCENARIO;
  expect(S, "city: c\ndemand: [d]\ntime: {end: 1 h}\n", "f.yaml:1:1: ", "the key 'arterial' is missing");
  expect(S, "arterial: 2\n", "f.yaml:1:11: ", "schema version '2' is not known (accepted: 1)");
  expect(S, "arterial: 1\ndemand: [d]\ntime: {end: 1 h}\n", "f.yaml:1:1: ", "the key 'city' is missing");
  expect(S, "arterial: 1\ncity: c\ntime: {end: 1 h}\n", "f.yaml:1:1: ", "the key 'demand' is missing");
  expect(S, HEAD, "f.yaml:1:1: ", "the key 'time.end' is missing");
  expect(S, HEAD "time: {step: 1 s}\n", "f.yaml:4:7: ", "the key 'time.end' is missing");
  expect(S, HEAD "time: 5\n", "f.yaml:4:7: ", "time: must be a mapping");
  expect(S, HEAD "time:\n", "f.yaml:4:6: ", "this is empty");
  expect(S, "arterial: 1\ncity:\n", "f.yaml:2:6: ", "city: has no value");
  expect(S, "arterial: 1\ncity: [c]\n",
         "f.yaml:2:7: ", "must be one value (path of an input), this is a list");
  expect(S, "arterial: 1\ncity: ''\n", "f.yaml:2:7: ", "is empty");
  expect(S, "arterial: 1\ncity: c\ndemand: []\n", "f.yaml:3:9: ", "has 0 elements (accepted: 1 to 10000)");
  expect(S, "arterial: 1\ncity: c\ndemand: [d, [e]]\n", "f.yaml:3:13: ", "demand: must be one value");
  expect(S, "arterial: 1\ncity: c\ndemand: {a: b}\n", "f.yaml:3:9: ", "this is a mapping");
}

static void unknown_keys_are_met_with_a_suggestion(void **state)
{
  (void)state;
  const art_config_file S = ART_CONFIG_SCENARIO;
  expect(S, GOOD "titel: x\n", "f.yaml:5:1: ", "unknown key 'titel'; did you mean 'title'?");
  expect(S, HEAD "time:\n  end: 1 h\n  stepp: 1 s\n",
         "f.yaml:6:3: ", "'time.stepp'; did you mean 'time.step'?");
  expect(S, GOOD "step: 1 s\n", "f.yaml:5:1: ", "did you mean 'time.step'?");
  expect(S, GOOD "outputs: {links: {evry: 1 s}}\n", "f.yaml:5:19: ", "did you mean 'outputs.links.every'?");
  expect(S, GOOD "qqqqqq: 1\n", "f.yaml:5:1: ", "unknown key 'qqqqqq' (known here: arterial, title, city, ");
  expect(S, GOOD "<<: {seed: 1}\n", "f.yaml:5:1: ", "unknown key '<<'");
  expect(S, GOOD "time.step: 1\n", "f.yaml:5:1: ", "unknown key 'time.step'");
  expect(S, GOOD "interventions:\n- close: {link: a}\n",
         "f.yaml:6:11: ", "'close.link'; did you mean 'close.links'?");
}

static void units_and_ranges(void **state)
{
  (void)state;
  const art_config_file S = ART_CONFIG_SCENARIO;
  expect(S, HEAD "time: {end: 1 km}\n", "f.yaml:4:13: ", "time.end: '1 km' does not have a unit of time");
  expect(S, HEAD "time: {end: soon}\n", "f.yaml:4:13: ", "is not a time");
  expect(S, HEAD "time: {end: 400 d}\n", "f.yaml:4:13: ", "is out of range (accepted: 50 ms to 366 d)");
  expect(S, HEAD "time: {end: 1 h, step: 0.3 s}\n", "f.yaml:4:24: ", "does not divide 1 s");
  expect(S, HEAD "time: {end: 1 h, step: 2 s}\n", "f.yaml:4:24: ", "out of range (accepted: 50 ms to 1 s)");
  expect(S, HEAD "time: {end: 1 h, step: 40 ms}\n", "f.yaml:4:24: ", "out of range (accepted: 50 ms to 1 s)");
  expect(S, HEAD "time: {end: 1 h, step: 0.1005 s}\n", "f.yaml:4:24: ", "is finer than 1 ms");
  expect(S, HEAD "time: {end: 1 h, step: 30 km/h}\n", "f.yaml:4:24: ", "units are ms, s, min, h, d");
  expect(S, HEAD "time: {begin: 2 h, end: 1 h}\n",
         "f.yaml:4:25: ", "'01:00:00' is not after time.begin, '02:00:00'");
  expect(S, HEAD "time: {begin: 1 d, end: 26 d}\n", "f.yaml:4:25: ", "is more than 24 days after time.begin");
  expect(S, HEAD "time: {end: 1 h, warmup: 1 h}\n", "f.yaml:4:26: ", "is not shorter than the run");
  expect(S, HEAD "time: {end: 1 h, date: 2023-02-29}\n",
         "f.yaml:4:24: ", "a day that this month does not have");
  expect(S, HEAD "time: {end: 1 h, timezone: ../etc}\n", "f.yaml:4:28: ", "is not a time zone");
  expect(S, GOOD "seed: -1\n", "f.yaml:5:7: ", "whole numbers from 0 to 18446744073709551615");
  expect(S, GOOD "seed: 18446744073709551616\n", "f.yaml:5:7: ", "is not a seed");
  expect(S, GOOD "threads: many\n",
         "f.yaml:5:10: ", "is not a whole number (accepted: 0 to 4096, or 'auto')");
  expect(S, GOOD "threads: 5000\n", "f.yaml:5:10: ", "out of range");
  expect(
      S, GOOD "models: {car_following: fancy}\n", "f.yaml:5:25: ",
      "'fancy' is not known (accepted: iidm, idm, idm_plus, acc, cacc, krauss, gipps, wiedemann99, newell)");
  expect(S, GOOD "outputs: {trips: maybe}\n", "f.yaml:5:18: ", "is neither true nor false");
  expect(S, GOOD "outputs: {links: 5}\n", "f.yaml:5:18: ", "must be true, false or {every: 60 s}");
  expect(S, GOOD "outputs: {links: [1]}\n", "f.yaml:5:18: ", "this is a list");
  expect(S, GOOD "outputs: {links: {every: 0 s}}\n", "f.yaml:5:26: ", "accepted: 50 ms to 24 h");
  expect(S, GOOD "outputs: {links: {every: 700 ms}}\n",
         "f.yaml:5:26: ", "not a whole number of steps of 0.5 s");
  expect(S, GOOD "outputs: {detectors: {every: mine}}\n", "f.yaml:5:30: ", "or 'own'");
}

static void interventions(void **state)
{
  (void)state;
  const art_config_file S = ART_CONFIG_SCENARIO;
#define I GOOD "interventions:\n"
  expect(S, GOOD "interventions: 5\n", "f.yaml:5:16: ", "must be a list");
  expect(S, I "- close\n", "f.yaml:6:3: ", "a mapping with one key");
  expect(S, I "- {close: {links: a}, speed: {links: a, limit: 5}}\n",
         "f.yaml:6:3: ", "another number of keys");
  expect(S, I "- open: {links: a}\n",
         "f.yaml:6:3: ", "unknown intervention 'open' (accepted: retime, close, speed, permit, switch)");
  expect(S, I "- close:\n", "f.yaml:6:9: ", "must be a mapping with keys such as 'links'");
  expect(S, I "- close: {lane: 1}\n", "f.yaml:6:10: ", "the key 'close.links' is missing");
  expect(S, I "- close: {links: []}\n", "f.yaml:6:18: ", "has 0 elements");
  expect(S, I "- close: {links: a, lane: -1}\n", "f.yaml:6:27: ", "(accepted: 0 to 63, or 'all')");
  expect(S, I "- close: {links: a, from: 10 min, to: 5 min}\n",
         "f.yaml:6:39: ", "'00:05:00' is not after close.from");
  expect(S, I "- close: {links: a, from: 2 h}\n", "f.yaml:6:27: ", "is not after close.from, '02:00:00'");
  expect(S, I "- permit: {links: a}\n", "f.yaml:6:11: ", "the key 'permit.classes' is missing");
  expect(S, I "- permit: {links: a, classes: [bus, buss]}\n", "f.yaml:6:31: ", "unknown vehicle class 'buss'");
  expect(S, I "- speed: {links: a}\n", "f.yaml:6:10: ", "the key 'speed.limit' is missing");
  expect(S, I "- speed: {links: a, limit: 5 s}\n", "f.yaml:6:28: ", "does not have a unit of speed");
  expect(S, I "- speed: {links: a, limit: 0}\n", "f.yaml:6:28: ", "(accepted: 0.1 to 150 m/s)");
  expect(S, I "- retime: {cycle: 80 s}\n", "f.yaml:6:11: ", "the key 'retime.signal' is missing");
  expect(S, I "- retime: {signal: a}\n", "f.yaml:6:11: ", "changes nothing");
  expect(S, I "- retime: {signal: a, cycle: 0}\n", "f.yaml:6:30: ", "(accepted: 1 s to 1 h, or 'keep')");
  expect(S, I "- retime: {signal: a, offset: -5 s}\n", "f.yaml:6:31: ", "(accepted: 0 s to 24 h, or 'keep')");
#undef I
  expect(S, GOOD "signals: [{a: b}]\n", "f.yaml:5:11: ", "signals: must be a path");
}

static void plans(void **state)
{
  (void)state;
  const art_config_file P = ART_CONFIG_PLAN;
#define H "arterial: 1\nsignals:\n"
  expect(P, "arterial: 1\n", "f.yaml:1:1: ", "the key 'signals' is missing");
  expect(P, "arterial: 1\nsignals: x\n", "f.yaml:2:10: ", "must be a mapping of signal ids");
  expect(P, H "  A: 5\n", "f.yaml:3:6: ", "each signal is a mapping");
  expect(P, H "  A: {durations: [1]}\n", "f.yaml:3:6: ", "the key 'signals.ID.offset' is missing");
  expect(P, H "  A: {offset: 1}\n", "f.yaml:3:6: ", "durations' is missing");
  expect(P, H "  A: {offset: 1, durations: []}\n", "f.yaml:3:29: ", "at least one time");
  expect(P, H "  A: {offset: 1, durations: 5}\n", "f.yaml:3:29: ", "at least one time");
  expect(P, H "  A: {offset: 1, durations: [5, -1]}\n",
         "f.yaml:3:33: ", "out of range (accepted: 0 s to 1 h)");
  expect(P, H "  A: {offset: 1, durations: [0, 0]}\n", "f.yaml:3:29: ", "add up to nothing");
  expect(P, H "  A: {offset: 1, durations: [5], speed: 3}\n", "f.yaml:3:34: ", "unknown key");
  expect(P, H "  - {offset: 1, durations: [5]}\n", "f.yaml:3:5: ", "the key 'signal' is missing");
  expect(P, H "  - {signal: A, offset: 1, durations: [5]}\n  - {signal: A, offset: 1, durations: [5]}\n",
         "f.yaml:4:14: ", "'A' stands here a second time");
  expect(P, H "  - {signal: [A], offset: 1, durations: [5]}\n",
         "f.yaml:3:14: ", "the id of a signal is a text, this is a list");
  expect(P, H "  - {signal: , offset: 1, durations: [5]}\n", "f.yaml:3:14: ", "this is empty");
#undef H
}

static void batches_and_calibrations(void **state)
{
  (void)state;
  const art_config_file B = ART_CONFIG_BATCH, C = ART_CONFIG_CALIBRATION;
#define H "arterial: 1\nscenarios: [a, b]\noutput: o\n"
  expect(B, H, "f.yaml:1:1: ", "the key 'seeds' is missing");
  expect(B, H "seeds: 1...4\n", "f.yaml:4:8: ", "is not a range");
  expect(B, H "seeds: ..4\n", "f.yaml:4:8: ", "is not a range");
  expect(B, H "seeds: 9..4\n", "f.yaml:4:8: ", "ends before it begins");
  expect(B, H "seeds: 0..18446744073709551615\n", "f.yaml:4:8: ", "too many");
  expect(B, H "seeds: [1, x]\n", "f.yaml:4:12: ", "'x' is not a whole number");
  expect(B, H "seeds: [1, 2, 01]\n", "f.yaml:4:15: ", "1 stands here a second time");
  expect(B, H "seeds: []\n", "f.yaml:4:8: ", "has 0 elements");
  expect(B, H "seeds: {a: b}\n", "f.yaml:4:8: ", "this is a mapping");
  expect(B, "arterial: 1\nscenarios: [a, a]\noutput: o\nseeds: 1\n", "f.yaml:2:12: ", "a stands here twice");
#undef H
#define H "arterial: 1\nscenario: s\nfeed: f\noutput: {demand: d}\n"
  expect(C, H, "f.yaml:1:1: ", "the key 'select.hours' is missing");
  expect(C, H "select: {hours: []}\n", "f.yaml:5:17: ", "has 0 windows (accepted: 1)");
  expect(C, H "select: {hours: [\"08:00-09:00\", \"10:00-11:00\"]}\n", "f.yaml:5:17: ", "has 2 windows");
  expect(C, H "select: {hours: \"8-9\"}\n", "f.yaml:5:17: ", "write \"08:00-09:00\"");
  expect(C, H "select: {hours: \"09:00-08:00\"}\n", "f.yaml:5:17: ", "ends before it begins");
  expect(C, H "select: {hours: \"09:00-25:00\"}\n", "f.yaml:5:17: ", "goes past 24:00");
  expect(C, H "select: {hours: \"08:00-09:00\", days: sundays}\n",
         "f.yaml:5:38: ", "(accepted: all, weekdays)");
  expect(C, H "select: {hours: \"08:00-09:00\", exclude: [2024-02-30]}\n",
         "f.yaml:5:42: ", "this month does not have");
  expect(C, H "select: {hours: \"08:00-09:00\"}\nholdout: {share: 95 %}\n",
         "f.yaml:6:18: ", "(accepted: 0 to 0.9)");
  expect(C, H "select: {hours: \"08:00-09:00\"}\naccept: {geh5_fitted: 1.5}\n",
         "f.yaml:6:23: ", "0 to 1, or 'any'");
  expect(C, H "select: {hours: \"08:00-09:00\"}\niterations: 1.5\n",
         "f.yaml:6:13: ", "is not a whole number");
#undef H
}

/// Input that wants to explode: deep nesting, an alias inside itself, aliases of aliases.
static void bombs_are_defused(void **state)
{
  (void)state;
  char *deep = ART_NEW(char, 3000);
  memset(deep, '[', 400);
  memset(deep + 400, ']', 400);
  char text[4096];
  snprintf(text, sizeof text, GOOD "title: %s\n", deep);
  free(deep);
  expect(ART_CONFIG_SCENARIO, text, "f.yaml:5:", "nested deeper than 32 levels");
  expect(ART_CONFIG_SCENARIO, GOOD "title: &a [*a]\n", "f.yaml:", "alias");
  expect(ART_CONFIG_SCENARIO,
         "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c "
         "[*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
         "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n",
         "f.yaml:", "aliases expanded");
}

/// An override that is wrong is named by its own text, not by a place in the file.
static void overrides_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *set, *message;
  } cases[] = {
    { "time.step=0.3", "--set time.step=0.3: time.step: '0.3' does not divide 1 s" },
    { "time.stpe=1", "--set time.stpe=1: unknown key 'time.stpe'; did you mean 'time.step'?" },
    { "nothing", "--set nothing: write key=value" },
    { "=3", "--set =3: write key=value" },
    { "time..step=3", "--set time..step=3: the key must be names joined by single points" },
    { "time.=3", "--set time.=3: the key must be names joined by single points" },
    { "demand.4=x", "--set demand.4=x: '4' is not an element of a list of 1" },
    { "demand=[a", "--set demand=[a: not valid YAML" },
    { "demand=", "--set demand=: demand: must be a path, or a list of paths, this is empty" },
    { "city=\xff", "--set: the text is not UTF-8" },
    { "interventions.0.close.lane=1", "--set interventions.0.close.lane=1: interventions: must be a list" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    art_error err = { 0 };
    art_yaml *yaml = NULL;
    art_scenario *scenario = NULL;
    assert_int_equal(art_yaml_parse("f.yaml", GOOD, strlen(GOOD), &yaml, &err), ART_OK);
    yaml->skip_files = 1;
    art_status status = art_yaml_set(yaml, cases[i].set, &err);
    if (status == ART_OK) status = art_scenario_build(yaml, &scenario, &err);
    art_yaml_free(yaml);
    assert_int_equal(status, ART_E_INPUT);
    if (strncmp(err.message, cases[i].message, strlen(cases[i].message)) != 0)
      fail_msg("'%s' does not begin with '%s'", err.message, cases[i].message);
  }
}

typedef struct collected {
  int count;
  char text[20][200];
} collected;
static void collect(void *context, const char *message)
{
  collected *c = context;
  if (c->count < 20) snprintf(c->text[c->count], sizeof *c->text, "%s", message);
  ++c->count;
}

static void expect_all(const char *text, int count, const char *const *begins)
{
  art_error err = { 0 };
  art_yaml *yaml = NULL;
  collected c = { 0 };
  assert_int_equal(art_yaml_parse("f.yaml", text, strlen(text), &yaml, &err), ART_OK);
  yaml->skip_files = 1;
  const int reported = art_config_check_tree(yaml, collect, &c);
  assert_int_equal(reported, c.count);
  art_yaml_free(yaml);
  for (int i = 0; i < c.count && i < count; ++i)
    if (strncmp(c.text[i], begins[i], strlen(begins[i])) != 0)
      fail_msg("'%s' does not begin with '%s'", c.text[i], begins[i]);
  assert_int_equal(c.count, count);
}

/// The check lists every problem of a file, each once.
static void all_problems_are_listed(void **state)
{
  (void)state;
  expect_all(GOOD, 0, NULL);
  expect_all("arterial: 1\ncity: c\nseeed: 1\ntime: {step: 0.3 s, warmup: x}\nseed: -1\n"
             "interventions:\n- close: {link: a, lane: -2}\n- open: 1\n- speed: {links: a, limit: "
             "5}\nsignals: [[], p]\n",
             11,
             (const char *const[]){ "f.yaml:3:1: unknown key 'seeed'", "f.yaml:4:14: time.step",
                                    "f.yaml:4:29: time.warmup", "f.yaml:5:7: seed",
                                    "f.yaml:1:1: the key 'demand'", "f.yaml:4:7: the key 'time.end'",
                                    "f.yaml:7:11: unknown key 'close.link'", "f.yaml:7:26: close.lane",
                                    "f.yaml:7:10: the key 'close.links'", "f.yaml:8:3: unknown intervention",
                                    "f.yaml:10:11: signals" });
  expect_all("arterial: 1\nsignals:\n  A: {offset: -1}\n  B: 3\n  C: {offset: 0, durations: [1]}\n", 3,
             (const char *const[]){ "f.yaml:3:15: signals.ID.offset", "f.yaml:3:6: the key",
                                    "f.yaml:4:6: signals" });
  expect_all("arterial: 1\nscenarios: [a, a]\nseeds: x\n", 3,
             (const char *const[]){ "f.yaml:1:1: the key 'output'", "f.yaml:3:8: seeds",
                                    "f.yaml:2:12: scenarios" });
  expect_all("arterial: 1\nfeed: f\nselect: {hours: 8, days: x}\n", 4,
             (const char *const[]){ "f.yaml:3:26: select.days", "f.yaml:1:1: the key 'scenario'",
                                    "f.yaml:1:1: the key 'output.demand'", "f.yaml:3:17: select.hours" });
  expect_all("arterial: 1\nother: 2\n", 1, (const char *const[]){ "f.yaml:1:1: not a scenario" });
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(syntax),
    cmocka_unit_test(structure),
    cmocka_unit_test(unknown_keys_are_met_with_a_suggestion),
    cmocka_unit_test(units_and_ranges),
    cmocka_unit_test(interventions),
    cmocka_unit_test(plans),
    cmocka_unit_test(batches_and_calibrations),
    cmocka_unit_test(bombs_are_defused),
    cmocka_unit_test(overrides_are_named),
    cmocka_unit_test(all_problems_are_listed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
