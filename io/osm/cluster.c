// Which nodes are one junction. Rules, from the surest to the least sure; none reaches farther than a junction can be:
//   1. what the patch says;
//   2. the nodes of a roundabout too small to drive round in an engine of vehicles with length;
//   3. the two crossings of a road with the carriageways of a dual one;
//   4. nodes with signals close together;
//   5. nodes so close that no vehicle would fit between their stop lines;
//   6. places where a road parts round an island right before a junction;
//   7. once stop lines are placed, junctions between whose lines hardly a vehicle fits.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define SMALL_RING_M 62.0  // once round
#define SPLITTER_M 18.0    // between exit and entry of one arm of a ring
#define WIDEST_RING_M 19.0 // of what one junction takes of a ring: one arm, or right of way along the ring is lost
#define WIDEST_MOUTH_M 12.0  // of what it takes of an arm: entry and exit would cross each other
#define DUAL_M 36.0        // from carriageway to carriageway
#define DUAL_SIGNALS_M 45.0
#define SIGNALS_M 30.0
#define FIT_M 11.0        // what has to be left of a link
#define FIT_LANES_M 14.0  // the same, of several lanes: one has to be able to change
#define WEAVE_M 15.0      // of a piece where roads join and part again: nobody stops at its end
#define FIT_MOST_M 26.0   // longer pieces are never absorbed for want of room
#define ISLAND_M 20.0     // beside an island, beyond what the crossing road takes
#define WIDEST_ISLAND_M 50.0
#define JOINT_M 7.0        // pieces to where only the road changes are absorbed if shorter
#define WIDEST_M 62.0      // across a junction
#define WIDEST_FIT_M 36.0  // the same, joined for want of room alone
#define WIDEST_FIT_SIGNAL_M 62.0  // the same, at signals
#define WIDEST_SIGNALS_M 85.0

typedef struct clusterer {
  art_map *plan;
  int32_t *parent;
  double *x_lo, *x_hi, *y_lo, *y_hi;  // by root
  uint8_t *has_signal, *has_ring;  // has_ring: some of one that is driven round, not all of a small one
  uint8_t *is_apart;  // nodes that the patch keeps apart
} clusterer;

static int32_t root_of(clusterer *c, int32_t i)
{
  while (c->parent[i] != i) i = c->parent[i] = c->parent[c->parent[i]];
  return i;
}

static int try_join(clusterer *c, int32_t a, int32_t b, double widest_m)
{
  a = root_of(c, a);
  b = root_of(c, b);
  if (a == b) return 1;
  if (c->is_apart[a] || c->is_apart[b]) return 0;
  const double width = fmax(c->x_hi[a], c->x_hi[b]) - fmin(c->x_lo[a], c->x_lo[b]),
               height = fmax(c->y_hi[a], c->y_hi[b]) - fmin(c->y_lo[a], c->y_lo[b]);
  if (hypot(width, height) > widest_m) return 0;
  if (b < a) {
    const int32_t swap = a;
    a = b;
    b = swap;
  }
  c->parent[b] = a;
  c->x_lo[a] = fmin(c->x_lo[a], c->x_lo[b]);
  c->x_hi[a] = fmax(c->x_hi[a], c->x_hi[b]);
  c->y_lo[a] = fmin(c->y_lo[a], c->y_lo[b]);
  c->y_hi[a] = fmax(c->y_hi[a], c->y_hi[b]);
  c->has_signal[a] |= c->has_signal[b];
  c->has_ring[a] |= c->has_ring[b];
  return 1;
}

// ---- patch -------------------------------------------------------------------------------------------------------------

static int32_t node_by_id(const art_map *plan, int64_t id)
{
  for (int32_t i = 0; i < plan->node_count; ++i)
    if (plan->node[i].id == id) return i;
  return -1;
}

