// Types, routes, vehicles and flows: values, special words, rejections and errors.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/num/random.h"
#include "tests/support/check.h"
#include "tests/unit/sumo_texts.h"

static int32_t find_trip(const art_demand *d, const char *id)
{
  for (int32_t i = 0; i < d->trip_count; ++i)
    if (strcmp(d->trip_id[i], id) == 0) return i;
  fail_msg("no trip %s", id);
  return -1;
}

static const art_vtype *find_type(const art_demand *d, const char *id)
{
  for (int32_t i = 0; i < d->type_count; ++i)
    if (strcmp(d->type_id[i], id) == 0) return &d->type[i];
  fail_msg("no type %s", id);
  return NULL;
}

/// Values of the table stand in SUMO's documentation of vehicle type defaults, and come out of SUMO 1.15 by TraCI.
static void types_have_the_defaults_of_their_class(void **state)
{
  (void)state;
  sumo_result r = sumo_import(
      sumo_crossing,
      "<routes><vType id='plain'/><vType id='bus' vClass='bus'/><vType id='tram' vClass='lightrail'/>"
      "<vType id='truck' vClass='transport' tau='1.5' sigma='0' length='10'/>"
      "<vType id='free' vClass='ignoring'/><vType id='odd' vClass='hovercraft'/></routes>");
  assert_ok(r.status, r.err);
  const art_vtype *t = find_type(r.demand, "plain");
  assert_int_equal(t->vclass, ART_VCLASS_PASSENGER);
  assert_int_equal(t->model, ART_MODEL_DEFAULT);
  assert_float_equal(t->length_m, 5, 0);
  assert_float_equal(t->min_gap_m, 2.5, 0);
  assert_float_equal(t->accel_mps2, 2.6, 1e-6);
  assert_float_equal(t->decel_mps2, 4.5, 1e-6);
  assert_float_equal(t->emergency_decel_mps2, 9, 0);
  assert_float_equal(t->max_speed_mps, 200 / 3.6, 1e-4);
  assert_float_equal(t->time_gap_s, 1, 0);
  assert_float_equal(t->sigma, 0.5, 0);
  assert_float_equal(t->speed_factor_dev, 0.1, 1e-6);
  assert_float_equal(t->speed_factor_min, 0.2, 1e-6);
  assert_float_equal(t->speed_factor_max, 2, 1e-6);
  t = find_type(r.demand, "bus");
  assert_float_equal(t->length_m, 12, 0);
  assert_float_equal(t->max_speed_mps, 100 / 3.6, 1e-4);
  assert_float_equal(t->accel_mps2, 1.2, 1e-6);
  assert_float_equal(t->speed_factor_dev, 0, 0);
  assert_int_equal(find_type(r.demand, "tram")->vclass, ART_VCLASS_TRAM);
  assert_float_equal(find_type(r.demand, "tram")->sigma, 0, 0);
  t = find_type(r.demand, "truck");
  assert_int_equal(t->vclass, ART_VCLASS_TRUCK);
  assert_float_equal(t->length_m, 10, 0);
  assert_float_equal(t->time_gap_s, 1.5, 0);
  assert_int_equal(find_type(r.demand, "free")->vclass, ART_VCLASS_IGNORING);
  assert_int_equal(find_type(r.demand, "odd")->vclass, ART_VCLASS_PASSENGER);
  assert_int_equal(sumo_times(&r.report.notes,
                              "vehicle type of unknown class \"hovercraft\" becomes passenger"),
                   1);
  sumo_free(&r);
}

