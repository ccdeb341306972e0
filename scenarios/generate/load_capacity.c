// What one path through a node lets through: saturation flow, greens, gaps, room behind the node.
#include <math.h>

#include "core/net/gaps.h"
#include "models/junction/gap_capacity.h"
#include "scenarios/generate/load.h"

#define LEAST_VPH 20.0         // somebody is always let in
#define TURN_LATERAL_MPS2 3.5  // and with these two the radius of a turn from its speed, as imports choose it
#define TURN_WIDER_M 2.0
#define TIGHTEST_M 1.5
#define KIMBER_M \
  1.5  // Kimber, McDonald and Hounsell (1986): 1 / (1 + 1.5 m / radius) of the flow straight on
#define ALLWAY_VPH 450.0   // a lane at an all-way stop, everybody taking turns
#define SHORT_EXIT_M 80.0  // behind a node: what has passed on one green hardly fits farther than this
#define VEHICLE_M 7.5      // of a queue
#define START_UP_S 2.0     // lost by a queue that starts to move (Highway Capacity Manual)
#define FACING_PASS 0.33   // of the full flow, what gets through where left turns of two single lanes wait for each other
#define STOP_VPH 600.0     // a lane before a stop sign where nobody comes: each stands at the line and starts anew

static art_gap_headways headways_of(const art_net *net, int32_t c, art_gap_pair fallback)
{
  const art_gap_pair own = art_net_gaps_of(net, c, 0);
  const double critical = (double)net->connector_critical_gap_s[c],
               follow_up = (double)net->connector_follow_up_s[c];
  return (art_gap_headways){
    .critical_s = critical > 0.0 ? critical : (double)(own.critical_s > 0.0f ? own : fallback).critical_s,
    .follow_up_s = follow_up > 0.0 ? follow_up : (double)(own.follow_up_s > 0.0f ? own : fallback).follow_up_s
  };
}

/// What a path through a node lets through that yields to nobody: turns are slower.
static double saturation_of(const art_net *net, int32_t c)
{
  const double speed = (double)net->lane_speed_mps[net->link_lane_count + c];
  if (speed >=
      (double)fminf(net->lane_speed_mps[net->connector_from[c]], net->lane_speed_mps[net->connector_to[c]]))
    return ART_LOAD_SATURATION_VPH;
  const double radius_m = fmax(speed * speed / TURN_LATERAL_MPS2 - TURN_WIDER_M, TIGHTEST_M);
  return ART_LOAD_SATURATION_VPH / (1.0 + KIMBER_M / radius_m);
}

// ---- signals -----------------------------------------------------------------------------------------------------------

static int is_green(char letter)
{
  return letter == 'G' || letter == 'g';
}

static char letter_of(const art_net *net, int32_t c, int32_t phase)
{
  return net->phase_state[net->phase_first_state[phase] + net->connector_signal_group[c]];
}

double art_load_cycle(const art_net *net, int32_t c)
{
  if (net->connector_signal[c] < 0) return 0.0;
  const int32_t program = net->signal_active[net->connector_signal[c]];
  int64_t ms = 0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p)
    ms += net->phase_duration_ms[p];
  return (double)ms / 1000.0;
}

double art_load_green(const art_net *net, int32_t c)
{
  if (net->connector_signal[c] < 0) return 0.0;
  const int32_t program = net->signal_active[net->connector_signal[c]];
  int64_t ms = 0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p)
    ms += is_green(letter_of(net, c, p)) ? net->phase_duration_ms[p] : 0;
  return (double)ms / 1000.0;
}

static int is_green_at(const art_net *net, int32_t c, double seconds, double cycle_s)
{
  const int32_t program = net->signal_active[net->connector_signal[c]];
  double within = fmod(seconds - (double)net->program_offset_ms[program] / 1000.0, cycle_s);
  if (within < 0.0) within += cycle_s;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p) {
    within -= (double)net->phase_duration_ms[p] / 1000.0;
    if (within < 0.0) return is_green(letter_of(net, c, p));
  }
  return 0;
}

