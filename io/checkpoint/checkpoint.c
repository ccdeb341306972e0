#include "io/checkpoint/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "io/checkpoint/folder.h"
#include "io/h5/sha256.h"

static const char magic[8] = "ARTCKPT\n";
enum { LAYOUT = 1, BYTE_ORDER_MARK = 0x01020304, HEAD_BYTES = 24, SHA_BYTES = 32 };

// ---- values to bytes and back ----------------------------------------------------------------------------------------

static void put_text(art_bytes *out, const char *text)
{
  const uint64_t length = text ? strlen(text) : 0;
  ART_PUT(out, length);
  art_bytes_put(out, text ? text : "", length);
}

static char *get_text(art_byte_reader *in)
{
  uint64_t length;
  ART_GET(in, length);
  const char *found = art_bytes_take(in, length, 1);
  char *text = ART_NEW(char, (found ? length : 0) + 1);
  if (found) memcpy(text, found, length);
  return text;
}

static void get_bytes(art_byte_reader *in, art_bytes *out)
{
  uint64_t size;
  ART_GET(in, size);
  const void *found = art_bytes_take(in, size, 1);
  if (found) art_bytes_put(out, found, size);
}

/// Values of fixed size, in the order of the file.
#define SCALARS(X)                                                                                                 \
  X(seed)                                                                                                          \
  X(has_results) X(ranks) X(threads) X(restarts) X(written_at) X(wall_s) X(step_s) X(begin_ms) X(end_ms) X(now_ms) \
      X(hash) X(mark.bytes) X(mark.records) X(mark.sha256)
#define TEXTS(X) X(version) X(config) X(commit) X(scenario) X(result_path) X(host) X(journal)

/// All but the state itself, which is too large to copy.
static void put_values(art_bytes *out, const art_checkpoint *c)
{
#define X(name) ART_PUT(out, c->name);
  SCALARS(X)
#undef X
#define X(name) put_text(out, c->name);
  TEXTS(X)
#undef X
  ART_PUT(out, c->input_count);
  for (int32_t i = 0; i < c->input_count; ++i) {
    put_text(out, c->input[i].path);
    art_bytes_put(out, c->input[i].sha256, sizeof c->input[i].sha256);
  }
  const uint64_t outputs = c->outputs.count, state = c->state.count;
  ART_PUT(out, outputs);
  art_bytes_put(out, c->outputs.data, c->outputs.count);
  ART_PUT(out, state);
}

static void get_values(art_byte_reader *in, art_checkpoint *c)
{
#define X(name) ART_GET(in, c->name);
  SCALARS(X)
#undef X
#define X(name) c->name = get_text(in);
  TEXTS(X)
#undef X
  int32_t count;
  ART_GET(in, count);
  const size_t least = sizeof(uint64_t) + sizeof c->input->sha256;
  if (count < 0 || (size_t)count > (in->count - in->at) / least) in->is_short = 1;
  c->input = ART_NEW(art_source, in->is_short ? 0 : count);
  for (; c->input_count < count && !in->is_short; ++c->input_count) {
    c->input[c->input_count].path = get_text(in);
    ART_GET(in, c->input[c->input_count].sha256);
  }
  get_bytes(in, &c->outputs);
  get_bytes(in, &c->state);
}

void art_checkpoint_clear(art_checkpoint *c)
{
#define X(name) free(c->name);
  TEXTS(X)
#undef X
  for (int32_t i = 0; i < c->input_count; ++i) free(c->input[i].path);
  free(c->input);
  free(c->outputs.data);
  free(c->state.data);
  memset(c, 0, sizeof *c);
}

// ---- writing ---------------------------------------------------------------------------------------------------------

typedef struct sink {
  int file;
  art_sha256 sha;
  int reason;  ///< errno of the first failure
} sink;

static void sink_put(sink *s, const void *data, size_t size)
{
  const char *at = data;
  art_sha256_add(&s->sha, data, size);
  while (size > 0 && s->reason == 0) {
    const ssize_t done = write(s->file, at, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) {
      s->reason = done < 0 ? errno : EIO;
      return;
    }
    at += done;
    size -= (size_t)done;
  }
}

static void raw_sha(art_sha256 *sha, uint8_t out[SHA_BYTES])
{
  char hex[65];
  art_sha256_end(sha, hex);
  for (int i = 0; i < SHA_BYTES; ++i) {
    unsigned value = 0;
    sscanf(hex + 2 * i, "%2x", &value);
    out[i] = (uint8_t)value;
  }
}

static void write_all(sink *s, const art_checkpoint *c)
{
  art_bytes values = { 0 };
  put_values(&values, c);
  const uint32_t layout = LAYOUT, order = BYTE_ORDER_MARK;
  const uint64_t size = HEAD_BYTES + values.count + c->state.count + SHA_BYTES;
  uint8_t sha[SHA_BYTES];
  art_sha256_begin(&s->sha);
  sink_put(s, magic, sizeof magic);
  sink_put(s, &layout, sizeof layout);
  sink_put(s, &order, sizeof order);
  sink_put(s, &size, sizeof size);
  sink_put(s, values.data, values.count);
  sink_put(s, c->state.data, c->state.count);
  raw_sha(&s->sha, sha);
  sink_put(s, sha, sizeof sha);
  free(values.data);
}

