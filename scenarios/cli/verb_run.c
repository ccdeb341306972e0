#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "core/par/par.h"
#include "io/config/quantity.h"
#include "scenarios/cli/start.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/run/run.h"
#include "scenarios/run/timing.h"

enum {
  KEY_THREADS = 256,
  KEY_SEED,
  KEY_SET,
  KEY_DRY_RUN,
  KEY_PRINT_CONFIG,
  KEY_FORCE,
  KEY_QUIET,
  KEY_TIMINGS,
  KEY_TIMINGS_AFTER,
  KEY_NO_OUTPUT,
  KEY_CHECKPOINT_DIR,
  KEY_CHECKPOINT_EVERY,
  KEY_CHECKPOINT_EVERY_WALL,
  KEY_CHECKPOINT_MARGIN,
  KEY_RESTART,
  KEY_WALLTIME,
  KEY_PARTITION,
  KEY_REBALANCE,
  KEY_WRITERS
};

typedef struct arguments {
  const char *path;
  const char *output;
  char **sets;
  int32_t set_count, set_capacity;
  int dry_run, print_config;
  int no_output;
  char seed_key[32];
  art_run_options options;
  art_run_timing timing;
  art_checkpoint_options checkpoint;
  int is_torn;  ///< this rank alone knows that it failed
} arguments;

static const struct argp_option option_list[] = {
  { "output", 'o', "OUT.h5", 0, "result file (the scenario's name with .h5, in the current directory)", 0 },
  { "force", KEY_FORCE, NULL, 0, "overwrite it", 0 },
  { "threads", KEY_THREADS, "N", 0,
    "threads (the scenario's, else OMP_NUM_THREADS, else the cores allowed); results do not depend on it",
    0 },
  { "seed", KEY_SEED, "N", 0, "seed of the random numbers (the scenario's)", 0 },
  { "set", KEY_SET, "KEY=VALUE", 0,
    "override a key of the scenario, e.g. time.end=08:30:00; may be given several times", 0 },
  { "dry-run", KEY_DRY_RUN, NULL, 0, "check everything and estimate memory and time, run nothing", 0 },
  { "print-config", KEY_PRINT_CONFIG, NULL, 0, "print the resolved configuration, run nothing", 0 },
  { "no-output", KEY_NO_OUTPUT, NULL, 0, "write no result file: the summary line alone", 0 },
  { "timings", KEY_TIMINGS, "WHAT", OPTION_ARG_OPTIONAL,
    "print where the time went and what was held in memory: a table, and lines that begin with \"timings: \" "
    "and "
    "\"memory: \"; WHAT: phases (of a step; the default) or total (without, for small networks, where "
    "reading the clock "
    "itself takes percents)",
    0 },
  { "timings-after", KEY_TIMINGS_AFTER, "T", 0,
    "with --timings: only of the steps from T after the begin on, e.g. 60s", 0 },
  { "checkpoint-dir", KEY_CHECKPOINT_DIR, "DIR", 0,
    "write checkpoints into DIR, from which --restart goes on; the last two are kept", 1 },
  { "checkpoint-every", KEY_CHECKPOINT_EVERY, "T", 0, "one after every T of simulated time, e.g. 600s", 1 },
  { "checkpoint-every-wall", KEY_CHECKPOINT_EVERY_WALL, "T", 0,
    "one after every T of wall clock time, e.g. 30min", 1 },
  { "restart", KEY_RESTART, "FILE|auto", 0,
    "go on from a checkpoint; auto: from the latest good one in --checkpoint-dir, from the begin if there is "
    "none",
    1 },
  { "walltime", KEY_WALLTIME, "HH:MM:SS|auto", 0,
    "save and end with exit code 75 before so much wall clock time has passed; auto: before the end of the "
    "batch job "
    "(SLURM_JOB_END_TIME, PBS_WALLTIME)",
    1 },
  { "checkpoint-margin", KEY_CHECKPOINT_MARGIN, "T", 0,
    "so long before that, and earlier if saving is slow (60s)", 1 },
  { "partition", KEY_PARTITION, "FILE", 0,
    "under mpirun: the rank of each node (arterial info CITY --partition N writes such a file); results do "
    "not depend on it",
    0 },
  { "rebalance", KEY_REBALANCE, "BOUND", 0,
    "under mpirun: cut the city anew, as the vehicles are, where a rank takes BOUND times the mean (1.2; 0: "
    "never; not with "
    "--timings); results do not depend on it",
    0 },
  { "writers", KEY_WRITERS, "N", 0,
    "under mpirun: ranks that write trajectories together (one a node); results do not depend on it", 0 },
  { "quiet", KEY_QUIET, NULL, 0, "no progress", 0 },
  { 0 }
};

