/// \file adaptive.h
/// Fixed cycle, splits and offset that follow the traffic in small steps, in the manner of SCOOT (Hunt et al. 1981) and
/// SCATS (Sims and Dobinson 1980). At the end of each cycle:
///
///  - splits: the degree of saturation of a lane is the vehicles that it passed, and those it left standing when its
///    green was over, per cycle, over what its greens can pass. The stage whose fullest lane has the most gets green from
///    the one that has the least, a quarter of what would make them equal, at most adapt_step_s;
///  - offset: departures into the links that lead here, and from here into those that lead on, are counted by their
///    place in the cycle. Dispersed on the way (platoon.h) they meet the greens here and, as far as drivers see them
///    now, there. The shift of this signal that has the least delay in those queues is approached by half, at most
///    adapt_step_s, if it saves 3 %: neighbours do likewise. Where cycles differ the profiles are flat and nothing moves.
///
/// The cycle stays what the phases of the program add up to, so that neighbours can agree.
#ifndef ART_MODELS_SIGNAL_ADAPTIVE_H
#define ART_MODELS_SIGNAL_ADAPTIVE_H
#include "core/step/control.h"

/// Called once a second and at the ends of phases. Reads lanes and passages.
void art_adaptive_control(art_control_view *view);

/// What the program of the view is now: begin of the running cycle, and durations of all its phases in that cycle.
/// Returns their sum.
art_tick art_adaptive_plan(const art_control_view *view, art_tick *begin_ms, art_tick *duration_ms);

#endif  // ART_MODELS_SIGNAL_ADAPTIVE_H
