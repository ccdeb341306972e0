/// \file sotl.h
/// Self-organising traffic lights (Gershenson 2005; Cools, Gershenson and D'Hooghe 2013; Gershenson and Rosenblueth
/// 2012): each signal counts who comes to its red lights, and platoons form and carry a green wave with them, though no
/// signal knows another. Once a green has lasted its minimum, in this order:
///
///  1. blocked: who has green cannot leave, as the exits are full: the stage with the most waiting of those that can;
///  2. idle: nobody within sotl_reach_m of the green lights, somebody before red ones: the stage with the most waiting;
///  3. tail: of those who have green, 1 to sotl_tail_vehicles are within sotl_tail_m of the line, some of them moving:
///     they are let through. More of them are a platoon that may be cut;
///  4. threshold: vehicles x seconds within sotl_reach_m of the red lights of a stage exceed sotl_threshold: that stage,
///     the one with the most if there are several.
///
/// Gershenson turns all lights red where all exits are full. Here vehicles do not enter a node without room behind it
/// anyway, and neighbours that all wait in red for one another would never start again: the green stays.
#ifndef ART_MODELS_SIGNAL_SOTL_H
#define ART_MODELS_SIGNAL_SOTL_H
#include "core/step/control.h"

/// Looks once a second, or every decide_every_s if that is less. Reads lanes.
void art_sotl_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_SOTL_H
