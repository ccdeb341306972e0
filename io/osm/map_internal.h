/// \file map_internal.h
/// The plan of a city between OpenStreetMap's ways and the finished network. It is made in steps, each of a source file:
/// graph (ways that roads tells of, cut where they meet; bans), fork (defaults of lanes at islands), simplify (pieces joined where nothing changes), control (signs and signals to the
/// ends of pieces), cluster (nodes to junctions), trim (stop lines), movements (from link to link), lanes (from lane to
/// lane), rules (right of way), signals, build. Where bicycles or rails are wanted, byways adds their ways to the junctions
/// that motor traffic made, and overlay their lanes and paths to its lanes.
#ifndef ART_IO_OSM_MAP_INTERNAL_H
#define ART_IO_OSM_MAP_INTERNAL_H
#include <stdint.h>

#include "core/base/status.h"
#include "io/city/city.h"
#include "io/osm/import.h"
#include "io/osm/patch.h"
#include "io/osm/read.h"
#include "io/osm/shape_internal.h"
#include "io/osm/tags.h"
#include "io/osm/terrain.h"

/// One lane of one direction of a way, without what the network has no use for.
typedef struct art_map_lane {
  uint32_t allowed;
  float speed_mps, width_m;
  uint16_t turns;  ///< ART_OSM_TURN_*
  uint8_t change;  ///< ART_OSM_CHANGE_*
} art_map_lane;

/// Lanes of one direction of a way, kerb first.
typedef struct art_map_side {
  int32_t first_lane, lane_count;
  float width_m;
  uint8_t has_turns;
  uint8_t cycle_kerb, cycle_inner;  ///< lanes for bicycles alone that overlay.c adds at the kerb and towards the middle
  float cycle_speed_mps, cycle_width_m;
} art_map_side;

typedef struct art_map_way {
  int64_t id;
  art_map_side side[2];  ///< along and against the order of the nodes
  int8_t road_class;     ///< art_osm_class
  uint8_t is_link, in_ring, is_priority_road, is_minor_service;
  uint8_t is_lanes_told;  ///< by tags or the patch; else the number is a default
  float grade;       ///< rise over run along the way; NAN: not written
  float middle_m;    ///< width of lanes that belong to neither direction
  const char *name;  ///< borrowed from the store, or NULL
} art_map_way;

/// Where pieces meet or end.
typedef struct art_map_node {
  int64_t id;
  double x, y;
  uint32_t what;                             ///< ART_OSM_NODE_*
  uint8_t sign_direction, signal_direction;  ///< art_osm_direction
  uint32_t closed;                           ///< classes that cannot pass
  int32_t first_arm, arm_count;              ///< into plan->arm
  int32_t junction;
  uint8_t has_signal, is_foot_signal, stops_all;
  uint8_t is_rim;  ///< the map was cut here
  float height_m;  ///< NAN: not written
} art_map_node;

/// A piece of road between two nodes. Direction 0 runs from node[0] to node[1].
typedef struct art_map_piece {
  int32_t node[2];
  int64_t first_point;
  int32_t point_count;
  int32_t way[2];       ///< whose lanes direction 0 and 1 have
  int32_t end_way[2];   ///< the way at node[0] and node[1]
  uint8_t way_side[2];  ///< and which side of it
  uint8_t lanes[2];     ///< lanes of both directions; 0: closed
  double length_m;
  double trim_m[2];     ///< at node[0] and node[1], up to the stop line
  double wish_m[2],
      must_m[2];        ///< the same, where there is room, and what is clear of roads that cross (trim.c)
  uint32_t control[2];  ///< signs and signals met by those who drive in direction 0 and 1 at its end
  int32_t first_event;  ///< into plan->event, -1: none
  int32_t link[2];
  uint8_t in_ring, is_inside, is_gone;  ///< is_inside: part of a junction, no link
  uint8_t is_cramped;                   ///< hardly a vehicle fits between the lines at its ends (trim.c)
  uint8_t is_byway;     ///< no motor road: for bicycles or rails (byways.c)
  int32_t vertex[2];    ///< of a byway: nodes of the store at its ends
} art_map_piece;

