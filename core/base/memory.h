/// \file memory.h
/// Set-up time memory: checked allocation, growable arrays and owned strings. Nothing here is called while stepping.
#ifndef ART_CORE_BASE_MEMORY_H
#define ART_CORE_BASE_MEMORY_H
#include <stddef.h>
#include <stdint.h>

/// Zeroed memory for `count` items; never NULL: running out of memory ends the process with a message (exit 4).
void *art_new(size_t count, size_t size);
/// 64-byte aligned zeroed memory, for columns that kernels walk. Free with free().
void *art_new_aligned(size_t count, size_t size);
/// Zeroed records of which many may never be used: those take no memory. 64-byte aligned. Free with art_free_untouched, which
/// wants the same numbers.
void *art_new_untouched(size_t count, size_t size);
void art_free_untouched(void *memory, size_t count, size_t size);
/// Hands back to the system what was freed, as far as that is possible: after much was made, used once and freed.
void art_memory_give_back(void);
/// From now on, keeps what is freed for what is made next, instead of handing it back: for a command that makes, uses and
/// frees much, and ends soon. Arrays of more than 32 MiB are handed back all the same.
void art_memory_keep(void);
/// Grows or shrinks; new bytes are not zeroed. Never NULL for size > 0.
void *art_renew(void *old, size_t count, size_t size);
/// qsort() that takes an empty array, even NULL.
void art_sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));
/// Sorts real numbers that are no NAN, in linear time: several times faster than qsort() where there are millions.
void art_sort_reals(double *values, int64_t count);
/// Small pieces of memory that are freed all together, without a share of the allocator for each.
typedef struct art_pool art_pool;
art_pool *art_pool_new(void);
void art_pool_free(art_pool *pool);
/// `size` bytes, not zeroed, for texts: at any address. Valid until the pool is freed.
void *art_pool_take(art_pool *pool, size_t size);
int64_t art_pool_bytes(const art_pool *pool);  ///< that it holds

/// A copy of `text` that the caller frees; NULL stays NULL.
char *art_strdup(const char *text);

#define ART_NEW(type, count) ((type *)art_new((size_t)(count), sizeof(type)))

/// Appends one value to a growable array kept as pointer, count and capacity (any integer types).
#define ART_PUSH(array, count, capacity, value)                          \
  do {                                                                   \
    if ((count) == (capacity)) {                                         \
      (capacity) = (capacity) ? 2 * (capacity) : 16;                     \
      (array) = art_renew((array), (size_t)(capacity), sizeof *(array)); \
    }                                                                    \
    (array)[(count)++] = (value);                                        \
  } while (0)

/// Maps strings to dense indices 0, 1, 2 ... in order of first insertion; owns copies of the strings.
typedef struct art_idmap art_idmap;
art_idmap *art_idmap_new(void);
void art_idmap_free(art_idmap *map);
/// Index of `id`, inserted if new.
int32_t art_idmap_put(art_idmap *map, const char *id);
/// Index of `id`, or -1.
int32_t art_idmap_find(const art_idmap *map, const char *id);
int32_t art_idmap_count(const art_idmap *map);
/// Borrowed until the map is freed.
const char *art_idmap_id(const art_idmap *map, int32_t index);

/// The first index whose id stands at an earlier index too, which *earlier gets; -1: all differ. NULL entries are passed
/// over. Linear, without copies.
int32_t art_ids_find_twice(char *const *ids, int32_t count, int32_t *earlier);
/// The same for numbers.
int32_t art_keys_find_twice(const uint64_t *keys, int32_t count, int32_t *earlier);

#endif  // ART_CORE_BASE_MEMORY_H
