/// \file partition.h
/// Cuts the nodes of a network into parts of equal load with few lanes between them. No communication.
#ifndef ART_CORE_PAR_PARTITION_H
#define ART_CORE_PAR_PARTITION_H
#include <stdint.h>

#include "core/net/network.h"

/// Two nodes that must share a part.
typedef struct art_bond {
  int32_t a, b;
} art_bond;
/// Fills part[node_count] with 0 .. parts - 1. Nodes under one signal always share a part, and so do those with a bond, whatever
/// that does to the balance; nodes joined by links shorter than the distance at which a vehicle asks for its grant do as long as
/// balance allows. Parts may be empty. load[node_count] > 0; NULL: what lengths of lanes let expect. Deterministic on one
/// machine. Not collective.
void art_par_partition_bound(const art_net *net, int32_t parts, int64_t bond_count, const art_bond *bond, const int64_t *load,
                             int32_t *part);

/// Load of each node, load[node_count], from the vehicles that are to be expected on each link: what they cost in a step with
/// what lanes and nodes cost without any. In fortieths of a vehicle.
void art_par_load_of(const art_net *net, const double *link_vehicles, int64_t *load);
enum { ART_LOAD_VEHICLE = 40, ART_LOAD_LANE = 4, ART_LOAD_NODE = 20 };

#endif  // ART_CORE_PAR_PARTITION_H
