/// \file mobil.h
/// Lane changing: MOBIL (Kesting, Treiber, Helbing 2007) with a route motive that grows towards the lane's end.
#ifndef ART_MODELS_LATERAL_MOBIL_H
#define ART_MODELS_LATERAL_MOBIL_H
#include "core/step/kernels.h"

/// 1 if the change is safe and worth it. For route changes (need > 0) only safety counts, with a limit that rises with
/// need. Pure, thread-safe.
int art_mobil_change(const art_change_view *view);

#endif  // ART_MODELS_LATERAL_MOBIL_H
