/// Runs the signals: programs by schedule, their control, the guard, and what drivers make of it. Between two steps, by
/// one thread, and only for signals to which something happens.
#include <stdlib.h>
#include <string.h>

#include "core/base/alike.h"
#include "core/base/memory.h"
#include "core/step/ranks_internal.h"
#include "core/step/signals_internal.h"
#include "core/step/sim_internal.h"

/// Red for all before a program begins at a signal that was off.
#define START_RED_MS 3000

static art_aspect aspect_of(char state)
{
  switch (state) {
  case 'G':
  case 'O': return ART_ASPECT_MAJOR;
  case 'g':
  case 'o': return ART_ASPECT_MINOR;
  case 'y':
  case 'Y': return ART_ASPECT_YELLOW;
  case 's': return ART_ASPECT_STOP;
  default: return ART_ASPECT_RED;  // r, R, u
  }
}

/// Aspect of a connector without a signal, from its right-of-way state.
static art_aspect sign_of(char state)
{
  switch (state) {
  case 'M':
  case 'O':
  case 'G':
  case 'Z': return ART_ASPECT_MAJOR;
  case 's':
  case 'w': return ART_ASPECT_STOP;
  default: return ART_ASPECT_MINOR;  // m, =, o, -
  }
}

// --- programs --------------------------------------------------------------------------------------------------------

/// The program that the schedule and the interventions ask for now, and when to look again.
static int32_t program_due(const art_sim *sim, int32_t s, art_tick *next_ms)
{
  const art_net *net = sim->net;
  const art_tick now = sim->now_ms, period = net->signal_switch_period_ms[s];
  int32_t program = net->signal_active[s];
  art_tick latest = INT64_MIN;
  *next_ms = INT64_MAX;
  for (int32_t r = net->signal_first_switch[s]; r < net->signal_first_switch[s + 1]; ++r) {
    art_tick at = net->switch_at_ms[r];
    if (period > 0) {
      art_tick into = (now - at) % period;
      if (into < 0) into += period;
      at = now - into;  // the last time
      if (at + period < *next_ms) *next_ms = at + period;
    } else if (at > now) {
      if (at < *next_ms) *next_ms = at;
      continue;
    }
    if (at < latest) continue;
    latest = at;
    program = net->switch_program[r];
  }
  for (int32_t n = 0; n < sim->change_count; ++n) {
    const art_change *change = &sim->change[n];
    if (change->kind != ART_CHANGE_PROGRAM || change->link != s || change->to_ms <= now) continue;
    const art_tick edge = change->from_ms > now ? change->from_ms : change->to_ms;
    if (edge < *next_ms) *next_ms = edge;
    if (change->from_ms <= now) program = change->program;
  }
  return program;
}

int32_t art_signals_program_now(const art_sim *sim, int32_t s)
{
  const art_signal_state *state = &sim->signals->state[s];
  art_tick next;
  return sim->now_ms == sim->begin_ms || sim->now_ms >= state->switch_ms ? program_due(sim, s, &next) : state->program;
}

static int is_dark_control(int control)
{
  return control == ART_CONTROL_OFF || control == ART_CONTROL_FLASHING;
}

/// By the clock: the phase that runs now and when it ends.
void art_control_by_clock(art_control_view *view)
{
  const art_net *net = view->net;
  const int32_t first = net->program_first_phase[view->program], end = net->program_first_phase[view->program + 1];
  art_tick cycle = 0;
  for (int32_t p = first; p < end; ++p) cycle += net->phase_duration_ms[p];
  int32_t phase = first;
  view->next_ms = INT64_MAX;
  if (cycle > 0) {
    art_tick t = (view->now_ms - net->program_offset_ms[view->program]) % cycle;
    if (t < 0) t += cycle;
    while (phase + 1 < end && t >= net->phase_duration_ms[phase]) t -= net->phase_duration_ms[phase++];
    view->next_ms = view->now_ms - t + net->phase_duration_ms[phase];
  }
  view->phase = phase - first;
  memcpy(view->wanted, net->phase_state + net->phase_first_state[phase], (size_t)net->signal_group_count[view->signal]);
}

