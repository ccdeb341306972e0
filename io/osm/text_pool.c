#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/text_pool_internal.h"

enum { BLOCK = 1 << 18 };

typedef struct pool_slot {
  const char *text;  ///< NULL: free
  uint32_t hash;
} pool_slot;

struct art_osm_text_pool {
  pool_slot *slot;
  size_t slot_count, text_count;  ///< the number of slots is a power of two
  char **block;
  int32_t block_count, block_capacity;
  size_t used, size;  ///< of the last block
};

art_osm_text_pool *art_osm_text_pool_new(void)
{
  art_osm_text_pool *pool = ART_NEW(art_osm_text_pool, 1);
  pool->slot_count = 1024;
  pool->slot = ART_NEW(pool_slot, pool->slot_count);
  return pool;
}

void art_osm_text_pool_free(art_osm_text_pool *pool)
{
  if (!pool) return;
  for (int32_t i = 0; i < pool->block_count; ++i) free(pool->block[i]);
  free(pool->block);
  free(pool->slot);
  free(pool);
}

static void grow(art_osm_text_pool *pool)
{
  const size_t count = 2 * pool->slot_count;
  pool_slot *slot = ART_NEW(pool_slot, count);
  for (size_t i = 0; i < pool->slot_count; ++i) {
    if (!pool->slot[i].text) continue;
    size_t at = pool->slot[i].hash & (count - 1);
    while (slot[at].text) at = (at + 1) & (count - 1);
    slot[at] = pool->slot[i];
  }
  free(pool->slot);
  pool->slot = slot;
  pool->slot_count = count;
}

static const char *store(art_osm_text_pool *pool, const char *text, size_t size)
{
  if (pool->used + size > pool->size) {
    pool->size = size > BLOCK ? size : BLOCK;
    pool->used = 0;
    char *block = ART_NEW(char, pool->size);
    ART_PUSH(pool->block, pool->block_count, pool->block_capacity, block);
  }
  char *copy = pool->block[pool->block_count - 1] + pool->used;
  memcpy(copy, text, size);
  pool->used += size;
  return copy;
}

const char *art_osm_text_pool_put(art_osm_text_pool *pool, const char *text)
{
  uint32_t hash = 2166136261u;
  size_t length = 0;
  for (; text[length]; ++length) hash = (hash ^ (uint8_t)text[length]) * 16777619u;
  hash ^= hash >> 15;
  size_t at = hash & (pool->slot_count - 1);
  for (; pool->slot[at].text; at = (at + 1) & (pool->slot_count - 1))
    if (pool->slot[at].hash == hash && strcmp(pool->slot[at].text, text) == 0) return pool->slot[at].text;
  const char *copy = store(pool, text, length + 1);
  pool->slot[at] = (pool_slot){ copy, hash };
  if (++pool->text_count * 2 > pool->slot_count) grow(pool);
  return copy;
}
