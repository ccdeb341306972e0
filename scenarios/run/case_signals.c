// Plans, retimings and other interventions of a scenario, resolved against a city.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"
#include "scenarios/run/case_internal.h"

static art_tick cycle_of(const art_net *net, int32_t program)
{
  art_tick cycle = 0;
  for (int32_t k = net->program_first_phase[program]; k < net->program_first_phase[program + 1]; ++k)
    cycle += net->phase_duration_ms[k];
  return cycle;
}

/// A phase whose minimum and maximum were its duration had no range, and has none afterwards.
static void set_duration(art_net *net, int32_t phase, art_tick duration_ms)
{
  const art_tick old = net->phase_duration_ms[phase];
  const int had_range = net->phase_min_ms[phase] != old || net->phase_max_ms[phase] != old;
  net->phase_duration_ms[phase] = duration_ms;
  if (!had_range || duration_ms < net->phase_min_ms[phase]) net->phase_min_ms[phase] = duration_ms;
  if (!had_range || duration_ms > net->phase_max_ms[phase]) net->phase_max_ms[phase] = duration_ms;
}

static art_status apply_plan_signal(const art_plan *plan, const art_plan_signal *row, art_net *net,
                                    art_error *err)
{
  const int32_t s = art_net_find(net->signal_id, net->signal_count, row->signal);
  if (s < 0)
    return art_fail(err, ART_E_INPUT, "%s:%d: the city has no signal '%.100s'", plan->path, row->line,
                    row->signal);
  int32_t p = net->signal_active[s];
  if (row->program) {
    const int32_t first = net->signal_first_program[s], count = net->signal_first_program[s + 1] - first;
    const int32_t found = art_net_find(net->program_id + first, count, row->program);
    if (found < 0)
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: signal '%s' has no program '%.100s'; the one that runs is '%s'", plan->path,
                      row->line, row->signal, row->program, net->program_id[p]);
    p = first + found;
  }
  if (net->program_control[p] != ART_CONTROL_FIXED)
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: signal '%s': program '%s' is %s; plans set durations of programs by the clock (static)",
                    plan->path, row->line, row->signal, net->program_id[p], art_control_name(net->program_control[p]));
  const int32_t first = net->program_first_phase[p], phases = net->program_first_phase[p + 1] - first;
  if (row->phase_count != phases)
    return art_fail(err, ART_E_INPUT, "%s:%d: signal '%s': %d durations given, program '%s' has %d phases",
                    plan->path, row->line, row->signal, (int)row->phase_count, net->program_id[p],
                    (int)phases);
  for (int32_t k = 0; k < phases; ++k) {
    if (row->duration_ms[k] <= 0)
      return art_fail(err, ART_E_INPUT, "%s:%d: signal '%s': phase %d lasts %g s; it must last more than 0 s",
                      plan->path, row->line, row->signal, (int)k, (double)row->duration_ms[k] / 1000.0);
    set_duration(net, first + k, row->duration_ms[k]);
  }
  net->program_offset_ms[p] = row->offset_ms;
  net->signal_active[s] = p;
  return ART_OK;
}

/// Smallest unit that all numbers are multiples of, of whole seconds, tenths and milliseconds.
static int64_t grid_of(int32_t count, const int64_t *duration_ms, art_tick cycle_ms)
{
  static const int64_t grids[] = { 1000, 100 };
  for (size_t g = 0; g < sizeof grids / sizeof *grids; ++g) {
    int fits = cycle_ms % grids[g] == 0;
    for (int32_t k = 0; k < count; ++k) fits = fits && duration_ms[k] % grids[g] == 0;
    if (fits) return grids[g];
  }
  return 1;
}

/// Multiples of the grid, none below its minimum, that add up to `total`: rounded down, then up where most
/// was lost.
static void round_to_grid(int32_t count, const uint8_t *is_green, const double *wanted, const int64_t *least,
                          int64_t grid, int64_t total, int64_t *out)
{
  int64_t rest = total;
  for (int32_t k = 0; k < count; ++k) {
    if (!is_green[k]) continue;
    out[k] = (int64_t)(wanted[k] / (double)grid + 1e-9) * grid;
    if (out[k] < least[k]) out[k] = least[k];
    rest -= out[k];
  }
  while (rest != 0) {
    const int64_t step = rest > 0 ? (rest < grid ? rest : grid) : -(-rest < grid ? -rest : grid);
    int32_t best = -1;
    for (int32_t k = 0; k < count; ++k) {
      if (!is_green[k] || out[k] + step < least[k]) continue;
      if (best < 0 || (wanted[k] - (double)out[k] - wanted[best] + (double)out[best]) * (double)step > 0.0)
        best = k;
    }
    out[best] += step;
    rest -= step;
  }
}

