#include "io/config/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "core/net/vclass.h"
#include "io/config/apply_internal.h"
#include "io/config/quantity.h"
#include "io/config/scenario_internal.h"

static const struct {
  const char *name;
  art_intervention_kind kind;
  const art_key_table *table;
} intervention_kinds[] = {
  { "retime", ART_INTERVENTION_RETIME, &art_keys_retime },
  { "close", ART_INTERVENTION_CLOSE, &art_keys_close },
  { "speed", ART_INTERVENTION_SPEED, &art_keys_speed },
  { "permit", ART_INTERVENTION_PERMIT, &art_keys_permit },
  { "switch", ART_INTERVENTION_SWITCH, &art_keys_switch },
};
enum { INTERVENTION_KINDS = sizeof intervention_kinds / sizeof *intervention_kinds };

/// The engine counts milliseconds since the begin of a run in 32 bits.
#define LONGEST_RUN_MS (INT64_C(24) * 24 * 3600 * 1000)

static void clear_intervention(art_intervention *change)
{
  free(change->signal);
  free(change->program);
  for (int32_t i = 0; i < change->link_count; ++i) free(change->links[i]);
  free(change->links);
  for (int32_t i = 0; i < change->class_count; ++i) free(change->classes[i]);
  free(change->classes);
}

static void clear_controller(art_controller *controller)
{
  for (int32_t i = 0; i < controller->signal_count; ++i) free(controller->signals[i]);
  free(controller->signals);
  free(controller->program);
  free(controller->library);
  free(controller->options);
}

art_status art_scenario_check_output(const art_scenario *scenario, const char *output, art_error *err)
{
  const char *const inputs[] = { scenario->path, scenario->city_path };
  art_status status = art_output_check_apart(output, 2, inputs, err);
  if (status == ART_OK)
    status = art_output_check_apart(output, scenario->demand_count, (const char *const *)scenario->demand_paths, err);
  for (int32_t i = 0; i < scenario->plan_count && status == ART_OK; ++i)
    status = art_output_check_apart(output, 1, (const char *const[]){ scenario->plan[i].path }, err);
  return status;
}

void art_scenario_free(art_scenario *scenario)
{
  if (!scenario) return;
  for (int32_t i = 0; i < scenario->demand_count; ++i) free(scenario->demand_paths[i]);
  for (int32_t i = 0; i < scenario->intervention_count; ++i) clear_intervention(&scenario->intervention[i]);
  for (int32_t i = 0; i < scenario->plan_count; ++i) art_plan_clear(&scenario->plan[i]);
  for (int32_t i = 0; i < scenario->controller_count; ++i) clear_controller(&scenario->controller[i]);
  free(scenario->controller);
  free(scenario->demand_paths);
  free(scenario->intervention);
  free(scenario->plan);
  free(scenario->path);
  free(scenario->title);
  free(scenario->city_path);
  free(scenario->date);
  free(scenario->timezone);
  free(scenario->config_text);
  free(scenario);
}

/// The node of a key if it was given, else the one where it would stand: for messages on how keys fit
/// together.
static const art_yaml_node *node_of(const art_yaml *yaml, const char *path)
{
  const art_yaml_node *node = art_yaml_find(yaml->root, path);
  return node ? node : yaml->root;
}

static art_status check_span(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  char begin[ART_QUANTITY_TEXT], end[ART_QUANTITY_TEXT], warmup[ART_QUANTITY_TEXT];
  art_quantity_print_clock(s->begin_ms, begin);
  art_quantity_print_clock(s->end_ms, end);
  art_quantity_print_duration(s->warmup_ms, warmup);
  if (s->end_ms <= s->begin_ms)
    return art_yaml_fail(yaml, node_of(yaml, "time.end"), err, "time.end: '%s' is not after time.begin, '%s'",
                         end, begin);
  if (s->end_ms - s->begin_ms > LONGEST_RUN_MS)
    return art_yaml_fail(yaml, node_of(yaml, "time.end"), err,
                         "time.end: '%s' is more than 24 days after time.begin, '%s'", end, begin);
  if (s->warmup_ms >= s->end_ms - s->begin_ms)
    return art_yaml_fail(yaml, node_of(yaml, "time.warmup"), err,
                         "time.warmup: '%s' is not shorter than the run, %s to %s", warmup, begin, end);
  return ART_OK;
}

