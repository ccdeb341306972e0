/// A journal gives back what a result file was given, up to its mark, and refuses one that is cut or changed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "io/results/journal.h"
#include "io/results/table_internal.h"
#include "tests/support/check.h"
#include "tests/unit/results_fixture.h"

typedef struct scene {
  art_city *city;
  art_demand *demand;
  art_scenario scenario;
  art_source input;
  char *path, *first, *second;  ///< of the result and of two journals
} scene;

static char *beside(const char *path, const char *name)
{
  char *out = ART_NEW(char, strlen(path) + strlen(name) + 2);
  strcpy(out, path);
  strcpy(strrchr(out, '/') + 1, name);
  return out;
}

static void scene_open(scene *s)
{
  memset(s, 0, sizeof *s);
  s->city = results_city();
  s->scenario = results_scenario();
  s->scenario.approaches = s->scenario.passages = 1;
  s->demand = results_demand(s->city, s->scenario.begin_ms);
  s->path = results_path();
  s->first = beside(s->path, "first.journal");
  s->second = beside(s->path, "second.journal");
  s->input.path = (char *)"crossing.city.h5";
  memset(s->input.sha256, 'a', 64);
}

static void scene_close(scene *s)
{
  art_city_free(s->city);
  art_demand_free(s->demand);
  unlink(s->first);
  unlink(s->second);
  free(s->first);
  free(s->second);
  results_remove(s->path);
}

static art_results *open_results(scene *s)
{
  art_error err = { ART_OK, "" };
  art_results *r = NULL;
  const art_results_setup setup = { .path = s->path,
                                    .scenario = &s->scenario,
                                    .city = s->city,
                                    .demand = s->demand,
                                    .detectors_every_ms = 60000,
                                    .input_count = 1,
                                    .input = &s->input,
                                    .threads = 1 };
  assert_ok(art_results_open(&setup, &r, &err), err);
  return r;
}

static void *noise(int64_t count, size_t size, uint64_t seed)
{
  uint8_t *bytes = ART_NEW(uint8_t, count * (int64_t)size + 1);
  for (int64_t i = 0; i < count * (int64_t)size; ++i)
    if (size == 1 || (size_t)i % size < size / 2)  // small enough to be added up
      bytes[i] = (uint8_t)(art_rng(seed, (uint64_t)i, 0, 0) >> 40);
  return bytes;
}

static art_status add_sums(art_results *r, art_tick from_ms, art_error *err)
{
  const int64_t links = r->view.net->link_count, n = r->view.net->detector_count, c = r->view.net->connector_count;
  art_link_sums sums = { .link_count = (int32_t)links, .begin_ms = from_ms, .end_ms = from_ms + 60000 };
  int64_t **wide[] = { &sums.vehicle_ms, &sums.distance_mm, &sums.waiting_ms, &sums.loss_ms, &sums.occupied_mm_ms };
  int32_t **narrow[] = { &sums.entered, &sums.left, &sums.departed, &sums.arrived, &sums.queue_max_m };
  for (int i = 0; i < 5; ++i) {
    *wide[i] = noise(links, 8, 10 + (uint64_t)i);
    *narrow[i] = noise(links, 4, 20 + (uint64_t)i);
  }
  art_status status = art_results_add_links(r, &sums, err);
  art_link_sums_free(&sums);
  art_detector_sums d = { .detector_count = (int32_t)n, .begin_ms = from_ms, .end_ms = from_ms + 60000 };
  int64_t **wide_d[] = { &d.count,     &d.speed_sum_mmps, &d.slowness_sum_us, &d.occupied_ms, &d.distance_mm,
                         &d.travel_ms, &d.halts,          &d.halting_ms,      &d.jam_mm_ms,   &d.jam_vehicles_ms };
  int32_t **narrow_d[] = { &d.entered, &d.inside, &d.jam_max_mm, &d.jam_vehicles_max };
  for (int i = 0; i < 10; ++i) *wide_d[i] = noise(n, 8, 30 + (uint64_t)i);
  for (int i = 0; i < 4; ++i) *narrow_d[i] = noise(n, 4, 40 + (uint64_t)i);
  d.class_count = noise(n * ART_COUNT_CLASSES, 4, 50);
  if (status == ART_OK) status = art_results_add_detectors(r, &d, err);
  art_detector_sums_free(&d);
  int32_t *count = noise(c, 4, 60), *out = noise(c, 4, 61);
  int64_t *delay_ms = noise(c, 8, 62);
  if (status == ART_OK) status = art_results_add_movements(r, from_ms, from_ms + 60000, count, out, delay_ms, err);
  free(count);
  free(out);
  free(delay_ms);
  return status;
}