static void ask_control(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  art_signal_state *state = &signals->state[s];
  const art_net *net = sim->net;
  const int control = net->program_control[state->program], at = net->signal_first_group[s];
  const uint8_t reads = sim->kernels->control_reads[control];
  if (reads & ART_READS_LANES) sim->ranks ? art_ranks_take_lanes(sim, s) : art_sensors_read_lanes(sim, s);
  signals->call_count = 0;
  if (reads & ART_READS_CALLS) sim->ranks ? art_ranks_take_calls(sim, s) : art_sensors_read_calls(sim, s);
  const int32_t *passed = sim->ranks ? sim->ranks->passed : sim->movement_sums;
  art_control_view view = { .net = net,
                            .signal = s,
                            .program = state->program,
                            .now_ms = sim->now_ms,
                            .begin_ms = state->begin_ms,
                            .step_ms = sim->step_ms,
                            .shown = signals->shown + at,
                            .since_ms = signals->since_ms + at,
                            .sensor = signals->sensor,
                            .lane = signals->lane,
                            .foot_waits = sim->foot_waits,
                            .call_count = signals->call_count,
                            .call = signals->call,
                            .connector_count = signals->first_connector[s + 1] - signals->first_connector[s],
                            .connector = signals->connector + signals->first_connector[s],
                            .passed = reads & ART_READS_PASSAGES ? passed : NULL,
                            .aspect = reads & ART_READS_PASSAGES ? sim->aspect : NULL,
                            .memory = art_signals_memory(signals, s),
                            .wanted = signals->wanted + at,
                            .phase = state->phase,
                            .next_ms = sim->now_ms };
  if (control == ART_CONTROL_USER && sim->user_control)
    sim->user_control(sim->user_context, &view);
  else if (sim->kernels->control[control])
    sim->kernels->control[control](&view);
  else
    art_control_by_clock(&view);
  const int32_t phases = net->program_first_phase[state->program + 1] - net->program_first_phase[state->program];
  state->phase = view.phase >= 0 && view.phase < phases ? view.phase : -1;
  state->next_ms = view.next_ms > sim->now_ms ? view.next_ms : sim->now_ms + sim->step_ms;
}

// --- what is shown ---------------------------------------------------------------------------------------------------

/// Off and flashing: no letter of a state, but what the heads show. A flashing head is yellow where somebody has the right
/// of way, else red.
static void show_dark(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  const int32_t at = net->signal_first_group[s], groups = net->signal_group_count[s];
  const int is_flashing = net->program_control[signals->state[s].program] == ART_CONTROL_FLASHING;
  memset(signals->shown + at, 'O', (size_t)groups);
  for (int32_t r = signals->first_connector[s]; is_flashing && r < signals->first_connector[s + 1]; ++r)
    signals->shown[at + net->connector_signal_group[signals->connector[r]]] = 's';
  for (int32_t r = signals->first_connector[s]; is_flashing && r < signals->first_connector[s + 1]; ++r) {
    const int32_t c = signals->connector[r];
    if (sign_of(net->connector_state[c]) == ART_ASPECT_MAJOR)
      signals->shown[at + net->connector_signal_group[c]] = 'o';
  }
  for (int32_t g = at; g < at + groups; ++g) signals->since_ms[g] = sim->now_ms;
  signals->state[s].mode = ART_SIGNAL_DARK;
  signals->state[s].phase = 0;
}

/// From off: yellow for vehicles, then red for everybody.
static void light_up(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  const int32_t at = sim->net->signal_first_group[s], groups = sim->net->signal_group_count[s];
  art_tick yellow = 0;
  for (int32_t g = 0; g < groups; ++g) {
    const int64_t own = signals->rules[s].yellow_ms[g];
    signals->shown[at + g] = own > 0 ? 'y' : 'r';
    signals->since_ms[at + g] = signals->green_end_ms[at + g] = sim->now_ms;
    signals->seen_since_ms[at + g] = signals->seen_green_end_ms[at + g] = sim->now_ms;
    if (own > yellow) yellow = own;
  }
  signals->state[s].mode = ART_SIGNAL_STARTING;
  signals->state[s].lit_ms = sim->now_ms + yellow + START_RED_MS;
}

/// What is zero is not written: it may be memory that is not there yet.
static void forget(art_signals *signals, int32_t s)
{
  int64_t *memory = art_signals_memory(signals, s);
  for (int32_t i = 0; i < ART_CONTROL_WORDS; ++i)
    if (memory[i]) memory[i] = 0;
}

