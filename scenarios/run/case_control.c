// Controllers and switches of a scenario, resolved against the signals of a city.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "core/net/add_control.h"
#include "scenarios/run/case_internal.h"

#define DARK_MS 60000  // length of the one phase of off and flashing, which nobody looks at
#define NEW_MAX_GREEN_MS 60000
#define NEW_PASSAGE_MS 3000

/// 0: red, 1: green that yields, 2: green.
static int rank(char letter)
{
  return letter == 'G' ? 2 : letter == 'g' ? 1 : 0;
}

/// Everything that phase `a` lets go, `b` lets go at least as well.
static int is_within(const art_net *net, int32_t a, int32_t b, int32_t groups)
{
  const char *left = net->phase_state + net->phase_first_state[a], *right = net->phase_state + net->phase_first_state[b];
  for (int32_t g = 0; g < groups; ++g)
    if (rank(left[g]) > rank(right[g])) return 0;
  return 1;
}

static int is_stage(const art_net *net, int32_t phase, int32_t groups)
{
  const char *state = net->phase_state + net->phase_first_state[phase];
  int green = 0;
  for (int32_t g = 0; g < groups; ++g) {
    if (state[g] == 'y') return 0;
    green |= art_letter_is_green(state[g]);
  }
  return green;
}

/// Stages of a program by the clock: phases with green and without yellow, of those that others contain the larger one.
/// A stage lasts until the next one, so that the cycle stays what it was. Returns how many there are.
static int32_t stages_of(const art_net *net, int32_t signal, int32_t program, int64_t *duration_ms, char *letters)
{
  const int32_t first = net->program_first_phase[program], end = net->program_first_phase[program + 1];
  const int32_t groups = net->signal_group_count[signal];
  int32_t count = 0;
  int64_t before = 0;
  for (int32_t k = first; k < end; ++k) {
    int keeps = is_stage(net, k, groups);
    for (int32_t m = first; m < end && keeps; ++m)
      if (m != k && is_stage(net, m, groups) && is_within(net, k, m, groups) && (m < k || !is_within(net, m, k, groups)))
        keeps = 0;
    if (!keeps) {
      if (count)
        duration_ms[count - 1] += net->phase_duration_ms[k];
      else
        before += net->phase_duration_ms[k];
      continue;
    }
    const char *state = net->phase_state + net->phase_first_state[k];
    duration_ms[count] = net->phase_duration_ms[k];
    for (int32_t g = 0; g < groups; ++g) letters[count * groups + g] = art_letter_is_green(state[g]) || state[g] == 's' ? state[g] : 'r';
    ++count;
  }
  if (count) duration_ms[count - 1] += before;
  return count;
}

/// The program of that name, or one that is made for it; -1: there is none.
static int32_t find_program(art_net *net, int32_t signal, const char *id)
{
  const int32_t first = net->signal_first_program[signal], count = net->signal_first_program[signal + 1] - first;
  const int32_t found = art_net_find(net->program_id + first, count, id);
  if (found >= 0) return first + found;
  const int dark = strcmp(id, "off") == 0 ? ART_CONTROL_OFF : strcmp(id, "flashing") == 0 ? ART_CONTROL_FLASHING : -1;
  if (dark < 0) return -1;
  const int64_t duration = DARK_MS;
  char *letters = ART_NEW(char, net->signal_group_count[signal]);
  memset(letters, 'O', (size_t)net->signal_group_count[signal]);
  const int32_t program = art_net_add_program(net, signal, id, 1, &duration, letters);
  net->program_control[program] = (uint8_t)dark;
  free(letters);
  return program;
}

static art_status no_program(const art_scenario *s, int line, const char *what, const art_net *net, int32_t signal,
                             const char *id, art_error *err)
{
  return art_fail(err, ART_E_INPUT, "%s:%d: %s: signal '%.100s' has no program '%.100s'; the one that runs is '%.100s'",
                  s->path, line, what, net->signal_id[signal], id, net->program_id[net->signal_active[signal]]);
}

/// The schedule of a signal is put aside.
static void drop_schedule(art_net *net, int32_t signal)
{
  const int32_t first = net->signal_first_switch[signal], end = net->signal_first_switch[signal + 1];
  const size_t rest = (size_t)(net->switch_count - end);
  if (first == end) return;
  memmove(net->switch_at_ms + first, net->switch_at_ms + end, rest * sizeof *net->switch_at_ms);
  memmove(net->switch_program + first, net->switch_program + end, rest * sizeof *net->switch_program);
  net->switch_count -= end - first;
  for (int32_t s = signal + 1; s <= net->signal_count; ++s) net->signal_first_switch[s] -= end - first;
}

