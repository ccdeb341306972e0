#include "io/geo/area.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <geos_c.h>

#include "core/base/memory.h"
#include "io/geo/geojson.h"

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

static GEOSGeometry *ring_of(GEOSContextHandle_t context, const art_geojson_shapes *shapes, int32_t i)
{
  const int64_t first = shapes->first[i], count = shapes->first[i + 1] - first;
  GEOSCoordSequence *points =
      GEOSCoordSeq_copyFromArrays_r(context, shapes->lon + first, shapes->lat + first, NULL, NULL, (unsigned)count);
  return points ? GEOSGeom_createLinearRing_r(context, points) : NULL;
}

/// The polygon whose outer ring is shape i, with the holes behind it; *next: the shape after those. NULL: a ring that is none.
static GEOSGeometry *polygon_of(GEOSContextHandle_t context, const art_geojson_shapes *shapes, int32_t i, int32_t *next)
{
  int32_t end = i + 1, made = 0;
  while (end < shapes->count && shapes->is_ring[end] == ART_GEOJSON_HOLE) ++end;
  *next = end;
  GEOSGeometry *shell = ring_of(context, shapes, i), **holes = ART_NEW(GEOSGeometry *, end - i), *polygon = NULL;
  while (shell && made < end - i - 1 && (holes[made] = ring_of(context, shapes, i + 1 + made))) ++made;
  if (shell && made == end - i - 1) {
    polygon = GEOSGeom_createPolygon_r(context, shell, holes, (unsigned)made);  // takes the rings over, in any case
  } else {
    if (shell) GEOSGeom_destroy_r(context, shell);
    for (int32_t h = 0; h < made; ++h) GEOSGeom_destroy_r(context, holes[h]);
  }
  free(holes);
  return polygon;
}

/// All polygons as one shape, their holes and overlaps sorted out; NULL if there is none, or GEOS finds one at fault.
static GEOSGeometry *union_of(GEOSContextHandle_t context, const art_geojson_shapes *shapes)
{
  GEOSGeometry **part = ART_NEW(GEOSGeometry *, shapes->count + 1), *shape = NULL;
  int32_t count = 0, is_sound = 1;
  for (int32_t i = 0, next; i < shapes->count && is_sound; i = next) {
    next = i + 1;
    if (shapes->is_ring[i] != ART_GEOJSON_OUTER_RING) continue;  // a line
    part[count] = polygon_of(context, shapes, i, &next);
    is_sound = part[count] != NULL;
    count += is_sound;
  }
  if (is_sound && count > 0) {
    GEOSGeometry *all = GEOSGeom_createCollection_r(context, GEOS_MULTIPOLYGON, part, (unsigned)count);  // likewise
    count = 0;
    if (all) {
      shape = GEOSUnaryUnion_r(context, all);
      GEOSGeom_destroy_r(context, all);
    }
  }
  for (int32_t i = 0; i < count; ++i) GEOSGeom_destroy_r(context, part[i]);
  free(part);
  return shape;
}

art_status art_area_parse(const char *name, const char *text, art_area **out, art_error *err)
{
  char why[200] = "it has no polygon";
  art_geojson_shapes shapes;
  *out = NULL;
  art_error fault;
  if (art_geojson_parse(name, text, strlen(text), &shapes, &fault) != ART_OK)
    return art_fail(err, ART_E_INPUT, "%s: accepted: GeoJSON with a polygon", fault.message);
  art_area *area = ART_NEW(art_area, 1);
  area->context = GEOS_init_r();
  GEOSContext_setErrorMessageHandler_r(area->context, keep_message, why);
  area->shape = union_of(area->context, &shapes);
  art_geojson_shapes_clear(&shapes);
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
