// Files of machine constants from a buffer. Oracle: what is refused has the file and the line in its message; what is accepted
// and printed reads the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/plan/machine.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int file = -1, second = -1;
  static char path[64], second_path[64];
  if (file < 0) file = art_memory_file(path), second = art_memory_file(second_path);
  art_memory_file_fill(file, data, size);
  art_machine machine, again;
  art_error err = { 0 };
  const art_status status = art_machine_read(path, &machine, &err);
  if (status != ART_OK) {
    if (status != ART_E_INPUT || strncmp(err.message, path, strlen(path)) != 0) abort();
    return 0;
  }
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) abort();
  art_machine_print(&machine, out);
  fclose(out);
  art_memory_file_fill(second, text, length);
  if (art_machine_read(second_path, &again, &err) != ART_OK || memcmp(&machine, &again, sizeof machine) != 0)
    abort();
  free(text);
  return 0;
}
