// Signal programs. Those with fixed times stand in the network. SUMO looks for the detectors of other programs while it
// reads them, so these come after the detectors in the additional file; the network holds a program in their place, which
// the reader of this project knows and drops.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/sumo/export_internal.h"

static const int64_t DEFAULT_YELLOW_MS = 3000;

static int has_green(const art_net *net, int32_t f)
{
  int goes = 0;
  for (int64_t i = net->phase_first_state[f]; i < net->phase_first_state[f + 1]; ++i) {
    if (net->phase_state[i] == 'y') return 0;
    goes |= net->phase_state[i] == 'G' || net->phase_state[i] == 'g';
  }
  return goes;
}

int art_sumo_signal_is_plain(const art_net *net, int32_t s)
{
  if (net->signal_first_switch[s + 1] > net->signal_first_switch[s]) return 0;
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    if (net->program_control[p] != ART_CONTROL_FIXED) return 0;
  return 1;
}

static void put_param(art_xml_out *out, const char *key, const char *value)
{
  art_xml_out_open(out, "param");
  art_xml_out_text(out, "key", key);
  art_xml_out_text(out, "value", value);
  art_xml_out_close(out);
}

static void put_param_seconds(art_xml_out *out, const char *key, int64_t ms)
{
  art_xml_out_open(out, "param");
  art_xml_out_text(out, "key", key);
  art_xml_out_time(out, "value", ms);
  art_xml_out_close(out);
}

static void open_program(art_xml_out *out, const art_net *net, int32_t s, int32_t p, const char *type)
{
  art_xml_out_open(out, "tlLogic");
  art_xml_out_text(out, "id", net->signal_id[s]);
  art_xml_out_text(out, "type", type);
  art_xml_out_text(out, "programID", net->program_id[p]);
  art_xml_out_time(out, "offset", net->program_offset_ms[p]);
}

/// The phase without its end, so that attributes may follow.
static void open_phase(art_xml_out *out, const art_net *net, int32_t s, int32_t f)
{
  art_xml_out_open(out, "phase");
  art_xml_out_time(out, "duration", net->phase_duration_ms[f]);
  art_xml_out_begin(out, "state");
  art_xml_out_add(out, "%.*s", net->signal_group_count[s], net->phase_state + net->phase_first_state[f]);
  art_xml_out_end(out);
}

static void put_bounds(art_xml_out *out, const art_net *net, int32_t f)
{
  if (net->phase_min_ms[f] != net->phase_duration_ms[f])
    art_xml_out_time(out, "minDur", net->phase_min_ms[f]);
  if (net->phase_max_ms[f] != net->phase_duration_ms[f])
    art_xml_out_time(out, "maxDur", net->phase_max_ms[f]);
}

static void put_fixed(art_xml_out *out, const art_net *net, int32_t s, int32_t p)
{
  open_program(out, net, s, p, "static");
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    open_phase(out, net, s, f);
    put_bounds(out, net, f);
    art_xml_out_close(out);
  }
  art_xml_out_close(out);
}

// ---- programs that SUMO does not know ----------------------------------------------------------------------------------

static int program_writes_yellow(const art_net *net, int32_t p)
{
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f)
    if (!has_green(net, f)) return 1;
  return 0;
}

/// From phase f to phase g: what loses its green shows yellow.
static void put_transition(art_xml_out *out, const art_net *net, int32_t s, int32_t f, int32_t g)
{
  int64_t yellow_ms = net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f];
  const int64_t red_ms = net->phase_time_ms[ART_PHASE_TIME_red_ms][f];
  const int32_t groups = net->signal_group_count[s];
  char *state = ART_NEW(char, groups + 1);
  int ends = 0;
  for (int32_t i = 0; i < groups; ++i) {
    const char from = net->phase_state[net->phase_first_state[f] + i],
               to = net->phase_state[net->phase_first_state[g] + i];
    const int goes = from == 'G' || from == 'g', goes_on = to == 'G' || to == 'g';
    const int64_t own = net->group_yellow_ms[net->signal_first_group[s] + i];
    state[i] = goes && !goes_on ? 'y' : goes ? from : 'r';
    if (state[i] == 'y' && net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f] < 0 && own > yellow_ms)
      yellow_ms = own;
    ends |= state[i] == 'y';
  }
  for (int pass = 0; pass < 2 && ends; ++pass) {
    const int64_t duration = pass ? red_ms : yellow_ms > 0 ? yellow_ms : DEFAULT_YELLOW_MS;
    for (int32_t i = 0; i < groups && pass; ++i) state[i] = state[i] == 'y' ? 'r' : state[i];
    if (duration <= 0) continue;
    art_xml_out_open(out, "phase");
    art_xml_out_time(out, "duration", duration);
    art_xml_out_text(out, "state", state);
    art_xml_out_close(out);
  }
  free(state);
}

