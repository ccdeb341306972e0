/// What a saved state and the simulation that is to go on from it must have in common, and what is told where they differ.
#include <inttypes.h>
#include <string.h>

#include "core/step/state_internal.h"

uint64_t art_state_sum(uint64_t sum, const void *data, size_t count)
{
  const uint8_t *byte = data;
  uint64_t h = sum ^ (uint64_t)count;
  for (; count >= sizeof h; count -= sizeof h, byte += sizeof h) {
    uint64_t word;
    memcpy(&word, byte, sizeof word);
    h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
  }
  uint64_t last = 0;
  if (count) memcpy(&last, byte, count);
  return art_mix64(h ^ last);
}

typedef struct summing {
  uint64_t sum;
} summing;

static void add_column(summing *s, const void *column, int64_t count, size_t size)
{
  const uint64_t is_there = column != NULL;
  s->sum = art_state_sum(s->sum, &is_there, sizeof is_there);
  if (column && count > 0) s->sum = art_state_sum(s->sum, column, (size_t)count * size);
}

static void add_texts(summing *s, char *const *text, int32_t count)
{
  for (int32_t i = 0; text && i < count; ++i)
    s->sum = text[i] ? art_state_sum(s->sum, text[i], strlen(text[i])) : art_mix64(s->sum);
}

#define ADD(column, n) add_column(&s, of->column, (n), sizeof *of->column)

static void add_lanes(summing *sum, const art_net *of)
{
  summing s = *sum;
  const int32_t nodes = of->node_count, links = of->link_count, lanes = of->lane_count, link_lanes = of->link_lane_count;
  add_texts(&s, of->node_id, nodes);
  ADD(node_kind, nodes);
  add_texts(&s, of->link_id, links);
  ADD(link_from, links), ADD(link_to, links), ADD(link_first_lane, links + 1), ADD(link_priority, links);
  ADD(link_in_roundabout, links);
  ADD(lane_link, lanes), ADD(lane_length_m, lanes), ADD(lane_speed_mps, lanes), ADD(lane_width_m, lanes);
  ADD(lane_allowed, lanes), ADD(lane_change_left, lanes), ADD(lane_change_right, lanes);
  ADD(lane_grade, lanes), ADD(lane_speed_factor, lanes), ADD(lane_gap_factor, lanes);
  ADD(lane_first_out, link_lanes + 1), ADD(lane_first_in, link_lanes + 1), ADD(lane_in, of->connector_count);
  *sum = s;
}

static void add_connectors(summing *sum, const art_net *of)
{
  summing s = *sum;
  const int32_t n = of->connector_count;
  ADD(connector_from, n), ADD(connector_to, n), ADD(connector_node, n), ADD(connector_turn, n), ADD(connector_state, n);
  ADD(connector_signal, n), ADD(connector_signal_group, n), ADD(connector_hold_m, n), ADD(connector_keep_clear, n);
  ADD(connector_cont, n), ADD(connector_critical_gap_s, n), ADD(connector_follow_up_s, n), ADD(connector_sight_m, n);
  ADD(node_first_connector, of->node_count + 1), ADD(node_connector, n);
  *sum = s;
}

static void add_conflicts(summing *sum, const art_sim *sim)
{
  for (int32_t c = 0; c < sim->net->connector_count; ++c) {
    const art_way *way = &sim->ways.way[c];
    const int32_t rows = way->end_foe - way->first_foe;
    sum->sum = art_state_sum(sum->sum, &rows, sizeof rows);
    if (rows) sum->sum = art_state_sum(sum->sum, &sim->ways.foe[way->first_foe], (size_t)rows * sizeof(art_foe));
  }
}

static void add_signals(summing *sum, const art_net *of)
{
  summing s = *sum;
  const int32_t signals = of->signal_count, programs = of->program_count, phases = of->phase_count;
  add_texts(&s, of->signal_id, signals);
  add_texts(&s, of->program_id, programs);
  ADD(signal_group_count, signals), ADD(signal_first_program, signals + 1), ADD(signal_active, signals);
  ADD(program_offset_ms, programs), ADD(program_first_phase, programs + 1);
  ADD(phase_duration_ms, phases), ADD(phase_min_ms, phases), ADD(phase_max_ms, phases);
  ADD(phase_first_state, phases + 1);
  if (of->phase_first_state) ADD(phase_state, of->phase_first_state[phases]);
  ADD(program_control, programs), ADD(program_cycle_ms, programs);
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v) ADD(program_value[v], programs);
  for (int t = 0; t < ART_PHASE_TIME_COUNT; ++t) ADD(phase_time_ms[t], phases);
  ADD(phase_flags, phases), ADD(phase_number, phases), ADD(phase_ring, phases), ADD(phase_barrier, phases);
  ADD(phase_first_next, phases + 1), ADD(phase_next, of->phase_next_count);
  ADD(phase_first_sensor, phases + 1), ADD(phase_sensor, of->phase_sensor_count);
  const int32_t groups = of->signal_first_group ? of->signal_first_group[signals] : 0;
  ADD(signal_first_group, signals + 1);
  ADD(group_min_green_ms, groups), ADD(group_yellow_ms, groups), ADD(group_red_yellow_ms, groups);
  ADD(signal_first_intergreen, signals + 1), ADD(intergreen_from, of->intergreen_count);
  ADD(intergreen_to, of->intergreen_count), ADD(intergreen_ms, of->intergreen_count);
  ADD(signal_first_switch, signals + 1), ADD(switch_at_ms, of->switch_count), ADD(switch_program, of->switch_count);
  ADD(signal_switch_period_ms, signals);
  *sum = s;
}

