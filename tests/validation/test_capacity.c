// Junctions without signals by formula: V22 two-way stop, V23 roundabout, V24 all-way stop.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "models/junction/capacity_awsc.h"
#include "models/junction/capacity_roundabout.h"
#include "models/junction/capacity_twsc.h"
#include "models/junction/gap_capacity.h"
#include "tests/support/known_answer.h"

/// Half of the last digit that a value is given with.
#define DIGITS_2 5e-3
#define DIGITS_3 5e-4
#define DIGITS_4 5e-5
#define DIGITS_6 5e-7

static const char *const movement_name[] = { "major left", "minor right", "minor through", "minor left" };

static void v22_potential_capacities(void **state)
{
  (void)state;
  const double stream[4] = { 300, 500, 800, 1200 };
  const double hcm[4][4] = { { 1272.62, 1074.57, 831.83, 588.70 },
                             { 744.31, 574.84, 388.13, 227.73 },
                             { 615.71, 475.60, 320.44, 186.68 },
                             { 656.26, 484.46, 305.50, 163.45 } };
  const double siegloch[4][4] = { { 1274.40, 1078.76, 840.14, 601.98 },
                                  { 746.65, 579.88, 396.89, 239.39 },
                                  { 618.56, 481.74, 331.09, 200.82 },
                                  { 658.58, 489.25, 313.26, 172.88 } };
  for (int m = 0; m < 4; ++m) {
    const art_gap_headways headways = art_gap_headways_hcm((art_minor_movement)m, 0.0, 0);
    for (int k = 0; k < 4; ++k) {
      char what[96];
      snprintf(what, sizeof what, "HCM capacity, %s, stream %g veh/h", movement_name[m], stream[k]);
      art_answer(ART_GATE_HARD, "V22", what, "veh/h", hcm[m][k], art_gap_capacity_hcm(stream[k], headways),
                 DIGITS_2);
      snprintf(what, sizeof what, "Siegloch capacity, %s, stream %g veh/h", movement_name[m], stream[k]);
      art_answer(ART_GATE_HARD, "V22", what, "veh/h", siegloch[m][k],
                 art_gap_capacity_siegloch(stream[k], headways), DIGITS_2);
    }
  }
}

static void v22_delays(void **state)
{
  (void)state;
  const art_gap_headways right = art_gap_headways_hcm(ART_MINOR_RIGHT, 0.0, 0);
  const art_gap_headways left = art_gap_headways_hcm(ART_MINOR_LEFT, 0.0, 0);
  art_answer(ART_GATE_HARD, "V22", "HCM delay, minor right, 200 veh/h against 500", "s", 14.5670,
             5.0 + art_gap_queue_delay(200.0, art_gap_capacity_hcm(500.0, right), 0.25), DIGITS_4);
  art_answer(ART_GATE_HARD, "V22", "HCM delay, minor left, 150 veh/h against 800", "s", 27.6366,
             5.0 + art_gap_queue_delay(150.0, art_gap_capacity_hcm(800.0, left), 0.25), DIGITS_4);
}

static void v22_example_of_the_manual(void **state)
{
  (void)state;
  const art_twsc junction = { .near_through_vph = 240,
                              .near_right_vph = 40,
                              .far_left_vph = 160,
                              .far_through_vph = 300,
                              .minor_left_vph = 40,
                              .minor_right_vph = 120,
                              .heavy_share = 0.1,
                              .hours = 0.25 };
  const art_twsc_result r = art_capacity_twsc(&junction);
  const struct {
    const char *what;
    double published, recomputed, obtained;
  } capacity[] = { { "major left", 1238, 1237.94, r.far_left_capacity_vph },
                   { "minor right", 760, 759.59, r.minor_right_capacity_vph },
                   { "minor left, impeded", 268, 267.77, r.minor_left_capacity_vph },
                   { "minor road, shared lane", 521, 520.56, r.minor_capacity_vph } };
  for (int i = 0; i < 4; ++i) {
    char what[96];
    snprintf(what, sizeof what, "HCM example 1, capacity, %s", capacity[i].what);
    art_answer(ART_GATE_HARD, "V22", what, "veh/h", capacity[i].published, capacity[i].obtained, 5.0);
    snprintf(what, sizeof what, "the same without rounding, %s", capacity[i].what);
    art_answer(ART_GATE_HARD, "V22", what, "veh/h", capacity[i].recomputed, capacity[i].obtained, DIGITS_2);
  }
  art_answer(ART_GATE_HARD, "V22", "HCM example 1, delay, major left", "s", 8.3, r.far_left_delay_s, 0.5);
  art_answer(ART_GATE_HARD, "V22", "the same without rounding, major left", "s", 8.34, r.far_left_delay_s,
             DIGITS_2);
  art_answer(ART_GATE_HARD, "V22", "HCM example 1, delay, minor road", "s", 14.9, r.minor_delay_s, 0.5);
  art_answer(ART_GATE_HARD, "V22", "the same without rounding, minor road", "s", 14.95, r.minor_delay_s,
             DIGITS_2);
  art_answer(ART_GATE_HARD, "V22", "HCM example 1, delay, junction", "s", 4.1, r.junction_delay_s, 0.5);
  // Conflicting flows as the Manual adds them up.
  assert_float_equal(r.far_left_conflict_vph, 280.0, 1e-9);
  assert_float_equal(r.minor_right_conflict_vph, 260.0, 1e-9);
  assert_float_equal(r.minor_left_conflict_vph, 880.0, 1e-9);
}

