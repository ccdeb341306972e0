/// Checkpoint files: what is written is read back, damage is found with its reason, a failed write leaves nothing, and the
/// folder keeps the last ones.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/folder.h"
#include "tests/support/check.h"

enum { STATE_BYTES = 20000 };

typedef struct scene {
  char folder[64];
  art_source input[2];
  uint8_t state[STATE_BYTES];
  art_checkpoint c;
} scene;

static void scene_open(scene *s)
{
  memset(s, 0, sizeof *s);
  strcpy(s->folder, P_tmpdir "/arterial_checkpoint_XXXXXX");
  assert_non_null(mkdtemp(s->folder));
  for (int i = 0; i < STATE_BYTES; ++i) s->state[i] = (uint8_t)(i * 37 >> 3);
  s->input[0] = (art_source){ .path = (char *)"a.city.h5" };
  s->input[1] = (art_source){ .path = (char *)"a.demand.h5" };
  memset(s->input[0].sha256, 'a', 64);
  memset(s->input[1].sha256, 'b', 64);
  s->c = (art_checkpoint){ .version = (char *)"0.1.0",
                           .config = (char *)"title: \"a\"\n",
                           .seed = 18446744073709551615u,
                           .input_count = 2,
                           .input = s->input,
                           .has_results = 1,
                           .commit = (char *)"abc",
                           .scenario = NULL,
                           .result_path = (char *)"out.h5",
                           .host = (char *)"node7",
                           .ranks = 3,
                           .threads = 2,
                           .restarts = 4,
                           .written_at = 1700000000,
                           .wall_s = 12.5,
                           .step_s = 11.25,
                           .begin_ms = -3600000,
                           .end_ms = 7200000,
                           .now_ms = 600000,
                           .hash = 0xfedcba9876543210u,
                           .journal = (char *)"a-1.journal",
                           .mark = { .bytes = 1234, .records = 5, .sha256 = "0123" },
                           .outputs = { .data = s->state, .count = 100 },
                           .state = { .data = s->state, .count = STATE_BYTES } };
}

static void scene_close(scene *s)
{
  art_error err = { ART_OK, "" };
  art_folder_clean(s->folder, "a-1");
  assert_ok(art_folder_keep(s->folder, "a-1", 0, &err), err);
  assert_int_equal(rmdir(s->folder), 0);
}

static char *save(scene *s, art_tick now_ms)
{
  art_error err = { ART_OK, "" };
  char *path = art_folder_checkpoint_path(s->folder, "a-1", now_ms);
  s->c.now_ms = now_ms;
  assert_ok(art_checkpoint_write(path, &s->c, &err), err);
  return path;
}

static void what_is_written_is_read(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_checkpoint r;
  scene_open(&s);
  char *path = save(&s, 600000);
  assert_ok(art_checkpoint_read(path, &r, &err), err);
#define TEXT(name) assert_string_equal(r.name, s.c.name)
#define SAME(name) assert_memory_equal(&r.name, &s.c.name, sizeof r.name)
  TEXT(version);
  TEXT(config);
  TEXT(commit);
  TEXT(result_path);
  TEXT(host);
  TEXT(journal);
  assert_string_equal(r.scenario, "");
  SAME(seed);
  SAME(has_results);
  SAME(ranks);
  SAME(threads);
  SAME(restarts);
  SAME(written_at);
  SAME(wall_s);
  SAME(step_s);
  SAME(begin_ms);
  SAME(end_ms);
  SAME(now_ms);
  SAME(hash);
  SAME(mark);
  assert_int_equal(r.input_count, 2);
  for (int i = 0; i < 2; ++i) {
    TEXT(input[i].path);
    TEXT(input[i].sha256);
  }
  assert_int_equal(r.outputs.count, 100);
  assert_memory_equal(r.outputs.data, s.state, 100);
  assert_int_equal(r.state.count, STATE_BYTES);
  assert_memory_equal(r.state.data, s.state, STATE_BYTES);
  art_checkpoint_clear(&r);
  assert_true(art_checkpoint_is_one(path));
  assert_false(art_checkpoint_is_one("/dev/null"));
  free(path);
  scene_close(&s);
}

static void flip(const char *path, off_t at)
{
  uint8_t byte;
  const int file = open(path, O_RDWR);
  assert_int_equal(pread(file, &byte, 1, at), 1);
  byte ^= 16;
  assert_int_equal(pwrite(file, &byte, 1, at), 1);
  close(file);
}

