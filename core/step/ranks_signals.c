/// Which signals a rank runs, and what their controllers read, when the road is on several ranks: before a step each says what
/// has changed on its lanes. Ranks that run a controller do so from the same readings, and so show the same lights.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/state_internal.h"

enum { SENSOR, PASSED, WAITING, LANE, CALL };

/// A change on one rank. SENSOR: fronts since the last step, bodies over it (1 more, 1 less, as before); PASSED: fronts;
/// WAITING: people at a crossing.
typedef struct change_record {
  int32_t kind, id, count, covered;
} change_record;
typedef struct lane_record {
  int32_t kind, signal, row;
  art_lane_reading reading;
} lane_record;
typedef struct call_record {
  int32_t kind, signal;
  art_priority_call call;
} call_record;

/// What its programs read of the road. Kinds of control that can listen to calls do so only where somebody may call.
static int reads_of(const art_sim *sim, int32_t signal)
{
  const art_net *net = sim->net;
  const int32_t *call_lanes = sim->signals->first_call_lane;
  int reads = 0;
  for (int32_t p = net->signal_first_program[signal]; p < net->signal_first_program[signal + 1]; ++p)
    reads |= sim->kernels->control_reads[net->program_control[p]];
  return call_lanes[signal] < call_lanes[signal + 1] ? reads : reads & ~ART_READS_CALLS;
}

int art_ranks_owns_signal(const art_sim *sim, int32_t s)
{
  const art_signals *signals = sim->signals;
  const int32_t r = signals->first_connector[s];
  if (!sim->ranks) return 1;
  if (r == signals->first_connector[s + 1]) return art_ranks_is_first(sim);
  return art_ranks_owns_node(sim, sim->net->connector_node[signals->connector[r]]);
}

static int decides(const art_sim *sim, int32_t node)
{
  const art_ranks *ranks = sim->ranks;
  return ranks->node_owner[node] == sim->rank || (ranks->node_what[node] & ART_DECIDES_NODE);
}

/// Is a lane of this rank among those that a control reads? Then it is asked here when to read them, and by which program.
static int has_lanes_of(const art_sim *sim, const int32_t *first, const int32_t *lane, int32_t signal)
{
  for (int32_t r = first[signal]; r < first[signal + 1]; ++r)
    if (sim->lane_owner[lane[r]] == sim->rank) return 1;
  return 0;
}

static int must_run(const art_sim *sim, int32_t s)
{
  const art_net *net = sim->net;
  const art_signals *signals = sim->signals;
  if (art_ranks_owns_signal(sim, s)) return 1;
  for (int32_t r = signals->first_connector[s]; r < signals->first_connector[s + 1]; ++r)
    if (decides(sim, net->connector_node[signals->connector[r]])) return 1;
  for (int32_t x = signals->first_crossing[s]; x < signals->first_crossing[s + 1]; ++x)
    if (decides(sim, net->crossing_node[signals->crossing[x]])) return 1;
  // A user's control may remember what it did elsewhere.
  for (int32_t p = net->signal_first_program[s]; p < net->signal_first_program[s + 1]; ++p)
    if (net->program_control[p] == ART_CONTROL_USER) return 1;
  return has_lanes_of(sim, signals->first_lane, signals->lane_row, s) ||
         has_lanes_of(sim, signals->first_call_lane, signals->call_lane, s);
}

/// A rank runs the signals that its drivers see and those that read its lanes. Where a control looks at the lights of others, or
/// cycles are measured, which begin and end with the lights on all ranks alike, it runs all.
static void find_signals(art_sim *sim, int reads)
{
  art_ranks *ranks = sim->ranks;
  const art_signals *signals = sim->signals;
  const int32_t count = sim->net->signal_count;
  const int all = sim->measures_approaches || (reads & ART_READS_PASSAGES);
  ranks->runs = ART_NEW(uint8_t, count);
  ranks->run = ART_NEW(int32_t, count);
  ranks->speak = ART_NEW(int32_t, count);
  for (int32_t s = 0; s < count; ++s) {
    if (!all && !must_run(sim, s)) continue;
    ranks->runs[s] = 1;
    ranks->run[ranks->run_count++] = s;
    if (signals->first_lane[s] < signals->first_lane[s + 1] || signals->first_call_lane[s] < signals->first_call_lane[s + 1])
      ranks->speak[ranks->speak_count++] = s;
  }
}

