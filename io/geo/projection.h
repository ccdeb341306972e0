/// \file projection.h
/// Coordinate reference systems by PROJ: definitions to WKT2, and the names of systems.
#ifndef ART_IO_GEO_PROJECTION_H
#define ART_IO_GEO_PROJECTION_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

/// WKT2 of a definition: a PROJ string ("+proj=utm ..."), "EPSG:32632", or WKT. The system must be projected, in metres.
/// *wkt is owned by the caller. ART_E_INPUT names the definition and what is wrong with it. Thread-safe. What stands there for
/// "EPSG:326.." and "EPSG:327.." (UTM upon WGS 84) does not depend on PROJ's database.
art_status art_crs_wkt(const char *definition, char **wkt, art_error *err);

/// The PROJ string of a WKT, as far as one can say it ("+proj=utm +zone=32 ..."); NULL if not. The caller frees it.
char *art_crs_proj_text(const char *wkt);

/// "EPSG:326.." or "EPSG:327..": the UTM zone of a place, exceptions of Norway and Svalbard included.
void art_crs_utm(double lon, double lat, char *text, size_t size);

/// Longitude and latitude (degrees, WGS 84) into metres of a projected system, given as WKT. ART_E_INPUT names the first
/// point that the system does not reach. Thread-safe.
art_status art_crs_project(const char *wkt, int64_t count, const double *lon, const double *lat, double *x, double *y,
                           art_error *err);

#endif  // ART_IO_GEO_PROJECTION_H
