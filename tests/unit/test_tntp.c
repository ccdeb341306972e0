// TNTP files and OMX matrices: units, lanes, gates, places without coordinates, trips; what is refused.
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
#include <hdf5.h>

#include "core/base/memory.h"
#include "io/h5/omx.h"
#include "io/tntp/tntp.h"
#include "scenarios/generate/matrix.h"
#include "tests/support/check.h"

static const char head[] =
    "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 4\n<FIRST THRU NODE> 3\n<NUMBER OF LINKS> 6\n"
    "<ORIGINAL HEADER>~ Init Term Capacity (veh/h) Length (ft) Free Flow Time (min) B\n"
    "<END OF METADATA>\n\n~ init term capacity length fft b ;\n";
static const char rows[] = "1\t3\t1800\t3000\t1\t0.15\t;\n3 1 1800 3000 1 0.15 ;\n3 4 3600 3000 1 0.15 ;\n"
                           "4 3 9000 3000 1 0.15 ;\n4 2 0 0 0 0 ;\n2 4 1800 0 0 0;\n";

static art_status read_net(const char *first, const char *second, art_tntp_net *net, art_error *err)
{
  char text[2000];
  snprintf(text, sizeof text, "%s%s", first, second);
  FILE *file = fmemopen(text, strlen(text), "r");
  const art_status status = art_tntp_read_net("net", file, net, err);
  fclose(file);
  return status;
}

static void a_net_becomes_roads(void **state)
{
  (void)state;
  art_tntp_net net;
  art_error err = { 0 };
  assert_ok(read_net(head, rows, &net, &err), err);
  assert_int_equal(net.link_count, 6);
  assert_float_equal(net.length_unit_m, 0.3048, 1e-12);
  assert_float_equal(net.time_unit_s, 60.0, 1e-12);
  const art_tntp_options o = { .lane_capacity = 1800.0, .lanes_most = 4, .title = "t" };
  art_tntp_report r;
  art_city *city = NULL;
  assert_ok(art_tntp_build(&net, NULL, &o, &city, &r, &err), err);
  const art_net *n = city->net;
  assert_int_equal(r.is_drawn, 1);
  assert_int_equal(n->node_kind[0], ART_NODE_DEAD_END);
  assert_int_equal(n->node_kind[2], ART_NODE_PRIORITY);
  assert_int_equal(art_net_link_lanes(n, 0), 1);
  assert_int_equal(art_net_link_lanes(n, 2), 2);
  assert_int_equal(art_net_link_lanes(n, 3), 4);  // 9000 asks for 5
  assert_int_equal(r.lanes_clipped, 1);
  assert_float_equal(n->lane_speed_mps[0], 3000.0 * 0.3048 / 60.0, 1e-4);
  assert_int_equal(r.links_without_time, 2);
  assert_int_equal(r.links_without_length, 2);
  assert_string_equal(n->link_id[2], "3_4");
  for (int32_t c = 0; c < n->connector_count; ++c)
    assert_true(n->connector_node[c] >= 2);  // nobody passes a zone
  art_city_free(city);
  // The same numbers as kilometres and seconds make no roads.
  const art_tntp_options wrong = {
    .length_unit_m = 1000.0, .time_unit_s = 1.0, .lane_capacity = 1800.0, .lanes_most = 4, .title = "t"
  };
  assert_refused(art_tntp_build(&net, NULL, &wrong, &city, &r, &err), ART_E_INPUT, err, "m/s", "accepted");
  art_tntp_net_clear(&net);
}

/// Nodes of a line of equal links are placed on a line, equally spaced.
static void places_follow_distances(void **state)
{
  (void)state;
  enum { N = 12 };
  art_tntp_link link[N - 1];
  double length[N - 1], xy[2 * N];
  for (int i = 0; i + 1 < N; ++i) {
    link[i] = (art_tntp_link){ .from = i + 1, .to = i + 2, .length = 1.0, .time = 1.0 };
    length[i] = 500.0;
  }
  const art_tntp_net net = { .nodes = N, .first_through = 1, .link_count = N - 1, .link = link };
  art_tntp_place(&net, length, xy);
  for (int i = 0; i < N; ++i)
    for (int k = 0; k < i; ++k)
      assert_float_equal(hypot(xy[2 * i] - xy[2 * k], xy[2 * i + 1] - xy[2 * k + 1]), 500.0 * (i - k), 1.0);
}

static art_status read_trips(const char *text, art_tntp_trips *trips, art_error *err)
{
  FILE *file = fmemopen((void *)text, strlen(text), "r");
  const art_status status = art_tntp_read_trips("trips", file, trips, err);
  fclose(file);
  return status;
}

