#include "core/step/shares.h"

#include <stdlib.h>

#include "core/base/memory.h"
#include "core/step/sim_internal.h"

#define LINE_BYTES 64
#define KEPT_STEPS 128   // after so many steps parts are cut anew
#define BLOCK_WEIGHT 8   // of a block without vehicles, in vehicles
#define RUN_MOST 16      // taken at once; at its begin a run waits for memory that nobody has fetched
#define RUNS_PER_PART 16 // of small networks: so that others find something to take

enum { LINKS, CONNECTORS, KINDS };

/// A thread's own part, and how far it is taken.
typedef struct part {
  _Alignas(LINE_BYTES) int32_t next;  // atomically
  int32_t end, run;
} part;

/// Where a list is cut, by kind and thread: [KINDS * (threads + 1)].
typedef struct cuts {
  int32_t *at, age;
} cuts;

struct art_shares {
  int32_t threads;
  cuts cuts[ART_SHARINGS];
  part *part;  ///< [(what * threads + thread) * KINDS + kind]
};

art_shares *art_shares_new(int32_t threads)
{
  art_shares *shares = ART_NEW(art_shares, 1);
  shares->threads = threads;
  shares->part = art_new_aligned((size_t)(ART_SHARINGS * threads * KINDS), sizeof(part));
  for (int what = 0; what < ART_SHARINGS; ++what)
    shares->cuts[what] = (cuts){ .at = ART_NEW(int32_t, KINDS * (threads + 1)), .age = KEPT_STEPS };
  return shares;
}

void art_shares_free(art_shares *shares)
{
  if (!shares) return;
  for (int what = 0; what < ART_SHARINGS; ++what) free(shares->cuts[what].at);
  free(shares->part);
  free(shares);
}

static int are_nodes(art_sharing what)
{
  return what == ART_SHARE_DECIDE_EARLY || what == ART_SHARE_DECIDE_LATE;
}

static const art_block *block_at(const art_sim *sim, const art_stretch *list, int32_t i)
{
  return &sim->block[list->order ? list->order[i] : i];
}

static int32_t weight_at(const art_sim *sim, art_sharing what, const art_stretch *list, int32_t i)
{
  return are_nodes(what) ? 1 : BLOCK_WEIGHT + art_block_count(block_at(sim, list, i));
}

/// Cuts begin <= i < end into parts of about equal weight.
static void cut(const art_sim *sim, art_sharing what, const art_stretch *list, int32_t begin, int32_t end, int32_t threads,
                int32_t *at)
{
  int64_t all = 0, before = 0;
  for (int32_t i = begin; i < end; ++i) all += weight_at(sim, what, list, i);
  int32_t i = begin;
  for (int32_t t = 0; t < threads; ++t) {
    at[t] = i;
    for (; i < end && before * threads < all * (t + 1); ++i) before += weight_at(sim, what, list, i);
  }
  at[threads] = end;
}

void art_shares_deal(art_shares *shares, const art_sim *sim, art_sharing what, art_stretch list)
{
  cuts *of = &shares->cuts[what];
  const int32_t threads = shares->threads;
  if (++of->age > KEPT_STEPS) {
    int32_t links_end = list.begin;  // blocks of links come first
    while (!are_nodes(what) && links_end < list.end && !block_at(sim, &list, links_end)->is_node) ++links_end;
    cut(sim, what, &list, list.begin, links_end, threads, of->at);
    cut(sim, what, &list, links_end, list.end, threads, of->at + threads + 1);
    of->age = 0;
  }
  for (int32_t t = 0; t < threads; ++t) {
    for (int kind = 0; kind < KINDS; ++kind) {
      const int32_t *at = &of->at[kind * (threads + 1) + t];
      const int32_t fair = (at[1] - at[0]) / RUNS_PER_PART;
      part *p = &shares->part[(what * threads + t) * KINDS + kind];
      *p = (part){ .next = at[0], .end = at[1], .run = fair > RUN_MOST ? RUN_MOST : fair > 1 ? fair : 1 };
      if (threads == 1 && at[1] > at[0]) p->run = at[1] - at[0];
    }
  }
}

int art_shares_take(art_shares *shares, art_sharing what, int thread, art_take *at, int32_t *begin, int32_t *end,
                    int32_t *until)
{
  for (; at->turn < KINDS * shares->threads; ++at->turn) {
    const int32_t owner = (thread + at->turn / KINDS) % shares->threads;
    part *p = &shares->part[(what * shares->threads + owner) * KINDS + at->turn % KINDS];
    if (__atomic_load_n(&p->next, __ATOMIC_RELAXED) >= p->end) continue;
    *begin = __atomic_fetch_add(&p->next, p->run, __ATOMIC_RELAXED);
    if (*begin >= p->end) continue;
    *end = *begin + p->run < p->end ? *begin + p->run : p->end;
    *until = p->end;
    return 1;
  }
  return 0;
}
