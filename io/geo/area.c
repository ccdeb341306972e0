#include "io/geo/area.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <geos_c.h>

#include "core/base/memory.h"

enum { FILE_MOST = 64 << 20 };

struct art_area {
  GEOSContextHandle_t context;
  GEOSGeometry *shape;
  const GEOSPreparedGeometry *prepared;
};

/// GEOS tells what is wrong by a callback.
static void keep_message(const char *message, void *user)
{
  snprintf(user, 200, "%.190s", message);
}

art_status art_area_parse(const char *name, const char *text, art_area **out, art_error *err)
{
  char why[200] = "it has no polygon";
  *out = NULL;
  art_area *area = ART_NEW(art_area, 1);
  area->context = GEOS_init_r();
  GEOSContext_setErrorMessageHandler_r(area->context, keep_message, why);
  GEOSGeoJSONReader *reader = GEOSGeoJSONReader_create_r(area->context);
  GEOSGeometry *all = GEOSGeoJSONReader_readGeometry_r(area->context, reader, text);
  GEOSGeoJSONReader_destroy_r(area->context, reader);
  // Features lie in collections, their holes and overlaps are sorted out by the union.
  if (all && GEOSGeom_getDimensions_r(area->context, all) == 2)
    area->shape = GEOSUnaryUnion_r(area->context, all);
  if (all) GEOSGeom_destroy_r(area->context, all);
  if (area->shape) area->prepared = GEOSPrepare_r(area->context, area->shape);
  if (area->prepared) {
    GEOSContext_setErrorMessageHandler_r(area->context, NULL, NULL);
    *out = area;
    return ART_OK;
  }
  art_area_free(area);
  return art_fail(err, ART_E_INPUT, "%s: not usable as an area: %s: accepted: GeoJSON with a polygon", name,
                  why);
}

art_status art_area_read(const char *path, art_area **out, art_error *err)
{
  *out = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: cannot be read: %s", path, strerror(errno));
  char *text = NULL;
  size_t size = 0, got = 0;
  do {
    text = art_renew(text, size + 65537, 1);
    got = fread(text + size, 1, 65536, file);
    size += got;
  } while (got > 0 && size < FILE_MOST);
  const int failed = ferror(file);
  fclose(file);
  text[size] = '\0';
  art_status status;
  if (failed)
    status = art_fail(err, ART_E_IO, "%s: cannot be read: %s", path, strerror(errno));
  else if (size >= FILE_MOST)
    status = art_fail(err, ART_E_INPUT, "%s: larger than %d MB: accepted: GeoJSON with a polygon", path,
                      FILE_MOST >> 20);
  else
    status = art_area_parse(path, text, out, err);
  free(text);
  return status;
}

void art_area_free(art_area *area)
{
  if (!area) return;
  if (area->prepared) GEOSPreparedGeom_destroy_r(area->context, area->prepared);
  if (area->shape) GEOSGeom_destroy_r(area->context, area->shape);
  GEOS_finish_r(area->context);
  free(area);
}

void art_area_box(const art_area *area, double *min_lon, double *min_lat, double *max_lon, double *max_lat)
{
  // Of an area without points nothing is set, and nothing lies in the box.
  *min_lon = *min_lat = 1000.0;
  *max_lon = *max_lat = -1000.0;
  GEOSGeom_getXMin_r(area->context, area->shape, min_lon);
  GEOSGeom_getYMin_r(area->context, area->shape, min_lat);
  GEOSGeom_getXMax_r(area->context, area->shape, max_lon);
  GEOSGeom_getYMax_r(area->context, area->shape, max_lat);
}

int art_area_contains(const art_area *area, double lon, double lat)
{
  GEOSGeometry *point = GEOSGeom_createPointFromXY_r(area->context, lon, lat);
  const int inside = point && GEOSPreparedIntersects_r(area->context, area->prepared, point) == 1;
  if (point) GEOSGeom_destroy_r(area->context, point);
  return inside;
}
