#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/config/apply_internal.h"
#include "io/config/quantity.h"
#include "io/config/scenario_internal.h"
#include "io/config/utf8_internal.h"

static void clear_signal(art_plan_signal *signal)
{
  free(signal->signal);
  free(signal->program);
  free(signal->duration_ms);
  memset(signal, 0, sizeof *signal);
}

void art_plan_clear(art_plan *plan)
{
  for (int32_t i = 0; i < plan->signal_count; ++i) clear_signal(&plan->signal[i]);
  free(plan->signal);
  free(plan->path);
  memset(plan, 0, sizeof *plan);
}

/// The id: key of a mapping, or member `signal` of a list's element.
static const art_yaml_node *id_of(const art_yaml *yaml, const art_yaml_node *signals, int32_t i,
                                  art_error *err)
{
  const art_yaml_node *element = signals->item[i];
  const art_yaml_node *id = signals->kind == ART_YAML_MAP ? signals->key[i] : art_yaml_get(element, "signal");
  if (element->kind != ART_YAML_MAP)
    art_yaml_fail(yaml, element, err,
                  "signals: each signal is a mapping with 'offset' and 'durations', this is %s",
                  art_yaml_kind_text(element));
  else if (!id)
    art_yaml_fail(yaml, element, err, "signals: the key 'signal' is missing (id of the signal)");
  else if (id->kind != ART_YAML_SCALAR || !*id->text)
    art_yaml_fail(yaml, id, err, "signals: the id of a signal is a text, this is %s",
                  id->kind == ART_YAML_SCALAR ? "empty" : art_yaml_kind_text(id));
  else
    return id;
  return NULL;
}

static art_status read_signal(const art_yaml *yaml, const art_yaml_node *signals, int32_t i, art_idmap *seen,
                              art_plan_signal *out, art_error *err)
{
  const art_yaml_node *id = id_of(yaml, signals, i, err);
  if (!id) return ART_E_INPUT;
  const art_yaml_node *body = signals->item[i];
  if (art_idmap_find(seen, id->text) >= 0)
    return art_yaml_fail(yaml, id, err, "signals: '%.200s' stands here a second time", id->text);
  art_idmap_put(seen, id->text);
  out->signal = art_strdup(id->text);
  out->line = id->line;
  const char *ignore = signals->kind == ART_YAML_LIST ? "signal" : NULL;
  const art_status status = art_keys_apply(&art_keys_plan_signal, yaml, body, ignore, out, err);
  if (status != ART_OK) return status;
  art_tick cycle = 0;
  for (int32_t k = 0; k < out->phase_count; ++k) cycle += out->duration_ms[k];
  if (cycle > 0) return ART_OK;
  return art_yaml_fail(yaml, art_yaml_get(body, "durations"), err,
                       "signals: the durations of '%.200s' add up to nothing", id->text);
}

art_status art_plan_build(const art_yaml *yaml, art_plan *out, art_error *err)
{
  memset(out, 0, sizeof *out);
  art_status all = art_keys_apply(&art_keys_plan, yaml, yaml->root, NULL, out, err);
  const art_yaml_node *signals = art_yaml_get(yaml->root, "signals");
  if (all != ART_OK && (!art_yaml_goes_on(yaml, err) || !signals)) return all;
  if (signals->kind == ART_YAML_SCALAR)
    return art_yaml_fail(yaml, signals, err,
                         "signals: must be a mapping of signal ids, or a list, this is %s",
                         art_yaml_kind_text(signals));
  out->path = art_strdup(yaml->name);
  out->signal = ART_NEW(art_plan_signal, signals->count);
  art_idmap *seen = art_idmap_new();
  for (int goes_on = 1; goes_on && out->signal_count < signals->count; ++out->signal_count) {
    const art_status status =
        read_signal(yaml, signals, out->signal_count, seen, &out->signal[out->signal_count], err);
    if (status == ART_OK) continue;
    all = status;
    goes_on = art_yaml_goes_on(yaml, err);
  }
  art_idmap_free(seen);
  if (all != ART_OK) art_plan_clear(out);
  return all;
}

