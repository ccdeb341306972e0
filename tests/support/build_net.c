#include "tests/support/build_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

static void size_nodes(art_net *net, int32_t count)
{
  net->node_count = count;
  net->node_id = ART_NEW(char *, count);
  net->node_kind = ART_NEW(uint8_t, count);
}

/// All lanes alike; link k has lanes k * lanes ... Ids, ends and connectors are the caller's.
static void size_links(art_net *net, int32_t links, int32_t lanes, int32_t connectors)
{
  net->link_count = links;
  net->link_id = ART_NEW(char *, links);
  net->link_from = ART_NEW(int32_t, links);
  net->link_to = ART_NEW(int32_t, links);
  net->link_first_lane = ART_NEW(int32_t, links + 1);
  net->link_priority = ART_NEW(int32_t, links);
  net->link_in_roundabout = ART_NEW(uint8_t, links);
  net->link_lane_count = links * lanes;
  net->lane_count = net->link_lane_count + connectors;
  net->lane_link = ART_NEW(int32_t, net->lane_count);
  net->lane_length_m = ART_NEW(float, net->lane_count);
  net->lane_speed_mps = ART_NEW(float, net->lane_count);
  net->lane_width_m = ART_NEW(float, net->lane_count);
  net->lane_allowed = ART_NEW(uint32_t, net->lane_count);
  net->lane_change_left = ART_NEW(uint32_t, net->lane_count);
  net->lane_change_right = ART_NEW(uint32_t, net->lane_count);
  for (int32_t link = 0; link <= links; ++link) net->link_first_lane[link] = link * lanes;
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    net->lane_link[lane] = lane < net->link_lane_count ? lane / lanes : -1;
    net->lane_width_m[lane] = 3.2f;
    net->lane_allowed[lane] = net->lane_change_left[lane] = net->lane_change_right[lane] = ART_PERMIT_ALL;
  }
}

static void size_connectors(art_net *net, int32_t count)
{
  net->connector_count = count;
  net->connector_from = ART_NEW(int32_t, count);
  net->connector_to = ART_NEW(int32_t, count);
  net->connector_node = ART_NEW(int32_t, count);
  net->connector_turn = ART_NEW(uint8_t, count);
  net->connector_state = ART_NEW(char, count);
  net->connector_signal = ART_NEW(int32_t, count);
  net->connector_signal_group = ART_NEW(int32_t, count);
  net->connector_hold_m = ART_NEW(float, count);
  net->connector_keep_clear = ART_NEW(uint8_t, count);
  net->connector_cont = ART_NEW(uint8_t, count);
  net->conflict_first = ART_NEW(int32_t, count + 1);
  for (int32_t c = 0; c < count; ++c) {
    net->connector_state[c] = 'M';
    net->connector_signal[c] = -1;
    net->connector_hold_m[c] = -1.0f;
    net->connector_keep_clear[c] = 1;
  }
}

/// Tables that are empty in the simple nets, but that readers expect to have their closing element.
static void close_tables(art_net *net)
{
  if (!net->signal_first_program) net->signal_first_program = ART_NEW(int32_t, 1);
  if (!net->program_first_phase) net->program_first_phase = ART_NEW(int32_t, 1);
  if (!net->phase_first_state) net->phase_first_state = ART_NEW(int64_t, 1);
  if (!net->detector_first_point) net->detector_first_point = ART_NEW(int32_t, 1);
  art_net_index(net);
}

static char *numbered(const char *prefix, int32_t number)
{
  char text[32];
  snprintf(text, sizeof text, "%s%d", prefix, number);
  return art_strdup(text);
}