static void add_roadside(summing *sum, const art_net *of)
{
  summing s = *sum;
  const int32_t stops = of->stop_count, crossings = of->crossing_count, rows = of->crossing_row_count;
  add_texts(&s, of->stop_id, stops);
  ADD(stop_lane, stops), ADD(stop_start_m, stops), ADD(stop_end_m, stops);
  add_texts(&s, of->crossing_id, crossings);
  ADD(crossing_node, crossings), ADD(crossing_signal, crossings), ADD(crossing_signal_group, crossings);
  ADD(crossing_walk_s, crossings), ADD(crossing_flow_per_h, crossings), ADD(crossing_first, crossings ? crossings + 1 : 0);
  ADD(crossing_connector, rows), ADD(crossing_enter_m, rows), ADD(crossing_exit_m, rows);
  const int32_t detectors = of->detector_count, points = of->detector_point_count;
  add_texts(&s, of->detector_id, detectors);
  ADD(detector_kind, detectors), ADD(detector_first_point, detectors ? detectors + 1 : 0);
  ADD(detector_lane, points), ADD(detector_pos_m, points), ADD(detector_end_m, points), ADD(detector_role, points);
  *sum = s;
}

static uint64_t sum_of_net(const art_sim *sim)
{
  const art_net *net = sim->net;
  summing s = { 1 };
  add_lanes(&s, net);
  add_connectors(&s, net);
  add_conflicts(&s, sim);
  add_signals(&s, net);
  add_roadside(&s, net);
  return s.sum;
}

static uint64_t sum_of_types(const art_demand *demand)
{
  summing s = { 2 };
  for (int32_t t = 0; t < demand->type_count; ++t) {
    const art_vtype *of = &demand->type[t];
#define X(name, unit, initial, lowest, highest, sentence) s.sum = art_state_sum(s.sum, &of->name, sizeof of->name);
    ART_TYPE_PARAM_LIST(X)
#undef X
    s.sum = art_state_sum(s.sum, &of->vclass, sizeof of->vclass);
    s.sum = art_state_sum(s.sum, &of->model, sizeof of->model);
  }
  return s.sum;
}

/// What a trip is, however its demand is held.
static void add_trip(summing *sum, const art_demand *of, int32_t trip)
{
  const int32_t route = of->trip_route[trip];
  const int64_t begin = of->route_first[route], links = of->route_first[route + 1] - begin;
  const int32_t first = art_trip_first_stop(of, trip), stops = of->trip_first_stop ? of->trip_first_stop[trip + 1] - first : 0;
  const int64_t row[] = { (int64_t)of->trip_key[trip],
                          of->trip_depart_ms[trip],
                          art_trip_set(of, trip),
                          art_trip_depart_lane(of, trip),
                          art_bits_of_float(art_trip_depart_pos_m(of, trip)),
                          art_bits_of_float(art_trip_depart_speed_mps(of, trip)),
                          art_bits_of_float(art_trip_arrival_pos_m(of, trip)),
                          links,
                          stops };
  summing s = { art_state_sum(sum->sum, row, sizeof row) };
  s.sum = art_state_sum(s.sum, of->route_link + begin, (size_t)links * sizeof *of->route_link);
#define ADD_STOPS(column) \
  if (stops && of->column) s.sum = art_state_sum(s.sum, of->column + first, (size_t)stops * sizeof *of->column)
  ADD_STOPS(stop_lane);
  ADD_STOPS(stop_start_m);
  ADD_STOPS(stop_end_m);
  ADD_STOPS(stop_duration_ms);
  ADD_STOPS(stop_until_ms);
  ADD_STOPS(stop_place);
  ADD_STOPS(stop_beside);
#undef ADD_STOPS
  *sum = s;
}

