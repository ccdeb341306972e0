/// Indicators of five trips, worked out by hand.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "io/results/kpi.h"

static double value_of(const double *values, const char *name)
{
  const int i = art_kpi_find(name);
  if (i < 0) fail_msg("no indicator %s", name);
  return values[i];
}

static void expect(const double *values, const char *name, double expected)
{
  const double value = value_of(values, name);
  if (!(fabs(value - expected) <= 1e-9 * fmax(1.0, fabs(expected))))
    fail_msg("%s = %.12g, expected %.12g", name, value, expected);
}

/// Departures 0 (warm-up), 100, 200, 300, 400 s; the run ends at 1000 s. All distances 1000 m where they
/// arrived.
static const int64_t departures[5] = { 0, 100000, 200000, 300000, 400000 };
static const art_trip_row rows[5] = {
  { .insert_ms = 0, .arrival_ms = 900000, .route_mm = 1000000, .free_ms = 100000, .state = ART_TRIP_ARRIVED },
  { .insert_ms = 100000,
    .arrival_ms = 250000,
    .route_mm = 1000000,
    .free_ms = 100000,
    .waiting_ms = 20000,
    .stops = 1,
    .state = ART_TRIP_ARRIVED },
  { .insert_ms = 210000,
    .arrival_ms = 510000,
    .route_mm = 1000000,
    .free_ms = 100000,
    .stop_ms = 50000,
    .waiting_ms = 40000,
    .stops = 3,
    .state = ART_TRIP_ARRIVED },
  { .insert_ms = 300000,
    .arrival_ms = -1,
    .route_mm = 500000,
    .free_ms = 50000,
    .stops = 2,
    .state = ART_TRIP_RUNNING },
  { .insert_ms = -1, .arrival_ms = -1, .state = ART_TRIP_WAITING },
};

static void hand_worked(void **state)
{
  (void)state;
  int64_t depart[5];
  for (int i = 0; i < 5; ++i) depart[i] = departures[i];
  const art_demand demand = { .trip_count = 5, .trip_depart_ms = depart };
  const art_kpi_input input = { .demand = &demand,
                                .trips = rows,
                                .begin_ms = 0,
                                .from_ms = 60000,
                                .to_ms = 1000000,
                                .now_ms = 1000000,
                                .ledger = { .loaded = 5,
                                            .inserted = 4,
                                            .arrived = 3,
                                            .running = 1,
                                            .waiting = 1,
                                            .updates = 42,
                                            .longest_standstill_ms = 12500 } };
  double *v = ART_NEW(double, art_kpi_count());
  art_kpi_compute(&input, v);
  expect(v, "trips", 4);
  expect(v, "trips_arrived", 2);
  expect(v, "trips_unfinished", 2);
  expect(v, "trips_not_inserted", 1);
  expect(v, "served_ratio", 0.5);
  expect(v, "mean_travel_time_s", 225);  // 150, 300
  expect(v, "median_travel_time_s", 225);
  expect(v, "p95_travel_time_s", 150 + 0.95 * 150);
  expect(v, "mean_time_loss_s", 100);  // 50, 300 - 50 - 100
  expect(v, "mean_route_length_m", 1000);
  expect(v, "mean_speed_mps", 2000.0 / 450.0);
  expect(v, "mean_insertion_delay_s", 10.0 / 3.0);  // 0, 10, 0
  // Losses 50 + 150 + (700 - 50) and waits 10 + 600.
  expect(v, "total_time_loss_h", 850.0 / 3600.0);
  expect(v, "total_insertion_delay_h", 610.0 / 3600.0);
  expect(v, "total_delay_h", 1460.0 / 3600.0);
  expect(v, "mean_delay_s", 365);
  expect(v, "vkt_km", 2.5);
  expect(v, "vht_h", 1150.0 / 3600.0);  // 150 + 300 + 700
  expect(v, "network_speed_mps", 2500.0 / 1150.0);
  expect(v, "mean_waiting_time_s", 20);
  expect(v, "mean_stop_time_s", 50.0 / 3.0);
  expect(v, "stops_per_vehicle", 2);
  expect(v, "stops_per_km", 6.0 / 2.5);
  expect(v, "travel_time_index", 2.0);           // (150 + 250) / 200
  expect(v, "planning_time_index", 1.5 + 0.95);  // ratios 1.5 and 2.5
  expect(v, "inserted", 4);                      // of the whole run
  expect(v, "updates", 42);
  expect(v, "longest_standstill_s", 12.5);
  free(v);
}

static void nothing_to_average(void **state)
{
  (void)state;
  const art_demand demand = { 0 };
  const art_kpi_input input = { .demand = &demand };
  double *v = ART_NEW(double, art_kpi_count());
  art_kpi_compute(&input, v);
  expect(v, "trips", 0);
  expect(v, "total_delay_h", 0);
  assert_true(isnan(value_of(v, "mean_travel_time_s")));
  assert_true(isnan(value_of(v, "p95_travel_time_s")));
  assert_true(isnan(value_of(v, "network_speed_mps")));
  free(v);
  assert_int_equal(art_kpi_find("no_such"), -1);
}

static void quantiles(void **state)
{
  (void)state;
  const double five[5] = { 1, 2, 3, 4, 10 };
  assert_true(art_quantile(five, 5, 0.5) == 3.0);
  assert_true(art_quantile(five, 5, 0.0) == 1.0);
  assert_true(art_quantile(five, 5, 1.0) == 10.0);
  assert_true(fabs(art_quantile(five, 5, 0.9) - 7.6) < 1e-12);
  assert_true(art_quantile(five, 1, 0.9) == 1.0);
  assert_true(isnan(art_quantile(five, 0, 0.5)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(hand_worked),
    cmocka_unit_test(nothing_to_average),
    cmocka_unit_test(quantiles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