static void join_by_patch(clusterer *c)
{
  const art_osm_patch *patch = c->plan->patch;
  for (int32_t k = 0; patch && k < patch->join_count; ++k) {
    art_patch_join *join = &patch->join[k];
    int32_t first = -1;
    for (int32_t i = 0; i < join->count; ++i) {
      const int32_t node = node_by_id(c->plan, join->node[i]);
      if (node < 0) continue;
      join->is_used = 1;
      if (!join->is_join)
        c->is_apart[node] = 1;
      else if (first >= 0)
        c->plan->report->forced_joins += try_join(c, first, node, INFINITY);
      first = first < 0 ? node : first;
    }
  }
}

// ---- roundabouts -------------------------------------------------------------------------------------------------------

/// All nodes of rings that are too small become one each.
static void join_small_rings(clusterer *c)
{
  art_map *plan = c->plan;
  uint8_t *seen = ART_NEW(uint8_t, plan->piece_count);
  int32_t *ring = ART_NEW(int32_t, plan->piece_count);
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    if (seen[p] || !plan->piece[p].in_ring) continue;
    int32_t count = 0;
    double around = 0.0;
    ring[count++] = p;
    seen[p] = 1;
    for (int32_t i = 0; i < count; ++i) {
      around += plan->piece[ring[i]].length_m;
      for (int end = 0; end < 2; ++end) {
        const art_map_node *node = &plan->node[plan->piece[ring[i]].node[end]];
        for (int32_t k = 0; k < node->arm_count; ++k) {
          const int32_t next = plan->arm[node->first_arm + k] >> 1;
          if (seen[next] || !plan->piece[next].in_ring) continue;
          seen[next] = 1;
          ring[count++] = next;
        }
      }
    }
    if (around > SMALL_RING_M) continue;
    for (int32_t i = 0; i < count; ++i) {
      art_map_piece *piece = &plan->piece[ring[i]];
      try_join(c, piece->node[0], piece->node[1], WIDEST_M);
      for (int end = 0; end < 2; ++end) plan->node[piece->node[end]].what |= ART_OSM_NODE_MINI_ROUNDABOUT;
    }
    // All of it is inside: arms may part round their islands there.
    for (int32_t i = 0; i < count; ++i) c->has_ring[root_of(c, plan->piece[ring[i]].node[0])] = 0;
  }
  free(ring);
  free(seen);
}

/// The only arm of a ring's node that does not belong to the ring, -1 if there are more or none.
static int32_t outer_arm(const art_map *plan, int32_t node)
{
  int32_t found = -1;
  for (int32_t i = 0; i < plan->node[node].arm_count; ++i) {
    const int32_t arm = plan->arm[plan->node[node].first_arm + i];
    if (plan->piece[arm >> 1].in_ring) continue;
    if (found >= 0) return -1;
    found = arm;
  }
  return found;
}

/// Exit and entry of one arm: the ring between them holds nobody.
static int is_splitter(const art_map *plan, int32_t p)
{
  const art_map_piece *piece = &plan->piece[p];
  const int from = piece->lanes[0] ? 0 : 1;
  if (piece->length_m > SPLITTER_M || (piece->lanes[0] && piece->lanes[1])) return 0;
  const int32_t exit = outer_arm(plan, piece->node[from]), entry = outer_arm(plan, piece->node[1 - from]);
  if (exit < 0 || entry < 0) return 0;
  if (plan->piece[exit >> 1].lanes[1 - (exit & 1)] || !plan->piece[entry >> 1].lanes[1 - (entry & 1)] ||
      plan->piece[entry >> 1].lanes[entry & 1])
    return 0;
  const art_vec a = art_map_leaving(plan, exit >> 1, exit & 1, 15.0),
                b = art_map_leaving(plan, entry >> 1, entry & 1, 15.0);
  return art_vec_dot(a, b) > 0.0;
}

// ---- dual carriageways -------------------------------------------------------------------------------------------------