static void trips_and_nodes(void **state)
{
  (void)state;
  art_tntp_trips t;
  art_error err = { 0 };
  assert_ok(
      read_trips(
          "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 30\n<END OF METADATA>\n\nOrigin  1\n 1 : 0.0; 2 :  10.5;\n"
          "Origin 2 \n1:20;\n",
          &t, &err),
      err);
  assert_float_equal(t.flow[1], 10.5, 0.0);
  assert_float_equal(t.flow[2], 20.0, 0.0);
  assert_float_equal(t.total, 30.5, 0.0);
  art_tntp_trips_clear(&t);
  const char nodes[] = "Node\tX\tY\t;\n1\t5\t6\t;\n2 -1.5 1e3;\n";
  FILE *file = fmemopen((void *)nodes, strlen(nodes), "r");
  double *xy = NULL;
  assert_ok(art_tntp_read_nodes("nodes", file, 2, &xy, &err), err);
  fclose(file);
  assert_float_equal(xy[2], -1.5, 0.0);
  assert_float_equal(xy[3], 1000.0, 0.0);
  free(xy);
}

static void refuse_net(const char *first, const char *second, const char *place, const char *what)
{
  art_tntp_net net;
  art_error err = { 0 };
  assert_refused(read_net(first, second, &net, &err), ART_E_INPUT, err, place, what, "accepted");
}

static void bad_files(void **state)
{
  (void)state;
  refuse_net("<NUMBER OF NODES> 4\n", "1 2 3\n", "net:2: ", "END OF METADATA");
  refuse_net("<NUMBER OF NODES> many\n", "", "net:1: ", "\"many\"");
  refuse_net("<NUMBER OF NODES> 0.5\n", "", "net:1: ", "1 to");
  refuse_net(head, "1 9 1800 1 1 ;\n", "net:9: ", "nodes from 1");
  refuse_net(head, "1 3 1800 ;\n", "net:9: ", "capacity, length");
  refuse_net(head, "1 3 1800 -1 1 ;\n", "net:9: ", "0 to 1e12");
  refuse_net(head, "1 1 1800 1 1 ;\n", "net:9: ", "two different");
  refuse_net(head, "1 3 1800 1 1 ;\n", "net:9: ", "has 1 links");
  art_tntp_trips t;
  art_error err = { 0 };
  assert_refused(read_trips("<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 3\n", &t, &err), ART_E_INPUT, err,
                 "trips:3: ", "1 to 2");
  assert_refused(read_trips("<NUMBER OF ZONES> 2\n<END OF METADATA>\n1 : 2;\n", &t, &err), ART_E_INPUT, err,
                 "trips:3: ", "Origin");
  assert_refused(read_trips("<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n3 : 2;\n", &t, &err),
                 ART_E_INPUT, err, "trips:4: ", "zone");
  assert_refused(read_trips("<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n2 = 2;\n", &t, &err),
                 ART_E_INPUT, err, "trips:4: ", "flow");
  const char nodes[] = "Node X Y ;\n1 5 ;\n";
  FILE *file = fmemopen((void *)nodes, strlen(nodes), "r");
  double *xy = NULL;
  assert_refused(art_tntp_read_nodes("nodes", file, 1, &xy, &err), ART_E_INPUT, err, "nodes:2: ", "x and y");
  fclose(file);
}

// ---- matrices ----------------------------------------------------------------------------------------------------------

static void give(void *context, int32_t index, int32_t first, int32_t count, double *values)
{
  (void)context;
  for (int32_t i = 0; i < count; ++i)
    for (int32_t k = 0; k < 20; ++k) values[i * 20 + k] = index * 1000.0 + (first + i) * 20.0 + k;
}

