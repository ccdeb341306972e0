/// \file kinematic_wave.h
/// Lighthill, Whitham and Richards with a triangular fundamental diagram: what queues do, by formula. The continuum
/// that Newell's followers realise vehicle by vehicle. Pure functions; SI, flows in veh/s, densities in veh/m.
#ifndef ART_MODELS_LONGITUDINAL_KINEMATIC_WAVE_H
#define ART_MODELS_LONGITUDINAL_KINEMATIC_WAVE_H

typedef struct art_kinematic_wave {
  double free_speed_mps;
  double wave_speed_mps;   ///< at which a change travels upstream in a queue; positive
  double jam_density_vpm;  ///< at standstill
} art_kinematic_wave;

double art_wave_capacity(const art_kinematic_wave *w);
double art_wave_critical_density(const art_kinematic_wave *w);
/// Density at which `flow` runs freely, and in a queue.
double art_wave_free_density(const art_kinematic_wave *w, double flow_vps);
double art_wave_queue_density(const art_kinematic_wave *w, double flow_vps);
/// Speed of the back of a queue that discharges `bottleneck` and is fed with `inflow` freely; negative: it grows.
double art_wave_shock(const art_kinematic_wave *w, double inflow_vps, double bottleneck_vps);

/// The queue behind a signal that was empty before red; arrivals at a constant rate below capacity.
typedef struct art_wave_signal_queue {
  double stop_wave_mps;  ///< negative: upstream
  double farthest_m;     ///< how far the queue reaches back
  double farthest_at_s;  ///< after the begin of red: when its back starts to move
  double line_clear_s;   ///< after the begin of red: when the last one that stopped crosses the line
  double delay_s;        ///< mean over all vehicles of a cycle
} art_wave_signal_queue;
art_wave_signal_queue art_wave_behind_signal(const art_kinematic_wave *w, double arrivals_vps, double red_s,
                                             double cycle_s);

#endif  // ART_MODELS_LONGITUDINAL_KINEMATIC_WAVE_H
