// Queues that spill back, in the engine with Newell followers, against the theory of Lighthill, Whitham and Richards:
// V26 (shocks), V41 (corridor of the link transmission model) and V43 (macroscopic fundamental diagram of a ring of
// signalised blocks). The fundamental diagram is that of V21: 50 and 18 km/h, 150 veh/km.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/unit/small_net.h"

static const double vf = 50.0 / 3.6, wave = 18.0 / 3.6, jam_spacing = 1000.0 / 150.0;
enum { STEP_MS = 500 };

/// Newell's follower of this diagram: any speed change is possible.
static art_vtype newell_type(void)
{
  art_vtype type = art_vtype_default();
  type.length_m = 5.0f;
  type.min_gap_m = (float)(jam_spacing - 5.0);
  type.time_gap_s = (float)(jam_spacing / wave);
  type.emergency_decel_mps2 = type.accel_mps2 = 100.0f;
  type.speed_factor_dev = type.time_gap_dev = type.noise_mps2 = 0.0f;
  type.model = ART_MODEL_NEWELL;
  return type;
}

/// The factor on the time gap with which a lane lets `vph` vehicles an hour pass.
static float gap_factor_for(double vph)
{
  const double spacing = vf * 3600.0 / vph;
  return (float)((spacing - jam_spacing) / vf / (jam_spacing / wave));
}

typedef struct corridor {
  art_net *net;
  art_demand *demand;
  art_sim *sim;
} corridor;

/// 1 km of driving on a lane, then a lane that lets only `exit_vph` pass (0: a signal at red). Vehicles of trips come in with
/// their front at 5 m, so the lane is 1005 m long.
static corridor make_corridor(double inflow_vph, double exit_vph, double until_s)
{
  const small_link links[] = { { 0, 1, 1, 1005, (float)vf }, { 1, 2, 1, 400, (float)vf }, { .length_m = 0 } };
  const small_path paths[] = {
    { .from_link = 0, .to_link = 1, .length_m = 1, .speed_mps = (float)vf, .state = 'M' }, { .length_m = 0 }
  };
  corridor c = { .net = small_net(3, links, paths, NULL) };
  if (exit_vph > 0.0) {
    c.net->lane_gap_factor = ART_NEW(float, c.net->lane_count);
    for (int32_t lane = 0; lane < c.net->lane_count; ++lane)
      c.net->lane_gap_factor[lane] = lane == 1 ? gap_factor_for(exit_vph) : 1.0f;
  } else {
    small_signal(c.net, 1, (const int64_t[]){ 1000 }, "r");
  }
  c.demand =
      art_test_demand_flow(c.net, 2, (const int32_t[]){ 0, 1 }, (int32_t)(inflow_vph * until_s / 3600.0), 0,
                           (int64_t)(3600000.0 / inflow_vph));
  c.demand->type[0] = newell_type();
  art_sim_setup setup = small_setup(c.net, c.demand);
  setup.step_ms = STEP_MS;
  art_error err = { 0 };
  assert_ok(art_net_check(c.net, &err), err);
  assert_ok(art_demand_check(c.demand, c.net, &err), err);
  assert_ok(art_sim_create(&setup, &c.sim, &err), err);
  return c;
}

static void free_corridor(corridor *c)
{
  art_sim_free(c->sim);
  art_demand_free(c->demand);
  art_net_free(c->net);
}

/// How far upstream speeds have fallen: distance of the rearmost slow front from the lane's end; 0: nobody is slow.
static double queue_m(const art_snapshot *shot)
{
  double far = 0.0;
  for (int64_t i = 0; i < shot->count; ++i)
    if (shot->lane[i] == 0 && (double)shot->speed_mps[i] < 0.6 * vf)
      far = fmax(far, 1005.0 - (double)shot->pos_m[i]);
  return far;
}

