// From GMNS tables to a sketch: units, lanes and pockets, pieces of links, movements.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/geo/plane.h"
#include "io/gmns/gmns_internal.h"

#define SHORTEST_PIECE_M 20.0
#define DEFAULT_MPS (50.0 / 3.6)
#define PATH_LANE_M 1.5  // width of lanes for bicycles whose table names none
enum { MOST_PIECES = 32 };

// ---- coordinates -------------------------------------------------------------------------------------------------------

static int look_geographic(const art_gmns_net *net)
{
  for (int32_t i = 0; i < net->node_count; ++i)
    if (fabs(net->node[i].x) > 180.0 || fabs(net->node[i].y) > 90.0) return 0;
  return net->node_count > 0;
}

/// Nodes and points of geometry into a plane of metres, all at once.
static art_status project(art_gmns_net *net, art_sketch *sketch, art_error *err)
{
  const char *crs = net->options->crs ? net->options->crs : net->crs;
  if (!crs && look_geographic(net)) {
    crs = "EPSG:4326";
    net->report->crs_guessed = 1;
  }
  const int32_t nodes = net->node_count, all = nodes + net->point_count;
  double *x = ART_NEW(double, all), *y = ART_NEW(double, all);
  const double unit = crs ? 1.0 : net->short_m;
  for (int32_t i = 0; i < all; ++i) {
    x[i] = unit * (i < nodes ? net->node[i].x : net->point_x[i - nodes]);
    y[i] = unit * (i < nodes ? net->node[i].y : net->point_y[i - nodes]);
  }
  const art_status status = crs ? art_plane_from(crs, all, x, y, &sketch->crs_wkt, err) : ART_OK;
  for (int32_t i = 0; i < all; ++i) {
    *(i < nodes ? &net->node[i].x : &net->point_x[i - nodes]) = x[i];
    *(i < nodes ? &net->node[i].y : &net->point_y[i - nodes]) = y[i];
  }
  free(x);
  free(y);
  return status == ART_OK ? ART_OK : art_fail_prefix(err, "%s/node.csv: ", net->folder);
}

/// The points of a link from its from node to its to node; fresh arrays.
typedef struct axis {
  int32_t count;
  double *x, *y, length_m;
} axis;

static axis axis_of(const art_gmns_net *net, const art_gmns_link *link)
{
  const int32_t first = link->geometry >= 0 ? net->geometry[link->geometry][0] : link->first_point;
  const int32_t points = link->geometry >= 0 ? net->geometry[link->geometry][1] : link->point_count;
  const art_gmns_node *from = &net->node[link->from], *to = &net->node[link->to];
  axis a = { .count = points ? points : 2 };
  a.x = ART_NEW(double, a.count);
  a.y = ART_NEW(double, a.count);
  if (!points) {
    a.x[0] = from->x, a.y[0] = from->y, a.x[1] = to->x, a.y[1] = to->y;
  } else {
    const int32_t last = first + points - 1;
    const double ahead = hypot(net->point_x[first] - from->x, net->point_y[first] - from->y) +
                         hypot(net->point_x[last] - to->x, net->point_y[last] - to->y);
    const double behind = hypot(net->point_x[last] - from->x, net->point_y[last] - from->y) +
                          hypot(net->point_x[first] - to->x, net->point_y[first] - to->y);
    // Geometry and nodes tell the direction; dir_flag where both ends are as near.
    const int is_back = behind < ahead - 0.01 || (fabs(behind - ahead) <= 0.01 && link->dir_flag < 0);
    for (int32_t i = 0; i < points; ++i) {
      a.x[i] = net->point_x[is_back ? last - i : first + i];
      a.y[i] = net->point_y[is_back ? last - i : first + i];
    }
  }
  for (int32_t i = 1; i < a.count; ++i) a.length_m += hypot(a.x[i] - a.x[i - 1], a.y[i] - a.y[i - 1]);
  return a;
}

static void axis_free(axis *a)
{
  free(a->x);
  free(a->y);
}

