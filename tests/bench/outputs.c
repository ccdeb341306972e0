// What results cost, without a simulation: bench_outputs [SIZE [VEHICLES [SECONDS]]]. Sums of a grid of SIZE x SIZE nodes
// and trajectories of so many vehicles, made up, go through the writer; prints nanoseconds and bytes a value. Times are
// those of the thread that writes (processor time), at the end also of the clock. At the end two threads work, whose waiting
// counts, too: OMP_THREAD_LIMIT=1 leaves one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/memory.h"
#include "core/num/random.h"
#include "io/results/results.h"
#include "scenarios/generate/generate.h"

static double seconds(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint64_t draw(uint64_t *state)
{
  *state = art_mix64(*state + 0x9e3779b97f4a7c15u);
  return *state;
}

typedef struct bench {
  art_city *city;
  art_demand *demand;
  art_scenario scenario;
  char path[64];
} bench;

static art_results *open_file(const bench *b)
{
  const art_results_setup setup = { .path = b->path, .force = 1, .scenario = &b->scenario, .city = b->city,
                                    .demand = b->demand, .seed = 1, .threads = 1 };
  art_results *r = NULL;
  art_error err = { 0 };
  if (art_results_open(&setup, &r, &err) != ART_OK) fprintf(stderr, "%s\n", err.message), exit(1);
  return r;
}

static double close_file(const bench *b, art_results *r, const art_trip_row *rows, double *wall_s)
{
  art_error err = { 0 };
  struct stat info = { 0 };
  const double begin_s = seconds(CLOCK_MONOTONIC);
  const art_results_end end = { .now_ms = b->scenario.end_ms, .complete = 1, .trips = rows, .summary = "none" };
  if (art_results_close(r, &end, &err) != ART_OK) fprintf(stderr, "%s\n", err.message), exit(1);
  *wall_s = seconds(CLOCK_MONOTONIC) - begin_s;
  stat(b->path, &info);
  unlink(b->path);
  return (double)info.st_size;
}

static double empty_file(bench *b, const art_trip_row *rows)
{
  double wall_s;
  return close_file(b, open_file(b), rows, &wall_s);
}

/// A day's traffic on every link: a few vehicles a minute, some of which stand.
static void fill_links(art_link_sums *s, uint64_t *state)
{
  for (int32_t l = 0; l < s->link_count; ++l) {
    const uint64_t u = draw(state);
    const int32_t n = (int32_t)(u % 8);
    s->entered[l] = n;
    s->left[l] = n + (int32_t)(u >> 8 & 1);
    s->departed[l] = (u >> 9 & 31) == 0;
    s->arrived[l] = s->left[l] > 0 && (u >> 14 & 31) == 0;
    s->vehicle_ms[l] = 500 * (n * 40 + (int64_t)(u >> 20 & 31));
    s->distance_mm[l] = s->vehicle_ms[l] * (int64_t)(3 + (u >> 30 & 7)) + (int64_t)(u >> 40 & 1023);
    s->waiting_ms[l] = s->vehicle_ms[l] / 3 / 500 * 500;
    s->loss_ms[l] = s->vehicle_ms[l] / 2 + (int64_t)(u >> 50 & 63);
    s->occupied_mm_ms[l] = s->vehicle_ms[l] * 5000;
    s->queue_max_m[l] = n * 7;
  }
}

static void bench_links(bench *b, const art_trip_row *rows, int intervals)
{
  const int32_t n = b->city->net->link_count;
  art_link_sums s = { .link_count = n };
  int64_t **const wide[] = { &s.vehicle_ms, &s.distance_mm, &s.waiting_ms, &s.loss_ms, &s.occupied_mm_ms };
  int32_t **const narrow[] = { &s.entered, &s.left, &s.departed, &s.arrived, &s.queue_max_m };
  for (int k = 0; k < 5; ++k) {
    *wide[k] = ART_NEW(int64_t, n);
    *narrow[k] = ART_NEW(int32_t, n);
  }
  const double empty = empty_file(b, rows);
  b->scenario.links_every_ms = 60000;
  art_results *r = open_file(b);
  art_error err = { 0 };
  uint64_t state = 1;
  double add_s = 0.0, wall_s;
  for (int k = 0; k < intervals; ++k) {
    fill_links(&s, &state);
    s.begin_ms = 60000 * k;
    s.end_ms = s.begin_ms + 60000;
    const double begin_s = seconds(CLOCK_THREAD_CPUTIME_ID);
    if (art_results_add_links(r, &s, &err) != ART_OK) fprintf(stderr, "%s\n", err.message), exit(1);
    add_s += seconds(CLOCK_THREAD_CPUTIME_ID) - begin_s;
  }
  const double begin_s = seconds(CLOCK_PROCESS_CPUTIME_ID), bytes = close_file(b, r, rows, &wall_s) - empty;
  const double close_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_s, values = (double)n * intervals;
  printf("links: %d x %d intervals: %.0f ns to add, %.0f ns to close (%.2f s), %.1f bytes a link and interval\n", n,
         intervals, add_s / values * 1e9, close_s / values * 1e9, wall_s, bytes / values);
  for (int k = 0; k < 5; ++k) {
    free(*wide[k]);
    free(*narrow[k]);
  }
  b->scenario.links_every_ms = 0;
}

static void bench_trajectories(bench *b, const art_trip_row *rows, int64_t vehicles, int duration_s)
{
  const art_net *net = b->city->net;
  art_snapshot s = { .count = vehicles, .capacity = vehicles };
  s.trip = ART_NEW(int32_t, vehicles);
  s.lane = ART_NEW(int32_t, vehicles);
  s.pos_m = ART_NEW(float, vehicles);
  s.speed_mps = ART_NEW(float, vehicles);
  uint64_t state = 2;
  for (int64_t i = 0; i < vehicles; ++i) {
    s.trip[i] = (int32_t)(draw(&state) % (uint64_t)b->demand->trip_count);  // in no order, as from blocks
    s.lane[i] = (int32_t)(draw(&state) % (uint64_t)net->link_lane_count);
  }
  const double empty = empty_file(b, rows);
  b->scenario.trajectories_every_ms = 1000;
  art_results *r = open_file(b);
  art_error err = { 0 };
  double add_s = 0.0, wall_s;
  for (int t = 1; t <= duration_s; ++t) {
    for (int64_t i = 0; i < vehicles; ++i) {
      const uint64_t u = draw(&state);
      const int stands = (u & 3) == 0;
      s.speed_mps[i] = stands ? 0.0f : art_maxf(0.0f, s.speed_mps[i] + (float)((double)(u >> 40) * 0x1p-23 - 1.0) * 2.0f);
      s.pos_m[i] += s.speed_mps[i];
      const float length = net->lane_length_m[s.lane[i]];
      if (s.pos_m[i] <= length) continue;
      s.pos_m[i] -= length;
      s.lane[i] = s.lane[i] + 1 < net->lane_count ? s.lane[i] + 1 : 0;
    }
    const double begin_s = seconds(CLOCK_THREAD_CPUTIME_ID);
    if (art_results_add_snapshot(r, 1000 * t, &s, &err) != ART_OK) fprintf(stderr, "%s\n", err.message), exit(1);
    add_s += seconds(CLOCK_THREAD_CPUTIME_ID) - begin_s;
  }
  const double begin_s = seconds(CLOCK_PROCESS_CPUTIME_ID), bytes = close_file(b, r, rows, &wall_s) - empty;
  const double close_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_s, values = (double)vehicles * duration_s;
  printf("trajectories: %lld x %d s: %.0f ns to add, %.0f ns to close (%.2f s), %.1f bytes a row\n",
         (long long)vehicles, duration_s, add_s / values * 1e9, close_s / values * 1e9, wall_s, bytes / values);
  art_snapshot_free(&s);
  b->scenario.trajectories_every_ms = 0;
}

static void bench_trips(bench *b, const art_trip_row *rows)
{
  double wall_s;
  const double empty = empty_file(b, rows);
  b->scenario.trips = 1;
  art_results *r = open_file(b);
  const double begin_s = seconds(CLOCK_PROCESS_CPUTIME_ID), bytes = close_file(b, r, rows, &wall_s) - empty;
  const double close_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_s, values = b->demand->trip_count;
  printf("trips: %d: %.0f ns (%.2f s), %.1f bytes a trip\n", b->demand->trip_count, close_s / values * 1e9, wall_s,
         bytes / values);
}

int main(int argc, char **argv)
{
  const int32_t size = argc > 1 ? atoi(argv[1]) : 60;
  const int64_t vehicles = argc > 2 ? atoll(argv[2]) : 120000;
  const int duration_s = argc > 3 ? atoi(argv[3]) : 60;
  bench b = { .scenario = { .path = (char *)"bench.yaml", .city_path = (char *)"bench.city.h5", .step_ms = 500,
                            .end_ms = 1000 * duration_s, .config_text = (char *)"" } };
  art_error err = { 0 };
  art_grid_options grid = { .street = art_street_defaults(), .columns = size, .rows = size, .block_m = 200.0 };
  grid.street.signals = 0.5;
  snprintf(b.path, sizeof b.path, P_tmpdir "/bench_outputs_%ld.h5", (long)getpid());
  if (art_generate_grid(&grid, &b.city, &err) != ART_OK) return fprintf(stderr, "%s\n", err.message), 1;
  const art_trips_options trips = { .trips = vehicles, .duration_s = duration_s, .seed = 1 };
  if (art_generate_trips(b.city, &trips, &b.demand, NULL, &err) != ART_OK) return fprintf(stderr, "%s\n", err.message), 1;
  art_trip_row *rows = ART_NEW(art_trip_row, b.demand->trip_count);
  for (int32_t t = 0; t < b.demand->trip_count; ++t) {
    const uint64_t u = art_mix64((uint64_t)t + 1);
    rows[t] = (art_trip_row){ .insert_ms = b.demand->trip_depart_ms[t] + 500 * (int64_t)(u & 7), .state = ART_TRIP_ARRIVED,
                              .route_mm = (int64_t)(u >> 8 & 0x7fffff), .free_ms = (int64_t)(u >> 34 & 0x7ffff),
                              .waiting_ms = 500 * (int64_t)(u >> 20 & 63), .stops = (int32_t)(u >> 60), .speed_factor = 1.0f };
    rows[t].arrival_ms = rows[t].insert_ms + rows[t].free_ms + rows[t].waiting_ms;
  }
  bench_links(&b, rows, 60);
  bench_trajectories(&b, rows, vehicles, duration_s);
  bench_trips(&b, rows);
  free(rows);
  art_demand_free(b.demand);
  art_city_free(b.city);
  return 0;
}
