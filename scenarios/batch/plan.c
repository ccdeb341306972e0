// Lays a batch out: scenarios, seeds, file names, and what is there already.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "scenarios/batch/batch_internal.h"
#include "scenarios/whatif/files.h"

const char *art_member_state_name(art_member_state state)
{
  static const char *const names[] = {
#define X(suffix, name) name,
    ART_MEMBER_STATE_LIST(X)
#undef X
  };
  return names[state];
}

void art_batch_plan_free(art_batch_plan *plan)
{
  if (!plan) return;
  for (int32_t s = 0; s < plan->scenario_count; ++s) {
    art_scenario_free(plan->scenario[s]);
    free(plan->name[s]);
  }
  for (int32_t m = 0; m < plan->member_count; ++m) free(plan->member[m].path);
  free(plan->scenario);
  free(plan->name);
  free(plan->member);
  free(plan->output_dir);
  free(plan);
}

/// File name without folder, ".yaml" and ".scenario".
static char *name_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  char *name = art_strdup(slash ? slash + 1 : path);
  static const char *const endings[] = { ".yaml", ".yml", ".scenario" };
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    const size_t length = strlen(name), ending = strlen(endings[i]);
    if (length > ending && strcmp(name + length - ending, endings[i]) == 0) name[length - ending] = '\0';
  }
  return name;
}

static art_status read_scenarios(art_batch_plan *plan, const art_batch *batch, int set_count,
                                 char *const *sets, art_error *err)
{
  plan->scenario = ART_NEW(art_scenario *, batch->scenario_count);
  plan->name = ART_NEW(char *, batch->scenario_count);
  art_idmap *seen = art_idmap_new();
  art_status status = ART_OK;
  for (int32_t s = 0; s < batch->scenario_count && status == ART_OK; ++s) {
    status = art_scenario_read(batch->scenario_paths[s], set_count, sets, &plan->scenario[s], err);
    if (status != ART_OK) break;
    plan->name[s] = name_of(batch->scenario_paths[s]);
    ++plan->scenario_count;
    if (art_idmap_find(seen, plan->name[s]) >= 0) {
      status = art_fail(err, ART_E_INPUT,
                        "%s: two scenarios are called '%s', so their results would have one name; rename %s",
                        batch->path, plan->name[s], batch->scenario_paths[s]);
    }
    art_idmap_put(seen, plan->name[s]);
  }
  art_idmap_free(seen);
  return status;
}

static art_status list_members(art_batch_plan *plan, const art_batch *batch, art_error *err)
{
  plan->member = ART_NEW(art_member, (size_t)plan->scenario_count * (size_t)batch->seed_count);
  art_status status = ART_OK;
  for (int32_t s = 0; s < plan->scenario_count && status == ART_OK; ++s) {
    batch_inputs inputs;
    status = batch_inputs_read(plan->scenario[s], &inputs, err);
    for (int32_t k = 0; k < batch->seed_count && status == ART_OK; ++k) {
      art_member *member = &plan->member[plan->member_count++];
      const size_t size = strlen(plan->output_dir) + strlen(plan->name[s]) + 48;
      member->scenario = s;
      member->seed = batch->seeds[k];
      member->wall_s = NAN;
      member->path = ART_NEW(char, size);
      const int slash = plan->output_dir[0] && plan->output_dir[strlen(plan->output_dir) - 1] == '/';
      snprintf(member->path, size, "%s%s%s/seed_%" PRIu64 ".h5", plan->output_dir, slash ? "" : "/",
               plan->name[s], member->seed);
      batch_look(plan->scenario[s], &inputs, member);
    }
    if (status == ART_OK) batch_inputs_clear(&inputs);
  }
  return status;
}

art_status art_batch_plan_make(const art_batch *batch, int set_count, char *const *sets, art_batch_plan **out,
                               art_error *err)
{
  art_batch_plan *plan = ART_NEW(art_batch_plan, 1);
  *out = NULL;
  plan->output_dir = art_strdup(batch->output_dir);
  art_status status = read_scenarios(plan, batch, set_count, sets, err);
  if (status == ART_OK) status = list_members(plan, batch, err);
  if (status == ART_OK)
    *out = plan;
  else
    art_batch_plan_free(plan);
  return status;
}

// ---- manifest --------------------------------------------------------------------------------------------------------

static void print_rows(const art_batch_plan *plan, FILE *file)
{
  fputs("member,scenario,seed,file,status,exit_code,wall_s,result_hash,message\n", file);
  const size_t skip = strlen(plan->output_dir) + (plan->output_dir[strlen(plan->output_dir) - 1] != '/');
  for (int32_t i = 0; i < plan->member_count; ++i) {
    const art_member *m = &plan->member[i];
    fprintf(file, "%d,", i);
    art_csv_print(file, plan->name[m->scenario]);
    fprintf(file, ",%" PRIu64 ",", m->seed);
    art_csv_print(file, m->path + skip);  // relative to the manifest
    fprintf(file, ",%s,%d,", art_member_state_name(m->state), m->exit_code);
    if (isfinite(m->wall_s)) fprintf(file, "%.2f", m->wall_s);
    fprintf(file, ",%s,", m->hash);
    art_csv_print(file, m->message);
    fputc('\n', file);
  }
}

art_status art_batch_write_manifest(const art_batch_plan *plan, art_error *err)
{
  char host[128] = "";  // members of a job array write it on several nodes, where process numbers may be equal
  gethostname(host, sizeof host - 1);
  const size_t size = strlen(plan->output_dir) + sizeof host + 64;
  char *path = ART_NEW(char, size), *temporary = ART_NEW(char, size);
  snprintf(path, size, "%s/manifest.csv", plan->output_dir);
  snprintf(temporary, size, "%s/.manifest.%s.%ld.tmp", plan->output_dir, host, (long)getpid());
  art_status status = ART_OK;
  FILE *file = fopen(temporary, "w");
  if (!file) {
    status = art_fail(err, ART_E_OPEN, "%s: %s", temporary, strerror(errno));
  } else {
    print_rows(plan, file);
    const int is_bad = ferror(file) != 0;
    if ((fclose(file) != 0) | is_bad || rename(temporary, path) != 0) {
      status = art_fail(err, ART_E_IO, "%s: %s", path, strerror(errno));
      unlink(temporary);
    }
  }
  free(path);
  free(temporary);
  return status;
}
