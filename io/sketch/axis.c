// Axes of links: where they begin and end, and where the stop lines are.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/sketch/sketch_internal.h"

#define CORNER_M 4.0      // from the kerb of the crossing street to the stop line
#define MOST_CUT 0.35     // of a link, at either end
#define SAME_ARM_COS 0.9  // links that leave a node in about the same direction are one street
#define SHORTEST_M 0.5    // of a link as drawn; nodes on top of each other are drawn apart

art_sketch_ends art_sketch_ends_new(const art_sketch *s)
{
  art_sketch_ends e = { ART_NEW(int32_t, s->node_count + 2), ART_NEW(int32_t, s->link_count),
                        ART_NEW(int32_t, s->node_count + 2), ART_NEW(int32_t, s->link_count) };
  for (int32_t l = 0; l < s->link_count; ++l) {
    ++e.first_in[s->link[l].to + 2];
    ++e.first_out[s->link[l].from + 2];
  }
  for (int32_t i = 0; i < s->node_count; ++i) {
    e.first_in[i + 2] += e.first_in[i + 1];
    e.first_out[i + 2] += e.first_out[i + 1];
  }
  for (int32_t l = 0; l < s->link_count; ++l) {
    e.in[e.first_in[s->link[l].to + 1]++] = l;
    e.out[e.first_out[s->link[l].from + 1]++] = l;
  }
  return e;
}

