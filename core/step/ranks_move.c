/// Another partition while a simulation runs: its state goes through bytes, as for a restart on other ranks.
#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/state.h"

art_status art_sim_move_parts(art_sim **sim, const art_sim_setup *setup, const int32_t *node_rank,
                              art_error *err)
{
  const art_group *group = setup->group;
  if (!(*sim)->ranks) return ART_OK;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  art_sim_save(*sim, &mine);
  group->gather(group, &mine, &all, first);
  free(first);
  free(mine.data);
  art_sim_setup moved = *setup;
  moved.node_rank = node_rank;
  art_sim *next = NULL;
  art_status status = art_sim_create(&moved, &next, err);
  if (status == ART_OK) status = art_sim_restore(next, all.data, all.count, err);
  free(all.data);
  if (status != ART_OK) {
    art_sim_free(next);
    return status;
  }
  art_sim_free(*sim);
  *sim = next;
  return ART_OK;
}

art_status art_sim_rebalance(art_sim **sim, const art_sim_setup *setup, double bound, int *moved,
                             art_error *err)
{
  *moved = 0;
  if (!(*sim)->ranks) return ART_OK;
  int32_t *owner = ART_NEW(int32_t, setup->net->node_count);
  const art_balance balance = art_sim_balance(*sim, setup, owner);
  art_status status = ART_OK;
  if (balance.measured > bound && balance.possible < 0.95 * balance.expected) {
    status = art_sim_move_parts(sim, setup, owner, err);
    *moved = status == ART_OK;
  }
  free(owner);
  return status;
}