typedef struct carriageway {
  art_vec along;
  const char *name;
  int road_class, found;
} carriageway;

/// The one-way road that passes straight through a node, other than the given piece.
static carriageway through(const art_map *plan, int32_t node, int32_t without)
{
  carriageway best = { .found = 0 };
  double most = 0.8;
  const art_map_node *n = &plan->node[node];
  for (int32_t i = 0; i < n->arm_count; ++i) {
    const int32_t in = plan->arm[n->first_arm + i];
    const art_map_piece *a = &plan->piece[in >> 1];
    if (in >> 1 == without || !a->lanes[1 - (in & 1)] || a->lanes[in & 1]) continue;
    const art_vec from = art_map_leaving(plan, in >> 1, in & 1, 15.0);
    for (int32_t k = 0; k < n->arm_count; ++k) {
      const int32_t out = plan->arm[n->first_arm + k];
      const art_map_piece *b = &plan->piece[out >> 1];
      if (out >> 1 == without || k == i || !b->lanes[out & 1] || b->lanes[1 - (out & 1)]) continue;
      const art_vec to = art_map_leaving(plan, out >> 1, out & 1, 15.0);
      const double straight = -art_vec_dot(from, to);
      if (straight <= most) continue;
      most = straight;
      const art_map_way *way = art_map_way_of(plan, in >> 1, 1 - (in & 1));
      best = (carriageway){ to, way->name, way->road_class, 1 };
    }
  }
  return best;
}

static int same_name(const char *a, const char *b)
{
  return a && b && strcmp(a, b) == 0;
}

/// Does the piece lead across the gap between the carriageways of one road?
static int is_median(const art_map *plan, int32_t p)
{
  const art_map_piece *piece = &plan->piece[p];
  const int both_signals = plan->node[piece->node[0]].has_signal && plan->node[piece->node[1]].has_signal;
  if (piece->length_m > (both_signals ? DUAL_SIGNALS_M : DUAL_M)) return 0;
  const carriageway u = through(plan, piece->node[0], p), v = through(plan, piece->node[1], p);
  if (!u.found || !v.found || art_vec_dot(u.along, v.along) > -0.7) return 0;
  if (!same_name(u.name, v.name) && (u.road_class != v.road_class || (u.name && v.name))) return 0;
  const art_vec across = art_map_leaving(plan, p, 0, piece->length_m);
  return fabs(art_vec_cross(across, u.along)) > 0.6;
}

// ---- room --------------------------------------------------------------------------------------------------------------

/// How far the roads that cross at this end reach into the piece.
static double reach_into(const art_map *plan, int32_t p, int end)
{
  const art_map_node *node = &plan->node[plan->piece[p].node[end]];
  const art_vec along = art_map_leaving(plan, p, end, 15.0);
  double most = 0.0;
  for (int32_t i = 0; i < node->arm_count; ++i) {
    const int32_t arm = plan->arm[node->first_arm + i];
    if (arm == 2 * p + end) continue;
    const double sine = fabs(art_vec_cross(along, art_map_leaving(plan, arm >> 1, arm & 1, 15.0)));
    if (sine > 0.5) most = fmax(most, 0.5 * art_map_width(plan, arm >> 1) / sine + 1.5);
  }
  return most;
}

static int is_junction(const art_map_node *node)
{
  return node->arm_count >= 3;
}

static int lacks_room(const art_map *plan, int32_t p)
{
  const art_map_piece *piece = &plan->piece[p];
  const art_map_node *u = &plan->node[piece->node[0]], *v = &plan->node[piece->node[1]];
  if (u->arm_count < 2 || v->arm_count < 2) return 0;
  if (piece->length_m >= WEAVE_M && art_map_is_weave(plan, p)) return 0;
  if (!is_junction(u) || !is_junction(v)) return piece->length_m < JOINT_M && !u->closed && !v->closed;
  if (piece->in_ring) return piece->length_m < 8.0 || is_splitter(plan, p);
  if (piece->length_m > FIT_MOST_M) return 0;
  const double needed = piece->lanes[0] > 1 || piece->lanes[1] > 1 ? FIT_LANES_M : FIT_M;
  return piece->length_m - reach_into(plan, p, 0) - reach_into(plan, p, 1) < needed;
}

