// Networks: what becomes a link, a connector, a conflict; geometry with exact answers.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "tests/support/check.h"
#include "tests/unit/sumo_texts.h"

/// Heights of shapes become grades; networks without any have no such column.
static void heights_become_grades(void **state)
{
  (void)state;
  sumo_result flat = sumo_import(sumo_crossing, NULL);
  assert_ok(flat.status, flat.err);
  assert_null(flat.city->net->lane_grade);
  sumo_free(&flat);
  static const char level[] = "shape='-110,0 -10,0'", rising[] = "shape='-110,0,50 -60,0,52 -10,0,54.5'";
  const char *at = strstr(sumo_crossing, level);
  assert_non_null(at);
  char *text = art_new(sizeof sumo_crossing + sizeof rising, 1);
  const size_t before = (size_t)(at - sumo_crossing);
  memcpy(text, sumo_crossing, before);
  strcpy(text + before, rising);
  strcat(text, at + sizeof level - 1);
  sumo_result r = sumo_import(text, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const int32_t lane = net->link_first_lane[art_net_find(net->link_id, net->link_count, "in")];
  assert_float_equal(net->lane_grade[lane], 0.045, 1e-6);  // 4.5 m on 100 m
  assert_float_equal(net->lane_grade[lane + 1], 0.0, 0.0);
  sumo_free(&r);
  free(text);
}

static void links_and_lanes_are_those_of_normal_edges(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->link_count, 4);
  assert_int_equal(net->link_lane_count, 5);
  assert_int_equal(net->node_count, 5);
  assert_int_equal(r.report.foot_crossings, 1);
  const int32_t in = art_net_find(net->link_id, net->link_count, "in");
  assert_int_equal(net->link_priority[in], 3);
  assert_string_equal(r.city->link_name[in], "West");
  assert_int_equal(net->link_in_roundabout[art_net_find(net->link_id, net->link_count, "out")], 1);
  assert_int_equal(net->link_in_roundabout[in], 0);
  const int32_t lane = net->link_first_lane[in];
  assert_true(ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_PASSENGER));
  assert_false(ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_TRAM));
  assert_true(ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_IGNORING));
  assert_int_equal(net->lane_allowed[lane + 1], 1u << ART_VCLASS_BUS);  // public_transport means bus
  assert_true(ART_PERMITS(net->lane_allowed[lane + 1], ART_VCLASS_IGNORING));
  assert_float_equal(net->lane_width_m[lane], 3.2, 1e-6);
  assert_float_equal(net->lane_width_m[lane + 1], 3.5, 1e-6);
  assert_int_equal(net->lane_change_right[lane], 0);  // there is no lane on that side
  assert_int_equal(net->lane_change_left[lane], ART_PERMIT_ALL);
  assert_int_equal(r.report.lanes_without_exit, 1);
  assert_float_equal(r.city->offset_x, -500000, 0);
  assert_non_null(r.city->crs_wkt);
  sumo_free(&r);
}

static void connectors_join_their_internal_lanes(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->connector_count, 2);
  const int32_t straight = 0, split = 1;  // sorted by from lane; "in" stands first in the file
  const int32_t lane = art_net_lane_of_connector(net, split);
  assert_float_equal(net->lane_length_m[lane], 40, 1e-6);
  assert_float_equal(net->lane_speed_mps[lane], 7, 1e-6);
  const int64_t first = r.city->lane_first_point[lane];
  assert_int_equal(r.city->lane_first_point[lane + 1] - first, 3);  // the shared point stands once
  assert_float_equal(r.city->point_y[first + 2], 10, 1e-9);
  assert_int_equal(net->connector_cont[split], 1);
  assert_int_equal(net->connector_cont[straight], 0);
  assert_int_equal(net->connector_keep_clear[straight], 0);
  assert_int_equal(net->connector_keep_clear[split], 1);
  assert_int_equal(net->connector_state[split], 'o');
  assert_int_equal(net->connector_signal[split], 0);
  assert_int_equal(net->connector_signal_group[split], 1);
  sumo_free(&r);
}