static void two_way_stop_has_limits(void **state)
{
  (void)state;
  art_twsc junction = { .near_through_vph = 400, .far_through_vph = 400, .heavy_share = 0.0, .hours = 0.25 };
  art_twsc_result r = art_capacity_twsc(&junction);
  assert_true(r.minor_capacity_vph == 0.0 && r.minor_delay_s == 0.0 && r.junction_delay_s == 0.0);
  assert_true(r.minor_left_capacity_vph == r.minor_left_potential_vph);
  junction.far_left_vph = 3000.0;  // more than gaps there are: the minor left finds its way barred
  junction.minor_left_vph = 10.0;
  r = art_capacity_twsc(&junction);
  assert_true(r.minor_left_capacity_vph == 0.0 && isinf(r.minor_delay_s));
}

static void v23_curves(void **state)
{
  (void)state;
  static const struct {
    art_roundabout_lane lane;
    const char *name;
    double at_600;
  } row[] = { { ART_ROUNDABOUT_ONE_BY_ONE, "one lane, one on the ring", 748.33 },
              { ART_ROUNDABOUT_TWO_BY_ONE, "lane of two, one on the ring", 822.55 },
              { ART_ROUNDABOUT_ONE_BY_TWO, "one lane, two on the ring", 852.70 },
              { ART_ROUNDABOUT_TWO_BY_TWO_RIGHT, "right of two, two on the ring", 852.70 },
              { ART_ROUNDABOUT_TWO_BY_TWO_LEFT, "left of two, two on the ring", 777.33 } };
  for (int i = 0; i < 5; ++i) {
    char what[96];
    snprintf(what, sizeof what, "entry capacity at 600 pc/h, %s", row[i].name);
    art_answer(ART_GATE_HARD, "V23", what, "pc/h", row[i].at_600, art_roundabout_curve(row[i].lane, 600.0),
               DIGITS_2);
  }
  double critical_s, follow_up_s;
  art_roundabout_headways(ART_ROUNDABOUT_ONE_BY_ONE, &critical_s, &follow_up_s);
  art_answer(ART_GATE_HARD, "V23", "follow-up headway behind the one-by-one curve", "s", 2.6087, follow_up_s,
             DIGITS_4);
  art_answer(ART_GATE_HARD, "V23", "critical headway behind the one-by-one curve", "s", 4.9763, critical_s,
             DIGITS_4);
  const double capacity = art_roundabout_curve(ART_ROUNDABOUT_ONE_BY_ONE, 600.0);
  art_answer(ART_GATE_HARD, "V23", "delay, 400 veh/h against 600", "s", 12.8693,
             art_roundabout_delay(400.0, capacity, 0.25), DIGITS_4);
  art_answer(ART_GATE_HARD, "V23", "saturation of four equal arms, per entry", "pc/h", 685.694,
             art_roundabout_saturation(ART_ROUNDABOUT_ONE_BY_ONE), DIGITS_3);
}

/// Legs by their entry: NB from the south, then as the ring passes them east (WB), north (SB), west (EB).
enum { NB, WB, SB, EB };

