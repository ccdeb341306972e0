// UTDF: lanes and bays, phases, volumes as trips, control points; what is refused.
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

#include "io/utdf/utdf.h"
#include "tests/support/check.h"

/// A junction of three streets, 1000 ft each; the left turn from the north has a bay of 150 ft.
static const char nodes[] =
    "[Network]\nNetwork Settings\nRECORDNAME,DATA\nMetric,0\n"
    "[Nodes]\nNode Data\nINTID,TYPE,X,Y,Z\n1,0,0,0,0\n2,1,0,1000,0\n3,1,0,-1000,0\n4,1,1000,0,0\n";
static const char links[] =
    "[Links]\nLink Data\nRECORDNAME,INTID,NB,SB,EB,WB\n"
    "Up ID,1,3,2,,4\nLanes,1,2,2,,1\nDistance,1,1000,1000,,1000\nSpeed,1,45,45,,30\n"
    "Up ID,2,1,,,\nLanes,2,2,,,\nUp ID,3,,1,,\nLanes,3,,2,,\nUp ID,4,,,1,\nLanes,4,,,1,\n";
static const char lanes[] =
    "[Lanes]\nLane Group Data\nRECORDNAME,INTID,NBT,NBR,SBL,SBT,WBL,WBR,PED,HOLD\n"
    "Up Node,1,3,3,2,2,4,4,,\nDest Node,1,2,4,4,3,3,2,,\nLanes,1,2,0,1,2,1,0,,\nShared,1,2,,0,0,2,,,\n"
    "Storage,1,,,150,,,,,\nPhase1,1,2,,1,6,4,,,\nPermPhase1,1,,,6,,,,,\nVolume,1,400,50,80,500,60,90,,\n";
static const char plans[] =
    "[Timeplans]\nTiming Plan Settings\nRECORDNAME,INTID,DATA\nControl Type,1,3\nCycle Length,1,80\n"
    "Reference Phase,1,206\nOffset,1,12\n"
    "[Phases]\nPhasing "
    "Data\nRECORDNAME,INTID,D1,D2,D3,D4,D5,D6\nBRP,1,111,112,,211,,121\nMinGreen,1,5,10,,8,,10\n"
    "MaxGreen,1,10,30,,22,,45\nVehExt,1,3,3,,3,,3\nYellow,1,3,4,,4,,4\nAllRed,1,1,1,,1,,1\nRecall,1,0,3,,0,,"
    "3\n"
    "Walk,1,,7,,7,,7\nDontWalk,1,,11,,11,,11\nDualEntry,1,0,1,,1,,1\n";

typedef struct reading {
  art_city *city;
  art_utdf_turn *turns;
  int32_t count;
  art_utdf_report report;
  art_error err;
} reading;

static art_status read_text(const char *const part[4], const art_utdf_options *o, reading *r)
{
  static const art_utdf_options none = { 0 };
  char text[6000] = "";
  for (int i = 0; i < 4; ++i) strcat(text, part[i]);
  *r = (reading){ 0 };
  return art_utdf_read_text("utdf", text, strlen(text), o ? o : &none, &r->city, &r->turns, &r->count,
                            &r->report, &r->err);
}

static void clear(reading *r)
{
  art_city_free(r->city);
  free(r->turns);
}

static int32_t link_of(const art_net *net, const char *id)
{
  return art_net_find(net->link_id, net->link_count, id);
}

