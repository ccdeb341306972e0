// Sensors of phases. SUMO puts an induction loop before the stop line of every lane that an actuated program controls, and
// an area at the stop line of every lane of a NEMA program, and decides by its own rules which phase may be extended by
// which. They become detectors of the network here, so that results show them and programs find them; a parameter that
// names a lane and a detector of the user's takes their place.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/sumo/raw_internal.h"
#include "io/sumo/report_internal.h"

static const double LENGTH_WITH_GAP_M = 7.5;  // of a standing vehicle, as SUMO counts
static const int64_t PERIOD_MS = 300000;

typedef struct builder {
  const art_raw_signals *raw;
  const art_idmap *lane_ids;
  art_net *net;
  art_import_report *report;
  int32_t *first, *connector;  // by signal
  art_idmap *detector_ids;     // detectors of the net, then new ones
  int32_t detector_capacity, point_capacity, sensor_capacity;
  // of the program at hand
  int32_t signal, program;
  int32_t lane_count, *lane;   // link lanes that it controls, in the order of the net
  int32_t *sensor_of_lane;     // [lane_count], -1: none
} builder;

static void index_connectors(builder *b)
{
  const art_net *net = b->net;
  b->first = ART_NEW(int32_t, net->signal_count + 1);
  b->connector = ART_NEW(int32_t, net->connector_count);
  for (int32_t c = 0; c < net->connector_count; ++c)
    if (net->connector_signal[c] >= 0) ++b->first[net->connector_signal[c] + 1];
  for (int32_t s = 0; s < net->signal_count; ++s) b->first[s + 1] += b->first[s];
  int32_t *next = ART_NEW(int32_t, net->signal_count);
  for (int32_t c = 0; c < net->connector_count; ++c) {
    const int32_t s = net->connector_signal[c];
    if (s >= 0) b->connector[b->first[s] + next[s]++] = c;
  }
  free(next);
}

static char letter(const builder *b, int32_t phase, int32_t group)
{
  return b->net->phase_state[b->net->phase_first_state[phase] + group];
}

/// Connectors are sorted by the lane that they leave, so lanes come in order.
static void list_lanes(builder *b)
{
  const art_net *net = b->net;
  b->lane_count = 0;
  for (int32_t i = b->first[b->signal]; i < b->first[b->signal + 1]; ++i) {
    const int32_t lane = net->connector_from[b->connector[i]];
    if (b->lane_count && b->lane[b->lane_count - 1] == lane) continue;
    if (!(net->lane_allowed[lane] & ~(1u << ART_VCLASS_PEDESTRIAN))) continue;
    b->lane[b->lane_count++] = lane;
  }
}

// ---- detectors ---------------------------------------------------------------------------------------------------------

static void lane_name(const art_net *net, int32_t lane, char *out, size_t size)
{
  snprintf(out, size, "%s_%d", net->link_id[net->lane_link[lane]], art_net_lane_index(net, lane));
}

static int is_alike(const art_net *net, int32_t d, art_detector_kind kind, int32_t lane, float pos, float end)
{
  const int32_t point = net->detector_first_point[d];
  return net->detector_kind[d] == kind && net->detector_first_point[d + 1] == point + 1 &&
         net->detector_lane[point] == lane && net->detector_pos_m[point] == pos && net->detector_end_m[point] == end;
}