static void v23_example_of_the_manual(void **state)
{
  (void)state;
  static const double uturn_left_through_right[4][4] = { [NB] = { 30, 105, 210, 50 },
                                                         [WB] = { 20, 110, 395, 610 },
                                                         [SB] = { 20, 175, 95, 580 },
                                                         [EB] = { 50, 190, 280, 85 } };
  art_roundabout junction = { .leg_count = 4, .heavy_share = 0.02, .hours = 0.25 };
  for (int from = 0; from < 4; ++from)
    for (int turn = 0; turn < 4; ++turn)
      junction.flow_vph[from][(from + 4 - turn) % 4] = uturn_left_through_right[from][turn] / 0.94;
  junction.bypass[SB] = ART_BYPASS_FREE;
  junction.bypass[WB] = ART_BYPASS_YIELD;
  junction.pedestrians_ph[NB] = 50;
  const art_roundabout_result r = art_capacity_roundabout(&junction);
  const struct {
    const char *name;
    double published, recomputed, obtained;
  } row[] = { { "NB entry, with pedestrians", 597, 595.65, r.capacity_vph[NB] },
              { "SB entry", 618, 616.59, r.capacity_vph[SB] },
              { "EB entry", 824, 822.19, r.capacity_vph[EB] },
              { "WB entry", 694, 692.58, r.capacity_vph[WB] },
              { "WB bypass that yields", 851, 849.95, r.bypass_capacity_vph[WB] } };
  for (int i = 0; i < 5; ++i) {
    char what[96];
    snprintf(what, sizeof what, "HCM example 1, capacity, %s", row[i].name);
    art_answer(ART_GATE_HARD, "V23", what, "veh/h", row[i].published, row[i].obtained, 5.0);
    snprintf(what, sizeof what, "the same without rounding, %s", row[i].name);
    art_answer(ART_GATE_HARD, "V23", what, "veh/h", row[i].recomputed, row[i].obtained, DIGITS_2);
  }
  // Published flows are rounded to whole vehicles before; with capacities within 5 veh/h that is up to 0.5 s.
  art_answer(ART_GATE_HARD, "V23", "HCM example 1, delay, junction", "s", 17.5, r.junction_delay_s, 0.5);
  assert_true(isinf(r.bypass_capacity_vph[SB]) && r.bypass_delay_s[SB] == 0.0);
}

/// Three arms, worked by hand: only those who pass an entry circulate in front of it.
static void circulating_flows_are_those_who_pass(void **state)
{
  (void)state;
  art_roundabout junction = { .leg_count = 3, .hours = 0.25 };
  junction.flow_vph[0][1] = 100;  // first exit: passes nobody
  junction.flow_vph[0][2] = 200;  // passes entry 1
  junction.flow_vph[0][0] = 10;   // passes entries 1 and 2
  junction.flow_vph[2][1] = 40;   // passes entry 0
  const art_roundabout_result r = art_capacity_roundabout(&junction);
  assert_float_equal(r.circulating_pcph[0], 40.0, 1e-9);
  assert_float_equal(r.circulating_pcph[1], 210.0, 1e-9);
  assert_float_equal(r.circulating_pcph[2], 10.0, 1e-9);
  assert_float_equal(r.entry_vph[0], 310.0, 1e-9);
}

static void v24_example_of_the_manual(void **state)
{
  (void)state;
  enum { EAST_BOUND, SOUTH_BOUND = 3, WEST_BOUND = 2 };  // nobody comes from the south
  const double peak = 0.95;
  const art_awsc junction = { .approach = { [EAST_BOUND] = { 1, 50 / peak, 300 / peak, 0, 0.02 },
                                            [WEST_BOUND] = { 1, 0, 300 / peak, 100 / peak, 0.02 },
                                            [SOUTH_BOUND] = { 1, 100 / peak, 0, 50 / peak, 0.02 } },
                              .hours = 0.25 };
  const art_awsc_params params = art_awsc_params_hcm();
  const art_awsc_result r = art_capacity_awsc(&junction, &params);
  const struct {
    const char *name;
    double published_s, exact_s, delay_s;
    int approach;
  } row[] = { { "EB", 4.97, 4.9791, 13.0, EAST_BOUND },
              { "WB", 4.74, 4.7551, 13.5, WEST_BOUND },
              { "SB", 5.70, 5.7376, 10.6, SOUTH_BOUND } };
  for (int i = 0; i < 3; ++i) {
    char what[96];
    snprintf(what, sizeof what, "HCM example 1, departure headway, %s", row[i].name);
    // The Manual stops after a few rounds, below the fixed point.
    art_answer(ART_GATE_HARD, "V24", what, "s", row[i].published_s, r.headway_s[row[i].approach], 0.05);
    snprintf(what, sizeof what, "the same, fixed point, %s", row[i].name);
    art_answer(ART_GATE_HARD, "V24", what, "s", row[i].exact_s, r.headway_s[row[i].approach], DIGITS_4);
    snprintf(what, sizeof what, "HCM example 1, delay, %s", row[i].name);
    art_answer(ART_GATE_HARD, "V24", what, "s", row[i].delay_s, r.delay_s[row[i].approach], 0.1);
  }
  art_answer(ART_GATE_HARD, "V24", "HCM example 1, delay, junction", "s", 12.8, r.junction_delay_s, 0.1);
}