static art_status add_rows(art_results *r, art_tick now_ms, art_error *err)
{
  const art_net *net = r->view.net;
  const int32_t letters = net->signal_group_count[0];
  art_signal_event events[2] = { { .time_ms = now_ms, .letters = letters, .phase = 1 },
                                 { .time_ms = now_ms + 1, .phase = 0 } };
  art_signal_cycle cycles[3] = {
    { .begin_ms = now_ms, .green_ms = 1, .yellow_ms = 2, .end_ms = now_ms + 5, .volume = 3 }
  };
  art_line_passage passages[2] = { { now_ms, now_ms - 1, 0, 0, 1 }, { now_ms + 1, now_ms, 0, 0, 2 } };
  cycles[1].delay_ms = 77;
  cycles[2].used_ms = 5;
  char *text = noise(2 * letters, 1, 70);
  for (int i = 0; i < 2 * letters; ++i) text[i] = "rGy"[(uint8_t)text[i] % 3];
  art_status status = art_results_add_signals(r, 2, events, text, err);
  free(text);
  if (status == ART_OK) status = art_results_add_cycles(r, 3, cycles, err);
  if (status == ART_OK) status = art_results_add_passages(r, 2, passages, err);
  const art_totals_row totals = { .begin_ms = now_ms - 60000, .now_ms = now_ms, .ledger.running = 3, .halting = 1 };
  if (status == ART_OK) status = art_results_add_totals(r, &totals, err);
  int32_t trip[3] = { 0, 2, 1 }, lane[3] = { 0, 1, 2 };
  float pos_m[3] = { 1, 2.5f, 3 }, speed_mps[3] = { 0, 4, 5 };
  const art_snapshot snapshot = { 3, 3, trip, lane, pos_m, speed_mps };
  return status == ART_OK ? art_results_add_snapshot(r, now_ms, &snapshot, err) : status;
}

/// Two minutes of records after the name of a file; *mark stands between the two.
static void write_first(scene *s, art_journal_mark *mark)
{
  art_error err = { ART_OK, "" };
  art_journal *j = NULL;
  art_results *r = open_results(s);
  assert_true(r->view.groups.count > 0 && r->view.net->signal_count > 0 && r->view.net->detector_count > 0);
  assert_ok(art_journal_open(s->first, &j, &err), err);
  assert_ok(art_journal_start(j, &err), err);
  assert_ok(art_journal_add_leftover(j, "/nowhere/out.h5.tmp-1", &err), err);
  art_results_set_journal(r, j);
  for (int minute = 0; minute < 2; ++minute) {
    assert_ok(add_sums(r, s->scenario.begin_ms + 60000 * minute, &err), err);
    assert_ok(add_rows(r, s->scenario.begin_ms + 60000 * (minute + 1), &err), err);
    if (minute == 0) assert_ok(art_journal_sync(j, mark, &err), err);
  }
  art_journal_close(j);
  art_results_abandon(r);
}

static char *read_file(const char *path, size_t *size)
{
  struct stat info;
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fstat(fileno(file), &info), 0);
  char *text = ART_NEW(char, info.st_size + 1);
  *size = fread(text, 1, (size_t)info.st_size, file);
  fclose(file);
  return text;
}

