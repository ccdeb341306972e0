#include "models/junction/capacity_twsc.h"

#include <math.h>

#include "models/junction/gap_capacity.h"

static const double stop_s = 5.0;  // to brake from, and return to, the speed of free flow

static double potential(double conflict_vph, art_minor_movement movement, double heavy_share)
{
  return art_gap_capacity_hcm(conflict_vph, art_gap_headways_hcm(movement, heavy_share, 1));
}

/// Two movements in one lane: each vehicle takes the time of its own movement.
static double shared_lane(double flow_a, double capacity_a, double flow_b, double capacity_b)
{
  const double busy = (flow_a > 0.0 ? flow_a / capacity_a : 0.0) + (flow_b > 0.0 ? flow_b / capacity_b : 0.0);
  return busy > 0.0 ? (flow_a + flow_b) / busy : 0.0;
}

static double delay(double flow_vph, double capacity_vph, double hours)
{
  return flow_vph > 0.0 ? art_gap_queue_delay(flow_vph, capacity_vph, hours) + stop_s : 0.0;
}

art_twsc_result art_capacity_twsc(const art_twsc *j)
{
  art_twsc_result r = { 0 };
  // Who turns off before the minor road is seen late: half of them count.
  r.far_left_conflict_vph = j->near_through_vph + j->near_right_vph;
  r.minor_right_conflict_vph = j->near_through_vph + 0.5 * j->near_right_vph;
  // Left turners ahead block twice: as a stream, and by waiting in the way.
  r.minor_left_conflict_vph = 2.0 * j->far_left_vph + j->far_through_vph + r.minor_right_conflict_vph;

  r.far_left_capacity_vph = potential(r.far_left_conflict_vph, ART_MINOR_MAJOR_LEFT, j->heavy_share);
  r.minor_right_capacity_vph = potential(r.minor_right_conflict_vph, ART_MINOR_RIGHT, j->heavy_share);
  r.minor_left_potential_vph = potential(r.minor_left_conflict_vph, ART_MINOR_LEFT, j->heavy_share);
  const double free_of_queue = fmax(0.0, 1.0 - j->far_left_vph / r.far_left_capacity_vph);
  r.minor_left_capacity_vph = r.minor_left_potential_vph * free_of_queue;
  r.minor_capacity_vph = shared_lane(j->minor_left_vph, r.minor_left_capacity_vph, j->minor_right_vph,
                                     r.minor_right_capacity_vph);

  const double minor_vph = j->minor_left_vph + j->minor_right_vph;
  const double all_vph =
      minor_vph + j->near_through_vph + j->near_right_vph + j->far_left_vph + j->far_through_vph;
  r.far_left_delay_s = delay(j->far_left_vph, r.far_left_capacity_vph, j->hours);
  r.minor_delay_s = delay(minor_vph, r.minor_capacity_vph, j->hours);
  if (all_vph > 0.0)
    r.junction_delay_s = (j->far_left_vph * r.far_left_delay_s + minor_vph * r.minor_delay_s) / all_vph;
  return r;
}