static void lanes_bays_and_lengths(void **state)
{
  (void)state;
  reading r;
  assert_ok(read_text((const char *const[]){ nodes, links, lanes, plans }, NULL, &r), r.err);
  const art_net *net = r.city->net;
  const int32_t bay = link_of(net, "2_1#1"), whole = link_of(net, "2_1");
  assert_int_equal(r.report.bays, 1);
  assert_int_equal(art_net_link_lanes(net, whole), 2);
  assert_int_equal(art_net_link_lanes(net, bay), 3);
  assert_float_equal(net->lane_speed_mps[net->link_first_lane[whole]], 45.0 * 0.44704, 1e-4);
  // 1000 ft in all, 150 of them the bay, each less its stop line.
  assert_true(net->lane_length_m[net->link_first_lane[bay]] < 150.0f * 0.3048f);
  assert_true(net->lane_length_m[net->link_first_lane[bay]] > 20.0f);
  // The bay's leftmost lane turns left; the right lane from the south also turns right.
  const int32_t left = net->link_first_lane[bay] + 2;
  for (int32_t c = net->lane_first_out[left]; c < net->lane_first_out[left + 1]; ++c)
    assert_int_equal(net->connector_turn[c], ART_TURN_LEFT);
  uint32_t turns = 0;
  const int32_t kerb = net->link_first_lane[link_of(net, "3_1")];
  for (int32_t c = net->lane_first_out[kerb]; c < net->lane_first_out[kerb + 1]; ++c)
    turns |= 1u << net->connector_turn[c];
  assert_int_equal(turns, 1u << ART_TURN_STRAIGHT | 1u << ART_TURN_RIGHT);
  clear(&r);
}

static void phases_become_a_program(void **state)
{
  (void)state;
  reading r;
  assert_ok(read_text((const char *const[]){ nodes, links, lanes, plans }, NULL, &r), r.err);
  const art_net *net = r.city->net;
  assert_int_equal(r.report.plans, 1);
  const int32_t p = net->signal_active[0], f = net->program_first_phase[p];
  assert_int_equal(net->program_control[p], ART_CONTROL_NEMA);
  assert_int_equal(net->program_cycle_ms[p], 80000);
  assert_int_equal(net->program_offset_ms[p], 12000);
  const int32_t numbers[4] = { 1, 2, 4, 6 };  // ring 1 across both sides of the barrier, then ring 2
  for (int i = 0; i < 4; ++i) assert_int_equal(net->phase_number[f + i], numbers[i]);
  assert_int_equal(net->phase_barrier[f + 2], 1);
  assert_int_equal(net->phase_ring[f + 3], 1);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f + 1], 4000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_split_ms][f + 1], 35000);
  assert_int_equal(net->phase_flags[f + 1],
                   ART_PHASE_COORDINATED | ART_PHASE_DUAL_ENTRY | ART_PHASE_RECALL_MAX);
  // The left turn from the north is protected in phase 1 and permitted in 6.
  const int32_t left = net->link_first_lane[link_of(net, "2_1#1")] + 2;
  const int32_t group = net->connector_signal_group[net->lane_first_out[left]];
  const char expected[4] = { 'G', 'r', 'r', 'g' };
  for (int i = 0; i < 4; ++i)
    assert_int_equal(net->phase_state[net->phase_first_state[f + i] + group], expected[i]);
  clear(&r);
}

/// 450 enter from the south, 580 from the north, 150 from the east; of those from the south about 50 in 450 turn right.
static void volumes_become_trips(void **state)
{
  (void)state;
  reading r;
  assert_ok(read_text((const char *const[]){ nodes, links, lanes, plans }, NULL, &r), r.err);
  const art_net *net = r.city->net;
  art_demand *d = NULL;
  assert_ok(art_utdf_trips(net, r.count, r.turns, 2.0, 1, &d, &r.err), r.err);
  assert_int_equal(d->trip_count, 2 * (450 + 580 + 150));
  int from_south = 0, right = 0;
  for (int32_t i = 0; i < d->trip_count; ++i) {
    const int64_t first = d->route_first[d->trip_route[i]], last = d->route_first[d->trip_route[i] + 1] - 1;
    if (d->route_link[first] != link_of(net, "3_1")) continue;
    ++from_south;
    right += d->route_link[last] == link_of(net, "1_4");
  }
  assert_int_equal(from_south, 900);
  assert_in_range(right, 70, 130);  // 100, standard deviation 9.4
  art_demand_free(d);
  clear(&r);
}

