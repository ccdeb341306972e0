/// \file kernels.h
/// The table of models that a run uses.
#ifndef ART_SCENARIOS_RUN_KERNELS_H
#define ART_SCENARIOS_RUN_KERNELS_H
#include "core/step/kernels.h"

/// All models of this version; static storage.
const art_kernels *art_models_kernels(void);

#endif  // ART_SCENARIOS_RUN_KERNELS_H
