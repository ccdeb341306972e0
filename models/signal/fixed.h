/// \file fixed.h
/// Fixed-time control with priority for buses and preemption for emergencies. Where a program reaches for neither, the
/// phase follows from the clock alone. After an intervention greens end at their places in the cycle again, sooner or
/// later than they lasted so far, whichever is nearer; none is cut below its minimum (5 s where none is stated).
#ifndef ART_MODELS_SIGNAL_FIXED_H
#define ART_MODELS_SIGNAL_FIXED_H
#include "core/step/control.h"

/// Pure; see art_control_view.
void art_fixed_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_FIXED_H
