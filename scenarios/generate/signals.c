// Signal plans of generated cities: opposite streets together, left turns of bays before them, yellow and all-red by speed
// and size, one cycle for the whole city by Webster's formula, greens in proportion to the load of the busiest lane.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/generate/drawing_internal.h"

#define CRITICAL_LOAD 0.7  // Y in Webster's C = (1.5 L + 5) / (1 - Y)
#define OPPOSITE_COS (-0.7)
#define LEAST_GREEN_S 6
#define SHORTEST_CYCLE_S 40.0
#define REACTION_S 1.0
#define BRAKING_MPS2 3.0
#define CAR_M 5.0
static const double turn_share[] = { 0.6, 0.05, 0.2, 0.2, 0.2, 0.2 };  // by art_turn
enum { MOST_APPROACHES = 64, MOST_STAGES = 2 * MOST_APPROACHES };

typedef struct control {
  int32_t node, count;  // connectors = groups
  const int32_t *connector;
  int32_t approach_count, approach[MOST_APPROACHES];  // links
  int32_t stage_count;
  uint8_t *green;  // [stage * count]
  double load[MOST_STAGES];
  int green_s[MOST_STAGES], yellow_s, red_s;
} control;

typedef struct planner {
  const art_drawing *plan;
  const art_drawing_path *path;
  art_net *net;
} planner;

static void find_approaches(const planner *p, control *k)
{
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t link = p->path[k->connector[i]].from_link;
    int32_t a = 0;
    while (a < k->approach_count && k->approach[a] != link) ++a;
    if (a == k->approach_count && a < MOST_APPROACHES) k->approach[k->approach_count++] = link;
  }
}

/// The approach that comes from the other side, or -1.
static int32_t opposite_of(const planner *p, const control *k, int32_t a, const uint8_t *is_taken)
{
  const art_drawing_direction d = art_drawing_direction_of(&p->plan->link[k->approach[a]], 1);
  int32_t best = -1;
  double most = OPPOSITE_COS;
  for (int32_t o = 0; o < k->approach_count; ++o) {
    if (o == a || is_taken[o]) continue;
    const art_drawing_direction e = art_drawing_direction_of(&p->plan->link[k->approach[o]], 1);
    const double cosine = d.x * e.x + d.y * e.y;
    if (cosine >= most) continue;
    most = cosine;
    best = o;
  }
  return best;
}

/// Load of the busiest lane of an approach in a stage, lanes of the approach taken as its demand.
static double load_of(const planner *p, const control *k, int32_t stage, int32_t link)
{
  const uint8_t *green = k->green + (size_t)stage * (size_t)k->count;
  double all = 0.0, share = 0.0;
  uint32_t lanes = 0, turns = 0, green_turns = 0;
  for (int32_t i = 0; i < k->count; ++i) {
    const art_drawing_path *path = &p->path[k->connector[i]];
    if (path->from_link != link) continue;
    turns |= 1u << path->turn;
    if (!green[i]) continue;
    green_turns |= 1u << path->turn;
    lanes |= 1u << path->from_lane;
  }
  for (int t = 0; t < 6; ++t) {
    if (turns >> t & 1u) all += turn_share[t];
    if (green_turns >> t & 1u) share += turn_share[t];
  }
  const art_drawing_link *l = &p->plan->link[link];
  return lanes ? (l->lanes - (l->bay_of >= 0)) * share / all / __builtin_popcount(lanes) : 0.0;
}

/// Adds the stage of the given approaches (b may be -1) if anybody has green in it. part: 0 everything, 1 what leaves
/// from bays, 2 the rest.
static void add_stage(const planner *p, control *k, int32_t a, int32_t b, int part)
{
  if (k->stage_count == MOST_STAGES) return;
  uint8_t *green = k->green + (size_t)k->stage_count * (size_t)k->count;
  int any = 0;
  for (int32_t i = 0; i < k->count; ++i) {
    const art_drawing_path *path = &p->path[k->connector[i]];
    const int is_here = path->from_link == a || path->from_link == b;
    const art_drawing_link *link = &p->plan->link[path->from_link];
    const int from_bay = link->bay_of >= 0 && path->from_lane == link->lanes - 1;
    green[i] = (uint8_t)(is_here && (part == 0 || from_bay == (part == 1)));
    any |= green[i];
  }
  if (!any) return;
  const double load_a = load_of(p, k, k->stage_count, a),
               load_b = b < 0 ? 0.0 : load_of(p, k, k->stage_count, b);
  k->load[k->stage_count++] = fmax(load_a, load_b);
}