static int compare_doubles(const void *left, const void *right)
{
  const double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

/// Lengths ought to be in the long unit; files with the short one are told by their geometry.
static void find_length_unit(art_gmns_net *net)
{
  double *ratio = ART_NEW(double, net->link_count);
  int32_t n = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    if (net->link[l].length <= 0.0) continue;
    axis a = axis_of(net, &net->link[l]);
    if (a.length_m > 1.0) ratio[n++] = net->link[l].length / a.length_m;
    axis_free(&a);
  }
  net->report->length_unit_m = net->long_m;
  if (n) {
    art_sort(ratio, (size_t)n, sizeof *ratio, compare_doubles);
    const double by_long = ratio[n / 2] * net->long_m, by_short = ratio[n / 2] * net->short_m;
    if ((by_long < 0.5 || by_long > 2.0) && by_short >= 0.5 && by_short <= 2.0) {
      net->report->length_unit_m = net->short_m;
      net->report->lengths_are_short = 1;
    }
  }
  free(ratio);
}

// ---- lanes -------------------------------------------------------------------------------------------------------------

static void put_slot(const art_gmns_net *net, art_gmns_slot *slot, int32_t *count, int32_t num,
                     uint32_t allowed, double width)
{
  int32_t at = 0;
  while (at < *count && slot[at].num < num) ++at;
  if (at == *count || slot[at].num != num) {
    if (*count == ART_GMNS_SLOTS) return;
    memmove(slot + at + 1, slot + at, (size_t)(*count - at) * sizeof *slot);
    ++*count;
  }
  const int is_path = !(allowed & ~(1u << ART_VCLASS_BICYCLE | 1u << ART_VCLASS_PEDESTRIAN));
  const double width_m = width > 0.0 ? width * net->short_m : is_path ? PATH_LANE_M : ART_SKETCH_LANE_M;
  slot[at] = (art_gmns_slot){ num, allowed, fmin(fmax(width_m, 1.0), 8.0) };
}

static void drop_slot(art_gmns_slot *slot, int32_t *count, int32_t at)
{
  memmove(slot + at, slot + at + 1, (size_t)(*count - at - 1) * sizeof *slot);
  --*count;
}

/// Lanes of a segment over those of its link: rows of segment_lane where there are some, else so many on either side.
static void put_segment(const art_gmns_net *net, const art_gmns_segment *s, art_gmns_slot *slot,
                        int32_t *count, uint32_t allowed)
{
  if (s->first_lane >= 0) {
    for (int32_t i = s->first_lane; i >= 0; i = net->lane[i].next)
      put_slot(net, slot, count, net->lane[i].num, net->lane[i].allowed, net->lane[i].width);
    return;
  }
  int32_t most = 0;
  for (int32_t i = 0; i < *count; ++i) most = slot[i].num > most ? slot[i].num : most;
  for (int32_t i = 1; i <= s->left; ++i) put_slot(net, slot, count, -i, allowed, 0.0);
  for (int32_t i = 1; i <= s->right; ++i) put_slot(net, slot, count, most + i, allowed, 0.0);
  for (int32_t i = s->left; i < 0 && *count > 1; ++i) drop_slot(slot, count, 0);
  for (int32_t i = s->right; i < 0 && *count > 1; ++i) drop_slot(slot, count, *count - 1);
}

static int is_driven(uint32_t allowed)
{
  return (allowed & ~(1u << ART_VCLASS_PEDESTRIAN)) != 0;
}

/// From the left. `at` is a place between begin and end of the link, 0 to 1.
static int32_t slots_at(const art_gmns_net *net, int32_t l, double length_m, double at,
                        art_gmns_slot slot[ART_GMNS_SLOTS])
{
  const art_gmns_link *link = &net->link[l];
  int32_t count = 0;
  for (int32_t i = link->first_lane; i >= 0; i = net->lane[i].next)
    put_slot(net, slot, &count, net->lane[i].num, net->lane[i].allowed, net->lane[i].width);
  const int32_t wanted = link->lanes > 0             ? link->lanes
                         : link->most_lane_named > 0 ? link->most_lane_named
                                                     : 1;
  for (int32_t i = 1; i <= wanted && link->first_lane < 0; ++i)
    put_slot(net, slot, &count, i, link->allowed, 0.0);
  for (int32_t s = link->last_segment; s >= 0; s = net->segment[s].next) {
    const art_gmns_segment *g = &net->segment[s];
    double start = g->start * net->short_m / length_m, end = g->end * net->short_m / length_m;
    if (g->from_the_end) {
      const double kept = start;
      start = 1.0 - end;
      end = 1.0 - kept;
    }
    if (at >= start && at <= fmax(end, start)) put_segment(net, g, slot, &count, link->allowed);
  }
  for (int32_t i = count - 1; i >= 0; --i)
    if (!is_driven(slot[i].allowed)) {
      drop_slot(slot, &count, i);
      ++net->report->side_lanes;
    }
  return count;
}

