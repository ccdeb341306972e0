// GMNS folders: units, lanes, pockets, uses, movements, signals, the way out and back, and what is refused.
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

#include "core/base/memory.h"
#include "io/gmns/gmns.h"
#include "tests/support/check.h"

static const char node_table[] =
    "node_id,x_coord,y_coord,node_type,ctrl_type\n"
    "1,0,0,external,\n2,1000,0,,signal\n3,2000,0,external,\n4,1000,1000,external,\n";
static const char link_table[] = "link_id,from_node_id,to_node_id,directed,geometry,dir_flag,length,facility_"
                                 "type,free_speed,lanes,allowed_uses\n"
                                 "a,1,2,1,,,1,arterial,30,2,\nb,2,1,1,,,1,arterial,30,2,\nc,2,3,1,,,1,"
                                 "arterial,30,1,\nd,3,2,1,,,1,arterial,30,1,\n"
                                 "e,4,2,0,\"LINESTRING (1000 1000, 1000 "
                                 "0)\",,1,local,20,1,AUTO\nfoot,1,4,0,,,,,,,WALK\nfoot,1,4,0,,,,,,,WALK\n";
static const char config_table[] = "dataset_name,short_length,long_length,speed,crs\ntiny,foot,mile,mph,\n";

typedef struct folder {
  char path[64];
  int made;
} folder;

static folder new_folder(void)
{
  folder f = { P_tmpdir "/art_gmns_XXXXXX", 0 };
  assert_non_null(mkdtemp(f.path));
  return f;
}

