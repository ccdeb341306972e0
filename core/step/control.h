/// \file control.h
/// What a signal controller sees and says. The engine keeps all state (so that it can be saved, moved and compared);
/// controllers in models/signal are pure functions of a view. Between what a controller wants and what drivers see stands
/// the guard: whatever program, intervention or controller runs, yellow, intergreen and minimum greens are kept.
///
///     sensors, lanes, calls -> controller (wanted) -> guard (shown) -> aspects of connectors
#ifndef ART_CORE_STEP_CONTROL_H
#define ART_CORE_STEP_CONTROL_H
#include <stdint.h>

#include "core/net/network.h"
#include "core/num/real.h"

/// A detector as a controller reads it.
typedef struct art_sensor_reading {
  int32_t count;     ///< fronts that came over it since the run began
  uint8_t occupied;  ///< a body is over it now
  art_tick since_ms; ///< since when it is occupied or free
} art_sensor_reading;

/// A lane before a signal or behind it. Filled where a program asks for it, for all lanes of the links that lead to its
/// signal and away from it, and of links before the former as far as nothing joins or branches, until 200 m are covered.
typedef struct art_lane_reading {
  int32_t vehicles, standing;  ///< on the lane; of these below 5 km/h
  float queue_m;               ///< from the stop line to the rear of the last standing one
  int32_t near;                ///< of the vehicles, within sotl_reach_m of the stop line
  float tail_m;                ///< distance to the stop line of the last one within sotl_reach_m
  int32_t close, moving;       ///< of the near ones, within sotl_tail_m; of these, 5 km/h or faster
} art_lane_reading;

/// A vehicle that asks for priority (bus, tram) or preemption (emergency).
typedef struct art_priority_call {
  int32_t vehicle;     ///< trip; the same as long as it calls
  int32_t group;       ///< that it needs
  float distance_m;    ///< front to stop line
  float speed_mps;
  uint8_t is_emergency;
} art_priority_call;

enum { ART_CONTROL_WORDS = 128 };  ///< memory of a controller between its calls

/// One signal at one instant. Borrowed; a controller writes `memory`, `wanted`, `phase` and `next_ms`.
typedef struct art_control_view {
  const art_net *net;
  int32_t signal, program;
  art_tick now_ms, begin_ms;  ///< begin: of this program's run; memory is all zeros then
  int32_t step_ms;
  const char *shown;             ///< [groups] letters that drivers see
  const art_tick *since_ms;      ///< [groups] since when they do
  const art_sensor_reading *sensor;  ///< by detector of the net
  const art_lane_reading *lane;      ///< by link lane; NULL unless asked for
  const uint8_t *foot_waits;         ///< by crossing: somebody wants to cross; NULL: nobody anywhere
  int32_t call_count;
  const art_priority_call *call;
  int32_t connector_count;
  const int32_t *connector;  ///< of this signal, ascending
  const int32_t *passed;     ///< by connector of the net: fronts that entered it since the run began; NULL unless asked for
  const char *aspect;        ///< by connector of the net: art_aspect of the last step; NULL unless asked for
  int64_t *memory;  ///< [ART_CONTROL_WORDS]
  char *wanted;     ///< [groups] out: letters as in phase_state; the guard takes care of the way there
  int32_t phase;    ///< in and out: what runs, index within the program; -1: on the way between two
  art_tick next_ms; ///< out: not called before; at most now + 1 s if it listens to sensors
} art_control_view;

/// By the clock: what fixed programs do, and all for which nothing else decides. Pure.
void art_control_by_clock(art_control_view *view);

/// What a program of this kind reads beside sensors.
enum { ART_READS_LANES = 1, ART_READS_CALLS = 2, ART_READS_PASSAGES = 4 };

/// Limits of one signal that the guard holds it to, by group. Built once from programs, conflicts and stated times.
typedef struct art_guard_rules {
  int32_t group_count;
  int64_t *min_green_ms, *yellow_ms, *red_yellow_ms;  ///< [groups]; all four lie one after the other
  /// [from * groups + to] end of green to begin of green; -1: the two may be green together; from -2 down: they may,
  /// unless both show 'G', and where the first has ended, the second begins -2 - value ms later.
  int32_t *intergreen_ms;
} art_guard_rules;

/// An instant before every other one.
#define ART_LONG_AGO (INT64_MIN / 4)

/// Guard of one signal for one step: moves `shown` towards `wanted` as far as the rules allow. `green_since` and
/// `green_end` are by group, kept by the engine. Returns how many groups still differ from what is wanted. Pure.
typedef struct art_guard_view {
  const art_guard_rules *rules;
  art_tick now_ms;
  const char *wanted;
  char *shown;               ///< [groups] in and out
  art_tick *since_ms;        ///< [groups] in and out: since when the letter is shown
  art_tick *green_end_ms;    ///< [groups] in and out: when it was last green
  art_tick *green_begin_ms;  ///< [groups] in and out: when it became so; NULL: since_ms tells
} art_guard_view;

#endif  // ART_CORE_STEP_CONTROL_H
