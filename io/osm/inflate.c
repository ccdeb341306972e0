// Inflating what is in memory as a whole: with libdeflate where the build has it, which takes a third of zlib's time.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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
/// The whole of a gzip file and the size of its text, if neither is too large. The last four bytes tell that size, of the
/// last member; if there are others, it does not fit, and zlib does it.
static uint8_t *read_whole(FILE *file, size_t *size, size_t *plain_size)
{
  struct stat info;
  uint8_t tail[4];
  if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 18 || info.st_size > MOST_PACKED ||
      getc(file) != 0x1f || getc(file) != 0x8b || fseek(file, -4, SEEK_END) != 0 || fread(tail, 1, 4, file) != 4)
    return NULL;
  *plain_size = (size_t)tail[0] | (size_t)tail[1] << 8 | (size_t)tail[2] << 16 | (size_t)tail[3] << 24;
  if (*plain_size > MOST_PLAIN) return NULL;
  *size = (size_t)info.st_size;
  uint8_t *data = art_new(*size, 1);
  rewind(file);
  if (fread(data, 1, *size, file) == *size) return data;
  free(data);
  return NULL;
}

/// Room that is free()d, in large pages where the system gives them: a text of 16 MB would take 4,000 small ones, each with
/// an interruption.
static uint8_t *new_large(size_t size)
{
  const size_t page = (size_t)2 << 20, rounded = (size + page - 1) / page * page;
  void *room = aligned_alloc(page, rounded);
  if (!room) return art_new(size, 1);
#ifdef MADV_HUGEPAGE
  madvise(room, rounded, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
  ((uint8_t *)room)[size - 1] = 0;
  return room;
}

static uint8_t *inflate_whole(const uint8_t *packed, size_t packed_size, size_t plain_size)
{
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
  if (!d) return NULL;
  uint8_t *plain = new_large(plain_size + 1);
  size_t taken = 0;
  if (libdeflate_gzip_decompress_ex(d, packed, packed_size, plain, plain_size, &taken, NULL) != LIBDEFLATE_SUCCESS ||
      taken != packed_size) {
    free(plain);
    plain = NULL;
  }
  libdeflate_free_decompressor(d);
  return plain;
}

uint8_t *art_osm_inflate_file(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  size_t packed_size = 0;
  uint8_t *packed = file ? read_whole(file, &packed_size, size) : NULL;
  uint8_t *plain = packed ? inflate_whole(packed, packed_size, *size) : NULL;
  free(packed);
  if (file) fclose(file);
  return plain;
}
#else
uint8_t *art_osm_inflate_file(const char *path, size_t *size)
{
  (void)path;
  *size = 0;
  return NULL;
}
#endif
