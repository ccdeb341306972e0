#include "io/config/osm_patch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/quantity.h"
#include "io/config/yaml_tree_internal.h"

typedef struct reader {
  art_yaml *yaml;
  art_osm_patch *patch;
  art_error *err;
} reader;

static art_status read_id(const reader *r, const art_yaml_node *node, int64_t *out)
{
  if (node && node->kind == ART_YAML_SCALAR && !art_quantity_integer(node->text, out) && *out > 0)
    return ART_OK;
  return art_yaml_fail(r->yaml, node, r->err, "accepted: an id of OpenStreetMap, a whole number above 0");
}

static art_status read_integer(const reader *r, const art_yaml_node *node, int64_t low, int64_t high,
                               int64_t *out)
{
  if (node->kind == ART_YAML_SCALAR && !art_quantity_integer(node->text, out) && *out >= low && *out <= high)
    return ART_OK;
  return art_yaml_fail(r->yaml, node, r->err, "accepted: a whole number from %lld to %lld", (long long)low,
                       (long long)high);
}

static art_status read_flag(const reader *r, const art_yaml_node *node, int *out)
{
  if (node->kind == ART_YAML_SCALAR && !art_quantity_bool(node->text, out)) return ART_OK;
  return art_yaml_fail(r->yaml, node, r->err, "accepted: true or false");
}

static art_status unknown_key(const reader *r, const art_yaml_node *key, const char *accepted)
{
  return art_yaml_fail(r->yaml, key, r->err, "key '%.60s' is unknown: accepted: %s", key->text, accepted);
}

static art_status need_map(const reader *r, const art_yaml_node *node)
{
  if (node->kind == ART_YAML_MAP) return ART_OK;
  return art_yaml_fail(r->yaml, node, r->err, "is %s: accepted: a mapping", art_yaml_kind_text(node));
}

static art_status read_way(const reader *r, const art_yaml_node *key, const art_yaml_node *map)
{
  art_patch_way way = { .lanes = { -1, -1 }, .priority = INT32_MIN };
  art_status status = read_id(r, key, &way.id);
  if (status == ART_OK) status = need_map(r, map);
  for (int32_t i = 0; status == ART_OK && i < map->count; ++i) {
    const char *name = map->key[i]->text;
    const art_yaml_node *value = map->item[i];
    int64_t number = 0;
    int flag = 0;
    if (!strcmp(name, "lanes") || !strcmp(name, "lanes_forward") || !strcmp(name, "lanes_backward")) {
      status = read_integer(r, value, 1, 12, &number);
      if (strcmp(name, "lanes_backward") != 0) way.lanes[0] = (int32_t)number;
      if (strcmp(name, "lanes_forward") != 0) way.lanes[1] = (int32_t)number;
    } else if (!strcmp(name, "speed")) {
      const char *problem =
          value->kind == ART_YAML_SCALAR ? art_quantity_speed(value->text, &way.speed_mps) : "is no speed";
      if (problem || way.speed_mps < 0.5 || way.speed_mps > 100.0)
        status =
            art_yaml_fail(r->yaml, value, r->err, "accepted: a speed such as 50 km/h, from 2 to 360 km/h");
    } else if (!strcmp(name, "priority")) {
      status = read_integer(r, value, -1000, 1000, &number);
      way.priority = (int32_t)number;
    } else if (!strcmp(name, "drop")) {
      status = read_flag(r, value, &flag);
      way.is_dropped = (int8_t)flag;
    } else
      status = unknown_key(r, map->key[i], "lanes, lanes_forward, lanes_backward, speed, priority, drop");
  }
  if (status == ART_OK) ART_PUSH(r->patch->way, r->patch->way_count, r->patch->way_capacity, way);
  return status;
}

static art_status read_turn(const reader *r, const art_yaml_node *map)
{
  art_patch_turn turn = { .from_lane = -1, .to_lane = -1, .is_allowed = 1 };
  art_status status = need_map(r, map);
  for (int32_t i = 0; status == ART_OK && i < map->count; ++i) {
    const char *name = map->key[i]->text;
    const art_yaml_node *value = map->item[i];
    int64_t number = 0;
    int flag = 1;
    if (!strcmp(name, "from"))
      status = read_id(r, value, &turn.from);
    else if (!strcmp(name, "via"))
      status = read_id(r, value, &turn.via);
    else if (!strcmp(name, "to"))
      status = read_id(r, value, &turn.to);
    else if (!strcmp(name, "allow")) {
      status = read_flag(r, value, &flag);
      turn.is_allowed = (uint8_t)flag;
    } else if (!strcmp(name, "from_lane") || !strcmp(name, "to_lane")) {
      status = read_integer(r, value, 0, 15, &number);
      *(name[0] == 'f' ? &turn.from_lane : &turn.to_lane) = (int32_t)number;
    } else
      status = unknown_key(r, map->key[i], "from, via, to, allow, from_lane, to_lane");
  }
  if (status == ART_OK && (!turn.from || !turn.via || !turn.to))
    status = art_yaml_fail(r->yaml, map, r->err, "from (way), via (node) and to (way) are needed");
  if (status == ART_OK && (turn.from_lane < 0) != (turn.to_lane < 0))
    status = art_yaml_fail(r->yaml, map, r->err, "from_lane and to_lane go together");
  if (status == ART_OK) ART_PUSH(r->patch->turn, r->patch->turn_count, r->patch->turn_capacity, turn);
  return status;
}

