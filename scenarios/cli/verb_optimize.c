#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/base/output.h"
#include "io/config/quantity.h"
#include "models/signal/timing.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/whatif/optimize.h"

enum {
  KEY_METHOD = 256,
  KEY_SCENARIO,
  KEY_CYCLE_MIN,
  KEY_CYCLE_MAX,
  KEY_CYCLE,
  KEY_COMMON,
  KEY_FLOWS,
  KEY_FROM,
  KEY_TO,
  KEY_SEED,
  KEY_SATURATION,
  KEY_MIN_GREEN,
  KEY_SIGNAL,
  KEY_ITERATIONS,
  KEY_NO_VERIFY,
  KEY_APPROACHES
};

typedef struct arguments {
  const char *city, *scenario, *output, *method;
  char **demand, **signal;
  int32_t demand_count, demand_capacity, signal_count, signal_capacity;
  int force, has_from, has_to, approaches;
  art_optimize_options options;
} arguments;

static const struct argp_option option_list[] = {
  { "demand", 'd', "FILE", 0, "who drives, *.demand.h5; may be given several times", 0 },
  { "scenario", KEY_SCENARIO, "FILE", 0,
    "take city, demand, time span and seed from a scenario; CITY and --demand, if given, win", 0 },
  { "output", 'o', "PLAN", 0, "the plan to write, *.signals.yaml (required)", 0 },
  { "force", 'f', NULL, 0, "overwrite it", 0 },
  { "method", KEY_METHOD, "NAME", 0, "webster (default)", 1 },
  { "cycle", KEY_CYCLE, "RULE", 0,
    "own: each signal its own cycle (default); keep: as they are, splits only; common: one for all; best: "
    "whichever of these simulates best",
    1 },
  { "common-cycle", KEY_COMMON, NULL, 0, "the same as --cycle common", 1 },
  { "cycle-min", KEY_CYCLE_MIN, "TIME", 0, "shortest cycle (30 s)", 1 },
  { "cycle-max", KEY_CYCLE_MAX, "TIME", 0, "longest cycle (120 s)", 1 },
  { "min-green", KEY_MIN_GREEN, "TIME", 0, "shortest green where a program states no range (5 s)", 1 },
  { "saturation", KEY_SATURATION, "VEH/H", 0,
    "saturation flow of a lane, straight on (measured in the simulation lane by lane, 1800 where there are "
    "no queues)",
    1 },
  { "signal", KEY_SIGNAL, "ID", 0, "only this signal; may be given several times", 1 },
  { "flows", KEY_FLOWS, "SOURCE", 0,
    "simulated: passages and growing queues (default); routes: what would come at free speed", 2 },
  { "from", KEY_FROM, "TIME", 0,
    "start of the window of flows (end of the warm-up, or 10 min after the start)", 2 },
  { "to", KEY_TO, "TIME", 0, "its end (the last departure)", 2 },
  { "seed", KEY_SEED, "N", 0, "seed of the simulations", 2 },
  { "threads", 't', "N", 0, "threads of the simulations", 2 },
  { "iterations", KEY_ITERATIONS, "N", 0,
    "plans tried, each from the flows under the one before; the best simulated wins (1)", 2 },
  { "no-verify", KEY_NO_VERIFY, NULL, 0, "do not simulate the new plan", 2 },
  { "approaches", KEY_APPROACHES, NULL, 0, "print every lane group too", 2 },
  { 0 }
};

static const char doc[] =
    "Make a signal plan: simulate the city, read off the flows of every turn, choose cycles and splits, "
    "simulate the plan.\v"
    "Cycles follow Webster within the limits, greens equalise the degree of saturation along the critical "
    "path; yellow, "
    "all-red and minimum greens stay. Offsets keep their share of the cycle: where signals are coordinated, "
    "use --cycle "
    "keep or common.\n\nExample:\n"
    "  arterial optimize bologna.city.h5 --demand bologna.demand.h5 --method webster -o webster.signals.yaml";

static double seconds(struct argp_state *state, const char *option, const char *text)
{
  art_tick value;
  const char *problem = art_quantity_time(text, &value);
  if (problem) argp_error(state, "--%s: '%s' %s", option, text, problem);
  return (double)value * 1e-3;
}

