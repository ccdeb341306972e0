/// \file osm_map.h
/// Small maps for tests, written in metres round a place, and questions to the city made of them.
#ifndef ART_TESTS_SUPPORT_OSM_MAP_H
#define ART_TESTS_SUPPORT_OSM_MAP_H
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/osm/import.h"

/// Text of an .osm file that grows; nodes have to come before ways, ways before relations.
typedef struct osm_map {
  char text[40000];
  size_t size;
} osm_map;

static void map_add(osm_map *map, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void map_add(osm_map *map, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  map->size += (size_t)vsnprintf(map->text + map->size, sizeof map->text - map->size, format, args);
  va_end(args);
}

/// "highway=primary lanes=2" as tags; values have no blanks.
static void map_tags(osm_map *map, const char *tags)
{
  char copy[400], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", tags);
  for (char *tag = strtok_r(copy, " ", &rest); tag; tag = strtok_r(NULL, " ", &rest)) {
    char *value = strchr(tag, '=');
    *value++ = '\0';
    map_add(map, "<tag k='%s' v='%s'/>", tag, value);
  }
}

/// A node x metres east and y metres north of 9 E 48 N, where UTM 32 has its meridian.
static void map_node(osm_map *map, int id, double x, double y, const char *tags)
{
  if (!map->size) map_add(map, "<osm version='0.6'>");
  map_add(map, "<node id='%d' lon='%.8f' lat='%.8f'>", id, 9.0 + x / 74610.0, 48.0 + y / 111200.0);
  map_tags(map, tags);
  map_add(map, "</node>\n");
}

/// A way over nodes that end with 0.
static void map_way(osm_map *map, int id, const char *tags, ...)
{
  va_list nodes;
  va_start(nodes, tags);
  map_add(map, "<way id='%d'>", id);
  for (int node = va_arg(nodes, int); node; node = va_arg(nodes, int)) map_add(map, "<nd ref='%d'/>", node);
  va_end(nodes);
  map_tags(map, tags);
  map_add(map, "</way>\n");
}

/// Four arms of 150 m round node 5: ways 1 (west), 2 (east), 3 (south), 4 (north). Ways 1 and 3 are drawn towards the
/// middle, the others too, or away from it where `through` is 1.
static inline void map_four_arms(osm_map *map, const char *across, const char *along, const char *middle,
                                 int through)
{
  static const double x[4] = { -150, 150, 0, 0 }, y[4] = { 0, 0, -150, 150 };
  for (int i = 0; i < 4; ++i) map_node(map, i + 1, x[i], y[i], "");
  map_node(map, 5, 0, 0, middle);
  for (int way = 1; way <= 4; ++way) {
    const int turned = through && way % 2 == 0;
    map_way(map, way, way <= 2 ? across : along, turned ? 5 : way, turned ? way : 5, 0);
  }
}

static inline void map_ban(osm_map *map, int id, const char *kind, int from, const char *via_type, int via,
                           int to)
{
  map_add(map,
          "<relation id='%d'><member type='way' ref='%d' role='from'/><member type='%s' ref='%d' role='via'/>"
          "<member type='way' ref='%d' role='to'/><tag k='type' v='restriction'/><tag k='restriction' "
          "v='%s'/></relation>",
          id, from, via_type, via, to, kind);
}

static art_city *map_import(osm_map *map, const art_osm_import_options *options, const char *patch,
                            art_osm_report *report)
{
  art_city *city = NULL;
  art_error err = { ART_OK, "" };
  art_osm_report own = { 0 };
  const art_osm_import_options none = { 0 };
  map_add(map, "</osm>");
  if (art_osm_import_text("map.osm", map->text, map->size, patch, options ? options : &none, &city,
                          report ? report : &own, &err) != ART_OK)
    fail_msg("%s", err.message);
  if (art_net_check(city->net, &err) != ART_OK) fail_msg("%s", err.message);
  return city;
}

/// Is the link a part of the way, along it (sign 1) or against it (-1)?
static int link_is(const art_net *net, int32_t link, int way)
{
  const char *id = net->link_id[link];
  const int sign = id[0] == '-' ? -1 : 1;
  return sign * atoi(id + (id[0] == '-')) == way;
}

/// Connectors from a link of one way to a link of another; negative: against the way's nodes. *first is one of them.
static int turns(const art_net *net, int from, int to, int32_t *first)
{
  int count = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (!link_is(net, net->lane_link[net->connector_from[c]], from) ||
        !link_is(net, net->lane_link[net->connector_to[c]], to))
      continue;
    if (first && !count) *first = c;
    ++count;
  }
  return count;
}

static inline int32_t link_of(const art_net *net, int way)
{
  for (int32_t l = 0; l < net->link_count; ++l)
    if (link_is(net, l, way)) return l;
  return -1;
}

/// 1: the first connector yields to the second, 0: it does not, -1: they do not meet.
static inline int yields(const art_net *net, int32_t a, int32_t b)
{
  for (int32_t k = net->conflict_first[a]; k < net->conflict_first[a + 1]; ++k)
    if (net->conflict_other[k] == b) return net->conflict_yield[k];
  return -1;
}

#endif  // ART_TESTS_SUPPORT_OSM_MAP_H