static void types_take_models_and_speed_factors(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_crossing,
                  "<routes><vType id='a' carFollowModel='IDM' speedFactor='1.2'/>"
                  "<vType id='b' speedFactor='normc(1.1,0.3,0.5,1.5)' speedDev='0.2' decel='10'/>"
                  "<vType id='c' speedFactor='norm(0.9,0.2)'><carFollowing-IDM accel='1' tau='2'/></vType>"
                  "<vType id='k' carFollowModel='Krauss' actionStepLength='1.5'/>"
                  "<vType id='w' carFollowModel='W99' cc2='3' cc3='-6'/><vType id='e' carFollowModel='EIDM'/>"
                  "<vType id='d' carFollowModel='Wiedemann' impatience='off' lcStrategic='-1'/></routes>");
  assert_ok(r.status, r.err);
  const art_vtype *t = find_type(r.demand, "a");
  assert_int_equal(t->model, ART_MODEL_IDM);
  assert_float_equal(t->speed_factor_mean, 1.2, 1e-6);
  assert_float_equal(t->speed_factor_dev, 0.1, 1e-6);
  t = find_type(r.demand, "b");
  assert_float_equal(t->speed_factor_mean, 1.1, 1e-6);
  assert_float_equal(t->speed_factor_dev, 0.2, 1e-6);
  assert_float_equal(t->speed_factor_min, 0.5, 1e-6);
  assert_float_equal(t->speed_factor_max, 1.5, 1e-6);
  assert_float_equal(t->emergency_decel_mps2, 10, 0);  // never below the comfortable one
  t = find_type(r.demand, "c");
  assert_int_equal(t->model, ART_MODEL_IDM);
  assert_float_equal(t->accel_mps2, 1, 0);
  assert_float_equal(t->time_gap_s, 2, 0);
  assert_float_equal(t->speed_factor_mean, 0.9, 1e-6);
  t = find_type(r.demand, "k");
  assert_int_equal(t->model, ART_MODEL_KRAUSS);
  assert_float_equal(t->action_step_s, 1.5, 0);
  assert_float_equal(t->noise_mps2, 0, 0);
  t = find_type(r.demand, "w");
  assert_int_equal(t->model, ART_MODEL_W99);
  assert_float_equal(t->w99_cc2_m, 3, 0);
  assert_float_equal(t->w99_cc3_s, -6, 0);
  assert_int_equal(find_type(r.demand, "e")->model, ART_MODEL_IIDM);
  assert_int_equal(sumo_times(&r.report.notes,
                              "car-following model \"EIDM\" becomes the improved IDM with no delays"),
                   1);
  t = find_type(r.demand, "d");
  assert_int_equal(t->model, ART_MODEL_DEFAULT);
  assert_float_equal(t->impatience, -1, 0);
  assert_int_equal(sumo_times(&r.report.notes,
                              "car-following model \"Wiedemann\" becomes the scenario's model"),
                   1);
  sumo_free(&r);
}

static void distributions_are_normalised(void **state)
{
  (void)state;
  sumo_result r = sumo_import(
      sumo_crossing,
      "<routes><vTypeDistribution id='mix'><vType id='a' probability='.4'/><vType id='b' "
      "probability='.75'/></vTypeDistribution>"
      "<vTypeDistribution id='ref' vTypes='a b' probabilities='1 3'/><route id='x' edges='in out'/>"
      "<vehicle id='1' depart='0' type='mix' route='x'/><vehicle id='2' depart='0' type='ref' route='x'/>"
      "<vehicle id='3' depart='0' route='x'/><vehicle id='4' depart='0' type='a' route='x'/></routes>");
  assert_ok(r.status, r.err);
  const art_demand *d = r.demand;
  assert_int_equal(d->set_count, 4);
  int32_t set = d->trip_set[find_trip(d, "1")];
  assert_string_equal(d->set_id[set], "mix");
  assert_float_equal(d->set_probability[d->set_first[set]], 0.4 / 1.15, 1e-6);
  assert_float_equal(d->set_probability[d->set_first[set] + 1], 0.75 / 1.15, 1e-6);
  set = d->trip_set[find_trip(d, "2")];
  assert_float_equal(d->set_probability[d->set_first[set] + 1], 0.75, 1e-6);
  set = d->trip_set[find_trip(d, "3")];
  assert_string_equal(d->set_id[set], "DEFAULT_VEHTYPE");
  set = d->trip_set[find_trip(d, "4")];
  assert_int_equal(d->set_first[set + 1] - d->set_first[set], 1);
  sumo_free(&r);
}

