/// \file measure.h
/// Simulates a demand and measures what calibration needs: flows of links in the scored window, which groups of trips
/// passed which counted links in it, and where queues covered a link.
#ifndef ART_SCENARIOS_CALIBRATE_MEASURE_H
#define ART_SCENARIOS_CALIBRATE_MEASURE_H
#include <stdint.h>

#include "scenarios/calibrate/trip_groups.h"
#include "scenarios/run/run.h"

/// Which counted links lie on which group's route: row of entry k of group g for first[g] <= k < first[g + 1].
/// A route that passes a link twice has two entries. Owned; free with art_incidence_clear().
typedef struct art_incidence {
  int32_t row_count;  ///< counted links
  int32_t *row_link;  ///< link of a row
  int32_t *link_row;  ///< [links of the net] row of a link, -1: not counted
  int64_t *first;     ///< [groups + 1]
  int32_t *row;
} art_incidence;
void art_incidence_build(const art_demand *demand, const art_trip_groups *groups, const art_net *net,
                         int32_t row_count, const int32_t *row_link, art_incidence *out);
void art_incidence_clear(art_incidence *incidence);

/// Owned; free with art_measurement_clear(). Means over the seeds simulated.
typedef struct art_measurement {
  int replications;
  double *flow_vph;      ///< [rows] vehicles that left the link in the window, per hour
  double *run_flow_vph;  ///< [replications][rows] the same of every run
  double *passages;  ///< [entries of the incidence] trips of the group that left the row's link in the window
  double *queue_share;  ///< [links] of the window's intervals in which a queue covered the link
  double *
      growth;  ///< [links] vehicles on the link and outside before it, more at the window's end than at its begin
  double *outside;  ///< [links] trips that wait to enter there at the window's end
  double waiting;   ///< trips outside for want of room at the end of the window
  double
      mean_delay_s;  ///< insertion delay, mean over trips that departed in the window (waiting ones until its end)
  uint64_t hash;  ///< of the last run
  int64_t updates;
} art_measurement;

/// The window and how to look at it.
typedef struct art_window {
  int64_t begin_ms;        ///< of the simulation
  int64_t from_ms, to_ms;  ///< scored
} art_window;

/// The same shares without queues: passages[entry] trips of the group that leave the row's link in the window if every
/// trip enters on time and drives at free speed, with time lost at signals that is no sign of a queue.
void art_free_passages(const art_demand *demand, const art_trip_groups *groups, const art_net *net,
                       const art_incidence *incidence, const art_window *window, double *passages);

/// Runs `demand` (made from the grouped one by `origin`) with seeds seed, seed + 1 ... `replications` of them, up to the
/// window's end.
art_status art_measure(const art_case *c, const art_demand *demand, const int32_t *origin,
                       const art_trip_groups *groups, const art_incidence *incidence,
                       const art_window *window, uint64_t seed, int replications, int threads,
                       art_measurement *out, art_error *err);
void art_measurement_clear(art_measurement *measurement);

#endif  // ART_SCENARIOS_CALIBRATE_MEASURE_H