/// Control points on a turned and shifted map: the fit is exact, and so are the coordinates.
static void control_points_place_the_map(void **state)
{
  (void)state;
  char *const ids[] = { "2", "3", "4" };
  // Nodes 2, 3 and 4 lie 304.8 m north, south and east of a place at 35 N, 114.6 W, to the accuracy of a sphere.
  const double north = 304.8 / 110947.0, east = 304.8 / 91290.0;
  const double lon[] = { -114.6, -114.6, -114.6 + east }, lat[] = { 35.0 + north, 35.0 - north, 35.0 };
  const art_utdf_options o = {
    .control_count = 3, .control_id = ids, .control_lon = lon, .control_lat = lat
  };
  reading r;
  assert_ok(read_text((const char *const[]){ nodes, links, lanes, plans }, &o, &r), r.err);
  assert_non_null(r.city->crs_wkt);
  assert_true(r.report.control_error_m < 1.0);
  double back_lon, back_lat;
  assert_ok(art_city_lonlat(r.city, 1, r.city->node_x, r.city->node_y, &back_lon, &back_lat, &r.err), r.err);
  assert_float_equal(back_lon, -114.6, 2e-5);
  assert_float_equal(back_lat, 35.0, 2e-5);
  clear(&r);
  char *const wrong[] = { "2", "77" };
  const art_utdf_options bad = {
    .control_count = 2, .control_id = wrong, .control_lon = lon, .control_lat = lat
  };
  assert_refused(read_text((const char *const[]){ nodes, links, lanes, plans }, &bad, &r), ART_E_INPUT, r.err,
                 "\"77\"", "INTID");
}

static void refuse(const char *a, const char *b, const char *place, const char *what)
{
  reading r;
  assert_refused(read_text((const char *const[]){ a, b, "", "" }, NULL, &r), ART_E_INPUT, r.err, place, what);
  assert_null(r.city);
}

static void bad_files(void **state)
{
  (void)state;
  refuse("hello,world\n", "", "utdf:1: ", "[Network]");
  refuse("[Nodes]\nx\nINTID,TYPE,X,Y\n1,0,0,0\n1,0,0,0\n", "", "utdf:5: ", "no other node");
  refuse("[Nodes]\nx\nINTID,TYPE,X,Y\n1,0,zero,0\n", "", "utdf:4: ", "\"zero\"");
  refuse("[Nodes]\nx\nINTID,TYPE,X,Y\n1,0,,0\n", "", "utdf:4: ", "X and Y");
  refuse("[Network]\nx\nRECORDNAME,DATA\nMetric,7\n", "", "utdf:4: ", "0 to 1");
  refuse(nodes, "[Links]\nx\nRECORDNAME,INTID,NB\nUp ID,1,99\n", "utdf:15: ", "Up ID \"99\"");
  refuse(nodes, "[Links]\nx\nRECORDNAME,INTID,NB\nUp ID,1,1\n", "node \"1\"", "itself");
  refuse(nodes, "[Lanes]\nx\nRECORDNAME,INTID,NBT\nVolume,1,-4\n", "utdf:15: ", "0 to 1e+06");
  refuse(nodes, "[Phases]\nx\nRECORDNAME,INTID,D1\nYellow,8,3\n", "utdf:15: ", "INTID \"8\"");
  refuse("[Network]\n", "", "utdf", "no nodes");
  refuse(nodes, "", "utdf", "no links");
}

/// 580 from the north on three lanes can be; 9,000 cannot, whatever the signal does.
static void impossible_volumes_are_told(void **state)
{
  (void)state;
  reading r;
  assert_ok(read_text((const char *const[]){ nodes, links, lanes, plans }, NULL, &r), r.err);
  assert_int_equal(r.report.overfull, 0);
  clear(&r);
  char full[sizeof lanes + 8];
  const char *const at = strstr(lanes, ",80,500,");
  assert_non_null(at);
  snprintf(full, sizeof full, "%.*s,80,9000,%s", (int)(at - lanes), lanes, at + strlen(",80,500,"));
  assert_ok(read_text((const char *const[]){ nodes, links, full, plans }, NULL, &r), r.err);
  assert_int_equal(r.report.overfull, 1);
  assert_string_equal(r.report.overfull_first, "from 2 to 1: 9080 vehicles/h on 3 lanes");
  clear(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(lanes_bays_and_lengths),
    cmocka_unit_test(phases_become_a_program),
    cmocka_unit_test(volumes_become_trips),
    cmocka_unit_test(control_points_place_the_map),
    cmocka_unit_test(bad_files),
    cmocka_unit_test(impossible_volumes_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
