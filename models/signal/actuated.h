/// \file actuated.h
/// Actuated control: phases in order, green extended and skipped by sensors. As `actuated` of SUMO where a program
/// comes from there, with what controllers in the field do beyond it.
///
/// - Green phases have a minimum, a maximum and sensors (models/signal/green.h); phases with yellow, and others that
///   let nobody go, last their duration. Where the program writes out no yellow, the guard makes it.
/// - After a green comes the next one in order that is called or that has no flag MAY_SKIP; if there is none, it rests.
///   A phase with a list of what may follow (MANUAL_NEXT) takes the one with the most calls, the first one if nobody
///   calls; phases that have waited longer than inactive_s go first.
/// - Coordinated: place of the end of each green in the cycle as by the clock (durations, or splits where stated).
///   Phases with flag COORDINATED end there, never before; the others end there at the latest (fixed force-off), or
///   also after their maximum (floating). What has no time left until its place is skipped, if it may be.
#ifndef ART_MODELS_SIGNAL_ACTUATED_H
#define ART_MODELS_SIGNAL_ACTUATED_H
#include "core/step/control.h"

/// Pure; see art_control_view.
void art_actuated_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_ACTUATED_H
