/// \file detect_internal.h
/// Detectors, and how a body moved in a step. Private to core/step.
#ifndef ART_CORE_STEP_DETECT_INTERNAL_H
#define ART_CORE_STEP_DETECT_INTERNAL_H
#include "core/step/sim_internal.h"

/// How a front moved in a step, places along one lane: evenly accelerated, or at one speed if it was held on the way.
typedef struct art_stride {
  float from_m, to_m;
  float start_mps, accel_mps2;
} art_stride;
/// From both places and the speed at the end of the step.
art_stride art_stride_of(float from_m, float to_m, float speed_mps, float step_s);
/// Speed after way_m of it, and the instant since the step began.
float art_stride_speed(const art_stride *s, float way_m);
int64_t art_stride_ms(const art_stride *s, float way_m, int32_t step_ms);

void art_detect_create(art_sim *sim);
void art_detect_free(art_sim *sim);
/// Lane k of a block after the move, block->gap_m holding the places before it: everybody with the front on it.
void art_detect_lane(art_sim *sim, const art_block *block, int32_t k);
/// The same for bodies that reach back from lane k over detectors of lanes behind.
void art_detect_behind(art_sim *sim, const art_block *block, int32_t k);
/// One whose front came onto a lane within the step; from_m is negative.
void art_detect_front(art_sim *sim, int32_t lane, float from_m, float to_m, float speed_mps, int32_t trip, int32_t type);
/// Its way ends: it leaves the zones that it is in.
void art_detect_arrived(art_sim *sim, int32_t trip, art_tick at_ms);
/// Queues of areas. Serial, when all blocks have moved.
void art_detect_step(art_sim *sim);
/// Completes the sums of an interval that ends now.
void art_detect_close(art_sim *sim);

#endif  // ART_CORE_STEP_DETECT_INTERNAL_H
