#include "io/feed/counts_map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "core/base/memory.h"

enum { MAX_FILE = 4 << 20 };

typedef struct reader {
  const char *name;
  yaml_document_t *document;
  art_counts_map *map;
  art_error *err;
} reader;

static art_status fail_at(const reader *r, const yaml_node_t *node, const char *what, const char *value,
                          const char *expected)
{
  return art_fail(r->err, ART_E_INPUT, "%s:%zu:%zu: %s '%.100s', expected %s", r->name,
                  node->start_mark.line + 1, node->start_mark.column + 1, what, value, expected);
}

static const char *text_of(const yaml_node_t *node)
{
  return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

// ---- one scalar

typedef enum value_kind {
  TEXT,
  CHARACTER,
  LAYOUT,
  UNIT,
  DURATION,
  PATH,
  LIST,
  RANKING,
  EXCLUSION,
  VERSION
} value_kind;

static art_status read_choice(reader *r, const yaml_node_t *node, const char *what, const char *first,
                              const char *second, int *out)
{
  const char *text = text_of(node);
  char expected[100];
  snprintf(expected, sizeof expected, "%s or %s", first, second);
  if (text && strcmp(text, first) == 0)
    *out = 0;
  else if (text && strcmp(text, second) == 0)
    *out = 1;
  else
    return fail_at(r, node, what, text ? text : "a list or mapping", expected);
  return ART_OK;
}

static art_status read_interval(reader *r, const yaml_node_t *node, int32_t *out)
{
  const char *text = text_of(node);
  char unit[8] = "", rest = 0;
  double value = 0.0;
  const int found = text ? sscanf(text, "%lf %7[a-z] %c", &value, unit, &rest) : 0;
  const double scale = strcmp(unit, "h") == 0     ? 3600.0
                       : strcmp(unit, "min") == 0 ? 60.0
                       : strcmp(unit, "s") == 0   ? 1.0
                                                  : 0.0;
  if (found != 2 || !(value * scale >= 1.0) || value * scale > 86400.0)
    return fail_at(r, node, "interval", text ? text : "a list or mapping",
                   "1 s to 24 h, such as 15 min or 1 h");
  *out = (int32_t)(value * scale + 0.5);
  return ART_OK;
}

static char *beside(const char *file, const char *path)
{
  const char *slash = strrchr(file, '/');
  if (path[0] == '/' || !slash) return art_strdup(path);
  const size_t folder = (size_t)(slash - file) + 1, size = folder + strlen(path) + 1;
  char *joined = ART_NEW(char, size);
  memcpy(joined, file, folder);
  strcpy(joined + folder, path);
  return joined;
}

// ---- lists

static art_status read_texts(reader *r, const yaml_node_t *node)
{
  art_counts_map *m = r->map;
  if (node->type != YAML_SEQUENCE_NODE) return fail_at(r, node, "missing", "no list", "a list of texts");
  for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; ++i) {
    const yaml_node_t *item = yaml_document_get_node(r->document, *i);
    if (!item || !text_of(item)) return fail_at(r, node, "missing", "a list or mapping inside", "texts");
    m->missing = art_renew(m->missing, (size_t)m->missing_count + 1, sizeof *m->missing);
    m->missing[m->missing_count++] = art_strdup(text_of(item));
  }
  return ART_OK;
}

/// Reads a mapping of two texts {first: .., second: ..}; the second may be missing if `is_second_optional`.
static art_status read_pair(reader *r, const yaml_node_t *node, const char *first, const char *second,
                            int is_second_optional, char *out[2])
{
  char expected[200];
  snprintf(expected, sizeof expected, "{%s: text, %s: text}", first, second);
  out[0] = out[1] = NULL;
  art_status status =
      node->type == YAML_MAPPING_NODE ? ART_OK : fail_at(r, node, "element", "no mapping", expected);
  if (status == ART_OK) {
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; ++p) {
      const yaml_node_t *key = yaml_document_get_node(r->document, p->key);
      const yaml_node_t *value = yaml_document_get_node(r->document, p->value);
      const char *name = key ? text_of(key) : NULL, *text = value ? text_of(value) : NULL;
      const int place = name && strcmp(name, first) == 0 ? 0 : name && strcmp(name, second) == 0 ? 1 : -1;
      if (place < 0 || !text || out[place]) {
        status = fail_at(r, key ? key : node, "key", name ? name : "", expected);
        break;
      }
      out[place] = art_strdup(text);
    }
  }
  if (status == ART_OK && (!out[0] || (!out[1] && !is_second_optional)))
    status = fail_at(r, node, "element without", out[0] ? second : first, expected);
  if (status != ART_OK) {
    free(out[0]);
    free(out[1]);
  }
  return status;
}

