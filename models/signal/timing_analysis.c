#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "models/signal/timing.h"
#include "models/signal/timing_plan_internal.h"

int art_timing_serves(char state)
{
  return state == 'G' || state == 'g' || state == 's' || state == 'o' || state == 'O';
}

static int is_protected(char state)
{
  return state == 'G' || state == 'O';
}

static int is_fixed(const art_timing_signal *signal, int32_t phase)
{
  int served = 0;
  for (int32_t g = 0; g < signal->group_count; ++g) {
    const char c = timing_state(signal, phase, g);
    if (timing_is_yellow(c) || c == 'u') return 1;
    served |= art_timing_serves(c);
  }
  return !served;
}

static int serve_same(const art_timing_signal *signal, int32_t a, int32_t b)
{
  const size_t width = (size_t)signal->group_count;
  return memcmp(signal->state + (size_t)a * width, signal->state + (size_t)b * width, width) == 0;
}

/// Numbers the stages; a stage that runs over the end of the cycle into its begin is one.
static void find_stages(timing_analysis *a)
{
  const art_timing_signal *signal = a->signal;
  const int32_t n = signal->phase_count;
  for (int32_t p = 0; p < n; ++p) {
    a->stage_of[p] = -1;
    if (is_fixed(signal, p)) {
      a->fixed_s += (double)signal->duration_ms[p] * 1e-3;
    } else if (p > 0 && a->stage_of[p - 1] >= 0 && serve_same(signal, p - 1, p)) {
      a->stage_of[p] = a->stage_of[p - 1];
    } else {
      a->stage_of[p] = a->stage_count++;
    }
  }
  const int32_t last = a->stage_of[n - 1];
  if (a->stage_count < 2 || last < 1 || a->stage_of[0] != 0 || !serve_same(signal, n - 1, 0)) return;
  for (int32_t p = 0; p < n; ++p) {
    if (a->stage_of[p] == last) a->stage_of[p] = 0;
  }
  --a->stage_count;
}

/// A program whose greens all have min = max = duration states no range: then a general minimum applies, but no
/// green is asked to be longer than it is now.
static void find_minimum_greens(timing_analysis *a)
{
  const art_timing_signal *signal = a->signal;
  int states_range = 0;
  for (int32_t p = 0; p < signal->phase_count; ++p) {
    if (a->stage_of[p] < 0) continue;
    states_range |=
        signal->min_ms[p] != signal->duration_ms[p] || signal->max_ms[p] != signal->duration_ms[p];
  }
  double *length_s = ART_NEW(double, a->stage_count + 1);
  for (int32_t p = 0; p < signal->phase_count; ++p) {
    if (a->stage_of[p] >= 0) length_s[a->stage_of[p]] += (double)signal->duration_ms[p] * 1e-3;
  }
  for (int32_t p = 0; p < signal->phase_count; ++p) {
    const int32_t k = a->stage_of[p];
    if (k < 0) continue;
    const double shortest_s = fmin(1.0, (double)signal->duration_ms[p] * 1e-3);
    a->phase_min_s[p] = states_range ? fmax((double)signal->min_ms[p] * 1e-3, shortest_s) : shortest_s;
    a->stage_min_s[k] += a->phase_min_s[p];
  }
  for (int32_t k = 0; k < a->stage_count; ++k) {
    if (!states_range)
      a->stage_min_s[k] = fmax(a->stage_min_s[k], fmin(a->options->min_green_s, length_s[k]));
    a->stage_min_s[k] = ceil(a->stage_min_s[k] - 1e-6);  // plans are whole seconds
  }
  free(length_s);
}

static void scale_to_passages(timing_analysis *a);

void timing_analysis_open(timing_analysis *a, const art_timing_signal *signal,
                          const art_timing_options *options)
{
  memset(a, 0, sizeof *a);
  a->signal = signal;
  a->options = options;
  const int32_t phases = signal->phase_count, lanes = signal->lane_group_count;
  a->stage_of = ART_NEW(int32_t, phases + 1);
  a->stage_min_s = ART_NEW(double, phases + 1);
  a->phase_min_s = ART_NEW(double, phases + 1);
  a->lane_scale = ART_NEW(double, lanes + 1);
  for (int32_t l = 0; l < lanes; ++l) a->lane_scale[l] = 1.0;
  a->lane_flow_vps = ART_NEW(double, lanes + 1);
  a->rate_vps = ART_NEW(double, (size_t)lanes *(size_t)phases + 1);
  a->bonus = ART_NEW(double, lanes + 1);
  a->bonus_s = ART_NEW(double, lanes + 1);
  find_stages(a);
  find_minimum_greens(a);
  for (int32_t m = 0; m < signal->movement_count; ++m) {
    a->lane_flow_vps[signal->movement[m].lane_group] += signal->movement[m].flow_vph / 3600.0;
  }
  scale_to_passages(a);
}

