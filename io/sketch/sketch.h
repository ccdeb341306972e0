/// \file sketch.h
/// A city as most sources know it: nodes, links along an axis with lanes, and as much as they say of movements and
/// signals. art_sketch_build() makes the lane-level city of it: stop lines, shapes of lanes, connectors with their turning
/// speeds, right of way, conflicts, holding points, outlines, signals. What the source does not say is derived from the
/// geometry. Readers of formats fill a sketch, so that none of them has to draw.
#ifndef ART_IO_SKETCH_SKETCH_H
#define ART_IO_SKETCH_SKETCH_H
#include <stdint.h>

#include "core/base/status.h"
#include "io/city/city.h"

#define ART_SKETCH_LANE_M 3.2  ///< width of lanes whose source names none

typedef struct art_sketch_node {
  char *id;
  double x, y;        ///< city coordinates, metres
  uint8_t kind;       ///< art_node_kind. DEAD_END: traffic begins and ends here, nobody passes through.
                      ///< TRAFFIC_LIGHT: receives a signal, called after the node
  uint8_t allows_u;   ///< 1: one may turn back; where only one street meets the node, one always may
  uint8_t has_paths;  ///< 1: the paths added are all there are; else they follow from the geometry
  double radius_m;    ///< from the centre to the stop lines; 0: by the width of the streets
  uint8_t is_joint;   ///< 1: nothing happens here but a change of lanes; links are drawn up to it
  uint8_t is_even;    ///< 1: links that meet here have the same rank, whatever their priority says
} art_sketch_node;

typedef struct art_sketch_lane {
  uint32_t allowed;  ///< mask of art_vclass
  double width_m;
} art_sketch_lane;

typedef struct art_sketch_link {
  char *id, *name;  ///< name may be NULL
  int32_t from, to;
  int32_t first_lane, lane_count;  ///< into the sketch's lanes, kerbside first
  int32_t first_point,
      point_count;  ///< of its axis, in driving direction; 0 points: straight from node to node.
                    ///< Ends that lie beyond the stop lines already stay where they are
  int32_t reverse;  ///< the link by which one turns back at its end; -1: by geometry
  double speed_mps;
  double length_m;   ///< along the whole axis as driven; 0: as drawn
  double grade;      ///< rise over run
  int32_t priority;  ///< at nodes that go by it
  uint8_t is_cut;    ///< 1: the axis runs from stop line to stop line; nothing is taken off
  uint8_t
      is_side;  ///< 1: its lanes lie on the right of the axis (of the other direction's lanes); else on both sides
  double trim_from_m, trim_to_m;  ///< made by art_sketch_build()
} art_sketch_link;

/// From lane to lane through a node.
typedef struct art_sketch_path {
  int32_t from_link, from_lane, to_link, to_lane;  ///< lanes within their links, kerbside = 0
  int8_t turn;                                     ///< art_turn; -1: from the geometry
} art_sketch_path;

/// Owned; art_sketch_free().
typedef struct art_sketch {
  char *title, *crs_wkt;
  double offset_x, offset_y;  ///< as in art_city
  int left_hand;              ///< 1: traffic keeps left; "kerbside" is the left then
  int completes_paths;  ///< 1: links and lanes for which none of the paths added is lead on all the same
  int32_t node_count, node_capacity, link_count, link_capacity, lane_count, lane_capacity;
  int32_t point_count, point_capacity, path_count, path_capacity;
  art_sketch_node *node;
  art_sketch_link *link;
  art_sketch_lane *lane;
  double *point_x, *point_y;
  int32_t point_y_count, point_y_capacity;
  art_sketch_path *path;
} art_sketch;

art_sketch *art_sketch_new(void);
void art_sketch_free(art_sketch *sketch);
/// Both copy the texts and return the index. The node is a PRIORITY one.
int32_t art_sketch_add_node(art_sketch *sketch, const char *id, double x, double y);
/// Without lanes and axis, one way, at 50 km/h.
int32_t art_sketch_add_link(art_sketch *sketch, const char *id, const char *name, int32_t from, int32_t to);
/// These belong to the link added last: `count` lanes, each of this kind; one point of the axis.
void art_sketch_add_lanes(art_sketch *sketch, int32_t count, uint32_t allowed, double width_m);
void art_sketch_add_point(art_sketch *sketch, double x, double y);
void art_sketch_add_path(art_sketch *sketch, int32_t from_link, int32_t from_lane, int32_t to_link,
                         int32_t to_lane, int turn);
/// Marks links that use the same axis in opposite directions: those between the same two nodes with equal points in
/// reverse order (or none).
void art_sketch_pair_links(art_sketch *sketch);
/// Moves the origin of the coordinates to the lower left corner, in whole metres, and tells the offset.
void art_sketch_move_origin(art_sketch *sketch);

typedef struct art_sketch_report {
  int32_t signals;        ///< with guessed stages
  int32_t short_links;    ///< links shorter than their stop lines need; drawn with what is there
  int32_t paths_dropped;  ///< that were given twice, or that no class may drive
  int32_t links_stuck;    ///< without any way on although links leave their end
  int32_t links_completed, lanes_completed;  ///< that had no path where others had some
} art_sketch_report;

/// The city, checked (art_net_check). The sketch is spent but stays the caller's. Signals of traffic lights have one
/// group a connector, in the order of the node's connectors, and a program "guess" by the clock.
art_status art_sketch_build(art_sketch *sketch, art_city **out, art_sketch_report *report, art_error *err);

/// One stage of a signal by the clock: green[g] is 1 for the groups that may go.
typedef struct art_sketch_stage {
  uint8_t *green;
  double green_s;          ///< until the change to the next stage begins
  double yellow_s, red_s;  ///< of that change, for groups that lose their green; nothing where none does
} art_sketch_stage;

/// Letters of a phase of the signal of `node` in which `green` groups go: G for those that yield to nobody who is green
/// too, g for the others. `letters` has room for all groups.
void art_sketch_letters(const art_net *net, int32_t node, const uint8_t *green, char *letters);
/// Adds a program by the clock to a signal of art_sketch_build() and makes it the one that runs. Needs art_net_index().
void art_sketch_add_program(art_net *net, int32_t signal, const char *id, double offset_s,
                            int32_t stage_count, const art_sketch_stage *stage);
/// Yellow time by speed (reaction 1 s, braking 3 m/s2), whole seconds from 3 to 6.
double art_sketch_yellow_s(double speed_mps);
/// The signal of a node, or -1.
int32_t art_sketch_signal_of(const art_net *net, int32_t node);

#endif  // ART_IO_SKETCH_SKETCH_H
