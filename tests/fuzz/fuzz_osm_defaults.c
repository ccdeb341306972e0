// A country's defaults from a buffer. Oracle: what is accepted passes its own check; what is refused has a message.
#include <stdint.h>
#include <stdlib.h>

#include "io/config/osm_defaults.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  art_osm_defaults defaults;
  art_error err = { 0 };
  if (!art_osm_defaults_find("generic", &defaults)) abort();
  const art_status status = art_osm_defaults_read_text("defaults.yaml", (const char *)data, size, &defaults, &err);
  if (status != ART_OK && (status != ART_E_INPUT || !err.message[0])) abort();
  if (status == ART_OK && art_osm_defaults_check(&defaults, &err) != ART_OK) abort();
  return 0;
}