static double length_of(const art_gmns_net *net, const art_gmns_link *link)
{
  double length = link->length * net->report->length_unit_m;
  if (length > 0.0) return length;
  axis a = axis_of(net, link);
  length = a.length_m;
  axis_free(&a);
  return fmax(length, 0.1);
}

int32_t art_gmns_slots(const art_gmns_net *net, int32_t l, double at, art_gmns_slot slot[ART_GMNS_SLOTS])
{
  const double length = length_of(net, &net->link[l]), inner = fmin(0.5, 0.5 * SHORTEST_PIECE_M / length);
  return slots_at(net, l, length, fmin(fmax(at, inner), 1.0 - inner), slot);
}

// ---- pieces ------------------------------------------------------------------------------------------------------------

/// Places where the lanes of a link change, metres from its begin, ends included; returns how many.
static int32_t find_cuts(const art_gmns_net *net, int32_t l, double length_m, double cut[MOST_PIECES + 1])
{
  double wanted[2 * MOST_PIECES];
  int32_t n = 0, count = 0;
  for (int32_t s = net->link[l].last_segment; s >= 0 && n + 2 <= 2 * MOST_PIECES; s = net->segment[s].next) {
    const art_gmns_segment *g = &net->segment[s];
    const double ends[2] = { g->start * net->short_m, g->end * net->short_m };
    for (int i = 0; i < 2; ++i) wanted[n++] = g->from_the_end ? length_m - ends[i] : ends[i];
  }
  art_sort(wanted, (size_t)n, sizeof *wanted, compare_doubles);
  cut[count++] = 0.0;
  for (int32_t i = 0; i < n && count < MOST_PIECES; ++i)
    if (wanted[i] >= cut[count - 1] + SHORTEST_PIECE_M && wanted[i] <= length_m - SHORTEST_PIECE_M)
      cut[count++] = wanted[i];
  cut[count] = length_m;
  return count + 1;
}

static int same_slots(const art_gmns_slot *a, int32_t n, const art_gmns_slot *b, int32_t m)
{
  for (int32_t i = 0; i < n && n == m; ++i)
    if (a[i].num != b[i].num || a[i].allowed != b[i].allowed || a[i].width_m != b[i].width_m) return 0;
  return n == m;
}

/// Adds the part of an axis between two shares of its length to the link added last.
static void add_part(art_sketch *sketch, const axis *a, double from, double to)
{
  double run = 0.0;
  const double begin = from * a->length_m, end = to * a->length_m;
  for (int32_t i = 1; i < a->count; ++i) {
    const double piece = hypot(a->x[i] - a->x[i - 1], a->y[i] - a->y[i - 1]);
    if (piece <= 0.0) continue;
    const double s0 = fmax((begin - run) / piece, 0.0), s1 = fmin((end - run) / piece, 1.0);
    if (s0 < s1) {
      art_sketch_add_point(sketch, a->x[i - 1] + s0 * (a->x[i] - a->x[i - 1]),
                           a->y[i - 1] + s0 * (a->y[i] - a->y[i - 1]));
      art_sketch_add_point(sketch, a->x[i - 1] + s1 * (a->x[i] - a->x[i - 1]),
                           a->y[i - 1] + s1 * (a->y[i] - a->y[i - 1]));
    }
    run += piece;
  }
}

static int32_t lane_index(const art_sketch *sketch, int32_t from_the_left, int32_t count)
{
  return sketch->left_hand ? from_the_left : count - 1 - from_the_left;
}