static void append_detector(builder *b, const char *id, art_detector_kind kind, int32_t lane, float pos, float end)
{
  art_net *net = b->net;
  const int32_t d = net->detector_count++, point = net->detector_point_count++;
  if (net->detector_count > b->detector_capacity) {
    const size_t n = (size_t)(b->detector_capacity = 2 * net->detector_count);
    net->detector_id = art_renew(net->detector_id, n, sizeof *net->detector_id);
    net->detector_kind = art_renew(net->detector_kind, n, sizeof *net->detector_kind);
    net->detector_period_ms = art_renew(net->detector_period_ms, n, sizeof *net->detector_period_ms);
    net->detector_first_point = art_renew(net->detector_first_point, n + 1, sizeof *net->detector_first_point);
  }
  if (net->detector_point_count > b->point_capacity) {
    const size_t n = (size_t)(b->point_capacity = 2 * net->detector_point_count);
    net->detector_lane = art_renew(net->detector_lane, n, sizeof *net->detector_lane);
    net->detector_pos_m = art_renew(net->detector_pos_m, n, sizeof *net->detector_pos_m);
    net->detector_end_m = art_renew(net->detector_end_m, n, sizeof *net->detector_end_m);
    net->detector_role = art_renew(net->detector_role, n, sizeof *net->detector_role);
  }
  net->detector_id[d] = art_strdup(id);
  net->detector_kind[d] = (uint8_t)kind;
  net->detector_period_ms[d] = PERIOD_MS;
  net->detector_first_point[d] = point;
  net->detector_first_point[d + 1] = point + 1;
  net->detector_lane[point] = lane;
  net->detector_pos_m[point] = pos;
  net->detector_end_m[point] = end;
  net->detector_role[point] = 0;
  ++*(kind == ART_DETECTOR_POINT ? &b->report->point_detectors : &b->report->area_detectors);
}

/// "signal:D_lane"; programs of one signal share it unless they want it at another place: then ":D2_lane" and so on.
static int32_t make_detector(builder *b, int32_t of_lane, art_detector_kind kind, int32_t lane, float pos, float end)
{
  char name[600], id[1300];
  lane_name(b->net, of_lane, name, sizeof name);
  for (int number = 1;; ++number) {
    if (number == 1)
      snprintf(id, sizeof id, "%.600s:D_%s", b->net->signal_id[b->signal], name);
    else
      snprintf(id, sizeof id, "%.600s:D%d_%s", b->net->signal_id[b->signal], number, name);
    const int32_t found = art_idmap_find(b->detector_ids, id);
    if (found >= 0 && is_alike(b->net, found, kind, lane, pos, end)) return found;
    if (found >= 0) continue;
    append_detector(b, id, kind, lane, pos, end);
    return art_idmap_put(b->detector_ids, id);
  }
}

/// What a parameter says for a lane: *out is the detector, -1 for none. Returns 0 if no parameter names the lane.
static int named_sensor(builder *b, const art_raw_program *program, int32_t lane, int32_t *out)
{
  char name[600];
  lane_name(b->net, lane, name, sizeof name);
  for (int32_t i = 0; i < program->param_count; ++i) {
    const art_raw_param *param = &b->raw->param[program->first_param + i];
    if (strcmp(param->key, name) != 0) continue;
    *out = strcmp(param->value, "NO_DETECTOR") == 0 ? -1 : art_idmap_find(b->detector_ids, param->value);
    return 1;
  }
  return 0;
}

/// Parameters that name neither a setting nor a lane are counted; detectors that they name must exist.
static art_status check_params(builder *b, const art_raw_program *program, int32_t known, art_error *err)
{
  for (int32_t i = 0; i < program->param_count; ++i) {
    const art_raw_param *param = &b->raw->param[program->first_param + i];
    if (art_idmap_find(b->lane_ids, param->key) < 0) {
      const char *colon = strchr(param->key, ':');  // "max-gap:lane": one row of the report for all lanes
      art_tally(&b->report->notes, "parameter \"%.*s\" of a signal program is not used",
                colon ? (int)(colon - param->key < 80 ? colon - param->key : 80) : 80, param->key);
      continue;
    }
    if (strcmp(param->value, "NO_DETECTOR") == 0) continue;
    const int32_t found = art_idmap_find(b->detector_ids, param->value);
    if (found < 0 || found >= known)
      return art_fail(err, ART_E_INPUT, "%s:%d: param: key=\"%.100s\" value=\"%.100s\": accepted: NO_DETECTOR or the id of a detector",
                      program->file, param->line, param->key, param->value);
  }
  return ART_OK;
}