static const char doc[] =
    "Simulate a scenario and write its results.\v"
    "Progress goes to stderr, a bar on a terminal and key=value lines elsewhere; the "
    "last line on stdout is the summary. "
    "SIGINT or SIGTERM end the run after the present step: results then hold what was "
    "simulated (complete = 0), and the "
    "exit code is 130 or 143. With --checkpoint-dir, SIGUSR1 saves a checkpoint and goes on; SIGUSR2, "
    "SIGTERM, SIGINT, SIGHUP and SIGXCPU save one and end the run with exit code 75.\n\nExamples:\n"
    "  arterial run bologna.yaml -o bologna.h5 --seed 7 --set time.end=08:30:00\n"
    "  arterial run bologna.yaml -o bologna.h5 --checkpoint-dir saved --checkpoint-every 600s --restart auto";

static int64_t whole(struct argp_state *state, const char *option, const char *text, int64_t lowest,
                     int64_t highest)
{
  int64_t value = 0;
  if (art_quantity_integer(text, &value) || value < lowest || value > highest)
    argp_error(state, "--%s: '%s' is not a whole number from %lld to %lld", option, text, (long long)lowest,
               (long long)highest);
  return value;
}

static art_tick duration_ms(struct argp_state *state, const char *option, const char *text)
{
  art_tick value = 0;
  const char *problem = art_quantity_time(text, &value);
  if (problem) argp_error(state, "--%s: '%s' %s", option, text, problem);
  if (value < 0) argp_error(state, "--%s: '%s' lies before the run", option, text);
  return value;
}

static void check_checkpoints(const arguments *a, struct argp_state *state)
{
  const art_checkpoint_options *c = &a->checkpoint;
  const char *needs = c->every_ms > 0                                 ? "--checkpoint-every"
                      : c->every_wall_s > 0.0                         ? "--checkpoint-every-wall"
                      : c->walltime                                   ? "--walltime"
                      : c->restart && strcmp(c->restart, "auto") == 0 ? "--restart auto"
                                                                      : NULL;
  if (needs && !c->folder) argp_error(state, "%s needs --checkpoint-dir", needs);
}

static art_tick interval_ms(struct argp_state *state, const char *option, const char *text)
{
  const art_tick value = duration_ms(state, option, text);
  if (value == 0) argp_error(state, "--%s: '%s' is no interval", option, text);
  return value;
}