/// Stages in their order, each as long as it is stated, with yellow between them.
static void put_as_fixed(art_xml_out *out, const art_net *net, int32_t s, int32_t p)
{
  if (program_writes_yellow(net, p)) {
    put_fixed(out, net, s, p);
    return;
  }
  const int32_t first = net->program_first_phase[p], count = net->program_first_phase[p + 1] - first;
  open_program(out, net, s, p, "static");
  for (int32_t k = 0; k < count; ++k) {
    open_phase(out, net, s, first + k);
    put_bounds(out, net, first + k);
    art_xml_out_close(out);
    if (count > 1) put_transition(out, net, s, first + k, first + (k + 1) % count);
  }
  art_xml_out_close(out);
}

// ---- sensors -----------------------------------------------------------------------------------------------------------

/// Whether a lane is `at` or follows from it, each lane between being the only way into the next.
static int comes_from(const art_net *net, int32_t lane, int32_t at)
{
  for (int steps = 0; lane != at; ++steps) {
    if (steps == 100 || net->lane_first_in[lane + 1] - net->lane_first_in[lane] != 1) return 0;
    lane = net->connector_from[net->lane_in[net->lane_first_in[lane]]];
  }
  return 1;
}

static int has_green_lane(const art_net *net, int32_t s, int32_t f, int32_t lane)
{
  for (int32_t c = net->lane_first_out[lane]; c < net->lane_first_out[lane + 1]; ++c)
    if (net->connector_signal[c] == s &&
        strchr("Gg", net->phase_state[net->phase_first_state[f] + net->connector_signal_group[c]]))
      return 1;
  return 0;
}

/// Every phase that listens to the detector lets the lane go.
static int phases_let_go(const art_net *net, int32_t s, int32_t p, int32_t d, int32_t lane)
{
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f)
    for (int32_t i = net->phase_first_sensor[f]; i < net->phase_first_sensor[f + 1]; ++i)
      if (net->phase_sensor[i] == d && !has_green_lane(net, s, f, lane)) return 0;
  return 1;
}

/// The lane before the signal that a detector serves; -1 if all that could be have one.
static int32_t lane_of_sensor(const art_net *net, int32_t s, int32_t p, int32_t d, const int32_t *lane,
                              int32_t lane_count, const int32_t *taken)
{
  const int32_t at = net->detector_lane[net->detector_first_point[d]];
  for (int32_t i = 0; i < lane_count && !art_net_is_connector(net, at); ++i)
    if (taken[i] < 0 && comes_from(net, lane[i], at) && phases_let_go(net, s, p, d, lane[i])) return i;
  return -1;
}

static void put_lane_param(art_xml_out *out, const art_net *net, int32_t lane, const char *value)
{
  art_xml_out_open(out, "param");
  art_xml_out_begin(out, "key");
  art_xml_out_add(out, "%s_%d", net->link_id[net->lane_link[lane]], art_net_lane_index(net, lane));
  art_xml_out_end(out);
  art_xml_out_text(out, "value", value);
  art_xml_out_close(out);
}

static int by_number(const void *a, const void *b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return x < y ? -1 : x > y;
}

