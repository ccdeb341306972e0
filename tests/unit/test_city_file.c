// City files: what is written is read back bit by bit; what is damaged is refused with a sentence.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/h5/h5.h"
#include "tests/unit/city_fixture.h"

static const char *const path = "test_city_file.city.h5";

#define EQUAL(a, b, count) assert_memory_equal(a, b, (size_t)(count) * sizeof *(a))

static void equal_texts(char *const *a, char *const *b, int32_t count)
{
  for (int32_t i = 0; i < count; ++i) {
    if (!a[i] || !b[i])
      assert_ptr_equal(a[i], b[i]);
    else
      assert_string_equal(a[i], b[i]);
  }
}

static void equal_nets(const art_net *a, const art_net *b)
{
  const int32_t nodes = a->node_count, links = a->link_count, lanes = a->lane_count, n = a->connector_count;
  assert_int_equal(b->node_count, nodes);
  assert_int_equal(b->link_count, links);
  assert_int_equal(b->lane_count, lanes);
  assert_int_equal(b->link_lane_count, a->link_lane_count);
  assert_int_equal(b->connector_count, n);
  equal_texts(a->node_id, b->node_id, nodes);
  EQUAL(a->node_kind, b->node_kind, nodes);
  equal_texts(a->link_id, b->link_id, links);
  EQUAL(a->link_from, b->link_from, links);
  EQUAL(a->link_to, b->link_to, links);
  EQUAL(a->link_first_lane, b->link_first_lane, links + 1);
  EQUAL(a->link_priority, b->link_priority, links);
  EQUAL(a->link_in_roundabout, b->link_in_roundabout, links);
  EQUAL(a->lane_link, b->lane_link, lanes);
  EQUAL(a->lane_length_m, b->lane_length_m, lanes);
  EQUAL(a->lane_speed_mps, b->lane_speed_mps, lanes);
  EQUAL(a->lane_width_m, b->lane_width_m, lanes);
  EQUAL(a->lane_allowed, b->lane_allowed, lanes);
  EQUAL(a->lane_change_left, b->lane_change_left, a->link_lane_count);
  EQUAL(a->lane_change_right, b->lane_change_right, a->link_lane_count);
  EQUAL(a->connector_from, b->connector_from, n);
  EQUAL(a->connector_to, b->connector_to, n);
  EQUAL(a->connector_node, b->connector_node, n);
  EQUAL(a->connector_turn, b->connector_turn, n);
  EQUAL(a->connector_state, b->connector_state, n);
  EQUAL(a->connector_signal, b->connector_signal, n);
  EQUAL(a->connector_signal_group, b->connector_signal_group, n);
  EQUAL(a->connector_hold_m, b->connector_hold_m, n);
  EQUAL(a->connector_keep_clear, b->connector_keep_clear, n);
  EQUAL(a->connector_cont, b->connector_cont, n);
  EQUAL(a->connector_critical_gap_s, b->connector_critical_gap_s, n);
  EQUAL(a->connector_follow_up_s, b->connector_follow_up_s, n);
  EQUAL(a->connector_sight_m, b->connector_sight_m, n);
  EQUAL(a->lane_first_out, b->lane_first_out, a->link_lane_count + 1);
  EQUAL(a->lane_first_in, b->lane_first_in, a->link_lane_count + 1);
  EQUAL(a->lane_in, b->lane_in, n);
  EQUAL(a->node_first_connector, b->node_first_connector, nodes + 1);
  EQUAL(a->node_connector, b->node_connector, n);
}

