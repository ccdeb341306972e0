// Signal programs of sketched cities: guessed ones, and those whose stages the source tells.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/add_control.h"
#include "io/sketch/sketch_internal.h"

#define CRITICAL_LOAD 0.7  // Y in Webster's C = (1.5 L + 5) / (1 - Y)
#define OPPOSITE_COS (-0.7)
#define LEAST_GREEN_S 6.0
#define SHORTEST_CYCLE_S 40.0
#define LONGEST_CYCLE_S 150.0
#define REACTION_S 1.0
#define BRAKING_MPS2 3.0
#define RED_S 2.0
static const double turn_share[] = { 0.6, 0.05, 0.2, 0.2, 0.2, 0.2 };  // by art_turn
enum { MOST_APPROACHES = 64, MOST_STAGES = 2 * MOST_APPROACHES };

double art_sketch_yellow_s(double speed_mps)
{
  return fmin(fmax(floor(REACTION_S + speed_mps / (2.0 * BRAKING_MPS2) + 0.5), 3.0), 6.0);
}

int32_t art_sketch_signal_of(const art_net *net, int32_t node)
{
  const int32_t first = net->node_first_connector[node];
  return first < net->node_first_connector[node + 1] ? net->connector_signal[net->node_connector[first]] : -1;
}

void art_sketch_letters(const art_net *net, int32_t node, const uint8_t *green, char *letters)
{
  const int32_t first = net->node_first_connector[node], count = net->node_first_connector[node + 1] - first;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t c = net->node_connector[first + i];
    letters[i] = green[i] ? 'G' : 'r';
    for (int32_t row = net->conflict_first[c]; green[i] && row < net->conflict_first[c + 1]; ++row) {
      if (!net->conflict_yield[row]) continue;
      for (int32_t o = 0; o < count; ++o)
        if (net->node_connector[first + o] == net->conflict_other[row] && green[o]) letters[i] = 'g';
    }
  }
}

// ---- guessed stages ----------------------------------------------------------------------------------------------------

typedef struct approach {
  int32_t link;
  uint64_t lefts;  // lanes from which one only turns left or back
} approach;

typedef struct control {
  const art_sketch *s;
  art_net *net;
  int32_t node, count;  // connectors = groups
  const int32_t *connector;
  int32_t approach_count;
  approach approach[MOST_APPROACHES];
  int32_t stage_count;
  art_sketch_stage stage[MOST_STAGES];
  double load[MOST_STAGES];
} control;

static const art_sketch_path *path_of(const control *k, int32_t group)
{
  return &k->s->path[k->connector[group]];
}

static void find_approaches(control *k)
{
  for (int32_t i = 0; i < k->count; ++i) {
    const int32_t link = path_of(k, i)->from_link;
    int32_t a = 0;
    while (a < k->approach_count && k->approach[a].link != link) ++a;
    if (a == k->approach_count && a < MOST_APPROACHES) k->approach[k->approach_count++].link = link;
  }
  for (int32_t a = 0; a < k->approach_count; ++a) {
    uint64_t left = 0, other = 0;
    for (int32_t i = 0; i < k->count; ++i) {
      const art_sketch_path *path = path_of(k, i);
      if (path->from_link != k->approach[a].link || path->from_lane >= 64) continue;
      if (path->turn == ART_TURN_LEFT || path->turn == ART_TURN_U || path->turn == ART_TURN_PART_LEFT)
        left |= 1ull << path->from_lane;
      else
        other |= 1ull << path->from_lane;
    }
    k->approach[a].lefts = other ? left & ~other : 0;
  }
}

/// The approach that comes from the other side, or -1.
static int32_t opposite_of(const control *k, int32_t a, const uint8_t *is_taken)
{
  const art_sketch_direction d = art_sketch_direction_of(k->s, k->approach[a].link, 1);
  int32_t best = -1;
  double most = OPPOSITE_COS;
  for (int32_t o = 0; o < k->approach_count; ++o) {
    if (o == a || is_taken[o]) continue;
    const art_sketch_direction e = art_sketch_direction_of(k->s, k->approach[o].link, 1);
    const double cosine = d.x * e.x + d.y * e.y;
    if (cosine >= most) continue;
    most = cosine;
    best = o;
  }
  return best;
}

/// Load of the busiest lane of an approach in a stage, lanes of the approach taken as its demand.
static double load_of(const control *k, const uint8_t *green, int32_t link)
{
  double all = 0.0, share = 0.0;
  uint64_t lanes = 0;
  uint32_t turns = 0, green_turns = 0;
  for (int32_t i = 0; i < k->count; ++i) {
    const art_sketch_path *path = path_of(k, i);
    if (path->from_link != link) continue;
    turns |= 1u << path->turn;
    if (!green[i] || path->from_lane >= 64) continue;
    green_turns |= 1u << path->turn;
    lanes |= 1ull << path->from_lane;
  }
  for (int t = 0; t < 6; ++t) {
    if (turns >> t & 1u) all += turn_share[t];
    if (green_turns >> t & 1u) share += turn_share[t];
  }
  return lanes ? k->s->link[link].lane_count * share / all / __builtin_popcountll(lanes) : 0.0;
}

