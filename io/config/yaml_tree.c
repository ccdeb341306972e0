#include "io/config/yaml_tree_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <yaml.h>

#include "core/base/memory.h"
#include "io/config/utf8_internal.h"

enum {
  MAX_DEPTH = 32,       // the deepest of our files needs 5
  MAX_NODES = 4000000,  // after expansion of aliases
  MAX_BYTES = 256 << 20,
};

static void free_node(art_yaml_node *node)
{
  if (!node) return;
  for (int32_t i = 0; i < node->count; ++i) {
    free_node(node->item[i]);
    if (node->key) free_node(node->key[i]);
  }
  free(node->item);
  free(node->key);
  free(node->text);
  free(node);
}

void art_yaml_free(art_yaml *yaml)
{
  if (!yaml) return;
  free_node(yaml->root);
  free(yaml->name);
  free(yaml->dir);
  free(yaml);
}

art_status art_yaml_fail(const art_yaml *yaml, const art_yaml_node *node, art_error *err, const char *format,
                         ...)
{
  char text[900];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (node && node->set) return art_fail(err, ART_E_INPUT, "--set %s: %s", node->set, text);
  if (node) return art_fail(err, ART_E_INPUT, "%s:%d:%d: %s", yaml->name, node->line, node->column, text);
  return art_fail(err, ART_E_INPUT, "%s: %s", yaml->name, text);
}

int art_yaml_goes_on(const art_yaml *yaml, art_error *err)
{
  if (!yaml->problems || !err) return 0;
  if (err->message[0]) {
    yaml->problems->report(yaml->problems->context, err->message);
    ++yaml->problems->count;
  }
  err->message[0] = '\0';
  return 1;
}

const char *art_yaml_kind_text(const art_yaml_node *node)
{
  if (art_yaml_is_null(node)) return "empty";
  return node->kind == ART_YAML_LIST ? "a list" : node->kind == ART_YAML_MAP ? "a mapping" : "a single value";
}