/// Sensors of the program, ascending, each once; the caller frees them.
static int32_t *list_sensors(const art_net *net, int32_t p, int32_t *count)
{
  const int32_t begin = net->phase_first_sensor[net->program_first_phase[p]],
                end = net->phase_first_sensor[net->program_first_phase[p + 1]];
  int32_t *list = ART_NEW(int32_t, end - begin), kept = 0;
  for (int32_t i = begin; i < end; ++i) list[i - begin] = net->phase_sensor[i];
  art_sort(list, (size_t)(end - begin), sizeof *list, by_number);
  for (int32_t i = 0; i < end - begin; ++i)
    if (!kept || list[kept - 1] != list[i]) list[kept++] = list[i];
  *count = kept;
  return list;
}

/// Lanes before the signal, ascending; the caller frees them.
static int32_t *list_lanes(const art_net *net, int32_t s, int32_t *count)
{
  int32_t *list = ART_NEW(int32_t, net->connector_count);
  *count = 0;
  for (int32_t c = 0; c < net->connector_count; ++c)  // sorted by the lane that they leave
    if (net->connector_signal[c] == s && (!*count || list[*count - 1] != net->connector_from[c]))
      list[(*count)++] = net->connector_from[c];
  return list;
}

/// One sensor a lane is all that SUMO takes: the first. *left counts the others.
static void put_sensors(art_xml_out *out, const art_net *net, int32_t s, int32_t p, art_detector_kind kind,
                        int32_t *left)
{
  int32_t lane_count = 0, sensor_count = 0;
  int32_t *lane = list_lanes(net, s, &lane_count), *sensor = list_sensors(net, p, &sensor_count);
  int32_t *taken = ART_NEW(int32_t, lane_count);
  for (int32_t i = 0; i < lane_count; ++i) taken[i] = -1;
  for (int32_t i = 0; i < sensor_count; ++i) {
    const int32_t at = net->detector_kind[sensor[i]] == kind
                           ? lane_of_sensor(net, s, p, sensor[i], lane, lane_count, taken)
                           : -1;
    if (at >= 0)
      taken[at] = sensor[i];
    else
      ++*left;
  }
  for (int32_t i = 0; i < lane_count; ++i)
    if (taken[i] >= 0)
      put_lane_param(out, net, lane[i], net->detector_id[taken[i]]);
    else if (kind == ART_DETECTOR_POINT)
      put_lane_param(out, net, lane[i], "NO_DETECTOR");
  free(lane);
  free(sensor);
  free(taken);
}

// ---- actuated ----------------------------------------------------------------------------------------------------------

static void put_next(art_xml_out *out, const art_net *net, int32_t f)
{
  if (!(net->phase_flags[f] & ART_PHASE_MANUAL_NEXT)) return;
  art_xml_out_begin(out, "next");
  for (int32_t i = net->phase_first_next[f]; i < net->phase_first_next[f + 1]; ++i)
    art_xml_out_add(out, "%s%d", i > net->phase_first_next[f] ? " " : "", net->phase_next[i]);
  art_xml_out_end(out);
}

/// The longest passage time of the phases: SUMO has one for all.
static int64_t longest_gap(const art_net *net, int32_t p)
{
  int64_t longest = 0;
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f)
    if (net->phase_time_ms[ART_PHASE_TIME_extension_ms][f] > longest)
      longest = net->phase_time_ms[ART_PHASE_TIME_extension_ms][f];
  return longest;
}

/// SUMO knows places only; the phases that are held stand in a parameter that it does not look at.
static void put_coordination(art_xml_out *out, const art_net *net, int32_t p)
{
  const int32_t first = net->program_first_phase[p], end = net->program_first_phase[p + 1];
  int count = 0;
  put_param(out, "coordinated", "true");
  for (int32_t f = first; f < end; ++f) {
    if (!(net->phase_flags[f] & ART_PHASE_COORDINATED)) continue;
    if (!count++) {
      art_xml_out_open(out, "param");
      art_xml_out_text(out, "key", "coordinatedPhases");
      art_xml_out_begin(out, "value");
    }
    art_xml_out_add(out, "%d,", f - first);
  }
  if (!count) return;
  art_xml_out_end(out);
  art_xml_out_close(out);
  put_param(out, "fixForceOff",
            net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] != 0.0f ? "true" : "false");
}

static void put_place(art_xml_out *out, const char *attribute, int64_t place_ms)
{
  if (place_ms >= 0) art_xml_out_time(out, attribute, place_ms);
}

