/// \file signal_rig.h
/// One signal on a bench: a controller, the guard, sensors, push buttons and buses that a test works by hand, and a
/// monitor that knows nothing of either and counts what drivers must never see.
#ifndef ART_TESTS_SUPPORT_SIGNAL_RIG_H
#define ART_TESTS_SUPPORT_SIGNAL_RIG_H
#include "core/step/control.h"

enum {
  ART_RIG_GROUPS = 32,
  ART_RIG_PHASES = 96,
  ART_RIG_PROGRAMS = 4,
  ART_RIG_SENSORS = 32,
  ART_RIG_CALLS = 4
};

typedef void (*art_rig_control)(art_control_view *view);
typedef int32_t (*art_rig_guard)(art_guard_view *view);

/// What the monitor counts.
typedef struct art_rig_faults {
  int conflicts;    ///< groups green together that must not be
  int intergreens;  ///< or one after the other too soon
  int short_greens;
  int short_yellows;  ///< or none at all
} art_rig_faults;

typedef struct art_rig {
  art_net net;  ///< columns below; only what controllers read
  art_control_view view;
  art_guard_rules rules;
  art_rig_guard guard;
  art_rig_control control;
  art_rig_faults faults;
  char shown[ART_RIG_GROUPS], wanted[ART_RIG_GROUPS];
  art_tick since_ms[ART_RIG_GROUPS], green_end_ms[ART_RIG_GROUPS], green_begin_ms[ART_RIG_GROUPS];
  uint8_t is_foot[ART_RIG_GROUPS];
  art_sensor_reading sensor[ART_RIG_SENSORS];
  uint8_t foot_waits[ART_RIG_GROUPS];  ///< by crossing: crossing x is that of the x-th foot group
  art_priority_call call[ART_RIG_CALLS];
  int64_t memory[ART_CONTROL_WORDS];
  // columns of the net
  int32_t program_first[ART_RIG_PROGRAMS + 2], group_count, signal_first_group[2];
  int64_t offset_ms[ART_RIG_PROGRAMS + 1], cycle_ms[ART_RIG_PROGRAMS + 1];
  float value[ART_CONTROL_VALUE_COUNT][ART_RIG_PROGRAMS + 1];
  int64_t duration_ms[ART_RIG_PHASES], min_ms[ART_RIG_PHASES], max_ms[ART_RIG_PHASES];
  int64_t time_ms[ART_PHASE_TIME_COUNT][ART_RIG_PHASES], first_state[ART_RIG_PHASES + 1];
  char state[ART_RIG_PHASES * ART_RIG_GROUPS];
  uint32_t flags[ART_RIG_PHASES];
  int32_t number[ART_RIG_PHASES];
  uint8_t ring[ART_RIG_PHASES], barrier[ART_RIG_PHASES], control_kind[ART_RIG_PROGRAMS + 1];
  int32_t first_next[ART_RIG_PHASES + 1], next[ART_RIG_PHASES * 8];
  int32_t first_sensor[ART_RIG_PHASES + 1], phase_sensor[ART_RIG_PHASES * 8];
  int64_t group_min_green_ms[ART_RIG_GROUPS], group_yellow_ms[ART_RIG_GROUPS],
      group_red_yellow_ms[ART_RIG_GROUPS];
  int32_t intergreen_ms[ART_RIG_GROUPS * ART_RIG_GROUPS];
  uint8_t detector_kind[ART_RIG_SENSORS];
  int32_t crossing_signal[ART_RIG_GROUPS], crossing_group[ART_RIG_GROUPS];
} art_rig;

/// A signal of so many groups, all red. Yellow 3 s, no intergreen, no minimum green, nobody conflicts; steps of
/// `step_ms`. Free with free().
art_rig *art_rig_new(int32_t groups, int32_t step_ms, art_rig_guard guard);
/// The group is for people: no yellow. Returns its crossing.
int32_t art_rig_foot(art_rig *rig, int32_t group);
/// Both directions: end of green of one to begin of green of the other, yellow included.
void art_rig_conflict(art_rig *rig, int32_t a, int32_t b, int64_t intergreen_ms);

/// A new program; phases that follow belong to it. Returns its index.
int32_t art_rig_program(art_rig *rig, int32_t kind, int64_t offset_ms, int64_t cycle_ms);
void art_rig_set(art_rig *rig, int value, float to);
/// A new phase of the last program. Returns its index within the program.
int32_t art_rig_phase(art_rig *rig, const char *state, int64_t duration_ms, int64_t min_ms, int64_t max_ms);
/// Of the last phase.
void art_rig_time(art_rig *rig, int time, int64_t ms);
void art_rig_flag(art_rig *rig, uint32_t flags);
void art_rig_place(art_rig *rig, int32_t number, int32_t ring, int32_t barrier);
void art_rig_next(art_rig *rig, int32_t phase);
void art_rig_sensor(art_rig *rig, int32_t sensor);

/// Puts a program and its controller in charge, from now on.
void art_rig_run(art_rig *rig, int32_t program, art_rig_control control, art_tick now_ms);
/// Asks the controller if it wants to be, lets the guard act, watches; then the clock goes on.
void art_rig_step(art_rig *rig);
/// Steps until this instant.
void art_rig_until(art_rig *rig, art_tick ms);

/// Somebody comes onto a sensor or leaves it now; a pulse does both.
void art_rig_occupy(art_rig *rig, int32_t sensor, int is_there);
void art_rig_pulse(art_rig *rig, int32_t sensor);
static inline int art_rig_goes(const art_rig *rig, int32_t group)
{
  return rig->shown[group] == 'G' || rig->shown[group] == 'g';
}
int art_rig_fault_count(const art_rig *rig);

#endif  // ART_TESTS_SUPPORT_SIGNAL_RIG_H