/// Greens in proportion, those below their minimum set to it and taken out, until none is below.
static void share_green(int32_t count, const int64_t *duration_ms, const int64_t *least,
                        const uint8_t *is_green, int64_t green_ms, double *wanted)
{
  uint8_t *is_bound = ART_NEW(uint8_t, count);
  for (int changed = 1; changed;) {
    double rest = (double)green_ms, weight = 0.0;
    for (int32_t k = 0; k < count; ++k) {
      if (!is_green[k]) continue;
      if (is_bound[k])
        rest -= (double)least[k];
      else
        weight += (double)duration_ms[k];
    }
    changed = 0;
    for (int32_t k = 0; k < count; ++k) {
      if (!is_green[k]) continue;
      wanted[k] = is_bound[k] ? (double)least[k] : rest * (double)duration_ms[k] / weight;
      if (is_bound[k] || wanted[k] >= (double)least[k]) continue;
      is_bound[k] = 1;
      changed = 1;
    }
  }
  free(is_bound);
}

art_status art_retime_durations(int32_t phase_count, const int64_t *duration_ms, const int64_t *min_ms,
                                const uint8_t *is_green, art_tick cycle_ms, int64_t *new_ms,
                                art_tick *lowest_ms)
{
  int64_t *least = ART_NEW(int64_t, phase_count), fixed_ms = 0, least_ms = 0;
  double *wanted = ART_NEW(double, phase_count);
  int has_green = 0;
  for (int32_t k = 0; k < phase_count; ++k) {
    new_ms[k] = duration_ms[k];
    if (!is_green[k]) {
      fixed_ms += duration_ms[k];
      continue;
    }
    has_green = 1;
    least[k] = min_ms ? min_ms[k] : ART_MIN_GREEN_MS;
    if (least[k] > duration_ms[k])
      least[k] = duration_ms[k];  // a green shorter than its minimum is no reason to lengthen it
    if (least[k] < 1) least[k] = 1;
    least_ms += least[k];
  }
  *lowest_ms = has_green ? fixed_ms + least_ms : -1;
  const int reachable = has_green && cycle_ms >= *lowest_ms;
  if (reachable) {
    share_green(phase_count, duration_ms, least, is_green, cycle_ms - fixed_ms, wanted);
    round_to_grid(phase_count, is_green, wanted, least, grid_of(phase_count, duration_ms, cycle_ms),
                  cycle_ms - fixed_ms, new_ms);
  }
  free(least);
  free(wanted);
  return reachable ? ART_OK : ART_E_INPUT;
}

/// Phases whose length may change: some green, no yellow.
static int shows_green(const art_net *net, int32_t phase)
{
  int green = 0;
  for (int64_t i = net->phase_first_state[phase]; i < net->phase_first_state[phase + 1]; ++i) {
    const char state = net->phase_state[i];
    if (state == 'y' || state == 'Y') return 0;
    green = green || state == 'G' || state == 'g';
  }
  return green;
}

/// Minimum of each green: the program's own where it states a range, else NULL for the general one.
static const int64_t *stated_minima(const art_net *net, int32_t program)
{
  const int32_t first = net->program_first_phase[program];
  for (int32_t k = first; k < net->program_first_phase[program + 1]; ++k)
    if (shows_green(net, k) && net->phase_min_ms[k] > 0 && net->phase_min_ms[k] < net->phase_duration_ms[k])
      return net->phase_min_ms + first;
  return NULL;
}

