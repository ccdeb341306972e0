/// The connectors of the nodes as their decisions read them.
#include "core/step/ways.h"

#include <stdlib.h>

#include "core/base/memory.h"

#define MOST_STREAMS 254

static void add_foes(const art_net *net, art_ways *ways, int32_t c)
{
  art_way *way = &ways->way[c];
  int32_t streams = 0;
  way->first_foe = net->conflict_first[c];
  way->end_foe = net->conflict_first[c + 1];
  for (int32_t k = way->first_foe; k < way->end_foe; ++k) {
    const int32_t other = net->conflict_other[k];
    const uint8_t place = ways->way[other].place;
    ways->foe[k] = (art_foe){ .enter_m = net->conflict_enter_m[k],
                              .exit_m = net->conflict_exit_m[k],
                              .other_enter_m = net->conflict_other_enter_m[k],
                              .other_exit_m = net->conflict_other_exit_m[k],
                              .other = other,
                              .kind = net->conflict_kind[k],
                              .yield = net->conflict_yield[k],
                              .other_place = place };
    ways->foe_place[k] = place;
    if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE)
      way->forks |= ART_PLACE_BIT(place);
    else
      way->foes |= ART_PLACE_BIT(place);
    way->crosses |= net->conflict_kind[k] == ART_CONFLICT_CROSS;
    streams += net->conflict_yield[k];
  }
  way->streams = (uint8_t)(streams < MOST_STREAMS ? streams : MOST_STREAMS);
  way->needs_room = way->crosses && net->connector_keep_clear[c];
}

/// Number of a lane among those of the node: as the first connector had it that has the same one.
static uint8_t place_of(const art_ways *ways, const int32_t *connectors, int32_t i, int is_exit, int32_t *next)
{
  const art_way *me = &ways->way[connectors[i]];
  for (int32_t e = 0; e < i; ++e) {
    const art_way *other = &ways->way[connectors[e]];
    if (is_exit ? other->to_lane == me->to_lane : other->from_lane == me->from_lane)
      return is_exit ? other->to_place : other->from_place;
  }
  return (uint8_t)((*next)++ % ART_PLACES);
}

static void number_node(const art_net *net, art_ways *ways, int32_t node)
{
  const int32_t *connectors = net->node_connector + net->node_first_connector[node];
  const int32_t count = net->node_first_connector[node + 1] - net->node_first_connector[node];
  int32_t entries = 0, exits = 0;
  for (int32_t i = 0; i < count; ++i) {
    art_way *way = &ways->way[connectors[i]];
    way->place = (uint8_t)(i % ART_PLACES);
    way->from_place = place_of(ways, connectors, i, 0, &entries);
    way->to_place = place_of(ways, connectors, i, 1, &exits);
  }
}

art_ways art_ways_of(const art_net *net)
{
  art_ways ways = { .way = art_new_aligned((size_t)net->connector_count, sizeof(art_way)),
                    .foe = art_new_aligned((size_t)net->conflict_count, sizeof(art_foe)),
                    .foe_place = ART_NEW(uint8_t, net->conflict_count) };
  for (int32_t c = 0; c < net->connector_count; ++c)
    ways.way[c] = (art_way){ .length_m = net->lane_length_m[art_net_lane_of_connector(net, c)],
                             .hold_m = net->connector_hold_m[c],
                             .exit_m = net->lane_length_m[net->connector_to[c]],
                             .node = net->connector_node[c],
                             .from_lane = net->connector_from[c],
                             .to_lane = net->connector_to[c],
                             .state = net->connector_state[c],
                             .signal = net->connector_signal[c] };
  for (int32_t node = 0; node < net->node_count; ++node) number_node(net, &ways, node);
  for (int32_t c = 0; c < net->connector_count; ++c) add_foes(net, &ways, c);
  return ways;
}

void art_ways_free(art_ways *ways)
{
  free(ways->way);
  free(ways->foe);
  free(ways->foe_place);
  *ways = (art_ways){ 0 };
}
