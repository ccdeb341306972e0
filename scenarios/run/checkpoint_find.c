// Which checkpoint a run goes on from.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "io/checkpoint/folder.h"
#include "scenarios/run/checkpoint_internal.h"
#include "scenarios/run/identity.h"

static int is_same_file(const char *a, const char *b)
{
  struct stat one, other;
  return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Reads a checkpoint and checks that all of it can be used. *is_sound: the file is whole but of another run; an older one of the
/// same folder would be refused for the same reason.
static art_status consider(art_checkpoints *c, const char *path, int *is_sound, art_error *err)
{
  *is_sound = 0;
  art_status status = art_checkpoint_read(path, &c->found, err);
  if (status != ART_OK) return status;
  status = art_identity_check(path, &c->found, &c->run, err);
  *is_sound = status != ART_OK;
  if (status == ART_OK) status = art_checkpoint_check_journal(path, &c->found, err);
  if (status != ART_OK) {
    art_checkpoint_clear(&c->found);
    return status;
  }
  c->is_found = 1;
  c->found_path = art_strdup(path);
  c->found_journal = art_checkpoint_journal_path(path, &c->found);
  c->continues = c->journal && is_same_file(c->found_journal, c->journal_path);
  return ART_OK;
}

static art_status find_latest(art_checkpoints *c, const art_checkpoint_list *list, art_error *err)
{
  for (int32_t i = 0; i < list->count && !c->is_found; ++i) {
    int is_sound = 0;
    art_error reason = { .status = ART_OK };
    if (consider(c, list->path[i], &is_sound, &reason) == ART_OK) break;
    if (is_sound) {
      if (err) *err = reason;
      return reason.status;
    }
    fprintf(stderr, "warning: %s; %s\n", reason.message,
            i + 1 < list->count ? "taking the one before" : "no other one is left, starting from the begin");
  }
  if (!c->setup.quiet && list->count == 0)
    fprintf(stderr, "note: no checkpoint of %s in %s: starting from the begin\n", c->name, c->setup.options->folder);
  return ART_OK;
}

static art_status check_empty(const art_checkpoints *c, const art_checkpoint_list *list, art_error *err)
{
  if (list->count == 0 || c->setup.force) return ART_OK;
  return art_fail(
      err, ART_E_EXISTS,
      "%s: a checkpoint of this run exists already; --restart auto goes on from it, --force begins anew and removes "
      "it",
      list->path[0]);
}

art_status art_checkpoints_find(art_checkpoints *c, art_error *err)
{
  const char *restart = c->setup.options->restart;
  art_checkpoint_list list = { 0 };
  art_status status = c->journal ? art_folder_list(c->setup.options->folder, c->name, &list, err) : ART_OK;
  if (status == ART_OK && restart && strcmp(restart, "auto") == 0) {
    status = find_latest(c, &list, err);
  } else if (status == ART_OK) {
    int is_sound = 0;
    if (restart) status = consider(c, restart, &is_sound, err);
    if (status == ART_OK && !c->continues) status = check_empty(c, &list, err);
  }
  if (status == ART_OK && c->is_found) {
    if (strcmp(c->found.commit, c->run.commit) != 0)
      fprintf(
          stderr,
          "warning: %s: written by a program of commit %s, this is %s; results are the same only if the engine is\n",
          c->found_path, c->found.commit, c->run.commit);
    if (!c->setup.quiet) fprintf(stderr, "restart=%s t=%.1f\n", c->found_path, (double)c->found.now_ms / 1000.0);
    if (c->continues && list.count > 0 && list.now_ms[0] > c->found.now_ms)
      fprintf(stderr, "note: %s and others later than that are removed: the run goes on before them\n", list.path[0]);
  }
  art_checkpoint_list_clear(&list);
  return status;
}
