/// \file drawing_internal.h
/// A city on the drawing board: nodes and links with their geometry. art_drawing_build() adds lanes, movements, right of way,
/// conflicts and signals. Drawn for traffic that keeps right; left-hand cities are the mirror image.
#ifndef ART_SCENARIOS_GENERATE_DRAWING_INTERNAL_H
#define ART_SCENARIOS_GENERATE_DRAWING_INTERNAL_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/num/random.h"
#include "scenarios/generate/components.h"
#include "scenarios/generate/generate.h"

#define ART_DRAWING_LANE_M 3.2
#define ART_DRAWING_CORNER_M 5.0  ///< from the kerb of the crossing street to the stop line

typedef enum art_drawing_role {
  ART_DRAWING_CROSSING,  ///< streets meet
  ART_DRAWING_JOINT,     ///< one street goes on, as where a bay begins
  ART_DRAWING_GATE       ///< traffic enters and leaves the city
} art_drawing_role;

typedef struct art_drawing_node {
  char *id;
  double x, y;
  double radius_m;  ///< from the centre to the stop lines
  art_drawing_role role;
  int wants_signal;
  int allows_u;
  double offset_s;  ///< of the signal
} art_drawing_node;

typedef struct art_drawing_link {
  char *id;
  int32_t from, to, lanes;
  int32_t reverse;  ///< the same street in the other direction; -1: none
  int32_t bay_of;   ///< the leftmost lane is a bay; the link that leads here; -1: no bay
  double speed_mps;
  int32_t priority;
  double left_edge_m;       ///< left edge of the leftmost lane, to the right of the axis
  double shift_x, shift_y;  ///< from its own drawing to that of its end node (round the back of a torus)
  int32_t point_count;      ///< axis from stop line to stop line
  double *x, *y;
  double length_m;  ///< driven; 0: as drawn
} art_drawing_link;

typedef struct art_drawing {
  const art_street_options *options;
  char *title;
  int never_turns_back;  ///< 1: not even where streets end
  int32_t node_count, node_capacity, link_count, link_capacity;
  art_drawing_node *node;
  art_drawing_link *link;
} art_drawing;

/// Draws of generators: numbered within one purpose, so that one more street does not move all the others.
static inline double art_drawing_draw(uint64_t seed, uint64_t key, int64_t number)
{
  return art_uniform(art_rng(seed, key, number, ART_FOR_GENERATOR));
}

void art_drawing_clear(art_drawing *plan);
/// Both take the id, which must come from malloc.
int32_t art_drawing_add_node(art_drawing *plan, char *id, double x, double y, art_drawing_role role);
int32_t art_drawing_add_link(art_drawing *plan, char *id, int32_t from, int32_t to, int32_t lanes,
                             int32_t priority);
/// printf into fresh memory.
char *art_drawing_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Draws the axis of a link as a straight line between the stop lines of its nodes; the end node is seen at
/// its place less the shift.
void art_drawing_draw_straight(art_drawing *plan, int32_t link);
/// Splits off the last part of a link as a bay with one lane more; nothing if the link is too short for one.
void art_drawing_add_bay(art_drawing *plan, int32_t link);
/// Bays for all links from which one can turn left at a crossing of three or more streets.
void art_drawing_add_bays(art_drawing *plan);
/// Draws which of the crossings of three or more streets have signals.
void art_drawing_choose_signals(art_drawing *plan);

/// Unit direction at the start (end 0) or at the end (end 1) of a link.
typedef struct art_drawing_direction {
  double x, y;
} art_drawing_direction;
art_drawing_direction art_drawing_direction_of(const art_drawing_link *link, int end);

/// From lane to lane through a node.
typedef struct art_drawing_path {
  int32_t from_link, to_link, from_lane, to_lane;  ///< lanes within the links
  art_turn turn;
} art_drawing_path;
/// movements.c: all paths, grouped by from link. Turning back is added where the streets are not strongly
/// connected without.
void art_drawing_find_paths(art_drawing *plan, art_drawing_path **paths, int32_t *count);

/// build.c: the city of the plan, checked. The plan stays the caller's.
art_status art_drawing_build(art_drawing *plan, art_city **out, art_error *err);

/// signals.c: programs of all nodes that want one and have something to control. Needs connectors and
/// conflicts.
/// paths[c] is that of connector c.
art_status art_drawing_signals(const art_drawing *plan, const art_drawing_path *paths, art_net *net,
                               art_error *err);

art_status art_street_check(const art_street_options *options, art_error *err);
/// An error that names the option, unless lowest <= value <= highest.
art_status art_generate_range(const char *option, double value, double lowest, double highest,
                              art_error *err);

#endif  // ART_SCENARIOS_GENERATE_DRAWING_INTERNAL_H