void timing_analysis_close(timing_analysis *a)
{
  free(a->stage_of);
  free(a->stage_min_s);
  free(a->phase_min_s);
  free(a->lane_scale);
  free(a->lane_flow_vps);
  free(a->rate_vps);
  free(a->bonus);
  free(a->bonus_s);
}

// ---- discharge rates -------------------------------------------------------------------------------------------------

static double cycle_of(const art_timing_signal *signal, const int64_t *duration_ms)
{
  double cycle_s = 0.0;
  for (int32_t p = 0; p < signal->phase_count; ++p) cycle_s += (double)duration_ms[p] * 1e-3;
  return cycle_s;
}

/// Seconds a cycle in which movement m is served; `permitted_only` 1: only where it has to give way.
static double served_s(const art_timing_signal *signal, int32_t m, const int64_t *duration_ms,
                       int permitted_only)
{
  double sum_s = 0.0;
  for (int32_t p = 0; p < signal->phase_count; ++p) {
    const char c = timing_state(signal, p, signal->movement[m].group);
    if (art_timing_serves(c) && !(permitted_only && is_protected(c))) sum_s += (double)duration_ms[p] * 1e-3;
  }
  return sum_s;
}

/// Saturation flow of one lane of the group with all its movements unopposed: harmonic mean by their shares, veh/s.
static double unopposed_rate(const timing_analysis *a, int32_t lane_group)
{
  const art_timing_signal *signal = a->signal;
  double time_s = 0.0;
  for (int32_t m = 0; m < signal->movement_count; ++m) {
    const art_timing_movement *movement = &signal->movement[m];
    if (movement->lane_group == lane_group) time_s += movement->flow_vph / movement->saturation_vph;
  }
  return time_s > 0.0 ? a->lane_flow_vps[lane_group] / time_s : 0.0;
}

/// Seconds into green until the queue of an opposing lane group has left; then the gaps begin.
static double queue_clearance_s(const timing_analysis *a, int32_t opposing, double cycle_s,
                                const int64_t *duration_ms)
{
  const art_timing_signal *signal = a->signal;
  const int32_t lane_group = signal->movement[opposing].lane_group;
  const double lanes = signal->lanes[lane_group];
  const double flow = a->lane_flow_vps[lane_group];
  const double rate = unopposed_rate(a, lane_group) * lanes;
  const double green_s = served_s(signal, opposing, duration_ms, 0);
  if (rate <= flow) return green_s;
  return fmin(green_s, flow * (cycle_s - green_s) / (rate - flow));
}

/// Mean rate of one lane of a permitted movement over its permitted green, veh/s: gaps in the opposing streams once
/// their queues have left, and the vehicles that clear at the end of green.
static double permitted_rate(const timing_analysis *a, int32_t m, int32_t phase, const int64_t *duration_ms)
{
  const art_timing_signal *signal = a->signal;
  const double free_rate = signal->movement[m].saturation_vph / 3600.0;
  const double cycle_s = cycle_of(signal, duration_ms);
  const double green_s = served_s(signal, m, duration_ms, 1);
  double stream_vph = 0.0, queue_s = 0.0;
  for (int32_t k = signal->yield_first[m]; k < signal->yield_first[m + 1]; ++k) {
    const int32_t o = signal->yield_to[k];
    if (!art_timing_serves(timing_state(signal, phase, signal->movement[o].group))) continue;
    stream_vph += signal->movement[o].flow_vph * (signal->yield_share ? signal->yield_share[k] : 1.0);
    if (signal->movement[o].flow_vph > 0.0) {
      queue_s = fmax(queue_s, queue_clearance_s(a, o, cycle_s, duration_ms));
    }
  }
  if (stream_vph <= 0.0 || green_s <= 0.0) return free_rate;
  const double open_share = fmax(0.0, green_s - queue_s) / green_s;
  const double gaps = art_timing_gap_capacity(stream_vph, a->options->permitted_critical_s,
                                              a->options->permitted_follow_up_s) /
                      3600.0;
  return fmin(free_rate, gaps * open_share + a->options->sneakers / green_s);
}