/// A sign or signal along a piece.
typedef struct art_map_event {
  double at_m;   ///< from node[0]
  int64_t node;  ///< OSM id
  uint32_t what;
  uint8_t direction[2];  ///< binds direction 0, 1
  uint8_t is_told;       ///< the tags tell the direction
  int32_t next;
} art_map_event;

typedef struct art_map_junction {
  int32_t first_node, node_count;  ///< into plan->member
  int64_t id;                      ///< of the OSM node that names it
  double x, y;
  uint8_t kind;  ///< art_node_kind
  uint8_t has_signal, is_foot_signal, is_mini, stops_all, in_ring;
  uint8_t is_trimmed;  ///< wishes of its arms are known (trim.c)
} art_map_junction;

typedef struct art_map_link {
  int32_t piece, direction;
  int32_t from, to;                ///< junctions
  int32_t first_lane, lane_count;  ///< lanes of the network
  int32_t copy_of;                 ///< -1, or the link it lies upon (bans over several ways)
  int32_t ban;                     ///< of a copy: the ban that it is for
  int32_t after;                   ///< of a copy: the copy that leads to it, -1 for the first of a chain
  uint8_t is_last;                 ///< of a chain
  int32_t rank;                    ///< right of way: higher goes first
  uint8_t is_minor;                ///< a sign says so: 1 give way, 2 stop
  art_vec start, end;              ///< directions
  art_vec start_at, end_at;
} art_map_link;

/// From link to link through a junction.
typedef struct art_map_movement {
  int32_t in, out;
  uint32_t allowed;
  double angle_deg;    ///< from the end of `in` to the start of `out`, left positive
  double bearing_deg;  ///< of a place down the way out, seen from the end of `in`: what order they stand in
  double length_m;     ///< along the axes
  uint8_t turn;        ///< art_turn
  uint8_t low, high;   ///< lanes of `in` that serve it
} art_map_movement;

typedef struct art_map_connector {
  int32_t movement;
  uint8_t from_lane, to_lane;  ///< within their links
} art_map_connector;

/// A turn that is forbidden, or the only ones allowed.
typedef struct art_map_ban {
  int64_t relation;
  int32_t from, to;              ///< ways of the plan
  int32_t via_node;              ///< node of the plan, or -1
  int32_t first_via, via_count;  ///< ways of the plan, into plan->ban_via
  uint32_t classes;
  uint8_t is_only, is_u_turn, is_met;
} art_map_ban;

typedef struct art_map {
  const art_osm_import_options *options;
  const art_osm_defaults *defaults;
  const art_osm_store *store;
  const art_osm_patch *patch;
  art_osm_report *report;
  int mirrored;  ///< left-hand traffic: planned as its mirror image
  double *store_x, *store_y;  ///< metres, by node of the store; NULL after graph unless byways are wanted
  uint8_t *store_inside;      ///< within the area that was asked for
  int32_t road_way_count;     ///< ways of motor roads, in the order of their ids; those of byways follow
  int32_t lane_count, lane_capacity;
  art_map_lane *lane;
  int32_t way_count, way_capacity;
  art_map_way *way;
  int32_t node_count, node_capacity;
  art_map_node *node;
  int32_t *arm;  ///< piece * 2 + end, by node
  int32_t piece_count, piece_capacity;
  art_map_piece *piece;
  int64_t point_count, point_capacity;
  double *x, *y;
  double *part_m;  ///< from each point to the next, from art_map_measure() on; NULL before
  int32_t event_count, event_capacity;
  art_map_event *event;
  int32_t ban_count, ban_capacity, ban_via_count, ban_via_capacity;
  art_map_ban *ban;
  int32_t *ban_via;
  int32_t junction_count;
  art_map_junction *junction;
  int32_t *member;  ///< nodes by junction
  int32_t link_count, link_capacity, first_copy;
  art_map_link *link;
  int32_t *first_in, *in, *first_out, *out;  ///< links by junction
  int32_t movement_count, movement_capacity;
  art_map_movement *movement;
  int32_t *first_movement;  ///< by incoming link
  int32_t connector_count, connector_capacity;
  art_map_connector *connector;
} art_map;

