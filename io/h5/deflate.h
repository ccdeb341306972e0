/// \file deflate.h
/// Deflate (RFC 1951) in a zlib wrapper (RFC 1950) for chunks of shuffled numbers, several times faster than zlib at
/// about the same size: the bytes of a plane are either nearly constant, or repeat an earlier stretch, or are noise, and
/// only the first two are worth looking for. What comes out is read by every reader of HDF5's deflate filter.
#ifndef ART_IO_H5_DEFLATE_H
#define ART_IO_H5_DEFLATE_H
#include <stddef.h>
#include <stdint.h>

/// Scratch memory of one compressor; one thread at a time.
typedef struct art_deflate art_deflate;
art_deflate *art_deflate_new(void);
void art_deflate_free(art_deflate *d);

/// Room that the result of `size` bytes may need.
size_t art_deflate_bound(size_t size);
/// Compresses in[0 .. size) into `out`, which has room for art_deflate_bound(size). Returns the bytes used. Blocks end at
/// multiples of `plane` bytes (> 0), where the nature of the data changes.
size_t art_deflate_run(art_deflate *d, const uint8_t *in, size_t size, size_t plane, uint8_t *out);

/// The bytes of `count` values of `size` bytes (any), byte 0 of all of them first, then byte 1, as HDF5's shuffle filter.
void art_shuffle(const void *values, size_t count, size_t size, uint8_t *out);

#endif  // ART_IO_H5_DEFLATE_H
