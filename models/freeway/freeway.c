#include "models/freeway/freeway.h"

#include <math.h>

// Inside, the Manual's units: feet, miles, miles an hour.
static const double foot_m = 0.3048, mile_m = 1609.344;

static double to_mph(double mps)
{
  return mps * 3600.0 / mile_m;
}

static double to_mps(double mph)
{
  return mph * mile_m / 3600.0;
}

static double per_km(double per_mile)
{
  return per_mile * 1000.0 / mile_m;
}

static double per_mile(double per_km_)
{
  return per_km_ * mile_m / 1000.0;
}

double art_freeway_heavy_factor(double heavy_share)
{
  return 1.0 / (1.0 + heavy_share);
}

double art_freeway_flow(double volume_vph, double peak_hour_factor, double heavy_factor)
{
  return volume_vph / (peak_hour_factor * heavy_factor);
}

/// `bound` are the densities in pc/mi/ln up to which A, B, C and D hold, and E if there is a fifth.
static char level_of(double density_pcpkm, const double bound[5])
{
  const double density = per_mile(density_pcpkm);
  char level = 'A';
  for (int i = 0; i < 5 && density > bound[i]; ++i) ++level;
  return level;
}

char art_freeway_level(double density_pcpkm)
{
  return level_of(density_pcpkm, (const double[5]){ 11.0, 18.0, 26.0, 35.0, 45.0 });
}

char art_freeway_weave_level(double density_pcpkm)
{
  return level_of(density_pcpkm, (const double[5]){ 10.0, 20.0, 28.0, 35.0, 43.0 });
}

char art_freeway_merge_level(double density_pcpkm)
{
  return level_of(density_pcpkm, (const double[5]){ 10.0, 20.0, 28.0, 35.0, INFINITY });
}

// ---- basic segments

/// Reduction for lanes under 12 ft, mi/h, by the Manual's classes.
static double narrow_lanes(double width_ft)
{
  const double slack = 1e-6;  // 11 ft in metres is 11 ft
  return width_ft >= 12.0 - slack ? 0.0 : width_ft >= 11.0 - slack ? 1.9 : 6.6;
}

/// Reduction for obstacles within 6 ft at the right: 0.6, 0.4, 0.2 or 0.1 mi/h a foot with 2, 3, 4 or more lanes.
static double near_obstacles(double clearance_ft, int32_t lanes)
{
  const double per_foot = lanes <= 2 ? 0.6 : lanes == 3 ? 0.4 : lanes == 4 ? 0.2 : 0.1;
  return per_foot * fmax(0.0, 6.0 - clearance_ft);
}

double art_freeway_free_speed(const art_freeway_basic *s)
{
  return to_mps(75.4 - narrow_lanes(s->lane_width_m / foot_m) -
                near_obstacles(s->right_clearance_m / foot_m, s->lanes) -
                3.22 * pow(per_mile(s->ramps_per_km), 0.84));
}

double art_freeway_lane_capacity(double free_speed_mps)
{
  return 2200.0 + 10.0 * (fmin(to_mph(free_speed_mps), 70.0) - 50.0);
}

double art_freeway_speed(double free_speed_mps, double lane_flow_pcph)
{
  const double free_mph = to_mph(free_speed_mps), capacity = art_freeway_lane_capacity(free_speed_mps);
  const double constant_until = 1000.0 + 40.0 * (75.0 - free_mph);
  if (lane_flow_pcph > capacity) return NAN;
  if (lane_flow_pcph <= constant_until) return free_speed_mps;
  // A parabola down to capacity, where the density is 45 pc/mi/ln.
  const double along = (lane_flow_pcph - constant_until) / (capacity - constant_until);
  return to_mps(free_mph - (free_mph - capacity / 45.0) * along * along);
}

double art_freeway_density(double lane_flow_pcph, double speed_mps)
{
  return lane_flow_pcph / (speed_mps * 3.6);
}

// ---- weaving