static int64_t whole(struct argp_state *state, const char *option, const char *text, int64_t lowest,
                     int64_t highest)
{
  int64_t value = 0;
  if (art_quantity_integer(text, &value) || value < lowest || value > highest) {
    argp_error(state, "--%s: '%s' is not a whole number from %lld to %lld", option, text, (long long)lowest,
               (long long)highest);
  }
  return value;
}

static double number(struct argp_state *state, const char *option, const char *text, double lowest,
                     double highest)
{
  double value = 0.0;
  if (art_quantity_real(text, &value) || !(value >= lowest && value <= highest)) {
    argp_error(state, "--%s: '%s' is not a number from %g to %g", option, text, lowest, highest);
  }
  return value;
}

static art_cycle_rule cycle_rule(struct argp_state *state, const char *text)
{
  if (strcmp(text, "own") == 0) return ART_CYCLE_OWN;
  if (strcmp(text, "keep") == 0) return ART_CYCLE_KEEP;
  if (strcmp(text, "best") == 0) return ART_CYCLE_BEST;
  if (strcmp(text, "common") != 0)
    argp_error(state, "--cycle: '%s' is not known (accepted: own, keep, common, best)", text);
  return ART_CYCLE_COMMON;
}

static art_flow_source flow_source(struct argp_state *state, const char *text)
{
  if (strcmp(text, "simulated") == 0) return ART_FLOWS_SIMULATED;
  if (strcmp(text, "routes") != 0)
    argp_error(state, "--flows: '%s' is not known (accepted: simulated, routes)", text);
  return ART_FLOWS_ROUTES;
}

static error_t parse_input(int key, char *arg, struct argp_state *state, arguments *a)
{
  switch (key) {
  case 'd': ART_PUSH(a->demand, a->demand_count, a->demand_capacity, arg); return 0;
  case KEY_SCENARIO: a->scenario = arg; return 0;
  case 'o': a->output = arg; return 0;
  case 'f': a->force = 1; return 0;
  case KEY_SIGNAL: ART_PUSH(a->signal, a->signal_count, a->signal_capacity, arg); return 0;
  case ARGP_KEY_ARG:
    if (a->city) argp_error(state, "one city at a time: %s, %s", a->city, arg);
    a->city = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->output) argp_error(state, "-o PLAN is missing");
    if (!a->scenario && (!a->city || a->demand_count == 0))
      argp_error(state, "give CITY and --demand, or --scenario");
    if (strcmp(a->method, "webster") != 0)
      argp_error(state, "--method: '%s' is not known (accepted: webster)", a->method);
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  art_optimize_options *o = &a->options;
  switch (key) {
  case KEY_METHOD: a->method = arg; break;
  case KEY_CYCLE: o->webster.cycle = cycle_rule(state, arg); break;
  case KEY_COMMON: o->webster.cycle = ART_CYCLE_COMMON; break;
  case KEY_CYCLE_MIN: o->webster.timing.cycle_min_s = seconds(state, "cycle-min", arg); break;
  case KEY_CYCLE_MAX: o->webster.timing.cycle_max_s = seconds(state, "cycle-max", arg); break;
  case KEY_MIN_GREEN: o->webster.timing.min_green_s = seconds(state, "min-green", arg); break;
  case KEY_SATURATION: o->webster.saturation_vph = number(state, "saturation", arg, 100, 5000); break;
  case KEY_FLOWS: o->source = flow_source(state, arg); break;
  case KEY_FROM:
    o->from_ms = (art_tick)llround(1000.0 * seconds(state, "from", arg));
    a->has_from = 1;
    break;
  case KEY_TO:
    o->to_ms = (art_tick)llround(1000.0 * seconds(state, "to", arg));
    a->has_to = 1;
    break;
  case KEY_SEED:
    if (art_quantity_seed(arg, &o->seed))
      argp_error(state, "--seed: '%s' is not a whole number from 0 on", arg);
    o->has_seed = 1;
    break;
  case 't': o->threads = (int)whole(state, "threads", arg, 1, 4096); break;
  case KEY_ITERATIONS: o->iterations = (int)whole(state, "iterations", arg, 1, 100); break;
  case KEY_NO_VERIFY: o->verify = 0; break;
  case KEY_APPROACHES: a->approaches = 1; break;
  default: return parse_input(key, arg, state, a);
  }
  return 0;
}

static void show(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "optimize: %s\n", line);
}

// ---- input -----------------------------------------------------------------------------------------------------------

