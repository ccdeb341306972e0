// Pieces by the square of the map that they pass: which one does a place lie on?
#include <math.h>
#include <stdlib.h>

#include "core/base/memory.h"
#include "io/osm/map_internal.h"

#define CELL_M 60.0

typedef struct cell_row {
  int64_t key;
  int32_t piece;
} cell_row;

struct art_map_piece_index {
  const art_map *plan;
  int32_t count, capacity;
  cell_row *row;  // in the order of keys
};

static int64_t cell_key(double x, double y)
{
  return (int64_t)floor(x / CELL_M) * 4000003 + (int64_t)floor(y / CELL_M);
}

static int compare_cells(const void *left, const void *right)
{
  const cell_row *a = left, *b = right;
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return a->piece < b->piece ? -1 : a->piece > b->piece;
}

art_map_piece_index *art_map_index_pieces(const art_map *plan)
{
  art_map_piece_index *index = ART_NEW(art_map_piece_index, 1);
  index->plan = plan;
  for (int32_t p = 0; p < plan->piece_count; ++p) {
    const art_map_piece *piece = &plan->piece[p];
    int64_t last = INT64_MIN;
    for (int32_t i = 0; i + 1 < piece->point_count; ++i) {
      const double *x = plan->x + piece->first_point + i, *y = plan->y + piece->first_point + i;
      const int32_t steps = 1 + (int32_t)(hypot(x[1] - x[0], y[1] - y[0]) / (0.25 * CELL_M));
      for (int32_t k = 0; k <= steps; ++k) {
        const double t = (double)k / (double)steps;
        const cell_row row = { cell_key(x[0] + t * (x[1] - x[0]), y[0] + t * (y[1] - y[0])), p };
        if (row.key == last) continue;
        last = row.key;
        ART_PUSH(index->row, index->count, index->capacity, row);
      }
    }
  }
  art_sort(index->row, (size_t)index->count, sizeof *index->row, compare_cells);
  return index;
}

void art_map_piece_index_free(art_map_piece_index *index)
{
  free(index->row);
  free(index);
}

int32_t art_map_nearest_piece(const art_map_piece_index *index, double x, double y, double within_m, double *at_m)
{
  int32_t best = -1;
  // A place near the border of a cell may have its piece in the next one.
  for (int corner = 0; corner < 4; ++corner) {
    const int64_t key = cell_key(x + (corner & 1 ? 1.0 : -1.0), y + (corner & 2 ? 1.0 : -1.0));
    int32_t low = 0, high = index->count;
    while (low < high) {
      const int32_t middle = low + (high - low) / 2;
      if (index->row[middle].key < key)
        low = middle + 1;
      else
        high = middle;
    }
    for (; low < index->count && index->row[low].key == key; ++low) {
      double along;
      const double d = art_line_distance(art_map_line(index->plan, index->row[low].piece), x, y, &along);
      if (d >= within_m) continue;
      within_m = d;
      best = index->row[low].piece;
      *at_m = along;
    }
  }
  return best;
}
