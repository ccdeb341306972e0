// The file of a journal: appending, and walking through it.
#include "io/results/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/bytes.h"
#include "core/base/memory.h"
#include "io/h5/sha256.h"
#include "io/results/journal_internal.h"

static const char magic[8] = "ARTJRNL1";
enum { BUFFER_BYTES = 1 << 20, PAD = 8 };

struct art_journal {
  char *path;
  FILE *file;
  int64_t bytes, records;
  art_sha256 sha;  ///< of the heads so far
};

static size_t padding(size_t size)
{
  return (PAD - size % PAD) % PAD;
}

static art_status write_failed(const art_journal *j, art_error *err)
{
  return art_fail(err, ART_E_IO, "%s: cannot be written: %s", j->path,
                  errno ? strerror(errno) : "the disk may be full");
}

// ---- walking through -------------------------------------------------------------------------------------------------

/// Goes through the records of a file, each checked.
typedef struct walk {
  const char *path;
  FILE *file;
  int64_t bytes, records;  ///< whole records so far
  art_sha256 sha;
  art_journal_head head;  ///< of the record that was read last
  uint8_t *payload;
  size_t capacity;
  art_bytes parts;  ///< payload of the last record about parts
} walk;

static art_status walk_begin(walk *w, const char *path, art_error *err)
{
  char head[sizeof magic];
  memset(w, 0, sizeof *w);
  w->path = path;
  art_sha256_begin(&w->sha);
  w->file = fopen(path, "rbe");
  if (!w->file) return art_fail(err, errno == ENOENT ? ART_E_INPUT : ART_E_OPEN, "%s: %s", path, strerror(errno));
  if (fread(head, sizeof head, 1, w->file) != 1 || memcmp(head, magic, sizeof head) != 0)
    return art_fail(err, ART_E_INPUT, "%s: not a journal of arterial", path);
  w->bytes = sizeof magic;
  return ART_OK;
}

static void walk_end(walk *w)
{
  if (w->file) fclose(w->file);
  free(w->payload);
  free(w->parts.data);
}

/// Reads the next record. `most`: where records have to end.
static art_status walk_next(walk *w, int64_t most, art_error *err)
{
  const int64_t left = most - w->bytes;
  if (left < (int64_t)sizeof w->head || fread(&w->head, sizeof w->head, 1, w->file) != 1 ||
      w->head.size > (uint64_t)(left - (int64_t)sizeof w->head))
    return art_fail(err, ART_E_INPUT, "%s: truncated: its record %" PRId64 ", from byte %" PRId64 " on, is not whole",
                    w->path, w->records, w->bytes);
  if (w->head.size > w->capacity) {
    w->capacity = w->head.size;
    w->payload = art_renew(w->payload, w->capacity, 1);
  }
  if (w->head.size > 0 && fread(w->payload, w->head.size, 1, w->file) != 1)
    return art_fail(err, ART_E_INPUT, "%s: truncated: its record %" PRId64 ", from byte %" PRId64 " on, is not whole",
                    w->path, w->records, w->bytes);
  if (crc32_z(0, w->payload, w->head.size) != w->head.crc)
    return art_fail(err, ART_E_INPUT,
                    "%s: damaged: the checksum of its record %" PRId64 ", from byte %" PRId64 " on, is wrong", w->path,
                    w->records, w->bytes);
  if (w->head.type == ART_JOURNAL_PARTS) {
    w->parts.count = 0;
    (void)art_bytes_put(&w->parts, w->payload, w->head.size);
  }
  art_sha256_add(&w->sha, &w->head, sizeof w->head);
  w->bytes += (int64_t)(sizeof w->head + w->head.size);
  ++w->records;
  return ART_OK;
}

static int64_t size_of(FILE *file)
{
  struct stat info;
  return fstat(fileno(file), &info) == 0 ? (int64_t)info.st_size : 0;
}

static void sha_so_far(const art_sha256 *sha, char hex[65])
{
  art_sha256 copy = *sha;
  art_sha256_end(&copy, hex);
}

