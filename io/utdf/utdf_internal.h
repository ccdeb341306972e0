/// \file utdf_internal.h
/// UTDF tables as read.
#ifndef ART_IO_UTDF_UTDF_INTERNAL_H
#define ART_IO_UTDF_UTDF_INTERNAL_H
#include "core/base/memory.h"
#include "io/utdf/utdf.h"

enum { ART_UTDF_DIRECTIONS = 8, ART_UTDF_TURNS = 6, ART_UTDF_PHASES = 16, ART_UTDF_SERVED = 4 };

/// An approach: the link from another node.
typedef struct art_utdf_approach {
  int32_t up, lanes;  ///< up: node; -1: no such approach
  double distance, speed;
  char name[64];
} art_utdf_approach;

/// A movement; turns from the left: U, L2, L, T, R, R2.
typedef struct art_utdf_group {
  int32_t up, to, lanes,
      shared;  ///< nodes; to -1: no such movement. shared: 0 no, 1 with the left, 2 the right, 3 both
  int32_t phase[ART_UTDF_SERVED], permitted[ART_UTDF_SERVED];
  double volume, storage;
} art_utdf_group;

typedef struct art_utdf_phase {
  int32_t brp;  ///< barrier, ring, position as three digits; 0: not used
  double min_s, max_s, extension_s, yellow_s, red_s, walk_s, foot_s;
  double start_s, end_s;  ///< of the split in the cycle; NAN: not said
  int32_t recall, dual_entry;
} art_utdf_phase;

typedef struct art_utdf_node {
  int32_t type;
  double x, y;
  art_utdf_approach approach[ART_UTDF_DIRECTIONS];
  art_utdf_group group[ART_UTDF_DIRECTIONS][ART_UTDF_TURNS];
  int32_t control, reference;
  double cycle_s, offset_s;
  art_utdf_phase phase[ART_UTDF_PHASES];
} art_utdf_node;

typedef struct art_utdf {
  const char *name;
  int is_metric;
  art_idmap *ids;
  int32_t node_count, node_capacity;
  art_utdf_node *node;
} art_utdf;

art_status art_utdf_read_tables(art_utdf *u, const char *path, const char *text, size_t size, art_error *err);
void art_utdf_clear(art_utdf *u);
art_status art_utdf_build(const art_utdf *u, const art_utdf_options *options, art_city **city,
                          art_utdf_turn **turns, int32_t *turn_count, art_utdf_report *report,
                          art_error *err);
/// Timing plans onto the signals of the city. in_link[node * directions + d] is the link of an approach, -1: none;
/// out_link likewise of a movement.
void art_utdf_add_plans(const art_utdf *u, art_net *net, const int32_t *in_link, const int32_t *out_link,
                        art_utdf_report *report);

#endif  // ART_IO_UTDF_UTDF_INTERNAL_H
