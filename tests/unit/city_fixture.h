/// \file city_fixture.h
/// A small city and demand made by hand, with at least one of everything that their files hold.
#ifndef ART_TESTS_UNIT_CITY_FIXTURE_H
#define ART_TESTS_UNIT_CITY_FIXTURE_H
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/fleet/demand.h"
#include "io/city/city.h"

/// An owned copy of the values, as the structs want them.
#define OWNED(type, ...) \
  ((type *)fixture_copy((const type[]){ __VA_ARGS__ }, sizeof((const type[]){ __VA_ARGS__ })))
#define OWNED_TEXTS(...)                              \
  fixture_texts((const char *const[]){ __VA_ARGS__ }, \
                sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static inline void *fixture_copy(const void *values, size_t size)
{
  return memcpy(art_new(size, 1), values, size);
}

static inline char **fixture_texts(const char *const *texts, size_t count)
{
  char **copy = ART_NEW(char *, count);
  for (size_t i = 0; i < count; ++i) copy[i] = art_strdup(texts[i]);
  return copy;
}

/// west --in (2 lanes)--> mid --east_out--> east
///                            --north_out-> north      with a signal at mid that has three groups and two programs
static inline art_city *fixture_city(void)
{
  art_city *city = art_city_new();
  if (!city->net) city->net = art_net_new();
  art_net *net = city->net;
  net->node_count = 4;
  net->node_id = OWNED_TEXTS("west", "mid", "east", "n\xc3\xb6rd");
  net->node_kind =
      OWNED(uint8_t, ART_NODE_DEAD_END, ART_NODE_TRAFFIC_LIGHT, ART_NODE_DEAD_END, ART_NODE_DEAD_END);

  net->link_count = 3;
  net->link_id = OWNED_TEXTS("in", "east_out", "-209#1");
  net->link_from = OWNED(int32_t, 0, 1, 1);
  net->link_to = OWNED(int32_t, 1, 2, 3);
  net->link_first_lane = OWNED(int32_t, 0, 2, 3, 4);
  net->link_priority = OWNED(int32_t, 7, 7, -1);
  net->link_in_roundabout = OWNED(uint8_t, 0, 0, 1);

  net->link_lane_count = 4;
  net->lane_count = 7;
  net->lane_link = OWNED(int32_t, 0, 0, 1, 2, -1, -1, -1);
  net->lane_length_m = OWNED(float, 100.25f, 100.25f, 80.0f, 60.0f, 12.0f, 12.5f, 9.0f);
  net->lane_speed_mps = OWNED(float, 13.89f, 13.89f, 13.89f, 8.33f, 10.0f, 10.0f, 6.5f);
  net->lane_width_m = OWNED(float, 3.2f, 3.2f, 3.0f, 3.0f, 3.0f, 3.0f, 3.0f);
  net->lane_allowed = OWNED(uint32_t, UINT32_MAX, 1u << ART_VCLASS_PASSENGER | 1u << ART_VCLASS_BUS,
                            UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
  net->lane_change_left = OWNED(uint32_t, UINT32_MAX, 0, 0, 0);
  net->lane_change_right = OWNED(uint32_t, 0, 1u << ART_VCLASS_BUS, 0, 0);

  net->connector_count = 3;
  net->connector_from = OWNED(int32_t, 0, 1, 1);
  net->connector_to = OWNED(int32_t, 2, 2, 3);
  net->connector_node = OWNED(int32_t, 1, 1, 1);
  net->connector_turn = OWNED(uint8_t, ART_TURN_STRAIGHT, ART_TURN_STRAIGHT, ART_TURN_LEFT);
  net->connector_state = OWNED(char, 'M', 'M', 'm');
  net->connector_signal = OWNED(int32_t, 0, 0, 0);
  net->connector_signal_group = OWNED(int32_t, 0, 1, 2);
  net->connector_hold_m = OWNED(float, -1.0f, -1.0f, 4.5f);
  net->connector_keep_clear = OWNED(uint8_t, 1, 1, 0);
  net->connector_cont = OWNED(uint8_t, 0, 0, 1);

  net->conflict_count = 4;
  net->conflict_first = OWNED(int32_t, 0, 1, 3, 4);
  net->conflict_other = OWNED(int32_t, 1, 0, 2, 1);
  net->conflict_kind =
      OWNED(uint8_t, ART_CONFLICT_MERGE, ART_CONFLICT_MERGE, ART_CONFLICT_DIVERGE, ART_CONFLICT_DIVERGE);
  net->conflict_yield = OWNED(uint8_t, 0, 1, 0, 1);
  net->conflict_enter_m = OWNED(float, 9.0f, 9.5f, 0.0f, 0.25f);
  net->conflict_exit_m = OWNED(float, 12.0f, 12.5f, 3.0f, 3.25f);
  net->conflict_other_enter_m = OWNED(float, 9.5f, 9.0f, 0.25f, 0.0f);
  net->conflict_other_exit_m = OWNED(float, 12.5f, 12.0f, 3.25f, 3.0f);

  net->signal_count = 1;
  net->signal_id = OWNED_TEXTS("209");
  net->signal_group_count = OWNED(int32_t, 3);
  net->signal_first_program = OWNED(int32_t, 0, 2);
  net->signal_active = OWNED(int32_t, 1);
  net->program_count = 2;
  net->program_id = OWNED_TEXTS("0", "night");
  net->program_offset_ms = OWNED(int64_t, 0, -1500);
  net->program_first_phase = OWNED(int32_t, 0, 1, 4);
  net->phase_count = 4;
  net->phase_duration_ms = OWNED(int64_t, 90000, 42000, 3000, 45000);
  net->phase_min_ms = OWNED(int64_t, 90000, 5000, 3000, 45000);
  net->phase_max_ms = OWNED(int64_t, 90000, 60000, 3000, 45000);
  net->phase_first_state = OWNED(int64_t, 0, 3, 6, 9, 12);
  net->phase_state = OWNED(char, 'O', 'O', 'o', 'G', 'r', 'r', 'y', 'r', 'r', 'r', 'G', 'g');

  net->stop_count = 1;
  net->stop_id = OWNED_TEXTS("bs_1");
  net->stop_lane = OWNED(int32_t, 0);
  net->stop_start_m = OWNED(float, 20.0f);
  net->stop_end_m = OWNED(float, 35.5f);

  net->connector_critical_gap_s = OWNED(float, 0.0f, 0.0f, 4.5f);
  net->connector_follow_up_s = OWNED(float, 0.0f, 0.0f, 2.5f);
  net->connector_sight_m = OWNED(float, 0.0f, 0.0f, 60.0f);

  net->crossing_count = 2;
  net->crossing_id = OWNED_TEXTS("zebra", "lights");
  net->crossing_node = OWNED(int32_t, 1, 1);
  net->crossing_signal = OWNED(int32_t, -1, 0);
  net->crossing_signal_group = OWNED(int32_t, 0, 2);
  net->crossing_walk_s = OWNED(float, 5.0f, 7.5f);
  net->crossing_flow_per_h = OWNED(float, 120.0f, 0.0f);
  net->crossing_first = OWNED(int32_t, 0, 2, 3);
  net->crossing_row_count = 3;
  net->crossing_connector = OWNED(int32_t, 0, 1, 0);
  net->crossing_enter_m = OWNED(float, 1.0f, 1.25f, 5.0f);
  net->crossing_exit_m = OWNED(float, 4.0f, 4.25f, 8.0f);

  net->detector_count = 2;
  net->detector_id = OWNED_TEXTS("loop", "gate");
  net->detector_kind = OWNED(uint8_t, ART_DETECTOR_POINT, ART_DETECTOR_ENTRY_EXIT);
  net->detector_first_point = OWNED(int32_t, 0, 1, 3);
  net->detector_point_count = 3;
  net->detector_lane = OWNED(int32_t, 0, 1, 2);
  net->detector_pos_m = OWNED(float, 95.0f, 10.0f, 70.0f);
  net->detector_end_m = OWNED(float, 95.0f, 10.0f, 70.0f);
  net->detector_role = OWNED(uint8_t, 0, 0, 1);
  net->detector_period_ms = OWNED(int64_t, 300000, 60000);
  art_net_index(net);

  city->title = art_strdup("three links");
  city->crs_wkt = art_strdup("PROJCRS[\"not looked at here\"]");
  city->offset_x = -680000.125;
  city->offset_y = -4928000.5;
  city->left_hand = 0;
  city->node_x = OWNED(double, 0.0, 110.0, 200.0, 110.0);
  city->node_y = OWNED(double, 0.0, 0.0, 0.0, 75.0);
  city->lane_first_point = OWNED(int64_t, 0, 2, 4, 7, 9, 11, 13, 15);
  city->point_x = ART_NEW(double, 15);
  city->point_y = ART_NEW(double, 15);
  for (int i = 0; i < 15; ++i) {
    city->point_x[i] = 13.0 * i + 0.1;
    city->point_y[i] = -3.0 / (i + 1);
  }
  city->node_first_point = OWNED(int64_t, 0, 0, 3, 3, 3);
  city->node_point_x = OWNED(double, 100, 120, 110);
  city->node_point_y = OWNED(double, -5, -5, 5);
  city->link_name = OWNED_TEXTS("Via Saragozza", NULL, "\xe5\x8c\x97\xe4\xba\xac\xe8\xb7\xaf");
  city->source_count = 1;
  city->source = ART_NEW(art_source, 1);
  city->source[0].path = art_strdup("three.net.xml");
  memset(city->source[0].sha256, 'a', 64);
  return city;
}

/// Two types in one set and a bus in its own, two routes, three trips, one with a stop. Fits fixture_city().
static inline art_demand *fixture_demand(void)
{
  art_demand *d = art_demand_new();
  d->type_count = 3;
  d->type_id = OWNED_TEXTS("car", "slow car", "bus");
  d->type = ART_NEW(art_vtype, 3);
  for (int i = 0; i < 3; ++i) d->type[i] = art_vtype_default();
  d->type[1].max_speed_mps = 12.5f;
  d->type[1].model = ART_MODEL_IDM;
  d->type[2].length_m = 12.0f;
  d->type[2].vclass = ART_VCLASS_BUS;

  d->set_count = 2;
  d->set_id = OWNED_TEXTS("mixed", "bus");
  d->set_first = OWNED(int32_t, 0, 2, 3);
  d->set_type = OWNED(int32_t, 0, 1, 2);
  d->set_probability = OWNED(float, 0.75f, 0.25f, 1.0f);

  d->route_count = 2;
  d->route_first = OWNED(int64_t, 0, 2, 4);
  d->route_link = OWNED(int32_t, 0, 1, 0, 2);

  d->trip_count = 3;
  d->trip_id = OWNED_TEXTS("first", "second", "bus 1");
  d->trip_key = ART_NEW(uint64_t, 3);
  for (int i = 0; i < 3; ++i) d->trip_key[i] = art_trip_key(d->trip_id[i]);
  d->trip_set = OWNED(int32_t, 0, 0, 1);
  d->trip_route = OWNED(int32_t, 0, 1, 0);
  d->trip_depart_ms = OWNED(int64_t, 0, 1500, 28800000);
  d->trip_depart_lane = OWNED(int32_t, ART_LANE_BEST, 1, 0);
  d->trip_depart_pos_m = OWNED(float, ART_POS_BASE, 12.0f, ART_POS_LAST);
  d->trip_depart_speed_mps = OWNED(float, ART_SPEED_MAX, 0.0f, ART_SPEED_DESIRED);
  d->trip_arrival_pos_m = OWNED(float, ART_POS_END, 50.0f, ART_POS_END);
  d->trip_first_stop = OWNED(int32_t, 0, 0, 0, 1);
  d->stop_count = 1;
  d->stop_lane = OWNED(int32_t, 0);
  d->stop_start_m = OWNED(float, 20.0f);
  d->stop_end_m = OWNED(float, 35.5f);
  d->stop_duration_ms = OWNED(int64_t, 20000);
  d->stop_until_ms = OWNED(int64_t, -1);
  d->stop_place = OWNED(int32_t, 0);
  d->stop_beside = OWNED(uint8_t, 1);
  return d;
}

#endif  // ART_TESTS_UNIT_CITY_FIXTURE_H
