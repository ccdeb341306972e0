/// \file sketch_internal.h
/// The steps from a sketch to a city.
#ifndef ART_IO_SKETCH_SKETCH_INTERNAL_H
#define ART_IO_SKETCH_SKETCH_INTERNAL_H
#include "io/sketch/sketch.h"

typedef struct art_sketch_direction {
  double x, y;
} art_sketch_direction;

/// Links by node: those that end in node n are in[first_in[n]] ... in[first_in[n + 1] - 1], likewise out.
typedef struct art_sketch_ends {
  int32_t *first_in, *in, *first_out, *out;
} art_sketch_ends;
art_sketch_ends art_sketch_ends_new(const art_sketch *sketch);
void art_sketch_ends_free(art_sketch_ends *ends);

// axis.c
/// Gives every link an axis, cuts it at the stop lines (trim_from_m, trim_to_m tell how much), and mirrors what keeps left.
/// Returns how many links were too short.
int32_t art_sketch_cut_axes(art_sketch *sketch, const art_sketch_ends *ends);
void art_sketch_mirror(art_sketch *sketch);
/// Unit direction at the start (end 0) or at the end (end 1) of a link.
art_sketch_direction art_sketch_direction_of(const art_sketch *sketch, int32_t link, int end);
double art_sketch_link_width_m(const art_sketch_link *link, const art_sketch_lane *lanes);
double art_sketch_axis_m(const art_sketch *sketch, const art_sketch_link *link);

// paths.c
/// Paths of all nodes, sorted and unique: those given, and those found where none are. Counts what was dropped.
void art_sketch_find_paths(art_sketch *sketch, const art_sketch_ends *ends, art_sketch_report *report);

// right_of_way.c
/// Conflicts, holding points and states of the connectors; connector c is path c of the sketch.
void art_sketch_decide(const art_sketch *sketch, art_city *city);

// stages.c
/// Signals with guessed programs at all traffic lights. Needs connectors and conflicts.
int32_t art_sketch_add_signals(const art_sketch *sketch, art_net *net);

#endif  // ART_IO_SKETCH_SKETCH_INTERNAL_H
