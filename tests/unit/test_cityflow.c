// CityFlow: lanes from the middle, road links, phases with yellow, flows with their types; what is refused.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/cityflow/cityflow.h"
#include "tests/support/check.h"

/// w -> x -> e and n, two lanes; the left one (0 in the file) also turns left.
#define ROADS                                                                        \
  "\"roads\":[{\"id\":\"in\",\"startIntersection\":\"w\",\"endIntersection\":\"x\"," \
  "\"points\":[{\"x\":-100,\"y\":0},{\"x\":0,\"y\":0}],"                             \
  "\"lanes\":[{\"width\":3,\"maxSpeed\":10},{\"width\":4,\"maxSpeed\":10}]},\n"      \
  "{\"id\":\"out\",\"startIntersection\":\"x\",\"endIntersection\":\"e\","           \
  "\"points\":[{\"x\":0,\"y\":0},{\"x\":100,\"y\":0}],"                              \
  "\"lanes\":[{\"width\":3,\"maxSpeed\":10},{\"width\":4,\"maxSpeed\":10}]},\n"      \
  "{\"id\":\"up\",\"startIntersection\":\"x\",\"endIntersection\":\"n\","            \
  "\"points\":[{\"x\":0,\"y\":0},{\"x\":0,\"y\":100}],\"lanes\":[{\"width\":3,\"maxSpeed\":10}]}]"
#define GATE(id, x, y) \
  "{\"id\":\"" id "\",\"point\":{\"x\":" x ",\"y\":" y "},\"width\":0,\"virtual\":true,\"roadLinks\":[]}"
#define CENTRE(phases)                                                                       \
  "{\"id\":\"x\",\"point\":{\"x\":0,\"y\":0},\"width\":10,\"virtual\":false,\"roadLinks\":[" \
  "{\"type\":\"go_straight\",\"startRoad\":\"in\",\"endRoad\":\"out\",\"laneLinks\":["       \
  "{\"startLaneIndex\":0,\"endLaneIndex\":0},{\"startLaneIndex\":1,\"endLaneIndex\":1}]},\n" \
  "{\"type\":\"turn_left\",\"startRoad\":\"in\",\"endRoad\":\"up\",\"laneLinks\":["          \
  "{\"startLaneIndex\":0,\"endLaneIndex\":0}]}],\"trafficLight\":{\"lightphases\":[" phases "]}}"
#define NET(phases)                                                                                         \
  "{\"intersections\":[" CENTRE(                                                                            \
      phases) ",\n" GATE("w", "-100", "0") "," GATE("e", "100", "0") "," GATE("n", "0", "100") "],\n" ROADS \
                                                                                               "}"
#define PHASES "{\"time\":30,\"availableRoadLinks\":[0]},{\"time\":20,\"availableRoadLinks\":[0,1]}"

static art_city *parse(const char *text, art_cityflow_report *report)
{
  art_city *city = NULL;
  art_error err = { 0 };
  assert_ok(art_cityflow_parse_net("net", text, strlen(text), 0, &city, report, &err), err);
  return city;
}

static void lanes_and_stop_lines(void **state)
{
  (void)state;
  art_cityflow_report r;
  art_city *city = parse(NET(PHASES), &r);
  const art_net *net = city->net;
  assert_int_equal(net->link_count, 3);
  assert_int_equal(net->connector_count, 3);
  // 100 m less the width of the junction and the end of the street at the gate (its width and 1 m).
  assert_float_equal(net->lane_length_m[0], 100.0 - 10.0 - 8.0, 1e-4);
  assert_float_equal(net->lane_width_m[0], 4.0, 1e-6);  // the kerbside lane is the last of the file
  assert_float_equal(net->lane_width_m[1], 3.0, 1e-6);
  int lefts = 0;
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_turn[c] == ART_TURN_LEFT) {
      ++lefts;
      assert_int_equal(net->connector_from[c], 1);
    }
  assert_int_equal(lefts, 1);
  assert_int_equal(net->node_kind[art_net_find(net->node_id, net->node_count, "w")], ART_NODE_DEAD_END);
  art_city_free(city);
}

/// The left turn loses its green after the second phase: 3 s of yellow and 1 s of red out of its 20 s. Nobody loses anything
/// after the first, which lasts its 30 s.
static void phases_end_in_yellow(void **state)
{
  (void)state;
  art_cityflow_report r;
  art_city *city = parse(NET(PHASES), &r);
  const art_net *net = city->net;
  const int32_t p = net->signal_active[0], first = net->program_first_phase[p];
  assert_int_equal(r.signals, 1);
  assert_int_equal(net->program_first_phase[p + 1] - first, 4);
  const int64_t expected[4] = { 30000, 16000, 3000, 1000 };
  for (int i = 0; i < 4; ++i) assert_int_equal(net->phase_duration_ms[first + i], expected[i]);
  int32_t left = -1, straight = -1;
  for (int32_t c = 0; c < net->connector_count; ++c)
    *(net->connector_turn[c] == ART_TURN_LEFT ? &left : &straight) = net->connector_signal_group[c];
  const char letters[2][4] = { { 'r', 'G', 'y', 'r' }, { 'G', 'G', 'G', 'G' } };
  for (int i = 0; i < 4; ++i) {
    const char *at = net->phase_state + net->phase_first_state[first + i];
    assert_int_equal(at[left], letters[0][i]);
    assert_int_equal(at[straight], letters[1][i]);
  }
  art_city_free(city);
}

