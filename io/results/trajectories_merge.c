/// Trajectories of all ranks on their way into one file. Rows stand by trip and time, whoever drove the vehicle when: so the
/// place of every row follows from how many rows the trips have. Rows are dealt out in slabs of whole chunks, one slab to each
/// writer in turn; a round is one slab of every writer. In a round each rank sends every writer what it has of the trips of its
/// slab, reading its segment once from begin to end. A writer puts them together and writes its slab: alone as a file is always
/// written, with others by collective calls.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/par/group.h"
#include "io/results/spill.h"
#include "io/results/table_internal.h"

/// Rows of a slab: a multiple of the rows of a chunk of what grows (h5_write.c). Calls that several writers make together cost
/// by the call, so they have more to do in each.
enum { SLAB_ROWS = 1 << 18, SHARED_SLAB_ROWS = 1 << 19 };

/// How many rows of a trip follow.
typedef struct share {
  int32_t trip, rows;
} share;

typedef struct merge {
  art_results *r;
  const art_group *group;  ///< NULL: one rank
  int32_t rank, writer_count, me;
  const int32_t *writer;  ///< ranks; `me` is the place among them, -1: none
  const int64_t *first;   ///< by trip, of all ranks
  const int64_t *mine;    ///< by trip, rows of this rank
  int64_t rows, slab_rows;
  int32_t peer_count, *peer;
  art_bytes *send, *receive;  ///< by peer
  art_bytes own;              ///< for this rank as a writer
  /// Rows of the last trip that were sent, which may go on in the next slab.
  art_spill_row *held;
  int64_t held_count, held_capacity;
  int32_t held_trip;
  // of a writer
  art_spill_row *slab;
  int64_t slab_capacity;
  double *along_m, *x, *y;  ///< of the drawings' points (points.c); of the slab's rows
  int64_t *place;  ///< where the next row of a trip goes
  int64_t place_capacity;
  art_h5_shared *shared;
  char *shared_path;
} merge;

typedef struct slab {
  int64_t begin, end;  ///< rows
  int32_t from, to;    ///< trips with rows in it
} slab;

