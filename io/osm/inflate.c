// Inflating what is in memory as a whole: with libdeflate where the build has it, which takes a third of zlib's time.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>
#ifdef ART_HAS_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "core/base/memory.h"
#include "io/osm/read_internal.h"

/// Files beyond these sizes are inflated piece by piece, so that the memory needed does not grow with the file.
enum { MOST_PACKED = 8 << 20, MOST_PLAIN = 32 << 20 };

int art_osm_inflate(const void *packed, size_t packed_size, void *plain, size_t plain_size)
{
#ifdef ART_HAS_LIBDEFLATE
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
  if (!d) return 0;
  // Without a place for the size, fewer bytes than expected are an error, too.
  const int code = libdeflate_zlib_decompress(d, packed, packed_size, plain, plain_size, NULL);
  libdeflate_free_decompressor(d);
  return code == LIBDEFLATE_SUCCESS;
#else
  z_stream stream = { .next_in = (Bytef *)packed,
                      .avail_in = (uInt)packed_size,
                      .next_out = plain,
                      .avail_out = (uInt)plain_size };
  if (inflateInit(&stream) != Z_OK) return 0;
  const int code = inflate(&stream, Z_FINISH);
  const size_t got = (size_t)stream.total_out;
  inflateEnd(&stream);
  return code == Z_STREAM_END && got == plain_size;
#endif
}

#ifdef ART_HAS_LIBDEFLATE
/// The whole of a file from its begin, NULL if it is larger than MOST_PACKED or cannot be read.
static uint8_t *read_whole(const char *path, size_t *size)
{
  struct stat info;
  FILE *file = fopen(path, "rb");
  uint8_t *data = NULL;
  if (file && fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode) && info.st_size >= 18 && info.st_size <= MOST_PACKED) {
    *size = (size_t)info.st_size;
    data = art_new(*size, 1);
    if (fread(data, 1, *size, file) != *size) {
      free(data);
      data = NULL;
    }
  }
  if (file) fclose(file);
  return data;
}
#endif

uint8_t *art_osm_inflate_file(const char *path, size_t *size)
{
  uint8_t *plain = NULL;
#ifdef ART_HAS_LIBDEFLATE
  size_t packed_size = 0;
  uint8_t *packed = read_whole(path, &packed_size);
  if (packed && packed[0] == 0x1f && packed[1] == 0x8b) {
    // The last four bytes tell the size of the last member; if there are others, it does not fit, and zlib does it.
    const uint8_t *tail = packed + packed_size - 4;
    *size = (size_t)tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
    struct libdeflate_decompressor *d = *size <= MOST_PLAIN ? libdeflate_alloc_decompressor() : NULL;
    if (d) {
      size_t taken = 0;
      plain = malloc(*size + 1);
      if (plain && (libdeflate_gzip_decompress_ex(d, packed, packed_size, plain, *size, &taken, NULL) != LIBDEFLATE_SUCCESS ||
                    taken != packed_size)) {
        free(plain);
        plain = NULL;
      }
      libdeflate_free_decompressor(d);
    }
  }
  free(packed);
#else
  (void)path;
  *size = 0;
#endif
  return plain;
}
