#include <argp.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/config/quantity.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/plan/plan.h"

enum { KEY_NODES = 256, KEY_COPIES, KEY_STEP, KEY_BEGIN, KEY_END, KEY_SLOWDOWN, KEY_MACHINE, KEY_PRINT_MACHINE };
enum { MOST_ROWS = 64, MOST_RANKS = 1 << 20 };

typedef struct arguments {
  const char *path[2];  ///< city, demand
  int path_count;
  int32_t rows, ranks[MOST_ROWS];
  int32_t threads, nodes, copies;
  art_tick step_ms, begin_ms, end_ms;  ///< begin and end: -1, the demand's
  double slowdown;
  const char *machine_path;
  int print_machine;
} arguments;

static const struct argp_option option_list[] = {
  { "ranks", 'n', "N,N...", 0, "numbers of ranks, a row of the table for each (1,2,4,8,16)", 0 },
  { "threads", 't', "N", 0, "threads of each rank (1)", 0 },
  { "nodes", KEY_NODES, "N", 0, "computers that the ranks are dealt out to, where there are as many ranks (1)", 0 },
  { "copies", KEY_COPIES, "K", 0, "the city laid out K times, side by side (1): for ranks that each hold as much", 0 },
  { "step", KEY_STEP, "T", 0, "time step (0.5 s)", 0 },
  { "begin", KEY_BEGIN, "T", 0, "begin of the run (the first departure)", 0 },
  { "end", KEY_END, "T", 0, "end of the run (an hour after the last departure)", 0 },
  { "slowdown", KEY_SLOWDOWN, "F", 0, "travel time over free travel time (1.5)", 0 },
  { "machine", KEY_MACHINE, "FILE", 0, "constants of the machine, as scripts/fit_plan writes them (built in)", 0 },
  { "print-machine", KEY_PRINT_MACHINE, NULL, 0, "print the constants used, with what they mean; plan nothing", 0 },
  { 0 }
};

static const char doc[] =
    "Predict memory, time of a step and efficiency of a run on several ranks, without running it.\v"
    "The network is cut as a run cuts it; each row tells of the rank that needs longest. Efficiency is against one rank "
    "with as many threads. Constants are those of one machine: scripts/fit_plan measures yours. What the model assumes "
    "stands in docs/cluster.md.\n\nExamples:\n"
    "  arterial plan town.city.h5 town.demand.h5 --ranks 1,2,4,8 --threads 4\n"
    "  arterial plan town.city.h5 town.demand.h5 --ranks 1024 --nodes 16 --copies 1024";

static int32_t whole(struct argp_state *state, const char *option, const char *text, int64_t highest)
{
  int64_t value = 0;
  if (art_quantity_integer(text, &value) || value < 1 || value > highest)
    argp_error(state, "--%s: '%s' is not a whole number from 1 to %" PRId64, option, text, highest);
  return (int32_t)value;
}

static art_tick time_ms(struct argp_state *state, const char *option, const char *text, art_tick lowest)
{
  art_tick value = 0;
  const char *problem = art_quantity_time(text, &value);
  if (problem) argp_error(state, "--%s: '%s' %s", option, text, problem);
  if (value < lowest) argp_error(state, "--%s: '%s' is less than %" PRId64 " ms", option, text, lowest);
  return value;
}

static void list_ranks(arguments *a, struct argp_state *state, const char *text)
{
  char *copy = art_strdup(text), *rest = NULL;
  a->rows = 0;
  for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
    if (a->rows == MOST_ROWS) argp_error(state, "--ranks: more than %d numbers", MOST_ROWS);
    a->ranks[a->rows++] = whole(state, "ranks", word, MOST_RANKS);
  }
  if (a->rows == 0) argp_error(state, "--ranks: '%s' names no number", text);
  free(copy);
}

