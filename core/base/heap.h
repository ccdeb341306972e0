/// \file heap.h
/// A binary heap of (cost, index) for searches: the cheapest on top, among equals the one with the lower index, so that
/// the order in which items come out is unique. The caller owns the array and keeps the count.
#ifndef ART_CORE_BASE_HEAP_H
#define ART_CORE_BASE_HEAP_H
#include <stdint.h>

typedef struct art_heap_item {
  double cost;
  int32_t index;
} art_heap_item;

static inline int art_heap_before(art_heap_item a, art_heap_item b)
{
  return a.cost < b.cost || (a.cost == b.cost && a.index < b.index);
}

/// `heap` has room for one more.
static inline void art_heap_push(art_heap_item *heap, int32_t *count, art_heap_item item)
{
  int32_t at = (*count)++;
  for (; at > 0 && art_heap_before(item, heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = item;
}

/// *count > 0.
static inline art_heap_item art_heap_pop(art_heap_item *heap, int32_t *count)
{
  const art_heap_item top = heap[0], last = heap[--*count];
  int32_t at = 0;
  for (;;) {
    int32_t child = 2 * at + 1;
    if (child >= *count) break;
    if (child + 1 < *count && art_heap_before(heap[child + 1], heap[child])) ++child;
    if (!art_heap_before(heap[child], last)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}

#endif  // ART_CORE_BASE_HEAP_H
