/// \file raw_internal.h
/// A SUMO network as it stands in the file, before it becomes a city. Every name is interned in one table, so that
/// elements may refer to what follows later; *_of_name resolve them once the file is read.
#ifndef ART_IO_SUMO_RAW_INTERNAL_H
#define ART_IO_SUMO_RAW_INTERNAL_H
#include <stdint.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "io/city/city.h"
#include "io/sumo/import.h"
#include "io/sumo/xml_internal.h"

typedef enum art_raw_function {
  ART_RAW_NORMAL,
  ART_RAW_INTERNAL,
  ART_RAW_CONNECTOR,
  ART_RAW_CROSSING,
  ART_RAW_WALKING
} art_raw_function;

typedef struct art_raw_edge {
  int32_t id, from, to;  ///< names; from and to -1 where absent
  int32_t priority;
  int32_t first_lane, lane_count;
  char *name;  ///< of the street, or NULL
  int line;
  uint8_t function;  ///< art_raw_function
} art_raw_edge;

typedef struct art_raw_lane {
  int32_t id, edge;
  int32_t point_count;
  int64_t first_point;
  double length_m, speed_mps, width_m;
  double rise_m;  ///< height of the last point of its shape over the first; 0 where heights are not given
  uint32_t allowed, change_left, change_right;
} art_raw_lane;

typedef struct art_raw_junction {
  int32_t id;
  int32_t kind;  ///< art_node_kind; -1: internal
  double x, y;
  int32_t point_count;
  int64_t first_point;
  int32_t first_request, request_count;
  char *incoming;  ///< incLanes as written
} art_raw_junction;

typedef struct art_raw_request {
  int32_t index;
  char *response, *foes;
  uint8_t cont;
} art_raw_request;

typedef struct art_raw_connection {
  int32_t from, to;  ///< edge names
  int32_t from_lane, to_lane;
  int32_t via, signal;  ///< names or -1
  int32_t group;
  uint32_t allowed;
  int line;
  char turn, state;
  uint8_t keep_clear;
} art_raw_connection;

/// What a program is made of beyond its phases; a file says it by <param>. NEMA phases by their numbers, 0 is a blank.
enum { ART_RAW_LIST = 16 };
typedef struct art_raw_phases {
  int count;  ///< -1: not given
  uint8_t number[ART_RAW_LIST];
} art_raw_phases;
typedef struct art_raw_settings {
  double max_gap_s, passing_s, detector_gap_s, loop_m;  ///< of induction loops
  double area_m, left_area_m;                           ///< of areas at the stop line
  int64_t inactive_ms, cycle_ms;
  int32_t cycle_rank;  ///< of the parameter that gave the cycle, of several that may
  int32_t is_coordinated, is_fixed_force_off, is_type170;
  art_raw_phases ring[2], barrier, coordinated, min_recall, max_recall, latching;
} art_raw_settings;

/// A <param> whose meaning shows once the lanes are known: a detector of the user's for a lane.
typedef struct art_raw_param {
  char *key, *value;
  int line;
} art_raw_param;

typedef enum art_raw_program_kind {
  ART_RAW_STATIC,
  ART_RAW_ACTUATED,
  ART_RAW_NEMA,
  ART_RAW_DELAY_BASED,
  ART_RAW_OFF
} art_raw_program_kind;

/// Signal programs of the net and of additional files, in loading order.
typedef struct art_raw_program {
  char *signal, *program;
  int64_t offset_ms;
  int32_t first_phase, phase_count, group_count;
  int32_t first_param, param_count;
  art_raw_settings settings;
  const char *file;  ///< borrowed
  int line;
  uint8_t kind;  ///< art_raw_program_kind
} art_raw_program;
typedef struct art_raw_phase {
  int64_t duration_ms, min_ms, max_ms;
  int64_t extension_ms, yellow_ms, red_ms;  ///< NEMA
  int64_t earliest_end_ms, latest_end_ms;   ///< in the cycle; -1: not given
  int32_t first_next, next_count;
  int line;
  uint8_t number, ring, barrier;
  char *state;
} art_raw_phase;

/// Programs by time of day.
typedef struct art_raw_waut {
  char *id, *start;  ///< start: NULL if not given
  int64_t reference_ms, period_ms;
  int32_t first_switch, switch_count;
} art_raw_waut;
typedef struct art_raw_waut_switch {
  int64_t at_ms;
  char *program;
  const char *file;
  int line;
} art_raw_waut_switch;
typedef struct art_raw_waut_junction {
  char *waut, *signal;
  const char *file;
  int line;
} art_raw_waut_junction;

typedef struct art_raw_signals {
  int32_t program_count, program_capacity, phase_count, phase_capacity, param_count, param_capacity;
  int32_t next_count, next_capacity, waut_count, waut_capacity, switch_count, switch_capacity;
  int32_t junction_count, junction_capacity;
  art_raw_program *program;
  art_raw_phase *phase;
  art_raw_param *param;
  int32_t *next;  ///< of phases, index within the program
  art_raw_waut *waut;
  art_raw_waut_switch *change;
  art_raw_waut_junction *junction;
  int holds_cycle;   ///< as asked for by who imports
  int is_open;       ///< inside a tlLogic
  int waut_is_open;  ///< inside a WAUT
} art_raw_signals;

