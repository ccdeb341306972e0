/// \file approaches.h
/// What a simulation measures at signals, lane group by lane group and cycle by cycle, and every passage of a stop
/// line. Only where art_sim_setup.approaches asks for it.
///
/// A cycle lasts from the begin of red to the next one. Its vehicles are those that cross the stop line in it. Their
/// *control delay* is that of the Highway Capacity Manual: the time that they take longer than at their own desired
/// speed, from where the approach begins (art_lane_group_length) through braking, standing and moving up, over the
/// node, and on until they have regained their speed.
#ifndef ART_CORE_STEP_APPROACHES_H
#define ART_CORE_STEP_APPROACHES_H
#include "core/net/lane_groups.h"
#include "core/step/sim.h"

/// Sums of one cycle of a lane group; integers. Instants: -1 has not come.
typedef struct art_signal_cycle {
  int32_t group;
  uint8_t is_complete;  ///< 0: it had begun before the run, or had not ended with it
  art_tick begin_ms, green_ms, yellow_ms, end_ms;  ///< red, green and yellow begin; red begins again
  int32_t volume;                                  ///< vehicles over the stop line
  int32_t on_green;  ///< of these: undelayed, they would have come to the line on green
  int32_t stopped;   ///< of these: had been slower than 5 km/h on the link before the line
  int32_t stops;     ///< of these: times that they fell below 5 km/h after having been above 15
  int64_t delay_ms;  ///< of these: control delay
  int32_t queue_mm;  ///< back of queue: from the line to the rear of the farthest that was slower than 5 km/h
  int32_t queue_vehicles;  ///< its place in the queue, those that left it in this green included
  int32_t left_over;       ///< vehicles that had stopped, and were not through when red came
  int32_t headways;        ///< between vehicles of queues of 8 and more, from the 4th on
  int64_t headway_ms;
  int32_t fourths;    ///< such queues
  int64_t fourth_ms;  ///< from the begin of green to their fourth vehicle
  int32_t
      used_ms;  ///< green that vehicles use: gaps before vehicles added up, each at most 3 s; busiest lane
} art_signal_cycle;

/// One passage of a stop line.
typedef struct art_line_passage {
  art_tick time_ms;     ///< front bumper
  art_tick arrival_ms;  ///< when it would have come there undelayed
  int32_t group, lane, trip;
} art_line_passage;

/// Lane groups of the simulation; NULL if it does not measure. Owned by it.
const art_lane_groups *art_sim_lane_groups(const art_sim *sim);
/// Cycles that are over and whose vehicles have regained their speed, since the last call: by the step in which the last one
/// had, then by their end, then by group. `all`: the others too, as they are; for the end of a run. With several ranks the
/// first one gets those of all, the others none; collective. Owned by the simulation until the next call.
int64_t art_sim_take_cycles(art_sim *sim, int all, const art_signal_cycle **cycles);
/// Passages since the last call, by time, then lane. Ranks and ownership as above.
int64_t art_sim_take_passages(art_sim *sim, const art_line_passage **passages);

#endif  // ART_CORE_STEP_APPROACHES_H
