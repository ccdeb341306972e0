/// \file capacity_roundabout.h
/// Capacity and control delay of roundabouts (Highway Capacity Manual 7, chapter 22). Curves for one and two lanes; the
/// whole junction with one lane on every entry and on the ring, with bypass lanes and pedestrians. Pure.
#ifndef ART_MODELS_JUNCTION_CAPACITY_ROUNDABOUT_H
#define ART_MODELS_JUNCTION_CAPACITY_ROUNDABOUT_H
#include <stdint.h>

/// Entry lane and the lanes of the ring that it faces.
typedef enum art_roundabout_lane {
  ART_ROUNDABOUT_ONE_BY_ONE,  ///< also a bypass lane that yields to one lane
  ART_ROUNDABOUT_TWO_BY_ONE,  ///< either lane of two
  ART_ROUNDABOUT_ONE_BY_TWO,  ///< also a bypass lane that yields to two lanes
  ART_ROUNDABOUT_TWO_BY_TWO_RIGHT,
  ART_ROUNDABOUT_TWO_BY_TWO_LEFT,
  ART_ROUNDABOUT_LANE_COUNT
} art_roundabout_lane;

/// Passenger cars an hour that enter from one lane against `circulating_pcph` on the ring: A e^(-B v).
double art_roundabout_curve(art_roundabout_lane lane, double circulating_pcph);
/// The headways that Siegloch's formula makes of the same curve: A = 3600 / tf, B = (tc - tf / 2) / 3600.
void art_roundabout_headways(art_roundabout_lane lane, double *critical_s, double *follow_up_s);
/// Share of the capacity of a lane of one-lane roundabouts that pedestrians who cross in front of it leave.
double art_roundabout_pedestrian_factor(double pedestrians_ph, double circulating_pcph);
/// Seconds per vehicle; `hours` is the length of the period.
double art_roundabout_delay(double flow_vph, double capacity_vph, double hours);
/// Flow at which every entry of a symmetric roundabout of four arms is at capacity, where as much circulates in front
/// of each entry as enters there (all go straight on). Passenger cars an hour.
double art_roundabout_saturation(art_roundabout_lane lane);

typedef enum art_bypass {
  ART_BYPASS_NONE,
  ART_BYPASS_FREE,  ///< joins in a lane of its own: no delay
  ART_BYPASS_YIELD  ///< yields to those who leave the ring there
} art_bypass;

enum { ART_ROUNDABOUT_LEGS_MAX = 8 };

/// Legs stand in the order in which the ring passes them: a turn to leg i + 1 is the first exit.
typedef struct art_roundabout {
  int32_t leg_count;                                                  ///< 3 .. ART_ROUNDABOUT_LEGS_MAX
  double flow_vph[ART_ROUNDABOUT_LEGS_MAX][ART_ROUNDABOUT_LEGS_MAX];  ///< [from][to]; from = to turns round
  art_bypass bypass[ART_ROUNDABOUT_LEGS_MAX];                         ///< for those who take the first exit
  double pedestrians_ph[ART_ROUNDABOUT_LEGS_MAX];                     ///< across the entry
  double heavy_share;                                                 ///< 0 .. 1; one counts as two cars
  double hours;                                                       ///< of the period, 0.25
} art_roundabout;

typedef struct art_roundabout_result {
  double circulating_pcph[ART_ROUNDABOUT_LEGS_MAX];  ///< in front of each entry
  double entry_vph[ART_ROUNDABOUT_LEGS_MAX];         ///< without bypass lane
  double capacity_vph[ART_ROUNDABOUT_LEGS_MAX], delay_s[ART_ROUNDABOUT_LEGS_MAX];
  double bypass_vph[ART_ROUNDABOUT_LEGS_MAX];
  double bypass_capacity_vph[ART_ROUNDABOUT_LEGS_MAX];  ///< INFINITY: free; 0: no such lane
  double bypass_delay_s[ART_ROUNDABOUT_LEGS_MAX];
  double junction_delay_s;  ///< over all vehicles
} art_roundabout_result;

art_roundabout_result art_capacity_roundabout(const art_roundabout *junction);

#endif  // ART_MODELS_JUNCTION_CAPACITY_ROUNDABOUT_H
