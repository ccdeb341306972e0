// Chunks of numbers on their way into a file: shuffled and deflated here, by several threads where the caller allows it,
// and handed to HDF5, by one at a time, as they are to be stored. HDF5's own filters would do the same several times slower.
#include <hdf5.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/h5/deflate.h"
#include "io/h5/h5_internal.h"

/// What one thread needs to make a chunk.
struct art_h5_packer {
  art_deflate *deflate;
  size_t capacity;  ///< bytes of a chunk that the buffers are made for
  uint8_t *plain, *shuffled, *packed;
  size_t size;      ///< of what is packed
};

static void reserve(struct art_h5_packer *p, size_t bytes)
{
  if (!p->deflate) p->deflate = art_deflate_new();
  if (bytes <= p->capacity) return;
  free(p->plain);
  free(p->shuffled);
  free(p->packed);
  p->capacity = bytes;
  p->plain = art_renew(NULL, bytes, 1);
  p->shuffled = art_renew(NULL, bytes, 1);
  p->packed = art_renew(NULL, art_deflate_bound(bytes), 1);
}

void art_h5_set_threads(art_h5 *f, int threads)
{
  const int count = threads < 1 ? 1 : threads;
  if (count <= f->packer_count) {
    f->threads = count;
    return;
  }
  f->packer = art_renew(f->packer, (size_t)count, sizeof *f->packer);
  memset(f->packer + f->packer_count, 0, (size_t)(count - f->packer_count) * sizeof *f->packer);
  f->threads = f->packer_count = count;
}

void art_h5_free_packers(art_h5 *f)
{
  for (int i = 0; i < f->packer_count; ++i) {
    art_deflate_free(f->packer[i].deflate);
    free(f->packer[i].plain);
    free(f->packer[i].shuffled);
    free(f->packer[i].packed);
  }
  free(f->packer);
}

int64_t art_h5_across(const art_h5_grid *g)
{
  return (g->columns + g->chunk_columns - 1) / g->chunk_columns;
}

/// One chunk to be written: number `across` of the band of rows that begins at `first` of the dataset.
typedef struct task {
  const art_h5_grid *grid;
  const uint8_t *band;  ///< its rows, all columns
  int64_t first, rows, across;
} task;

static void pack(struct art_h5_packer *p, const task *t)
{
  const art_h5_grid *g = t->grid;
  const size_t size = g->value_size, values = (size_t)(g->chunk_rows * g->chunk_columns), bytes = values * size;
  const int64_t column = t->across * g->chunk_columns;
  const int64_t columns = g->columns - column < g->chunk_columns ? g->columns - column : g->chunk_columns;
  const uint8_t *plain = t->band;
  reserve(p, bytes);
  if (t->rows < g->chunk_rows || columns < g->columns) {
    memset(p->plain, 0, bytes);  // beyond the dataset a chunk holds what nobody sees
    for (int64_t r = 0; r < t->rows; ++r)
      memcpy(p->plain + (size_t)(r * g->chunk_columns) * size, t->band + (size_t)(r * g->columns + column) * size,
             (size_t)columns * size);
    plain = p->plain;
  }
  if (size > 1) {
    art_shuffle(plain, values, size, p->shuffled);
    plain = p->shuffled;
  }
  p->size = art_deflate_run(p->deflate, plain, bytes, values, p->packed);
}

static void store(art_h5 *f, const struct art_h5_packer *p, const task *t)
{
  const hsize_t at[2] = { (hsize_t)t->first, (hsize_t)(t->across * t->grid->chunk_columns) };
  const herr_t result = H5Dwrite_chunk(t->grid->dataset, H5P_DEFAULT, 0, at, p->size, p->packed);
  if (result < 0) art_h5_fail(f, ART_E_IO, t->grid->path, "cannot be written");
}

/// Makes chunks on all threads. Each writes what it made when its turn comes, in order and one at a time, while the others go on.
static void write_tasks(art_h5 *f, const task *list, int64_t count)
{
  if (f->packer_count == 0) art_h5_set_threads(f, 1);
  const int threads = count < f->threads ? (int)count : f->threads;
#pragma omp parallel for ordered schedule(dynamic, 1) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < count; ++i) {
    struct art_h5_packer *mine = &f->packer[omp_get_thread_num()];
    pack(mine, &list[i]);
#pragma omp ordered
    if (f->error.status == ART_OK) store(f, mine, &list[i]);
  }
}

