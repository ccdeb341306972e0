#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/config/apply_internal.h"
#include "io/config/quantity.h"
#include "io/config/scenario_internal.h"

void art_calibration_free(art_calibration *calibration)
{
  if (!calibration) return;
  for (int32_t i = 0; i < calibration->exclude_date_count; ++i) free(calibration->exclude_dates[i]);
  for (int32_t i = 0; i < calibration->exclude_station_count; ++i) free(calibration->exclude_stations[i]);
  free(calibration->exclude_dates);
  free(calibration->exclude_stations);
  free(calibration->path);
  free(calibration->scenario_path);
  free(calibration->feed_path);
  free(calibration->demand_out);
  free(calibration->fit_csv_out);
  free(calibration->fit_h5_out);
  free(calibration);
}

/// "08:00-09:00", within one day.
static art_status read_hours(art_calibration *c, const art_yaml *yaml, art_error *err)
{
  const art_yaml_node *node = art_yaml_find(yaml->root, "select.hours");
  if (!node) return ART_OK;  // reported as missing
  if (node->kind == ART_YAML_LIST) {
    if (node->count != 1)
      return art_yaml_fail(yaml, node, err, "select.hours: has %d windows (accepted: 1)", node->count);
    node = node->item[0];
  }
  if (node->kind != ART_YAML_SCALAR || !*node->text)
    return art_yaml_fail(yaml, node, err,
                         "select.hours: must be a window such as \"08:00-09:00\", this is %s",
                         art_yaml_kind_text(node));
  static const char expected[] = "is not a window of a day; write \"08:00-09:00\"";
  char from[16], to[16];
  const char *dash = strchr(node->text, '-');
  const char *problem = expected;
  if (dash && dash - node->text < (long)sizeof from && strlen(dash + 1) < sizeof to &&
      strchr(node->text, ':')) {
    snprintf(from, sizeof from, "%.*s", (int)(dash - node->text), node->text);
    snprintf(to, sizeof to, "%s", dash + 1);
    problem = art_quantity_time(from, &c->from_ms);
    if (!problem) problem = art_quantity_time(to, &c->to_ms);
    if (!problem && c->to_ms <= c->from_ms) problem = "ends before it begins";
    if (!problem && c->to_ms > 86400000) problem = "goes past 24:00";
  }
  return problem ? art_yaml_fail(yaml, node, err, "select.hours: '%.100s' %s", node->text, problem) : ART_OK;
}

static art_status apply_keys(art_calibration *c, const art_yaml *yaml, art_error *err)
{
  return art_keys_apply(&art_keys_calibration, yaml, yaml->root, NULL, c, err);
}

static art_status check_inputs(art_calibration *c, const art_yaml *yaml, art_error *err)
{
  return art_keys_check_inputs(&art_keys_calibration, yaml, c, err);
}

art_status art_calibration_build(const art_yaml *yaml, art_calibration **out, art_error *err)
{
  art_calibration *c = ART_NEW(art_calibration, 1);
  *out = NULL;
  c->path = art_strdup(yaml->name);
  static art_status (*const stages[])(art_calibration *, const art_yaml *, art_error *) = {
    apply_keys,
    read_hours,
    check_inputs,
  };
  art_status status = ART_OK;
  for (size_t i = 0; i < sizeof stages / sizeof *stages; ++i) {
    const art_status stage = stages[i](c, yaml, err);
    if (stage != ART_OK) status = stage;
    if (stage != ART_OK && !art_yaml_goes_on(yaml, err)) break;
  }
  if (status != ART_OK)
    art_calibration_free(c);
  else
    *out = c;
  return status;
}

art_status art_calibration_read(const char *path, art_calibration **out, art_error *err)
{
  art_yaml *yaml;
  *out = NULL;
  art_status status = art_yaml_read(path, &yaml, err);
  if (status != ART_OK) return status;
  status = art_calibration_build(yaml, out, err);
  art_yaml_free(yaml);
  return status;
}