static void put_actuated(art_xml_out *out, const art_net *net, int32_t s, int32_t p, int32_t *left)
{
  open_program(out, net, s, p, "actuated");
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    open_phase(out, net, s, f);
    put_bounds(out, net, f);
    put_place(out, "earliestEnd", net->phase_time_ms[ART_PHASE_TIME_earliest_end_ms][f]);
    put_place(out, "latestEnd", net->phase_time_ms[ART_PHASE_TIME_latest_end_ms][f]);
    put_next(out, net, f);
    art_xml_out_close(out);
  }
  if (longest_gap(net, p) > 0) put_param_seconds(out, "max-gap", longest_gap(net, p));
  put_param_seconds(out, "inactive-threshold",
                    (int64_t)((double)net->program_value[ART_CONTROL_VALUE_inactive_s][p] * 1000.0 + 0.5));
  if (net->program_cycle_ms[p] > 0) put_param_seconds(out, "cycleTime", net->program_cycle_ms[p]);
  if (net->program_value[ART_CONTROL_VALUE_is_coordinated][p] != 0.0f) put_coordination(out, net, p);
  put_sensors(out, net, s, p, ART_DETECTOR_POINT, left);
  art_xml_out_close(out);
}

// ---- NEMA --------------------------------------------------------------------------------------------------------------

/// Numbers of the program's phases that have a flag, each once, separated by commas. A comma after a lone one says that its
/// digits belong together.
static void put_numbers(art_xml_out *out, const char *key, const art_net *net, int32_t p, uint32_t flag)
{
  uint32_t done = 0;
  art_xml_out_open(out, "param");
  art_xml_out_text(out, "key", key);
  art_xml_out_begin(out, "value");
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    const uint32_t bit = 1u << net->phase_number[f];
    if (!(net->phase_flags[f] & flag) || done & bit) continue;
    art_xml_out_add(out, "%s%d", done ? "," : "", net->phase_number[f]);
    done |= bit;
  }
  if (__builtin_popcount(done) == 1 && done > 1u << 9) art_xml_out_add(out, ",");
  art_xml_out_end(out);
  art_xml_out_close(out);
}

/// Four places a ring, two before and two after the barrier, where that is enough: so SUMO finds the barrier.
static void put_ring(art_xml_out *out, const art_net *net, int32_t p, int ring)
{
  const int32_t first = net->program_first_phase[p], end = net->program_first_phase[p + 1];
  int count[2] = { 0, 0 }, others = 0;
  for (int32_t f = first; f < end; ++f)
    if (net->phase_ring[f] == ring) ++*(net->phase_barrier[f] < 2 ? &count[net->phase_barrier[f]] : &others);
  const int is_square = count[0] <= 2 && count[1] <= 2 && !others;
  const char *comma = "";
  art_xml_out_open(out, "param");
  art_xml_out_text(out, "key", ring ? "ring2" : "ring1");
  art_xml_out_begin(out, "value");
  for (int barrier = 0; barrier < (is_square ? 2 : 1); ++barrier) {
    for (int blanks = is_square ? 2 - count[barrier] : 0; blanks > 0; --blanks, comma = ",")
      art_xml_out_add(out, "%s0", comma);
    for (int32_t f = first; f < end; ++f) {
      if (net->phase_ring[f] != ring || (is_square && net->phase_barrier[f] != barrier)) continue;
      art_xml_out_add(out, "%s%d", comma, net->phase_number[f]);
      comma = ",";
    }
  }
  art_xml_out_end(out);
  art_xml_out_close(out);
}

/// The phase of a ring on one side of the barrier that SUMO falls back to: coordinated, else of dual entry, else the last.
static int32_t default_phase(const art_net *net, int32_t p, int ring, int barrier)
{
  int32_t best = -1;
  int rank = -1;
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    if (net->phase_ring[f] != ring || net->phase_barrier[f] != barrier) continue;
    const int own = net->phase_flags[f] & ART_PHASE_COORDINATED  ? 2
                    : net->phase_flags[f] & ART_PHASE_DUAL_ENTRY ? 1
                                                                 : 0;
    if (own < rank) continue;
    rank = own;
    best = f;
  }
  return best;
}

