/// \file network.h
/// The road network as the engine sees it: nodes, links, lanes, connectors, conflicts, signals, stops, detectors.
/// Geometry-free: shapes and coordinates stand beside it in the city (io/city/city.h). Immutable while a run steps.
///
/// One index space for lanes: [0, link_lane_count) are lanes of links, grouped by link, kerbside (rightmost) first;
/// [link_lane_count, lane_count) are connectors, paths through a node from lane to lane. Connector c is lane
/// link_lane_count + c. Connectors are sorted by (from lane, to lane), so that those leaving a lane are neighbours.
/// All `*_first` arrays have one element more than what they index (CSR). Index -1 means "none".
#ifndef ART_CORE_NET_NETWORK_H
#define ART_CORE_NET_NETWORK_H
#include <stdint.h>

#include "core/base/status.h"
#include "core/net/control.h"
#include "core/net/vclass.h"

/// How a node arbitrates. X(suffix, name in files)
#define ART_NODE_KIND_LIST(X)                                                                                   \
  X(PRIORITY, "priority")                                                                                       \
  X(PRIORITY_STOP, "priority_stop")                                                                             \
  X(ALLWAY_STOP, "allway_stop")                                                                                 \
  X(RIGHT_BEFORE_LEFT, "right_before_left")                                                                     \
  X(LEFT_BEFORE_RIGHT, "left_before_right")                                                                     \
  X(TRAFFIC_LIGHT, "traffic_light")                                                                             \
  X(TRAFFIC_LIGHT_UNREGULATED, "traffic_light_unregulated")                                                     \
  X(TRAFFIC_LIGHT_RIGHT_ON_RED, "traffic_light_right_on_red")                                                   \
  X(RAIL_SIGNAL, "rail_signal")                                                                                 \
  X(RAIL_CROSSING, "rail_crossing")                                                                             \
  X(ZIPPER, "zipper")                                                                                           \
  X(UNREGULATED, "unregulated")                                                                                 \
  X(DISTRICT, "district")                                                                                       \
  X(DEAD_END, "dead_end")
typedef enum art_node_kind {
#define X(name, text) ART_NODE_##name,
  ART_NODE_KIND_LIST(X)
#undef X
      ART_NODE_KIND_COUNT
} art_node_kind;

/// Direction of a connector: straight, turn (U), left, right, part left, part right; letters as SUMO writes them.
typedef enum art_turn {
  ART_TURN_STRAIGHT,
  ART_TURN_U,
  ART_TURN_LEFT,
  ART_TURN_RIGHT,
  ART_TURN_PART_LEFT,
  ART_TURN_PART_RIGHT
} art_turn;

/// Kinds of conflict between two connectors of one node.
typedef enum art_conflict_kind {
  ART_CONFLICT_CROSS,   ///< paths cross
  ART_CONFLICT_MERGE,   ///< both end in the same lane
  ART_CONFLICT_DIVERGE  ///< both start in the same lane; the zone is where the bodies still overlap sideways
} art_conflict_kind;

typedef enum art_detector_kind { ART_DETECTOR_POINT, ART_DETECTOR_AREA, ART_DETECTOR_ENTRY_EXIT } art_detector_kind;