static void equal_control(const art_net *a, const art_net *b)
{
  EQUAL(a->program_control, b->program_control, a->program_count);
  EQUAL(a->program_cycle_ms, b->program_cycle_ms, a->program_count);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) EQUAL(a->program_value[v], b->program_value[v], a->program_count);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) EQUAL(a->phase_time_ms[t], b->phase_time_ms[t], a->phase_count);
  EQUAL(a->phase_flags, b->phase_flags, a->phase_count);
  EQUAL(a->phase_number, b->phase_number, a->phase_count);
  EQUAL(a->phase_ring, b->phase_ring, a->phase_count);
  EQUAL(a->phase_barrier, b->phase_barrier, a->phase_count);
  EQUAL(a->phase_first_next, b->phase_first_next, a->phase_count + 1);
  EQUAL(a->phase_next, b->phase_next, a->phase_next_count);
  EQUAL(a->phase_first_sensor, b->phase_first_sensor, a->phase_count + 1);
  EQUAL(a->phase_sensor, b->phase_sensor, a->phase_sensor_count);
  const int32_t groups = a->signal_first_group[a->signal_count];
  EQUAL(a->group_min_green_ms, b->group_min_green_ms, groups);
  EQUAL(a->group_yellow_ms, b->group_yellow_ms, groups);
  EQUAL(a->group_red_yellow_ms, b->group_red_yellow_ms, groups);
  EQUAL(a->signal_first_intergreen, b->signal_first_intergreen, a->signal_count + 1);
  EQUAL(a->intergreen_from, b->intergreen_from, a->intergreen_count);
  EQUAL(a->intergreen_to, b->intergreen_to, a->intergreen_count);
  EQUAL(a->intergreen_ms, b->intergreen_ms, a->intergreen_count);
  EQUAL(a->signal_first_switch, b->signal_first_switch, a->signal_count + 1);
  EQUAL(a->switch_at_ms, b->switch_at_ms, a->switch_count);
  EQUAL(a->switch_program, b->switch_program, a->switch_count);
  EQUAL(a->signal_switch_period_ms, b->signal_switch_period_ms, a->signal_count);
}


static void equal_rest(const art_net *a, const art_net *b)
{
  const int32_t conflicts = a->conflict_count, signals = a->signal_count, programs = a->program_count;
  const int32_t phases = a->phase_count, stops = a->stop_count, d = a->detector_count,
                p = a->detector_point_count;
  assert_int_equal(b->conflict_count, conflicts);
  EQUAL(a->conflict_first, b->conflict_first, a->connector_count + 1);
  EQUAL(a->conflict_other, b->conflict_other, conflicts);
  EQUAL(a->conflict_kind, b->conflict_kind, conflicts);
  EQUAL(a->conflict_yield, b->conflict_yield, conflicts);
  EQUAL(a->conflict_enter_m, b->conflict_enter_m, conflicts);
  EQUAL(a->conflict_exit_m, b->conflict_exit_m, conflicts);
  EQUAL(a->conflict_other_enter_m, b->conflict_other_enter_m, conflicts);
  EQUAL(a->conflict_other_exit_m, b->conflict_other_exit_m, conflicts);
  assert_int_equal(b->signal_count, signals);
  equal_texts(a->signal_id, b->signal_id, signals);
  EQUAL(a->signal_group_count, b->signal_group_count, signals);
  EQUAL(a->signal_first_program, b->signal_first_program, signals + 1);
  EQUAL(a->signal_active, b->signal_active, signals);
  assert_int_equal(b->program_count, programs);
  equal_texts(a->program_id, b->program_id, programs);
  EQUAL(a->program_offset_ms, b->program_offset_ms, programs);
  EQUAL(a->program_first_phase, b->program_first_phase, programs + 1);
  assert_int_equal(b->phase_count, phases);
  EQUAL(a->phase_duration_ms, b->phase_duration_ms, phases);
  EQUAL(a->phase_min_ms, b->phase_min_ms, phases);
  EQUAL(a->phase_max_ms, b->phase_max_ms, phases);
  EQUAL(a->phase_first_state, b->phase_first_state, phases + 1);
  EQUAL(a->phase_state, b->phase_state, a->phase_first_state[phases]);
  equal_control(a, b);
  const int32_t x = a->crossing_count;
  assert_int_equal(b->crossing_count, x);
  assert_int_equal(b->crossing_row_count, a->crossing_row_count);
  if (x > 0) {
    equal_texts(a->crossing_id, b->crossing_id, x);
    EQUAL(a->crossing_node, b->crossing_node, x);
    EQUAL(a->crossing_signal, b->crossing_signal, x);
    EQUAL(a->crossing_signal_group, b->crossing_signal_group, x);
    EQUAL(a->crossing_walk_s, b->crossing_walk_s, x);
    EQUAL(a->crossing_flow_per_h, b->crossing_flow_per_h, x);
    EQUAL(a->crossing_first, b->crossing_first, x + 1);
    EQUAL(a->crossing_connector, b->crossing_connector, a->crossing_row_count);
    EQUAL(a->crossing_enter_m, b->crossing_enter_m, a->crossing_row_count);
    EQUAL(a->crossing_exit_m, b->crossing_exit_m, a->crossing_row_count);
  }
  assert_int_equal(b->stop_count, stops);
  equal_texts(a->stop_id, b->stop_id, stops);
  EQUAL(a->stop_lane, b->stop_lane, stops);
  EQUAL(a->stop_start_m, b->stop_start_m, stops);
  EQUAL(a->stop_end_m, b->stop_end_m, stops);
  assert_int_equal(b->detector_count, d);
  assert_int_equal(b->detector_point_count, p);
  equal_texts(a->detector_id, b->detector_id, d);
  EQUAL(a->detector_kind, b->detector_kind, d);
  EQUAL(a->detector_first_point, b->detector_first_point, d + 1);
  EQUAL(a->detector_period_ms, b->detector_period_ms, d);
  EQUAL(a->detector_lane, b->detector_lane, p);
  EQUAL(a->detector_pos_m, b->detector_pos_m, p);
  EQUAL(a->detector_end_m, b->detector_end_m, p);
  EQUAL(a->detector_role, b->detector_role, p);
}

