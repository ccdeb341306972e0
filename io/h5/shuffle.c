// Planes of bytes out of values: the first bytes of all, then the second ones, and so on.
#include <string.h>

#include "io/h5/deflate.h"

#if defined __has_builtin
#if __has_builtin(__builtin_shufflevector)
#define HAS_VECTORS
#endif
#endif
#ifdef HAS_VECTORS

typedef uint8_t bytes16 __attribute__((vector_size(16)));

enum { AT_ONCE = 16 };  // values: a vector for each plane

static inline bytes16 load(const uint8_t *from)
{
  bytes16 out;
  memcpy(&out, from, sizeof out);
  return out;
}

/// The first, or the last, eight bytes of a and b by turns.
static inline bytes16 first_by_turns(bytes16 a, bytes16 b)
{
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline bytes16 last_by_turns(bytes16 a, bytes16 b)
{
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// A byte's place among those of 16 values of `size` bytes is four bits of the value above those of the byte. Taking the vectors of
/// the first half and of the second by turns moves the highest bit to the lowest place; four times, and those of the value are below.
static inline __attribute__((always_inline)) void transpose(bytes16 *v, size_t size)
{
  bytes16 turned[8];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
#pragma GCC unroll 4
    for (size_t i = 0; i < size / 2; ++i) {
      turned[2 * i] = first_by_turns(v[i], v[i + size / 2]);
      turned[2 * i + 1] = last_by_turns(v[i], v[i + size / 2]);
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < size; ++i) v[i] = turned[i];
  }
}

/// Returns how many values are done.
static inline __attribute__((always_inline)) size_t shuffle_sized(const uint8_t *in, size_t count, size_t size, uint8_t *out)
{
  size_t i = 0;
  for (; i + AT_ONCE <= count; i += AT_ONCE) {
    bytes16 v[8];
#pragma GCC unroll 8
    for (size_t k = 0; k < size; ++k) v[k] = load(in + i * size + k * sizeof *v);
    transpose(v, size);
#pragma GCC unroll 8
    for (size_t k = 0; k < size; ++k) memcpy(out + k * count + i, &v[k], sizeof *v);
  }
  return i;
}

#else

static size_t shuffle_sized(const uint8_t *in, size_t count, size_t size, uint8_t *out)
{
  (void)in, (void)count, (void)size, (void)out;
  return 0;
}

#endif

void art_shuffle(const void *values, size_t count, size_t size, uint8_t *out)
{
  const uint8_t *in = values;
  size_t i = size == 8 ? shuffle_sized(in, count, 8, out) : size == 4 ? shuffle_sized(in, count, 4, out) : 0;
  for (; i < count; ++i)
    for (size_t k = 0; k < size; ++k) out[k * count + i] = in[i * size + k];
}
