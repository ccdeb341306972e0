/// \file priority.h
/// Who asks a signal for more than its turn: buses and trams (transit priority), emergency vehicles (preemption). The
/// controllers of fixed, actuated, NEMA and stage programs all act on the same wish in the same way:
///
/// - a green that the bus will reach is held, at most priority_extension_s beyond its natural end;
/// - greens before the one that it needs end priority_early_s sooner, never before their minimum;
/// - an emergency vehicle gets its phase at once, as soon as minimum greens, walks and clearance times allow, for as
///   long as it calls.
///
/// Coordinated programs come back by themselves: the places where their phases end stay where they are in the cycle.
#ifndef ART_MODELS_SIGNAL_PRIORITY_H
#define ART_MODELS_SIGNAL_PRIORITY_H
#include "models/signal/phases.h"

/// The one that counts now: emergency first, then who arrives first, then the lower trip.
typedef struct art_wish {
  int32_t group;  ///< that it needs; -1: nobody wishes anything
  int32_t is_emergency;
  art_tick arrival_ms;  ///< when it gets to the stop line if nothing stops it
} art_wish;

/// Calls beyond the program's reach, and of groups that no phase serves, do not count.
art_wish art_priority_wish(const art_phases *p);

/// The green phase for an emergency vehicle: `running` if that serves it, else the first after it that gives it the
/// right of way, else the first that lets it go. -1: none.
int32_t art_priority_phase(const art_phases *p, const art_wish *wish, int32_t running);

#endif  // ART_MODELS_SIGNAL_PRIORITY_H
