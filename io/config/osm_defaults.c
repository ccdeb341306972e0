#include "io/config/osm_defaults.h"

#include <string.h>

#include "io/config/quantity.h"
#include "io/config/yaml_tree_internal.h"

typedef struct defaults_reader {
  const art_yaml *yaml;
  art_osm_defaults *out;
  art_error *err;
} defaults_reader;

static art_status need_scalar(const defaults_reader *r, const char *key, const art_yaml_node *node)
{
  if (node->kind == ART_YAML_SCALAR) return ART_OK;
  return art_yaml_fail(r->yaml, node, r->err, "%s is %s; accepted: a scalar", key, art_yaml_kind_text(node));
}

static art_status read_speed(const defaults_reader *r, const char *key, const art_yaml_node *node, float *out)
{
  double value = 0.0;
  art_status status = need_scalar(r, key, node);
  if (status != ART_OK) return status;
  const char *problem = art_quantity_speed(node->text, &value);
  if (problem) return art_yaml_fail(r->yaml, node, r->err, "%s: '%s' %s", key, node->text, problem);
  if (!(value >= 0.5 && value <= 60.0))
    return art_yaml_fail(r->yaml, node, r->err, "%s: '%s': accepted: 0.5 to 60 m/s (1.8 to 216 km/h)", key,
                         node->text);
  *out = (float)value;
  return ART_OK;
}

static art_status read_flag(const defaults_reader *r, const char *key, const art_yaml_node *node, int *out)
{
  const art_status status = need_scalar(r, key, node);
  if (status != ART_OK) return status;
  const char *problem = art_quantity_bool(node->text, out);
  return problem ? art_yaml_fail(r->yaml, node, r->err, "%s: '%s' %s", key, node->text, problem) : ART_OK;
}

static art_status read_lanes(const defaults_reader *r, const char *key, const art_yaml_node *node, int *out)
{
  int64_t value = 0;
  const art_status status = need_scalar(r, key, node);
  if (status != ART_OK) return status;
  const char *problem = art_quantity_integer(node->text, &value);
  if (problem) return art_yaml_fail(r->yaml, node, r->err, "%s: '%s' %s", key, node->text, problem);
  if (value < 1 || value > 8)
    return art_yaml_fail(r->yaml, node, r->err, "%s: '%s': accepted: 1 to 8", key, node->text);
  *out = (int)value;
  return ART_OK;
}

static art_status read_width(const defaults_reader *r, const char *key, const art_yaml_node *node, float *out)
{
  double value = 0.0;
  const art_status status = need_scalar(r, key, node);
  if (status != ART_OK) return status;
  const char *problem = art_quantity_real(node->text, &value);
  if (problem) return art_yaml_fail(r->yaml, node, r->err, "%s: '%s' %s", key, node->text, problem);
  if (!(value >= 0.5 && value <= 10.0))
    return art_yaml_fail(r->yaml, node, r->err, "%s: '%s': accepted: 0.5 to 10 (metres)", key, node->text);
  *out = (float)value;
  return ART_OK;
}

static art_status unknown_key(const defaults_reader *r, const art_yaml_node *key, const char *accepted)
{
  return art_yaml_fail(r->yaml, key, r->err, "unknown key '%s'; accepted: %s", key->text, accepted);
}

