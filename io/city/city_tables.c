// The layout of *.city.h5: which array of a city stands in which dataset. Version 1.
#include "io/city/city_tables_internal.h"

#include "io/city/city.h"

enum { CITY = ART_OWNER_CITY, NET = ART_OWNER_NET };

static const char *const node_kinds[] = {
#define X(name, text) text,
  ART_NODE_KIND_LIST(X)
#undef X
};
static const char *const vclasses[] = {
#define X(name, text) text,
  ART_VCLASS_LIST(X)
#undef X
};
static const char *const turns[] = { "straight", "u_turn", "left", "right", "part_left", "part_right" };
static const char *const conflict_kinds[] = { "cross", "merge", "diverge" };
static const char *const detector_kinds[] = { "point", "area", "entry_exit" };
static const char *const detector_roles[] = { "entry", "exit" };
static const char *const controls[] = {
#define X(suffix, name) name,
  ART_CONTROL_LIST(X)
#undef X
};
static const char *const phase_flags[] = {
#define X(suffix, bit, name) name,
  ART_PHASE_FLAG_LIST(X)
#undef X
};
static const char *const no_yes[] = { "no", "yes" };

#define N(member, name, units, text) ART_COLUMN(NET, art_net, member, name, units, text)
#define N_INDEX(member, name, axis, text) ART_COLUMN_INDEX(NET, art_net, member, name, axis, 0, text)
#define N_MAYBE(member, name, axis, text) ART_COLUMN_INDEX(NET, art_net, member, name, axis, 1, text)
#define N_ID(member, name, text) ART_COLUMN_TEXT(ART_COLUMN_ID, NET, art_net, member, name, text)
#define N_FLAGS(member, name, words, text) ART_COLUMN_FLAGS(NET, art_net, member, name, words, 0, text)
#define N_MASK(member, name, text) ART_COLUMN_FLAGS(NET, art_net, member, name, vclasses, 1, text)
#define N_EXTRA(member, name, units, text) ART_COLUMN_MAYBE(NET, art_net, member, name, units, text)
#define N_COUNTS(member, name, target, text) ART_COLUMN_COUNTS(NET, art_net, member, name, target, text)
#define N_LATE(member, name_, units_, text)                                                           \
  {                                                                                                   \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((art_net *)0)->member),         \
    .owner = NET, .offset = offsetof(art_net, member), .units = units_, .long_name = text, .may_be_absent = 1 \
  }
#define N_SETTING(member, name_, units_, initial_, text)                                              \
  {                                                                                                   \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((art_net *)0)->member),         \
    .owner = NET, .offset = offsetof(art_net, member), .units = units_, .long_name = text,            \
    .is_setting = 1, .initial = (initial_)                                                            \
  }
#define N_SETTING_FLAGS(member, name_, words_, is_mask_, text)                                        \
  {                                                                                                   \
    .name = name_, .role = ART_COLUMN_PLAIN, .type = ART_COLUMN_TYPE(((art_net *)0)->member),         \
    .owner = NET, .offset = offsetof(art_net, member), .long_name = text,                             \
    .flag_count = (int)(sizeof words_ / sizeof *words_), .flags = words_, .is_mask = is_mask_,        \
    .is_setting = 1                                                                                   \
  }
#define N_SETTING_COUNTS(member, name_, target_, text)                                                \
  {                                                                                                   \
    .name = name_, .role = ART_COLUMN_FIRST, .type = ART_COLUMN_TYPE(((art_net *)0)->member),         \
    .owner = NET, .offset = offsetof(art_net, member), .units = "1", .long_name = text,               \
    .target = target_, .is_setting = 1                                                                \
  }
#define C(member, name, units, text) ART_COLUMN(CITY, art_city, member, name, units, text)

