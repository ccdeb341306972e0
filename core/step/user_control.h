/// \file user_control.h
/// The interface for a signal controller of your own: one C function in a shared library, which a scenario names with
/// `controllers: [{signals: ..., control: user, library: mine.so}]`. This header needs nothing but the C library.
///
///     int arterial_control(const art_user_signal *signal, art_user_decision *decision);
///
/// It is called once a second for each signal, sees sensors and what drivers see, and names the stage that it wants. The
/// way there - yellow, all-red, minimum greens - is taken care of, so that it may ask for anything at any time.
///
/// Rules: everything in `signal` is borrowed for the call. What is to be remembered stands in `memory`, nowhere else: then
/// runs can be repeated, and several signals and runs can share the library. Compile as C, C++, Rust, ... with
///     cc -shared -fPIC -I <source of arterial> -o mine.so mine.c
#ifndef ART_CORE_STEP_USER_CONTROL_H
#define ART_CORE_STEP_USER_CONTROL_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ART_USER_CONTROL_VERSION 1
#define ART_USER_MEMORY_WORDS 96

/// A detector that calls or extends a stage.
typedef struct art_user_sensor {
  const char *id;
  int32_t count;        ///< fronts that came over it since the run began
  int32_t is_occupied;  ///< 1: somebody is on it
  int64_t since_ms;     ///< since when it is occupied or free
} art_user_sensor;

/// Groups that are green together, as a phase of the program.
typedef struct art_user_stage {
  const char *letters;  ///< one a group: G green, g green that yields, r red; no terminator
  int64_t duration_ms, min_ms, max_ms, extension_ms;  ///< as the program states them
  int32_t sensor_count;
  const int32_t *sensor;  ///< indices into art_user_signal.sensor
} art_user_stage;

/// One signal at one instant.
typedef struct art_user_signal {
  int32_t version;            ///< ART_USER_CONTROL_VERSION of the program; members are only ever added at the end
  const char *id, *program;
  const char *options;        ///< of the scenario; "" if there are none
  int64_t now_ms, begin_ms;   ///< clock of the run; begin: of this program's time, where memory is all zeros
  int32_t group_count;
  const char *shown;          ///< one letter a group that drivers see: r, y, g, G, u; no terminator
  const int64_t *shown_since_ms;
  const uint8_t *people_wait; ///< by group: somebody wants to cross at a light of this group
  int32_t stage_count;
  const art_user_stage *stage;
  int32_t stage_wanted;       ///< by the last decision; -1: none yet
  int32_t stage_shown;        ///< the stage that drivers see in full; -1: on the way between two
  int32_t sensor_count;
  const art_user_sensor *sensor;
  int64_t *memory;            ///< [ART_USER_MEMORY_WORDS], kept between the calls
} art_user_signal;

/// What it wants. Filled before the call with what was wanted last.
typedef struct art_user_decision {
  int32_t stage;    ///< -1: what `letters` says
  char *letters;    ///< [group_count], used where stage is -1
  int64_t next_ms;  ///< next call; before the call: a second from now
} art_user_decision;

/// Returns 0; anything else leaves all as it was.
typedef int (*art_user_control)(const art_user_signal *signal, art_user_decision *decision);
int arterial_control(const art_user_signal *signal, art_user_decision *decision);

#ifdef __cplusplus
}
#endif

#endif  // ART_CORE_STEP_USER_CONTROL_H
