/// A result file written from sums made by hand reads back with the values that follow from them.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/h5/h5.h"
#include "io/results/read.h"
#include "io/results/results.h"
#include "tests/support/check.h"
#include "tests/unit/results_fixture.h"

static void close_to(double value, double expected, double tolerance)
{
  if (!(fabs(value - expected) <= tolerance))
    fail_msg("%.9g is not within %g of %.9g", value, tolerance, expected);
}

typedef struct scene {
  art_city *city;
  art_demand *demand;
  art_scenario scenario;
  art_source input;
  art_results_setup setup;
  char *path;
} scene;

static void scene_open(scene *s)
{
  memset(s, 0, sizeof *s);
  s->city = results_city();
  s->scenario = results_scenario();
  s->demand = results_demand(s->city, s->scenario.begin_ms);
  s->path = results_path();
  s->input.path = (char *)"crossing.city.h5";
  memset(s->input.sha256, 'a', 64);
  s->setup = (art_results_setup){ .path = s->path,
                                  .scenario = &s->scenario,
                                  .city = s->city,
                                  .demand = s->demand,
                                  .seed = 18446744073709551615u,
                                  .detectors_every_ms = 60000,
                                  .input_count = 1,
                                  .input = &s->input,
                                  .command = "arterial run crossing.yaml",
                                  .threads = 1 };
}

static void scene_close(scene *s)
{
  art_city_free(s->city);
  art_demand_free(s->demand);
  results_remove(s->path);
}

/// One minute on w_in (index 0): 3 vehicles for 20 s each, 100 m each; nobody elsewhere but one that stands
/// on e_out.
static art_status add_minute(art_results *r, art_tick begin_ms, art_error *err)
{
  int64_t vehicle_ms[4] = { 60000, 0, 60000, 0 }, distance_mm[4] = { 300000, 0, 0, 0 },
          waiting_ms[4] = { 5000, 0, 60000, 0 };
  int64_t loss_ms[4] = { 12000, 0, 60000, 0 }, occupied[4] = { 300000000, 0, 300000000, 0 };
  int32_t entered[4] = { 1, 0, 0, 0 }, left[4] = { 2, 0, 0, 0 }, departed[4] = { 2, 0, 0, 0 },
          arrived[4] = { 1, 0, 0, 0 };
  int32_t queue[4] = { 15, 0, 20, 0 };
  const art_link_sums sums = { 4,       begin_ms, begin_ms + 60000, vehicle_ms, distance_mm, waiting_ms,
                               loss_ms, occupied, entered,          left,       departed,    arrived,
                               queue };
  return art_results_add_links(r, &sums, err);
}

static art_status add_detectors(art_results *r, art_tick begin_ms, art_error *err)
{
  int64_t count[3] = { 4, 2, 0 }, speed[3] = { 40000, 10000, 0 }, slowness[3] = { 500000, 400000, 0 },
          occupied[3] = { 6000, 30000, 90000 }, distance[3] = { 0, 120000, 0 }, travel[3] = { 0, 0, 0 },
          halts[3] = { 0, 0, 0 }, halting[3] = { 0, 15000, 0 }, jam_mm[3] = { 0, 360000000, 0 },
          jam_vehicles[3] = { 0, 45000, 0 };
  int32_t classes[3 * ART_COUNT_CLASSES] = { 0 }, entered[3] = { 0, 0, 5 }, inside[3] = { 0, 0, 3 },
          jam_max[3] = { 0, 17250, 0 }, jam_most[3] = { 0, 3, 0 };
  classes[ART_COUNT_CARS] = 3;
  classes[ART_COUNT_BUSES] = 1;
  const art_detector_sums sums = { .detector_count = 3, .begin_ms = begin_ms, .end_ms = begin_ms + 60000,
                                   .count = count, .class_count = classes, .speed_sum_mmps = speed,
                                   .slowness_sum_us = slowness, .occupied_ms = occupied, .distance_mm = distance,
                                   .travel_ms = travel, .halts = halts, .entered = entered, .inside = inside,
                                   .halting_ms = halting, .jam_mm_ms = jam_mm, .jam_vehicles_ms = jam_vehicles,
                                   .jam_max_mm = jam_max, .jam_vehicles_max = jam_most };
  return art_results_add_detectors(r, &sums, err);
}

