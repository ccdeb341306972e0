/// \file sha256.h
/// SHA-256 of bytes in memory or in a file, for provenance.
#ifndef ART_IO_H5_SHA256_H
#define ART_IO_H5_SHA256_H
#include <stddef.h>
#include <stdint.h>

typedef struct art_sha256 {
  uint32_t state[8];
  uint64_t bytes;           ///< added so far
  int is_quick;             ///< by instructions of the processor; tests set it to 0 to do without
  unsigned char block[64];  ///< the last, unfinished block
} art_sha256;

void art_sha256_begin(art_sha256 *sha);
void art_sha256_add(art_sha256 *sha, const void *data, size_t size);
/// 64 lower-case hex digits and a terminator. `sha` needs art_sha256_begin before it is used again.
void art_sha256_end(art_sha256 *sha, char hex[65]);

#endif  // ART_IO_H5_SHA256_H
