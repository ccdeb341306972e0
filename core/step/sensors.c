/// What signal controllers read of the road: sensors, lanes, and vehicles that ask for priority. Looked at between the
/// steps, where every vehicle has moved, and only where a program asks.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

#define STANDING_MPS (5.0f / 3.6f)

// --- who is on a lane -----------------------------------------------------------------------------------------------

/// Vehicles with their front on a lane: those of the block, then those handed over in the last step.
typedef struct walk {
  const art_sim *sim;
  const art_block *block;
  int32_t at, end, trip;
  // of the vehicle at hand
  int32_t vehicle, type, hop;
  float pos_m, speed_mps;
} walk;

static walk walk_lane(const art_sim *sim, int32_t lane)
{
  const art_block *block = &sim->block[sim->lane_block[lane]];
  const int32_t k = sim->lane_slot[lane];
  return (walk){ .sim = sim,
                 .block = block,
                 .at = block->start[k] - 1,
                 .end = block->start[k + 1],
                 .trip = sim->inbox[lane] };
}

static int next_vehicle(walk *w)
{
  if (w->at + 1 < w->end) {
    const int32_t i = ++w->at;
    w->vehicle = w->block->vehicle[i];
    w->type = w->block->type[i];
    w->hop = w->block->hop[i];
    w->pos_m = w->block->pos_m[i];
    w->speed_mps = w->block->speed_mps[i];
    return 1;
  }
  if (w->trip < 0) return 0;
  const art_mover *mover = art_mover_of(w->sim, art_record(w->sim, w->trip));
  w->vehicle = w->trip;
  w->type = mover->type;
  w->hop = mover->hop;
  w->pos_m = mover->pos_m;
  w->speed_mps = mover->speed_mps;
  w->trip = art_record(w->sim, w->trip)->next;
  return 1;
}

// --- sensors --------------------------------------------------------------------------------------------------------

static void use_sensor(art_signals *signals, const art_net *net, int32_t detector)
{
  if (net->detector_kind[detector] == ART_DETECTOR_ENTRY_EXIT) return;
  if (!signals->sensor_used) signals->sensor_used = ART_NEW(uint8_t, net->detector_count);
  signals->sensor_used[detector] = 1;
}

static void find_sensors(art_signals *signals, const art_net *net)
{
  for (int32_t p = 0; p < net->program_count; ++p) {
    if (net->program_control[p] == ART_CONTROL_FIXED) continue;
    for (int32_t d = 0; net->program_control[p] == ART_CONTROL_USER && d < net->detector_count; ++d)
      use_sensor(signals, net, d);
    const int32_t first = net->phase_first_sensor[net->program_first_phase[p]],
                  end = net->phase_first_sensor[net->program_first_phase[p + 1]];
    for (int32_t i = first; i < end; ++i) use_sensor(signals, net, net->phase_sensor[i]);
  }
}

static void build_sensors(art_sim *sim)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  find_sensors(signals, net);
  if (!signals->sensor_used) return;
  signals->sensor = ART_NEW(art_sensor_reading, net->detector_count);
  signals->sensor_count_seen = ART_NEW(int32_t, net->detector_count);
  signals->used = ART_NEW(int32_t, net->detector_count);
  for (int32_t d = 0; d < net->detector_count; ++d) {
    signals->sensor[d].since_ms = sim->begin_ms;
    if (signals->sensor_used[d]) signals->used[signals->used_count++] = d;
  }
}

/// Does a body reach over [from, to] of a lane whose front is on a later one?
static int is_overhung(const art_sim *sim, int32_t lane, float to_m)
{
  const int64_t last = ART_BUFFER(sim) ^ 1;
  const uint64_t handed = sim->transit[last][lane], stayed = sim->overhang[last][lane];
  if (handed != ART_OVERHANG_NONE && art_overhang_rear_m(handed) < to_m) return 1;
  // Published before it moved on.
  return stayed != ART_OVERHANG_NONE &&
         art_overhang_rear_m(stayed) + art_overhang_speed(stayed) * sim->step_s < to_m;
}

static int is_covered(const art_sim *sim, int32_t q)
{
  const int32_t lane = sim->net->detector_lane[q];
  const float from = sim->net->detector_pos_m[q], to = sim->net->detector_end_m[q];
  walk w = walk_lane(sim, lane);
  while (next_vehicle(&w))
    if (w.pos_m >= from && w.pos_m - sim->types.length_m[w.type] < art_maxf(to, from)) return 1;
  return is_overhung(sim, lane, art_maxf(to, from));
}