/// The middle line of the crossing runs from (1, 1) to (2, 2); half of its width of 3.2 m reaches the path along y = 0 from
/// x = 1 - sqrt(1.6^2 - 1) to 1 + the same, and that path begins at x = -10.
static void people_cross_where_the_file_says(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, NULL);
  assert_int_equal(r.status, ART_OK);
  const art_net *net = r.city->net;
  assert_int_equal(net->crossing_count, 1);
  assert_string_equal(net->crossing_id[0], ":n_c0");
  assert_string_equal(net->node_id[net->crossing_node[0]], "n");
  assert_int_equal(net->crossing_signal[0], -1);
  assert_float_equal(net->crossing_walk_s[0], 5.0 / 1.2, 1e-4);
  assert_float_equal(net->crossing_flow_per_h[0], 0.0, 0);
  assert_int_equal(net->crossing_row_count, 2);
  for (int32_t k = 0; k < 2; ++k) {
    const int32_t from = net->connector_from[net->crossing_connector[k]];
    if (strcmp(net->link_id[net->lane_link[from]], "in") != 0) continue;
    assert_float_equal(net->crossing_enter_m[k], 11.0 - 1.249, 0.21);
    assert_float_equal(net->crossing_exit_m[k], 11.0 + 1.249, 0.21);
  }
  sumo_free(&r);
}

/// Lines that cross at a right angle are closer than the clearance of 2 m for 2 m on either side of the crossing; on the
/// connector that is driven as twice its drawn length, for 4 m.
static void crossing_zones_are_exact(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->conflict_count, 2);
  assert_int_equal(net->conflict_kind[0], ART_CONFLICT_CROSS);
  assert_int_equal(net->conflict_other[0], 1);
  assert_int_equal(net->conflict_yield[0], 0);
  assert_int_equal(net->conflict_yield[1], 1);
  assert_float_equal(net->conflict_enter_m[0], 8, 0.01);  // bisection ends within 1 mm of drawn distance
  assert_float_equal(net->conflict_exit_m[0], 12, 0.01);
  assert_float_equal(net->conflict_enter_m[1], 16, 0.01);
  assert_float_equal(net->conflict_exit_m[1], 24, 0.01);
  assert_float_equal(net->conflict_other_enter_m[0], 16, 0.01);
  assert_float_equal(net->connector_hold_m[0], -1, 0);
  assert_float_equal(net->connector_hold_m[1], 15.25, 0.01);
  assert_int_equal(r.report.crossings, 1);
  assert_int_equal(r.report.foes_not_meeting, 0);
  sumo_free(&r);
}

/// A junction whose connectors are written by shape: `via[i]` from lane from[i] to lane to[i] of links a, b -> c, d.
static char *junction_text(int count, const char *const *shape, const double *length, const char *const *from,
                           const char *const *to, const char *requests)
{
  const size_t size = 20000;
  char *text = malloc(size);
  size_t at = 0;
  at += (size_t)snprintf(text + at, size - at, "<net>");
  for (int i = 0; i < count; ++i)
    at += (size_t)snprintf(text + at, size - at,
                           "<edge id=':n_%d' function='internal'><lane id=':n_%d_0' index='0' speed='9' "
                           "length='%g' shape='%s'/></edge>",
                           i, i, length[i], shape[i]);
  static const char *const links[] = { "a", "b", "c", "d" };
  for (int i = 0; i < 4; ++i)
    at += (size_t)snprintf(
        text + at, size - at,
        "<edge id='%s' from='%s' to='%s'><lane id='%s_0' index='0' speed='9' length='50' "
        "shape='0,0 50,0'/><lane id='%s_1' index='1' speed='9' length='50' shape='0,3 50,3'/></edge>",
        links[i], i < 2 ? "x" : "n", i < 2 ? "n" : "x", links[i], links[i]);
  at += (size_t)snprintf(text + at, size - at,
                         "<junction id='n' type='priority' x='0' y='0' incLanes='' intLanes=''>%s</junction>"
                         "<junction id='x' type='dead_end' x='0' y='0' incLanes='' intLanes=''/>",
                         requests);
  for (int i = 0; i < count; ++i)
    at += (size_t)
        snprintf(text + at, size - at,
                 "<connection from='%c' to='%c' fromLane='%c' toLane='%c' via=':n_%d_0' dir='s' "
                 "state='M'/><connection from=':n_%d' to='%c' fromLane='0' toLane='%c' dir='s' state='M'/>",
                 from[i][0], to[i][0], from[i][2], to[i][2], i, i, to[i][0], to[i][2]);
  snprintf(text + at, size - at, "</net>");
  return text;
}

