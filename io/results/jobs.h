/// \file jobs.h
/// One thread that does jobs in the order in which they were given, while the caller goes on: the writer of a run.
/// HDF5 is not thread-safe here, so whoever calls it while a simulation steps does so through one of these.
///
/// Jobs live in slots of the caller, numbered 0 to slots - 1, which come round in order. A slot belongs to the caller
/// from art_jobs_claim to art_jobs_give, and to the thread from then until its job is done. So the number of slots
/// bounds what is under way: who gives faster than the thread works waits in art_jobs_claim, and nothing is lost.
///
///     art_jobs_start -> (art_jobs_claim, fill, art_jobs_give)* -> art_jobs_drain -> art_jobs_stop
///
/// The first job that fails ends it: those after it are not done, and every later call returns its status and message.
/// Thread rule: all functions are for the one thread that started it.
#ifndef ART_IO_RESULTS_JOBS_H
#define ART_IO_RESULTS_JOBS_H
#include "core/base/status.h"

typedef struct art_jobs art_jobs;

/// Does the job in a slot. Called on the thread; what the caller wrote before art_jobs_give is visible.
typedef art_status (*art_job_run)(void *context, int slot, art_error *err);

/// Starts the thread, with all signals blocked in it. `slots` >= 1; with 1 the caller waits for every job.
art_status art_jobs_start(int slots, art_job_run run, void *context, art_jobs **out, art_error *err);
/// The next slot, once its last job is done. After a failure there is none.
art_status art_jobs_claim(art_jobs *jobs, int *slot, art_error *err);
/// Hands over the slot claimed last.
void art_jobs_give(art_jobs *jobs);
/// Waits until everything given is done.
art_status art_jobs_drain(art_jobs *jobs, art_error *err);
/// Ends the thread after what was given, and frees. A slot that was claimed and not given is dropped. NULL is fine.
void art_jobs_stop(art_jobs *jobs);

#endif  // ART_IO_RESULTS_JOBS_H