/// A program of stages out of one by the clock.
static int32_t make_stages(art_net *net, int32_t signal, int32_t program, int control)
{
  const int32_t phases = net->program_first_phase[program + 1] - net->program_first_phase[program];
  int64_t *duration = ART_NEW(int64_t, phases);
  char *letters = ART_NEW(char, (size_t)phases * (size_t)net->signal_group_count[signal]);
  const int32_t count = stages_of(net, signal, program, duration, letters);
  int32_t made = -1;
  if (count > 0) {
    char id[256];
    snprintf(id, sizeof id, "%.150s %s", net->program_id[program], art_control_name(control));
    const int64_t offset = net->program_offset_ms[program];
    const int32_t first = net->signal_first_program[signal], n = net->signal_first_program[signal + 1] - first;
    const int32_t old = art_net_find(net->program_id + first, n, id);  // of an entry before
    made = old >= 0 ? first + old : art_net_add_program(net, signal, id, count, duration, letters);
    net->program_control[made] = (uint8_t)control;
    net->program_offset_ms[made] = offset;
    for (int32_t k = net->program_first_phase[made]; k < net->program_first_phase[made + 1]; ++k) {
      net->phase_min_ms[k] = net->phase_duration_ms[k] < ART_MIN_GREEN_MS ? net->phase_duration_ms[k] : ART_MIN_GREEN_MS;
      net->phase_max_ms[k] = net->phase_duration_ms[k] > NEW_MAX_GREEN_MS ? net->phase_duration_ms[k] : NEW_MAX_GREEN_MS;
      net->phase_time_ms[ART_PHASE_TIME_extension_ms][k] = NEW_PASSAGE_MS;
      net->phase_time_ms[ART_PHASE_TIME_split_ms][k] = net->phase_duration_ms[k];
      net->phase_flags[k] |= ART_PHASE_MAY_SKIP | ART_PHASE_MEMORY;
    }
  }
  free(duration);
  free(letters);
  return made;
}

static void set_phase(art_net *net, const art_controller *c, int32_t k, int32_t stage)
{
  if (c->min_green_ms >= 0) {
    net->phase_min_ms[k] = c->min_green_ms;
    if (net->phase_max_ms[k] < c->min_green_ms) net->phase_max_ms[k] = c->min_green_ms;
  }
  if (c->max_green_ms >= 0) {
    net->phase_max_ms[k] = c->max_green_ms;
    if (net->phase_min_ms[k] > c->max_green_ms) net->phase_min_ms[k] = c->max_green_ms;
  }
  if (c->passage_ms >= 0) net->phase_time_ms[ART_PHASE_TIME_extension_ms][k] = c->passage_ms;
  if (c->yellow_ms >= 0) net->phase_time_ms[ART_PHASE_TIME_yellow_ms][k] = c->yellow_ms;
  if (c->all_red_ms >= 0) net->phase_time_ms[ART_PHASE_TIME_red_ms][k] = c->all_red_ms;
  uint32_t flags = net->phase_flags[k];
  if (c->recall != ART_RECALL_KEEP) flags &= ~(uint32_t)(ART_PHASE_RECALL_MIN | ART_PHASE_RECALL_MAX);
  if (c->recall == ART_RECALL_LEAST) flags |= ART_PHASE_RECALL_MIN;
  if (c->recall == ART_RECALL_MOST) flags |= ART_PHASE_RECALL_MAX;
  if (c->skip == 1) flags &= ~(uint32_t)ART_PHASE_MAY_SKIP;
  if (c->skip == 2) flags |= ART_PHASE_MAY_SKIP;
  if (c->coordinated >= 0) flags &= ~(uint32_t)ART_PHASE_COORDINATED;
  if (c->coordinated == stage) flags |= ART_PHASE_COORDINATED;
  net->phase_flags[k] = flags;
}

static art_status set_program(const art_scenario *s, const art_controller *c, art_net *net, int32_t signal, int32_t p,
                              art_error *err)
{
  if (c->cycle_ms >= 0) net->program_cycle_ms[p] = c->cycle_ms;
  if (c->offset_ms >= 0) net->program_offset_ms[p] = c->offset_ms;
  for (int v = 0; v < ART_CONTROL_VALUE_COUNT; ++v)
    if (c->setting[v] >= 0.0) net->program_value[v][p] = (float)c->setting[v];
  if (c->coordinated >= 0) net->program_value[ART_CONTROL_VALUE_is_coordinated][p] = 1.0f;
  int32_t stage = 0;
  for (int32_t k = net->program_first_phase[p]; k < net->program_first_phase[p + 1]; ++k)
    if (is_stage(net, k, net->signal_group_count[signal])) set_phase(net, c, k, stage++);
  if (c->coordinated >= stage)
    return art_fail(err, ART_E_INPUT, "%s:%d: controllers: stage %d of signal '%.100s' is to be coordinated; it has 0 to %d",
                    s->path, c->line, (int)c->coordinated, net->signal_id[signal], (int)stage - 1);
  return ART_OK;
}

static int has_sensors(const art_net *net, int32_t p)
{
  return net->phase_first_sensor[net->program_first_phase[p]] != net->phase_first_sensor[net->program_first_phase[p + 1]];
}

