// Guessed signal programs, from the stages and times of each junction with lights.
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "io/osm/signals_internal.h"

static char letter_of(const art_signal_planner *p, const art_signal_control *k, const uint8_t *green, int32_t i)
{
  const art_net *net = p->net;
  if (!green[i]) return 'r';
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
  int32_t phase_capacity;
  int64_t letters, letter_capacity;
} writer;

static void write_phase(writer *w, int duration_s, const char *letters, int32_t count)
{
  art_net *net = w->net;
  if (duration_s <= 0) return;
  if (net->phase_count == w->phase_capacity) {
    w->phase_capacity = 2 * w->phase_capacity + 64;
    const size_t n = (size_t)w->phase_capacity;
    net->phase_duration_ms = art_renew(net->phase_duration_ms, n, sizeof *net->phase_duration_ms);
    net->phase_min_ms = art_renew(net->phase_min_ms, n, sizeof *net->phase_min_ms);
    net->phase_max_ms = art_renew(net->phase_max_ms, n, sizeof *net->phase_max_ms);
    net->phase_first_state = art_renew(net->phase_first_state, n + 1, sizeof *net->phase_first_state);
  }
  if (w->letters + count > w->letter_capacity) {
    w->letter_capacity = 2 * (w->letters + count) + 1024;
    net->phase_state = art_renew(net->phase_state, (size_t)w->letter_capacity, 1);
  }
  const int32_t phase = net->phase_count++;
  net->phase_duration_ms[phase] = net->phase_min_ms[phase] = net->phase_max_ms[phase] =
      1000 * (int64_t)duration_s;
  net->phase_first_state[phase] = w->letters;
  memcpy(net->phase_state + w->letters, letters, (size_t)count);
  w->letters += count;
  net->phase_first_state[phase + 1] = w->letters;
}

/// Lights of people follow those of vehicles: green while all who drive straight over the crossing have red, and who turns
/// onto it yields.
static void show_people(const art_signal_planner *p, const art_signal_control *k, char *letters)
{
  const art_net *net = p->net;
  for (int32_t f = 0; f < k->foot_count; ++f) {
    const int32_t x = k->first_foot + f;
    char *light = &letters[k->count + f];
    *light = 'G';
    for (int32_t r = net->crossing_first[x]; r < net->crossing_first[x + 1]; ++r) {
      const int32_t c = net->crossing_connector[r], turn = net->connector_turn[c];
      const int turns = turn == ART_TURN_LEFT || turn == ART_TURN_RIGHT || turn == ART_TURN_U;
      for (int32_t i = 0; i < k->count; ++i)
        if (k->connector[i] == c && letters[i] != 'r' && !turns) *light = 'r';
    }
    for (int32_t r = net->crossing_first[x]; *light == 'G' && r < net->crossing_first[x + 1]; ++r)
      for (int32_t i = 0; i < k->count; ++i)
        if (k->connector[i] == net->crossing_connector[r] && letters[i] == 'G') letters[i] = 'g';
  }
}

static void write_program(const art_signal_planner *p, const art_signal_control *k, writer *w)
{
  const int32_t n = k->count, all = n + k->foot_count;
  char *letters = ART_NEW(char, all);
  for (int32_t s = 0; s < k->stage_count; ++s) {
    const uint8_t *green = k->green + (size_t)s * (size_t)n,
                  *after = k->green + (size_t)((s + 1) % k->stage_count) * (size_t)n;
    const int ends = k->stage_count == 1;  // then all stop, for people
    for (int32_t i = 0; i < n; ++i) letters[i] = letter_of(p, k, green, i);
    show_people(p, k, letters);
    write_phase(w, k->green_s[s], letters, all);
    memset(letters + n, 'r', (size_t)k->foot_count);
    // Who has green in the next stage too keeps it, as letters of this one: nobody else has begun.
    for (int32_t i = 0; i < n; ++i)
      if (green[i] && (ends || !after[i])) letters[i] = 'y';
    write_phase(w, k->yellow_s, letters, all);
    for (int32_t i = 0; i < n; ++i)
      if (letters[i] == 'y') letters[i] = 'r';
    if (!(ends && k->foot_count)) {
      write_phase(w, k->red_s + k->foot_s, letters, all);
      continue;
    }
    // People start in the first half and are over before vehicles start.
    write_phase(w, k->red_s, letters, all);
    memset(letters + n, 'G', (size_t)k->foot_count);
    write_phase(w, k->foot_s / 2, letters, all);
    memset(letters + n, 'r', (size_t)k->foot_count);
    write_phase(w, k->foot_s - k->foot_s / 2, letters, all);
  }
  free(letters);
}