/// Vehicles with their front between two places of the first lane.
static int count_between(const art_snapshot *shot, double from_m, double to_m)
{
  int count = 0;
  for (int64_t i = 0; i < shot->count; ++i)
    count += shot->lane[i] == 0 && (double)shot->pos_m[i] >= from_m && (double)shot->pos_m[i] < to_m;
  return count;
}

static void v26_shocks(void **state)
{
  (void)state;
  static const struct {
    double inflow, exit, density, speed_kmh, fill_s;
  } rows[] = { { 1500, 900, 100.0, -8.5714, 420.0 },
               { 1500, 0, 150.0, -12.5, 288.0 },
               { 1800, 1000, 150.0 - 1000.0 / 18.0, -13.6882, 263.0 } };
  for (size_t r = 0; r < sizeof rows / sizeof *rows; ++r) {
    corridor c = make_corridor(rows[r].inflow, rows[r].exit, 1200.0);
    art_error err = { 0 };
    art_snapshot shot = { 0 };
    double at_200 = 0.0, at_900 = 0.0, density = 0.0;
    while (at_900 == 0.0 && art_sim_now(c.sim) < 1200000) {
      assert_ok(art_sim_advance(c.sim, art_sim_now(c.sim) + STEP_MS, &err), err);
      art_sim_snapshot(c.sim, &shot);
      const double queue = queue_m(&shot), now = (double)art_sim_now(c.sim) * 1e-3;
      if (at_200 == 0.0 && queue >= 200.0) at_200 = now;
      if (queue < 900.0) continue;
      at_900 = now;
      density = count_between(&shot, 305.0, 905.0) / 0.6;
    }
    assert_true(at_900 > at_200 && at_200 > 0.0);
    const double speed = -0.7 / ((at_900 - at_200) / 3600.0);
    char what[96];
    snprintf(what, sizeof what, "shock, inflow %g, bottleneck %g veh/h, Newell in the engine", rows[r].inflow,
             rows[r].exit);
    art_answer(ART_GATE_HARD, "V26", what, "km/h", rows[r].speed_kmh, speed, 0.03 * fabs(rows[r].speed_kmh));
    snprintf(what, sizeof what, "time to fill 1 km, inflow %g, bottleneck %g veh/h", rows[r].inflow,
             rows[r].exit);
    art_answer(ART_GATE_HARD, "V26", what, "s", rows[r].fill_s, (at_900 - at_200) / 0.7,
               0.03 * rows[r].fill_s);
    snprintf(what, sizeof what, "density in the queue, inflow %g, bottleneck %g veh/h", rows[r].inflow,
             rows[r].exit);
    art_answer(ART_GATE_HARD, "V26", what, "veh/km", rows[r].density, density, 0.03 * rows[r].density);
    art_snapshot_free(&shot);
    free_corridor(&c);
  }
}

static void v41_corridor(void **state)
{
  (void)state;
  corridor c = make_corridor(1500, 900, 1800.0);
  art_error err = { 0 };
  art_snapshot shot = { 0 };
  double first_exit = 0.0, spilled = 0.0, entered_then = 0.0;
  int on_link = 0;
  int64_t inserted = 0;
  while (art_sim_now(c.sim) < 1500000) {
    assert_ok(art_sim_advance(c.sim, art_sim_now(c.sim) + STEP_MS, &err), err);
    art_sim_snapshot(c.sim, &shot);
    const double now = (double)art_sim_now(c.sim) * 1e-3;
    for (int64_t i = 0; i < shot.count && first_exit == 0.0; ++i)
      if (shot.lane[i] != 0) first_exit = now - (double)shot.pos_m[i] / (double)shot.speed_mps[i];
    if (spilled == 0.0 && queue_m(&shot) >= 990.0) {  // the next one that enters is slow
      spilled = now;
      on_link = count_between(&shot, 0.0, 1005.0);
    }
    if (art_sim_now(c.sim) == 900000) inserted = art_sim_ledger(c.sim).inserted;
  }
  entered_then = (double)(art_sim_ledger(c.sim).inserted - inserted) * 6.0;
  art_answer(ART_GATE_HARD, "V41", "first exit, Newell in the engine", "s", 72.0, first_exit, 0.03 * 72.0);
  art_answer(ART_GATE_HARD, "V41", "spillback reaches the entrance", "s", 492.0, spilled, 0.03 * 492.0);
  art_answer(ART_GATE_HARD, "V41", "vehicles on the link then", "veh", 100.0, (double)on_link, 3.0);
  art_answer(ART_GATE_HARD, "V41", "entry after that, from 900 to 1500 s", "veh/h", 900.0, entered_then,
             0.03 * 900.0);
  art_snapshot_free(&shot);
  free_corridor(&c);
}

