// What goes out to SUMO comes back the same: cities, permissions, signals, stops, detectors, types, departures.
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/memory.h"
#include "io/city/city_file.h"
#include "io/sumo/export.h"
#include "scenarios/generate/generate.h"
#include "tests/unit/sumo_texts.h"

typedef struct folder {
  char path[64], net[100], add[100], routes[100];
} folder;

static folder make_folder(const char *ending)
{
  folder f = { .path = "/tmp/arterial_export_XXXXXX" };
  assert_non_null(mkdtemp(f.path));
  snprintf(f.net, sizeof f.net, "%s/c.net.xml%s", f.path, ending);
  snprintf(f.add, sizeof f.add, "%s/s.add.xml", f.path);
  snprintf(f.routes, sizeof f.routes, "%s/d.rou.xml%s", f.path, ending);
  return f;
}

static void remove_folder(const folder *f)
{
  unlink(f->net);
  unlink(f->add);
  unlink(f->routes);
  assert_int_equal(rmdir(f->path), 0);  // nothing else was left there
}

/// Out and in again.
static sumo_result round_trip(const art_city *city, const art_demand *demand, const folder *f)
{
  sumo_result r = { .status = ART_OK };
  int32_t additional = 0;
  if (art_sumo_export_net(city, f->net, &r.err) != ART_OK) fail_msg("%s", r.err.message);
  art_sumo_signal_losses losses;
  if (art_sumo_export_additional(city, f->add, &additional, &losses, &r.err) != ART_OK) fail_msg("%s", r.err.message);
  if (demand && art_sumo_export_routes(city, demand, NULL, f->routes, &r.err) != ART_OK)
    fail_msg("%s", r.err.message);
  assert_int_equal(access(f->add, F_OK) == 0, additional > 0);
  char net[100], add[100], routes[100], *adds[1] = { add }, *demands[1] = { routes };
  strcpy(net, f->net);
  strcpy(add, f->add);
  strcpy(routes, f->routes);
  const art_sumo_files files = { .net = net,
                                 .additional_count = additional > 0,
                                 .additional = adds,
                                 .route_count = demand != NULL,
                                 .route = demands };
  r.status = art_sumo_import_files(&files, NULL, &r.city, &r.demand, &r.report, &r.err);
  if (r.status != ART_OK) fail_msg("%s", r.err.message);
  return r;
}

static void assert_floats(const float *a, const float *b, int32_t count, double tolerance)
{
  for (int32_t i = 0; i < count; ++i) assert_float_equal(a[i], b[i], tolerance);
}

/// Signals may come in another order.
static void assert_same_signals(const art_net *a, const art_net *b)
{
  for (int32_t c = 0; c < a->connector_count; ++c) {
    const int32_t s = a->connector_signal[c], t = b->connector_signal[c];
    assert_int_equal(s < 0, t < 0);
    if (s >= 0) assert_string_equal(a->signal_id[s], b->signal_id[t]);
  }
  for (int32_t s = 0; s < a->signal_count; ++s) {
    const int32_t t = art_net_find(b->signal_id, b->signal_count, a->signal_id[s]);
    const int32_t p = a->signal_active[s], q = b->signal_active[t];
    const int32_t phases = a->program_first_phase[p + 1] - a->program_first_phase[p];
    assert_int_equal(b->program_first_phase[q + 1] - b->program_first_phase[q], phases);
    assert_int_equal(a->program_offset_ms[p], b->program_offset_ms[q]);
    for (int32_t i = 0; i < phases; ++i) {
      const int32_t f = a->program_first_phase[p] + i, g = b->program_first_phase[q] + i;
      assert_int_equal(a->phase_duration_ms[f], b->phase_duration_ms[g]);
      assert_memory_equal(a->phase_state + a->phase_first_state[f], b->phase_state + b->phase_first_state[g],
                          (size_t)a->signal_group_count[s]);
    }
  }
}

