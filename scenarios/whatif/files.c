#include "scenarios/whatif/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"

art_status art_folder_make(const char *folder, art_error *err)
{
  char *path = art_strdup(folder);
  art_status status = ART_OK;
  for (char *at = path + (path[0] != '\0'); status == ART_OK; ++at) {
    const char stop = *at;
    if (stop != '/' && stop != '\0') continue;
    *at = '\0';
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
      status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
    *at = stop;
    if (stop == '\0') break;
  }
  free(path);
  return status;
}

void art_csv_print(FILE *file, const char *text)
{
  if (!strpbrk(text, ",\"\n\r")) {
    fputs(text, file);
    return;
  }
  fputc('"', file);
  for (; *text; ++text) {
    if (*text == '"') fputc('"', file);
    fputc(*text, file);
  }
  fputc('"', file);
}