/// Trip 0 arrived, trip 1 is on the road, trip 2 waits, trip 3 has no route.
static void fill_rows(art_trip_row *rows, art_tick begin_ms)
{
  memset(rows, 0, 4 * sizeof *rows);
  for (int i = 0; i < 4; ++i) rows[i].insert_ms = rows[i].arrival_ms = -1;
  rows[0] = (art_trip_row){ .insert_ms = begin_ms + 2000,
                            .arrival_ms = begin_ms + 62000,
                            .route_mm = 410000,
                            .free_ms = 30000,
                            .waiting_ms = 8000,
                            .stop_ms = 10000,
                            .stops = 1,
                            .speed_factor = 1.1f,
                            .state = ART_TRIP_ARRIVED,
                            .longest_standstill_ms = 8000 };
  rows[1] = (art_trip_row){ .insert_ms = begin_ms + 30000,
                            .arrival_ms = -1,
                            .route_mm = 200000,
                            .free_ms = 20000,
                            .stops = 2,
                            .speed_factor = 0.9f,
                            .state = ART_TRIP_RUNNING };
  rows[2].state = ART_TRIP_WAITING;
  rows[3].state = ART_TRIP_NO_ROUTE;
}

static art_status write_all(scene *s, art_error *err)
{
  art_results *r = NULL;
  const art_tick begin = s->scenario.begin_ms;
  art_status status = art_results_open(&s->setup, &r, err);
  if (status != ART_OK) return status;
  const int32_t passed[3] = { 2, 1, 0 };
  const int64_t delay_ms[3] = { 25000, 0, 0 };
  for (int k = 0; k < 2 && status == ART_OK; ++k) {
    status = add_minute(r, begin + 60000 * k, err);
    if (status == ART_OK) status = add_detectors(r, begin + 60000 * k, err);
    if (status == ART_OK)
      status = art_results_add_movements(r, begin + 60000 * k, begin + 60000 * (k + 1), passed, passed, delay_ms, err);
    const art_totals_row totals = { .begin_ms = begin + 60000 * k,
                                    .now_ms = begin + 60000 * (k + 1),
                                    .ledger = { .loaded = 4,
                                                .inserted = 2,
                                                .running = 1,
                                                .waiting = 2,
                                                .arrived = 1,
                                                .hard_brakings = 5000000000 },
                                    .halting = 1,
                                    .distance_mm = 720000,
                                    .vehicle_ms = 90000 };
    if (status == ART_OK) status = art_results_add_totals(r, &totals, err);
    const art_signal_event events[2] = { { .time_ms = begin + 60000 * k },
                                         { .time_ms = begin + 60000 * k + 30000, .phase = 1, .letters = 3 } };
    if (status == ART_OK) status = art_results_add_signals(r, 2, events, "GGrrrG", err);
    // Trip 1 stands before the stop line, trip 0 drives on the connector and then on e_out.
    int32_t trip[2] = { 0, 1 }, lane[2] = { k ? 2 : 4, 0 };
    float pos[2] = { 5.0f, 100.0f }, speed[2] = { 10.0f, 0.0f };
    const art_snapshot snapshot = { 2, 2, trip, lane, pos, speed };
    if (status == ART_OK) status = art_results_add_snapshot(r, begin + 60000 * (k + 1), &snapshot, err);
  }
  if (status != ART_OK) {
    art_results_abandon(r);
    return status;
  }
  art_trip_row rows[4];
  fill_rows(rows, begin);
  const art_results_end end = {
    .now_ms = begin + 120000,
    .complete = 1,
    .ledger = { .loaded = 4, .inserted = 2, .running = 1, .waiting = 2, .arrived = 1, .no_route = 1 },
    .trips = rows,
    .hash = 0x1234abcdu,
    .summary = "summary: inserted=2",
    .wall_s = 1.5
  };
  return art_results_close(r, &end, err);
}

static double at(const art_result *r, const char *group, const char *name, int64_t row, int64_t column)
{
  int64_t shape[2];
  double *values = NULL;
  art_error err = { 0 };
  assert_ok(art_result_read(r, group, name, shape, &values, &err), err);
  assert_true(row < shape[0] && column < shape[1]);
  const double value = values[row * shape[1] + column];
  free(values);
  return value;
}

static art_result *written(scene *s)
{
  art_error err = { 0 };
  art_result *r = NULL;
  scene_open(s);
  assert_ok(write_all(s, &err), err);
  assert_ok(art_result_open(s->path, &r, &err), err);
  return r;
}

