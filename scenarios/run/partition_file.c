// Files that say which rank owns what.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/run/ranks.h"

art_status art_partition_write(const char *path, const art_net *net, const int32_t *part, art_error *err)
{
  FILE *file = fopen(path, "w");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
  fprintf(file, "node,part\n");
  for (int32_t n = 0; n < net->node_count; ++n) fprintf(file, "%s,%d\n", net->node_id[n], (int)part[n]);
  const int is_lost = ferror(file);
  if (fclose(file) != 0 || is_lost) return art_fail(err, ART_E_IO, "%s: cannot be written: %s", path, strerror(errno));
  return ART_OK;
}

/// One line without its end: an id, which may hold commas, and a number behind the last one.
static art_status take_line(const char *path, int number, char *line, art_idmap *ids, int32_t nodes, int32_t parts, int32_t *part, art_error *err)
{
  char *comma = strrchr(line, ',');
  if (!comma) return art_fail(err, ART_E_INPUT, "%s:%d: '%s': accepted is node,part", path, number, line);
  *comma = '\0';
  const int32_t node = art_idmap_find(ids, line);
  if (node < 0 || node >= nodes) return art_fail(err, ART_E_INPUT, "%s:%d: no node '%s' in the city", path, number, line);
  if (part[node] >= 0) return art_fail(err, ART_E_INPUT, "%s:%d: node '%s' for the second time", path, number, line);
  char *end;
  errno = 0;
  const long value = strtol(comma + 1, &end, 10);
  if (end == comma + 1 || *end || errno || value < 0 || value >= parts)
    return art_fail(err, ART_E_INPUT, "%s:%d: part '%s': accepted are 0 to %d, one for each rank", path, number, comma + 1, (int)parts - 1);
  part[node] = (int32_t)value;
  return ART_OK;
}

art_status art_partition_read(const char *path, const art_net *net, int32_t parts, int32_t *part, art_error *err)
{
  FILE *file = fopen(path, "r");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be opened: %s", path, strerror(errno));
  art_idmap *ids = art_idmap_new();
  for (int32_t n = 0; n < net->node_count; ++n) {
    (void)art_idmap_put(ids, net->node_id[n]);
    part[n] = -1;
  }
  char *line = NULL;
  size_t room = 0;
  art_status status = ART_OK;
  for (int number = 1; status == ART_OK && getline(&line, &room, file) >= 0; ++number) {
    line[strcspn(line, "\r\n")] = '\0';
    if (!line[0] || (number == 1 && strcmp(line, "node,part") == 0)) continue;
    status = take_line(path, number, line, ids, net->node_count, parts, part, err);
  }
  if (status == ART_OK && ferror(file)) status = art_fail(err, ART_E_IO, "%s: cannot be read: %s", path, strerror(errno));
  for (int32_t n = 0; n < net->node_count && status == ART_OK; ++n)
    if (part[n] < 0) status = art_fail(err, ART_E_INPUT, "%s: node '%s' has no part", path, net->node_id[n]);
  free(line);
  art_idmap_free(ids);
  fclose(file);
  return status;
}