static const art_column node_columns[] = {
  N_ID(node_id, "node", "id of the node (junction)"),
  N_FLAGS(node_kind, "kind", node_kinds, "how the node arbitrates"),
  C(node_x, "x", "m", "x of the node in city coordinates"),
  C(node_y, "y", "m", "y of the node in city coordinates"),
  ART_COLUMN_COUNTS(CITY, art_city, node_first_point, "outline_count", "/geometry/outline_point",
                    "points of the node's outline in /geometry"),
};

static const art_column link_columns[] = {
  N_ID(link_id, "link", "id of the link"),
  ART_COLUMN_TEXT(ART_COLUMN_NAME, CITY, art_city, link_name, "name", "street name, empty if there is none"),
  N_INDEX(link_from, "from_node", "/nodes/node", "index of the node where the link begins"),
  N_INDEX(link_to, "to_node", "/nodes/node", "index of the node where the link ends"),
  N_COUNTS(link_first_lane, "lane_count", NULL,
           "lanes of the link; they stand in this order at the front of /lanes"),
  N(link_priority, "priority", "1", "road priority, more is higher"),
  N_FLAGS(link_in_roundabout, "in_roundabout", no_yes, "whether the link is part of a roundabout"),
};

static const art_column lane_columns[] = {
  N_MAYBE(lane_link, "link", "/links/link", "index of the lane's link, -1 for a connector"),
  N(lane_length_m, "length", "m", "driven length"),
  N(lane_speed_mps, "speed_limit", "m s-1", "speed limit; of connectors the turning speed"),
  N(lane_width_m, "width", "m", "width"),
  N_MASK(lane_allowed, "allowed", "classes that may use the lane, -1 for all"),
  N_EXTRA(lane_grade, "grade", "1", "rise over run in driving direction"),
  N_EXTRA(lane_speed_factor, "speed_factor", "1", "factor on the speeds that drivers want"),
  N_EXTRA(lane_gap_factor, "gap_factor", "1",
          "factor on the time gaps that drivers want, and so on capacity"),
  ART_COLUMN_COUNTS(CITY, art_city, lane_first_point, "point_count", "/geometry/point",
                    "points of the lane's centre line in /geometry"),
};

static const art_column change_columns[] = {
  N_MASK(lane_change_left, "change_left", "classes that may change to the next lane on the left, -1 for all"),
  N_MASK(lane_change_right, "change_right",
         "classes that may change to the next lane on the right, -1 for all"),
};

static const art_column connector_columns[] = {
  N_INDEX(connector_from, "from_lane", "/lanes/link_lane", "index of the lane where the connector begins"),
  N_INDEX(connector_to, "to_lane", "/lanes/link_lane", "index of the lane where the connector ends"),
  N_INDEX(connector_node, "node", "/nodes/node", "index of the node that is crossed"),
  N_FLAGS(connector_turn, "turn", turns, "direction"),
  N(connector_state, "state", "1",
    "right of way without a signal, the ASCII code of one of M m O o = - s w Z"),
  N_MAYBE(connector_signal, "signal", "/signals/signal", "index of the signal, -1 if there is none"),
  N(connector_signal_group, "signal_group", "1", "place in the signal's state"),
  N(connector_hold_m, "hold", "m",
    "holding point inside the node, from the connector's start; negative if none"),
  N_FLAGS(connector_keep_clear, "keep_clear", no_yes, "whether to enter only if the exit has room"),
  N_FLAGS(connector_cont, "may_wait_inside", no_yes, "whether to wait at the holding point is allowed"),
  N_LATE(connector_critical_gap_s, "critical_gap", "s",
         "smallest gap accepted in streams that it yields to; 0: from geometry and kinematics"),
  N_LATE(connector_follow_up_s, "follow_up", "s", "time between two that leave a queue in one gap; 0: as they drive"),
  N_LATE(connector_sight_m, "sight", "m", "others are seen from this distance to their conflict on; 0: from any"),
  N_COUNTS(conflict_first, "conflict_count", "/conflicts/conflict", "rows of the connector in /conflicts"),
};

