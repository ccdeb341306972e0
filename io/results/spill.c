#include "io/results/spill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/results/row_code.h"

/// How many rows of a run belong to a trip.
typedef struct share {
  int32_t trip, rows;
} share;

/// Sorted rows in the file, as row_code.h writes them, and behind them their shares; both are read a little ahead.
typedef struct run {
  int64_t code_at, code_left, shares_at, shares_left;  ///< where and how many are not read yet: bytes, entries
  uint8_t *code;
  size_t code_next, code_count;
  share *share;
  int32_t share_count, share_next;
} run;

enum { SHARES_AHEAD = 1024, CODE_AHEAD = 1 << 16, CODE_BYTES = 1 << 18 };

struct art_spill {
  int file;
  int64_t file_bytes, memory_rows;
  int32_t trip_count, next_trip;
  int64_t *count;  ///< rows by trip
  art_tick *instant_ms;
  int32_t instant_count, instant_capacity;
  // since the last run: as they came
  int32_t *trip;
  art_spill_row *row;
  int64_t rows, rows_capacity;
  // sorted: a run before it is written, or what art_spill_next hands out
  art_spill_row *sorted;
  int64_t sorted_capacity;
  int64_t *place;  ///< scratch, [trip_count + 1]
  run *runs;
  int32_t run_count, run_capacity;
};

art_spill *art_spill_new(const char *beside, int32_t trip_count, int64_t memory_rows, art_error *err)
{
  char *name = ART_NEW(char, strlen(beside) + 32);
  sprintf(name, "%s.trajectories.XXXXXX", beside);
  const int file = mkstemp(name);
  if (file >= 0) {
    unlink(name);  // the file goes with the process, whatever happens
  } else {
    art_fail(err, ART_E_OPEN, "%s: cannot be created for trajectories: %s", name, strerror(errno));
  }
  free(name);
  if (file < 0) return NULL;
  art_spill *spill = ART_NEW(art_spill, 1);
  spill->file = file;
  spill->memory_rows = memory_rows;
  spill->trip_count = trip_count;
  spill->count = ART_NEW(int64_t, trip_count);
  spill->place = ART_NEW(int64_t, trip_count + 1);
  return spill;
}

void art_spill_free(art_spill *spill)
{
  if (!spill) return;
  close(spill->file);
  for (int32_t k = 0; k < spill->run_count; ++k) {
    free(spill->runs[k].share);
    free(spill->runs[k].code);
  }
  free(spill->runs);
  free(spill->count);
  free(spill->instant_ms);
  free(spill->trip);
  free(spill->row);
  free(spill->sorted);
  free(spill->place);
  free(spill);
}

static void reserve_sorted(art_spill *spill, int64_t rows)
{
  if (rows <= spill->sorted_capacity) return;
  spill->sorted_capacity = rows;
  free(spill->sorted);
  spill->sorted = ART_NEW(art_spill_row, rows);
}

/// Sorts what is in memory by trip; rows of a trip stay in their order, which is that of time.
static void sort_rows(art_spill *spill)
{
  int64_t *place = spill->place;
  reserve_sorted(spill, spill->rows);
  memset(place, 0, ((size_t)spill->trip_count + 1) * sizeof *place);
  for (int64_t i = 0; i < spill->rows; ++i) ++place[spill->trip[i] + 1];
  for (int32_t t = 0; t < spill->trip_count; ++t) {
    spill->count[t] += place[t + 1];
    place[t + 1] += place[t];
  }
  for (int64_t i = 0; i < spill->rows; ++i) spill->sorted[place[spill->trip[i]]++] = spill->row[i];
}