typedef struct art_net {
  // nodes
  int32_t node_count;
  char **node_id;
  uint8_t *node_kind;           ///< art_node_kind

  // links
  int32_t link_count;
  char **link_id;
  int32_t *link_from, *link_to; ///< nodes
  int32_t *link_first_lane;     ///< [link_count + 1], into lanes
  int32_t *link_priority;
  uint8_t *link_in_roundabout;

  // lanes (link lanes first, then connectors)
  int32_t link_lane_count, lane_count;
  int32_t *lane_link;           ///< of a link lane; -1 for a connector
  float *lane_length_m;         ///< > 0; what vehicles drive, may differ from the drawn length
  float *lane_speed_mps;        ///< limit; for connectors the turning speed
  float *lane_width_m;
  uint32_t *lane_allowed;       ///< mask of art_vclass
  uint32_t *lane_change_left;   ///< classes that may change to the next lane on the left (index + 1)
  uint32_t *lane_change_right;
  float *lane_grade;            ///< rise over run in driving direction; NULL: flat everywhere
  float *lane_speed_factor;     ///< on desired speeds; NULL: 1 everywhere
  float *lane_gap_factor;       ///< on desired time gaps, so on capacity; NULL: 1 everywhere

  // connectors
  int32_t connector_count;
  int32_t *connector_from, *connector_to;  ///< link lanes
  int32_t *connector_node;
  uint8_t *connector_turn;      ///< art_turn
  char *connector_state;        ///< M m O o = - s w Z as in SUMO: right of way where no signal runs
  int32_t *connector_signal;    ///< -1: not signalised
  int32_t *connector_signal_group;  ///< place in the signal's state string
  float *connector_hold_m;      ///< holding point inside the node, from the connector's start; < 0: none
  uint8_t *connector_keep_clear;///< 1: do not enter unless the exit has room
  uint8_t *connector_cont;      ///< 1: may wait inside at the holding point
  float *connector_critical_gap_s;  ///< smallest gap accepted in streams it yields to; 0: from geometry and kinematics
  float *connector_follow_up_s;     ///< between two that leave a queue in one gap; 0: as they drive
  float *connector_sight_m;     ///< others are seen from this distance to their conflict on; 0: from any distance
  int32_t *lane_first_out;      ///< [link_lane_count + 1], into connectors
  int32_t *lane_first_in;       ///< [link_lane_count + 1], into lane_in
  int32_t *lane_in;             ///< connectors that end in a lane
  int32_t *node_first_connector;///< [node_count + 1], into node_connector
  int32_t *node_connector;

  // conflicts: row k of connector c for conflict_first[c] <= k < conflict_first[c + 1]; every pair has two rows
  int32_t conflict_count;
  int32_t *conflict_first;      ///< [connector_count + 1]
  int32_t *conflict_other;      ///< the other connector
  uint8_t *conflict_kind;       ///< art_conflict_kind
  uint8_t *conflict_yield;      ///< 1: by right of way this connector yields to the other (signals may overrule)
  float *conflict_enter_m, *conflict_exit_m;              ///< zone on this connector, distances of the front bumper
  float *conflict_other_enter_m, *conflict_other_exit_m;  ///< the same zone on the other one

  // signals: program p of signal s for signal_first_program[s] <= p < ...[s + 1]; likewise phases of a program
  int32_t signal_count;
  char **signal_id;
  int32_t *signal_group_count;  ///< length of every state string of the signal
  int32_t *signal_first_program;
  int32_t *signal_active;       ///< the program (absolute index) that runs
  int32_t program_count;
  char **program_id;
  int64_t *program_offset_ms;
  int32_t *program_first_phase; ///< [program_count + 1]
  int32_t phase_count;
  int64_t *phase_duration_ms, *phase_min_ms, *phase_max_ms;
  int64_t *phase_first_state;   ///< [phase_count + 1], into phase_state; no terminators
  char *phase_state;            ///< r y g G s u o O, one character per group

  // control: what fixed-time programs do without (core/net/control.h). art_net_index fills what is missing.
  uint8_t *program_control;     ///< art_control
  int64_t *program_cycle_ms;    ///< of coordinated programs; 0: what the phases add up to
  float *program_value[ART_CONTROL_VALUE_COUNT];  ///< [program_count] each
  int64_t *phase_time_ms[ART_PHASE_TIME_COUNT];   ///< [phase_count] each
  uint32_t *phase_flags;        ///< mask of art_phase_flag
  int32_t *phase_number;        ///< what engineers call it (NEMA: 1 to 16); 0: no number
  uint8_t *phase_ring, *phase_barrier;  ///< NEMA: 0 ... ; phases of a ring follow in the order of their rows
  int32_t *phase_first_next;    ///< [phase_count + 1], into phase_next
  int32_t phase_next_count;
  int32_t *phase_next;          ///< index within the program: what may follow, first choice first
  int32_t *phase_first_sensor;  ///< [phase_count + 1], into phase_sensor
  int32_t phase_sensor_count;
  int32_t *phase_sensor;        ///< detectors that call and extend the phase
  // groups of signal s: group_... [signal_first_group[s] + g]; signal_first_group follows from signal_group_count
  int32_t *signal_first_group;  ///< [signal_count + 1]
  int64_t *group_min_green_ms, *group_yellow_ms, *group_red_yellow_ms;  ///< -1: as the programs show it, else the default
  int32_t *signal_first_intergreen;  ///< [signal_count + 1]
  int32_t intergreen_count;
  int32_t *intergreen_from, *intergreen_to;  ///< groups of the signal
  int64_t *intergreen_ms;       ///< from the end of green of one to the begin of green of the other, yellow included
  int32_t *signal_first_switch; ///< [signal_count + 1]: programs by time of day
  int32_t switch_count;
  int64_t *switch_at_ms;        ///< ascending, in the ticks of the demand
  int32_t *switch_program;      ///< absolute index
  int64_t *signal_switch_period_ms;  ///< the times come again after so long; 0: never
  int32_t control_signals, control_programs, control_phases, control_groups;  ///< what art_net_index found last

  // bus stops
  int32_t stop_count;
  char **stop_id;
  int32_t *stop_lane;
  float *stop_start_m, *stop_end_m;

  // pedestrian crossings: crossing x lies over the connectors crossing_connector[r], crossing_first[x] <= r < ...[x + 1]
  int32_t crossing_count;
  char **crossing_id;
  int32_t *crossing_node;
  int32_t *crossing_signal;     ///< -1: without a light, vehicles yield
  int32_t *crossing_signal_group;
  float *crossing_walk_s;       ///< time to walk over it, > 0
  float *crossing_flow_per_h;   ///< persons, both ways together; 0: nobody
  int32_t *crossing_first;      ///< [crossing_count + 1]; NULL if there is no crossing
  int32_t crossing_row_count;
  int32_t *crossing_connector;
  float *crossing_enter_m, *crossing_exit_m;  ///< zone on the connector, distances of the front bumper

  // detectors
  int32_t detector_count;
  char **detector_id;
  uint8_t *detector_kind;       ///< art_detector_kind
  int32_t *detector_first_point;///< [detector_count + 1], into detector_lane/pos/end/role
  int32_t detector_point_count;
  int32_t *detector_lane;
  float *detector_pos_m;        ///< of a point, of the start of an area, of an entry or exit
  float *detector_end_m;        ///< end of an area; equal to pos for points
  uint8_t *detector_role;       ///< 0 point or area or entry, 1 exit
  int64_t *detector_period_ms;
} art_net;

