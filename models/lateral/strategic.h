/// \file strategic.h
/// How much the route needs a lane change.
#ifndef ART_MODELS_LATERAL_STRATEGIC_H
#define ART_MODELS_LATERAL_STRATEGIC_H
#include "core/step/kernels.h"

/// From 0.1 far ahead to 1 where the last of the changes must have been made. Each change still to be made has a reach
/// of its own, which eager drivers (lc_strategic) lengthen; within it the need rises. Pure, thread-safe.
float art_strategic_need(const art_change_view *view);

#endif  // ART_MODELS_LATERAL_STRATEGIC_H