void art_ranks_signals_build(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  const art_net *net = sim->net;
  const art_signals *signals = sim->signals;
  int reads = 0;
  for (int32_t s = 0; s < net->signal_count; ++s) reads |= reads_of(sim, s);
  find_signals(sim, reads);
  ranks->reads_road = signals->used_count > 0 || reads || sim->node_listens;
  if (!ranks->reads_road) return;
  ranks->covers = ART_NEW(uint8_t, net->detector_count);
  ranks->covered_by = ART_NEW(int32_t, net->detector_count);
  ranks->fronts = ART_NEW(int32_t, net->detector_count);
  ranks->touched = ART_NEW(uint8_t, net->detector_count);
  ranks->foot_told = ART_NEW(uint8_t, net->crossing_count);
  if (reads & ART_READS_PASSAGES) {
    ranks->passed = ART_NEW(int32_t, net->connector_count);
    ranks->passed_told = ART_NEW(int32_t, net->connector_count);
    ranks->counted = ART_NEW(int32_t, net->connector_count);
    for (int32_t c = 0; c < net->connector_count; ++c) {
      const int32_t path = art_net_lane_of_connector(net, c);
      const int may_pass = sim->lane_owner[path] == sim->rank || (ranks->lane_what[path] & ART_MAY_TOUCH);
      if (may_pass) ranks->counted[ranks->counted_count++] = c;
    }
  }
  ranks->heard = ART_NEW(int32_t, net->crossing_count);
  for (int32_t x = 0; sim->foot_waits && x < net->crossing_count; ++x)
    if (ranks->node_owner[net->crossing_node[x]] == sim->rank) ranks->heard[ranks->heard_count++] = x;
  if (signals->lane) ranks->reading = ART_NEW(art_lane_reading, signals->first_lane[net->signal_count]);
}

void art_ranks_signals_free(art_ranks *ranks)
{
  void *const owned[] = { ranks->runs,   ranks->run,         ranks->speak,   ranks->covers, ranks->covered_by, ranks->fronts,
                          ranks->touched, ranks->foot_told, ranks->passed, ranks->passed_told, ranks->reading, ranks->call,
                          ranks->counted, ranks->heard };
  for (size_t i = 0; i < sizeof owned / sizeof *owned; ++i) free(owned[i]);
}

// --- saying ---------------------------------------------------------------------------------------------------------

static void say_sensors(art_sim *sim, art_bytes *out)
{
  art_ranks *ranks = sim->ranks;
  art_signals *signals = sim->signals;
  for (int32_t i = 0; i < signals->used_count; ++i) {
    const int32_t d = signals->used[i];
    const int covers = art_sensor_is_covered(sim, d);
    const change_record row = { SENSOR, d, signals->sensor[d].count - signals->sensor_count_seen[d], covers - ranks->covers[d] };
    ranks->covers[d] = (uint8_t)covers;
    if (row.count != 0 || row.covered != 0) ART_PUT(out, row);
  }
}

static void say_passages(art_sim *sim, art_bytes *out)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t i = 0; i < ranks->counted_count; ++i) {
    const int32_t c = ranks->counted[i];
    const change_record row = { PASSED, c, sim->movement_sums[c] - ranks->passed_told[c], 0 };
    if (row.count == 0) continue;
    ranks->passed_told[c] = sim->movement_sums[c];
    ART_PUT(out, row);
  }
}

