// GeoJSON from a buffer. Oracle: shapes that come out have their points, rings are closed; everything refused has a message.
#include <stdint.h>
#include <stdlib.h>

#include "io/geo/geojson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  art_geojson_shapes s;
  art_error err = { 0 };
  const art_status status = art_geojson_parse("map", (const char *)data, size, &s, &err);
  if (status != ART_OK && !err.message[0]) abort();
  for (int32_t i = 0; i < s.count; ++i) {
    const int64_t first = s.first[i], last = s.first[i + 1] - 1;
    if (last - first < (s.is_ring[i] ? 3 : 1)) abort();
    if (s.is_ring[i] && (s.lon[first] != s.lon[last] || s.lat[first] != s.lat[last])) abort();
  }
  art_geojson_shapes_clear(&s);
  return 0;
}
