#include "io/checkpoint/folder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"

static const char ending[] = ".checkpoint", temporary_mark[] = ".tmp-";
enum { DIGITS = 12 };

art_status art_folder_check(const char *folder, art_error *err)
{
  struct stat info;
  if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) return art_fail(err, ART_E_OPEN, "%s: not a folder", folder);
  if (access(folder, W_OK | X_OK) != 0)
    return art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", folder, strerror(errno));
  return ART_OK;
}

static char *join(const char *folder, const char *name, const char *rest)
{
  const size_t size = strlen(folder) + strlen(name) + strlen(rest) + 2;
  char *path = ART_NEW(char, size);
  snprintf(path, size, "%s/%s%s", folder, name, rest);
  return path;
}

char *art_folder_checkpoint_path(const char *folder, const char *name, art_tick now_ms)
{
  char rest[64];
  snprintf(rest, sizeof rest, ".%0*" PRId64 "%s", DIGITS, now_ms, ending);
  return join(folder, name, rest);
}

char *art_folder_journal_path(const char *folder, const char *name)
{
  return join(folder, name, ".journal");
}

char *art_folder_temporary(const char *path)
{
  const size_t size = strlen(path) + 40;
  char *text = ART_NEW(char, size);
  snprintf(text, size, "%s%s%ld", path, temporary_mark, (long)getpid());
  return text;
}

char *art_folder_of(const char *path)
{
  char *folder = art_strdup(path);
  char *slash = strrchr(folder, '/');
  if (slash) {
    slash[slash == folder] = '\0';
    return folder;
  }
  free(folder);
  return art_strdup(".");
}

/// Whether an entry is a checkpoint of the run; `is_temporary`: under a temporary name.
static int is_checkpoint(const char *entry, const char *name, art_tick *now_ms, int *is_temporary)
{
  const size_t length = strlen(name);
  if (strncmp(entry, name, length) != 0 || entry[length] != '.') return 0;
  const char *digits = entry + length + 1;
  size_t count = 0;
  while (isdigit((unsigned char)digits[count])) ++count;
  if (count < DIGITS || count > 18) return 0;
  const char *rest = digits + count;
  if (strncmp(rest, ending, sizeof ending - 1) != 0) return 0;
  rest += sizeof ending - 1;
  *is_temporary = strncmp(rest, temporary_mark, sizeof temporary_mark - 1) == 0;
  *now_ms = strtoll(digits, NULL, 10);
  return *rest == '\0' || *is_temporary;
}

static void sort_latest_first(art_checkpoint_list *list)
{
  for (int32_t i = 1; i < list->count; ++i) {
    for (int32_t k = i; k > 0 && list->now_ms[k] > list->now_ms[k - 1]; --k) {
      const art_tick now_ms = list->now_ms[k];
      char *path = list->path[k];
      list->now_ms[k] = list->now_ms[k - 1];
      list->path[k] = list->path[k - 1];
      list->now_ms[k - 1] = now_ms;
      list->path[k - 1] = path;
    }
  }
}

/// Checkpoints of the run, or what is left of some under temporary names, in the order of the folder.
static art_status list_some(const char *folder, const char *name, int temporary, art_checkpoint_list *out,
                            art_error *err)
{
  memset(out, 0, sizeof *out);
  DIR *open_folder = opendir(folder);
  if (!open_folder) return art_fail(err, ART_E_OPEN, "%s: %s", folder, strerror(errno));
  const struct dirent *entry;
  while ((entry = readdir(open_folder))) {
    art_tick now_ms = 0;
    int is_temporary = 0;
    if (!is_checkpoint(entry->d_name, name, &now_ms, &is_temporary) || is_temporary != temporary) continue;
    if (out->count == out->capacity) {
      out->capacity = out->capacity ? 2 * out->capacity : 8;
      out->path = art_renew(out->path, (size_t)out->capacity, sizeof *out->path);
      out->now_ms = art_renew(out->now_ms, (size_t)out->capacity, sizeof *out->now_ms);
    }
    out->path[out->count] = join(folder, entry->d_name, "");
    out->now_ms[out->count++] = now_ms;
  }
  closedir(open_folder);
  return ART_OK;
}

art_status art_folder_list(const char *folder, const char *name, art_checkpoint_list *out, art_error *err)
{
  const art_status status = list_some(folder, name, 0, out, err);
  sort_latest_first(out);
  return status;
}

void art_checkpoint_list_clear(art_checkpoint_list *list)
{
  for (int32_t i = 0; i < list->count; ++i) free(list->path[i]);
  free(list->path);
  free(list->now_ms);
  memset(list, 0, sizeof *list);
}

void art_folder_clean(const char *folder, const char *name)
{
  art_checkpoint_list left;
  list_some(folder, name, 1, &left, NULL);
  for (int32_t i = 0; i < left.count; ++i) unlink(left.path[i]);
  art_checkpoint_list_clear(&left);
}

static art_status forget(const char *path, art_error *err)
{
  if (unlink(path) == 0 || errno == ENOENT) return ART_OK;
  return art_fail(err, ART_E_IO, "%s: cannot be removed: %s", path, strerror(errno));
}

art_status art_folder_keep(const char *folder, const char *name, int32_t count, art_error *err)
{
  art_checkpoint_list list;
  art_status status = art_folder_list(folder, name, &list, err);
  for (int32_t i = count; i < list.count && status == ART_OK; ++i) status = forget(list.path[i], err);
  art_checkpoint_list_clear(&list);
  return status;
}

art_status art_folder_forget_after(const char *folder, const char *name, art_tick now_ms, art_error *err)
{
  art_checkpoint_list list;
  art_status status = art_folder_list(folder, name, &list, err);
  for (int32_t i = 0; i < list.count && status == ART_OK; ++i)
    if (list.now_ms[i] > now_ms) status = forget(list.path[i], err);
  if (status == ART_OK && list.count > 0) status = art_folder_sync(list.path[0], err);
  art_checkpoint_list_clear(&list);
  return status;
}

art_status art_folder_sync(const char *path, art_error *err)
{
  char *folder = art_folder_of(path);
  const int file = open(folder, O_RDONLY | O_CLOEXEC);
  int reason = 0;
  if (file >= 0) {
    if (fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
      reason = errno;  // not every file system can
    close(file);
  }
  const art_status status =
      reason ? art_fail(err, ART_E_IO, "%s: its entries cannot be forced to the disk: %s", folder, strerror(reason))
             : ART_OK;
  free(folder);
  return status;
}

void art_folder_forget_parts(const char *folder, const char *name)
{
  char *journal = join("", name, ".journal.");
  const char *begin = journal + 1;  // behind the slash
  DIR *open_folder = opendir(folder);
  const struct dirent *entry;
  while (open_folder && (entry = readdir(open_folder))) {
    const char *digits = entry->d_name + strlen(begin);
    if (strncmp(entry->d_name, begin, strlen(begin)) != 0 || !*digits || digits[strspn(digits, "0123456789")]) continue;
    char *path = join(folder, entry->d_name, "");
    unlink(path);
    free(path);
  }
  if (open_folder) closedir(open_folder);
  free(journal);
}