static void begin_program(art_sim *sim, int32_t s, int32_t program)
{
  art_signal_state *state = &sim->signals->state[s];
  const int dark = is_dark_control(sim->net->program_control[program]);
  state->program = program;
  state->begin_ms = state->next_ms = sim->now_ms;
  state->phase = -1;
  forget(sim->signals, s);
  if (dark)
    state->mode = state->mode == ART_SIGNAL_DARK ? ART_SIGNAL_DARK : ART_SIGNAL_GOING_DARK;
  else if (state->mode == ART_SIGNAL_DARK)
    light_up(sim, s);
  else if (state->mode == ART_SIGNAL_GOING_DARK)
    state->mode = ART_SIGNAL_LIT;
  if (state->mode == ART_SIGNAL_DARK) show_dark(sim, s);
}

/// What somebody wants is shown as far as the guard lets it.
static void pass_guard(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  const int32_t at = sim->net->signal_first_group[s];
  art_guard_view view = { .rules = &signals->rules[s],
                          .now_ms = sim->now_ms,
                          .wanted = signals->wanted + at,
                          .shown = signals->shown + at,
                          .since_ms = signals->since_ms + at,
                          .green_end_ms = signals->green_end_ms + at,
                          .green_begin_ms = signals->green_begin_ms + at };
  if (sim->kernels->guard) {
    signals->state[s].is_settled = sim->kernels->guard(&view) == 0;
    return;
  }
  for (int32_t g = 0; g < sim->net->signal_group_count[s]; ++g)
    if (view.shown[g] != view.wanted[g]) {
      view.shown[g] = view.wanted[g];
      view.since_ms[g] = sim->now_ms;
    }
  signals->state[s].is_settled = 1;
}

static void log_event(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  art_signal_state *state = &signals->state[s];
  const int32_t at = net->signal_first_group[s], first = net->phase_first_sensor[net->program_first_phase[state->program]],
                end = net->phase_first_sensor[net->program_first_phase[state->program + 1]];
  int32_t fronts = 0;
  for (int32_t i = first; signals->sensor && i < end; ++i) fronts += signals->sensor[net->phase_sensor[i]].count;
  const art_signal_event event = { .time_ms = sim->now_ms,
                                   .signal = s,
                                   .phase = state->phase,
                                   .program = state->program,
                                   .letters = signals->letter_count,
                                   .sensor_count = fronts - state->sensor_seen,
                                   .call_count = signals->call_count };
  state->sensor_seen = fronts;
  ART_PUSH(signals->event, signals->event_count, signals->event_capacity, event);
  for (int32_t g = 0; g < net->signal_group_count[s]; ++g)
    ART_PUSH(signals->letters, signals->letter_count, signals->letter_capacity, signals->shown[at + g]);
}

static void give_aspects(art_sim *sim, int32_t s)
{
  const art_signals *signals = sim->signals;
  const art_net *net = sim->net;
  const int is_dark = signals->state[s].mode == ART_SIGNAL_DARK;
  const int is_flashing = is_dark && net->program_control[signals->state[s].program] == ART_CONTROL_FLASHING;
  for (int32_t r = signals->first_connector[s]; r < signals->first_connector[s + 1]; ++r) {
    const int32_t c = signals->connector[r];
    art_aspect aspect = is_dark ? sign_of(net->connector_state[c])
                                : aspect_of(art_signals_letter(net, signals, s, net->connector_signal_group[c]));
    if (is_flashing && aspect != ART_ASPECT_MAJOR) aspect = ART_ASPECT_STOP;
    sim->aspect[c] = (char)aspect;
  }
  art_quiet_lights(sim, s);
}

// --- a step ----------------------------------------------------------------------------------------------------------

/// Nothing was shown before: a program by the clock stands where its cycle is; all others begin from red.
static void begin_run(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  art_signal_state *state = &signals->state[s];
  const int32_t at = sim->net->signal_first_group[s], groups = sim->net->signal_group_count[s];
  state->program = program_due(sim, s, &state->switch_ms);
  state->begin_ms = state->next_ms = sim->now_ms;
  const int control = sim->net->program_control[state->program];
  if (is_dark_control(control)) {
    show_dark(sim, s);
  } else if (control == ART_CONTROL_FIXED) {
    ask_control(sim, s);
    memcpy(signals->shown + at, signals->wanted + at, (size_t)groups);
    state->is_settled = 1;
  } else {
    ask_control(sim, s);
    pass_guard(sim, s);
  }
}

