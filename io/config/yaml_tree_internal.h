/// \file yaml_tree_internal.h
/// A YAML file as a small tree whose nodes know where they stand. Built by libyaml; aliases are expanded, so
/// that every node has one parent; size and depth are bounded, so that no input can make it explode.
#ifndef ART_IO_CONFIG_YAML_TREE_INTERNAL_H
#define ART_IO_CONFIG_YAML_TREE_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

#include "core/base/status.h"

typedef enum art_yaml_kind { ART_YAML_SCALAR, ART_YAML_LIST, ART_YAML_MAP } art_yaml_kind;

typedef struct art_yaml_node {
  art_yaml_kind kind;
  int line, column;             ///< from 1; 0 if it comes from --set
  int is_plain;                 ///< a scalar without quotes
  const char *set;              ///< text of the --set that put it here, borrowed; NULL: from the file
  char *text;                   ///< scalar; UTF-8 without NUL inside
  int32_t count, capacity;      ///< list or map
  struct art_yaml_node **item;  ///< elements of a list, values of a map
  struct art_yaml_node **key;   ///< map only: scalars, all different
} art_yaml_node;

/// Takes problems while a check goes on behind them.
typedef struct art_yaml_problems {
  void (*report)(void *context, const char *message);
  void *context;
  int count;
} art_yaml_problems;

typedef struct art_yaml {
  char *name;                   ///< path of the file as given
  char *dir;                    ///< folder that relative paths start at; "" for the current one
  int skip_files;               ///< do not look at other files (fuzzing)
  art_yaml_problems *problems;  ///< NULL: stop at the first problem
  int64_t node_count;
  art_yaml_node *root;  ///< always a map
} art_yaml;

/// Reads a file or a text. The text needs no final NUL. On failure *out is NULL.
art_status art_yaml_read(const char *path, art_yaml **out, art_error *err);
art_status art_yaml_parse(const char *name, const char *text, size_t size, art_yaml **out, art_error *err);
void art_yaml_free(art_yaml *yaml);

/// Puts "a.b=value" into the tree, over what is there; maps that are missing are made; a number is an index
/// into a list. `set` is borrowed until the tree is freed.
art_status art_yaml_set(art_yaml *yaml, const char *set, art_error *err);

/// Value of a key, or NULL. `map` may be NULL or of another kind.
const art_yaml_node *art_yaml_get(const art_yaml_node *map, const char *key);
/// The same along "a.b.c".
const art_yaml_node *art_yaml_find(const art_yaml_node *map, const char *path);
int art_yaml_is_null(const art_yaml_node *node);  ///< nothing, `~` or `null`
/// "a scalar", "a list", "a mapping", for messages.
const char *art_yaml_kind_text(const art_yaml_node *node);

/// ART_E_INPUT with "file:line:column: " or "--set text: " in front.
art_status art_yaml_fail(const art_yaml *yaml, const art_yaml_node *node, art_error *err, const char *format,
                         ...) __attribute__((format(printf, 4, 5)));
/// After a failure: 1 if the check should go on; the message has then been reported and is cleared. 0: stop.
int art_yaml_goes_on(const art_yaml *yaml, art_error *err);
/// A path written in the file, seen from the current folder; the caller frees it.
char *art_yaml_resolve(const art_yaml *yaml, const char *path);

#endif  // ART_IO_CONFIG_YAML_TREE_INTERNAL_H