static void departures_and_places_are_read(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_crossing, "<routes><route id='x' edges='in out'/>"
                                 "<vehicle id='late' depart='1:02:03' route='x' departLane='best' "
                                 "departPos='last' departSpeed='max' arrivalPos='-1'/>"
                                 "<vehicle id='day' depart='1:00:00:00.5' route='x' departLane='0' "
                                 "departPos='-20' departSpeed='3.5' arrivalPos='30'/>"
                                 "<vehicle id='soon' depart='2.25' route='x'/>"
                                 "<vehicle id='far' depart='3' route='x' arrivalPos='500' "
                                 "departLane='random' departPos='random_free' departSpeed='desired'/>"
                                 "<trip id='trip' depart='4'><route edges='in out'/></trip>"
                                 "<trip id='next' depart='5' from='up' to='on'/></routes>");
  assert_ok(r.status, r.err);
  const art_demand *d = r.demand;
  assert_int_equal(d->trip_count, 6);
  assert_int_equal(d->route_count, 2);  // equal lists of links are one route
  assert_string_equal(d->trip_id[0], "soon");
  assert_string_equal(d->trip_id[5], "day");
  int32_t t = find_trip(d, "late");
  assert_int_equal(d->trip_depart_ms[t], 3723000);
  assert_int_equal(d->trip_depart_lane[t], ART_LANE_BEST);
  assert_float_equal(d->trip_depart_pos_m[t], ART_POS_LAST, 0);
  assert_float_equal(d->trip_depart_speed_mps[t], ART_SPEED_MAX, 0);
  assert_float_equal(d->trip_arrival_pos_m[t], 99, 1e-4);
  t = find_trip(d, "day");
  assert_int_equal(d->trip_depart_ms[t], 86400500);
  assert_int_equal(d->trip_depart_lane[t], 0);
  assert_float_equal(d->trip_depart_pos_m[t], 80, 1e-4);
  assert_float_equal(d->trip_depart_speed_mps[t], 3.5, 0);
  assert_float_equal(d->trip_arrival_pos_m[t], 30, 0);
  t = find_trip(d, "soon");
  assert_int_equal(d->trip_depart_ms[t], 2250);
  assert_int_equal(d->trip_depart_lane[t], ART_LANE_FIRST);
  assert_float_equal(d->trip_depart_pos_m[t], ART_POS_BASE, 0);
  assert_float_equal(d->trip_depart_speed_mps[t], 0, 0);
  assert_float_equal(d->trip_arrival_pos_m[t], ART_POS_END, 0);
  t = find_trip(d, "far");
  assert_float_equal(d->trip_arrival_pos_m[t], 100, 0);
  assert_int_equal(d->trip_depart_lane[t], ART_LANE_RANDOM);
  assert_float_equal(d->trip_depart_pos_m[t], ART_POS_RANDOM, 0);
  assert_int_equal(d->trip_key[t], art_trip_key("far"));
  sumo_free(&r);
}

static void stops_are_placed_along_the_route(void **state)
{
  (void)state;
  sumo_result r = sumo_import(
      sumo_crossing,
      "<routes><route id='x' edges='in out'><stop lane='in_0' endPos='40' duration='5'/></route>"
      "<vehicle id='bus' depart='0' route='x'><stop busStop='halt' duration='20' until='0:10:00'/>"
      "<stop edge='out' startPos='90' duration='1' parking='true'/></vehicle>"
      "<vehicle id='wrong' depart='0'><route edges='up on'/><stop busStop='halt' duration='20'/></vehicle>"
      "<vehicle id='back' depart='0' route='x'><stop lane='in_0' endPos='20' duration='20'/></vehicle>"
      "<vehicle id='wait' depart='0' route='x'><stop busStop='halt' triggered='true'/></vehicle>"
      "<busStop id='halt' lane='out_0' startPos='10' endPos='30'/></routes>");
  assert_ok(r.status, r.err);
  const art_demand *d = r.demand;
  assert_int_equal(d->trip_count, 1);
  assert_int_equal(d->stop_count, 3);
  assert_float_equal(d->stop_end_m[0], 40, 0);
  assert_int_equal(d->stop_place[0], -1);
  assert_int_equal(d->stop_beside[0] + d->stop_beside[1], 0);
  assert_int_equal(d->stop_beside[2], 1);
  assert_int_equal(d->stop_until_ms[0], -1);
  assert_int_equal(d->stop_place[1], 0);
  assert_float_equal(d->stop_start_m[1], 10, 0);
  assert_int_equal(d->stop_duration_ms[1], 20000);
  assert_int_equal(d->stop_until_ms[1], 600000);
  assert_float_equal(d->stop_start_m[2], 90, 0);
  assert_float_equal(d->stop_end_m[2], 100, 0);
  assert_int_equal(r.report.example_count, 3);
  sumo_free(&r);
}

