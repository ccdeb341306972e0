/// \file control.h
/// What a signal program is made of beyond phases by the clock: how it decides, its settings, times of its phases, the
/// sensors that call and extend them. Field lists, so that files, checks and the reference are generated from them.
///
/// A *group* is one letter of a signal's state. A *stage* is a phase without yellow: groups that are green together. What
/// lies between two stages (yellow, all-red, red-yellow) is either written out as phases of its own, or made by the guard
/// of the signal (core/step/control.h) from the clearance times of the groups.
#ifndef ART_CORE_NET_CONTROL_H
#define ART_CORE_NET_CONTROL_H
#include <stdint.h>

/// X(suffix, name): how a program decides.
#define ART_CONTROL_LIST(X)                                                                     \
  X(FIXED, "static")              /* phases by the clock */                                     \
  X(ACTUATED, "actuated")         /* phases in order, extended and skipped by sensors */        \
  X(NEMA, "nema")                 /* two rings with barriers */                                 \
  X(STAGES, "stages")             /* stages on call, in any order, guard between them */        \
  X(MAX_PRESSURE, "max_pressure") /* the stage with the highest pressure */                     \
  X(SOTL, "sotl")                 /* self-organising: the stage whose waiting adds up */        \
  X(ADAPTIVE, "adaptive")         /* by the clock, splits and offset follow the arrivals */     \
  X(OFF, "off")                   /* dark: signs rule */                                        \
  X(FLASHING, "flashing")         /* yellow on the main road, red on the other: signs rule */   \
  X(USER, "user")                 /* somebody else's code, called once a second */

typedef enum art_control {
#define X(suffix, name) ART_CONTROL_##suffix,
  ART_CONTROL_LIST(X)
#undef X
      ART_CONTROL_COUNT
} art_control;

/// X(name, unit, initial, lowest, highest, sentence): settings of a program, one float column each.
#define ART_CONTROL_VALUE_LIST(X)                                                                                  \
  X(is_coordinated, "1", 0.0f, 0.0, 1.0, "1: coordinated phases are held to the cycle and offset.")              \
  X(is_fixed_force_off, "1", 1.0f, 0.0, 1.0, "1: unused time goes to the next phases; 0: to the coordinated ones.")   \
  X(is_type_170, "1", 0.0f, 0.0, 1.0, "NEMA: 1: the offset is that of the coordinated yellow; 0: of the green (TS2).") \
  X(is_simultaneous_gap, "1", 0.0f, 0.0, 1.0, "NEMA: 1: who waits at a barrier is extended again; 0: has had its gap.") \
  X(inactive_s, "s", 180.0f, 0.0, 86400.0, "A sensor that is on for longer counts as broken, its phase is recalled.") \
  X(decide_every_s, "s", 5.0f, 0.05, 600.0, "Time between decisions of max_pressure, and longest of sotl.")      \
  X(sotl_threshold, "1", 41.0f, 0.0, 1e5, "Vehicles times seconds before a red light that ask for green.")       \
  X(sotl_reach_m, "m", 80.0f, 1.0, 2000.0, "Vehicles that are so near a red light count.")                       \
  X(sotl_tail_m, "m", 25.0f, 0.0, 2000.0, "The tail of a platoon that is so near a green light is not cut.")     \
  X(sotl_tail_vehicles, "1", 3.0f, 0.0, 1000.0, "A platoon of more than so many before a green light is cut.")   \
  X(adapt_step_s, "s", 4.0f, 0.0, 120.0, "Largest change of a split or an offset in a cycle.")                   \
  X(priority_reach_m, "m", 0.0f, 0.0, 2000.0, "Buses and trams so near call for priority; 0: none do.")          \
  X(priority_extension_s, "s", 10.0f, 0.0, 120.0, "A green that a bus will reach is held so much longer at most.") \
  X(priority_early_s, "s", 10.0f, 0.0, 120.0, "Greens before the one that a bus needs are cut by so much at most.") \
  X(preemption_reach_m, "m", 0.0f, 0.0, 2000.0, "Emergency vehicles so near get green; 0: they do not.")