int art_sensor_is_covered(const art_sim *sim, int32_t d)
{
  const art_net *net = sim->net;
  for (int32_t q = net->detector_first_point[d]; q < net->detector_first_point[d + 1]; ++q)
    if (sim->lane_owner[net->detector_lane[q]] == sim->rank && is_covered(sim, q)) return 1;
  return 0;
}

void art_sensors_look(art_sim *sim)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  for (int32_t i = 0; i < signals->used_count; ++i) {
    const int32_t d = signals->used[i];
    art_sensor_reading *sensor = &signals->sensor[d];
    int covered = 0;
    for (int32_t q = net->detector_first_point[d]; q < net->detector_first_point[d + 1] && !covered; ++q)
      covered = is_covered(sim, q);
    // Who came and went within the step leaves a pulse: the time without a vehicle begins anew.
    const int pulse = sensor->count != signals->sensor_count_seen[d] && !covered;
    if (covered != sensor->occupied || pulse) sensor->since_ms = sim->now_ms;
    sensor->occupied = (uint8_t)covered;
    signals->sensor_count_seen[d] = sensor->count;
  }
}

// --- lanes ----------------------------------------------------------------------------------------------------------

static int any_program(const art_sim *sim, int32_t signal, uint8_t reads)
{
  const art_net *net = sim->net;
  for (int32_t p = net->signal_first_program[signal]; p < net->signal_first_program[signal + 1]; ++p)
    if (sim->kernels->control_reads[net->program_control[p]] & reads) return 1;
  return 0;
}

static int32_t put_lane(int32_t **row, int32_t first, int32_t *count, int32_t *capacity, int32_t lane)
{
  for (int32_t i = first; i < *count; ++i)
    if ((*row)[i] == lane) return 0;
  ART_PUSH(*row, *count, *capacity, lane);
  return 1;
}

#define READ_M 200.0f  // links before the last one are read too, until so much is covered

static void put_link(art_signals *signals, const art_net *net, int32_t s, int32_t link, int32_t *count, int32_t *capacity)
{
  for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l)
    put_lane(&signals->lane_row, signals->first_lane[s], count, capacity, l);
}

static void build_lanes(art_sim *sim)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  int32_t count = 0, capacity = 0;
  signals->first_lane = ART_NEW(int32_t, net->signal_count + 1);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    if (any_program(sim, s, ART_READS_LANES))
      for (int32_t r = signals->first_connector[s]; r < signals->first_connector[s + 1]; ++r) {
        const int32_t c = signals->connector[r];
        put_link(signals, net, s, net->lane_link[net->connector_to[c]], &count, &capacity);
        float covered_m = 0.0f;
        for (int32_t link = net->lane_link[net->connector_from[c]]; link >= 0; link = art_net_link_before(net, link)) {
          put_link(signals, net, s, link, &count, &capacity);
          covered_m += net->lane_length_m[net->link_first_lane[link]];
          if (covered_m >= READ_M) break;
        }
      }
    signals->first_lane[s + 1] = count;
  }
  if (count) signals->lane = ART_NEW(art_lane_reading, net->link_lane_count);
}

/// Adds those whose front is on `lane`, which ends `beyond_m` before the line.
static void read_part(const art_sim *sim, int32_t lane, float beyond_m, float reach_m, float tail_m, art_lane_reading *r)
{
  const float length = sim->net->lane_length_m[lane];
  walk w = walk_lane(sim, lane);
  while (next_vehicle(&w)) {
    const float to_line = art_maxf(length - w.pos_m, 0.0f) + beyond_m;
    ++r->vehicles;
    if (w.speed_mps < STANDING_MPS) {
      ++r->standing;
      r->queue_m = art_maxf(r->queue_m, to_line + sim->types.length_m[w.type]);
    }
    if (to_line > reach_m) continue;
    ++r->near;
    r->close += to_line <= tail_m;
    r->moving += to_line <= tail_m && w.speed_mps >= STANDING_MPS;
    r->tail_m = art_maxf(r->tail_m, to_line);
  }
}

static art_lane_reading read_lane(const art_sim *sim, int32_t lane, float reach_m, float tail_m)
{
  const art_net *net = sim->net;
  const float length = net->lane_length_m[lane];
  art_lane_reading r = { 0 };
  read_part(sim, lane, 0.0f, reach_m, tail_m, &r);
  for (int32_t i = net->lane_first_in[lane]; length < ART_SENSOR_LANE_M && i < net->lane_first_in[lane + 1]; ++i)
    read_part(sim, art_net_lane_of_connector(net, net->lane_in[i]), length, reach_m, tail_m, &r);
  return r;
}