/// Last trip whose rows begin at `row` or before; where several do, the one that has rows there.
static int32_t trip_at(const merge *m, int64_t row)
{
  int32_t low = 0, high = m->r->view.demand->trip_count;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (m->first[middle + 1] > row)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static slab slab_of(const merge *m, int64_t round, int32_t writer)
{
  slab s = { .begin = (round * m->writer_count + writer) * m->slab_rows };
  if (s.begin > m->rows) s.begin = m->rows;
  s.end = s.begin + m->slab_rows < m->rows ? s.begin + m->slab_rows : m->rows;
  if (s.begin == s.end) return s;
  s.from = trip_at(m, s.begin);
  s.to = trip_at(m, s.end - 1) + 1;
  return s;
}

// --- sending --------------------------------------------------------------------------------------------------------

static void put_rows(const merge *m, const art_spill_row *row, int64_t count, art_bytes *out)
{
  const art_result_view *v = &m->r->view;
  const art_tick *instant = art_spill_instants(m->r->spill);
  art_spill_row *to = art_bytes_room(out, (size_t)count * sizeof *to);
  for (int64_t i = 0; i < count; ++i) {
    art_spill_row one = row[i];
    one.instant = (int32_t)((instant[one.instant] - v->sample_from_ms) / v->sample_step_ms);
    memcpy(&to[i], &one, sizeof one);
  }
}

static void hold(merge *m, int32_t trip, const art_spill_row *row, int64_t count)
{
  if (count > m->held_capacity) {
    m->held_capacity = count;
    m->held = art_renew(m->held, (size_t)count, sizeof *m->held);
  }
  if (count > 0) memcpy(m->held, row, (size_t)count * sizeof *row);
  m->held_trip = trip;
  m->held_count = count;
}

/// What this rank has of the trips of a slab: shares, then rows.
static art_status pack(merge *m, const slab *s, art_bytes *out, art_error *err)
{
  int64_t shares = 0;
  out->count = 0;
  if (s->begin == s->end) return ART_OK;
  for (int32_t t = s->from; t < s->to; ++t) shares += m->mine[t] > 0;
  ART_PUT(out, shares);
  for (int32_t t = s->from; t < s->to; ++t) {
    const share one = { t, (int32_t)m->mine[t] };
    if (one.rows > 0) ART_PUT(out, one);
  }
  if (m->held_trip == s->from) put_rows(m, m->held, m->held_count, out);
  if (m->held_trip == s->to - 1) return ART_OK;
  const art_spill_row *row;
  int64_t count = 0;
  const art_status status = art_spill_take(m->r->spill, s->to, &row, &count, err);
  if (status != ART_OK) return status;
  put_rows(m, row, count, out);
  hold(m, s->to - 1, row + count - m->mine[s->to - 1], m->mine[s->to - 1]);
  return ART_OK;
}

/// Packs for every writer.
static art_status pack_all(merge *m, int64_t round, art_error *err)
{
  art_status status = ART_OK;
  int32_t p = 0;
  for (int32_t i = 0; i < m->peer_count; ++i) m->send[i].count = 0;
  for (int32_t w = 0; w < m->writer_count && status == ART_OK; ++w) {
    const slab s = slab_of(m, round, w);
    while (p < m->peer_count && m->peer[p] < m->writer[w]) ++p;
    status = pack(m, &s, w == m->me ? &m->own : &m->send[p], err);
  }
  return status;
}

// --- putting together -----------------------------------------------------------------------------------------------

static art_status misfit(art_error *err)
{
  return art_fail(err, ART_E_INTERNAL,
                  "trajectories: what the ranks sent does not make up the rows of the trips");
}

/// Puts the rows that one rank sent to their trips.
static art_status place_rows(merge *m, const slab *s, const art_bytes *sent, art_error *err)
{
  art_byte_reader in = { .data = sent->data, .count = sent->count };
  int64_t shares = 0;
  if (sent->count == 0) return ART_OK;
  ART_GET(&in, shares);
  const uint8_t *list = art_bytes_take(&in, (uint64_t)shares, sizeof(share));
  for (int64_t i = 0; i < shares && !in.is_short; ++i) {
    share one;
    memcpy(&one, list + (size_t)i * sizeof one, sizeof one);
    if (one.trip < s->from || one.trip >= s->to || one.rows < 0) return misfit(err);
    int64_t *at = &m->place[one.trip - s->from];
    if (*at + one.rows > m->first[one.trip + 1] - m->first[s->from]) return misfit(err);
    art_bytes_get(&in, m->slab + *at, (size_t)one.rows * sizeof *m->slab);
    *at += one.rows;
  }
  return in.is_short || in.at != in.count ? misfit(err) : ART_OK;
}

static int by_instant(const void *a, const void *b)
{
  const art_spill_row *x = a, *y = b;
  return (x->instant > y->instant) - (x->instant < y->instant);
}

/// Rows of a trip that came from several ranks, each in order of time.
static void order_rows(art_spill_row *row, int64_t count)
{
  int64_t i = 1;
  while (i < count && row[i - 1].instant < row[i].instant) ++i;
  if (i < count) art_sort(row, (size_t)count, sizeof *row, by_instant);
}

static void make_room(merge *m, const slab *s)
{
  const int64_t rows = m->first[s->to] - m->first[s->from], trips = s->to - s->from;
  if (rows > m->slab_capacity) {
    free(m->slab);
    m->slab_capacity = rows;
    m->slab = ART_NEW(art_spill_row, rows);
  }
  if (trips > m->place_capacity) {
    free(m->place);
    m->place_capacity = trips;
    m->place = ART_NEW(int64_t, trips);
  }
  for (int32_t t = s->from; t < s->to; ++t) m->place[t - s->from] = m->first[t] - m->first[s->from];
}

/// All rows of the trips of the slab, by trip and time.
static art_status put_together(merge *m, const slab *s, art_error *err)
{
  art_status status = ART_OK;
  if (s->begin == s->end) return status;
  make_room(m, s);
  status = place_rows(m, s, &m->own, err);
  for (int32_t p = 0; p < m->peer_count && status == ART_OK; ++p)
    status = place_rows(m, s, &m->receive[p], err);
  for (int32_t t = s->from; t < s->to && status == ART_OK; ++t) {
    const int64_t begin = m->first[t] - m->first[s->from], end = m->first[t + 1] - m->first[s->from];
    if (m->place[t - s->from] != end)
      status = misfit(err);
    else
      order_rows(m->slab + begin, end - begin);
  }
  return status;
}

enum { PART_ROWS = 1 << 13 };

/// The slab's places, by all threads that may work now.
static void find_points(merge *m, int64_t rows)
{
  art_result_view *v = &m->r->view;
  if (!m->along_m) {
    m->along_m = art_points_measure(v->city);
    m->x = ART_NEW(double, m->slab_rows);
    m->y = ART_NEW(double, m->slab_rows);
  }
  const int64_t parts = (rows + PART_ROWS - 1) / PART_ROWS;
#pragma omp parallel for num_threads(m->r->threads) if (parts > 1 && m->r->threads > 1) schedule(dynamic)
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = part * PART_ROWS, left = rows - first;
    art_points_of(v, m->along_m, left < PART_ROWS ? left : PART_ROWS, v->samples + first, m->x + first, m->y + first);
  }
  v->sample_x = m->x;
  v->sample_y = m->y;
}

static art_status write_slab(merge *m, const slab *s, int *is_torn, art_error *err)
{
  art_results *r = m->r;
  art_result_view *v = &r->view;
  const int64_t rows = s->end - s->begin;
  art_status status = ART_OK;
  v->samples = rows > 0 ? m->slab + (s->begin - m->first[s->from]) : NULL;
  v->grown = s->begin;
  find_points(m, rows);
  if (m->shared) {
    status = art_group_write_shared(r, &art_group_trajectories, m->shared, s->begin, rows, err);
    *is_torn = status != ART_OK;
  } else if (rows > 0) {
    art_group_append(r, &art_group_trajectories, rows);
    status = art_h5_status(r->file, err);
  }
  v->grown = 0;
  v->samples = NULL;
  v->sample_x = v->sample_y = NULL;
  return status;
}