static void say_people(art_sim *sim, art_bytes *out)
{
  art_ranks *ranks = sim->ranks;
  for (int32_t i = 0; i < ranks->heard_count; ++i) {
    const int32_t x = ranks->heard[i];
    if (sim->foot_waits[x] == ranks->foot_told[x]) continue;
    ranks->foot_told[x] = sim->foot_waits[x];
    const change_record row = { WAITING, x, sim->foot_waits[x], 0 };
    ART_PUT(out, row);
  }
}

/// Lanes and calls of a signal whose control may be asked in this step.
static void say_signal(art_sim *sim, int32_t s, int32_t program, art_bytes *out)
{
  const art_signals *signals = sim->signals;
  const uint8_t reads = sim->kernels->control_reads[sim->net->program_control[program]];
  for (int32_t r = signals->first_lane[s]; (reads & ART_READS_LANES) && r < signals->first_lane[s + 1]; ++r) {
    lane_record row;
    memset(&row, 0, sizeof row);
    row.kind = LANE;
    row.signal = s;
    row.row = r;
    row.reading = art_sensors_read_lane(sim, signals->lane_row[r], program);
    sim->ranks->reading[r] = (art_lane_reading){ 0 };
    if (row.reading.vehicles > 0) ART_PUT(out, row);
  }
  if (!(reads & ART_READS_CALLS)) return;
  art_sensors_find_calls(sim, s, program);
  for (int32_t i = 0; i < signals->call_count; ++i) {
    call_record row;
    memset(&row, 0, sizeof row);
    row.kind = CALL;
    row.signal = s;
    row.call = signals->call[i];
    ART_PUT(out, row);
  }
}

// --- hearing --------------------------------------------------------------------------------------------------------

/// Is it something that a rank may say?
static int is_sound(const art_sim *sim, const change_record *row)
{
  const art_net *net = sim->net;
  const uint8_t *used = sim->signals->sensor_used;
  switch (row->kind) {
  case SENSOR: return row->id >= 0 && row->id < net->detector_count && used && used[row->id];
  case PASSED: return row->id >= 0 && row->id < net->connector_count && sim->ranks->passed;
  case WAITING: return row->id >= 0 && row->id < net->crossing_count && sim->foot_waits && (row->count == 0 || row->count == 1);
  default: return 0;
  }
}

static void hear_change(art_sim *sim, const change_record *row)
{
  art_ranks *ranks = sim->ranks;
  if (row->kind == PASSED) {
    ranks->passed[row->id] += row->count;
  } else if (row->kind == WAITING) {
    sim->foot_waits[row->id] = (uint8_t)row->count;
  } else {
    ranks->fronts[row->id] += row->count;
    ranks->covered_by[row->id] += row->covered;
    ranks->touched[row->id] = 1;
  }
}

static void add_reading(art_lane_reading *to, const art_lane_reading *r)
{
  to->vehicles += r->vehicles;
  to->standing += r->standing;
  to->queue_m = art_maxf(to->queue_m, r->queue_m);
  to->near += r->near;
  to->tail_m = art_maxf(to->tail_m, r->tail_m);
  to->close += r->close;
  to->moving += r->moving;
}

static int is_signal(const art_sim *sim, int32_t signal)
{
  return signal >= 0 && signal < sim->net->signal_count;
}

/// Returns 0 if there is no such lane or signal.
static int hear_lane(art_sim *sim, art_byte_reader *in)
{
  const art_signals *signals = sim->signals;
  lane_record row;
  ART_GET(in, row);
  if (in->is_short || !is_signal(sim, row.signal) || row.row < signals->first_lane[row.signal] ||
      row.row >= signals->first_lane[row.signal + 1])
    return 0;
  if (sim->ranks->runs[row.signal]) add_reading(&sim->ranks->reading[row.row], &row.reading);
  return 1;
}

static int hear_call(art_sim *sim, art_byte_reader *in)
{
  art_ranks *ranks = sim->ranks;
  call_record row;
  ART_GET(in, row);
  if (in->is_short || !is_signal(sim, row.signal) || row.call.group < 0 ||
      row.call.group >= sim->net->signal_group_count[row.signal])
    return 0;
  const art_rank_call call = { row.signal, row.call };
  if (ranks->runs[row.signal]) ART_PUSH(ranks->call, ranks->call_count, ranks->call_capacity, call);
  return 1;
}

