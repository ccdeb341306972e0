// Car-following models other than IDM and IIDM against the known answers: V08 (CAH, ACC, IDM+), V09 Krauss, V10 Gipps,
// V11 Wiedemann 99, V12 Newell. Kernels work in float; where a case asks for more digits, the published formula in
// double precision (this file) meets them, and the kernel meets the formula as far as float allows.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "models/longitudinal/models.h"
#include "tests/support/known_answer.h"
#include "tests/support/seed.h"
#include "tests/validation/platoon.h"

static art_vtype idm_common(void)
{
  art_vtype type = art_vtype_default();
  type.time_gap_s = 1.5f;
  type.min_gap_m = 2.0f;
  type.accel_mps2 = 1.0f;
  type.decel_mps2 = 1.5f;
  return type;
}

// --- V08 ------------------------------------------------------------------------------------------------------------

static double crowding(double v, double s, double vl)
{
  return (2.0 + fmax(0.0, v * 1.5 + v * (v - vl) / (2.0 * sqrt(1.5)))) / s;
}

static double iidm_below_v0(double v, double v0, double s, double vl)
{
  const double z = crowding(v, s, vl), vf = 1.0 - pow(v / v0, 4.0);
  return z >= 1.0 ? 1.0 - z * z : vf * (1.0 - pow(z, 2.0 / vf));
}

static double cah(double v, double s, double vl, double al)
{
  const double at = fmin(al, 1.0);
  if (vl * (v - vl) <= -2.0 * s * at && vl * vl - 2.0 * s * at != 0.0)
    return v * v * at / (vl * vl - 2.0 * s * at);
  return at - (v > vl ? (v - vl) * (v - vl) : 0.0) / (2.0 * s);
}

static double acc(double iidm, double cah_value)
{
  return iidm >= cah_value ? iidm : 0.01 * iidm + 0.99 * (cah_value + 1.5 * tanh((iidm - cah_value) / 1.5));
}

static float follow_one(int model, const art_type_table *types, float v, float v0, float s, float vl,
                        float al)
{
  static const uint16_t type = 0;
  float accel = NAN;
  const art_follow_view view = { .count = 1,
                                 .type = &type,
                                 .speed_mps = &v,
                                 .desired_mps = &v0,
                                 .gap_m = &s,
                                 .lead_speed_mps = &vl,
                                 .accel_mps2 = &accel,
                                 .lead_accel_mps2 = &al };
  art_models_kernels()->follow[model](types, &view);
  return accel;
}

static void v08_adaptive_cruise_control(void **state)
{
  (void)state;
  static const struct {
    double v, s, vl, al, iidm, cah, acc;
  } rows[] = { { 20, 30, 20, 0, -0.13777778, 0, -0.13739548 },
               { 20, 15, 20, 0, -3.55111111, 0, -1.49464958 },
               { 20, 30, 15, 0, -4.89272858, -0.41666667, -1.93884603 },
               { 30, 20, 20, -2, -70.80400448, -4.5, -6.64804004 } };
  const art_vtype type = idm_common();
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, 0.5);
  const double v0 = 120.0 / 3.6;
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
    const double v = rows[r].v, s = rows[r].s, vl = rows[r].vl, al = rows[r].al;
    const double base = iidm_below_v0(v, v0, s, vl), other = cah(v, s, vl, al);
    char what[96];
    const struct {
      const char *name;
      double expected, got;
    } formulas[] = { { "IIDM", rows[r].iidm, base },
                     { "CAH", rows[r].cah, other },
                     { "ACC", rows[r].acc, acc(base, other) } };
    for (int k = 0; k < 3; ++k) {
      snprintf(what, sizeof what, "%s at v %g, gap %g, leader %g with %g m/s2", formulas[k].name, v, s, vl,
               al);
      art_answer(ART_GATE_HARD, "V08", what, "m/s2", formulas[k].expected, formulas[k].got, 1e-8);
    }
    snprintf(what, sizeof what, "ACC, kernel, at v %g, gap %g, leader %g with %g m/s2", v, s, vl, al);
    const float got = follow_one(ART_MODEL_ACC, types, (float)v, (float)v0, (float)s, (float)vl, (float)al);
    // Float: some units in the last place of the largest term, which is the IIDM value.
    art_answer(ART_GATE_HARD, "V08", what, "m/s2", rows[r].acc, (double)got,
               1e-6 * (1.0 + fabs(rows[r].iidm)));
  }
  art_answer(ART_GATE_HARD, "V08", "IDM+, kernel, at v 20, gap 30, leader 20", "m/s2", -0.13777778,
             (double)art_idm_plus_accel(types, 0, 20.0f, (float)v0, 30.0f, 20.0f), 1e-6);
}