static void damage_is_refused_with_the_reason(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_checkpoint r;
  struct stat info;
  scene_open(&s);
  char *path = save(&s, 600000);
  assert_int_equal(stat(path, &info), 0);
  for (off_t at = 0; at < info.st_size; at += at < 700 ? 1 : 499) {
    flip(path, at);
    if (art_checkpoint_read(path, &r, &err) != ART_E_INPUT) fail_msg("byte %ld changed: not found", (long)at);
    if (!strstr(err.message, path)) fail_msg("no path in: %s", err.message);
    flip(path, at);
  }
  assert_ok(art_checkpoint_read(path, &r, &err), err);
  art_checkpoint_clear(&r);
  flip(path, info.st_size - 1);
  assert_refused(art_checkpoint_read(path, &r, &err), ART_E_INPUT, err, "damaged", "checksum");
  flip(path, info.st_size - 1);
  flip(path, 0);
  assert_refused(art_checkpoint_read(path, &r, &err), ART_E_INPUT, err, "not a checkpoint");
  flip(path, 0);
  flip(path, 8);
  assert_refused(art_checkpoint_read(path, &r, &err), ART_E_INPUT, err, "layout 17");
  flip(path, 8);
  const off_t cuts[] = { 0, 4, 8, 23, 24, 60, 4000, info.st_size - 1 };
  for (int i = (int)(sizeof cuts / sizeof *cuts) - 1; i >= 0; --i) {
    assert_int_equal(truncate(path, cuts[i]), 0);
    assert_refused(art_checkpoint_read(path, &r, &err), ART_E_INPUT, err,
                   cuts[i] >= 8 ? "truncated" : "not a checkpoint");
    assert_null(r.state.data);
  }
  unlink(path);
  assert_refused(art_checkpoint_read(path, &r, &err), ART_E_OPEN, err, "No such file");
  assert_refused(art_checkpoint_read(s.folder, &r, &err), ART_E_OPEN, err, "not a regular file");
  free(path);
  scene_close(&s);
}

/// A limit on the size of files stands for a full disk.
static void a_failed_write_leaves_what_was(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_checkpoint r;
  art_checkpoint_list list;
  struct rlimit before, small = { 8192, 8192 };
  scene_open(&s);
  char *path = save(&s, 600000);
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  s.c.hash = 1;
  const art_status status = art_checkpoint_write(path, &s.c, &err);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, old);
  assert_refused(status, ART_E_IO, err, path, "cannot be written", strerror(EFBIG));
  assert_ok(art_checkpoint_read(path, &r, &err), err);
  assert_true(r.hash == 0xfedcba9876543210u);
  art_checkpoint_clear(&r);
  assert_ok(art_folder_list(s.folder, "a-1", &list, &err), err);
  assert_int_equal(list.count, 1);
  art_checkpoint_list_clear(&list);
  char *temporary = art_folder_temporary(path);
  assert_int_not_equal(access(temporary, F_OK), 0);
  free(temporary);
  assert_refused(art_checkpoint_write("/nowhere/x.checkpoint", &s.c, &err), ART_E_OPEN, err, "cannot be created");
  free(path);
  scene_close(&s);
}

static void touch(const char *folder, const char *name)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
}

static int exists(const char *folder, const char *name, int remove_it)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  const int is_there = access(path, F_OK) == 0;
  if (remove_it) unlink(path);
  return is_there;
}

static void the_folder_keeps_the_last_ones_of_a_run(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_checkpoint_list list;
  scene_open(&s);
  const art_tick times[] = { 600000, 90000, 1234567890123, 1200000 };
  for (int i = 0; i < 4; ++i) free(save(&s, times[i]));
  static const char *const others[] = { "a-11.000000600000.checkpoint", "a-1.checkpoint", "a-1.0006.checkpoint",
                                        "a-1.000000600000.checkpoint.bak", "a-1.journal" };
  for (int i = 0; i < 5; ++i) touch(s.folder, others[i]);
  touch(s.folder, "a-1.000000600000.checkpoint.tmp-123");
  assert_ok(art_folder_list(s.folder, "a-1", &list, &err), err);
  assert_int_equal(list.count, 4);
  assert_true(list.now_ms[0] == times[2] && list.now_ms[1] == times[3] && list.now_ms[2] == times[0] &&
              list.now_ms[3] == times[1]);
  art_checkpoint_list_clear(&list);
  assert_ok(art_folder_keep(s.folder, "a-1", 3, &err), err);
  assert_ok(art_folder_forget_after(s.folder, "a-1", 1200000, &err), err);
  assert_ok(art_folder_list(s.folder, "a-1", &list, &err), err);
  assert_int_equal(list.count, 2);
  assert_true(list.now_ms[0] == 1200000 && list.now_ms[1] == 600000);
  art_checkpoint_list_clear(&list);
  art_folder_clean(s.folder, "a-1");
  assert_false(exists(s.folder, "a-1.000000600000.checkpoint.tmp-123", 1));
  for (int i = 0; i < 5; ++i) assert_true(exists(s.folder, others[i], 1));
  assert_refused(art_folder_check("/dev/null", &err), ART_E_OPEN, err, "not a folder");
  scene_close(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_written_is_read),
    cmocka_unit_test(damage_is_refused_with_the_reason),
    cmocka_unit_test(a_failed_write_leaves_what_was),
    cmocka_unit_test(the_folder_keeps_the_last_ones_of_a_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
