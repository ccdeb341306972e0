/// \file grants.h
/// Junctions by conflict points: who may pass, in which order. A grant is a place in an order, not a lock: at every
/// conflict a vehicle waits only for lower numbers, follows them physically, and may be granted behind one that will
/// clear first. docs/engine.md lists the rules.
#ifndef ART_MODELS_JUNCTION_GRANTS_H
#define ART_MODELS_JUNCTION_GRANTS_H
#include "core/step/kernels.h"

/// Orders and grants all passages of one node. Pure: reads the junction, writes the out part of its passages and
/// next_order. The result does not depend on the order of the passages given. Thread-safe on disjoint junctions.
void art_grants_decide(art_junction *junction);

#endif  // ART_MODELS_JUNCTION_GRANTS_H
