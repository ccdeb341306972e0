// Rings in the engine: the experiment of Sugiyama (V04), equilibria and capacities of all models (V02, V09, V10, V12),
// and vehicles that enter a road as fast as they can (V09).
#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/support/ring_run.h"

/// A driver without any chance in him.
static art_vtype plain_type(void)
{
  art_vtype type = art_vtype_default();
  type.speed_factor_dev = type.time_gap_dev = type.noise_mps2 = type.sigma = 0.0f;
  return type;
}

static void v04_sugiyama_engine(void **state)
{
  (void)state;
  art_vtype type = plain_type();
  type.length_m = 4.0f;
  type.time_gap_s = 1.0f;
  type.min_gap_m = 2.0f;
  type.accel_mps2 = 0.73f;
  type.decel_mps2 = 1.67f;
  art_error err = { 0 };
  ring_run r;
  assert_ok(ring_start(&r, 230.0, 40.0f / 3.6f, 22, 0.5, &type, ART_MODEL_IDM, 100, 1, &err), err);
  assert_ok(art_sim_advance(r.sim, 2000000, &err), err);
  assert_int_equal(art_sim_ledger(r.sim).running, 22);
  art_snapshot shot = { 0 };
  double sum = 0.0, least = INFINITY, most = 0.0, phase = 0.0, turned = 0.0;
  const double two_pi = 2.0 * acos(-1.0);
  enum { SAMPLES = 10000 };
  for (int n = 0; n < SAMPLES; ++n) {
    assert_ok(art_sim_advance(r.sim, art_sim_now(r.sim) + 100, &err), err);
    art_sim_snapshot(r.sim, &shot);
    double complex jam = 0.0;
    for (int64_t i = 0; i < shot.count; ++i) {
      const double v = (double)shot.speed_mps[i];
      sum += v / 22.0;
      least = fmin(least, v);
      most = fmax(most, v);
      if (v < 1.0) jam += cexp(I * two_pi * ring_place(&r, shot.lane[i], shot.pos_m[i]) / r.ring_m);
    }
    if (cabs(jam) < 0.5) continue;
    const double now = carg(jam);
    if (n > 0) turned += remainder(now - phase, two_pi);
    phase = now;
  }
  const double mean = sum / SAMPLES;
  art_answer(ART_GATE_HARD, "V04", "mean speed on the ring, engine, step 0.1 s", "m/s", 2.41, mean,
             0.02 * 2.41);
  art_answer(ART_GATE_HARD, "V04", "flow on the ring, engine, step 0.1 s", "veh/h", 830.0,
             3600.0 * mean * 22.0 / 230.0, 0.02 * 830.0);
  art_answer(ART_GATE_HARD, "V04", "lowest speed in the jam, engine", "m/s", 0.0, least, 1e-3);
  art_answer_within(ART_GATE_HARD, "V04", "highest speed on the ring, engine", "m/s", 0.98 * 8.44,
                    1.02 * 8.48, most);
  art_answer_within(ART_GATE_SOFT, "V04", "speed of the jam, engine", "km/h", -25.0, -15.0,
                    3.6 * turned / two_pi * r.ring_m / (SAMPLES * 0.1));
  art_snapshot_free(&shot);
  ring_free(&r);
}

/// Mean speed over the last minutes of a ring of 40 vehicles at an even spacing.
static double ring_speed(const art_vtype *type, int32_t model, double spacing_m, float limit_mps,
                         int32_t step_ms, uint64_t seed)
{
  enum { COUNT = 40 };
  art_error err = { 0 };
  ring_run r;
  assert_ok(ring_start(&r, COUNT * spacing_m, limit_mps, COUNT, 0.3, type, model, step_ms, seed, &err), err);
  assert_ok(art_sim_advance(r.sim, 900000, &err), err);
  const int64_t before_mm = art_sim_ledger(r.sim).distance_mm;
  assert_ok(art_sim_advance(r.sim, 1200000, &err), err);
  assert_int_equal(art_sim_ledger(r.sim).running, COUNT);
  const double speed = (double)(art_sim_ledger(r.sim).distance_mm - before_mm) * 1e-3 / COUNT / 300.0;
  ring_free(&r);
  return speed;
}