static art_net *build_chain(int32_t links, int32_t lanes, float length_m, float speed_mps, int is_ring)
{
  const int32_t joints = is_ring ? links : links - 1;
  art_net *net = art_net_new();
  size_nodes(net, is_ring ? links : links + 1);
  for (int32_t i = 0; i < net->node_count; ++i) {
    net->node_id[i] = numbered("n", i);
    net->node_kind[i] = is_ring || (i > 0 && i < links) ? ART_NODE_PRIORITY : ART_NODE_DEAD_END;
  }
  size_links(net, links, lanes, joints * lanes);
  size_connectors(net, joints * lanes);
  for (int32_t link = 0; link < links; ++link) {
    net->link_id[link] = numbered("l", link);
    net->link_from[link] = link;
    net->link_to[link] = (link + 1) % net->node_count;
  }
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    net->lane_length_m[lane] = lane < net->link_lane_count ? length_m : 1.0f;
    net->lane_speed_mps[lane] = speed_mps;
  }
  for (int32_t c = 0; c < net->connector_count; ++c) {
    net->connector_from[c] = c;
    net->connector_to[c] = (c + lanes) % net->link_lane_count;
    net->connector_node[c] = net->link_to[c / lanes];
  }
  close_tables(net);
  return net;
}

art_net *art_test_net_road(int32_t links, int32_t lanes, float length_m, float speed_mps)
{
  return build_chain(links, lanes, length_m, speed_mps, 0);
}

art_net *art_test_net_ring(int32_t links, int32_t lanes, float length_m, float speed_mps)
{
  return build_chain(links, lanes, length_m, speed_mps, 1);
}

static void add_crossing_conflicts(art_net *net)
{
  // Rows by connector: the other one, the kind, who yields, the zone here and there.
  static const struct {
    int32_t other;
    uint8_t kind, yields;
    float enter, exit, other_enter, other_exit;
  } rows[6] = {
    { 1, ART_CONFLICT_DIVERGE, 0, 0.0f, 3.0f, 0.0f, 3.0f },
    { 2, ART_CONFLICT_CROSS, 0, 4.0f, 7.0f, 3.0f, 6.0f },
    { 0, ART_CONFLICT_DIVERGE, 0, 0.0f, 3.0f, 0.0f, 3.0f },
    { 2, ART_CONFLICT_MERGE, 1, 8.0f, 10.0f, 7.5f, 10.0f },
    { 0, ART_CONFLICT_CROSS, 1, 3.0f, 6.0f, 4.0f, 7.0f },
    { 1, ART_CONFLICT_MERGE, 0, 7.5f, 10.0f, 8.0f, 10.0f },
  };
  net->conflict_count = 6;
  net->conflict_other = ART_NEW(int32_t, 6);
  net->conflict_kind = ART_NEW(uint8_t, 6);
  net->conflict_yield = ART_NEW(uint8_t, 6);
  net->conflict_enter_m = ART_NEW(float, 6);
  net->conflict_exit_m = ART_NEW(float, 6);
  net->conflict_other_enter_m = ART_NEW(float, 6);
  net->conflict_other_exit_m = ART_NEW(float, 6);
  for (int32_t k = 0; k < 6; ++k) {
    net->conflict_other[k] = rows[k].other;
    net->conflict_kind[k] = rows[k].kind;
    net->conflict_yield[k] = rows[k].yields;
    net->conflict_enter_m[k] = rows[k].enter;
    net->conflict_exit_m[k] = rows[k].exit;
    net->conflict_other_enter_m[k] = rows[k].other_enter;
    net->conflict_other_exit_m[k] = rows[k].other_exit;
  }
  for (int32_t c = 0; c <= 3; ++c) net->conflict_first[c] = 2 * c;
}

static void add_crossing_signal(art_net *net)
{
  static const int64_t duration_ms[4] = { 30000, 3000, 30000, 3000 };
  static const char states[] = "GgryyrrrGrry";
  net->signal_count = net->program_count = 1;
  net->phase_count = 4;
  net->signal_id = ART_NEW(char *, 1);
  net->signal_id[0] = art_strdup("mid");
  net->signal_group_count = ART_NEW(int32_t, 1);
  net->signal_group_count[0] = 3;
  net->signal_first_program = ART_NEW(int32_t, 2);
  net->signal_first_program[1] = 1;
  net->signal_active = ART_NEW(int32_t, 1);
  net->program_id = ART_NEW(char *, 1);
  net->program_id[0] = art_strdup("0");
  net->program_offset_ms = ART_NEW(int64_t, 1);
  net->program_first_phase = ART_NEW(int32_t, 2);
  net->program_first_phase[1] = 4;
  net->phase_duration_ms = ART_NEW(int64_t, 4);
  net->phase_min_ms = ART_NEW(int64_t, 4);
  net->phase_max_ms = ART_NEW(int64_t, 4);
  net->phase_first_state = ART_NEW(int64_t, 5);
  net->phase_state = ART_NEW(char, 12);
  memcpy(net->phase_state, states, 12);
  for (int32_t p = 0; p < 4; ++p) {
    net->phase_duration_ms[p] = net->phase_min_ms[p] = net->phase_max_ms[p] = duration_ms[p];
    net->phase_first_state[p + 1] = 3 * (p + 1);
  }
  for (int32_t c = 0; c < 3; ++c) {
    net->connector_signal[c] = 0;
    net->connector_signal_group[c] = c;
  }
}

