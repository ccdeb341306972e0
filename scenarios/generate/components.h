/// \file components.h
/// Parts of a directed graph in which everything leads to everything.
#ifndef ART_SCENARIOS_GENERATE_COMPONENTS_H
#define ART_SCENARIOS_GENERATE_COMPONENTS_H
#include <stdint.h>

/// Strongly connected components of `count` things; row i of edges is first[i] .. first[i + 1] of `to`. Writes
/// the component of each and returns their number. Components are numbered in reverse topological order (Tarjan 1972).
int32_t art_components(int32_t count, const int32_t *first, const int32_t *to, int32_t *component);

#endif  // ART_SCENARIOS_GENERATE_COMPONENTS_H