static void put_barriers(art_xml_out *out, const art_net *net, int32_t p)
{
  int main = 0;  // the side of the coordinated phases
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f)
    if (net->phase_flags[f] & ART_PHASE_COORDINATED) main = net->phase_barrier[f];
  for (int side = 0; side < 2; ++side) {
    art_xml_out_open(out, "param");
    art_xml_out_text(out, "key", side ? "barrierPhases" : "barrier2Phases");
    art_xml_out_begin(out, "value");
    const char *comma = "";
    for (int ring = 0; ring < 2; ++ring) {
      const int32_t f = default_phase(net, p, ring, side ? 1 - main : main);
      if (f < 0) continue;
      art_xml_out_add(out, "%s%d", comma, net->phase_number[f]);
      comma = ",";
    }
    art_xml_out_end(out);
    art_xml_out_close(out);
  }
}

/// SUMO takes yellow and red from each phase, and the split from its longest green.
static void put_nema_phase(art_xml_out *out, const art_net *net, int32_t s, int32_t p, int32_t f)
{
  const int64_t yellow = art_max_ms(net->phase_time_ms[ART_PHASE_TIME_yellow_ms][f], 0),
                red = art_max_ms(net->phase_time_ms[ART_PHASE_TIME_red_ms][f], 0),
                split = net->phase_time_ms[ART_PHASE_TIME_split_ms][f];
  const int is_coordinated = net->program_value[ART_CONTROL_VALUE_is_coordinated][p] != 0.0f;
  const int64_t longest =
      is_coordinated && split > yellow + red ? split - yellow - red : net->phase_max_ms[f];
  open_phase(out, net, s, f);
  art_xml_out_time(out, "minDur", net->phase_min_ms[f]);
  art_xml_out_time(out, "maxDur", longest);
  art_xml_out_time(out, "vehext", net->phase_time_ms[ART_PHASE_TIME_extension_ms][f]);
  art_xml_out_time(out, "yellow", yellow);
  art_xml_out_time(out, "red", red);
  art_xml_out_integer(out, "name", net->phase_number[f]);
  art_xml_out_close(out);
}

/// SUMO's controller wants a phase of both rings on both sides of the barrier.
static int fills_both_rings(const art_net *net, int32_t p)
{
  for (int ring = 0; ring < 2; ++ring)
    for (int side = 0; side < 2; ++side)
      if (default_phase(net, p, ring, side) < 0) return 0;
  return 1;
}

static void put_nema(art_xml_out *out, const art_net *net, int32_t s, int32_t p, int32_t *left)
{
  uint32_t done = 0;
  open_program(out, net, s, p, "NEMA");
  for (int32_t f = net->program_first_phase[p]; f < net->program_first_phase[p + 1]; ++f) {
    const uint32_t bit = 1u << net->phase_number[f];
    if (!(done & bit)) put_nema_phase(out, net, s, p, f);
    done |= bit;
  }
  put_ring(out, net, p, 0);
  put_ring(out, net, p, 1);
  put_barriers(out, net, p);
  put_numbers(out, "minRecall", net, p, ART_PHASE_RECALL_MIN);
  put_numbers(out, "maxRecall", net, p, ART_PHASE_RECALL_MAX);
  put_numbers(out, "latchingDetectors", net, p, ART_PHASE_MEMORY);
  put_param(out, "coordinate-mode",
            net->program_value[ART_CONTROL_VALUE_is_coordinated][p] != 0.0f ? "true" : "false");
  put_param(out, "fixForceOff",
            net->program_value[ART_CONTROL_VALUE_is_fixed_force_off][p] != 0.0f ? "true" : "false");
  put_param(out, "controllerType",
            net->program_value[ART_CONTROL_VALUE_is_type_170][p] != 0.0f ? "Type170" : "TS2");
  if (net->program_cycle_ms[p] > 0) put_param_seconds(out, "total-cycle-length", net->program_cycle_ms[p]);
  put_sensors(out, net, s, p, ART_DETECTOR_AREA, left);
  art_xml_out_close(out);
}

