// Grids of heights from a buffer. Oracle: a refused grid has a message that begins with the file; of an accepted one every
// height, inside and outside, is none or within the range that the reader promises.
#include <math.h>
#include <string.h>

#include "io/osm/terrain.h"
#include "tests/fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];
static int file = -1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (file < 0) file = art_memory_file(path);
  art_memory_file_fill(file, data, size);
  art_terrain *terrain = NULL;
  art_error err = { 0 };
  const art_status status = art_terrain_read(path, &terrain, &err);
  if (status != ART_OK) {
    if (status != ART_E_INPUT || terrain || strncmp(err.message, path, strlen(path)) != 0) abort();
    return 0;
  }
  (void)art_terrain_is_in_degrees(terrain);
  static const double odd[] = { 0.0, -0.4, 0.5, 1.0, 1.5, 7.0, 1e6, -1e6, 1e300, -1e300, 180.0, INFINITY, NAN };
  for (size_t i = 0; i < sizeof odd / sizeof *odd; ++i)
    for (size_t k = 0; k < sizeof odd / sizeof *odd; ++k) {
      const double height = art_terrain_at(terrain, odd[i], odd[k]);
      if (!isnan(height) && !(fabs(height) <= 12000.5)) abort();
    }
  art_terrain_free(terrain);
  return 0;
}
