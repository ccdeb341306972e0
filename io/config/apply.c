#include "io/config/apply_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/memory.h"
#include "core/num/real.h"
#include "io/config/quantity.h"

#define MEMBER(type, base, where) ((type *)(void *)((char *)(base) + (where)))

/// One pass over one mapping.
typedef struct apply_context {
  const art_key_table *table;
  const art_yaml *yaml;
  const char *ignore;
  void *base;
  uint64_t seen;  // bit i: row i was in the file
  art_error *err;
} apply_context;

/// "close." of "interventions[].close.": what messages put in front of a key.
static const char *short_where(const art_key_table *table)
{
  const char *bracket = strstr(table->where, "].");
  return bracket ? bracket + 2 : table->where;
}

static int is_time(const art_key *key)
{
  return key->type == ART_KEY_DURATION || key->type == ART_KEY_INSTANT || key->type == ART_KEY_STEP ||
         key->type == ART_KEY_DURATIONS;
}

void art_keys_print_range(const art_key *key, char *text, size_t size)
{
  char low[ART_QUANTITY_TEXT], high[ART_QUANTITY_TEXT];
  if (is_time(key)) {
    art_quantity_print_pretty((art_tick)key->lowest, low);
    art_quantity_print_pretty((art_tick)key->highest, high);
  } else {
    art_quantity_print_double(key->lowest, low);
    art_quantity_print_double(key->highest, high);
  }
  snprintf(text, size, "%s to %s%s", low, high, key->type == ART_KEY_SPEED ? " m/s" : "");
}

/// " (accepted: 50 ms to 1 s, or 'own')"
static void print_accepted(const art_key *key, char *text, size_t size)
{
  char range[3 * ART_QUANTITY_TEXT];
  art_keys_print_range(key, range, sizeof range);
  snprintf(text, size, " (accepted: %s%s%s%s)", range, key->word ? ", or '" : "", key->word ? key->word : "",
           key->word ? "'" : "");
}

static art_status need_scalar(const char *where, const char *path, const char *words, const art_yaml *yaml,
                              const art_yaml_node *node, art_error *err)
{
  if (art_yaml_is_null(node))
    return art_yaml_fail(yaml, node, err, "%s%s: has no value; write %s", where, path, words);
  if (node->kind != ART_YAML_SCALAR)
    return art_yaml_fail(yaml, node, err, "%s%s: must be one value (%s), this is %s", where, path, words,
                         art_yaml_kind_text(node));
  return ART_OK;
}

static const char *words_of(const art_key *key)
{
  static const char *const words[] = {
#define X(name, member, text) text,
    ART_KEY_TYPE_LIST(X)
#undef X
  };
  return words[key->type];
}

/// Fails with "'<text>' <problem> (accepted: ...)".
static art_status refuse(const art_key *key, const char *where, const art_yaml *yaml,
                         const art_yaml_node *node, const char *problem, art_error *err)
{
  char accepted[160] = "";
  if (key->lowest < key->highest) print_accepted(key, accepted, sizeof accepted);
  return art_yaml_fail(yaml, node, err, "%s%s: '%.200s' %s%s", where, key->path, node->text, problem,
                       accepted);
}

art_status art_keys_read_time(const art_key *key, const char *where, const art_yaml *yaml,
                              const art_yaml_node *node, art_tick *out, art_error *err)
{
  const art_status status = need_scalar(where, key->path, "a time such as 30 s", yaml, node, err);
  if (status != ART_OK) return status;
  art_tick value;
  const char *problem = art_quantity_time(node->text, &value);
  if (!problem && ((double)value < key->lowest || (double)value > key->highest)) problem = "is out of range";
  if (!problem && key->type == ART_KEY_STEP && 1000 % value) problem = "does not divide 1 s into whole steps";
  if (problem) return refuse(key, where, yaml, node, problem, err);
  *out = value;
  return ART_OK;
}