art_net *art_net_new(void);
/// Frees the net and all it owns; NULL is fine.
void art_net_free(art_net *net);

/// Zeroed columns of lanes and connectors, those that every net has, for a net whose link_lane_count is set. For builders.
void art_net_new_lanes(art_net *net, int32_t connectors);

/// Builds what follows from the primary arrays: lane_first_out, lane_first_in, lane_in, node_first_connector and
/// node_connector. Connectors must be sorted by (from, to). Arrays that exist are replaced. Columns of gap acceptance
/// (connector_critical_gap_s, connector_follow_up_s, connector_sight_m) that are missing are filled with zeros, columns of
/// control with their initial values; where signals, programs, phases or groups have become more or fewer since the last
/// call, all columns of control begin anew.
void art_net_index(art_net *net);

/// Frees the conflicts: whoever has its ways (core/step/ways.h) reads them there.
void art_net_forget_conflicts(art_net *net);
/// Frees what a simulation that is made, and will not be saved or made again, reads no more of the controls of its network: times
/// of signal groups, which its rules hold, and columns of times of phases that hold nothing but what is assumed without them.
void art_net_forget_unread_control(art_net *net);

/// Checks every index, order and range. On failure `err` names the entity, the value and the bound.
art_status art_net_check(const art_net *net, art_error *err);

/// The same, telling the first `most` problems, at most one an entity and step of the check. Returns how many there are.
/// Where ids, rows or ends are wrong, what relies on them is not looked at.
typedef void (*art_net_report)(void *context, const char *message);
int32_t art_net_problems(const art_net *net, int32_t most, art_net_report report, void *context);

/// 1: the phase is a stage: some group may go, and none is on its way (yellow, red-yellow).
int art_net_phase_is_stage(const art_net *net, int32_t phase);

/// Index of an id by linear search over `count` ids, or -1. For few look-ups; build an art_idmap for many.
int32_t art_net_find(char *const *ids, int32_t count, const char *id);

/// A time of a phase, also where the column is given back because it holds nothing but what is assumed without it.
static inline int64_t art_net_phase_time_ms(const art_net *net, int time, int32_t phase)
{
  return net->phase_time_ms[time] ? net->phase_time_ms[time][phase] : art_phase_time_initial(time);
}
static inline int art_net_is_connector(const art_net *net, int32_t lane) { return lane >= net->link_lane_count; }
static inline int32_t art_net_lane_of_connector(const art_net *net, int32_t c) { return net->link_lane_count + c; }
static inline int32_t art_net_connector_of_lane(const art_net *net, int32_t lane) { return lane - net->link_lane_count; }
static inline int32_t art_net_link_lanes(const art_net *net, int32_t link)
{
  return net->link_first_lane[link + 1] - net->link_first_lane[link];
}
/// Index of a link lane within its link, 0 = kerbside.
static inline int32_t art_net_lane_index(const art_net *net, int32_t lane)
{
  return lane - net->link_first_lane[net->lane_link[lane]];
}
/// The only link from which vehicles come into this one, without a light or another way between; -1: there is none.
int32_t art_net_link_before(const art_net *net, int32_t link);
/// The file names of node kinds; -1 / "unknown" if there is none.
int art_node_kind_find(const char *name);
const char *art_node_kind_name(int kind);

#endif  // ART_CORE_NET_NETWORK_H
