// Files that say which rank owns which node, for a city of four nodes. The first byte: how many ranks.
// Oracle: of an accepted file every node has a part in range, and what is written of it reads the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/run/ranks.h"
#include "tests/fuzz/memory_file.h"

enum { NODES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char *names[NODES] = { "a", "b,c", "", "-1" };
  static int file = -1;
  static char path[64];
  if (file < 0) file = art_memory_file(path);
  if (!size) return 0;
  art_net net = { .node_count = NODES, .node_id = names };
  int32_t part[NODES], again[NODES];
  art_error err = { 0 };
  const int32_t parts = data[0] % 5 + 1;
  art_memory_file_fill(file, data + 1, size - 1);
  const art_status status = art_partition_read(path, &net, parts, part, &err);
  if (status != ART_OK) {
    if (status != ART_E_INPUT || !err.message[0]) abort();
    return 0;
  }
  for (int i = 0; i < NODES; ++i)
    if (part[i] < 0 || part[i] >= parts) abort();
  if (art_partition_write(path, &net, part, &err) != ART_OK) abort();
  if (art_partition_read(path, &net, parts, again, &err) != ART_OK || memcmp(part, again, sizeof part) != 0) abort();
  return 0;
}
