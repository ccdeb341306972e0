// HDF5 guards its group structure by checksums but not its heap of texts nor its index of chunks, and a wrong
// byte there can crash the library itself (1.10 reads past the end of a heap whose object sizes are damaged).
// So every file written here ends with a seal: 32 bytes behind the last byte that HDF5 knows of, which
// readers of HDF5 ignore and writers cut off when they change the file. A file with a seal is compared with
// it before HDF5 sees it; one without is trusted as ever.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num/random.h"
#include "io/h5/h5_internal.h"

enum { SEAL_BYTES = 32, MAGIC_BYTES = 16, BUFFER_BYTES = 1 << 16 };
static const char magic[MAGIC_BYTES + 1] = "ARTERIALSEAL0001";

static uint64_t load(const unsigned char *bytes)
{
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | bytes[i];
  return word;
}

static void store(unsigned char *bytes, uint64_t word)
{
  for (int i = 0; i < 8; ++i) bytes[i] = (unsigned char)(word >> (8 * i));
}

/// Checksum of `size` bytes from the file's begin. Four lanes keep the multiplier busy; each step is a
/// bijection of its lane, so that no change of a single word goes unnoticed. Returns 0 if the file ends early
/// or cannot be read.
static int sum_file(FILE *file, uint64_t size, uint64_t *out)
{
  unsigned char buffer[BUFFER_BYTES];
  uint64_t lane[4] = { 1, 2, 3, 4 };
  for (uint64_t done = 0; done < size;) {
    const size_t part = size - done < BUFFER_BYTES ? (size_t)(size - done) : BUFFER_BYTES;
    if (fread(buffer, 1, part, file) != part) return 0;
    memset(buffer + part, 0,
           (32 - part % 32) % 32);  // BUFFER_BYTES is a multiple of 32: never beyond the end
    for (size_t i = 0; i < part; i += 32)
      for (size_t k = 0; k < 4; ++k) {
        const uint64_t mixed = (lane[k] ^ load(buffer + i + 8 * k)) * 0x9e3779b97f4a7c15u;
        lane[k] = mixed << 29 | mixed >> 35;
      }
    done += part;
  }
  uint64_t sum = size;
  for (int k = 0; k < 4; ++k) sum = art_hash2(sum, lane[k]);
  *out = sum;
  return 1;
}

art_status art_h5_seal(const char *path, art_error *err)
{
  FILE *file = fopen(path, "r+b");
  struct stat info;
  unsigned char seal[SEAL_BYTES];
  uint64_t sum = 0;
  int ok = file && fstat(fileno(file), &info) == 0 && sum_file(file, (uint64_t)info.st_size, &sum);
  if (ok) {
    memcpy(seal, magic, MAGIC_BYTES);
    store(seal + 16, (uint64_t)info.st_size);
    store(seal + 24, sum);
    ok = fseeko(file, 0, SEEK_END) == 0 && fwrite(seal, 1, SEAL_BYTES, file) == SEAL_BYTES &&
         fflush(file) == 0 && fsync(fileno(file)) == 0;
  }
  const int reason = errno;
  if (file && fclose(file) != 0) ok = 0;
  return ok ? ART_OK : art_fail(err, ART_E_IO, "%s: cannot be completed: %s", path, strerror(reason));
}

static art_status compare(FILE *file, const char *path, uint64_t size_max, art_error *err)
{
  struct stat info;
  unsigned char seal[SEAL_BYTES];
  if (fstat(fileno(file), &info) != 0 || info.st_size < SEAL_BYTES ||
      fseeko(file, -SEAL_BYTES, SEEK_END) != 0 || fread(seal, 1, SEAL_BYTES, file) != SEAL_BYTES ||
      memcmp(seal, magic, MAGIC_BYTES) != 0)
    return ART_OK;  // no seal
  const uint64_t size = (uint64_t)info.st_size - SEAL_BYTES;
  if (load(seal + 16) != size)
    return art_fail(err, ART_E_INPUT, "%s: is damaged: has %" PRIu64 " bytes, was written with %" PRIu64,
                    path, size, load(seal + 16));
  if (size > size_max) return ART_OK;
  uint64_t sum = 0;
  rewind(file);
  if (!sum_file(file, size, &sum))
    return art_fail(err, ART_E_IO, "%s: cannot be read: %s", path, strerror(errno));
  if (sum != load(seal + 24))
    return art_fail(err, ART_E_INPUT, "%s: is damaged: its bytes do not match their checksum", path);
  return ART_OK;
}

art_status art_h5_verify(const char *path, uint64_t size_max, art_error *err)
{
  FILE *file = fopen(path, "rb");
  if (!file) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  const art_status status = compare(file, path, size_max, err);
  fclose(file);
  return status;
}