// The steps, in their order.
art_status art_map_graph(art_map *plan, art_city *city, art_error *err);
/// Adds all ways that motor vehicles drive on, in the order of their ids, and tells their rows in the store (owned by the
/// caller, also after a failure) and the moment that the city is of. ART_E_INPUT: no such way, or a moment that is none.
art_status art_map_roads(art_map *plan, art_osm_moment *moment, int64_t **row_of_way, art_error *err);
/// Adds the turn restrictions that hold; `vertex`: nodes of the plan by nodes of the store, -1 none.
void art_map_bans(art_map *plan, const int32_t *vertex, const art_osm_moment *moment);
void art_map_prune(art_map *plan);
void art_map_narrow_forks(art_map *plan);
void art_map_guess_rings(art_map *plan);
void art_map_simplify(art_map *plan);
void art_map_control(art_map *plan);
void art_map_cluster(art_map *plan);
void art_map_split_at_zebras(art_map *plan);
void art_map_byways(art_map *plan);
void art_map_trim(art_map *plan);
/// Joins junctions between whose lines hardly a vehicle fits; returns whether there were any. Trim again then.
int art_map_cluster_cramped(art_map *plan);
void art_map_links(art_map *plan);
void art_map_movements(art_map *plan);
int32_t art_map_prune_links(art_map *plan);
void art_map_drop_empty(art_map *plan);
void art_map_lanes(art_map *plan);
void art_map_overlay(art_map *plan);
void art_map_rules(art_map *plan);
void art_map_build(art_map *plan, art_city *city);
void art_map_crossings(art_map *plan, art_city *city);
void art_map_heights(const art_map *plan, const art_terrain *terrain, art_city *city);
void art_map_signals(art_map *plan, art_city *city);

void art_map_clear(art_map *plan);

/// How far from its end the stop line of an arm has to be for crossings of people; 0 if there is none.
double art_map_zebra_reach(const art_map *plan, int32_t arm);
/// Slope along a way by its tag `incline`; NAN if it tells none.
float art_osm_grade(art_osm_tags tags);
/// Keeps in mind that a direction has a lane for bicycles alone.
void art_map_note_cycle_lane(art_map_side *side, const art_osm_lane *lane, float speed_mps);