/// Intervals of outputs are whole numbers of steps.
static art_status check_intervals(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  const struct {
    const char *path;
    art_tick value;
  } intervals[] = {
    { "outputs.links.every", s->links_every_ms },
    { "outputs.movements.every", s->movements_every_ms },
    { "outputs.detectors.every", s->detectors_every_ms },
    { "outputs.totals.every", s->totals_every_ms },
    { "outputs.trajectories.every", s->trajectories_every_ms },
  };
  for (size_t i = 0; i < sizeof intervals / sizeof *intervals; ++i) {
    if (intervals[i].value % s->step_ms == 0) continue;
    char value[ART_QUANTITY_TEXT], step[ART_QUANTITY_TEXT];
    art_quantity_print_duration(intervals[i].value, value);
    art_quantity_print_duration(s->step_ms, step);
    return art_yaml_fail(yaml, node_of(yaml, intervals[i].path), err,
                         "%s: '%s' is not a whole number of steps of %s", intervals[i].path, value, step);
  }
  return ART_OK;
}

/// The mask of the classes named.
static art_status check_classes(const art_yaml *yaml, const art_yaml_node *body, art_intervention *change,
                                art_error *err)
{
  for (int32_t i = 0; i < change->class_count; ++i) {
    const int vclass = art_vclass_find(change->classes[i]);
    if (strcmp(change->classes[i], "all") == 0)
      change->permitted = ART_PERMIT_ALL;
    else if (vclass >= 0)
      change->permitted |= 1u << vclass;
    else
      return art_yaml_fail(
          yaml, art_yaml_get(body, "classes"), err,
          "permit.classes: unknown vehicle class '%.100s' (accepted: all, passenger, bus, taxi, "
          "bicycle, truck and the others of the reference of vehicle types)",
          change->classes[i]);
  }
  return ART_OK;
}

static art_status check_intervention(const art_scenario *s, const char *name, const art_yaml *yaml,
                                     const art_yaml_node *body, art_intervention *change, art_error *err)
{
  if (change->kind == ART_INTERVENTION_RETIME) {
    change->from_ms = s->begin_ms;
    change->to_ms = s->end_ms;
    if (change->cycle_ms < 0 && change->offset_ms < 0)
      return art_yaml_fail(yaml, body, err, "retime: changes nothing; give 'cycle', 'offset' or both");
    return ART_OK;
  }
  if (change->kind == ART_INTERVENTION_PERMIT) {
    const art_status status = check_classes(yaml, body, change, err);
    if (status != ART_OK) return status;
  }
  if (change->from_ms == (art_tick)ART_KEY_WHOLE_RUN) change->from_ms = s->begin_ms;
  if (change->to_ms == (art_tick)ART_KEY_WHOLE_RUN) change->to_ms = s->end_ms;
  if (change->to_ms > change->from_ms || s->end_ms <= s->begin_ms)
    return ART_OK;  // the latter is reported elsewhere
  char from[ART_QUANTITY_TEXT], to[ART_QUANTITY_TEXT];
  art_quantity_print_clock(change->from_ms, from);
  art_quantity_print_clock(change->to_ms, to);
  const art_yaml_node *at = art_yaml_get(body, "to");
  return art_yaml_fail(yaml, at ? at : art_yaml_get(body, "from"), err,
                       "%s.to: '%s' is not after %s.from, '%s'", name, to, name, from);
}

