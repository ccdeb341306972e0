#include "core/base/alike.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

typedef struct entry {
  size_t at, count;
  uint64_t hash;
} entry;

struct art_alike {
  uint8_t *data;
  size_t bytes, capacity;
  entry *entry;
  uint32_t entries, entry_capacity;
  uint32_t *slot;  ///< entry + 1; 0: nobody
  uint32_t slots;  ///< a power of two, more than twice as many as entries
};

art_alike *art_alike_new(void)
{
  art_alike *of = ART_NEW(art_alike, 1);
  of->slots = 64;
  of->slot = ART_NEW(uint32_t, of->slots);
  return of;
}

/// FNV-1a over words of eight bytes and what is left (Fowler, Noll, Vo), mixed at the end.
static uint64_t hash_of(const uint8_t *bytes, size_t count)
{
  uint64_t h = 0xcbf29ce484222325u ^ count;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    h = (h ^ word) * 0x100000001b3u;
    h ^= h >> 29;
  }
  for (; count > 0; ++bytes, --count) h = (h ^ *bytes) * 0x100000001b3u;
  return (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
}

static uint32_t slot_of(const art_alike *of, const uint8_t *bytes, size_t count, uint64_t hash)
{
  uint32_t at = (uint32_t)(hash >> 32) & (of->slots - 1);
  for (; of->slot[at]; at = (at + 1) & (of->slots - 1)) {
    const entry *e = &of->entry[of->slot[at] - 1];
    if (e->hash == hash && e->count == count && memcmp(of->data + e->at, bytes, count) == 0) break;
  }
  return at;
}

static void more_slots(art_alike *of)
{
  free(of->slot);
  of->slots *= 2;
  of->slot = ART_NEW(uint32_t, of->slots);
  for (uint32_t i = 0; i < of->entries; ++i) {
    uint32_t at = (uint32_t)(of->entry[i].hash >> 32) & (of->slots - 1);
    while (of->slot[at]) at = (at + 1) & (of->slots - 1);
    of->slot[at] = i + 1;
  }
}

size_t art_alike_put(art_alike *of, const void *bytes, size_t count)
{
  if (count == 0) return 0;
  const uint64_t hash = hash_of(bytes, count);
  uint32_t at = slot_of(of, bytes, count, hash);
  if (of->slot[at]) return of->entry[of->slot[at] - 1].at;
  if (2 * (of->entries + 1) >= of->slots) {
    more_slots(of);
    at = slot_of(of, bytes, count, hash);
  }
  if (of->capacity - of->bytes < count) {
    of->capacity = of->capacity + of->capacity / 2 + count + 4096;
    of->data = art_renew(of->data, of->capacity, 1);
  }
  const entry own = { of->bytes, count, hash };
  memcpy(of->data + own.at, bytes, count);
  of->bytes += count;
  ART_PUSH(of->entry, of->entries, of->entry_capacity, own);
  of->slot[at] = of->entries;
  return own.at;
}

size_t art_alike_bytes(const art_alike *of)
{
  return of->bytes;
}

const void *art_alike_data(const art_alike *of)
{
  return of->data;
}

void art_alike_free(art_alike *of)
{
  if (!of) return;
  free(of->data);
  free(of->entry);
  free(of->slot);
  free(of);
}