static void links_follow_from_sums(void **state)
{
  (void)state;
  scene s;
  art_result *r = written(&s);
  close_to(at(r, "links", "entered", 1, 0), 1, 0);
  close_to(at(r, "links", "left", 1, 0), 1, 0);  // of the 2 that the sums have, one arrived
  close_to(at(r, "links", "flow", 1, 0), 120.0, 1e-4);
  close_to(at(r, "links", "density", 0, 0), 5.0, 1e-5);       // one vehicle on 0.2 km
  close_to(at(r, "links", "speed", 0, 0), 5.0, 1e-6);         // 300 m in 60 s
  close_to(at(r, "links", "travel_time", 0, 0), 40.0, 1e-5);  // 200 m at 5 m/s
  close_to(at(r, "links", "delay", 0, 0), 12.0, 1e-6);
  close_to(at(r, "links", "occupancy", 0, 0), 0.025, 1e-7);  // 5 m of 200 m
  close_to(at(r, "links", "queue_max", 0, 2), 20.0, 0);
  assert_true(isnan(at(r, "links", "speed", 0, 1)));  // nobody there
  close_to(at(r, "links", "speed", 0, 2), 0.0, 0);    // somebody stands
  assert_true(isnan(at(r, "links", "travel_time", 0, 2)));
  close_to(at(r, "links", "x", 0, 0), -110.0, 1e-9);  // middle of the drawing
  int64_t count;
  double *begin, *end;
  art_error err = { 0 };
  assert_ok(art_result_times(r, "links", &count, &begin, &end, &err), err);
  assert_int_equal(count, 2);
  close_to(begin[1], 28860, 0);
  close_to(end[1], 28920, 0);
  free(begin);
  free(end);
  art_result_close(r);
  scene_close(&s);
}

static void detectors_movements_and_totals(void **state)
{
  (void)state;
  scene s;
  art_result *r = written(&s);
  close_to(at(r, "detectors", "flow", 0, 0), 240.0, 1e-4);
  close_to(at(r, "detectors", "speed", 0, 0), 10.0, 1e-6);
  close_to(at(r, "detectors", "occupancy", 0, 0), 0.1, 1e-7);
  assert_true(isnan(at(r, "detectors", "occupancy", 0, 1)));  // an area has none
  close_to(at(r, "detectors", "vehicles_inside", 0, 1), 0.5, 1e-7);
  close_to(at(r, "detectors", "speed", 0, 1), 4.0, 1e-6);             // 120 m in 30 s
  close_to(at(r, "detectors", "speed_harmonic", 0, 0), 8.0, 1e-6);   // 4 / 0.5 s/m
  close_to(at(r, "detectors", "vehicle_time", 0, 1), 30.0, 1e-6);
  close_to(at(r, "detectors", "halting", 0, 1), 0.25, 1e-7);
  close_to(at(r, "detectors", "jam_length", 0, 1), 6.0, 1e-6);       // 360 m s / 60 s
  close_to(at(r, "detectors", "jam_vehicles", 0, 1), 0.75, 1e-7);
  close_to(at(r, "detectors", "jam_length_max", 0, 1), 17.25, 1e-5);
  close_to(at(r, "detectors", "jam_vehicles_max", 0, 1), 3.0, 0);
  close_to(at(r, "detectors", "count_cars", 0, 0), 3, 0);
  close_to(at(r, "detectors", "count_buses", 0, 0), 1, 0);
  close_to(at(r, "detectors", "count_trucks", 0, 0), 0, 0);
  close_to(at(r, "detectors", "vehicles_inside", 0, 2), 1.5, 1e-7);
  close_to(at(r, "detectors", "entered", 0, 2), 5, 0);
  close_to(at(r, "detectors", "inside_at_end", 0, 2), 3, 0);
  assert_true(isnan(at(r, "detectors", "entered", 0, 0)));
  assert_true(isnan(at(r, "detectors", "travel_time", 0, 2)));  // nobody left the gate
  close_to(at(r, "detectors", "x", 0, 0), -20.0, 1e-6);         // 190 m along w_in
  close_to(at(r, "movements", "count", 1, 0), 2, 0);
  close_to(at(r, "movements", "to_link", 1, 0), 3, 0);
  close_to(at(r, "movements", "delay", 0, 0), 12.5, 1e-6);
  assert_true(isnan(at(r, "movements", "delay", 0, 2)));
  close_to(at(r, "totals", "vkt", 0, 0), 0.72, 1e-12);
  close_to(at(r, "totals", "vht", 0, 0), 0.025, 1e-12);
  close_to(at(r, "totals", "mean_speed", 0, 0), 8.0, 1e-6);
  close_to(at(r, "totals", "hard_brakings", 1, 0), 5e9, 0);  // beyond 32 bits
  close_to(at(r, "signals", "event_time", 3, 0), 28890, 0);
  close_to(at(r, "signals", "event", 3, 0), 3, 0);
  int64_t count;
  char **texts;
  art_error err = { 0 };
  assert_ok(art_result_read_texts(r, "signals", "program_text", &count, &texts, &err), err);
  assert_string_equal(texts[0], "offset 0; 30 Ggr; 3 yyr; 30 rrG; 3 rry");
  art_result_free_texts(texts, count);
  assert_ok(art_result_read_texts(r, "detectors", "lane", &count, &texts, &err), err);
  assert_string_equal(texts[1], "s_in_0");
  art_result_free_texts(texts, count);
  art_result_close(r);
  scene_close(&s);
}

