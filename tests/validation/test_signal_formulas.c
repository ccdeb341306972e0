// Signals and queues by formula: V18 to V21, V26 and V27.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/longitudinal/kinematic_wave.h"
#include "models/signal/timing.h"
#include "tests/support/known_answer.h"

static void v18_capacity_of_a_lane(void **state)
{
  (void)state;
  const art_timing_approach lane = { .cycle_s = 90, .green_s = 30, .saturation_vph = 1900 };
  const double capacity = art_timing_capacity(&lane);
  art_answer(ART_GATE_HARD, "V18", "formula, capacity at s = 1900, C = 90, g = 30", "veh/h", 633.33, capacity,
             5e-3);
  art_answer(ART_GATE_HARD, "V18", "formula, the same per cycle", "veh", 15.83, capacity * 90.0 / 3600.0,
             5e-3);
}

static void v19_control_delay(void **state)
{
  (void)state;
  static const struct {
    double cycle, green, saturation, flow, x, d1, d2, d;
  } row[] = { { 90, 40, 1800, 600, .75, 20.8333, 6.3873, 27.2207 },
              { 90, 40, 1800, 760, .95, 24.0385, 21.7415, 45.7799 },
              { 60, 27, 1900, 800, .935673, 15.6750, 18.6309, 34.3059 },
              { 120, 50, 1900, 900, 1.136842, 35.0, 76.7368, 111.7368 } };
  for (int i = 0; i < 4; ++i) {
    const art_timing_approach a = { row[i].cycle, row[i].green, row[i].saturation, row[i].flow };
    const double x = art_timing_saturation_degree(&a);
    char what[96];
    snprintf(what, sizeof what, "formula, X, C = %g, g = %g, v = %g", row[i].cycle, row[i].green,
             row[i].flow);
    art_answer(ART_GATE_HARD, "V19", what, "1", row[i].x, x, 1e-6);
    snprintf(what, sizeof what, "formula, d1, the same");
    art_answer(ART_GATE_HARD, "V19", what, "s", row[i].d1, art_timing_uniform_delay(a.cycle_s, a.green_s, x),
               1e-4);
    snprintf(what, sizeof what, "formula, d2, the same");
    art_answer(ART_GATE_HARD, "V19", what, "s", row[i].d2,
               art_timing_incremental_delay(art_timing_capacity(&a), x, .25, 1), 1e-4);
    snprintf(what, sizeof what, "formula, d, the same");
    art_answer(ART_GATE_HARD, "V19", what, "s", row[i].d, art_timing_control_delay(&a, .25), 1e-4);
  }
  const art_timing_approach eb = { 60, 29.3, 1900, 855 }, nb = { 60, 22.7, 1900, 665 };
  art_answer(ART_GATE_HARD, "V19", "HCM chapter 31 example, EB, s = 1900", "s", 30.0309,
             art_timing_control_delay(&eb, .25), 1e-4);
  art_answer(ART_GATE_HARD, "V19", "HCM chapter 31 example, NB, s = 1900", "s", 37.4062,
             art_timing_control_delay(&nb, .25), 1e-4);
}

static void v20_point_queue(void **state)
{
  (void)state;
  const art_timing_approach a = { 90, 40, 1800, 600 }, b = { 60, 27, 1800, 600 };
  const art_timing_queue queue = art_timing_uniform_queue(&a);
  art_answer(ART_GATE_HARD, "V20", "queue at the end of red", "veh", 8.3333, queue.at_red_end, 5e-5);
  art_answer(ART_GATE_HARD, "V20", "clears into green", "s", 25.0, queue.clears_after_s, 1e-9);
  art_answer(ART_GATE_HARD, "V20", "back of queue", "veh", 12.5, queue.back, 1e-9);
  art_answer(ART_GATE_HARD, "V20", "stopped share", "1", .83333, queue.stopped_share, 5e-6);
  art_answer(ART_GATE_HARD, "V20", "mean delay", "s", 20.8333, queue.delay_s, 5e-5);
  art_answer(ART_GATE_HARD, "V20", "queue after 15 min of 900 against 800 veh/h", "veh", 25.0,
             art_timing_overflow_queue(900, 800, .25), 1e-9);
  art_answer(ART_GATE_HARD, "V20", "mean overflow delay, the same", "s", 56.25,
             art_timing_overflow_delay(900, 800, .25), 1e-9);
  art_answer(ART_GATE_HARD, "V20", "Webster's three terms, (90, 40, 1800, 600)", "s", 24.7285,
             art_timing_webster_delay(&a), 5e-5);
  art_answer(ART_GATE_HARD, "V20", "Webster's three terms, (60, 27, 1800, 600)", "s", 17.6149,
             art_timing_webster_delay(&b), 5e-5);
}