static void find_stages(const planner *p, control *k)
{
  uint8_t is_taken[MOST_APPROACHES] = { 0 };
  k->green = ART_NEW(uint8_t, (size_t)k->count * MOST_STAGES);
  for (int32_t a = 0; a < k->approach_count; ++a) {
    if (is_taken[a]) continue;
    const int32_t o = opposite_of(p, k, a, is_taken), one = k->approach[a],
                  other = o < 0 ? -1 : k->approach[o];
    is_taken[a] = 1;
    if (o < 0) {
      add_stage(p, k, one, -1, 0);
      continue;
    }
    is_taken[o] = 1;
    add_stage(p, k, one, other, 1);
    add_stage(p, k, one, other, 2);
  }
  double speed = 1.0;
  for (int32_t a = 0; a < k->approach_count; ++a)
    speed = fmax(speed, p->plan->link[k->approach[a]].speed_mps);
  k->yellow_s = (int)(REACTION_S + speed / (2.0 * BRAKING_MPS2) + 0.5);
  k->red_s = (int)((2.0 * p->plan->node[k->node].radius_m + CAR_M) / speed + 0.5);
  if (k->red_s < 1) k->red_s = 1;
}

static int lost_of(const control *k)
{
  return k->stage_count * (k->yellow_s + k->red_s);
}

/// One cycle for all, so that they can be coordinated: what the node with the most stages needs.
static double choose_cycle(const art_drawing *plan, const control *controls, int32_t count)
{
  double cycle = SHORTEST_CYCLE_S;
  for (int32_t i = 0; i < count; ++i) {
    const int lost = lost_of(&controls[i]);
    const double webster = 5.0 * floor((1.5 * lost + 5.0) / (1.0 - CRITICAL_LOAD) / 5.0);
    const double least = lost + LEAST_GREEN_S * controls[i].stage_count;
    cycle = fmax(cycle, fmax(webster, least));
  }
  if (plan->options->cycle_s == 0.0) return cycle;
  return plan->options->cycle_s;
}

static void split(control *k, int cycle_s)
{
  int left = cycle_s - lost_of(k) - LEAST_GREEN_S * k->stage_count;
  double sum = 0.0;
  for (int32_t s = 0; s < k->stage_count; ++s) {
    k->green_s[s] = LEAST_GREEN_S;
    sum += k->load[s];
  }
  // One second after the other to the stage that has the most load for its green.
  for (; left > 0 && sum > 0.0; --left) {
    int32_t neediest = 0;
    for (int32_t s = 1; s < k->stage_count; ++s)
      if (k->load[s] * k->green_s[neediest] > k->load[neediest] * k->green_s[s]) neediest = s;
    ++k->green_s[neediest];
  }
}

static char letter_of(const planner *p, const control *k, const uint8_t *green, int32_t i)
{
  if (!green[i]) return 'r';
  const art_net *net = p->net;
  const int32_t c = k->connector[i];
  for (int32_t row = net->conflict_first[c]; row < net->conflict_first[c + 1]; ++row) {
    if (!net->conflict_yield[row]) continue;
    for (int32_t o = 0; o < k->count; ++o)
      if (k->connector[o] == net->conflict_other[row] && green[o]) return 'g';
  }
  return 'G';
}

typedef struct writer {
  art_net *net;
  int32_t phase;
  int64_t letter;
} writer;

static void write_phase(writer *w, int duration_s, const char *letters, int32_t count)
{
  art_net *net = w->net;
  net->phase_duration_ms[w->phase] = net->phase_min_ms[w->phase] = net->phase_max_ms[w->phase] =
      1000 * (int64_t)duration_s;
  memcpy(net->phase_state + w->letter, letters, (size_t)count);
  w->letter += count;
  net->phase_first_state[++w->phase] = w->letter;
}