/// Walks up to the mark; records go to `results` unless that is NULL.
static art_status walk_to(walk *w, const art_journal_mark *mark, art_results *results, art_error *err)
{
  char sha[65];
  const int64_t size = size_of(w->file);
  if (size < mark->bytes)
    return art_fail(err, ART_E_INPUT, "%s: truncated: has %" PRId64 " bytes, the checkpoint needs %" PRId64, w->path,
                    size, mark->bytes);
  art_status status = ART_OK;
  while (status == ART_OK && w->bytes < mark->bytes) {
    status = walk_next(w, mark->bytes, err);
    if (status == ART_OK && results) {
      status = art_journal_apply(results, w->head.type, w->payload, w->head.size, err);
      if (status == ART_E_INPUT) art_fail_prefix(err, "%s: record %" PRId64 ": ", w->path, w->records - 1);
    }
  }
  if (status != ART_OK) return status;
  sha_so_far(&w->sha, sha);
  if (w->records != mark->records || strcmp(sha, mark->sha256) != 0)
    return art_fail(err, ART_E_INPUT,
                    "%s: not the journal that belongs to the checkpoint, or damaged: its checksum differs", w->path);
  return ART_OK;
}

static art_status walk_through(const char *path, const art_journal_mark *mark, art_results *results, art_error *err)
{
  walk w;
  art_status status = walk_begin(&w, path, err);
  if (status == ART_OK) status = walk_to(&w, mark, results, err);
  walk_end(&w);
  return status;
}

static art_status get_parts(const char *path, const walk *w, art_journal_parts *out, art_error *err)
{
  int64_t count = 0;
  art_byte_reader in = { .data = w->parts.data, .count = w->parts.count };
  *out = (art_journal_parts){ 0 };
  if (w->parts.count == 0) return ART_OK;
  ART_GET(&in, count);
  if (in.is_short || count < 0 || (uint64_t)count > (in.count - in.at) / sizeof *out->mark)
    return art_fail(err, ART_E_INPUT, "%s: its record about its parts is not whole", path);
  out->count = (int32_t)count;
  out->mark = ART_NEW(art_journal_mark, count);
  art_bytes_get(&in, out->mark, (size_t)count * sizeof *out->mark);
  for (int64_t k = 0; k < count; ++k) out->mark[k].sha256[sizeof out->mark[k].sha256 - 1] = '\0';
  return ART_OK;
}

art_status art_journal_find_parts(const char *path, const art_journal_mark *mark, art_journal_parts *out, art_error *err)
{
  walk w;
  *out = (art_journal_parts){ 0 };
  art_status status = walk_begin(&w, path, err);
  if (status == ART_OK) status = walk_to(&w, mark, NULL, err);
  if (status == ART_OK) status = get_parts(path, &w, out, err);
  walk_end(&w);
  return status;
}

char *art_journal_part_path(const char *path, int32_t part)
{
  const size_t size = strlen(path) + 16;
  char *text = ART_NEW(char, size);
  snprintf(text, size, "%s.%d", path, (int)part);
  return text;
}

art_status art_journal_check(const char *path, const art_journal_mark *mark, art_error *err)
{
  art_journal_parts parts;
  art_status status = art_journal_find_parts(path, mark, &parts, err);
  for (int32_t k = 0; k < parts.count && status == ART_OK; ++k) {
    if (parts.mark[k].bytes == 0) continue;
    char *part = art_journal_part_path(path, k + 1);
    status = walk_through(part, &parts.mark[k], NULL, err);
    free(part);
  }
  free(parts.mark);
  return status;
}

art_status art_journal_replay(const char *path, const art_journal_mark *mark, art_results *results, art_error *err)
{
  return walk_through(path, mark, results, err);
}

void art_journal_remove_leftovers(const char *path)
{
  walk w;
  if (walk_begin(&w, path, NULL) == ART_OK) {
    const int64_t size = size_of(w.file);
    while (walk_next(&w, size, NULL) == ART_OK) {
      const char *name = (const char *)w.payload;
      if (w.head.type == ART_JOURNAL_LEFTOVER && w.head.size > 0 && memchr(name, 0, w.head.size) &&
          strstr(name, ".tmp-"))
        unlink(name);
    }
  }
  walk_end(&w);
}

// ---- appending -------------------------------------------------------------------------------------------------------