static void put(const folder *f, const char *table, const char *text)
{
  char path[200];
  snprintf(path, sizeof path, "%s/%s.csv", f->path, table);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static void remove_folder(const folder *f)
{
  char path[200];
  for (int i = 0; art_gmns_tables[i]; ++i) {
    snprintf(path, sizeof path, "%s/%s.csv", f->path, art_gmns_tables[i]);
    unlink(path);
  }
  rmdir(f->path);
}

static folder small(void)
{
  const folder f = new_folder();
  put(&f, "node", node_table);
  put(&f, "link", link_table);
  put(&f, "config", config_table);
  return f;
}

static art_city *read_folder(const folder *f, art_gmns_report *report)
{
  const art_gmns_options options = { 0 };
  art_city *city = NULL;
  art_error err = { 0 };
  assert_ok(art_gmns_read(f->path, &options, &city, report, &err), err);
  return city;
}

static int32_t link_of(const art_net *net, const char *id)
{
  return art_net_find(net->link_id, net->link_count, id);
}

static void units_and_uses(void **state)
{
  (void)state;
  const folder f = small();
  art_gmns_report r;
  art_city *city = read_folder(&f, &r);
  const art_net *net = city->net;
  assert_int_equal(r.walk_links, 2);  // both of the same id, which is nobody's loss
  assert_int_equal(net->link_count, 6);
  assert_true(link_of(net, "e.back") >= 0);  // undirected: both ways
  const int32_t a = net->link_first_lane[link_of(net, "a")];
  assert_float_equal(net->lane_speed_mps[a], 30.0 * 1609.344 / 3600.0, 1e-4);
  // Nodes stand 1000 ft apart, and lengths of 1 are miles: driven as 1609.344 m less the stop lines, stretched alike.
  assert_true(net->lane_length_m[a] > 1500.0f && net->lane_length_m[a] < 1609.344f);
  assert_int_equal(r.lengths_are_short, 0);
  assert_int_equal(ART_PERMITS(net->lane_allowed[net->link_first_lane[link_of(net, "e")]],
                               ART_VCLASS_BICYCLE),
                   0);
  assert_int_equal(net->signal_count, 1);
  art_city_free(city);
  // The same lengths in feet are told by the geometry.
  put(&f, "link",
      "link_id,from_node_id,to_node_id,directed,length\na,1,2,1,1000\nb,2,3,1,1000\nc,2,4,1,1000\n");
  city = read_folder(&f, &r);
  assert_int_equal(r.lengths_are_short, 1);
  assert_float_equal(r.length_unit_m, 0.3048, 1e-12);
  assert_int_equal(r.speeds_guessed, 3);
  assert_int_equal(r.lanes_guessed, 3);
  art_city_free(city);
  remove_folder(&f);
}

static void pockets_divide_links(void **state)
{
  (void)state;
  const folder f = small();
  put(&f, "segment",
      "segment_id,link_id,ref_node_id,start_lr,end_lr,l_lanes_added,r_lanes_added\n"
      "s,a,1,4280,5280,1,0\nt,d,2,0,1000,0,1\n");  // of d measured from its end
  put(&f, "movement",
      "mvmt_id,node_id,ib_link_id,ob_link_id,start_ib_lane,end_ib_lane,start_ob_lane,end_ob_lane,type\n"
      "1,2,a,c,1,2,1,,thru\n2,2,a,e,-1,,1,,left\n3,2,d,b,1,,1,2,thru\n4,2,d,e,2,,,,right\n5,2,e,b,1,,1,,"
      "right\n6,2,e,c,1,,,,left\n");
  art_gmns_report r;
  art_city *city = read_folder(&f, &r);
  const art_net *net = city->net;
  assert_int_equal(r.pockets, 2);
  const int32_t bay = link_of(net, "a#1"), right_bay = link_of(net, "d#1");
  assert_int_equal(art_net_link_lanes(net, bay), 3);
  assert_int_equal(art_net_link_lanes(net, right_bay), 2);
  // Both pieces together are the mile less the stop lines, 21 m in the drawing, which is stretched 5.28 times.
  assert_float_equal(net->lane_length_m[net->link_first_lane[link_of(net, "a")]] +
                         net->lane_length_m[net->link_first_lane[bay]],
                     1609.344 - 5.28 * 21.0, 5.0);
  // The leftmost lane of the bay, number -1, turns left and nothing else.
  const int32_t pocket = net->link_first_lane[bay] + 2;
  assert_int_equal(net->lane_first_out[pocket + 1] - net->lane_first_out[pocket], 1);
  assert_int_equal(net->connector_turn[net->lane_first_out[pocket]], ART_TURN_LEFT);
  assert_int_equal(net->lane_first_out[pocket] - net->lane_first_out[pocket - 2], 2);
  art_city_free(city);
  remove_folder(&f);
}

static void add_signal_tables(const folder *f, const char *second_ring_barrier)
{
  char text[600];
  put(f, "movement",
      "mvmt_id,node_id,ib_link_id,ob_link_id,type\n"
      "1,2,a,c,thru\n2,2,a,e,left\n3,2,d,b,thru\n4,2,d,e,right\n5,2,e,b,right\n6,2,e,c,left\n");
  put(f, "signal_controller", "controller_id\n2\n");
  put(f, "signal_timing_plan", "timing_plan_id,controller_id,time_day,cycle_length\np,2,,60\n");
  snprintf(text, sizeof text,
           "timing_phase_id,timing_plan_id,signal_phase_num,min_green,max_green,extension,clearance,ring,"
           "barrier,position\n"
           "1,p,2,8,30,3,5,1,1,1\n2,p,6,8,30,3,5,2,1,1\n3,p,4,8,20,3,6,%s,1\n",
           second_ring_barrier);
  put(f, "signal_timing_phase", text);
  put(f, "signal_phase_mvmt",
      "timing_phase_id,mvmt_id,protection\n"
      "1,1,protected\n1,2,permitted\n2,3,protected\n2,4,protected\n3,5,protected\n3,6,protected\n");
  put(f, "signal_coordination", "timing_plan_id,controller_id,coord_phase,offset\np,2,2,10\n");
}

static void rings_become_a_nema_program(void **state)
{
  (void)state;
  const folder f = small();
  add_signal_tables(&f, "1,2");
  art_gmns_report r;
  art_city *city = read_folder(&f, &r);
  const art_net *net = city->net;
  assert_int_equal(r.programs, 1);
  const int32_t p = net->signal_active[0];
  assert_string_equal(net->program_id[p], "p");
  assert_int_equal(net->program_control[p], ART_CONTROL_NEMA);
  assert_int_equal(net->program_cycle_ms[p], 60000);
  assert_int_equal(net->program_offset_ms[p], 10000);
  const int32_t first = net->program_first_phase[p];
  assert_int_equal(net->program_first_phase[p + 1] - first, 3);
  assert_int_equal(net->phase_number[first], 2);
  assert_int_equal(net->phase_number[first + 1], 4);
  assert_int_equal(net->phase_number[first + 2], 6);
  assert_int_equal(net->phase_barrier[first + 1], 1);
  assert_int_equal(net->phase_ring[first + 2], 1);
  // 30 mph: 1 s + 13.4 / 6 s of yellow, rounded to 3 s; the rest of the 5 s is red.
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][first], 3000);
  assert_int_equal(net->phase_time_ms[ART_PHASE_TIME_red_ms][first], 2000);
  assert_int_equal(net->phase_flags[first] & ART_PHASE_COORDINATED, ART_PHASE_COORDINATED);
  art_city_free(city);
  // In one ring and barrier with the street across, greens would collide: the plan is left out, a guess runs.
  add_signal_tables(&f, "2,1");
  put(&f, "signal_phase_mvmt",
      "timing_phase_id,mvmt_id,protection\n1,3,protected\n2,1,protected\n3,6,protected\n");
  city = read_folder(&f, &r);
  assert_int_equal(r.programs, 0);
  assert_int_equal(r.plans_refused, 1);
  assert_non_null(strstr(r.refused_plan, "cross"));
  assert_string_equal(city->net->program_id[city->net->signal_active[0]], "guess");
  art_city_free(city);
  remove_folder(&f);
}