// ---- all of it ---------------------------------------------------------------------------------------------------------

typedef struct candidate {
  double length_m;
  int32_t piece, rule;
} candidate;

static int compare_candidates(const void *left, const void *right)
{
  const candidate *a = left, *b = right;
  if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
  if (a->length_m != b->length_m) return a->length_m < b->length_m ? -1 : 1;
  return a->piece < b->piece ? -1 : a->piece > b->piece;
}

/// How wide a junction may become by a rule. Traffic of a ring has right of way along it only where the junction is hardly
/// more than one arm; at signals stages keep apart what is far apart.
static double widest_by(clusterer *c, int32_t p, int rule)
{
  const art_map_piece *piece = &c->plan->piece[p];
  const int32_t u = root_of(c, piece->node[0]), v = root_of(c, piece->node[1]);
  if (piece->in_ring) return WIDEST_RING_M;
  if (rule >= 5 && (c->has_ring[u] || c->has_ring[v])) return WIDEST_MOUTH_M;
  if (rule == 5) return c->has_signal[u] || c->has_signal[v] ? WIDEST_FIT_SIGNAL_M : WIDEST_FIT_M;
  return c->has_signal[u] && c->has_signal[v] ? WIDEST_SIGNALS_M : WIDEST_M;
}

static void join_by_rules(clusterer *c)
{
  const art_map *plan = c->plan;
  candidate *list = ART_NEW(candidate, plan->piece_count);
  int32_t count = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    const art_map_node *u = &plan->node[piece->node[0]], *v = &plan->node[piece->node[1]];
    int rule = 0;
    if (piece->node[0] == piece->node[1]) continue;
    if (!piece->in_ring && is_median(plan, p))
      rule = 3;
    else if (!piece->in_ring && u->has_signal && v->has_signal && is_junction(u) && is_junction(v) &&
             piece->length_m < SIGNALS_M)
      rule = 4;
    else if (lacks_room(plan, p))
      rule = 5;
    if (rule) list[count++] = (candidate){ piece->length_m, p, rule };
  }
  art_sort(list, (size_t)count, sizeof *list, compare_candidates);
  for (int32_t i = 0; i < count; ++i) {
    const art_map_piece *piece = &plan->piece[list[i].piece];
    try_join(c, piece->node[0], piece->node[1], widest_by(c, list[i].piece, list[i].rule));
  }
  free(list);
}

/// Where a road parts round an island right before a junction, both sides of it too short to wait on, the place where it
/// parts belongs to the junction.
static int is_island(clusterer *c, int32_t node, int32_t *junction)
{
  const art_map *plan = c->plan;
  const art_map_node *n = &plan->node[node];
  int32_t far[2] = { -1, -1 };
  if (n->arm_count != 3 || n->has_signal) return 0;
  for (int32_t i = 0; i < 3; ++i) {
    const int32_t arm = plan->arm[n->first_arm + i], p = arm >> 1;
    const art_map_piece *piece = &plan->piece[p];
    const int out = piece->lanes[arm & 1] > 0, in = piece->lanes[1 - (arm & 1)] > 0;
    if (out && in) continue;
    if (piece->in_ring || far[out] >= 0) return 0;
    if (piece->length_m - reach_into(plan, p, 1 - (arm & 1)) > ISLAND_M) return 0;
    far[out] = art_map_far_node(plan, arm);
  }
  if (far[0] < 0 || far[1] < 0 || root_of(c, far[0]) != root_of(c, far[1])) return 0;
  *junction = far[0];
  return root_of(c, node) != root_of(c, far[0]);
}

