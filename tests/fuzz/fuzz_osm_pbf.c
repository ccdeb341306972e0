// OpenStreetMap's binary format from a buffer. The corpus holds blocks that are not compressed, so that
// mutations reach what is inside.
#include <stdint.h>

#include "tests/fuzz/osm_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  return oracle_read(data, size);
}