#define VEHICLE                                                                                       \
  "\"vehicle\":{\"length\":4.5,\"minGap\":2.5,\"maxSpeed\":11,\"headwayTime\":1.5,\"usualPosAcc\":2," \
  "\"usualNegAcc\":3}"

static art_status flow(const char *text, art_demand **demand, art_cityflow_report *r, art_error *err)
{
  art_city *city = parse(NET(PHASES), r);
  FILE *file = fmemopen((void *)text, strlen(text), "r");
  const art_status status = art_cityflow_parse_flow("flow", file, city->net, 60.0, demand, r, err);
  fclose(file);
  art_city_free(city);
  return status;
}

static void flows_become_trips(void **state)
{
  (void)state;
  art_cityflow_report r;
  art_demand *d = NULL;
  art_error err = { 0 };
  assert_ok(flow("[{" VEHICLE ",\"route\":[\"in\",\"out\"],\"interval\":2,\"startTime\":0,\"endTime\":6},\n"
                 " {" VEHICLE ",\"route\":[\"in\",\"up\"],\"interval\":10,\"startTime\":5,\"endTime\":-1},\n"
                 " {" VEHICLE ",\"route\":[\"up\",\"in\"],\"interval\":1,\"startTime\":0,\"endTime\":0}]",
                 &d, &r, &err),
            err);
  assert_int_equal(d->trip_count, 4 + 6);  // 0, 2, 4, 6 and 5, 15 ... 55
  assert_int_equal(r.lost, 1);             // nothing leads from up to in
  assert_int_equal(d->type_count, 1);
  assert_float_equal(d->type[0].length_m, 4.5, 1e-6);
  assert_float_equal(d->type[0].time_gap_s, 1.5, 1e-6);
  assert_true(d->type[0].speed_factor_dev == 0.0f);
  assert_int_equal(d->trip_depart_ms[0], 0);
  assert_int_equal(d->trip_depart_ms[d->trip_count - 1], 55000);
  art_demand_free(d);
}

static void refuse_flow(const char *text, const char *place, const char *what)
{
  art_cityflow_report r;
  art_demand *d = NULL;
  art_error err = { 0 };
  assert_refused(flow(text, &d, &r, &err), ART_E_INPUT, err, place, what);
  assert_null(d);
}

static void bad_flows(void **state)
{
  (void)state;
  refuse_flow("{}", "flow:1: ", "array");
  refuse_flow("[\n\n{" VEHICLE ",\"route\":[\"in\",\"nowhere\"]}]", "flow:3: vehicle 0", "\"nowhere\"");
  refuse_flow("[{" VEHICLE ",\"route\":[\"in\"],\"startTime\":0,\"endTime\":0},\n{" VEHICLE
              ",\"route\":[\"in\"],\"interval\":0}]",
              "flow:2: vehicle 1", "interval");
  refuse_flow("[{" VEHICLE ",\"route\":[]}]", "vehicle 0", "route");
  refuse_flow("[{\"vehicle\":{\"length\":-1},\"route\":[\"in\"]}]", "length", "0.2 to 200");
  refuse_flow("[{" VEHICLE ",\"route\":[\"in\"],\"startTime\":\"soon\"}]", "startTime", "accepted");
  refuse_flow("[{\"route\":\n\n[}]", "flow:3: vehicle 0", "");
  refuse_flow("[{\"route\":[", "ends inside", "");
}

static void refuse_net(const char *text, const char *place, const char *what)
{
  art_cityflow_report r;
  art_city *city = NULL;
  art_error err = { 0 };
  assert_refused(art_cityflow_parse_net("net", text, strlen(text), 0, &city, &r, &err), ART_E_INPUT, err,
                 place, what);
  assert_null(city);
}

static void bad_nets(void **state)
{
  (void)state;
  refuse_net("{\"intersections\":[],\n\n oops", "net:3: ", "");
  refuse_net("{\"roads\":[]}", "intersections", "arrays");
  refuse_net(NET("{\"time\":30,\"availableRoadLinks\":[7]}"), "intersection \"x\"", "availableRoadLinks");
  refuse_net(NET("{\"time\":-5,\"availableRoadLinks\":[]}"), "intersection \"x\": time", "0 to 3600");
  refuse_net("{\"intersections\":[" GATE("w", "0", "0") "," GATE("w", "1", "0") "],\"roads\":[]}",
             "intersection \"w\"", "no other");
  refuse_net("{\"intersections\":[" GATE("w", "\"a\"", "0") "],\"roads\":[]}", "intersection \"w\": x",
             "number");
  refuse_net("{\"intersections\":[" GATE("w", "0", "0") "]," ROADS "}", "road \"in\"", "endIntersection");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lanes_and_stop_lines),
    cmocka_unit_test(phases_end_in_yellow),
    cmocka_unit_test(flows_become_trips),
    cmocka_unit_test(bad_flows),
    cmocka_unit_test(bad_nets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
