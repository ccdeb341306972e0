/// \file guard.h
/// The guard of a signal: whatever is wanted, greens last their minimum and end with yellow, conflicting ones never meet
/// and keep their time between, red-yellow comes before green where it is the custom.
#ifndef ART_MODELS_SIGNAL_GUARD_H
#define ART_MODELS_SIGNAL_GUARD_H
#include "core/step/control.h"

/// Shows of what is wanted as much as the rules allow at this instant. Letters that no signal has count as red. Of two
/// conflicting groups that could begin at once the first one begins. Returns how many groups differ from what is wanted.
/// Pure.
int32_t art_signal_guard(art_guard_view *view);

#endif  // ART_MODELS_SIGNAL_GUARD_H
