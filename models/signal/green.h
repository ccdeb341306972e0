/// \file green.h
/// One green of one phase (of one ring): since when it is shown, how long it lasts, the walk within it. Shared by the
/// controllers that listen to sensors, which say what stands around it: others who wait, coordination, a bus.
///
/// Rules: not before the minimum, nor before people who walk are over; then it ends where no sensor was crossed for its
/// passage time (gap-out), at the latest after its maximum, which counts from where somebody else waits (max-out).
/// Where nobody waits it rests. Sources: NEMA TS 2-2003 clause 3.5.3; FHWA, Signal Timing Manual (FHWA-HOP-08-024),
/// chapter 5.
#ifndef ART_MODELS_SIGNAL_GREEN_H
#define ART_MODELS_SIGNAL_GREEN_H
#include "models/signal/phases.h"
#include "models/signal/priority.h"

enum { ART_WALK_OFF, ART_WALK_ON, ART_WALK_CLEARS, ART_WALK_OVER };

/// Part of a controller's memory, int64_t only.
typedef struct art_green {
  int64_t phase;
  int64_t entered_ms;           ///< wanted since
  int64_t has_begun, begin_ms;  ///< drivers see it since
  int64_t has_rival, rival_ms;  ///< somebody else can be served, since
  int64_t walk, walk_ms;        ///< ART_WALK_..., since
  int64_t is_held, held_ms;     ///< held for a bus: where it would have ended
} art_green;

/// What stands around a green at this instant.
typedef struct art_green_frame {
  const art_phases *p;
  const art_calls *calls;
  const art_wish *wish;
  int has_rival;          ///< somebody else waits who can be served
  int is_timed;           ///< sensors do not count: ends at hold_ms, or at once
  art_tick hold_ms;       ///< coordination does not let it end before; LONG_AGO: does not mind
  art_tick force_off_ms;  ///< and ends it there; NEVER: does not mind
  int ignores_max;        ///< only force_off_ms ends it
  int64_t least_ms;       ///< minimum; 0: as the phase states it
} art_green_frame;

/// The phase is wanted from now on; people who wait for it may walk as soon as it is shown.
void art_green_enter(art_green *green, const art_phases *p, const art_calls *calls, int32_t phase);
/// Notes whether drivers see it by now and moves the walk on.
void art_green_look(art_green *green, const art_green_frame *frame);
/// When it ends if nothing else happens. NEVER: it rests, or is not shown yet. Notes since when it is held for a bus.
art_tick art_green_end(art_green *green, const art_green_frame *frame);
/// When the walk changes next if coordination holds the green until hold_ms; NEVER: it does not.
art_tick art_green_walk_ms(const art_green *green, const art_phases *p, art_tick hold_ms);
/// It was not sensors that ended it: somebody was still coming.
int art_green_is_cut(const art_green *green, const art_phases *p);
/// People who started have to get over before it ends. Ends the walk if it can.
int art_green_stops_walk(art_green *green, const art_phases *p);
/// Letter of a group in this green.
char art_green_letter(const art_green *green, const art_phases *p, int32_t group);
/// Time that the phase needs at least if it is entered now: minimum, or walk and clearance for those who wait.
int64_t art_green_need_ms(const art_phases *p, const art_calls *calls, int32_t phase);
/// Coordination: it may still be entered after `way_ms` if it is to end at `due_ms`. People who need longer than its
/// green lasts by the clock come all the same, and the next one begins late; so does a phase that is late by a second.
int art_green_fits(const art_phases *p, int64_t way_ms, int64_t need_ms, int64_t nominal_ms, art_tick due_ms);
/// Does the wish's vehicle need another phase?
int art_green_is_in_the_way(const art_green *green, const art_green_frame *frame);

#endif  // ART_MODELS_SIGNAL_GREEN_H
