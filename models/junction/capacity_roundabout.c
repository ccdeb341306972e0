#include "models/junction/capacity_roundabout.h"

#include <math.h>

#include "models/junction/gap_capacity.h"

typedef struct curve {
  double intercept_pcph, slope_h;  // A and B of A e^(-B v)
} curve;

static const curve curves[ART_ROUNDABOUT_LANE_COUNT] = {
  [ART_ROUNDABOUT_ONE_BY_ONE] = { 1380.0, 1.02e-3 },
  [ART_ROUNDABOUT_TWO_BY_ONE] = { 1420.0, 0.91e-3 },
  [ART_ROUNDABOUT_ONE_BY_TWO] = { 1420.0, 0.85e-3 },
  [ART_ROUNDABOUT_TWO_BY_TWO_RIGHT] = { 1420.0, 0.85e-3 },
  [ART_ROUNDABOUT_TWO_BY_TWO_LEFT] = { 1350.0, 0.92e-3 },
};

double art_roundabout_curve(art_roundabout_lane lane, double circulating_pcph)
{
  return curves[lane].intercept_pcph * exp(-curves[lane].slope_h * circulating_pcph);
}

void art_roundabout_headways(art_roundabout_lane lane, double *critical_s, double *follow_up_s)
{
  *follow_up_s = 3600.0 / curves[lane].intercept_pcph;
  *critical_s = 3600.0 * curves[lane].slope_h + 0.5 * *follow_up_s;
}

double art_roundabout_pedestrian_factor(double pedestrians_ph, double circulating_pcph)
{
  // Behind a ring as full as this, or fuller, those who wait stand behind the crossing anyway.
  if (circulating_pcph > 881.0) return 1.0;
  if (pedestrians_ph <= 101.0) return 1.0 - 0.000137 * pedestrians_ph;
  return (1119.5 - 0.715 * circulating_pcph - 0.644 * pedestrians_ph +
          0.00073 * circulating_pcph * pedestrians_ph) /
         (1068.6 - 0.654 * circulating_pcph);
}

double art_roundabout_delay(double flow_vph, double capacity_vph, double hours)
{
  if (!(flow_vph > 0.0)) return 0.0;
  // Who finds the ring empty need not stop, so only part of them lose time by braking.
  return art_gap_queue_delay(flow_vph, capacity_vph, hours) + 5.0 * fmin(flow_vph / capacity_vph, 1.0);
}

double art_roundabout_saturation(art_roundabout_lane lane)
{
  // q = A e^(-B q) by Newton's method; q - A e^(-B q) rises, so it has one root.
  double q = 0.5 * curves[lane].intercept_pcph;
  for (int i = 0; i < 50; ++i) {
    const double capacity = art_roundabout_curve(lane, q);
    q -= (q - capacity) / (1.0 + curves[lane].slope_h * capacity);
  }
  return q;
}

/// Exits that a vehicle from `from` to `to` reaches, the last one being its own: 1 .. leg_count.
static int32_t exits_passed(const art_roundabout *j, int32_t from, int32_t to)
{
  return (to - from + j->leg_count - 1) % j->leg_count + 1;
}

static int uses_bypass(const art_roundabout *j, int32_t from, int32_t to)
{
  return j->bypass[from] != ART_BYPASS_NONE && exits_passed(j, from, to) == 1;
}

/// On the ring in front of entry `leg`: all who leave it farther on.
static double circulating(const art_roundabout *j, int32_t leg)
{
  double sum = 0.0;
  for (int32_t from = 0; from < j->leg_count; ++from) {
    if (from == leg) continue;
    const int32_t until_here = exits_passed(j, from, leg);
    for (int32_t to = 0; to < j->leg_count; ++to)
      if (exits_passed(j, from, to) > until_here) sum += j->flow_vph[from][to];
  }
  return sum;
}

/// Out of the ring at `leg`, without those who come round it in a bypass lane.
static double leaving(const art_roundabout *j, int32_t leg)
{
  double sum = 0.0;
  for (int32_t from = 0; from < j->leg_count; ++from)
    if (!uses_bypass(j, from, leg)) sum += j->flow_vph[from][leg];
  return sum;
}

static void fill_bypass(const art_roundabout *j, int32_t leg, double heavy_factor, art_roundabout_result *r)
{
  if (j->bypass[leg] == ART_BYPASS_NONE) return;
  const int32_t exit = (leg + 1) % j->leg_count;
  r->bypass_vph[leg] = j->flow_vph[leg][exit];
  r->bypass_capacity_vph[leg] = INFINITY;
  if (j->bypass[leg] == ART_BYPASS_FREE) return;
  r->bypass_capacity_vph[leg] =
      heavy_factor * art_roundabout_curve(ART_ROUNDABOUT_ONE_BY_ONE, leaving(j, exit) / heavy_factor);
  r->bypass_delay_s[leg] = art_roundabout_delay(r->bypass_vph[leg], r->bypass_capacity_vph[leg], j->hours);
}

art_roundabout_result art_capacity_roundabout(const art_roundabout *j)
{
  const double heavy_factor = 1.0 / (1.0 + j->heavy_share);  // cars to vehicles; a heavy one is two cars
  art_roundabout_result r = { 0 };
  double waited = 0.0, vehicles = 0.0;
  for (int32_t leg = 0; leg < j->leg_count; ++leg) {
    r.circulating_pcph[leg] = circulating(j, leg) / heavy_factor;
    for (int32_t to = 0; to < j->leg_count; ++to)
      if (!uses_bypass(j, leg, to)) r.entry_vph[leg] += j->flow_vph[leg][to];
    r.capacity_vph[leg] = heavy_factor *
                          art_roundabout_pedestrian_factor(j->pedestrians_ph[leg], r.circulating_pcph[leg]) *
                          art_roundabout_curve(ART_ROUNDABOUT_ONE_BY_ONE, r.circulating_pcph[leg]);
    r.delay_s[leg] = art_roundabout_delay(r.entry_vph[leg], r.capacity_vph[leg], j->hours);
    fill_bypass(j, leg, heavy_factor, &r);
    waited += r.entry_vph[leg] * r.delay_s[leg] + r.bypass_vph[leg] * r.bypass_delay_s[leg];
    vehicles += r.entry_vph[leg] + r.bypass_vph[leg];
  }
  r.junction_delay_s = vehicles > 0.0 ? waited / vehicles : 0.0;
  return r;
}
