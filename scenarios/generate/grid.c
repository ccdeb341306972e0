// Streets in columns and rows, open, with arms, or closed to a torus.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

enum { EAST, NORTH, WEST, SOUTH };
static const struct {
  int dx, dy;
  char letter;
} side[4] = { { 1, 0, 'e' }, { 0, 1, 'n' }, { -1, 0, 'w' }, { 0, -1, 's' } };

typedef struct layout {
  const art_grid_options *o;
  art_drawing plan;
  double arm_m;
} layout;

static int32_t node_at(const layout *g, int32_t column, int32_t row)
{
  return row * g->o->columns + column;
}

/// Of two streets that cross, one goes first: rows have even priorities, columns odd ones.
static int32_t priority_of(const layout *g, int32_t column, int32_t row, int which)
{
  const int is_row = which == EAST || which == WEST;
  const double u = art_drawing_draw(g->o->street.seed, is_row ? 1 : 2, is_row ? row : column);
  return 2 * (int32_t)(5.0 * u) + (is_row ? 2 : 1);
}

/// One direction of a street, towards the neighbour or the gate on that side; -1 if there is neither.
static int32_t add_link(layout *g, int32_t column, int32_t row, int which, int is_inward)
{
  const art_grid_options *o = g->o;
  const int32_t c = column + side[which].dx, r = row + side[which].dy, here = node_at(g, column, row);
  const int is_outside = c < 0 || r < 0 || c >= o->columns || r >= o->rows;
  const int32_t priority = priority_of(g, column, row, which);
  int32_t other;
  if (!is_outside || o->torus) {
    if (is_inward) return -1;  // the other node adds it
    other = node_at(g, (c + o->columns) % o->columns, (r + o->rows) % o->rows);
  } else {
    if (!(g->arm_m > 0.0)) return -1;
    other = is_inward
                ? g->plan.node_count - 1
                : art_drawing_add_node(&g->plan,
                                       art_drawing_text("x%dy%d%c.gate", column, row, side[which].letter),
                                       column * o->block_m + side[which].dx * g->arm_m,
                                       row * o->block_m + side[which].dy * g->arm_m, ART_DRAWING_GATE);
  }
  char *id = art_drawing_text("x%dy%d%c%s", column, row, side[which].letter, is_inward ? ".in" : "");
  const int32_t link = art_drawing_add_link(&g->plan, id, is_inward ? other : here, is_inward ? here : other,
                                            o->street.lanes, priority);
  if (is_outside && o->torus) {  // drawn to where the next node would be
    g->plan.link[link].shift_x = -side[which].dx * o->columns * o->block_m;
    g->plan.link[link].shift_y = -side[which].dy * o->rows * o->block_m;
  }
  return link;
}

static void add_streets(layout *g)
{
  const art_grid_options *o = g->o;
  int32_t *out = ART_NEW(int32_t, 4 * (int64_t)o->columns * o->rows);
  for (int32_t row = 0; row < o->rows; ++row)
    for (int32_t column = 0; column < o->columns; ++column)
      for (int which = 0; which < 4; ++which) {
        const int32_t link = out[4 * node_at(g, column, row) + which] = add_link(g, column, row, which, 0);
        const int32_t back = add_link(g, column, row, which, 1);
        if (link < 0 || back < 0) continue;
        g->plan.link[link].reverse = back;
        g->plan.link[back].reverse = link;
      }
  for (int32_t row = 0; row < o->rows; ++row)
    for (int32_t column = 0; column < o->columns; ++column)
      for (int which = EAST; which <= NORTH; ++which) {
        const int32_t link = out[4 * node_at(g, column, row) + which];
        if (link < 0 || g->plan.link[link].reverse >= 0) continue;
        const int32_t back = out[4 * g->plan.link[link].to + which + 2];
        g->plan.link[link].reverse = back;
        g->plan.link[back].reverse = link;
      }
  free(out);
}

static art_status check(const art_grid_options *o, art_error *err)
{
  art_status status = art_street_check(&o->street, err);
  if (status == ART_OK) status = art_generate_range("columns", o->columns, 1, 2000, err);
  if (status == ART_OK) status = art_generate_range("rows", o->rows, 1, 2000, err);
  // The nodes need some of the block, and something must be left of it.
  const double node =
      2.0 * ((o->street.lanes + 0.5 * o->street.turn_bays) * ART_DRAWING_LANE_M + ART_DRAWING_CORNER_M);
  if (status == ART_OK) status = art_generate_range("block (m)", o->block_m, ceil(node) + 10.0, 5000.0, err);
  if (status == ART_OK && o->arm_m != 0.0)
    status = art_generate_range("arms (m)", o->arm_m, ceil(node / 2.0) + 10.0, 5000.0, err);
  return status;
}

art_status art_generate_grid(const art_grid_options *o, art_city **out, art_error *err)
{
  *out = NULL;
  art_status status = check(o, err);
  if (status != ART_OK) return status;
  layout g = { .o = o, .arm_m = o->torus ? 0.0 : o->arm_m };
  if (!o->torus && o->columns == 1 && o->rows == 1 && g.arm_m == 0.0) g.arm_m = o->block_m;
  g.plan.options = &o->street;
  g.plan.title = art_drawing_text("%s of %d x %d nodes", o->torus ? "torus" : "grid", o->columns, o->rows);
  for (int32_t row = 0; row < o->rows; ++row)
    for (int32_t column = 0; column < o->columns; ++column) {
      const int32_t node = art_drawing_add_node(&g.plan, art_drawing_text("x%dy%d", column, row),
                                                column * o->block_m, row * o->block_m, ART_DRAWING_CROSSING);
      g.plan.node[node].radius_m =
          (o->street.lanes + 0.5 * o->street.turn_bays) * ART_DRAWING_LANE_M + ART_DRAWING_CORNER_M;
      // A green wave towards the east and the north.
      g.plan.node[node].offset_s = (column + row) * o->block_m / o->street.speed_mps;
    }
  add_streets(&g);
  for (int32_t l = 0; l < g.plan.link_count; ++l) art_drawing_draw_straight(&g.plan, l);
  art_drawing_choose_signals(&g.plan);
  if (o->street.turn_bays) art_drawing_add_bays(&g.plan);
  status = art_drawing_build(&g.plan, out, err);
  art_drawing_clear(&g.plan);
  return status;
}