static void write_file(const char *path, const char *text, size_t size)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void assert_same_mark(const art_journal_mark *a, const art_journal_mark *b)
{
  assert_int_equal(a->bytes, b->bytes);
  assert_int_equal(a->records, b->records);
  assert_string_equal(a->sha256, b->sha256);
}

/// Every value of every kind of record goes through a file and back: what is replayed gives the same journal.
static void a_replay_gives_what_was_added(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal_mark mark, copied;
  art_journal *j = NULL;
  scene_open(&s);
  write_first(&s, &mark);
  art_results *r = open_results(&s);
  assert_ok(art_journal_open(s.second, &j, &err), err);
  assert_ok(art_journal_start(j, &err), err);
  assert_ok(art_journal_add_leftover(j, "/nowhere/out.h5.tmp-1", &err), err);
  art_results_set_journal(r, j);
  assert_ok(art_journal_replay(s.first, &mark, r, &err), err);
  assert_ok(art_journal_sync(j, &copied, &err), err);
  assert_int_equal(mark.records, 9);  // one of each kind
  assert_same_mark(&mark, &copied);
  assert_int_equal(r->rows_cycles, 3);
  assert_int_equal(r->rows_passages, 2);
  assert_int_equal(r->rows_events, 2);
  art_journal_close(j);
  art_results_abandon(r);
  size_t first_size, second_size;
  char *first = read_file(s.first, &first_size), *second = read_file(s.second, &second_size);
  assert_true(second_size == (size_t)mark.bytes && first_size > second_size);
  assert_memory_equal(first, second, second_size);
  free(first);
  free(second);
  scene_close(&s);
}

/// What stands behind the mark is cut off, and what is added then continues the checksum.
static void cutting_goes_back_to_the_mark(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal_mark mark, longer, again;
  art_journal *j = NULL;
  scene_open(&s);
  write_first(&s, &mark);
  size_t size;
  char *text = read_file(s.first, &size);
  assert_ok(art_journal_open(s.first, &j, &err), err);
  assert_ok(art_journal_cut(j, &mark, &err), err);
  art_results *r = open_results(&s);
  art_results_set_journal(r, j);
  assert_ok(add_sums(r, s.scenario.begin_ms + 60000, &err), err);
  assert_ok(add_rows(r, s.scenario.begin_ms + 120000, &err), err);
  assert_ok(art_journal_sync(j, &longer, &err), err);
  assert_ok(art_journal_check(s.first, &longer, &err), err);
  size_t size_now;
  char *now = read_file(s.first, &size_now);
  assert_int_equal(size_now, size);
  assert_memory_equal(now, text, size);
  assert_ok(art_journal_cut(j, &mark, &err), err);
  assert_ok(art_journal_sync(j, &again, &err), err);
  assert_same_mark(&again, &mark);
  assert_refused(art_journal_check(s.first, &longer, &err), ART_E_INPUT, err, "truncated", "first.journal");
  free(text);
  free(now);
  art_journal_close(j);
  art_results_abandon(r);
  scene_close(&s);
}

/// Any byte that changes, and any byte that is missing, is found.
static void damage_is_found(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal_mark mark;
  scene_open(&s);
  write_first(&s, &mark);
  size_t size;
  char *text = read_file(s.first, &size);
  for (size_t at = 0; at < (size_t)mark.bytes; at += at < 64 ? 1 : 61) {
    text[at] ^= 4;
    write_file(s.first, text, size);
    if (art_journal_check(s.first, &mark, &err) != ART_E_INPUT) fail_msg("byte %zu changed: not found", at);
    text[at] ^= 4;
  }
  for (size_t count = 0; count < (size_t)mark.bytes; count += 97) {
    write_file(s.first, text, count);
    if (art_journal_check(s.first, &mark, &err) != ART_E_INPUT) fail_msg("cut at %zu: not found", count);
  }
  write_file(s.first, text, size);
  assert_ok(art_journal_check(s.first, &mark, &err), err);
  mark.sha256[3] ^= 1;
  assert_refused(art_journal_check(s.first, &mark, &err), ART_E_INPUT, err, "not the journal that belongs");
  unlink(s.first);
  assert_refused(art_journal_check(s.first, &mark, &err), ART_E_INPUT, err, "No such file");
  free(text);
  scene_close(&s);
}

