/// What the own compressor makes, zlib takes apart again; shuffling is what HDF5's filter does.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "core/num/random.h"
#include "io/h5/deflate.h"

enum { MOST = 300000 };

static uint64_t draw(uint64_t *state)
{
  *state = art_mix64(*state + 0x9e3779b97f4a7c15u);
  return *state;
}

/// Compresses, checks the round trip by zlib, and returns the size.
static size_t round_trip(art_deflate *d, const uint8_t *in, size_t size, size_t plane)
{
  const size_t room = art_deflate_bound(size);
  uint8_t *out = malloc(room + 1), *back = malloc(size + 1);
  assert_non_null(out);
  assert_non_null(back);
  out[room] = 0xa5;
  const size_t packed = art_deflate_run(d, in, size, plane, out);
  uLongf length = size + 1;
  assert_in_range(packed, 1, room);
  assert_int_equal(out[room], 0xa5);
  assert_int_equal(uncompress(back, &length, out, packed), Z_OK);  // checks Adler-32, too
  assert_int_equal(length, size);
  assert_memory_equal(back, in, size);
  free(out);
  free(back);
  return packed;
}

static void every_size_comes_back(void **state)
{
  (void)state;
  art_deflate *d = art_deflate_new();
  uint8_t in[400];
  uint64_t seed = 1;
  for (size_t size = 0; size <= sizeof in; ++size)
    for (int kind = 0; kind < 4; ++kind) {
      for (size_t i = 0; i < size; ++i) {
        const uint64_t u = draw(&seed);
        in[i] = (uint8_t)(kind == 0 ? 7 : kind == 1 ? u : kind == 2 ? (u & 15) == 0 : i % 37);
      }
      round_trip(d, in, size, size ? size : 1);
      round_trip(d, in, size, 1 + size / 3);
    }
  art_deflate_free(d);
}

/// Runs of all lengths, around the greatest length of a match and of what may remain of it.
static void runs_of_all_lengths_come_back(void **state)
{
  (void)state;
  art_deflate *d = art_deflate_new();
  uint8_t *in = malloc(MOST);
  uint64_t seed = 2;
  for (size_t run = 1; run < 1100; run += run < 540 ? 1 : 97) {
    size_t size = 0;
    while (size + run + 3 < 20000) {
      memset(in + size, (int)(draw(&seed) & 255), run);
      size += run;
      for (uint64_t k = draw(&seed) % 3; k > 0; --k) in[size++] = (uint8_t)draw(&seed);
    }
    round_trip(d, in, size, size);
  }
  free(in);
  art_deflate_free(d);
}

/// Blocks of all natures, in sizes around the limits of blocks and stored parts.
static void large_blocks_come_back_small(void **state)
{
  (void)state;
  static const size_t sizes[] = { 65535, 65536, 65537, 131072, 200003, MOST };
  art_deflate *d = art_deflate_new();
  uint8_t *in = malloc(MOST);
  uint64_t seed = 3;
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
    const size_t size = sizes[s];
    memset(in, 9, size);
    assert_in_range(round_trip(d, in, size, size), 1, 600);  // constant
    for (size_t i = 0; i < size; ++i) in[i] = (uint8_t)draw(&seed);
    assert_in_range(round_trip(d, in, size, 65536), size, size + size / 100);  // noise
    for (size_t i = 0; i < size; ++i) in[i] = (uint8_t)(i & 255);
    assert_in_range(round_trip(d, in, size, 65536), 1, size / 20);  // a ramp repeats itself
    for (size_t i = 0; i < size; ++i) in[i] = (uint8_t)((draw(&seed) & draw(&seed) & draw(&seed)) & 15);
    assert_in_range(round_trip(d, in, size, 65536), 1, size * 3 / 8);  // few values, 2.2 bits each
    for (size_t i = 0; i < size; ++i) {  // weights like Fibonacci numbers make the deepest trees
      const int depth = __builtin_ctzll(draw(&seed) | 1ull << 40);
      in[i] = (uint8_t)depth;
    }
    assert_in_range(round_trip(d, in, size, size), 1, size * 3 / 8);
  }
  free(in);
  art_deflate_free(d);
}

/// Exact Fibonacci weights would need codes of more than 15 bits.
static void deep_trees_are_flattened(void **state)
{
  (void)state;
  art_deflate *d = art_deflate_new();
  uint8_t *in = malloc(MOST);
  size_t size = 0;
  uint32_t a = 1, b = 1;
  for (int symbol = 0; symbol < 22; ++symbol) {
    for (uint32_t k = 0; k < a && size < 65000; ++k) in[size++] = (uint8_t)(symbol * 11);
    const uint32_t c = a + b;
    a = b;
    b = c;
  }
  uint64_t seed = 4;  // shuffled, or all of it would be runs
  for (size_t i = size - 1; i > 0; --i) {
    const size_t k = (size_t)(draw(&seed) % (i + 1));
    const uint8_t swap = in[i];
    in[i] = in[k];
    in[k] = swap;
  }
  assert_in_range(round_trip(d, in, size, size), 1, size / 2);
  free(in);
  art_deflate_free(d);
}

static void shuffling_puts_bytes_into_planes(void **state)
{
  (void)state;
  static const size_t sizes[] = { 1, 2, 3, 4, 8 };
  uint8_t in[8 * 100], out[8 * 100];
  uint64_t seed = 5;
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s)
    for (size_t count = 0; count <= 100; ++count) {
      const size_t size = sizes[s];
      for (size_t i = 0; i < count * size; ++i) in[i] = (uint8_t)draw(&seed);
      memset(out, 0, sizeof out);
      art_shuffle(in, count, size, out);
      for (size_t i = 0; i < count; ++i)
        for (size_t k = 0; k < size; ++k) assert_int_equal(out[k * count + i], in[i * size + k]);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_size_comes_back),        cmocka_unit_test(runs_of_all_lengths_come_back),
    cmocka_unit_test(large_blocks_come_back_small), cmocka_unit_test(deep_trees_are_flattened),
    cmocka_unit_test(shuffling_puts_bytes_into_planes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
