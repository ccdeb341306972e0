// A point lies in a polygon if a ray from it crosses the rings an odd number of times (Shimrat 1962); edges are sorted into
// bands of latitude, so that only those near the ray are looked at.
#include "io/geo/area.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/geo/geojson.h"

enum { FILE_MOST = 64 << 20, EDGES_A_BAND = 4, MOST_BANDS = 1 << 16 };

/// From one position of a ring to the next, and which polygon the ring belongs to.
typedef struct edge {
  double lon[2], lat[2];
  int32_t polygon;
} edge;

struct art_area {
  double min_lon, min_lat, max_lon, max_lat;
  edge *edge;
  int64_t edge_count, edge_capacity;
  int32_t band_count;
  int64_t *band_first;  ///< [band_count + 1] into band_edge
  int64_t *band_edge;   ///< edges that reach into a band, those of a polygon one after another
};

static void add_ring(art_area *area, const art_geojson_shapes *shapes, int32_t ring, int32_t polygon)
{
  for (int64_t i = shapes->first[ring]; i + 1 < shapes->first[ring + 1]; ++i) {
    const double *lon = shapes->lon + i, *lat = shapes->lat + i;
    const edge e = { { lon[0], lon[1] }, { lat[0], lat[1] }, polygon };
    ART_PUSH(area->edge, area->edge_count, area->edge_capacity, e);
    area->min_lon = fmin(area->min_lon, lon[0]);
    area->max_lon = fmax(area->max_lon, lon[0]);
    area->min_lat = fmin(area->min_lat, lat[0]);
    area->max_lat = fmax(area->max_lat, lat[0]);
  }
}

static int32_t band_of(const art_area *area, double lat)
{
  const double height = area->max_lat - area->min_lat;
  const double part = height > 0.0 ? (lat - area->min_lat) / height * area->band_count : 0.0;
  return part < area->band_count ? (int32_t)part : area->band_count - 1;
}

static void sort_into_bands(art_area *area)
{
  const int64_t wanted = area->edge_count / EDGES_A_BAND + 1;
  area->band_count = wanted < MOST_BANDS ? (int32_t)wanted : MOST_BANDS;
  area->band_first = ART_NEW(int64_t, area->band_count + 1);
  int64_t *filled = ART_NEW(int64_t, area->band_count);
  for (int round = 0; round < 2; ++round) {
    for (int64_t e = 0; e < area->edge_count; ++e) {
      const double *lat = area->edge[e].lat;
      const int32_t last = band_of(area, fmax(lat[0], lat[1]));
      for (int32_t band = band_of(area, fmin(lat[0], lat[1])); band <= last; ++band) {
        if (round == 0)
          ++area->band_first[band + 1];
        else
          area->band_edge[area->band_first[band] + filled[band]++] = e;
      }
    }
    if (round == 1) break;
    for (int32_t band = 0; band < area->band_count; ++band) area->band_first[band + 1] += area->band_first[band];
    area->band_edge = ART_NEW(int64_t, area->band_first[area->band_count]);
  }
  free(filled);
}

art_status art_area_parse(const char *name, const char *text, art_area **out, art_error *err)
{
  art_geojson_shapes shapes;
  *out = NULL;
  art_error fault;
  if (art_geojson_parse(name, text, strlen(text), &shapes, &fault) != ART_OK)
    return art_fail(err, ART_E_INPUT, "%s: accepted: GeoJSON with a polygon", fault.message);
  art_area *area = ART_NEW(art_area, 1);
  area->min_lon = area->min_lat = INFINITY;
  area->max_lon = area->max_lat = -INFINITY;
  int32_t polygon = 0;
  for (int32_t i = 0; i < shapes.count; ++i) {
    if (shapes.is_ring[i] == ART_GEOJSON_LINE) continue;
    polygon += shapes.is_ring[i] == ART_GEOJSON_OUTER_RING;
    add_ring(area, &shapes, i, polygon);
  }
  art_geojson_shapes_clear(&shapes);
  if (!area->edge_count) {
    art_area_free(area);
    return art_fail(err, ART_E_INPUT, "%s: not usable as an area: it has no polygon: accepted: GeoJSON with a polygon",
                    name);
  }
  sort_into_bands(area);
  *out = area;
  return ART_OK;
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
  free(area->edge);
  free(area->band_first);
  free(area->band_edge);
  free(area);
}

void art_area_box(const art_area *area, double *min_lon, double *min_lat, double *max_lon, double *max_lat)
{
  *min_lon = area->min_lon;
  *min_lat = area->min_lat;
  *max_lon = area->max_lon;
  *max_lat = area->max_lat;
}

int art_area_contains(const art_area *area, double lon, double lat)
{
  if (!(lon >= area->min_lon && lon <= area->max_lon && lat >= area->min_lat && lat <= area->max_lat)) return 0;
  const int32_t band = band_of(area, lat);
  int32_t polygon = 0;
  int is_inside = 0;
  for (int64_t k = area->band_first[band]; k < area->band_first[band + 1]; ++k) {
    const edge *e = &area->edge[area->band_edge[k]];
    if (e->polygon != polygon && is_inside) return 1;
    if (e->polygon != polygon) is_inside = 0;
    polygon = e->polygon;
    if (lat < fmin(e->lat[0], e->lat[1]) || lat > fmax(e->lat[0], e->lat[1])) continue;
    const double turn = (e->lon[1] - e->lon[0]) * (lat - e->lat[0]) - (e->lat[1] - e->lat[0]) * (lon - e->lon[0]);
    if (turn == 0.0 && lon >= fmin(e->lon[0], e->lon[1]) && lon <= fmax(e->lon[0], e->lon[1])) return 1;  // on the edge
    // An end of an edge on the ray counts to what is above it, so that a corner is one crossing or none.
    if ((e->lat[0] > lat) == (e->lat[1] > lat)) continue;
    if ((turn > 0.0) == (e->lat[1] > e->lat[0])) is_inside = !is_inside;
  }
  return is_inside;
}