/// Adds the stage of approaches a and b (-1: none) if anybody has green in it. part: 0 everything, 1 what leaves from lanes
/// for left turns, 2 the rest.
static void add_stage(control *k, int32_t a, int32_t b, int part)
{
  uint8_t *green = ART_NEW(uint8_t, k->count);
  int any = 0;
  double load = 0.0;
  for (int32_t i = 0; i < k->count; ++i) {
    const art_sketch_path *path = path_of(k, i);
    for (int side = 0; side < 2; ++side) {
      const int32_t at = side ? b : a;
      if (at < 0 || path->from_link != k->approach[at].link) continue;
      const int is_left = path->from_lane < 64 && (k->approach[at].lefts >> path->from_lane & 1);
      green[i] = (uint8_t)(part == 0 || is_left == (part == 1));
    }
    any |= green[i];
  }
  if (!any || k->stage_count == MOST_STAGES) {
    free(green);
    return;
  }
  load = load_of(k, green, k->approach[a].link);
  if (b >= 0) load = fmax(load, load_of(k, green, k->approach[b].link));
  k->load[k->stage_count] = load;
  k->stage[k->stage_count++] = (art_sketch_stage){ .green = green, .green_s = LEAST_GREEN_S };
}

static void find_stages(control *k)
{
  uint8_t is_taken[MOST_APPROACHES] = { 0 };
  double speed = 1.0;
  for (int32_t a = 0; a < k->approach_count; ++a) {
    speed = fmax(speed, k->s->link[k->approach[a].link].speed_mps);
    if (is_taken[a]) continue;
    is_taken[a] = 1;
    const int32_t o = opposite_of(k, a, is_taken);
    if (o >= 0) is_taken[o] = 1;
    const int has_lefts = o >= 0 && (k->approach[a].lefts | k->approach[o].lefts) != 0;
    if (has_lefts) add_stage(k, a, o, 1);
    add_stage(k, a, o, has_lefts ? 2 : 0);
  }
  for (int32_t i = 0; i < k->stage_count; ++i) {
    k->stage[i].yellow_s = art_sketch_yellow_s(speed);
    k->stage[i].red_s = RED_S;
  }
}

/// Greens by load, one second after the other to the stage that has the most load for its green.
static void split(control *k)
{
  double lost = 0.0, sum = 0.0;
  for (int32_t i = 0; i < k->stage_count; ++i) {
    lost += k->stage[i].yellow_s + k->stage[i].red_s;
    sum += k->load[i];
  }
  const double webster = floor((1.5 * lost + 5.0) / (1.0 - CRITICAL_LOAD) / 5.0) * 5.0;
  const double cycle = fmin(fmax(webster, SHORTEST_CYCLE_S), LONGEST_CYCLE_S);
  double left = cycle - lost - LEAST_GREEN_S * k->stage_count;
  for (; left >= 1.0 && sum > 0.0; left -= 1.0) {
    int32_t neediest = 0;
    for (int32_t s = 1; s < k->stage_count; ++s)
      if (k->load[s] * k->stage[neediest].green_s > k->load[neediest] * k->stage[s].green_s) neediest = s;
    k->stage[neediest].green_s += 1.0;
  }
}

// ---- writing programs out ----------------------------------------------------------------------------------------------

typedef struct phase_list {
  int32_t groups, count, capacity, letter_capacity;
  int64_t *duration_ms;
  char *letters;
} phase_list;

static char *add_phase(phase_list *list, double duration_s)
{
  if ((list->count + 1) * list->groups > list->letter_capacity) {
    list->letter_capacity = 2 * (list->count + 1) * list->groups;
    list->letters = art_renew(list->letters, (size_t)list->letter_capacity, 1);
  }
  const int64_t ms = (int64_t)floor(1000.0 * duration_s + 0.5);
  ART_PUSH(list->duration_ms, list->count, list->capacity, ms > 0 ? ms : 1);
  return list->letters + (size_t)(list->count - 1) * (size_t)list->groups;
}

/// A stage, and the change to the next one: who loses the green shows yellow, then red; who keeps it keeps it.
static void write_stage(const art_net *net, int32_t node, const art_sketch_stage *stage,
                        const art_sketch_stage *next, phase_list *list)
{
  const int32_t n = list->groups;
  int loses = 0;
  uint8_t *kept = ART_NEW(uint8_t, n);
  for (int32_t i = 0; i < n; ++i) {
    loses |= stage->green[i] && !next->green[i];
    kept[i] = stage->green[i] && next->green[i];
  }
  const double change_s = loses ? 0.0 : stage->yellow_s + stage->red_s;
  art_sketch_letters(net, node, stage->green, add_phase(list, stage->green_s + change_s));
  for (int part = 0; part < 2 && loses; ++part) {
    const double duration_s = part ? stage->red_s : stage->yellow_s;
    if (duration_s <= 0.0) continue;
    char *letters = add_phase(list, duration_s);
    // Those under yellow still count as green for those that go on.
    art_sketch_letters(net, node, part ? kept : stage->green, letters);
    for (int32_t i = 0; i < n; ++i)
      if (!kept[i]) letters[i] = !part && stage->green[i] ? 'y' : 'r';
  }
  free(kept);
}

