/// \file defaults.h
/// What a country's roads are like where the tags are silent: speed, lanes and access by class, speeds by
/// symbol.
#ifndef ART_IO_OSM_DEFAULTS_H
#define ART_IO_OSM_DEFAULTS_H
#include <stdint.h>

#include "core/base/status.h"

/// X(enumerator suffix, value of highway=*). Order: from the most to the least important; links behind their class.
#define ART_OSM_CLASS_LIST(X)          \
  X(MOTORWAY, "motorway")              \
  X(MOTORWAY_LINK, "motorway_link")    \
  X(TRUNK, "trunk")                    \
  X(TRUNK_LINK, "trunk_link")          \
  X(PRIMARY, "primary")                \
  X(PRIMARY_LINK, "primary_link")      \
  X(SECONDARY, "secondary")            \
  X(SECONDARY_LINK, "secondary_link")  \
  X(TERTIARY, "tertiary")              \
  X(TERTIARY_LINK, "tertiary_link")    \
  X(UNCLASSIFIED, "unclassified")      \
  X(RESIDENTIAL, "residential")        \
  X(LIVING_STREET, "living_street")    \
  X(SERVICE, "service")                \
  X(TRACK, "track")                    \
  X(BUSWAY, "busway")                  \
  X(BUS_GUIDEWAY, "bus_guideway")      \
  X(PEDESTRIAN, "pedestrian")          \
  X(CYCLEWAY, "cycleway")              \
  X(FOOTWAY, "footway")                \
  X(PATH, "path")                      \
  X(BRIDLEWAY, "bridleway")            \
  X(STEPS, "steps")

typedef enum art_osm_class {
#define X(name, text) ART_OSM_CLASS_##name,
  ART_OSM_CLASS_LIST(X)
#undef X
      ART_OSM_CLASS_COUNT
} art_osm_class;

/// X(enumerator suffix, word behind the country in "DE:urban")
#define ART_OSM_ZONE_LIST(X)         \
  X(URBAN, "urban")                  \
  X(RURAL, "rural")                  \
  X(TRUNK, "trunk")                  \
  X(MOTORWAY, "motorway")            \
  X(LIVING_STREET, "living_street")  \
  X(BICYCLE_ROAD, "bicycle_road")    \
  X(SCHOOL, "school")                \
  X(PEDESTRIAN_ZONE, "pedestrian_zone")

typedef enum art_osm_zone {
#define X(name, text) ART_OSM_ZONE_##name,
  ART_OSM_ZONE_LIST(X)
#undef X
      ART_OSM_ZONE_COUNT
} art_osm_zone;

typedef struct art_osm_class_defaults {
  float urban_mps, rural_mps;  ///< speed where no limit is written
  int lanes_oneway;            ///< lanes of a one-way street
  int lanes_per_direction;     ///< lanes each way of a street for both directions
  float lane_width_m;
  int is_oneway;               ///< implied
} art_osm_class_defaults;

typedef struct art_osm_defaults {
  char country[8];  ///< ISO 3166-1 alpha-2 code, or "generic"
  int left_hand;
  int mph;                     ///< bare numbers of "CC:zone30" are miles per hour
  float unlimited_mps;         ///< what maxspeed=none stands for
  float walk_mps;              ///< what maxspeed=walk stands for
  int bus_lanes_serve_taxis;   ///< taxis may use lanes of "bus" too
  float zone_mps[ART_OSM_ZONE_COUNT];  ///< of the country's own symbols ("DE:urban"); 0: as built in
  art_osm_class_defaults by_class[ART_OSM_CLASS_COUNT];
} art_osm_defaults;

/// The built-in table of a country: generic, AD, BR, CN, DE, ES, FR, GB, MC, US (letters of either case).
/// Returns 0 and the generic one if there is none of that name.
int art_osm_defaults_find(const char *country, art_osm_defaults *out);
/// Name of the i-th built-in table, NULL behind the last.
const char *art_osm_defaults_name(int32_t i);
/// Ranges of every value; the message names the class and the value.
art_status art_osm_defaults_check(const art_osm_defaults *defaults, art_error *err);

/// Speed of a country's symbol ("DE:urban", "GB:nsl_dual", "CN:motorway"), m/s; 0 if the country or word is
/// unknown. `text` may end in "zone30", "zone:30" or a number.
float art_osm_zone_speed(const char *text, const art_osm_defaults *defaults);

const char *art_osm_class_name(art_osm_class road_class);
/// -1 if there is no such class.
int art_osm_class_find(const char *name);

#endif  // ART_IO_OSM_DEFAULTS_H