static void connected_followers_keep_the_shorter_gap(void **state)
{
  (void)state;
  const art_vtype type = idm_common();
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, 0.5);
  static const uint16_t row = 0;
  const float v = 20.0f, v0 = 30.0f, gap = 20.0f, lead = 20.0f;
  float accel[2];
  for (int connected = 0; connected < 2; ++connected) {
    const uint8_t tells = (uint8_t)connected;
    const art_follow_view view = { .count = 1,
                                   .type = &row,
                                   .speed_mps = &v,
                                   .desired_mps = &v0,
                                   .gap_m = &gap,
                                   .lead_speed_mps = &lead,
                                   .accel_mps2 = &accel[connected],
                                   .lead_is_connected = &tells };
    art_cacc_follow(types, &view);
  }
  // Wanted gaps 2 + 1.5 v = 32 m and 2 + 0.6 v = 14 m: at 20 m one falls back, the other closes up.
  assert_true(accel[0] < 0.0f && accel[1] > 0.0f);
  assert_float_equal(accel[0], art_acc_accel(types, 0, v, v0, gap, lead), 0.0f);
}

/// Spread of speeds on a ring of 50 vehicles with the gaps of connected ones, long after one was put out of place.
static double ring_spread(double spacing_m, int connected, double dt)
{
  art_vtype type = art_vtype_default();
  type.time_gap_s = type.coop_time_gap_s = 0.6f;
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, dt);
  const double v = (spacing_m - 7.0) / 0.6;
  platoon_row p = {
    .count = 50, .v0 = 50.0 / 3.6, .length_m = 5.0, .ring_m = 50 * spacing_m, .connected = connected
  };
  for (int i = 0; i < p.count; ++i) {
    p.x[i] = -i * spacing_m - (i == 10 ? 0.5 : 0.0);
    p.v[i] = v;
  }
  for (int n = 0; n < (int)(2000.0 / dt); ++n) platoon_step(&p, ART_MODEL_CACC, types, dt);
  double slowest = INFINITY, fastest = 0.0;
  for (int i = 0; i < p.count; ++i) {
    slowest = fmin(slowest, p.v[i]);
    fastest = fmax(fastest, p.v[i]);
  }
  return (fastest - slowest) / v;
}

/// With radio a disturbance dies out at gaps that without it break down.
static void radio_makes_short_gaps_stable(void **state)
{
  (void)state;
  static const double spacings[] = { 9.0, 10.0, 11.0 };
  for (int s = 0; s < 3; ++s) {
    const double with = ring_spread(spacings[s], 1, 0.1), without = ring_spread(spacings[s], 0, 0.1);
    if (!(with < 0.01 && without > 0.5))
      fail_msg("spacing %g m: spread of speeds %g with radio, %g without", spacings[s], with, without);
  }
}

// --- V09 ------------------------------------------------------------------------------------------------------------

static art_vtype sumo_passenger(void)
{
  art_vtype type = art_vtype_default();
  type.accel_mps2 = 2.6f;
  type.decel_mps2 = 4.5f;
  type.time_gap_s = 1.0f;
  type.min_gap_m = 2.5f;
  type.sigma = 0.0f;
  return type;
}