int art_load_has_short_exit(const art_net *net, int32_t c)
{
  const int32_t exit = net->connector_to[c];
  const int32_t first = net->lane_first_out[exit], end = net->lane_first_out[exit + 1];
  if (net->connector_signal[c] < 0 || (double)net->lane_length_m[exit] > SHORT_EXIT_M || first == end) return 0;
  for (int32_t o = first; o < end; ++o)
    if (net->connector_signal[o] < 0 || fabs(art_load_cycle(net, o) - art_load_cycle(net, c)) > 1e-3) return 0;
  return 1;
}

double art_load_meets_green(const art_net *net, int32_t c, int32_t next)
{
  const int32_t exit = net->connector_to[c], path = net->link_lane_count + c;
  const double cycle_s = art_load_cycle(net, c);
  const double travel_s = (double)net->lane_length_m[path] / (double)net->lane_speed_mps[path] +
                          (double)net->lane_length_m[exit] / (double)net->lane_speed_mps[exit];
  double meets_s = 0.0;
  for (double t = 0.5; t < cycle_s; t += 1.0)
    meets_s += is_green_at(net, c, t, cycle_s) && is_green_at(net, next, t + travel_s, cycle_s);
  return meets_s;
}

/// Of the green of a connector, what meets green at the end of a short exit, on average of those who drive there; all of it
/// where the exit is long.
static double meets_green(const art_load *load, int32_t c)
{
  const art_net *net = load->net;
  const int32_t exit = net->connector_to[c], first = net->lane_first_out[exit];
  if (load->first_meet[c] == load->first_meet[c + 1]) return load->green_s[c];
  double sum = 0.0, vph = 0.0, most = 0.0;
  for (int32_t k = load->first_meet[c]; k < load->first_meet[c + 1]; ++k) {
    const double here = load->vph[first + k - load->first_meet[c]];
    most = fmax(most, load->meets_s[k]);
    sum += here * load->meets_s[k];
    vph += here;
  }
  return vph > 0.0 ? sum / vph : most;
}

/// What a connector yields to while `phase` shows, and until when their queue has it closed: with arrivals evenly over the
/// cycle a lane of degree of saturation x needs x g r / (C - x g) seconds of its green g for it.
static double stream_at(const art_load *load, int32_t c, int32_t phase, double cycle_s, double *queue_s)
{
  const art_net *net = load->net;
  double stream_vph = 0.0;
  *queue_s = 0.0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
    const int32_t other = net->conflict_other[k];
    if (!net->conflict_yield[k] || net->conflict_kind[k] == ART_CONFLICT_DIVERGE ||
        !(load->vph[other] > 0.0) || net->connector_signal[other] != net->connector_signal[c] ||
        !is_green(letter_of(net, other, phase)))
      continue;
    stream_vph += load->vph[other];
    const double green_s = load->green_s[other], x = fmin(load->lane_share[net->connector_from[other]], 1.0);
    if (green_s < cycle_s)
      *queue_s = fmax(*queue_s, x * green_s * (cycle_s - green_s) / (cycle_s - x * green_s));
  }
  return stream_vph;
}

/// Who waits inside at the end of green drives then: one, and a second if it turns left, too (Highway Capacity Manual).
static double sneakers_of(const art_load *load, int32_t c)
{
  const art_net *net = load->net;
  const int32_t lane = net->connector_from[c];
  double turning = 0.0, all = 0.0;
  for (int32_t o = net->lane_first_out[lane]; o < net->lane_first_out[lane + 1]; ++o) {
    all += load->vph[o];
    if (net->connector_turn[o] == net->connector_turn[c]) turning += load->vph[o];
  }
  return 1.0 + (all > 0.0 ? turning / all : 1.0);
}

/// Of a lane, the share of those who look for gaps in a phase.
static double share_yielding(const art_load *load, int32_t lane, int32_t phase)
{
  const art_net *net = load->net;
  double yielding = 0.0, all = 0.0;
  for (int32_t o = net->lane_first_out[lane]; o < net->lane_first_out[lane + 1]; ++o) {
    all += load->vph[o];
    if (net->connector_signal[o] >= 0 && letter_of(net, o, phase) == 'g') yielding += load->vph[o];
  }
  return all > 0.0 ? yielding / all : 0.0;
}

