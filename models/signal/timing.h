/// \file timing.h
/// Analytic formulas of signal timing: cycle length (Webster 1958), capacity and control delay (Highway Capacity
/// Manual 7, chapter 19), permitted turns by gap acceptance, deterministic queues. Pure functions; flows in veh/h,
/// times in seconds. Nothing here enters the state of a simulation.
#ifndef ART_MODELS_SIGNAL_TIMING_H
#define ART_MODELS_SIGNAL_TIMING_H

/// Webster's cycle of least delay, (1.5 L + 5) / (1 - Y). INFINITY for Y >= 1.
double art_timing_webster_cycle(double lost_s, double critical_flow_ratio);

/// The shortest cycle that serves the flow at a degree of saturation x of the critical movements, L x / (x - Y).
/// With x = 1 the shortest cycle at all. INFINITY for Y >= x.
double art_timing_min_cycle(double lost_s, double critical_flow_ratio, double x);

/// Degree of saturation of the critical movements when a cycle is split in proportion to their flow ratios.
double art_timing_critical_saturation(double lost_s, double critical_flow_ratio, double cycle_s);

/// One lane group under one plan.
typedef struct art_timing_approach {
  double cycle_s;
  double green_s;         ///< effective green
  double saturation_vph;  ///< discharge while it is green, all lanes of the group
  double flow_vph;        ///< arrivals
} art_timing_approach;

/// Vehicles an hour that can pass: s g / C.
double art_timing_capacity(const art_timing_approach *a);
/// v / c; INFINITY when there is flow and no capacity.
double art_timing_saturation_degree(const art_timing_approach *a);

/// HCM uniform delay d1, seconds per vehicle.
double art_timing_uniform_delay(double cycle_s, double green_s, double x);
/// HCM incremental delay d2 for an analysis period of `hours`, pretimed control (k = 0.5), upstream filtering `filter`
/// (I; 1 for an isolated signal). Seconds per vehicle.
double art_timing_incremental_delay(double capacity_vph, double x, double hours, double filter);
/// d1 + d2 with I = 1.
double art_timing_control_delay(const art_timing_approach *a, double hours);
/// Webster's three-term delay, defined for x < 1; INFINITY otherwise.
double art_timing_webster_delay(const art_timing_approach *a);

/// The deterministic queue of one cycle (arrivals and departures at constant rates, no queue left over).
typedef struct art_timing_queue {
  double at_red_end;      ///< vehicles standing when green starts
  double clears_after_s;  ///< into green
  double back;            ///< vehicles that have stopped when the last one starts: the back of queue
  double stopped_share;   ///< of all vehicles
  double delay_s;         ///< mean over all vehicles
} art_timing_queue;
/// Needs x < 1.
art_timing_queue art_timing_uniform_queue(const art_timing_approach *a);
/// Queue left after `hours` of flow above capacity, vehicles; and the mean delay it causes, seconds.
double art_timing_overflow_queue(double flow_vph, double capacity_vph, double hours);
double art_timing_overflow_delay(double flow_vph, double capacity_vph, double hours);

/// Vehicles an hour that find a gap in a priority stream: v e^(-v tc / 3600) / (1 - e^(-v tf / 3600)); 3600 / tf
/// without a stream. tc critical headway, tf follow-up headway.
double art_timing_gap_capacity(double stream_vph, double critical_s, double follow_up_s);

/// HCM level of service of a signalised lane group, 'A' .. 'F'.
char art_timing_level_of_service(double delay_s, double x);

#endif  // ART_MODELS_SIGNAL_TIMING_H