// ---- induction loops of actuated programs ------------------------------------------------------------------------------

static int is_actuated(const builder *b, int32_t f)
{
  return b->net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] > 0 ||
         b->net->phase_min_ms[f] != b->net->phase_max_ms[f];
}

/// Shortest minimum of the actuated phases in which the lane has green; -1: none.
static int64_t least_minimum(const builder *b, int32_t lane)
{
  const art_net *net = b->net;
  int64_t least = -1;
  for (int32_t f = net->program_first_phase[b->program]; f < net->program_first_phase[b->program + 1]; ++f) {
    if (!is_actuated(b, f) || (least >= 0 && net->phase_min_ms[f] >= least)) continue;
    for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
      if (net->connector_signal[c] != b->signal) continue;
      const char l = letter(b, f, net->connector_signal_group[c]);
      if (l == 'G' || l == 'g') least = net->phase_min_ms[f];
    }
  }
  return least;
}

/// Upstream of the stop line by the time gap, but not so far that the minimum green cannot clear a queue from there to the
/// line; on lanes before this one as long as they are the only way in.
static int32_t place_loop(builder *b, const art_raw_settings *settings, int32_t of_lane, int64_t minimum_ms)
{
  const art_net *net = b->net;
  const double back_m =
      fmin(settings->detector_gap_s * (double)net->lane_speed_mps[of_lane],
           ((double)minimum_ms / 1000.0 / settings->passing_s + 0.5) * LENGTH_WITH_GAP_M);
  int32_t lane = of_lane;
  double pos = (double)net->lane_length_m[lane] - back_m;
  for (int steps = 0; pos < 0.0 && steps < 100; ++steps) {
    if (net->lane_first_in[lane + 1] - net->lane_first_in[lane] != 1) break;
    lane = net->connector_from[net->lane_in[net->lane_first_in[lane]]];
    pos += (double)net->lane_length_m[lane];
  }
  const float at = (float)fmax(pos, 0.0);
  if (settings->loop_m <= 0.0) return make_detector(b, of_lane, ART_DETECTOR_POINT, lane, at, at);
  const float end = (float)fmin((double)at + settings->loop_m, (double)net->lane_length_m[lane]);
  return make_detector(b, of_lane, ART_DETECTOR_AREA, lane, at, end);
}

/// What SUMO looks at, by group of the signal.
typedef struct group_facts {
  uint8_t *is_never_major, *is_only_lane, *is_turnaround;
} group_facts;

static group_facts find_facts(const builder *b)
{
  const art_net *net = b->net;
  const int32_t groups = net->signal_group_count[b->signal];
  group_facts facts = { ART_NEW(uint8_t, groups), ART_NEW(uint8_t, groups), ART_NEW(uint8_t, groups) };
  memset(facts.is_never_major, 1, (size_t)groups);
  memset(facts.is_turnaround, 1, (size_t)groups);
  for (int32_t f = net->program_first_phase[b->program]; f < net->program_first_phase[b->program + 1]; ++f)
    for (int32_t g = 0; g < groups; ++g)
      if (letter(b, f, g) == 'G') facts.is_never_major[g] = 0;
  const uint32_t others = 1u << ART_VCLASS_PEDESTRIAN | 1u << ART_VCLASS_BICYCLE;
  for (int32_t i = b->first[b->signal]; i < b->first[b->signal + 1]; ++i) {
    const int32_t c = b->connector[i], g = net->connector_signal_group[c];
    const int32_t link = net->lane_link[net->connector_from[c]];
    int motorised = 0;
    for (int32_t lane = net->link_first_lane[link]; lane < net->link_first_lane[link + 1]; ++lane)
      motorised += (net->lane_allowed[lane] & ~others & ((1u << ART_VCLASS_COUNT) - 1u)) != 0;
    if (motorised == 1) facts.is_only_lane[g] = 1;
    if (net->connector_turn[c] != ART_TURN_U) facts.is_turnaround[g] = 0;
  }
  return facts;
}

