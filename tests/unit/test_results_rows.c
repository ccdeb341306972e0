/// Rows of trajectories on their way: what the temporary file keeps of them, and where they are on the map.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "io/results/row_code.h"
#include "io/results/table_internal.h"

enum { ROWS = 20000 };

static int is_same(const art_spill_row *a, const art_spill_row *b)
{
  return a->instant == b->instant && a->lane == b->lane && art_bits_of_float(a->pos_m) == art_bits_of_float(b->pos_m) &&
         art_bits_of_float(a->speed_mps) == art_bits_of_float(b->speed_mps);
}

/// All rows come back bit by bit, whatever they hold; none takes more than it may.
static void rows_come_back(void **state)
{
  (void)state;
  art_spill_row *row = calloc(ROWS, sizeof *row), before = art_row_code_start();
  uint8_t *code = malloc(ROWS * ART_ROW_CODE_MOST + ART_ROW_CODE_BEYOND), *to = code;
  assert_non_null(row);
  assert_non_null(code);
  for (int i = 0; i < ROWS; ++i) {
    const uint64_t u = art_mix64((uint64_t)i + 1);
    row[i] = before;
    if (u & 1) row[i].pos_m = (float)(u >> 8 & 0xffff) * 0.013f;
    if (u & 2) row[i].speed_mps = u & 4 ? 0.0f : (float)(u >> 24 & 0xffff) * -0.0007f;
    if ((u & 0x38) == 0) row[i].speed_mps = INFINITY;
    if ((u & 0x1c0) == 0) row[i].lane = (int32_t)(u >> 32 & 0x7fffffff);
    row[i].instant = (u & 0xe00) == 0 ? (int32_t)(u >> 33) : before.instant < INT32_MAX ? before.instant + 1 : 0;
    uint8_t *const next = art_row_code_put(to, &before, &row[i]);
    assert_in_range(next - to, 1, ART_ROW_CODE_MOST);
    to = next;
    before = row[i];
  }
  const uint8_t *in = code;
  art_spill_row back = art_row_code_start();
  for (int i = 0; i < ROWS; ++i) {
    in = art_row_code_get(in, &back);
    assert_true(is_same(&back, &row[i]));
  }
  assert_ptr_equal(in, to);
  free(code);
  free(row);
}

static void who_stands_takes_a_byte(void **state)
{
  (void)state;
  const art_spill_row first = { 7, 3, 12.5f, 0.0f }, next = { 8, 3, 12.5f, 0.0f };
  uint8_t code[ART_ROW_CODE_MOST + ART_ROW_CODE_BEYOND];
  assert_int_equal(art_row_code_put(code, &first, &next) - code, 1);
}

/// The middle of a lane of two pieces, drawn twice as long as it is driven; its ends; and beyond them.
static void places_are_those_along_the_drawing(void **state)
{
  (void)state;
  int64_t first_point[] = { 0, 3, 4 };
  double x[] = { 1000.0, 1030.0, 1030.0, 5.0 }, y[] = { 0.0, 40.0, 190.0, 6.0 };
  float length_m[] = { 100.0f, 0.0f };
  art_net net = { .lane_count = 2, .lane_length_m = length_m };
  art_city city = { .net = &net, .lane_first_point = first_point, .point_x = x, .point_y = y, .offset_x = 400.0 };
  art_result_view v = { .city = &city, .net = &net };
  double *along_m = art_points_measure(&city);
  assert_true(along_m[0] == 0.0 && along_m[1] == 50.0 && along_m[2] == 200.0 && along_m[3] == 0.0);
  const struct {
    art_spill_row row;
    double x, y;
  } cases[] = {
    { { 0, 0, 0.0f, 0.0f }, 1000.0, 0.0 },   { { 0, 0, 12.5f, 0.0f }, 1015.0, 20.0 },  { { 0, 0, 25.0f, 0.0f }, 1030.0, 40.0 },
    { { 0, 0, 50.0f, 0.0f }, 1030.0, 90.0 }, { { 0, 0, 100.0f, 0.0f }, 1030.0, 190.0 }, { { 0, 0, 120.0f, 0.0f }, 1030.0, 190.0 },
    { { 0, 1, 3.0f, 0.0f }, 5.0, 6.0 },      { { 0, 0, 25.5f, 0.0f }, 1030.0, 41.0 },  { { 0, 0, 1.0f, 0.0f }, 1001.2, 1.6 },
  };
  enum { CASES = sizeof cases / sizeof *cases };
  art_spill_row row[CASES];
  double at_x[CASES], at_y[CASES];
  for (int i = 0; i < CASES; ++i) row[i] = cases[i].row;
  art_points_of(&v, along_m, CASES, row, at_x, at_y);
  for (int i = 0; i < CASES; ++i) {
    assert_true(fabs(at_x[i] - cases[i].x) <= 1.0 / 2048 && fabs(at_y[i] - cases[i].y) <= 1.0 / 2048);
    assert_true(at_x[i] * 1024.0 == nearbyint(at_x[i] * 1024.0) && at_y[i] * 1024.0 == nearbyint(at_y[i] * 1024.0));
  }
  char wkt[] = "PROJCRS[]";  // with a system the file has its coordinates, which the city's are moved by the offset from
  city.crs_wkt = wkt;
  art_points_of(&v, along_m, 1, row, at_x, at_y);
  assert_true(at_x[0] == 600.0 && at_y[0] == 0.0);
  free(along_m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(rows_come_back),
    cmocka_unit_test(who_stands_takes_a_byte),
    cmocka_unit_test(places_are_those_along_the_drawing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