static void trips_and_trajectories(void **state)
{
  (void)state;
  scene s;
  art_result *r = written(&s);
  assert_int_equal(r->trip_count, 4);
  close_to(at(r, "trips", "travel_time", 0, 0), 60, 0);
  close_to(at(r, "trips", "time_loss", 0, 0), 20, 0);  // 60 s - 10 s at a stop - 30 s free
  close_to(at(r, "trips", "insertion_delay", 0, 0), 2, 0);
  close_to(at(r, "trips", "route_length", 0, 0), 410, 1e-4);
  close_to(at(r, "trips", "destination", 0, 0), 2, 0);
  close_to(at(r, "trips", "time_loss", 1, 0), 70, 0);  // still running: 90 s - 20 s free
  assert_true(isnan(at(r, "trips", "arrival", 1, 0)));
  close_to(at(r, "trips", "insertion_delay", 2, 0), 60, 0);  // departs at 60 s, waits at the end, 120 s
  assert_true(isnan(at(r, "trips", "insert", 2, 0)));
  close_to(at(r, "trips", "state", 3, 0), ART_TRIP_NO_ROUTE, 0);
  // Ragged by trip, then by time.
  close_to(at(r, "trajectories", "row_size", 0, 0), 2, 0);
  close_to(at(r, "trajectories", "obs_time", 1, 0), 28920, 0);
  close_to(at(r, "trajectories", "obs_lane", 0, 0), 4, 0);
  close_to(at(r, "trajectories", "x", 0, 0), 0.0,
           1e-5);  // half of a connector of 10 m that is drawn 20 m long
  close_to(at(r, "trajectories", "x", 1, 0), 15.0, 1e-5);
  close_to(at(r, "trajectories", "speed", 2, 0), 0.0, 0);
  close_to(at(r, "trajectories", "position", 3, 0), 100.0, 0);
  art_result_close(r);
  scene_close(&s);
}

static void provenance_and_map(void **state)
{
  (void)state;
  scene s;
  art_result *r = written(&s);
  assert_string_equal(r->title, "A crossing");
  assert_string_equal(r->time_units, "seconds since 2024-02-13T00:00:00+01:00");
  assert_string_equal(r->hash, "000000001234abcd");
  assert_string_equal(r->summary, "summary: inserted=2");
  assert_true(r->seed == 18446744073709551615u);  // all 64 bits survive
  assert_int_equal(r->complete, 1);
  assert_int_equal(r->link_count, 4);
  assert_string_equal(r->link_id[2], "e_out");
  close_to(r->now_s, 28920, 0);
  art_error err = { 0 };
  double value;
  assert_ok(art_result_kpi(r, "trips_arrived", &value, &err), err);
  close_to(value, 1, 0);
  assert_refused(art_result_kpi(r, "no_such", &value, &err), ART_E_INPUT, err, "no_such", "/kpi");
  art_result_map map;
  assert_ok(art_result_read_map(r, &map, &err), err);
  assert_int_equal(map.first_point[4], 8);
  close_to(map.x[map.first_point[2] + 1], 210.0, 0);
  close_to(map.length_m[0], 200.0, 0);
  art_result_map_clear(&map);
  char *unit = art_result_unit(r, "links", "flow");
  assert_string_equal(unit, "h-1");
  free(unit);
  assert_true(art_result_has(r, "trajectories"));
  assert_false(art_result_has(r, "lanes"));
  // A missing variable is an error of the call and leaves the file usable.
  int64_t shape[2];
  double *values;
  assert_refused(art_result_read(r, "links", "colour", shape, &values, &err), ART_E_INPUT, err,
                 "/links/colour");
  close_to(at(r, "links", "entered", 0, 0), 1, 0);
  art_result_close(r);
  scene_close(&s);
}

