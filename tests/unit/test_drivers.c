// Drivers around the car-following model: spread, noise, start-up delay, action points, climbs, factors of lanes, and
// several models side by side in one block.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/sim_internal.h"
#include "tests/support/check.h"
#include "tests/support/ring_run.h"
#include "tests/unit/small_net.h"

static art_vtype plain_type(void)
{
  art_vtype type = art_vtype_default();
  type.speed_factor_dev = type.time_gap_dev = type.noise_mps2 = type.sigma = 0.0f;
  return type;
}

static art_sim *create(const art_sim_setup *setup)
{
  art_sim *sim = NULL;
  art_error err = { 0 };
  assert_ok(art_net_check(setup->net, &err), err);
  assert_ok(art_demand_check(setup->demand, setup->net, &err), err);
  assert_ok(art_sim_create(setup, &sim, &err), err);
  return sim;
}

static void advance(art_sim *sim, art_tick until_ms)
{
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, until_ms, &err), err);
}

/// One lane of 2 x 1000 m at 13.89 m/s and trips that enter at `headway_ms`.
typedef struct road {
  art_net *net;
  art_demand *demand;
} road;

static road make_road(int32_t trips, int64_t headway_ms)
{
  road r = { .net = art_test_net_road(2, 1, 1000.0f, 13.89f) };
  r.demand = art_test_demand_flow(r.net, 2, (const int32_t[]){ 0, 1 }, trips, 0, headway_ms);
  r.demand->type[0] = plain_type();
  return r;
}

static void free_road(road *r)
{
  art_net_free(r->net);
  art_demand_free(r->demand);
}