/// While the oncoming queue passes, how often it lets a lane in, as a part of the full flow: whenever one of a single lane
/// waits to turn left itself, it holds up those behind it (the Manual's equivalent of left turns at an opposing lane that is
/// shared), and a left turn from here goes with it.
static double let_in(const art_load *load, int32_t left, int32_t phase)
{
  const art_net *net = load->net;
  int32_t lane = -1;
  for (int32_t k = net->conflict_first[left]; k < net->conflict_first[left + 1]; ++k) {
    const int32_t other = net->conflict_other[k], from = net->connector_from[other];
    if (!net->conflict_yield[k] || net->conflict_kind[k] == ART_CONFLICT_DIVERGE || !(load->vph[other] > 0.0) ||
        net->connector_signal[other] != net->connector_signal[left] || !is_green(letter_of(net, other, phase)))
      continue;
    if (lane >= 0 && from != lane) return 0.0;
    lane = from;
  }
  if (lane < 0) return 0.0;
  const double facing = share_yielding(load, lane, phase), own = share_yielding(load, net->connector_from[left], phase);
  return FACING_PASS * (own > facing ? facing / own : 1.0);
}

/// What keeps others of a connector's lane from going in a phase, and with them, from the first one on, all behind: red for
/// the phase, or the oncoming queue for left turns.
typedef struct block {
  double share, lasts_s, start_up_s;
  double passes;  ///< part of the flow that gets through all the same
} block;

static block blocked_by(const art_load *load, int32_t c, int32_t phase, double phase_s)
{
  const art_net *net = load->net;
  const int32_t lane = net->connector_from[c];
  double red = 0.0, waits = 0.0, all = 0.0, queue_s = 0.0, passes = 1.0;
  for (int32_t o = net->lane_first_out[lane]; o < net->lane_first_out[lane + 1]; ++o) {
    const int has_letter = net->connector_signal[o] == net->connector_signal[c];
    const char letter = has_letter ? letter_of(net, o, phase) : 'G';
    double until_s;
    all += load->vph[o];
    if (!is_green(letter))
      red += load->vph[o];
    else if (letter == 'g' && o != c && stream_at(load, o, phase, load->cycle_s[c], &until_s) > 0.0 &&
             until_s > 0.0) {
      waits += load->vph[o];
      queue_s = fmax(queue_s, until_s);
      passes = fmin(passes, let_in(load, o, phase));
    }
  }
  if (red > 0.0) return (block){ red / all, phase_s, 0.0, 0.0 };
  if (!(waits > 0.0)) return (block){ 0 };
  return (block){ waits / all, fmin(queue_s, phase_s), fmin(START_UP_S, phase_s - fmin(queue_s, phase_s)), passes };
}