static art_status retime(const art_scenario *s, const art_intervention *change, art_net *net, art_error *err)
{
  const int32_t signal = art_net_find(net->signal_id, net->signal_count, change->signal);
  if (signal < 0)
    return art_fail(err, ART_E_INPUT, "%s:%d: retime: the city has no signal '%.100s'", s->path, change->line,
                    change->signal);
  const int32_t p = net->signal_active[signal], first = net->program_first_phase[p];
  const int32_t phases = net->program_first_phase[p + 1] - first;
  if (net->program_control[p] != ART_CONTROL_FIXED)
    return art_fail(err, ART_E_INPUT,
                    "%s:%d: retime: program '%s' of signal '%.100s' is %s; only programs by the clock (static) have a cycle "
                    "that can be changed",
                    s->path, change->line, net->program_id[p], change->signal, art_control_name(net->program_control[p]));
  if (change->cycle_ms >= 0) {
    uint8_t *is_green = ART_NEW(uint8_t, phases);
    int64_t *fresh = ART_NEW(int64_t, phases);
    art_tick lowest = 0;
    for (int32_t k = 0; k < phases; ++k) is_green[k] = (uint8_t)shows_green(net, first + k);
    const art_status status =
        art_retime_durations(phases, net->phase_duration_ms + first, stated_minima(net, p), is_green,
                             change->cycle_ms, fresh, &lowest);
    if (status == ART_OK)
      for (int32_t k = 0; k < phases; ++k) set_duration(net, first + k, fresh[k]);
    free(is_green);
    free(fresh);
    if (status != ART_OK && lowest < 0)
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: retime: signal '%s', program '%s' has no phase with green and without yellow: "
                      "its cycle of %g s cannot be changed",
                      s->path, change->line, change->signal, net->program_id[p],
                      (double)cycle_of(net, p) / 1000.0);
    if (status != ART_OK)
      return art_fail(err, ART_E_INPUT,
                      "%s:%d: retime: signal '%s', cycle %g s is out of reach: yellow, all-red and minimum "
                      "greens of program '%s' need %g s; accepted is %g s and more (now %g s)",
                      s->path, change->line, change->signal, (double)change->cycle_ms / 1000.0,
                      net->program_id[p], (double)lowest / 1000.0, (double)lowest / 1000.0,
                      (double)cycle_of(net, p) / 1000.0);
  }
  if (change->offset_ms >= 0) net->program_offset_ms[p] = change->offset_ms;
  return ART_OK;
}

art_status art_case_apply_signals(const art_scenario *scenario, art_net *net, art_error *err)
{
  art_status status = ART_OK;
  for (int32_t k = 0; k < scenario->plan_count && status == ART_OK; ++k)
    for (int32_t i = 0; i < scenario->plan[k].signal_count && status == ART_OK; ++i)
      status = apply_plan_signal(&scenario->plan[k], &scenario->plan[k].signal[i], net, err);
  for (int32_t k = 0; k < scenario->intervention_count && status == ART_OK; ++k)
    if (scenario->intervention[k].kind == ART_INTERVENTION_RETIME)
      status = retime(scenario, &scenario->intervention[k], net, err);
  return status;
}

/// The change on one link, after checking link and lane.
static art_status resolve(const art_scenario *s, const art_intervention *change, const char *id,
                          const art_net *net, art_change *out, art_error *err)
{
  static const char *const names[] = { "retime", "close", "speed", "permit" };  // by art_intervention_kind
  static const art_change_kind kinds[] = { ART_CHANGE_CLOSE_LINK, ART_CHANGE_CLOSE_LINK,
                                           ART_CHANGE_SPEED_LIMIT, ART_CHANGE_PERMISSIONS };
  const char *name = names[change->kind];
  const int32_t link = art_net_find(net->link_id, net->link_count, id);
  if (link < 0)
    return art_fail(err, ART_E_INPUT, "%s:%d: %s: the city has no link '%.100s'", s->path, change->line, name,
                    id);
  const int32_t lanes = art_net_link_lanes(net, link);
  if (change->lane >= lanes)
    return art_fail(err, ART_E_INPUT, "%s:%d: %s: link '%s' has no lane %d; accepted are 0 (kerbside) to %d",
                    s->path, change->line, name, id, (int)change->lane, (int)lanes - 1);
  *out = (art_change){ .kind = kinds[change->kind],
                       .link = link,
                       .lane = change->lane,
                       .from_ms = change->from_ms,
                       .to_ms = change->to_ms,
                       .value = change->speed_mps,
                       .classes = change->permitted };
  return ART_OK;
}

art_status art_case_resolve_changes(const art_scenario *scenario, const art_net *net, int32_t *count,
                                    art_change **out, art_error *err)
{
  int32_t capacity = 0;
  *count = 0;
  *out = NULL;
  for (int32_t k = 0; k < scenario->intervention_count; ++k) {
    const art_intervention *change = &scenario->intervention[k];
    if (change->kind == ART_INTERVENTION_SWITCH) {
      art_change one;
      art_case_resolve_switch(change, net, &one);
      ART_PUSH(*out, *count, capacity, one);
    }
    for (int32_t i = 0; change->kind != ART_INTERVENTION_RETIME && i < change->link_count; ++i) {
      art_change one;
      const art_status status = resolve(scenario, change, change->links[i], net, &one, err);
      if (status != ART_OK) {
        free(*out);
        *out = NULL;
        *count = 0;
        return status;
      }
      ART_PUSH(*out, *count, capacity, one);
    }
  }
  // Until the end is for ever: so a run that goes on from a checkpoint may have another end.
  for (int32_t k = 0; k < *count; ++k)
    if ((*out)[k].to_ms == scenario->end_ms) (*out)[k].to_ms = INT64_MAX / 4;
  return ART_OK;
}
