// Grouping trips, extending a demand backward, making whole trips of weights, and the linear step between them.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/net/network.h"
#include "models/estimation/fit_measures.h"
#include "scenarios/calibrate/trip_groups.h"
#include "scenarios/calibrate/weights.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

enum { LINKS = 5, TRIPS = 240, HEADWAY_MS = 15000 };

/// One trip each 15 s for an hour from 3600 s; every third drives l0 only, the others all links.
static art_demand *two_routes(const art_net *net)
{
  const int32_t all[] = { 0, 1, 2, 3, 4 };
  art_demand *d = art_test_demand_flow(net, LINKS, all, TRIPS, 3600000, HEADWAY_MS);
  d->route_count = 3;
  free(d->route_first);
  free(d->route_link);
  d->route_first = ART_NEW(int64_t, 4);
  d->route_link = ART_NEW(int32_t, 2 * LINKS + 1);
  for (int i = 0; i < LINKS; ++i) d->route_link[i] = d->route_link[LINKS + i] = i;  // route 1 repeats route 0
  d->route_link[2 * LINKS] = 0;
  d->route_first[1] = LINKS, d->route_first[2] = 2 * LINKS, d->route_first[3] = 2 * LINKS + 1;
  for (int32_t t = 0; t < TRIPS; ++t) d->trip_route[t] = t % 3;
  return d;
}

static void trips_are_grouped_by_links(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(LINKS, 1, 100.0f, 13.9f);
  art_demand *d = two_routes(net);
  art_trip_groups g;
  art_trip_groups_build(d, net, 0, 1, &g);
  assert_int_equal(g.count, 2);
  assert_int_equal(g.trips[0], 160);
  assert_int_equal(g.trips[1], 80);
  assert_int_equal(g.main_trips[0], 160);
  assert_true(fabs(g.length_m[0] - 504.0) < 1e-3 &&
              fabs(g.length_m[1] - 100.0) < 1e-3);  // connectors are 1 m
  int32_t next[2] = { 0, 0 };
  for (int32_t t = 0; t < TRIPS; ++t) assert_int_equal(g.trip_rank[t], next[g.trip_group[t]]++);
  d->type[0].vclass = ART_VCLASS_BUS;
  art_trip_groups_clear(&g);
  art_trip_groups_build(d, net, 0, 1, &g);
  assert_int_equal(g.count, 0);  // buses keep to their timetable
  art_trip_groups_clear(&g);
  art_demand_free(d);
  art_net_free(net);
}

static void lead_copies_stand_before(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(LINKS, 1, 100.0f, 13.9f);
  art_demand *d = two_routes(net);
  int32_t added;
  art_demand *e = art_demand_extend_back(d, 3600000, 1800000, &added);
  art_error err;
  assert_ok(art_demand_check(e, net, &err), err);
  assert_int_equal(added, 120);
  assert_int_equal(e->trip_count, TRIPS + 120);
  int32_t before = 0;
  for (int32_t t = 0; t < e->trip_count; ++t) {
    before += e->trip_depart_ms[t] < 3600000;
    if (e->trip_depart_ms[t] < 3600000) assert_non_null(strstr(e->trip_id[t], "@lead"));
  }
  assert_int_equal(before, 120);
  assert_true(e->trip_depart_ms[0] == 1800000);
  int32_t again;
  art_demand *f = art_demand_extend_back(e, 3600000, 1800000, &again);
  assert_int_equal(again, 0);  // there is something before already
  assert_int_equal(f->trip_count, e->trip_count);
  art_demand_free(f);
  art_demand_free(e);
  art_demand_free(d);
  art_net_free(net);
}

static int same_trips(const art_demand *a, const art_demand *b)
{
  if (a->trip_count != b->trip_count) return 0;
  for (int32_t t = 0; t < a->trip_count; ++t) {
    if (strcmp(a->trip_id[t], b->trip_id[t]) != 0 || a->trip_depart_ms[t] != b->trip_depart_ms[t] ||
        a->trip_key[t] != b->trip_key[t] || a->trip_route[t] != b->trip_route[t])
      return 0;
  }
  return 1;
}

