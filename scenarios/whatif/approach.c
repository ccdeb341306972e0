#include "scenarios/whatif/approach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/// Connectors of one signal and how they are put together.
typedef struct builder {
  const art_net *net;
  const art_flows *flows;
  int32_t signal, program, phases, groups;
  int32_t count;        // connectors of the signal
  int32_t *connector;   // sorted by lane, as in the network
  int32_t *lane_group;  // [count]
  int32_t *movement;    // [count]
  int32_t lane_count;
  int32_t *lane;  // distinct from-lanes
  int32_t *group_of_lane;
  int32_t *first, *last;  // [lane_count], connectors of a lane: first <= k < last
} builder;

static char state_of(const builder *b, int32_t phase, int32_t connector)
{
  const art_net *net = b->net;
  return net->phase_state[net->phase_first_state[net->program_first_phase[b->program] + phase] +
                          net->connector_signal_group[connector]];
}

/// 1: both connectors show the same colours all through the cycle.
static int same_colours(const builder *b, int32_t one, int32_t two)
{
  for (int32_t p = 0; p < b->phases; ++p) {
    if (state_of(b, p, one) != state_of(b, p, two)) return 0;
  }
  return 1;
}

static int same_movement(const builder *b, int32_t one, int32_t two)
{
  const art_net *net = b->net;
  return net->lane_link[net->connector_to[one]] == net->lane_link[net->connector_to[two]] &&
         same_colours(b, one, two);
}

/// 1: every movement of lane i is one of lane j.
static int lane_covers(const builder *b, int32_t i, int32_t j)
{
  for (int32_t k = b->first[i]; k < b->last[i]; ++k) {
    int found = 0;
    for (int32_t m = b->first[j]; m < b->last[j] && !found; ++m)
      found = same_movement(b, b->connector[k], b->connector[m]);
    if (!found) return 0;
  }
  return 1;
}

static int carries_cars(const art_net *net, int32_t lane)
{
  return ART_PERMITS(net->lane_allowed[lane], ART_VCLASS_PASSENGER) != 0;
}

static int same_lane_group(const builder *b, int32_t i, int32_t j)
{
  const art_net *net = b->net;
  return net->lane_link[b->lane[i]] == net->lane_link[b->lane[j]] &&
         carries_cars(net, b->lane[i]) == carries_cars(net, b->lane[j]) && lane_covers(b, i, j) &&
         lane_covers(b, j, i);
}

static void collect(builder *b)
{
  const art_net *net = b->net;
  int32_t capacity = 0;
  for (int32_t k = 0; k < net->connector_count; ++k) {
    if (net->connector_signal[k] == b->signal) ART_PUSH(b->connector, b->count, capacity, k);
  }
  b->lane_group = ART_NEW(int32_t, b->count + 1);
  b->movement = ART_NEW(int32_t, b->count + 1);
  b->lane = ART_NEW(int32_t, b->count + 1);
  b->group_of_lane = ART_NEW(int32_t, b->count + 1);
  b->first = ART_NEW(int32_t, b->count + 1);
  b->last = ART_NEW(int32_t, b->count + 1);
  for (int32_t k = 0; k < b->count; ++k) {
    const int32_t from = net->connector_from[b->connector[k]];
    if (b->lane_count == 0 || b->lane[b->lane_count - 1] != from) {
      b->lane[b->lane_count] = from;
      b->first[b->lane_count++] = k;
    }
    b->last[b->lane_count - 1] = k + 1;
  }
}

static int32_t group_lanes(builder *b)
{
  int32_t groups = 0;
  for (int32_t i = 0; i < b->lane_count; ++i) {
    b->group_of_lane[i] = -1;
    for (int32_t j = 0; j < i && b->group_of_lane[i] < 0; ++j) {
      if (same_lane_group(b, i, j)) b->group_of_lane[i] = b->group_of_lane[j];
    }
    if (b->group_of_lane[i] < 0) b->group_of_lane[i] = groups++;
    for (int32_t k = b->first[i]; k < b->last[i]; ++k) b->lane_group[k] = b->group_of_lane[i];
  }
  return groups;
}

