/// \file approaches_internal.h
/// Inside of the measurements at signals. Private to core/step.
#ifndef ART_CORE_STEP_APPROACHES_INTERNAL_H
#define ART_CORE_STEP_APPROACHES_INTERNAL_H
#include "core/step/approaches.h"
#include "core/step/sim_internal.h"

/// A link lane before a signal, or one before that on the same approach. Written by the owner of the lane in move, and
/// by the serial part between steps.
typedef struct art_line {
  int32_t group;  ///< -1: a lane farther upstream
  int32_t lane;
  int32_t full_mm;  ///< a queue so long may go on in the lane before; INT32_MAX: there is none
  // last step: the farthest one that is slow, and that has been slow
  art_tick at_ms;
  int32_t now_mm, now_vehicles, now_stopped;
  // this cycle
  int32_t volume, on_green, stopped, stops;
  int64_t delay_ms;
  int32_t queue_mm, queue_vehicles;
  // this green
  int32_t queued;  ///< in the queue when it began
  int32_t passed;
  int32_t due, passed_due;      ///< when it ended: those that had stopped, and `passed`
  art_tick fourth_ms, last_ms;  ///< of the queue
  int32_t last;                 ///< number of the one at last_ms
  art_tick before_ms;           ///< last passage
  int32_t used_ms;
} art_line;

enum { ART_GREENS_KEPT = 8, ART_QUEUE_LINKS = 8 };  ///< greens remembered; links that a queue is followed over
typedef struct art_group_state {
  char light;      ///< 'G', 'y', 'r'; 0: not yet known
  int32_t row;     ///< open cycle
  int32_t greens;  ///< that have begun
  art_tick green_ms[ART_GREENS_KEPT],
      yellow_ms[ART_GREENS_KEPT];  ///< begin and end (-1: lasts), number % kept
} art_group_state;

/// A cycle and those of its vehicles that have not regained their speed. All ranks open and end the same cycles in the same
/// slots, because they show the same lights; counts, sums and `pending` are what this rank has to add to those of the others.
typedef struct art_cycle_slot {
  art_signal_cycle cycle;
  art_tick settled_ms;  ///< begin of the step in which the last of its vehicles regained its speed here; -1: none has
  int32_t pending;
  uint8_t is_used, is_over;
} art_cycle_slot;

typedef struct art_passage_log {
  art_line_passage *item;
  int64_t count, capacity;
} art_passage_log;

typedef struct art_approaches {
  art_lane_groups groups;  ///< the rest is there only where approaches are measured
  int32_t line_count;
  art_line *line;      ///< those of groups in the order of groups.lane, then the others
  int32_t *lane_line;  ///< [lane_count], -1 none
  art_group_state *state;
  char *aspect;  ///< by connector, as lights were read last
  uint8_t has_aspects;
  int32_t any_full;  ///< some queue reaches its line's full_mm (set by any thread)
  int32_t slot_count, slot_from;  ///< slot_from: all slots before it are used
  art_cycle_slot *slot;
  int32_t over_count, over_capacity;
  int32_t *over;  ///< slots that are over and not yet taken, in the order of their ends
  int64_t done_capacity;
  art_signal_cycle *done;  ///< what was taken last
  art_passage_log *log;  ///< by thread
  art_passage_log all;
} art_approaches;

void art_approaches_create(art_sim *sim, int wanted);
void art_approaches_free(art_sim *sim);
/// Takes over what the lanes of a group counted, and clears it.
void art_approach_gather(art_approaches *a, int32_t group, art_signal_cycle *cycle);
/// The green of a group ends now.
void art_approach_end_green(art_sim *sim, int32_t group);
/// When signals have taken the aspects of a new instant. Serial.
void art_approaches_update(art_sim *sim);
/// Queue on lane k of a block, after the move.
void art_approach_lane(art_sim *sim, art_block *block, int32_t k);
/// A front comes onto a link, over a stop line into a node, and out of the node. The first two return 1 if an approach
/// begins here, and if the lane ends at a signal.
int art_approach_enter(art_sim *sim, int32_t trip, int32_t connector, art_tick at_ms);
/// Time lost on the approach up to an instant at which the free times of lanes left have been added up, what counts for the
/// signal before included (art_rare.counted_ms).
int64_t art_approach_delay(const art_sim *sim, int32_t trip, art_tick at_ms);
int art_approach_cross(art_sim *sim, int32_t lane, int32_t trip, uint8_t was_slow, art_tick at_ms,
                       int32_t thread);
/// Returns 1 if it has still to regain its speed: art_approach_recover is called from the next step on until it
/// returns 0, over further nodes without a stop line, too.
int art_approach_leave(art_sim *sim, int32_t trip, int32_t connector, art_tick at_ms, float past_m,
                       float speed_mps, float desired_mps);
int art_approach_recover(art_sim *sim, int32_t trip, float moved_m, float speed_mps, float desired_mps);
/// It crosses the next stop line, or arrives: what it has lost so far is all.
void art_approach_settle(art_sim *sim, int32_t trip);

#endif  // ART_CORE_STEP_APPROACHES_INTERNAL_H