static void assert_same_net(const art_net *a, const art_net *b)
{
  assert_int_equal(a->node_count, b->node_count);
  assert_int_equal(a->link_count, b->link_count);
  assert_int_equal(a->link_lane_count, b->link_lane_count);
  assert_int_equal(a->connector_count, b->connector_count);
  assert_int_equal(a->conflict_count, b->conflict_count);
  assert_int_equal(a->signal_count, b->signal_count);
  assert_int_equal(a->phase_count, b->phase_count);
  for (int32_t i = 0; i < a->node_count; ++i) assert_string_equal(a->node_id[i], b->node_id[i]);
  for (int32_t i = 0; i < a->link_count; ++i) assert_string_equal(a->link_id[i], b->link_id[i]);
  // SUMO knows nodes that nobody passes as dead ends only.
  for (int32_t i = 0; i < a->node_count; ++i)
    assert_int_equal(b->node_kind[i], a->node_first_connector[i + 1] > a->node_first_connector[i]
                                          ? a->node_kind[i]
                                          : (uint8_t)ART_NODE_DEAD_END);
  assert_memory_equal(a->link_priority, b->link_priority, (size_t)a->link_count * sizeof(int32_t));
  assert_memory_equal(a->link_in_roundabout, b->link_in_roundabout, (size_t)a->link_count);
  assert_floats(a->lane_length_m, b->lane_length_m, a->lane_count, 1e-4);
  assert_floats(a->lane_speed_mps, b->lane_speed_mps, a->lane_count, 0.0);
  assert_floats(a->lane_width_m, b->lane_width_m, a->lane_count, 0.0);
  const uint32_t known = (1u << ART_VCLASS_COUNT) - 1u;
  for (int32_t i = 0; i < a->lane_count; ++i) {
    assert_int_equal(a->lane_allowed[i] & known, b->lane_allowed[i] & known);
    assert_int_equal(a->lane_change_left[i] & known, b->lane_change_left[i] & known);
    assert_int_equal(a->lane_change_right[i] & known, b->lane_change_right[i] & known);
  }
  const size_t n = (size_t)a->connector_count;
  assert_memory_equal(a->connector_from, b->connector_from, n * sizeof(int32_t));
  assert_memory_equal(a->connector_to, b->connector_to, n * sizeof(int32_t));
  assert_memory_equal(a->connector_turn, b->connector_turn, n);
  assert_memory_equal(a->connector_state, b->connector_state, n);
  assert_same_signals(a, b);
  assert_memory_equal(a->connector_signal_group, b->connector_signal_group, n * sizeof(int32_t));
  assert_memory_equal(a->connector_keep_clear, b->connector_keep_clear, n);
  assert_floats(a->connector_hold_m, b->connector_hold_m, a->connector_count, 0.01);
  assert_memory_equal(a->conflict_other, b->conflict_other, (size_t)a->conflict_count * sizeof(int32_t));
  assert_memory_equal(a->conflict_kind, b->conflict_kind, (size_t)a->conflict_count);
  assert_memory_equal(a->conflict_yield, b->conflict_yield, (size_t)a->conflict_count);
  assert_floats(a->conflict_enter_m, b->conflict_enter_m, a->conflict_count, 0.01);
  assert_floats(a->conflict_exit_m, b->conflict_exit_m, a->conflict_count, 0.01);
}

static void generated_cities_come_back_the_same(void **state)
{
  (void)state;
  static const art_node_kind kinds[] = { ART_NODE_PRIORITY, ART_NODE_PRIORITY_STOP, ART_NODE_ALLWAY_STOP,
                                         ART_NODE_RIGHT_BEFORE_LEFT };
  for (int k = 0; k < 8; ++k) {
    art_grid_options o = {
      .street = art_street_defaults(), .columns = 3, .rows = 2, .block_m = 200.0, .arm_m = k % 3 ? 100.0 : 0.0
    };
    o.street.signals = 0.5;
    o.street.unsignalised = kinds[k % 4];
    o.street.turn_bays = k / 4;
    o.street.left_hand = k == 3 || k == 6;
    o.street.detectors = k % 2;
    o.street.seed = (uint64_t)k;
    art_city *city = NULL;
    art_error err;
    if (art_generate_grid(&o, &city, &err) != ART_OK) fail_msg("%s", err.message);
    const folder f = make_folder(k % 2 ? ".gz" : "");
    sumo_result r = round_trip(city, NULL, &f);
    assert_same_net(city->net, r.city->net);
    assert_int_equal(city->left_hand, r.city->left_hand);
    assert_int_equal(city->net->detector_count, r.city->net->detector_count);
    assert_floats(city->net->detector_pos_m, r.city->net->detector_pos_m, city->net->detector_point_count,
                  1e-4);
    sumo_free(&r);
    remove_folder(&f);
    art_city_free(city);
  }
}

