/// \file memory.h
/// What a simulation holds in memory, by what it is held for. The network and the demand are their owners' affair
/// (art_city_bytes, art_demand_bytes).
#ifndef ART_CORE_STEP_MEMORY_H
#define ART_CORE_STEP_MEMORY_H
#include <stdint.h>

#include "core/step/sim.h"

/// Hot is what every step touches, cold what a few vehicles of a step need.
/// X(name, sentence)
#define ART_MEMORY_LIST(X)                                                                       \
  X(hot_vehicle, "columns of vehicles in blocks: state and scratch of a step, as far as in use") \
  X(hot_spare, "the same columns, not in use")                                                   \
  X(hot_lane, "blocks and what is published by lane")                                            \
  X(hot_node, "by node and by connector: lists, orders, aspects")                                \
  X(cold_trip, "records of vehicles, by trip: way ahead, plan of lanes, measures")               \
  X(result_trip, "rows of trips, as results need them")                                          \
  X(sums, "sums by link, connector and detector")                                                \
  X(signals, "states and rules of signals and of their groups")                                     \
  X(queues, "trips that wait outside")                                                           \
  X(threads, "working memory of the threads")

typedef struct art_memory {
#define X(name, sentence) int64_t name##_bytes;
  ART_MEMORY_LIST(X)
#undef X
  int64_t vehicles;  ///< in blocks; hot_vehicle_bytes / vehicles is what one takes
  int64_t lanes;     ///< of links and connectors
  int64_t trips;
} art_memory;
/// Of now. What is allocated counts, without the allocator's own share.
art_memory art_sim_memory(const art_sim *sim);

#endif  // ART_CORE_STEP_MEMORY_H