void art_sketch_ends_free(art_sketch_ends *e)
{
  void *const owned[] = { e->first_in, e->in, e->first_out, e->out };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

double art_sketch_link_width_m(const art_sketch_link *link, const art_sketch_lane *lanes)
{
  double width = 0.0;
  for (int32_t k = 0; k < link->lane_count; ++k) width += lanes[link->first_lane + k].width_m;
  return width;
}

double art_sketch_axis_m(const art_sketch *s, const art_sketch_link *link)
{
  double length = 0.0;
  for (int32_t p = link->first_point + 1; p < link->first_point + link->point_count; ++p)
    length += hypot(s->point_x[p] - s->point_x[p - 1], s->point_y[p] - s->point_y[p - 1]);
  return length;
}

art_sketch_direction art_sketch_direction_of(const art_sketch *s, int32_t l, int end)
{
  const art_sketch_link *link = &s->link[l];
  const int32_t p = link->first_point + (end ? link->point_count - 2 : 0);
  const double dx = s->point_x[p + 1] - s->point_x[p], dy = s->point_y[p + 1] - s->point_y[p], length = hypot(dx, dy);
  return (art_sketch_direction){ dx / length, dy / length };
}

void art_sketch_mirror(art_sketch *s)
{
  for (int32_t i = 0; i < s->node_count; ++i) s->node[i].y = -s->node[i].y;
  for (int32_t i = 0; i < s->point_count; ++i) s->point_y[i] = -s->point_y[i];
  for (int32_t i = 0; i < s->path_count; ++i) {
    int8_t *turn = &s->path[i].turn;
    if (*turn == ART_TURN_LEFT || *turn == ART_TURN_RIGHT) *turn ^= ART_TURN_LEFT ^ ART_TURN_RIGHT;
    if (*turn == ART_TURN_PART_LEFT || *turn == ART_TURN_PART_RIGHT) *turn ^= ART_TURN_PART_LEFT ^ ART_TURN_PART_RIGHT;
  }
}

/// Links without points run straight from node to node. All points move to fresh arrays, so that each link may grow.
static void complete(art_sketch *s)
{
  double *old_x = s->point_x, *old_y = s->point_y;
  s->point_x = s->point_y = NULL;
  s->point_count = s->point_capacity = s->point_y_count = s->point_y_capacity = 0;
  for (int32_t l = 0; l < s->link_count; ++l) {
    art_sketch_link *link = &s->link[l];
    const int32_t first = link->first_point, count = link->point_count;
    link->first_point = s->point_count;
    link->point_count = 0;
    for (int32_t i = 0; i < count && count >= 2; ++i) {
      ART_PUSH(s->point_x, s->point_count, s->point_capacity, old_x[first + i]);
      ART_PUSH(s->point_y, s->point_y_count, s->point_y_capacity, old_y[first + i]);
      ++link->point_count;
    }
    if (count >= 2) continue;
    const art_sketch_node *a = &s->node[link->from], *b = &s->node[link->to];
    const double gap = hypot(b->x - a->x, b->y - a->y);
    const double push = gap < SHORTEST_M ? SHORTEST_M : 0.0;  // to the east, so that there is a direction
    const double x[2] = { a->x, b->x + push }, y[2] = { a->y, b->y };
    for (int i = 0; i < 2; ++i) {
      ART_PUSH(s->point_x, s->point_count, s->point_capacity, x[i]);
      ART_PUSH(s->point_y, s->point_y_count, s->point_y_capacity, y[i]);
    }
    link->point_count = 2;
  }
  free(old_x);
  free(old_y);
}

/// A street as seen from a node: direction outwards and the widths on its two sides.
typedef struct arm {
  art_sketch_direction d;
  double in_m, out_m;
} arm;

static int32_t add_arm(arm *arms, int32_t count, art_sketch_direction d, double in_m, double out_m)
{
  for (int32_t i = 0; i < count; ++i) {
    if (arms[i].d.x * d.x + arms[i].d.y * d.y < SAME_ARM_COS) continue;
    arms[i].in_m = fmax(arms[i].in_m, in_m);
    arms[i].out_m = fmax(arms[i].out_m, out_m);
    return count;
  }
  arms[count] = (arm){ d, in_m, out_m };
  return count + 1;
}

/// From the centre of a node to its stop lines: beyond the kerb of the widest street that meets it.
static double radius_of(const art_sketch *s, const art_sketch_ends *e, int32_t node)
{
  const int32_t in = e->first_in[node], in_end = e->first_in[node + 1], out = e->first_out[node],
                out_end = e->first_out[node + 1];
  arm *arms = ART_NEW(arm, in_end - in + out_end - out);
  int32_t count = 0;
  for (int32_t k = in; k < in_end; ++k) {
    const art_sketch_link *link = &s->link[e->in[k]];
    const art_sketch_direction d = art_sketch_direction_of(s, e->in[k], 1);
    const double width = art_sketch_link_width_m(link, s->lane) * (link->is_side ? 1.0 : 0.5);
    count = add_arm(arms, count, (art_sketch_direction){ -d.x, -d.y }, width, 0.0);
  }
  for (int32_t k = out; k < out_end; ++k) {
    const art_sketch_link *link = &s->link[e->out[k]];
    const double width = art_sketch_link_width_m(link, s->lane) * (link->is_side ? 1.0 : 0.5);
    count = add_arm(arms, count, art_sketch_direction_of(s, e->out[k], 0), 0.0, width);
  }
  double widest = 0.0;
  for (int32_t i = 0; i < count; ++i) widest = fmax(widest, fmax(arms[i].in_m, arms[i].out_m));
  // Two streets that go on straight need no crossing; a bend needs room for its inner lanes.
  double radius = widest + CORNER_M;
  if (count == 2) {
    const double cosine = arms[0].d.x * arms[1].d.x + arms[0].d.y * arms[1].d.y;
    radius = 1.0 + widest * (1.0 + cosine);
  }
  if (count <= 1) radius = widest + 1.0;
  free(arms);
  return radius;
}

/// Takes `head` metres from the start of an axis and `tail` from its end.
static void cut(art_sketch *s, art_sketch_link *link, double head, double tail)
{
  for (int end = 0; end < 2; ++end) {
    double left = end ? tail : head;
    while (left > 0.0) {
      const int32_t p = link->first_point + (end ? link->point_count - 1 : 0), q = p + (end ? -1 : 1);
      const double dx = s->point_x[q] - s->point_x[p], dy = s->point_y[q] - s->point_y[p], length = hypot(dx, dy);
      if (link->point_count > 2 && length <= left + 0.01) {  // the whole piece
        if (!end) ++link->first_point;
        --link->point_count;
        left -= length;
        continue;
      }
      const double share = fmin(left / length, 0.9);
      s->point_x[p] += share * dx;
      s->point_y[p] += share * dy;
      break;
    }
  }
}

int32_t art_sketch_cut_axes(art_sketch *s, const art_sketch_ends *e)
{
  complete(s);
  double *radius = ART_NEW(double, s->node_count);
  for (int32_t i = 0; i < s->node_count; ++i) {
    const art_sketch_node *node = &s->node[i];
    radius[i] = node->is_joint ? 0.0 : node->radius_m > 0.0 ? node->radius_m : radius_of(s, e, i);
  }
  int32_t too_short = 0;
  for (int32_t l = 0; l < s->link_count; ++l) {
    art_sketch_link *link = &s->link[l];
    link->trim_from_m = link->trim_to_m = 0.0;
    const double length = art_sketch_axis_m(s, link), most = MOST_CUT * length;
    const double from = link->begins_at_line ? 0.0 : radius[link->from], to = link->ends_at_line ? 0.0 : radius[link->to];
    link->trim_from_m = fmin(from, most);
    link->trim_to_m = fmin(to, most);
    too_short += from > most || to > most;
    cut(s, link, link->trim_from_m, link->trim_to_m);
  }
  free(radius);
  return too_short;
}