static art_awsc four_through(double flow_vph)
{
  art_awsc junction = { .hours = 0.25 };
  for (int i = 0; i < ART_AWSC_APPROACHES; ++i) {
    junction.approach[i].exists = 1;
    junction.approach[i].through_vph = flow_vph;
  }
  return junction;
}

static void v24_balanced_and_saturated(void **state)
{
  (void)state;
  const art_awsc_params hcm = art_awsc_params_hcm();
  art_awsc_params independent = hcm;
  independent.correlation = 0.0;
  const art_awsc balanced = four_through(300.0), full = four_through(2000.0);
  art_answer(ART_GATE_HARD, "V24", "4 x 300 through, departure headway, alpha 0.01", "s", 6.839970,
             art_capacity_awsc(&balanced, &hcm).headway_s[1], DIGITS_6);
  art_answer(ART_GATE_HARD, "V24", "4 x 300 through, departure headway, alpha 0", "s", 6.650116,
             art_capacity_awsc(&balanced, &independent).headway_s[1], DIGITS_6);
  const double alone_s = art_capacity_awsc(&full, &independent).headway_s[2];
  const double together_s = art_capacity_awsc(&full, &hcm).headway_s[2];
  art_answer(ART_GATE_HARD, "V24", "all saturated, departure headway, alpha 0", "s", 9.6, alone_s, 1e-9);
  art_answer(ART_GATE_HARD, "V24", "all saturated, each approach, alpha 0", "veh/h", 375.0, 3600.0 / alone_s,
             1e-6);
  art_answer(ART_GATE_HARD, "V24", "all saturated, departure headway, alpha 0.01", "s", 9.813889, together_s,
             DIGITS_6);
  art_answer(ART_GATE_HARD, "V24", "all saturated, each approach, alpha 0.01", "veh/h", 366.827,
             3600.0 / together_s, DIGITS_3);
}

/// At its capacity an approach is saturated, and alone it gets the headway of nobody else.
static void all_way_stop_capacity_saturates(void **state)
{
  (void)state;
  const art_awsc_params params = art_awsc_params_hcm();
  art_awsc junction = four_through(200.0);
  const double capacity = art_capacity_awsc_approach(&junction, &params, 0);
  assert_true(capacity > 366.827 && capacity < 3600.0 / 3.9);
  junction.approach[0].through_vph = capacity;
  assert_float_equal(art_capacity_awsc(&junction, &params).saturation[0], 1.0, 1e-9);
  for (int i = 1; i < ART_AWSC_APPROACHES; ++i) junction.approach[i].exists = 0;
  for (int i = 1; i < ART_AWSC_APPROACHES; ++i) junction.approach[i].through_vph = 0.0;
  assert_float_equal(art_capacity_awsc_approach(&junction, &params, 0), 3600.0 / 3.9, 1e-6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(v22_potential_capacities),
    cmocka_unit_test(v22_delays),
    cmocka_unit_test(v22_example_of_the_manual),
    cmocka_unit_test(two_way_stop_has_limits),
    cmocka_unit_test(v23_curves),
    cmocka_unit_test(v23_example_of_the_manual),
    cmocka_unit_test(circulating_flows_are_those_who_pass),
    cmocka_unit_test(v24_example_of_the_manual),
    cmocka_unit_test(v24_balanced_and_saturated),
    cmocka_unit_test(all_way_stop_capacity_saturates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