static art_status control_signal(const art_scenario *s, const art_controller *c, art_net *net, int32_t signal,
                                 art_error *err)
{
  int32_t p = net->signal_active[signal];
  if (c->program) p = find_program(net, signal, c->program);
  if (p < 0) return no_program(s, c->line, "controllers", net, signal, c->program, err);
  const int control = c->control > 0 ? c->control - 1 : net->program_control[p];
  const int dark = control == ART_CONTROL_OFF || control == ART_CONTROL_FLASHING;
  if (dark && control != net->program_control[p]) {
    p = find_program(net, signal, control == ART_CONTROL_OFF ? "off" : "flashing");
    net->program_control[p] = (uint8_t)control;
  } else if (control == ART_CONTROL_NEMA && net->program_control[p] != ART_CONTROL_NEMA) {
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: controllers: program '%.100s' of signal '%.100s' has no rings and barriers; control nema is for "
                    "programs that have them",
                    s->path, c->line, net->program_id[p], net->signal_id[signal]);
  } else if (control != net->program_control[p] && net->program_control[p] == ART_CONTROL_FIXED &&
             control != ART_CONTROL_ADAPTIVE) {  // which runs the phases as they are
    const int32_t made = make_stages(net, signal, p, control);
    if (made < 0)
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: controllers: program '%.100s' of signal '%.100s' has no phase with green and without yellow",
                      s->path, c->line, net->program_id[p], net->signal_id[signal]);
    p = made;
  } else {
    net->program_control[p] = (uint8_t)control;
  }
  const int listens = !dark && control != ART_CONTROL_FIXED && control != ART_CONTROL_MAX_PRESSURE &&
                      control != ART_CONTROL_SOTL && control != ART_CONTROL_ADAPTIVE;  // these look at lanes
  if (listens && !c->own_sensors && !has_sensors(net, p)) {
    art_sensor_places places = ART_SENSOR_PLACES;
    places.line_m = (float)c->sensor_line_m;
    places.upstream_m = (float)c->sensor_upstream_m;
    if (net->detector_count) places.period_ms = net->detector_period_ms[0];
    art_net_add_sensors(net, p, &places);
  }
  net->signal_active[signal] = p;
  drop_schedule(net, signal);
  return dark ? ART_OK : set_program(s, c, net, signal, p, err);
}

static art_status control_signals(const art_scenario *s, const art_controller *c, art_net *net, art_error *err)
{
  art_status status = ART_OK;
  if (c->signal_count == 1 && strcmp(c->signals[0], "all") == 0) {
    for (int32_t i = 0; i < net->signal_count && status == ART_OK; ++i) status = control_signal(s, c, net, i, err);
    return status;
  }
  for (int32_t i = 0; i < c->signal_count && status == ART_OK; ++i) {
    const int32_t signal = art_net_find(net->signal_id, net->signal_count, c->signals[i]);
    if (signal < 0)
      return art_fail(err, ART_E_INPUT, "%s:%d: controllers: the city has no signal '%.100s'", s->path, c->line,
                      c->signals[i]);
    status = control_signal(s, c, net, signal, err);
  }
  return status;
}

art_status art_case_apply_controllers(const art_scenario *scenario, art_net *net, art_error *err)
{
  art_status status = ART_OK;
  for (int32_t r = 0; r < net->switch_count; ++r) net->switch_at_ms[r] += scenario->demand_shift_ms;
  for (int32_t k = 0; k < scenario->controller_count && status == ART_OK; ++k)
    status = control_signals(scenario, &scenario->controller[k], net, err);
  for (int32_t k = 0; k < scenario->intervention_count && status == ART_OK; ++k) {
    const art_intervention *change = &scenario->intervention[k];
    if (change->kind != ART_INTERVENTION_SWITCH) continue;
    const int32_t signal = art_net_find(net->signal_id, net->signal_count, change->signal);
    if (signal < 0)
      return art_fail(err, ART_E_INPUT, "%s:%d: switch: the city has no signal '%.100s'", scenario->path, change->line,
                      change->signal);
    if (find_program(net, signal, change->program) < 0)
      status = no_program(scenario, change->line, "switch", net, signal, change->program, err);
  }
  return status == ART_OK && scenario->controller_count ? art_net_check(net, err) : status;
}

void art_case_resolve_switch(const art_intervention *change, const art_net *net, art_change *out)
{
  const int32_t signal = art_net_find(net->signal_id, net->signal_count, change->signal);
  const int32_t first = net->signal_first_program[signal], count = net->signal_first_program[signal + 1] - first;
  *out = (art_change){ .kind = ART_CHANGE_PROGRAM,
                       .link = signal,
                       .lane = -1,
                       .program = first + art_net_find(net->program_id + first, count, change->program),
                       .from_ms = change->from_ms,
                       .to_ms = change->to_ms };
}
