/// \file lane_groups.h
/// Lane groups before signals: lanes of one link that lead to the same links and see the same lights in every phase of
/// every program. What engineers count, time and judge at a signal is one of these.
#ifndef ART_CORE_NET_LANE_GROUPS_H
#define ART_CORE_NET_LANE_GROUPS_H
#include "core/net/network.h"

/// Made once from a net. Free with art_lane_groups_free().
typedef struct art_lane_groups {
  int32_t count;
  int32_t *link, *signal;  ///< by group; ascending links, then kerbside first
  int32_t *first_lane;     ///< [count + 1], into lane
  int32_t lane_count;
  int32_t *lane;           ///< link lanes
  int32_t *of_lane;        ///< [link_lane_count]: group, -1: the lane has no signal
  int32_t *link_before;    ///< [link_count]: the only link that leads into a link (turning back left aside), past no signal:
                           ///< both are one approach; -1: none
} art_lane_groups;

void art_lane_groups_build(const art_net *net, art_lane_groups *out);
void art_lane_groups_free(art_lane_groups *groups);

/// Letters of the directions of a group, each once, in the order s t l r L R as in SUMO; at most 6 and a terminator.
void art_lane_group_turns(const art_net *net, const art_lane_groups *groups, int32_t group, char turns[8]);
/// How far back the approach of a group reaches: to the last junction where streams meet or a signal stands.
double art_lane_group_length(const art_net *net, const art_lane_groups *groups, int32_t group);

#endif  // ART_CORE_NET_LANE_GROUPS_H
