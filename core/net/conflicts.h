/// \file conflicts.h
/// Conflicts and holding points of a network out of the drawn paths of its connectors and the right of way.
#ifndef ART_CORE_NET_CONFLICTS_H
#define ART_CORE_NET_CONFLICTS_H
#include <stdint.h>

#include "core/net/network.h"

/// What the rules say of two connectors of one node.
typedef struct art_right_of_way {
  uint8_t a_yields, b_yields;
  uint8_t are_foes;  ///< they are said to meet; paths that only come close then conflict too
} art_right_of_way;
/// Called by several threads at a time; must not change anything.
typedef art_right_of_way (*art_ask_right_of_way)(void *context, int32_t a, int32_t b);

/// Shapes of all lanes, borrowed: those of lane i are points first_point[i] to first_point[i + 1], at least two.
typedef struct art_lane_shapes {
  const int64_t *first_point;  ///< [lane_count + 1]
  const double *x, *y;
} art_lane_shapes;

typedef struct art_conflict_counts {
  int64_t crossings, merges, diverges, holding_points;
  int64_t foes_not_meeting;  ///< pairs that are said to be foes and whose paths do not meet: no conflict
  int64_t meeting_not_foes;  ///< pairs that meet although they are not said to be foes: kept
} art_conflict_counts;

/// Fills the conflict arrays, and connector_hold_m of connectors whose connector_cont is set. Needs art_net_index(),
/// ends and lengths of connectors. The result depends on nothing but the arguments. Not collective.
void art_conflicts_find(art_net *net, const art_lane_shapes *shapes, art_ask_right_of_way ask, void *context,
                        art_conflict_counts *counts);

#endif  // ART_CORE_NET_CONFLICTS_H
