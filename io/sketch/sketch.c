// Sketches: what readers of formats fill.
#include "io/sketch/sketch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

art_sketch *art_sketch_new(void)
{
  return ART_NEW(art_sketch, 1);
}

void art_sketch_free(art_sketch *s)
{
  if (!s) return;
  for (int32_t i = 0; i < s->node_count; ++i) free(s->node[i].id);
  for (int32_t i = 0; i < s->link_count; ++i) {
    free(s->link[i].id);
    free(s->link[i].name);
  }
  void *const owned[] = { s->title, s->crs_wkt, s->node, s->link, s->lane, s->point_x, s->point_y, s->path };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  free(s);
}

int32_t art_sketch_add_node(art_sketch *s, const char *id, double x, double y)
{
  const art_sketch_node node = { .id = art_strdup(id), .x = x, .y = y, .kind = ART_NODE_PRIORITY };
  ART_PUSH(s->node, s->node_count, s->node_capacity, node);
  return s->node_count - 1;
}

int32_t art_sketch_add_link(art_sketch *s, const char *id, const char *name, int32_t from, int32_t to)
{
  const art_sketch_link link = { .id = art_strdup(id),
                                 .name = name && *name ? art_strdup(name) : NULL,
                                 .from = from,
                                 .to = to,
                                 .first_lane = s->lane_count,
                                 .first_point = s->point_count,
                                 .reverse = -1,
                                 .speed_mps = 50.0 / 3.6 };
  ART_PUSH(s->link, s->link_count, s->link_capacity, link);
  return s->link_count - 1;
}

void art_sketch_add_lanes(art_sketch *s, int32_t count, uint32_t allowed, double width_m)
{
  const art_sketch_lane lane = { .allowed = allowed, .width_m = width_m };
  for (int32_t i = 0; i < count; ++i) ART_PUSH(s->lane, s->lane_count, s->lane_capacity, lane);
  s->link[s->link_count - 1].lane_count += count;
}

void art_sketch_add_point(art_sketch *s, double x, double y)
{
  art_sketch_link *link = &s->link[s->link_count - 1];
  const int32_t last = s->point_count - 1;
  // Points on top of each other have no direction.
  if (link->point_count && hypot(s->point_x[last] - x, s->point_y[last] - y) < 0.01) return;
  ART_PUSH(s->point_x, s->point_count, s->point_capacity, x);
  ART_PUSH(s->point_y, s->point_y_count, s->point_y_capacity, y);
  ++link->point_count;
}

void art_sketch_add_path(art_sketch *s, int32_t from_link, int32_t from_lane, int32_t to_link,
                         int32_t to_lane, int turn)
{
  const art_sketch_path path = { from_link, from_lane, to_link, to_lane, (int8_t)turn };
  ART_PUSH(s->path, s->path_count, s->path_capacity, path);
}

// ---- pairs -------------------------------------------------------------------------------------------------------------

typedef struct end_pair {
  int32_t low, high, link;
} end_pair;

static int compare_ends(const void *left, const void *right)
{
  const end_pair *a = left, *b = right;
  if (a->low != b->low) return a->low < b->low ? -1 : 1;
  if (a->high != b->high) return a->high < b->high ? -1 : 1;
  return a->link < b->link ? -1 : a->link > b->link;
}

/// The same axis in the other direction, to a quarter of a metre.
static int is_reverse(const art_sketch *s, const art_sketch_link *a, const art_sketch_link *b)
{
  if (a->from != b->to || a->to != b->from || a->from == a->to) return 0;
  if (a->point_count != b->point_count) return 0;
  for (int32_t i = 0; i < a->point_count; ++i) {
    const int32_t p = a->first_point + i, q = b->first_point + b->point_count - 1 - i;
    if (hypot(s->point_x[p] - s->point_x[q], s->point_y[p] - s->point_y[q]) > 0.25) return 0;
  }
  return 1;
}

void art_sketch_pair_links(art_sketch *s)
{
  end_pair *pair = ART_NEW(end_pair, s->link_count);
  for (int32_t l = 0; l < s->link_count; ++l) {
    const int32_t a = s->link[l].from, b = s->link[l].to;
    pair[l] = (end_pair){ a < b ? a : b, a < b ? b : a, l };
  }
  art_sort(pair, (size_t)s->link_count, sizeof *pair, compare_ends);
  for (int32_t i = 0; i < s->link_count; ++i)
    for (int32_t k = i + 1; k < s->link_count && pair[k].low == pair[i].low && pair[k].high == pair[i].high;
         ++k) {
      art_sketch_link *a = &s->link[pair[i].link], *b = &s->link[pair[k].link];
      if (a->reverse >= 0 || b->reverse >= 0 || !is_reverse(s, a, b)) continue;
      a->reverse = pair[k].link;
      b->reverse = pair[i].link;
      a->is_side = b->is_side = 1;
    }
  free(pair);
}

void art_sketch_move_origin(art_sketch *s)
{
  if (!s->node_count) return;
  double x = INFINITY, y = INFINITY;
  for (int32_t i = 0; i < s->node_count; ++i) {
    x = fmin(x, s->node[i].x);
    y = fmin(y, s->node[i].y);
  }
  x = floor(x);
  y = floor(y);
  for (int32_t i = 0; i < s->node_count; ++i) {
    s->node[i].x -= x;
    s->node[i].y -= y;
  }
  for (int32_t i = 0; i < s->point_count; ++i) {
    s->point_x[i] -= x;
    s->point_y[i] -= y;
  }
  s->offset_x -= x;
  s->offset_y -= y;
}
