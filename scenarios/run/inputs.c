#include "scenarios/run/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"

static void free_sources(int32_t count, art_source *list)
{
  for (int32_t i = 0; i < count; ++i) free(list[i].path);
  free(list);
}

static art_status read_list(const art_scenario *s, art_run_inputs *out, art_error *err)
{
  const int32_t most = 2 + s->demand_count + s->plan_count;
  art_source *list = out->list = ART_NEW(art_source, most);
  list[out->count++].path = art_strdup(s->city_path);
  for (int32_t i = 0; i < s->demand_count; ++i) list[out->count++].path = art_strdup(s->demand_paths[i]);
  for (int32_t i = 0; i < s->plan_count; ++i) list[out->count++].path = art_strdup(s->plan[i].path);
  if (s->path) list[out->count++].path = art_strdup(s->path);
  art_status status = ART_OK;
  for (int32_t i = 0; i < out->count && status == ART_OK; ++i)
    status = art_file_sha256(list[i].path, list[i].sha256, err);
  return status;
}

static art_status read_identity(const art_scenario *s, art_run_inputs *out, art_error *err)
{
  const int32_t shared = out->count - (s->path != NULL);
  out->identity = ART_NEW(art_source, shared + s->controller_count);
  for (; out->identity_count < shared; ++out->identity_count) {
    art_source *to = &out->identity[out->identity_count];
    *to = out->list[out->identity_count];
    to->path = art_strdup(to->path);
  }
  art_status status = ART_OK;
  for (int32_t i = 0; i < s->controller_count && status == ART_OK; ++i) {
    const char *library = s->controller[i].library;
    if (!library || access(library, R_OK) != 0) continue;  // a name that the system looks up in its own places
    art_source *to = &out->identity[out->identity_count++];
    to->path = art_strdup(library);
    status = art_file_sha256(library, to->sha256, err);
  }
  return status;
}

art_status art_run_inputs_read(const art_scenario *scenario, art_run_inputs *out, art_error *err)
{
  memset(out, 0, sizeof *out);
  const art_status status = read_list(scenario, out, err);
  return status == ART_OK ? read_identity(scenario, out, err) : status;
}

void art_run_inputs_clear(art_run_inputs *inputs)
{
  free_sources(inputs->count, inputs->list);
  free_sources(inputs->identity_count, inputs->identity);
  memset(inputs, 0, sizeof *inputs);
}