static art_status set_number(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  double real = 0;
  int64_t whole = 0;
  const char *problem = NULL;
  if (key->type == ART_KEY_INTEGER) {
    problem = art_quantity_integer(node->text, &whole);
    real = (double)whole;
  } else if (key->type == ART_KEY_SPEED) {
    problem = art_quantity_speed(node->text, &real);
  } else {
    problem = art_quantity_real(node->text, &real);
  }
  if (!problem && !(real >= key->lowest && real <= key->highest)) problem = "is out of range";
  if (problem) return refuse(key, short_where(c->table), c->yaml, node, problem, c->err);
  if (key->type == ART_KEY_INTEGER)
    *MEMBER(int32_t, c->base, key->offset) = (int32_t)whole;
  else if (key->type == ART_KEY_SPEED)
    *MEMBER(float, c->base, key->offset) = (float)real;
  else
    *MEMBER(double, c->base, key->offset) = real;
  return ART_OK;
}

static void set_word(const apply_context *c, const art_key *key)
{
  if (key->type == ART_KEY_INTEGER)
    *MEMBER(int32_t, c->base, key->offset) = (int32_t)key->word_value;
  else if (key->type == ART_KEY_REAL)
    *MEMBER(double, c->base, key->offset) = key->word_value;
  else
    *MEMBER(art_tick, c->base, key->offset) = (art_tick)key->word_value;
}

static art_status set_choice(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  art_text list = { 0 };
  for (int i = 0; key->choices[i]; ++i) {
    if (strcmp(key->choices[i], node->text) == 0) {
      free(list.text);
      *MEMBER(int32_t, c->base, key->offset) = i;
      return ART_OK;
    }
    art_text_add(&list, "%s%s", i ? ", " : "", key->choices[i]);
  }
  const art_status status = art_yaml_fail(c->yaml, node, c->err, "%s%s: '%.200s' is not known (accepted: %s)",
                                          short_where(c->table), key->path, node->text, list.text);
  free(list.text);
  return status;
}

/// A name of the IANA database; looked up where the system has one.
static const char *check_timezone(const char *name)
{
  static const char expected[] = "is not a time zone; write a name such as Europe/Rome or UTC";
  static const char folder[] = "/usr/share/zoneinfo";
  const size_t length = strlen(name);
  if (length > 64 || name[0] == '/' || strstr(name, "..")) return expected;
  for (const char *p = name; *p; ++p)
    if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/", *p)) return expected;
  struct stat info;
  if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) return NULL;
  char path[sizeof folder + 80];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? NULL : expected;
}

static art_status set_text(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  const char *problem = NULL;
  if (!*node->text)
    problem = "is empty";
  else if (key->type == ART_KEY_DATE)
    problem = art_quantity_date(node->text);
  else if (key->type == ART_KEY_TIMEZONE)
    problem = check_timezone(node->text);
  if (problem) return refuse(key, short_where(c->table), c->yaml, node, problem, c->err);
  char **member = MEMBER(char *, c->base, key->offset);
  free(*member);
  const int is_path = key->type == ART_KEY_PATH || key->type == ART_KEY_INPUT;
  *member = is_path ? art_yaml_resolve(c->yaml, node->text) : art_strdup(node->text);
  return ART_OK;
}

/// One element of a list of texts, into *out.
static art_status read_element(const apply_context *c, const art_key *key, const art_yaml_node *node,
                               char **out)
{
  const char *where = short_where(c->table);
  const art_status status = need_scalar(where, key->path, words_of(key), c->yaml, node, c->err);
  if (status != ART_OK) return status;
  const char *problem = !*node->text                 ? "is empty"
                        : key->type == ART_KEY_DATES ? art_quantity_date(node->text)
                                                     : NULL;
  if (problem)
    return art_yaml_fail(c->yaml, node, c->err, "%s%s: '%.200s' %s", where, key->path, node->text, problem);
  *out = key->type == ART_KEY_INPUTS ? art_yaml_resolve(c->yaml, node->text) : art_strdup(node->text);
  return ART_OK;
}