/// Rate of a lane group in a phase, all lanes. A lane shared with a red movement is blocked as soon as one vehicle of
/// that movement stands in front, so it counts as served only if hardly anybody makes that turn, or (`loose`) in
/// proportion to the others where no phase serves all its movements together.
static double lane_rate(const timing_analysis *a, int32_t lane_group, int32_t phase,
                        const int64_t *duration_ms, int loose)
{
  const art_timing_signal *signal = a->signal;
  double served = 0.0, blocked = 0.0, time_s = 0.0;
  for (int32_t m = 0; m < signal->movement_count; ++m) {
    const art_timing_movement *movement = &signal->movement[m];
    if (movement->lane_group != lane_group || movement->flow_vph <= 0.0) continue;
    const double flow = movement->flow_vph / 3600.0;
    const char c = timing_state(signal, phase, movement->group);
    if (!art_timing_serves(c)) {
      blocked += flow;
      continue;
    }
    const double rate =
        is_protected(c) ? movement->saturation_vph / 3600.0 : permitted_rate(a, m, phase, duration_ms);
    served += flow;
    time_s += rate > 0.0 ? flow / rate : INFINITY;
  }
  const double blocked_share = served + blocked > 0.0 ? blocked / (served + blocked) : 0.0;
  if (served <= 0.0 || (!loose && blocked_share > 0.05)) return 0.0;
  return served / time_s * (1.0 - blocked_share) * signal->lanes[lane_group] * a->lane_scale[lane_group];
}

static int shows_yellow(const art_timing_signal *signal, int32_t lane_group, int32_t phase)
{
  for (int32_t m = 0; m < signal->movement_count; ++m) {
    const art_timing_movement *movement = &signal->movement[m];
    if (movement->lane_group == lane_group && timing_is_yellow(timing_state(signal, phase, movement->group)))
      return 1;
  }
  return 0;
}

/// What each green wins from its yellow and loses at its start, summed over the greens of a cycle.
static void count_bonus(timing_analysis *a, int32_t lane_group, const int64_t *duration_ms)
{
  const art_timing_signal *signal = a->signal;
  const int32_t n = signal->phase_count;
  const double *rate = a->rate_vps + (size_t)lane_group * (size_t)n;
  a->bonus[lane_group] = a->bonus_s[lane_group] = 0.0;
  for (int32_t p = 0; p < n; ++p) {
    const int32_t next = (p + 1) % n;
    if (rate[p] <= 0.0 || rate[next] > 0.0) continue;  // p is the last phase of a green
    double yellow_s = 0.0, best_rate = 0.0;
    for (int32_t q = next; q != p && shows_yellow(signal, lane_group, q) && rate[q] <= 0.0; q = (q + 1) % n) {
      yellow_s += (double)duration_ms[q] * 1e-3;
    }
    for (int32_t back = 0; back < n; ++back) {
      const int32_t q = (p - back + n) % n;
      if (rate[q] <= 0.0) break;
      best_rate = fmax(best_rate, rate[q]);
    }
    const double won_s = fmin(a->options->extension_s, yellow_s) - a->options->startup_lost_s;
    a->bonus_s[lane_group] += won_s;
    a->bonus[lane_group] += best_rate * won_s;
  }
}

void timing_analysis_rate(timing_analysis *a, const int64_t *duration_ms)
{
  const int32_t n = a->signal->phase_count;
  for (int32_t l = 0; l < a->signal->lane_group_count; ++l) {
    double *rate = a->rate_vps + (size_t)l * (size_t)n;
    int served = 0;
    for (int loose = 0; loose < 2 && !served; ++loose) {
      for (int32_t p = 0; p < n; ++p) {
        rate[p] = lane_rate(a, l, p, duration_ms, loose);
        served |= rate[p] > 0.0;
      }
    }
    count_bonus(a, l, duration_ms);
  }
}

/// A lane group that let more vehicles pass than the formulas allow gets the capacity that it showed. It happens to turns
/// that use gaps in a stream which another signal has bunched.
static void scale_to_passages(timing_analysis *a)
{
  const art_timing_signal *signal = a->signal;
  const int32_t n = signal->phase_count;
  const double cycle_s = cycle_of(signal, signal->duration_ms);
  if (cycle_s <= 0.0) return;
  timing_analysis_rate(a, signal->duration_ms);
  for (int32_t l = 0; l < signal->lane_group_count; ++l) {
    double passed = 0.0, served = a->bonus[l];
    for (int32_t m = 0; m < signal->movement_count; ++m) {
      if (signal->movement[m].lane_group == l) passed += signal->movement[m].passed_vph / 3600.0 * cycle_s;
    }
    for (int32_t p = 0; p < n; ++p)
      served += a->rate_vps[(size_t)l * (size_t)n + (size_t)p] * (double)signal->duration_ms[p] * 1e-3;
    if (served > 0.0 && passed > served) a->lane_scale[l] = passed / served;
  }
}