static void weight_one_is_the_identity(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(LINKS, 1, 100.0f, 13.9f);
  art_demand *d = two_routes(net);
  art_trip_groups g;
  art_trip_groups_build(d, net, 0, 1, &g);
  const double one[] = { 1.0, 1.0 }, other[] = { 1.0, 0.5 }, more[] = { 2.25, 1.0 };
  int32_t *origin, realised[2];
  art_demand *same = art_demand_realise(d, &g, one, 1, &origin, realised);
  assert_true(same_trips(d, same));
  for (int32_t t = 0; t < TRIPS; ++t) assert_int_equal(origin[t], t);
  art_demand_free(same);
  free(origin);

  // Halving one group leaves the other untouched.
  art_demand *half = art_demand_realise(d, &g, other, 1, &origin, realised);
  assert_int_equal(realised[0], 160);
  assert_true(abs(realised[1] - 40) <= 2);  // discrepancy of the golden sequence
  int32_t untouched = 0;
  for (int32_t t = 0; t < half->trip_count; ++t)
    untouched += g.trip_group[origin[t]] == 0 && half->trip_depart_ms[t] == d->trip_depart_ms[origin[t]];
  assert_int_equal(untouched, 160);
  art_demand_free(half);
  free(origin);

  // Copies have ids of their own and stay in their slice of 5 minutes.
  art_demand *big = art_demand_realise(d, &g, more, 1, &origin, realised);
  art_error err;
  assert_ok(art_demand_check(big, net, &err), err);
  assert_true(abs(realised[0] - 360) <= 2);
  for (int32_t t = 0; t < big->trip_count; ++t)
    assert_int_equal(big->trip_depart_ms[t] / 300000, d->trip_depart_ms[origin[t]] / 300000);
  // Calibrating a calibrated demand again: ids of copies are still unique.
  art_trip_groups g2;
  art_trip_groups_build(big, net, 0, 1, &g2);
  art_demand *twice = art_demand_realise(big, &g2, more, 1, NULL, NULL);
  assert_ok(art_demand_check(twice, net, &err), err);
  art_demand_free(twice);
  art_trip_groups_clear(&g2);
  art_demand_free(big);
  free(origin);
  art_trip_groups_clear(&g);
  art_demand_free(d);
  art_net_free(net);
}

