// OpenStreetMap's XML from a buffer.
#include <stdint.h>

#include "tests/fuzz/mutate_xml.h"
#include "tests/fuzz/osm_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  // What looks like PBF is for the other target.
  return size > 0 && data[0] == 0 ? -1 : oracle_read(data, size);
}
