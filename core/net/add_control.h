/// \file add_control.h
/// Programs and sensors that are added to signals of a network that is complete otherwise.
#ifndef ART_CORE_NET_ADD_CONTROL_H
#define ART_CORE_NET_ADD_CONTROL_H
#include "core/net/network.h"

/// Adds a program behind those of a signal: by the clock, minimum and maximum equal to the durations, all settings
/// initial. `letters` has one letter a group, phase after phase. Later programs move up by one, and what names them
/// follows. Returns its index. Needs art_net_index.
int32_t art_net_add_program(art_net *net, int32_t signal, const char *id, int32_t phase_count,
                            const int64_t *duration_ms, const char *letters);

/// Where sensors are put, metres before the stop line; 0: none there. On shorter lanes they lie where those begin, and
/// before lanes too short for a vehicle (ART_SENSOR_LANE_M) on the connectors that lead there.
/// Vehicles stop 1 m before the line, so that one nearer than that would see nobody waiting.
typedef struct art_sensor_places {
  float line_m, upstream_m;
  int64_t period_ms;  ///< of their rows among the results
} art_sensor_places;
#define ART_SENSOR_PLACES ((art_sensor_places){ .line_m = 3.0f, .upstream_m = 40.0f, .period_ms = 300000 })

/// Puts point detectors on every lane that a phase of the program lets go, and makes them sensors of the phase. Those that
/// another program of the signal uses already are used again. Returns how many detectors were added.
int32_t art_net_add_sensors(art_net *net, int32_t program, const art_sensor_places *places);

#endif  // ART_CORE_NET_ADD_CONTROL_H