/// Two lines that meet at 45 degrees are within 2.2 m of one another for 2.2 * sqrt(2) m before they join.
static void merge_and_diverge_zones_are_exact(void **state)
{
  (void)state;
  const char *const shape[] = { "0,0 20,0", "0,-20 20,0", "100,0 120,0", "100,0 120,-20" };
  const double length[] = { 20, 20 * sqrt(2.0), 20, 20 * sqrt(2.0) };
  const char *const from[] = { "a_0", "b_0", "a_1", "a_1" }, *const to[] = { "c_0", "c_0", "d_0", "d_1" };
  char *text = junction_text(4, shape, length, from, to, "<request index='1' response='0001' foes='0001'/>");
  sumo_result r = sumo_import(text, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  const double reach = 2.2 * sqrt(2.0);
  assert_int_equal(r.report.merges, 1);
  assert_int_equal(r.report.diverges, 1);
  assert_int_equal(net->conflict_count, 4);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    assert_int_equal(net->conflict_first[c + 1] - net->conflict_first[c], 1);
    const int32_t k = net->conflict_first[c];
    const double end = (double)net->lane_length_m[art_net_lane_of_connector(net, c)];
    if (net->conflict_kind[k] == ART_CONFLICT_MERGE) {
      assert_float_equal(net->conflict_enter_m[k], end - reach, 0.01);
      assert_float_equal(net->conflict_exit_m[k], end, 1e-4);
      assert_int_equal(net->conflict_yield[k], net->lane_link[net->connector_from[c]] == 1);  // b yields
    } else {
      assert_int_equal(net->conflict_kind[k], ART_CONFLICT_DIVERGE);
      assert_float_equal(net->conflict_enter_m[k], 0, 0);
      assert_float_equal(net->conflict_exit_m[k], reach, 0.01);
      assert_int_equal(net->conflict_yield[k], 0);
    }
  }
  sumo_free(&r);
  free(text);
}

/// Foes that end side by side in one link never meet; nor do neighbours that run in parallel closer than the clearance.
static void side_by_side_is_no_conflict(void **state)
{
  (void)state;
  const char *const shape[] = { "0,0 20,0", "10,-20 20,-3", "0,1.5 20,1.5" };
  const double length[] = { 20, 20, 20 };
  const char *const from[] = { "a_0", "b_0", "a_1" }, *const to[] = { "c_1", "c_0", "d_1" };
  char *text = junction_text(
      3, shape, length, from, to,
      "<request index='0' response='000' foes='010'/><request index='1' response='001' foes='001'/>");
  sumo_result r = sumo_import(text, NULL);
  assert_ok(r.status, r.err);
  assert_int_equal(r.city->net->conflict_count, 0);
  assert_int_equal(r.report.foes_not_meeting, 1);
  sumo_free(&r);
  free(text);
}

static void without_internal_lanes_rows_follow_the_incoming_lanes(void **state)
{
  (void)state;
  static const char text[] =
      "<net><edge id='a' from='x' to='n'><lane id='a_0' index='0' speed='9' length='50' shape='-55,0 "
      "-5,0'/></edge>"
      "<edge id='b' from='x' to='n'><lane id='b_0' index='0' speed='9' length='50' shape='0,-55 "
      "0,-5'/></edge>"
      "<edge id='c' from='n' to='x'><lane id='c_0' index='0' speed='9' length='50' shape='5,0 55,0'/></edge>"
      "<edge id='d' from='n' to='x'><lane id='d_0' index='0' speed='9' length='50' shape='0,5 0,55'/></edge>"
      "<junction id='x' type='dead_end' x='0' y='0' incLanes='' intLanes=''/>"
      "<junction id='n' type='priority' x='0' y='0' incLanes='b_0 a_0' intLanes=''>"  // b first: its row is 0
      "<request index='0' response='10' foes='10' cont='0'/><request index='1' response='00' foes='01' "
      "cont='0'/></junction>"
      "<connection from='a' to='c' fromLane='0' toLane='0' dir='s' state='M'/>"
      "<connection from='b' to='d' fromLane='0' toLane='0' dir='s' state='m'/></net>";
  sumo_result r = sumo_import(text, NULL);
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->connector_count, 2);
  assert_float_equal(net->lane_length_m[net->link_lane_count], 10, 1e-6);
  assert_int_equal(net->conflict_count, 2);
  assert_int_equal(net->conflict_yield[0], 0);
  assert_int_equal(net->conflict_yield[1], 1);
  assert_null(r.city->crs_wkt);
  sumo_free(&r);
}

