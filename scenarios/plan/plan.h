/// \file plan.h
/// Predicts memory, time of a step and efficiency of a run on several ranks, from a city, its demand and the constants of a
/// machine. The network is cut as a run cuts it; what is assumed beyond that:
///
/// - A vehicle takes `slowdown` times its free travel time, and loads are means over the run: an imbalance that moves about
///   with the rush hour is not seen.
/// - Work of a rank = lanes x lane_ns + vehicles x vehicle_ns, shared by its threads; the slowest rank sets the step.
/// - Nothing of the communication is hidden behind work, and messages to several neighbours follow one another.
/// - With `copies`, the city is laid out that often side by side. Ranks are then like sixteen parts of a single city, scaled:
///   what lies at their rim grows with the square root of what they hold, and all have the longest rim and the most
///   neighbours that one of the parts has.
#ifndef ART_SCENARIOS_PLAN_PLAN_H
#define ART_SCENARIOS_PLAN_PLAN_H
#include <stdint.h>

#include "core/fleet/demand.h"
#include "core/net/network.h"
#include "core/num/real.h"
#include "scenarios/plan/machine.h"

/// What the demand puts on the road. Owned; free with art_plan_load_clear().
typedef struct art_plan_load {
  double *link_vehicles;  ///< [link_count], mean over the run
  double vehicles;        ///< their sum
  int64_t trips;          ///< that depart within the run
  art_tick span_ms;
} art_plan_load;
/// Fails (ART_E_INPUT) if nobody departs in [begin_ms, end_ms).
art_status art_plan_load_make(const art_net *net, const art_demand *demand, art_tick begin_ms, art_tick end_ms,
                              double slowdown, art_plan_load *out, art_error *err);
void art_plan_load_clear(art_plan_load *load);

typedef struct art_plan_setup {
  const art_net *net;
  const art_plan_load *load;
  art_machine machine;
  int32_t ranks, threads;  ///< threads of each rank
  int32_t nodes;           ///< computers; ranks are dealt out to them in order
  int32_t copies;          ///< of the city, >= 1
  art_tick step_ms;
} art_plan_setup;

/// Of the rank that needs longest, but where it says otherwise.
typedef struct art_plan {
  double lanes, vehicles;  ///< lanes of links and connectors
  double boundary_lanes;   ///< lanes of links to or from other ranks
  double halo_vehicles;    ///< those on them within halo_m
  double neighbours, far_neighbours;  ///< far: on another computer
  double imbalance;        ///< its work over the mean
  double work_us, halo_us, message_us, step_us;
  double efficiency;       ///< step of one such rank that does everything / (ranks x step)
  double run_s;            ///< all steps, without loading and writing
  double memory_mib;       ///< of the rank that needs most
} art_plan;
art_plan art_plan_make(const art_plan_setup *setup);

#endif  // ART_SCENARIOS_PLAN_PLAN_H
