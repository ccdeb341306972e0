// Runs the members of a batch in child processes: a failing one harms no other, and the parent, which starts no thread,
// may fork at any time.
#include "scenarios/batch/batch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/par/par.h"
#include "io/h5/h5.h"
#include "scenarios/batch/batch_internal.h"
#include "scenarios/run/run.h"
#include "scenarios/whatif/files.h"

/// A child process and the member it runs.
typedef struct job {
  pid_t pid;  // 0: free
  int32_t member;
  double started_s;
} job;

typedef struct runner {
  art_batch_plan *plan;
  const art_batch_options *options;
  job *jobs;
  int running, threads;
  int is_stopping;
} runner;

/// Requests to stop so far. A handler and not a blocked mask: the MPI library has threads of its own, which would take a
/// blocked signal by its default action. A process has one set of handlers, so this is no second state of a batch.
static volatile sig_atomic_t stop_requests;

static void note_stop(int number)
{
  (void)number;
  if (stop_requests < 2) stop_requests = stop_requests + 1;
}

static const int stop_signals[] = { SIGINT, SIGTERM, SIGUSR1 };
enum { STOP_SIGNALS = sizeof stop_signals / sizeof *stop_signals };

static double clock_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void tell(const runner *r, const art_member *member)
{
  if (r->options->progress) r->options->progress(r->options->context, r->plan, member);
}

static art_status make_folders(const art_batch_plan *plan, art_error *err)
{
  art_status status = art_folder_make(plan->output_dir, err);
  for (int32_t s = 0; s < plan->scenario_count && status == ART_OK; ++s) {
    const size_t size = strlen(plan->output_dir) + strlen(plan->name[s]) + 2;
    char *folder = ART_NEW(char, size);
    snprintf(folder, size, "%s/%s", plan->output_dir, plan->name[s]);
    status = art_folder_make(folder, err);
    free(folder);
  }
  return status;
}

// ---- in the child ----------------------------------------------------------------------------------------------------

static void note_failure(const art_member *member, int exit_code, const char *message)
{
  char *path = batch_failure_path(member);
  FILE *file = fopen(path, "w");
  if (file) {
    fprintf(file, "exit code %d: %s\n", exit_code, message);
    fclose(file);
  }
  free(path);
}

_Noreturn static void run_member(const runner *r, const art_member *member)
{
  for (int i = 0; i < STOP_SIGNALS; ++i) signal(stop_signals[i], SIG_DFL);
  art_error err = { 0 };
  art_summary summary;
  char *failure = batch_failure_path(member);
  unlink(failure);
  free(failure);
  // The result is replaced only when the new one is complete; whether that is wanted was decided before.
  const art_run_options options = { .output_path = member->path,
                                    .command = r->options->command,
                                    .threads = r->threads,
                                    .force = 1,
                                    .quiet = r->options->quiet || r->options->jobs > 1,
                                    .seed = &member->seed };
  const art_status status = art_run(r->plan->scenario[member->scenario], &options, &summary, &err);
  const int exit_code = art_status_exit_code(status);
  if (status != ART_OK) note_failure(member, exit_code, err.message);
  fflush(NULL);
  _exit(exit_code);
}

// ---- in the parent ---------------------------------------------------------------------------------------------------

static art_status start(runner *r, int32_t index, art_error *err)
{
  int slot = 0;
  while (r->jobs[slot].pid) ++slot;
  art_member *member = &r->plan->member[index];
  member->state = ART_MEMBER_RUNNING;
  member->message[0] = '\0';
  member->exit_code = 0;
  tell(r, member);
  fflush(NULL);
  const pid_t pid = fork();
  if (pid == 0) run_member(r, member);
  if (pid < 0) {
    member->state = ART_MEMBER_MISSING;
    return art_fail(err, ART_E_IO, "no new process for seed %llu of %s: %s", (unsigned long long)member->seed,
                    r->plan->name[member->scenario], strerror(errno));
  }
  r->jobs[slot] = (job){ pid, index, clock_s() };
  ++r->running;
  return ART_OK;
}

/// A killed run could not remove its unfinished file, which is named after it and its process.
static void remove_leftover(const art_member *member, pid_t pid)
{
  char *path = art_h5_temporary(member->path, (long)pid);
  unlink(path);
  free(path);
}

/// Books what became of a member.
static void finish(runner *r, job *j, int wait_status)
{
  art_member *member = &r->plan->member[j->member];
  const art_scenario *scenario = r->plan->scenario[member->scenario];
  batch_inputs inputs = { 0 };
  const double wall_s = clock_s() - j->started_s;
  const pid_t pid = j->pid;
  j->pid = 0;
  --r->running;
  if (WIFSIGNALED(wait_status)) {
    remove_leftover(member, pid);
    const int number = WTERMSIG(wait_status);
    member->state = number == SIGINT || number == SIGTERM ? ART_MEMBER_STOPPED : ART_MEMBER_FAILED;
    member->exit_code = 128 + number;
    snprintf(member->message, sizeof member->message, "ended by signal %d (%s)", number, strsignal(number));
    if (member->state == ART_MEMBER_FAILED) note_failure(member, member->exit_code, member->message);
  } else if (WEXITSTATUS(wait_status) == 0) {
    if (batch_inputs_read(scenario, &inputs, NULL) == ART_OK) batch_look(scenario, &inputs, member);
    batch_inputs_clear(&inputs);
    if (member->state == ART_MEMBER_FOUND) {
      member->state = ART_MEMBER_DONE;
    } else {
      member->state = ART_MEMBER_FAILED;
      member->exit_code = art_status_exit_code(ART_E_INTERNAL);
      const size_t used = strlen(member->message);
      snprintf(member->message + used, sizeof member->message - used,
               "%sthe run ended well but its result is not as it should be", used ? "; " : "");
    }
  } else {
    batch_read_failure(member);  // what the child wrote down
    member->state = WEXITSTATUS(wait_status) == art_status_exit_code(ART_E_STOPPED) ? ART_MEMBER_STOPPED
                                                                                    : ART_MEMBER_FAILED;
    member->exit_code = WEXITSTATUS(wait_status);
  }
  member->wall_s = wall_s;
  tell(r, member);
}