static int hear_row(art_sim *sim, art_byte_reader *in)
{
  int32_t kind;
  change_record row;
  if (in->count - in->at < sizeof kind) return 0;
  memcpy(&kind, in->data + in->at, sizeof kind);
  if (kind == LANE) return hear_lane(sim, in);
  if (kind == CALL) return hear_call(sim, in);
  ART_GET(in, row);
  if (in->is_short || !is_sound(sim, &row)) return 0;
  hear_change(sim, &row);
  return 1;
}

static void hear(art_sim *sim, art_byte_reader *in)
{
  while (in->at < in->count)
    if (!hear_row(sim, in)) {
      sim->ranks->fault = "what another rank says of the road is cut short, or of no place of this city";
      return;
    }
}

/// As art_sensors_look; who came and went within the step leaves a pulse.
static void look_at_sensors(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_signals *signals = sim->signals;
  for (int32_t i = 0; i < signals->used_count; ++i) {
    const int32_t d = signals->used[i];
    if (!ranks->touched[d]) continue;
    art_sensor_reading *sensor = &signals->sensor[d];
    const int covered = ranks->covered_by[d] > 0;
    sensor->count = signals->sensor_count_seen[d] + ranks->fronts[d];
    const int pulse = ranks->fronts[d] != 0 && !covered;
    if (covered != sensor->occupied || pulse) sensor->since_ms = sim->now_ms;
    sensor->occupied = (uint8_t)covered;
    signals->sensor_count_seen[d] = sensor->count;
    ranks->fronts[d] = 0;
    ranks->touched[d] = 0;
  }
}

void art_ranks_read_road(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  if (!ranks->reads_road) return;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  say_sensors(sim, &mine);
  say_passages(sim, &mine);
  say_people(sim, &mine);
  for (int32_t i = 0; i < ranks->speak_count; ++i) {
    const int32_t s = ranks->speak[i];
    if (sim->now_ms >= sim->signals->wake_ms[s]) say_signal(sim, s, art_signals_program_now(sim, s), &mine);
  }
  ranks->group->gather(ranks->group, &mine, &all, first);
  ranks->call_count = 0;
  art_byte_reader in = { .data = all.data, .count = all.count };
  hear(sim, &in);
  look_at_sensors(sim);
  free(first);
  free(mine.data);
  free(all.data);
}

void art_ranks_take_lanes(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  for (int32_t r = signals->first_lane[s]; r < signals->first_lane[s + 1]; ++r)
    signals->lane[signals->lane_row[r]] = sim->ranks->reading[r];
}

void art_ranks_take_calls(art_sim *sim, int32_t s)
{
  const art_ranks *ranks = sim->ranks;
  sim->signals->call_count = 0;
  for (int32_t i = 0; i < ranks->call_count; ++i)
    if (ranks->call[i].signal == s) art_sensors_put_call(sim->signals, &ranks->call[i].call);
}

// --- the log --------------------------------------------------------------------------------------------------------

void art_ranks_collect_events(art_sim *sim)
{
  art_ranks *ranks = sim->ranks;
  art_signals *signals = sim->signals;
  if (!ranks) return;
  art_bytes mine = { 0 }, all = { 0 };
  int64_t *first = ART_NEW(int64_t, ranks->group->size + 1);
  art_state_put_events(sim, &mine);
  art_group_collect(ranks->group, &mine, &all, first);
  signals->event_count = signals->letter_count = 0;
  art_byte_reader in = { .data = all.data, .count = all.count };
  art_error ignored;
  if (art_state_get_events(sim, &in, &ignored) != ART_OK)
    ranks->fault = "the log of another rank's signals is of no signal of this city";
  free(first);
  free(mine.data);
  free(all.data);
}
