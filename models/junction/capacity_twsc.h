/// \file capacity_twsc.h
/// Capacity and control delay of a junction of three arms whose minor road has a stop sign (Highway Capacity Manual 7,
/// chapter 20): one lane each way, no median to wait on, no signals upstream, no pedestrians. Junctions of four arms
/// need impedances of rank 4, which are not here. Pure.
#ifndef ART_MODELS_JUNCTION_CAPACITY_TWSC_H
#define ART_MODELS_JUNCTION_CAPACITY_TWSC_H

/// Flow rates of the peak quarter of an hour, veh/h. Numbers are the Manual's names of the movements.
typedef struct art_twsc {
  double near_through_vph;  ///< 2: on the major road, on the side of the minor road
  double near_right_vph;    ///< 3: turns right into the minor road
  double
      far_left_vph;  ///< 4: turns left into the minor road, from a lane of its own or without hindering others
  double far_through_vph;  ///< 5
  double minor_left_vph;   ///< 7
  double minor_right_vph;  ///< 9
  double heavy_share;      ///< of all movements, 0 .. 1
  double hours;            ///< length of the period, 0.25
} art_twsc;

/// Capacities in veh/h, delays in s per vehicle. The minor road has one lane for both of its movements.
typedef struct art_twsc_result {
  double far_left_conflict_vph, minor_left_conflict_vph, minor_right_conflict_vph;
  double far_left_capacity_vph, minor_right_capacity_vph;
  double minor_left_potential_vph;  ///< if nobody on the major road waited to turn left
  double minor_left_capacity_vph;   ///< with that impedance
  double minor_capacity_vph;        ///< of the shared lane; 0 without flow on the minor road
  double far_left_delay_s, minor_delay_s;
  double junction_delay_s;  ///< over all vehicles, those with the right of way at 0
} art_twsc_result;

art_twsc_result art_capacity_twsc(const art_twsc *junction);

#endif  // ART_MODELS_JUNCTION_CAPACITY_TWSC_H
