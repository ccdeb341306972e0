/// \file mobil.h
/// Lane changing: MOBIL (Kesting, Treiber, Helbing 2007, "General lane-changing model MOBIL for car-following models").
/// Accelerations before and after a change decide; any car-following model gives them.
#ifndef ART_MODELS_LATERAL_MOBIL_H
#define ART_MODELS_LATERAL_MOBIL_H
#include "core/step/kernels.h"

/// What the change would gain: one's own acceleration, and with weight `politeness` that of the new and the old follower.
float art_mobil_incentive(const art_change_view *view, float politeness);
/// 1 if neither oneself nor the new follower would have to brake harder than limit_mps2, and bodies keep apart.
int art_mobil_safe(const art_change_view *view, float limit_mps2);
/// 1 if the change is safe and worth it. For route changes (need > 0) only safety counts, with a limit that rises with
/// need. Pure, thread-safe.
int art_mobil_change(const art_change_view *view);

#endif  // ART_MODELS_LATERAL_MOBIL_H