/// Seed, threads and machine do not change the identity of a scenario; the configuration does.
static void scenario_id_is_of_the_configuration(void **state)
{
  (void)state;
  static const char *const configs[3] = { "title: a\nseed: 1\nthreads: 2\n", "title: a\nseed: 9\n",
                                          "title: b\nseed: 1\n" };
  char *id[3];
  for (int i = 0; i < 3; ++i) {
    scene s;
    art_error err = { 0 };
    art_result *r = NULL;
    scene_open(&s);
    s.scenario.config_text = (char *)configs[i];
    assert_ok(write_all(&s, &err), err);
    assert_ok(art_result_open(s.path, &r, &err), err);
    id[i] = art_strdup(r->scenario_id);
    art_result_close(r);
    scene_close(&s);
  }
  assert_string_equal(id[0], id[1]);
  assert_string_not_equal(id[0], id[2]);
  for (int i = 0; i < 3; ++i) free(id[i]);
}

static void nothing_is_overwritten_or_left_behind(void **state)
{
  (void)state;
  scene s;
  art_error err = { 0 };
  scene_open(&s);
  assert_ok(write_all(&s, &err), err);
  art_results *r = NULL;
  assert_refused(art_results_open(&s.setup, &r, &err), ART_E_EXISTS, err, s.path);
  assert_null(r);
  s.setup.force = 1;
  assert_ok(art_results_open(&s.setup, &r, &err), err);
  art_results_abandon(r);  // the old file stands
  assert_true(art_result_is(s.path));
  s.scenario.timezone = (char *)"Europe/Nowhere";
  assert_refused(art_results_open(&s.setup, &r, &err), ART_E_INPUT, err, "Europe/Nowhere");
  scene_close(&s);  // fails to remove the folder if anything else is in it
  assert_int_equal(access(s.setup.path, F_OK), -1);
}

static void other_files_are_no_results(void **state)
{
  (void)state;
  char *path = results_path();
  art_error err = { 0 };
  art_result *r = NULL;
  assert_false(art_result_is(path));
  assert_refused(art_result_open(path, &r, &err), ART_E_OPEN, err, path);
  FILE *file = fopen(path, "w");
  fputs("not HDF5", file);
  fclose(file);
  assert_true(art_result_open(path, &r, &err) != ART_OK);
  assert_null(r);
  art_h5 *f;
  assert_ok(art_h5_create(path, 1, &f, &err), err);
  art_h5_set_schema(f, "city", 1, "a city", NULL);
  assert_ok(art_h5_commit(f, &err), err);
  assert_false(art_result_is(path));
  assert_refused(art_result_open(path, &r, &err), ART_E_INPUT, err, "city", "result");
  results_remove(path);
}

static void detectors_share_one_interval(void **state)
{
  (void)state;
  art_city *city = results_city();
  art_scenario s = results_scenario();
  assert_int_equal(art_detector_interval(&s, city->net), 60000);
  city->net->detector_period_ms[0] = 900000;
  assert_int_equal(art_detector_interval(&s, city->net), 60000);  // two of three
  city->net->detector_period_ms[1] = 0;
  assert_int_equal(art_detector_interval(&s, city->net), 60000);  // one each: the shorter
  s.detectors_every_ms = 300000;
  assert_int_equal(art_detector_interval(&s, city->net), 300000);
  s.detectors = 0;
  assert_int_equal(art_detector_interval(&s, city->net), 0);
  art_city_free(city);
}

static void reference_names_every_variable(void **state)
{
  (void)state;
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  art_results_print_reference(file);
  fclose(file);
  assert_non_null(strstr(text, "## /links"));
  assert_non_null(strstr(text, "| `travel_time` | time, link | float32 | s |"));
  for (int i = 0; i < art_kpi_count(); ++i) assert_non_null(strstr(text, art_kpi_row(i)->name));
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(links_follow_from_sums),
    cmocka_unit_test(detectors_movements_and_totals),
    cmocka_unit_test(trips_and_trajectories),
    cmocka_unit_test(provenance_and_map),
    cmocka_unit_test(scenario_id_is_of_the_configuration),
    cmocka_unit_test(nothing_is_overwritten_or_left_behind),
    cmocka_unit_test(other_files_are_no_results),
    cmocka_unit_test(detectors_share_one_interval),
    cmocka_unit_test(reference_names_every_variable),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
