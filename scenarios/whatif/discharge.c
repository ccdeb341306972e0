#include "scenarios/whatif/discharge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Queues shorter than this say nothing: the first four vehicles are start-up.
enum { FOURTH = 4, SHORTEST_QUEUE = 6, LONGEST_GAP_MS = 6000, FEWEST_HEADWAYS = 20 };
static const float standing_mps = 2.0f;

void art_discharge_open(art_discharge *d, const art_net *net)
{
  const int32_t n = net->link_lane_count + 1;
  memset(d, 0, sizeof *d);
  d->net = net;
  d->lane_queue = ART_NEW(int32_t, n);
  d->lane_passed = ART_NEW(int32_t, n);
  d->lane_start_ms = ART_NEW(art_tick, n);
  d->lane_fourth_ms = ART_NEW(art_tick, n);
  d->lane_last_ms = ART_NEW(art_tick, n);
  d->is_protected = ART_NEW(char, n);
  d->headway_count = ART_NEW(int64_t, n);
  d->headway_ms = ART_NEW(int64_t, n);
  d->fourth_count = ART_NEW(int64_t, n);
  d->fourth_ms = ART_NEW(int64_t, n);
  d->phase = ART_NEW(int32_t, net->signal_count + 1);
  for (int32_t s = 0; s < net->signal_count; ++s) d->phase[s] = -1;
}

void art_discharge_close(art_discharge *d)
{
  free(d->lane_queue);
  free(d->lane_passed);
  free(d->lane_start_ms);
  free(d->lane_fourth_ms);
  free(d->lane_last_ms);
  free(d->is_protected);
  free(d->headway_count);
  free(d->headway_ms);
  free(d->fourth_count);
  free(d->fourth_ms);
  free(d->phase);
  art_snapshot_free(&d->snapshot);
}

/// 1: the lane ends at this signal and all its ways out show G.
static int lane_is_protected(const art_discharge *d, int32_t lane)
{
  const art_net *net = d->net;
  if (net->lane_first_out[lane] == net->lane_first_out[lane + 1]) return 0;
  for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) {
    const int32_t s = net->connector_signal[k];
    if (s < 0 || d->phase[s] < 0) return 0;
    const int32_t phase = d->phase[s];
    if (net->phase_state[net->phase_first_state[phase] + net->connector_signal_group[k]] != 'G') return 0;
  }
  return 1;
}

/// Books the queue that is being measured, as far as it was seen.
static void settle(art_discharge *d, int32_t lane)
{
  const int32_t seen = d->lane_passed[lane];
  if (d->lane_queue[lane] > 0 && seen >= SHORTEST_QUEUE) {
    d->headway_count[lane] += seen - FOURTH;
    d->headway_ms[lane] += d->lane_last_ms[lane] - d->lane_fourth_ms[lane];
    d->fourth_count[lane] += 1;
    d->fourth_ms[lane] += d->lane_fourth_ms[lane] - d->lane_start_ms[lane];
  }
  d->lane_queue[lane] = 0;
}

static void count_passages(art_discharge *d, art_tick now_ms, const int32_t *passed)
{
  const art_net *net = d->net;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    if (d->lane_queue[lane] == 0) continue;
    int32_t n = 0;
    for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) n += passed[k];
    if (n == 0) {
      // a long gap: something ahead blocks them, which is no saturation
      if (d->lane_passed[lane] > 0 && now_ms - d->lane_last_ms[lane] > LONGEST_GAP_MS) settle(d, lane);
      continue;
    }
    const int32_t before = d->lane_passed[lane];
    d->lane_passed[lane] += n;
    if (before < FOURTH && d->lane_passed[lane] >= FOURTH) d->lane_fourth_ms[lane] = now_ms;
    d->lane_last_ms[lane] = now_ms;
    if (d->lane_passed[lane] >= d->lane_queue[lane]) settle(d, lane);
  }
}

/// Counts the standing vehicles of lanes whose green has just begun (marked by a queue of -1).
static void count_queues(art_discharge *d, const art_sim *sim, art_tick now_ms)
{
  const int32_t lanes = d->net->link_lane_count;
  int32_t *standing = ART_NEW(int32_t, lanes + 1);
  art_sim_snapshot(sim, &d->snapshot);
  for (int64_t i = 0; i < d->snapshot.count; ++i) {
    const int32_t lane = d->snapshot.lane[i];
    if (lane < lanes && d->snapshot.speed_mps[i] < standing_mps) ++standing[lane];
  }
  for (int32_t lane = 0; lane < lanes; ++lane) {
    if (d->lane_queue[lane] != -1) continue;
    d->lane_queue[lane] = standing[lane] >= SHORTEST_QUEUE ? standing[lane] : 0;
    d->lane_start_ms[lane] = now_ms;
    d->lane_passed[lane] = 0;
  }
  free(standing);
}

void art_discharge_step(art_discharge *d, art_sim *sim, const int32_t *passed)
{
  const art_net *net = d->net;
  const art_signal_event *events;
  const art_tick now_ms = art_sim_now(sim);
  count_passages(d, now_ms, passed);
  const int64_t count = art_sim_take_signal_events(sim, &events);
  if (count == 0) return;
  for (int64_t i = 0; i < count; ++i) {
    const art_signal_event *e = &events[i];
    d->phase[e->signal] = e->phase < 0 ? -1 : net->program_first_phase[e->program] + e->phase;
  }
  int has_started = 0;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    const char now = (char)lane_is_protected(d, lane);
    if (now && !d->is_protected[lane]) {
      d->lane_queue[lane] = -1;
      has_started = 1;
    } else if (!now && d->is_protected[lane]) {
      settle(d, lane);  // the green ended before the queue
    }
    d->is_protected[lane] = now;
  }
  if (has_started) count_queues(d, sim, now_ms);
}

static int goes_straight_only(const art_net *net, int32_t lane)
{
  for (int32_t k = net->lane_first_out[lane]; k < net->lane_first_out[lane + 1]; ++k) {
    if (net->connector_turn[k] != ART_TURN_STRAIGHT) return 0;
  }
  return 1;
}

art_discharge_result art_discharge_finish(const art_discharge *d)
{
  const art_net *net = d->net;
  art_discharge_result result = { .lane_vph = ART_NEW(double, net->link_lane_count + 1),
                                  .startup_lost_s = NAN };
  double straight_ms = 0.0, straight_count = 0.0, lost_s = 0.0;
  int64_t queues = 0;
  for (int32_t lane = 0; lane < net->link_lane_count; ++lane) {
    const double count = (double)d->headway_count[lane], time_ms = (double)d->headway_ms[lane];
    if (d->headway_count[lane] < FEWEST_HEADWAYS || time_ms <= 0.0) continue;
    const double headway_s = time_ms / count * 1e-3;
    result.lane_vph[lane] = 3600.0 / headway_s;
    result.headways += d->headway_count[lane];
    ++result.lanes;
    lost_s += (double)d->fourth_ms[lane] * 1e-3 - (double)d->fourth_count[lane] * FOURTH * headway_s;
    queues += d->fourth_count[lane];
    if (goes_straight_only(net, lane)) {
      straight_ms += time_ms;
      straight_count += count;
    }
  }
  if (straight_count >= FEWEST_HEADWAYS && straight_ms > 0.0)
    result.straight_vph = 3.6e6 * straight_count / straight_ms;
  if (queues > 0) result.startup_lost_s = lost_s / (double)queues;
  return result;
}
