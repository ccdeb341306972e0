#include "io/osm/terrain.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/memory.h"

#define MOST_CELLS 200000000.0

struct art_terrain {
  int columns, rows;
  double x, y, cell;  // middle of the south-western cell
  float *height;      // rows from north to south
};

typedef struct reader {
  const char *path;
  FILE *file;
  int line;
  char word[64];
} reader;

/// The next word; 0 at the end of the file. Words too long to be numbers are cut, and so no numbers.
static int next_word(reader *r)
{
  int c = getc(r->file);
  size_t size = 0;
  for (; c != EOF && isspace(c); c = getc(r->file)) r->line += c == '\n';
  for (; c != EOF && !isspace(c); c = getc(r->file))
    if (size + 1 < sizeof r->word) r->word[size++] = (char)c;
  if (c != EOF) ungetc(c, r->file);
  r->word[size] = '\0';
  return size > 0;
}

static int parse_number(const char *text, double *out)
{
  char *end = NULL;
  *out = strtod(text, &end);
  return end != text && *end == '\0' && isfinite(*out);
}

typedef struct head {
  double columns, rows, x, y, cell, none;
  int x_is_corner, y_is_corner, seen;
} head;

enum { SEEN_COLUMNS = 1, SEEN_ROWS = 2, SEEN_X = 4, SEEN_Y = 8, SEEN_CELL = 16, SEEN_ALL = 31 };

/// Lines of a name and a number, up to the first line that begins with a number, which is left in r->word.
static art_status read_head(reader *r, head *h, art_error *err)
{
  const struct {
    const char *name;
    double *value;
    int bit, corner;
  } keys[] = { { "ncols", &h->columns, SEEN_COLUMNS, 0 }, { "nrows", &h->rows, SEEN_ROWS, 0 },
               { "xllcorner", &h->x, SEEN_X, 1 },         { "xllcenter", &h->x, SEEN_X, 0 },
               { "yllcorner", &h->y, SEEN_Y, 1 },         { "yllcenter", &h->y, SEEN_Y, 0 },
               { "cellsize", &h->cell, SEEN_CELL, 0 },    { "nodata_value", &h->none, 0, 0 } };
  const size_t count = sizeof keys / sizeof *keys;
  double number;
  while (next_word(r) && !parse_number(r->word, &number)) {
    size_t k = 0;
    while (k < count && strcasecmp(keys[k].name, r->word) != 0) ++k;
    if (k == count)
      return art_fail(
          err, ART_E_INPUT,
          "%s:%d: \"%.40s\": accepted in the head of a grid: ncols, nrows, xllcorner, xllcenter, yllcorner, "
          "yllcenter, cellsize, NODATA_value",
          r->path, r->line, r->word);
    if (!next_word(r) || !parse_number(r->word, keys[k].value))
      return art_fail(err, ART_E_INPUT, "%s:%d: %s is \"%.40s\"; accepted: a number", r->path, r->line,
                      keys[k].name, r->word);
    h->seen |= keys[k].bit;
    if (keys[k].bit == SEEN_X) h->x_is_corner = keys[k].corner;
    if (keys[k].bit == SEEN_Y) h->y_is_corner = keys[k].corner;
  }
  if (h->seen != SEEN_ALL)
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: the head of the grid is not complete: ncols, nrows, the corner or middle of the "
                    "first cell and "
                    "cellsize are needed",
                    r->path, r->line);
  if (!(h->columns >= 1.0 && h->rows >= 1.0 && h->columns * h->rows <= MOST_CELLS && h->cell > 0.0) ||
      h->columns != floor(h->columns) || h->rows != floor(h->rows))
    return art_fail(err, ART_E_INPUT,
                    "%s: a grid of %g columns, %g rows and cells of %g: accepted: whole numbers of 1 or "
                    "more, 200 million "
                    "cells at most, cells larger than 0",
                    r->path, h->columns, h->rows, h->cell);
  return ART_OK;
}

static art_status read_heights(reader *r, const head *h, art_terrain *t, art_error *err)
{
  const int64_t count = (int64_t)t->columns * t->rows;
  for (int64_t i = 0; i < count; ++i) {
    double value;
    if ((i > 0 && !next_word(r)) || !r->word[0])
      return art_fail(err, ART_E_INPUT, "%s:%d: the grid ends after %lld of %lld heights", r->path, r->line,
                      (long long)i, (long long)count);
    if (!parse_number(r->word, &value) || (value != h->none && fabs(value) > 12000.0))
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: height \"%.40s\": accepted: metres, -12000 to 12000, or NODATA_value", r->path,
                      r->line, r->word);
    t->height[i] = value == h->none ? NAN : (float)value;
  }
  if (next_word(r))
    return art_fail(err, ART_E_INPUT, "%s:%d: more than the %lld heights that the head tells of", r->path,
                    r->line, (long long)count);
  return ART_OK;
}

art_status art_terrain_read(const char *path, art_terrain **out, art_error *err)
{
  reader r = { .path = path, .line = 1 };
  head h = { .none = -9999.0 };
  *out = NULL;
  r.file = fopen(path, "r");
  if (!r.file) return art_fail(err, ART_E_INPUT, "%s: cannot be read", path);
  art_status status = read_head(&r, &h, err);
  if (status == ART_OK) {
    art_terrain *t = ART_NEW(art_terrain, 1);
    t->columns = (int)h.columns;
    t->rows = (int)h.rows;
    t->cell = h.cell;
    t->x = h.x + (h.x_is_corner ? 0.5 * h.cell : 0.0);
    t->y = h.y + (h.y_is_corner ? 0.5 * h.cell : 0.0);
    t->height = ART_NEW(float, (int64_t)t->columns * t->rows);
    status = read_heights(&r, &h, t, err);
    if (status == ART_OK)
      *out = t;
    else
      art_terrain_free(t);
  }
  fclose(r.file);
  return status;
}

void art_terrain_free(art_terrain *terrain)
{
  if (!terrain) return;
  free(terrain->height);
  free(terrain);
}

int art_terrain_is_in_degrees(const art_terrain *t)
{
  return t->cell < 1.0 && t->x >= -180.0 && t->x + t->cell * t->columns <= 181.0 && t->y >= -90.0 &&
         t->y + t->cell * t->rows <= 91.0;
}

double art_terrain_at(const art_terrain *t, double x, double y)
{
  // The half cell round the middles of the outer cells belongs to the grid, too.
  const double column = (x - t->x) / t->cell, row = (double)(t->rows - 1) - (y - t->y) / t->cell;
  if (!(column >= -0.5 && column <= t->columns - 0.5 && row >= -0.5 && row <= t->rows - 0.5)) return NAN;
  const double c = fmin(fmax(column, 0.0), t->columns - 1.0), r = fmin(fmax(row, 0.0), t->rows - 1.0);
  const int c0 = (int)c, r0 = (int)r;
  const int c1 = c0 + 1 < t->columns ? c0 + 1 : c0, r1 = r0 + 1 < t->rows ? r0 + 1 : r0;
  const double u = c - c0, v = r - r0;
  const float *h = t->height;
  const int64_t n = t->columns;
  return (1.0 - v) * ((1.0 - u) * (double)h[r0 * n + c0] + u * (double)h[r0 * n + c1]) +
         v * ((1.0 - u) * (double)h[r1 * n + c0] + u * (double)h[r1 * n + c1]);
}