static void add_crossing_detectors(art_net *net)
{
  static const char *const ids[3] = { "loop", "zone", "gate" };
  static const uint8_t kinds[3] = { ART_DETECTOR_POINT, ART_DETECTOR_AREA, ART_DETECTOR_ENTRY_EXIT };
  static const struct {
    int32_t lane;
    float pos, end;
    uint8_t role;
  } points[4] = {
    { 0, 190.0f, 190.0f, 0 }, { 1, 150.0f, 200.0f, 0 }, { 0, 20.0f, 20.0f, 0 }, { 2, 50.0f, 50.0f, 1 }
  };
  net->stop_count = 1;
  net->stop_id = ART_NEW(char *, 1);
  net->stop_id[0] = art_strdup("halt");
  net->stop_lane = ART_NEW(int32_t, 1);
  net->stop_lane[0] = 2;
  net->stop_start_m = ART_NEW(float, 1);
  net->stop_start_m[0] = 100.0f;
  net->stop_end_m = ART_NEW(float, 1);
  net->stop_end_m[0] = 120.0f;

  net->detector_count = 3;
  net->detector_point_count = 4;
  net->detector_id = ART_NEW(char *, 3);
  net->detector_kind = ART_NEW(uint8_t, 3);
  net->detector_first_point = ART_NEW(int32_t, 4);
  net->detector_period_ms = ART_NEW(int64_t, 3);
  net->detector_lane = ART_NEW(int32_t, 4);
  net->detector_pos_m = ART_NEW(float, 4);
  net->detector_end_m = ART_NEW(float, 4);
  net->detector_role = ART_NEW(uint8_t, 4);
  for (int32_t d = 0; d < 3; ++d) {
    net->detector_id[d] = art_strdup(ids[d]);
    net->detector_kind[d] = kinds[d];
    net->detector_first_point[d + 1] = d < 2 ? d + 1 : 4;
    net->detector_period_ms[d] = 60000;
  }
  for (int32_t p = 0; p < 4; ++p) {
    net->detector_lane[p] = points[p].lane;
    net->detector_pos_m[p] = points[p].pos;
    net->detector_end_m[p] = points[p].end;
    net->detector_role[p] = points[p].role;
  }
}

art_net *art_test_net_crossing(void)
{
  enum { MID, W, S, E, N };
  static const char *const nodes[5] = { "mid", "w", "s", "e", "n" };
  static const struct {
    const char *id;
    int32_t from, to;
  } links[4] = { { "w_in", W, MID }, { "s_in", S, MID }, { "e_out", MID, E }, { "n_out", MID, N } };
  static const int32_t from[3] = { 0, 0, 1 }, to[3] = { 2, 3, 3 };
  static const uint8_t turns[3] = { ART_TURN_STRAIGHT, ART_TURN_LEFT, ART_TURN_STRAIGHT };
  static const char states[3] = { 'O', 'o', 'o' };

  art_net *net = art_net_new();
  size_nodes(net, 5);
  for (int32_t i = 0; i < 5; ++i) {
    net->node_id[i] = art_strdup(nodes[i]);
    net->node_kind[i] = i == MID ? ART_NODE_TRAFFIC_LIGHT : ART_NODE_DEAD_END;
  }
  size_links(net, 4, 1, 3);
  size_connectors(net, 3);
  for (int32_t i = 0; i < 4; ++i) {
    net->link_id[i] = art_strdup(links[i].id);
    net->link_from[i] = links[i].from;
    net->link_to[i] = links[i].to;
  }
  for (int32_t lane = 0; lane < net->lane_count; ++lane) {
    net->lane_length_m[lane] = lane < net->link_lane_count ? 200.0f : 10.0f;
    net->lane_speed_mps[lane] = 13.89f;
  }
  for (int32_t c = 0; c < 3; ++c) {
    net->connector_from[c] = from[c];
    net->connector_to[c] = to[c];
    net->connector_node[c] = MID;
    net->connector_turn[c] = turns[c];
    net->connector_state[c] = states[c];
  }
  add_crossing_conflicts(net);
  add_crossing_signal(net);
  add_crossing_detectors(net);
  close_tables(net);
  return net;
}

