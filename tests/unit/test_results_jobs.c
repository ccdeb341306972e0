/// The thread that writes: order, the bound on what is under way, failures, and its end.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "io/results/jobs.h"
#include "tests/support/check.h"

enum { SLOTS = 3, JOBS = 1000 };

/// What jobs see and leave. Numbers of jobs stand in the slots.
typedef struct desk {
  int number[SLOTS];
  int done[JOBS], done_count;
  int fails_at;  ///< job that fails; -1: none
  pthread_t thread;
  pthread_mutex_t gate;  ///< jobs wait for it
} desk;

static void desk_open(desk *d)
{
  memset(d, 0, sizeof *d);
  d->fails_at = -1;
  pthread_mutex_init(&d->gate, NULL);
}

static art_status do_job(void *context, int slot, art_error *err)
{
  desk *d = context;
  pthread_mutex_lock(&d->gate);
  pthread_mutex_unlock(&d->gate);
  d->thread = pthread_self();
  const int number = d->number[slot];
  if (number == d->fails_at) return art_fail(err, ART_E_IO, "job %d: the disk is full", number);
  d->done[d->done_count++] = number;
  return ART_OK;
}

static art_status give(art_jobs *jobs, desk *d, int number, art_error *err)
{
  int slot = -1;
  const art_status status = art_jobs_claim(jobs, &slot, err);
  if (status != ART_OK) return status;
  assert_in_range(slot, 0, SLOTS - 1);
  d->number[slot] = number;
  art_jobs_give(jobs);
  return ART_OK;
}

static void jobs_are_done_once_and_in_order(void **state)
{
  (void)state;
  desk d;
  art_jobs *jobs;
  art_error err = { ART_OK, "" };
  desk_open(&d);
  assert_ok(art_jobs_start(SLOTS, do_job, &d, &jobs, &err), err);
  for (int i = 0; i < JOBS; ++i) {
    assert_ok(give(jobs, &d, i, &err), err);
    if (i % 100 == 0) {
      assert_ok(art_jobs_drain(jobs, &err), err);
      assert_int_equal(d.done_count, i + 1);
    }
  }
  assert_ok(art_jobs_drain(jobs, &err), err);
  assert_int_equal(d.done_count, JOBS);
  for (int i = 0; i < JOBS; ++i) assert_int_equal(d.done[i], i);
  assert_false(pthread_equal(d.thread, pthread_self()));
  art_jobs_stop(jobs);
}

/// Gives jobs on a thread of its own, so that the test can see it wait.
typedef struct giver {
  desk *d;
  art_jobs *jobs;
  int given;  ///< atomic
} giver;

static void *give_all(void *argument)
{
  giver *g = argument;
  art_error err = { ART_OK, "" };
  for (int i = 0; i < SLOTS + 4; ++i) {
    if (give(g->jobs, g->d, i, &err) != ART_OK) return NULL;
    __atomic_add_fetch(&g->given, 1, __ATOMIC_SEQ_CST);
  }
  return g;
}

/// While the writer stands, exactly as many jobs as there are slots can be given; then all are done.
static void the_giver_waits_for_a_slot(void **state)
{
  (void)state;
  desk d;
  pthread_t thread;
  art_error err = { ART_OK, "" };
  const struct timespec moment = { 0, 50000000 };
  void *all = NULL;
  desk_open(&d);
  giver g = { &d, NULL, 0 };
  assert_ok(art_jobs_start(SLOTS, do_job, &d, &g.jobs, &err), err);
  pthread_mutex_lock(&d.gate);
  assert_int_equal(pthread_create(&thread, NULL, give_all, &g), 0);
  for (int tries = 0; tries < 200 && __atomic_load_n(&g.given, __ATOMIC_SEQ_CST) < SLOTS; ++tries)
    nanosleep(&moment, NULL);
  nanosleep(&moment, NULL);
  assert_int_equal(__atomic_load_n(&g.given, __ATOMIC_SEQ_CST), SLOTS);
  assert_int_equal(d.done_count, 0);
  pthread_mutex_unlock(&d.gate);
  assert_int_equal(pthread_join(thread, &all), 0);
  assert_ptr_equal(all, &g);
  assert_ok(art_jobs_drain(g.jobs, &err), err);
  assert_int_equal(d.done_count, SLOTS + 4);
  art_jobs_stop(g.jobs);
}

/// The first failure is what every later call says, and nothing is done after it.
static void a_failure_ends_it(void **state)
{
  (void)state;
  desk d;
  art_jobs *jobs;
  art_error err = { ART_OK, "" };
  art_status status = ART_OK;
  desk_open(&d);
  d.fails_at = 5;
  assert_ok(art_jobs_start(SLOTS, do_job, &d, &jobs, &err), err);
  int given = 0;
  while (given < JOBS && (status = give(jobs, &d, given, &err)) == ART_OK) ++given;
  assert_refused(status, ART_E_IO, err, "job 5: the disk is full");
  assert_in_range(given, 6, 6 + SLOTS);
  memset(&err, 0, sizeof err);
  assert_refused(art_jobs_drain(jobs, &err), ART_E_IO, err, "job 5: the disk is full");
  assert_int_equal(d.done_count, 5);
  art_jobs_stop(jobs);
}

/// Stopping does what was given first; a slot that was only claimed is dropped.
static void stopping_loses_nothing(void **state)
{
  (void)state;
  desk d;
  art_jobs *jobs;
  int slot;
  art_error err = { ART_OK, "" };
  desk_open(&d);
  assert_ok(art_jobs_start(SLOTS, do_job, &d, &jobs, &err), err);
  assert_ok(give(jobs, &d, 0, &err), err);
  assert_ok(give(jobs, &d, 1, &err), err);
  assert_ok(art_jobs_claim(jobs, &slot, &err), err);
  art_jobs_stop(jobs);
  assert_int_equal(d.done_count, 2);
  art_jobs_stop(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(jobs_are_done_once_and_in_order),
    cmocka_unit_test(the_giver_waits_for_a_slot),
    cmocka_unit_test(a_failure_ends_it),
    cmocka_unit_test(stopping_loses_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
