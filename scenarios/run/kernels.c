#include "scenarios/run/kernels.h"

#include "models/junction/grants.h"
#include "models/lateral/cooperative.h"
#include "models/lateral/kerb.h"
#include "models/lateral/mobil.h"
#include "models/lateral/strategic.h"
#include "models/longitudinal/models.h"
#include "models/signal/actuated.h"
#include "models/signal/fixed.h"
#include "models/signal/guard.h"
#include "models/signal/nema.h"
#include "models/signal/stages.h"

/// One line per kind of control.
#define CONTROL(kind, function, reads) \
  .control[ART_CONTROL_##kind] = (function), .control_reads[ART_CONTROL_##kind] = (reads)
#include "models/signal/adaptive.h"
#include "models/signal/max_pressure.h"
#include "models/signal/sotl.h"

const art_kernels *art_models_kernels(void)
{
  static const art_kernels kernels = {
#define X(model, name, rule, columns)                                                               \
  .follow[ART_MODEL_##model] = art_##name##_follow, .accel[ART_MODEL_##model] = art_##name##_accel, \
  .integration[ART_MODEL_##model] = (rule), .needs[ART_MODEL_##model] = (columns),
    ART_LONGITUDINAL_MODELS(X)
#undef X
        .need = art_strategic_need,
    .change = art_mobil_change,
    .to_kerb = art_kerb_change,
    .let_in = art_cooperative_let_in,
    .align = art_cooperative_align,
    .behind_faster_lane = art_kerb_behind_faster_lane,
    .decide = art_grants_decide,
    .guard = art_signal_guard,
    // Kinds of control: what decides, and what it reads beside sensors. Off and flashing are the engine's own.
    CONTROL(FIXED, art_fixed_control, ART_READS_CALLS),
    CONTROL(ACTUATED, art_actuated_control, ART_READS_CALLS),
    CONTROL(NEMA, art_nema_control, ART_READS_CALLS),
    CONTROL(STAGES, art_stages_control, ART_READS_CALLS),
    CONTROL(MAX_PRESSURE, art_max_pressure_control, ART_READS_LANES | ART_READS_PASSAGES),
    CONTROL(SOTL, art_sotl_control, ART_READS_LANES),
    CONTROL(ADAPTIVE, art_adaptive_control, ART_READS_LANES | ART_READS_PASSAGES),
  };
  return &kernels;
}