static void programs_of_additional_files_run(void **state)
{
  (void)state;
  sumo_result r =
      sumo_import(sumo_crossing,
                  "<additional><tlLogic id='n' type='static' programID='new' offset='-7'>"
                  "<phase duration='40' state='Gr'/><phase duration='20' state='rG'/></tlLogic>"
                  "<tlLogic id='elsewhere' programID='0'><phase duration='1' state='r'/></tlLogic>"
                  "<WAUT id='w'><wautSwitch time='1' to='2'/></WAUT></additional>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->signal_count, 1);
  assert_int_equal(net->signal_group_count[0], 2);
  assert_int_equal(net->program_count, 2);
  assert_string_equal(net->program_id[0], "0");
  assert_string_equal(net->program_id[1], "new");
  assert_int_equal(net->signal_active[0], 1);
  assert_int_equal(net->program_offset_ms[0], 5000);
  assert_int_equal(net->program_offset_ms[1], -7000);
  assert_int_equal(net->phase_count, 5);
  assert_int_equal(net->phase_duration_ms[2], 30500);
  assert_int_equal(net->phase_min_ms[0], 5000);
  assert_int_equal(net->phase_max_ms[0], 50000);
  assert_int_equal(net->phase_min_ms[1], 3000);
  assert_memory_equal(net->phase_state, "GryrrGGrrG", 10);
  assert_int_equal(sumo_times(&r.report.notes, "schedule (WAUT) that no signal follows is left out"), 1);
  sumo_free(&r);

  r = sumo_import(
      sumo_crossing,
      "<add><tlLogic id='n' programID='0' offset='1'><phase duration='9' state='GG'/></tlLogic></add>");
  assert_ok(r.status, r.err);
  assert_int_equal(r.city->net->program_count, 1);  // the same name replaces
  assert_int_equal(r.city->net->phase_duration_ms[0], 9000);
  sumo_free(&r);
}

static void stops_and_detectors_find_their_places(void **state)
{
  (void)state;
  sumo_result r = sumo_import(
      sumo_crossing,
      "<additional><busStop id='halt' lane='out_0' startPos='10' endPos='-20' lines='1'/>"
      "<busStop id='nowhere' lane='x_0'/>"
      "<e1Detector id='loop' lane='in_0' pos='-10' freq='60' file='x'/>"
      "<inductionLoop id='beyond' lane='in_0' pos='101' period='60'/>"
      "<inductionLoop id='friendly' lane='in_0' pos='101' period='60' friendlyPos='true'/>"
      "<laneAreaDetector id='area' lane='out_0' pos='5' length='30' period='0:02:00'/>"
      "<e2Detector id='long' lanes='in_0 out_0' pos='90' endPos='40' freq='60'/>"
      "<entryExitDetector id='gate' period='300'><detEntry lane='in_0' pos='50'/><detExit lane='out_0' "
      "pos='50'/></entryExitDetector>"
      "<e3Detector id='half' period='300'><detEntry lane='in_0' pos='50'/></e3Detector></additional>");
  assert_ok(r.status, r.err);
  const art_net *net = r.city->net;
  assert_int_equal(net->stop_count, 1);
  assert_float_equal(net->stop_start_m[0], 10, 1e-6);
  assert_float_equal(net->stop_end_m[0], 80, 1e-6);
  assert_int_equal(net->detector_count, 5);
  assert_string_equal(net->detector_id[0], "loop");
  assert_float_equal(net->detector_pos_m[0], 90, 1e-6);
  assert_float_equal(net->detector_pos_m[1], 100, 1e-6);
  assert_int_equal(net->detector_kind[2], ART_DETECTOR_AREA);
  assert_int_equal(net->detector_period_ms[2], 120000);
  assert_float_equal(net->detector_end_m[2], 35, 1e-6);
  const int32_t p = net->detector_first_point[3];
  assert_int_equal(net->detector_first_point[4] - p, 2);
  assert_float_equal(net->detector_pos_m[p], 90, 1e-6);
  assert_float_equal(net->detector_end_m[p], 100, 1e-6);
  assert_float_equal(net->detector_pos_m[p + 1], 0, 1e-6);
  assert_float_equal(net->detector_end_m[p + 1], 40, 1e-6);
  const int32_t q = net->detector_first_point[4];
  assert_int_equal(net->detector_role[q], 0);
  assert_int_equal(net->detector_role[q + 1], 1);
  assert_int_equal(r.report.rejected.count, 3 + 0);
  assert_int_equal(r.report.example_count, 3);
  sumo_free(&r);
}

/// A text with one piece replaced; the caller frees it.
static char *replaced(const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  assert_non_null(at);
  char *out = malloc(strlen(text) + strlen(to) + 1);
  memcpy(out, text, (size_t)(at - text));
  strcpy(out + (at - text), to);
  strcat(out, at + strlen(from));
  return out;
}

static void broken_networks_are_refused_with_line_and_range(void **state)
{
  (void)state;
  static const struct {
    const char *from, *to, *words[3];
  } cases[] = {
    { "speed='9'", "speed='fast'", { "test.net.xml:3: lane: speed=\"fast\"", "accepted", "0 to 1000" } },
    { "length='100'", "length='-1'", { "test.net.xml:7: lane: length=\"-1\"", "accepted", "1e+06" } },
    { "speed='8' ", "", { "test.net.xml:4: lane", "speed", "missing" } },
    { "index='1'", "index='2'", { "test.net.xml:7: lane", "index=\"2\"", "accepted: 1" } },
    { "from='w'", "from='nowhere'", { "test.net.xml:7: edge: from=\"nowhere\"", "accepted", "junction" } },
    { "fromLane='0' toLane='0' via=':n_1_0'",
      "fromLane='0' toLane='7' via=':n_1_0'",
      { "connection: toLane=\"7\"", "accepted: 0 to 0", "test.net.xml:18" } },
    { "via=':n_1_0'", "via='in_0'", { "via=\"in_0\"", "accepted", "internal lane" } },
    { "via=':n_2_0' dir", "via=':n_1_0' dir", { "via=\":n_1_0\"", "loop", "" } },
    { "state='rG'", "state='rGG'", { "test.net.xml:11: phase: state=\"rGG\"", "accepted: 2", "" } },
    { "state='yr'", "state='yX'", { "phase: state=\"yX\"", "accepted", "" } },
    { "response='01'", "response='2'", { "request: response=\"2\"", "accepted", "" } },
    { "<roundabout", "<roundabout <", { "test.net.xml:23", "broken XML", "" } },
    { "<net ", "<routes ", { "test.net.xml:1: routes", "not a SUMO network", "" } },
    { "id='out' from", "id='in' from", { "edge: id=\"in\"", "accepted", "line 7" } },
    { "-110,0 -10,0", "-110,0 oops", { "shape=\"oops\"", "accepted", "x,y" } },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char *text = replaced(sumo_crossing, cases[i].from, cases[i].to);
    sumo_result r = sumo_import(text, NULL);
    assert_refused(r.status, ART_E_INPUT, r.err, cases[i].words[0], cases[i].words[1], cases[i].words[2]);
    assert_null(r.city);
    sumo_free(&r);
    free(text);
  }
}

static void left_hand_networks_keep_lane_zero_at_the_kerb(void **state)
{
  (void)state;
  char *text = replaced(sumo_crossing, "<net ", "<net lefthand='true' ");
  sumo_result r = sumo_import(text, NULL);
  assert_ok(r.status, r.err);
  assert_int_equal(r.city->left_hand, 1);
  assert_float_equal(r.city->net->lane_width_m[1], 3.5, 1e-6);
  sumo_free(&r);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(heights_become_grades),
    cmocka_unit_test(links_and_lanes_are_those_of_normal_edges),
    cmocka_unit_test(connectors_join_their_internal_lanes),
    cmocka_unit_test(crossing_zones_are_exact),
    cmocka_unit_test(people_cross_where_the_file_says),
    cmocka_unit_test(merge_and_diverge_zones_are_exact),
    cmocka_unit_test(side_by_side_is_no_conflict),
    cmocka_unit_test(without_internal_lanes_rows_follow_the_incoming_lanes),
    cmocka_unit_test(programs_of_additional_files_run),
    cmocka_unit_test(stops_and_detectors_find_their_places),
    cmocka_unit_test(broken_networks_are_refused_with_line_and_range),
    cmocka_unit_test(left_hand_networks_keep_lane_zero_at_the_kerb),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
