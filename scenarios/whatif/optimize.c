#include "scenarios/whatif/optimize.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"
#include "io/city/city_file.h"

static void say(const art_optimize_options *options, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(const art_optimize_options *options, const char *format, ...)
{
  char line[256];
  if (!options->progress) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  options->progress(options->context, line);
}

// ---- the scenario that nobody wrote ----------------------------------------------------------------------------------

static art_status find_end(const char *city_path, int demand_count, char *const *demand_paths,
                           art_tick *end_ms, art_error *err)
{
  art_city *city = NULL;
  art_status status = art_city_read(city_path, &city, err);
  if (status != ART_OK) return status;
  art_tick last_ms = -1;
  for (int i = 0; i < demand_count && status == ART_OK; ++i) {
    art_demand *demand = NULL;
    status = art_demand_read(demand_paths[i], city->net, &demand, err);
    if (status != ART_OK) break;
    const art_tick last = art_flows_last_departure(demand);
    if (last > last_ms) last_ms = last;
    art_demand_free(demand);
  }
  art_city_free(city);
  if (status == ART_OK && last_ms < 0)
    return art_fail(err, ART_E_INPUT, "%s: the demand has no trip", demand_paths[0]);
  *end_ms = (last_ms / 1000 + 1) * 1000 + 2 * 3600 * 1000;
  return status;
}

art_status art_optimize_scenario(const char *city_path, int demand_count, char *const *demand_paths,
                                 art_scenario **out, art_error *err)
{
  art_tick end_ms = 0;
  *out = NULL;
  const art_status status = find_end(city_path, demand_count, demand_paths, &end_ms, err);
  if (status != ART_OK) return status;
  art_scenario *s = ART_NEW(art_scenario, 1);
  s->path = art_strdup("(city and demand)");
  s->title = art_strdup("flows for a signal plan");
  s->city_path = art_strdup(city_path);
  s->demand_count = demand_count;
  s->demand_paths = ART_NEW(char *, demand_count);
  for (int i = 0; i < demand_count; ++i) s->demand_paths[i] = art_strdup(demand_paths[i]);
  s->end_ms = end_ms;
  s->step_ms = 500;
  s->seed = 1;
  s->model = ART_MODEL_IIDM;
  s->demand_scale = 1.0;
  s->config_text = art_strdup("");
  *out = s;
  return ART_OK;
}

// ---- trials ----------------------------------------------------------------------------------------------------------

static art_status choose_window(const art_optimize_options *options, const art_case *c,
                                art_optimize_result *out, art_error *err)
{
  const art_scenario *s = c->scenario;
  const art_tick last_ms = art_flows_last_departure(c->demand);
  if (options->has_window) {
    out->from_ms = options->from_ms;
    out->to_ms = options->to_ms;
  } else {
    out->to_ms = last_ms < s->end_ms ? last_ms : s->end_ms;
    const art_tick quarter_ms = (out->to_ms - s->begin_ms) / 4;
    const art_tick filling_ms = quarter_ms < 600000 ? quarter_ms : 600000;
    out->from_ms = s->begin_ms + (s->warmup_ms > 0 ? s->warmup_ms : filling_ms);
  }
  out->from_ms -= out->from_ms % 1000;
  out->to_ms -= out->to_ms % 1000;
  if (out->from_ms < s->begin_ms || out->to_ms > s->end_ms || out->to_ms - out->from_ms < 60000) {
    return art_fail(
        err, ART_E_INPUT,
        "the window of flows, %.0f s to %.0f s, is not a minute or more within the run, %.0f s to %.0f s",
        (double)out->from_ms * 1e-3, (double)out->to_ms * 1e-3, (double)s->begin_ms * 1e-3,
        (double)s->end_ms * 1e-3);
  }
  return ART_OK;
}

/// Simulates `scenario` with `plan` added (NULL: as it is).
static art_status simulate(art_scenario *scenario, const art_plan *plan, const art_flow_options *flow,
                           art_flows *flows, art_error *err)
{
  art_plan *const own = scenario->plan;
  art_case *c = NULL;
  if (plan) {
    art_plan *list = ART_NEW(art_plan, scenario->plan_count + 1);
    for (int32_t i = 0; i < scenario->plan_count; ++i) list[i] = own[i];
    list[scenario->plan_count++] = *plan;
    scenario->plan = list;
  }
  art_status status = art_case_load(scenario, ART_CASE_ALL_TRIPS, &c, err);
  if (status == ART_OK) status = art_flows_measure(c, flow, flows, err);
  art_case_free(c);
  if (plan) {
    free(scenario->plan);
    scenario->plan = own;
    --scenario->plan_count;
  }
  return status;
}

static art_optimize_trial trial_of(const art_flows *flows)
{
  return (art_optimize_trial){ 1, flows->mean_delay_s, flows->total_delay_s, flows->trips,
                               flows->unfinished };
}

/// Keeps the new plan if it is the first or better than the one kept.
static void keep_better(art_optimize_result *out, art_webster *webster, art_optimize_trial trial,
                        art_cycle_rule cycle, int32_t iteration)
{
  const int better = out->chosen == 0 || (trial.is_simulated && out->after.is_simulated &&
                                          trial.mean_delay_s < out->after.mean_delay_s);
  if (better) {
    art_webster_clear(&out->webster);
    out->webster = *webster;
    out->after = trial;
    out->chosen = iteration;
    out->cycle = cycle;
  } else {
    art_webster_clear(webster);
  }
  memset(webster, 0, sizeof *webster);
}

static const char *const rule_names[] = { "own cycles", "cycles kept", "one cycle for all" };

/// Plans by one rule, each from the flows under the one before; the first from `flows`, which stays the caller's.
static art_status try_rule(art_scenario *scenario, const art_optimize_options *options, art_cycle_rule rule,
                           const art_flows *first, art_optimize_result *out, art_error *err)
{
  const art_flow_options flow = { options->source, out->from_ms, out->to_ms, out->seed, options->threads };
  art_webster_options rules = options->webster;
  art_flows later = { 0 };
  art_status status = ART_OK;
  rules.cycle = rule;
  for (int32_t i = 1; i <= options->iterations && status == ART_OK; ++i) {
    art_webster webster;
    status = art_webster_plan(out->base->city, i == 1 ? first : &later, &rules, &webster, err);
    art_flows_clear(&later);
    if (status != ART_OK) return status;
    art_optimize_trial trial = { 0 };
    if (options->verify || i < options->iterations) {
      art_plan plan;
      art_webster_to_plan(&webster, out->base->city, &plan);
      plan.path = art_strdup("(new plan)");
      status = simulate(scenario, &plan, &flow, &later, err);
      if (status == ART_OK) trial = trial_of(&later);
      if (status == ART_OK)
        say(options, "plan %d, %s: simulated mean delay %.1f s", i, rule_names[rule], trial.mean_delay_s);
      art_plan_clear(&plan);
    }
    keep_better(out, &webster, trial, rule, i);
  }
  art_flows_clear(&later);
  return status;
}

static art_status try_plans(art_scenario *scenario, const art_optimize_options *options,
                            art_optimize_result *out, art_error *err)
{
  const art_flow_options flow = { options->source, out->from_ms, out->to_ms, out->seed, options->threads };
  const art_cycle_rule wanted = options->webster.cycle;
  art_flows flows;
  say(options, "simulating the present plans, seed %llu", (unsigned long long)out->seed);
  art_status status = art_flows_measure(out->base, &flow, &flows, err);
  if (status != ART_OK) return status;
  out->before = trial_of(&flows);
  say(options, "present plans: simulated mean delay %.1f s", out->before.mean_delay_s);
  for (int rule = 0; rule < ART_CYCLE_BEST && status == ART_OK; ++rule) {
    if (wanted == ART_CYCLE_BEST || (int)wanted == rule) {
      status = try_rule(scenario, options, (art_cycle_rule)rule, &flows, out, err);
    }
  }
  art_flows_clear(&flows);
  return status;
}

art_status art_optimize(art_scenario *scenario, const art_optimize_options *options, art_optimize_result *out,
                        art_error *err)
{
  memset(out, 0, sizeof *out);
  out->seed = options->has_seed ? options->seed : scenario->seed;
  art_status status = art_case_load(scenario, ART_CASE_ALL_TRIPS, &out->base, err);
  if (status == ART_OK && (status = art_webster_check(out->base->city, &options->webster, err)) != ART_OK)
    art_fail_prefix(err, "%s: ", scenario->city_path);
  if (status == ART_OK && options->webster.cycle == ART_CYCLE_BEST && !options->verify) {
    status =
        art_fail(err, ART_E_USAGE, "the best cycle rule is found by simulation: not without verification");
  }
  if (status == ART_OK) status = choose_window(options, out->base, out, err);
  if (status == ART_OK) status = try_plans(scenario, options, out, err);
  if (status != ART_OK) art_optimize_clear(out);
  return status;
}

void art_optimize_clear(art_optimize_result *result)
{
  art_webster_clear(&result->webster);
  art_case_free(result->base);
  memset(result, 0, sizeof *result);
}
