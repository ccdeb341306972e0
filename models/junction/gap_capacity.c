#include "models/junction/gap_capacity.h"

#include <math.h>

#include "models/signal/timing.h"

art_gap_headways art_gap_headways_hcm(art_minor_movement movement, double heavy_share, int three_arms)
{
  static const art_gap_headways base[] = { [ART_MINOR_MAJOR_LEFT] = { 4.1, 2.2 },
                                           [ART_MINOR_RIGHT] = { 6.2, 3.3 },
                                           [ART_MINOR_THROUGH] = { 6.5, 4.0 },
                                           [ART_MINOR_LEFT] = { 7.1, 3.5 } };
  art_gap_headways h = base[movement];
  h.critical_s += 1.0 * heavy_share;
  h.follow_up_s += 0.9 * heavy_share;
  if (three_arms && movement == ART_MINOR_LEFT) h.critical_s -= 0.7;
  return h;
}

double art_gap_capacity_hcm(double stream_vph, art_gap_headways headways)
{
  return art_timing_gap_capacity(stream_vph, headways.critical_s, headways.follow_up_s);
}

double art_gap_capacity_siegloch(double stream_vph, art_gap_headways headways)
{
  const double beyond_s = headways.critical_s - 0.5 * headways.follow_up_s;
  return 3600.0 / headways.follow_up_s * exp(-stream_vph / 3600.0 * beyond_s);
}

double art_gap_queue_delay(double flow_vph, double capacity_vph, double hours)
{
  if (!(capacity_vph > 0.0)) return flow_vph > 0.0 ? INFINITY : 0.0;
  const double x = flow_vph / capacity_vph, service_s = 3600.0 / capacity_vph, over = x - 1.0;
  return service_s + 900.0 * hours * (over + sqrt(over * over + service_s * x / (450.0 * hours)));
}
