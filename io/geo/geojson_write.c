#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "core/base/memory.h"
#include "io/geo/geojson.h"

struct art_geojson {
  FILE *file;
  char *path, *temporary;
  int64_t count;
};

art_status art_geojson_begin(const char *path, art_geojson **out, art_error *err)
{
  art_geojson *g = ART_NEW(art_geojson, 1);
  g->path = art_strdup(path);
  g->temporary = ART_NEW(char, strlen(path) + 8);
  sprintf(g->temporary, "%s.part", path);
  g->file = fopen(g->temporary, "w");
  *out = g;
  if (g->file) {
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", g->file);
    return ART_OK;
  }
  const art_status status = art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
  art_geojson_finish(g, 0, NULL);
  *out = NULL;
  return status;
}

static void put_point(FILE *file, double lon, double lat, const char *before)
{
  fprintf(file, "%s[%.7f,%.7f]", before, lon, lat);
}

void art_geojson_add(art_geojson *g, const char *kind, int64_t count, const double *lon, const double *lat,
                     const char *properties)
{
  const int is_point = strcmp(kind, "Point") == 0, is_polygon = strcmp(kind, "Polygon") == 0;
  fprintf(g->file,
          "%s\n{\"type\":\"Feature\",\"geometry\":{\"type\":\"%s\",\"coordinates\":", g->count++ ? "," : "",
          kind);
  if (is_point) {
    put_point(g->file, lon[0], lat[0], "");
  } else {
    // RFC 7946 wants outer rings against the clock.
    double area = 0.0;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t k = (i + 1) % count;
      area += lon[i] * lat[k] - lon[k] * lat[i];
    }
    const int is_back = is_polygon && area < 0.0;
    fputs(is_polygon ? "[[" : "[", g->file);
    for (int64_t i = 0; i < count + is_polygon; ++i) {
      const int64_t at = is_back ? (count - i % count) % count : i % count;
      put_point(g->file, lon[at], lat[at], i ? "," : "");
    }
    fputs(is_polygon ? "]]" : "]", g->file);
  }
  fprintf(g->file, "},\"properties\":%s}", properties);
}

art_status art_geojson_finish(art_geojson *g, int keep, art_error *err)
{
  art_status status = ART_OK;
  if (g->file) {
    fputs("\n]}\n", g->file);
    const int failed = ferror(g->file);
    if (fclose(g->file) != 0 || failed || (keep && rename(g->temporary, g->path) != 0))
      status = art_fail(err, ART_E_IO, "%s: cannot be written", g->path);
    if (!keep || status != ART_OK) unlink(g->temporary);
  }
  free(g->temporary);
  free(g->path);
  free(g);
  return status;
}

// ---- cities ------------------------------------------------------------------------------------------------------------

/// An object of properties as text, spent.
static void add_with(art_geojson *g, const char *kind, int64_t count, const double *lon, const double *lat,
                     json_t *properties)
{
  char *text = json_dumps(properties, JSON_COMPACT | JSON_REAL_PRECISION(7));
  art_geojson_add(g, kind, count, lon, lat, text ? text : "{}");
  free(text);
  json_decref(properties);
}

static void write_lanes(const art_city *city, art_geojson *g, const double *lon, const double *lat)
{
  const art_net *net = city->net;
  for (int32_t i = 0; i < net->lane_count; ++i) {
    const int64_t first = city->lane_first_point[i], count = city->lane_first_point[i + 1] - first;
    const int is_connector = art_net_is_connector(net, i);
    const int32_t c = art_net_connector_of_lane(net, i), link = is_connector ? -1 : net->lane_link[i];
    json_t *p;
    if (is_connector) {
      const char state[2] = { net->connector_state[c], '\0' };
      const int32_t from = net->connector_from[c], to = net->connector_to[c], s = net->connector_signal[c];
      p = json_pack("{s:s, s:s, s:s, s:i, s:s, s:i, s:s, s:i}", "kind", "connector", "node",
                    net->node_id[net->connector_node[c]], "from", net->link_id[net->lane_link[from]],
                    "from_lane", art_net_lane_index(net, from), "to", net->link_id[net->lane_link[to]],
                    "to_lane", art_net_lane_index(net, to), "state", state, "turn", net->connector_turn[c]);
      if (p && s >= 0) json_object_set_new(p, "signal", json_string(net->signal_id[s]));
    } else {
      p = json_pack("{s:s, s:s, s:i, s:f, s:f, s:f}", "kind", "lane", "link", net->link_id[link], "lane",
                    art_net_lane_index(net, i), "length_m", (double)net->lane_length_m[i], "width_m",
                    (double)net->lane_width_m[i], "speed_kmh", 3.6 * (double)net->lane_speed_mps[i]);
    }
    add_with(g, "LineString", count, lon + first, lat + first, p);
  }
}