static void free_facts(group_facts *facts)
{
  free(facts->is_never_major);
  free(facts->is_only_lane);
  free(facts->is_turnaround);
}

static int lane_has_major(const builder *b, int32_t f, int32_t lane)
{
  const art_net *net = b->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == b->signal && letter(b, f, net->connector_signal_group[c]) == 'G') return 1;
  return 0;
}

/// Whether vehicles of the connector surely drive in a phase. A permitted one (g) does where it is permitted in every phase
/// (or turns round) and the lane has a protected one beside it, or where its road has no other lane.
static int drives(const builder *b, const group_facts *facts, int32_t f, int32_t c)
{
  const int32_t g = b->net->connector_signal_group[c];
  const char l = letter(b, f, g);
  if (l == 'G') return 1;
  if (l != 'g') return 0;
  return facts->is_only_lane[g] || ((facts->is_never_major[g] || facts->is_turnaround[g]) &&
                                    lane_has_major(b, f, b->net->connector_from[c]));
}

static int whole_lane_drives(const builder *b, const group_facts *facts, int32_t f, int32_t lane)
{
  const art_net *net = b->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == b->signal && !drives(b, facts, f, c)) return 0;
  return 1;
}

/// Lanes that the same signal holds one after the other: the next ones must have green too.
static int next_lanes_drive(const builder *b, const group_facts *facts, int32_t f, int32_t lane)
{
  const art_net *net = b->net;
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c) {
    if (net->connector_turn[c] == ART_TURN_U) continue;
    for (int32_t i = 0; i < b->lane_count; ++i)
      if (b->lane[i] == net->connector_to[c] && b->sensor_of_lane[i] >= 0 &&
          !whole_lane_drives(b, facts, f, b->lane[i]))
        return 0;
  }
  return 1;
}

static void add_sensor(builder *b, int32_t f, int32_t detector)
{
  art_net *net = b->net;
  for (int32_t i = net->phase_first_sensor[f]; i < net->phase_sensor_count; ++i)
    if (net->phase_sensor[i] == detector) return;
  if (net->phase_sensor_count == b->sensor_capacity) {
    b->sensor_capacity = b->sensor_capacity ? 2 * b->sensor_capacity : 64;
    net->phase_sensor = art_renew(net->phase_sensor, (size_t)b->sensor_capacity, sizeof *net->phase_sensor);
  }
  net->phase_sensor[net->phase_sensor_count++] = detector;
}

static void place_loops(builder *b, const art_raw_program *program)
{
  for (int32_t i = 0; i < b->lane_count; ++i) {
    int32_t *sensor = &b->sensor_of_lane[i];
    *sensor = -1;
    const int64_t minimum_ms = least_minimum(b, b->lane[i]);
    if (minimum_ms < 0 || named_sensor(b, program, b->lane[i], sensor)) continue;
    *sensor = place_loop(b, &program->settings, b->lane[i], minimum_ms);
  }
}

static void link_loops(builder *b, const art_raw_program *program)
{
  art_net *net = b->net;
  place_loops(b, program);
  group_facts facts = find_facts(b);
  for (int32_t f = net->program_first_phase[b->program]; f < net->program_first_phase[b->program + 1]; ++f) {
    net->phase_first_sensor[f] = net->phase_sensor_count;
    const int listens = net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] > 0;
    for (int32_t i = 0; i < b->lane_count && listens; ++i)
      if (b->sensor_of_lane[i] >= 0 && whole_lane_drives(b, &facts, f, b->lane[i]) &&
          next_lanes_drive(b, &facts, f, b->lane[i]))
        add_sensor(b, f, b->sensor_of_lane[i]);
    if (listens && net->phase_first_sensor[f] == net->phase_sensor_count)
      art_tally(&b->report->notes, "actuated phase without a lane of its own has no sensor");
  }
  free_facts(&facts);
}