static void v09_krauss(void **state)
{
  (void)state;
  art_answer(ART_GATE_HARD, "V09", "safe speed behind 10 m/s with 10 m", "m/s", 10.0,
             (double)art_krauss_safe_speed(10.0f, 10.0f, 4.5f, 1.0f), 1e-6 * 10.0);
  art_answer(ART_GATE_HARD, "V09", "safe speed before a stand with 20 m", "m/s", 9.650971698,
             (double)art_krauss_safe_speed(20.0f, 0.0f, 4.5f, 1.0f), 1e-6 * 20.0);
  // A platoon behind a leader at v settles at a gap of v tau beyond the standstill gap: its flow is the formula's.
  static const double rows[][2] = {
    { 50.0 / 3.6, 2337.66 }, { 16.66, 2482.45 }, { 100.0 / 3.6, 2834.65 }, { 130.0 / 3.6, 2980.89 }
  };
  const art_vtype type = sumo_passenger();
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r)
    for (double dt = 1.0; dt > 0.4; dt *= 0.5) {
      type_store store;
      const art_type_table *types = store_types(&store, &type, 1, dt);
      platoon_row p = { .count = 20, .v0 = rows[r][0] * 1.2, .length_m = 5.0 };
      for (int i = 0; i < p.count; ++i) {
        p.x[i] = -i * (rows[r][0] * 1.6 + 10.0);
        p.v[i] = i == 0 ? rows[r][0] : 0.8 * rows[r][0];
      }
      for (int n = 0; n < (int)(900.0 / dt); ++n) platoon_step(&p, ART_MODEL_KRAUSS, types, dt);
      const double spacing = (p.x[0] - p.x[19]) / 19.0;
      char what[96];
      snprintf(what, sizeof what, "steady flow of a platoon at %.4g m/s, step %g s", rows[r][0], dt);
      art_answer(ART_GATE_HARD, "V09", what, "veh/h", rows[r][1], 3600.0 * rows[r][0] / spacing,
                 1e-3 * rows[r][1]);
    }
}

/// Dawdling on a free road: with draws uniform in [0, 1) the mean speed is sigma a dt / 2 below the desired one.
static void v09_dawdling(void **state)
{
  (void)state;
  art_vtype type = sumo_passenger();
  type.sigma = 0.5f;
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, 1.0);
  static const uint16_t row = 0;
  const float v0 = 50.0f / 3.6f, gap = INFINITY, lead = 0.0f;
  float v = v0, accel;
  double sum = 0.0;
  enum { STEPS = 200000 };
  for (int n = 0; n < STEPS; ++n) {
    const float draw = (float)art_uniform(art_rng(art_test_seed(), 7, n, ART_FOR_DAWDLE));
    const art_follow_view view = { .count = 1,
                                   .type = &row,
                                   .speed_mps = &v,
                                   .desired_mps = &v0,
                                   .gap_m = &gap,
                                   .lead_speed_mps = &lead,
                                   .accel_mps2 = &accel,
                                   .draw = &draw };
    art_krauss_follow(types, &view);
    v += accel * 1.0f;
    sum += (double)v;
  }
  // The standard error of the mean is 0.65 / sqrt(3) / sqrt(2e5) = 0.0008 m/s.
  art_answer(ART_GATE_HARD, "V09", "mean speed below the desired one on a free road, step 1 s", "m/s", 0.65,
             (double)v0 - sum / STEPS, 0.004);
}

// --- V10 ------------------------------------------------------------------------------------------------------------

static double gipps_free(double v, double v0, double a, double tau)
{
  return v + 2.5 * a * tau * (1.0 - v / v0) * sqrt(0.025 + v / v0);
}

static double gipps_safe(double v, double s, double vl, double b, double bh, double tau)
{
  return b * tau + sqrt(b * b * tau * tau - b * (2.0 * s - v * tau - vl * vl / bh));  // b, bh < 0
}