static void matrices_out_and_back(void **state)
{
  (void)state;
  char path[] = "/tmp/art_omx_XXXXXX", *zones[20];
  close(mkstemp(path));
  for (int i = 0; i < 20; ++i) {
    zones[i] = ART_NEW(char, 8);
    snprintf(zones[i], 8, "%d", 100 + i);
  }
  const char *const names[] = { "car", "truck" };
  art_error err = { 0 };
  assert_refused(art_omx_write(path, 20, zones, 2, names, give, NULL, 0, &err), ART_E_EXISTS, err, "force");
  assert_ok(art_omx_write(path, 20, zones, 2, names, give, NULL, 1, &err), err);
  art_omx *omx = NULL;
  assert_ok(art_omx_open(path, &omx, &err), err);
  assert_int_equal(omx->rows, 20);
  assert_int_equal(omx->matrix_count, 2);
  assert_int_equal(omx->lookup_count, 1);
  double row[40];
  assert_ok(art_omx_rows(omx, "truck", 17, 2, row, &err), err);
  for (int k = 0; k < 40; ++k) assert_float_equal(row[k], 1000.0 + 17 * 20 + k, 0.0);
  char **names_back = NULL;
  int32_t count = 0;
  assert_ok(art_omx_zones(omx, omx->lookup[0], &names_back, &count, &err), err);
  assert_int_equal(count, 20);
  for (int i = 0; i < 20; ++i) {
    assert_string_equal(names_back[i], zones[i]);
    free(names_back[i]);
  }
  free(names_back);
  assert_refused(art_omx_rows(omx, "bus", 0, 1, row, &err), ART_E_INPUT, err, "\"bus\"", "car");
  assert_refused(art_omx_zones(omx, "TAZ", &names_back, &count, &err), ART_E_INPUT, err, "/lookup/TAZ");
  art_omx_close(omx);
  // A shape that no integer holds is refused before it is made one.
  const hid_t h5 = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), shape = H5Aopen(h5, "SHAPE", H5P_DEFAULT);
  const hid_t space = H5Aget_space(shape);
  const uint64_t huge[2] = { UINT64_MAX, UINT64_MAX };
  H5Aclose(shape);
  H5Adelete(h5, "SHAPE");
  const hid_t wide = H5Acreate2(h5, "SHAPE", H5T_STD_U64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(H5Awrite(wide, H5T_NATIVE_UINT64, huge) >= 0);
  H5Aclose(wide);
  H5Sclose(space);
  H5Fclose(h5);
  assert_refused(art_omx_open(path, &omx, &err), ART_E_INPUT, err, "SHAPE", "1000000");
  assert_null(omx);
  FILE *file = fopen(path, "w");
  fputs("no matrix", file);
  fclose(file);
  assert_true(art_omx_open(path, &omx, &err) != ART_OK);
  assert_null(omx);
  unlink(path);
  for (int i = 0; i < 20; ++i) free(zones[i]);
}

static art_status flow_row(void *context, int32_t row, double *flow, art_error *err)
{
  (void)err;
  for (int k = 0; k < 2; ++k) flow[k] = ((double *)context)[2 * row + k];
  return ART_OK;
}

/// Whole flows make exactly so many trips, from a link that leaves the zone to one that leads to the other.
static void matrices_become_trips(void **state)
{
  (void)state;
  art_tntp_net net;
  art_error err = { 0 };
  assert_ok(read_net(head, rows, &net, &err), err);
  const art_tntp_options o = { .lane_capacity = 1800.0, .lanes_most = 4, .title = "t" };
  art_tntp_report r;
  art_city *city = NULL;
  assert_ok(art_tntp_build(&net, NULL, &o, &city, &r, &err), err);
  int32_t first[] = { 0, 1, 2 }, node[] = { 0, 1 };
  const art_zone_nodes zones = { 2, first, node };
  const art_matrix_options options = {
    .begin_s = 100.0, .duration_s = 50.0, .scale = 2.0, .vclass = ART_VCLASS_PASSENGER, .seed = 3
  };
  double flow[4] = { 9.0, 10.0, 3.5, 0.0 };
  art_matrix_report report;
  art_demand *d = NULL;
  assert_ok(art_matrix_trips(city->net, &zones, &options, flow_row, flow, &d, &report, &err), err);
  assert_int_equal(d->trip_count, 20 + 7);
  assert_float_equal(report.trips_inside, 18.0, 0.0);
  int forward = 0;
  for (int32_t i = 0; i < d->trip_count; ++i) {
    assert_in_range(d->trip_depart_ms[i], 100000, 149999);
    const int32_t link = d->route_link[d->route_first[d->trip_route[i]]];
    forward += city->net->link_from[link] == 0;
    assert_int_equal(d->route_first[d->trip_route[i] + 1] - d->route_first[d->trip_route[i]], 3);
  }
  assert_int_equal(forward, 20);
  art_demand_free(d);
  art_city_free(city);
  art_tntp_net_clear(&net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_net_becomes_roads),   cmocka_unit_test(places_follow_distances),
    cmocka_unit_test(trips_and_nodes),       cmocka_unit_test(bad_files),
    cmocka_unit_test(matrices_out_and_back), cmocka_unit_test(matrices_become_trips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