static double factor(struct argp_state *state, const char *text)
{
  double value = 0.0;
  if (art_quantity_real(text, &value) || !(value >= 1.0 && value <= 100.0))
    argp_error(state, "--slowdown: '%s' is not a number from 1 to 100", text);
  return value;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case 'n': list_ranks(a, state, value); return 0;
  case 't': a->threads = whole(state, "threads", value, 4096); return 0;
  case KEY_NODES: a->nodes = whole(state, "nodes", value, MOST_RANKS); return 0;
  case KEY_COPIES: a->copies = whole(state, "copies", value, MOST_RANKS); return 0;
  case KEY_STEP: a->step_ms = time_ms(state, "step", value, 50); return 0;
  case KEY_BEGIN: a->begin_ms = time_ms(state, "begin", value, 0); return 0;
  case KEY_END: a->end_ms = time_ms(state, "end", value, 0); return 0;
  case KEY_SLOWDOWN: a->slowdown = factor(state, value); return 0;
  case KEY_MACHINE: a->machine_path = value; return 0;
  case KEY_PRINT_MACHINE: a->print_machine = 1; return 0;
  case ARGP_KEY_ARG:
    if (a->path_count == 2) argp_error(state, "one city and one demand: %s is too much", value);
    a->path[a->path_count++] = value;
    return 0;
  case ARGP_KEY_END:
    if (a->path_count < 2 && !a->print_machine) argp_error(state, "needs CITY.city.h5 and DEMAND.demand.h5");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

static void default_span(arguments *a, const art_demand *demand)
{
  if (a->begin_ms < 0) a->begin_ms = demand->trip_count > 0 ? demand->trip_depart_ms[0] : 0;
  if (a->end_ms < 0) {
    const art_tick last = demand->trip_count > 0 ? demand->trip_depart_ms[demand->trip_count - 1] : 0;
    a->end_ms = last + 3600000;
  }
}

static void print_table(const arguments *a, const art_net *net, const art_plan_load *load, const art_machine *machine)
{
  printf("city: nodes=%" PRId32 " lanes=%" PRId32 " copies=%" PRId32 "\n"
         "demand: trips=%" PRId64 " vehicles=%.0f (mean of %.0f s, %.2f times the free travel time)\n"
         "of the rank that needs longest, with %" PRId32 " thread%s each:\n"
         "  ranks nodes     lanes  vehicles  boundary neighbours imbalance   work us   halo us messages us   step us "
         "efficiency     run s memory MiB\n",
         net->node_count, net->lane_count, a->copies, load->trips, load->vehicles, (double)load->span_ms / 1000.0,
         a->slowdown, a->threads, a->threads == 1 ? "" : "s");
  art_plan_setup setup = { .net = net,
                           .load = load,
                           .machine = *machine,
                           .threads = a->threads,
                           .copies = a->copies,
                           .step_ms = a->step_ms };
  for (int32_t row = 0; row < a->rows; ++row) {
    setup.ranks = a->ranks[row];
    setup.nodes = a->nodes < setup.ranks ? a->nodes : setup.ranks;
    const art_plan p = art_plan_make(&setup);
    printf("%7" PRId32 "%6" PRId32 "%10.0f%10.0f%10.0f%11.0f%10.3f%10.1f%10.1f%12.1f%10.1f%10.1f %%%10.1f%11.0f\n",
           setup.ranks, setup.nodes, p.lanes, p.vehicles, p.boundary_lanes, p.neighbours, p.imbalance, p.work_us,
           p.halo_us, p.message_us, p.step_us, 100.0 * p.efficiency, p.run_s, p.memory_mib);
  }
}

static art_status plan(arguments *a, art_error *err)
{
  art_machine machine = art_machine_default();
  art_status status = a->machine_path ? art_machine_read(a->machine_path, &machine, err) : ART_OK;
  if (status != ART_OK) return status;
  if (a->print_machine) {
    art_machine_print(&machine, stdout);
    return ART_OK;
  }
  art_city *city = NULL;
  art_demand *demand = NULL;
  art_plan_load load = { 0 };
  status = art_city_read(a->path[0], &city, err);
  if (status == ART_OK) status = art_demand_read(a->path[1], city->net, &demand, err);
  if (status == ART_OK) default_span(a, demand);
  if (status == ART_OK && a->end_ms <= a->begin_ms)
    status = art_fail(err, ART_E_USAGE, "the run ends at %.0f s, before it begins (%.0f s)", (double)a->end_ms / 1000.0,
                      (double)a->begin_ms / 1000.0);
  if (status == ART_OK)
    status = art_plan_load_make(city->net, demand, a->begin_ms, a->end_ms, a->slowdown, &load, err);
  if (status == ART_OK) print_table(a, city->net, &load, &machine);
  art_plan_load_clear(&load);
  art_demand_free(demand);
  art_city_free(city);
  return status;
}

int art_verb_plan(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "CITY.city.h5 DEMAND.demand.h5", doc, NULL, NULL, NULL };
  arguments a = { .rows = 5,
                  .ranks = { 1, 2, 4, 8, 16 },
                  .threads = 1,
                  .nodes = 1,
                  .copies = 1,
                  .step_ms = 500,
                  .begin_ms = -1,
                  .end_ms = -1,
                  .slowdown = 1.5 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  const art_status status = plan(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial plan: %s\n", err.message);
  return art_status_exit_code(status);
}