static void a_city_comes_back_bit_by_bit(void **state)
{
  (void)state;
  art_city *a = fixture_city(), *b = NULL;
  art_error err = { 0 };
  if (art_city_write(path, a, "arterial import sumo three.net.xml", 1, &err) != ART_OK)
    fail_msg("%s", err.message);
  if (art_city_read(path, &b, &err) != ART_OK) fail_msg("%s", err.message);
  equal_nets(a->net, b->net);
  equal_rest(a->net, b->net);
  const int32_t lanes = a->net->lane_count, nodes = a->net->node_count;
  assert_string_equal(a->title, b->title);
  assert_string_equal(a->crs_wkt, b->crs_wkt);
  EQUAL(&a->offset_x, &b->offset_x, 1);
  EQUAL(&a->offset_y, &b->offset_y, 1);
  assert_int_equal(a->left_hand, b->left_hand);
  EQUAL(a->node_x, b->node_x, nodes);
  EQUAL(a->node_y, b->node_y, nodes);
  EQUAL(a->lane_first_point, b->lane_first_point, lanes + 1);
  EQUAL(a->point_x, b->point_x, a->lane_first_point[lanes]);
  EQUAL(a->point_y, b->point_y, a->lane_first_point[lanes]);
  EQUAL(a->node_first_point, b->node_first_point, nodes + 1);
  EQUAL(a->node_point_x, b->node_point_x, a->node_first_point[nodes]);
  EQUAL(a->node_point_y, b->node_point_y, a->node_first_point[nodes]);
  equal_texts(a->link_name, b->link_name, a->net->link_count);
  assert_int_equal(b->source_count, 1);
  assert_string_equal(b->source[0].path, "three.net.xml");
  assert_string_equal(b->source[0].sha256, a->source[0].sha256);
  art_city_free(a);
  art_city_free(b);
}

