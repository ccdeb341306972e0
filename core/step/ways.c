/// The connectors of the nodes as their decisions read them.
#include "core/step/ways.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alike.h"
#include "core/base/memory.h"

#define MOST_STREAMS 254

/// Rows under construction, and those of one connector.
typedef struct rows {
  art_alike *all;
  art_foe *own;
  int32_t count, capacity;
} rows;

static void add_foes(const art_net *net, art_ways *ways, int32_t c, rows *r)
{
  art_way *way = &ways->way[c];
  int32_t streams = 0;
  r->count = 0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
    const art_way *other = &ways->way[net->conflict_other[k]];
    const uint8_t place = other->place;
    const art_foe foe = { .enter_m = net->conflict_enter_m[k],
                          .exit_m = net->conflict_exit_m[k],
                          .other_enter_m = net->conflict_other_enter_m[k],
                          .other_exit_m = net->conflict_other_exit_m[k],
                          .other = other->index,
                          .kind = net->conflict_kind[k] & 15u,
                          .yield = net->conflict_yield[k] & 15u,
                          .other_place = place };
    ART_PUSH(r->own, r->count, r->capacity, foe);
    if (net->conflict_kind[k] == ART_CONFLICT_DIVERGE)
      way->forks |= ART_PLACE_BIT(place);
    else
      way->foes |= ART_PLACE_BIT(place);
    way->crosses |= net->conflict_kind[k] == ART_CONFLICT_CROSS;
    streams += net->conflict_yield[k];
  }
  way->first_foe = (int32_t)(art_alike_put(r->all, r->own, (size_t)r->count * sizeof *r->own) / sizeof *r->own);
  way->end_foe = way->first_foe + r->count;
  way->streams = (uint8_t)(streams < MOST_STREAMS ? streams : MOST_STREAMS);
  way->needs_room = way->crosses && net->connector_keep_clear[c] != 0;
}

static void keep_rows(art_ways *ways, rows *r)
{
  const size_t bytes = art_alike_bytes(r->all), count = bytes / sizeof *ways->foe;
  ways->foe_count = (int32_t)count;
  ways->foe = art_new_aligned(count, sizeof *ways->foe);
  if (bytes) memcpy(ways->foe, art_alike_data(r->all), bytes);
  art_alike_free(r->all);
  free(r->own);
  ways->foe_place = ART_NEW(uint8_t, count);
  for (size_t k = 0; k < count; ++k) ways->foe_place[k] = ways->foe[k].other_place;
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
    way->index = (uint16_t)i;
    way->is_one_of_many = count > ART_PLACES;
    way->from_place = place_of(ways, connectors, i, 0, &entries);
    way->to_place = place_of(ways, connectors, i, 1, &exits);
  }
}

art_ways art_ways_of(const art_net *net)
{
  art_ways ways = { .way = art_new_aligned((size_t)net->connector_count, sizeof(art_way)) };
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
  rows r = { .all = art_alike_new() };
  for (int32_t c = 0; c < net->connector_count; ++c) add_foes(net, &ways, c, &r);
  keep_rows(&ways, &r);
  return ways;
}

void art_ways_free(art_ways *ways)
{
  free(ways->way);
  free(ways->foe);
  free(ways->foe_place);
  *ways = (art_ways){ 0 };
}