static double bound_of(struct argp_state *state, const char *text)
{
  char *end;
  const double bound = strtod(text, &end);
  if (end == text || *end || !(bound == 0.0 || (bound >= 1.0 && bound <= 1000.0)))
    argp_error(state, "--rebalance: %s: accepted are 0 and 1 to 1000", text);
  return bound;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case 'o': a->output = arg; return 0;
  case KEY_FORCE: a->options.force = 1; return 0;
  case KEY_THREADS: a->options.threads = (int)whole(state, "threads", arg, 1, 4096); return 0;
  case KEY_SEED:
    whole(state, "seed", arg, 0, INT64_MAX);
    snprintf(a->seed_key, sizeof a->seed_key, "seed=%s",
             arg);  // as --set, so that the recorded configuration has it
    return 0;
  case KEY_SET: ART_PUSH(a->sets, a->set_count, a->set_capacity, arg); return 0;
  case KEY_DRY_RUN: a->dry_run = 1; return 0;
  case KEY_PRINT_CONFIG: a->print_config = 1; return 0;
  case KEY_TIMINGS:
    if (arg && strcmp(arg, "phases") != 0 && strcmp(arg, "total") != 0)
      argp_error(state, "--timings: '%s' is neither phases nor total", arg);
    a->timing.with_phases = !arg || strcmp(arg, "phases") == 0;
    a->options.timing = &a->timing;
    return 0;
  case KEY_TIMINGS_AFTER: a->options.timing_after_ms = duration_ms(state, "timings-after", arg); return 0;
  case KEY_NO_OUTPUT: a->no_output = 1; return 0;
  case KEY_CHECKPOINT_DIR: a->checkpoint.folder = arg; return 0;
  case KEY_CHECKPOINT_EVERY: a->checkpoint.every_ms = interval_ms(state, "checkpoint-every", arg); return 0;
  case KEY_CHECKPOINT_EVERY_WALL:
    a->checkpoint.every_wall_s = (double)interval_ms(state, "checkpoint-every-wall", arg) / 1000.0;
    return 0;
  case KEY_CHECKPOINT_MARGIN:
    a->checkpoint.margin_s = (double)duration_ms(state, "checkpoint-margin", arg) / 1000.0;
    return 0;
  case KEY_RESTART: a->checkpoint.restart = arg; return 0;
  case KEY_WALLTIME: a->checkpoint.walltime = arg; return 0;
  case KEY_QUIET: a->options.quiet = 1; return 0;
  case KEY_PARTITION: a->options.partition_path = arg; return 0;
  case KEY_WRITERS: a->options.writers = (int)whole(state, "writers", arg, 1, 65536); return 0;
  case KEY_REBALANCE: a->options.rebalance = bound_of(state, arg); return 0;
  case ARGP_KEY_ARG:
    if (a->path) argp_error(state, "one scenario at a time: %s, %s", a->path, arg);
    a->path = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->path) argp_error(state, "SCENARIO.yaml is missing");
    if (a->options.timing_after_ms > 0 && !a->options.timing)
      argp_error(state, "--timings-after needs --timings");
    check_checkpoints(a, state);
    if (a->output && a->no_output) argp_error(state, "--output and --no-output exclude each other");
    if (a->seed_key[0]) ART_PUSH(a->sets, a->set_count, a->set_capacity, a->seed_key);
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

/// "dir/bologna.yaml" gives "bologna.h5".
static char *default_output(const char *scenario_path)
{
  const char *slash = strrchr(scenario_path, '/'), *name = slash ? slash + 1 : scenario_path;
  char *out = ART_NEW(char, strlen(name) + 4);
  strcpy(out, name);
  char *point = strrchr(out, '.');
  if (point && point != out) *point = '\0';
  return strcat(out, ".h5");
}

static art_status run(arguments *a, int *exit_code, art_error *err)
{
  art_scenario *scenario = NULL;
  art_status status = art_scenario_read(a->path, a->set_count, a->sets, &scenario, err);
  char *output = a->output ? art_strdup(a->output) : default_output(a->path);
  if (status == ART_OK && !a->no_output) status = art_scenario_check_output(scenario, output, err);
  status = art_group_agree(art_par_group(), status, err);
  if (status != ART_OK) {
    free(output);
    art_scenario_free(scenario);
    return status;
  }
  if (a->print_config) {
    fputs(scenario->config_text, stdout);
  } else if (a->dry_run) {
    status = art_run_estimate(scenario, a->options.threads, stdout, err);
  } else {
    art_summary summary;
    char line[512];
    a->options.output_path = a->no_output ? NULL : output;
    a->options.command = art_command_line();
    a->options.keep_signal = 1;
    art_start_warn_of_threads(a->options.threads > 0  ? a->options.threads
                              : scenario->threads > 0 ? scenario->threads
                                                      : art_par_default_threads());
    if (a->checkpoint.folder || a->checkpoint.restart) a->options.checkpoint = &a->checkpoint;
    status = art_run(scenario, &a->options, &summary, err);
    a->is_torn = summary.is_torn;
    if (status == ART_OK) {
      if (a->options.timing) art_run_timing_print(&a->timing, stdout);
      art_summary_line(&summary, line, sizeof line);
      puts(line);
      if (summary.stopped_by) *exit_code = 128 + summary.stopped_by;
    }
  }
  free(output);
  art_scenario_free(scenario);
  return status;
}

int art_verb_run(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "SCENARIO.yaml", doc, NULL, NULL, NULL };
  arguments a = { .checkpoint.margin_s = 60.0, .options.rebalance = 1.2 };
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  int exit_code = 0;
  const art_status status = run(&a, &exit_code, &err);
  if (!a.is_torn) art_par_note_agreed();
  if (status != ART_OK && (art_par_rank() == 0 || a.is_torn)) fprintf(stderr, "arterial run: %s\n", err.message);
  free(a.sets);
  return status == ART_OK ? exit_code : art_status_exit_code(status);
}
