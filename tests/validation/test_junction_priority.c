// V22 and V23: one minor stream out of a queue through a stream with the right of way; capacity against the formula of the Highway
// Capacity Manual, c = v exp(-v tc / 3600) / (1 - exp(-v tf / 3600)), for a constant critical gap tc and follow-up time tf.
//
// The formula assumes exponential headways of any length. One lane cannot have them, drivers keep a distance; so the major
// stream of v veh/h comes on MAJORS lanes in turn, all of which cross the minor path at the same place. Its drivers keep
// a time gap of 0.3 s, and arrive at exact instants: with headways drawn on the 0.5 s grid, the formula would be
// another one. The queue is fed at three places, faster than one lane's entry could. Every quantile of the headways occurs once (lab.h), so that few hours of traffic suffice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/check.h"
#include "tests/support/known_answer.h"
#include "tests/support/lab.h"
#include "tests/unit/small_net.h"

enum { MAJORS = 8 };
#define MAJOR_MPS 13.89f

typedef struct cell {
  const char *movement;
  char sign;  // of the minor stream: m yield, s stop
  float critical_gap_s, follow_up_s;
  int32_t major;  // veh/h
  double formula;
  double capacity;  // obtained
} cell;

static art_net *crossing(const cell *c)
{
  small_link links[2 * MAJORS + 3] = { { 1, 0, 1, 150, MAJOR_MPS } };
  small_path paths[MAJORS + 2] = {
    { .from_link = 0, .to_link = 1, .length_m = 10, .speed_mps = 9.0f, .state = c->sign }
  };
  small_conflict conflicts[MAJORS + 1] = { { .a_exit_m = 0 } };
  links[1] = (small_link){ 0, 2, 1, 60, MAJOR_MPS };
  for (int i = 0; i < MAJORS; ++i) {
    links[2 + 2 * i] = (small_link){ 3 + 2 * i, 0, 1, 200, MAJOR_MPS };
    links[3 + 2 * i] = (small_link){ 0, 4 + 2 * i, 1, 20, MAJOR_MPS };
    paths[1 + i] = (small_path){
      .from_link = 2 + 2 * i, .to_link = 3 + 2 * i, .length_m = 10, .speed_mps = MAJOR_MPS, .state = 'M'
    };
    conflicts[i] = (small_conflict){ 0, 1 + i, ART_CONFLICT_CROSS, 1, 0, 2, 5, 2, 5 };
  }
  art_net *net = small_net(3 + 2 * MAJORS, links, paths, conflicts);
  net->connector_critical_gap_s[0] = c->critical_gap_s;
  net->connector_follow_up_s[0] = c->follow_up_s;
  return net;
}

static art_demand *streams(const cell *c, int32_t gaps, double *end_s)
{
  art_vtype types[2] = { art_lab_car(), art_lab_car() };
  types[1].time_gap_s = 0.3f;
  types[1].min_gap_m = 0.5f;
  art_lab_route routes[MAJORS + 1] = { { { 0, 1, -1 } } };
  for (int i = 0; i < MAJORS; ++i) routes[1 + i] = (art_lab_route){ { 2 + 2 * i, 3 + 2 * i, -1 } };
  double *headway = ART_NEW(double, gaps);
  art_lab_exponential(3600.0 / (double)c->major, gaps, (uint64_t)c->major, headway);
  double at = 60.0;
  const int32_t most = (int32_t)((double)gaps * 3600.0 / (double)c->major * c->formula / 3600.0 * 1.15) + 200;
  art_lab_trip *trips = ART_NEW(art_lab_trip, gaps + most);
  for (int32_t i = 0; i < gaps; ++i) {
    at += headway[i];
    trips[i] = art_lab_arrival(at, 6.0f, MAJOR_MPS, 500, 1 + i % MAJORS, 1);
  }
  *end_s = at;
  for (int32_t i = 0; i < most; ++i)
    trips[gaps + i] = (art_lab_trip){ .depart_ms = (int64_t)(at * 1000.0 / (double)most * i),
                                      .pos_m = 10.0f + 40.0f * (float)(i % 3),
                                      .speed_mps = ART_SPEED_MAX };
  art_demand *d = art_lab_demand(2, types, MAJORS + 1, routes, gaps + most, trips);
  free(headway);
  free(trips);
  return d;
}

