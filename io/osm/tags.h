/// \file tags.h
/// From the tags of a way, a node or a relation to what traffic needs: pure functions, no files, no heap.
#ifndef ART_IO_OSM_TAGS_H
#define ART_IO_OSM_TAGS_H
#include <stdint.h>

#include "core/net/vclass.h"
#include "io/osm/condition.h"
#include "io/osm/defaults.h"
#include "io/osm/keys.h"
#include "io/osm/notes.h"

// ---- ways ------------------------------------------------------------------------------------------------------------

enum { ART_OSM_MAX_LANES = 16, ART_OSM_MAX_CONDITIONALS = 12 };

/// Kinds of ways; the first three carry a class of defaults.h.
typedef enum art_osm_kind {
  ART_OSM_KIND_NONE,       ///< nothing that anybody moves on
  ART_OSM_KIND_ROAD,       ///< motor vehicles, or open to them but for a ban
  ART_OSM_KIND_BUSWAY,     ///< busway, bus guideway
  ART_OSM_KIND_PATH,       ///< footways, cycleways, paths, steps, pedestrian streets, bridleways
  ART_OSM_KIND_TRAM,
  ART_OSM_KIND_LIGHT_RAIL,
  ART_OSM_KIND_SUBWAY,
  ART_OSM_KIND_RAIL,
  ART_OSM_KIND_FERRY
} art_osm_kind;

/// Arrows of a lane, a mask. 0: not specified. THROUGH etc. may be combined.
enum {
  ART_OSM_TURN_NONE = 1,  ///< written as "none": no arrow
  ART_OSM_TURN_SHARP_LEFT = 2,
  ART_OSM_TURN_LEFT = 4,
  ART_OSM_TURN_SLIGHT_LEFT = 8,
  ART_OSM_TURN_THROUGH = 16,
  ART_OSM_TURN_SLIGHT_RIGHT = 32,
  ART_OSM_TURN_RIGHT = 64,
  ART_OSM_TURN_SHARP_RIGHT = 128,
  ART_OSM_TURN_REVERSE = 256,
  ART_OSM_TURN_MERGE_LEFT = 512,
  ART_OSM_TURN_MERGE_RIGHT = 1024
};

/// Where one may change to from a lane.
enum { ART_OSM_CHANGE_LEFT = 1, ART_OSM_CHANGE_RIGHT = 2, ART_OSM_CHANGE_BOTH = 3 };

typedef enum art_osm_lane_kind {
  ART_OSM_LANE_GENERAL,
  ART_OSM_LANE_BUS,         ///< for buses (and whoever is named), part of `lanes`
  ART_OSM_LANE_CYCLE,       ///< painted lane, from cycleway=lane or a lane of the lists that only bicycles use
  ART_OSM_LANE_CYCLE_TRACK  ///< separated track that is no way of its own
} art_osm_lane_kind;

typedef struct art_osm_lane {
  uint32_t allowed;      ///< mask of art_vclass: may drive here, through traffic too
  uint32_t destination;  ///< in addition, as the first or last leg of a trip only
  float speed_mps;
  float width_m;         ///< 0: not written, the class default
  uint16_t turns;        ///< ART_OSM_TURN_*; 0: not specified
  uint8_t change;        ///< ART_OSM_CHANGE_*
  uint8_t kind;          ///< art_osm_lane_kind
} art_osm_lane;

typedef enum art_osm_cycle {
  ART_OSM_CYCLE_UNKNOWN,  ///< not written
  ART_OSM_CYCLE_NO,
  ART_OSM_CYCLE_SHARED,   ///< shared lane, sharrows, advisory
  ART_OSM_CYCLE_LANE,
  ART_OSM_CYCLE_TRACK,
  ART_OSM_CYCLE_BUSWAY,   ///< on the bus lane
  ART_OSM_CYCLE_SEPARATE  ///< drawn as a way of its own
} art_osm_cycle;

typedef enum art_osm_sidewalk {
  ART_OSM_SIDEWALK_UNKNOWN,
  ART_OSM_SIDEWALK_NO,
  ART_OSM_SIDEWALK_YES,
  ART_OSM_SIDEWALK_SEPARATE  ///< drawn as a way of its own
} art_osm_sidewalk;

/// One direction of a way. Lanes stand kerb to middle, as in core/net/network.h: lane[0] is the rightmost
/// where traffic keeps right, the leftmost where it keeps left. Closed directions have no lanes.
typedef struct art_osm_side {
  int32_t lane_count;
  art_osm_lane lane[ART_OSM_MAX_LANES];
  uint32_t allowed, destination;  ///< unions of the lanes
  float speed_mps;                ///< limit of general traffic
  float hgv_speed_mps;            ///< limit of trucks; 0: none of their own
  float bus_speed_mps;            ///< limit of buses; 0: none of their own
  uint8_t is_contraflow;          ///< a direction against a one-way, for bicycles or buses only
  uint8_t has_turns;              ///< at least one lane has arrows
  uint8_t cycle;                  ///< art_osm_cycle, on the kerb side of this direction
  uint8_t sidewalk;               ///< art_osm_sidewalk, on the kerb side of this direction
} art_osm_side;