static const char everything[] =
    "<additional>"
    "<busStop id='A&amp;B &lt;1&gt;' lane='in_0' startPos='10' endPos='30'/>"
    "<e1Detector id='loop' lane='out_0' pos='50' period='60' file='x'/>"
    "<e2Detector id='area' lane='up_0' pos='10' endPos='40' period='300' file='x'/>"
    "<e3Detector id='zone' period='100' file='x'><detEntry lane='in_0' pos='5'/><detExit lane='out_0' "
    "pos='90'/></e3Detector>"
    "<vType id='bus' vClass='bus' length='13.5' carFollowModel='IDM' speedFactor='normc(1.1,0.2,0.5,1.5)' "
    "impatience='off'/>"
    "<vType id='car' sigma='0.3' tau='1.4' lcStrategic='2'/>"
    "<vTypeDistribution id='mix' vTypes='bus car' probabilities='1 3'/>"
    "<route id='way' edges='in out'/>"
    "<vehicle id='v&quot;1' type='mix' depart='1.25' route='way' departLane='best' departPos='last' "
    "departSpeed='max'/>"
    "<vehicle id='v2' type='car' depart='2' route='way' departLane='random' departPos='12.5' "
    "departSpeed='3.25' "
    "arrivalPos='60'/>"
    "<vehicle id='v3' type='bus' depart='3' departLane='free' departPos='random' departSpeed='desired'>"
    "<route edges='in out'/><stop busStop='A&amp;B &lt;1&gt;' duration='20' until='90'/>"
    "<stop lane='out_0' startPos='5' endPos='25' duration='3.5'/></vehicle>"
    "<vehicle id='v4' type='car' depart='4' route='way' departLane='first' departPos='free' "
    "departSpeed='speedLimit'/>"
    "<vehicle id='v5' type='car' depart='5' departLane='allowed' departPos='base' departSpeed='avg'>"
    "<route edges='up on'/></vehicle>"
    "<vehicle id='v6' type='car' depart='6' departSpeed='last'><route edges='up'/></vehicle>"
    "<vehicle id='v7' type='car' depart='7' departSpeed='random'><route edges='up'/></vehicle>"
    "</additional>";

static void demands_come_back_the_same(void **state)
{
  (void)state;
  sumo_result first = sumo_import(sumo_crossing, everything);
  if (first.status != ART_OK) fail_msg("%s", first.err.message);
  assert_int_equal(first.demand->trip_count, 7);
  const folder f = make_folder("");
  sumo_result second = round_trip(first.city, first.demand, &f);
  const art_net *a = first.city->net, *b = second.city->net;
  assert_same_net(a, b);
  assert_int_equal(b->stop_count, 1);
  assert_string_equal(b->stop_id[0], "A&B <1>");
  assert_int_equal(b->detector_count, 3);
  for (int32_t d = 0; d < 3; ++d) {
    assert_string_equal(a->detector_id[d], b->detector_id[d]);
    assert_int_equal(a->detector_kind[d], b->detector_kind[d]);
    assert_int_equal(a->detector_period_ms[d], b->detector_period_ms[d]);
  }
  assert_memory_equal(a->detector_lane, b->detector_lane, (size_t)a->detector_point_count * sizeof(int32_t));
  assert_floats(a->detector_pos_m, b->detector_pos_m, a->detector_point_count, 1e-5);
  assert_non_null(first.city->crs_wkt);
  assert_non_null(second.city->crs_wkt);
  assert_non_null(strstr(second.city->crs_wkt, "32"));
  assert_float_equal(first.city->offset_x, second.city->offset_x, 1e-3);
  // Types, routes, stops and departures to the last bit.
  assert_true(art_demand_hash(first.demand, a) == art_demand_hash(second.demand, b));
  sumo_free(&second);
  sumo_free(&first);
  remove_folder(&f);
}

static void failures_leave_nothing_behind(void **state)
{
  (void)state;
  sumo_result r = sumo_import(sumo_crossing, NULL);
  assert_int_equal(r.status, ART_OK);
  art_error err;
  assert_int_equal(art_sumo_export_net(r.city, "/nonexistent/folder/c.net.xml", &err), ART_E_OPEN);
  assert_non_null(strstr(err.message, "/nonexistent/folder/c.net.xml"));
  assert_int_equal(art_sumo_export_config("c.net.xml", NULL, NULL, 0, 500, "/dev/full/x", &err), ART_E_OPEN);
  sumo_free(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(generated_cities_come_back_the_same),
    cmocka_unit_test(demands_come_back_the_same),
    cmocka_unit_test(failures_leave_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