typedef struct art_raw_net {
  art_idmap *names;
  int32_t edge_count, edge_capacity, lane_count, lane_capacity, junction_count, junction_capacity;
  int32_t request_count, request_capacity, connection_count, connection_capacity, ring_count, ring_capacity;
  int64_t point_count, point_capacity;
  art_raw_edge *edge;
  art_raw_lane *lane;
  art_raw_junction *junction;
  art_raw_request *request;
  art_raw_connection *connection;
  int32_t *ring;  ///< names of edges in roundabouts
  double *x, *y;
  double offset_x, offset_y;
  char *projection;  ///< as written, or NULL
  int left_hand;
  art_raw_signals signals;
  // by name, -1 where there is none; art_raw_net_resolve() makes them
  int32_t *edge_of_name, *lane_of_name, *junction_of_name;
  const char *file;  ///< borrowed
} art_raw_net;

art_raw_net *art_raw_net_new(void);
void art_raw_net_free(art_raw_net *raw);
art_status art_raw_net_read(const char *path, const art_sumo_text *text, art_raw_net *raw,
                            art_import_report *report, art_error *err);

/// Permissions out of allow and disallow (either may be NULL), as SUMO reads them.
uint32_t art_sumo_permissions(const char *allow, const char *disallow, art_import_report *report);
/// Class of a name, deprecated names included; -1 if unknown.
int art_sumo_vclass(const char *name);

// signals.c
/// Handles tlLogic with its phases and parameters, and WAUT, of a net or of an additional file; returns 0 if the element is
/// another one.
int art_raw_signals_start(art_raw_signals *signals, art_xml *xml, const char *element,
                          art_import_report *report);
void art_raw_signals_end(art_raw_signals *signals, art_xml *xml, const char *element,
                         art_import_report *report);
void art_raw_signals_clear(art_raw_signals *signals);
/// Moves programs into the net, with how they decide, their sensors and their schedules. Signals are those that connectors
/// name, in the order of `signal_ids`; `lane_ids` are the link lanes. Detectors stand in the net already.
art_status art_signals_build(const art_raw_signals *signals, const art_idmap *signal_ids,
                             const art_idmap *lane_ids, art_net *net, art_import_report *report,
                             art_error *err);

// signal_params.c
art_raw_settings art_raw_settings_initial(void);
/// One <param> of the program that is open.
void art_raw_param_read(art_raw_signals *signals, art_xml *xml, art_import_report *report);
/// Where the program that is open is a NEMA controller: brings its phases into the order of its rings.
void art_raw_rings_order(art_raw_signals *signals, art_xml *xml, art_import_report *report);
int art_raw_phases_has(const art_raw_phases *list, int number);

// schedules.c
int art_raw_waut_start(art_raw_signals *signals, art_xml *xml, const char *element);
void art_raw_waut_clear(art_raw_signals *signals);
/// How many programs `off` the schedules need that no file defines: 0 or 1 by signal, for all in `signal_ids`.
/// signal_of[raw program] as art_signals_build() finds it.
uint8_t *art_sumo_schedules_need_off(const art_raw_signals *raw, const art_idmap *signal_ids,
                                const int32_t *signal_of);
/// Switch times and the programs that run first, from schedules, once all programs stand in the net.
art_status art_sumo_schedules_build(const art_raw_signals *raw, art_net *net, art_import_report *report,
                               art_error *err);

// signal_control.c
/// How programs decide: settings, times and flags of phases. raw_of[program]: its raw program; -1: made up here, and off.
void art_sumo_control_build(const art_raw_signals *raw, const int32_t *raw_of, art_net *net,
                       art_import_report *report);

// signal_sensors.c
/// Sensors of phases: the detectors that a file names, else new ones at the places where SUMO puts its own.
art_status art_sumo_sensors_build(const art_raw_signals *raw, const int32_t *raw_of, const art_idmap *lane_ids,
                             art_net *net, art_import_report *report, art_error *err);

// network_build.c
/// The city without stops, detectors and programs. `signal_ids` receives the signals that connectors name.
art_status art_city_build(art_raw_net *raw, art_idmap *signal_ids, art_city **out, art_import_report *report,
                          art_error *err);

// right_of_way.c
/// Conflicts and holding points from geometry and right of way. link_index[connector]: row in the node's requests or
/// -1; request_of_node[node]: first request row; all of them borrowed.
void art_conflicts_build(const art_raw_net *raw, const int32_t *junction_of_node, const int32_t *link_index,
                         art_city *city, art_import_report *report);

// crossings.c
/// Pedestrian crossings, without people. Needs connectors and their shapes; signals are indices of `signal_ids`.
void art_crossings_build(const art_raw_net *raw, const int32_t *node_of_junction, const art_idmap *signal_ids,
                         art_city *city, art_import_report *report);

#endif  // ART_IO_SUMO_RAW_INTERNAL_H