static void rings_meet_the_equilibrium(void **state)
{
  (void)state;
  // Stable at these densities; each model's speed from its own equation at the spacing.
  art_vtype type = plain_type();
  type.time_gap_s = 1.2f;
  type.accel_mps2 = 2.0f;
  type.decel_mps2 = 3.0f;
  const double limit = 50.0 / 3.6;
  static const double speeds[] = { 4.0, 10.0 };
  for (int k = 0; k < 2; ++k) {
    const double v = speeds[k], linear = 5.0 + 2.0 + 1.2 * v;
    const struct {
      int model;
      const char *case_id;
      double spacing;
    } rows[] = { { ART_MODEL_IDM, "V02", 5.0 + (2.0 + 1.2 * v) / sqrt(1.0 - pow(v / limit, 4.0)) },
                 { ART_MODEL_IIDM, "V02", linear },
                 { ART_MODEL_IDM_PLUS, "V02", linear },
                 { ART_MODEL_ACC, "V08", linear },
                 { ART_MODEL_KRAUSS, "V09", linear },
                 { ART_MODEL_GIPPS, "V10", linear },
                 { ART_MODEL_NEWELL, "V12", linear } };
    for (size_t m = 0; m < sizeof rows / sizeof *rows; ++m) {
      char what[96];
      snprintf(what, sizeof what, "speed on a ring, engine, %s, spacing %.3f m, step 0.5 s",
               art_model_name(rows[m].model), rows[m].spacing);
      art_answer(ART_GATE_HARD, rows[m].case_id, what, "m/s", v,
                 ring_speed(&type, rows[m].model, rows[m].spacing, (float)limit, 500, 1), 0.005 * v);
    }
  }
}

/// V09: trips that queue outside enter as fast as they may, at the speed of the road, and leave the greatest flow.
static double entering_flow(float limit_mps, int32_t step_ms)
{
  art_net *net = art_test_net_road(2, 1, 1500.0f, limit_mps);
  art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 1 }, 1200, 0, 100);
  demand->type[0] = plain_type();
  demand->type[0].accel_mps2 = 2.6f;
  demand->type[0].decel_mps2 = 4.5f;
  demand->type[0].time_gap_s = 1.0f;
  demand->type[0].min_gap_m = 2.5f;
  for (int32_t i = 0; i < demand->trip_count; ++i) demand->trip_depart_speed_mps[i] = limit_mps;
  const art_sim_setup setup = { .net = net,
                                .demand = demand,
                                .kernels = art_models_kernels(),
                                .seed = 1,
                                .step_ms = step_ms,
                                .end_ms = 3600000,
                                .threads = 1,
                                .model = ART_MODEL_KRAUSS };
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 600000, &err), err);
  const int64_t before = art_sim_ledger(sim).arrived;
  assert_ok(art_sim_advance(sim, 1500000, &err), err);
  const double flow = (double)(art_sim_ledger(sim).arrived - before) * 4.0;
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return flow;
}

static void v09_entering_at_road_speed(void **state)
{
  (void)state;
  static const double rows[][2] = { { 50.0 / 3.6, 2337.66 }, { 16.66, 2482.45 }, { 100.0 / 3.6, 2834.65 } };
  static const int32_t steps[] = { 1000, 500 };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r)
    for (int k = 0; k < 2; ++k) {
      char what[96];
      snprintf(what, sizeof what, "flow of vehicles entering at %.4g m/s, engine, Krauss, step %g s",
               rows[r][0], steps[k] * 1e-3);
      art_answer_within(ART_GATE_HARD, "V09", what, "veh/h", 0.99 * rows[r][1], 1.02 * rows[r][1],
                        entering_flow((float)rows[r][0], steps[k]));
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v04_sugiyama_engine),
    cmocka_unit_test(rings_meet_the_equilibrium),
    cmocka_unit_test(v09_entering_at_road_speed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
