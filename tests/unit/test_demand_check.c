// Every kind of corruption of a demand must be refused, and the message must name the trip, route, set or
// type.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"
#include "tests/support/build_net.h"
#include "tests/support/check.h"

enum { W_IN, S_IN, E_OUT, N_OUT };

/// Five trips w_in -> e_out, one a second; the second stops at "halt" for 20 s.
static art_demand *good_demand(const art_net *net)
{
  art_demand *d = art_test_demand_flow(net, 2, (const int32_t[]){ W_IN, E_OUT }, 5, 1000, 1000);
  d->stop_count = 1;
  d->stop_lane = ART_NEW(int32_t, 1);
  d->stop_start_m = ART_NEW(float, 1);
  d->stop_end_m = ART_NEW(float, 1);
  d->stop_duration_ms = ART_NEW(int64_t, 1);
  d->stop_until_ms = ART_NEW(int64_t, 1);
  d->stop_place = ART_NEW(int32_t, 1);
  d->stop_lane[0] = E_OUT;
  d->stop_start_m[0] = 100.0f;
  d->stop_end_m[0] = 120.0f;
  d->stop_duration_ms[0] = 20000;
  d->stop_until_ms[0] = -1;
  for (int32_t trip = 2; trip <= 5; ++trip) d->trip_first_stop[trip] = 1;
  return d;
}

static void good_demand_passes(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *d = good_demand(net), *none = art_demand_new();
  art_error err = { 0 };
  assert_ok(art_demand_check(d, net, &err), err);
  assert_ok(art_demand_check(none, net, &err), err);
  // All special values are accepted.
  static const float positions[] = { ART_POS_BASE, ART_POS_LAST, ART_POS_RANDOM, ART_POS_FREE,
                                     0.0f,         200.0f,       -200.0f };
  for (size_t i = 0; i < sizeof positions / sizeof *positions; ++i) {
    d->trip_depart_pos_m[0] = positions[i];
    assert_ok(art_demand_check(d, net, &err), err);
  }
  for (int rule = -6; rule <= 0; ++rule) {
    d->trip_depart_speed_mps[0] = (float)rule;
    assert_ok(art_demand_check(d, net, &err), err);
  }
  for (int32_t lane = ART_LANE_ALLOWED; lane <= 0; ++lane) {
    d->trip_depart_lane[0] = lane;
    assert_ok(art_demand_check(d, net, &err), err);
  }
  art_demand_free(d);
  art_demand_free(none);
  art_demand_free(NULL);
  art_net_free(net);
}

static void missing_array(art_demand *d, art_net *n)
{
  (void)n, free(d->trip_key), d->trip_key = NULL;
}
static void type_nan(art_demand *d, art_net *n)
{
  (void)n, d->type[0].time_gap_s = NAN;
}
static void type_range(art_demand *d, art_net *n)
{
  (void)n, d->type[0].length_m = 0.0f;
}
static void type_factor(art_demand *d, art_net *n)
{
  (void)n, d->type[0].speed_factor_min = 2.5f;
}
static void type_class(art_demand *d, art_net *n)
{
  (void)n, d->type[0].vclass = ART_VCLASS_COUNT;
}
static void type_model(art_demand *d, art_net *n)
{
  (void)n, d->type[0].model = -2;
}
static void set_type(art_demand *d, art_net *n)
{
  (void)n, d->set_type[0] = 1;
}
static void set_sum(art_demand *d, art_net *n)
{
  (void)n, d->set_probability[0] = 0.9f;
}
static void set_probability(art_demand *d, art_net *n)
{
  (void)n, d->set_probability[0] = -1.0f;
}
static void set_empty(art_demand *d, art_net *n)
{
  (void)n, d->set_first[1] = 0;
}
static void route_empty(art_demand *d, art_net *n)
{
  (void)n, d->route_first[1] = 0;
}
static void route_link(art_demand *d, art_net *n)
{
  (void)n, d->route_link[1] = 4;
}
static void route_gap(art_demand *d, art_net *n)
{
  (void)n, d->route_link[0] = S_IN;
}
static void route_closed(art_demand *d, art_net *n)
{
  (void)d, n->lane_allowed[E_OUT] = 1u << ART_VCLASS_BUS;
}
static void route_turn_closed(art_demand *d, art_net *n)
{
  (void)d, n->lane_allowed[4] = 1u << ART_VCLASS_TRAM;
}
static void route_start_closed(art_demand *d, art_net *n)
{
  (void)d, n->lane_allowed[W_IN] = 0;
}
static void trip_twice(art_demand *d, art_net *n)
{
  (void)n, strcpy(d->trip_id[3], "t0");
}
static void trip_nameless(art_demand *d, art_net *n)
{
  (void)n, d->trip_id[3][0] = '\0';
}
static void trip_key(art_demand *d, art_net *n)
{
  (void)n, d->trip_key[4] = d->trip_key[1];
}
static void trip_set(art_demand *d, art_net *n)
{
  (void)n, d->trip_set[2] = 1;
}
static void trip_route(art_demand *d, art_net *n)
{
  (void)n, d->trip_route[2] = -1;
}
static void trip_order(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_ms[3] = 500;
}
static void trip_era(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_ms[4] = INT64_MAX;
}
static void trip_lane(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_lane[2] = 1;
}
static void trip_lane_rule(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_lane[2] = -6;
}
static void trip_position(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_pos_m[2] = 201.0f;
}
static void trip_position_nan(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_pos_m[2] = NAN;
}
static void trip_speed(art_demand *d, art_net *n)
{
  (void)n, d->trip_depart_speed_mps[2] = -1.5f;
}
static void trip_arrival(art_demand *d, art_net *n)
{
  (void)n, d->trip_arrival_pos_m[2] = 333.0f;
}
static void stop_rows(art_demand *d, art_net *n)
{
  (void)n, d->trip_first_stop[2] = 2;
}
static void stop_rows_end(art_demand *d, art_net *n)
{
  (void)n;
  for (int32_t trip = 2; trip <= 5; ++trip) d->trip_first_stop[trip] = 0;
}
static void stop_lane(art_demand *d, art_net *n)
{
  (void)n, d->stop_lane[0] = 4;
}
static void stop_off_route(art_demand *d, art_net *n)
{
  (void)n, d->stop_lane[0] = N_OUT;
}
static void stop_place(art_demand *d, art_net *n)
{
  (void)n, d->stop_place[0] = 1;
}
static void stop_elsewhere(art_demand *d, art_net *n)
{
  (void)n, d->stop_lane[0] = W_IN;
}
static void stop_far(art_demand *d, art_net *n)
{
  (void)n, d->stop_end_m[0] = 300.0f;
}
static void stop_time(art_demand *d, art_net *n)
{
  (void)n, d->stop_duration_ms[0] = -5;
}

