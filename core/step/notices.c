/// What blocks tell the nodes, from settle to decide. Each node has a box in which notices lie one after the other, so that
/// they can be fetched ahead; what does not fit goes to the thread's pool, and lists run through that.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define NOTICES_PER_LANE 2  // entry lanes of a box

void art_notices_build(art_sim *sim)
{
  const art_net *net = sim->net;
  sim->node_list = ART_NEW(uint64_t, net->node_count);
  memset(sim->node_list, 0xff, (size_t)net->node_count * sizeof *sim->node_list);
  sim->node_notices = ART_NEW(int32_t, net->node_count);
  sim->node_first_notice = ART_NEW(int64_t, net->node_count + 1);
  int64_t total = 0;
  for (int32_t node = 0; node < net->node_count; ++node) {
    uint64_t lanes = 0;
    sim->node_first_notice[node] = total;
    for (int32_t i = net->node_first_connector[node]; i < net->node_first_connector[node + 1]; ++i) {
      const int32_t c = net->node_connector[i];
      if (sim->connector_free[c] || lanes >> sim->ways.way[c].from_place & 1u) continue;
      lanes |= ART_PLACE_BIT(sim->ways.way[c].from_place);
      total += NOTICES_PER_LANE;
    }
  }
  sim->node_first_notice[net->node_count] = total;
  sim->notice = art_new_aligned((size_t)total, sizeof *sim->notice);
}

void art_notices_free(art_sim *sim)
{
  free(sim->node_list);
  free(sim->node_notices);
  free(sim->node_first_notice);
  free(sim->notice);
}

static art_notice *more_room(art_notice_pool *pool)
{
  if (pool->count == pool->capacity) {
    const int32_t capacity = pool->capacity ? 2 * pool->capacity : 64;
    art_notice *item = art_new_aligned((size_t)capacity, sizeof *item);
    if (pool->count) memcpy(item, pool->item, (size_t)pool->count * sizeof *item);
    free(pool->item);
    pool->item = item;
    pool->capacity = capacity;
  }
  return &pool->item[pool->count++];
}

art_notice *art_new_notice(art_sim *sim, art_worker *worker, int thread, int32_t connector)
{
  const int32_t node = sim->ways.way[connector].node;
  const int64_t first = sim->node_first_notice[node];
  int32_t *count = &sim->node_notices[node];
  const int32_t at = sim->threads == 1 ? (*count)++ : __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
  art_notice *notice = &sim->notice[first + at];
  if (at >= sim->node_first_notice[node + 1] - first) {
    notice = more_room(&worker->pool);
    const uint64_t link = (uint64_t)thread << 32 | (uint32_t)(notice - worker->pool.item);
    notice->next = __atomic_exchange_n(&sim->node_list[node], link, __ATOMIC_RELAXED);
  }
  notice->connector = connector;
  return notice;
}