static art_status set_texts(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  char ***list = MEMBER(char **, c->base, key->offset);
  int32_t *count = MEMBER(int32_t, c->base, key->count_offset);
  if (node->kind == ART_YAML_MAP || art_yaml_is_null(node))
    return art_yaml_fail(c->yaml, node, c->err, "%s%s: must be a %s, this is %s", short_where(c->table),
                         key->path, words_of(key), art_yaml_kind_text(node));
  const int32_t wanted = node->kind == ART_YAML_LIST ? node->count : 1;
  if (wanted < key->lowest || wanted > key->highest)
    return art_yaml_fail(c->yaml, node, c->err, "%s%s: has %d elements (accepted: %.0f to %.0f)",
                         short_where(c->table), key->path, wanted, key->lowest, key->highest);
  *list = ART_NEW(char *, wanted);
  for (*count = 0; *count < wanted; ++*count) {
    const art_yaml_node *element = node->kind == ART_YAML_LIST ? node->item[*count] : node;
    const art_status status = read_element(c, key, element, &(*list)[*count]);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status set_durations(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  int32_t *count = MEMBER(int32_t, c->base, key->count_offset);
  art_tick **list = MEMBER(art_tick *, c->base, key->offset);
  if (node->kind != ART_YAML_LIST || node->count == 0)
    return art_yaml_fail(c->yaml, node, c->err, "%s%s: must be a list of at least one time, this is %s",
                         short_where(c->table), key->path,
                         node->kind == ART_YAML_LIST ? "empty" : art_yaml_kind_text(node));
  *list = ART_NEW(art_tick, node->count);
  for (*count = 0; *count < node->count; ++*count) {
    const art_status status =
        art_keys_read_time(key, short_where(c->table), c->yaml, node->item[*count], &(*list)[*count], c->err);
    if (status != ART_OK) return status;
  }
  return ART_OK;
}

static art_status set_value(const apply_context *c, const art_key *key, const art_yaml_node *node)
{
  const char *where = short_where(c->table);
  switch (key->type) {
  case ART_KEY_SECTION: return ART_OK;
  case ART_KEY_TEXTS:
  case ART_KEY_INPUTS:
  case ART_KEY_DATES: return set_texts(c, key, node);
  case ART_KEY_DURATIONS: return set_durations(c, key, node);
  default: break;
  }
  art_status status = need_scalar(where, key->path, words_of(key), c->yaml, node, c->err);
  if (status != ART_OK) return status;
  if (key->word && strcmp(key->word, node->text) == 0) {
    set_word(c, key);
    return ART_OK;
  }
  art_tick time = 0;
  const char *problem;
  switch (key->type) {
  case ART_KEY_TEXT:
  case ART_KEY_PATH:
  case ART_KEY_INPUT:
  case ART_KEY_DATE:
  case ART_KEY_TIMEZONE: return set_text(c, key, node);
  case ART_KEY_CHOICE: return set_choice(c, key, node);
  case ART_KEY_SCHEMA:
    if (strcmp(node->text, "1") == 0) return ART_OK;
    return art_yaml_fail(c->yaml, node, c->err,
                         "arterial: schema version '%.200s' is not known (accepted: 1)", node->text);
  case ART_KEY_BOOL: problem = art_quantity_bool(node->text, MEMBER(int, c->base, key->offset)); break;
  case ART_KEY_SEED: problem = art_quantity_seed(node->text, MEMBER(uint64_t, c->base, key->offset)); break;
  case ART_KEY_DURATION:
  case ART_KEY_INSTANT:
  case ART_KEY_STEP:
    status = art_keys_read_time(key, where, c->yaml, node, &time, c->err);
    if (status != ART_OK) return status;
    if (key->type == ART_KEY_STEP)
      *MEMBER(int32_t, c->base, key->offset) = (int32_t)time;
    else
      *MEMBER(art_tick, c->base, key->offset) = time;
    return ART_OK;
  default: return set_number(c, key, node);
  }
  return problem ? refuse(key, where, c->yaml, node, problem, c->err) : ART_OK;
}

/// Stores a text of the table itself, a default.
static art_status set_initial(const apply_context *c, const art_key *key)
{
  char text[64];
  snprintf(text, sizeof text, "%s", key->initial);
  const art_yaml_node node = { .kind = ART_YAML_SCALAR, .text = text, .is_plain = 1, .set = "(default)" };
  return set_value(c, key, &node);
}

/// Off: the interval is 0. On: the interval has its default.
static art_status set_sampling(const apply_context *c, const art_key *key, int is_on)
{
  const art_key *every = key + 1;
  if (key->offset != ART_KEY_NOWHERE) *MEMBER(int, c->base, key->offset) = is_on;
  if (is_on) return set_initial(c, every);
  *MEMBER(art_tick, c->base, every->offset) = 0;
  return ART_OK;
}

static art_status apply_initials(const apply_context *c)
{
  art_status status = ART_OK;
  for (int i = 0; i < c->table->count && status == ART_OK; ++i) {
    const art_key *key = &c->table->key[i];
    if (key->type == ART_KEY_SAMPLING) {
      int is_on = 0;
      art_quantity_bool(key->initial, &is_on);
      status = set_sampling(c, key, is_on);
      ++i;  // its `every` belongs to it
    } else if (key->initial) {
      status = set_initial(c, key);
    }
  }
  return status;
}

/// Levenshtein distance, up to 40 bytes of each.
static int edit_distance(const char *a, const char *b)
{
  enum { LONGEST = 40 };
  int row[LONGEST + 1];
  const int m = (int)strnlen(a, LONGEST), n = (int)strnlen(b, LONGEST);
  for (int j = 0; j <= n; ++j) row[j] = j;
  for (int i = 1; i <= m; ++i) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= n; ++j) {
      int best = diagonal + (a[i - 1] != b[j - 1]);
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[n];
}

/// Refuses a key. Suggests the same name elsewhere, else the nearest name at its level; lists all at its
/// level.
static art_status unknown_key(const apply_context *c, const char *prefix, const art_yaml_node *key)
{
  const size_t length = strlen(prefix);
  char best[64] = "", name[64], last[64] = "";
  art_text all = { 0 };
  for (int i = 0; i < c->table->count; ++i) {
    const char *path = c->table->key[i].path;
    const char *leaf = strrchr(path, '.');
    if (!best[0] && leaf && strcmp(leaf + 1, key->text) == 0) snprintf(best, sizeof best, "%s", path);
  }
  int best_distance = best[0] ? 0 : (int)strlen(key->text) / 2 + 1;
  if (best_distance > 4) best_distance = 4;
  for (int i = 0; i < c->table->count; ++i) {
    const char *path = c->table->key[i].path;
    if (strncmp(path, prefix, length) != 0) continue;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(path + length, "."), path + length);
    if (strcmp(name, last) == 0) continue;
    art_text_add(&all, "%s%s", last[0] ? ", " : "", name);
    memcpy(last, name, sizeof last);
    const int distance = edit_distance(key->text, name);
    if (distance >= best_distance) continue;
    best_distance = distance;
    snprintf(best, sizeof best, "%s%s", prefix, name);
  }
  const char *where = short_where(c->table);
  const art_status status =
      best[0] ? art_yaml_fail(c->yaml, key, c->err,
                              "unknown key '%s%s%.100s'; did you mean '%s%s'? (known here: %s)", where,
                              prefix, key->text, where, best, all.text)
              : art_yaml_fail(c->yaml, key, c->err, "unknown key '%s%s%.100s' (known here: %s)", where,
                              prefix, key->text, all.text);
  free(all.text);
  return status;
}

static art_status apply_map(apply_context *c, const art_yaml_node *map, const char *prefix);

/// A sampling row: true, false, or a mapping with `every`.
static art_status apply_sampling(apply_context *c, const art_key *key, const art_yaml_node *node)
{
  int is_on = 1;
  if (node->kind == ART_YAML_MAP) {
    const art_status status = set_sampling(c, key, 1);
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s.", key->path);
    return status == ART_OK ? apply_map(c, node, prefix) : status;
  }
  if (node->kind != ART_YAML_SCALAR || art_yaml_is_null(node) || art_quantity_bool(node->text, &is_on))
    return art_yaml_fail(c->yaml, node, c->err,
                         "%s: must be true, false or {every: 60 s}, this is %s%s%.100s%s", key->path,
                         art_yaml_kind_text(node), node->kind == ART_YAML_SCALAR ? " '" : "",
                         node->kind == ART_YAML_SCALAR ? node->text : "",
                         node->kind == ART_YAML_SCALAR ? "'" : "");
  return set_sampling(c, key, is_on);
}

static art_status apply_pair(apply_context *c, const char *prefix, const art_yaml_node *key_node,
                             const art_yaml_node *node)
{
  char path[128];
  const int written = snprintf(path, sizeof path, "%s%s", prefix, key_node->text);
  const size_t length = strlen(path);
  if (written != (int)length || strchr(key_node->text, '.')) return unknown_key(c, prefix, key_node);
  for (int i = 0; i < c->table->count; ++i) {
    const art_key *key = &c->table->key[i];
    if (strncmp(key->path, path, length) != 0) continue;
    if (key->path[length] == '\0') {
      c->seen |= UINT64_C(1) << i;
      return key->type == ART_KEY_SAMPLING ? apply_sampling(c, key, node) : set_value(c, key, node);
    }
    if (key->path[length] == '.') {
      if (node->kind != ART_YAML_MAP)
        return art_yaml_fail(c->yaml, node, c->err,
                             "%s%s: must be a mapping with keys such as '%s', this is %s",
                             short_where(c->table), path, key->path + length + 1, art_yaml_kind_text(node));
      snprintf(path + length, sizeof path - length, ".");
      return apply_map(c, node, path);
    }
  }
  return unknown_key(c, prefix, key_node);
}

static art_status apply_map(apply_context *c, const art_yaml_node *map, const char *prefix)
{
  art_status all = ART_OK;
  for (int32_t i = 0; i < map->count; ++i) {
    if (c->ignore && !*prefix && strcmp(c->ignore, map->key[i]->text) == 0) continue;
    const art_status status = apply_pair(c, prefix, map->key[i], map->item[i]);
    if (status != ART_OK) all = status;
    if (status != ART_OK && !art_yaml_goes_on(c->yaml, c->err)) break;
  }
  return all;
}

/// Where a missing key would stand: the innermost mapping that is there.
static const art_yaml_node *nearest_map(const art_yaml_node *map, const char *path)
{
  char part[128];
  for (const char *point = strchr(path, '.'); point; point = strchr(point + 1, '.')) {
    snprintf(part, sizeof part, "%.*s", (int)(point - path), path);
    const art_yaml_node *found = art_yaml_find(map, part);
    if (!found) break;
    map = found;
  }
  return map;
}

art_status art_keys_apply(const art_key_table *table, const art_yaml *yaml, const art_yaml_node *map,
                          const char *ignore, void *base, art_error *err)
{
  apply_context c = { table, yaml, ignore, base, 0, err };
  const char *where = short_where(table);
  if (map->kind != ART_YAML_MAP)
    return art_yaml_fail(yaml, map, err, "%s must be a mapping with keys such as '%s', this is %s",
                         *where ? where : "the file", table->key[0].path, art_yaml_kind_text(map));
  art_status status = apply_initials(&c);
  if (status == ART_OK) status = apply_map(&c, map, "");
  for (int i = 0; i < table->count; ++i) {
    if (status != ART_OK && !art_yaml_goes_on(yaml, err)) break;
    const art_key *key = &table->key[i];
    if (key->is_required && !(c.seen >> i & 1))
      status = art_yaml_fail(yaml, nearest_map(map, key->path), err, "the key '%s%s' is missing (%s)", where,
                             key->path, words_of(key));
  }
  return status;
}

static art_status check_input(const art_yaml *yaml, const char *path, const art_key *key, int32_t index,
                              art_error *err)
{
  struct stat info;
  const art_yaml_node *node = art_yaml_find(yaml->root, key->path);
  if (!path) return ART_OK;  // not given, or refused already
  if (node && node->kind == ART_YAML_LIST) node = node->item[index];
  if (stat(path, &info) != 0)
    return art_yaml_fail(yaml, node, err, "%s: %s: %s", key->path, path, strerror(errno));
  if (S_ISDIR(info.st_mode))
    return art_yaml_fail(yaml, node, err, "%s: %s is a folder, not a file", key->path, path);
  return ART_OK;
}

art_status art_keys_check_inputs(const art_key_table *table, const art_yaml *yaml, const void *base,
                                 art_error *err)
{
  art_status status = ART_OK;
  if (yaml->skip_files) return ART_OK;
  for (int i = 0; i < table->count; ++i) {
    if (status != ART_OK && !art_yaml_goes_on(yaml, err)) break;
    const art_key *key = &table->key[i];
    const char *at = (const char *)base;
    if (key->type == ART_KEY_INPUT)
      status = check_input(yaml, *(char *const *)(const void *)(at + key->offset), key, 0, err);
    if (key->type != ART_KEY_INPUTS) continue;
    char *const *list = *(char **const *)(const void *)(at + key->offset);
    const int32_t count = *(const int32_t *)(const void *)(at + key->count_offset);
    for (int32_t k = 0; k < count && status == ART_OK; ++k) status = check_input(yaml, list[k], key, k, err);
  }
  return status;
}

const art_key *art_keys_find(const art_key_table *table, const char *path)
{
  for (int i = 0; i < table->count; ++i)
    if (strcmp(table->key[i].path, path) == 0) return &table->key[i];
  return NULL;
}