static void run_lights(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  art_signal_state *state = &signals->state[s];
  const int32_t at = sim->net->signal_first_group[s], groups = sim->net->signal_group_count[s];
  if (state->mode == ART_SIGNAL_STARTING && sim->now_ms >= state->lit_ms) {
    state->mode = ART_SIGNAL_LIT;
    state->begin_ms = state->next_ms = sim->now_ms;
  }
  if (state->mode == ART_SIGNAL_LIT) {
    const int asks = sim->now_ms >= state->next_ms;
    if (asks) ask_control(sim, s);
    if (asks || !state->is_settled) pass_guard(sim, s);
    return;
  }
  memset(signals->wanted + at, 'r', (size_t)groups);
  pass_guard(sim, s);
  if (state->mode == ART_SIGNAL_GOING_DARK && state->is_settled) show_dark(sim, s);
}

static void step_signal(art_sim *sim, int32_t s)
{
  art_signals *signals = sim->signals;
  art_signal_state *state = &signals->state[s];
  const int32_t at = sim->net->signal_first_group[s];
  const size_t groups = (size_t)sim->net->signal_group_count[s];
  const int32_t phase = state->phase, program = state->program;
  const int is_first = sim->now_ms == sim->begin_ms, was_dark = state->mode == ART_SIGNAL_DARK;
  signals->call_count = 0;
  memcpy(signals->before + at, signals->shown + at, groups);
  if (is_first) {
    begin_run(sim, s);
  } else {
    if (sim->now_ms >= state->switch_ms) {
      const int32_t due = program_due(sim, s, &state->switch_ms);
      if (due != program) begin_program(sim, s, due);
    }
    if (state->mode != ART_SIGNAL_DARK) run_lights(sim, s);
  }
  const int changed = memcmp(signals->before + at, signals->shown + at, groups) != 0;
  const int is_dark = state->mode == ART_SIGNAL_DARK;
  const int is_mine = art_ranks_owns_signal(sim, s);
  if (is_mine && changed && !is_first && !is_dark && !was_dark) art_signals_watch(sim, s);
  if (is_mine && (changed || is_first || phase != state->phase || program != state->program)) log_event(sim, s);
  if (changed || is_first || is_dark != was_dark) give_aspects(sim, s);
  if (is_dark)
    signals->wake_ms[s] = state->switch_ms;
  else if (state->mode != ART_SIGNAL_LIT || !state->is_settled)
    signals->wake_ms[s] = sim->now_ms + sim->step_ms;
  else
    signals->wake_ms[s] = state->next_ms < state->switch_ms ? state->next_ms : state->switch_ms;
}

void art_signals_update(art_sim *sim)
{
  const art_net *net = sim->net;
  if (sim->now_ms == sim->begin_ms)
    for (int32_t c = 0; c < net->connector_count; ++c)
      if (net->connector_signal[c] < 0) sim->aspect[c] = (char)sign_of(net->connector_state[c]);
  if (sim->ranks)
    art_ranks_read_road(sim);
  else
    art_sensors_look(sim);
  const int32_t count = sim->ranks ? sim->ranks->run_count : net->signal_count;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t s = sim->ranks ? sim->ranks->run[i] : i;
    if (sim->now_ms >= sim->signals->wake_ms[s]) step_signal(sim, s);
  }
}

int64_t art_sim_take_signal_events(art_sim *sim, const art_signal_event **events)
{
  art_ranks_collect_events(sim);
  const int64_t count = sim->signals->event_count;
  *events = sim->signals->event;
  sim->signals->event_count = sim->signals->letter_count = 0;
  return count;
}

const char *art_sim_signal_letters(const art_sim *sim)
{
  return sim->signals->letters;
}

// --- set-up ----------------------------------------------------------------------------------------------------------

static art_tick *new_instants(int32_t count, art_tick initial)
{
  art_tick *column = ART_NEW(art_tick, count);
  for (int32_t i = 0; i < count; ++i) column[i] = initial;
  return column;
}