/// A link as the shape of its middle lane.
static void write_links(const art_city *city, art_geojson *g, const double *lon, const double *lat)
{
  const art_net *net = city->net;
  for (int32_t l = 0; l < net->link_count; ++l) {
    const int32_t lane = net->link_first_lane[l] + art_net_link_lanes(net, l) / 2;
    const int64_t first = city->lane_first_point[lane], count = city->lane_first_point[lane + 1] - first;
    const char *name = city->link_name && city->link_name[l] ? city->link_name[l] : "";
    json_t *p =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:f, s:f, s:i}", "kind", "link", "id", net->link_id[l],
                  "name", name, "from", net->node_id[net->link_from[l]], "to", net->node_id[net->link_to[l]],
                  "lanes", art_net_link_lanes(net, l), "length_m", (double)net->lane_length_m[lane],
                  "speed_kmh", 3.6 * (double)net->lane_speed_mps[lane], "priority", net->link_priority[l]);
    add_with(g, "LineString", count, lon + first, lat + first, p);
  }
}

/// Nodes as their outline; without one as a point.
static void write_nodes(const art_city *city, art_geojson *g, const double *lon, const double *lat,
                        const double *outline_lon, const double *outline_lat)
{
  const art_net *net = city->net;
  for (int32_t i = 0; i < net->node_count; ++i) {
    const int64_t first = city->node_first_point ? city->node_first_point[i] : 0,
                  count = city->node_first_point ? city->node_first_point[i + 1] - first : 0;
    json_t *p = json_pack("{s:s, s:s, s:s, s:i}", "kind", "junction", "id", net->node_id[i], "control",
                          art_node_kind_name(net->node_kind[i]), "connectors",
                          net->node_first_connector[i + 1] - net->node_first_connector[i]);
    if (count >= 3)
      add_with(g, "Polygon", count, outline_lon + first, outline_lat + first, p);
    else
      add_with(g, "Point", 1, lon + i, lat + i, p);
  }
}

art_status art_geojson_write_city(const art_city *city, const char *path, art_error *err)
{
  const art_net *net = city->net;
  const int64_t points = city->lane_first_point[net->lane_count],
                outline = city->node_first_point ? city->node_first_point[net->node_count] : 0;
  const int64_t count[3] = { points, net->node_count, outline };
  const double *x[3] = { city->point_x, city->node_x, city->node_point_x },
               *y[3] = { city->point_y, city->node_y, city->node_point_y };
  double *lon[3], *lat[3];
  art_status status = ART_OK;
  for (int i = 0; i < 3; ++i) {
    lon[i] = ART_NEW(double, count[i]);
    lat[i] = ART_NEW(double, count[i]);
    if (status == ART_OK && (count[i] || !i))
      status = art_city_lonlat(city, count[i], x[i], y[i], lon[i], lat[i], err);
  }
  art_geojson *g = NULL;
  if (status == ART_OK) status = art_geojson_begin(path, &g, err);
  if (status == ART_OK) {
    write_links(city, g, lon[0], lat[0]);
    write_lanes(city, g, lon[0], lat[0]);
    write_nodes(city, g, lon[1], lat[1], lon[2], lat[2]);
    status = art_geojson_finish(g, 1, err);
  }
  for (int i = 0; i < 3; ++i) {
    free(lon[i]);
    free(lat[i]);
  }
  return status;
}
