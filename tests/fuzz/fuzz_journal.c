// Journals of a small run from a buffer. An even first byte: the rest are edits of a sound one, seven bytes each (where, and what
// stands there then); odd: the rest stands behind the head of a file. Of every 64 values one also asks for the results to be
// finished, which takes ten times as long as all the rest. In both cases the checksums of records and the mark of
// the checkpoint are made right, so that what is behind them is reached. Oracle: a journal is refused as bad input with a
// message, or the results that it gives can be finished.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/bytes.h"
#include "core/base/memory.h"
#include "io/h5/sha256.h"
#include "io/results/journal_internal.h"
#include "scenarios/run/outputs.h"
#include "tests/fuzz/little_run.h"
#include "tests/fuzz/memory_file.h"

enum { MAGIC_BYTES = 8, EDIT_BYTES = 7, MOST_EDITS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static little_run run;
static art_bytes sound;
static art_trip_row *rows;
static art_ledger ledger;
static int file;
static char path[64];

static void fail(const art_error *err)
{
  fprintf(stderr, "%s\n", err->message);
  abort();
}

static art_results *open_results(void)
{
  static art_source city = { .path = (char *)"city.h5" };
  const art_results_setup setup = { .path = run.result,
                                    .force = 1,
                                    .scenario = run.scenario,
                                    .city = run.c->city,
                                    .demand = run.c->demand,
                                    .detectors_every_ms =
                                        art_detector_interval(run.scenario, run.c->city->net),
                                    .input_count = 1,
                                    .input = &city,
                                    .threads = 1 };
  art_results *results = NULL;
  art_error err = { 0 };
  if (art_results_open(&setup, &results, &err) != ART_OK) fail(&err);
  return results;
}

static void clean_up(void)
{
  free(sound.data);
  free(rows);
  little_run_close(&run);
}

/// Runs the scenario and keeps what its journal got.
static void start(void)
{
  art_sim *sim = NULL;
  art_journal *journal = NULL;
  art_outputs *outputs = NULL;
  art_journal_mark mark;
  art_error err = { 0 };
  little_run_open(&run);
  const art_net *net = run.c->city->net;
  art_results *results = open_results();
  if (art_journal_open(run.journal, &journal, &err) != ART_OK || art_journal_start(journal, &err) != ART_OK ||
      art_case_simulate(run.c, 1, 1, NULL, &sim, &err) != ART_OK)
    fail(&err);
  art_results_set_journal(results, journal);
  if (art_outputs_start(sim, run.scenario, net, results, 1, 1, &outputs, &err) != ART_OK) fail(&err);
  for (art_tick next; art_sim_now(sim) < run.scenario->end_ms;) {
    next = art_outputs_next(outputs);
    if (next > run.scenario->end_ms) next = run.scenario->end_ms;
    if (art_sim_advance(sim, next, &err) != ART_OK ||
        art_outputs_take(outputs, next == run.scenario->end_ms, &err) != ART_OK)
      fail(&err);
  }
  if (art_outputs_finish(outputs, &err) != ART_OK || art_journal_sync(journal, &mark, &err) != ART_OK)
    fail(&err);
  art_outputs_free(outputs);
  art_journal_close(journal);
  art_results_abandon(results);
  rows = ART_NEW(art_trip_row, run.c->demand->trip_count);
  memcpy(rows, art_sim_trips(sim), (size_t)run.c->demand->trip_count * sizeof *rows);
  ledger = art_sim_ledger(sim);
  art_sim_free(sim);
  FILE *in = fopen(run.journal, "rb");
  uint8_t buffer[4096];
  if (!in) abort();
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, in)) > 0;) (void)art_bytes_put(&sound, buffer, got);
  fclose(in);
  if (sound.count != (size_t)mark.bytes || mark.records < 20) abort();
  file = art_memory_file(path);
  atexit(clean_up);
}

/// Makes the checksums of whole records right; the mark stands behind the last.
static art_journal_mark mend(art_bytes *b)
{
  art_journal_mark mark = { .bytes = MAGIC_BYTES };
  art_journal_head head;
  art_sha256 sha;
  art_sha256_begin(&sha);
  for (;;) {
    const size_t at = (size_t)mark.bytes;
    if (b->count - at < sizeof head) break;
    memcpy(&head, b->data + at, sizeof head);
    if (head.size > b->count - at - sizeof head) break;
    head.crc = (uint32_t)crc32_z(0, b->data + at + sizeof head, head.size);
    memcpy(b->data + at, &head, sizeof head);
    art_sha256_add(&sha, &head, sizeof head);
    mark.bytes += (int64_t)(sizeof head + head.size);
    ++mark.records;
  }
  art_sha256_end(&sha, mark.sha256);
  return mark;
}

static void make(art_bytes *b, const uint8_t *data, size_t size)
{
  if (data[0] & 1) {
    (void)art_bytes_put(b, sound.data, MAGIC_BYTES);
    (void)art_bytes_put(b, data + 1, size - 1);
    return;
  }
  (void)art_bytes_put(b, sound.data, sound.count);
  for (size_t n = 0; n < MOST_EDITS && (n + 1) * EDIT_BYTES < size; ++n) {
    const uint8_t *e = data + 1 + n * EDIT_BYTES;
    const size_t at = ((size_t)e[0] << 16 | (size_t)e[1] << 8 | e[2]) % (b->count - MAGIC_BYTES - 4);
    memcpy(b->data + MAGIC_BYTES + at, e + 3, 4);
  }
}

/// Refused with a message, or not at all.
static int is_fine(art_status status, const art_error *err)
{
  if (status != ART_OK && (status != ART_E_INPUT || !err->message[0])) {
    fprintf(stderr, "status %d, \"%s\"\n", (int)status, err->message);
    abort();
  }
  return status == ART_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!sound.count) start();
  if (size < 2) return 0;
  art_bytes b = { 0 };
  make(&b, data, size);
  const art_journal_mark mark = mend(&b);
  art_memory_file_fill(file, b.data, b.count);
  free(b.data);

  art_error err = { 0 };
  art_journal_parts parts;
  (void)is_fine(art_journal_check(path, &mark, &err), &err);
  if (!is_fine(art_journal_find_parts(path, &mark, &parts, &err), &err) && parts.mark) abort();
  free(parts.mark);
  art_results *results = open_results();
  if (is_fine(art_journal_replay(path, &mark, results, &err), &err) && data[0] >> 2 == 4) {
    const art_results_end end = { .now_ms = run.scenario->end_ms,
                                  .complete = 1,
                                  .ledger = ledger,
                                  .trips = rows,
                                  .summary = "summary: hash=0" };
    (void)is_fine(art_results_close(results, &end, &err), &err);
    return 0;
  }
  art_results_abandon(results);
  return 0;
}