static double turn_factor(uint8_t turn)
{
  switch (turn) {
  case ART_TURN_LEFT: return 0.95;
  case ART_TURN_RIGHT: return 0.85;
  case ART_TURN_U: return 0.80;
  case ART_TURN_PART_LEFT:
  case ART_TURN_PART_RIGHT:
  default: return 1.0;
  }
}

static int32_t build_movements(builder *b, double saturation_vph, art_timing_movement *movement)
{
  int32_t count = 0;
  for (int32_t k = 0; k < b->count; ++k) {
    const int32_t connector = b->connector[k];
    b->movement[k] = -1;
    for (int32_t j = 0; j < k && b->movement[k] < 0; ++j) {
      if (b->lane_group[j] == b->lane_group[k] && same_movement(b, b->connector[j], connector))
        b->movement[k] = b->movement[j];
    }
    if (b->movement[k] < 0) {
      movement[count] =
          (art_timing_movement){ .group = b->net->connector_signal_group[connector],
                                 .lane_group = b->lane_group[k],
                                 .saturation_vph =
                                     saturation_vph * turn_factor(b->net->connector_turn[connector]) };
      b->movement[k] = count++;
    }
    movement[b->movement[k]].flow_vph += b->flows->wanted_vph[connector];
    movement[b->movement[k]].passed_vph += b->flows->passed_vph[connector];
  }
  return count;
}

/// Replaces book values by the mean of what was measured on the lanes of each group.
static void use_measurements(const builder *b, int32_t groups, int32_t movements,
                             art_timing_movement *movement)
{
  double *sum = ART_NEW(double, groups + 1), *count = ART_NEW(double, groups + 1);
  for (int32_t i = 0; i < b->lane_count; ++i) {
    const double vph = b->flows->discharge.lane_vph[b->lane[i]];
    if (vph <= 0.0) continue;
    sum[b->group_of_lane[i]] += vph;
    count[b->group_of_lane[i]] += 1.0;
  }
  for (int32_t m = 0; m < movements; ++m) {
    const int32_t g = movement[m].lane_group;
    if (count[g] > 0.0) movement[m].saturation_vph = sum[g] / count[g];
  }
  free(sum);
  free(count);
}

/// Lanes of each group less what uneven use loses: all flow over the flow of the fullest lane.
static void count_lanes(const builder *b, int32_t groups, double *lanes)
{
  double *sum = ART_NEW(double, groups + 1), *most = ART_NEW(double, groups + 1);
  for (int32_t i = 0; i < b->lane_count; ++i) {
    const int32_t g = b->group_of_lane[i];
    double flow = 0.0;
    for (int32_t k = b->first[i]; k < b->last[i]; ++k) flow += b->flows->wanted_vph[b->connector[k]];
    lanes[g] += 1.0;
    sum[g] += flow;
    most[g] = fmax(most[g], flow);
  }
  for (int32_t g = 0; g < groups; ++g) {
    if (sum[g] > 0.0) lanes[g] = fmin(lanes[g], fmax(1.0, sum[g] / most[g]));
  }
  free(sum);
  free(most);
}

static int32_t index_of(const builder *b, int32_t connector)
{
  int32_t low = 0, high = b->count;
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    if (b->connector[middle] < connector)
      low = middle + 1;
    else
      high = middle;
  }
  return low < b->count && b->connector[low] == connector ? low : -1;
}

/// Flow of connector `other`, one of movement o's, that movement m meets; each counts once.
static void note_yield(const builder *b, int32_t movements, int32_t m, int32_t other, uint8_t *seen,
                       double *met)
{
  uint8_t *cell = &seen[(size_t)m * (size_t)b->count + (size_t)other];
  if (*cell) return;
  *cell = 1;
  // an empty stream is met too: the smallest number keeps the row
  met[(size_t)m * (size_t)movements + (size_t)b->movement[other]] +=
      fmax(b->flows->wanted_vph[b->connector[other]], 1e-9);
}

