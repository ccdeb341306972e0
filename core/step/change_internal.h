/// \file change_internal.h
/// Parts of the lane changes of one link. Private to core/step; all of it runs in the settle pass, by the owner of the block.
#ifndef ART_CORE_STEP_CHANGE_INTERNAL_H
#define ART_CORE_STEP_CHANGE_INTERNAL_H
#include "core/step/sim_internal.h"

/// Neighbours of vehicle i in lane k of the block: indices or -1, gaps bumper to bumper.
typedef struct art_beside {
  int32_t k;
  int32_t leader, follower;
  float lead_gap_m, lead_mps;
  float follow_gap_m, follow_mps;
  int32_t upstream;  ///< follower on another link: its trip, -1 none
} art_beside;

// gaps.c
art_beside art_look_beside(const art_sim *sim, const art_block *block, int32_t i, int32_t k);
/// The same, but where the body ahead is alongside already it looks no further: follow_gap_m is 0 then.
art_beside art_look_for_room(const art_sim *sim, const art_block *block, int32_t i, int32_t k);
art_change_view art_view_beside(const art_sim *sim, const art_block *block, int32_t i,
                                const art_beside *beside);
/// Rear of the body ahead of vehicle i on its lane, one that hangs over from the next lane included; INFINITY: none.
float art_rear_ahead(const art_sim *sim, const art_block *block, int32_t i);
/// No gap yet: slow down towards one, and ask the first vehicle behind one's rear to leave room.
void art_seek_gap(const art_sim *sim, art_block *block, int32_t i, const art_beside *beside,
                  const art_change_view *view);

// swap.c
/// Two that stand side by side and each need the other's lane change places. 1 if they did.
int art_swap_lanes(art_sim *sim, art_block *block, int32_t i, int32_t first_k, const art_beside *beside);
/// The same across lanes that serve neither of them, where i needs `changes` changes to the side. 1 if they did.
int art_swap_across(art_sim *sim, art_block *block, int32_t i, int32_t first_k, int32_t side, int32_t changes);

// change.c
/// Moves vehicle i to lane k of the block; its way ahead is planned anew. Returns its new index.
int32_t art_change_to(art_sim *sim, art_block *block, int32_t i, int32_t k);

#endif  // ART_CORE_STEP_CHANGE_INTERNAL_H
