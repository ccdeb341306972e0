#include "core/base/memory.h"

#ifdef __linux__
#include <malloc.h>
#endif
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

/// The part of an array that large pages can hold. Before it is touched, where that is possible.
static void ask_large_pages(void *memory, size_t bytes)
{
  const uintptr_t from = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  const uintptr_t to = ((uintptr_t)memory + bytes) / LARGE_PAGE * LARGE_PAGE;
  if (to > from) (void)madvise((void *)from, to - from, MADV_HUGEPAGE);  // refused: as slow as without
}

void *art_new(size_t count, size_t size)
{
  void *memory = calloc(count ? count : 1, size ? size : 1);
  if (!memory) out_of_memory(count, size);
  if (size && count >= 2 * LARGE_PAGE / size) ask_large_pages(memory, count * size);
  return memory;
}

void *art_new_aligned(size_t count, size_t size)
{
  if (size && count > (SIZE_MAX - LARGE_PAGE) / size) out_of_memory(count, size);
  const size_t needed = count * size, unit = needed >= LARGE_ARRAY ? LARGE_PAGE : 64;
  const size_t bytes = (needed + unit - 1) / unit * unit;
  void *memory = aligned_alloc(unit, bytes ? bytes : unit);
  if (!memory) out_of_memory(count, size);
  if (unit == LARGE_PAGE) ask_large_pages(memory, bytes);
  memset(memory, 0, bytes);
  return memory;
}

void *art_new_untouched(size_t count, size_t size)
{
  if (size && count > (SIZE_MAX - LARGE_PAGE) / size) out_of_memory(count, size);
  const size_t bytes = count * size > 0 ? count * size : 1;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) out_of_memory(count, size);
  if (bytes >= LARGE_ARRAY) ask_large_pages(memory, bytes);
  return memory;
}

void art_free_untouched(void *memory, size_t count, size_t size)
{
  if (memory) (void)munmap(memory, count * size > 0 ? count * size : 1);
}

void art_memory_give_back(void)
{
#ifdef __GLIBC__
  (void)malloc_trim(0);
#endif
}

