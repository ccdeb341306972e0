/// \file stages.h
/// Stages on call: groups that are green together, in any order, as the programs of central European controllers. The
/// guard makes the way from one stage to another out of the yellow and intergreen times of the groups.
///
/// - A stage lasts as in models/signal/green.h: minimum, gap-out, maximum, walk and clearance of people.
/// - Then comes, of those that are called: one that has waited for its max_red_ms, the longest wait first; one that a
///   bus needs, unless another one has waited for inactive_s; else the first in the list of what may follow, or in
///   the order of the program. Stages that are not in the list are reached through others.
/// - Where nobody calls it rests. A stage with a recall is called always.
#ifndef ART_MODELS_SIGNAL_STAGES_H
#define ART_MODELS_SIGNAL_STAGES_H
#include "core/step/control.h"

/// Pure; see art_control_view.
void art_stages_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_STAGES_H
