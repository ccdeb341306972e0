/// \file terrain.h
/// Heights of the ground on a grid, from an ESRI ASCII file (ncols, nrows, xllcorner or xllcenter, yllcorner or yllcenter,
/// cellsize, NODATA_value; then rows from north to south).
#ifndef ART_IO_OSM_TERRAIN_H
#define ART_IO_OSM_TERRAIN_H
#include "core/base/status.h"

typedef struct art_terrain art_terrain;

/// On failure *out is NULL, and `err` names the file, the line and the value.
art_status art_terrain_read(const char *path, art_terrain **out, art_error *err);
void art_terrain_free(art_terrain *terrain);
/// 1: the grid lies in degrees, by its extent and cell size; else in metres of the city's reference system.
int art_terrain_is_in_degrees(const art_terrain *terrain);
/// Height in metres between the middles of cells, bilinear; NAN outside and where the grid has no data.
double art_terrain_at(const art_terrain *terrain, double x, double y);

#endif  // ART_IO_OSM_TERRAIN_H
