#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/base/memory.h"
#include "io/geo/geojson.h"

enum { MOST_DEPTH = 16 };

typedef struct reader {
  const char *name;
  art_geojson_shapes *shapes;
  art_error *err;
} reader;

static art_status refuse(const reader *r, const char *what)
{
  return art_fail(r->err, ART_E_INPUT, "%s: shape %d: %s", r->name, r->shapes->count, what);
}

static art_status add_shape(reader *r, const json_t *points, uint8_t is_ring)
{
  art_geojson_shapes *s = r->shapes;
  const size_t n = json_array_size(points);
  if (n < (is_ring ? 4u : 2u))
    return refuse(r, is_ring ? "accepted: a ring of at least 4 positions"
                             : "accepted: a line of at least 2 positions");
  for (size_t i = 0; i < n; ++i) {
    const json_t *at = json_array_get(points, i);
    const json_t *x = json_array_get(at, 0), *y = json_array_get(at, 1);
    const double lon = json_number_value(x), lat = json_number_value(y);
    if (!json_is_number(x) || !json_is_number(y) || !(lon >= -180.0 && lon <= 180.0) ||
        !(lat >= -90.0 && lat <= 90.0))
      return refuse(r, "accepted: positions [longitude, latitude] from -180 to 180 and -90 to 90");
    ART_PUSH(s->lon, s->point_count, s->point_capacity, lon);
    ART_PUSH(s->lat, s->y_count, s->y_capacity, lat);
  }
  const int64_t first = s->first[s->count], last = s->point_count - 1;
  if (is_ring && (s->lon[first] != s->lon[last] || s->lat[first] != s->lat[last]))
    return refuse(r, "accepted: a ring whose last position is its first");
  if (s->count == s->capacity) {
    s->capacity = s->capacity ? 2 * s->capacity : 16;
    s->first = art_renew(s->first, (size_t)s->capacity + 1, sizeof *s->first);
    s->is_ring = art_renew(s->is_ring, (size_t)s->capacity, sizeof *s->is_ring);
  }
  s->is_ring[s->count++] = is_ring;
  s->first[s->count] = s->point_count;
  return ART_OK;
}

static art_status add_polygon(reader *r, const json_t *rings)
{
  if (!json_array_size(rings)) return refuse(r, "accepted: a polygon with an outer ring");
  art_status status = ART_OK;
  for (size_t i = 0; i < json_array_size(rings) && status == ART_OK; ++i)
    status = add_shape(r, json_array_get(rings, i), i ? ART_GEOJSON_HOLE : ART_GEOJSON_OUTER_RING);
  return status;
}

static art_status add_object(reader *r, const json_t *object, int depth)
{
  const char *type = json_string_value(json_object_get(object, "type"));
  if (depth > MOST_DEPTH) return refuse(r, "accepted: at most 16 objects one in another");
  if (!type) return json_is_null(object) ? ART_OK : refuse(r, "accepted: an object with a type");
  const json_t *coordinates = json_object_get(object, "coordinates");
  const struct {
    const char *type, *members;
  } collections[] = { { "FeatureCollection", "features" }, { "GeometryCollection", "geometries" } };
  art_status status = ART_OK;
  for (size_t k = 0; k < 2; ++k) {
    if (strcmp(type, collections[k].type) != 0) continue;
    const json_t *members = json_object_get(object, collections[k].members);
    if (!json_is_array(members)) return refuse(r, "accepted: a collection with an array of its members");
    for (size_t i = 0; i < json_array_size(members) && status == ART_OK; ++i)
      status = add_object(r, json_array_get(members, i), depth + 1);
    return status;
  }
  if (strcmp(type, "Feature") == 0) return add_object(r, json_object_get(object, "geometry"), depth + 1);
  if (strcmp(type, "LineString") == 0) return add_shape(r, coordinates, ART_GEOJSON_LINE);
  if (strcmp(type, "Polygon") == 0) return add_polygon(r, coordinates);
  const int are_lines = strcmp(type, "MultiLineString") == 0,
            are_polygons = strcmp(type, "MultiPolygon") == 0;
  for (size_t i = 0; i < json_array_size(coordinates) && (are_lines || are_polygons) && status == ART_OK; ++i)
    status = are_lines ? add_shape(r, json_array_get(coordinates, i), ART_GEOJSON_LINE)
                       : add_polygon(r, json_array_get(coordinates, i));
  if (are_lines || are_polygons || strcmp(type, "Point") == 0 || strcmp(type, "MultiPoint") == 0)
    return status;
  return refuse(r, "type: accepted: one of the types of GeoJSON");
}

static art_status read_root(const char *name, json_t *root, const json_error_t *problem,
                            art_geojson_shapes *shapes, art_error *err)
{
  *shapes = (art_geojson_shapes){ .first = ART_NEW(int64_t, 1) };
  if (!root) {
    const art_status status = art_fail(err, ART_E_INPUT, "%s:%d: %s", name, problem->line, problem->text);
    art_geojson_shapes_clear(shapes);
    return status;
  }
  reader r = { name, shapes, err };
  const art_status status = add_object(&r, root, 0);
  json_decref(root);
  if (status != ART_OK) art_geojson_shapes_clear(shapes);
  return status;
}

art_status art_geojson_read(const char *path, art_geojson_shapes *shapes, art_error *err)
{
  json_error_t problem;
  json_t *root = json_load_file(path, 0, &problem);
  if (!root && problem.line < 0) {
    *shapes = (art_geojson_shapes){ 0 };
    return art_fail(err, ART_E_OPEN, "%s: %s", path, problem.text);
  }
  return read_root(path, root, &problem, shapes, err);
}

art_status art_geojson_parse(const char *name, const char *text, size_t size, art_geojson_shapes *shapes,
                             art_error *err)
{
  json_error_t problem;
  json_t *root = json_loadb(text, size, 0, &problem);
  return read_root(name, root, &problem, shapes, err);
}

void art_geojson_shapes_clear(art_geojson_shapes *shapes)
{
  void *const owned[] = { shapes->first, shapes->is_ring, shapes->lon, shapes->lat };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  *shapes = (art_geojson_shapes){ 0 };
}