// Tools of all steps.
void art_map_index_arms(art_map *plan);
int32_t art_map_add_node(art_map *plan, int64_t id, double x, double y);
/// The same of a node of the store, while store_x is there; what its tags say is left out.
int32_t art_map_add_store_node(art_map *plan, int64_t node);
/// What the tags of a node of the store say. `notes` may be NULL.
art_osm_point art_map_point_of(const art_map *plan, int64_t node, art_osm_notes *notes);
/// The road of that id, -1 if there is none.
int32_t art_map_find_way(const art_map *plan, int64_t id);
/// Two directions whose cosine is below this are opposite, where streams that meet head-on are looked for.
#define ART_ONCOMING_COS (-0.6)
/// Left or back.
static inline int art_turn_is_left(int turn)
{
  return turn == ART_TURN_LEFT || turn == ART_TURN_U;
}
/// Is it longer than anything between two junctions is, so that its nodes must be wrong? Then the report counts it, and it is to
/// be left out.
int art_map_is_absurd(const art_map *plan, double length_m);
/// A piece with the lanes of a way, from that point on; its nodes, its points and its length are the caller's to fill in.
art_map_piece art_map_new_piece(const art_map *plan, int32_t way, int64_t first_point);
/// Pieces by place, as they are now: not to be used after the plan has changed.
typedef struct art_map_piece_index art_map_piece_index;
art_map_piece_index *art_map_index_pieces(const art_map *plan);
void art_map_piece_index_free(art_map_piece_index *index);
/// The piece nearer than `within_m` (below 1) to a place, and where along it; -1 if there is none.
int32_t art_map_nearest_piece(const art_map_piece_index *index, double x, double y, double within_m, double *at_m);
/// Frees what is kept by node of the store.
void art_map_forget_store(art_map *plan);
void art_map_add_point(art_map *plan, double x, double y);
/// Measures between points once, for all steps that add none.
void art_map_measure(art_map *plan);
/// What the patch says of a turn: 1 allowed, 0 forbidden, -1 nothing. Ways and node of the map.
int art_map_patch_turn(const art_map *plan, int32_t from_way, int64_t via, int32_t to_way);
/// What it says of the signal of a junction, by any of its nodes; NULL: nothing.
const art_patch_signal *art_map_patch_signal(const art_map *plan, int32_t junction);
/// Cuts a piece at a distance; the rest becomes a new piece, whose index is returned. Events go where they belong.
int32_t art_map_split(art_map *plan, int32_t piece, double at_m, int64_t node_id);
/// Adds the link of one direction of a piece; art_map_index_links() belongs after.
void art_map_add_link(art_map *plan, int32_t piece, int direction);
void art_map_index_links(art_map *plan);
/// Drops pieces marked is_gone, and nodes that no piece has any more.
void art_map_compact(art_map *plan);

static inline art_line art_map_line(const art_map *plan, int32_t piece)
{
  const art_map_piece *p = &plan->piece[piece];
  return (art_line){ plan->x + p->first_point, plan->y + p->first_point, p->point_count,
                     plan->part_m ? plan->part_m + p->first_point : NULL };
}
static inline const art_map_way *art_map_way_of(const art_map *plan, int32_t piece, int direction)
{
  return &plan->way[plan->piece[piece].way[direction]];
}
static inline const art_map_side *art_map_side_of(const art_map *plan, int32_t piece, int direction)
{
  const art_map_piece *p = &plan->piece[piece];
  return &plan->way[p->way[direction]].side[p->way_side[direction]];
}
/// Lanes of one direction, kerb first.
static inline const art_map_lane *art_map_lanes_of(const art_map *plan, int32_t piece, int direction)
{
  return &plan->lane[art_map_side_of(plan, piece, direction)->first_lane];
}
/// Of the whole carriageway.
double art_map_width(const art_map *plan, int32_t piece);
/// From the axis of the piece to the left edge of the lanes of a direction; right positive, seen in that direction.
double art_map_left_edge(const art_map *plan, int32_t piece, int direction);
/// Does a one-way piece lead from where roads only join to where they only part? Then it is a road, however short: nobody
/// waits at its end for others to cross.
int art_map_is_weave(const art_map *plan, int32_t piece);
/// Direction in which one leaves `node` end of a piece, over its first metres.
art_vec art_map_leaving(const art_map *plan, int32_t piece, int end, double over_m);
/// 1: motor vehicles drive from this end (0: from node[0]) of the piece to the other.
static inline int art_map_leads(const art_map *plan, int32_t piece, int end)
{
  return plan->piece[piece].lanes[end] > 0;
}
static inline int32_t art_map_node_of(const art_map *plan, int32_t arm)
{
  return plan->piece[arm >> 1].node[arm & 1];
}
static inline int32_t art_map_far_node(const art_map *plan, int32_t arm)
{
  return plan->piece[arm >> 1].node[1 - (arm & 1)];
}

#endif  // ART_IO_OSM_MAP_INTERNAL_H
