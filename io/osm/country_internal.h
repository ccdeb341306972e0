/// \file country_internal.h
/// Defaults of a country from its name or from a file.
#ifndef ART_IO_OSM_COUNTRY_INTERNAL_H
#define ART_IO_OSM_COUNTRY_INTERNAL_H
#include "core/base/status.h"
#include "io/osm/defaults.h"

/// `name`: a built-in country, a YAML file that says `country:` and what differs from it, or NULL (generic).
art_status art_osm_country_read(const char *name, art_osm_defaults *out, art_error *err);

#endif  // ART_IO_OSM_COUNTRY_INTERNAL_H
