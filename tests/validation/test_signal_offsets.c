// V32: adaptive offsets from the worst ones of V30, case 1, by simulation.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/support/lab.h"
#include "tests/support/two_signals.h"
#include "tests/unit/small_net.h"

#define CYCLE_S 60.0
#define TRAVEL_S 20.0
#define SPEED_MPS 13.0f
enum { CYCLES = 15 };

/// Poisson streams: both ways along the street, and over it at both signals.
static art_demand *make_demand(double street_vph, double side_vph, double hours, uint64_t seed)
{
  static const art_lab_route route[] = { { { TWO_WEST_IN, TWO_EAST, TWO_EAST_OUT, -1 } },
                                         { { TWO_EAST_IN, TWO_WEST, TWO_WEST_OUT, -1 } },
                                         { { TWO_SIDE_IN, TWO_SIDE_OUT, -1 } },
                                         { { TWO_SIDE2_IN, TWO_SIDE2_OUT, -1 } } };
  art_lab_trip *trip = NULL;
  int32_t count = 0, capacity = 0;
  for (int32_t r = 0; r < 4; ++r) {
    const double vph = r < 2 ? street_vph : side_vph;
    const int32_t trips = (int32_t)(vph * hours);
    double *headway_s = ART_NEW(double, trips), at_s = 0.0;
    art_lab_exponential(3600.0 / vph, trips, seed + 100 * (uint64_t)r, headway_s);
    for (int32_t i = 0; i < trips; ++i) {
      at_s += headway_s[i];
      const art_lab_trip t = { .depart_ms = (int64_t)(at_s * 1e3), .speed_mps = ART_SPEED_MAX, .route = r };
      ART_PUSH(trip, count, capacity, t);
    }
    free(headway_s);
  }
  const art_vtype car = art_vtype_default();
  art_demand *demand = art_lab_demand(1, &car, 4, route, count, trip);
  free(trip);
  return demand;
}

/// Begin and length of the last whole green of the street at a signal.
typedef struct green {
  double begin_s, length_s;
} green;

static void read_greens(art_sim *sim, double begin_s[2], green last[2])
{
  const art_signal_event *event;
  const int64_t count = art_sim_take_signal_events(sim, &event);
  for (int64_t i = 0; i < count; ++i) {
    const int32_t s = event[i].signal;
    if (event[i].phase == 0 && begin_s[s] < 0) begin_s[s] = (double)event[i].time_ms * 1e-3;
    if (event[i].phase != 1 || begin_s[s] < 0) continue;
    last[s] = (green){ begin_s[s], (double)event[i].time_ms * 1e-3 - begin_s[s] };
    begin_s[s] = -1;
  }
}

/// Seconds of a cycle in which one can leave the first signal and pass the second one TRAVEL_S later.
static double band_s(green first, green second)
{
  enum { PARTS = 6000 };
  int both = 0;
  for (int i = 0; i < PARTS; ++i) {
    const double t = first.begin_s + CYCLE_S * (i + 0.5) / PARTS;
    if (t - first.begin_s >= first.length_s) continue;
    const double at = fmod(t + TRAVEL_S - second.begin_s + 100.0 * CYCLE_S, CYCLE_S);
    both += at < second.length_s;
  }
  return CYCLE_S * both / PARTS;
}

static double bands_after(double street_vph, double side_vph, int cycles, uint64_t seed)
{
  art_net *net = art_test_two_signals(&(art_two_signals){ .between_m = (float)TRAVEL_S * SPEED_MPS,
                                                          .arm_m = 400,
                                                          .speed_mps = SPEED_MPS,
                                                          .green_ms = { 30000, 20000 },
                                                          .yellow_ms = 3000,
                                                          .red_ms = 2000,
                                                          .control = ART_CONTROL_ADAPTIVE });
  art_demand *demand = make_demand(street_vph, side_vph, 0.5, seed);
  art_sim_setup setup = small_setup(net, demand);
  setup.seed = seed;
  art_error err = { 0 };
  art_sim *sim = NULL;
  assert_ok(art_net_check(net, &err), err);
  assert_ok(art_sim_create(&setup, &sim, &err), err);
  green last[2] = { { 0, 30 }, { 0, 30 } };
  double band = 0.0, begin_s[2] = { -1, -1 };
  for (int c = 1; c <= cycles; ++c) {
    assert_ok(art_sim_advance(sim, (art_tick)(c * CYCLE_S * 1e3), &err), err);
    read_greens(sim, begin_s, last);
    band = band_s(last[0], last[1]) + band_s(last[1], last[0]);
  }
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
  return band;
}

static void v32_offsets_find_the_bandwidth(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    char what[128];
    snprintf(what, sizeof what, "two-way bandwidth after 15 cycles from the worst offset (20 s), best 40 s, seed %d",
             (int)seed);
    art_answer_within(ART_GATE_HARD, "V32", what, "s", 36.0, INFINITY, bands_after(600, 400, CYCLES, seed));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(v32_offsets_find_the_bandwidth) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
