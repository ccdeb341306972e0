/// \file timing_internal.h
/// A thread's clock. Private to core/step.
#ifndef ART_CORE_STEP_TIMING_INTERNAL_H
#define ART_CORE_STEP_TIMING_INTERNAL_H
#include <omp.h>
#include <time.h>

#include "core/step/timing.h"

/// One per thread, in its own memory, and one of the thread that calls.
typedef struct art_timer {
  int32_t is_on;
  art_phase phase;  ///< that runs since `since_s`
  double since_s, cpu_since_s;
  double seconds[ART_PHASE_COUNT], cpu_seconds[ART_PHASE_COUNT];
  int64_t steps;
  int64_t updates[2];  ///< on lanes of links; on connectors
} art_timer;

/// Processor time of the calling thread: what others take from it on a shared machine, and what it sleeps, does not count.
static inline double art_thread_cpu_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/// The thread turns to `phase`; nothing if it is at that already, or if nobody measures.
static inline void art_timer_to(art_timer *timer, art_phase phase)
{
  if (!timer->is_on || timer->phase == phase) return;
  const double now_s = omp_get_wtime(), cpu_s = art_thread_cpu_s();
  if (timer->phase != ART_PHASE_NONE) {
    timer->seconds[timer->phase] += now_s - timer->since_s;
    timer->cpu_seconds[timer->phase] += cpu_s - timer->cpu_since_s;
  }
  timer->since_s = now_s;
  timer->cpu_since_s = cpu_s;
  timer->phase = phase;
}

/// A block's vehicles are about to be moved.
static inline void art_timer_count(art_timer *timer, int is_node, int32_t vehicles)
{
  if (timer->is_on) timer->updates[is_node] += vehicles;
}

#endif  // ART_CORE_STEP_TIMING_INTERNAL_H
