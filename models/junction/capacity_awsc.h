/// \file capacity_awsc.h
/// Capacity and control delay of an all-way stop with one lane on every approach (Highway Capacity Manual 7, chapter
/// 21, geometry group 1): how long a vehicle at the line takes depends on which of the other approaches are occupied,
/// and that on how long those take. Pure.
#ifndef ART_MODELS_JUNCTION_CAPACITY_AWSC_H
#define ART_MODELS_JUNCTION_CAPACITY_AWSC_H
#include <stdint.h>

enum { ART_AWSC_APPROACHES = 4, ART_AWSC_DEGREES = 5 };

typedef struct art_awsc_params {
  /// Saturation headway by degree of conflict: alone; opposite; one from the side; two of the three; all three.
  double base_headway_s[ART_AWSC_DEGREES];
  double correlation;               ///< alpha: approaches fill up together; 0 treats them as independent
  double left_s, right_s, heavy_s;  ///< added for a share of 1 of such vehicles
  double move_up_s;                 ///< part of the headway in which the next one comes to the line
} art_awsc_params;
art_awsc_params art_awsc_params_hcm(void);

/// Approaches in order round the junction, so that i + 2 is opposite. Flow rates of the peak quarter of an hour.
typedef struct art_awsc {
  struct {
    int exists;
    double left_vph, through_vph, right_vph;
    double heavy_share;  ///< 0 .. 1
  } approach[ART_AWSC_APPROACHES];
  double hours;  ///< of the period, 0.25
} art_awsc;

typedef struct art_awsc_result {
  double headway_s[ART_AWSC_APPROACHES];   ///< between departures while a queue stands; 0 without approach
  double saturation[ART_AWSC_APPROACHES];  ///< x = v h / 3600; above 1 the queue grows
  double delay_s[ART_AWSC_APPROACHES];
  double junction_delay_s;
} art_awsc_result;

/// Solves for the headways of all approaches together; iterates until they change by less than 1e-12 s.
art_awsc_result art_capacity_awsc(const art_awsc *junction, const art_awsc_params *params);

/// veh/h of one approach at which it is saturated, the flows of the others and its own turning shares as they are. An
/// approach without flow is taken to go straight on.
double art_capacity_awsc_approach(const art_awsc *junction, const art_awsc_params *params, int32_t approach);

#endif  // ART_MODELS_JUNCTION_CAPACITY_AWSC_H