typedef enum art_osm_speed_source {
  ART_OSM_SPEED_DEFAULT,  ///< of the class
  ART_OSM_SPEED_TAGGED,
  ART_OSM_SPEED_ZONE      ///< by a country's symbol
} art_osm_speed_source;

/// What a conditional tag changes, and when.
typedef enum art_osm_conditional_kind {
  ART_OSM_COND_ACCESS,
  ART_OSM_COND_SPEED,
  ART_OSM_COND_ONEWAY  ///< value: 1 along the way, -1 against it, 0 both directions
} art_osm_conditional_kind;

typedef enum art_osm_level { ART_OSM_LEVEL_NO, ART_OSM_LEVEL_DESTINATION, ART_OSM_LEVEL_YES } art_osm_level;

typedef struct art_osm_conditional {
  uint8_t kind;             ///< art_osm_conditional_kind
  uint8_t forward, backward;  ///< directions that it binds
  int8_t lane;              ///< index in that direction, or -1: all lanes
  uint32_t classes;         ///< mask
  float value;              ///< art_osm_level, m/s, or direction
  art_osm_condition condition;
} art_osm_conditional;

typedef struct art_osm_road {
  art_osm_kind kind;
  int road_class;             ///< art_osm_class for roads, busways and paths; -1 otherwise
  uint8_t is_link;            ///< *_link
  uint8_t is_closed;          ///< under construction or proposed: `road_class` is what it will be; lanes are as if open
  uint8_t is_area;
  uint8_t is_roundabout;      ///< roundabout or circular
  uint8_t is_bridge, is_tunnel;
  uint8_t is_oneway;          ///< for motor vehicles (rails: for trains), after all implications
  uint8_t is_reversed;        ///< oneway=-1: the open direction is backward
  uint8_t varies;             ///< oneway=reversible or alternating
  uint8_t is_crossing;        ///< footway=crossing, cycleway=crossing: a drawn crossing
  uint8_t is_sidewalk;        ///< footway=sidewalk
  uint8_t is_service_minor;   ///< service=driveway, parking_aisle, drive-through, emergency_access
  uint8_t is_priority_road;
  uint8_t is_cyclestreet, is_motorroad, is_dual_carriageway, is_toll, has_embedded_rails;
  uint8_t speed_source;       ///< art_osm_speed_source
  int8_t built_up;            ///< 1 urban, 0 rural, -1 the tags do not tell
  int32_t layer;              ///< written, else 1 for bridges, -1 for tunnels, 0
  int32_t rail_tracks;        ///< tracks side by side; 0 if not on rails
  int32_t middle_lanes;       ///< lanes:both_ways, belong to neither direction
  uint16_t middle_turns;      ///< turn:lanes:both_ways of the first of them
  float max_weight_t;         ///< maxweight; 0: none written
  float max_height_m;         ///< maxheight; 0: none written
  float width_m;              ///< of the carriageway; 0: not written
  const char *name, *ref, *surface;  ///< borrowed from the tags, or NULL
  art_osm_side forward, backward;    ///< along and against the order of the nodes
  int32_t conditional_count;
  art_osm_conditional conditional[ART_OSM_MAX_CONDITIONALS];
} art_osm_road;

typedef struct art_osm_options {
  const art_osm_defaults *defaults;  ///< borrowed, not NULL; left-hand traffic stands there
  int assume_rural;                  ///< 1: speeds of ways that do not tell are those out of town
} art_osm_options;

/// Reads the tags of a way. Every way gives a valid result; kind NONE if it is nothing to move on. `notes`
/// may be NULL. Conditional parts are listed, not applied.
void art_osm_way(art_osm_tags tags, const art_osm_options *options, art_osm_road *out, art_osm_notes *notes);
/// Applies the conditional parts that hold at a moment (access, speed, one-way), in the order written; parts
/// that bind classes of vehicles by weight or size are applied for moment->weight_t etc.
void art_osm_road_at(art_osm_road *road, const art_osm_moment *moment);
/// 1 if a way can be anything but NONE: cheap, for the first look at a file.
int art_osm_is_way(art_osm_tags tags);

// ---- nodes -----------------------------------------------------------------------------------------------------------

