/// \file lane_choice.h
/// What it costs to leave a link by a lane: changes of lane that a way needs, counted over the next links. Drivers choose lanes by
/// it (core/step/lanes.c), and so do the trips of a static load (scenarios/generate/load_lanes.c). Pure functions, any thread.
#ifndef ART_CORE_NET_LANE_CHOICE_H
#define ART_CORE_NET_LANE_CHOICE_H
#include <stdint.h>

#define ART_LOOK_LINKS 8    ///< nobody looks farther than this many links ...
#define ART_LOOK_LEAST 3    ///< ... everybody at least this many ...
#define ART_LOOK_M 500.0f   ///< ... and until this length is covered
#define ART_LANE_IMPOSSIBLE 1e6f
/// On shorter links nobody plans to change lanes: what matters there is where the lane leads.
#define ART_SHORT_LINK_M 12.0f

/// Cost of one lane change on a link of this length: short links leave no time for it.
static inline float art_lane_change_cost(float length_m)
{
  if (length_m < ART_SHORT_LINK_M) return 100.0f;
  return length_m < 100.0f ? 1.0f + 0.7f * (100.0f / length_m - 1.0f) : 1.0f;
}

/// May one change from a lane of the link to that beside it, on the side given (1 away from the kerb, -1 towards it)?
typedef int art_lane_leads(const void *of, int32_t lane, int32_t side);

/// Least cost of leaving a link from its lane m, changes of lane included; *best (may be NULL) is the lane to leave it from. `direct`:
/// costs of its lanes without a change; `each`: of a change.
static inline float art_least_over_lanes(int32_t first, int32_t lanes, int32_t m, float each, const float *direct,
                                         art_lane_leads *leads, const void *of, int32_t *best)
{
  float least = direct[m];
  int32_t at = m;
  for (int32_t side = -1; side <= 1; side += 2)
    for (int32_t n = m; n + side >= 0 && n + side < lanes && leads(of, first + n, side); n += side) {
      const float cost = direct[n + side] + each * (float)(side * (n + side - m));
      if (cost >= least) continue;
      least = cost;
      at = n + side;
    }
  if (best) *best = at;
  return least;
}

#endif  // ART_CORE_NET_LANE_CHOICE_H
