/// \file geojson.h
/// GeoJSON (RFC 7946): cities and features written, polygons and lines read. Longitude and latitude of WGS 84.
#ifndef ART_IO_GEO_GEOJSON_H
#define ART_IO_GEO_GEOJSON_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"
#include "io/city/city.h"

/// Writes links, lanes, connectors and junctions as one feature collection, each with its kind and its properties.
art_status art_geojson_write_city(const art_city *city, const char *path, art_error *err);

/// A file that grows feature by feature. Errors are kept; finish() tells the first.
typedef struct art_geojson art_geojson;
art_status art_geojson_begin(const char *path, art_geojson **out, art_error *err);
/// kind "Point", "LineString" or "Polygon" (its outer ring, which is closed here); `properties` is a JSON object as text.
void art_geojson_add(art_geojson *file, const char *kind, int64_t count, const double *lon, const double *lat,
                     const char *properties);
/// Renames the file to its name; on failure, or if `keep` is 0, there is none.
art_status art_geojson_finish(art_geojson *file, int keep, art_error *err);

/// What a shape is: a hole belongs to the outer ring before it.
enum { ART_GEOJSON_LINE, ART_GEOJSON_OUTER_RING, ART_GEOJSON_HOLE };

/// Shapes read: shape i is points first[i] ... first[i + 1] - 1. Rings of polygons are closed: the last point is the first.
typedef struct art_geojson_shapes {
  int32_t count, capacity;
  int64_t *first;    ///< [count + 1]
  uint8_t *is_ring;  ///< one of the above
  int64_t point_count, point_capacity, y_count, y_capacity;
  double *lon, *lat;
} art_geojson_shapes;
/// Polygons, lines and what holds several of them, out of a geometry, a feature or a collection; points are left out.
/// ART_E_INPUT with file and line where it is no JSON, else with what is wrong.
art_status art_geojson_read(const char *path, art_geojson_shapes *shapes, art_error *err);
art_status art_geojson_parse(const char *name, const char *text, size_t size, art_geojson_shapes *shapes,
                             art_error *err);
void art_geojson_shapes_clear(art_geojson_shapes *shapes);

#endif  // ART_IO_GEO_GEOJSON_H
