// The drawing board of generated cities.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define BAY_M 50.0    // of the bay itself
#define TAPER_M 10.0  // where one changes into it
#define BEFORE_BAY_M 20.0

art_street_options art_street_defaults(void)
{
  return (art_street_options){
    .lanes = 2, .speed_mps = 50.0 / 3.6, .signals = 1.0, .unsignalised = ART_NODE_PRIORITY, .seed = 1
  };
}

art_status art_generate_range(const char *option, double value, double lowest, double highest, art_error *err)
{
  if (value >= lowest && value <= highest) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s is %g: accepted: %g to %g", option, value, lowest, highest);
}

art_status art_street_check(const art_street_options *options, art_error *err)
{
  art_status status = art_generate_range("lanes", options->lanes, 1, options->turn_bays ? 15 : 16, err);
  if (status == ART_OK) status = art_generate_range("speed (m/s)", options->speed_mps, 1.0, 100.0, err);
  if (status == ART_OK) status = art_generate_range("signals", options->signals, 0.0, 1.0, err);
  if (status == ART_OK && options->cycle_s != 0.0)
    status = art_generate_range("cycle (s)", options->cycle_s, 20.0, 600.0, err);
  return status;
}

void art_drawing_clear(art_drawing *plan)
{
  for (int32_t i = 0; i < plan->node_count; ++i) free(plan->node[i].id);
  for (int32_t i = 0; i < plan->link_count; ++i) {
    free(plan->link[i].id);
    free(plan->link[i].x);
    free(plan->link[i].y);
  }
  free(plan->node);
  free(plan->link);
  free(plan->title);
  *plan = (art_drawing){ 0 };
}

char *art_drawing_text(const char *format, ...)
{
  char text[160];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  return art_strdup(text);
}

int32_t art_drawing_add_node(art_drawing *plan, char *id, double x, double y, art_drawing_role role)
{
  const art_drawing_node node = { .id = id, .x = x, .y = y, .role = role };
  ART_PUSH(plan->node, plan->node_count, plan->node_capacity, node);
  return plan->node_count - 1;
}

int32_t art_drawing_add_link(art_drawing *plan, char *id, int32_t from, int32_t to, int32_t lanes,
                             int32_t priority)
{
  const art_drawing_link link = { .id = id,
                                  .from = from,
                                  .to = to,
                                  .lanes = lanes,
                                  .reverse = -1,
                                  .bay_of = -1,
                                  .speed_mps = plan->options->speed_mps,
                                  .priority = priority,
                                  .left_edge_m = plan->options->turn_bays ? 0.5 * ART_DRAWING_LANE_M : 0.0 };
  ART_PUSH(plan->link, plan->link_count, plan->link_capacity, link);
  return plan->link_count - 1;
}

void art_drawing_draw_straight(art_drawing *plan, int32_t link)
{
  art_drawing_link *l = &plan->link[link];
  const art_drawing_node *from = &plan->node[l->from], *to = &plan->node[l->to];
  const double end_x = to->x - l->shift_x, end_y = to->y - l->shift_y;
  const double length = hypot(end_x - from->x, end_y - from->y);
  const double dx = (end_x - from->x) / length, dy = (end_y - from->y) / length;
  l->point_count = 2;
  l->x = ART_NEW(double, 2);
  l->y = ART_NEW(double, 2);
  l->x[0] = from->x + from->radius_m * dx;
  l->y[0] = from->y + from->radius_m * dy;
  l->x[1] = end_x - to->radius_m * dx;
  l->y[1] = end_y - to->radius_m * dy;
}

void art_drawing_add_bay(art_drawing *plan, int32_t link)
{
  const double x0 = plan->link[link].x[0], y0 = plan->link[link].y[0], x1 = plan->link[link].x[1],
               y1 = plan->link[link].y[1];
  const double length = hypot(x1 - x0, y1 - y0), bay = fmin(BAY_M, length - TAPER_M - BEFORE_BAY_M);
  if (bay < BEFORE_BAY_M) return;
  const double dx = (x1 - x0) / length, dy = (y1 - y0) / length, at = length - bay - 0.5 * TAPER_M;
  const int32_t joint = art_drawing_add_node(plan, art_drawing_text("%s.joint", plan->link[link].id),
                                             x0 + at * dx, y0 + at * dy, ART_DRAWING_JOINT);
  plan->node[joint].radius_m = 0.5 * TAPER_M;
  const int32_t part =
      art_drawing_add_link(plan, art_drawing_text("%s#1", plan->link[link].id), joint, plan->link[link].to,
                           plan->link[link].lanes + 1, plan->link[link].priority);
  art_drawing_link *whole = &plan->link[link], *last = &plan->link[part];
  last->shift_x = whole->shift_x;
  last->shift_y = whole->shift_y;
  last->speed_mps = whole->speed_mps;
  last->bay_of = link;
  last->reverse = whole->reverse;  // where one turns back at the node
  last->left_edge_m = whole->left_edge_m - ART_DRAWING_LANE_M;
  whole->to = joint;
  whole->shift_x = whole->shift_y = 0.0;
  art_drawing_draw_straight(plan, part);
  whole->x[1] = x0 + (at - 0.5 * TAPER_M) * dx;
  whole->y[1] = y0 + (at - 0.5 * TAPER_M) * dy;
}

art_drawing_direction art_drawing_direction_of(const art_drawing_link *link, int end)
{
  const int32_t at = end ? link->point_count - 2 : 0;
  const double dx = link->x[at + 1] - link->x[at], dy = link->y[at + 1] - link->y[at], length = hypot(dx, dy);
  return (art_drawing_direction){ dx / length, dy / length };
}

typedef struct visit {
  int32_t thing, next;
} visit;

int32_t art_components(int32_t count, const int32_t *first, const int32_t *to, int32_t *component)
{
  int32_t *number = ART_NEW(int32_t, count), *low = ART_NEW(int32_t, count), *stack = ART_NEW(int32_t, count);
  visit *path = ART_NEW(visit, count);
  int32_t seen = 0, height = 0, found = 0;
  for (int32_t i = 0; i < count; ++i) component[i] = -1;
  for (int32_t start = 0; start < count; ++start) {
    if (number[start]) continue;
    int32_t depth = 0;
    path[depth++] = (visit){ start, first[start] };
    number[start] = low[start] = ++seen;
    stack[height++] = start;
    while (depth) {
      visit *here = &path[depth - 1];
      if (here->next < first[here->thing + 1]) {
        const int32_t other = to[here->next++];
        if (!number[other]) {
          number[other] = low[other] = ++seen;
          stack[height++] = other;
          path[depth++] = (visit){ other, first[other] };
        } else if (component[other] < 0 && number[other] < low[here->thing])
          low[here->thing] = number[other];
        continue;
      }
      const int32_t thing = here->thing;
      --depth;
      if (depth && low[thing] < low[path[depth - 1].thing]) low[path[depth - 1].thing] = low[thing];
      if (low[thing] != number[thing]) continue;
      do component[stack[--height]] = found;
      while (stack[height] != thing);
      ++found;
    }
  }
  free(number);
  free(low);
  free(stack);
  free(path);
  return found;
}
