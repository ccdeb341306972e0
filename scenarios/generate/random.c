// Planar random networks: points that keep their distance, joined along a Gabriel graph (Gabriel and Sokal 1969), which is
// planar and contains the shortest spanning tree; what would meet at a sharp angle, and some of the rest, is left out.
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define NEAREST 0.65         // of the block: no two nodes are closer
#define SHARPEST_COS 0.7071  // between two streets of a node
#define KEPT 0.8             // share of the streets beyond the tree
enum { MOST_STREETS = 5, DRAWS_PER_NODE = 1000 };

typedef struct edge {
  int32_t a, b;
  double square;
} edge;

typedef struct drawing {
  const art_random_options *o;
  art_drawing plan;
  double side_m, cell_m;
  int32_t cells;         // along a side
  int32_t *head, *next;  // nodes by cell
  edge *edge;
  int32_t edge_count, edge_capacity;
  int32_t *group, *degree;
  int32_t (*street)[MOST_STREETS];  // links that leave a node
} drawing;

static double square_of(const drawing *d, int32_t a, int32_t b)
{
  const double dx = d->plan.node[a].x - d->plan.node[b].x, dy = d->plan.node[a].y - d->plan.node[b].y;
  return dx * dx + dy * dy;
}

static int32_t cell_of(const drawing *d, double v)
{
  const int32_t c = (int32_t)(v / d->cell_m);
  return c < 0 ? 0 : c >= d->cells ? d->cells - 1 : c;
}

/// Is there a node other than a and b closer than `radius` to the place?
static int is_taken(const drawing *d, double x, double y, double radius, int32_t a, int32_t b)
{
  for (int32_t row = cell_of(d, y - radius); row <= cell_of(d, y + radius); ++row)
    for (int32_t column = cell_of(d, x - radius); column <= cell_of(d, x + radius); ++column)
      for (int32_t i = d->head[row * d->cells + column]; i >= 0; i = d->next[i]) {
        const double dx = d->plan.node[i].x - x, dy = d->plan.node[i].y - y;
        if (i != a && i != b && dx * dx + dy * dy < radius * radius * (1.0 - 1e-12)) return 1;
      }
  return 0;
}

static void place_nodes(drawing *d)
{
  const art_random_options *o = d->o;
  double nearest = NEAREST * o->block_m;
  int64_t draw = 0, failed = 0;
  while (d->plan.node_count < o->nodes) {
    const double x = d->side_m * art_drawing_draw(o->street.seed, 3, 2 * draw),
                 y = d->side_m * art_drawing_draw(o->street.seed, 3, 2 * draw + 1);
    ++draw;
    if (is_taken(d, x, y, nearest, -1, -1)) {
      if (++failed < DRAWS_PER_NODE * (int64_t)o->nodes) continue;
      nearest *=
          0.95;  // no room left; does not happen while the nodes cover less than half of what they could
      failed = 0;
      continue;
    }
    const int32_t i = art_drawing_add_node(&d->plan, art_drawing_text("n%d", d->plan.node_count), x, y,
                                           ART_DRAWING_CROSSING);
    int32_t *head = &d->head[cell_of(d, y) * d->cells + cell_of(d, x)];
    d->next[i] = *head;
    *head = i;
  }
}

static void find_edges(drawing *d, double reach)
{
  d->edge_count = 0;
  for (int32_t i = 0; i < d->plan.node_count; ++i) {
    const double x = d->plan.node[i].x, y = d->plan.node[i].y;
    for (int32_t row = cell_of(d, y - reach); row <= cell_of(d, y + reach); ++row)
      for (int32_t column = cell_of(d, x - reach); column <= cell_of(d, x + reach); ++column)
        for (int32_t k = d->head[row * d->cells + column]; k >= 0; k = d->next[k]) {
          const double square = square_of(d, i, k);
          if (k <= i || square > reach * reach) continue;
          if (is_taken(d, 0.5 * (x + d->plan.node[k].x), 0.5 * (y + d->plan.node[k].y), 0.5 * sqrt(square), i,
                       k))
            continue;
          const edge e = { i, k, square };
          ART_PUSH(d->edge, d->edge_count, d->edge_capacity, e);
        }
  }
}

static int compare_edges(const void *left, const void *right)
{
  const edge *p = left, *q = right;
  if (p->square != q->square) return p->square < q->square ? -1 : 1;
  if (p->a != q->a) return p->a < q->a ? -1 : 1;
  return p->b < q->b ? -1 : p->b > q->b;
}

static int32_t group_of(drawing *d, int32_t i)
{
  while (d->group[i] != i) i = d->group[i] = d->group[d->group[i]];
  return i;
}

/// May one more street leave this node in this direction?
static int has_room(const drawing *d, int32_t node, int32_t other)
{
  if (d->degree[node] == MOST_STREETS) return 0;
  const art_drawing_node *n = d->plan.node;
  const double dx = n[other].x - n[node].x, dy = n[other].y - n[node].y, length = hypot(dx, dy);
  for (int32_t i = 0; i < d->degree[node]; ++i) {
    const int32_t end = d->plan.link[d->street[node][i]].to;
    const double ex = n[end].x - n[node].x, ey = n[end].y - n[node].y;
    if (dx * ex + dy * ey > SHARPEST_COS * length * hypot(ex, ey)) return 0;
  }
  return 1;
}