void art_memory_keep(void)
{
#ifdef __GLIBC__
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
  (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
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

/// Bits of a double as a number that sorts as the double does (IEEE 754): negative ones are turned over.
static uint64_t key_of(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double value_of(uint64_t key)
{
  const uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void art_sort_reals(double *values, int64_t count)
{
  enum { BITS = 11, DIGITS = 1 << BITS, PASSES = 6 };
  uint64_t *from = ART_NEW(uint64_t, count), *to = ART_NEW(uint64_t, count);
  int64_t *at = ART_NEW(int64_t, PASSES * DIGITS);  // all counted in one walk
  for (int64_t i = 0; i < count; ++i) {
    from[i] = key_of(values[i]);
    for (int pass = 0; pass < PASSES; ++pass) ++at[pass * DIGITS + (int)(from[i] >> (pass * BITS) & (DIGITS - 1))];
  }
  for (int pass = 0; pass < PASSES && count > 0; ++pass) {
    int64_t *place = at + pass * DIGITS, sum = 0;
    const int shift = pass * BITS;
    if (place[from[0] >> shift & (DIGITS - 1)] == count) continue;  // all alike here
    for (int d = 0; d < DIGITS; ++d) {
      const int64_t here = place[d];
      place[d] = sum;
      sum += here;
    }
    for (int64_t i = 0; i < count; ++i) to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    uint64_t *swap = from;
    from = to;
    to = swap;
  }
  for (int64_t i = 0; i < count; ++i) values[i] = value_of(from[i]);
  free(from);
  free(to);
  free(at);
}

typedef struct chunk {
  struct chunk *before;
  size_t size, used;
  char bytes[];
} chunk;

struct art_pool {
  chunk *last;
  int64_t bytes;
};

art_pool *art_pool_new(void)
{
  return ART_NEW(art_pool, 1);
}

void art_pool_free(art_pool *pool)
{
  if (!pool) return;
  for (chunk *at = pool->last, *before; at; at = before) {
    before = at->before;
    free(at);
  }
  free(pool);
}

void *art_pool_take(art_pool *pool, size_t size)
{
  enum { CHUNK = 1 << 20 };
  if (!pool->last || pool->last->size - pool->last->used < size) {
    const size_t room = size > CHUNK ? size : CHUNK;
    chunk *more = art_renew(NULL, 1, sizeof *more + room);
    *more = (chunk){ .before = pool->last, .size = room };
    pool->last = more;
    pool->bytes += (int64_t)(sizeof *more + room);
  }
  void *out = pool->last->bytes + pool->last->used;
  pool->last->used += size;
  return out;
}

int64_t art_pool_bytes(const art_pool *pool)
{
  return pool->bytes;
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

/// A set under construction: a slot holds index + 1 and a part of the hash, so that most strangers need no look at the id.
typedef struct seen {
  int32_t index;
  uint32_t hash;
} seen;

/// `ids` or `keys` is NULL. Hashes are made ahead, so that slots can be fetched before they are needed: with millions of
/// ids nearly every one is a cache miss.
static int32_t find_twice(char *const *ids, const uint64_t *keys, int32_t count, int32_t *earlier)
{
  enum { AHEAD = 16 };
  uint32_t slots = 64;
  while (slots < 2 * (uint64_t)count) slots *= 2;
  seen *slot = ART_NEW(seen, slots);
  uint64_t hash[2 * AHEAD];
  int32_t found = -1;
  for (int32_t i = -AHEAD; i < count && found < 0; ++i) {
    const int32_t next = i + AHEAD;
    if (next < count) {
      const uint64_t h = (ids ? ids[next] ? hash_text(ids[next]) : 0 : keys[next]) * 0x9e3779b97f4a7c15u;
      hash[next % (2 * AHEAD)] = h ^ h >> 32;
      __builtin_prefetch(&slot[(uint32_t)hash[next % (2 * AHEAD)] & (slots - 1)], 1);
    }
    if (i < 0 || (ids && !ids[i])) continue;
    const uint64_t h = hash[i % (2 * AHEAD)];
    const uint32_t part = (uint32_t)(h >> 32);
    uint32_t at = (uint32_t)h & (slots - 1);
    for (; slot[at].index && found < 0; at = (at + 1) & (slots - 1)) {
      const int32_t k = slot[at].index - 1;
      if (slot[at].hash != part || (ids ? strcmp(ids[k], ids[i]) != 0 : keys[k] != keys[i])) continue;
      found = i;
      *earlier = k;
    }
    slot[at] = (seen){ i + 1, part };
  }
  free(slot);
  return found;
}

enum {
  MANY = 1 << 20,  ///< from here on one table of all would be larger than caches, and much memory
  PART_BITS = 4
};

static int part_of(uint64_t key)
{
  return (int)((key * 0x9e3779b97f4a7c15u) >> (64 - PART_BITS));
}

/// As find_twice, one part of the keys after the other.
static int32_t find_twice_by_parts(const uint64_t *keys, int32_t count, int32_t *earlier)
{
  int32_t in_part[1 << PART_BITS] = { 0 }, most = 0, found = -1;
  for (int32_t i = 0; i < count; ++i) ++in_part[part_of(keys[i])];
  for (int p = 0; p < 1 << PART_BITS; ++p) most = in_part[p] > most ? in_part[p] : most;
  uint32_t slots = 64;
  while (slots < 2 * (uint64_t)most) slots *= 2;
  seen *slot = art_new(slots, sizeof *slot);
  for (int p = 0; p < 1 << PART_BITS; ++p) {
    memset(slot, 0, slots * sizeof *slot);
    for (int32_t i = 0; i < (found < 0 ? count : found); ++i) {  // later ones than the first found do not matter
      if (part_of(keys[i]) != p) continue;
      const uint64_t h = keys[i] * 0x9e3779b97f4a7c15u;
      const uint32_t part = (uint32_t)h;
      uint32_t at = (uint32_t)(h >> 24) & (slots - 1);
      while (slot[at].index && (slot[at].hash != part || keys[slot[at].index - 1] != keys[i])) at = (at + 1) & (slots - 1);
      if (slot[at].index) {
        *earlier = slot[at].index - 1;
        found = i;
      } else {
        slot[at] = (seen){ i + 1, part };
      }
    }
  }
  free(slot);
  return found;
}

int32_t art_keys_find_twice(const uint64_t *keys, int32_t count, int32_t *earlier)
{
  return count < MANY ? find_twice(NULL, keys, count, earlier) : find_twice_by_parts(keys, count, earlier);
}

int32_t art_ids_find_twice(char *const *ids, int32_t count, int32_t *earlier)
{
  if (count < MANY) return find_twice(ids, NULL, count, earlier);
  // Where all hashes differ, all ids do.
  uint64_t *hash = art_new((size_t)count, sizeof *hash);
  int is_whole = 1;
  for (int32_t i = 0; i < count; ++i) {
    is_whole &= ids[i] != NULL;
    if (ids[i]) hash[i] = hash_text(ids[i]);
  }
  int32_t at;
  const int all_differ = is_whole && find_twice_by_parts(hash, count, &at) < 0;
  free(hash);
  return all_differ ? -1 : find_twice(ids, NULL, count, earlier);
}
