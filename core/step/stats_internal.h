/// \file stats_internal.h
/// Columns of the sums that results are made from. Private to core/step.
#ifndef ART_CORE_STEP_STATS_INTERNAL_H
#define ART_CORE_STEP_STATS_INTERNAL_H
#include "core/step/sim.h"

/// X(column, type): what the sums of links and of detectors hold.
// The layout of these lists is by hand.
// clang-format off
#define ART_LINK_SUM_LIST(X)                                                                                     \
  X(vehicle_ms, int64_t) X(distance_mm, int64_t) X(waiting_ms, int64_t) X(loss_ms, int64_t)                 \
  X(occupied_mm_ms, int64_t)                                                                                \
  X(entered, int32_t) X(left, int32_t) X(departed, int32_t) X(arrived, int32_t) X(queue_max_m, int32_t)
#define ART_DETECTOR_SUM_LIST(X)                                                                                 \
  X(count, int64_t) X(speed_sum_mmps, int64_t) X(slowness_sum_us, int64_t) X(occupied_ms, int64_t)          \
  X(distance_mm, int64_t) X(travel_ms, int64_t) X(halts, int64_t) X(entered, int32_t) X(inside, int32_t)    \
  X(halting_ms, int64_t) X(jam_mm_ms, int64_t) X(jam_vehicles_ms, int64_t) X(jam_max_mm, int32_t)           \
  X(jam_vehicles_max, int32_t)
// clang-format on

#endif  // ART_CORE_STEP_STATS_INTERNAL_H