static art_status merge_round(merge *m, int64_t round, int *is_torn, art_error *err)
{
  art_status status = pack_all(m, round, err);
  if (m->group) {
    m->group->begin(m->group, m->peer_count, m->peer, m->send);
    m->group->finish(m->group, m->peer_count, m->peer, m->receive);
  }
  const slab s = m->me < 0 ? (slab){ 0 } : slab_of(m, round, m->me);
  if (status == ART_OK && m->me >= 0) status = put_together(m, &s, err);
  status = art_group_agree(m->group, status, err);  // before anybody begins what all writers do together
  if (status == ART_OK && m->me >= 0) status = write_slab(m, &s, is_torn, err);
  return *is_torn ? status : art_group_agree(m->group, status, err);
}

// --- begin and end --------------------------------------------------------------------------------------------------

/// Everybody has to do with the writers, and these with everybody.
static void list_peers(merge *m)
{
  const int32_t size = m->group ? m->group->size : 1;
  m->peer = ART_NEW(int32_t, size);
  for (int32_t r = 0; r < size; ++r) {
    int is_writer = 0;
    for (int32_t w = 0; w < m->writer_count; ++w) is_writer |= m->writer[w] == r;
    if (r != m->rank && (is_writer || m->me >= 0)) m->peer[m->peer_count++] = r;
  }
  m->send = ART_NEW(art_bytes, m->peer_count);
  m->receive = ART_NEW(art_bytes, m->peer_count);
}

static void release(merge *m)
{
  for (int32_t p = 0; p < m->peer_count; ++p) {
    free(m->send[p].data);
    free(m->receive[p].data);
  }
  free(m->own.data);
  free(m->send);
  free(m->receive);
  free(m->peer);
  free(m->held);
  free(m->shared_path);
  free(m->slab);
  free(m->place);
  free(m->along_m);
  free(m->x);
  free(m->y);
}

/// The first rank gives the file to all writers.
static art_status share_file(merge *m, int *is_torn, art_error *err)
{
  art_results *r = m->r;
  art_status status = ART_OK;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, m->group->size + 1);
  if (r->file) {
    art_group_reserve(r, &art_group_trajectories, m->rows);
    const char *name = art_h5_hand_over(r->file);
    status = art_h5_status(r->file, err);
    if (name) (void)art_bytes_put(&mine, name, strlen(name) + 1);
  }
  status = art_group_agree(m->group, status, err);
  if (status == ART_OK) m->group->gather(m->group, &mine, &all, first);
  if (status == ART_OK && m->me >= 0) {
    m->shared_path = art_strdup((const char *)all.data);
    status = art_h5_shared_open(m->shared_path, r->setup.writers.handle, &m->shared, err);
    *is_torn = status != ART_OK;
  }
  free(first);
  free(mine.data);
  free(all.data);
  return status;
}

/// Several that fail at once have the same to say: the first one has said it, and ended all, before the next one would.
static void give_up(const merge *m)
{
  if (m->shared_path) unlink(m->shared_path);
  const struct timespec turn = { m->me / 2, m->me % 2 * 500000000L };
  nanosleep(&turn, NULL);
}

art_status art_trajectories_merge(art_results *r, int *is_torn, art_error *err)
{
  static const int32_t first_rank = 0;
  const int is_shared = r->setup.writers.count > 1 && art_h5_can_share();
  merge m = { .r = r,
              .group = r->setup.group,
              .rank = r->setup.group ? r->setup.group->rank : 0,
              .writer_count = is_shared ? r->setup.writers.count : 1,
              .writer = is_shared ? r->setup.writers.rank : &first_rank,
              .me = -1,
              .slab_rows = is_shared ? SHARED_SLAB_ROWS : SLAB_ROWS,
              .first = r->view.sample_first,
              .mine = art_spill_counts(r->spill),
              .held_trip = -1 };
  for (int32_t w = 0; w < m.writer_count; ++w)
    if (m.writer[w] == m.rank) m.me = w;
  m.rows = m.first[r->view.demand->trip_count];
  *is_torn = 0;
  list_peers(&m);
  art_status status = r->file ? art_h5_status(r->file, err) : ART_OK;
  status = art_group_agree(m.group, status, err);
  if (status == ART_OK && is_shared) status = share_file(&m, is_torn, err);
  const int64_t round_rows = m.writer_count * m.slab_rows;
  for (int64_t k = 0; k * round_rows < m.rows && status == ART_OK; ++k)
    status = merge_round(&m, k, is_torn, err);
  if (!*is_torn && m.shared) {  // all writers come here, or none
    const art_status closed = art_h5_shared_close(m.shared, status == ART_OK ? err : NULL);
    *is_torn = closed != ART_OK;
    if (status == ART_OK) status = closed;
  }
  if (*is_torn)
    give_up(&m);
  else
    status = art_group_agree(m.group, status, err);  // nobody renames before all have closed
  release(&m);
  return status;
}