/// Lane changes an hour by those who do not have to.
static double optional_changes(const art_freeway_weave *s, double others_pcph, double length_ft)
{
  const double index = length_ft * per_mile(s->interchanges_per_km) * others_pcph / 10000.0;
  const double few = fmax(0.0, 0.206 * others_pcph + 0.542 * length_ft - 192.6 * s->lanes);
  const double many = 2135.0 + 0.223 * (others_pcph - 2000.0);
  if (index <= 1300.0) return few;
  if (index >= 1950.0 || few >= many) return many;
  return few + (many - few) * (index - 1300.0) / 650.0;
}

static double weaving_capacity(const art_freeway_weave *s, double share, double length_ft)
{
  const double by_density =
      s->lanes * (art_freeway_lane_capacity(s->free_speed_mps) - 438.2 * pow(1.0 + share, 1.6) +
                  0.0765 * length_ft + 119.8 * s->weaving_lanes);
  // More cannot weave in two or three lanes, however long the segment.
  const double by_demand = share > 0.0 ? (s->weaving_lanes >= 3 ? 3500.0 : 2400.0) / share : INFINITY;
  return fmin(by_density, by_demand) * s->heavy_factor;
}

art_freeway_weave_result art_freeway_weaving(const art_freeway_weave *s)
{
  art_freeway_weave_result r = { 0 };
  const double length_ft = s->length_m / foot_m, free_mph = to_mph(s->free_speed_mps);
  const double weaving = s->leaving_pcph + s->entering_pcph, others = s->through_pcph + s->ramp_to_ramp_pcph;
  r.flow_pcph = weaving + others;
  r.weaving_share = weaving / r.flow_pcph;
  r.longest_m = foot_m * (5728.0 * pow(1.0 + r.weaving_share, 1.6) - 1566.0 * s->weaving_lanes);
  r.capacity_vph = weaving_capacity(s, r.weaving_share, length_ft);

  const double fewest = s->leaving_pcph * s->leaving_changes + s->entering_pcph * s->entering_changes;
  const double lanes = s->lanes;
  const double by_weaving = fewest + 0.39 * sqrt(fmax(0.0, length_ft - 300.0)) * lanes * lanes *
                                         pow(1.0 + per_mile(s->interchanges_per_km), 0.8);
  const double changes = by_weaving + optional_changes(s, others, length_ft);
  const double intensity = 0.226 * pow(changes / length_ft, 0.789);
  const double weaving_mph = 15.0 + (free_mph - 15.0) / (1.0 + intensity);
  const double other_mph = free_mph - 0.0072 * fewest - 0.0048 * r.flow_pcph / lanes;
  const double mph = r.flow_pcph / (weaving / weaving_mph + others / other_mph);
  r.weaving_speed_mps = to_mps(weaving_mph);
  r.other_speed_mps = to_mps(other_mph);
  r.speed_mps = to_mps(mph);
  r.density_pcpkm = per_km(r.flow_pcph / lanes / mph);
  r.level = r.flow_pcph * s->heavy_factor > r.capacity_vph ? 'F' : art_freeway_weave_level(r.density_pcpkm);
  return r;
}

// ---- merges

art_freeway_merge_result art_freeway_merging(const art_freeway_merge *s)
{
  const double lane_ft = s->acceleration_lane_m / foot_m, free_mph = to_mph(s->free_speed_mps);
  const double density = 5.475 + 0.00734 * s->ramp_pcph + 0.0078 * s->freeway_pcph - 0.00627 * lane_ft;
  const double both = s->freeway_pcph + s->ramp_pcph;
  const double index =
      0.321 + 0.0039 * exp(both / 1000.0) - 0.002 * lane_ft * to_mph(s->ramp_speed_mps) / 1000.0;
  art_freeway_merge_result r = { .density_pcpkm = per_km(density),
                                 .speed_mps = to_mps(free_mph - (free_mph - 42.0) * index) };
  const double capacity = 2.0 * art_freeway_lane_capacity(s->free_speed_mps);
  r.level = both > capacity ? 'F' : art_freeway_merge_level(r.density_pcpkm);
  return r;
}
