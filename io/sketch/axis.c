// Axes of links: where they begin and end, and where the stop lines are.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/sketch/sketch_internal.h"

#define CORNER_M 4.0   // from the kerb of the crossing street to the stop line
#define MOST_CUT 0.35  // of a link, at either end
#define ROOM_M 2.0     // between the kerbs of two streets that meet at an acute angle, and the stop lines
#define MOST_RADIUS_M 45.0
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
  const double dx = s->point_x[p + 1] - s->point_x[p], dy = s->point_y[p + 1] - s->point_y[p],
               length = hypot(dx, dy);
  return (art_sketch_direction){ dx / length, dy / length };
}

void art_sketch_mirror(art_sketch *s)
{
  for (int32_t i = 0; i < s->node_count; ++i) s->node[i].y = -s->node[i].y;
  for (int32_t i = 0; i < s->point_count; ++i) s->point_y[i] = -s->point_y[i];
  for (int32_t i = 0; i < s->path_count; ++i) {
    int8_t *turn = &s->path[i].turn;
    if (*turn == ART_TURN_LEFT || *turn == ART_TURN_RIGHT) *turn ^= ART_TURN_LEFT ^ ART_TURN_RIGHT;
    if (*turn == ART_TURN_PART_LEFT || *turn == ART_TURN_PART_RIGHT)
      *turn ^= ART_TURN_PART_LEFT ^ ART_TURN_PART_RIGHT;
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

/// How far from the centre the kerbs of two streets meet: far, where the angle between them is acute.
static double meeting_of(const arm *a, const arm *b)
{
  const double cosine = a->d.x * b->d.x + a->d.y * b->d.y, sine = fabs(a->d.x * b->d.y - a->d.y * b->d.x);
  if (cosine < -0.87 || sine < 1e-3) return 0.0;  // opposite each other
  return (fmax(b->in_m, b->out_m) + fmax(a->in_m, a->out_m) * cosine) / sine + ROOM_M;
}

typedef struct arm_list {
  arm *arm;
  int32_t count;
  double widest_m;
} arm_list;

static arm_list arms_of(const art_sketch *s, const art_sketch_ends *e, int32_t node)
{
  const int32_t in = e->first_in[node], in_end = e->first_in[node + 1], out = e->first_out[node],
                out_end = e->first_out[node + 1];
  arm_list list = { .arm = ART_NEW(arm, in_end - in + out_end - out) };
  for (int32_t k = in; k < out_end - out + in_end; ++k) {
    const int is_in = k < in_end;
    const int32_t l = is_in ? e->in[k] : e->out[out + k - in_end];
    const double width = art_sketch_link_width_m(&s->link[l], s->lane) * (s->link[l].is_side ? 1.0 : 0.5);
    const art_sketch_direction d = art_sketch_direction_of(s, l, is_in);
    const art_sketch_direction outwards = { is_in ? -d.x : d.x, is_in ? -d.y : d.y };
    list.count = add_arm(list.arm, list.count, outwards, is_in ? width : 0.0, is_in ? 0.0 : width);
    list.widest_m = fmax(list.widest_m, width);
  }
  return list;
}

/// From the centre of a node to the stop line of a link that leaves it outwards in direction d.
static double radius_of(const art_sketch_node *node, const arm_list *list, art_sketch_direction d)
{
  if (node->is_joint) return 0.0;
  if (node->radius_m > 0.0) return node->radius_m;
  if (list->count <= 1) return list->widest_m + 1.0;
  if (list->count == 2) {  // a street that goes on needs no crossing; a bend needs room for its inner lanes
    const double cosine = list->arm[0].d.x * list->arm[1].d.x + list->arm[0].d.y * list->arm[1].d.y;
    return 1.0 + list->widest_m * (1.0 + cosine);
  }
  double radius = list->widest_m + CORNER_M;
  const arm *own = NULL;
  for (int32_t i = 0; i < list->count && !own; ++i)
    if (list->arm[i].d.x * d.x + list->arm[i].d.y * d.y >= SAME_ARM_COS) own = &list->arm[i];
  for (int32_t i = 0; i < list->count && own; ++i)
    if (&list->arm[i] != own) radius = fmax(radius, meeting_of(own, &list->arm[i]));
  return fmin(radius, fmax(MOST_RADIUS_M, list->widest_m + CORNER_M));
}

/// What has to go of a link at one end: what lies nearer to the centre of the node than its stop line.
static double trim_of(const art_sketch *s, const arm_list *list, int32_t node, int32_t l, int end)
{
  const art_sketch_link *link = &s->link[l];
  if (link->is_cut) return 0.0;
  const art_sketch_direction d = art_sketch_direction_of(s, l, end),
                             outwards = { end ? -d.x : d.x, end ? -d.y : d.y };
  const int32_t p = link->first_point + (end ? link->point_count - 1 : 0);
  const double off = hypot(s->point_x[p] - s->node[node].x, s->point_y[p] - s->node[node].y);
  return fmax(radius_of(&s->node[node], list, outwards) - off, 0.0);
}

/// Takes `head` metres from the start of an axis and `tail` from its end.
static void cut(art_sketch *s, art_sketch_link *link, double head, double tail)
{
  for (int end = 0; end < 2; ++end) {
    double left = end ? tail : head;
    while (left > 0.0) {
      const int32_t p = link->first_point + (end ? link->point_count - 1 : 0), q = p + (end ? -1 : 1);
      const double dx = s->point_x[q] - s->point_x[p], dy = s->point_y[q] - s->point_y[p],
                   length = hypot(dx, dy);
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
  for (int32_t node = 0; node < s->node_count; ++node) {
    const arm_list list = arms_of(s, e, node);
    for (int32_t k = e->first_out[node]; k < e->first_out[node + 1]; ++k)
      s->link[e->out[k]].trim_from_m = trim_of(s, &list, node, e->out[k], 0);
    for (int32_t k = e->first_in[node]; k < e->first_in[node + 1]; ++k)
      s->link[e->in[k]].trim_to_m = trim_of(s, &list, node, e->in[k], 1);
    free(list.arm);
  }
  int32_t too_short = 0;
  for (int32_t l = 0; l < s->link_count; ++l) {
    art_sketch_link *link = &s->link[l];
    const double most = MOST_CUT * art_sketch_axis_m(s, link);
    too_short += link->trim_from_m > most || link->trim_to_m > most;
    link->trim_from_m = fmin(link->trim_from_m, most);
    link->trim_to_m = fmin(link->trim_to_m, most);
    cut(s, link, link->trim_from_m, link->trim_to_m);
  }
  return too_short;
}