/// The lane of b that lane i of a leads to best: the same number, else the nearest that some class may use; -1: none.
static int32_t nearest(const art_gmns_slot *a, const art_gmns_slot *b, int32_t count)
{
  int32_t best = -1;
  for (int32_t i = 0; i < count; ++i)
    if ((b[i].allowed & a->allowed) && (best < 0 || abs(b[i].num - a->num) < abs(b[best].num - a->num)))
      best = i;
  return best;
}

static void join_pieces(art_sketch *sketch, int32_t in, const art_gmns_slot *a, int32_t n, int32_t out,
                        const art_gmns_slot *b, int32_t m)
{
  for (int32_t i = 0; i < n; ++i) {
    const int32_t to = nearest(&a[i], b, m);
    if (to >= 0)
      art_sketch_add_path(sketch, in, lane_index(sketch, i, n), out, lane_index(sketch, to, m),
                          ART_TURN_STRAIGHT);
  }
  for (int32_t i = 0; i < m; ++i) {
    const int32_t from = nearest(&b[i], a, n);
    if (from >= 0 && nearest(&a[from], b, m) != i)
      art_sketch_add_path(sketch, in, lane_index(sketch, from, n), out, lane_index(sketch, i, m),
                          ART_TURN_STRAIGHT);
  }
}

/// An id without what lists of ids use between them: "1 100002" becomes "1_100002".
static char *plain_id(const char *id)
{
  char *plain = art_strdup(id);
  for (char *at = plain; *at; ++at)
    if (strchr(" \t,;:|\"'<>&", *at)) *at = '_';
  return plain;
}

typedef struct drawer {
  art_gmns_net *net;
  art_sketch *sketch;
  int32_t *node;  // of the sketch, by node of the tables
  art_idmap *link_ids;
} drawer;

/// A point at a share of an axis.
static void point_at(const axis *a, double share, double *x, double *y)
{
  double left = share * a->length_m;
  for (int32_t i = 1; i < a->count; ++i) {
    const double piece = hypot(a->x[i] - a->x[i - 1], a->y[i] - a->y[i - 1]);
    if (left > piece && i + 1 < a->count) {
      left -= piece;
      continue;
    }
    const double s = piece > 0.0 ? fmin(left / piece, 1.0) : 0.0;
    *x = a->x[i - 1] + s * (a->x[i] - a->x[i - 1]);
    *y = a->y[i - 1] + s * (a->y[i] - a->y[i - 1]);
    return;
  }
}

/// One direction of a link. `id` is that of its first piece.
static void draw_link(drawer *d, int32_t l, const char *id, int32_t from, int32_t to, const axis *a,
                      int32_t piece[2])
{
  const art_gmns_link *link = &d->net->link[l];
  art_sketch *sketch = d->sketch;
  const double length = length_of(d->net, link);
  double cut[MOST_PIECES + 1];
  const int32_t cuts = find_cuts(d->net, l, length, cut);
  art_gmns_slot old[ART_GMNS_SLOTS], slot[ART_GMNS_SLOTS];
  int32_t old_count = 0, pieces = 0, begin = 0;
  for (int32_t k = 0; k + 1 < cuts; ++k) {
    const int32_t n = slots_at(d->net, l, length, 0.5 * (cut[k] + cut[k + 1]) / length, slot);
    if (k + 2 < cuts) {  // as long as nothing changes
      art_gmns_slot next[ART_GMNS_SLOTS];
      const int32_t m = slots_at(d->net, l, length, 0.5 * (cut[k + 1] + cut[k + 2]) / length, next);
      if (same_slots(slot, n, next, m)) continue;
    }
    if (!n) return;
    char name[300], joint[300];
    snprintf(name, sizeof name, pieces ? "%.250s#%d" : "%.250s", id, pieces);
    const int is_last = k + 2 == cuts;
    int32_t end = to;
    if (!is_last) {
      double x = 0.0, y = 0.0;
      point_at(a, cut[k + 1] / length, &x, &y);
      snprintf(joint, sizeof joint, "%.250s#%d", id, pieces + 1);
      end = art_sketch_add_node(sketch, joint, x, y);
      sketch->node[end].is_joint = sketch->node[end].has_paths = 1;
    }
    const int32_t i = art_sketch_add_link(sketch, name, link->name, from, end);
    for (int32_t s = 0; s < n; ++s) {
      const art_gmns_slot *lane = &slot[sketch->left_hand ? s : n - 1 - s];
      art_sketch_add_lanes(sketch, 1, lane->allowed, lane->width_m);
    }
    add_part(sketch, a, cut[begin] / length, cut[k + 1] / length);
    art_sketch_link *made = &sketch->link[i];
    made->speed_mps = link->speed > 0.0 ? link->speed * d->net->speed_mps : DEFAULT_MPS;
    made->length_m = link->length > 0.0 ? cut[k + 1] - cut[begin] : 0.0;
    made->grade = 0.01 * link->grade;
    made->priority = link->priority;
    made->is_cut = link->is_cut;
    if (pieces)
      join_pieces(sketch, i - 1, old, old_count, i, slot, n);
    else
      piece[0] = i;
    piece[1] = i;
    ++pieces;
    memcpy(old, slot, sizeof old);
    old_count = n;
    from = end;
    begin = k + 1;
  }
  d->net->report->pockets += pieces > 1;
}

