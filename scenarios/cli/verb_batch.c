#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "io/config/quantity.h"
#include "scenarios/batch/batch.h"
#include "scenarios/cli/verbs.h"

enum { KEY_MEMBER = 256, KEY_SET, KEY_DRY_RUN };

typedef struct arguments {
  const char *path;
  char **sets;
  int32_t set_count, set_capacity;
  int dry_run, is_terminal;
  art_batch_options options;
} arguments;

static const struct argp_option option_list[] = {
  { "jobs", 'j', "N", 0, "members at once (1)", 0 },
  { "threads", 't', "N", 0, "threads of all jobs together (OMP_NUM_THREADS, else the cores allowed)", 0 },
  { "member", KEY_MEMBER, "K", 0,
    "run this member only, counted from 0 in the order of the manifest; for job arrays", 0 },
  { "set", KEY_SET, "KEY=VALUE", 0, "override a key of every scenario; may be given several times", 0 },
  { "force", 'f', NULL, 0, "run members again whose results are there", 0 },
  { "dry-run", KEY_DRY_RUN, NULL, 0, "check everything, list the members and what is there, run nothing", 0 },
  { "quiet", 'q', NULL, 0, "no progress of the single runs", 0 },
  { 0 }
};

static const char doc[] =
    "Run scenarios x seeds: one result per member, DIR/<scenario>/seed_<n>.h5, and DIR/manifest.csv.\v"
    "Members whose result is complete and comes from the same configuration, inputs and program are skipped: "
    "the same "
    "command goes on where it stopped. Results of another configuration are refused without --force. A "
    "failing member "
    "stops no other; the exit code is then that of the first failure.\n\nExample:\n"
    "  arterial batch batch.yaml --jobs 2\n"
    "  sbatch --array=0-39 ... arterial batch batch.yaml --member $SLURM_ARRAY_TASK_ID";

static int whole(struct argp_state *state, const char *option, const char *text, int64_t lowest,
                 int64_t highest)
{
  int64_t value = 0;
  if (art_quantity_integer(text, &value) || value < lowest || value > highest) {
    argp_error(state, "--%s: '%s' is not a whole number from %lld to %lld", option, text, (long long)lowest,
               (long long)highest);
  }
  return (int)value;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
  arguments *a = state->input;
  switch (key) {
  case 'j': a->options.jobs = whole(state, "jobs", arg, 1, 1024); return 0;
  case 't': a->options.threads = whole(state, "threads", arg, 1, 4096); return 0;
  case KEY_MEMBER: a->options.only = whole(state, "member", arg, 0, INT32_MAX); return 0;
  case KEY_SET: ART_PUSH(a->sets, a->set_count, a->set_capacity, arg); return 0;
  case 'f': a->options.force = 1; return 0;
  case KEY_DRY_RUN: a->dry_run = 1; return 0;
  case 'q': a->options.quiet = 1; return 0;
  case ARGP_KEY_ARG:
    if (a->path) argp_error(state, "one batch at a time: %s, %s", a->path, arg);
    a->path = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->path) argp_error(state, "BATCH.yaml is missing");
    return 0;
  default: return ARGP_ERR_UNKNOWN;
  }
}

/// One line per change: for people on a terminal, key=value elsewhere.
static void show(void *context, const art_batch_plan *plan, const art_member *member)
{
  const arguments *a = context;
  int32_t over = 0;
  for (int32_t i = 0; i < plan->member_count; ++i) {
    const art_member_state state = plan->member[i].state;
    over += state == ART_MEMBER_FOUND || state == ART_MEMBER_DONE || state == ART_MEMBER_FAILED;
  }
  const char *name = plan->name[member->scenario], *state = art_member_state_name(member->state);
  const unsigned long long seed = (unsigned long long)member->seed;
  if (a->is_terminal) {
    fprintf(stderr, "[%d/%d] %s, seed %llu: %s", over, plan->member_count, name, seed, state);
    if (member->state == ART_MEMBER_DONE) fprintf(stderr, " in %.1f s", member->wall_s);
    if (member->message[0]) fprintf(stderr, ": %s", member->message);
    fputc('\n', stderr);
  } else {
    fprintf(stderr, "member=%d scenario=%s seed=%llu status=%s over=%d of=%d", (int)(member - plan->member),
            name, seed, state, over, plan->member_count);
    if (member->state == ART_MEMBER_DONE)
      fprintf(stderr, " wall_s=%.2f hash=%s", member->wall_s, member->hash);
    if (member->message[0]) fprintf(stderr, " message=\"%s\"", member->message);
    fputc('\n', stderr);
  }
}

static void list_members(const art_batch_plan *plan)
{
  for (int32_t i = 0; i < plan->member_count; ++i) {
    const art_member *m = &plan->member[i];
    printf("%5d  %-8s %s%s%s\n", i, art_member_state_name(m->state), m->path, m->message[0] ? "  " : "",
           m->message);
  }
}

static void print_outcome(const art_batch_plan *plan, const art_batch_options *options)
{
  int32_t count[ART_MEMBER_STOPPED + 1] = { 0 };
  for (int32_t i = 0; i < plan->member_count; ++i) {
    const art_member *m = &plan->member[i];
    ++count[m->state];
    if (m->state == ART_MEMBER_FAILED && (options->only < 0 || options->only == i)) {
      printf("failed: %s, seed %llu, exit code %d: %s\n", plan->name[m->scenario],
             (unsigned long long)m->seed, m->exit_code, m->message);
    }
  }
  printf("batch: members=%d done=%d found=%d failed=%d stopped=%d missing=%d stale=%d "
         "manifest=%s/manifest.csv\n",
         plan->member_count, count[ART_MEMBER_DONE], count[ART_MEMBER_FOUND], count[ART_MEMBER_FAILED],
         count[ART_MEMBER_STOPPED], count[ART_MEMBER_MISSING], count[ART_MEMBER_STALE], plan->output_dir);
}

static art_status batch(arguments *a, art_error *err)
{
  if (art_par_size() > 1) {
    return art_fail(err, ART_E_USAGE,
                    "batch starts its runs itself: use --jobs N, or --member K in a job array, not %d ranks",
                    art_par_size());
  }
  art_batch *file = NULL;
  art_batch_plan *plan = NULL;
  art_status status = art_batch_read(a->path, &file, err);
  if (status == ART_OK) status = art_batch_plan_make(file, a->set_count, a->sets, &plan, err);
  if (status == ART_OK && a->dry_run) {
    list_members(plan);
  } else if (status == ART_OK) {
    status = art_batch_run(plan, &a->options, err);
    if (status != ART_E_EXISTS && status != ART_E_USAGE) print_outcome(plan, &a->options);
  }
  art_batch_plan_free(plan);
  art_batch_free(file);
  return status;
}

int art_verb_batch(int argc, char **argv)
{
  const struct argp argp = { option_list, parse, "BATCH.yaml", doc, NULL, NULL, NULL };
  arguments a = { .options = { .jobs = 1, .only = -1 } };
  a.options.command = art_command_line();
  a.options.progress = show;
  a.options.context = &a;
  a.is_terminal = isatty(STDERR_FILENO);
  argp_err_exit_status = art_status_exit_code(ART_E_USAGE);
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  art_error err = { 0 };
  const art_status status = batch(&a, &err);
  if (status != ART_OK) fprintf(stderr, "arterial batch: %s\n", err.message);
  free(a.sets);
  return art_status_exit_code(status);
}