/// The hash follows the contents, not the file or its title, and notices one changed bit.
static void the_hash_follows_the_contents(void **state)
{
  (void)state;
  art_city *a = fixture_city(), *b = NULL;
  assert_int_equal(art_city_write(path, a, NULL, 1, NULL), ART_OK);
  assert_int_equal(art_city_read(path, &b, NULL), ART_OK);
  assert_true(art_city_hash(a) == art_city_hash(b));
  b->title[0] = 'T';
  assert_true(art_city_hash(a) == art_city_hash(b));
  b->net->phase_state[4] = 'y';
  assert_false(art_city_hash(a) == art_city_hash(b));
  b->net->phase_state[4] = a->net->phase_state[4];
  b->net->lane_length_m[3] += 1e-5f;
  assert_false(art_city_hash(a) == art_city_hash(b));
  b->net->lane_length_m[3] = a->net->lane_length_m[3];
  b->net->link_id[2][0] = '+';
  assert_false(art_city_hash(a) == art_city_hash(b));
  art_city_free(a);
  art_city_free(b);
}

/// Without shapes of nodes, names, signals, stops, detectors: arrays that were never made.
static void a_bare_city_is_fine(void **state)
{
  (void)state;
  art_city *a = fixture_city(), *b = NULL;
  art_error err = { 0 };
  for (int i = 0; i < 3; ++i) a->net->connector_signal[i] = -1;
  for (int i = 0; i < 3; ++i) free(a->link_name[i]);
  free(a->link_name);
  a->link_name = NULL;
  free(a->crs_wkt);
  a->crs_wkt = NULL;
  free(a->title);
  a->title = NULL;
  free(a->net->detector_id[0]);
  free(a->net->detector_id[1]);
  free(a->net->detector_id);
  free(a->net->detector_first_point);
  a->net->detector_id = NULL;
  a->net->detector_first_point = NULL;
  a->net->detector_count = a->net->detector_point_count = 0;
  if (art_city_write(path, a, NULL, 1, &err) != ART_OK) fail_msg("%s", err.message);
  if (art_city_read(path, &b, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(b->net->detector_count, 0);
  assert_null(b->crs_wkt);
  assert_null(b->title);
  assert_null(b->link_name[0]);
  assert_true(art_city_hash(a) == art_city_hash(b));
  art_city_free(a);
  art_city_free(b);
}

/// What decides at signals: nothing of it stands in the file of a city of fixed-time programs, all of it comes back.
static void control_comes_back(void **state)
{
  (void)state;
  art_error err = { 0 };
  art_city *a = fixture_city(), *b = NULL;
  art_net *net = a->net;
  const uint64_t plain = art_city_hash(a);
  net->program_control[1] = ART_CONTROL_STAGES;
  assert_true(art_city_hash(a) != plain);
  net->program_cycle_ms[1] = 90000;
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) net->program_value[v][1] = 1.0f;
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) net->phase_time_ms[t][2] = 1000 + t;
  net->phase_flags[1] = ART_PHASE_RECALL_MIN | ART_PHASE_MANUAL_NEXT;
  net->phase_number[1] = 6;
  net->phase_ring[3] = 1;
  net->phase_barrier[2] = 1;
  net->phase_next_count = 2;
  net->phase_next = art_renew(net->phase_next, 2, sizeof(int32_t));
  net->phase_next[0] = 2;
  net->phase_next[1] = 1;
  net->phase_first_next[2] = net->phase_first_next[3] = net->phase_first_next[4] = 2;
  net->phase_sensor_count = 1;
  net->phase_sensor = art_renew(net->phase_sensor, 1, sizeof(int32_t));
  net->phase_sensor[0] = 0;
  for (int p = 2; p <= 4; ++p) net->phase_first_sensor[p] = 1;
  net->group_min_green_ms[1] = 7000;
  net->group_yellow_ms[0] = 4000;
  net->group_red_yellow_ms[2] = 1000;
  net->intergreen_count = net->signal_first_intergreen[1] = 1;
  net->intergreen_from = art_renew(net->intergreen_from, 1, sizeof(int32_t));
  net->intergreen_to = art_renew(net->intergreen_to, 1, sizeof(int32_t));
  net->intergreen_ms = art_renew(net->intergreen_ms, 1, sizeof(int64_t));
  net->intergreen_from[0] = 2;
  net->intergreen_to[0] = 0;
  net->intergreen_ms[0] = 6500;
  net->switch_count = net->signal_first_switch[1] = 2;
  net->switch_at_ms = art_renew(net->switch_at_ms, 2, sizeof(int64_t));
  net->switch_program = art_renew(net->switch_program, 2, sizeof(int32_t));
  net->switch_at_ms[0] = -1000;
  net->switch_at_ms[1] = 79200000;
  net->switch_program[0] = 0;
  net->switch_program[1] = 1;
  net->signal_switch_period_ms[0] = 86400000;
  if (art_net_check(net, &err) != ART_OK) fail_msg("%s", err.message);
  assert_int_equal(art_city_write(path, a, NULL, 1, NULL), ART_OK);
  if (art_city_read(path, &b, &err) != ART_OK) fail_msg("%s", err.message);
  equal_control(net, b->net);
  assert_true(art_city_hash(a) == art_city_hash(b));
  b->net->switch_at_ms[1] += 1;
  assert_false(art_city_hash(a) == art_city_hash(b));
  art_city_free(a);
  art_city_free(b);
}