static int count_of_flow(const art_demand *d, const char *id)
{
  int count = 0;
  for (int32_t i = 0; i < d->trip_count; ++i)
    count += strncmp(d->trip_id[i], id, strlen(id)) == 0 && d->trip_id[i][strlen(id)] == '.';
  return count;
}

static void flows_become_trips(void **state)
{
  (void)state;
  static const char routes[] = "<routes><route id='x' edges='in out'/><route id='y' edges='up on'/>"
                               "<flow id='even' begin='10' end='100' period='30' route='x'/><flow id='hour' "
                               "begin='0' end='3600' vehsPerHour='120' route='x'/>"
                               "<flow id='few' begin='0' end='100' number='4' route='x'/><flow id='both' "
                               "begin='0' period='5' number='3' route='x'/>"
                               "<flow id='chance' begin='0' end='10000' probability='0.2' route='x'/>"
                               "<flow id='exp' begin='0' end='10000' period='exp(0.5)' route='x'/>"
                               "<routeDistribution id='rd' routes='x y' probabilities='1 3'/><flow "
                               "id='mixed' begin='0' end='4000' period='1' route='rd'/></routes>";
  sumo_result r = sumo_import(sumo_crossing, routes), again = sumo_import(sumo_crossing, routes);
  assert_ok(r.status, r.err);
  assert_ok(again.status, again.err);
  const art_demand *d = r.demand;
  assert_int_equal(count_of_flow(d, "even"), 3);
  assert_int_equal(d->trip_depart_ms[find_trip(d, "even.2")], 70000);
  assert_int_equal(count_of_flow(d, "hour"), 120);
  assert_int_equal(d->trip_depart_ms[find_trip(d, "hour.119")], 3570000);
  assert_int_equal(count_of_flow(d, "few"), 4);
  assert_int_equal(d->trip_depart_ms[find_trip(d, "few.3")], 75000);
  assert_int_equal(count_of_flow(d, "both"), 3);
  assert_int_equal(d->trip_depart_ms[find_trip(d, "both.2")], 10000);
  assert_in_range(count_of_flow(d, "chance"), 1840, 2160);  // 2000 +- 4 standard deviations of 40
  assert_in_range(count_of_flow(d, "exp"), 4717, 5283);     // 5000 +- 4 standard deviations of 71
  int on_y = 0;
  for (int32_t i = 0; i < d->trip_count; ++i)
    if (strncmp(d->trip_id[i], "mixed.", 6) == 0)
      on_y += d->route_link[d->route_first[d->trip_route[i]]] == 2;
  assert_in_range(on_y, 2890, 3110);  // 3000 +- 4 standard deviations of 27
  assert_int_equal(again.demand->trip_count, d->trip_count);
  assert_memory_equal(again.demand->trip_depart_ms, d->trip_depart_ms,
                      (size_t)d->trip_count * sizeof *d->trip_depart_ms);
  assert_memory_equal(again.demand->trip_route, d->trip_route, (size_t)d->trip_count * sizeof *d->trip_route);
  for (int32_t i = 1; i < d->trip_count; ++i)
    assert_true(d->trip_depart_ms[i - 1] < d->trip_depart_ms[i] ||
                (d->trip_depart_ms[i - 1] == d->trip_depart_ms[i] && d->trip_key[i - 1] < d->trip_key[i]));
  sumo_free(&r);
  sumo_free(&again);
}

/// From w to e over a fast and a slow link; trucks may not use the fast one, and nothing leads from e back.
static const char two_ways[] =
    "<net>"
    "<edge id='a' from='w' to='m'><lane id='a_0' index='0' speed='10' length='100' shape='0,0 100,0'/></edge>"
    "<edge id='fast' from='m' to='n'><lane id='fast_0' index='0' speed='20' length='100' shape='100,0 200,0' "
    "disallow='truck'/></edge>"
    "<edge id='slow' from='m' to='n'><lane id='slow_0' index='0' speed='5' length='100' shape='100,9 200,9'/></edge>"
    "<edge id='z' from='n' to='e'><lane id='z_0' index='0' speed='10' length='100' shape='200,0 300,0'/></edge>"
    "<junction id='w' type='dead_end' x='0' y='0' incLanes='' intLanes=''/>"
    "<junction id='m' type='priority' x='100' y='0' incLanes='a_0' intLanes=''/>"
    "<junction id='n' type='priority' x='200' y='0' incLanes='fast_0 slow_0' intLanes=''/>"
    "<junction id='e' type='dead_end' x='300' y='0' incLanes='z_0' intLanes=''/>"
    "<connection from='a' to='fast' fromLane='0' toLane='0' dir='s' state='M'/>"
    "<connection from='a' to='slow' fromLane='0' toLane='0' dir='l' state='M'/>"
    "<connection from='fast' to='z' fromLane='0' toLane='0' dir='s' state='M'/>"
    "<connection from='slow' to='z' fromLane='0' toLane='0' dir='r' state='m'/>"
    "</net>";

