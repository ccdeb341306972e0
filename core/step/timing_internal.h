/// \file timing_internal.h
/// A thread's clock. Private to core/step.
#ifndef ART_CORE_STEP_TIMING_INTERNAL_H
#define ART_CORE_STEP_TIMING_INTERNAL_H
#include <omp.h>

#include "core/step/timing.h"

/// One per thread, in its own memory, and one of the thread that calls.
typedef struct art_timer {
  int32_t is_on;
  art_phase phase;  ///< that runs since `since_s`
  double since_s;
  double seconds[ART_PHASE_COUNT];
  int64_t steps;
  int64_t updates[2];  ///< on lanes of links; on connectors
} art_timer;

/// The thread turns to `phase`; nothing if it is at that already, or if nobody measures.
static inline void art_timer_to(art_timer *timer, art_phase phase)
{
  if (!timer->is_on || timer->phase == phase) return;
  const double now_s = omp_get_wtime();
  if (timer->phase != ART_PHASE_NONE) timer->seconds[timer->phase] += now_s - timer->since_s;
  timer->since_s = now_s;
  timer->phase = phase;
}

/// A block's vehicles are about to be moved.
static inline void art_timer_count(art_timer *timer, int is_node, int32_t vehicles)
{
  if (timer->is_on) timer->updates[is_node] += vehicles;
}

#endif  // ART_CORE_STEP_TIMING_INTERNAL_H
