#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/apply_internal.h"
#include "io/config/quantity.h"
#include "io/config/scenario_internal.h"

enum { MAX_SEEDS = 1000000 };

void art_batch_free(art_batch *batch)
{
  if (!batch) return;
  for (int32_t i = 0; i < batch->scenario_count; ++i) free(batch->scenario_paths[i]);
  free(batch->scenario_paths);
  free(batch->seeds);
  free(batch->output_dir);
  free(batch->path);
  free(batch);
}

/// "1..20", both ends included.
static art_status read_range(art_batch *batch, const art_yaml *yaml, const art_yaml_node *node,
                             art_error *err)
{
  uint64_t first, last;
  char text[64] = "";
  const char *points = strstr(node->text, "..");
  if (strlen(node->text) >= sizeof text)
    return art_yaml_fail(yaml, node, err, "seeds: '%.100s' is not a range; write 1..20 or [1, 2, 3]",
                         node->text);
  memcpy(text, node->text, points ? (size_t)(points - node->text) : strlen(node->text));
  while (*text && text[strlen(text) - 1] == ' ') text[strlen(text) - 1] = '\0';
  const char *second = points ? points + 2 : text;
  while (*second == ' ') ++second;
  if (art_quantity_seed(text, &first) || art_quantity_seed(second, &last))
    return art_yaml_fail(yaml, node, err, "seeds: '%s' is not a range; write 1..20 or [1, 2, 3]", node->text);
  if (last < first) return art_yaml_fail(yaml, node, err, "seeds: '%s' ends before it begins", node->text);
  if (last - first >= MAX_SEEDS)
    return art_yaml_fail(yaml, node, err, "seeds: '%s' is too many (accepted: 1 to %d)", node->text,
                         MAX_SEEDS);
  batch->seed_count = (int32_t)(last - first) + 1;
  batch->seeds = ART_NEW(uint64_t, batch->seed_count);
  for (int32_t i = 0; i < batch->seed_count; ++i) batch->seeds[i] = first + (uint64_t)i;
  return ART_OK;
}

static art_status read_seed_list(art_batch *batch, const art_yaml *yaml, const art_yaml_node *node,
                                 art_error *err)
{
  if (node->count < 1 || node->count > MAX_SEEDS)
    return art_yaml_fail(yaml, node, err, "seeds: has %d elements (accepted: 1 to %d)", node->count,
                         MAX_SEEDS);
  batch->seeds = ART_NEW(uint64_t, node->count);
  art_idmap *seen = art_idmap_new();
  art_status status = ART_OK;
  for (; batch->seed_count < node->count && status == ART_OK; ++batch->seed_count) {
    const art_yaml_node *item = node->item[batch->seed_count];
    uint64_t *seed = &batch->seeds[batch->seed_count];
    char digits[32];
    const char *problem = item->kind != ART_YAML_SCALAR ? "" : art_quantity_seed(item->text, seed);
    if (problem) {
      status = art_yaml_fail(yaml, item, err,
                             "seeds: '%.100s' is not a whole number from 0 to 18446744073709551615",
                             item->kind == ART_YAML_SCALAR ? item->text : art_yaml_kind_text(item));
      break;
    }
    snprintf(digits, sizeof digits, "%" PRIu64, *seed);
    if (art_idmap_find(seen, digits) >= 0)
      status = art_yaml_fail(yaml, item, err, "seeds: %s stands here a second time", digits);
    art_idmap_put(seen, digits);
  }
  art_idmap_free(seen);
  return status;
}

static art_status read_seeds(art_batch *batch, const art_yaml *yaml, art_error *err)
{
  const art_yaml_node *node = art_yaml_get(yaml->root, "seeds");
  if (!node) return ART_OK;  // reported as missing
  if (node->kind == ART_YAML_LIST) return read_seed_list(batch, yaml, node, err);
  if (node->kind == ART_YAML_SCALAR) return read_range(batch, yaml, node, err);
  return art_yaml_fail(yaml, node, err, "seeds: must be a range 1..20 or a list, this is %s",
                       art_yaml_kind_text(node));
}

/// Members are told apart by their scenario: no file twice.
static art_status check_scenarios(art_batch *batch, const art_yaml *yaml, art_error *err)
{
  art_status status = ART_OK;
  art_idmap *seen = art_idmap_new();
  for (int32_t i = 0; i < batch->scenario_count && status == ART_OK; ++i) {
    if (art_idmap_find(seen, batch->scenario_paths[i]) >= 0)
      status = art_yaml_fail(yaml, art_yaml_get(yaml->root, "scenarios"), err,
                             "scenarios: %s stands here twice", batch->scenario_paths[i]);
    art_idmap_put(seen, batch->scenario_paths[i]);
  }
  art_idmap_free(seen);
  return status;
}

static art_status apply_keys(art_batch *batch, const art_yaml *yaml, art_error *err)
{
  return art_keys_apply(&art_keys_batch, yaml, yaml->root, NULL, batch, err);
}

static art_status check_inputs(art_batch *batch, const art_yaml *yaml, art_error *err)
{
  return art_keys_check_inputs(&art_keys_batch, yaml, batch, err);
}

art_status art_batch_build(const art_yaml *yaml, art_batch **out, art_error *err)
{
  art_batch *batch = ART_NEW(art_batch, 1);
  *out = NULL;
  batch->path = art_strdup(yaml->name);
  static art_status (*const stages[])(art_batch *, const art_yaml *, art_error *) = {
    apply_keys,
    read_seeds,
    check_scenarios,
    check_inputs,
  };
  art_status status = ART_OK;
  for (size_t i = 0; i < sizeof stages / sizeof *stages; ++i) {
    const art_status stage = stages[i](batch, yaml, err);
    if (stage != ART_OK) status = stage;
    if (stage != ART_OK && !art_yaml_goes_on(yaml, err)) break;
  }
  if (status != ART_OK)
    art_batch_free(batch);
  else
    *out = batch;
  return status;
}

art_status art_batch_read(const char *path, art_batch **out, art_error *err)
{
  art_yaml *yaml;
  *out = NULL;
  art_status status = art_yaml_read(path, &yaml, err);
  if (status != ART_OK) return status;
  status = art_batch_build(yaml, out, err);
  art_yaml_free(yaml);
  return status;
}