static art_status read_class(const defaults_reader *r, const art_yaml_node *map, art_osm_class_defaults *out)
{
  if (map->kind != ART_YAML_MAP)
    return art_yaml_fail(r->yaml, map, r->err, "a class is %s; accepted: a mapping", art_yaml_kind_text(map));
  for (int32_t i = 0; i < map->count; ++i) {
    const char *key = map->key[i]->text;
    const art_yaml_node *value = map->item[i];
    art_status status;
    if (strcmp(key, "urban") == 0)
      status = read_speed(r, key, value, &out->urban_mps);
    else if (strcmp(key, "rural") == 0)
      status = read_speed(r, key, value, &out->rural_mps);
    else if (strcmp(key, "lanes_oneway") == 0)
      status = read_lanes(r, key, value, &out->lanes_oneway);
    else if (strcmp(key, "lanes_per_direction") == 0)
      status = read_lanes(r, key, value, &out->lanes_per_direction);
    else if (strcmp(key, "lane_width") == 0)
      status = read_width(r, key, value, &out->lane_width_m);
    else if (strcmp(key, "oneway") == 0)
      status = read_flag(r, key, value, &out->is_oneway);
    else
      status =
          unknown_key(r, map->key[i], "urban, rural, lanes_oneway, lanes_per_direction, lane_width, oneway");
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status read_classes(const defaults_reader *r, const art_yaml_node *map)
{
  if (map->kind != ART_YAML_MAP)
    return art_yaml_fail(r->yaml, map, r->err, "classes is %s; accepted: a mapping", art_yaml_kind_text(map));
  for (int32_t i = 0; i < map->count; ++i) {
    const int road_class = art_osm_class_find(map->key[i]->text);
    if (road_class < 0)
      return art_yaml_fail(r->yaml, map->key[i], r->err,
                           "unknown class '%s'; accepted: values of highway, from %s to %s",
                           map->key[i]->text, art_osm_class_name((art_osm_class)0),
                           art_osm_class_name((art_osm_class)(ART_OSM_CLASS_COUNT - 1)));
    const art_status status = read_class(r, map->item[i], &r->out->by_class[road_class]);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status read_symbols(const defaults_reader *r, const art_yaml_node *map)
{
  static const char *const words[ART_OSM_ZONE_COUNT] = {
#define X(name, text) text,
    ART_OSM_ZONE_LIST(X)
#undef X
  };
  if (map->kind != ART_YAML_MAP)
    return art_yaml_fail(r->yaml, map, r->err, "symbols is %s; accepted: a mapping", art_yaml_kind_text(map));
  for (int32_t i = 0; i < map->count; ++i) {
    int zone = 0;
    while (zone < ART_OSM_ZONE_COUNT && strcmp(words[zone], map->key[i]->text) != 0) ++zone;
    if (zone == ART_OSM_ZONE_COUNT)
      return unknown_key(
          r, map->key[i],
          "urban, rural, trunk, motorway, living_street, bicycle_road, school, pedestrian_zone");
    const art_status status = read_speed(r, words[zone], map->item[i], &r->out->zone_mps[zone]);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

/// Starts from the table that `like`, or else `country`, names.
static art_status choose_table(const defaults_reader *r)
{
  const art_yaml_node *country = art_yaml_get(r->yaml->root, "country"),
                      *like = art_yaml_get(r->yaml->root, "like");
  art_osm_defaults_find("generic", r->out);
  if (country) {
    const art_status status = need_scalar(r, "country", country);
    if (status != ART_OK) return status;
    if (!country->text[0] || strlen(country->text) >= sizeof r->out->country)
      return art_yaml_fail(r->yaml, country, r->err,
                           "country: '%s': accepted: a code such as DE, up to 7 letters", country->text);
    art_osm_defaults_find(country->text, r->out);
  }
  if (like) {
    const art_status status = need_scalar(r, "like", like);
    if (status != ART_OK) return status;
    if (!art_osm_defaults_find(like->text, r->out))
      return art_yaml_fail(r->yaml, like, r->err,
                           "like: '%s': accepted: generic, AD, BR, CN, DE, ES, FR, GB, MC, US", like->text);
  }
  if (country) strcpy(r->out->country, country->text);
  return ART_OK;
}

static art_status read_keys(const defaults_reader *r)
{
  const art_yaml_node *root = r->yaml->root;
  art_status status = choose_table(r);
  for (int32_t i = 0; i < root->count && status == ART_OK; ++i) {
    const char *key = root->key[i]->text;
    const art_yaml_node *value = root->item[i];
    if (strcmp(key, "country") == 0 || strcmp(key, "like") == 0) continue;
    if (strcmp(key, "left_hand") == 0)
      status = read_flag(r, key, value, &r->out->left_hand);
    else if (strcmp(key, "mph") == 0)
      status = read_flag(r, key, value, &r->out->mph);
    else if (strcmp(key, "unlimited") == 0)
      status = read_speed(r, key, value, &r->out->unlimited_mps);
    else if (strcmp(key, "walk") == 0)
      status = read_speed(r, key, value, &r->out->walk_mps);
    else if (strcmp(key, "bus_lanes_serve_taxis") == 0)
      status = read_flag(r, key, value, &r->out->bus_lanes_serve_taxis);
    else if (strcmp(key, "symbols") == 0)
      status = read_symbols(r, value);
    else if (strcmp(key, "classes") == 0)
      status = read_classes(r, value);
    else
      status = unknown_key(
          r, root->key[i],
          "country, like, left_hand, mph, unlimited, walk, bus_lanes_serve_taxis, symbols, classes");
  }
  return status == ART_OK ? art_osm_defaults_check(r->out, r->err) : status;
}

art_status art_osm_defaults_read(const char *path, art_osm_defaults *out, art_error *err)
{
  art_yaml *yaml = NULL;
  art_status status = art_yaml_read(path, &yaml, err);
  if (status != ART_OK) return status;
  status = read_keys(&(defaults_reader){ yaml, out, err });
  art_yaml_free(yaml);
  return status;
}

art_status art_osm_defaults_read_text(const char *name, const char *text, size_t size, art_osm_defaults *out,
                                      art_error *err)
{
  art_yaml *yaml = NULL;
  art_status status = art_yaml_parse(name, text, size, &yaml, err);
  if (status != ART_OK) return status;
  status = read_keys(&(defaults_reader){ yaml, out, err });
  art_yaml_free(yaml);
  return status;
}
