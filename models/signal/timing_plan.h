/// \file timing_plan.h
/// Analysis and retiming of a fixed signal program: which greens belong together, what each approach could carry, which
/// movements are critical, and the cycle and splits that serve given flows.
///
/// A phase is *fixed* when it shows yellow or serves nobody (intergreen); consecutive phases that serve the same groups
/// form one *stage*, whose duration may change. Green that a movement keeps through somebody else's intergreen counts.
/// Splits maximise the smallest reserve (capacity over flow) of all lane groups, then the next smallest, and so on:
/// a linear program whose dual prices say what is critical. For programs without overlaps this is Webster's rule
/// (greens in proportion to the critical flow ratios); with overlaps it is the longest path of critical movements
/// through the cycle (Akcelik 1981).
#ifndef ART_MODELS_SIGNAL_TIMING_PLAN_H
#define ART_MODELS_SIGNAL_TIMING_PLAN_H
#include <stdint.h>

#include "core/base/status.h"

/// One turning movement: one character of the state strings, leaving from one lane group.
typedef struct art_timing_movement {
  int32_t group;  ///< place in the state strings
  int32_t lane_group;
  double flow_vph;
  double saturation_vph;  ///< of one lane that carries only this movement, unopposed
  double
      passed_vph;  ///< seen to pass under the present plan, which bounds the capacity from below; 0: not known
} art_timing_movement;

/// A program and its traffic. Borrowed from the caller.
typedef struct art_timing_signal {
  int32_t phase_count, group_count;
  const int64_t *duration_ms, *min_ms, *max_ms;  ///< [phase_count]
  const char *state;                             ///< [phase_count * group_count], r y g G s u o O
  int32_t lane_group_count;
  const double *lanes;  ///< lanes in each lane group, less what uneven use loses; > 0
  int32_t movement_count;
  const art_timing_movement *movement;
  const int32_t *yield_first;  ///< [movement_count + 1], into yield_to
  const int32_t *yield_to;     ///< movements that it gives way to where both are served
  const double *yield_share;   ///< share of the other movement's flow that it meets; NULL: all of it
} art_timing_signal;

/// Start from art_timing_options_default(). Headways of permitted turns as HCM 7, exhibit 19-30.
typedef struct art_timing_options {
  double cycle_min_s, cycle_max_s;
  double fixed_cycle_s;         ///< > 0: split this cycle instead of choosing one
  double startup_lost_s;        ///< lost at the begin of green
  double extension_s;           ///< yellow used as green, at most the yellow shown
  double min_green_s;           ///< of stages for which the program states no range
  double permitted_critical_s;  ///< critical headway of permitted turns
  double permitted_follow_up_s;
  double sneakers;             ///< permitted turns that clear at the end of each green
  double oversaturated_ratio;  ///< Y at or above this: the longest cycle
  double analysis_hours;       ///< T of the delay formula
} art_timing_options;
art_timing_options art_timing_options_default(void);
art_status art_timing_options_check(const art_timing_options *options, art_error *err);

/// A lane group under one plan.
typedef struct art_timing_lane_report {
  double flow_vph;
  double capacity_vph;
  double green_s;   ///< effective green
  double x;         ///< flow over capacity
  double delay_s;   ///< HCM control delay, per vehicle
  int is_critical;  ///< of the new plan
} art_timing_lane_report;

/// A signal under one plan.
typedef struct art_timing_report {
  double cycle_s;
  double flow_vph;  ///< all lane groups
  double max_x;
  double delay_s;  ///< mean over vehicles
} art_timing_report;

typedef struct art_timing_result {
  art_timing_report before, after;
  double critical_flow_ratio;  ///< Y
  double lost_s;               ///< L: intergreen not used, and greens bound to their minimum
  double wanted_cycle_s;       ///< Webster's, before limits; INFINITY when Y >= 1
  double critical_x;           ///< Y C / (C - L) of the new plan
  int32_t stage_count;
  int is_oversaturated;  ///< Y at or above the limit, or more flow than the new plan can carry
  int is_unchanged;      ///< no flow or no stage that may vary: durations as they were
} art_timing_result;

/// Capacity and delay of the signal with phases of `duration_ms`. lanes[lane_group_count] may be NULL. Allocates scratch.
art_timing_report art_timing_evaluate(const art_timing_signal *signal, const art_timing_options *options,
                                      const int64_t *duration_ms, art_timing_lane_report *lanes);

/// New durations, whole seconds, same phases; sum = the cycle. before/after[lane_group_count] may be NULL.
/// ART_E_INPUT when the program is not a plan (no phase, negative duration); `err` says why.
art_status art_timing_optimise(const art_timing_signal *signal, const art_timing_options *options,
                               int64_t *duration_ms, art_timing_lane_report *before,
                               art_timing_lane_report *after, art_timing_result *result, art_error *err);

/// 1: the character lets vehicles pass (G, g, s, o, O).
int art_timing_serves(char state);

#endif  // ART_MODELS_SIGNAL_TIMING_PLAN_H