/// By the running program, as if by the clock: full flow at G, gaps in the oncoming stream after its queue at g. What drives
/// onto a short link before the next signal finds green there, or its share of the room.
static double at_signal_vph(const art_load *load, int32_t c, double most_vph, double *wait_s)
{
  const art_net *net = load->net;
  const int32_t program = net->signal_active[net->connector_signal[c]];
  const art_gap_headways headways = headways_of(net, c, ART_GAP_PERMITTED_LEFT);
  const double cycle_s = load->cycle_s[c], green_s = load->green_s[c];
  if (!(cycle_s > 0.0)) return most_vph;
  double vehicles = 0.0, between = 0.0,
         run = 0.0;  // between: while others of the lane have red, up to the first of them
  int yields = 0;
  for (int32_t p = net->program_first_phase[program]; p < net->program_first_phase[program + 1]; ++p) {
    const char letter = letter_of(net, c, p);
    if (!is_green(letter)) continue;
    double lasts_s = (double)net->phase_duration_ms[p] / 1000.0, queue_s = 0.0;
    const double stream = letter == 'g' ? stream_at(load, c, p, cycle_s, &queue_s) : 0.0;
    if (queue_s > 0.0) {
      vehicles += fmin(queue_s, lasts_s) * let_in(load, c, p) * most_vph / 3600.0;
      lasts_s = fmax(lasts_s - queue_s - START_UP_S, 0.0);
    }
    const double vph = stream > 0.0 ? fmin(art_gap_capacity_siegloch(stream, headways), most_vph) : most_vph;
    const block others = blocked_by(load, c, p, lasts_s);
    vehicles += (lasts_s - others.lasts_s - others.start_up_s + others.passes * others.lasts_s) * vph / 3600.0;
    between += (1.0 - others.passes) * others.lasts_s * vph / 3600.0;
    if (others.share > 0.0) run = fmax(run, fmax((1.0 - others.share) / others.share, 1.0));
    yields |= stream > 0.0;
  }
  vehicles += fmin(between, run);
  if (yields && net->connector_cont[c]) vehicles += sneakers_of(load, c);
  vehicles = fmin(vehicles, green_s * most_vph / 3600.0);
  const double meets_s = meets_green(load, c);
  if (meets_s < green_s) {
    const int32_t exit = net->connector_to[c];
    const double room = (double)net->lane_length_m[exit] / VEHICLE_M / fmax(load->feeders[exit], 1);
    vehicles = fmin(vehicles, meets_s * most_vph / 3600.0 + room);
  }
  *wait_s = (cycle_s - green_s) * (cycle_s - green_s) / (2.0 * cycle_s);
  return 3600.0 * vehicles / cycle_s;
}

// ---- gaps --------------------------------------------------------------------------------------------------------------

static int is_listed_before(const art_load *load, int32_t c, int32_t row)
{
  const art_net *net = load->net;
  for (int32_t k = net->conflict_first[c]; k < row; ++k)
    if (net->conflict_yield[k] &&
        load->hop_of[net->conflict_other[k]] == load->hop_of[net->conflict_other[row]])
      return 1;
  return 0;
}

/// Siegloch's capacity, if those who yield as well are not in a queue just then (the Manual's impedance, of each movement;
/// not where all have the same rank and yield in a circle).
static double in_gaps_vph(const art_load *load, int32_t c, double most_vph)
{
  static const art_gap_pair usual = { 5.5f, 3.2f };  // where the manual is silent, as at right before left
  const art_net *net = load->net;
  const int kind = net->node_kind[net->connector_node[c]],
            has_ranks = kind == ART_NODE_PRIORITY || kind == ART_NODE_PRIORITY_STOP;
  double stream_vph = 0.0, free_share = 1.0;
  for (int32_t k = net->conflict_first[c]; k < net->conflict_first[c + 1]; ++k) {
    const int32_t other = net->conflict_other[k];
    if (!net->conflict_yield[k] || net->conflict_kind[k] == ART_CONFLICT_DIVERGE || !(load->vph[other] > 0.0))
      continue;
    stream_vph += load->vph[other];
    if (!has_ranks || !load->yields[other] || !(load->capacity_vph[other] > 0.0) ||
        is_listed_before(load, c, k))
      continue;
    free_share *= fmax(0.0, 1.0 - load->vph[other] / load->capacity_vph[other]);
  }
  if (!(stream_vph > 0.0)) return most_vph;
  return free_share * art_gap_capacity_siegloch(stream_vph, headways_of(net, c, usual));
}

double art_load_capacity(const art_load *load, int32_t c, double *wait_s)
{
  const art_net *net = load->net;
  const double most_vph = saturation_of(net, c);
  double vph = most_vph;
  *wait_s = 0.0;
  if (net->connector_signal[c] >= 0)
    vph = at_signal_vph(load, c, most_vph, wait_s);
  else if (net->node_kind[net->connector_node[c]] == ART_NODE_ALLWAY_STOP)
    vph = ALLWAY_VPH;
  else
    vph = in_gaps_vph(load, c, most_vph);
  if (net->connector_signal[c] < 0 && net->connector_state[c] == 's') vph = fmin(vph, STOP_VPH);
  return fmax(LEAST_VPH, fmin(vph, most_vph));
}