int art_yaml_is_null(const art_yaml_node *node)
{
  return node->kind == ART_YAML_SCALAR && node->is_plain &&
         (!*node->text || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const art_yaml_node *art_yaml_get(const art_yaml_node *map, const char *key)
{
  if (!map || map->kind != ART_YAML_MAP) return NULL;
  for (int32_t i = 0; i < map->count; ++i)
    if (strcmp(map->key[i]->text, key) == 0) return map->item[i];
  return NULL;
}

const art_yaml_node *art_yaml_find(const art_yaml_node *map, const char *path)
{
  char key[128];
  while (map && *path) {
    const size_t length = strcspn(path, ".");
    if (length >= sizeof key) return NULL;
    memcpy(key, path, length);
    key[length] = '\0';
    map = art_yaml_get(map, key);
    path += length + (path[length] == '.');
  }
  return map;
}

char *art_yaml_resolve(const art_yaml *yaml, const char *path)
{
  if (path[0] == '/' || !yaml->dir[0]) return art_strdup(path);
  const size_t size = strlen(yaml->dir) + strlen(path) + 2;
  char *whole = ART_NEW(char, size);
  snprintf(whole, size, "%s%s%s", yaml->dir, yaml->dir[strlen(yaml->dir) - 1] == '/' ? "" : "/", path);
  return whole;
}

static art_yaml *new_tree(const char *name)
{
  art_yaml *yaml = ART_NEW(art_yaml, 1);
  yaml->name = art_strdup(name);
  const char *slash = strrchr(name, '/');
  yaml->dir = art_strdup(name);
  yaml->dir[slash == name ? 1 : slash ? slash - name : 0] = '\0';
  return yaml;
}

static void append(art_yaml_node *parent, art_yaml_node *key, art_yaml_node *value)
{
  if (parent->count == parent->capacity) {
    parent->capacity = parent->capacity ? 2 * parent->capacity : 8;
    parent->item = art_renew(parent->item, (size_t)parent->capacity, sizeof *parent->item);
    if (parent->kind == ART_YAML_MAP)
      parent->key = art_renew(parent->key, (size_t)parent->capacity, sizeof *parent->key);
  }
  if (parent->kind == ART_YAML_MAP) parent->key[parent->count] = key;
  parent->item[parent->count++] = value;
}

/// What one conversion needs to know.
typedef struct convert_context {
  art_yaml *yaml;
  yaml_document_t *document;
  const char *set;
  art_error *err;
} convert_context;

static art_status convert(convert_context *context, int index, int depth, art_yaml_node **out);

static art_status convert_scalar(convert_context *context, const yaml_node_t *from, art_yaml_node *node)
{
  const size_t length = from->data.scalar.length;
  if (memchr(from->data.scalar.value, 0, length))
    return art_yaml_fail(context->yaml, node, context->err, "a text must not contain the character NUL");
  node->text = ART_NEW(char, length + 1);
  memcpy(node->text, from->data.scalar.value, length);
  node->is_plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  return ART_OK;
}

static art_status convert_list(convert_context *context, const yaml_node_t *from, int depth,
                               art_yaml_node *node)
{
  for (yaml_node_item_t *i = from->data.sequence.items.start; i < from->data.sequence.items.top; ++i) {
    art_yaml_node *item;
    const art_status status = convert(context, *i, depth + 1, &item);
    if (status != ART_OK) return status;
    append(node, NULL, item);
  }
  return ART_OK;
}

static art_status convert_pair(convert_context *context, const yaml_node_pair_t *pair, int depth,
                               art_yaml_node *node, art_idmap *seen)
{
  art_yaml_node *key = NULL, *item = NULL;
  art_status status = convert(context, pair->key, depth + 1, &key);
  if (status == ART_OK && key->kind != ART_YAML_SCALAR)
    status = art_yaml_fail(context->yaml, key, context->err, "a key must be a single value, this is %s",
                           art_yaml_kind_text(key));
  if (status == ART_OK && art_idmap_find(seen, key->text) >= 0) {
    const art_yaml_node *first = node->key[art_idmap_find(seen, key->text)];
    status =
        art_yaml_fail(context->yaml, key, context->err,
                      "the key '%s' stands here a second time; first in line %d", key->text, first->line);
  }
  if (status == ART_OK) status = convert(context, pair->value, depth + 1, &item);
  if (status != ART_OK) {
    free_node(key);
    return status;
  }
  art_idmap_put(seen, key->text);
  append(node, key, item);
  return ART_OK;
}

static art_status convert_map(convert_context *context, const yaml_node_t *from, int depth,
                              art_yaml_node *node)
{
  art_idmap *seen = art_idmap_new();
  art_status status = ART_OK;
  for (yaml_node_pair_t *p = from->data.mapping.pairs.start;
       status == ART_OK && p < from->data.mapping.pairs.top; ++p)
    status = convert_pair(context, p, depth, node, seen);
  art_idmap_free(seen);
  return status;
}

static art_status convert(convert_context *context, int index, int depth, art_yaml_node **out)
{
  *out = NULL;
  const yaml_node_t *from = yaml_document_get_node(context->document, index);
  if (!from) return art_yaml_fail(context->yaml, NULL, context->err, "a part of the document is missing");
  art_yaml_node *node = ART_NEW(art_yaml_node, 1);
  node->line = (int)from->start_mark.line + 1;
  node->column = (int)from->start_mark.column + 1;
  node->set = context->set;
  art_status status = ART_OK;
  if (depth > MAX_DEPTH) {
    status = art_yaml_fail(context->yaml, node, context->err,
                           "nested deeper than %d levels (or an alias inside itself)", MAX_DEPTH);
  } else if (++context->yaml->node_count > MAX_NODES) {
    status =
        art_yaml_fail(context->yaml, node, context->err, "more than %d values, aliases expanded", MAX_NODES);
  } else if (from->type == YAML_SCALAR_NODE) {
    node->kind = ART_YAML_SCALAR;
    status = convert_scalar(context, from, node);
  } else if (from->type == YAML_SEQUENCE_NODE) {
    node->kind = ART_YAML_LIST;
    status = convert_list(context, from, depth, node);
  } else {
    node->kind = ART_YAML_MAP;
    status = convert_map(context, from, depth, node);
  }
  if (status != ART_OK)
    free_node(node);
  else
    *out = node;
  return status;
}

static art_status syntax_error(const art_yaml *yaml, const yaml_parser_t *parser, const char *set,
                               art_error *err)
{
  const char *problem = parser->problem ? parser->problem : "not valid YAML";
  if (set) return art_fail(err, ART_E_INPUT, "--set %s: not valid YAML: %s", set, problem);
  if (parser->error == YAML_MEMORY_ERROR) return art_fail(err, ART_E_MEMORY, "%s: out of memory", yaml->name);
  if (parser->error == YAML_READER_ERROR)
    return art_fail(err, ART_E_INPUT, "%s:%d: not valid YAML: %s (byte %zu)", yaml->name,
                    (int)parser->mark.line + 1, problem, parser->problem_offset);
  const char *context = parser->context ? parser->context : "";
  return art_fail(err, ART_E_INPUT, "%s:%d:%d: not valid YAML: %s%s%s", yaml->name,
                  (int)parser->problem_mark.line + 1, (int)parser->problem_mark.column + 1, context,
                  *context ? ", " : "", problem);
}

/// Walks the events of a text and refuses deep nesting, before libyaml builds a document: the time that takes
/// grows with the square of the depth. Errors of syntax are left to the one who reads the document.
static art_status check_nesting(const art_yaml *yaml, const char *text, size_t size, const char *set,
                                art_error *err)
{
  yaml_parser_t parser;
  yaml_event_t event;
  art_status status = ART_OK;
  if (!yaml_parser_initialize(&parser)) return art_fail(err, ART_E_MEMORY, "%s: out of memory", yaml->name);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  for (int depth = 0, is_over = 0; status == ART_OK && !is_over && yaml_parser_parse(&parser, &event);) {
    const yaml_event_type_t type = event.type;
    const art_yaml_node at = { .line = (int)event.start_mark.line + 1,
                               .column = (int)event.start_mark.column + 1,
                               .set = set };
    yaml_event_delete(&event);
    is_over = type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT;
    depth += type == YAML_SEQUENCE_START_EVENT || type == YAML_MAPPING_START_EVENT;
    depth -= type == YAML_SEQUENCE_END_EVENT || type == YAML_MAPPING_END_EVENT;
    if (depth > MAX_DEPTH + 1)
      status = art_yaml_fail(yaml, &at, err, "nested deeper than %d levels", MAX_DEPTH);
  }
  yaml_parser_delete(&parser);
  return status;
}

/// Parses the one document of `text` into *out.
static art_status parse_document(art_yaml *yaml, const char *text, size_t size, const char *set,
                                 art_yaml_node **out, art_error *err)
{
  yaml_parser_t parser;
  yaml_document_t document, second;
  *out = NULL;
  art_status status = check_nesting(yaml, text, size, set, err);
  if (status != ART_OK) return status;
  if (!yaml_parser_initialize(&parser)) return art_fail(err, ART_E_MEMORY, "%s: out of memory", yaml->name);
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
  if (!yaml_parser_load(&parser, &document)) {
    status = syntax_error(yaml, &parser, set, err);
    yaml_parser_delete(&parser);
    return status;
  }
  if (!yaml_document_get_root_node(&document)) status = art_yaml_fail(yaml, NULL, err, "the file is empty");
  if (status == ART_OK) {
    convert_context context = { yaml, &document, set, err };
    status = convert(&context, 1, 0, out);
  }
  if (status == ART_OK) {
    if (!yaml_parser_load(&parser, &second)) {
      status = syntax_error(yaml, &parser, set, err);
    } else {
      const yaml_node_t *root = yaml_document_get_root_node(&second);
      if (root)
        status =
            art_fail(err, ART_E_INPUT, "%s:%d:%d: a second document begins here; a file holds exactly one",
                     yaml->name, (int)root->start_mark.line + 1, (int)root->start_mark.column + 1);
      yaml_document_delete(&second);
    }
  }
  yaml_document_delete(&document);
  yaml_parser_delete(&parser);
  if (status != ART_OK) {
    free_node(*out);
    *out = NULL;
  }
  return status;
}

art_status art_yaml_parse(const char *name, const char *text, size_t size, art_yaml **out, art_error *err)
{
  art_yaml *yaml = new_tree(name);
  *out = NULL;
  art_status status = parse_document(yaml, text, size, NULL, &yaml->root, err);
  if (status == ART_OK && yaml->root->kind != ART_YAML_MAP)
    status = art_yaml_fail(yaml, yaml->root, err, "the file must be a mapping of keys to values, it is %s",
                           art_yaml_kind_text(yaml->root));
  if (status != ART_OK)
    art_yaml_free(yaml);
  else
    *out = yaml;
  return status;
}

art_status art_yaml_read(const char *path, art_yaml **out, art_error *err)
{
  *out = NULL;
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  struct stat info;
  if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
    fclose(file);
    return art_fail(err, ART_E_OPEN, "%s: a folder, not a file", path);
  }
  size_t size = 0, capacity = 1 << 16;
  char *text = ART_NEW(char, capacity);
  for (;;) {
    size += fread(text + size, 1, capacity - size, file);
    if (size < capacity || capacity > MAX_BYTES) break;
    capacity *= 2;
    text = art_renew(text, capacity, 1);
  }
  art_status status = ART_OK;
  if (ferror(file))
    status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
  else if (size > MAX_BYTES)
    status = art_fail(err, ART_E_INPUT, "%s: larger than %d MiB", path, MAX_BYTES >> 20);
  fclose(file);
  if (status == ART_OK) status = art_yaml_parse(path, text, size, out, err);
  free(text);
  return status;
}

/// The value behind '=': a flow list or mapping as YAML, everything else as it stands.
static art_status set_value(art_yaml *yaml, const char *set, const char *value, art_yaml_node **out,
                            art_error *err)
{
  if (*value == '[' || *value == '{' || *value == '"' || *value == '\'')
    return parse_document(yaml, value, strlen(value), set, out, err);
  art_yaml_node *node = ART_NEW(art_yaml_node, 1);
  node->kind = ART_YAML_SCALAR;
  node->text = art_strdup(value);
  node->is_plain = 1;
  node->set = set;
  *out = node;
  return ART_OK;
}

static art_yaml_node *new_map(const char *set)
{
  art_yaml_node *node = ART_NEW(art_yaml_node, 1);
  node->kind = ART_YAML_MAP;
  node->set = set;
  return node;
}

/// The place of element `key` of `parent`, made if it is a new key of a map. NULL if there is no such place.
static art_yaml_node **place(art_yaml_node *parent, const char *key, const char *set)
{
  if (parent->kind == ART_YAML_LIST) {
    char *end;
    const long index = strtol(key, &end, 10);
    return *key && !*end && index >= 0 && index < parent->count ? &parent->item[index] : NULL;
  }
  for (int32_t i = 0; i < parent->count; ++i)
    if (strcmp(parent->key[i]->text, key) == 0) return &parent->item[i];
  art_yaml_node *name = ART_NEW(art_yaml_node, 1);
  name->kind = ART_YAML_SCALAR;
  name->text = art_strdup(key);
  name->set = set;
  append(parent, name, new_map(set));
  return &parent->item[parent->count - 1];
}

art_status art_yaml_set(art_yaml *yaml, const char *set, art_error *err)
{
  const char *equals = strchr(set, '=');
  if (!equals || equals == set)
    return art_fail(err, ART_E_INPUT, "--set %s: write key=value, such as time.step=0.5", set);
  if (!art_utf8_is_clean(set))  // libyaml checks files, nobody has checked this
    return art_fail(err, ART_E_INPUT, "--set: the text is not UTF-8 or has control characters");
  art_yaml_node **at = &yaml->root;
  const char *p = set;
  for (int depth = 0; p < equals; ++depth) {
    char key[128];
    const size_t length = strcspn(p, ".=");
    const int ends_in_point = p[length] == '.' && p[length + 1] == '=';
    if (length == 0 || length >= sizeof key || ends_in_point || depth > MAX_DEPTH)
      return art_fail(err, ART_E_INPUT, "--set %s: the key must be names joined by single points", set);
    memcpy(key, p, length);
    key[length] = '\0';
    if ((*at)->kind == ART_YAML_SCALAR) {  // as in outputs.links.every over `links: true`
      free_node(*at);
      *at = new_map(set);
    }
    const int is_list = (*at)->kind == ART_YAML_LIST;
    const int32_t count = (*at)->count;
    at = place(*at, key, set);
    if (!at)
      return art_fail(err, ART_E_INPUT,
                      "--set %s: '%s' is not an element of a list of %d (elements count from 0)", set, key,
                      is_list ? count : 0);
    p += length + (p[length] == '.');
  }
  art_yaml_node *value;
  const art_status status = set_value(yaml, set, equals + 1, &value, err);
  if (status != ART_OK) return status;
  free_node(*at);
  *at = value;
  return ART_OK;
}