static art_status draw_links(drawer *d, art_error *err)
{
  art_gmns_net *net = d->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    art_gmns_link *link = &net->link[l];
    if (link->from == link->to)
      return art_fail(err, ART_E_INPUT,
                      "%s/link.csv: link \"%.60s\": from_node_id and to_node_id are the same", net->folder,
                      art_idmap_id(net->link_map, l));
    axis a = axis_of(net, link);
    char *id = plain_id(art_idmap_id(net->link_map, l));
    if (art_idmap_put(d->link_ids, id) != l) {
      art_fail(err, ART_E_INPUT,
               "%s/link.csv: link \"%.60s\": without blanks and marks, its id is that of another link",
               net->folder, art_idmap_id(net->link_map, l));
      free(id);
      axis_free(&a);
      return ART_E_INPUT;
    }
    net->report->speeds_guessed += link->speed <= 0.0;
    net->report->lanes_guessed += link->first_lane < 0 && link->lanes <= 0;
    draw_link(d, l, id, d->node[link->from], d->node[link->to], &a, link->piece);
    if (link->is_undirected) {
      for (int32_t i = 0, k = a.count - 1; i < k; ++i, --k) {
        const double x = a.x[i], y = a.y[i];
        a.x[i] = a.x[k], a.y[i] = a.y[k];
        a.x[k] = x, a.y[k] = y;
      }
      char back[300];
      snprintf(back, sizeof back, "%.250s.back", id);
      draw_link(d, l, back, d->node[link->to], d->node[link->from], &a, link->back);
    }
    free(id);
    axis_free(&a);
  }
  return ART_OK;
}

// ---- pairs and movements -----------------------------------------------------------------------------------------------

/// Where the directions of a street have axes of their own that are too near for their lanes to lie on both sides of them,
/// each lies on the outer side of its own.
static void pull_apart(drawer *d, int32_t l, int32_t other)
{
  const art_gmns_net *net = d->net;
  const art_gmns_link *a = &net->link[l], *b = &net->link[other];
  if (a->piece[0] < 0 || b->piece[0] < 0 || a->is_undirected || b->is_undirected || a->is_cut) return;
  const axis p = axis_of(net, a), q = axis_of(net, b);
  double x[2] = { 0 }, y[2] = { 0 };
  point_at(&p, 0.5, &x[0], &y[0]);
  point_at(&q, 0.5, &x[1], &y[1]);
  axis_free((axis *)&p);
  axis_free((axis *)&q);
  const art_sketch_link *first = &d->sketch->link[a->piece[0]], *second = &d->sketch->link[b->piece[0]];
  double width = 0.0;
  for (int32_t k = 0; k < first->lane_count; ++k)
    width += 0.5 * d->sketch->lane[first->first_lane + k].width_m;
  for (int32_t k = 0; k < second->lane_count; ++k)
    width += 0.5 * d->sketch->lane[second->first_lane + k].width_m;
  if (hypot(x[1] - x[0], y[1] - y[0]) > 0.9 * width) return;
  for (int32_t i = a->piece[0]; i <= a->piece[1]; ++i) d->sketch->link[i].is_side = 1;
  for (int32_t i = b->piece[0]; i <= b->piece[1]; ++i) d->sketch->link[i].is_side = 1;
  if (d->sketch->link[a->piece[1]].reverse < 0) d->sketch->link[a->piece[1]].reverse = b->piece[0];
  if (d->sketch->link[b->piece[1]].reverse < 0) d->sketch->link[b->piece[1]].reverse = a->piece[0];
}

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