art_status art_journal_open(const char *path, art_journal **out, art_error *err)
{
  *out = NULL;
  const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return art_fail(err, ART_E_OPEN, "%s: cannot be written: %s", path, strerror(errno));
  // File systems without locks are taken as they are.
  if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(file);
    return art_fail(err, ART_E_OPEN, "%s: another run is writing it", path);
  }
  art_journal *j = ART_NEW(art_journal, 1);
  j->path = art_strdup(path);
  j->file = fdopen(file, "r+b");
  setvbuf(j->file, NULL, _IOFBF, BUFFER_BYTES);
  *out = j;
  return ART_OK;
}

/// Cuts the file at `bytes` and puts the next record there.
static art_status continue_at(art_journal *j, int64_t bytes, art_error *err)
{
  errno = 0;
  if (fflush(j->file) != 0 || ftruncate(fileno(j->file), bytes) != 0 || fseeko(j->file, bytes, SEEK_SET) != 0)
    return write_failed(j, err);
  return ART_OK;
}

art_status art_journal_start(art_journal *j, art_error *err)
{
  const art_status status = continue_at(j, 0, err);
  if (status != ART_OK) return status;
  art_sha256_begin(&j->sha);
  j->records = 0;
  j->bytes = sizeof magic;
  errno = 0;
  return fwrite(magic, sizeof magic, 1, j->file) == 1 ? ART_OK : write_failed(j, err);
}

art_status art_journal_cut(art_journal *j, const art_journal_mark *mark, art_error *err)
{
  walk w;
  art_status status = walk_begin(&w, j->path, err);
  if (status == ART_OK) status = walk_to(&w, mark, NULL, err);
  if (status == ART_OK) status = continue_at(j, mark->bytes, err);
  j->bytes = w.bytes;
  j->records = w.records;
  j->sha = w.sha;
  walk_end(&w);
  return status;
}

art_status art_journal_sync(art_journal *j, art_journal_mark *mark, art_error *err)
{
  errno = 0;
  if (fflush(j->file) != 0 || fsync(fileno(j->file)) != 0) return write_failed(j, err);
  mark->bytes = j->bytes;
  mark->records = j->records;
  sha_so_far(&j->sha, mark->sha256);
  return ART_OK;
}

void art_journal_close(art_journal *j)
{
  if (!j) return;
  fclose(j->file);
  free(j->path);
  free(j);
}

art_status art_journal_add(art_journal *j, art_journal_type type, int count, const art_journal_part *part,
                           art_error *err)
{
  static const uint8_t zeros[PAD];
  art_journal_head head = { .type = type };
  uLong crc = 0;
  for (int i = 0; i < count; ++i) {
    const size_t pad = padding(part[i].size);
    if (part[i].size > 0) crc = crc32_z(crc, part[i].data, part[i].size);
    if (pad > 0) crc = crc32_z(crc, zeros, pad);
    head.size += part[i].size + pad;
  }
  head.crc = (uint32_t)crc;
  errno = 0;
  int is_written = fwrite(&head, sizeof head, 1, j->file) == 1;
  for (int i = 0; i < count && is_written; ++i) {
    const size_t pad = padding(part[i].size);
    is_written = (part[i].size == 0 || fwrite(part[i].data, part[i].size, 1, j->file) == 1) &&
                 (pad == 0 || fwrite(zeros, pad, 1, j->file) == 1);
  }
  if (!is_written) return write_failed(j, err);
  art_sha256_add(&j->sha, &head, sizeof head);
  j->bytes += (int64_t)(sizeof head + head.size);
  ++j->records;
  return ART_OK;
}

art_status art_journal_add_parts(art_journal *j, const art_journal_parts *parts, art_error *err)
{
  const int64_t count = parts->count;
  const art_journal_part part[] = { { &count, sizeof count }, { parts->mark, (size_t)count * sizeof *parts->mark } };
  return art_journal_add(j, ART_JOURNAL_PARTS, 2, part, err);
}

art_status art_journal_add_leftover(art_journal *j, const char *path, art_error *err)
{
  const art_journal_part part = { path, strlen(path) + 1 };
  const art_status status = art_journal_add(j, ART_JOURNAL_LEFTOVER, 1, &part, err);
  errno = 0;
  if (status == ART_OK && fflush(j->file) != 0) return write_failed(j, err);  // it has to be there before the file is
  return status;
}
