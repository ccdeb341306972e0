#include "models/signal/timing.h"

#include <math.h>

#include "core/num/real.h"

double art_timing_webster_cycle(double lost_s, double critical_flow_ratio)
{
  if (critical_flow_ratio >= 1.0) return INFINITY;
  return (1.5 * lost_s + 5.0) / (1.0 - critical_flow_ratio);
}

double art_timing_min_cycle(double lost_s, double critical_flow_ratio, double x)
{
  if (critical_flow_ratio >= x) return INFINITY;
  return lost_s * x / (x - critical_flow_ratio);
}

double art_timing_critical_saturation(double lost_s, double critical_flow_ratio, double cycle_s)
{
  if (cycle_s <= lost_s) return critical_flow_ratio > 0.0 ? INFINITY : 0.0;
  return critical_flow_ratio * cycle_s / (cycle_s - lost_s);
}

double art_timing_capacity(const art_timing_approach *a)
{
  if (a->cycle_s <= 0.0 || a->green_s <= 0.0) return 0.0;
  return a->saturation_vph * fmin(a->green_s / a->cycle_s, 1.0);
}

double art_timing_saturation_degree(const art_timing_approach *a)
{
  const double capacity = art_timing_capacity(a);
  if (a->flow_vph <= 0.0) return 0.0;
  return capacity > 0.0 ? a->flow_vph / capacity : INFINITY;
}

double art_timing_uniform_delay(double cycle_s, double green_s, double x)
{
  if (green_s >= cycle_s) return 0.0;
  const double ratio = fmax(green_s, 0.0) / cycle_s;
  return 0.5 * cycle_s * (1.0 - ratio) * (1.0 - ratio) / (1.0 - fmin(1.0, x) * ratio);
}

double art_timing_incremental_delay(double capacity_vph, double x, double hours, double filter)
{
  if (capacity_vph <= 0.0) return x > 0.0 ? INFINITY : 0.0;
  const double over = x - 1.0;
  const double k = 0.5;
  return 900.0 * hours * (over + sqrt(over * over + 8.0 * k * filter * x / (capacity_vph * hours)));
}

double art_timing_control_delay(const art_timing_approach *a, double hours)
{
  const double x = art_timing_saturation_degree(a);
  const double capacity = art_timing_capacity(a);
  if (a->flow_vph <= 0.0) return art_timing_uniform_delay(a->cycle_s, a->green_s, 0.0);
  return art_timing_uniform_delay(a->cycle_s, a->green_s, x) +
         art_timing_incremental_delay(capacity, x, hours, 1.0);
}

double art_timing_webster_delay(const art_timing_approach *a)
{
  const double x = art_timing_saturation_degree(a);
  if (x >= 1.0) return INFINITY;
  const double q = a->flow_vph / 3600.0;
  const double lambda = a->green_s / a->cycle_s;
  if (q <= 0.0) return art_timing_uniform_delay(a->cycle_s, a->green_s, 0.0);
  const double uniform = a->cycle_s * (1.0 - lambda) * (1.0 - lambda) / (2.0 * (1.0 - lambda * x));
  const double random = x * x / (2.0 * q * (1.0 - x));
  const double correction = 0.65 * cbrt(a->cycle_s / (q * q)) * pow(x, 2.0 + 5.0 * lambda);
  return uniform + random - correction;
}

art_timing_queue art_timing_uniform_queue(const art_timing_approach *a)
{
  const double q = a->flow_vph / 3600.0, s = a->saturation_vph / 3600.0;
  const double red = a->cycle_s - a->green_s;
  art_timing_queue queue;
  queue.at_red_end = q * red;
  queue.clears_after_s = queue.at_red_end / (s - q);
  queue.back = s * queue.clears_after_s;  // all who left until then had stopped
  queue.stopped_share = queue.back / (q * a->cycle_s);
  queue.delay_s = 0.5 * queue.at_red_end * (red + queue.clears_after_s) / (q * a->cycle_s);
  return queue;
}

double art_timing_overflow_queue(double flow_vph, double capacity_vph, double hours)
{
  return fmax(0.0, flow_vph - capacity_vph) * hours;
}

double art_timing_overflow_delay(double flow_vph, double capacity_vph, double hours)
{
  if (flow_vph <= capacity_vph) return 0.0;
  return 1800.0 * hours * (flow_vph / capacity_vph - 1.0);
}

double art_timing_gap_capacity(double stream_vph, double critical_s, double follow_up_s)
{
  if (stream_vph <= 1e-6) return 3600.0 / follow_up_s;
  const double per_s = stream_vph / 3600.0;
  return stream_vph * art_exp(-per_s * critical_s) / (1.0 - art_exp(-per_s * follow_up_s));
}

char art_timing_level_of_service(double delay_s, double x)
{
  static const struct {
    double upto_s;
    char level;
  } levels[] = { { 10.0, 'A' }, { 20.0, 'B' }, { 35.0, 'C' }, { 55.0, 'D' }, { 80.0, 'E' } };
  if (x > 1.0) return 'F';
  for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; ++i) {
    if (delay_s <= levels[i].upto_s) return levels[i].level;
  }
  return 'F';
}
