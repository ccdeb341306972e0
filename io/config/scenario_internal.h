/// \file scenario_internal.h
/// The readers of configuration files on a text in memory; for tests and fuzzing.
#ifndef ART_IO_CONFIG_SCENARIO_INTERNAL_H
#define ART_IO_CONFIG_SCENARIO_INTERNAL_H
#include <stddef.h>

#include "io/config/apply_internal.h"
#include "io/config/scenario.h"
#include "io/config/yaml_tree_internal.h"

/// Build from a tree; the tree may be freed afterwards. Inputs are not looked at if yaml->skip_files.
art_status art_scenario_build(const art_yaml *yaml, art_scenario **out, art_error *err);
art_status art_plan_build(const art_yaml *yaml, art_plan *out, art_error *err);
/// Appends what art_plan_write writes.
art_status art_plan_print(const art_plan *plan, const char *comment, art_text *out, art_error *err);
art_status art_batch_build(const art_yaml *yaml, art_batch **out, art_error *err);
art_status art_calibration_build(const art_yaml *yaml, art_calibration **out, art_error *err);
art_config_file art_config_kind_of(const art_yaml *yaml);
/// art_config_check() of a tree.
int art_config_check_tree(art_yaml *yaml, void (*report)(void *context, const char *message), void *context);

#endif  // ART_IO_CONFIG_SCENARIO_INTERNAL_H
