/// \file gap_capacity.h
/// What a minor movement gets through a priority stream, by formula: headways of the Highway Capacity Manual 7
/// (chapter 20), Siegloch's capacity, and the delay that all its methods for junctions without signals share. Pure
/// functions; flows in veh/h, times in seconds. Nothing here enters the state of a simulation.
#ifndef ART_MODELS_JUNCTION_GAP_CAPACITY_H
#define ART_MODELS_JUNCTION_GAP_CAPACITY_H

typedef enum art_minor_movement {
  ART_MINOR_MAJOR_LEFT,  ///< left turn out of the major road
  ART_MINOR_RIGHT,
  ART_MINOR_THROUGH,
  ART_MINOR_LEFT
} art_minor_movement;

typedef struct art_gap_headways {
  double critical_s;   ///< smallest gap that is accepted
  double follow_up_s;  ///< between two vehicles that use the same gap
} art_gap_headways;

/// Headways at a major road of two lanes (one each way), level. `heavy_share` 0 .. 1 of the movement's vehicles; on a
/// junction of three arms the left turn out of the minor road needs 0.7 s less.
art_gap_headways art_gap_headways_hcm(art_minor_movement movement, double heavy_share, int three_arms);

/// The Manual's potential capacity, v e^(-v tc / 3600) / (1 - e^(-v tf / 3600)) for a Poisson stream.
double art_gap_capacity_hcm(double stream_vph, art_gap_headways headways);
/// Siegloch (1973): 3600 / tf e^(-v (tc - tf / 2) / 3600).
double art_gap_capacity_siegloch(double stream_vph, art_gap_headways headways);

/// Service and queue, 3600 / c + 900 T (x - 1 + sqrt((x - 1)^2 + (3600 / c) x / (450 T))), seconds per vehicle, T the
/// period in hours. INFINITY where there is flow and no capacity. Deceleration and acceleration come on top: 5 s at a
/// stop sign, 5 s min(x, 1) at a yield line.
double art_gap_queue_delay(double flow_vph, double capacity_vph, double hours);

#endif  // ART_MODELS_JUNCTION_GAP_CAPACITY_H