art_status art_plan_read(const char *path, art_plan *out, art_error *err)
{
  art_yaml *yaml;
  memset(out, 0, sizeof *out);
  art_status status = art_yaml_read(path, &yaml, err);
  if (status != ART_OK) return status;
  status = art_plan_build(yaml, out, err);
  art_yaml_free(yaml);
  return status;
}

static art_status check_plan(const art_plan *plan, art_error *err)
{
  const art_key *duration = art_keys_find(&art_keys_plan_signal, "durations");
  const art_key *offset = art_keys_find(&art_keys_plan_signal, "offset");
  char range[100];
  for (int32_t i = 0; i < plan->signal_count; ++i) {
    const art_plan_signal *signal = &plan->signal[i];
    art_tick cycle = 0;
    if (!art_utf8_decodes(signal->signal) || (signal->program && !art_utf8_decodes(signal->program)))
      return art_fail(err, ART_E_INPUT, "signal '%s': the id of signal or program is not UTF-8",
                      signal->signal);
    art_keys_print_range(offset, range, sizeof range);
    if ((double)signal->offset_ms < offset->lowest || (double)signal->offset_ms > offset->highest)
      return art_fail(err, ART_E_INPUT,
                      "signal '%s': offset of %" PRId64 " ms is out of range (accepted: %s)", signal->signal,
                      signal->offset_ms, range);
    art_keys_print_range(duration, range, sizeof range);
    for (int32_t k = 0; k < signal->phase_count; ++k) {
      const art_tick value = signal->duration_ms[k];
      if ((double)value < duration->lowest || (double)value > duration->highest)
        return art_fail(err, ART_E_INPUT,
                        "signal '%s': phase %d of %" PRId64 " ms is out of range (accepted: %s)",
                        signal->signal, k, value, range);
      cycle += value;
    }
    if (cycle <= 0)
      return art_fail(err, ART_E_INPUT, "signal '%s': the durations add up to nothing", signal->signal);
  }
  return ART_OK;
}

/// Writes to a temporary name in the same folder, then renames, so that a reader never meets half a file.
static art_status write_file(const char *path, const art_text *text, int force, art_error *err)
{
  if (!force && access(path, F_OK) == 0)
    return art_fail(err, ART_E_EXISTS, "%s exists already; --force overwrites it", path);
  const size_t size = strlen(path) + 32;
  char *temporary = ART_NEW(char, size);
  snprintf(temporary, size, "%s.%ld.tmp", path, (long)getpid());
  art_status status = ART_OK;
  FILE *file = fopen(temporary, "wb");
  if (!file) {
    status = art_fail(err, ART_E_OPEN, "%s: %s", temporary, strerror(errno));
  } else {
    const int is_written = fwrite(text->text, 1, text->size, file) == text->size;
    if ((fclose(file) != 0) | !is_written || rename(temporary, path) != 0) {
      status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
      unlink(temporary);
    }
  }
  free(temporary);
  return status;
}

art_status art_plan_print(const art_plan *plan, const char *comment, art_text *out, art_error *err)
{
  const art_status status = check_plan(plan, err);
  if (status != ART_OK) return status;
  art_text_add_comment(out, comment);
  art_text_add(out, "arterial: 1\nsignals:%s\n", plan->signal_count ? "" : " {}");
  for (int32_t i = 0; i < plan->signal_count; ++i) {
    // The list form, because a key of a mapping may not be longer than 1024 bytes.
    art_text_add(out, "  - signal: ");
    art_text_add_quoted(out, plan->signal[i].signal);
    art_text_add(out, "\n");
    art_keys_write(&art_keys_plan_signal, &plan->signal[i], "", 4, out);
  }
  return ART_OK;
}

art_status art_plan_write(const char *path, const art_plan *plan, const char *comment, int force,
                          art_error *err)
{
  art_text out = { 0 };
  art_status status = art_plan_print(plan, comment, &out, err);
  if (status == ART_OK) status = write_file(path, &out, force, err);
  free(out.text);
  return status;
}