art_status art_checkpoint_write(const char *path, const art_checkpoint *c, art_error *err)
{
  char *temporary = art_folder_temporary(path);
  sink s = { .file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) };
  art_status status = ART_OK;
  if (s.file < 0) {
    status = art_fail(err, ART_E_OPEN, "%s: cannot be created: %s", path, strerror(errno));
  } else {
    write_all(&s, c);
    if (s.reason == 0 && fsync(s.file) != 0) s.reason = errno;
    if (close(s.file) != 0 && s.reason == 0) s.reason = errno;
    if (s.reason == 0 && rename(temporary, path) != 0) s.reason = errno;
    if (s.reason != 0) {
      status = art_fail(err, ART_E_IO, "%s: cannot be written: %s", path, strerror(s.reason));
      unlink(temporary);
    }
  }
  free(temporary);
  return status == ART_OK ? art_folder_sync(path, err) : status;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

/// Reads up to `size` bytes from the begin; returns how many there were.
static size_t read_some(int file, uint8_t *data, size_t size)
{
  size_t at = 0;
  while (at < size) {
    const ssize_t done = pread(file, data + at, size - at, (off_t)at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) break;
    at += (size_t)done;
  }
  return at;
}

/// Looks at the first bytes. *size: what the file says its size is.
static art_status check_head(const char *path, int file, uint64_t *size, art_error *err)
{
  uint8_t head[HEAD_BYTES] = { 0 };
  uint32_t layout, order;
  const size_t count = read_some(file, head, sizeof head);
  if (count < sizeof magic || memcmp(head, magic, sizeof magic) != 0)
    return art_fail(err, ART_E_INPUT, "%s: not a checkpoint of arterial", path);
  memcpy(&layout, head + 8, sizeof layout);
  memcpy(&order, head + 12, sizeof order);
  memcpy(size, head + 16, sizeof *size);
  if (count < sizeof head) return art_fail(err, ART_E_INPUT, "%s: truncated: %zu bytes are left of it", path, count);
  if (order != BYTE_ORDER_MARK)
    return art_fail(err, ART_E_INPUT, "%s: written on a machine with another byte order", path);
  if (layout != LAYOUT)
    return art_fail(err, ART_E_INPUT, "%s: has layout %u; this program reads %d", path, layout, LAYOUT);
  return ART_OK;
}

static art_status check_body(const char *path, const uint8_t *data, size_t size, art_error *err)
{
  art_sha256 sha;
  uint8_t found[SHA_BYTES];
  art_sha256_begin(&sha);
  art_sha256_add(&sha, data, size - SHA_BYTES);
  raw_sha(&sha, found);
  if (memcmp(found, data + size - SHA_BYTES, SHA_BYTES) != 0)
    return art_fail(err, ART_E_INPUT, "%s: damaged: its bytes do not give its checksum", path);
  return ART_OK;
}

static art_status read_open(const char *path, int file, art_checkpoint *out, art_error *err)
{
  struct stat info;
  uint64_t size = 0;
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    return art_fail(err, ART_E_OPEN, "%s: not a regular file", path);
  art_status status = check_head(path, file, &size, err);
  if (status != ART_OK) return status;
  if (size != (uint64_t)info.st_size || size < HEAD_BYTES + SHA_BYTES)
    return art_fail(err, ART_E_INPUT, "%s: %s: has %" PRId64 " bytes, expected %" PRIu64, path,
                    (uint64_t)info.st_size < size ? "truncated" : "damaged", (int64_t)info.st_size, size);
  uint8_t *data = art_renew(NULL, size, 1);
  if (read_some(file, data, size) != size)
    status = art_fail(err, ART_E_IO, "%s: cannot be read", path);
  else
    status = check_body(path, data, size, err);
  if (status == ART_OK) {
    art_byte_reader in = { .data = data, .count = size - SHA_BYTES, .at = HEAD_BYTES };
    get_values(&in, out);
    out->mark.sha256[sizeof out->mark.sha256 - 1] = '\0';
    if (in.is_short || in.at != in.count)
      status = art_fail(err, ART_E_INPUT, "%s: its parts do not fill it; it was written by another program", path);
  }
  free(data);
  return status;
}

art_status art_checkpoint_read(const char *path, art_checkpoint *out, art_error *err)
{
  memset(out, 0, sizeof *out);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return art_fail(err, ART_E_OPEN, "%s: %s", path, strerror(errno));
  const art_status status = read_open(path, file, out, err);
  close(file);
  if (status != ART_OK) art_checkpoint_clear(out);
  return status;
}

char *art_checkpoint_journal_path(const char *path, const art_checkpoint *checkpoint)
{
  char *folder = art_folder_of(path);
  const size_t size = strlen(folder) + strlen(checkpoint->journal) + 2;
  char *journal = ART_NEW(char, size);
  snprintf(journal, size, "%s/%s", folder, checkpoint->journal);
  free(folder);
  return journal;
}

art_status art_checkpoint_check_journal(const char *path, const art_checkpoint *checkpoint, art_error *err)
{
  char *journal = art_checkpoint_journal_path(path, checkpoint);
  const art_status status = art_journal_check(journal, &checkpoint->mark, err);
  if (status != ART_OK) art_fail_prefix(err, "%s: cannot be used: ", path);
  free(journal);
  return status;
}

int art_checkpoint_is_one(const char *path)
{
  uint8_t head[sizeof magic];
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return 0;
  const int is_one = read_some(file, head, sizeof head) == sizeof head && memcmp(head, magic, sizeof magic) == 0;
  close(file);
  return is_one;
}
