/// Detectors against hand-computed cases: one car that drives 10 m/s, queues at a red light, every class, and threads.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/step/detect_internal.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

typedef struct place {
  int32_t lane;
  float from_m, to_m;
  uint8_t role;
} place;
typedef struct spec {
  art_detector_kind kind;
  int32_t places;
  place at[4];
} spec;

static void add_detectors(art_net *net, int32_t count, const spec *specs)
{
  int32_t points = 0;
  for (int32_t d = 0; d < count; ++d) points += specs[d].places;
  net->detector_count = count;
  net->detector_point_count = points;
  net->detector_id = ART_NEW(char *, count);
  net->detector_kind = ART_NEW(uint8_t, count);
  net->detector_period_ms = ART_NEW(int64_t, count);
  net->detector_first_point = art_renew(net->detector_first_point, (size_t)count + 1, sizeof(int32_t));
  net->detector_lane = ART_NEW(int32_t, points);
  net->detector_pos_m = ART_NEW(float, points);
  net->detector_end_m = ART_NEW(float, points);
  net->detector_role = ART_NEW(uint8_t, points);
  net->detector_first_point[0] = 0;
  for (int32_t d = 0, q = 0; d < count; ++d) {
    net->detector_id[d] = small_id('d', d);
    net->detector_kind[d] = (uint8_t)specs[d].kind;
    net->detector_period_ms[d] = 60000;
    for (int32_t k = 0; k < specs[d].places; ++k, ++q) {
      net->detector_lane[q] = specs[d].at[k].lane;
      net->detector_pos_m[q] = specs[d].at[k].from_m;
      net->detector_end_m[q] = specs[d].at[k].to_m;
      net->detector_role[q] = specs[d].at[k].role;
    }
    net->detector_first_point[d + 1] = q;
  }
}