/// Mean speed of `count` vehicles on a ring of four blocks of 250 m, each with a signal, 27 s green and 3 s yellow
/// of 60 s. Who cannot stop at yellow drives on, so the effective green is 30 s at most.
static double block_ring_speed(int32_t count)
{
  enum { BLOCKS = 4, HOPS = 4000 };
  art_net *net = art_test_net_ring(BLOCKS, 1, 249.0f, (float)vf);
  small_signal(net, 4, (const int64_t[]){ 27000, 3000, 27000, 3000 }, "GrGryryrrGrGryry");
  int32_t route[HOPS];
  for (int32_t h = 0; h < HOPS; ++h) route[h] = h % BLOCKS;
  art_demand *demand = art_test_demand_flow(net, HOPS, route, count, 0, 0);
  demand->type[0] = newell_type();
  demand->route_count = BLOCKS;
  demand->route_first = art_renew(demand->route_first, BLOCKS + 1, sizeof *demand->route_first);
  demand->route_link = art_renew(demand->route_link, BLOCKS * HOPS, sizeof *demand->route_link);
  for (int32_t b = 0; b < BLOCKS; ++b) {
    demand->route_first[b + 1] = (int64_t)(b + 1) * HOPS;
    for (int32_t h = 0; h < HOPS; ++h) demand->route_link[b * HOPS + h] = (b + h) % BLOCKS;
  }
  for (int32_t i = 0; i < count; ++i) demand->trip_route[i] = i % BLOCKS;
  art_sim_setup setup = small_setup(net, demand);
  setup.end_ms = 100000000;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  assert_ok(art_sim_advance(sim, 1200000, &err), err);
  assert_int_equal(art_sim_ledger(sim).running, count);
  const int64_t before_mm = art_sim_ledger(sim).distance_mm;
  assert_ok(art_sim_advance(sim, 3000000, &err), err);
  const double speed = (double)(art_sim_ledger(sim).distance_mm - before_mm) * 1e-3 / count / 1800.0;
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return speed;
}

static void v43_ring_of_blocks(void **state)
{
  (void)state;
  const double alone = block_ring_speed(1), capacity = vf / (jam_spacing + vf * jam_spacing / wave);
  static const int32_t counts[] = { 4, 10, 20, 30, 45, 60, 80, 100, 120, 140 };
  for (size_t n = 0; n < sizeof counts / sizeof *counts; ++n) {
    const double k = counts[n] / 1000.0, flow = k * block_ring_speed(counts[n]);
    // Vehicles are whole: in 30 s of green one more passes than full headways fit in.
    const double per_cycle = floor(30.0 * capacity) + 1.0;
    const double bound = fmin(fmin(vf * k, per_cycle / 60.0), wave * (0.150 - k));
    char what[96];
    snprintf(what, sizeof what, "flow on a ring of signalised blocks at %d veh/km", (int)counts[n]);
    art_answer_within(ART_GATE_HARD, "V43", what, "veh/h", 0.0, 3600.0 * bound, 3600.0 * flow);
    if (counts[n] <= 10)
      art_answer(ART_GATE_HARD, "V43", "the same against the free branch with the delay of signals", "veh/h",
                 3600.0 * k * alone, 3600.0 * flow, 0.05 * 3600.0 * k * alone);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v26_shocks),
    cmocka_unit_test(v41_corridor),
    cmocka_unit_test(v43_ring_of_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