static const art_column conflict_columns[] = {
  N_INDEX(conflict_other, "other", "/connectors/connector", "index of the other connector"),
  N_FLAGS(conflict_kind, "kind", conflict_kinds, "kind of conflict"),
  N_FLAGS(conflict_yield, "yields", no_yes, "whether this connector yields to the other by right of way"),
  N(conflict_enter_m, "enter", "m", "begin of the conflict zone on this connector"),
  N(conflict_exit_m, "exit", "m", "end of the conflict zone on this connector"),
  N(conflict_other_enter_m, "other_enter", "m", "begin of the conflict zone on the other connector"),
  N(conflict_other_exit_m, "other_exit", "m", "end of the conflict zone on the other connector"),
};

static const art_column signal_columns[] = {
  N_ID(signal_id, "signal", "id of the signal"),
  N(signal_group_count, "group_count", "1", "groups, the length of every state"),
  N_COUNTS(signal_first_program, "program_count", "/signals/programs/program", "programs of the signal"),
  N_INDEX(signal_active, "active_program", "/signals/programs/program",
          "index of the program that runs where no schedule says otherwise"),
  N_SETTING_COUNTS(signal_first_intergreen, "intergreen_count", "/signals/intergreens/intergreen",
                   "rows of the signal in /signals/intergreens"),
  N_SETTING_COUNTS(signal_first_switch, "switch_count", "/signals/switches/switch",
                   "rows of the signal in /signals/switches, its schedule"),
  N_SETTING(signal_switch_period_ms, "switch_period", "ms", 0, "the schedule comes again after so long; 0: never"),
};

