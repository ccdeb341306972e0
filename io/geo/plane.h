/// \file plane.h
/// Coordinates of any reference system into a plane of metres.
#ifndef ART_IO_GEO_PLANE_H
#define ART_IO_GEO_PLANE_H
#include <stdint.h>

#include "core/base/status.h"

/// Brings points of the system `definition` ("EPSG:3735", "3735", a PROJ string, WKT) into a plane of metres. A system
/// that is projected in metres stays; others (degrees, feet) go to the UTM zone of their middle. x is east or longitude
/// whatever the order of the system's axes. *wkt, owned by the caller, is the system that x and y are in afterwards.
/// ART_E_INPUT if the system is unknown, or a point lies outside of it. Thread-safe; not collective.
art_status art_plane_from(const char *definition, int64_t count, double *x, double *y, char **wkt,
                          art_error *err);

/// "EPSG:32632" for a WKT whose code PROJ knows, else its PROJ string; NULL if there is none. The caller frees it.
char *art_plane_name(const char *wkt);

#endif  // ART_IO_GEO_PLANE_H
