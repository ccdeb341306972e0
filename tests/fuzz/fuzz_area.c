// Areas in GeoJSON from a buffer. Oracle: everything refused has a message; a place outside the box is not in the area.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/geo/area.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size > 4096) return 0;
  char *text = malloc(size + 1);
  if (!text) abort();
  memcpy(text, data, size);
  text[size] = '\0';
  art_area *area = NULL;
  art_error err = { 0 };
  const art_status status = art_area_parse("clip", text, &area, &err);
  free(text);
  if (status == ART_OK ? !area : area || status != ART_E_INPUT || !err.message[0]) abort();
  if (!area) return 0;
  double west, south, east, north;
  art_area_box(area, &west, &south, &east, &north);
  if (isfinite(west) && isfinite(north)) {
    const double lon = nextafter(west, -INFINITY), lat = nextafter(north, INFINITY);
    if (isfinite(lon) && art_area_contains(area, lon, 0.5 * (south + north))) abort();
    if (isfinite(lat) && art_area_contains(area, 0.5 * (west + east), lat)) abort();
  }
  (void)art_area_contains(area, 0.5 * (west + east), 0.5 * (south + north));
  art_area_free(area);
  return 0;
}