static void add_street(drawing *d, int32_t a, int32_t b)
{
  const uint64_t seed = d->o->street.seed, key = ((uint64_t)a << 32) | (uint32_t)b;
  const int32_t lanes = 1 + (int32_t)(d->o->street.lanes * art_drawing_draw(seed, key, 0));
  const int32_t priority = 10 * lanes + (int32_t)(10.0 * art_drawing_draw(seed, key, 1));
  const int32_t link =
      art_drawing_add_link(&d->plan, art_drawing_text("n%dn%d", a, b), a, b, lanes, priority);
  const int32_t back =
      art_drawing_add_link(&d->plan, art_drawing_text("n%dn%d", b, a), b, a, lanes, priority);
  d->plan.link[link].reverse = back;
  d->plan.link[back].reverse = link;
  d->street[a][d->degree[a]++] = link;
  d->street[b][d->degree[b]++] = back;
}

/// The spanning tree, then other edges where there is room. Returns 0 if the edges do not span all nodes.
static int add_streets(drawing *d)
{
  art_sort(d->edge, (size_t)d->edge_count, sizeof *d->edge, compare_edges);
  for (int32_t i = 0; i < d->plan.node_count; ++i) d->group[i] = i;
  uint8_t *in_tree = ART_NEW(uint8_t, d->edge_count);
  int32_t joined = 1;
  for (int32_t e = 0; e < d->edge_count; ++e) {
    const int32_t a = group_of(d, d->edge[e].a), b = group_of(d, d->edge[e].b);
    if (a == b) continue;
    in_tree[e] = 1;
    d->group[a] = b;
    ++joined;
  }
  const int spans = joined == d->plan.node_count;
  for (int pass = 0; spans && pass < 2; ++pass)
    for (int32_t e = 0; e < d->edge_count; ++e) {
      const int32_t a = d->edge[e].a, b = d->edge[e].b;
      if (pass == 0 ? in_tree[e]
                    : !in_tree[e] && has_room(d, a, b) && has_room(d, b, a) &&
                          art_drawing_draw(d->o->street.seed, ((uint64_t)a << 32) | (uint32_t)b, 2) < KEPT)
        add_street(d, a, b);
    }
  free(in_tree);
  return spans;
}

static double half_width(const drawing *d, int32_t link)
{
  return (d->plan.link[link].lanes + 0.5 * d->o->street.turn_bays) * ART_DRAWING_LANE_M;
}

/// Stop lines lie where the kerbs of neighbouring streets have met.
static void set_radius(drawing *d, int32_t node)
{
  art_drawing_node *n = d->plan.node;
  double reach = d->degree[node] == 1 ? half_width(d, d->street[node][0]) : 0.0;
  for (int32_t i = 0; i < d->degree[node]; ++i)
    for (int32_t k = 0; k < d->degree[node]; ++k) {
      if (i == k) continue;
      const int32_t p = d->street[node][i], q = d->street[node][k];
      const double px = n[d->plan.link[p].to].x - n[node].x, py = n[d->plan.link[p].to].y - n[node].y,
                   qx = n[d->plan.link[q].to].x - n[node].x, qy = n[d->plan.link[q].to].y - n[node].y;
      const double lengths = hypot(px, py) * hypot(qx, qy), cosine = (px * qx + py * qy) / lengths,
                   sine = fabs(px * qy - py * qx) / lengths;
      if (cosine < -0.8) continue;
      reach = fmax(reach, (half_width(d, q) + half_width(d, p) * cosine) / sine);
    }
  n[node].radius_m = reach + ART_DRAWING_CORNER_M;
}

static art_status check(const art_random_options *o, art_error *err)
{
  art_status status = art_street_check(&o->street, err);
  if (status == ART_OK) status = art_generate_range("nodes", o->nodes, 2, 1000000, err);
  // Two streets at the sharpest angle of 45 degrees at both ends of the shortest link.
  const double wide = (o->street.lanes + 0.5 * o->street.turn_bays) * ART_DRAWING_LANE_M;
  const double least = (2.0 * (2.42 * wide + ART_DRAWING_CORNER_M) + 10.0) / NEAREST;
  if (status == ART_OK) status = art_generate_range("block (m)", o->block_m, ceil(least), 5000.0, err);
  return status;
}

art_status art_generate_random(const art_random_options *o, art_city **out, art_error *err)
{
  *out = NULL;
  art_status status = check(o, err);
  if (status != ART_OK) return status;
  drawing d = { .o = o };
  d.plan.options = &o->street;
  d.plan.title = art_drawing_text("random network of %d nodes", o->nodes);
  d.side_m = sqrt((double)o->nodes) * o->block_m;
  d.cells = (int32_t)(d.side_m / o->block_m) + 1;
  d.cell_m = d.side_m / d.cells;
  d.head = ART_NEW(int32_t, (int64_t)d.cells * d.cells);
  for (int64_t i = 0; i < (int64_t)d.cells * d.cells; ++i) d.head[i] = -1;
  d.next = ART_NEW(int32_t, o->nodes);
  d.group = ART_NEW(int32_t, o->nodes);
  d.degree = ART_NEW(int32_t, o->nodes);
  d.street = art_new((size_t)o->nodes, sizeof *d.street);
  place_nodes(&d);
  double reach = 2.5 * o->block_m;
  for (find_edges(&d, reach); !add_streets(&d); find_edges(&d, reach)) reach *= 2.0;
  for (int32_t i = 0; i < o->nodes; ++i) {
    set_radius(&d, i);
    d.plan.node[i].offset_s = (d.plan.node[i].x + d.plan.node[i].y) / o->street.speed_mps;
  }
  for (int32_t l = 0; l < d.plan.link_count; ++l) art_drawing_draw_straight(&d.plan, l);
  art_drawing_choose_signals(&d.plan);
  if (o->street.turn_bays) art_drawing_add_bays(&d.plan);
  status = art_drawing_build(&d.plan, out, err);
  art_drawing_clear(&d.plan);
  void *const owned[] = { d.head, d.next, d.edge, d.group, d.degree, d.street };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  return status;
}