static void pull_all_apart(drawer *d)
{
  const art_gmns_net *net = d->net;
  end_pair *pair = ART_NEW(end_pair, net->link_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t a = net->link[l].from, b = net->link[l].to;
    pair[l] = (end_pair){ a < b ? a : b, a < b ? b : a, l };
  }
  art_sort(pair, (size_t)net->link_count, sizeof *pair, compare_ends);
  for (int32_t i = 0; i < net->link_count; ++i)
    for (int32_t k = i + 1; k < net->link_count && pair[k].low == pair[i].low && pair[k].high == pair[i].high;
         ++k)
      if (net->link[pair[k].link].from == net->link[pair[i].link].to)
        pull_apart(d, pair[i].link, pair[k].link);
  free(pair);
}

/// Links that use one axis in both directions lie on either side of it, whatever pieces they have.
static void pair_links(drawer *d)
{
  art_gmns_net *net = d->net;
  art_sketch *whole = art_sketch_new();  // the links as if none was divided
  for (int32_t i = 0; i < net->node_count; ++i)
    art_sketch_add_node(whole, "", net->node[i].x, net->node[i].y);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const axis a = axis_of(net, &net->link[l]);
    art_sketch_add_link(whole, "", NULL, net->link[l].from, net->link[l].to);
    add_part(whole, &a, 0.0, 1.0);
    axis_free((axis *)&a);
  }
  art_sketch_pair_links(whole);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_gmns_link *link = &net->link[l];
    const int32_t r = whole->link[l].reverse;
    const int32_t *other = link->is_undirected ? link->back : r >= 0 ? net->link[r].piece : NULL;
    if (!other || link->piece[0] < 0 || other[0] < 0) continue;
    for (int32_t i = link->piece[0]; i <= link->piece[1]; ++i) d->sketch->link[i].is_side = 1;
    d->sketch->link[link->piece[1]].reverse = other[0];
    if (!link->is_undirected) continue;
    for (int32_t i = other[0]; i <= other[1]; ++i) d->sketch->link[i].is_side = 1;
    d->sketch->link[other[1]].reverse = link->piece[0];
  }
  art_sketch_free(whole);
}

/// Lanes of one side of a movement: places in `slot`. Returns how many.
static int32_t lanes_between(art_gmns_net *net, const art_gmns_slot *slot, int32_t count,
                             const int32_t lane[2], int turn, int32_t place[ART_GMNS_SLOTS])
{
  int32_t n = 0;
  if (lane[0] == 0) {  // not said
    for (int32_t i = 0; i < count; ++i) place[n++] = i;
    if (turn == ART_TURN_LEFT || turn == ART_TURN_U) return count > 0;
    if (turn == ART_TURN_RIGHT) place[0] = count - 1, n = count > 0;
    return n;
  }
  const int32_t low = lane[0] < lane[1] || !lane[1] ? lane[0] : lane[1],
                high = lane[0] < lane[1] ? lane[1] : lane[0];
  int32_t closest = -1;
  for (int32_t i = 0; i < count; ++i) {
    if (slot[i].num >= low && slot[i].num <= high) place[n++] = i;
    if (closest < 0 || abs(slot[i].num - low) < abs(slot[closest].num - low)) closest = i;
  }
  if (n || closest < 0) return n;
  ++net->report->lanes_moved;
  place[0] = closest;
  return 1;
}

/// Which pieces of the sketch a movement joins; 0: none.
static int ends_of_movement(const art_gmns_net *net, const art_gmns_movement *m, int32_t *in, int32_t *out)
{
  if (m->in < 0 || m->out < 0) return 0;
  const art_gmns_link *a = &net->link[m->in], *b = &net->link[m->out];
  *in = a->to == m->node ? a->piece[1] : a->is_undirected && a->from == m->node ? a->back[1] : -1;
  *out = b->from == m->node ? b->piece[0] : b->is_undirected && b->to == m->node ? b->back[0] : -1;
  return *in >= 0 && *out >= 0;
}

