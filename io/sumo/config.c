// SUMO configurations: which files belong together, and the span of time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/sumo/import.h"
#include "io/sumo/report_internal.h"
#include "io/sumo/xml_internal.h"

static const int64_t TIME_MAX_MS = (int64_t)1e12;

void art_sumo_files_clear(art_sumo_files *files)
{
  for (int32_t i = 0; i < files->additional_count; ++i) free(files->additional[i]);
  for (int32_t i = 0; i < files->route_count; ++i) free(files->route[i]);
  free(files->additional);
  free(files->route);
  free(files->net);
  *files = (art_sumo_files){ 0 };
}

void art_sumo_config_clear(art_sumo_config *config)
{
  art_sumo_files_clear(&config->files);
  art_tally_clear(&config->skipped);
  *config = (art_sumo_config){ 0 };
}

typedef struct reader {
  const char *path;
  art_sumo_config *config;
  int has_root;
} reader;

/// Paths in a configuration are relative to it.
static char *resolve(const char *config, const char *start, size_t length)
{
  const char *slash = strrchr(config, '/');
  const size_t folder = *start == '/' || !slash ? 0 : (size_t)(slash - config) + 1;
  char *path = ART_NEW(char, folder + length + 1);
  memcpy(path, config, folder);
  memcpy(path + folder, start, length);
  return path;
}

/// Appends the paths of a list, separated by commas or semicolons.
static void add_paths(const char *config, const char *text, char ***list, int32_t *count)
{
  while (*text) {
    text += strspn(text, ",; \t\r\n");
    size_t length = strcspn(text, ",;");
    const char *next = text + length;
    while (length && strchr(" \t\r\n", text[length - 1])) --length;
    if (length) {
      *list = art_renew(*list, (size_t)*count + 1, sizeof **list);
      (*list)[(*count)++] = resolve(config, text, length);
    }
    text = next;
  }
}

/// Options have a name, an older one, and a letter.
static int is_one_of(const char *word, const char *name, const char *old_name, const char *letter)
{
  return strcmp(word, name) == 0 || strcmp(word, old_name) == 0 || strcmp(word, letter) == 0;
}

static int on_start(void *context, art_xml *xml, const char *element)
{
  reader *r = context;
  art_sumo_config *c = r->config;
  if (!r->has_root) {
    r->has_root = 1;
    art_xml_ignore_all(xml);
    static const char *const others[] = { "net", "routes", "additional", "add", "scenario" };
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i)
      if (strcmp(element, others[i]) == 0)
        art_xml_fail(xml, "not a SUMO configuration: accepted: a *.sumocfg");
    return 1;
  }
  const char *name = art_xml_text(xml, "value") ? "value" : "v", *value = art_xml_text(xml, name);
  art_xml_ignore_all(xml);
  if (!value) return 1;  // a section
  if (is_one_of(element, "net-file", "net", "n")) {
    free(c->files.net);
    c->files.net = resolve(r->path, value, strlen(value));
  } else if (is_one_of(element, "route-files", "routes", "r")) {
    add_paths(r->path, value, &c->files.route, &c->files.route_count);
  } else if (is_one_of(element, "additional-files", "additional", "a")) {
    add_paths(r->path, value, &c->files.additional, &c->files.additional_count);
  } else if (is_one_of(element, "begin", "begin", "b")) {
    c->begin_ms = art_xml_time(xml, name, -1, 0, TIME_MAX_MS);
  } else if (is_one_of(element, "end", "end", "e")) {
    const int64_t end = art_xml_time(xml, name, -1, -1000, TIME_MAX_MS);
    c->end_ms = end > 0 ? end : -1;  // SUMO's -1: until nobody is left
  } else if (strcmp(element, "step-length") == 0) {
    c->step_ms = art_xml_time(xml, name, -1, 1, 3600000);
  } else if (strcmp(element, "seed") == 0) {
    c->seed = art_xml_integer(xml, name, -1, 0, INT32_MAX);
  } else {
    art_tally(&c->skipped, "%.100s", element);
  }
  return 1;
}

/// Adds a file to the message if it cannot be read.
static void note_missing(const char *path, char *text, size_t size, int *count)
{
  if (access(path, R_OK) == 0) return;
  const size_t used = strlen(text);
  snprintf(text + used, size - used, "%s%s", *count ? ", " : "", path);
  ++*count;
}

static art_status check_files(const char *path, const art_sumo_files *files, art_error *err)
{
  if (!files->net)
    return art_fail(err, ART_E_INPUT, "%s: net-file is missing: accepted: the path of a network", path);
  char missing[800] = "";
  int count = 0;
  note_missing(files->net, missing, sizeof missing, &count);
  for (int32_t i = 0; i < files->additional_count; ++i)
    note_missing(files->additional[i], missing, sizeof missing, &count);
  for (int32_t i = 0; i < files->route_count; ++i)
    note_missing(files->route[i], missing, sizeof missing, &count);
  if (!count) return ART_OK;
  return art_fail(err, ART_E_INPUT, "%s: names %d file%s that cannot be read: %s", path, count,
                  count > 1 ? "s" : "", missing);
}

art_status art_sumo_read_config(const char *path, art_sumo_config *out, art_error *err)
{
  *out = (art_sumo_config){ .begin_ms = -1, .end_ms = -1, .step_ms = -1, .seed = -1 };
  art_import_report unused = { 0 };
  reader r = { .path = path, .config = out };
  const art_xml_handler handler = { .context = &r, .start = on_start };
  art_status status = art_xml_read_file(path, &handler, &unused, err);
  if (status == ART_OK) status = check_files(path, &out->files, err);
  art_import_report_clear(&unused);
  if (status != ART_OK) art_sumo_config_clear(out);
  return status;
}
