/// \file route_book.h
/// Routes that are alike: a list of all that are there, by their links.
#ifndef ART_CORE_FLEET_ROUTE_BOOK_H
#define ART_CORE_FLEET_ROUTE_BOOK_H
#include "core/fleet/demand.h"

typedef struct art_route_book {
  int32_t *slot;  ///< route of the demand + 1 by hash of its links; 0: nobody
  uint32_t slots;
} art_route_book;

/// Puts the routes of `from` behind those of `to`, but for those that are there already; route r of `from` becomes route
/// becomes[r] of `to`. The book knows the routes of `to`, whose arrays have room for all. `to` may be `from` with an empty
/// book: then of routes that are alike the first one stays.
void art_route_book_take(art_route_book *book, art_demand *to, art_demand *from, int32_t *becomes);
void art_route_book_clear(art_route_book *book);

#endif  // ART_CORE_FLEET_ROUTE_BOOK_H