static void draw_movements(drawer *d)
{
  art_gmns_net *net = d->net;
  art_sketch *sketch = d->sketch;
  for (int32_t i = 0; i < net->movement_count; ++i) {
    const art_gmns_movement *m = &net->movement[i];
    int32_t in, out, from[ART_GMNS_SLOTS], to[ART_GMNS_SLOTS];
    if (!ends_of_movement(net, m, &in, &out)) {
      ++net->report->lost_movements;
      continue;
    }
    art_gmns_slot a[ART_GMNS_SLOTS], b[ART_GMNS_SLOTS];
    const int32_t a_count = art_gmns_slots(net, m->in, 1.0, a), b_count = art_gmns_slots(net, m->out, 0.0, b);
    const int32_t n = lanes_between(net, a, a_count, m->in_lane, m->turn, from),
                  k = lanes_between(net, b, b_count, m->out_lane, m->turn, to);
    const int32_t pairs = n > k ? n : k;
    for (int32_t p = 0; p < pairs && n && k; ++p)
      art_sketch_add_path(sketch, in, lane_index(sketch, from[p < n ? p : n - 1], a_count), out,
                          lane_index(sketch, to[p < k ? p : k - 1], b_count), m->turn);
    art_sketch_node *node = &sketch->node[d->node[m->node]];
    node->has_paths = 1;
    if (m->is_signal && node->kind == ART_NODE_PRIORITY) node->kind = ART_NODE_TRAFFIC_LIGHT;
  }
}

/// Nodes that vehicles use, and what they are.
static void draw_nodes(drawer *d)
{
  art_gmns_net *net = d->net;
  int32_t *in = ART_NEW(int32_t, net->node_count), *out = ART_NEW(int32_t, net->node_count);
  for (int32_t l = 0; l < net->link_count; ++l) {
    const art_gmns_link *link = &net->link[l];
    ++in[link->to], ++out[link->from];
    if (link->is_undirected) ++in[link->from], ++out[link->to];
  }
  for (int32_t i = 0; i < net->node_count; ++i) {
    d->node[i] = -1;
    if (!in[i] && !out[i]) continue;
    const art_gmns_node *node = &net->node[i];
    char *id = plain_id(art_idmap_id(net->node_map, i));
    d->node[i] = art_sketch_add_node(d->sketch, id, node->x, node->y);
    free(id);
    d->sketch->node[d->node[i]].is_joint = node->is_joint;
    const int is_gate = node->is_external && in[i] <= 1 && out[i] <= 1;
    const int is_light = node->kind == ART_NODE_TRAFFIC_LIGHT;
    d->sketch->node[d->node[i]].kind = is_gate                 ? ART_NODE_DEAD_END
                                       : is_light && in[i] < 2 ? ART_NODE_PRIORITY
                                                               : node->kind;
  }
  free(in);
  free(out);
}

art_status art_gmns_draw(art_gmns_net *net, art_sketch *sketch, art_error *err)
{
  drawer d = { net, sketch, ART_NEW(int32_t, net->node_count), art_idmap_new() };
  art_status status = project(net, sketch, err);
  if (status == ART_OK) {
    sketch->title = art_strdup(net->title ? net->title : "GMNS");
    sketch->left_hand = net->options->left_hand;
    sketch->completes_paths = 1;
    find_length_unit(net);
    draw_nodes(&d);
    status = draw_links(&d, err);
  }
  if (status == ART_OK) {
    net->report->side_lanes = 0;  // counted again, once for each link
    for (int32_t l = 0; l < net->link_count; ++l) {
      art_gmns_slot slot[ART_GMNS_SLOTS];
      art_gmns_slots(net, l, 1.0, slot);
    }
    const int64_t side_lanes = net->report->side_lanes;
    pair_links(&d);
    pull_all_apart(&d);
    draw_movements(&d);
    net->report->side_lanes = side_lanes;
    art_sketch_move_origin(sketch);
  }
  art_idmap_free(d.link_ids);
  free(d.node);
  return status;
}