static void v10_gipps(void **state)
{
  (void)state;
  static const double rows[][5] = { { 10, 20, 10, 11.02647252, 12.72403415 },
                                    { 0, 50, 0, 0.44798934, 16.31121744 },
                                    { 15, 30, 10, 15.62357476, 14.50795040 } };
  const double tau = 2.0 / 3.0;
  art_vtype type = art_vtype_default();
  type.accel_mps2 = 1.7f;
  type.decel_mps2 = 3.4f;
  type.time_gap_s = 1.0f;
  type.min_gap_m = 1.5f;
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, 0.5);
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
    const double v = rows[r][0], s = rows[r][1], vl = rows[r][2];
    char what[96];
    snprintf(what, sizeof what, "free speed from %g m/s", v);
    art_answer(ART_GATE_HARD, "V10", what, "m/s", rows[r][3], gipps_free(v, 20.0, 1.7, tau), 1e-8);
    snprintf(what, sizeof what, "safe speed at %g m/s, %g m behind %g m/s", v, s, vl);
    art_answer(ART_GATE_HARD, "V10", what, "m/s", rows[r][4], gipps_safe(v, s, vl, -3.4, -3.2, tau), 1e-8);
    // The kernel: the smaller of both, one reaction time later.
    const float got = art_gipps_accel(types, 0, (float)v, 20.0f, (float)(s + 1.5), (float)vl);
    snprintf(what, sizeof what, "kernel at %g m/s, %g m behind %g m/s", v, s, vl);
    art_answer(ART_GATE_HARD, "V10", what, "m/s2", (fmin(rows[r][3], rows[r][4]) - v) / tau, (double)got,
               1e-5);
  }
  // With the deceleration expected of the leader equal to one's own the spacing is S + 1.5 v tau.
  type.decel_mps2 = 3.0f;
  types = store_types(&store, &type, 1, tau);
  platoon_row p = { .count = 20, .v0 = 20.0, .length_m = 5.0 };
  for (int i = 0; i < p.count; ++i) {
    p.x[i] = -i * 30.0;
    p.v[i] = 15.0;
  }
  for (int n = 0; n < 3000; ++n) platoon_step(&p, ART_MODEL_GIPPS, types, tau);
  const double spacing = (p.x[0] - p.x[19]) / 19.0;
  art_answer(ART_GATE_HARD, "V10", "spacing of a platoon at 15 m/s", "m", 21.5, spacing, 1e-3 * 21.5);
  art_answer(ART_GATE_HARD, "V10", "flow of a platoon at 15 m/s", "veh/h", 2511.63, 3600.0 * 15.0 / spacing,
             1e-3 * 2511.63);
}

// --- V11 ------------------------------------------------------------------------------------------------------------

static void v11_wiedemann(void **state)
{
  (void)state;
  art_vtype type = art_vtype_default();
  type.length_m = 4.5f;
  type.min_gap_m = 1.5f;   // CC0
  type.time_gap_s = 0.9f;  // CC1
  type.accel_mps2 = 3.5f;  // CC8
  const double v = 50.0 / 3.6;
  for (double dt = 0.5; dt > 0.05; dt /= 2.24) {
    type_store store;
    const art_type_table *types = store_types(&store, &type, 1, dt);
    platoon_row p = { .count = 2, .v0 = 60.0 / 3.6, .length_m = 4.5 };
    p.x[0] = 60.0;
    p.v[0] = v;
    p.v[1] = v;
    int inside = 0, steps = 0;
    double mean = 0.0;
    for (double time = 0.0; time < 1320.0; time += dt) {
      platoon_step(&p, ART_MODEL_W99, types, dt);
      if (time < 120.0) continue;  // closes up first
      const double gap = platoon_gap(&p, 1);
      ++steps;
      inside += gap >= 14.0 && gap <= 18.0;
      mean += gap;
    }
    mean /= steps;
    char what[96];
    snprintf(what, sizeof what, "W99: share of time within 14 to 18 m behind 50 km/h, step %.3g s", dt);
    art_answer_within(ART_GATE_HARD, "V11", what, "1", 0.95, 1.0, (double)inside / steps);
    snprintf(what, sizeof what, "W99: flow at the mean gap behind 50 km/h, step %.3g s; band's centre 2439",
             dt);
    art_answer_within(ART_GATE_HARD, "V11", what, "veh/h", 3600.0 * v / 22.5, 3600.0 * v / 18.5,
                      3600.0 * v / (mean + 4.5));
  }
}

// --- V12 ------------------------------------------------------------------------------------------------------------