art_lane_reading art_sensors_read_lane(const art_sim *sim, int32_t lane, int32_t program)
{
  const float reach = sim->net->program_value[ART_CONTROL_VALUE_sotl_reach_m][program];
  const float tail = sim->net->program_value[ART_CONTROL_VALUE_sotl_tail_m][program];
  return read_lane(sim, lane, reach, tail);
}

void art_sensors_read_lanes(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  for (int32_t r = signals->first_lane[s]; r < signals->first_lane[s + 1]; ++r)
    signals->lane[signals->lane_row[r]] = art_sensors_read_lane(sim, signals->lane_row[r], signals->state[s].program);
}

// --- priority calls -------------------------------------------------------------------------------------------------

/// How far the programs of a signal listen; 0: not at all.
static float reach_of(const art_sim *sim, int32_t signal)
{
  const art_net *net = sim->net;
  float reach = 0.0f;
  for (int32_t p = net->signal_first_program[signal]; p < net->signal_first_program[signal + 1]; ++p) {
    if (!(sim->kernels->control_reads[net->program_control[p]] & ART_READS_CALLS)) continue;
    reach = art_maxf(reach, net->program_value[ART_CONTROL_VALUE_priority_reach_m][p]);
    reach = art_maxf(reach, net->program_value[ART_CONTROL_VALUE_preemption_reach_m][p]);
  }
  return reach;
}

/// Lanes and connectors from which a vehicle could be within reach of the signal, upstream from its lanes.
static void find_call_lanes(art_sim *sim, int32_t s, float reach_m, float *nearest, int32_t *count, int32_t *capacity)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  const int32_t begin = *count;
  int32_t at = begin;
  for (int32_t l = 0; l < net->lane_count; ++l) nearest[l] = INFINITY;
  for (int32_t r = signals->first_connector[s]; r < signals->first_connector[s + 1]; ++r) {
    const int32_t link = net->lane_link[net->connector_from[signals->connector[r]]];
    for (int32_t l = net->link_first_lane[link]; l < net->link_first_lane[link + 1]; ++l) {
      if (nearest[l] == 0.0f) continue;
      nearest[l] = 0.0f;
      ART_PUSH(signals->call_lane, *count, *capacity, l);
    }
  }
  for (; at < *count; ++at) {
    const int32_t lane = signals->call_lane[at];
    const float behind = nearest[lane] + net->lane_length_m[lane];
    if (behind >= reach_m) continue;
    const int is_connector = art_net_is_connector(net, lane);
    const int32_t first = is_connector ? 0 : net->lane_first_in[lane], end = is_connector ? 1 : net->lane_first_in[lane + 1];
    for (int32_t i = first; i < end; ++i) {
      // Behind a connector the whole link is looked at: vehicles may change lanes.
      const int32_t c = is_connector ? art_net_connector_of_lane(net, lane) : net->lane_in[i];
      const int32_t link = net->lane_link[net->connector_from[c]];
      const int32_t from = is_connector ? net->link_first_lane[link] : art_net_lane_of_connector(net, c);
      const int32_t to = is_connector ? net->link_first_lane[link + 1] : from + 1;
      for (int32_t l = from; l < to; ++l) {
        if (nearest[l] <= behind) continue;
        nearest[l] = behind;
        ART_PUSH(signals->call_lane, *count, *capacity, l);
      }
    }
  }
  // Lanes that a shorter way was found to stand in the list more than once.
  int32_t kept = begin;
  for (int32_t i = begin; i < *count; ++i) {
    const int32_t lane = signals->call_lane[i];
    if (nearest[lane] == INFINITY) continue;
    nearest[lane] = INFINITY;
    signals->call_lane[kept++] = lane;
  }
  *count = kept;
}

static void build_calls(art_sim *sim)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  int32_t count = 0, capacity = 0;
  float *nearest = NULL;
  signals->first_call_lane = ART_NEW(int32_t, net->signal_count + 1);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    const float reach = reach_of(sim, s);
    if (reach > 0.0f) {
      if (!nearest) nearest = ART_NEW(float, net->lane_count);
      find_call_lanes(sim, s, reach, nearest, &count, &capacity);
    }
    signals->first_call_lane[s + 1] = count;
  }
  free(nearest);
}