static art_status read_intervention(const art_scenario *s, const art_yaml *yaml, const art_yaml_node *node,
                                    art_intervention *change, art_error *err)
{
  if (node->kind != ART_YAML_MAP || node->count != 1)
    return art_yaml_fail(
        yaml, node, err,
        "interventions: each element is a mapping with one key, retime, close, speed, permit or switch; this is %s%s",
        art_yaml_kind_text(node), node->kind == ART_YAML_MAP ? " with another number of keys" : "");
  const art_yaml_node *name = node->key[0], *body = node->item[0];
  for (int i = 0; i < INTERVENTION_KINDS; ++i) {
    if (strcmp(intervention_kinds[i].name, name->text) != 0) continue;
    change->kind = intervention_kinds[i].kind;
    change->line = name->line;
    change->cycle_ms = change->offset_ms = -1;
    change->lane = -1;
    const art_status status = art_keys_apply(intervention_kinds[i].table, yaml, body, NULL, change, err);
    return status == ART_OK ? check_intervention(s, name->text, yaml, body, change, err) : status;
  }
  return art_yaml_fail(yaml, name, err,
                       "unknown intervention '%.100s' (accepted: retime, close, speed, permit, switch)", name->text);
}

static art_status read_interventions(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  const art_yaml_node *list = art_yaml_get(yaml->root, "interventions");
  if (!list || art_yaml_is_null(list)) return ART_OK;
  if (list->kind != ART_YAML_LIST)
    return art_yaml_fail(yaml, list, err, "interventions: must be a list, this is %s",
                         art_yaml_kind_text(list));
  art_status all = ART_OK;
  s->intervention = ART_NEW(art_intervention, list->count);
  for (; s->intervention_count < list->count; ++s->intervention_count) {
    art_intervention *change = &s->intervention[s->intervention_count];
    const art_status status = read_intervention(s, yaml, list->item[s->intervention_count], change, err);
    if (status == ART_OK) continue;
    all = status;
    if (art_yaml_goes_on(yaml, err)) continue;
    clear_intervention(change);
    break;
  }
  return all;
}

static art_status check_controller(const art_controller *c, const art_yaml *yaml, const art_yaml_node *node,
                                   art_error *err)
{
  const int is_user = c->control == ART_CONTROL_USER + 1;
  if (c->min_green_ms >= 0 && c->max_green_ms >= 0 && c->max_green_ms < c->min_green_ms)
    return art_yaml_fail(yaml, art_yaml_get(node, "max_green"), err,
                         "controllers[].max_green: %g s is shorter than min_green, %g s", (double)c->max_green_ms * 1e-3,
                         (double)c->min_green_ms * 1e-3);
  if (is_user && !c->library)
    return art_yaml_fail(yaml, node, err, "controllers[].control: user needs a 'library'");
  if (!is_user && c->library)
    return art_yaml_fail(yaml, art_yaml_get(node, "library"), err,
                         "controllers[].library: is for 'control: user' only");
  return ART_OK;
}

static art_status read_controllers(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  const art_yaml_node *list = art_yaml_get(yaml->root, "controllers");
  if (!list || art_yaml_is_null(list)) return ART_OK;
  if (list->kind != ART_YAML_LIST)
    return art_yaml_fail(yaml, list, err, "controllers: must be a list, this is %s", art_yaml_kind_text(list));
  art_status all = ART_OK;
  s->controller = ART_NEW(art_controller, list->count);
  for (; s->controller_count < list->count; ++s->controller_count) {
    art_controller *c = &s->controller[s->controller_count];
    const art_yaml_node *node = list->item[s->controller_count];
    art_status status = art_keys_apply(&art_keys_controller, yaml, node, NULL, c, err);
    c->line = node->line;
    if (status == ART_OK) status = check_controller(c, yaml, node, err);
    if (status == ART_OK) continue;
    all = status;
    if (art_yaml_goes_on(yaml, err)) continue;
    clear_controller(c);
    break;
  }
  return all;
}

