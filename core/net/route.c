#include "core/net/route.h"

#include <stdlib.h>

#include "core/base/heap.h"
#include "core/base/memory.h"

static double link_time(const art_net *net, int32_t link)
{
  const int32_t lane = net->link_first_lane[link];
  return (double)net->lane_length_m[lane] / (double)net->lane_speed_mps[lane];
}

int art_route_find(const art_net *net, int32_t from, int32_t to, int32_t vclass, const uint8_t *closed,
                   int32_t **links, int32_t *count)
{
  return art_route_find_with(net, from, to, vclass, closed, NULL, links, count);
}

int art_route_find_with(const art_net *net, int32_t from, int32_t to, int32_t vclass, const uint8_t *closed,
                        const float *extra_s, int32_t **links, int32_t *count)
{
  *links = NULL;
  *count = 0;
  double *cost = ART_NEW(double, net->link_count);
  int32_t *previous = ART_NEW(int32_t, net->link_count);
  uint8_t *done = ART_NEW(uint8_t, net->link_count);
  art_heap_item *heap =
      ART_NEW(art_heap_item, net->connector_count + 1);  // every connector pushes at most once
  int32_t heap_count = 0;
  for (int32_t l = 0; l < net->link_count; ++l) {
    cost[l] = 1e300;
    previous[l] = -1;
  }
  cost[from] = 0.0;
  art_heap_push(heap, &heap_count, (art_heap_item){ 0.0, from });
  while (heap_count > 0 && !done[to]) {
    const int32_t link = art_heap_pop(heap, &heap_count).index;
    if (done[link]) continue;
    done[link] = 1;
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane) {
      if (!ART_PERMITS(net->lane_allowed[lane], vclass)) continue;
      for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
        const int32_t target = net->connector_to[c], next = net->lane_link[target],
                      path = net->link_lane_count + c;
        if (done[next] || (closed && closed[next]) || !ART_PERMITS(net->lane_allowed[target], vclass) ||
            !ART_PERMITS(net->lane_allowed[path], vclass))
          continue;
        const double through = cost[link] +
                               (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path] +
                               (extra_s ? (double)extra_s[c] : 0.0) + link_time(net, next);
        if (through < cost[next] || (through == cost[next] && link < previous[next])) {
          cost[next] = through;
          previous[next] = link;
          art_heap_push(heap, &heap_count, (art_heap_item){ through, next });
        }
      }
    }
  }
  const int found = done[to];
  if (found) {
    int32_t n = 1;
    for (int32_t l = to; l != from; l = previous[l]) ++n;
    *links = ART_NEW(int32_t, n);
    *count = n;
    for (int32_t l = to; n > 0; l = previous[l]) (*links)[--n] = l;
  }
  free(cost);
  free(previous);
  free(done);
  free(heap);
  return found;
}