static void write_signals(const art_signal_planner *p)
{
  art_net *net = p->net;
  const int32_t n = net->signal_count = net->program_count = p->count;
  net->signal_id = ART_NEW(char *, n);
  net->signal_group_count = ART_NEW(int32_t, n);
  net->signal_first_program = ART_NEW(int32_t, n + 1);
  net->signal_active = ART_NEW(int32_t, n);
  net->program_id = ART_NEW(char *, n);
  net->program_offset_ms = ART_NEW(int64_t, n);
  net->program_first_phase = ART_NEW(int32_t, n + 1);
  writer w = { .net = net };
  for (int32_t s = 0; s < n; ++s) {
    const art_signal_control *k = &p->control[s];
    net->signal_id[s] = art_strdup(net->node_id[k->junction]);
    net->signal_group_count[s] = k->count + k->foot_count;
    for (int32_t f = 0; f < k->foot_count; ++f) {
      net->crossing_signal[k->first_foot + f] = s;
      net->crossing_signal_group[k->first_foot + f] = k->count + f;
    }
    net->signal_active[s] = s;
    net->program_id[s] = art_strdup("guessed");
    net->program_offset_ms[s] = 1000 * (int64_t)k->offset_s;
    write_program(p, k, &w);
    net->program_first_phase[s + 1] = net->phase_count;
    net->signal_first_program[s + 1] = s + 1;
    for (int32_t i = 0; i < k->count; ++i) {
      net->connector_signal[k->connector[i]] = s;
      net->connector_signal_group[k->connector[i]] = i;
    }
  }
  p->plan->report->signals = p->plan->report->programs = n;
}

void art_map_signals(art_map *plan, art_city *city)
{
  art_net *net = city->net;
  art_signal_planner p = { .plan = plan, .net = net, .of_junction = ART_NEW(int32_t, plan->junction_count) };
  for (int32_t j = 0; j < plan->junction_count; ++j) {
    p.of_junction[j] = -1;
    art_signal_control k = { .junction = j, .count = net->node_first_connector[j + 1] - net->node_first_connector[j] };
    if (plan->junction[j].kind != ART_NODE_TRAFFIC_LIGHT || !k.count) continue;
    k.connector = net->node_connector + net->node_first_connector[j];
    const art_patch_signal *patch = art_map_patch_signal(plan, j);
    if (patch) k.fixed_cycle_s = (int)patch->cycle_s;
    while (k.first_foot < net->crossing_count && net->crossing_node[k.first_foot] != j) ++k.first_foot;
    for (int32_t x = k.first_foot; x < net->crossing_count && net->crossing_node[x] == j; ++x) ++k.foot_count;
    art_signal_approaches(&p, &k);
    art_signal_conflicts(&p, &k);
    art_signal_stages(&p, &k);
    art_signal_cycle(&p, &k);
    p.of_junction[j] = p.count;
    plan->report->foot_signals += plan->junction[j].is_foot_signal;
    ART_PUSH(p.control, p.count, p.capacity, k);
  }
  if (p.count) {
    art_signal_times(&p);
    write_signals(&p);
  }
  for (int32_t i = 0; i < p.count; ++i) {
    free(p.control[i].approach_of);
    free(p.control[i].conflict);
    free(p.control[i].green);
  }
  free(p.control);
  free(p.of_junction);
}
