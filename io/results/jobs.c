#include "io/results/jobs.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/par/launch.h"

struct art_jobs {
  int slots;
  art_job_run run;
  void *context;
  pthread_t thread;
  pthread_mutex_t lock;    ///< of all below
  pthread_cond_t given;    ///< a job waits, or it is over
  pthread_cond_t done;     ///< a job is done
  int64_t given_count, done_count;  ///< job n has slot n % slots
  int is_over;
  art_error error;  ///< of the first job that failed
};

static void *work(void *argument)
{
  art_jobs *jobs = argument;
  art_par_launch_unpin();  // a thread that is pinned has its core to itself
  pthread_mutex_lock(&jobs->lock);
  for (;;) {
    while (jobs->done_count == jobs->given_count && !jobs->is_over) pthread_cond_wait(&jobs->given, &jobs->lock);
    if (jobs->done_count == jobs->given_count) break;
    const int slot = (int)(jobs->done_count % jobs->slots);
    art_error error = jobs->error;
    if (error.status == ART_OK) {
      pthread_mutex_unlock(&jobs->lock);
      error.status = jobs->run(jobs->context, slot, &error);
      pthread_mutex_lock(&jobs->lock);
      if (error.status != ART_OK) jobs->error = error;
    }
    ++jobs->done_count;
    pthread_cond_signal(&jobs->done);
  }
  pthread_mutex_unlock(&jobs->lock);
  return NULL;
}

/// Signals are for the thread that steps: it asks for the end of the run between two steps.
static int start_thread(art_jobs *jobs)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int reason = pthread_create(&jobs->thread, NULL, work, jobs);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return reason;
}

static void free_jobs(art_jobs *jobs)
{
  pthread_cond_destroy(&jobs->given);
  pthread_cond_destroy(&jobs->done);
  pthread_mutex_destroy(&jobs->lock);
  free(jobs);
}

art_status art_jobs_start(int slots, art_job_run run, void *context, art_jobs **out, art_error *err)
{
  art_jobs *jobs = ART_NEW(art_jobs, 1);
  *out = NULL;
  jobs->slots = slots < 1 ? 1 : slots;
  jobs->run = run;
  jobs->context = context;
  pthread_mutex_init(&jobs->lock, NULL);
  pthread_cond_init(&jobs->given, NULL);
  pthread_cond_init(&jobs->done, NULL);
  const int reason = start_thread(jobs);
  if (reason != 0) {
    free_jobs(jobs);
    return art_fail(err, ART_E_INTERNAL, "the thread that writes results cannot be started: %s", strerror(reason));
  }
  *out = jobs;
  return ART_OK;
}

/// How the jobs done so far went. With the lock.
static art_status outcome(const art_jobs *jobs, art_error *err)
{
  if (jobs->error.status != ART_OK && err) *err = jobs->error;
  return jobs->error.status;
}

art_status art_jobs_claim(art_jobs *jobs, int *slot, art_error *err)
{
  pthread_mutex_lock(&jobs->lock);
  while (jobs->given_count - jobs->done_count >= jobs->slots) pthread_cond_wait(&jobs->done, &jobs->lock);
  *slot = (int)(jobs->given_count % jobs->slots);
  const art_status status = outcome(jobs, err);
  pthread_mutex_unlock(&jobs->lock);
  return status;
}

void art_jobs_give(art_jobs *jobs)
{
  pthread_mutex_lock(&jobs->lock);
  ++jobs->given_count;
  pthread_cond_signal(&jobs->given);
  pthread_mutex_unlock(&jobs->lock);
}

art_status art_jobs_drain(art_jobs *jobs, art_error *err)
{
  pthread_mutex_lock(&jobs->lock);
  while (jobs->done_count < jobs->given_count) pthread_cond_wait(&jobs->done, &jobs->lock);
  const art_status status = outcome(jobs, err);
  pthread_mutex_unlock(&jobs->lock);
  return status;
}

void art_jobs_stop(art_jobs *jobs)
{
  if (!jobs) return;
  pthread_mutex_lock(&jobs->lock);
  jobs->is_over = 1;
  pthread_cond_signal(&jobs->given);
  pthread_mutex_unlock(&jobs->lock);
  pthread_join(jobs->thread, NULL);
  free_jobs(jobs);
}