/// A world where flow is linear: the step finds the weights that made the counts.
static void weights_of_a_linear_world(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(LINKS, 1, 100.0f, 13.9f);
  art_demand *d = two_routes(net);
  art_trip_groups g;
  art_trip_groups_build(d, net, 0, 1, &g);
  const int32_t counted[] = { 0, 3 };
  art_incidence inc;
  art_incidence_build(d, &g, net, 2, counted, &inc);
  assert_int_equal(inc.first[2], 3);  // the long route passes both, the short one l0
  const double share[] = { 1, 1, 1 }, base[] = { 10, 0 },
               observed[] = { 10 + 1.5 * 160 + 0.5 * 80, 1.5 * 160 };
  uint8_t fitted[] = { 1, 1 };
  const art_weight_problem p = {
    .incidence = &inc, .groups = &g, .observed = observed, .is_fitted = fitted, .share = share, .base = base
  };
  art_weight_settings s = { .prior_weight = 1e-6, .highest = 4.0 };
  double weight[2], flow[2];
  art_error err;
  assert_ok(art_weights_solve(&p, &s, weight, flow, &err), err);
  assert_true(fabs(weight[0] - 1.5) < 1e-4 && fabs(weight[1] - 0.5) < 1e-4);
  assert_true(fabs(flow[0] - observed[0]) < 0.01);
  s.prior_weight = 1e9;
  assert_ok(art_weights_solve(&p, &s, weight, NULL, &err), err);
  assert_true(fabs(weight[0] - 1.0) < 1e-4 && fabs(weight[1] - 1.0) < 1e-4);
  s = (art_weight_settings){ .prior_weight = 1e-6, .highest = 1.2 };
  assert_ok(art_weights_solve(&p, &s, weight, NULL, &err), err);
  assert_true(weight[0] == 1.2);
  // The mean trip length is kept: the short route has to rise with the long one, which l3 alone speaks of.
  const uint8_t only_long[] = { 0, 1 };
  const art_weight_problem one = { .incidence = &inc,
                                   .groups = &g,
                                   .observed = observed,
                                   .is_fitted = only_long,
                                   .share = share,
                                   .base = base };
  s = (art_weight_settings){ .prior_weight = 1e-6, .highest = 4.0, .length_sd = 0.05 };
  assert_ok(art_weights_solve(&one, &s, weight, NULL, &err), err);
  assert_true(fabs(weight[0] - 1.5) < 1e-3 && fabs(weight[1] - 1.5) < 1e-3);
  double best, median;
  assert_ok(art_weights_best_share(&p, &best, &median, &err), err);
  assert_true(best == 1.0 && median < 0.1);
  // l3 sees less than the long route alone must bring to it if l0 is met: still both can be met; with an impossible
  // base on l3 only one can.
  const double high_base[] = { 10, 5000 };
  const art_weight_problem q = { .incidence = &inc,
                                 .groups = &g,
                                 .observed = observed,
                                 .is_fitted = fitted,
                                 .share = share,
                                 .base = high_base };
  assert_ok(art_weights_best_share(&q, &best, &median, &err), err);
  assert_true(best == 0.5);
  art_incidence_clear(&inc);
  art_trip_groups_clear(&g);
  art_demand_free(d);
  art_net_free(net);
}

/// Routes that no station sees: they stay where they are while the level is known, and follow the others otherwise. They
/// never move the other way to keep a total.
static void unseen_routes_follow_the_level(void **state)
{
  (void)state;
  art_net *net = art_test_net_road(LINKS, 1, 100.0f, 13.9f);
  art_demand *d = two_routes(net);
  art_trip_groups g;
  art_trip_groups_build(d, net, 0, 1, &g);
  const int32_t counted[] = { 3 };
  art_incidence inc;
  art_incidence_build(d, &g, net, 1, counted, &inc);
  const double share[] = { 1 }, base[] = { 0 }, observed[] = { 0.7 * 160 };
  const uint8_t fitted[] = { 1 };
  const art_weight_problem p = {
    .incidence = &inc, .groups = &g, .observed = observed, .is_fitted = fitted, .share = share, .base = base
  };
  art_weight_settings s = { .prior_weight = 1e-3, .highest = 4.0 };
  double weight[2];
  art_error err;
  assert_ok(art_weights_solve(&p, &s, weight, NULL, &err), err);
  assert_true(fabs(weight[0] - 0.7) < 0.01 && fabs(weight[1] - 1.0) < 1e-9);
  s.level_sd = 1e3;
  assert_ok(art_weights_solve(&p, &s, weight, NULL, &err), err);
  assert_true(fabs(weight[0] - 0.7) < 0.01 && fabs(weight[1] - weight[0]) < 1e-4);
  s.level_sd = art_weight_settings_default().level_sd;
  assert_ok(art_weights_solve(&p, &s, weight, NULL, &err), err);
  assert_true(weight[1] < 1.0 && weight[1] > weight[0]);  // between what is known and what is seen
  art_incidence_clear(&inc);
  art_trip_groups_clear(&g);
  art_demand_free(d);
  art_net_free(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(trips_are_grouped_by_links),     cmocka_unit_test(lead_copies_stand_before),
    cmocka_unit_test(weight_one_is_the_identity),     cmocka_unit_test(weights_of_a_linear_world),
    cmocka_unit_test(unseen_routes_follow_the_level),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
