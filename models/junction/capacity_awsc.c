#include "models/junction/capacity_awsc.h"

#include <math.h>

#include "models/junction/gap_capacity.h"

art_awsc_params art_awsc_params_hcm(void)
{
  return (art_awsc_params){ .base_headway_s = { 3.9, 4.7, 5.8, 7.0, 9.6 },
                            .correlation = 0.01,
                            .left_s = 0.2,
                            .right_s = -0.6,
                            .heavy_s = 1.7,
                            .move_up_s = 2.0 };
}

/// Which of the others stand at their line, as bits.
enum { OPPOSITE = 1, ONE_SIDE = 2, OTHER_SIDE = 4, COMBINATIONS = 8 };

static int degree_of(int others)
{
  static const int degree[COMBINATIONS] = { [0] = 0,
                                            [OPPOSITE] = 1,
                                            [ONE_SIDE] = 2,
                                            [OTHER_SIDE] = 2,
                                            [ONE_SIDE | OTHER_SIDE] = 3,
                                            [OPPOSITE | ONE_SIDE] = 3,
                                            [OPPOSITE | OTHER_SIDE] = 3,
                                            [OPPOSITE | ONE_SIDE | OTHER_SIDE] = 4 };
  return degree[others];
}

static double flow_of(const art_awsc *j, int32_t i)
{
  return j->approach[i].left_vph + j->approach[i].through_vph + j->approach[i].right_vph;
}

/// Turns and heavy vehicles shift all headways of an approach alike.
static double shift_of(const art_awsc *j, const art_awsc_params *p, int32_t i)
{
  const double flow = flow_of(j, i);
  const double turns =
      flow > 0.0 ? (j->approach[i].left_vph * p->left_s + j->approach[i].right_vph * p->right_s) / flow : 0.0;
  return turns + j->approach[i].heavy_share * p->heavy_s;
}

/// The Manual's adjustment for correlated arrivals, by degree. It is made for the two lanes per approach that the
/// divisors count, and stays as it is with one: weights then sum to more than 1.
static void adjust(double alpha, const double p[ART_AWSC_DEGREES], double added[ART_AWSC_DEGREES])
{
  added[0] = alpha * (p[1] + 2.0 * p[2] + 3.0 * p[3] + 4.0 * p[4]);
  added[1] = alpha * (p[2] + 2.0 * p[3] + 3.0 * p[4] - p[1]) / 3.0;
  added[2] = alpha * (p[3] + 2.0 * p[4] - 3.0 * p[2]) / 6.0;
  added[3] = alpha * (p[4] - 6.0 * p[3]) / 27.0;
  added[4] = -alpha * 10.0 * p[4] / 27.0;
}

/// Departure headway of approach i, given how likely each approach is occupied.
static double headway_of(const art_awsc *j, const art_awsc_params *params, int32_t i,
                         const double occupied[ART_AWSC_APPROACHES])
{
  static const int bit[3] = { ONE_SIDE, OPPOSITE, OTHER_SIDE };  // of approaches i + 1, i + 2, i + 3
  double chance[COMBINATIONS], p[ART_AWSC_DEGREES] = { 0 }, added[ART_AWSC_DEGREES];
  int present = 0;
  for (int k = 0; k < 3; ++k)
    if (j->approach[(i + 1 + k) % ART_AWSC_APPROACHES].exists) present |= bit[k];
  for (int others = 0; others < COMBINATIONS; ++others) {
    chance[others] = 1.0;
    for (int k = 0; k < 3; ++k) {
      const double x = present & bit[k] ? occupied[(i + 1 + k) % ART_AWSC_APPROACHES] : 0.0;
      chance[others] *= others & bit[k] ? x : 1.0 - x;
    }
    p[degree_of(others)] += chance[others];
  }
  adjust(params->correlation, p, added);
  const double shift_s = shift_of(j, params, i);
  double headway_s = 0.0;
  for (int others = 0; others < COMBINATIONS; ++others) {
    if (others & ~present) continue;
    const int degree = degree_of(others);
    headway_s += (chance[others] + added[degree]) * (params->base_headway_s[degree] + shift_s);
  }
  return headway_s;
}

static void solve(const art_awsc *j, const art_awsc_params *params, double headway_s[ART_AWSC_APPROACHES])
{
  enum { ROUNDS_MAX = 10000 };
  for (int32_t i = 0; i < ART_AWSC_APPROACHES; ++i) headway_s[i] = 4.0;  // the Manual's first guess
  double change_s = INFINITY;
  for (int round = 0; round < ROUNDS_MAX && change_s > 1e-12; ++round) {
    double occupied[ART_AWSC_APPROACHES];
    for (int32_t i = 0; i < ART_AWSC_APPROACHES; ++i)
      occupied[i] = fmin(1.0, flow_of(j, i) * headway_s[i] / 3600.0);
    change_s = 0.0;
    for (int32_t i = 0; i < ART_AWSC_APPROACHES; ++i) {
      const double next_s = j->approach[i].exists ? headway_of(j, params, i, occupied) : 0.0;
      change_s = fmax(change_s, fabs(next_s - headway_s[i]));
      headway_s[i] = next_s;
    }
  }
}

art_awsc_result art_capacity_awsc(const art_awsc *j, const art_awsc_params *params)
{
  art_awsc_result r = { 0 };
  solve(j, params, r.headway_s);
  double waited = 0.0, vehicles = 0.0;
  for (int32_t i = 0; i < ART_AWSC_APPROACHES; ++i) {
    const double flow = flow_of(j, i);
    if (!j->approach[i].exists || !(flow > 0.0)) continue;
    r.saturation[i] = flow * r.headway_s[i] / 3600.0;
    // Moving up is part of the headway, but not of the time at the line.
    r.delay_s[i] = art_gap_queue_delay(flow, 3600.0 / r.headway_s[i], j->hours) - params->move_up_s + 5.0;
    waited += flow * r.delay_s[i];
    vehicles += flow;
  }
  r.junction_delay_s = vehicles > 0.0 ? waited / vehicles : 0.0;
  return r;
}

double art_capacity_awsc_approach(const art_awsc *junction, const art_awsc_params *params, int32_t approach)
{
  const double flow = flow_of(junction, approach);
  const art_awsc as_it_is = *junction;
  double low = 0.0, high = 3600.0;  // saturation rises with the flow
  for (int i = 0; i < 60; ++i) {
    const double wanted = 0.5 * (low + high);
    art_awsc trial = as_it_is;
    if (flow > 0.0) {
      trial.approach[approach].left_vph *= wanted / flow;
      trial.approach[approach].through_vph *= wanted / flow;
      trial.approach[approach].right_vph *= wanted / flow;
    } else {
      trial.approach[approach].through_vph = wanted;
    }
    if (art_capacity_awsc(&trial, params).saturation[approach] < 1.0)
      low = wanted;
    else
      high = wanted;
  }
  return 0.5 * (low + high);
}