static void replace_inputs(art_scenario *s, const arguments *a)
{
  if (a->city) {
    free(s->city_path);
    s->city_path = art_strdup(a->city);
  }
  if (a->demand_count == 0) return;
  for (int32_t i = 0; i < s->demand_count; ++i) free(s->demand_paths[i]);
  free(s->demand_paths);
  s->demand_paths = ART_NEW(char *, a->demand_count);
  s->demand_count = a->demand_count;
  for (int32_t i = 0; i < a->demand_count; ++i) s->demand_paths[i] = art_strdup(a->demand[i]);
}

static art_status open_scenario(const arguments *a, art_scenario **out, art_error *err)
{
  if (!a->scenario) return art_optimize_scenario(a->city, a->demand_count, a->demand, out, err);
  const art_status status = art_scenario_read(a->scenario, 0, NULL, out, err);
  if (status == ART_OK) replace_inputs(*out, a);
  return status;
}

// ---- output ----------------------------------------------------------------------------------------------------------

static const char *note_of(const art_timing_result *r)
{
  if (r->is_unchanged) return "no flow or no green to vary: unchanged";
  if (r->is_oversaturated) return "oversaturated";
  return "";
}

static void print_table(const art_optimize_result *result)
{
  const art_net *net = result->base->city->net;
  const art_webster *w = &result->webster;
  int width = 6;
  for (int32_t i = 0; i < w->count; ++i) {
    const int length = (int)strlen(net->signal_id[w->row[i].signal]);
    width = length > width ? length : width;
  }
  if (width > 32) width = 32;
  printf("%-*s  %15s  %5s  %5s  %6s  %15s  %17s  %6s\n", width, "signal", "cycle s", "Y", "L s", "veh/h",
         "largest X", "delay s/veh", "LOS");
  for (int32_t i = 0; i < w->count; ++i) {
    const art_timing_result *r = &w->row[i].result;
    printf("%-*.*s  %6.0f -> %5.0f  %5.3f  %5.1f  %6.0f  %5.2f -> %6.2f  %6.1f -> %7.1f  %c -> %c  %s\n",
           width, width, net->signal_id[w->row[i].signal], r->before.cycle_s, r->after.cycle_s,
           r->critical_flow_ratio, r->lost_s, r->before.flow_vph, r->before.max_x, r->after.max_x,
           r->before.delay_s, r->after.delay_s, art_timing_level_of_service(r->before.delay_s, 0.0),
           art_timing_level_of_service(r->after.delay_s, 0.0), note_of(r));
  }
}

static void print_approaches(const art_optimize_result *result)
{
  const art_net *net = result->base->city->net;
  printf("\n%-12s %-20s %-6s %5s %7s  %15s  %14s  %15s  %s\n", "signal", "approach", "turns", "lanes",
         "veh/h", "capacity veh/h", "X", "delay s/veh", "");
  for (int32_t i = 0; i < result->webster.count; ++i) {
    const art_webster_row *row = &result->webster.row[i];
    for (int32_t g = 0; g < row->lane_group_count; ++g) {
      const art_timing_lane_report *b = &row->before[g], *a = &row->after[g];
      if (b->flow_vph <= 0.0) continue;
      printf("%-12s %-20s %-6s %5.2f %7.0f  %5.0f -> %6.0f  %4.2f -> %6.2f  %5.1f -> %6.1f  %s\n",
             net->signal_id[row->signal], net->link_id[row->link[g]], row->turns[g], row->lanes[g],
             b->flow_vph, b->capacity_vph, a->capacity_vph, b->x, a->x, b->delay_s, a->delay_s,
             a->is_critical ? "critical" : "");
    }
  }
}

static void print_totals(const art_optimize_result *result)
{
  const art_webster *w = &result->webster;
  printf("\nsignals: %d retimed, %d unchanged, %d oversaturated\n", w->count - w->unchanged, w->unchanged,
         w->oversaturated);
  if (w->left_out) printf("note: signals that do not go by the clock, left as they are: %d\n", w->left_out);
  printf("saturation flow: %.0f veh/h a lane%s, start-up lost time %.1f s\n", w->saturation_vph,
         w->is_measured ? " straight on, measured lane by lane where queues allow" : "", w->startup_lost_s);
  printf("analytic control delay at signals: %.1f -> %.1f s per passage (HCM)\n", w->delay_before_s,
         w->delay_after_s);
  if (!result->after.is_simulated) return;
  const art_optimize_trial *b = &result->before, *a = &result->after;
  printf("simulated delay of all trips, waiting outside and unfinished ones included: %.1f -> %.1f s per "
         "trip (%+.1f %%), "
         "unfinished %lld -> %lld, one run with seed %llu\n",
         b->mean_delay_s, a->mean_delay_s,
         b->mean_delay_s > 0.0 ? 100.0 * (a->mean_delay_s / b->mean_delay_s - 1.0) : 0.0,
         (long long)b->unfinished, (long long)a->unfinished, (unsigned long long)result->seed);
}