static const struct corruption {
  void (*apply)(art_demand *demand, art_net *net);
  const char *words[3];
} corruptions[] = {
  { missing_array, { "trip_key", "missing", "5" } },
  { type_nan, { "type 'car'", "time_gap_s is nan", "0 to 20" } },
  { type_range, { "type 'car'", "length_m is 0;", "0.2 to 200" } },
  { type_factor, { "type 'car'", "speed_factor_min is 2.5", "2)" } },
  { type_class, { "type 'car'", "class is 27", "0 to 26" } },
  { type_model, { "type 'car'", "model is -2", "-1 to" } },
  { set_type, { "type set 'car'", "type 1", "0 to 0" } },
  { set_sum, { "type set 'car'", "0.9", "add up to 1" } },
  { set_probability, { "type set 'car'", "'car' is -1", "0 to 1" } },
  { set_empty, { "type set 'car'", "0 to 0", "at least one" } },
  { route_empty, { "route 0", "0 to 0", "at least one" } },
  { route_link, { "route 0", "number 1 is 4", "0 to 3" } },
  { route_gap, { "trip 't0'", "'s_in' to 'e_out'", "not connected" } },
  { route_closed, { "trip 't0'", "'w_in' to 'e_out'", "class passenger" } },
  { route_turn_closed, { "trip 't0'", "'w_in' to 'e_out'", "class passenger" } },
  { route_start_closed, { "trip 't0'", "link 'w_in'", "class passenger" } },
  { trip_twice, { "trip 't0'", "twice", "" } },
  { trip_nameless, { "trip 3", "no id", "" } },
  { trip_key, { "trip 't", "key", "differ" } },
  { trip_set, { "trip 't2'", "set is 1", "0 to 0" } },
  { trip_route, { "trip 't2'", "route is -1", "0 to 0" } },
  { trip_order, { "trip 't3'", "500 ms", "'t2' (3000 ms)" } },
  { trip_era, { "trip 't4'", "9223372036854775807", "year" } },
  { trip_lane, { "trip 't2'", "lane is 1", "'w_in' has lanes 0 to 0" } },
  { trip_lane_rule, { "trip 't2'", "lane is -6", "-5 to -1" } },
  { trip_position, { "trip 't2'", "201 m of link 'w_in'", "" } },
  { trip_position_nan, { "trip 't2'", "nan m of link 'w_in'", "" } },
  { trip_speed, { "trip 't2'", "-1.5 m/s", "0 to 500" } },
  { trip_arrival, { "trip 't2'", "333 m of link 'e_out'", "" } },
  { stop_rows, { "trip 't1'", "0 to 2", "0 to 1" } },
  { stop_rows_end, { "stops of the last trip", "end at 0", "1" } },
  { stop_lane, { "trip 't1' stop 0", "lane 4", "0 to 3" } },
  { stop_off_route, { "trip 't1' stop 0", "link 'n_out'", "route 0" } },
  { stop_place, { "trip 't1' stop 0", "place is 1", "-1 to 0" } },
  { stop_elsewhere, { "trip 't1' stop 0", "link 'w_in'", "'halt'" } },
  { stop_far, { "trip 't1' stop 0", "100 to 300", "0 to 200" } },
  { stop_time, { "trip 't1' stop 0", "-5 ms", "at least 0" } },
};

