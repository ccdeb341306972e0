// What cannot be used is dropped before junctions are made: parts without connection to the rest, roads that nothing leads
// to, and roads from which nothing leads on.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

/// The map as a graph of places: nodes, and of nodes that cars cannot pass one place for each arm.
typedef struct places {
  art_map *plan;
  int32_t count, edge_count;
  int32_t *of_arm;            // place by piece * 2 + end
  int32_t *first[2], *to[2];  // edges forward and backward
} places;

static int is_for_cars(const art_map *plan, int32_t p, int d)
{
  const art_map_piece *piece = &plan->piece[p];
  if (!piece->lanes[d]) return 0;
  const art_map_lane *lane = art_map_lanes_of(plan, p, d);
  for (int i = 0; i < piece->lanes[d]; ++i)
    if (lane[i].allowed >> ART_VCLASS_PASSENGER & 1u) return 1;
  return 0;
}

static places places_new(art_map *plan)
{
  places g = { .plan = plan,
               .count = plan->node_count,
               .of_arm = ART_NEW(int32_t, 2 * (int64_t)plan->piece_count) };
  for (int32_t p = 0; p < plan->piece_count; ++p)
    for (int end = 0; end < 2; ++end) {
      const int32_t node = plan->piece[p].node[end];
      const int is_closed = plan->node[node].closed >> ART_VCLASS_PASSENGER & 1u;
      g.of_arm[2 * p + end] = is_closed ? g.count++ : node;
    }
  for (int back = 0; back < 2; ++back) {
    int32_t *first = ART_NEW(int32_t, g.count + 2), *to = ART_NEW(int32_t, 2 * (int64_t)plan->piece_count);
    for (int fill = 0; fill < 2; ++fill) {
      for (int32_t p = 0; p < plan->piece_count; ++p)
        for (int d = 0; d < 2; ++d) {
          if (!is_for_cars(plan, p, d)) continue;
          const int32_t from = g.of_arm[2 * p + (back ? 1 - d : d)],
                        target = g.of_arm[2 * p + (back ? d : 1 - d)];
          if (fill)
            to[first[from + 1]++] = target;
          else
            ++first[from + 2];
        }
      for (int32_t i = 0; !fill && i < g.count; ++i) first[i + 2] += first[i + 1];
    }
    g.first[back] = first;
    g.to[back] = to;
  }
  return g;
}

/// Marks all places that are reached from the marked ones.
static int32_t spread(const places *g, int back, uint8_t *mark)
{
  int32_t *stack = ART_NEW(int32_t, g->count), height = 0, reached = 0;
  for (int32_t i = 0; i < g->count; ++i)
    if (mark[i]) stack[height++] = i;
  while (height) {
    const int32_t at = stack[--height];
    ++reached;
    for (int32_t e = g->first[back][at]; e < g->first[back][at + 1]; ++e) {
      if (mark[g->to[back][e]]) continue;
      mark[g->to[back][e]] = 1;
      stack[height++] = g->to[back][e];
    }
  }
  free(stack);
  return reached;
}

/// The largest part in which every place reaches every other. A map is one large part and crumbs, so few tries do.
static void mark_core(const places *g, uint8_t *core)
{
  enum { TRIES = 200 };
  uint8_t *seen = ART_NEW(uint8_t, g->count), *ahead = ART_NEW(uint8_t, g->count),
          *behind = ART_NEW(uint8_t, g->count);
  int32_t best = 0;
  for (int32_t start = 0, tries = 0; start < g->count && tries < TRIES && 2 * best <= g->count; ++start) {
    if (seen[start] || g->first[0][start] == g->first[0][start + 1]) continue;
    ++tries;
    memset(ahead, 0, (size_t)g->count);
    memset(behind, 0, (size_t)g->count);
    ahead[start] = behind[start] = 1;
    spread(g, 0, ahead);
    spread(g, 1, behind);
    int32_t size = 0;
    for (int32_t i = 0; i < g->count; ++i) {
      size += ahead[i] & behind[i];
      seen[i] |= ahead[i] & behind[i];
    }
    if (size <= best) continue;
    best = size;
    for (int32_t i = 0; i < g->count; ++i) core[i] = ahead[i] & behind[i];
  }
  free(seen);
  free(ahead);
  free(behind);
}

/// From the core and from all ways into the map (ahead), or to the core and all ways out (back).
static uint8_t *reachable(const places *g, const uint8_t *core, int back)
{
  uint8_t *mark = ART_NEW(uint8_t, g->count);
  for (int32_t i = 0; i < g->count; ++i) {
    const int none = g->first[1 - back][i] == g->first[1 - back][i + 1];
    mark[i] = core[i] || none;
  }
  spread(g, back, mark);
  return mark;
}

