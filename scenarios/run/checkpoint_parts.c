// Journals of several ranks: each notes the vehicles that it has, whoever has them later.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/checkpoint/folder.h"
#include "scenarios/run/checkpoint_internal.h"

int art_checkpoints_have_parts(const art_checkpoints *c)
{
  return c->setup.group && c->setup.result_path && c->setup.scenario->trajectories_every_ms > 0;
}

art_status art_checkpoints_parts_begin(art_checkpoints *c, art_error *err)
{
  const art_group *group = c->setup.group;
  if (!c->is_saving || !art_checkpoints_have_parts(c) || group->rank == 0) return ART_OK;
  const int32_t k = group->rank;
  char *folder = art_folder_journal_path(c->setup.options->folder, c->name),
       *path = art_journal_part_path(folder, k);
  art_status status = art_journal_open(path, &c->part, err);
  if (status == ART_OK && c->continues && k <= c->parts.count && c->parts.mark[k - 1].bytes > 0)
    status = art_journal_cut(c->part, &c->parts.mark[k - 1], err);
  else if (status == ART_OK)
    status = art_journal_start(c->part, err);
  free(path);
  free(folder);
  return status;
}

art_status art_checkpoints_parts_replay(art_checkpoints *c, art_results *results, art_error *err)
{
  const int32_t size = c->setup.group ? c->setup.group->size : 1,
                rank = c->setup.group ? c->setup.group->rank : 0;
  art_status status = ART_OK;
  for (int32_t k = 1; k <= c->parts.count && status == ART_OK; ++k) {
    if (k % size != rank || c->parts.mark[k - 1].bytes == 0) continue;
    char *path = art_journal_part_path(c->found_journal, k);
    status = art_journal_replay(path, &c->parts.mark[k - 1], results, err);
    free(path);
  }
  return status;
}

art_status art_checkpoints_parts_sync(art_checkpoints *c, art_outputs *outputs, art_journal_parts *out,
                                      art_error *err)
{
  const art_group *group = c->setup.group;
  *out = (art_journal_parts){ 0 };
  const int32_t old = c->continues ? c->parts.count : 0,
                own = art_checkpoints_have_parts(c) ? group->size - 1 : 0;
  out->count = old > own ? old : own;
  if (out->count == 0) return ART_OK;
  out->mark = ART_NEW(art_journal_mark, out->count);
  if (old > 0) memcpy(out->mark, c->parts.mark, (size_t)old * sizeof *out->mark);
  if (own == 0) return ART_OK;
  art_journal_mark mark;
  memset(&mark, 0, sizeof mark);
  art_status status = ART_OK;
  if (c->part) status = art_outputs_settle(outputs, err);  // the thread that writes is idle then
  if (c->part && status == ART_OK) status = art_journal_sync(c->part, &mark, err);
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, group->size + 1);
  ART_PUT(&mine, mark);
  art_group_collect(group, &mine, &all, first);
  for (int32_t k = 1; k < group->size && group->rank == 0; ++k)
    memcpy(&out->mark[k - 1], all.data + first[k], sizeof mark);
  free(first);
  free(mine.data);
  free(all.data);
  return art_group_agree(group, status, err);
}
