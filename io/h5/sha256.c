// SHA-256 (FIPS 180-4). Own code: a hundred lines against a dependency on a cryptographic library whose
// licence, packaging and start-up cost weigh more than the one function wanted; inputs are hashed for
// provenance, not for secrecy.
#include "io/h5/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/h5/h5.h"
#include "io/h5/sha256_internal.h"

static uint32_t rotate(uint32_t x, unsigned n)
{
  return x >> n | x << (32 - n);
}

/// Fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
static const uint32_t round_constant[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/// Mixes one block of 64 bytes into the state (6.2.2).
static void mix(uint32_t state[8], const unsigned char *block)
{
  uint32_t w[64];
  for (int t = 0; t < 16; ++t)
    w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
           (uint32_t)block[4 * t + 3];
  for (int t = 16; t < 64; ++t) {
    const uint32_t a = w[t - 15], b = w[t - 2];
    w[t] = w[t - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 7] +
           (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
  }
  uint32_t s[8];
  memcpy(s, state, sizeof s);
  for (int t = 0; t < 64; t += 8)
    for (int k = 0; k < 8; ++k) {  // unrolled: places turn instead of values
      uint32_t *a = &s[(0 - k) & 7], *d = &s[(3 - k) & 7], *h = &s[(7 - k) & 7];
      const uint32_t b = s[(1 - k) & 7], c = s[(2 - k) & 7], e = s[(4 - k) & 7], f = s[(5 - k) & 7],
                     g = s[(6 - k) & 7];
      const uint32_t choice = g ^ (e & (f ^ g)), majority = (*a & b) | (c & (*a | b));
      const uint32_t t1 = *h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + round_constant[t + k] + w[t + k];
      *d += t1;
      *h = t1 + (rotate(*a, 2) ^ rotate(*a, 13) ^ rotate(*a, 22)) + majority;
    }
  for (int i = 0; i < 8; ++i) state[i] += s[i];
}

void art_sha256_begin(art_sha256 *sha)
{
  // Fractional parts of the square roots of the first eight primes (5.3.3).
  static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
  memcpy(sha->state, initial, sizeof initial);
  sha->bytes = 0;
  sha->is_quick = art_sha256_has_instructions();
}

static void mix_all(art_sha256 *sha, const unsigned char *block, size_t blocks)
{
  if (sha->is_quick)
    art_sha256_mix_quickly(sha->state, block, blocks, round_constant);
  else
    for (size_t i = 0; i < blocks; ++i) mix(sha->state, block + 64 * i);
}

void art_sha256_add(art_sha256 *sha, const void *data, size_t size)
{
  const unsigned char *next = data;
  size_t held = (size_t)(sha->bytes % 64);
  sha->bytes += size;
  if (held) {
    const size_t part = size < 64 - held ? size : 64 - held;
    memcpy(sha->block + held, next, part);
    if (held + part < 64) return;
    mix_all(sha, sha->block, 1);
    next += part;
    size -= part;
  }
  mix_all(sha, next, size / 64);
  next += size / 64 * 64;
  size %= 64;
  if (size) memcpy(sha->block, next, size);
}

void art_sha256_end(art_sha256 *sha, char hex[65])
{
  const uint64_t bits = sha->bytes * 8;
  const size_t held = (size_t)(sha->bytes % 64), fill = (held < 56 ? 56 : 120) - held;
  unsigned char tail[72] = { 0x80 };
  for (int i = 0; i < 8; ++i) tail[fill + (size_t)i] = (unsigned char)(bits >> (56 - 8 * i));
  art_sha256_add(sha, tail, fill + 8);
  for (int i = 0; i < 8; ++i) snprintf(hex + 8 * i, 9, "%08x", (unsigned)sha->state[i]);
}

art_status art_h5_sha256(const char *path, char hex[65], art_error *err)
{
  hex[0] = '\0';
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  art_sha256 sha;
  art_sha256_begin(&sha);
  unsigned char buffer[1 << 16];
  size_t got;
  while ((got = fread(buffer, 1, sizeof buffer, file)) > 0) art_sha256_add(&sha, buffer, got);
  const int failed = ferror(file), reason = errno;
  fclose(file);
  if (failed) return art_fail(err, ART_E_IO, "%s: cannot be read: %s", path, strerror(reason));
  art_sha256_end(&sha, hex);
  return ART_OK;
}