static void trips_without_a_route_take_the_fastest_way_of_their_class(void **state)
{
  (void)state;
  static const struct {
    const char *row, *route[4];
  } cases[] = {
    { "<trip id='t' depart='0' from='a' to='z'/>", { "a", "fast", "z" } },
    { "<trip id='t' depart='0' from='a' to='z' type='lorry'/>", { "a", "slow", "z" } },
    { "<trip id='t' depart='0' from='a' to='z' via='slow'/>", { "a", "slow", "z" } },
    { "<trip id='t' depart='0' from='a' to='z'><stop lane='slow_0' duration='5'/></trip>", { "a", "slow", "z" } },
    { "<trip id='t' depart='0' from='a' to='a'/>", { "a" } },
    { "<flow id='t' begin='0' end='9' number='1' from='a' to='z'/>", { "a", "fast", "z" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[400];
    snprintf(text, sizeof text, "<routes><vType id='lorry' vClass='truck'/>%s</routes>", cases[i].row);
    sumo_result r = sumo_import(two_ways, text);
    assert_ok(r.status, r.err);
    assert_int_equal(r.demand->trip_count, 1);
    int32_t links = 0;
    for (; links < 4 && cases[i].route[links]; ++links)
      assert_string_equal(r.city->net->link_id[r.demand->route_link[links]], cases[i].route[links]);
    assert_int_equal(r.demand->route_first[1], links);
    sumo_free(&r);
  }
  sumo_result r = sumo_import(two_ways, "<routes><trip id='t' depart='0' from='z' to='a'/>"
                                        "<trip id='u' depart='0' from='z' to='a'/></routes>");
  assert_ok(r.status, r.err);
  assert_int_equal(r.demand->trip_count, 0);
  assert_int_equal(sumo_times(&r.report.rejected, "vehicle: there is no way between its edges"), 2);
  assert_non_null(strstr(r.report.example[1], "z to a for passenger"));
  sumo_free(&r);
}

static void unusable_vehicles_are_rejected_with_reasons(void **state)
{
  (void)state;
  static const struct {
    const char *row, *reason;
  } cases[] = {
    { "<vehicle id='v' depart='triggered' route='x'/>", "its departure is triggered by others" },
    { "<vehicle id='v' depart='0'><route edges='in on'/></vehicle>", "the route is not connected" },
    { "<vehicle id='v' depart='0'><route edges='in gone'/></vehicle>",
      "an edge of the route is not in the network" },
    { "<vehicle id='v' depart='0' type='tram'><route edges='in out'/></vehicle>",
      "no lane of the route permits its class" },
    { "<vehicle id='v' depart='0' route='none'/>", "its route is not defined" },
    { "<vehicle id='v' depart='0'/>", "it has no route" },
    { "<trip id='v' depart='0' from='in' to='on'/>",
      "there is no way between its edges" },
    { "<vehicle id='v' depart='0' route='x' departLane='5'/>",
      "its departLane is not a lane of its first edge" },
    { "<vehicle id='v' depart='0' route='x' departPos='101'/>", "its departPos is not on its first edge" },
    { "<vehicle id='good' depart='9' route='x'/>", "another vehicle has this id" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[800], name[200];
    snprintf(text, sizeof text,
             "<routes><vType id='tram' vClass='tram'/><route id='x' edges='in out'/>"
             "<vehicle id='good' depart='1' route='x'/>\n%s</routes>",
             cases[i].row);
    sumo_result r = sumo_import(sumo_crossing, text);
    assert_ok(r.status, r.err);
    assert_int_equal(r.demand->trip_count, 1);
    snprintf(name, sizeof name, "vehicle: %s", cases[i].reason);
    if (sumo_times(&r.report.rejected, name) != 1)
      fail_msg("not counted: %s; have %s", name, r.report.rejected.name[0]);
    assert_non_null(strstr(r.report.example[0], "test.rou.xml:2: vehicle"));
    sumo_free(&r);
  }
  sumo_result r =
      sumo_import(sumo_crossing,
                  "<routes><flow id='f' begin='0' end='9' period='1' from='in' to='on'/></routes>");
  assert_ok(r.status, r.err);
  assert_int_equal(r.report.rejected.times[0], 1);  // once, not for each vehicle
  sumo_free(&r);
}

static void broken_demand_is_refused_with_line_and_range(void **state)
{
  (void)state;
  static const struct {
    const char *row, *words[2];
  } cases[] = {
    { "<vType id='a' length='-3'/>", { "vType: length=\"-3\"", "0.2 to 200" } },
    { "<vType id='a' speedFactor='normal(1)'/>", { "speedFactor=\"normal(1)\"", "accepted" } },
    { "<vType length='3'/>", { "vType: attribute id is missing", "" } },
    { "<vehicle id='v' type='ghost' depart='0'><route edges='in out'/></vehicle>",
      { "vehicle \"v\": type=\"ghost\"", "accepted" } },
    { "<vehicle id='v'/>", { "vehicle: attribute depart is missing", "" } },
    { "<vehicle id='v' depart='noon'/>", { "depart=\"noon\"", "HH:MM:SS" } },
    { "<vehicle id='v' depart='1:61:00'/>", { "depart=\"1:61:00\"", "HH:MM:SS" } },
    { "<vehicle id='v' depart='0' departSpeed='-1'/>", { "departSpeed=\"-1\"", "0 to 500" } },
    { "<flow id='f' begin='0' end='9'/>",
      { "one of period, vehsPerHour, probability or number is missing", "" } },
    { "<flow id='f' begin='0' end='9' probability='2'/>", { "probability=\"2\"", "0 to 1" } },
    { "<vType id='a'/><vType id='a'/>", { "vType: id=\"a\"", "accepted" } },
    { "<vTypeDistribution id='m' vTypes='a b'/><vehicle id='v' type='m' depart='0'/>",
      { "vTypes names \"a\"", "accepted" } },
    { "<flow id='f' begin='0' end='86400' period='0.01'><route edges='in out'/></flow>",
      { "more than 100000 trips", "accepted" } },
    { "<busStop id='s'/>", { "busStop: attribute lane is missing", "" } },
    { "</routes><routes>", { "broken XML", "" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[400];
    snprintf(text, sizeof text, "<routes>\n%s</routes>", cases[i].row);
    sumo_result r = sumo_import(sumo_crossing, text);
    assert_refused(r.status, ART_E_INPUT, r.err, "test.rou.xml:2", cases[i].words[0], cases[i].words[1]);
    assert_null(r.demand);
    sumo_free(&r);
  }
}

static void unknown_things_are_skipped_and_counted(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, "<routes><vType id='a' wings='2'/><person id='p' "
                                             "depart='0'><walk edges='in'/><stop/></person><poly id='q'/>"
                                             "<vehicle id='v' depart='0' type='a' colour='red'><route "
                                             "edges='in out'/><param key='k' value='v'/></vehicle></routes>");
  assert_ok(r.status, r.err);
  assert_int_equal(r.demand->trip_count, 1);
  assert_int_equal(sumo_times(&r.report.skipped_elements, "person"), 1);
  assert_int_equal(sumo_times(&r.report.skipped_elements, "poly"), 1);
  assert_int_equal(sumo_times(&r.report.skipped_elements, "param"), 1);
  assert_int_equal(sumo_times(&r.report.skipped_attributes, "vType@wings"), 1);
  assert_int_equal(sumo_times(&r.report.skipped_attributes, "vehicle@colour"), 1);
  sumo_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(types_have_the_defaults_of_their_class),
    cmocka_unit_test(types_take_models_and_speed_factors),
    cmocka_unit_test(distributions_are_normalised),
    cmocka_unit_test(departures_and_places_are_read),
    cmocka_unit_test(stops_are_placed_along_the_route),
    cmocka_unit_test(flows_become_trips),
    cmocka_unit_test(trips_without_a_route_take_the_fastest_way_of_their_class),
    cmocka_unit_test(unusable_vehicles_are_rejected_with_reasons),
    cmocka_unit_test(broken_demand_is_refused_with_line_and_range),
    cmocka_unit_test(unknown_things_are_skipped_and_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
