/// \file sha256_internal.h
/// The processor's own instructions for SHA-256, where it has them: a tenth of the time.
#ifndef ART_IO_H5_SHA256_INTERNAL_H
#define ART_IO_H5_SHA256_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

/// 1 if this processor has them, and the compiler.
int art_sha256_has_instructions(void);
/// Mixes whole blocks of 64 bytes into the state. Only where it has them.
void art_sha256_mix_quickly(uint32_t state[8], const unsigned char *block, size_t blocks, const uint32_t constant[64]);

#endif  // ART_IO_H5_SHA256_INTERNAL_H
