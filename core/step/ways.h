/// \file ways.h
/// What the decisions of a node read of its connectors, packed: a record a connector, a record a conflict, and masks by
/// which most pairs need not be looked at. Made once from the network; connectors with the same conflicts share their records.
#ifndef ART_CORE_STEP_WAYS_H
#define ART_CORE_STEP_WAYS_H
#include <stdint.h>

#include "core/net/network.h"

/// Connectors, entry lanes and exit lanes of a node are numbered, modulo 64. A mask of such places may name too many: two
/// connectors of one place have to be told apart by their index.
#define ART_PLACES 64
#define ART_PLACE_BIT(place) (UINT64_C(1) << (place))

/// One connector.
typedef struct art_way {
  _Alignas(64) uint64_t foes;  ///< places of connectors that it crosses or merges with
  uint64_t forks;  ///< places of those that it parts from
  float length_m, hold_m;
  float exit_m;  ///< length of the lane that it leads to
  int32_t first_foe, end_foe;  ///< rows of `foe`
  int32_t from_lane, to_lane;
  uint8_t place, from_place, to_place;
  uint8_t streams;     ///< that it yields to, 254 at most
  uint8_t crosses : 1;     ///< 1: has a crossing conflict
  uint8_t needs_room : 1;  ///< 1: crosses others, and they want it to keep clear
  uint8_t is_one_of_many : 1;  ///< 1: its node has more connectors than places
  char state;          ///< as connector_state
  int32_t signal;      ///< -1: none
  int32_t node;
  uint16_t index;  ///< among the connectors of its node, as node_connector lists them
  // set by whoever steps; the maker leaves them 0
  uint8_t is_free;     ///< 1: no conflict and no signal, always open
  uint8_t only_light;  ///< 1: while its lane is red, nobody counts those who stand before it
} art_way;
_Static_assert(sizeof(art_way) == 64, "one cache line");
#define ART_NODE_CONNECTORS 65536  ///< most connectors of a node

/// A conflict as one of its two connectors sees it. Names the other one by its place at the node, so that rows of connectors
/// that are alike are the same.
typedef struct art_foe {
  float enter_m, exit_m;              ///< zone on this connector
  float other_enter_m, other_exit_m;  ///< the same zone on the other one
  uint16_t other;                     ///< art_way.index of the other one, of the same node
  uint8_t kind : 4, yield : 4;        ///< as conflict_kind, conflict_yield
  uint8_t other_place;
} art_foe;
_Static_assert(sizeof(art_foe) == 20, "no bytes between the members: rows are compared as bytes");

typedef struct art_ways {
  art_way *way;        ///< by connector
  int32_t foe_count;
  art_foe *foe;        ///< conflicts; connectors with the same ones in the same order share their rows
  uint8_t *foe_place;  ///< other_place alone, so that rows without anybody are passed over quickly
} art_ways;

/// The other connector of a conflict of a way.
static inline int32_t art_foe_connector(const art_net *net, const art_way *way, const art_foe *foe)
{
  return net->node_connector[net->node_first_connector[way->node] + foe->other];
}

/// Reads the indexed network; frees with art_ways_free.
art_ways art_ways_of(const art_net *net);
void art_ways_free(art_ways *ways);

#endif  // ART_CORE_STEP_WAYS_H
