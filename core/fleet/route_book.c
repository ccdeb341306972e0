#include "core/fleet/route_book.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/num/random.h"

static uint64_t hash_links(const int32_t *link, int64_t count)
{
  uint64_t h = (uint64_t)count;
  for (int64_t i = 0; i < count; ++i) h = (h ^ (uint32_t)link[i]) * UINT64_C(0x9e3779b97f4a7c15);
  return art_mix64(h);
}

static int64_t links_of(const art_demand *d, int32_t route)
{
  return d->route_first[route + 1] - d->route_first[route];
}

static uint32_t hash_of(const art_demand *d, int32_t route)
{
  return (uint32_t)hash_links(d->route_link + d->route_first[route], links_of(d, route));
}

/// Slots for so many routes more than `to` has.
static void make_room(art_route_book *book, const art_demand *to, int32_t more)
{
  const uint64_t wanted = ((uint64_t)to->route_count + (uint64_t)more) * 3 / 2;
  uint32_t slots = 64;
  while (slots < wanted) slots *= 2;
  if (slots <= book->slots) return;
  free(book->slot);
  book->slot = ART_NEW(int32_t, slots);
  book->slots = slots;
  for (int32_t r = 0; r < to->route_count; ++r) {
    uint32_t at = hash_of(to, r) & (slots - 1);
    while (book->slot[at]) at = (at + 1) & (slots - 1);
    book->slot[at] = r + 1;
  }
}

/// Hashes of the routes to come, made ahead: with millions of routes the slot, the route in it and its links are a cache miss
/// each, and are fetched one after the other meanwhile.
typedef struct ahead {
  const art_route_book *book;
  const art_demand *to, *from;
  int32_t count;  ///< routes of `from`
  uint32_t hash[64];
} ahead;

enum { TO_SLOT = 32, TO_ROUTE = 20, TO_LINKS = 8 };

static void look_ahead(ahead *a, int32_t r)
{
  const int32_t *slot = a->book->slot;
  if (r + TO_SLOT < a->count) {
    const uint32_t hash = a->hash[(r + TO_SLOT) % 64] = hash_of(a->from, r + TO_SLOT) & (a->book->slots - 1);
    __builtin_prefetch(&slot[hash], 1);
  }
  if (r < 0) return;  // what lies between has not been hashed yet
  const int32_t next = r + TO_ROUTE < a->count ? slot[a->hash[(r + TO_ROUTE) % 64]] : 0;
  if (next) __builtin_prefetch(&a->to->route_first[next - 1]);
  const int32_t soon = r + TO_LINKS < a->count ? slot[a->hash[(r + TO_LINKS) % 64]] : 0;
  if (soon) __builtin_prefetch(&a->to->route_link[a->to->route_first[soon - 1]]);
}

/// The slot of a route of `count` links at `link`: its own, or the empty one that it may take.
static int32_t *slot_of(const art_route_book *book, const art_demand *to, const int32_t *link, int64_t count, uint32_t hash)
{
  for (uint32_t at = hash;; at = (at + 1) & (book->slots - 1)) {
    const int32_t k = book->slot[at] - 1;
    if (k < 0 || (links_of(to, k) == count && memcmp(to->route_link + to->route_first[k], link, (size_t)count * sizeof *link) == 0))
      return &book->slot[at];
  }
}

void art_route_book_take(art_route_book *book, art_demand *to, art_demand *from, int32_t *becomes)
{
  ahead next = { .book = book, .to = to, .from = from, .count = from->route_count };
  if (to == from) to->route_count = 0;
  make_room(book, to, next.count);
  int64_t end = to->route_count ? to->route_first[to->route_count] : 0;
  for (int32_t r = -TO_SLOT; r < next.count; ++r) {
    look_ahead(&next, r);
    if (r < 0) continue;
    // Where they are the same arrays, those behind the routes that stay are still as they were.
    const int64_t begin = from->route_first[r], count = from->route_first[r + 1] - begin;
    int32_t *slot = slot_of(book, to, from->route_link + begin, count, next.hash[r % 64]);
    if (!*slot) {
      memmove(to->route_link + end, from->route_link + begin, (size_t)count * sizeof *to->route_link);
      to->route_first[to->route_count] = end;
      *slot = ++to->route_count;
      end += count;
      // Of the same arrays the entry behind route r is the begin of the next one yet.
      if (to != from || to->route_count <= r) to->route_first[to->route_count] = end;
    }
    becomes[r] = *slot - 1;
  }
  if (to->route_first) to->route_first[to->route_count] = end;
}

void art_route_book_clear(art_route_book *book)
{
  free(book->slot);
  *book = (art_route_book){ 0 };
}