/// A connector from one link to another; `lane` >= 0: if possible from that lane, `signal` >= 0: of that signal only.
static int32_t connector_between(const art_net *net, int32_t from, int32_t to, int32_t lane, int32_t signal)
{
  int32_t found = -1;
  for (int32_t l = net->link_first_lane[from]; l < net->link_first_lane[from + 1]; ++l)
    for (int32_t c = net->lane_first_out[l]; c < net->lane_first_out[l + 1]; ++c) {
      if (net->lane_link[net->connector_to[c]] != to || (signal >= 0 && net->connector_signal[c] != signal)) continue;
      if (found < 0 || l == lane) found = c;
      if (l == lane) return c;
    }
  return found;
}

/// Follows the route of a vehicle to the signal. Returns 0 if it does not come there within `reach_m`.
static int find_call(const art_sim *sim, const walk *w, int32_t lane, int32_t s, float reach_m, art_priority_call *call)
{
  const art_net *net = sim->net;
  int32_t count, hop = w->hop;
  const int32_t *links = art_route_links(sim, w->vehicle, &count);
  float distance = net->lane_length_m[lane] - w->pos_m;
  if (hop < count && art_net_is_connector(net, lane)) distance += net->lane_length_m[net->link_first_lane[links[hop]]];
  for (; hop + 1 < count && distance <= reach_m; ++hop) {
    const int32_t here = hop == w->hop ? lane : -1;
    const int32_t c = connector_between(net, links[hop], links[hop + 1], here, s);
    if (c >= 0) {
      *call = (art_priority_call){ .vehicle = w->vehicle,
                                   .group = net->connector_signal_group[c],
                                   .distance_m = art_maxf(distance, 0.0f),
                                   .speed_mps = w->speed_mps,
                                   .is_emergency = sim->types.vclass[w->type] == ART_VCLASS_EMERGENCY };
      return 1;
    }
    const int32_t over = connector_between(net, links[hop], links[hop + 1], here, -1);
    if (over < 0) return 0;
    distance += net->lane_length_m[art_net_lane_of_connector(net, over)] +
                net->lane_length_m[net->link_first_lane[links[hop + 1]]];
  }
  return 0;
}

static float class_reach(const art_sim *sim, int32_t program, int32_t vclass)
{
  const art_net *net = sim->net;
  if (vclass == ART_VCLASS_EMERGENCY) return net->program_value[ART_CONTROL_VALUE_preemption_reach_m][program];
  if (vclass == ART_VCLASS_BUS || vclass == ART_VCLASS_TRAM)
    return net->program_value[ART_CONTROL_VALUE_priority_reach_m][program];
  return 0.0f;
}

/// Nearest first; ties by trip. The list is short, so by insertion.
void art_sensors_put_call(art_signals *signals, const art_priority_call *call)
{
  ART_PUSH(signals->call, signals->call_count, signals->call_capacity, *call);
  int32_t i = signals->call_count - 1;
  for (; i > 0; --i) {
    const art_priority_call *before = &signals->call[i - 1];
    if (before->distance_m < call->distance_m ||
        (before->distance_m == call->distance_m && before->vehicle <= call->vehicle))
      break;
    signals->call[i] = *before;
  }
  signals->call[i] = *call;
}

void art_sensors_read_calls(art_sim *sim, int32_t s)
{
  art_sensors_find_calls(sim, s, sim->signals->state[s].program);
}

void art_sensors_find_calls(art_sim *sim, int32_t s, int32_t program)
{
  art_signals *signals = sim->signals;
  signals->call_count = 0;
  for (int32_t r = signals->first_call_lane[s]; r < signals->first_call_lane[s + 1]; ++r) {
    const int32_t lane = signals->call_lane[r];
    walk w = walk_lane(sim, lane);
    while (next_vehicle(&w)) {
      const float reach = class_reach(sim, program, sim->types.vclass[w.type]);
      art_priority_call call;
      if (reach <= 0.0f || art_record(sim, w.vehicle)->at_stop) continue;
      if (find_call(sim, &w, lane, s, reach, &call) && call.distance_m <= reach) art_sensors_put_call(signals, &call);
    }
  }
}

void art_sensors_build(art_sim *sim)
{
  build_sensors(sim);
  build_lanes(sim);
  build_calls(sim);
}

void art_sensors_free(art_signals *signals)
{
  free(signals->sensor_used);
  free(signals->sensor);
  free(signals->sensor_count_seen);
  free(signals->used);
  free(signals->lane);
  free(signals->first_lane);
  free(signals->lane_row);
  free(signals->first_call_lane);
  free(signals->call_lane);
  free(signals->call);
}