static art_sim *start(const art_net *net, const art_demand *demand, int32_t step_ms, int32_t threads)
{
  art_sim_setup setup = small_setup(net, demand);
  setup.step_ms = step_ms;
  setup.threads = threads;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_demand_check(demand, net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  return sim;
}

static void run(art_sim *sim, art_tick until_ms, art_detector_sums *sums)
{
  art_error err = { 0 };
  assert_ok(art_sim_advance(sim, until_ms, &err), err);
  art_sim_take_detectors(sim, sums);
}

/// Two links of 100 m, a connector of 1 m between them, 10 m/s; a car of 5 m that starts with its front at 5 m at 10 m/s. So
/// its front is at 5 + 10 t.
static art_demand *one_car(void)
{
  art_vtype car = art_lab_car();
  car.length_m = 5.0f;
  const art_lab_route route = { { 0, 1, -1 } };
  const art_lab_trip trip = { .pos_m = 5.0f, .speed_mps = 10.0f };
  return art_lab_demand(1, &car, 1, &route, 1, &trip);
}

static void strides_are_interpolated(void **state)
{
  (void)state;
  // 10 m/s, 4 m/s2 for 0.5 s: 5.5 m; after 0.25 s 2.625 m and 11 m/s.
  const art_stride s = art_stride_of(100.0f, 105.5f, 12.0f, 0.5f);
  assert_int_equal(art_stride_ms(&s, 2.625f, 500), 250);
  assert_float_equal(art_stride_speed(&s, 2.625f), 11.0f, 1e-4f);
  assert_int_equal(art_stride_ms(&s, 5.5f, 500), 500);
  assert_int_equal(art_stride_ms(&s, 0.0f, 500), 0);
  // Euler's: the new speed all along.
  const art_stride euler = art_stride_of(0.0f, 8.0f, 8.0f, 1.0f);
  assert_int_equal(art_stride_ms(&euler, 2.0f, 1000), 250);
  // Held by something on the way: evenly, whatever the speed afterwards.
  const art_stride held = art_stride_of(0.0f, 1.0f, 8.0f, 0.5f);
  assert_int_equal(art_stride_ms(&held, 0.5f, 500), 250);
  const art_stride still = art_stride_of(7.0f, 7.0f, 0.0f, 0.5f);
  assert_int_equal(art_stride_ms(&still, 0.0f, 500), 0);
}

static void one_car_is_timed(void **state)
{
  (void)state;
  static const spec specs[] = {
    { ART_DETECTOR_POINT, 1, { { 0, 52.3f, 52.3f, 0 } } },   // 4.73 s to 5.23 s
    { ART_DETECTOR_POINT, 1, { { 0, 98.6f, 98.6f, 0 } } },   // 9.36 s to 9.86 s, its front beyond the node meanwhile
    { ART_DETECTOR_POINT, 1, { { 1, 0.0f, 0.0f, 0 } } },     // first thing of the next link
    { ART_DETECTOR_AREA, 1, { { 0, 20.0f, 60.0f, 0 } } },    // 1.5 s to 6.0 s
    { ART_DETECTOR_AREA, 2, { { 0, 70.0f, 100.0f, 0 }, { 1, 0.0f, 20.0f, 0 } } },  // 6.5 to 10.0 s and 9.6 to 12.1 s
    { ART_DETECTOR_ENTRY_EXIT, 2, { { 0, 20.0f, 20.0f, 0 }, { 1, 50.0f, 50.0f, 1 } } },  // 1.5 s to 14.6 s
  };
  static const int32_t steps[] = { 500, 1000, 100 };
  for (int k = 0; k < 3; ++k) {
    art_net *net = art_test_net_road(2, 1, 100.0f, 10.0f);
    add_detectors(net, 6, specs);
    art_demand *demand = one_car();
    art_sim *sim = start(net, demand, steps[k], 1);
    art_detector_sums s = { 0 };
    run(sim, 10000, &s);
    assert_int_equal(s.count[0], 1);
    assert_int_equal(s.class_count[0 * ART_COUNT_CLASSES + ART_COUNT_CARS], 1);
    assert_int_equal(s.speed_sum_mmps[0], 10000);
    assert_int_equal(s.slowness_sum_us[0], 100000);
    assert_int_equal(s.occupied_ms[0], 500);
    assert_int_equal(s.occupied_ms[1], 500);
    assert_int_equal(s.count[2], 1);
    assert_int_equal(s.occupied_ms[2], 400);  // 9.6 s to the end of the interval
    assert_int_equal(s.occupied_ms[3], 4500);
    assert_int_equal(s.distance_mm[3], 45000);
    assert_int_equal(s.occupied_ms[4], 3500 + 400);
    assert_int_equal(s.count[5], 0);
    assert_int_equal(s.entered[5], 1);
    assert_int_equal(s.inside[5], 1);
    assert_int_equal(s.occupied_ms[5], 8500);
    run(sim, 20000, &s);
    assert_int_equal(s.occupied_ms[2], 100);
    assert_int_equal(s.occupied_ms[4], 2100);
    assert_int_equal(s.count[5], 1);
    assert_int_equal(s.entered[5], 0);
    assert_int_equal(s.inside[5], 0);
    assert_int_equal(s.occupied_ms[5], 4600);
    assert_int_equal(s.travel_ms[5], 13100);
    assert_int_equal(s.halts[5], 0);
    art_detector_sums_free(&s);
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
  }
}

/// Zones that are passed within one step, in whatever order their places are listed; and one that is left where it is entered
/// only later.
static void short_zones_are_timed(void **state)
{
  (void)state;
  static const spec specs[] = {
    { ART_DETECTOR_ENTRY_EXIT, 2, { { 0, 52.0f, 52.0f, 1 }, { 0, 51.0f, 51.0f, 0 } } },  // 4.6 s to 4.7 s
    { ART_DETECTOR_ENTRY_EXIT, 2, { { 0, 51.5f, 51.5f, 0 }, { 0, 50.5f, 50.5f, 1 } } },  // the exit comes first
  };
  art_net *net = art_test_net_road(2, 1, 100.0f, 10.0f);
  add_detectors(net, 2, specs);
  art_demand *demand = one_car();
  art_sim *sim = start(net, demand, 1000, 1);
  art_detector_sums s = { 0 };
  run(sim, 10000, &s);
  assert_int_equal(s.count[0], 1);
  assert_int_equal(s.travel_ms[0], 100);
  assert_int_equal(s.inside[0], 0);
  assert_int_equal(s.occupied_ms[0], 100);
  assert_int_equal(s.count[1], 0);
  assert_int_equal(s.inside[1], 1);
  assert_int_equal(s.occupied_ms[1], 10000 - 4650);
  art_detector_sums_free(&s);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Cars that end their trips inside a zone are not inside for ever.
static void arrived_cars_leave_zones(void **state)
{
  (void)state;
  static const spec specs[] = { { ART_DETECTOR_ENTRY_EXIT, 2, { { 0, 20.0f, 20.0f, 0 }, { 1, 50.0f, 50.0f, 1 } } } };
  art_net *net = art_test_net_road(2, 1, 100.0f, 10.0f);
  add_detectors(net, 1, specs);
  art_demand *demand = one_car();
  demand->trip_arrival_pos_m[0] = 30.0f;  // 12.6 s
  art_sim *sim = start(net, demand, 500, 1);
  art_detector_sums s = { 0 };
  run(sim, 30000, &s);
  assert_int_equal(s.entered[0], 1);
  assert_int_equal(s.count[0], 0);
  assert_int_equal(s.inside[0], 0);
  assert_true(s.occupied_ms[0] >= 11100 && s.occupied_ms[0] <= 11500);
  art_detector_sums_free(&s);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Five cars before a light that stays red. Areas over one lane, over two that follow one another, and over the last 5 m.
static void jams_are_measured(void **state)
{
  (void)state;
  static const small_link links[] = { { 0, 1, 1, 60, 10 }, { 1, 2, 1, 24, 10 }, { 2, 3, 1, 50, 10 }, { .length_m = 0 } };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 2, .speed_mps = 10 },
                                      { .from_link = 1, .to_link = 2, .length_m = 5, .speed_mps = 10 },
                                      { .length_m = 0 } };
  static const spec specs[] = { { ART_DETECTOR_AREA, 1, { { 1, 0.0f, 24.0f, 0 } } },
                                { ART_DETECTOR_AREA, 2, { { 0, 0.0f, 60.0f, 0 }, { 1, 0.0f, 24.0f, 0 } } },
                                { ART_DETECTOR_AREA, 1, { { 1, 19.0f, 24.0f, 0 } } } };
  art_net *net = small_net(4, links, paths, NULL);
  small_signal(net, 1, (const int64_t[]){ 1000 }, "Gr");
  add_detectors(net, 3, specs);
  art_vtype car = art_lab_car();
  const art_lab_route route = { { 0, 1, 2, -1 } };
  art_lab_trip trips[5];
  for (int i = 0; i < 5; ++i)
    trips[i] = (art_lab_trip){ .depart_ms = 4000 * i, .pos_m = 5.0f, .speed_mps = 10.0f };
  art_demand *demand = art_lab_demand(1, &car, 1, &route, 5, trips);
  art_sim *sim = start(net, demand, 500, 1);
  art_detector_sums s = { 0 };
  run(sim, 60000, &s);
  run(sim, 120000, &s);  // all stand
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  assert_int_equal(shot.count, 5);
  float front[5];  // from the stop line
  int on_last = 0;
  for (int i = 0; i < 5; ++i) {
    assert_true(shot.speed_mps[i] < 0.01f);
    on_last += shot.lane[i] == 1;
    front[i] = shot.lane[i] == 1 ? 24.0f - shot.pos_m[i] : 26.0f + 60.0f - shot.pos_m[i];
    assert_true(shot.lane[i] <= 1);
  }
  assert_int_equal(on_last, 4);
  const float length = car.length_m;
  // All five in one jam over both lanes: the distance from the first front to the last rear.
  assert_float_equal((float)s.jam_max_mm[1] * 1e-3f, front[4] + length - front[0], 2e-3f);
  assert_int_equal(s.jam_vehicles_max[1], 5);
  assert_int_equal(s.halting_ms[1], 5 * 60000);
  assert_int_equal(s.jam_mm_ms[1], (int64_t)s.jam_max_mm[1] * 60000);
  // On the last lane four, the fourth cut where the lane begins.
  assert_float_equal((float)s.jam_max_mm[0] * 1e-3f, fminf(front[3] + length, 24.0f) - front[0], 2e-3f);
  assert_int_equal(s.jam_vehicles_max[0], 4);
  // The first one only, cut at the area's begin if it reaches over it.
  assert_int_equal(s.jam_vehicles_max[2], 1);
  assert_float_equal((float)s.jam_max_mm[2] * 1e-3f, fminf(front[0] + length, 5.0f) - front[0], 2e-3f);
  assert_int_equal(s.occupied_ms[2], 60000);
  assert_int_equal(s.distance_mm[2], 0);
  art_snapshot_free(&shot);
  art_detector_sums_free(&s);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// Vehicles farther apart than 10 m are no jam together.
static void jams_are_apart(void **state)
{
  (void)state;
  static const small_link links[] = { { 0, 1, 1, 100, 10 }, { 1, 2, 1, 50, 10 }, { .length_m = 0 } };
  static const small_path paths[] = { { .from_link = 0, .to_link = 1, .length_m = 5, .speed_mps = 10 },
                                      { .length_m = 0 } };
  static const spec specs[] = { { ART_DETECTOR_AREA, 1, { { 0, 0.0f, 100.0f, 0 } } } };
  art_net *net = small_net(3, links, paths, NULL);
  small_signal(net, 1, (const int64_t[]){ 1000 }, "r");
  add_detectors(net, 1, specs);
  art_vtype car = art_lab_car();
  car.length_m = 5.0f;
  car.min_gap_m = 14.0f;
  const art_lab_route route = { { 0, 1, -1 } };
  art_lab_trip trips[3];
  for (int i = 0; i < 3; ++i)
    trips[i] = (art_lab_trip){ .depart_ms = 6000 * i, .pos_m = 5.0f, .speed_mps = 10.0f };
  art_demand *demand = art_lab_demand(1, &car, 1, &route, 3, trips);
  art_sim *sim = start(net, demand, 500, 1);
  art_detector_sums s = { 0 };
  run(sim, 60000, &s);
  run(sim, 120000, &s);
  art_snapshot shot = { 0 };
  art_sim_snapshot(sim, &shot);
  for (int i = 1; i < 3; ++i) assert_true(shot.pos_m[i - 1] - 5.0f - shot.pos_m[i] > 10.5f);
  art_snapshot_free(&shot);
  assert_int_equal(s.halting_ms[0], 3 * 60000);
  assert_int_equal(s.jam_vehicles_max[0], 1);
  assert_int_equal(s.jam_max_mm[0], 5000);
  assert_int_equal(s.jam_vehicles_ms[0], 60000);
  art_detector_sums_free(&s);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void classes_are_told_apart(void **state)
{
  (void)state;
  static const struct {
    art_vclass vclass;
    int expected;
  } rows[] = { { ART_VCLASS_TAXI, ART_COUNT_CARS },      { ART_VCLASS_DELIVERY, ART_COUNT_VANS },
               { ART_VCLASS_TRUCK, ART_COUNT_TRUCKS },   { ART_VCLASS_TRAILER, ART_COUNT_TRUCKS },
               { ART_VCLASS_BUS, ART_COUNT_BUSES },      { ART_VCLASS_MOPED, ART_COUNT_MOTORCYCLES },
               { ART_VCLASS_BICYCLE, ART_COUNT_BICYCLES }, { ART_VCLASS_TRAM, ART_COUNT_RAIL } };
  enum { ROWS = sizeof rows / sizeof *rows };
  static const spec specs[] = { { ART_DETECTOR_POINT, 1, { { 0, 70.0f, 70.0f, 0 } } } };
  art_vtype types[ROWS];
  art_lab_trip trips[ROWS];
  int32_t expected[ART_COUNT_CLASSES] = { 0 };
  for (int i = 0; i < ROWS; ++i) {
    types[i] = art_vtype_of_class(rows[i].vclass);
    trips[i] = (art_lab_trip){ .depart_ms = 20000 * i, .pos_m = 40.0f, .speed_mps = 2.0f, .type = i };
    ++expected[rows[i].expected];
  }
  const art_lab_route route = { { 0, 1, -1 } };
  art_net *net = art_test_net_road(2, 1, 100.0f, 10.0f);
  add_detectors(net, 1, specs);
  art_demand *demand = art_lab_demand(ROWS, types, 1, &route, ROWS, trips);
  art_sim *sim = start(net, demand, 500, 1);
  art_detector_sums s = { 0 };
  run(sim, 600000, &s);
  assert_int_equal(s.count[0], ROWS);
  for (int c = 0; c < ART_COUNT_CLASSES; ++c) assert_int_equal(s.class_count[c], expected[c]);
  art_detector_sums_free(&s);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

/// A stream through a signal, seen by every kind of detector: the same sums with every number of threads.
static void threads_do_not_change_sums(void **state)
{
  (void)state;
  art_detector_sums s[3] = { { 0 } };
  int32_t out[3][3];
  int64_t delay_ms[3][3];
  for (int k = 0; k < 3; ++k) {
    art_net *net = art_test_net_crossing();
    art_demand *demand = art_test_demand_flow(net, 2, (const int32_t[]){ 0, 2 }, 80, 0, 3000);
    art_sim *sim = start(net, demand, 500, k + 1);
    run(sim, 200000, &s[k]);
    art_sim_take_movement_delays(sim, out[k], delay_ms[k]);
    art_sim_free(sim);
    art_demand_free(demand);
    art_net_free(net);
    assert_true(s[k].count[0] > 20);
    const int32_t n = s[k].detector_count;
    const size_t wide = (size_t)n * sizeof(int64_t), narrow = (size_t)n * sizeof(int32_t);
    assert_memory_equal(s[0].count, s[k].count, wide);
    assert_memory_equal(s[0].occupied_ms, s[k].occupied_ms, wide);
    assert_memory_equal(s[0].speed_sum_mmps, s[k].speed_sum_mmps, wide);
    assert_memory_equal(s[0].slowness_sum_us, s[k].slowness_sum_us, wide);
    assert_memory_equal(s[0].distance_mm, s[k].distance_mm, wide);
    assert_memory_equal(s[0].travel_ms, s[k].travel_ms, wide);
    assert_memory_equal(s[0].halts, s[k].halts, wide);
    assert_memory_equal(s[0].jam_mm_ms, s[k].jam_mm_ms, wide);
    assert_memory_equal(s[0].jam_max_mm, s[k].jam_max_mm, narrow);
    assert_memory_equal(s[0].class_count, s[k].class_count, narrow * ART_COUNT_CLASSES);
    assert_memory_equal(out[0], out[k], sizeof out[0]);
    assert_memory_equal(delay_ms[0], delay_ms[k], sizeof delay_ms[0]);
  }
  for (int k = 0; k < 3; ++k) art_detector_sums_free(&s[k]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(strides_are_interpolated), cmocka_unit_test(one_car_is_timed),
    cmocka_unit_test(short_zones_are_timed),
    cmocka_unit_test(arrived_cars_leave_zones), cmocka_unit_test(jams_are_measured),
    cmocka_unit_test(jams_are_apart),           cmocka_unit_test(classes_are_told_apart),
    cmocka_unit_test(threads_do_not_change_sums),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