static art_kinematic_wave urban(void)
{
  return (art_kinematic_wave){ 50.0 / 3.6, 18.0 / 3.6, 0.150 };
}

static void v21_signal_queue(void **state)
{
  (void)state;
  const art_kinematic_wave w = urban();
  static const struct {
    double arrivals, stop_wave, farthest, at, clear, delay;
  } row[] = { { 600, -1.2077, 71.6561, 59.3312, 64.4904, 16.1226 },
              { 700, -1.4297, 90.1030, 63.0206, 69.5080, 17.3770 } };
  art_answer(ART_GATE_HARD, "V21", "formula, capacity", "veh/h", 1985.294, art_wave_capacity(&w) * 3600.0,
             5e-4);
  art_answer(ART_GATE_HARD, "V21", "formula, critical density", "veh/km", 39.7059,
             art_wave_critical_density(&w) * 1000.0, 5e-5);
  for (int i = 0; i < 2; ++i) {
    const art_wave_signal_queue q = art_wave_behind_signal(&w, row[i].arrivals / 3600.0, 45.0, 90.0);
    const struct {
      const char *name, *unit;
      double expected, obtained;
    } value[] = { { "stop wave", "m/s", row[i].stop_wave, q.stop_wave_mps },
                  { "farthest queue", "m", row[i].farthest, q.farthest_m },
                  { "farthest queue reached after the start of red", "s", row[i].at, q.farthest_at_s },
                  { "line clear after the start of red", "s", row[i].clear, q.line_clear_s },
                  { "mean delay", "s", row[i].delay, q.delay_s } };
    for (int k = 0; k < 5; ++k) {
      char what[96];
      snprintf(what, sizeof what, "formula, %g veh/h, %s", row[i].arrivals, value[k].name);
      art_answer(ART_GATE_HARD, "V21", what, value[k].unit, value[k].expected, value[k].obtained, 5e-5);
    }
  }
}

static void v26_spillback(void **state)
{
  (void)state;
  const art_kinematic_wave w = urban();
  static const struct {
    double inflow, bottleneck, shock_kmh, fill_s;
  } row[] = { { 1500, 900, -8.5714, 420.0 }, { 1500, 0, -12.5, 288.0 }, { 1800, 1000, -13.6882, 263.0 } };
  art_answer(ART_GATE_HARD, "V26", "formula, density of a queue that discharges 900 veh/h", "veh/km", 100.0,
             art_wave_queue_density(&w, 900.0 / 3600.0) * 1000.0, 1e-9);
  for (int i = 0; i < 3; ++i) {
    const double shock = art_wave_shock(&w, row[i].inflow / 3600.0, row[i].bottleneck / 3600.0);
    char what[96];
    snprintf(what, sizeof what, "formula, shock, %g veh/h against %g", row[i].inflow, row[i].bottleneck);
    art_answer(ART_GATE_HARD, "V26", what, "km/h", row[i].shock_kmh, shock * 3.6, 5e-5);
    snprintf(what, sizeof what, "formula, 1 km fills in, %g veh/h against %g", row[i].inflow,
             row[i].bottleneck);
    art_answer(ART_GATE_HARD, "V26", what, "s", row[i].fill_s, -1000.0 / shock, 5e-2);
  }
}

static void v27_cycle_length(void **state)
{
  (void)state;
  static const struct {
    double lost, ratio, cycle;
  } row[] = { { 10, .7, 66.6667 }, { 12, .75, 92.0 }, { 8, .6, 42.5 }, { 16, .8, 145.0 } };
  for (int i = 0; i < 4; ++i) {
    char what[96];
    snprintf(what, sizeof what, "Webster's cycle, L = %g, Y = %g", row[i].lost, row[i].ratio);
    art_answer(ART_GATE_HARD, "V27", what, "s", row[i].cycle,
               art_timing_webster_cycle(row[i].lost, row[i].ratio), 5e-5);
  }
  art_answer(ART_GATE_HARD, "V27", "HCM example, shortest cycle", "s", 40.0, art_timing_min_cycle(8, .8, 1.0),
             1e-9);
  art_answer(ART_GATE_HARD, "V27", "HCM example, cycle for X = 0.92", "s", 61.0,
             art_timing_min_cycle(8, .8, .92), 0.5);
  art_answer(ART_GATE_HARD, "V27", "HCM example, X at 60 s", "1", .923,
             art_timing_critical_saturation(8, .8, 60), 5e-4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v18_capacity_of_a_lane), cmocka_unit_test(v19_control_delay),
    cmocka_unit_test(v20_point_queue),        cmocka_unit_test(v21_signal_queue),
    cmocka_unit_test(v26_spillback),          cmocka_unit_test(v27_cycle_length),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