/// Which movements give way to which, and to how much of their flow, from the conflicts of their connectors.
static void build_yields(const builder *b, int32_t movements, art_approach *out)
{
  const art_net *net = b->net;
  double *met = ART_NEW(double, (size_t)movements *(size_t)movements + 1);
  uint8_t *seen = ART_NEW(uint8_t, (size_t)movements * (size_t)b->count + 1);
  for (int32_t k = 0; k < b->count; ++k) {
    const int32_t connector = b->connector[k];
    for (int32_t r = net->conflict_first[connector]; r < net->conflict_first[connector + 1]; ++r) {
      const int32_t other = index_of(b, net->conflict_other[r]);
      if (other < 0 || !net->conflict_yield[r] || net->conflict_kind[r] == ART_CONFLICT_DIVERGE) continue;
      note_yield(b, movements, b->movement[k], other, seen, met);
    }
  }
  const size_t most = (size_t)movements * (size_t)movements + 1;
  out->yield_first = ART_NEW(int32_t, movements + 1);
  out->yield_to = ART_NEW(int32_t, most);
  out->yield_share = ART_NEW(double, most);
  int32_t next = 0;
  for (int32_t m = 0; m < movements; ++m) {
    out->yield_first[m] = next;
    for (int32_t o = 0; o < movements; ++o) {
      const double flow = met[(size_t)m * (size_t)movements + (size_t)o];
      if (flow <= 0.0) continue;
      out->yield_share[next] = fmin(1.0, flow / fmax(out->movement[o].flow_vph, 1e-9));
      out->yield_to[next++] = o;
    }
  }
  out->yield_first[movements] = next;
  free(seen);
  free(met);
}

static void name_turns(const builder *b, art_approach *out)
{
  static const char letters[] = "stlrLR";
  for (int32_t k = 0; k < b->count; ++k) {
    char *text = out->turns[b->lane_group[k]];
    const uint8_t turn = b->net->connector_turn[b->connector[k]];
    const char letter = turn < sizeof letters - 1 ? letters[turn] : '?';
    if (!strchr(text, letter) && strlen(text) + 1 < sizeof out->turns[0]) text[strlen(text)] = letter;
  }
}

void art_approach_build(const art_net *net, int32_t signal, const art_flows *flows, double saturation_vph,
                        int use_measured, art_approach *out)
{
  memset(out, 0, sizeof *out);
  const int32_t program = net->signal_active[signal], phase = net->program_first_phase[program];
  builder b = { .net = net, .flows = flows, .signal = signal, .program = program };
  b.phases = net->program_first_phase[program + 1] - phase;
  b.groups = net->signal_group_count[signal];
  collect(&b);
  const int32_t groups = group_lanes(&b);
  out->lanes = ART_NEW(double, groups + 1);
  out->link_of = ART_NEW(int32_t, groups + 1);
  out->turns = art_new((size_t)groups + 1, sizeof *out->turns);
  out->movement = ART_NEW(art_timing_movement, b.count + 1);
  name_turns(&b, out);
  const int32_t movements = build_movements(&b, saturation_vph, out->movement);
  if (use_measured) use_measurements(&b, groups, movements, out->movement);
  count_lanes(&b, groups, out->lanes);
  build_yields(&b, movements, out);
  for (int32_t i = 0; i < b.lane_count; ++i) out->link_of[b.group_of_lane[i]] = net->lane_link[b.lane[i]];
  out->timing = (art_timing_signal){ .phase_count = b.phases,
                                     .group_count = b.groups,
                                     .duration_ms = net->phase_duration_ms + phase,
                                     .min_ms = net->phase_min_ms + phase,
                                     .max_ms = net->phase_max_ms + phase,
                                     .state = net->phase_state + net->phase_first_state[phase],
                                     .lane_group_count = groups,
                                     .lanes = out->lanes,
                                     .movement_count = movements,
                                     .movement = out->movement,
                                     .yield_first = out->yield_first,
                                     .yield_to = out->yield_to,
                                     .yield_share = out->yield_share };
  free(b.connector);
  free(b.lane_group);
  free(b.movement);
  free(b.lane);
  free(b.group_of_lane);
  free(b.first);
  free(b.last);
}

void art_approach_clear(art_approach *approach)
{
  free(approach->lanes);
  free(approach->link_of);
  free(approach->turns);
  free(approach->movement);
  free(approach->yield_first);
  free(approach->yield_to);
  free(approach->yield_share);
  memset(approach, 0, sizeof *approach);
}