static void join_islands(clusterer *c)
{
  for (int32_t i = 0; i < c->plan->node_count; ++i) {
    int32_t junction;
    if (!is_island(c, i, &junction)) continue;
    const int ring = c->has_ring[root_of(c, i)] || c->has_ring[root_of(c, junction)];
    try_join(c, i, junction, ring ? WIDEST_MOUTH_M : WIDEST_ISLAND_M);
  }
}

/// Pieces with both ends in one junction belong to it, but for those that lead far round: they get a node halfway.
static void mark_inside(clusterer *c)
{
  art_map *plan = c->plan;
  const int32_t count = plan->piece_count;
  for (int32_t p = 0; p < count; ++p) {
    const int32_t u = root_of(c, plan->piece[p].node[0]);
    if (u != root_of(c, plan->piece[p].node[1]) || plan->piece[p].is_inside) continue;
    const double across = hypot(c->x_hi[u] - c->x_lo[u], c->y_hi[u] - c->y_lo[u]);
    if (plan->piece[p].node[0] != plan->piece[p].node[1] && plan->piece[p].length_m < 1.3 * across + 10.0) {
      plan->piece[p].is_inside = 1;
      continue;
    }
    art_map_split(plan, p, 0.5 * plan->piece[p].length_m, -1000000 - p);
  }
}

static void number_junctions(clusterer *c)
{
  art_map *plan = c->plan;
  const int32_t n = plan->node_count;
  int32_t *of_root = ART_NEW(int32_t, n);
  plan->junction = ART_NEW(art_map_junction, n);
  plan->member = ART_NEW(int32_t, n);
  plan->junction_count = 0;
  for (int32_t i = 0; i < n; ++i) of_root[i] = -1;
  for (int32_t i = 0; i < n; ++i) {
    const int32_t root = i < n ? root_of(c, i) : i;
    if (of_root[root] < 0) of_root[root] = plan->junction_count++;
    plan->node[i].junction = of_root[root];
    ++plan->junction[of_root[root]].node_count;
  }
  int32_t sum = 0;
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    plan->junction[j].first_node = sum;
    sum += plan->junction[j].node_count;
    plan->report->joined_nodes += plan->junction[j].node_count > 1 ? plan->junction[j].node_count : 0;
    plan->junction[j].node_count = 0;
  }
  for (int32_t i = 0; i < n; ++i) {
    art_map_junction *j = &plan->junction[plan->node[i].junction];
    const art_map_node *node = &plan->node[i];
    plan->member[j->first_node + j->node_count++] = i;
    // Named by its oldest node, which later edits of the map hardly touch.
    if (j->node_count == 1 || (node->id > 0 && (j->id <= 0 || node->id < j->id))) j->id = node->id;
    j->x += node->x;
    j->y += node->y;
    j->has_signal |= node->has_signal;
    j->is_mini |= (node->what & ART_OSM_NODE_MINI_ROUNDABOUT) != 0;
    j->stops_all |= node->stops_all;
  }
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    art_map_junction *junction = &plan->junction[j];
    junction->x /= junction->node_count;
    junction->y /= junction->node_count;
    plan->report->mini_roundabouts += junction->is_mini;
    const art_map_node *only = &plan->node[plan->member[junction->first_node]];
    junction->is_foot_signal = junction->node_count == 1 && only->is_foot_signal && only->arm_count <= 2;
    const art_patch_signal *patch = art_map_patch_signal(plan, j);
    if (patch) junction->has_signal = (uint8_t)patch->has_signal;
  }
  for (int32_t p = 0; p < plan->piece_count; ++p) plan->report->absorbed_links += plan->piece[p].is_inside;
  free(of_root);
}

