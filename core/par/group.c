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