/// A plan is to be better than the present ones in the run that tries it.
static art_status check_plan(const art_optimize_result *result, art_error *err)
{
  const art_optimize_trial *b = &result->before, *a = &result->after;
  if (!a->is_simulated || a->mean_delay_s < b->mean_delay_s) return ART_OK;
  return art_fail(err, ART_E_NOT_ACCEPTED,
                  "the simulation does not confirm the plan, which is written all the same: %.1f s of delay a trip instead of "
                  "%.1f s; try --cycle best, --flows routes or --iterations 3",
                  a->mean_delay_s, b->mean_delay_s);
}

static void print_comment(const art_optimize_result *result, const art_scenario *scenario,
                          const arguments *args, char *text, size_t size)
{
  char from[ART_QUANTITY_TEXT], to[ART_QUANTITY_TEXT];
  art_quantity_print_clock(result->from_ms, from);
  art_quantity_print_clock(result->to_ms, to);
  static const char *const rules[] = { "own cycles", "cycles kept", "one cycle for all" };
  snprintf(text, size,
           "Signal plan by arterial optimize --method webster: %s, %g to %g s, saturation flow %.0f veh/h a "
           "lane%s.\n"
           "Flows: %s, %s to %s of %s, seed %llu.\n"
           "Analytic control delay at signals: %.1f s before, %.1f s after.",
           rules[result->cycle], args->options.webster.timing.cycle_min_s,
           args->options.webster.timing.cycle_max_s, result->webster.saturation_vph,
           result->webster.is_measured ? " or as measured" : "",
           args->options.source == ART_FLOWS_ROUTES ? "routes" : "simulated", from, to,
           scenario->title ? scenario->title : scenario->path, (unsigned long long)result->seed,
           result->webster.delay_before_s, result->webster.delay_after_s);
}

static art_status write_plan(const art_optimize_result *result, const art_scenario *scenario,
                             const arguments *a, art_error *err)
{
  char comment[1024];
  art_plan plan;
  print_comment(result, scenario, a, comment, sizeof comment);
  art_webster_to_plan(&result->webster, result->base->city, &plan);
  const art_status status = art_plan_write(a->output, &plan, comment, a->force, err);
  art_plan_clear(&plan);
  return status;
}

static art_status optimize(const arguments *a, art_error *err)
{
  art_scenario *scenario = NULL;
  art_optimize_result result;
  art_status status = art_output_check(a->output, a->force, err);
  if (status == ART_OK) status = open_scenario(a, &scenario, err);
  if (status != ART_OK) return status;
  status = art_scenario_check_output(scenario, a->output, err);
  if (status == ART_OK) status = art_optimize(scenario, &a->options, &result, err);
  if (status == ART_OK) {
    status = write_plan(&result, scenario, a, err);
    if (status == ART_OK) {
      print_table(&result);
      if (a->approaches) print_approaches(&result);
      print_totals(&result);
      printf("plan: %s\n", a->output);
      status = check_plan(&result, err);
    }
    art_optimize_clear(&result);
  }
  art_scenario_free(scenario);
  return status;
}

int art_verb_optimize(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "CITY --demand FILE -o PLAN\n--scenario FILE -o PLAN",
                             doc,         NULL,  NULL,
                             NULL };
  arguments a = { .method = "webster" };
  a.options.webster = art_webster_options_default();
  a.options.iterations = 1;
  a.options.verify = 1;
  a.options.progress = show;
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  a.options.has_window = a.has_from && a.has_to;
  a.options.webster.only = a.signal;
  a.options.webster.only_count = a.signal_count;
  art_error err = { 0 };
  art_status status;
  if (a.has_from != a.has_to)
    status = art_fail(&err, ART_E_USAGE, "--from and --to belong together");
  else
    status = optimize(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial optimize: %s\n", err.message);
  free(a.demand);
  free(a.signal);
  return art_status_exit_code(status);
}
