#include "core/par/group.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

int64_t art_reduction_of(art_reduction how, int64_t a, int64_t b)
{
  if (how == ART_REDUCE_SUM) return (int64_t)((uint64_t)a + (uint64_t)b);
  return (how == ART_REDUCE_MAX) == (a > b) ? a : b;
}

art_status art_group_agree(const art_group *group, art_status status, art_error *err)
{
  if (!group) return status;
  int64_t lowest = status == ART_OK ? INT64_MAX : group->rank;
  group->reduce(group, ART_REDUCE_MIN, 1, &lowest);
  if (lowest == INT64_MAX) return ART_OK;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  art_error none = { 0 };
  if (lowest == group->rank) {
    none.status = status;
    if (err) memcpy(none.message, err->message, sizeof none.message);
    ART_PUT(&mine, none);
  }
  group->gather(group, &mine, &all, first);
  memcpy(&none, all.data, sizeof none);
  free(first);
  free(mine.data);
  free(all.data);
  if (err) *err = none;
  return none.status;
}

void art_group_collect(const art_group *group, const art_bytes *mine, art_bytes *all, int64_t *first)
{
  static const int32_t to_first = 0;
  const int32_t others = group->size - 1;
  all->count = 0;
  memset(first, 0, ((size_t)group->size + 1) * sizeof *first);
  if (group->rank != 0) {
    art_bytes nothing = { 0 };
    group->begin(group, 1, &to_first, mine);
    group->finish(group, 1, &to_first, &nothing);
    free(nothing.data);
    return;
  }
  int32_t *peer = ART_NEW(int32_t, others);
  art_bytes *empty = ART_NEW(art_bytes, others), *part = ART_NEW(art_bytes, others);
  for (int32_t r = 0; r < others; ++r) peer[r] = r + 1;
  group->begin(group, others, peer, empty);
  group->finish(group, others, peer, part);
  (void)art_bytes_put(all, mine->data, mine->count);
  first[1] = (int64_t)all->count;
  for (int32_t r = 0; r < others; ++r) {
    (void)art_bytes_put(all, part[r].data, part[r].count);
    free(part[r].data);
    first[r + 2] = (int64_t)all->count;
  }
  free(peer);
  free(empty);
  free(part);
}
