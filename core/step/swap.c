/// Changing places: the one move that is not driven. It leaves no overlap, and nobody rolls back.
#include "core/step/change_internal.h"

#define SWAP_SHIFT_M 6.0f  // what one may move up while changing places

/// Two that stand side by side and each need the other's lane change places, moving up a little where it takes that to fit
/// between the neighbours that stay. Nobody rolls backward.
int art_swap_lanes(art_sim *sim, art_block *block, int32_t i, int32_t first_k, const art_beside *p)
{
  const int32_t own = block->lane8[i];
  const int32_t sides[] = { p->leader, p->follower };
  for (int s = 0; s < 2; ++s) {
    const int32_t o = sides[s];
    if (o < 0 || block->speed_mps[o] > 0.5f || block->speed_mps[i] > 0.5f) continue;
    const art_vehicle *other = &sim->vehicle[block->vehicle[o]];
    if (other->at_stop || other->changed_ms == sim->now_ms) continue;
    const int32_t m = p->k - first_k;
    const int wants_back = !(other->stay >> m & 1) && ((other->leftward >> m & 1) ? own > p->k : own < p->k);
    if (!wants_back || block->pos_m[o] < sim->types.length_m[block->type[o]]) continue;
    if (!art_lane_permits(sim, block->lane[own], sim->types.vclass[block->type[o]])) continue;
    const float len_i = sim->types.length_m[block->type[i]], len_o = sim->types.length_m[block->type[o]];
    const float ahead_i = art_rear_ahead(sim, block, o);
    const float behind_i = o + 1 < block->start[p->k + 1] ? block->pos_m[o + 1] : -INFINITY;
    const float ahead_o = art_rear_ahead(sim, block, i);
    const float behind_o = i + 1 < block->start[own + 1] ? block->pos_m[i + 1] : -INFINITY;
    const float pos_i = art_maxf(block->pos_m[i], behind_i + len_i + 0.3f);
    const float pos_o = art_maxf(block->pos_m[o], behind_o + len_o + 0.3f);
    const float end = sim->net->lane_length_m[block->lane[own]] - 0.5f;
    if (pos_i > art_minf(ahead_i - 0.3f, end) || pos_o > art_minf(ahead_o - 0.3f, end)) continue;
    if (pos_i > block->pos_m[i] + SWAP_SHIFT_M || pos_o > block->pos_m[o] + SWAP_SHIFT_M) continue;
    block->pos_m[i] = pos_i;
    block->pos_m[o] = pos_o;
    const int32_t trip_o = block->vehicle[o];
    (void)art_change_to(sim, block, i, p->k);
    for (int32_t q = block->start[p->k]; q < block->start[p->k + 1]; ++q)
      if (block->vehicle[q] == trip_o) {
        (void)art_change_to(sim, block, q, own);
        break;
      }
    return 1;
  }
  return 0;
}
