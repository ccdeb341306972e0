/// How long a run goes on at least. Once everybody has departed, ranks have to agree whether anybody is left, and would wait for
/// one another after every step. Somebody far from its destination is on the road until it can be there, whatever way it takes:
/// up to then nobody needs to ask.
#include <stdlib.h>

#include "core/base/heap.h"
#include "core/base/memory.h"
#include "core/step/ranks_internal.h"

#define SWAP_SHIFT_M 6.0f    // swap.c: how far somebody may be moved up beside what it drives
#define SPEED_SLACK 2.0f     // nobody drives so much faster than the fastest want to
#define LOOKS_AT_BLOCKS 64   // and at one vehicle of each

/// Who is to go on for the longest, judged by the links of its route.
typedef struct witness {
  int32_t from, to, links;
} witness;

static witness find_witness(const art_sim *sim)
{
  witness best = { -1, -1, 0 };
  const int32_t stride = sim->block_count / LOOKS_AT_BLOCKS + 1;
  for (int32_t b = 0; b < sim->block_count; ++b) {
    const art_block *block = &sim->block[b];
    if (!block->occupied || (b % stride != 0 && best.links > 0)) continue;
    int32_t count;
    const int32_t *links = art_route_links(sim, block->vehicle[0], &count);
    if (count - block->hop[0] > best.links) best = (witness){ links[block->hop[0]], links[count - 1], count - block->hop[0] };
  }
  return best;
}

static float shortest_lane(const art_net *net, int32_t link)
{
  float least = INFINITY;
  for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
    least = art_minf(least, net->lane_length_m[lane]);
  return least;
}

/// Shortest way from the end of one link to the start of another, whoever may use it; infinite: there is none. Dijkstra 1959.
static double way_between(const art_net *net, int32_t from, int32_t to)
{
  double *way = ART_NEW(double, net->link_count);  // to the start of a link
  art_heap_item *heap = ART_NEW(art_heap_item, net->connector_count + 1);
  int32_t waiting = 0;
  for (int32_t link = 0; link < net->link_count; ++link) way[link] = INFINITY;
  way[from] = -(double)shortest_lane(net, from);
  art_heap_push(heap, &waiting, (art_heap_item){ way[from], from });
  while (waiting > 0) {
    const art_heap_item at = art_heap_pop(heap, &waiting);
    if (at.index == to && at.cost >= 0.0) break;
    if (at.cost > way[at.index]) continue;
    const double end = at.cost + (double)shortest_lane(net, at.index);
    for (int32_t lane = net->link_first_lane[at.index]; lane < net->link_first_lane[at.index + 1]; ++lane)
      for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
        const int32_t next = net->lane_link[net->connector_to[c]];
        const double start = end + (double)net->lane_length_m[art_net_lane_of_connector(net, c)];
        if (start >= way[next]) continue;
        way[next] = start;
        art_heap_push(heap, &waiting, (art_heap_item){ start, next });
      }
  }
  const double found = way[to];
  free(way);
  free(heap);
  return found;
}

art_tick art_ranks_no_end_before(const art_sim *sim)
{
  const witness w = find_witness(sim);
  if (w.from < 0 || w.from == w.to) return 0;
  const double way = way_between(sim->net, w.from, w.to);
  const double a_step = (double)(SPEED_SLACK * sim->ranks->fastest_mps * sim->step_s + SWAP_SHIFT_M);
  const double steps = way / a_step - 1.0;
  if (!(steps >= 1.0)) return 0;
  return sim->now_ms + (art_tick)(steps < 1e6 ? steps : 1e6) * sim->step_ms;
}