static art_status write_bytes(art_spill *spill, const void *data, size_t size, art_error *err)
{
  const char *from = data;
  while (size > 0) {
    const ssize_t done = pwrite(spill->file, from, size, spill->file_bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return art_fail(err, ART_E_IO, "trajectories: the temporary file cannot be written; is the disk full?");
    from += done;
    size -= (size_t)done;
    spill->file_bytes += done;
  }
  return ART_OK;
}

static art_status read_bytes(const art_spill *spill, void *data, size_t size, int64_t *at, art_error *err)
{
  char *to = data;
  while (size > 0) {
    const ssize_t done = pread(spill->file, to, size, *at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return art_fail(err, ART_E_IO, "trajectories: the temporary file cannot be read");
    to += done;
    size -= (size_t)done;
    *at += done;
  }
  return ART_OK;
}

/// Writes the rows of a list of shares, which lie in `sorted` one after the other.
static art_status write_rows(art_spill *spill, const share *list, int64_t count, art_error *err)
{
  uint8_t *code = art_new(CODE_BYTES + ART_ROW_CODE_MOST + ART_ROW_CODE_BEYOND, 1), *to = code;
  const art_spill_row *row = spill->sorted;
  art_status status = ART_OK;
  for (int64_t k = 0; k < count && status == ART_OK; ++k) {
    const art_spill_row start = art_row_code_start(), *before = &start, *end = row + list[k].rows;
    for (; row < end && status == ART_OK; before = row++) {
      to = art_row_code_put(to, before, row);
      if (to - code < CODE_BYTES) continue;
      status = write_bytes(spill, code, (size_t)(to - code), err);
      to = code;
    }
  }
  if (status == ART_OK) status = write_bytes(spill, code, (size_t)(to - code), err);
  free(code);
  return status;
}

/// Writes what is in memory as a run.
static art_status write_run(art_spill *spill, art_error *err)
{
  sort_rows(spill);
  // After sorting, place[t] is where the rows of t end.
  share *list = NULL;
  int64_t count = 0, capacity = 0, before = 0;
  for (int32_t t = 0; t < spill->trip_count; before = spill->place[t++])
    if (spill->place[t] > before) {
      const share one = { t, (int32_t)(spill->place[t] - before) };
      ART_PUSH(list, count, capacity, one);
    }
  run one = { .code_at = spill->file_bytes, .shares_left = count };
  art_status status = write_rows(spill, list, count, err);
  one.shares_at = spill->file_bytes;
  one.code_left = one.shares_at - one.code_at;
  if (status == ART_OK) status = write_bytes(spill, list, (size_t)count * sizeof *list, err);
  free(list);
  if (status == ART_OK) ART_PUSH(spill->runs, spill->run_count, spill->run_capacity, one);
  spill->rows = 0;
  return status;
}

static void reserve_rows(art_spill *spill, int64_t rows)
{
  if (rows <= spill->rows_capacity) return;
  const int64_t twice = 2 * spill->rows_capacity, most = twice < spill->memory_rows ? twice : spill->memory_rows;
  spill->rows_capacity = most > rows ? most : rows;
  spill->trip = art_renew(spill->trip, (size_t)spill->rows_capacity, sizeof *spill->trip);
  spill->row = art_renew(spill->row, (size_t)spill->rows_capacity, sizeof *spill->row);
}

art_status art_spill_add(art_spill *spill, art_tick now_ms, const art_snapshot *s, art_error *err)
{
  const int32_t instant = spill->instant_count;
  ART_PUSH(spill->instant_ms, spill->instant_count, spill->instant_capacity, now_ms);
  if (s->count == 0) return ART_OK;
  if (spill->rows > 0 && spill->rows + s->count > spill->memory_rows) {
    const art_status status = write_run(spill, err);
    if (status != ART_OK) return status;
  }
  reserve_rows(spill, spill->rows + s->count);
  memcpy(spill->trip + spill->rows, s->trip, (size_t)s->count * sizeof *s->trip);
  art_spill_row *row = spill->row + spill->rows;
  for (int64_t i = 0; i < s->count; ++i)
    row[i] = (art_spill_row){ instant, s->lane[i], s->pos_m[i], s->speed_mps[i] };
  spill->rows += s->count;
  return ART_OK;
}

art_status art_spill_finish(art_spill *spill, const int64_t **count, art_error *err)
{
  art_status status = ART_OK;
  if (spill->run_count > 0)
    status = write_run(spill, err);
  else
    sort_rows(spill);  // it all fitted into memory
  free(spill->trip);
  free(spill->row);
  spill->trip = NULL;
  spill->row = NULL;
  *count = spill->count;
  return status;
}

const int64_t *art_spill_counts(const art_spill *spill)
{
  return spill->count;
}

const art_tick *art_spill_instants(const art_spill *spill)
{
  return spill->instant_ms;
}

/// The run's share of the next trip that it has; NULL at its end or after a failure.
static const share *next_share(const art_spill *spill, run *r, art_status *status, art_error *err)
{
  if (r->share_next == r->share_count) {
    if (r->shares_left == 0) return NULL;
    if (!r->share) r->share = ART_NEW(share, SHARES_AHEAD);
    r->share_count = (int32_t)(r->shares_left < SHARES_AHEAD ? r->shares_left : SHARES_AHEAD);
    r->share_next = 0;
    r->shares_left -= r->share_count;
    *status = read_bytes(spill, r->share, (size_t)r->share_count * sizeof *r->share, &r->shares_at, err);
  }
  return *status == ART_OK ? &r->share[r->share_next] : NULL;
}

/// Reads on where less than a row is there.
static art_status read_ahead(const art_spill *spill, run *r, art_error *err)
{
  const size_t rest = r->code_count - r->code_next;
  if (rest >= ART_ROW_CODE_MOST || r->code_left == 0) return ART_OK;
  if (!r->code) r->code = art_new(ART_ROW_CODE_MOST + CODE_AHEAD + ART_ROW_CODE_BEYOND, 1);
  memmove(r->code, r->code + r->code_next, rest);
  const size_t more = r->code_left < CODE_AHEAD ? (size_t)r->code_left : CODE_AHEAD;
  r->code_next = 0;
  r->code_count = rest + more;
  r->code_left -= (int64_t)more;
  return read_bytes(spill, r->code + rest, more, &r->code_at, err);
}

/// All rows of a trip that the run has.
static art_status take_rows(const art_spill *spill, run *r, art_spill_row *to, int64_t count, art_error *err)
{
  art_status status = ART_OK;
  art_spill_row row = art_row_code_start();
  for (int64_t i = 0; i < count; ++i) {
    if (r->code_count - r->code_next < ART_ROW_CODE_MOST) status = read_ahead(spill, r, err);
    if (status != ART_OK) return status;
    r->code_next = (size_t)(art_row_code_get(r->code + r->code_next, &row) - r->code);
    to[i] = row;
  }
  return status;
}

/// Moves the rows of trips before `last` from a run to their places.
static art_status take_from_run(art_spill *spill, run *r, int32_t last, art_error *err)
{
  art_status status = ART_OK;
  for (const share *s; status == ART_OK && (s = next_share(spill, r, &status, err)) && s->trip < last; ++r->share_next) {
    status = take_rows(spill, r, spill->sorted + spill->place[s->trip], s->rows, err);
    spill->place[s->trip] += s->rows;
  }
  return status;
}

art_status art_spill_take(art_spill *spill, int32_t last, const art_spill_row **rows, int64_t *count, art_error *err)
{
  int64_t *place = spill->place, total = 0;
  for (int32_t t = spill->next_trip; t < last; ++t) {
    if (spill->run_count > 0) place[t] = total;
    total += spill->count[t];
  }
  *count = total;
  art_status status = ART_OK;
  if (spill->run_count == 0) {  // place[t] is where the rows of t end
    *rows = spill->sorted + (spill->next_trip ? place[spill->next_trip - 1] : 0);
  } else {
    reserve_sorted(spill, total);
    for (int32_t k = 0; k < spill->run_count && status == ART_OK; ++k)  // runs are in order of time
      status = take_from_run(spill, &spill->runs[k], last, err);
    *rows = spill->sorted;
  }
  spill->next_trip = last;
  return status;
}

art_status art_spill_next(art_spill *spill, int64_t rows_wanted, const art_spill_row **rows, int64_t *count,
                          art_error *err)
{
  int64_t total = 0;
  int32_t last = spill->next_trip;
  while (last < spill->trip_count && (total == 0 || total + spill->count[last] <= rows_wanted))
    total += spill->count[last++];
  return art_spill_take(spill, last, rows, count, err);
}