/// Columns that most cities lack: absent stays absent, present comes back, and only then the hash knows of them.
static void extra_columns_come_back(void **state)
{
  (void)state;
  art_error err = { 0 };
  art_city *a = fixture_city(), *b = NULL;
  const uint64_t plain = art_city_hash(a);
  assert_int_equal(art_city_write(path, a, NULL, 1, NULL), ART_OK);
  assert_int_equal(art_city_read(path, &b, NULL), ART_OK);
  assert_null(b->net->lane_grade);
  assert_null(b->net->lane_gap_factor);
  art_city_free(b);
  const int32_t lanes = a->net->lane_count;
  a->net->lane_grade = ART_NEW(float, lanes);
  for (int32_t lane = 0; lane < lanes; ++lane) a->net->lane_grade[lane] = 0.01f * (float)(lane % 5);
  assert_true(art_city_hash(a) != plain);
  assert_int_equal(art_city_write(path, a, NULL, 1, NULL), ART_OK);
  assert_int_equal(art_city_read(path, &b, NULL), ART_OK);
  EQUAL(a->net->lane_grade, b->net->lane_grade, lanes);
  assert_null(b->net->lane_speed_factor);
  art_city_free(b);
  a->net->lane_grade[1] = 3.0f;
  assert_int_equal(art_net_check(a->net, &err), ART_E_INPUT);
  assert_non_null(strstr(err.message, "grade is 3"));
  art_city_free(a);
}

static void an_existing_file_is_kept_unless_forced(void **state)
{
  (void)state;
  art_city *a = fixture_city();
  art_error err = { 0 };
  assert_int_equal(art_city_write(path, a, NULL, 1, &err), ART_OK);
  assert_int_equal(art_city_write(path, a, NULL, 0, &err), ART_E_EXISTS);
  assert_non_null(strstr(err.message, "--force"));
  assert_int_equal(art_city_write("no/such/folder/x.city.h5", a, NULL, 0, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "No such file or directory"));
  mkdir("test_city_file.dir", 0777);
  assert_int_equal(art_city_write("test_city_file.dir", a, NULL, 1, &err), ART_E_OPEN);
  rmdir("test_city_file.dir");
  art_city_free(a);
}

// ---- damage

/// Replaces a dataset or attribute of the file through plain HDF5, as another program would.
static hid_t reopen(void)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(file >= 0);
  return file;
}

static void put_int(const char *dataset, hsize_t place, int32_t value)
{
  const hid_t file = reopen(), set = H5Dopen2(file, dataset, H5P_DEFAULT);
  const hid_t space = H5Dget_space(set), one = H5Screate(H5S_SCALAR);
  H5Sselect_elements(space, H5S_SELECT_SET, 1, &place);
  assert_true(H5Dwrite(set, H5T_NATIVE_INT32, one, space, H5P_DEFAULT, &value) >= 0);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
}