static void measure(cell *c, int32_t gaps)
{
  double end_s;
  art_net *net = crossing(c);
  art_demand *demand = streams(c, gaps, &end_s);
  art_sim_setup setup = small_setup(net, demand);
  setup.end_ms = (art_tick)(end_s * 1000.0) + 1;
  art_sim *sim;
  art_error err;
  c->capacity = -1.0;
  if (art_net_check(net, &err) != ART_OK || art_demand_check(demand, net, &err) != ART_OK ||
      art_sim_create(&setup, &sim, &err) != ART_OK)
    return;
  int32_t *count = ART_NEW(int32_t, net->connector_count);
  const double warm_s = 120.0;
  if (art_sim_advance(sim, (art_tick)(warm_s * 1000.0), &err) == ART_OK) {
    art_sim_take_movements(sim, count);
    if (art_sim_advance(sim, setup.end_ms, &err) == ART_OK) {
      art_sim_take_movements(sim, count);
      c->capacity = (double)count[0] / ((double)art_sim_now(sim) * 1e-3 - warm_s) * 3600.0;
    }
  }
  free(count);
  art_sim_free(sim);
  art_demand_free(demand);
  art_net_free(net);
}

static void compare(const char *case_id, cell *cells, int count)
{
#pragma omp parallel for schedule(dynamic, 1)
  for (int i = 0; i < count; ++i) measure(&cells[i], 2500);
  for (int i = 0; i < count; ++i) {
    char what[120];
    snprintf(what, sizeof what, "capacity of a %s, major stream %d veh/h", cells[i].movement,
             (int)cells[i].major);
    art_answer(ART_GATE_HARD, case_id, what, "veh/h", cells[i].formula, cells[i].capacity,
               0.03 * cells[i].formula);
  }
}

static void capacity_follows_the_formula(void **state)
{
  (void)state;
  cell cells[] = {
    { "major left", 'm', 4.1f, 2.2f, 300, 1272.62, 0 },
    { "major left", 'm', 4.1f, 2.2f, 500, 1074.57, 0 },
    { "major left", 'm', 4.1f, 2.2f, 800, 831.83, 0 },
    { "major left", 'm', 4.1f, 2.2f, 1200, 588.70, 0 },
    { "minor right", 's', 6.2f, 3.3f, 300, 744.31, 0 },
    { "minor right", 's', 6.2f, 3.3f, 500, 574.84, 0 },
    { "minor right", 's', 6.2f, 3.3f, 800, 388.13, 0 },
    { "minor right", 's', 6.2f, 3.3f, 1200, 227.73, 0 },
    { "minor through", 's', 6.5f, 4.0f, 300, 615.71, 0 },
    { "minor through", 's', 6.5f, 4.0f, 500, 475.60, 0 },
    { "minor through", 's', 6.5f, 4.0f, 800, 320.44, 0 },
    { "minor through", 's', 6.5f, 4.0f, 1200, 186.68, 0 },
    { "minor left", 's', 7.1f, 3.5f, 300, 656.26, 0 },
    { "minor left", 's', 7.1f, 3.5f, 500, 484.46, 0 },
    { "minor left", 's', 7.1f, 3.5f, 800, 305.50, 0 },
    { "minor left", 's', 7.1f, 3.5f, 1200, 163.45, 0 },
  };
  compare("V22", cells, (int)(sizeof cells / sizeof *cells));
}

/// Against 1380 exp(-0.00102 v) of a roundabout of one lane; 685.694 pc/h is where entry and circulating stream are equal.
static void roundabout_entry_follows_its_curve(void **state)
{
  (void)state;
  cell cells[] = { { "roundabout entry", 'm', 4.9763f, 2.6087f, 300, 1016.20, 0 },
                   { "roundabout entry", 'm', 4.9763f, 2.6087f, 600, 748.33, 0 },
                   { "roundabout entry", 'm', 4.9763f, 2.6087f, 686, 685.694, 0 },
                   { "roundabout entry", 'm', 4.9763f, 2.6087f, 900, 551.06, 0 } };
  compare("V23", cells, (int)(sizeof cells / sizeof *cells));
}

int main(void)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(capacity_follows_the_formula),
                                      cmocka_unit_test(roundabout_entry_follows_its_curve) };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
