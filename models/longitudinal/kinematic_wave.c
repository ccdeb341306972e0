#include "models/longitudinal/kinematic_wave.h"

double art_wave_critical_density(const art_kinematic_wave *w)
{
  return w->jam_density_vpm * w->wave_speed_mps / (w->free_speed_mps + w->wave_speed_mps);
}

double art_wave_capacity(const art_kinematic_wave *w)
{
  return w->free_speed_mps * art_wave_critical_density(w);
}

double art_wave_free_density(const art_kinematic_wave *w, double flow_vps)
{
  return flow_vps / w->free_speed_mps;
}

double art_wave_queue_density(const art_kinematic_wave *w, double flow_vps)
{
  return w->jam_density_vpm - flow_vps / w->wave_speed_mps;
}

double art_wave_shock(const art_kinematic_wave *w, double inflow_vps, double bottleneck_vps)
{
  // Rankine and Hugoniot: what arrives at the moving front leaves it.
  return (bottleneck_vps - inflow_vps) /
         (art_wave_queue_density(w, bottleneck_vps) - art_wave_free_density(w, inflow_vps));
}

art_wave_signal_queue art_wave_behind_signal(const art_kinematic_wave *w, double arrivals_vps, double red_s,
                                             double cycle_s)
{
  art_wave_signal_queue q = { .stop_wave_mps = art_wave_shock(w, arrivals_vps, 0.0) };
  // The wave of starting, which leaves the line at green, catches up with that of stopping.
  q.farthest_at_s = w->wave_speed_mps * red_s / (w->wave_speed_mps + q.stop_wave_mps);
  q.farthest_m = -q.stop_wave_mps * q.farthest_at_s;
  q.line_clear_s = q.farthest_at_s + q.farthest_m / w->free_speed_mps;
  q.delay_s = red_s * red_s / (2.0 * cycle_s * (1.0 - arrivals_vps / art_wave_capacity(w)));
  return q;
}