static art_status read_pairs(reader *r, const yaml_node_t *node, value_kind kind)
{
  art_counts_map *m = r->map;
  if (node->type != YAML_SEQUENCE_NODE) return fail_at(r, node, "value", "no list", "a list");
  for (const yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; ++i) {
    const yaml_node_t *item = yaml_document_get_node(r->document, *i);
    char *pair[2];
    if (!item) return fail_at(r, node, "element", "", "a mapping");
    const art_status status = kind == RANKING ? read_pair(r, item, "source", "distance", 1, pair)
                                              : read_pair(r, item, "match", "reason", 0, pair);
    if (status != ART_OK) return status;
    if (kind == RANKING) {
      m->rank = art_renew(m->rank, (size_t)m->rank_count + 1, sizeof *m->rank);
      m->rank[m->rank_count++] = (art_counts_rank){ pair[0], pair[1] };
    } else {
      m->exclude = art_renew(m->exclude, (size_t)m->exclude_count + 1, sizeof *m->exclude);
      m->exclude[m->exclude_count++] = (art_counts_exclude){ pair[0], pair[1] };
    }
  }
  return ART_OK;
}

// ---- mappings by table

typedef struct key_row {
  const char *name;
  value_kind kind;
  size_t offset;
} key_row;
#define KEY(name, kind, member)                  \
  {                                              \
    name, kind, offsetof(art_counts_map, member) \
  }
static const key_row root_keys[] = { { "arterial", VERSION, 0 }, KEY("timezone", TEXT, timezone) };
static const key_row table_keys[] = {
  KEY("layout", LAYOUT, layout),          KEY("unit", UNIT, unit),
  KEY("separator", CHARACTER, separator), KEY("interval", DURATION, interval_s),
  KEY("station", TEXT, station_column),   KEY("date", TEXT, date_column),
  KEY("values", TEXT, values_pattern),    KEY("begin", TEXT, begin_column),
  KEY("value", TEXT, value_column),       KEY("quality", TEXT, quality_column),
  KEY("missing", LIST, missing),
};
static const key_row station_keys[] = {
  KEY("table", PATH, stations_path),  KEY("separator", CHARACTER, stations_separator),
  KEY("station", TEXT, id_column),    KEY("link", TEXT, link_column),
  KEY("source", TEXT, source_column), KEY("lanes", TEXT, lanes_column),
  KEY("ranking", RANKING, rank),      KEY("exclude", EXCLUSION, exclude),
};

static art_status store(reader *r, const key_row *row, const yaml_node_t *node)
{
  char *member = (char *)r->map + row->offset;
  const char *text = text_of(node);
  switch (row->kind) {
  case TEXT:
  case PATH: {
    char *copy, *old;
    if (!text || !text[0]) return fail_at(r, node, row->name, text ? text : "a list or mapping", "a text");
    copy = row->kind == PATH ? beside(r->name, text) : art_strdup(text);
    memcpy(&old, member, sizeof old);
    free(old);
    memcpy(member, &copy, sizeof copy);
    return ART_OK;
  }
  case CHARACTER:
    if (!text || strlen(text) != 1 || text[0] == '"' || text[0] == '\n')
      return fail_at(r, node, row->name, text ? text : "a list or mapping",
                     "one character, such as \",\" or \";\"");
    *member = text[0];
    return ART_OK;
  case LAYOUT: return read_choice(r, node, "layout", "wide", "long", (int *)(void *)member);
  case UNIT: return read_choice(r, node, "unit", "veh/h", "veh", (int *)(void *)member);
  case DURATION: return read_interval(r, node, (int32_t *)(void *)member);
  case LIST: return read_texts(r, node);
  case RANKING:
  case EXCLUSION: return read_pairs(r, node, row->kind);
  case VERSION:
    if (!text || strcmp(text, "1") != 0)
      return fail_at(r, node, row->name, text ? text : "a list or mapping", "1");
    return ART_OK;
  }
  return ART_OK;
}

static art_status read_section(reader *r, const yaml_node_t *node, const char *where, int count,
                               const key_row *rows);

static art_status read_key(reader *r, const yaml_node_t *key, const yaml_node_t *value, const char *where,
                           int count, const key_row *rows)
{
  const char *name = text_of(key);
  for (int k = 0; name && k < count; ++k) {
    if (strcmp(name, rows[k].name) == 0) return store(r, &rows[k], value);
  }
  if (name && !where[0] && strcmp(name, "table") == 0)
    return read_section(r, value, "table.", sizeof table_keys / sizeof *table_keys, table_keys);
  if (name && !where[0] && strcmp(name, "stations") == 0)
    return read_section(r, value, "stations.", sizeof station_keys / sizeof *station_keys, station_keys);
  char expected[300] = "one of ";
  for (int k = 0; k < count; ++k) {
    strncat(expected, rows[k].name, 40);
    strcat(expected, k + 1 < count ? ", " : where[0] ? "" : ", table, stations");
  }
  return fail_at(r, key, "unknown key", name ? name : "", expected);
}