static art_status read_plan(const art_yaml *yaml, const art_yaml_node *node, art_plan *plan, art_error *err)
{
  if (node->kind != ART_YAML_SCALAR || !*node->text || art_yaml_is_null(node))
    return art_yaml_fail(yaml, node, err,
                         "signals: must be a path, or a list of paths, of signal plans; this is %s",
                         art_yaml_kind_text(node));
  char *path = art_yaml_resolve(yaml, node->text);
  art_status status = ART_OK;
  if (yaml->skip_files) {
    plan->path = art_strdup(path);
  } else {
    status = art_plan_read(path, plan, err);
    if (status == ART_E_OPEN) status = art_yaml_fail(yaml, node, err, "signals: %s cannot be read", path);
  }
  free(path);
  return status;
}

static art_status read_plans(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  const art_yaml_node *node = art_yaml_get(yaml->root, "signals");
  if (!node || art_yaml_is_null(node)) return ART_OK;
  const int32_t count = node->kind == ART_YAML_LIST ? node->count : 1;
  art_status all = ART_OK;
  s->plan = ART_NEW(art_plan, count);
  for (; s->plan_count < count; ++s->plan_count) {
    const art_yaml_node *element = node->kind == ART_YAML_LIST ? node->item[s->plan_count] : node;
    const art_status status = read_plan(yaml, element, &s->plan[s->plan_count], err);
    if (status != ART_OK) all = status;
    if (status != ART_OK && !art_yaml_goes_on(yaml, err)) break;
  }
  return all;
}

/// The file's name without folder and extension.
static char *stem_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *stem = art_strdup(slash ? slash + 1 : path);
  char *point = strrchr(stem, '.');
  if (point && point != stem) *point = '\0';
  return stem;
}

static char *resolved_text(const art_scenario *s, const char *dir)
{
  art_text out = { 0 };
  art_keys_write(&art_keys_scenario, s, dir, 0, &out);
  if (s->intervention_count) art_text_add(&out, "interventions:\n");
  for (int32_t i = 0; i < s->intervention_count; ++i) {
    for (int k = 0; k < INTERVENTION_KINDS; ++k) {
      if (intervention_kinds[k].kind != s->intervention[i].kind) continue;
      art_text_add(&out, "  - %s:\n", intervention_kinds[k].name);
      art_keys_write(intervention_kinds[k].table, &s->intervention[i], dir, 6, &out);
    }
  }
  if (s->controller_count) art_text_add(&out, "controllers:\n");
  for (int32_t i = 0; i < s->controller_count; ++i) {
    art_text_add(&out, "  -\n");
    art_keys_write(&art_keys_controller, &s->controller[i], dir, 4, &out);
  }
  if (s->plan_count) art_text_add(&out, "signals:\n");
  for (int32_t i = 0; i < s->plan_count; ++i) {
    art_text_add(&out, "  - ");
    art_text_add_quoted(&out, art_keys_relative(dir, s->plan[i].path));
    art_text_add(&out, "\n");
  }
  return out.text;
}

static art_status apply_keys(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  return art_keys_apply(&art_keys_scenario, yaml, yaml->root, NULL, s, err);
}

static art_status check_inputs(art_scenario *s, const art_yaml *yaml, art_error *err)
{
  return art_keys_check_inputs(&art_keys_scenario, yaml, s, err);
}

art_status art_scenario_build(const art_yaml *yaml, art_scenario **out, art_error *err)
{
  art_scenario *s = ART_NEW(art_scenario, 1);
  *out = NULL;
  s->path = art_strdup(yaml->name);
  static art_status (*const stages[])(art_scenario *, const art_yaml *, art_error *) = {
    apply_keys, check_span, check_intervals, read_interventions, read_controllers, read_plans, check_inputs,
  };
  art_status status = ART_OK;
  for (size_t i = 0; i < sizeof stages / sizeof *stages; ++i) {
    // Times that were refused have said so; what they should agree with would only confuse.
    if (status != ART_OK && (stages[i] == check_span || stages[i] == check_intervals)) continue;
    const art_status stage = stages[i](s, yaml, err);
    if (stage != ART_OK) status = stage;
    if (stage != ART_OK && !art_yaml_goes_on(yaml, err)) break;
  }
  if (status != ART_OK) {
    art_scenario_free(s);
    return status;
  }
  if (!s->title) s->title = stem_of(yaml->name);
  s->config_text = resolved_text(s, yaml->dir);
  *out = s;
  return ART_OK;
}