/// The first request to stop lets running members finish; the second ends them.
static void obey(runner *r)
{
  if (stop_requests > 0) r->is_stopping = 1;
  if (stop_requests < 2 || r->is_stopping > 1) return;
  r->is_stopping = 2;
  for (int i = 0; i < r->options->jobs; ++i) {
    if (r->jobs[i].pid) kill(r->jobs[i].pid, SIGTERM);
  }
}

/// Waits for a child to end, or for a moment.
static void wait_for_change(runner *r)
{
  const struct timespec moment = { 0, 20000000 };
  const int before = r->running;
  obey(r);
  for (int i = 0; i < r->options->jobs; ++i) {
    int wait_status;
    if (r->jobs[i].pid && waitpid(r->jobs[i].pid, &wait_status, WNOHANG) == r->jobs[i].pid)
      finish(r, &r->jobs[i], wait_status);
  }
  if (r->running == before) nanosleep(&moment, NULL);
}

static art_status run_all(runner *r, art_error *err)
{
  const art_batch_options *options = r->options;
  art_status status = ART_OK;
  int32_t next = 0;
  for (;;) {
    obey(r);
    while (!r->is_stopping && status == ART_OK && r->running < options->jobs &&
           next < r->plan->member_count) {
      const art_member *member = &r->plan->member[next];
      const int is_wanted = (options->only < 0 || options->only == next) &&
                            (member->state != ART_MEMBER_FOUND || options->force);
      if (is_wanted) status = start(r, next, err);
      ++next;
    }
    if (r->running == 0) break;
    const int running = r->running;
    wait_for_change(r);
    if (r->running != running && options->only < 0) {
      const art_status written = art_batch_write_manifest(r->plan, status == ART_OK ? err : NULL);
      if (status == ART_OK) status = written;
    }
  }
  return status;
}

static art_status check_stale(const art_batch_plan *plan, const art_batch_options *options, art_error *err)
{
  int32_t stale = 0, first = -1;
  for (int32_t i = 0; i < plan->member_count; ++i) {
    if (plan->member[i].state != ART_MEMBER_STALE || (options->only >= 0 && options->only != i)) continue;
    if (first < 0) first = i;
    ++stale;
  }
  if (stale == 0 || options->force) return ART_OK;
  return art_fail(err, ART_E_EXISTS,
                  "%d result%s not what this batch would make; --force runs all members again. %s: %s", stale,
                  stale == 1 ? " is" : "s are", plan->member[first].path, plan->member[first].message);
}

static art_status verdict(const runner *r, art_error *err)
{
  int32_t failed = 0, stopped = 0, first = -1;
  for (int32_t i = 0; i < r->plan->member_count; ++i) {
    if (r->options->only >= 0 && r->options->only != i) continue;
    const art_member_state state = r->plan->member[i].state;
    if (state == ART_MEMBER_FAILED && first < 0) first = i;
    failed += state == ART_MEMBER_FAILED;
    stopped += state == ART_MEMBER_STOPPED;
  }
  if (r->is_stopping || stopped > 0)
    return art_fail(err, ART_E_STOPPED, "stopped; the same command goes on where it was");
  if (failed == 0) return ART_OK;
  const art_member *member = &r->plan->member[first];
  art_status status = ART_E_INTERNAL;
  if (member->exit_code == art_status_exit_code(ART_E_INPUT)) status = ART_E_INPUT;
  if (member->exit_code == art_status_exit_code(ART_E_IO)) status = ART_E_IO;
  return art_fail(err, status, "%d of %d members failed; the first: %s, seed %llu: %s", failed,
                  r->plan->member_count, r->plan->name[member->scenario], (unsigned long long)member->seed,
                  member->message);
}

art_status art_batch_run(art_batch_plan *plan, const art_batch_options *options, art_error *err)
{
  art_status status = check_stale(plan, options, err);
  if (status == ART_OK && options->only >= plan->member_count) {
    status = art_fail(err, ART_E_USAGE, "there is no member %d (accepted: 0 to %d)", options->only,
                      plan->member_count - 1);
  }
  if (status == ART_OK) status = make_folders(plan, err);
  if (status != ART_OK) return status;
  const int threads = options->threads > 0 ? options->threads : art_par_default_threads();
  runner r = { .plan = plan,
               .options = options,
               .threads = threads / options->jobs > 1 ? threads / options->jobs : 1 };
  r.jobs = ART_NEW(job, options->jobs);
  struct sigaction before[STOP_SIGNALS], action = { .sa_handler = note_stop };
  stop_requests = 0;
  for (int i = 0; i < STOP_SIGNALS; ++i) sigaction(stop_signals[i], &action, &before[i]);
  status = run_all(&r, err);
  for (int i = 0; i < STOP_SIGNALS; ++i) sigaction(stop_signals[i], &before[i], NULL);
  art_error manifest = { 0 };
  const art_status written = art_batch_write_manifest(plan, &manifest);
  if (status == ART_OK && written != ART_OK) {
    *err = manifest;
    status = written;
  }
  if (status == ART_OK) status = verdict(&r, err);
  free(r.jobs);
  return status;
}