/// Rows of things by signal; those without one are left out.
static void list_by_signal(int32_t signals, int32_t count, const int32_t *signal_of, int32_t **first, int32_t **row)
{
  *first = ART_NEW(int32_t, signals + 1);
  *row = ART_NEW(int32_t, count);
  for (int32_t i = 0; i < count; ++i)
    if (signal_of[i] >= 0) ++(*first)[signal_of[i] + 1];
  for (int32_t s = 0; s < signals; ++s) (*first)[s + 1] += (*first)[s];
  int32_t *fill = ART_NEW(int32_t, signals);
  for (int32_t i = 0; i < count; ++i) {
    const int32_t s = signal_of[i];
    if (s >= 0) (*row)[(*first)[s] + fill[s]++] = i;
  }
  free(fill);
}

/// Signals of a kind have the same rules: they are kept once.
static void make_rules(art_sim *sim)
{
  const art_net *net = sim->net;
  art_signals *signals = sim->signals;
  art_alike *all = art_alike_new();
  size_t *at = ART_NEW(size_t, net->signal_count);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    art_guard_rules rules = art_guard_rules_of(net, &sim->ways, signals, s, sim->step_ms);
    at[s] = art_alike_put(all, rules.min_green_ms, art_guard_rules_bytes(rules.group_count));
    art_guard_rules_clear(&rules);
  }
  const size_t bytes = art_alike_bytes(all);
  char *memory = signals->rules_memory = art_new(bytes, 1);
  signals->rules_bytes = (int64_t)bytes;
  if (bytes) memcpy(memory, art_alike_data(all), bytes);
  for (int32_t s = 0; s < net->signal_count; ++s)
    art_guard_rules_place(&signals->rules[s], net->signal_group_count[s], memory + at[s]);
  free(at);
  art_alike_free(all);
}

void art_signals_create(art_sim *sim)
{
  const art_net *net = sim->net;
  art_signals *signals = sim->signals = ART_NEW(art_signals, 1);
  const int32_t groups = net->signal_first_group[net->signal_count];
  signals->state = ART_NEW(art_signal_state, net->signal_count);
  signals->memory = art_new_untouched((size_t)net->signal_count, ART_CONTROL_WORDS * sizeof *signals->memory);
  signals->wake_ms = ART_NEW(art_tick, net->signal_count);
  signals->rules = ART_NEW(art_guard_rules, net->signal_count);
  signals->shown = ART_NEW(char, groups);
  signals->wanted = ART_NEW(char, groups);
  signals->before = ART_NEW(char, groups);
  if (groups) {
    memset(signals->shown, 'r', (size_t)groups);
    memset(signals->wanted, 'r', (size_t)groups);
  }
  signals->since_ms = new_instants(groups, sim->begin_ms);
  signals->green_end_ms = new_instants(groups, ART_LONG_AGO);
  signals->green_begin_ms = new_instants(groups, ART_LONG_AGO);
  signals->seen_since_ms = new_instants(groups, sim->begin_ms);
  signals->seen_green_end_ms = new_instants(groups, ART_LONG_AGO);
  signals->seen_green_begin_ms = new_instants(groups, ART_LONG_AGO);
  list_by_signal(net->signal_count, net->connector_count, net->connector_signal, &signals->first_connector,
                 &signals->connector);
  list_by_signal(net->signal_count, net->crossing_count, net->crossing_signal, &signals->first_crossing,
                 &signals->crossing);
  make_rules(sim);
  for (int32_t s = 0; s < net->signal_count; ++s) {
    signals->state[s].phase = -1;
    signals->wake_ms[s] = sim->begin_ms;
  }
  art_sensors_build(sim);
}

void art_signals_free(art_sim *sim)
{
  art_signals *signals = sim->signals;
  if (!signals) return;
  art_free_untouched(signals->memory, (size_t)sim->net->signal_count, ART_CONTROL_WORDS * sizeof *signals->memory);
  void *const arrays[] = { signals->state,          signals->wake_ms,
                           signals->rules,          signals->rules_memory,
                           signals->shown,          signals->wanted,
                           signals->before,         signals->since_ms,
                           signals->green_end_ms,   signals->green_begin_ms,
                           signals->seen_since_ms,  signals->seen_green_end_ms,
                           signals->seen_green_begin_ms, signals->first_connector,
                           signals->connector,      signals->event,
                           signals->letters,        signals->first_crossing,
                           signals->crossing };
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; ++i) free(arrays[i]);
  art_sensors_free(signals);
  free(signals);
}
