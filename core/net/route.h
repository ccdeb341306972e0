/// \file route.h
/// Shortest ways over links, by free-flow time.
#ifndef ART_CORE_NET_ROUTE_H
#define ART_CORE_NET_ROUTE_H
#include <stdint.h>

#include "core/net/network.h"

/// Fastest way from link `from` to link `to` (both included) for a class at free flow; links with closed[link] != 0 are not
/// used (NULL: none closed; `from` itself may be closed). Writes link indices to *links (malloc, caller frees) and their
/// number to *count. Returns 1, or 0 and *links NULL if there is no way. Ties go to the lower link index, so the result
/// is unique. Dijkstra 1959 with a binary heap. Thread-safe; not collective.
int art_route_find(const art_net *net, int32_t from, int32_t to, int32_t vclass, const uint8_t *closed,
                   int32_t **links, int32_t *count);

/// The same with extra_s[connector] seconds on top of the time through each node, at least 0.
int art_route_find_with(const art_net *net, int32_t from, int32_t to, int32_t vclass, const uint8_t *closed,
                        const float *extra_s, int32_t **links, int32_t *count);

#endif  // ART_CORE_NET_ROUTE_H
