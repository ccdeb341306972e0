// Is the result of a member there, complete, and made from the same configuration, inputs and program?
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/build.h"
#include "core/base/memory.h"
#include "io/h5/h5.h"
#include "scenarios/batch/batch_internal.h"

art_status batch_inputs_read(const art_scenario *scenario, batch_inputs *out, art_error *err)
{
  const int32_t count = 1 + scenario->demand_count + scenario->plan_count;
  out->count = 0;
  out->sha256 = art_new((size_t)count, sizeof *out->sha256);
  art_status status = art_h5_sha256(scenario->city_path, out->sha256[out->count++], err);
  for (int32_t i = 0; i < scenario->demand_count && status == ART_OK; ++i) {
    status = art_h5_sha256(scenario->demand_paths[i], out->sha256[out->count++], err);
  }
  for (int32_t i = 0; i < scenario->plan_count && status == ART_OK; ++i) {
    status = art_h5_sha256(scenario->plan[i].path, out->sha256[out->count++], err);
  }
  if (status != ART_OK) batch_inputs_clear(out);
  return status;
}

void batch_inputs_clear(batch_inputs *inputs)
{
  free(inputs->sha256);
  inputs->sha256 = NULL;
  inputs->count = 0;
}

char *batch_failure_path(const art_member *member)
{
  const size_t size = strlen(member->path) + 16;
  char *path = ART_NEW(char, size);
  snprintf(path, size, "%s.failed.txt", member->path);
  return path;
}

/// The next line that matters, without the seed (a member's own) and the threads (which change no result).
static const char *next_line(const char **text, size_t *length)
{
  while (**text) {
    const char *line = *text;
    const size_t indent = strspn(line, " ");
    *length = strcspn(line, "\n");
    *text += *length + (line[*length] == '\n');
    if (*length == indent || strncmp(line + indent, "seed:", 5) == 0 ||
        strncmp(line + indent, "threads:", 8) == 0)
      continue;
    return line;
  }
  *length = 0;
  return NULL;
}

/// Compares two resolved configurations; the first line that differs goes into `message`.
static int same_config(const char *now, const char *then, char *message, size_t size)
{
  for (;;) {
    size_t now_length, then_length;
    const char *a = next_line(&now, &now_length), *b = next_line(&then, &then_length);
    if (!a && !b) return 1;
    if (a && b && now_length == then_length && memcmp(a, b, now_length) == 0) continue;
    snprintf(message, size, "another configuration: now '%.*s', then '%.*s'",
             (int)(now_length < 100 ? now_length : 100), a ? a : "",
             (int)(then_length < 100 ? then_length : 100), b ? b : "");
    return 0;
  }
}

static int is_current(const art_scenario *scenario, const batch_inputs *inputs, const char *config,
                      const char *list, const char *source, char *message, size_t size)
{
  char program[128];
  snprintf(program, sizeof program, "arterial %.60s (%.40s%s)", art_build_version(), art_build_commit(),
           art_build_is_dirty() ? "-dirty" : "");
  if (strcmp(source, program) != 0) {
    snprintf(message, size, "another program version: now '%s', then '%.120s'", program, source);
    return 0;
  }
  if (!same_config(scenario->config_text ? scenario->config_text : "", config, message, size)) return 0;
  for (int32_t i = 0; i < inputs->count; ++i) {
    if (strstr(list, inputs->sha256[i])) continue;
    const char *path = i == 0                        ? scenario->city_path
                       : i <= scenario->demand_count ? scenario->demand_paths[i - 1]
                                                     : scenario->plan[i - 1 - scenario->demand_count].path;
    snprintf(message, size, "%.300s has changed since", path);
    return 0;
  }
  return 1;
}

/// Attributes of an open result; missing ones read as "".
static void look_inside(art_h5 *f, const art_scenario *scenario, const batch_inputs *inputs,
                        art_member *member)
{
  static const char *const names[] = { "config", "inputs_sha256", "source", "result_hash", "seed" };
  char *text[5], seed[32];
  int64_t complete = 0;
  for (int i = 0; i < 5; ++i) {
    text[i] = art_h5_get_text(f, "/", names[i]);
    if (!text[i]) text[i] = art_strdup("");
  }
  art_h5_get_int(f, "/", "complete", &complete);
  snprintf(member->hash, sizeof member->hash, "%.16s", text[3]);
  snprintf(seed, sizeof seed, "%llu", (unsigned long long)member->seed);
  member->state = ART_MEMBER_STALE;
  if (!complete) {
    member->state = ART_MEMBER_MISSING;  // an interrupted run: to be done again without asking
    member->hash[0] = '\0';
  } else if (strcmp(text[4], seed) != 0) {
    snprintf(member->message, sizeof member->message, "it has seed %.30s", text[4]);
  } else if (is_current(scenario, inputs, text[0], text[1], text[2], member->message,
                        sizeof member->message)) {
    member->state = ART_MEMBER_FOUND;
  }
  for (int i = 0; i < 5; ++i) free(text[i]);
}

void batch_read_failure(art_member *member)
{
  char *path = batch_failure_path(member);
  FILE *file = fopen(path, "r");
  if (file) {
    int code = 0;
    if (fscanf(file, "exit code %d: ", &code) == 1 && fgets(member->message, sizeof member->message, file)) {
      member->message[strcspn(member->message, "\n")] = '\0';
      member->exit_code = code;
      member->state = ART_MEMBER_FAILED;
    }
    fclose(file);
  }
  free(path);
}

void batch_look(const art_scenario *scenario, const batch_inputs *inputs, art_member *member)
{
  art_h5 *f = NULL;
  art_error err = { 0 };
  member->message[0] = member->hash[0] = '\0';
  member->exit_code = 0;
  member->state = ART_MEMBER_MISSING;
  if (access(member->path, F_OK) != 0) {
    batch_read_failure(member);
    return;
  }
  if (art_h5_open(member->path, &f, &err) != ART_OK) {
    member->state = ART_MEMBER_STALE;
    snprintf(member->message, sizeof member->message, "%.500s", err.message);
    return;
  }
  if (art_h5_check_schema(f, "result", 1) == ART_OK) {
    look_inside(f, scenario, inputs, member);
  } else {
    member->state = ART_MEMBER_STALE;
    snprintf(member->message, sizeof member->message, "it is no result of this program");
  }
  art_h5_discard(f);
}
