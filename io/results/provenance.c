// What was run (attributes of the root, equal for equal runs) and by what, where and when (group
// /provenance).
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/build.h"
#include "core/base/memory.h"
#include "core/par/par.h"
#include "io/h5/sha256.h"
#include "io/results/table_internal.h"

static const char group[] = "/provenance";

static void utc_now(char text[32])
{
  const time_t now = time(NULL);
  struct tm parts;
  gmtime_r(&now, &parts);
  strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/// SHA-256 of the resolved configuration without the lines that name seed or threads: the identity of a
/// scenario, equal
/// for all its replications.
static void scenario_id(const char *config, char hex[65])
{
  art_sha256 sha;
  art_sha256_begin(&sha);
  for (const char *line = config; *line;) {
    const size_t length = strcspn(line, "\n"), indent = strspn(line, " ");
    if (strncmp(line + indent, "seed:", 5) != 0 && strncmp(line + indent, "threads:", 8) != 0)
      art_sha256_add(&sha, line, length);
    line += length + (line[length] == '\n');
  }
  art_sha256_end(&sha, hex);
}

/// One "sha256  path" line per input, as sha256sum prints them.
static char *input_list(const art_results_setup *setup)
{
  size_t size = 1;
  for (int32_t i = 0; i < setup->input_count; ++i) size += strlen(setup->input[i].path) + 68;
  char *text = ART_NEW(char, size), *at = text;
  for (int32_t i = 0; i < setup->input_count; ++i)
    at += sprintf(at, "%s  %s\n", setup->input[i].sha256, setup->input[i].path);
  return text;
}

void art_provenance_begin(art_results *r)
{
  art_h5 *f = r->file;
  const art_results_setup *setup = &r->setup;
  const art_scenario *s = setup->scenario;
  char id[65], number[32], started[32];
  art_h5_set_schema(f, "result", 1, s->title, NULL);
  art_h5_set_text(f, "/", "Conventions", "CF-1.11 UGRID-1.0");
  art_h5_set_text(f, "/", "comment",
                  "Who, where and when: see the group provenance. Equal runs differ only there.");
  art_h5_set_text(f, "/", "scenario", s->path ? s->path : "");
  scenario_id(s->config_text ? s->config_text : "", id);
  art_h5_set_text(f, "/", "scenario_id", id);
  art_h5_set_text(f, "/", "config", s->config_text ? s->config_text : "");
  char *inputs = input_list(setup);
  art_h5_set_text(f, "/", "inputs_sha256", inputs);
  free(inputs);
  art_h5_set_text(f, "/", "city_sha256", setup->input_count ? setup->input[0].sha256 : "");
  snprintf(number, sizeof number, "%" PRIu64, setup->seed);
  art_h5_set_text(f, "/", "seed", number);  // text: 64 bits without a sign fit no type that R has
  art_h5_set_text(f, "/", "random_numbers",
                  "splitmix64 finaliser keyed by (seed, agent, tick, purpose), version 1");
  art_h5_set_text(f, "/", "unit_system", "SI; flow in h-1, density in km-1, vkt in km, vht in h");
  art_h5_set_text(f, "/", "crs_wkt", r->view.city->crs_wkt ? r->view.city->crs_wkt : "");
  art_h5_set_text(f, "/", "time_units", r->time_units);
  art_h5_set_int(f, "/", "has_date", s->date != NULL);
  if (!s->date)
    art_h5_set_text(f, "/", "time_comment", "the scenario has no date: times count from 1970-01-01");
  art_h5_set_real(f, "/", "time_step_s", (double)s->step_ms / 1000.0);
  art_h5_set_real(f, "/", "begin_s", (double)s->begin_ms / 1000.0);
  art_h5_set_real(f, "/", "end_s", (double)s->end_ms / 1000.0);
  art_h5_set_real(f, "/", "warmup_s", (double)s->warmup_ms / 1000.0);

  utc_now(started);
  art_h5_group(f, group);
  art_h5_set_text(f, group, "title", "Who made this file, where and when; nothing here changes results.");
  art_h5_set_text(f, group, "program_version", art_build_version());
  art_h5_set_text(f, group, "git_commit", art_build_commit());
  art_h5_set_int(f, group, "git_dirty", art_build_is_dirty());
  art_h5_set_text(f, group, "compiler", art_build_compiler());
  art_h5_set_text(f, group, "compiler_flags", art_build_flags());
  art_h5_set_text(f, group, "build_type", art_build_type());
  art_h5_set_text(f, group, "mpi", art_par_library());
  art_h5_set_text(f, group, "hdf5", art_h5_library());
  art_h5_set_int(f, group, "ranks", art_par_size());
  art_h5_set_int(f, group, "threads", setup->threads);
  art_h5_set_text(f, group, "command", setup->command ? setup->command : "");
  char host[128] = "";
  gethostname(host, sizeof host - 1);
  art_h5_set_text(f, group, "hosts", host);
  art_h5_set_text(f, group, "started", started);
}

void art_provenance_end(art_results *r, const art_results_end *end)
{
  art_h5 *f = r->file;
  char text[32];
  snprintf(text, sizeof text, "%016" PRIx64, end->hash);
  art_h5_set_text(f, "/", "result_hash", text);
  art_h5_set_int(f, "/", "complete", end->complete);
  art_h5_set_real(f, "/", "now_s", (double)end->now_ms / 1000.0);
  utc_now(text);
  art_h5_set_text(f, group, "finished", text);
  art_h5_set_text(f, group, "summary", end->summary ? end->summary : "");
  art_h5_set_int(f, group, "restarts", end->restarts);
  art_h5_set_real(f, group, "wall_s", end->wall_s);
  art_h5_set_real(f, group, "updates_per_s", end->updates_per_s);
  art_h5_set_real(f, group, "real_time_factor", end->real_time_factor);
}
