/// \file apply_internal.h
/// Between a tree and a struct, by a table of keys: checks and stores values, writes them as YAML.
#ifndef ART_IO_CONFIG_APPLY_INTERNAL_H
#define ART_IO_CONFIG_APPLY_INTERNAL_H
#include "core/base/status.h"
#include "core/num/real.h"
#include "io/config/keys.h"
#include "io/config/yaml_tree_internal.h"

/// Stores the defaults of `table` into the struct at `base`, then what `map` says. Every key is checked;
/// files that must exist are not looked at yet. `ignore` names a key that is read elsewhere (NULL: none).
/// Members own what they point to, on failure too: the caller frees the struct.
art_status art_keys_apply(const art_key_table *table, const art_yaml *yaml, const art_yaml_node *map,
                          const char *ignore, void *base, art_error *err);
/// Says which of the inputs that the table names does not exist.
art_status art_keys_check_inputs(const art_key_table *table, const art_yaml *yaml, const void *base,
                                 art_error *err);
/// The row of a path; asserts that there is one.
const art_key *art_keys_find(const art_key_table *table, const char *path);
/// Reads one time with the range of `key` from a scalar.
art_status art_keys_read_time(const art_key *key, const char *where, const art_yaml *yaml,
                              const art_yaml_node *node, art_tick *out, art_error *err);
/// "50 ms to 1 s": the accepted range of a row, in its unit.
void art_keys_print_range(const art_key *key, char *text, size_t size);

/// A text that grows.
typedef struct art_text {
  char *text;
  size_t size, capacity;
} art_text;
void art_text_add(art_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// In double quotes, escaped so that YAML reads back the same bytes.
void art_text_add_quoted(art_text *text, const char *value);
/// One '#' line per line of `comment` (NULL: none); what YAML does not allow becomes '?'.
void art_text_add_comment(art_text *text, const char *comment);

/// Writes all stored values of a struct as YAML lines, each after `indent` blanks. `dir`: the folder that
/// paths are written relative to, as art_yaml.dir.
void art_keys_write(const art_key_table *table, const void *base, const char *dir, int indent, art_text *out);
/// A path as it was before art_yaml_resolve().
const char *art_keys_relative(const char *dir, const char *path);

#endif  // ART_IO_CONFIG_APPLY_INTERNAL_H
