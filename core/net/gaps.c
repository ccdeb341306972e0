#include "core/net/gaps.h"

/// 0 straight, 1 towards the kerb, 2 across the opposing stream.
enum { STRAIGHT, NEAR, ACROSS };

static int side_of(const art_net *net, int32_t c, int left_hand)
{
  switch (net->connector_turn[c]) {
  case ART_TURN_RIGHT:
  case ART_TURN_PART_RIGHT: return left_hand ? ACROSS : NEAR;
  case ART_TURN_LEFT:
  case ART_TURN_PART_LEFT: return left_hand ? NEAR : ACROSS;
  case ART_TURN_U: return ACROSS;
  default: return STRAIGHT;
  }
}

static int yields(const art_net *net, int32_t c)
{
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k)
    if (net->conflict_yield[k] && net->conflict_kind[k] != ART_CONFLICT_DIVERGE) return 1;
  return 0;
}

/// Does any lane of the link that c comes from satisfy this: right of way without yielding (major), a straight path?
static int link_has(const art_net *net, int32_t c, int major)
{
  const int32_t link = net->lane_link[net->connector_from[c]];
  const int32_t first = net->lane_first_out[net->link_first_lane[link]],
                end = net->lane_first_out[net->link_first_lane[link + 1]];
  for (int32_t o = first; o < end; ++o)
    if (major ? net->connector_state[o] == 'M' : net->connector_turn[o] == ART_TURN_STRAIGHT) return 1;
  return 0;
}

static art_gap_pair priority_pair(const art_net *net, int32_t c, int side)
{
  if (link_has(net, c, 1)) return side == ACROSS ? ART_GAP_MAJOR_LEFT : (art_gap_pair){ 0 };
  if (side == NEAR) return ART_GAP_MINOR_RIGHT;
  if (side == STRAIGHT) return ART_GAP_MINOR_THROUGH;
  art_gap_pair pair = ART_GAP_MINOR_LEFT;
  if (!link_has(net, c, 0)) pair.critical_s -= ART_GAP_AT_T_LESS;
  return pair;
}

art_gap_pair art_net_gaps_of(const art_net *net, int32_t c, int left_hand)
{
  const art_gap_pair none = { 0 };
  const int side = side_of(net, c, left_hand);
  const int32_t from = net->lane_link[net->connector_from[c]], to = net->lane_link[net->connector_to[c]];
  const char state = net->connector_state[c];
  if (net->connector_signal[c] >= 0) return side == ACROSS && yields(net, c) ? ART_GAP_PERMITTED_LEFT : none;
  switch (net->node_kind[net->connector_node[c]]) {
  case ART_NODE_ALLWAY_STOP: {
    art_gap_pair pair = ART_GAP_ALLWAY;
    pair.follow_up_s += side == ACROSS ? ART_GAP_ALLWAY_ACROSS_S
                        : side == NEAR ? ART_GAP_ALLWAY_NEAR_S
                                       : 0.0f;
    return pair;
  }
  case ART_NODE_PRIORITY:
  case ART_NODE_PRIORITY_STOP:
  case ART_NODE_TRAFFIC_LIGHT:
  case ART_NODE_TRAFFIC_LIGHT_RIGHT_ON_RED:
    if ((state != 'm' && state != 's') || !yields(net, c)) return none;
    if (net->link_in_roundabout[to] && !net->link_in_roundabout[from]) return ART_GAP_ROUNDABOUT;
    return priority_pair(net, c, side);
  default: return none;
  }
}

int32_t art_net_prescribe_gaps(art_net *net, int left_hand)
{
  int32_t count = 0;
  for (int32_t c = 0; c < net->connector_count; ++c) {
    if (net->connector_critical_gap_s[c] > 0.0f || net->connector_follow_up_s[c] > 0.0f) continue;
    const art_gap_pair pair = art_net_gaps_of(net, c, left_hand);
    net->connector_critical_gap_s[c] = pair.critical_s;
    net->connector_follow_up_s[c] = pair.follow_up_s;
    count += pair.follow_up_s > 0.0f;
  }
  return count;
}