static phase_list write_out(const art_net *net, int32_t node, int32_t stage_count,
                            const art_sketch_stage *stage)
{
  phase_list list = { .groups = net->node_first_connector[node + 1] - net->node_first_connector[node] };
  for (int32_t i = 0; i < stage_count; ++i)
    write_stage(net, node, &stage[i], &stage[(i + 1) % stage_count], &list);
  return list;
}

static void phase_list_clear(phase_list *list)
{
  free(list->duration_ms);
  free(list->letters);
}

void art_sketch_add_program(art_net *net, int32_t signal, const char *id, double offset_s,
                            int32_t stage_count, const art_sketch_stage *stage)
{
  int32_t c = 0;
  while (net->connector_signal[c] != signal) ++c;
  phase_list list = write_out(net, net->connector_node[c], stage_count, stage);
  const int32_t p = art_net_add_program(net, signal, id, list.count, list.duration_ms, list.letters);
  net->program_offset_ms[p] = (int64_t)floor(1000.0 * offset_s + 0.5);
  net->signal_active[signal] = p;
  phase_list_clear(&list);
}

// ---- all signals -------------------------------------------------------------------------------------------------------

typedef struct guesses {
  art_net *net;
  int32_t signals, phases, letters;  // rows so far
  int32_t signal_capacity, phase_capacity, letter_capacity;
} guesses;

#define GROW(column, size) (net->column = art_renew(net->column, (size_t)(size), sizeof *net->column))

static void reserve(guesses *g, int32_t phases, int32_t letters)
{
  art_net *net = g->net;
  if (g->signals == g->signal_capacity) {
    const int32_t n = g->signal_capacity = g->signal_capacity ? 2 * g->signal_capacity : 64;
    GROW(signal_id, n), GROW(signal_group_count, n), GROW(signal_first_program, n + 1),
        GROW(signal_active, n);
    GROW(program_id, n), GROW(program_offset_ms, n), GROW(program_first_phase, n + 1);
    net->signal_first_program[0] = net->program_first_phase[0] = 0;
  }
  if (!g->phase_capacity || g->phases + phases > g->phase_capacity) {
    const int32_t n = g->phase_capacity = 2 * (g->phases + phases);
    GROW(phase_duration_ms, n), GROW(phase_min_ms, n), GROW(phase_max_ms, n), GROW(phase_first_state, n + 1);
    net->phase_first_state[0] = 0;
  }
  if (!g->letter_capacity || g->letters + letters > g->letter_capacity) {
    g->letter_capacity = 2 * (g->letters + letters);
    GROW(phase_state, g->letter_capacity);
  }
}
#undef GROW

static void add_signal(guesses *g, const control *k)
{
  phase_list list = write_out(g->net, k->node, k->stage_count, k->stage);
  reserve(g, list.count, list.count * list.groups);
  art_net *net = g->net;
  const int32_t s = g->signals++;
  net->signal_id[s] = art_strdup(k->s->node[k->node].id);
  net->signal_group_count[s] = k->count;
  net->signal_active[s] = s;
  net->program_id[s] = art_strdup("guess");
  net->program_offset_ms[s] = 0;
  for (int32_t i = 0; i < list.count; ++i, ++g->phases) {
    net->phase_duration_ms[g->phases] = net->phase_min_ms[g->phases] = net->phase_max_ms[g->phases] =
        list.duration_ms[i];
    memcpy(net->phase_state + g->letters, list.letters + (size_t)i * (size_t)list.groups,
           (size_t)list.groups);
    g->letters += list.groups;
    net->phase_first_state[g->phases + 1] = g->letters;
  }
  net->program_first_phase[s + 1] = g->phases;
  net->signal_first_program[s + 1] = s + 1;
  for (int32_t i = 0; i < k->count; ++i) {
    net->connector_signal[k->connector[i]] = s;
    net->connector_signal_group[k->connector[i]] = i;
  }
  phase_list_clear(&list);
}

int32_t art_sketch_add_signals(const art_sketch *s, art_net *net)
{
  guesses g = { .net = net };
  for (int32_t node = 0; node < net->node_count; ++node) {
    const int32_t first = net->node_first_connector[node];
    if (net->node_kind[node] != ART_NODE_TRAFFIC_LIGHT) continue;
    control k = { .s = s,
                  .net = net,
                  .node = node,
                  .count = net->node_first_connector[node + 1] - first,
                  .connector = net->node_connector + first };
    if (!k.count) {  // nothing to control
      net->node_kind[node] = ART_NODE_PRIORITY;
      continue;
    }
    find_approaches(&k);
    find_stages(&k);
    split(&k);
    add_signal(&g, &k);
    for (int32_t i = 0; i < k.stage_count; ++i) free(k.stage[i].green);
  }
  net->signal_count = net->program_count = g.signals;
  net->phase_count = g.phases;
  return g.signals;
}
