#include "core/base/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"

/// The folder that holds `path`; the caller frees it.
static char *folder_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash) return art_strdup(".");
  const size_t length = slash == path ? 1 : (size_t)(slash - path);
  char *folder = ART_NEW(char, length + 1);
  memcpy(folder, path, length);
  return folder;
}

art_status art_output_check(const char *path, int force, art_error *err)
{
  if (!path) return ART_OK;
  struct stat info;
  if (stat(path, &info) == 0) {
    if (S_ISDIR(info.st_mode)) return art_fail(err, ART_E_OPEN, "%s: a folder, not a file", path);
    if (!force) return art_fail(err, ART_E_EXISTS, "%s: exists already; --force overwrites it", path);
  }
  char *folder = folder_of(path);
  art_status status = ART_OK;
  if (stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
    status = art_fail(err, ART_E_OPEN, "%s: cannot be created: '%s' is not a folder", path, folder);
  else if (access(folder, W_OK | X_OK) != 0)
    status = art_fail(err, ART_E_OPEN, "%s: cannot be created in the folder '%s': %s", path, folder, strerror(errno));
  free(folder);
  return status;
}

art_status art_output_check_apart(const char *path, int32_t count, const char *const *inputs, art_error *err)
{
  struct stat output, input;
  if (!path || stat(path, &output) != 0) return ART_OK;
  for (int32_t i = 0; i < count; ++i) {
    if (!inputs[i] || stat(inputs[i], &input) != 0) continue;
    if (input.st_dev == output.st_dev && input.st_ino == output.st_ino)
      return art_fail(err, ART_E_USAGE, "%s: is an input and cannot be the output too; accepted: another name", path);
  }
  return ART_OK;
}
