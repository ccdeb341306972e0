/// \file signals_internal.h
/// What the engine keeps for signals: who controls them, what drivers see, what sensors say. Private to core/step.
///
/// All of it is written between the steps by one thread (art_signals_update), but for the counts of sensors, which the
/// move pass adds to atomically. So it depends neither on threads nor on the order of blocks.
#ifndef ART_CORE_STEP_SIGNALS_INTERNAL_H
#define ART_CORE_STEP_SIGNALS_INTERNAL_H
#include "core/step/control.h"
#include "core/step/kernels.h"
#include "core/step/sim.h"

/// Where a signal stands between its programs.
typedef enum art_signal_mode {
  ART_SIGNAL_LIT,         ///< a program shows its lights
  ART_SIGNAL_GOING_DARK,  ///< ends its greens on the way to off or flashing
  ART_SIGNAL_DARK,        ///< off or flashing: signs rule
  ART_SIGNAL_STARTING     ///< from there: yellow for all, red for all, then the program
} art_signal_mode;

typedef struct art_signal_state {
  int32_t program;    ///< that runs, absolute index
  int32_t phase;      ///< index within it; -1: on the way between two
  art_tick begin_ms;  ///< of its run
  art_tick next_ms;   ///< its control is not asked before
  art_tick switch_ms; ///< nobody has to look for another program before
  art_tick lit_ms;    ///< STARTING: the program begins
  uint8_t mode;       ///< art_signal_mode
  uint8_t is_settled; ///< drivers see what is wanted
  int32_t sensor_seen; ///< counts of the program's sensors, added up, at the last event
} art_signal_state;

typedef struct art_signals {
  art_signal_state *state;  ///< by signal
  int64_t *memory;  ///< of controllers, ART_CONTROL_WORDS by signal; takes none where nobody writes
  art_tick *wake_ms;        ///< by signal: nothing happens before; apart, since every step asks for all of them
  art_guard_rules *rules;   ///< by signal; those that are alike share what they point to
  void *rules_memory;       ///< all of that ...
  int64_t rules_bytes;      ///< ... and how much it is
  // By group, at signal_first_group of the net.
  char *shown, *wanted, *before;
  art_tick *since_ms, *green_end_ms, *green_begin_ms;
  art_tick *seen_since_ms, *seen_green_end_ms, *seen_green_begin_ms;  ///< of the monitor, which trusts nobody
  int32_t *first_connector, *connector;  ///< [signals + 1] and rows: connectors of a signal
  int32_t *first_crossing, *crossing;    ///< the same of crossings

  // What controllers read.
  uint8_t *sensor_used;        ///< by detector; NULL: no program has sensors
  art_sensor_reading *sensor;  ///< by detector
  int32_t *sensor_count_seen;  ///< by detector: count when last looked at
  int32_t used_count;
  int32_t *used;               ///< detectors that are used
  art_lane_reading *lane;      ///< by link lane; NULL: nobody reads lanes
  int32_t *first_lane, *lane_row;       ///< [signals + 1] and rows: lanes before and behind a signal
  int32_t *first_call_lane;             ///< [signals + 1]
  int32_t *call_lane;                   ///< lanes and connectors that are looked at for calls
  art_priority_call *call;
  int32_t call_count, call_capacity;

  art_signal_event *event;
  int64_t event_count, event_capacity;
  char *letters;
  int64_t letter_count, letter_capacity;
} art_signals;

static inline int64_t *art_signals_memory(const art_signals *signals, int32_t signal)
{
  return signals->memory + (int64_t)signal * ART_CONTROL_WORDS;
}

/// What drivers see: the letter of a group.
static inline char art_signals_letter(const art_net *net, const art_signals *signals, int32_t signal, int32_t group)
{
  return signals->shown[net->signal_first_group[signal] + group];
}

// signal_rules.c
/// Limits of a signal from what is stated, what its programs show, and the geometry of its conflicts. Times that programs
/// show are rounded down to the step, in which they are shown. Free with art_guard_rules_clear.
art_guard_rules art_guard_rules_of(const art_net *net, const art_ways *ways, const art_signals *signals, int32_t signal,
                                   int32_t step_ms);
void art_guard_rules_clear(art_guard_rules *rules);
/// Size of what the rules of so many groups point to, and rules that point to so much memory of the caller, 8-byte aligned.
size_t art_guard_rules_bytes(int32_t groups);
void art_guard_rules_place(art_guard_rules *rules, int32_t groups, void *memory);
/// Does the controller of a signal of this program show what its phases say, one after the other, yellow included?
int art_program_writes_out(const art_net *net, int32_t program);

// signal_monitor.c
/// Counts in the ledger what a change from `before` to what is shown now breaks of the rules, with a memory of its own.
void art_signals_watch(art_sim *sim, int32_t signal);

// sensors.c
void art_sensors_build(art_sim *sim);
void art_sensors_free(art_signals *signals);
/// Occupancy of all sensors at this instant, where all vehicles have moved.
void art_sensors_look(art_sim *sim);
/// Fills what the control of this signal reads beside sensors.
void art_sensors_read_lanes(art_sim *sim, int32_t signal);
void art_sensors_read_calls(art_sim *sim, int32_t signal);
// Their parts, where the road is on several ranks: what own lanes show.
int art_sensor_is_covered(const art_sim *sim, int32_t detector);
art_lane_reading art_sensors_read_lane(const art_sim *sim, int32_t lane, int32_t program);
void art_sensors_find_calls(art_sim *sim, int32_t signal, int32_t program);  ///< into signals->call
void art_sensors_put_call(art_signals *signals, const art_priority_call *call);

// signals.c
/// The program that runs in this step.
int32_t art_signals_program_now(const art_sim *sim, int32_t signal);
void art_signals_create(art_sim *sim);
void art_signals_free(art_sim *sim);

#endif  // ART_CORE_STEP_SIGNALS_INTERNAL_H