static int cycle_of(const control *k)
{
  int sum = lost_of(k);
  for (int32_t s = 0; s < k->stage_count; ++s) sum += k->green_s[s];
  return sum;
}

static void write_control(const planner *p, const control *k, int32_t s, writer *w)
{
  art_net *net = p->net;
  net->signal_id[s] = art_strdup(p->plan->node[k->node].id);
  net->signal_group_count[s] = k->count;
  net->signal_active[s] = s;
  net->program_id[s] = art_strdup("0");
  net->program_offset_ms[s] = 1000 * (int64_t)floor(fmod(p->plan->node[k->node].offset_s, cycle_of(k)) + 0.5);
  char *letters = ART_NEW(char, k->count);
  for (int32_t stage = 0; stage < k->stage_count; ++stage) {
    const uint8_t *green = k->green + (size_t)stage * (size_t)k->count;
    for (int32_t i = 0; i < k->count; ++i) letters[i] = letter_of(p, k, green, i);
    write_phase(w, k->green_s[stage], letters, k->count);
    for (int32_t i = 0; i < k->count; ++i) letters[i] = green[i] ? 'y' : 'r';
    write_phase(w, k->yellow_s, letters, k->count);
    memset(letters, 'r', (size_t)k->count);
    write_phase(w, k->red_s, letters, k->count);
  }
  free(letters);
  net->program_first_phase[s + 1] = w->phase;
  net->signal_first_program[s + 1] = s + 1;
  for (int32_t i = 0; i < k->count; ++i) {
    net->connector_signal[k->connector[i]] = s;
    net->connector_signal_group[k->connector[i]] = i;
  }
}

static void write_all(const planner *p, const control *controls, int32_t count)
{
  art_net *net = p->net;
  int64_t letters = 0;
  net->signal_count = net->program_count = count;
  for (int32_t i = 0; i < count; ++i) {
    net->phase_count += 3 * controls[i].stage_count;
    letters += 3 * (int64_t)controls[i].stage_count * controls[i].count;
  }
  net->signal_id = ART_NEW(char *, count);
  net->signal_group_count = ART_NEW(int32_t, count);
  net->signal_first_program = ART_NEW(int32_t, count + 1);
  net->signal_active = ART_NEW(int32_t, count);
  net->program_id = ART_NEW(char *, count);
  net->program_offset_ms = ART_NEW(int64_t, count);
  net->program_first_phase = ART_NEW(int32_t, count + 1);
  net->phase_duration_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_min_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_max_ms = ART_NEW(int64_t, net->phase_count);
  net->phase_first_state = ART_NEW(int64_t, net->phase_count + 1);
  net->phase_state = ART_NEW(char, letters);
  writer w = { .net = net };
  for (int32_t i = 0; i < count; ++i) write_control(p, &controls[i], i, &w);
}

art_status art_drawing_signals(const art_drawing *plan, const art_drawing_path *paths, art_net *net,
                               art_error *err)
{
  const planner p = { .plan = plan, .path = paths, .net = net };
  control *controls = NULL;
  int32_t count = 0, capacity = 0;
  for (int32_t node = 0; node < net->node_count; ++node) {
    if (net->node_kind[node] != ART_NODE_TRAFFIC_LIGHT) continue;
    control k = { .node = node,
                  .count = net->node_first_connector[node + 1] - net->node_first_connector[node],
                  .connector = net->node_connector + net->node_first_connector[node] };
    find_approaches(&p, &k);
    find_stages(&p, &k);
    ART_PUSH(controls, count, capacity, k);
  }
  const double cycle = choose_cycle(plan, controls, count);
  art_status status = ART_OK;
  for (int32_t i = 0; i < count && status == ART_OK; ++i) {
    const int least = lost_of(&controls[i]) + LEAST_GREEN_S * controls[i].stage_count;
    if (cycle < least)
      status = art_fail(err, ART_E_INPUT,
                        "cycle (s) is %g: accepted: at least %d for the %d stages of node \"%s\"", cycle,
                        least, controls[i].stage_count, plan->node[controls[i].node].id);
    split(&controls[i], (int)cycle);
  }
  if (status == ART_OK) write_all(&p, controls, count);
  for (int32_t i = 0; i < count; ++i) free(controls[i].green);
  free(controls);
  return status;
}