static void v12_newell(void **state)
{
  (void)state;
  const double vf = 50.0 / 3.6, w = 18.0 / 3.6, kj = 0.150;
  const double d = 1.0 / kj, tau = d / w;
  art_answer(ART_GATE_HARD, "V12", "jam spacing", "m", 6.6667, d, 5e-5);
  art_answer(ART_GATE_HARD, "V12", "time shift", "s", 1.33333, tau, 5e-6);
  art_answer(ART_GATE_HARD, "V12", "capacity", "veh/h", 1985.294, 3600.0 * vf * w * kj / (vf + w), 5e-4);

  art_vtype type = art_vtype_default();
  type.min_gap_m = (float)(d - 5.0);
  type.time_gap_s = (float)tau;
  type_store store;
  const art_type_table *types = store_types(&store, &type, 1, tau);
  // The leader slows down, stops and goes on; followers start congested, at spacing d + v tau.
  enum { FOLLOWERS = 8, STEPS = 60 };
  static const double lead_mps[] = { 8, 8, 8, 5, 2, 0, 0, 0, 3, 9, 9, 6, 6, 6, 10, 10, 4, 4, 1, 0 };
  double exact[FOLLOWERS + 1][STEPS + 1], off = 0.0, kernel_off = 0.0;
  platoon_row p = { .count = FOLLOWERS + 1, .v0 = vf, .length_m = 5.0 };
  for (int i = 0; i <= FOLLOWERS; ++i) {
    exact[i][0] = p.x[i] = -i * (d + 8.0 * tau);
    p.v[i] = 8.0;
  }
  for (int n = 0; n < STEPS; ++n) {
    const double lead = lead_mps[n % 20];
    exact[0][n + 1] = exact[0][n] + lead * tau;
    for (int i = 1; i <= FOLLOWERS; ++i) {
      const double speed = fmin(vf, (exact[i - 1][n] - exact[i][n] - d) / tau);
      exact[i][n + 1] = exact[i][n] + speed * tau;
    }
    p.lead_accel = (lead - p.v[0]) / tau;
    platoon_step(&p, ART_MODEL_NEWELL, types, tau);
    for (int i = 1; i <= FOLLOWERS; ++i) {
      off = fmax(off, fabs(exact[i][n + 1] - (exact[i - 1][n] - d)));
      kernel_off = fmax(kernel_off, fabs(p.x[i] - (p.x[i - 1] - p.v[i - 1] * tau - d)));
    }
  }
  art_answer(ART_GATE_HARD, "V12", "follower against the leader shifted by (tau, -d), formula in double", "m",
             0.0, off, 1e-9);
  // Gaps and accelerations are floats: each step is off by a few units in the last place of 20 m and of 8 m/s.
  art_answer(ART_GATE_HARD, "V12", "the same, kernel in float", "m", 0.0, kernel_off, 1e-5);
}

// --- all models -----------------------------------------------------------------------------------------------------

/// No model lets a platoon collide behind a leader that brakes hard, and all come to rest behind it.
static void nobody_collides(void **state)
{
  (void)state;
  for (int model = 0; model < ART_MODEL_COUNT; ++model) {
    art_vtype type = art_vtype_default();
    type.decel_mps2 = 4.5f;
    type.time_gap_s = 1.2f;
    type_store store;
    const art_type_table *types = store_types(&store, &type, 1, 0.5);
    platoon_row p = { .count = 30, .v0 = 15.0, .length_m = 5.0 };
    for (int i = 0; i < p.count; ++i) {
      p.x[i] = -i * 30.0;
      p.v[i] = 13.0;
    }
    double least = INFINITY;
    for (int n = 0; n < 600; ++n) {
      p.lead_accel = n < 40 ? 0.0 : p.v[0] > 0.0 ? -4.0 : 0.0;
      platoon_step(&p, model, types, 0.5);
      for (int i = 1; i < p.count; ++i) least = fmin(least, platoon_gap(&p, i));
    }
    if (!(least > 0.0)) fail_msg("%s: least gap %g m", art_model_name(model), least);
    for (int i = 1; i < p.count; ++i) {
      if (!(p.v[i] < 0.3)) fail_msg("%s: vehicle %d still drives %g m/s", art_model_name(model), i, p.v[i]);
      if (!(platoon_gap(&p, i) < 8.0))
        fail_msg("%s: vehicle %d stands %g m behind", art_model_name(model), i, platoon_gap(&p, i));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v08_adaptive_cruise_control),
    cmocka_unit_test(connected_followers_keep_the_shorter_gap),
    cmocka_unit_test(radio_makes_short_gaps_stable),
    cmocka_unit_test(v09_krauss),
    cmocka_unit_test(v09_dawdling),
    cmocka_unit_test(v10_gipps),
    cmocka_unit_test(v11_wiedemann),
    cmocka_unit_test(v12_newell),
    cmocka_unit_test(nobody_collides),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