void art_map_prune(art_map *plan)
{
  places g = places_new(plan);
  uint8_t *core = ART_NEW(uint8_t, g.count), *joined = ART_NEW(uint8_t, g.count);
  mark_core(&g, core);
  uint8_t *ahead = reachable(&g, core, 0), *back = reachable(&g, core, 1);
  // Joined to the core by any road, whichever way it runs; more than two rounds change nothing that matters.
  memcpy(joined, core, (size_t)g.count);
  for (int32_t before = -1, now = 0; now != before;) {
    before = now;
    spread(&g, 0, joined);
    now = spread(&g, 1, joined);
  }
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    art_map_piece *piece = &plan->piece[p];
    for (int d = 0; d < 2; ++d) {
      if (!is_for_cars(plan, p, d)) continue;
      const int32_t from = g.of_arm[2 * p + d], to = g.of_arm[2 * p + 1 - d];
      if (!joined[from])
        ++plan->report->specks;
      else if (!ahead[from])
        ++plan->report->unreachable;
      else if (!back[to])
        ++plan->report->trapped;
      else
        continue;
      piece->lanes[d] = 0;
    }
    piece->is_gone = piece->lanes[0] + piece->lanes[1] == 0;
  }
  for (int k = 0; k < 2; ++k) {
    free(g.first[k]);
    free(g.to[k]);
  }
  free(g.of_arm);
  free(core);
  free(joined);
  free(ahead);
  free(back);
  art_map_compact(plan);
}

// ---- once more by links: turn restrictions cut what the map of nodes still joins ---------------------------------------------

static void spread_links(const art_map *plan, const int32_t *first, const int32_t *next, uint8_t *mark)
{
  int32_t *stack = ART_NEW(int32_t, plan->link_count), height = 0;
  for (int32_t l = 0; l < plan->link_count; ++l)
    if (mark[l]) stack[height++] = l;
  while (height) {
    const int32_t at = stack[--height];
    for (int32_t i = first[at]; i < first[at + 1]; ++i) {
      if (mark[next[i]]) continue;
      mark[next[i]] = 1;
      stack[height++] = next[i];
    }
  }
  free(stack);
}

/// Links that each link leads to (back: that lead to it).
static void index_hops(const art_map *plan, int back, int32_t **first_of, int32_t **list)
{
  int32_t *first = ART_NEW(int32_t, plan->link_count + 2), *next = ART_NEW(int32_t, plan->movement_count);
  for (int fill = 0; fill < 2; ++fill) {
    for (int32_t m = 0; m < plan->movement_count; ++m) {
      const int32_t from = back ? plan->movement[m].out : plan->movement[m].in,
                    to = back ? plan->movement[m].in : plan->movement[m].out;
      if (fill)
        next[first[from + 1]++] = to;
      else
        ++first[from + 2];
    }
    for (int32_t l = 0; !fill && l < plan->link_count; ++l) first[l + 2] += first[l + 1];
  }
  *first_of = first;
  *list = next;
}

/// Drops links that nothing leads to, but for ways into the map. Returns how many there were; then the steps from links on
/// have to be made again.
int32_t art_map_prune_links(art_map *plan)
{
  const int32_t n = plan->link_count;
  int32_t *first[2], *next[2];
  for (int back = 0; back < 2; ++back) index_hops(plan, back, &first[back], &next[back]);
  uint8_t *core = ART_NEW(uint8_t, n), *mark = ART_NEW(uint8_t, n), *back = ART_NEW(uint8_t, n);
  int32_t best = 0, tries = 0;
  for (int32_t start = 0; start < n && 2 * best <= n && tries < 64; ++start) {
    if (core[start]) continue;
    ++tries;
    memset(mark, 0, (size_t)n);
    memset(back, 0, (size_t)n);
    mark[start] = back[start] = 1;
    spread_links(plan, first[0], next[0], mark);
    spread_links(plan, first[1], next[1], back);
    int32_t size = 0;
    for (int32_t l = 0; l < n; ++l) size += mark[l] & back[l];
    if (size <= best) continue;
    best = size;
    for (int32_t l = 0; l < n; ++l) core[l] = mark[l] & back[l];
  }
  memcpy(mark, core, (size_t)n);
  for (int32_t l = 0; l < n; ++l) {
    const int32_t from = plan->link[l].from;
    if (plan->first_in[from] == plan->first_in[from + 1]) mark[l] = 1;
  }
  spread_links(plan, first[0], next[0], mark);
  int32_t dropped = 0;
  for (int32_t l = 0; l < n; ++l) {
    if (mark[l] || plan->piece[plan->link[l].piece].is_byway) continue;
    plan->piece[plan->link[l].piece].lanes[plan->link[l].direction] = 0;
    ++dropped;
  }
  plan->report->unreachable += dropped;
  for (int k = 0; k < 2; ++k) {
    free(first[k]);
    free(next[k]);
  }
  free(core);
  free(mark);
  free(back);
  return dropped;
}