art_status art_scenario_read(const char *path, int set_count, char *const *sets, art_scenario **out,
                             art_error *err)
{
  art_yaml *yaml;
  *out = NULL;
  art_status status = art_yaml_read(path, &yaml, err);
  if (status != ART_OK) return status;
  for (int i = 0; i < set_count && status == ART_OK; ++i) status = art_yaml_set(yaml, sets[i], err);
  if (status == ART_OK) status = art_scenario_build(yaml, out, err);
  art_yaml_free(yaml);
  return status;
}

art_config_file art_config_kind_of(const art_yaml *yaml)
{
  static const struct {
    const char *key;
    art_config_file kind;
  } signs[] = {
    { "scenarios", ART_CONFIG_BATCH },     { "seeds", ART_CONFIG_BATCH },
    { "feed", ART_CONFIG_CALIBRATION },    { "scenario", ART_CONFIG_CALIBRATION },
    { "holdout", ART_CONFIG_CALIBRATION }, { "accept", ART_CONFIG_CALIBRATION },
    { "city", ART_CONFIG_SCENARIO },       { "demand", ART_CONFIG_SCENARIO },
    { "time", ART_CONFIG_SCENARIO },       { "interventions", ART_CONFIG_SCENARIO },
    { "controllers", ART_CONFIG_SCENARIO },
    { "signals", ART_CONFIG_PLAN },
  };
  for (size_t i = 0; i < sizeof signs / sizeof *signs; ++i)
    if (art_yaml_get(yaml->root, signs[i].key)) return signs[i].kind;
  return ART_CONFIG_UNKNOWN;
}

art_config_file art_config_kind(const char *path)
{
  art_yaml *yaml;
  if (art_yaml_read(path, &yaml, NULL) != ART_OK) return ART_CONFIG_UNKNOWN;
  const art_config_file kind = art_config_kind_of(yaml);
  art_yaml_free(yaml);
  return kind;
}

static art_status build_any(const art_yaml *yaml, art_error *err)
{
  art_scenario *scenario = NULL;
  art_batch *batch = NULL;
  art_calibration *calibration = NULL;
  art_plan plan = { 0 };
  art_status status;
  switch (art_config_kind_of(yaml)) {
  case ART_CONFIG_SCENARIO: status = art_scenario_build(yaml, &scenario, err); break;
  case ART_CONFIG_BATCH: status = art_batch_build(yaml, &batch, err); break;
  case ART_CONFIG_CALIBRATION: status = art_calibration_build(yaml, &calibration, err); break;
  case ART_CONFIG_PLAN: status = art_plan_build(yaml, &plan, err); break;
  default:
    status = art_yaml_fail(
        yaml, yaml->root, err,
        "not a scenario (city, demand, time), batch (scenarios, seeds), calibration (scenario, feed) "
        "or signal plan (signals)");
  }
  art_scenario_free(scenario);
  art_batch_free(batch);
  art_calibration_free(calibration);
  art_plan_clear(&plan);
  return status;
}

int art_config_check_tree(art_yaml *yaml, void (*report)(void *context, const char *message), void *context)
{
  art_yaml_problems problems = { report, context, 0 };
  art_error err = { 0 };
  yaml->problems = &problems;
  if (build_any(yaml, &err) != ART_OK) art_yaml_goes_on(yaml, &err);
  yaml->problems = NULL;
  return problems.count;
}

int art_config_check(const char *path, void (*report)(void *context, const char *message), void *context)
{
  art_error err = { 0 };
  art_yaml *yaml;
  if (art_yaml_read(path, &yaml, &err) != ART_OK) {
    report(context, err.message);
    return 1;
  }
  const int count = art_config_check_tree(yaml, report, context);
  art_yaml_free(yaml);
  return count;
}