/// The first `trips`, those that have come: a run need not know more, and one that goes on to another end knows others.
static uint64_t sum_of_demand(const art_demand *of, int32_t trips)
{
  summing s = { 3 };
  ADD(set_first, of->set_count + 1);
  if (of->set_first) ADD(set_type, of->set_first[of->set_count]), ADD(set_probability, of->set_first[of->set_count]);
  for (int32_t trip = 0; trip < trips; ++trip) add_trip(&s, of, trip);
  return s.sum;
}

static uint64_t sum_of_changes(const art_sim *sim)
{
  summing s = { 4 };
  for (int32_t n = 0; n < sim->change_count; ++n) {
    const art_change *change = &sim->change[n];
    const int64_t row[] = { change->kind,  change->link,    change->lane,   change->from_ms,
                            change->to_ms, change->classes, change->program, art_bits_of_float(change->value) };
    s.sum = art_state_sum(s.sum, row, sizeof row);
  }
  return s.sum;
}

/// What must agree: a value and what it is called. Counts and times are told where they differ, sums are not.
/// X(how it is told, name, value)
#define IDENTITY_LIST(X)                                                                                \
  X("%" PRId64, "step (ms)", sim->step_ms)                                                              \
  X("%" PRId64, "begin (ms)", sim->begin_ms)                                                            \
  X("%" PRId64, "seed", (int64_t)sim->seed)                                                             \
  X("%" PRId64, "car-following model (number)", sim->model)                                             \
  X("%" PRId64, "nodes", sim->net->node_count)                                                          \
  X("%" PRId64, "links", sim->net->link_count)                                                          \
  X("%" PRId64, "lanes", sim->net->lane_count)                                                          \
  X("%" PRId64, "connectors", sim->net->connector_count)                                                \
  X("%" PRId64, "signals", sim->net->signal_count)                                                      \
  X("%" PRId64, "signal programs", sim->net->program_count)                                             \
  X("%" PRId64, "crossings", sim->net->crossing_count)                                                  \
  X("%" PRId64, "detectors", sim->net->detector_count)                                                  \
  X("%" PRId64, "vehicle types", sim->demand->type_count)                                               \
  X("%" PRId64, "timed changes", sim->change_count)                                                     \
  X("%" PRId64, "signal control by libraries (1: yes)", sim->user_control != NULL)                      \
  X("", "the network (what its lanes, junctions, signals or detectors are like)", sum_of_net(sim)) \
  X("", "the vehicle types (their parameters)", sum_of_types(sim->demand))                              \
  X("", "the timed changes (closures, limits, permissions, programs)", sum_of_changes(sim))             \
  X("", "rerouting on the road (share or period)", art_reroute_identity(sim))

void art_state_put_identity(const art_sim *sim, art_bytes *out)
{
#define X(format, name, value)                   \
  {                                              \
    const uint64_t art_value = (uint64_t)(value); \
    ART_PUT(out, art_value);                     \
  }
  IDENTITY_LIST(X)
#undef X
  const uint64_t demand = sum_of_demand(sim->demand, sim->next_trip);
  ART_PUT(out, sim->next_trip);
  ART_PUT(out, demand);
}

static art_status compare(const char *format, const char *name, uint64_t saved, uint64_t here, art_error *err)
{
  if (saved == here) return ART_OK;
  if (!*format)
    return art_fail(err, ART_E_INPUT, "saved state: %s differs from the run that it was saved from", name);
  return art_fail(err, ART_E_INPUT, "saved state: %s: %" PRId64 " when it was saved, %" PRId64 " here", name,
                  (int64_t)saved, (int64_t)here);
}

static art_status check_demand(const art_sim *sim, art_byte_reader *in, art_error *err)
{
  int32_t trips;
  uint64_t sum;
  ART_GET(in, trips);
  ART_GET(in, sum);
  if (in->is_short) return art_fail(err, ART_E_INPUT, "saved state: its head ends before the demand");
  if (trips < sim->first_trip || trips > sim->demand->trip_count)
    return art_fail(err, ART_E_INPUT, "saved state: %d trips have come in it, the demand has %d until the end at %.3f s",
                    (int)trips, (int)sim->demand->trip_count, (double)sim->end_ms * 1e-3);
  return compare("", "the demand (its trips, routes or stops)", sum, sum_of_demand(sim->demand, trips), err);
}

art_status art_state_check_identity(const art_sim *sim, art_byte_reader *in, art_error *err)
{
  art_status status = ART_OK;
#define X(format, name, value)                                                                         \
  if (status == ART_OK) {                                                                              \
    uint64_t art_value;                                                                                \
    ART_GET(in, art_value);                                                                            \
    if (in->is_short) return art_fail(err, ART_E_INPUT, "saved state: its head ends before %s", name); \
    status = compare(format, name, art_value, (uint64_t)(value), err);                                 \
  }
  IDENTITY_LIST(X)
#undef X
  return status == ART_OK ? check_demand(sim, in, err) : status;
}
