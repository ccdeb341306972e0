/// \file area.h
/// Areas from GeoJSON, by GEOS: is a place inside?
#ifndef ART_IO_GEO_AREA_H
#define ART_IO_GEO_AREA_H
#include "core/base/status.h"

typedef struct art_area art_area;

/// A file with polygons: a geometry, a feature or a collection, in degrees. On failure *out is NULL.
art_status art_area_read(const char *path, art_area **out, art_error *err);
/// The same from a text; `name` is for messages.
art_status art_area_parse(const char *name, const char *text, art_area **out, art_error *err);
void art_area_free(art_area *area);
/// The box round the area, in degrees.
void art_area_box(const art_area *area, double *min_lon, double *min_lat, double *max_lon, double *max_lat);
/// 1: the point lies inside. Not thread-safe on one area.
int art_area_contains(const art_area *area, double lon, double lat);

#endif  // ART_IO_GEO_AREA_H
