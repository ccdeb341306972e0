// Configuration files of every kind from a buffer. The first byte chooses what the rest is:
//   '%'  overrides as --set takes them, one a line up to the first empty line, then YAML
//   else YAML, of the kind that its keys say
// Oracles: what is accepted is written as YAML that is accepted and writes itself again; the check that lists
// all problems finds some exactly where the reader fails.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/scenario_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static art_scenario *reread(const art_scenario *scenario)
{
  art_yaml *yaml;
  art_error err;
  art_scenario *again;
  if (art_yaml_parse(scenario->path, scenario->config_text, strlen(scenario->config_text), &yaml, &err) !=
      ART_OK)
    abort();
  yaml->skip_files = 1;
  if (art_scenario_build(yaml, &again, &err) != ART_OK) abort();
  art_yaml_free(yaml);
  return again;
}

static int try_scenario(const art_yaml *yaml)
{
  art_error err;
  art_scenario *scenario;
  if (art_scenario_build(yaml, &scenario, &err) != ART_OK) return 0;
  art_scenario *again = reread(scenario);
  if (strcmp(scenario->config_text, again->config_text) != 0) abort();
  if (strcmp(scenario->title, again->title) != 0 || strcmp(scenario->city_path, again->city_path) != 0)
    abort();
  art_scenario_free(scenario);
  art_scenario_free(again);
  return 1;
}

static int try_plan(const art_yaml *yaml)
{
  art_error err;
  art_plan plan, again;
  art_text out = { 0 }, second = { 0 };
  art_yaml *back;
  if (art_plan_build(yaml, &plan, &err) != ART_OK) return 0;
  if (art_plan_print(&plan, plan.signal_count ? plan.signal[0].signal : NULL, &out, &err) != ART_OK) abort();
  if (art_yaml_parse("dir/p.yaml", out.text, out.size, &back, &err) != ART_OK) abort();
  if (art_plan_build(back, &again, &err) != ART_OK) abort();
  if (art_plan_print(&again, plan.signal_count ? plan.signal[0].signal : NULL, &second, &err) != ART_OK)
    abort();
  if (strcmp(out.text, second.text) != 0) abort();
  art_yaml_free(back);
  art_plan_clear(&plan);
  art_plan_clear(&again);
  free(out.text);
  free(second.text);
  return 1;
}

static int try_others(const art_yaml *yaml, art_config_file kind)
{
  art_error err;
  art_batch *batch = NULL;
  art_calibration *calibration = NULL;
  art_status status = ART_E_INPUT;
  if (kind == ART_CONFIG_BATCH) status = art_batch_build(yaml, &batch, &err);
  if (kind == ART_CONFIG_CALIBRATION) status = art_calibration_build(yaml, &calibration, &err);
  art_batch_free(batch);
  art_calibration_free(calibration);
  return status == ART_OK;
}

static void count_message(void *context, const char *message)
{
  if (!*message) abort();
  ++*(int *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *sets[8];
  int set_count = 0;
  const char *text = (const char *)data, *end = text + size;
  if (size && *text == '%') {
    for (++text; text < end && *text != '\n' && set_count < 8;) {
      const char *stop = memchr(text, '\n', (size_t)(end - text));
      const size_t length = (size_t)((stop ? stop : end) - text);
      sets[set_count] = ART_NEW(char, length + 1);
      memcpy(sets[set_count++], text, length);
      text = stop ? stop + 1 : end;
    }
  }
  art_yaml *yaml;
  art_error err;
  art_status status = art_yaml_parse("dir/fuzz.yaml", text, (size_t)(end - text), &yaml, &err);
  for (int i = 0; i < set_count && status == ART_OK; ++i) status = art_yaml_set(yaml, sets[i], &err);
  if (status == ART_OK) {
    yaml->skip_files = 1;
    const art_config_file kind = art_config_kind_of(yaml);
    const int is_valid = kind == ART_CONFIG_SCENARIO ? try_scenario(yaml)
                         : kind == ART_CONFIG_PLAN   ? try_plan(yaml)
                                                     : try_others(yaml, kind);
    int messages = 0;
    const int problems = art_config_check_tree(yaml, count_message, &messages);
    if (problems != messages || is_valid != (problems == 0)) abort();
  }
  art_yaml_free(yaml);
  for (int i = 0; i < set_count; ++i) free(sets[i]);
  return 0;
}
