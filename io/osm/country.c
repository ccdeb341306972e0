#include "io/osm/country_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/config/quantity.h"
#include "io/config/yaml_tree.h"

static art_status unknown_country(const char *name, art_error *err)
{
  char names[200] = "";
  for (int32_t i = 0; art_osm_defaults_name(i); ++i) {
    const size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", art_osm_defaults_name(i));
  }
  return art_fail(err, ART_E_INPUT, "defaults \"%.100s\" are unknown: accepted: %s, or a YAML file", name, names);
}

static art_status read_speed(const art_yaml *yaml, const art_yaml_node *node, float *out, art_error *err)
{
  double value = 0.0;
  const char *problem = node->kind == ART_YAML_SCALAR ? art_quantity_speed(node->text, &value) : "is no speed";
  if (problem || value < 0.5 || value > 100.0)
    return art_yaml_fail(yaml, node, err, "accepted: a speed such as 50 km/h, from 2 to 360 km/h");
  *out = (float)value;
  return ART_OK;
}

static art_status read_count(const art_yaml *yaml, const art_yaml_node *node, int *out, art_error *err)
{
  int64_t value = 0;
  if (node->kind != ART_YAML_SCALAR || art_quantity_integer(node->text, &value) || value < 1 || value > 8)
    return art_yaml_fail(yaml, node, err, "accepted: a whole number from 1 to 8");
  *out = (int)value;
  return ART_OK;
}

static art_status read_flag(const art_yaml *yaml, const art_yaml_node *node, int *out, art_error *err)
{
  if (node->kind == ART_YAML_SCALAR && !art_quantity_bool(node->text, out)) return ART_OK;
  return art_yaml_fail(yaml, node, err, "accepted: true or false");
}

static art_status read_class(const art_yaml *yaml, const art_yaml_node *key, const art_yaml_node *map,
                             art_osm_defaults *out, art_error *err)
{
  const int which = art_osm_class_find(key->text);
  if (which < 0) return art_yaml_fail(yaml, key, err, "class '%.60s' is unknown: accepted: values of highway=*", key->text);
  if (map->kind != ART_YAML_MAP) return art_yaml_fail(yaml, map, err, "is %s: accepted: a mapping", art_yaml_kind_text(map));
  art_osm_class_defaults *c = &out->by_class[which];
  art_status status = ART_OK;
  for (int32_t i = 0; status == ART_OK && i < map->count; ++i) {
    const char *name = map->key[i]->text;
    const art_yaml_node *value = map->item[i];
    double width = 0.0;
    if (!strcmp(name, "speed")) {
      status = read_speed(yaml, value, &c->urban_mps, err);
      c->rural_mps = c->urban_mps;
    } else if (!strcmp(name, "speed_urban"))
      status = read_speed(yaml, value, &c->urban_mps, err);
    else if (!strcmp(name, "speed_rural"))
      status = read_speed(yaml, value, &c->rural_mps, err);
    else if (!strcmp(name, "lanes_oneway"))
      status = read_count(yaml, value, &c->lanes_oneway, err);
    else if (!strcmp(name, "lanes_each_way"))
      status = read_count(yaml, value, &c->lanes_per_direction, err);
    else if (!strcmp(name, "oneway"))
      status = read_flag(yaml, value, &c->is_oneway, err);
    else if (!strcmp(name, "lane_width")) {
      if (value->kind != ART_YAML_SCALAR || art_quantity_real(value->text, &width) || width < 2.0 || width > 6.0)
        status = art_yaml_fail(yaml, value, err, "accepted: metres from 2 to 6");
      c->lane_width_m = (float)width;
    } else
      status = art_yaml_fail(yaml, map->key[i], err,
                             "key '%.60s' is unknown: accepted: speed, speed_urban, speed_rural, lanes_oneway, "
                             "lanes_each_way, lane_width, oneway",
                             name);
  }
  return status;
}

static art_status read_file(const art_yaml *yaml, art_osm_defaults *out, art_error *err)
{
  const art_yaml_node *country = art_yaml_get(yaml->root, "country");
  if (country && (country->kind != ART_YAML_SCALAR || !art_osm_defaults_find(country->text, out)))
    return art_yaml_fail(yaml, country, err, "country is not built in: leave it out to start from generic values");
  art_status status = ART_OK;
  for (int32_t i = 0; status == ART_OK && i < yaml->root->count; ++i) {
    const char *name = yaml->root->key[i]->text;
    const art_yaml_node *value = yaml->root->item[i];
    if (!strcmp(name, "country"))
      continue;
    else if (!strcmp(name, "left_hand"))
      status = read_flag(yaml, value, &out->left_hand, err);
    else if (!strcmp(name, "mph"))
      status = read_flag(yaml, value, &out->mph, err);
    else if (!strcmp(name, "taxis_on_bus_lanes"))
      status = read_flag(yaml, value, &out->bus_lanes_serve_taxis, err);
    else if (!strcmp(name, "unlimited"))
      status = read_speed(yaml, value, &out->unlimited_mps, err);
    else if (!strcmp(name, "walk"))
      status = read_speed(yaml, value, &out->walk_mps, err);
    else if (!strcmp(name, "classes") && value->kind == ART_YAML_MAP)
      for (int32_t k = 0; status == ART_OK && k < value->count; ++k)
        status = read_class(yaml, value->key[k], value->item[k], out, err);
    else
      status = art_yaml_fail(yaml, yaml->root->key[i], err,
                             "key '%.60s' is not understood: accepted: country, left_hand, mph, taxis_on_bus_lanes, "
                             "unlimited, walk, classes (a mapping)",
                             name);
  }
  return status == ART_OK ? art_osm_defaults_check(out, err) : status;
}

static int ends_with(const char *text, const char *ending)
{
  const size_t length = strlen(text), size = strlen(ending);
  return length >= size && strcmp(text + length - size, ending) == 0;
}

art_status art_osm_country_read(const char *name, art_osm_defaults *out, art_error *err)
{
  art_osm_defaults_find("generic", out);
  if (!name) return ART_OK;
  if (!ends_with(name, ".yaml") && !ends_with(name, ".yml"))
    return art_osm_defaults_find(name, out) ? ART_OK : unknown_country(name, err);
  art_yaml *yaml = NULL;
  art_status status = art_yaml_read(name, &yaml, err);
  if (status == ART_OK) status = read_file(yaml, out, err);
  art_yaml_free(yaml);
  return status;
}
