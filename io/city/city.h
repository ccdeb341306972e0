/// \file city.h
/// A city: the network with its drawing (shapes, coordinates, reference system) and where it came from.
/// `*.city.h5` and `*.demand.h5` hold exactly these structs, see io/city/city_file.h.
#ifndef ART_IO_CITY_CITY_H
#define ART_IO_CITY_CITY_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"

/// One input file, for provenance.
typedef struct art_source {
  char *path;         ///< as the user named it
  char sha256[65];    ///< lower-case hex
} art_source;

/// Owned; art_city_free() frees everything, the net included.
typedef struct art_city {
  art_net *net;
  char *title;
  char *crs_wkt;               ///< WKT2 of the projected system of x and y; NULL: unknown
  double offset_x, offset_y;   ///< projected = (x, y) - offset (SUMO's netOffset)
  int left_hand;               ///< 1: traffic keeps left
  double *node_x, *node_y;     ///< [node_count], city coordinates in metres
  int64_t *lane_first_point;   ///< [lane_count + 1], into point_x/point_y; every lane has at least two points
  double *point_x, *point_y;
  int64_t *node_first_point;   ///< [node_count + 1], outline polygon of a node, may be empty; own arrays below
  double *node_point_x, *node_point_y;
  char **link_name;            ///< street names, NULL entries allowed
  int32_t source_count;
  art_source *source;
} art_city;

art_city *art_city_new(void);
void art_city_free(art_city *city);
/// Frees the drawing: shapes of lanes and outlines of nodes, and the counts of their points unless those are kept, as for results.
/// Nodes keep their places.
void art_city_forget_drawing(art_city *city, int keeps_counts);

/// Longitude and latitude (degrees, WGS 84) of `count` city coordinates. ART_E_INPUT if the city has no CRS.
/// Not thread-safe on one city; not collective.
art_status art_city_lonlat(const art_city *city, int64_t count, const double *x, const double *y, double *lon,
                           double *lat, art_error *err);

#endif  // ART_IO_CITY_CITY_H
