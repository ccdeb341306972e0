// SUMO configurations from a buffer. Oracle: what is refused is refused with the file's name in the message; what is accepted
// names a network that is there and times in range.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/sumo/import.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/mutate_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int file = -1;
  static char path[64];
  if (file < 0) file = art_memory_file(path);
  art_memory_file_fill(file, data, size);
  art_sumo_config config;
  art_error err = { 0 };
  const art_status status = art_sumo_read_config(path, &config, &err);
  if (status != ART_OK) {
    if (status != ART_E_INPUT || strncmp(err.message, path, strlen(path)) != 0 || config.files.net) abort();
    return 0;
  }
  if (!config.files.net || access(config.files.net, R_OK) != 0) abort();
  for (int32_t i = 0; i < config.files.additional_count; ++i)
    if (!config.files.additional[i][0]) abort();
  for (int32_t i = 0; i < config.files.route_count; ++i)
    if (!config.files.route[i][0]) abort();
  if (config.begin_ms < -1 || config.end_ms < -1 || config.step_ms == 0 || config.seed < -1) abort();
  art_sumo_config_clear(&config);
  return 0;
}
