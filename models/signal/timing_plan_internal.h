/// \file timing_plan_internal.h
/// What the analysis of a signal program and the search for splits share.
#ifndef ART_MODELS_SIGNAL_TIMING_PLAN_INTERNAL_H
#define ART_MODELS_SIGNAL_TIMING_PLAN_INTERNAL_H
#include "models/signal/timing_plan.h"

/// The structure of a program and, for one set of durations, the discharge rates of its lane groups.
typedef struct timing_analysis {
  const art_timing_signal *signal;
  const art_timing_options *options;
  int32_t stage_count;
  int32_t *stage_of;      ///< [phase_count], -1: fixed
  double *stage_min_s;    ///< [stage_count]
  double *phase_min_s;    ///< [phase_count], of the parts of a stage
  double fixed_s;         ///< all fixed phases
  double *lane_scale;     ///< [lane_group_count], >= 1: what was seen to pass over what the formulas allow
  double *lane_flow_vps;  ///< [lane_group_count], vehicles per second
  double *rate_vps;       ///< [lane_group_count * phase_count], discharge while the phase runs
  double *bonus;    ///< [lane_group_count], vehicles a cycle won by yellow and lost at starts, all greens
  double *bonus_s;  ///< the same in seconds of green
} timing_analysis;

/// Finds stages and minimum greens. Free with timing_analysis_close().
void timing_analysis_open(timing_analysis *a, const art_timing_signal *signal,
                          const art_timing_options *options);
void timing_analysis_close(timing_analysis *a);
/// Fills rates and bonuses for these durations; opposed turns depend on them.
void timing_analysis_rate(timing_analysis *a, const int64_t *duration_ms);

static inline char timing_state(const art_timing_signal *signal, int32_t phase, int32_t group)
{
  return signal->state[(int64_t)phase * signal->group_count + group];
}
static inline int timing_is_yellow(char state)
{
  return state == 'y' || state == 'Y';
}

#endif  // ART_MODELS_SIGNAL_TIMING_PLAN_INTERNAL_H
