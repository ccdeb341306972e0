/// \file webster.h
/// Signal plans for a city from flows: one art_timing_optimise() per signal, then what couples signals (cycle, offset).
#ifndef ART_SCENARIOS_WHATIF_WEBSTER_H
#define ART_SCENARIOS_WHATIF_WEBSTER_H
#include <stdint.h>

#include "io/city/city.h"
#include "io/config/scenario.h"
#include "models/signal/timing_plan.h"
#include "scenarios/whatif/flows.h"

/// How cycles of different signals relate.
typedef enum art_cycle_rule {
  ART_CYCLE_OWN,     ///< each signal its own
  ART_CYCLE_KEEP,    ///< as they are now: splits only
  ART_CYCLE_COMMON,  ///< one for all: the longest that any of them wants
  ART_CYCLE_BEST     ///< art_optimize() only: whichever of these simulates best
} art_cycle_rule;

typedef struct art_webster_options {
  art_timing_options timing;
  art_cycle_rule cycle;
  double
      saturation_vph;  ///< of one lane, straight on; 0: as measured in the simulation, like the start-up lost time
  int32_t only_count;  ///< signals to retime; 0: all
  char *const *only;   ///< ids
} art_webster_options;
art_webster_options art_webster_options_default(void);

/// One signal before and after. Ids are borrowed from the city.
typedef struct art_webster_row {
  int32_t signal;
  int32_t phase_count;
  int64_t *duration_ms;  ///< new
  int64_t offset_ms;     ///< new
  art_timing_result result;
  int32_t lane_group_count;
  int32_t *link;     ///< [lane_group_count], where the lanes of the group are
  double *lanes;     ///< [lane_group_count]
  char (*turns)[8];  ///< [lane_group_count], letters of its directions: s t l r L R
  art_timing_lane_report *before, *after;
} art_webster_row;

typedef struct art_webster {
  int32_t count;
  art_webster_row *row;
  double flow_vph;                       ///< through all signals
  double delay_before_s, delay_after_s;  ///< HCM, mean over those vehicles
  int32_t oversaturated, unchanged;
  int32_t left_out;                       ///< signals without a row: what they run does not go by the clock
  int is_measured;                        ///< saturation flows come from the simulation
  double saturation_vph, startup_lost_s;  ///< used where a lane has no measurement of its own
} art_webster;

/// Whether there is a signal to plan, and each of `only` is one: in the city, and its program goes by the clock. ART_E_INPUT
/// otherwise. Cheap, so that it can be asked before a simulation.
art_status art_webster_check(const art_city *city, const art_webster_options *options, art_error *err);

/// Plans for the signals of the city that go by the clock with the flows given per connector. Borrowed arguments; *out is owned by the caller.
/// ART_E_INPUT as art_webster_check(), or names the signal whose program cannot be used.
art_status art_webster_plan(const art_city *city, const art_flows *flows, const art_webster_options *options,
                            art_webster *out, art_error *err);
void art_webster_clear(art_webster *webster);

/// The plan as a file holds it. Free with art_plan_clear().
void art_webster_to_plan(const art_webster *webster, const art_city *city, art_plan *plan);

#endif  // ART_SCENARIOS_WHATIF_WEBSTER_H