/// Out and back: the same nodes, links, lanes, connectors, speeds, programs; lengths to a tenth of a millimetre.
static void out_and_back(void **state)
{
  (void)state;
  const folder f = small(), again = new_folder();
  add_signal_tables(&f, "1,2");
  put(&f, "segment",
      "segment_id,link_id,ref_node_id,start_lr,end_lr,l_lanes_added,r_lanes_added\ns,a,1,4280,5280,1,0\n");
  art_gmns_report r;
  art_gmns_losses losses;
  art_error err = { 0 };
  art_city *city = read_folder(&f, &r);
  assert_ok(art_gmns_write(city, again.path, &losses, &err), err);
  art_city *back = read_folder(&again, &r);
  const art_net *a = city->net, *b = back->net;
  assert_int_equal(losses.programs, 0);
  assert_int_equal(a->node_count, b->node_count);
  assert_int_equal(a->link_count, b->link_count);
  assert_int_equal(a->lane_count, b->lane_count);
  assert_int_equal(a->conflict_count, b->conflict_count);
  for (int32_t i = 0; i < a->node_count; ++i) {
    assert_string_equal(a->node_id[i], b->node_id[i]);
    assert_int_equal(a->node_kind[i], b->node_kind[i]);
  }
  for (int32_t i = 0; i < a->link_count; ++i) {
    assert_string_equal(a->link_id[i], b->link_id[i]);
    assert_int_equal(a->link_priority[i], b->link_priority[i]);
  }
  for (int32_t i = 0; i < a->lane_count; ++i) {
    assert_float_equal(a->lane_length_m[i], b->lane_length_m[i], 1e-3);
    assert_int_equal(a->lane_allowed[i], b->lane_allowed[i]);
    if (i < a->link_lane_count) assert_true(a->lane_speed_mps[i] == b->lane_speed_mps[i]);
  }
  for (int32_t c = 0; c < a->connector_count; ++c) {
    assert_int_equal(a->connector_from[c], b->connector_from[c]);
    assert_int_equal(a->connector_to[c], b->connector_to[c]);
    assert_int_equal(a->connector_turn[c], b->connector_turn[c]);
    assert_int_equal(a->connector_state[c], b->connector_state[c]);
    assert_int_equal(a->connector_keep_clear[c], b->connector_keep_clear[c]);
  }
  for (int64_t i = 0; i < city->lane_first_point[a->lane_count]; ++i) {
    assert_float_equal(city->point_x[i], back->point_x[i], 1e-3);
    assert_float_equal(city->point_y[i], back->point_y[i], 1e-3);
  }
  assert_int_equal(a->program_count, b->program_count);
  assert_int_equal(a->phase_count, b->phase_count);
  for (int32_t p = 0; p < a->phase_count; ++p) {
    assert_int_equal(a->phase_duration_ms[p], b->phase_duration_ms[p]);
    assert_int_equal(a->phase_number[p], b->phase_number[p]);
    for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t)
      assert_int_equal(a->phase_time_ms[t][p], b->phase_time_ms[t][p]);
  }
  assert_memory_equal(a->phase_state, b->phase_state, (size_t)a->phase_first_state[a->phase_count]);
  assert_string_equal(a->program_id[a->signal_active[0]], b->program_id[b->signal_active[0]]);
  art_city_free(city);
  art_city_free(back);
  remove_folder(&f);
  remove_folder(&again);
}