static const art_column program_columns[] = {
  ART_COLUMN_TEXT(ART_COLUMN_PLAIN, NET, art_net, program_id, "program_id",
                  "id of the program within its signal"),
  N(program_offset_ms, "offset", "ms", "begin of the first phase against the clock"),
  N_COUNTS(program_first_phase, "phase_count", "/signals/phases/phase", "phases of the program"),
  N_SETTING_FLAGS(program_control, "control", controls, 0, "how the program decides"),
  N_SETTING(program_cycle_ms, "cycle", "ms", 0, "of coordinated programs; 0: what the phases add up to"),
#define X(name, unit, initial, lowest, highest, sentence) \
  N_SETTING(program_value[ART_CONTROL_VALUE_##name], #name, unit, (double)(initial), sentence),
  ART_CONTROL_VALUE_LIST(X)
#undef X
};

static const art_column phase_columns[] = {
  N(phase_duration_ms, "duration", "ms", "duration"),
  N(phase_min_ms, "min_duration", "ms", "shortest duration"),
  N(phase_max_ms, "max_duration", "ms", "longest duration"),
#define X(name, initial, sentence) N_SETTING(phase_time_ms[ART_PHASE_TIME_##name], #name, "ms", initial, sentence),
  ART_PHASE_TIME_LIST(X)
#undef X
  N_SETTING_FLAGS(phase_flags, "flags", phase_flags, 1, "what else is set for the phase"),
  N_SETTING(phase_number, "number", "1", 0, "what engineers call it (NEMA: 1 to 16); 0: no number"),
  N_SETTING(phase_ring, "ring", "1", 0, "NEMA: ring, from 0"),
  N_SETTING(phase_barrier, "barrier", "1", 0, "NEMA: what lies between two barriers, from 0"),
  N_SETTING_COUNTS(phase_first_next, "next_count", "/signals/next/next", "rows of the phase in /signals/next"),
  N_SETTING_COUNTS(phase_first_sensor, "sensor_count", "/signals/sensors/sensor",
                   "rows of the phase in /signals/sensors"),
};

static const art_column next_columns[] = {
  N_SETTING(phase_next, "phase", "1", -1, "index within the program of a phase that may follow, first choice first"),
};

static const art_column sensor_columns[] = {
  { .name = "detector", .role = ART_COLUMN_PLAIN, .type = ART_H5_INT32, .owner = NET,
    .offset = offsetof(art_net, phase_sensor), .units = "1", .index_of = "/detectors/detector", .is_setting = 1,
    .initial = -1, .long_name = "index of a detector that calls and extends the phase" },
};

static const art_column group_columns[] = {
  N_SETTING(group_min_green_ms, "min_green", "ms", -1, "shortest green; -1: as the programs show it, else 5 s"),
  N_SETTING(group_yellow_ms, "yellow", "ms", -1, "shortest yellow; -1: as the programs show it, else by the speed limit"),
  N_SETTING(group_red_yellow_ms, "red_yellow", "ms", -1, "red and yellow before green; -1: as the programs show it"),
};

static const art_column intergreen_columns[] = {
  N_SETTING(intergreen_from, "from_group", "1", -1, "group of the signal whose green ends"),
  N_SETTING(intergreen_to, "to_group", "1", -1, "group of the signal whose green begins"),
  N_SETTING(intergreen_ms, "time", "ms", -1, "from the end of the one green to the begin of the other, yellow included"),
};

static const art_column switch_columns[] = {
  N_SETTING(switch_at_ms, "at", "ms", -9e18, "when the program begins, on the clock of the demand"),
  { .name = "program", .role = ART_COLUMN_PLAIN, .type = ART_H5_INT32, .owner = NET,
    .offset = offsetof(art_net, switch_program), .units = "1", .index_of = "/signals/programs/program", .is_setting = 1,
    .initial = -1, .long_name = "index of the program that begins" },
};

static const art_column stop_columns[] = {
  N_ID(stop_id, "stop", "id of the stop"),
  N_INDEX(stop_lane, "lane", "/lanes/link_lane", "index of the lane"),
  N(stop_start_m, "start", "m", "begin of the stop on the lane"),
  N(stop_end_m, "end", "m", "end of the stop on the lane"),
};

static const art_column crossing_columns[] = {
  N_ID(crossing_id, "crossing", "id of the pedestrian crossing"),
  N_INDEX(crossing_node, "node", "/nodes/node", "index of its node"),
  N_MAYBE(crossing_signal, "signal", "/signals/signal", "index of the signal, -1 if vehicles yield"),
  N(crossing_signal_group, "signal_group", "1", "place in the signal's state"),
  N(crossing_walk_s, "walking_time", "s", "time to walk over it"),
  N(crossing_flow_per_h, "flow", "h-1", "persons per hour, both ways together"),
  N_COUNTS(crossing_first, "row_count", "/crossings/rows/row", "connectors that it lies over, in /crossings/rows"),
};

static const art_column crossing_row_columns[] = {
  N_INDEX(crossing_connector, "connector", "/connectors/connector", "index of the connector"),
  N(crossing_enter_m, "enter", "m", "begin of the crossing on the connector"),
  N(crossing_exit_m, "exit", "m", "end of the crossing on the connector"),
};

static const art_column detector_columns[] = {
  N_ID(detector_id, "detector", "id of the detector"),
  N_FLAGS(detector_kind, "kind", detector_kinds, "kind of detector"),
  N_COUNTS(detector_first_point, "place_count", "/detectors/places/place", "places of the detector"),
  N(detector_period_ms, "period", "ms", "interval of aggregation"),
};

static const art_column detector_point_columns[] = {
  N_INDEX(detector_lane, "lane", "/lanes/lane", "index of the lane"),
  N(detector_pos_m, "position", "m", "of a point, of the begin of an area, of an entry or exit"),
  N(detector_end_m, "end", "m", "end of an area; equal to the position for points"),
  N_FLAGS(detector_role, "role", detector_roles, "whether it is an exit; points and areas count as entry"),
};

static const art_column point_columns[] = {
  C(point_x, "x", "m", "x in city coordinates"),
  C(point_y, "y", "m", "y in city coordinates"),
};

static const art_column outline_columns[] = {
  C(node_point_x, "outline_x", "m", "x of an outline point in city coordinates"),
  C(node_point_y, "outline_y", "m", "y of an outline point in city coordinates"),
};

static int64_t link_lane_rows(void *const *owner)
{
  return ((const art_net *)owner[NET])->link_lane_count;
}

static int64_t group_rows(void *const *owner)
{
  const art_net *net = owner[NET];
  int64_t rows = 0;
  for (int32_t s = 0; s < net->signal_count; ++s) rows += net->signal_group_count[s];
  return rows;
}

static int64_t point_rows(void *const *owner)
{
  const art_city *city = owner[CITY];
  return city->lane_first_point ? city->lane_first_point[city->net->lane_count] : 0;
}

static int64_t outline_rows(void *const *owner)
{
  const art_city *city = owner[CITY];
  return city->node_first_point ? city->node_first_point[city->net->node_count] : 0;
}

#define COLUMNS(columns) .column_count = (int)(sizeof columns / sizeof *columns), .column = columns
#define COUNTED(member) .owner = NET, .count_offset = offsetof(art_net, member)
#define SUMMED(function) .count_offset = ART_NO_COUNT, .rows = function

const art_table art_city_tables[ART_CITY_TABLE_COUNT] = {
  { "/nodes", "node", NULL, COUNTED(node_count), COLUMNS(node_columns) },
  { "/links", "link", NULL, COUNTED(link_count), COLUMNS(link_columns) },
  { "/lanes", "lane", "index of a lane: lanes of links first, then connectors", COUNTED(lane_count),
    COLUMNS(lane_columns) },
  { "/lanes", "link_lane", "index of a lane of a link", SUMMED(link_lane_rows), COLUMNS(change_columns) },
  { "/connectors", "connector", "index of a connector", COUNTED(connector_count),
    COLUMNS(connector_columns) },
  { "/conflicts", "conflict", "index of a conflict, seen from one of its connectors", COUNTED(conflict_count),
    COLUMNS(conflict_columns) },
  { "/signals", "signal", NULL, COUNTED(signal_count), COLUMNS(signal_columns) },
  { "/signals/programs", "program", "index of a program", COUNTED(program_count), COLUMNS(program_columns) },
  { "/signals/phases", "phase", "index of a phase", COUNTED(phase_count), COLUMNS(phase_columns) },
  { "/stops", "stop", NULL, COUNTED(stop_count), COLUMNS(stop_columns) },
  { "/detectors", "detector", NULL, COUNTED(detector_count), COLUMNS(detector_columns) },
  { "/detectors/places", "place", "index of a place of a detector", COUNTED(detector_point_count),
    COLUMNS(detector_point_columns) },
  { "/geometry", "point", "index of a point of a centre line", SUMMED(point_rows), COLUMNS(point_columns) },
  { "/geometry", "outline_point", "index of a point of an outline", SUMMED(outline_rows),
    COLUMNS(outline_columns) },
  { "/crossings", "crossing", NULL, COUNTED(crossing_count), COLUMNS(crossing_columns), .may_be_absent = 1 },
  { "/crossings/rows", "row", "index of a connector under a crossing", COUNTED(crossing_row_count),
    COLUMNS(crossing_row_columns), .may_be_absent = 1 },
  { "/signals/groups", "group", "index of a group: those of a signal are neighbours, in the order of its states",
    SUMMED(group_rows), COLUMNS(group_columns), .is_setting = 1 },
  { "/signals/intergreens", "intergreen", "index of a time between two groups of a signal", COUNTED(intergreen_count),
    COLUMNS(intergreen_columns), .is_setting = 1 },
  { "/signals/switches", "switch", "index of a change of program", COUNTED(switch_count), COLUMNS(switch_columns),
    .is_setting = 1 },
  { "/signals/next", "next", "index of a phase that may follow another", COUNTED(phase_next_count),
    COLUMNS(next_columns), .is_setting = 1 },
  { "/signals/sensors", "sensor", "index of a sensor of a phase", COUNTED(phase_sensor_count), COLUMNS(sensor_columns),
    .is_setting = 1 },
};