static void expect_refusal(const char *words)
{
  art_city *city = (art_city *)1;
  art_error err = { 0 };
  assert_int_equal(art_city_read(path, &city, &err), ART_E_INPUT);
  assert_null(city);
  if (strncmp(err.message, path, strlen(path)) != 0 || !strstr(err.message, words))
    fail_msg("'%s' should name the file and say '%s'", err.message, words);
}

static void write_fresh(void)
{
  art_city *a = fixture_city();
  assert_int_equal(art_city_write(path, a, NULL, 1, NULL), ART_OK);
  art_city_free(a);
}

static void indices_out_of_range_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *dataset;
    int place;
    int32_t value;
    const char *words;
  } cases[] = {
    { "/links/to_node", 1, 4, "east_out" },
    { "/links/from_node", 0, -1, "'in'" },
    { "/connectors/from_lane", 2, 99, "connector 2" },
    { "/connectors/node", 0, -7, "/connectors/node" },
    { "/connectors/turn", 0, 77, "/connectors/turn" },
    { "/connectors/state", 1, 'q', "right of way" },
    { "/connectors/signal", 1, 5, "signal" },
    { "/connectors/conflict_count", 0, 2, "/conflicts/conflict" },
    { "/connectors/conflict_count", 0, -1, "out of range" },
    { "/conflicts/other", 0, 3, "conflict" },
    { "/links/lane_count", 0, 3, "/lanes" },
    { "/lanes/link", 0, 2, "lane 0" },
    { "/lanes/point_count", 0, 1, "/geometry/point" },
    { "/nodes/kind", 0, 200, "/nodes/kind" },
    { "/signals/active_program", 0, 2, "209" },
    { "/signals/program_count", 0, 1, "/signals/programs/program" },
    { "/stops/lane", 0, 4, "bs_1" },
    { "/detectors/places/lane", 2, 7, "place 2: 7: accepted 0 .. 6, an index of /lanes/lane" },
    { "/nodes/outline_count", 0, INT32_MAX, "outline" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    write_fresh();
    put_int(cases[i].dataset, (hsize_t)cases[i].place, cases[i].value);
    expect_refusal(cases[i].words);
  }
}

static void count_reports(void *context, const char *message)
{
  int *count = context;
  assert_int_equal(strncmp(message, path, strlen(path)), 0);
  ++*count;
}

static void every_wrong_index_is_listed(void **state)
{
  (void)state;
  int count = 0;
  write_fresh();
  assert_int_equal(art_city_problems(path, count_reports, &count), 0);
  put_int("/links/to_node", 1, 4);
  put_int("/links/to_node", 2, -1);
  put_int("/connectors/signal", 0, 1);
  put_int("/stops/lane", 0, 77);
  assert_int_equal(art_city_problems(path, count_reports, &count), 4);
  assert_int_equal(count, 4);
  write_fresh();
  put_int("/lanes/width", 0, -3);  // no index: values, all of them as well
  put_int("/lanes/width", 2, 0);
  put_int("/stops/start", 0, -90);
  count = 0;
  assert_int_equal(art_city_problems(path, count_reports, &count), 3);
  assert_int_equal(count, 3);
  unlink(path);
  assert_int_equal(art_city_problems(path, count_reports, &count), 1);
}

static void put_attribute(const char *name, int value)
{
  const hid_t file = reopen(), attribute = H5Aopen(file, name, H5P_DEFAULT);
  assert_true(H5Awrite(attribute, H5T_NATIVE_INT, &value) >= 0);
  H5Aclose(attribute);
  H5Fclose(file);
}