enum {
#define X(name, unit, initial, lowest, highest, sentence) ART_CONTROL_VALUE_##name,
  ART_CONTROL_VALUE_LIST(X)
#undef X
      ART_CONTROL_VALUE_COUNT
};

/// X(name, initial, sentence): times of a phase in milliseconds beside its duration, minimum and maximum.
#define ART_PHASE_TIME_LIST(X)                                                                                     \
  X(extension_ms, 0, "Passage time: the green ends after a gap so long (gap-out); 0: it is not extended.")         \
  X(yellow_ms, -1, "Yellow after it; -1: the program writes it out, or the groups' own.")                          \
  X(red_ms, -1, "All-red after the yellow; -1: likewise.")                                                         \
  X(split_ms, 0, "Coordinated: its share of the cycle, clearance included; 0: maximum, yellow and red.")           \
  X(walk_ms, 0, "Walk shown at least so long once called; 0: no pedestrians.")                                     \
  X(foot_clearance_ms, 0, "Time that pedestrians who have started get before the yellow.")                         \
  X(reduce_after_ms, 0, "Volume-density: the passage time begins to shrink after so long; 0: never.")              \
  X(reduce_for_ms, 0, "And reaches its minimum after so much more.")                                               \
  X(least_gap_ms, 0, "The passage time that is left then.")                                                        \
  X(earliest_end_ms, -1, "Actuated: its green does not end before this place in the cycle; -1: no such place.")    \
  X(latest_end_ms, -1, "Actuated: nor after this one.")                                                            \
  X(max_red_ms, 0, "Stages: a call that waits for so long goes before all others; 0: never.")

enum {
#define X(name, initial, sentence) ART_PHASE_TIME_##name,
  ART_PHASE_TIME_LIST(X)
#undef X
      ART_PHASE_TIME_COUNT
};

/// X(suffix, bit, name): what else is set for a phase.
#define ART_PHASE_FLAG_LIST(X)                                                                  \
  X(RECALL_MIN, 0, "recall_min")     /* served every cycle for its minimum */                   \
  X(RECALL_MAX, 1, "recall_max")     /* served every cycle for its maximum */                   \
  X(RECALL_FOOT, 2, "recall_foot")   /* walk is called every cycle */                           \
  X(COORDINATED, 3, "coordinated")   /* ends at its place in the cycle */                       \
  X(DUAL_ENTRY, 4, "dual_entry")     /* comes along where the other ring alone is called */     \
  X(OMIT, 5, "omit")                 /* never served */                                         \
  X(MEMORY, 6, "memory")             /* a call stays until served, even if the sensor is off */ \
  X(MAY_SKIP, 7, "may_skip")         /* left out if nobody calls it */                          \
  X(MANUAL_NEXT, 8, "has_next")      /* phase_next says what may follow */

typedef enum art_phase_flag {
#define X(suffix, bit, name) ART_PHASE_##suffix = 1 << (bit),
  ART_PHASE_FLAG_LIST(X)
#undef X
} art_phase_flag;

/// Who waits for a line behind a lane shorter than this may stand on the connector that leads to the lane: sensors and
/// readings of the lane cover that too.
#define ART_SENSOR_LANE_M 8.0f

/// Letters of a state. Green; what lets go: green, and heads that are off; of these what need not yield.
static inline int art_letter_is_green(char letter) { return letter == 'G' || letter == 'g'; }
static inline int art_letter_goes(char letter) { return art_letter_is_green(letter) || letter == 'O' || letter == 'o'; }
static inline int art_letter_is_major(char letter) { return letter == 'G' || letter == 'O'; }

/// The file names of kinds of control; -1 / "unknown" if there is none.
int art_control_find(const char *name);
const char *art_control_name(int control);
/// Names, initial values and bounds of the lists.
const char *art_control_value_name(int value);
float art_control_value_initial(int value);
double art_control_value_lowest(int value);
double art_control_value_highest(int value);
int64_t art_phase_time_initial(int time);

#endif  // ART_CORE_NET_CONTROL_H