// ---- areas of NEMA programs --------------------------------------------------------------------------------------------

static int is_left_turn_lane(const art_net *net, int32_t lane)
{
  const int32_t first = net->lane_first_out[lane];
  return net->lane_first_out[lane + 1] == first + 1 && net->connector_turn[first] == ART_TURN_LEFT;
}

static void place_areas(builder *b, const art_raw_program *program)
{
  const art_net *net = b->net;
  for (int32_t i = 0; i < b->lane_count; ++i) {
    int32_t *sensor = &b->sensor_of_lane[i];
    const int32_t lane = b->lane[i];
    if (named_sensor(b, program, lane, sensor)) continue;
    const double length = (double)net->lane_length_m[lane];
    const double area = is_left_turn_lane(net, lane) ? program->settings.left_area_m : program->settings.area_m;
    *sensor = make_detector(b, lane, ART_DETECTOR_AREA, lane, (float)fmax(0.0, length - area), (float)length);
  }
}

/// A phase listens to the lanes that it gives a protected green.
static void link_areas(builder *b, const art_raw_program *program)
{
  art_net *net = b->net;
  place_areas(b, program);
  for (int32_t f = net->program_first_phase[b->program]; f < net->program_first_phase[b->program + 1]; ++f) {
    net->phase_first_sensor[f] = net->phase_sensor_count;
    for (int32_t i = 0; i < b->lane_count; ++i)
      if (b->sensor_of_lane[i] >= 0 && lane_has_major(b, f, b->lane[i])) add_sensor(b, f, b->sensor_of_lane[i]);
  }
}

static art_status link_program(builder *b, int32_t known, const art_raw_program *program, art_error *err)
{
  art_net *net = b->net;
  const int control = net->program_control[b->program];
  art_status status = ART_OK;
  if (program && (control == ART_CONTROL_ACTUATED || control == ART_CONTROL_NEMA)) {
    status = check_params(b, program, known, err);
    if (status == ART_OK && control == ART_CONTROL_ACTUATED) link_loops(b, program);
    if (status == ART_OK && control == ART_CONTROL_NEMA) link_areas(b, program);
  } else {
    for (int32_t f = net->program_first_phase[b->program]; f < net->program_first_phase[b->program + 1]; ++f)
      net->phase_first_sensor[f] = net->phase_sensor_count;
  }
  return status;
}

art_status art_sumo_sensors_build(const art_raw_signals *raw, const int32_t *raw_of, const art_idmap *lane_ids,
                             art_net *net, art_import_report *report, art_error *err)
{
  if (net->signal_count == 0) return ART_OK;
  builder b = { .raw = raw, .lane_ids = lane_ids, .net = net, .report = report, .detector_ids = art_idmap_new() };
  b.detector_capacity = net->detector_count;
  b.point_capacity = net->detector_point_count;
  for (int32_t d = 0; d < net->detector_count; ++d) art_idmap_put(b.detector_ids, net->detector_id[d]);
  index_connectors(&b);
  b.lane = ART_NEW(int32_t, net->link_lane_count);
  b.sensor_of_lane = ART_NEW(int32_t, net->link_lane_count);
  const int32_t known = net->detector_count;
  art_status status = ART_OK;
  net->phase_sensor_count = 0;
  for (b.signal = 0; b.signal < net->signal_count && status == ART_OK; ++b.signal) {
    list_lanes(&b);
    for (b.program = net->signal_first_program[b.signal];
         b.program < net->signal_first_program[b.signal + 1] && status == ART_OK; ++b.program) {
      const int32_t i = raw_of[b.program];
      status = link_program(&b, known, i < 0 ? NULL : &raw->program[i], err);
    }
  }
  net->phase_first_sensor[net->phase_count] = net->phase_sensor_count;
  void *const owned[] = { b.first, b.connector, b.lane, b.sensor_of_lane };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
  art_idmap_free(b.detector_ids);
  return status;
}