static clusterer clusterer_new(art_map *plan)
{
  const int32_t n = plan->node_count + plan->piece_count;  // as many nodes as halved loops may add
  clusterer c = { .plan = plan,
                  .parent = ART_NEW(int32_t, n),
                  .x_lo = ART_NEW(double, n),
                  .x_hi = ART_NEW(double, n),
                  .y_lo = ART_NEW(double, n),
                  .y_hi = ART_NEW(double, n),
                  .has_signal = ART_NEW(uint8_t, n),
                  .has_ring = ART_NEW(uint8_t, n),
                  .is_apart = ART_NEW(uint8_t, n) };
  for (int32_t i = 0; i < n; ++i) c.parent[i] = i;
  for (int32_t i = 0; i < plan->node_count; ++i) {
    c.x_lo[i] = c.x_hi[i] = plan->node[i].x;
    c.y_lo[i] = c.y_hi[i] = plan->node[i].y;
    c.has_signal[i] = plan->node[i].has_signal;
  }
  for (int32_t p = 0; p < plan->piece_count; ++p)
    if (plan->piece[p].in_ring && !plan->piece[p].is_inside)
      c.has_ring[plan->piece[p].node[0]] = c.has_ring[plan->piece[p].node[1]] = 1;
  return c;
}

static void clusterer_free(clusterer *c)
{
  void *const owned[] = { c->parent, c->x_lo,       c->x_hi,     c->y_lo,
                          c->y_hi,   c->has_signal, c->has_ring, c->is_apart };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

/// Junctions of what was joined.
static void clusterer_finish(clusterer *c)
{
  mark_inside(c);
  art_map_index_arms(c->plan);
  number_junctions(c);
}

void art_map_cluster(art_map *plan)
{
  clusterer c = clusterer_new(plan);
  join_by_patch(&c);
  join_small_rings(&c);
  join_by_rules(&c);
  join_islands(&c);
  clusterer_finish(&c);
  clusterer_free(&c);
}

/// Junctions that are as before stay trimmed.
static void number_again(clusterer *c)
{
  art_map *plan = c->plan;
  const int32_t known = plan->node_count;
  int32_t *size = ART_NEW(int32_t, known);  // of the junction that a node was in
  for (int32_t i = 0; i < known; ++i) size[i] = plan->junction[plan->node[i].junction].node_count;
  plan->report->joined_nodes = plan->report->mini_roundabouts = plan->report->absorbed_links = 0;
  free(plan->junction);
  free(plan->member);
  clusterer_finish(c);
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    const int32_t first = plan->member[plan->junction[j].first_node];
    plan->junction[j].is_trimmed = first < known && size[first] == plan->junction[j].node_count;
  }
  free(size);
}

int art_map_cluster_cramped(art_map *plan)
{
  clusterer c = clusterer_new(plan);
  for (int32_t j = 0; j < plan->junction_count; ++j)
    for (int32_t k = 1; k < plan->junction[j].node_count; ++k)
      try_join(&c, plan->member[plan->junction[j].first_node], plan->member[plan->junction[j].first_node + k],
               INFINITY);
  const art_osm_patch *patch = plan->patch;
  for (int32_t k = 0; patch && k < patch->join_count; ++k)
    for (int32_t i = 0; !patch->join[k].is_join && i < patch->join[k].count; ++i) {
      const int32_t node = node_by_id(plan, patch->join[k].node[i]);
      if (node >= 0) c.is_apart[root_of(&c, node)] = 1;
    }
  int joined = 0;
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    if (!piece->is_cramped || piece->is_inside || piece->in_ring || piece->is_byway) continue;
    if (piece->length_m >= WEAVE_M && art_map_is_weave(plan, p)) continue;
    if (!is_junction(&plan->node[piece->node[0]]) || !is_junction(&plan->node[piece->node[1]])) continue;
    if (root_of(&c, piece->node[0]) == root_of(&c, piece->node[1])) continue;
    joined |= try_join(&c, piece->node[0], piece->node[1], widest_by(&c, p, 5));
  }
  if (joined) number_again(&c);
  clusterer_free(&c);
  return joined;
}