static void corruptions_are_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof corruptions / sizeof *corruptions; ++i) {
    const struct corruption *k = &corruptions[i];
    art_net *net = art_test_net_crossing();
    art_demand *d = good_demand(net);
    if (k->apply == stop_off_route) d->stop_place[0] = -1;
    k->apply(d, net);
    art_error err = { 0 };
    const art_status status = art_demand_check(d, net, &err);
    if (status != ART_E_INPUT) fail_msg("corruption %zu (%s, %s) was accepted", i, k->words[0], k->words[1]);
    assert_refused(status, ART_E_INPUT, err, k->words[0], k->words[1], k->words[2]);
    art_demand_free(d);
    art_net_free(net);
  }
}

/// A class that ignores permissions passes where others may not; it still needs a connection.
static void ignoring_class_needs_only_a_connection(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *d = good_demand(net);
  art_error err = { 0 };
  net->lane_allowed[E_OUT] = net->lane_allowed[W_IN] = net->lane_allowed[4] = 0;
  d->type[0].vclass = ART_VCLASS_IGNORING;
  assert_ok(art_demand_check(d, net, &err), err);
  d->route_link[0] = S_IN;
  assert_refused(art_demand_check(d, net, &err), ART_E_INPUT, err, "not connected", "'s_in'");
  art_demand_free(d);
  art_net_free(net);
}

/// Two types share a set: the route must serve both classes, and the message names the one it does not serve.
static void all_classes_of_a_set_are_checked(void **state)
{
  (void)state;
  art_net *net = art_test_net_crossing();
  art_demand *d = good_demand(net);
  d->type_count = 2;
  d->type = art_renew(d->type, 2, sizeof *d->type);
  d->type[1] = art_vtype_default();
  d->type[1].vclass = ART_VCLASS_TRUCK;
  d->type_id = art_renew(d->type_id, 2, sizeof *d->type_id);
  d->type_id[1] = art_strdup("lorry");
  d->set_first[1] = 2;
  d->set_type = art_renew(d->set_type, 2, sizeof *d->set_type);
  d->set_type[1] = 1;
  d->set_probability = art_renew(d->set_probability, 2, sizeof *d->set_probability);
  d->set_probability[0] = 0.7f;
  d->set_probability[1] = 0.3f;
  art_error err = { 0 };
  assert_ok(art_demand_check(d, net, &err), err);
  net->lane_allowed[E_OUT] = ~(1u << ART_VCLASS_TRUCK);
  assert_refused(art_demand_check(d, net, &err), ART_E_INPUT, err, "class truck", "'w_in' to 'e_out'");
  art_demand_free(d);
  art_net_free(net);
}

static void default_type_is_valid_and_models_have_names(void **state)
{
  (void)state;
  const art_vtype type = art_vtype_default();
  art_error err = { 0 };
  assert_ok(art_vtype_check(&type, "default", &err), err);
  assert_int_equal(type.vclass, ART_VCLASS_PASSENGER);
  assert_int_equal(type.model, ART_MODEL_DEFAULT);
  assert_float_equal(type.time_gap_s, 1.05f, 0.0f);
  for (int m = 0; m < ART_MODEL_COUNT; ++m) assert_int_equal(art_model_find(art_model_name(m)), m);
  assert_int_equal(art_model_find("warp"), -1);
}

static void keys_of_similar_ids_differ(void **state)
{
  (void)state;
  assert_true(art_trip_key("veh1") == art_trip_key("veh1"));
  assert_true(art_trip_key("veh1") != art_trip_key("veh2"));
  assert_true(art_trip_key("") != art_trip_key("0"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_demand_passes),
    cmocka_unit_test(corruptions_are_refused),
    cmocka_unit_test(ignoring_class_needs_only_a_connection),
    cmocka_unit_test(all_classes_of_a_set_are_checked),
    cmocka_unit_test(default_type_is_valid_and_models_have_names),
    cmocka_unit_test(keys_of_similar_ids_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
