/// \file projection.h
/// Coordinate reference systems by PROJ: definitions to WKT2, and the names of systems.
#ifndef ART_IO_GEO_PROJECTION_H
#define ART_IO_GEO_PROJECTION_H
#include "core/base/status.h"

/// WKT2 of a definition: a PROJ string ("+proj=utm ..."), "EPSG:32632", or WKT. The system must be projected, in metres.
/// *wkt is owned by the caller. ART_E_INPUT names the definition and what is wrong with it. Thread-safe.
art_status art_crs_wkt(const char *definition, char **wkt, art_error *err);

/// The PROJ string of a WKT, as far as one can say it ("+proj=utm +zone=32 ..."); NULL if not. The caller frees it.
char *art_crs_proj_text(const char *wkt);

#endif  // ART_IO_GEO_PROJECTION_H