static art_status read_section(reader *r, const yaml_node_t *node, const char *where, int count,
                               const key_row *rows)
{
  if (node->type != YAML_MAPPING_NODE)
    return fail_at(r, node, where[0] ? where : "file", "no mapping", "key: value lines");
  for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; ++p) {
    const yaml_node_t *key = yaml_document_get_node(r->document, p->key);
    const yaml_node_t *value = yaml_document_get_node(r->document, p->value);
    for (const yaml_node_pair_t *q = node->data.mapping.pairs.start; key && q < p; ++q) {
      const yaml_node_t *other = yaml_document_get_node(r->document, q->key);
      if (other && text_of(key) && text_of(other) && strcmp(text_of(key), text_of(other)) == 0)
        return fail_at(r, key, "second key", text_of(key), "each key once");
    }
    const art_status status = key && value ? read_key(r, key, value, where, count, rows)
                                           : fail_at(r, node, "broken", "node", "key: value lines");
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

// ---- the whole file

static art_status need(const reader *r, const char *member, const char *key)
{
  if (member) return ART_OK;
  return art_fail(r->err, ART_E_INPUT, "%s: '%s' is missing", r->name, key);
}

static art_status check_complete(const reader *r)
{
  const art_counts_map *m = r->map;
  art_status status = need(r, m->timezone, "timezone");
  if (status == ART_OK) status = need(r, m->station_column, "table.station");
  if (m->layout == ART_COUNTS_WIDE) {
    if (status == ART_OK) status = need(r, m->date_column, "table.date");
    if (status == ART_OK) status = need(r, m->values_pattern, "table.values");
    const char *p = m->values_pattern;
    if (status == ART_OK && (strstr(p, "{hh}") != NULL) + (strstr(p, "{h}") != NULL) != 1)
      status = art_fail(r->err, ART_E_INPUT, "%s: table.values '%.100s', expected {hh} or {h} in it once",
                        r->name, p);
    if (status == ART_OK && m->interval_s != 3600)
      status = art_fail(r->err, ART_E_INPUT, "%s: table.interval, expected 1 h for a wide table of hours",
                        r->name);
  } else {
    if (status == ART_OK) status = need(r, m->begin_column, "table.begin");
    if (status == ART_OK) status = need(r, m->value_column, "table.value");
  }
  if (status == ART_OK) status = need(r, m->id_column, "stations.station");
  if (status == ART_OK) status = need(r, m->link_column, "stations.link");
  return status;
}

static art_status parse(reader *r, const char *text, size_t size)
{
  yaml_parser_t parser;
  yaml_document_t document;
  if (!yaml_parser_initialize(&parser)) return art_fail(r->err, ART_E_MEMORY, "%s: out of memory", r->name);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  if (!yaml_parser_load(&parser, &document)) {
    const art_status status =
        art_fail(r->err, ART_E_INPUT, "%s:%zu:%zu: not YAML: %s", r->name, parser.problem_mark.line + 1,
                 parser.problem_mark.column + 1, parser.problem ? parser.problem : "unreadable");
    yaml_parser_delete(&parser);
    return status;
  }
  r->document = &document;
  const yaml_node_t *root = yaml_document_get_root_node(&document);
  art_status status = root ? read_section(r, root, "", sizeof root_keys / sizeof *root_keys, root_keys)
                           : art_fail(r->err, ART_E_INPUT, "%s: the file is empty", r->name);
  if (status == ART_OK) status = check_complete(r);
  yaml_document_delete(&document);
  yaml_parser_delete(&parser);
  return status;
}

art_status art_counts_map_parse(const char *name, const char *text, size_t size, art_counts_map **out,
                                art_error *err)
{
  art_counts_map *map = ART_NEW(art_counts_map, 1);
  map->path = art_strdup(name);
  map->separator = map->stations_separator = ',';
  map->interval_s = 3600;
  reader r = { .name = name, .map = map, .err = err };
  const art_status status = parse(&r, text, size);
  *out = status == ART_OK ? map : NULL;
  if (status != ART_OK) art_counts_map_free(map);
  return status;
}

art_status art_counts_map_read(const char *path, art_counts_map **out, art_error *err)
{
  *out = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  char *text = ART_NEW(char, MAX_FILE);
  const size_t size = fread(text, 1, MAX_FILE, file);
  art_status status = ART_OK;
  if (ferror(file))
    status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
  else if (size == MAX_FILE)
    status = art_fail(err, ART_E_INPUT, "%s: a map file has less than 4 MiB", path);
  fclose(file);
  if (status == ART_OK) status = art_counts_map_parse(path, text, size, out, err);
  free(text);
  return status;
}

void art_counts_map_free(art_counts_map *map)
{
  if (!map) return;
  char *const texts[] = { map->path,           map->timezone,     map->station_column, map->date_column,
                          map->values_pattern, map->begin_column, map->value_column,   map->quality_column,
                          map->stations_path,  map->id_column,    map->link_column,    map->source_column,
                          map->lanes_column };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) free(texts[i]);
  for (int32_t i = 0; i < map->missing_count; ++i) free(map->missing[i]);
  for (int32_t i = 0; i < map->rank_count; ++i) {
    free(map->rank[i].source);
    free(map->rank[i].distance_column);
  }
  for (int32_t i = 0; i < map->exclude_count; ++i) {
    free(map->exclude[i].match);
    free(map->exclude[i].reason);
  }
  free(map->missing);
  free(map->rank);
  free(map->exclude);
  free(map);
}