static art_status read_join(const reader *r, const art_yaml_node *map)
{
  art_status status = need_map(r, map);
  for (int32_t i = 0; status == ART_OK && i < map->count; ++i) {
    const int is_join = !strcmp(map->key[i]->text, "join");
    const art_yaml_node *list = map->item[i];
    if (!is_join && strcmp(map->key[i]->text, "separate") != 0)
      return unknown_key(r, map->key[i], "join, separate");
    if (list->kind != ART_YAML_LIST || list->count < 1)
      return art_yaml_fail(r->yaml, list, r->err, "is %s: accepted: a list of nodes",
                           art_yaml_kind_text(list));
    art_patch_join join = { .count = list->count,
                            .node = ART_NEW(int64_t, list->count),
                            .is_join = (uint8_t)is_join };
    for (int32_t k = 0; status == ART_OK && k < list->count; ++k)
      status = read_id(r, list->item[k], &join.node[k]);
    ART_PUSH(r->patch->join, r->patch->join_count, r->patch->join_capacity, join);
  }
  return status;
}

static art_status read_signal(const reader *r, const art_yaml_node *key, const art_yaml_node *map)
{
  art_patch_signal signal = { .has_signal = 1 };
  art_status status = read_id(r, key, &signal.node);
  if (status == ART_OK) status = need_map(r, map);
  for (int32_t i = 0; status == ART_OK && i < map->count; ++i) {
    const char *name = map->key[i]->text;
    const art_yaml_node *value = map->item[i];
    int flag = 1;
    art_tick ticks = 0;
    if (!strcmp(name, "signal")) {
      status = read_flag(r, value, &flag);
      signal.has_signal = (int8_t)flag;
    } else if (!strcmp(name, "cycle")) {
      const char *problem =
          value->kind == ART_YAML_SCALAR ? art_quantity_time(value->text, &ticks) : "is no time";
      if (problem || ticks < 20000 || ticks > 300000)
        status = art_yaml_fail(r->yaml, value, r->err, "accepted: a time from 20 s to 300 s");
      signal.cycle_s = (double)ticks / 1000.0;
    } else
      status = unknown_key(r, map->key[i], "signal, cycle");
  }
  if (status == ART_OK) ART_PUSH(r->patch->signal, r->patch->signal_count, r->patch->signal_capacity, signal);
  return status;
}

static art_status read_part(const reader *r, const art_yaml_node *key, const art_yaml_node *part)
{
  const char *name = key->text;
  const int by_id = !strcmp(name, "ways") || !strcmp(name, "signals"),
            is_list = !strcmp(name, "turns") || !strcmp(name, "joins");
  if (!by_id && !is_list) return unknown_key(r, key, "ways, turns, joins, signals");
  if (art_yaml_is_null(part)) return ART_OK;
  if (part->kind != (by_id ? ART_YAML_MAP : ART_YAML_LIST))
    return art_yaml_fail(r->yaml, part, r->err, "is %s: accepted: %s", art_yaml_kind_text(part),
                         by_id ? "a mapping by id" : "a list");
  art_status status = ART_OK;
  for (int32_t i = 0; status == ART_OK && i < part->count; ++i) {
    const art_yaml_node *item = part->item[i];
    if (by_id)
      status = name[0] == 'w' ? read_way(r, part->key[i], item) : read_signal(r, part->key[i], item);
    else
      status = name[0] == 't' ? read_turn(r, item) : read_join(r, item);
  }
  return status;
}

art_status art_osm_patch_read(const char *path, const char *text, art_osm_patch **out, art_error *err)
{
  *out = NULL;
  reader r = { .err = err };
  art_status status =
      text ? art_yaml_parse(path, text, strlen(text), &r.yaml, err) : art_yaml_read(path, &r.yaml, err);
  if (status != ART_OK) return status;
  r.patch = ART_NEW(art_osm_patch, 1);
  const art_yaml_node *root = r.yaml->root;
  for (int32_t i = 0; status == ART_OK && i < root->count; ++i)
    status = read_part(&r, root->key[i], root->item[i]);
  art_yaml_free(r.yaml);
  if (status == ART_OK)
    *out = r.patch;
  else
    art_osm_patch_free(r.patch);
  return status;
}