static void time_gaps_spread_as_asked(void **state)
{
  (void)state;
  enum { TRIPS = 20000 };
  road r = make_road(TRIPS, 1000);
  r.demand->type[0].time_gap_s = 1.2f;
  r.demand->type[0].time_gap_dev = 0.25f;
  const art_sim_setup setup = small_setup(r.net, r.demand);
  art_sim *sim = create(&setup);
  double sum = 0.0, squares = 0.0;
  for (int32_t trip = 0; trip < TRIPS; ++trip) {
    const double gap = (double)sim->types.time_gap_s[art_driver_of(sim, trip)];
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / TRIPS, dev = sqrt(squares / TRIPS - mean * mean);
  // Nine equally likely middles have 0.937 of the deviation that the normal distribution has.
  assert_float_equal(mean, 1.2, 0.01);
  assert_float_equal(dev, 1.2 * 0.25 * 0.937, 0.01);
  assert_float_equal(sim->types.time_gap_s[0], 1.2f, 0.0f);  // row 0 is the type itself
  art_sim_free(sim);
  free_road(&r);
}

/// Speeds of one vehicle alone on a ring, every 0.5 s.
static void lone_speeds(const art_vtype *type, int32_t step_ms, int count, double *speed)
{
  ring_run ring;
  art_error err = { 0 };
  assert_ok(ring_start(&ring, 2000.0, 13.89f, 2, 0.0, type, ART_MODEL_IIDM, step_ms, 1, &err), err);
  advance(ring.sim, 60000);
  art_snapshot shot = { 0 };
  for (int n = 0; n < count; ++n) {
    advance(ring.sim, art_sim_now(ring.sim) + 500);
    art_sim_snapshot(ring.sim, &shot);
    speed[n] = (double)shot.speed_mps[0];
  }
  art_snapshot_free(&shot);
  ring_free(&ring);
}

static void noise_shakes_the_speed(void **state)
{
  (void)state;
  enum { SAMPLES = 4000 };
  double *speed = ART_NEW(double, SAMPLES);
  art_vtype type = plain_type();
  double deviation[2][2];
  for (int noisy = 0; noisy < 2; ++noisy)
    for (int fine = 0; fine < 2; ++fine) {
      type.noise_mps2 = noisy ? 0.2f : 0.0f;
      lone_speeds(&type, fine ? 100 : 500, SAMPLES, speed);
      double sum = 0.0, squares = 0.0;
      for (int n = 0; n < SAMPLES; ++n) {
        sum += speed[n];
        squares += speed[n] * speed[n];
      }
      deviation[noisy][fine] = sqrt(fmax(squares / SAMPLES - sum / SAMPLES * sum / SAMPLES, 0.0));
    }
  free(speed);
  assert_true(deviation[0][0] < 0.01 && deviation[0][1] < 0.01);
  assert_true(deviation[1][0] > 0.1 && deviation[1][0] < 1.0);
  assert_float_equal(deviation[1][0], deviation[1][1], 0.1 * deviation[1][0]);  // not a matter of the step
}

static void start_up_takes_its_delay(void **state)
{
  (void)state;
  double moved_s[3];
  for (int k = 0; k < 3; ++k) {
    road r = make_road(1, 0);
    r.demand->type[0].startup_delay_s = (float)k;
    r.demand->trip_depart_speed_mps[0] = 0.0f;
    const art_sim_setup setup = small_setup(r.net, r.demand);
    art_sim *sim = create(&setup);
    art_snapshot shot = { 0 };
    moved_s[k] = 0.0;
    while (moved_s[k] == 0.0) {
      advance(sim, art_sim_now(sim) + 500);
      art_sim_snapshot(sim, &shot);
      if (shot.speed_mps[0] > 0.0f) moved_s[k] = (double)art_sim_now(sim) * 1e-3;
    }
    art_snapshot_free(&shot);
    art_sim_free(sim);
    free_road(&r);
  }
  assert_float_equal(moved_s[0], 0.5, 0.0);
  assert_float_equal(moved_s[1], 1.5, 0.0);
  assert_float_equal(moved_s[2], 2.5, 0.0);
}

static void action_points_keep_the_acceleration(void **state)
{
  (void)state;
  road r = make_road(1, 0);
  r.demand->type[0].action_step_s = 2.0f;
  r.demand->trip_depart_speed_mps[0] = 0.0f;
  const art_sim_setup setup = small_setup(r.net, r.demand);
  art_sim *sim = create(&setup);
  art_snapshot shot = { 0 };
  double last = 0.0, before = NAN;
  int changes = 0;
  enum { STEPS = 24 };
  for (int n = 0; n < STEPS; ++n) {
    advance(sim, art_sim_now(sim) + 500);
    art_sim_snapshot(sim, &shot);
    const double accel = ((double)shot.speed_mps[0] - last) / 0.5;
    last = (double)shot.speed_mps[0];
    changes += !(fabs(accel - before) < 1e-4);
    before = accel;
  }
  // One decision every four steps, at the driver's own instants.
  assert_true(changes >= STEPS / 4 && changes <= STEPS / 4 + 1);
  art_snapshot_free(&shot);
  art_sim_free(sim);
  free_road(&r);
}

static double settled_speed(float grade, float share, float speed_factor)
{
  road r = make_road(1, 0);
  r.demand->type[0].grade_share = share;
  if (grade != 0.0f) {
    r.net->lane_grade = ART_NEW(float, r.net->lane_count);
    for (int32_t lane = 0; lane < r.net->lane_count; ++lane) r.net->lane_grade[lane] = grade;
  }
  if (speed_factor != 1.0f) {
    r.net->lane_speed_factor = ART_NEW(float, r.net->lane_count);
    for (int32_t lane = 0; lane < r.net->lane_count; ++lane) r.net->lane_speed_factor[lane] = speed_factor;
  }
  const art_sim_setup setup = small_setup(r.net, r.demand);
  art_sim *sim = create(&setup);
  advance(sim, 60000);
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  assert_int_equal(shot.count, 1);
  const double speed = (double)shot.speed_mps[0];
  art_snapshot_free(&shot);
  art_sim_free(sim);
  free_road(&r);
  return speed;
}

static void climbs_slow_the_heavy(void **state)
{
  (void)state;
  assert_float_equal(settled_speed(0.05f, 0.0f, 1.0f), 13.89, 0.01);
  assert_float_equal(settled_speed(-0.05f, 1.0f, 1.0f), 13.89, 0.01);
  // IIDM's free acceleration a (1 - (v / v0)^4) equals g sin: v = v0 (1 - g sin / a)^(1/4).
  const double pull = 9.81 * 0.05 / sqrt(1.0 + 0.05 * 0.05);
  assert_float_equal(settled_speed(0.05f, 1.0f, 1.0f), 13.89 * pow(1.0 - pull / 1.7, 0.25), 0.02);
  // So steep that nothing would be left: a crawl, but nobody stands.
  const double crawl = settled_speed(0.25f, 1.0f, 1.0f);
  assert_true(crawl > 1.0 && crawl < 6.0);
}

static void lanes_have_factors(void **state)
{
  (void)state;
  assert_float_equal(settled_speed(0.0f, 0.0f, 0.8f), 0.8 * 13.89, 0.01);
  // Twice the time gap at 5 m/s: wanted spacing 5 + 2 + 2 T v; the vehicles of the ring settle at the speed that fits.
  const art_vtype type = plain_type();
  const double v = 5.0, spacing = 7.0 + 2.0 * (double)type.time_gap_s * v;
  ring_run ring;
  art_error err = { 0 };
  assert_ok(ring_start(&ring, 20 * spacing, 13.89f, 20, 0.2, &type, ART_MODEL_IIDM, 500, 1, &err), err);
  // Set on the net before anything has moved; connectors of 1 m have none.
  ring.net->lane_gap_factor = ART_NEW(float, ring.net->lane_count);
  for (int32_t lane = 0; lane < ring.net->lane_count; ++lane) ring.net->lane_gap_factor[lane] = 2.0f;
  advance(ring.sim, 600000);
  art_snapshot shot = { 0 };
  art_sim_snapshot(ring.sim, &shot);
  double mean = 0.0;
  for (int64_t i = 0; i < shot.count; ++i) mean += (double)shot.speed_mps[i] / (double)shot.count;
  assert_float_equal(mean, v, 0.4);  // vehicles on one of the connectors keep their plain gap
  art_snapshot_free(&shot);
  ring_free(&ring);
}

/// A block with several models gives each vehicle what its model alone would give it.
static void models_share_a_block(void **state)
{
  (void)state;
  enum { N = 90 };
  road r = make_road(N, 2600);
  art_demand *d = r.demand;
  d->type = art_renew(d->type, ART_MODEL_COUNT, sizeof *d->type);
  d->type_id = art_renew(d->type_id, ART_MODEL_COUNT, sizeof *d->type_id);
  d->set_type = art_renew(d->set_type, ART_MODEL_COUNT, sizeof *d->set_type);
  d->set_probability = art_renew(d->set_probability, ART_MODEL_COUNT, sizeof *d->set_probability);
  for (int m = 0; m < ART_MODEL_COUNT; ++m) {
    d->type[m] = plain_type();
    d->type[m].model = m;
    d->type[m].emergency_decel_mps2 = 100.0f;  // as the kernel says
    if (m > 0) d->type_id[m] = art_strdup(art_model_name(m));
    d->set_type[m] = m;
    d->set_probability[m] = 1.0f / ART_MODEL_COUNT;
  }
  d->type_count = d->set_first[1] = ART_MODEL_COUNT;
  const art_sim_setup setup = small_setup(r.net, r.demand);
  art_sim *sim = create(&setup);
  const art_kernels *kernels = art_models_kernels();
  int compared[ART_MODEL_COUNT] = { 0 };
  for (int n = 0; n < 300; ++n) {
    advance(sim, art_sim_now(sim) + 500);
    art_worker worker = { 0 };
    for (int32_t b = 0; b < sim->block_count; ++b) {
      art_block *block = &sim->block[b];
      const int32_t count = art_block_count(block);
      art_move_scratch_reserve(&worker.move, count);
      art_block_lend(block, worker.move.lent, worker.move.capacity);
      for (int32_t i = 0; i < count; ++i) {
        block->gap_m[i] = 5.0f + (float)(i * 7 % 40);
        block->lead_speed_mps[i] = (float)(i * 3 % 14);
        block->desired_mps[i] = 13.89f;
      }
      art_follow_block(sim, block, &worker);
      for (int32_t i = 0; i < count; ++i) {
        const int model = sim->types.model[block->type[i]];
        if (kernels->needs[model]) continue;
        ++compared[model];
        assert_float_equal(block->accel_mps2[i],
                           kernels->accel[model](&sim->types, block->type[i], block->speed_mps[i],
                                                 block->desired_mps[i], block->gap_m[i],
                                                 block->lead_speed_mps[i]),
                           0.0f);
      }
      art_block_lend(block, NULL, 0);
    }
    art_follow_free(&worker.follow);
    art_move_scratch_free(&worker.move);
  }
  for (int m = 0; m < ART_MODEL_COUNT; ++m) assert_true(kernels->needs[m] || compared[m] > 100);
  advance(sim, 3600000);
  assert_int_equal(art_sim_ledger(sim).arrived, N);
  art_sim_free(sim);
  free_road(&r);
}

/// Rings of one model each: connected vehicles drive closer, so at one density faster.
static void connected_platoons_are_faster(void **state)
{
  (void)state;
  double speed[2];
  for (int k = 0; k < 2; ++k) {
    road r = { .net = art_test_net_road(2, 1, 3000.0f, 25.0f) };
    r.demand = art_test_demand_flow(r.net, 2, (const int32_t[]){ 0, 1 }, 40, 0, 1000);
    r.demand->type[0] = plain_type();
    r.demand->type[0].time_gap_s = 1.2f;
    r.demand->type[0].model = k ? ART_MODEL_CACC : ART_MODEL_ACC;
    const art_sim_setup setup = small_setup(r.net, r.demand);
    art_sim *sim = create(&setup);
    advance(sim, 100000);
    art_snapshot shot = { 0 };
    art_sim_snapshot(sim, &shot);
    double first = 0.0, last = INFINITY;
    for (int64_t i = 0; i < shot.count; ++i) {
      if (shot.lane[i] != 0) continue;
      first = fmax(first, (double)shot.pos_m[i]);
      last = fmin(last, (double)shot.pos_m[i]);
    }
    speed[k] = (first - last) / (double)(shot.count - 1);
    art_snapshot_free(&shot);
    art_sim_free(sim);
    free_road(&r);
  }
  assert_true(speed[1] < 0.85 * speed[0]);
}

/// Heavy vehicles drive as their class does.
static void classes_have_their_types(void **state)
{
  (void)state;
  art_error err = { 0 };
  const art_vtype car = art_vtype_default();
  for (int c = 0; c < ART_VCLASS_COUNT; ++c) {
    const art_vtype type = art_vtype_of_class(c);
    assert_int_equal(type.vclass, c);
    assert_ok(art_vtype_check(&type, "class", &err), err);
  }
  const art_vtype truck = art_vtype_of_class(ART_VCLASS_TRUCK);
  assert_true(truck.length_m > car.length_m && truck.accel_mps2 < car.accel_mps2 && truck.grade_share > 0.0f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(time_gaps_spread_as_asked), cmocka_unit_test(noise_shakes_the_speed),
    cmocka_unit_test(start_up_takes_its_delay),  cmocka_unit_test(action_points_keep_the_acceleration),
    cmocka_unit_test(climbs_slow_the_heavy),     cmocka_unit_test(lanes_have_factors),
    cmocka_unit_test(models_share_a_block),      cmocka_unit_test(connected_platoons_are_faster),
    cmocka_unit_test(classes_have_their_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