/// A journal of a city of another size is refused even where its checksums are right.
static void another_city_is_refused(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal_mark mark;
  scene_open(&s);
  write_first(&s, &mark);
  art_results *r = open_results(&s);
  art_net smaller = *s.city->net;
  smaller.link_count -= 1;
  r->view.net = &smaller;
  assert_refused(art_journal_replay(s.first, &mark, r, &err), ART_E_INPUT, err, "record 1", "4 links, the city has 3");
  r->view.net = s.city->net;
  art_results_abandon(r);
  scene_close(&s);
}

/// Vehicles at an instant that is no step of the run are bad input, not a fault of the program.
static void an_instant_between_steps_is_refused(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal_mark mark;
  art_journal *j = NULL;
  int32_t trip = 0, lane = 0;
  float pos_m = 1, speed_mps = 1;
  const art_snapshot snapshot = { 1, 1, &trip, &lane, &pos_m, &speed_mps };
  scene_open(&s);
  art_results *r = open_results(&s);
  const art_tick from_ms = s.scenario.begin_ms, wrong[] = { from_ms + 1, from_ms - 500, INT64_MAX, INT64_MIN };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    assert_ok(art_journal_open(s.first, &j, &err), err);
    assert_ok(art_journal_start(j, &err), err);
    assert_ok(art_journal_add_snapshot(j, wrong[i], &snapshot, &err), err);
    assert_ok(art_journal_sync(j, &mark, &err), err);
    art_journal_close(j);
    assert_refused(art_journal_replay(s.first, &mark, r, &err), ART_E_INPUT, err, "record 0", "no step of the run");
  }
  art_results_abandon(r);
  scene_close(&s);
}

static void one_process_writes_at_a_time(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal *j = NULL, *other = NULL;
  scene_open(&s);
  assert_ok(art_journal_open(s.first, &j, &err), err);
  assert_refused(art_journal_open(s.first, &other, &err), ART_E_OPEN, err, "another run is writing it");
  assert_null(other);
  art_journal_close(j);
  assert_ok(art_journal_open(s.first, &other, &err), err);
  art_journal_close(other);
  scene_close(&s);
}

/// Unfinished results of a killed process are removed, and nothing else.
static void leftovers_are_removed(void **state)
{
  (void)state;
  scene s;
  art_error err = { ART_OK, "" };
  art_journal *j = NULL;
  scene_open(&s);
  char *left = beside(s.path, "out.h5.tmp-77"), *kept = beside(s.path, "kept.h5");
  write_file(left, "half a file", 11);
  write_file(kept, "whole", 5);
  assert_ok(art_journal_open(s.first, &j, &err), err);
  assert_ok(art_journal_start(j, &err), err);
  assert_ok(art_journal_add_leftover(j, left, &err), err);
  assert_ok(art_journal_add_leftover(j, kept, &err), err);  // not under a temporary name
  art_journal_remove_leftovers(s.first);
  assert_int_not_equal(access(left, F_OK), 0);
  assert_int_equal(access(kept, F_OK), 0);
  art_journal_remove_leftovers("/nowhere/x.journal");
  art_journal_close(j);
  unlink(kept);
  free(left);
  free(kept);
  scene_close(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_replay_gives_what_was_added),
    cmocka_unit_test(cutting_goes_back_to_the_mark),
    cmocka_unit_test(damage_is_found),
    cmocka_unit_test(another_city_is_refused),
    cmocka_unit_test(an_instant_between_steps_is_refused),
    cmocka_unit_test(one_process_writes_at_a_time),
    cmocka_unit_test(leftovers_are_removed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