typedef struct task_list {
  task *item;
  int64_t count, capacity;
} task_list;

static void add_band(task_list *list, const art_h5_grid *g, const uint8_t *band, int64_t first, int64_t rows)
{
  const int64_t across = art_h5_across(g);
  for (int64_t k = 0; k < across; ++k) {
    const task one = { g, band, first, rows, k };
    ART_PUSH(list->item, list->count, list->capacity, one);
  }
}

void art_h5_write_chunks(art_h5 *f, const art_h5_grid *g, int64_t rows, const void *data)
{
  task_list list = { 0 };
  const size_t row_bytes = (size_t)g->columns * g->value_size;
  for (int64_t first = 0; first < rows; first += g->chunk_rows)
    add_band(&list, g, (const uint8_t *)data + (size_t)first * row_bytes, first,
             rows - first < g->chunk_rows ? rows - first : g->chunk_rows);
  write_tasks(f, list.item, list.count);
  free(list.item);
}

// --- growing --------------------------------------------------------------------------------------------------------

/// Rows of one call on their way into one dataset.
typedef struct intake {
  art_h5_growing *to;
  const uint8_t *data;
  int64_t taken;
} intake;

static size_t row_bytes_of(const art_h5_growing *to)
{
  return (size_t)to->grid.columns * to->grid.value_size;
}

/// Adds rows to those that wait for their chunk to fill.
static void keep(intake *in, int64_t count)
{
  art_h5_growing *to = in->to;
  const size_t row_bytes = row_bytes_of(to);
  if (count == 0) return;
  if (!to->waiting) to->waiting = art_new((size_t)to->grid.chunk_rows, row_bytes);
  memcpy(to->waiting + (size_t)to->waiting_rows * row_bytes, in->data + (size_t)in->taken * row_bytes,
         (size_t)count * row_bytes);
  to->waiting_rows += count;
  to->rows += count;
  in->taken += count;
}

/// Grows the dataset to all its rows and writes the bands that are full, or what there is of them.
static int grow(art_h5 *f, art_h5_growing *to)
{
  const hsize_t size[2] = { (hsize_t)to->rows, (hsize_t)to->columns };
  if (H5Dset_extent(to->grid.dataset, size) >= 0) return 1;
  art_h5_fail(f, ART_E_IO, to->path, "cannot grow");
  return 0;
}

/// Fills the waiting band first; further full bands go from where they are.
static void take_bands(art_h5 *f, intake *in, int64_t rows, task_list *list)
{
  art_h5_growing *to = in->to;
  const art_h5_grid *g = &to->grid;
  const int64_t before = to->rows - to->waiting_rows;
  if (to->waiting_rows > 0 || rows < g->chunk_rows)
    keep(in, rows < g->chunk_rows - to->waiting_rows ? rows : g->chunk_rows - to->waiting_rows);
  int full = to->waiting_rows == g->chunk_rows;
  if (full) {
    add_band(list, g, to->waiting, before, g->chunk_rows);
    to->waiting_rows = 0;
  }
  for (; to->waiting_rows == 0 && rows - in->taken >= g->chunk_rows; full = 1) {
    add_band(list, g, in->data + (size_t)in->taken * row_bytes_of(to), to->rows, g->chunk_rows);
    to->rows += g->chunk_rows;
    in->taken += g->chunk_rows;
  }
  if (full) grow(f, to);
}

void art_h5_take_rows(art_h5 *f, int count, art_h5_growing *const *to, int64_t rows, const void *const *data)
{
  task_list list = { 0 };
  intake *in = ART_NEW(intake, count);
  for (int i = 0; i < count && f->error.status == ART_OK; ++i) {
    in[i] = (intake){ to[i], data[i], 0 };
    take_bands(f, &in[i], rows, &list);
  }
  write_tasks(f, list.item, list.count);
  for (int i = 0; i < count && f->error.status == ART_OK; ++i) keep(&in[i], rows - in[i].taken);
  free(in);
  free(list.item);
}

void art_h5_finish_growing(art_h5 *f)
{
  task_list list = { 0 };
  for (int32_t i = 0; i < f->growing_count && f->error.status == ART_OK; ++i) {
    art_h5_growing *to = &f->growing[i];
    if (!to->waiting_rows || !grow(f, to)) continue;
    add_band(&list, &to->grid, to->waiting, to->rows - to->waiting_rows, to->waiting_rows);
    to->waiting_rows = 0;
  }
  write_tasks(f, list.item, list.count);
  free(list.item);
}
