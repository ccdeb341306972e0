// Checkpoint files from a buffer. Even first byte: edits of a sound one, five bytes each (where, and the two bytes that stand
// there then); odd: what stands between head and checksum. Size and checksum are made right, so that what is behind them is
// reached. Oracle: refused as bad input with a message and nothing left behind, or read, written and read the same.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/checkpoint/checkpoint.h"
#include "io/h5/sha256.h"
#include "tests/fuzz/memory_file.h"

enum { HEAD_BYTES = 24, SHA_BYTES = 32, EDIT_BYTES = 5, MOST_EDITS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = P_tmpdir "/fuzz_checkpoint.XXXXXX", path[64];
static int file = -1;
static art_bytes sound;

static void remove_folder(void)
{
  (void)!rmdir(folder);
}

/// Writes a checkpoint and gives its bytes.
static art_bytes bytes_of(const art_checkpoint *c)
{
  char name[64];
  art_error err;
  art_bytes out = { 0 };
  uint8_t buffer[4096];
  snprintf(name, sizeof name, "%s/c", folder);
  if (art_checkpoint_write(name, c, &err) != ART_OK) abort();
  FILE *in = fopen(name, "rb");
  if (!in) abort();
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, in)) > 0;) (void)art_bytes_put(&out, buffer, got);
  fclose(in);
  unlink(name);
  return out;
}

static void start(void)
{
  if (!mkdtemp(folder)) abort();
  atexit(remove_folder);
  file = art_memory_file(path);
  art_source inputs[2] = { { .path = "city.h5" }, { .path = "demand.h5" } };
  const art_checkpoint c = { .version = "1",
                             .config = "city: city.h5",
                             .seed = 1,
                             .input_count = 2,
                             .input = inputs,
                             .has_results = 1,
                             .commit = "0123",
                             .journal = "a.journal",
                             .mark = { .bytes = 100, .records = 3 },
                             .outputs = { .data = (void *)"out", .count = 3 },
                             .state = { .data = (void *)"state", .count = 5 } };
  sound = bytes_of(&c);
}

/// Size and checksum of a whole file.
static void mend(art_bytes *b)
{
  const uint64_t size = b->count;
  memcpy(b->data + 16, &size, sizeof size);
  art_sha256 sha;
  char hex[65];
  art_sha256_begin(&sha);
  art_sha256_add(&sha, b->data, b->count - SHA_BYTES);
  art_sha256_end(&sha, hex);
  for (int i = 0; i < SHA_BYTES; ++i) {
    const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
    b->data[b->count - SHA_BYTES + (size_t)i] = (uint8_t)strtoul(pair, NULL, 16);
  }
}

static void make(art_bytes *out, const uint8_t *data, size_t size)
{
  static const uint8_t nothing[SHA_BYTES];
  if (data[0] & 1) {
    (void)art_bytes_put(out, sound.data, HEAD_BYTES);
    (void)art_bytes_put(out, data + 1, size - 1);
    (void)art_bytes_put(out, nothing, SHA_BYTES);
  } else {
    (void)art_bytes_put(out, sound.data, sound.count);
    for (size_t n = 0; n < MOST_EDITS && (n + 1) * EDIT_BYTES < size; ++n) {
      const uint8_t *e = data + 1 + n * EDIT_BYTES;
      const size_t at = ((size_t)e[0] << 16 | (size_t)e[1] << 8 | e[2]) % (out->count - 2);
      memcpy(out->data + at, e + 3, 2);
    }
  }
  mend(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (file < 0) start();
  if (!size) return 0;
  art_bytes bytes = { 0 };
  make(&bytes, data, size);
  art_memory_file_fill(file, bytes.data, bytes.count);
  art_checkpoint c;
  art_error err = { 0 };
  const art_status status = art_checkpoint_read(path, &c, &err);
  if (status != ART_OK && (status != ART_E_INPUT || !err.message[0] || c.config || c.input)) abort();
  if (status == ART_OK) {
    art_bytes again = bytes_of(&c);
    art_memory_file_fill(file, again.data, again.count);
    art_checkpoint same;
    if (art_checkpoint_read(path, &same, &err) != ART_OK || strcmp(same.config, c.config) != 0 ||
        same.state.count != c.state.count || same.input_count != c.input_count)
      abort();
    art_checkpoint_clear(&same);
    free(again.data);
    art_checkpoint_clear(&c);
  }
  free(bytes.data);
  return 0;
}
