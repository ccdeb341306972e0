// A straight road, with or without streets that cross it.
#include <math.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define JOINT_M 2.0

/// Both directions of a street, or one.
static void add_street(art_drawing *plan, int32_t from, int32_t to, int32_t lanes, int32_t priority,
                       int one_way, char *id, char *back_id)
{
  const int32_t link = art_drawing_add_link(plan, id, from, to, lanes, priority);
  if (one_way) {
    plan->link[link].left_edge_m = -0.5 * lanes * ART_DRAWING_LANE_M;
    return;
  }
  const int32_t back = art_drawing_add_link(plan, back_id, to, from, lanes, priority);
  plan->link[link].reverse = back;
  plan->link[back].reverse = link;
}

static void add_crossings(art_drawing *plan, const art_corridor_options *o)
{
  for (int32_t i = 1; i < o->links; ++i) {
    const double x = i * o->block_m;
    const int32_t north =
        art_drawing_add_node(plan, art_drawing_text("n%d.north", i), x, o->arm_m, ART_DRAWING_GATE);
    const int32_t south =
        art_drawing_add_node(plan, art_drawing_text("n%d.south", i), x, -o->arm_m, ART_DRAWING_GATE);
    add_street(plan, north, i, o->cross_lanes, 1, 0, art_drawing_text("north%d.in", i),
               art_drawing_text("north%d.out", i));
    add_street(plan, south, i, o->cross_lanes, 1, 0, art_drawing_text("south%d.in", i),
               art_drawing_text("south%d.out", i));
  }
}

static double radius_of(const art_corridor_options *o)
{
  if (o->cross_lanes == 0) return 0.5 * JOINT_M;
  const double widest = fmax(o->street.lanes * (o->one_way ? 0.5 : 1.0), o->cross_lanes);
  return (widest + 0.5 * o->street.turn_bays) * ART_DRAWING_LANE_M + ART_DRAWING_CORNER_M;
}

static art_status check(const art_corridor_options *o, art_error *err)
{
  art_status status = art_street_check(&o->street, err);
  if (status == ART_OK) status = art_generate_range("links", o->links, 1, 10000, err);
  if (status == ART_OK) status = art_generate_range("cross lanes", o->cross_lanes, 0, 15, err);
  if (status == ART_OK)
    status = art_generate_range("block (m)", o->block_m, ceil(2.0 * radius_of(o)) + 10.0, 10000.0, err);
  if (status == ART_OK && o->cross_lanes)
    status = art_generate_range("arms (m)", o->arm_m, ceil(radius_of(o)) + 10.0, 5000.0, err);
  return status;
}

art_status art_generate_corridor(const art_corridor_options *o, art_city **out, art_error *err)
{
  *out = NULL;
  art_status status = check(o, err);
  if (status != ART_OK) return status;
  art_drawing plan = { .options = &o->street, .never_turns_back = 1 };
  plan.title = art_drawing_text("corridor of %d links", o->links);
  const int has_crossings = o->cross_lanes > 0;
  for (int32_t i = 0; i <= o->links; ++i) {
    const int is_end = i == 0 || i == o->links;
    art_drawing_add_node(&plan, art_drawing_text("n%d", i), i * o->block_m, 0.0,
                         is_end          ? ART_DRAWING_GATE
                         : has_crossings ? ART_DRAWING_CROSSING
                                         : ART_DRAWING_JOINT);
    plan.node[i].radius_m = is_end ? 0.0 : radius_of(o);
    plan.node[i].offset_s = i * o->block_m / o->street.speed_mps;
  }
  for (int32_t i = 0; i < o->links; ++i)
    add_street(&plan, i, i + 1, o->street.lanes, 2, o->one_way, art_drawing_text("east%d", i),
               o->one_way ? NULL : art_drawing_text("west%d", i));
  if (has_crossings) add_crossings(&plan, o);
  for (int32_t l = 0; l < plan.link_count; ++l) art_drawing_draw_straight(&plan, l);
  art_drawing_choose_signals(&plan);
  if (o->street.turn_bays) art_drawing_add_bays(&plan);
  status = art_drawing_build(&plan, out, err);
  art_drawing_clear(&plan);
  return status;
}
