#include "core/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Records that are met in no order cost as much for the look-up of their pages as for themselves: large arrays ask for
// large pages.
#define LARGE_PAGE ((size_t)2 << 20)
#define LARGE_ARRAY (LARGE_PAGE / 2)

static void out_of_memory(size_t count, size_t size)
{
  fprintf(stderr, "arterial: out of memory (%zu x %zu bytes)\n", count, size);
  exit(4);
}

void *art_new(size_t count, size_t size)
{
  void *memory = calloc(count ? count : 1, size ? size : 1);
  if (!memory) out_of_memory(count, size);
  return memory;
}

void *art_new_aligned(size_t count, size_t size)
{
  if (size && count > (SIZE_MAX - LARGE_PAGE) / size) out_of_memory(count, size);
  const size_t needed = count * size, unit = needed >= LARGE_ARRAY ? LARGE_PAGE : 64;
  const size_t bytes = (needed + unit - 1) / unit * unit;
  void *memory = aligned_alloc(unit, bytes ? bytes : unit);
  if (!memory) out_of_memory(count, size);
  if (unit == LARGE_PAGE) (void)madvise(memory, bytes, MADV_HUGEPAGE);  // refused: as slow as without
  memset(memory, 0, bytes);
  return memory;
}

void *art_renew(void *old, size_t count, size_t size)
{
  if (size && count > SIZE_MAX / size) out_of_memory(count, size);
  const size_t bytes = count * size;
  void *memory = realloc(old, bytes > 0 ? bytes : 1);
  if (!memory) out_of_memory(count, size);
  return memory;
}

void art_sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
  if (count > 0) qsort(items, count, size, compare);
}

char *art_strdup(const char *text)
{
  if (!text) return NULL;
  const size_t bytes = strlen(text) + 1;
  return memcpy(art_new(bytes, 1), text, bytes);
}

/// Open addressing with linear probing; a slot holds index + 1, 0 is empty.
struct art_idmap {
  int32_t *slot;
  uint32_t slot_count;  // a power of two
  char **id;
  uint64_t *hash;
  int32_t count, capacity;
};

static uint64_t hash_text(const char *text)
{
  uint64_t h = 0xcbf29ce484222325u;  // FNV-1a, 64 bit
  for (; *text; ++text) h = (h ^ (unsigned char)*text) * 0x100000001b3u;
  return h ^ (h >> 29);
}

art_idmap *art_idmap_new(void)
{
  art_idmap *map = ART_NEW(art_idmap, 1);
  map->slot_count = 64;
  map->slot = ART_NEW(int32_t, map->slot_count);
  return map;
}

void art_idmap_free(art_idmap *map)
{
  if (!map) return;
  for (int32_t i = 0; i < map->count; ++i) free(map->id[i]);
  free(map->id);
  free(map->hash);
  free(map->slot);
  free(map);
}

static void rehash(art_idmap *map)
{
  free(map->slot);
  map->slot_count *= 2;
  map->slot = ART_NEW(int32_t, map->slot_count);
  for (int32_t i = 0; i < map->count; ++i) {
    uint32_t at = (uint32_t)map->hash[i] & (map->slot_count - 1);
    while (map->slot[at]) at = (at + 1) & (map->slot_count - 1);
    map->slot[at] = i + 1;
  }
}

int32_t art_idmap_find(const art_idmap *map, const char *id)
{
  const uint64_t h = hash_text(id);
  for (uint32_t at = (uint32_t)h & (map->slot_count - 1); map->slot[at];
       at = (at + 1) & (map->slot_count - 1)) {
    const int32_t i = map->slot[at] - 1;
    if (map->hash[i] == h && strcmp(map->id[i], id) == 0) return i;
  }
  return -1;
}

int32_t art_idmap_put(art_idmap *map, const char *id)
{
  const int32_t found = art_idmap_find(map, id);
  if (found >= 0) return found;
  if (2 * (uint32_t)(map->count + 1) > map->slot_count) rehash(map);
  if (map->count == map->capacity) {
    map->capacity = map->capacity ? 2 * map->capacity : 64;
    map->id = art_renew(map->id, (size_t)map->capacity, sizeof *map->id);
    map->hash = art_renew(map->hash, (size_t)map->capacity, sizeof *map->hash);
  }
  const uint64_t h = hash_text(id);
  map->id[map->count] = art_strdup(id);
  map->hash[map->count] = h;
  uint32_t at = (uint32_t)h & (map->slot_count - 1);
  while (map->slot[at]) at = (at + 1) & (map->slot_count - 1);
  map->slot[at] = ++map->count;
  return map->count - 1;
}

int32_t art_idmap_count(const art_idmap *map)
{
  return map->count;
}
const char *art_idmap_id(const art_idmap *map, int32_t index)
{
  return map->id[index];
}
