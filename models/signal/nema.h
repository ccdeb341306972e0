/// \file nema.h
/// NEMA control: rings of phases side by side, with barriers that all rings cross together. Sources: NEMA TS 2-2003
/// clause 3.5; FHWA, Signal Timing Manual (FHWA-HOP-08-024), chapters 4 to 6. Programs of SUMO's NEMA controller mean
/// the same.
///
/// - Up to 4 rings. A ring serves the phases of its side of the barrier in the order of their rows, those that are
///   called; its last one waits for the other rings; with is_simultaneous_gap it may be extended again meanwhile, up
///   to its maximum.
/// - Where nobody else calls, the phases rest. A ring that has no call beyond a barrier which the others cross takes
///   its first phase with DUAL_ENTRY there, else it is dark.
/// - Coordinated: phases with COORDINATED end at their place in the cycle, never before. Then others that are called
///   follow if their minimum still fits before their own place (force-off), and, unless is_type_170, when the phase
///   before them could not be served any more (permissive periods). Splits are split_ms, else maximum, yellow and red.
/// - The offset is the begin of the first coordinated green (TS2), or its yellow (is_type_170).
#ifndef ART_MODELS_SIGNAL_NEMA_H
#define ART_MODELS_SIGNAL_NEMA_H
#include "core/step/control.h"

/// Pure; see art_control_view. `phase` is that of the first ring that has one.
void art_nema_control(art_control_view *view);

#endif  // ART_MODELS_SIGNAL_NEMA_H