static int by_depart_and_key(const void *a, const void *b)
{
  const uint64_t *p = a, *q = b;
  for (int k = 0; k < 2; ++k)
    if (p[k] != q[k]) return p[k] < q[k] ? -1 : 1;
  return 0;
}

art_demand *art_test_demand_flow(const art_net *net, int32_t route_links, const int32_t *route, int32_t trips,
                                 int64_t begin_ms, int64_t headway_ms)
{
  (void)net;
  art_demand *d = art_demand_new();
  d->type_count = d->set_count = d->route_count = 1;
  d->type_id = ART_NEW(char *, 1);
  d->type_id[0] = art_strdup("car");
  d->type = ART_NEW(art_vtype, 1);
  d->type[0] = art_vtype_default();
  d->type[0].time_gap_dev = d->type[0].noise_mps2 = 0.0f;
  d->set_id = ART_NEW(char *, 1);
  d->set_id[0] = art_strdup("car");
  d->set_first = ART_NEW(int32_t, 2);
  d->set_first[1] = 1;
  d->set_type = ART_NEW(int32_t, 1);
  d->set_probability = ART_NEW(float, 1);
  d->set_probability[0] = 1.0f;
  d->route_first = ART_NEW(int64_t, 2);
  d->route_first[1] = route_links;
  d->route_link = ART_NEW(int32_t, route_links);
  memcpy(d->route_link, route, (size_t)route_links * sizeof *route);

  d->trip_count = trips;
  d->trip_id = ART_NEW(char *, trips);
  d->trip_key = ART_NEW(uint64_t, trips);
  d->trip_set = ART_NEW(int32_t, trips);
  d->trip_route = ART_NEW(int32_t, trips);
  d->trip_depart_ms = ART_NEW(int64_t, trips);
  d->trip_depart_lane = ART_NEW(int32_t, trips);
  d->trip_depart_pos_m = ART_NEW(float, trips);
  d->trip_depart_speed_mps = ART_NEW(float, trips);
  d->trip_arrival_pos_m = ART_NEW(float, trips);
  d->trip_first_stop = ART_NEW(int32_t, trips + 1);
  uint64_t(*order)[3] = art_new((size_t)trips, sizeof *order);  // departure since begin, key, number
  for (int32_t i = 0; i < trips; ++i) {
    char *id = numbered("t", i);
    order[i][0] = (uint64_t)(headway_ms * i);
    order[i][1] = art_trip_key(id);
    order[i][2] = (uint64_t)i;
    free(id);
  }
  qsort(order, (size_t)trips, sizeof *order, by_depart_and_key);
  for (int32_t i = 0; i < trips; ++i) {
    d->trip_id[i] = numbered("t", (int32_t)order[i][2]);
    d->trip_key[i] = order[i][1];
    d->trip_depart_ms[i] = begin_ms + (int64_t)order[i][0];
    d->trip_depart_lane[i] = ART_LANE_BEST;
    d->trip_depart_pos_m[i] = ART_POS_BASE;
    d->trip_depart_speed_mps[i] = ART_SPEED_MAX;
    d->trip_arrival_pos_m[i] = ART_POS_END;
  }
  free(order);
  return d;
}
