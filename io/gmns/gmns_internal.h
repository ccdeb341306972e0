/// \file gmns_internal.h
/// GMNS tables as read, before they become a sketch.
#ifndef ART_IO_GMNS_GMNS_INTERNAL_H
#define ART_IO_GMNS_GMNS_INTERNAL_H
#include "core/base/memory.h"
#include "io/gmns/gmns.h"

typedef struct art_gmns_node {
  double x, y;
  uint8_t kind;  ///< art_node_kind
  uint8_t is_external, is_joint;
  int32_t street_count;  ///< links that vehicles use
} art_gmns_node;

typedef struct art_gmns_link {
  char *name;
  int32_t from, to, geometry;    ///< geometry: -1 none
  int first_point, point_count;  ///< of its own geometry
  double length, grade, speed;   ///< as written; length and speed 0: none
  int32_t lanes;                 ///< -1: not said
  int32_t priority;
  uint32_t allowed;
  int8_t dir_flag;  ///< 0: not said
  uint8_t is_undirected;
  uint8_t is_cut;  ///< its geometry runs from stop line to stop line, as art_gmns_write() writes it
  int32_t first_lane, last_segment;  ///< lists through the tables' `next`; -1: none
  int32_t piece[2];  ///< of the sketch, in the direction of the link: first and last; [0] -1: not drawn
  int32_t back[2];   ///< the same of the way back of an undirected link
  int32_t most_lane_named;  ///< by movements
} art_gmns_link;

typedef struct art_gmns_lane {
  int32_t num, next;
  uint32_t allowed;
  double width;  ///< 0: not said
} art_gmns_lane;

typedef struct art_gmns_segment {
  int32_t link, next, left, right, first_lane, last_lane;
  double start, end;     ///< along the link, from its begin, in the short unit
  uint8_t from_the_end;  ///< as written: measured from the end node; resolved once lengths are known
} art_gmns_segment;

typedef struct art_gmns_movement {
  int32_t node, in, out;  ///< links; -1: not there
  int32_t in_lane[2], out_lane[2];
  int8_t turn;
  uint8_t is_signal;
} art_gmns_movement;

typedef struct art_gmns_net {
  const char *folder;
  const art_gmns_options *options;
  art_gmns_report *report;
  char *title, *crs;
  double short_m, long_m, speed_mps;  ///< units of config.csv
  art_idmap *node_map, *link_map, *lane_link_map, *segment_map, *movement_map, *geometry_map;
  int32_t use_count, use_capacity;
  char **use_name;
  uint32_t *use_mask;
  int32_t use_mask_count, use_mask_capacity;
  int32_t node_count, node_capacity, link_count, link_capacity, lane_count, lane_capacity;
  int32_t segment_count, segment_capacity, movement_count, movement_capacity;
  int32_t geometry_count, geometry_capacity, point_count, point_capacity, point_y_count, point_y_capacity;
  art_gmns_node *node;
  art_gmns_link *link;
  art_gmns_lane *lane;
  art_gmns_segment *segment;
  art_gmns_movement *movement;
  int32_t (*geometry)[2];  ///< first point and count
  double *point_x, *point_y;
} art_gmns_net;

/// A lane of a piece of a link.
typedef struct art_gmns_slot {
  int32_t num;
  uint32_t allowed;
  double width_m;
} art_gmns_slot;
enum { ART_GMNS_SLOTS = 64 };

// tables.c
art_status art_gmns_read_tables(art_gmns_net *net, art_error *err);
void art_gmns_net_clear(art_gmns_net *net);
/// "folder/table.csv", which the caller frees; NULL if there is no such file and `is_needed` is 0.
char *art_gmns_path(const char *folder, const char *table, int is_needed);

// uses.c
/// Classes that a text such as "AUTO, BIKE" names; ALL where it is empty.
uint32_t art_gmns_uses(art_gmns_net *net, const char *text);
void art_gmns_define_use(art_gmns_net *net, const char *name, uint32_t mask);
/// The other way round, into `text` of `size` bytes.
void art_gmns_use_names(uint32_t mask, char *text, size_t size);
/// 1: the name of a facility in folders of art_gmns_write(), whose geometry runs from stop line to stop line.
int art_gmns_is_own_facility(const char *facility);
/// Where a link stands among those that meet at a node, by the name of its facility and its speed.
int32_t art_gmns_priority(const char *facility, double speed_mps);

// draw.c
/// Fills a sketch; tells in the links which of its links are theirs.
art_status art_gmns_draw(art_gmns_net *net, art_sketch *sketch, art_error *err);
/// Lanes of a link at its begin (end 0) or end (end 1), from the left; returns how many.
int32_t art_gmns_slots(const art_gmns_net *net, int32_t link, double at, art_gmns_slot slot[ART_GMNS_SLOTS]);

// signals_read.c
/// Brings the signal tables into a city built from the sketch.
art_status art_gmns_read_signals(art_gmns_net *net, const art_sketch *sketch, art_net *city, art_error *err);

// signals_write.c
art_status art_gmns_write_signals(const art_net *net, const char *folder, art_gmns_losses *losses,
                                  art_error *err);

#endif  // ART_IO_GMNS_GMNS_INTERNAL_H
