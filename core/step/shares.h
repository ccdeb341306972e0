/// \file shares.h
/// Blocks and nodes shared out to the threads of a team. Each thread has a part of its own, the same from step to step, so that
/// what it works on lies in its caches and in its memory; whoever is done with it takes from the others' parts. Parts are cut by
/// vehicles, those of links and those of nodes' connectors apart, so that every thread has some of both. Results never depend
/// on who takes what.
#ifndef ART_CORE_STEP_SHARES_H
#define ART_CORE_STEP_SHARES_H
#include <stdint.h>

struct art_sim;

/// Part of a list: `order` at begin <= i < end, or the numbers i themselves if `order` is NULL.
typedef struct art_stretch {
  const int32_t *order;
  int32_t begin, end;
} art_stretch;

/// What is shared out by itself. Border and rest (early and late nodes) are apart where there are several ranks; alone, a rank
/// has rest and late ones only.
typedef enum art_sharing {
  ART_SHARE_SETTLE_BORDER,
  ART_SHARE_SETTLE_REST,
  ART_SHARE_DECIDE_EARLY,
  ART_SHARE_DECIDE_LATE,
  ART_SHARE_MOVE_BORDER,
  ART_SHARE_MOVE_REST,
  ART_SHARINGS
} art_sharing;

typedef struct art_shares art_shares;

art_shares *art_shares_new(int32_t threads);
void art_shares_free(art_shares *shares);
/// Deals a list out. One thread calls, before the team begins with it.
void art_shares_deal(art_shares *shares, const struct art_sim *sim, art_sharing what, art_stretch list);

/// A thread's way through the parts; all zero at first.
typedef struct art_take {
  int32_t turn;  ///< parts done with
} art_take;
/// The next few for `thread`, as places in the list: begin <= i < end, *until the end of the part that they belong to. 0: nothing
/// is left. Any number of threads at a time.
int art_shares_take(art_shares *shares, art_sharing what, int thread, art_take *at, int32_t *begin, int32_t *end,
                    int32_t *until);

#endif  // ART_CORE_STEP_SHARES_H
