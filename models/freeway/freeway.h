/// \file freeway.h
/// Capacity, speed and density of freeway segments, by the Highway Capacity Manual 7: basic segments (chapter 12),
/// one-sided weaving segments (13), isolated merges on carriageways of two lanes (14). For comparison with what the
/// simulation makes of the same road; nothing here enters its state. The Manual's regressions are in feet, miles and
/// passenger cars; these functions take and give SI, and convert inside. Flows are peak rates in passenger cars an hour
/// (pcph), densities passenger cars per km and lane. No adjustments for weather or driver population.
#ifndef ART_MODELS_FREEWAY_FREEWAY_H
#define ART_MODELS_FREEWAY_FREEWAY_H
#include <stdint.h>

/// Passenger cars per vehicle in level terrain is 1 + heavy_share (a heavy vehicle is two cars); its inverse is the
/// Manual's f_HV.
double art_freeway_heavy_factor(double heavy_share);
/// Passenger cars an hour in the peak quarter, from the vehicles of the hour.
double art_freeway_flow(double volume_vph, double peak_hour_factor, double heavy_factor);

/// Level of service by density, 'A' .. 'F'. A flow above capacity is F at any density, which is for the caller to say.
char art_freeway_level(double density_pcpkm);
/// The same in weaving segments and at merges; the latter are F above capacity only.
char art_freeway_weave_level(double density_pcpkm);
char art_freeway_merge_level(double density_pcpkm);

// ---- basic segments

typedef struct art_freeway_basic {
  double lane_width_m;
  double right_clearance_m;  ///< to the nearest obstacle
  int32_t lanes;             ///< of the carriageway, 2 or more
  double ramps_per_km;       ///< both kinds, 5 km upstream to 5 km downstream
} art_freeway_basic;
/// Free-flow speed from geometry, base 75.4 mi/h.
double art_freeway_free_speed(const art_freeway_basic *segment);
/// Passenger cars an hour and lane.
double art_freeway_lane_capacity(double free_speed_mps);
/// Mean speed at a flow per lane; NAN above capacity.
double art_freeway_speed(double free_speed_mps, double lane_flow_pcph);
double art_freeway_density(double lane_flow_pcph, double speed_mps);

// ---- weaving

typedef struct art_freeway_weave {
  double length_m;  ///< between the painted noses, where changes are allowed
  int32_t lanes, weaving_lanes;
  double free_speed_mps;
  double interchanges_per_km;
  double through_pcph;   ///< freeway to freeway
  double leaving_pcph;   ///< freeway to ramp
  double entering_pcph;  ///< ramp to freeway
  double ramp_to_ramp_pcph;
  int32_t leaving_changes;   ///< fewest lane changes that a leaving vehicle needs
  int32_t entering_changes;  ///< that an entering one needs
  double heavy_factor;
} art_freeway_weave;
typedef struct art_freeway_weave_result {
  double flow_pcph, weaving_share;
  double longest_m;     ///< beyond it, the ramps are a merge and a diverge
  double capacity_vph;  ///< vehicles an hour, all lanes
  double weaving_speed_mps, other_speed_mps, speed_mps;
  double density_pcpkm;
  char level;
} art_freeway_weave_result;
art_freeway_weave_result art_freeway_weaving(const art_freeway_weave *segment);

// ---- merges

/// An on-ramp of one lane at the right side of two lanes, no other ramp near.
typedef struct art_freeway_merge {
  double freeway_pcph, ramp_pcph;
  double free_speed_mps, ramp_speed_mps;
  double acceleration_lane_m;
} art_freeway_merge;
typedef struct art_freeway_merge_result {
  double density_pcpkm;  ///< of both lanes and the acceleration lane, over the 450 m after the nose
  double speed_mps;
  char level;
} art_freeway_merge_result;
art_freeway_merge_result art_freeway_merging(const art_freeway_merge *segment);

#endif  // ART_MODELS_FREEWAY_FREEWAY_H