static void refuse(const char *table, const char *text, const char *place, const char *value)
{
  const folder f = small();
  put(&f, table, text);
  const art_gmns_options options = { 0 };
  art_gmns_report r;
  art_city *city = NULL;
  art_error err = { 0 };
  assert_refused(art_gmns_read(f.path, &options, &city, &r, &err), ART_E_INPUT, err, place, value,
                 "accepted");
  assert_null(city);
  remove_folder(&f);
}

static void bad_tables(void **state)
{
  (void)state;
  refuse("node", "node_id,x_coord,y_coord\n1,0,0\n1,2,2\n", "node.csv:3: ", "node_id \"1\"");
  refuse("node", "node_id,x_coord,y_coord\n1,zero,0\n", "node.csv:2: ", "\"zero\"");
  refuse("node", "node_id,x_coord,y_coord\n1,0,1e12\n", "node.csv:2: ", "-1e+09 to 1e+09");
  refuse("link", "link_id,from_node_id,to_node_id\na,1,9\n", "link.csv:2: ", "to_node_id \"9\"");
  refuse("link", "link_id,from_node_id,to_node_id,free_speed\na,1,2,\nb,2,1,-3\n",
         "link.csv:3: ", "free_speed \"-3\"");
  refuse("link", "link_id,from_node_id,to_node_id,geometry\na,1,2,POINT (1 2)\n",
         "link.csv:2: ", "LINESTRING");
  refuse("link", "link_id,from_node_id,to_node_id,geometry\na,1,2,LINESTRING (1 x)\n",
         "link.csv:2: ", "two numbers");
  refuse("config", "short_length\nparsec\n", "config.csv:2: ", "\"parsec\"");
  refuse("lane", "lane_id,link_id,lane_num\n1,a,one\n", "lane.csv:2: ", "lane_num \"one\"");
  refuse("segment", "segment_id,link_id,ref_node_id,start_lr,end_lr\ns,a,4,0,1\n",
         "segment.csv:2: ", "ref_node_id \"4\"");
  refuse("segment_lane", "segment_lane_id,segment_id,lane_num\n1,nope,1\n",
         "segment_lane.csv:2: ", "\"nope\"");
  refuse("movement", "mvmt_id,node_id,ib_link_id,ob_link_id\n1,7,a,c\n", "movement.csv:2: ", "node_id \"7\"");
  refuse("signal_timing_plan", "timing_plan_id,controller_id\np,2\n",
         "signal_timing_plan.csv:2: ", "controller_id \"2\"");
  const folder f = new_folder();
  const art_gmns_options options = { 0 };
  art_gmns_report r;
  art_city *city = NULL;
  art_error err = { 0 };
  assert_refused(art_gmns_read(f.path, &options, &city, &r, &err), ART_E_OPEN, err, "node.csv");
  put(&f, "node", "node_id,x\n1,2\n");
  assert_refused(art_gmns_read(f.path, &options, &city, &r, &err), ART_E_INPUT, err,
                 "node.csv:1: ", "x_coord");
  remove_folder(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(units_and_uses),
    cmocka_unit_test(pockets_divide_links),
    cmocka_unit_test(rings_become_a_nema_program),
    cmocka_unit_test(out_and_back),
    cmocka_unit_test(bad_tables),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