static void other_schemas_are_refused(void **state)
{
  (void)state;
  write_fresh();
  put_attribute("arterial_schema_version", 2);
  expect_refusal("version 2 of the city layout, this program reads version 1");

  art_h5 *f;
  art_error err = { 0 };
  assert_int_equal(art_h5_create(path, 1, &f, &err), ART_OK);
  assert_int_equal(art_h5_commit(f, &err), ART_OK);
  expect_refusal("arterial_schema");
  assert_int_equal(art_h5_create(path, 1, &f, &err), ART_OK);
  art_h5_set_schema(f, "demand", 1, NULL, NULL);
  assert_int_equal(art_h5_commit(f, &err), ART_OK);
  expect_refusal("is a demand file, expected a city file");
}

static void missing_or_misshapen_datasets_are_refused(void **state)
{
  (void)state;
  write_fresh();
  hid_t file = reopen();
  H5Ldelete(file, "/lanes/length", H5P_DEFAULT);
  H5Fclose(file);
  expect_refusal("/lanes/length: is missing");

  write_fresh();
  file = reopen();
  H5Ldelete(file, "/lanes/length", H5P_DEFAULT);
  const hsize_t three = 3;
  const hid_t space = H5Screate_simple(1, &three, NULL);
  H5Dclose(H5Dcreate2(file, "/lanes/length", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
  H5Fclose(file);
  expect_refusal("/lanes/length: has 3 values, expected 7");

  write_fresh();
  file = reopen();
  H5Ldelete(file, "/nodes", H5P_DEFAULT);
  H5Fclose(file);
  expect_refusal("/nodes/node: is missing");
}

static void truncated_files_are_refused(void **state)
{
  (void)state;
  write_fresh();
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  for (off_t size = 0; size < info.st_size; size += info.st_size / 40 + 1) {
    write_fresh();
    assert_int_equal(truncate(path, size), 0);
    expect_refusal("");
  }
  unlink(path);
  art_city *city;
  art_error err = { 0 };
  assert_int_equal(art_city_read(path, &city, &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "No such file"));
  assert_int_equal(art_city_read(".", &city, &err), ART_E_OPEN);
}

/// Any byte may be wrong: the answer is a city or a sentence, never a crash.
static void flipped_bytes_do_no_harm(void **state)
{
  (void)state;
  write_fresh();
  struct stat info;
  stat(path, &info);
  unsigned char *bytes = malloc((size_t)info.st_size);
  FILE *file = fopen(path, "rb");
  assert_int_equal(fread(bytes, 1, (size_t)info.st_size, file), info.st_size);
  fclose(file);
  uint32_t draw = 12345;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    draw = draw * 1664525u + 1013904223u;  // Numerical Recipes' generator: the same places on every machine
    const size_t place = (size_t)(((uint64_t)draw * (uint64_t)info.st_size) >> 32);
    const unsigned char old = bytes[place];
    bytes[place] ^= (unsigned char)(1u + (draw & 0xfeu));
    file = fopen(path, "wb");
    fwrite(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    bytes[place] = old;
    art_city *city;
    art_error err = { 0 };
    const art_status status = art_city_read(path, &city, &err);
    if (status != ART_OK && !err.message[0]) fail_msg("byte %zu: no message", place);
    refused += status != ART_OK;
    art_city_free(city);
  }
  free(bytes);
  assert_true(refused > 295);  // all but those that hit the 32 bytes of the checksum itself
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_city_comes_back_bit_by_bit),
    cmocka_unit_test(the_hash_follows_the_contents),
    cmocka_unit_test(a_bare_city_is_fine),
    cmocka_unit_test(control_comes_back),
    cmocka_unit_test(extra_columns_come_back),
    cmocka_unit_test(an_existing_file_is_kept_unless_forced),
    cmocka_unit_test(indices_out_of_range_are_refused),
    cmocka_unit_test(every_wrong_index_is_listed),
    cmocka_unit_test(other_schemas_are_refused),
    cmocka_unit_test(missing_or_misshapen_datasets_are_refused),
    cmocka_unit_test(truncated_files_are_refused),
    cmocka_unit_test(flipped_bytes_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