/// SUMO makes a program `off` of its own; one of another name stands there as one.
static void put_off(art_xml_out *out, const art_net *net, int32_t s, int32_t p)
{
  if (strcmp(net->program_id[p], "off") == 0 && net->signal_first_switch[s + 1] > net->signal_first_switch[s])
    return;
  open_program(out, net, s, p, "off");
  open_phase(out, net, s, net->program_first_phase[p]);
  art_xml_out_close(out);
  art_xml_out_close(out);
}

static void put_program(art_xml_out *out, const art_net *net, int32_t s, int32_t p,
                        art_sumo_signal_losses *losses)
{
  switch (net->program_control[p]) {
  case ART_CONTROL_FIXED: put_fixed(out, net, s, p); return;
  case ART_CONTROL_ACTUATED: put_actuated(out, net, s, p, &losses->sensors); return;
  case ART_CONTROL_NEMA:
    if (!fills_both_rings(net, p)) break;
    put_nema(out, net, s, p, &losses->sensors);
    return;
  case ART_CONTROL_OFF: put_off(out, net, s, p); return;
  default: break;
  }
  ++losses->programs;
  put_as_fixed(out, net, s, p);
}

static void put_schedule(art_xml_out *out, const art_net *net, int32_t s)
{
  const int32_t first = net->signal_first_switch[s], end = net->signal_first_switch[s + 1];
  if (first == end) return;
  art_xml_out_open(out, "WAUT");
  art_xml_out_text(out, "id", net->signal_id[s]);
  art_xml_out_text(out, "refTime", "0");
  if (net->signal_switch_period_ms[s] > 0) art_xml_out_time(out, "period", net->signal_switch_period_ms[s]);
  art_xml_out_text(out, "startProg", net->program_id[net->signal_active[s]]);
  for (int32_t i = first; i < end; ++i) {
    art_xml_out_open(out, "wautSwitch");
    art_xml_out_time(out, "time", net->switch_at_ms[i]);
    art_xml_out_text(out, "to", net->program_id[net->switch_program[i]]);
    art_xml_out_close(out);
  }
  art_xml_out_close(out);
  art_xml_out_open(out, "wautJunction");
  art_xml_out_text(out, "wautID", net->signal_id[s]);
  art_xml_out_text(out, "junctionID", net->signal_id[s]);
  art_xml_out_close(out);
}

// ---- the two places ----------------------------------------------------------------------------------------------------

/// The program that runs comes last: SUMO runs the one that it reads last.
static void put_programs(art_xml_out *out, const art_net *net, int32_t s, art_sumo_signal_losses *losses)
{
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    if (p != net->signal_active[s]) put_program(out, net, s, p, losses);
  put_program(out, net, s, net->signal_active[s], losses);
}

/// A light that is out, until the additional file brings the programs.
static void put_stand_in(art_xml_out *out, const art_net *net, int32_t s)
{
  const int32_t groups = net->signal_group_count[s];
  char *state = ART_NEW(char, groups + 1);
  memset(state, 'o', (size_t)groups);
  art_xml_out_open(out, "tlLogic");
  art_xml_out_text(out, "id", net->signal_id[s]);
  art_xml_out_text(out, "type", "static");
  art_xml_out_text(out, "programID", ART_SUMO_STAND_IN);
  art_xml_out_text(out, "offset", "0");  // netconvert insists
  art_xml_out_open(out, "phase");
  art_xml_out_text(out, "duration", "90");
  art_xml_out_text(out, "state", state);
  art_xml_out_close(out);
  art_xml_out_close(out);
  free(state);
}

void art_sumo_put_net_signals(art_xml_out *out, const art_net *net)
{
  art_sumo_signal_losses none = { 0 };
  for (int32_t s = 0; s < net->signal_count; ++s)
    if (art_sumo_signal_is_plain(net, s))
      put_programs(out, net, s, &none);
    else
      put_stand_in(out, net, s);
}

void art_sumo_put_other_signals(art_xml_out *out, const art_net *net, art_sumo_signal_losses *losses)
{
  for (int32_t s = 0; s < net->signal_count; ++s) {
    if (art_sumo_signal_is_plain(net, s)) continue;
    put_programs(out, net, s, losses);
    put_schedule(out, net, s);
  }
}