enum {
  ART_OSM_NODE_SIGNAL = 1,           ///< traffic signal of vehicles
  ART_OSM_NODE_CROSSING_SIGNAL = 2,  ///< signal of a foot or cycle crossing (perhaps alone on its way)
  ART_OSM_NODE_RAMP_METER = 4,
  ART_OSM_NODE_STOP = 8,
  ART_OSM_NODE_STOP_ALL = 16,        ///< all-way stop
  ART_OSM_NODE_GIVE_WAY = 32,
  ART_OSM_NODE_MINI_ROUNDABOUT = 64,
  ART_OSM_NODE_CROSSING = 128,       ///< of people on foot or bicycle
  ART_OSM_NODE_ZEBRA = 256,          ///< with CROSSING: marked, those on foot go first
  ART_OSM_NODE_ISLAND = 512,         ///< with CROSSING
  ART_OSM_NODE_LEVEL_CROSSING = 1024,
  ART_OSM_NODE_BARRIER = 2048,       ///< see `closed` and `destination`
  ART_OSM_NODE_CALMING = 4096,       ///< hump, table, chicane ...
  ART_OSM_NODE_TURNING = 8192,       ///< turning circle or loop
  ART_OSM_NODE_EXIT = 16384,         ///< motorway_junction
  ART_OSM_NODE_BUS_STOP = 32768,     ///< highway=bus_stop or public_transport=stop_position
  ART_OSM_NODE_BLINKER = 65536       ///< flashing lights only: no signal program
};

typedef enum art_osm_direction {
  ART_OSM_DIRECTION_UNKNOWN,  ///< not written: the nearest junction decides
  ART_OSM_DIRECTION_FORWARD,  ///< binds those who drive along the order of the way's nodes
  ART_OSM_DIRECTION_BACKWARD,
  ART_OSM_DIRECTION_BOTH
} art_osm_direction;

typedef struct art_osm_point {
  uint32_t what;               ///< ART_OSM_NODE_*; 0: nothing
  uint8_t signal_direction;    ///< art_osm_direction
  uint8_t sign_direction;      ///< the same, of stop and give way
  int8_t roundabout_turns;     ///< mini-roundabout: 1 clockwise, -1 counter-clockwise, 0 as the country drives
  uint32_t closed;             ///< classes that cannot pass the node
  uint32_t destination;        ///< classes that may pass on the first or last leg only
  const char *name, *ref;      ///< borrowed, or NULL
  float height_m;              ///< ele; NAN: not written
} art_osm_point;

void art_osm_node(art_osm_tags tags, art_osm_point *out, art_osm_notes *notes);
/// 1 if the tags of a node can matter: cheap, for the first look at a file.
int art_osm_is_node(art_osm_tags tags);

// ---- turn restrictions -----------------------------------------------------------------------------------------------

typedef enum art_osm_member_type { ART_OSM_MEMBER_NODE, ART_OSM_MEMBER_WAY, ART_OSM_MEMBER_RELATION } art_osm_member_type;

typedef struct art_osm_member {
  int64_t id;
  uint8_t type;      ///< art_osm_member_type
  const char *role;  ///< borrowed, never NULL
} art_osm_member;

typedef enum art_osm_ban {
  ART_OSM_BAN_LEFT,
  ART_OSM_BAN_RIGHT,
  ART_OSM_BAN_STRAIGHT,
  ART_OSM_BAN_U,
  ART_OSM_BAN_ENTRY,  ///< several from, one to
  ART_OSM_BAN_EXIT    ///< one from, several to
} art_osm_ban;

enum { ART_OSM_MAX_BAN_MEMBERS = 32, ART_OSM_MAX_BANS = 6 };

typedef struct art_osm_restriction {
  uint8_t is_only;   ///< only_*: everything but this is forbidden
  uint8_t ban;       ///< art_osm_ban
  uint32_t classes;  ///< whom it binds, exceptions taken out
  int32_t from_count, via_count, to_count;
  int64_t from[ART_OSM_MAX_BAN_MEMBERS];  ///< ways
  int64_t via[ART_OSM_MAX_BAN_MEMBERS];   ///< one node, or ways in driving order as listed
  int64_t to[ART_OSM_MAX_BAN_MEMBERS];    ///< ways
  uint8_t via_is_way;
  uint8_t is_conditional;  ///< holds when `condition` does
  art_osm_condition condition;
} art_osm_restriction;

/// Reads a relation; returns how many restrictions it holds (one for all, one for a class, conditional ones
/// ...), 0 if it is none or broken (then `notes` says why). Plain restrictions bind all vehicles, bicycles
/// too, but those in `except`; those on foot are bound only where named. Whether the ways are in the extract
/// is for the caller to see (ART_OSM_NOTE_RESTRICTION_OUTSIDE).
int32_t art_osm_restrictions(art_osm_tags tags, int32_t member_count, const art_osm_member *member,
                             art_osm_restriction out[ART_OSM_MAX_BANS], art_osm_notes *notes);
int art_osm_is_restriction(art_osm_tags tags);

// ---- classes ---------------------------------------------------------------------------------------------------------

/// Masks of OSM's words for road users: "motor_vehicle", "psv", "hgv" ...; 0 if unknown.
uint32_t art_osm_classes_of(const char *word, int32_t length);
/// All that runs on roads by motor; all of those and bicycles; rails.
uint32_t art_osm_motor_classes(void);
uint32_t art_osm_vehicle_classes(void);
uint32_t art_osm_rail_classes(void);

#endif  // ART_IO_OSM_TAGS_H
